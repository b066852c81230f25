//! Without the feature `simulated` there is nothing to simulate.

use super::{Files, Prepared};
use crate::Result;
use crate::base::parallel::Pool;
use crate::data::Dataset;
use crate::job::SyntheticSpec;

impl SyntheticSpec {
    /// Never comes to it.
    pub(super) async fn simulate(
        &self,
        _name: &str,
        _prepared: &Prepared,
        _pool: &Pool,
        _files: &dyn Files,
    ) -> Result<Dataset> {
        match *self {}
    }
}
