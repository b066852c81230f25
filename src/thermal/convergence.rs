//! U of an infinite crystal: a sequence of meshes that proves itself.
//!
//! C(k) ~ kT/q² at Γ (1/q at T = 0) makes a plain sum fall short by c/n. Two plain meshes n and 2n
//! take that out and are converged to 1e-4 where sound is nearly isotropic and classical. Soft
//! layers and chains, for which C(k) is large along whole lines and planes, and low temperatures
//! need the graded meshes. Which rule will do is found at given constants: the first that agrees
//! with the next one.

use nalgebra::Matrix3;

use super::graded::{Axes, Grading};
use super::mean_square::MeanSquare;
use super::mesh::{Mesh, MeshAxes};
use super::{Statistics, Thermal};
use crate::crystal::Crystal;
use crate::ifc::LinearForceConstants;

/// "Converged" means that no component of U is off by more than this fraction.
pub const CONVERGED: f64 = 1e-3;
/// Two rules that differ by less are both taken for right.
const AGREEMENT: f64 = 0.9 * CONVERGED;

/// Meshes n and 2n with the weights that take out the leading error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule(usize);

/// Work (wave vectors × (3 × atoms)³) of one value of U beyond which no finer rule is tried.
const MOST_WORK: f64 = 3e8;
/// The same for the number of wave vectors before folding.
const MOST_POINTS: f64 = 6e5;
/// Crystals with more atoms are compared with classical statistics, which need no diagonalisation
/// and whose singularity is the stronger.
const MOST_ATOMS: usize = 10;
/// Below it (K), 1/q and 1/q² are both felt, and no power of n takes out the error of plain meshes.
const COLD: f64 = 150.0;

impl Rule {
    const LAST: usize = 5;

    /// The rule to begin with; in cubic crystals the only one. They have no soft layers or chains, and data
    /// simulated for one set of constants are to be fitted from any other with the same meshes.
    pub fn first(crystal: &Crystal, thermal: &Thermal) -> Rule {
        let between = thermal.statistics == Statistics::Quantum
            && thermal.temperature_k > 0.0
            && thermal.temperature_k < COLD;
        match (between, is_cubic(crystal)) {
            (false, _) => Rule(0),
            (true, false) => Rule(1),
            (true, true) => Rule(2),
        }
    }

    fn next(self) -> Option<Rule> {
        (self.0 < Self::LAST).then_some(Rule(self.0 + 1))
    }

    /// Wave vectors of the finer mesh before folding.
    fn most_points(self, crystal: &Crystal) -> f64 {
        let axes = Axes::new(crystal);
        let n = graded_counts(&axes, self.0.saturating_sub(1));
        8.0 * n.iter().map(|n| *n as f64).product::<f64>() * axes.copies() as f64
    }

    /// The meshes with their weights.
    fn meshes(self, crystal: &Crystal, temperature_k: f64) -> Vec<(f64, Mesh)> {
        // Points per axis are doubled from one mesh to the other: an error n^−order falls by 2^order.
        let pair = |order: f64, mesh: &dyn Fn(usize) -> Mesh| {
            let ratio = order.exp2();
            vec![(ratio / (ratio - 1.0), mesh(2)), (-1.0 / (ratio - 1.0), mesh(1))]
        };
        // From 1/q² to 1/q.
        let by_temperature = if temperature_k == 0.0 { 2.0 } else { 1.0 };
        let Some(level) = self.0.checked_sub(1) else {
            let n = plain_counts(crystal);
            let mesh = |times| Mesh::half_shifted(crystal, n.map(|n| times * n), MeshAxes::Primitive);
            return pair(by_temperature, &mesh);
        };
        let grading = if level == 0 { Grading::Cubic } else { Grading::Quintic };
        let axes = Axes::new(crystal);
        let n = graded_counts(&axes, level);
        pair(by_temperature * grading.power(), &|times| axes.mesh(n.map(|n| times * n), grading))
    }
}

/// A little finer than plain meshes: graded ones are thin at the border of the zone.
fn graded_counts(axes: &Axes, level: usize) -> [usize; 3] {
    let finer = 1.5_f64.powi(level as i32);
    axes.counts(0.65 * SPACING / finer, (4.0 * finer) as usize)
}

/// Spacing of the coarser mesh, Å⁻¹: 2π/(2 × 12 Å).
const SPACING: f64 = 0.26;

/// The coarser of the two plain meshes.
fn plain_counts(crystal: &Crystal) -> [usize; 3] {
    let reciprocal = crystal.primitive.reciprocal();
    std::array::from_fn(|k| ((reciprocal.column(k).norm() / SPACING).ceil() as usize).clamp(4, 24))
}

