//! Passes over the pixels of a data set: sums of products of what the model and its nuisances say of each.

use std::ops::Range;

use nalgebra::DMatrix;

use super::gram::Gram;
use super::likelihood::Datum;
use super::measurement::Nuisances;
use super::several::Several;
use super::standing::Standing;
use super::term::{Columns, DataTerm, Likelihood};
use crate::base::parallel::Pool;
use crate::lanes::{LANES, Lanes, add_scaled, multiply};
use crate::scattering::{HigherJacobian, ModelState, Slope, Workspace};

/// Where the intensities of a pass come from.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// With their derivatives; `higher`: values and derivatives of the higher orders, block by block.
    Model { state: &'a ModelState, higher: Option<(&'a [Lanes], &'a HigherJacobian)> },
    /// They are given, point by point: derivatives are zero.
    Known(&'a [f64]),
}

impl<'a> Source<'a> {
    /// One-phonon intensities of a state.
    pub fn of(state: &'a ModelState) -> Self {
        Source::Model { state, higher: None }
    }
}

impl Standing {
    /// All orders of data set `t`, with derivatives of the higher ones.
    pub(super) fn source<'a>(&'a self, t: usize, jacobian: &'a HigherJacobian) -> Source<'a> {
        let higher = &self.higher[t];
        let higher = (!higher.is_empty()).then_some((higher.as_slice(), jacobian));
        Source::Model { state: &self.states[t], higher }
    }
}

/// What a pass over the pixels sums.
#[derive(Clone, Copy)]
pub(super) struct Pass<'a> {
    pub source: Source<'a>,
    pub nuisances: &'a Nuisances,
    pub slopes: &'a [Slope],
    /// Whether each point takes part; empty for all.
    pub included: &'a [bool],
    pub likelihood: Likelihood,
    pub weighting: Weighting,
}

/// What the outer products of a pass are weighted with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Weighting {
    /// Information: one over the variance.
    Information,
    /// The same, where only the misfit is wanted.
    Misfit,
    /// Squared residuals of data of weight one: the variance of the score as it is seen.
    Residuals,
}

/// Sums over pixels at one θ.
pub(super) struct Sums {
    /// Gram matrix of the weighted columns.
    pub gram: DMatrix<f64>,
    pub deviance: f64,
    /// Part of χ² that no model changes: differences between equivalent pixels.
    pub scatter: f64,
    /// Intensity at every used point, in a model with higher orders.
    pub intensity: Vec<f64>,
}

/// Sums over some blocks.
struct Part {
    gram: Vec<f64>,
    rest: Vec<f64>,
    sums: [f64; 2],
    intensities: Vec<f64>,
}

/// Intensities of a block of points, of which the first `used` are points of the data.
struct Block<'a> {
    b: usize,
    used: usize,
    intensity: &'a Lanes,
}

/// What the data of a pass weigh, beside their columns.
struct Weighing {
    deviance: f64,
    scatter: f64,
    several: Several,
    /// Memory for the columns of a datum.
    own: Vec<f64>,
}

impl Weighing {
    fn new(n: usize) -> Self {
        Weighing { deviance: 0.0, scatter: 0.0, several: Several::new(n), own: vec![0.0; n] }
    }

    /// The weight of a datum, which is counted.
    #[inline(always)]
    fn weight(
        &mut self,
        datum: &Datum,
        model: f64,
        likelihood: Likelihood,
        weighting: Weighting,
    ) -> Option<f64> {
        if likelihood != Likelihood::Gaussian {
            self.deviance += datum.deviance(model, likelihood);
        }
        self.scatter += datum.scatter(model, likelihood);
        match weighting {
            Weighting::Information | Weighting::Misfit => datum.weight(model, likelihood),
            Weighting::Residuals => Some(datum.squares(model, likelihood)),
        }
    }
}

impl Columns {
    /// The first that a pass fills: intensities that are given have no derivatives.
    fn first(&self, source: &Source) -> usize {
        if matches!(source, Source::Known(_)) { self.intensity } else { 0 }
    }
}

