//! From a job and its files to a crystal, force constants and models.

use std::collections::BTreeMap;

use nalgebra::{Matrix3, Vector3};

use super::{ConstantsSpec, DataSpec, Job, SupercellMatrix};
use crate::crystal::phonopy_yaml::{PhonopyYaml, read_phonopy_yaml};
use crate::crystal::poscar::read_poscar;
use crate::crystal::{Crystal, SpaceGroup};
use crate::data::Dataset;
use crate::data::csv::read_csv;
use crate::data::mask::BraggLattice;
use crate::fit::{DataTerm, Options, Problem, Session};
use crate::ifc::supercell::{SupercellForceConstants, read_force_constants};
use crate::ifc::{
    ForceConstants, IrreducibleBasis, LinearForceConstants, from_supercell, library_entry, shell_distances,
};
use crate::scattering::OnePhonon;
use crate::thermal::{MeanSquare, Statistics, Thermal};
use crate::{Error, Result};

/// Where the files that a job names come from: a folder, or what a person dropped on the page.
pub trait Files {
    fn read(&self, name: &str) -> Result<Vec<u8>>;
}

impl Files for BTreeMap<String, Vec<u8>> {
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        self.get(name)
            .cloned()
            .ok_or_else(|| Error::file(name, "the file is not here", "a file opened with the job"))
    }
}

/// A job with everything resolved except the data.
pub struct Prepared {
    pub job: Job,
    pub crystal: Crystal,
    /// The irreducible constants; absent when force constants are used as a file gives them.
    pub basis: Option<IrreducibleBasis>,
    /// The force constants as a family in the parameters.
    pub family: LinearForceConstants,
    /// Start (or given) parameters; eV/Å², or the factor 1 of force constants as read.
    pub theta: Vec<f64>,
    /// What a person should know although it is no error.
    pub warnings: Vec<String>,
}

