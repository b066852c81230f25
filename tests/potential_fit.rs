//! Potentials refined through the scattering: what went in comes back, and what the nickel example says of each family.

use std::collections::BTreeMap;
use std::time::Instant;

use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;
use serde_json::{Value, json};
use tds_inversion::job::Job;
use tds_inversion::run::{FitResult, Prepared, Run, cost_of_potential};
use tds_inversion::Error;

type Files = BTreeMap<String, Vec<u8>>;

/// A crystal with its true potential and how far a start is off.
struct Case {
    name: &'static str,
    crystal: Value,
    temperature: f64,
    potential: Value,
    cutoff: Option<f64>,
    more: Value,
    off: Vec<(&'static str, f64)>,
}

fn cases() -> Vec<Case> {
    let gupta = |element: &str, a: f64, id: &str| -> (Value, Value) {
        (json!({"prototype": "fcc", "element": element, "a": a}), json!({"library": id}))
    };
    let (nickel, ni) = gupta("Ni", 3.523, "ni_gupta");
    let (copper, cu) = gupta("Cu", 3.61, "cu_sutton_chen");
    let (_, morse) = gupta("Cu", 3.61, "cu_morse");
    vec![
        Case {
            name: "gupta",
            crystal: nickel,
            temperature: 298.0,
            potential: ni,
            cutoff: Some(5.7),
            more: json!({}),
            off: vec![("A", 1.2), ("xi", 0.8), ("p", 0.8), ("q", 1.2)],
        },
        Case {
            name: "sutton-chen",
            crystal: copper.clone(),
            temperature: 298.0,
            potential: cu,
            cutoff: Some(5.9),
            more: json!({}),
            off: vec![("epsilon", 1.2), ("c", 0.8), ("n", 1.2), ("m", 0.8)],
        },
        Case {
            name: "morse",
            crystal: copper,
            temperature: 298.0,
            potential: morse,
            cutoff: Some(5.9),
            more: json!({}),
            off: vec![("D", 1.2), ("alpha", 0.8), ("r0", 1.03)],
        },
        Case {
            name: "lennard-jones",
            crystal: json!({"prototype": "fcc", "element": "Ar", "a": 5.26}),
            temperature: 20.0,
            potential: json!({"family": "lennard-jones", "parameters": {"epsilon": 0.0104, "sigma": 3.4}, "range": 8.0,
                              "smoothing": 1.0}),
            cutoff: None,
            more: json!({}),
            off: vec![("epsilon", 0.8), ("sigma", 1.03)],
        },
        Case {
            name: "stillinger-weber",
            crystal: json!({"prototype": "diamond", "element": "Si", "a": 5.431}),
            temperature: 298.0,
            potential: json!({"library": "si_stillinger_weber"}),
            cutoff: None,
            more: json!({}),
            off: vec![("epsilon", 1.2), ("sigma", 0.99), ("lambda", 0.8)],
        },
        Case {
            name: "buckingham",
            crystal: json!({"prototype": "rocksalt", "elements": ["Na", "Cl"], "a": 5.64}),
            temperature: 298.0,
            potential: json!({"family": "buckingham", "range": 6.5, "smoothing": 1.0, "parameters": {
                "A Na-Cl": 1256.0, "rho Na-Cl": 0.317, "C Na-Cl": 0.0,
                "A Cl-Cl": 3488.0, "rho Cl-Cl": 0.321, "C Cl-Cl": 73.0},
                "free": ["A Na-Cl", "rho Na-Cl"]}),
            cutoff: None,
            more: json!({"non_analytical": {
                "born_charges": [[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
                                 [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]]],
                "dielectric": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]}}),
            off: vec![("A Na-Cl", 1.2), ("rho Na-Cl", 0.98)],
        },
    ]
}

impl Case {
    fn job(&self) -> Value {
        let mut job = json!({
            "crystal": self.crystal,
            "force_constants": {},
            "potential": self.potential,
            "model": {"order": "all-order", "statistics": "quantum", "temperature": self.temperature},
            "data": [{"file": "made.csv"}],
            "mask": {"bragg_radius": 0.15},
            "nuisance": {"scale": "free", "background": ["constant"]},
        });
        if let Some(cutoff) = self.cutoff {
            job["force_constants"]["cutoff"] = cutoff.into();
        }
        for (name, value) in self.more.as_object().unwrap() {
            job[name] = value.clone();
        }
        job
    }

    /// The parameters that are fitted, true and at the start.
    fn start(&self, truth: &BTreeMap<String, f64>) -> Value {
        let mut job = self.job();
        for (name, factor) in &self.off {
            job["potential"]["parameters"][*name] = (truth[*name] * factor).into();
        }
        job
    }
}

fn parsed(job: &Value) -> Job {
    serde_json::from_value(job.clone()).unwrap()
}

/// Points of three planes that are no Bragg points, and the intensity that a job has there.
fn intensities(job: &Value) -> Vec<([f64; 3], f64)> {
    let mut hkl = vec![];
    for l in [0.0, 0.3, 0.5] {
        for a in 0..16 {
            for b in 0..=a {
                let point = [0.27 * f64::from(a) + 0.11, 0.27 * f64::from(b) + 0.07, l];
                hkl.push(point);
            }
        }
    }
    let prepared = Prepared::new(&parsed(job), &Files::new()).unwrap();
    let found = prepared.simulate(&hkl, &|n| Error::value(format!("{n}"), "a point off the peaks")).unwrap();
    hkl.into_iter().zip(found.intensity).collect()
}

