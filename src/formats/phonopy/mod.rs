//! Files of phonopy: cells, supercells, force constants, Born charges.

mod force_constants;
mod read;
mod supercell;
mod to_supercell;
mod units;
mod write;
mod yaml;

pub use force_constants::{read_force_constants, write_force_constants};
pub use read::*;
pub use supercell::*;
pub use to_supercell::to_supercell;
pub use write::write_phonopy_yaml;
