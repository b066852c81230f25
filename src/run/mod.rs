//! From a job to its result: reads what the job names, builds the model, drives the fit, reports and
//! judges it.

mod ahead;
mod arrangement;
#[cfg(feature = "chosen")]
mod background;
#[cfg(all(feature = "chosen", any(not(target_arch = "wasm32"), feature = "simulated")))]
mod blocks;
#[cfg(feature = "chosen")]
mod calibrated;
#[cfg(all(not(target_arch = "wasm32"), feature = "chosen"))]
mod compare;
mod constants;
#[cfg(feature = "chosen")]
mod constraints;
mod cost;
mod crystal;
mod crystal_report;
mod describe;
#[cfg(feature = "chosen")]
mod dispersion;
#[cfg(feature = "chosen")]
mod elastic;
mod evidence;
mod files;
mod finite;
mod first_look;
mod fit;
mod given_data;
#[cfg(not(target_arch = "wasm32"))]
mod gradient;
mod higher_orders;
mod hint;
mod imposed;
#[cfg(feature = "chosen")]
mod instrument;
mod long_range;
mod long_wave;
mod measured;
mod models;
mod modes;
#[cfg(feature = "chosen")]
mod parts;
#[cfg(feature = "chosen")]
mod path;
#[cfg(feature = "simulated")]
mod plan;
#[cfg(feature = "polar")]
mod polar;
#[cfg(feature = "potentials")]
mod potential;
mod prepare;
mod problem;
mod progress;
mod report;
mod result;
#[cfg(feature = "chosen")]
mod rings;
mod scattered;
mod sha256;
#[cfg(all(feature = "chosen", any(not(target_arch = "wasm32"), feature = "simulated")))]
mod shells;
#[cfg_attr(not(feature = "sampled"), allow(dead_code, unused_variables, unreachable_code))]
mod snapshots;
mod start;
#[cfg_attr(not(feature = "simulated"), path = "synthetic/none.rs")]
mod synthetic;
#[cfg(feature = "chosen")]
mod systematics;
mod touch;
mod understood;
mod verdict;
mod weights;

pub use ahead::Computed;
pub use arrangement::{Arrangement, Shell, Site};
#[cfg(all(not(target_arch = "wasm32"), feature = "chosen"))]
pub use compare::{Bootstrap, OtherStart, Scatter, bootstrap, starts};
pub use crystal_report::{AtomPlace, CrystalReport, GroupTitle};
#[cfg(feature = "chosen")]
pub use dispersion::{
    DensityReport, Dispersion, PathPlace, PathReport, PublishedPoint, PublishedReport, ZonePoint, ZoneReport,
};
pub use files::{FileRecord, Files, Given};
pub use first_look::{FirstLook, Watch};
pub use fit::Run;
#[cfg(not(target_arch = "wasm32"))]
pub use gradient::{MisfitGradient, misfit_gradient};
pub use higher_orders::{HigherOrdersReport, Truncation};
pub use long_range::LongRangeReport;
pub use long_wave::{long_wave_notes, mean_square_note};
pub use models::Simulation;
pub use modes::{ElementReport, ModeReport, ModesReport, Phonons, PhononsReport};
#[cfg(feature = "chosen")]
pub use path::{read_path, written_path};
#[cfg(feature = "simulated")]
pub use plan::{PlannedMeasurement, plan};
#[cfg(feature = "potentials")]
pub use potential::{
    CurveReport, FamilyTitle, ParameterReport, ParameterTitle, PotentialChoice, PotentialCost,
    PotentialFiles, PotentialReport, PotentialRow, PotentialTitle, Refined, TextFile, WithSigma,
    cost_and_files, cost_of_potential, potential_choice, potential_titles,
};
pub use prepare::Prepared;
pub use problem::Rows;
pub use report::{
    BranchReport, CellParameters, Description, Export, Hand, Program, ProgressReport, ScatteredReport,
    TouchReport, TracePoint,
};
pub use result::{
    ByName, ElasticConstant, FitResult, Identifiability, OneOrAll, ParameterValue, WeakCombination, elastic,
    fit_result,
};
#[cfg(feature = "readers")]
pub use sha256::Sha256;
#[cfg(all(feature = "chosen", any(not(target_arch = "wasm32"), feature = "simulated")))]
pub use shells::{ShellsRow, ShellsTable, shells};
pub use snapshots::{Slab, Snapshots};
pub use touch::{Share, Touched};
pub use verdict::{Reason, Trust, Verdict};
pub use weights::Weights;
