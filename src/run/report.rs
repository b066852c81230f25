//! What the page and `tds` are told of a job: what it is, where its fit is.

use nalgebra::Vector3;
use serde::{Deserialize, Serialize};

use super::higher_orders::HigherOrdersReport;
use crate::crystal::Cell;
use crate::data::LeftOut;
use crate::data::agreement::Agreement;
use crate::data::mask::MaskCount;
use crate::fit::TerminationReason;
use crate::ifc::Tie;

/// What a job turned out to be.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Description {
    /// The crystal.
    pub crystal: CrystalDescription,
    /// The independent force constants.
    pub parameters: Vec<ParameterDescription>,
    /// The measurements.
    pub datasets: Vec<DatasetDescription>,
    /// What a person should know although it is no error.
    pub warnings: Vec<String>,
    /// How the intensity is computed.
    pub model: ModelDescription,
}

/// A crystal as it was understood.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CrystalDescription {
    /// Formula or prototype, for people.
    pub title: String,
    /// Hermann–Mauguin symbol.
    pub space_group: String,
    /// Number in the International Tables.
    pub space_group_number: i32,
    /// The cell that hkl refers to.
    pub input_cell: CellParameters,
    /// Å⁻¹: reciprocal vectors a*, b*, c* of the input cell with the 2π, Cartesian.
    pub reciprocal: [[f64; 3]; 3],
    /// Primitive lattice vectors in units of the input cell.
    pub primitive: [[f64; 3]; 3],
    /// Atoms in a primitive cell.
    pub atoms_per_primitive_cell: usize,
    /// Chemical symbols, each once.
    pub elements: Vec<String>,
}

/// A cell by its lengths and angles.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CellParameters {
    /// Å: length of a.
    pub a: f64,
    /// Å: length of b.
    pub b: f64,
    /// Å: length of c.
    pub c: f64,
    /// degrees: angle between b and c.
    pub alpha: f64,
    /// degrees: angle between a and c.
    pub beta: f64,
    /// degrees: angle between a and b.
    pub gamma: f64,
}

impl CellParameters {
    /// Those of a cell.
    pub fn of(cell: &Cell) -> Self {
        let [a, b, c] = [0, 1, 2].map(|k| cell.lattice.column(k).into_owned());
        let angle = |u: &Vector3<f64>, v: &Vector3<f64>| u.cross(v).norm().atan2(u.dot(v)).to_degrees();
        CellParameters {
            a: a.norm(),
            b: b.norm(),
            c: c.norm(),
            alpha: angle(&b, &c),
            beta: angle(&c, &a),
            gamma: angle(&a, &b),
        }
    }
}

/// An independent force constant.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ParameterDescription {
    /// Shell and Cartesian component, as in `labels` of a job.
    pub label: String,
    /// The same in words, “O1–Ti1 at 1.95 Å, along the bond”; null where the label says what it is, “C11”.
    pub meaning: Option<String>,
    /// Unit of its value, “eV/Å²”.
    pub unit: &'static str,
    /// Value that the fit starts from.
    pub start: f64,
    /// What constraints make of it; null where it is free.
    pub imposed: Option<Tie>,
    /// Å: length of the pair.
    pub distance: f64,
    /// Number of pairs per primitive cell.
    pub pairs: usize,
    /// Å: representative vector, Cartesian.
    pub vector: [f64; 3],
    /// eV/Å²: value in the job's `reference`; null where that has none.
    pub reference: Option<f64>,
}

/// What computed a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl Program {
    /// This program.
    pub const THIS: Program = Program { name: "TDS Inversion", version: env!("CARGO_PKG_VERSION") };
}

/// A measurement as it was read.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct DatasetDescription {
    /// Name of its file, or of its place in the job.
    pub name: String,
    /// Number of data.
    pub n: usize,
    /// Number of data that take part in the fit.
    pub n_used: usize,
    /// Whether the file gives σ.
    pub has_sigma: bool,
    /// Å⁻¹: largest |Q|.
    pub q_max: f64,
    /// K: temperature of the measurement.
    pub temperature_k: f64,
    /// Rows of the file that are not among the `n`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What leaves data out of the fit, and how many; the rest of the `n` lies on Bragg points.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<MaskCount>,
    /// How well data agree that symmetry makes equivalent.
    pub agreement: Agreement,
}

/// How the intensity is computed.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ModelDescription {
    /// Which phonon orders.
    pub order: crate::job::Order,
    /// How the vibrations are counted.
    pub statistics: crate::thermal::Statistics,
    /// K: temperature of the crystal.
    pub temperature_k: f64,
}

