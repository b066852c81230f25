//! Published sets of force constants, part of the program.
//!
//! Born–von Kármán tables (as collected in Landolt–Börnstein; −Φ in N/m by shell, shells named by
//! h k l in units of a/2) and two embedded-atom models of nickel (Φ in eV/Å²). Each entry carries
//! its reference.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector, Vector3};
use serde::{Deserialize, Serialize};

use super::N_PER_M_PER_EV_A2;
use super::irreducible::IrreducibleBasis;
use super::pairs::shell_distances;
use crate::crystal::{Crystal, Prototype};
use crate::{Error, Result};

/// One published set.
#[derive(Debug, Clone, Deserialize)]
pub struct LibraryEntry {
    /// Its name in a job, `ni_298`.
    pub id: String,
    /// Chemical symbol.
    pub element: String,
    /// Structure type.
    pub lattice: Prototype,
    /// Lattice parameter, Å.
    pub a_angstrom: f64,
    /// Temperature of the measurement, K; none for a model.
    #[serde(rename = "temperature_K")]
    pub temperature_k: Option<f64>,
    /// Where it was published.
    pub reference: String,
    /// How it was measured or calculated.
    pub details: Option<String>,
    /// What a person should know of it.
    pub note: Option<String>,
    #[serde(rename = "shells_N_per_m", default)]
    shells_n_per_m: BTreeMap<String, BTreeMap<String, f64>>,
    #[serde(rename = "constants_eV_per_A2", default)]
    constants: BTreeMap<String, f64>,
}

/// What a person chooses a set by.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LibraryTitle {
    /// Its name in a job.
    pub id: String,
    /// Chemical symbol.
    pub element: String,
    /// Structure type.
    pub lattice: Prototype,
    /// Å: lattice parameter.
    pub a_angstrom: f64,
    /// K: temperature of the measurement; null for a model.
    pub temperature_k: Option<f64>,
    /// Where it was published.
    pub reference: String,
    /// For people.
    pub title: String,
}

impl From<LibraryEntry> for LibraryTitle {
    fn from(e: LibraryEntry) -> Self {
        LibraryTitle {
            title: match e.temperature_k {
                Some(t) => format!("{} at {t} K", e.element),
                None => format!("{}, embedded atom ({})", e.element, e.id.trim_start_matches("Ni_")),
            },
            id: e.id,
            element: e.element,
            lattice: e.lattice,
            a_angstrom: e.a_angstrom,
            temperature_k: e.temperature_k,
            reference: e.reference,
        }
    }
}

/// All sets, in the order of the collection.
pub fn library() -> Vec<LibraryEntry> {
    // Part of the program; a test reads every entry, so that it cannot fail here.
    crate::base::json::from_str(include_str!("library.json")).unwrap_or_default()
}

/// # Errors
/// An identifier that the library does not contain; the sentence lists those that it does.
pub fn library_entry(id: &str) -> Result<LibraryEntry> {
    let all = library();
    let known = all.iter().map(|e| e.id.as_str()).collect::<Vec<_>>().join(", ");
    all.into_iter()
        .find(|e| e.id == id)
        .ok_or_else(|| Error::value(format!("no set is called '{id}'"), format!("one of {known}")))
}

impl LibraryEntry {
    /// The crystal the set was published for.
    pub fn crystal(&self) -> Result<Crystal> {
        let cell = self.lattice.cell(std::slice::from_ref(&self.element), self.a_angstrom, None)?;
        Crystal::new(cell, None)?.named_as(self.lattice)
    }

