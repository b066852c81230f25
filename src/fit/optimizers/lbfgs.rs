//! L-BFGS: a quasi-Newton method that needs gradients only.
//!
//! D. C. Liu & J. Nocedal, Math. Program. 45 (1989) 503; steps by the bisection for the weak Wolfe
//! conditions of A. S. Lewis & M. L. Overton, Math. Program. 141 (2013) 135, which takes an unstable
//! crystal for an infinite misfit. Parameters are measured in units of 1/√F_ii at the start.

use std::collections::VecDeque;

use nalgebra::DVector;

use crate::fit::normal_equations::Evaluation;
use crate::fit::objective::Value;
use crate::fit::optimizers::levenberg_marquardt::guarded_step;
use crate::fit::problem::Problem;
use crate::fit::session::{Context, TerminationReason};
use crate::fit::spectrum::{Held, Spectrum};

/// Pairs of steps and gradient changes that are remembered.
const MEMORY: usize = 12;
/// Trials along one direction.
const MAX_TRIALS: usize = 30;
/// Converged when no component of the gradient promises a reduction of the objective above the
/// square of this: in units of σ, a step by less than it.
const GRADIENT: f64 = 1e-6;
/// Iterations from one look at what is to be held to the next.
const LOOK: usize = 20;
/// So many iterations that together reduce the objective by less than a step by so many σ would end the fit: along the border
/// of stability it creeps without end.
const CREEP: (usize, f64) = (60, 0.01);
/// Part of the objective that is rounding.
const ROUNDING: f64 = 1e-12;

/// The method's own state.
#[derive(Clone)]
pub(in crate::fit) struct Lbfgs {
    /// Unit of each parameter.
    size: DVector<f64>,
    /// Unit of the objective: the variance of a datum, which is one where the data carry σ.
    variance: f64,
    memory: VecDeque<(DVector<f64>, DVector<f64>)>,
    /// Value and gradient at the present point.
    at: Option<Value>,
    /// The combinations that are held, as they were found last.
    spectrum: Spectrum,
    held: Held,
    /// Iterations since the objective had a value from which it fell by something, and that value.
    still: (usize, f64),
}

impl Lbfgs {
    pub fn new(problem: &Problem, start: &Evaluation) -> Self {
        let variance = problem.variance(start).max(f64::MIN_POSITIVE);
        let unit = |f: f64| if f > 0.0 { (variance / f).sqrt() } else { 1.0 };
        Lbfgs {
            size: start.fisher.diagonal().map(unit),
            variance,
            memory: VecDeque::new(),
            at: None,
            spectrum: problem.spectrum(start),
            held: Held::default(),
            still: (0, f64::INFINITY),
        }
    }

    /// In the units of the method, without what is held.
    fn gradient(&self, at: &Value) -> DVector<f64> {
        let mut gradient = at.gradient.component_mul(&self.size) / self.variance;
        self.hold(&mut gradient);
        gradient
    }

    /// Takes out of a vector in the units of the method what moves along the combinations that are held.
    fn hold(&self, x: &mut DVector<f64>) {
        if self.held != Held::default() {
            let mut step = x.component_mul(&self.size);
            self.spectrum.without(&self.held, &mut step);
            *x = step.component_div(&self.size);
        }
    }

    /// Looks anew which combinations are to be held.
    fn look(&mut self, fit: &Context) {
        let spectrum = fit.problem.spectrum(fit.current);
        let held = spectrum.held(&fit.current.descent, fit.problem.tolerant_variance(fit.current));
        if held != Held::default() || self.held != Held::default() {
            if held.combinations.len() != self.held.combinations.len() {
                self.memory.clear();
            }
            (self.spectrum, self.held) = (spectrum, held);
        }
    }

