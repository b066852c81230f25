//! Constants that follow from fewer parameters, as those of an interatomic potential do: θ(x) with its derivatives.
//!
//! The fit moves x; whatever the data say of θ reaches x through the tangent J = ∂θ/∂x: the gradient becomes Jᵀg, the Fisher
//! matrix JᵀFJ, and a covariance of x is J C Jᵀ for the constants.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};

use super::normal_equations::Evaluation;
use super::problem::Problem;

/// Constants as a smooth function of the parameters that a fit moves, which are of order one.
pub trait Chart: Send + Sync {
    /// Number of parameters.
    fn n_parameters(&self) -> usize;

    /// The constants (eV/Å²) and their derivatives, a column for each parameter; none where they are no numbers.
    fn at(&self, parameters: &[f64]) -> Option<(Vec<f64>, DMatrix<f64>)>;

    /// The parameters of a crystal that is so many times as stiff, as far as they can make one.
    fn stiffer(&self, parameters: &[f64], factor: f64) -> Vec<f64>;

    /// Energy of an atom, eV, and pressure, GPa, each with its derivatives to the parameters; none where they are not known.
    fn energy_and_pressure(&self, parameters: &[f64]) -> Option<[(f64, Vec<f64>); 2]>;
}

/// The parameters of a point and how the constants move with them.
#[derive(Debug, Clone)]
pub struct Tangent {
    /// Of order one.
    pub parameters: Vec<f64>,
    /// ∂θ/∂x.
    pub matrix: DMatrix<f64>,
}

/// Without the feature nothing has a chart, and none of the code that would use one is in the package.
pub(super) fn known<T>(chart: &Option<Arc<T>>) -> Option<&Arc<T>>
where
    T: ?Sized,
{
    if cfg!(feature = "potentials") { chart.as_ref() } else { None }
}

impl Problem {
    /// The constants at fitted parameters, with the tangent where these are others than the constants.
    pub(super) fn place(&self, parameters: &[f64]) -> Option<(Vec<f64>, Option<Arc<Tangent>>)> {
        let Some(chart) = known(&self.chart) else { return Some((parameters.to_vec(), None)) };
        let (theta, matrix) = chart.at(parameters)?;
        let finite = theta.iter().chain(matrix.iter()).all(|x| x.is_finite());
        finite.then(|| (theta, Some(Arc::new(Tangent { parameters: parameters.to_vec(), matrix }))))
    }

    /// Whether the constants follow from other parameters.
    pub fn has_chart(&self) -> bool {
        known(&self.chart).is_some()
    }
}

impl Evaluation {
    /// How the constants move with the parameters, where these are others.
    pub fn tangent(&self) -> Option<&Arc<Tangent>> {
        known(&self.along)
    }

    /// What the fit moves: the constants, or the parameters that they follow from.
    pub fn parameters(&self) -> &[f64] {
        self.tangent().map_or(&self.theta, |tangent| &tangent.parameters)
    }

    /// A change of all fitted parameters as one of the constants and the nuisances.
    pub fn of_constants(&self, change: &DVector<f64>) -> DVector<f64> {
        match self.tangent() {
            None => change.clone(),
            Some(tangent) => tangent.with_nuisances(change.len()) * change,
        }
    }

    /// A covariance of all fitted parameters as one of the constants and the nuisances.
    pub fn covariance_of_constants(&self, covariance: &DMatrix<f64>) -> DMatrix<f64> {
        match self.tangent() {
            None => covariance.clone(),
            Some(tangent) => {
                let all = tangent.with_nuisances(covariance.nrows());
                &all * covariance * all.transpose()
            }
        }
    }
}

impl Tangent {
    /// Derivatives to the constants as derivatives to the parameters.
    pub fn pulled(&self, slopes: &[f64]) -> Vec<f64> {
        self.matrix.tr_mul(&DVector::from_column_slice(slopes)).iter().copied().collect()
    }

    /// Constants and nuisances by parameters and nuisances, of which there are `n` together.
    fn with_nuisances(&self, n: usize) -> DMatrix<f64> {
        let (rows, columns) = self.matrix.shape();
        let mut out = DMatrix::zeros(rows + n - columns, n);
        out.view_mut((0, 0), (rows, columns)).copy_from(&self.matrix);
        for k in columns..n {
            out[(rows + k - columns, k)] = 1.0;
        }
        out
    }
}
