//! Whatever a person gives, `tds` ends with exit code 0 and finite numbers, or with exit code 2 and one line: jobs for
//! 50 crystals with fields removed, replaced by values of the wrong kind or extreme numbers, and damaged files.
//!
//! `cargo xtask fuzz [JOBS] [SEED]` runs many; the suite runs a few.

#[path = "common/random.rs"]
mod random;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use random::Random;
use serde_json::{Value, json};

/// Jobs in the suite.
const FEW: u64 = 240;

/// No job of this size takes longer than some seconds of processor time, a fit of a hundred iterations not than some
/// dozen, however busy the machine is.
const LONGEST: u64 = 200;

/// What sleeps for so long hangs.
const HANGS: Duration = Duration::from_secs(3600);

/// Prototype, elements, lattice parameter (Å).
const CRYSTALS: [(&str, &str, f64); 42] = [
    ("fcc", "Ni", 3.52),
    ("fcc", "Cu", 3.61),
    ("fcc", "Al", 4.05),
    ("fcc", "Ag", 4.09),
    ("fcc", "Au", 4.08),
    ("fcc", "Pd", 3.89),
    ("fcc", "Pt", 3.92),
    ("fcc", "Pb", 4.95),
    ("bcc", "Fe", 2.87),
    ("bcc", "Cr", 2.88),
    ("bcc", "V", 3.03),
    ("bcc", "Nb", 3.3),
    ("bcc", "Ta", 3.3),
    ("bcc", "Mo", 3.15),
    ("bcc", "W", 3.16),
    ("bcc", "Na", 4.23),
    ("bcc", "K", 5.23),
    ("hcp", "Mg", 3.21),
    ("hcp", "Ti", 2.95),
    ("hcp", "Zr", 3.23),
    ("hcp", "Co", 2.51),
    ("hcp", "Be", 2.29),
    ("diamond", "C", 3.57),
    ("diamond", "Si", 5.43),
    ("diamond", "Ge", 5.66),
    ("diamond", "Sn", 6.49),
    ("rocksalt", "Na Cl", 5.64),
    ("rocksalt", "Mg O", 4.21),
    ("rocksalt", "Li F", 4.03),
    ("rocksalt", "K Br", 6.6),
    ("rocksalt", "Pb Te", 6.46),
    ("rocksalt", "Ti C", 4.33),
    ("cscl", "Cs Cl", 4.12),
    ("cscl", "Ni Al", 2.89),
    ("cscl", "Cu Zn", 2.95),
    ("zincblende", "Ga As", 5.65),
    ("zincblende", "Zn S", 5.41),
    ("zincblende", "Si C", 4.36),
    ("zincblende", "In P", 5.87),
    ("zincblende", "Cd Te", 6.48),
    ("zincblende", "Al As", 5.66),
    ("zincblende", "B N", 3.62),
];

/// Crystals in files: name, content, lattice parameter that sets the shells.
const POSCARS: [(&str, f64); 8] = [
    (
        "Mg\n1.0\n3.2094 0 0\n-1.6047 2.779421931057 0\n0 0 5.2108\nMg\n2\nDirect\n.333333333333333 .666666666666667 .25\n.666666666666667 .333333333333333 .75\n",
        3.2,
    ),
    (
        "Mg, four digits\n1.0 1.0 1.0\n3.2094 0 0\n-1.6047 2.7794 0\n0 0 5.2108\nMg\n2\nDirect\n.3333 .6667 .25\n.6667 .3333 .75\n",
        3.2,
    ),
    ("simple cubic ! Po\n1.0 ! scale\n3.35 0 0\n0 3.35 0\n0 0 3.35\nPo\n1\nDirect\n0 0 0\n", 3.35),
    ("layered\n1.0\n2.6 0 0\n0 2.6 0\n0 0 4.2\nC\n1\nDirect\n0 0 0\n", 2.6),
    ("triclinic\n1.0\n3.1 0.1 0.2\n0.4 3.4 -0.3\n0.2 0.5 3.8\nFe\n1\nDirect\n0 0 0\n", 3.1),
    ("In\n-52.0\n1 0 0\n0 1 0\n0 0 1.52\nIn\n2\nDirect\n0 0 0\n.5 .5 .5\n", 3.2),
    (
        "perovskite\n3.9\n1 0 0\n0 1 0\n0 0 1\nSr Ti O\n1 1 3\nDirect\n0 0 0\n.5 .5 .5\n.5 .5 0\n.5 0 .5\n0 .5 .5\n",
        2.1,
    ),
    (
        "Te, vasp 4: Te\n1.0\n4.4 0 0\n-2.2 3.810511776651531 0\n0 0 5.9\nTe\n3\nDirect\n.27 0 0\n0 .27 .333333333333333\n.73 .73 .666666666666667\n",
        2.6,
    ),
];

