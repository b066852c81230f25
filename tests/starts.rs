//! Constants to start from where nothing is known but the crystal.

use std::collections::BTreeMap;

use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;
use serde_json::{Value, json};
use tds_inversion::data::Dataset;
use tds_inversion::run::Prepared;

const PEROVSKITE: &str = "CaTiO3\n1.0\n3.84 0 0\n0 3.84 0\n0 0 3.84\nCa Ti O\n1 1 3\nDirect\n0.5 0.5 0.5\n0 0 0\n0.5 0 0\n0 0.5 0\n0 0 0.5\n";
const LAYERED: &str = "MoS2\n1.0\n3.16 0 0\n-1.58 2.7366402762 0\n0 0 12.29\nMo S\n2 4\nDirect\n\
    0.3333333333 0.6666666667 0.25\n0.6666666667 0.3333333333 0.75\n\
    0.3333333333 0.6666666667 0.621\n0.6666666667 0.3333333333 0.121\n\
    0.6666666667 0.3333333333 0.379\n0.3333333333 0.6666666667 0.879\n";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Files by the names that the jobs here give them.
fn files() -> BTreeMap<String, Vec<u8>> {
    [
        ("CaTiO3.vasp", PEROVSKITE.into()),
        ("MoS2.vasp", LAYERED.into()),
        ("quartz.vasp", fixture("quartz/quartz.vasp")),
        ("Te.vasp", fixture("tellurium/Te.vasp")),
        ("ZnO.yaml", fixture("ZnO/phonopy.yaml")),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .into()
}

fn prepared(job: &Value) -> Prepared {
    Prepared::new(&serde_json::from_value(job.clone()).unwrap(), &files()).unwrap()
}

fn job(crystal: Value, cutoff: f64, start: Value) -> Value {
    json!({
        "crystal": crystal,
        "force_constants": {"cutoff": cutoff, "start": start},
        "model": {"order": "one-phonon", "temperature": 300},
        "nuisance": {"background": ["constant"]},
        "data": [{"file": "d.csv"}],
    })
}

fn file(name: &str) -> Value {
    json!({"file": name})
}

#[test]
fn estimated_bonds_hold_every_crystal_together() {
    let prototypes = [("fcc", "Ni", 3.52), ("bcc", "Fe", 2.87), ("diamond", "Si", 5.43), ("hcp", "Mg", 3.21)]
        .map(|(prototype, element, a)| json!({"prototype": prototype, "element": element, "a": a}));
    let salt = json!({"prototype": "rocksalt", "elements": ["Na", "Cl"], "a": 5.64});
    let foreign = ["CaTiO3.vasp", "MoS2.vasp", "quartz.vasp", "Te.vasp", "ZnO.yaml"].map(file);
    for crystal in prototypes.into_iter().chain([salt]).chain(foreign) {
        for cutoff in [3.6, 4.7] {
            let prepared = prepared(&job(crystal.clone(), cutoff, json!({"bonds": 1})));
            let model =
                prepared.model(&[[0.51, 0.23, 0.11], [0.02, 0.01, 0.03], [0.5, 0.5, 0.0]], 300.0).unwrap();
            let state = model.state(&prepared.theta).unwrap_or_else(|| panic!("{crystal} {cutoff}"));
            assert!(model.intensities(&state).unwrap().iter().all(|i| *i > 0.0));
        }
    }
}

#[test]
fn estimated_bonds_are_of_the_size_of_published_ones() {
    // Largest constant between nearest neighbours of the library's nickel, eV/Å².
    let nickel = json!({"prototype": "fcc", "element": "Ni", "a": 3.52});
    let largest = |start: Value| {
        let prepared = prepared(&job(nickel.clone(), 3.0, start));
        prepared.theta.iter().fold(0.0_f64, |m, x| m.max(x.abs()))
    };
    let (bonds, published) = (largest(json!({"bonds": 1})), largest(json!({"library": "ni_298"})));
    assert!((bonds / published - 1.0).abs() < 0.5, "{bonds} {published}");
    assert!((largest(json!({"bonds": 2})) / bonds - 2.0).abs() < 1e-12);
}

#[test]
fn bonds_need_a_cutoff_and_a_factor() {
    let refused = |edit: &dyn Fn(&mut Value)| {
        let mut job = job(file("CaTiO3.vasp"), 4.0, json!({"bonds": 1}));
        edit(&mut job);
        let job = serde_json::from_value(job).unwrap();
        Prepared::new(&job, &files()).map(|_| ()).unwrap_err().to_string()
    };
    let set = |start: Value| move |job: &mut Value| job["force_constants"] = start.clone();
    assert!(refused(&set(json!({"start": {"bonds": 1}}))).contains("force_constants.cutoff"));
    for factor in [0.0, -1.0, 1e3] {
        let said = refused(&set(json!({"cutoff": 4.0, "start": {"bonds": factor}})));
        assert!(said.contains("force_constants.start.bonds"), "{said}");
    }
    assert!(
        refused(&set(json!({"cutoff": 4.0, "start": {"bonds": 1, "springs": {"1": 1}}})))
            .contains("2 sources")
    );
}

/// From estimated bonds to the optimum: data with all orders and noise, made from other constants.
fn fit_from_bonds(crystal: &str, cutoff: f64, truth: Value, hkl: &[[f64; 3]]) {
    let mut wanted = job(file(crystal), cutoff, truth);
    wanted["model"]["order"] = json!("all-order");
    wanted["model"]["real_space_range"] = json!(9.0);
    let known = wanted["force_constants"]["start"].get("bonds").is_none();
    let mut truth = prepared(&wanted);
    if !known {
        // Nothing published here: every constant off by another part.
        truth.theta.iter_mut().enumerate().for_each(|(p, x)| *x *= 1.0 + 0.25 * (1.7 * p as f64).sin());
    }
    let model = truth.model(hkl, 300.0).unwrap();
    let state = model.state(&truth.theta).expect("a stable truth");
    let plain = model.intensities(&state).unwrap();
    let scale = 4000.0 * plain.len() as f64 / plain.iter().sum::<f64>();
    let mut random = Pcg64::new(3, 5);
    let (mut intensity, mut sigma, mut of_truth) = (vec![], vec![], 0.0);
    for i in &plain {
        let z: f64 = StandardNormal.sample(&mut random);
        let mean = scale * i + 50.0;
        sigma.push(mean.sqrt());
        of_truth += z * z;
        intensity.push(mean + z * mean.sqrt());
    }
    let set = Dataset {
        name: "d.csv".into(),
        hkl: hkl.to_vec(),
        intensity,
        sigma: Some(sigma),
        ..Dataset::default()
    };
    wanted["force_constants"]["start"] = json!({"bonds": 1});
    wanted["fit"] = json!({"max_iterations": 200});
    let prepared = prepared(&wanted);
    let (mut session, _) = prepared.session(&[set]).unwrap();
    let start = session.current().chi2;
    session.run();
    let n = (session.problem.n_data() - session.problem.n_free()) as f64;
    let chi2 = session.current().chi2;
    println!(
        "{crystal}: {} constants, {} data, χ²/n {:.1} → {:.4} after {} iterations ({:?}); χ² of the truth {of_truth:.1}, \
         of the fit {chi2:.1}",
        truth.theta.len(),
        session.problem.n_data(),
        start / n,
        chi2 / n,
        session.progress().iteration,
        session.progress().termination,
    );
    // No worse than what made the data; a little where those constants are not invariant under rotation, which a fit avoids.
    assert!(chi2 / n < 1.1 && chi2 < of_truth + 0.02 * n, "{crystal}: {chi2} {of_truth}");
}

fn planes(values: &[f64], step: f64, largest: f64) -> Vec<[f64; 3]> {
    let n = (largest / step).round() as i32;
    let along = |i: i32| f64::from(i) * step;
    let plane = |l: f64| (-n..=n).flat_map(move |i| (0..=n).map(move |j| [along(i), along(j), l]));
    let off_peaks = |p: &[f64; 3]| p.iter().map(|x| (x - x.round()).abs()).sum::<f64>() > 0.15;
    values.iter().flat_map(|l| plane(*l)).filter(off_peaks).collect()
}

#[test]
fn a_fit_of_zinc_oxide_converges_from_estimated_bonds() {
    fit_from_bonds("ZnO.yaml", 4.0, json!({"file": "ZnO.yaml"}), &planes(&[0.0, 0.4, 1.0, 1.4], 0.2, 5.0));
}

#[test]
fn fits_of_a_perovskite_and_a_layered_crystal_converge_from_estimated_bonds() {
    fit_from_bonds("CaTiO3.vasp", 3.9, json!({"bonds": 1.4}), &planes(&[0.0, 0.4, 1.0], 0.2, 5.0));
    fit_from_bonds("MoS2.vasp", 3.7, json!({"bonds": 0.7}), &planes(&[0.0, 0.5, 2.5, 5.5], 0.2, 4.0));
}
