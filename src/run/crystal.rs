//! The crystal that a job names: read, and made as symmetric as is asked for.

use super::Files;
use super::prepare::{NamedYaml, kind_of, read_text, read_yaml};
use crate::crystal::{Cell, Crystal, Nearly, SpaceGroup};
use crate::error::Placed;
use crate::formats::poscar::read_poscar;
use crate::formats::recognise::Kind;
use crate::job::CrystalSpec;
use crate::{Error, Result};

/// The one thing in a job that may mend an atom of which no form factor is known.
pub(super) const FORM_FACTORS: &str = "form_factors";

/// The crystal of a file, as symmetric as the job asks for, and what there is to say of that.
pub(super) fn as_symmetric(
    spec: &CrystalSpec,
    cell: Cell,
    primitive: Option<Cell>,
) -> Result<(Crystal, Option<String>)> {
    let tolerance = match spec.tolerance {
        None => {
            let crystal = Crystal::new(cell.clone(), primitive.clone()).in_job(FORM_FACTORS)?;
            let Some(nearly) = crystal.nearly() else {
                let note = spec
                    .snap
                    .then_some("The crystal has no larger space group within 0.02 Å: nothing was moved.");
                return Ok((crystal, note.map(str::to_owned)));
            };
            if !spec.snap {
                let note = nearly_note(&crystal.space_group, &nearly);
                return Ok((crystal, Some(note)));
            }
            nearly.tolerance
        }
        Some(tolerance) if (1e-6..=0.1).contains(&tolerance) => tolerance,
        Some(tolerance) => {
            let expected = "a distance from 1e-6 to 0.1 Å";
            return Err(Error::job("crystal.tolerance", format!("{tolerance} Å"), expected));
        }
    };
    let crystal = Crystal::symmetrised(cell.clone(), primitive, tolerance).in_job(FORM_FACTORS)?;
    let moved = crystal.moved_from(&cell);
    let note = (moved.atoms.max(moved.lattice) > 1e-9).then(|| {
        let SpaceGroup { symbol, number } = &crystal.space_group;
        format!("The crystal was made symmetric, {symbol} (no. {number}): {moved}.")
    });
    Ok((crystal, note))
}

/// Says so when a crystal is a little off a larger space group, as rounded positions are.
fn nearly_note(own: &SpaceGroup, nearly: &Nearly) -> String {
    let Nearly { space_group, tolerance, off } = nearly;
    format!(
        "The space group is {} (no. {}), nearly {} (no. {}), from which it is off: {off}. If the file is rounded, \
         \"snap\": true in the job's crystal, or \"tolerance\": {tolerance}, makes it symmetric.",
        own.symbol, own.number, space_group.symbol, space_group.number
    )
}

/// What a crystal may be given as.
const CRYSTALS: &str = if cfg!(feature = "readers") {
    "a POSCAR, CIF or phonopy.yaml, or a force-constant file of Quantum ESPRESSO"
} else {
    "a POSCAR or a phonopy.yaml"
};

/// A crystal, its phonopy.yaml, and what a person should know of it.
pub(super) type CrystalRead = (Crystal, Option<NamedYaml>, Option<String>);

/// The cell of a file, its primitive cell where the file says one, and the phonopy.yaml that it may be.
///
/// # Errors
/// A file without a crystal, or one that cannot be read.
pub(super) fn read_cells(name: &str, files: &dyn Files) -> Result<(Cell, Option<Cell>, Option<NamedYaml>)> {
    match kind_of(name, files, Kind::Crystal)? {
        Kind::Phonopy => {
            let yaml = read_yaml(name, files)?;
            Ok((yaml.1.unit_cell.clone(), yaml.1.primitive_cell.clone(), Some(yaml)))
        }
        Kind::Crystal => Ok((read_poscar(name, &read_text(name, files)?)?, None, None)),
        kind => Err(Error::file(name, format!("this is {}", kind.title()), CRYSTALS)),
    }
}

/// What the job's crystal is.
///
/// # Errors
/// Neither or both of a file and a prototype, and whatever of them cannot be used.
pub(super) fn read_crystal(spec: &CrystalSpec, files: &dyn Files) -> Result<CrystalRead> {
    match (&spec.file, spec.prototype) {
        (Some(_), Some(_)) => Err(Error::job("crystal", "both a file and a prototype", "one of the two")),
        (None, None) => Err(Error::job("crystal", "neither a prototype nor a file", "one of the two")),
        // Its space group is to be named.
        (Some(_), None) if !cfg!(feature = "groups") => Err(Error::NeedsWhole),
        (Some(name), None) => {
            let (cell, primitive, yaml) = read_cells(name, files)?;
            let (crystal, note) = as_symmetric(spec, cell, primitive)?;
            Ok((crystal, yaml, note))
        }
        (None, Some(prototype)) => {
            let elements = match (&spec.element, &spec.elements) {
                (Some(e), None) => vec![e.clone()],
                (None, Some(list)) => list.clone(),
                _ => {
                    return Err(Error::job(
                        "crystal.element",
                        "missing",
                        "`element`, or `elements` for a compound",
                    ));
                }
            };
            let a = spec.a.ok_or_else(|| Error::job("crystal.a", "missing", "the lattice parameter in Å"))?;
            let cell = prototype.cell(&elements, a, spec.c).in_job("crystal")?;
            let crystal = Crystal::new(cell, None).and_then(|crystal| crystal.named_as(prototype));
            Ok((crystal.in_job(FORM_FACTORS)?, None, None))
        }
    }
}
