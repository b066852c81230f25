//! The job file: one JSON document that describes a whole run. The page saves and opens it, the
//! worker receives it, `tds` runs it: the same job gives the same result everywhere.

#[cfg(feature = "chosen")]
mod constraints;
mod data;
#[cfg(feature = "chosen")]
mod measurement;
#[cfg(feature = "polar")]
mod non_analytical;
mod parse;
#[cfg(feature = "potentials")]
mod potential;
mod ranges;
#[cfg_attr(not(feature = "simulated"), path = "synthetic/none.rs")]
mod synthetic;
mod unused;

#[cfg(feature = "chosen")]
pub use constraints::{Constraints, Frequencies, Frequency, PseudoData, Tied};
pub use data::DataSpec;
#[cfg(feature = "chosen")]
pub use measurement::{
    Calibration, Compton, MeasuredBackground, MeasurementSpec, Polarization, ResolutionSpec, SmoothFactor,
    VoxelSpec, Widths,
};
#[cfg(feature = "polar")]
pub use non_analytical::{Charges, ChargesFile, NonAnalytical};
#[cfg(feature = "potentials")]
pub use potential::{PotentialFamily, PotentialSpec};
pub(crate) use ranges::{STIFFEST, check_numbers};
#[cfg(feature = "simulated")]
pub use synthetic::Keep;
pub use synthetic::SyntheticSpec;
pub(crate) use unused::unused;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(not(target_arch = "wasm32"))]
use crate::base::forms::may_leave_out;
use crate::crystal::Prototype;
use crate::data::mask::Mask;
use crate::data::noise::Weighing;
use crate::fit::{AdamOptions, Background, Coordinates, Likelihood, Method, Options, RandomNumbers, Scale};
use crate::scattering::Sampler;
use crate::thermal::{MeshAxes, Statistics, UMesh};

/// A whole run: a crystal, its force constants, how the intensity is computed, what was measured, and how the
/// constants are fitted to that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// What scatters.
    pub crystal: CrystalSpec,
    /// How far the forces reach, and the constants that a fit starts from or a calculation uses.
    pub force_constants: ForceConstantsSpec,
    /// A potential that the force constants follow from, in the place of `force_constants.start`: its parameters are fitted.
    #[cfg(feature = "potentials")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub potential: Option<PotentialSpec>,
    /// The dipole–dipole part of the force constants of a polar crystal, which no cutoff holds: Born charges and the
    /// dielectric tensor. Without it, those that the file of the crystal holds. With it, the constants of `force_constants` are
    /// what is left without that part; it is taken off those that a file holds.
    #[cfg(feature = "polar")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_analytical: Option<NonAnalytical>,
    /// What is imposed on the constants beyond what holds for every crystal.
    #[cfg(feature = "chosen")]
    #[serde(default, skip_serializing_if = "is_default")]
    pub constraints: Constraints,
    /// What other measurements say of the constants.
    #[cfg(feature = "chosen")]
    #[serde(default, skip_serializing_if = "is_default")]
    pub pseudo_data: PseudoData,
    /// How the intensity is computed.
    #[serde(default)]
    pub model: ModelSpec,
    /// The measurements; several are fitted together, each with its own scale and backgrounds. A fit needs one at
    /// least.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<DataSpec>,
    /// Which points are left out of the fit.
    #[serde(default)]
    pub mask: Mask,
    /// Scale and backgrounds of data that do not give their own.
    #[serde(default)]
    pub nuisance: NuisanceSpec,
    /// The instrument, of data that do not give their own.
    #[cfg(feature = "chosen")]
    #[serde(default, skip_serializing_if = "is_default")]
    pub measurement: MeasurementSpec,
    /// How the misfit is counted and reduced.
    #[serde(default)]
    pub fit: FitSpec,
    /// Ion whose form factor an element takes, by element, e.g. `{"Na": "Na1+"}`; without it, the neutral atom's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub form_factors: BTreeMap<String, String>,
    /// electrons: anomalous scattering `[f′, f″]` at the wavelength of the measurement, by element; zero where an
    /// element is not named. From -1000 to 1000.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub anomalous: BTreeMap<String, [f64; 2]>,
    /// Constants to compare with while a fit runs; they never enter it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<ConstantsSpec>,
}

