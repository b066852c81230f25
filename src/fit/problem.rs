//! All data sets with their models: y(Q) ≈ s·I(Q) + Σ_j b_j B_j(Q).

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};

use super::chart::{Chart, known};
use super::normal_equations::Evaluation;
use super::prior::Pseudo;
use super::spectrum::Spectrum;
use super::term::{DataTerm, Likelihood};
use crate::base::parallel::Pool;
use crate::dynamics::{LongWave, linear_term_rows};
use crate::ifc::LinearForceConstants;
use crate::scattering::{ModelState, Slope};
use crate::{Error, Result};

/// Sound may have imaginary frequencies below this wave number, Å⁻¹ (waves of 4000 Å): constants that are
/// not exactly invariant under rotation, such as those of a file cut at a range, make some.
const NEAR_GAMMA: f64 = 0.0015;

/// All data sets, fitted jointly with one set of force constants.
#[derive(Clone)]
pub struct Problem {
    /// The force constants as functions of θ.
    pub family: LinearForceConstants,
    /// The data sets with their models.
    pub terms: Vec<DataTerm>,
    /// How misfit is counted.
    pub likelihood: Likelihood,
    /// Of each data set the first one that it shares scale, backgrounds and effects with: itself where it has its own.
    pub(super) shares: Vec<usize>,
    /// What is known of the constants besides the data.
    pub known: Vec<Pseudo>,
    /// Least and largest values of constants, eV/Å², by their number.
    pub bounds: Vec<(usize, [f64; 2])>,
    /// What the constants follow from, where a fit moves other parameters. Read it by [`Problem::has_chart`].
    pub chart: Option<Arc<dyn Chart>>,
    /// Whether the last constant carries what conditions fix: no fit moves it.
    pub fixed: bool,
    /// See [`linear_term_rows`]: what a step must not move where it would make sound near Γ grow.
    pub(super) linear_terms: DMatrix<f64>,
    /// Largest constant of the start, eV/Å²: what the size of constants is judged by, should one run away.
    pub(super) start_size: f64,
    /// The same of the parameters that are fitted.
    start_extent: f64,
}

/// Constants that have grown by more than this factor since the start have run away.
const FARTHEST: f64 = 10.0;
/// A combination that promises less than this part of what its σ stands for is one of nuisances.
const LEAST_RISE: f64 = 0.1;

/// The largest of all, whatever its sign.
pub(super) fn amax(theta: &[f64]) -> f64 {
    theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()))
}

/// Why there is no state.
const ON_MESH: &str = "a vibration on the mesh of wave vectors has a negative stiffness";

impl Problem {
    /// A problem of data sets that share their force constants.
    pub fn new(family: LinearForceConstants, terms: Vec<DataTerm>, likelihood: Likelihood) -> Self {
        let linear_terms = linear_term_rows(&family);
        Problem {
            shares: (0..terms.len()).collect(),
            family,
            terms,
            likelihood,
            known: vec![],
            bounds: vec![],
            chart: None,
            fixed: false,
            linear_terms,
            start_size: f64::INFINITY,
            start_extent: f64::INFINITY,
        }
    }

    /// Tells what size the constants have at the start.
    pub(super) fn starts_at(&mut self, theta: &[f64], parameters: &[f64]) {
        self.start_size = amax(theta);
        // Those of a chart are of order one, and may all be zero at the start.
        self.start_extent = if self.has_chart() { amax(parameters).max(1.0) } else { self.start_size };
    }

    /// The size of the largest constant, eV/Å²; one that has run away from the start does not count.
    pub fn largest(&self, theta: &[f64]) -> f64 {
        amax(theta).min(FARTHEST * self.start_size)
    }

    /// The size of the largest parameter that is fitted; one that has run away from the start does not count.
    pub(super) fn extent(&self, parameters: &[f64]) -> f64 {
        if self.has_chart() {
            return amax(parameters).max(1.0).min(FARTHEST * self.start_extent);
        }
        self.largest(parameters)
    }

    /// The Fisher matrix at `at` by independent combinations.
    pub fn spectrum(&self, at: &Evaluation) -> Spectrum {
        Spectrum::new(&at.fisher, self.n_theta(), self.variance(at), self.extent(at.parameters()))
    }

    /// Number of what is fitted besides the nuisances: force constants, or the parameters that they follow from.
    pub fn n_theta(&self) -> usize {
        known(&self.chart).map_or(self.family.n_parameters, |chart| chart.n_parameters())
    }

