//! What a phonopy.yaml holds, as far as it is used.

use nalgebra::Matrix3;

use crate::crystal::{Cell, LongRange};
use crate::ifc::supercell::SupercellForceConstants;
use crate::{Error, Result};

/// What is used of a phonopy.yaml.
#[derive(Debug, Clone, PartialEq)]
pub struct PhonopyYaml {
    /// The cell that is repeated.
    pub unit_cell: Cell,
    /// The primitive cell, when the file gives one.
    pub primitive_cell: Option<Cell>,
    /// The repeated cell.
    pub supercell: Cell,
    /// Columns: the supercell's lattice vectors in units of the unit cell's.
    pub supercell_matrix: Matrix3<i32>,
    /// Whether the file has Born charges or a dielectric constant.
    pub has_nac: bool,
    /// Born charges and dielectric tensor, where they are there and complete.
    pub long_range: Option<LongRange>,
    /// eV/Å² of one unit of force constants in files beside this one; none when the unit is not known.
    pub force_constants_unit: Option<f64>,
    /// In eV/Å², whatever the unit of the file.
    pub force_constants: Option<StoredForceConstants>,
    /// Without the reader there is none, and nothing is compiled that would use one.
    #[cfg(not(feature = "phonopy"))]
    pub none: std::convert::Infallible,
}

/// The array of force constants as a file holds it, eV/Å².
#[derive(Debug, Clone, PartialEq)]
pub struct StoredForceConstants {
    /// Atom of the supercell to which each row of blocks belongs.
    pub rows: Vec<usize>,
    /// `phi[row * n + j]` couples atom `rows[row]` to atom `j` of the `n` in the supercell.
    pub phi: Vec<Matrix3<f64>>,
}

impl PhonopyYaml {
    /// The force constants of the file; `name` is its name, for the error when it carries none.
    ///
    /// # Errors
    /// A file without force constants.
    pub fn into_force_constants(self, name: &str) -> Result<SupercellForceConstants> {
        let Some(stored) = self.force_constants else {
            let expected = "a file saved by phonopy with its force constants (`--include-fc`)";
            return Err(Error::file(name, "there are no force constants", expected));
        };
        Ok(SupercellForceConstants {
            unit_cell: self.unit_cell,
            supercell: self.supercell,
            supercell_matrix: self.supercell_matrix,
            primitive: self.primitive_cell,
            rows: stored.rows,
            phi: stored.phi,
        })
    }
}

/// Files of phonopy are read by the package that has everything.
///
/// # Errors
/// Always.
#[cfg(not(feature = "phonopy"))]
pub fn read_phonopy_yaml(_name: &str, _text: &str) -> Result<PhonopyYaml> {
    Err(Error::NeedsWhole)
}
