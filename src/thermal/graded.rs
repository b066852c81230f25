//! Meshes whose wave vectors gather at Γ, where C(k) diverges.
//!
//! Along each axis k = φ(u) with u on a half-shifted mesh of (−½, ½) and φ ~ u^p at 0: points lie
//! dense not only near Γ but near the planes and lines through it, where soft layers and chains
//! keep C(k) large. The midpoint sum of f(φ) φ′ then misses O(n^−p) of a singularity 1/q² instead
//! of O(1/n), whatever the stiffness tensor; for 1/q (T = 0), O(n^−2p). φ′ is the normalised power
//! sin^{p−1} πu, so that f(φ) φ′ stays periodic (A. Sidi, in *Numerical Integration IV*, Birkhäuser
//! (1993) 359).

use std::f64::consts::TAU;

use nalgebra::{Matrix3, Vector3};

use super::mesh::Mesh;
use crate::crystal::Crystal;
use crate::crystal::supercell::Centring;

/// How strongly the points gather: p of φ ~ u^p.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grading {
    Cubic,
    Quintic,
}

impl Grading {
    pub fn power(self) -> f64 {
        match self {
            Grading::Cubic => 3.0,
            Grading::Quintic => 5.0,
        }
    }

    /// φ(u) and φ′(u).
    fn map(self, u: f64) -> (f64, f64) {
        let (s1, c1) = (TAU * u).sin_cos();
        match self {
            Grading::Cubic => (u - s1 / TAU, 1.0 - c1),
            Grading::Quintic => {
                let s2 = 2.0 * s1 * c1;
                (u - (4.0 / 3.0 * s1 - s2 / 6.0) / TAU, 2.0 / 3.0 * (1.0 - c1).powi(2))
            }
        }
    }
}

/// Axes that a graded mesh divides: a lattice that contains all translations of the crystal, or a
/// part of them.
pub(super) struct Axes {
    /// a*, b*, c* with the 2π as columns, Å⁻¹.
    reciprocal: Matrix3<f64>,
    /// Primitive lattice vectors as columns, in these axes.
    primitive: Matrix3<f64>,
    /// Reciprocal vectors of these axes that the crystal tells apart.
    cosets: Vec<Vector3<f64>>,
    /// Operations on k, in these axes, that only permute them and change their signs; with −1.
    operations: Vec<Matrix3<i64>>,
}

impl Axes {
    /// The axes with the smaller number of different points at a given density: the shortest
    /// primitive translations, which span soft layers, or those of a centred input cell.
    pub fn new(crystal: &Crystal) -> Self {
        let reduced = reduced(&crystal.primitive.lattice);
        let primitive = reduced.try_inverse().unwrap_or_else(Matrix3::identity);
        let own = Axes::of(crystal, primitive, vec![Vector3::zeros()]);
        let copies = 1.0 / crystal.primitive_in_input.determinant().abs();
        if copies > 4.5 {
            return own;
        }
        let cosets = Centring::new(crystal).coset_vectors();
        let input = Axes::of(crystal, crystal.primitive_in_input, cosets);
        if input.operations.len() > own.operations.len() { input } else { own }
    }

    fn of(crystal: &Crystal, primitive: Matrix3<f64>, cosets: Vec<Vector3<f64>>) -> Self {
        let inverse = primitive.try_inverse().unwrap_or_else(Matrix3::identity);
        let mut operations = vec![Matrix3::identity(), -Matrix3::identity()];
        for op in &crystal.operations {
            // k' = W⁻ᵀ k; the transpose alone runs through the same group.
            let w = (primitive * op.rotation.map(f64::from) * inverse).transpose();
            let whole = w.map(|x| x.round() as i64);
            let permutes = (w - whole.map(|x| x as f64)).amax() < 1e-6
                && whole.row_iter().all(|row| row.iter().map(|x| x.abs()).sum::<i64>() == 1);
            if permutes && !operations.contains(&whole) {
                operations.extend([whole, -whole]);
            }
        }
        let reciprocal = crystal.primitive.reciprocal() * primitive.transpose();
        Axes { reciprocal, primitive, cosets, operations }
    }

