//! A fit that can be advanced, watched and resumed, whatever the method.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::measurement::Nuisances;
use super::normal_equations::Evaluation;
use super::objective::{self, Value};
#[cfg(feature = "sampled")]
use super::optimizers::adam::Adam;
use super::optimizers::adam::AdamOptions;
use super::optimizers::lbfgs::Lbfgs;
use super::optimizers::levenberg_marquardt::{LevenbergMarquardt, guarded_step, pull_from_invariance};
use super::problem::Problem;
use super::standing::{Start, no_scale};
use super::term::{DataTerm, Likelihood};
use super::uncertainty::Uncertainty;
use crate::base::parallel::{Pool, now};
use crate::{Error, Result};

/// How the misfit is reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Levenberg–Marquardt: Gauss–Newton with damping, for noise-free models.
    #[default]
    #[serde(alias = "gauss-newton")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(transform = crate::base::forms::also_gauss_newton))]
    Lm,
    /// L-BFGS: gradients only, for noise-free models and for samples held fixed.
    Lbfgs,
    /// Adam: noisy gradients, as of intensities that are sampled anew for every step.
    Adam,
}

/// What bounds a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The optimizer.
    pub method: Method,
    /// Most accepted iterations.
    pub max_iterations: usize,
    /// Converged when the undamped step moves no constant by more than this fraction of the
    /// largest.
    pub tolerance: f64,
    /// Settings of Adam.
    pub adam: AdamOptions,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            method: Method::default(),
            max_iterations: 100,
            tolerance: 1e-10,
            adam: AdamOptions::default(),
        }
    }
}

/// Why a fit stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TerminationReason {
    /// The undamped step is within the tolerance; with sampled intensities, the constants no longer
    /// move beyond the noise.
    Converged,
    /// The data do not determine some combination of constants: it is held where it was, since its
    /// optimum is within the noise, or it still moves although the misfit no longer falls.
    Flat,
    /// The optimum for the snapshots at hand, which is not that of noise-free intensities.
    Noise,
    /// No step, however small, reduces the misfit.
    Stuck,
    /// The misfit still falls towards constants with which the crystal is not stable.
    Border,
    /// As many iterations as the job allows.
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
    /// Misfit there.
    pub chi2: f64,
    /// Why the fit stopped; none while it runs.
    pub termination: Option<TerminationReason>,
}

impl Progress {
    fn start(at: &Evaluation) -> Self {
        Progress { iteration: 0, accepted: true, rejected_steps: 0, chi2: at.chi2, termination: None }
    }
}

/// How many σ (rms over the parameters) a fit to sampled intensities may be from the optimum of the
/// noise-free model to count as converged.
pub(super) const NEAR: f64 = 5.0;

/// The derivatives of higher orders, and with them the covariance, are computed anew when a constant
/// has moved by more than this fraction of the largest.
pub(super) const LAG: f64 = 0.02;

/// What a method works on.
pub(super) struct Context<'a> {
    pub pool: &'a Pool,
    pub problem: &'a Problem,
    pub options: &'a Options,
    /// The present point; where intensities are sampled, as the noise-free model sees it.
    pub current: &'a mut Evaluation,
    pub progress: &'a mut Progress,
}

impl Context<'_> {
    /// The normal equations at another point, with the derivatives of the higher orders of the present one.
    pub async fn evaluate(&self, theta: &[f64], nuisances: &[Nuisances]) -> Option<Evaluation> {
        self.problem.evaluate(self.pool, theta, nuisances, Some(&self.current.linearisation)).await
    }

    /// The misfit at the present point.
    pub async fn value(&self) -> Option<Value> {
        let Evaluation { nuisances, linearisation, .. } = &*self.current;
        objective::at(self.pool, self.problem, self.current.parameters(), nuisances, linearisation).await
    }
}

#[derive(Clone)]
#[cfg_attr(not(feature = "sampled"), allow(clippy::large_enum_variant))]
enum Optimizer {
    Lm(LevenbergMarquardt),
    Lbfgs(Lbfgs),
    #[cfg(feature = "sampled")]
    Adam(Adam),
}

