//! Parts of reciprocal space that are left out of a fit.

use nalgebra::Matrix3;

use super::mask::BraggLattice;

#[cfg(feature = "chosen")]
mod form;
#[cfg(feature = "chosen")]
pub use form::*;

#[cfg(not(feature = "chosen"))]
mod none;
#[cfg(not(feature = "chosen"))]
pub use none::*;

/// What the shapes are laid over.
pub struct Space<'a> {
    /// The reciprocal lattice of the primitive cell.
    pub lattice: &'a BraggLattice,
    /// Columns: a*, b*, c* of the input cell with 2π, Å⁻¹.
    pub reciprocal: &'a Matrix3<f64>,
}

/// One datum as a shape sees it.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// r.l.u.
    pub hkl: [f64; 3],
    /// |Q|, Å⁻¹.
    pub q_norm: f64,
    /// Units of the data.
    pub intensity: f64,
    /// Which mask files leave it out, a bit for each.
    pub marks: u8,
}