    /// Number of all parameters of the normal equations.
    pub fn n_free(&self) -> usize {
        self.n_theta() + self.owners().map(|t| self.terms[t].n_free()).sum::<usize>()
    }

    /// Number of parameters that a fit moves.
    pub fn n_fitted(&self) -> usize {
        self.n_free() - usize::from(self.fixed)
    }

    /// Number of data without as many as there are fitted parameters, one at least.
    pub fn degrees(&self) -> usize {
        self.n_data().saturating_sub(self.n_fitted()).max(1)
    }

    /// Number of data points that enter the fit.
    pub fn n_data(&self) -> usize {
        self.terms.iter().map(DataTerm::n_data).sum()
    }

    /// Whether the variance of every datum is known: from its σ, or as that of a count.
    pub fn has_sigma(&self) -> bool {
        self.likelihood == Likelihood::Poisson || self.terms.iter().all(|t| t.has_sigma)
    }

    /// Variance of a datum of weight one: one where σ is known, else that of the residual.
    pub fn variance(&self, at: &Evaluation) -> f64 {
        if self.has_sigma() { 1.0 } else { at.chi2 / self.degrees() as f64 }
    }

    /// How much the objective rises one σ to either side of `at` along combination `k` of its spectrum, over what the normal
    /// equations promise: one where the misfit is as quadratic as the covariance takes it for; infinite where the crystal
    /// is not stable. A combination of nuisances alone, which are moved to their optimum anyway, promises nothing: `None`.
    pub async fn rise(
        &self,
        pool: &Pool,
        at: &Evaluation,
        spectrum: &Spectrum,
        k: usize,
    ) -> Option<[f64; 2]> {
        let variance = self.variance(at);
        let sigma = (variance / spectrum.eigenvalues[k].max(spectrum.floor)).sqrt();
        let along = spectrum.scaled(&spectrum.vectors.column(k).into_owned()) * sigma;
        let promised = along.dot(&(&at.fisher * &along)) - self.taken_back(at, &along);
        if promised.is_nan() || promised < LEAST_RISE * variance {
            return None;
        }
        let mut rises = [f64::INFINITY; 2];
        for (rise, side) in rises.iter_mut().zip([1.0, -1.0]) {
            let step = &along * side;
            let theta: Vec<f64> = at.parameters().iter().zip(step.iter()).map(|(x, d)| x + d).collect();
            let nuisances = self.step_nuisances(&at.nuisances, &step);
            if let Some(there) = self.misfit(pool, &theta, &nuisances, &at.linearisation).await {
                *rise = (there - at.objective) / promised;
            }
        }
        Some(rises)
    }

    /// By how much less the objective rises along a step because scale and backgrounds are moved to their optimum there, as
    /// they are with the Gaussian likelihood.
    fn taken_back(&self, at: &Evaluation, step: &DVector<f64>) -> f64 {
        if self.likelihood != Likelihood::Gaussian {
            return 0.0;
        }
        let linear: Vec<usize> = self
            .owners()
            .flat_map(|t| {
                let first = self.first_nuisance(t);
                first..first + self.terms[t].n_free() - self.terms[t].measurement.effects.len()
            })
            .collect();
        if linear.is_empty() {
            return 0.0;
        }
        let pull = &at.fisher * step;
        let own = DMatrix::from_fn(linear.len(), linear.len(), |i, j| at.fisher[(linear[i], linear[j])]);
        let pull = DVector::from_fn(linear.len(), |i, _| pull[linear[i]]);
        pull.dot(&(Spectrum::new(&own, 0, 1.0, 1.0).inverse() * &pull))
    }

    /// Variance of a datum of weight one as the misfit suggests it where that is larger: what is to be thought
    /// significant while the model does not describe the data.
    pub fn tolerant_variance(&self, at: &Evaluation) -> f64 {
        self.variance(at).max(at.chi2 / self.degrees() as f64)
    }

    /// rms over all parameters of the distance from `at` to the optimum that its normal equations
    /// promise, in units of σ: √(dᵀF⁻¹d/n) with d = JᵀW(y − model), without the combinations that are held.
    pub fn distance_in_sigma(&self, at: &Evaluation) -> f64 {
        let spectrum = self.spectrum(at);
        let held = spectrum.held(&at.descent, self.tolerant_variance(at));
        let d = spectrum.scaled(&at.descent);
        let squared = |k: usize| {
            spectrum.vectors.column(k).dot(&d).powi(2) / spectrum.eigenvalues[k].max(spectrum.floor)
        };
        let n = at.descent.len();
        let sum: f64 = (0..n).filter(|k| !held.combinations.contains(k)).map(squared).sum();
        (sum / (n as f64 * self.variance(at).max(f64::MIN_POSITIVE))).sqrt()
    }

