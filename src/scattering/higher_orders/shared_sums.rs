//! The sum at the wave vectors that points share.
//!
//! Pairs beyond the nearest contribute Σ_R w(R) e^{iq·R} xⁿ/n!: polynomials in Q whose coefficients are made once for each q.
//! What is left at each point are the nearest pairs, whose phases the points share, too, and a few hundred multiplications.
//! Derivatives are those of the same sums; see `polynomials` for the coefficients, `cuts` for what is left out.

use std::ops::Range;

use nalgebra::Matrix3;

use super::cuts::Cuts;
use super::exponential::{by_exponential, form, half_square, long, products};
use super::polynomials::{HIGHEST, WIDTH, monomials, start};
use super::product::{Strided, accumulate};
use super::shared::{Group, Member, SharedPoints};
use super::tables::Tables;
use super::{HigherOrders, HigherState, Kind, PairDerivatives, Part};
use crate::base::parallel::rest;
use crate::lanes::{
    InRegisters, LANES, Lanes, PACKED_COUNT, Packed, REGISTER, Register, add_product, add_scaled, clear,
    quadratic, same,
};
use crate::scattering::Points;
use crate::thermal::MeanSquareValue;

/// The points that share wave vectors, and where the model stands.
#[derive(Clone, Copy)]
pub(super) struct SharedAt<'a> {
    pub shared: &'a SharedPoints,
    pub points: &'a Points,
    pub u: &'a MeanSquareValue,
    pub state: &'a HigherState,
    /// The points that are asked for.
    pub first: usize,
    pub end: usize,
}

impl SharedAt<'_> {
    pub fn wanted(&self) -> Range<usize> {
        self.first..self.end
    }
}

/// ∂C(R)/∂θ, and ∂U/∂θ by the basis of the mean-square tensors.
#[derive(Clone, Copy)]
pub(super) struct Derivatives<'a> {
    pub of_pairs: &'a PairDerivatives,
    pub basis: &'a [Vec<Matrix3<f64>>],
    pub n_parameters: usize,
}

/// Points of one group.
pub(super) struct Chunk<'a> {
    /// Which group of its block.
    pub(super) lane: usize,
    pub(super) members: &'a [Member],
    pub(super) q: [Lanes; 3],
    pub(super) products: [Lanes; 6],
    /// Registers that hold points.
    pub(super) registers: usize,
    /// I of each kind.
    pub(super) by_kind: Vec<Lanes>,
    /// Derivatives, after them the value.
    pub(super) rows: Vec<Lanes>,
}

/// Memory of one piece.
#[derive(Default)]
pub(super) struct Work {
    pub(super) tables: Tables,
    /// Weight times cos and sin of q·R of the nearest pairs, and of a stretch of others.
    pub(super) near: [Vec<Lanes>; 2],
    pub(super) far: [Vec<Lanes>; 2],
    /// Coefficients at every q, real and imaginary part: of one power of x after the other `[monomial][stride]`.
    pub(super) tensors: [Vec<Lanes>; 2],
    /// ∂C(R)/∂θ of the nearest pairs, one after the other.
    pub(super) matrix: Vec<f64>,
    /// Of the far pairs of a stretch, one in each lane: powers of x, ∂C(R)/∂θ, and the derivatives of one power.
    pub(super) powers: Vec<Lanes>,
    pub(super) forms: Vec<Lanes>,
    pub(super) slopes_of_power: Vec<Lanes>,
    /// Coefficients at one q.
    pub(super) columns: [Vec<f64>; 2],
    pub(super) monomials: Vec<Lanes>,
    pub(super) slopes: Vec<Lanes>,
    pub(super) sums: [Vec<Lanes>; 2],
}

/// Registers for so many lanes; kernels take two at a time.
pub(super) fn registers_of(lanes: usize) -> usize {
    lanes.div_ceil(REGISTER).next_multiple_of(2)
}

/// Rows for a sum and its derivatives. Rows are made three at a time; a single one is none of them.
fn stride_of(n_parameters: usize) -> usize {
    if n_parameters == 0 { 1 } else { (1 + n_parameters).next_multiple_of(3) }
}

impl HigherOrders {
    /// Floating-point operations of a block of so many groups with so many points, roughly.
    pub(super) fn cost_of_shared(&self, groups: f64, points: f64, n_parameters: usize) -> f64 {
        let width = 1.0 + n_parameters as f64;
        self.n_pairs() as f64 * groups * (20.0 + 50.0 * width) + points * (5e3 + 1.5e3 * width)
    }

