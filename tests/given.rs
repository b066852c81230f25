//! Claims about what a person gives: tables, crystals and jobs as they are found on real disks are read rightly, and
//! nothing of them is dropped in silence. The inputs lie in `fixtures/cases`.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tds_inversion::data::csv::{Reading, read_csv, read_csv_as, read_points};
use tds_inversion::data::{Dataset, Invalid, Reason};
use tds_inversion::formats::recognise::{Kind, recognise};
use tds_inversion::job::{Files, Job, Prepared, Run};

fn case(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cases").join(path)).unwrap()
}

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("given").join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn tds(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tds")).args(arguments).current_dir(folder).output().unwrap()
}

/// The one line of a refusal.
fn refused(out: &Output) -> String {
    let said = String::from_utf8(out.stderr.clone()).unwrap();
    assert_eq!(out.status.code(), Some(2), "{said}");
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("note: ")).collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].contains(", expected ") && lines[0].len() < 1200, "{said}");
    lines[0].to_owned()
}

const NICKEL: &str = r#"{"crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
 "force_constants": {"cutoff": 2.6, "start": {"springs": {"1": 2.2}}}, "data": [{"file": "data.csv"}]}"#;

/// The same numbers, whatever the name and the notes.
fn assert_same(a: &Dataset, b: &Dataset) {
    assert_eq!((&a.hkl, &a.intensity, &a.sigma), (&b.hkl, &b.intensity, &b.sigma), "{} {}", a.name, b.name);
}

#[test]
fn a_commented_header_gives_the_order_of_the_columns() {
    let read = |name: &str| read_csv(name, &case(&format!("02-commented-header-order/{name}"))).unwrap();
    let right = read("right_order.txt");
    assert_eq!((right.hkl[0], right.intensity[0]), ([-5.0, -5.0, 0.0], 2462.0));
    assert_eq!(right.sigma.as_ref().unwrap()[0], 49.6185);
    for name in ["sigma_before_intensity.txt", "intensity_first.txt"] {
        assert_same(&read(name), &right);
    }
    // A comment that does not name every column is no header, and that is said.
    let text = "# h k l intensity\n1 2 0.5 100 10\n";
    let set = read_csv("d", text.as_bytes()).unwrap();
    assert_eq!(set.sigma, Some(vec![10.0]));
    assert!(set.notes[0].contains("taken as h, k, l, intensity, sigma"), "{:?}", set.notes);
    // A sentence of as many words is none either.
    let set = read_csv("d", b"# made on a rainy\n1 2 0.5 100\n").unwrap();
    assert_eq!((set.hkl[0], set.intensity[0]), ([1.0, 2.0, 0.5], 100.0));
}

#[test]
fn sigma_is_known_by_many_names_and_never_dropped_in_silence() {
    let text = String::from_utf8(case("07-sigma-column-names/data_sigI.csv")).unwrap();
    let expected = read_csv("sigI", text.as_bytes()).unwrap();
    assert_eq!(expected.sigma.as_ref().unwrap()[0], 49.6185);
    for name in [
        "sigma",
        "Sigma",
        "sig",
        "sigI",
        "SIGI",
        "sig_I",
        "sigma(I)",
        "sigmaI",
        "dI",
        "d_I",
        "delta I",
        "ΔI",
        "err",
        "Err",
        "error",
        "errors",
        "Errors",
        "std",
        "stdev",
        "std_dev",
        "stderr",
        "std. err.",
        "esd",
        "e.s.d.",
        "E.S.D.",
        "su",
        "s.u.",
        "u(I)",
        "u_I",
        "σ",
        "σ(I)",
        "σI",
        "σ_I",
        "intensity_err",
        "counts_err",
        "I_err",
        "I_error",
        "err_I",
        "uncertainty",
        "intensity uncertainty",
        "I_sigma",
        "sd",
        "error (counts)",
        "sigma [a.u.]",
    ] {
        let set = read_csv("d", text.replacen("sigI", name, 1).as_bytes())
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(set.sigma, expected.sigma, "{name}");
        assert!(set.notes.is_empty(), "{name}: {:?}", set.notes);
    }
    for name in ["variance", "var", "errors_squared", "sigma2"] {
        let set = read_csv("d", text.replacen("sigI", name, 1).as_bytes()).unwrap();
        assert!((set.sigma.unwrap()[0] - 49.6185_f64.sqrt()).abs() < 1e-12, "{name}");
    }
    for name in ["weight", "errorlevel", "stdev_of_something", "w", "noise_floor"] {
        let error = read_csv("d", text.replacen("sigI", name, 1).as_bytes()).unwrap_err().to_string();
        assert!(error.contains("may be an uncertainty") && error.contains(name), "{error}");
    }
    for name in ["id", "frame", "monitor", "background"] {
        let set = read_csv("d", text.replacen("sigI", name, 1).as_bytes()).unwrap();
        assert_eq!(set.sigma, None, "{name}");
        assert!(set.notes[0].contains(name) && set.notes[0].contains("none is a σ"), "{:?}", set.notes);
    }
}

