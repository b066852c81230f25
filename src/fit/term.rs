//! One data set joined with its model and its nuisances.

use std::ops::Range;

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::gram::Gram;
use super::likelihood::Datum;
use super::measurement::{Link, Measurement, Nuisances, Place};
use super::sampled_term::SampledTerm;
use crate::base::parallel::{Pool, now, together};
use crate::lanes::{LANES, Lanes, add_scaled, multiply};
use crate::scattering::{Exact, HigherJacobian, ModelState, Parts, Slope, Workspace};

/// How misfit is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Likelihood {
    /// Weights 1/σ² from the data.
    #[default]
    Gaussian,
    /// Counts; the variance is the model's.
    Poisson,
    /// Weights 1/σ² from the data up to 4 σ; farther away tails that fall off as a power, so that a hot pixel has next to no
    /// weight.
    Robust,
}

impl Likelihood {
    /// Its word in a job.
    pub fn word(self) -> &'static str {
        match self {
            Likelihood::Gaussian => "gaussian",
            Likelihood::Poisson => "poisson",
            Likelihood::Robust => "robust",
        }
    }
}

/// One data set with its model.
#[derive(Clone)]
pub struct DataTerm {
    /// Model at the points that are used, then at those that are only shown. Where intensities are
    /// sampled, this is what their mean tends to.
    pub model: Exact,
    /// The published way to the same intensities, where the job asks for it.
    pub sampled: Option<SampledTerm>,
    /// What was observed at the first points of the model, equivalent pixels pooled where their models are one.
    pub data: Vec<Datum>,
    /// Where the data of each point begin in `data`, and the end of the last; empty where each has one.
    pub first: Vec<usize>,
    /// Where each entry of `data` is; empty where the measurement has no effects.
    pub places: Vec<Place>,
    /// Whether the weights come from the data.
    pub has_sigma: bool,
    /// From the intensity to the data.
    pub measurement: Measurement,
}

/// Gradients of the intensity at the points that are used; empty where the measurement needs none.
pub type Slopes = Vec<Slope>;

/// Columns after the model's rows: intensity, one per background, one per effect, residual.
pub(super) struct Columns {
    pub intensity: usize,
    pub effects: usize,
    pub residual: usize,
    pub n: usize,
}

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

impl DataTerm {
    /// Number of model points that enter the fit.
    pub fn n_used(&self) -> usize {
        if self.first.is_empty() { self.data.len() } else { self.first.len() - 1 }
    }

    /// Number of data that enter the fit.
    pub fn n_data(&self) -> usize {
        self.data.iter().map(|d| d.count as usize).sum()
    }

    /// The entries of [`Self::data`] at a point that is used.
    pub fn entries(&self, point: usize) -> Range<usize> {
        match self.first.get(point..point + 2) {
            Some(ends) => ends[0]..ends[1],
            None => point..point + 1,
        }
    }

    pub(super) fn n_blocks(&self) -> usize {
        self.n_used().div_ceil(LANES)
    }

    pub(super) fn columns(&self) -> Columns {
        let intensity = self.model.one_phonon().n_rows();
        let residual = intensity + self.measurement.n_columns();
        Columns { intensity, effects: residual - self.measurement.effects.len(), residual, n: residual + 1 }
    }

    /// Number of nuisance parameters that are fitted.
    pub fn n_free(&self) -> usize {
        self.measurement.n_free()
    }

    /// An entry of [`Self::data`] joined with its model; `columns` hold the [`Measurement::shapes`] of its point.
    pub(super) fn join(
        &self,
        point: usize,
        entry: usize,
        intensity: f64,
        slopes: &[Slope],
        nuisances: &Nuisances,
        columns: &mut [f64],
    ) -> Link {
        let slope = slopes.get(point).copied().unwrap_or_default();
        self.measurement.join(point, self.places.get(entry), intensity, &slope, nuisances, columns)
    }

    /// The datum that the model predicts at point `point` of the model, for one at `place`.
    pub(crate) fn predict_at(
        &self,
        point: usize,
        place: Option<&Place>,
        intensity: f64,
        slopes: &[Slope],
        nuisances: &Nuisances,
    ) -> f64 {
        let mut columns = vec![0.0; self.measurement.n_columns()];
        let slope = slopes.get(point).copied().unwrap_or_default();
        self.measurement.link(point, place, intensity, &slope, nuisances, &mut columns).model
    }

    /// s·I + background at point `point` of the model, without effects.
    pub(crate) fn predict_one(&self, point: usize, intensity: f64, nuisances: &Nuisances) -> f64 {
        self.predict_at(point, None, intensity, &[], nuisances)
    }

