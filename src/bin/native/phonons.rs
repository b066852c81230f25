//! `tds phonons` and `tds dos`.

use std::path::Path;
use std::process::ExitCode;

use tds_inversion::dynamics::frequencies_towards;
use tds_inversion::formats::table::write_table;
#[cfg(feature = "chosen")]
use tds_inversion::run::Dispersion;
use tds_inversion::{Error, Result};

#[cfg(feature = "chosen")]
use super::open;
use super::{points, prepare, tell, write};

/// Frequencies at the points of a table; those of the reciprocal lattice are reached from `direction`, hkl.
pub fn at(job: &Path, q: &Path, out: &Path, direction: Option<[f64; 3]>) -> Result<ExitCode> {
    let prepared = prepare(job)?;
    prepared.check_has_force_constants()?;
    let towards = direction.map(|hkl| prepared.crystal.q_cart(&hkl));
    if towards.is_some_and(|n| !n.norm().is_finite() || n.norm() == 0.0) {
        return Err(
            Error::value("0,0,0", "a direction h,k,l of numbers that are not all zero").of("--direction")
        );
    }
    if towards.is_some() && prepared.family.long_range().is_none() {
        tell(
            &"note: the direction changes nothing: there is no long-range part (non_analytical) in the model.",
        );
    }
    let (name, list) = points(q)?;
    let fc = prepared.family.at(&prepared.theta);
    let branches: Vec<String> = (1..=3 * prepared.crystal.n_atoms()).map(|n| format!("f{n}_THz")).collect();
    let header: Vec<&str> = ["h", "k", "l"].into_iter().chain(branches.iter().map(String::as_str)).collect();
    let mut unstable = false;
    let mut rows = Vec::new();
    for (line, hkl) in &list {
        let q = prepared.crystal.q_cart(hkl);
        let f = frequencies_towards(&fc, &prepared.crystal.primitive.masses, &q, towards.as_ref());
        if let Some(wrong) = f.iter().find(|f| !f.is_finite()) {
            let what = format!("a frequency is {wrong}");
            return Err(Error::at(&name, *line, what, "constants and masses of finite frequencies"));
        }
        unstable |= f.first().is_some_and(|f| *f < -1e-3);
        rows.push(hkl.iter().copied().chain(f).collect::<Vec<f64>>());
    }
    let table = write_table(&header, rows);
    write(out, &table)?;
    if unstable {
        tell(&"note: some frequencies are imaginary (written as negative): the crystal is unstable.");
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(feature = "chosen")]
/// Three numbers of points with commas between them.
pub fn mesh(text: &str) -> std::result::Result<[usize; 3], String> {
    let numbers: Option<Vec<usize>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    numbers
        .and_then(|n| n.try_into().ok())
        .ok_or_else(|| "expected three whole numbers, such as 24,24,24".into())
}

#[cfg(feature = "chosen")]
/// Frequencies along a path, with the distance along it.
pub fn along(job: &Path, path: &str, points: usize, out: &Path) -> Result<ExitCode> {
    let (job, files) = open(job)?;
    let found = Dispersion::new(&job, &files)?.bands(path, points)?;
    let branches: Vec<String> = (1..=found.branches.len()).map(|n| format!("f{n}_THz")).collect();
    let header: Vec<&str> =
        ["distance_A-1", "h", "k", "l"].into_iter().chain(branches.iter().map(String::as_str)).collect();
    if found.branches.iter().flatten().any(|f| !f.is_finite()) {
        return Err(
            Error::value("a frequency is no finite number", "constants of finite frequencies").of("path")
        );
    }
    let rows = found.hkl.iter().enumerate().map(|(n, hkl)| {
        let levels = found.branches.iter().map(|branch| branch[n]);
        std::iter::once(found.distance[n]).chain(*hkl).chain(levels).collect::<Vec<f64>>()
    });
    write(out, &write_table(&header, rows))?;
    let ticks: Vec<String> = found.ticks.iter().map(|(at, label)| format!("{label} {at:.6}")).collect();
    tell(&format_args!("{} points; {}", found.hkl.len(), ticks.join(", ")));
    Ok(ExitCode::SUCCESS)
}

#[cfg(feature = "chosen")]
/// The density of states, as a table or as JSON.
pub fn density(
    job: &Path,
    out: &Path,
    intervals: usize,
    mesh: Option<[usize; 3]>,
    json: bool,
) -> Result<ExitCode> {
    let (job, files) = open(job)?;
    let found = Dispersion::new(&job, &files)?.density(intervals, mesh)?;
    if json {
        let text = serde_json::to_string_pretty(&found).map_err(|e| {
            Error::file(&out.display().to_string(), e.to_string(), "a density that can be written")
        })?;
        write(out, &(text + "\n"))?;
    } else {
        let rows = found.values.iter().enumerate().map(|(n, value)| {
            let low = found.from + found.step * n as f64;
            vec![low, low + found.step, *value]
        });
        write(out, &write_table(&["from_THz", "to_THz", "modes_per_THz"], rows))?;
    }
    let [a, b, c] = found.mesh;
    let moves = found.unsettled.map_or_else(String::new, |part| {
        format!("; on a mesh of every second point {:.2} % of the modes lie elsewhere", 100.0 * part)
    });
    tell(&format_args!("mesh of {a} × {b} × {c} points, {} of them computed{moves}", found.computed));
    if found.from < -1e-3 {
        tell(&"note: some frequencies are imaginary (written as negative): the crystal is unstable.");
    }
    Ok(ExitCode::SUCCESS)
}
