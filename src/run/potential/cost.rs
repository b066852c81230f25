//! What a potential costs against constants that are free: the same data fitted by both.

use serde::Serialize;

use super::{PotentialFiles, PotentialReport};
use crate::fit::{Session, TerminationReason, Uncertainty};
use crate::job::{ConstantsSpec, Job};
use crate::run::{Files, Prepared, elastic};
use crate::{Error, Result};

/// One of the two fits.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PotentialRow {
    /// Number of parameters without nuisances.
    pub parameters: usize,
    /// Why the fit ended.
    pub termination: Option<TerminationReason>,
    /// χ² per degree of freedom.
    pub chi2_reduced: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// The Bayesian criterion.
    pub bic: f64,
    /// GPa: elastic constants by name with σ.
    pub elastic: Vec<(String, f64, Option<f64>)>,
}

/// Both fits.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PotentialCost {
    /// The potential as it was found.
    pub potential: Option<PotentialReport>,
    /// Fitted with the potential.
    pub with_potential: PotentialRow,
    /// Fitted with free constants, from those that the potential gives.
    pub free_constants: PotentialRow,
    /// What the two say, in words.
    pub conclusion: String,
}

/// Fits the data of a job with its potential, then with free constants.
///
/// # Errors
/// As those of a fit; a job without a potential.
pub fn cost_of_potential(job: &Job, files: &dyn Files) -> Result<PotentialCost> {
    cost_and_files(job, files).map(|both| both.0)
}

/// The same with the potential for other programs.
///
/// # Errors
/// As those of a fit; a job without a potential; numbers that no table can hold.
pub fn cost_and_files(job: &Job, files: &dyn Files) -> Result<(PotentialCost, PotentialFiles)> {
    if job.potential.is_none() {
        return Err(Error::job("potential", "missing", "a potential to compare with free constants"));
    }
    let (prepared, data) = Prepared::with_data(job, files)?;
    let (mut session, _) = prepared.session(&data)?;
    session.run();
    let uncertainty = session.uncertainty();
    let with_potential = row(&prepared, &session, &uncertainty);
    let potential = prepared.potential_report(&session, &uncertainty);
    let written = prepared.potential_files(&session, &uncertainty)?;
    let mut other = prepared.job_as_used();
    other.potential = None;
    (other.pseudo_data.energy_ev, other.pseudo_data.pressure_gpa) = (None, None);
    let labels = prepared.labels().into_iter().zip(session.current().theta.iter().copied()).collect();
    other.force_constants.start = Some(ConstantsSpec { labels: Some(labels), ..Default::default() });
    let free = Prepared::new(&other, files)?;
    let (mut session, _) = free.session(&data)?;
    session.run();
    let free_constants = row(&free, &session, &session.uncertainty());
    let conclusion = conclusion(&with_potential, &free_constants, session.problem.n_data());
    Ok((PotentialCost { potential, with_potential, free_constants, conclusion }, written))
}

fn row(prepared: &Prepared, session: &Session, uncertainty: &Uncertainty) -> PotentialRow {
    let (problem, at) = (&session.problem, session.current());
    let (n, k) = (problem.n_data() as f64, problem.n_fitted() as f64);
    // Where σ is not known, that of the residual takes its place.
    let misfit =
        if problem.has_sigma() { at.objective } else { n * (at.chi2 / n).max(f64::MIN_POSITIVE).ln() };
    PotentialRow {
        parameters: prepared.fitted_labels().iter().flatten().count(),
        termination: session.progress().termination,
        chi2_reduced: at.chi2 / problem.degrees() as f64,
        aic: misfit + 2.0 * k,
        bic: misfit + k * n.ln(),
        elastic: elastic(prepared, &at.theta, Some(uncertainty)),
    }
}

fn conclusion(with: &PotentialRow, free: &PotentialRow, n: usize) -> String {
    let parameters = |row: &PotentialRow| row.parameters;
    let words = format!(
        "χ²/n is {:.3} with the {} parameters of the potential and {:.3} with {} free constants, of {n} data.",
        with.chi2_reduced,
        parameters(with),
        free.chi2_reduced,
        parameters(free)
    );
    let (aic, bic) = (with.aic - free.aic, with.bic - free.bic);
    let better = match (aic <= 0.0, bic <= 0.0) {
        (true, true) => "AIC and BIC prefer the potential: the data do not ask for what it cannot do.",
        (false, true) => "AIC prefers the free constants, BIC the potential.",
        (true, false) => "AIC prefers the potential, BIC the free constants.",
        (false, false) => {
            "AIC and BIC prefer the free constants: the data hold what the potential cannot describe."
        }
    };
    format!("{words} {better} (AIC {aic:+.1}, BIC {bic:+.1} against the free constants.)")
}
