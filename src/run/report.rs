//! What the page and `tds` are told of a job: what it is, where its fit is.

use serde::Serialize;

use super::higher_orders::HigherOrdersReport;
use crate::data::LeftOut;
use crate::fit::TerminationReason;

/// What a job turned out to be.
#[derive(Debug, Serialize)]
pub struct Description {
    pub crystal: CrystalDescription,
    pub parameters: Vec<ParameterDescription>,
    pub datasets: Vec<DatasetDescription>,
    pub warnings: Vec<String>,
    pub model: ModelDescription,
}

#[derive(Debug, Serialize)]
pub struct CrystalDescription {
    pub title: String,
    pub space_group: String,
    pub space_group_number: i32,
    pub input_cell: CellParameters,
    /// Reciprocal vectors a*, b*, c* of the input cell with the 2π, Cartesian, Å⁻¹.
    pub reciprocal: [[f64; 3]; 3],
    /// Primitive lattice vectors in units of the input cell.
    pub primitive: [[f64; 3]; 3],
    pub atoms_per_primitive_cell: usize,
    pub elements: Vec<String>,
}

/// Lengths in Å, angles in degrees.
#[derive(Debug, Serialize)]
pub struct CellParameters {
    pub a: f64,
    pub b: f64,
    pub c: f64,
    pub alpha: f64,
    pub beta: f64,
    pub gamma: f64,
}

#[derive(Debug, Serialize)]
pub struct ParameterDescription {
    pub label: String,
    pub unit: &'static str,
    pub start: f64,
    /// Length of the pair, Å.
    pub distance: f64,
    /// Number of pairs per primitive cell.
    pub pairs: usize,
    /// Representative vector, Å.
    pub vector: [f64; 3],
    /// The job's `reference`, eV/Å².
    pub reference: Option<f64>,
}

/// What computed a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Program {
    pub name: &'static str,
    pub version: &'static str,
}

impl Program {
    /// This program.
    pub const THIS: Program = Program { name: "TDS Inversion", version: env!("CARGO_PKG_VERSION") };
}

#[derive(Debug, Clone, Serialize)]
pub struct DatasetDescription {
    pub name: String,
    pub n: usize,
    pub n_used: usize,
    pub has_sigma: bool,
    /// Largest |Q|, Å⁻¹.
    pub q_max: f64,
    /// K
    pub temperature_k: f64,
    /// Rows of the file that are not among the `n`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

#[derive(Debug, Serialize)]
pub struct ModelDescription {
    pub order: crate::job::Order,
    pub statistics: crate::thermal::Statistics,
    pub temperature_k: f64,
}

/// Where a fit is, in numbers.
#[derive(Debug, Serialize)]
pub struct ProgressReport {
    pub iteration: usize,
    pub n_data: usize,
    pub chi2: f64,
    pub chi2_reduced: f64,
    pub accepted: bool,
    pub rejected_steps: usize,
    pub values: Vec<f64>,
    /// `None` for a constant that the data do not bound at all.
    pub sigma: Vec<Option<f64>>,
    pub determined: Vec<bool>,
    pub scale: Vec<f64>,
    pub scale_sigma: Vec<Option<f64>>,
    pub background: Vec<BackgroundReport>,
    pub termination: Option<TerminationReason>,
    pub message: String,
    pub elastic: Vec<ElasticReport>,
    /// rms difference from the job's `reference`, eV/Å².
    pub error: Option<f64>,
    /// Known once the fit has ended.
    pub higher_orders: Option<HigherOrdersReport>,
    /// What the fit may be trusted for; none at the start and while it runs.
    pub verdict: Option<super::Verdict>,
}

/// The fit after one iteration.
#[derive(Debug, Clone, Serialize)]
pub struct TracePoint {
    pub iteration: usize,
    pub seconds: f64,
    pub chi2: f64,
    /// rms difference from the job's `reference`, eV/Å².
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
}

#[derive(Debug, Default, Serialize)]
pub struct BackgroundReport {
    pub constant: f64,
    pub q2: f64,
}

/// GPa
#[derive(Debug, Serialize)]
pub struct ElasticReport {
    pub name: String,
    pub value: f64,
    pub sigma: Option<f64>,
}

/// The fitted constants as other programs read them.
#[derive(Debug, Serialize)]
#[allow(non_snake_case)]
pub struct Export {
    pub FORCE_CONSTANTS: String,
    pub POSCAR: String,
    pub phonopy_yaml: String,
}
