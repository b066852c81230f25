//! What of the models is computed once where a fit stands, for all who look at it there.

use std::sync::Arc;

use super::measurement::Nuisances;
use super::normal_equations::Evaluation;
use super::problem::Problem;
use super::term::Slopes;
use crate::base::parallel::Pool;
use crate::error::Place;
use crate::lanes::Lanes;
use crate::scattering::{ModelState, Parts};
use crate::{Error, Result};

/// The models of all data sets with one set of constants, whatever scale and backgrounds are.
#[derive(Debug)]
pub struct Standing {
    /// Of the model of each data set.
    pub states: Vec<ModelState>,
    /// Intensities beyond one phonon of each data set, electron² per primitive cell, block by block of the points that are
    /// used; empty in a model of one phonon.
    pub higher: Vec<Vec<Lanes>>,
}

impl Problem {
    /// `None` where the crystal is not stable.
    pub async fn stand(&self, pool: &Pool, theta: &[f64]) -> Option<Arc<Standing>> {
        let mut one = Vec::with_capacity(self.terms.len());
        for term in &self.terms {
            one.push(term.model.one_phonon().state_in(pool, theta).await?);
        }
        let states = self.with_higher_orders(pool, one).await.ok()?;
        Some(self.standing(pool, states).await)
    }

    /// The same from the states.
    pub(super) async fn standing(&self, pool: &Pool, states: Vec<ModelState>) -> Arc<Standing> {
        let mut higher = Vec::with_capacity(states.len());
        for (term, state) in self.terms.iter().zip(&states) {
            higher.push(term.model.higher_orders_in(pool, state, term.n_blocks()).await);
        }
        Arc::new(Standing { states, higher })
    }

    /// Intensities at all points of the model of each data set.
    pub(super) async fn intensities(&self, pool: &Pool, standing: &Standing) -> Option<Vec<Vec<f64>>> {
        let mut all = Vec::with_capacity(self.terms.len());
        for ((term, state), higher) in self.terms.iter().zip(&standing.states).zip(&standing.higher) {
            all.push(term.model.parts_beyond(pool, state, higher).await?.all());
        }
        Some(all)
    }

    /// Intensities at all points of the model of data set `t`, with their slopes where the measurement needs them.
    pub async fn intensities_of(&self, pool: &Pool, at: &Evaluation, t: usize) -> Option<(Parts, Slopes)> {
        let (term, state) = (&self.terms[t], &at.standing.states[t]);
        let parts = term.model.parts_beyond(pool, state, &at.standing.higher[t]).await?;
        let slopes = match term.measurement.moves() {
            true => term.model.slopes_in(pool, state, term.model.n_points()).await?,
            false => vec![],
        };
        Some((parts, slopes))
    }
}

/// A problem at a place that a fit may start from, as far as one phonon tells.
pub struct Start {
    /// What is to be fitted.
    pub problem: Problem,
    /// The constants, or the parameters of the problem's chart.
    pub(super) parameters: Vec<f64>,
    /// Of one phonon alone, with its intensities at all points of each model.
    pub(super) states: Vec<ModelState>,
    pub(super) one: Vec<Vec<f64>>,
}

impl Start {
    /// The constants, eV/Å².
    pub fn theta(&self) -> &[f64] {
        self.states.first().map_or(&[], |state| &state.theta)
    }

    /// # Errors
    /// A start that makes an unstable crystal.
    pub async fn new(pool: &Pool, mut problem: Problem, parameters: &[f64]) -> Result<Self> {
        let (states, one) = problem.of_one_phonon(pool, parameters).await?;
        if let Some((constants, _)) = problem.place(parameters) {
            problem.starts_at(&constants, parameters);
        }
        Ok(Start { problem, parameters: parameters.to_vec(), states, one })
    }

    /// What one phonon alone would make of each data set: intensities at all points of its model, with the scale and the
    /// backgrounds that go best with them. `None` where no positive scale does.
    pub async fn one_phonon(&self, pool: &Pool) -> Option<(&[Vec<f64>], Vec<Nuisances>)> {
        let nuisances = self.problem.nuisances_of(pool, &self.one).await?;
        nuisances.iter().all(|n| n.scale > 0.0).then_some((&self.one, nuisances))
    }
}

/// Of data and a start that no positive scale brings together.
pub(super) fn no_scale() -> Error {
    Error::Input {
        place: Place { name: "data".into(), line: None },
        what: "the start model and the data have nothing in common (the best scale is not positive)".into(),
        expected: "intensities that rise towards the Bragg peaks".into(),
    }
}
