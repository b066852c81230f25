//! Claims about what is imposed on the constants and known of them besides the data.

mod common;

use std::collections::BTreeMap;

use common::*;
use nalgebra::{DVector, Matrix3};
use serde_json::{Value, json};
use tds_inversion::data::Dataset;
use tds_inversion::fit::{Pseudo, Quantity, Session, TerminationReason};
use tds_inversion::job::Job;
use tds_inversion::run::{FitResult, Prepared, Run};
use tds_inversion::scattering::OnePhonon;
use tds_inversion::thermal::{MeanSquare, MeshAxes, Statistics, Thermal, UMesh};

type Files = BTreeMap<String, Vec<u8>>;

/// eV/Å²: the stiffest constant of copper, a little softer than it is.
const FIRST: f64 = -0.8;

/// Copper on three planes, counts of an exact one-phonon model, fitted with three shells.
fn copper(edit: impl Fn(&mut Value)) -> Value {
    let mut job = json!({
        "crystal": {"prototype": "fcc", "element": "Cu", "a": 3.61},
        "force_constants": {"start": {"library": "cu_296"}},
        "model": {"order": "one-phonon", "statistics": "quantum", "temperature": 298, "u_mesh": [8, 8, 8]},
        "mask": {"bragg_radius": 0.2},
        "data": [{"ideal": true, "holds": "one-phonon", "synthetic": {
            "values": {"library": "cu_296"}, "h": [-3.45, 3.45, 18], "k": [-3.45, 3.45, 18], "l": [0.15, 0.45], "scale": 1.5,
            "noise": true, "seed": 3,
        }}],
    });
    edit(&mut job);
    job
}

fn prepare(job: &Value) -> Prepared {
    Prepared::new(&serde_json::from_value(job.clone()).unwrap(), &Files::new()).unwrap()
}

fn refused(job: &Value) -> String {
    let run = Run::new(&serde_json::from_value(job.clone()).unwrap(), Files::new());
    run.err().map(|e| e.to_string()).expect("a job that is refused")
}

fn session(job: &Value) -> Session {
    let prepared = prepare(job);
    let data = prepared.read_data(&Files::new()).unwrap();
    let (mut session, _) = prepared.session(&data).unwrap();
    session.run();
    session
}

fn fit(job: &Value) -> FitResult {
    let mut run = Run::new(&serde_json::from_value(job.clone()).unwrap(), Files::new()).unwrap();
    for _ in 0..400 {
        run.step(|| 0.0);
    }
    run.result(0.0, "2026-01-01T00:00:00Z")
}

fn value(result: &FitResult, label: &str) -> f64 {
    result.parameters.iter().find(|p| p.label == label).unwrap().value
}

const METHODS: [&str; 2] = ["lm", "lbfgs"];

#[test]
fn fixed_and_tied_constants_keep_what_they_have_and_the_rest_finds_its_optimum() {
    let mut ends = vec![];
    let truth = prepare(&copper(|_| {}));
    let true_value = |label: &str| truth.theta[truth.labels().iter().position(|l| l == label).unwrap()];
    println!("1XX {} eV/Å²", true_value("1XX"));
    let sum = true_value("2XX") + 2.0 * true_value("2YY") + 0.002;
    for method in METHODS {
        let job = copper(|job| {
            job["fit"] = json!({"method": method, "max_iterations": 400});
            job["constraints"] = json!({
                "fixed": {"1XX": FIRST},
                "tied": [{"labels": ["2XX", "2YY"], "coefficients": [1.0, 2.0], "value": sum},
                    {"labels": ["3XX", "4XX"]}],
            });
        });
        let result = fit(&job);
        assert!(matches!(result.termination, Some(TerminationReason::Converged)), "{:?}", result.termination);
        assert_eq!(value(&result, "1XX"), FIRST);
        assert!((value(&result, "2XX") + 2.0 * value(&result, "2YY") - sum).abs() < 1e-12);
        assert!((value(&result, "3XX") - value(&result, "4XX")).abs() < 1e-12);
        let of = |label: &str| result.parameters.iter().find(|p| p.label == label).unwrap();
        assert_eq!(serde_json::to_value(of("1XX").imposed).unwrap(), json!("held"));
        assert_eq!(of("1XX").sigma, None);
        assert_eq!(serde_json::to_value(of("4XX").imposed).unwrap(), json!("tied"));
        assert!((of("4XX").sigma.unwrap() / of("3XX").sigma.unwrap() - 1.0).abs() < 1e-9);
        // What is fitted, and nothing else, has a covariance.
        let free = result.parameters.iter().filter(|p| p.imposed.is_none()).count();
        assert_eq!(free, result.parameters.len() - 3);
        assert_eq!(result.covariance_order.len(), free + 1, "{:?}", result.covariance_order);
        ends.push(result.chi2);
    }
    assert!((ends[0] / ends[1] - 1.0).abs() < 1e-9, "{ends:?}");
    // The optimum under constraints: no allowed direction lowers χ².
    let job = copper(|job| job["constraints"] = json!({"fixed": {"1XX": FIRST}}));
    let session = session(&job);
    let at = session.current();
    let n = at.theta.len();
    for p in 0..n - 1 {
        for step in [1e-4, -1e-4] {
            let mut theta = at.theta.clone();
            theta[p] += step;
            let there = session.problem.evaluate_here(&theta, &at.nuisances, None).unwrap();
            assert!(there.objective > at.objective, "{p}");
        }
    }
}

