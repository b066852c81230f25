//! One data set joined with its model and its nuisances.

use std::ops::Range;

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::gram::Gram;
use super::likelihood::Datum;
use super::sampled_term::SampledTerm;
use crate::base::parallel::Pool;
use crate::lanes::{LANES, Lanes, add_scaled, multiply};
use crate::scattering::{Exact, HigherJacobian, ModelState, Workspace};

/// How the overall scale is treated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "\"free\" or a number")]
pub enum Scale {
    /// data units per electron² per primitive cell: held at this number.
    Fixed(f64),
    /// Fitted with the rest.
    Free(FreeWord),
}

/// The word for a scale that is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum FreeWord {
    /// Fitted with the rest.
    Free,
}

impl Scale {
    /// A scale that is fitted.
    pub const FREE: Scale = Scale::Free(FreeWord::Free);
}

/// A background shape, in data units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// The same at every point, in data units.
    Constant,
    /// Proportional to |Q|² (Å⁻²); its factor is in data units Å².
    Q2,
}

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
}

/// One data set with its model.
pub struct DataTerm {
    /// Model at the points that are used, then at those that are only shown. Where intensities are
    /// sampled, this is what their mean tends to.
    pub model: Exact,
    /// The published way to the same intensities, where the job asks for it.
    pub sampled: Option<SampledTerm>,
    /// What was observed at the first points of the model, equivalent pixels pooled.
    pub data: Vec<Datum>,
    /// Whether the weights come from the data.
    pub has_sigma: bool,
    /// How the scale is treated.
    pub scale: Scale,
    /// Backgrounds that are fitted.
    pub background: Vec<Background>,
    /// |Q|² of all points of the model, Å⁻².
    pub q_squared: Vec<f64>,
}

/// Scale and backgrounds of one data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Nuisances {
    /// Data units per electron² per primitive cell.
    pub scale: f64,
    /// One per entry of [`DataTerm::background`].
    pub background: Vec<f64>,
}

/// Columns after the model's rows: intensity, one per background, residual.
pub(super) struct Columns {
    pub intensity: usize,
    pub background: usize,
    pub residual: usize,
    pub n: usize,
}