/// Rock salt by phonopy, in units of CP2K.
const PHONOPY: &str = include_str!("fixtures/cases/03-cp2k-units/phonopy.yaml");
const FORCE_CONSTANTS: &str = include_str!("fixtures/cases/03-cp2k-units/FORCE_CONSTANTS");

/// A sound job with its files.
struct Case {
    job: Value,
    files: Vec<(String, Vec<u8>)>,
    command: &'static str,
}

fn sound(random: &mut Random) -> Case {
    let mut files = Vec::new();
    let which = random.below(CRYSTALS.len() + POSCARS.len() + 3);
    let (crystal, a) = if which >= CRYSTALS.len() + POSCARS.len() {
        files.push(("phonopy.yaml".to_owned(), PHONOPY.as_bytes().to_vec()));
        files.push(("FORCE_CONSTANTS".to_owned(), FORCE_CONSTANTS.as_bytes().to_vec()));
        (json!({"file": "phonopy.yaml"}), 2.9)
    } else {
        match CRYSTALS.get(which) {
            Some((prototype, elements, a)) => {
                let list: Vec<&str> = elements.split(' ').collect();
                (json!({"prototype": prototype, "elements": list, "a": a}), *a)
            }
            None => {
                let (text, a) = POSCARS[which - CRYSTALS.len()];
                files.push(("POSCAR".to_owned(), text.as_bytes().to_vec()));
                (json!({"file": "POSCAR"}), a)
            }
        }
    };
    // Two shells lie within it, and not so many more that there are fewer data than constants.
    let reach = if crystal["prototype"] == "hcp" || crystal["file"] == "POSCAR" { 1.45 } else { 1.05 };
    let springs = json!({"1": 4.0, "2": 1.5});
    let order = random.of(&["one-phonon", "one-phonon", "all-order", "sampled"]);
    let command = random.of(&["params", "simulate", "phonons", "fit", "fit"]);
    let mut model = json!({
        "order": order,
        "statistics": random.of(&["quantum", "classical"]),
        "temperature": 100.0 + (random.unit() * 300.0).round(),
        "u_mesh": random.of(&[json!([6, 6, 6]), json!([4, 5, 6]), json!("converged")]),
    });
    if order != "one-phonon" && (order == "sampled" || random.one_in(2)) {
        model["supercell"] = json!([3, 3, 3]);
    } else if order == "all-order" {
        model["real_space_range"] = json!((a * 2.0).round());
    }
    if order == "sampled" {
        model["samples"] = json!(8);
        model["seed"] = json!(random.below(100));
        model["sampler"] = json!(random.of(&["block", "dense"]));
    }
    let mut points = Vec::new();
    for _ in 0..120 {
        points.push([0; 3].map(|_| (random.below(19) as f64 - 9.0) / 3.0));
    }
    points.retain(|p: &[f64; 3]| p.iter().any(|x| (x - x.round()).abs() > 0.1));
    let mut data = String::from(random.of(&["h,k,l,intensity,sigma\n", "# h k l intensity sigma\n", ""]));
    for p in &points {
        let i = 100.0 + 900.0 * random.unit();
        data += &format!("{},{},{},{:.3},{:.3}\n", p[0], p[1], p[2], i, i.sqrt());
    }
    let mut list = String::from("h,k,l\n");
    points.iter().for_each(|p| list += &format!("{},{},{}\n", p[0], p[1], p[2]));
    files.push(("data.csv".to_owned(), data.into_bytes()));
    files.push(("points.csv".to_owned(), list.into_bytes()));
    let method = if order == "sampled" { "adam" } else { random.of(&["lm", "lbfgs"]) };
    let mut job = json!({
        "crystal": crystal,
        "force_constants": {"cutoff": a * (reach + 0.1 * random.unit()), "start": {"springs": springs}},
        "model": model,
        "data": [{"file": "data.csv"}],
        "mask": {"bragg_radius": 0.1, "q_min": 0.0},
        "nuisance": {"scale": "free", "background": random.of(&[json!([]), json!(["constant"]), json!(["constant", "q2"])])},
        "fit": {"method": method, "max_iterations": 3},
    });
    if job["crystal"]["file"] == "phonopy.yaml" {
        job["force_constants"]["values"] = json!({"file": "FORCE_CONSTANTS"});
        if random.one_in(2) && command != "params" && command != "fit" {
            job["force_constants"].as_object_mut().unwrap().remove("cutoff");
        }
    }
    if random.one_in(4) {
        job["data"][0]["temperature"] = json!(250);
    }
    if random.one_in(6) {
        job["data"] = json!([{"synthetic": {
            "values": {"springs": {"1": 3.0, "2": 1.0}}, "h": [0.0, 2.0, 7], "k": [0.33, 2.0, 6], "l": [0.0, 0.5],
            "scale": 10, "noise": true, "background": [1, 0.1],
        }}]);
    }
    if random.one_in(6) {
        job["force_constants"]["start"] = json!({"bonds": 0.5 + random.unit()});
    }
    if crystal["elements"].as_array().is_some_and(|list| list.len() == 2) && random.one_in(3) {
        let charge = |z: f64| json!([[z, 0.0, 0.0], [0.0, z, 0.0], [0.0, 0.0, z]]);
        job["non_analytical"] =
            json!({"born_charges": [charge(1.1), charge(-1.1)], "dielectric": charge(2.4)});
    }
    if random.one_in(4) {
        job["reference"] = json!({"springs": {"1": 2.0}});
    }
    if let (true, Some(element)) = (random.one_in(4), crystal["elements"][0].as_str()) {
        job["anomalous"] = json!({ element: [-1.5, 0.7] });
    }
    if command == "fit" && order != "sampled" {
        known(random, &mut job);
    }
    Case { job, files, command }
}

