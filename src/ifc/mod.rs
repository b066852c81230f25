//! Interatomic force constants: pairs, symmetry, import and export.

pub mod supercell;
