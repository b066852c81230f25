//! Thermal displacement correlations C(q) and mean-square tensors U, with their adjoints. No form
//! factors.
//!
//! Classical: C = k_B T Φ⁻¹, by Cholesky; no diagonalisation, no masses. Quantum:
//! C = M^{-1/2} g(D) M^{-1/2}, g(λ) = ħ/(2√λ) coth(ħ√λ/2k_BT), with the Daleckii–Krein formula
//! (divided differences of g) as its derivative, or g as a sum over poles, which needs no eigenvalues either.
//! Å², eV, K, amu.

mod convergence;
mod correlation;
mod graded;
mod grid;
mod mean_square;
mod mesh;
mod modes;
mod monatomic;
mod oscillator;
mod poles;
mod polyatomic;
mod real_space;

pub use convergence::CONVERGED;
pub use correlation::{QuadraticForm, correlation, quadratic_form};
pub use grid::{default_grid, shortest_period};
pub use mean_square::{MeanSquare, MeanSquareValue};
pub use mesh::{Converged, Mesh, MeshAxes, UMesh};
pub use monatomic::MonatomicForm;
pub use oscillator::Oscillator;
pub use polyatomic::{PolyatomicForm, Slopes};
pub use real_space::{Correlations, Grid, LatticePair, Linearised};

use crate::units::BOLTZMANN_EV_K;

/// How the vibrations are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Statistics {
    /// Mean energy k_B T in every vibration: the limit of high temperature.
    Classical,
    /// Bose–Einstein, with the motion at absolute zero.
    Quantum,
}

/// Temperature, statistics and masses: what turns Φ into C.
#[derive(Debug, Clone, PartialEq)]
pub struct Thermal {
    /// How the vibrations are counted.
    pub statistics: Statistics,
    /// Temperature, K.
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
