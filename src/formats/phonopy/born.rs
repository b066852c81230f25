//! `BORN` of phonopy: the dielectric tensor and Born effective charges.
//!
//! Format: <https://phonopy.github.io/phonopy/input-files.html#born-optional>: a line with the factor of the unit or a
//! comment, nine numbers of ε, then nine of Z* for each atom of the primitive cell that symmetry does not give.

use nalgebra::Matrix3;

use crate::base::text::{Lines, finite, quote};
use crate::crystal::LongRange;
use crate::{Error, Result};

/// What a BORN file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Born {
    /// ε∞, and Z* of the independent atoms in the order of the file, with the factor of the unit where the first line gives
    /// one; phonopy has its own for each calculator.
    pub long_range: LongRange,
}

impl Born {
    /// The tensors in short, for a note.
    pub fn describe(&self) -> String {
        let mean = |m: &Matrix3<f64>| format!("{:.3}", m.trace() / 3.0);
        let charges: Vec<String> = self.long_range.born.iter().map(mean).collect();
        format!(
            "a third of the trace of ε is {}, that of the Born charges {}",
            mean(&self.long_range.dielectric),
            charges.join(", ")
        )
    }
}

/// More atoms have no Born charges of their own.
const MOST_ATOMS: usize = 10_000;

/// Reads a BORN file.
///
/// # Errors
/// A tensor without nine numbers, no Born charge at all.
pub fn read_born(name: &str, text: &str) -> Result<Born> {
    let mut lines = Lines::new(name, text);
    let first = lines.next("the factor of the unit, or a comment")?;
    let mut words = first.split_whitespace();
    let factor = words.next().and_then(finite);
    let tensor = |lines: &Lines, line: &str, what: &str| {
        let numbers: Vec<f64> = line.split_whitespace().map_while(finite).take(9).collect();
        if numbers.len() == 9 {
            return Ok(Matrix3::from_fn(|i, j| numbers[3 * i + j]));
        }
        Err(lines.error(quote(line.trim()), &format!("nine numbers of {what}")))
    };
    let filled = |line: &str| !line.trim_start().starts_with('#');
    let line = loop {
        let line = lines.next_filled("nine numbers of the dielectric tensor")?;
        if filled(line) {
            break line;
        }
    };
    let dielectric = tensor(&lines, line, "the dielectric tensor")?;
    let mut born = Vec::new();
    while let Some(line) = lines.filled() {
        if filled(line) {
            born.push(tensor(&lines, line, "a Born effective charge")?);
        }
        if born.len() > MOST_ATOMS {
            return Err(lines.error("too many Born charges", &format!("at most {MOST_ATOMS}")));
        }
    }
    if born.is_empty() {
        return Err(Error::file(name, "there are no Born charges", "nine numbers for each independent atom"));
    }
    Ok(Born { long_range: LongRange { born, dielectric, factor, total: Matrix3::zeros(), changed: 0.0 } })
}

/// Whether lines are those of a BORN file: one of anything, then two or more of nine numbers.
pub(crate) fn is_born(lines: &[&str]) -> bool {
    let nine = |line: &&str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.len() >= 9 && words[..9].iter().all(|word| finite(word).is_some())
    };
    let mut filled =
        lines.iter().skip(1).filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'));
    // A table of nine columns has them in its first line too, or a header of nine words.
    let first =
        lines.first().map_or(0, |line| line.split([' ', '\t', ',', ';']).filter(|w| !w.is_empty()).count());
    let two = filled.next().is_some_and(nine) && filled.next().is_some_and(nine);
    two && first < 9 && filled.take(20).all(nine)
}