#[test]
fn fixing_a_constant_where_it_is_best_changes_nothing_but_the_covariance() {
    let free = fit(&copper(|_| {}));
    let best = value(&free, "1XX");
    let held = fit(&copper(|job| job["constraints"] = json!({"fixed": {"1XX": best}})));
    assert!((held.chi2 / free.chi2 - 1.0).abs() < 1e-9);
    for (a, b) in held.parameters.iter().zip(&free.parameters) {
        assert!((a.value - b.value).abs() < 1e-5, "{}: {} {}", a.label, a.value, b.value);
    }
    // The covariance of the rest is that given the one: C − c cᵀ/c₁₁.
    let c = |i: usize, j: usize| free.covariance[i][j].unwrap();
    for (i, name) in held.covariance_order.iter().enumerate() {
        let p = free.covariance_order.iter().position(|other| other == name).unwrap();
        let given = c(p, p) - c(p, 0).powi(2) / c(0, 0);
        let ours = held.covariance[i][i].unwrap();
        assert!((ours / given - 1.0).abs() < 1e-4, "{name}: {ours} {given}");
    }
}

#[test]
fn axially_symmetric_constants_are_springs_along_and_across_pairs() {
    for system in all_systems() {
        let System { basis, .. } = &system;
        let imposed = basis.imposed(&basis.axial_symmetry()).unwrap();
        let theta: Vec<f64> = (0..imposed.family.n_parameters).map(|p| 0.3 + (p as f64).sin()).collect();
        let mut across: Vec<(f64, f64)> = vec![];
        for (_, _, _, v, phi) in &imposed.family.at(&theta).pairs {
            if v.norm() < 1e-6 {
                continue;
            }
            let n = v.normalize();
            let (along, all) = (n.dot(&(phi * n)), phi.trace());
            let side = 0.5 * (all - along);
            let spring = n * n.transpose() * along + (Matrix3::identity() - n * n.transpose()) * side;
            assert!((phi - spring).amax() < 1e-10, "{}", system.name);
            across.push((v.norm(), side));
        }
        assert!(across.iter().any(|(_, side)| side.abs() > 1e-3), "{}", system.name);
        // Two constants for each shell of a metal with one atom per cell, orbits at one distance apart.
        if system.crystal.n_atoms() == 1 && system.name.starts_with("ni") {
            let mut orbits: Vec<usize> = basis.parameters.iter().map(|p| p.orbit).collect();
            orbits.dedup();
            assert_eq!(imposed.family.n_parameters, 2 * orbits.len(), "{}", system.name);
        }
        // What the conditions make of constants that meet them is nothing.
        let all = imposed.all(&theta);
        let back = imposed.nearest(&all);
        assert!(back.iter().zip(&theta).all(|(a, b)| (a - b).abs() < 1e-9), "{}", system.name);
    }
}

