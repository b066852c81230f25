//! What stands between the intensity of the crystal and the data, and the derivatives of it:
//!
//! y = s φ(Q) [I(Q + δQ) + κ C(Q)] + Σ_k b_k B_k(Q),
//! φ = P(|Q|) (1 + Σ_m a_m S_m(Q)), δQ = ε Q + ω × Q + o,
//!
//! with the scale s, polarization P, slow factors S of a few percent (absorption, incident flux), the incoherent
//! (Compton) intensity C and its factor κ, backgrounds B, and the calibration of hkl: a stretch ε, a rotation ω, an
//! origin o, to first order in I about the calibration that the points of the model have ([`Calibration`]). So is another
//! width of the Gaussian that I is averaged over.

use nalgebra::{Matrix3, Vector3};
use serde::{Deserialize, Serialize};

use super::Calibration;
use crate::scattering::Slope;

/// How the overall scale is treated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "\"free\" or a number")]
pub enum Scale {
    /// data units per electron² per primitive cell: held at this number.
    Fixed(f64),
    /// Fitted with the rest.
    Free(FreeWord),
}

/// The word for a scale that is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum FreeWord {
    /// Fitted with the rest.
    Free,
}

impl Scale {
    /// A scale that is fitted.
    pub const FREE: Scale = Scale::Free(FreeWord::Free);
}

/// A background shape, in data units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// The same at every point, in data units.
    Constant,
    /// Proportional to |Q|² (Å⁻²); its factor is in data units Å².
    Q2,
    /// exp(−|Q|/length), as scattering by air in the beam: the length in Å⁻¹, 0.01 to 100.
    Exponential(f64),
    /// A powder ring, a Gaussian in |Q|: its centre and its full width at half maximum, both in Å⁻¹.
    Ring([f64; 2]),
    /// Smooth in |Q|: so many cubic B-splines over the range of |Q| of the data, 4 to 20, that stand for a constant, too.
    Radial(u8),
    /// One of the splines of `Radial`: its number and how many they are.
    #[serde(skip)]
    Spline([u8; 2]),
    /// What was measured without the crystal.
    #[serde(skip)]
    Measured,
    /// Tails of the Bragg peaks, |F(G)|² d⁻ⁿ with the distance d from the nearest peak G in r.l.u.: n, 1 to 6.
    Tails(f64),
}

impl Background {
    /// The shapes that each have an amplitude of their own.
    fn parts(self) -> Vec<Background> {
        match self {
            Background::Radial(n) => (0..n).map(|k| Background::Spline([k, n])).collect(),
            other => vec![other],
        }
    }

    /// Its name in results, and the unit that its amplitude has besides that of the data.
    pub fn name(self) -> (String, &'static str) {
        match self {
            Background::Constant => ("constant".into(), ""),
            Background::Q2 => ("q2".into(), "Å²"),
            Background::Exponential(length) => (format!("exponential {length}"), ""),
            Background::Ring([centre, _]) => (format!("ring {centre}"), ""),
            Background::Radial(n) => (format!("radial {n}"), ""),
            Background::Spline([k, n]) => (format!("radial {}/{n}", k + 1), ""),
            Background::Measured => ("measured".into(), ""),
            Background::Tails(power) => (format!("tails {power}"), ""),
        }
    }
}

/// What is known of a parameter beforehand, as of a measurement of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Expected.
    pub value: f64,
    /// Its standard deviation.
    pub sigma: f64,
}

/// What multiplies the intensity or moves it in reciprocal space.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// S = (|Q|/Q_max)².
    Radial,
    /// S = a component of Q/|Q|.
    Direction(usize),
    /// S = a quadratic form of Q/|Q|: xy, yz, zx, x² − y², (3z² − 1)/2.
    Quadrupole(usize),
    /// κ: the incoherent intensity in units of that of the table.
    Compton,
    /// ε: the lattice of the measurement is larger than that of the job by this part.
    Stretch,
    /// A component of ω, radians.
    Rotation(usize),
    /// A component of o, Å⁻¹.
    Origin(usize),
    /// Relative change of the width of the Gaussian that the intensity is averaged over.
    Width,
}

impl Effect {
    /// Whether it is not the same at points that the symmetry of the crystal makes equivalent.
    pub fn breaks_symmetry(self) -> bool {
        !matches!(self, Effect::Radial | Effect::Compton | Effect::Stretch | Effect::Width)
    }

