//! What a fit knows: covariance, standard errors, and the combinations the data do not determine.

use std::sync::Arc;

use nalgebra::DMatrix;

use super::chart::{Tangent, known};
use super::normal_equations::Evaluation;
use super::problem::Problem;
use super::spectrum::{UNDETERMINED, positive};
use crate::base::parallel::Pool;

/// Uncertainty of all fitted parameters at one point.
#[derive(Debug, Clone)]
pub struct Uncertainty {
    /// Parameters, then nuisances: the inverse Fisher matrix where the variance of the data is known, not
    /// rescaled by χ². Where it is not, what the residuals say of it, pixel by pixel. Infinite where
    /// the data say nothing at all.
    pub covariance: DMatrix<f64>,
    /// √diagonal.
    pub sigma: Vec<f64>,
    /// Whether each force constant, or each parameter that these follow from, is determined.
    pub determined: Vec<bool>,
    /// Eigenvalues of F_ij/√(F_ii F_jj), ascending.
    pub scaled_eigenvalues: Vec<f64>,
    /// Combinations that the data leave open.
    pub weak: Vec<Combination>,
    /// Of constants that follow from other parameters, with the covariance of these before anything in it was called
    /// infinite: what the data leave open of the parameters need not move the constants.
    tangent: Option<Arc<(Arc<Tangent>, DMatrix<f64>)>>,
}

/// A direction in the space of parameters.
#[derive(Debug, Clone)]
pub struct Combination {
    /// Its eigenvalue of the scaled Fisher information.
    pub eigenvalue: f64,
    /// Component of each parameter, in units of 1/√F_ii, largest one positive.
    pub weights: Vec<f64>,
}

impl Uncertainty {
    /// The covariance at a point of the fit.
    pub async fn new(pool: &Pool, problem: &Problem, at: &Evaluation) -> Self {
        let n = at.fisher.nrows();
        let spectrum = problem.spectrum(at);
        let mut covariance = spectrum.inverse();
        if !problem.has_sigma() {
            covariance = match problem.scores(pool, at).await {
                // H. White, Econometrica 48 (1980) 817, with the correction for the degrees of freedom: right
                // whatever the variances of the data are, as long as they are independent.
                Some(scores) => {
                    let (data, free) = (problem.n_data() as f64, n as f64);
                    &covariance * scores * &covariance * (data / (data - free).max(1.0))
                }
                None => covariance * problem.variance(at),
            };
        }
        let tangent = at.tangent().map(|tangent| Arc::new((tangent.clone(), covariance.clone())));
        for (i, unbounded) in spectrum.unbounded().into_iter().enumerate() {
            if unbounded {
                covariance[(i, i)] = f64::INFINITY;
            }
        }
        let sigma: Vec<f64> = (0..n).map(|i| positive(covariance[(i, i)]).sqrt()).collect();
        let largest = problem.extent(at.parameters());
        let determined = sigma[..problem.n_theta()].iter().map(|s| *s <= UNDETERMINED * largest).collect();
        let weak = (0..n).filter(|&k| spectrum.open[k]).map(|k| {
            let v = spectrum.vectors.column(k);
            let largest = v.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(1.0);
            let weights = v.iter().map(|x| x * largest.signum()).collect();
            Combination { eigenvalue: spectrum.eigenvalues[k], weights }
        });
        let weak = weak.collect();
        Uncertainty { covariance, sigma, determined, scaled_eigenvalues: spectrum.eigenvalues, weak, tangent }
    }

    /// Covariance of the force constants alone, eV²/Å⁴.
    pub fn theta_covariance(&self, n_theta: usize) -> DMatrix<f64> {
        match known(&self.tangent) {
            None => self.covariance.view((0, 0), (n_theta, n_theta)).into_owned(),
            Some(known) => {
                let (tangent, covariance) = &**known;
                let n = tangent.parameters.len();
                &tangent.matrix * covariance.view((0, 0), (n, n)) * tangent.matrix.transpose()
            }
        }
    }

    /// σ of a quantity with the given derivatives to the constants; `None` where the data do not bound it.
    pub fn sigma_of(&self, slopes: &[f64]) -> Option<f64> {
        match known(&self.tangent) {
            None => sigma_along(&self.covariance, slopes),
            Some(known) => sigma_along(&known.1, &known.0.pulled(slopes)),
        }
    }

    /// The same with the derivatives to what is fitted.
    pub fn sigma_of_parameters(&self, slopes: &[f64]) -> Option<f64> {
        sigma_along(&self.covariance, slopes)
    }
}

fn sigma_along(covariance: &DMatrix<f64>, slopes: &[f64]) -> Option<f64> {
    let mut variance = 0.0;
    for (p, a) in slopes.iter().enumerate().filter(|s| *s.1 != 0.0) {
        for (q, b) in slopes.iter().enumerate().filter(|s| *s.1 != 0.0) {
            variance += a * b * covariance[(p, q)];
        }
    }
    let sigma = positive(variance).sqrt();
    sigma.is_finite().then_some(sigma)
}
