//! Claims about the files that a person gives: tables and crystals as they are found on real disks are read rightly, and
//! nothing of them is dropped in silence. The inputs lie in `fixtures/cases`.

#[path = "common/given.rs"]
mod common;

use std::collections::BTreeMap;

use common::{NICKEL, case, folder, refused, tds};
use serde_json::{Value, json};
use tds_inversion::data::{Dataset, Invalid, Reason};
use tds_inversion::formats::recognise::{Kind, recognise};
use tds_inversion::formats::table::{Reading, read_csv, read_csv_as, read_points};
use tds_inversion::job::Job;
use tds_inversion::run::Run;

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
    assert_eq!(count("phonopy_params.yaml.xz"), count("phonopy_params.yaml.txt"));
    let line = refused(&params("FORCE_CONSTANTS"));
    assert!(line.starts_with("FORCE_CONSTANTS: this is a FORCE_CONSTANTS, expected a POSCAR"), "{line}");
    let line = refused(&tds(&here, &["params", "POSCAR_three"]));
    assert!(line.starts_with("POSCAR_three: this is a POSCAR, expected a job"), "{line}");
}
