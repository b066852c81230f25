//! Without the feature `simulated` no job simulates its data: the package that has everything is asked before one is read.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Order;
use crate::Error;

/// A measurement that a job simulates; there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum SyntheticSpec {}

impl SyntheticSpec {
    /// Phonon orders of the data.
    pub fn order(&self) -> Option<Order> {
        match *self {}
    }
}

impl Serialize for SyntheticSpec {
    fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

impl<'de> Deserialize<'de> for SyntheticSpec {
    fn deserialize<D: Deserializer<'de>>(_deserializer: D) -> Result<Self, D::Error> {
        Err(de::Error::custom(Error::NeedsWhole))
    }
}
