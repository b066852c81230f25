//! What a model of all orders adds to one phonon, and what its truncation leaves out.

use serde::Serialize;

use super::{Order, Prepared};
use crate::fit::Session;
use crate::order::sort_by;
use crate::scattering::default_range;

/// Higher orders over the data of a fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HigherOrdersReport {
    /// Smallest, median and largest ratio of the higher orders to one phonon.
    pub over_one_phonon: [f64; 3],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncation: Option<Truncation>,
}

/// What the finite range of the real-space sum leaves out, estimated with a range 1.6 times as long at
/// some of the points.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truncation {
    /// Å
    pub real_space_range: f64,
    /// Pairs of atoms and wave vectors that are summed over.
    pub pairs: usize,
    pub wave_vectors: usize,
    /// rms of the difference, relative to the intensity.
    pub rms_relative: f64,
    /// rms of the difference in units of σ of a datum.
    pub rms_sigma: f64,
}

/// Points that the truncation is estimated at.
const PROBES: usize = 192;

/// `None` for one-phonon scattering.
pub fn higher_orders(
    prepared: &Prepared,
    session: &Session,
    hkl: &[Vec<[f64; 3]>],
) -> Option<HigherOrdersReport> {
    let at = session.current();
    let mut ratios = Vec::new();
    for term in session.problem.terms.iter().filter(|t| t.model.has_higher_orders()) {
        let orders = term.model.orders(&term.model.state(&at.theta)?)?;
        let ratio = |i: usize| (orders.two[i] + orders.higher[i]) / orders.one[i];
        ratios.extend((0..term.n_used()).map(ratio));
    }
    sort_by(&mut ratios, f64::total_cmp);
    let over_one_phonon = [*ratios.first()?, ratios[ratios.len() / 2], *ratios.last()?];
    Some(HigherOrdersReport { over_one_phonon, truncation: truncation(prepared, session, hkl) })
}

fn truncation(prepared: &Prepared, session: &Session, hkl: &[Vec<[f64; 3]>]) -> Option<Truncation> {
    let spec = &prepared.job.model;
    if spec.order != Order::AllOrder || spec.supercell.is_some() {
        return None;
    }
    let range = spec.real_space_range.unwrap_or_else(|| default_range(&prepared.crystal));
    let (term, points) = (session.problem.terms.first()?, hkl.first()?);
    let at = session.current();
    // Spread by the golden ratio: data stand in rows, and a regular step would meet the same columns.
    let n_used = term.n_used();
    let spread = |i: usize| ((i as f64 * 0.618_033_988_749_895).fract() * n_used as f64) as usize;
    let probes: Vec<usize> = (0..PROBES.min(n_used)).map(spread).collect();
    let probe_hkl: Vec<[f64; 3]> = probes.iter().map(|&i| points[i]).collect();
    let mut longer = prepared.job.clone();
    longer.model.real_space_range = Some(1.6 * range);
    longer.model.real_space_mesh = None;
    let temperature = prepared.job.data.first().and_then(|d| d.temperature).unwrap_or(spec.temperature);
    let values = |job: &super::Job| {
        let model = prepared.model_of(job, &probe_hkl, temperature).ok()?;
        model.intensities(&model.state(&at.theta)?)
    };
    let (here, there) = (values(&prepared.job)?, values(&longer)?);
    let variance = session.problem.variance(at);
    let (mut relative, mut in_sigma) = (0.0, 0.0);
    for ((&i, a), b) in probes.iter().zip(&here).zip(&there) {
        relative += (a / b - 1.0).powi(2);
        let model = term.predict_one(i, *a, &at.nuisances[0]);
        let weight = term.data[i].weight(model, session.problem.likelihood)? / term.data[i].count;
        in_sigma += weight / variance * (at.nuisances[0].scale * (a - b)).powi(2);
    }
    let (pairs, wave_vectors) = term.model.n_terms()?;
    let n = probes.len() as f64;
    Some(Truncation {
        real_space_range: range,
        pairs,
        wave_vectors,
        rms_relative: (relative / n).sqrt(),
        rms_sigma: (in_sigma / n).sqrt(),
    })
}
