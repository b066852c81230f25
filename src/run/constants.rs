//! Force constants that a job names: from the library, by label, as springs, as estimated bonds, from a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use nalgebra::{Matrix3, Vector3};

use super::prepare::{NamedYaml, kind_of, read_text, read_yaml};
use super::understood::Understood;
use super::{Files, Prepared};
use crate::crystal::Crystal;
use crate::error::Placed;
use crate::formats::phonopy::{has_unit, read_force_constants};
use crate::formats::recognise::Kind;
use crate::ifc::supercell::SupercellForceConstants;
use crate::ifc::{
    DipoleDipole, ForceConstants, IrreducibleBasis, bonds, from_supercell, library_entry, shell_distances,
};
use crate::job::STIFFEST;
use crate::job::{ConstantsSpec, SupercellMatrix};
use crate::{Error, Result};

/// Where a job says them.
const FIELD: &str = "force_constants";
const LIBRARY: &str = "force_constants.library";
const LABELS: &str = "force_constants.labels";

impl Prepared {
    /// A further set of constants as irreducible ones of this job, eV/Å²; no constraint is imposed on it.
    pub fn constants(&self, spec: &ConstantsSpec, files: &dyn Files) -> Result<Vec<f64>> {
        let understood = Understood::new(files, self.job.crystal.file.as_deref());
        let files: &dyn Files = &understood;
        let yaml = match &self.job.crystal.file {
            Some(name) if kind_of(name, files, Kind::Crystal)? == Kind::Phonopy => {
                Some(read_yaml(name, files)?)
            }
            _ => None,
        };
        Ok(self.constants_with(spec, yaml.as_ref(), files)?.0)
    }

    pub(super) fn constants_with(
        &self,
        spec: &ConstantsSpec,
        yaml: Option<&NamedYaml>,
        files: &dyn Files,
    ) -> Result<(Vec<f64>, Option<String>)> {
        spec.check()?;
        let Some(basis) = &self.basis else {
            return Err(Error::job("force_constants", "no cutoff", "a cutoff in Å"));
        };
        if let Some(id) = &spec.library {
            let entry = library_entry(id).in_job(LIBRARY)?;
            let own = entry.crystal()?;
            if own.space_group != self.crystal.space_group || self.crystal.n_atoms() != 1 {
                return Err(Error::job(
                    "force_constants.library",
                    format!("'{id}' is for {} ({})", entry.element, own.space_group.symbol),
                    format!("a set for {}", self.crystal.space_group.symbol),
                ));
            }
            let mut warnings = Vec::new();
            if entry.element != self.crystal.primitive.symbols[0] {
                warnings.push(format!(
                    "The constants '{id}' were published for {}, not for {}.",
                    entry.element, self.crystal.primitive.symbols[0]
                ));
            }
            let (labels, fitted) = fit_to_cutoff(basis, id, entry.labels()?);
            warnings.extend(fitted);
            let warning = (!warnings.is_empty()).then(|| warnings.join(" "));
            return Ok((basis.values_from_labels(&labels).in_job(LABELS)?, warning));
        }
        if let Some(labels) = &spec.labels {
            return Ok((basis.values_from_labels(labels).in_job(LABELS)?, None));
        }
        if let Some(springs) = &spec.springs {
            return Ok((self.springs(basis, springs)?, None));
        }
        if let Some(factor) = spec.bonds {
            return Ok((basis.project(&bonds(&self.crystal, &self.family, factor)).theta, None));
        }
        let full = read_full(spec, &self.crystal, yaml, files, self.family.long_range())?;
        let projection = basis.project(&full);
        let asymmetry = asymmetry_note(&full, &self.crystal);
        let warning = (projection.relative_residual > 1e-6).then(|| {
            format!(
                "The irreducible constants up to {} Å represent the file's force constants to {:.1} % \
                 (largest difference {:.4} eV/Å²).",
                basis.cutoff,
                100.0 * projection.relative_residual,
                projection.largest_residual
            )
        });
        let warnings: Vec<String> = warning.into_iter().chain(asymmetry).collect();
        Ok((projection.theta, (!warnings.is_empty()).then(|| warnings.join(" "))))
    }

