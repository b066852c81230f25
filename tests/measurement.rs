//! Claims about what stands between the intensity and the data: averages over the resolution, tables, effects and
//! backgrounds, and what a fit makes of them.

mod common;

use std::collections::BTreeMap;

use common::*;
use nalgebra::{DVector, Matrix3, Vector3};
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;
use serde_json::{Value, json};
use tds_inversion::data::Dataset;
use tds_inversion::fit::{Nuisances, Session};
use tds_inversion::run::{Prepared, Rows, Run, Trust};
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
        let level = resolution.level(&q, &from_nearest_peak(&copper.crystal, &q));
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
        let resolution = Resolution { voxel: edge, gaussian, mosaic: 0.0, bandwidth: 0.0 };
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
fn shapes_of_backgrounds_out_of_range_are_refused() {
    for (shape, part) in [
        (json!({"radial": 2}), "radial 2"),
        (json!({"exponential": 0.0}), "exponential 0"),
        (json!({"ring": [2.0, 0.0]}), "ring [2, 0]"),
        (json!({"tails": 40.0}), "tails 40"),
    ] {
        let mut job = everything();
        job["nuisance"]["background"] = json!([shape]);
        let job = serde_json::from_value(job).unwrap();
        let refused = Prepared::new(&job, &BTreeMap::<String, Vec<u8>>::new()).err().unwrap().to_string();
        assert!(refused.contains("nuisance.background") && refused.contains(part), "{refused}");
    }
    let mut job = everything();
    job["nuisance"]["background"] = json!(["constant", {"radial": 6}]);
    let job = serde_json::from_value(job).unwrap();
    assert!(Prepared::new(&job, &BTreeMap::<String, Vec<u8>>::new()).is_err());
}

