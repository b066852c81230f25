//! Fits go on about the hkl that they found, where the first order about those of the file is not good enough.

use std::sync::Arc;

use super::{Prepared, Rows};
use crate::base::parallel::Pool;
use crate::data::Dataset;
use crate::fit::{Calibration, Problem, Session, TerminationReason};

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

/// So many times as many different points make the model at the hkl that were found too slow.
const MANY: usize = 4;

/// What is left of [`NEAR`]'s distance when adding what the first order misses helps.
const CLOSER: f64 = 0.25;

/// A round that leaves more than this of the distance says little of what the next one will leave.
const SURE: f64 = 0.1;

/// Square of the distance between the data of both models, in σ of all of them together, that does not matter, and by which
/// χ² would fall for it: no combination of constants can be off by more than the root of it in its own σ.
const NEAR: f64 = 0.01;

/// A problem with its rows, and what is added to the intensity of each row in place of what was.
fn with_beyond(problem: &Problem, rows: &[Rows], beyond: &[Vec<f64>]) -> (Problem, Vec<Rows>) {
    let (mut problem, mut rows) = (problem.clone(), rows.to_vec());
    for ((term, rows), beyond) in problem.terms.iter_mut().zip(&mut rows).zip(beyond) {
        // The data of a point stand in the order of their rows.
        let mut seen = vec![0; term.n_used()];
        for (row, more) in beyond.iter().enumerate() {
            if let Some(place) = rows.places.get_mut(row) {
                place.beyond = *more;
            }
            let used = rows.used[row];
            let Some(point) = rows.point[row].filter(|point| used && *point < seen.len()) else { continue };
            let entry = term.entries(point).nth(seen[point]);
            if let Some(place) = entry.and_then(|entry| term.places.get_mut(entry)) {
                place.beyond = *more;
            }
            seen[point] += 1;
        }
    }
    (problem, rows)
}

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
        if self.settles {
            return Hkl::Settled;
        }
        let points =
            |problem: &Problem| problem.terms.iter().map(|term| term.model.n_points()).sum::<usize>();
        let used = |rows: &Rows| rows.used.iter().filter(|used| **used).count();
        // Too many points would no longer be equivalent: they stay where they are, and what they miss is added. What is not
        // used, most of it on Bragg peaks, where an average takes long, is not compared then.
        let may_stay = rows.iter().map(used).sum::<usize>() > MANY * points(problem);
        let compared: Option<Vec<Dataset>> = may_stay.then(|| {
            let mut sets = data.to_vec();
            sets.iter_mut().zip(rows).for_each(|(set, rows)| set.retain(&rows.used));
            sets
        });
        let rounds = self.rounds + 1;
        let next = Prepared { about, beyond: Arc::default(), rounds, ..self.clone() };
        let Ok((other, moved)) = next.problem_in_pieces(compared.as_deref().unwrap_or(data)).await else {
            return Hkl::Open;
        };
        let (counted, unit) = (problem.has_sigma(), problem.variance(at));
        let mut off = 0.0;
        let mut beyond = Vec::with_capacity(data.len());
        for (n, (old, new)) in problem.terms.iter().zip(&other.terms).enumerate() {
            let (nuisances, rows) = (&at.nuisances[n], &rows[n]);
            let Some((parts, slopes)) = problem.intensities_of(pool, at, n).await else { return Hkl::Open };
            let values = parts.all();
            let before =
                old.predict_with_factor(&values, &slopes, nuisances, &rows.point, &rows.places).await;
            let after = new.values_in(pool, &at.theta, nuisances, &moved[n].point, &moved[n].places).await;
            let mut more: Vec<f64> = rows.places.iter().map(|place| place.beyond).collect();
            let compared = (0..more.len()).filter(|row| !may_stay || rows.used[*row]);
            for (row, after) in compared.zip(after) {
                let [before, factor] = before[row];
                let change = after - before;
                let in_intensity = change / factor;
                // Rows on Bragg peaks, now or then, have none.
                if !in_intensity.is_finite() {
                    continue;
                }
                more[row] += in_intensity;
                if rows.used[row] {
                    off += change.powi(2) / rows.variance(&data[n], row, before, counted, unit);
                }
            }
            beyond.push(more);
        }
        if off < NEAR {
            return Hkl::Settled;
        }
        let added = with_beyond(problem, rows, &beyond);
        // Most of the distance may be none that a constant would follow, such as the noise of averages near Bragg peaks.
        let Some(off) = added.0.promise(pool, at).await else { return Hkl::Open };
        if off < NEAR {
            return Hkl::Settled;
        }
        if self.rounds >= MOST {
            return Hkl::Open;
        }
        let stays = points(&other) > MANY * points(problem) && off < CLOSER * self.off;
        // What one round leaves of the distance, the next one leaves of what is left.
        let left = off / self.off;
        let settles = self.off.is_finite() && left < SURE && off * left < 0.3 * NEAR;
        let next = if stays {
            Prepared { beyond: Arc::new(beyond), off, settles, rounds, ..self.clone() }
        } else {
            next
        };
        let again = if stays {
            drop((other, moved));
            (next, added.0, added.1)
        } else if may_stay {
            drop((other, moved));
            match next.problem_in_pieces(data).await {
                Ok((problem, rows)) => (next, problem, rows),
                Err(_) => return Hkl::Open,
            }
        } else {
            (next, other, moved)
        };
        let (prepared, problem, rows) = again;
        match Session::going_on(pool, problem, session).await {
            Some(session) => Hkl::Again(Box::new((prepared, session, rows))),
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
