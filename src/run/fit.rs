//! A fit in progress with everything that is shown of it: what the page and `tds` both drive.

use std::rc::Rc;

use super::evidence::Evidence;
use super::higher_orders::HigherOrdersReport;
use super::report::{
    BackgroundReport, CellParameters, CrystalDescription, DatasetDescription, Description, ElasticReport,
    Export, ModelDescription, ParameterDescription, ProgressReport, TracePoint,
};
use super::result::{FitResult, elastic, fit_result};
use super::verdict::{Trust, Verdict};
use super::{Files, Given, Prepared, Rows, mean_square_note};
use crate::Result;
use crate::base::order::sort_by;
use crate::base::parallel::{Pool, now};
use crate::data::Dataset;
use crate::dynamics::{BandStructure, bands, standard_path};
use crate::fit::{Background, DataTerm, Datum, Session, TerminationReason, Uncertainty};
use crate::formats::phonopy::{to_supercell, write_force_constants, write_phonopy_yaml};
use crate::formats::poscar::write_poscar;
use crate::ifc::supercell::SupercellForceConstants;
use crate::job::{ConstantsSpec, Job};

/// A prepared job, its data and its session.
pub struct Run<F: Files> {
    /// The job with everything resolved except the data.
    pub prepared: Rc<Prepared>,
    /// The measurements.
    pub data: Rc<Vec<Dataset>>,
    /// The fit.
    pub session: Session,
    files: Given<F>,
    rows: Rc<Vec<Rows>>,
    /// Constants to compare with, as far as the set has them.
    reference: Option<Vec<Option<f64>>>,
    trace: Vec<TracePoint>,
    /// Known once the fit has ended.
    higher_orders: Option<HigherOrdersReport>,
    /// What is known of the present point; what is not is computed when somebody asks.
    uncertainty: Option<Uncertainty>,
    verdict: Option<Verdict>,
    models: Option<Vec<Vec<f64>>>,
}

/// What of a run stays as it is while it goes on.
struct Bench {
    pool: Pool,
    prepared: Rc<Prepared>,
    data: Rc<Vec<Dataset>>,
    rows: Rc<Vec<Rows>>,
}

/// What was computed for a run, for it to take.
pub struct Computed {
    session: Session,
    higher_orders: Option<HigherOrdersReport>,
    uncertainty: Option<Uncertainty>,
    verdict: Option<Verdict>,
    models: Option<Vec<Vec<f64>>>,
}

/// Points of a dispersion curve.
const BAND_POINTS: usize = 160;

impl<F: Files> Run<F> {
    /// # Errors
    /// Anything in the job or its files that cannot be used.
    pub fn new(job: &Job, files: F) -> Result<Self> {
        now(Self::open(Pool::here(), job.clone(), files))
    }

    /// The same, in pieces.
    ///
    /// # Errors
    /// As [`Run::new`].
    pub async fn open(pool: Pool, job: Job, files: F) -> Result<Self> {
        let job = &job;
        let files = Given::new(files);
        let prepared = Prepared::new(job, &files)?;
        let data = prepared.read_data(&files)?;
        let (session, rows) = prepared.session_in(&pool, &data).await?;
        let mut prepared = prepared;
        prepared.warnings.extend(session.problem.terms.iter().filter_map(noise_of_snapshots));
        prepared.warnings.extend(data.iter().flat_map(|set| set.notes.clone()));
        let mean_squares = session.problem.terms.iter().map(|t| t.model.one_phonon().mean_square());
        let notes =
            mean_squares.filter_map(|u| mean_square_note(&prepared, u, &prepared.theta, true)).collect();
        prepared.add_of_start(notes);
        let reference =
            job.reference.as_ref().map(|spec| reference_values(&prepared, spec, &files)).transpose()?;
        prepared.warnings.extend(files.notes());
        let mut run = Run {
            prepared: Rc::new(prepared),
            data: Rc::new(data),
            session,
            files,
            rows: Rc::new(rows),
            reference,
            trace: vec![],
            higher_orders: None,
            uncertainty: None,
            verdict: None,
            models: None,
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

    fn bench(&self, pool: Pool) -> Bench {
        let (prepared, data, rows) = (self.prepared.clone(), self.data.clone(), self.rows.clone());
        Bench { pool, prepared, data, rows }
    }

    /// One iteration of the fit, in pieces, while the run stays as it is; with the uncertainties at its end where
    /// they are wanted.
    pub fn stepping(&self, pool: Pool, known: bool) -> impl Future<Output = Computed> + 'static + use<F> {
        let bench = self.bench(pool);
        let mut session = self.session.clone();
        let mut higher_orders = self.higher_orders.clone();
        async move {
            session.step_in(&bench.pool).await;
            let has_ended = session.progress().termination.is_some();
            if has_ended {
                let hkl: Vec<Vec<[f64; 3]>> = bench.rows.iter().map(|r| r.hkl.clone()).collect();
                higher_orders =
                    super::higher_orders::higher_orders(&bench.pool, &bench.prepared, &session, &hkl).await;
            }
            if has_ended {
                return bench.look(session, higher_orders, true).await;
            }
            let uncertainty = if known { Some(session.uncertainty_in(&bench.pool).await) } else { None };
            Computed { session, higher_orders, uncertainty, verdict: None, models: None }
        }
    }

    /// The models, and the verdict where it is wanted, where the fit stands, in pieces, while the run stays as it is.
    pub fn looking(&self, pool: Pool, judged: bool) -> impl Future<Output = Computed> + 'static + use<F> {
        let bench = self.bench(pool);
        let (session, higher_orders) = (self.session.clone(), self.higher_orders.clone());
        async move {
            let judged = judged && session.progress().iteration > 0;
            bench.look(session, higher_orders, judged).await
        }
    }

