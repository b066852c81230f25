//! No damage to a file makes its reader panic, hang, or take memory that the file cannot account for: volumes, crystals,
//! force constants, tables.
//!
//! `cargo xtask fuzz-readers [EXECUTIONS [SEED]]` damages many; the suite does a few.
#![cfg(feature = "readers")]

#[path = "common/counting.rs"]
mod counting;
#[path = "common/damage.rs"]
mod damage;
#[path = "common/random.rs"]
mod random;

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use counting::{Counting, most_held};
use nalgebra::Matrix3;
use random::Random;
use tds_inversion::crystal::Cell;
use tds_inversion::data::selection::{Along, AxisSpec, Letter, MaskFile, Selection};
use tds_inversion::formats::phonopy::{read_force_constants, read_phonopy_yaml};
use tds_inversion::formats::poscar::read_poscar;
use tds_inversion::formats::recognise::{Kind, recognise};
use tds_inversion::formats::table::{Reading, read_csv_as, read_points};
use tds_inversion::formats::volume::{Bytes, Opened, SharedSource, open};
use tds_inversion::formats::{canonical, recognise_within};
use tds_inversion::{Error, Result};

#[global_allocator]
static COUNTING: Counting = Counting;

/// A file of 50 kB may unpack to 1100 times as much, and an array of that is kept once or twice; a file packed by xz
/// may ask for a dictionary of 256 MB.
const MOST_MEMORY: usize = 400 << 20;

/// TDS_FUZZ_LONGEST, milliseconds, finds slow ones.
static LONGEST: LazyLock<Duration> =
    LazyLock::new(|| Duration::from_millis(number("TDS_FUZZ_LONGEST").unwrap_or(1000)));

/// What takes so long does not end.
const HANGS: Duration = Duration::from_secs(100);

/// Damaged files in the suite, and their seed.
const FEW: u64 = 150_000;
const SEED: u64 = 20;

/// A sound file.
struct Seed {
    name: String,
    bytes: Vec<u8>,
    is_text: bool,
    /// Files that belong to it.
    beside: Vec<(String, Vec<u8>)>,
    /// How often it is damaged.
    weight: f64,
}

/// Every fixture that a reader of files is for.
fn seeds() -> Vec<Seed> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut paths: Vec<PathBuf> = ["formats", "formats/cif", "formats/constants"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(fixtures.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && path.extension().is_none_or(|ending| ending != "py"))
        .collect();
    paths.extend(
        [
            "cases/01-mantid-ascii-plane/hk0_mantid.dat",
            "cases/02-commented-header-order/sigma_before_intensity.txt",
            "cases/03-cp2k-units/phonopy.yaml",
            "cases/06-four-digit-positions/POSCAR_Mg16",
            "cases/07-sigma-column-names/data_sigI.csv",
            "cases/11-poscar-scale-line/POSCAR_three",
            "cases/fit/long.csv",
        ]
        .map(|name| fixtures.join(name)),
    );
    paths.sort();
    let read = |path: &Path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(path).unwrap())
    };
    let mut list: Vec<Seed> =
        paths.iter().map(|path| read(path)).map(|(name, bytes)| seed(name, bytes)).collect();
    for seed in &mut list {
        seed.beside = match seed.name.as_str() {
            "nxrefine_parent.nxs" => vec![read(&fixtures.join("formats/transform.nxs"))],
            "infile.forceconstant" => vec![read(&fixtures.join("formats/constants/infile.ucposcar"))],
            _ => vec![],
        };
    }
    let csv = "# remark\nh,k,l,intensity,sigma\n-5,0.25,1e-3,12.5,3\n\"1\";2,3\t4 5\n1,2,3,4,5\n";
    list.push(seed("small.csv".into(), csv.into()));
    list
}

fn seed(name: String, bytes: Vec<u8>) -> Seed {
    let kind = recognise_within(&bytes);
    let is_text = recognise(&bytes) == kind && !matches!(kind, Kind::Volume | Kind::ConstantsHdf5);
    // Microseconds that a reading takes, about: what is fast is damaged more often.
    let each = if bytes.starts_with(b"\x89HDF") || is_text { 0.04 } else { 0.01 };
    let cost = 20.0 + each * bytes.len() as f64;
    Seed { name, is_text, bytes, beside: vec![], weight: 1.0 / cost }
}

/// Axes for arrays without any.
fn axes(shape: &[usize]) -> Selection {
    let letters = [Letter::H, Letter::K, Letter::L];
    let axis = |(letter, count): (&Letter, &usize)| AxisSpec {
        along: Along::Named(*letter),
        limits: (*count > 1).then_some([0.0, 1.0]),
        first: None,
        step: None,
        values: (*count == 1).then(|| vec![0.0]),
    };
    let list = letters.iter().zip(shape).map(axis).collect();
    Selection { axes: Some(list), origin: Some([0.0; 3]), ..Selection::default() }
}

