//! Fits beside fits: how the constants scatter when the data are drawn anew, whether other starts lead to the same optimum.

use rand_distr::uniform::{UniformInt, UniformSampler};
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;
use serde::Serialize;

use super::blocks::Blocks;
use super::result::elastic;
use super::shells::refuse_ridge;
use super::{Files, Prepared};
use crate::fit::{Session, TerminationReason};
use crate::job::{ConstantsSpec, Job};
use crate::{Error, Result};

/// How one number scatters over fits to data that were drawn anew.
#[derive(Debug, Clone, Serialize)]
pub struct Scatter {
    /// A constant by label, or an elastic constant.
    pub name: String,
    /// eV/Å² or GPa: of the fit to all data.
    pub value: f64,
    /// What the fit says of its σ; none where the data do not bound it.
    pub sigma: Option<f64>,
    /// Standard deviation over the fits.
    pub scatter: f64,
}

/// Fits to data drawn from the blocks of the job's with replacement.
#[derive(Debug, Clone, Serialize)]
pub struct Bootstrap {
    /// Blocks of data.
    pub blocks: usize,
    /// Fits that ended at an optimum, of those that were tried.
    pub fits: [usize; 2],
    /// Constants, then elastic constants.
    pub numbers: Vec<Scatter>,
}

/// Draws the data `count` times anew, block by block, and fits each time (B. Efron, Ann. Stat. 7 (1979) 1; blocks after
/// H. R. Künsch, Ann. Stat. 17 (1989) 1217): the scatter holds whatever the σ of the data, as long as blocks are
/// independent.
///
/// # Errors
/// As those of a fit; fewer than five blocks.
pub fn bootstrap(
    job: &Job,
    files: &dyn Files,
    count: usize,
    seed: u64,
    tell: &mut dyn FnMut(&str),
) -> Result<Bootstrap> {
    #[cfg(feature = "potentials")]
    super::potential::without_potential(job)?;
    let (mut prepared, data) = Prepared::with_data(job, files)?;
    let (session, rows) = prepared.fitted_to(&data)?;
    let blocks = Blocks::new(&rows);
    if blocks.n < 5 {
        let what = format!("data in {} cells of reciprocal space", blocks.n);
        return Err(Error::job("data", what, "five at least, so that they can be drawn anew"));
    }
    let uncertainty = session.uncertainty();
    let of = |prepared: &Prepared, session: &Session| -> Vec<f64> {
        let theta = &session.current().theta;
        let elastic = elastic(prepared, theta, None).into_iter().map(|(_, value, _)| value);
        prepared.all_constants(theta).into_iter().chain(elastic).collect()
    };
    let found = prepared.found(&session, &uncertainty);
    let values = of(&prepared, &session);
    let names = prepared.labels().into_iter().zip(found.sigma);
    let moduli = elastic(&prepared, &session.current().theta, Some(&uncertainty));
    let names: Vec<(String, Option<f64>)> = names.chain(moduli.into_iter().map(|(n, _, s)| (n, s))).collect();
    prepared.theta.clone_from(&session.current().theta);
    let mut random = Pcg64::new(u128::from(seed), 0xb007);
    let mut sums = vec![[0.0; 2]; values.len()];
    let mut fits = 0;
    for k in 0..count {
        let mut times = vec![0; blocks.n];
        for _ in 0..blocks.n {
            if let Ok(uniform) = UniformInt::<u64>::new(0, blocks.n as u64) {
                times[uniform.sample(&mut random) as usize] += 1;
            }
        }
        let drawn = blocks.taken(&data, &|block| times[block]);
        if drawn.iter().any(|set| set.hkl.is_empty()) {
            continue;
        }
        let Ok((session, _)) = prepared.fitted_to(&drawn) else { continue };
        let ending = session.progress().termination;
        if !matches!(ending, Some(TerminationReason::Converged | TerminationReason::Flat)) {
            continue;
        }
        fits += 1;
        for (sum, (x, value)) in sums.iter_mut().zip(of(&prepared, &session).iter().zip(&values)) {
            sum[0] += x - value;
            sum[1] += (x - value).powi(2);
        }
        tell(&format!("{} of {count}", k + 1));
    }
    if fits < 2 {
        return Err(Error::job(
            "data",
            "hardly a fit to drawn data came to an end",
            "data that determine the constants",
        ));
    }
    let n = fits as f64;
    let scatter = |[first, second]: [f64; 2]| ((second - first * first / n) / (n - 1.0)).max(0.0).sqrt();
    let numbers = names.into_iter().zip(values).zip(sums);
    let numbers =
        numbers.map(|(((name, sigma), value), sum)| Scatter { name, value, sigma, scatter: scatter(sum) });
    Ok(Bootstrap { blocks: blocks.n, fits: [fits, count], numbers: numbers.collect() })
}