/// Voxels of no thickness, as those of a plane, and a mosaic alone have nodes all the same.
#[test]
fn a_spread_may_have_no_width_in_some_direction() {
    let copper = library_systems().into_iter().find(|s| s.name.starts_with("cu_296")).unwrap();
    let reciprocal = copper.crystal.input.reciprocal();
    let q: Vec<Vector3<f64>> =
        [[2.5, 1.0, 0.4], [2.2, 0.1, 0.1], [2.15, 0.0, 0.0]].map(|p| reciprocal * Vector3::from(p)).to_vec();
    let nothing =
        Resolution { voxel: Matrix3::zeros(), gaussian: Matrix3::zeros(), mosaic: 0.0, bandwidth: 0.0 };
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

/// Everything that a measurement may have, over a few planes of copper.
fn everything() -> Value {
    json!({
        "crystal": {"prototype": "fcc", "element": "Cu", "a": 3.61},
        "force_constants": {"start": {"library": "cu_296"}},
        "model": {"order": "one-phonon", "temperature": 296},
        "mask": {"bragg_radius": 0.22},
        "nuisance": {"background": ["constant", {"exponential": 1.2}, {"ring": [2.7, 0.1]}, {"tails": 3.0}]},
        "measurement": {
            "resolution": {"voxel": [0.1, 0.1, 0.1], "fwhm": 0.07, "mosaic_deg": 0.1, "bandwidth": 0.001},
            "energy_kev": 20, "compton": {"within": 0.1}, "polarization": {"fraction": 0.9, "angle_deg": 80},
            "smooth_factor": {"degree": 2, "within": 0.03},
            "calibration": {"stretch": 0.002, "rotation_deg": 0.2},
        },
        "data": [{"file": "d.csv"}],
    })
}

fn grid(step: f64, planes: &[f64]) -> Vec<[f64; 3]> {
    let n = (4.0 / step).round() as i32;
    let one = |i: i32| f64::from(i) * step;
    let mut hkl = vec![];
    for l in planes {
        for i in -n..=n {
            for j in -n..=n {
                hkl.push([one(i), one(j), *l]);
            }
        }
    }
    hkl
}

fn prepare(job: &Value) -> Prepared {
    let job = serde_json::from_value(job.clone()).unwrap();
    Prepared::new(&job, &BTreeMap::<String, Vec<u8>>::new()).unwrap()
}

fn dataset(hkl: &[[f64; 3]], intensity: Vec<f64>) -> Dataset {
    let sigma = Some(intensity.iter().map(|y: &f64| y.abs().max(1.0).sqrt()).collect());
    Dataset { name: "d.csv".into(), hkl: hkl.to_vec(), intensity, sigma, ..Dataset::default() }
}

fn open(prepared: &Prepared, set: Dataset) -> (Session, Rows) {
    let (session, mut rows) = prepared.session(&[set]).unwrap();
    (session, rows.remove(0))
}

/// Scale, backgrounds and effects that are all there.
fn true_nuisances(session: &Session) -> Nuisances {
    let measurement = &session.problem.terms[0].measurement;
    let mut out = measurement.start();
    out.scale = 40.0;
    for (k, b) in out.background.iter_mut().enumerate() {
        *b = [80.0, 600.0, 300.0, 0.002][k];
    }
    for (k, (value, effect)) in out.effects.iter_mut().zip(&measurement.effects).enumerate() {
        let sigma = effect.prior.map_or(0.1, |p| p.sigma);
        *value += sigma * [0.7, -0.4, 0.9, 0.3][k % 4];
    }
    out
}

/// What the model of a session predicts at every row.
fn predicted(session: &Session, rows: &Rows, theta: &[f64], nuisances: &Nuisances) -> Vec<f64> {
    let term = &session.problem.terms[0];
    term.values(theta, nuisances, &rows.point, &rows.places)
}

#[test]
fn the_gradient_of_the_misfit_agrees_with_differences_with_everything_on() {
    for likelihood in ["gaussian", "robust", "poisson"] {
        for order in ["one-phonon", "all-order"] {
            let mut job = everything();
            job["fit"] = json!({"likelihood": likelihood});
            job["model"]["order"] = json!(order);
            job["model"]["real_space_range"] = if order == "all-order" { json!(9.0) } else { Value::Null };
            let prepared = prepare(&job);
            let hkl = grid(0.4, &[0.3]);
            let nowhere = |n: usize| panic!("{n}");
            let plain = prepared.simulate(&hkl, &nowhere).unwrap().intensity;
            let (session, rows) = open(&prepared, dataset(&hkl, plain.iter().map(|i| 40.0 * i).collect()));
            let truth = true_nuisances(&session);
            let mut values = predicted(&session, &rows, &prepared.theta, &truth);
            let mut random = Pcg64::new(5, 7);
            for v in &mut values {
                let z: f64 = StandardNormal.sample(&mut random);
                *v = (*v + z * v.sqrt()).max(0.0);
            }
            let (session, _) = open(&prepared, dataset(&hkl, values));
            let problem = &session.problem;
            // Off the optimum, and not where the derivatives of slopes and higher orders were taken.
            let theta: Vec<f64> = prepared.theta.iter().map(|t| t * 1.02).collect();
            let linearisation = session.current().linearisation.clone();
            let evaluate = |theta: &[f64], n: &[Nuisances]| {
                problem.evaluate_here(theta, n, Some(&linearisation)).unwrap()
            };
            let start = std::slice::from_ref(&truth);
            let at = evaluate(&theta, start);
            let scale = at.descent.amax();
            let gaussian = likelihood == "gaussian";
            let n = problem.n_free();
            let measured = problem.terms[0].n_free();
            let linear = 1 + problem.terms[0].measurement.background.len();
            for p in 0..n {
                // Where scale and backgrounds are at their optimum the objective does not depend on them.
                if gaussian && (n - measured..n - measured + linear).contains(&p) {
                    assert!(at.descent[p].abs() < 1e-6 * scale.max(1.0), "{p}");
                    continue;
                }
                let size = if p < problem.n_theta() {
                    1e-4
                } else {
                    1e-4 * at.fisher[(p, p)].sqrt().recip().min(10.0)
                };
                let objective = |steps: f64| {
                    let mut step = DVector::zeros(n);
                    step[p] = steps * size;
                    let moved: Vec<f64> = theta.iter().zip(step.iter()).map(|(t, d)| t + d).collect();
                    evaluate(&moved, &problem.step_nuisances(&at.nuisances, &step)).objective
                };
                let difference = (8.0 * (objective(1.0) - objective(-1.0)) - objective(2.0)
                    + objective(-2.0))
                    / (12.0 * size);
                let ours = -2.0 * at.descent[p];
                let noise = 1e-12 * at.objective / size;
                let tolerance = 2e-6 * (ours.abs() + (at.fisher[(p, p)]).sqrt()) + 10.0 * noise;
                assert!(
                    (difference - ours).abs() < tolerance,
                    "{likelihood} {order} {p}: {difference} {ours}"
                );
            }
        }
    }
}

/// What a fit that knows of nothing says of data that hold one thing more.
#[test]
fn what_an_instrument_adds_is_named_where_the_model_does_not_have_it() {
    let plain = |job: &mut Value| {
        job["measurement"] = json!({});
        job["nuisance"] = json!({"background": ["constant"]});
    };
    type Case<'a> = (&'a str, &'a dyn Fn(&mut Value), &'a [f64], &'a [f64], &'a str);
    let cases: [Case; 7] = [
        (
            "voxels",
            &|job| job["measurement"] = json!({"resolution": {"voxel": [0.1, 0.1, 0.1]}}),
            &[],
            &[],
            "voxels",
        ),
        ("Compton", &|job| job["measurement"] = json!({"compton": "absolute"}), &[], &[], "Compton"),
        ("f′", &|job| job["measurement"] = json!({"energy_kev": 17.48}), &[], &[], "f′"),
        (
            "polarization",
            &|job| job["measurement"] = json!({"energy_kev": 17.48, "polarization": {}}),
            &[],
            &[],
            "polarization",
        ),
        (
            "absorption",
            &|job| job["measurement"] = json!({"smooth_factor": {"degree": 0}}),
            &[],
            &[-0.03],
            "absorption",
        ),
        (
            "air",
            &|job| job["nuisance"]["background"] = json!(["constant", {"exponential": 1.2}]),
            &[600.0],
            &[],
            "air",
        ),
        (
            "tails",
            &|job| job["nuisance"]["background"] = json!(["constant", {"tails": 3.0}]),
            &[0.004],
            &[],
            "tails",
        ),
    ];
    for (name, edit, backgrounds, effects, word) in cases {
        let mut job = everything();
        plain(&mut job);
        let bare = job.clone();
        edit(&mut job);
        let hkl = grid(0.1, &[0.1, 0.2, 0.3, 0.4]);
        let prepared = prepare(&job);
        let plain = prepared.simulate(&hkl, &|n| panic!("{n}")).unwrap().intensity;
        let (session, rows) = open(&prepared, dataset(&hkl, plain.iter().map(|i| 40.0 * i).collect()));
        let mut truth = session.problem.terms[0].measurement.start();
        truth.scale = 40.0;
        truth.background[0] = 80.0;
        truth.background.iter_mut().skip(1).zip(backgrounds).for_each(|(b, value)| *b = *value);
        truth.effects.iter_mut().zip(effects).for_each(|(e, value)| *e = *value);
        let mut random = Pcg64::new(11, 3);
        let mut values = predicted(&session, &rows, &prepared.theta, &truth);
        for v in &mut values {
            let z: f64 = StandardNormal.sample(&mut random);
            *v += z * v.abs().sqrt();
        }
        let set = dataset(&hkl, values);
        let text = tds_inversion::formats::table::write_csv(&set.hkl, &set.intensity, set.sigma.as_deref());
        let files = BTreeMap::from([("d.csv".to_owned(), text.into_bytes())]);
        let mut run = Run::new(&serde_json::from_value(bare).unwrap(), files).unwrap();
        while run.session.progress().termination.is_none() {
            run.step(|| 0.0);
        }
        let verdict = run.verdict().unwrap();
        println!("{name}: {:?} {}", verdict.trust, verdict.sentence);
        verdict.reasons.iter().for_each(|r| println!("    {} {:?}: {}", r.code, r.trust, r.sentence));
        assert_ne!(verdict.trust, Trust::Good, "{name}");
        assert!(verdict.reasons.iter().any(|r| r.sentence.contains(word)), "{name}: {:?}", verdict.reasons);
        // Beside σ stands what the instrument may have done.
        let result = run.result(0.0, "");
        let systematic = |p: &tds_inversion::run::ParameterValue| p.systematic.unwrap();
        let larger = result.parameters.iter().filter(|p| systematic(p) > p.sigma.unwrap()).count();
        let pulls = result
            .parameters
            .iter()
            .zip(&prepared.theta)
            .map(|(p, t)| (p.value - t).abs() / p.sigma.unwrap().hypot(systematic(p)));
        let worst = pulls.fold(0.0, f64::max);
        println!("    systematic above σ for {larger} constants, truth within {worst:.1} of both together");
        assert!(result.parameters.iter().all(|p| systematic(p).is_finite()) && larger > 0, "{name}");
    }
}