impl Optimizer {
    fn new(problem: &Problem, options: &Options, start: &Evaluation) -> Self {
        match options.method {
            Method::Lm => Optimizer::Lm(LevenbergMarquardt::default()),
            Method::Lbfgs => Optimizer::Lbfgs(Lbfgs::new(problem, start)),
            // A job with Adam is for the package that has it.
            #[cfg(not(feature = "sampled"))]
            Method::Adam => Optimizer::Lm(LevenbergMarquardt::default()),
            #[cfg(feature = "sampled")]
            Method::Adam => Optimizer::Adam(Adam::new(problem, options, start)),
        }
    }
}

#[cfg(feature = "chosen")]
impl Optimizer {
    /// The method for a problem that is nearly the same.
    fn going_on(&self, problem: &Problem, options: &Options, start: &Evaluation) -> Self {
        match self {
            Optimizer::Lm(method) => Optimizer::Lm(method.going_on()),
            _ => Optimizer::new(problem, options, start),
        }
    }
}

/// A fit in progress. A copy goes on by itself and shares the problem.
#[derive(Clone)]
pub struct Session {
    /// What is fitted.
    pub problem: Arc<Problem>,
    /// How.
    pub options: Options,
    start: Evaluation,
    current: Evaluation,
    progress: Progress,
    optimizer: Optimizer,
    /// Where the method ended that the settings name, when it met the border of stability and another one
    /// took over at the start.
    first: Option<(Evaluation, TerminationReason)>,
}

/// The smallest datum that the model predicts.
fn lowest(term: &DataTerm, intensity: &[f64], nuisances: &Nuisances) -> f64 {
    let all = intensity.iter().enumerate().map(|(point, i)| term.predict_one(point, *i, nuisances));
    all.fold(f64::INFINITY, f64::min)
}

/// Damping of the steps that look where the stable region ends.
const DAMPINGS: [f64; 4] = [0.0, 1e-2, 1.0, 1e2];

impl Session {
    /// # Errors
    /// A start that makes an unstable crystal, fewer data than parameters. `theta`: what is fitted, the constants or the
    /// parameters of the problem's chart.
    pub fn new(problem: Problem, theta: &[f64], options: Options) -> Result<Self> {
        now(Self::begin(&Pool::here(), problem, theta, options))
    }

    /// The same, in pieces.
    ///
    /// # Errors
    /// As [`Session::new`].
    pub async fn begin(pool: &Pool, problem: Problem, theta: &[f64], options: Options) -> Result<Self> {
        Self::from_start(pool, Start::new(pool, problem, theta).await?, options).await
    }

    /// The same where one phonon is known.
    ///
    /// # Errors
    /// As [`Session::new`].
    pub async fn from_start(pool: &Pool, start: Start, options: Options) -> Result<Self> {
        let Start { problem, parameters, states, one } = start;
        let states = problem.with_higher_orders(pool, states).await?;
        let (n_data, n_parameters) = (problem.n_data(), problem.n_fitted());
        let known: usize = problem.known.iter().map(|k| k.values.len()).sum();
        if n_data + known < n_parameters {
            return Err(Error::TooFewData { n_data, n_parameters, left_out: String::new() });
        }
        let standing = problem.standing(pool, states).await;
        let all: Vec<Vec<f64>> = one
            .into_iter()
            .zip(&standing.higher)
            .map(|(mut values, higher)| {
                values.iter_mut().zip(higher.as_flattened()).for_each(|(value, more)| *value += more);
                values
            })
            .collect();
        let mut nuisances = problem.nuisances_of(pool, &all).await.ok_or_else(no_scale)?;
        for (t, (term, n)) in problem.terms.iter().zip(&mut nuisances).enumerate() {
            if n.background.is_empty() || problem.likelihood != Likelihood::Poisson {
                continue;
            }
            // A Poisson mean must be positive at every pixel: fall back to a flat share of the data.
            let (state, higher) = (&standing.states[t], &standing.higher[t]);
            let parts = term.model.parts_beyond(pool, state, higher).await;
            let lowest = parts.map_or(f64::NAN, |parts| lowest(term, &parts.all(), n));
            if lowest.is_nan() || lowest <= 0.0 {
                n.background.iter_mut().for_each(|b| *b = 0.0);
                n.scale = n.scale.max(f64::MIN_POSITIVE);
            }
        }
        let start = problem.evaluate_from(pool, &parameters, &nuisances, standing).await;
        let start = start.ok_or_else(no_scale)?;
        let optimizer = Optimizer::new(&problem, &options, &start);
        let progress = Progress::start(&start);
        let (problem, current) = (Arc::new(problem), start.clone());
        Ok(Session { problem, options, start, current, progress, optimizer, first: None })
    }

