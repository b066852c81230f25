//! What files say of the long-range part of the force constants of a polar crystal.

use nalgebra::Matrix3;

/// Born effective charges and the dielectric tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct LongRange {
    /// Z_s of each atom of the primitive cell, e; rows: direction of the field.
    pub born: Vec<Matrix3<f64>>,
    /// High-frequency dielectric tensor ε∞, Cartesian.
    pub dielectric: Matrix3<f64>,
}
