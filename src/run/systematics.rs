//! What an instrument may have added that the model does not have, and what it would do to the constants.
//!
//! Most of it hardly shows in χ²: the constants follow it. To first order they move by F⁻¹ JᵀW c where the data hold a
//! shape c that the model lacks; the shapes of voxels, of incoherent and anomalous scattering, of polarization, of
//! absorption and of an error in temperature are known well enough to say by how much. Besides, the optimum of the data
//! farther from Bragg peaks, and that of the inner half of |Q|, should be that of all data within what their σ allow.

use nalgebra::DMatrix;

use super::parts::Part;
use super::result::elastic_slopes;
use super::verdict::Moved;
use super::{Prepared, Rows};
use crate::base::parallel::{Pool, rest};
use crate::crystal::tables::{Incoherent, anomalous};
use crate::crystal::{Crystal, elements};
use crate::data::Dataset;
use crate::fit::{Background, Effect, Evaluation, Score, ScoreTest, Session};
use crate::job::{Compton, VoxelSpec};
use crate::scattering::{Resolution, from_nearest_peak};

/// A photon energy where the job has none, keV: Mo Kα.
const TYPICAL_ENERGY: f64 = 17.48;
/// A slow factor that is hard to exclude: absorption, polarization, flux.
const TYPICAL_FACTOR: f64 = 0.03;
/// An error of the temperature, relative.
const TYPICAL_TEMPERATURE: f64 = 0.01;
/// Constants of metals fall by so much a kelvin: the frequencies of copper by 0.5 to 1.5 % from 49 to 298 K (R. M. Nicklow et
/// al., Phys. Rev. 164 (1967) 922), the constants by twice as much.
const TYPICAL_SOFTENING: f64 = 1e-4;
/// Tails of Bragg peaks at 0.2 r.l.u. in parts of the diffuse scattering there.
const TYPICAL_TAILS: f64 = 0.03;
/// Air scattering in parts of the mean of the data, at its decay length in Å⁻¹.
const TYPICAL_AIR: (f64, f64) = (0.05, 1.2);

/// One thing that is not in the model.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cause {
    pub code: &'static str,
    /// What the data may hold, as the beginning of a sentence.
    pub name: String,
    /// How to take it into account.
    pub mend: String,
    /// Relative change of the elastic constant that it moves most, and its name, where the data hold as much as assumed.
    pub elastic: Option<(String, f64)>,
    /// How much of that the residuals do not exclude, at most one.
    pub possible: f64,
    /// The largest change of a constant in σ by as much.
    pub in_sigma: f64,
    /// How much the residuals say that the data hold, in units of what is assumed, with its σ; by how much χ² would fall.
    pub found: f64,
    pub sigma: f64,
    pub drop: f64,
    /// Whether a sign can be told beforehand; else the change is ±.
    pub signed: bool,
    /// Change of all constants by as much as is possible, eV/Å².
    pub bias: Vec<f64>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Systematics {
    /// The worst first.
    pub causes: Vec<Cause>,
    pub parts: Vec<Part>,
    /// Powder rings that the residuals show.
    pub rings: Option<Cause>,
    /// Whether averages over voxels were not looked at, because they would take too long.
    pub unseen: bool,
    /// Of the fitted constants.
    covariance: DMatrix<f64>,
}

/// Floating-point operations, roughly, that the average over voxels may take: some ten seconds.
const DEAREST: f64 = 1e10;

pub(super) struct Search<'a> {
    pub(super) pool: &'a Pool,
    pub(super) prepared: &'a Prepared,
    pub(super) session: &'a Session,
    pub(super) at: &'a Evaluation,
    pub(super) data: &'a [Dataset],
    pub(super) rows: &'a [Rows],
    pub(super) models: &'a [Vec<f64>],
    test: ScoreTest<'a>,
    pub(super) sigma: Vec<f64>,
    elastic: Vec<(String, f64, Vec<f64>)>,
    /// The data sets that hold what a real measurement holds.
    pub(super) real: Vec<usize>,
}

