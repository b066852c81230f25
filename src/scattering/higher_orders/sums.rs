//! The sum at all points, in pieces. A package without the direct sum has all points share ([`HigherOrders::meeting`]).

use std::ops::Range;

use nalgebra::Matrix3;

use super::shared::{Group, SharedPoints};
use super::shared_sums::{Derivatives, SharedAt};
use super::{At, HigherJacobian, HigherOrders, Part};
use crate::base::parallel::{Piece, Pool};
use crate::lanes::{LANES, Lanes, Packed};

impl HigherOrders {
    /// Intensities of some blocks.
    pub async fn intensities(&self, pool: &Pool, at: At<'_>, blocks: Range<usize>, part: Part) -> Vec<Lanes> {
        if blocks.is_empty() {
            return vec![];
        }
        if let Some(shared) = &self.shared {
            let first = blocks.start * LANES;
            let at = shared.at(at, &(first..blocks.end * LANES));
            let mut values = vec![[0.0; LANES]; blocks.len()];
            let mut take = |index: usize, value: &[f64]| {
                values[(index - first) / LANES][index % LANES] = value[0];
            };
            let blocks = &at.shared.blocks(&at.wanted());
            self.shared_rows(pool, at, blocks, part, None, &mut take).await;
            return values;
        }
        #[cfg(not(feature = "sampled"))]
        return vec![];
        #[cfg(feature = "sampled")]
        self.each_by_itself(pool, at, blocks, part).await
    }

    /// Intensities of share `i` of `n`, so that several engines can make them, in the order of [`Self::order`].
    pub async fn intensities_of_share(&self, pool: &Pool, at: At<'_>, share: (usize, usize)) -> Vec<f64> {
        let n = at.points.n;
        if let Some(shared) = &self.shared {
            let (groups, members) = shared.share(share);
            let mut values = Vec::with_capacity(members.len());
            let mut take = |_: usize, value: &[f64]| values.push(value[0]);
            let blocks = SharedPoints::in_blocks(groups.iter().collect());
            self.shared_rows(pool, shared.at(at, &(0..n)), &blocks, Part::Higher, None, &mut take).await;
            return values;
        }
        let range = self.share(share, n);
        let blocks = range.start / LANES..range.end.div_ceil(LANES);
        let mut values = self.intensities(pool, at, blocks, Part::Higher).await.into_flattened();
        values.truncate(range.len());
        values
    }

    /// The part of [`Self::order`] that is share `i` of `n`, of so many points.
    pub fn share(&self, (i, n): (usize, usize), n_points: usize) -> Range<usize> {
        match &self.shared {
            Some(shared) => shared.share((i, n)).1,
            None => {
                let cut = |k: usize| (k * n_points.div_ceil(LANES) / n * LANES).min(n_points);
                cut(i)..cut(i + 1)
            }
        }
    }

    /// The numbers of so many points in the order in which shares have them, one share after the other.
    pub fn order(&self, n_points: usize) -> Vec<usize> {
        match &self.shared {
            Some(shared) => shared.members.iter().map(|member| member.index).collect(),
            None => (0..n_points).collect(),
        }
    }

    /// Intensity at one point, by its number.
    pub async fn intensity_at(&self, at: At<'_>, index: usize, part: Part) -> f64 {
        if let Some(shared) = &self.shared {
            let wanted = index..index + 1;
            let holds = |group: &&Group| !shared.of(group, &wanted).is_empty();
            let Some(group) = shared.groups.iter().find(holds) else { return 0.0 };
            return self.shared_block(shared.at(at, &wanted), &[group], part, None).await.iter().sum();
        }
        #[cfg(not(feature = "sampled"))]
        return 0.0;
        #[cfg(feature = "sampled")]
        self.value_of(at, index, part)
    }