    /// What the model predicts for rows at the points `point` of the model and at `places`, which only effects need; NaN
    /// where there is no point, or where the crystal is not stable.
    pub fn values(
        &self,
        theta: &[f64],
        nuisances: &Nuisances,
        point: &[Option<usize>],
        places: &[Place],
    ) -> Vec<f64> {
        now(self.values_in(&Pool::here(), theta, nuisances, point, places))
    }

    /// The same, in pieces.
    pub async fn values_in(
        &self,
        pool: &Pool,
        theta: &[f64],
        nuisances: &Nuisances,
        point: &[Option<usize>],
        places: &[Place],
    ) -> Vec<f64> {
        let (values, slopes) = self.intensities_in(pool, theta).await.unwrap_or_default();
        self.predict(&values.all(), &slopes, nuisances, point, places).await
    }

    /// Intensities at all points of the model, with their slopes where the measurement needs them; `None` where the
    /// crystal is not stable.
    pub async fn intensities_in(&self, pool: &Pool, theta: &[f64]) -> Option<(Parts, Slopes)> {
        let state = self.model.state_for_values_in(pool, theta).await?;
        let parts = self.model.parts_in(pool, &state).await?;
        let slopes = match self.measurement.moves() {
            true => self.model.slopes_in(pool, &state, self.model.n_points()).await?,
            false => vec![],
        };
        Some((parts, slopes))
    }

    /// What is predicted for rows at the points `point` of the model, where the intensities are `values`, and at
    /// `places`; NaN where there is no point or no intensity.
    pub async fn predict(
        &self,
        values: &[f64],
        slopes: &[Slope],
        nuisances: &Nuisances,
        point: &[Option<usize>],
        places: &[Place],
    ) -> Vec<f64> {
        self.linked(values, slopes, nuisances, point, places, |link| link.model, f64::NAN).await
    }

    /// The same with its derivative to the intensity.
    pub async fn predict_with_factor(
        &self,
        values: &[f64],
        slopes: &[Slope],
        nuisances: &Nuisances,
        point: &[Option<usize>],
        places: &[Place],
    ) -> Vec<[f64; 2]> {
        let both = |link: Link| [link.model, nuisances.scale * link.factor];
        self.linked(values, slopes, nuisances, point, places, both, [f64::NAN; 2]).await
    }

    #[allow(clippy::too_many_arguments)]
    async fn linked<T: Copy + Send + Sync>(
        &self,
        values: &[f64],
        slopes: &[Slope],
        nuisances: &Nuisances,
        point: &[Option<usize>],
        places: &[Place],
        of: impl Fn(Link) -> T + Sync,
        none: T,
    ) -> Vec<T> {
        let one = |point: usize, place: Option<&Place>, columns: &mut [f64]| {
            let slope = slopes.get(point).copied().unwrap_or_default();
            let intensity = *values.get(point)?;
            Some(of(self.measurement.link(point, place, intensity, &slope, nuisances, columns)))
        };
        if places.is_empty() && values.len() < point.len() {
            // Rows at one point are one number.
            let of_points: Vec<T> =
                self.each_of(values.len(), none, |point, columns| one(point, None, columns)).await;
            return point
                .iter()
                .map(|point| point.and_then(|p| of_points.get(p).copied()).unwrap_or(none))
                .collect();
        }
        self.each_of(point.len(), none, |row, columns| one(point[row]?, places.get(row), columns)).await
    }

    /// `of(i)` for `i` in `0..n`, with memory for the columns of a datum.
    async fn each_of<T: Copy + Send + Sync>(
        &self,
        n: usize,
        none: T,
        of: impl Fn(usize, &mut [f64]) -> Option<T> + Sync,
    ) -> Vec<T> {
        together(n, 0.2, |range| {
            let mut columns = vec![0.0; self.measurement.n_columns()];
            range.map(|i| of(i, &mut columns).unwrap_or(none)).collect()
        })
        .await
    }

