//! A fit that can be advanced, watched and resumed, whatever the method.

use serde::{Deserialize, Serialize};

use super::optimizers::adam::{Adam, AdamOptions};
use super::optimizers::lbfgs::Lbfgs;
use super::optimizers::levenberg_marquardt::{LevenbergMarquardt, damped_step};
use super::problem::{Evaluation, Problem};
use super::term::Likelihood;
use super::uncertainty::Uncertainty;
use crate::{Error, Result};

/// How the misfit is reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Levenberg–Marquardt: Gauss–Newton with damping, for noise-free models.
    #[default]
    #[serde(alias = "gauss-newton")]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(transform = crate::schema::also_gauss_newton))]
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
    pub problem: &'a Problem,
    pub options: &'a Options,
    /// The present point; where intensities are sampled, as the noise-free model sees it.
    pub current: &'a mut Evaluation,
    pub progress: &'a mut Progress,
}

enum Optimizer {
    Lm(LevenbergMarquardt),
    Lbfgs(Lbfgs),
    Adam(Adam),
}

impl Optimizer {
    fn new(problem: &Problem, options: &Options, start: &Evaluation) -> Self {
        match options.method {
            Method::Lm => Optimizer::Lm(LevenbergMarquardt::default()),
            Method::Lbfgs => Optimizer::Lbfgs(Lbfgs::new(problem, start)),
            Method::Adam => Optimizer::Adam(Adam::new(problem, options, start)),
        }
    }
}

/// A fit in progress.
pub struct Session {
    /// What is fitted.
    pub problem: Problem,
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

/// Damping of the steps that look where the stable region ends.
const DAMPINGS: [f64; 4] = [0.0, 1e-2, 1.0, 1e2];

impl Session {
    /// # Errors
    /// Start constants that make an unstable crystal, fewer data than parameters.
    pub fn new(mut problem: Problem, theta: &[f64], options: Options) -> Result<Self> {
        problem.check_stable(theta)?;
        problem.starts_at(theta);
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
            if n.background.is_empty() || problem.likelihood != Likelihood::Poisson {
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
        let start = problem.evaluate(theta, &nuisances).ok_or_else(no_scale)?;
        let optimizer = Optimizer::new(&problem, &options, &start);
        let progress = Progress::start(&start);
        Ok(Session { current: start.clone(), start, problem, options, progress, optimizer, first: None })
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

    /// Back to the start.
    pub fn reset(&mut self) {
        self.current = self.start.clone();
        self.problem.refresh_curvature();
        self.optimizer = Optimizer::new(&self.problem, &self.options, &self.start);
        self.progress = Progress::start(&self.start);
        self.first = None;
    }

    /// One iteration: steps are tried until one is accepted or none helps. Does nothing after
    /// the fit has ended.
    pub fn step(&mut self) -> &Progress {
        if self.progress.termination.is_some() {
            return &self.progress;
        }
        if self.progress.iteration >= self.options.max_iterations {
            self.progress.termination = Some(TerminationReason::MaxIterations);
            self.finish();
            return &self.progress;
        }
        self.progress.accepted = false;
        self.progress.rejected_steps = 0;
        let mut context = Context {
            problem: &self.problem,
            options: &self.options,
            current: &mut self.current,
            progress: &mut self.progress,
        };
        match &mut self.optimizer {
            Optimizer::Lm(method) => method.step(&mut context),
            Optimizer::Lbfgs(method) => method.step(&mut context),
            Optimizer::Adam(method) => method.step(&mut context),
        }
        if self.progress.termination.is_some() {
            self.finish();
        } else if self.problem.curvature_lag(&self.current.theta) > LAG {
            self.refresh();
        }
        &self.progress
    }

    /// Steps until the fit ends.
    pub fn run(&mut self) -> &Progress {
        while self.progress.termination.is_none() {
            self.step();
        }
        &self.progress
    }

    /// What holds for every method at the end of a fit.
    fn finish(&mut self) {
        self.refresh();
        if self.progress.termination == Some(TerminationReason::Stuck) && self.is_at_the_border() {
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
        } else if !matches!(self.optimizer, Optimizer::Lm(_)) && !self.uncertainty().weak.is_empty() {
            // Levenberg–Marquardt has told already.
            self.progress.termination = Some(TerminationReason::Flat);
        }
    }

    /// Whether a way to lower misfit that the normal equations promise leaves the stable region.
    fn is_at_the_border(&mut self) -> bool {
        let context = Context {
            problem: &self.problem,
            options: &self.options,
            current: &mut self.current,
            progress: &mut self.progress,
        };
        // Along the Gauss–Newton direction and along those nearer to the gradient.
        let steps: Vec<_> =
            DAMPINGS.iter().filter_map(|d| damped_step(&context, context.current, *d)).collect();
        let at = &self.current;
        steps.iter().filter(|step| step.is_above(0.1, &self.problem, at)).any(|step| {
            let theta: Vec<f64> = at.theta.iter().zip(step.delta.iter()).map(|(t, d)| t + d).collect();
            self.problem.evaluate(&theta, &self.problem.step_nuisances(&at.nuisances, &step.delta)).is_none()
        })
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
                self.refresh();
            }
            _ => {}
        }
    }

    /// Brings the curvature, and with it the covariance, to the present point, to a thousandth.
    pub fn refresh(&mut self) {
        if self.problem.curvature_lag(&self.current.theta) > 1e-3 {
            self.problem.refresh_curvature();
            if let Some(fresh) = self.problem.evaluate(&self.current.theta, &self.current.nuisances) {
                self.current = fresh;
            }
        }
    }

    /// Covariance and identifiability at the present point.
    pub fn uncertainty(&self) -> Uncertainty {
        Uncertainty::new(&self.problem, &self.current)
    }
}
