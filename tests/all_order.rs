//! The exact model of all phonon orders.

mod common;
#[path = "common/supercell.rs"]
mod supercell;

use common::*;
use nalgebra::{Complex, Matrix3, Vector3};
use serde_json::Value;
use tds_inversion::crystal::Crystal;
use tds_inversion::dynamics::force_constant_matrix;
use tds_inversion::scattering::{Exact, ModelState, OnePhonon, Orders, Sampled, Sampler, default_range};
use tds_inversion::thermal::{
    Converged, Grid, MeanSquare, MeshAxes, Statistics, Thermal, UMesh, correlation, default_grid,
};

fn thermal(system: &System, statistics: Statistics, temperature_k: f64) -> Thermal {
    Thermal { statistics, temperature_k, masses: system.crystal.primitive.masses.clone() }
}

fn all_orders(system: &System, thermal: Thermal, mesh: &UMesh, range: f64, q: Vec<Vector3<f64>>) -> Exact {
    let (crystal, family) = (&system.crystal, &system.basis.family);
    let u = MeanSquare::new(crystal, family, thermal.clone(), mesh, MeshAxes::Primitive);
    let one = OnePhonon::new(crystal, family, thermal, u, q);
    let mesh = default_grid(crystal, range);
    Exact::all_orders(crystal, family, one, range, mesh, None).unwrap()
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
            .map(|p| jacobian.block(i / tds_inversion::lanes::LANES)[p][i % tds_inversion::lanes::LANES])
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

/// Points of a grid: a few wave vectors of the first zone, each with many vectors of the reciprocal lattice.
fn grid(system: &System, n: i32) -> Vec<Vector3<f64>> {
    let reciprocal = system.crystal.primitive.reciprocal();
    let own = [[0.137, 0.241, 0.389], [0.411, -0.203, 0.072], [0.25, 0.5, 0.125]].map(Vector3::from);
    let mut q = Vec::new();
    for k in own {
        for i in 0..n * n * n {
            let g = Vector3::new(i / (n * n), i / n % n, i % n).map(|x| f64::from(x - n / 2));
            q.push(reciprocal * (k + g));
        }
    }
    q
}

/// Points that share wave vectors are summed in another way than points that do not.
#[test]
fn points_of_a_grid_scatter_as_each_does_by_itself() {
    let mut overall = 0.0_f64;
    for system in all_systems() {
        for (statistics, temperature) in STATISTICS {
            let thermal = thermal(&system, statistics, temperature);
            let range = if system.crystal.n_atoms() > 1 { 11.0 } else { 20.0 };
            let all = grid(&system, 4);
            // One of each wave vector, which share nothing.
            let apart = vec![all[9], all[64 + 42], all[128 + 63]];
            let [together, alone] = [all, apart].map(|q| {
                let model = all_orders(&system, thermal.clone(), &UMesh::Plain([4, 4, 4]), range, q);
                let state = model.state(&system.theta).unwrap();
                model.orders(&state).unwrap()
            });
            for (i, at) in [9, 64 + 42, 128 + 63].into_iter().enumerate() {
                let sum = |orders: &Orders, i: usize| orders.two[i] + orders.higher[i];
                let all = relative(sum(&together, at), sum(&alone, i));
                let two = relative(together.two[at], alone.two[i]);
                assert!(all < 3e-5 && two < 1e-11, "{}: {all:.1e}, two phonons {two:.1e}", system.name);
                overall = overall.max(all);
            }
        }
    }
    println!("worst relative difference {overall:.1e}");
}

#[test]
fn gradients_on_a_grid_agree_with_central_differences() {
    let mut overall = 0.0_f64;
    for system in all_systems() {
        let thermal = thermal(&system, Statistics::Quantum, 300.0);
        let range = if system.crystal.n_atoms() > 1 { 8.0 } else { 16.0 };
        let model = all_orders(&system, thermal, &UMesh::Plain([4, 4, 4]), range, grid(&system, 3));
        overall = overall.max(check_gradients(&system.name, &model, &system.theta));
    }
    println!("worst relative difference {overall:.1e}");
}

const STATISTICS: [(Statistics, f64); 3] =
    [(Statistics::Classical, 300.0), (Statistics::Quantum, 300.0), (Statistics::Quantum, 0.0)];

fn system(name: &str) -> System {
    all_systems().into_iter().find(|s| s.name == name).unwrap()
}

/// The covariance from the dense Hessian, which knows of no wave vectors, and the sum over all pairs
/// of atoms.
#[test]
fn periodic_supercells_scatter_as_their_dense_hessians_say() {
    let mut overall = 0.0_f64;
    for (name, size) in [
        ("ni_298", [3, 2, 2]),
        ("fe_295", [2, 3, 3]),
        ("NaCl", [2, 1, 1]),
        ("NaCl", [2, 2, 1]),
        ("ZnO", [3, 2, 2]),
    ] {
        let system = system(name);
        let (crystal, family) = (&system.crystal, &system.basis.family);
        for (statistics, temperature) in STATISTICS {
            let thermal = thermal(&system, statistics, temperature);
            let hkl = supercell::commensurate_with_signs(crystal, size, 24);
            let sampled = Sampled::new(crystal, family, thermal.clone(), size, Sampler::Block, &hkl).unwrap();
            let (sites, types) = sampled.sites();
            let covariance = supercell::brute_force(&system, &system.theta, &thermal, size, sites, types);
            let expected = supercell::exact(crystal, &sampled, &covariance, &hkl);
            let q = hkl.iter().map(|p| crystal.q_cart(p)).collect();
            let model = Exact::periodic(crystal, family, thermal, size, q).unwrap();
            let found = model.intensities(&model.state(&system.theta).unwrap()).unwrap();
            let worst = found.iter().zip(&expected).map(|(a, b)| relative(*a, *b)).fold(0.0, f64::max);
            overall = overall.max(worst);
            assert!(worst < 1e-8, "{name} {size:?} {statistics:?} {temperature} K: {worst:.1e}");
        }
    }
    println!("worst relative difference {overall:.1e}");
}

/// C_ss'(R) on the half-shifted mesh n³, averaged over the space group: one wave vector and one
/// operation after the other.
struct Direct<'a> {
    crystal: &'a Crystal,
    /// Wave vectors with C.
    waves: Vec<(Vector3<f64>, nalgebra::DMatrix<Complex<f64>>)>,
}

