//! The pairs of atoms whose correlation C_ss'(R) a real-space sum runs over, each (s, s', R) taken
//! together with its inverse (s', s, −R), which has the transposed correlation.

use std::collections::HashMap;

use nalgebra::Vector3;

use crate::crystal::Crystal;
use crate::order::sort_by;

/// A pair of atoms, `s` ≤ `s2` in the primitive cell.
#[derive(Debug, Clone, PartialEq)]
pub struct LatticePair {
    pub s: usize,
    pub s2: usize,
    /// Primitive cell of the second atom.
    pub cell: Vector3<i32>,
    /// R + τ_s' − τ_s, Å.
    pub vector: Vector3<f64>,
    /// 2, or 1 when the pair is its own inverse.
    pub multiplicity: f64,
}

/// Atom, atom, cell.
pub(super) type Key = (usize, usize, [i32; 3]);

impl LatticePair {
    pub(super) fn key(&self) -> Key {
        (self.s, self.s2, self.cell.into())
    }
}

/// (s, s', R) or its inverse, whichever stands for both.
pub(super) fn representative(s: usize, s2: usize, cell: Vector3<i32>) -> Key {
    let forward: [i32; 3] = cell.into();
    let backward: [i32; 3] = (-cell).into();
    if s < s2 || (s == s2 && forward >= backward) { (s, s2, forward) } else { (s2, s, backward) }
}

/// Sorted so that pairs of the same atoms follow each other, R with its last index running fastest.
fn sorted(mut pairs: Vec<LatticePair>) -> Vec<LatticePair> {
    sort_by(&mut pairs, |a, b| a.key().cmp(&b.key()));
    pairs
}

/// All pairs no further apart than `range` (Å).
pub fn pairs_within(crystal: &Crystal, range: f64) -> Vec<LatticePair> {
    let cell = &crystal.primitive;
    let reciprocal = cell.reciprocal();
    let spread = 1.0;
    let reach: [i32; 3] = std::array::from_fn(|k| {
        (range * reciprocal.column(k).norm() / std::f64::consts::TAU + spread).ceil() as i32 + 1
    });
    let mut pairs = Vec::new();
    for s in 0..cell.len() {
        for s2 in s..cell.len() {
            let between = cell.cartesian(s2) - cell.cartesian(s);
            for a in -reach[0]..=reach[0] {
                for b in -reach[1]..=reach[1] {
                    for c in -reach[2]..=reach[2] {
                        let r = Vector3::new(a, b, c);
                        let vector = cell.lattice * r.map(f64::from) + between;
                        // The tolerance keeps shells whole.
                        if vector.norm() > range + 1e-6 || representative(s, s2, r) != (s, s2, [a, b, c]) {
                            continue;
                        }
                        let own = s == s2 && r == Vector3::zeros();
                        let multiplicity = if own { 1.0 } else { 2.0 };
                        pairs.push(LatticePair { s, s2, cell: r, vector, multiplicity });
                    }
                }
            }
        }
    }
    sorted(pairs)
}

/// All pairs of a periodic supercell of n₁×n₂×n₃ input cells, each R once.
pub fn pairs_of_supercell(crystal: &Crystal, n: [usize; 3]) -> Vec<LatticePair> {
    let cell = &crystal.primitive;
    let points = supercell_points(crystal, n);
    let known: HashMap<[i64; 3], usize> =
        points.iter().enumerate().map(|(i, r)| (class_of(crystal, n, r), i)).collect();
    let mut pairs = Vec::new();
    for s in 0..cell.len() {
        for s2 in s..cell.len() {
            let between = cell.cartesian(s2) - cell.cartesian(s);
            for (i, r) in points.iter().enumerate() {
                let inverse = known.get(&class_of(crystal, n, &-r)).copied().unwrap_or(i);
                if s == s2 && inverse < i {
                    continue;
                }
                let own = s == s2 && inverse == i;
                pairs.push(LatticePair {
                    s,
                    s2,
                    cell: *r,
                    vector: cell.lattice * r.map(f64::from) + between,
                    multiplicity: if own { 1.0 } else { 2.0 },
                });
            }
        }
    }
    sorted(pairs)
}

/// Primitive lattice points of the supercell, in primitive units, near the origin.
fn supercell_points(crystal: &Crystal, n: [usize; 3]) -> Vec<Vector3<i32>> {
    let mut points = Vec::new();
    for t in centring_points(crystal) {
        for a in 0..n[0] {
            for b in 0..n[1] {
                for c in 0..n[2] {
                    let wrap = |i: usize, n: usize| if 2 * i > n { i as f64 - n as f64 } else { i as f64 };
                    let input = Vector3::new(wrap(a, n[0]), wrap(b, n[1]), wrap(c, n[2])) + t;
                    points.push(to_primitive(crystal, &input).map(|x| x.round() as i32));
                }
            }
        }
    }
    points
}

/// Equal for lattice points that differ by a vector of the supercell: centring point and cell.
fn class_of(crystal: &Crystal, n: [usize; 3], r: &Vector3<i32>) -> [i64; 3] {
    // Fractions of the input cell are multiples of 1/24 for every centring there is.
    let input = crystal.primitive_in_input * r.map(f64::from) * 24.0;
    std::array::from_fn(|k| (input[k].round() as i64).rem_euclid(24 * n[k] as i64))
}

/// Coordinates of the input cell to those of the primitive one.
fn to_primitive(crystal: &Crystal, input: &Vector3<f64>) -> Vector3<f64> {
    crystal.primitive_in_input.try_inverse().unwrap_or_default() * input
}

/// Points of the primitive lattice in one input cell, in units of the input cell, from 0 up to 1.
pub(super) fn centring_points(crystal: &Crystal) -> Vec<Vector3<f64>> {
    let p = &crystal.primitive_in_input;
    let wanted = (1.0 / p.determinant().abs()).round() as usize;
    let mut found: Vec<Vector3<f64>> = Vec::new();
    let reach = wanted as i32;
    for a in -reach..=reach {
        for b in -reach..=reach {
            for c in -reach..=reach {
                let t = (p * Vector3::new(a, b, c).map(f64::from)).map(|x| {
                    let inside = x - (x + 1e-6).floor();
                    if inside.abs() < 1e-6 { 0.0 } else { inside }
                });
                if !found.iter().any(|f| (f - t).norm() < 1e-6) {
                    found.push(t);
                }
                if found.len() == wanted {
                    // The origin first.
                    sort_by(&mut found, |x, y| x.norm().total_cmp(&y.norm()));
                    return found;
                }
            }
        }
    }
    found
}