    /// The members of the groups of a block in lanes, those of each group by themselves.
    pub(super) fn chunks<'a>(at: &SharedAt<'a>, block: &[&'a Group], n_rows: usize) -> Vec<Chunk<'a>> {
        let mut chunks = Vec::new();
        for (lane, group) in block.iter().enumerate() {
            for members in at.shared.of(group, &at.wanted()).chunks(LANES) {
                let of = |l: usize| members[l.min(members.len() - 1)].q;
                let q = std::array::from_fn(|a| std::array::from_fn(|l| of(l)[a]));
                let registers = registers_of(members.len());
                let rows = vec![[0.0; LANES]; n_rows];
                chunks.push(Chunk {
                    lane,
                    members,
                    products: products(&q),
                    q,
                    registers,
                    by_kind: vec![],
                    rows,
                });
            }
        }
        chunks
    }

    pub(super) fn fill_tables(&self, block: &[&Group], tables: &mut Tables) {
        let of = |l: usize| block[l.min(block.len() - 1)].q;
        let q = std::array::from_fn(|a| std::array::from_fn(|l| of(l)[a]));
        tables.fill(&self.lattice, self.reach, &q);
    }

    /// How many pairs of a kind, the nearest first, are no further than `radius`.
    pub(super) fn within(&self, kind: &Kind, radius: f64) -> usize {
        let pairs = &self.correlations.pairs;
        kind.by_distance.partition_point(|&pair| pairs[pair].vector.norm() <= radius)
    }

    /// Weight times cos and sin of q·R, in so many registers.
    pub(super) fn phases(&self, of: &[usize], tables: &Tables, registers: usize, out: &mut [Vec<Lanes>; 2]) {
        let [cos, sin] = out;
        cos.resize(of.len(), [0.0; LANES]);
        sin.resize(of.len(), [0.0; LANES]);
        for ((&pair, cos), sin) in of.iter().zip(cos).zip(sin) {
            tables.of(&self.correlations.pairs[pair].cell, self.weights[pair], registers, cos, sin);
        }
    }

    /// The far pairs of a kind in stretches that fill the lanes, the nearest first, each with the highest power of x that
    /// its nearest pair needs.
    pub(super) fn stretches<'a>(
        &'a self,
        kind: &'a Kind,
        cuts: &Cuts,
    ) -> impl Iterator<Item = (&'a [usize], usize)> + use<'a> {
        let first = self.within(kind, cuts.exact);
        let ends: [usize; HIGHEST + 1] =
            std::array::from_fn(|n| if n < 3 { usize::MAX } else { self.within(kind, cuts.power[n]) });
        kind.by_distance[first..].chunks(LANES).enumerate().map(move |(i, stretch)| {
            let begin = first + i * LANES;
            (stretch, (2..=HIGHEST).rev().find(|&n| ends[n] > begin).unwrap_or(2))
        })
    }

    /// C(R) of pairs, one in each lane, as coefficients of Q_a Q_b.
    pub(super) fn forms(stretch: &[usize], state: &HigherState) -> [Lanes; 6] {
        let mut forms = [[0.0; LANES]; 6];
        for (lane, &pair) in stretch.iter().enumerate() {
            for (e, form) in forms.iter_mut().enumerate() {
                form[lane] = PACKED_COUNT[e] * state.c[pair][e];
            }
        }
        forms
    }

    /// Coefficients of the sums over far pairs of a kind at the q of a block, in `work.tensors`: of each power of x
    /// `[monomial][stride]`: the derivatives, and after them the sum itself.
    #[allow(clippy::too_many_arguments)]
    pub(super) async fn tensors(
        &self,
        kind: &Kind,
        at: &SharedAt<'_>,
        lanes: usize,
        derivatives: Option<Derivatives<'_>>,
        stride: usize,
        highest: usize,
        work: &mut Work,
    ) {
        let registers = registers_of(lanes);
        for part in &mut work.tensors {
            part.clear();
            part.resize(start(highest + 1) * stride, [0.0; LANES]);
        }
        work.powers.resize(WIDTH, [0.0; LANES]);
        let parts = if kind.s == kind.s2 { 1 } else { 2 };
        for (stretch, top) in self.stretches(kind, &at.state.cuts) {
            let top = top.min(highest);
            self.phases(stretch, &work.tables, registers, &mut work.far);
            at.shared.polynomials.powers(&Self::forms(stretch, at.state), top, &mut work.powers);
            if let Some(derivatives) = derivatives {
                derivatives.of_pairs.in_lanes(stretch, &mut work.forms);
            }
            for n in 2..=top {
                let (below, above) = work.powers.split_at(6 + start(n));
                let above = &above[..monomials(n)];
                let rows = start(n) * stride..start(n + 1) * stride;
                let matrix = if let Some(Derivatives { n_parameters, .. }) = derivatives {
                    let out = &mut work.slopes_of_power;
                    out.resize(rows.len().max(out.len()), [0.0; LANES]);
                    out[..rows.len()].iter_mut().for_each(clear);
                    let lower = &below[below.len() - monomials(n - 1)..];
                    at.shared.polynomials.add_products(n, (&work.forms, n_parameters), lower, out, stride);
                    for (row, power) in out[n_parameters..].iter_mut().step_by(stride).zip(above) {
                        row.copy_from_slice(power);
                    }
                    &out[..rows.len()]
                } else {
                    above
                };
                for (part, phases) in work.tensors.iter_mut().zip(&work.far).take(parts) {
                    accumulate(&mut part[rows.clone()], Strided::rows(matrix), phases, registers);
                }
            }
            rest().await;
        }
    }

    /// Intensities of the points of a block, each followed by its derivatives where they are wanted.
    pub(super) async fn shared_block(
        &self,
        at: SharedAt<'_>,
        block: &[&Group],
        part: Part,
        derivatives: Option<Derivatives<'_>>,
    ) -> Vec<f64> {
        let n_parameters = derivatives.map_or(0, |d| d.n_parameters);
        let stride = stride_of(n_parameters);
        let highest = if part == Part::TwoPhonon { 2 } else { HIGHEST };
        let mut work = Work::default();
        let mut chunks = Self::chunks(&at, block, stride);
        self.fill_tables(block, &mut work.tables);
        for kind in &self.kinds {
            let complex = kind.s != kind.s2;
            self.tensors(kind, &at, block.len(), derivatives, stride, highest, &mut work).await;
            let near = &kind.by_distance[..self.within(kind, at.state.cuts.exact)];
            self.phases(near, &work.tables, registers_of(block.len()), &mut work.near);
            if let Some(derivatives) = derivatives {
                derivatives.of_pairs.in_columns(near, &mut work.matrix);
            }
            let mut lane = usize::MAX;
            for chunk in &mut chunks {
                if chunk.lane != lane {
                    lane = chunk.lane;
                    work.take_columns(lane, complex);
                }
                self.add_kind(kind, near, &at, chunk, part, n_parameters, &mut work);
                rest().await;
            }
        }
        if let Some(derivatives) = derivatives {
            for chunk in &mut chunks {
                for (e, jacobian) in derivatives.basis.iter().zip(&at.u.jacobian) {
                    let mut slope = [0.0; LANES];
                    for (kind, own) in self.kinds.iter().zip(&chunk.by_kind) {
                        let w = quadratic(&((e[kind.s] + e[kind.s2]) * -0.5), &chunk.q);
                        add_product(&mut slope, own, &w);
                    }
                    for (row, j) in chunk.rows.iter_mut().zip(jacobian) {
                        add_scaled(row, *j, &slope);
                    }
                }
            }
        }
        let mut out = Vec::new();
        for chunk in &chunks {
            for l in 0..chunk.members.len() {
                out.push(chunk.rows[n_parameters][l]);
                out.extend(chunk.rows[..n_parameters].iter().map(|row| row[l]));
            }
        }
        out
    }

    /// Prefactor of a kind at the points of a chunk.
    pub(super) fn prefactor_of_chunk(kind: &Kind, at: &SharedAt<'_>, chunk: &Chunk<'_>) -> (Lanes, Lanes) {
        let n_atoms = at.u.tensors.len();
        let factors = [kind.s, kind.s2].map(|s| {
            let of = |l: usize| {
                let index = chunk.members[l.min(chunk.members.len() - 1)].index;
                let (re, im) = &at.points.factors[index / LANES * n_atoms + s];
                (re[index % LANES], im[index % LANES])
            };
            (std::array::from_fn(|l| of(l).0), std::array::from_fn(|l| of(l).1))
        });
        Self::prefactor(kind, &chunk.q, [&factors[0], &factors[1]], at.u)
    }

    /// Adds what a kind contributes to the points of a chunk.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn add_kind(
        &self,
        kind: &Kind,
        near: &[usize],
        at: &SharedAt<'_>,
        chunk: &mut Chunk<'_>,
        part: Part,
        n_parameters: usize,
        work: &mut Work,
    ) {
        let (p_re, p_im) = Self::prefactor_of_chunk(kind, at, chunk);
        at.shared.polynomials.at(&chunk.products, chunk.registers, &mut work.monomials);
        let Work { near: phases, columns, monomials, slopes, sums, matrix, .. } = work;
        let complex = kind.s != kind.s2;
        for (sum, column) in sums.iter_mut().zip(columns.iter()).take(1 + usize::from(complex)) {
            sum.clear();
            sum.resize(stride_of(n_parameters), [0.0; LANES]);
            if n_parameters == 0 {
                for (x, m) in column.iter().zip(&monomials[6..]) {
                    let x = same(*x);
                    for i in 0..chunk.registers {
                        let value = sum[0].register(i) + x * m.register(i);
                        sum[0].set_register(i, value);
                    }
                }
            } else {
                let rows = sum.len();
                accumulate(sum, Strided::columns(column, rows), &monomials[6..], chunk.registers);
            }
        }
        let mut own = [0.0; LANES];
        self.near(near, phases, at, chunk, part, [&p_re, &p_im], &mut own, slopes);
        for (at, row) in chunk.rows[..=n_parameters].iter_mut().enumerate() {
            for i in 0..chunk.registers {
                let mut value = p_re.register(i) * sums[0][at].register(i);
                if complex {
                    value -= p_im.register(i) * sums[1][at].register(i);
                }
                if at == n_parameters {
                    own.set_register(i, own.register(i) + value);
                    value = own.register(i);
                }
                row.set_register(i, row.register(i) + value);
            }
        }
        chunk.by_kind.push(own);
        if n_parameters == 0 {
            return;
        }
        let [products, _] = sums;
        products.clear();
        products.resize(6 * n_parameters, [0.0; LANES]);
        accumulate(products, Strided::columns(matrix, 6 * n_parameters), slopes, chunk.registers);
        for (p, row) in chunk.rows[..n_parameters].iter_mut().enumerate() {
            for (product, qq) in products[6 * p..].iter().zip(&chunk.products) {
                for i in 0..chunk.registers {
                    row.set_register(i, row.register(i) + product.register(i) * qq.register(i));
                }
            }
        }
    }

