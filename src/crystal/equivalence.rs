//! Points of reciprocal space that the crystal's symmetry makes equivalent.

use std::collections::HashMap;

use nalgebra::{Matrix3, Vector3};

use crate::base::parallel::{restfully, resting};
use crate::crystal::Crystal;

/// The point group in coordinates hkl of the input cell.
pub struct Equivalence {
    rotations: Vec<Matrix3<f64>>,
    /// The same in Cartesian coordinates.
    cartesian: Vec<Matrix3<f64>>,
    /// Whether I(−Q) = I(Q).
    friedel: bool,
}

/// hkl in units of 1e-5: points closer than that are one.
type Key = [i64; 3];

impl Equivalence {
    /// The rotations of the space group; only those that map a supercell of n₁×n₂×n₃ input cells
    /// onto itself when there is one.
    pub fn new(crystal: &Crystal, supercell: Option<[usize; 3]>) -> Self {
        let reciprocal = crystal.input.reciprocal();
        let inverse = reciprocal.try_inverse().unwrap_or_default();
        // All form factors real, or all atoms of one kind: |F(−Q)| = |F(Q)| for every displacement.
        let first = &crystal.form_factors[0];
        let friedel = crystal.form_factors.iter().all(|f| f.f2 == 0.0)
            || crystal.form_factors.iter().all(|f| f == first);
        let mut rotations: Vec<Matrix3<f64>> = Vec::new();
        let mut cartesian = Vec::new();
        for operation in &crystal.operations {
            let m = inverse * operation.cartesian * reciprocal;
            let keeps = supercell.is_none_or(|n| {
                // Points m/n are to go to points of the same kind.
                (0..3).all(|i| {
                    (0..3).all(|j| {
                        let x = m[(i, j)] * n[i] as f64 / n[j] as f64;
                        (x - x.round()).abs() < 1e-6
                    })
                })
            });
            let same =
                |r: &Matrix3<f64>| (r - m).abs().max() < 1e-6 || (friedel && (r + m).abs().max() < 1e-6);
            if keeps && !rotations.iter().any(same) {
                rotations.push(m);
                cartesian.push(operation.cartesian);
            }
        }
        Equivalence { rotations, cartesian, friedel }
    }

    /// Only the rotations (Cartesian) that something else keeps, too.
    #[must_use]
    pub fn kept_by(self, keeps: impl Fn(&Matrix3<f64>) -> bool) -> Self {
        let both = self.rotations.into_iter().zip(self.cartesian).filter(|(_, cartesian)| keeps(cartesian));
        let (rotations, cartesian) = both.unzip();
        Equivalence { rotations, cartesian, friedel: self.friedel }
    }

    /// All rotations, Cartesian, among them the inversion where I(−Q) = I(Q).
    pub fn turns(&self) -> Vec<Matrix3<f64>> {
        let backward = self.cartesian.iter().filter(|_| self.friedel).map(|r| -r);
        self.cartesian.iter().copied().chain(backward).collect()
    }

    /// Number of the rotation of [`Self::turns`] that takes the point `from` to its equivalent `to`; the first one for
    /// points that are not equivalent.
    pub fn turn(&self, from: &[f64; 3], to: &[f64; 3]) -> usize {
        let (from, to) = (Vector3::from(*from), Vector3::from(*to));
        let forward = self.rotations.iter().position(|r| (r * from - to).amax() < 2e-5);
        let backward = || self.rotations.iter().position(|r| (r * from + to).amax() < 2e-5);
        forward.or_else(|| backward().map(|n| n + self.rotations.len())).unwrap_or(0)
    }

    /// One name for all equivalent points.
    fn key(&self, hkl: &[f64; 3]) -> Key {
        let mut best = [i64::MIN; 3];
        let [h, k, l] = *hkl;
        for r in &self.rotations {
            // Ties to even, which is one instruction: what is told apart is no nearer than that.
            let image: Key = std::array::from_fn(|i| {
                ((r[(i, 0)] * h + r[(i, 1)] * k + r[(i, 2)] * l) * 1e5).round_ties_even() as i64
            });
            best = best.max(image);
            if self.friedel {
                best = best.max(image.map(|x| -x));
            }
        }
        best
    }

    /// Groups equivalent points: the number of each point's group, and the first member of each.
    pub async fn groups(&self, hkl: &[[f64; 3]]) -> (Vec<usize>, Vec<usize>) {
        // Several maps: one of a million points would stand still for long whenever it grows.
        let mut known: [HashMap<Key, usize>; 61] = std::array::from_fn(|_| HashMap::new());
        let mut first = Vec::new();
        let mut group = Vec::with_capacity(hkl.len());
        let cost = 0.4 + 0.05 * self.rotations.len() as f64;
        let keys = restfully(hkl.len(), cost, |i| self.key(&hkl[i])).await;
        let mut number = |i: usize| {
            let key = keys[i];
            let map = (key[0] ^ key[1].wrapping_mul(3) ^ key[2].wrapping_mul(7)).rem_euclid(61) as usize;
            *known[map].entry(key).or_insert_with(|| {
                first.push(i);
                first.len() - 1
            })
        };
        resting(hkl.len(), 0.1, &mut |range| group.extend(range.map(&mut number))).await;
        (group, first)
    }
}
