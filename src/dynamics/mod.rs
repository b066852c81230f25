//! Lattice dynamics: Φ(q), D(q), bands, elastic constants, stability. No intensities.
//!
//! Smooth phase convention: Φ_ss'(q) = Σ_R Φ_ss'(0,R) exp(i q·(R + τ_s' − τ_s)), so that no phase
//! factors are left over in intensities and q need not be reduced. q in Å⁻¹ with the 2π.

mod bands;
mod elastic;
mod long_range;
mod matrix;
mod pairs;
mod path;
mod table;

pub use bands::{BandStructure, bands, frequencies};
pub use elastic::{ElasticTensor, LongWave, rotational_violation};
pub use long_range::Splitting;
pub use matrix::{acoustic_sum, dynamical_matrix, force_constant_matrix};
pub(crate) use pairs::polynomial;
pub use pairs::{InPairs, PAIRS, Pair, add_product, add_scaled, both, clear, dot, exp, multiply};
pub use path::{PathPoint, standard_path};
pub use table::{LANES, Lanes, PhaseTable, slot_of};

/// ħ·√(eV/(Å² amu)) in eV: the energy of an oscillator whose D = Φ/m is 1 eV/(Å² amu) (CODATA 2018).
pub const HBAR_OMEGA_EV: f64 = 0.064_654_151_340_946_47;
/// √(eV/(Å² amu))/2π in THz (CODATA 2018).
pub const THZ: f64 = 15.633_304_239_856_193;
/// Boltzmann's constant, eV/K (CODATA 2018, exact).
pub const BOLTZMANN_EV_K: f64 = 8.617_333_262_145_179e-5;
