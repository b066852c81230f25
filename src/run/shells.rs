//! How many shells of neighbours the data bear: a fit for each number, and what speaks for it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::blocks::Blocks;
use super::result::elastic;
use super::{Files, Prepared};
use crate::error::Placed;
use crate::fit::TerminationReason;
use crate::ifc::shell_distances;
use crate::job::{ConstantsSpec, Constraints, Job};
use crate::{Error, Result};

/// A model among others.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ShellsRow {
    /// Shells of neighbours with force constants.
    pub shells: usize,
    /// Å: their cutoff.
    pub cutoff: f64,
    /// Constants that are fitted.
    pub constants: usize,
    /// Why the fit ended; none where no start was stable.
    pub termination: Option<TerminationReason>,
    /// Misfit per degree of freedom.
    pub chi2_reduced: f64,
    /// Akaike's criterion above the lowest in the table: misfit + 2 k for k parameters.
    pub aic: f64,
    /// The Bayesian criterion above the lowest: misfit + k ln n.
    pub bic: f64,
    /// Mean squared deviation in σ of data that were left out, block by block, from the fit to the rest; none without such
    /// fits.
    pub cross_validation: Option<f64>,
    /// GPa: elastic constants with σ.
    pub elastic: Vec<(String, f64, Option<f64>)>,
    /// Squared deviations in σ of what was left out, one sum for each part of the data.
    #[serde(skip)]
    parts: Vec<f64>,
    /// Whether χ² has a scale, and how far χ²/n strays from one by chance.
    #[serde(skip)]
    spread: Option<f64>,
}

/// The models beside each other.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ShellsTable {
    /// One for each number of shells.
    pub rows: Vec<ShellsRow>,
    /// Which is best, in words.
    pub conclusion: String,
}

/// Fits the data with one shell, two, … up to `most`, or as many as the job has, and compares. `tell` hears what is done
/// next, and the table so far.
///
/// # Errors
/// As those of a fit; a job of force constants as read.
pub fn shells(
    job: &Job,
    files: &dyn Files,
    most: Option<usize>,
    folds: usize,
    tell: &mut dyn FnMut(&str, &ShellsTable),
) -> Result<ShellsTable> {
    refuse_ridge(job)?;
    #[cfg(feature = "potentials")]
    super::potential::without_potential(job)?;
    let own = Prepared::new(job, files)?;
    own.check_has_force_constants()?;
    let Some(basis) = &own.basis else {
        return Err(Error::job(
            "force_constants.cutoff",
            "missing",
            "a cutoff in Å, so that there are shells",
        ));
    };
    let within = |reach: f64| shell_distances(&own.crystal, reach).in_job("force_constants");
    let most = most.unwrap_or(within(basis.cutoff)?.len());
    let mut reach = basis.cutoff;
    let mut distances = within(reach)?;
    while distances.len() <= most {
        reach += 1.0;
        distances = within(reach)?;
    }
    let mut start: BTreeMap<String, f64> =
        own.labels().into_iter().zip(own.all_constants(&own.theta)).collect();
    let stiffest = start.values().fold(0.0_f64, |m, t| m.max(t.abs()));
    let mut rows: Vec<ShellsRow> = vec![];
    let mut notes = vec![];
    for n in 1..=most {
        let cutoff = 0.5 * (distances[n - 1] + distances[n]);
        let springs = (1..=n).map(|s| (s.to_string(), stiffest / (s * s) as f64)).collect();
        let springs = ConstantsSpec { springs: Some(springs), ..Default::default() };
        let mut job = job.clone();
        job.force_constants.cutoff = Some(cutoff);
        job.force_constants.start = Some(springs.clone());
        let imposed = std::mem::take(&mut job.constraints);
        let kept = Prepared::new(&job, files)?;
        let reached = |label: &str| kept.basis.as_ref().is_some_and(|b| b.reaches(label));
        job.constraints = within_reach(imposed, &reached);
        let labels = start.iter().filter(|(label, _)| reached(label)).map(|(l, v)| (l.clone(), *v)).collect();
        let labels = ConstantsSpec { labels: Some(labels), ..Default::default() };
        let mut found = None;
        for spec in [labels, springs] {
            job.force_constants.start = Some(spec);
            let doing = |part: &str| tell(&format!("{n} of {most} shells{part}"), &compared(&rows, &notes));
            match attempt(&job, files, folds, doing) {
                Err(Error::Unstable { .. }) => {}
                other => {
                    found = Some(other);
                    break;
                }
            }
        }
        match found {
            None => notes.push(format!("With {n} shells no start is stable.")),
            Some(Ok((row, labels))) => {
                rows.push(ShellsRow { shells: n, cutoff, ..row });
                start.extend(labels);
            }
            // What the data do not bear ends the table; what nothing can be done with is an error.
            Some(Err(Error::TooFewData { .. })) if !rows.is_empty() => {
                notes.push(format!("The data are too few for {n} shells."));
                break;
            }
            Some(Err(other)) => return Err(other),
        }
    }
    Ok(compared(&rows, &notes))
}

