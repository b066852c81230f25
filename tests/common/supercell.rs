//! Exact intensities of a periodic supercell by brute force: dense Hessian, all pairs of atoms.

use std::collections::{BTreeSet, HashMap};

use nalgebra::{Complex, DMatrix, Matrix3, Vector3};
use tds_inversion::crystal::Crystal;
use tds_inversion::ifc::DipoleDipole;
use tds_inversion::scattering::Sampled;
use tds_inversion::thermal::{Statistics, Thermal};

use crate::common::System;

/// Covariance of all displacements of a supercell, Å², from its dense Hessian with the images of all
/// pairs summed: nothing here knows of wave vectors, and sites are found by their positions.
pub fn brute_force(
    system: &System,
    theta: &[f64],
    thermal: &Thermal,
    size: [usize; 3],
    sites: &[Vector3<f64>],
    types: &[usize],
) -> DMatrix<f64> {
    let h = hessian(system, theta, size, sites, types);
    let n = h.nrows();
    let quantum = thermal.statistics == Statistics::Quantum;
    let s: Vec<f64> =
        (0..n).map(|i| if quantum { 1.0 / thermal.masses[types[i / 3]].sqrt() } else { 1.0 }).collect();
    let eigen = DMatrix::from_fn(n, n, |i, j| h[(i, j)] * s[i] * s[j]).symmetric_eigen();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*a].abs().total_cmp(&eigen.eigenvalues[*b].abs()));
    let oscillator = thermal.oscillator();
    let mut vectors = eigen.eigenvectors.clone();
    for (rank, &j) in order.iter().enumerate() {
        let lambda = eigen.eigenvalues[j];
        let g = match (rank < 3, quantum) {
            (true, _) => {
                assert!(lambda.abs() < 1e-9, "three zero modes: {lambda:e}");
                0.0
            }
            (false, true) => oscillator.value(&oscillator.level(lambda)),
            (false, false) => thermal.kt() / lambda,
        };
        vectors.column_mut(j).scale_mut(g.sqrt());
    }
    for (i, s) in s.iter().enumerate() {
        vectors.row_mut(i).scale_mut(*s);
    }
    &vectors * vectors.transpose()
}

fn hessian(
    system: &System,
    theta: &[f64],
    size: [usize; 3],
    sites: &[Vector3<f64>],
    types: &[usize],
) -> DMatrix<f64> {
    let lattice = Matrix3::from_fn(|i, j| system.crystal.input.lattice[(i, j)] * size[j] as f64);
    let inverse = lattice.try_inverse().unwrap();
    let key = |r: Vector3<f64>| -> [i64; 3] {
        (inverse * r).map(|x| ((x * 1e5).round() as i64).rem_euclid(100_000)).into()
    };
    let index: HashMap<[i64; 3], usize> = sites.iter().enumerate().map(|(n, r)| (key(*r), n)).collect();
    assert_eq!(index.len(), sites.len());
    let mut h = DMatrix::zeros(3 * sites.len(), 3 * sites.len());
    let constants = system.basis.family.at(theta);
    for (n, r) in sites.iter().enumerate() {
        for (i, j, _, vector, phi) in constants.pairs.iter().filter(|p| p.0 == types[n]) {
            let other = index[&key(r + vector)];
            assert_eq!((types[n], types[other]), (*i, *j));
            let mut block = h.view_mut((3 * n, 3 * other), (3, 3));
            block += phi;
        }
    }
    if let Some(part) = constants.long_range() {
        h += dipoles(part, &lattice, sites, types);
    }
    h
}

