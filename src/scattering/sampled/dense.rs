//! Displacements of a periodic supercell drawn from its whole Hessian H, as the method's authors do:
//! R. Suchan, S. Mohanty, H. Zhai & W. Cai, arXiv:2603.28683.
//!
//! Classical: H′ = ΠHΠ + σEEᵀ (see [`Translations`]) with σ = tr H/dim, the mean stiffness;
//! H′ = L Lᵀ, u = √(k_BT) Π L^{-T} z. The covariance is k_BT Π H′⁻¹ Π = k_BT H⁺: the pseudo-inverse,
//! in which only the uniform translations (1, 1, 1, …)/√(N n) are missing. Adjoint of the Cholesky
//! factor: H̄′ = ½ L^{-T}(P + Pᵀ)L^{-1}, P = lower(LᵀL̄) with its diagonal halved. For u = L^{-T} z,
//! L̄ = −lower(u wᵀ) with w = L⁻¹ū, so that P = −half-lower(z wᵀ): L̄ itself is never needed.
//!
//! Quantum: D = M^{-1/2} H M^{-1/2}, D′ = V Λ Vᵀ deflated alike in mass-weighted coordinates,
//! u = M^{-1/2} Π V √g(Λ) Vᵀ z, with the Daleckii–Krein adjoint.

use nalgebra::{DMatrix, Vector3};

use super::cholesky;
use super::hessian::Hessian;
use super::root::root_differences;
use super::translations::Translations;
use crate::crystal::supercell::Supercell;
use crate::ifc::LinearForceConstants;
use crate::thermal::{Oscillator, Statistics, Thermal};

/// The dense path for one crystal, supercell and temperature.
#[derive(Debug, Clone)]
pub struct Dense {
    hessian: Hessian,
    statistics: Statistics,
    kt: f64,
    oscillator: Oscillator,
    translations: Translations,
    /// S in u = S x: 1 (classical) or 1/√m of each coordinate.
    scale: Vec<f64>,
}

/// What follows from θ.
#[derive(Debug)]
pub enum DenseFactor {
    /// L⁻¹.
    Classical(DMatrix<f64>),
    /// Eigenvalues and eigenvectors of D′.
    Quantum(Vec<f64>, DMatrix<f64>),
}

impl Dense {
    pub fn new(family: &LinearForceConstants, thermal: &Thermal, supercell: &Supercell) -> Self {
        let scales = supercell.types.iter().map(|s| match thermal.statistics {
            Statistics::Classical => 1.0,
            Statistics::Quantum => 1.0 / thermal.masses[*s].sqrt(),
        });
        Dense {
            hessian: Hessian::new(family, supercell),
            statistics: thermal.statistics,
            kt: thermal.kt(),
            oscillator: thermal.oscillator(),
            translations: Translations::new(scales.clone().map(|s| 1.0 / s)),
            scale: scales.flat_map(|s| [s; 3]).collect(),
        }
    }

    /// Bytes that are held at most while samples are drawn or differentiated, without the samples.
    pub fn bytes(n_sites: u64) -> u64 {
        // Factor, H̄ and what the products between them need.
        (3 * n_sites).pow(2) * 8 * 7
    }

    fn n(&self) -> usize {
        self.scale.len()
    }

    /// `None` when H is not positive definite beside the translations.
    pub fn factor(&self, theta: &[f64]) -> Option<DenseFactor> {
        let mut h = self.hessian.at(theta);
        self.rescale(&mut h);
        let sigma = h.trace() / self.n() as f64;
        self.translations.deflate(&mut h, sigma);
        match self.statistics {
            Statistics::Classical => Some(DenseFactor::Classical(cholesky::inverse_factor(h)?)),
            Statistics::Quantum => {
                let eigen = h.symmetric_eigen();
                let values: Vec<f64> = eigen.eigenvalues.iter().copied().collect();
                let positive = values.iter().all(|l| *l > 0.0);
                positive.then_some(DenseFactor::Quantum(values, eigen.eigenvectors))
            }
        }
    }

    /// H ← S H S.
    fn rescale(&self, h: &mut DMatrix<f64>) {
        if self.statistics == Statistics::Quantum {
            for (mut column, s) in h.column_iter_mut().zip(&self.scale) {
                column.iter_mut().zip(&self.scale).for_each(|(x, t)| *x *= s * t);
            }
        }
    }

    /// U ← Π S U or, `outwards`, S Π U.
    fn project(&self, u: &mut DMatrix<f64>, outwards: bool) {
        let scale = |u: &mut DMatrix<f64>| {
            u.column_iter_mut().for_each(|mut c| c.iter_mut().zip(&self.scale).for_each(|(x, s)| *x *= s));
        };
        if !outwards {
            scale(u);
        }
        self.translations.remove(u);
        if outwards {
            scale(u);
        }
    }

    /// √g of each eigenvalue.
    fn roots(&self, values: &[f64]) -> Vec<f64> {
        values.iter().map(|l| self.oscillator.value(&self.oscillator.level(*l)).sqrt()).collect()
    }

    /// Displacements of samples, Å, from `noise`: one sample after the other.
    pub fn displace(&self, factor: &DenseFactor, noise: &[f64], displacements: &mut [Vector3<f64>]) {
        let n = self.n();
        // Samples as rows: only products of plain matrices are fast.
        let z = DMatrix::from_column_slice(n, noise.len() / n, noise).transpose();
        let u = match factor {
            DenseFactor::Classical(inverse) => z * inverse * self.kt.sqrt(),
            DenseFactor::Quantum(values, vectors) => {
                let mut modes = z * vectors;
                for (mut mode, root) in modes.column_iter_mut().zip(self.roots(values)) {
                    mode *= root;
                }
                modes * vectors.transpose()
            }
        };
        let mut u = u.transpose();
        self.project(&mut u, true);
        for (vector, x) in displacements.iter_mut().zip(u.as_slice().chunks_exact(3)) {
            *vector = Vector3::new(x[0], x[1], x[2]);
        }
    }

    /// The derivative to θ from those to the displacements of all samples.
    pub fn pullback(&self, factor: &DenseFactor, noise: &[f64], cotangent: &[Vector3<f64>]) -> Vec<f64> {
        let n = self.n();
        let samples = noise.len() / n;
        let flat: Vec<f64> = cotangent.iter().flat_map(|v| [v.x, v.y, v.z]).collect();
        let mut u_bar = DMatrix::from_column_slice(n, samples, &flat);
        self.project(&mut u_bar, false);
        let z = DMatrix::from_column_slice(n, samples, noise).transpose();
        let mut adjoint = match factor {
            DenseFactor::Classical(inverse) => cholesky::adjoint(inverse, u_bar, &z) * -self.kt.sqrt(),
            DenseFactor::Quantum(values, vectors) => {
                let left = (u_bar.transpose() * vectors).transpose();
                let mut middle = left * (z * vectors);
                middle.component_mul_assign(&root_differences(&self.oscillator, values));
                vectors * middle * vectors.transpose()
            }
        };
        adjoint = (&adjoint + adjoint.transpose()) * 0.5;
        let sigma_bar = self.translations.project(&mut adjoint);
        for i in 0..n {
            adjoint[(i, i)] += sigma_bar / n as f64;
        }
        self.rescale(&mut adjoint);
        self.hessian.contract(&adjoint)
    }
}
