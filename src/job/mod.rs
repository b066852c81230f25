//! The job file: one JSON document that describes a whole run. The page saves and opens it, the
//! worker receives it, `tds` runs it: the same job gives the same result everywhere.

mod parse;
mod ranges;
mod synthetic;
mod unused;

pub(crate) use ranges::{STIFFEST, check_numbers};
pub use synthetic::{Keep, SyntheticSpec};
pub(crate) use unused::unused;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::crystal::Prototype;
use crate::data::Invalid;
use crate::data::mask::Mask;
use crate::data::noise::Weighing;
use crate::fit::{AdamOptions, Background, Coordinates, Likelihood, Method, RandomNumbers, Scale};
use crate::scattering::Sampler;
use crate::thermal::{MeshAxes, Statistics, UMesh};

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    pub crystal: CrystalSpec,
    pub force_constants: ForceConstantsSpec,
    #[serde(default, skip_serializing_if = "is_default")]
    pub constraints: Constraints,
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
    /// Constants to compare with while a fit runs; they never enter it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<ConstantsSpec>,
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
    /// Å; positions of a file that are symmetric within this distance are made so. Without it they are taken as they
    /// are, and count as symmetric within 1e-5 Å.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
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

/// What is imposed on the force constants beyond symmetry and the acoustic sum rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Constraints {
    /// No forces under rotation and no stress (Born & Huang): fewer constants in polar, chiral and layered
    /// crystals, and sound that is real at every wave number.
    pub rotational_invariance: bool,
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
#[serde(untagged, expecting = "three whole numbers, or three rows of three")]
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
    /// All orders: pairs of atoms up to this distance (Å) are summed for what is beyond one phonon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub real_space_range: Option<f64>,
    /// All orders: wave vectors along the primitive reciprocal axes that the correlations in real
    /// space are summed from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub real_space_mesh: Option<[usize; 3]>,
    /// Periodic supercell in input cells: required for sampled intensities; with all orders, the
    /// exact form of that supercell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supercell: Option<[usize; 3]>,
    /// Snapshots for each evaluation of sampled intensities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<usize>,
    #[serde(skip_serializing_if = "is_default")]
    pub seed: u64,
    #[serde(skip_serializing_if = "is_default")]
    pub sampler: Sampler,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    OnePhonon,
    /// All phonon orders, exact and without noise.
    AllOrder,
    /// All orders, from sampled displacements of a periodic supercell.
    Sampled,
}

impl Default for ModelSpec {
    fn default() -> Self {
        ModelSpec {
            order: Order::OnePhonon,
            statistics: Statistics::Quantum,
            temperature: 298.0,
            u_mesh: UMesh::Named(crate::thermal::Converged::Converged),
            u_mesh_axes: MeshAxes::Primitive,
            real_space_range: None,
            real_space_mesh: None,
            supercell: None,
            samples: None,
            seed: 0,
            sampler: Sampler::default(),
        }
    }
}

/// One data file, or data simulated on the spot; what is given here wins over the job's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataSpec {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// What happens to rows of the file that are no measurement.
    #[serde(skip_serializing_if = "is_default")]
    pub invalid: Invalid,
    /// Added to hkl: where the coordinates of the file are zero. It fixes what the columns of a plane leave open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synthetic: Option<SyntheticSpec>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Vec<Background>>,
    /// Phonon orders in the data where that is known otherwise: a measurement holds all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<Order>,
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
    /// How data without a σ column are weighed.
    #[serde(skip_serializing_if = "is_default")]
    pub weighing: Weighing,
    pub max_iterations: usize,
    /// Adam: most that a constant moves in the first step, as a fraction of the largest.
    #[serde(skip_serializing_if = "is_default_rate")]
    pub learning_rate: f64,
    /// Adam with sampled intensities: new random numbers for every step, or the same.
    #[serde(skip_serializing_if = "is_default")]
    pub random_numbers: RandomNumbers,
    /// Adam with sampled intensities: points of each data set that a step looks at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<usize>,
    /// Adam: moves in the constants themselves, or in combinations that are independent at the start.
    #[serde(skip_serializing_if = "is_default")]
    pub coordinates: Coordinates,
}

impl Default for FitSpec {
    fn default() -> Self {
        FitSpec {
            method: Method::Lm,
            likelihood: Likelihood::Gaussian,
            weighing: Weighing::Auto,
            max_iterations: 100,
            learning_rate: AdamOptions::default().learning_rate,
            random_numbers: RandomNumbers::Fresh,
            batch: None,
            coordinates: Coordinates::Constants,
        }
    }
}

fn is_default_rate(rate: &f64) -> bool {
    *rate == AdamOptions::default().learning_rate
}
