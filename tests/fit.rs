//! Fits recover what went in.

mod common;

use std::collections::BTreeMap;

use common::*;
use rand_distr::uniform::{UniformFloat, UniformSampler};
use rand_pcg::Pcg64;
use serde_json::{Value, json};
use tds_inversion::data::Dataset;
use tds_inversion::fit::{Session, TerminationReason};
use tds_inversion::job::Job;
use tds_inversion::run::{Prepared, fit_result};
use tds_inversion::{Pool, now};

fn example(file: &str) -> BTreeMap<String, Vec<u8>> {
    let path = format!("{}/www/examples/{file}", env!("CARGO_MANIFEST_DIR"));
    BTreeMap::from([(file.to_owned(), std::fs::read(path).unwrap())])
}

fn nickel_job(file: &str, start: Value) -> Job {
    serde_json::from_value(json!({
        "crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"cutoff": 5.7, "start": start},
        "model": {"order": "one-phonon", "statistics": "quantum", "temperature": 298, "u_mesh": "converged"},
        "data": [{"file": file}],
        "mask": {"bragg_radius": 0.12},
        "nuisance": {"scale": "free", "background": ["constant", "q2"]},
    }))
    .unwrap()
}

fn run(job: &Job, files: &BTreeMap<String, Vec<u8>>) -> (Prepared, Session) {
    let prepared = Prepared::new(job, files).unwrap();
    let data = prepared.read_data(files).unwrap();
    let (mut session, _) = prepared.session(&data).unwrap();
    while session.progress().termination.is_none() {
        let p = session.step();
        println!("{:3} χ² {:.6} rejected {} {:?}", p.iteration, p.chi2, p.rejected_steps, p.termination);
    }
    (prepared, session)
}

/// Label and published value, eV/Å², with the standard error the data allow.
fn truth(file: &str) -> Vec<(String, f64, f64)> {
    let all: Value = serde_json::from_str(include_str!("fixtures/truth.json")).unwrap();
    let unit = tds_inversion::units::N_PER_M_PER_EV_A2;
    let names = [("110", "1"), ("200", "2"), ("211", "3"), ("220", "4"), ("310", "5")];
    let sigma = all[file]["fisher_sigma_N_per_m"].as_object().unwrap();
    sigma
        .iter()
        .map(|(key, sigma)| {
            let (shell, component) = key.split_once(' ').unwrap();
            let number = names.iter().find(|n| n.0 == shell).unwrap().1;
            let value = all[file]["shells_N_per_m"][shell][component].as_f64().unwrap();
            (format!("{number}{}", component.to_uppercase()), -value / unit, sigma.as_f64().unwrap() / unit)
        })
        .collect()
}

#[test]
fn the_one_phonon_nickel_example_gives_back_nickel_from_both_starts() {
    let file = "ni_298K_one_phonon.csv";
    let files = example(file);
    let fits: Vec<_> = [json!({"library": "ni_676"}), json!({"springs": {"1": 1.1}})]
        .into_iter()
        .map(|start| {
            let (prepared, session) = run(&nickel_job(file, start), &files);
            fit_result(&prepared, &session, 0.0)
        })
        .collect();
    for fit in &fits {
        assert_eq!(fit.termination, Some(TerminationReason::Converged));
        assert!((0.96..1.04).contains(&fit.chi2_reduced), "χ²/n = {}", fit.chi2_reduced);
        for (label, value, error) in truth(file) {
            let p = fit.parameters.iter().find(|p| p.label == label).unwrap();
            assert!((p.value - value).abs() < 3.0 * error, "{label}: {} against {value} ± {error}", p.value);
            assert!((p.sigma.unwrap() / error - 1.0).abs() < 0.1, "{label}: σ {:?} {error}", p.sigma);
        }
    }
    let largest = fits[0].parameters.iter().fold(0.0_f64, |m, p| m.max(p.value.abs()));
    for (a, b) in fits[0].parameters.iter().zip(&fits[1].parameters) {
        assert!((a.value - b.value).abs() < 1e-8 * largest, "{}: {} {}", a.label, a.value, b.value);
    }
}

