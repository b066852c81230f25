//! Data, model and nuisances joined: y(Q) ≈ s·I(Q) + Σ_j b_j B_j(Q).

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::gram::Gram;
use crate::dynamics::{LANES, Lanes, LongWave, multiply};
use crate::ifc::LinearForceConstants;
use crate::parallel::in_parallel;
use crate::scattering::{ModelState, OnePhonon, Workspace};
use crate::{Error, Result};

/// How the overall scale is treated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scale {
    /// Data units per electron² per primitive cell, held.
    Fixed(f64),
    /// Fitted with the rest.
    Free(FreeWord),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FreeWord {
    Free,
}

impl Scale {
    pub const FREE: Scale = Scale::Free(FreeWord::Free);
}

/// A background shape, in data units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    Constant,
    /// |Q|², Å⁻².
    Q2,
}

/// How misfit is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// Model at the points that are used, then at those that are only shown.
    pub model: OnePhonon,
    /// The first `n_used` points of the model enter the fit.
    pub n_used: usize,
    /// Observed values of the used points, data units.
    pub observed: Vec<f64>,
    /// 1/σ² of the used points; ones when the data give no σ.
    pub weights: Vec<f64>,
    /// Whether the weights come from the data.
    pub has_sigma: bool,
    pub scale: Scale,
    pub background: Vec<Background>,
    /// |Q|² of all points of the model, Å⁻².
    pub q_squared: Vec<f64>,
}

/// Scale and backgrounds of one data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Nuisances {
    pub scale: f64,
    /// One per entry of [`DataTerm::background`].
    pub background: Vec<f64>,
}

/// All data sets, fitted jointly with one set of force constants.
pub struct Problem {
    pub family: LinearForceConstants,
    pub terms: Vec<DataTerm>,
    pub likelihood: Likelihood,
}

/// The normal equations at one point.
#[derive(Debug, Clone)]
pub struct Evaluation {
    pub theta: Vec<f64>,
    pub nuisances: Vec<Nuisances>,
    /// What is minimised: χ², or the Poisson deviance.
    pub objective: f64,
    /// Σ w (y − model)², with w of the likelihood.
    pub chi2: f64,
    /// Fisher matrix JᵀWJ over θ, then the free nuisances of each data set in turn.
    pub fisher: DMatrix<f64>,
    /// JᵀW(y − model): minus half the gradient of χ².
    pub descent: DVector<f64>,
}

/// Sums over pixels are made in this many pieces, in this order, whatever the number of threads.
const PIECES: usize = 16;

/// Columns after the model's rows: intensity, one per background, residual.
struct Columns {
    intensity: usize,
    background: usize,
    residual: usize,
    n: usize,
}

impl DataTerm {
    fn columns(&self) -> Columns {
        let intensity = self.model.n_rows();
        let background = intensity + 1;
        let residual = background + self.background.len();
        Columns { intensity, background, residual, n: residual + 1 }
    }

    fn shape(&self, background: Background, point: usize) -> f64 {
        match background {
            Background::Constant => 1.0,
            Background::Q2 => self.q_squared[point],
        }
    }

    /// Number of nuisance parameters that are fitted.
    pub fn n_free(&self) -> usize {
        usize::from(matches!(self.scale, Scale::Free(_))) + self.background.len()
    }

    /// s·I + background at all points of the model.
    pub fn predict(&self, state: &ModelState, nuisances: &Nuisances) -> Option<Vec<f64>> {
        let mut values = self.model.intensities(state)?;
        for (point, value) in values.iter_mut().enumerate() {
            *value *= nuisances.scale;
            for (b, amplitude) in self.background.iter().zip(&nuisances.background) {
                *value += amplitude * self.shape(*b, point);
            }
        }
        Some(values)
    }

