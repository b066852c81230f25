//! Interatomic potentials: from a few parameters p to the force constants Φ(p), their derivatives ∂Φ/∂p, the energy
//! and the pressure of a crystal.
//!
//! The energy is a sum over atoms, E = Σ_i F(s_i1, …, s_iK), of functions of features, which are sums over the
//! neighbours within the range and over pairs of them: s_ik = Σ_j g_k(r_ij) + Σ_j<j' h_k(r_ij, r_ij', cos θ_jij'). Pair
//! potentials have one feature, embedded atoms two (pair energy and density), Stillinger–Weber one with angles, a network
//! its symmetry functions. Only g, h and F are written, once, generic over dual numbers; every derivative follows:
//! those to displacements by hyper-dual numbers, those to a parameter by a dual number inside of these.
//!
//! Å, eV, eV/Å², eV/Å³. Neighbours are counted strictly within the range.

mod crystal;
mod curves;
mod eam;
mod family;
mod library;
mod network;
mod network_fit;
mod pair;
mod site;
mod spline;
mod tables;

use num_dual::{Dual, DualNum};

pub use crystal::Surroundings;
pub use curves::{Curve, CurveKind};
pub use eam::{Eam, Table};
pub use family::{Family, Parameter, Potential};
pub use library::{PublishedPotential, published, published_potential};
pub use network::Network;
pub use network_fit::{Wanted, fit_network};
pub use spline::Spline;

/// Real and dual numbers that the physics is written for.
pub trait Number: DualNum<Primitive = f64> + Copy {}

impl<T: DualNum<Primitive = f64> + Copy> Number for T {}

/// A number with its derivative to one parameter.
pub type WithSlope = Dual<f64>;

/// 1 eV/Å³ in GPa (CODATA 2018, exact).
pub const GPA_PER_EV_A3: f64 = 160.217_663_4;