    /// Φ(R) = −k R̂R̂ᵀ on the named shells.
    fn springs(&self, basis: &IrreducibleBasis, springs: &BTreeMap<String, f64>) -> Result<Vec<f64>> {
        let shells = shell_distances(&self.crystal, basis.cutoff).in_job(FIELD)?;
        let mut by_shell = vec![0.0; shells.len()];
        for (name, k) in springs {
            let field = format!("force_constants.springs.{name}");
            let shell = name
                .trim()
                .parse::<usize>()
                .ok()
                .filter(|s| (1..=shells.len()).contains(s))
                .ok_or_else(|| {
                    let within =
                        format!("a shell from 1 to {} within the cutoff of {} Å", shells.len(), basis.cutoff);
                    Error::job(&field, "no such shell", within)
                })?;
            if !k.is_finite() {
                return Err(Error::job(&field, format!("{k}"), "a finite number in eV/Å²"));
            }
            by_shell[shell - 1] = *k;
        }
        let pairs = self
            .family
            .terms
            .iter()
            .filter(|t| t.vector.norm() > 1e-6)
            .map(|t| {
                let d = t.vector.norm();
                let shell = (0..shells.len())
                    .min_by(|&a, &b| (shells[a] - d).abs().total_cmp(&(shells[b] - d).abs()));
                let k = by_shell[shell.unwrap_or(0)];
                let n = t.vector / d;
                (t.i, t.j, t.cell, t.vector, n * n.transpose() * -k)
            })
            .collect();
        let lattice = self.crystal.primitive.lattice;
        let n_atoms = self.crystal.n_atoms();
        Ok(basis.project(&ForceConstants { n_atoms, lattice, pairs, dipoles: None }).theta)
    }
}

/// A set of the library cut to the cutoff, with the sentence that says so; also where the cutoff takes in
/// shells that the set does not have.
fn fit_to_cutoff(
    basis: &IrreducibleBasis,
    id: &str,
    labels: BTreeMap<String, f64>,
) -> (BTreeMap<String, f64>, Option<String>) {
    let (mut kept, mut beyond) = (BTreeMap::new(), Vec::new());
    for (label, value) in labels {
        if basis.reaches(&label) {
            kept.insert(label, value);
        } else {
            beyond.extend(shell_of(&label));
        }
    }
    let last = |labels: &mut dyn Iterator<Item = &String>| labels.filter_map(|l| shell_of(l)).max();
    let cutoff = basis.cutoff;
    if !beyond.is_empty() {
        crate::base::order::sort_by(&mut beyond, usize::cmp);
        beyond.dedup();
        let names = beyond.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        let (shells, are) = if beyond.len() == 1 { ("shell", "is") } else { ("shells", "are") };
        let sentence = format!(
            "The set '{id}' reaches beyond the cutoff of {cutoff} Å: its {shells} {names} {are} left out of the start."
        );
        return (kept, Some(sentence));
    }
    let (set, all) = (last(&mut kept.keys()), last(&mut basis.labels().iter()));
    let sentence = match (set, all) {
        (Some(set), Some(all)) if set < all => {
            let shells = if set + 1 == all {
                format!("shell {all} within the cutoff of {cutoff} Å starts")
            } else {
                format!("shells {} to {all} within the cutoff of {cutoff} Å start", set + 1)
            };
            Some(format!("The set '{id}' ends at shell {set}: {shells} from zero."))
        }
        _ => None,
    };
    (kept, sentence)
}

