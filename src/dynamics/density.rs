//! The density of states g(ν) by the linear tetrahedron method.
//!
//! Frequencies on a mesh through Γ in the primitive reciprocal cell, whose pieces are divided into six tetrahedra each along
//! the shortest of their diagonals (Blöchl, Jepsen & Andersen, Phys. Rev. B 49 (1994) 16223). In each, ν is linear between
//! its corners; the number of states below a frequency is then a cubic polynomial between them (Lehmann & Taut, phys. stat.
//! sol. (b) 54 (1972) 469). Densities are means over intervals, differences of that number: what is between the ends of all
//! is 3n, whatever the mesh.

use std::ops::Range;

use nalgebra::{Matrix3, Vector3};

use super::frequencies;
use crate::base::order::sort_floats;
use crate::base::parallel::Pool;
use crate::crystal::Crystal;
use crate::ifc::ForceConstants;

/// Wave vectors of which frequencies are computed, and of the whole mesh, at most where no mesh is given.
const MOST_COMPUTED: f64 = 1500.0;
const MOST_POINTS: f64 = 50_000.0;
/// Operations that all of them may take, with d³ for the d × d matrix of one.
const MOST_WORK: f64 = 4e6;
/// Fewer along an axis make no mesh.
const LEAST: usize = 8;

/// Even numbers of points along the primitive reciprocal axes, as many as their lengths are to each other.
pub fn mesh_for(crystal: &Crystal) -> [usize; 3] {
    let d = 3.0 * crystal.n_atoms() as f64;
    let computed = (MOST_WORK / d.powi(3)).clamp(50.0, MOST_COMPUTED);
    let inverted = crystal.operations.iter().any(|op| op.rotation == -Matrix3::identity());
    let images = crystal.operations.len() * if inverted { 1 } else { 2 };
    let points = (computed * images as f64).min(MOST_POINTS);
    let reciprocal = crystal.primitive.reciprocal();
    let lengths: [f64; 3] = std::array::from_fn(|k| reciprocal.column(k).norm());
    let scale = (points / lengths.iter().product::<f64>()).cbrt();
    // Axes that symmetry makes equal have lengths that rounding does not tell apart.
    lengths.map(|length| 2 * ((0.5 * (length * scale + 1e-6)).round() as usize).max(LEAST / 2))
}

/// Frequencies on a mesh.
#[derive(Debug, Clone)]
pub struct Levels {
    /// Points along the primitive reciprocal axes.
    pub mesh: [usize; 3],
    /// Frequencies of each wave vector that is no image of another one, THz, ascending; imaginary ones are negative.
    pub levels: Vec<Vec<f64>>,
    /// Which of these each point of the mesh has, the third index running fastest.
    pub index: Vec<u32>,
    /// The corner of a piece, as bits, from which its shortest diagonal starts.
    flip: usize,
}

/// g(ν) in intervals of equal width.
#[derive(Debug, Clone, PartialEq)]
pub struct Density {
    /// THz: where the first interval begins.
    pub from: f64,
    /// THz: width of an interval.
    pub step: f64,
    /// Modes per THz and primitive cell, the mean over each interval.
    pub values: Vec<f64>,
}

impl Levels {
    /// The levels on a mesh. Masses and constants have the symmetry of the crystal.
    pub async fn new(pool: &Pool, crystal: &Crystal, fc: &ForceConstants, mesh: [usize; 3]) -> Self {
        let (first, index) = orbits(crystal, mesh);
        let reciprocal = crystal.primitive.reciprocal();
        let masses = &crystal.primitive.masses;
        let d = 3 * fc.n_atoms;
        let cost = (30 * d.pow(3) + 50 * fc.pairs.len()) as f64;
        let work = |range: Range<usize>| -> Vec<f64> {
            let at = |n: usize| frequencies(fc, masses, &(reciprocal * fraction(first[n], mesh)));
            range.flat_map(at).collect()
        };
        let parts = pool.ranges(first.len(), cost, &work).await;
        let levels = parts.concat().chunks(d.max(1)).map(<[f64]>::to_vec).collect();
        Levels { mesh, levels, index, flip: shortest_diagonal(&reciprocal, mesh) }
    }

    /// Frequencies of point `n` of the mesh.
    pub fn at(&self, n: usize) -> &[f64] {
        &self.levels[self.index[n] as usize]
    }

