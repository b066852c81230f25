//! Blocks of a supercell in the layout of phonopy's `force_constants.hdf5`: `force_constants` (rows, atoms, 3, 3), `p2s_map`
//! where there are rows of the primitive atoms alone, `physical_unit`. Doubles as they are, to the last bit.
//!
//! <https://phonopy.github.io/phonopy/output-files.html>; `write_force_constants_to_hdf5` in `phonopy/file_IO.py`.

use hdf5_writer::{DatasetBuilder, Hdf5Builder, WriteOptions};

use crate::ifc::supercell::SupercellForceConstants;
use crate::{Error, Result};

/// The bytes of a file with the blocks of `constants`, which are in `unit`.
///
/// # Errors
/// None with blocks for each row and atom.
pub fn force_constants_hdf5(constants: &SupercellForceConstants, unit: &str) -> Result<Vec<u8>> {
    let (rows, atoms) = (constants.rows.len(), constants.supercell.len());
    // Matrices lie in memory by columns, the file has them by rows.
    let values: Vec<f64> =
        constants.phi.iter().flat_map(|block| block.transpose().data.0).flatten().collect();
    let map: Vec<i64> = constants.rows.iter().map(|atom| *atom as i64).collect();
    let written = || -> hdf5_writer::Result<Vec<u8>> {
        let shape = [rows as u64, atoms as u64, 3, 3];
        let mut file =
            Hdf5Builder::new().dataset(DatasetBuilder::typed_data("force_constants", shape, &values)?);
        if !constants.is_full() {
            file = file.dataset(DatasetBuilder::typed_data("p2s_map", [rows as u64], &map)?);
        }
        file.dataset(DatasetBuilder::vlen_string_data("physical_unit", [1], &[unit])?)
            .into_plan()?
            .encode(WriteOptions::default())
    };
    written().map_err(|error| Error::value(error.to_string(), "blocks that can be written"))
}
