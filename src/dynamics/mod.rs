//! Lattice dynamics: Φ(q), D(q), bands, elastic constants, stability. No intensities.
//!
//! Smooth phase convention: Φ_ss'(q) = Σ_R Φ_ss'(0,R) exp(i q·(R + τ_s' − τ_s)), so that no phase
//! factors are left over in intensities and q need not be reduced. q in Å⁻¹ with the 2π.

mod bands;
mod density;
mod dipole_table;
mod elastic;
mod long_range;
mod matrix;
mod path;
mod phase_table;
mod phases;
mod vibrations;

pub use bands::{BandStructure, bands, frequencies, frequencies_towards, frequency_slopes};
pub use density::{Density, Levels, mesh_for};
pub use elastic::{ElasticTensor, LongWave, elastic_slopes, linear_term_rows, rotational_violation};
pub use long_range::Splitting;
pub use matrix::{acoustic_sum, dynamical_matrix, dynamical_matrix_towards, force_constant_matrix};
pub use path::{PathPoint, named_points, standard_path};
pub use phase_table::PhaseTable;
pub use vibrations::Vibrations;
