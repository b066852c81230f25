//! Diffuse intensities in electron² per primitive cell, and their adjoints to θ. No data, no
//! optimizers.

mod one_phonon;
mod sampled;

pub use one_phonon::{ModelState, OnePhonon, Workspace};
pub use sampled::{Amplitudes, Draw, Sampled, Sampler};