/// What is imposed on the constants, known of them, and what an instrument adds.
fn known(random: &mut Random, job: &mut Value) {
    let monatomic = ["fcc", "bcc"].iter().any(|p| job["crystal"]["prototype"] == *p);
    if random.one_in(3) {
        job["constraints"] = json!({"ridge": 0.5, "axially_symmetric": random.one_in(2)});
        if monatomic {
            job["constraints"]["bounds"] = json!({"1XX": [null, 10.0]});
            job["constraints"]["prior"] = json!({"1XX": [-1.5, 0.5]});
            job["constraints"]["tied"] =
                json!([{"labels": ["2XX", "2YY"], "coefficients": [1.0, 1.0], "value": 0.1}]);
        }
    }
    if random.one_in(4) {
        job["pseudo_data"] = json!({
            "elastic_GPa": {"C11": [200.0, 20.0]},
            "frequencies": [{"q": [0.5, 0.0, 0.0], "THz": 5.0, "sigma": 0.3}],
        });
    }
    if random.one_in(4) {
        job["measurement"] = json!({
            "resolution": {"voxel": [0.05, 0.05, 0.05], "fwhm": 0.03, "mosaic_deg": 0.1, "bandwidth": 0.001},
            "energy_kev": 20.0, "compton": random.of(&["absolute", "free"]),
            "polarization": {"fraction": 0.9},
            "smooth_factor": {"degree": 2, "within": 0.03},
            "calibration": {"stretch": 0.002, "rotation_deg": 0.2},
        });
        job["nuisance"]["background"] =
            json!(["constant", {"exponential": 1.2}, {"tails": 3.0}, {"ring": [2.5, 0.1]}]);
        job["fit"]["likelihood"] = json!(random.of(&["gaussian", "robust"]));
    }
}

/// A value that a person might write by mistake, or a program by a bug. NaN and 1e400 are no JSON and come as text.
fn odd(random: &mut Random) -> Value {
    let numbers = [
        0.0,
        -0.0,
        -1.0,
        0.5,
        1e-308,
        5e-324,
        1e-30,
        1e-9,
        3.0,
        100.0,
        65_536.0,
        4_294_967_296.0,
        1e9,
        1e20,
        -1e20,
        1e160,
        -1e160,
        1e200,
        1e308,
        -1e308,
    ];
    match random.below(10) {
        0 => Value::Null,
        1 => json!(""),
        2 => json!("\u{3c3}\n\"x\" ".repeat(1 + random.below(200))),
        3 => json!(random.of(&[
            "1",
            "free",
            "converged",
            "fcc",
            "Ni",
            "data.csv",
            "../data.csv",
            "absent",
            "all-order"
        ])),
        4 => json!(random.one_in(2)),
        5 => json!([]),
        6 => json!({}),
        7 => json!([random.of(&numbers), random.of(&numbers), random.of(&numbers)]),
        8 => json!(random.of(&[0i64, -1, 1, 7, 255, i64::from(i32::MAX), i64::MAX])),
        _ => json!(random.of(&numbers)),
    }
}

