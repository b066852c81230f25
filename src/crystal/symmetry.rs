//! Space-group operations of a cell, found by moyo, and what they do to its atoms.

use moyo::MoyoDataset;
use moyo::base::{AngleTolerance, Cell as MoyoCell, Lattice};
use moyo::data::Setting;
use nalgebra::{Matrix3, Vector3};

use super::{Cell, elements};
use crate::{Error, Result};

/// Distance within which two positions count as the same, Å.
pub const SYMMETRY_TOLERANCE: f64 = 1e-5;

/// A space-group operation x → W x + w of a cell.
#[derive(Debug, Clone)]
pub struct Operation {
    /// W in fractional coordinates.
    pub rotation: Matrix3<i32>,
    /// The same rotation in Cartesian axes: orthogonal.
    pub cartesian: Matrix3<f64>,
    /// Atom `s` in cell 0 goes to atom `images[s].0` in cell `images[s].1`.
    pub images: Vec<(usize, Vector3<i32>)>,
    /// Whether the rotation part is the identity.
    pub translation_only: bool,
    /// w in fractional coordinates.
    pub translation: Vector3<f64>,
}

/// The space-group type, as moyo names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpaceGroup {
    /// Number in the International Tables, 1–230.
    pub number: i32,
    /// Short Hermann–Mauguin symbol, e.g. "Fm-3m".
    pub symbol: String,
}

/// All operations of the cell within `tolerance` (Å), pure translations of a centred cell included.
///
/// # Errors
/// [`Error::Symmetry`] when the search fails, e.g. for atoms on top of each other.
pub fn find(cell: &Cell, tolerance: f64) -> Result<(Vec<Operation>, SpaceGroup)> {
    // Atoms of one element but different mass (isotopes) are different atoms.
    let mut kinds: Vec<(i32, f64)> = Vec::new();
    let numbers = (0..cell.len())
        .map(|i| {
            let z = elements::atomic_number(&cell.symbols[i]).unwrap_or(0) as i32;
            let same = |k: &(i32, f64)| k.0 == z && (k.1 - cell.masses[i]).abs() < 1e-6;
            let kind = kinds.iter().position(same).unwrap_or_else(|| {
                kinds.push((z, cell.masses[i]));
                kinds.len() - 1
            });
            kind as i32
        })
        .collect();
    let moyo_cell = MoyoCell::new(Lattice { basis: cell.lattice }, cell.positions.clone(), numbers);
    let dataset = MoyoDataset::new(&moyo_cell, tolerance, AngleTolerance::Default, Setting::Standard, false)
        .map_err(|e| Error::Symmetry { what: e.to_string() })?;
    let inverse = cell.lattice.try_inverse().ok_or_else(|| Error::Symmetry { what: "flat cell".into() })?;
    let mut operations = Vec::with_capacity(dataset.operations.len());
    for op in &dataset.operations {
        let rotation = op.rotation;
        let rotation_f = rotation.map(f64::from);
        let images = (0..cell.len())
            .map(|s| {
                let image = rotation_f * cell.positions[s] + op.translation;
                // Ten times the tolerance: an image adds the errors of both sites.
                image_of(cell, &image, &cell.symbols[s], 10.0 * tolerance)
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| Error::Symmetry {
                what: "an operation does not map the atoms onto each other".into(),
            })?;
        operations.push(Operation {
            rotation,
            cartesian: nearest_orthogonal(cell.lattice * rotation_f * inverse),
            images,
            translation_only: rotation == Matrix3::identity(),
            translation: op.translation,
        });
    }
    Ok((operations, SpaceGroup { number: dataset.number, symbol: dataset.hm_symbol }))
}

/// The atom within `reach` (Å) of a fractional position, and the cell it lies in.
fn image_of(cell: &Cell, position: &Vector3<f64>, symbol: &str, reach: f64) -> Option<(usize, Vector3<i32>)> {
    (0..cell.len()).filter(|&i| cell.symbols[i] == symbol).find_map(|i| {
        let shift = position - cell.positions[i];
        let rounded = shift.map(f64::round);
        let off = (cell.lattice * (shift - rounded)).norm();
        (off < reach).then(|| (i, rounded.map(|x| x as i32)))
    })
}

/// The cell with lattice and positions moved to where the operations found within `tolerance` (Å) have them.
///
/// # Errors
/// As [`find`].
pub fn symmetrise(cell: &Cell, tolerance: f64) -> Result<Cell> {
    let (operations, _) = find(cell, tolerance)?;
    let mut out = cell.clone();
    // The metric averaged over the point group; then the lattice with this metric that is nearest to the given one.
    let metric = cell.lattice.transpose() * cell.lattice;
    let n = operations.len() as f64;
    let average = operations.iter().fold(Matrix3::zeros(), |sum, op| {
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
    // symmetric arrangement has no residual at all.
    for _ in 0..50 {
        let mut moved = vec![Vector3::zeros(); cell.len()];
        for op in &operations {
            let w = op.rotation.map(f64::from);
            let image = |s: usize| out.positions[op.images[s].0] + op.images[s].1.map(f64::from);
            let translation = (0..cell.len())
                .fold(Vector3::zeros(), |sum, s| sum + image(s) - w * out.positions[s])
                / cell.len() as f64;
            for (s, (to, shift)) in op.images.iter().enumerate() {
                moved[*to] += (w * out.positions[s] + translation - shift.map(f64::from)) / n;
            }
        }
        let change = (0..cell.len()).map(|s| (moved[s] - out.positions[s]).amax()).fold(0.0, f64::max);
        out.positions = moved;
        if change < 1e-15 {
            break;
        }
    }
    Ok(out)
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