    /// Whether it needs the slope of the intensity.
    pub fn moves(self) -> bool {
        matches!(self, Effect::Stretch | Effect::Rotation(_) | Effect::Origin(_) | Effect::Width)
    }

    /// Its name in results, the unit there, and what one is in that unit.
    pub fn name(self) -> (&'static str, &'static str, f64) {
        match self {
            Effect::Radial => ("slow factor |Q|²", "", 1.0),
            Effect::Direction(i) => (["slow factor x", "slow factor y", "slow factor z"][i.min(2)], "", 1.0),
            Effect::Quadrupole(k) => {
                const NAMES: [&str; 5] = [
                    "slow factor xy",
                    "slow factor yz",
                    "slow factor zx",
                    "slow factor x²−y²",
                    "slow factor (3z²−1)/2",
                ];
                (NAMES[k.min(4)], "", 1.0)
            }
            Effect::Compton => ("compton", "", 1.0),
            Effect::Stretch => ("stretch", "", 1.0),
            Effect::Rotation(i) => {
                (["rotation x", "rotation y", "rotation z"][i.min(2)], "°", 1f64.to_degrees())
            }
            Effect::Origin(i) => (["origin x", "origin y", "origin z"][i.min(2)], "Å⁻¹", 1.0),
            Effect::Width => ("change of fwhm", "", 1.0),
        }
    }

    /// Where nothing is known better.
    pub fn start(self) -> f64 {
        if self == Effect::Compton { 1.0 } else { 0.0 }
    }

    /// S at Q, Å⁻¹; zero for what is no slow factor.
    fn slow(self, q: &Vector3<f64>, q_max: f64) -> f64 {
        let n = || q / q.norm();
        match self {
            Effect::Radial => q.norm_squared() / (q_max * q_max),
            Effect::Direction(i) => n()[i],
            Effect::Quadrupole(3) => n().x * n().x - n().y * n().y,
            Effect::Quadrupole(4) => 1.5 * n().z * n().z - 0.5,
            Effect::Quadrupole(k) => n()[k] * n()[(k + 1) % 3],
            _ => 0.0,
        }
    }

    /// The change of the intensity, as far as its slope says: that by a shift of Q (Å⁻¹), or by a covariance that goes like
    /// the square of a width.
    fn moved(self, q: &Vector3<f64>, slope: &Slope, about: &Calibration) -> f64 {
        if self == Effect::Width { 2.0 * slope.w } else { about.slope(self, q).dot(&slope.xyz()) }
    }
}

/// A parameter with what is known of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known<T> {
    /// What it belongs to.
    pub what: T,
    /// Known beforehand.
    pub prior: Option<Prior>,
}

/// Where a datum is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Scattering vector, Cartesian, Å⁻¹, as the file has it.
    pub q: Vector3<f64>,
    /// Number of the rotation that takes the point of the model here.
    pub rotation: usize,
    /// What was measured there without the crystal, in data units.
    pub empty: f64,
    /// What orders beyond the first in the calibration add to the intensity there, where they are known.
    pub beyond: f64,
}

/// Scale, backgrounds and effects of one data set, in numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nuisances {
    /// Data units per electron² per primitive cell.
    pub scale: f64,
    /// One per entry of [`Measurement::background`].
    pub background: Vec<f64>,
    /// One per entry of [`Measurement::effects`].
    pub effects: Vec<f64>,
}

impl Nuisances {
    /// Scale, backgrounds, effects.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut f64> {
        std::iter::once(&mut self.scale).chain(&mut self.background).chain(&mut self.effects)
    }
}

/// From the intensity at the points of a model to data.
#[derive(Debug, Clone)]
pub struct Measurement {
    /// How the scale is treated.
    pub scale: Scale,
    /// Backgrounds that are fitted.
    pub background: Vec<Known<Background>>,
    /// Effects that are fitted.
    pub effects: Vec<Known<Effect>>,
    /// The calibration that the points of the model have.
    pub about: Calibration,
    /// |Q|² of all points of the model, Å⁻².
    pub q_squared: Vec<f64>,
    /// P at all points; empty where it is one.
    pub polarization: Vec<f64>,
    /// C at all points, electron² per primitive cell; empty where there is none.
    pub compton: Vec<f64>,
    /// |F(G)|² of the nearest Bragg peak (electron² per primitive cell) and the distance from it (r.l.u.), at all
    /// points; empty where no background needs them.
    pub peaks: Vec<[f64; 2]>,
    /// Rotations of the crystal, Cartesian.
    pub rotations: Vec<Matrix3<f64>>,
    /// Smallest and largest |Q| of the data, Å⁻¹.
    pub q_range: [f64; 2],
}

