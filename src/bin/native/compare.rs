//! `tds shells`, `tds potential`, `tds bootstrap`, `tds plan`: fits beside fits, and fits that might be.

use std::path::Path;
use std::process::ExitCode;

#[cfg(feature = "simulated")]
use tds_inversion::run::plan;
use tds_inversion::run::{bootstrap, shells};
use tds_inversion::{Error, Result};

use super::{open, print, tell, write};

/// A report as JSON, or as the lines that are made of it.
pub fn report<T: serde::Serialize>(value: &T, json: bool, lines: impl Fn(&T) -> String) -> Result<ExitCode> {
    let text = if json {
        let wrong = |e: serde_json::Error| Error::file("the report", e.to_string(), "numbers");
        serde_json::to_string_pretty(value).map_err(wrong)? + "\n"
    } else {
        lines(value)
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A number with its σ where there is one.
fn with_sigma(value: f64, sigma: Option<f64>) -> String {
    sigma.map_or_else(|| format!("{value:.2} ± ?"), |s| format!("{value:.2} ± {s:.2}"))
}

pub fn by_shells(job: &Path, most: Option<usize>, folds: usize, json: bool) -> Result<ExitCode> {
    let (job, files) = open(job)?;
    let table = shells(&job, &files, most, folds, &mut |doing, _| tell(&doing))?;
    report(&table, json, |table| {
        let mut text = String::from(
            "shells  cutoff/Å  constants    χ²/n      ΔAIC      ΔBIC  cross-validation  elastic constants / GPa\n",
        );
        for r in &table.rows {
            let elastic = r.elastic.iter().take(3).map(|(n, v, s)| format!("{n} {}", with_sigma(*v, *s)));
            text += &format!(
                "{:>6}{:>10.3}{:>11}{:>8.4}{:>10.1}{:>10.1}{:>18}  {}\n",
                r.shells,
                r.cutoff,
                r.constants,
                r.chi2_reduced,
                r.aic,
                r.bic,
                r.cross_validation.map_or_else(|| "–".into(), |x| format!("{x:.4}")),
                elastic.collect::<Vec<_>>().join(", ")
            );
        }
        text + &table.conclusion + "\n"
    })
}

pub fn drawn(job: &Path, fits: usize, seed: u64, json: bool) -> Result<ExitCode> {
    let (job, files) = open(job)?;
    let found = bootstrap(&job, &files, fits, seed, &mut |line| tell(&line))?;
    report(&found, json, |found| {
        let [ended, tried] = found.fits;
        let mut text = format!(
            "{ended} of {tried} fits ended at an optimum; data drawn from {} cells of reciprocal space\n{:<24}{:>12}{:>12}{:>12}\n",
            found.blocks, "", "value", "± σ", "± drawn"
        );
        for n in &found.numbers {
            let sigma = n.sigma.map_or("?".into(), |s| format!("{s:.5}"));
            text += &format!("{:<24}{:>12.5}{sigma:>12}{:>12.5}\n", n.name, n.value, n.scatter);
        }
        text
    })
}

#[cfg(feature = "simulated")]
pub fn next(job: &Path, json: bool) -> Result<ExitCode> {
    let (job, files) = open(job)?;
    let list = plan(&job, &files, &mut |doing| tell(&doing))?;
    report(&list, json, |list| {
        let mut text = String::new();
        for (place, c) in list.iter().enumerate() {
            let [good, all] = c.determined;
            let elastic = c.elastic.iter().map(|(name, s)| match s {
                Some(s) => format!("{name} ± {s:.2}"),
                None => format!("{name} ± ?"),
            });
            text += &format!(
                "{}. data[{}] ({} data): with it {good} of {all} constants are determined, σ shrink {:.3} times on average; {} GPa\n",
                place + 1,
                c.data,
                c.n_data,
                c.gain,
                elastic.take(6).collect::<Vec<_>>().join(", ")
            );
        }
        text
    })
}

#[cfg(feature = "potentials")]
pub fn potential(job: &Path, lammps: Option<&Path>, json: bool) -> Result<ExitCode> {
    let (job, files) = open(job)?;
    let (cost, written) = tds_inversion::run::cost_and_files(&job, &files)?;
    if let Some(folder) = lammps {
        std::fs::create_dir_all(folder).map_err(|e| {
            Error::file(&folder.display().to_string(), e.to_string(), "a folder that can be written")
        })?;
        for file in written.lammps.iter().chain([&written.curves]) {
            write(&folder.join(&file.name), &file.text)?;
        }
        if !written.without.is_empty() {
            tell(&written.without);
        }
    }
    report(&cost, json, |cost| {
        let mut text = String::new();
        for p in cost.potential.iter().flat_map(|p| &p.parameters) {
            let sigma = match p.sigma {
                _ if !p.free => "held".into(),
                _ if p.at_bound => "at its bound".into(),
                Some(s) => format!("± {s:.6}"),
                None => "± ?".into(),
            };
            text += &format!("{:<16}{:>14.6} {sigma} {}\n", p.name, p.value, p.unit);
        }
        text += &format!("{:<16}{:>11}{:>10}  elastic constants / GPa\n", "", "parameters", "χ²/n");
        for (name, row) in [("potential", &cost.with_potential), ("free constants", &cost.free_constants)] {
            let elastic = row.elastic.iter().take(3).map(|(n, v, s)| format!("{n} {}", with_sigma(*v, *s)));
            let elastic = elastic.collect::<Vec<_>>().join(", ");
            text += &format!("{name:<16}{:>11}{:>10.4}  {elastic}\n", row.parameters, row.chi2_reduced);
        }
        text + &cost.conclusion + "\n"
    })
}
