//! Force constants of a supercell, as phonopy stores them. eV/Å².
//!
//! Periodic images are summed: a block couples one atom to all images of the other.

use nalgebra::Matrix3;

use crate::crystal::Cell;

/// Force constants of a supercell as phonopy stores them.
#[derive(Debug, Clone, PartialEq)]
pub struct SupercellForceConstants {
    /// The cell that is repeated.
    pub unit_cell: Cell,
    /// Atoms in phonopy's order, see [`crate::formats::phonopy`].
    pub supercell: Cell,
    /// Columns: the supercell's lattice vectors in units of the unit cell's.
    pub supercell_matrix: Matrix3<i32>,
    /// The file's primitive cell, if it gives one.
    pub primitive: Option<Cell>,
    /// Atom of the supercell to which each row of blocks belongs: all of them (full), or the first image of
    /// each atom of the primitive cell (compact).
    pub rows: Vec<usize>,
    /// `phi[row * supercell.len() + j]` = ∂²E/∂u(i)∂u(j) with i = `rows[row]`, eV/Å².
    pub phi: Vec<Matrix3<f64>>,
}

impl SupercellForceConstants {
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
