//! Force constants of the dipoles in a periodic supercell: Φ(q) of all wave vectors that fit into it, without the term at
//! q = 0 that has a direction, since the mean field of such a supercell is zero.

use nalgebra::{Complex, DMatrix, Matrix3, Vector3};

use super::DipoleDipole;
use crate::crystal::supercell::{Whole, closure};

/// The constants of one supercell.
#[derive(Debug)]
pub struct InSupercell {
    waves: Vec<(Vector3<f64>, DMatrix<Complex<f64>>)>,
}

impl DipoleDipole {
    /// Constants in the supercell whose vectors are the columns of `lattice` (Å), whole multiples of the primitive ones.
    pub fn in_supercell(&self, lattice: &Matrix3<f64>) -> InSupercell {
        let inverse = self.lattice.try_inverse().unwrap_or_else(Matrix3::identity);
        let cells = (inverse * lattice).map(f64::round);
        // q = 2π P⁻ᵀ M⁻ᵀ m, and M⁻ᵀ is a matrix of whole numbers over det M.
        let determinant = cells.determinant().round();
        let to_primitive = cells.try_inverse().unwrap_or_else(Matrix3::identity).transpose();
        let whole = (to_primitive * determinant).map(|x| x.round() as i64);
        let key = |m: &Whole| -> Whole {
            std::array::from_fn(|a| {
                (0..3)
                    .map(|b| whole[(a, b)] * m[b])
                    .sum::<i64>()
                    .rem_euclid((determinant.abs() as i64).max(1))
            })
        };
        let reciprocal = inverse.transpose() * std::f64::consts::TAU;
        let wave = |m: Whole| {
            let q = reciprocal * (to_primitive * Vector3::from(m).map(|x| x as f64));
            let q = self.to_first_zone(&q);
            (q, self.at(&q, None))
        };
        let waves = closure([[1, 0, 0], [0, 1, 0], [0, 0, 1]], key).into_iter().map(wave).collect();
        InSupercell { waves }
    }
}

impl InSupercell {
    /// Φ between atom `s` and all images of atom `t` that lie `vector` = R + τ_t − τ_s (Å) away, eV/Å².
    pub fn between(&self, s: usize, t: usize, vector: &Vector3<f64>) -> Matrix3<f64> {
        let mut sum = Matrix3::zeros();
        for (q, phi) in &self.waves {
            let phase = Complex::cis(-q.dot(vector));
            for a in 0..3 {
                for b in 0..3 {
                    sum[(a, b)] += (phi[(3 * s + a, 3 * t + b)] * phase).re;
                }
            }
        }
        sum / self.waves.len() as f64
    }
}
