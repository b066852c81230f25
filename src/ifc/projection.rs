//! Full force constants: from a supercell as other programs store them, and their projection onto
//! the irreducible constants.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector, Matrix3, Vector3};

use super::DipoleDipole;
use super::irreducible::IrreducibleBasis;
use super::linear::{ForceConstants, PairTerm};
use super::pairs::Orbit;
use super::supercell::SupercellForceConstants;
use crate::crystal::Crystal;
use crate::{Error, Result};

/// Irreducible constants closest to given force constants.
#[derive(Debug, Clone)]
pub struct Projection {
    /// eV/Å², in the order of the basis.
    pub theta: Vec<f64>,
    /// What the irreducible constants cannot represent, √(Σ|ΔΦ|² / Σ|Φ|²) over all pairs of
    /// different atoms, those beyond the cutoff included.
    pub relative_residual: f64,
    /// Largest element of ΔΦ, eV/Å².
    pub largest_residual: f64,
}

impl IrreducibleBasis {
    /// Least-squares projection of full force constants.
    pub fn project(&self, full: &ForceConstants) -> Projection {
        let n = self.len();
        let mut normal = DMatrix::zeros(n, n);
        let mut rhs = DVector::zeros(n);
        let find = |i: usize, j: usize, v: &Vector3<f64>| {
            full.pairs.iter().find(|p| p.0 == i && p.1 == j && (p.3 - v).norm() < 1e-3).map(|p| p.4)
        };
        let between = self.family.terms.iter().filter(|t| t.vector.norm() > 1e-6);
        let mut matched = Vec::new();
        for term in between {
            let phi = find(term.i, term.j, &term.vector).unwrap_or_else(Matrix3::zeros);
            for (p, a) in &term.blocks {
                rhs[*p] += a.dot(&phi);
                for (q, b) in &term.blocks {
                    normal[(*p, *q)] += a.dot(b);
                }
            }
            matched.push((term, phi));
        }
        // The blocks are linearly independent by construction, so the normal matrix is definite.
        let theta: Vec<f64> = match normal.cholesky() {
            Some(c) => c.solve(&rhs).iter().copied().collect(),
            None => vec![0.0; n],
        };
        let norm = |m: &Matrix3<f64>| m.norm_squared();
        let others = || full.pairs.iter().filter(|p| p.3.norm() > 1e-6);
        let total: f64 = others().map(|p| norm(&p.4)).sum();
        let (mut missed, mut largest) = (0.0, 0.0_f64);
        let mut seen = 0.0;
        for (term, phi) in &matched {
            let model = term.blocks.iter().fold(Matrix3::zeros(), |sum, (p, b)| sum + b * theta[*p]);
            missed += norm(&(phi - model));
            largest = largest.max((phi - model).amax());
            seen += norm(phi);
        }
        for p in others().filter(|p| p.3.norm() > self.cutoff) {
            largest = largest.max(p.4.amax());
        }
        let relative_residual = ((missed + (total - seen).max(0.0)) / total.max(f64::MIN_POSITIVE)).sqrt();
        Projection { theta, relative_residual, largest_residual: largest }
    }
}

impl ForceConstants {
    /// By how much constants of pairs that symmetry makes equivalent differ, as a part of the largest one: of each two atoms
    /// the pair with the largest constants against its images. Those of a calculation without symmetry differ by a hundredth.
    pub fn asymmetry(&self, crystal: &Crystal) -> f64 {
        let apart = || self.pairs.iter().filter(|p| p.3.norm() > 1e-6);
        let largest = apart().map(|p| p.4.amax()).fold(0.0, f64::max);
        let mut worst = 0.0_f64;
        for (i, j) in (0..self.n_atoms * self.n_atoms).map(|k| (k / self.n_atoms, k % self.n_atoms)) {
            let of_these = apart().filter(|p| (p.0, p.1) == (i, j));
            let Some(pair) = of_these.max_by(|a, b| a.4.amax().total_cmp(&b.4.amax())) else { continue };
            for op in &crystal.operations {
                let [(first, from), (second, to)] = [op.images[i], op.images[j]];
                let cell = op.rotation * pair.2 + to - from;
                let image = self.pairs.iter().find(|p| (p.0, p.1, p.2) == (first, second, cell));
                let turned = op.cartesian * pair.4 * op.cartesian.transpose();
                worst = worst.max(image.map_or(0.0, |image| (image.4 - turned).amax()));
            }
        }
        worst / largest.max(f64::MIN_POSITIVE)
    }
}

/// The pair of an orbit whose matrix elements its labels name.
#[derive(Debug, Clone)]
pub struct Representative {
    /// First atom, in cell 0.
    pub i: usize,
    /// Second atom.
    pub j: usize,
    /// Its cell.
    pub cell: Vector3<i32>,
}

impl IrreducibleBasis {
    /// One pair of each orbit.
    pub fn representatives(&self) -> Vec<Representative> {
        let of = |orbit: &Orbit| {
            let pair = &self.pairs[orbit.representative];
            Representative { i: pair.i, j: pair.j, cell: pair.cell }
        };
        self.orbits.iter().map(of).collect()
    }

