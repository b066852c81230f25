//! What files hold, told apart by their content, and a reader for each kind.

#[cfg(feature = "readers")]
mod canonical;
#[cfg(feature = "readers")]
pub mod cif;
#[cfg(feature = "chosen")]
pub mod cut;
mod decode;
#[cfg(feature = "chosen")]
mod half;
#[cfg(feature = "potentials")]
pub mod lammps;
#[cfg(feature = "chosen")]
pub mod npy;
#[cfg(feature = "readers")]
pub mod packed;
pub mod phonopy;
pub mod poscar;
#[cfg(feature = "readers")]
pub mod quantum_espresso;
pub mod recognise;
#[cfg(feature = "potentials")]
pub mod setfl;
pub mod table;
#[cfg(feature = "readers")]
pub mod tdep;
#[cfg(feature = "readers")]
pub mod volume;

#[cfg(feature = "readers")]
pub use canonical::{Canonical, canonical, recognise_within};
pub(crate) use decode::decode;