/// Where a fit is, in numbers.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ProgressReport {
    /// Accepted iterations so far.
    pub iteration: usize,
    /// Number of data in the fit.
    pub n_data: usize,
    /// Misfit: χ², or the deviance of counts.
    pub chi2: f64,
    /// The same per degree of freedom.
    pub chi2_reduced: f64,
    /// Whether the last iteration moved.
    pub accepted: bool,
    /// Steps rejected in the last iteration.
    pub rejected_steps: usize,
    /// eV/Å²: the constants, in the order of the parameters.
    pub values: Vec<f64>,
    /// eV/Å²: σ of each; null for a constant that the data do not bound at all.
    pub sigma: Vec<Option<f64>>,
    /// eV/Å²: what an instrument may have moved each by besides; none where that was not looked for.
    pub systematic: Vec<f64>,
    /// Whether the data determine each.
    pub determined: Vec<bool>,
    /// eV/Å²: where gradient and curvature would put each, by how much from here (the Gauss–Newton step); empty where that
    /// is not known.
    pub step: Vec<f64>,
    /// What constraints make of each; null where it is free.
    pub imposed: Vec<Option<Tie>>,
    /// data units per electron² per primitive cell: scale of each data set.
    pub scale: Vec<f64>,
    /// data units per electron² per primitive cell: σ of each scale; null where it is held.
    pub scale_sigma: Vec<Option<f64>>,
    /// Backgrounds and effects of each data set.
    pub nuisances: Vec<Vec<NuisanceReport>>,
    /// Why the fit ended; null while it runs.
    pub termination: Option<TerminationReason>,
    /// Where the fit is, for people.
    pub message: String,
    /// Elastic constants.
    pub elastic: Vec<ElasticReport>,
    /// eV/Å²: rms difference from the job's `reference`; null without one.
    pub error: Option<f64>,
    /// What there is beyond one phonon; null until the fit has ended.
    pub higher_orders: Option<HigherOrdersReport>,
    /// What the fit may be trusted for; null at the start and while it runs.
    pub verdict: Option<super::Verdict>,
    /// The potential that the constants follow from; absent where they are fitted themselves.
    #[cfg(feature = "potentials")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub potential: Option<super::PotentialReport>,
}

/// What a hand holds, the fit staying where it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hand {
    /// eV/Å²: all constants (GPa in the elastic limit); where they follow from a potential, all its parameters in their units.
    pub values: Vec<f64>,
    /// K: temperature of all data sets that have none of their own; null where the job's stays.
    #[serde(default)]
    pub temperature: Option<f64>,
    /// Factor of all lengths of the crystal, 0.5 to 2; null where they stay.
    #[serde(default)]
    pub stretch: Option<f64>,
    /// Scale, backgrounds and effects of each data set that stay at a number, in the order and the units of the progress; null where one
    /// goes to its best.
    #[serde(default)]
    pub held: Vec<Vec<Option<f64>>>,
    /// Whether orders beyond one phonon follow; they stay those of where the fit stands at another temperature or size of the
    /// crystal, and where intensities are sampled.
    #[serde(default)]
    pub all_orders: bool,
}

/// The model at constants that a hand moved, in numbers.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TouchReport {
    /// eV/Å²: the constants, those that follow from others included.
    pub values: Vec<f64>,
    /// Misfit per degree of freedom, scale and backgrounds at their best unless held; null for a crystal that is not stable,
    /// and where there is none: of a negative factor, of a mean of counts that is not positive.
    pub chi2_reduced: Option<f64>,
    /// Name and value (GPa) of each elastic constant.
    pub elastic: Vec<(String, f64)>,
    /// Scale, backgrounds and effects of each data set, in the order and the units of the progress; empty for a crystal that
    /// is not stable.
    pub nuisances: Vec<Vec<f64>>,
    /// Floating-point operations that orders beyond one phonon would take to follow, roughly; zero where they do or there are
    /// none, infinite where they cannot.
    pub beyond: f64,
}

/// What the model of one datum consists of, in units of the data.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ScatteredReport {
    /// One phonon, by branch, the slowest first; where Q is averaged over voxels or a resolution, in the shares of its centre.
    pub branches: Vec<BranchReport>,
    /// Two phonons.
    pub two: f64,
    /// Three phonons and more.
    pub more: f64,
    /// What the crystal's vibrations do not scatter: backgrounds, and Compton scattering where it is in the model.
    pub rest: f64,
}

/// What one branch scatters.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct BranchReport {
    /// “longitudinal acoustic”: in words.
    pub character: String,
    /// THz: its frequency.
    pub frequency: f64,
    /// Its one-phonon intensity, in units of the data.
    pub intensity: f64,
}

/// The fit after one iteration.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TracePoint {
    /// Accepted iterations so far.
    pub iteration: usize,
    /// seconds: time since the start.
    pub seconds: f64,
    /// Misfit: χ², or the deviance of counts.
    pub chi2: f64,
    /// eV/Å²: rms difference from the job's `reference`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
}

/// A background or an effect of the measurement of one data set.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct NuisanceReport {
    /// What it is, “background q2”.
    pub name: String,
    /// Backgrounds in units of the data, by `unit` where there is one.
    pub value: f64,
    /// Its σ; none where the data do not bound it.
    pub sigma: Option<f64>,
    /// Besides the unit of the data.
    pub unit: &'static str,
}

/// An elastic constant.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ElasticReport {
    /// Voigt notation, “C11”.
    pub name: String,
    /// GPa: its value.
    pub value: f64,
    /// GPa: σ; null where the data do not bound it.
    pub sigma: Option<f64>,
    /// GPa: what an instrument may have moved it by besides; null where that was not looked for.
    pub systematic: Option<f64>,
}

/// The fitted constants as other programs read them.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[allow(non_snake_case)]
pub struct Export {
    /// Force constants in phonopy's format.
    pub FORCE_CONSTANTS: String,
    /// The supercell that they are for.
    pub POSCAR: String,
    /// Both in one file.
    pub phonopy_yaml: String,
}
