//! Data that a job simulates itself.

use serde::{Deserialize, Serialize};

use super::{ConstantsSpec, ModelSpec};

/// A measurement of known force constants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyntheticSpec {
    /// What is measured.
    pub values: ConstantsSpec,
    /// How the intensity is computed; without it, as the fit's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelSpec>,
    /// First value, last value, number of values.
    pub h: (f64, f64, usize),
    pub k: (f64, f64, usize),
    /// Planes.
    pub l: Vec<f64>,
    #[serde(skip_serializing_if = "super::is_default")]
    pub keep: Keep,
    /// Counts per electron² per primitive cell.
    pub scale: f64,
    /// Counts, and counts Å².
    #[serde(skip_serializing_if = "super::is_default")]
    pub background: [f64; 2],
    /// What a detector adds to the counting noise, as a fraction of the count.
    #[serde(skip_serializing_if = "super::is_default")]
    pub relative_error: f64,
    /// Whether the noise is there, or only its σ: that of the expected count, of the relative error and,
    /// for a sampled intensity (whose own noise is always there), of the mean over snapshots.
    pub noise: bool,
    #[serde(skip_serializing_if = "super::is_default")]
    pub seed: u64,
}

/// Which of the points are measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keep {
    /// Least and largest h and k.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<[[f64; 2]; 2]>,
    /// A random part of the points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraction: Option<f64>,
    /// Angles from a* towards b* (degrees) that a rotation reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<[f64; 2]>,
}