/// Reads a file as the mask of the volume that every fixture has.
fn read_as_mask(name: &str, bytes: &[u8]) -> Result<usize> {
    let whole = Bytes::shared("v.h5", include_bytes!("fixtures/formats/yell_1.0.h5").to_vec());
    let Opened::Volume(volume) = open(&[whole]).map_err(|refusal| refusal.error)? else { return Ok(0) };
    let masks = vec![MaskFile { file: name.to_owned(), ..MaskFile::default() }];
    let selection = Selection { masks, ..Selection::default() };
    let mut loading = volume.load_masked(selection, &[Bytes::shared(name, bytes.to_vec())])?;
    while !loading.is_done() {
        loading.advance()?;
    }
    Ok(loading.finish()?.0.used().count())
}

/// Reads all voxels or points.
fn read_volume(name: &str, bytes: &[u8], beside: &[(String, Vec<u8>)]) -> Result<usize> {
    if name.contains("mask") {
        return read_as_mask(name, bytes);
    }
    let mut sources: Vec<SharedSource> = vec![Bytes::shared(name, bytes.to_vec())];
    sources.extend(beside.iter().map(|(name, bytes)| Bytes::shared(name, bytes.clone())));
    match open(&sources).map_err(|refusal| refusal.error)? {
        Opened::Points(set) => Ok(set.hkl.len()),
        Opened::Volume(volume) => {
            let about = volume.description();
            let selection = if about.axes.is_none() { axes(&about.shape) } else { Selection::default() };
            let mut loading = volume.load(selection)?;
            while !loading.is_done() {
                loading.advance()?;
            }
            Ok(loading.finish()?.0.used().count())
        }
    }
}

/// The crystal to which FORCE_CONSTANTS belongs.
fn rock_salt() -> Cell {
    let text = include_str!("fixtures/formats/constants/POSCAR");
    read_poscar("POSCAR", text).unwrap()
}

/// Hands a file to the reader that its content asks for; how many things came out.
fn read(name: &str, bytes: &[u8], beside: &[(String, Vec<u8>)]) -> Result<usize> {
    let kind = recognise_within(bytes);
    match kind {
        Kind::Volume => return read_volume(name, bytes, beside),
        Kind::Data | Kind::Archive | Kind::Binary | Kind::Job | Kind::Result => {
            let points = read_points(name, bytes);
            let set = read_csv_as(name, bytes, &Reading::default());
            return set.map(|set| set.hkl.len()).or_else(|error| points.map(|p| p.len()).map_err(|_| error));
        }
        _ => {}
    }
    let found = canonical(name, bytes, beside)?;
    let (name, bytes) = &found.files[0];
    let text = String::from_utf8_lossy(bytes);
    match recognise(bytes) {
        Kind::Phonopy => {
            let yaml = read_phonopy_yaml(name, &text)?;
            let atoms = yaml.unit_cell.len();
            let constants =
                yaml.force_constants.is_some().then(|| yaml.into_force_constants(name)).transpose()?;
            Ok(constants.map_or(atoms, |constants| constants.phi.len()))
        }
        Kind::Constants => {
            let matrix = Matrix3::identity() * 2;
            read_force_constants(name, &text, &rock_salt(), matrix).map(|constants| constants.phi.len())
        }
        Kind::Crystal => read_poscar(name, &text).map(|cell| cell.len()),
        _ => Ok(found.notes.len()),
    }
}

/// What one reading came to.
struct Outcome {
    accepted: bool,
    memory: usize,
    time: Duration,
    /// What is wrong with the reader: which kind of fault, and the details.
    fault: Option<(String, String)>,
}

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Panics are told where they are caught.
fn hush() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, ToString::to_string);
        let message = info.payload_as_str().unwrap_or_default().to_owned();
        // An assertion of a test is told as usual.
        if place.contains("readers_robust") {
            eprintln!("{place}: {message}");
        }
        PANIC.with(|panic| *panic.borrow_mut() = format!("panic at {place}: {message}"));
    }));
}

