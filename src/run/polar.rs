//! Born charges and the dielectric tensor of a job, and what there is to say where it has none.

use std::sync::Arc;

use nalgebra::Matrix3;

use super::prepare::{NamedYaml, kind_of, read_text, read_yaml};
use super::{Files, LongRangeReport};
use crate::crystal::{ChargesOf, Crystal, LongRange};
use crate::error::Placed;
use crate::formats::phonopy::read_born;
use crate::formats::recognise::Kind;
use crate::ifc::{DipoleDipole, LinearForceConstants};
use crate::job::{Job, NonAnalytical};
use crate::{Error, Result};

const FIELD: &str = "non_analytical";

/// The charges that the file of a crystal holds, as they are used.
///
/// # Errors
/// Charges that cannot be used.
pub(super) fn held(yaml: Option<&NamedYaml>, crystal: &Crystal) -> Result<Option<LongRangeReport>> {
    let Some((name, file)) = yaml.filter(|(_, file)| file.has_nac) else { return Ok(None) };
    Ok(Some(LongRangeReport::new(&of_yaml(name, file, crystal)?)))
}

/// The dipole–dipole part of the force constants; none where the job has none.
///
/// # Errors
/// Charges that cannot be used.
pub(super) fn dipoles(
    job: &Job,
    crystal: &Crystal,
    yaml: Option<&NamedYaml>,
    files: &dyn Files,
) -> Result<Option<Arc<DipoleDipole>>> {
    let complete = match &job.non_analytical {
        Some(NonAnalytical::Wanted(false)) => return Ok(None),
        Some(NonAnalytical::Charges(given)) => {
            let matrix = |m: &[[f64; 3]; 3]| Matrix3::from_fn(|i, j| m[i][j]);
            let born = given.born_charges.iter().map(matrix).collect();
            let dielectric = matrix(&given.dielectric);
            let long_range =
                LongRange { born, dielectric, factor: None, total: Matrix3::zeros(), changed: 0.0 };
            long_range.complete(crystal, ChargesOf::AnyAtoms).in_job(FIELD)?
        }
        Some(NonAnalytical::File(given)) => of_file(&given.file, crystal, yaml, files)?,
        wanted => match yaml {
            Some((name, file)) if file.has_nac => of_yaml(name, file, crystal)?,
            _ if wanted.is_none() => return Ok(None),
            _ => {
                let what = "true, but the file of the crystal holds no Born charges";
                let expected = "a phonopy.yaml or q2r file with them, {\"file\": …} or {\"born_charges\": …, \"dielectric\": …}";
                return Err(Error::job(FIELD, what, expected));
            }
        },
    };
    Ok(DipoleDipole::new(&crystal.primitive, &complete).in_job(FIELD)?.map(Arc::new))
}

fn of_file(name: &str, crystal: &Crystal, yaml: Option<&NamedYaml>, files: &dyn Files) -> Result<LongRange> {
    match kind_of(name, files, Kind::Born)? {
        Kind::Phonopy => match yaml {
            Some((known, file)) if known == name => of_yaml(name, file, crystal),
            _ => of_yaml(name, &read_yaml(name, files)?.1, crystal),
        },
        Kind::Born => {
            let born = read_born(name, &read_text(name, files)?)?;
            born.long_range.complete(crystal, ChargesOf::AnyAtoms).map_err(|e| in_file(name, e))
        }
        kind => {
            let what = format!("this is {}", kind.title());
            let expected = "a BORN of phonopy, or a phonopy.yaml or force constants of Quantum ESPRESSO with Born charges";
            Err(Error::file(name, what, expected))
        }
    }
}

fn of_yaml(name: &str, file: &crate::formats::phonopy::PhonopyYaml, crystal: &Crystal) -> Result<LongRange> {
    let Some(long_range) = &file.long_range else {
        let what = "the Born charges or the dielectric constant are incomplete";
        let expected = "`nac:` with `born_effective_charge:` and `dielectric_constant:`, three rows of three numbers each";
        return Err(Error::file(name, what, expected));
    };
    let cell = file.primitive_cell.as_ref().unwrap_or(&file.unit_cell);
    long_range.complete(crystal, ChargesOf::Cell(cell)).map_err(|e| in_file(name, e))
}

/// A value that a file gave.
fn in_file(name: &str, error: Error) -> Error {
    match error {
        Error::Value { part, what, expected } => Error::file(name, format!("{part}: {what}"), expected),
        other => other,
    }
}

/// Elements that form anions, with their nominal charge (e) and the ε∞ that their compounds have on the average. Those of
/// covalent compounds are Born charges: GaAs 2.2, AlP 2.2, SiC 2.7.
const ANIONS: [(&str, f64, f64); 14] = [
    ("F", -1.0, 1.9),
    ("Cl", -1.0, 2.3),
    ("Br", -1.0, 2.6),
    ("I", -1.0, 3.2),
    ("O", -2.0, 3.5),
    ("S", -2.0, 5.5),
    ("Se", -2.0, 6.0),
    ("Te", -2.0, 7.5),
    ("N", -2.7, 4.8),
    ("P", -2.2, 9.0),
    ("As", -2.2, 11.0),
    ("Sb", -2.2, 14.0),
    ("C", -2.7, 6.6),
    ("H", -1.0, 3.6),
];