#[test]
fn axes_of_a_projection_become_hkl() {
    let projection = case("01-mantid-ascii-plane/hh0_projection_mantid.dat");
    let set = read_csv("d", &projection).unwrap();
    // The second row: −4.25 along [1 1 0] and 0.75 along [−1 1 0].
    assert_eq!(set.hkl[1], [-5.0, -3.5, 0.0]);
    assert_eq!((set.intensity[1], set.sigma.as_ref().unwrap()[1]), (2274.0, 47.6865));
    let points = read_points("p", b"[H,H,0],[0,0,L],[-H,H,0]\n1,2,0.5\n").unwrap();
    assert_eq!(points, [(2, [0.5, 1.5, 2.0])]);

    let job = NICKEL.replace("2.6", "5.7").replace(r#""springs": {"1": 2.2}"#, r#""library": "ni_676""#);
    let job = job.replace(
        r#""data":"#,
        r#""mask": {"bragg_radius": 0.05},
        "nuisance": {"background": ["constant", "q2"]}, "data":"#,
    );
    let files = BTreeMap::from([("data.csv".to_owned(), projection)]);
    let mut run = Run::new(&Job::parse("j", &job).unwrap(), files).unwrap();
    while run.session.progress().termination.is_none() {
        run.step(|| 0.0);
    }
    let result = run.result(0.0, "");
    assert!((0.8..1.1).contains(&result.chi2_reduced), "{}", result.chi2_reduced);
    assert!(result.parameters.iter().all(|p| p.determined));
}

#[test]
fn a_plane_without_its_third_index_asks_for_it() {
    let plane = case("01-mantid-ascii-plane/hk0_mantid.dat");
    let error = read_csv("hk0.dat", &plane).unwrap_err().to_string();
    assert!(error.starts_with("hk0.dat:1: the header has no column l, expected "), "{error}");
    assert!(error.contains("\"origin\""), "{error}");
    let reading = Reading { origin: Some([0.0, 0.0, 0.5]), ..Reading::default() };
    let set = read_csv_as("hk0.dat", &plane, &reading).unwrap();
    assert_eq!(set.hkl[0], [-2.0, -1.833333, 0.5]);
    assert!(set.hkl.iter().all(|p| p[2] == 0.5));
    // Half the table is NaN or not: each such row is counted.
    let nan = String::from_utf8(plane).unwrap().matches("nan nan").count();
    assert!(nan > 0 && set.left_out.len() == 1);
    assert_eq!((set.left_out[0].reason, set.left_out[0].rows), (Reason::NotFinite, nan));
    assert_eq!(set.left_out[0].first_lines[0], 3);
}

#[test]
fn gaps_and_bad_rows_are_counted_and_left_out() {
    let gaps = String::from_utf8(case("16-sentinels-and-nan/gaps_minus_one.csv")).unwrap();
    let count = gaps.matches(",-1,1\n").count();
    let rows = gaps.lines().count() - 1;
    let set = read_csv("d", gaps.as_bytes()).unwrap();
    assert_eq!((set.hkl.len(), set.left_out.len()), (rows - count, 1));
    let left_out = &set.left_out[0];
    assert_eq!((left_out.reason, left_out.rows, left_out.value), (Reason::Sentinel, count, Some(-1.0)));
    assert!(set.intensity.iter().all(|i| *i > 0.0));
    assert!(set.notes[0].starts_with(&format!("d: {count} rows are left out")), "{:?}", set.notes);
    // The same holes, written in other ways.
    for (hole, reason) in [
        (",NaN,NaN\n", Reason::NotFinite),
        (",nan,1\n", Reason::NotFinite),
        (",,\n", Reason::NotFinite),
        (",inf,1\n", Reason::NotFinite),
        (",4294967295,65536\n", Reason::Sentinel),
        (",1000000000,1\n", Reason::Sentinel),
        (",0,0\n", Reason::SigmaNotPositive),
        (",7,-1\n", Reason::SigmaNotPositive),
        (",masked pixel,1\n", Reason::Unreadable),
        ("\n", Reason::Unreadable),
        (",1e200,1\n", Reason::OutOfRange),
    ] {
        let other = read_csv("d", gaps.replace(",-1,1\n", hole).as_bytes()).unwrap();
        assert_same(&other, &set);
        assert_eq!((other.left_out[0].reason, other.left_out[0].rows), (reason, count), "{hole:?}");
    }
    // What looks like a mark may be kept; what is no number may not.
    let keep = Reading { invalid: Invalid::Keep, origin: None };
    let kept = read_csv_as("d", gaps.as_bytes(), &keep).unwrap();
    assert_eq!((kept.hkl.len(), kept.left_out.len()), (rows, 0));
    assert!(kept.notes[0].contains("they are kept"), "{:?}", kept.notes);
    let nan = read_csv_as("d", gaps.replace(",-1,1\n", ",NaN,1\n").as_bytes(), &keep).unwrap();
    assert_eq!(nan.hkl.len(), rows - count);
    let refuse = Reading { invalid: Invalid::Refuse, origin: None };
    let error = read_csv_as("d", gaps.as_bytes(), &refuse).unwrap_err().to_string();
    assert!(error.contains("a mark of masked pixels"), "{error}");
    // One count of zero with σ = 0 among sound rows.
    let zero = gaps.replace(",-1,1\n", ",5,1\n").replacen(",5,1\n", ",0,0\n", 1);
    let set = read_csv("d", zero.as_bytes()).unwrap();
    assert_eq!((set.hkl.len(), set.left_out[0].rows), (rows - 1, 1));
    assert_eq!(set.left_out[0].example, "the sigma of this intensity is 0");
}

#[test]
fn a_bad_line_is_shown_with_its_neighbours() {
    let set = read_csv("d", b"h,k,l,I\n1,2,0.1,5\n1,2,0.2\n1,2,0.3,6\n").unwrap();
    assert_eq!(set.left_out[0].example, "`1,2,0.2` between `1,2,0.1,5` and `1,2,0.3,6`");
    assert_eq!(
        set.notes,
        ["d: 1 row is left out that cannot be read (line 3; `1,2,0.2` between `1,2,0.1,5` and `1,2,0.3,6`)."]
    );
    // A file of which nothing, or less than half, can be read is no table.
    let error = read_csv("d", b"h,k,l,I\n1,2,0.1\n1,2,0.2\n1,2,0.3,6\n").unwrap_err().to_string();
    assert_eq!(error, "d:2: 3 fields (2 of 3 rows cannot be used), expected 4 fields as in the first line");
    let error = read_csv("d", b"h,k,l,I\n1,2,0.1,nan\n1,2,0.2,nan\n").unwrap_err().to_string();
    assert!(error.starts_with("d:2: column 4 (intensity) is `nan` (2 of 2 rows"), "{error}");
}

#[test]
fn what_was_left_out_is_in_the_description_the_notes_and_the_result() {
    let here = folder("left-out");
    std::fs::write(here.join("data.csv"), case("16-sentinels-and-nan/gaps_minus_one.csv")).unwrap();
    std::fs::write(here.join("job.json"), NICKEL).unwrap();
    let out = tds(&here, &["fit", "job.json", "--out", "result.json"]);
    let said = String::from_utf8(out.stderr).unwrap();
    assert!(said.contains("note: data.csv: ") && said.contains("a mark of masked pixels"), "{said}");
    let result: Value = serde_json::from_slice(&std::fs::read(here.join("result.json")).unwrap()).unwrap();
    assert_eq!(result["data"][0]["left_out"][0]["reason"], "sentinel");
    assert_eq!(result["data"][0]["left_out"][0]["value"], -1.0);
    let refuse = NICKEL.replace(r#""data.csv""#, r#""data.csv", "invalid": "refuse""#);
    std::fs::write(here.join("job.json"), refuse).unwrap();
    let line = refused(&tds(&here, &["fit", "job.json", "--out", "result.json"]));
    assert!(line.starts_with("data.csv:"), "{line}");
}

#[test]
fn units_of_force_constants_come_from_the_phonopy_yaml() {
    let here = folder("units");
    for name in ["FORCE_CONSTANTS", "phonopy.yaml", "job.json", "q.csv"] {
        std::fs::write(here.join(name), case(&format!("03-cp2k-units/{name}"))).unwrap();
    }
    let out = tds(&here, &["phonons", "job.json", "--q", "q.csv", "--out", "f.csv"]);
    assert!(out.status.success(), "{out:?}");
    let numbers = |text: String| -> Vec<f64> {
        text.lines()
            .skip(1)
            .flat_map(|l| l.split(',').map(|x| x.parse().unwrap()).collect::<Vec<f64>>())
            .collect()
    };
    let found = numbers(std::fs::read_to_string(here.join("f.csv")).unwrap());
    let expected = numbers(String::from_utf8(case("03-cp2k-units/expected_THz.csv")).unwrap());
    assert_eq!(found.len(), expected.len());
    for (f, e) in found.iter().zip(&expected) {
        // Older constants of nature make 1.2e-7.
        assert!((f - e).abs() <= 3e-7 * e.abs(), "{f} {e}");
    }
    let yaml = String::from_utf8(case("03-cp2k-units/phonopy.yaml")).unwrap();
    std::fs::write(here.join("phonopy.yaml"), yaml.replace("hartree/angstrom.au", "furlong")).unwrap();
    let line = refused(&tds(&here, &["phonons", "job.json", "--q", "q.csv", "--out", "f.csv"]));
    assert!(line.contains("the unit of the force constants is not known"), "{line}");
}

#[test]
fn content_decides_what_a_file_is() {
    let here = folder("content");
    for (path, kind) in [
        ("11-poscar-scale-line/POSCAR_three", Kind::Crystal),
        ("11-poscar-scale-line/POSCAR_comment", Kind::Crystal),
        ("12-yaml-by-name/phonopy_params.yaml.txt", Kind::Phonopy),
        ("12-yaml-by-name/phonopy_params.yaml.xz", Kind::Archive),
        ("03-cp2k-units/FORCE_CONSTANTS", Kind::Constants),
        ("03-cp2k-units/phonopy.yaml", Kind::Phonopy),
        ("03-cp2k-units/job.json", Kind::Job),
        ("16-sentinels-and-nan/gaps_minus_one.csv", Kind::Data),
        ("02-commented-header-order/right_order.txt", Kind::Data),
        ("01-mantid-ascii-plane/hk0_mantid.dat", Kind::Data),
        ("06-four-digit-positions/POSCAR_Mg4", Kind::Crystal),
    ] {
        assert_eq!(recognise(&case(path)), kind, "{path}");
        std::fs::write(here.join(path.rsplit('/').next().unwrap()), case(path)).unwrap();
    }
    let params = |crystal: &str| {
        let job = json!({"crystal": {"file": crystal}, "force_constants": {"cutoff": 4.0}});
        std::fs::write(here.join("job.json"), job.to_string()).unwrap();
        tds(&here, &["params", "job.json", "--json"])
    };
    let count = |crystal: &str| {
        let out = params(crystal);
        assert!(out.status.success(), "{out:?}");
        let list: Value = serde_json::from_slice(&out.stdout).unwrap();
        (list["space_group"].clone(), list["count"].clone())
    };
    assert_eq!(count("POSCAR_three"), count("POSCAR_comment"));
    assert_eq!(count("POSCAR_three"), (json!("P 6_3/m m c"), json!(8)));
    assert_eq!(count("phonopy_params.yaml.txt").0, "F m -3 m");
    let line = refused(&params("phonopy_params.yaml.xz"));
    assert_eq!(line, "phonopy_params.yaml.xz:1: this is a file packed by xz, expected the file unpacked");
    let line = refused(&params("FORCE_CONSTANTS"));
    assert!(line.starts_with("FORCE_CONSTANTS: this is a FORCE_CONSTANTS, expected a POSCAR"), "{line}");
    let line = refused(&tds(&here, &["params", "POSCAR_three"]));
    assert!(line.starts_with("POSCAR_three: this is a POSCAR, expected a job"), "{line}");
}

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
    assert!(mended.warnings.is_empty(), "{:?}", mended.warnings);
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
