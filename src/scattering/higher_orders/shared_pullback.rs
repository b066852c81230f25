//! Reverse mode of the sum at the wave vectors that points share: points go to the coefficients at each q, these to C(R).

use super::polynomials::{HIGHEST, TOTAL, monomials, start};
use super::product::{Strided, accumulate, sum};
use super::shared::Group;
use super::shared_sums::{SharedAt, Work, registers_of};
use super::{HigherOrders, Kind, Part};
use crate::base::parallel::rest;
use crate::lanes::{LANES, Lanes, Packed, clear, multiply};

impl HigherOrders {
    /// Adds Σ `weights` ∂I over the points of a block to the adjoints of C(R), `k[pair]`, and of U, `u_bar[s]`.
    pub(super) async fn shared_pullback(
        &self,
        at: SharedAt<'_>,
        block: &[&Group],
        weights: &[f64],
        k: &mut [Packed],
        u_bar: &mut [Packed],
    ) {
        let mut work = Work::default();
        let mut chunks = Self::chunks(&at, block, 1);
        self.fill_tables(block, &mut work.tables);
        for (number, kind) in self.kinds.iter().enumerate() {
            let complex = kind.s != kind.s2;
            self.tensors(kind, &at, block.len(), None, 1, HIGHEST, &mut work).await;
            let near = &kind.by_distance[..self.within(kind, at.state.cuts.exact)];
            self.phases(near, &work.tables, registers_of(block.len()), &mut work.near);
            // ∂L/∂(coefficients at each q).
            let mut bars = [vec![[0.0; LANES]; TOTAL], vec![[0.0; LANES]; TOTAL]];
            let mut lane = usize::MAX;
            for chunk in &mut chunks {
                if chunk.lane != lane {
                    lane = chunk.lane;
                    work.take_columns(lane, complex);
                }
                self.add_kind(kind, near, &at, chunk, Part::Higher, 0, &mut work);
                let mut weight = [0.0; LANES];
                for (weight, member) in weight.iter_mut().zip(chunk.members) {
                    *weight = weights[member.index];
                }
                let weighted = chunk.products.map(|mut qq| {
                    multiply(&mut qq, &weight);
                    qq
                });
                for (slope, &pair) in work.slopes.iter().zip(near) {
                    for (k, qq) in k[pair].iter_mut().zip(&weighted) {
                        *k += sum(slope, qq, chunk.registers);
                    }
                }
                for (e, qq) in weighted.iter().enumerate() {
                    let share = -0.5 * sum(&chunk.by_kind[number], qq, chunk.registers);
                    u_bar[kind.s][e] += share;
                    u_bar[kind.s2][e] += share;
                }
                let (mut p_re, mut p_im) = Self::prefactor_of_chunk(kind, &at, chunk);
                multiply(&mut p_re, &weight);
                multiply(&mut p_im, &weight);
                for (place, monomial) in work.monomials[6..].iter().enumerate() {
                    bars[0][place][lane] += sum(&p_re, monomial, chunk.registers);
                    if complex {
                        bars[1][place][lane] -= sum(&p_im, monomial, chunk.registers);
                    }
                }
                rest().await;
            }
            self.pull_far(kind, &at, block.len(), &bars, k, &mut work).await;
        }
    }

    /// From the coefficients at each q to C(R) of far pairs.
    async fn pull_far(
        &self,
        kind: &Kind,
        at: &SharedAt<'_>,
        lanes: usize,
        bars: &[Vec<Lanes>; 2],
        k: &mut [Packed],
        work: &mut Work,
    ) {
        let parts = if kind.s == kind.s2 { 1 } else { 2 };
        let mut slopes = vec![[0.0; LANES]; TOTAL];
        // Phases with a pair in each lane.
        let mut turned = vec![[0.0; LANES]; lanes];
        for (stretch, top) in self.stretches(kind, &at.state.cuts) {
            self.phases(stretch, &work.tables, registers_of(lanes), &mut work.far);
            let slopes = &mut slopes[..start(top + 1)];
            slopes.iter_mut().for_each(clear);
            for (phases, bars) in work.far.iter().zip(bars).take(parts) {
                for (pair, phases) in phases.iter().enumerate() {
                    turned.iter_mut().zip(phases).for_each(|(row, phase)| row[pair] = *phase);
                }
                accumulate(slopes, Strided::rows(bars), &turned, registers_of(stretch.len()));
            }
            at.shared.polynomials.powers(&Self::forms(stretch, at.state), top, &mut work.powers);
            let mut sums = [[0.0; LANES]; 6];
            for n in 2..=top {
                let below = 6 + start(n);
                let lower = &work.powers[below - monomials(n - 1)..below];
                at.shared.polynomials.pullback(n, &slopes[start(n)..], lower, &mut sums);
            }
            for (lane, &pair) in stretch.iter().enumerate() {
                k[pair].iter_mut().zip(&sums).for_each(|(k, sum)| *k += sum[lane]);
            }
            rest().await;
        }
    }
}
