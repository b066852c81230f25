//! Claims about elastic constants fitted to the scattering near Bragg peaks.

mod common;

use std::collections::BTreeMap;

use common::*;
use nalgebra::{DVector, Matrix3, Vector3};
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;
use serde_json::{Value, json};
use tds_inversion::dynamics::LongWave;
use tds_inversion::formats::table::write_csv;
use tds_inversion::ifc::IrreducibleBasis;
use tds_inversion::run::{Prepared, Run};
use tds_inversion::scattering::{Exact, OnePhonon, from_nearest_peak};
use tds_inversion::thermal::{MeanSquare, Statistics, Thermal};

type Given = BTreeMap<String, Vec<u8>>;

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Independent elastic constants of each Laue class (J. F. Nye, *Physical Properties of Crystals*, table 9).
fn independent(space_group: i32) -> usize {
    match space_group {
        1..=2 => 21,
        3..=15 => 13,
        16..=74 => 9,
        75..=88 => 7,
        89..=142 => 6,
        143..=148 => 7,
        149..=167 => 6,
        168..=194 => 5,
        _ => 3,
    }
}

fn thermal(system: &System) -> Thermal {
    let masses = system.crystal.primitive.masses.clone();
    Thermal { statistics: Statistics::Quantum, temperature_k: 300.0, masses }
}

#[test]
fn every_crystal_class_has_its_number_of_constants() {
    let mut seen = vec![];
    for system in all_systems() {
        let basis = IrreducibleBasis::elastic(&system.crystal);
        let group = system.crystal.space_group.number;
        assert_eq!(basis.len(), independent(group), "{} ({group})", system.name);
        // Its long waves are those of the constants themselves.
        let theta: Vec<f64> = (0..basis.len()).map(|p| 100.0 + 7.0 * p as f64).collect();
        let volume = system.crystal.primitive.volume();
        let found = LongWave::new(&basis.family.at(&theta)).elastic(volume).voigt;
        for (parameter, value) in basis.parameters.iter().zip(&theta) {
            let right = found[parameter.component];
            assert!((right - value).abs() < 1e-6 * value, "{} {}: {right}", system.name, parameter.label);
        }
        seen.push(basis.len());
    }
    let cell =
        |rows: &str, atoms: &str| format!("a\n1\n{rows}\nSi\n{}\nDirect\n{atoms}", atoms.lines().count());
    let mut files: Vec<(String, Vec<u8>)> = [
        cell("3 0 0\n0 4 0\n0 0 5", "0 0 0\n"),
        cell("3 0 0\n0.3 4 0\n0.4 0.7 5", "0 0 0\n"),
        cell("4 0 0\n0 4 0\n0 0 3", "0.2 0.1 0\n0.8 0.9 0\n0.9 0.2 0\n0.1 0.8 0\n"),
    ]
    .map(|text| ("a.vasp".to_owned(), text.into_bytes()))
    .into();
    let folder = format!("{}/tests/fixtures/formats/cif", env!("CARGO_MANIFEST_DIR"));
    for file in std::fs::read_dir(folder).unwrap() {
        files.push(("a.cif".to_owned(), std::fs::read(file.unwrap().path()).unwrap()));
    }
    for (name, bytes) in files {
        let job = json!({
            "crystal": {"file": name},
            "force_constants": {"start": {"labels": {"C11": 1}}},
            "model": {"order": "elastic"},
        });
        let files = Given::from([(name, bytes)]);
        let Ok(prepared) = Prepared::new(&serde_json::from_value(job).unwrap(), &files) else { continue };
        let (group, n) = (prepared.crystal.space_group.number, prepared.labels().len());
        assert_eq!(n, independent(group), "{group}");
        seen.push(n);
    }
    seen.sort_unstable();
    seen.dedup();
    println!("{seen:?}");
    assert!(seen.len() >= 7, "{seen:?}");
}

