//! Foreign files of crystals and force constants in the few forms that the engine reads.
//!
//! A CIF becomes a POSCAR, force constants of Quantum ESPRESSO and TDEP a phonopy.yaml, force_constants.hdf5 a
//! FORCE_CONSTANTS, a packed file what it holds; anything else stays as it is. What a file is, is told by its content, so
//! that the result keeps the name that a job calls it by.

use super::packed::{beginning, unpack, unpacked_name};
use super::phonopy::{hdf5_to_text, read_born, read_phonopy_yaml, write_phonopy_yaml_with};
use super::poscar::{read_poscar, write_poscar};
use super::recognise::{Kind, recognise};
use super::{cif, decode, quantum_espresso, tdep};
use crate::crystal::Cell;
use crate::{Error, Result};

/// What the engine reads instead of a foreign file.
#[derive(Debug, Clone, PartialEq)]
pub struct Canonical {
    /// Names and contents; the first has the name of the foreign file.
    pub files: Vec<(String, Vec<u8>)>,
    /// What a person should know of the reading.
    pub notes: Vec<String>,
}

/// What a file is, also where it is packed.
pub fn recognise_within(bytes: &[u8]) -> Kind {
    // As much as decides, unpacked.
    const LENGTH: usize = 1 << 16;
    match beginning(bytes, LENGTH) {
        Some(inner) if !inner.is_empty() => recognise(&inner),
        _ => recognise(bytes),
    }
}

/// Turns a file into what the engine reads. `others` are files beside it: force constants of TDEP need their crystal.
///
/// # Errors
/// A foreign file that cannot be read, with the place.
pub fn canonical(name: &str, bytes: &[u8], others: &[(String, Vec<u8>)]) -> Result<Canonical> {
    let packed = unpack(name, bytes)?;
    let one = |bytes: Vec<u8>, notes: Vec<String>| Canonical { files: vec![(name.to_owned(), bytes)], notes };
    Ok(match recognise(&packed) {
        Kind::Cif => {
            let cif = cif::read_cif(name, &packed)?;
            let title = format!("from {}", unpacked_name(name));
            one(write_poscar(&cif.cell, &title).into_bytes(), cif.notes)
        }
        Kind::QuantumEspresso => {
            let file = quantum_espresso::read_q2r(name, &decode(name, &packed)?)?;
            let note = file.long_range.as_ref().map(|_| {
                format!(
                    "The crystal is polar: the force constants of {name} are what q2r left without the dipole–dipole part of its \
                     Born charges; that part was put back."
                )
            });
            let yaml = write_phonopy_yaml_with(&file.constants, file.long_range.as_ref());
            one(yaml.into_bytes(), note.into_iter().collect())
        }
        Kind::Tdep => {
            let Some(cell) = crystal_beside(others)? else {
                let what = "there is no crystal beside these force constants";
                return Err(Error::file(name, what, "the `infile.ucposcar` that belongs to them"));
            };
            let (constants, note) = tdep::read_tdep(name, &decode(name, &packed)?, &cell)?;
            one(write_phonopy_yaml_with(&constants, None).into_bytes(), note.into_iter().collect())
        }
        Kind::ConstantsHdf5 => one(hdf5_to_text(name, &packed)?.into_bytes(), vec![]),
        Kind::Born => {
            let born = read_born(name, &decode(name, &packed)?)?;
            one(packed.into_owned(), vec![format!("{name}: {}.", born.describe())])
        }
        _ => one(packed.into_owned(), vec![]),
    })
}

/// The cell of the first file that has one.
fn crystal_beside(others: &[(String, Vec<u8>)]) -> Result<Option<Cell>> {
    for (name, bytes) in others {
        let packed = unpack(name, bytes)?;
        let cell = match recognise(&packed) {
            Kind::Cif => cif::read_cif(name, &packed)?.cell,
            Kind::Crystal => read_poscar(name, &decode(name, &packed)?)?,
            Kind::Phonopy => read_phonopy_yaml(name, &decode(name, &packed)?)?.unit_cell,
            Kind::QuantumEspresso => {
                quantum_espresso::read_q2r(name, &decode(name, &packed)?)?.constants.unit_cell
            }
            _ => continue,
        };
        return Ok(Some(cell));
    }
    Ok(None)
}
