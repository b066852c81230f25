//! Force constants of a supercell, as phonopy stores them. eV/Å².
//!
//! Periodic images are summed: a block couples one atom to all images of the other.

mod force_constants;
mod phonopy_yaml;

pub use force_constants::{read_force_constants, write_force_constants};
pub use phonopy_yaml::write_phonopy_yaml;

use nalgebra::Matrix3;

use crate::crystal::Cell;
use crate::crystal::phonopy_yaml::PhonopyYaml;
use crate::{Error, Result};

/// Force constants of a supercell as phonopy stores them.
#[derive(Debug, Clone, PartialEq)]
pub struct SupercellForceConstants {
    pub unit_cell: Cell,
    /// Atoms in phonopy's order, see [`crate::crystal::supercell`].
    pub supercell: Cell,
    /// Columns: the supercell's lattice vectors in units of the unit cell's.
    pub supercell_matrix: Matrix3<i32>,
    /// The file's primitive cell, if it gives one.
    pub primitive: Option<Cell>,
    /// Atom of the supercell to which each row of blocks belongs: all of them (full), or the first image of
    /// each atom of the primitive cell (compact).
    pub rows: Vec<usize>,
    /// `phi[row * supercell.len() + j]` = ∂²E/∂u(rows[row])∂u(j), eV/Å².
    pub phi: Vec<Matrix3<f64>>,
}

impl SupercellForceConstants {
    /// The force constants of a phonopy.yaml; `name` is the file's, for the error when it carries none.
    pub fn from_phonopy(name: &str, file: PhonopyYaml) -> Result<Self> {
        let Some(stored) = file.force_constants else {
            let expected = "a file saved by phonopy with its force constants (`--include-fc`)";
            return Err(Error::file(name, "there are no force constants", expected));
        };
        Ok(Self {
            unit_cell: file.unit_cell,
            supercell: file.supercell,
            supercell_matrix: file.supercell_matrix,
            primitive: file.primitive_cell,
            rows: stored.rows,
            phi: stored.phi,
        })
    }

    /// Whether every atom of the supercell has its row.
    pub fn is_full(&self) -> bool {
        self.rows.len() == self.supercell.len()
    }

    /// The blocks of one row: the couplings of atom `rows[row]` to every atom of the supercell.
    pub fn row(&self, row: usize) -> &[Matrix3<f64>] {
        let n = self.supercell.len();
        &self.phi[row * n..(row + 1) * n]
    }
}
