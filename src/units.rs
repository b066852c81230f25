//! Constants of nature in the units of this crate: eV, Å, amu, K, THz (CODATA 2018).

/// ħ·√(eV/(Å² amu)) in eV: the energy of an oscillator whose D = Φ/m is 1 eV/(Å² amu).
pub const HBAR_OMEGA_EV: f64 = 0.064_654_151_340_946_47;
/// √(eV/(Å² amu))/2π in THz.
pub const THZ: f64 = 15.633_304_239_856_193;
/// Boltzmann's constant, eV/K (exact).
pub const BOLTZMANN_EV_K: f64 = 8.617_333_262_145_179e-5;
/// Born–von Kármán tables print −Φ in N/m: 1 eV/Å² = 16.02176634 N/m (exact).
pub const N_PER_M_PER_EV_A2: f64 = 16.02176634;
/// 1 eV/Å³ in GPa (exact).
pub const GPA_PER_EV_A3: f64 = 160.217_663_4;
/// Bohr radius, Å.
pub const BOHR: f64 = 0.529_177_210_903;
/// Hartree energy, eV.
pub const HARTREE: f64 = 27.211_386_245_988;
/// Rydberg energy, eV.
pub const RYDBERG: f64 = HARTREE / 2.0;
/// e²/4πε₀, eV Å.
pub const COULOMB_EV_A: f64 = 14.399_645_478_425_668;