    /// Cells of these axes that make up the zone of the primitive cell.
    pub fn copies(&self) -> usize {
        self.cosets.len()
    }

    /// Even numbers of points with spacings of about `spacing` (Å⁻¹), `least` or more.
    pub fn counts(&self, spacing: f64, least: usize) -> [usize; 3] {
        std::array::from_fn(|a| {
            let n = (self.reciprocal.column(a).norm() / spacing - 1e-6).ceil().max(0.0) as usize;
            // An odd number would put a point on Γ.
            n.max(least).next_multiple_of(2)
        })
    }

    /// The mesh of n₁ × n₂ × n₃ points, n even, folded by the operations.
    pub fn mesh(&self, n: [usize; 3], grading: Grading) -> Mesh {
        let at: [Vec<(f64, f64)>; 3] = n.map(|n| {
            (0..n)
                .map(|m| grading.map((m as f64 + 0.5) / n as f64 - 0.5))
                .map(|(k, w)| (k, w / n as f64))
                .collect()
        });
        let operations: Vec<(&Matrix3<i64>, Vec<usize>)> = self
            .operations
            .iter()
            .filter(|w| (0..3).all(|i| (0..3).all(|j| w[(i, j)] == 0 || n[i] == n[j])))
            .map(|w| (w, self.cosets.iter().map(|g| self.coset(&(w.map(|x| x as f64) * g))).collect()))
            .collect();
        let index = |g: usize, m: [usize; 3]| ((g * n[0] + m[0]) * n[1] + m[1]) * n[2] + m[2];
        let mut seen = vec![false; self.cosets.len() * n.iter().product::<usize>()];
        let mut mesh = Mesh { k: vec![], weights: vec![] };
        let copies = self.cosets.len() as f64;
        for (g, coset) in self.cosets.iter().enumerate() {
            for m in (0..n[0]).flat_map(|a| (0..n[1]).flat_map(move |b| (0..n[2]).map(move |c| [a, b, c]))) {
                if seen[index(g, m)] {
                    continue;
                }
                let mut count = 0.0;
                for (w, cosets) in &operations {
                    let image = std::array::from_fn(|i| {
                        // The one axis that goes to axis i.
                        let j = (0..3).find(|&j| w[(i, j)] != 0).unwrap_or(i);
                        if w[(i, j)] > 0 { m[j] } else { n[j] - 1 - m[j] }
                    });
                    let image = index(cosets[g], image);
                    if !seen[image] {
                        seen[image] = true;
                        count += 1.0;
                    }
                }
                let own = Vector3::from_fn(|a, _| at[a][m[a]].0);
                mesh.k.push(self.reciprocal * (own + coset));
                mesh.weights.push(count * (0..3).map(|a| at[a][m[a]].1).product::<f64>() / copies);
            }
        }
        mesh
    }

    /// Which of the cosets a reciprocal vector of these axes belongs to.
    fn coset(&self, g: &Vector3<f64>) -> usize {
        let same = |other: &Vector3<f64>| {
            let d = self.primitive.transpose() * (g - other);
            d.iter().all(|x| (x - x.round()).abs() < 1e-6)
        };
        self.cosets.iter().position(same).unwrap_or(0)
    }
}

/// Short lattice vectors as integer columns in the given ones: each is replaced by the shortest of
/// its nearby combinations with the other two until none becomes shorter.
fn reduced(lattice: &Matrix3<f64>) -> Matrix3<f64> {
    let mut n = Matrix3::<f64>::identity();
    // Every step shortens a vector; lattices that people have take a few.
    for _ in 0..200 {
        let length = |v: &Vector3<f64>| (lattice * v).norm();
        let shorter = [[0, 1, 2], [1, 0, 2], [2, 0, 1]].into_iter().find_map(|[k, i, j]| {
            let own = n.column(k).into_owned();
            (0..25)
                .map(|m| own + n.column(i) * f64::from(m / 5 - 2) + n.column(j) * f64::from(m % 5 - 2))
                .find(|v| length(v) < length(&own) * (1.0 - 1e-9))
                .map(|v| (k, v))
        });
        match shorter {
            Some((k, v)) => n.set_column(k, &v),
            None => break,
        }
    }
    n
}