/// Near a peak the scattering of force constants is that of their elastic constants.
#[test]
fn intensities_near_peaks_are_those_of_the_force_constants() {
    let mut compared = 0;
    for system in all_systems() {
        let System { crystal, basis, theta, name, .. } = &system;
        let long_wave = LongWave::new(&basis.family.at(theta));
        // Only constants that leave the crystal free of stress have an elastic tensor.
        let volume = crystal.primitive.volume();
        if long_wave.softest().0 <= 0.0 || long_wave.sound_mismatch(volume) > 1e-4 || long_wave.linear > 1e-6
        {
            continue;
        }
        compared += 1;
        let elastic = IrreducibleBasis::elastic(crystal);
        let voigt = long_wave.elastic(volume).voigt;
        let constants: Vec<f64> = elastic.parameters.iter().map(|p| voigt[p.component]).collect();
        let peaks = [[1.0, 1.0, 1.0], [2.0, 0.0, 2.0], [3.0, -1.0, 1.0], [0.0, 2.0, -4.0]];
        let offsets = [[1.0, 0.3, -0.2], [-0.4, 0.1, 0.9], [0.5, 0.5, 0.7]];
        let reciprocal = crystal.primitive.reciprocal();
        let q: Vec<Vector3<f64>> = peaks
            .iter()
            .flat_map(|g| offsets.map(|o| reciprocal * (Vector3::from(*g) + Vector3::from(o) * 1e-3)))
            .collect();
        let mean_square = MeanSquare::converged(crystal, &basis.family, thermal(&system), theta);
        let full = OnePhonon::new(crystal, &basis.family, thermal(&system), mean_square, q.clone());
        let full = Exact::from(full);
        let state = full.state(theta).unwrap();
        let right = full.intensities(&state).unwrap();
        let model =
            Exact::from(OnePhonon::acoustic(crystal, &elastic.family, thermal(&system), q.clone(), 0.0));
        let found = model.intensities(&model.state(&constants).unwrap()).unwrap();
        for ((q, found), right) in q.iter().zip(found).zip(right) {
            // The Debye–Waller factors are those of the force constants.
            let g = q - from_nearest_peak(crystal, q);
            let sum = |damped: bool| {
                let (mut re, mut im) = (0.0, 0.0);
                for (s, factor) in crystal.form_factors.iter().enumerate() {
                    let (x, y) = factor.value(q.norm());
                    let w = if damped { state.mean_square.debye_waller(s, q) } else { 0.0 };
                    let (sin, cos) = g.dot(&crystal.primitive.cartesian(s)).sin_cos();
                    re += (-w).exp() * (x * cos - y * sin);
                    im += (-w).exp() * (x * sin + y * cos);
                }
                re * re + im * im
            };
            if sum(false) < 1e-3 * crystal.form_factors[0].value(q.norm()).0.powi(2) {
                continue;
            }
            let found = found * sum(true) / sum(false);
            assert!((found / right - 1.0).abs() < 2e-3, "{name} {q:?}: {found} {right}");
        }
    }
    println!("{compared} crystals");
    assert!(compared >= 15, "{compared}");
}

#[test]
fn derivatives_to_elastic_constants_agree_with_differences() {
    for system in all_systems() {
        let crystal = &system.crystal;
        let basis = IrreducibleBasis::elastic(crystal);
        // Stiff enough to be stable whatever the class.
        let value = |c: (usize, usize)| match c {
            (i, j) if i == j && i < 3 => 200.0 + 10.0 * i as f64,
            (i, j) if i == j => 60.0 + 5.0 * i as f64,
            (i, j) if i < 3 && j < 3 => 80.0 + i as f64,
            _ => 4.0,
        };
        let theta: Vec<f64> = basis.parameters.iter().map(|p| value(p.component)).collect();
        let q: Vec<Vector3<f64>> = [[1.02, 1.01, 0.97], [2.0, 0.03, 1.99]]
            .map(|p| crystal.primitive.reciprocal() * Vector3::from(p))
            .to_vec();
        let model = Exact::from(OnePhonon::acoustic(crystal, &basis.family, thermal(&system), q, 0.004));
        let weights = [1.0, -0.4];
        let gradient = model.pullback(&model.state(&theta).unwrap(), &weights).unwrap();
        let sum = |theta: &[f64]| -> f64 {
            let values = model.intensities(&model.state(theta).unwrap()).unwrap();
            values.iter().zip(weights).map(|(i, w)| i * w).sum()
        };
        let scale = DVector::from_column_slice(&gradient).amax();
        for p in 0..theta.len() {
            let at = |by: f64| {
                let mut moved = theta.clone();
                moved[p] += by;
                sum(&moved)
            };
            let h = 0.05;
            let difference = (8.0 * (at(h) - at(-h)) - at(2.0 * h) + at(-2.0 * h)) / (12.0 * h);
            assert!(
                (difference - gradient[p]).abs() < 2e-6 * scale,
                "{} {p}: {difference} {}",
                system.name,
                gradient[p]
            );
        }
    }
}

