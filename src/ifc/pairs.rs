//! Pairs of atoms up to a cutoff and their orbits under space group and exchange.

use std::collections::HashMap;

use nalgebra::{Matrix3, Vector3};

use crate::base::order::sort_by;
use crate::crystal::Crystal;
use crate::error::CUTOFF;
use crate::{Error, Result};

/// Distances closer than this belong to one shell, Å.
pub const SHELL_TOLERANCE: f64 = 1e-3;

/// Most pairs that are worked on; beyond it the cutoff is refused.
const MAX_PAIRS: usize = 200_000;

/// An ordered pair: atom `i` in cell 0, atom `j` in `cell`.
#[derive(Debug, Clone)]
pub struct Pair {
    /// First atom.
    pub i: usize,
    /// Second atom.
    pub j: usize,
    /// Its cell.
    pub cell: Vector3<i32>,
    /// R + τ_j − τ_i, Å.
    pub vector: Vector3<f64>,
}

/// Pairs that symmetry makes equivalent.
#[derive(Debug, Clone)]
pub struct Orbit {
    /// Index of the pair whose matrix elements the labels name.
    pub representative: usize,
    /// For each member: pair, Γ and whether indices are exchanged: Φ = Γ Φ₀ Γᵀ or Γ Φ₀ᵀ Γᵀ.
    pub members: Vec<(usize, Matrix3<f64>, bool)>,
    /// The same for all ways in which symmetry maps the representative onto itself.
    pub stabiliser: Vec<(Matrix3<f64>, bool)>,
    /// Length of the pair, Å.
    pub distance: f64,
}

type Key = (usize, usize, [i32; 3]);

fn key(p: &Pair) -> Key {
    (p.i, p.j, p.cell.into())
}

/// All pairs with 0 < distance ≤ `cutoff` (Å), shortest first.
pub fn pairs_within(crystal: &Crystal, cutoff: f64) -> Result<Vec<Pair>> {
    let cell = &crystal.primitive;
    // |n_k| ≤ (cutoff + cell diagonal) · |a*_k| / 2π covers the sphere.
    let reciprocal = cell.reciprocal() / std::f64::consts::TAU;
    let diagonal: f64 = (0..3).map(|k| cell.lattice.column(k).norm()).sum();
    let span = Vector3::from_fn(|k, _| ((cutoff + diagonal) * reciprocal.column(k).norm()).ceil() as i32);
    let estimate = cutoff.powi(3) * 4.2 / cell.volume() * (cell.len() * cell.len()) as f64;
    if estimate > MAX_PAIRS as f64 {
        let what = format!("{cutoff} Å reaches about {estimate:.0} pairs");
        return Err(Error::value(what, format!("a cutoff with at most {MAX_PAIRS} pairs")).of(CUTOFF));
    }
    let mut pairs = Vec::new();
    for n0 in -span.x..=span.x {
        for n1 in -span.y..=span.y {
            for n2 in -span.z..=span.z {
                let shift = Vector3::new(n0, n1, n2);
                let r = cell.lattice * shift.map(f64::from);
                for i in 0..cell.len() {
                    for j in 0..cell.len() {
                        let vector = r + cell.cartesian(j) - cell.cartesian(i);
                        let d = vector.norm();
                        if d > 1e-6 && d <= cutoff {
                            pairs.push(Pair { i, j, cell: shift, vector });
                        }
                    }
                }
            }
        }
    }
    sort_by(&mut pairs, |a, b| {
        let by_distance = a.vector.norm().total_cmp(&b.vector.norm());
        by_distance.then_with(|| key(a).cmp(&key(b)))
    });
    Ok(pairs)
}

/// Distances of the shells of neighbours up to `reach`, Å, counted over all kinds of pairs.
pub fn shell_distances(crystal: &Crystal, reach: f64) -> Result<Vec<f64>> {
    let mut shells: Vec<f64> = Vec::new();
    for pair in pairs_within(crystal, reach)? {
        let d = pair.vector.norm();
        if shells.last().is_none_or(|s| d - s > SHELL_TOLERANCE) {
            shells.push(d);
        }
    }
    Ok(shells)
}

/// More pairs are not grouped within minutes.
const MOST_PAIRS: f64 = 2e5;

/// In no crystal are neighbours farther apart, Å.
const UNUSUAL: f64 = 8.0;

