//! Fits go on about the hkl that they found, where the first order about those of the file is not good enough.

use super::{Prepared, Rows};
use crate::base::parallel::Pool;
use crate::data::Dataset;
use crate::fit::{Calibration, Session, TerminationReason};

/// What the end of a fit says of the hkl.
pub(super) enum Hkl {
    /// The first order is good enough, or nothing was calibrated.
    Settled,
    /// The fit goes on about those found.
    Again(Box<(Prepared, Session, Vec<Rows>)>),
    /// It is not good enough, and there is no better.
    Open,
}

/// Times that a fit goes on.
const MOST: usize = 8;

/// Square of the distance between the data of both models, in σ of all of them together, that does not matter: no
/// combination of constants can be off by more than the root of it in its own σ.
const NEAR: f64 = 0.01;

impl Prepared {
    /// Compares the data that a fit predicts at its end, to first order in the calibration, with those at the hkl that it
    /// found.
    pub(super) async fn about_found(
        &self,
        pool: &Pool,
        session: &Session,
        data: &[Dataset],
        rows: &[Rows],
    ) -> Hkl {
        let (problem, at) = (&session.problem, session.current());
        if matches!(session.progress().termination, None | Some(TerminationReason::MaxIterations)) {
            return Hkl::Settled;
        }
        let found = |(n, term): (usize, &crate::fit::DataTerm)| {
            Calibration::of(&term.measurement.effects, &at.nuisances[n].effects)
        };
        let about: Vec<Calibration> = problem.terms.iter().enumerate().map(found).collect();
        if problem.terms.iter().zip(&about).all(|(term, about)| term.measurement.about == *about) {
            return Hkl::Settled;
        }
        let next = Prepared { about, rounds: self.rounds + 1, ..self.clone() };
        let Ok((other, moved)) = next.problem_in_pieces(data).await else { return Hkl::Open };
        let (counted, unit) = (problem.has_sigma(), problem.variance(at));
        let mut off = 0.0;
        for (n, (old, new)) in problem.terms.iter().zip(&other.terms).enumerate() {
            let nuisances = &at.nuisances[n];
            let before = old.values_in(pool, &at.theta, nuisances, &rows[n].point, &rows[n].places).await;
            let after = new.values_in(pool, &at.theta, nuisances, &moved[n].point, &moved[n].places).await;
            for (row, used) in rows[n].used.iter().enumerate() {
                let variance = rows[n].variance(&data[n], row, before[row], counted, unit);
                let change = (after[row] - before[row]).powi(2) / variance;
                if *used && change.is_finite() {
                    off += change;
                }
            }
        }
        if off < NEAR {
            return Hkl::Settled;
        }
        if self.rounds >= MOST {
            return Hkl::Open;
        }
        match Session::going_on(pool, other, session).await {
            Some(session) => Hkl::Again(Box::new((next, session, moved))),
            None => Hkl::Open,
        }
    }

    /// The data with the hkl about which the calibration is to be taken to first order; none for those of the file.
    pub(super) fn calibrated(&self, n: usize, set: &Dataset) -> Option<Dataset> {
        let about = self.about.get(n).filter(|about| **about != Calibration::default())?;
        let inverse = self.crystal.input.reciprocal().try_inverse()?;
        let moved = |p: &[f64; 3]| (inverse * about.at(&self.crystal.q_cart(p))).into();
        Some(Dataset { hkl: set.hkl.iter().map(moved).collect(), ..set.clone() })
    }
}