/// Counts near Bragg peaks as force constants make them, and the elastic constants of those.
fn measured(job: &Value, files: &Given, hkl: &[[f64; 3]], scale: f64) -> (Vec<f64>, Vec<f64>, Prepared) {
    let prepared = Prepared::new(&serde_json::from_value(job.clone()).unwrap(), files).unwrap();
    let intensity = prepared.simulate(hkl, &|n| panic!("{n}")).unwrap().intensity;
    let mut random = Pcg64::new(17, 5);
    let counts = intensity.iter().map(|i| {
        let z: f64 = StandardNormal.sample(&mut random);
        scale * i + z * (scale * i).sqrt()
    });
    let counts: Vec<f64> = counts.collect();
    let sigma = intensity.iter().map(|i| (scale * i).sqrt()).collect();
    (counts, sigma, prepared)
}

/// Points within a shell around peaks, r.l.u., spread by the golden ratio.
fn around(peaks: &[[f64; 3]], each: usize, [inner, outer]: [f64; 2]) -> Vec<[f64; 3]> {
    let one = |n: usize| {
        let z = 2.0 * (n as f64 + 0.5) / each as f64 - 1.0;
        let (sin, cos) = (2.399_963_2 * n as f64).sin_cos();
        let flat = (1.0 - z * z).sqrt();
        let length = inner + (outer - inner) * (0.05 + 0.9 * (n as f64 * 0.754_877_7).fract());
        [cos * flat, sin * flat, z].map(|x| x * length)
    };
    peaks.iter().flat_map(|g| (0..each).map(move |n| [0, 1, 2].map(|a| g[a] + one(n)[a]))).collect()
}

#[test]
fn elastic_constants_of_magnesia_and_corundum_come_out_of_the_scattering_near_their_peaks() {
    let magnesia = json!({
        "crystal": {"file": "mgo.yaml"},
        "force_constants": {"values": {"file": "mgo.yaml"}},
        "model": {"order": "all-order", "temperature": 150},
    });
    // Of the Laue class of calcite.
    let corundum = json!({
        "crystal": {"file": "corundum.cif"},
        "force_constants": {"cutoff": 3.4, "values": {"springs": {"1": 14, "2": 9, "3": 5, "4": 5, "5": 4, "6": 3}}},
        "model": {"order": "all-order", "temperature": 150},
    });
    let files: Given = [
        ("mgo.yaml", "formats/constants/phonopy_params.yaml"),
        ("corundum.cif", "formats/cif/08_corundum_hexagonal.cif"),
    ]
    .map(|(name, path)| (name.to_owned(), fixture(path)))
    .into();
    let cubic = [
        [2.0, 0.0, 0.0],
        [2.0, 2.0, 0.0],
        [4.0, 2.0, 0.0],
        [2.0, 2.0, 2.0],
        [4.0, 2.0, 2.0],
        [4.0, 0.0, 0.0],
    ];
    let trigonal = [
        [1.0, 0.0, 4.0],
        [1.0, 1.0, 3.0],
        [1.0, 1.0, 6.0],
        [0.0, 2.0, 4.0],
        [3.0, 0.0, 0.0],
        [2.0, 1.0, 4.0],
        [0.0, 1.0, 8.0],
        [0.0, 0.0, 12.0],
        [2.0, 2.0, 0.0],
        [1.0, 0.0, 10.0],
        [2.0, -1.0, 3.0],
        [0.0, 3.0, 6.0],
    ];
    for (name, job, peaks, start) in [
        ("MgO", magnesia, &cubic[..], json!({"C11": 200, "C12": 60, "C44": 60})),
        (
            "corundum",
            corundum,
            &trigonal[..],
            json!({"C11": 150, "C12": 40, "C13": 40, "C14": 0, "C33": 150, "C44": 50}),
        ),
    ] {
        let hkl = around(peaks, 400, [0.02, 0.06]);
        let (counts, sigma, prepared) = measured(&job, &files, &hkl, 20.0);
        let fc = prepared.family.at(&prepared.theta);
        let truth = LongWave::new(&fc).elastic(prepared.crystal.primitive.volume()).voigt;
        let thermal = Thermal {
            statistics: Statistics::Quantum,
            temperature_k: 150.0,
            masses: prepared.crystal.primitive.masses.clone(),
        };
        let u = MeanSquare::converged(&prepared.crystal, &prepared.family, thermal, &prepared.theta);
        let u = u.tensors(&prepared.theta).unwrap();
        let mean = u.iter().map(Matrix3::trace).sum::<f64>() / (3 * u.len()) as f64;
        let mut files = files.clone();
        files.insert("d.csv".into(), write_csv(&hkl, &counts, Some(&sigma)).into_bytes());
        let fit = json!({
            "crystal": job["crystal"],
            "force_constants": {"start": {"labels": start}},
            "model": {"order": "elastic", "temperature": 150, "U_A2": mean},
            "mask": {"bragg_radius": 0.02, "bragg_within": 0.06},
            "nuisance": {"scale": 20, "background": ["constant", "q2"]},
            "data": [{"file": "d.csv"}],
        });
        let mut run = Run::new(&serde_json::from_value(fit).unwrap(), files).unwrap();
        while run.session.progress().termination.is_none() {
            run.step(|| 0.0);
        }
        let result = run.result(0.0, "");
        println!(
            "{name}: U {mean:.5}, χ²/n {:.3}, {:?}",
            result.chi2_reduced,
            result.verdict.as_ref().unwrap().sentence
        );
        for r in &result.verdict.as_ref().unwrap().reasons {
            println!("    {} {}", r.code, r.sentence);
        }
        for (parameter, found) in
            run.prepared.basis.as_ref().unwrap().parameters.iter().zip(&result.parameters)
        {
            let right = truth[parameter.component];
            let (sigma, systematic) = (found.sigma.unwrap(), found.systematic.unwrap_or(0.0));
            println!(
                "    {} {:.2} ± {sigma:.2} ± {systematic:.2}, exact {right:.2}",
                found.label, found.value
            );
            assert!((found.value - right).abs() < 3.0 * sigma.hypot(systematic), "{name} {}", found.label);
            assert!((found.value - right).abs() < 0.05 * truth[(0, 0)], "{name} {}", found.label);
        }
    }
}

