//! The pairs of atoms whose correlation C_ss'(R) a real-space sum runs over, each (s, s', R) taken
//! together with its inverse (s', s, −R), which has the transposed correlation.

use nalgebra::Vector3;

use crate::base::order::sort_by;
use crate::crystal::Crystal;
#[cfg(feature = "sampled")]
use crate::crystal::supercell::Supercell;

/// A pair of atoms, `s` ≤ `s2` in the primitive cell.
#[derive(Debug, Clone, PartialEq)]
pub struct LatticePair {
    /// The atom in the home cell.
    pub s: usize,
    /// The atom of the other cell.
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

/// All pairs of a periodic supercell, each R once, near the origin.
#[cfg(feature = "sampled")]
pub fn pairs_of_supercell(crystal: &Crystal, supercell: &Supercell) -> Vec<LatticePair> {
    let cell = &crystal.primitive;
    let copies = supercell.centring.copies();
    let to_primitive = crystal.primitive_in_input.try_inverse().unwrap_or_default() / copies as f64;
    let near = |x: i64, n: usize| {
        let period = copies * n as i64;
        if 2 * x > period { x - period } else { x }
    };
    let mut pairs = Vec::new();
    for s in 0..cell.len() {
        for s2 in s..cell.len() {
            let between = cell.cartesian(s2) - cell.cartesian(s);
            for (i, point) in supercell.lattice_points().enumerate() {
                let inverse = supercell.index_of(point.map(|x| -x));
                if s == s2 && inverse < i {
                    continue;
                }
                let own = s == s2 && inverse == i;
                let point = Vector3::from_fn(|a, _| near(point[a], supercell.size[a]) as f64);
                let r = (to_primitive * point).map(|x| x.round() as i32);
                pairs.push(LatticePair {
                    s,
                    s2,
                    cell: r,
                    vector: cell.lattice * r.map(f64::from) + between,
                    multiplicity: if own { 1.0 } else { 2.0 },
                });
            }
        }
    }
    sorted(pairs)
}
