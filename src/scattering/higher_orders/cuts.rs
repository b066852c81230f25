//! How much of exp(x) − 1 − x each pair is worth.
//!
//! x falls with the distance of a pair. Near pairs count exactly; those further away by x², x³, x⁴, x⁵ as far as each
//! matters: what is left out is less than [`TYPICAL`] of the higher orders, root mean square over Q, and less than [`WORST`]
//! where all of it adds up, on top of a reflection; that at the longest Q, at shorter ones it is less.

use nalgebra::Matrix3;

use super::HigherOrders;
use super::polynomials::HIGHEST;
use super::shared::SharedPoints;
use crate::thermal::MeanSquareValue;

/// What may be left out, root mean square, of the higher orders that the atoms would scatter without correlations.
const TYPICAL: f64 = 3e-5;
/// The same where all waves are in phase.
const WORST: f64 = 3e-3;

/// Distances grow by this factor from one candidate to the next.
const LADDER: f64 = 1.12;

/// Correlations are taken to be so many times, and powers of [`STEP`] as many times, as large as expected: what is cut off
/// stays the same while constants move, so that intensities are smooth functions of them except where the largest
/// mean-square displacement crosses one of these.
const MARGIN: f64 = 1.25;
const STEP: f64 = 1.5;

/// Correlations at constants of the size that is expected.
#[derive(Debug, Clone, Default)]
pub(super) struct Expected {
    /// Of each pair, Å²: |x| ≤ |Q|² `size`.
    pub size: Vec<f64>,
    /// Mean-square tensors, Å².
    pub tensors: Vec<Matrix3<f64>>,
}

/// For each power n the distance (Å) beyond which pairs do without xⁿ.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cuts {
    /// Nearer pairs count exactly.
    pub exact: f64,
    /// By n; what is below x³ is never left out.
    pub power: [f64; HIGHEST + 1],
}

impl HigherOrders {
    /// For mean-square displacements of the size of `u`.
    pub(super) fn cuts(&self, shared: &SharedPoints, u: &MeanSquareValue) -> Cuts {
        let pairs = &self.correlations.pairs;
        let SharedPoints { largest_q2, expected: Expected { size, tensors }, .. } = shared;
        let largest = |tensors: &[Matrix3<f64>]| tensors.iter().map(|u| u.amax()).fold(0.0, f64::max);
        let steps = ((largest(&u.tensors) / largest(tensors) / MARGIN).ln() / STEP.ln()).ceil().max(0.0);
        let scale = MARGIN * STEP.powf(steps) * largest_q2;
        // ½ x² of each atom with itself, the least over directions.
        let own: Vec<f64> =
            tensors.iter().map(|u| 0.5 * (scale * u.symmetric_eigenvalues().min()).powi(2)).collect();
        let shortest =
            pairs.iter().map(|p| p.vector.norm()).filter(|r| *r > 1e-3).fold(f64::INFINITY, f64::min);
        let mut radius = pairs.iter().map(|p| p.vector.norm()).fold(shortest, f64::max) * (1.0 + 1e-6);
        let mut cuts = Cuts { exact: radius, power: [radius; HIGHEST + 1] };
        // Where nothing is expected, every pair counts exactly.
        if !(shortest.is_finite() && !own.is_empty() && own.iter().all(|x| *x > 0.0)) {
            return cuts;
        }
        // Of each atom with all others beyond the radius, for xⁿ/n! with n from 3: the square of what waves of any phase
        // give, and the sum.
        let mut tails = vec![[[0.0; 2]; HIGHEST - 1]; own.len()];
        let mut beyond = self.by_distance.iter().rev().peekable();
        while radius > shortest {
            radius /= LADDER;
            while let Some(&pair) = beyond.next_if(|&&pair| pairs[pair].vector.norm() > radius) {
                let x = scale * size[pair];
                // What follows in the series is less than eˣ times the first term that is left out. Each atom of a pair
                // answers for half of it.
                let mut term = 0.5 * self.weights[pair].abs() * x.exp() * x * x / 2.0;
                for (n, at) in (3..).zip(0..HIGHEST - 1) {
                    term *= x / f64::from(n);
                    for s in [pairs[pair].s, pairs[pair].s2] {
                        tails[s][at][0] += term * term;
                        tails[s][at][1] += term;
                    }
                }
            }
            // Each power has its share.
            let share = 1.0 / (HIGHEST - 1) as f64;
            let small = |at: usize| {
                tails.iter().zip(&own).all(|(tail, own)| {
                    let [square, sum] = tail[at];
                    square.sqrt() <= share * TYPICAL * own && sum <= share * WORST * own
                })
            };
            for n in 3..=HIGHEST {
                if small(n - 3) {
                    cuts.power[n] = radius;
                }
            }
            if !small(HIGHEST - 2) {
                break;
            }
            cuts.exact = radius;
        }
        cuts
    }
}
