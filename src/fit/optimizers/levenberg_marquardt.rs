//! Levenberg–Marquardt with the guard of positive definiteness, advanced one iteration at a time.
//!
//! D. W. Marquardt, J. SIAM 11 (1963) 431; damping by gain ratio after H. B. Nielsen, IMM-REP-1999-05
//! (Technical University of Denmark). A step that leaves the stable region, makes the scale negative
//! or does not reduce the misfit is rejected and the damping raised; nothing is clipped.

use nalgebra::{DMatrix, DVector};

use crate::fit::normal_equations::Evaluation;
use crate::fit::problem::Problem;
use crate::fit::session::{Context, LAG, TerminationReason};
use crate::fit::spectrum::{Held, Spectrum};

/// The method's own state.
#[derive(Clone)]
pub(in crate::fit) struct LevenbergMarquardt {
    damping: f64,
    growth: f64,
    flat: usize,
    /// What the undamped step promised after the iteration before.
    promised: f64,
}

impl Default for LevenbergMarquardt {
    fn default() -> Self {
        LevenbergMarquardt { damping: 1e-3, growth: 2.0, flat: 0, promised: f64::INFINITY }
    }
}

/// At the optimum as far as anyone can tell: the promised reduction is that of a step by so many σ.
const NEGLIGIBLE: f64 = 1e-3;
/// A step by more σ is not lost in rounding.
const LOST: f64 = 0.03;
/// Part of the reduction promised before that is still promised when convergence is slow.
const SLOW: f64 = 0.1;
/// Part of the promised reduction below which the promise was not kept.
const BROKEN: f64 = 0.5;
/// Part of the misfit that its rounding is at most.
const ROUNDING: f64 = 1e-10;
/// Iterations in a row without a change of the misfit beyond its ninth digit.
const MAX_FLAT: usize = 8;

/// Another stiffness helps when so much of the misfit is left: where the scale makes up for it, rounding alone decides.
const HELPS: f64 = 0.999;

/// Rejections in a row after which an iteration is given up.
const MAX_REJECTED: usize = 40;

impl LevenbergMarquardt {
    /// The method where a fit goes on with a problem that is nearly the same: as bold as it had become.
    #[cfg(feature = "chosen")]
    pub fn going_on(&self) -> Self {
        LevenbergMarquardt { damping: self.damping, ..Self::default() }
    }

    /// One iteration: steps are tried until one is accepted or none helps.
    pub async fn step(&mut self, fit: &mut Context<'_>) {
        if fit.progress.iteration == 0
            && let Some(rescaled) = rescaled(fit).await
        {
            *fit.current = rescaled;
            refresh(fit, LAG).await;
            fit.progress.iteration = 1;
            fit.progress.accepted = true;
            fit.progress.chi2 = fit.current.chi2;
            return;
        }
        for again in [true, false] {
            let damping = self.damping;
            if self.accepts_one(fit).await {
                return;
            }
            let reason = standing(fit);
            let lags = fit.current.linearisation.lag(&fit.current.theta) > 0.0;
            if !(again && lags && reason == TerminationReason::Stuck) {
                fit.progress.termination = Some(reason);
                return;
            }
            // Derivatives of the higher orders that lag behind may promise what is not there.
            refresh(fit, 0.0).await;
            *self = LevenbergMarquardt { damping, ..Self::default() };
            fit.progress.rejected_steps = 0;
        }
    }

    /// Tries steps until one is accepted; false where none helps.
    async fn accepts_one(&mut self, fit: &mut Context<'_>) -> bool {
        while fit.progress.rejected_steps < MAX_REJECTED {
            let Some(step) = guarded_step(fit.problem, fit.current, self.damping) else {
                self.reject(fit);
                continue;
            };
            // A damped step that is itself within the tolerance: either the optimum, or the damping has grown so far that nothing
            // moves.
            if is_within(fit.current, &step.delta, fit.options.tolerance) {
                return false;
            }
            match attempt(fit, &step.delta).await {
                Some(next) if acceptable(fit, &next, step.predicted) => {
                    self.accept(fit, next, step.predicted).await;
                    return true;
                }
                _ => self.reject(fit),
            }
        }
        false
    }

