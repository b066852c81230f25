//! The measurement model of a data set, as its job describes it.

use std::borrow::Cow;

use nalgebra::{Matrix3, Vector3};

use super::Prepared;
use crate::base::order::sort_integers;
use crate::base::parallel::{rest, restfully, resting};
use crate::crystal::tables::{ENERGIES, Incoherent, anomalous};
use crate::crystal::{Crystal, elements};
use crate::data::Dataset;
use crate::error::Placed;
use crate::fit::{Background, Effect, Known, Measurement, Prior, Scale};
use crate::job::{Compton, Job, MeasurementSpec, Order, VoxelSpec};
use crate::scattering::{Resolution, from_nearest_peak};
use crate::{Error, Result};

/// FWHM of a Gaussian in standard deviations: √(8 ln 2).
const FWHM: f64 = 2.354_820_045_030_949_3;

/// ħc, keV Å.
const HBAR_C: f64 = 1.973_269_804_593;

impl Prepared {
    /// What the job says of the instrument of data set `n`.
    pub(super) fn instrument(&self, n: usize) -> &MeasurementSpec {
        let own = self.job.data.get(n).and_then(|d| d.measurement.as_ref());
        own.unwrap_or(&self.job.measurement)
    }

    /// The same at the photon energy of data set `n`, where that has one of its own.
    ///
    /// # Errors
    /// An energy or an element that the table of f′ + i f″ does not have.
    pub(super) fn at_energy_of(&self, n: usize) -> Result<Cow<'_, Prepared>> {
        let energy = self.instrument(n).energy_kev;
        match energy {
            Some(energy) if self.job.measurement.energy_kev != Some(energy) => {
                let mut own = self.clone();
                set_energy(
                    &self.job,
                    energy,
                    &format!("data[{n}].measurement.energy_kev"),
                    &mut own.crystal,
                )?;
                Ok(Cow::Owned(own))
            }
            _ => Ok(Cow::Borrowed(self)),
        }
    }

    /// The spread of Q in the pixels of a data set.
    ///
    /// # Errors
    /// Voxels of a size that the data do not tell.
    pub(super) async fn resolution(&self, n: usize, set: &Dataset) -> Result<Option<Resolution>> {
        let Some(spec) = &self.instrument(n).resolution else { return Ok(None) };
        let reciprocal = self.crystal.input.reciprocal();
        let edges = match spec.voxel {
            Some(VoxelSpec::Edges(edges)) => edges,
            Some(VoxelSpec::OfData(true)) => {
                let Some(edges) = self.spaced(n, set).await else {
                    return Err(Error::job(
                        "measurement.resolution.voxel",
                        format!("true, and the points of {} lie on no grid", set.name),
                        "three numbers of r.l.u., e.g. [0.1, 0.1, 0.1]",
                    ));
                };
                if let Some(k) = edges.iter().position(|e| *e == 0.0) {
                    return Err(Error::job(
                        "measurement.resolution.voxel",
                        format!("true, and all points of {} have one {}", set.name, ["h", "k", "l"][k]),
                        "three numbers of r.l.u., e.g. [0.1, 0.1, 0.1]",
                    ));
                }
                edges
            }
            _ => [0.0; 3],
        };
        let widths = spec.fwhm.map_or([0.0; 3], crate::job::Widths::each);
        let gaussian = Matrix3::from_diagonal(&Vector3::from(widths.map(|w| (w / FWHM).powi(2))));
        let resolution = Resolution {
            voxel: reciprocal * Matrix3::from_diagonal(&Vector3::from(edges)),
            gaussian: reciprocal * gaussian * reciprocal.transpose(),
            mosaic: spec.mosaic_deg.to_radians() / FWHM,
            bandwidth: spec.bandwidth / FWHM,
            widens: spec.fwhm_within.is_some(),
        };
        let nothing = resolution.covariance(&Vector3::x()).amax() == 0.0;
        Ok((!nothing).then_some(resolution))
    }

    /// How far the voxels of a data set are apart along h, k, l, r.l.u., zero where all have one value; none for points that
    /// are on no grid.
    pub(super) async fn spaced(&self, n: usize, set: &Dataset) -> Option<[f64; 3]> {
        let stride = self.job.data.get(n).map_or([1; 3], crate::job::DataSpec::strides);
        let found = spacing(&set.hkl).await?;
        Some([0, 1, 2].map(|k| found[k] / stride[k] as f64))
    }

    /// The measurement of data set `n` at the points `hkl` of its model; the first `n_used` have data in the fit.
    ///
    /// # Errors
    /// Elements without a table, a polarization without an energy.
    pub(super) async fn measurement(
        &self,
        n: usize,
        hkl: &[[f64; 3]],
        n_used: usize,
        scale: Scale,
        background: &[Background],
    ) -> Result<Measurement> {
        let spec = self.instrument(n);
        let q: Vec<Vector3<f64>> = hkl.iter().map(|p| self.crystal.q_cart(p)).collect();
        let mut out = Measurement::plain(scale, background, q.iter().map(Vector3::norm_squared).collect());
        rest().await;
        out.q_range =
            q[..n_used].iter().fold([f64::INFINITY, 0.0], |[a, b], q| [a.min(q.norm()), b.max(q.norm())]);
        if background.iter().any(|b| matches!(b, Background::Tails(_))) {
            out.peaks = self.peaks(n, &q).await;
        }
        if let Some(measured) = self.job.data.get(n).and_then(|spec| spec.measured_background.as_ref()) {
            let prior = measured.factor_within.map(|sigma| Prior { value: 1.0, sigma });
            out.background.push(Known { what: Background::Measured, prior });
        }
        out.about = self.about.get(n).copied().unwrap_or_default();
        let mut add = |what: Effect, sigma: Option<f64>| {
            let prior = sigma.map(|sigma| Prior { value: what.start(), sigma });
            out.effects.push(Known { what, prior });
        };
        match spec.compton {
            Compton::Free => add(Effect::Compton, None),
            Compton::Within(sigma) => add(Effect::Compton, Some(sigma)),
            Compton::None | Compton::Absolute => {}
        }
        if let Some(smooth) = spec.smooth_factor {
            let within = Some(smooth.within);
            if smooth.radial {
                add(Effect::Radial, within);
            }
            (0..3).filter(|_| smooth.degree > 0).for_each(|i| add(Effect::Direction(i), within));
            (0..5).filter(|_| smooth.degree > 1).for_each(|i| add(Effect::Quadrupole(i), within));
        }
        if let Some(within) = spec.resolution.as_ref().and_then(|r| r.fwhm_within) {
            add(Effect::Width, Some(within));
        }
        if let Some(calibration) = spec.calibration {
            let angle = calibration.rotation_deg.map(f64::to_radians);
            for (given, effects) in [
                (calibration.stretch, &[Effect::Stretch][..]),
                (angle, &[0, 1, 2].map(Effect::Rotation)),
                (calibration.origin, &[0, 1, 2].map(Effect::Origin)),
            ] {
                effects.iter().filter(|_| given.is_some()).for_each(|effect| add(*effect, given));
            }
        }
        if spec.compton != Compton::None {
            out.compton = incoherent(&self.crystal, &q).await?;
        }
        if let Some(polarization) = spec.polarization {
            let Some(energy) = spec.energy_kev else {
                return Err(Error::job(
                    "measurement.polarization",
                    "no photon energy",
                    "energy_kev beside it",
                ));
            };
            let part =
                0.5 * (1.0 + polarization.fraction * (2.0 * polarization.angle_deg.to_radians()).cos());
            let factor = |i: usize| polarization_factor(q[i].norm_squared(), energy, part);
            out.polarization = restfully(q.len(), 0.05, factor).await;
        }
        Ok(out)
    }

    /// |F(G)|² of the nearest Bragg peak, electron² per primitive cell, and the distance from it, r.l.u.
    async fn peaks(&self, n: usize, q: &[Vector3<f64>]) -> Vec<[f64; 2]> {
        let crystal = &self.crystal;
        let elastic = self.job.model.order.is_elastic();
        let own = self.job.model.u_a2.unwrap_or(0.0);
        let u = (!elastic)
            .then(|| self.mean_square_of(&self.job, self.temperature_of(n)).at(&self.theta))
            .flatten();
        let inverse = crystal.input.reciprocal().try_inverse().unwrap_or_default();
        let one = |i: usize| {
            let q = &q[i];
            let offset = from_nearest_peak(crystal, q);
            let g = q - offset;
            let (mut re, mut im) = (0.0, 0.0);
            for (s, factor) in crystal.form_factors.iter().enumerate() {
                let (a, b) = factor.value(g.norm());
                let w = u.as_ref().map_or(0.5 * own * g.norm_squared(), |u| u.debye_waller(s, &g));
                let damping = (-w).exp();
                let (sine, cosine) =
                    g.dot(&(crystal.primitive.lattice * crystal.primitive.positions[s])).sin_cos();
                re += damping * (a * cosine - b * sine);
                im += damping * (a * sine + b * cosine);
            }
            [re * re + im * im, (inverse * offset).norm()]
        };
        restfully(q.len(), 1.0 + 0.5 * crystal.n_atoms() as f64, one).await
    }
}

