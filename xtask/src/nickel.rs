//! The nickel benchmark: runs the jobs of `www/examples/nickel/` and writes what came out as tables,
//! on the terminal and into docs/nickel.md.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::tools::{self, Checkout};

const JOBS: &str = "www/examples/nickel";
const TABLES: &str = "docs/nickel.md";
const BEGIN: &str = "<!-- cargo xtask nickel: begin -->";
const END: &str = "<!-- cargo xtask nickel: end -->";

/// Where snapshots make the result a matter of luck, the job runs with this many seeds: its own and the
/// next ones.
const SEEDS: u64 = 5;

/// One job and what came of it, for each seed.
struct Outcome {
    file: String,
    title: String,
    results: Vec<Value>,
}

pub fn run(checkout: &Checkout) -> Result<()> {
    tools::run(checkout.cargo().args(["build", "--release", "--locked", "--bin", "tds"]))?;
    let results = checkout.path("target/nickel");
    fs::create_dir_all(&results).context("target/nickel")?;
    let list = read(&checkout.path(JOBS).join("index.json"))?;
    let mut outcomes = Vec::new();
    for entry in list.as_array().context("index.json is not a list")? {
        let text = |key: &str| entry[key].as_str().map(str::to_owned).with_context(|| format!("no `{key}`"));
        let (file, title) = (text("file")?, text("title")?);
        println!("{title}");
        let job = read(&checkout.path(JOBS).join(&file))?;
        let runs = (0..if is_sampled(&job) { SEEDS } else { 1 }).map(|n| {
            let path = results.join(format!("job_{n}_{file}"));
            fs::write(&path, serde_json::to_string_pretty(&reseeded(&job, n))?)?;
            fit(checkout, &path, &results.join(format!("result_{n}_{file}")))
        });
        let results = runs.collect::<Result<_>>()?;
        outcomes.push(Outcome { file, title, results });
    }
    let text = tables(&outcomes)?;
    println!("\n{text}");
    tools::write_between(&checkout.path(TABLES), [BEGIN, END], &text)
}

/// Runs `tds fit` and reads what it wrote.
fn fit(checkout: &Checkout, job: &Path, out: &Path) -> Result<Value> {
    let program = checkout.path("target/release").join(format!("tds{}", std::env::consts::EXE_SUFFIX));
    let mut command = checkout.command(program);
    command.arg("fit").arg(job).arg("--out").arg(out).stderr(Stdio::null());
    let name = job.display();
    let status = command.status().with_context(|| format!("could not start `tds fit {name}`"))?;
    // 1: it stopped without having converged, which the table tells.
    ensure!(matches!(status.code(), Some(0 | 1)), "`tds fit {name}` failed ({status})");
    read(out)
}

fn models(job: &Value) -> impl Iterator<Item = &Value> {
    let data = job["data"].as_array().into_iter().flatten();
    data.map(|data| &data["synthetic"]["model"]).chain([&job["model"]])
}

fn is_sampled(job: &Value) -> bool {
    models(job).any(|model| model["order"] == "sampled")
}

