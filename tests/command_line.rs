//! The command line: what it prints and how it refuses.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn tds(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tds")).args(arguments).current_dir(folder).output().unwrap()
}

const NICKEL: &str = r#"{
  "crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
  "force_constants": {"cutoff": 5.7, "start": {"library": "ni_298"}},
  "model": {"statistics": "quantum", "temperature": 298},
  "data": [{"file": "data.csv"}]
}"#;

#[test]
fn params_lists_the_sixteen_constants_of_nickel() {
    let here = folder("params");
    std::fs::write(here.join("job.json"), NICKEL).unwrap();
    let out = tds(&here, &["params", "job.json", "--json"]);
    let list: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(list["count"], 16);
    assert_eq!(list["parameters"][0]["label"], "1XX");
    assert_eq!(list["parameters"][0]["pairs"], 12);
}

#[test]
fn simulated_data_are_fitted_back_through_files() {
    let here = folder("round-trip");
    std::fs::write(here.join("truth.json"), NICKEL).unwrap();
    let wrong = NICKEL.replace("ni_298", "ni_676");
    std::fs::write(here.join("job.json"), wrong).unwrap();
    let mut points = String::from("h,k,l\n");
    for l in ["0", "0.3", "0.5"] {
        for i in 1..20 {
            for j in 1..20 {
                points += &format!("{},{},{l}\n", f64::from(i) * 0.21, f64::from(j) * 0.19);
            }
        }
    }
    std::fs::write(here.join("points.csv"), points).unwrap();
    let out = tds(&here, &["simulate", "truth.json", "--hkl", "points.csv", "--out", "data.csv"]);
    assert!(out.status.success(), "{out:?}");
    let out = tds(&here, &["fit", "job.json", "--out", "result.json", "--export", "."]);
    assert!(out.status.success(), "{out:?}");
    let result: serde_json::Value =
        serde_json::from_slice(&std::fs::read(here.join("result.json")).unwrap()).unwrap();
    let first = result["parameters"][0]["value"].as_f64().unwrap();
    assert!((first + 17.319 / 16.02176634).abs() < 1e-8, "{first}");

    // The exported force constants give the same frequencies as the library.
    std::fs::write(here.join("q.csv"), "h,k,l\n1,0,0\n0.5,0.5,0.5\n0.2,0.3,0.1\n").unwrap();
    let exported = r#"{"crystal": {"file": "POSCAR"},
        "force_constants": {"values": {"file": "phonopy.yaml"}}}"#;
    std::fs::write(here.join("exported.json"), exported).unwrap();
    let frequencies = |job: &str, file: &str| {
        let out = tds(&here, &["phonons", job, "--q", "q.csv", "--out", file]);
        assert!(out.status.success(), "{out:?}");
        let text = std::fs::read_to_string(here.join(file)).unwrap();
        let numbers = text
            .lines()
            .skip(1)
            .flat_map(|l| l.split(',').map(|x| x.parse::<f64>().unwrap()).collect::<Vec<_>>());
        numbers.collect::<Vec<f64>>()
    };
    let (a, b) = (frequencies("truth.json", "a.csv"), frequencies("exported.json", "b.csv"));
    assert_eq!(a.len(), 18);
    for (x, y) in a.iter().zip(&b) {
        assert!((x - y).abs() < 1e-6, "{x} {y}");
    }
}

#[test]
fn the_number_of_threads_changes_no_bit_of_a_result() {
    let here = folder("threads");
    let model = r#""model": {"order": "all-order", "real_space_range": 14, "temperature": 298}"#;
    let data = r#""data": [{"synthetic": {"values": {"library": "ni_298"}, "h": [0.1, 3.1, 31], "k": [0.2, 3.1, 30],
        "l": [0.3], "scale": 50, "noise": true}}]"#;
    let job = format!(
        r#"{{"crystal": {{"prototype": "fcc", "element": "Ni", "a": 3.52}},
            "force_constants": {{"cutoff": 5.7, "start": {{"library": "ni_676"}}}}, {model}, {data}}}"#
    );
    std::fs::write(here.join("job.json"), job).unwrap();
    let results = ["1", "2", "3", "8"].map(|threads| {
        let out = tds(&here, &["fit", "job.json", "--out", "result.json", "--threads", threads]);
        assert!(out.status.code().is_some_and(|code| code < 2), "{out:?}");
        let text = std::fs::read_to_string(here.join("result.json")).unwrap();
        let mut result: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(result["iterations"].as_u64().unwrap() > 1, "{}", result["iterations"]);
        for field in ["seconds", "date", "trace"] {
            assert!(result.as_object_mut().unwrap().remove(field).is_some(), "{field}");
        }
        result.to_string()
    });
    assert!(results.iter().all(|result| *result == results[0]));
}

