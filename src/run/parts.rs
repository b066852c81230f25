//! A check of a fit: whether parts of the data, far from Bragg peaks or at low |Q|, ask for other constants.

use nalgebra::{DMatrix, DVector};

use super::systematics::{Search, Systematics};
use crate::base::parallel::rest;
use crate::scattering::from_nearest_peak;

/// So many σ from that of all data, the optimum of a part is another one.
const SIGNIFICANT: f64 = 3.5;
/// The same along one combination of constants.
const SIGNIFICANT_ALONG: f64 = 2.5;
/// Steps towards the optimum of a part.
const STEPS: usize = 8;

/// The optimum of a part of the data.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub code: &'static str,
    pub name: String,
    /// The largest change of a constant in what its σ allow.
    pub in_sigma: f64,
    pub elastic: Option<(String, f64)>,
    /// What to look for.
    pub mend: &'static str,
    pub bias: Vec<f64>,
}

impl Search<'_> {
    /// The optimum of parts of the data.
    pub(super) async fn parts(&self, out: &mut Systematics) {
        let terms = &self.session.problem.terms;
        let crystal = &self.prepared.crystal;
        let inverse = crystal.input.reciprocal().try_inverse().unwrap_or_default();
        let distances: Vec<Vec<f64>> = terms
            .iter()
            .zip(self.rows)
            .map(|(term, rows)| {
                let one = |p: &[f64; 3]| (inverse * from_nearest_peak(crystal, &crystal.q_cart(p))).norm();
                rows.hkl[..term.n_used()].iter().map(one).collect()
            })
            .collect();
        let nearest = distances.iter().flatten().copied().fold(f64::INFINITY, f64::min);
        let outside = |t: usize, p: usize| distances[t][p] >= 1.5 * nearest;
        let inside_q = |t: usize, p: usize| {
            let m = &terms[t].measurement;
            m.q_squared[p].sqrt() <= 0.5 * (m.q_range[0] + m.q_range[1])
        };
        let far = format!("farther than {:.2} r.l.u. from Bragg peaks", 1.5 * nearest);
        let wide = "resolution, tails of Bragg peaks, or what the mask should leave out around them";
        let half =
            "Compton scattering, absorption, polarization, air, or phonon orders that the model leaves out";
        if self.prepared.job.model.order.is_elastic() {
            let farthest = distances.iter().flatten().copied().fold(0.0, f64::max);
            let near = format!("nearer than {:.2} r.l.u. to Bragg peaks", 0.6 * farthest);
            let limit = "the waves farther out are not long, which a smaller mask.bragg_within mends";
            self.part(out, ("half-shell", near, limit), &|t, p| distances[t][p] <= 0.6 * farthest).await;
        }
        self.part(out, ("wider-mask", far, wide), &outside).await;
        self.part(out, ("half-range", "in the inner half of |Q|".into(), half), &inside_q).await;
    }

    async fn part(
        &self,
        out: &mut Systematics,
        (code, name, mend): (&'static str, String, &'static str),
        wanted: &dyn Fn(usize, usize) -> bool,
    ) {
        rest().await;
        let problem = &self.session.problem;
        let included: Vec<Vec<bool>> = problem
            .terms
            .iter()
            .enumerate()
            .map(|(t, term)| (0..term.n_used()).map(|p| wanted(t, p)).collect())
            .collect();
        let count = |all: &[Vec<bool>]| all.iter().flatten().filter(|x| **x).count();
        let (kept, all) = (count(&included), included.iter().map(Vec::len).sum::<usize>());
        if kept < 3 * problem.n_free() || kept == all {
            return;
        }
        let mut seen = None;
        // To first order; where that says something, as a fit of the part would end.
        for most in [0, STEPS] {
            let found = problem.optimum_of_a_part(self.pool, self.at, &included, most).await;
            let Some((step, covariance)) = found else { break };
            let (in_sigma, bias) = self.apart(&step, &covariance);
            let elastic = self.worst_elastic(&step.as_slice()[..bias.len()]);
            seen = Some((in_sigma, elastic, bias));
            if in_sigma <= SIGNIFICANT {
                break;
            }
        }
        let Some((in_sigma, elastic, bias)) = seen else { return };
        out.parts.push(Part { code, name, in_sigma, elastic, mend, bias });
    }

    /// How far the optimum of a part is from that of all data, in what the σ of both allow, and what of it they do not allow.
    fn apart(&self, step: &DVector<f64>, covariance: &DMatrix<f64>) -> (f64, Vec<f64>) {
        let (problem, n) = (&self.session.problem, self.at.theta.len());
        let unit = problem.tolerant_variance(self.at);
        let largest = problem.largest(&self.at.theta);
        // Of the difference between the optimum of a part and that of the whole the variance is the difference of theirs.
        let ratio = |p: usize| {
            let part = covariance[(p, p)] * unit;
            let allowed = (part - self.sigma[p].powi(2)).max(0.1 * part).sqrt();
            if allowed < 0.1 * largest { (step[p] / allowed).abs() } else { 0.0 }
        };
        let in_sigma = (0..n).map(ratio).filter(|x| x.is_finite()).fold(0.0, f64::max);
        if in_sigma <= SIGNIFICANT {
            return (in_sigma, vec![0.0; n]);
        }
        // What its σ allow along a combination of constants is no systematic error.
        let allowed = covariance.view((0, 0), (n, n)) * unit;
        let eigen = allowed.symmetric_eigen();
        let mut bias = DVector::zeros(n);
        for (vector, variance) in eigen.eigenvectors.column_iter().zip(eigen.eigenvalues.iter()) {
            let along = vector.dot(&step.rows(0, n));
            if along.powi(2) > SIGNIFICANT_ALONG.powi(2) * variance {
                bias.axpy(along, &vector, 1.0);
            }
        }
        (in_sigma, bias.as_slice().to_vec())
    }
}