    /// The least-squares projection of symmetric force constants given at the representatives: θ by their elements, of each
    /// orbit nine, row by row.
    pub fn from_representatives(&self) -> DMatrix<f64> {
        let n = self.len();
        let mut normal = DMatrix::zeros(n, n);
        let mut rows = DMatrix::zeros(n, 9 * self.orbits.len());
        for (o, orbit) in self.orbits.iter().enumerate() {
            let pair = &self.pairs[orbit.representative];
            let same = |t: &&PairTerm| t.i == pair.i && t.j == pair.j && t.cell == pair.cell;
            let Some(term) = self.family.terms.iter().find(same) else { continue };
            // The images of a pair have the same elements, turned.
            let weight = orbit.members.len() as f64;
            for (p, a) in &term.blocks {
                for k in 0..9 {
                    rows[(*p, 9 * o + k)] += weight * a[(k / 3, k % 3)];
                }
                for (q, b) in &term.blocks {
                    normal[(*p, *q)] += weight * a.dot(b);
                }
            }
        }
        normal.cholesky().map_or_else(|| DMatrix::zeros(n, rows.ncols()), |c| c.solve(&rows))
    }
}

impl IrreducibleBasis {
    /// The derivatives to force constants of a function of their projection ([`IrreducibleBasis::project`]), whose
    /// derivatives to θ are `slopes`.
    pub fn pulled_through_projection(&self, slopes: &[f64]) -> Vec<PairSlopes> {
        let n = self.len();
        let mut normal = DMatrix::zeros(n, n);
        let between = || self.family.terms.iter().filter(|t| t.vector.norm() > 1e-6);
        for (p, a, q, b) in between().flat_map(|t| {
            t.blocks.iter().flat_map(|(p, a)| t.blocks.iter().map(move |(q, b)| (*p, a, *q, b)))
        }) {
            normal[(p, q)] += a.dot(b);
        }
        let slopes = DVector::from_column_slice(slopes);
        let solved = normal.cholesky().map_or_else(|| DVector::zeros(n), |c| c.solve(&slopes));
        let of = |t: &PairTerm| {
            let block = t.blocks.iter().fold(Matrix3::zeros(), |sum, (p, a)| sum + a * solved[*p]);
            (t.i, t.j, t.vector, block)
        };
        between().map(of).collect()
    }
}

/// Å: atoms of a supercell are copies of those of the crystal that they are nearer to than this.
const SAME_PLACE: f64 = 0.05;

/// Force constants of the primitive cell from those of a supercell. Each partner atom is placed at
/// its nearest periodic image; when several are equally near they share Φ, as in phonopy. The dipole–dipole part of a polar
/// crystal, which the supercell holds up to its own period, is taken off first and goes with the constants as it is.
///
/// # Errors
/// A supercell that is not made of the crystal's primitive cells, or rows that miss an atom.
pub fn from_supercell(
    crystal: &Crystal,
    full: &SupercellForceConstants,
    dipoles: Option<&Arc<DipoleDipole>>,
) -> Result<ForceConstants> {
    let dipoles = dipoles.filter(|_| cfg!(feature = "polar"));
    let copies = copies(crystal, full)?;
    let in_supercell = dipoles.map(|part| part.in_supercell(&copies.lattice));
    let mut pairs = Vec::new();
    for place in copies.places(crystal, full)? {
        let mut phi = full.phi[place.at];
        if let Some(part) = &in_supercell {
            phi -= part.between(place.i, place.j, &place.apart);
        }
        let share = phi / place.images.len() as f64;
        pairs.extend(place.images.into_iter().map(|(cell, exact)| (place.i, place.j, cell, exact, share)));
    }
    Ok(ForceConstants {
        n_atoms: crystal.primitive.len(),
        lattice: crystal.primitive.lattice,
        pairs,
        dipoles: dipoles.cloned(),
    })
}

/// ∂f/∂Φ(R) of a function of the force constants: (first atom, second atom, R + τ_j − τ_i in Å, derivative).
pub type PairSlopes = (usize, usize, Vector3<f64>, Matrix3<f64>);

/// The derivatives to force constants of a supercell of a function of those that [`from_supercell`] makes of them.
///
/// # Errors
/// As [`from_supercell`].
pub fn supercell_slopes(
    crystal: &Crystal,
    full: &SupercellForceConstants,
    slopes: &[PairSlopes],
) -> Result<Vec<Matrix3<f64>>> {
    let mut out = vec![Matrix3::zeros(); full.phi.len()];
    for place in copies(crystal, full)?.places(crystal, full)? {
        let share = 1.0 / place.images.len() as f64;
        for (_, exact) in place.images {
            let same = |s: &&PairSlopes| s.0 == place.i && s.1 == place.j && (s.2 - exact).norm() < 1e-3;
            if let Some(found) = slopes.iter().find(same) {
                out[place.at] += found.3 * share;
            }
        }
    }
    Ok(out)
}