    /// One iteration: a direction and a step along it.
    pub async fn step(&mut self, fit: &mut Context<'_>) {
        let at = match self.at.take() {
            Some(at) => at,
            None => match fit.value().await {
                Some(at) => at,
                None => return fit.progress.termination = Some(TerminationReason::Stuck),
            },
        };
        // Directions that turn at every step would keep the memory from learning anything.
        if self.memory.is_empty() || fit.progress.iteration.is_multiple_of(LOOK) {
            self.look(fit);
        }
        let gradient = self.gradient(&at);
        // What is held wanders within the noise as the rest moves: no more digits than that are to be had.
        let enough = if self.held == Held::default() { GRADIENT } else { 1e2 * GRADIENT };
        if gradient.amax() < enough {
            fit.progress.termination = Some(TerminationReason::Converged);
            return;
        }
        let mut direction = -self.inverse_hessian(&gradient);
        self.hold(&mut direction);
        // What rests at the end of its range, as no gradient tells, stays there.
        for (p, ends) in &fit.problem.bounds {
            if ends.contains(&at.theta[*p]) && gradient[*p] == 0.0 {
                direction[*p] = 0.0;
            }
        }
        if direction.dot(&gradient) >= 0.0 {
            self.memory.clear();
            direction = -&gradient;
        }
        if self.memory.is_empty() {
            // Nothing is known of the curvature: the first step is a small one.
            direction *= 1.0_f64.min(10.0 / gradient.norm());
        }
        let Some((mut step, next)) = self.search(fit, &at, &gradient, &direction).await else {
            if self.memory.is_empty() {
                let flat = gradient.amax() < 1e3 * GRADIENT;
                let reason = if flat { TerminationReason::Converged } else { TerminationReason::Stuck };
                fit.progress.termination = Some(reason);
            } else {
                // The memory may mislead: once more without it.
                self.memory.clear();
                self.at = Some(at);
                fit.progress.rejected_steps += 1;
            }
            return;
        };
        if !fit.problem.bounds.is_empty() {
            // Where a range ends the step was shorter.
            for (p, (there, here)) in next.theta.iter().zip(&at.theta).enumerate() {
                step[p] = (there - here) / self.size[p];
            }
            let ends = |theta: &[f64]| -> Vec<bool> {
                fit.problem.bounds.iter().map(|(p, ends)| ends.contains(&theta[*p])).collect()
            };
            if ends(&next.theta) != ends(&at.theta) {
                self.memory.clear();
            }
        }
        let change = self.gradient(&next) - gradient;
        if step.dot(&change) > 1e-14 * change.norm_squared() {
            self.memory.push_back((step, change));
            if self.memory.len() > MEMORY {
                self.memory.pop_front();
            }
        }
        let linearisation = &fit.current.linearisation;
        if let Some(evaluation) = next.evaluation(fit.pool, fit.problem, linearisation).await {
            *fit.current = evaluation;
        }
        fit.progress.iteration += 1;
        fit.progress.accepted = true;
        fit.progress.chi2 = fit.current.chi2;
        let (most, sigmas) = CREEP;
        if self.still.1 - next.objective > sigmas.powi(2) * fit.problem.variance(fit.current) {
            self.still = (0, next.objective);
        }
        self.still.0 += 1;
        self.at = Some(next);
        if self.still.0 > most {
            let far = guarded_step(fit.problem, fit.current, 0.0)
                .is_none_or(|step| step.is_above(0.1, fit.problem, fit.current));
            let reason = if far { TerminationReason::Stuck } else { TerminationReason::Converged };
            fit.progress.termination = Some(reason);
        }
    }

    /// The two-loop recursion.
    fn inverse_hessian(&self, gradient: &DVector<f64>) -> DVector<f64> {
        let mut q = gradient.clone();
        let mut alphas = Vec::with_capacity(self.memory.len());
        for (s, y) in self.memory.iter().rev() {
            let alpha = s.dot(&q) / s.dot(y);
            q.axpy(-alpha, y, 1.0);
            alphas.push(alpha);
        }
        if let Some((s, y)) = self.memory.back() {
            q *= s.dot(y) / y.norm_squared();
        }
        for ((s, y), alpha) in self.memory.iter().zip(alphas.iter().rev()) {
            let beta = y.dot(&q) / s.dot(y);
            q.axpy(alpha - beta, s, 1.0);
        }
        q
    }

    /// A step (in scaled parameters) that meets the weak Wolfe conditions, and the point there.
    async fn search(
        &self,
        fit: &mut Context<'_>,
        at: &Value,
        gradient: &DVector<f64>,
        direction: &DVector<f64>,
    ) -> Option<(DVector<f64>, Value)> {
        let slope = gradient.dot(direction);
        let (mut low, mut high) = (0.0, f64::INFINITY);
        let mut t = 1.0;
        let mut best = None;
        for _ in 0..MAX_TRIALS {
            let step = direction * t;
            let moved = step.component_mul(&self.size);
            let next = at.moved(fit.pool, fit.problem, &moved, &fit.current.linearisation).await;
            let slope_there = |next: &Value| self.gradient(next).dot(direction);
            match next {
                Some(next)
                    if next.objective <= at.objective + 1e-4 * t * slope * self.variance
                        || is_level(at, &next) && slope_there(&next) <= -0.9998 * slope =>
                {
                    let enough = slope_there(&next) >= 0.9 * slope;
                    best = Some((step, next));
                    if enough {
                        return best;
                    }
                    low = t;
                }
                _ => {
                    high = t;
                    fit.progress.rejected_steps += 1;
                }
            }
            t = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * low };
        }
        best
    }
}

/// Whether the objective differs by rounding only. Slopes then tell what it cannot: the approximate Wolfe
/// conditions of W. W. Hager & H. Zhang, SIAM J. Optim. 16 (2005) 170.
fn is_level(at: &Value, next: &Value) -> bool {
    next.objective <= at.objective * (1.0 + ROUNDING)
}
