//! What a fit knows: covariance, standard errors, and the combinations the data do not determine.

use nalgebra::DMatrix;

use super::problem::{Evaluation, Problem};
use crate::order::order_by;

/// Constants whose σ exceeds this fraction of the largest constant are called undetermined.
pub const UNDETERMINED: f64 = 0.1;
/// Eigenvalues of the scaled Fisher matrix below this are reported as combinations the data do
/// not determine: σ along them is three hundred times what it would be if all else were known.
pub const WEAK_EIGENVALUE: f64 = 1e-5;

/// Uncertainty of all fitted parameters at one point.
#[derive(Debug, Clone)]
pub struct Uncertainty {
    /// Inverse Fisher matrix, parameters then nuisances; not rescaled by χ² unless the data had
    /// no σ. Infinite where the data say nothing at all.
    pub covariance: DMatrix<f64>,
    /// √diagonal.
    pub sigma: Vec<f64>,
    /// Whether each force constant is determined.
    pub determined: Vec<bool>,
    /// Eigenvalues of F_ij/√(F_ii F_jj), ascending.
    pub scaled_eigenvalues: Vec<f64>,
    /// Combinations with an eigenvalue below [`WEAK_EIGENVALUE`].
    pub weak: Vec<Combination>,
}

/// A direction in the space of parameters.
#[derive(Debug, Clone)]
pub struct Combination {
    pub eigenvalue: f64,
    /// Component of each parameter, in units of 1/√F_ii, largest one positive.
    pub weights: Vec<f64>,
}

impl Uncertainty {
    pub fn new(problem: &Problem, at: &Evaluation) -> Self {
        let n = at.fisher.nrows();
        let size: Vec<f64> = (0..n).map(|i| at.fisher[(i, i)].max(0.0).sqrt()).collect();
        let scaled = DMatrix::from_fn(n, n, |i, j| {
            let norm = size[i] * size[j];
            if norm > 0.0 { at.fisher[(i, j)] / norm } else { 0.0 }
        });
        let eigen = scaled.symmetric_eigen();
        let order = order_by(n, &mut |a, b| eigen.eigenvalues[a].total_cmp(&eigen.eigenvalues[b]));
        // Below this an eigenvalue is rounding and its direction is free.
        let floor = 1e-14 * n as f64;
        let mut covariance = DMatrix::zeros(n, n);
        let mut weak = Vec::new();
        let mut unbounded: Vec<bool> = size.iter().map(|s| *s <= 0.0).collect();
        for &k in &order {
            let value = eigen.eigenvalues[k].max(floor);
            let v = eigen.eigenvectors.column(k);
            for i in 0..n {
                for j in 0..n {
                    let norm = size[i] * size[j];
                    covariance[(i, j)] += if norm > 0.0 { v[i] * v[j] / (value * norm) } else { 0.0 };
                }
            }
            if eigen.eigenvalues[k] < floor {
                // Nothing but rounding: what takes part is not bounded at all.
                v.iter().zip(&mut unbounded).for_each(|(x, u)| *u |= x.abs() > 1e-3);
            }
            if eigen.eigenvalues[k] < WEAK_EIGENVALUE {
                let largest = v.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(1.0);
                weak.push(Combination {
                    eigenvalue: eigen.eigenvalues[k],
                    weights: v.iter().map(|x| x * largest.signum()).collect(),
                });
            }
        }
        // Without σ in the data, the residual tells how uncertain they are.
        if !problem.has_sigma() && problem.n_data() > n {
            covariance *= problem.variance(at);
        }
        for i in 0..n {
            if unbounded[i] {
                covariance[(i, i)] = f64::INFINITY;
            }
        }
        let sigma: Vec<f64> = (0..n).map(|i| covariance[(i, i)].max(0.0).sqrt()).collect();
        let largest = at.theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
        let determined = sigma[..at.theta.len()].iter().map(|s| *s <= UNDETERMINED * largest).collect();
        let scaled_eigenvalues = order.iter().map(|&k| eigen.eigenvalues[k]).collect();
        Uncertainty { covariance, sigma, determined, scaled_eigenvalues, weak }
    }

    /// Covariance of the force constants alone, eV²/Å⁴.
    pub fn theta_covariance(&self, n_theta: usize) -> DMatrix<f64> {
        self.covariance.view((0, 0), (n_theta, n_theta)).into_owned()
    }
}