#[test]
fn what_cannot_be_imposed_is_named() {
    let cases = [
        (json!({"fixed": {"1XX": 1.0, "1YY": 2.0}}), "constraints.fixed.1YY: contradicts"),
        (json!({"fixed": {"2XY": 1.0}}), "constraints.fixed.2XY: contradicts symmetry"),
        (json!({"fixed": {"9XX": 1.0}}), "constraints.fixed.9XX: '9XX' names no pair"),
        (json!({"tied": [{"labels": ["1XX"]}]}), "constraints.tied[0]: 0 coefficients for 1 labels"),
        (json!({"tied": [{"labels": ["1XX", "1XX"], "value": 3.0}]}), "constraints.tied[0]: contradicts"),
        (json!({"bounds": {"1XX": [2.0, 1.0]}}), "constraints.bounds.1XX: [2, 1]"),
        (json!({"bounds": {"1XX": [0.0, 1.0]}, "fixed": {"1XX": 0.5}}), "a constant that is fixed"),
        (
            json!({"bounds": {"4XX": [0.0, 1.0]}, "tied": [{"labels": ["3XX", "4XX"], "coefficients": [1, 1], "value": 1}]}),
            "a constant that follows from others",
        ),
        (json!({"prior": {"1XX": [1.0, 0.0]}}), "constraints.prior.1XX: σ 0"),
        (json!({"ridge": -1.0}), "constraints.ridge: σ -1"),
    ];
    for (constraints, sentence) in cases {
        let message = refused(&copper(|job| job["constraints"] = constraints.clone()));
        assert!(message.contains(sentence) && !message.contains('\n'), "{constraints}: {message}");
    }
    let cases = [
        (json!({"elastic_GPa": {"C77": [1.0, 1.0]}}), "pseudo_data.elastic_GPa.C77: no elastic constant"),
        (json!({"U_A2": {"Ni1": [0.01, 0.001]}}), "pseudo_data.U_A2.Ni1: no atom"),
        (json!({"frequencies": "missing.csv"}), "missing.csv"),
        (
            json!({"frequencies": [{"q": [0.5, 0, 0], "THz": -1.0, "sigma": 0.1}]}),
            "pseudo_data.frequencies[0]: -1 ± 0.1 THz",
        ),
    ];
    for (known, sentence) in cases {
        let message = refused(&copper(|job| job["pseudo_data"] = known.clone()));
        assert!(message.contains(sentence) && !message.contains('\n'), "{known}: {message}");
    }
    let crystal = json!({"fixed": {"1XX": 1.0, "1XY": 1.0, "1ZZ": 0.0}});
    let small = copper(|job| {
        job["force_constants"] = json!({"start": {"springs": {"1": 1.0}}});
        job["constraints"] = crystal.clone();
    });
    assert!(refused(&small).contains("nothing is left to fit"));
}

#[test]
fn priors_and_pseudo_data_need_data_with_sigma() {
    let prepared = prepare(&copper(|job| {
        job["constraints"] = json!({"ridge": 0.1});
        job["fit"] = json!({"weighing": "equal"});
    }));
    let data = prepared.read_data(&Files::new()).unwrap().remove(0);
    let data = Dataset { sigma: None, ..data };
    let message = prepared.session(&[data]).err().unwrap().to_string();
    assert!(message.contains("no σ, against which a prior"), "{message}");
}