/// A ridge pulls towards the start: from another start the misfit is another.
pub(super) fn refuse_ridge(job: &Job) -> Result<()> {
    match job.constraints.ridge {
        Some(_) => Err(Error::job(
            "constraints.ridge",
            "a pull towards the start, of which there are several here",
            "no ridge, or priors in its place",
        )),
        None => Ok(()),
    }
}

/// What is imposed on constants that a model has. What ties one to a constant that it does not have says nothing of it.
fn within_reach(imposed: Constraints, reached: &dyn Fn(&str) -> bool) -> Constraints {
    let Constraints { fixed, tied, bounds, prior, .. } = imposed.clone();
    Constraints {
        fixed: fixed.into_iter().filter(|(label, _)| reached(label)).collect(),
        tied: tied.into_iter().filter(|tie| tie.labels.iter().all(|label| reached(label))).collect(),
        bounds: bounds.into_iter().filter(|(label, _)| reached(label)).collect(),
        prior: prior.into_iter().filter(|(label, _)| reached(label)).collect(),
        ..imposed
    }
}

/// One fit with its criteria, and the constants found.
fn attempt(
    job: &Job,
    files: &dyn Files,
    folds: usize,
    mut doing: impl FnMut(&str),
) -> Result<(ShellsRow, BTreeMap<String, f64>)> {
    doing("");
    let (mut prepared, data) = Prepared::with_data(job, files)?;
    let (session, rows) = prepared.fitted_to(&data)?;
    let (problem, at) = (&session.problem, session.current());
    let n = problem.n_data();
    let parameters = problem.n_fitted();
    let misfit = if problem.has_sigma() {
        at.objective
    } else {
        n as f64 * (at.chi2 / n as f64).max(f64::MIN_POSITIVE).ln()
    };
    let uncertainty = session.uncertainty();
    let blocks = Blocks::new(&rows);
    let folds = folds.min(blocks.n);
    prepared.theta.clone_from(&at.theta);
    let (mut parts, mut count) = (vec![], 0);
    for fold in (0..folds).filter(|_| folds > 1) {
        doing(&format!(", without part {} of {folds}", fold + 1));
        let kept = blocks.taken(&data, &|block| usize::from(block % folds != fold));
        let (part, _) = prepared.fitted_to(&kept)?;
        let left = |block: usize| block % folds == fold;
        let (more, m) = blocks.misfit(problem, part.current(), &data, &rows, &left);
        parts.push(more);
        count += m;
    }
    let all = prepared.all_constants(&at.theta);
    let row = ShellsRow {
        shells: 0,
        cutoff: 0.0,
        constants: prepared.fitted_labels().iter().flatten().count(),
        termination: session.progress().termination,
        chi2_reduced: at.chi2 / problem.degrees() as f64,
        aic: misfit + 2.0 * parameters as f64,
        bic: misfit + parameters as f64 * (n as f64).ln(),
        cross_validation: (count > 0).then(|| parts.iter().sum::<f64>() / count as f64),
        elastic: elastic(&prepared, &at.theta, Some(&uncertainty)),
        parts,
        spread: problem.has_sigma().then(|| (2.0 / problem.degrees() as f64).sqrt()),
    };
    Ok((row, prepared.labels().into_iter().zip(all).collect()))
}

