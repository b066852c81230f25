//! From a job and its files to a crystal, force constants and models.

use std::borrow::Cow;

use super::constants::{asymmetry_note, range_of, read_full};
#[cfg(feature = "chosen")]
use super::constraints::imposed;
use super::crystal::{FORM_FACTORS, read_crystal};
use super::files::Files;
use super::long_wave::long_wave_notes;
use super::models::check_model;
use super::understood::Understood;
use crate::crystal::{Crystal, SpaceGroup};
use crate::data::mask::BraggLattice;
use crate::error::Placed;
use crate::fit::Pseudo;
use crate::formats::phonopy::{PhonopyYaml, read_phonopy_yaml};
use crate::formats::recognise::{Kind, recognise};
use crate::ifc::{Imposed, IrreducibleBasis, LinearForceConstants};
use crate::job::Job;
use crate::job::check_numbers;
use crate::job::unused;
#[cfg(feature = "chosen")]
use crate::job::{Constraints, PseudoData};
use crate::{Error, Result};

/// A job with everything resolved except the data.
#[derive(Clone)]
pub struct Prepared {
    /// The job as it was given.
    pub job: Job,
    /// What scatters.
    pub crystal: Crystal,
    /// The irreducible constants; absent when force constants are used as a file gives them.
    pub basis: Option<IrreducibleBasis>,
    /// Those that are fitted, where constraints leave fewer of them.
    pub imposed: Option<Imposed>,
    /// The force constants as a family in the parameters that are fitted.
    pub family: LinearForceConstants,
    /// What is known of the constants besides the data.
    pub(super) known: Vec<Pseudo>,
    /// Ranges of fitted constants, eV/Å².
    pub(super) bounds: Vec<(usize, [f64; 2])>,
    /// The potential that the constants follow from.
    #[cfg(feature = "potentials")]
    pub refined: Option<std::sync::Arc<super::Refined>>,
    /// Start (or given) parameters; eV/Å², or the factor 1 of force constants as read.
    pub theta: Vec<f64>,
    /// What a person should know although it is no error, of the crystal and of the constants above.
    pub warnings: Vec<String>,
    /// Those of `warnings` that are true of the start alone.
    pub(super) of_start: Vec<String>,
    /// The calibration about which that of each measurement is fitted; empty: hkl as the files have them.
    #[cfg(feature = "chosen")]
    pub(super) about: Vec<crate::fit::Calibration>,
    /// What orders beyond the first in that calibration add to the intensity of each row; empty: nothing is known of them.
    #[cfg(feature = "chosen")]
    pub(super) beyond: std::sync::Arc<Vec<Vec<f64>>>,
    /// How far the first order was off the last time, as a squared distance in σ.
    #[cfg(feature = "chosen")]
    pub(super) off: f64,
    /// Whether nothing that matters is expected to be left once the fit has gone on.
    #[cfg(feature = "chosen")]
    pub(super) settles: bool,
    /// How often the fit has gone on about the hkl that it found.
    #[cfg(feature = "chosen")]
    pub(super) rounds: usize,
    /// Whether the first order in the calibration is not good enough where the fit ended.
    #[cfg(feature = "chosen")]
    pub(super) calibration_open: bool,
}

