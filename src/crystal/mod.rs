//! Lattices, atoms, symmetry operations, masses and form factors. No force constants.

mod cell;
mod form_factor;
mod long_range;
mod phonopy_units;
mod prototype;
mod structure;
mod symmetry;

pub mod elements;
pub mod periodic;
pub mod phonopy_yaml;
pub mod poscar;
pub mod supercell;
mod yaml;

pub use cell::Cell;
pub use form_factor::{FormFactor, FormFactorTable};
pub use long_range::LongRange;
pub use prototype::Prototype;
pub use structure::Crystal;
pub use symmetry::{Operation, SpaceGroup, Symmetry};
