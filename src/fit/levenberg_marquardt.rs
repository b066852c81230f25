//! Levenberg–Marquardt with the guard of positive definiteness, advanced one iteration at a time.
//!
//! D. W. Marquardt, J. SIAM 11 (1963) 431; damping by gain ratio after H. B. Nielsen, IMM-REP-1999-05
//! (Technical University of Denmark). A step that leaves the stable region, makes the scale negative
//! or does not reduce the misfit is rejected and the damping raised; nothing is clipped.

use nalgebra::{DMatrix, DVector};

use super::problem::{Evaluation, Problem};
use super::uncertainty::Uncertainty;
use crate::{Error, Result};

/// What bounds a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Most accepted iterations.
    pub max_iterations: usize,
    /// Converged when the undamped step moves no constant by more than this fraction of the
    /// largest.
    pub tolerance: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options { max_iterations: 100, tolerance: 1e-10 }
    }
}

/// Why a fit stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TerminationReason {
    /// The undamped step is within the tolerance.
    Converged,
    /// The misfit no longer falls although some combination of constants is still moving: the
    /// data do not determine it.
    Flat,
    /// No step, however small, reduces the misfit.
    Stuck,
    MaxIterations,
}

/// Where a fit is.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Accepted iterations so far.
    pub iteration: usize,
    /// Whether the last iteration moved.
    pub accepted: bool,
    /// Steps rejected in the last iteration.
    pub rejected_steps: usize,
    pub chi2: f64,
    pub termination: Option<TerminationReason>,
}

/// A fit that can be advanced, watched and resumed.
pub struct Session {
    pub problem: Problem,
    pub options: Options,
    start: Evaluation,
    current: Evaluation,
    damping: f64,
    growth: f64,
    flat: usize,
    progress: Progress,
}

/// Rejections in a row after which an iteration is given up.
const MAX_REJECTED: usize = 40;

impl Session {
    /// # Errors
    /// Start constants that make an unstable crystal, fewer data than parameters.
    pub fn new(problem: Problem, theta: &[f64], options: Options) -> Result<Self> {
        problem.check_stable(theta)?;
        let (n_data, n_parameters) = (problem.n_data(), problem.n_free());
        if n_data < n_parameters {
            return Err(Error::TooFewData { n_data, n_parameters });
        }
        let no_scale = || Error::Input {
            place: crate::error::Place { name: "data".into(), line: None },
            what: "the start model and the data have nothing in common (the best scale is not positive)"
                .into(),
            expected: "intensities that rise towards the Bragg peaks".into(),
        };
        let mut nuisances = problem.initial_nuisances(theta).ok_or_else(no_scale)?;
        for (term, n) in problem.terms.iter().zip(&mut nuisances) {
            if n.background.is_empty() || problem.likelihood != super::Likelihood::Poisson {
                continue;
            }
            // A Poisson mean must be positive at every pixel: fall back to a flat share of the data.
            let state = term.model.state(theta).ok_or_else(no_scale)?;
            let lowest =
                term.predict(&state, n).map_or(f64::NAN, |v| v.into_iter().fold(f64::INFINITY, f64::min));
            if lowest.is_nan() || lowest <= 0.0 {
                n.background.iter_mut().for_each(|b| *b = 0.0);
                n.scale = n.scale.max(f64::MIN_POSITIVE);
            }
        }
        let current = problem.evaluate(theta, &nuisances).ok_or_else(no_scale)?;
        let progress = Progress {
            iteration: 0,
            accepted: true,
            rejected_steps: 0,
            chi2: current.chi2,
            termination: None,
        };
        let start = current.clone();
        Ok(Session { problem, options, start, current, damping: 1e-3, growth: 2.0, flat: 0, progress })
    }

    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The present point with its normal equations.
    pub fn current(&self) -> &Evaluation {
        &self.current
    }

    /// The point the fit started from.
    pub fn start(&self) -> &Evaluation {
        &self.start
    }

    /// Back to the start.
    pub fn reset(&mut self) {
        self.current = self.start.clone();
        (self.damping, self.growth, self.flat) = (1e-3, 2.0, 0);
        self.progress = Progress {
            iteration: 0,
            accepted: true,
            rejected_steps: 0,
            chi2: self.current.chi2,
            termination: None,
        };
    }

    /// One iteration: steps are tried until one is accepted or none helps. Does nothing after
    /// the fit has ended.
    pub fn step(&mut self) -> &Progress {
        if self.progress.termination.is_some() {
            return &self.progress;
        }
        if self.progress.iteration >= self.options.max_iterations {
            self.progress.termination = Some(TerminationReason::MaxIterations);
            return &self.progress;
        }
        self.progress.accepted = false;
        self.progress.rejected_steps = 0;
        if self.progress.iteration == 0
            && let Some(rescaled) = self.rescaled()
        {
            self.current = rescaled;
            self.progress.iteration = 1;
            self.progress.accepted = true;
            self.progress.chi2 = self.current.chi2;
            return &self.progress;
        }
        while self.progress.rejected_steps < MAX_REJECTED {
            let Some((step, predicted)) = damped_step(&self.current, self.damping) else {
                self.reject();
                continue;
            };
            if self.finish_if_converged(&step) {
                return &self.progress;
            }
            match self.attempt(&step) {
                Some(next) if self.acceptable(&next, predicted) => {
                    self.accept(next, predicted);
                    return &self.progress;
                }
                _ => self.reject(),
            }
        }
        self.progress.termination = Some(TerminationReason::Stuck);
        &self.progress
    }