/// 1 − sin²2θ · `part` at |Q|² in Å⁻² and a photon energy in keV.
pub(super) fn polarization_factor(q_squared: f64, energy_kev: f64, part: f64) -> f64 {
    // |Q| = 2 k sin θ
    let sine_squared = (0.25 * q_squared * (HBAR_C / energy_kev).powi(2)).min(1.0);
    1.0 - 4.0 * sine_squared * (1.0 - sine_squared) * part
}

/// Sets f′ + i f″ of the elements of a crystal that the job does not give, at a photon energy in keV, which stands in
/// `field`.
///
/// # Errors
/// An energy or an element that the table does not have.
pub(super) fn set_energy(job: &Job, energy: f64, field: &str, crystal: &mut Crystal) -> Result<()> {
    for symbol in crystal.primitive.symbols.clone() {
        let Some(element) = elements::element_of(&symbol) else { continue };
        if job.anomalous.contains_key(&symbol) || job.anomalous.contains_key(element) {
            continue;
        }
        let Some([f1, f2]) = anomalous(element, energy) else {
            let [low, high] = ENERGIES;
            return Err(Error::job(
                field,
                format!("{energy} keV, and no f′ + i f″ of {element} there"),
                format!("{low} to {high} keV and elements up to uranium, or `anomalous` for {element}"),
            ));
        };
        crystal.set_anomalous(&symbol, f1, f2).in_job("anomalous")?;
    }
    Ok(())
}

