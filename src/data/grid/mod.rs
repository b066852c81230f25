//! Voxels of reciprocal space: hkl of voxel (i, j, k) is origin + Σ centre · direction over three axes, and is never
//! stored. Centres may be spaced unevenly, directions may be oblique. A voxel without a measurement is NaN.

mod plane;

pub use plane::{Slice, SliceAxis};

use nalgebra::Matrix3;
use serde::Serialize;

use super::selection::MaskFile;
use super::{Dataset, LeftOut, Reason};
use crate::base::text::shortest;
use crate::{Error, Result};

/// One axis of an array.
#[derive(Debug, Clone, PartialEq)]
pub struct GridAxis {
    /// As the file calls it, or `h`, `k`, `l`.
    pub name: String,
    /// hkl of one unit along it.
    pub direction: [f64; 3],
    /// Centres of the voxels, ascending or descending.
    pub centres: Vec<f64>,
}

/// Numbers in the precision of the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// What 32 bits hold.
    F32(Vec<f32>),
    /// What needs 64 bits.
    F64(Vec<f64>),
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Values::F32(list) => list.len(),
            Values::F64(list) => list.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `i`.
    pub fn get(&self, i: usize) -> f64 {
        match self {
            Values::F32(list) => f64::from(list[i]),
            Values::F64(list) => list[i],
        }
    }

    /// The shortest decimal that reads back as the value at `i` in the precision of the file.
    pub fn text(&self, i: usize) -> String {
        match self {
            Values::F32(list) => shortest_f32(list[i]),
            Values::F64(list) => shortest(list[i]),
        }
    }
}

/// As [`shortest`], of 32 bits.
pub fn shortest_f32(x: f32) -> String {
    let text = format!("{x:?}");
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// Voxels without a measurement, by reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Holes {
    /// Why they hold none.
    pub reason: Reason,
    /// How many.
    pub voxels: usize,
    /// The value that stands there, where a value marks them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

/// A value that may mark voxels without a measurement: they are kept unless a person says so.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Candidate {
    /// The value.
    pub value: f64,
    /// How many voxels have exactly this value.
    pub voxels: usize,
}

/// What a file says beside its voxels.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Facts {
    /// Title of the measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// K: temperature of the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Unit cell: a, b, c in Å, α, β, γ in degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_cell: Option<[f64; 6]>,
    /// Å: wavelength.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wavelength: Option<f64>,
}

/// A volume, or a plane as a volume of one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// File name, as shown to people.
    pub name: String,
    /// The axes, the slowest first.
    pub axes: [GridAxis; 3],
    /// hkl where all coordinates are zero.
    pub origin: [f64; 3],
    /// Intensity of voxel (i, j, k) at `(i · n₁ + j) · n₂ + k`, in the units of the file; NaN in a hole.
    pub values: Values,
    /// Standard uncertainty of each intensity; absent when the file gives none.
    pub sigma: Option<Values>,
    /// Voxels without a measurement.
    pub holes: Vec<Holes>,
    /// Values that may mark more of them.
    pub candidates: Vec<Candidate>,
    /// What the file says besides.
    pub facts: Facts,
    /// What a person should know of how the file was read.
    pub notes: Vec<String>,
    /// The mask files that were read beside it.
    pub masks: Vec<MaskFile>,
    /// Which of them leave each voxel out, a bit for each; none where there are no such files.
    pub marks: Vec<u8>,
    /// Bits of the mask files whose voxels pictures do not show.
    pub hidden: u8,
}

impl Grid {
    /// Puts a grid together.
    ///
    /// # Errors
    /// Axes that depend on each other, centres that are not finite or not in order, another number of values.
    pub fn new(
        name: &str,
        axes: [GridAxis; 3],
        origin: [f64; 3],
        values: Values,
        sigma: Option<Values>,
    ) -> Result<Self> {
        check_axes(name, &axes, origin)?;
        let voxels = axes.iter().fold(1_usize, |n, axis| n.saturating_mul(axis.centres.len()));
        if values.len() != voxels || sigma.as_ref().is_some_and(|s| s.len() != voxels) {
            let what = format!("{} values for {voxels} voxels", values.len());
            return Err(Error::file(name, what, "one value for each"));
        }
        Ok(Grid {
            name: name.to_owned(),
            axes,
            origin,
            values,
            sigma,
            holes: vec![],
            candidates: vec![],
            facts: Facts::default(),
            notes: vec![],
            masks: vec![],
            marks: vec![],
            hidden: 0,
        })
    }

    /// Numbers of voxels along the axes.
    pub fn shape(&self) -> [usize; 3] {
        [0, 1, 2].map(|n| self.axes[n].centres.len())
    }

    /// Place of a voxel among the values.
    pub fn at(&self, [i, j, k]: [usize; 3]) -> usize {
        let [_, n1, n2] = self.shape();
        (i * n1 + j) * n2 + k
    }

    /// The voxel at a place among the values.
    pub fn voxel(&self, at: usize) -> [usize; 3] {
        let [_, n1, n2] = self.shape();
        [at / (n1 * n2), at / n2 % n1, at % n2]
    }

