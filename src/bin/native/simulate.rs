//! `tds simulate`: intensities at points, or a measurement with noise.

use std::path::Path;
use std::process::ExitCode;

use tds_inversion::formats::table::{write_csv, write_table};
use tds_inversion::run::Run;
use tds_inversion::{Error, Result};

use super::{open, points, prepare, warn, write};

/// Intensities at the points of a table.
pub fn at(job: &Path, hkl: &Path, out: &Path, orders: bool) -> Result<ExitCode> {
    let prepared = prepare(job)?;
    let (name, list) = points(hkl)?;
    let hkl: Vec<[f64; 3]> = list.iter().map(|p| p.1).collect();
    let on_bragg = |n: usize| {
        let (line, [h, k, l]) = list[n];
        Error::at(
            &name,
            line,
            format!("{h} {k} {l} is a reciprocal-lattice point"),
            "points off the Bragg peaks, where the diffuse intensity is finite",
        )
    };
    let found = prepared.simulate(&hkl, &on_bragg)?;
    found.require_finite(&|n, what| {
        Error::at(&name, list[n].0, what, "constants and points of finite intensity")
    })?;
    found.notes.iter().for_each(|note| eprintln!("note: {note}"));
    let text = match (&found.orders, orders) {
        (_, false) => write_csv(&hkl, &found.intensity, found.standard_error.as_deref()),
        (Some(orders), true) => {
            let rows = hkl.iter().enumerate().map(|(i, p)| {
                let [h, k, l] = *p;
                vec![h, k, l, found.intensity[i], orders.one[i], orders.two[i], orders.higher[i]]
            });
            write_table(&["h", "k", "l", "intensity", "one", "two", "higher"], rows)
        }
        (None, true) => {
            return Err(Error::job(
                "model.order",
                "sampled intensities do not come apart into orders",
                "\"all-order\"",
            ));
        }
    };
    write(out, &text)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the first data set of a job that simulates its own.
pub fn measurement(job: &Path, out: &Path) -> Result<ExitCode> {
    let (job, files) = open(job)?;
    if job.data.first().is_none_or(|data| data.synthetic.is_none()) {
        return Err(Error::job("data[0].synthetic", "missing", "a measurement to simulate, or --hkl"));
    }
    let run = Run::new(&job, files)?;
    warn(&run.prepared);
    let Some(data) = run.data.first() else {
        return Err(Error::job("data", "no data", "a measurement to simulate"));
    };
    write(out, &write_csv(&data.hkl, &data.intensity, data.sigma.as_deref()))?;
    Ok(ExitCode::SUCCESS)
}
