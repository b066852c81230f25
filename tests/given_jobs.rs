//! Claims about the jobs that a person gives: the same job opens everywhere, a result opens again, and no number leaves that
//! is none.

#[path = "common/given.rs"]
mod common;

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Command, Stdio};

use common::{NICKEL, case, folder, refused, tds};
use serde_json::{Value, json};
use tds_inversion::formats::recognise::{Kind, recognise};
use tds_inversion::job::Job;
use tds_inversion::run::{Files, Prepared, Run};

#[test]
fn rounded_positions_are_told_and_made_symmetric_on_demand() {
    let read = |name: &str, tolerance: Option<f64>| {
        let files = BTreeMap::from([("POSCAR".to_owned(), case(&format!("06-four-digit-positions/{name}")))]);
        let mut job = json!({"crystal": {"file": "POSCAR"}, "force_constants": {"cutoff": 4.0}});
        if let Some(tolerance) = tolerance {
            job["crystal"]["tolerance"] = json!(tolerance);
        }
        Prepared::new(&Job::parse("j", &job.to_string()).unwrap(), &files)
    };
    let exact = read("POSCAR_Mg16", None).unwrap();
    assert_eq!((exact.theta.len(), exact.space_group().number), (8, 194));
    assert!(exact.warnings.is_empty(), "{:?}", exact.warnings);
    let rounded = read("POSCAR_Mg4", None).unwrap();
    assert_eq!(rounded.space_group().number, 11);
    let note = rounded.warnings.iter().find(|note| note.contains("P 6_3/m m c")).unwrap();
    assert!(note.contains("no. 11") && note.contains("\"tolerance\": 0.001"), "{note}");
    let mended = read("POSCAR_Mg4", Some(1e-3)).unwrap();
    assert_eq!((mended.theta.len(), mended.space_group().number), (8, 194));
    assert_eq!(mended.labels(), exact.labels());
    let [moved] = &mended.warnings[..] else { panic!("{:?}", mended.warnings) };
    assert!(moved.contains("made symmetric") && moved.contains("1.9·10⁻⁴ Å"), "{moved}");
    // Symmetric to the last digits, and moved by no more than the rounding.
    let (a, b) = (&mended.crystal.primitive, &exact.crystal.primitive);
    assert!((a.lattice - b.lattice).amax() < 2e-4, "{}", a.lattice);
    let (x, y) = (a.lattice.column(0).norm(), a.lattice.column(1).norm());
    assert!((x - y).abs() < 1e-13, "{x} {y}");
    let pair = a.positions[1] - a.positions[0];
    for (found, third) in [(pair[0].abs(), 1.0 / 3.0), (pair[1].abs(), 1.0 / 3.0)] {
        assert!((found - third).abs() < 1e-12, "{found}");
    }
    assert!(read("POSCAR_Mg4", Some(5.0)).err().unwrap().to_string().contains("crystal.tolerance"));
    // A primitive cell in the file follows the unit cell.
    let yaml = String::from_utf8(case("12-yaml-by-name/phonopy_params.yaml.txt")).unwrap();
    let files =
        BTreeMap::from([("p".to_owned(), yaml.replacen("4.200000000000000", "4.200400000000000", 1).into())]);
    let job = r#"{"crystal": {"file": "p", "tolerance": 0.001}, "force_constants": {"cutoff": 4.0}}"#;
    let cubic = Prepared::new(&Job::parse("j", job).unwrap(), &files).unwrap();
    assert_eq!(cubic.space_group().number, 225);
}

