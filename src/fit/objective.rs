//! The misfit and its gradient, whether intensities are exact or sampled with held random numbers.

use std::sync::Arc;

use nalgebra::DVector;

use super::measurement::Nuisances;
use super::normal_equations::{Evaluation, Linearisation};
use super::prior;
use super::problem::Problem;
use super::sampled_term::Estimate;
use crate::base::parallel::Pool;

/// The misfit at one point.
#[derive(Clone)]
pub(super) struct Value {
    /// What is fitted.
    pub theta: Vec<f64>,
    pub nuisances: Vec<Nuisances>,
    pub objective: f64,
    /// Over θ, then the free nuisances.
    pub gradient: DVector<f64>,
    /// Where intensities are exact.
    exact: Option<Evaluation>,
}

/// `None` when the crystal is not stable there. Gaussian nuisances are at their optimum.
/// The derivatives of the higher orders, which serve curvature alone, are those of `linearisation`.
pub(super) async fn at(
    pool: &Pool,
    problem: &Problem,
    theta: &[f64],
    nuisances: &[Nuisances],
    linearisation: &Arc<Linearisation>,
) -> Option<Value> {
    if problem.terms.iter().all(|t| t.sampled.is_none()) {
        let exact = problem.evaluate(pool, theta, nuisances, Some(linearisation)).await?;
        return Some(Value {
            theta: exact.parameters().to_vec(),
            nuisances: exact.nuisances.clone(),
            objective: exact.objective,
            gradient: &exact.descent * -2.0,
            exact: Some(exact),
        });
    }
    if !problem.is_stable_in_the_long_wave_limit(theta) {
        return None;
    }
    let mut out = Value {
        theta: theta.to_vec(),
        nuisances: nuisances.to_vec(),
        objective: 0.0,
        gradient: DVector::zeros(problem.n_free()),
        exact: None,
    };
    for (term, nuisances) in problem.terms.iter().zip(&mut out.nuisances) {
        let sampled = term.sampled.as_ref()?;
        let Estimate { objective, gradient, nuisances: best, .. } = sampled.plain(term, theta, nuisances)?;
        out.objective += objective;
        out.gradient.iter_mut().zip(gradient).for_each(|(total, g)| *total += g);
        *nuisances = best;
    }
    add_known(pool, problem, theta, &mut out.objective, &mut out.gradient).await?;
    out.objective.is_finite().then_some(out)
}

/// Adds what is known besides the data to the objective and its gradient, and takes out what rests.
pub(super) async fn add_known(
    pool: &Pool,
    problem: &Problem,
    theta: &[f64],
    objective: &mut f64,
    gradient: &mut DVector<f64>,
) -> Option<()> {
    let mut descent = &*gradient * -0.5;
    if !problem.known.is_empty() {
        prior::add(&problem.pseudo_data(pool, theta).await?, objective, &mut descent, None);
    }
    for p in problem.resting(theta, &descent) {
        descent[p] = 0.0;
    }
    *gradient = descent * -2.0;
    Some(())
}

impl Value {
    /// The point one step of all parameters away.
    pub async fn moved(
        &self,
        pool: &Pool,
        problem: &Problem,
        step: &DVector<f64>,
        linearisation: &Arc<Linearisation>,
    ) -> Option<Value> {
        let mut theta: Vec<f64> = self.theta.iter().zip(step.iter()).map(|(t, d)| t + d).collect();
        problem.keep_in_bounds(&mut theta);
        at(pool, problem, &theta, &problem.step_nuisances(&self.nuisances, step), linearisation).await
    }

    /// The normal equations of the noise-free model here.
    pub async fn evaluation(
        &self,
        pool: &Pool,
        problem: &Problem,
        linearisation: &Arc<Linearisation>,
    ) -> Option<Evaluation> {
        match &self.exact {
            Some(exact) => Some(exact.clone()),
            None => problem.evaluate(pool, &self.theta, &self.nuisances, Some(linearisation)).await,
        }
    }
}