#[test]
fn a_fit_ends_at_the_bound_that_keeps_it_from_its_optimum() {
    let free = fit(&copper(|_| {}));
    let (best, sigma) = (value(&free, "1XX"), free.parameters[0].sigma.unwrap());
    let end = best - 5.0 * sigma;
    let fixed = fit(&copper(|job| job["constraints"] = json!({"fixed": {"1XX": end}})));
    for method in ["lm", "lbfgs"] {
        let bound = fit(&copper(|job| {
            job["constraints"] = json!({"bounds": {"1XX": [null, end], "1ZZ": [-10.0, 10.0]}});
            job["fit"] = json!({"method": method, "max_iterations": 400});
        }));
        println!("{method}: {:?} {} {}", bound.termination, bound.chi2, fixed.chi2);
        assert_eq!(value(&bound, "1XX"), end);
        assert_eq!(serde_json::to_value(bound.parameters[0].imposed).unwrap(), json!("bound"));
        assert_eq!(bound.termination, Some(TerminationReason::Converged));
        assert!((bound.chi2 / fixed.chi2 - 1.0).abs() < 1e-8, "{method}: {} {}", bound.chi2, fixed.chi2);
        for (a, b) in bound.parameters.iter().zip(&fixed.parameters) {
            assert!((a.value - b.value).abs() < 1e-4, "{method} {}: {} {}", a.label, a.value, b.value);
        }
    }
    // A bound that the optimum keeps does nothing.
    let loose = fit(&copper(|job| job["constraints"] = json!({"bounds": {"1XX": [-10.0, 10.0]}})));
    assert!((loose.chi2 / free.chi2 - 1.0).abs() < 1e-10);
    assert_eq!(loose.parameters[0].imposed, None);
    // Adam stays inside.
    let adam = fit(&copper(|job| {
        job["constraints"] = json!({"bounds": {"1XX": [null, end]}});
        job["fit"] = json!({"method": "adam", "max_iterations": 60});
    }));
    assert!(value(&adam, "1XX") <= end);
}

#[test]
fn priors_count_as_data_do() {
    // Near the optimum the misfit is quadratic: (F + P) θ = F θ̂ + P v.
    let free = session(&copper(|_| {}));
    let at = free.current();
    let n = at.theta.len();
    let prior = |p: usize| [at.theta[p] + 0.01, 0.02];
    let labels = prepare(&copper(|_| {})).labels();
    let known = session(&copper(|job| {
        let priors: BTreeMap<&String, [f64; 2]> = [0, 3].map(|p| (&labels[p], prior(p))).into();
        job["constraints"] = json!({"prior": priors});
    }));
    let all = at.fisher.nrows();
    let mut information = at.fisher.clone();
    let mut pull = DVector::zeros(all);
    for p in [0, 3] {
        let [value, sigma] = prior(p);
        information[(p, p)] += 1.0 / (sigma * sigma);
        pull[p] = (value - at.theta[p]) / (sigma * sigma);
    }
    let covariance = information.try_inverse().unwrap();
    let step = &covariance * pull;
    let uncertainty = known.uncertainty();
    for p in 0..n {
        let moved = known.current().theta[p] - at.theta[p];
        let sigma = covariance[(p, p)].sqrt();
        assert!((moved - step[p]).abs() < 0.05 * sigma, "{}: {moved} {}", labels[p], step[p]);
        assert!((uncertainty.sigma[p] / sigma - 1.0).abs() < 0.02, "{}", labels[p]);
    }
    assert!(known.current().chi2 > at.chi2);
}

#[test]
fn a_ridge_keeps_what_the_data_leave_open() {
    // So small a part of one plane does not tell all constants.
    let sparse = |ridge: Option<f64>| {
        copper(|job| {
            job["data"][0]["synthetic"]["h"] = json!([1.2, 1.8, 6]);
            job["data"][0]["synthetic"]["k"] = json!([0.2, 0.8, 6]);
            job["data"][0]["synthetic"]["l"] = json!([0.0]);
            if let Some(ridge) = ridge {
                job["constraints"] = json!({"ridge": ridge});
            }
        })
    };
    let open = fit(&sparse(None));
    assert!(open.parameters.iter().any(|p| !p.determined));
    let ridge = 0.05;
    let kept = fit(&sparse(Some(ridge)));
    assert_eq!(kept.termination, Some(TerminationReason::Converged));
    assert_eq!(kept.known.len(), kept.parameters.len());
    let start = prepare(&sparse(None));
    for (p, t) in kept.parameters.iter().zip(&start.theta) {
        assert!(p.sigma.unwrap() <= ridge * (1.0 + 1e-9), "{}", p.label);
        assert!((p.value - t).abs() < 4.0 * ridge, "{}", p.label);
    }
    // As a job again it pulls to the same start, and finds the same.
    let text = serde_json::to_string(&kept).unwrap();
    let again = Job::parse("result.json", &text).unwrap();
    assert_eq!(again.force_constants, kept.job.force_constants);
    let again = fit(&serde_json::to_value(again).unwrap());
    assert!(again.parameters.iter().zip(&kept.parameters).all(|(a, b)| (a.value - b.value).abs() < 1e-9));
    let largest = kept.parameters.iter().map(|p| p.sigma.unwrap()).fold(0.0, f64::max);
    assert!(largest > 0.9 * ridge, "the data say nothing of something: {largest}");
}