    /// Sums over blocks `range`; `None` when Φ is not positive definite at a pixel or a Poisson
    /// mean is not positive. The second result is the deviance.
    fn accumulate(
        &self,
        blocks: std::ops::Range<usize>,
        state: &ModelState,
        nuisances: &Nuisances,
        likelihood: Likelihood,
    ) -> Option<(Gram, f64)> {
        let c = self.columns();
        let mut gram = Gram::new(c.n);
        let mut columns: Vec<Lanes> = vec![[0.0; LANES]; gram.n_columns()];
        let mut work = Workspace::default();
        let mut intensity = [0.0; LANES];
        let mut deviance = 0.0;
        for b in blocks {
            if !self.model.block(b, state, &mut work, &mut intensity, Some(&mut columns[..c.intensity])) {
                return None;
            }
            columns[c.intensity] = intensity;
            let first = b * LANES;
            let used = (self.n_used - first).min(LANES);
            let mut root = [0.0; LANES];
            for lane in 0..used {
                let point = first + lane;
                let y = self.observed[point];
                let mut model = nuisances.scale * intensity[lane];
                for (k, (shape, amplitude)) in self.background.iter().zip(&nuisances.background).enumerate() {
                    let value = self.shape(*shape, point);
                    columns[c.background + k][lane] = value;
                    model += amplitude * value;
                }
                columns[c.residual][lane] = y - model;
                let weight = match likelihood {
                    Likelihood::Gaussian => self.weights[point],
                    Likelihood::Poisson => {
                        if model.is_nan() || model <= 0.0 {
                            return None;
                        }
                        let log = if y > 0.0 { y * (y / model).ln() } else { 0.0 };
                        deviance += 2.0 * (log - (y - model));
                        1.0 / model
                    }
                };
                root[lane] = weight.sqrt();
            }
            for column in &mut columns[..c.n] {
                multiply(column, &root);
                // Lanes past the end may hold anything, including NaN.
                column[used..].fill(0.0);
            }
            gram.add(&columns);
        }
        Some((gram, deviance))
    }

    /// One pass over all used points in this thread, as one worker of the page makes it: intensity,
    /// derivatives and the sums of their products. For benchmarks.
    pub fn sums(
        &self,
        state: &ModelState,
        nuisances: &Nuisances,
        likelihood: Likelihood,
    ) -> Option<DMatrix<f64>> {
        let (gram, _) = self.accumulate(0..self.n_used.div_ceil(LANES), state, nuisances, likelihood)?;
        Some(gram.matrix())
    }

    /// All blocks with used points, in [`PIECES`] pieces that threads may share.
    fn gram(
        &self,
        state: &ModelState,
        nuisances: &Nuisances,
        likelihood: Likelihood,
    ) -> Option<(DMatrix<f64>, f64)> {
        let n_blocks = self.n_used.div_ceil(LANES);
        let piece = |k: usize| (k * n_blocks / PIECES)..((k + 1) * n_blocks / PIECES);
        let work = |k: usize| self.accumulate(piece(k), state, nuisances, likelihood);
        let parts: Vec<Option<(Gram, f64)>> = in_parallel(PIECES, n_blocks, &work);
        let mut total = Gram::new(self.columns().n);
        let mut deviance = 0.0;
        for part in parts {
            let (gram, d) = part?;
            total.merge(&gram);
            deviance += d;
        }
        Some((total.matrix(), deviance))
    }
}

impl Problem {
    /// Number of force constants.
    pub fn n_theta(&self) -> usize {
        self.family.n_parameters
    }

    /// Number of all fitted parameters.
    pub fn n_free(&self) -> usize {
        self.n_theta() + self.terms.iter().map(DataTerm::n_free).sum::<usize>()
    }

    /// Number of data points that enter the fit.
    pub fn n_data(&self) -> usize {
        self.terms.iter().map(|t| t.n_used).sum()
    }

    /// Whether the variance of every datum is known: from its σ, or as that of a count.
    pub fn has_sigma(&self) -> bool {
        self.likelihood == Likelihood::Poisson || self.terms.iter().all(|t| t.has_sigma)
    }

    /// Whether Φ is positive definite in the long-wave limit, on the mesh and at the data; the
    /// sentence says where it is not.
    pub fn check_stable(&self, theta: &[f64]) -> Result<()> {
        let unstable = |what: String| Err(Error::Unstable { what });
        let long_wave = LongWave::new(&self.family.at(theta));
        if long_wave.optical.is_nan() || long_wave.optical <= 0.0 {
            return unstable("an optical mode at Γ has a negative stiffness".into());
        }
        let (stiffness, n) = long_wave.softest();
        if stiffness.is_nan() || stiffness <= 0.0 {
            return unstable(format!("long sound waves along [{:.2} {:.2} {:.2}] grow", n.x, n.y, n.z));
        }
        for term in &self.terms {
            let Some(state) = term.model.state(theta) else {
                return unstable("a vibration on the mesh of wave vectors has a negative stiffness".into());
            };
            if term.model.intensities(&state).is_none() {
                return unstable("a vibration at a data point has a negative stiffness".into());
            }
        }
        Ok(())
    }