#[test]
fn no_neighbour_within_reach_is_said_with_a_number() {
    let here = folder("far");
    std::fs::write(here.join("job.json"), NICKEL.replace("3.52", "352").replace("2.6", "5.7")).unwrap();
    let line = refused(&tds(&here, &["params", "job.json"]));
    assert!(
        line.contains("more than 248.9016 Å") && line.contains("in Å?") && !line.contains("NaN"),
        "{line}"
    );
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let here = folder("pipe");
    std::fs::write(here.join("job.json"), NICKEL.replace("2.6", "12.1")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tds"))
        .args(["params", "job.json"])
        .current_dir(&here)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(said, "");
}

#[test]
fn the_same_job_opens_in_every_dress() {
    let here = folder("dress");
    std::fs::write(here.join("data.csv"), case("07-sigma-column-names/data_sigI.csv")).unwrap();
    let plain = NICKEL.replace(r#""data":"#, r#""reference": {"file": "runs/springs.yaml"}, "data":"#);
    // A job without a model, found files by their base names, a reference from a file.
    let files = BTreeMap::from([("data.csv".to_owned(), case("07-sigma-column-names/data_sigI.csv"))]);
    let exported = Run::new(&Job::parse("j", NICKEL).unwrap(), files).unwrap().export().unwrap();
    std::fs::write(here.join("springs.yaml"), exported.phonopy_yaml).unwrap();
    let utf16: Vec<u8> =
        [0xFEFF].into_iter().chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [plain.as_bytes().to_vec(), format!("\u{feff}{plain}").into_bytes(), utf16] {
        std::fs::write(here.join("job.json"), bytes).unwrap();
        let out = tds(&here, &["fit", "job.json", "--out", "result.json"]);
        let said = String::from_utf8(out.stderr).unwrap();
        assert_ne!(out.status.code(), Some(2), "{said}");
        assert!(
            said.contains("note: runs/springs.yaml: there is no such file; springs.yaml beside the job"),
            "{said}"
        );
    }
    let result: Value = serde_json::from_slice(&std::fs::read(here.join("result.json")).unwrap()).unwrap();
    assert!((result["parameters"][0]["reference"].as_f64().unwrap() + 1.1).abs() < 1e-9);
}

#[test]
fn fields_without_effect_are_named() {
    let note = |job: Value| {
        let mut base: Value = serde_json::from_str(NICKEL).unwrap();
        for (key, value) in job.as_object().unwrap() {
            base[key] = value.clone();
        }
        let prepared = Prepared::new(&Job::parse("j", &base.to_string()).unwrap(), &BTreeMap::new()).unwrap();
        prepared.warnings.into_iter().find(|note| note.starts_with("Without effect")).unwrap_or_default()
    };
    for (job, fields) in [
        (
            json!({"fit": {"batch": 10, "learning_rate": 0.1, "random_numbers": "common"}}),
            vec!["fit.batch", "fit.learning_rate", "fit.random_numbers"],
        ),
        (json!({"fit": {"method": "adam", "batch": 10}}), vec!["fit.batch"]),
        (json!({"model": {"samples": 100, "seed": 3}}), vec!["model.samples", "model.seed"]),
        (json!({"model": {"u_mesh_axes": "conventional"}}), vec!["model.u_mesh_axes"]),
        (json!({"model": {"real_space_range": 20}}), vec!["model.real_space_range"]),
        (
            json!({"model": {"order": "all-order", "supercell": [4, 4, 4], "u_mesh": [8, 8, 8]}}),
            vec!["model.u_mesh"],
        ),
    ] {
        let said = note(job);
        for field in &fields {
            assert!(said.contains(field), "{field}: {said}");
        }
    }
    assert_eq!(note(json!({"model": {"order": "all-order", "real_space_range": 20}})), "");
}

#[test]
fn a_result_holds_all_that_it_takes_to_repeat_it_and_opens_again() {
    let here = folder("repeat");
    std::fs::write(here.join("data.csv"), case("07-sigma-column-names/data_sigI.csv")).unwrap();
    let job = NICKEL.replace(r#""cutoff": 2.6, "#, "").replace(r#"{"1": 2.2}"#, r#"{"1": 2.2, "2": 0.1}"#);
    std::fs::write(here.join("job.json"), &job).unwrap();
    let out = tds(&here, &["fit", "job.json", "--out", "result.json"]);
    assert_ne!(out.status.code(), Some(2), "{out:?}");
    let read =
        |name: &str| -> Value { serde_json::from_slice(&std::fs::read(here.join(name)).unwrap()).unwrap() };
    let first = read("result.json");
    assert_eq!(first["program"], json!({"name": "TDS Inversion", "version": env!("CARGO_PKG_VERSION")}));
    let date = first["date"].as_str().unwrap();
    assert!(
        date.len() == 20 && date.starts_with("20") && &date[10..11] == "T" && date.ends_with('Z'),
        "{date}"
    );
    assert_eq!(first["job"]["crystal"]["element"], "Ni");
    assert!((first["job"]["force_constants"]["cutoff"].as_f64().unwrap() - 3.9153).abs() < 1e-3);
    // By sha256sum.
    assert_eq!(first["files"], json!([{"name": "data.csv", "bytes": 9302, "sha256": DIGEST}]));
    assert_eq!(first["data"][0]["name"], "data.csv");

    let out = tds(&here, &["fit", "result.json", "--out", "again.json"]);
    assert_ne!(out.status.code(), Some(2), "{out:?}");
    let again = read("again.json");
    assert_eq!(recognise(&std::fs::read(here.join("again.json")).unwrap()), Kind::Result);
    let values = |result: &Value| -> Vec<f64> {
        result["parameters"].as_array().unwrap().iter().map(|p| p["value"].as_f64().unwrap()).collect()
    };
    for (a, b) in values(&first).iter().zip(values(&again)) {
        assert!((a - b).abs() < 1e-6, "{a} {b}");
    }
    let chi2 = |result: &Value| result["trace"][0]["chi2"].as_f64().unwrap();
    let end = first["chi2"].as_f64().unwrap();
    assert!((chi2(&again) / end - 1.0).abs() < 1e-9 && chi2(&first) > 1.01 * end);
    // The page hands the same object over.
    assert!(Job::from_json(&first.to_string()).is_ok());
}

/// `sha256sum tests/fixtures/cases/07-sigma-column-names/data_sigI.csv`
const DIGEST: &str = "3f980c5fdffc6484e5f687bb141b7dad10fa4798594c697f973bb5e04b9821aa";

#[test]
fn numbers_beyond_all_measure_are_refused_in_one_line() {
    let here = folder("extreme");
    std::fs::write(here.join("points.csv"), "h,k,l\n0.5,0.2,0.1\n").unwrap();
    std::fs::write(here.join("far.csv"), "h,k,l\n1e160,0.2,0.1\n").unwrap();
    let poscar = "Ni\n1.0\n 0 1.76 1.76\n 1.76 0 1.76\n 1.76 1.76 0\nNi\n1\nDirect\n0 0 0\n";
    std::fs::write(here.join("POSCAR"), poscar.replace("1.0", "1e300")).unwrap();
    std::fs::write(here.join("tiny"), poscar.replace("1.0", "1e-300")).unwrap();
    let job = |from: &str, to: &str| {
        assert!(NICKEL.contains(from));
        NICKEL.replacen(from, to, 1)
    };
    let crystal = r#""prototype": "fcc", "element": "Ni", "a": 3.52"#;
    let model = |keys: &str| job(r#""data""#, &format!(r#""model": {{{keys}}}, "data""#));
    for (job, points, sentence) in [
        (job("2.2", "1e308"), "points.csv", "force_constants.start.springs.1: 1e308"),
        (job("2.2", "-1e160"), "points.csv", "force_constants.start.springs.1: -1e160"),
        (job("", ""), "far.csv", "far.csv:2: hkl is 1e160"),
        (job(r#""data""#, r#""anomalous": {"Ni": [1e200, 0]}, "data""#), "points.csv", "anomalous.Ni: 1e200"),
        (job("3.52", "1e300"), "points.csv", "crystal.a"),
        (job("3.52", "1e-300"), "points.csv", "crystal.a"),
        (job("2.6", "1e300"), "points.csv", "force_constants.cutoff"),
        (job("2.6", "500"), "points.csv", "pairs of atoms"),
        (model(r#""temperature": 1e300"#), "points.csv", "model.temperature"),
        (model(r#""temperature": 1e-300"#), "points.csv", "model.temperature"),
        (job(crystal, r#""file": "POSCAR""#), "points.csv", "POSCAR"),
        (job(crystal, r#""file": "tiny""#), "points.csv", "tiny"),
    ] {
        std::fs::write(here.join("job.json"), &job).unwrap();
        let line = refused(&tds(&here, &["simulate", "job.json", "--hkl", points, "--out", "i.csv"]));
        assert!(line.contains(sentence), "{sentence}: {line}");
        assert!(!line.contains("NaN") && !here.join("i.csv").exists(), "{line}");
    }
}

#[test]
fn files_of_a_page_are_found_by_their_base_name() {
    let files = BTreeMap::from([("data.csv".to_owned(), case("07-sigma-column-names/data_sigI.csv"))]);
    let job = NICKEL.replace("data.csv", "measured/data.csv");
    assert!(files.read("measured/data.csv").is_err());
    let run = Run::new(&Job::parse("j", &job).unwrap(), files).unwrap();
    assert!(run.prepared.warnings.iter().any(|note| note.contains("data.csv beside the job")));
}
