//! Atomic form factors for X-rays: D. Waasmaier & A. Kirfel, Acta Cryst. A51 (1995) 416–431.
//!
//! f0(s) = c + Σ aᵢ exp(−bᵢ s²), s = |Q|/4π in Å⁻¹, valid for s < 6 Å⁻¹; electrons. The job may
//! add f′ + i f″ for energies near an absorption edge.

use std::collections::BTreeMap;

use serde::Deserialize;

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

/// The published table: all neutral atoms and ions.
pub struct FormFactorTable {
    ions: BTreeMap<String, [f64; 11]>,
}

#[derive(Deserialize)]
struct TableFile {
    ions: BTreeMap<String, [f64; 11]>,
}

impl FormFactorTable {
    pub fn waasmaier_kirfel() -> Self {
        // The table is part of the program; a test reads it, so that it cannot fail here.
        let file: Option<TableFile> = serde_json::from_str(include_str!("waasmaier_kirfel.json")).ok();
        FormFactorTable { ions: file.map(|f| f.ions).unwrap_or_default() }
    }

    /// # Errors
    /// An atom or ion that is not in the table.
    pub fn get(&self, ion: &str) -> Result<FormFactor> {
        let v = self.ions.get(ion).ok_or_else(|| {
            let element: String = ion.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
            let known: Vec<&str> = self
                .ions
                .keys()
                .map(String::as_str)
                .filter(|k| k.trim_end_matches(|c: char| !c.is_ascii_alphabetic()) == element)
                .collect();
            let expected =
                if known.is_empty() { "an atom or ion such as Ni or Na1+".into() } else { known.join(", ") };
            Error::job("form_factors", format!("no Waasmaier–Kirfel entry for '{ion}'"), expected)
        })?;
        Ok(FormFactor {
            ion: ion.to_owned(),
            a: [v[0], v[1], v[2], v[3], v[4]],
            b: [v[5], v[6], v[7], v[8], v[9]],
            c: v[10],
            f1: 0.0,
            f2: 0.0,
        })
    }

    /// Names of all entries.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.ions.keys().map(String::as_str)
    }
}
