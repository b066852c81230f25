//! What a job says about the instrument.

use serde::{Deserialize, Serialize};

use super::is_default;

/// What an instrument does to the intensity besides scale and backgrounds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MeasurementSpec {
    /// The part of reciprocal space that a pixel averages over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<ResolutionSpec>,
    /// keV: photon energy, 4 to 150. Gives f′ + i f″ of the elements that `anomalous` does not name, after Chantler, and
    /// the scattering angle to `polarization`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub energy_kev: Option<f64>,
    /// Incoherent (Compton) scattering of the atoms, in the same units as their diffuse scattering.
    #[serde(skip_serializing_if = "is_default")]
    pub compton: Compton,
    /// The polarization of the beam, where the data are not corrected for it; it needs `energy_kev`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polarization: Option<Polarization>,
    /// A factor that changes slowly, as by absorption or by the incident flux.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smooth_factor: Option<SmoothFactor>,
    /// How far hkl may be from where they should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

/// A measurement without the crystal, at the same points, as a background with a factor of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MeasuredBackground {
    /// A file as those of data, with a value at hkl of every datum, in the same units. Of a volume, the same voxels are
    /// read. Its σ are added to those of the data.
    pub file: String,
    /// fraction: standard deviation of the factor around one before the measurement, 10⁻⁶ to 10; without it, nothing is
    /// known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor_within: Option<f64>,
}

/// The spread of Q in a pixel: what is given adds up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ResolutionSpec {
    /// r.l.u.: edges of a voxel along h, k, l, 0 to 1 each; or `true` for the distance between neighbouring points of the
    /// data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voxel: Option<VoxelSpec>,
    /// r.l.u.: full width at half maximum of a Gaussian along h, k and l, 0 to 1: one number or three.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fwhm: Option<Widths>,
    /// fraction: standard deviation of the relative error of `fwhm` before the measurement, 10⁻⁴ to 1; with it the width is
    /// fitted, to first order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fwhm_within: Option<f64>,
    /// degrees: full width at half maximum of the mosaic, a spread at right angles to Q, 0 to 20.
    #[serde(skip_serializing_if = "is_default")]
    pub mosaic_deg: f64,
    /// fraction: full width at half maximum of Δλ/λ, a spread along Q, 0 to 0.2.
    #[serde(skip_serializing_if = "is_default")]
    pub bandwidth: f64,
}

/// The edges of a voxel, or that they are those of the data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "true or three numbers")]
pub enum VoxelSpec {
    /// The distance between neighbouring points of the data along each axis, or none.
    OfData(bool),
    /// r.l.u.
    Edges([f64; 3]),
}

/// One width, or one along each axis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "a number or three")]
pub enum Widths {
    /// The same along h, k and l.
    One(f64),
    /// Along h, k, l.
    Each([f64; 3]),
}

impl Widths {
    /// Along h, k, l.
    pub fn each(self) -> [f64; 3] {
        match self {
            Widths::One(w) => [w; 3],
            Widths::Each(w) => w,
        }
    }
}

/// How incoherent scattering is taken into account: neutral atoms after Hubbell, with the scale of the diffuse scattering.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Compton {
    /// Not at all.
    #[default]
    None,
    /// As the table says.
    Absolute,
    /// Times a factor that is fitted.
    Free,
    /// Times a factor that is fitted and known to be one within this standard deviation, 10⁻³ to 10.
    Within(f64),
}

/// P = 1 − sin²2θ (1 + f cos 2ψ)/2, with the part f of the light polarized linearly at the angle ψ from the plane of
/// scattering. The default, f = 0, is the mean over all azimuths, too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Polarization {
    /// fraction: part of the light that is polarized linearly, 0 to 1.
    pub fraction: f64,
    /// degrees: its angle from the plane of scattering, -360 to 360; 90 at a synchrotron with a vertical plane.
    pub angle_deg: f64,
}

/// 1 + Σ a S: |Q|², and polynomials of the direction of Q, each with its amplitude.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SmoothFactor {
    /// Whether it may change with |Q|².
    pub radial: bool,
    /// Degree in the direction of Q: 0, 1 (three terms) or 2 (eight).
    pub degree: u8,
    /// fraction: standard deviation of each amplitude around zero before the measurement, 10⁻⁴ to 1: 0.03 for what is known to
    /// three percent.
    pub within: f64,
}

impl Default for SmoothFactor {
    fn default() -> Self {
        SmoothFactor { radial: true, degree: 2, within: 0.03 }
    }
}

/// Errors of hkl, to first order about those that the fit found. What is not given is not fitted; a number is the standard deviation before the
/// measurement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Calibration {
    /// fraction: by which all Q may be too short, 10⁻⁶ to 0.05.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stretch: Option<f64>,
    /// degrees: angle by which the crystal may be turned around each axis, 10⁻⁴ to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation_deg: Option<f64>,
    /// Å⁻¹: shift of the origin along each Cartesian axis, 10⁻⁶ to 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<f64>,
}
