//! The optimizers against each other, and the jobs of the nickel benchmark.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tds_inversion::fit::{Method, TerminationReason};
use tds_inversion::job::{Job, Order};
use tds_inversion::run::{Files, FitResult, Prepared, Run};
use tds_inversion::{Error, Result};

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        std::fs::read(self.0.join(name)).map_err(|e| Error::file(name, e.to_string(), "a readable file"))
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Names of the JSON files in a folder, sorted.
fn jobs(name: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder(name)).unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|n| n.ends_with(".json") && n != "index.json").collect();
    names.sort();
    assert!(!names.is_empty(), "{name}");
    names
}

fn read(place: &str, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder(place).join(name)).unwrap()).unwrap()
}

fn benchmark(name: &str) -> Value {
    read("www/examples/nickel", name)
}

fn open(job: Value) -> Run<Folder> {
    let job: Job = serde_json::from_value(job).unwrap();
    Run::new(&job, Folder(folder("www/examples/nickel"))).unwrap()
}

fn fit(job: Value) -> FitResult {
    let mut run = open(job);
    while run.session.progress().termination.is_none() {
        run.step(|| 0.0);
    }
    let result = run.result(0.0, "");
    println!(
        "{:?} after {}, error {:.1e}, χ²/n {:.3}",
        result.termination,
        result.iterations,
        result.error.unwrap(),
        result.chi2_reduced
    );
    result
}

/// Error at the start over error at the end.
fn gain(result: &FitResult) -> f64 {
    result.trace[0].error.unwrap() / result.error.unwrap()
}

#[test]
fn every_job_that_is_shipped_can_be_started() {
    for place in ["www/examples/nickel", "tests/jobs"] {
        for name in jobs(place) {
            let text = std::fs::read_to_string(folder(place).join(&name)).unwrap();
            let mut job = Job::parse(&name, &text).unwrap();
            for data in &mut job.data {
                // Fewer snapshots of the target: they take longest, and change nothing here.
                if let Some(model) = data.synthetic.as_mut().and_then(|s| s.model.as_mut()) {
                    model.samples = model.samples.map(|n| n.min(4));
                }
            }
            let run = Run::new(&job, Folder(folder(place))).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(run.describe().parameters.len(), 16, "{name}");
        }
    }
}

#[test]
fn the_list_of_the_benchmark_names_all_its_jobs() {
    let list = benchmark("index.json");
    let mut listed: Vec<String> = Vec::new();
    for entry in list.as_array().unwrap() {
        assert!(entry["title"].is_string() && entry["description"].is_string(), "{entry}");
        listed.push(entry["file"].as_str().unwrap().to_owned());
    }
    listed.sort();
    assert_eq!(listed, jobs("www/examples/nickel"));
}

#[test]
fn gauss_newton_recovers_the_benchmark_from_every_start() {
    for name in ["methods_gauss_newton.json", "start_experiment.json", "start_spring.json"] {
        let result = fit(benchmark(name));
        assert_eq!(result.termination, Some(TerminationReason::Converged), "{name}");
        assert!(result.error.unwrap() < 1e-9, "{name}: {:?}", result.error);
        assert!(result.dispersion_error_thz.unwrap() < 1e-6, "{name}");
    }
}

#[test]
fn l_bfgs_and_gauss_newton_reach_the_same_optimum_of_noisy_data() {
    for start in [json!({"library": "Ni_u3"}), json!({"library": "ni_298"}), json!({"springs": {"1": 1.1}})] {
        let mut job = benchmark("methods_gauss_newton.json");
        job["data"][0]["synthetic"]["noise"] = json!(true);
        job["nuisance"]["scale"] = json!("free");
        job["force_constants"]["start"] = start;
        let newton = fit(job.clone());
        assert!((0.9..1.1).contains(&newton.chi2_reduced));
        job["fit"] = json!({"method": "lbfgs", "max_iterations": 2000});
        let lbfgs = fit(job);
        assert_eq!(lbfgs.termination, Some(TerminationReason::Converged));
        let largest = newton.parameters.iter().fold(0.0_f64, |m, p| m.max(p.value.abs()));
        for (a, b) in newton.parameters.iter().zip(&lbfgs.parameters) {
            assert!((a.value - b.value).abs() < 1e-6 * largest, "{} {} {}", a.label, a.value, b.value);
        }
    }
}

#[test]
fn adam_finds_the_optimum_along_exact_gradients() {
    for (coordinates, iterations) in [("decorrelated", 300), ("constants", 3000)] {
        let mut job = benchmark("methods_gauss_newton.json");
        job["fit"] = json!({"method": "adam", "max_iterations": iterations, "coordinates": coordinates});
        let result = fit(job);
        assert!(result.error.unwrap() < 1e-4, "{coordinates}");
    }
}

/// Nearest neighbours only, in a small supercell.
fn small(method: Value) -> Value {
    json!({
        "crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"cutoff": 3.0, "start": {"labels": {"1XX": -1.0, "1ZZ": 0.0, "1XY": -1.0}}},
        "model": {"order": "sampled", "statistics": "classical", "temperature": 300,
            "supercell": [2, 2, 2], "samples": 16, "seed": 3},
        "data": [{"synthetic": {
            "values": {"labels": {"1XX": -1.1, "1ZZ": 0.1, "1XY": -1.25}},
            "model": {"order": "all-order", "statistics": "classical", "temperature": 300, "supercell": [2, 2, 2]},
            "h": [-4, 4, 17], "k": [-4, 4, 17], "l": [0, 0.5, 1], "scale": 100, "noise": false}}],
        "nuisance": {"scale": 100},
        "fit": method,
        "reference": {"labels": {"1XX": -1.1, "1ZZ": 0.1, "1XY": -1.25}},
    })
}

