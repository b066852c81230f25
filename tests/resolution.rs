//! Claims about averages over what an instrument resolves: against brute force, and their derivatives.

mod common;

use common::*;
use nalgebra::{Matrix3, Vector3};
use tds_inversion::scattering::{Exact, OnePhonon, Resolution, from_nearest_peak};
use tds_inversion::thermal::{MeanSquare, MeshAxes, Statistics, Thermal, UMesh};

fn one_phonon(system: &System, q: Vec<Vector3<f64>>) -> OnePhonon {
    let masses = system.crystal.primitive.masses.clone();
    let thermal = Thermal { statistics: Statistics::Quantum, temperature_k: 300.0, masses };
    let family = &system.basis.family;
    let mesh = UMesh::Plain([4, 4, 4]);
    let mean_square = MeanSquare::new(&system.crystal, family, thermal.clone(), &mesh, MeshAxes::Primitive);
    OnePhonon::new(&system.crystal, family, thermal, mean_square, q)
}

/// Nodes and weights of Gauss and Legendre on −½ … ½, by Newton's method.
fn legendre(n: usize) -> Vec<(f64, f64)> {
    (0..n)
        .map(|i| {
            let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
            let mut slope = 0.0;
            for _ in 0..100 {
                let (mut a, mut b) = (1.0, x);
                for k in 2..=n {
                    (a, b) = (b, ((2 * k - 1) as f64 * x * b - (k - 1) as f64 * a) / k as f64);
                }
                slope = n as f64 * (x * b - a) / (x * x - 1.0);
                x -= b / slope;
            }
            (0.5 * x, 1.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

/// The average by brute force: the box by Legendre, the Gaussian cut at 5 σ by Legendre.
fn brute_average(system: &System, centre: &Vector3<f64>, edge: f64, sigma: f64) -> f64 {
    let n = 12;
    let mut line: Vec<(f64, f64)> = vec![];
    for (x, u) in legendre(n) {
        for (y, v) in legendre(n) {
            let z = 10.0 * y;
            line.push((
                edge * x + sigma * z,
                u * v * 10.0 * (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt(),
            ));
        }
    }
    // The same in every direction: bins of equal width carry the moments of what falls into them.
    let total: f64 = line.iter().map(|(_, w)| w).sum();
    line.sort_by(|a, b| a.0.total_cmp(&b.0));
    let line: Vec<(f64, f64)> = line
        .chunks(4)
        .map(|part| {
            let w: f64 = part.iter().map(|(_, w)| w).sum();
            (part.iter().map(|(x, w)| x * w).sum::<f64>() / w, w / total)
        })
        .collect();
    let mut q = vec![];
    let mut weights = vec![];
    for (x, u) in &line {
        for (y, v) in &line {
            for (z, w) in &line {
                q.push(centre + Vector3::new(*x, *y, *z));
                weights.push(u * v * w);
            }
        }
    }
    let model = one_phonon(system, q);
    let values = model.intensities(&model.state(&system.theta).unwrap()).unwrap();
    values.iter().zip(&weights).map(|(i, w)| i * w).sum()
}

#[test]
fn averages_over_voxel_and_gaussian_agree_with_brute_force() {
    let copper = library_systems().into_iter().find(|s| s.name.starts_with("cu_296")).unwrap();
    let reciprocal = copper.crystal.input.reciprocal();
    let unit = reciprocal[(0, 0)];
    let (edge, sigma) = (0.1 * unit, 0.03 * unit);
    let resolution = Resolution {
        voxel: Matrix3::identity() * edge,
        gaussian: Matrix3::identity() * sigma * sigma,
        mosaic: 0.0,
        bandwidth: 0.0,
        widens: false,
    };
    let mut worst = [0.0_f64; 3];
    for (hkl, class) in [
        ([2.5, 1.0, 0.4], 0),
        ([2.35, 0.0, 0.0], 0),
        ([2.2, 2.2, 0.2], 0),
        ([3.25, 1.0, 1.0], 1),
        ([2.15, 2.15, 0.1], 1),
        ([2.2, 0.1, 0.1], 1),
        ([2.15, 0.0, 0.0], 2),
        ([2.1, 0.1, 0.05], 2),
    ] {
        let q = reciprocal * Vector3::from(hkl);
        let averaged = one_phonon(&copper, vec![q]).averaged(
            &copper.crystal,
            &copper.basis.family,
            &resolution,
            &copper.theta,
        );
        let ours = averaged.intensities(&averaged.state(&copper.theta).unwrap()).unwrap()[0];
        let plain = one_phonon(&copper, vec![q]);
        let plain = plain.intensities(&plain.state(&copper.theta).unwrap()).unwrap()[0];
        let right = brute_average(&copper, &q, edge, sigma);
        let level = resolution.level(&q, &from_nearest_peak(&copper.crystal, &q), None);
        println!("{hkl:?} {level:?}: {:.2e} (no average: {:.2e})", ours / right - 1.0, plain / right - 1.0);
        worst[class] = worst[class].max((ours / right - 1.0).abs());
    }
    // 7 nodes, 27, and 125 within four standard deviations of a peak.
    assert!(worst[0] < 2.5e-3 && worst[1] < 2.5e-3 && worst[2] < 6e-3, "{worst:?}");
}

/// The higher orders by the part of each pair that is left, against an average over nodes.
#[test]
fn averages_of_the_higher_orders_agree_with_brute_force() {
    for name in ["cu_296", "ZnO"] {
        let system = all_systems().into_iter().find(|s| s.name.starts_with(name)).unwrap();
        let reciprocal = system.crystal.input.reciprocal();
        let edge = 0.1 * reciprocal;
        let gaussian = reciprocal * reciprocal.transpose() * 9e-4;
        let resolution = Resolution { voxel: edge, gaussian, mosaic: 0.0, bandwidth: 0.0, widens: false };
        let family = &system.basis.family;
        let grid = tds_inversion::thermal::default_grid(&system.crystal, 20.0);
        for hkl in [[2.5, 1.0, 0.4], [3.3, 1.2, 0.2], [2.1, 2.3, 1.4]] {
            let q = reciprocal * Vector3::from(hkl);
            let mut points = vec![q];
            let mut weights = vec![0.0];
            let nodes: Vec<(f64, f64)> = legendre(3)
                .into_iter()
                .flat_map(|(x, u)| {
                    [(-1.0, 1.0 / 6.0), (0.0, 2.0 / 3.0), (1.0, 1.0 / 6.0)]
                        .map(|(y, v)| (0.1 * x + 0.03 * 3.0_f64.sqrt() * y, u * v))
                })
                .collect();
            for (x, u) in &nodes {
                for (y, v) in &nodes {
                    for (z, w) in &nodes {
                        points.push(q + reciprocal * Vector3::new(*x, *y, *z));
                        weights.push(u * v * w);
                    }
                }
            }
            let higher = |points: Vec<Vector3<f64>>, resolution: Option<&Resolution>| {
                let one = one_phonon(&system, points);
                let model = Exact::all_orders(&system.crystal, family, one, 20.0, grid, resolution).unwrap();
                let orders = model.orders(&model.state(&system.theta).unwrap()).unwrap();
                orders.two.iter().zip(&orders.higher).map(|(a, b)| a + b).collect::<Vec<f64>>()
            };
            let plain = higher(points, None);
            let right: f64 = plain.iter().zip(&weights).map(|(i, w)| i * w).sum();
            let ours = higher(vec![q], Some(&resolution))[0];
            println!(
                "{name} {hkl:?}: {:.1e} (no average: {:.1e})",
                ours / right - 1.0,
                plain[0] / right - 1.0
            );
            assert!((ours / right - 1.0).abs() < 5e-3, "{name} {hkl:?}: {ours} {right}");
        }
    }
}

/// The same rows as an average of the rows at the nodes: against differences, for every crystal.
#[test]
fn derivatives_of_averages_agree_with_central_differences() {
    for system in all_systems() {
        let q: Vec<Vector3<f64>> = general_q(&system.crystal, 3);
        let resolution = Resolution {
            voxel: system.crystal.input.reciprocal() * 0.05,
            gaussian: Matrix3::from_diagonal(&Vector3::new(1e-3, 2e-3, 5e-4)),
            mosaic: 0.004,
            bandwidth: 0.003,
            widens: false,
        };
        let model = one_phonon(&system, q).averaged(
            &system.crystal,
            &system.basis.family,
            &resolution,
            &system.theta,
        );
        let model = Exact::from(model);
        let weights = [1.0, -0.5, 2.0];
        let value = |theta: &[f64]| -> f64 {
            let values = model.intensities(&model.state(theta).unwrap()).unwrap();
            values.iter().zip(weights).map(|(i, w)| i * w).sum()
        };
        let gradient = model.pullback(&model.state(&system.theta).unwrap(), &weights).unwrap();
        assert_gradient(&system.name, &gradient, &system.theta, value);
    }
}

/// A gradient against fourth-order differences.
fn assert_gradient(name: &str, gradient: &[f64], at: &[f64], value: impl Fn(&[f64]) -> f64) {
    let h = 2e-4 * at.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    let scale = gradient.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    for p in 0..at.len() {
        let mut sum = 0.0;
        for (steps, weight) in [(1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)] {
            let mut moved = at.to_vec();
            moved[p] += steps * h;
            sum += weight * value(&moved) / (12.0 * h);
        }
        assert!((sum - gradient[p]).abs() < 1e-6 * scale, "{name} {p}: {sum} {}", gradient[p]);
    }
}

/// One clear sentence for shapes that cannot be.
#[test]
fn a_spread_may_have_no_width_in_some_direction() {
    let copper = library_systems().into_iter().find(|s| s.name.starts_with("cu_296")).unwrap();
    let reciprocal = copper.crystal.input.reciprocal();
    let q: Vec<Vector3<f64>> =
        [[2.5, 1.0, 0.4], [2.2, 0.1, 0.1], [2.15, 0.0, 0.0]].map(|p| reciprocal * Vector3::from(p)).to_vec();
    let nothing = Resolution {
        voxel: Matrix3::zeros(),
        gaussian: Matrix3::zeros(),
        mosaic: 0.0,
        bandwidth: 0.0,
        widens: false,
    };
    let flat = Matrix3::from_diagonal(&Vector3::new(0.1, 0.1, 0.0)) * reciprocal;
    for resolution in [
        Resolution { voxel: flat, ..nothing.clone() },
        Resolution { mosaic: 0.01, ..nothing.clone() },
        nothing,
    ] {
        let plain = one_phonon(&copper, q.clone());
        let plain = plain.intensities(&plain.state(&copper.theta).unwrap()).unwrap();
        let model = one_phonon(&copper, q.clone()).averaged(
            &copper.crystal,
            &copper.basis.family,
            &resolution,
            &copper.theta,
        );
        let values = model.intensities(&model.state(&copper.theta).unwrap()).unwrap();
        for (a, b) in values.iter().zip(&plain) {
            assert!((a / b - 1.0).abs() < 0.6, "{resolution:?}: {a} {b}");
        }
        if resolution.covariance(&q[0]).amax() == 0.0 {
            assert!((values[0] / plain[0] - 1.0).abs() < 1e-5, "{values:?} {plain:?}");
        }
    }
}

/// The change with the width of the Gaussian against averages over a wider and a narrower one.
#[test]
fn what_a_wider_gaussian_changes_agrees_with_differences() {
    let slope = |system: &System, q: &[Vector3<f64>], resolution: &Resolution| {
        let averaged = |factor: f64| {
            let gaussian = resolution.gaussian * factor;
            let resolution = Resolution { gaussian, widens: true, ..resolution.clone() };
            let model = one_phonon(system, q.to_vec());
            Exact::from(model.averaged(&system.crystal, &system.basis.family, &resolution, &system.theta))
        };
        let values = |factor: f64| {
            let model = averaged(factor);
            model.intensities(&model.state(&system.theta).unwrap()).unwrap()
        };
        let model = averaged(1.0);
        let state = model.state(&system.theta).unwrap();
        let slopes = model.slopes(&state, q.len()).unwrap();
        let (more, less, here) = (values(1.3), values(0.7), values(1.0));
        let rows = slopes.iter().zip(more.iter().zip(&less)).zip(here);
        rows.map(|((slope, (a, b)), i)| [slope.w / i, (a - b) / 0.6 / i]).collect::<Vec<_>>()
    };
    for system in all_systems() {
        let q: Vec<Vector3<f64>> = general_q(&system.crystal, 4);
        let resolution = Resolution {
            voxel: system.crystal.input.reciprocal() * 0.02,
            gaussian: Matrix3::from_diagonal(&Vector3::new(2e-4, 4e-4, 1e-4)),
            mosaic: 0.002,
            bandwidth: 0.003,
            widens: true,
        };
        for [ours, difference] in slope(&system, &q, &resolution) {
            let off = (ours - difference).abs();
            assert!(off < 3e-4 + 0.05 * difference.abs(), "{}: {ours} {difference}", system.name);
        }
    }
    // Copper, voxel 0.1 and σ 0.03 r.l.u., from far to near a peak.
    let copper = all_systems().into_iter().find(|s| s.name == "cu_296").unwrap();
    let unit = copper.crystal.input.reciprocal()[(0, 0)];
    let resolution = Resolution {
        voxel: Matrix3::identity() * (0.1 * unit),
        gaussian: Matrix3::identity() * (0.03 * unit).powi(2),
        mosaic: 0.0,
        bandwidth: 0.0,
        widens: true,
    };
    let away = [0.7, 0.5, 0.35, 0.25, 0.17];
    let q: Vec<Vector3<f64>> = away.iter().map(|d| Vector3::new(2.0 + d, 0.0, 0.3 * d) * unit).collect();
    for (d, [ours, difference]) in away.iter().zip(slope(&copper, &q, &resolution)) {
        println!("{d} r.l.u. from a peak: {ours:.5} {difference:.5}");
        assert!((ours - difference).abs() < 2e-4 + 0.03 * difference.abs(), "{d}: {ours} {difference}");
    }
}