    /// Steps until the fit ends.
    pub fn run(&mut self) -> &Progress {
        while self.progress.termination.is_none() {
            self.step();
        }
        &self.progress
    }

    /// Covariance and identifiability at the present point.
    pub fn uncertainty(&self) -> Uncertainty {
        Uncertainty::new(&self.problem, &self.current)
    }

    /// The start with all constants multiplied by one factor, when doubling or halving them (as
    /// often as it helps) fits better. An overall stiffness that is wrong by an order of magnitude
    /// is a common wrong start, and one from which the linear model points nowhere useful when
    /// zero-point motion dominates.
    fn rescaled(&self) -> Option<Evaluation> {
        let mut best: Option<Evaluation> = None;
        for factor in [2.0, 0.5] {
            let mut scale = factor;
            loop {
                let theta: Vec<f64> = self.current.theta.iter().map(|t| t * scale).collect();
                let nuisances: Vec<_> = self.current.nuisances.to_vec();
                let lowest = best.as_ref().unwrap_or(&self.current).objective;
                match self.problem.evaluate(&theta, &nuisances) {
                    Some(next) if next.objective < lowest => best = Some(next),
                    _ => break,
                }
                scale *= factor;
            }
        }
        best
    }

    fn attempt(&self, step: &DVector<f64>) -> Option<Evaluation> {
        let n = self.problem.n_theta();
        let theta: Vec<f64> =
            self.current.theta.iter().zip(step.rows(0, n).iter()).map(|(t, d)| t + d).collect();
        let nuisances = self.problem.step_nuisances(&self.current.nuisances, step);
        self.problem.evaluate(&theta, &nuisances)
    }

    fn acceptable(&self, next: &Evaluation, predicted: f64) -> bool {
        let actual = self.current.objective - next.objective;
        // Once the promised reduction is lost in the rounding of χ², the gradient decides.
        if predicted < 1e-10 * self.current.objective {
            return next.objective <= self.current.objective * (1.0 + 1e-9)
                && decrement(next) <= decrement(&self.current);
        }
        actual > 1e-4 * predicted
    }

    fn accept(&mut self, next: Evaluation, predicted: f64) {
        let actual = self.current.objective - next.objective;
        let gain = actual / predicted;
        self.damping *= (1.0 - (2.0 * gain - 1.0).powi(3)).clamp(1.0 / 10.0, 2.0);
        self.damping = self.damping.max(1e-12);
        self.growth = 2.0;
        self.flat = if actual < 1e-9 * self.current.objective { self.flat + 1 } else { 0 };
        self.current = next;
        self.progress.iteration += 1;
        self.progress.accepted = true;
        self.progress.chi2 = self.current.chi2;
        let small = damped_step(&self.current, 0.0).is_some_and(|(s, _)| self.is_small(&s));
        if small {
            self.progress.termination = Some(TerminationReason::Converged);
        } else if self.flat >= 8 {
            self.progress.termination = Some(TerminationReason::Flat);
        }
    }

    fn reject(&mut self) {
        self.damping *= self.growth;
        self.growth *= 2.0;
        self.progress.rejected_steps += 1;
    }

    /// A damped step that is itself within the tolerance: either the optimum, or the damping has
    /// grown so far that nothing moves.
    fn finish_if_converged(&mut self, step: &DVector<f64>) -> bool {
        if !self.is_small(step) {
            return false;
        }
        let undamped = damped_step(&self.current, 0.0).map(|s| s.0);
        let at_optimum = undamped.is_some_and(|s| self.is_within(&s, 1e3 * self.options.tolerance));
        self.progress.termination =
            Some(if at_optimum { TerminationReason::Converged } else { TerminationReason::Stuck });
        true
    }

    fn is_small(&self, step: &DVector<f64>) -> bool {
        self.is_within(step, self.options.tolerance)
    }

    fn is_within(&self, step: &DVector<f64>, tolerance: f64) -> bool {
        let n = self.problem.n_theta();
        let largest = self.current.theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
        step.rows(0, n).iter().all(|d| d.abs() <= tolerance * largest)
    }
}

/// Solves (F + μ diag F) δ = JᵀW r in parameters scaled to unit diagonal, and the reduction of
/// the objective that the linear model promises.
fn damped_step(at: &Evaluation, damping: f64) -> Option<(DVector<f64>, f64)> {
    let n = at.descent.len();
    let size: Vec<f64> = (0..n).map(|i| at.fisher[(i, i)].sqrt()).collect();
    if size.iter().any(|s| s.is_nan() || *s <= 0.0) {
        return None;
    }
    let mut scaled = DMatrix::from_fn(n, n, |i, j| at.fisher[(i, j)] / (size[i] * size[j]));
    let rhs = DVector::from_fn(n, |i, _| at.descent[i] / size[i]);
    for i in 0..n {
        scaled[(i, i)] += damping;
    }
    let y = scaled.cholesky()?.solve(&rhs);
    // |r|² − |r − Jδ|² = δ·(2 JᵀWr − F δ) = y·(rhs + μ y)
    let predicted = y.dot(&(&rhs + &y * damping));
    let step = DVector::from_fn(n, |i, _| y[i] / size[i]);
    (predicted.is_finite() && step.iter().all(|x| x.is_finite())).then_some((step, predicted))
}

/// The reduction an undamped step promises: the squared distance to the optimum in units of σ.
fn decrement(at: &Evaluation) -> f64 {
    damped_step(at, 0.0).map_or(f64::INFINITY, |(_, predicted)| predicted)
}