    async fn accept(&mut self, fit: &mut Context<'_>, next: Evaluation, predicted: f64) {
        let actual = fit.current.objective - next.objective;
        let gain = actual / predicted;
        self.damping *= (1.0 - (2.0 * gain - 1.0).powi(3)).clamp(1.0 / 10.0, 2.0);
        self.damping = self.damping.max(1e-12);
        self.growth = 2.0;
        self.flat = if actual < 1e-9 * fit.current.objective { self.flat + 1 } else { 0 };
        *fit.current = next;
        // Derivatives of the higher orders that lag behind leave a promise that no step keeps.
        let broken = gain < BROKEN && predicted > ROUNDING * fit.current.objective;
        refresh(fit, if broken { 0.0 } else { LAG }).await;
        fit.progress.iteration += 1;
        fit.progress.accepted = true;
        fit.progress.chi2 = fit.current.chi2;
        let Some(step) = guarded_step(fit.problem, fit.current, 0.0) else { return };
        // Where convergence is quick, the few iterations to the last digit are worth having.
        let slow = step.predicted > SLOW * self.promised;
        self.promised = step.predicted;
        if is_within(fit.current, &step.delta, fit.options.tolerance)
            || (slow && step.is_below(NEGLIGIBLE, fit))
        {
            fit.progress.termination = Some(step.ending());
        } else if self.flat >= MAX_FLAT {
            let reason = if step.is_below(0.1, fit) { step.ending() } else { TerminationReason::Stuck };
            fit.progress.termination = Some(reason);
        }
    }

    fn reject(&mut self, fit: &mut Context) {
        self.damping *= self.growth;
        self.growth *= 2.0;
        fit.progress.rejected_steps += 1;
    }
}

/// Renews the curvature of the higher orders when the constants have left it behind by more than `lag`.
async fn refresh(fit: &mut Context<'_>, lag: f64) {
    let at = &fit.current;
    if at.linearisation.lag(&at.theta) <= lag {
        return;
    }
    if let Some(fresh) = fit.problem.refreshed(fit.pool, at).await {
        *fit.current = fresh;
    }
}

/// The start with all constants multiplied by one factor, when doubling or halving them (as
/// often as it helps) fits better. An overall stiffness that is wrong by an order of magnitude
/// is a common wrong start, and one from which the linear model points nowhere useful when
/// zero-point motion dominates.
async fn rescaled(fit: &Context<'_>) -> Option<Evaluation> {
    let Evaluation { nuisances, linearisation, .. } = &*fit.current;
    let mut best = (fit.current.objective, None);
    for factor in [2.0, 0.5] {
        let mut scale = factor;
        loop {
            let theta = fit.problem.stiffer(fit.current.parameters(), scale);
            match fit.problem.misfit(fit.pool, &theta, nuisances, linearisation).await {
                Some(misfit) if misfit < HELPS * best.0 => best = (misfit, Some(theta)),
                _ => break,
            }
            scale *= factor;
        }
    }
    fit.evaluate(&best.1?, nuisances).await
}

async fn attempt(fit: &Context<'_>, step: &DVector<f64>) -> Option<Evaluation> {
    let n = fit.problem.n_theta();
    let mut theta: Vec<f64> =
        fit.current.parameters().iter().zip(step.rows(0, n).iter()).map(|(t, d)| t + d).collect();
    // A step ends where a range does, but for rounding.
    fit.problem.keep_in_bounds(&mut theta);
    let nuisances = fit.problem.step_nuisances(&fit.current.nuisances, step);
    fit.evaluate(&theta, &nuisances).await
}

fn acceptable(fit: &Context, next: &Evaluation, predicted: f64) -> bool {
    let actual = fit.current.objective - next.objective;
    // Once the promised reduction is lost in the rounding of χ², the gradient decides.
    if predicted < ROUNDING * fit.current.objective {
        return next.objective <= fit.current.objective * (1.0 + 1e-9)
            && decrement(fit, next) <= decrement(fit, fit.current);
    }
    actual > 1e-4 * predicted
}

