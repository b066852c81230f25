//! All orders beyond one phonon, exact for a harmonic crystal:
//! Σ_ss' Σ_R Re{f_s* f_s' e^{iQ·(R+τ_s'−τ_s)}} e^{−W_s−W_s'} [exp(x) − 1 − x], x = Qᵀ C_ss'(R) Q.
//!
//! The sum runs over one of each (s, s', R) and its inverse. Phases are products of three tables,
//! one per lattice axis; the exponential is a power series of as many terms as the largest x of a
//! block and a pair needs, so that the many far pairs cost next to nothing.

mod product;
mod term;

use std::ops::Range;

use nalgebra::{DMatrix, Matrix3, Vector3};

use product::accumulate;
use term::{Length, Term, by_exponential, half_square, long, medium, products, short};

use super::Points;
use crate::base::parallel::{Pool, rest};
use crate::crystal::Crystal;
use crate::lanes::{InPairs, LANES, Lanes, PAIRS, add_product, add_scaled, both, multiply, quadratic};
use crate::lanes::{PACKED_COUNT, Packed};
use crate::thermal::{Correlations, Linearised, MeanSquareValue};

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
    /// Largest |n_a| of any R = Σ n_a a_a.
    reach: [usize; 3],
    lattice: Matrix3<f64>,
}

/// Pairs of the atoms s and s'.
#[derive(Debug, Clone)]
struct Kind {
    s: usize,
    s2: usize,
    offset: Vector3<f64>,
    /// Stretches with the same n₁ and n₂.
    runs: Vec<Range<usize>>,
}

/// C(R) at one θ, with what its derivatives need.
pub struct HigherState {
    c: Vec<Packed>,
    /// Frobenius norms: |x| ≤ |Q|² `size`.
    size: Vec<f64>,
    linearised: Linearised,
}

impl std::fmt::Debug for HigherState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HigherState").field("pairs", &self.c.len()).finish_non_exhaustive()
    }
}

/// Scratch memory of one thread.
#[derive(Debug)]
pub struct HigherWork {
    /// cos and sin of n a_a·Q for each axis: `[axis][2 (n + reach) + {0, 1}]`.
    tables: [Vec<Lanes>; 3],
    /// cos and sin of (n₁a₁ + n₂a₂)·Q.
    plane: [Lanes; 2],
    /// ∂I/∂x of every pair.
    slopes: Vec<Lanes>,
    /// I of each kind.
    by_kind: Vec<Lanes>,
    products: Vec<Lanes>,
}

impl Default for HigherWork {
    fn default() -> Self {
        HigherWork {
            tables: Default::default(),
            plane: [[0.0; LANES]; 2],
            slopes: vec![],
            by_kind: vec![],
            products: vec![],
        }
    }
}

