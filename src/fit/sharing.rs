//! Data sets that share what stands between intensity and data.

use nalgebra::DVector;

use super::measurement::Nuisances;
use super::problem::Problem;

impl Problem {
    /// Makes data sets share scale, backgrounds and effects: of each, the first one that it shares them with. They have to be
    /// of the same kinds.
    #[must_use]
    pub fn sharing(mut self, shares: Vec<usize>) -> Self {
        debug_assert!(shares.iter().enumerate().all(|(t, first)| shares[*first] == *first && *first <= t));
        for (t, &first) in shares.iter().enumerate() {
            // What is relative to the range of |Q| is so for all of them together.
            let [low, high] = self.terms[t].measurement.q_range;
            let range = &mut self.terms[first].measurement.q_range;
            *range = [range[0].min(low), range[1].max(high)];
        }
        for (t, &first) in shares.iter().enumerate() {
            self.terms[t].measurement.q_range = self.terms[first].measurement.q_range;
        }
        self.shares = shares;
        self
    }

    /// The data sets that have nuisances of their own, in their order.
    pub(super) fn owners(&self) -> impl Iterator<Item = usize> + '_ {
        self.shares.iter().enumerate().filter(|(t, first)| t == *first).map(|(t, _)| t)
    }

    /// Whether data set `t` has nuisances of its own, and not those of one before it.
    pub fn owns(&self, t: usize) -> bool {
        self.shares[t] == t
    }

    /// The data sets whose nuisances are those of `t`.
    pub(super) fn sharers(&self, t: usize) -> Vec<usize> {
        (t..self.terms.len()).filter(|&other| self.shares[other] == t).collect()
    }

    /// Number of the first nuisance of data set `t` among all parameters.
    pub fn first_nuisance(&self, t: usize) -> usize {
        let before = self.owners().take_while(|&other| other < self.shares[t]);
        self.n_theta() + before.map(|other| self.terms[other].n_free()).sum::<usize>()
    }

    /// Moves the nuisances along a step of all parameters.
    pub fn step_nuisances(&self, nuisances: &[Nuisances], step: &DVector<f64>) -> Vec<Nuisances> {
        let mut moved = nuisances.to_vec();
        for (t, (term, nuisances)) in self.terms.iter().zip(&mut moved).enumerate() {
            let free = step.rows(self.first_nuisance(t), term.n_free());
            term.measurement.shift(nuisances, free.as_slice());
        }
        moved
    }
}