impl MeanSquare {
    fn with_rule(mut self, rule: Rule, error: Option<f64>) -> Self {
        (self.rule, self.error) = (Some(rule), error);
        self
    }

    pub(super) fn by_rule(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        rule: Rule,
    ) -> Self {
        let meshes = rule.meshes(crystal, thermal.temperature_k);
        Self::on(crystal, family, thermal, meshes).with_rule(rule, None)
    }

    /// U of an infinite crystal, by the first rule that is converged at `theta`; where Φ is not
    /// positive definite there, by the first of all.
    pub fn converged(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        theta: &[f64],
    ) -> Self {
        let compared = comparison(crystal, &thermal);
        let first = Rule::first(crystal, &thermal);
        let same = compared.statistics == thermal.statistics;
        let chosen =
            |rule, error| Self::by_rule(crystal, family, thermal.clone(), rule).with_rule(rule, error);
        let mut at = Self::by_rule(crystal, family, compared.clone(), first);
        let Some(mut value) = at.tensors(theta) else { return chosen(first, None) };
        let mut error = None;
        while let Some(finer) = at.finer(crystal, family) {
            let Some(next) = finer.tensors(theta) else { break };
            let difference = largest_difference(&value, &next);
            error = Some(difference);
            if difference <= AGREEMENT || is_cubic(crystal) {
                break;
            }
            (at, value) = (finer, next);
        }
        let rule = at.rule.unwrap_or(first);
        if same { at.with_rule(rule, error) } else { chosen(rule, error) }
    }

    /// Largest error of U, as a fraction of the component, by comparison with the neighbouring rule
    /// at the constants for which the mesh was chosen; `None` where U is not that of an infinite
    /// crystal, or Φ was not positive definite.
    pub fn error(&self) -> Option<f64> {
        self.error
    }

    /// Whether U stands for a mesh without end.
    pub fn is_for_infinite_crystal(&self) -> bool {
        self.rule.is_some()
    }

    /// The same at other constants of the crystal.
    pub fn error_at(&self, crystal: &Crystal, family: &LinearForceConstants, theta: &[f64]) -> Option<f64> {
        let own = Self::by_rule(crystal, family, comparison(crystal, self.thermal()), self.rule?);
        let coarser = || {
            let rule = Rule(self.rule?.0.checked_sub(1)?);
            Some(Self::by_rule(crystal, family, own.thermal().clone(), rule))
        };
        let other = own.finer(crystal, family).or_else(coarser)?;
        Some(largest_difference(&own.tensors(theta)?, &other.tensors(theta)?))
    }

    /// The same U by the next rule, where there is one that can be afforded.
    fn finer(&self, crystal: &Crystal, family: &LinearForceConstants) -> Option<Self> {
        let rule = self.rule?.next()?;
        let thermal = self.thermal().clone();
        if rule.most_points(crystal) > MOST_POINTS {
            return None;
        }
        let meshes = rule.meshes(crystal, thermal.temperature_k);
        let points: usize = meshes.iter().map(|(_, mesh)| mesh.k.len()).sum();
        let size = 3.0 * crystal.n_atoms() as f64;
        let affordable = points as f64 * size.powi(3) <= MOST_WORK;
        affordable.then(|| Self::on(crystal, family, thermal, meshes).with_rule(rule, None))
    }
}

fn is_cubic(crystal: &Crystal) -> bool {
    (195..=230).contains(&crystal.space_group.number)
}

/// The vibrations that rules are compared with.
fn comparison(crystal: &Crystal, thermal: &Thermal) -> Thermal {
    let classical = crystal.n_atoms() > MOST_ATOMS && thermal.temperature_k > 0.0;
    let statistics = if classical { Statistics::Classical } else { thermal.statistics };
    Thermal { statistics, ..thermal.clone() }
}

/// Of two sets of tensors, |ΔU_ij| against √(U_ii U_jj).
fn largest_difference(a: &[Matrix3<f64>], b: &[Matrix3<f64>]) -> f64 {
    let of_atom = |(a, b): (&Matrix3<f64>, &Matrix3<f64>)| {
        let size = b.diagonal().map(|u| u.abs().max(f64::MIN_POSITIVE).sqrt());
        (0..9).map(|n| (a[n] - b[n]).abs() / (size[n % 3] * size[n / 3])).fold(0.0, f64::max)
    };
    a.iter().zip(b).map(of_atom).fold(0.0, f64::max)
}
