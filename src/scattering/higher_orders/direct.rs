//! The sum at every point by itself, for points that share nothing.

use std::ops::Range;

use nalgebra::Matrix3;

use super::exponential::{by_exponential, half_square, long, products, short};
use super::product::{accumulate, sum};
use super::tables::Tables;
use super::term::{Length, Term, medium};
use super::{At, HigherJacobian, HigherOrders, HigherState, Kind, PairDerivatives, Part};
use crate::base::parallel::{Piece, Pool, rest};
use crate::lanes::{
    InRegisters, LANES, Lanes, PACKED_COUNT, Packed, REGISTERS, add_product, add_scaled, multiply, quadratic,
    same,
};
use crate::scattering::Points;
use crate::thermal::MeanSquareValue;

/// Blocks of points that go through the derivatives of all pairs, which no cache holds, together.
const TOGETHER: usize = 4;
/// Pairs whose slopes stay in the cache.
const STRETCH: usize = 64;

/// Scratch memory of one thread.
#[derive(Debug)]
pub struct HigherWork {
    tables: Tables,
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

impl HigherOrders {
    /// Intensities of the first `n_blocks` blocks.
    pub(super) async fn each_by_itself(
        &self,
        pool: &Pool,
        at: At<'_>,
        blocks: Range<usize>,
        part: Part,
    ) -> Vec<Lanes> {
        let first = blocks.start;
        let work = |blocks: Range<usize>| -> Vec<Lanes> {
            let mut work = HigherWork::default();
            blocks.map(|b| self.values(at, first + b, part, &mut work)).collect()
        };
        pool.ranges(blocks.len(), self.cost_of_block(0), &work).await.into_iter().flatten().collect()
    }

    /// Intensity at one point.
    pub(super) fn value_of(&self, at: At<'_>, index: usize, part: Part) -> f64 {
        self.values(at, index / LANES, part, &mut HigherWork::default())[index % LANES]
    }

    /// ∂I/∂θ of the first `n_blocks` blocks.
    pub(super) async fn rows_of_each(
        &self,
        pool: &Pool,
        at: At<'_>,
        n_blocks: usize,
        basis: &[Vec<Matrix3<f64>>],
        derivatives: &PairDerivatives,
    ) -> HigherJacobian {
        let n_parameters = derivatives.n_parameters();
        // Not so many that they could not be shared.
        let together = (n_blocks / 8).clamp(1, TOGETHER);
        let work = |groups: Range<usize>| -> Piece<'_, Vec<Lanes>> {
            Box::pin(async move {
                let mut rows = Vec::new();
                for group in groups {
                    let blocks = group * together..n_blocks.min((group + 1) * together);
                    rows.extend(self.rows(at, blocks, basis, derivatives).await);
                }
                rows
            })
        };
        let cost = self.cost_of_block(n_parameters) * together as f64;
        let parts = pool.stretches(n_blocks.div_ceil(together), cost, &work).await;
        HigherJacobian { rows: parts.into_iter().flatten().collect(), n_parameters }
    }

    /// Adjoints of C(R) and U of the blocks of each piece.
    pub(super) async fn pull_each(
        &self,
        pool: &Pool,
        at: At<'_>,
        weights: &[f64],
    ) -> Vec<(Vec<Packed>, Vec<Packed>)> {
        let none = || (vec![[0.0; 6]; self.n_pairs()], vec![[0.0; 6]; at.u.tensors.len()]);
        let n_blocks = weights.len().div_ceil(LANES);
        let work = |blocks: Range<usize>| {
            let mut work = HigherWork::default();
            let (mut k, mut u_bar) = none();
            for b in blocks {
                let mut lanes = [0.0; LANES];
                let here = &weights[b * LANES..weights.len().min((b + 1) * LANES)];
                lanes[..here.len()].copy_from_slice(here);
                self.pull_block(at, b, &lanes, &mut work, &mut k, &mut u_bar);
            }
            (k, u_bar)
        };
        pool.ranges(n_blocks, self.cost_of_block(2), &work).await
    }

