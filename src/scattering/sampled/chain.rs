//! Six atoms in a row between two walls: small enough that every number on the way from springs to an intensity and
//! back can be shown. The factor and its adjoint are those of the dense sampler.
//!
//! H = k₁K₁ + k₂K₂ of the springs between neighbours, the walls among them, and between second neighbours; H = L Lᵀ,
//! u = √(k_BT) L^{-T} z, I = |Σ_j e^{iQ(ja + u_j)}|²/6. Backwards: ū = ∂I/∂u, w = L⁻¹ū, L̄ = −lower(u wᵀ),
//! H̄ = ½ L^{-T}(P + Pᵀ)L⁻¹ with P = lower(LᵀL̄), its diagonal halved, k̄ = tr(H̄K).

use nalgebra::{Complex, SMatrix, SVector};

use super::{cholesky, noise};
use crate::units::BOLTZMANN_EV_K;

/// Atoms of the chain.
pub const ATOMS: usize = 6;

/// A number for each atom.
pub type Row = SVector<f64, ATOMS>;
/// A number for each pair of atoms.
pub type Square = SMatrix<f64, ATOMS, ATOMS>;

/// The chain at one temperature, seen at one Q.
#[derive(Debug, Clone, Copy)]
pub struct Chain {
    /// k_BT, eV.
    pub kt: f64,
    /// Q·a: the phase from one atom to the next.
    pub phase: f64,
    /// Distance a of neighbours, Å.
    pub spacing: f64,
}

/// Every number of one snapshot, forwards and backwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Film {
    /// H, eV/Å².
    pub hessian: Square,
    /// L, lower triangle, √(eV)/Å.
    pub factor: Square,
    /// u, Å.
    pub displacements: Row,
    /// I, of one electron on each atom.
    pub intensity: f64,
    /// ∂I/∂u, 1/Å.
    pub of_displacements: Row,
    /// w = L⁻¹ ∂I/∂u.
    pub solved: Row,
    /// ∂I/∂L, lower triangle.
    pub of_factor: Square,
    /// ∂I/∂H, symmetric: a change of H by a symmetric δ changes I by tr(H̄δ).
    pub of_hessian: Square,
    /// ∂I/∂k₁ and ∂I/∂k₂, Å²/eV.
    pub of_springs: [f64; 2],
}

impl Chain {
    /// The chain at a temperature (K), neighbours `spacing` (Å) apart, seen at Q = 2π·`h`/spacing.
    pub fn new(temperature: f64, spacing: f64, h: f64) -> Self {
        Chain { kt: BOLTZMANN_EV_K * temperature, phase: 2.0 * std::f64::consts::PI * h, spacing }
    }

    /// Six normal numbers: the same for the same seed, everywhere.
    pub fn draw(seed: u64) -> Row {
        let mut z = [0.0; ATOMS];
        noise::standard_normal(seed, 0, &mut z);
        z.into()
    }

    /// K₁ and K₂: H of springs of strength one between neighbours and walls, and between second neighbours.
    pub fn unit_hessians() -> [Square; 2] {
        let springs = |reach: usize| {
            let mut k = Square::zeros();
            for i in 0..ATOMS - reach {
                let j = i + reach;
                k[(i, i)] += 1.0;
                k[(j, j)] += 1.0;
                k[(i, j)] -= 1.0;
                k[(j, i)] -= 1.0;
            }
            k
        };
        let mut first = springs(1);
        first[(0, 0)] += 1.0;
        first[(ATOMS - 1, ATOMS - 1)] += 1.0;
        [first, springs(2)]
    }

    /// I and ∂I/∂u (1/Å) of displaced atoms.
    pub fn intensity(&self, displacements: &Row) -> (f64, Row) {
        let q = self.phase / self.spacing;
        let wave = |j: usize| Complex::from_polar(1.0, self.phase * j as f64 + q * displacements[j]);
        let sum: Complex<f64> = (0..ATOMS).map(wave).sum();
        let n = ATOMS as f64;
        let slope = Row::from_fn(|j, _| 2.0 * (sum.conj() * wave(j) * Complex::i() * q).re / n);
        (sum.norm_sqr() / n, slope)
    }

    /// The snapshot that six normal numbers give, k₁ and k₂ in eV/Å²; `None` where the springs do not hold the chain.
    pub fn film(&self, springs: [f64; 2], z: &Row) -> Option<Film> {
        let units = Self::unit_hessians();
        let hessian = units[0] * springs[0] + units[1] * springs[1];
        let inverse = cholesky::inverse_factor(nalgebra::convert(hessian))?;
        let fixed = Square::from_fn(|i, j| inverse[(i, j)]);
        let scale = self.kt.sqrt();
        let displacements = fixed.transpose() * z * scale;
        let (intensity, of_displacements) = self.intensity(&displacements);
        let solved = fixed * of_displacements;
        let samples = (nalgebra::convert(of_displacements), nalgebra::convert(z.transpose()));
        let half = cholesky::adjoint(&inverse, samples.0, &samples.1) * -scale;
        let of_hessian = Square::from_fn(|i, j| 0.5 * (half[(i, j)] + half[(j, i)]));
        Some(Film {
            hessian,
            factor: (hessian * fixed.transpose()).lower_triangle(),
            displacements,
            intensity,
            of_displacements,
            solved,
            of_factor: -(displacements * solved.transpose()).lower_triangle(),
            of_hessian,
            of_springs: units.map(|unit| unit.dot(&of_hessian)),
        })
    }
}
