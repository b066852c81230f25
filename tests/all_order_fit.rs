//! Fits of all phonon orders: error bars that hold, and starts from far away.

mod common;

use std::collections::BTreeMap;

use common::*;
use rand_distr::uniform::{UniformFloat, UniformSampler};
use rand_distr::{Distribution, Poisson};
use rand_pcg::Pcg64;
use serde_json::{Value, json};
use tds_inversion::data::Dataset;
use tds_inversion::fit::{Session, TerminationReason};
use tds_inversion::job::Job;
use tds_inversion::run::Prepared;

const FILE: &str = "ni_298K_hk0_hk0.5_hk1.csv";

fn example() -> Dataset {
    let path = format!("{}/www/examples/{FILE}", env!("CARGO_MANIFEST_DIR"));
    tds_inversion::formats::table::read_csv(FILE, &std::fs::read(path).unwrap()).unwrap()
}

fn prepared(start: Value, likelihood: &str) -> Prepared {
    let job: Job = serde_json::from_value(json!({
        "crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"cutoff": 5.7, "start": start},
        "model": {"order": "all-order", "statistics": "quantum", "temperature": 298},
        "mask": {"bragg_radius": 0.12},
        "nuisance": {"scale": "free", "background": ["constant", "q2"]},
        "fit": {"likelihood": likelihood},
    }))
    .unwrap();
    Prepared::new(&job, &BTreeMap::new()).unwrap()
}

fn labelled(system: &System, theta: &[f64]) -> Value {
    let labels: BTreeMap<String, f64> =
        system.basis.labels().into_iter().zip(theta.iter().copied()).collect();
    json!({ "labels": labels })
}

fn fitted(prepared: &Prepared, data: &[Dataset]) -> Session {
    let (mut session, _) = prepared.session(data).unwrap();
    session.run();
    session
}

#[test]
fn error_bars_cover_the_truth_in_68_percent_of_100_noisy_repeats() {
    const REPEATS: u64 = 100;
    let example = example();
    let prepared = prepared(json!({"library": "ni_298"}), "poisson");
    let mean: Vec<f64> = prepared
        .simulate(&example.hkl, &|_| unreachable!())
        .unwrap()
        .intensity
        .iter()
        .zip(&example.hkl)
        .map(|(i, p)| 160.636 * i + 150.0 + 2.5 * prepared.crystal.q_cart(p).norm_squared())
        .collect();
    let (mut within, mut total) = (0, 0);
    let mut chi2 = 0.0;
    for seed in 0..REPEATS {
        let mut rng = Pcg64::new(u128::from(seed), 23);
        let intensity = mean.iter().map(|m| Poisson::new(*m).unwrap().sample(&mut rng)).collect();
        let data =
            [Dataset { name: "repeat".into(), hkl: example.hkl.clone(), intensity, ..Dataset::default() }];
        let session = fitted(&prepared, &data);
        assert_eq!(session.progress().termination, Some(TerminationReason::Converged), "seed {seed}");
        chi2 += session.current().chi2 / (session.problem.n_data() - session.problem.n_free()) as f64;
        let sigma = session.uncertainty().sigma;
        for ((found, truth), sigma) in session.current().theta.iter().zip(&prepared.theta).zip(sigma) {
            within += usize::from((found - truth).abs() < sigma);
            total += 1;
        }
    }
    let fraction = f64::from(within as u32) / f64::from(total as u32);
    println!("{:.1} % of {total} constants within 1 σ, mean χ²/n {:.4}", 100.0 * fraction, chi2 / 100.0);
    assert!((0.64..0.72).contains(&fraction), "{fraction}");
}

#[test]
fn at_least_19_of_20_wild_starts_reach_the_optimum() {
    let nickel = library_systems().into_iter().find(|s| s.name == "ni_298").unwrap();
    let data = [example()];
    let optimum = fitted(&prepared(json!({"library": "ni_298"}), "gaussian"), &data);
    let largest = optimum.current().theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    let factor = UniformFloat::<f64>::new(0.5, 2.0).unwrap();
    // ± 1.6 N/m
    let shift = UniformFloat::<f64>::new(-0.1, 0.1).unwrap();
    let labels = nickel.basis.labels();
    let mut rng = Pcg64::new(5, 31);
    let (mut starts, mut reached, mut drawn) = (0, 0, 0);
    while starts < 20 {
        drawn += 1;
        assert!(drawn < 5000, "hardly any start is stable");
        let theta: Vec<f64> = nickel
            .theta
            .iter()
            .zip(&labels)
            .map(|(t, label)| match label.starts_with('1') {
                true => t * factor.sample(&mut rng),
                false => t + shift.sample(&mut rng),
            })
            .collect();
        let prepared = prepared(labelled(&nickel, &theta), "gaussian");
        // Only stable crystals are starts.
        let Ok((mut session, _)) = prepared.session(&data) else { continue };
        starts += 1;
        session.run();
        let found = session.current();
        let off = found
            .theta
            .iter()
            .zip(&optimum.current().theta)
            .map(|(a, b)| (a - b).abs() / largest)
            .fold(0.0, f64::max);
        let p = session.progress();
        println!(
            "start {starts}: {} iterations, {:?}, {off:.1e} from the optimum",
            p.iteration, p.termination
        );
        reached += usize::from(off < 1e-6);
    }
    println!("{reached} of 20, {drawn} drawn");
    assert!(reached >= 19);
}
