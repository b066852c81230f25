//! What to measure next: from a start model and candidate measurements, how certain each of them would make the constants.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::result::elastic_slopes;
use super::{Files, Prepared};
use crate::base::parallel::{Pool, now};
use crate::fit::{Problem, Spectrum};
use crate::job::Job;
use crate::{Error, Result};

/// A measurement that might be made, and what it would tell beside all that are made already.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PlannedMeasurement {
    /// Its place in the list `data` of the job, from zero.
    pub data: usize,
    /// How many data it would give.
    pub n_data: usize,
    /// Constants that would be determined, of all of them.
    pub determined: [usize; 2],
    /// Geometric mean over all combinations of constants of the factor by which σ would shrink.
    pub gain: f64,
    /// eV/Å²: expected σ of each constant by label, with it and all before it in the list.
    pub sigma: Vec<(String, Option<f64>)>,
    /// GPa: expected σ of the elastic constants.
    pub elastic: Vec<(String, Option<f64>)>,
}

/// Orders the measurements that the job simulates by what they would add: the first alone tells most, the second most
/// beside the first, … What is a file counts as measured. Scales and backgrounds are unknown, as in a fit; the noise is that
/// of the expected counts, so that a `scale` twice as large stands for twice the time. `tell` hears what is done next.
///
/// # Errors
/// As those of a fit; a job without simulated measurements, or with some that share a scale.
pub fn plan(job: &Job, files: &dyn Files, tell: &mut dyn FnMut(&str)) -> Result<Vec<PlannedMeasurement>> {
    let mut job = job.clone();
    for data in &mut job.data {
        if let Some(synthetic) = &mut data.synthetic {
            synthetic.noise = false;
        }
    }
    tell("Intensities of the candidates");
    #[cfg(feature = "potentials")]
    super::potential::without_potential(&job)?;
    let (prepared, data) = Prepared::with_data(&job, files)?;
    let job = &prepared.job;
    if let Some(n) = job.data.iter().position(|set| set.shares.is_some()) {
        let what = format!("what data[{n}] shares with others");
        return Err(Error::job("data", what, "measurements that each have a scale of their own"));
    }
    let mut open: Vec<usize> = (0..job.data.len()).filter(|n| job.data[*n].synthetic.is_some()).collect();
    if open.is_empty() {
        return Err(Error::job("data", "nothing but measurements", "candidates: data with `synthetic`"));
    }
    let n = prepared.theta.len();
    // What is known without any of them.
    let mut known = DMatrix::zeros(n, n);
    // Each by itself: what it says of the constants once its own scale and backgrounds are fitted.
    let mut information = vec![];
    let mut count = vec![];
    for k in 0..data.len() {
        tell(&format!("Measurement {} of {}", k + 1, data.len()));
        let one =
            Prepared { job: Job { data: vec![job.data[k].clone()], ..job.clone() }, ..prepared.clone() };
        let (mut problem, _) = one.problem(&data[k..=k])?;
        if k == 0 {
            let pseudo = now(problem.pseudo_data(&Pool::here(), &prepared.theta));
            for datum in pseudo.ok_or_else(unstable)? {
                let slopes = DVector::from_vec(datum.slopes);
                known += &slopes * slopes.transpose() / (datum.sigma * datum.sigma);
            }
        }
        problem.known.clear();
        count.push(problem.n_data());
        information.push(of_constants(&problem, &prepared.theta)?);
    }
    for measured in (0..data.len()).filter(|k| !open.contains(k)) {
        known += &information[measured];
    }
    let free = prepared.fitted_labels().iter().flatten().count();
    let mut out = vec![];
    while !open.is_empty() {
        let before = log_sigma(&known, &prepared.theta);
        let after = |k: &usize| log_sigma(&(&known + &information[*k]), &prepared.theta);
        let best = open.iter().copied().min_by(|a, b| after(a).total_cmp(&after(b))).unwrap_or(open[0]);
        open.retain(|k| *k != best);
        known += &information[best];
        let gain = ((before - log_sigma(&known, &prepared.theta)) / free as f64).exp();
        out.push(candidate(&prepared, &known, best, count[best], gain));
    }
    Ok(out)
}

fn unstable() -> Error {
    Error::Unstable { what: "a vibration at a data point has a negative stiffness".into() }
}

/// The Fisher matrix of the constants, scales and backgrounds being fitted with them.
fn of_constants(problem: &Problem, theta: &[f64]) -> Result<DMatrix<f64>> {
    let pool = Pool::here();
    now(problem.check_stable(&pool, theta))?;
    let nuisances = now(problem.initial_nuisances(&pool, theta)).ok_or_else(unstable)?;
    let at = problem.evaluate_here(theta, &nuisances, None).ok_or_else(unstable)?;
    let (n, all) = (theta.len(), at.fisher.nrows());
    let own = at.fisher.view((n, n), (all - n, all - n)).into_owned();
    let mixed = at.fisher.view((0, n), (n, all - n)).into_owned();
    let rest = Spectrum::new(&own, 0, 1.0, 1.0).inverse();
    Ok(at.fisher.view((0, 0), (n, n)) - &mixed * rest * mixed.transpose())
}

/// ln of the volume that the constants may be in, each expected beforehand within the largest of them.
fn log_sigma(fisher: &DMatrix<f64>, theta: &[f64]) -> f64 {
    let largest = theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    let prior = 1.0 / (largest * largest);
    let eigen = (fisher + DMatrix::identity(theta.len(), theta.len()) * prior).symmetric_eigenvalues();
    -0.5 * eigen.iter().map(|e| e.max(prior).ln()).sum::<f64>()
}

fn candidate(
    prepared: &Prepared,
    known: &DMatrix<f64>,
    data: usize,
    n_data: usize,
    gain: f64,
) -> PlannedMeasurement {
    let theta = &prepared.theta;
    let largest = theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    let spectrum = Spectrum::new(known, theta.len(), 1.0, largest);
    let covariance = spectrum.inverse();
    let unbounded = spectrum.unbounded();
    let sigma = |slopes: &[f64]| {
        let reaches = slopes.iter().zip(&unbounded).any(|(s, open)| *open && *s != 0.0);
        let s = DVector::from_column_slice(slopes);
        let variance = s.dot(&(&covariance * &s));
        (!reaches && variance.is_finite()).then(|| variance.max(0.0).sqrt())
    };
    let constants: Vec<(String, Option<f64>)> = prepared
        .labels()
        .into_iter()
        .enumerate()
        .map(|(p, label)| (label, sigma(&prepared.row(p))))
        .collect();
    let good = |s: &Option<f64>| s.is_some_and(|s| s <= crate::fit::UNDETERMINED * largest);
    let determined = constants.iter().filter(|(_, s)| good(s)).count();
    let elastic = elastic_slopes(prepared, theta, true);
    PlannedMeasurement {
        data,
        n_data,
        determined: [determined, constants.len()],
        gain,
        elastic: elastic.into_iter().map(|(name, _, slopes)| (name, sigma(&slopes))).collect(),
        sigma: constants,
    }
}
