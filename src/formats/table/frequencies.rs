//! Measured phonon frequencies from a table h, k, l, frequency, sigma.

use super::columns::Columns;
use super::csv::along;
use super::rows::{Column, Table};
use crate::formats::decode;
use crate::{Error, Result};

/// One measured frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrequencyRow {
    /// Wave vector, r.l.u.
    pub q: [f64; 3],
    /// THz.
    pub frequency: f64,
    /// Its standard deviation, THz.
    pub sigma: f64,
}

/// Names of columns of frequencies, and the unit in THz (CODATA 2018).
const UNITS: [(&str, f64); 4] =
    [("thz", 1.0), ("mev", 0.241_798_924_2), ("cm-1", 0.029_979_245_8), ("cm^-1", 0.029_979_245_8)];

const EXPECTED: &str = "the columns h, k, l, THz (or meV, cm-1), sigma";

/// Reads frequencies with a header that names the columns; σ is in the unit of the frequencies.
///
/// # Errors
/// A table without these columns, a frequency or σ that is not positive, with the line.
pub fn read_frequencies(name: &str, bytes: &[u8]) -> Result<Vec<FrequencyRow>> {
    let text = decode(name, bytes)?;
    let mut table = Table::open(name, &text)?;
    let mut columns = Columns::of_points(name, &mut table)?;
    let Some((line, header)) = table.header.clone() else {
        return Err(Error::file(name, "no header", EXPECTED));
    };
    let lower: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
    let unit = |name: &str| {
        let inside = |unit: &str| {
            name == unit || name.contains(&format!("({unit})")) || name.ends_with(&format!("_{unit}"))
        };
        UNITS.iter().find(|(unit, _)| inside(unit)).map(|u| u.1)
    };
    let frequencies: Vec<(usize, f64)> = lower
        .iter()
        .enumerate()
        .filter(|(_, n)| !n.contains("sigma"))
        .filter_map(|(at, n)| Some((at, unit(n)?)))
        .collect();
    let sigma = lower.iter().position(|n| n.starts_with("sigma") || *n == "σ" || *n == "error");
    let (&[(place, unit)], Some(sigma)) = (frequencies.as_slice(), sigma) else {
        let what = match frequencies.len() {
            0 => "no column of frequencies",
            1 => "no column sigma",
            _ => "several columns of frequencies",
        };
        return Err(Error::at(name, line, what, EXPECTED));
    };
    columns.places.push(Column { place, title: "frequency" });
    columns.places.push(Column { place: sigma, title: "sigma" });
    let mut rows = Vec::new();
    let mut row = vec![0.0; columns.places.len()];
    while let Some((line, fault)) = table.next_row(&columns.places, &mut row) {
        if let Some(fault) = fault {
            return Err(Error::at(name, line, fault.what, fault.expected));
        }
        let &[.., frequency, sigma] = row.as_slice() else { continue };
        let (frequency, sigma) = (frequency * unit, sigma * unit);
        if !(frequency > 0.0 && sigma > 0.0 && frequency.is_finite() && sigma.is_finite()) {
            let what = format!("a frequency of {frequency} ± {sigma} THz");
            return Err(Error::at(name, line, what, "positive numbers"));
        }
        rows.push(FrequencyRow { q: along(&columns.axes, &row, [0.0; 3]), frequency, sigma });
    }
    table.refuse_empty(rows.is_empty())?;
    Ok(rows)
}