    /// Adds what the nearest pairs of a kind contribute to the points of a chunk, and leaves ∂I/∂x of each in `slopes`.
    #[allow(clippy::too_many_arguments)]
    fn near(
        &self,
        near: &[usize],
        phases: &[Vec<Lanes>; 2],
        at: &SharedAt<'_>,
        chunk: &Chunk<'_>,
        part: Part,
        prefactor: [&Lanes; 2],
        own: &mut Lanes,
        slopes: &mut Vec<Lanes>,
    ) {
        slopes.resize(near.len(), [0.0; LANES]);
        let q2 = |l: usize| (0..3).map(|a| chunk.q[a][l] * chunk.q[a][l]).sum::<f64>();
        let largest = (0..chunk.members.len()).map(q2).fold(0.0, f64::max);
        for (j, (&pair, slope)) in near.iter().zip(slopes).enumerate() {
            let nearest = Near {
                c: &at.state.c[pair],
                products: &chunk.products,
                registers: chunk.registers,
                phase: [same(phases[0][j][chunk.lane]), same(phases[1][j][chunk.lane])],
                prefactor,
            };
            match part {
                Part::TwoPhonon => nearest.add(half_square, own, slope),
                Part::Higher if largest * at.state.size[pair] < 0.79 => nearest.add(long, own, slope),
                Part::Higher => nearest.add(by_exponential, own, slope),
            }
        }
    }
}

impl Work {
    /// Takes the coefficients at the q in `lane` out of their blocks.
    pub(super) fn take_columns(&mut self, lane: usize, complex: bool) {
        for (column, rows) in self.columns.iter_mut().zip(&self.tensors).take(1 + usize::from(complex)) {
            column.clear();
            column.extend(rows.iter().map(|row| row[lane]));
        }
    }
}

/// One of the nearest pairs at a chunk of points.
struct Near<'a> {
    c: &'a Packed,
    products: &'a [Lanes; 6],
    registers: usize,
    /// Weight times cos and sin of q·R.
    phase: [Register; 2],
    prefactor: [&'a Lanes; 2],
}

impl Near<'_> {
    #[inline(always)]
    fn add(&self, f: impl Fn(Register) -> Register, own: &mut Lanes, slope: &mut Lanes) {
        let [cos, sin] = self.phase;
        let [re, im] = self.prefactor;
        for i in 0..self.registers {
            let x = form(self.c, self.products, i);
            let higher = f(x);
            let phase = re.register(i) * cos - im.register(i) * sin;
            own.set_register(i, own.register(i) + phase * higher);
            slope.set_register(i, phase * (higher + x));
        }
    }
}
