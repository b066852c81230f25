//! Yell 1.0 and what is laid out like it: the sums of meerkat (Yell 0.9) and DISCUS. An array `data[h,k,l]` with
//! `lower_limits`, the hkl of the first voxel's centre, and `step_sizes`; DISCUS adds a step vector for each index.
//!
//! After `diffuser_core.cpp` of Yell, `meerkat.py`, and `hdf_write.f90` of DISCUS.

use super::array::Voxels;
use super::file::{File, kind};
use crate::Result;
use crate::data::grid::GridAxis;
use crate::formats::volume::array::{Array, Description};
use crate::formats::volume::axes::{UNITS, steps};

/// Whether the file is laid out like this.
pub(super) fn is_it(file: &File) -> bool {
    let names = file.root().member_names().map(|(_, datasets)| datasets).unwrap_or_default();
    let has = |name: &str| names.iter().any(|known| known == name);
    has("lower_limits") && has("step_sizes") && (has("data") || has("rebinned_data"))
}

/// Opens the array.
///
/// # Errors
/// A PDF in direct space, steps or limits that are missing or no three numbers.
pub(super) fn open(file: &File) -> Result<(Box<dyn Array>, Description)> {
    let root = file.root();
    let version = file.text_of(root, "format").unwrap_or_else(|| "Yell".into());
    if file.numbers_of(root, "is_direct").is_some_and(|list| list.first().is_some_and(|x| *x != 0.0)) {
        return Err(
            file.error("this is a PDF in direct space (is_direct is 1)", "intensities in reciprocal space")
        );
    }
    let sums = root.dataset("rebinned_data").is_ok();
    let signal = file.need(root, if sums { "rebinned_data" } else { "data" })?;
    let (mut voxels, mut about) = Voxels::new(file, signal)?;
    if sums {
        let pixels = file.need(root, "number_of_pixels_rebinned")?;
        if !voxels.fits(&pixels) {
            return Err(
                file.error("number_of_pixels_rebinned has another shape than rebinned_data", "the same")
            );
        }
        file.numeric(&pixels)?;
        voxels.pixels = Some(pixels);
        about.fits_f32 = false;
        about.notes.push(format!("{}: intensity is the sum over the number of pixels.", file.name));
    } else if let Some(sigma) = ["sigma", "sigmas", "errors"].iter().find_map(|name| root.dataset(name).ok())
        && voxels.fits(&sigma)
        && file.numeric(&sigma).is_ok()
    {
        about.sigma_fits_f32 = kind(&sigma).1;
        voxels.sigma = Some(sigma);
        about.has_sigma = true;
    }
    let three = |name: &str| -> Result<[f64; 3]> {
        let numbers = file.coordinates(&file.need(root, name)?)?;
        <[f64; 3]>::try_from(numbers).map_err(|found| {
            file.error(format!("{name} has {} values", found.len()), "three numbers, for h, k and l")
        })
    };
    let lower = three("lower_limits")?;
    let shape = crate::formats::volume::array::three(&about.shape);
    about.shape = shape.to_vec();
    let vectors = ["step_sizes_abs", "step_sizes_ord", "step_sizes_top"];
    let has_vectors = vectors.iter().all(|name| root.dataset(name).is_ok());
    let directions = if has_vectors {
        [three(vectors[0])?, three(vectors[1])?, three(vectors[2])?]
    } else {
        let sizes = three("step_sizes")?;
        [[sizes[0], 0.0, 0.0], [0.0, sizes[1], 0.0], [0.0, 0.0, sizes[2]]]
    };
    let straight = (0..3).all(|n| (0..3).all(|m| n == m || directions[n][m] == 0.0));
    let axes = (0..3).map(|n| {
        if straight {
            let (name, direction) = UNITS[n];
            // A single layer may have no step.
            let centres = steps(lower[n], directions[n][n], shape[n]);
            return GridAxis { name: name.into(), direction, centres };
        }
        let name = format!("{:?}", directions[n]);
        GridAxis { name, direction: directions[n], centres: steps(0.0, 1.0, shape[n]) }
    });
    about.axes = Some(axes.collect());
    if !straight {
        about.origin = lower;
    }
    about.layout = match (sums, has_vectors) {
        (true, _) => format!("{version} (sums of meerkat)"),
        (_, true) => format!("{version} (DISCUS)"),
        _ => version,
    };
    let cell = file.numbers_of(root, "unit_cell").and_then(|cell| <[f64; 6]>::try_from(cell).ok());
    about.facts.unit_cell = cell;
    Ok((Box::new(voxels), about))
}