/// Why no step is taken: the optimum, as far as the undamped step can tell, or not.
fn standing(fit: &Context) -> TerminationReason {
    let tolerance = fit.options.tolerance;
    let undamped = guarded_step(fit.problem, fit.current, 0.0);
    // Near the end of a range, and where the misfit of very many data is large, rounding turns steps down that promise next to
    // nothing.
    let lost = |s: &Step| s.predicted < ROUNDING * fit.current.objective && s.is_below(LOST, fit);
    let at_optimum = undamped.filter(|s| {
        is_within(fit.current, &s.delta, 1e3 * tolerance) || s.is_below(NEGLIGIBLE, fit) || lost(s)
    });
    at_optimum.map_or(TerminationReason::Stuck, |s| s.ending())
}

impl Step {
    /// Whether the step is one by less than so many σ; in the units of the residual where that is smaller,
    /// as for data without noise.
    fn is_below(&self, sigmas: f64, fit: &Context) -> bool {
        let degrees = fit.problem.degrees() as f64;
        let variance = fit.problem.variance(fit.current).min(fit.current.chi2 / degrees);
        self.predicted <= sigmas.powi(2) * variance
    }

    /// Whether the step promises more than a step by so many σ would.
    pub fn is_above(&self, sigmas: f64, problem: &Problem, at: &Evaluation) -> bool {
        self.predicted > sigmas.powi(2) * problem.variance(at)
    }

    /// The constants that it leads to.
    fn target(&self, at: &Evaluation) -> Vec<f64> {
        at.parameters().iter().zip(self.delta.iter()).map(|(t, d)| t + d).collect()
    }

    /// Why a fit ends that this step no longer moves.
    fn ending(&self) -> TerminationReason {
        if self.holds { TerminationReason::Flat } else { TerminationReason::Converged }
    }
}

fn is_within(at: &Evaluation, step: &DVector<f64>, tolerance: f64) -> bool {
    let parameters = at.parameters();
    let largest = parameters.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    step.rows(0, parameters.len()).iter().all(|d| d.abs() <= tolerance * largest)
}

/// A trial step.
pub(in crate::fit) struct Step {
    pub delta: DVector<f64>,
    /// Reduction of the objective that the linear model promises.
    pub predicted: f64,
    /// Whether combinations that the data do not determine are held where they are.
    holds: bool,
}

/// The damped step; where it leads to constants that are not invariant under rotation, so that long sound waves grow, the
/// best one to constants that are. A real crystal is invariant, and data say little about waves so long: without this
/// the fit of a chiral or polar crystal stops where the first such step would lead.
pub(in crate::fit) fn guarded_step(problem: &Problem, at: &Evaluation, damping: f64) -> Option<Step> {
    let system = System::new(problem, at, damping);
    let free = system.step_within(problem, at, false)?;
    if !problem.turns_near_gamma(&free.target(at)) {
        return Some(free);
    }
    system.step_within(problem, at, true).or(Some(free))
}

/// By how much the misfit, in units of the variance, would fall towards constants that are not invariant under rotation,
/// which are not followed; `None` where the data do not pull there.
pub(in crate::fit) fn pull_from_invariance(problem: &Problem, at: &Evaluation) -> Option<f64> {
    let free = System::new(problem, at, 0.0).step_within(problem, at, false)?;
    problem.turns_near_gamma(&free.target(at)).then(|| free.predicted / problem.variance(at))
}

/// (F + μ diag F) δ = JᵀW r in parameters scaled to unit diagonal and in combinations that are independent: each `k` with
/// its right-hand side, eigenvalue and damped eigenvalue; without those that are held.
struct System {
    spectrum: Spectrum,
    terms: Vec<(usize, f64, f64, f64)>,
    holds: bool,
}

impl System {
    fn new(problem: &Problem, at: &Evaluation, damping: f64) -> Self {
        let spectrum = problem.spectrum(at);
        let rhs = spectrum.scaled(&at.descent);
        let held = spectrum.held(&at.descent, problem.tolerant_variance(at));
        let terms = (0..at.descent.len()).filter(|k| !held.combinations.contains(k)).map(|k| {
            let eigenvalue = spectrum.eigenvalues[k].max(spectrum.floor);
            (k, spectrum.vectors.column(k).dot(&rhs), eigenvalue, eigenvalue + damping)
        });
        System { terms: terms.collect(), holds: held != Held::default(), spectrum }
    }

