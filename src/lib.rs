//! Interatomic force constants from thermal diffuse X-ray scattering (TDS).
//!
//! The chain, in the order of the modules: a [`crystal`] and its symmetry give the irreducible
//! force constants θ ([`ifc`]); these give Φ(q) ([`dynamics`]), the displacement correlations
//! C(q) ([`thermal`]) and the intensity I(Q) ([`scattering`]); measured intensities ([`data`])
//! are compared with s·I + background and the adjoints carry the misfit back to θ ([`fit`]).
//! [`render`] turns numbers into pictures, [`job`] describes a whole run.
//!
//! # Conventions
//! Å, eV, K, amu, THz (ordinary frequency), GPa. Scattering vectors carry the 2π. Force constants
//! are second derivatives of the energy, Φ = ∂²E/∂u∂u. `hkl` refers to the cell the user gave.
//! Vectors and lattices are Cartesian unless the name says `frac` or `hkl`.

// Of what a person can give, nothing may panic; clippy.toml allows it to tests.
#![warn(clippy::unwrap_used)]

mod base;
pub mod error;
pub mod lanes;
pub mod units;

pub mod crystal;
pub mod ifc;
#[cfg(feature = "potentials")]
pub mod potential;

pub mod dynamics;
pub mod thermal;

pub mod scattering;

pub mod data;
pub mod fit;
pub mod formats;
pub mod job;
pub mod render;
pub mod run;
#[cfg(not(target_arch = "wasm32"))]
pub mod schema;

#[cfg(target_arch = "wasm32")]
mod wasm;

pub use base::parallel::{Exchange, Pool, now, set_threads};
pub use error::{Error, Result};
