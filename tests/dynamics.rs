//! Lattice dynamics, thermal motion and one-phonon intensities agree with other programs.

mod common;

use common::*;
use nalgebra::{Matrix3, Vector3};
use serde::Deserialize;
use serde_json::Value;
use tds_inversion::dynamics::{LongWave, acoustic_sum, frequencies};
use tds_inversion::ifc::library;
use tds_inversion::run::Prepared;
use tds_inversion::scattering::OnePhonon;
use tds_inversion::thermal::{MeanSquare, MeshAxes, Statistics, Thermal, UMesh};

fn floats(v: &Value) -> Vec<f64> {
    serde_json::from_value(v.clone()).unwrap()
}

#[derive(Deserialize)]
#[allow(non_snake_case)]
struct Golden {
    Q_cart_invA: Vec<[f64; 3]>,
    frequencies_THz: Vec<Vec<f64>>,
    masses_amu: Vec<f64>,
    cases: Vec<Value>,
    f0: std::collections::BTreeMap<String, Vec<f64>>,
}

fn golden(name: &str) -> Golden {
    let path = format!("{}/tests/fixtures/{name}/golden.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn form_factors_agree_with_the_published_table() {
    for name in ["NaCl", "ZnO"] {
        let (crystal, _) = first_principles(name);
        let g = golden(name);
        for (s, factor) in crystal.form_factors.iter().enumerate() {
            for (q, f0) in g.Q_cart_invA.iter().zip(&g.f0[&crystal.primitive.symbols[s]]) {
                assert!(relative(factor.f0(Vector3::from(*q).norm()), *f0) < 1e-9);
            }
        }
    }
}

#[test]
fn frequencies_u_and_intensities_agree_with_phonopy_and_euphonic() {
    for name in ["NaCl", "ZnO"] {
        let (mut crystal, fc) = first_principles(name);
        let g = golden(name);
        crystal.primitive.masses = g.masses_amu.clone();
        let q: Vec<Vector3<f64>> = g.Q_cart_invA.iter().map(|q| Vector3::from(*q)).collect();
        let mut worst = [0.0_f64; 3];
        for (q, expected) in q.iter().zip(&g.frequencies_THz) {
            for (ours, theirs) in frequencies(&fc, &crystal.primitive.masses, q).iter().zip(expected) {
                worst[0] = worst[0].max(relative(*ours, *theirs));
            }
        }
        let family = fc.into_family();
        for case in &g.cases {
            let statistics =
                if case["statistics"] == "quantum" { Statistics::Quantum } else { Statistics::Classical };
            let temperature_k = case["temperature_K"].as_f64().unwrap();
            let thermal = Thermal { statistics, temperature_k, masses: crystal.primitive.masses.clone() };
            let mesh = UMesh::Plain([8, 8, 8]);
            let mean_square = MeanSquare::new(&crystal, &family, thermal.clone(), &mesh, MeshAxes::Primitive);
            let model = OnePhonon::new(&crystal, &family, thermal, mean_square, q.clone());
            let state = model.state(&[1.0]).unwrap();
            for (s, u) in case["U_A2"].as_array().unwrap().iter().enumerate() {
                let rows: Vec<Vec<f64>> = serde_json::from_value(u.clone()).unwrap();
                let expected = Matrix3::from_fn(|i, j| rows[i][j]);
                let ours = state.mean_square.tensors[s];
                worst[1] = worst[1].max((ours - expected).amax() / expected.amax());
            }
            for (ours, theirs) in model.intensities(&state).unwrap().iter().zip(floats(&case["one_phonon"])) {
                worst[2] = worst[2].max(relative(*ours, theirs));
            }
        }
        println!("{name}: frequencies {:.1e}, U {:.1e}, intensities {:.1e}", worst[0], worst[1], worst[2]);
        assert!(worst.iter().all(|w| *w < 1e-6), "{name}: {worst:?}");
    }
}

#[test]
fn library_tables_pass_their_independent_audit() {
    let tables: Vec<Value> = serde_json::from_str(include_str!("fixtures/bvk_tables.json")).unwrap();
    let systems = library_systems();
    for table in &tables {
        let system = systems.iter().find(|s| s.name == table["id"].as_str().unwrap()).unwrap();
        let fc = system.basis.family.at(&system.theta);
        for (point, expected) in table["audit"]["frequencies_THz"].as_object().unwrap() {
            let hkl = match point.as_str() {
                "X" | "H" => [1.0, 0.0, 0.0],
                "L" | "P" => [0.5, 0.5, 0.5],
                "N" => [0.5, 0.5, 0.0],
                other => panic!("no point {other}"),
            };
            let q = system.crystal.q_cart(&hkl);
            let ours = frequencies(&fc, &system.crystal.primitive.masses, &q);
            for (ours, theirs) in ours.iter().zip(floats(expected)) {
                assert!((ours - theirs).abs() < 1e-3, "{} {point}: {ours} {theirs}", system.name);
            }
        }
        let tensor = LongWave::new(&fc).elastic(system.crystal.primitive.volume());
        for (name, (i, j)) in [("C11", (0, 0)), ("C12", (0, 1)), ("C44", (3, 3))] {
            let theirs = table["audit"]["elastic_GPa"][name].as_f64().unwrap();
            let ours = tensor.voigt[(i, j)];
            assert!((ours - theirs).abs() < 0.2, "{} {name}: {ours} {theirs}", system.name);
        }
    }
    assert_eq!(tables.len() + 2, library().len());
}

#[test]
fn acoustic_branches_vanish_at_gamma_and_are_stable_elsewhere() {
    for system in all_systems() {
        let fc = system.basis.family.at(&system.theta);
        assert!(acoustic_sum(&fc) < 1e-12, "{}", system.name);
        let masses = &system.crystal.primitive.masses;
        let f = frequencies(&fc, masses, &Vector3::zeros());
        let mut sizes: Vec<f64> = f.iter().map(|x| x.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        assert!(sizes[2] < 1e-4, "{}: {f:?}", system.name);
        for q in general_q(&system.crystal, 20) {
            assert!(frequencies(&fc, masses, &q)[0] > 0.0, "{}", system.name);
        }
        assert!(LongWave::new(&fc).softest().0 > 0.0, "{}", system.name);
    }
}

#[test]
fn projection_onto_irreducible_constants_reports_what_it_cannot_represent() {
    for (name, cutoffs) in [("NaCl", [3.0, 5.0]), ("ZnO", [2.1, 4.0])] {
        let (crystal, fc) = first_principles(name);
        let residual = cutoffs.map(|cutoff| {
            let basis = tds_inversion::ifc::IrreducibleBasis::new(&crystal, cutoff).unwrap();
            let projection = basis.project(&fc);
            let again = basis.project(&basis.family.at(&projection.theta));
            assert!(again.relative_residual < 1e-12, "{name}: projecting twice changes nothing");
            projection.relative_residual
        });
        println!("{name}: {residual:?}");
        assert!(residual[1] < residual[0] && residual[1] > 0.0 && residual[0] < 0.8, "{name}: {residual:?}");
    }
}

#[test]
fn the_extrapolated_mean_square_of_nickel_is_that_of_an_infinite_mesh() {
    let truth: Value = serde_json::from_str(include_str!("fixtures/truth.json")).unwrap();
    let expected = truth["ni_298K_one_phonon.csv"]["U_iso_A2"].as_f64().unwrap();
    let system = library_systems().into_iter().find(|s| s.name == "ni_298").unwrap();
    let u = |mesh: UMesh, axes| {
        let masses = system.crystal.primitive.masses.clone();
        let thermal = Thermal { statistics: Statistics::Quantum, temperature_k: 298.0, masses };
        let model = MeanSquare::new(&system.crystal, &system.basis.family, thermal, &mesh, axes);
        model.at(&system.theta).unwrap().tensors[0].trace() / 3.0
    };
    let converged = u(UMesh::Named(tds_inversion::thermal::Converged::Converged), MeshAxes::Primitive);
    println!("converged {converged:.7} Å², expected {expected:.7} Å²");
    assert!(relative(converged, expected) < 1e-3);
    // The plain sums fall short by c/n, whichever axes they divide.
    for axes in [MeshAxes::Primitive, MeshAxes::Conventional] {
        let short = [8, 16].map(|n| expected - u(UMesh::Plain([n; 3]), axes));
        println!(
            "{axes:?}: short by {:.2} % and {:.2} %",
            100.0 * short[0] / expected,
            100.0 * short[1] / expected
        );
        assert!((short[0] / short[1] - 2.0).abs() < 0.1, "{axes:?}: {short:?}");
    }
}

/// Crystals with internal strain: two atoms that no inversion leaves in place.
fn sprung(spec: Value) -> System {
    let job = serde_json::from_value(serde_json::json!({
        "crystal": spec,
        "force_constants": {"start": {"springs": {"1": 5.0, "2": 0.9, "3": -0.2}}},
    }));
    let prepared = Prepared::new(&job.unwrap(), &std::collections::BTreeMap::new()).unwrap();
    assert!(prepared.warnings.iter().all(|w| !w.contains("rotation")));
    System {
        name: spec["prototype"].as_str().unwrap().into(),
        crystal: prepared.crystal,
        basis: prepared.basis.unwrap(),
        theta: prepared.theta,
        temperature_k: 300.0,
    }
}

/// Checks the condensed internal strain by the phonons themselves, and the elastic constants by
/// Christoffel's equation.
#[test]
fn elastic_constants_are_the_slopes_of_the_acoustic_branches() {
    let voigt = |i: usize, j: usize| if i == j { i } else { 6 - i - j };
    let (mut worst, mut strain) = ([0.0_f64; 2], 0);
    let mut systems = library_systems();
    systems.extend(polyatomic_systems().into_iter().filter(|s| s.name == "NaCl"));
    systems.push(sprung(serde_json::json!({"prototype": "diamond", "element": "Si", "a": 5.431})));
    systems
        .push(sprung(serde_json::json!({"prototype": "zincblende", "elements": ["Ga", "As"], "a": 5.653})));
    systems.push(sprung(serde_json::json!({"prototype": "hcp", "element": "Mg", "a": 3.209, "c": 5.211})));
    for system in systems {
        let fc = system.basis.family.at(&system.theta);
        let long_wave = LongWave::new(&fc);
        assert!(long_wave.linear < 1e-9, "{}: {}", system.name, long_wave.linear);
        let volume = system.crystal.primitive.volume();
        let elastic = long_wave.elastic(volume);
        let mass: f64 = system.crystal.primitive.masses.iter().sum();
        for n in [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [0.3, -0.5, 0.8]] {
            let n = Vector3::from(n).normalize();
            let stiffness = long_wave.along(&n);
            let mut expected: Vec<f64> = stiffness.symmetric_eigenvalues().iter().copied().collect();
            expected.sort_by(f64::total_cmp);
            // ω² = K q²/M on the three lowest branches; two q remove the q⁴ term.
            let slopes = [0.01, 0.02].map(|q| {
                let f = frequencies(&fc, &system.crystal.primitive.masses, &(n * q));
                [0, 1, 2].map(|b| (f[b] / tds_inversion::units::THZ / q).powi(2) * mass)
            });
            for b in 0..3 {
                let slope = (4.0 * slopes[0][b] - slopes[1][b]) / 3.0;
                worst[0] = worst[0].max(relative(slope, expected[b]));
            }
            let bare: Matrix3<f64> =
                fc.pairs.iter().fold(Matrix3::zeros(), |sum, p| sum - p.4 * (0.5 * p.3.dot(&n).powi(2)));
            strain += usize::from((bare - stiffness).amax() > 1e-3 * stiffness.amax());
            let christoffel = Matrix3::from_fn(|i, k| {
                let terms = (0..9).map(|jl| (jl / 3, jl % 3));
                terms.map(|(j, l)| elastic.voigt[(voigt(i, j), voigt(k, l))] * n[j] * n[l]).sum()
            });
            let ours = stiffness * (160.2176634 / volume);
            let difference = (christoffel - ours).amax() - 3.0 * elastic.huang_violation;
            worst[1] = worst[1].max(difference / ours.amax());
        }
    }
    println!(
        "slopes to {:.1e}, Christoffel to {:.1e}, internal strain in {strain} cases",
        worst[0], worst[1]
    );
    assert!(strain >= 8, "internal strain in only {strain} cases");
    assert!(worst[0] < 1e-5, "{worst:?}");
    assert!(worst[1] < 1e-9, "{worst:?}");
}

#[test]
fn constants_that_a_rotation_would_strain_are_noticed() {
    let zno = polyatomic_systems().into_iter().find(|s| s.name == "ZnO").unwrap();
    assert!(LongWave::new(&zno.basis.family.at(&zno.theta)).linear > 1e-3);
}
