//! A fitted potential for other programs: the files of LAMMPS, and its curves as a table.

use nalgebra::Matrix3;
use serde::Serialize;

use super::curves::curves_csv;
use crate::error::Placed;
use crate::fit::{Session, Uncertainty};
use crate::formats::lammps::{Atoms, Noted, write_lammps};
use crate::run::{Files, Prepared, Run};
use crate::{Error, Result};

/// e: charges that differ by less are one; of ε the same.
const SAME: f64 = 1e-3;

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
        let written = match self.no_point_charges() {
            Some(words) => Err(words),
            None => write_lammps(potential, &noted, &atoms, &refined.around, &stem, reference)
                .in_job("potential")?,
        };
        let (lammps, without) = match written {
            Ok(files) => {
                (files.into_iter().map(|(name, text)| TextFile { name, text }).collect(), String::new())
            }
            Err(words) => (vec![], words),
        };
        let curves = TextFile { name: format!("{stem}_curves.csv"), text: curves_csv(&curves) };
        Ok(PotentialFiles { lammps, without, curves })
    }

    /// What keeps the charges of the job from being those of points, in words.
    fn no_point_charges(&self) -> Option<String> {
        let part = &self.family.long_range()?.long_range;
        let is_number = |m: &Matrix3<f64>| (m - Matrix3::identity() * (m.trace() / 3.0)).amax() < SAME;
        let symbols = &self.crystal.primitive.symbols;
        let first = |s: usize| symbols.iter().position(|other| *other == symbols[s]).unwrap_or(s);
        let differs = |s: usize| (part.born[s].trace() - part.born[first(s)].trace()).abs() > 3.0 * SAME;
        if let Some(s) = (0..symbols.len()).find(|&s| differs(s)) {
            return Some(format!(
                "LAMMPS has one charge for each element; the sites of {} have several",
                symbols[s]
            ));
        }
        let of = symbols.iter().zip(&part.born).find(|(_, z)| !is_number(z));
        let what = match of {
            Some((symbol, _)) => format!("the Born charges of {symbol} differ"),
            None if !is_number(&part.dielectric) => "the dielectric tensor differs".into(),
            None => return None,
        };
        Some(format!("LAMMPS has charges of points in vacuum alone; {what} from axis to axis"))
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
