//! Claims about series of temperatures: measured intensities of copper as one job with a shared scale.

use std::collections::BTreeMap;

use nalgebra::Vector3;
use serde_json::{Value, json};
use tds_inversion::dynamics::frequencies;
use tds_inversion::run::{FitResult, Run, Trust};

type Files = BTreeMap<String, Vec<u8>>;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/copper/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn copper(edit: impl Fn(&mut Value)) -> Value {
    let mut job = json!({
        "crystal": {"prototype": "fcc", "element": "Cu", "a": 3.61},
        "force_constants": {"start": {"library": "cu_296"}},
        "constraints": {"stiffness_alone": true},
        "model": {"order": "all-order", "statistics": "quantum", "real_space_range": 15},
        "nuisance": {"scale": "free", "background": ["constant"]},
        "data": [{"file": "series.csv"}],
    });
    edit(&mut job);
    job
}

fn open(job: &Value, files: Files) -> Run<Files> {
    Run::new(&serde_json::from_value(job.clone()).unwrap(), files).unwrap()
}

fn fit(run: &mut Run<Files>) -> FitResult {
    for _ in 0..60 {
        run.step(|| 0.0);
    }
    run.result(0.0, "2026-01-01T00:00:00Z")
}

#[test]
fn the_intensity_of_copper_rises_with_temperature_as_its_frequency_says() {
    let files = Files::from([("series.csv".to_owned(), fixture("temperature_265_0_0.csv"))]);
    let mut run = open(&copper(|_| {}), files.clone());
    let points = run.describe().datasets.len();
    let result = fit(&mut run);
    println!("{points} temperatures, {:?} after {}", result.termination, result.iterations);
    // One scale and one background for all of them.
    assert_eq!(result.covariance_order.iter().filter(|name| name.contains("scale")).count(), 1);
    assert_eq!(result.covariance_order.len(), 3, "{:?}", result.covariance_order);
    let off: Vec<f64> = (0..points).map(|n| run.model(n)[0] - run.data[n].intensity[0]).collect();
    let rms = (off.iter().map(|x| x * x).sum::<f64>() / off.len() as f64).sqrt();
    let labels: BTreeMap<String, f64> =
        result.parameters.iter().map(|p| (p.label.clone(), p.value)).collect();
    let mut job = copper(|job| job["force_constants"] = json!({"start": {"labels": labels}}));
    job["constraints"] = json!({});
    let found = open(&job, files.clone());
    let fc = found.prepared.family.at(&found.prepared.theta);
    let q = found.prepared.crystal.input.reciprocal() * Vector3::new(0.65, 0.0, 0.0);
    let frequency = frequencies(&fc, &found.prepared.crystal.primitive.masses, &q)[2];
    let first = &result.parameters[0];
    let sigma = 0.5 * frequency * first.sigma.unwrap() / first.value.abs();
    println!("rms {rms:.1e}, (0.65, 0, 0) L at {frequency:.2} ± {sigma:.2} THz (neutrons: 6.40)");
    assert!(rms < 4e-4, "{rms}");
    assert!((frequency - 6.40).abs() < 0.1, "{frequency}");
    // A result is a job again: each of its measurements takes the rows of its temperature.
    let again = serde_json::to_value(&result.job).unwrap();
    assert_eq!(again["data"].as_array().unwrap().len(), points);
    let again = open(&again, files);
    assert_eq!(again.describe().datasets.len(), points);
}

