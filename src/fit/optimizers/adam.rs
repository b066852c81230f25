//! Adam: steps along running means of noisy gradients, as for intensities that are sampled anew.
//!
//! D. P. Kingma & J. Ba, arXiv:1412.6980. The learning rate stays for a third of the steps and then
//! falls along half a cosine to a twentieth. With sampled intensities the constants are averaged over the
//! second half of the steps (B. T. Polyak & A. B. Juditsky, SIAM J. Control Optim. 30 (1992) 838), and the
//! average is what the fit reports. A step into an unstable crystal is taken back; the noise-free misfit, which the method
//! itself does not need, is looked up every few steps.

#![cfg_attr(not(feature = "sampled"), allow(dead_code, unused_imports))]

use nalgebra::{DMatrix, DVector};
use rand_distr::uniform::{UniformInt, UniformSampler};
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use crate::fit::measurement::Nuisances;
use crate::fit::normal_equations::Evaluation;
use crate::fit::objective::add_known;
use crate::fit::problem::Problem;
use crate::fit::sampled_term::Linear;
use crate::fit::session::{Context, NEAR, Options, TerminationReason};

/// Which random numbers the samples of successive steps use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum RandomNumbers {
    /// New ones for every step.
    #[default]
    Fresh,
    /// The same for every step.
    Common,
}

/// What Adam takes for the coordinates of the space it moves in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Coordinates {
    /// The constants themselves.
    #[default]
    Constants,
    /// Combinations of constants whose errors are independent at the start.
    Decorrelated,
}

/// Settings of Adam.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamOptions {
    /// Most that a constant moves in the first step, as a fraction of the largest.
    pub learning_rate: f64,
    /// Which random numbers the samples of successive steps use.
    pub random_numbers: RandomNumbers,
    /// Points of each data set that a step looks at; all when absent.
    pub batch: Option<usize>,
    /// The space that it moves in.
    pub coordinates: Coordinates,
}

impl Default for AdamOptions {
    fn default() -> Self {
        AdamOptions {
            learning_rate: 0.003,
            random_numbers: RandomNumbers::default(),
            batch: None,
            coordinates: Coordinates::default(),
        }
    }
}

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
/// Part of what is known of scale and backgrounds that a step renews.
const FORGET: f64 = 0.05;
/// Steps from one look at the noise-free misfit to the next.
const MONITOR: usize = 10;
/// Halvings of a step towards the last point that was stable.
const MAX_HALVINGS: usize = 30;

/// The method's own state.
#[derive(Clone)]
pub(in crate::fit) struct Adam {
    /// Largest start constant, eV/Å².
    largest: f64,
    /// Constants by coordinates, scaled so that a unit moves none by more than one.
    axes: DMatrix<f64>,
    theta: DVector<f64>,
    /// Where the gradient was last known.
    stable: DVector<f64>,
    /// Scale and backgrounds of the snapshots so far, and the running means that they come from.
    nuisances: Vec<Nuisances>,
    linear: Vec<Option<Linear>>,
    mean: DVector<f64>,
    square: DVector<f64>,
    steps: usize,
    average: Average,
    random: Pcg64,
}

impl Adam {
    pub fn new(problem: &Problem, options: &Options, start: &Evaluation) -> Self {
        let n = problem.n_theta();
        let seed = problem.terms.first().and_then(|t| t.sampled.as_ref()).map_or(0, |s| s.seed);
        let theta = DVector::from_column_slice(start.parameters());
        let axes = match options.adam.coordinates {
            Coordinates::Constants => DMatrix::identity(n, n),
            Coordinates::Decorrelated => decorrelated(&start.fisher, n),
        };
        Adam {
            largest: theta.amax(),
            axes,
            stable: theta.clone(),
            theta,
            nuisances: start.nuisances.clone(),
            linear: vec![None; start.nuisances.len()],
            mean: DVector::zeros(n),
            square: DVector::zeros(n),
            steps: 0,
            average: Average::new(n),
            random: Pcg64::new(u128::from(seed), 0x5eed),
        }
    }

