//! What the long-range part of the force constants of a polar crystal does close to Γ, for a model that leaves it out.
//!
//! Non-analytical term of D at q → 0 (M. Born & K. Huang, *Dynamical Theory of Crystal Lattices*, §9):
//! (4π e²/V) (q·Z_s)_α (q·Z_s')_β / (q·ε·q) / √(m_s m_s').

use nalgebra::{Matrix3, Vector3};

use super::dynamical_matrix;
use crate::crystal::LongRange;
use crate::ifc::ForceConstants;
use crate::units::{COULOMB_EV_A, THZ};

/// A frequency without and with the non-analytical term, THz.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Splitting {
    /// Frequency at Γ of the short-ranged constants, THz.
    pub without: f64,
    /// The same with the long-range part, THz.
    pub with: f64,
}

impl LongRange {
    /// The optical frequency at q → 0 that the term raises most, over the axes and diagonals of the
    /// Cartesian frame; `volume` of the primitive cell in Å³. `None` for another number of atoms.
    pub fn splitting(&self, fc: &ForceConstants, masses: &[f64], volume: f64) -> Option<Splitting> {
        if self.born.len() != fc.n_atoms {
            return None;
        }
        let mean = self.born.iter().sum::<Matrix3<f64>>() / fc.n_atoms as f64;
        let analytic = dynamical_matrix(fc, masses, &Vector3::zeros());
        let sorted = |d: &nalgebra::DMatrix<nalgebra::Complex<f64>>| {
            let mut f: Vec<f64> =
                d.symmetric_eigenvalues().iter().map(|l| THZ * l.signum() * l.abs().sqrt()).collect();
            crate::base::order::sort_floats(&mut f);
            f
        };
        let without = sorted(&analytic);
        let mut most = Splitting { without: 0.0, with: 0.0 };
        for n in 1..27 {
            let n = Vector3::new((n / 9) as f64 - 1.0, (n / 3 % 3) as f64 - 1.0, (n % 3) as f64 - 1.0);
            let screened = n.dot(&(self.dielectric * n));
            if n.norm() < 0.5 || screened <= 0.0 {
                continue;
            }
            let charge: Vec<Vector3<f64>> =
                self.born.iter().zip(masses).map(|(z, m)| (z - mean).transpose() * n / m.sqrt()).collect();
            let scale = 4.0 * std::f64::consts::PI * COULOMB_EV_A / volume / screened;
            let mut d = analytic.clone();
            for i in 0..d.nrows() {
                for j in 0..d.ncols() {
                    d[(i, j)] += scale * charge[i / 3][i % 3] * charge[j / 3][j % 3];
                }
            }
            for (with, without) in sorted(&d).into_iter().zip(&without) {
                if with - without > most.with - most.without {
                    most = Splitting { without: *without, with };
                }
            }
        }
        Some(most)
    }
}
