//! Sampled intensities compared with data: misfit and gradient from snapshots.
//!
//! With held random numbers the misfit is a function like any other, though its optimum is not
//! quite that of the exact intensities: the variance of the samples adds to it. With fresh ones the
//! residual is taken from one half of the snapshots and the derivative from the other, whose errors
//! are independent, so that the gradient is right on average however few there are. For the same reason
//! scale and backgrounds are then taken as given, from earlier snapshots.

use nalgebra::{DMatrix, DVector};

use super::measurement::Nuisances;
use super::term::{DataTerm, Likelihood};
use crate::scattering::Sampled;

/// How the intensities of one data set are sampled.
#[derive(Clone)]
pub struct SampledTerm {
    /// At the same points as the noise-free model.
    pub model: Sampled,
    /// Snapshots for each evaluation.
    pub samples: usize,
    /// Which random numbers are drawn.
    pub seed: u64,
}

/// Misfit and ∂/∂θ of it.
pub(super) struct Estimate {
    pub objective: f64,
    pub gradient: Vec<f64>,
    /// Those that were used.
    pub nuisances: Nuisances,
    /// What these snapshots say of the nuisances.
    pub linear: Linear,
}

impl SampledTerm {
    /// All used points and the same snapshots every time; `None` when Φ is not positive definite.
    pub(super) fn plain(&self, term: &DataTerm, theta: &[f64], nuisances: &Nuisances) -> Option<Estimate> {
        let points: Vec<usize> = (0..term.n_used()).collect();
        self.estimate(term, theta, nuisances, &points, self.seed, false)
    }

    /// `points` only, with the snapshots of `seed`. `halves`: residual and derivative from different
    /// snapshots, at the nuisances given; otherwise at the best ones.
    pub(super) fn estimate(
        &self,
        term: &DataTerm,
        theta: &[f64],
        nuisances: &Nuisances,
        points: &[usize],
        seed: u64,
        halves: bool,
    ) -> Option<Estimate> {
        #[cfg(not(feature = "sampled"))]
        match self.model.none() {}
        let subset = (points.len() < self.model.n_points()).then(|| self.model.subset(points));
        let model = subset.as_ref().unwrap_or(&self.model);
        let halves = halves && self.samples > 1;
        let samples = if halves { self.samples / 2 * 2 } else { self.samples };
        let draw = model.draw(theta, seed, 0, samples)?;
        let amplitudes = model.amplitudes(&draw);
        // Means over the even and over the odd snapshots, or over all of them.
        let groups = if halves { 2 } else { 1 };
        let share = groups as f64 / samples as f64;
        let mut means = vec![vec![0.0; points.len()]; groups];
        for sample in 0..samples {
            for (mean, i) in means[sample % groups].iter_mut().zip(amplitudes.intensities(sample)) {
                *mean += i * share;
            }
        }
        let (a, b) = (&means[0], &means[groups - 1]);
        let linear = Linear::new(term, nuisances, points, a, b)?;
        let nuisances = if halves { nuisances.clone() } else { linear.solve(term, nuisances)? };
        let residual = |mean: &[f64], i: usize| {
            term.data[points[i]].value - term.predict_one(points[i], mean[i], &nuisances)
        };
        // Points in all for points in the batch: then the mean over batches is the misfit.
        let scale = term.n_used() as f64 / points.len() as f64;
        let weight = |i: usize| scale * term.data[points[i]].weight(1.0, Likelihood::Gaussian).unwrap_or(0.0);
        let mut objective = 0.0;
        let mut pulls = vec![vec![0.0; points.len()]; groups];
        for i in 0..points.len() {
            let (ra, rb) = (residual(a, i), residual(b, i));
            objective +=
                weight(i) * ra * rb + scale * term.data[points[i]].scatter(1.0, Likelihood::Gaussian);
            // ∂(r_a r_b) = −s (r_b ∂I_a + r_a ∂I_b)
            let factor = -weight(i) * nuisances.scale * share * if halves { 1.0 } else { 2.0 };
            pulls[0][i] = factor * rb;
            pulls[groups - 1][i] = factor * ra;
        }
        let gradient = model.pullback_with(&draw, &amplitudes, &|sample, i| pulls[sample % groups][i]);
        Some(Estimate { objective, gradient, nuisances, linear })
    }
}

/// Normal equations of the linear nuisances, from two estimates of the intensity whose errors are
/// independent (or one and the same). Sums over several sets of snapshots are less biased than the mean
/// of their solutions.
#[derive(Clone)]
pub(super) struct Linear {
    matrix: DMatrix<f64>,
    rhs: DVector<f64>,
}

impl Linear {
    fn new(term: &DataTerm, start: &Nuisances, points: &[usize], a: &[f64], b: &[f64]) -> Option<Self> {
        let free_scale = term.measurement.free_scale();
        let first = usize::from(free_scale);
        let n = term.n_free();
        let mut matrix = DMatrix::<f64>::zeros(n, n);
        let mut rhs = DVector::<f64>::zeros(n);
        for (i, &p) in points.iter().enumerate() {
            let w = term.data[p].weight(1.0, Likelihood::Gaussian)?;
            let mean = 0.5 * (a[i] + b[i]);
            let shape = |k: usize| term.measurement.shape(term.measurement.background[k].what, p, None);
            let column = |k: usize| if k < first { mean } else { shape(k - first) };
            let fixed = if free_scale { 0.0 } else { start.scale * mean };
            for k in 0..n {
                rhs[k] += w * column(k) * (term.data[p].value - fixed);
                for l in 0..n {
                    let product = if k < first && l < first { a[i] * b[i] } else { column(k) * column(l) };
                    matrix[(k, l)] += w * product;
                }
            }
        }
        Some(Linear { matrix, rhs })
    }

    /// Forgets a part of what was seen so far in favour of `other`.
    pub(super) fn approach(&mut self, other: &Linear, part: f64) {
        self.matrix += (&other.matrix - &self.matrix) * part;
        self.rhs += (&other.rhs - &self.rhs) * part;
    }

    /// The nuisances that fit best; `None` when the scale is not positive.
    pub(super) fn solve(&self, term: &DataTerm, start: &Nuisances) -> Option<Nuisances> {
        let mut best = start.clone();
        let n = self.rhs.len();
        if n == 0 {
            return Some(best);
        }
        let size: Vec<f64> = (0..n).map(|k| self.matrix[(k, k)].max(f64::MIN_POSITIVE).sqrt()).collect();
        let scaled = DMatrix::from_fn(n, n, |k, l| self.matrix[(k, l)] / (size[k] * size[l]));
        let solution = scaled.lu().solve(&DVector::from_fn(n, |k, _| self.rhs[k] / size[k]))?;
        let first = n - term.measurement.background.len();
        for k in 0..n {
            let value = solution[k] / size[k];
            if k < first { best.scale = value } else { best.background[k - first] = value }
        }
        (best.scale > 0.0).then_some(best)
    }
}
