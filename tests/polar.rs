//! The dipole–dipole part of polar crystals agrees with phonopy, with the sum over pairs of a supercell and with itself.

mod common;
#[path = "common/random.rs"]
mod random;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::*;
use nalgebra::{Complex, DMatrix, Matrix3, Vector3};
use random::Random;
use serde_json::{Value, json};
use tds_inversion::crystal::{Cell, LongRange};
use tds_inversion::dynamics::{LongWave, PhaseTable, bands, frequencies, frequencies_towards, standard_path};
use tds_inversion::fit::TerminationReason;
use tds_inversion::formats::phonopy::read_phonopy_yaml;
use tds_inversion::ifc::{DipoleDipole, LinearForceConstants};
use tds_inversion::job::Job;
use tds_inversion::lanes::{LANES, slot_of};
use tds_inversion::run::{LongRangeReport, Prepared, Run};
use tds_inversion::scattering::{Exact, OnePhonon};
use tds_inversion::thermal::{MeanSquare, MeshAxes, Statistics, Thermal, UMesh};
use tds_inversion::units::{GPA_PER_EV_A3, THZ};

type Memory = BTreeMap<String, Vec<u8>>;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn files(name: &str) -> Memory {
    let names = ["phonopy_nac.yaml", "phonopy.yaml", "BORN", "POSCAR", "FORCE_CONSTANTS"];
    names.map(|file| (file.to_owned(), fixture(&format!("{name}/{file}")))).into()
}

fn prepared(name: &str, job: Value) -> Prepared {
    Prepared::new(&Job::from_json(&job.to_string()).unwrap(), &files(name)).unwrap()
}

/// The constants as read, with the charges that the file holds.
fn as_read(name: &str) -> Prepared {
    let file = json!({"file": "phonopy_nac.yaml"});
    prepared(name, json!({"crystal": file, "force_constants": {"values": file}}))
}

fn golden(name: &str) -> Value {
    serde_json::from_slice(&fixture(&format!("{name}/golden_nac.json"))).unwrap()
}

fn of<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn frequencies_u_and_intensities_agree_with_phonopy() {
    for name in ["NaCl", "ZnO"] {
        let file = json!({"file": "phonopy_nac.yaml"});
        let without = json!({"crystal": file, "force_constants": {"values": file}, "non_analytical": false});
        for (with, of_case, prepared) in
            [(true, "one_phonon", as_read(name)), (false, "one_phonon_without_nac", prepared(name, without))]
        {
            let g = golden(name);
            let q: Vec<[f64; 3]> = of(&g["Q_cart_invA"]);
            let q: Vec<Vector3<f64>> = q.into_iter().map(Vector3::from).collect();
            let Prepared { crystal, family, .. } = &prepared;
            let fc = family.at(&prepared.theta);
            let masses = &crystal.primitive.masses;
            let mut worst = [0.0_f64; 3];
            let all: Vec<Vec<f64>> = of(&g[if with { "frequencies_THz" } else { "frequencies_without_THz" }]);
            for (q, expected) in q.iter().zip(all) {
                for (ours, theirs) in frequencies(&fc, masses, q).into_iter().zip(expected) {
                    if theirs > 0.5 {
                        worst[0] = worst[0].max(relative(ours, theirs));
                    }
                }
            }
            for case in g["cases"].as_array().unwrap() {
                let statistics =
                    if case["statistics"] == "quantum" { Statistics::Quantum } else { Statistics::Classical };
                let temperature_k = case["temperature_K"].as_f64().unwrap();
                let thermal = Thermal { statistics, temperature_k, masses: masses.clone() };
                let mesh = UMesh::Plain([6, 6, 6]);
                let u = MeanSquare::new(crystal, family, thermal.clone(), &mesh, MeshAxes::Primitive);
                let model = OnePhonon::new(crystal, family, thermal, u, q.clone());
                let state = model.state(&prepared.theta).unwrap();
                if with {
                    let tensors: Vec<[[f64; 3]; 3]> = of(&case["U_A2"]);
                    for (ours, rows) in state.mean_square.tensors.iter().zip(tensors) {
                        let expected = Matrix3::from_fn(|i, j| rows[i][j]);
                        worst[1] = worst[1].max((ours - expected).amax() / expected.amax());
                    }
                }
                let theirs: Vec<f64> = of(&case[of_case]);
                for (ours, theirs) in model.intensities(&state).unwrap().iter().zip(theirs) {
                    worst[2] = worst[2].max(relative(*ours, theirs));
                }
            }
            println!(
                "{name} {of_case}: frequencies {:.1e}, U {:.1e}, intensities {:.1e}",
                worst[0], worst[1], worst[2]
            );
            assert!(worst.iter().all(|w| *w < 1e-6), "{name}: {worst:?}");
        }
    }
}

#[test]
fn optical_branches_split_at_gamma_by_direction() {
    for name in ["NaCl", "ZnO"] {
        let Prepared { crystal, family, theta, .. } = as_read(name);
        let fc = family.at(&theta);
        let rows: Vec<Value> = serde_json::from_slice(&fixture(&format!("{name}/lo_to.json"))).unwrap();
        let mut worst = 0.0_f64;
        for row in rows {
            let along = crystal.q_cart(&of(&row["direction_hkl"]));
            let at = frequencies_towards(&fc, &crystal.primitive.masses, &Vector3::zeros(), Some(&along));
            let near = frequencies(&fc, &crystal.primitive.masses, &(along * 1e-5 / along.norm()));
            let theirs: Vec<f64> = of(&row["frequencies_THz"]);
            for ((at, near), theirs) in at.into_iter().zip(near).zip(theirs).skip(3) {
                worst = worst.max(relative(at, theirs));
                assert!((at - near).abs() < 1e-6, "{name}: {at} THz at Γ, {near} THz beside it");
            }
        }
        println!("{name}: {worst:.1e}");
        assert!(worst < 1e-6, "{name}: {worst:.1e}");
    }
}

#[test]
fn bands_meet_gamma_along_their_own_directions() {
    let Prepared { crystal, family, theta, .. } = as_read("ZnO");
    let path = standard_path(&crystal);
    let bands = bands(&crystal, &family, &theta, &path, 200, None);
    // Every step of a branch is a small one but where a leg ends at Γ and another one begins there.
    let jumps = |branch: &Vec<f64>| -> Vec<(f64, f64)> {
        (1..branch.len())
            .filter(|n| bands.distance[*n] == bands.distance[n - 1])
            .map(|n| (branch[n - 1], branch[n]))
            .collect()
    };
    let most = bands.branches.iter().flat_map(jumps).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(most > 0.2, "A1 and E1 modes differ: {most} THz");
    for branch in &bands.branches {
        for n in 1..branch.len() {
            let step = bands.distance[n] - bands.distance[n - 1];
            assert!(step == 0.0 || (branch[n] - branch[n - 1]).abs() < 60.0 * step + 1e-6);
        }
    }
}