impl Direct<'_> {
    fn mesh(&self, s: usize, s2: usize, cell: Vector3<i32>) -> Matrix3<f64> {
        let p = &self.crystal.primitive;
        let r = p.lattice * cell.map(f64::from) + p.cartesian(s2) - p.cartesian(s);
        let mut sum = Matrix3::zeros();
        for (k, c) in &self.waves {
            let phase = Complex::cis(-k.dot(&r));
            sum += Matrix3::from_fn(|a, b| (c[(3 * s + a, 3 * s2 + b)] * phase).re);
        }
        sum / self.waves.len() as f64
    }

    fn average(&self, s: usize, s2: usize, cell: Vector3<i32>) -> Matrix3<f64> {
        let mut sum = Matrix3::zeros();
        for op in &self.crystal.operations {
            let ((a, shift_a), (b, shift_b)) = (op.images[s], op.images[s2]);
            let image = op.rotation * cell + shift_b - shift_a;
            sum += op.cartesian.transpose() * self.mesh(a, b, image) * op.cartesian;
        }
        sum / self.crystal.operations.len() as f64
    }
}

#[test]
fn the_sum_over_pairs_is_that_of_the_definition() {
    for (name, n, range) in [("ni_298", 8, 7.0), ("NaCl", 4, 6.0), ("ZnO", 4, 5.0)] {
        let system = system(name);
        let (crystal, family) = (&system.crystal, &system.basis.family);
        for (statistics, temperature) in STATISTICS {
            let thermal = thermal(&system, statistics, temperature);
            let fc = family.at(&system.theta);
            let reciprocal = crystal.primitive.reciprocal();
            let waves = (0..n * n * n)
                .map(|i| {
                    let at = |m: usize| (m as f64 + 0.5) / n as f64;
                    let k = reciprocal * Vector3::new(at(i / (n * n)), at(i / n % n), at(i % n));
                    let c = correlation(&force_constant_matrix(&fc, &k), &thermal).unwrap();
                    (k, c)
                })
                .collect();
            let direct = Direct { crystal, waves };
            let u: Vec<Matrix3<f64>> =
                (0..crystal.n_atoms()).map(|s| direct.average(s, s, Vector3::zeros())).collect();
            // Every (s, s', R), both directions of each.
            let reach = 4;
            let mut pairs = Vec::new();
            for (s, s2) in (0..u.len()).flat_map(|s| (0..u.len()).map(move |s2| (s, s2))) {
                for i in 0..(2 * reach + 1_i32).pow(3) {
                    let w = 2 * reach + 1;
                    let cell = Vector3::new(i / (w * w), i / w % w, i % w).map(|x| x - reach);
                    let p = &crystal.primitive;
                    let r = p.lattice * cell.map(f64::from) + p.cartesian(s2) - p.cartesian(s);
                    if r.norm() <= range {
                        pairs.push((s, s2, r, direct.average(s, s2, cell)));
                    }
                }
            }
            let q = general_q(crystal, 6);
            let mesh = UMesh::Plain([n; 3]);
            let ms = MeanSquare::new(crystal, family, thermal.clone(), &mesh, MeshAxes::Primitive);
            let one = OnePhonon::new(crystal, family, thermal, ms, q.clone());
            let model = Exact::all_orders(crystal, family, one, range, [n; 3], None).unwrap();
            let state = model.state(&system.theta).unwrap();
            let orders = model.orders(&state).unwrap();
            for (i, q) in q.iter().enumerate() {
                let w: Vec<f64> = u.iter().map(|u| 0.5 * q.dot(&(u * q))).collect();
                let (mut two, mut higher) = (0.0, 0.0);
                for (s, s2, r, c) in &pairs {
                    let x = q.dot(&(c * q));
                    let f = |s: usize| {
                        let (re, im) = crystal.form_factors[s].value(q.norm());
                        Complex::new(re, im)
                    };
                    let taper = 0.5
                        * (1.0
                            + (std::f64::consts::PI * (2.0 * r.norm() / range - 1.0).clamp(0.0, 1.0)).cos());
                    let phase = (f(*s).conj() * f(*s2) * Complex::cis(q.dot(r))).re;
                    let size = taper * phase * (-w[*s] - w[*s2]).exp();
                    two += size * 0.5 * x * x;
                    higher += size * (x.exp() - 1.0 - x - 0.5 * x * x);
                }
                let worst = relative(orders.two[i], two).max(relative(orders.higher[i], higher));
                assert!(worst < 1e-8, "{name} {statistics:?} {temperature} K: {worst:.1e}");
            }
        }
    }
}

