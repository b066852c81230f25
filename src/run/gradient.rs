//! The misfit of force constants that come from elsewhere, and its derivative to every one of them: what a model outside needs
//! to be fitted through the scattering.

use nalgebra::{DMatrix, DVector};

use super::constants::read_supercell;
use super::{Files, Prepared};
use crate::base::parallel::{Pool, now};
use crate::error::Placed;
use crate::fit::{Evaluation, Likelihood, Problem, Spectrum};
use crate::ifc::{supercell::SupercellForceConstants, supercell_slopes};
use crate::job::{ConstantsSpec, Job};
use crate::{Error, Result};

/// The misfit and its derivatives.
#[derive(Debug, Clone)]
pub struct MisfitGradient {
    /// What a fit minimises: χ², or the deviance of counts; what is known besides the data included.
    pub misfit: f64,
    /// χ².
    pub chi2: f64,
    /// Number of data.
    pub n_data: usize,
    /// Of each data set at its best.
    pub scale: Vec<f64>,
    /// Irreducible constants of the file by label, eV/Å², with the derivative of the misfit.
    pub constants: Vec<(String, f64, f64)>,
    /// ∂misfit/∂Φ, Å²/eV, where the file has Φ. Only rows that constants are taken from are not zero: of each atom of the
    /// primitive cell the first.
    pub slopes: SupercellForceConstants,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Times that nuisances move towards their optimum, where that is no linear problem.
const ROUNDS: usize = 30;

/// The misfit of the force constants in `file` (as for `force_constants.start`), projected on the irreducible constants of the
/// job, scales and backgrounds being at their best.
///
/// # Errors
/// As those of a fit; a job that imposes conditions on the constants, or has a potential.
pub fn misfit_gradient(job: &Job, file: &str, files: &dyn Files) -> Result<MisfitGradient> {
    #[cfg(feature = "potentials")]
    super::potential::without_potential(job)?;
    let given = job.force_constants.start.as_ref().or(job.force_constants.values.as_ref());
    let spec = ConstantsSpec {
        file: Some(file.to_owned()),
        supercell_matrix: given.and_then(|spec| spec.supercell_matrix.clone()),
        ..ConstantsSpec::default()
    };
    let mut job = job.clone();
    (job.force_constants.start, job.force_constants.values) = (Some(spec.clone()), None);
    let (prepared, data) = Prepared::with_data(&job, files)?;
    let Some(basis) = &prepared.basis else {
        return Err(Error::job(
            "force_constants.cutoff",
            "missing",
            "a cutoff in Å, up to which constants count",
        ));
    };
    if prepared.imposed.is_some() || job.model.order.is_elastic() {
        let what = "conditions on the constants, which those of a file need not meet";
        return Err(Error::job("constraints", what, "priors and pseudo-data alone"));
    }
    let full = read_supercell(&spec, &prepared, files)?;
    let (problem, _) = prepared.problem(&data)?;
    let pool = Pool::here();
    now(problem.check_stable(&pool, &prepared.theta))?;
    let at = at_best(&problem, &prepared.theta).ok_or_else(|| Error::Unstable {
        what: "the best scale is not positive, or a vibration has a negative stiffness".into(),
    })?;
    let n = prepared.theta.len();
    let slopes: Vec<f64> = at.descent.rows(0, n).iter().map(|d| -2.0 * d).collect();
    let constants = prepared.labels().into_iter().zip(prepared.theta.iter().zip(&slopes));
    let constants = constants.map(|(label, (value, slope))| (label, *value, *slope)).collect();
    let by_pair = basis.pulled_through_projection(&slopes);
    let phi = supercell_slopes(&prepared.crystal, &full, &by_pair).in_job("force_constants")?;
    Ok(MisfitGradient {
        misfit: at.objective,
        chi2: at.chi2,
        n_data: problem.n_data(),
        scale: at.nuisances.iter().map(|n| n.scale).collect(),
        constants,
        slopes: SupercellForceConstants { phi, ..full },
        notes: prepared.warnings.clone(),
    })
}

/// The normal equations with scales and backgrounds at their best: where they are, the misfit changes with the constants as if
/// they were held.
fn at_best(problem: &Problem, theta: &[f64]) -> Option<Evaluation> {
    let nuisances = now(problem.initial_nuisances(&Pool::here(), theta))?;
    let mut at = problem.evaluate_here(theta, &nuisances, None)?;
    let (n, all) = (theta.len(), at.fisher.nrows());
    if all == n || (problem.likelihood == Likelihood::Gaussian && at.descent.rows(n, all - n).amax() == 0.0) {
        return Some(at);
    }
    for _ in 0..ROUNDS {
        let own: DMatrix<f64> = at.fisher.view((n, n), (all - n, all - n)).into_owned();
        let pull: DVector<f64> = at.descent.rows(n, all - n).into_owned();
        let step = Spectrum::new(&own, 0, 1.0, 1.0).inverse() * &pull;
        if pull.dot(&step) <= 1e-16 * at.objective.abs() {
            break;
        }
        let mut whole = DVector::zeros(all);
        whole.rows_mut(n, all - n).copy_from(&step);
        let mut length = 1.0;
        let next = loop {
            let moved = problem.step_nuisances(&at.nuisances, &(&whole * length));
            let there = problem.evaluate_here(theta, &moved, Some(&at.linearisation));
            match there.filter(|there| there.objective <= at.objective) {
                Some(next) => break Some(next),
                None if length < 1e-3 => break None,
                None => length *= 0.5,
            }
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    Some(at)
}