    /// Sums over blocks `range`; `None` when Φ is not positive definite at a pixel, a factor or a Poisson
    /// mean is not positive.
    fn accumulate(&self, blocks: Range<usize>, pass: &Pass) -> Option<Part> {
        let c = self.columns();
        let Pass { source, nuisances, likelihood, .. } = *pass;
        let mut gram = Gram::new(c.n);
        let mut columns: Vec<Lanes> = vec![[0.0; LANES]; gram.n_columns()];
        let mut work = Workspace::default();
        let mut intensity = [0.0; LANES];
        // Only the gradient of the higher orders needs them.
        let keeps_intensities = matches!(source, Source::Model { higher: Some(_), .. });
        let mut intensities = Vec::with_capacity(if keeps_intensities { blocks.len() * LANES } else { 0 });
        let (mut deviance, mut scatter) = (0.0, 0.0);
        let mut several = Several::new(c.n - c.intensity);
        let mut own = vec![0.0; c.n - c.intensity];
        for b in blocks {
            match source {
                Source::Known(values) => {
                    let values = values.get(b * LANES..)?;
                    intensity.iter_mut().zip(values).for_each(|(value, known)| *value = *known);
                }
                Source::Model { state, higher } => {
                    let rows = Some(&mut columns[..c.intensity]);
                    if !self.model.one_phonon().block(b, state, &mut work, &mut intensity, rows) {
                        return None;
                    }
                    if let Some((values, jacobian)) = higher {
                        add_scaled(&mut intensity, 1.0, &values[b]);
                        for (row, more) in columns.iter_mut().zip(jacobian.block(b)) {
                            add_scaled(row, 1.0, more);
                        }
                    }
                }
            }
            let first = b * LANES;
            let used = (self.n_used() - first).min(LANES);
            if keeps_intensities {
                intensities.extend_from_slice(&intensity[..used]);
            }
            let (mut root, mut root_of_rows) = ([0.0; LANES], [0.0; LANES]);
            for lane in 0..used {
                let point = first + lane;
                if pass.included.get(point) == Some(&false) {
                    columns[c.intensity..c.n].iter_mut().for_each(|column| column[lane] = 0.0);
                    continue;
                }
                let entries = self.entries(point);
                let is_one = entries.len() == 1;
                several.begin();
                self.measurement.shapes(point, &mut own);
                for entry in entries {
                    let datum = &self.data[entry];
                    let (values, residual) = own.split_at_mut(c.residual - c.intensity);
                    let link = self.join(point, entry, intensity[lane], pass.slopes, nuisances, values);
                    if link.factor.is_nan() || link.factor <= 0.0 {
                        return None;
                    }
                    residual[0] = datum.value - link.model;
                    let weight = match pass.weighting {
                        Weighting::Information => datum.weight(link.model, likelihood)?,
                        Weighting::Residuals => datum.squares(link.model, likelihood),
                    };
                    if likelihood != Likelihood::Gaussian {
                        deviance += datum.deviance(link.model, likelihood);
                    }
                    scatter += datum.scatter(link.model, likelihood);
                    if is_one {
                        root[lane] = weight.sqrt();
                        root_of_rows[lane] = root[lane] * link.factor;
                    } else {
                        several.add(weight, link.factor, &own);
                    }
                }
                if !is_one {
                    root[lane] = 1.0;
                    root_of_rows[lane] = several.end(&mut own);
                }
                for (column, value) in columns[c.intensity..].iter_mut().zip(&own) {
                    column[lane] = *value;
                }
            }
            let (rows, others) = columns[..c.n].split_at_mut(c.intensity);
            rows.iter_mut().for_each(|column| multiply(column, &root_of_rows));
            others.iter_mut().for_each(|column| multiply(column, &root));
            // Lanes past the end may hold anything, including NaN.
            columns[..c.n].iter_mut().for_each(|column| column[used..].fill(0.0));
            gram.add(&columns);
        }
        Some(Part { gram: gram.values(), rest: several.rest, sums: [deviance, scatter], intensities })
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
        let mut total = Gram::new(self.columns().n);
        let (mut deviance, mut scatter) = (0.0, 0.0);
        let mut intensity = Vec::new();
        let c = self.columns();
        let mut rest = vec![0.0; (c.n - c.intensity).pow(2)];
        for part in pool.ranges(self.n_blocks(), cost, &work).await {
            let ((gram, [d, s]), (more, values)) = part?;
            total.add_values(&gram);
            rest.iter_mut().zip(more).for_each(|(total, x)| *total += x);
            deviance += d;
            scatter += s;
            intensity.extend(values);
        }
        let mut gram = total.matrix();
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

    /// Floating-point operations of all data of a point, roughly, without its intensity.
    pub(super) fn cost_of_links(&self) -> f64 {
        let data = self.data.len() as f64 / self.n_used().max(1) as f64;
        data * (50.0 + 20.0 * self.measurement.n_columns() as f64)
    }

    /// Columns of the free nuisances.
    pub(super) fn free_columns(&self) -> Range<usize> {
        let c = self.columns();
        c.intensity + usize::from(!self.measurement.free_scale())..c.residual
    }
}

/// Moves the linear nuisances that terms share, scale and backgrounds, to their weighted least-squares optimum, and the
/// pixel sums of each term to the new residual. `held`: those that stay, by their numbers among them.
pub(super) fn improve(
    terms: &[&DataTerm],
    grams: &mut [&mut DMatrix<f64>],
    nuisances: &mut Nuisances,
    held: &[usize],
) {
    let Some(first) = terms.first() else { return };
    let columns = |term: &DataTerm| term.free_columns().start..term.columns().effects;
    let n = columns(first).len();
    if n == 0 {
        return;
    }
    let mut information = DMatrix::zeros(n, n);
    let mut wanted = DVector::zeros(n);
    for (term, gram) in terms.iter().zip(grams.iter()) {
        let (start, residual) = (columns(term).start, term.columns().residual);
        information += gram.view((start, start), (n, n));
        wanted += gram.view((start, residual), (n, 1));
    }
    for (k, prior, value) in first.measurement.priors(nuisances).filter(|p| p.0 < n) {
        let known = 1.0 / (prior.sigma * prior.sigma);
        information[(k, k)] += known;
        wanted[k] += known * (prior.value - value);
    }
    for &k in held.iter().filter(|k| **k < n) {
        information.row_mut(k).fill(0.0);
        information.column_mut(k).fill(0.0);
        (information[(k, k)], wanted[k]) = (1.0, 0.0);
    }
    // Scaled to unit diagonal: a constant and |Q|² differ by orders of magnitude.
    let size: Vec<f64> = (0..n).map(|i| information[(i, i)].sqrt().max(f64::MIN_POSITIVE)).collect();
    let a = DMatrix::from_fn(n, n, |i, j| information[(i, j)] / (size[i] * size[j]));
    let b = DVector::from_fn(n, |i, _| wanted[i] / size[i]);
    let Some(solution) = a.cholesky().map(|c| c.solve(&b)) else { return };
    let shift: Vec<f64> = solution.iter().zip(&size).map(|(x, s)| x / s).collect();
    first.measurement.shift(nuisances, &shift);
    // r' = r − Σ δ_k c_k, as a congruence of the sums.
    for (term, gram) in terms.iter().zip(grams) {
        let mut change = DMatrix::identity(gram.nrows(), gram.ncols());
        for (c, d) in columns(term).zip(&shift) {
            change[(c, term.columns().residual)] = -d;
        }
        **gram = change.transpose() * &**gram * change;
    }
}

/// Sums over some blocks.
struct Part {
    gram: Vec<f64>,
    rest: Vec<f64>,
    sums: [f64; 2],
    intensities: Vec<f64>,
}

/// Several data at one point of the model. With z the columns of a datum after the rows of the model and f the factor
/// of these rows, Σ w (f, z)(f, z)ᵀ is the outer product of one vector, which goes with the rows as that of a single
/// datum would, and a rest between the columns z.
struct Several {
    /// Σ w f².
    rows: f64,
    /// Σ w f z.
    mixed: Vec<f64>,
    /// The rest of all points so far, a square matrix whose lower triangle is filled.
    rest: Vec<f64>,
}

impl Several {
    fn new(n: usize) -> Self {
        Several { rows: 0.0, mixed: vec![0.0; n], rest: vec![0.0; n * n] }
    }

    fn begin(&mut self) {
        self.rows = 0.0;
        self.mixed.fill(0.0);
    }

    fn add(&mut self, weight: f64, factor: f64, z: &[f64]) {
        let n = z.len();
        self.rows += weight * factor * factor;
        for (i, a) in z.iter().enumerate() {
            self.mixed[i] += weight * factor * a;
            // The other triangle is the same.
            let (row, a) = (&mut self.rest[i * n..=i * n + i], weight * a);
            row.iter_mut().zip(z).for_each(|(total, b)| *total += a * b);
        }
    }

    /// The one vector: that of the columns in `z`, that of the rows returned.
    fn end(&mut self, z: &mut [f64]) -> f64 {
        let root = self.rows.sqrt();
        let n = z.len();
        for (out, x) in z.iter_mut().zip(&self.mixed) {
            *out = if root > 0.0 { x / root } else { 0.0 };
        }
        for (i, a) in z.iter().enumerate() {
            let row = &mut self.rest[i * n..=i * n + i];
            row.iter_mut().zip(z.iter()).for_each(|(total, b)| *total -= a * b);
        }
        root
    }
}
