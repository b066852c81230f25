//! All data sets with their models: y(Q) ≈ s·I(Q) + Σ_j b_j B_j(Q).

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};

use super::measurement::Nuisances;
use super::prior::{self, Pseudo};
use super::spectrum::Spectrum;
use super::term::{Columns, DataTerm, Likelihood, Pass, Slopes, Source, Sums, Weighting, improve};
use crate::base::parallel::{Pool, now};
use crate::dynamics::{LongWave, linear_term_rows};
use crate::ifc::LinearForceConstants;
use crate::lanes::LANES;
use crate::scattering::{HigherJacobian, ModelState, Slope};
use crate::{Error, Result};

/// Sound may have imaginary frequencies below this wave number, Å⁻¹ (waves of 4000 Å): constants that are
/// not exactly invariant under rotation, such as those of a file cut at a range, make some.
const NEAR_GAMMA: f64 = 0.0015;

/// All data sets, fitted jointly with one set of force constants.
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
    /// Whether the last constant carries what conditions fix: no fit moves it.
    pub fixed: bool,
    /// See [`linear_term_rows`]: what a step must not move where it would make sound near Γ grow.
    pub(super) linear_terms: DMatrix<f64>,
    /// Largest constant of the start, eV/Å²: what the size of constants is judged by, should one run away.
    start_size: f64,
}

/// Constants that have grown by more than this factor since the start have run away.
const FARTHEST: f64 = 10.0;
/// Nor are they followed beyond this one.
const LIMIT: f64 = 100.0;
/// A combination that promises less than this part of what its σ stands for is one of nuisances.
const LEAST_RISE: f64 = 0.1;
/// σ of a constant that rests, as a fraction of the largest, is one over this.
const FIRM: f64 = 1e9;

/// Derivatives of the higher orders, one set per term, at one θ. They change slowly and serve only the
/// curvature, so that they may be those of a θ nearby: gradients are exact.
#[derive(Debug, Clone, Default)]
pub struct Linearisation {
    /// Force constants, eV/Å².
    pub theta: Vec<f64>,
    pub(super) jacobians: Vec<HigherJacobian>,
    /// Gradients of the intensity, one set per term, for the calibration of hkl.
    pub(super) slopes: Vec<Slopes>,
}

impl Linearisation {
    /// How far `theta` is from here, as a fraction of its largest constant; zero in a model without higher orders.
    pub fn lag(&self, theta: &[f64]) -> f64 {
        if self.jacobians.iter().all(|j| j.rows.is_empty()) && self.slopes.iter().all(Vec::is_empty) {
            return 0.0;
        }
        let largest = amax(theta);
        self.theta.iter().zip(theta).map(|(a, b)| (a - b).abs() / largest).fold(0.0, f64::max)
    }
}

fn amax(theta: &[f64]) -> f64 {
    theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()))
}

