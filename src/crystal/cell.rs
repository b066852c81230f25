//! A periodic arrangement of atoms, as a file gives it.

use nalgebra::{Matrix3, Vector3};

/// A unit cell: lattice vectors and atoms. No symmetry is implied.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Lattice vectors a, b, c as **columns**, Å.
    pub lattice: Matrix3<f64>,
    /// Chemical symbol of each atom, e.g. `"Na"`.
    pub symbols: Vec<String>,
    /// Fractional coordinates of each atom.
    pub positions: Vec<Vector3<f64>>,
    /// Mass of each atom, amu.
    pub masses: Vec<f64>,
}

impl Cell {
    /// Number of atoms.
    pub fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Whether there are no atoms.
    pub fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    /// Cartesian position of atom `i`, Å.
    pub fn cartesian(&self, i: usize) -> Vector3<f64> {
        self.lattice * self.positions[i]
    }

    /// Cell volume, Å³.
    pub fn volume(&self) -> f64 {
        self.lattice.determinant().abs()
    }

    /// Reciprocal lattice vectors a*, b*, c* as columns, with the 2π, Å⁻¹: `Q = reciprocal() * hkl`.
    pub fn reciprocal(&self) -> Matrix3<f64> {
        let inverse = self.lattice.try_inverse().unwrap_or_else(Matrix3::zeros);
        inverse.transpose() * std::f64::consts::TAU
    }
}

/// Whether three lattice vectors make a cell; otherwise what is wrong with them.
pub(crate) fn check_lattice(lattice: &Matrix3<f64>) -> std::result::Result<(), String> {
    let lengths: f64 = lattice.column_iter().map(|column| column.norm()).product();
    let volume = lattice.determinant().abs();
    // A relative bound: it catches parallel vectors whatever the unit of length.
    if !(volume.is_finite() && lengths.is_finite()) {
        return Err("the lattice vectors are beyond all measure".into());
    }
    if volume > 1e-6 * lengths && volume > 1e-3 {
        Ok(())
    } else {
        Err(format!("the lattice vectors span a volume of {volume:.3e} Å³"))
    }
}
