//! The average of correlations over the space group.

use std::collections::HashMap;

use nalgebra::Matrix3;

use super::lattice_pairs::{LatticePair, representative};
use crate::crystal::Crystal;
use crate::lanes::{LANES, Lanes, Packed, add_scaled, clear, multiply, pack_tensor, unpack_tensor};

/// Average over the space group.
#[derive(Debug, Clone)]
pub(super) struct Symmetry {
    /// What each operation makes of a tensor.
    rotations: Vec<Rotation>,
    /// Per orbit: what each operation makes of its first member.
    orbits: Vec<Vec<usize>>,
}

/// Packed entries of g m gᵀ (of gᵀ m g where it is turned `back`) as sums of those of m: `[entry][of m]`.
#[derive(Debug, Clone)]
struct Rotation {
    there: [Packed; 6],
    back: [Packed; 6],
}

impl Rotation {
    fn new(g: &Matrix3<f64>) -> Self {
        let (mut there, mut back) = ([[0.0; 6]; 6], [[0.0; 6]; 6]);
        for f in 0..6 {
            let unit: Packed = std::array::from_fn(|e| if e == f { 1.0 } else { 0.0 });
            let m = unpack_tensor(&unit);
            let turned = [pack_tensor(&(g * m * g.transpose())), pack_tensor(&(g.transpose() * m * g))];
            for e in 0..6 {
                (there[e][f], back[e][f]) = (turned[0][e], turned[1][e]);
            }
        }
        Rotation { there, back }
    }
}

/// Adds what `rotation` makes of tensors, one in each lane.
fn add_turned(rotation: &[Packed; 6], of: &[Lanes; 6], out: &mut [Lanes; 6]) {
    for (row, out) in rotation.iter().zip(out) {
        for (factor, x) in row.iter().zip(of) {
            // Most are zero where axes stay axes.
            if *factor != 0.0 {
                add_scaled(out, *factor, x);
            }
        }
    }
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
        Symmetry {
            rotations: crystal.operations.iter().map(|op| Rotation::new(&op.cartesian)).collect(),
            orbits,
        }
    }

    /// C(first) = mean over g of gᵀ C(g first) g, and back: an orthogonal projection, so its own
    /// transpose.
    pub fn average(&self, c: &mut [Packed]) {
        let share = [1.0 / self.rotations.len() as f64; LANES];
        // An orbit in each lane.
        for orbits in self.orbits.chunks(LANES) {
            let mut mean = [[0.0; LANES]; 6];
            let mut tensors = [[0.0; LANES]; 6];
            for (g, rotation) in self.rotations.iter().enumerate() {
                for (lane, members) in orbits.iter().enumerate() {
                    tensors.iter_mut().zip(&c[members[g]]).for_each(|(x, c)| x[lane] = *c);
                }
                add_turned(&rotation.back, &tensors, &mut mean);
            }
            mean.iter_mut().for_each(|entry| multiply(entry, &share));
            for (g, rotation) in self.rotations.iter().enumerate() {
                tensors.iter_mut().for_each(clear);
                add_turned(&rotation.there, &mean, &mut tensors);
                for (lane, members) in orbits.iter().enumerate() {
                    c[members[g]].iter_mut().zip(&tensors).for_each(|(c, x)| *c = x[lane]);
                }
            }
        }
    }
}
