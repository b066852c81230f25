//! What is computed ahead for a run, in pieces, while the run stays as it is.

use std::rc::Rc;

use super::evidence::Evidence;
use super::higher_orders::{self, HigherOrdersReport};
use super::hint::before_the_fit;
use super::verdict::Verdict;
use super::{Files, Prepared, Rows, Run};
use crate::base::parallel::Pool;
use crate::data::Dataset;
use crate::fit::{Session, Uncertainty};

/// What was computed for a run, for it to take.
pub struct Computed {
    pub(super) session: Session,
    pub(super) higher_orders: Option<HigherOrdersReport>,
    pub(super) uncertainty: Option<Uncertainty>,
    pub(super) verdict: Option<Verdict>,
    pub(super) models: Option<Vec<Vec<f64>>>,
    /// What the fit goes on with, where it has another problem now.
    pub(super) replaced: Option<(Rc<Prepared>, Rc<Vec<Rows>>)>,
    /// Intensities beyond one phonon at the points of each data set, where the models were computed.
    pub(super) beyond: Vec<Vec<f64>>,
    /// What can be said before the fit.
    pub(super) hints: Vec<String>,
}

/// The parts of a run that stay as they are, apart from it.
pub(super) struct Apart {
    pool: Pool,
    prepared: Rc<Prepared>,
    data: Rc<Vec<Dataset>>,
    rows: Rc<Vec<Rows>>,
}

impl<F: Files> Run<F> {
    pub(super) fn apart(&self, pool: Pool) -> Apart {
        let (prepared, data, rows) = (self.prepared.clone(), self.data.clone(), self.rows.clone());
        Apart { pool, prepared, data, rows }
    }

    /// One iteration of the fit, in pieces, while the run stays as it is; with the uncertainties at its end where
    /// they are wanted.
    pub fn stepping(&self, pool: Pool, known: bool) -> impl Future<Output = Computed> + 'static + use<F> {
        let mut apart = self.apart(pool);
        let mut session = self.session.clone();
        let mut higher_orders = self.higher_orders.clone();
        async move {
            session.step_in(&apart.pool).await;
            let replaced = apart.about_found(&mut session).await;
            let has_ended = session.progress().termination.is_some();
            if has_ended {
                let hkl: Vec<Vec<[f64; 3]>> = apart.rows.iter().map(|r| r.hkl.clone()).collect();
                higher_orders =
                    higher_orders::higher_orders(&apart.pool, &apart.prepared, &session, &hkl).await;
                return Computed { replaced, ..apart.look(session, higher_orders, true).await };
            }
            let uncertainty = if known { Some(session.uncertainty_in(&apart.pool).await) } else { None };
            let beyond = vec![];
            Computed {
                session,
                higher_orders,
                uncertainty,
                verdict: None,
                models: None,
                replaced,
                beyond,
                hints: vec![],
            }
        }
    }

    /// The models, and the verdict where it is wanted, where the fit stands, in pieces, while the run stays as it is.
    pub fn looking(&self, pool: Pool, judged: bool) -> impl Future<Output = Computed> + 'static + use<F> {
        let apart = self.apart(pool);
        let (session, higher_orders) = (self.session.clone(), self.higher_orders.clone());
        async move {
            let judged = judged && session.progress().iteration > 0;
            apart.look(session, higher_orders, judged).await
        }
    }
}

impl Apart {
    /// Goes on about the hkl that a fit found at its end, where that matters; says so where it cannot.
    #[cfg(feature = "chosen")]
    async fn about_found(&mut self, session: &mut Session) -> Option<(Rc<Prepared>, Rc<Vec<Rows>>)> {
        use super::calibrated::Hkl;
        match self.prepared.about_found(&self.pool, session, &self.data, &self.rows).await {
            Hkl::Settled => return None,
            Hkl::Again(next) => {
                let (prepared, again, rows) = *next;
                (self.prepared, self.rows) = (Rc::new(prepared), Rc::new(rows));
                *session = again;
            }
            Hkl::Open => {
                self.prepared = Rc::new(Prepared { calibration_open: true, ..(*self.prepared).clone() });
            }
        }
        Some((self.prepared.clone(), self.rows.clone()))
    }

    #[cfg(not(feature = "chosen"))]
    #[allow(clippy::unused_async, clippy::unused_self)]
    async fn about_found(&mut self, _: &mut Session) -> Option<(Rc<Prepared>, Rc<Vec<Rows>>)> {
        None
    }

    /// What a person sees of a fit where it stands.
    pub(super) async fn look(
        &self,
        session: Session,
        higher_orders: Option<HigherOrdersReport>,
        judged: bool,
    ) -> Computed {
        let uncertainty = session.uncertainty_in(&self.pool).await;
        let mut models = Vec::with_capacity(self.data.len());
        let mut beyond = Vec::with_capacity(self.data.len());
        for n in 0..self.data.len() {
            let (model, higher) = self.model(&session, n).await;
            models.push(model);
            beyond.push(higher);
        }
        let mut verdict = None;
        let fresh = session.progress().iteration == 0;
        let hints = if fresh { before_the_fit(&session, &self.data, &self.rows, &models) } else { vec![] };
        if judged {
            let higher = higher_orders.as_ref();
            let evidence =
                Evidence::new(&self.pool, &self.prepared, &session, &self.data, &self.rows, &models, higher)
                    .await;
            verdict = Some(Verdict::new(&self.prepared, &session, evidence, &uncertainty, higher));
        }
        Computed {
            session,
            higher_orders,
            uncertainty: Some(uncertainty),
            verdict,
            models: Some(models),
            replaced: None,
            beyond,
            hints,
        }
    }

    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// What the model predicts at the rows of a data set, and the intensities beyond one phonon at its points.
    pub async fn model(&self, session: &Session, n: usize) -> (Vec<f64>, Vec<f64>) {
        let at = session.current();
        let (term, rows) = (&session.problem.terms[n], &self.rows[n]);
        let (parts, slopes) = session.problem.intensities_of(&self.pool, at, n).await.unwrap_or_default();
        let nuisances = &at.nuisances[n];
        let model = term.predict(&parts.all(), &slopes, nuisances, &rows.point, &rows.places).await;
        (model, parts.higher)
    }
}