    /// A cutoff (Å) that takes in the outermost shell of the set and no further one: half-way to
    /// the next shell, scaled to the nearest-neighbour distance of `crystal`.
    pub fn cutoff(&self, crystal: &Crystal) -> Result<f64> {
        let n = self.n_shells()?;
        let own = self.crystal()?;
        // In three dimensions n shells lie well within n nearest-neighbour distances.
        let mut shells = shell_distances(&own, 2.0 * self.a_angstrom)?;
        if shells.len() <= n {
            shells = shell_distances(&own, n as f64 * self.a_angstrom)?;
        }
        let nearest = |c: &Crystal| -> Result<f64> {
            let reach = c.primitive.volume().cbrt() * 2.0;
            Ok(shell_distances(c, reach)?.first().copied().unwrap_or(reach))
        };
        match shells.get(n.max(1) - 1..=n) {
            Some(&[last, next]) => Ok(0.5 * (last + next) * nearest(crystal)? / nearest(&own)?),
            _ => Err(Error::file(&self.id, "no shells", "at least one shell")),
        }
    }

    /// The constants by label, eV/Å² (Φ, not −Φ).
    pub fn labels(&self) -> Result<BTreeMap<String, f64>> {
        if self.shells_n_per_m.is_empty() {
            return Ok(self.constants.clone());
        }
        let crystal = self.crystal()?;
        let basis = IrreducibleBasis::new(&crystal, self.cutoff(&crystal)?)?;
        let rows: Vec<(Vec<f64>, f64)> = self
            .shells_n_per_m
            .iter()
            .flat_map(|(shell, components)| components.iter().map(move |(c, v)| (shell, c, *v)))
            .map(|(shell, component, value)| self.row(&basis, shell, component).map(|r| (r, value)))
            .collect::<Result<_>>()?;
        // The representative of a table need not be sorted (bcc 133), and it may print elements
        // that symmetry makes equal: all are equations for the irreducible constants.
        let a = DMatrix::from_fn(rows.len(), basis.len(), |i, j| rows[i].0[j]);
        let b = DVector::from_fn(rows.len(), |i, _| -rows[i].1 / N_PER_M_PER_EV_A2);
        let inconsistent =
            || Error::file(&self.id, "the table is not a complete set", "each independent element once");
        let theta = (a.transpose() * &a).cholesky().ok_or_else(inconsistent)?.solve(&(a.transpose() * &b));
        if (&a * &theta - &b).amax() > 1e-12 + 1e-9 * b.amax() {
            return Err(inconsistent());
        }
        let mut labels = BTreeMap::new();
        labels.extend(basis.labels().into_iter().zip(theta.iter().copied()));
        Ok(labels)
    }

    fn n_shells(&self) -> Result<usize> {
        if self.shells_n_per_m.is_empty() {
            let shell = |label: &String| {
                label.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<usize>().unwrap_or(0)
            };
            return Ok(self.constants.keys().map(shell).max().unwrap_or(0));
        }
        let mut reach = 0.0_f64;
        for shell in self.shells_n_per_m.keys() {
            reach = reach.max(self.vector(shell)?.norm());
        }
        Ok(shell_distances(&self.crystal()?, reach + 1e-3)?.len())
    }

    /// The vector of a shell name such as "310", Å.
    fn vector(&self, shell: &str) -> Result<Vector3<f64>> {
        let digits: Vec<f64> = shell.chars().filter_map(|c| c.to_digit(10)).map(f64::from).collect();
        match digits.as_slice() {
            &[h, k, l] => Ok(Vector3::new(h, k, l) * self.a_angstrom / 2.0),
            _ => Err(Error::file(&self.id, format!("shell '{shell}'"), "three digits such as 310")),
        }
    }

    fn row(&self, basis: &IrreducibleBasis, shell: &str, component: &str) -> Result<Vec<f64>> {
        let vector = self.vector(shell)?;
        let axes: Vec<usize> = component.chars().filter_map(|c| "xyz".find(c)).collect();
        let term = basis.family.terms.iter().find(|t| (t.vector - vector).norm() < 1e-6);
        match (axes.as_slice(), term) {
            (&[i, j], Some(term)) => {
                let mut row = vec![0.0; basis.len()];
                for (p, block) in &term.blocks {
                    row[*p] = block[(i, j)];
                }
                Ok(row)
            }
            _ => Err(Error::file(&self.id, format!("{shell} {component}"), "an element of a shell in range")),
        }
    }
}
