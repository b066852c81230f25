//! Square roots of displacement correlations, A Aᴴ = C, and their adjoints, for small complex matrices.
//!
//! Classical: Φ = L Lᴴ, A = √(k_BT) L^{-H}, upper triangular. From dA = −A Ψᴴ with
//! Ψ = half-lower(L⁻¹ dΦ L⁻ᴴ) follows the adjoint Φ̄ = −½ A (K + Kᴴ) Aᴴ / k_BT, where K is the upper
//! triangle of Aᴴ Ā with its diagonal halved: H̄ = ½ L⁻ᴴ(P + Pᴴ)L⁻¹ in terms of A.
//!
//! Quantum: A = M^{-1/2} √g(D), the square root being Hermitian: D = V Λ Vᴴ, √g(D) = V √g(Λ) Vᴴ.
//! Its adjoint is the Daleckii–Krein formula with the divided differences of √g, which are those of g
//! over √g(λ₁) + √g(λ₂): no cancellation.

use nalgebra::{Complex, DMatrix};

use crate::thermal::{Oscillator, Statistics, Thermal};

pub type C64 = Complex<f64>;

/// A with A Aᴴ = C, and what its adjoint needs.
#[derive(Debug, Clone)]
pub struct Root {
    /// Å per unit normal number.
    pub a: DMatrix<C64>,
    spectrum: Option<Spectrum>,
}

#[derive(Debug, Clone)]
struct Spectrum {
    values: Vec<f64>,
    vectors: DMatrix<C64>,
}

impl Root {
    /// No displacement.
    pub fn zero(d: usize) -> Self {
        Root { a: DMatrix::zeros(d, d), spectrum: None }
    }
}

/// Which root, of matrices of one size.
#[derive(Debug, Clone)]
pub struct Rooting {
    statistics: Statistics,
    kt: f64,
    oscillator: Oscillator,
    /// 1/√m of each coordinate.
    inverse_root_mass: Vec<f64>,
}

impl Rooting {
    pub fn new(thermal: &Thermal) -> Self {
        let roots = thermal.masses.iter().flat_map(|m| [1.0 / m.sqrt(); 3]);
        Rooting {
            statistics: thermal.statistics,
            kt: thermal.kt(),
            oscillator: thermal.oscillator(),
            inverse_root_mass: roots.collect(),
        }
    }

    /// `None` when Φ is not positive definite. A is real when Φ is.
    pub fn root(&self, phi: &DMatrix<C64>) -> Option<Root> {
        match self.statistics {
            Statistics::Classical => {
                let a = inverse_factor(phi, self.kt.sqrt())?;
                Some(Root { a, spectrum: None })
            }
            Statistics::Quantum => {
                let m = &self.inverse_root_mass;
                let d = DMatrix::from_fn(m.len(), m.len(), |i, j| phi[(i, j)] * (m[i] * m[j]));
                let eigen = d.symmetric_eigen();
                let values: Vec<f64> = eigen.eigenvalues.iter().copied().collect();
                if values.iter().any(|l| l.is_nan() || *l <= 0.0) {
                    return None;
                }
                let vectors = eigen.eigenvectors;
                let roots: Vec<f64> =
                    values.iter().map(|l| self.oscillator.value(&self.oscillator.level(*l)).sqrt()).collect();
                let a = DMatrix::from_fn(m.len(), m.len(), |i, j| {
                    let sum: C64 =
                        (0..m.len()).map(|k| vectors[(i, k)] * vectors[(j, k)].conj() * roots[k]).sum();
                    sum * m[i]
                });
                Some(Root { a, spectrum: Some(Spectrum { values, vectors }) })
            }
        }
    }

    /// Hermitian Φ̄ with Re tr(Āᴴ dA) = Re tr(Φ̄ dΦ).
    pub fn adjoint(&self, root: &Root, a_bar: &DMatrix<C64>) -> DMatrix<C64> {
        match &root.spectrum {
            None => {
                let mut k = root.a.ad_mul(a_bar);
                halve_upper(&mut k, C64::from(0.0));
                let half = &root.a * k * root.a.adjoint();
                (&half + half.adjoint()) * C64::from(-0.5 / self.kt)
            }
            Some(Spectrum { values, vectors }) => {
                let m = &self.inverse_root_mass;
                let scaled = DMatrix::from_fn(m.len(), m.len(), |i, j| a_bar[(i, j)] * m[i]);
                let differences = root_differences(&self.oscillator, values);
                let mut middle = vectors.ad_mul(&(scaled * vectors));
                middle.zip_apply(&differences, |x, d| *x *= d);
                let half = vectors * middle * vectors.adjoint();
                DMatrix::from_fn(m.len(), m.len(), |i, j| {
                    (half[(i, j)] + half[(j, i)].conj()) * (0.5 * m[i] * m[j])
                })
            }
        }
    }
}

/// (√g(λ_i) − √g(λ_j))/(λ_i − λ_j).
pub fn root_differences(oscillator: &Oscillator, values: &[f64]) -> DMatrix<f64> {
    let levels: Vec<_> = values.iter().map(|l| oscillator.level(*l)).collect();
    let roots: Vec<f64> = levels.iter().map(|l| oscillator.value(l).sqrt()).collect();
    DMatrix::from_fn(values.len(), values.len(), |i, j| {
        oscillator.divided_difference(&levels[i], &levels[j]) / (roots[i] + roots[j])
    })
}

/// Keeps the upper triangle, with half of the diagonal.
pub fn halve_upper<T: nalgebra::Scalar + Copy + std::ops::MulAssign + From<f64>>(
    k: &mut DMatrix<T>,
    zero: T,
) {
    k.fill_lower_triangle(zero, 1);
    for i in 0..k.nrows() {
        k[(i, i)] *= T::from(0.5);
    }
}

/// `scale` L^{-H} for Φ = L Lᴴ.
fn inverse_factor(phi: &DMatrix<C64>, scale: f64) -> Option<DMatrix<C64>> {
    let d = phi.nrows();
    let mut l = DMatrix::<C64>::zeros(d, d);
    for j in 0..d {
        for i in j..d {
            let sum: C64 = (0..j).map(|k| l[(i, k)] * l[(j, k)].conj()).sum();
            let rest = phi[(i, j)] - sum;
            if i == j {
                if rest.re.is_nan() || rest.re <= 0.0 {
                    return None;
                }
                l[(j, j)] = C64::from(rest.re.sqrt());
            } else {
                l[(i, j)] = rest / l[(j, j)].re;
            }
        }
    }
    // Row by row of X = L⁻¹; A = scale Xᴴ.
    let mut a = DMatrix::<C64>::zeros(d, d);
    for j in 0..d {
        for i in j..d {
            let sum: C64 = (j..i).map(|k| l[(i, k)] * a[(j, k)].conj()).sum();
            let unit = if i == j { scale } else { 0.0 };
            a[(j, i)] = ((C64::from(unit) - sum) / l[(i, i)].re).conj();
        }
    }
    Some(a)
}
