//! Cells that are a little off a higher symmetry: which one, and by how much.

use super::{SpaceGroup, Symmetry, symmetrise};
use crate::crystal::Cell;

/// Å: tolerances that are tried. Four digits of a position are within the second, three within the fourth.
const TOLERANCES: [f64; 6] = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 2e-2];

/// A space group that a cell nearly has.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearly {
    /// Its type.
    pub space_group: SpaceGroup,
    /// Å: the smallest tolerance tried that finds it.
    pub tolerance: f64,
    /// How far atoms and lattice are from it.
    pub off: Moved,
}

/// How far a cell is from another one with the same atoms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    /// Å: the atom that is farthest from its place, apart from a shift of all.
    pub atoms: f64,
    /// Å: the largest change of a lattice vector.
    pub lattice: f64,
}

/// The group of the most operations that is found within 0.02 Å, if it has more than `order` of them in the cell.
pub fn nearly(cell: &Cell, order: usize) -> Option<Nearly> {
    let mut best: Option<(usize, Nearly)> = None;
    for tolerance in TOLERANCES {
        let Ok(found) = Symmetry::find(cell, tolerance) else { continue };
        if found.order() <= best.as_ref().map_or(order, |(order, _)| *order) {
            continue;
        }
        if let Ok(better) = symmetrise(cell, tolerance) {
            let off = moved(cell, &better);
            best = Some((found.order(), Nearly { space_group: found.space_group, tolerance, off }));
        }
    }
    best.map(|(_, nearly)| nearly)
}

/// What the way from one cell to the other takes.
pub fn moved(from: &Cell, to: &Cell) -> Moved {
    let shifts: Vec<_> = from
        .positions
        .iter()
        .zip(&to.positions)
        .map(|(a, b)| from.lattice * (b - a).map(|x| x - x.round()))
        .collect();
    let mean = shifts.iter().sum::<nalgebra::Vector3<f64>>() / shifts.len().max(1) as f64;
    let atoms = shifts.iter().map(|shift| (shift - mean).norm()).fold(0.0, f64::max);
    let lattice = (to.lattice - from.lattice).column_iter().map(|c| c.norm()).fold(0.0, f64::max);
    Moved { atoms, lattice }
}

impl std::fmt::Display for Moved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = |x: f64| if x < 1e-12 { "0".to_owned() } else { two_digits(x) };
        write!(
            f,
            "atoms by up to {} Å, lattice vectors by up to {} Å",
            short(self.atoms),
            short(self.lattice)
        )
    }
}

/// Two digits, `0.012` or `1.2·10⁻⁴`.
fn two_digits(x: f64) -> String {
    let power = x.abs().log10().floor() as i32;
    if power >= -3 {
        let text = format!("{x:.*}", (1 - power).max(0) as usize);
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let raised: String = power.to_string().chars().map(superscript).collect();
    let mantissa = format!("{:.1}", x / 10.0_f64.powi(power));
    format!("{}·10{raised}", mantissa.trim_end_matches(".0"))
}

fn superscript(c: char) -> char {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_written_with_two_digits() {
        for (x, text) in [(0.012, "0.012"), (1.23e-4, "1.2·10⁻⁴"), (1e-4, "1·10⁻⁴"), (0.5, "0.5"), (3.0, "3")]
        {
            assert_eq!(two_digits(x), text);
        }
    }
}