/// All places in a value, as JSON pointers.
fn places(value: &Value, here: &str, list: &mut Vec<String>) {
    if !here.is_empty() {
        list.push(here.to_owned());
    }
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| places(value, &format!("{here}/{key}"), list))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| places(value, &format!("{here}/{n}"), list));
        }
        _ => {}
    }
}

fn spoil_job(job: &mut Value, random: &mut Random) {
    let mut list = Vec::new();
    places(job, "", &mut list);
    let place = random.of(&list);
    let (parent, key) = place.rsplit_once('/').unwrap();
    match random.below(4) {
        0 => match job.pointer_mut(parent) {
            Some(Value::Object(map)) => drop(map.remove(key)),
            Some(Value::Array(items)) => drop(items.remove(key.parse().unwrap())),
            _ => {}
        },
        1 => {
            if let Some(Value::Object(map)) = job.pointer_mut(parent) {
                let value = odd(random);
                let names = [
                    "cutoff",
                    "tolerance",
                    "c",
                    "file",
                    "seed",
                    "samples",
                    "origin",
                    "invalid",
                    "real_space_mesh",
                    "learning_rate",
                    "batch",
                    "values",
                    "labels",
                    "library",
                    "q_max",
                    "form_factors",
                    "u_mesh_axes",
                    "x",
                ];
                map.insert(random.of(&names).to_owned(), value);
            }
        }
        _ => {
            let value = odd(random);
            if let Some(old) = job.pointer_mut(&place) {
                *old = value;
            }
        }
    }
}

fn spoil_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    if bytes.is_empty() {
        return;
    }
    let at = random.below(bytes.len());
    match random.below(6) {
        0 => bytes.truncate(at),
        1 => bytes[at] = random.next() as u8,
        2 => bytes[at] ^= 1 << random.below(8),
        3 => drop(bytes.remove(at)),
        4 => {
            let words = [
                "nan",
                "inf",
                "1e308",
                "-1e160",
                ",",
                ";",
                "\n",
                "\0",
                "#",
                "1e-320",
                "999999999999",
                "\u{feff}",
                "-1",
            ];
            let word = random.of(&words);
            bytes.splice(at..at, word.bytes());
        }
        _ => {
            let end = (at + random.below(200)).min(bytes.len());
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
    }
}

/// Runs one job in a folder; gives its exit code, or says what is wrong with how `tds` ended.
fn attempt(number: u64, seed: u64, folder: &Path) -> Result<i32, String> {
    let mut random = Random(seed ^ number.wrapping_mul(0x2545_F491_4F6C_DD1D));
    let mut case = sound(&mut random);
    for _ in 0..random.below(4) {
        spoil_job(&mut case.job, &mut random);
    }
    // A hundred iterations of a fit that nothing holds take minutes: a few of those are enough.
    if let Some(fit) = case.job["fit"].as_object_mut()
        && !fit.contains_key("max_iterations")
        && !random.one_in(30)
    {
        fit.insert("max_iterations".into(), json!(3));
    }
    let mut text = case.job.to_string().into_bytes();
    if random.one_in(12) {
        spoil_bytes(&mut text, &mut random);
    }
    for (_, bytes) in &mut case.files {
        while random.one_in(4) {
            spoil_bytes(bytes, &mut random);
        }
    }
    let failed = |e: std::io::Error| e.to_string();
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).map_err(failed)?;
    std::fs::write(folder.join("job.json"), &text).map_err(failed)?;
    for (name, bytes) in &case.files {
        std::fs::write(folder.join(name), bytes).map_err(failed)?;
    }
    let arguments: &[&str] = match case.command {
        "params" => &["params", "job.json", "--json"],
        "simulate" => &["simulate", "job.json", "--hkl", "points.csv", "--out", "out"],
        "phonons" => &["phonons", "job.json", "--q", "points.csv", "--out", "out"],
        _ => &["fit", "job.json", "--out", "out"],
    };
    let start = Instant::now();
    let open = |name: &str| std::fs::File::create(folder.join(name)).map_err(failed);
    // The shell limits the processor time; what exceeds it ends by a signal.
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -t {LONGEST}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_tds")])
        .args(arguments)
        .current_dir(folder)
        .env("RAYON_NUM_THREADS", "1")
        .stdout(Stdio::from(open("stdout")?))
        .stderr(Stdio::from(open("stderr")?))
        .spawn()
        .map_err(failed)?;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if start.elapsed() > HANGS {
            child.kill().map_err(failed)?;
            child.wait().map_err(failed)?;
            return Err(format!("took longer than {HANGS:?}"));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let Some(code) = status.code() else {
        return Err(format!("ended by {status}; {LONGEST} s of processor time are allowed"));
    };
    judge(case.command, code, folder)?;
    if let Some(log) = std::env::var_os("TDS_FUZZ_LOG") {
        // How each job ended, to see what the jobs try.
        let said = std::fs::read_to_string(folder.join("stderr")).map_err(failed)?;
        let mut log = std::fs::OpenOptions::new().create(true).append(true).open(log).map_err(failed)?;
        let (taken, last) = (start.elapsed().as_secs_f64(), said.lines().last().unwrap_or(""));
        writeln!(log, "{number} {taken:.3} {} {code} {last}", case.command).map_err(failed)?;
    }
    Ok(code)
}