/// A fit from another start.
#[derive(Debug, Clone, Serialize)]
pub struct OtherStart {
    /// Misfit per degree of freedom where it ended.
    pub chi2_reduced: f64,
    /// Why it ended.
    pub termination: Option<TerminationReason>,
    /// rms difference from the best constants, eV/Å².
    pub off: f64,
}

/// Fits from the job's own start and from `count` others around it, all of them stable: each constant times 1 ± 0.3, all
/// of them times a factor of one half to two. Gives the job with the best start, and the fits, the best first.
///
/// # Errors
/// As those of a fit.
pub fn starts(
    job: &Job,
    files: &dyn Files,
    count: usize,
    seed: u64,
    tell: &mut dyn FnMut(&str),
) -> Result<(Job, Vec<OtherStart>)> {
    /// Draws for each start that is stable.
    const TRIES: usize = 20;
    refuse_ridge(job)?;
    #[cfg(feature = "potentials")]
    super::potential::without_potential(job)?;
    let own = Prepared::new(job, files)?;
    let constants = own.all_constants(&own.theta);
    let labels = own.labels();
    let mut random = Pcg64::new(u128::from(seed), 0x57a7);
    let mut fits: Vec<(f64, OtherStart, Vec<f64>, Job)> = vec![];
    let mut first = Some(job.clone());
    for k in 0..=count {
        for _ in 0..TRIES {
            let job = first.take().unwrap_or_else(|| {
                let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
                let overall = (0.35 * normal()).exp().clamp(0.5, 2.0);
                let moved = constants.iter().map(|t| t * overall * (1.0 + 0.3 * normal()));
                let moved = labels.iter().cloned().zip(moved).collect();
                let mut job = job.clone();
                job.force_constants.cutoff = own.basis.as_ref().map(|b| b.cutoff);
                job.force_constants.start = Some(ConstantsSpec { labels: Some(moved), ..Default::default() });
                job
            });
            let (prepared, data) = Prepared::with_data(&job, files)?;
            match prepared.fitted_to(&data) {
                Ok((session, _)) => {
                    let at = session.current();
                    let chi2_reduced = at.chi2 / session.problem.degrees() as f64;
                    tell(&format!("start {k}: χ²/n {chi2_reduced:.4}"));
                    let termination = session.progress().termination;
                    let fit = OtherStart { chi2_reduced, termination, off: 0.0 };
                    fits.push((at.objective, fit, prepared.all_constants(&at.theta), job));
                    break;
                }
                Err(Error::Unstable { .. }) if k > 0 => {}
                Err(other) => return Err(other),
            }
        }
    }
    crate::base::order::sort_by(&mut fits, |a, b| a.0.total_cmp(&b.0));
    let best = fits[0].2.clone();
    let off = |other: &[f64]| {
        let sum: f64 = other.iter().zip(&best).map(|(a, b)| (a - b).powi(2)).sum();
        (sum / best.len() as f64).sqrt()
    };
    let job = fits[0].3.clone();
    let fits = fits.into_iter().map(|(_, fit, constants, _)| OtherStart { off: off(&constants), ..fit });
    Ok((job, fits.collect()))
}