    /// Scattering vector of a voxel, r.l.u.
    pub fn hkl(&self, voxel: [usize; 3]) -> [f64; 3] {
        let coordinates = [0, 1, 2].map(|n| self.axes[n].centres[voxel[n]]);
        hkl_of(&self.axes, self.origin, coordinates)
    }

    /// Places of the voxels that hold a measurement.
    pub fn used(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.values.len()).filter(|&at| self.values.get(at).is_finite())
    }

    /// Which mask files leave a voxel out, a bit for each.
    pub fn marks_of(&self, at: usize) -> u8 {
        self.marks.get(at).copied().unwrap_or(0)
    }

    /// The intensity as pictures show it.
    fn shown(&self, at: usize) -> f64 {
        if self.marks_of(at) & self.hidden == 0 { self.values.get(at) } else { f64::NAN }
    }

    /// The measurements as a list of points.
    pub fn dataset(&self) -> Dataset {
        self.dataset_of(&self.used().collect::<Vec<_>>())
    }

    /// The same of some voxels, which hold measurements.
    pub fn dataset_of(&self, places: &[usize]) -> Dataset {
        let left_out = self.holes.iter().map(|hole| LeftOut {
            reason: hole.reason,
            rows: hole.voxels,
            first_lines: vec![],
            example: String::new(),
            value: hole.value,
        });
        let sigma = self.sigma.as_ref().map(|sigma| places.iter().map(|&at| sigma.get(at)).collect());
        let left_out: Vec<LeftOut> = left_out.collect();
        let mut notes = self.notes.clone();
        notes.extend(left_out.iter().map(|kind| kind.sentence(&self.name)));
        notes.extend(self.candidate_note());
        Dataset {
            name: self.name.clone(),
            hkl: places.iter().map(|&at| self.hkl(self.voxel(at))).collect(),
            intensity: places.iter().map(|&at| self.values.get(at)).collect(),
            sigma,
            exposure: None,
            temperature: None,
            left_out,
            notes,
            unit_cell: self.facts.unit_cell,
            marks: match self.marks.is_empty() {
                true => vec![],
                false => places.iter().map(|&at| self.marks[at]).collect(),
            },
            empty: vec![],
        }
    }

    /// What to say about values that may mark holes.
    pub fn candidate_note(&self) -> Option<String> {
        let list: Vec<String> = self
            .candidates
            .iter()
            .map(|c| {
                format!("{} ({} voxel{})", shortest(c.value), c.voxels, if c.voxels == 1 { "" } else { "s" })
            })
            .collect();
        (!list.is_empty()).then(|| {
            let values: Vec<String> = self.candidates.iter().map(|c| shortest(c.value)).collect();
            format!(
                "{}: values that may mark voxels without a measurement are kept: {}; \"sentinels\": [{}] in the job leaves them out.",
                self.name,
                list.join(", "),
                values.join(", ")
            )
        })
    }
}

/// hkl of coordinates along axes.
pub fn hkl_of(axes: &[GridAxis; 3], origin: [f64; 3], coordinates: [f64; 3]) -> [f64; 3] {
    let mut hkl = origin;
    for (axis, x) in axes.iter().zip(coordinates) {
        for n in 0..3 {
            hkl[n] += axis.direction[n] * x;
        }
    }
    // Negative zero is no place of its own.
    hkl.map(|x| x + 0.0)
}

/// The coordinates of hkl: the inverse of the directions, where there is one.
pub(crate) fn inverse(axes: &[GridAxis; 3]) -> Option<Matrix3<f64>> {
    Matrix3::from_fn(|row, column| axes[column].direction[row]).try_inverse()
}

/// Refuses axes that span no volume.
///
/// # Errors
/// As [`Grid::new`].
pub fn check_axes(name: &str, axes: &[GridAxis; 3], origin: [f64; 3]) -> Result<()> {
    const LARGEST: f64 = 1e4;
    let wide = |x: &f64| x.is_nan() || x.abs() > LARGEST;
    for axis in axes {
        let steps: Vec<f64> = axis.centres.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if axis.centres.is_empty() || axis.direction.iter().any(wide) || axis.centres.iter().any(wide) {
            let what = format!("the coordinates along {} are not all numbers up to 10000", axis.name);
            return Err(Error::file(name, what, "reciprocal-lattice units"));
        }
        if steps.iter().any(|s| *s <= 0.0) && steps.iter().any(|s| *s >= 0.0) {
            let what = format!("the coordinates along {} neither rise nor fall throughout", axis.name);
            return Err(Error::file(name, what, "voxels in order"));
        }
    }
    if origin.iter().any(wide) {
        return Err(Error::file(name, "the origin is out of range", "reciprocal-lattice units up to 10000"));
    }
    let unit = |axis: &GridAxis| {
        let length = axis.direction.iter().map(|x| x * x).sum::<f64>().sqrt();
        axis.direction.map(|x| x / length)
    };
    let volume = Matrix3::from_fn(|row, column| unit(&axes[column])[row]).determinant();
    if volume.is_nan() || volume.abs() < 1e-6 || inverse(axes).is_none() {
        let names: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
        let what = format!("the directions of {} depend on each other", names.join(", "));
        return Err(Error::file(name, what, "three independent directions"));
    }
    Ok(())
}
