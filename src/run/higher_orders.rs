//! What there is beyond one phonon at the data of a fit, and what the truncation of it leaves out.

use serde::Serialize;

use super::Prepared;
use crate::base::order::sort_by;
use crate::base::parallel::Pool;
use crate::fit::Session;
use crate::job::Order;
use crate::scattering::default_range;

/// Higher orders over the data of a fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct HigherOrdersReport {
    /// Smallest, median and largest ratio of the higher orders to one phonon.
    pub over_one_phonon: [f64; 3],
    /// Whether the fit's model has them.
    pub modelled: bool,
    /// What the finite range leaves out, where the fit's model has higher orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncation: Option<Truncation>,
    /// Higher orders that the model leaves out: data set, point, electron² per primitive cell.
    #[serde(skip)]
    pub left_out: Vec<(usize, usize, f64)>,
}

/// What the finite range of the real-space sum leaves out, estimated with a range 1.6 times as long at
/// some of the points.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Truncation {
    /// Å: pairs of atoms up to this distance are summed.
    pub real_space_range: f64,
    /// Pairs of atoms that are summed over.
    pub pairs: usize,
    /// Wave vectors that are summed over.
    pub wave_vectors: usize,
    /// fraction: rms of the difference, relative to the intensity.
    pub rms_relative: f64,
    /// rms of the difference in units of σ of a datum.
    pub rms_sigma: f64,
}

/// Points that estimates are made at.
const PROBES: usize = 192;

/// The ratio over all data whose model has higher orders; at some of the points where it has not, so
/// that everyone learns what a one-phonon model leaves out. `hkl`: the points of each data set. `None`
/// when the crystal is not stable.
pub async fn higher_orders(
    pool: &Pool,
    prepared: &Prepared,
    session: &Session,
    hkl: &[Vec<[f64; 3]>],
) -> Option<HigherOrdersReport> {
    if prepared.job.model.order.is_elastic() {
        return None;
    }
    let at = session.current();
    let standing = &at.standing;
    let mut ratios = Vec::new();
    let mut left_out = Vec::new();
    let mut modelled = true;
    for (n, term) in session.problem.terms.iter().enumerate() {
        let (orders, points) = if term.model.has_higher_orders() {
            let known = term.model.orders_beyond(pool, &standing.states[n], &standing.higher[n]);
            (known.await?, term.n_used())
        } else {
            modelled = false;
            let probes: Vec<usize> = probes(term.n_used()).collect();
            let points: Vec<[f64; 3]> = probes.iter().map(|&i| hkl[n][i]).collect();
            let mut job = prepared.job.clone();
            job.model.order = Order::AllOrder;
            let own = prepared.at_energy_of(n).ok()?;
            let model = own.model_of(&job, &points, own.temperature_of(n), None).await.ok()?;
            let state = model.state_for_values_in(pool, &at.theta).await?;
            let orders = model.orders_in(pool, &state).await?;
            left_out
                .extend(probes.iter().enumerate().map(|(i, &p)| (n, p, orders.two[i] + orders.higher[i])));
            (orders, points.len())
        };
        ratios.extend((0..points).map(|i| (orders.two[i] + orders.higher[i]) / orders.one[i]));
    }
    sort_by(&mut ratios, f64::total_cmp);
    let over_one_phonon = [*ratios.first()?, ratios[ratios.len() / 2], *ratios.last()?];
    let truncation = truncation(pool, prepared, session, hkl).await;
    Some(HigherOrdersReport { over_one_phonon, modelled, truncation, left_out })
}

/// Spread by the golden ratio: data stand in rows, and a regular step would meet the same columns.
fn probes(n: usize) -> impl Iterator<Item = usize> {
    (0..PROBES.min(n)).map(move |i| ((i as f64 * 0.618_033_988_749_895).fract() * n as f64) as usize)
}

async fn truncation(
    pool: &Pool,
    prepared: &Prepared,
    session: &Session,
    hkl: &[Vec<[f64; 3]>],
) -> Option<Truncation> {
    let spec = &prepared.job.model;
    if spec.order != Order::AllOrder || spec.supercell.is_some() {
        return None;
    }
    let range = spec.real_space_range.unwrap_or_else(|| default_range(&prepared.crystal));
    let (term, points) = (session.problem.terms.first()?, hkl.first()?);
    let at = session.current();
    let probes: Vec<usize> = probes(term.n_used()).collect();
    let probe_hkl: Vec<[f64; 3]> = probes.iter().map(|&i| points[i]).collect();
    let mut longer = prepared.job.clone();
    longer.model.real_space_range = Some(1.6 * range);
    longer.model.real_space_mesh = None;
    let prepared = prepared.at_energy_of(0).ok()?;
    // Averages are left out of the comparison: they take long, and change both sides alike.
    #[cfg(feature = "chosen")]
    let averaged = prepared.instrument(0).resolution.is_some();
    #[cfg(not(feature = "chosen"))]
    let averaged = false;
    let mut values = Vec::new();
    if !averaged {
        let all = session.problem.intensities_of(pool, at, 0).await?.0.all();
        values.push(probes.iter().map(|&i| all[i]).collect());
    }
    for job in [&prepared.job, &longer].into_iter().skip(values.len()) {
        let model = prepared.model_of(job, &probe_hkl, prepared.temperature_of(0), None).await.ok()?;
        let state = model.state_for_values_in(pool, &at.theta).await?;
        values.push(model.intensities_in(pool, &state).await?);
    }
    let variance = session.problem.variance(at);
    let (mut relative, mut in_sigma) = (0.0, 0.0);
    for ((&i, a), b) in probes.iter().zip(&values[0]).zip(&values[1]) {
        relative += (a / b - 1.0).powi(2);
        let model = term.predict_one(i, *a, &at.nuisances[0]);
        let datum = &term.data[term.entries(i).start];
        let weight = datum.weight(model, session.problem.likelihood)? / datum.count;
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
