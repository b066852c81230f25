//! What the data say of the parameters, datum by datum, and what a model at hand is worth.

use std::ops::Range;

use nalgebra::{DMatrix, DVector};

use super::measurement::{Nuisances, Place};
use super::normal_equations::Evaluation;
use super::optimizers::levenberg_marquardt::guarded_step;
use super::pass::{Pass, Source, Weighting};
use super::problem::Problem;
use super::sharing::improve;
use super::term::{DataTerm, Likelihood};
use crate::base::parallel::{Pool, together};
use crate::lanes::{LANES, Lanes, add_scaled};
use crate::scattering::{HigherJacobian, ModelState, Workspace};

/// Intensity and its derivatives along some directions at points, one after the other.
type Along = Vec<f64>;

/// The derivatives of one data set's model along directions.
struct Pencil<'a> {
    term: &'a DataTerm,
    state: &'a ModelState,
    higher: &'a [Lanes],
    /// Columns of the pixel sums ← directions.
    wanted: &'a DMatrix<f64>,
    jacobian: &'a HigherJacobian,
}

impl Pencil<'_> {
    /// Over blocks, by their numbers.
    fn blocks(&self, blocks: &[usize]) -> Option<Along> {
        let n_rows = self.term.columns().intensity;
        let mut rows = vec![[0.0; LANES]; n_rows];
        let (mut work, mut intensity) = (Workspace::default(), [0.0; LANES]);
        let mut out = Vec::with_capacity(blocks.len() * LANES * (1 + self.wanted.ncols()));
        for &b in blocks {
            let one = self.term.model.one_phonon();
            if !one.block(b, self.state, &mut work, &mut intensity, Some(&mut rows)) {
                return None;
            }
            if let Some(more) = self.higher.get(b) {
                add_scaled(&mut intensity, 1.0, more);
                for (row, more) in rows.iter_mut().zip(self.jacobian.block(b)) {
                    add_scaled(row, 1.0, more);
                }
            }
            let sums: Vec<Lanes> = (0..self.wanted.ncols())
                .map(|k| {
                    let mut sum = [0.0; LANES];
                    for (r, row) in rows.iter().enumerate() {
                        add_scaled(&mut sum, self.wanted[(r, k)], row);
                    }
                    sum
                })
                .collect();
            for lane in 0..LANES {
                out.push(intensity[lane]);
                out.extend(sums.iter().map(|sum| sum[lane]));
            }
        }
        Some(out)
    }
}

impl Problem {
    /// How the model of data set `t` changes at rows (given by their points, and places where the measurement has
    /// effects) along each column of `directions`, which are over the free parameters: row by row, per unit of a
    /// direction. NaN where a row takes no part in the fit; `None` where the crystal is not stable.
    pub async fn along(
        &self,
        pool: &Pool,
        at: &Evaluation,
        t: usize,
        (point, places): (&[Option<usize>], &[Place]),
        directions: &DMatrix<f64>,
    ) -> Option<Vec<f64>> {
        let (term, nuisances) = (&self.terms[t], &at.nuisances[t]);
        let (state, higher) = (&at.standing.states[t], at.standing.higher[t].as_slice());
        let wanted = self.chain(t, state, nuisances, at.tangent()) * directions;
        let jacobian = &at.linearisation.jacobians[t];
        let pencil = Pencil { term, state, higher, wanted: &wanted, jacobian };
        // Only those that hold a point that is asked for.
        let mut wanting = vec![false; term.n_blocks()];
        let used = |p: &usize| *p < term.n_used();
        point.iter().flatten().filter(|p| used(p)).for_each(|p| wanting[p / LANES] = true);
        let blocks: Vec<usize> = (0..wanting.len()).filter(|b| wanting[*b]).collect();
        let mut place = vec![0; wanting.len()];
        blocks.iter().enumerate().for_each(|(i, b)| place[*b] = i);
        let work = |range: Range<usize>| pencil.blocks(&blocks[range]);
        let mut all: Along = Vec::new();
        let cost = term.model.one_phonon().cost_of_block(true);
        for part in pool.ranges(blocks.len(), cost, &work).await {
            all.extend(part?);
        }
        let k = directions.ncols();
        let first = term.columns().intensity;
        let slopes = self.slopes(at, t);
        let one = |row: usize, columns: &mut [f64], out: &mut Vec<f64>| {
            let known = point[row].filter(used);
            let at = |p: usize| (place[p / LANES] * LANES + p % LANES) * (k + 1);
            let Some((p, here)) = known.and_then(|p| Some((p, all.get(at(p)..at(p) + k + 1)?))) else {
                out.extend(std::iter::repeat_n(f64::NAN, k));
                return;
            };
            let slope = slopes.get(p).copied().unwrap_or_default();
            let link = term.measurement.link(p, places.get(row), here[0], &slope, nuisances, columns);
            out.extend((0..k).map(|k| {
                let own = columns.iter().enumerate().map(|(j, c)| c * wanted[(first + j, k)]).sum::<f64>();
                link.factor * here[1 + k] + own
            }));
        };
        let part = |rows: Range<usize>| {
            let mut columns = vec![0.0; term.measurement.n_columns()];
            let mut out = Vec::with_capacity(rows.len() * k);
            rows.for_each(|row| one(row, &mut columns, &mut out));
            out
        };
        Some(together(point.len(), 0.2, part).await)
    }