fn one_phonon(system: &System, family: &tds_inversion::ifc::LinearForceConstants) -> OnePhonon {
    let masses = system.crystal.primitive.masses.clone();
    let thermal = Thermal { statistics: Statistics::Quantum, temperature_k: 300.0, masses };
    let mesh = UMesh::Plain([3, 3, 3]);
    let mean_square = MeanSquare::new(&system.crystal, family, thermal.clone(), &mesh, MeshAxes::Primitive);
    OnePhonon::new(&system.crystal, family, thermal, mean_square, general_q(&system.crystal, 1))
}

#[test]
fn derivatives_of_what_is_known_agree_with_differences_over_every_crystal() {
    let mut worst = [0.0_f64; 3];
    for system in all_systems() {
        let System { basis, crystal, theta, .. } = &system;
        let model = one_phonon(&system, &basis.family);
        let masses = crystal.primitive.masses.clone();
        let values = vec![(1.0, 0.1)];
        let named = |quantity: Quantity, values: Vec<(f64, f64)>| Pseudo {
            names: vec!["it".into(); values.len()],
            quantity,
            values,
        };
        let q = crystal.q_cart(&[0.31, 0.17, 0.08]);
        let levels = tds_inversion::dynamics::frequencies(&basis.family.at(theta), &masses, &q);
        let all = [
            named(Quantity::Elastic { at: (0, 0), volume: crystal.primitive.volume() }, values.clone()),
            named(Quantity::Displacement { atom: crystal.n_atoms() - 1, set: 0 }, values),
            named(Quantity::Frequencies { q, masses }, levels.iter().map(|l| (l + 0.01, 0.1)).collect()),
        ];
        let at = |pseudo: &Pseudo, theta: &[f64]| {
            let state = model.state(theta).unwrap();
            let displacement = |_: usize, atom: usize| Some(model.isotropic_displacement(&state, atom));
            pseudo.data(&basis.family, theta, &displacement)
        };
        for (worst, pseudo) in worst.iter_mut().zip(&all) {
            let here = at(pseudo, theta);
            assert_eq!(here.len(), pseudo.values.len());
            let size = theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
            for p in 0..theta.len() {
                let step = 1e-4 * size;
                let moved = |by: f64| {
                    let mut theta = theta.clone();
                    theta[p] += by;
                    at(pseudo, &theta)
                };
                let (up, down, up2, down2) =
                    (moved(step), moved(-step), moved(2.0 * step), moved(-2.0 * step));
                for (k, datum) in here.iter().enumerate() {
                    let difference = (8.0 * (up[k].model - down[k].model) - (up2[k].model - down2[k].model))
                        / (12.0 * step);
                    let scale = datum.slopes.iter().fold(1e-6_f64, |m, s| m.max(s.abs()));
                    *worst = worst.max((datum.slopes[p] - difference).abs() / scale);
                }
            }
        }
    }
    println!("elastic {:.1e}, displacement {:.1e}, frequencies {:.1e}", worst[0], worst[1], worst[2]);
    assert!(worst.iter().all(|w| *w < 1e-6), "{worst:?}");
}

