//! Half-shifted meshes of wave vectors, folded by the operations that map them onto themselves.

use std::collections::HashMap;

use nalgebra::{Matrix3, Vector3};
use serde::{Deserialize, Serialize};

use crate::crystal::Crystal;
use crate::crystal::supercell::Centring;

/// Which mesh the mean-square displacements are summed on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "\"converged\" or three whole numbers")]
pub enum UMesh {
    /// `"converged"`: that of an infinite mesh, see `convergence`.
    Named(Converged),
    /// A plain half-shifted mesh: numbers of wave vectors along three reciprocal axes, four million together at most.
    Plain([usize; 3]),
}

/// The word for the mesh that is found by refining.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Converged {
    /// Refined until the mean-square displacements no longer change.
    Converged,
}

/// The reciprocal axes that a plain mesh divides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum MeshAxes {
    /// Those of the primitive cell.
    #[default]
    Primitive,
    /// Those of the input cell; the mesh then still covers the zone of the primitive cell.
    Conventional,
}

/// Wave vectors with weights that sum to one.
#[derive(Debug, Clone)]
pub struct Mesh {
    /// Cartesian, Å⁻¹.
    pub k: Vec<Vector3<f64>>,
    /// Part of the mesh that each wave vector stands for.
    pub weights: Vec<f64>,
}

impl Mesh {
    /// The half-shifted mesh (m + ½)/n, folded by time reversal and by those operations of the
    /// space group that map it onto itself. Sums over it are right for quantities that are
    /// averaged over the space group afterwards.
    pub fn half_shifted(crystal: &Crystal, n: [usize; 3], axes: MeshAxes) -> Self {
        // Indices in primitive reciprocal units as integers over a common denominator `l`.
        let p = crystal.primitive_in_input;
        let l = 24 * lcm(n[0], lcm(n[1], n[2])) as i64;
        let offsets = match axes {
            MeshAxes::Primitive => vec![Vector3::zeros()],
            MeshAxes::Conventional => Centring::new(crystal).coset_vectors(),
        };
        let at = |m: [usize; 3], offset: &Vector3<f64>| -> [i64; 3] {
            let own = Vector3::from_fn(|i, _| (m[i] as f64 + 0.5) / n[i] as f64);
            let k = match axes {
                MeshAxes::Primitive => own,
                MeshAxes::Conventional => p.transpose() * (own + offset),
            };
            k.map(|x| ((x * l as f64).round() as i64).rem_euclid(l)).into()
        };
        let mut points: Vec<[i64; 3]> = Vec::with_capacity(n.iter().product::<usize>() * offsets.len());
        for m0 in 0..n[0] {
            for m1 in 0..n[1] {
                for m2 in 0..n[2] {
                    points.extend(offsets.iter().map(|offset| at([m0, m1, m2], offset)));
                }
            }
        }
        // The mesh is a lattice around one of its points: what maps this one and its neighbours into it maps all.
        let few = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]].map(|m| at(m, &offsets[0]));
        let places = Places::new(&points, n, axes, l);
        // k' = W⁻ᵀ k; the transpose alone runs through the same group.
        let mut rotations: Vec<Matrix3<i64>> = vec![-Matrix3::identity()];
        for op in &crystal.operations {
            let w = op.rotation.transpose().map(i64::from);
            let keeps = few.iter().all(|k| places.of(&apply(&w, k, l)).is_some());
            if keeps && !rotations.contains(&w) {
                rotations.push(w);
                if !rotations.contains(&-w) {
                    rotations.push(-w);
                }
            }
        }
        let mut count = vec![0usize; points.len()];
        let mut owner = vec![usize::MAX; points.len()];
        for i in 0..points.len() {
            if owner[i] == usize::MAX {
                owner[i] = i;
                for w in &rotations {
                    if let Some(j) = places.of(&apply(w, &points[i], l)) {
                        owner[j] = i;
                    }
                }
            }
            count[owner[i]] += 1;
        }
        let reciprocal = crystal.primitive.reciprocal();
        let mut mesh = Mesh { k: vec![], weights: vec![] };
        for (point, &c) in points.iter().zip(&count) {
            if c > 0 {
                mesh.k.push(reciprocal * Vector3::from(*point).map(|x| x as f64 / l as f64));
                mesh.weights.push(c as f64 / points.len() as f64);
            }
        }
        mesh
    }
}

/// Where a point of a mesh stands in the list of them.
enum Places {
    /// (m + ½)/n along the axes that the points are given in, in units of 1/`l`, the last axis running fastest.
    Along {
        n: [usize; 3],
        l: i64,
    },
    Listed(HashMap<[i64; 3], usize>),
}

impl Places {
    fn new(points: &[[i64; 3]], n: [usize; 3], axes: MeshAxes, l: i64) -> Self {
        match axes {
            MeshAxes::Primitive => Places::Along { n, l },
            MeshAxes::Conventional => {
                Places::Listed(points.iter().enumerate().map(|(i, k)| (*k, i)).collect())
            }
        }
    }

    fn of(&self, k: &[i64; 3]) -> Option<usize> {
        match self {
            Places::Along { n, l } => (0..3).try_fold(0, |place, axis| {
                // l is a multiple of 24 n.
                let step = l / (2 * n[axis] as i64);
                let halves = k[axis] / step;
                (k[axis] % step == 0 && halves % 2 == 1).then(|| place * n[axis] + (halves / 2) as usize)
            }),
            Places::Listed(places) => places.get(k).copied(),
        }
    }
}

fn apply(w: &Matrix3<i64>, k: &[i64; 3], l: i64) -> [i64; 3] {
    (w * Vector3::from(*k)).map(|x| x.rem_euclid(l)).into()
}

pub(super) fn lcm(a: usize, b: usize) -> usize {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ifc::library;

    #[test]
    fn points_are_found_by_counting_as_in_a_list() {
        for entry in library() {
            let crystal = entry.crystal().expect("a crystal of the library");
            for n in [[4, 4, 4], [2, 3, 5]] {
                let l = 24 * lcm(n[0], lcm(n[1], n[2])) as i64;
                let along = |m: usize, n: usize| (2 * m as i64 + 1) * l / (2 * n as i64);
                let points: Vec<[i64; 3]> = (0..n[0] * n[1] * n[2])
                    .map(|i| [i / (n[1] * n[2]), i / n[2] % n[1], i % n[2]])
                    .map(|m| std::array::from_fn(|axis| along(m[axis], n[axis])))
                    .collect();
                let counted = Places::new(&points, n, MeshAxes::Primitive, l);
                let listed = Places::new(&points, n, MeshAxes::Conventional, l);
                for op in &crystal.operations {
                    let w = op.rotation.transpose().map(i64::from);
                    for k in &points {
                        let image = apply(&w, k, l);
                        assert_eq!(counted.of(&image), listed.of(&image), "{} {n:?} {w}", entry.id);
                    }
                }
            }
        }
    }
}