    /// Floating-point operations for a block of points, roughly: values alone, or with derivatives to so many constants.
    pub(super) fn cost_of_block(&self, n_parameters: usize) -> f64 {
        (self.n_pairs() * LANES) as f64 * (30.0 + 12.0 * n_parameters as f64)
    }

    /// Intensity of block `b`; by kind of pair in `work`.
    pub(super) fn values(&self, at: At<'_>, b: usize, part: Part, work: &mut HigherWork) -> Lanes {
        let At { points, u, state } = at;
        work.tables.fill(&self.lattice, self.reach, &points.q[b]);
        let products = products(&points.q[b]);
        let q2 = largest_q2(points, b);
        let mut total = [0.0; LANES];
        work.by_kind.clear();
        let HigherWork { tables, plane, by_kind, .. } = work;
        for kind in &self.kinds {
            let (p_re, p_im) = Self::prefactor_of_block(kind, points, b, u);
            let mut sums = [[0.0; LANES]; 2];
            for run in &kind.runs {
                *plane = tables.in_plane(&self.correlations.pairs[run.start].cell);
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
            for i in 0..REGISTERS {
                let value = p_re.register(i) * sums[0].register(i) - p_im.register(i) * sums[1].register(i);
                own.set_register(i, value);
                total.set_register(i, total.register(i) + value);
            }
            by_kind.push(own);
        }
        total
    }

    /// ∂I/∂x_pair = weight · Re{f* f' e^{iQ·R}} e^{−W−W'} (exp(x) − 1), left in `work.slopes`, and
    /// the intensity as in [`Self::values`].
    fn slopes(&self, at: At<'_>, b: usize, work: &mut HigherWork) -> Lanes {
        let At { points, u, state } = at;
        work.tables.fill(&self.lattice, self.reach, &points.q[b]);
        let products = products(&points.q[b]);
        let q2 = largest_q2(points, b);
        let mut total = [0.0; LANES];
        work.slopes.resize(self.weights.len(), [0.0; LANES]);
        work.by_kind.clear();
        let HigherWork { tables, plane, by_kind, slopes, .. } = work;
        for kind in &self.kinds {
            let (p_re, p_im) = Self::prefactor_of_block(kind, points, b, u);
            let mut own = [0.0; LANES];
            for run in &kind.runs {
                *plane = tables.in_plane(&self.correlations.pairs[run.start].cell);
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
            for i in 0..REGISTERS {
                total.set_register(i, total.register(i) + own.register(i));
            }
            by_kind.push(own);
        }
        total
    }

    /// ∂I/∂θ of some blocks, everything included, one block after the other.
    async fn rows(
        &self,
        at: At<'_>,
        blocks: Range<usize>,
        basis: &[Vec<Matrix3<f64>>],
        derivatives: &PairDerivatives,
    ) -> Vec<Lanes> {
        let At { points, u, .. } = at;
        let n = derivatives.n_parameters();
        let mut works = Vec::with_capacity(blocks.len());
        for b in blocks.clone() {
            let mut work = HigherWork::default();
            self.slopes(at, b, &mut work);
            work.products.resize(6 * n, [0.0; LANES]);
            works.push(work);
            rest().await;
        }
        for first in (0..self.n_pairs()).step_by(STRETCH) {
            let pairs = first..self.n_pairs().min(first + STRETCH);
            for p in 0..n {
                let entries = derivatives.of(p, pairs.clone());
                for work in &mut works {
                    let products = &mut work.products[6 * p..6 * (p + 1)];
                    accumulate(products, entries, &work.slopes[pairs.clone()], REGISTERS);
                }
            }
            rest().await;
        }
        let mut rows = Vec::with_capacity(n * blocks.len());
        for (b, work) in blocks.zip(&works) {
            let mut qq = products(&points.q[b]);
            qq.iter_mut().zip(PACKED_COUNT).for_each(|(qq, count)| multiply(qq, &[count; LANES]));
            let first = rows.len();
            for products in work.products.as_chunks::<6>().0 {
                let mut row = [0.0; LANES];
                products.iter().zip(&qq).for_each(|(product, qq)| add_product(&mut row, product, qq));
                rows.push(row);
            }
            // Through the Debye–Waller factors.
            for (e, jacobian) in basis.iter().zip(&u.jacobian) {
                let slope = self.through_w(points, b, e, work);
                for (row, j) in rows[first..].iter_mut().zip(jacobian) {
                    add_scaled(row, *j, &slope);
                }
            }
        }
        rows
    }

    /// Adds Σ_lanes `weights` ∂I to the adjoints of C(R), `k[pair]`, and of U, `u_bar[s]`.
    pub(super) fn pull_block(
        &self,
        at: At<'_>,
        b: usize,
        weights: &Lanes,
        work: &mut HigherWork,
        k: &mut [Packed],
        u_bar: &mut [Packed],
    ) {
        self.slopes(at, b, work);
        let mut qq = products(&at.points.q[b]);
        for product in &mut qq {
            multiply(product, weights);
        }
        let [xx, yy, zz, xy, xz, yz] = &qq;
        for (k, slope) in k.iter_mut().zip(&work.slopes) {
            let zero = same(0.0);
            let (mut a, mut b, mut c, mut d, mut e, mut f) = (zero, zero, zero, zero, zero, zero);
            for i in 0..REGISTERS {
                let s = slope.register(i);
                a += s * xx.register(i);
                b += s * yy.register(i);
                c += s * zz.register(i);
                d += s * xy.register(i);
                e += s * xz.register(i);
                f += s * yz.register(i);
            }
            for (total, sum) in k.iter_mut().zip([a, b, c, d, e, f]) {
                *total += sum.to_array().iter().sum::<f64>();
            }
        }
        for (kind, own) in self.kinds.iter().zip(&work.by_kind) {
            for e in 0..6 {
                let share = -0.5 * sum(own, &qq[e], REGISTERS);
                u_bar[kind.s][e] += share;
                u_bar[kind.s2][e] += share;
            }
        }
    }

    fn prefactor_of_block(kind: &Kind, points: &Points, b: usize, u: &MeanSquareValue) -> (Lanes, Lanes) {
        let n = u.tensors.len();
        let factors = [kind.s, kind.s2].map(|s| &points.factors[b * n + s]);
        Self::prefactor(kind, &points.q[b], factors, u)
    }

    /// ∂I/∂υ through e^{−W_s−W_s'} for one tensor per atom.
    fn through_w(&self, points: &Points, b: usize, e: &[Matrix3<f64>], work: &HigherWork) -> Lanes {
        let mut out = [0.0; LANES];
        for (kind, own) in self.kinds.iter().zip(&work.by_kind) {
            let w = quadratic(&((e[kind.s] + e[kind.s2]) * 0.5), &points.q[b]);
            for i in 0..REGISTERS {
                out.set_register(i, out.register(i) - own.register(i) * w.register(i));
            }
        }
        out
    }

    #[inline(always)]
    fn term<'a>(
        &'a self,
        pair: usize,
        state: &'a HigherState,
        plane: &'a [Lanes; 2],
        tables: &'a Tables,
        products: &'a [Lanes; 6],
    ) -> Term<'a> {
        let [cos, sin] = tables.along(2, self.correlations.pairs[pair].cell[2]);
        Term { c: &state.c[pair], weight: same(self.weights[pair]), plane, cos, sin, products }
    }
}

fn largest_q2(points: &Points, b: usize) -> f64 {
    let q = &points.q[b];
    (0..LANES).map(|l| q[0][l] * q[0][l] + q[1][l] * q[1][l] + q[2][l] * q[2][l]).fold(0.0, f64::max)
}
