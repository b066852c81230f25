//! The mean-square displacement of an infinite crystal: converged for every stiffness tensor and
//! temperature, or its error is known.

mod common;

use common::*;
use nalgebra::Matrix3;
use serde_json::{Value, json};
use tds_inversion::run::Prepared;
use tds_inversion::thermal::{CONVERGED, MeanSquare, MeshAxes, Statistics, Thermal, UMesh};

fn prepared(job: Value, files: &[(&str, &str)]) -> Prepared {
    let files: std::collections::BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect();
    Prepared::new(&serde_json::from_value(job).unwrap(), &files).unwrap()
}

const TETRAGONAL: &str = "layers\n1.0\n2.6 0 0\n0 2.6 0\n0 0 6.2\nC\n1\nDirect\n0 0 0\n";
const RHOMBOHEDRAL: &str = "layers\n1.0\n3.0 0 0\n-1.5 2.598076211353316 0\n0 0 10.2\nC\n3\nDirect\n\
    0 0 0\n0.666666666666667 0.333333333333333 0.333333333333333\n0.333333333333333 0.666666666666667 0.666666666666667\n";
const TRICLINIC: &str =
    "two atoms\n1.0\n3.1 0.2 0.1\n-0.9 4.0 0.3\n0.4 -1.1 5.2\nSi C\n1 1\nDirect\n0 0 0\n0.41 0.47 0.55\n";

fn tetragonal(between: [f64; 2]) -> Prepared {
    let labels = json!({"1XX": -8.0, "1YY": -3.0, "1ZZ": -0.8, "2XX": -1.0, "2XY": -0.6, "2ZZ": -0.1,
        "5XX": -between[0], "5ZZ": -between[1]});
    let job = json!({"crystal": {"file": "POSCAR"},
        "force_constants": {"cutoff": 6.5, "values": {"labels": labels}}});
    prepared(job, &[("POSCAR", TETRAGONAL)])
}

fn rhombohedral(between: f64) -> Prepared {
    let job = json!({"crystal": {"file": "POSCAR"},
        "force_constants": {"cutoff": 4.0, "values": {"springs": {"1": 8.0, "2": between}}}});
    prepared(job, &[("POSCAR", RHOMBOHEDRAL)])
}

fn triclinic(soft: f64) -> Prepared {
    let springs: std::collections::BTreeMap<String, f64> =
        (1..=15).map(|n| (n.to_string(), if n % 4 == 0 { soft } else { 5.0 / n as f64 })).collect();
    let job = json!({"crystal": {"file": "POSCAR"},
        "force_constants": {"cutoff": 5.5, "values": {"springs": springs}}});
    prepared(job, &[("POSCAR", TRICLINIC)])
}

fn thermal(p: &Prepared, temperature_k: f64) -> Thermal {
    let masses = p.crystal.primitive.masses.clone();
    Thermal { statistics: Statistics::Quantum, temperature_k, masses }
}

fn converged(p: &Prepared, temperature_k: f64) -> MeanSquare {
    MeanSquare::converged(&p.crystal, &p.family, thermal(p, temperature_k), &p.theta)
}

#[test]
fn layered_crystals_are_converged_or_say_by_how_much_they_are_not() {
    let expected: Value = serde_json::from_str(include_str!("fixtures/layered/mean_square.json")).unwrap();
    let mut worst = 0.0_f64;
    for (kind, list) in expected.as_object().unwrap() {
        for case in list.as_array().unwrap() {
            let temperature = case["temperature"].as_f64().unwrap();
            let p = match &case["interlayer"] {
                Value::Array(k) => tetragonal([k[0].as_f64().unwrap(), k[1].as_f64().unwrap()]),
                k => rhombohedral(k.as_f64().unwrap()),
            };
            let model = converged(&p, temperature);
            let u = model.tensors(&p.theta).unwrap()[0];
            let value = [u[(0, 0)], u[(2, 2)]];
            let off = [0, 1].map(|i| relative(value[i], case["U_A2"][i].as_f64().unwrap()));
            println!(
                "{kind} {} {temperature} K: off by {:.1e} {:.1e}, says {:.1e}, {} wave vectors",
                case["interlayer"],
                off[0],
                off[1],
                model.error().unwrap(),
                model.n_wave_vectors()
            );
            assert!(off.iter().all(|o| *o < CONVERGED), "{kind} {case}: {value:?}");
            assert!(model.error().unwrap() < CONVERGED);
            worst = off.into_iter().fold(worst, f64::max);
        }
    }
    println!("worst {worst:.1e}");
}

