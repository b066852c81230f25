//! What files hold, told apart by their content, and a reader for each kind.

mod decode;
pub mod phonopy;
pub mod poscar;
pub mod recognise;
pub mod table;

pub(crate) use decode::decode;