#[test]
fn a_periodic_supercell_of_rock_salt_scatters_as_brute_force_says() {
    let Prepared { crystal, family, theta, .. } = as_read("NaCl");
    let g: Value = serde_json::from_slice(&fixture("NaCl/supercell_nac.json")).unwrap();
    let rows = g["points"].as_array().unwrap();
    let q = rows.iter().map(|row| crystal.q_cart(&of(&row["hkl"]))).collect();
    let masses = crystal.primitive.masses.clone();
    let thermal = Thermal { statistics: Statistics::Classical, temperature_k: 300.0, masses };
    let model = Exact::periodic(&crystal, &family, thermal, of(&g["supercell"]), q).unwrap();
    let state = model.state(&theta).unwrap();
    let (orders, all) = (model.orders(&state).unwrap(), model.intensities(&state).unwrap());
    let mut worst = 0.0_f64;
    for (n, row) in rows.iter().enumerate() {
        worst = worst.max(relative(orders.one[n], row["one_phonon"].as_f64().unwrap()));
        worst = worst.max(relative(all[n], row["all_order"].as_f64().unwrap()));
    }
    let tensors: Vec<[[f64; 3]; 3]> = of(&g["U_A2"]);
    for (ours, rows) in state.mean_square.tensors.iter().zip(tensors) {
        let expected = Matrix3::from_fn(|i, j| rows[i][j]);
        worst = worst.max((ours - expected).amax() / expected.amax());
    }
    println!("{worst:.1e}");
    assert!(worst < 1e-8, "{worst:.1e}");
}

/// Crystals of no symmetry with charges of no symmetry, and one of ten atoms.
fn general_crystals() -> Vec<(Cell, LongRange)> {
    let mut state = 3_u64;
    let mut random = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let lattices = [
        Matrix3::new(4.1, 0.3, -0.6, 0.1, 5.2, 0.8, 0.2, -0.3, 6.0),
        // Oblique: the first vectors are not the shortest ones.
        Matrix3::new(3.0, 9.1, 0.3, 0.0, 3.5, -7.2, 0.0, 0.0, 4.0),
        Matrix3::new(8.0, 0.3, -0.6, 0.1, 7.2, 0.8, 0.2, -0.3, 6.0),
    ];
    let sizes = [2, 3, 10];
    let crystal = |(lattice, n): (Matrix3<f64>, usize)| {
        let mut cell = Cell { lattice, symbols: vec![], positions: vec![], masses: vec![] };
        let mut born: Vec<Matrix3<f64>> = vec![];
        for s in 0..n {
            cell.symbols.push(["Na", "Cl", "O"][s % 3].into());
            cell.positions.push(Vector3::from_fn(|_, _| random()));
            cell.masses.push(20.0);
            born.push(Matrix3::from_fn(|i, j| 0.4 * random() + if i == j { 2.0 * random() } else { 0.0 }));
        }
        let mean = born.iter().sum::<Matrix3<f64>>() / n as f64;
        born.iter_mut().for_each(|z| *z -= mean);
        let m = Matrix3::from_fn(|_, _| random());
        (
            cell,
            LongRange {
                born,
                dielectric: m * m.transpose() + Matrix3::identity() * 2.0,
                factor: None,
                total: Matrix3::zeros(),
                changed: 0.0,
            },
        )
    };
    lattices.into_iter().zip(sizes).map(crystal).collect()
}

/// The plain sum over very many G, with nothing but the formula in it.
fn plain_sum(cell: &Cell, part: &DipoleDipole, q: &Vector3<f64>) -> DMatrix<Complex<f64>> {
    let n = cell.len();
    let LongRange { born, dielectric, .. } = &part.long_range;
    let mut phi = DMatrix::zeros(3 * n, 3 * n);
    for m in 0..31_i32.pow(3) {
        let indices = Vector3::new(m / 961 - 15, m / 31 % 31 - 15, m % 31 - 15).map(f64::from);
        let g = cell.reciprocal() * indices;
        let k = q + g;
        let x = k.dot(&(dielectric * k));
        if x < 1e-12 || x > 45.0 * part.width {
            continue;
        }
        let weight = part.prefactor * (-x / part.width).exp() / x;
        for s in 0..n {
            for t in 0..n {
                let phase = Complex::cis(-g.dot(&(cell.cartesian(t) - cell.cartesian(s)))) * weight;
                let (z, w) = (born[s].tr_mul(&k), born[t].tr_mul(&k));
                for a in 0..3 {
                    for b in 0..3 {
                        phi[(3 * s + a, 3 * t + b)] += phase * z[a] * w[b];
                    }
                }
            }
        }
    }
    phi
}

#[test]
fn the_sum_over_dipoles_is_complete_and_obeys_the_sum_rule() {
    for (cell, charges) in general_crystals() {
        let part = DipoleDipole::new(&cell, &charges).unwrap().unwrap();
        let n = cell.len();
        let at_gamma = part.at(&Vector3::zeros(), None);
        let size = at_gamma.map(|z| z.norm()).max();
        for s in 0..n {
            let total: Matrix3<Complex<f64>> =
                (0..n).map(|t| at_gamma.fixed_view::<3, 3>(3 * s, 3 * t).into_owned()).sum();
            assert!(total.map(|z| z.norm()).max() < 1e-12 * size, "acoustic modes at Γ do not move");
        }
        let plain_at_gamma = plain_sum(&cell, &part, &Vector3::zeros());
        let mut worst = 0.0_f64;
        for m in 0..12 {
            let hkl = Vector3::new(0.31, -0.47, 0.12) * f64::from(m) + Vector3::new(0.02, 0.01, -0.03);
            let q = cell.reciprocal() * hkl;
            let phi = part.at(&q, None);
            assert!((&phi - phi.adjoint()).map(|z| z.norm()).max() < 1e-13 * size);
            // Far from the first zone the plain sum is not complete: it is made in it and carried by the phase.
            let first = part.to_first_zone(&q);
            let mut plain = plain_sum(&cell, &part, &first);
            for s in 0..n {
                for t in 0..n {
                    let turn = Complex::cis((q - first).dot(&(cell.cartesian(t) - cell.cartesian(s))));
                    plain.view_mut((3 * s, 3 * t), (3, 3)).iter_mut().for_each(|z| *z *= turn);
                }
            }
            // The diagonal and the neighbours that share what the sum rule asks for.
            for s in 0..n {
                let own: Matrix3<f64> = (0..n)
                    .map(|t| plain_at_gamma.fixed_view::<3, 3>(3 * s, 3 * t).map(|z: Complex<f64>| z.re))
                    .sum();
                for a in 0..3 {
                    for b in 0..3 {
                        plain[(3 * s + a, 3 * s + b)] -= Complex::from(0.5 * (own[(a, b)] + own[(b, a)]));
                    }
                }
            }
            for bond in &part.bonds {
                let phase = Complex::cis(q.dot(&bond.vector));
                for a in 0..3 {
                    for b in 0..3 {
                        plain[(3 * bond.i + a, 3 * bond.j + b)] += phase * bond.phi[(a, b)];
                    }
                }
            }
            worst = worst.max((phi - plain).map(|z| z.norm()).max() / size);
        }
        println!("{n} atoms, {} waves: {worst:.1e}", part.waves.len());
        assert!(worst < 1e-9, "{worst:.1e}");
    }
}