impl Prepared {
    /// # Errors
    /// Anything in the job or its files that cannot be used.
    pub fn new(job: &Job, files: &dyn Files) -> Result<Self> {
        check_model(job)?;
        job.mask.check()?;
        let (mut crystal, yaml) = read_crystal(job, files)?;
        crystal.set_ions(&job.form_factors)?;
        for (element, [f1, f2]) in &job.anomalous {
            crystal.set_anomalous(element, *f1, *f2)?;
        }
        let mut warnings = Vec::new();
        if crystal.may_be_polar() {
            warnings.push(
                "The crystal may be polar: the long-range (non-analytical) part of its force constants is not in \
                 the model."
                    .to_owned(),
            );
        }
        let spec = job.force_constants.values.as_ref().or(job.force_constants.start.as_ref());
        let cutoff = match (job.force_constants.cutoff, spec) {
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
        let basis = cutoff.map(|c| IrreducibleBasis::new(&crystal, c)).transpose()?;
        let mut prepared = match basis {
            Some(basis) => {
                let theta = vec![0.0; basis.len()];
                Prepared {
                    job: job.clone(),
                    family: basis.family.clone(),
                    basis: Some(basis),
                    theta,
                    crystal,
                    warnings,
                }
            }
            None => {
                let spec = spec
                    .ok_or_else(|| Error::job("force_constants", "nothing given", "`values` or `start`"))?;
                let full = read_full(spec, &crystal, yaml.as_ref(), files)?;
                let family = full.into_family();
                Prepared { job: job.clone(), family, basis: None, theta: vec![1.0], crystal, warnings }
            }
        };
        if let (Some(spec), true) = (spec, prepared.basis.is_some()) {
            let (theta, warning) = prepared.constants_with(spec, yaml.as_ref(), files)?;
            prepared.theta = theta;
            prepared.warnings.extend(warning);
        }
        let fc = prepared.family.at(&prepared.theta);
        let linear = crate::dynamics::LongWave::new(&fc).linear;
        if linear > 1e-6 * fc.largest() {
            prepared.warnings.push(format!(
                "These constants are not invariant under rotation (by {linear:.3} eV/Å), as can happen in polar and \
                 chiral crystals: acoustic frequencies close to Γ and elastic constants are not to be trusted."
            ));
        }
        Ok(prepared)
    }

    /// A further set of constants in the parameters of this job, eV/Å².
    pub fn constants(&self, spec: &ConstantsSpec, files: &dyn Files) -> Result<Vec<f64>> {
        let yaml = match &self.job.crystal.file {
            Some(name) if is_yaml(name) => Some(read_yaml(name, files)?),
            _ => None,
        };
        Ok(self.constants_with(spec, yaml.as_ref(), files)?.0)
    }

    fn constants_with(
        &self,
        spec: &ConstantsSpec,
        yaml: Option<&(String, PhonopyYaml)>,
        files: &dyn Files,
    ) -> Result<(Vec<f64>, Option<String>)> {
        spec.check()?;
        let Some(basis) = &self.basis else {
            return Err(Error::job("force_constants", "no cutoff", "a cutoff in Å"));
        };
        if let Some(id) = &spec.library {
            let entry = library_entry(id)?;
            let own = entry.crystal()?;
            if own.space_group != self.crystal.space_group || self.crystal.n_atoms() != 1 {
                return Err(Error::job(
                    "force_constants.library",
                    format!("'{id}' is for {} ({})", entry.element, own.space_group.symbol),
                    format!("a set for {}", self.crystal.space_group.symbol),
                ));
            }
            let mut warning = None;
            if entry.element != self.crystal.primitive.symbols[0] {
                warning = Some(format!(
                    "The constants '{id}' were published for {}, not for {}.",
                    entry.element, self.crystal.primitive.symbols[0]
                ));
            }
            return Ok((basis.values_from_labels(&entry.labels()?)?, warning));
        }
        if let Some(labels) = &spec.labels {
            return Ok((basis.values_from_labels(labels)?, None));
        }
        if let Some(springs) = &spec.springs {
            return Ok((self.springs(basis, springs)?, None));
        }
        let full = read_full(spec, &self.crystal, yaml, files)?;
        let projection = basis.project(&full);
        let warning = (projection.relative_residual > 1e-6).then(|| {
            format!(
                "The irreducible constants up to {} Å represent the file's force constants to {:.1} % \
                 (largest difference {:.4} eV/Å²).",
                basis.cutoff,
                100.0 * projection.relative_residual,
                projection.largest_residual
            )
        });
        Ok((projection.theta, warning))
    }

    /// Φ(R) = −k R̂R̂ᵀ on the named shells.
    fn springs(&self, basis: &IrreducibleBasis, springs: &BTreeMap<String, f64>) -> Result<Vec<f64>> {
        let shells = shell_distances(&self.crystal, basis.cutoff)?;
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
        Ok(basis.project(&ForceConstants { n_atoms: self.crystal.n_atoms(), pairs }).theta)
    }

    /// Labels of the parameters.
    pub fn labels(&self) -> Vec<String> {
        match &self.basis {
            Some(basis) => basis.labels(),
            None => vec!["as read".into()],
        }
    }

    pub fn space_group(&self) -> &SpaceGroup {
        &self.crystal.space_group
    }

    /// The intensity model at scattering vectors `q` (Cartesian, Å⁻¹).
    pub fn model(&self, q: Vec<Vector3<f64>>, temperature_k: f64) -> OnePhonon {
        let thermal = Thermal {
            statistics: self.job.model.statistics,
            temperature_k,
            masses: self.crystal.primitive.masses.clone(),
        };
        let mean_square = MeanSquare::new(
            &self.crystal,
            &self.family,
            thermal.clone(),
            &self.job.model.u_mesh,
            self.job.model.u_mesh_axes,
        );
        OnePhonon::new(&self.crystal, &self.family, thermal, mean_square, q)
    }

    /// Intensities at `hkl`, electron² per primitive cell.
    ///
    /// # Errors
    /// A point on a reciprocal-lattice point (`place` names it by index), unstable constants.
    pub fn simulate(&self, hkl: &[[f64; 3]], place: &dyn Fn(usize) -> Error) -> Result<Vec<f64>> {
        let lattice = self.bragg_lattice()?;
        if let Some(n) = hkl.iter().position(|p| lattice.is_bragg(*p)) {
            return Err(place(n));
        }
        if hkl.is_empty() {
            return Ok(vec![]);
        }
        let q = hkl.iter().map(|p| self.crystal.q_cart(p)).collect();
        let model = self.model(q, self.job.model.temperature);
        let unstable = |what: &str| Error::Unstable { what: what.into() };
        let state = model
            .state(&self.theta)
            .ok_or_else(|| unstable("a vibration on the mesh of wave vectors has a negative stiffness"))?;
        model
            .intensities(&state)
            .ok_or_else(|| unstable("a vibration at one of the points has a negative stiffness"))
    }

    pub fn bragg_lattice(&self) -> Result<BraggLattice> {
        BraggLattice::new(&self.crystal.primitive_in_input)
            .ok_or_else(|| Error::Symmetry { what: "the lattice vectors lie in one plane".into() })
    }

    /// Reads the data files of the job.
    pub fn read_data(&self, files: &dyn Files) -> Result<Vec<Dataset>> {
        if self.job.data.is_empty() {
            return Err(Error::job("data", "no data files", "at least one {\"file\": …}"));
        }
        self.job.data.iter().map(|d| read_csv(&d.file, &files.read(&d.file)?)).collect()
    }

    /// Joins data and model. The second result gives, for each data set, the row of each point of
    /// its model: used points first, then those that are only shown; rows on a reciprocal-lattice
    /// point are absent.
    pub fn problem(&self, data: &[Dataset]) -> Result<(Problem, Vec<Vec<usize>>)> {
        let lattice = self.bragg_lattice()?;
        let mut terms = Vec::new();
        let mut orders = Vec::new();
        for (n, set) in data.iter().enumerate() {
            let default = DataSpec::default();
            let spec = self.job.data.get(n).unwrap_or(&default);
            let temperature = spec.temperature.unwrap_or(self.job.model.temperature);
            check_temperature(&format!("data[{n}].temperature"), temperature, self.job.model.statistics)?;
            let q: Vec<Vector3<f64>> = set.hkl.iter().map(|p| self.crystal.q_cart(p)).collect();
            let norms: Vec<f64> = q.iter().map(|q| q.norm()).collect();
            let keep = self.job.mask.used(&lattice, &set.hkl, &norms);
            let possible = |i: &usize| !lattice.is_bragg(set.hkl[*i]);
            let (used, shown): (Vec<usize>, Vec<usize>) =
                (0..set.hkl.len()).filter(possible).partition(|&i| keep[i]);
            let order: Vec<usize> = used.iter().chain(&shown).copied().collect();
            if used.is_empty() {
                return Err(Error::file(
                    &set.name,
                    format!("the mask leaves none of the {} points", set.hkl.len()),
                    "a smaller bragg_radius or a wider range of |Q|",
                ));
            }
            let scale = spec.scale.unwrap_or(self.job.nuisance.scale);
            if let crate::fit::Scale::Fixed(s) = scale
                && !(s.is_finite() && s > 0.0)
            {
                return Err(Error::job("nuisance.scale", format!("{s}"), "\"free\" or a positive number"));
            }
            let background = spec.background.clone().unwrap_or_else(|| self.job.nuisance.background.clone());
            if (1..background.len()).any(|i| background[..i].contains(&background[i])) {
                return Err(Error::job(
                    "nuisance.background",
                    "the same shape twice",
                    "constant and q2 at most once each",
                ));
            }
            if self.job.fit.likelihood == crate::fit::Likelihood::Poisson
                && let Some(&i) = used.iter().find(|&&i| set.intensity[i] < 0.0)
            {
                return Err(Error::file(
                    &set.name,
                    format!("row {} has the intensity {}", i + 1, set.intensity[i]),
                    "counts (zero or more) for the Poisson likelihood",
                ));
            }
            let model = self.model(order.iter().map(|&i| q[i]).collect(), temperature);
            terms.push(DataTerm {
                model,
                n_used: used.len(),
                observed: used.iter().map(|&i| set.intensity[i]).collect(),
                weights: match &set.sigma {
                    Some(sigma) => used.iter().map(|&i| 1.0 / (sigma[i] * sigma[i])).collect(),
                    None => vec![1.0; used.len()],
                },
                has_sigma: set.sigma.is_some(),
                scale,
                background,
                q_squared: order.iter().map(|&i| norms[i] * norms[i]).collect(),
            });
            orders.push(order);
        }
        let problem = Problem { family: self.family.clone(), terms, likelihood: self.job.fit.likelihood };
        Ok((problem, orders))
    }

    /// Starts the fit.
    pub fn session(&self, data: &[Dataset]) -> Result<(Session, Vec<Vec<usize>>)> {
        if self.basis.is_none() {
            return Err(Error::job(
                "force_constants.cutoff",
                "missing",
                "a cutoff in Å, so that there is something to fit",
            ));
        }
        if self.theta.iter().all(|t| *t == 0.0) {
            return Err(Error::job("force_constants.start", "missing", "constants to start from"));
        }
        let (problem, orders) = self.problem(data)?;
        let options = Options { max_iterations: self.job.fit.max_iterations, ..Options::default() };
        Ok((Session::new(problem, &self.theta, options)?, orders))
    }
}

fn check_model(job: &Job) -> Result<()> {
    check_temperature("model.temperature", job.model.temperature, job.model.statistics)?;
    if let crate::thermal::UMesh::Plain(n) = job.model.u_mesh {
        let points = n.iter().try_fold(1usize, |p, &k| p.checked_mul(k)).unwrap_or(usize::MAX);
        if n.contains(&0) || points > 1 << 22 {
            return Err(Error::job(
                "model.u_mesh",
                format!("{n:?}"),
                "\"converged\" or three numbers from 1 to about 160",
            ));
        }
    }
    if job.fit.max_iterations == 0 || job.fit.max_iterations > 100_000 {
        return Err(Error::job("fit.max_iterations", format!("{}", job.fit.max_iterations), "1 to 100000"));
    }
    Ok(())
}

fn check_temperature(field: &str, t: f64, statistics: Statistics) -> Result<()> {
    if !(t.is_finite() && (0.0..=1e5).contains(&t)) {
        return Err(Error::job(field, format!("{t} K"), "a temperature from 0 to 100000 K"));
    }
    if t == 0.0 && statistics == Statistics::Classical {
        return Err(Error::job(
            field,
            "0 K with classical statistics",
            "a positive temperature, or quantum statistics",
        ));
    }
    if t > 0.0 && t < 0.01 {
        return Err(Error::job(field, format!("{t} K"), "0, or at least 0.01 K"));
    }
    Ok(())
}

fn is_yaml(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".yaml") || lower.ends_with(".yml")
}