/// The table with criteria above the lowest, and what it says.
fn compared(rows: &[ShellsRow], notes: &[String]) -> ShellsTable {
    let lowest = |of: fn(&ShellsRow) -> f64| rows.iter().map(of).fold(f64::INFINITY, f64::min);
    let (aic, bic) = (lowest(|r| r.aic), lowest(|r| r.bic));
    let above = |row: &ShellsRow| ShellsRow { aic: row.aic - aic, bic: row.bic - bic, ..row.clone() };
    let rows: Vec<ShellsRow> = rows.iter().map(above).collect();
    let conclusion = std::iter::once(conclusion(&rows)).chain(notes.iter().cloned());
    let conclusion = conclusion.filter(|sentence| !sentence.is_empty()).collect::<Vec<_>>().join(" ");
    ShellsTable { rows, conclusion }
}

/// Which number of shells is best, in words; nothing of a single one.
fn conclusion(rows: &[ShellsRow]) -> String {
    let [_, .., last] = rows else { return String::new() };
    let best = |of: fn(&ShellsRow) -> f64| rows.iter().min_by(|a, b| of(a).total_cmp(&of(b)));
    let mut votes = vec![];
    votes.extend(best(|r| r.bic).map(|r| (r, "BIC")));
    votes.extend(foretelling(rows).map(|r| (r, "cross-validation")));
    votes.extend(best(|r| r.aic).map(|r| (r, "AIC")));
    let says = |n: usize| votes.iter().filter(move |(r, _)| r.shells == n);
    // Most votes, BIC first among equals: of many data it finds the model that is true.
    let Some((chosen, _)) = votes.iter().rev().max_by_key(|(r, _)| says(r.shells).count()) else {
        return String::new();
    };
    let names = |n: usize| says(n).map(|(_, name)| *name).collect::<Vec<_>>().join(" and ");
    let plural = |n: usize| if n == 1 { "1 shell".to_owned() } else { format!("{n} shells") };
    let mut text = match says(chosen.shells).count() == votes.len() {
        true => format!("The data bear {}: all criteria agree", plural(chosen.shells)),
        false => format!("The data bear {} by {}", plural(chosen.shells), names(chosen.shells)),
    };
    let mut others: Vec<usize> =
        votes.iter().map(|(r, _)| r.shells).filter(|n| *n != chosen.shells).collect();
    others.dedup();
    for n in others {
        text += &format!("; {} by {}", plural(n), names(n));
    }
    text += ".";
    if chosen.shells == last.shells {
        text += " The table ends there: more may be better still.";
    }
    if chosen.spread.is_some_and(|spread| chosen.chi2_reduced > 1.0 + 5.0 * spread) {
        text +=
            &format!(" χ²/n is {:.2} even so: something else is missing in the model.", chosen.chi2_reduced);
    }
    let ended = |r: &&ShellsRow| {
        !matches!(r.termination, Some(TerminationReason::Converged | TerminationReason::Flat))
    };
    for row in rows.iter().filter(ended) {
        text += &format!(" The fit of {} did not end at an optimum.", plural(row.shells));
    }
    text
}

/// The fewest shells that foretell data which were left out as well as the best do, within the scatter of the difference over
/// the parts of the data.
fn foretelling(rows: &[ShellsRow]) -> Option<&ShellsRow> {
    let sum = |r: &ShellsRow| r.parts.iter().sum::<f64>();
    let known = || rows.iter().filter(|r| r.cross_validation.is_some());
    let best = known().min_by(|a, b| sum(a).total_cmp(&sum(b)))?;
    known().find(|row| {
        let apart: Vec<f64> = row.parts.iter().zip(&best.parts).map(|(a, b)| a - b).collect();
        let n = apart.len() as f64;
        let mean = apart.iter().sum::<f64>() / n;
        let scatter = apart.iter().map(|d| (d - mean).powi(2)).sum::<f64>();
        n * mean <= (n / (n - 1.0) * scatter).sqrt()
    })
}