#[test]
fn noise_free_data_with_everything_on_give_back_what_went_in() {
    let prepared = prepare(&everything());
    let hkl = grid(0.1, &[0.0, 0.3, 0.8]);
    let (session, rows) = open(&prepared, dataset(&hkl, vec![1000.0; hkl.len()]));
    let mut truth = true_nuisances(&session);
    // At what is known beforehand: a prior would pull away from anything else.
    truth.effects = session.problem.terms[0].measurement.start().effects;
    let values = predicted(&session, &rows, &prepared.theta, &truth);
    let mut start = json!({"springs": {"1": 1.6}});
    let mut found = vec![];
    // The averages know from the start how the intensity goes near peaks: again from what was found.
    for _ in 0..3 {
        let mut job = everything();
        job["force_constants"] = json!({"start": start, "cutoff": 6.4});
        let (mut session, _) = open(&prepare(&job), dataset(&hkl, values.clone()));
        session.run();
        println!("{:?}", session.progress());
        found = session.current().theta.clone();
        let labels: BTreeMap<String, f64> =
            prepared.labels().into_iter().zip(found.iter().copied()).collect();
        start = json!({"labels": labels});
    }
    let largest = prepared.theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    for (found, right) in found.iter().zip(&prepared.theta) {
        assert!((found - right).abs() < 1e-5 * largest, "{found} {right}");
    }
}
