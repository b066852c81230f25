//! Lattices, atoms, symmetry operations, masses and form factors.

mod cell;

pub use cell::Cell;