impl Systematics {
    /// `None` where all data are free of an instrument, or where intensities are sampled.
    pub async fn new(
        pool: &Pool,
        prepared: &Prepared,
        session: &Session,
        data: &[Dataset],
        rows: &[Rows],
        models: &[Vec<f64>],
    ) -> Option<Self> {
        let terms = &session.problem.terms;
        let is_real = |n: &usize| {
            let spec = prepared.job.data.get(*n);
            spec.is_some_and(|d| !d.ideal && d.synthetic.is_none())
        };
        let real: Vec<usize> = (0..terms.len()).filter(is_real).collect();
        // How long waves have to be is no matter of the instrument.
        if real.is_empty() && !prepared.job.model.order.is_elastic()
            || terms.iter().any(|t| t.sampled.is_some())
            || prepared.job.model.supercell.is_some()
        {
            return None;
        }
        let at = session.current();
        let n = at.theta.len();
        let test = ScoreTest::new(pool, &session.problem, at).await?;
        let variance = session.problem.variance(at);
        let covariance = test.inverse().view((0, 0), (n, n)) * variance;
        let sigma = (0..n).map(|p| covariance[(p, p)].max(0.0).sqrt()).collect();
        let elastic = elastic_slopes(prepared, &at.theta, true);
        let search = Search { pool, prepared, session, at, data, rows, models, test, sigma, elastic, real };
        let mut out = Systematics { covariance, ..Systematics::default() };
        if !search.real.is_empty() {
            search.resolution(&mut out).await;
            search.compton(&mut out).await;
            search.anomalous(&mut out).await;
            search.factors(&mut out).await;
            search.air_and_tails(&mut out).await;
            search.temperature(&mut out).await;
            search.softening(&mut out).await;
            out.rings = search.rings().await;
        }
        search.parts(&mut out).await;
        let weight =
            |c: &Cause| c.elastic.as_ref().map_or(0.0, |e| e.1.abs()) + if c.drop > 50.0 { 1.0 } else { 0.0 };
        crate::base::order::sort_by(&mut out.causes, |a, b| weight(b).total_cmp(&weight(a)));
        Some(out)
    }
}

impl Systematics {
    /// What they may have moved the constants by; `excess`: by how much χ² of the means of equivalent data exceeds its
    /// expectation, as a fraction of that.
    pub fn moved(self, excess: f64) -> Moved {
        Moved {
            unexplained: self.covariance * excess,
            causes: self.causes.into_iter().chain(self.rings).map(|cause| cause.bias).collect(),
            parts: self.parts.into_iter().map(|part| part.bias).collect(),
        }
    }
}