#[test]
fn the_default_range_leaves_out_less_than_a_tenth_of_sigma() {
    let text =
        std::fs::read(format!("{}/www/examples/ni_298K_hk0_hk0.5_hk1.csv", env!("CARGO_MANIFEST_DIR")));
    let set = tds_inversion::formats::table::read_csv("example", &text.unwrap()).unwrap();
    let system = system("ni_298");
    let crystal = &system.crystal;
    let (hkl, sigma): (Vec<_>, Vec<_>) =
        set.hkl.iter().zip(set.sigma.unwrap()).step_by(7).map(|(p, s)| (crystal.q_cart(p), s)).unzip();
    let values = |range: f64| {
        let thermal = thermal(&system, Statistics::Quantum, 298.0);
        let mesh = UMesh::Named(Converged::Converged);
        let model = all_orders(&system, thermal, &mesh, range, hkl.clone());
        model.intensities(&model.state(&system.theta).unwrap()).unwrap()
    };
    // Counts per electron² of the example.
    let scale = 160.636;
    let (here, far) = (values(default_range(crystal)), values(56.0));
    let sum: f64 = here.iter().zip(&far).zip(&sigma).map(|((a, b), s)| (scale * (a - b) / s).powi(2)).sum();
    let rms = (sum / sigma.len() as f64).sqrt();
    println!("{:.1} Å: {rms:.3} σ", default_range(crystal));
    assert!(rms < 0.1);
}

#[test]
fn a_range_beyond_half_the_period_is_refused() {
    let system = system("ni_298");
    let (crystal, family) = (&system.crystal, &system.basis.family);
    let thermal = thermal(&system, Statistics::Quantum, 298.0);
    let grid = Grid::HalfShifted { n: [8; 3], range: 11.0 };
    let error = tds_inversion::thermal::Correlations::new(crystal, family, thermal, grid).unwrap_err();
    assert!(error.to_string().starts_with("11.00 Å with a mesh of period 19.9"), "{error}");
    assert!(error.to_string().contains("9.96 Å"), "{error}");
}

/// What pooling of equivalent pixels relies on.
#[test]
fn equivalent_points_scatter_alike() {
    for name in ["ni_298", "fe_295", "NaCl", "ZnO"] {
        let system = system(name);
        let q = general_q(&system.crystal, 1)[0];
        let mut equivalent: Vec<Vector3<f64>> = vec![q, -q];
        equivalent.extend(system.crystal.operations.iter().map(|op| op.cartesian * q));
        let thermal = thermal(&system, Statistics::Quantum, 300.0);
        let mesh = UMesh::Named(Converged::Converged);
        let model = all_orders(&system, thermal, &mesh, 9.0, equivalent);
        let values = model.intensities(&model.state(&system.theta).unwrap()).unwrap();
        for value in &values {
            assert!(relative(*value, values[0]) < 1e-10, "{name}: {value} {}", values[0]);
        }
    }
}
