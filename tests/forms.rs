//! Quadratic forms in the displacement correlations, in lanes, against the diagonalisation of one matrix after another.

mod common;

use common::*;
use nalgebra::{Complex, DMatrix, DVector, Vector3};
use tds_inversion::dynamics::{PhaseTable, force_constant_matrix};
use tds_inversion::lanes::{LANES, Lanes, slot_of};
use tds_inversion::thermal::{PolyatomicForm, Slopes, Statistics, Thermal, quadratic_form};

const CASES: [(Statistics, f64); 6] = [
    (Statistics::Classical, 300.0),
    (Statistics::Quantum, 1000.0),
    (Statistics::Quantum, 300.0),
    (Statistics::Quantum, 50.0),
    (Statistics::Quantum, 5.0),
    (Statistics::Quantum, 0.0),
];

fn thermal(system: &System, (statistics, temperature_k): (Statistics, f64)) -> Thermal {
    Thermal { statistics, temperature_k, masses: system.crystal.primitive.masses.clone() }
}

/// Amplitudes with nothing in common.
fn amplitudes(d: usize) -> Vec<[Lanes; 2]> {
    let number = |i: usize, lane: usize, x: f64| ((i * LANES + lane + 1) as f64 * x).fract() - 0.5;
    (0..d)
        .map(|i| [0.618_034, 0.414_214].map(|x| std::array::from_fn(|lane| 20.0 * number(i, lane, x))))
        .collect()
}

/// All over reciprocal space, the last eight as close to Γ as the crystal is stable.
fn wave_vectors(system: &System) -> Vec<Vector3<f64>> {
    let near = 2.0 * std::f64::consts::PI / system.crystal.primitive.volume().cbrt();
    let mut q = general_q(&system.crystal, LANES);
    for (lane, q) in q.iter_mut().enumerate().skip(LANES - 8) {
        *q = q.normalize() * near * 2e-3 * (lane + 9 - LANES) as f64;
        // Constants that were cut off need not hold long waves.
        while force_constant_matrix(&system.basis.family.at(&system.theta), q).symmetric_eigenvalues().min()
            <= 0.0
        {
            *q *= 2.0;
        }
    }
    q
}

struct Outcome {
    stable: bool,
    value: Lanes,
    overlaps: Vec<Lanes>,
    adjoint: Vec<Lanes>,
}

fn in_lanes(phi: &[Lanes], a: &[[Lanes; 2]], thermal: &Thermal, used: usize) -> Outcome {
    let d = a.len();
    let (mut overlaps, mut adjoint) = (vec![[0.0; LANES]; d / 3], vec![[0.0; LANES]; d * d]);
    let (mut value, mut alone) = ([0.0; LANES], [0.0; LANES]);
    let mut form = PolyatomicForm::default();
    let mut slopes = Slopes { overlaps: &mut overlaps, adjoint: &mut adjoint };
    let stable = form.at(phi, a, thermal, used, &mut value, Some(&mut slopes));
    assert_eq!(form.at(phi, a, thermal, used, &mut alone, None), stable);
    if stable {
        assert_eq!(value[..used], alone[..used]);
    }
    Outcome { stable, value, overlaps, adjoint }
}

fn phi_in_lanes(system: &System, q: &[Vector3<f64>], theta: &[f64]) -> Vec<Lanes> {
    let table = PhaseTable::new(&system.basis.family, q.to_vec(), 0);
    let mut phi = vec![[0.0; LANES]; table.n_slots];
    let mut scratch = Vec::new();
    let block = table.block(0, &mut scratch);
    table.assemble(0, block, theta, &mut phi);
    phi
}

#[test]
fn forms_in_lanes_agree_with_the_diagonalisation() {
    let mut overall = [0.0_f64; 2];
    for system in all_systems() {
        let q = wave_vectors(&system);
        let phi = phi_in_lanes(&system, &q, &system.theta);
        let d = 3 * system.crystal.n_atoms();
        let a = amplitudes(d);
        let matrices: Vec<_> = (0..LANES).map(|lane| matrix(&phi, lane, d)).collect();
        for case in CASES {
            let thermal = thermal(&system, case);
            let found = in_lanes(&phi, &a, &thermal, LANES);
            assert!(found.stable, "{} {case:?}", system.name);
            for lane in 0..LANES {
                let at = DVector::from_fn(d, |i, _| Complex::new(a[i][0][lane], a[i][1][lane]));
                let expected = quadratic_form(&matrices[lane], &at, &thermal).unwrap();
                let mut worst = relative(found.value[lane], expected.value);
                for (s, overlap) in found.overlaps.iter().enumerate() {
                    let part = (3 * s..3 * s + 3).map(|i| (at[i].conj() * expected.c_a[i]).re).sum::<f64>();
                    worst = worst.max((overlap[lane] - part).abs() / expected.value);
                }
                worst = worst.max(difference(&found.adjoint, &expected.adjoint, lane));
                let near = lane >= LANES - 8;
                overall[usize::from(near)] = overall[usize::from(near)].max(worst);
                let most = if near { 1e-9 } else { 1e-11 };
                assert!(worst < most, "{} {case:?}, lane {lane}: {worst:.1e}", system.name);
            }
        }
    }
    println!("worst relative difference {:.1e}, near Γ {:.1e}", overall[0], overall[1]);
}

fn matrix(phi: &[Lanes], lane: usize, d: usize) -> DMatrix<Complex<f64>> {
    DMatrix::from_fn(d, d, |i, j| {
        let (re, im) = slot_of(d, i.min(j), i.max(j));
        let z = Complex::new(phi[re][lane], im.map_or(0.0, |im| phi[im][lane]));
        if i <= j { z } else { z.conj() }
    })
}

/// Of the packed adjoint from K, as a fraction of its largest element.
fn difference(packed: &[Lanes], k: &DMatrix<Complex<f64>>, lane: usize) -> f64 {
    let d = k.nrows();
    let mut worst = 0.0_f64;
    for i in 0..d {
        for j in i..d {
            let (re, im) = slot_of(d, i, j);
            let twice = if i == j { 1.0 } else { 2.0 };
            worst = worst.max((packed[re][lane] - twice * k[(i, j)].re).abs());
            if let Some(im) = im {
                worst = worst.max((packed[im][lane] - twice * k[(i, j)].im).abs());
            }
        }
    }
    worst / k.camax()
}

#[test]
fn a_lane_that_is_not_positive_definite_is_refused() {
    for system in polyatomic_systems() {
        let q = wave_vectors(&system);
        let good = phi_in_lanes(&system, &q, &system.theta);
        let d = 3 * system.crystal.n_atoms();
        let a = amplitudes(d);
        for case in CASES {
            let thermal = thermal(&system, case);
            // One direction of the second atom is driven away; what is no number is not positive either.
            for bad in [-0.1, f64::NAN] {
                let mut phi = good.clone();
                phi[4][21] = bad;
                assert!(!in_lanes(&phi, &a, &thermal, 22).stable, "{} {case:?} {bad}", system.name);
                assert!(in_lanes(&phi, &a, &thermal, 21).stable, "{} {case:?} {bad}", system.name);
            }
        }
    }
}
