//! All tests, in stages that can be named, with one table at the end.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::check::heading;
use crate::dist;
use crate::pkg;
use crate::serve;
use crate::tools::{self, Checkout};

type Stage = fn(&Checkout) -> Result<Counts>;

/// Name, what it covers, how it runs.
const STAGES: &[(&str, &str, Stage)] = &[
    ("native", "Rust tests and doc tests", native),
    ("python", "files that h5py, numpy, tifffile and phonopy write", python),
    ("wasm", "the package under Node.js", wasm),
    ("types", "types of the page's JavaScript", types),
    ("browser", "the page in Chromium", browser),
    ("single-file", "the page as one file from a disk in Chromium", single_file),
];

/// What a test runner reports.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
    /// What failed, as far as the runner names it.
    names: Vec<String>,
}

/// Runs the stages named, or all of them; an error when any fails.
pub fn run(checkout: &Checkout, names: &[&str]) -> Result<()> {
    let known: Vec<&str> = STAGES.iter().map(|(name, ..)| *name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        bail!("`{unknown}` is not a stage, expected some of {}", known.join(" "));
    }
    let mut rows: Vec<(&str, Result<Counts>, Duration)> = Vec::new();
    for (name, what, stage) in STAGES.iter().filter(|(name, ..)| names.is_empty() || names.contains(name)) {
        heading(&format!("{name}: {what}"));
        let start = Instant::now();
        let outcome = stage(checkout);
        if let Err(error) = &outcome {
            println!("\n{name} failed: {error:#}");
        }
        rows.push((name, outcome, start.elapsed()));
    }

    heading("summary");
    for (name, outcome, time) in &rows {
        let verdict = match outcome {
            Ok(Counts { passed, skipped: 0, .. }) => format!("ok      {passed} passed"),
            Ok(Counts { passed, skipped, .. }) => format!("ok      {passed} passed, {skipped} skipped"),
            Err(error) => format!("FAILED  {error:#}"),
        };
        println!("{name:<9}{:>6.1} s  {verdict}", time.as_secs_f64());
    }
    let failed: Vec<&str> =
        rows.iter().filter(|(_, outcome, _)| outcome.is_err()).map(|(name, ..)| *name).collect();
    ensure!(failed.is_empty(), "these tests failed: {}", failed.join(", "));
    Ok(())
}

fn native(checkout: &Checkout) -> Result<Counts> {
    // Two runs, because the helpers are built already, and differently.
    let helpers =
        counted(checkout.cargo().args(["test", "--locked", "--package", "xtask", "--profile", "xtask"]));
    let library =
        counted(checkout.cargo().args(["test", "--locked", "--package", "tds-inversion", "--no-fail-fast"]))?;
    Ok(library.and(helpers?))
}

/// Files of other programs, written here by themselves and read back by `tds` (the seed is the clock's), and files of `tds` that
/// another program reads.
fn python(checkout: &Checkout) -> Result<Counts> {
    let python = tools::ensure_python(checkout)?;
    let runner = native_runner(checkout)?;
    let folder = checkout.path("target/round-trips");
    let foreign = counted(
        checkout
            .command(&python)
            .arg("tests/python/round_trips.py")
            .args([runner.as_path(), folder.as_path()]),
    )?;
    let folder = checkout.path("target/lammps");
    let ours = counted(checkout.command(python).arg("tests/python/lammps.py").args([runner, folder]))?;
    Ok(foreign.and(ours))
}

fn wasm(checkout: &Checkout) -> Result<Counts> {
    pkg::ensure_fresh(checkout)?;
    pkg::check_contents(checkout)?;
    pkg::check_size(checkout)?;
    let runner = native_runner(checkout)?;
    counted(node_tests(checkout, "tests/node", &[])?.env("TDS", runner))
}

