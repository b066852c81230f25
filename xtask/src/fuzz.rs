//! Many damaged jobs and files through `tds`: numbers or one line, never a panic.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::check::heading;
use crate::tools::{self, Checkout};

/// Jobs where nobody says how many.
const JOBS: u64 = 100_000;

/// `seed`: the same seed gives the same jobs; without it, the clock's.
pub fn run(checkout: &Checkout, jobs: Option<u64>, seed: Option<u64>) -> Result<()> {
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |d| d.as_secs());
    let (jobs, seed) = (jobs.unwrap_or(JOBS), seed.unwrap_or_else(clock));
    heading(&format!("{jobs} damaged jobs, seed {seed}"));
    let test = ["test", "--locked", "--package", "tds-inversion", "--test", "fuzz"];
    let only = ["--", "--ignored", "--nocapture"];
    let mut cargo = checkout.cargo();
    cargo.args(test).args(only).env("TDS_FUZZ_JOBS", jobs.to_string()).env("TDS_FUZZ_SEED", seed.to_string());
    tools::run(&mut cargo)
}
