//! What a person says about the voxels of a volume: its axes where the file has none, and which voxels are wanted.

#[cfg(feature = "readers")]
mod voxels;
#[cfg(feature = "readers")]
pub use voxels::{Along, AxisSpec, Letter, PlaneSpec, Region, Stride};

/// Without the readers it is kept as it is written: nothing here understands it, and the code of its forms is a
/// twentieth of the package.
#[cfg(not(feature = "readers"))]
mod voxels {
    /// One axis of an array.
    pub type AxisSpec = serde_json::Value;
    /// A plane.
    pub type PlaneSpec = serde_json::Value;
    /// Limits of hkl.
    pub type Region = serde_json::Value;
    /// Every so many voxels.
    pub type Stride = serde_json::Value;
}
#[cfg(not(feature = "readers"))]
pub use voxels::{AxisSpec, PlaneSpec, Region, Stride};

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
