//! What a person says about the voxels of a volume: its axes where the file has none, and which voxels are wanted.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// One axis of an array that comes without any, in the file's order: the slowest first; of a picture the rows, from
/// the top, then the columns. Exactly one of `limits`, `values`, or `first` with `step`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AxisSpec {
    /// r.l.u.: direction in hkl, `"h"`, `"k"`, `"l"`, or three numbers such as `[1, 1, 0]`.
    pub along: Along,
    /// r.l.u.: coordinates of the first and the last voxel's centre; the second is the smaller one where the array runs
    /// backwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<[f64; 2]>,
    /// r.l.u.: coordinate of the first voxel's centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<f64>,
    /// r.l.u.: from one voxel to the next; negative where the array runs backwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// r.l.u.: coordinate of every voxel's centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<f64>>,
}

/// A direction in hkl.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "\"h\", \"k\", \"l\", or three numbers")]
pub enum Along {
    /// One of the axes of reciprocal space.
    Named(Letter),
    /// Any other.
    Direction([f64; 3]),
}

/// An axis of reciprocal space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Letter {
    /// Along a*.
    H,
    /// Along b*.
    K,
    /// Along c*.
    L,
}

impl Along {
    /// The direction as numbers.
    pub fn direction(self) -> [f64; 3] {
        match self {
            Along::Named(Letter::H) => [1.0, 0.0, 0.0],
            Along::Named(Letter::K) => [0.0, 1.0, 0.0],
            Along::Named(Letter::L) => [0.0, 0.0, 1.0],
            Along::Direction(direction) => direction,
        }
    }
}

/// Voxels with their centres inside these limits, which belong to the region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Region {
    /// r.l.u.: least and largest h.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub h: Option<[f64; 2]>,
    /// r.l.u.: least and largest k.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k: Option<[f64; 2]>,
    /// r.l.u.: least and largest l.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l: Option<[f64; 2]>,
}

impl Region {
    /// Least and largest value of each index.
    pub fn limits(&self) -> [[f64; 2]; 3] {
        [self.h, self.k, self.l].map(|side| side.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]))
    }

    /// Whether a point is inside. The limits have the rounding of the voxels' centres.
    pub fn has(&self, hkl: [f64; 3]) -> bool {
        const ROUNDING: f64 = 1e-9;
        self.limits().iter().zip(hkl).all(|([low, high], x)| x >= low - ROUNDING && x <= high + ROUNDING)
    }
}

/// Every so many voxels along each axis of the volume one is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "a whole number, or three")]
pub enum Stride {
    /// The same along all axes.
    Same(usize),
    /// Along each axis.
    Each([usize; 3]),
}

impl Stride {
    /// Along each axis.
    pub fn steps(self) -> [usize; 3] {
        match self {
            Stride::Same(step) => [step; 3],
            Stride::Each(steps) => steps,
        }
    }
}

/// A plane through a volume, at any angle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaneSpec {
    /// r.l.u.: a point of the plane.
    pub point: [f64; 3],
    /// r.l.u.: two directions in the plane.
    pub vectors: [[f64; 3]; 2],
    /// r.l.u.: voxels up to half of this away, along the axis that the plane crosses most steeply, belong to it too;
    /// without it, the nearest voxel of each column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thickness: Option<f64>,
}

/// Which voxels of a file are wanted, and what the file does not say about them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    /// The axes of an array that comes without any.
    pub axes: Option<Vec<AxisSpec>>,
    /// Where the coordinates of the file are zero, r.l.u.
    pub origin: Option<[f64; 3]>,
    /// A plane through the volume.
    pub plane: Option<PlaneSpec>,
    /// Limits of hkl.
    pub region: Option<Region>,
    /// Every so many voxels.
    pub stride: Option<Stride>,
    /// Values that mark voxels without a measurement.
    pub sentinels: Vec<f64>,
    /// Files that say of each voxel whether it is left out.
    pub masks: Vec<MaskFile>,
}

/// A file that says of each voxel or point whether it is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MaskFile {
    /// Its name.
    pub file: String,
    /// What is not zero is kept, and all else left out; else the other way round.
    pub keep: bool,
    /// Which of its arrays is meant; empty where nobody said.
    pub dataset: String,
}

impl MaskFile {
    /// The most of one measurement: a bit for each.
    pub const MOST: usize = 8;

    /// Refuses more of them than marks have bits; `name` is the measurement.
    ///
    /// # Errors
    /// More than [`MaskFile::MOST`].
    pub fn check(name: &str, masks: &[MaskFile]) -> Result<()> {
        if masks.len() <= Self::MOST {
            return Ok(());
        }
        let expected = format!("at most {} for one measurement", Self::MOST);
        Err(Error::file(name, format!("there are {} mask files", masks.len()), expected))
    }

    /// Whether what is marked by this number is left out. What is no number always is.
    pub fn leaves_out(&self, mark: f64) -> bool {
        mark.is_nan() || (mark != 0.0) != self.keep
    }
}

impl Selection {
    /// Whether anything is said that a list of points has no use for; its field.
    pub fn of_volumes(&self) -> Option<&'static str> {
        let fields = [
            (self.axes.is_some(), "axes"),
            (self.plane.is_some(), "plane"),
            (self.region.is_some(), "region"),
            (self.stride.is_some(), "stride"),
            (!self.sentinels.is_empty(), "sentinels"),
        ];
        fields.into_iter().find(|(given, _)| *given).map(|(_, field)| field)
    }
}
