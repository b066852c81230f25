//! Lattices, atoms, symmetry operations, masses and form factors. No force constants.

mod cell;
mod form_factor;
mod long_range;
mod prototype;
mod structure;
mod symmetry;
#[cfg(feature = "chosen")]
pub mod tables;
mod zone;

pub mod elements;
mod equivalence;
pub mod supercell;

pub use cell::Cell;
pub(crate) use cell::check_lattice;
pub use equivalence::Equivalence;
pub use form_factor::{FormFactor, FormFactorTable};
pub use long_range::{ChargesOf, LongRange};
pub use prototype::Prototype;
pub use structure::Crystal;
pub use symmetry::{Moved, Nearly, Operation, SpaceGroup, Symmetry};
pub use zone::{BrillouinZone, ZoneFace};