    /// Takes what was computed for this run; `seconds` are those that the fit has taken so far.
    pub fn take(&mut self, computed: Computed, seconds: f64) {
        let Computed { session, higher_orders, uncertainty, verdict, models } = computed;
        self.session = session;
        self.higher_orders = higher_orders;
        self.uncertainty = uncertainty;
        self.verdict = verdict;
        self.models = models;
        self.record(seconds);
    }

    fn uncertainty(&self) -> Uncertainty {
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

    /// Back to the start.
    pub fn reset(&mut self) {
        self.session.reset();
        self.trace.clear();
        (self.higher_orders, self.uncertainty, self.verdict, self.models) = (None, None, None, None);
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
    fn error(&self) -> Option<f64> {
        let theta = &self.session.current().theta;
        let known = |reference: &Vec<Option<f64>>| -> (Vec<f64>, Vec<f64>) {
            theta.iter().zip(reference).filter_map(|(t, r)| Some((*t, (*r)?))).unzip()
        };
        let (ours, theirs) = self.reference.as_ref().map(known)?;
        (!ours.is_empty()).then(|| rms_difference(&ours, &theirs))
    }

    /// What the job turned out to be.
    pub fn describe(&self) -> Description {
        let crystal = &self.prepared.crystal;
        let cell = &crystal.input;
        let length = |k: usize| cell.lattice.column(k).norm();
        let angle = |i: usize, j: usize| {
            let cosine = cell.lattice.column(i).dot(&cell.lattice.column(j)) / (length(i) * length(j));
            cosine.clamp(-1.0, 1.0).acos().to_degrees()
        };
        let mut elements = crystal.primitive.symbols.clone();
        elements.dedup();
        let reciprocal = cell.reciprocal();
        let parameters = self.prepared.basis.iter().flat_map(|basis| {
            basis.parameters.iter().enumerate().map(|(p, parameter)| {
                let (pairs, vector) = basis.orbit_of(p);
                ParameterDescription {
                    label: parameter.label.clone(),
                    unit: "eV/Å²",
                    start: self.session.start().theta[p],
                    distance: basis.distance(p),
                    pairs,
                    vector,
                    reference: self.reference.as_ref().and_then(|r| r[p]),
                }
            })
        });
        Description {
            crystal: CrystalDescription {
                title: formula(&crystal.primitive.symbols),
                space_group: crystal.space_group.symbol.clone(),
                space_group_number: crystal.space_group.number,
                input_cell: CellParameters {
                    a: length(0),
                    b: length(1),
                    c: length(2),
                    alpha: angle(1, 2),
                    beta: angle(0, 2),
                    gamma: angle(0, 1),
                },
                reciprocal: std::array::from_fn(|k| reciprocal.column(k).into_owned().into()),
                primitive: std::array::from_fn(|k| crystal.primitive_in_input.column(k).into_owned().into()),
                atoms_per_primitive_cell: crystal.n_atoms(),
                elements,
            },
            parameters: parameters.collect(),
            datasets: self.datasets(),
            warnings: self.prepared.warnings.clone(),
            model: ModelDescription {
                order: self.prepared.job.model.order,
                statistics: self.prepared.job.model.statistics,
                temperature_k: self.prepared.job.model.temperature,
            },
        }
    }

    fn datasets(&self) -> Vec<DatasetDescription> {
        let describe = |(n, set): (usize, &Dataset)| {
            let term = &self.session.problem.terms[n];
            DatasetDescription {
                name: set.name.clone(),
                n: set.hkl.len(),
                n_used: term.n_data(),
                has_sigma: term.has_sigma,
                q_max: term.q_squared.iter().copied().fold(0.0, f64::max).sqrt(),
                temperature_k: self.prepared.temperature_of(n),
                left_out: set.left_out.clone(),
            }
        };
        self.data.iter().enumerate().map(describe).collect()
    }

    /// Where the fit is, with the uncertainties at this point and the verdict on it.
    pub fn progress(&self) -> ProgressReport {
        let mut report = self.brief();
        report.verdict = self.verdict();
        if let (Some(verdict), Some(reason)) = (&report.verdict, report.termination) {
            let words = self.message(Some(reason), report.chi2_reduced, &report.determined);
            report.message =
                if verdict.trust == Trust::Good { words } else { format!("{words} {}", verdict.sentence) };
        }
        report
    }

    /// Where the fit is, without a verdict unless it has ended.
    pub fn brief(&self) -> ProgressReport {
        let at = self.session.current();
        let p = self.session.progress();
        let uncertainty = self.uncertainty();
        let n = at.theta.len();
        let finite = |x: f64| x.is_finite().then_some(x);
        let n_data = self.session.problem.n_data();
        let degrees = n_data.saturating_sub(self.session.problem.n_free()).max(1) as f64;
        let mut next = n;
        let mut scale_sigma = Vec::new();
        let mut background = Vec::new();
        for (term, nuisances) in self.session.problem.terms.iter().zip(&at.nuisances) {
            let free_scale = term.n_free() > term.background.len();
            scale_sigma.push(if free_scale { finite(uncertainty.sigma[next]) } else { None });
            next += term.n_free();
            let mut report = BackgroundReport::default();
            for (shape, value) in term.background.iter().zip(&nuisances.background) {
                match shape {
                    Background::Constant => report.constant = *value,
                    Background::Q2 => report.q2 = *value,
                }
            }
            background.push(report);
        }
        let chi2_reduced = at.chi2 / degrees;
        let elastic: Vec<ElasticReport> = elastic(&self.prepared, &at.theta, Some(&uncertainty))
            .into_iter()
            .map(|(name, value, sigma)| ElasticReport { name, value, sigma })
            .collect();
        let message = self.message(p.termination, chi2_reduced, &uncertainty.determined);
        ProgressReport {
            iteration: p.iteration,
            n_data,
            chi2: at.chi2,
            chi2_reduced,
            accepted: p.accepted,
            rejected_steps: p.rejected_steps,
            values: at.theta.clone(),
            sigma: uncertainty.sigma[..n].iter().map(|s| finite(*s)).collect(),
            determined: uncertainty.determined,
            scale: at.nuisances.iter().map(|n| n.scale).collect(),
            scale_sigma,
            background,
            termination: p.termination,
            message,
            elastic,
            error: self.error(),
            higher_orders: self.higher_orders.clone(),
            verdict: self.verdict.clone(),
        }
    }

    fn message(
        &self,
        termination: Option<TerminationReason>,
        chi2_reduced: f64,
        determined: &[bool],
    ) -> String {
        let n = determined.len();
        let open = determined.iter().filter(|d| !**d).count();
        let found = match open {
            0 => format!("{n} constants, χ²/n = {chi2_reduced:.2}"),
            _ => format!("{} of {n} constants determined, χ²/n = {chi2_reduced:.2}", n - open),
        };
        let iteration = self.session.progress().iteration;
        match termination {
            None if iteration == 0 => format!("Start: χ²/n = {chi2_reduced:.1}."),
            None => format!("Iteration {iteration}: χ²/n = {chi2_reduced:.2}."),
            Some(TerminationReason::Converged) => format!("Converged after {iteration} iterations: {found}."),
            Some(TerminationReason::Flat) => {
                format!(
                    "Converged after {iteration} iterations with combinations of constants held: {found}."
                )
            }
            Some(_) => format!("Stopped after {iteration} iterations: {found}."),
        }
    }

    /// s·I + background at every row of data set `n`; NaN on a reciprocal-lattice point.
    pub fn model(&self, n: usize) -> Vec<f64> {
        match &self.models {
            Some(models) => models[n].clone(),
            None => now(self.bench(Pool::here()).model(&self.session, n)),
        }
    }

    /// Which rows of data set `n` take part in the fit.
    pub fn used(&self, n: usize) -> &[bool] {
        &self.rows[n].used
    }

    /// Dispersion at the present constants, with uncertainties once the fit has moved.
    pub fn current_bands(&self) -> BandStructure {
        let covariance = self.uncertainty().theta_covariance(self.session.problem.n_theta());
        let usable = self.session.progress().iteration > 0 && covariance.iter().all(|x| x.is_finite());
        self.bands_at(&self.session.current().theta, usable.then_some(&covariance))
    }

    /// Dispersion at the start.
    pub fn start_bands(&self) -> BandStructure {
        self.bands_at(&self.session.start().theta, None)
    }

    /// Dispersion of another set of constants, in its own range.
    pub fn bands_of(&self, spec: &ConstantsSpec) -> Result<BandStructure> {
        let other = in_own_range(&self.prepared, spec, &self.files)?;
        let path = standard_path(&other.crystal);
        Ok(bands(&other.crystal, &other.family, &other.theta, &path, BAND_POINTS, None))
    }

    fn bands_at(&self, theta: &[f64], covariance: Option<&nalgebra::DMatrix<f64>>) -> BandStructure {
        let crystal = &self.prepared.crystal;
        bands(crystal, &self.prepared.family, theta, &standard_path(crystal), BAND_POINTS, covariance)
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
        result.higher_orders.clone_from(&self.higher_orders);
        result.error = self.error();
        if let Some(reference) = &self.reference {
            for (parameter, value) in result.parameters.iter_mut().zip(reference) {
                parameter.reference = *value;
            }
        }
        if let Some(truth) = self.prepared.job.reference.as_ref().and_then(|spec| self.bands_of(spec).ok()) {
            let found = self.bands_at(&self.session.current().theta, None).branches.concat();
            result.dispersion_error_thz = Some(rms_difference(&found, &truth.branches.concat()));
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
        let Prepared { crystal, family, basis, .. } = &*self.prepared;
        let range = basis.as_ref().map_or(0.0, |b| b.cutoff);
        let full = to_supercell(crystal, &family.at(&self.session.current().theta), range)?;
        Ok(export_files(&full))
    }
}

impl Bench {
    /// What a person sees of a fit where it stands.
    async fn look(
        &self,
        session: Session,
        higher_orders: Option<HigherOrdersReport>,
        judged: bool,
    ) -> Computed {
        let uncertainty = session.uncertainty_in(&self.pool).await;
        let mut models = Vec::with_capacity(self.data.len());
        for n in 0..self.data.len() {
            models.push(self.model(&session, n).await);
        }
        let mut verdict = None;
        if judged {
            let higher = higher_orders.as_ref();
            let evidence = Evidence::new(&self.pool, &session, &self.data, &self.rows, &models, higher).await;
            verdict = Some(Verdict::new(&self.prepared, &session, evidence, &uncertainty, higher));
        }
        Computed { session, higher_orders, uncertainty: Some(uncertainty), verdict, models: Some(models) }
    }

    async fn model(&self, session: &Session, n: usize) -> Vec<f64> {
        let at = session.current();
        let term = &session.problem.terms[n];
        let mut values = None;
        if let Some(state) = term.model.state_for_values_in(&self.pool, &at.theta).await {
            values = term.predict(&self.pool, &state, &at.nuisances[n]).await;
        }
        let values = values.unwrap_or_default();
        let value = |point: &Option<usize>| point.and_then(|p| values.get(p)).copied().unwrap_or(f64::NAN);
        self.rows[n].point.iter().map(value).collect()
    }
}

/// The same crystal with another set of constants, in the range of that set.
fn in_own_range(prepared: &Prepared, spec: &ConstantsSpec, files: &dyn Files) -> Result<Prepared> {
    let mut job = prepared.job.clone();
    job.force_constants =
        crate::job::ForceConstantsSpec { cutoff: None, start: None, values: Some(spec.clone()) };
    Prepared::new(&job, files)
}

/// A set of constants by the labels of the job: what the job has no place for does not matter here.
fn reference_values(
    prepared: &Prepared,
    spec: &ConstantsSpec,
    files: &dyn Files,
) -> Result<Vec<Option<f64>>> {
    match in_own_range(prepared, spec, files) {
        Ok(other) if other.basis.is_some() => {
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

fn export_files(full: &SupercellForceConstants) -> Export {
    Export {
        FORCE_CONSTANTS: write_force_constants(full),
        POSCAR: write_poscar(&full.unit_cell, "fitted by TDS Inversion"),
        phonopy_yaml: write_phonopy_yaml(full),
    }
}

/// "Ni", "NaCl", "Zn2O2".
fn formula(symbols: &[String]) -> String {
    let mut out = String::new();
    let mut seen: Vec<&String> = Vec::new();
    for s in symbols {
        if !seen.contains(&s) {
            seen.push(s);
            let count = symbols.iter().filter(|t| *t == s).count();
            out.push_str(s);
            if count > 1 && symbols.len() > count {
                out.push_str(&count.to_string());
            }
        }
    }
    out
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
