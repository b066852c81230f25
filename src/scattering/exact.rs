//! Noise-free intensities: one-phonon scattering, and all orders where they are asked for.
//!
//! I₁ is exact at any Q. Higher orders are a sum in real space: up to a range, with a cosine taper
//! on its outer half, for an infinite crystal; over all pairs of a periodic supercell for its
//! commensurate Q.

use std::sync::Arc;

use nalgebra::Vector3;

use super::higher_orders::{HigherOrders, HigherWork, Part};
use super::{ModelState, OnePhonon, Workspace};
use crate::base::parallel::in_parallel;
use crate::crystal::Crystal;
use crate::ifc::LinearForceConstants;
use crate::lanes::{LANES, Lanes};
use crate::thermal::{Correlations, Grid, MeanSquare, Thermal};
use crate::{Error, Result};

/// A noise-free model on a list of Q.
#[derive(Debug, Clone)]
pub struct Exact {
    one: OnePhonon,
    higher: Option<HigherOrders>,
}

/// Intensities by order, electron² per primitive cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Orders {
    /// One phonon, electron² per primitive cell; so are the others.
    pub one: Vec<f64>,
    /// Zero in a model of one-phonon scattering.
    pub two: Vec<f64>,
    /// Three phonons and more.
    pub higher: Vec<f64>,
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
    /// The rows of block `b`.
    pub fn block(&self, b: usize) -> &[Lanes] {
        &self.rows[b * self.n_parameters..(b + 1) * self.n_parameters]
    }
}

impl From<OnePhonon> for Exact {
    fn from(one: OnePhonon) -> Self {
        Exact { one, higher: None }
    }
}

impl Exact {
    /// All orders at any Q: pairs up to `range` (Å), wave vectors of a half-shifted mesh of n₁×n₂×n₃
    /// in the primitive axes.
    ///
    /// # Errors
    /// A range beyond half the shortest period of the mesh.
    pub fn all_orders(
        crystal: &Crystal,
        family: &LinearForceConstants,
        one: OnePhonon,
        range: f64,
        mesh: [usize; 3],
    ) -> Result<Self> {
        let grid = Grid::HalfShifted { n: mesh, range };
        let correlations = Correlations::new(crystal, family, one.thermal().clone(), grid)?;
        let taper = |r: f64| {
            let outer = (2.0 * r / range - 1.0).clamp(0.0, 1.0);
            0.5 * (1.0 + (std::f64::consts::PI * outer).cos())
        };
        let weights = correlations.pairs.iter().map(|p| p.multiplicity * taper(p.vector.norm())).collect();
        let higher = HigherOrders::new(crystal, correlations, weights);
        Ok(Exact { one, higher: Some(higher) })
    }

    /// All orders of a periodic supercell of n₁×n₂×n₃ input cells at commensurate Q: what the mean
    /// over samples tends to.
    ///
    /// # Errors
    /// None for Q that are commensurate.
    pub fn periodic(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        supercell: [usize; 3],
        q: Vec<Vector3<f64>>,
    ) -> Result<Self> {
        let grid = Grid::Periodic(supercell);
        Correlations::check_memory(crystal, 0, grid)?;
        let u = MeanSquare::periodic(crystal, family, thermal.clone(), supercell);
        let one = OnePhonon::new(crystal, family, thermal.clone(), u, q);
        let correlations = Correlations::new(crystal, family, thermal, grid)?;
        let weights = correlations.pairs.iter().map(|p| p.multiplicity).collect();
        let higher = HigherOrders::new(crystal, correlations, weights);
        Ok(Exact { one, higher: Some(higher) })
    }

    /// The one-phonon model at the same points.
    pub fn one_phonon(&self) -> &OnePhonon {
        &self.one
    }

    /// Whether there is anything beyond one phonon.
    pub fn has_higher_orders(&self) -> bool {
        self.higher.is_some()
    }

    /// Number of points.
    pub fn n_points(&self) -> usize {
        self.one.n_points()
    }

    /// Length of θ.
    pub fn n_parameters(&self) -> usize {
        self.one.n_parameters()
    }

    /// Pairs of atoms and wave vectors that the higher orders are summed over.
    pub fn n_terms(&self) -> Option<(usize, usize)> {
        self.higher.as_ref().map(|h| (h.n_pairs(), h.correlations.n_wave_vectors()))
    }

