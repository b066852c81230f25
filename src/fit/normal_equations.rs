//! The normal equations of all data sets at one point, and what they need: scale and backgrounds to start from, and the
//! derivatives of the higher orders.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};

use super::chart::Tangent;
use super::measurement::Nuisances;
use super::optimizers::levenberg_marquardt::guarded_step;
use super::pass::{Pass, Source, Weighting};
use super::prior;
use super::problem::{Problem, amax};
use super::sharing::improve;
use super::standing::Standing;
use super::term::{Columns, DataTerm, Likelihood, Slopes};
use crate::base::parallel::{Pool, now};
use crate::lanes::LANES;
use crate::scattering::{HigherJacobian, ModelState};

/// Constants are not followed to more than so many times the largest of the start.
const LIMIT: f64 = 100.0;
/// So many σ from its optimum, a part of the data is at it.
const NEAR_ENOUGH: f64 = 0.1;
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
    /// Read it by [`Evaluation::tangent`].
    pub(super) along: Option<Arc<Tangent>>,
    /// The models there.
    pub(crate) standing: Arc<Standing>,
}

impl Problem {
    /// Scale and backgrounds to start from: the weighted linear fit at `parameters`.
    pub async fn initial_nuisances(&self, pool: &Pool, parameters: &[f64]) -> Option<Vec<Nuisances>> {
        let (theta, _) = self.place(parameters)?;
        let standing = self.stand(pool, &theta).await?;
        self.nuisances_of(pool, &self.intensities(pool, &standing).await?).await
    }

