//! Force constants to start from where nothing is known but the crystal.
//!
//! Between all pairs of atoms `Φ(R) = −k [R̂R̂ᵀ + 0.1 (1 − R̂R̂ᵀ)]`: springs along and, weaker, across every bond, so that no
//! displacement costs nothing and the crystal is stable whatever its structure. k falls like the sixth power of the distance
//! in units of the sum of the covalent radii, and the springs of an atom have together the same [`STIFFNESS`] in every
//! crystal: the fewer neighbours, the stiffer each bond, as L. Pauling found.

use nalgebra::Matrix3;

use super::linear::{ForceConstants, LinearForceConstants};
use crate::crystal::Crystal;
use crate::crystal::elements::{covalent_radius, element_of};

/// Σ k over the neighbours of an atom, eV/Å². Nearest neighbours have 27 in nickel, 21 in copper (neutrons), 17 around zinc in
/// ZnO, 3 around sodium in NaCl (first principles): salts are softer.
const STIFFNESS: f64 = 25.0;

/// What a spring resists across, relative to along.
const ACROSS: f64 = 0.1;

/// Springs between all pairs of atoms that `family` reaches, `factor` times as stiff as estimated.
pub fn bonds(crystal: &Crystal, family: &LinearForceConstants, factor: f64) -> ForceConstants {
    let radius: Vec<f64> = crystal
        .primitive
        .symbols
        .iter()
        .map(|symbol| covalent_radius(element_of(symbol).unwrap_or_default()))
        .collect();
    let pairs = || family.terms.iter().filter(|t| t.vector.norm() > 1e-6);
    let weight = |i: usize, j: usize, d: f64| ((radius[i] + radius[j]) / d).powi(6);
    let mut sums = vec![0.0; crystal.n_atoms()];
    for t in pairs() {
        sums[t.i] += weight(t.i, t.j, t.vector.norm());
    }
    let pairs = pairs()
        .map(|t| {
            let d = t.vector.norm();
            let n = t.vector / d;
            let k = factor * STIFFNESS * weight(t.i, t.j, d) / (sums[t.i] * sums[t.j]).sqrt();
            let along = n * n.transpose();
            (t.i, t.j, t.cell, t.vector, (along + (Matrix3::identity() - along) * ACROSS) * -k)
        })
        .collect();
    ForceConstants { n_atoms: crystal.n_atoms(), lattice: crystal.primitive.lattice, pairs, dipoles: None }
}