    /// ∂I/∂θ of the first `n_blocks` blocks, everything included; `basis` of the mean-square tensors.
    pub async fn jacobian(
        &self,
        pool: &Pool,
        at: At<'_>,
        n_blocks: usize,
        basis: &[Vec<Matrix3<f64>>],
    ) -> HigherJacobian {
        let derivatives = &self.correlation_derivatives(pool, at.state, basis, at.u).await;
        let n_parameters = derivatives.n_parameters();
        if let Some(shared) = &self.shared {
            let at = shared.at(at, &(0..n_blocks * LANES));
            let derivatives = Derivatives { of_pairs: derivatives, basis, n_parameters };
            let mut rows = vec![[0.0; LANES]; n_parameters * n_blocks];
            let mut take = |index: usize, values: &[f64]| {
                let block = &mut rows[index / LANES * n_parameters..];
                block.iter_mut().zip(&values[1..]).for_each(|(row, value)| row[index % LANES] = *value);
            };
            let blocks = &at.shared.blocks(&at.wanted());
            self.shared_rows(pool, at, blocks, Part::Higher, Some(derivatives), &mut take).await;
            return HigherJacobian { rows, n_parameters };
        }
        #[cfg(not(feature = "sampled"))]
        return HigherJacobian::default();
        #[cfg(feature = "sampled")]
        self.rows_of_each(pool, at, n_blocks, basis, derivatives).await
    }

    /// Adjoints of C(R) of every pair and of U of every atom, for Σ_Q `weights[Q]` I(Q).
    pub async fn pullback(&self, pool: &Pool, at: At<'_>, weights: &[f64]) -> (Vec<Packed>, Vec<Packed>) {
        let none = || (vec![[0.0; 6]; self.n_pairs()], vec![[0.0; 6]; at.u.tensors.len()]);
        let parts = if let Some(shared) = &self.shared {
            let at = shared.at(at, &(0..weights.len()));
            let blocks = &shared.blocks(&at.wanted());
            let work = |range: Range<usize>| -> Piece<'_, (Vec<Packed>, Vec<Packed>)> {
                Box::pin(async move {
                    let (mut k, mut u_bar) = none();
                    for block in &blocks[range] {
                        self.shared_pullback(at, block, weights, &mut k, &mut u_bar).await;
                    }
                    (k, u_bar)
                })
            };
            pool.stretches(blocks.len(), self.cost_of_blocks(blocks, shared, 1), &work).await
        } else {
            #[cfg(not(feature = "sampled"))]
            {
                vec![]
            }
            #[cfg(feature = "sampled")]
            self.pull_each(pool, at, weights).await
        };
        let (mut k, mut u_bar) = none();
        for (more_k, more_u) in parts {
            for (a, b) in k.iter_mut().chain(&mut u_bar).zip(more_k.iter().chain(&more_u)) {
                a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            }
        }
        (k, u_bar)
    }

    /// Floating-point operations of all intensities of so many points, with the correlations before them, roughly.
    pub fn cost(&self, n_points: usize) -> f64 {
        let points = n_points as f64;
        let sums = match &self.shared {
            Some(shared) => self.cost_of_shared(shared.groups.len() as f64, points, 0),
            None => 30.0 * points * self.n_pairs() as f64,
        };
        self.correlations.cost() + sums
    }

    /// Mean floating-point operations of a block of groups.
    fn cost_of_blocks(&self, blocks: &[Vec<&Group>], shared: &SharedPoints, n_parameters: usize) -> f64 {
        let n = blocks.len() as f64;
        let (groups, points) = (shared.groups.len() as f64, shared.members.len() as f64);
        self.cost_of_shared(groups / n, points / n, n_parameters)
    }

    /// Has `take` see the number of each point, its intensity and derivatives.
    async fn shared_rows(
        &self,
        pool: &Pool,
        at: SharedAt<'_>,
        blocks: &[Vec<&Group>],
        part: Part,
        derivatives: Option<Derivatives<'_>>,
        take: &mut dyn FnMut(usize, &[f64]),
    ) {
        let wanted = &at.wanted();
        let work = |range: Range<usize>| -> Piece<'_, Vec<f64>> {
            Box::pin(async move {
                let mut rows = Vec::new();
                for block in &blocks[range] {
                    rows.extend(self.shared_block(at, block, part, derivatives).await);
                }
                rows
            })
        };
        let n_parameters = derivatives.map_or(0, |d| d.n_parameters);
        let cost = self.cost_of_blocks(blocks, at.shared, n_parameters);
        let parts = pool.stretches(blocks.len(), cost, &work).await;
        let members = blocks.iter().flatten().flat_map(|group| at.shared.of(group, wanted));
        let rows = parts.iter().flat_map(|part| part.chunks_exact(1 + n_parameters));
        members.zip(rows).for_each(|(member, row)| take(member.index, row));
    }
}