    /// Prepares θ; `None` when Φ is not positive definite on a mesh.
    pub fn state(&self, theta: &[f64]) -> Option<ModelState> {
        self.with_higher(self.one.state(theta)?)
    }

    /// The same for intensities alone, without ∂U/∂θ, which is most of the work in a crystal of many
    /// atoms and constants.
    pub fn state_for_values(&self, theta: &[f64]) -> Option<ModelState> {
        self.with_higher(self.one.state_for_values(theta)?)
    }

    fn with_higher(&self, mut state: ModelState) -> Option<ModelState> {
        if let Some(higher) = &self.higher {
            state.higher = Some(Arc::new(higher.state(&state.theta, &state.mean_square)?));
        }
        Some(state)
    }

    /// Higher orders (or the two-phonon part of them) of the first `n` blocks; empty without any.
    fn higher_part(&self, state: &ModelState, n_blocks: usize, part: Part) -> Vec<Lanes> {
        let (Some(higher), Some(at)) = (&self.higher, &state.higher) else { return vec![] };
        by_block(n_blocks, |b, work: &mut HigherWork| {
            higher.values(self.one.points(), b, &state.mean_square, at, part, work)
        })
    }

    /// Higher orders of the first `n_blocks` blocks, block by block; empty in a model without them.
    pub fn higher_orders(&self, state: &ModelState, n_blocks: usize) -> Vec<Lanes> {
        self.higher_part(state, n_blocks, Part::Higher)
    }

    /// ∂(higher orders)/∂θ of the first `n_blocks` blocks.
    pub fn higher_jacobian(&self, state: &ModelState, n_blocks: usize) -> HigherJacobian {
        let n_parameters = self.n_parameters();
        let (Some(higher), Some(at)) = (&self.higher, &state.higher) else {
            return HigherJacobian { rows: vec![], n_parameters };
        };
        let basis = &self.one.mean_square().basis;
        let derivatives = higher.correlation_derivatives(at, basis, &state.mean_square);
        let rows = by_block(n_blocks, |b, work: &mut HigherWork| {
            let mut rows = vec![[0.0; LANES]; n_parameters];
            higher.rows(self.one.points(), b, basis, &state.mean_square, at, &derivatives, work, &mut rows);
            rows
        });
        HigherJacobian { rows: rows.into_iter().flatten().collect(), n_parameters }
    }

    /// Reverse mode of the higher orders: Σ_Q `weights[Q]` ∂I_higher(Q)/∂θ.
    pub fn higher_pullback(&self, state: &ModelState, weights: &[f64]) -> Vec<f64> {
        let mut theta_bar = vec![0.0; self.n_parameters()];
        let (Some(higher), Some(at)) = (&self.higher, &state.higher) else { return theta_bar };
        let n_atoms = state.mean_square.tensors.len();
        let n_blocks = weights.len().div_ceil(LANES);
        let work = |piece: usize| {
            let mut work = HigherWork::default();
            let mut k = vec![[0.0; 6]; higher.n_pairs()];
            let mut u_bar = vec![[0.0; 6]; n_atoms];
            for b in piece * n_blocks / PIECES..(piece + 1) * n_blocks / PIECES {
                let mut lanes = [0.0; LANES];
                let here = &weights[b * LANES..weights.len().min((b + 1) * LANES)];
                lanes[..here.len()].copy_from_slice(here);
                higher.pullback(
                    self.one.points(),
                    b,
                    &state.mean_square,
                    at,
                    &lanes,
                    &mut work,
                    &mut k,
                    &mut u_bar,
                );
            }
            (k, u_bar)
        };
        let mut parts = in_parallel(PIECES, 64 * n_blocks, &work).into_iter();
        let Some((mut k, mut u_bar)) = parts.next() else { return theta_bar };
        for (other_k, other_u) in parts {
            for (a, b) in k.iter_mut().chain(&mut u_bar).zip(other_k.iter().chain(&other_u)) {
                for e in 0..6 {
                    a[e] += b[e];
                }
            }
        }
        let linearised = higher.linearised(at);
        higher.correlations.pullback(linearised, &k, &mut u_bar, &mut theta_bar);
        // ∂U_s = Σ_k E_k,s ∂υ_k, ∂υ_k = Σ_p J_kp ∂θ_p.
        for (e, jacobian) in self.one.mean_square().basis.iter().zip(&state.mean_square.jacobian) {
            let slope: f64 = e
                .iter()
                .zip(&u_bar)
                .map(|(e, bar)| {
                    let e = crate::lanes::pack_tensor(e);
                    (0..6).map(|c| crate::lanes::PACKED_COUNT[c] * e[c] * bar[c]).sum::<f64>()
                })
                .sum();
            for (total, j) in theta_bar.iter_mut().zip(jacobian) {
                *total += slope * j;
            }
        }
        theta_bar
    }