    /// The step that ends where the range of a constant does; `invariant`: of those to constants without a term linear in q.
    fn step_within(&self, problem: &Problem, at: &Evaluation, invariant: bool) -> Option<Step> {
        let mut ends: Vec<(usize, f64)> = vec![];
        loop {
            let step = self.step(problem, at, invariant, &ends)?;
            let target = step.target(at);
            let beyond = problem.bounds.iter().filter_map(|&(p, [least, most])| {
                let end = target[p].clamp(least, most);
                (end != target[p] && ends.iter().all(|known| known.0 != p)).then_some((p, end))
            });
            let known = ends.len();
            ends.extend(beyond.collect::<Vec<_>>());
            if ends.len() == known {
                return Some(step);
            }
        }
    }

    /// The step, with some constants at given values.
    fn step(
        &self,
        problem: &Problem,
        at: &Evaluation,
        invariant: bool,
        ends: &[(usize, f64)],
    ) -> Option<Step> {
        let System { spectrum, terms, holds } = self;
        let mut along: Vec<f64> = terms.iter().map(|(_, rhs, _, damped)| rhs / damped).collect();
        if invariant || !ends.is_empty() {
            let n = problem.n_theta();
            let linear = if invariant { problem.linear_terms.nrows() } else { 0 };
            let mut rows = DMatrix::zeros(linear + ends.len(), n);
            if linear > 0 {
                rows.rows_mut(0, linear).copy_from(&problem.linear_terms);
            }
            let mut targets = DVector::zeros(rows.nrows());
            for (r, (p, end)) in ends.iter().enumerate() {
                rows[(linear + r, *p)] = 1.0;
                targets[linear + r] = *end;
            }
            let rows = &rows;
            // How much each combination moves the terms, and what is there already.
            let moved: Vec<DVector<f64>> = terms
                .iter()
                .map(|(k, ..)| rows * spectrum.scaled(&spectrum.vectors.column(*k).into_owned()).rows(0, n))
                .collect();
            let mut excess = rows * DVector::from_column_slice(at.parameters()) - targets;
            let mut response = DMatrix::zeros(rows.nrows(), rows.nrows());
            for ((m, y), (.., damped)) in moved.iter().zip(&along).zip(terms) {
                excess.axpy(*y, m, 1.0);
                response += m * m.transpose() / *damped;
            }
            let eigen = response.symmetric_eigen();
            let least = 1e-12 * eigen.eigenvalues.amax();
            let mut multipliers = DVector::zeros(rows.nrows());
            for (k, u) in
                eigen.eigenvectors.column_iter().enumerate().filter(|(k, _)| eigen.eigenvalues[*k] > least)
            {
                multipliers.axpy(u.dot(&excess) / eigen.eigenvalues[k], &u, 1.0);
            }
            for ((m, y), (.., damped)) in moved.iter().zip(&mut along).zip(terms) {
                *y -= m.dot(&multipliers) / damped;
            }
        }
        let mut y = DVector::zeros(at.descent.len());
        let mut predicted = 0.0;
        for ((k, rhs, eigenvalue, _), a) in terms.iter().zip(&along) {
            y.axpy(*a, &spectrum.vectors.column(*k), 1.0);
            // |r|² − |r − Jδ|² = δ·(2 JᵀWr − F δ)
            predicted += a * (2.0 * rhs - eigenvalue * a);
        }
        let delta = spectrum.scaled(&y);
        let usable = predicted.is_finite() && delta.iter().all(|x| x.is_finite());
        usable.then_some(Step { delta, predicted, holds: *holds })
    }
}

/// The reduction an undamped step promises: the squared distance to the optimum in units of σ.
fn decrement(fit: &Context, at: &Evaluation) -> f64 {
    guarded_step(fit.problem, at, 0.0).map_or(f64::INFINITY, |s| s.predicted)
}