fn read_text(name: &str, files: &dyn Files) -> Result<String> {
    let bytes = files.read(name)?;
    crate::text::decode(name, &bytes).map(str::to_owned)
}

fn read_yaml(name: &str, files: &dyn Files) -> Result<(String, PhonopyYaml)> {
    Ok((name.to_owned(), read_phonopy_yaml(name, &read_text(name, files)?)?))
}

fn read_crystal(job: &Job, files: &dyn Files) -> Result<(Crystal, Option<(String, PhonopyYaml)>)> {
    let spec = &job.crystal;
    match (&spec.file, spec.prototype) {
        (Some(_), Some(_)) => Err(Error::job("crystal", "both a file and a prototype", "one of the two")),
        (None, None) => Err(Error::job("crystal", "neither a prototype nor a file", "one of the two")),
        (Some(name), None) if is_yaml(name) => {
            let yaml = read_yaml(name, files)?;
            let crystal = Crystal::new(yaml.1.unit_cell.clone(), yaml.1.primitive_cell.clone())?;
            Ok((crystal, Some(yaml)))
        }
        (Some(name), None) => {
            let cell = read_poscar(name, &read_text(name, files)?)?;
            Ok((Crystal::new(cell, None)?, None))
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
            Ok((Crystal::new(prototype.cell(&elements, a, spec.c)?, None)?, None))
        }
    }
}

