//! What a job imposes on the constants, and what it knows of them besides the data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::is_default;

/// What is imposed on the force constants beyond symmetry and the acoustic sum rule. Constants are named by label, as
/// `tds params` lists them; every matrix element of Φ within the cutoff has one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Constraints {
    /// No forces under rotation and no stress (Born & Huang): fewer constants in polar, chiral and layered
    /// crystals, and sound that is real at every wave number.
    #[serde(skip_serializing_if = "is_default")]
    pub rotational_invariance: bool,
    /// A spring along each pair of atoms and one across it, Φ(R) = −k_l R̂R̂ᵀ − k_t (1 − R̂R̂ᵀ), and nothing else.
    #[serde(skip_serializing_if = "is_default")]
    pub axially_symmetric: bool,
    /// All constants keep the ratios that they have at the start: one factor is fitted, the stiffness of the crystal.
    #[serde(skip_serializing_if = "is_default")]
    pub stiffness_alone: bool,
    /// eV/Å²: constants that have a value and keep it, by label. At most 10⁶ in magnitude.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<String, f64>,
    /// Combinations of constants that have a value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tied: Vec<Tied>,
    /// eV/Å²: least and largest value, by label; null where there is no such end. A constant that is fixed or follows from
    /// others has none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub bounds: BTreeMap<String, [Option<f64>; 2]>,
    /// eV/Å²: what is known of a constant, `[value, σ]` by label. It counts as a datum does.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub prior: BTreeMap<String, [f64; 2]>,
    /// eV/Å²: σ with which every constant is expected where the fit starts. It keeps what the data leave open from
    /// running away, and is in the σ of the result. A result with a ridge starts again where its fit did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ridge: Option<f64>,
}

/// Σ coefficient · constant = value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tied {
    /// Labels of the constants, each once.
    pub labels: Vec<String>,
    /// One for each label. Without them two constants are made equal, `[1, -1]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coefficients: Vec<f64>,
    /// eV/Å²: what the combination amounts to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub value: f64,
}

/// Results of other measurements, `[value, σ]` each. They count as data do, and the result says how far off they are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PseudoData {
    /// GPa: elastic constants in Voigt notation, `{"C11": [169, 2]}`.
    #[serde(rename = "elastic_GPa", skip_serializing_if = "BTreeMap::is_empty")]
    pub elastic_gpa: BTreeMap<String, [f64; 2]>,
    /// Frequencies of phonons: a table with columns h, k, l, THz and sigma, or a list. Those at one wave vector belong to
    /// different branches, in the order of their frequencies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequencies: Option<Frequencies>,
    /// Å²: mean-square displacements along one direction, averaged over directions, by atom, `{"Cu1": [0.0071, 0.0002]}`; at
    /// the temperature of the first measurement.
    #[serde(rename = "U_A2", skip_serializing_if = "BTreeMap::is_empty")]
    pub u_a2: BTreeMap<String, [f64; 2]>,
    /// eV: energy of an atom in the crystal, apart from its vibrations, by which a `potential` is held; minus the cohesive
    /// energy.
    #[cfg(feature = "potentials")]
    #[serde(rename = "energy_eV", skip_serializing_if = "Option::is_none")]
    pub energy_ev: Option<[f64; 2]>,
    /// GPa: pressure at the cell of the job, apart from vibrations, by which a `potential` is held; zero for a crystal at
    /// rest.
    #[cfg(feature = "potentials")]
    #[serde(rename = "pressure_GPa", skip_serializing_if = "Option::is_none")]
    pub pressure_gpa: Option<[f64; 2]>,
}

/// Measured frequencies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(
    untagged,
    expecting = "the name of a file, or a list of {\"q\": [h, k, l], \"THz\": …, \"sigma\": …}"
)]
pub enum Frequencies {
    /// A table.
    File(String),
    /// One by one.
    List(Vec<Frequency>),
}

/// A measured frequency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Frequency {
    /// r.l.u.: wave vector, of the input cell.
    pub q: [f64; 3],
    /// THz: frequency ν, positive.
    #[serde(rename = "THz")]
    pub thz: f64,
    /// THz: its standard deviation, positive.
    pub sigma: f64,
}
