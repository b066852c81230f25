//! Names of the irreducible constants, and constants from names.
//!
//! One atom per cell: shell number and components of Φ at the representative vector with
//! h ≥ k ≥ l ≥ 0, as the literature does: `1XX`, `3XZ`. Two orbits at one distance get a, b in the
//! order of descending vectors (411 before 330). Otherwise the label names pair, distance and
//! component: `Na1-Cl2 2.845 XX`.

use std::collections::BTreeMap;

use super::irreducible::IrreducibleBasis;
use super::pairs::{Orbit, Pair, SHELL_TOLERANCE};
use crate::crystal::Crystal;
use crate::{Error, Result};

const AXES: [char; 3] = ['X', 'Y', 'Z'];

/// The part of the label that names the orbit, for each orbit.
pub(super) fn prefixes(crystal: &Crystal, pairs: &[Pair], orbits: &[Orbit]) -> Vec<String> {
    let monatomic = crystal.n_atoms() == 1;
    let atoms = |o: &Orbit| (pairs[o.representative].i, pairs[o.representative].j);
    let mut shells: Vec<f64> = Vec::new();
    for o in orbits {
        if shells.iter().all(|s| (s - o.distance).abs() > SHELL_TOLERANCE) {
            shells.push(o.distance);
        }
    }
    crate::base::order::sort_floats(&mut shells);
    let shell = |o: &Orbit| shells.iter().filter(|s| **s < o.distance - SHELL_TOLERANCE).count() + 1;
    let twins =
        |a: &Orbit, b: &Orbit| atoms(a) == atoms(b) && (a.distance - b.distance).abs() < SHELL_TOLERANCE;
    (0..orbits.len())
        .map(|n| {
            let o = &orbits[n];
            let suffix = if orbits.iter().filter(|other| twins(o, other)).count() > 1 {
                let rank = orbits[..n].iter().filter(|other| twins(o, other)).count();
                char::from_u32('a' as u32 + rank as u32).map(String::from).unwrap_or_default()
            } else {
                String::new()
            };
            if monatomic {
                format!("{}{suffix}", shell(o))
            } else {
                let (i, j) = atoms(o);
                let symbols = &crystal.primitive.symbols;
                format!("{}{}-{}{} {:.3}{suffix}", symbols[i], i + 1, symbols[j], j + 1, o.distance)
            }
        })
        .collect()
}

/// The whole label of one component.
pub(super) fn label(prefix: &str, component: (usize, usize), monatomic: bool) -> String {
    let space = if monatomic { "" } else { " " };
    format!("{prefix}{space}{}{}", AXES[component.0], AXES[component.1])
}

impl IrreducibleBasis {
    /// θ (eV/Å²) from labelled constants. Shells that are not named are zero. Elements that
    /// symmetry makes equal (or zero) are accepted when they agree with it.
    ///
    /// # Errors
    /// Unknown labels, shells beyond the cutoff, values that contradict each other.
    pub fn values_from_labels(&self, labels: &BTreeMap<String, f64>) -> Result<Vec<f64>> {
        let mut rows = Vec::new();
        for (label, &value) in labels {
            if !value.is_finite() {
                return Err(Error::value(format!("{value}"), "a finite number in eV/Å²").of(label));
            }
            rows.push((label, self.element(label)?, value));
        }
        let tolerance = 1e-9 * labels.values().fold(1e-3, |m: f64, v| m.max(v.abs()));
        let mut theta: Vec<Option<(f64, &String)>> = vec![None; self.len()];
        for (label, row, value) in &rows {
            let reached: Vec<usize> = (0..row.len()).filter(|&p| row[p] != 0.0).collect();
            let &[p] = reached.as_slice() else { continue };
            let implied = value / row[p];
            match theta[p] {
                Some((known, other)) if (known - implied).abs() > tolerance => {
                    let refused = Error::value(
                        format!("{value} {} contradicts {other} = {known}", self.unit()),
                        format!("{}, because symmetry ties the two", known * row[p]),
                    );
                    return Err(refused.of(label));
                }
                Some(_) => {}
                None => theta[p] = Some((implied, label)),
            }
        }
        let theta: Vec<f64> = theta.into_iter().map(|t| t.map_or(0.0, |(v, _)| v)).collect();
        for (label, row, value) in &rows {
            let by_symmetry: f64 = row.iter().zip(&theta).map(|(a, b)| a * b).sum();
            if (by_symmetry - value).abs() > tolerance {
                let expected = format!("{by_symmetry} by symmetry");
                return Err(Error::value(format!("{value} {}", self.unit()), expected).of(label));
            }
        }
        Ok(theta)
    }

    /// Whether a label names a matrix element of a pair within the cutoff.
    pub fn reaches(&self, label: &str) -> bool {
        self.element(label).is_ok()
    }

    pub(super) fn find(&self, label: &str) -> Result<(usize, (usize, usize))> {
        let unknown = |what: String| {
            let names = self.labels();
            let shown =
                if names.len() > 40 { format!("{} …", names[..40].join(", ")) } else { names.join(", ") };
            Error::value(what, format!("one of {shown}"))
        };
        let trimmed = label.trim();
        let mut tail = trimmed.chars().rev();
        let axis = |c: Option<char>| c.and_then(|c| AXES.iter().position(|a| *a == c.to_ascii_uppercase()));
        let (second, first) = (axis(tail.next()), axis(tail.next()));
        let (Some(i), Some(j)) = (first, second) else {
            return Err(unknown(format!("'{label}' does not end in two of X, Y, Z")));
        };
        let prefix = trimmed[..trimmed.len() - 2].trim_end();
        match self.prefixes.iter().position(|p| p == prefix) {
            Some(orbit) => Ok((orbit, (i, j))),
            None => Err(unknown(format!("'{label}' names no pair within the cutoff of {} Å", self.cutoff))),
        }
    }
}