/// The number that a label such as "3XZ" or "6aXX" starts with.
fn shell_of(label: &str) -> Option<usize> {
    label.trim().chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

/// The cutoff a set of constants implies; none for force constants as read.
pub(super) fn range_of(spec: &ConstantsSpec, crystal: &Crystal) -> Result<Option<f64>> {
    spec.check()?;
    if let Some(id) = &spec.library {
        return library_entry(id).in_job(LIBRARY)?.cutoff(crystal).map(Some).in_job(FIELD);
    }
    let missing = || {
        Error::job("force_constants.cutoff", "missing", "a cutoff in Å, since the constants do not imply one")
    };
    if spec.bonds.is_some() {
        return Err(missing());
    }
    let names: Vec<&String> = match (&spec.labels, &spec.springs) {
        (Some(labels), _) => labels.keys().collect(),
        (_, Some(springs)) => springs.keys().collect(),
        _ => return Ok(None),
    };
    let unit = crystal.primitive.volume().cbrt() * 2.0;
    // Between several atoms a label says how far it reaches: "Na1-Cl2 2.845 XX".
    let distance = |name: &&String| name.split_whitespace().nth(1).and_then(|word| word.parse::<f64>().ok());
    if let Some(reach) = names.iter().map(distance).collect::<Option<Vec<_>>>() {
        let reach = reach.into_iter().fold(0.0, f64::max);
        if !(reach > 0.0 && reach < 4.0 * unit) {
            return Err(missing());
        }
        let distances = shell_distances(crystal, reach + unit).in_job(FIELD)?;
        let last = distances.iter().rposition(|d| *d < reach + 1e-3);
        return match last.and_then(|last| distances.get(last..=last + 1)) {
            Some(&[last, next]) => Ok(Some(0.5 * (last + next))),
            _ => Err(missing()),
        };
    }
    let shells = names
        .into_iter()
        .map(|name| shell_of(name))
        .collect::<Option<Vec<_>>>()
        .and_then(|n| n.into_iter().max());
    let n = shells.filter(|n| (1..=30).contains(n)).ok_or_else(missing)?;
    let distances = shell_distances(crystal, unit * (1.0 + (n as f64).sqrt())).in_job(FIELD)?;
    match distances.get(n - 1..=n) {
        Some(&[last, next]) => Ok(Some(0.5 * (last + next))),
        _ => Err(missing()),
    }
}

/// Constants of equivalent pairs that differ by more than this part of the largest are not those of the crystal.
const ASYMMETRIC: f64 = 0.1;

/// Of force constants that are not as symmetric as the crystal.
pub(super) fn asymmetry_note(full: &ForceConstants, crystal: &Crystal) -> Option<String> {
    if cfg!(not(feature = "phonopy")) {
        return None;
    }
    let asymmetry = full.asymmetry(crystal);
    (asymmetry > ASYMMETRIC).then(|| {
        format!(
            "Force constants of pairs that symmetry makes equivalent differ by up to {:.0} % of the largest one: are their \
             file and the crystal's in one Cartesian frame, with the atoms in the same order?",
            100.0 * asymmetry
        )
    })
}

#[cfg_attr(not(feature = "phonopy"), allow(unreachable_code))]
pub(super) fn read_full(
    spec: &ConstantsSpec,
    crystal: &Crystal,
    yaml: Option<&NamedYaml>,
    files: &dyn Files,
    dipoles: Option<&Arc<DipoleDipole>>,
) -> Result<ForceConstants> {
    if cfg!(not(feature = "phonopy")) {
        return Err(Error::NeedsWhole);
    }
    let full = supercell_of(spec, crystal, yaml, files)?;
    from_supercell(crystal, &full, dipoles)
}

/// The force constants of a file as it holds them, for a job that has been prepared.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn read_supercell(
    spec: &ConstantsSpec,
    prepared: &Prepared,
    files: &dyn Files,
) -> Result<SupercellForceConstants> {
    let crystal_file = prepared.job.crystal.file.as_deref();
    let understood = Understood::new(files, crystal_file);
    let yaml = match crystal_file {
        Some(name) if kind_of(name, &understood, Kind::Crystal)? == Kind::Phonopy => {
            Some(read_yaml(name, &understood)?)
        }
        _ => None,
    };
    supercell_of(spec, &prepared.crystal, yaml.as_ref(), &understood)
}

