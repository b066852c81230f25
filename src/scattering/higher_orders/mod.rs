//! All orders beyond one phonon, exact for a harmonic crystal:
//! Σ_ss' Σ_R Re{f_s* f_s' e^{iQ·(R+τ_s'−τ_s)}} e^{−W_s−W_s'} [exp(x) − 1 − x], x = Qᵀ C_ss'(R) Q.
//!
//! The sum runs over one of each (s, s', R) and its inverse. Where points share their wave vector in
//! the first zone, as those of a grid do, all but the nearest pairs are summed once for all of them
//! ([`shared`]); elsewhere the sum is made at every point ([`direct`]). Phases are products of three
//! tables, one per lattice axis.

mod cuts;
#[cfg(feature = "sampled")]
mod direct;
mod exponential;
mod polynomials;
mod product;
mod shared;
mod shared_pullback;
mod shared_sums;
mod sums;
mod tables;
#[cfg(feature = "sampled")]
mod term;

use std::ops::Range;

use nalgebra::{Matrix3, Vector3};

use cuts::Cuts;
#[cfg(feature = "sampled")]
use product::Strided;
use shared::SharedPoints;

use super::{OnePhonon, Points};
use crate::base::order::order_by;
use crate::base::parallel::Pool;
use crate::crystal::Crystal;
use crate::lanes::{LANES, Lanes, PACKED_COUNT, Packed, quadratic};
use crate::thermal::{Correlations, LatticePair, Linearised, MeanSquareValue};
use crate::{Error, Result};

/// What of exp(x) is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// exp(x) − 1 − x
    Higher,
    /// ½ x²
    TwoPhonon,
}

/// The sum over pairs for a list of Q.
#[derive(Debug, Clone)]
pub struct HigherOrders {
    pub correlations: Correlations,
    /// Multiplicity times taper of each pair.
    weights: Vec<f64>,
    kinds: Vec<Kind>,
    /// All pairs, the nearest first.
    by_distance: Vec<usize>,
    /// Largest |n_a| of any R = Σ n_a a_a.
    reach: [usize; 3],
    lattice: Matrix3<f64>,
    /// How the points meet in the first zone, where that helps.
    shared: Option<SharedPoints>,
}

/// Derivatives of the higher orders, `[block][parameter]`.
#[derive(Debug, Clone, Default)]
pub struct HigherJacobian {
    /// `n_parameters` rows of each block, block after block.
    pub rows: Vec<Lanes>,
    /// Length of θ.
    pub n_parameters: usize,
}

impl HigherJacobian {
    /// Rows of block `b`; none where there are no derivatives.
    pub fn block(&self, b: usize) -> &[Lanes] {
        self.rows.get(b * self.n_parameters..(b + 1) * self.n_parameters).unwrap_or_default()
    }
}

/// ∂C(R)/∂θ: `[parameter][pair]`.
pub struct PairDerivatives(Vec<Vec<Packed>>);

impl PairDerivatives {
    pub fn n_parameters(&self) -> usize {
        self.0.len()
    }

    /// Of pairs, one in each lane, as coefficients of Q_a Q_b: `[entry][parameter]`.
    fn in_lanes(&self, pairs: &[usize], out: &mut Vec<Lanes>) {
        let n = self.n_parameters();
        out.resize(6 * n, [0.0; LANES]);
        for (p, of_pairs) in self.0.iter().enumerate() {
            for (lane, &pair) in pairs.iter().enumerate() {
                for (e, x) in of_pairs[pair].iter().enumerate() {
                    out[e * n + p][lane] = PACKED_COUNT[e] * x;
                }
            }
        }
    }

    /// Of pairs, one after the other, as coefficients of Q_a Q_b: the entries of each parameter.
    fn in_columns(&self, pairs: &[usize], out: &mut Vec<f64>) {
        out.clear();
        for &pair in pairs {
            for of_pairs in &self.0 {
                out.extend(of_pairs[pair].iter().zip(PACKED_COUNT).map(|(x, count)| count * x));
            }
        }
    }

    /// The packed entries of one parameter: a column for each pair.
    #[cfg(feature = "sampled")]
    fn of(&self, p: usize, pairs: Range<usize>) -> Strided<'_> {
        Strided::columns(self.0[p][pairs].as_flattened(), 6)
    }
}

/// Pairs of the atoms s and s'.
#[derive(Debug, Clone)]
struct Kind {
    s: usize,
    s2: usize,
    offset: Vector3<f64>,
    /// Stretches with the same n₁ and n₂.
    #[cfg_attr(not(feature = "sampled"), allow(dead_code))]
    runs: Vec<Range<usize>>,
    /// Its pairs, the nearest first.
    by_distance: Vec<usize>,
}

/// Points, and where the model stands.
#[derive(Clone, Copy)]
pub struct At<'a> {
    pub points: &'a Points,
    pub u: &'a MeanSquareValue,
    pub state: &'a HigherState,
}

/// C(R) at one θ, with what its derivatives need.
pub struct HigherState {
    c: Vec<Packed>,
    /// |x| ≤ |Q|² `size`.
    size: Vec<f64>,
    /// What of each pair the sums at shared wave vectors take.
    cuts: Cuts,
    linearised: Linearised,
}