/// A datum joined with its model.
pub(super) struct Link {
    pub model: f64,
    /// φ: ∂y/∂I over the scale.
    pub factor: f64,
}

impl Measurement {
    /// Scale and backgrounds alone.
    pub fn plain(scale: Scale, background: &[Background], q_squared: Vec<f64>) -> Self {
        let lowest = q_squared.iter().copied().fold(f64::INFINITY, f64::min).sqrt();
        let highest = q_squared.iter().copied().fold(0.0, f64::max).sqrt();
        Measurement {
            scale,
            background: background
                .iter()
                .flat_map(|b| b.parts())
                .map(|what| Known { what, prior: None })
                .collect(),
            effects: vec![],
            about: Calibration::default(),
            q_squared,
            polarization: vec![],
            compton: vec![],
            peaks: vec![],
            rotations: vec![],
            q_range: [lowest, highest],
        }
    }

    /// Whether data at points that the crystal's symmetry makes equivalent have different models.
    pub fn breaks_symmetry(&self) -> bool {
        self.has_measured() || self.effects.iter().any(|e| e.what.breaks_symmetry())
    }

    /// Whether a background was measured.
    fn has_measured(&self) -> bool {
        self.background.iter().any(|b| b.what == Background::Measured)
    }

    /// Whether the place of a datum matters, not its point of the model alone.
    pub fn needs_places(&self) -> bool {
        self.has_measured() || !self.effects.is_empty()
    }

    /// Whether the gradient of the intensity is needed.
    pub fn moves(&self) -> bool {
        cfg!(feature = "chosen") && self.effects.iter().any(|e| e.what.moves())
    }

    /// Whether the scale is fitted.
    pub fn free_scale(&self) -> bool {
        matches!(self.scale, Scale::Free(_))
    }

    /// Number of parameters that are fitted: the scale, where it is free, the backgrounds, the effects.
    pub fn n_free(&self) -> usize {
        usize::from(self.free_scale()) + self.background.len() + self.effects.len()
    }

    /// Number of columns of [`Self::link`].
    pub(super) fn n_columns(&self) -> usize {
        1 + self.background.len() + self.effects.len()
    }

    /// Where nothing is known better; a scale that is not held is zero.
    pub fn start(&self) -> Nuisances {
        Nuisances {
            scale: if let Scale::Fixed(s) = self.scale { s } else { 0.0 },
            background: self.background.iter().map(|b| b.prior.map_or(0.0, |p| p.value)).collect(),
            effects: self.effects.iter().map(|e| e.prior.map_or(e.what.start(), |p| p.value)).collect(),
        }
    }

    /// Name, value, unit and what one is in that unit, of each background and effect.
    pub fn named(&self, nuisances: &Nuisances) -> Vec<(String, f64, &'static str, f64)> {
        let background = self.background.iter().zip(&nuisances.background).map(|(b, value)| {
            let (name, unit) = b.what.name();
            (format!("background {name}"), *value, unit, 1.0)
        });
        let effects = self.effects.iter().zip(&nuisances.effects).map(|(e, value)| {
            let (name, unit, factor) = e.what.name();
            (name.to_owned(), *value, unit, factor)
        });
        background.chain(effects).collect()
    }