/// A measurement with relative errors, `noise` of them drawn.
fn measured(truth: &[([f64; 3], f64)], relative: f64, noise: Option<u64>) -> Files {
    let mut random = Pcg64::new(u128::from(noise.unwrap_or(0)), 7);
    let mut text = "h,k,l,intensity,sigma\n".to_owned();
    for ([h, k, l], value) in truth {
        let sigma = relative * value;
        let drawn: f64 = StandardNormal.sample(&mut random);
        let value = 40.0 * (value + if noise.is_some() { sigma * drawn } else { 0.0 }) + 3.0;
        text += &format!("{h},{k},{l},{value:e},{:e}\n", 40.0 * sigma);
    }
    Files::from([("made.csv".to_owned(), text.into_bytes())])
}

fn fitted(job: &Value, files: Files) -> FitResult {
    let clock = Instant::now();
    let mut run = Run::new(&parsed(job), files).unwrap();
    while run.session.progress().termination.is_none() {
        run.step(|| clock.elapsed().as_secs_f64());
        if run.session.progress().termination.is_none() && std::env::var("STEPS").is_ok() {
            let at = run.session.current();
            println!("    {} {:.6} {:?}", run.session.progress().iteration, at.chi2, at.parameters());
        }
    }
    run.result(clock.elapsed().as_secs_f64(), "")
}

fn true_values(job: &Value) -> BTreeMap<String, f64> {
    let prepared = Prepared::new(&parsed(job), &Files::new()).unwrap();
    let refined = prepared.refined.unwrap();
    refined.potential.parameters.iter().map(|p| (p.name.clone(), p.value)).collect()
}

#[test]
fn parameters_come_back_from_maps_of_all_orders() {
    let only = std::env::var("FAMILY").ok();
    let mut wrong = vec![];
    for case in cases().into_iter().filter(|c| only.as_ref().is_none_or(|f| f == c.name)) {
        let truth = true_values(&case.job());
        let map = intensities(&case.job());
        let start = case.start(&truth);
        for noise in [None, Some(1)] {
            let found = fitted(&start, measured(&map, 0.02, noise));
            let potential = found.potential.as_ref().unwrap();
            println!(
                "{} {noise:?}: χ²/n {:.4} of {}, {} iterations, {:?}, {:.1} s",
                case.name, found.chi2_reduced, found.n_data, found.iterations, found.termination, found.seconds
            );
            for p in potential.parameters.iter().filter(|p| p.free) {
                let (sigma, off) = (p.sigma.unwrap_or(f64::NAN), p.value - truth[&p.name]);
                println!("  {:10} {:12.6} ± {sigma:.6} true {:.6} from {:.6}", p.name, p.value, truth[&p.name], p.start);
                let near = if noise.is_some() { 3.0 * sigma } else { 1e-3 * sigma };
                if off.is_nan() || off.abs() > near {
                    wrong.push(format!("{} {noise:?} {}: {} ± {sigma}, true {}", case.name, p.name, p.value, truth[&p.name]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn nickel_example(potential: &Value, range_of_constants: f64) -> (Value, Files) {
    let file = "ni_298K_hk0_hk0.5_hk1.csv";
    let path = format!("{}/www/examples/{file}", env!("CARGO_MANIFEST_DIR"));
    let job = json!({
        "crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"cutoff": range_of_constants},
        "potential": potential,
        "model": {"order": "all-order", "statistics": "quantum", "temperature": 298},
        "data": [{"file": file}],
        "mask": {"bragg_radius": 0.12},
        "nuisance": {"scale": "free", "background": ["constant", "q2"]},
    });
    (job, Files::from([(file.to_owned(), std::fs::read(path).unwrap())]))
}

#[test]
fn the_nickel_example_tells_what_each_family_misses() {
    let families = [
        ("gupta", json!({"library": "ni_gupta"}), 1.0..1.6),
        ("sutton-chen", json!({"library": "ni_sutton_chen"}), 1.0..2.5),
        ("morse", json!({"library": "ni_morse"}), 1.0..4.0),
        ("lennard-jones", json!({"family": "lennard-jones", "parameters": {"epsilon": 0.5, "sigma": 2.28}, "range": 5.7}), 1.0..9.0),
    ];
    for (name, potential, expected) in families {
        let (job, files) = nickel_example(&potential, 5.7);
        let clock = Instant::now();
        let found = fitted(&job, files.clone());
        let seconds = clock.elapsed().as_secs_f64();
        let cost = cost_of_potential(&parsed(&job), &files).unwrap();
        println!("{name}: χ²/n {:.4}, {} iterations, {:?}, {seconds:.2} s", found.chi2_reduced, found.iterations, found.termination);
        for (label, c) in &found.elastic_gpa.0 {
            println!("  {label} {:.1} ± {:.2}", c.value, c.sigma.unwrap_or(f64::NAN));
        }
        for p in &found.potential.as_ref().unwrap().parameters {
            println!("  {} {:.5} {:?} {}", p.name, p.value, p.sigma, p.determined);
        }
        println!("  {:?} {:?}", found.potential.as_ref().unwrap().energy_ev, found.potential.as_ref().unwrap().pressure_gpa);
        println!("  {}", cost.conclusion);
        println!("  {:?}", found.verdict.as_ref().map(|v| &v.sentence));
        println!("  {:?}", found.notes);
        assert!(expected.contains(&found.chi2_reduced), "{name}: {}", found.chi2_reduced);
        assert!((cost.free_constants.chi2_reduced - 1.0).abs() < 0.05);
    }
}
