//! An interatomic potential in a job.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::is_default;

/// A potential whose parameters are fitted instead of the force constants, which follow from them. It stands in the place of
/// `force_constants.start`; `force_constants.cutoff` may be left out, and then everything that the potential gives is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PotentialSpec {
    /// The form of the potential; without it, that of `library`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<PotentialFamily>,
    /// Name of a published set of parameters that comes with the program, e.g. `ni_gupta`; `parameters` beside it take the
    /// place of its values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// The parameters by name, where a fit starts; lengths in Å, energies in eV. Lennard-Jones: `epsilon`, `sigma`. Morse: `D`,
    /// `alpha`, `r0`. Buckingham: `A`, `rho`, `C`. Stillinger–Weber: `epsilon`, `sigma`, `a`, `A`, `B`, `lambda`, `gamma`.
    /// Sutton–Chen: `epsilon`, `a`, `c`, `n`, `m`. Gupta: `A`, `xi`, `p`, `q`, `r0`. Between several elements by pair,
    /// `"A Na-Cl"`; a pair of which there is none has no forces. In alloys by Gupta and Sutton–Chen every element has its own,
    /// `"A Ni-Ni"`, and what is not given between two follows from both: of Gupta the start (the geometric mean of `A` and `xi`,
    /// else the mean), of Sutton–Chen at any time the geometric mean of `epsilon` and `a` and the mean of `n` and `m`
    /// (Rafii-Tabar & Sutton 1991; `c` is of one element). Of tables and networks: values other than those of the start, by the
    /// names that a result has.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, f64>,
    /// Of the family `eam`: a file of LAMMPS, setfl (`eam/alloy`) or funcfl (`eam`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Of the family `network`: the potential that its weights are first fitted to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Box<PotentialSpec>>,
    /// Of the family `network`: neurons of its two layers, 1 to 40 each; without it, 8 and 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<[usize; 2]>,
    /// Å: neighbours nearer than this count; up to 30. Without it, that of the library, of the file, of the start of a
    /// network, or `a` times `sigma` of Stillinger–Weber.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<f64>,
    /// Å: over this distance before the end of the range all functions of the distance are switched off by a polynomial with
    /// two continuous derivatives. Without it, they end sharply; tables, Stillinger–Weber and networks end by themselves.
    #[serde(skip_serializing_if = "is_default")]
    pub smoothing: f64,
    /// Names of the parameters that a fit moves. Without it, all but those that others make up for: lengths in which
    /// distances are measured (`r0` of Gupta, `a` of Sutton–Chen), the exponents of Sutton–Chen, which are whole numbers, and `a`,
    /// `A`, `B`, `gamma` of Stillinger–Weber.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free: Option<Vec<String>>,
    /// What is known of a parameter, `[value, σ]` by name, in its unit. It counts as a datum does.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub prior: BTreeMap<String, [f64; 2]>,
    /// fraction: σ with which every parameter that is fitted is expected where the fit starts, of its size there; above 0, up to
    /// 1000. It keeps what the data leave open from running away, as they do much of tables, and is in the σ of the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ridge: Option<f64>,
    /// Least and largest value of a parameter, by name; null where there is no such end. Without a range, a parameter that has
    /// a name of its family stays between a twentieth and twenty times its start.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub bounds: BTreeMap<String, [Option<f64>; 2]>,
}

/// The form of a potential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PotentialFamily {
    /// 4ε [(σ/r)¹² − (σ/r)⁶].
    LennardJones,
    /// D [e^(−2α(r−r0)) − 2 e^(−α(r−r0))].
    Morse,
    /// A e^(−r/ρ) − C r⁻⁶. The charges of ions come by `non_analytical`: Born charges that are those of the ions, and the
    /// dielectric tensor of the vacuum, one; their forces are whole then, near and far.
    Buckingham,
    /// Pairs and angles (Stillinger & Weber 1985).
    StillingerWeber,
    /// Powers of the distance and the root of a density (Sutton & Chen 1990).
    SuttonChen,
    /// Second moment of the density of states (Gupta; Cleri & Rosato 1993).
    Gupta,
    /// Embedded atoms by tables. The parameters are their values at the distances of neighbours and around the density at
    /// the atoms.
    Eam,
    /// A neural network on symmetry functions (Behler & Parrinello 2007).
    Network,
}

impl PotentialFamily {
    /// As a job writes it.
    pub fn word(self) -> &'static str {
        match self {
            PotentialFamily::LennardJones => "lennard-jones",
            PotentialFamily::Morse => "morse",
            PotentialFamily::Buckingham => "buckingham",
            PotentialFamily::StillingerWeber => "stillinger-weber",
            PotentialFamily::SuttonChen => "sutton-chen",
            PotentialFamily::Gupta => "gupta",
            PotentialFamily::Eam => "eam",
            PotentialFamily::Network => "network",
        }
    }
}