impl DataTerm {
    /// Sums over blocks `range`; `None` when Φ is not positive definite at a pixel, a factor or a Poisson
    /// mean is not positive.
    fn accumulate(&self, blocks: Range<usize>, pass: &Pass) -> Option<Part> {
        let c = self.columns();
        let n_rows = c.intensity - c.first(&pass.source);
        let mut gram = Gram::new(n_rows + c.n - c.intensity);
        let mut columns: Vec<Lanes> = vec![[0.0; LANES]; gram.n_columns()];
        let mut work = Workspace::default();
        let mut intensity = [0.0; LANES];
        // Only the gradient of the higher orders needs them.
        let keeps_intensities = matches!(pass.source, Source::Model { higher: Some(_), .. });
        let mut intensities = Vec::with_capacity(if keeps_intensities { blocks.len() * LANES } else { 0 });
        let mut weighing = Weighing::new(c.n - c.intensity);
        for b in blocks {
            let (rows, others) = columns[..n_rows + c.n - c.intensity].split_at_mut(n_rows);
            match pass.source {
                Source::Known(values) => {
                    let values = values.get(b * LANES..)?;
                    let n = values.len().min(LANES);
                    intensity[..n].copy_from_slice(&values[..n]);
                }
                Source::Model { state, higher } => {
                    if !self.model.one_phonon().block(b, state, &mut work, &mut intensity, Some(rows)) {
                        return None;
                    }
                    if let Some((values, jacobian)) = higher {
                        add_scaled(&mut intensity, 1.0, &values[b]);
                        for (row, more) in rows.iter_mut().zip(jacobian.block(b)) {
                            add_scaled(row, 1.0, more);
                        }
                    }
                }
            }
            let used = (self.n_used() - b * LANES).min(LANES);
            if keeps_intensities {
                intensities.extend_from_slice(&intensity[..used]);
            }
            let block = Block { b, used, intensity: &intensity };
            let [root, root_of_rows] = if self.first.is_empty() && self.places.is_empty() {
                self.weigh_block(&block, pass, others, &mut weighing)?
            } else {
                self.weigh_points(&block, pass, others, &mut weighing)?
            };
            rows.iter_mut().for_each(|column| multiply(column, &root_of_rows));
            others.iter_mut().for_each(|column| multiply(column, &root));
            if used < LANES {
                // Lanes past the end may hold anything, including NaN.
                rows.iter_mut().chain(others).for_each(|column| column[used..].fill(0.0));
            }
            gram.add(&columns);
        }
        let Weighing { deviance, scatter, several, .. } = weighing;
        Some(Part { gram: gram.values(), rest: several.rest, sums: [deviance, scatter], intensities })
    }

    /// Columns of a block whose points have one datum each and no places, with the roots of the weights.
    fn weigh_block(
        &self,
        &Block { b, used, intensity }: &Block,
        pass: &Pass,
        columns: &mut [Lanes],
        sums: &mut Weighing,
    ) -> Option<[Lanes; 2]> {
        let Pass { likelihood, .. } = *pass;
        let (residual, own) = columns.split_last_mut()?;
        let link = self.measurement.link_block(b, intensity, pass.nuisances, own);
        let mut root = [0.0; LANES];
        let data = &self.data[b * LANES..b * LANES + used];
        for (lane, datum) in data.iter().enumerate() {
            if pass.included.get(b * LANES + lane) == Some(&false) {
                continue;
            }
            let (model, factor) = (link.model[lane], link.factor[lane]);
            if factor.is_nan() || factor <= 0.0 {
                return None;
            }
            residual[lane] = datum.value - model;
            root[lane] = sums.weight(datum, model, likelihood, pass.weighting)?.sqrt();
        }
        let mut root_of_rows = root;
        multiply(&mut root_of_rows, &link.factor);
        Some([root, root_of_rows])
    }

    /// The same where points have several data, or data that differ by their places.
    fn weigh_points(
        &self,
        &Block { b, used, intensity }: &Block,
        pass: &Pass,
        columns: &mut [Lanes],
        sums: &mut Weighing,
    ) -> Option<[Lanes; 2]> {
        let Pass { nuisances, likelihood, .. } = *pass;
        let n = columns.len();
        let (mut root, mut root_of_rows) = ([0.0; LANES], [0.0; LANES]);
        let mut own = std::mem::take(&mut sums.own);
        for lane in 0..used {
            let point = b * LANES + lane;
            if pass.included.get(point) == Some(&false) {
                columns.iter_mut().for_each(|column| column[lane] = 0.0);
                continue;
            }
            let entries = self.entries(point);
            let is_one = entries.len() == 1;
            sums.several.begin();
            self.measurement.shapes(point, &mut own);
            for entry in entries {
                let datum = &self.data[entry];
                let (values, residual) = own.split_at_mut(n - 1);
                let link = self.join(point, entry, intensity[lane], pass.slopes, nuisances, values);
                if link.factor.is_nan() || link.factor <= 0.0 {
                    return None;
                }
                residual[0] = datum.value - link.model;
                let weight = sums.weight(datum, link.model, likelihood, pass.weighting)?;
                if is_one {
                    root[lane] = weight.sqrt();
                    root_of_rows[lane] = root[lane] * link.factor;
                } else {
                    sums.several.add(weight, link.factor, &own);
                }
            }
            if !is_one {
                root[lane] = 1.0;
                root_of_rows[lane] = sums.several.end(&mut own);
            }
            for (column, value) in columns.iter_mut().zip(&own) {
                column[lane] = *value;
            }
        }
        sums.own = own;
        Some([root, root_of_rows])
    }

