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
    pub(super) fn slow(self, q: &Vector3<f64>, q_max: f64) -> f64 {
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
    pub(super) fn moved(self, q: &Vector3<f64>, slope: &Slope, about: &Calibration) -> f64 {
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

    /// Moves the free parameters.
    pub(super) fn shift(&self, nuisances: &mut Nuisances, by: &[f64]) {
        let (scale, others) = by.split_at(usize::from(self.free_scale()));
        nuisances.scale += scale.iter().sum::<f64>();
        for (value, d) in nuisances.background.iter_mut().chain(&mut nuisances.effects).zip(others) {
            *value += d;
        }
    }
}