fn types(checkout: &Checkout) -> Result<Counts> {
    pkg::ensure_fresh(checkout)?;
    let node = tools::ensure_node(checkout)?;
    tools::ensure_npm_packages(checkout)?;
    let mut counts = Counts::default();
    // A page and a worker have different globals, so each gets a project of its own.
    for project in ["tests/types/page.json", "tests/types/worker.json"] {
        println!("tsc --project {project}");
        tools::run(checkout.command(&node).args([
            "tests/node_modules/typescript/bin/tsc",
            "--project",
            project,
        ]))?;
        counts.passed += 1;
    }
    Ok(counts)
}

fn browser(checkout: &Checkout) -> Result<Counts> {
    // One browser at a time, so that a slow machine does not turn into a failed test.
    counted(&mut with_browser(checkout, node_tests(checkout, "tests/browser", &["--test-concurrency=1"])?)?)
}

/// Of the tests in the browser those that ask nothing of a server and touch every view and every kind of worker.
const FOR_SINGLE_FILE: &[&str] = &[
    "page", "hands", "views", "crystal", "masks", "links", "lessons", "given", "content", "export", "zone",
    "volume",
];

/// Tests of the browser that are not of the page: they start servers, packages or other browsers, or take an hour.
const NOT_OF_ONE_FILE: &[&str] = &["endurance", "firefox", "misuse", "offline", "package", "single-file"];

fn single_file(checkout: &Checkout) -> Result<Counts> {
    as_one_file(checkout, FOR_SINGLE_FILE.iter().map(|name| (*name).to_owned()))
}

/// Everything in the browser that one file on a disk can do: longer than what [`run`] does of it.
pub fn whole_single_file(checkout: &Checkout) -> Result<()> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(checkout.path("tests/browser"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".test.js").map(str::to_owned));
    }
    names.retain(|name| !NOT_OF_ONE_FILE.contains(&name.as_str()));
    names.sort();
    as_one_file(checkout, names.into_iter()).map(drop)
}

fn as_one_file(checkout: &Checkout, names: impl Iterator<Item = String>) -> Result<Counts> {
    let mut command = checkout.command(tools::ensure_node(checkout)?);
    command.args(["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    command.args(names.map(|name| format!("tests/browser/{name}.test.js")));
    let mut command = with_browser(checkout, command)?;
    counted(command.env("TDS_ADDRESS", dist::single_file_address(checkout)))
}

/// Walks the page at random; `steps` and `seed` as numbers.
pub fn misuse(checkout: &Checkout, steps: Option<&str>, seed: Option<&str>) -> Result<()> {
    let mut command = checkout.command(tools::ensure_node(checkout)?);
    command.args(["--test", "--test-reporter=spec", "tests/browser/misuse.test.js"]);
    command.env("MISUSES", steps.unwrap_or("2000"));
    if let Some(seed) = seed {
        command.env("SEED", seed);
    }
    counted(&mut with_browser(checkout, command)?).map(|_| ())
}

/// Plays with the page for so many minutes and measures what it holds.
pub fn endurance(checkout: &Checkout, minutes: Option<&str>) -> Result<()> {
    let mut command = checkout.command(tools::ensure_node(checkout)?);
    command.args(["--test", "--test-reporter=spec", "tests/browser/endurance.test.js"]);
    command.env("MINUTES", minutes.unwrap_or("60"));
    counted(&mut with_browser(checkout, command)?).map(|_| ())
}

/// A command that finds the page served, the page to be handed out, and a Chromium.
pub fn with_browser(checkout: &Checkout, mut command: Command) -> Result<Command> {
    pkg::ensure_fresh(checkout)?;
    tools::ensure_npm_packages(checkout)?;
    command.env("TDS_DIST", dist::make(checkout)?);
    let chromium = tools::ensure_chromium(checkout)?;
    let address = serve::start(checkout, None)?;
    command.env("TDS_ADDRESS", address).env("CHROMIUM", chromium);
    if let Some(firefox) = tools::firefox() {
        command.env("FIREFOX", firefox);
    }
    Ok(command)
}

/// The program `tds`, as the native tests built it.
pub fn native_runner(checkout: &Checkout) -> Result<PathBuf> {
    let build = [
        "build",
        "--locked",
        "--profile",
        "test",
        "--bin",
        "tds",
        "--message-format",
        "json-render-diagnostics",
    ];
    let messages = tools::output(checkout.cargo().args(build))?;
    let program = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    program.context("cargo built no program `tds`")
}

/// Node's test runner over the test files of a folder, named one by one: Node 20 and 22 disagree about
/// what a folder means.
fn node_tests(checkout: &Checkout, folder: &str, options: &[&str]) -> Result<Command> {
    let node = tools::ensure_node(checkout)?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(checkout.path(folder)).with_context(|| folder.to_owned())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.js") {
            files.push(format!("{folder}/{name}"));
        }
    }
    ensure!(!files.is_empty(), "{folder} holds no file whose name ends in `.test.js`");
    files.sort();
    let mut command = checkout.command(node);
    command.args(["--test", "--test-reporter=spec"]).args(options).args(files);
    Ok(command)
}