/// Refuses a cutoff on which rounding would decide whether a shell is in or out.
pub fn check_cutoff(crystal: &Crystal, cutoff: f64) -> Result<()> {
    if !(cutoff.is_finite() && cutoff > 0.0) {
        return Err(Error::value(format!("{cutoff} Å"), "a positive distance in Å").of(CUTOFF));
    }
    let density = crystal.n_atoms() as f64 / crystal.primitive.volume();
    let pairs = 4.0 / 3.0 * std::f64::consts::PI * cutoff.powi(3) * density * crystal.n_atoms() as f64;
    if pairs > MOST_PAIRS {
        let what = format!("{cutoff} Å takes in about {pairs:.1e} pairs of atoms");
        return Err(Error::value(what, format!("at most {MOST_PAIRS:.0e}")).of(CUTOFF));
    }
    let shells = shell_distances(crystal, cutoff + 2.0 * SHELL_TOLERANCE)?;
    if let Some(&shell) = shells.iter().find(|s| (**s - cutoff).abs() <= SHELL_TOLERANCE) {
        return Err(Error::CutoffOnShell { place: CUTOFF.into(), cutoff, shell });
    }
    if shells.is_empty() {
        // The shortest lattice vector is shorter than 1.13 ∛V.
        let reach = 1.2 * crystal.primitive.volume().cbrt();
        let nearest = shell_distances(crystal, reach)?.first().copied().unwrap_or(reach);
        let doubt = if nearest > UNUSUAL { " (are the lattice parameters in Å?)" } else { "" };
        let expected = format!("more than {nearest:.4} Å, the nearest-neighbour distance{doubt}");
        return Err(Error::value(format!("{cutoff} Å reaches no neighbour"), expected).of(CUTOFF));
    }
    Ok(())
}

/// Groups pairs into orbits, ordered by (atom pair, distance).
pub fn orbits(crystal: &Crystal, pairs: &[Pair]) -> Vec<Orbit> {
    let index: HashMap<Key, usize> = pairs.iter().enumerate().map(|(n, p)| (key(p), n)).collect();
    let mut done = vec![false; pairs.len()];
    let mut orbits = Vec::new();
    for seed in 0..pairs.len() {
        if done[seed] {
            continue;
        }
        let orbit_of_seed: Vec<usize> = images(crystal, &pairs[seed], &index).iter().map(|m| m.0).collect();
        let representative = orbit_of_seed
            .into_iter()
            .reduce(|a, b| if before(&pairs[b], &pairs[a]) { b } else { a })
            .unwrap_or(seed);
        let mut members: Vec<(usize, Matrix3<f64>, bool)> = Vec::new();
        let mut stabiliser = Vec::new();
        for (n, rotation, exchanged) in images(crystal, &pairs[representative], &index) {
            if n == representative {
                stabiliser.push((rotation, exchanged));
            }
            if !done[n] {
                done[n] = true;
                members.push((n, rotation, exchanged));
            }
        }
        orbits.push(Orbit {
            representative,
            members,
            stabiliser,
            distance: pairs[representative].vector.norm(),
        });
    }
    sort_by(&mut orbits, |a, b| {
        let (p, q) = (&pairs[a.representative], &pairs[b.representative]);
        let same_distance = (a.distance - b.distance).abs() < SHELL_TOLERANCE;
        (p.i, p.j).cmp(&(q.i, q.j)).then_with(|| {
            if same_distance { descending(&p.vector, &q.vector) } else { a.distance.total_cmp(&b.distance) }
        })
    });
    orbits
}

/// Images of a pair under all operations, exchanged and not.
fn images(crystal: &Crystal, pair: &Pair, index: &HashMap<Key, usize>) -> Vec<(usize, Matrix3<f64>, bool)> {
    let mut out = Vec::with_capacity(2 * crystal.operations.len());
    for op in &crystal.operations {
        let (i, ni) = op.images[pair.i];
        let (j, nj) = op.images[pair.j];
        let r = op.rotation * pair.cell + nj - ni;
        let mut push = |k: Key, exchanged| {
            if let Some(&n) = index.get(&k) {
                out.push((n, op.cartesian, exchanged));
            }
        };
        push((i, j, r.into()), false);
        push((j, i, (-r).into()), true);
    }
    out
}

/// Whether `a` is the better representative: lower atoms, then lexicographically larger vector,
/// which for cubic axes is h ≥ k ≥ l ≥ 0.
fn before(a: &Pair, b: &Pair) -> bool {
    (a.i, a.j).cmp(&(b.i, b.j)).then_with(|| descending(&a.vector, &b.vector)).is_lt()
}

fn descending(a: &Vector3<f64>, b: &Vector3<f64>) -> std::cmp::Ordering {
    for k in 0..3 {
        if (a[k] - b[k]).abs() > 1e-5 {
            return b[k].total_cmp(&a[k]);
        }
    }
    std::cmp::Ordering::Equal
}