    /// Scale and backgrounds to start from: the weighted linear fit at `theta`.
    pub fn initial_nuisances(&self, theta: &[f64]) -> Option<Vec<Nuisances>> {
        self.terms
            .iter()
            .map(|term| {
                let scale = match term.scale {
                    Scale::Fixed(s) => s,
                    Scale::Free(_) => 0.0,
                };
                let start = Nuisances { scale, background: vec![0.0; term.background.len()] };
                let state = term.model.state(theta)?;
                let (gram, _) = term.gram(&state, &start, Likelihood::Gaussian)?;
                let mut best = start.clone();
                term.improve(&gram, &mut best);
                if let Scale::Free(_) = term.scale
                    && best.scale <= 0.0
                {
                    // The backgrounds took it all: give the mean intensity to the model instead.
                    best = start;
                    let c = term.columns();
                    best.scale = gram[(c.intensity, c.residual)] / gram[(c.intensity, c.intensity)];
                }
                Some(best)
            })
            .collect()
    }

    /// Normal equations at (θ, nuisances); `None` when the crystal is not stable there. With the
    /// Gaussian likelihood the nuisances are first moved to their optimum for this θ.
    pub fn evaluate(&self, theta: &[f64], nuisances: &[Nuisances]) -> Option<Evaluation> {
        let long_wave = LongWave::new(&self.family.at(theta));
        let stable = long_wave.softest().0 > 0.0 && long_wave.optical > 0.0;
        if !stable || theta.iter().any(|t| !t.is_finite()) {
            return None;
        }
        let n_theta = self.n_theta();
        let n = self.n_free();
        let mut out = Evaluation {
            theta: theta.to_vec(),
            nuisances: nuisances.to_vec(),
            objective: 0.0,
            chi2: 0.0,
            fisher: DMatrix::zeros(n, n),
            descent: DVector::zeros(n),
        };
        let mut first = n_theta;
        for (term, nuisances) in self.terms.iter().zip(&mut out.nuisances) {
            let state = term.model.state(theta)?;
            let (mut gram, deviance) = term.gram(&state, nuisances, self.likelihood)?;
            if self.likelihood == Likelihood::Gaussian {
                gram = term.improve(&gram, nuisances);
            }
            if nuisances.scale.is_nan() || nuisances.scale <= 0.0 {
                return None;
            }
            let c = term.columns();
            // Column of the pixel sums ← parameters: chain rule through the scale and through U.
            let mut chain = DMatrix::zeros(c.n - 1, n);
            for p in 0..n_theta {
                chain[(p, p)] = nuisances.scale;
                for (k, row) in state.mean_square.jacobian.iter().enumerate() {
                    chain[(n_theta + k, p)] = nuisances.scale * row[p];
                }
            }
            for (local, column) in term.free_columns().into_iter().enumerate() {
                chain[(column, first + local)] = 1.0;
            }
            first += term.n_free();
            let sums = gram.view((0, 0), (c.n - 1, c.n - 1));
            out.fisher += chain.transpose() * sums * &chain;
            out.descent += chain.transpose() * gram.view((0, c.residual), (c.n - 1, 1));
            out.chi2 += gram[(c.residual, c.residual)];
            out.objective += deviance;
        }
        if self.likelihood == Likelihood::Gaussian {
            out.objective = out.chi2;
        }
        out.objective.is_finite().then_some(out)
    }

    /// Moves the nuisances along a step of all parameters.
    pub fn step_nuisances(&self, nuisances: &[Nuisances], step: &DVector<f64>) -> Vec<Nuisances> {
        let mut first = self.n_theta();
        let mut moved = nuisances.to_vec();
        for (term, nuisances) in self.terms.iter().zip(&mut moved) {
            let free = step.rows(first, term.n_free());
            first += term.n_free();
            term.shift(nuisances, free.as_slice());
        }
        moved
    }
}

impl DataTerm {
    /// Columns of the free nuisances.
    fn free_columns(&self) -> Vec<usize> {
        let c = self.columns();
        let first = if matches!(self.scale, Scale::Free(_)) { c.intensity } else { c.background };
        (first..c.residual).collect()
    }

    fn shift(&self, nuisances: &mut Nuisances, by: &[f64]) {
        let free_scale = usize::from(matches!(self.scale, Scale::Free(_)));
        nuisances.scale += by[..free_scale].iter().sum::<f64>();
        for (b, d) in nuisances.background.iter_mut().zip(&by[free_scale..]) {
            *b += d;
        }
    }

    /// Moves the linear nuisances to their weighted least-squares optimum and returns the pixel
    /// sums for the new residual.
    fn improve(&self, gram: &DMatrix<f64>, nuisances: &mut Nuisances) -> DMatrix<f64> {
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
