//! Diffuse intensities in electron² per primitive cell, and their adjoints to θ. No data, no
//! optimizers.
//!
//! [`OnePhonon`] is the first order, [`Exact`] adds all higher ones, without noise; [`Sampled`] is the
//! published way to the latter, from snapshots of a periodic supercell.

mod by_mode;
mod exact;
mod higher_orders;
mod one_phonon;
mod points;
mod resolution;
#[cfg_attr(not(feature = "sampled"), allow(dead_code, unused_imports, unused_variables, unreachable_code))]
mod sampled;

pub use by_mode::ByMode;
pub use exact::{Exact, Orders, Parts, check_range, default_range};
pub use higher_orders::{HigherJacobian, HigherState};
pub use one_phonon::{ModelState, OnePhonon, Slope, Workspace};
pub use points::Points;
pub use resolution::{Level, Nodes, Resolution, from_nearest_peak};
pub use sampled::{Amplitudes, Chain, Draw, Film, Sampled, Sampler, check_commensurate};
