//! Measured phonon frequencies from a table: where in reciprocal space, frequency, sigma.

use super::columns::Columns;
use super::csv::along;
use super::rows::{Column, Table, number};
use crate::base::text::quote;
use crate::formats::decode;
use crate::{Error, Result};

/// One measured frequency whose uncertainty is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrequencyRow {
    /// Wave vector, r.l.u.
    pub q: [f64; 3],
    /// THz.
    pub frequency: f64,
    /// Its standard deviation, THz.
    pub sigma: f64,
}

/// One measured frequency as it is published.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedRow {
    /// One-based line of the file.
    pub line: usize,
    /// Where it was measured.
    pub wave: PublishedWave,
    /// THz.
    pub frequency: f64,
    /// Its standard deviation, THz, where one is given.
    pub sigma: Option<f64>,
}

/// How a wave vector is written.
#[derive(Debug, Clone, PartialEq)]
pub enum PublishedWave {
    /// r.l.u.
    Hkl([f64; 3]),
    /// By the name of a direction (“Γ–X”, “[0 ζ ζ]”) and the reduced coordinate ζ along it.
    Along(String, f64),
}

/// Names of columns of frequencies, and the unit in THz (CODATA 2018).
const UNITS: [(&str, f64); 4] =
    [("thz", 1.0), ("mev", 0.241_798_924_2), ("cm-1", 0.029_979_245_8), ("cm^-1", 0.029_979_245_8)];

const EXPECTED: &str = "the columns h, k, l, THz (or meV, cm-1), sigma";
const EXPECTED_PUBLISHED: &str =
    "the columns h, k, l (or path and zeta), THz (or meV, cm-1) and, where it is known, sigma";

/// Reads frequencies with a header that names the columns; σ is in the unit of the frequencies.
///
/// # Errors
/// A table without these columns, a frequency or σ that is not positive, with the line.
pub fn read_frequencies(name: &str, bytes: &[u8]) -> Result<Vec<FrequencyRow>> {
    let published = published(name, bytes, EXPECTED)?;
    let whole = |row: PublishedRow| {
        let (PublishedWave::Hkl(q), Some(sigma)) = (row.wave, row.sigma) else {
            let what = if row.sigma.is_none() { "no sigma" } else { "no h, k, l" };
            return Err(Error::at(name, row.line, what, EXPECTED));
        };
        Ok(FrequencyRow { q, frequency: row.frequency, sigma })
    };
    if let (line, false) = (published.header, published.has_sigma) {
        return Err(Error::at(name, line, "no column sigma", EXPECTED));
    }
    published.rows.into_iter().map(whole).collect()
}

/// Reads frequencies as they are published: with σ or without, at h, k, l or at ζ of a direction, which `path` names.
///
/// # Errors
/// A table without such columns, a frequency that is not positive, a σ that is negative, with the line.
pub fn read_published(name: &str, bytes: &[u8]) -> Result<Vec<PublishedRow>> {
    Ok(published(name, bytes, EXPECTED_PUBLISHED)?.rows)
}

struct Published {
    /// Line of the header.
    header: usize,
    has_sigma: bool,
    rows: Vec<PublishedRow>,
}

fn published(name: &str, bytes: &[u8], expected: &str) -> Result<Published> {
    let text = decode(name, bytes)?;
    let mut table = Table::open(name, &text)?;
    let lower = |names: &[String]| -> Vec<String> { names.iter().map(|n| n.trim().to_lowercase()).collect() };
    let named = table.header.as_ref().map(|(_, names)| lower(names)).unwrap_or_default();
    let column = |names: &[&str]| named.iter().position(|own| names.contains(&own.as_str()));
    let label = column(&["path", "branch", "direction", "label", "line"]);
    let zeta = column(&["zeta", "ζ", "xi", "ξ", "x", "reduced", "q"]);
    let mut columns = match (label, zeta, column(&["h", "qh"])) {
        (Some(_), Some(zeta), None) => Columns::alone(Column { place: zeta, title: "zeta" }),
        _ => Columns::of_points(name, &mut table)?,
    };
    let Some((line, header)) = table.header.clone() else {
        return Err(Error::file(name, "no header", expected));
    };
    let lower = lower(&header);
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
    let &[(place, unit)] = frequencies.as_slice() else {
        let several = !frequencies.is_empty();
        let what = if several { "several columns of frequencies" } else { "no column of frequencies" };
        return Err(Error::at(name, line, what, expected));
    };
    columns.places.push(Column { place, title: "frequency" });
    let mut rows = Vec::new();
    let mut row = vec![0.0; columns.places.len()];
    while let Some((line, fault)) = table.next_row(&columns.places, &mut row) {
        if let Some(fault) = fault {
            return Err(Error::at(name, line, fault.what, fault.expected));
        }
        let &[.., frequency] = row.as_slice() else { continue };
        let frequency = frequency * unit;
        let sigma = match sigma.map(|place| table.word(place)) {
            None => None,
            // Papers leave it out where they do not know it, or write zero.
            Some(word) => match number(word) {
                Some(sigma) if sigma.is_nan() || sigma == 0.0 => None,
                Some(sigma) => Some(sigma * unit),
                None => {
                    let what = format!("sigma is {}", quote(word));
                    return Err(Error::at(name, line, what, "a finite number"));
                }
            },
        };
        let positive = |x: f64| x > 0.0 && x.is_finite();
        if !positive(frequency) || sigma.is_some_and(|s| !positive(s)) {
            let sigma = sigma.map_or_else(String::new, |s| format!(" ± {s}"));
            let what = format!("a frequency of {frequency}{sigma} THz");
            return Err(Error::at(name, line, what, "positive numbers"));
        }
        let wave = match label.filter(|_| columns.axes.is_empty()) {
            Some(label) => PublishedWave::Along(table.word(label).to_owned(), row[0]),
            None => PublishedWave::Hkl(along(&columns.axes, &row, [0.0; 3])),
        };
        rows.push(PublishedRow { line, wave, frequency, sigma });
    }
    table.refuse_empty(rows.is_empty())?;
    Ok(Published { header: line, has_sigma: sigma.is_some(), rows })
}