#[test]
fn what_cannot_be_used_is_refused_in_one_line_with_exit_code_2() {
    let here = folder("refused");
    let good = "h,k,l,intensity,sigma\n1,2,0.3,4,1\n";
    let job = |from: &str, to: &str| NICKEL.replace(from, to);
    let start = r#""start": {"library": "ni_298"}"#;
    let model = |keys: &str| job(r#""model": {"#, &format!(r#""model": {{{keys}, "#));
    let adam = |keys: &str| model(keys).replace(r#""data":"#, r#""fit": {"method": "adam"}, "data":"#);
    // (job, data, what the line must say)
    let cases: Vec<(String, &str, &str)> = vec![
        (job("", ""), "", "data.csv"),
        (job("", ""), "h,k,l,intensity\n1,2,0.3\n", "data.csv:2"),
        (job("", ""), "h,k,l,intensity\n1,2,0.3,NaN\n", "data.csv:2"),
        (job("", ""), "h,k,l,intensity,sigma\n1,2,0.3,4,-1\n", "data.csv:2"),
        (job("", ""), good, "1 data point is left for 17 free parameters"),
        (
            job("", ""),
            "h,k,l,intensity\n1,2,0.3,4\n1,2,x,7\n",
            "parameters: data.csv: 1 row is left out that cannot be read (line 3; `1,2,x,7` after `1,2,0.3,4`), expected",
        ),
        (job("data.csv", "absent.csv"), good, "absent.csv"),
        (job("5.7", "2.489"), good, "falls on the shell of neighbours at 2.489"),
        (job("5.7", "1.0"), good, "reaches no neighbour"),
        (job("5.7", "-1"), good, "positive distance"),
        (job(start, r#""start": {"springs": {"1": -1}}"#), good, "unstable"),
        (job(start, r#""start": {"labels": {"9QQ": 1}}"#), good, "9QQ"),
        (job(start, r#""start": {"labels": {"1XX": -1, "1YY": -2}}"#), good, "contradicts"),
        (job(start, r#""start": {"library": "nope"}"#), good, "one of al_300"),
        (job(start, r#""start": {"library": "fe_295"}"#), good, "is for Fe"),
        (job("\"Ni\"", "\"Nix\""), good, "chemical symbol"),
        (job("3.52", "0.0352"), good, "between 0.5 and 1000"),
        (job("298}", "-5}"), good, "temperature"),
        (job("fcc", "bct"), good, "job.json:2"),
        (
            job("\"data\"", "\"nuisance\": {\"background\": [\"constant\", \"q2\", \"constant\"]}, \"data\""),
            good,
            "the same shape twice",
        ),
        (NICKEL[..60].to_owned(), good, "job.json:"),
        (job("\"quantum\"", "\"classical\"").replace("298}", "0}"), good, "0 K"),
        (model(r#""order": "all-order", "real_space_range": -3"#), good, "model.real_space_range: -3 Å"),
        (
            model(r#""order": "all-order", "real_space_range": 30, "real_space_mesh": [12, 12, 12]"#),
            good,
            "at most half the period, 14.93 Å",
        ),
        (model(r#""order": "all-order", "real_space_range": 300"#), good, "GB of memory, expected"),
        (model(r#""order": "all-order", "supercell": [4, 4, 4]"#), good, "the nearest being 1 2 0.25"),
        (model(r#""order": "sampled""#), good, "expected adam or lbfgs"),
        (adam(r#""order": "sampled""#), good, "model.supercell: missing"),
        (adam(r#""order": "sampled", "supercell": [4, 4, 4]"#), good, "the nearest being 1 2 0.25"),
        (adam(r#""order": "sampled", "supercell": [10, 10, 10], "sampler": "dense""#), good, "GB of memory"),
        (adam(r#""order": "sampled", "supercell": [90, 90, 90]"#), good, "GB of memory"),
        (adam(r#""order": "sampled", "supercell": [10, 10, 10], "samples": 0"#), good, "model.samples"),
        (model(r#""order": "all-order", "real_space_range": 1e20"#), good, "up to 10000 Å"),
        (
            adam(r#""order": "sampled", "supercell": [10, 10, 10], "samples": 1000000000000"#),
            good,
            "1 to 16777216",
        ),
        (
            job(r#""data":"#, r#""fit": {"method": "adam", "likelihood": "poisson"}, "data":"#),
            good,
            "poisson with adam",
        ),
        (
            job(r#"[{"file": "data.csv"}]"#, r#"[{"file": "data.csv"}, {"file": "more.csv"}]"#),
            good,
            "more.csv: no sigma column, while the σ of data.csv are known",
        ),
        (
            model(r#""order": "one-phonon", "supercell": [4, 4, 4]"#),
            good,
            "a supercell for one-phonon scattering",
        ),
        (
            model(r#""order": "all-order""#).replace(start, r#""start": {"springs": {"1": -1}}"#),
            good,
            "unstable",
        ),
    ];
    std::fs::write(here.join("more.csv"), "h,k,l,intensity\n1,2,0.3,4\n").unwrap();
    for (job, data, sentence) in cases {
        std::fs::write(here.join("job.json"), &job).unwrap();
        std::fs::write(here.join("data.csv"), data).unwrap();
        let out = tds(&here, &["fit", "job.json", "--out", "result.json"]);
        let said = String::from_utf8(out.stderr).unwrap();
        let last = said.lines().last().unwrap_or_default();
        assert_eq!(out.status.code(), Some(2), "{sentence}: {said}");
        assert!(last.contains(sentence), "expected «{sentence}» in: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_point_on_a_bragg_peak_is_refused_by_its_line() {
    let here = folder("bragg");
    std::fs::write(here.join("job.json"), NICKEL).unwrap();
    std::fs::write(here.join("points.csv"), "h,k,l\n0.5,0,0\n1,1,1\n").unwrap();
    let out = tds(&here, &["simulate", "job.json", "--hkl", "points.csv", "--out", "i.csv"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        String::from_utf8(out.stderr)
            .unwrap()
            .starts_with("points.csv:3: 1 1 1 is a reciprocal-lattice point")
    );
}

#[test]
fn orders_are_printed_apart_and_samples_with_their_error() {
    let here = folder("orders");
    let all = NICKEL.replace(r#""model": {"#, r#""model": {"order": "all-order", "supercell": [4, 4, 4], "#);
    std::fs::write(here.join("exact.json"), &all).unwrap();
    let sampled = all.replace("all-order", "sampled").replace("[4, 4, 4],", r#"[4, 4, 4], "samples": 400,"#);
    std::fs::write(here.join("sampled.json"), sampled).unwrap();
    std::fs::write(here.join("points.csv"), "h,k,l\n0.5,0.25,0\n3.75,1.5,-0.25\n2,-0.75,4.5\n").unwrap();
    let rows = |job: &str, more: &[&str]| -> Vec<Vec<f64>> {
        let mut arguments = vec!["simulate", job, "--hkl", "points.csv", "--out", "i.csv"];
        arguments.extend(more);
        let out = tds(&here, &arguments);
        assert!(out.status.success(), "{out:?}");
        let text = std::fs::read_to_string(here.join("i.csv")).unwrap();
        text.lines().skip(1).map(|l| l.split(',').map(|x| x.parse().unwrap()).collect()).collect()
    };
    let (plain, apart) = (rows("exact.json", &[]), rows("exact.json", &["--orders"]));
    let samples = rows("sampled.json", &[]);
    assert_eq!((plain[0].len(), apart[0].len(), samples[0].len()), (4, 7, 5));
    for i in 0..3 {
        let intensity = plain[i][3];
        assert_eq!(apart[i][3], intensity);
        assert!((apart[i][4..7].iter().sum::<f64>() / intensity - 1.0).abs() < 1e-12);
        assert!(apart[i][4..7].iter().all(|x| *x > 0.0));
        let (mean, error) = (samples[i][3], samples[i][4]);
        assert!((mean - intensity).abs() < 4.0 * error, "{mean} ± {error}, {intensity}");
    }
    let out = tds(&here, &["simulate", "sampled.json", "--hkl", "points.csv", "--out", "i.csv", "--orders"]);
    assert_eq!(out.status.code(), Some(2));
}

#[test]
fn what_is_wrong_with_the_form_of_a_job_points_to_the_reference() {
    let here = folder("reference");
    for (good, bad) in [("\"model\"", "\"modell\""), ("298}", "\"hot\"}"), ("}]\n}", "}]")] {
        std::fs::write(here.join("job.json"), NICKEL.replacen(good, bad, 1)).unwrap();
        let out = tds(&here, &["params", "job.json"]);
        let said = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(
            said.starts_with("job.json:") && said.ends_with(" (docs/job.md describes each field)\n"),
            "{said}"
        );
    }
    // What a well-formed job asks for is another matter.
    std::fs::write(here.join("job.json"), NICKEL.replacen("298}", "-1}", 1)).unwrap();
    let said = String::from_utf8(tds(&here, &["params", "job.json"]).stderr).unwrap();
    assert!(said.contains("model.temperature") && !said.contains("docs/job.md"), "{said}");
}

#[test]
fn modes_are_listed_with_what_they_scatter() {
    let here = folder("modes");
    std::fs::write(here.join("job.json"), NICKEL).unwrap();
    let out = tds(&here, &["modes", "job.json", "--at", "-2.3,0,0", "--json"]);
    assert!(out.status.success(), "{out:?}");
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let modes = report["modes"].as_array().unwrap();
    let sum: f64 = modes.iter().map(|mode| mode["intensity"].as_f64().unwrap()).sum();
    let total = report["intensity"].as_f64().unwrap();
    assert!((sum / total - 1.0).abs() < 1e-12, "{sum} of {total}");
    std::fs::write(here.join("points.csv"), "h,k,l\n-2.3,0,0\n").unwrap();
    let out = tds(&here, &["simulate", "job.json", "--hkl", "points.csv", "--out", "one.csv"]);
    assert!(out.status.success(), "{out:?}");
    let table = std::fs::read_to_string(here.join("one.csv")).unwrap();
    let simulated: f64 = table.lines().nth(1).unwrap().rsplit(',').next().unwrap().parse().unwrap();
    assert!((total / simulated - 1.0).abs() < 1e-10, "{total}, {simulated}");
    assert_eq!(modes[2]["character"], "longitudinal acoustic");
    assert_eq!(modes[0]["vector"].as_array().unwrap().len(), 1);

    let text = String::from_utf8(tds(&here, &["modes", "job.json", "--at", "2, 0, 0"]).stdout).unwrap();
    assert!(text.contains("This is a Bragg peak") && text.contains("translation"), "{text}");
    let wrong = tds(&here, &["modes", "job.json", "--at", "2,0"]);
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("expected three numbers"), "{wrong:?}");
}

#[test]
fn optical_frequencies_at_gamma_split_by_the_direction_that_is_asked_for() {
    for name in ["NaCl", "ZnO"] {
        let here = folder(&format!("direction-{name}"));
        let fixture = |file: &str| {
            let path = format!("{}/tests/fixtures/{name}/{file}", env!("CARGO_MANIFEST_DIR"));
            std::fs::read_to_string(path).unwrap()
        };
        std::fs::write(here.join("phonopy_nac.yaml"), fixture("phonopy_nac.yaml")).unwrap();
        let job = r#"{"crystal": {"file": "phonopy_nac.yaml"}, "force_constants": {"values": {"file": "phonopy_nac.yaml"}}}"#;
        std::fs::write(here.join("job.json"), job).unwrap();
        std::fs::write(here.join("q.csv"), "h,k,l\n0,0,0\n0.31,0.12,0.05\n").unwrap();
        let rows = |more: &[&str]| -> Vec<Vec<f64>> {
            let arguments = [&["phonons", "job.json", "--q", "q.csv", "--out", "f.csv"], more].concat();
            let out = tds(&here, &arguments);
            assert!(out.status.success(), "{out:?}");
            let text = std::fs::read_to_string(here.join("f.csv")).unwrap();
            text.lines().skip(1).map(|line| line.split(',').map(|x| x.parse().unwrap()).collect()).collect()
        };
        let plain = rows(&[]);
        let directions: Vec<serde_json::Value> = serde_json::from_str(&fixture("lo_to.json")).unwrap();
        for row in directions {
            let theirs = |key: &str| -> Vec<f64> { serde_json::from_value(row[key].clone()).unwrap() };
            let hkl: Vec<String> = theirs("direction_hkl").iter().map(f64::to_string).collect();
            let found = rows(&["--direction", &hkl.join(",")]);
            for (ours, theirs) in found[0][3..].iter().zip(theirs("frequencies_THz")).skip(3) {
                assert!((ours / theirs - 1.0).abs() < 1e-6, "{name} {hkl:?}: {ours} {theirs}");
            }
            // The field stiffens longitudinal waves; at other points it is there anyway.
            let stiffness = |row: &[f64]| row[6..].iter().map(|f| f * f).sum::<f64>();
            assert!(stiffness(&found[0]) > stiffness(&plain[0]) + 1.0, "{name}");
            assert_eq!(found[1], plain[1]);
        }
        let out =
            tds(&here, &["phonons", "job.json", "--q", "q.csv", "--out", "f.csv", "--direction", "0,0,0"]);
        assert_eq!(out.status.code(), Some(2), "{out:?}");
        assert!(String::from_utf8(out.stderr).unwrap().contains("--direction"));

        // What the file holds of it is said with the crystal.
        let out = tds(&here, &["crystal", "phonopy_nac.yaml", "--json"]);
        let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        let held = &report["non_analytical"];
        assert_eq!(held["born_charges"].as_array().unwrap().len(), report["n_primitive"], "{report:#}");
        let said = String::from_utf8(tds(&here, &["crystal", "phonopy_nac.yaml"]).stdout).unwrap();
        assert!(said.contains("long-range part (non_analytical)") && said.contains("\nε∞ "), "{said}");
    }
    let here = folder("direction-nickel");
    std::fs::write(here.join("job.json"), NICKEL).unwrap();
    std::fs::write(here.join("q.csv"), "h,k,l\n0,0,0\n").unwrap();
    let out = tds(&here, &["phonons", "job.json", "--q", "q.csv", "--out", "f.csv", "--direction", "1,0,0"]);
    assert!(String::from_utf8(out.stderr).unwrap().contains("the direction changes nothing"));
    let out = tds(&here, &["params", "job.json"]);
    let table = String::from_utf8(out.stdout).unwrap();
    assert!(table.contains("Ni–Ni at 2.49 Å, along x or y\n"), "{table}");
}

#[test]
fn phonons_along_a_path_and_their_density_are_written() {
    let here = folder("dispersion");
    let job = r#"{"crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"values": {"library": "ni_298"}}}"#;
    std::fs::write(here.join("job.json"), job).unwrap();
    let run = |arguments: &[&str]| -> (Option<i32>, String) {
        let out = tds(&here, arguments);
        (out.status.code(), String::from_utf8(out.stderr).unwrap())
    };
    let table = |name: &str| -> Vec<Vec<f64>> {
        let text = std::fs::read_to_string(here.join(name)).unwrap();
        text.lines()
            .skip(1)
            .map(|line| line.split(',').map(|x| x.trim().parse().unwrap()).collect())
            .collect()
    };
    let path = ["phonons", "job.json", "--path", "Γ – X | 0 0 0 – L", "--points", "50", "--out", "path.csv"];
    let (code, said) = run(&path);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Γ 0.000000, X|Γ 1.784996, L"), "{said}");
    let rows = table("path.csv");
    assert!(rows.len() > 45 && rows.iter().all(|row| row.len() == 7));
    assert!(rows[0][4..].iter().all(|f| f.abs() < 1e-5) && rows.last().unwrap()[1..4] == [0.5; 3]);

    let (code, said) =
        run(&["dos", "job.json", "--mesh", "12,12,12", "--intervals", "80", "--out", "dos.csv"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("12 × 12 × 12 points") && said.contains("% of the modes"), "{said}");
    let modes: f64 = table("dos.csv").iter().map(|row| (row[1] - row[0]) * row[2]).sum();
    assert!((modes - 3.0).abs() < 1e-6, "{modes}");
    assert_eq!(run(&["dos", "job.json", "--json", "--mesh", "8,8,8", "--out", "dos.json"]).0, Some(0));
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(here.join("dos.json")).unwrap()).unwrap();
    assert_eq!(report["mesh"], serde_json::json!([8, 8, 8]));

    for (arguments, words) in [
        (
            vec!["phonons", "job.json", "--path", "Γ – Q", "--out", "no.csv"],
            "`Q` is no point of this lattice",
        ),
        (vec!["phonons", "job.json", "--path", "Γ", "--out", "no.csv"], "leads nowhere"),
        (vec!["dos", "job.json", "--mesh", "1,9,9", "--out", "no.csv"], "2 to 400 points"),
        (vec!["dos", "job.json", "--mesh", "9,9", "--out", "no.csv"], "three whole numbers"),
        (vec!["phonons", "job.json", "--out", "no.csv"], "--q"),
    ] {
        let (code, said) = run(&arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
    assert!(!here.join("no.csv").exists());
}