impl Search<'_> {
    /// The elastic constant that changes most, relative to itself.
    pub(super) fn worst_elastic(&self, bias: &[f64]) -> Option<(String, f64)> {
        let changes = self.elastic.iter().map(|(name, value, slopes)| {
            let change: f64 = slopes.iter().zip(bias).map(|(s, b)| s * b).sum();
            (name.clone(), change / value)
        });
        changes.filter(|(_, x)| x.is_finite()).max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
    }

    fn in_sigma(&self, bias: &[f64]) -> f64 {
        let ratio = bias.iter().zip(&self.sigma).filter(|(_, s)| **s > 0.0).map(|(b, s)| (b / s).abs());
        ratio.filter(|x| x.is_finite()).fold(0.0, f64::max)
    }

    /// Shapes of all real data sets, tested and kept.
    async fn add(
        &self,
        out: &mut Systematics,
        (code, name, mend): (&'static str, String, &'static str),
        signed: bool,
        shapes: Vec<(usize, Vec<f64>)>,
    ) {
        out.causes.extend(self.cause((code, name, mend.to_owned()), signed, shapes).await);
    }

    /// What shapes in some data sets, which come together, would do; none where they say nothing.
    pub(super) async fn cause(
        &self,
        (code, name, mend): (&'static str, String, String),
        signed: bool,
        shapes: Vec<(usize, Vec<f64>)>,
    ) -> Option<Cause> {
        rest().await;
        if shapes.is_empty() {
            return None;
        }
        let borrowed: Vec<(usize, &[f64])> = shapes.iter().map(|(t, s)| (*t, s.as_slice())).collect();
        let Score { drop, amplitude, sigma, bias } = self.test.together(&borrowed).await?;
        let bias: Vec<f64> = bias.iter().take(self.at.theta.len()).copied().collect();
        let unit = self.session.problem.tolerant_variance(self.at);
        let sigma = sigma * unit.sqrt();
        let elastic = self.worst_elastic(&bias);
        // As much as the residuals do not exclude.
        let most = if signed { (amplitude + 2.0 * sigma).max(0.0) } else { amplitude.abs() + 2.0 * sigma };
        let possible = most.min(1.0);
        let bias: Vec<f64> = bias.iter().map(|b| b * possible).collect();
        Some(Cause {
            code,
            name,
            mend,
            elastic,
            possible,
            in_sigma: self.in_sigma(&bias),
            found: amplitude,
            sigma,
            drop: drop / unit,
            signed,
            bias,
        })
    }

    /// s·φ·I, as far as one factor for a point says it.
    fn scattered(&self, t: usize) -> Vec<f64> {
        let term = &self.session.problem.terms[t];
        let scale = self.at.nuisances[t].scale;
        let polarization = &term.measurement.polarization;
        let one = |(p, i): (usize, &f64)| scale * polarization.get(p).copied().unwrap_or(1.0) * i;
        self.test.intensity[t][..term.n_used()].iter().enumerate().map(one).collect()
    }

    /// The intensity of another model at the points of data set `t` that are used, minus that of the fit.
    async fn changed(
        &self,
        t: usize,
        edit: impl Fn(&mut Prepared, usize),
        resolution: Option<&Resolution>,
    ) -> Option<Vec<f64>> {
        self.changed_at(t, &self.at.theta, edit, resolution).await
    }

    /// The same with other constants.
    async fn changed_at(
        &self,
        t: usize,
        theta: &[f64],
        edit: impl Fn(&mut Prepared, usize),
        resolution: Option<&Resolution>,
    ) -> Option<Vec<f64>> {
        let term = &self.session.problem.terms[t];
        let mut prepared = self.prepared.at_energy_of(t).ok()?.into_owned();
        edit(&mut prepared, t);
        let hkl = &self.rows[t].hkl[..term.n_used()];
        // Else as in the fit.
        let own = self.prepared.resolution(t, &self.data[t]).await.ok()?;
        let resolution = resolution.or(own.as_ref());
        let model =
            prepared.model_of(&prepared.job, hkl, prepared.temperature_of(t), resolution).await.ok()?;
        let state = model.state_for_values_in(self.pool, theta).await?;
        let values = model.intensities_in(self.pool, &state).await?;
        let scattered = self.scattered(t);
        let ratio = |((new, old), s): ((&f64, &f64), &f64)| s * (new / old - 1.0);
        Some(values.iter().zip(&self.test.intensity[t]).zip(&scattered).map(ratio).collect())
    }

    /// Voxels as wide as the data are apart.
    async fn resolution(&self, out: &mut Systematics) {
        let mut shapes = vec![];
        let mut size = String::new();
        for &t in &self.real {
            if self.prepared.instrument(t).resolution.is_some() {
                continue;
            }
            // Points on no grid are no voxels.
            let Some(edges) = self.prepared.spaced(t, &self.data[t]).await else { continue };
            let spaced = self.prepared.with_voxels(t, VoxelSpec::Edges(edges));
            let Ok(Some(resolution)) = spaced.resolution(t, &self.data[t]).await else { continue };
            // Of many atoms the average would take longer than the fit.
            let term = &self.session.problem.terms[t];
            let blocks = term.model.one_phonon().n_blocks() as f64;
            if term.model.one_phonon().cost_of_block(false) * blocks * 12.0 > DEAREST {
                out.unseen = true;
                continue;
            }
            let inverse = self.prepared.crystal.input.reciprocal().try_inverse().unwrap_or_default();
            let edges: Vec<String> = (inverse * resolution.voxel)
                .diagonal()
                .iter()
                .map(|e| if *e < 0.095 { format!("{e:.3}") } else { format!("{e:.2}") })
                .collect();
            size = edges.join(" × ");
            if let Some(shape) = self.changed(t, |_, _| {}, Some(&resolution)).await {
                shapes.push((t, shape));
            }
        }
        let words = (
            "resolution",
            format!("an average over voxels of {size} r.l.u., as the data are apart"),
            "measurement.resolution, or a wider mask around Bragg peaks",
        );
        self.add(out, words, true, shapes).await;
    }

    async fn compton(&self, out: &mut Systematics) {
        let mut shapes = vec![];
        for &t in &self.real {
            if self.prepared.instrument(t).compton != Compton::None {
                continue;
            }
            let term = &self.session.problem.terms[t];
            let symbols = &self.prepared.crystal.primitive.symbols;
            let table = |symbol: &String| {
                let element = elements::element_of(symbol)?;
                Incoherent::new(element, elements::atomic_number(element)?)
            };
            let Some(tables) = symbols.iter().map(table).collect::<Option<Vec<_>>>() else { continue };
            let q2 = &term.measurement.q_squared[..term.n_used()];
            let scale = self.at.nuisances[t].scale;
            let one = |q2: &f64| scale * tables.iter().map(|table| table.at(q2.sqrt())).sum::<f64>();
            shapes.push((t, q2.iter().map(one).collect()));
        }
        let words = ("compton", "incoherent (Compton) scattering".to_owned(), "measurement.compton");
        self.add(out, words, true, shapes).await;
    }

    async fn anomalous(&self, out: &mut Systematics) {
        let job = &self.prepared.job;
        if job.measurement.energy_kev.is_some() || !job.anomalous.is_empty() {
            return;
        }
        let has_none = |t: &&usize| self.prepared.instrument(**t).energy_kev.is_none();
        let set = |crystal: &mut Crystal| {
            for symbol in crystal.primitive.symbols.clone() {
                let known = elements::element_of(&symbol).and_then(|e| anomalous(e, TYPICAL_ENERGY));
                if let Some([f1, f2]) = known {
                    // The element is one of the crystal's.
                    let _ = crystal.set_anomalous(&symbol, f1, f2);
                }
            }
        };
        let mut shapes = vec![];
        for &t in self.real.iter().filter(has_none) {
            if let Some(shape) = self.changed(t, |p, _| set(&mut p.crystal), None).await {
                shapes.push((t, shape));
            }
        }
        let words =
            ("anomalous", format!("f′ + i f″ (here at {TYPICAL_ENERGY} keV)"), "measurement.energy_kev");
        self.add(out, words, true, shapes).await;
    }

    /// Slow factors.
    async fn factors(&self, out: &mut Systematics) {
        let has = |t: usize, effect: Effect| {
            self.session.problem.terms[t].measurement.effects.iter().any(|e| e.what == effect)
        };
        let mut shapes = vec![];
        let mut polarized = vec![];
        for &t in &self.real {
            let term = &self.session.problem.terms[t];
            let scattered = self.scattered(t);
            let q2 = &term.measurement.q_squared;
            let most = term.measurement.q_range[1].powi(2);
            if has(t, Effect::Radial) {
                continue;
            }
            shapes
                .push((t, scattered.iter().zip(q2).map(|(s, q2)| TYPICAL_FACTOR * s * q2 / most).collect()));
            if term.measurement.polarization.is_empty() {
                let energy = self.prepared.instrument(t).energy_kev.unwrap_or(TYPICAL_ENERGY);
                let one = |(s, q2): (&f64, &f64)| {
                    s * (super::instrument::polarization_factor(*q2, energy, 0.5) - 1.0)
                };
                polarized.push((t, scattered.iter().zip(q2).map(one).collect()));
            }
        }
        let words = (
            "slow-factor",
            format!(
                "a factor that changes by {:.0} % with |Q|², as by absorption or flux",
                100.0 * TYPICAL_FACTOR
            ),
            "measurement.smooth_factor",
        );
        self.add(out, words, false, shapes).await;
        let first = polarized.first().and_then(|(t, _)| self.prepared.instrument(*t).energy_kev);
        let energy = first.unwrap_or(TYPICAL_ENERGY);
        let words = (
            "polarization",
            format!(
                "the polarization of the beam (here at {energy} keV), if the data are not corrected for it"
            ),
            "measurement.polarization, or measurement.smooth_factor",
        );
        self.add(out, words, true, polarized).await;
    }

    async fn air_and_tails(&self, out: &mut Systematics) {
        let (mut air, mut tails) = (vec![], vec![]);
        for &t in &self.real {
            let term = &self.session.problem.terms[t];
            let background = &term.measurement.background;
            let is = |wanted: fn(&Background) -> bool| background.iter().any(|b| wanted(&b.what));
            let q2 = &term.measurement.q_squared[..term.n_used()];
            let mean = term.data.iter().map(|d| d.value).sum::<f64>() / term.data.len().max(1) as f64;
            if !is(|b| matches!(b, Background::Exponential(_) | Background::Spline(_))) {
                let (part, length) = TYPICAL_AIR;
                let lowest = term.measurement.q_range[0];
                let one = |q2: &f64| part * mean * (-(q2.sqrt() - lowest) / length).exp();
                air.push((t, q2.iter().map(one).collect()));
            }
            if !is(|b| matches!(b, Background::Tails(_))) {
                let hkl = &self.rows[t].hkl[..term.n_used()];
                let scattered = self.scattered(t);
                let inverse = self.prepared.crystal.input.reciprocal().try_inverse().unwrap_or_default();
                let one = |(p, s): (&[f64; 3], &f64)| {
                    let offset = from_nearest_peak(&self.prepared.crystal, &self.prepared.crystal.q_cart(p));
                    // In parts of the diffuse scattering, which goes like d⁻² there: d⁻³ in all.
                    TYPICAL_TAILS * s * 0.2 / (inverse * offset).norm()
                };
                tails.push((t, hkl.iter().zip(&scattered).map(one).collect()));
            }
        }
        let (part, length) = TYPICAL_AIR;
        let words = (
            "air",
            format!(
                "scattering by air, exp(−|Q|/{length} Å⁻¹), {:.0} % of the mean of the data",
                100.0 * part
            ),
            "the background {\"exponential\": 1.2}",
        );
        self.add(out, words, false, air).await;
        let words = (
            "tails",
            format!(
                "tails of the Bragg peaks, {:.0} % of the diffuse scattering at 0.2 r.l.u.",
                100.0 * TYPICAL_TAILS
            ),
            "the background {\"tails\": 3}, or a wider mask around Bragg peaks",
        );
        self.add(out, words, false, tails).await;
    }

    async fn temperature(&self, out: &mut Systematics) {
        let mut shapes = vec![];
        for &t in &self.real {
            let warmer = |prepared: &mut Prepared, t: usize| {
                let temperature = prepared.temperature_of(t) * (1.0 + TYPICAL_TEMPERATURE);
                if let Some(data) = prepared.job.data.get_mut(t) {
                    data.temperature = Some(temperature);
                }
            };
            if let Some(shape) = self.changed(t, warmer, None).await {
                shapes.push((t, shape));
            }
        }
        let words = (
            "temperature",
            format!("an error of the temperature by {:.0} %", 100.0 * TYPICAL_TEMPERATURE),
            "a better temperature",
        );
        self.add(out, words, false, shapes).await;
    }

    /// One set of constants for several temperatures.
    async fn softening(&self, out: &mut Systematics) {
        let kelvins: Vec<f64> = self.real.iter().map(|&t| self.prepared.temperature_of(t)).collect();
        let mean = kelvins.iter().sum::<f64>() / kelvins.len() as f64;
        let most = kelvins.iter().map(|k| TYPICAL_SOFTENING * (k - mean).abs()).fold(0.0, f64::max);
        if most < 1e-3 {
            return;
        }
        let mut shapes = vec![];
        for (&t, kelvin) in self.real.iter().zip(&kelvins) {
            let theta = self
                .session
                .problem
                .stiffer_constants(&self.at.theta, 1.0 - TYPICAL_SOFTENING * (kelvin - mean));
            if let Some(shape) = self.changed_at(t, &theta, |_, _| {}, None).await {
                shapes.push((t, shape));
            }
        }
        let words = (
            "softening",
            "constants that soften with the temperature, by 1 % in 100 K, where the model has one set of them".to_owned(),
            "measurements at fewer temperatures",
        );
        self.add(out, words, false, shapes).await;
    }
}

impl Prepared {
    /// The same with other voxels for data set `n`.
    fn with_voxels(&self, n: usize, voxel: VoxelSpec) -> Prepared {
        let mut out = self.clone();
        let mut spec = self.instrument(n).clone();
        spec.resolution = Some(crate::job::ResolutionSpec { voxel: Some(voxel), ..Default::default() });
        if let Some(data) = out.job.data.get_mut(n) {
            data.measurement = Some(spec);
        }
        out
    }
}