impl std::fmt::Debug for HigherState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HigherState").field("pairs", &self.c.len()).finish_non_exhaustive()
    }
}

impl HigherOrders {
    /// `weights`: one per pair of `correlations`.
    pub fn new(crystal: &Crystal, correlations: Correlations, weights: Vec<f64>) -> Self {
        let pairs = &correlations.pairs;
        let reach = std::array::from_fn(|a| {
            pairs.iter().map(|p| p.cell[a].unsigned_abs() as usize).max().unwrap_or(0)
        });
        let kinds = correlations
            .kinds
            .iter()
            .map(|(s, s2, range)| {
                let mut runs: Vec<Range<usize>> = Vec::new();
                for i in range.clone() {
                    match runs.last_mut() {
                        Some(run)
                            if pairs[run.start].cell[0] == pairs[i].cell[0]
                                && pairs[run.start].cell[1] == pairs[i].cell[1] =>
                        {
                            run.end = i + 1;
                        }
                        _ => runs.push(i..i + 1),
                    }
                }
                let cell = &crystal.primitive;
                let by_distance = nearest_first(pairs, range.clone());
                let offset = cell.cartesian(*s2) - cell.cartesian(*s);
                Kind { s: *s, s2: *s2, offset, runs, by_distance }
            })
            .collect();
        let by_distance = nearest_first(pairs, 0..pairs.len());
        let lattice = crystal.primitive.lattice;
        HigherOrders { weights, kinds, by_distance, reach, lattice, shared: None, correlations }
    }

    /// Has the sums made at the wave vectors that the points of `one` share, where they share enough. `rotations` (Cartesian)
    /// are those that keep the intensity of all orders.
    ///
    /// # Errors
    /// In a package that can do nothing else: many points that share too little.
    pub async fn meeting(mut self, one: &OnePhonon, rotations: &[Matrix3<f64>]) -> Result<Self> {
        let shared = SharedPoints::find(&self.lattice, rotations, one.points()).await;
        let Some(shared) = shared else { return Ok(self) };
        if !shared.worth_it() {
            if cfg!(feature = "sampled") {
                return Ok(self);
            }
            if one.n_points() > FEW {
                return Err(Error::NeedsWhole);
            }
        }
        self.shared = Some(shared);
        Ok(self)
    }

    /// `None` when Φ is not positive definite on the mesh.
    pub async fn state(&self, pool: &Pool, theta: &[f64], u: &MeanSquareValue) -> Option<HigherState> {
        let (c, linearised) = self.correlations.at(pool, theta, u).await?;
        let size: Vec<f64> = c.iter().map(bound).collect();
        let cuts =
            self.shared.as_ref().map_or_else(Cuts::default, |shared| self.cuts(&size, u, shared.largest_q2));
        Some(HigherState { size, cuts, c, linearised })
    }

    /// ∂C(R)/∂θ of every pair.
    pub async fn correlation_derivatives(
        &self,
        pool: &Pool,
        state: &HigherState,
        basis: &[Vec<Matrix3<f64>>],
        u: &MeanSquareValue,
    ) -> PairDerivatives {
        PairDerivatives(self.correlations.derivatives(pool, &state.linearised, basis, u).await)
    }

    pub fn linearised<'a>(&self, state: &'a HigherState) -> &'a Linearised {
        &state.linearised
    }

    pub fn n_pairs(&self) -> usize {
        self.weights.len()
    }

    /// f_s* f_s' e^{−W_s−W_s'} e^{iQ·(τ_s'−τ_s)}
    fn prefactor(
        kind: &Kind,
        q: &[Lanes; 3],
        factors: [&(Lanes, Lanes); 2],
        u: &MeanSquareValue,
    ) -> (Lanes, Lanes) {
        let [f, g] = factors;
        let w = quadratic(&((u.tensors[kind.s] + u.tensors[kind.s2]) * 0.5), q);
        let (mut re, mut im) = ([0.0; LANES], [0.0; LANES]);
        for l in 0..LANES {
            let turn = q[0][l] * kind.offset.x + q[1][l] * kind.offset.y + q[2][l] * kind.offset.z;
            let (sin, cos) = turn.sin_cos();
            let size = (-w[l]).exp();
            let x = (f.0[l] * g.0[l] + f.1[l] * g.1[l]) * size;
            let y = (f.0[l] * g.1[l] - f.1[l] * g.0[l]) * size;
            (re[l], im[l]) = (x * cos - y * sin, x * sin + y * cos);
        }
        (re, im)
    }
}

/// So many points take no time, however they are summed.
const FEW: usize = 400;

/// No eigenvalue of the tensor is larger.
fn bound(c: &Packed) -> f64 {
    let [xx, yy, zz, xy, xz, yz] = c.map(f64::abs);
    let frobenius = (0..6).map(|e| PACKED_COUNT[e] * c[e] * c[e]).sum::<f64>().sqrt();
    frobenius.min((xx + xy + xz).max(xy + yy + yz).max(xz + yz + zz))
}

fn nearest_first(pairs: &[LatticePair], range: Range<usize>) -> Vec<usize> {
    let distance = |i: usize| pairs[range.start + i].vector.norm();
    let order = order_by(range.len(), &mut |a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(&b)));
    order.into_iter().map(|i| range.start + i).collect()
}
