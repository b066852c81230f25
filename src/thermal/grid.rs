//! Regular grids of wave vectors for Fourier sums, with the partner −k of each.

use std::collections::HashMap;

use nalgebra::{Matrix3, Vector3};

use super::mesh::lcm;
use crate::crystal::Crystal;
use crate::crystal::supercell::Centring;

/// A grid of wave vectors with the partner −k of each.
pub(super) struct GridPoints {
    /// In units of the grid's own reciprocal axes, without the coset.
    pub own: Vec<Vector3<f64>>,
    /// In primitive reciprocal units, coset after coset.
    pub primitive: Vec<Vector3<f64>>,
    /// One of each ±k, or of each star.
    pub half: Vec<usize>,
    /// Where each of `half` and its partner stand, if it is not its own.
    pub slots: Vec<(usize, Option<usize>)>,
    /// How many ±k each of `half` stands for.
    pub weights: Vec<f64>,
}

impl GridPoints {
    pub fn new(n: [usize; 3], shift: f64, cosets: &[Vector3<f64>], p: &Matrix3<f64>) -> Self {
        let at = |m: usize, n: usize| (m as f64 + shift) / n as f64;
        let mut own = Vec::with_capacity(n.iter().product());
        for a in 0..n[0] {
            for b in 0..n[1] {
                for c in 0..n[2] {
                    own.push(Vector3::new(at(a, n[0]), at(b, n[1]), at(c, n[2])));
                }
            }
        }
        let primitive: Vec<Vector3<f64>> =
            cosets.iter().flat_map(|g| own.iter().map(move |k| p.transpose() * (k + g))).collect();
        // Integers over a common denominator: 24 holds the fractions of every centring.
        let l = 48 * n.iter().fold(1, |l, k| lcm(l, *k)) as i64;
        let key = |k: &Vector3<f64>| -> [i64; 3] {
            k.map(|x| ((x * l as f64).round() as i64).rem_euclid(l)).into()
        };
        let index: HashMap<[i64; 3], usize> =
            primitive.iter().enumerate().map(|(i, k)| (key(k), i)).collect();
        let (mut half, mut slots) = (vec![], vec![]);
        for (i, k) in primitive.iter().enumerate() {
            let partner = index.get(&key(&-k)).copied().unwrap_or(i);
            if partner >= i {
                half.push(i);
                slots.push((i, (partner != i).then_some(partner)));
            }
        }
        let weights = vec![1.0; half.len()];
        GridPoints { own, primitive, half, slots, weights }
    }

    /// Keeps one wave vector of each star that time reversal and the operations of the space group make of it, those that
    /// map the half-shifted mesh in the primitive axes onto itself. Sums are right for what is averaged over the space group
    /// afterwards.
    #[must_use]
    pub fn folded(self, crystal: &Crystal, n: [usize; 3]) -> Self {
        let mut turns = crystal.turns_of_mesh(n);
        // Twice the numbers m + ½ turn alike: odd ones have to stay odd.
        turns.retain(|turn| (0..3).all(|i| turn.row(i).sum().rem_euclid(2) == 1));
        let opposite: Vec<Matrix3<i64>> = turns.iter().map(|turn| -turn).collect();
        turns.extend(opposite);
        let index = |m: [i64; 3]| (m[0] as usize * n[1] + m[1] as usize) * n[2] + m[2] as usize;
        let image = |turn: &Matrix3<i64>, i: usize| {
            let m = [i / (n[1] * n[2]), i / n[2] % n[1], i % n[2]].map(|m| 2 * m as i64 + 1);
            let turned = turn * Vector3::from(m);
            index(std::array::from_fn(|a| ((turned[a] - 1) / 2).rem_euclid(n[a] as i64)))
        };
        let mut first = vec![usize::MAX; self.own.len()];
        let mut sizes = vec![0_usize; self.own.len()];
        for i in 0..first.len() {
            if first[i] != usize::MAX {
                continue;
            }
            for turn in &turns {
                let there = image(turn, i);
                if first[there] == usize::MAX {
                    first[there] = i;
                    sizes[i] += 1;
                }
            }
        }
        let mut folded = GridPoints { half: vec![], slots: vec![], weights: vec![], ..self };
        for (i, slots) in self.half.into_iter().zip(self.slots).filter(|(i, _)| first[*i] == *i) {
            folded.half.push(i);
            folded.slots.push(slots);
            folded.weights.push(sizes[i] as f64 / if slots.1.is_some() { 2.0 } else { 1.0 });
        }
        folded
    }
}

/// One of each ±k of a periodic supercell of n₁×n₂×n₃ input cells (Cartesian, Å⁻¹) with the number
/// of wave vectors that it stands for.
pub(super) fn supercell_wave_vectors(crystal: &Crystal, n: [usize; 3]) -> Vec<(Vector3<f64>, f64)> {
    let p = &crystal.primitive_in_input;
    let points = GridPoints::new(n, 0.0, &Centring::new(crystal).coset_vectors(), p);
    let reciprocal = crystal.primitive.reciprocal();
    let count = |partner: &Option<usize>| if partner.is_some() { 2.0 } else { 1.0 };
    points
        .half
        .iter()
        .zip(&points.slots)
        .map(|(&i, (_, partner))| (reciprocal * points.primitive[i], count(partner)))
        .collect()
}

/// Shortest translation of the periodic box of `n` primitive cells, Å.
pub fn shortest_period(crystal: &Crystal, n: [usize; 3]) -> f64 {
    let mut shortest = f64::INFINITY;
    let lattice = &crystal.primitive.lattice;
    for a in -2..=2 {
        for b in -2..=2 {
            for c in -2..=2 {
                let v = Vector3::new(
                    f64::from(a) * n[0] as f64,
                    f64::from(b) * n[1] as f64,
                    f64::from(c) * n[2] as f64,
                );
                if (a, b, c) != (0, 0, 0) {
                    shortest = shortest.min((lattice * v).norm());
                }
            }
        }
    }
    shortest
}

/// Numbers of wave vectors along the primitive reciprocal axes whose period is twice `range` (Å)
/// or more: the offset of the periodic images is taken out, and finer meshes change nothing that
/// matters beside the range.
pub fn default_grid(crystal: &Crystal, range: f64) -> [usize; 3] {
    let lengths: [f64; 3] = std::array::from_fn(|k| crystal.primitive.lattice.column(k).norm());
    let mut n = lengths.map(|l| good_size((2.0 * range / l).ceil() as usize));
    while shortest_period(crystal, n) < 2.0 * range {
        n = n.map(|n| good_size(n + 1));
    }
    n
}

/// The next size with small prime factors.
fn good_size(n: usize) -> usize {
    (n.max(2)..)
        .find(|n| {
            let mut m = *n;
            for f in [2, 3, 5] {
                while m.is_multiple_of(f) {
                    m /= f;
                }
            }
            m == 1
        })
        .unwrap_or(n)
}
