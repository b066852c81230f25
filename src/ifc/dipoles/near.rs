//! What the Gaussian of the sum over G cuts off: the forces of charges at short distances.
//!
//! Constants that are fitted hold it, and so do those of a first-principles program. A potential that says nothing of charges
//! does not: there it is added. With D² = r·ε⁻¹·r it is −e²/(4πε₀√det ε) Z_iᵀ (∂∂ erfc(ΛD)/D) Z_j (Gonze & Lee 1997,
//! Eq. (72) without the diagonal, which the sum rule gives).

use nalgebra::{Matrix3, Vector3};

use super::DipoleDipole;
use crate::units::COULOMB_EV_A;

/// ΛD from which on nothing is left of it: erfc is 1.5·10⁻⁸.
const END: f64 = 4.0;

impl DipoleDipole {
    fn lambda(&self) -> f64 {
        0.5 * self.width.sqrt()
    }

    /// Å: no two atoms farther apart have a part left.
    pub fn reach_of_near(&self) -> f64 {
        END / self.lambda() * self.long_range.dielectric.symmetric_eigenvalues().max().sqrt()
    }

    /// The part between atoms `i` and `j`, `vector` (Å) apart, eV/Å².
    pub fn near(&self, i: usize, j: usize, vector: &Vector3<f64>) -> Matrix3<f64> {
        let epsilon = &self.long_range.dielectric;
        let Some(inverse) = epsilon.try_inverse() else { return Matrix3::zeros() };
        let y = inverse * vector;
        let d = vector.dot(&y).sqrt();
        let lambda = self.lambda();
        let x = lambda * d;
        let rest = libm::erfc(x);
        let slope = std::f64::consts::FRAC_2_SQRT_PI * lambda * (-x * x).exp();
        // First and second derivative of erfc(ΛD)/D.
        let first = -(rest / d + slope) / d;
        let second = 2.0 * (rest / d + slope) / (d * d) + 2.0 * lambda * lambda * slope;
        let bent = y * y.transpose() * ((second - first / d) / (d * d)) + inverse * (first / d);
        let coulomb = self.long_range.factor.unwrap_or(COULOMB_EV_A);
        let born = &self.long_range.born;
        -(born[i].transpose() * bent * born[j]) * (coulomb / epsilon.determinant().sqrt())
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::Complex;

    use super::*;
    use crate::crystal::{Cell, LongRange};

    /// Long and short part together are the same wherever the Gaussian parts them.
    #[test]
    fn the_whole_does_not_depend_on_the_gaussian() {
        let lattice = Matrix3::new(4.1, 0.3, 0.2, 0.0, 4.5, -0.4, 0.1, 0.0, 5.2);
        let cell = Cell {
            lattice,
            positions: vec![Vector3::zeros(), Vector3::repeat(0.5)],
            symbols: vec!["Na".into(), "Cl".into()],
            masses: vec![23.0, 35.5],
        };
        let born = Matrix3::new(1.1, 0.1, 0.0, -0.05, 0.9, 0.2, 0.1, 0.0, 1.3);
        let dielectric = Matrix3::new(2.3, 0.1, 0.0, 0.1, 2.8, 0.2, 0.0, 0.2, 3.1);
        let long_range = LongRange {
            born: vec![born, -born],
            dielectric,
            factor: None,
            total: Matrix3::zeros(),
            changed: 0.0,
        };
        let q = Vector3::new(0.31, -0.12, 0.27);
        let whole = |width: f64| {
            let part = DipoleDipole::with_width(&cell, &long_range, width).unwrap();
            let mut phi = part.at(&q, None);
            let reach = part.reach_of_near();
            let cells = (reach / 3.5).ceil() as i32 + 1;
            for i in 0..2 {
                for j in 0..2 {
                    for n in 0..(2 * cells + 1).pow(3) {
                        let side = 2 * cells + 1;
                        let shift = Vector3::new(n / side / side, n / side % side, n % side)
                            .map(|x| f64::from(x - cells));
                        let vector = lattice * shift + part.sites[j] - part.sites[i];
                        if vector.norm() < 1e-6 || vector.norm() > 1.3 * reach {
                            continue;
                        }
                        let near = part.near(i, j, &vector);
                        let phase = Complex::new(0.0, q.dot(&vector)).exp();
                        for a in 0..3 {
                            for b in 0..3 {
                                phi[(3 * i + a, 3 * j + b)] += phase * near[(a, b)];
                                // The sum rule, whose symmetric part is kept.
                                phi[(3 * i + a, 3 * i + b)] -= 0.5 * (near[(a, b)] + near[(b, a)]);
                            }
                        }
                    }
                }
            }
            phi
        };
        let (one, other) = (whole(1.5), whole(3.0));
        let size = one.iter().map(|z| z.norm()).fold(0.0, f64::max);
        let off = (&one - &other).iter().map(|z| z.norm()).fold(0.0, f64::max);
        assert!(size > 0.1 && off < 1e-8 * size, "{off} of {size}");
    }
}
