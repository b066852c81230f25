//! What a job shows while the rest of it is computed.

use std::cell::RefCell;
use std::rc::Rc;

use super::describe::Described;
use super::report::Description;
use super::{Prepared, Rows};
use crate::base::parallel::{Pool, rest};
use crate::data::Dataset;
use crate::fit::{Problem, Start};
use crate::job::Order;

/// What is there of a job before its models.
pub struct FirstLook {
    /// What the job turned out to be, as far as that is known.
    pub description: Description,
    /// The measurements.
    pub data: Rc<Vec<Dataset>>,
    pub(super) rows: Rc<Vec<Rows>>,
    /// Of a job with all orders, what one phonon alone gives at every row of each data set: s·I₁ + background, NaN on a
    /// reciprocal-lattice point. None as long as it is not known.
    pub models: Option<Vec<Vec<f64>>>,
}

impl FirstLook {
    /// Which rows of data set `n` take part in the fit.
    pub fn used(&self, n: usize) -> &[bool] {
        &self.rows[n].used
    }
}

/// Where a job leaves what can be shown of it already, for who takes it from there.
#[derive(Clone, Default)]
pub struct Watch(Rc<RefCell<Option<FirstLook>>>);

impl Watch {
    /// What was left last.
    pub fn take(&self) -> Option<FirstLook> {
        self.0.take()
    }

    /// Leaves the data, and their models where there are any.
    pub(super) async fn shows(
        &self,
        prepared: &Prepared,
        theta: &[f64],
        problem: &Problem,
        data: &Rc<Vec<Dataset>>,
        rows: &Rc<Vec<Rows>>,
        models: Option<Vec<Vec<f64>>>,
    ) {
        let seen = Described { prepared, theta, problem, data, rows, reference: None, hints: &[] };
        let description = seen.description();
        self.0.replace(Some(FirstLook { description, data: data.clone(), rows: rows.clone(), models }));
        rest().await;
    }

    /// Leaves them with what one phonon alone gives, where the models have more.
    pub(super) async fn shows_one_phonon(
        &self,
        pool: &Pool,
        prepared: &Prepared,
        start: &Start,
        data: &Rc<Vec<Dataset>>,
        rows: &Rc<Vec<Rows>>,
    ) {
        let problem = &start.problem;
        if !matches!(prepared.job.model.order, Order::AllOrder) {
            return;
        }
        let Some((one, nuisances)) = start.one_phonon(pool).await else { return };
        let mut models = Vec::with_capacity(one.len());
        for (t, values) in one.iter().enumerate() {
            let (term, rows) = (&problem.terms[t], &rows[t]);
            models.push(term.predict(values, &[], &nuisances[t], &rows.point, &rows.places).await);
        }
        self.shows(prepared, start.theta(), problem, data, rows, Some(models)).await;
    }
}
