//! The exact model of all phonon orders.

mod common;

use common::*;
use nalgebra::Vector3;
use serde_json::Value;
use tds_inversion::scattering::{Exact, ModelState, OnePhonon};
use tds_inversion::thermal::{MeanSquare, MeshAxes, Statistics, Thermal, UMesh, default_grid};

fn thermal(system: &System, statistics: Statistics, temperature_k: f64) -> Thermal {
    Thermal { statistics, temperature_k, masses: system.crystal.primitive.masses.clone() }
}

fn all_orders(system: &System, thermal: Thermal, mesh: &UMesh, range: f64, q: Vec<Vector3<f64>>) -> Exact {
    let (crystal, family) = (&system.crystal, &system.basis.family);
    let u = MeanSquare::new(crystal, family, thermal.clone(), mesh, MeshAxes::Primitive);
    let one = OnePhonon::new(crystal, family, thermal, u, q);
    Exact::all_orders(crystal, family, one, range, default_grid(crystal, range)).unwrap()
}

/// Points commensurate with the supercell and on no reciprocal-lattice point.
fn commensurate(system: &System, supercell: [usize; 3], n: usize) -> Vec<Vector3<f64>> {
    let p = &system.crystal.primitive_in_input;
    (1..)
        .map(|i: i32| {
            let m = [i * 7 % 23 - 11, i * 5 % 19 - 9, i * 3 % 17 - 8];
            std::array::from_fn(|a| f64::from(m[a]) / supercell[a] as f64)
        })
        .filter(|hkl: &[f64; 3]| {
            let own: Vector3<f64> = p.transpose() * Vector3::from(*hkl);
            own.iter().any(|x| (x - x.round()).abs() > 1e-6)
        })
        .map(|hkl| system.crystal.q_cart(&hkl))
        .take(n)
        .collect()
}

#[test]
fn a_periodic_supercell_of_nickel_scatters_as_brute_force_says() {
    let fixtures: Vec<Value> =
        serde_json::from_str(include_str!("fixtures/all_order_supercell.json")).unwrap();
    let system = library_systems().into_iter().find(|s| s.name == "ni_298").unwrap();
    let numbers =
        |v: &Value| -> Vec<f64> { v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect() };
    for case in &fixtures {
        let n: Vec<usize> = numbers(&case["conventional_supercell"]).iter().map(|x| *x as usize).collect();
        let hkl: Vec<[f64; 3]> = case["hkl_conventional"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| numbers(p).try_into().unwrap())
            .collect();
        let thermal = thermal(&system, Statistics::Classical, case["temperature_K"].as_f64().unwrap());
        let q = hkl.iter().map(|p| system.crystal.q_cart(p)).collect();
        let model =
            Exact::periodic(&system.crystal, &system.basis.family, thermal, [n[0], n[1], n[2]], q).unwrap();
        let state = model.state(&system.theta).unwrap();
        let all = model.intensities(&state).unwrap();
        let orders = model.orders(&state).unwrap();
        // Their force constants are rounded like the table, their numbers to eleven digits.
        let worst = |ours: &[f64], theirs: &Value| {
            ours.iter().zip(numbers(theirs)).map(|(a, b)| relative(*a, b)).fold(0.0, f64::max)
        };
        let (one, all) = (worst(&orders.one, &case["one_phonon"]), worst(&all, &case["all_order"]));
        println!("{n:?}: one phonon {one:.1e}, all orders {all:.1e}");
        assert!(one < 1e-8 && all < 1e-8);
    }
}

/// Every gradient of `model` in two ways: rows and reverse mode, against central differences.
fn check_gradients(name: &str, model: &Exact, theta: &[f64]) -> f64 {
    let n = model.n_points();
    let n_blocks = model.one_phonon().n_blocks();
    let higher = |theta: &[f64]| {
        let state: ModelState = model.state(theta).unwrap();
        let mut values = model.higher_orders(&state, n_blocks).into_flattened();
        values.truncate(n);
        values
    };
    let state = model.state(theta).unwrap();
    let jacobian = model.higher_jacobian(&state, n_blocks);
    let weights: Vec<f64> = (0..n).map(|i| 1.0 + (i as f64 * 1.7).sin()).collect();
    let reverse = model.higher_pullback(&state, &weights);
    let whole = model.pullback(&state, &weights).unwrap();
    let h = 2e-4 * theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    let mut numeric = vec![vec![0.0; theta.len()]; n];
    let mut numeric_whole = vec![0.0; theta.len()];
    for p in 0..theta.len() {
        for (steps, factor) in [(1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)] {
            let mut moved = theta.to_vec();
            moved[p] += steps * h;
            for (row, v) in numeric.iter_mut().zip(higher(&moved)) {
                row[p] += factor * v / (12.0 * h);
            }
            let all = model.intensities(&model.state(&moved).unwrap()).unwrap();
            let sum: f64 = all.iter().zip(&weights).map(|(i, w)| i * w).sum();
            numeric_whole[p] += factor * sum / (12.0 * h);
        }
    }
    let scale = |x: &[f64]| x.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let mut worst = 0.0_f64;
    let mut sum = vec![0.0; theta.len()];
    for i in 0..n {
        let row: Vec<f64> = (0..theta.len())
            .map(|p| {
                jacobian.block(i / tds_inversion::dynamics::LANES)[p][i % tds_inversion::dynamics::LANES]
            })
            .collect();
        for p in 0..theta.len() {
            worst = worst.max((row[p] - numeric[i][p]).abs() / scale(&row));
            sum[p] += weights[i] * row[p];
        }
    }
    for p in 0..theta.len() {
        worst = worst.max((reverse[p] - sum[p]).abs() / scale(&sum));
        worst = worst.max((whole[p] - numeric_whole[p]).abs() / scale(&whole));
    }
    assert!(worst < 1e-6, "{name}: {worst:.1e}");
    worst
}

#[test]
fn all_order_gradients_agree_with_central_differences() {
    let cases = [(Statistics::Classical, 300.0), (Statistics::Quantum, 300.0), (Statistics::Quantum, 0.0)];
    let mut overall = 0.0_f64;
    for system in all_systems() {
        for (statistics, temperature) in cases {
            let thermal = thermal(&system, statistics, temperature);
            let range = if system.crystal.n_atoms() > 1 { 5.0 } else { 9.0 };
            let q = general_q(&system.crystal, if system.crystal.n_atoms() > 1 { 6 } else { 40 });
            let model = all_orders(&system, thermal.clone(), &UMesh::Plain([4, 4, 4]), range, q);
            overall = overall.max(check_gradients(&system.name, &model, &system.theta));
            let n = if system.crystal.n_atoms() > 1 { [2, 1, 1] } else { [2, 3, 2] };
            let q = commensurate(&system, n, if system.crystal.n_atoms() > 1 { 6 } else { 40 });
            let model = Exact::periodic(&system.crystal, &system.basis.family, thermal, n, q).unwrap();
            overall = overall.max(check_gradients(&system.name, &model, &system.theta));
        }
    }
    println!("worst relative difference {overall:.1e}");
}
