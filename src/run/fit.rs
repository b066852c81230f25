//! A fit in progress with everything that is shown of it: what the page and `tds` both drive.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use super::ahead::Computed;
use super::first_look::Watch;
use super::higher_orders::HigherOrdersReport;
use super::prepare::count;
use super::problem::LaidOut;
use super::report::{Export, TracePoint};
#[cfg(feature = "chosen")]
use super::result::elastic_slopes;
use super::result::{FitResult, fit_result};
use super::touch::Elsewhere;
use super::verdict::Verdict;
use super::{Files, Given, Prepared, Rows, mean_square_note};
use crate::base::order::sort_by;
use crate::base::parallel::{Pool, now};
use crate::crystal::LongRange;
use crate::data::Dataset;
use crate::dynamics::{BandStructure, PathPoint, bands, standard_path};
use crate::error::Placed;
use crate::fit::{DataTerm, Datum, Session, Uncertainty};
use crate::formats::phonopy::{to_supercell, write_force_constants, write_phonopy_yaml_with};
use crate::formats::poscar::write_poscar;
use crate::ifc::supercell::SupercellForceConstants;
use crate::job::{ConstantsSpec, Job};
use crate::{Error, Result};

/// A prepared job, its data and its session.
pub struct Run<F: Files> {
    /// The job with everything resolved except the data.
    pub prepared: Rc<Prepared>,
    /// The measurements.
    pub data: Rc<Vec<Dataset>>,
    /// The fit.
    pub session: Session,
    pub(super) files: Given<F>,
    pub(super) rows: Rc<Vec<Rows>>,
    /// Constants to compare with, as far as the set has them.
    pub(super) reference: Option<Vec<Option<f64>>>,
    /// The crystal with them, in their own range.
    compared: Option<Rc<Prepared>>,
    trace: Vec<TracePoint>,
    /// Known once the fit has ended.
    pub(super) higher_orders: Option<HigherOrdersReport>,
    /// What is known of the present point; what is not is computed when somebody asks.
    pub(super) uncertainty: Option<Uncertainty>,
    pub(super) verdict: Option<Verdict>,
    models: Option<Vec<Vec<f64>>>,
    /// Intensities beyond one phonon where the fit stands, at the points of each data set; computed when somebody asks.
    pub(super) beyond: OnceCell<Vec<Vec<f64>>>,
    /// The models that a hand holds elsewhere.
    pub(super) elsewhere: RefCell<Option<Elsewhere>>,
    /// What can be said before the fit, once it has been looked at.
    pub(super) hints: Vec<String>,
    /// The path of dispersion curves, where it is another one than the standard one.
    path: Vec<PathPoint>,
    /// What the fit began with, where it has gone on with another problem.
    first: Option<(Rc<Prepared>, Session, Rc<Vec<Rows>>)>,
}

/// Points of a dispersion curve.
const BAND_POINTS: usize = 160;

impl<F: Files> Run<F> {
    /// # Errors
    /// Anything in the job or its files that cannot be used.
    pub fn new(job: &Job, files: F) -> Result<Self> {
        now(Self::open(Pool::here(), job.clone(), files, None))
    }

    /// The same, in pieces, with what can be seen before the end left for `watch`.
    ///
    /// # Errors
    /// As [`Run::new`].
    pub async fn open(pool: Pool, job: Job, files: F, watch: Option<Watch>) -> Result<Self> {
        let job = &job;
        let files = Given::new(files);
        let mut prepared = Prepared::new(job, &files)?;
        let constants = count(prepared.theta.len(), "constant");
        pool.tell(|| constants.clone()).await;
        let data = prepared.read_data_in(&pool, &files).await?;
        let data = Rc::new(prepared.by_temperature(data)?);
        let points: usize = data.iter().map(|set| set.hkl.len()).sum();
        pool.tell(|| format!("{constants} at {}", count(points, "point"))).await;
        prepared.check_can_be_fitted()?;
        let LaidOut { problem, rows, resolutions } = prepared.laid_out(&data).await?;
        let rows = Rc::new(rows);
        if let Some(watch) = &watch {
            watch.shows(&prepared, &prepared.theta, &problem, &data, &rows, None).await;
        }
        let mut start = prepared.start(&pool, problem).await?;
        if let Some(watch) = &watch {
            watch.shows_one_phonon(&pool, &prepared, &start, &data, &rows).await;
        }
        prepared.add_all_orders(&mut start.problem, &resolutions).await?;
        let session = prepared.begin(&pool, start, &data, &rows).await?;
        prepared.warnings.extend(session.problem.terms.iter().filter_map(noise_of_snapshots));
        prepared.warnings.extend(data.iter().flat_map(|set| set.notes.clone()));
        let mean_squares = session.problem.terms.iter().map(|t| t.model.one_phonon().mean_square());
        let notes =
            mean_squares.filter_map(|u| mean_square_note(&prepared, u, &prepared.theta, true)).collect();
        prepared.add_of_start(notes);
        let compared = job.reference.as_ref().map(|spec| in_own_range(&prepared, spec, &files));
        let compared = compared.and_then(Result::ok).map(Rc::new);
        let values = |spec| reference_values(&prepared, compared.as_deref(), spec, &files);
        let reference = job.reference.as_ref().map(values).transpose()?;
        prepared.warnings.extend(files.notes());
        let mut run = Run {
            prepared: Rc::new(prepared),
            data,
            session,
            files,
            rows,
            reference,
            compared,
            trace: vec![],
            higher_orders: None,
            uncertainty: None,
            verdict: None,
            models: None,
            beyond: OnceCell::new(),
            elsewhere: RefCell::default(),
            hints: vec![],
            path: vec![],
            first: None,
        };
        run.record(0.0);
        Ok(run)
    }