/// Multiplications between two rests.
const STRETCH: usize = 1 << 24;

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
                Kind { s: *s, s2: *s2, offset: cell.cartesian(*s2) - cell.cartesian(*s), runs }
            })
            .collect();
        HigherOrders { weights, kinds, reach, lattice: crystal.primitive.lattice, correlations }
    }

    /// `None` when Φ is not positive definite on the mesh.
    pub async fn state(&self, pool: &Pool, theta: &[f64], u: &MeanSquareValue) -> Option<HigherState> {
        let (c, linearised) = self.correlations.at(pool, theta, u).await?;
        let norm = |c: &Packed| (0..6).map(|e| PACKED_COUNT[e] * c[e] * c[e]).sum::<f64>().sqrt();
        Some(HigherState { size: c.iter().map(norm).collect(), c, linearised })
    }

    /// ∂C(R)/∂θ as a matrix: pairs × (6 · parameters), row by row.
    pub async fn correlation_derivatives(
        &self,
        pool: &Pool,
        state: &HigherState,
        basis: &[Vec<Matrix3<f64>>],
        u: &MeanSquareValue,
    ) -> DMatrix<f64> {
        let all = self.correlations.derivatives(pool, &state.linearised, basis, u).await;
        let n = all.len();
        // Column-major with one column per pair: the entries of a pair follow each other.
        DMatrix::from_fn(6 * n, self.weights.len(), |i, pair| PACKED_COUNT[i % 6] * all[i / 6][pair][i % 6])
    }

    /// Floating-point operations for a block of points, roughly: values alone, or with derivatives to so many constants.
    pub fn cost_of_block(&self, n_parameters: usize) -> f64 {
        (self.n_pairs() * LANES) as f64 * (30.0 + 12.0 * n_parameters as f64)
    }

    /// Intensity of block `b`; by kind of pair in `work`.
    pub fn values(
        &self,
        points: &Points,
        b: usize,
        u: &MeanSquareValue,
        state: &HigherState,
        part: Part,
        work: &mut HigherWork,
    ) -> Lanes {
        self.fill_tables(points, b, work);
        let products = products(&points.q[b]);
        let q2 = largest_q2(points, b);
        let mut total = [0.0; LANES];
        work.by_kind.clear();
        let HigherWork { tables, plane, by_kind, .. } = work;
        for kind in &self.kinds {
            let (p_re, p_im) = self.prefactor(kind, points, b, u);
            let mut sums = [[0.0; LANES]; 2];
            for run in &kind.runs {
                self.fill_plane(run.start, tables, plane);
                for pair in run.clone() {
                    let term = self.term(pair, state, plane, tables, &products);
                    let length = match part {
                        Part::TwoPhonon => Length::Square,
                        Part::Higher => Length::new(q2 * state.size[pair]),
                    };
                    if kind.s == kind.s2 {
                        match length {
                            Length::Square => term.add(half_square, &mut sums[0]),
                            Length::Short => term.add(short, &mut sums[0]),
                            Length::Medium => term.add(medium, &mut sums[0]),
                            Length::Long => term.add(long, &mut sums[0]),
                            Length::Exponential => term.add(by_exponential, &mut sums[0]),
                        }
                    } else {
                        // Seldom enough that one loop will do for all lengths.
                        let f = length.function();
                        term.add_both(f, &mut sums);
                    }
                }
            }
            let mut own = [0.0; LANES];
            for i in 0..PAIRS {
                let value = p_re.pair(i) * sums[0].pair(i) - p_im.pair(i) * sums[1].pair(i);
                own.set_pair(i, value);
                total.set_pair(i, total.pair(i) + value);
            }
            by_kind.push(own);
        }
        total
    }

    /// ∂I/∂x_pair = weight · Re{f* f' e^{iQ·R}} e^{−W−W'} (exp(x) − 1), left in `work.slopes`, and
    /// the intensity as in [`Self::values`].
    fn slopes(
        &self,
        points: &Points,
        b: usize,
        u: &MeanSquareValue,
        state: &HigherState,
        work: &mut HigherWork,
    ) -> Lanes {
        self.fill_tables(points, b, work);
        let products = products(&points.q[b]);
        let q2 = largest_q2(points, b);
        let mut total = [0.0; LANES];
        work.slopes.resize(self.weights.len(), [0.0; LANES]);
        work.by_kind.clear();
        let HigherWork { tables, plane, by_kind, slopes, .. } = work;
        for kind in &self.kinds {
            let (p_re, p_im) = self.prefactor(kind, points, b, u);
            let mut own = [0.0; LANES];
            for run in &kind.runs {
                self.fill_plane(run.start, tables, plane);
                for pair in run.clone() {
                    let term = self.term(pair, state, plane, tables, &products);
                    let slope = &mut slopes[pair];
                    let length = Length::new(q2 * state.size[pair]);
                    if kind.s == kind.s2 {
                        match length {
                            Length::Square | Length::Short => term.slope(short, &p_re, &mut own, slope),
                            Length::Medium => term.slope(medium, &p_re, &mut own, slope),
                            Length::Long => term.slope(long, &p_re, &mut own, slope),
                            Length::Exponential => term.slope(by_exponential, &p_re, &mut own, slope),
                        }
                    } else {
                        term.slope_both(length.function(), [&p_re, &p_im], &mut own, slope);
                    }
                }
            }
            for i in 0..PAIRS {
                total.set_pair(i, total.pair(i) + own.pair(i));
            }
            by_kind.push(own);
        }
        total
    }

    /// Intensity of block `b` and `rows[p]` = ∂I/∂θ_p, everything included. `derivatives` as from
    /// [`Self::correlation_derivatives`].
    #[allow(clippy::too_many_arguments)]
    pub async fn rows(
        &self,
        points: &Points,
        b: usize,
        basis: &[Vec<Matrix3<f64>>],
        u: &MeanSquareValue,
        state: &HigherState,
        derivatives: &DMatrix<f64>,
        work: &mut HigherWork,
        rows: &mut [Lanes],
    ) -> Lanes {
        let value = self.slopes(points, b, u, state, work);
        let n = 6 * rows.len();
        work.products.clear();
        work.products.resize(n, [0.0; LANES]);
        let pairs = (STRETCH / (n * LANES)).max(1);
        for (derivatives, slopes) in derivatives.as_slice().chunks(n * pairs).zip(work.slopes.chunks(pairs)) {
            accumulate(&mut work.products, derivatives, slopes);
            if work.slopes.len() > pairs {
                rest().await;
            }
        }
        let qq = products(&points.q[b]);
        for (p, row) in rows.iter_mut().enumerate() {
            row.fill(0.0);
            for (product, qq) in work.products[6 * p..].iter().zip(&qq) {
                add_product(row, product, qq);
            }
        }
        // Through the Debye–Waller factors.
        for (e, jacobian) in basis.iter().zip(&u.jacobian) {
            let slope = self.through_w(points, b, e, work);
            for (row, j) in rows.iter_mut().zip(jacobian) {
                add_scaled(row, *j, &slope);
            }
        }
        value
    }

    /// Adds Σ_lanes `weights` ∂I to the adjoints of C(R), `k[pair]`, and of U, `u_bar[s]`.
    #[allow(clippy::too_many_arguments)]
    pub fn pullback(
        &self,
        points: &Points,
        b: usize,
        u: &MeanSquareValue,
        state: &HigherState,
        weights: &Lanes,
        work: &mut HigherWork,
        k: &mut [Packed],
        u_bar: &mut [Packed],
    ) {
        self.slopes(points, b, u, state, work);
        let mut qq = products(&points.q[b]);
        for product in &mut qq {
            multiply(product, weights);
        }
        let sum = |x: &Lanes, y: &Lanes| {
            let pairs = (0..PAIRS).fold(both(0.0), |sum, i| sum + x.pair(i) * y.pair(i));
            let [a, b] = pairs.to_array();
            a + b
        };
        let [xx, yy, zz, xy, xz, yz] = &qq;
        for (k, slope) in k.iter_mut().zip(&work.slopes) {
            let zero = both(0.0);
            let (mut a, mut b, mut c, mut d, mut e, mut f) = (zero, zero, zero, zero, zero, zero);
            for i in 0..PAIRS {
                let s = slope.pair(i);
                a += s * xx.pair(i);
                b += s * yy.pair(i);
                c += s * zz.pair(i);
                d += s * xy.pair(i);
                e += s * xz.pair(i);
                f += s * yz.pair(i);
            }
            for (total, sum) in k.iter_mut().zip([a, b, c, d, e, f]) {
                let [x, y] = sum.to_array();
                *total += x + y;
            }
        }
        for (kind, own) in self.kinds.iter().zip(&work.by_kind) {
            for e in 0..6 {
                let share = -0.5 * sum(own, &qq[e]);
                u_bar[kind.s][e] += share;
                u_bar[kind.s2][e] += share;
            }
        }
    }

    /// ∂I/∂υ through e^{−W_s−W_s'} for one tensor per atom.
    fn through_w(&self, points: &Points, b: usize, e: &[Matrix3<f64>], work: &HigherWork) -> Lanes {
        let mut out = [0.0; LANES];
        for (kind, own) in self.kinds.iter().zip(&work.by_kind) {
            let w = quadratic(&((e[kind.s] + e[kind.s2]) * 0.5), &points.q[b]);
            for i in 0..PAIRS {
                out.set_pair(i, out.pair(i) - own.pair(i) * w.pair(i));
            }
        }
        out
    }

    pub fn linearised<'a>(&self, state: &'a HigherState) -> &'a Linearised {
        &state.linearised
    }

    pub fn n_pairs(&self) -> usize {
        self.weights.len()
    }

    /// f_s* f_s' e^{−W_s−W_s'} e^{iQ·(τ_s'−τ_s)}
    fn prefactor(&self, kind: &Kind, points: &Points, b: usize, u: &MeanSquareValue) -> (Lanes, Lanes) {
        let n = u.tensors.len();
        let (f, g) = (&points.factors[b * n + kind.s], &points.factors[b * n + kind.s2]);
        let w = quadratic(&((u.tensors[kind.s] + u.tensors[kind.s2]) * 0.5), &points.q[b]);
        let (mut re, mut im) = ([0.0; LANES], [0.0; LANES]);
        for l in 0..LANES {
            let q = &points.q[b];
            let turn = q[0][l] * kind.offset.x + q[1][l] * kind.offset.y + q[2][l] * kind.offset.z;
            let (sin, cos) = turn.sin_cos();
            let size = (-w[l]).exp();
            let x = (f.0[l] * g.0[l] + f.1[l] * g.1[l]) * size;
            let y = (f.0[l] * g.1[l] - f.1[l] * g.0[l]) * size;
            (re[l], im[l]) = (x * cos - y * sin, x * sin + y * cos);
        }
        (re, im)
    }

    fn fill_tables(&self, points: &Points, b: usize, work: &mut HigherWork) {
        for (axis, table) in work.tables.iter_mut().enumerate() {
            let reach = self.reach[axis];
            table.resize(2 * (2 * reach + 1), [0.0; LANES]);
            let a = self.lattice.column(axis);
            let q = &points.q[b];
            let (mut cos, mut sin) = ([0.0; LANES], [0.0; LANES]);
            for l in 0..LANES {
                (sin[l], cos[l]) = (q[0][l] * a[0] + q[1][l] * a[1] + q[2][l] * a[2]).sin_cos();
            }
            let (mut c, mut s) = ([1.0; LANES], [0.0; LANES]);
            for n in 0..=reach {
                let mut minus = s;
                minus.iter_mut().for_each(|x| *x = -*x);
                (table[2 * (reach + n)], table[2 * (reach + n) + 1]) = (c, s);
                (table[2 * (reach - n)], table[2 * (reach - n) + 1]) = (c, minus);
                for i in 0..PAIRS {
                    let (x, y) = (c.pair(i), s.pair(i));
                    c.set_pair(i, x * cos.pair(i) - y * sin.pair(i));
                    s.set_pair(i, x * sin.pair(i) + y * cos.pair(i));
                }
            }
        }
    }

    /// cos and sin of Q·(n₁a₁ + n₂a₂) for the first two indices of `pair`.
    fn fill_plane(&self, pair: usize, tables: &[Vec<Lanes>; 3], plane: &mut [Lanes; 2]) {
        let cell = &self.correlations.pairs[pair].cell;
        let (m, n) = (self.place(0, cell[0]), self.place(1, cell[1]));
        let (c1, s1, c2, s2) = (&tables[0][m], &tables[0][m + 1], &tables[1][n], &tables[1][n + 1]);
        let [cos, sin] = plane;
        for i in 0..PAIRS {
            cos.set_pair(i, c1.pair(i) * c2.pair(i) - s1.pair(i) * s2.pair(i));
            sin.set_pair(i, c1.pair(i) * s2.pair(i) + s1.pair(i) * c2.pair(i));
        }
    }

    fn place(&self, axis: usize, n: i32) -> usize {
        2 * (self.reach[axis] as i32 + n) as usize
    }

    #[inline(always)]
    fn term<'a>(
        &'a self,
        pair: usize,
        state: &'a HigherState,
        plane: &'a [Lanes; 2],
        tables: &'a [Vec<Lanes>; 3],
        products: &'a [Lanes; 6],
    ) -> Term<'a> {
        let m = self.place(2, self.correlations.pairs[pair].cell[2]);
        Term {
            c: &state.c[pair],
            weight: both(self.weights[pair]),
            plane,
            cos: &tables[2][m],
            sin: &tables[2][m + 1],
            products,
        }
    }
}

fn largest_q2(points: &Points, b: usize) -> f64 {
    let q = &points.q[b];
    (0..LANES).map(|l| q[0][l] * q[0][l] + q[1][l] * q[1][l] + q[2][l] * q[2][l]).fold(0.0, f64::max)
}
