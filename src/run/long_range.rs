//! Born charges and the dielectric tensor as they are used, for reports.

use nalgebra::Matrix3;
use serde::Serialize;

use crate::crystal::LongRange;

/// The long-range part of a polar crystal as it is used, in the words of a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LongRangeReport {
    /// e: Born charges of the atoms of the primitive cell, Cartesian, as symmetric as the crystal and neutral together;
    /// rows: direction of the field.
    pub born_charges: Vec<[[f64; 3]; 3]>,
    /// High-frequency dielectric tensor, Cartesian, as symmetric as the crystal.
    pub dielectric: [[f64; 3]; 3],
    /// e: sum of the charges of a primitive cell as they were given; an equal part of it was taken off each atom.
    pub charge_sum: [[f64; 3]; 3],
}

impl LongRangeReport {
    /// What is used of charges and tensor.
    pub fn new(used: &LongRange) -> Self {
        let rows = |m: &Matrix3<f64>| -> [[f64; 3]; 3] { m.transpose().into() };
        LongRangeReport {
            born_charges: used.born.iter().map(rows).collect(),
            dielectric: rows(&used.dielectric),
            charge_sum: rows(&used.total),
        }
    }
}

impl std::fmt::Display for LongRangeReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows =
            |m: &[[f64; 3]; 3]| m.map(|row| row.map(|x| format!("{:>9.4}", x + 0.0)).concat()).join("  ");
        let largest = self.charge_sum.as_flattened().iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        writeln!(
            f,
            "long-range part (non_analytical): dielectric tensor and Born charges (e) of the primitive cell,"
        )?;
        writeln!(
            f,
            "rows one after the other; the charges add up to {largest:.4} e at most before they are made neutral"
        )?;
        writeln!(f, "ε∞  {}", rows(&self.dielectric))?;
        self.born_charges.iter().enumerate().try_for_each(|(s, z)| writeln!(f, "Z{:<3}{}", s + 1, rows(z)))
    }
}
