//! Force constants as a linear family: Φ_ss'(R) = Σ_p θ_p B_p(s, s', R).
//!
//! Everything downstream (dynamics, thermal motion, scattering, their adjoints) works on such a
//! family. Force constants as a file gives them are the family of one parameter, θ = [1].

use std::sync::Arc;

use nalgebra::{Matrix3, Vector3};

use super::DipoleDipole;

/// One pair of atoms and its share in each parameter.
#[derive(Debug, Clone)]
pub struct PairTerm {
    /// First atom, in cell 0.
    pub i: usize,
    /// Second atom.
    pub j: usize,
    /// Cell of the second atom.
    pub cell: Vector3<i32>,
    /// R + τ_j − τ_i, Å.
    pub vector: Vector3<f64>,
    /// (parameter, ∂Φ/∂θ) for every parameter that reaches this pair.
    pub blocks: Vec<(usize, Matrix3<f64>)>,
}

/// A family of force constants, linear in its parameters. Self terms (i = j, R = 0) are included.
#[derive(Debug, Clone)]
pub struct LinearForceConstants {
    /// Atoms in a primitive cell.
    pub n_atoms: usize,
    /// Length of θ.
    pub n_parameters: usize,
    /// Columns are the primitive vectors, Å.
    pub lattice: Matrix3<f64>,
    /// Pairs of atoms with the coefficients of their constants.
    pub terms: Vec<PairTerm>,
    /// What does not depend on θ: the dipole–dipole part of a polar crystal. The pairs are then what is left without it.
    /// Read it by [`Self::long_range`].
    pub dipoles: Option<Arc<DipoleDipole>>,
}

/// (i, j, cell of j, R + τ_j − τ_i in Å, Φ in eV/Å²).
pub type PairConstants = (usize, usize, Vector3<i32>, Vector3<f64>, Matrix3<f64>);

/// Force constants with numbers: the value of a [`LinearForceConstants`] at some θ.
#[derive(Debug, Clone)]
pub struct ForceConstants {
    /// Atoms in a primitive cell.
    pub n_atoms: usize,
    /// Columns are the primitive vectors, Å.
    pub lattice: Matrix3<f64>,
    /// Pairs of atoms with their constants, eV/Å².
    pub pairs: Vec<PairConstants>,
    /// The dipole–dipole part of a polar crystal, without which the pairs are. Read it by [`Self::long_range`].
    pub dipoles: Option<Arc<DipoleDipole>>,
}

/// The package without the feature `polar` has no such part, and none of the code that would use one.
fn known(dipoles: &Option<Arc<DipoleDipole>>) -> Option<&Arc<DipoleDipole>> {
    if cfg!(feature = "polar") { dipoles.as_ref() } else { None }
}

impl LinearForceConstants {
    /// The dipole–dipole part of a polar crystal.
    pub fn long_range(&self) -> Option<&Arc<DipoleDipole>> {
        known(&self.dipoles)
    }

    /// The force constants at `theta` (eV/Å², length `n_parameters`).
    pub fn at(&self, theta: &[f64]) -> ForceConstants {
        let pairs = self
            .terms
            .iter()
            .map(|t| {
                let phi = t.blocks.iter().fold(Matrix3::zeros(), |sum, (p, b)| sum + b * theta[*p]);
                (t.i, t.j, t.cell, t.vector, phi)
            })
            .collect();
        ForceConstants { n_atoms: self.n_atoms, lattice: self.lattice, pairs, dipoles: self.dipoles.clone() }
    }
}

impl ForceConstants {
    /// The dipole–dipole part of a polar crystal.
    pub fn long_range(&self) -> Option<&Arc<DipoleDipole>> {
        known(&self.dipoles)
    }

    /// The family with one parameter whose value at θ = (1) is these force constants.
    pub fn into_family(self) -> LinearForceConstants {
        let terms = self
            .pairs
            .into_iter()
            .map(|(i, j, cell, vector, phi)| PairTerm { i, j, cell, vector, blocks: vec![(0, phi)] })
            .collect();
        LinearForceConstants {
            n_atoms: self.n_atoms,
            n_parameters: 1,
            lattice: self.lattice,
            terms,
            dipoles: self.dipoles,
        }
    }

    /// Largest element of |Φ| between different atoms, eV/Å².
    pub fn largest(&self) -> f64 {
        let pairs = self.pairs.iter().filter(|p| p.3.norm() > 1e-6);
        pairs.map(|p| p.4.amax()).fold(0.0, f64::max)
    }
}
