//! Standard paths through the Brillouin zone.

use nalgebra::Vector3;

use crate::crystal::Crystal;

/// A named point of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathPoint {
    /// Its name, “Γ” or “X”.
    pub label: &'static str,
    /// In reciprocal-lattice units of the input cell.
    pub hkl: Vector3<f64>,
    /// Whether a segment leads here from the point before; the first point of a path has none.
    pub joined: bool,
}

/// The path for the crystal's lattice when its input cell is a conventional cubic or hexagonal
/// one; otherwise from Γ to the faces of the primitive reciprocal cell.
pub fn standard_path(crystal: &Crystal) -> Vec<PathPoint> {
    let cell = &crystal.input;
    let length = |k: usize| cell.lattice.column(k).norm();
    let cosine =
        |i: usize, j: usize| cell.lattice.column(i).dot(&cell.lattice.column(j)) / (length(i) * length(j));
    let equal = |x: f64, y: f64| (x - y).abs() < 1e-4 * x.abs().max(y.abs()).max(1.0);
    let orthogonal = [(0, 1), (0, 2), (1, 2)].iter().all(|&(i, j)| equal(cosine(i, j), 0.0));
    let cubic = orthogonal && equal(length(0), length(1)) && equal(length(1), length(2));
    let hexagonal = equal(cosine(0, 1), -0.5)
        && equal(cosine(0, 2), 0.0)
        && equal(cosine(1, 2), 0.0)
        && equal(length(0), length(1));
    let copies = (1.0 / crystal.primitive_in_input.determinant().abs()).round() as usize;
    let third = 1.0 / 3.0;
    let points: &[(&'static str, [f64; 3])] = match (cubic, hexagonal, copies) {
        (true, _, 4) => &[
            ("Γ", [0.0, 0.0, 0.0]),
            ("X", [1.0, 0.0, 0.0]),
            ("K", [1.0, 0.25, 0.25]),
            ("Γ", [1.0, 1.0, 1.0]),
            ("L", [0.5, 0.5, 0.5]),
        ],
        (true, _, 2) => &[
            ("Γ", [0.0, 0.0, 0.0]),
            ("H", [1.0, 0.0, 0.0]),
            ("P", [0.5, 0.5, 0.5]),
            ("Γ", [0.0, 0.0, 0.0]),
            ("N", [0.5, 0.5, 0.0]),
        ],
        (true, _, 1) => &[
            ("Γ", [0.0, 0.0, 0.0]),
            ("X", [0.5, 0.0, 0.0]),
            ("M", [0.5, 0.5, 0.0]),
            ("Γ", [0.0, 0.0, 0.0]),
            ("R", [0.5, 0.5, 0.5]),
        ],
        (_, true, 1) => &[
            ("Γ", [0.0, 0.0, 0.0]),
            ("K", [third, third, 0.0]),
            ("M", [0.5, 0.0, 0.0]),
            ("Γ", [0.0, 0.0, 0.0]),
            ("A", [0.0, 0.0, 0.5]),
        ],
        _ => return to_zone_faces(crystal),
    };
    // Γ–X–K–Γ of fcc runs straight from X through K to the Γ of the next zone; the last leg of it
    // starts from that Γ, so that L is reached from the origin again.
    let mut path = Vec::new();
    for (n, (label, hkl)) in points.iter().enumerate() {
        if *label == "L" && copies == 4 {
            path.push(PathPoint { label: "Γ", hkl: Vector3::zeros(), joined: false });
        }
        path.push(PathPoint { label, hkl: Vector3::from(*hkl), joined: n > 0 });
    }
    path
}

fn to_zone_faces(crystal: &Crystal) -> Vec<PathPoint> {
    // hkl of the input cell = (Pᵀ)⁻¹ · primitive indices.
    let to_input =
        crystal.primitive_in_input.transpose().try_inverse().unwrap_or_else(nalgebra::Matrix3::identity);
    let mut path = Vec::new();
    let axes = [("a*/2", Vector3::x()), ("b*/2", Vector3::y()), ("c*/2", Vector3::z())];
    for (n, (label, axis)) in axes.into_iter().enumerate() {
        if n != 1 {
            path.push(PathPoint { label: "Γ", hkl: Vector3::zeros(), joined: false });
        }
        path.push(PathPoint { label, hkl: to_input * axis * 0.5, joined: true });
        if n == 0 {
            path.push(PathPoint { label: "Γ", hkl: Vector3::zeros(), joined: true });
        }
    }
    path
}
