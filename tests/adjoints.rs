//! Every gradient agrees with central differences, for every crystal, classical and quantum.

mod common;

use common::*;
use tds_inversion::lanes::{LANES, Lanes};
use tds_inversion::scattering::{OnePhonon, Workspace};
use tds_inversion::thermal::{MeanSquare, MeshAxes, Statistics, Thermal, UMesh};

const POINTS: usize = 40;

fn model(system: &System, statistics: Statistics, temperature_k: f64) -> OnePhonon {
    let masses = system.crystal.primitive.masses.clone();
    let thermal = Thermal { statistics, temperature_k, masses };
    let family = &system.basis.family;
    let mesh = UMesh::Plain([4, 4, 4]);
    let mean_square = MeanSquare::new(&system.crystal, family, thermal.clone(), &mesh, MeshAxes::Primitive);
    OnePhonon::new(&system.crystal, family, thermal, mean_square, general_q(&system.crystal, POINTS))
}

/// ∂I/∂θ for every pixel, the Debye–Waller part included; `[pixel][parameter]`.
fn gradient(model: &OnePhonon, theta: &[f64]) -> Vec<Vec<f64>> {
    let state = model.state(theta).unwrap();
    let mut work = Workspace::default();
    let mut intensity: Lanes = [0.0; LANES];
    let mut rows = vec![[0.0; LANES]; model.n_rows()];
    let mut out = Vec::new();
    for b in 0..model.n_blocks() {
        assert!(model.block(b, &state, &mut work, &mut intensity, Some(&mut rows)));
        for lane in 0..LANES.min(model.n_points() - b * LANES) {
            let row = (0..theta.len()).map(|p| {
                let through_u: f64 = (0..model.n_rows() - theta.len())
                    .map(|k| rows[theta.len() + k][lane] * state.mean_square.jacobian[k][p])
                    .sum();
                rows[p][lane] + through_u
            });
            out.push(row.collect());
        }
    }
    out
}

/// Fourth-order central differences of all intensities along each parameter.
fn differences(model: &OnePhonon, theta: &[f64]) -> Vec<Vec<f64>> {
    let h = 2e-4 * theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    let mut out = vec![vec![0.0; theta.len()]; model.n_points()];
    for p in 0..theta.len() {
        for (steps, weight) in [(1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)] {
            let mut moved = theta.to_vec();
            moved[p] += steps * h;
            let values = model.intensities(&model.state(&moved).unwrap()).unwrap();
            for (row, v) in out.iter_mut().zip(values) {
                row[p] += weight * v / (12.0 * h);
            }
        }
    }
    out
}

#[test]
fn one_phonon_gradients_agree_with_central_differences() {
    let cases = [
        (Statistics::Classical, 300.0),
        (Statistics::Quantum, 300.0),
        (Statistics::Quantum, 20.0),
        (Statistics::Quantum, 0.0),
    ];
    let mut overall = 0.0_f64;
    for system in all_systems() {
        for (statistics, temperature) in cases {
            let model = model(&system, statistics, temperature);
            let exact = gradient(&model, &system.theta);
            let numeric = differences(&model, &system.theta);
            for (a, b) in exact.iter().zip(&numeric) {
                let scale = a.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
                let worst = a.iter().zip(b).map(|(x, y)| (x - y).abs() / scale).fold(0.0, f64::max);
                overall = overall.max(worst);
                assert!(worst < 1e-6, "{} {statistics:?} {temperature} K: {worst:.1e}", system.name);
            }
        }
    }
    println!("worst relative difference {overall:.1e}");
}
