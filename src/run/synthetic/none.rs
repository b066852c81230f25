//! Without the feature `simulated` the package that has everything is asked for.

use super::{Files, Prepared};
use crate::data::Dataset;
use crate::job::SyntheticSpec;
use crate::{Error, Result};

impl SyntheticSpec {
    /// Refuses.
    ///
    /// # Errors
    /// Always.
    pub(super) fn simulate(&self, _name: &str, _prepared: &Prepared, _files: &dyn Files) -> Result<Dataset> {
        Err(Error::NeedsWhole)
    }
}
