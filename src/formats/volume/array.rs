//! What every format of volumes comes down to: an array in a file, its axes, and tiles of it.

use super::axes;
use crate::data::grid::{Facts, GridAxis};
use crate::data::selection::AxisSpec;
use crate::{Error, Result};

/// What is known of an array before its voxels are read.
#[derive(Debug, Clone, Default)]
pub struct Description {
    /// File name, as the person knows it.
    pub name: String,
    /// Format and place inside the file.
    pub layout: String,
    /// Voxels along each index, the slowest first; three of them, or two of a plane.
    pub shape: Vec<usize>,
    /// The axis of each index; none in formats that know of no axes.
    pub axes: Option<Vec<GridAxis>>,
    /// Axes along which the whole array has one value.
    pub fixed: Vec<(GridAxis, f64)>,
    /// hkl where all coordinates are zero.
    pub origin: [f64; 3],
    /// Kind of the numbers, as NumPy calls it.
    pub stored: String,
    /// Whether 32 bits of a floating-point number hold every value.
    pub fits_f32: bool,
    /// Whether there are standard uncertainties.
    pub has_sigma: bool,
    /// Whether 32 bits hold every one of them.
    pub sigma_fits_f32: bool,
    /// What the file says besides.
    pub facts: Facts,
    /// What a person should know of how the file was read.
    pub notes: Vec<String>,
}

/// Why a voxel of a tile holds no measurement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Flag {
    /// It holds one, or NaN.
    #[default]
    None,
    /// The file's mask leaves it out.
    Masked,
    /// No pixel or event lies in it.
    Empty,
}

/// A part of an array.
#[derive(Debug, Default)]
pub(super) struct Tile {
    pub values: Vec<f64>,
    /// Empty where there are no uncertainties.
    pub sigma: Vec<f64>,
    /// Empty where every voxel is a measurement.
    pub flags: Vec<Flag>,
}

/// Where the voxels of an array come from.
pub(super) trait Array: Send {
    /// How many voxels along each index are best read together.
    fn tile(&self) -> [usize; 3];

    /// Reads voxels `start` to `start + count` along each index.
    ///
    /// # Errors
    /// The file is damaged, or packed in a way that is not known.
    fn read(&mut self, start: [usize; 3], count: [usize; 3]) -> Result<Tile>;
}

/// About so many numbers are read in one go: a few milliseconds.
pub(super) const AT_ONCE: usize = 1 << 17;

/// The tile of an array that is stored as it is: whole lines, as many as are read at once.
pub(super) fn rows([n0, n1, n2]: [usize; 3]) -> [usize; 3] {
    let lines = (AT_ONCE / n2.max(1)).max(1);
    if lines >= n1 { [(lines / n1.max(1)).clamp(1, n0.max(1)), n1, n2] } else { [1, lines, n2] }
}

/// A shape with three indices, missing ones in front.
pub(super) fn three(shape: &[usize]) -> [usize; 3] {
    match *shape {
        [a, b, c] => [a, b, c],
        [b, c] => [1, b, c],
        [c] => [1, 1, c],
        _ => [0; 3],
    }
}

impl Description {
    /// All three axes, in the order of the array's indices; a plane gets the axis that it lacks in front.
    ///
    /// # Errors
    /// Axes that are missing, given twice, too many or too short; a plane without its place.
    pub fn axes(&self, given: Option<&[AxisSpec]>, origin: Option<[f64; 3]>) -> Result<[GridAxis; 3]> {
        let name = &self.name;
        let mut list = match (&self.axes, given) {
            (Some(_), Some(_)) => {
                return Err(Error::file(
                    name,
                    "the file has axes of its own",
                    "no \"axes\" for it in the job",
                ));
            }
            (Some(axes), None) => axes.clone(),
            (None, Some(given)) => axes::given(name, &self.shape, given)?,
            (None, None) => return Err(self.without_axes()),
        };
        for axis in &self.fixed {
            if list.len() < 3 {
                list.insert(0, GridAxis { centres: vec![axis.1], ..axis.0.clone() });
            }
        }
        if list.len() == 2 {
            if origin.is_none() {
                let names: Vec<&str> = list.iter().map(|axis| axis.name.as_str()).collect();
                let what =
                    format!("the plane has the axes {}, and nothing says where it lies", names.join(", "));
                let expected = "its \"origin\" in the job, which is added to hkl, e.g. [0, 0, 0.5]";
                return Err(Error::file(name, what, expected));
            }
            list.insert(0, axes::open(&list));
        }
        <[GridAxis; 3]>::try_from(list).map_err(|list| {
            Error::file(name, format!("the array has {} axes", list.len()), "a plane or a volume")
        })
    }

    /// How to give axes to an array that has none.
    fn without_axes(&self) -> Error {
        let sizes: Vec<String> = self.shape.iter().map(usize::to_string).collect();
        let what = format!("the array of {} voxels comes without axes in hkl", sizes.join(" × "));
        let example = match self.shape.len() {
            2 => {
                r#""axes": [{"along": "k", "limits": [-2, 2]}, {"along": "h", "first": -2, "step": 0.05}] and "origin": [0, 0, 0]"#
            }
            _ => {
                r#""axes": [{"along": "h", "limits": [-2, 2]}, {"along": "k", "first": -2, "step": 0.05}, {"along": "l", "limits": [0, 1]}]"#
            }
        };
        let expected = format!(
            "one for each index, the slowest first, centres of the voxels, such as {example} in the job"
        );
        Error::file(&self.name, what, expected)
    }
}
