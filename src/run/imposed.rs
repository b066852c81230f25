//! All irreducible constants, with what is imposed on them, from those that are fitted.

use super::Prepared;
use crate::fit::{Session, UNDETERMINED, Uncertainty};
use crate::ifc::Tie;

impl Prepared {
    /// All irreducible constants, from those that are fitted.
    pub fn all_constants(&self, fitted: &[f64]) -> Vec<f64> {
        self.imposed.as_ref().map_or_else(|| fitted.to_vec(), |imposed| imposed.all(fitted))
    }

    /// The derivatives of irreducible constant `p` to those that are fitted.
    pub fn row(&self, p: usize) -> Vec<f64> {
        match &self.imposed {
            Some(imposed) => imposed.matrix.row(p).iter().copied().collect(),
            None => (0..self.family.n_parameters).map(|q| f64::from(u8::from(p == q))).collect(),
        }
    }

    /// What is imposed on each constant; `resting`: the fitted ones that are at the end of their range.
    pub fn ties(&self, resting: &[usize]) -> Vec<Option<Tie>> {
        let at_the_end = |p: usize| {
            let column = match &self.imposed {
                Some(imposed) => imposed.columns.iter().position(|c| *c == Some(p)),
                None => Some(p),
            };
            column.is_some_and(|c| resting.contains(&c)).then_some(Tie::Bound)
        };
        let tie = |p: usize| self.imposed.as_ref().and_then(|imposed| imposed.tie(p));
        (0..self.labels().len()).map(|p| tie(p).or_else(|| at_the_end(p))).collect()
    }

    /// Labels of what is fitted; of the parameter that carries fixed values, `None`.
    pub fn fitted_labels(&self) -> Vec<Option<String>> {
        #[cfg(feature = "potentials")]
        if let Some(refined) = &self.refined {
            return refined.names().into_iter().map(Some).collect();
        }
        let labels = self.labels();
        match &self.imposed {
            Some(imposed) => imposed.columns.iter().map(|c| c.map(|p| labels[p].clone())).collect(),
            None => labels.into_iter().map(Some).collect(),
        }
    }

    /// The irreducible constants where a fit stands.
    pub(super) fn found(&self, session: &Session, uncertainty: &Uncertainty) -> Found {
        let at = session.current();
        let values = self.all_constants(&at.theta);
        let resting = if session.problem.has_chart() { vec![] } else { session.problem.at_the_end(at) };
        let ties = self.ties(&resting);
        let sigma: Vec<Option<f64>> = match &self.imposed {
            None if session.problem.has_chart() => {
                (0..values.len()).map(|p| uncertainty.sigma_of(&self.row(p))).collect()
            }
            None => uncertainty.sigma[..values.len()].iter().map(|s| s.is_finite().then_some(*s)).collect(),
            Some(_) => (0..values.len()).map(|p| uncertainty.sigma_of(&self.row(p))).collect(),
        };
        let most = UNDETERMINED * session.problem.largest(&at.theta);
        let determined = sigma.iter().map(|s| s.is_some_and(|s| s <= most)).collect();
        let fixed = |tie: &Option<Tie>| matches!(tie, Some(Tie::Held | Tie::Bound));
        let sigma = sigma.into_iter().zip(&ties).map(|(s, tie)| s.filter(|_| !fixed(tie))).collect();
        Found { values, sigma, determined, ties }
    }
}

/// The irreducible constants at a point of a fit.
pub(super) struct Found {
    /// eV/Å².
    pub values: Vec<f64>,
    /// eV/Å²; none for what is held, and for what the data do not bound.
    pub sigma: Vec<Option<f64>>,
    /// Whether the data determine each.
    pub determined: Vec<bool>,
    /// What is imposed on each.
    pub ties: Vec<Option<Tie>>,
}

impl Tie {
    /// One word for people.
    pub fn word(self) -> &'static str {
        match self {
            Tie::Held => "held",
            Tie::Tied => "tied",
            Tie::Bound => "at its bound",
        }
    }
}
