//! C(k) at one wave vector together with its linearisation, by diagonalisation: what a mesh keeps
//! when both are needed for many directions.
//!
//! C = V g(λ) Vᴴ with the columns of V = M^{-1/2} × eigenvectors of D, and
//! ∂C = V [g[λ_i, λ_j] ∘ (Vᴴ ∂Φ V)] Vᴴ with divided differences g[·,·] (Daleckii–Krein). The map
//! ∂Φ → ∂C is its own adjoint under Re tr.

use nalgebra::{Complex, DMatrix, Matrix3, Vector3};

use super::{Oscillator, Statistics, Thermal};
use crate::base::parallel::Wire;

type C64 = Complex<f64>;

/// g(λ) = kT/λ, or that of the quantum oscillator.
#[derive(Debug, Clone, Copy)]
enum Amplitude {
    Classical(f64),
    Quantum(Oscillator),
}

impl Amplitude {
    fn new(thermal: &Thermal) -> Self {
        match thermal.statistics {
            Statistics::Classical => Amplitude::Classical(thermal.kt()),
            Statistics::Quantum => Amplitude::Quantum(thermal.oscillator()),
        }
    }

    fn value(&self, l: f64) -> f64 {
        match self {
            Amplitude::Classical(kt) => kt / l,
            Amplitude::Quantum(o) => o.value(&o.level(l)),
        }
    }

    fn divided_difference(&self, l: f64, m: f64) -> f64 {
        match self {
            Amplitude::Classical(kt) => -kt / (l * m),
            Amplitude::Quantum(o) => o.divided_difference(&o.level(l), &o.level(m)),
        }
    }
}

impl Thermal {
    /// g(λ) of a level λ > 0 of D (eV/(Å² amu)), Å² amu: the mean square of its mass-weighted coordinate.
    pub fn amplitude(&self, level: f64) -> f64 {
        Amplitude::new(self).value(level)
    }
}

/// The linearisation at one wave vector.
pub(super) enum Modes {
    /// One atom per cell: Φ is real.
    Monatomic {
        vectors: Matrix3<f64>,
        divided: Matrix3<f64>,
    },
    General {
        vectors: DMatrix<C64>,
        divided: DMatrix<f64>,
    },
    /// Γ of a crystal with one atom per cell, where only the translations are: C = 0.
    Nothing,
}

impl Modes {
    /// C and its linearisation for a real 3 × 3 Φ; `None` when it is not positive definite.
    pub fn monatomic(phi: &Matrix3<f64>, thermal: &Thermal) -> Option<(Matrix3<f64>, Self)> {
        let mass = thermal.masses[0];
        let eigen = (phi / mass).symmetric_eigen();
        let l = eigen.eigenvalues;
        if l.iter().any(|l| l.is_nan() || *l <= 0.0) {
            return None;
        }
        let amplitude = Amplitude::new(thermal);
        let vectors = eigen.eigenvectors / mass.sqrt();
        let g = Vector3::from_fn(|i, _| amplitude.value(l[i]));
        let divided = Matrix3::from_fn(|i, j| amplitude.divided_difference(l[i], l[j]));
        Some((
            vectors * Matrix3::from_diagonal(&g) * vectors.transpose(),
            Modes::Monatomic { vectors, divided },
        ))
    }

    /// The same for any number of atoms. With `translations_removed` (at Γ) the three uniform
    /// translations are left out, which are √m_s in every D; optical modes stay.
    pub fn general(
        phi: &DMatrix<C64>,
        thermal: &Thermal,
        translations_removed: bool,
    ) -> Option<(DMatrix<C64>, Self)> {
        let d = phi.nrows();
        let root = |i: usize| thermal.masses[i / 3].sqrt();
        let mut dynamical = DMatrix::from_fn(d, d, |i, j| phi[(i, j)] / (root(i) * root(j)));
        let total: f64 = thermal.masses.iter().sum();
        let stiff = dynamical.trace().re.abs().max(1e-12);
        if translations_removed {
            // Moved far above the optical modes, where they are told apart and dropped.
            for i in 0..d {
                for j in (i % 3..d).step_by(3) {
                    dynamical[(i, j)] += C64::from(4.0 * stiff * root(i) * root(j) / total);
                }
            }
        }
        let eigen = dynamical.symmetric_eigen();
        let keep: Vec<usize> =
            (0..d).filter(|&j| !translations_removed || eigen.eigenvalues[j] < 2.0 * stiff).collect();
        let l: Vec<f64> = keep.iter().map(|&j| eigen.eigenvalues[j]).collect();
        if l.iter().any(|l| l.is_nan() || *l <= 0.0) {
            return None;
        }
        let amplitude = Amplitude::new(thermal);
        let vectors = DMatrix::from_fn(d, l.len(), |i, j| eigen.eigenvectors[(i, keep[j])] / root(i));
        let weighted = DMatrix::from_fn(d, l.len(), |i, j| vectors[(i, j)] * amplitude.value(l[j]));
        let divided = DMatrix::from_fn(l.len(), l.len(), |i, j| amplitude.divided_difference(l[i], l[j]));
        Some((weighted * vectors.adjoint(), Modes::General { vectors, divided }))
    }