/// Runs a test runner, showing its output as it comes and reading the counts from it.
fn counted(command: &mut Command) -> Result<Counts> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("the test runner did not start")?;
    let stdout = child.stdout.take().context("the test runner has no output")?;
    let mut counts = Counts::default();
    for line in BufReader::new(stdout).lines() {
        let line = line.context("the test runner printed no text")?;
        println!("{line}");
        counts.read(&line);
    }
    let status = child.wait()?;
    let names: String = counts.names.iter().map(|name| format!("\n                   {name}")).collect();
    ensure!(status.success() && counts.failed == 0, "{} tests failed ({status}){names}", counts.failed);
    ensure!(counts.passed > 0, "no test ran");
    Ok(counts)
}

impl Counts {
    fn and(self, other: Counts) -> Counts {
        Counts {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
            names: self.names.into_iter().chain(other.names).collect(),
        }
    }

    /// Adds what a line of output says: `test result: ok. 3 passed; 0 failed; 1 ignored; …` from cargo,
    /// `ℹ pass 3` from Node.
    fn read(&mut self, line: &str) {
        let words: Vec<&str> = line.trim_start_matches(['ℹ', '#', ' ']).split_whitespace().collect();
        match words.as_slice() {
            ["test", "result:", _, rest @ ..] => {
                for pair in rest.chunks(2) {
                    self.add(pair[pair.len() - 1].trim_end_matches(';'), pair[0]);
                }
            }
            [kind @ ("pass" | "fail" | "skipped"), number] => self.add(kind, number),
            // Node says it when it happens and again at the end, cargo by the test's own line.
            ["✖", "failing", "tests:"] => {}
            ["✖", name @ .., _time] if !name.is_empty() => self.name(&name.join(" ")),
            ["test", name, "...", "FAILED"] => self.name(name),
            _ => {}
        }
    }

    fn name(&mut self, name: &str) {
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    fn add(&mut self, kind: &str, number: &str) {
        let number = number.parse().unwrap_or(0);
        match kind {
            "passed" | "pass" => self.passed += number,
            "failed" | "fail" => self.failed += number,
            "ignored" | "skipped" => self.skipped += number,
            _ => {}
        }
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn counts_are_read_from_both_runners() {
        let mut counts = Counts::default();
        counts.read(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s",
        );
        counts.read("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        counts.read("test hkl_is_found ... FAILED");
        counts.read("✖ a path is typed (2166.516392ms)");
        counts.read("✖ failing tests:");
        counts.read("✖ a path is typed (2166.516392ms)");
        counts.read("ℹ pass 4");
        counts.read("ℹ fail 1");
        counts.read("ℹ skipped 0");
        counts.read("ℹ duration_ms 12");
        let names = ["hkl_is_found", "a path is typed"].map(str::to_owned).to_vec();
        assert_eq!(counts, Counts { passed: 8, failed: 3, skipped: 1, names });
    }
}
