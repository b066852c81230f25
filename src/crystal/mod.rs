//! Lattices, atoms, symmetry operations, masses and form factors.

mod cell;
pub mod elements;
pub mod phonopy_yaml;
pub mod poscar;
pub mod supercell;
mod yaml;

pub use cell::Cell;
