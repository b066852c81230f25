//! Without the feature `chosen` there are no shapes.

use super::{Seen, Space};
use crate::Result;

/// A part that is left out.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {}

impl Shape {
    /// What it is called.
    pub fn title(&self) -> &str {
        match *self {}
    }

    /// Whether it leaves anything out.
    pub fn is_on(&self) -> bool {
        match *self {}
    }

    /// Refuses what is no shape.
    ///
    /// # Errors
    /// None: there are no shapes.
    pub fn check(&self) -> Result<()> {
        match *self {}
    }
}

/// A shape made ready for many data.
pub(in crate::data) struct Cover<'a>(&'a Shape);

impl<'a> Cover<'a> {
    pub fn new(shape: &'a Shape, _own: &[Shape], _space: &'a Space<'a>) -> Self {
        Cover(shape)
    }

    pub fn has(&self, _seen: Seen) -> bool {
        match *self.0 {}
    }
}