    /// The nuisances of `at` with those that are held: of each data set, the scale, backgrounds and effects that stay at a
    /// number, in this order.
    pub fn holding(&self, at: &Evaluation, held: &[Vec<Option<f64>>]) -> Vec<Nuisances> {
        let mut all = at.nuisances.clone();
        for (owner, held) in held.iter().enumerate().take(all.len()) {
            all[owner].all_mut().zip(held).for_each(|(value, held)| *value = held.unwrap_or(*value));
            for t in self.sharers(owner) {
                all[t] = all[owner].clone();
            }
        }
        all
    }

    /// χ² of intensities at the points of each data set, with the nuisances: those of `from`, where the likelihood is
    /// Gaussian at their best but for the `held` ones. `None` where a factor or the mean of a count is not positive.
    pub async fn misfit_of(
        &self,
        pool: &Pool,
        at: &Evaluation,
        intensities: &[Vec<f64>],
        from: &[Nuisances],
        held: &[Vec<Option<f64>>],
    ) -> Option<(f64, Vec<Nuisances>)> {
        let mut all = from.to_vec();
        let mut chi2 = 0.0;
        for owner in self.owners() {
            let sharers = self.sharers(owner);
            let mut sums = Vec::with_capacity(sharers.len());
            for &t in &sharers {
                let pass = Pass {
                    source: Source::Known(&intensities[t]),
                    nuisances: &all[t],
                    slopes: self.slopes(at, t),
                    included: &[],
                    likelihood: self.likelihood,
                    weighting: Weighting::Information,
                };
                sums.push(self.terms[t].gram(pool, &pass).await?);
            }
            if self.likelihood == Likelihood::Gaussian {
                let terms: Vec<&DataTerm> = sharers.iter().map(|&t| &self.terms[t]).collect();
                let mut best = all[owner].clone();
                // The scale is no parameter where the job holds it.
                let first = usize::from(!terms[0].measurement.free_scale());
                let held = held.get(owner).map_or(&[][..], Vec::as_slice);
                let stays = (first..held.len()).filter(|k| held[*k].is_some()).map(|k| k - first);
                let mut grams: Vec<_> = sums.iter_mut().map(|sums| &mut sums.gram).collect();
                improve(&terms, &mut grams, &mut best, &stays.collect::<Vec<_>>());
                sharers.iter().for_each(|&t| all[t].clone_from(&best));
            }
            for (&t, sums) in sharers.iter().zip(&sums) {
                let residual = self.terms[t].columns().residual;
                chi2 += sums.gram[(residual, residual)] + sums.scatter;
            }
        }
        Some((chi2, all))
    }

    /// The whole Gauss–Newton step at a point, over θ and the nuisances: where the gradient and the curvature put the
    /// optimum. What the data leave open does not move.
    pub fn promised_step(&self, at: &Evaluation) -> Option<DVector<f64>> {
        guarded_step(self, at, 0.0).map(|step| step.delta)
    }
}
