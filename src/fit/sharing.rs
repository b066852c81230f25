//! Data sets that share what stands between intensity and data.

use nalgebra::{DMatrix, DVector};

use super::measurement::Nuisances;
use super::problem::Problem;
use super::term::DataTerm;

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

/// Moves the linear nuisances that terms share, scale and backgrounds, to their weighted least-squares optimum, and the
/// pixel sums of each term to the new residual. `held`: those that stay, by their numbers among them.
pub(super) fn improve(
    terms: &[&DataTerm],
    grams: &mut [&mut DMatrix<f64>],
    nuisances: &mut Nuisances,
    held: &[usize],
) {
    let Some(first) = terms.first() else { return };
    let columns = |term: &DataTerm| term.free_columns().start..term.columns().effects;
    let n = columns(first).len();
    if n == 0 {
        return;
    }
    let mut information = DMatrix::zeros(n, n);
    let mut wanted = DVector::zeros(n);
    for (term, gram) in terms.iter().zip(grams.iter()) {
        let (start, residual) = (columns(term).start, term.columns().residual);
        information += gram.view((start, start), (n, n));
        wanted += gram.view((start, residual), (n, 1));
    }
    for (k, prior, value) in first.measurement.priors(nuisances).filter(|p| p.0 < n) {
        let known = 1.0 / (prior.sigma * prior.sigma);
        information[(k, k)] += known;
        wanted[k] += known * (prior.value - value);
    }
    for &k in held.iter().filter(|k| **k < n) {
        information.row_mut(k).fill(0.0);
        information.column_mut(k).fill(0.0);
        (information[(k, k)], wanted[k]) = (1.0, 0.0);
    }
    // Scaled to unit diagonal: a constant and |Q|² differ by orders of magnitude.
    let size: Vec<f64> = (0..n).map(|i| information[(i, i)].sqrt().max(f64::MIN_POSITIVE)).collect();
    let a = DMatrix::from_fn(n, n, |i, j| information[(i, j)] / (size[i] * size[j]));
    let b = DVector::from_fn(n, |i, _| wanted[i] / size[i]);
    let Some(solution) = a.cholesky().map(|c| c.solve(&b)) else { return };
    let shift: Vec<f64> = solution.iter().zip(&size).map(|(x, s)| x / s).collect();
    first.measurement.shift(nuisances, &shift);
    // r' = r − Σ δ_k c_k, as a congruence of the sums.
    for (term, gram) in terms.iter().zip(grams) {
        let mut change = DMatrix::identity(gram.nrows(), gram.ncols());
        for (c, d) in columns(term).zip(&shift) {
            change[(c, term.columns().residual)] = -d;
        }
        **gram = change.transpose() * &**gram * change;
    }
}