/// The time that this thread has had of a processor, where the system says it.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn pass(name: &str, bytes: &[u8], beside: &[(String, Vec<u8>)]) -> Outcome {
    type Caught = std::result::Result<Result<usize>, Box<dyn Any + Send>>;
    let timed = || -> (Caught, Duration) {
        let start = Instant::now();
        (catch_unwind(AssertUnwindSafe(|| read(name, bytes, beside))), start.elapsed())
    };
    let ((found, mut time), memory) = most_held(timed);
    // What hangs does so again; of a machine that is busy with something else the time of the processor tells.
    for _ in 0..2 {
        if time >= *LONGEST {
            let before = processor_time();
            let again = timed().1;
            let on_processor = before.and_then(|before| processor_time()?.checked_sub(before));
            time = time.min(on_processor.unwrap_or(again));
        }
    }
    let said = |error: &Error| {
        let said = error.to_string();
        let fine = said.contains(", expected ") && !said.contains('\n') && said.len() < 2000;
        (!fine).then(|| ("no sentence".to_owned(), said))
    };
    let mut fault = match &found {
        Err(_) => {
            let panic = PANIC.with(RefCell::take);
            let place = panic.split(": ").next().unwrap_or_default();
            Some((place.to_owned(), panic))
        }
        Ok(Err(error)) => said(error),
        Ok(Ok(_)) => None,
    };
    if time >= *LONGEST {
        fault = fault.or_else(|| Some((format!("time, {name}"), format!("{time:?}"))));
    }
    if memory > MOST_MEMORY {
        fault = fault.or_else(|| Some((format!("memory, {name}"), format!("{memory} bytes"))));
    }
    Outcome { accepted: matches!(found, Ok(Ok(_))), memory, time, fault }
}

/// Damages by number: the same seed gives the same files, whichever thread makes them.
struct Damages {
    seeds: Vec<Seed>,
    /// Sums of the weights.
    sums: Vec<f64>,
    seed: u64,
}

impl Damages {
    fn new(seed: u64) -> Self {
        let seeds = seeds();
        let sums = seeds.iter().scan(0.0, |sum, seed| {
            *sum += seed.weight;
            Some(*sum)
        });
        Damages { sums: sums.collect(), seeds, seed }
    }

    /// The damaged file of an execution, and what it was.
    fn file(&self, execution: u64) -> (&Seed, Vec<u8>) {
        let mut random = Random(self.seed.wrapping_mul(0x2545_F491_4F6C_DD1D).wrapping_add(execution << 20));
        let one = self.pick(&mut random);
        let other = if random.one_in(2) { self.pick(&mut random) } else { one };
        // Parts of much longer files only make the reading longer.
        let part = if other.bytes.len() > 2 * one.bytes.len() + 4096 { &[] } else { &other.bytes[..] };
        (one, damage::damaged(&one.bytes, part, one.is_text, &mut random))
    }

    fn pick(&self, random: &mut Random) -> &Seed {
        let at = random.unit() * self.sums.last().unwrap();
        let n = self.sums.partition_point(|sum| *sum <= at);
        &self.seeds[n.min(self.seeds.len() - 1)]
    }
}

/// The number in an environment variable.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

/// Where failing files go.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz-readers")
}