#[test]
fn a_one_phonon_fit_of_all_order_data_is_biased_as_known() {
    let file = "ni_298K_hk0_hk0.5_hk1.csv";
    let (prepared, session) = run(&nickel_job(file, json!({"library": "ni_676"})), &example(file));
    let fit = fit_result(&prepared, &session, 0.0);
    let (_, value, _) = truth(file).into_iter().find(|t| t.0 == "1XX").unwrap();
    let bias = fit.parameters[0].value / value - 1.0;
    println!("χ²/n = {:.3}, 1XX off by {:.1} %", fit.chi2_reduced, 100.0 * bias);
    assert!((1.15..1.3).contains(&fit.chi2_reduced), "χ²/n = {}", fit.chi2_reduced);
    assert!((0.2..0.32).contains(&bias.abs()), "bias {bias}");
}

/// hk planes at l = 0, 0.3 and 0.5, away from Bragg peaks.
fn planes(prepared: &Prepared) -> Vec<[f64; 3]> {
    let lattice = prepared.bragg_lattice().unwrap();
    let mut hkl = Vec::new();
    for l in [0.0, 0.3, 0.5] {
        for i in -12..=12 {
            for j in -12..=12 {
                let p = [f64::from(i) * 0.31, f64::from(j) * 0.31, l];
                if lattice.distance(p) > 0.12 {
                    hkl.push(p);
                }
            }
        }
    }
    hkl
}

#[test]
fn noise_free_data_of_every_library_crystal_are_fitted_back_from_wrong_starts() {
    let uniform = UniformFloat::<f64>::new(-0.3, 0.3).unwrap();
    let mut worst = 0.0_f64;
    for system in library_systems() {
        let entry = tds_inversion::ifc::library_entry(&system.name).unwrap();
        let labels = |theta: &[f64]| {
            let map: BTreeMap<String, f64> =
                system.basis.labels().into_iter().zip(theta.iter().copied()).collect();
            json!({ "labels": map })
        };
        let springs = match entry.lattice {
            tds_inversion::crystal::Prototype::Bcc => json!({"springs": {"1": 1.0, "2": 0.5}}),
            _ => json!({"springs": {"1": 1.0}}),
        };
        let job = |start: Value| -> Job {
            serde_json::from_value(json!({
                "crystal": {"prototype": entry.lattice, "element": entry.element, "a": entry.a_angstrom},
                "force_constants": {"cutoff": system.basis.cutoff, "start": start},
                "model": {"temperature": system.temperature_k},
                "data": [{"file": "synthetic"}],
            }))
            .unwrap()
        };
        let truth = Prepared::new(&job(labels(&system.theta)), &BTreeMap::new()).unwrap();
        let hkl = planes(&truth);
        let intensity: Vec<f64> = truth
            .simulate(&hkl, &|_| unreachable!())
            .unwrap()
            .intensity
            .into_iter()
            .map(|i| 137.0 * i)
            .collect();
        let sigma = Some(intensity.iter().map(|i| i.sqrt()).collect());
        let data = [Dataset { name: "synthetic".into(), hkl, intensity, sigma, ..Dataset::default() }];

        let mut rng = Pcg64::new(7, 11);
        let mut starts = vec![springs];
        // All constants ± 30 %, redrawn until the crystal is stable.
        for _ in 0..200 {
            let theta: Vec<f64> = system.theta.iter().map(|t| t * (1.0 + uniform.sample(&mut rng))).collect();
            let prepared = Prepared::new(&job(labels(&theta)), &BTreeMap::new()).unwrap();
            if now(prepared.problem(&data).unwrap().0.check_stable(&Pool::here(), &theta)).is_ok() {
                starts.push(labels(&theta));
                break;
            }
        }
        assert_eq!(starts.len(), 2, "{}: no stable start", system.name);
        for start in starts {
            let prepared = Prepared::new(&job(start.clone()), &BTreeMap::new()).unwrap();
            let (mut session, _) = prepared.session(&data).unwrap();
            session.run();
            let largest = system.theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
            let found = &session.current().theta;
            let error =
                found.iter().zip(&system.theta).map(|(a, b)| (a - b).abs() / largest).fold(0.0, f64::max);
            println!(
                "{} {} iterations {:?} error {error:.1e} {}",
                system.name,
                session.progress().iteration,
                session.progress().termination,
                if start.get("springs").is_some() { "springs" } else { "±30 %" }
            );
            assert_eq!(session.progress().termination, Some(TerminationReason::Converged), "{}", system.name);
            assert!(error < 1e-8, "{}: {error:.1e}", system.name);
            worst = worst.max(error);
        }
    }
    println!("worst error {worst:.1e}");
}

