//! `tds modes`: the phonons at one Q, and what each of them scatters.

use std::path::Path;
use std::process::ExitCode;

use tds_inversion::run::{ModesReport, Phonons};
use tds_inversion::{Error, Result};

use super::compare::report;
use super::open;

/// Three numbers with commas between them.
pub fn hkl(text: &str) -> std::result::Result<[f64; 3], String> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    numbers.and_then(|n| n.try_into().ok()).ok_or_else(|| "expected three numbers, such as 0.5,0.5,0".into())
}

pub fn at(job: &Path, hkl: &[f64; 3], json: bool) -> Result<ExitCode> {
    let (job, files) = open(job)?;
    let found = Phonons::new(&job, &files)?.at(hkl)?;
    if let Some(wrong) = found.modes.iter().map(|m| m.frequency).find(|f| !f.is_finite()) {
        return Err(
            Error::value(format!("a frequency of {wrong}"), "constants and masses of finite ones").of("Q")
        );
    }
    report(&found, json, lines)
}

fn lines(found: &ModesReport) -> String {
    let list = |[h, k, l]: [f64; 3]| format!("{h} {k} {l}");
    let total = found.intensity.map_or_else(
        || found.note.clone().unwrap_or_default(),
        |i| format!("One-phonon intensity {i:.6} electron² per primitive cell."),
    );
    let mut text = format!(
        "Q = {}, |Q| = {:.4} Å⁻¹, q = {} from the nearest Bragg peak. {total}\n{:>10}{:>10}{:>14}{:>9}{:>5}  character\n",
        list(found.hkl),
        found.q_norm,
        list(found.reduced),
        "THz",
        "meV",
        "intensity",
        "share/%",
        "set"
    );
    for mode in &found.modes {
        let number =
            |x: Option<f64>, digits: usize| x.map_or_else(|| "–".into(), |x| format!("{x:.digits$}"));
        text += &format!(
            "{:>10.4}{:>10.3}{:>14}{:>9}{:>5}  {}\n",
            mode.frequency,
            mode.energy,
            number(mode.intensity, 6),
            number(mode.share.map(|s| 100.0 * s), 2),
            mode.set + 1,
            mode.character
        );
    }
    text
}