#[test]
fn a_series_that_one_stiffness_does_not_describe_is_not_trusted() {
    // Near a Bragg point softening or resolution bends the curve by three times the scatter of the points.
    let files = Files::from([("series.csv".to_owned(), fixture("temperature_11_11_11.csv"))]);
    let mut run = open(&copper(|_| {}), files);
    let points = run.describe().datasets.len();
    let result = fit(&mut run);
    let worst = (0..points).map(|n| (run.model(n)[0] - run.data[n].intensity[0]).abs()).fold(0.0, f64::max);
    let verdict = result.verdict.unwrap();
    println!(
        "{points} temperatures, worst {worst:.1e}, χ²/n {:.1}, {}",
        result.chi2_reduced, verdict.sentence
    );
    verdict.reasons.iter().for_each(|r| println!("    {} {:?}: {}", r.code, r.trust, r.sentence));
    let stiffness = result.parameters[0].value / run.prepared.all_constants(&run.session.start().theta)[0];
    let sigma = result.parameters[0].sigma.unwrap() / result.parameters[0].value.abs();
    println!("    stiffness times {stiffness:.3} ± {sigma:.3} {:?}", result.parameters[0].sigma_scaled);
    assert!((5e-4..2e-3).contains(&worst), "{worst}");
    assert_ne!(verdict.trust, Trust::Good);
    for word in ["soften", "χ²/n"] {
        assert!(verdict.reasons.iter().any(|r| r.sentence.contains(word)), "{word}: {:?}", verdict.reasons);
    }
    let systematic = result.parameters[0].systematic.unwrap() / result.parameters[0].value.abs();
    println!("    systematic ± {systematic:.3}");
}

#[test]
fn measurements_that_share_are_fitted_as_if_they_were_one() {
    // The same rows in one file and in two.
    let job = json!({
        "crystal": {"prototype": "fcc", "element": "Cu", "a": 3.61},
        "force_constants": {"start": {"springs": {"1": 1.5}}},
        "model": {"order": "one-phonon", "statistics": "quantum", "temperature": 298, "u_mesh": [8, 8, 8]},
        "nuisance": {"scale": "free", "background": ["constant", "q2"]},
    });
    let set = |l: &[f64]| {
        json!({"ideal": true, "holds": "one-phonon", "synthetic": {"values": {"library": "cu_296"}, "h": [-2.45, 2.45, 12],
            "k": [-2.45, 2.45, 12], "l": l, "scale": 3.0, "background": [20.0, 0.5], "noise": false}})
    };
    let with = |data: Vec<Value>, fit: Value| {
        let mut job = job.clone();
        job["force_constants"]["cutoff"] = json!(3.0);
        job["data"] = json!(data);
        job["fit"] = fit;
        job
    };
    for likelihood in ["gaussian", "poisson"] {
        let settings = json!({"likelihood": likelihood});
        let one = open(&with(vec![set(&[0.15, 0.45])], settings.clone()), Files::new());
        let two = ["low", "high"].map(|_| "detector");
        let parts: Vec<Value> = [0.15, 0.45]
            .iter()
            .zip(two)
            .map(|(l, word)| {
                let mut part = set(&[*l]);
                part["shares"] = json!(word);
                part
            })
            .collect();
        let two = open(&with(parts, settings), Files::new());
        let (one, two) = [one, two].map(|mut run| fit(&mut run)).into();
        let (one, two): (FitResult, FitResult) = (one, two);
        assert_eq!(one.covariance_order.len(), two.covariance_order.len());
        assert!((one.chi2 - two.chi2).abs() < 1e-6 * one.n_data as f64, "{} {}", one.chi2, two.chi2);
        for (a, b) in one.parameters.iter().zip(&two.parameters) {
            assert!((a.value - b.value).abs() < 1e-7, "{likelihood} {}: {} {}", a.label, a.value, b.value);
            let ratio = a.sigma.unwrap() / b.sigma.unwrap();
            assert!((ratio - 1.0).abs() < 1e-5, "{likelihood} {}: {ratio}", a.label);
        }
    }
}

#[test]
fn what_cannot_be_shared_is_refused() {
    let two = |edit: fn(&mut Value)| {
        let mut job = copper(|job| {
            job["data"] = json!([
                {"file": "series.csv", "shares": "a", "temperature": 8.37},
                {"file": "series.csv", "shares": "a", "temperature": 10.46},
            ]);
        });
        edit(&mut job);
        let files = Files::from([("series.csv".to_owned(), fixture("temperature_265_0_0.csv"))]);
        Run::new(&serde_json::from_value(job).unwrap(), files)
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default()
    };
    let message = two(|job| job["data"][1]["background"] = json!([]));
    assert!(message.contains("data[1].shares: another scale, background or instrument"), "{message}");
    let message = two(|job| job["data"][1]["temperature"] = json!(9.0));
    assert!(message.contains("series.csv: no row at 9 K"), "{message}");
}
