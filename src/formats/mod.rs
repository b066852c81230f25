//! What files hold, told apart by their content, and a reader for each kind.

mod decode;
mod half;
pub mod npy;
pub mod phonopy;
pub mod poscar;
pub mod recognise;
pub mod table;
#[cfg(feature = "readers")]
pub mod volume;

pub(crate) use decode::decode;
