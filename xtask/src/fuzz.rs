//! Many damaged jobs through `tds`, and many damaged files through the readers: numbers or one line, never a panic.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::check::heading;
use crate::tools::{self, Checkout};

/// Jobs where nobody says how many.
const JOBS: u64 = 100_000;

/// Damaged files where nobody says how many.
const EXECUTIONS: u64 = 10_000_000;

/// `seed`: the same seed gives the same jobs; without it, the clock's.
pub fn run(checkout: &Checkout, jobs: Option<u64>, seed: Option<u64>) -> Result<()> {
    let (jobs, seed) = (jobs.unwrap_or(JOBS), seed.unwrap_or_else(clock));
    heading(&format!("{jobs} damaged jobs, seed {seed}"));
    let mut cargo = ignored_test(checkout, "fuzz");
    cargo.env("TDS_FUZZ_JOBS", jobs.to_string()).env("TDS_FUZZ_SEED", seed.to_string());
    tools::run(&mut cargo)
}

/// `seed`: the same seed gives the same files; without it, the clock's.
pub fn readers(checkout: &Checkout, executions: Option<u64>, seed: Option<u64>) -> Result<()> {
    let (executions, seed) = (executions.unwrap_or(EXECUTIONS), seed.unwrap_or_else(clock));
    heading(&format!("{executions} damaged files, seed {seed}"));
    let test = || {
        let mut cargo = ignored_test(checkout, "readers_robust");
        cargo.env("TDS_FUZZ_EXECUTIONS", executions.to_string()).env("TDS_FUZZ_SEED", seed.to_string());
        cargo
    };
    let outcome = tools::run(&mut test());
    if outcome.is_err() {
        // What ends the process, such as a stack that overflows, is found by the numbers that it left behind.
        tools::run(test().env("TDS_FUZZ_UNFINISHED", "1"))?;
    }
    outcome
}

fn clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |d| d.as_secs())
}

/// The test of that name that the suite passes over, in the profile of tests: optimised, and overflows are caught.
fn ignored_test(checkout: &Checkout, name: &str) -> std::process::Command {
    let mut cargo = checkout.cargo();
    cargo.args(["test", "--locked", "--package", "tds-inversion", "--test", name]);
    cargo.args(["--", "--ignored", "--nocapture"]);
    cargo
}
