//! Builds, serves, checks and tests TDS Inversion: `cargo xtask COMMAND`.
//!
//! Each command installs what it needs and is missing, so that `serve` and `test` work on a machine
//! that has nothing but Rust (and, for `test`, Node.js).

#![warn(clippy::unwrap_used)]

mod atoms;
mod bench;
mod check;
mod dist;
mod docs;
mod examples;
mod floors;
mod fuzz;
mod nickel;
mod pkg;
mod serve;
mod tests;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};
use tools::Checkout;

const HELP: &str = "\
usage: cargo xtask COMMAND

  serve [PORT]      serve the page on this machine (port 8080, or the next free one)
  test [STAGE...]   pass all tests, or the stages named: native python wasm types browser single-file
  build             rebuild pkg/ from the sources
  dist              the page as a folder for any server (dist/site) and as one file for a disk (dist/tds-inversion.html)
  check             formatting, lints for both targets, and whether docs/ and pkg/ are what the sources give
  docs              write docs/job.md, the schemas and the types of the package from the Rust types
  size              the size of the compiled package, compared with its limit
  reproduce         rebuild pkg/ and compare it byte for byte with what was there
  bench             how fast the kernels are, native and as WebAssembly
  bench atoms       speed and memory by atoms in the cell, beside phonopy and Euphonic: writes the table of docs/speed.md
  large-volume      open and fit a volume of 401 × 401 × 401 voxels in the page: times and memory
  examples          simulate the measurements that come with the page (www/examples)
  fuzz [JOBS [SEED]] pass damaged jobs and files through tds (100000 by default: an hour or more)
  fuzz-readers [EXECUTIONS [SEED]]  pass damaged files through the readers (10000000 by default)
  misuse [STEPS [SEED]]  misuse the page at random in Chromium (2000 steps take about half an hour)
  endurance [MINUTES]  slide, fit and scrub in Chromium (an hour): the heap of the page and its workers does not grow
  single-file       all tests in the browser that one file on a disk can pass (half an hour; `test` passes most of them)
  nickel            run the nickel benchmark and write its tables into docs/nickel.md (some minutes)
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let checkout = Checkout::find()?;
    match words.as_slice() {
        [] | ["help" | "--help" | "-h", ..] => {
            print!("{HELP}");
            Ok(())
        }
        ["serve"] => serve::run(&checkout, None),
        ["serve", port] => match port.parse() {
            Ok(port) => serve::run(&checkout, Some(port)),
            Err(_) => bail!("`{port}` is not a port, expected a number from 1 to 65535"),
        },
        ["test", stages @ ..] => tests::run(&checkout, stages),
        ["build"] => pkg::build(&checkout),
        ["single-file"] => tests::whole_single_file(&checkout),
        ["dist"] => dist::run(&checkout),
        ["docs"] => docs::write(&checkout),
        ["check"] => check::run(&checkout),
        ["size"] => pkg::check_size(&checkout),
        ["reproduce"] => pkg::reproduce(&checkout),
        ["examples"] => examples::run(&checkout),
        ["fuzz", numbers @ ..] if numbers.len() <= 2 && numbers.iter().all(|n| n.parse::<u64>().is_ok()) => {
            let number = |at: usize| numbers.get(at).and_then(|n| n.parse().ok());
            fuzz::run(&checkout, number(0), number(1))
        }
        ["fuzz-readers", numbers @ ..]
            if numbers.len() <= 2 && numbers.iter().all(|n| n.parse::<u64>().is_ok()) =>
        {
            let number = |at: usize| numbers.get(at).and_then(|n| n.parse().ok());
            fuzz::readers(&checkout, number(0), number(1))
        }
        ["misuse", numbers @ ..]
            if numbers.len() <= 2 && numbers.iter().all(|n| n.parse::<u64>().is_ok()) =>
        {
            tests::misuse(&checkout, numbers.first().copied(), numbers.get(1).copied())
        }
        ["endurance", minutes @ ..]
            if minutes.len() <= 1 && minutes.iter().all(|n| n.parse::<u32>().is_ok()) =>
        {
            tests::endurance(&checkout, minutes.first().copied())
        }
        ["nickel"] => nickel::run(&checkout),
        ["bench"] => bench::run(&checkout),
        ["bench", "atoms"] => atoms::run(&checkout),
        ["large-volume"] => bench::large_volume(&checkout),
        _ => bail!("`cargo xtask {}` is not a command\n\n{HELP}", words.join(" ")),
    }
}
