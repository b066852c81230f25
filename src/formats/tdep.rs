//! Force constants of TDEP, `infile.forceconstant`; ABINIT's anaddb writes the same layout with `prt_ifc 1`. eV/Å².
//!
//! Layout: <https://tdep-developers.github.io/tdep/files/>: for each atom its neighbours, each with its index, the cell it
//! lies in as three fractions of the vectors of `infile.ucposcar`, and Φ row by row.

use nalgebra::{Matrix3, RowVector3, Vector3};

use crate::base::text::{Lines, quote};
use crate::crystal::Cell;
use crate::formats::phonopy::phonopy_supercell;
use crate::ifc::supercell::SupercellForceConstants;
use crate::{Error, Result};

/// More atoms or neighbours make no force constants that could be used.
const MOST: usize = 100_000;

/// One block of the file.
struct Pair {
    from: usize,
    to: usize,
    cell: Vector3<f64>,
    phi: Matrix3<f64>,
}

/// Reads the file; `unit_cell` is that of `infile.ucposcar`. The supercell is twice as wide as the pairs reach, so that
/// each of them has a place of its own. Also says what of the file was left out.
///
/// # Errors
/// Anything that is not in the layout, with the line; another number of atoms than the cell has.
pub fn read_tdep(
    name: &str,
    text: &str,
    unit_cell: &Cell,
) -> Result<(SupercellForceConstants, Option<String>)> {
    let mut lines = Lines::new(name, text);
    let n_atoms = count(&mut lines, "the number of atoms of the cell")?;
    if n_atoms != unit_cell.len() {
        let what = format!("the force constants are of {n_atoms} atoms, the crystal has {}", unit_cell.len());
        return Err(lines.error(what, "the crystal that TDEP had as `infile.ucposcar`"));
    }
    // The cutoff itself does not matter: the pairs say how far they reach.
    lines.next_filled("the cutoff in Å")?;
    let mut unit_cell = unit_cell.clone();
    // TDEP moves the atoms into the cell before it counts cells.
    unit_cell.positions.iter_mut().for_each(|p| *p = p.map(|x| x - (x + 1e-9).floor()));
    let mut pairs = Vec::new();
    for from in 0..n_atoms {
        let neighbours = count(&mut lines, &format!("the number of neighbours of atom {}", from + 1))?;
        for _ in 0..neighbours {
            let to = count(&mut lines, "the index of a neighbour in the cell")?;
            if to > n_atoms {
                return Err(lines.error(format!("the index {to}"), &format!("an atom from 1 to {n_atoms}")));
            }
            let expected = "three whole numbers, the cell of a neighbour";
            let line = lines.next_filled(expected)?;
            let cell = Vector3::from(lines.three_numbers(line, expected)?);
            let whole = cell.map(f64::round);
            if (cell - whole).amax() > 1e-6 || whole.amax() > 1000.0 {
                return Err(lines.error(quote(line.trim()), expected));
            }
            let mut phi = Matrix3::zeros();
            for row in 0..3 {
                let expected = "three force constants in eV/Å²";
                let line = lines.next_filled(expected)?;
                phi.set_row(row, &RowVector3::from(lines.three_numbers(line, expected)?));
            }
            pairs.push(Pair { from, to: to - 1, cell: whole, phi });
        }
    }
    let rest = lines.filled().map(|line| {
        format!(
            "{name} goes on behind the force constants ({}): that is the long-range part of a polar crystal, which is \
             not read.",
            quote(line.trim())
        )
    });
    Ok((in_supercell(name, unit_cell, &pairs)?, rest))
}

/// The first number of a line, above zero; what stands behind it says what it is.
fn count(lines: &mut Lines, expected: &str) -> Result<usize> {
    let line = lines.next_filled(expected)?;
    let number = line.split_whitespace().next().and_then(|word| word.parse::<usize>().ok());
    number.filter(|n| (1..=MOST).contains(n)).ok_or_else(|| lines.error(quote(line.trim()), expected))
}

fn in_supercell(name: &str, unit_cell: Cell, pairs: &[Pair]) -> Result<SupercellForceConstants> {
    let vector = |pair: &Pair| {
        unit_cell.lattice * (unit_cell.positions[pair.to] + pair.cell - unit_cell.positions[pair.from])
    };
    let reach = pairs.iter().map(|pair| vector(pair).norm()).fold(0.0, f64::max);
    let reciprocal = unit_cell.reciprocal() / std::f64::consts::TAU;
    // The distance of opposite faces of n cells is n/|a*|; a little more than twice the reach, so that no two images are
    // equally near.
    let n = Vector3::from_fn(|k, _| {
        ((2.0 * reach + 0.01) * reciprocal.column(k).norm()).ceil().clamp(1.0, 1e4) as i32
    });
    let matrix = Matrix3::from_diagonal(&n);
    let wrong = |what: String| Error::file(name, what, "force constants whose supercell can be built");
    // All pairs within a cutoff fill a good part of the supercell; one that lies far off would make it as large as it likes.
    let most = 1000 + 100 * pairs.len();
    if n.iter().fold(unit_cell.len().pow(2), |all, n| all.saturating_mul(*n as usize)) > most {
        let what = format!(
            "a pair reaches {reach:.0} Å, and the {} pairs of the file fill no such range",
            pairs.len()
        );
        return Err(wrong(what));
    }
    let supercell = phonopy_supercell(&unit_cell, &matrix).map_err(wrong)?;
    let (columns, cells) = (supercell.len(), supercell.len() / unit_cell.len().max(1));
    let mut phi = vec![Matrix3::zeros(); unit_cell.len() * columns];
    for pair in pairs {
        let at = [0, 1, 2].map(|k| (pair.cell[k] as i32).rem_euclid(n[k]) as usize);
        let image = at[0] + n[0] as usize * (at[1] + n[1] as usize * at[2]);
        phi[pair.from * columns + pair.to * cells + image] += pair.phi;
    }
    let rows = (0..unit_cell.len()).map(|atom| atom * cells).collect();
    Ok(SupercellForceConstants { unit_cell, supercell, supercell_matrix: matrix, primitive: None, rows, phi })
}