/// Whether a model can be measured as the job says.
pub(super) fn check_instruments(job: &Job) -> Result<()> {
    let periodic = job.model.order == Order::Sampled || job.model.supercell.is_some();
    let all =
        job.data.iter().enumerate().map(|(n, d)| (format!("data[{n}].measurement"), d.measurement.as_ref()));
    let all = all.chain([("measurement".to_owned(), Some(&job.measurement))]);
    for (n, measured) in
        job.data.iter().enumerate().filter_map(|(n, d)| Some((n, d.measured_background.as_ref()?)))
    {
        let field = format!("data[{n}].measured_background");
        if periodic {
            let expected = "the order one-phonon or all-order without a supercell";
            return Err(Error::job(&field, "intensities of a periodic supercell", expected));
        }
        if measured.file.is_empty() {
            return Err(Error::job(&format!("{field}.file"), "missing", "a file as those of data"));
        }
        if let Some(within) = measured.factor_within.filter(|within| !(1e-6..=10.0).contains(within)) {
            return Err(Error::job(&format!("{field}.factor_within"), format!("{within}"), "0.000001 to 10"));
        }
    }
    for (field, spec) in all.filter_map(|(field, spec)| Some((field, spec?))) {
        let spreads = spec.resolution.is_some() || spec.calibration.is_some();
        let fits = spec.smooth_factor.is_some() || !matches!(spec.compton, Compton::None | Compton::Absolute);
        if periodic && (spreads || fits) {
            return Err(Error::job(
                &field,
                "resolution, calibration, smooth_factor or a free compton for intensities of a periodic supercell",
                "the order one-phonon or all-order without a supercell",
            ));
        }
        let within = |name: &str, value: f64, low: f64, high: f64| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(Error::job(&format!("{field}.{name}"), format!("{value}"), format!("{low} to {high}")))
        };
        if let Some(resolution) = &spec.resolution {
            if let Some(VoxelSpec::Edges(edges)) = resolution.voxel {
                edges.iter().try_for_each(|e| within("resolution.voxel", *e, 0.0, 1.0))?;
            }
            for width in resolution.fwhm.iter().flat_map(|w| w.each()) {
                within("resolution.fwhm", width, 0.0, 1.0)?;
            }
            if let Some(fraction) = resolution.fwhm_within {
                within("resolution.fwhm_within", fraction, 1e-4, 1.0)?;
                if resolution.fwhm.is_none_or(|w| w.each() == [0.0; 3]) {
                    return Err(Error::job(
                        &format!("{field}.resolution.fwhm_within"),
                        "no fwhm",
                        "fwhm beside it",
                    ));
                }
            }
            within("resolution.mosaic_deg", resolution.mosaic_deg, 0.0, 20.0)?;
            within("resolution.bandwidth", resolution.bandwidth, 0.0, 0.2)?;
        }
        if let Some(energy) = spec.energy_kev {
            within("energy_kev", energy, ENERGIES[0], ENERGIES[1])?;
        }
        if let Compton::Within(sigma) = spec.compton {
            within("compton.within", sigma, 1e-3, 10.0)?;
        }
        if let Some(p) = spec.polarization {
            within("polarization.fraction", p.fraction, 0.0, 1.0)?;
            within("polarization.angle_deg", p.angle_deg, -360.0, 360.0)?;
        }
        if let Some(smooth) = spec.smooth_factor {
            within("smooth_factor.degree", f64::from(smooth.degree), 0.0, 2.0)?;
            within("smooth_factor.within", smooth.within, 1e-4, 1.0)?;
        }
        if let Some(calibration) = spec.calibration {
            for (name, value, low, high) in [
                ("stretch", calibration.stretch, 1e-6, 0.05),
                ("rotation_deg", calibration.rotation_deg, 1e-4, 5.0),
                ("origin", calibration.origin, 1e-6, 0.5),
            ] {
                value.map_or(Ok(()), |value| within(&format!("calibration.{name}"), value, low, high))?;
            }
        }
    }
    Ok(())
}

