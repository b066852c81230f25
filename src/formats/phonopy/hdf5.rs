//! `force_constants.hdf5` of phonopy: the array, the atoms of its rows where it is compact, and its unit.
//!
//! <https://phonopy.github.io/phonopy/output-files.html>; `write_force_constants_to_hdf5` in `phonopy/file_IO.py`.

use hdf5_reader::{H5Type, Hdf5File, OpenOptions};
use nalgebra::Matrix3;

use super::force_constants::write_blocks;
use super::units::force_constants_unit;
use crate::base::text::quote;
use crate::formats::volume::hdf5::{in_words, registry};
use crate::{Error, Result};

/// Bytes: larger arrays are of no crystal that could be computed.
const LARGEST: usize = 1 << 30;

/// Deflate packs no better than 1032 to 1: what is larger than that is no array of this file.
const BEST_PACKED: usize = 1100;

/// The text of a FORCE_CONSTANTS with the same blocks, in eV/Å² with the unit in its first line where the file has one;
/// else in the unit of the file.
///
/// # Errors
/// Files without `force_constants`, arrays that are not (rows, atoms, 3, 3), units that are not phonopy's.
pub fn hdf5_to_text(name: &str, bytes: &[u8]) -> Result<String> {
    let expected = "a force_constants.hdf5 that phonopy wrote";
    let wrong = |what: String| Error::file(name, what, expected);
    let broken = |error: hdf5_reader::error::Error| in_words(name, &error);
    let limit = bytes.len().saturating_mul(BEST_PACKED).min(LARGEST);
    let options = OpenOptions::default()
        .with_max_read_bytes(limit)
        .with_max_chunk_bytes(limit)
        .with_filter_registry(registry(limit));
    let file = Hdf5File::from_bytes_with_options(bytes, options).map_err(broken)?;
    let dataset = ["/force_constants", "/fc2"].into_iter().find_map(|path| file.dataset(path).ok());
    let Some(dataset) = dataset else {
        return Err(wrong("there is no array `force_constants`".into()));
    };
    let shape: Vec<usize> =
        dataset.shape().iter().map(|n| usize::try_from(*n).unwrap_or(usize::MAX)).collect();
    let [rows, atoms, 3, 3] = shape[..] else {
        return Err(wrong(format!("the force constants have the shape {shape:?}")));
    };
    let sane = rows >= 1 && rows <= atoms && rows.checked_mul(atoms).is_some_and(|n| n <= limit / 36);
    if !sane {
        return Err(wrong(format!("the force constants are {rows} × {atoms} blocks")));
    }
    let values: Vec<f64> = match dataset.read_array::<f64>() {
        Ok(values) => values.into_iter().collect(),
        Err(first) => {
            let single = dataset.read_array::<f32>().map_err(|_| broken(first))?;
            single.into_iter().map(f64::from).collect()
        }
    };
    if values.len() != 9 * rows * atoms || values.iter().any(|x| !x.is_finite()) {
        return Err(wrong("the force constants are not whole or not finite".into()));
    }
    let row_atoms =
        if rows == atoms { (0..rows).collect() } else { row_atoms(&file, rows, atoms).map_err(wrong)? };
    let unit = match file.dataset("/physical_unit").ok().and_then(|unit| unit.read_strings().ok()) {
        None => None,
        Some(texts) => {
            let text = texts.into_iter().next().unwrap_or_default();
            let unit = force_constants_unit(text.trim());
            Some(unit.ok_or_else(|| {
                Error::file(name, format!("the unit is {}", quote(&text)), "`eV/angstrom^2`")
            })?)
        }
    };
    let phi =
        values.chunks_exact(9).map(|b| Matrix3::from_row_slice(b) * unit.unwrap_or(1.0)).collect::<Vec<_>>();
    Ok(write_blocks(&row_atoms, atoms, &phi, unit.is_some()))
}

/// The atoms of the rows of a compact array, `p2s_map`.
fn row_atoms(file: &Hdf5File, rows: usize, atoms: usize) -> std::result::Result<Vec<usize>, String> {
    let map = ["/p2s_map", "/p2s"].into_iter().find_map(|path| file.dataset(path).ok());
    let Some(map) = map else {
        return Err("there is no `p2s_map` beside the compact force constants".into());
    };
    fn read<T: H5Type + TryInto<usize>>(map: &hdf5_reader::Dataset) -> Option<Vec<usize>> {
        map.read_array::<T>().ok()?.into_iter().map(|x| x.try_into().ok()).collect()
    }
    let list = read::<i64>(&map)
        .or_else(|| read::<i32>(&map))
        .or_else(|| read::<u64>(&map))
        .or_else(|| read::<u32>(&map));
    list.filter(|list| list.len() == rows && list.iter().all(|atom| *atom < atoms))
        .ok_or_else(|| format!("`p2s_map` does not name {rows} of {atoms} atoms"))
}