    /// One pass over all used points in this thread, as one worker of the page makes it: intensity,
    /// derivatives and the sums of their products. For benchmarks.
    pub fn sums(
        &self,
        state: &ModelState,
        nuisances: &Nuisances,
        likelihood: Likelihood,
    ) -> Option<DMatrix<f64>> {
        let weighting = Weighting::Information;
        let source = Source::of(state);
        let pass = Pass { source, nuisances, slopes: &[], included: &[], likelihood, weighting };
        let mut gram = Gram::new(self.columns().n);
        gram.add_values(&self.accumulate(0..self.n_blocks(), &pass)?.gram);
        Some(gram.matrix())
    }

    /// All blocks with used points.
    pub(super) async fn gram(&self, pool: &Pool, pass: &Pass<'_>) -> Option<Sums> {
        let work = |blocks: Range<usize>| {
            let Part { gram, rest, sums, intensities } = self.accumulate(blocks, pass)?;
            Some(((gram, sums), (rest, intensities)))
        };
        let n = self.columns().n as f64;
        let per_datum = (self.measurement.n_columns() as f64 + 8.0).powi(2);
        let data = self.data.len() as f64 / self.n_used().max(1) as f64;
        let cost = self.model.one_phonon().cost_of_block(true)
            + LANES as f64 * (n * (n + 4.0) + (data - 1.0) * per_datum);
        let c = self.columns();
        let first = c.first(&pass.source);
        let mut total = Gram::new(c.n - first);
        let (mut deviance, mut scatter) = (0.0, 0.0);
        let mut intensity = Vec::new();
        let mut rest = vec![0.0; (c.n - c.intensity).pow(2)];
        for part in pool.ranges(self.n_blocks(), cost, &work).await {
            let ((gram, [d, s]), (more, values)) = part?;
            total.add_values(&gram);
            rest.iter_mut().zip(more).for_each(|(total, x)| *total += x);
            deviance += d;
            scatter += s;
            intensity.extend(values);
        }
        let mut gram = DMatrix::zeros(c.n, c.n);
        gram.view_mut((first, first), (c.n - first, c.n - first)).copy_from(&total.matrix());
        if !self.first.is_empty() {
            let k = c.n - c.intensity;
            for (i, j) in (0..k * k).map(|at| (at / k, at % k)) {
                gram[(c.intensity + i, c.intensity + j)] += rest[i.max(j) * k + i.min(j)];
            }
        }
        Some(Sums { gram, deviance, scatter, intensity })
    }

    /// Σ s·φ·w·(y − model) at every used point: the weights of ∂I/∂θ in the descent direction. `None` for
    /// a Poisson mean that is not positive.
    pub(super) async fn pull(&self, pool: &Pool, intensity: &[f64], pass: &Pass<'_>) -> Option<Vec<f64>> {
        let nuisances = pass.nuisances;
        let work = |points: Range<usize>| {
            let mut columns = vec![0.0; self.measurement.n_columns()];
            let one = |point: usize| {
                if pass.included.get(point) == Some(&false) {
                    return Some(0.0);
                }
                let mut sum = 0.0;
                self.measurement.shapes(point, &mut columns);
                for entry in self.entries(point) {
                    let link =
                        self.join(point, entry, intensity[point], pass.slopes, nuisances, &mut columns);
                    let datum = &self.data[entry];
                    let weight = datum.weight(link.model, pass.likelihood)?;
                    sum += link.factor * weight * (datum.value - link.model);
                }
                Some(nuisances.scale * sum)
            };
            points.map(one).collect::<Option<Vec<f64>>>()
        };
        let parts = pool.ranges(intensity.len(), self.cost_of_links(), &work).await;
        Some(parts.into_iter().collect::<Option<Vec<_>>>()?.concat())
    }
}