    /// Reverse mode of the whole model: Σ_Q `weights[Q]` ∂I(Q)/∂θ over the first points; `None` when
    /// Φ is not positive definite at one of them.
    pub fn pullback(&self, state: &ModelState, weights: &[f64]) -> Option<Vec<f64>> {
        let mut out = self.higher_pullback(state, weights);
        let n_p = out.len();
        let mut work = Workspace::default();
        let mut rows = vec![[0.0; LANES]; self.one.n_rows()];
        let mut u_bar = vec![0.0; self.one.n_rows() - n_p];
        let mut intensity = [0.0; LANES];
        for (b, weights) in weights.chunks(LANES).enumerate() {
            if !self.one.block(b, state, &mut work, &mut intensity, Some(&mut rows)) {
                return None;
            }
            for (total, row) in out.iter_mut().chain(&mut u_bar).zip(&rows) {
                *total += weights.iter().zip(row).map(|(w, x)| w * x).sum::<f64>();
            }
        }
        for (bar, jacobian) in u_bar.iter().zip(&state.mean_square.jacobian) {
            for (total, j) in out.iter_mut().zip(jacobian) {
                *total += bar * j;
            }
        }
        Some(out)
    }

    /// All intensities, electron² per primitive cell; `None` when Φ is not positive definite.
    pub fn intensities(&self, state: &ModelState) -> Option<Vec<f64>> {
        let mut out = self.one.intensities(state)?;
        let higher = self.higher_orders(state, self.one.n_blocks());
        for (value, more) in out.iter_mut().zip(higher.as_flattened()) {
            *value += more;
        }
        Some(out)
    }

    /// The orders apart; `None` when Φ is not positive definite.
    pub fn orders(&self, state: &ModelState) -> Option<Orders> {
        let one = self.one.intensities(state)?;
        let n = one.len();
        let n_blocks = self.one.n_blocks();
        let flat = |part: Part| {
            let mut values = self.higher_part(state, n_blocks, part).into_flattened();
            values.resize(n, 0.0);
            values
        };
        let two = flat(Part::TwoPhonon);
        let higher = flat(Part::Higher).iter().zip(&two).map(|(h, t)| h - t).collect();
        Some(Orders { one, two, higher })
    }
}

/// Sums over points are made in this many pieces, in this order, whatever the number of threads.
const PIECES: usize = 8;

/// `work(block, scratch)` for every block, shared among threads.
fn by_block<T: Send, W: Default>(n: usize, work: impl Fn(usize, &mut W) -> T + Sync) -> Vec<T> {
    let piece = |k: usize| {
        let mut scratch = W::default();
        (k * n / PIECES..(k + 1) * n / PIECES).map(|b| work(b, &mut scratch)).collect::<Vec<T>>()
    };
    in_parallel(PIECES, 64 * n, &piece).into_iter().flatten().collect()
}

/// The range (Å) of the higher orders where a job does not say: 12 times the cube root of the
/// volume per atom, which leaves out a fifteenth of σ in nickel at room temperature (1 to 5 thousand
/// counts).
pub fn default_range(crystal: &Crystal) -> f64 {
    12.0 * (crystal.primitive.volume() / crystal.n_atoms() as f64).cbrt()
}

/// A range that can be used.
///
/// # Errors
/// One that is not a positive number, or beyond reason.
pub fn check_range(range: f64) -> Result<()> {
    if range > 0.0 && range <= 1e4 {
        return Ok(());
    }
    Err(Error::job("model.real_space_range", format!("{range} Å"), "a positive distance up to 10000 Å"))
}
