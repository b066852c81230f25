//! Diffuse intensities in electron² per primitive cell, and their adjoints to θ. No data, no
//! optimizers.
//!
//! [`OnePhonon`] is the first order, [`Exact`] adds all higher ones, without noise.

mod exact;
mod higher_orders;
mod one_phonon;
mod points;

pub use exact::{Exact, HigherJacobian, Orders};
pub use higher_orders::HigherState;
pub use one_phonon::{ModelState, OnePhonon, Workspace};
pub use points::Points;
