//! Φ(q) and D(q) at one wave vector.

use nalgebra::{Complex, DMatrix, Vector3};

use crate::ifc::ForceConstants;

/// Φ(q), 3n × 3n, eV/Å², Hermitian; q Cartesian, Å⁻¹.
pub fn force_constant_matrix(fc: &ForceConstants, q: &Vector3<f64>) -> DMatrix<Complex<f64>> {
    force_constants_towards(fc, q, None)
}

/// The same at a point of the reciprocal lattice as seen from a direction, on which it depends in a polar crystal.
fn force_constants_towards(
    fc: &ForceConstants,
    q: &Vector3<f64>,
    towards: Option<&Vector3<f64>>,
) -> DMatrix<Complex<f64>> {
    let d = 3 * fc.n_atoms;
    let mut m = DMatrix::zeros(d, d);
    for (i, j, _, vector, phi) in &fc.pairs {
        let phase = Complex::cis(q.dot(vector));
        for a in 0..3 {
            for b in 0..3 {
                m[(3 * i + a, 3 * j + b)] += phase * phi[(a, b)];
            }
        }
    }
    // Force constants from a file need not be exactly symmetric; the physics is.
    let m = (&m + m.adjoint()) * Complex::new(0.5, 0.0);
    match fc.long_range() {
        Some(dipoles) => m + dipoles.at(q, towards),
        None => m,
    }
}

/// D(q) = M^{-1/2} Φ(q) M^{-1/2}, eV/(Å² amu); masses in amu.
pub fn dynamical_matrix(fc: &ForceConstants, masses: &[f64], q: &Vector3<f64>) -> DMatrix<Complex<f64>> {
    dynamical_matrix_towards(fc, masses, q, None)
}

/// The same as it is when q comes from a direction: in a polar crystal, at a point of the reciprocal lattice, longitudinal
/// optical modes along it are stiffer by the field that they make. Without a direction there is no field.
pub fn dynamical_matrix_towards(
    fc: &ForceConstants,
    masses: &[f64],
    q: &Vector3<f64>,
    towards: Option<&Vector3<f64>>,
) -> DMatrix<Complex<f64>> {
    let mut m = force_constants_towards(fc, q, towards);
    for i in 0..m.nrows() {
        for j in 0..m.ncols() {
            m[(i, j)] /= Complex::new((masses[i / 3] * masses[j / 3]).sqrt(), 0.0);
        }
    }
    m
}

/// Largest violation of the acoustic sum rule, |Σ_s'R Φ_ss'(R)|, eV/Å².
pub fn acoustic_sum(fc: &ForceConstants) -> f64 {
    let mut sums = vec![nalgebra::Matrix3::<f64>::zeros(); fc.n_atoms];
    for (i, _, _, _, phi) in &fc.pairs {
        sums[*i] += phi;
    }
    sums.iter().map(|m| m.amax()).fold(0.0, f64::max)
}