/// Σ S over the atoms of the primitive cell at each Q, electron².
///
/// # Errors
/// An element that the table does not have.
async fn incoherent(crystal: &Crystal, q: &[Vector3<f64>]) -> Result<Vec<f64>> {
    let mut sum = vec![0.0; q.len()];
    for symbol in &crystal.primitive.symbols {
        let element = elements::element_of(symbol).unwrap_or_default();
        let table = elements::atomic_number(element).and_then(|z| Incoherent::new(element, z));
        let table = table.ok_or_else(|| {
            Error::job(
                "measurement.compton",
                format!("no incoherent function of {symbol}"),
                "elements up to californium, or \"none\"",
            )
        })?;
        resting(q.len(), 0.1, &mut |range| range.for_each(|i| sum[i] += table.at(q[i].norm()))).await;
    }
    Ok(sum)
}

/// The commonest distance between neighbouring values of h, of k and of l, zero where all have one value; none where an axis
/// has no step, so that the points are on no grid.
async fn spacing(hkl: &[[f64; 3]]) -> Option<[f64; 3]> {
    /// Of the distances along an axis, those that are whole multiples of the commonest, to a tenth: of points at random one
    /// in five is.
    const MULTIPLES: f64 = 0.8;
    let mut found = [0.0; 3];
    for (axis, found) in found.iter_mut().enumerate() {
        let mut values: Vec<i64> = hkl.iter().map(|p| (p[axis] * 1e6).round() as i64).collect();
        sort_integers(&mut values);
        rest().await;
        let mut steps: Vec<i64> = values.windows(2).map(|w| w[1] - w[0]).filter(|step| *step > 10).collect();
        sort_integers(&mut steps);
        rest().await;
        // The median: rounded axes have steps that differ in their last digits.
        let Some(step) = steps.get(steps.len() / 2) else { continue };
        let is_whole = |other: &&i64| {
            let ratio = **other as f64 / *step as f64;
            ratio > 0.5 && (ratio - ratio.round()).abs() < 0.1
        };
        if (steps.iter().filter(is_whole).count() as f64) < MULTIPLES * steps.len() as f64 {
            return None;
        }
        *found = *step as f64 * 1e-6;
    }
    Some(found)
}
