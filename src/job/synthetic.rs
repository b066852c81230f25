//! Data that a job simulates itself.

use serde::{Deserialize, Serialize};

use super::{ConstantsSpec, ModelSpec, Order};

/// A measurement of known force constants on a grid of points; reciprocal-lattice points are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SyntheticSpec {
    /// The constants that are measured.
    pub values: ConstantsSpec,
    /// How the intensity is computed; without it, as the fit's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelSpec>,
    /// r.l.u.: first value, last value, number of values of h.
    pub h: (f64, f64, usize),
    /// r.l.u.: first value, last value, number of values of k.
    pub k: (f64, f64, usize),
    /// r.l.u.: the planes, one value of l each.
    pub l: Vec<f64>,
    /// Which of the points are measured; without it, all.
    #[serde(skip_serializing_if = "super::is_default")]
    pub keep: Keep,
    /// counts per electron² per primitive cell: what the intensity is multiplied with; positive.
    pub scale: f64,
    /// counts: constant background and, in counts Å², background that goes with |Q|².
    #[serde(skip_serializing_if = "super::is_default")]
    pub background: [f64; 2],
    /// fraction: what a detector adds to the counting noise, of the count; from 0 to below 1.
    #[serde(skip_serializing_if = "super::is_default")]
    pub relative_error: f64,
    /// Whether the noise is there, or only its σ: that of the expected count, of the relative error and,
    /// for a sampled intensity (whose own noise is always there), of the mean over snapshots.
    pub noise: bool,
    /// Which random numbers the noise is drawn from.
    #[serde(skip_serializing_if = "super::is_default")]
    pub seed: u64,
}

impl SyntheticSpec {
    /// Phonon orders of the data, where that is not left to the fit's model.
    pub fn order(&self) -> Option<Order> {
        self.model.as_ref().map(|model| model.order)
    }
}

/// Which of the points are measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Keep {
    /// r.l.u.: least and largest h, least and largest k.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<[[f64; 2]; 2]>,
    /// fraction: a random part of the points; above 0, up to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraction: Option<f64>,
    /// degrees: least and largest angle, from a* towards b*, that a rotation reached; -360 to 360.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<[f64; 2]>,
}