#[test]
fn tables_of_phases_hold_the_same_dipoles() {
    for (cell, charges) in general_crystals() {
        let part = Arc::new(DipoleDipole::new(&cell, &charges).unwrap().unwrap());
        let (n_atoms, lattice) = (cell.len(), cell.lattice);
        let order: Vec<usize> = (0..n_atoms).rev().collect();
        let q: Vec<Vector3<f64>> =
            (0..45).map(|m| cell.reciprocal() * Vector3::new(0.17, -0.41, 0.23) * f64::from(m % 9)).collect();
        let origin = |s: usize| cell.cartesian(s);
        for periodic in [false, true] {
            let dipoles = if periodic { Arc::new(part.periodic(&order)) } else { part.clone() };
            let family = LinearForceConstants {
                n_atoms,
                n_parameters: 0,
                lattice,
                terms: vec![],
                dipoles: Some(dipoles.clone()),
            };
            for budget in [0, 1 << 30] {
                let table = PhaseTable::new(&family, q.clone(), budget);
                let mut phi = vec![[0.0; LANES]; table.n_slots];
                for (m, q) in q.iter().enumerate() {
                    let (b, lane) = (m / LANES, m % LANES);
                    let mut scratch = vec![];
                    let block = table.block(b, &mut scratch);
                    table.assemble(b, block, &[], &mut phi);
                    let (one, own) = (dipoles.at(q, None), part.at(q, None));
                    // To rounding, so that sound close to Γ is the same whatever else is in a block.
                    let size = one.map(|z| z.norm()).max();
                    let d = 3 * n_atoms;
                    for i in 0..d {
                        for j in i..d {
                            let (re, im) = slot_of(d, i, j);
                            let z = Complex::new(phi[re][lane], im.map_or(0.0, |im| phi[im][lane]));
                            assert!((z - one[(i, j)]).norm() < 1e-12 * size, "{m}: {i} {j}");
                            if periodic {
                                let (s, t) = (order[i / 3], order[j / 3]);
                                let phase = Complex::cis(-q.dot(&(origin(t) - origin(s))));
                                let other = own[(3 * s + i % 3, 3 * t + j % 3)] * phase;
                                assert!((z - other).norm() < 1e-12 * size, "{m}: {i} {j}");
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn separable_gaussians_and_the_plain_sum_are_equal_to_rounding() {
    let mut crystals = general_crystals();
    // Needles and plates, so thin that powers of exponentials would leave the range of numbers.
    for lattice in [
        Matrix3::new(320.0, 1.0, 0.2, -2.0, 330.0, 0.1, 3.0, 0.0, 2.9),
        Matrix3::new(2.9, 0.4, 1.0, 0.0, 3.1, -2.0, 0.0, 0.0, 90.0),
    ] {
        let (cell, charges) = crystals[0].clone();
        crystals.push((Cell { lattice, ..cell }, charges));
    }
    let mut worst = 0.0_f64;
    for (cell, charges) in crystals {
        let dipoles = Arc::new(DipoleDipole::new(&cell, &charges).unwrap().unwrap());
        let n_atoms = cell.len();
        for m in 0..12 {
            let hkl = Vector3::new(0.17, -0.41, 0.23) * f64::from(m) + Vector3::new(0.5, 0.001, 0.49);
            let q = cell.reciprocal() * hkl;
            let part = Some(dipoles.clone());
            let family = LinearForceConstants {
                n_atoms,
                n_parameters: 0,
                lattice: cell.lattice,
                terms: vec![],
                dipoles: part,
            };
            let table = PhaseTable::new(&family, vec![q], 0);
            let mut phi = vec![[0.0; LANES]; table.n_slots];
            table.assemble(0, &[], &[], &mut phi);
            let one = dipoles.at(&q, None);
            let (size, d) = (one.map(|z| z.norm()).max(), 3 * n_atoms);
            for i in 0..d {
                for j in i..d {
                    let (re, im) = slot_of(d, i, j);
                    let z = Complex::new(phi[re][0], im.map_or(0.0, |im| phi[im][0]));
                    worst = worst.max((z - one[(i, j)]).norm() / size);
                }
            }
        }
    }
    println!("{worst:.1e}");
    assert!(worst < 1e-12, "{worst:.1e}");
}

#[test]
fn constants_of_a_supercell_give_the_dipoles_back_at_its_own_waves() {
    for (cell, charges) in general_crystals().into_iter().take(2) {
        let part = DipoleDipole::new(&cell, &charges).unwrap().unwrap();
        let matrix = Matrix3::new(2.0, 1.0, 0.0, 0.0, 2.0, 0.0, -1.0, 0.0, 2.0);
        let lattice = cell.lattice * matrix;
        let constants = part.in_supercell(&lattice);
        let points = lattice_points(&matrix);
        assert_eq!(points.len(), matrix.determinant().round() as usize);
        let waves = lattice.try_inverse().unwrap().transpose() * std::f64::consts::TAU;
        for m in [[0, 0, 0], [1, 0, 0], [3, -2, 1], [0, 1, 5]] {
            let q = waves * Vector3::from(m.map(f64::from));
            let expected = part.at(&q, None);
            let mut worst = 0.0_f64;
            for s in 0..cell.len() {
                for t in 0..cell.len() {
                    let mut sum = Matrix3::<Complex<f64>>::zeros();
                    for point in &points {
                        let vector = cell.lattice * point + cell.cartesian(t) - cell.cartesian(s);
                        let phase = Complex::cis(q.dot(&vector));
                        sum += constants.between(s, t, &vector).map(|x| phase * x);
                    }
                    let there = expected.fixed_view::<3, 3>(3 * s, 3 * t).into_owned();
                    worst = worst.max((sum - there).map(|z| z.norm()).max());
                }
            }
            assert!(worst < 1e-10, "{m:?}: {worst:.1e}");
        }
    }
}

/// One lattice point for each primitive cell of a supercell.
fn lattice_points(matrix: &Matrix3<f64>) -> Vec<Vector3<f64>> {
    let inverse = matrix.try_inverse().unwrap();
    let mut known: Vec<Vector3<f64>> = vec![];
    for m in 0..1000 {
        let point = Vector3::new(m / 100, m / 10 % 10, m % 10).map(f64::from);
        let same =
            |other: &Vector3<f64>| (inverse * (point - other)).iter().all(|x| (x - x.round()).abs() < 1e-9);
        if !known.iter().any(same) {
            known.push(point);
        }
    }
    known
}

#[test]
fn long_waves_have_the_stiffness_of_the_acoustic_branches() {
    for system in polar_systems() {
        // As projected, ZnO turns against rotation and has a term of its own that is linear in q.
        let conditions = system.basis.rotational_invariance();
        let imposed = system.basis.imposed(&conditions).unwrap();
        let fc = imposed.family.at(&imposed.nearest(&system.theta));
        let long_wave = LongWave::new(&fc);
        let masses = &system.crystal.primitive.masses;
        let mass: f64 = masses.iter().sum();
        let volume = system.crystal.primitive.volume();
        let (mut worst, mut field) = (0.0_f64, 0.0_f64);
        for n in [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [0.3, -0.5, 0.9]] {
            let n = Vector3::from(n).normalize();
            let along = long_wave.along(&n);
            let mut velocities: Vec<f64> =
                along.symmetric_eigenvalues().iter().map(|k| THZ * (k / mass).sqrt()).collect();
            velocities.sort_by(f64::total_cmp);
            // ν/q at q and q/2, whose error falls by four.
            let slope = |q: f64| frequencies(&fc, masses, &(n * q)).into_iter().take(3).map(move |f| f / q);
            let (far, near): (Vec<f64>, Vec<f64>) = (slope(0.02).collect(), slope(0.01).collect());
            for b in 0..3 {
                worst = worst.max(relative((4.0 * near[b] - far[b]) / 3.0, velocities[b]));
            }
            // Christoffel's matrix of the elastic constants, at constant field.
            let c = long_wave.elastic(volume).voigt * (volume / GPA_PER_EV_A3);
            let voigt = |i: usize, j: usize| if i == j { i } else { 6 - i - j };
            let christoffel = Matrix3::from_fn(|i, k| {
                (0..9).map(|m| c[(voigt(i, m / 3), voigt(k, m % 3))] * n[m / 3] * n[m % 3]).sum::<f64>()
            });
            field = field.max((along - christoffel).amax() / along.amax());
        }
        println!("{}: {worst:.1e}, linear {:.1e}, field {field:.1e}", system.name, long_wave.linear);
        assert!(long_wave.linear < 1e-9 && worst < 1e-5, "{}: {worst:.1e}", system.name);
        let piezoelectric = system.name.starts_with("ZnO");
        assert!(if piezoelectric { field > 0.01 } else { field < 1e-9 }, "{}: {field:.1e}", system.name);
    }
}

#[test]
fn moments_are_the_derivatives_at_gamma() {
    for (cell, charges) in general_crystals() {
        let part = DipoleDipole::new(&cell, &charges).unwrap().unwrap();
        let n = cell.len();
        // Without the term of G = 0.
        let analytic = |q: &Vector3<f64>| {
            let weight = part.weight(q);
            let z: Vec<Vector3<f64>> = part.long_range.born.iter().map(|z| z.tr_mul(q)).collect();
            let mut phi = part.at(q, None);
            for s in 0..n {
                for t in 0..n {
                    for a in 0..3 {
                        for b in 0..3 {
                            phi[(3 * s + a, 3 * t + b)] -= Complex::from(weight * z[s][a] * z[t][b]);
                        }
                    }
                }
            }
            phi
        };
        let h = 1e-3;
        let along = Vector3::new(0.4, -0.5, 0.77);
        let (plus, minus, zero) =
            (analytic(&(along * h)), analytic(&(along * -h)), analytic(&Vector3::zeros()));
        let mut worst = [0.0_f64; 3];
        for (k, of) in part.moments().iter().enumerate() {
            let (s, t) = (k / n, k % n);
            let at = |m: &DMatrix<Complex<f64>>| m.fixed_view::<3, 3>(3 * s, 3 * t).into_owned();
            let first = (0..3).map(|g| of.first[g] * along[g]).sum::<Matrix3<f64>>();
            let second =
                (0..9).map(|m| of.second[m / 3][m % 3] * (along[m / 3] * along[m % 3])).sum::<Matrix3<f64>>();
            let slope = (at(&plus) - at(&minus)) / Complex::from(2.0 * h);
            let bend = (at(&plus) + at(&minus) - at(&zero) * Complex::from(2.0)) / Complex::from(h * h);
            worst[0] = worst[0].max((at(&zero) - of.zeroth.map(Complex::from)).map(|z| z.norm()).max());
            worst[1] = worst[1].max((slope - first.map(|x| Complex::new(0.0, x))).map(|z| z.norm()).max());
            worst[2] = worst[2].max((bend + second.map(Complex::from)).map(|z| z.norm()).max());
        }
        println!("{n} atoms: {worst:?}");
        assert!(worst[0] < 1e-9 && worst[1] < 1e-4 && worst[2] < 1e-3, "{worst:?}");
    }
}

/// Frequencies at some general wave vectors of the input cell.
fn spectrum(prepared: &Prepared) -> Vec<f64> {
    let fc = prepared.family.at(&prepared.theta);
    let points = [[0.1, 0.0, 0.0], [0.3, -0.2, 0.7], [2.4, 1.3, -0.6], [0.05, 0.04, 0.0]];
    let at = |hkl| frequencies(&fc, &prepared.crystal.primitive.masses, &prepared.crystal.q_cart(hkl));
    points.iter().flat_map(at).collect()
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn charges_come_from_a_file_or_as_numbers() {
    let diagonal = |x: f64| json!([[x, 0, 0], [0, x, 0], [0, 0, x]]);
    let scalar = |charges: &[f64]| -> Value { charges.iter().map(|z| diagonal(*z)).collect() };
    for name in ["NaCl", "ZnO"] {
        let expected = as_read(name);
        let of_file = json!({"file": "FORCE_CONSTANTS", "supercell_matrix": expected_matrix(name)});
        let mut forms = vec![
            json!({"crystal": {"file": "phonopy.yaml"}, "non_analytical": {"file": "BORN"}}),
            json!({"crystal": {"file": "phonopy.yaml"}, "non_analytical": {"file": "phonopy_nac.yaml"}}),
            json!({"crystal": {"file": "phonopy_nac.yaml"}, "non_analytical": true}),
        ];
        if name == "NaCl" {
            // The input cell holds eight atoms.
            let (z, e) = (14.4_f64 / 14.399_645_478_425_668, 2.43533967);
            let z = z.sqrt() * 1.086875;
            for charges in [vec![z, -z], vec![z, z, z, z, -z, -z, -z, -z]] {
                forms.push(json!({"crystal": {"file": "phonopy.yaml"}, "non_analytical":
                    {"born_charges": scalar(&charges), "dielectric": diagonal(e)}}));
            }
        }
        for mut form in forms {
            form["force_constants"] = json!({"values": {"file": "phonopy.yaml"}});
            let found = prepared(name, form.clone());
            let off = largest_difference(&spectrum(&found), &spectrum(&expected));
            assert!(off < 1e-9, "{name} {form}: {off:.1e} THz");
            assert!(found.warnings.iter().all(|w| !w.contains("may be polar")), "{:?}", found.warnings);
            form["force_constants"] = json!({"values": of_file});
            let off = largest_difference(&spectrum(&prepared(name, form.clone())), &spectrum(&expected));
            // Its numbers have fifteen digits.
            assert!(off < 1e-8, "{name} {form}: {off:.1e} THz");
        }
        // Irreducible constants up to a cutoff are what is left without the dipoles.
        let start = |more: Value| {
            let mut job = json!({"crystal": {"file": "phonopy_nac.yaml"},
                "force_constants": {"cutoff": 6.0, "start": {"file": "phonopy_nac.yaml"}}});
            job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            prepared(name, job)
        };
        let misfit = |p: &Prepared| largest_difference(&spectrum(p), &spectrum(&expected));
        let (with, without) = (misfit(&start(json!({}))), misfit(&start(json!({"non_analytical": false}))));
        println!("{name}, 6 Å: {with:.2} THz with the term, {without:.2} without");
        assert!(with < 0.5 * without);
    }
}

fn expected_matrix(name: &str) -> Value {
    let files = files(name);
    let yaml = read_phonopy_yaml(name, std::str::from_utf8(&files["phonopy.yaml"]).unwrap()).unwrap();
    let m = yaml.supercell_matrix;
    json!((0..3).map(|i| (0..3).map(|j| m[(i, j)]).collect::<Vec<i32>>()).collect::<Vec<_>>())
}

#[test]
fn charges_that_cannot_be_used_are_refused_in_a_sentence() {
    let diagonal = |x: f64| json!([[x, 0, 0], [0, x, 0], [0, 0, x]]);
    let numbers = |charges: Vec<f64>, e: f64| json!({"born_charges": charges.into_iter().map(diagonal).collect::<Vec<_>>(), "dielectric": diagonal(e)});
    let mut files = files("NaCl");
    let nac = String::from_utf8(files["phonopy_nac.yaml"].clone()).unwrap();
    files.insert("flat.yaml".into(), nac.replacen("[  2.435339670000000,", "[ -2.4,", 1).into());
    files.insert(
        "short.yaml".into(),
        nac.replacen("    - [  1.087030000000000,  0.000000000000000,  0.000000000000000 ]\n", "", 1).into(),
    );
    files.insert(
        "BORN3".into(),
        b"14.4\n2 0 0 0 2 0 0 0 2\n1 0 0 0 1 0 0 0 1\n-1 0 0 0 -1 0 0 0 -1\n1 0 0 0 1 0 0 0 1\n".to_vec(),
    );
    files.insert(
        "BORN_zero".into(),
        b"# \n0 0 0 0 0 0 0 0 0\n1 0 0 0 1 0 0 0 1\n-1 0 0 0 -1 0 0 0 -1\n".to_vec(),
    );
    let refused = |crystal: &str, non_analytical: Value, said: &str| {
        let mut job =
            json!({"crystal": {"file": crystal}, "force_constants": {"values": {"file": "phonopy.yaml"}}});
        if !non_analytical.is_null() {
            job["non_analytical"] = non_analytical;
        }
        let found = Job::from_json(&job.to_string()).and_then(|job| Prepared::new(&job, &files));
        let error = found.err().unwrap_or_else(|| panic!("accepted; expected {said}")).to_string();
        assert!(error.starts_with(said) && error.contains(", expected "), "{error}");
        assert!(error.len() < 400 && !error.contains('\n'), "{error}");
    };
    let plain = "phonopy.yaml";
    refused(
        plain,
        numbers(vec![1.0, -1.0, 1.0], 2.0),
        "job: non_analytical.born_charges: 3 charges, expected one for each",
    );
    refused(
        plain,
        numbers(vec![1.0, 1.0], 2.0),
        "job: non_analytical.born_charges: the charges of the primitive",
    );
    refused(plain, numbers(vec![1.0, -1.0], -2.0), "job: non_analytical.dielectric: a principal value of -2");
    refused(plain, numbers(vec![1.0, -1.0], 0.0), "job: non_analytical.dielectric: a principal value of 0");
    refused(
        plain,
        numbers(vec![1e9, -1.0], 2.0),
        "job: non_analytical.born_charges[0]: a number that is no charge",
    );
    refused(plain, numbers(vec![1.0, -1.0], 1e300), "job: non_analytical.dielectric: numbers beyond");
    refused(plain, json!({"born_charges": [[1, 2]], "dielectric": diagonal(2.0)}), "job: non_analytical: ");
    refused(plain, json!({"file": "BORN", "dielectric": diagonal(2.0)}), "job: non_analytical: ");
    refused(plain, json!("BORN"), "job: non_analytical: ");
    refused(plain, json!({"file": "nowhere"}), "nowhere: ");
    refused(plain, json!({"file": "POSCAR"}), "POSCAR: this is ");
    refused(plain, json!({"file": "BORN3"}), "BORN3: born_charges: 3 charges");
    refused(plain, json!({"file": "BORN_zero"}), "BORN_zero: dielectric: a principal value of 0");
    refused(
        plain,
        json!(true),
        "job: non_analytical: true, but the file of the crystal holds no Born charges",
    );
    refused("flat.yaml", Value::Null, "flat.yaml: dielectric: a principal value of -2.4");
    refused(
        "short.yaml",
        Value::Null,
        "short.yaml: the Born charges or the dielectric constant are incomplete",
    );
    // With the term left out on purpose none of it matters.
    let job = json!({"crystal": {"file": "flat.yaml"}, "force_constants": {"values": {"file": "flat.yaml"}}, "non_analytical": false});
    assert!(Prepared::new(&Job::from_json(&job.to_string()).unwrap(), &files).unwrap().warnings.is_empty());
}

#[test]
fn constants_that_q2r_left_without_dipoles_have_them_put_back() {
    let mut files = files("NaCl");
    files.insert("q2r_nac.fc".into(), fixture("NaCl/q2r_nac.fc"));
    let file = json!({"file": "q2r_nac.fc"});
    let job = json!({"crystal": file, "force_constants": {"values": file}});
    let found = Prepared::new(&Job::from_json(&job.to_string()).unwrap(), &files).unwrap();
    let fc = found.family.at(&found.theta);
    let table: Vec<Value> = serde_json::from_slice(&fixture("NaCl/q2r_nac.json")).unwrap();
    let mut worst = 0.0_f64;
    for row in table {
        let q = Vector3::from(of::<[f64; 3]>(&row["q_cart"]));
        let ours = frequencies(&fc, &found.crystal.primitive.masses, &q);
        worst = worst.max(largest_difference(&ours[3..], &of::<Vec<f64>>(&row["frequencies_THz"])[3..]));
    }
    println!("{worst:.1e} THz at the waves of q2r");
    // The sum of q2r ends where its Gaussian has fallen to 10⁻⁶.
    assert!(worst < 2e-5, "{worst}");
}

/// What `rgd_blk` of Quantum ESPRESSO takes off the constants at q: the sum over G, and on the diagonal what the sum rule wants of
/// it, as it comes.
fn rigid(cell: &Cell, part: &DipoleDipole, q: &Vector3<f64>) -> DMatrix<Complex<f64>> {
    let n = cell.len();
    let (mut phi, at_gamma) = (plain_sum(cell, part, q), plain_sum(cell, part, &Vector3::zeros()));
    for s in 0..n {
        for t in 0..n {
            let more = at_gamma.fixed_view::<3, 3>(3 * s, 3 * t).into_owned();
            phi.view_mut((3 * s, 3 * s), (3, 3)).iter_mut().zip(&more).for_each(|(x, more)| *x -= more.re);
        }
    }
    phi
}

#[test]
fn constants_of_a_crystal_without_symmetry_have_the_dipoles_of_q2r_put_back_as_it_took_them_off() {
    const GRID: [usize; 3] = [2, 2, 1];
    let mut random = Random(11);
    let mut worst = 0.0_f64;
    for (cell, charges) in general_crystals().into_iter().take(2) {
        let n = cell.len();
        let reciprocal = cell.reciprocal();
        let alat = cell.lattice.column(0).norm();
        let part =
            DipoleDipole::with_width(&cell, &charges, 4.0 * (std::f64::consts::TAU / alat).powi(2)).unwrap();
        // Symmetric blocks, so that what the sum rule wants on the diagonal is symmetric.
        let cells: Vec<[usize; 3]> = (0..GRID[2])
            .flat_map(|c| (0..GRID[1]).flat_map(move |b| (0..GRID[0]).map(move |a| [a, b, c])))
            .collect();
        let whole = |r: &[usize; 3]| cell.lattice * Vector3::from(*r).map(|x| x as f64);
        let inverse = |r: &[usize; 3]| -> [usize; 3] { std::array::from_fn(|a| (GRID[a] - r[a]) % GRID[a]) };
        let at = |r: &[usize; 3]| cells.iter().position(|c| c == r).unwrap();
        let mut total = vec![DMatrix::<f64>::zeros(3 * n, 3 * n); cells.len()];
        for (c, r) in cells.iter().enumerate() {
            for s in 0..n {
                for t in 0..n {
                    let m = Matrix3::from_fn(|_, _| random.unit() - 0.5);
                    let m = (m + m.transpose()) - Matrix3::identity() * 4.0;
                    let back = at(&inverse(r));
                    total[c].view_mut((3 * s, 3 * t), (3, 3)).copy_from(&m);
                    total[back].view_mut((3 * t, 3 * s), (3, 3)).copy_from(&m);
                }
            }
        }
        for s in 0..n {
            total[0].view_mut((3 * s, 3 * s), (3, 3)).fill(0.0);
            let sum: Matrix3<f64> = total
                .iter()
                .flat_map(|m| (0..n).map(move |t| m.fixed_view::<3, 3>(3 * s, 3 * t).into_owned()))
                .sum();
            total[0].view_mut((3 * s, 3 * s), (3, 3)).copy_from(&-sum);
        }
        let waves: Vec<Vector3<f64>> = cells
            .iter()
            .map(|r| reciprocal * Vector3::from_fn(|a, _| r[a] as f64 / GRID[a] as f64))
            .collect();
        let vector = |r: &[usize; 3], s: usize, t: usize| whole(r) + cell.cartesian(t) - cell.cartesian(s);
        let taken: Vec<_> = waves.iter().map(|q| rigid(&cell, &part, q)).collect();
        let left = |c: usize, i: usize, j: usize| {
            let r = vector(&cells[c], i / 3, j / 3);
            let of = |(q, phi): (&Vector3<f64>, &DMatrix<Complex<f64>>)| {
                (phi[(i, j)] * Complex::cis(-q.dot(&r))).re / cells.len() as f64
            };
            total[c][(i, j)] - waves.iter().zip(&taken).map(of).sum::<f64>()
        };
        // As q2r writes it.
        let (bohr, rydberg, amu) = (0.529_177_210_903, 13.605_693_122_994, 911.444_243_1);
        let three = |m: &[f64]| m.iter().map(|x| format!(" {x:.15}")).collect::<String>() + "\n";
        let mut text = format!("{n} {n} 0 {:.15} 0 0 0 0 0\n", alat / bohr);
        for a in 0..3 {
            text += &three((cell.lattice.column(a) / alat).as_slice());
        }
        for s in 0..n {
            text += &format!(" {} '{}' {:.10}\n", s + 1, cell.symbols[s], cell.masses[s] * amu);
        }
        for s in 0..n {
            text += &format!(" {} {}{}", s + 1, s + 1, three((cell.cartesian(s) / alat).as_slice()));
        }
        text += " T\n";
        for a in 0..3 {
            text += &three(charges.dielectric.row(a).transpose().as_slice());
        }
        for (s, z) in charges.born.iter().enumerate() {
            text += &format!(" {}\n", s + 1);
            for a in 0..3 {
                text += &three(z.row(a).transpose().as_slice());
            }
        }
        text += &format!(" {} {} {}\n", GRID[0], GRID[1], GRID[2]);
        for (i, j) in (0..9).map(|k| (k / 3, k % 3)) {
            for (s, t) in (0..n * n).map(|k| (k / n, k % n)) {
                text += &format!(" {} {} {} {}\n", i + 1, j + 1, s + 1, t + 1);
                for m in &cells {
                    let phi = left(at(&inverse(m)), 3 * s + i, 3 * t + j) * bohr * bohr / rydberg;
                    text += &format!(" {} {} {} {phi:.16e}\n", m[0] + 1, m[1] + 1, m[2] + 1);
                }
            }
        }
        let files = Memory::from([("q2r.fc".to_owned(), text.into_bytes())]);
        let file = json!({"file": "q2r.fc"});
        let job = json!({"crystal": file, "force_constants": {"values": file}});
        let found = Prepared::new(&Job::from_json(&job.to_string()).unwrap(), &files).unwrap();
        let constants = found.family.at(&found.theta);
        for q in &waves[1..] {
            let mut dynamical = DMatrix::<Complex<f64>>::zeros(3 * n, 3 * n);
            for (c, r) in cells.iter().enumerate() {
                for i in 0..3 * n {
                    for j in 0..3 * n {
                        let phase = Complex::cis(q.dot(&vector(r, i / 3, j / 3)));
                        dynamical[(i, j)] += phase * total[c][(i, j)] / cell.masses[0];
                    }
                }
            }
            let levels = dynamical.symmetric_eigenvalues();
            let mut expected: Vec<f64> =
                levels.iter().map(|w2| w2.signum() * w2.abs().sqrt() * THZ).collect();
            expected.sort_by(f64::total_cmp);
            let ours = frequencies(&constants, &found.crystal.primitive.masses, q);
            worst = worst.max(largest_difference(&ours, &expected) / expected[3 * n - 1]);
        }
    }
    println!("{worst:.1e}");
    assert!(worst < 1e-8, "{worst:.1e}");
}

#[test]
fn exported_constants_hold_the_dipoles_and_give_the_same_frequencies() {
    for (name, cutoff) in [("NaCl", 5.0), ("ZnO", 4.0)] {
        let hkl: Vec<[f64; 3]> =
            (1..60).map(|m| [0.37, 0.61, 0.83].map(|x: f64| (x * f64::from(m)).fract() * 4.0)).collect();
        let table: String = hkl.iter().map(|[h, k, l]| format!("{h},{k},{l},1,1\n")).collect();
        let mut files = files(name);
        files.insert("d.csv".into(), format!("h,k,l,intensity,sigma\n{table}").into());
        let job = json!({"crystal": {"file": "phonopy_nac.yaml"},
            "force_constants": {"cutoff": cutoff, "start": {"file": "phonopy_nac.yaml"}},
            "model": {"u_mesh": [4, 4, 4], "order": "one-phonon"},
            "constraints": {"rotational_invariance": true}, "data": [{"file": "d.csv", "ideal": true}]});
        let run = Run::new(&Job::from_json(&job.to_string()).unwrap(), files).unwrap();
        let export = run.export().unwrap();
        assert!(
            export.phonopy_yaml.contains("born_effective_charge")
                && export.phonopy_yaml.contains("unit_conversion_factor: 14.4\n")
        );
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("polar").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("phonopy.yaml"), &export.phonopy_yaml).unwrap();
        let files = Memory::from([("e.yaml".to_owned(), export.phonopy_yaml.into_bytes())]);
        let again = json!({"crystal": {"file": "e.yaml"}, "force_constants": {"values": {"file": "e.yaml"}}});
        let again = Prepared::new(&Job::from_json(&again.to_string()).unwrap(), &files).unwrap();
        let off = largest_difference(&spectrum(&again), &spectrum(&run.prepared));
        println!("{name}: {off:.1e} THz");
        assert!(off < 1e-8, "{name}: {off:.1e} THz");
    }
}

#[test]
fn charges_of_no_symmetry_are_symmetrised_and_made_neutral() {
    let job = json!({"crystal": {"file": "phonopy.yaml"}, "force_constants": {"values": {"file": "phonopy.yaml"}},
        "non_analytical": {"born_charges": [[[2.1, 0.1, 0], [0.2, 2.2, 0.3], [0, 0, 2.1]], [[-2, 0, 0], [0, -2, 0], [0, 0, -2.3]]],
            "dielectric": [[6, 0.1, 0], [0.3, 5, 0], [0, 0, 4]]}});
    let Prepared { crystal, family, .. } = prepared("ZnO", job);
    let part = family.long_range().unwrap();
    let LongRange { born, dielectric, total, .. } = &part.long_range;
    // Two of each: charges that the group makes of those that were given.
    let expected = Matrix3::from_diagonal(&Vector3::new(0.3, 0.3, -0.4));
    assert!((total - expected).amax() < 1e-12, "{total}");
    let report = LongRangeReport::new(&part.long_range);
    assert!((report.charge_sum[2][2] + 0.4).abs() < 1e-12 && report.born_charges.len() == 4);
    assert!(report.to_string().contains("add up to 0.4000 e"), "{report}");
    assert!(born.iter().sum::<Matrix3<f64>>().amax() < 1e-14);
    for op in &crystal.operations {
        let r = &op.cartesian;
        assert!((r * dielectric * r.transpose() - dielectric).amax() < 1e-12);
        for (s, (image, _)) in op.images.iter().enumerate() {
            assert!((r * born[s] * r.transpose() - born[*image]).amax() < 1e-12);
        }
    }
    assert!((dielectric[(0, 0)] - 5.5).abs() < 1e-12 && dielectric[(0, 1)].abs() < 1e-12);
    assert!((born[0][(0, 0)] - (2.15 + 2.0) / 2.0).abs() < 1e-12, "{}", born[0]);
}

#[test]
fn charges_that_may_be_of_other_atoms_are_taken_with_a_word() {
    let notes = |born: Value| {
        let file = json!({"file": "phonopy.yaml"});
        let job = json!({"crystal": file, "force_constants": {"values": file},
            "non_analytical": {"born_charges": born, "dielectric": [[5, 0, 0], [0, 5, 0], [0, 0, 5]]}});
        prepared("ZnO", job).warnings.join(" ")
    };
    let diagonal = |x: f64, z: f64| json!([[x, 0, 0], [0, x, 0], [0, 0, z]]);
    let right = notes(json!([diagonal(2.1, 2.2), diagonal(-2.1, -2.2)]));
    assert!(!right.contains("harge"), "{right}");
    let swapped = notes(json!([diagonal(-2.1, -2.2), diagonal(2.1, 2.2)]));
    assert!(
        swapped.contains("O has a positive charge, 2.13 e: are they in the order of the atoms"),
        "{swapped}"
    );
    // The axis of the crystal is z, that of these charges x.
    let turned = json!([[[2.6, 0, 0], [0, 2.0, 0], [0, 0, 2.0]], [[-2.6, 0, 0], [0, -2.0, 0], [0, 0, -2.0]]]);
    let turned = notes(turned);
    assert!(turned.contains("The symmetry of the crystal changes a charge by 0.30 e"), "{turned}");
    let charged = notes(json!([diagonal(2.1, 2.2), diagonal(-2.0, -2.2)]));
    assert!(charged.contains("The charges add up to 0.20 e"), "{charged}");
}

#[test]
fn constants_in_another_frame_than_the_crystal_are_taken_with_a_word() {
    let notes = |text: String| {
        let mut files = files("ZnO");
        files.insert("POSCAR".into(), text.into());
        let job = json!({"crystal": {"file": "POSCAR"}, "non_analytical": false,
            "force_constants": {"values": {"file": "FORCE_CONSTANTS", "supercell_matrix": [2, 2, 2]}}});
        Prepared::new(&Job::from_json(&job.to_string()).unwrap(), &files).unwrap().warnings.join(" ")
    };
    let text = String::from_utf8(fixture("ZnO/POSCAR")).unwrap();
    assert!(!notes(text.clone()).contains("one Cartesian frame"));
    // The lattice vectors turned: x, y, z → z, x, y.
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in &mut lines[2..5] {
        let words: Vec<&str> = line.split_whitespace().collect();
        *line = format!("{} {} {}", words[2], words[0], words[1]);
    }
    let turned = notes(lines.join("\n") + "\n");
    assert!(
        turned.contains("Force constants of pairs that symmetry makes equivalent differ by up to"),
        "{turned}"
    );
    assert!(turned.contains("in one Cartesian frame"), "{turned}");
}

#[test]
fn mean_square_displacements_of_the_infinite_crystal_have_the_right_long_waves() {
    for system in polar_systems() {
        // As projected, sound in ZnO is not real close to Γ.
        let conditions = system.basis.rotational_invariance();
        let imposed = system.basis.imposed(&conditions).unwrap();
        let theta = imposed.nearest(&system.theta);
        let (crystal, family) = (&system.crystal, &imposed.family);
        for (statistics, temperature_k) in [(Statistics::Classical, 300.0), (Statistics::Quantum, 0.0)] {
            let thermal = Thermal { statistics, temperature_k, masses: crystal.primitive.masses.clone() };
            let converged = MeanSquare::converged(crystal, family, thermal.clone(), &theta);
            let ours = converged.tensors(&theta).unwrap();
            // What a mesh of n³ misses falls like 1/n, at T = 0 like 1/n².
            let plain = |n: usize| {
                let mesh = UMesh::Plain([n, n, n]);
                MeanSquare::new(crystal, family, thermal.clone(), &mesh, MeshAxes::Primitive)
                    .tensors(&theta)
                    .unwrap()
            };
            let (coarse, fine) = (plain(24), plain(36));
            let ratio = if temperature_k == 0.0 { 1.5_f64.powi(2) } else { 1.5 };
            let mut worst = 0.0_f64;
            for s in 0..crystal.n_atoms() {
                let limit = (fine[s] * ratio - coarse[s]) / (ratio - 1.0);
                worst = worst.max((ours[s] - limit).amax() / limit.amax());
            }
            println!(
                "{} {statistics:?} {temperature_k} K: {worst:.1e}, said {:?}",
                system.name,
                converged.error()
            );
            assert!(worst < 1.2e-3, "{}: {worst:.1e}", system.name);
        }
    }
}

/// Box and Muller.
fn normal(random: &mut Random) -> f64 {
    let (a, b) = (random.unit().max(1e-300), random.unit());
    (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

#[test]
fn a_fit_with_the_term_finds_what_went_in_and_one_without_it_does_not() {
    let mut hkl: Vec<[f64; 3]> = vec![];
    for m in 1..6000 {
        let point = [0.618_034, 0.414_214, 0.732_051].map(|x: f64| ((x * f64::from(m)).fract() - 0.5) * 9.0);
        let prepared_cell = [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];
        // Off the Bragg peaks by a tenth of a reciprocal-lattice unit.
        let turns = prepared_cell.map(|v: [f64; 3]| (0..3).map(|a| v[a] * point[a]).sum::<f64>());
        if turns.iter().map(|x| (x - x.round()).abs()).fold(0.0, f64::max) > 0.1 && hkl.len() < 1500 {
            hkl.push(point);
        }
    }
    let job = |more: Value| {
        let mut job = json!({"crystal": {"file": "phonopy_nac.yaml"},
            "force_constants": {"cutoff": 5.0, "start": {"file": "phonopy_nac.yaml"}},
            "model": {"order": "all-order", "temperature": 300.0, "real_space_range": 20.0},
            "nuisance": {"scale": "free", "background": ["constant"]}});
        job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        job
    };
    let truth = prepared("NaCl", job(json!({})));
    let on_bragg = |_| tds_inversion::Error::NeedsWhole;
    let intensity = truth.simulate(&hkl, &on_bragg).unwrap().intensity;
    let elastic = |p: &Prepared, theta: &[f64]| {
        let tensor = LongWave::new(&p.family.at(theta)).elastic(p.crystal.primitive.volume()).voigt;
        [tensor[(0, 0)], tensor[(0, 1)], tensor[(3, 3)]]
    };
    let stiffness = elastic(&truth, &truth.theta);
    let optical = |p: &Prepared, theta: &[f64]| {
        let along = Vector3::x();
        let all = frequencies_towards(
            &p.family.at(theta),
            &p.crystal.primitive.masses,
            &Vector3::zeros(),
            Some(&along),
        );
        [all[3], all[5]]
    };
    println!(
        "truth: C11, C12, C44 {stiffness:.2?} GPa, TO and LO at Γ {:.3?} THz",
        optical(&truth, &truth.theta)
    );
    // Counts: 1/√n of each, about one percent.
    for noise in [0.0, 1.0] {
        let mut random = Random(11);
        let rows = hkl.iter().zip(&intensity).map(|([h, k, l], i)| {
            let counts = 300.0 * i + 500.0;
            let sigma = counts.sqrt();
            format!("{h},{k},{l},{},{sigma}\n", counts + noise * sigma * normal(&mut random))
        });
        let table: String = rows.collect();
        let mut files = files("NaCl");
        files.insert("d.csv".into(), format!("h,k,l,intensity,sigma\n{table}").into());
        for with in [true, false] {
            // From constants of another size.
            let labels = truth.labels().into_iter().zip(truth.theta.iter().map(|t| 0.8 * t));
            let start: BTreeMap<String, f64> = labels.collect();
            let mut of = json!({"data": [{"file": "d.csv", "ideal": true}],
                "force_constants": {"cutoff": 5.0, "start": if with { json!({"labels": start}) } else { json!({"file": "phonopy_nac.yaml"}) }}});
            if !with {
                of["non_analytical"] = json!(false);
            }
            let mut run = Run::new(&Job::from_json(&job(of).to_string()).unwrap(), files.clone()).unwrap();
            while run.session.progress().termination.is_none() {
                run.step(|| 0.0);
            }
            let result = run.result(0.0, "2026-01-01T00:00:00Z");
            assert_eq!(result.non_analytical.is_some(), with);
            let theta = run.session.current().theta.clone();
            let largest = truth.theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
            let off = largest_difference(&theta, &truth.theta) / largest;
            let (c, gamma) = (elastic(&run.prepared, &theta), optical(&run.prepared, &theta));
            println!(
                "noise {noise}, {}: {:?}, χ²/n {:.4}, largest difference {off:.1e}, C {c:.2?}, TO and LO {gamma:.3?}",
                if with { "with" } else { "without" },
                result.termination,
                result.chi2_reduced
            );
            if !with {
                let chi = if noise > 0.0 { result.chi2_reduced } else { result.chi2_reduced + 1.0 };
                assert!(chi > 1.5 && (gamma[1] - gamma[0]).abs() < 1e-6);
                continue;
            }
            assert_eq!(result.termination, Some(TerminationReason::Converged));
            if noise == 0.0 {
                assert!(off < 1e-6, "{off:.1e}");
                continue;
            }
            assert!((0.9..1.1).contains(&result.chi2_reduced));
            let pulls: Vec<f64> = result
                .parameters
                .iter()
                .zip(&truth.theta)
                .filter_map(|(p, t)| Some((p.value - t) / p.sigma?))
                .collect();
            println!("pulls {pulls:.1?}");
            assert!(pulls.len() == theta.len() && pulls.iter().all(|x| x.abs() < 4.0), "{pulls:?}");
        }
    }
}
