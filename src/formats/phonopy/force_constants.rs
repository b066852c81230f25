//! The text file `FORCE_CONSTANTS` of phonopy: a line of sizes, then for each pair of supercell atoms a line
//! of two one-based indices and three rows of three numbers, eV/Å².
//!
//! Format: <https://phonopy.github.io/phonopy/input-files.html>.

use std::fmt::Write;

use nalgebra::{Matrix3, RowVector3};

use super::phonopy_supercell;
use crate::base::text::{Lines, quote};
use crate::crystal::Cell;
use crate::ifc::supercell::SupercellForceConstants;
use crate::{Error, Result};

/// Reads FORCE_CONSTANTS, full or compact. The file names no atoms, so the unit cell and the supercell matrix
/// (columns: supercell vectors in units of the unit cell's) with which it was made must be given.
pub fn read_force_constants(
    name: &str,
    text: &str,
    unit_cell: &Cell,
    supercell_matrix: Matrix3<i32>,
) -> Result<SupercellForceConstants> {
    let supercell = phonopy_supercell(unit_cell, &supercell_matrix)
        .map_err(|what| Error::value(what, "a positive determinant").of("supercell_matrix"))?;
    let n = supercell.len();
    let mut lines = Lines::new(name, text);
    let count = read_sizes(&mut lines, n)?;
    let mut rows: Vec<usize> = Vec::new();
    let mut phi = Vec::new();
    for row in 0..count {
        for j in 0..n {
            let expected = if j == 0 && count < n {
                format!("the indices `i 1` of row {} of {count}", row + 1)
            } else {
                let i = rows.get(row).map_or(row, |&i| i);
                format!("the indices `{} {}`", i + 1, j + 1)
            };
            let line = lines.next_filled(&expected)?;
            let indices: Option<Vec<usize>> = line.split_whitespace().map(|t| t.parse().ok()).collect();
            let (i, other) = match indices.as_deref() {
                Some(&[i, other]) if (1..=n).contains(&i) => (i - 1, other),
                _ => return Err(lines.error(quote(line.trim()), &expected)),
            };
            if j == 0 {
                if (count == n && i != row) || rows.contains(&i) {
                    return Err(lines.error(quote(line.trim()), &expected));
                }
                rows.push(i);
            }
            if rows[row] != i || other != j + 1 {
                return Err(lines.error(quote(line.trim()), &expected));
            }
            phi.push(read_block(&mut lines)?);
        }
    }
    if let Some(rest) = lines.filled() {
        let what = format!("{} follows the last of {count} × {n} blocks", quote(rest));
        return Err(lines.error(what, "the end of the file"));
    }
    let unit_cell = unit_cell.clone();
    Ok(SupercellForceConstants { unit_cell, supercell, supercell_matrix, primitive: None, rows, phi })
}

/// Writes FORCE_CONSTANTS in phonopy's own layout; full when all rows are there, else compact.
pub fn write_force_constants(constants: &SupercellForceConstants) -> String {
    write_blocks(&constants.rows, constants.supercell.len(), &constants.phi, false)
}

/// The comment behind the sizes of a file that has its unit with it.
const UNIT: &str = "# eV/angstrom^2";

/// Blocks of 3 × 3 of the atoms `rows` with all `n` atoms of the supercell; with the unit where it is eV/Å² whatever
/// stands in a phonopy.yaml beside it. phonopy itself reads files without a unit alone.
pub(crate) fn write_blocks(rows: &[usize], n: usize, phi: &[Matrix3<f64>], with_unit: bool) -> String {
    let unit = if with_unit { format!(" {UNIT}") } else { String::new() };
    let mut out = format!("{:4} {n:4}{unit}\n", rows.len());
    for (atom, row) in rows.iter().zip(phi.chunks(n.max(1))) {
        for (j, block) in row.iter().enumerate() {
            let _ = writeln!(out, "{} {}", atom + 1, j + 1);
            for line in block.row_iter() {
                let _ = writeln!(out, "{:22.15} {:21.15} {:21.15}", line[0], line[1], line[2]);
            }
        }
    }
    out
}

/// Whether a FORCE_CONSTANTS says that it is in eV/Å².
pub(crate) fn has_unit(text: &str) -> bool {
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.trim_end().ends_with(UNIT))
}

/// The number of rows, from `n`, `n n` or `p n`.
fn read_sizes(lines: &mut Lines, n: usize) -> Result<usize> {
    let expected = format!("`{n} {n}`, or fewer rows, for the {n} atoms of this supercell");
    let line = lines.next_filled(&expected)?;
    let sizes = line.split('#').next().unwrap_or_default();
    let sizes: Option<Vec<usize>> = sizes.split_whitespace().map(|t| t.parse().ok()).collect();
    match sizes.as_deref() {
        Some(&[all]) if all == n => Ok(n),
        Some(&[rows, all]) if all == n && (1..=n).contains(&rows) && n.is_multiple_of(rows) => Ok(rows),
        _ => Err(lines.error(quote(line.trim()), &expected)),
    }
}

fn read_block(lines: &mut Lines) -> Result<Matrix3<f64>> {
    let expected = "three force constants in eV/Å²";
    let mut block = Matrix3::zeros();
    for row in 0..3 {
        let line = lines.next_filled(expected)?;
        let numbers = lines.three_numbers(line, expected)?;
        if line.split_whitespace().nth(3).is_some() {
            return Err(lines.error("more than three numbers", expected));
        }
        block.set_row(row, &RowVector3::from(numbers));
    }
    Ok(block)
}