    /// One step along the gradient.
    pub async fn step(&mut self, fit: &mut Context<'_>) {
        let total = fit.options.max_iterations;
        let done = fit.progress.iteration as f64 / total as f64;
        let Some(gradient) = self.gradient_where_stable(fit).await else {
            fit.progress.termination = Some(TerminationReason::Stuck);
            return;
        };
        let gradient = self.axes.tr_mul(&gradient);
        self.steps += 1;
        self.mean = &self.mean * BETA_1 + &gradient * (1.0 - BETA_1);
        self.square = &self.square * BETA_2 + gradient.component_mul(&gradient) * (1.0 - BETA_2);
        let power = self.steps.min(100_000) as i32;
        let (bias_1, bias_2) = (1.0 - BETA_1.powi(power), 1.0 - BETA_2.powi(power));
        let root = self.square.map(|v| (v / bias_2).sqrt().max(f64::MIN_POSITIVE));
        let step = self.mean.component_div(&root) / bias_1;
        let mut step = &self.axes * step * (self.rate(fit, done));
        hold(fit, &mut step);
        self.theta -= step;
        fit.problem.keep_in_bounds(self.theta.as_mut_slice());
        fit.progress.iteration += 1;
        fit.progress.accepted = true;
        self.average.add(&self.theta, fit.progress.iteration, total);
        let last = fit.progress.iteration == total;
        let sampled = is_sampled(fit.problem);
        // Exact gradients have no noise to average out.
        if last
            && sampled
            && let Some(average) = self.average.mean()
        {
            self.theta = average;
        }
        let every = if sampled { MONITOR } else { 1 };
        if (last || fit.progress.iteration.is_multiple_of(every))
            && let Some(at) = fit.evaluate(self.theta.as_slice(), &fit.current.nuisances).await
        {
            *fit.current = at;
            fit.progress.chi2 = fit.current.chi2;
        }
        if last {
            // Steady is not enough: a crawl is steady too. The noise-free model knows how far it is.
            let settled = self.average.has_settled(1e-3 * fit.options.adam.learning_rate * self.largest)
                && fit.problem.distance_in_sigma(fit.current) < NEAR;
            let reason =
                if settled { TerminationReason::Converged } else { TerminationReason::MaxIterations };
            fit.progress.termination = Some(reason);
        }
    }

    fn rate(&self, fit: &Context, done: f64) -> f64 {
        let falling = ((done - 1.0 / 3.0) * 1.5).max(0.0);
        let fall = 0.525 + 0.475 * (std::f64::consts::PI * falling).cos();
        fit.options.adam.learning_rate * self.largest * fall
    }

    /// The gradient here, or on the way back to where the crystal was last stable.
    async fn gradient_where_stable(&mut self, fit: &mut Context<'_>) -> Option<DVector<f64>> {
        for _ in 0..MAX_HALVINGS {
            if let Some(gradient) = self.gradient(fit).await {
                self.stable.clone_from(&self.theta);
                return Some(gradient);
            }
            fit.progress.rejected_steps += 1;
            self.theta = (&self.theta + &self.stable) * 0.5;
            // What led out of the stable region is not to be followed any further.
            self.mean.fill(0.0);
        }
        None
    }

    async fn gradient(&mut self, fit: &Context<'_>) -> Option<DVector<f64>> {
        let problem = fit.problem;
        let (n, theta) = (problem.n_theta(), self.theta.as_slice());
        if !is_sampled(problem) {
            if fit.current.parameters() == theta {
                return Some(fit.current.descent.rows(0, n) * -2.0);
            }
            let at = fit.evaluate(theta, &fit.current.nuisances).await?;
            return Some(at.descent.rows(0, n) * -2.0);
        }
        if !problem.is_stable_in_the_long_wave_limit(theta) {
            return None;
        }
        let fresh = fit.options.adam.random_numbers == RandomNumbers::Fresh;
        let mut gradient = DVector::zeros(n);
        for (t, (term, nuisances)) in problem.terms.iter().zip(&mut self.nuisances).enumerate() {
            let sampled = term.sampled.as_ref()?;
            let n = term.n_used();
            let points = match fit.options.adam.batch {
                Some(batch) if batch < n => choose(n, batch, &mut self.random),
                _ => (0..n).collect(),
            };
            let seed = if fresh { step_seed(sampled.seed, self.steps) } else { sampled.seed };
            let estimate = sampled.estimate(term, theta, nuisances, &points, seed, fresh)?;
            gradient.iter_mut().zip(estimate.gradient).for_each(|(total, g)| *total += g);
            let linear = self.linear[t].get_or_insert_with(|| estimate.linear.clone());
            // A plain mean at first, so that one lucky set of snapshots does not weigh too much.
            linear.approach(&estimate.linear, FORGET.max(1.0 / (1.0 + self.steps as f64)));
            if let Some(better) = linear.solve(term, nuisances) {
                *nuisances = better;
            }
        }
        let mut objective = 0.0;
        add_known(fit.pool, problem, theta, &mut objective, &mut gradient).await?;
        Some(gradient)
    }
}

/// Takes out of a step of the constants what moves along combinations that the data leave open: noise would
/// carry them away.
fn hold(fit: &Context, step: &mut DVector<f64>) {
    let n = step.len();
    let spectrum = fit.problem.spectrum(fit.current);
    if !spectrum.open.contains(&true) {
        return;
    }
    let held = spectrum.held(&fit.current.descent, fit.problem.tolerant_variance(fit.current));
    let mut all = DVector::zeros(fit.problem.n_free());
    all.rows_mut(0, n).copy_from(step);
    spectrum.without(&held, &mut all);
    step.copy_from(&all.rows(0, n));
}