/// The normal equations at one point.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// Parameters, eV/Å².
    pub theta: Vec<f64>,
    /// Best scale and backgrounds there, one entry per data set.
    pub nuisances: Vec<Nuisances>,
    /// What is minimised: χ², or the Poisson deviance.
    pub objective: f64,
    /// Σ w (y − model)², with w of the likelihood.
    pub chi2: f64,
    /// Fisher matrix JᵀWJ over θ, then the free nuisances of each data set in turn.
    pub fisher: DMatrix<f64>,
    /// JᵀW(y − model): minus half the gradient of χ².
    pub descent: DVector<f64>,
    /// What the Fisher matrix took for the derivatives of the higher orders.
    pub linearisation: Arc<Linearisation>,
}

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
            fixed: false,
            linear_terms,
            start_size: f64::INFINITY,
        }
    }

    /// Tells what size the constants have at the start.
    pub(super) fn starts_at(&mut self, theta: &[f64]) {
        self.start_size = amax(theta);
    }

    /// The size of the largest constant, eV/Å²; one that has run away from the start does not count.
    pub fn largest(&self, theta: &[f64]) -> f64 {
        amax(theta).min(FARTHEST * self.start_size)
    }

    /// The Fisher matrix at `at` by independent combinations.
    pub fn spectrum(&self, at: &Evaluation) -> Spectrum {
        Spectrum::new(&at.fisher, self.n_theta(), self.variance(at), self.largest(&at.theta))
    }

    /// Number of force constants.
    pub fn n_theta(&self) -> usize {
        self.family.n_parameters
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
            let theta: Vec<f64> = at.theta.iter().zip(step.iter()).map(|(x, d)| x + d).collect();
            let nuisances = self.step_nuisances(&at.nuisances, &step);
            if let Some(there) = self.evaluate(pool, &theta, &nuisances, Some(&at.linearisation)).await {
                *rise = (there.objective - at.objective) / promised;
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

    /// Whether Φ is positive definite in the long-wave limit, on the mesh and at the data; the
    /// sentence says where it is not.
    pub async fn check_stable(&self, pool: &Pool, theta: &[f64]) -> Result<()> {
        let unstable = |what: String| Err(Error::Unstable { what });
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
        for term in &self.terms {
            let Some(state) = term.model.state_in(pool, theta).await else {
                return unstable("a vibration on the mesh of wave vectors has a negative stiffness".into());
            };
            if term.model.one_phonon().intensities_in(pool, &state).await.is_none() {
                return unstable("a vibration at a data point has a negative stiffness".into());
            }
        }
        Ok(())
    }

    /// Whether nothing but a lack of rotational invariance makes long sound waves grow.
    pub(super) fn turns_near_gamma(&self, theta: &[f64]) -> bool {
        if self.linear_terms.nrows() == 0 || theta.iter().any(|t| !t.is_finite()) {
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

    /// Scale and backgrounds to start from: the weighted linear fit at `theta`.
    pub async fn initial_nuisances(&self, pool: &Pool, theta: &[f64]) -> Option<Vec<Nuisances>> {
        let mut all: Vec<Nuisances> = self.terms.iter().map(|term| term.measurement.start()).collect();
        for owner in self.owners() {
            let start = all[owner].clone();
            let sharers = self.sharers(owner);
            let mut grams = Vec::with_capacity(sharers.len());
            for &t in &sharers {
                let term = &self.terms[t];
                let state = term.model.state_in(pool, theta).await?;
                let pass = Pass {
                    source: Source::of(&state),
                    nuisances: &start,
                    slopes: &[],
                    included: &[],
                    likelihood: Likelihood::Gaussian,
                    weighting: Weighting::Information,
                };
                // The derivatives do not matter here.
                let none = HigherJacobian::default();
                grams.push(self.sums(pool, term, &state, pass, &none).await?.gram);
            }
            let terms: Vec<&DataTerm> = sharers.iter().map(|&t| &self.terms[t]).collect();
            let of = |k: usize, column: fn(&Columns) -> usize| {
                let c = terms[k].columns();
                grams[k][(c.intensity, column(&c))]
            };
            let mean = (0..terms.len()).map(|k| of(k, |c| c.residual)).sum::<f64>()
                / (0..terms.len()).map(|k| of(k, |c| c.intensity)).sum::<f64>();
            let mut best = start.clone();
            improve(&terms, &mut grams.iter_mut().collect::<Vec<_>>(), &mut best);
            if terms[0].measurement.free_scale() && best.scale <= 0.0 {
                // The backgrounds took it all: give the mean intensity to the model instead.
                best = start;
                best.scale = mean;
            }
            for t in sharers {
                all[t].clone_from(&best);
            }
        }
        Some(all)
    }

    /// Derivatives of the higher orders at `theta`; `None` when the crystal is not stable there.
    pub async fn linearise(&self, pool: &Pool, theta: &[f64]) -> Option<Linearisation> {
        let mut jacobians = Vec::with_capacity(self.terms.len());
        let mut slopes = Vec::with_capacity(self.terms.len());
        for term in &self.terms {
            let (mut jacobian, mut slope) = (HigherJacobian::default(), vec![]);
            if term.model.has_higher_orders() || term.measurement.moves() {
                let state = term.model.state_in(pool, theta).await?;
                if term.model.has_higher_orders() {
                    jacobian = term.model.higher_jacobian_in(pool, &state, term.n_blocks()).await;
                }
                if term.measurement.moves() {
                    slope = term.model.slopes_in(pool, &state, term.n_used()).await?;
                }
            }
            jacobians.push(jacobian);
            slopes.push(slope);
        }
        Some(Linearisation { theta: theta.to_vec(), jacobians, slopes })
    }

    /// Sums over the pixels of a term with all orders of its model.
    async fn sums(
        &self,
        pool: &Pool,
        term: &DataTerm,
        state: &ModelState,
        pass: Pass<'_>,
        jacobian: &HigherJacobian,
    ) -> Option<Sums> {
        if !term.model.has_higher_orders() {
            return term.gram(pool, &pass).await;
        }
        let values = term.model.higher_orders_in(pool, state, term.n_blocks()).await;
        let source = Source::Model { state, higher: Some((&values, jacobian)) };
        term.gram(pool, &Pass { source, ..pass }).await
    }

    /// Normal equations at (θ, nuisances); `None` when the crystal is not stable there, or a hundred times
    /// as stiff as the start. With the Gaussian likelihood the nuisances are first moved to their optimum for
    /// this θ. The derivatives of the higher orders are those of `linearisation`; without it, of θ itself.
    pub fn evaluate_here(
        &self,
        theta: &[f64],
        nuisances: &[Nuisances],
        linearisation: Option<&Arc<Linearisation>>,
    ) -> Option<Evaluation> {
        now(self.evaluate(&Pool::here(), theta, nuisances, linearisation))
    }

    /// The same, in pieces.
    pub async fn evaluate(
        &self,
        pool: &Pool,
        theta: &[f64],
        nuisances: &[Nuisances],
        linearisation: Option<&Arc<Linearisation>>,
    ) -> Option<Evaluation> {
        if amax(theta) > LIMIT * self.start_size || !self.is_stable_in_the_long_wave_limit(theta) {
            return None;
        }
        self.normal_equations(pool, theta, nuisances, linearisation, Weighting::Information, &[]).await
    }

    /// Σ r² c cᵀ over the data, r the residual and c the derivatives of the model: how the score varies,
    /// as the residuals tell. For data of weight one; over the parameters as in [`Evaluation::fisher`].
    pub async fn scores(&self, pool: &Pool, at: &Evaluation) -> Option<DMatrix<f64>> {
        let Evaluation { theta, nuisances, linearisation, .. } = at;
        let sums =
            self.normal_equations(pool, theta, nuisances, Some(linearisation), Weighting::Residuals, &[]);
        Some(sums.await?.fisher)
    }

    /// The step to the optimum of a part of the data, to first order, and the covariance there, both over all parameters:
    /// `included` says of each point of each data set whether it takes part.
    pub async fn step_of_a_part(
        &self,
        pool: &Pool,
        at: &Evaluation,
        included: &[Vec<bool>],
    ) -> Option<(DVector<f64>, DMatrix<f64>)> {
        let Evaluation { theta, nuisances, linearisation, .. } = at;
        let known = Some(linearisation);
        let part =
            self.normal_equations(pool, theta, nuisances, known, Weighting::Information, included).await?;
        let covariance = self.spectrum(&part).inverse();
        Some((&covariance * &part.descent, covariance))
    }

    /// Columns of the pixel sums of data set `t` ← free parameters: chain rule through the scale and through U.
    pub(super) fn chain(&self, t: usize, state: &ModelState, nuisances: &Nuisances) -> DMatrix<f64> {
        let (term, n_theta) = (&self.terms[t], self.n_theta());
        let (c, first) = (term.columns(), self.first_nuisance(t));
        let mut chain = DMatrix::zeros(c.n - 1, self.n_free());
        for p in 0..n_theta {
            chain[(p, p)] = nuisances.scale;
            for (k, row) in state.mean_square.jacobian.iter().enumerate() {
                chain[(n_theta + k, p)] = nuisances.scale * row[p];
            }
        }
        for (local, column) in term.free_columns().enumerate() {
            chain[(column, first + local)] = if column < c.effects { 1.0 } else { nuisances.scale };
        }
        chain
    }

    async fn normal_equations(
        &self,
        pool: &Pool,
        theta: &[f64],
        nuisances: &[Nuisances],
        linearisation: Option<&Arc<Linearisation>>,
        weighting: Weighting,
        included: &[Vec<bool>],
    ) -> Option<Evaluation> {
        let linearisation = match linearisation {
            Some(known) => known.clone(),
            None => Arc::new(self.linearise(pool, theta).await?),
        };
        let n = self.n_free();
        let mut out = Evaluation {
            theta: theta.to_vec(),
            nuisances: nuisances.to_vec(),
            objective: 0.0,
            chi2: 0.0,
            fisher: DMatrix::zeros(n, n),
            descent: DVector::zeros(n),
            linearisation: linearisation.clone(),
        };
        let plain = weighting == Weighting::Information;
        let likelihood = self.likelihood;
        let parts = |t: usize| included.get(t).map_or(&[][..], Vec::as_slice);
        for owner in self.owners() {
            let sharers = self.sharers(owner);
            let mut all = Vec::with_capacity(sharers.len());
            for &t in &sharers {
                let term = &self.terms[t];
                let state = term.model.state_in(pool, theta).await?;
                let (nuisances, slopes, included) = (&out.nuisances[t], &linearisation.slopes[t], parts(t));
                let source = Source::of(&state);
                let pass = Pass { source, nuisances, slopes, included, likelihood, weighting };
                let sums = self.sums(pool, term, &state, pass, &linearisation.jacobians[t]).await?;
                all.push((t, state, sums));
            }
            if plain && likelihood == Likelihood::Gaussian && included.is_empty() {
                let terms: Vec<&DataTerm> = sharers.iter().map(|&t| &self.terms[t]).collect();
                let mut grams: Vec<_> = all.iter_mut().map(|(_, _, sums)| &mut sums.gram).collect();
                improve(&terms, &mut grams, &mut out.nuisances[owner]);
                let best = out.nuisances[owner].clone();
                for &t in &sharers {
                    out.nuisances[t].clone_from(&best);
                }
            }
            let nuisances = &out.nuisances[owner];
            if nuisances.scale.is_nan() || nuisances.scale <= 0.0 {
                return None;
            }
            let first = self.first_nuisance(owner);
            if plain {
                for (k, prior, value) in self.terms[owner].measurement.priors(nuisances) {
                    let weight = 1.0 / (prior.sigma * prior.sigma);
                    out.fisher[(first + k, first + k)] += weight;
                    out.descent[first + k] += weight * (prior.value - value);
                    out.objective += weight * (prior.value - value).powi(2);
                }
            }
            for (t, state, sums) in all {
                let (term, jacobian) = (&self.terms[t], &linearisation.jacobians[t]);
                let c = term.columns();
                let chain = self.chain(t, &state, nuisances);
                let gram = &sums.gram;
                out.fisher += chain.transpose() * gram.view((0, 0), (c.n - 1, c.n - 1)) * &chain;
                out.descent += chain.transpose() * gram.view((0, c.residual), (c.n - 1, 1));
                if plain && term.model.has_higher_orders() && linearisation.theta != state.theta {
                    let (slopes, included) = (&linearisation.slopes[t], parts(t));
                    let source = Source::of(&state);
                    let pass = Pass { source, nuisances, slopes, included, likelihood, weighting };
                    let weights = term.pull(&sums.intensity, &pass)?;
                    let correction = gradient_correction(pool, term, &state, jacobian, &weights).await;
                    for (total, x) in out.descent.iter_mut().zip(correction) {
                        *total += x;
                    }
                }
                out.chi2 += gram[(c.residual, c.residual)] + sums.scatter;
                out.objective += sums.deviance;
            }
        }
        if self.likelihood == Likelihood::Gaussian {
            out.objective += out.chi2;
        }
        if plain && !self.known.is_empty() {
            let data = self.pseudo_data(pool, theta).await?;
            prior::add(&data, &mut out.objective, &mut out.descent, Some(&mut out.fisher));
        }
        // Information without end, and nothing that pulls: apart from all others whatever the units.
        let rests = (FIRM / amax(theta)).powi(2);
        for p in self.resting(theta, &out.descent) {
            out.fisher.row_mut(p).fill(0.0);
            out.fisher.column_mut(p).fill(0.0);
            out.fisher[(p, p)] = if plain { rests } else { 0.0 };
            out.descent[p] = 0.0;
        }
        out.objective.is_finite().then_some(out)
    }
}

/// What the exact gradient of the higher orders (reverse mode) adds to that by derivatives at another θ.
async fn gradient_correction(
    pool: &Pool,
    term: &DataTerm,
    state: &ModelState,
    lagged: &HigherJacobian,
    weights: &[f64],
) -> Vec<f64> {
    let mut exact = term.model.higher_pullback_in(pool, state, weights).await;
    for (b, weights) in weights.chunks(LANES).enumerate() {
        for (total, row) in exact.iter_mut().zip(lagged.block(b)) {
            *total -= weights.iter().zip(row).map(|(w, x)| w * x).sum::<f64>();
        }
    }
    exact
}
