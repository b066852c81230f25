//! Files of phonopy: cells, supercells, force constants, Born charges.

mod born;
mod contents;
mod force_constants;
#[cfg(feature = "readers")]
mod hdf5;
#[cfg(feature = "phonopy")]
mod read;
mod supercell;
mod to_supercell;
#[cfg(feature = "phonopy")]
mod units;
mod write;
#[cfg(not(target_arch = "wasm32"))]
mod write_hdf5;
#[cfg(feature = "phonopy")]
mod yaml;

pub(crate) use born::is_born;
pub use born::{Born, read_born};
pub use contents::*;
pub(crate) use force_constants::has_unit;
pub use force_constants::{read_force_constants, write_force_constants};
#[cfg(feature = "readers")]
pub use hdf5::hdf5_to_text;
#[cfg(feature = "phonopy")]
pub use read::read_phonopy_yaml;
pub use supercell::*;
pub use to_supercell::to_supercell;
pub use write::{write_phonopy_yaml, write_phonopy_yaml_with};
#[cfg(not(target_arch = "wasm32"))]
pub use write_hdf5::force_constants_hdf5;