fn keep(damages: &Damages, execution: u64) -> PathBuf {
    let (seed, bytes) = damages.file(execution);
    let path = folder().join(format!("{}-{execution}-{}", damages.seed, seed.name));
    std::fs::create_dir_all(folder()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// What happened to the files of one seed.
#[derive(Default, Clone)]
struct Tally {
    executions: u64,
    accepted: u64,
    time: Duration,
}

#[derive(Default)]
struct Report {
    faults: BTreeMap<String, (u64, String)>,
    tallies: BTreeMap<String, Tally>,
    memory: usize,
    time: Duration,
}

/// Reads that many damaged files with two threads; the faults, one of each kind.
fn run(damages: &Damages, executions: u64, is_told: bool) -> Report {
    const THREADS: usize = 2;
    const AT_ONCE: u64 = 64;
    let (next, working) = (AtomicU64::new(0), AtomicUsize::new(THREADS));
    let report = Mutex::new(Report::default());
    // The execution that each thread is at, and when it came there.
    let at = [const { AtomicU64::new(u64::MAX) }; THREADS];
    let ended = AtomicBool::new(false);
    let start = Instant::now();
    let work = |thread: usize| {
        let mut own = Report::default();
        // An abort or a stack overflow leaves the number of its execution here.
        let mut place = is_told.then(|| std::fs::File::create(unfinished(thread)).unwrap());
        loop {
            let first = next.fetch_add(AT_ONCE, Ordering::Relaxed);
            if first >= executions {
                break;
            }
            for execution in first..executions.min(first + AT_ONCE) {
                at[thread].store(execution, Ordering::Relaxed);
                if let Some(file) = &mut place {
                    file.rewind().and_then(|()| file.write_all(&execution.to_le_bytes())).unwrap();
                }
                let (seed, bytes) = damages.file(execution);
                let outcome = pass(&seed.name, &bytes, &seed.beside);
                if !own.tallies.contains_key(&seed.name) {
                    own.tallies.insert(seed.name.clone(), Tally::default());
                }
                let tally = own.tallies.get_mut(&seed.name).unwrap();
                tally.executions += 1;
                tally.accepted += u64::from(outcome.accepted);
                tally.time += outcome.time;
                own.memory = own.memory.max(outcome.memory);
                own.time = own.time.max(outcome.time);
                if let Some((kind, details)) = outcome.fault
                    && !own.faults.contains_key(&kind)
                {
                    let kept = keep(damages, execution);
                    eprintln!("execution {execution}: {details}\n  {}", kept.display());
                    own.faults.insert(kind, (execution, details));
                }
            }
        }
        let mut all = report.lock().unwrap();
        all.faults.extend(own.faults);
        for (name, tally) in own.tallies {
            let sum = all.tallies.entry(name).or_default();
            sum.executions += tally.executions;
            sum.accepted += tally.accepted;
            sum.time += tally.time;
        }
        all.memory = all.memory.max(own.memory);
        all.time = all.time.max(own.time);
        drop(all);
        if is_told {
            std::fs::remove_file(unfinished(thread)).unwrap();
        }
        at[thread].store(u64::MAX, Ordering::Relaxed);
        if working.fetch_sub(1, Ordering::Relaxed) == 1 {
            ended.store(true, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let work = &work;
            scope.spawn(move || work(thread));
        }
        let mut stuck = [(u64::MAX, Instant::now()); THREADS];
        let mut told = Instant::now();
        while !ended.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(50));
            for (now, last) in at.iter().zip(&mut stuck) {
                let now = now.load(Ordering::Relaxed);
                if now != last.0 {
                    *last = (now, Instant::now());
                } else if now != u64::MAX && last.1.elapsed() > HANGS {
                    let kept = keep(damages, now);
                    eprintln!("execution {now} does not end\n  {}", kept.display());
                    std::process::exit(1);
                }
            }
            if is_told && told.elapsed() > Duration::from_secs(10) {
                told = Instant::now();
                let done = next.load(Ordering::Relaxed).min(executions);
                println!(
                    "{done} of {executions}, {:.0} a second",
                    done as f64 / start.elapsed().as_secs_f64()
                );
            }
        }
    });
    report.into_inner().unwrap()
}

fn unfinished(thread: usize) -> PathBuf {
    folder().join(format!("unfinished-{thread}"))
}

#[test]
fn damaged_files_are_refused_or_read_in_bounds() {
    hush();
    let damages = Damages::new(SEED);
    let report = run(&damages, FEW, false);
    println!("at most {} kB and {:?}", report.memory >> 10, report.time);
    assert!(report.faults.is_empty(), "{:#?}", report.faults);
    for tally in report.tallies.values() {
        assert!(tally.executions > 0);
    }
}

#[test]
fn files_cut_off_anywhere_are_refused_or_read() {
    hush();
    for seed in seeds() {
        for part in 0..50 {
            let end = seed.bytes.len() * part / 50;
            let outcome = pass(&seed.name, &seed.bytes[..end], &seed.beside);
            assert!(outcome.fault.is_none(), "{} cut at {end}: {:?}", seed.name, outcome.fault);
        }
    }
}

#[test]
#[ignore = "takes as long as it is told to: cargo xtask fuzz-readers"]
fn many_damaged_files() {
    hush();
    let damages = Damages::new(number("TDS_FUZZ_SEED").unwrap_or(1));
    let executions = number("TDS_FUZZ_EXECUTIONS").unwrap_or(1_000_000);
    std::fs::create_dir_all(folder()).unwrap();
    if std::env::var_os("TDS_FUZZ_UNFINISHED").is_some() {
        for thread in 0.. {
            let Ok(bytes) = std::fs::read(unfinished(thread)) else { break };
            if let Ok(bytes) = bytes.try_into() {
                let kept = keep(&damages, u64::from_le_bytes(bytes));
                println!("one of these ended the process: {}", kept.display());
            }
            std::fs::remove_file(unfinished(thread)).unwrap();
        }
        return;
    }
    let start = Instant::now();
    let report = run(&damages, executions, true);
    if std::env::var_os("TDS_FUZZ_TABLE").is_some() {
        for (name, Tally { executions, accepted, time }) in &report.tallies {
            let each = time.as_secs_f64() * 1e6 / *executions as f64;
            println!("{name:<45} {executions:>8} {accepted:>8} accepted {each:>8.1} µs each");
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{executions} executions in {seconds:.0} s, {:.0} a second, seed {}; at most {} MB and {:.0} ms; {} faults",
        executions as f64 / seconds,
        damages.seed,
        report.memory >> 20,
        report.time.as_secs_f64() * 1e3,
        report.faults.len()
    );
    assert!(report.faults.is_empty(), "{:#?}\nthe files are in {}", report.faults, folder().display());
}