#[test]
fn what_has_no_meaning_for_elastic_constants_is_refused_in_a_sentence() {
    let job = || {
        json!({
            "crystal": {"prototype": "fcc", "element": "Cu", "a": 3.61},
            "force_constants": {"start": {"labels": {"C11": 170, "C12": 120, "C44": 75}}},
            "model": {"order": "elastic"},
            "mask": {"bragg_within": 0.2},
            "data": [{"file": "d.csv"}],
        })
    };
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut job = job();
        change(&mut job);
        let job = serde_json::from_value(job).unwrap();
        Prepared::new(&job, &Given::new()).err().map(|e| e.to_string()).unwrap_or_default()
    };
    assert_eq!(refused(&|_| {}), "");
    for (words, change) in [
        ("mask.bragg_within: missing", &(|j: &mut Value| j["mask"] = json!({})) as &dyn Fn(&mut Value)),
        ("'C77' names no elastic constant", &|j| {
            j["force_constants"]["start"]["labels"] = json!({"C11": 170, "C77": 1.5})
        }),
        ("C66: 10 GPa contradicts", &|j| j["force_constants"]["start"]["labels"]["C66"] = json!(10)),
        ("model.U_A2: 7", &|j| j["model"]["U_A2"] = json!(7)),
        ("conditions on force constants", &|j| j["constraints"] = json!({"rotational_invariance": true})),
        ("mask.bragg_within: 0.2 is not above", &|j| j["mask"]["bragg_radius"] = json!(0.3)),
    ] {
        let said = refused(change);
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn elastic_constants_start_from_those_of_any_force_constants() {
    let job = json!({
        "crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"start": {"library": "ni_298"}},
        "model": {"order": "elastic", "temperature": 298},
    });
    let prepare =
        |job: &Value| Prepared::new(&serde_json::from_value(job.clone()).unwrap(), &Given::new()).unwrap();
    let elastic = prepare(&job);
    let mut plain = job.clone();
    plain["model"]["order"] = json!("one-phonon");
    let plain = prepare(&plain);
    let voigt = LongWave::new(&plain.family.at(&plain.theta)).elastic(plain.crystal.primitive.volume()).voigt;
    assert_eq!(elastic.labels(), ["C11", "C12", "C44"]);
    for (value, at) in elastic.theta.iter().zip([(0, 0), (0, 1), (3, 3)]) {
        assert!((value - voigt[at]).abs() < 1e-9);
    }
    let u = elastic.job.model.u_a2.unwrap();
    assert!((0.004..0.007).contains(&u), "{u}");
    // So does what they are compared with.
    let hkl: Vec<[f64; 3]> = around(&[[2.0, 0.0, 0.0], [2.0, 2.0, 0.0]], 60, [0.02, 0.06]);
    let values = elastic.simulate(&hkl, &|n| panic!("{n}")).unwrap().intensity;
    let sigma: Vec<f64> = values.iter().map(|i| i.sqrt()).collect();
    let mut job = job.clone();
    job["reference"] = json!({"library": "ni_298"});
    job["mask"] = json!({"bragg_within": 0.1});
    job["data"] = json!([{"file": "d.csv"}]);
    let files = Given::from([("d.csv".to_owned(), write_csv(&hkl, &values, Some(&sigma)).into_bytes())]);
    let run = Run::new(&serde_json::from_value(job).unwrap(), files).unwrap();
    for (parameter, value) in run.result(0.0, "").parameters.iter().zip(&elastic.theta) {
        assert_eq!((parameter.unit, parameter.label.len()), ("GPa", 3));
        assert!((parameter.reference.unwrap() - value).abs() < 1e-9);
    }
    // A free scale makes up for any stiffness, which stays where it began.
    let mut run = run;
    while run.session.progress().termination.is_none() {
        run.step(|| 0.0);
    }
    let result = run.result(0.0, "");
    for (parameter, value) in result.parameters.iter().zip(&elastic.theta) {
        assert!((parameter.value / value - 1.0).abs() < 0.1, "{} {}", parameter.label, parameter.value);
        assert!(!parameter.determined);
    }
}

#[test]
fn commands_give_elastic_constants_their_unit_and_refuse_what_needs_force_constants() {
    let folder = std::env::temp_dir().join(format!("tds-elastic-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("nacl.yaml"), fixture("NaCl/phonopy.yaml")).unwrap();
    let job = json!({
        "crystal": {"file": "nacl.yaml"},
        "force_constants": {"values": {"file": "nacl.yaml"}},
        "model": {"order": "elastic", "temperature": 300},
    });
    std::fs::write(folder.join("job.json"), job.to_string()).unwrap();
    std::fs::write(folder.join("q.csv"), "h,k,l\n2.01,0.02,0\n2,2.03,0.01\n").unwrap();
    let tds = |arguments: &[&str]| {
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_tds"))
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        let text = [out.stdout, out.stderr].concat();
        (out.status.code(), String::from_utf8(text).unwrap())
    };
    let (code, text) = tds(&["params", "job.json"]);
    assert!(code == Some(0) && text.contains("C / GPa") && text.contains("C44"), "{text}");
    let (code, text) = tds(&["params", "job.json", "--json"]);
    let all: Value = serde_json::from_str(&text).unwrap();
    assert!(code == Some(0) && all["parameters"][0]["value_GPa"].as_f64().unwrap() > 10.0, "{text}");
    // Both atoms scatter.
    let (code, text) = tds(&["simulate", "job.json", "--hkl", "q.csv", "--out", "i.csv"]);
    assert_eq!(code, Some(0), "{text}");
    let table = std::fs::read_to_string(folder.join("i.csv")).unwrap();
    let values: Vec<f64> =
        table.lines().skip(1).map(|row| row.split(',').nth(3).unwrap().parse().unwrap()).collect();
    assert!(values.len() == 2 && values.iter().all(|i| *i > 0.0), "{table}");
    for arguments in [&["phonons", "job.json", "--q", "q.csv", "--out", "f.csv"][..], &["shells", "job.json"]]
    {
        let (code, text) = tds(arguments);
        assert!(code == Some(2) && text.contains("elastic constants, no force constants"), "{code:?} {text}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Also where nothing of an instrument is in the data.
#[test]
fn waves_that_are_not_long_are_told() {
    let nickel = json!({
        "crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"start": {"library": "ni_298"}},
        "model": {"order": "one-phonon", "temperature": 298},
    });
    let peaks = [[2.0, 0.0, 0.0], [2.0, 2.0, 0.0], [1.0, 1.0, 1.0], [3.0, 1.0, 1.0], [4.0, 2.0, 0.0]];
    let hkl = around(&peaks, 300, [0.03, 0.4]);
    let (counts, sigma, _) = measured(&nickel, &Given::new(), &hkl, 50.0);
    let files = Given::from([("d.csv".to_owned(), write_csv(&hkl, &counts, Some(&sigma)).into_bytes())]);
    let mut job = nickel;
    job["model"]["order"] = json!("elastic");
    job["mask"] = json!({"bragg_within": 0.4});
    job["nuisance"] = json!({"scale": 50, "background": ["constant"]});
    job["data"] = json!([{"file": "d.csv", "ideal": true, "holds": "one-phonon"}]);
    let mut run = Run::new(&serde_json::from_value(job).unwrap(), files).unwrap();
    while run.session.progress().termination.is_none() {
        run.step(|| 0.0);
    }
    let verdict = run.verdict().unwrap();
    verdict.reasons.iter().for_each(|r| println!("{} {}", r.code, r.sentence));
    assert!(verdict.reasons.iter().any(|r| r.sentence.contains("mask.bragg_within")), "{}", verdict.sentence);
    assert_eq!(verdict.trust, tds_inversion::run::Trust::None);
}