/// Dipoles of a supercell as one large cell without mean field: the sum over its own reciprocal vectors.
fn dipoles(
    part: &DipoleDipole,
    lattice: &Matrix3<f64>,
    sites: &[Vector3<f64>],
    types: &[usize],
) -> DMatrix<f64> {
    let n = sites.len();
    let reciprocal = lattice.try_inverse().unwrap().transpose() * std::f64::consts::TAU;
    let epsilon = part.long_range.dielectric;
    let reach = (27.0 * part.width / epsilon.symmetric_eigenvalues().min()).sqrt();
    let span: [i32; 3] =
        std::array::from_fn(|a| (reach * lattice.column(a).norm() / std::f64::consts::TAU).ceil() as i32);
    let volume = lattice.determinant().abs();
    let prefactor = part.prefactor * part.lattice.determinant().abs() / volume;
    let mut fields = Vec::new();
    for a in -span[0]..=span[0] {
        for b in -span[1]..=span[1] {
            for c in -span[2]..=span[2] {
                let k = reciprocal * Vector3::new(a, b, c).map(f64::from);
                let x = k.dot(&(epsilon * k));
                // One of each ±K: the real part counts twice.
                let first = [a, b, c].into_iter().find(|x| *x != 0).is_some_and(|x| x > 0);
                if first && x < 27.0 * part.width {
                    fields.push((k, (2.0 * prefactor * (-x / part.width).exp() / x).sqrt()));
                }
            }
        }
    }
    let mut h = DMatrix::zeros(3 * n, 3 * n);
    for chunk in fields.chunks(512) {
        let element = |sine: bool| {
            DMatrix::from_fn(3 * n, chunk.len(), |i, column| {
                let (k, weight) = &chunk[column];
                let (sin, cos) = k.dot(&sites[i / 3]).sin_cos();
                part.long_range.born[types[i / 3]].column(i % 3).dot(k)
                    * weight
                    * if sine { sin } else { cos }
            })
        };
        for x in [element(false), element(true)] {
            h += &x * x.transpose();
        }
    }
    for i in 0..n {
        let total = (0..n).map(|j| h.fixed_view::<3, 3>(3 * i, 3 * j).into_owned()).sum::<Matrix3<f64>>();
        let mut own = h.fixed_view_mut::<3, 3>(3 * i, 3 * i);
        own -= (total + total.transpose()) * 0.5;
    }
    h
}

/// Exact mean of |F|²/N of Gaussian displacements with this covariance.
pub fn exact(crystal: &Crystal, model: &Sampled, covariance: &DMatrix<f64>, hkl: &[[f64; 3]]) -> Vec<f64> {
    let (sites, types) = model.sites();
    let one = |hkl: &[f64; 3]| {
        let q = crystal.q_cart(hkl);
        let factors: Vec<Complex<f64>> = sites
            .iter()
            .zip(types)
            .map(|(r, s)| {
                let (re, im) = crystal.form_factors[*s].value(q.norm());
                Complex::new(re, im) * Complex::cis(q.dot(r))
            })
            .collect();
        let along = DMatrix::from_fn(sites.len(), sites.len(), |i, j| {
            (q.transpose() * covariance.fixed_view::<3, 3>(3 * i, 3 * j) * q)[0]
        });
        let mut sum = 0.0;
        for i in 0..sites.len() {
            for j in 0..sites.len() {
                let exponent = along[(i, j)] - 0.5 * (along[(i, i)] + along[(j, j)]);
                sum += (factors[i].conj() * factors[j]).re * exponent.exp();
            }
        }
        sum / model.n_cells() as f64
    };
    hkl.iter().map(one).collect()
}

/// At most `n` commensurate points without reflections, no two of them equal up to sign and the reciprocal
/// lattice; if `general`, 2Q is no reciprocal-lattice vector either.
pub fn commensurate(crystal: &Crystal, size: [usize; 3], n: usize, general: bool) -> Vec<[f64; 3]> {
    let key = |hkl: &[f64; 3], sign: f64| -> [i64; 3] {
        let k = crystal.primitive_in_input.transpose() * Vector3::from(*hkl) * sign;
        k.map(|x| ((x * 1e6).round() as i64).rem_euclid(1_000_000)).into()
    };
    let mut known = BTreeSet::from([key(&[0.0; 3], 1.0)]);
    let mut out = Vec::new();
    let mut state = 12345_u64;
    for _ in 0..200_000 {
        let hkl: [f64; 3] = std::array::from_fn(|a| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let span = 9 * size[a] as u64;
            ((state >> 33) % span) as f64 / size[a] as f64 - 4.0
        });
        let (plus, minus) = (key(&hkl, 1.0), key(&hkl, -1.0));
        if (general && plus == minus) || !known.insert(plus) {
            continue;
        }
        known.insert(minus);
        out.push(hkl);
        if out.len() == n {
            break;
        }
    }
    out
}

/// Points with their negatives, so that every sign occurs.
pub fn commensurate_with_signs(crystal: &Crystal, size: [usize; 3], n: usize) -> Vec<[f64; 3]> {
    let mut hkl = commensurate(crystal, size, n, false);
    let negative: Vec<[f64; 3]> = hkl.iter().map(|q| q.map(|x| -x)).collect();
    hkl.extend(negative);
    hkl
}