impl Prepared {
    /// # Errors
    /// Anything in the job or its files that cannot be used.
    pub fn new(job: &Job, files: &dyn Files) -> Result<Self> {
        check_numbers(job)?;
        check_model(job)?;
        #[cfg(feature = "chosen")]
        super::instrument::check_instruments(job)?;
        job.mask.check().in_job("mask")?;
        let understood = Understood::new(files, job.crystal.file.as_deref());
        let files: &dyn Files = &understood;
        let (mut crystal, yaml, of_crystal) = read_crystal(&job.crystal, files)?;
        crystal.set_ions(&job.form_factors).in_job(FORM_FACTORS)?;
        for (element, [f1, f2]) in &job.anomalous {
            crystal.set_anomalous(element, *f1, *f2).in_job("anomalous")?;
        }
        #[cfg(feature = "chosen")]
        if let Some(energy) = job.measurement.energy_kev {
            super::instrument::set_energy(job, energy, "measurement.energy_kev", &mut crystal)?;
        }
        let mut warnings: Vec<String> = unused(job).into_iter().collect();
        warnings.extend(of_crystal);
        if let Some((name, file)) = &yaml
            && file.primitive_cell.as_ref().is_some_and(|cell| cell.len() > crystal.n_atoms())
        {
            warnings.push(format!(
                "The primitive cell of {name} holds several lattice points: force constants and intensities \
                 refer to the true primitive cell ({}).",
                count(crystal.n_atoms(), "atom")
            ));
        }
        let spec = job.force_constants.values.as_ref().or(job.force_constants.start.as_ref());
        let elastic = job.model.order.is_elastic();
        #[cfg(feature = "polar")]
        let dipoles =
            if elastic { None } else { super::polar::dipoles(job, &crystal, yaml.as_ref(), files)? };
        #[cfg(not(feature = "polar"))]
        let dipoles = None;
        #[cfg(feature = "potentials")]
        let potential = super::potential::built(job, &crystal, dipoles.as_deref(), files)?;
        #[cfg(feature = "potentials")]
        let reach = potential.as_ref().map(|built| built.reach);
        #[cfg(not(feature = "potentials"))]
        let reach: Option<f64> = None;
        let cutoff = match (job.force_constants.cutoff.or(reach), spec) {
            _ if elastic => None,
            (Some(cutoff), _) => Some(cutoff),
            (None, Some(spec)) => range_of(spec, &crystal)?,
            (None, None) => {
                return Err(Error::job(
                    "force_constants",
                    "neither cutoff nor constants",
                    "a cutoff in Å, or a set of constants as `start` or `values`",
                ));
            }
        };
        let basis =
            cutoff.map(|c| IrreducibleBasis::new(&crystal, c)).transpose().in_job("force_constants")?;
        let basis = basis.map(|mut basis| {
            basis.family.dipoles.clone_from(&dipoles);
            basis
        });
        #[cfg(feature = "chosen")]
        let basis = if elastic { Some(super::elastic::basis(job, &crystal)?) } else { basis };
        #[cfg(feature = "chosen")]
        let imposes = job.constraints != Constraints::default() || job.pseudo_data != PseudoData::default();
        #[cfg(feature = "chosen")]
        if basis.is_none() && imposes {
            return Err(Error::job(
                "constraints",
                "force constants as a file gives them",
                "a cutoff in Å, so that there are constants to constrain",
            ));
        }
        let (family, theta) = match &basis {
            Some(basis) => (basis.family.clone(), vec![0.0; basis.len()]),
            None => {
                let spec = spec
                    .ok_or_else(|| Error::job("force_constants", "nothing given", "`values` or `start`"))?;
                let full = read_full(spec, &crystal, yaml.as_ref(), files, dipoles.as_ref())?;
                warnings.extend(asymmetry_note(&full, &crystal));
                (full.into_family(), vec![1.0])
            }
        };
        let mut prepared = Prepared {
            job: job.clone(),
            family,
            basis,
            imposed: None,
            known: vec![],
            bounds: vec![],
            #[cfg(feature = "potentials")]
            refined: None,
            theta,
            crystal,
            warnings,
            of_start: vec![],
            #[cfg(feature = "chosen")]
            about: vec![],
            #[cfg(feature = "chosen")]
            beyond: std::sync::Arc::default(),
            #[cfg(feature = "chosen")]
            off: f64::INFINITY,
            #[cfg(feature = "chosen")]
            settles: false,
            #[cfg(feature = "chosen")]
            rounds: 0,
            #[cfg(feature = "chosen")]
            calibration_open: false,
        };
        #[cfg(feature = "chosen")]
        let spec = if elastic { prepared.elastic_start(spec, files)? } else { spec.cloned() };
        #[cfg(feature = "chosen")]
        let spec = spec.as_ref();
        if let (Some(spec), true) = (spec, prepared.basis.is_some()) {
            let (theta, warning) = prepared.constants_with(spec, yaml.as_ref(), files)?;
            prepared.warnings.extend(warning);
            prepared.theta = theta;
        }
        #[cfg(feature = "chosen")]
        {
            #[cfg(feature = "potentials")]
            prepared.with_potential(potential)?;
            prepared.impose()?;
            prepared.with_knowledge(files)?;
        }
        prepared.warnings.extend(understood.notes());
        // The long-range part of the force constants is in the elastic constants.
        if !elastic {
            #[cfg(feature = "polar")]
            let note = super::polar::note(job, &prepared.crystal, &prepared.family, &prepared.theta);
            #[cfg(not(feature = "polar"))]
            let note = polar_note(&prepared.crystal);
            prepared.warnings.extend(note);
        }
        let of_start = long_wave_notes(&prepared, &prepared.theta);
        prepared.add_of_start(of_start);
        Ok(prepared)
    }