/// Either a prototype with its element and lattice parameters, or a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CrystalSpec {
    /// Structure type of a crystal that needs no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prototype: Option<Prototype>,
    /// Chemical symbol, for a prototype with one element.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// Chemical symbols, for a prototype with two elements, e.g. `["Na", "Cl"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elements: Option<Vec<String>>,
    /// Å: lattice parameter of the conventional cell of a prototype; positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub a: Option<f64>,
    /// Å: second lattice parameter, of the prototype `hcp` only; positive. Without it, √(8/3) `a`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c: Option<f64>,
    /// A POSCAR, CIF or phonopy.yaml, force constants of Quantum ESPRESSO (they hold their crystal), or one of these
    /// packed by xz or gzip. Its cell is the one that hkl refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Å: positions of a file that are symmetric within this distance, say because they were rounded, are made so;
    /// 10⁻⁶ to 0.1. Without it they are taken as they are, and count as symmetric within 10⁻⁵ Å.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
    /// Moves the atoms and the cell of a file onto the symmetric places of the largest group that is found within 0.02 Å,
    /// and a note says by how much. `tolerance` wins.
    #[serde(skip_serializing_if = "is_default")]
    pub snap: bool,
}

/// Range and numbers of the force constants Φ = ∂²E/∂u∂u. At least one of the three fields is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ForceConstantsSpec {
    /// Å: atoms no farther apart than this have force constants; 10⁻³ Å away from every shell of neighbours.
    /// Without it, the range of the set of constants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<f64>,
    /// Where a fit starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<ConstantsSpec>,
    /// Constants of a calculation in which nothing is fitted; wins over `start`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<ConstantsSpec>,
}

/// A set of constants: exactly one of `library`, `labels`, `file`, `springs`, `bonds`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ConstantsSpec {
    /// Name of a published set that comes with the program, e.g. `ni_298`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// eV/Å²: the independent constants by label, as `tds params` lists them; a label that is left out is zero. At
    /// most 10⁶ in magnitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, f64>>,
    /// A phonopy.yaml with force constants, or FORCE_CONSTANTS or force_constants.hdf5 with `supercell_matrix` beside
    /// them; force constants of Quantum ESPRESSO (`q2r.x`) or TDEP; any of them packed by xz or gzip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The supercell of a FORCE_CONSTANTS, in input cells; without it, that of the crystal's phonopy.yaml.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supercell_matrix: Option<SupercellMatrix>,
    /// eV/Å²: stiffness k of a longitudinal spring by shell of neighbours (`"1"` is the nearest), Φ(R) = −k R̂R̂ᵀ; a
    /// shell that is left out has none. At most 10⁶ in magnitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub springs: Option<BTreeMap<String, f64>>,
    /// Springs along and across all pairs of atoms up to the cutoff, estimated from distances and covalent radii, times this
    /// factor (usually 1), above 0, up to 100: a stable start for any crystal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bonds: Option<f64>,
}

/// Three multiples, or the matrix in phonopy's convention (columns are the supercell vectors).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "three whole numbers, or three rows of three")]
pub enum SupercellMatrix {
    /// Multiples of the three vectors of the input cell.
    Diagonal([i32; 3]),
    /// Rows of the matrix.
    Full([[i32; 3]; 3]),
}

/// Which intensity is computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ModelSpec {
    /// Which phonon orders the intensity has, and how they are computed.
    pub order: Order,
    /// How the vibrations are counted.
    pub statistics: Statistics,
    /// K: temperature of the crystal; 0.01 to 100000, or 0 with quantum statistics.
    pub temperature: f64,
    /// Mesh of wave vectors that the mean-square displacements (Debye–Waller factors) are summed on: `"converged"`
    /// refines it until they are right to 10⁻³, or a note says how far they are; or three numbers of wave vectors.
    pub u_mesh: UMesh,
    /// The reciprocal axes that a `u_mesh` of three numbers divides.
    #[serde(skip_serializing_if = "is_default")]
    pub u_mesh_axes: MeshAxes,
    /// Å: with `all-order`, pairs of atoms up to this distance are summed for what is beyond one phonon; above 0, up
    /// to 10000. Without it, 12 times the cube root of the volume per atom. The result reports what it leaves out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub real_space_range: Option<f64>,
    /// With `all-order`, numbers of wave vectors along the primitive reciprocal axes that the correlations in real
    /// space are summed from. Without it, as many as twice the range needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub real_space_mesh: Option<[usize; 3]>,
    /// Periodic supercell in input cells, each 1 to 1024: required for `sampled`; with `all-order`, the exact form of
    /// that supercell instead of the infinite crystal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supercell: Option<[usize; 3]>,
    /// Å²: with `elastic`, the mean-square displacement of the atoms along any direction, 0 to 1; without it, that of the
    /// force constants that are given as a start, or zero.
    #[cfg(feature = "chosen")]
    #[serde(rename = "U_A2", skip_serializing_if = "Option::is_none")]
    pub u_a2: Option<f64>,
    /// With `sampled`, snapshots for each evaluation of the intensity, 1 to 16777216; without it, 16.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<usize>,
    /// With `sampled`, which random numbers are drawn: the same seed gives the same snapshots.
    #[serde(skip_serializing_if = "is_default")]
    pub seed: u64,
    /// With `sampled`, how displacements are drawn.
    #[serde(skip_serializing_if = "is_default")]
    pub sampler: Sampler,
}

