//! A fitted potential for other programs: the files of LAMMPS, and its curves as a table.

use serde::Serialize;

use super::curves::curves_csv;
use crate::error::Placed;
use crate::fit::{Session, Uncertainty};
use crate::formats::lammps::{Atoms, Noted, write_lammps};
use crate::run::{Files, Prepared, Run};
use crate::{Error, Result};

/// A file of text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TextFile {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// What there is to save of a potential.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PotentialFiles {
    /// What LAMMPS reads: lines for its input, and the tables that they name; none where it has no such potential.
    pub lammps: Vec<TextFile>,
    /// Why there are none, in words; empty where there are some.
    pub without: String,
    /// The functions of the potential, `curve,x,value,sigma,start`.
    pub curves: TextFile,
}

impl Prepared {
    /// The files of the potential where a fit stands.
    ///
    /// # Errors
    /// A job without a potential; numbers that no table can hold.
    pub(super) fn potential_files(
        &self,
        session: &Session,
        uncertainty: &Uncertainty,
    ) -> Result<PotentialFiles> {
        let refined = self.refined.as_ref();
        let none = || Error::job("potential", "missing", "a potential to save");
        let (refined, report) = refined.zip(self.potential_report(session, uncertainty)).ok_or_else(none)?;
        let moved = session.progress().iteration > 0;
        let curves = self.potential_curves(session, moved.then_some(uncertainty)).unwrap_or_default();
        let potential = &refined.potential;
        let stem = format!("{}_{}", potential.elements.join(""), potential.family.word().replace('-', "_"));
        let noted: Vec<Noted> = report
            .parameters
            .iter()
            .map(|p| Noted { value: p.value, sigma: if moved && p.determined { p.sigma } else { None } })
            .collect();
        let cell = &self.crystal.primitive;
        // Point charges in vacuum with the forces of the Born charges.
        let charge = |n: usize| -> Option<f64> {
            let part = &self.family.long_range()?.long_range;
            Some(part.born.get(n)?.trace() / 3.0 / (part.dielectric.trace() / 3.0).sqrt())
        };
        let of = |element: &String| cell.symbols.iter().position(|s| s == element).unwrap_or(0);
        let atoms: Vec<Atoms> = potential
            .elements
            .iter()
            .map(|e| Atoms { mass: cell.masses[of(e)], charge: charge(of(e)) })
            .collect();
        let reference = refined.reference.unwrap_or("");
        let written =
            write_lammps(potential, &noted, &atoms, &refined.around, &stem, reference).in_job("potential")?;
        let (lammps, without) = match written {
            Ok(files) => {
                (files.into_iter().map(|(name, text)| TextFile { name, text }).collect(), String::new())
            }
            Err(words) => (vec![], words),
        };
        let curves = TextFile { name: format!("{stem}_curves.csv"), text: curves_csv(&curves) };
        Ok(PotentialFiles { lammps, without, curves })
    }
}

impl<F: Files> Run<F> {
    /// The job's potential where the fit stands, for other programs.
    ///
    /// # Errors
    /// A job without a potential; numbers that no table can hold.
    pub fn potential_files(&self) -> Result<PotentialFiles> {
        self.prepared.potential_files(&self.session, &self.uncertainty())
    }
}