#[cfg_attr(not(feature = "phonopy"), allow(unreachable_code))]
fn supercell_of(
    spec: &ConstantsSpec,
    crystal: &Crystal,
    yaml: Option<&NamedYaml>,
    files: &dyn Files,
) -> Result<SupercellForceConstants> {
    let name = spec.file.as_deref().unwrap_or_default();
    let full = match kind_of(name, files, Kind::Constants)? {
        Kind::Phonopy => match yaml {
            Some((known, file)) if known == name => file.clone().into_force_constants(name)?,
            _ => read_yaml(name, files)?.1.into_force_constants(name)?,
        },
        Kind::Constants => read_force_constants_of(name, spec, crystal, yaml, files)?,
        kind => {
            let what = format!("this is {}", kind.title());
            return Err(Error::file(name, what, CONSTANTS));
        }
    };
    check_sizes(name, &full)?;
    Ok(full)
}

/// What force constants may be given as.
const CONSTANTS: &str = if cfg!(feature = "readers") {
    "FORCE_CONSTANTS, force_constants.hdf5, a phonopy.yaml with force constants, or those of Quantum ESPRESSO or TDEP"
} else {
    "FORCE_CONSTANTS, or a phonopy.yaml with force constants"
};

/// FORCE_CONSTANTS carries neither atoms nor units: both come from the phonopy.yaml of the job, if there is one.
fn read_force_constants_of(
    name: &str,
    spec: &ConstantsSpec,
    crystal: &Crystal,
    yaml: Option<&NamedYaml>,
    files: &dyn Files,
) -> Result<SupercellForceConstants> {
    let matrix = match (&spec.supercell_matrix, yaml) {
        (Some(SupercellMatrix::Diagonal(n)), _) => Matrix3::from_diagonal(&Vector3::from(*n)),
        (Some(SupercellMatrix::Full(m)), _) => Matrix3::from_fn(|i, j| m[i][j]),
        (None, Some((_, file))) => file.supercell_matrix,
        (None, None) => {
            return Err(Error::job(
                "force_constants.supercell_matrix",
                "missing",
                "the supercell of the FORCE_CONSTANTS file in input cells, e.g. [2, 2, 2]",
            ));
        }
    };
    let text = read_text(name, files)?;
    let unit = match yaml {
        _ if has_unit(&text) => 1.0,
        Some((yaml_name, file)) => file.force_constants_unit.ok_or_else(|| {
            let what = "the unit of the force constants is not known";
            Error::file(yaml_name, what, "`force_constants: \"eV/angstrom^2\"` under `physical_unit:`")
        })?,
        None => 1.0,
    };
    let mut full = read_force_constants(name, &text, &crystal.input, matrix).in_job(FIELD)?;
    full.phi.iter_mut().for_each(|block| *block *= unit);
    Ok(full)
}

fn check_sizes(name: &str, full: &SupercellForceConstants) -> Result<()> {
    let largest = full.phi.iter().map(|block| block.amax()).fold(0.0, f64::max);
    if largest <= STIFFEST {
        return Ok(());
    }
    let what = format!("a force constant of {largest:.1e} eV/Å²");
    Err(Error::file(name, what, format!("at most {STIFFEST:e} eV/Å²")))
}

impl ConstantsSpec {
    fn check(&self) -> Result<()> {
        let given = [
            self.library.is_some(),
            self.labels.is_some(),
            self.file.is_some(),
            self.springs.is_some(),
            self.bonds.is_some(),
        ];
        match given.iter().filter(|g| **g).count() {
            1 => Ok(()),
            n => Err(Error::job(
                "force_constants",
                format!("{n} sources of constants"),
                "exactly one of library, labels, file, springs, bonds",
            )),
        }
    }
}