/// Whether a job that is written leaves the value out.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    may_leave_out() && *value == T::default()
}

/// Phonon orders of an intensity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// One phonon alone.
    OnePhonon,
    /// All phonon orders, exact and without noise.
    AllOrder,
    /// All orders, from sampled displacements of a periodic supercell.
    Sampled,
    /// One acoustic phonon in the long-wave limit, near Bragg peaks: the constants are the elastic ones in GPa. They start
    /// from `force_constants.start.labels` by name, `{"C11": 170, …}`, or from those of any other start.
    #[cfg(feature = "chosen")]
    Elastic,
}

impl Order {
    /// Whether the constants are elastic ones.
    pub fn is_elastic(self) -> bool {
        #[cfg(feature = "chosen")]
        return self == Order::Elastic;
        #[cfg(not(feature = "chosen"))]
        false
    }
}

impl Default for ModelSpec {
    fn default() -> Self {
        ModelSpec {
            order: Order::OnePhonon,
            statistics: Statistics::Quantum,
            temperature: 298.0,
            u_mesh: UMesh::Named(crate::thermal::Converged::Converged),
            u_mesh_axes: MeshAxes::default(),
            real_space_range: None,
            real_space_mesh: None,
            supercell: None,
            #[cfg(feature = "chosen")]
            u_a2: None,
            samples: None,
            seed: 0,
            sampler: Sampler::default(),
        }
    }
}

/// What stands between the intensity and the data: data = scale · intensity + backgrounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct NuisanceSpec {
    /// data units per electron² per primitive cell: a number that is held, 10⁻³⁰ to 10³⁰ in magnitude, or `"free"`:
    /// fitted.
    pub scale: Scale,
    /// Backgrounds that are fitted.
    pub background: Vec<Background>,
}

impl Default for NuisanceSpec {
    fn default() -> Self {
        NuisanceSpec { scale: Scale::FREE, background: vec![] }
    }
}

/// How the misfit is counted and reduced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FitSpec {
    /// Optimizer.
    pub method: Method,
    /// Distribution of the data around the model.
    pub likelihood: Likelihood,
    /// Where σ comes from.
    #[serde(skip_serializing_if = "is_default")]
    pub weighing: Weighing,
    /// Most iterations, 1 to 100000.
    pub max_iterations: usize,
    /// fraction: with `adam`, most that a constant moves in the first step, of the largest constant; above 0, up to 1.
    #[serde(skip_serializing_if = "is_default_rate")]
    pub learning_rate: f64,
    /// With `adam` and sampled intensities, new random numbers for every step, or the same.
    #[serde(skip_serializing_if = "is_default")]
    pub random_numbers: RandomNumbers,
    /// With `adam` and sampled intensities, points of each data set that a step looks at, 1 or more; without it, all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<usize>,
    /// With `adam`, moves in the constants themselves, or in combinations that are independent at the start.
    #[serde(skip_serializing_if = "is_default")]
    pub coordinates: Coordinates,
}

impl Default for FitSpec {
    fn default() -> Self {
        let Options { method, max_iterations, adam, .. } = Options::default();
        FitSpec {
            method,
            likelihood: Likelihood::default(),
            weighing: Weighing::default(),
            max_iterations,
            learning_rate: adam.learning_rate,
            random_numbers: adam.random_numbers,
            batch: adam.batch,
            coordinates: adam.coordinates,
        }
    }
}

fn is_default_rate(rate: &f64) -> bool {
    may_leave_out() && *rate == AdamOptions::default().learning_rate
}

/// Nothing but a schema, which there is none of here, names the defaults.
#[cfg(target_arch = "wasm32")]
fn may_leave_out() -> bool {
    true
}