    /// One iteration of the fit; `clock` gives the seconds that it has taken so far.
    pub fn step(&mut self, clock: impl Fn() -> f64) {
        if self.session.progress().termination.is_some() {
            return;
        }
        let computed = now(self.stepping(Pool::here(), false));
        self.take(computed, clock());
    }

    /// Takes what was computed for this run; `seconds` are those that the fit has taken so far.
    pub fn take(&mut self, computed: Computed, seconds: f64) {
        let Computed { session, higher_orders, uncertainty, verdict, models, replaced, beyond, hints } =
            computed;
        if let Some((prepared, rows)) = replaced {
            self.elsewhere.take();
            let prepared = std::mem::replace(&mut self.prepared, prepared);
            let rows = std::mem::replace(&mut self.rows, rows);
            if self.first.is_none() {
                self.first = Some((prepared, self.session.clone(), rows));
            }
        }
        self.session = session;
        self.higher_orders = higher_orders;
        self.uncertainty = uncertainty;
        self.verdict = verdict;
        self.beyond = if models.is_some() { OnceCell::from(beyond) } else { OnceCell::new() };
        self.models = models;
        self.hints = hints;
        self.record(seconds);
    }

    /// What can be said before the fit: data that do not go with the model at the start.
    pub fn hints(&self) -> Vec<String> {
        if self.session.progress().iteration > 0 || self.models.is_some() {
            return self.hints.clone();
        }
        now(self.looking(Pool::here(), false)).hints
    }

    pub(super) fn uncertainty(&self) -> Uncertainty {
        self.uncertainty.clone().unwrap_or_else(|| self.session.uncertainty())
    }

    /// What the fit may be trusted for; none at the start.
    pub fn verdict(&self) -> Option<Verdict> {
        match &self.verdict {
            Some(verdict) => Some(verdict.clone()),
            None if self.session.progress().iteration > 0 => now(self.looking(Pool::here(), true)).verdict,
            None => None,
        }
    }

    /// Rows of data set `n` farther than 5 σ from the model, the worst first; none at the start.
    pub fn suspects(&self, n: usize) -> Vec<usize> {
        let outliers = self.verdict().map_or(vec![], |v| v.outliers);
        outliers.iter().filter(|o| o.set == n).map(|o| o.row).collect()
    }

    /// Rows of data set `n` far from those that symmetry makes equivalent to them, the farthest first.
    pub fn disagreeing(&self, n: usize) -> &[usize] {
        self.rows.get(n).map_or(&[], |rows| &rows.agreement.suspects)
    }

    /// Back to the start.
    pub fn reset(&mut self) {
        if let Some((prepared, session, rows)) = self.first.take() {
            (self.prepared, self.session, self.rows) = (prepared, session, rows);
        }
        self.session.reset();
        self.trace.clear();
        (self.higher_orders, self.uncertainty, self.verdict, self.models) = (None, None, None, None);
        self.beyond = OnceCell::new();
        self.elsewhere.take();
        self.record(0.0);
    }

    fn record(&mut self, seconds: f64) {
        let (p, at) = (self.session.progress(), self.session.current());
        // With sampled intensities the misfit is not looked up at every step.
        if p.termination.is_none() && self.trace.last().is_some_and(|last| last.chi2 == at.chi2) {
            return;
        }
        self.trace.push(TracePoint { iteration: p.iteration, seconds, chi2: at.chi2, error: self.error() });
    }

