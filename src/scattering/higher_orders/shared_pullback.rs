//! Reverse mode of the sum at the wave vectors that points share: points go to the coefficients at each q, these to C(R).

use super::polynomials::{HIGHEST, TOTAL, WIDTH, monomials, start};
use super::product::sum;
use super::shared::Group;
use super::shared_sums::{STRETCH, SharedAt, Work, quadratic_form, registers_of};
use super::{HigherOrders, Kind, Part};
use crate::base::parallel::rest;
use crate::lanes::{LANES, Lanes, Packed, multiply};

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
            self.phases(near, &work.tables, &mut work.near);
            // ∂L/∂(coefficients at each q).
            let mut bars = [vec![[0.0; LANES]; TOTAL], vec![[0.0; LANES]; TOTAL]];
            let mut lane = usize::MAX;
            for chunk in &mut chunks {
                if chunk.lane != lane {
                    lane = chunk.lane;
                    work.take_columns(lane, 1, HIGHEST, complex);
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
        let cuts = &at.state.cuts;
        let first = self.within(kind, cuts.exact);
        let complex = kind.s != kind.s2;
        let (mut powers, mut slopes) = ([0.0; WIDTH], [0.0; TOTAL]);
        for stretch in kind.by_distance[first..].chunks(STRETCH) {
            self.phases(stretch, &work.tables, &mut work.far);
            for (j, &pair) in stretch.iter().enumerate() {
                let distance = self.correlations.pairs[pair].vector.norm();
                let highest = (3..=HIGHEST).rev().find(|&n| distance <= cuts.power[n]).unwrap_or(2);
                for (place, slope) in slopes[..start(highest + 1)].iter_mut().enumerate() {
                    *slope = sum(&work.far[0][j], &bars[0][place], registers_of(lanes));
                    if complex {
                        *slope += sum(&work.far[1][j], &bars[1][place], registers_of(lanes));
                    }
                }
                at.shared.polynomials.powers(&quadratic_form(&at.state.c[pair]), highest, &mut powers);
                for n in 2..=highest {
                    let below = 6 + start(n);
                    let lower = &powers[below - monomials(n - 1)..below];
                    at.shared.polynomials.pullback(n, &slopes[start(n)..start(n + 1)], lower, &mut k[pair]);
                }
            }
            rest().await;
        }
    }
}
