//! What the model of one datum consists of: branches, orders, and what else is counted.

use super::modes::{character, longitudinal};
use super::report::{BranchReport, ScatteredReport};
use super::{Files, Run};
use crate::base::parallel::now;
use crate::scattering::{ByMode, from_nearest_peak};
use crate::{Error, Result};

impl<F: Files> Run<F> {
    /// What the model of row `row` of data set `n` consists of where the fit stands.
    ///
    /// # Errors
    /// No such row, or one without a model: a Bragg peak, the elastic limit.
    pub fn scattered(&self, n: usize, row: usize) -> Result<ScatteredReport> {
        let none = || Error::value(format!("data set {n}, row {row}"), "a row with a model of phonons");
        let point = self.rows.get(n).and_then(|rows| *rows.point.get(row)?).ok_or_else(none)?;
        if self.prepared.job.model.order.is_elastic() {
            return Err(none());
        }
        let (rows, at) = (&self.rows[n], self.session.current());
        let term = &self.session.problem.terms[n];
        let state = term.model.state_for_values(&at.theta).ok_or_else(none)?;
        let beyond = now(term.model.beyond_at(&state, point));
        let one = term.model.one_phonon();
        let averaged = one.intensity_at(&state, point).ok_or_else(none)?;

        // Its atoms scatter as they do at the energy of the data set.
        let prepared = self.prepared.at_energy_of(n)?;
        let crystal = &prepared.crystal;
        let q = crystal.q_cart(&rows.hkl[point]);
        let fc = prepared.family.at(&at.theta);
        let tensors = Some(state.mean_square.tensors.as_slice());
        let all = ByMode::new(crystal, &fc, one.thermal(), tensors, &q);
        let total = all.total().filter(|total| *total > 0.0).ok_or_else(none)?;

        // The model without the crystal's intensity; what is left is shared as the orders and branches share it.
        let whole = self.model(n)[row];
        let places = rows.places.get(row).cloned();
        let nothing = vec![0.0; term.model.n_points()];
        let nuisances = &at.nuisances[n];
        let rest = now(term.predict(&nothing, &[], nuisances, &[Some(point)], places.as_slice()))[0];
        let factor = (whole - rest) / (averaged + beyond[0] + beyond[1]);
        let from_peak = from_nearest_peak(crystal, &q);
        let branch = |j: usize| BranchReport {
            character: character(j, false, longitudinal(&all.vibrations, &from_peak, j)),
            frequency: all.vibrations.frequency(j),
            intensity: factor * averaged * all.intensity[j].unwrap_or(0.0) / total,
        };
        Ok(ScatteredReport {
            branches: (0..all.intensity.len()).map(branch).collect(),
            two: factor * beyond[0],
            more: factor * beyond[1],
            rest,
        })
    }
}
