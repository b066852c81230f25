//! I = aᴴ C(q) a and its adjoint K = ∂I/∂Φ for any number of atoms.

use nalgebra::{Complex, DMatrix, DVector};

use super::{Statistics, Thermal};

type C64 = Complex<f64>;

/// A quadratic form in the displacement correlations.
#[derive(Debug, Clone)]
pub struct QuadraticForm {
    /// aᴴ C a, in Å² times the units of |a|².
    pub value: f64,
    /// C a.
    pub c_a: DVector<C64>,
    /// Hermitian K with ∂(aᴴ C a) = Re tr(K ∂Φ).
    pub adjoint: DMatrix<C64>,
}

/// C(q), Å²; `None` when Φ is not positive definite.
pub fn correlation(phi: &DMatrix<C64>, thermal: &Thermal) -> Option<DMatrix<C64>> {
    match thermal.statistics {
        Statistics::Classical => Some(inverse(phi)? * C64::from(thermal.kt())),
        Statistics::Quantum => {
            let spectrum = Spectrum::new(phi, thermal)?;
            let g = spectrum.levels.iter().map(|l| C64::from(spectrum.oscillator.value(l)));
            let scaled = &spectrum.vectors * DMatrix::from_diagonal(&DVector::from_iterator(phi.nrows(), g));
            Some(scaled * spectrum.vectors.adjoint())
        }
    }
}

/// aᴴ C(q) a with its adjoint; `None` when Φ is not positive definite.
pub fn quadratic_form(phi: &DMatrix<C64>, a: &DVector<C64>, thermal: &Thermal) -> Option<QuadraticForm> {
    match thermal.statistics {
        Statistics::Classical => {
            let kt = thermal.kt();
            let x = cholesky(phi)?.solve(a);
            let c_a = &x * C64::from(kt);
            let adjoint = &x * x.adjoint() * C64::from(-kt);
            Some(QuadraticForm { value: a.dotc(&c_a).re, c_a, adjoint })
        }
        Statistics::Quantum => {
            let s = Spectrum::new(phi, thermal)?;
            let b = s.vectors.ad_mul(a);
            let g: Vec<f64> = s.levels.iter().map(|l| s.oscillator.value(l)).collect();
            let c_a = &s.vectors * DVector::from_fn(b.len(), |j, _| b[j] * g[j]);
            let middle = DMatrix::from_fn(b.len(), b.len(), |j, k| b[j] * b[k].conj() * s.divided(j, k));
            let adjoint = &s.vectors * middle * s.vectors.adjoint();
            Some(QuadraticForm { value: a.dotc(&c_a).re, c_a, adjoint })
        }
    }
}

/// Adjoints K_k of tr(E_k C) for several Hermitian weights E_k, with the values.
pub(super) fn traces(
    phi: &DMatrix<C64>,
    weights: &[DMatrix<C64>],
    thermal: &Thermal,
) -> Option<Vec<(f64, DMatrix<C64>)>> {
    let trace = |m: DMatrix<C64>| m.trace().re;
    match thermal.statistics {
        Statistics::Classical => {
            let kt = C64::from(thermal.kt());
            let x = inverse(phi)?;
            Some(weights.iter().map(|e| (trace(e * &x * kt), &x * e * &x * -kt)).collect())
        }
        Statistics::Quantum => {
            let s = Spectrum::new(phi, thermal)?;
            let n = phi.nrows();
            let results = weights.iter().map(|e| {
                let rotated = s.vectors.ad_mul(&(e * &s.vectors));
                let value = (0..n).map(|j| rotated[(j, j)].re * s.oscillator.value(&s.levels[j])).sum();
                let middle = DMatrix::from_fn(n, n, |j, k| rotated[(j, k)] * s.divided(j, k));
                (value, &s.vectors * middle * s.vectors.adjoint())
            });
            Some(results.collect())
        }
    }
}

fn cholesky(phi: &DMatrix<C64>) -> Option<nalgebra::Cholesky<C64, nalgebra::Dyn>> {
    // The complex Cholesky of nalgebra takes a complex square root of each pivot and so does not
    // notice that one is negative: the diagonal of the factor tells.
    let factor = phi.clone().cholesky()?;
    let definite = factor.l_dirty().diagonal().iter().all(|p| p.re > 0.0 && p.im.abs() <= 1e-9 * p.re);
    definite.then_some(factor)
}

fn inverse(phi: &DMatrix<C64>) -> Option<DMatrix<C64>> {
    Some(cholesky(phi)?.inverse())
}

/// Eigenvalues of D with the vectors of M^{-1/2}.
struct Spectrum {
    oscillator: super::Oscillator,
    levels: Vec<super::oscillator::Level>,
    /// M^{-1/2} V: columns.
    vectors: DMatrix<C64>,
}

impl Spectrum {
    fn new(phi: &DMatrix<C64>, thermal: &Thermal) -> Option<Self> {
        let root = |i: usize| 1.0 / thermal.masses[i / 3].sqrt();
        let d = DMatrix::from_fn(phi.nrows(), phi.ncols(), |i, j| phi[(i, j)] * (root(i) * root(j)));
        let eigen = d.symmetric_eigen();
        if eigen.eigenvalues.iter().any(|l| l.is_nan() || *l <= 0.0) {
            return None;
        }
        let oscillator = thermal.oscillator();
        let levels = eigen.eigenvalues.iter().map(|l| oscillator.level(*l)).collect();
        let mut vectors = eigen.eigenvectors;
        for i in 0..vectors.nrows() {
            vectors.row_mut(i).iter_mut().for_each(|v| *v *= root(i));
        }
        Some(Spectrum { oscillator, levels, vectors })
    }

    fn divided(&self, j: usize, k: usize) -> f64 {
        self.oscillator.divided_difference(&self.levels[j], &self.levels[k])
    }
}
