//! Standard paths through the Brillouin zone.

use nalgebra::Vector3;

use crate::crystal::Crystal;

/// A point of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathPoint {
    /// What it is called, “Γ”, “X” or “½ 0 ¼”.
    pub label: String,
    /// In reciprocal-lattice units of the input cell.
    pub hkl: Vector3<f64>,
    /// Whether a segment leads here from the point before; the first point of a path has none.
    pub joined: bool,
}

/// Lattices whose points have the names of Bouckaert, Smoluchowski & Wigner, Phys. Rev. 50 (1936) 58.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    FaceCentred,
    BodyCentred,
    Cubic,
    Hexagonal,
}

/// The lattice where the input cell is a conventional cubic or hexagonal one.
fn named_lattice(crystal: &Crystal) -> Option<Named> {
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
    match (cubic, hexagonal, copies) {
        (true, _, 4) => Some(Named::FaceCentred),
        (true, _, 2) => Some(Named::BodyCentred),
        (true, _, 1) => Some(Named::Cubic),
        (_, true, 1) => Some(Named::Hexagonal),
        _ => None,
    }
}

/// The path for the crystal's lattice when its input cell is a conventional cubic or hexagonal
/// one; otherwise from Γ to the faces of the primitive reciprocal cell.
pub fn standard_path(crystal: &Crystal) -> Vec<PathPoint> {
    let lattice = named_lattice(crystal);
    let third = 1.0 / 3.0;
    let points: &[(&'static str, [f64; 3])] = match lattice {
        Some(Named::FaceCentred) => &[
            ("Γ", [0.0, 0.0, 0.0]),
            ("X", [1.0, 0.0, 0.0]),
            ("K", [1.0, 0.25, 0.25]),
            ("Γ", [1.0, 1.0, 1.0]),
            ("L", [0.5, 0.5, 0.5]),
        ],
        Some(Named::BodyCentred) => &[
            ("Γ", [0.0, 0.0, 0.0]),
            ("H", [1.0, 0.0, 0.0]),
            ("P", [0.5, 0.5, 0.5]),
            ("Γ", [0.0, 0.0, 0.0]),
            ("N", [0.5, 0.5, 0.0]),
        ],
        Some(Named::Cubic) => &[
            ("Γ", [0.0, 0.0, 0.0]),
            ("X", [0.5, 0.0, 0.0]),
            ("M", [0.5, 0.5, 0.0]),
            ("Γ", [0.0, 0.0, 0.0]),
            ("R", [0.5, 0.5, 0.5]),
        ],
        Some(Named::Hexagonal) => &[
            ("Γ", [0.0, 0.0, 0.0]),
            ("K", [third, third, 0.0]),
            ("M", [0.5, 0.0, 0.0]),
            ("Γ", [0.0, 0.0, 0.0]),
            ("A", [0.0, 0.0, 0.5]),
        ],
        None => return to_zone_faces(crystal),
    };
    // Γ–X–K–Γ of fcc runs straight from X through K to the Γ of the next zone; the last leg of it
    // starts from that Γ, so that L is reached from the origin again.
    let mut path = Vec::new();
    for (n, (label, hkl)) in points.iter().enumerate() {
        if *label == "L" && lattice == Some(Named::FaceCentred) {
            path.push(gamma(false));
        }
        path.push(PathPoint { label: (*label).to_owned(), hkl: Vector3::from(*hkl), joined: n > 0 });
    }
    path
}

/// The points of the first zone that have names, each where it is usually written, in reciprocal-lattice units of the input
/// cell; of other lattices those that the standard path has.
pub fn named_points(crystal: &Crystal) -> Vec<(&'static str, Vector3<f64>)> {
    let third = 1.0 / 3.0;
    let points: &[(&'static str, [f64; 3])] = match named_lattice(crystal) {
        Some(Named::FaceCentred) => &[
            ("X", [1.0, 0.0, 0.0]),
            ("L", [0.5, 0.5, 0.5]),
            ("W", [1.0, 0.5, 0.0]),
            ("K", [0.75, 0.75, 0.0]),
            ("U", [1.0, 0.25, 0.25]),
        ],
        Some(Named::BodyCentred) => &[("H", [1.0, 0.0, 0.0]), ("P", [0.5, 0.5, 0.5]), ("N", [0.5, 0.5, 0.0])],
        Some(Named::Cubic) => &[("X", [0.5, 0.0, 0.0]), ("M", [0.5, 0.5, 0.0]), ("R", [0.5, 0.5, 0.5])],
        Some(Named::Hexagonal) => &[
            ("K", [third, third, 0.0]),
            ("M", [0.5, 0.0, 0.0]),
            ("A", [0.0, 0.0, 0.5]),
            ("H", [third, third, 0.5]),
            ("L", [0.5, 0.0, 0.5]),
        ],
        None => &[],
    };
    let mut all = vec![("Γ", Vector3::zeros())];
    all.extend(points.iter().map(|(label, hkl)| (*label, Vector3::from(*hkl))));
    if points.is_empty() {
        all.extend(halves(crystal));
    }
    all
}

fn gamma(joined: bool) -> PathPoint {
    PathPoint { label: "Γ".to_owned(), hkl: Vector3::zeros(), joined }
}

fn to_zone_faces(crystal: &Crystal) -> Vec<PathPoint> {
    let mut path = Vec::new();
    for (n, (label, hkl)) in halves(crystal).into_iter().enumerate() {
        if n != 1 {
            path.push(gamma(false));
        }
        path.push(PathPoint { label: label.to_owned(), hkl, joined: true });
        if n == 0 {
            path.push(gamma(true));
        }
    }
    path
}

/// Half of each primitive reciprocal vector, in reciprocal-lattice units of the input cell.
fn halves(crystal: &Crystal) -> [(&'static str, Vector3<f64>); 3] {
    // hkl of the input cell = (Pᵀ)⁻¹ · primitive indices.
    let to_input =
        crystal.primitive_in_input.transpose().try_inverse().unwrap_or_else(nalgebra::Matrix3::identity);
    [("a*/2", Vector3::x()), ("b*/2", Vector3::y()), ("c*/2", Vector3::z())]
        .map(|(label, axis)| (label, to_input * axis * 0.5))
}
