//! Without the feature `simulated` there is nothing to simulate.

use super::{Files, Prepared};
use crate::Result;
use crate::data::Dataset;
use crate::job::SyntheticSpec;

impl SyntheticSpec {
    /// Never comes to it.
    pub(super) fn simulate(&self, _name: &str, _prepared: &Prepared, _files: &dyn Files) -> Result<Dataset> {
        match *self {}
    }
}