    /// What is known of each free parameter, with its value.
    pub(super) fn priors<'a>(
        &'a self,
        nuisances: &'a Nuisances,
    ) -> impl Iterator<Item = (usize, Prior, f64)> + 'a {
        let first = usize::from(self.free_scale());
        let background = self.background.iter().map(|b| b.prior).zip(&nuisances.background);
        let effects = self.effects.iter().map(|e| e.prior).zip(&nuisances.effects);
        let all = background.chain(effects).enumerate();
        all.filter_map(move |(k, (prior, value))| Some((first + k, prior?, *value)))
    }

    /// A background at a point of the model, for a datum at `place`.
    pub fn shape(&self, background: Background, point: usize, place: Option<&Place>) -> f64 {
        let q2 = self.q_squared[point];
        match background {
            Background::Constant => 1.0,
            Background::Q2 => q2,
            Background::Exponential(length) => (-q2.sqrt() / length).exp(),
            Background::Ring([centre, width]) => {
                let x = (q2.sqrt() - centre) / width;
                (-4.0 * std::f64::consts::LN_2 * x * x).exp()
            }
            Background::Spline([k, n]) => {
                let [low, high] = self.q_range;
                let at = (q2.sqrt() - low) / (high - low).max(f64::MIN_POSITIVE);
                spline(usize::from(k), usize::from(n), at)
            }
            Background::Measured => place.map_or(0.0, |p| p.empty),
            // Split into its splines where a measurement is made.
            Background::Radial(_) => 0.0,
            Background::Tails(power) => {
                let [strength, distance] = self.peaks.get(point).copied().unwrap_or([0.0, 1.0]);
                // Ten times sooner where it is a whole number.
                let whole = power as i32;
                let falls =
                    if f64::from(whole) == power { distance.powi(-whole) } else { distance.powf(-power) };
                strength * falls
            }
        }
    }

    /// The backgrounds at a point of the model, into their columns: what [`Self::join`] needs of each point.
    pub(super) fn shapes(&self, point: usize, columns: &mut [f64]) {
        for (background, column) in self.background.iter().zip(&mut columns[1..]) {
            *column = self.shape(background.what, point, None);
        }
    }

    /// [`Self::shapes`] and [`Self::join`].
    pub(super) fn link(
        &self,
        point: usize,
        place: Option<&Place>,
        intensity: f64,
        slope: &Slope,
        nuisances: &Nuisances,
        columns: &mut [f64],
    ) -> Link {
        self.shapes(point, columns);
        self.join(point, place, intensity, slope, nuisances, columns)
    }

    /// y where the intensity at a point is `intensity` and its gradient `slope`; `columns` takes the derivatives to the
    /// scale, and those to the effects over the scale, beside those to the backgrounds, which it holds. `place`: of the
    /// datum, where effects need it.
    pub(super) fn join(
        &self,
        point: usize,
        place: Option<&Place>,
        intensity: f64,
        slope: &Slope,
        nuisances: &Nuisances,
        columns: &mut [f64],
    ) -> Link {
        let polarization = self.polarization.get(point).copied().unwrap_or(1.0);
        let compton = self.compton.get(point).copied().unwrap_or(0.0);
        let (mut slow, mut scattered, mut kappa) = (1.0, intensity, 1.0);
        let first = 1 + self.background.len();
        if let Some(place) = place {
            scattered += place.beyond;
            // I(RQ) = I(Q): the gradient turns with the point.
            let turned = self.rotations.get(place.rotation).map_or(slope.xyz(), |r| r * slope.xyz());
            let slope = turned.push(slope.w);
            let effects = self.effects.iter().zip(&nuisances.effects);
            for ((effect, value), column) in effects.zip(&mut columns[first..]) {
                *column = match effect.what {
                    Effect::Compton => {
                        kappa = *value;
                        compton
                    }
                    what if what.moves() => what.moved(&place.q, &slope, &self.about),
                    what => what.slow(&place.q, self.q_range[1]),
                };
                match effect.what {
                    Effect::Compton => {}
                    what if what.moves() => scattered += (value - self.about.value(what)) * *column,
                    _ => slow += value * *column,
                }
            }
        }
        let factor = polarization * slow;
        let whole = scattered + kappa * compton;
        columns[0] = factor * whole;
        let mut model = nuisances.scale * columns[0];
        let background = self.background.iter().zip(&nuisances.background);
        for ((background, amplitude), column) in background.zip(&mut columns[1..first]) {
            if background.what == Background::Measured {
                *column = self.shape(background.what, point, place);
            }
            model += amplitude * *column;
        }
        for (effect, column) in self.effects.iter().zip(&mut columns[first..]) {
            let moved = effect.what.moves() || effect.what == Effect::Compton;
            *column *= if moved { factor } else { polarization * whole };
        }
        Link { model, factor }
    }

    /// Moves the free parameters.
    pub(super) fn shift(&self, nuisances: &mut Nuisances, by: &[f64]) {
        let (scale, others) = by.split_at(usize::from(self.free_scale()));
        nuisances.scale += scale.iter().sum::<f64>();
        for (value, d) in nuisances.background.iter_mut().chain(&mut nuisances.effects).zip(others) {
            *value += d;
        }
    }
}

