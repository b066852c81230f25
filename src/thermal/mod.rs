//! Thermal displacement correlations C(q) and mean-square tensors U, with their adjoints. No form
//! factors.
//!
//! Classical: C = k_B T Φ⁻¹, by Cholesky; no diagonalisation, no masses. Quantum:
//! C = M^{-1/2} g(D) M^{-1/2}, g(λ) = ħ/(2√λ) coth(ħ√λ/2k_BT), with the Daleckii–Krein formula
//! (divided differences of g) as its derivative. Å², eV, K, amu.

mod convergence;
mod correlations;
mod graded;
mod grid;
mod lanes;
mod mean_square;
mod mesh;
mod modes;
mod occupation;
mod quadratic;

pub use convergence::CONVERGED;
pub use correlations::{
    Correlations, Grid, LatticePair, Linearised, PACKED, PACKED_COUNT, Packed, pack_tensor,
};
pub use grid::{default_grid, shortest_period};
pub use lanes::cubic_form;
pub use mean_square::{MeanSquare, MeanSquareValue};
pub(crate) use mean_square::{pack as pack_adjoint, unpack as unpack_matrix};
pub use mesh::{Converged, Mesh, MeshAxes, UMesh};
pub use occupation::Oscillator;
pub use quadratic::{QuadraticForm, correlation, quadratic_form};

use crate::dynamics::BOLTZMANN_EV_K;

/// How the vibrations are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Statistics {
    Classical,
    Quantum,
}

/// Temperature, statistics and masses: what turns Φ into C.
#[derive(Debug, Clone, PartialEq)]
pub struct Thermal {
    pub statistics: Statistics,
    pub temperature_k: f64,
    /// amu, one per atom of the primitive cell.
    pub masses: Vec<f64>,
}

impl Thermal {
    /// k_B T, eV.
    pub fn kt(&self) -> f64 {
        BOLTZMANN_EV_K * self.temperature_k
    }

    /// The function g of the quantum oscillator.
    pub fn oscillator(&self) -> Oscillator {
        Oscillator::new(self.temperature_k)
    }
}