    /// Whether any model has more than one-phonon scattering.
    pub fn has_higher_orders(&self) -> bool {
        self.terms.iter().any(|t| t.model.has_higher_orders())
    }

    /// The states of all models, if Φ is positive definite in the long-wave limit, on the mesh and at the data; else
    /// the sentence says where it is not.
    pub async fn check_stable(&self, pool: &Pool, parameters: &[f64]) -> Result<Vec<ModelState>> {
        let (states, _) = self.of_one_phonon(pool, parameters).await?;
        self.with_higher_orders(pool, states).await
    }

    /// All orders from one phonon.
    pub(super) async fn with_higher_orders(
        &self,
        pool: &Pool,
        one: Vec<ModelState>,
    ) -> Result<Vec<ModelState>> {
        let mut states = Vec::with_capacity(one.len());
        for (term, state) in self.terms.iter().zip(one) {
            let all = term.model.with_higher(pool, state).await;
            states.push(all.ok_or_else(|| Error::Unstable { what: ON_MESH.into() })?);
        }
        Ok(states)
    }

    /// The same of one phonon alone, with its intensities at all points of each model.
    pub(super) async fn of_one_phonon(
        &self,
        pool: &Pool,
        parameters: &[f64],
    ) -> Result<(Vec<ModelState>, Vec<Vec<f64>>)> {
        let unstable = |what: String| Err(Error::Unstable { what });
        let Some((theta, _)) = self.place(parameters) else {
            return unstable("the parameters give no finite energy".into());
        };
        let theta = &theta;
        let long_wave = LongWave::new(&self.family.at(theta));
        if long_wave.optical.is_nan() || long_wave.optical <= 0.0 {
            return unstable("an optical mode at Γ has a negative stiffness".into());
        }
        let (stiffness, n) = long_wave.softest();
        if stiffness.is_nan() || stiffness <= 0.0 {
            return unstable(format!("long sound waves along [{:.2} {:.2} {:.2}] grow", n.x, n.y, n.z));
        }
        let (wave_number, n) = long_wave.imaginary_below();
        if wave_number.is_nan() || wave_number > NEAR_GAMMA {
            return unstable(format!(
                "the constants are not invariant under rotation, so that sound along [{:.2} {:.2} {:.2}] grows at \
                 |q| below {wave_number:.4} Å⁻¹",
                n.x, n.y, n.z
            ));
        }
        let (mut states, mut intensities) = (vec![], vec![]);
        for term in &self.terms {
            let one = term.model.one_phonon();
            let Some(state) = one.state_in(pool, theta).await else { return unstable(ON_MESH.into()) };
            let Some(values) = one.intensities_in(pool, &state).await else {
                return unstable("a vibration at a data point has a negative stiffness".into());
            };
            states.push(state);
            intensities.push(values);
        }
        Ok((states, intensities))
    }

    /// Whether nothing but a lack of rotational invariance makes long sound waves grow.
    pub(super) fn turns_near_gamma(&self, theta: &[f64]) -> bool {
        if self.linear_terms.nrows() == 0 || self.has_chart() || theta.iter().any(|t| !t.is_finite()) {
            return false;
        }
        let long_wave = LongWave::new(&self.family.at(theta));
        long_wave.softest().0 > 0.0 && long_wave.optical > 0.0 && long_wave.imaginary_below().0 > NEAR_GAMMA
    }

    /// Long sound waves and optical modes at Γ have a positive stiffness.
    pub(super) fn is_stable_in_the_long_wave_limit(&self, theta: &[f64]) -> bool {
        let long_wave = LongWave::new(&self.family.at(theta));
        long_wave.softest().0 > 0.0
            && long_wave.optical > 0.0
            && long_wave.imaginary_below().0 <= NEAR_GAMMA
            && theta.iter().all(|t| t.is_finite())
    }

    /// Gradients of the intensity at the points of data set `t`, where its measurement needs them.
    pub fn slopes<'a>(&self, at: &'a Evaluation, t: usize) -> &'a [Slope] {
        at.linearisation.slopes.get(t).map_or(&[], Vec::as_slice)
    }
}