/// The cutoff a set of constants implies; none for force constants as read.
fn range_of(spec: &ConstantsSpec, crystal: &Crystal) -> Result<Option<f64>> {
    spec.check()?;
    if let Some(id) = &spec.library {
        return library_entry(id)?.cutoff(crystal).map(Some);
    }
    let number = |name: &String| {
        name.trim().chars().take_while(char::is_ascii_digit).collect::<String>().parse::<usize>().ok()
    };
    let names: Vec<&String> = match (&spec.labels, &spec.springs) {
        (Some(labels), _) => labels.keys().collect(),
        (_, Some(springs)) => springs.keys().collect(),
        _ => return Ok(None),
    };
    let shells = names.into_iter().map(number).collect::<Option<Vec<_>>>().and_then(|n| n.into_iter().max());
    let missing = || {
        Error::job("force_constants.cutoff", "missing", "a cutoff in Å, since the labels do not imply one")
    };
    let n = shells.filter(|n| (1..=30).contains(n)).ok_or_else(missing)?;
    let unit = crystal.primitive.volume().cbrt() * 2.0;
    let distances = shell_distances(crystal, unit * (1.0 + (n as f64).sqrt()))?;
    match distances.get(n - 1..=n) {
        Some(&[last, next]) => Ok(Some(0.5 * (last + next))),
        _ => Err(missing()),
    }
}

fn read_full(
    spec: &ConstantsSpec,
    crystal: &Crystal,
    yaml: Option<&(String, PhonopyYaml)>,
    files: &dyn Files,
) -> Result<ForceConstants> {
    let name = spec.file.as_deref().unwrap_or_default();
    let full = if is_yaml(name) {
        match yaml {
            Some((known, file)) if known == name => {
                SupercellForceConstants::from_phonopy(name, file.clone())?
            }
            _ => SupercellForceConstants::from_phonopy(name, read_yaml(name, files)?.1)?,
        }
    } else {
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
        read_force_constants(name, &read_text(name, files)?, &crystal.input, matrix)?
    };
    from_supercell(crystal, &full)
}

impl ConstantsSpec {
    fn check(&self) -> Result<()> {
        let given =
            [self.library.is_some(), self.labels.is_some(), self.file.is_some(), self.springs.is_some()];
        match given.iter().filter(|g| **g).count() {
            1 => Ok(()),
            n => Err(Error::job(
                "force_constants",
                format!("{n} sources of constants"),
                "exactly one of library, labels, file, springs",
            )),
        }
    }
}