    /// ∂C for ∂Φ, or the adjoint of Φ for that of C; real 3 × 3.
    pub fn apply_monatomic(&self, m: &Matrix3<f64>) -> Matrix3<f64> {
        match self {
            Modes::Monatomic { vectors, divided } => {
                let middle = (vectors.transpose() * m * vectors).component_mul(divided);
                vectors * middle * vectors.transpose()
            }
            _ => Matrix3::zeros(),
        }
    }

    /// The same for any number of atoms.
    pub fn apply(&self, m: &DMatrix<C64>) -> DMatrix<C64> {
        match self {
            Modes::General { vectors, divided } => {
                let adjoint = vectors.adjoint();
                let rotated = product(&adjoint, &sparse_product(m, vectors));
                let middle = rotated.zip_map(divided, |z, x| z * x);
                product(&product(vectors, &middle), &adjoint)
            }
            _ => DMatrix::zeros(m.nrows(), m.ncols()),
        }
    }
}

/// m v where most of m is zero: a constant joins few atoms.
fn sparse_product(m: &DMatrix<C64>, v: &DMatrix<C64>) -> DMatrix<C64> {
    let d = m.nrows();
    let elements: Vec<(usize, usize, C64)> =
        (0..d * m.ncols()).map(|n| (n % d, n / d, m[n])).filter(|(_, _, z)| *z != C64::default()).collect();
    if 2 * elements.len() > m.len() {
        return product(m, v);
    }
    let mut out = DMatrix::zeros(d, v.ncols());
    for (mut out, v) in out.column_iter_mut().zip(v.column_iter()) {
        for (i, j, z) in &elements {
            out[*i] += z * v[*j];
        }
    }
    out
}

/// a b by products of real matrices, (a | a')(b −b'; b' b) with real and imaginary parts apart, which go through wider
/// registers than complex ones.
fn product(a: &DMatrix<C64>, b: &DMatrix<C64>) -> DMatrix<C64> {
    if cfg!(target_arch = "wasm32") {
        return a * b;
    }
    let (rows, inner, columns) = (a.nrows(), a.ncols(), b.ncols());
    let mut left = DMatrix::zeros(rows, 2 * inner);
    for (n, z) in a.iter().enumerate() {
        (left[n], left[rows * inner + n]) = (z.re, z.im);
    }
    let mut right = DMatrix::zeros(2 * inner, 2 * columns);
    for j in 0..columns {
        for i in 0..inner {
            let C64 { re, im } = b[(i, j)];
            (right[(i, j)], right[(inner + i, j)]) = (re, -im);
            (right[(i, columns + j)], right[(inner + i, columns + j)]) = (im, re);
        }
    }
    let both = left * right;
    DMatrix::from_fn(rows, columns, |i, j| C64::new(both[(i, j)], both[(i, columns + j)]))
}

impl Wire for Modes {
    fn put(&self, out: &mut Vec<f64>) {
        match self {
            Modes::Nothing => out.push(0.0),
            Modes::Monatomic { vectors, divided } => {
                out.push(1.0);
                out.extend(vectors.iter().chain(divided));
            }
            Modes::General { vectors, divided } => {
                out.extend([2.0, vectors.nrows() as f64, vectors.ncols() as f64]);
                out.extend(vectors.iter().flat_map(|z| [z.re, z.im]));
                out.extend(divided);
            }
        }
    }

    fn take(from: &mut &[f64]) -> Self {
        match f64::take(from) {
            1.0 => {
                let [vectors, divided] =
                    [(); 2].map(|()| Matrix3::from_column_slice(&<[f64; 9]>::take(from)));
                Modes::Monatomic { vectors, divided }
            }
            2.0 => {
                let [rows, columns] = <[f64; 2]>::take(from).map(|n| n as usize);
                let mut next = |n: usize| -> Vec<f64> { (0..n).map(|_| f64::take(from)).collect() };
                let parts = next(2 * rows * columns);
                let complex = parts.chunks_exact(2).map(|z| C64::new(z[0], z[1]));
                Modes::General {
                    vectors: DMatrix::from_iterator(rows, columns, complex),
                    divided: DMatrix::from_vec(columns, columns, next(columns * columns)),
                }
            }
            _ => Modes::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_parts_are_those_of_complex_matrices() {
        let number = |n: usize| C64::new((n as f64 * 0.618).fract() - 0.5, (n as f64 * 0.414).fract() - 0.5);
        let a = DMatrix::from_fn(12, 9, |i, j| number(9 * i + j));
        let b = DMatrix::from_fn(9, 7, |i, j| number(5 * i + 3 * j + 1));
        let few = DMatrix::from_fn(12, 9, |i, j| if (i + j) % 5 == 0 { a[(i, j)] } else { C64::default() });
        for (found, expected) in [
            (product(&a, &b), &a * &b),
            (sparse_product(&few, &b), &few * &b),
            (sparse_product(&a, &b), &a * &b),
        ] {
            assert!((found - expected).map(|z| z.norm()).max() < 1e-14);
        }
    }
}