/// `cargo test --release --test fit -- --ignored --nocapture`
#[test]
#[ignore = "200 fits; a minute"]
fn error_bars_cover_the_truth_in_68_percent_of_noisy_repeats() {
    use rand_distr::{Distribution, Poisson};
    const SEEDS: u64 = 240;
    const SCALE: f64 = 150.0;
    for id in ["ni_298", "fe_295", "al_80"] {
        let entry = tds_inversion::ifc::library_entry(id).unwrap();
        let job: Job = serde_json::from_value(json!({
            "crystal": {"prototype": entry.lattice, "element": entry.element, "a": entry.a_angstrom},
            "force_constants": {"start": {"library": id}},
            "model": {"temperature": entry.temperature_k},
            "nuisance": {"scale": "free", "background": ["constant", "q2"]},
            "fit": {"likelihood": "poisson"},
        }))
        .unwrap();
        let prepared = Prepared::new(&job, &BTreeMap::new()).unwrap();
        let hkl = planes(&prepared);
        let mean: Vec<f64> = prepared
            .simulate(&hkl, &|_| unreachable!())
            .unwrap()
            .intensity
            .iter()
            .zip(&hkl)
            .map(|(i, p)| SCALE * i + 150.0 + 2.5 * prepared.crystal.q_cart(p).norm_squared())
            .collect();
        let (mut within, mut total) = (0, 0);
        for seed in 0..SEEDS {
            let mut rng = Pcg64::new(u128::from(seed), 17);
            let intensity = mean.iter().map(|m| Poisson::new(*m).unwrap().sample(&mut rng)).collect();
            let data = [Dataset { name: "noisy".into(), hkl: hkl.clone(), intensity, ..Dataset::default() }];
            let (mut session, _) = prepared.session(&data).unwrap();
            session.run();
            assert_eq!(
                session.progress().termination,
                Some(TerminationReason::Converged),
                "{id} seed {seed}"
            );
            let sigma = session.uncertainty().sigma;
            for ((found, truth), sigma) in session.current().theta.iter().zip(&prepared.theta).zip(sigma) {
                within += usize::from((found - truth).abs() < sigma);
                total += 1;
            }
        }
        let fraction = f64::from(within as u32) / f64::from(total as u32);
        println!("{id}: {:.1} % of {total} constants within 1 σ", 100.0 * fraction);
        assert!((0.6527..0.7127).contains(&fraction), "{id}: {fraction}");
    }
}

#[test]
fn the_all_order_nickel_example_gives_back_nickel_from_both_starts() {
    let file = "ni_298K_hk0_hk0.5_hk1.csv";
    let files = example(file);
    for start in [json!({"library": "ni_676"}), json!({"springs": {"1": 1.1}})] {
        let mut job = nickel_job(file, start);
        job.model.order = tds_inversion::job::Order::AllOrder;
        let clock = std::time::Instant::now();
        let (prepared, session) = run(&job, &files);
        println!("{:?}", clock.elapsed());
        let fit = fit_result(&prepared, &session, 0.0);
        assert_eq!(fit.termination, Some(TerminationReason::Converged));
        println!("χ²/n = {:.4}", fit.chi2_reduced);
        assert!((0.96..1.04).contains(&fit.chi2_reduced), "χ²/n = {}", fit.chi2_reduced);
        for (label, value, error) in truth(file) {
            let p = fit.parameters.iter().find(|p| p.label == label).unwrap();
            let unit = tds_inversion::units::N_PER_M_PER_EV_A2;
            println!("{label}: {:.4} against {value:.4} ± {error:.4}, σ {:.4}", p.value, p.sigma.unwrap());
            let allowed = 3.0 * error + 0.02 / unit;
            assert!((p.value - value).abs() < allowed, "{label}: {} against {value} ± {error}", p.value);
            assert!((p.sigma.unwrap() / error - 1.0).abs() < 0.1, "{label}: σ {:?} {error}", p.sigma);
        }
    }
}