    /// The same for intensities, at the points that are used at least.
    pub(super) async fn nuisances_of(&self, pool: &Pool, intensities: &[Vec<f64>]) -> Option<Vec<Nuisances>> {
        let mut all: Vec<Nuisances> = self.terms.iter().map(|term| term.measurement.start()).collect();
        for owner in self.owners() {
            let start = all[owner].clone();
            let sharers = self.sharers(owner);
            let mut grams = Vec::with_capacity(sharers.len());
            for &t in &sharers {
                let term = &self.terms[t];
                let pass = Pass {
                    source: Source::Known(&intensities[t]),
                    nuisances: &start,
                    slopes: &[],
                    included: &[],
                    likelihood: Likelihood::Gaussian,
                    weighting: Weighting::Information,
                };
                grams.push(term.gram(pool, &pass).await?.gram);
            }
            let terms: Vec<&DataTerm> = sharers.iter().map(|&t| &self.terms[t]).collect();
            let of = |k: usize, column: fn(&Columns) -> usize| {
                let c = terms[k].columns();
                grams[k][(c.intensity, column(&c))]
            };
            let mean = (0..terms.len()).map(|k| of(k, |c| c.residual)).sum::<f64>()
                / (0..terms.len()).map(|k| of(k, |c| c.intensity)).sum::<f64>();
            let mut best = start.clone();
            improve(&terms, &mut grams.iter_mut().collect::<Vec<_>>(), &mut best, &[]);
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

    /// Derivatives of the higher orders at `theta`, where the models are known; `None` when the crystal is not stable
    /// there.
    async fn linearise(&self, pool: &Pool, theta: &[f64], standing: &Standing) -> Option<Linearisation> {
        let mut jacobians = Vec::with_capacity(self.terms.len());
        let mut slopes = Vec::with_capacity(self.terms.len());
        for (term, state) in self.terms.iter().zip(&standing.states) {
            let (mut jacobian, mut slope) = (HigherJacobian::default(), vec![]);
            if term.model.has_higher_orders() {
                jacobian = term.model.higher_jacobian_in(pool, state, term.n_blocks()).await;
            }
            if term.measurement.moves() {
                slope = term.model.slopes_in(pool, state, term.n_used()).await?;
            }
            jacobians.push(jacobian);
            slopes.push(slope);
        }
        Some(Linearisation { theta: theta.to_vec(), jacobians, slopes })
    }

    /// Normal equations at (fitted parameters, nuisances); `None` when the crystal is not stable there, or a hundred times
    /// as stiff as the start. With the Gaussian likelihood the nuisances are first moved to their optimum for
    /// this θ. The derivatives of the higher orders are those of `linearisation`; without it, of θ itself.
    pub fn evaluate_here(
        &self,
        parameters: &[f64],
        nuisances: &[Nuisances],
        linearisation: Option<&Arc<Linearisation>>,
    ) -> Option<Evaluation> {
        now(self.evaluate(&Pool::here(), parameters, nuisances, linearisation))
    }

    /// The same, in pieces.
    pub async fn evaluate(
        &self,
        pool: &Pool,
        parameters: &[f64],
        nuisances: &[Nuisances],
        linearisation: Option<&Arc<Linearisation>>,
    ) -> Option<Evaluation> {
        let place = self.reachable(parameters)?;
        self.normal_equations(pool, place, nuisances, linearisation, None, Weighting::Information, &[]).await
    }

    /// The same at the start, where the models are known already.
    pub(super) async fn evaluate_from(
        &self,
        pool: &Pool,
        parameters: &[f64],
        nuisances: &[Nuisances],
        standing: Arc<Standing>,
    ) -> Option<Evaluation> {
        let place = self.reachable(parameters)?;
        let weighting = Weighting::Information;
        self.normal_equations(pool, place, nuisances, None, Some(standing), weighting, &[]).await
    }

    /// Where an evaluation is, with the derivatives of the higher orders there.
    pub(super) async fn refreshed(&self, pool: &Pool, at: &Evaluation) -> Option<Evaluation> {
        let known = Some(at.standing.clone());
        self.normal_equations(pool, at.place(), &at.nuisances, None, known, Weighting::Information, &[]).await
    }

    /// The misfit that [`Self::evaluate`] would give.
    pub(super) async fn misfit(
        &self,
        pool: &Pool,
        parameters: &[f64],
        nuisances: &[Nuisances],
        linearisation: &Arc<Linearisation>,
    ) -> Option<f64> {
        let place = self.reachable(parameters)?;
        let known = Some(linearisation);
        let at = self.normal_equations(pool, place, nuisances, known, None, Weighting::Misfit, &[]).await?;
        Some(at.objective)
    }

    /// Where parameters are, if a fit may go there.
    fn reachable(&self, parameters: &[f64]) -> Option<(Vec<f64>, Option<Arc<Tangent>>)> {
        let place = self.place(parameters)?;
        let far = amax(&place.0) > LIMIT * self.start_size;
        (!far && self.is_stable_in_the_long_wave_limit(&place.0)).then_some(place)
    }

    /// Σ r² c cᵀ over the data, r the residual and c the derivatives of the model: how the score varies,
    /// as the residuals tell. For data of weight one; over the parameters as in [`Evaluation::fisher`].
    pub async fn scores(&self, pool: &Pool, at: &Evaluation) -> Option<DMatrix<f64>> {
        let Evaluation { nuisances, linearisation, standing, .. } = at;
        let (known, models, weighting) = (Some(linearisation), Some(standing.clone()), Weighting::Residuals);
        let sums = self.normal_equations(pool, at.place(), nuisances, known, models, weighting, &[]);
        Some(sums.await?.fisher)
    }

    /// How far the optimum of a part of the data is from `at`, over the constants and, to first order, the nuisances, and the
    /// covariance of the part there: `included` says of each point of each data set whether it takes part. With `most` zero to
    /// first order; else after at most so many steps as of a fit, which hold what the part does not determine.
    pub async fn optimum_of_a_part(
        &self,
        pool: &Pool,
        at: &Evaluation,
        included: &[Vec<bool>],
        most: usize,
    ) -> Option<(DVector<f64>, DMatrix<f64>)> {
        let weighting = Weighting::Information;
        let (known, models) = (Some(&at.linearisation), Some(at.standing.clone()));
        let mut here = self
            .normal_equations(pool, at.place(), &at.nuisances, known, models, weighting, included)
            .await?;
        let mut damping = 1e-3;
        for _ in 0..most {
            let step = guarded_step(self, &here, damping)?;
            if !step.is_above(NEAR_ENOUGH, self, &here) {
                break;
            }
            let mut parameters: Vec<f64> =
                here.parameters().iter().zip(step.delta.iter()).map(|(t, d)| t + d).collect();
            self.keep_in_bounds(&mut parameters);
            let nuisances = self.step_nuisances(&here.nuisances, &step.delta);
            let next = match self.reachable(&parameters) {
                Some(place) => {
                    self.normal_equations(pool, place, &nuisances, known, None, weighting, included).await
                }
                None => None,
            };
            match next.filter(|next| next.objective < here.objective) {
                Some(next) => {
                    here = next;
                    damping *= 0.1;
                }
                None => damping = (damping * 10.0).max(1e-4),
            }
        }
        let covariance = self.spectrum(&here).inverse();
        let mut moved = if most == 0 {
            here.of_constants(&(&covariance * &here.descent))
        } else {
            DVector::zeros(at.theta.len())
        };
        (0..at.theta.len()).for_each(|p| moved[p] += here.theta[p] - at.theta[p]);
        Some((moved, here.covariance_of_constants(&covariance)))
    }

    /// By how much the misfit would fall, in units of the variance, with constants and nuisances that are moved from `at` to their
    /// optimum, to first order.
    pub async fn promise(&self, pool: &Pool, at: &Evaluation) -> Option<f64> {
        let all: Vec<Vec<bool>> = self.terms.iter().map(|term| vec![true; term.n_used()]).collect();
        let (known, models) = (Some(&at.linearisation), Some(at.standing.clone()));
        let weighting = Weighting::Information;
        let here =
            self.normal_equations(pool, at.place(), &at.nuisances, known, models, weighting, &all).await?;
        Some(guarded_step(self, &here, 0.0)?.predicted / self.variance(&here))
    }

    /// Columns of the pixel sums of data set `t` ← free parameters: chain rule through the scale and through U.
    pub(super) fn chain(
        &self,
        t: usize,
        state: &ModelState,
        nuisances: &Nuisances,
        tangent: Option<&Arc<Tangent>>,
    ) -> DMatrix<f64> {
        let (term, n_theta) = (&self.terms[t], self.family.n_parameters);
        let (c, first) = (term.columns(), self.first_nuisance(t));
        let mut chain = DMatrix::zeros(c.n - 1, self.n_free());
        let rows = &state.mean_square.jacobian;
        if let Some(tangent) = tangent {
            let scaled = &tangent.matrix * nuisances.scale;
            for (k, row) in rows.iter().enumerate() {
                let row = nalgebra::RowDVector::from_row_slice(&row[..n_theta]) * &scaled;
                chain.view_mut((n_theta + k, 0), (1, scaled.ncols())).copy_from(&row);
            }
            chain.view_mut((0, 0), scaled.shape()).copy_from(&scaled);
        } else {
            for p in 0..n_theta {
                chain[(p, p)] = nuisances.scale;
                for (k, row) in rows.iter().enumerate() {
                    chain[(n_theta + k, p)] = nuisances.scale * row[p];
                }
            }
        }
        for (local, column) in term.free_columns().enumerate() {
            chain[(column, first + local)] = if column < c.effects { 1.0 } else { nuisances.scale };
        }
        chain
    }

    /// `standing`: the models there, where they are known.
    #[allow(clippy::too_many_arguments)]
    async fn normal_equations(
        &self,
        pool: &Pool,
        (theta, tangent): (Vec<f64>, Option<Arc<Tangent>>),
        nuisances: &[Nuisances],
        linearisation: Option<&Arc<Linearisation>>,
        standing: Option<Arc<Standing>>,
        weighting: Weighting,
        included: &[Vec<bool>],
    ) -> Option<Evaluation> {
        let standing = match standing {
            Some(known) => known,
            None => self.stand(pool, &theta).await?,
        };
        let linearisation = match linearisation {
            Some(known) => known.clone(),
            None => Arc::new(self.linearise(pool, &theta, &standing).await?),
        };
        let n = self.n_free();
        let mut out = Evaluation {
            theta,
            nuisances: nuisances.to_vec(),
            objective: 0.0,
            chi2: 0.0,
            fisher: DMatrix::zeros(n, n),
            descent: DVector::zeros(n),
            linearisation: linearisation.clone(),
            along: tangent,
            standing: standing.clone(),
        };
        let plain = weighting != Weighting::Residuals;
        let likelihood = self.likelihood;
        let parts = |t: usize| included.get(t).map_or(&[][..], Vec::as_slice);
        for owner in self.owners() {
            let sharers = self.sharers(owner);
            let mut all = Vec::with_capacity(sharers.len());
            for &t in &sharers {
                let term = &self.terms[t];
                let (nuisances, slopes, included) = (&out.nuisances[t], &linearisation.slopes[t], parts(t));
                let source = standing.source(t, &linearisation.jacobians[t]);
                let pass = Pass { source, nuisances, slopes, included, likelihood, weighting };
                all.push((t, term.gram(pool, &pass).await?));
            }
            if plain && likelihood == Likelihood::Gaussian && included.is_empty() {
                let terms: Vec<&DataTerm> = sharers.iter().map(|&t| &self.terms[t]).collect();
                let mut grams: Vec<_> = all.iter_mut().map(|(_, sums)| &mut sums.gram).collect();
                improve(&terms, &mut grams, &mut out.nuisances[owner], &[]);
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
            for (t, sums) in all {
                let (term, jacobian) = (&self.terms[t], &linearisation.jacobians[t]);
                let (c, state) = (term.columns(), &standing.states[t]);
                let chain = self.chain(t, state, nuisances, out.tangent());
                let gram = &sums.gram;
                out.fisher += chain.transpose() * gram.view((0, 0), (c.n - 1, c.n - 1)) * &chain;
                out.descent += chain.transpose() * gram.view((0, c.residual), (c.n - 1, 1));
                if weighting == Weighting::Information
                    && term.model.has_higher_orders()
                    && linearisation.theta != state.theta
                {
                    let (slopes, included) = (&linearisation.slopes[t], parts(t));
                    let source = Source::of(state);
                    let pass = Pass { source, nuisances, slopes, included, likelihood, weighting };
                    let weights = term.pull(pool, &sums.intensity, &pass).await?;
                    let correction = gradient_correction(pool, term, state, jacobian, &weights).await;
                    let correction = match out.tangent() {
                        Some(tangent) => tangent.pulled(&correction),
                        None => correction,
                    };
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
            let data = self.pseudo_data(pool, out.parameters()).await?;
            prior::add(&data, &mut out.objective, &mut out.descent, Some(&mut out.fisher));
        }
        // Information without end, and nothing that pulls: apart from all others whatever the units.
        let rests = (FIRM / amax(out.parameters())).powi(2);
        for p in self.resting(out.parameters(), &out.descent) {
            out.fisher.row_mut(p).fill(0.0);
            out.fisher.column_mut(p).fill(0.0);
            out.fisher[(p, p)] = if plain { rests } else { 0.0 };
            out.descent[p] = 0.0;
        }
        out.objective.is_finite().then_some(out)
    }
}

impl Evaluation {
    /// Where it is.
    fn place(&self) -> (Vec<f64>, Option<Arc<Tangent>>) {
        (self.theta.clone(), self.along.clone())
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
