//! What a job says about one measurement.

use serde::{Deserialize, Serialize};

#[cfg(feature = "chosen")]
use super::{MeasuredBackground, MeasurementSpec};
use super::{Order, SyntheticSpec, is_default};
use crate::Result;
use crate::data::Invalid;
#[cfg(feature = "chosen")]
use crate::data::selection::{AxisSpec, MaskFile, PlaneSpec, Region, Selection, Stride};
use crate::data::shape::Shape;
#[cfg(feature = "chosen")]
use crate::data::shape::mask_files;
use crate::fit::{Background, Scale};

/// One measurement: a file, or data simulated on the spot. What is given here wins over the job's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DataSpec {
    /// A table h, k, l, intensity and, where it is known, σ; hkl in units of the input cell. A column `exposure` says
    /// what counts were divided by, a column `temperature` in K makes measurements at several. Or a volume or plane of
    /// voxels: NeXus, Mantid or Yell in HDF5, NumPy, TIFF.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// What happens to rows of the file that are no measurement.
    #[serde(skip_serializing_if = "is_default")]
    pub invalid: Invalid,
    /// r.l.u.: where the coordinates of the file are zero; it is added to hkl. It gives a plane without a column l
    /// its l, e.g. `[0, 0, 0.5]`. At most 10⁴ in magnitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<[f64; 3]>,
    /// The axes of an array of voxels that comes without any (NumPy, TIFF), one for each index, the slowest first.
    #[cfg(feature = "chosen")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub axes: Option<Vec<AxisSpec>>,
    /// Of a volume, the voxels nearest to a plane.
    #[cfg(feature = "chosen")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plane: Option<PlaneSpec>,
    /// Of a volume, the voxels with hkl inside these limits.
    #[cfg(feature = "chosen")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Of a volume, one of so many voxels along each axis: a whole number from 1 on, or three.
    #[cfg(feature = "chosen")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stride: Option<Stride>,
    /// data units: values that mark voxels without a measurement, e.g. `[-1]`. They are left out; NaN and what the
    /// file masks always are.
    #[cfg(feature = "chosen")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sentinels: Vec<f64>,
    /// Parts of reciprocal space that are left out of this measurement, besides those of the job's mask.
    #[cfg(feature = "chosen")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mask: Vec<Shape>,
    /// Instead of `file`: the job simulates its own measurement of known constants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synthetic: Option<SyntheticSpec>,
    /// K: temperature of this measurement; without it, that of `model`. Where a table has a column of temperatures, its rows
    /// of this one; without it, each temperature is a measurement, and all share scale, backgrounds and effects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// data units per electron² per primitive cell: scale of this measurement; without it, as in `nuisance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// Backgrounds of this measurement; without it, those of `nuisance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Vec<Background>>,
    /// What was measured without the crystal.
    #[cfg(feature = "chosen")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured_background: Option<MeasuredBackground>,
    /// Measurements with the same word here have one scale, one set of backgrounds and one of effects, which have to be of
    /// the same kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shares: Option<String>,
    /// The data hold nothing but the diffuse scattering, its scale and the backgrounds: simulated so, or corrected for all
    /// that an instrument adds.
    #[serde(skip_serializing_if = "is_default")]
    pub ideal: bool,
    /// The instrument of this measurement; without it, that of the job.
    #[cfg(feature = "chosen")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measurement: Option<MeasurementSpec>,
    /// Phonon orders in the data where that is known otherwise: a measurement holds all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<Order>,
}

impl DataSpec {
    /// Reads one from JSON, as it may stand in the list `data` of a job.
    ///
    /// # Errors
    /// As those of a job, with the field.
    pub fn from_json(text: &str) -> Result<Self> {
        super::parse::spec(text)
    }

    /// Parts of reciprocal space that are left out of this measurement alone.
    pub fn shapes(&self) -> &[Shape] {
        #[cfg(feature = "chosen")]
        return &self.mask;
        #[cfg(not(feature = "chosen"))]
        &[]
    }

    /// One of so many voxels is taken along h, k, l.
    #[cfg(feature = "chosen")]
    pub fn strides(&self) -> [usize; 3] {
        self.stride.as_ref().map_or([1; 3], |stride| stride.steps())
    }

    /// What chooses voxels of a volume, as JSON that is the same where the choice is.
    #[cfg(feature = "chosen")]
    pub fn selection_text(&self) -> String {
        let Selection { axes, origin, plane, region, stride, sentinels, masks } = self.selection();
        let shape = |mask: MaskFile| {
            let MaskFile { file, keep, dataset } = mask;
            Shape { file, keep, dataset, ..Shape::default() }
        };
        let mask = masks.into_iter().map(shape).collect();
        let chosen = DataSpec { axes, origin, plane, region, stride, sentinels, mask, ..DataSpec::default() };
        serde_json::to_string(&chosen).unwrap_or_default()
    }

    /// Which voxels of a volume are wanted.
    #[cfg(feature = "chosen")]
    pub fn selection(&self) -> Selection {
        Selection {
            axes: self.axes.clone(),
            origin: self.origin,
            plane: self.plane,
            region: self.region,
            stride: self.stride,
            sentinels: self.sentinels.clone(),
            masks: mask_files(&self.mask),
        }
    }
}