fn judge(command: &str, code: i32, folder: &Path) -> Result<(), String> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|e| format!("{name}: {e}"));
    let said = read("stderr")?;
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("note: ")).collect();
    if said.contains("panicked") {
        return Err(format!("panic: {said}"));
    }
    match code {
        2 => {
            // A fit may have told of its steps before.
            let before = lines.len().saturating_sub(1);
            let steps = lines[..before]
                .iter()
                .all(|l| command == "fit" && (l.starts_with("Iteration ") || l.ends_with('.')));
            match lines.last() {
                Some(line) if steps && line.contains(", expected ") && line.len() < 2500 => Ok(()),
                _ => Err(format!("exit code 2 with {said:?}")),
            }
        }
        0 | 1 if code == 0 || command == "fit" => {
            let text = if command == "params" { read("stdout")? } else { read("out")? };
            if matches!(command, "params" | "fit") {
                let result: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
                let key = if command == "params" { "value_eV_A2" } else { "value" };
                let finite = |p: &Value| p[key].as_f64().is_some_and(f64::is_finite);
                let constants = result["parameters"].as_array().ok_or("no constants")?;
                let chi2 = command == "params" || result["chi2"].as_f64().is_some_and(f64::is_finite);
                if constants.iter().all(finite) && chi2 {
                    Ok(())
                } else {
                    Err(format!("not finite: {text:.2000}"))
                }
            } else {
                let cells = text.lines().skip(1).flat_map(|line| line.split(','));
                match cells.into_iter().find(|cell| !cell.parse::<f64>().is_ok_and(f64::is_finite)) {
                    None => Ok(()),
                    Some(cell) => Err(format!("{cell:?} among the numbers")),
                }
            }
        }
        code => Err(format!("exit code {code} with {said:?}")),
    }
}

/// Runs `jobs` jobs in two threads; every failure is told with the folder that holds it.
fn run(jobs: u64, seed: u64) {
    println!("{jobs} jobs, seed {seed}");
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    let next = AtomicU64::new(0);
    let ended: [AtomicU64; 3] = Default::default();
    let failures: Vec<String> = std::thread::scope(|scope| {
        let worker = |thread: usize| {
            let (next, base, ended) = (&next, &base, &ended);
            move || {
                let mut failures = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= jobs || failures.len() >= 20 {
                        return failures;
                    }
                    let folder = base.join(format!("thread-{thread}"));
                    let what = match attempt(number, seed, &folder) {
                        Ok(code) => {
                            ended[code as usize % 3].fetch_add(1, Ordering::Relaxed);
                            continue;
                        }
                        Err(what) => what,
                    };
                    let kept: PathBuf = base.join(format!("failed-{seed}-{number}"));
                    let _ = std::fs::remove_dir_all(&kept);
                    let _ = std::fs::rename(&folder, &kept);
                    println!("job {number}, seed {seed}: {what}\n  in {}", kept.display());
                    failures.push(format!("job {number}: {what}"));
                }
            }
        };
        let handles: Vec<_> = (0..2).map(|thread| scope.spawn(worker(thread))).collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap()).collect()
    });
    let [sound, open, refused] = ended.map(AtomicU64::into_inner);
    println!("{sound} ended with exit code 0, {open} with 1, {refused} with 2");
    assert!(
        jobs < 100 || sound > jobs / 10 && refused > jobs / 10,
        "the jobs are not mixed: {sound} {open} {refused}"
    );
    assert!(
        failures.is_empty(),
        "{} of {jobs} jobs ended badly, seed {seed}: {}",
        failures.len(),
        failures[0]
    );
}

#[test]
fn a_few_misuses_end_with_numbers_or_one_line() {
    run(FEW, 1);
}

#[test]
#[ignore = "long; `cargo xtask fuzz` runs it"]
fn many_misuses_end_with_numbers_or_one_line() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    run(number("TDS_FUZZ_JOBS", 100_000), number("TDS_FUZZ_SEED", 1));
}
