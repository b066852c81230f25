//! Speed and memory by atoms in the cell: the same crystals native, as WebAssembly, and in phonopy and Euphonic, on this machine
//! and in one run; writes the table of `docs/speed.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::check::heading;
use crate::pkg;
use crate::tools::{self, Checkout};

const FILE: &str = "docs/speed.md";
const BEGIN: &str = "<!-- cargo xtask bench atoms: begin -->";
const END: &str = "<!-- cargo xtask bench atoms: end -->";

/// Atoms along the axes of the cells.
const SHAPES: [[usize; 3]; 7] = [[1, 1, 1], [2, 1, 1], [2, 2, 1], [3, 2, 1], [5, 2, 1], [5, 2, 2], [5, 3, 2]];

/// All is measured so often, one program after the other, and the fastest counts: a machine is seldom idle.
const ROUNDS: usize = 3;

/// Of each number of atoms, what each program took, s; bytes of each pixel.
type Measured = BTreeMap<u64, BTreeMap<String, f64>>;

pub fn run(checkout: &Checkout) -> Result<()> {
    heading("building");
    let node = tools::ensure_node(checkout)?;
    let package = pkg::build_benches(checkout)?;
    let python = tools::ensure_python_with(checkout, "tests/bench/requirements.txt", "target/python-bench")?;
    let shapes = serde_json::to_string(&SHAPES)?;
    let mut all = Measured::new();
    for round in 1..=ROUNDS {
        heading(&format!("round {round} of {ROUNDS}"));
        // One process for each: memory that it has given back it would take again.
        for shape in SHAPES {
            let bench = ["bench", "--locked", "--package", "tds-benches", "--bench", "atoms", "--"];
            let mut native = checkout.cargo();
            native.args(bench).args(shape.map(|n| n.to_string()));
            add(&mut all, "", &tools::output(&mut native)?)?;
        }
        let mut wasm = checkout.command(&node);
        wasm.arg("tests/node/atoms.js").arg(&package).arg(&shapes);
        add(&mut all, "wasm ", &tools::output(&mut wasm)?)?;
        let mut others = checkout.command(&python);
        others.arg("tests/bench/atoms.py").arg(&shapes);
        add(&mut all, "", &tools::output(&mut others)?)?;
    }
    let text = table(&all)?;
    println!("\n{text}");
    tools::write_between(&checkout.path(FILE), [BEGIN, END], &text)
}

/// Keeps the smallest of each number.
fn add(all: &mut Measured, before: &str, lines: &str) -> Result<()> {
    for line in lines.lines().filter(|line| line.starts_with('{')) {
        let found: BTreeMap<String, Value> = serde_json::from_str(line).with_context(|| line.to_owned())?;
        let atoms = found.get("atoms").and_then(Value::as_u64).context("no `atoms`")?;
        let row = all.entry(atoms).or_default();
        for (name, value) in found {
            let Some(value) = value.as_f64() else { continue };
            let known = row.entry(format!("{before}{name}")).or_insert(value);
            *known = known.min(value);
        }
    }
    Ok(())
}

fn table(all: &Measured) -> Result<String> {
    let mut text = String::from(
        "| atoms | classical / µs | quantum | WebAssembly, classical | quantum | bytes of a pixel (of each constant) | eigh of numpy / µs | phonopy | Euphonic | eigh / classical | eigh / quantum | phonopy / quantum | Euphonic / quantum |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for (atoms, row) in all {
        let get =
            |name: &str| row.get(name).copied().with_context(|| format!("no `{name}` of {atoms} atoms"));
        let micro = |name: &str| get(name).map(|x| Digits(1e6 * x).to_string());
        let ratio = |a: &str, b: &str| Ok::<_, anyhow::Error>(format!("{}", Digits(get(a)? / get(b)?)));
        let (bytes, constants) = (get("bytes")?, get("constants")?);
        let cells = [
            atoms.to_string(),
            micro("classical")?,
            micro("quantum")?,
            micro("wasm classical")?,
            micro("wasm quantum")?,
            format!("{bytes:.0} ({:.0})", bytes / constants),
            micro("eigh")?,
            micro("phonopy")?,
            micro("euphonic")?,
            ratio("eigh", "classical")?,
            ratio("eigh", "quantum")?,
            ratio("phonopy", "quantum")?,
            ratio("euphonic", "quantum")?,
        ];
        writeln!(text, "| {} |", cells.join(" | "))?;
    }
    Ok(text)
}

/// A number with two digits, or as many as it has before the point.
struct Digits(f64);

impl std::fmt::Display for Digits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let places = (1.0 - self.0.abs().log10().floor()).max(0.0) as usize;
        write!(f, "{:.places$}", self.0)
    }
}
