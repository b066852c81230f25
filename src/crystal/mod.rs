//! Lattices, atoms, symmetry operations, masses and form factors.

mod cell;
pub mod elements;
pub mod poscar;

pub use cell::Cell;