#[test]
fn a_fit_with_pseudo_data_is_at_the_optimum_of_all_three_methods() {
    let known = json!({"elastic_GPa": {"C11": [165.0, 1.0], "C44": [75.0, 1.0]}, "U_A2": {"Cu1": [0.0072, 0.0001]},
        "frequencies": [{"q": [0, 0, 0.5], "THz": 5.3, "sigma": 0.03}, {"q": [0, 0, 0.5], "THz": 3.7, "sigma": 0.03}]});
    let mut ends = vec![];
    for method in METHODS {
        let job = copper(|job| {
            job["pseudo_data"] = known.clone();
            job["fit"] = json!({"method": method, "max_iterations": 400});
        });
        let session = session(&job);
        let at = session.current();
        assert!(session.problem.distance_in_sigma(at) < 1e-3, "{method}");
        ends.push(at.objective);
        // Minus half the gradient against differences of the objective, far from the optimum.
        let theta: Vec<f64> = at.theta.iter().map(|t| 1.1 * t).collect();
        let objective = |theta: &[f64]| {
            let free = session.problem.evaluate_here(theta, &at.nuisances, None).unwrap();
            free.objective
        };
        let there = session.problem.evaluate_here(&theta, &at.nuisances, None).unwrap();
        let size = there.descent.rows(0, theta.len()).amax();
        for p in 0..theta.len() {
            let step = 1e-4;
            let moved = |by: f64| {
                let mut theta = theta.clone();
                theta[p] += by;
                objective(&theta)
            };
            let slope = (8.0 * (moved(step) - moved(-step)) - (moved(2.0 * step) - moved(-2.0 * step)))
                / (12.0 * step);
            assert!(
                (slope + 2.0 * there.descent[p]).abs() < 1e-6 * size,
                "{p}: {slope} {}",
                -2.0 * there.descent[p]
            );
        }
    }
    assert!((ends[0] / ends[1] - 1.0).abs() < 1e-8, "{ends:?}");
    // The result says what the constants make of each.
    let result = fit(&copper(|job| job["pseudo_data"] = known.clone()));
    assert_eq!(result.known.len(), 5);
    let c11 = result.known.iter().find(|k| k.name == "C11").unwrap();
    let elastic = result.elastic_gpa.0.iter().find(|(name, _)| name == "C11").unwrap();
    assert!((c11.model - elastic.1.value).abs() < 1e-9);
}

#[test]
fn neutron_frequencies_of_copper_count_beside_the_diffuse_scattering() {
    let table =
        std::fs::read(format!("{}/www/examples/cu_dispersion_298K.csv", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let files = Files::from([("dispersion.csv".to_owned(), table)]);
    let job = copper(|job| {
        job["pseudo_data"] = json!({"frequencies": "dispersion.csv"});
        job["data"][0]["synthetic"]["scale"] = json!(0.05);
    });
    let mut run = Run::new(&serde_json::from_value(job.clone()).unwrap(), files).unwrap();
    for _ in 0..100 {
        run.step(|| 0.0);
    }
    let result = run.result(0.0, "2026-01-01T00:00:00Z");
    assert_eq!(result.known.len(), 71);
    let off: Vec<f64> = result.known.iter().map(|k| (k.model - k.value) / k.sigma).collect();
    let rms = (off.iter().map(|x| x * x).sum::<f64>() / off.len() as f64).sqrt();
    let thz = result.known.iter().map(|k| (k.model - k.value).powi(2)).sum::<f64>();
    println!("{rms:.2} σ, {:.3} THz", (thz / 71.0).sqrt());
    assert!(rms < 1.5, "{rms}");
    // They make the constants more certain than the data alone.
    let alone = fit(&copper(|job| job["data"][0]["synthetic"]["scale"] = json!(0.05)));
    let sigma = |r: &FitResult| r.parameters.iter().map(|p| p.sigma.unwrap()).collect::<Vec<_>>();
    assert!(sigma(&result).iter().zip(sigma(&alone)).all(|(with, without)| *with < without));
}

#[test]
fn constraints_of_many_atoms_leave_what_they_should() {
    // Labels of elements that symmetry makes equal name one constant.
    for system in polyatomic_systems() {
        let System { basis, theta, .. } = &system;
        let label = &basis.parameters[0].label;
        let row = basis.element(label).unwrap();
        let held =
            basis.imposed(&[tds_inversion::ifc::Condition { coefficients: row, value: 1.25 }]).unwrap();
        assert_eq!(held.family.n_parameters, basis.len(), "one goes, one carries the value");
        let nearest = held.nearest(theta);
        let all = held.all(&nearest);
        assert!((all[0] - 1.25).abs() < 1e-12);
        assert!(all[1..].iter().zip(&theta[1..]).all(|(a, b)| (a - b).abs() < 1e-9));
        let (a, b) = (held.family.at(&nearest), basis.family.at(&all));
        let off = a.pairs.iter().zip(&b.pairs).map(|(a, b)| (a.4 - b.4).amax()).fold(0.0, f64::max);
        assert!(off < 1e-12, "{off}");
    }
}