    /// The lowest and the highest frequency on the mesh, THz.
    pub fn ends(&self) -> (f64, f64) {
        let all = || self.levels.iter().flatten().copied();
        (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max))
    }

    /// Number of modes below a frequency, per primitive cell.
    pub fn below(&self, frequency: f64) -> f64 {
        let mut sum = 0.0;
        self.tetrahedra(1, &mut |corners| sum += share_below(corners, frequency));
        sum / self.tetrahedra_of(1)
    }

    /// g(ν) from the lowest frequency, or zero, to the highest, in `n` intervals.
    pub fn density(&self, n: usize) -> Density {
        self.on(1, n)
    }

    /// Half of ∫|g − g′|dν over the number of modes, where g′ is that of every second point along each axis: an upper bound of
    /// what a finer mesh would still move, as a part of all modes. `None` where the mesh has an odd number along an axis.
    pub fn unsettled(&self, n: usize) -> Option<f64> {
        if self.mesh.iter().any(|n| n % 2 == 1) {
            return None;
        }
        let (fine, coarse) = (self.on(1, n), self.on(2, n));
        let apart: f64 = fine.values.iter().zip(&coarse.values).map(|(a, b)| (a - b).abs()).sum();
        let modes: f64 = fine.values.iter().sum();
        Some(0.5 * apart / modes)
    }

    fn on(&self, stride: usize, n: usize) -> Density {
        let (lowest, highest) = self.ends();
        let from = lowest.min(0.0);
        let step = ((highest - from) / n as f64).max(1e-9);
        let mut counts = vec![0.0; n];
        self.tetrahedra(stride, &mut |corners| spread(corners, from, step, &mut counts));
        let unit = self.tetrahedra_of(stride) * step;
        Density { from, step, values: counts.into_iter().map(|c| c / unit).collect() }
    }

    /// Hands ν at the corners of every tetrahedron, ascending, branch by branch, to `each`.
    fn tetrahedra(&self, stride: usize, each: &mut dyn FnMut([f64; 4])) {
        let [nx, ny, nz] = self.mesh;
        let wrapped = |at: usize, n: usize| if at >= n { at - n } else { at };
        for x in (0..nx).step_by(stride) {
            for y in (0..ny).step_by(stride) {
                for z in (0..nz).step_by(stride) {
                    let corners: [&[f64]; 8] = std::array::from_fn(|bits| {
                        let along = |axis: usize| stride * (bits >> axis & 1);
                        let (x, y, z) =
                            (wrapped(x + along(0), nx), wrapped(y + along(1), ny), wrapped(z + along(2), nz));
                        self.at((x * ny + y) * nz + z)
                    });
                    for [a, b] in [[1, 2], [1, 4], [2, 1], [2, 4], [4, 1], [4, 2]] {
                        let path = [0, a, a | b, 7].map(|bits: usize| corners[bits ^ self.flip]);
                        for branch in 0..path[0].len() {
                            let mut levels = path.map(|corner| corner[branch]);
                            sort_floats(&mut levels);
                            each(levels);
                        }
                    }
                }
            }
        }
    }

    /// Tetrahedra of the whole cell.
    fn tetrahedra_of(&self, stride: usize) -> f64 {
        6.0 * self.mesh.iter().map(|n| (n / stride) as f64).product::<f64>()
    }
}

/// The part of a tetrahedron below a frequency (Lehmann & Taut); the frequencies of its corners ascend.
fn share_below([e1, e2, e3, e4]: [f64; 4], e: f64) -> f64 {
    if e >= e4 {
        1.0
    } else if e < e1 {
        0.0
    } else if e < e2 {
        (e - e1).powi(3) / ((e2 - e1) * (e3 - e1) * (e4 - e1))
    } else if e < e3 {
        let (a, x) = (e2 - e1, e - e2);
        let bend = (e3 - e1 + e4 - e2) / ((e3 - e2) * (e4 - e2));
        (a * a + 3.0 * a * x + 3.0 * x * x - bend * x.powi(3)) / ((e3 - e1) * (e4 - e1))
    } else {
        1.0 - (e4 - e).powi(3) / ((e4 - e1) * (e4 - e2) * (e4 - e3))
    }
}

/// Adds the parts of a tetrahedron in the intervals that it reaches.
fn spread(corners: [f64; 4], from: f64, step: f64, counts: &mut [f64]) {
    let last = counts.len() - 1;
    let place = |e: f64| (((e - from) / step) as usize).min(last);
    let (low, high) = (place(corners[0]), place(corners[3]));
    let mut before = 0.0;
    for n in low..high {
        let now = share_below(corners, from + step * (n + 1) as f64);
        counts[n] += now - before;
        before = now;
    }
    counts[high] += 1.0 - before;
}

/// A point of the mesh in units of the primitive reciprocal vectors, each component from −½ to ½.
fn fraction(point: [usize; 3], mesh: [usize; 3]) -> Vector3<f64> {
    Vector3::from_fn(|k, _| {
        let (m, n) = (point[k] as i64, mesh[k] as i64);
        (if 2 * m > n { m - n } else { m }) as f64 / n as f64
    })
}

/// The points of a mesh that stand for all by symmetry and time reversal, and which stands for each.
fn orbits(crystal: &Crystal, mesh: [usize; 3]) -> (Vec<[usize; 3]>, Vec<u32>) {
    let (n, turns) = (mesh.map(|n| n as i64), crystal.turns_of_mesh(mesh));
    let [nx, ny, nz] = mesh;
    let number = |p: Vector3<i64>| -> usize {
        let [x, y, z]: [usize; 3] = std::array::from_fn(|k| p[k].rem_euclid(n[k]) as usize);
        (x * ny + y) * nz + z
    };
    let mut index = vec![u32::MAX; nx * ny * nz];
    let mut first = Vec::new();
    for at in 0..index.len() {
        if index[at] != u32::MAX {
            continue;
        }
        let point = [at / (ny * nz), at / nz % ny, at % nz];
        let own = first.len() as u32;
        first.push(point);
        index[at] = own;
        let p = Vector3::from(point.map(|m| m as i64));
        for turn in &turns {
            let image = turn * p;
            index[number(image)] = own;
            index[number(-image)] = own;
        }
    }
    (first, index)
}

/// The corner, as bits, from which the shortest diagonal of a piece of the mesh starts.
fn shortest_diagonal(reciprocal: &Matrix3<f64>, mesh: [usize; 3]) -> usize {
    let length = |flip: usize| {
        let along = |k: usize| {
            let sign = if flip >> k & 1 == 1 { -1.0 } else { 1.0 };
            reciprocal.column(k) * (sign / mesh[k] as f64)
        };
        (along(0) + along(1) + along(2)).norm()
    };
    // Of equal ones the first.
    [0, 1, 2, 4]
        .into_iter()
        .fold(0, |best, flip| if length(flip) < length(best) * (1.0 - 1e-9) { flip } else { best })
}