/// Cubic B-spline number `k` of `n` on knots at equal distances, at 0 ≤ `x` ≤ 1; together they are one.
fn spline(k: usize, n: usize, x: f64) -> f64 {
    let pieces = (n - 3) as f64;
    let t = x.clamp(0.0, 1.0) * pieces - (k as f64 - 1.0);
    let t = (t).abs();
    match t {
        t if t < 1.0 => 2.0 / 3.0 - t * t + 0.5 * t * t * t,
        t if t < 2.0 => (2.0 - t).powi(3) / 6.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splines_make_up_cubic_polynomials() {
        let n = 7;
        for step in 0..=20 {
            let x = f64::from(step) / 20.0;
            let sum: f64 = (0..n).map(|k| spline(k, n, x)).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{x}: {sum}");
            // Greville: Σ ξ_k B_k(x) = x with ξ_k the mean of the three knots inside.
            let line: f64 = (0..n).map(|k| (k as f64 - 1.0) / (n - 3) as f64 * spline(k, n, x)).sum();
            assert!((line - x).abs() < 1e-12, "{x}: {line}");
        }
    }

    /// Everything at once; derivatives against central differences.
    #[test]
    fn derivatives_of_the_link_agree_with_differences() {
        let q = Vector3::new(1.1, -0.7, 2.3);
        let mut measurement = Measurement::plain(Scale::FREE, &[], vec![q.norm_squared()]);
        measurement.q_range = [0.5, 4.0];
        measurement.polarization = vec![0.83];
        measurement.compton = vec![7.0];
        measurement.peaks = vec![[300.0, 0.4]];
        measurement.rotations =
            vec![Matrix3::identity(), Matrix3::new(0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)];
        let shapes = [
            Background::Constant,
            Background::Q2,
            Background::Exponential(1.2),
            Background::Ring([2.6, 0.2]),
            Background::Spline([2, 6]),
            Background::Tails(3.0),
            Background::Measured,
        ];
        measurement.background = shapes.map(|what| Known { what, prior: None }).to_vec();
        let effects = (0..3).flat_map(|i| [Effect::Direction(i), Effect::Rotation(i), Effect::Origin(i)]);
        let effects = effects.chain((0..5).map(Effect::Quadrupole));
        let effects = effects.chain([Effect::Radial, Effect::Compton, Effect::Stretch, Effect::Width]);
        measurement.effects = effects.map(|what| Known { what, prior: None }).collect();
        let n_effects = measurement.effects.len();
        let at = Nuisances {
            scale: 3.1,
            background: (0..7).map(|k| 1.0 + 0.3 * f64::from(k)).collect(),
            effects: (0..n_effects).map(|k| 0.01 * (k as f64 + 1.0)).collect(),
        };
        let place = Place { q, rotation: 1, empty: 6.5, beyond: 0.0 };
        let slope = Slope::new(5.0, -3.0, 2.0, 4.0);
        let mut columns = vec![0.0; measurement.n_columns()];
        let value = |n: &Nuisances, intensity: f64| {
            let mut columns = vec![0.0; measurement.n_columns()];
            measurement.link(0, Some(&place), intensity, &slope, n, &mut columns).model
        };
        let link = measurement.link(0, Some(&place), 40.0, &slope, &at, &mut columns);
        let h = 1e-5;
        for k in 0..columns.len() {
            let moved = |by: f64| {
                let mut n = at.clone();
                let mut step = vec![0.0; columns.len()];
                step[k] = by;
                measurement.shift(&mut n, &step);
                value(&n, 40.0)
            };
            let difference = (moved(h) - moved(-h)) / (2.0 * h);
            let ours = columns[k] * if k < 8 { 1.0 } else { at.scale };
            assert!((difference - ours).abs() < 1e-7 * ours.abs().max(1.0), "{k}: {difference}");
        }
        let to_intensity = (value(&at, 40.0 + h) - value(&at, 40.0 - h)) / (2.0 * h);
        assert!((to_intensity - at.scale * link.factor).abs() < 1e-7 * to_intensity);
    }
}