/// The job with other snapshots.
fn reseeded(job: &Value, by: u64) -> Value {
    let mut job = job.clone();
    let shift = |model: &mut Value| {
        if let Some(seed) = model["seed"].as_u64() {
            model["seed"] = (seed + by).into();
        }
    };
    shift(&mut job["model"]);
    for data in job["data"].as_array_mut().into_iter().flatten() {
        if data["synthetic"]["model"].is_object() {
            shift(&mut data["synthetic"]["model"]);
        }
    }
    job
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

fn tables(outcomes: &[Outcome]) -> Result<String> {
    let (potentials, constants): (Vec<&Outcome>, Vec<&Outcome>) =
        outcomes.iter().partition(|o| o.file.starts_with("potential_"));
    let (partial, whole): (Vec<&Outcome>, Vec<&Outcome>) =
        constants.into_iter().partition(|o| o.file.starts_with("partial_"));
    let mut text = String::new();
    text +=
        "| | error / eV Å⁻², rms | largest | dispersion / THz, rms | iterations | seconds | χ²/n | ended |\n";
    text += "|---|---|---|---|---|---|---|---|\n";
    for outcome in whole {
        text += &outcome.convergence()?;
    }
    text += "\n| | data | constants determined | σ / eV Å⁻², median | worst error / σ | χ²/n | left undetermined | ended |\n";
    text += "|---|---|---|---|---|---|---|---|\n";
    for outcome in &partial {
        text += &outcome.knowledge()?;
    }
    text += &recovered(&partial)?;
    text += "\n| | χ²/n | C11 / GPa | C12 / GPa | C44 / GPa | iterations | ended |\n";
    text += "|---|---|---|---|---|---|---|\n";
    for outcome in &potentials {
        text += &outcome.elasticity()?;
    }
    Ok(text)
}

/// Every constant of the partial data with its σ; those that the data do not determine are struck out.
fn recovered(partial: &[&Outcome]) -> Result<String> {
    let parameters = |o: &Outcome| o.results[0]["parameters"].as_array().cloned().unwrap_or_default();
    let columns: Vec<Vec<Value>> = partial.iter().map(|o| parameters(o)).collect();
    let first = columns.first().context("no partial data")?;
    let mut text = String::from("\n<details><summary>The constants, eV Å⁻²</summary>\n\n| | truth |");
    for outcome in partial {
        write!(text, " {} |", outcome.title.trim_start_matches("Partial data: "))?;
    }
    text += "\n|---|---|";
    text += &"---|".repeat(partial.len());
    text += "\n";
    for (row, parameter) in first.iter().enumerate() {
        let name = parameter["label"].as_str().context("a parameter without label")?;
        write!(text, "| {name} | {:.4} |", parameter["reference"].as_f64().context("no reference")?)?;
        for column in &columns {
            let p = column.get(row).context("fits of different constants")?;
            let value = p["value"].as_f64().context("no value")?;
            let number = match p["sigma"].as_f64() {
                Some(sigma) => format!("{value:.4} ± {sigma:.4}"),
                None => format!("{value:.4}"),
            };
            match p["determined"].as_bool() {
                Some(true) => write!(text, " {number} |")?,
                _ => write!(text, " ~~{number}~~ |")?,
            }
        }
        text += "\n";
    }
    text += "\n</details>\n";
    Ok(text)
}

/// How far a constant is from what it should be, its σ, whether it is determined.
struct Constant {
    error: f64,
    sigma: f64,
    is_determined: bool,
}

impl Outcome {
    /// Of each run.
    fn numbers(&self, key: &str) -> Result<Vec<f64>> {
        let one = |r: &Value| r[key].as_f64().with_context(|| format!("{}: no `{key}`", self.file));
        self.results.iter().map(one).collect()
    }

    /// The root of the mean square over the runs.
    fn number(&self, key: &str) -> Result<f64> {
        Ok(rms(&self.numbers(key)?))
    }

    fn constants(result: &Value) -> Result<Vec<Constant>> {
        let list = result["parameters"].as_array().context("no `parameters` in the result")?;
        let one = |p: &Value| {
            Some(Constant {
                error: (p["value"].as_f64()? - p["reference"].as_f64()?).abs(),
                sigma: p["sigma"].as_f64().unwrap_or(f64::INFINITY),
                is_determined: p["determined"].as_bool()?,
            })
        };
        list.iter().map(one).collect::<Option<_>>().context("a parameter without value or reference")
    }

    fn ended(&self) -> String {
        let mut words: Vec<&str> =
            self.results.iter().map(|r| r["termination"].as_str().unwrap_or("?")).collect();
        words.sort_unstable();
        words.dedup();
        words.join(" or ")
    }

    /// Name and address.
    fn title(&self) -> String {
        format!("[{}](../{JOBS}/{})", self.title, self.file)
    }

    fn convergence(&self) -> Result<String> {
        let largest = |result: &Value| -> Result<f64> {
            Ok(Self::constants(result)?.iter().fold(0.0_f64, |m, c| m.max(c.error)))
        };
        let largest = self.results.iter().map(largest).collect::<Result<Vec<f64>>>()?;
        let errors = self.numbers("error")?;
        let mut error = rounded(rms(&errors));
        if errors.len() > 1 {
            let least = errors.iter().copied().fold(f64::INFINITY, f64::min);
            let most = errors.iter().copied().fold(0.0, f64::max);
            write!(error, " ({} to {})", rounded(least), rounded(most))?;
        }
        let mut row = String::new();
        writeln!(
            row,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            self.title(),
            error,
            rounded(rms(&largest)),
            rounded(self.number("dispersion_error_THz")?),
            self.number("iterations")?.round(),
            seconds(self.number("seconds")?),
            rounded(self.number("chi2_reduced")?),
            self.ended(),
        )?;
        Ok(row)
    }

    fn elasticity(&self) -> Result<String> {
        let modulus = |name: &str| {
            let number = |key: &str| self.results[0]["elastic_GPa"][name][key].as_f64();
            let (value, sigma) =
                number("value").zip(number("sigma")).with_context(|| format!("no {name}"))?;
            Ok::<_, anyhow::Error>(format!("{value:.1} ± {sigma:.1}"))
        };
        let mut row = String::new();
        writeln!(
            row,
            "| {} | {:.2} | {} | {} | {} | {} | {} |",
            self.title(),
            self.number("chi2_reduced")?,
            modulus("C11")?,
            modulus("C12")?,
            modulus("C44")?,
            self.number("iterations")?.round(),
            self.ended(),
        )?;
        Ok(row)
    }

    fn knowledge(&self) -> Result<String> {
        let constants = Self::constants(&self.results[0])?;
        let mut sigma: Vec<f64> = constants.iter().map(|c| c.sigma).collect();
        sigma.sort_by(f64::total_cmp);
        let median = sigma[sigma.len() / 2];
        let worst = constants.iter().map(|c| c.error / c.sigma).fold(0.0, f64::max);
        let determined = constants.iter().filter(|c| c.is_determined).count();
        let mut row = String::new();
        writeln!(
            row,
            "| {} | {} | {determined} of {} | {} | {worst:.1} | {:.2} | {} | {} |",
            self.title(),
            self.number("n_data")?,
            constants.len(),
            rounded(median),
            self.number("chi2_reduced")?,
            self.undetermined(),
            self.ended(),
        )?;
        Ok(row)
    }

    /// The combinations that the data leave open, in words.
    fn undetermined(&self) -> String {
        let combinations = self.results[0]["identifiability"]["undetermined"].as_array();
        let names = |combination: &Value| -> String {
            let weights = combination["weights"].as_array().map(Vec::as_slice).unwrap_or_default();
            let names: Vec<&str> = weights.iter().take(3).filter_map(|w| w[0].as_str()).collect();
            names.join(", ")
        };
        match combinations.map(Vec::as_slice) {
            None | Some([]) => "nothing".into(),
            Some(list) => {
                let each: Vec<String> = list.iter().map(names).collect();
                let count = if each.len() == 1 {
                    "one combination".into()
                } else {
                    format!("{} combinations", each.len())
                };
                format!("{count}, mostly of {}", each.join("; "))
            }
        }
    }
}

fn rms(list: &[f64]) -> f64 {
    (list.iter().map(|x| x * x).sum::<f64>() / list.len() as f64).sqrt()
}

/// Two digits; powers of ten outside everyday size.
fn rounded(x: f64) -> String {
    if x == 0.0 || (1e-3..1e3).contains(&x.abs()) {
        let decimals = if x == 0.0 { 0.0 } else { (1.0 - x.abs().log10().floor()).max(0.0) };
        return format!("{x:.*}", decimals as usize);
    }
    let text = format!("{x:.1e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let superscript = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => c.to_digit(10).and_then(|d| char::from_u32(0x2070 + d)).unwrap_or(c),
    };
    format!("{mantissa}·10{}", exponent.chars().map(superscript).collect::<String>())
}

/// One digit: the next machine has another.
fn seconds(x: f64) -> String {
    let digit = 10f64.powf(x.max(1e-3).log10().floor());
    let value = (x / digit).round() * digit;
    if value < 1.0 { format!("≈ {value:.*}", (-digit.log10()) as usize) } else { format!("≈ {value:.0}") }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn numbers_keep_two_digits() {
        assert_eq!(rounded(0.0), "0");
        assert_eq!(rounded(0.012_34), "0.012");
        assert_eq!(rounded(1.04), "1.0");
        assert_eq!(rounded(2.68e-13), "2.7·10⁻¹³");
    }

    #[test]
    fn every_sampled_model_of_a_job_gets_other_snapshots() {
        let job = serde_json::json!({
            "model": {"order": "sampled", "seed": 1},
            "data": [{"synthetic": {"model": {"order": "all-order"}}}, {"file": "x"}],
        });
        assert!(is_sampled(&job) && !is_sampled(&serde_json::json!({"model": {}})));
        let other = reseeded(&job, 4);
        assert_eq!(other["model"]["seed"], 5);
        assert_eq!(other["data"], job["data"]);
    }

    #[test]
    fn seconds_keep_one_digit() {
        assert_eq!(seconds(0.043), "≈ 0.04");
        assert_eq!(seconds(0.62), "≈ 0.6");
        assert_eq!(seconds(42.4), "≈ 40");
    }
}