    /// The fit of `other`, which has the same parameters as its problem, from where it stands. `None` where that is no
    /// crystal that holds.
    #[cfg(feature = "chosen")]
    pub async fn going_on(pool: &Pool, mut other: Problem, session: &Session) -> Option<Self> {
        other.starts_at(&session.start.theta, session.start.parameters());
        let at = &session.current;
        let current = other.evaluate(pool, at.parameters(), &at.nuisances, None).await?;
        let optimizer = session.optimizer.going_on(&other, &session.options, &current);
        let progress = Progress { iteration: session.progress.iteration, ..Progress::start(&current) };
        let start = session.start.clone();
        Some(Session {
            problem: Arc::new(other),
            options: session.options,
            start,
            current,
            progress,
            optimizer,
            first: None,
        })
    }

    /// Where the fit is.
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

    /// A number that tells two places in the course of a fit apart (FNV-1a over all that decides how it goes on but
    /// the method's memory, which follows from it).
    pub fn fingerprint(&self) -> u32 {
        let Evaluation { theta, nuisances, objective, chi2, linearisation, .. } = &self.current;
        let nuisances =
            nuisances.iter().flat_map(|n| n.background.iter().chain(&n.effects).chain([&n.scale]));
        let counts = [self.progress.iteration as f64, self.progress.rejected_steps as f64];
        let numbers = theta.iter().chain(nuisances).chain([objective, chi2]).chain(&linearisation.theta);
        let bytes = numbers.chain(&counts).flat_map(|x| x.to_bits().to_le_bytes());
        bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    /// Back to the start.
    pub fn reset(&mut self) {
        self.current = self.start.clone();
        self.optimizer = Optimizer::new(&self.problem, &self.options, &self.start);
        self.progress = Progress::start(&self.start);
        self.first = None;
    }

    /// The same fit as if it had begun at other constants; a reset still leads to the old start.
    ///
    /// # Errors
    /// Constants that make an unstable crystal, or one a hundred times as stiff as the start.
    pub async fn placed(&self, pool: &Pool, theta: &[f64]) -> Result<Self> {
        let states = self.problem.check_stable(pool, theta).await?;
        let standing = self.problem.standing(pool, states).await;
        let at = self.problem.evaluate_from(pool, theta, &self.current.nuisances, standing).await;
        let current = at.ok_or_else(|| {
            Error::value(
                "constants",
                "ones that a fit could start from: a stable crystal, not a hundred times as stiff",
            )
        })?;
        let optimizer = Optimizer::new(&self.problem, &self.options, &current);
        let progress = Progress::start(&current);
        Ok(Session { current, progress, optimizer, first: None, ..self.clone() })
    }

    /// One iteration: steps are tried until one is accepted or none helps. Does nothing after
    /// the fit has ended.
    pub fn step(&mut self) -> &Progress {
        now(self.step_in(&Pool::here()));
        &self.progress
    }

    /// The same, in pieces. A step that is dropped half-way leaves nothing that could go on: step a copy.
    pub async fn step_in(&mut self, pool: &Pool) {
        if self.progress.termination.is_some() {
            return;
        }
        if self.progress.iteration >= self.options.max_iterations {
            self.progress.termination = Some(TerminationReason::MaxIterations);
            return self.finish(pool).await;
        }
        self.progress.accepted = false;
        self.progress.rejected_steps = 0;
        let Session { problem, options, current, progress, .. } = self;
        let mut context = Context { pool, problem, options, current, progress };
        match &mut self.optimizer {
            Optimizer::Lm(method) => method.step(&mut context).await,
            Optimizer::Lbfgs(method) => method.step(&mut context).await,
            #[cfg(feature = "sampled")]
            Optimizer::Adam(method) => method.step(&mut context).await,
        }
        if self.progress.termination.is_some() {
            self.finish(pool).await;
        } else if self.current.linearisation.lag(&self.current.theta) > LAG {
            self.refresh(pool).await;
        }
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
        now(self.uncertainty_in(&Pool::here()))
    }

    /// The same, in pieces.
    pub async fn uncertainty_in(&self, pool: &Pool) -> Uncertainty {
        Uncertainty::new(pool, &self.problem, self.current()).await
    }

    /// What holds for every method at the end of a fit.
    async fn finish(&mut self, pool: &Pool) {
        self.refresh(pool).await;
        if self.progress.termination == Some(TerminationReason::Stuck) && self.is_at_the_border(pool).await {
            self.progress.termination = Some(TerminationReason::Border);
        }
        self.try_from_the_inside();
        if self.progress.termination != Some(TerminationReason::Converged) {
            return;
        }
        let sampled = self.problem.terms.iter().any(|t| t.sampled.is_some());
        let at = &self.current;
        if sampled && self.problem.distance_in_sigma(at) > NEAR {
            self.progress.termination = Some(TerminationReason::Noise);
        } else if !matches!(self.optimizer, Optimizer::Lm(_))
            && !Uncertainty::new(pool, &self.problem, at).await.weak.is_empty()
        {
            // Levenberg–Marquardt has told already.
            self.progress.termination = Some(TerminationReason::Flat);
        }
    }

    /// By how much χ² would fall towards constants that are not invariant under rotation, and how many conditions stand in
    /// its way: noise alone makes it fall by about one for each. `None` where the data do not pull there. They are not
    /// followed: at the end of a fit by Levenberg–Marquardt the constants are the best of those that are invariant.
    pub fn pull_from_invariance(&self) -> Option<(f64, usize)> {
        let fall = pull_from_invariance(&self.problem, &self.current)?;
        Some((fall, self.problem.linear_terms.nrows()))
    }

    /// Whether a way to lower misfit that the normal equations promise leaves the stable region.
    async fn is_at_the_border(&self, pool: &Pool) -> bool {
        let at = &self.current;
        // Along the Gauss–Newton direction and along those nearer to the gradient.
        for step in DAMPINGS.iter().filter_map(|d| guarded_step(&self.problem, at, *d)) {
            if !step.is_above(0.1, &self.problem, at) {
                continue;
            }
            let theta: Vec<f64> = at.parameters().iter().zip(step.delta.iter()).map(|(t, d)| t + d).collect();
            let nuisances = self.problem.step_nuisances(&at.nuisances, &step.delta);
            let there = self.problem.evaluate(pool, &theta, &nuisances, Some(&at.linearisation));
            if there.await.is_none() {
                return true;
            }
        }
        false
    }

    /// Gauss–Newton steps jump to the border of stability and cannot leave it; a line search that takes an
    /// unstable crystal for an infinite misfit comes from the inside. It begins again at the start, and
    /// the better end counts.
    fn try_from_the_inside(&mut self) {
        match (self.progress.termination, self.first.take()) {
            (Some(TerminationReason::Border | TerminationReason::Stuck), None)
                if self.options.method == Method::Lm =>
            {
                let reason = self.progress.termination.unwrap_or(TerminationReason::Stuck);
                self.first = Some((self.current.clone(), reason));
                self.current = self.start.clone();
                self.optimizer = Optimizer::Lbfgs(Lbfgs::new(&self.problem, &self.start));
                self.progress.termination = None;
            }
            (Some(_), Some((end, reason))) if end.objective < self.current.objective => {
                self.current = end;
                self.progress.termination = Some(reason);
            }
            _ => {}
        }
    }

    /// Brings the curvature, and with it the covariance, to the present point, to a thousandth.
    async fn refresh(&mut self, pool: &Pool) {
        let at = &self.current;
        if at.linearisation.lag(&at.theta) > 1e-3
            && let Some(fresh) = self.problem.refreshed(pool, at).await
        {
            self.current = fresh;
        }
    }
}