#[test]
fn adam_on_fresh_snapshots_reduces_the_error_fivefold_and_tenfold_when_decorrelated() {
    for (coordinates, least) in [("constants", 5.0), ("decorrelated", 10.0)] {
        let result = fit(small(json!({"method": "adam", "max_iterations": 1500, "learning_rate": 0.01,
            "coordinates": coordinates})));
        assert!(gain(&result) > least, "{coordinates}: {}", gain(&result));
        // The misfit is looked up now and then, at the start and at the end.
        assert_eq!(result.trace.last().unwrap().iteration, 1500);
        assert!((100..200).contains(&result.trace.len()), "{}", result.trace.len());
    }
}

#[test]
fn adam_on_mini_batches_reduces_the_error_too_and_repeats_itself() {
    let job = || {
        small(json!({"method": "adam", "max_iterations": 1500, "learning_rate": 0.01, "batch": 12,
            "coordinates": "decorrelated"}))
    };
    let result = fit(job());
    assert!(gain(&result) > 8.0, "{}", gain(&result));
    assert_eq!(result.error, fit(job()).error);
}

#[test]
fn l_bfgs_finds_the_optimum_of_snapshots_that_are_held_and_says_that_it_is_theirs() {
    let mut job = small(json!({"method": "lbfgs", "max_iterations": 200}));
    job["model"]["samples"] = json!(256);
    let result = fit(job);
    assert_eq!(result.termination, Some(TerminationReason::Noise));
    assert!(gain(&result) > 3.0, "{}", gain(&result));
}

/// Without σ the unit of the data is nobody's business.
#[test]
fn the_unit_of_data_without_sigma_changes_nothing() {
    let mut job: Job = serde_json::from_value(small(json!({"method": "lm"}))).unwrap();
    job.model.order = Order::AllOrder;
    let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let prepared = Prepared::new(&job, &files).unwrap();
    let data = prepared.read_data(&files).unwrap();
    for method in [Method::Lm, Method::Lbfgs] {
        let ends: Vec<Vec<f64>> = [1e-9, 1.0, 1e9]
            .map(|unit| {
                let mut set = data[0].clone();
                set.sigma = None;
                set.intensity.iter_mut().for_each(|i| *i *= unit);
                let mut job = job.clone();
                job.fit.method = method;
                job.fit.max_iterations = 400;
                job.nuisance.scale = tds_inversion::fit::Scale::FREE;
                let (mut session, _) = Prepared::new(&job, &files).unwrap().session(&[set]).unwrap();
                session.run();
                assert_eq!(session.progress().termination, Some(TerminationReason::Converged));
                session.current().theta.clone()
            })
            .into();
        for end in &ends {
            let off = end.iter().zip(&ends[1]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(off < 1e-6, "{method:?}: {off:.1e}");
        }
    }
}

#[test]
fn sigma_of_a_sampled_target_knows_of_the_snapshots() {
    let mut job = small(json!({"method": "lm"}));
    job["model"] = job["data"][0]["synthetic"]["model"].clone();
    let target = &mut job["data"][0]["synthetic"];
    target["model"]["order"] = json!("sampled");
    target["model"]["samples"] = json!(256);
    target["relative_error"] = json!(0.03);
    target["noise"] = json!(true);
    let result = fit(job);
    assert!((0.8..1.2).contains(&result.chi2_reduced), "{}", result.chi2_reduced);
}

#[test]
fn a_relative_error_is_a_fraction() {
    let mut job = small(json!({"method": "lbfgs"}));
    job["data"][0]["synthetic"]["relative_error"] = json!(-0.1);
    let job: Job = serde_json::from_value(job).unwrap();
    let files = Folder(PathBuf::new());
    let refused = Prepared::new(&job, &files).unwrap().read_data(&files).unwrap_err().to_string();
    assert!(refused.contains("relative_error"), "{refused}");
}

#[test]
fn a_one_phonon_fit_tells_how_much_it_leaves_out() {
    let ratio = |order: &str| {
        let mut job = read("tests/jobs", "nickel_all_order.json");
        job["data"][0]["file"] = json!("../ni_298K_hk0_hk0.5_hk1.csv");
        job["model"]["order"] = json!(order);
        job["reference"] = json!({"library": "ni_298"});
        let report = fit(job).higher_orders.unwrap();
        assert_eq!(report.modelled, order == "all-order");
        assert_eq!(report.truncation.is_some(), report.modelled);
        report.over_one_phonon
    };
    let (one, all) = (ratio("one-phonon"), ratio("all-order"));
    // What the published constants give at the data: 0.5 to 77 %.
    assert!((0.0045..0.0050).contains(&all[0]) && (0.75..0.78).contains(&all[2]), "{all:?}");
    // The constants of the biased fit are up to a quarter too stiff: the atoms move less, and the ratio,
    // which goes with their mean square, comes out a fifth lower.
    assert!((0.75..0.85).contains(&(one[1] / all[1])), "{one:?} {all:?}");
}
