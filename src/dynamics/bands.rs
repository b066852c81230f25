//! Phonon frequencies, THz; an imaginary one is shown as negative.

use nalgebra::{DMatrix, Vector3};

use super::{PathPoint, dynamical_matrix_towards};
use crate::base::order::{order_by, sort_floats};
use crate::crystal::Crystal;
use crate::ifc::{ForceConstants, LinearForceConstants};
use crate::units::THZ;

/// Frequencies at `q` (Cartesian, Å⁻¹), THz, ascending.
pub fn frequencies(fc: &ForceConstants, masses: &[f64], q: &Vector3<f64>) -> Vec<f64> {
    frequencies_towards(fc, masses, q, None)
}

/// The same as q is reached along a direction, which counts at the points of the reciprocal lattice of a polar crystal.
pub fn frequencies_towards(
    fc: &ForceConstants,
    masses: &[f64],
    q: &Vector3<f64>,
    towards: Option<&Vector3<f64>>,
) -> Vec<f64> {
    let mut values: Vec<f64> = dynamical_matrix_towards(fc, masses, q, towards)
        .symmetric_eigenvalues()
        .iter()
        .map(|l| THZ * signed_sqrt(*l))
        .collect();
    sort_floats(&mut values);
    values
}

pub(super) fn signed_sqrt(x: f64) -> f64 {
    x.signum() * x.abs().sqrt()
}

/// Frequencies along a path.
#[derive(Debug, Clone, Default)]
pub struct BandStructure {
    /// Distance along the path, Å⁻¹; a gap between unjoined points has no length.
    pub distance: Vec<f64>,
    /// The points, reciprocal-lattice units of the input cell.
    pub hkl: Vec<[f64; 3]>,
    /// (distance, label) of the named points; labels of unjoined neighbours are merged.
    pub ticks: Vec<(f64, String)>,
    /// One list per branch, ascending at each point, THz.
    pub branches: Vec<Vec<f64>>,
    /// Standard uncertainty of each frequency, when a covariance was given.
    pub sigma: Option<Vec<Vec<f64>>>,
}

/// Frequencies along `path` with about `n_points` points; `covariance` (eV²/Å⁴) of θ gives their
/// standard uncertainties by first-order perturbation.
pub fn bands(
    crystal: &Crystal,
    family: &LinearForceConstants,
    theta: &[f64],
    path: &[PathPoint],
    n_points: usize,
    covariance: Option<&DMatrix<f64>>,
) -> BandStructure {
    let reciprocal = crystal.input.reciprocal();
    let masses = &crystal.primitive.masses;
    let fc = family.at(theta);
    let corners: Vec<Vector3<f64>> = path.iter().map(|p| reciprocal * p.hkl).collect();
    let legs = || (1..path.len()).filter(|&n| path[n].joined);
    let total: f64 = legs().map(|n| (corners[n] - corners[n - 1]).norm()).sum();
    let d = 3 * crystal.n_atoms();
    let mut out = BandStructure {
        distance: vec![],
        hkl: vec![],
        ticks: vec![],
        branches: vec![vec![]; d],
        sigma: covariance.map(|_| vec![vec![]; d]),
    };
    let mut at = 0.0;
    for (n, point) in path.iter().enumerate() {
        if !point.joined {
            match out.ticks.last_mut() {
                Some((_, label)) if *label != point.label => *label = format!("{label}|{}", point.label),
                Some(_) => {}
                None => out.ticks.push((at, point.label.clone())),
            }
            continue;
        }
        let leg = corners[n] - corners[n - 1];
        let steps = ((n_points as f64 * leg.norm() / total).round() as usize).max(2);
        // In a polar crystal Γ has other frequencies seen along the next leg.
        let splits = fc.long_range().is_some() && crystal.is_reciprocal_point(&corners[n - 1]);
        let first = usize::from(n > 1 && path[n - 1].joined && !splits);
        for k in first..=steps {
            let t = k as f64 / steps as f64;
            let q = corners[n - 1] + leg * t;
            out.distance.push(at + leg.norm() * t);
            out.hkl.push((path[n - 1].hkl + (point.hkl - path[n - 1].hkl) * t).into());
            push_point(&mut out, &fc, family, masses, (&q, &leg), covariance);
        }
        at += leg.norm();
        out.ticks.push((at, point.label.clone()));
    }
    out
}

fn push_point(
    out: &mut BandStructure,
    fc: &ForceConstants,
    family: &LinearForceConstants,
    masses: &[f64],
    (q, leg): (&Vector3<f64>, &Vector3<f64>),
    covariance: Option<&DMatrix<f64>>,
) {
    let Some(covariance) = covariance else {
        for (branch, f) in out.branches.iter_mut().zip(frequencies_towards(fc, masses, q, Some(leg))) {
            branch.push(f);
        }
        return;
    };
    let found = slopes_towards(fc, family, masses, q, Some(leg));
    for (branch, (frequency, slopes)) in found.into_iter().enumerate() {
        let slopes = nalgebra::DVector::from_vec(slopes);
        let variance = (covariance * &slopes).dot(&slopes).max(0.0);
        out.branches[branch].push(frequency);
        if let Some(sigma) = &mut out.sigma {
            sigma[branch].push(variance.sqrt());
        }
    }
}

/// Frequencies at `q` (Cartesian, Å⁻¹), THz, ascending, each with its derivatives to the constants (THz Å²/eV; by
/// first-order perturbation, so that those of levels that are degenerate are those of one choice of their vectors; zero
/// for a frequency of zero).
pub fn frequency_slopes(
    fc: &ForceConstants,
    family: &LinearForceConstants,
    masses: &[f64],
    q: &Vector3<f64>,
) -> Vec<(f64, Vec<f64>)> {
    slopes_towards(fc, family, masses, q, None)
}

fn slopes_towards(
    fc: &ForceConstants,
    family: &LinearForceConstants,
    masses: &[f64],
    q: &Vector3<f64>,
    towards: Option<&Vector3<f64>>,
) -> Vec<(f64, Vec<f64>)> {
    let eigen = dynamical_matrix_towards(fc, masses, q, towards).symmetric_eigen();
    let levels = &eigen.eigenvalues;
    let order = order_by(levels.len(), &mut |a, b| levels[a].total_cmp(&levels[b]));
    let level = |k: usize| {
        let frequency = THZ * signed_sqrt(eigen.eigenvalues[k]);
        // ∂λ/∂θ_p = eᴴ ∂D/∂θ_p e, and ν = THZ √λ.
        let change = if frequency.abs() > 1e-6 { THZ * THZ / (2.0 * frequency.abs()) } else { 0.0 };
        let mut slopes = vec![0.0; family.n_parameters];
        let e = eigen.eigenvectors.column(k);
        for term in &family.terms {
            let phase = nalgebra::Complex::cis(q.dot(&term.vector));
            let scale = change / (masses[term.i] * masses[term.j]).sqrt();
            for (p, block) in &term.blocks {
                let mut sum = nalgebra::Complex::new(0.0, 0.0);
                for a in 0..3 {
                    for b in 0..3 {
                        sum += e[3 * term.i + a].conj() * e[3 * term.j + b] * block[(a, b)];
                    }
                }
                slopes[*p] += (sum * phase).re * scale;
            }
        }
        (frequency, slopes)
    };
    order.into_iter().map(level).collect()
}