    /// rms difference from the constants to compare with, eV/Å².
    pub(super) fn error(&self) -> Option<f64> {
        let theta = self.prepared.all_constants(&self.session.current().theta);
        let known = |reference: &Vec<Option<f64>>| -> (Vec<f64>, Vec<f64>) {
            theta.iter().zip(reference).filter_map(|(t, r)| Some((*t, (*r)?))).unzip()
        };
        let (ours, theirs) = self.reference.as_ref().map(known)?;
        (!ours.is_empty()).then(|| rms_difference(&ours, &theirs))
    }

    /// s·I + background at every row of data set `n`; NaN on a reciprocal-lattice point.
    pub fn model(&self, n: usize) -> Vec<f64> {
        match &self.models {
            Some(models) => models[n].clone(),
            None => now(self.apart(Pool::here()).model(&self.session, n)).0,
        }
    }

    /// σ of a row as the fit takes it, where that does not depend on the model.
    pub fn sigma(&self, n: usize, row: usize) -> Option<f64> {
        self.rows[n].sigma.as_ref().map(|sigma| sigma[row])
    }

    /// Which rows of data set `n` take part in the fit.
    pub fn used(&self, n: usize) -> &[bool] {
        &self.rows[n].used
    }

    /// Has dispersion curves follow another path; without points, the standard one.
    pub fn follow(&mut self, path: Vec<PathPoint>) {
        self.path = path;
    }

    /// Dispersion at the present constants, with uncertainties once the fit has moved.
    pub fn current_bands(&self) -> BandStructure {
        let covariance = self.uncertainty().theta_covariance(self.prepared.family.n_parameters);
        let usable = self.session.progress().iteration > 0 && covariance.iter().all(|x| x.is_finite());
        self.bands_at(&self.session.current().theta, usable.then_some(&covariance))
    }

    /// Dispersion at the start.
    pub fn start_bands(&self) -> BandStructure {
        self.bands_at(&self.session.start().theta, None)
    }

    /// Dispersion of the constants to compare with, in their own range; none without them.
    pub fn reference_bands(&self) -> Option<BandStructure> {
        let other = self.compared.as_ref()?;
        Some(bands_on(&self.path, other, &other.theta, None))
    }

    pub(super) fn bands_at(
        &self,
        theta: &[f64],
        covariance: Option<&nalgebra::DMatrix<f64>>,
    ) -> BandStructure {
        bands_on(&self.path, &self.prepared, theta, covariance)
    }

    /// By how much what is not in the model may have moved the constants (eV/Å²) and the elastic constants (GPa); none where
    /// nothing of it was looked for.
    #[cfg_attr(not(feature = "chosen"), allow(unused_variables, clippy::unused_self))]
    pub(super) fn systematic(&self, verdict: Option<&Verdict>) -> (Vec<f64>, Vec<f64>) {
        #[cfg(feature = "chosen")]
        if let Some(moved) = verdict.and_then(|v| v.moved.as_ref()) {
            let elastic = elastic_slopes(&self.prepared, &self.session.current().theta, true);
            let constants = 0..self.prepared.labels().len();
            return (
                constants.map(|p| moved.of(&self.prepared.row(p))).collect(),
                elastic.iter().map(|(.., slopes)| moved.of(slopes)).collect(),
            );
        }
        (vec![], vec![])
    }

    /// The result file; `seconds` as measured by the caller, `date` in ISO 8601.
    pub fn result(&self, seconds: f64, date: &str) -> FitResult {
        let mut result = fit_result(&self.prepared, &self.session, seconds);
        result.verdict = self.verdict();
        if let Some(factor) = result.verdict.as_ref().and_then(|v| v.sigma_factor) {
            for parameter in &mut result.parameters {
                parameter.sigma_scaled = parameter.sigma.map(|s| s * factor);
            }
        }
        let (systematic, elastic) = self.systematic(result.verdict.as_ref());
        for (parameter, moved) in result.parameters.iter_mut().zip(systematic) {
            parameter.systematic = Some(moved);
        }
        for ((_, constant), moved) in result.elastic_gpa.0.iter_mut().zip(elastic) {
            constant.systematic = Some(moved);
        }
        result.higher_orders.clone_from(&self.higher_orders);
        result.error = self.error();
        if let Some(reference) = &self.reference {
            for (parameter, value) in result.parameters.iter_mut().zip(reference) {
                parameter.reference = *value;
            }
        }
        let has_branches = !self.prepared.job.model.order.is_elastic();
        if let Some(truth) = self.compared.as_ref().filter(|_| has_branches) {
            // Whatever path a person looks at, results are compared along the standard one.
            let found = bands_on(&[], &self.prepared, &self.session.current().theta, None).branches.concat();
            let truth = bands_on(&[], truth, &truth.theta, None).branches.concat();
            result.dispersion_error_thz = Some(rms_difference(&found, &truth));
        }
        result.trace.clone_from(&self.trace);
        date.clone_into(&mut result.date);
        result.files = self.files.records();
        result.data = self.datasets();
        result
    }

