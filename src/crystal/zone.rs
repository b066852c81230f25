//! The first Brillouin zone of any lattice: the Wigner–Seitz cell of the reciprocal lattice.
//!
//! The reciprocal vectors are first made obtuse to each other (Selling 1874; Delaunay 1933). Of such a set, which adds up to
//! zero, only sums of one, two or three vectors have planes that touch the cell (Voronoi 1908): half-spaces of 14 planes at
//! most are intersected, whatever the lattice.

use nalgebra::{Matrix3, Vector3};

use crate::base::order::sort_by;

/// Corners this near each other, in units of the shortest reciprocal vector, are one.
const SAME: f64 = 1e-10;
/// No lattice needs more steps to become obtuse; what is not by then is by rounding.
const MOST_STEPS: usize = 1000;

/// A convex polyhedron around Γ.
#[derive(Debug, Clone, PartialEq)]
pub struct BrillouinZone {
    /// Corners, Cartesian, Å⁻¹.
    pub corners: Vec<Vector3<f64>>,
    /// Its faces.
    pub faces: Vec<ZoneFace>,
}

/// A face of the zone: all points of it are as near to Γ as to one other reciprocal-lattice point.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneFace {
    /// That point, Cartesian, Å⁻¹; half of it is the middle of the face.
    pub vector: Vector3<f64>,
    /// Numbers of its corners, counter-clockwise as seen from outside.
    pub corners: Vec<usize>,
}

impl BrillouinZone {
    /// The zone of a lattice with the vectors `reciprocal` (columns, Å⁻¹).
    pub fn new(reciprocal: &Matrix3<f64>) -> Self {
        let vectors = facing(reciprocal);
        let unit = vectors.iter().map(Vector3::norm).fold(f64::INFINITY, f64::min);
        let mut corners: Vec<Vector3<f64>> = Vec::new();
        for corner in meeting(&vectors) {
            let inside =
                vectors.iter().all(|g| corner.dot(g) <= 0.5 * g.norm_squared() + SAME * unit * g.norm());
            if inside && corners.iter().all(|known| (known - corner).norm() > SAME * unit) {
                corners.push(corner);
            }
        }
        let faces = vectors.iter().filter_map(|g| face(*g, &corners, SAME * unit)).collect();
        BrillouinZone { corners, faces }
    }

    /// Å⁻³: that of the reciprocal cell, (2π)³ over the volume of the primitive cell.
    pub fn volume(&self) -> f64 {
        let pyramid = |face: &ZoneFace| -> f64 {
            let at = |n: usize| self.corners[face.corners[n]];
            (2..face.corners.len()).map(|n| at(0).dot(&at(n - 1).cross(&at(n))).abs() / 6.0).sum()
        };
        self.faces.iter().map(pyramid).sum()
    }

    /// Both corners of each edge, the smaller number first.
    pub fn edges(&self) -> Vec<[usize; 2]> {
        let mut edges: Vec<[usize; 2]> = Vec::new();
        for face in &self.faces {
            for (n, &a) in face.corners.iter().enumerate() {
                let b = face.corners[(n + 1) % face.corners.len()];
                let edge = [a.min(b), a.max(b)];
                if !edges.contains(&edge) {
                    edges.push(edge);
                }
            }
        }
        edges
    }
}

/// The reciprocal vectors whose planes can touch the zone.
fn facing(reciprocal: &Matrix3<f64>) -> Vec<Vector3<f64>> {
    let mut b: Vec<Vector3<f64>> = reciprocal.column_iter().map(|column| column.into_owned()).collect();
    b.push(-(b[0] + b[1] + b[2]));
    let scale = b.iter().map(Vector3::norm_squared).fold(0.0, f64::max);
    for _ in 0..MOST_STEPS {
        let pairs = (0..4).flat_map(|i| (0..i).map(move |j| (i, j)));
        let Some((i, j)) = pairs.into_iter().find(|&(i, j)| b[i].dot(&b[j]) > 1e-14 * scale) else { break };
        let turned = b[i];
        for k in 0..4 {
            if k == i {
                b[k] = -turned;
            } else if k != j {
                b[k] += turned;
            }
        }
    }
    let sums = [b[0], b[1], b[2], b[3], b[0] + b[1], b[0] + b[2], b[1] + b[2]];
    sums.into_iter().flat_map(|g| [g, -g]).collect()
}

/// Where three planes meet, the triples that meet at the widest angles first.
fn meeting(vectors: &[Vector3<f64>]) -> Vec<Vector3<f64>> {
    let mut found: Vec<(f64, Vector3<f64>)> = Vec::new();
    for i in 0..vectors.len() {
        for j in 0..i {
            for k in 0..j {
                let [a, b, c] = [vectors[i], vectors[j], vectors[k]];
                let rows = Matrix3::from_rows(&[a.transpose(), b.transpose(), c.transpose()]);
                let wide = rows.determinant().abs() / (a.norm() * b.norm() * c.norm());
                let halves = Vector3::new(a.norm_squared(), b.norm_squared(), c.norm_squared()) * 0.5;
                if let Some(inverse) = rows.try_inverse().filter(|_| wide > 1e-9) {
                    found.push((wide, inverse * halves));
                }
            }
        }
    }
    sort_by(&mut found, |a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, corner)| corner).collect()
}

/// The face before `vector`, if the zone has one there.
fn face(vector: Vector3<f64>, corners: &[Vector3<f64>], same: f64) -> Option<ZoneFace> {
    let normal = vector.normalize();
    let on = |n: &usize| (corners[*n].dot(&normal) - 0.5 * vector.norm()).abs() <= 10.0 * same;
    let mut around: Vec<usize> = (0..corners.len()).filter(on).collect();
    if around.len() < 3 {
        return None;
    }
    let middle = vector * 0.5;
    let across = (corners[around[0]] - middle).normalize();
    let up = normal.cross(&across);
    let angle = |n: usize| {
        let from = corners[n] - middle;
        from.dot(&up).atan2(from.dot(&across))
    };
    sort_by(&mut around, |a, b| angle(*a).total_cmp(&angle(*b)));
    Some(ZoneFace { vector, corners: around })
}