fn is_sampled(problem: &Problem) -> bool {
    problem.terms.iter().any(|t| t.sampled.is_some())
}

/// Eigenvalues of the scaled Fisher matrix are taken for at least this: nothing is known of the
/// combinations below it, and they should not outrun the others.
const LEAST_EIGENVALUE: f64 = 1e-5;

/// Columns in which the first `n` parameters, the others being at their optimum, have independent
/// errors of one size; scaled so that a step of one in each moves no constant by much more than one.
fn decorrelated(fisher: &DMatrix<f64>, n: usize) -> DMatrix<f64> {
    let all = fisher.nrows();
    let size = DVector::from_fn(all, |i, _| fisher[(i, i)].max(f64::MIN_POSITIVE).sqrt());
    let scaled = DMatrix::from_fn(all, all, |i, j| fisher[(i, j)] / (size[i] * size[j]));
    let eigen = scaled.symmetric_eigen();
    let variance = eigen.eigenvalues.map(|e| 1.0 / e.max(LEAST_EIGENVALUE));
    let covariance = &eigen.eigenvectors * DMatrix::from_diagonal(&variance) * eigen.eigenvectors.transpose();
    let covariance = DMatrix::from_fn(n, n, |i, j| covariance[(i, j)] / (size[i] * size[j]));
    let largest = covariance.diagonal().amax().sqrt();
    // A symmetric root: among all roots, the columns nearest to the constants themselves.
    let eigen = covariance.symmetric_eigen();
    let root = eigen.eigenvalues.map(|e| e.max(0.0).sqrt() / largest);
    &eigen.eigenvectors * DMatrix::from_diagonal(&root) * eigen.eigenvectors.transpose()
}

/// Blocks that the second half of the steps is divided into.
const BLOCKS: usize = 8;

/// Means of the constants over the blocks of the second half of the steps.
#[derive(Clone)]
struct Average {
    sums: Vec<DVector<f64>>,
    counts: [f64; BLOCKS],
}

impl Average {
    fn new(n: usize) -> Self {
        Average { sums: vec![DVector::zeros(n); BLOCKS], counts: [0.0; BLOCKS] }
    }

    fn add(&mut self, theta: &DVector<f64>, iteration: usize, total: usize) {
        if let Some(late) = (2 * iteration).checked_sub(total + 1) {
            let block = (late * BLOCKS / total).min(BLOCKS - 1);
            self.sums[block] += theta;
            self.counts[block] += 1.0;
        }
    }

    fn mean(&self) -> Option<DVector<f64>> {
        let count: f64 = self.counts.iter().sum();
        (count > 0.0).then(|| self.sums.iter().sum::<DVector<f64>>() / count)
    }

    /// Whether the two halves agree, be it within `tolerance` or within four times what the scatter
    /// of the blocks makes of their difference.
    fn has_settled(&self, tolerance: f64) -> bool {
        if self.counts.contains(&0.0) {
            return false;
        }
        let n = self.sums[0].len();
        let blocks: Vec<DVector<f64>> = self.sums.iter().zip(self.counts).map(|(s, c)| s / c).collect();
        let half = (BLOCKS / 2) as f64;
        let mut ratio = 0.0;
        let mut within = true;
        for p in 0..n {
            let mean = |part: &[DVector<f64>]| part.iter().map(|b| b[p]).sum::<f64>() / half;
            let (early, late) = blocks.split_at(BLOCKS / 2);
            let (a, b) = (mean(early), mean(late));
            let scatter =
                |part: &[DVector<f64>], m: f64| part.iter().map(|x| (x[p] - m).powi(2)).sum::<f64>();
            let variance = (scatter(early, a) + scatter(late, b)) / (half - 1.0) / half;
            ratio += (a - b).powi(2) / variance.max(f64::MIN_POSITIVE) / n as f64;
            within &= (a - b).abs() < tolerance;
        }
        within || ratio < 16.0
    }
}

/// Seed of the snapshots of a step. Fits with neighbouring seeds share none, as they would if the number of
/// the step were simply added.
fn step_seed(seed: u64, step: usize) -> u64 {
    seed.wrapping_add((1 + step as u64) << 32)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_with_neighbouring_seeds_share_no_snapshots() {
        let seeds: std::collections::BTreeSet<u64> =
            (0..20).flat_map(|seed| (0..1000).map(move |step| step_seed(seed, step))).collect();
        assert_eq!(seeds.len(), 20 * 1000);
    }
}
