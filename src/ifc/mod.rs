//! Interatomic force constants Φ = ∂²E/∂u∂u, eV/Å²: pairs, orbits, the irreducible constants θ
//! and their labels, sum rules, published tables, import and export. No temperature, no
//! scattering.

mod bonds;
mod dipoles;
#[cfg(feature = "chosen")]
mod elastic;
mod estimate;
mod imposed;
mod irreducible;
mod labels;
mod library;
mod linear;
mod meaning;
mod pairs;
mod projection;
pub mod supercell;

pub use bonds::bonds;
pub use dipoles::{DipoleDipole, InSupercell, Moments};
pub use estimate::{Estimate, MOST_CONSTANTS, estimate};
pub use imposed::{Condition, Imposed, Tie};
pub use irreducible::{IrreducibleBasis, Parameter};
pub use library::{LibraryEntry, LibraryTitle, library, library_entry};
pub use linear::{ForceConstants, LinearForceConstants, PairConstants, PairTerm};
pub use meaning::site_names;
pub use pairs::{Pair, pairs_within, shell_distances};
pub use projection::{PairSlopes, Projection, Representative, from_supercell, supercell_slopes};

/// Born–von Kármán tables print −Φ in N/m: 1 eV/Å² = 16.02176634 N/m (CODATA 2018, exact).
pub const N_PER_M_PER_EV_A2: f64 = 16.02176634;
