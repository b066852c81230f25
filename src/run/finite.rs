//! No number leaves that is none: what is written is looked at first.

use super::{FitResult, Simulation};
use crate::{Error, Result};

impl Simulation {
    /// # Errors
    /// An intensity that is no finite number; `place` makes the error at its point.
    pub fn require_finite(&self, place: &dyn Fn(usize, String) -> Error) -> Result<()> {
        let orders = self.orders.iter().flat_map(|o| [&o.one, &o.two, &o.higher]);
        let columns = [&self.intensity].into_iter().chain(&self.standard_error).chain(orders);
        for column in columns {
            if let Some(n) = column.iter().position(|x| !x.is_finite()) {
                return Err(place(n, format!("the intensity is {}", column[n])));
            }
        }
        Ok(())
    }
}

impl FitResult {
    /// # Errors
    /// A number of the result that is none and says nothing by being none.
    pub fn require_finite(&self) -> Result<()> {
        let fail = |field: &str, x: f64| {
            let what = format!("{field} of the result is {x}");
            Err(Error::job("data", what, "data and constants of which the fit is a finite number"))
        };
        let constants = self.parameters.iter().map(|p| (p.label.as_str(), p.value));
        let course = self.trace.iter().map(|point| ("chi2", point.chi2));
        let tensors = self.u_a2.as_flattened().as_flattened().iter().map(|u| ("U_A2", *u));
        let sums = [("chi2", self.chi2), ("chi2_reduced", self.chi2_reduced)];
        for (field, x) in constants.chain(course).chain(tensors).chain(sums) {
            if !x.is_finite() {
                return fail(field, x);
            }
        }
        Ok(())
    }
}
