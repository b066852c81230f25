//! Atomic form factors for X-rays: D. Waasmaier & A. Kirfel, Acta Cryst. A51 (1995) 416–431.
//!
//! f0(s) = c + Σ aᵢ exp(−bᵢ s²), s = |Q|/4π in Å⁻¹, valid for s < 6 Å⁻¹; electrons. The job may
//! add f′ + i f″ for energies near an absorption edge.

use crate::{Error, Result};

/// Form factor of one atom or ion.
#[derive(Debug, Clone, PartialEq)]
pub struct FormFactor {
    /// Entry of the table, e.g. "Ni" or "Na1+".
    pub ion: String,
    pub(super) a: [f64; 5],
    pub(super) b: [f64; 5],
    pub(super) c: f64,
    /// f′, electrons.
    pub f1: f64,
    /// f″, electrons.
    pub f2: f64,
}

impl FormFactor {
    /// f0 at |Q| in Å⁻¹, electrons; without the anomalous part.
    pub fn f0(&self, q: f64) -> f64 {
        let s = q / (4.0 * std::f64::consts::PI);
        self.c + (0..5).map(|i| self.a[i] * (-self.b[i] * s * s).exp()).sum::<f64>()
    }

    /// f0 + f′ + i f″ as (real, imaginary), electrons.
    pub fn value(&self, q: f64) -> (f64, f64) {
        (self.f0(q) + self.f1, self.f2)
    }
}

/// All neutral atoms and ions.
///
/// The file holds the names in order, separated by spaces and ended by a new line, and behind them
/// a₁ … a₅, b₁ … b₅, c in millionths as 32-bit integers: the lowest bytes of all of them, then the next ones.
/// Within such a plane the entries of a column follow each other, which is what packs best.
const TABLE: &[u8] = include_bytes!("waasmaier_kirfel.bin");

/// Numbers of an entry.
const COLUMNS: usize = 11;

/// The published table: all neutral atoms and ions.
pub struct FormFactorTable {
    names: Vec<&'static str>,
    planes: &'static [u8],
}

impl FormFactorTable {
    /// The table of Waasmaier and Kirfel, Acta Cryst. A51 (1995) 416.
    pub fn waasmaier_kirfel() -> Self {
        // The table is part of the program; a test reads it, so that it cannot fail here.
        let end = TABLE.iter().position(|byte| *byte == b'\n').unwrap_or_default();
        let (names, planes) = TABLE.split_at(end);
        let names = std::str::from_utf8(names).unwrap_or_default().split(' ').collect();
        FormFactorTable { names, planes: planes.get(1..).unwrap_or_default() }
    }

    /// # Errors
    /// An atom or ion that is not in the table.
    pub fn get(&self, ion: &str) -> Result<FormFactor> {
        let Some(entry) = self.names.iter().position(|name| *name == ion) else {
            let element: String = ion.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
            let known: Vec<&str> = self
                .names()
                .filter(|k| k.trim_end_matches(|c: char| !c.is_ascii_alphabetic()) == element)
                .collect();
            let expected =
                if known.is_empty() { "an atom or ion such as Ni or Na1+".into() } else { known.join(", ") };
            return Err(Error::value(format!("no Waasmaier–Kirfel entry for '{ion}'"), expected));
        };
        Ok(FormFactor {
            ion: ion.to_owned(),
            a: std::array::from_fn(|i| self.number(entry, i)),
            b: std::array::from_fn(|i| self.number(entry, 5 + i)),
            c: self.number(entry, 10),
            f1: 0.0,
            f2: 0.0,
        })
    }

    fn number(&self, entry: usize, column: usize) -> f64 {
        let (plane, at) = (COLUMNS * self.names.len(), column * self.names.len() + entry);
        let bytes = [0, 1, 2, 3].map(|byte| self.planes[byte * plane + at]);
        f64::from(i32::from_le_bytes(bytes)) / 1e6
    }

    /// Names of all entries.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packed_table_is_the_published_one() {
        let text = include_str!("../../tests/fixtures/waasmaier_kirfel.json");
        let published: serde_json::Value = serde_json::from_str(text).unwrap();
        let published = published["ions"].as_object().unwrap();
        let table = FormFactorTable::waasmaier_kirfel();
        assert_eq!(table.planes.len(), 4 * COLUMNS * published.len());
        let mut names: Vec<&str> = published.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(table.names().collect::<Vec<_>>(), names);
        for (ion, numbers) in published {
            let numbers: Vec<f64> = numbers.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
            let factor = table.get(ion).unwrap();
            assert_eq!([&factor.a[..], &factor.b[..], &[factor.c]].concat(), numbers, "{ion}");
        }
    }
}
