//! Where a fit starts.

use super::Prepared;
use super::models::check_fit;
use super::problem::Rows;
use crate::base::parallel::{Pool, now};
use crate::data::Dataset;
use crate::fit::{AdamOptions, Options, Problem, Session, Start};
#[cfg(feature = "potentials")]
use crate::job::Order;
use crate::{Error, Result};

impl Prepared {
    /// Starts the fit.
    ///
    /// # Errors
    /// Nothing to fit, settings or data that cannot be used.
    pub fn session(&self, data: &[Dataset]) -> Result<(Session, Vec<Rows>)> {
        now(self.session_in(&Pool::here(), data))
    }

    /// The same, in pieces.
    async fn session_in(&self, pool: &Pool, data: &[Dataset]) -> Result<(Session, Vec<Rows>)> {
        self.check_can_be_fitted()?;
        let (problem, rows) = self.problem_in_pieces(data).await?;
        let start = self.start(pool, problem).await?;
        let session = self.begin(pool, start, data, &rows).await?;
        Ok((session, rows))
    }

    /// # Errors
    /// Nothing to fit, settings that do not go together.
    pub(super) fn check_can_be_fitted(&self) -> Result<()> {
        if self.basis.is_none() {
            return Err(Error::job(
                "force_constants.cutoff",
                "missing",
                "a cutoff in Å, so that there is something to fit",
            ));
        }
        if self.theta.iter().all(|t| *t == 0.0) {
            return Err(Error::job("force_constants.start", "missing", "constants to start from"));
        }
        if self.imposed.as_ref().is_some_and(|imposed| imposed.columns.iter().all(Option::is_none)) {
            return Err(Error::job("constraints", "nothing is left to fit", "a constant that is free"));
        }
        #[cfg(feature = "potentials")]
        if self.refined.is_some() && self.job.model.order == Order::Sampled {
            let what = "sampled intensities, beside a potential";
            return Err(Error::job("model.order", what, "\"all-order\" or \"one-phonon\""));
        }
        check_fit(&self.job)
    }

    /// Where the fit starts.
    ///
    /// # Errors
    /// A crystal that is not stable.
    pub(super) async fn start(&self, pool: &Pool, problem: Problem) -> Result<Start> {
        Start::new(pool, problem, self.parameters()).await.map_err(|error| self.of_start(error))
    }

    /// Starts the fit from there.
    ///
    /// # Errors
    /// A crystal that is not stable, too few data.
    pub(super) async fn begin(
        &self,
        pool: &Pool,
        start: Start,
        data: &[Dataset],
        rows: &[Rows],
    ) -> Result<Session> {
        let fit = &self.job.fit;
        let adam = AdamOptions {
            learning_rate: fit.learning_rate,
            random_numbers: fit.random_numbers,
            batch: fit.batch,
            coordinates: fit.coordinates,
        };
        let options =
            Options { method: fit.method, max_iterations: fit.max_iterations, adam, ..Options::default() };
        // Parameters of a potential come near their end by a factor from step to step where no potential describes the data
        // quite: what is left then is far below their σ.
        #[cfg(feature = "potentials")]
        let options = if self.refined.is_some() { Options { tolerance: 1e-6, ..options } } else { options };
        let begun = Session::from_start(pool, start, options).await;
        begun.map_err(|error| with_reasons(self.of_start(error), data, rows))
    }

    /// What a fit moves, at its start.
    fn parameters(&self) -> &[f64] {
        #[cfg(feature = "potentials")]
        if let Some(refined) = &self.refined {
            return refined.start();
        }
        &self.theta
    }

    /// An error of the start, with what it is about.
    #[cfg_attr(not(feature = "potentials"), allow(clippy::unused_self))]
    fn of_start(&self, error: Error) -> Error {
        #[cfg(feature = "potentials")]
        if let (Some(_), Error::Unstable { what }) = (&self.refined, &error) {
            let what = format!("the crystal is not stable: {what}");
            let expected = "a start with which all vibrations have a positive stiffness";
            return Error::job("potential.parameters", what, expected);
        }
        error
    }
}

/// Of a fit that has too few data, what left the others out.
fn with_reasons(error: Error, data: &[Dataset], rows: &[Rows]) -> Error {
    let Error::TooFewData { n_data, n_parameters, .. } = error else { return error };
    let mut why = vec![];
    for (set, rows) in data.iter().zip(rows) {
        why.extend(set.notes.iter().map(|note| note.trim_end_matches('.').to_owned()));
        why.extend(
            rows.masked.iter().filter(|m| m.n > 0).map(|m| format!("{}: {} {}", set.name, m.name, m.n)),
        );
    }
    let left_out = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
    Error::TooFewData { n_data, n_parameters, left_out }
}