#[test]
fn triclinic_crystals_agree_with_plain_meshes_taken_to_the_limit() {
    for soft in [1.0, 0.05] {
        let p = triclinic(soft);
        for temperature in [300.0, 3.0] {
            let plain = |n: usize| {
                let mesh = UMesh::Plain([n, n * 3 / 4, n * 3 / 4]);
                let thermal = thermal(&p, temperature);
                MeanSquare::new(&p.crystal, &p.family, thermal, &mesh, MeshAxes::Primitive)
                    .tensors(&p.theta)
                    .unwrap()
            };
            // At 3 K these meshes see no 1/q² yet.
            let order: f64 = if temperature > 100.0 { 2.0 } else { 4.0 };
            let (coarse, fine) = (plain(32), plain(64));
            let model = converged(&p, temperature);
            let values = model.tensors(&p.theta).unwrap();
            let mut worst = 0.0_f64;
            for ((u, coarse), fine) in values.iter().zip(&coarse).zip(&fine) {
                let expected = (fine * order - coarse) / (order - 1.0);
                let size = expected.diagonal().map(f64::sqrt);
                let off = (u - expected).component_div(&(size * size.transpose())).amax();
                worst = worst.max(off);
            }
            println!(
                "{soft} {temperature} K: off by {worst:.1e}, says {:.1e}, {} wave vectors",
                model.error().unwrap(),
                model.n_wave_vectors()
            );
            assert!(worst < CONVERGED, "{soft} {temperature} K: {worst:.1e}");
        }
    }
}

#[test]
fn derivatives_of_the_converged_mean_square_agree_with_central_differences() {
    for (p, temperature) in [
        (tetragonal([0.01, 0.05]), 300.0),
        (tetragonal([0.01, 0.05]), 2.0),
        (rhombohedral(0.1), 300.0),
        (triclinic(0.05), 5.0),
    ] {
        let model = converged(&p, temperature);
        let at = model.at(&p.theta).unwrap();
        let largest = p.theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
        // Soft springs bound the step.
        let h = 1e-6 * largest;
        println!("{temperature} K: {} constants", p.theta.len());
        // Some of the many constants of a triclinic crystal.
        for parameter in (0..p.theta.len()).step_by(1 + p.theta.len() / 30) {
            let moved = |steps: f64| {
                let mut theta = p.theta.clone();
                theta[parameter] += steps * h;
                model.tensors(&theta).unwrap()
            };
            let (a, b, c, d) = (moved(1.0), moved(-1.0), moved(2.0), moved(-2.0));
            for s in 0..a.len() {
                let slope = ((a[s] - b[s]) * 8.0 - (c[s] - d[s])) / (12.0 * h);
                let of = |p: usize| {
                    model.basis.iter().zip(&at.jacobian).map(|(e, row)| e[s] * row[p]).sum::<Matrix3<f64>>()
                };
                let scale = (0..p.theta.len()).map(|p| of(p).amax()).fold(0.0, f64::max);
                let off = (of(parameter) - slope).amax() / scale;
                assert!(off < 1e-6, "{temperature} K, parameter {parameter}: {off:.1e}");
            }
        }
        let tensors = model.tensors(&p.theta).unwrap();
        let same = at.tensors.iter().zip(&tensors).all(|(a, b)| (a - b).amax() < 1e-12 * a.amax());
        assert!(same, "values with and without derivatives");
    }
}

#[test]
fn an_error_is_stated_where_the_constants_left_the_mesh() {
    let soft = tetragonal([0.01, 0.05]);
    let named = UMesh::Named(tds_inversion::thermal::Converged::Converged);
    let thermal = thermal(&soft, 300.0);
    // What suits nickel.
    let model = MeanSquare::new(&soft.crystal, &soft.family, thermal, &named, MeshAxes::Primitive);
    assert_eq!(model.error(), None);
    let error = model.error_at(&soft.crystal, &soft.family, &soft.theta).unwrap();
    let truth = converged(&soft, 300.0);
    let (value, truth) = (model.tensors(&soft.theta).unwrap()[0], truth.tensors(&soft.theta).unwrap()[0]);
    let off = [0, 2].map(|i| relative(value[(i, i)], truth[(i, i)]));
    println!("says {error:.2}, off by {off:?}");
    assert!(error > CONVERGED && relative(error, off[0].max(off[1])) < 0.3, "says {error}, off by {off:?}");
}

#[test]
fn nickel_needs_no_more_than_two_plain_meshes() {
    let system = library_systems().into_iter().find(|s| s.name == "ni_298").unwrap();
    let masses = system.crystal.primitive.masses.clone();
    let thermal = Thermal { statistics: Statistics::Quantum, temperature_k: 298.0, masses };
    let named = UMesh::Named(tds_inversion::thermal::Converged::Converged);
    let (crystal, family) = (&system.crystal, &system.basis.family);
    let plain = MeanSquare::new(crystal, family, thermal.clone(), &named, MeshAxes::Primitive);
    let chosen = MeanSquare::converged(crystal, family, thermal, &system.theta);
    assert_eq!(plain.at(&system.theta).unwrap().coordinates, chosen.at(&system.theta).unwrap().coordinates);
    println!("nickel says {:.1e}", chosen.error().unwrap());
    assert!(chosen.error().unwrap() < CONVERGED);
}
