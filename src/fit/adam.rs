//! Adam: steps along running means of noisy gradients, as for intensities that are sampled anew.
//!
//! D. P. Kingma & J. Ba, arXiv:1412.6980. The learning rate falls along half a cosine to a hundredth.
//! Over the last quarter of the steps the constants are averaged (B. T. Polyak & A. B. Juditsky, SIAM
//! J. Control Optim. 30 (1992) 838), and the average is what the fit reports.

use nalgebra::DVector;
use rand_distr::uniform::{UniformInt, UniformSampler};
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use super::objective;
use super::problem::{Evaluation, Problem};
use super::session::{Context, Options, TerminationReason};

/// Which random numbers the samples of successive steps use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RandomNumbers {
    /// New ones for every step.
    #[default]
    Fresh,
    /// The same for every step.
    Common,
}

/// Settings of Adam.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamOptions {
    /// First step, as a fraction of the largest start constant.
    pub learning_rate: f64,
    pub random_numbers: RandomNumbers,
    /// Points of each data set that a step looks at; all when absent.
    pub batch: Option<usize>,
}

impl Default for AdamOptions {
    fn default() -> Self {
        AdamOptions { learning_rate: 0.03, random_numbers: RandomNumbers::Fresh, batch: None }
    }
}

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.99;

/// The method's own state.
pub(super) struct Adam {
    /// Largest start constant, eV/Å².
    largest: f64,
    theta: Vec<f64>,
    mean: Vec<f64>,
    square: Vec<f64>,
    steps: usize,
    /// Sums over the third and the last quarter of the steps.
    averages: [(Vec<f64>, f64); 2],
    random: Pcg64,
}

impl Adam {
    pub fn new(problem: &Problem, options: &Options, start: &Evaluation) -> Self {
        let n = problem.n_theta();
        let _ = options;
        let seed = problem.terms.first().and_then(|t| t.sampled.as_ref()).map_or(0, |s| s.seed);
        Adam {
            largest: start.theta.iter().fold(0.0_f64, |m, t| m.max(t.abs())),
            theta: start.theta.clone(),
            mean: vec![0.0; n],
            square: vec![0.0; n],
            steps: 0,
            averages: [(vec![0.0; n], 0.0), (vec![0.0; n], 0.0)],
            random: Pcg64::new(u128::from(seed), 0x5eed),
        }
    }

    /// One step along the gradient, at the present scale and backgrounds.
    pub fn step(&mut self, fit: &mut Context) {
        let total = fit.options.max_iterations;
        let done = fit.progress.iteration as f64 / total as f64;
        let Some(gradient) = self.gradient(fit) else {
            // Should not happen: every point that is kept has been found stable.
            fit.progress.termination = Some(TerminationReason::Stuck);
            return;
        };
        self.steps += 1;
        for ((m, v), g) in self.mean.iter_mut().zip(&mut self.square).zip(gradient.iter()) {
            *m = BETA_1 * *m + (1.0 - BETA_1) * g;
            *v = BETA_2 * *v + (1.0 - BETA_2) * g * g;
        }
        let power = self.steps.min(100_000) as i32;
        let (bias_1, bias_2) = (1.0 - BETA_1.powi(power), 1.0 - BETA_2.powi(power));
        let fall = 0.505 + 0.495 * (std::f64::consts::PI * done).cos();
        let rate = fit.options.adam.learning_rate * self.largest * fall;
        let mut factor = 1.0;
        let moved = loop {
            let theta: Vec<f64> = (0..self.theta.len())
                .map(|p| {
                    let root = (self.square[p] / bias_2).sqrt().max(f64::MIN_POSITIVE);
                    self.theta[p] - factor * rate * self.mean[p] / bias_1 / root
                })
                .collect();
            // The noise-free model keeps the account, and says whether the crystal is stable.
            if let Some(at) = fit.problem.evaluate(&theta, &fit.current.nuisances) {
                break at;
            }
            fit.progress.rejected_steps += 1;
            factor *= 0.5;
            if fit.progress.rejected_steps > 20 {
                fit.progress.termination = Some(TerminationReason::Stuck);
                return;
            }
        };
        self.theta.clone_from(&moved.theta);
        *fit.current = moved;
        fit.progress.iteration += 1;
        fit.progress.accepted = true;
        let quarter = fit.progress.iteration * 4 / total.max(1);
        if let Some(at) = quarter.checked_sub(2) {
            let (sum, count) = &mut self.averages[at.min(1)];
            sum.iter_mut().zip(&self.theta).for_each(|(s, t)| *s += t);
            *count += 1.0;
        }
        if fit.progress.iteration == total {
            self.finish(fit);
        }
        fit.progress.chi2 = fit.current.chi2;
    }

    /// Reports the average, and whether it still moved by more than its error.
    fn finish(&self, fit: &mut Context) {
        let average =
            |(sum, count): &(Vec<f64>, f64)| -> Vec<f64> { sum.iter().map(|s| s / count).collect() };
        let (before, last) = (average(&self.averages[0]), average(&self.averages[1]));
        let Some(at) = fit.problem.evaluate(&last, &fit.current.nuisances) else {
            fit.progress.termination = Some(TerminationReason::MaxIterations);
            return;
        };
        *fit.current = at;
        // One step's worth: the average of a quarter of the steps is steadier than that.
        let tolerance = 0.1 * fit.options.adam.learning_rate * self.largest;
        let settled = before.iter().zip(&last).all(|(a, b)| (a - b).abs() < tolerance);
        fit.progress.termination =
            Some(if settled { TerminationReason::Converged } else { TerminationReason::MaxIterations });
    }

    fn gradient(&mut self, fit: &Context) -> Option<DVector<f64>> {
        let problem = fit.problem;
        if problem.terms.iter().all(|t| t.sampled.is_none()) {
            return Some(objective::at(problem, &self.theta, &fit.current.nuisances)?.gradient);
        }
        let fresh = fit.options.adam.random_numbers == RandomNumbers::Fresh;
        let mut gradient = DVector::zeros(problem.n_theta());
        for (term, nuisances) in problem.terms.iter().zip(&fit.current.nuisances) {
            let sampled = term.sampled.as_ref()?;
            let n = term.n_used();
            let points = match fit.options.adam.batch {
                Some(batch) if batch < n => choose(n, batch, &mut self.random),
                _ => (0..n).collect(),
            };
            let seed = if fresh { sampled.seed.wrapping_add(1 + self.steps as u64) } else { sampled.seed };
            let estimate = sampled.estimate(term, &self.theta, nuisances, &points, seed, fresh)?;
            gradient.iter_mut().zip(estimate.gradient).for_each(|(total, g)| *total += g);
        }
        Some(gradient)
    }
}

/// `count` different numbers below `n`, ascending (R. W. Floyd's algorithm).
fn choose(n: usize, count: usize, random: &mut Pcg64) -> Vec<usize> {
    let mut chosen = std::collections::BTreeSet::new();
    for last in n - count..n {
        let Ok(uniform) = UniformInt::<u64>::new_inclusive(0, last as u64) else { break };
        let at = uniform.sample(random) as usize;
        if !chosen.insert(at) {
            chosen.insert(last);
        }
    }
    chosen.into_iter().collect()
}
