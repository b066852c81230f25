//! Score tests: what χ² would fall by, to first order, if a shape stood beside the model of a data set, all
//! parameters being fitted again. C. R. Rao, Proc. Camb. Phil. Soc. 44 (1948) 50.

use std::ops::Range;

use nalgebra::{DMatrix, DVector};

use super::normal_equations::Evaluation;
use super::problem::Problem;
use crate::base::parallel::Pool;

/// What the residuals say of one shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Reduction of χ².
    pub drop: f64,
    /// Best amplitude of the shape, and its σ.
    pub amplitude: f64,
    /// Standard deviation of the amplitude.
    pub sigma: f64,
    /// What constants and nuisances are off by where the data hold the shape with the amplitude one and the model does not.
    pub bias: DVector<f64>,
}

/// The model at one point, made ready for tests of many shapes.
pub struct ScoreTest<'a> {
    pool: &'a Pool,
    problem: &'a Problem,
    at: &'a Evaluation,
    /// Intensity at every point of each data set.
    pub intensity: Vec<Vec<f64>>,
    inverse: DMatrix<f64>,
}

impl<'a> ScoreTest<'a> {
    /// `None` where the crystal is not stable.
    pub async fn new(pool: &'a Pool, problem: &'a Problem, at: &'a Evaluation) -> Option<Self> {
        let intensity = problem.intensities(pool, &at.standing).await?;
        Some(ScoreTest { pool, problem, at, intensity, inverse: problem.spectrum(at).inverse() })
    }

    /// The covariance of constants and nuisances for data of variance one.
    pub fn inverse(&self) -> DMatrix<f64> {
        self.at.covariance_of_constants(&self.inverse)
    }

    /// Tests a shape in units of the data, given at the points of data set `t` that are used. `None` for one
    /// that the model can make up by itself.
    pub async fn of(&self, t: usize, shape: &[f64]) -> Option<Score> {
        self.together(&[(t, shape)]).await
    }

    /// The same of shapes in several data sets that come together.
    pub async fn together(&self, shapes: &[(usize, &[f64])]) -> Option<Score> {
        let mut coupling = DVector::zeros(self.problem.n_free());
        let (mut information, mut score) = (0.0, 0.0);
        for (t, shape) in shapes {
            let [more, part] = self.add(*t, shape, &mut coupling).await?;
            information += more;
            score += part;
        }
        let carried = &self.inverse * &coupling;
        let left = information - coupling.dot(&carried);
        // What little is left of a shape that the others make up is rounding: it moves the parameters and nothing tells.
        if left.is_nan() || left <= 1e-8 * information {
            let unknown = information > 0.0 && left.is_finite();
            let bias = self.at.of_constants(&carried);
            let nothing = Score { drop: 0.0, amplitude: 0.0, sigma: f64::INFINITY, bias };
            return unknown.then_some(nothing);
        }
        let score = score - carried.dot(&self.at.descent);
        let (amplitude, sigma) = (score / left, 1.0 / left.sqrt());
        Some(Score { drop: score * score / left, amplitude, sigma, bias: self.at.of_constants(&carried) })
    }

    /// Adds the products of a shape with all parameters; returns those with itself and with the residuals.
    async fn add(&self, t: usize, shape: &[f64], coupling: &mut DVector<f64>) -> Option<[f64; 2]> {
        let (term, nuisances) = (&self.problem.terms[t], &self.at.nuisances[t]);
        let measurement = &term.measurement;
        let (slopes, intensities) = (self.problem.slopes(self.at, t), &self.intensity[t]);
        let likelihood = self.problem.likelihood;
        let work = |points: Range<usize>| {
            let mut columns = vec![0.0; measurement.n_columns()];
            let mut own = vec![0.0; measurement.n_columns()];
            let mut weighted = vec![0.0; points.len()];
            let mut sums = [0.0; 2];
            for (out, point) in weighted.iter_mut().zip(points) {
                let c = shape[point];
                measurement.shapes(point, &mut columns);
                for entry in term.entries(point) {
                    let link = term.join(point, entry, intensities[point], slopes, nuisances, &mut columns);
                    let datum = &term.data[entry];
                    let weight = datum.weight(link.model, likelihood)? * c;
                    *out += link.factor * weight;
                    sums[0] += weight * c;
                    sums[1] += weight * (datum.value - link.model);
                    own.iter_mut().zip(&columns).for_each(|(total, column)| *total += weight * column);
                }
            }
            Some(((weighted, own), sums))
        };
        let mut weighted = Vec::with_capacity(term.n_used());
        let mut own = vec![0.0; measurement.n_columns()];
        let (mut information, mut score) = (0.0, 0.0);
        for part in self.pool.ranges(term.n_used(), term.cost_of_links(), &work).await {
            let ((values, more), sums) = part?;
            weighted.extend(values);
            own.iter_mut().zip(more).for_each(|(total, x)| *total += x);
            information += sums[0];
            score += sums[1];
        }
        // Against every parameter of the fit: through the intensity in reverse mode.
        let pulled = term.model.pullback_in(self.pool, &self.at.standing.states[t], &weighted).await?;
        let pulled = match self.at.tangent() {
            Some(tangent) => tangent.pulled(&pulled),
            None => pulled,
        };
        coupling.iter_mut().zip(pulled).for_each(|(total, x)| *total += nuisances.scale * x);
        let effects = own.len() - measurement.effects.len();
        own[effects..].iter_mut().for_each(|x| *x *= nuisances.scale);
        let first = self.problem.first_nuisance(t);
        let free = &own[usize::from(!measurement.free_scale())..];
        coupling.iter_mut().skip(first).zip(free).for_each(|(total, x)| *total += x);
        Some([information, score])
    }
}
