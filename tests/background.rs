//! Claims about what was measured without the crystal.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tds_inversion::formats::table::write_csv;
use tds_inversion::run::{Prepared, Run};

/// Nothing that symmetry would make equivalent is so here: a shadow of something beside the crystal.
fn empty([h, k, l]: [f64; 3]) -> f64 {
    400.0 * (1.0 + 0.6 * (1.3 * h - 0.4 * k).sin() + 0.2 * (2.1 * k + l).cos())
}

fn job() -> Value {
    json!({
        "crystal": {"prototype": "fcc", "element": "Cu", "a": 3.61},
        "force_constants": {"cutoff": 6.4, "start": {"library": "cu_296"}},
        "model": {"order": "one-phonon", "temperature": 296},
        "mask": {"bragg_radius": 0.22},
        "nuisance": {"background": ["constant"]},
        "data": [{"file": "d.csv", "ideal": true, "measured_background": {"file": "empty.csv"}}],
    })
}

fn grid() -> Vec<[f64; 3]> {
    let one = |i: i32| f64::from(i) * 0.2;
    let plane = |l: f64| (-20..=20).flat_map(move |i| (-20..=20).map(move |j| [one(i), one(j), l]));
    [0.1, 0.3].into_iter().flat_map(plane).collect()
}

/// Scattering of copper over 0.8 of what is there without it.
fn files(sigma: f64) -> BTreeMap<String, Vec<u8>> {
    let mut plain = job();
    plain["data"] = json!([]);
    let prepared = Prepared::new(&serde_json::from_value(plain).unwrap(), &BTreeMap::new()).unwrap();
    let hkl = grid();
    let scattering = prepared.simulate(&hkl, &|n| panic!("{n}")).unwrap().intensity;
    let values: Vec<f64> =
        hkl.iter().zip(scattering).map(|(q, i)| 40.0 * i + 0.8 * empty(*q) + 30.0).collect();
    let blank: Vec<f64> = hkl.iter().map(|q| empty(*q)).collect();
    let table =
        |values: &[f64], sigma: f64| write_csv(&hkl, values, Some(&vec![sigma; values.len()])).into_bytes();
    BTreeMap::from([("d.csv".into(), table(&values, sigma)), ("empty.csv".into(), table(&blank, 4.0))])
}

fn opened(
    job: &Value,
    files: BTreeMap<String, Vec<u8>>,
) -> tds_inversion::Result<Run<BTreeMap<String, Vec<u8>>>> {
    Run::new(&serde_json::from_value(job.clone()).unwrap(), files)
}

#[test]
fn a_measured_background_is_found_with_its_factor() {
    let mut job = job();
    job["force_constants"]["start"] = json!({"springs": {"1": 1.6}});
    let mut run = opened(&job, files(3.0)).unwrap();
    while run.session.progress().termination.is_none() {
        run.step(|| 0.0);
    }
    let result = run.result(0.0, "");
    let (truth, data) =
        Prepared::with_data(&serde_json::from_value(self::job()).unwrap(), &files(3.0)).unwrap();
    let largest = truth.theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    for (found, right) in result.parameters.iter().zip(&truth.theta) {
        assert!((found.value - right).abs() < 1e-5 * largest, "{}: {} {right}", found.label, found.value);
    }
    let progress = run.progress();
    let found = |name: &str| progress.nuisances[0].iter().find(|n| n.name == name).unwrap();
    let factor = found("background measured");
    assert!((factor.value - 0.8).abs() < 1e-5, "{}", factor.value);
    assert!(factor.sigma.unwrap() < 0.01);
    assert!((found("background constant").value - 30.0).abs() < 0.01);
    // 3 of the data and 4 of the background.
    assert!(data[0].sigma.as_ref().unwrap().iter().all(|s| (s - 5.0).abs() < 1e-9));
    // Equivalent data are compared without it.
    let agreement = &run.describe().datasets[0].agreement;
    assert!(agreement.r_int < 0.05, "{agreement:?}");
}

#[test]
fn what_is_known_of_the_factor_holds_it() {
    let mut job = job();
    job["data"][0]["measured_background"]["factor_within"] = json!(1e-6);
    let mut run = opened(&job, files(3.0)).unwrap();
    while run.session.progress().termination.is_none() {
        run.step(|| 0.0);
    }
    let progress = run.progress();
    let factor = progress.nuisances[0].iter().find(|n| n.name == "background measured").unwrap();
    assert!((factor.value - 1.0).abs() < 1e-4, "{}", factor.value);
}

#[test]
fn a_background_that_does_not_belong_to_the_data_is_refused_in_a_sentence() {
    let refused = |job: &Value, files| opened(job, files).err().map(|e| e.to_string()).unwrap();
    let mut all = files(3.0);
    let text = String::from_utf8(all["empty.csv"].clone()).unwrap();
    let shorter = text.lines().take(1000).collect::<Vec<_>>().join("\n");
    all.insert("empty.csv".into(), shorter.into_bytes());
    let said = refused(&job(), all);
    assert!(said.starts_with("empty.csv: no value for 2363 of the 3362 data of d.csv, as at ("), "{said}");
    let mut other = files(3.0);
    other.remove("empty.csv");
    let said = refused(&job(), other);
    assert!(said.contains("empty.csv"), "{said}");
    for (change, words) in [
        (json!({"file": ""}), "data[0].measured_background.file: missing"),
        (
            json!({"file": "empty.csv", "factor_within": 0.0}),
            "data[0].measured_background.factor_within: 0, expected",
        ),
    ] {
        let mut job = job();
        job["data"][0]["measured_background"] = change;
        let said = refused(&job, files(3.0));
        assert!(said.contains(words), "{said}");
    }
    let mut periodic = job();
    periodic["model"]["supercell"] = json!([4, 4, 4]);
    periodic["model"]["order"] = json!("all-order");
    let said = refused(&periodic, files(3.0));
    assert!(said.contains("periodic supercell"), "{said}");
}