/// What a pass over the pixels sums.
#[derive(Clone, Copy)]
pub(super) struct Pass<'a> {
    pub state: &'a ModelState,
    /// Values and derivatives of the higher orders, block by block.
    pub higher: Option<(&'a [Lanes], &'a HigherJacobian)>,
    pub nuisances: &'a Nuisances,
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
        self.data.len()
    }

    /// Number of data that enter the fit.
    pub fn n_data(&self) -> usize {
        self.data.iter().map(|d| d.count as usize).sum()
    }

    pub(super) fn n_blocks(&self) -> usize {
        self.n_used().div_ceil(LANES)
    }

    pub(super) fn columns(&self) -> Columns {
        let intensity = self.model.one_phonon().n_rows();
        let background = intensity + 1;
        let residual = background + self.background.len();
        Columns { intensity, background, residual, n: residual + 1 }
    }

    pub(crate) fn shape(&self, background: Background, point: usize) -> f64 {
        match background {
            Background::Constant => 1.0,
            Background::Q2 => self.q_squared[point],
        }
    }

    /// Number of nuisance parameters that are fitted.
    pub fn n_free(&self) -> usize {
        usize::from(matches!(self.scale, Scale::Free(_))) + self.background.len()
    }

    /// s·I + background at point `point` of the model.
    pub(crate) fn predict_one(&self, point: usize, intensity: f64, nuisances: &Nuisances) -> f64 {
        let background = self.background.iter().zip(&nuisances.background);
        background
            .fold(nuisances.scale * intensity, |sum, (b, amplitude)| sum + amplitude * self.shape(*b, point))
    }

    /// s·I + background at all points of the model.
    pub async fn predict(&self, pool: &Pool, state: &ModelState, nuisances: &Nuisances) -> Option<Vec<f64>> {
        let values = self.model.intensities_in(pool, state).await?;
        Some(values.iter().enumerate().map(|(point, i)| self.predict_one(point, *i, nuisances)).collect())
    }

    /// Sums over blocks `range`; `None` when Φ is not positive definite at a pixel or a Poisson
    /// mean is not positive.
    fn accumulate(&self, blocks: Range<usize>, pass: &Pass) -> Option<(Gram, [f64; 2], Vec<f64>)> {
        let c = self.columns();
        let Pass { state, nuisances, likelihood, .. } = *pass;
        let mut gram = Gram::new(c.n);
        let mut columns: Vec<Lanes> = vec![[0.0; LANES]; gram.n_columns()];
        let mut work = Workspace::default();
        let mut intensity = [0.0; LANES];
        // Only the gradient of the higher orders needs them.
        let keeps_intensities = pass.higher.is_some();
        let mut intensities = Vec::with_capacity(if keeps_intensities { blocks.len() * LANES } else { 0 });
        let (mut deviance, mut scatter) = (0.0, 0.0);
        for b in blocks {
            let rows = Some(&mut columns[..c.intensity]);
            if !self.model.one_phonon().block(b, state, &mut work, &mut intensity, rows) {
                return None;
            }
            if let Some((values, jacobian)) = pass.higher {
                add_scaled(&mut intensity, 1.0, &values[b]);
                for (row, more) in columns.iter_mut().zip(jacobian.block(b)) {
                    add_scaled(row, 1.0, more);
                }
            }
            columns[c.intensity] = intensity;
            let first = b * LANES;
            let used = (self.n_used() - first).min(LANES);
            if keeps_intensities {
                intensities.extend_from_slice(&intensity[..used]);
            }
            let mut root = [0.0; LANES];
            for lane in 0..used {
                let point = first + lane;
                let datum = &self.data[point];
                let mut model = nuisances.scale * intensity[lane];
                for (k, (shape, amplitude)) in self.background.iter().zip(&nuisances.background).enumerate() {
                    let value = self.shape(*shape, point);
                    columns[c.background + k][lane] = value;
                    model += amplitude * value;
                }
                columns[c.residual][lane] = datum.value - model;
                let weight = match pass.weighting {
                    Weighting::Information => datum.weight(model, likelihood)?,
                    Weighting::Residuals => datum.squares(model),
                };
                if likelihood == Likelihood::Poisson {
                    deviance += datum.deviance(model);
                }
                scatter += datum.scatter(model, likelihood);
                root[lane] = weight.sqrt();
            }
            for column in &mut columns[..c.n] {
                multiply(column, &root);
                // Lanes past the end may hold anything, including NaN.
                column[used..].fill(0.0);
            }
            gram.add(&columns);
        }
        Some((gram, [deviance, scatter], intensities))
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
        let pass = Pass { state, higher: None, nuisances, likelihood, weighting };
        Some(self.accumulate(0..self.n_blocks(), &pass)?.0.matrix())
    }

    /// All blocks with used points.
    pub(super) async fn gram(&self, pool: &Pool, pass: &Pass<'_>) -> Option<Sums> {
        let work = |blocks: Range<usize>| {
            let (gram, sums, intensity) = self.accumulate(blocks, pass)?;
            Some(((gram.values(), sums), intensity))
        };
        let n = self.columns().n as f64;
        let cost = self.model.one_phonon().cost_of_block(true) + LANES as f64 * n * (n + 4.0);
        let mut total = Gram::new(self.columns().n);
        let (mut deviance, mut scatter) = (0.0, 0.0);
        let mut intensity = Vec::new();
        for part in pool.ranges(self.n_blocks(), cost, &work).await {
            let ((gram, [d, s]), values) = part?;
            total.add_values(&gram);
            deviance += d;
            scatter += s;
            intensity.extend(values);
        }
        Some(Sums { gram: total.matrix(), deviance, scatter, intensity })
    }

    /// s·w·(y − model) at every used point: the weights of ∂I/∂θ in the descent direction. `None` for
    /// a Poisson mean that is not positive.
    pub(super) fn pull(
        &self,
        intensity: &[f64],
        nuisances: &Nuisances,
        likelihood: Likelihood,
    ) -> Option<Vec<f64>> {
        let one = |(point, i): (usize, &f64)| {
            let model = self.predict_one(point, *i, nuisances);
            let datum = &self.data[point];
            Some(nuisances.scale * datum.weight(model, likelihood)? * (datum.value - model))
        };
        intensity.iter().enumerate().map(one).collect()
    }

    /// Columns of the free nuisances.
    pub(super) fn free_columns(&self) -> Vec<usize> {
        let c = self.columns();
        let first = if matches!(self.scale, Scale::Free(_)) { c.intensity } else { c.background };
        (first..c.residual).collect()
    }

    pub(super) fn shift(&self, nuisances: &mut Nuisances, by: &[f64]) {
        let free_scale = usize::from(matches!(self.scale, Scale::Free(_)));
        nuisances.scale += by[..free_scale].iter().sum::<f64>();
        for (b, d) in nuisances.background.iter_mut().zip(&by[free_scale..]) {
            *b += d;
        }
    }

    /// Moves the linear nuisances to their weighted least-squares optimum and returns the pixel
    /// sums for the new residual.
    pub(super) fn improve(&self, gram: &DMatrix<f64>, nuisances: &mut Nuisances) -> DMatrix<f64> {
        let columns = self.free_columns();
        let residual = self.columns().residual;
        let n = columns.len();
        if n == 0 {
            return gram.clone();
        }
        // Scaled to unit diagonal: a constant and |Q|² differ by orders of magnitude.
        let size: Vec<f64> = columns.iter().map(|&c| gram[(c, c)].sqrt().max(f64::MIN_POSITIVE)).collect();
        let a = DMatrix::from_fn(n, n, |i, j| gram[(columns[i], columns[j])] / (size[i] * size[j]));
        let b = DVector::from_fn(n, |i, _| gram[(columns[i], residual)] / size[i]);
        let Some(solution) = a.cholesky().map(|c| c.solve(&b)) else { return gram.clone() };
        let shift: Vec<f64> = solution.iter().zip(&size).map(|(x, s)| x / s).collect();
        self.shift(nuisances, &shift);
        // r' = r − Σ δ_k c_k, as a congruence of the sums.
        let mut change = DMatrix::identity(gram.nrows(), gram.ncols());
        for (&c, d) in columns.iter().zip(&shift) {
            change[(c, residual)] = -d;
        }
        change.transpose() * gram * change
    }
}