    /// FORCE_CONSTANTS (compact), POSCAR and phonopy.yaml of the present constants.
    ///
    /// # Errors
    /// A supercell too large to write.
    pub fn export(&self) -> Result<Export> {
        self.prepared.export(&self.session.current().theta)
    }
}

impl Prepared {
    /// FORCE_CONSTANTS (compact), POSCAR and phonopy.yaml of constants, eV/Å².
    ///
    /// # Errors
    /// A supercell too large to write, another number of constants.
    pub fn export(&self, theta: &[f64]) -> Result<Export> {
        self.check_has_force_constants()?;
        let Prepared { crystal, family, basis, .. } = self;
        if theta.len() != family.n_parameters {
            let expected = count(family.n_parameters, "constant");
            return Err(Error::value(count(theta.len(), "constant"), expected));
        }
        let range = basis.as_ref().map_or(0.0, |b| b.cutoff);
        let full = to_supercell(crystal, &family.at(theta), range).in_job("force_constants.cutoff")?;
        Ok(export_files(&full, family.long_range().map(|part| &part.long_range)))
    }
}

/// Dispersion along a path, or the standard one where it has no points.
fn bands_on(
    path: &[PathPoint],
    prepared: &Prepared,
    theta: &[f64],
    covariance: Option<&nalgebra::DMatrix<f64>>,
) -> BandStructure {
    // A continuum has no branches beyond the long waves.
    if prepared.job.model.order.is_elastic() {
        return BandStructure::default();
    }
    let crystal = &prepared.crystal;
    let standard = if path.is_empty() { standard_path(crystal) } else { vec![] };
    let path = if path.is_empty() { &standard } else { path };
    bands(crystal, &prepared.family, theta, path, BAND_POINTS, covariance)
}

/// The same crystal with another set of constants, in the range of that set.
fn in_own_range(prepared: &Prepared, spec: &ConstantsSpec, files: &dyn Files) -> Result<Prepared> {
    let mut job = prepared.job.clone();
    job.force_constants =
        crate::job::ForceConstantsSpec { cutoff: None, start: None, values: Some(spec.clone()) };
    // What is imposed on the fit is not true of other constants.
    #[cfg(feature = "chosen")]
    {
        (job.constraints, job.pseudo_data) = Default::default();
    }
    #[cfg(feature = "potentials")]
    {
        job.potential = None;
    }
    Prepared::new(&job, files)
}

/// A set of constants by the labels of the job: what the job has no place for does not matter here.
fn reference_values(
    prepared: &Prepared,
    in_own_range: Option<&Prepared>,
    spec: &ConstantsSpec,
    files: &dyn Files,
) -> Result<Vec<Option<f64>>> {
    match in_own_range {
        Some(other) if other.basis.is_some() => {
            let labels = other.labels();
            let value = |label: &String| labels.iter().position(|l| l == label).map(|p| other.theta[p]);
            Ok(prepared.labels().iter().map(value).collect())
        }
        // A file has no range of its own.
        _ => Ok(prepared.constants(spec, files)?.into_iter().map(Some).collect()),
    }
}

fn rms_difference(a: &[f64], b: &[f64]) -> f64 {
    (a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>() / a.len() as f64).sqrt()
}

fn export_files(full: &SupercellForceConstants, long_range: Option<&LongRange>) -> Export {
    Export {
        FORCE_CONSTANTS: write_force_constants(full),
        POSCAR: write_poscar(&full.unit_cell, "fitted by TDS Inversion"),
        phonopy_yaml: write_phonopy_yaml_with(full, long_range),
    }
}

/// Says so when the snapshots are noisier than the data.
fn noise_of_snapshots(term: &DataTerm) -> Option<String> {
    let samples = term.sampled.as_ref()?.samples;
    let mut relative: Vec<f64> = term.data.iter().filter_map(Datum::relative_sigma).collect();
    sort_by(&mut relative, f64::total_cmp);
    let (data, snapshots) = (100.0 * relative.get(relative.len() / 2)?, 100.0 / (samples as f64).sqrt());
    (snapshots > data).then(|| {
        format!(
            "{samples} snapshots leave every intensity uncertain by {snapshots:.0} %, the data by {data:.1} %: the \
             constants will be less certain than their σ, which are those of noise-free intensities."
        )
    })
}