/// Which atoms of a supercell are copies of which of the primitive cell, and where they stand.
struct Copies {
    lattice: Matrix3<f64>,
    to_primitive: Matrix3<f64>,
    of: Vec<(usize, Vector3<f64>)>,
}

/// A block of a supercell's force constants.
struct BlockPlace {
    /// Its number.
    at: usize,
    i: usize,
    j: usize,
    /// From the first atom to the second as they stand in the supercell, Å.
    apart: Vector3<f64>,
    /// Cells of the second atom where it is nearest, with R + τ_j − τ_i.
    images: Vec<(Vector3<i32>, Vector3<f64>)>,
}

fn copies(crystal: &Crystal, full: &SupercellForceConstants) -> Result<Copies> {
    let primitive = &crystal.primitive;
    let to_primitive = primitive
        .lattice
        .try_inverse()
        .ok_or_else(|| Error::Symmetry { what: "the lattice vectors lie in one plane".into() })?;
    let supercell = &full.supercell;
    let foreign = || Error::Symmetry {
        what: "the supercell of the force constants is not made of this crystal's primitive cells".into(),
    };
    // The supercell of this crystal: that of the file may be rounded, or from before the crystal was made symmetric.
    let cells = to_primitive * supercell.lattice;
    let lattice = primitive.lattice * cells.map(f64::round);
    if (lattice - supercell.lattice).amax() > SAME_PLACE || lattice.determinant() == 0.0 {
        return Err(foreign());
    }
    // Which primitive atom each supercell atom is a copy of, and where it stands.
    let origin_of = |n: usize| {
        let position = to_primitive * supercell.cartesian(n);
        (0..primitive.len()).find_map(|s| {
            let shift = position - primitive.positions[s];
            let cell = shift.map(f64::round);
            let near = (primitive.lattice * (shift - cell)).norm() < SAME_PLACE;
            (supercell.symbols[n] == primitive.symbols[s] && near)
                .then(|| (s, primitive.lattice * (cell + primitive.positions[s])))
        })
    };
    let copies =
        (0..supercell.len()).map(|n| origin_of(n).ok_or_else(foreign)).collect::<Result<Vec<_>>>()?;
    Ok(Copies { lattice, to_primitive, of: copies })
}

impl Copies {
    /// All blocks that force constants are taken from.
    fn places(&self, crystal: &Crystal, full: &SupercellForceConstants) -> Result<Vec<BlockPlace>> {
        let Copies { lattice, to_primitive, of } = self;
        let (primitive, n_columns) = (&crystal.primitive, full.supercell.len());
        let mut out = vec![];
        for i in 0..primitive.len() {
            let row = full.rows.iter().position(|&n| of[n].0 == i).ok_or_else(|| Error::Symmetry {
                what: format!("the force constants have no row for atom {} of the primitive cell", i + 1),
            })?;
            let origin = of[full.rows[row]].1;
            for (n, &(j, place)) in of.iter().enumerate() {
                let apart = place - origin;
                let exact = |vector: Vector3<f64>| {
                    let cell = to_primitive * (vector + primitive.cartesian(i) - primitive.cartesian(j));
                    let cell = cell.map(|x| x.round() as i32);
                    let r = primitive.lattice * cell.map(f64::from);
                    (cell, r + primitive.cartesian(j) - primitive.cartesian(i))
                };
                let images = nearest_images(lattice, &apart).into_iter().map(exact).collect();
                out.push(BlockPlace { at: row * n_columns + n, i, j, apart, images });
            }
        }
        Ok(out)
    }
}

/// The shortest vectors equivalent to `v` under the lattice, all that tie within 1e-5 Å.
pub(super) fn nearest_images(lattice: &Matrix3<f64>, v: &Vector3<f64>) -> Vec<Vector3<f64>> {
    let inverse = lattice.try_inverse().unwrap_or_else(Matrix3::identity);
    let frac = inverse * v;
    let reduced = frac.map(|x| x - x.round());
    let start = (lattice * reduced).norm();
    // Any image no longer than `start` has |n_k| ≤ (start + |v|)·|a*_k|.
    let span = Vector3::from_fn(|k, _| (2.0 * start * inverse.row(k).norm()).ceil() as i32 + 1);
    let mut found: Vec<(f64, Vector3<f64>)> = Vec::new();
    for a in -span.x..=span.x {
        for b in -span.y..=span.y {
            for c in -span.z..=span.z {
                let w = lattice * (reduced + Vector3::new(f64::from(a), f64::from(b), f64::from(c)));
                if w.norm() <= start + 1e-5 {
                    found.push((w.norm(), w));
                }
            }
        }
    }
    let shortest = found.iter().map(|f| f.0).fold(f64::INFINITY, f64::min);
    found.into_iter().filter(|f| f.0 < shortest + 1e-5).map(|f| f.1).collect()
}