/// Charges that a polar crystal may have: the anions' own ones, and what makes up for them shared by all other atoms.
fn nominal(crystal: &Crystal) -> Option<LongRange> {
    let symbols = &crystal.primitive.symbols;
    // The first in the table is the anion: in sulfates oxygen, not sulfur.
    let first = ANIONS.iter().find(|(element, ..)| symbols.iter().any(|s| s == element))?;
    let same_kind = |s: &String| ANIONS.iter().find(|a| a.0 == *s && a.1 == first.1);
    let anions: Vec<_> = symbols.iter().map(same_kind).collect();
    let charge: f64 = anions.iter().flatten().map(|a| a.1).sum();
    let n = anions.iter().flatten().count();
    let others = symbols.len() - n;
    if others == 0 {
        return None;
    }
    let epsilon = anions.iter().flatten().map(|a| a.2).sum::<f64>() / n as f64;
    let born =
        anions.iter().map(|a| Matrix3::identity() * a.map_or(-charge / others as f64, |a| a.1)).collect();
    let dielectric = Matrix3::identity() * epsilon;
    Some(LongRange { born, dielectric, factor: None, total: Matrix3::zeros(), changed: 0.0 })
}

/// e: what a calculation may miss of neutrality and symmetry without a word.
const NOTICED: f64 = 0.1;

/// Elements that are negative beside all that follow.
const MOST_NEGATIVE: [&str; 9] = ["F", "O", "N", "Cl", "Br", "I", "S", "Se", "Te"];

/// What makes one doubt that charges are those of the atoms that they are given for.
fn doubts(charges: &LongRange, crystal: &Crystal) -> Vec<String> {
    const ORDER: &str = "are they in the order of the atoms and in the Cartesian frame of the crystal?";
    let mut out = vec![];
    let total = charges.total[charges.total.iamax_full()];
    if total.abs() > NOTICED {
        out.push(format!("The charges add up to {total:.2} e, which was taken off all atoms alike."));
    }
    if charges.changed > NOTICED {
        out.push(format!(
            "The symmetry of the crystal changes a charge by {:.2} e: {ORDER}",
            charges.changed
        ));
    }
    let symbols = &crystal.primitive.symbols;
    if let Some(anion) = MOST_NEGATIVE.iter().find(|element| symbols.iter().any(|s| s == *element)) {
        let own: Vec<f64> = symbols
            .iter()
            .zip(&charges.born)
            .filter(|(symbol, _)| *symbol == anion)
            .map(|(_, z)| z.trace() / 3.0)
            .collect();
        let mean = own.iter().sum::<f64>() / own.len() as f64;
        if mean > NOTICED {
            out.push(format!("{anion} has a positive charge, {mean:.2} e: {ORDER}"));
        }
    }
    out
}

/// What is known of the long-range part where the model leaves it out; and that it does not, where nobody typed it.
pub(super) fn note(
    job: &Job,
    crystal: &Crystal,
    family: &LinearForceConstants,
    theta: &[f64],
) -> Option<String> {
    if let Some(part) = family.long_range() {
        let from = match &job.non_analytical {
            Some(NonAnalytical::File(given)) => Some(&given.file),
            Some(NonAnalytical::Charges(_)) => None,
            _ => job.crystal.file.as_ref(),
        };
        let from = from.map(|from| {
            format!(
                "The long-range part of the force constants is in the model, by the Born charges of {from}."
            )
        });
        let notes: Vec<String> = from.into_iter().chain(doubts(&part.long_range, crystal)).collect();
        return (!notes.is_empty()).then(|| notes.join(" "));
    }
    if job.non_analytical.is_some() || !crystal.may_be_polar() {
        return None;
    }
    let missing = "the long-range (non-analytical) part of its force constants is not in the model";
    let size = nominal(crystal).and_then(|charges| {
        let masses = &crystal.primitive.masses;
        charges.splitting(&family.at(theta), masses, crystal.primitive.volume())
    });
    let size = match size.filter(|s| s.with > 0.0 && s.with.is_finite()) {
        Some(s) => format!(
            "By nominal charges an optical frequency at Γ would rise from {:.2} to about {:.1} THz; intensities are off where \
             optical modes near Γ count, by some percent elsewhere.",
            s.without, s.with
        ),
        None => "The size of the error is not known.".to_owned(),
    };
    Some(format!(
        "The crystal may be polar: {missing}. {size} Born charges and the dielectric tensor bring it in (non_analytical), and \
         \"non_analytical\": false says that there are none."
    ))
}
