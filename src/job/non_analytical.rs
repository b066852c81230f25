//! The long-range part of the force constants of a polar crystal.

use serde::{Deserialize, Serialize};

/// Where Born charges and the dielectric tensor come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "true, false, {\"file\": …}, or {\"born_charges\": …, \"dielectric\": …}")]
pub enum NonAnalytical {
    /// `false`: none, although the crystal may be polar; `true`: those that the file of the crystal holds, an error where it
    /// holds none.
    Wanted(bool),
    /// From a file.
    File(ChargesFile),
    /// As numbers.
    Charges(Charges),
}

/// A file with Born charges and the dielectric tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChargesFile {
    /// A BORN of phonopy, a phonopy.yaml, or force constants of Quantum ESPRESSO.
    pub file: String,
}

/// Born charges and the dielectric tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Charges {
    /// e: Born effective charge Z* of each atom of the primitive cell, or of those that symmetry does not give, in the order
    /// of the cell, or of each atom of the input cell; three rows of three, Cartesian, rows by the direction of the field.
    /// Up to 100 in magnitude. What they are not neutral by is taken off all alike.
    pub born_charges: Vec<[[f64; 3]; 3]>,
    /// Dielectric tensor at frequencies above those of the atoms, ε∞ of vacuum, Cartesian; positive definite.
    pub dielectric: [[f64; 3]; 3],
}
