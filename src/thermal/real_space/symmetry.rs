//! The average of correlations over the space group.

use std::collections::HashMap;

use nalgebra::Matrix3;

use super::lattice_pairs::{LatticePair, representative};
use crate::crystal::Crystal;
use crate::lanes::{Packed, pack_tensor, unpack_tensor};

/// Average over the space group.
#[derive(Debug, Clone)]
pub(super) struct Symmetry {
    rotations: Vec<Matrix3<f64>>,
    /// Per orbit: what each operation makes of its first member.
    orbits: Vec<Vec<usize>>,
}

impl Symmetry {
    pub fn new(crystal: &Crystal, pairs: &[LatticePair]) -> Self {
        let index: HashMap<_, usize> = pairs.iter().enumerate().map(|(i, p)| (p.key(), i)).collect();
        let mut seen = vec![false; pairs.len()];
        let mut orbits = Vec::new();
        for (i, pair) in pairs.iter().enumerate() {
            if seen[i] {
                continue;
            }
            let members: Vec<usize> = crystal
                .operations
                .iter()
                .map(|op| {
                    let ((a, shift_a), (b, shift_b)) = (op.images[pair.s], op.images[pair.s2]);
                    let cell = op.rotation * pair.cell + shift_b - shift_a;
                    index.get(&representative(a, b, cell)).copied().unwrap_or(i)
                })
                .collect();
            members.iter().for_each(|&m| seen[m] = true);
            orbits.push(members);
        }
        Symmetry { rotations: crystal.operations.iter().map(|op| op.cartesian).collect(), orbits }
    }

    /// C(first) = mean over g of gᵀ C(g first) g, and back: an orthogonal projection, so its own
    /// transpose.
    pub fn average(&self, c: &mut [Packed]) {
        for members in &self.orbits {
            let mut mean = Matrix3::zeros();
            for (g, &m) in self.rotations.iter().zip(members) {
                mean += g.transpose() * unpack_tensor(&c[m]) * g;
            }
            mean /= members.len() as f64;
            for (g, &m) in self.rotations.iter().zip(members) {
                c[m] = pack_tensor(&(g * mean * g.transpose()));
            }
        }
    }
}
