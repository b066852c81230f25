//! Simulates the measurements of `www/examples/index.json`: each job there with known constants in the
//! place of its data, written as the file that the job reads.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::tools::{self, Checkout};

pub const FOLDER: &str = "www/examples";

/// Significant digits of σ: more would only make the file larger.
const SIGMA_DIGITS: usize = 4;

pub fn run(checkout: &Checkout) -> Result<()> {
    tools::run(checkout.cargo().args(["build", "--release", "--locked", "--bin", "tds"]))?;
    let program = checkout.path("target/release").join(format!("tds{}", std::env::consts::EXE_SUFFIX));
    let folder = checkout.path(FOLDER);
    let list = read(&folder.join("index.json"))?;
    for entry in list.as_array().context("index.json is not a list")? {
        let text = |key: &str| entry[key].as_str().with_context(|| format!("an entry has no `{key}`"));
        let job = read(&folder.join(text("job")?))?;
        let file = job["data"][0]["file"].as_str().context("a job without a data file")?;
        // Beside the jobs, because files that a job names lie beside it.
        let simulating = folder.join(format!(".simulating-{}", text("job")?));
        fs::write(&simulating, simulation(&job, &entry["simulation"]).to_string())?;
        let raw = checkout.path("target").join(format!("example-{file}"));
        let outcome =
            tools::run(checkout.command(&program).arg("simulate").arg(&simulating).arg("--out").arg(&raw));
        fs::remove_file(&simulating)?;
        outcome?;
        let table = fs::read_to_string(&raw).with_context(|| raw.display().to_string())?;
        let heading = format!("Simulated, not measured: {}. Constants: {}.", text("title")?, text("source")?);
        let written = compact(&table, &heading)?;
        println!("{file}: {} rows, {} kB", written.lines().count() - 3, written.len() / 1000);
        fs::write(folder.join(file), written)?;
    }
    Ok(())
}

/// The job with a measurement of its reference in the place of its data.
fn simulation(job: &Value, how: &Value) -> Value {
    let mut job = job.clone();
    let mut synthetic = how.clone();
    synthetic["values"] = job["reference"].clone();
    job["data"] = json!([{ "synthetic": synthetic }]);
    job
}

/// The table with a heading, with whole counts and short coordinates and σ.
fn compact(table: &str, heading: &str) -> Result<String> {
    let mut lines = table.lines();
    let names = lines.next().context("an empty table")?;
    ensure!(names == "h,k,l,intensity,sigma", "`{names}` is not what `tds simulate` writes");
    let mut text =
        format!("# {heading}\n# h k l in reciprocal lattice units, counts, standard error\n{names}\n");
    for line in lines {
        let numbers: Vec<f64> =
            line.split(',').map(str::parse).collect::<Result<_, _>>().context("a number")?;
        let &[h, k, l, counts, sigma] = numbers.as_slice() else {
            anyhow::bail!("`{line}` is not a row of five numbers");
        };
        // Adding zero turns −0 into 0.
        let place = |x: f64| (x * 1e6).round() / 1e6 + 0.0;
        let digits = 10f64.powi(SIGMA_DIGITS as i32 - 1 - sigma.log10().floor() as i32);
        let sigma = (sigma * digits).round() / digits;
        writeln!(text, "{},{},{},{counts},{sigma}", place(h), place(k), place(l))?;
    }
    Ok(text)
}

fn read(path: &std::path::Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn tables_become_short_and_say_what_they_are() {
        let raw = "h,k,l,intensity,sigma\n-0.20000000000000018,-0,0.5,3579,59.82474\n";
        let text = compact(raw, "Simulated").unwrap();
        assert!(text.starts_with("# Simulated\n"));
        assert!(text.ends_with("h,k,l,intensity,sigma\n-0.2,0,0.5,3579,59.82\n"), "{text}");
        assert!(compact("h,k,l\n", "").is_err());
    }

    #[test]
    fn what_is_simulated_are_the_constants_that_the_page_calls_truth() {
        let job = json!({"reference": {"library": "cu_296"}, "data": [{"file": "cu.csv"}]});
        let job = simulation(&job, &json!({"seed": 1}));
        assert_eq!(job["data"], json!([{"synthetic": {"seed": 1, "values": {"library": "cu_296"}}}]));
    }
}
