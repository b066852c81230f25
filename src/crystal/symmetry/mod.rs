//! Space-group operations of a cell, what they do to its atoms, and the type that moyo identifies.

mod lattice;
mod nearly;
mod search;
mod sites;
#[cfg(test)]
mod tests;

use nalgebra::{Matrix3, Vector3};

pub use nearly::{Moved, Nearly, moved, nearly};

use super::{Cell, elements};
use crate::{Error, Result};

/// Distance within which two positions count as the same, Å.
pub const SYMMETRY_TOLERANCE: f64 = 1e-5;

/// Most tolerances that are tried.
const TRIALS: usize = 64;
/// Ratio of one tolerance to the next.
const STEP: f64 = 2.0;

/// A space-group operation x → W x + w of a cell.
#[derive(Debug, Clone)]
pub struct Operation {
    /// W in fractional coordinates.
    pub rotation: Matrix3<i32>,
    /// The same rotation in Cartesian axes: orthogonal.
    pub cartesian: Matrix3<f64>,
    /// Atom `s` in cell 0 goes to atom `images[s].0` in cell `images[s].1`.
    pub images: Vec<(usize, Vector3<i32>)>,
    /// w in fractional coordinates.
    pub translation: Vector3<f64>,
}

/// The space-group type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpaceGroup {
    /// Number in the International Tables, 1–230.
    pub number: i32,
    /// Short Hermann–Mauguin symbol, e.g. "Fm-3m".
    pub symbol: String,
}

/// The operations of a cell.
#[derive(Debug, Clone)]
pub struct Symmetry {
    /// One operation for each rotation of the cell, the identity first.
    pub representatives: Vec<Operation>,
    /// The pure translations inside the cell, the identity first: one for each primitive cell in it.
    pub translations: Vec<Operation>,
    /// The type of the crystal. A supercell may have fewer rotations.
    pub space_group: SpaceGroup,
}

impl Symmetry {
    /// The symmetry of the cell within `tolerance` (Å), or within one near it in which the operations
    /// form a group.
    ///
    /// # Errors
    /// [`Error::Symmetry`] when the search fails, e.g. for atoms on top of each other.
    pub fn find(cell: &Cell, tolerance: f64) -> Result<Self> {
        // Atoms of one element but different mass (isotopes) are different atoms.
        let mut known: Vec<(u32, f64)> = Vec::new();
        let kinds: Vec<usize> = (0..cell.len())
            .map(|i| {
                let z = elements::atomic_number(&cell.symbols[i]).unwrap_or(0) as u32;
                let same = |k: &(u32, f64)| k.0 == z && (k.1 - cell.masses[i]).abs() < 1e-6;
                known.iter().position(same).unwrap_or_else(|| {
                    known.push((z, cell.masses[i]));
                    known.len() - 1
                })
            })
            .collect();
        // Sites that are nearly symmetric leave holes in the group: the tolerance becomes smaller, or larger
        // for translations, in steps that shrink when the direction changes, and are large again every 16 trials.
        let (mut within, mut step, mut last) = (tolerance, STEP, None);
        for trial in 1..=TRIALS {
            let unfit = match search::attempt(cell, &kinds, within) {
                Ok(found) => return Ok(found),
                Err(unfit) => unfit,
            };
            if last.is_some_and(|last| last != unfit) {
                step = step.sqrt();
            }
            last = Some(unfit);
            within *= if unfit == search::Unfit::TooSmall { step } else { 1.0 / step };
            if trial % 16 == 0 {
                (step, last) = (STEP, None);
            }
        }
        let what = format!("no operations near {tolerance} Å form a group");
        Err(Error::Symmetry { what })
    }

    /// Number of operations inside the cell.
    pub fn order(&self) -> usize {
        self.representatives.len() * self.translations.len()
    }

    /// All operations inside the cell: each representative followed by each translation.
    pub fn operations(&self) -> Vec<Operation> {
        let mut all = Vec::with_capacity(self.order());
        for t in &self.translations {
            for op in &self.representatives {
                let sum = op.translation + t.translation;
                let translation = sum.map(|x| x % 1.0);
                let whole = (translation - sum).map(|x| x.round() as i32);
                let image = |&(to, cell): &(usize, Vector3<i32>)| {
                    let (last, shift) = t.images[to];
                    (last, cell + shift + whole)
                };
                let images = op.images.iter().map(image).collect();
                all.push(Operation { images, translation, ..op.clone() });
            }
        }
        all
    }
}

/// The cell with lattice and positions moved to where the operations found within `tolerance` (Å) have them.
///
/// # Errors
/// As [`Symmetry::find`].
pub fn symmetrise(cell: &Cell, tolerance: f64) -> Result<Cell> {
    let Symmetry { representatives, translations, .. } = Symmetry::find(cell, tolerance)?;
    let mut out = cell.clone();
    // The metric averaged over the point group; then the lattice with this metric that is nearest to the given one.
    let metric = cell.lattice.transpose() * cell.lattice;
    let n = representatives.len() as f64;
    let average = representatives.iter().fold(Matrix3::zeros(), |sum, op| {
        let w = op.rotation.map(f64::from);
        sum + w.transpose() * metric * w / n
    });
    let factor = |m: Matrix3<f64>| m.cholesky().map(|c| c.l().transpose());
    if let (Some(from), Some(to)) = (factor(metric), factor(average))
        && let Some(inverse) = from.try_inverse()
    {
        let strained = cell.lattice * inverse * to;
        let turn =
            nearest_orthogonal(strained * cell.lattice.try_inverse().unwrap_or_else(Matrix3::identity));
        out.lattice = turn.transpose() * strained;
    }
    // Positions and translations in turn: each step is a least-squares solution for one given the other, and the
    // symmetric arrangement has no residual at all. The mean over the group is that over the pure
    // translations followed by that over the representatives.
    for _ in 0..50 {
        let before = out.positions.clone();
        average_positions(&mut out.positions, &translations);
        average_positions(&mut out.positions, &representatives);
        let change = (0..cell.len()).map(|s| (before[s] - out.positions[s]).amax()).fold(0.0, f64::max);
        if change < 1e-15 {
            break;
        }
    }
    Ok(out)
}

/// Each position becomes the mean of those that the operations bring there.
fn average_positions(positions: &mut Vec<Vector3<f64>>, operations: &[Operation]) {
    let (atoms, n) = (positions.len(), operations.len() as f64);
    let mut moved = vec![Vector3::zeros(); atoms];
    for op in operations {
        let w = op.rotation.map(f64::from);
        let image = |s: usize| positions[op.images[s].0] + op.images[s].1.map(f64::from);
        let translation =
            (0..atoms).fold(Vector3::zeros(), |sum, s| sum + image(s) - w * positions[s]) / atoms as f64;
        for (s, (to, shift)) in op.images.iter().enumerate() {
            moved[*to] += (w * positions[s] + translation - shift.map(f64::from)) / n;
        }
    }
    *positions = moved;
}

/// The orthogonal factor of the polar decomposition: a lattice that a file gives to few digits
/// would otherwise make rotations that stretch the force constants.
fn nearest_orthogonal(m: Matrix3<f64>) -> Matrix3<f64> {
    let mut x = m;
    for _ in 0..8 {
        match x.try_inverse() {
            Some(inverse) => x = (x + inverse.transpose()) * 0.5,
            None => return m,
        }
    }
    // Entries such as 1/2 or 0 that a power of two can hold are restored exactly.
    x.map(|v| {
        let r = (v * 2.0).round() / 2.0;
        if (v - r).abs() < 1e-12 { r } else { v }
    })
}