    /// From all irreducible constants to those that the constraints leave free, the nearest ones.
    #[cfg(feature = "chosen")]
    fn impose(&mut self) -> Result<()> {
        let Some(basis) = &self.basis else { return Ok(()) };
        let all = std::mem::take(&mut self.theta);
        let Some(imposed) = imposed(basis, &self.job, &all)? else {
            self.theta = all;
            return Ok(());
        };
        self.family = imposed.family.clone();
        self.theta = imposed.nearest(&all);
        let there = imposed.all(&self.theta);
        self.imposed = Some(imposed);
        let Constraints { fixed, .. } = &self.job.constraints;
        let labels = self.labels();
        let free = (0..all.len()).filter(|p| !fixed.contains_key(&labels[*p]));
        let moved = free.map(|p| (there[p] - all[p]).abs()).fold(0.0, f64::max);
        if moved > 1e-4 * all.iter().fold(0.0, |m: f64, t| m.max(t.abs())) {
            self.warnings.push(format!(
                "The constants that were given do not meet the constraints: the nearest that do are up to {moved:.2} eV/Å² \
                 away."
            ));
        }
        Ok(())
    }

    /// Refuses what only force constants give.
    ///
    /// # Errors
    /// A job of elastic constants.
    pub fn check_has_force_constants(&self) -> Result<()> {
        if self.job.model.order.is_elastic() {
            let what = "elastic constants, no force constants";
            return Err(Error::job("model.order", what, "another order for what needs those"));
        }
        Ok(())
    }

    /// The job with what it left to the constants' own range.
    pub fn job_as_used(&self) -> Job {
        let mut job = self.job.clone();
        if let Some(basis) = self.basis.as_ref().filter(|_| !job.model.order.is_elastic()) {
            job.force_constants.cutoff = Some(basis.cutoff);
        }
        job
    }

    /// Adds notes that are true of the start alone.
    pub(super) fn add_of_start(&mut self, notes: Vec<String>) {
        for note in notes {
            if !self.warnings.contains(&note) {
                self.warnings.push(note.clone());
                self.of_start.push(note);
            }
        }
    }

    /// What a person should know of the crystal and of other constants `theta`.
    pub fn notes_at(&self, theta: &[f64]) -> Vec<String> {
        let lasting = self.warnings.iter().filter(|note| !self.of_start.contains(note));
        lasting.cloned().chain(long_wave_notes(self, theta)).collect()
    }

    /// Unit of the constants.
    pub fn unit(&self) -> &'static str {
        self.basis.as_ref().map_or("eV/Å²", IrreducibleBasis::unit)
    }

    /// Labels of the irreducible constants.
    pub fn labels(&self) -> Vec<String> {
        match &self.basis {
            Some(basis) => basis.labels(),
            None => vec!["as read".into()],
        }
    }

    /// Each irreducible constant in words, “O1–Ti1 at 1.95 Å, along the bond”; empty where its label says what it is.
    pub fn meanings(&self) -> Vec<String> {
        self.basis.as_ref().map_or_else(Vec::new, |basis| basis.meanings(&self.crystal))
    }

    /// Symbol and number.
    pub fn space_group(&self) -> &SpaceGroup {
        &self.crystal.space_group
    }

    /// The reciprocal lattice of the primitive cell.
    ///
    /// # Errors
    /// Lattice vectors that span no volume.
    pub fn bragg_lattice(&self) -> Result<BraggLattice> {
        BraggLattice::new(&self.crystal.primitive_in_input)
            .ok_or_else(|| Error::Symmetry { what: "the lattice vectors lie in one plane".into() })
    }
}

/// A phonopy.yaml with its name.
pub(super) type NamedYaml = (String, PhonopyYaml);

/// The long-range part that the small package leaves out: the one that has everything says how large it is.
#[cfg(not(feature = "polar"))]
fn polar_note(crystal: &Crystal) -> Option<String> {
    crystal.may_be_polar().then(|| {
        "The crystal may be polar: the long-range (non-analytical) part of its force constants is not in the model. The size \
         of the error is not known without Born charges and the dielectric tensor."
            .to_owned()
    })
}

/// “1 atom”, “2 atoms”.
pub(super) fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

pub(super) fn read_text(name: &str, files: &dyn Files) -> Result<String> {
    let bytes = files.read(name)?;
    crate::formats::decode(name, &bytes).map(Cow::into_owned)
}

pub(super) fn read_yaml(name: &str, files: &dyn Files) -> Result<NamedYaml> {
    Ok((name.to_owned(), read_phonopy_yaml(name, &read_text(name, files)?)?))
}

/// What a file of the job is. Where its content says nothing, its name decides between `other` and phonopy.yaml, so
/// that the reader can say what is wrong with it.
pub(super) fn kind_of(name: &str, files: &dyn Files, other: Kind) -> Result<Kind> {
    let kind = recognise(&files.read(name)?);
    let lower = name.to_ascii_lowercase();
    match kind {
        Kind::Data | Kind::Binary | Kind::Archive | Kind::Volume
            if lower.ends_with(".yaml") || lower.ends_with(".yml") =>
        {
            Ok(Kind::Phonopy)
        }
        Kind::Data | Kind::Binary | Kind::Archive | Kind::Volume => Ok(other),
        kind => Ok(kind),
    }
}
