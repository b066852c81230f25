//! The job file: one JSON document that describes a whole run. The page saves and opens it, the
//! worker receives it, `tds` runs it: the same job gives the same result everywhere.

mod export;
mod outcome;
mod prepare;
mod run;

pub use outcome::{FitResult, Identifiability, ParameterValue, WeakCombination, elastic, fit_result};
pub use prepare::{Files, Prepared};
pub use run::{Description, Export, ProgressReport, Run};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::crystal::Prototype;
use crate::data::mask::Mask;
use crate::fit::{Background, Likelihood, Scale};
use crate::thermal::{MeshAxes, Statistics, UMesh};
use crate::{Error, Result};

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    pub crystal: CrystalSpec,
    pub force_constants: ForceConstantsSpec,
    #[serde(default)]
    pub model: ModelSpec,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<DataSpec>,
    #[serde(default)]
    pub mask: Mask,
    #[serde(default)]
    pub nuisance: NuisanceSpec,
    #[serde(default)]
    pub fit: FitSpec,
    /// Ion whose form factor an element takes, e.g. {"Na": "Na1+"}.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub form_factors: BTreeMap<String, String>,
    /// [f′, f″] of an element, electrons.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub anomalous: BTreeMap<String, [f64; 2]>,
}

/// A prototype with its lattice parameters (Å), or a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrystalSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prototype: Option<Prototype>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elements: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub a: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// Range and numbers of the force constants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForceConstantsSpec {
    /// Å; without it, the range of the set of constants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<f64>,
    /// Where a fit starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<ConstantsSpec>,
    /// Constants where nothing is fitted; wins over `start`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<ConstantsSpec>,
}

/// A set of constants: exactly one of `library`, `labels`, `file`, `springs`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConstantsSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// eV/Å² by label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, f64>>,
    /// phonopy.yaml, or FORCE_CONSTANTS with `supercell_matrix` beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supercell_matrix: Option<SupercellMatrix>,
    /// Longitudinal springs by shell, eV/Å²: Φ(R) = −k R̂R̂ᵀ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub springs: Option<BTreeMap<String, f64>>,
}

/// Three multiples, or the matrix in phonopy's convention (columns are the supercell vectors).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SupercellMatrix {
    Diagonal([i32; 3]),
    Full([[i32; 3]; 3]),
}

/// Which intensity is computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSpec {
    pub order: Order,
    pub statistics: Statistics,
    /// K
    pub temperature: f64,
    pub u_mesh: UMesh,
    #[serde(skip_serializing_if = "is_default")]
    pub u_mesh_axes: MeshAxes,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    OnePhonon,
}

impl Default for ModelSpec {
    fn default() -> Self {
        ModelSpec {
            order: Order::OnePhonon,
            statistics: Statistics::Quantum,
            temperature: 298.0,
            u_mesh: UMesh::Named(crate::thermal::Converged::Converged),
            u_mesh_axes: MeshAxes::Primitive,
        }
    }
}

/// One data file; what is given here wins over the job's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataSpec {
    pub file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Vec<Background>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NuisanceSpec {
    pub scale: Scale,
    pub background: Vec<Background>,
}

impl Default for NuisanceSpec {
    fn default() -> Self {
        NuisanceSpec { scale: Scale::FREE, background: vec![] }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitSpec {
    pub method: Method,
    pub likelihood: Likelihood,
    pub max_iterations: usize,
}

impl Default for FitSpec {
    fn default() -> Self {
        FitSpec { method: Method::Lm, likelihood: Likelihood::Gaussian, max_iterations: 100 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Levenberg–Marquardt.
    Lm,
}

impl Job {
    /// Reads a job; `name` is the file's, for errors.
    ///
    /// # Errors
    /// Text that is not JSON, unknown fields, values of the wrong kind; with the line.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|e| {
            let full = e.to_string();
            let what = full.split(" at line ").next().unwrap_or(&full).to_owned();
            Error::at(name, e.line().max(1), what, "a job as the README describes it")
        })
    }
}
