//! POSCAR files of VASP: one unit cell. Å, fractional or Cartesian coordinates.
//!
//! Format: <https://www.vasp.at/wiki/index.php/POSCAR>. Velocities and anything else after the atoms are
//! ignored, and so are words after the three numbers of a line (selective dynamics, comments).

use std::fmt::Write;

use nalgebra::{Matrix3, Vector3};

use crate::base::text::{Lines, finite, quote};
use crate::crystal::Cell;
use crate::crystal::elements::{Species, isotope_symbol, species};
use crate::{Error, Result};

/// Reads a POSCAR of VASP 4 or 5. Without a line of symbols (VASP 4), the comment line must give them.
pub fn read_poscar(name: &str, text: &str) -> Result<Cell> {
    let mut lines = Lines::new(name, text);
    let comment = lines.next("a comment line")?;
    let scale_line = lines.next("the scale factor")?;
    let scale_number = lines.number;
    let mut lattice = Matrix3::zeros();
    for column in 0..3 {
        let expected = "three numbers, a lattice vector";
        let line = lines.next(expected)?;
        lattice.set_column(column, &Vector3::from(lines.three_numbers(line, expected)?));
    }
    let scale = scale_factors(name, scale_number, scale_line, &lattice)?;
    lattice = Matrix3::from_diagonal(&scale) * lattice;
    crate::crystal::check_lattice(&lattice).map_err(|what| {
        Error::at(name, scale_number, what, "three lattice vectors that span a volume, in Å")
    })?;

    let atoms = atoms(&mut lines, comment)?;
    let mut mode = lines.next("`Direct` or `Cartesian`")?;
    if mode.trim_start().starts_with(['s', 'S']) {
        mode = lines.next("`Direct` or `Cartesian`")?;
    }
    let cartesian = match mode.trim_start().chars().next() {
        Some('c' | 'C' | 'k' | 'K') => true,
        // VASP takes any other letter for fractional coordinates; these are those that people write.
        Some('d' | 'D' | 'f' | 'F') => false,
        _ => return Err(lines.error(quote(mode.trim()), "`Direct` or `Cartesian`")),
    };
    let to_frac = lattice.try_inverse().unwrap_or_else(Matrix3::zeros);
    let mut positions = Vec::new();
    for index in 0..atoms.len() {
        let expected = format!("three numbers, the position of atom {} of {}", index + 1, atoms.len());
        let line = lines.next(&expected)?;
        let given = Vector3::from(lines.three_numbers(line, &expected)?);
        positions.push(if cartesian { to_frac * given.component_mul(&scale) } else { given });
    }
    let symbols = atoms.iter().map(|atom| atom.symbol.to_owned()).collect();
    let masses = atoms.iter().map(|atom| atom.mass).collect();
    Ok(Cell { lattice, symbols, positions, masses })
}

/// Writes a POSCAR of VASP 5 in fractional coordinates; `comment` becomes its first line.
/// Neighbouring atoms of one element form one block, so the order of the atoms is kept.
pub fn write_poscar(cell: &Cell, comment: &str) -> String {
    let mut blocks: Vec<(&str, usize)> = Vec::new();
    for (symbol, mass) in cell.symbols.iter().zip(&cell.masses) {
        let symbol = isotope_symbol(symbol, *mass);
        match blocks.last_mut() {
            Some((last, count)) if *last == symbol => *count += 1,
            _ => blocks.push((symbol, 1)),
        }
    }
    let one_line: String = comment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut out = format!("{one_line}\n   1.0\n");
    for column in cell.lattice.column_iter() {
        let _ = writeln!(out, "  {:21.16} {:21.16} {:21.16}", column[0], column[1], column[2]);
    }
    for (symbol, _) in &blocks {
        let _ = write!(out, " {symbol:>5}");
    }
    out.push('\n');
    for (_, count) in &blocks {
        let _ = write!(out, " {count:>5}");
    }
    out.push_str("\nDirect\n");
    for p in &cell.positions {
        let _ = writeln!(out, "  {:19.16} {:19.16} {:19.16}", p[0], p[1], p[2]);
    }
    out
}

/// Factors of x, y, z: one positive number for all, minus the volume in Å³, or three positive numbers.
fn scale_factors(name: &str, number: usize, line: &str, lattice: &Matrix3<f64>) -> Result<Vector3<f64>> {
    let wrong = || {
        Error::at(
            name,
            number,
            format!("{} is no scale factor", quote(line.trim())),
            "a positive factor or minus the cell volume in Å³",
        )
    };
    // Words after the numbers are comments.
    let numbers: Vec<f64> = line.split_whitespace().map_while(finite).take(3).collect();
    let factor = match numbers[..] {
        [x, y, z] if x > 0.0 && y > 0.0 && z > 0.0 => return Ok(Vector3::new(x, y, z)),
        [s] if s > 0.0 => s,
        [s] if s < 0.0 => (-s / lattice.determinant().abs()).cbrt(),
        _ => return Err(wrong()),
    };
    if factor.is_finite() && factor > 0.0 { Ok(Vector3::repeat(factor)) } else { Err(wrong()) }
}

/// One species per atom, from the lines of symbols and counts; `D` is deuterium.
fn atoms(lines: &mut Lines, comment: &str) -> Result<Vec<Species>> {
    let expected_symbols = "element symbols, e.g. `Na Cl`";
    let first = before_comment(lines.next(expected_symbols)?);
    let vasp4 = first.split_whitespace().all(|token| token.parse::<i64>().is_ok());
    let (labels, counts) = if vasp4 {
        (comment, first)
    } else {
        (first, before_comment(lines.next("the number of atoms of each element")?))
    };
    let tokens: Vec<&str> = counts.split_whitespace().collect();
    let mut kinds = Vec::new();
    // In VASP 4 anything may stand behind the symbols.
    for label in labels.split_whitespace().take(if vasp4 { tokens.len() } else { usize::MAX }) {
        kinds.push(species(label).ok_or_else(|| {
            if vasp4 {
                let what =
                    "there is no line of element symbols (VASP 4), and the comment line does not give them";
                lines.error(what, "a line of element symbols before the numbers of atoms")
            } else {
                let line = lines.number - 1;
                Error::at(lines.name, line, format!("{} is no element", quote(label)), expected_symbols)
            }
        })?);
    }
    let mut atoms = Vec::new();
    if tokens.is_empty() || tokens.len() != kinds.len() {
        let what = format!("{} numbers of atoms for {} elements", tokens.len(), kinds.len());
        return Err(lines.error(what, "one number of atoms for each element"));
    }
    for (kind, token) in kinds.iter().zip(tokens) {
        let count = token.parse::<usize>().ok().filter(|&n| n <= MOST_ATOMS);
        let count = count.ok_or_else(|| {
            let expected = format!("a whole number of atoms, at most {MOST_ATOMS}");
            lines.error(quote(token), &expected)
        })?;
        atoms.extend(std::iter::repeat_n(*kind, count));
        if atoms.len() > MOST_ATOMS {
            return Err(lines.error("too many atoms", &format!("at most {MOST_ATOMS}")));
        }
    }
    if atoms.is_empty() {
        return Err(lines.error("there are no atoms", "one atom or more"));
    }
    Ok(atoms)
}

/// What stands before `!` or `#`.
fn before_comment(line: &str) -> &str {
    line.split(['!', '#']).next().unwrap_or_default()
}

/// More is no unit cell; the bound keeps a slip of the pen from filling the memory.
const MOST_ATOMS: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    const ROCK_SALT: &str =
        "rock salt\n1.0\n 4 0 0\n 0 4 0\n 0 0 4\nNa_pv Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n";

    #[test]
    fn a_negative_scale_is_the_volume() {
        let cell = read_poscar("P", &ROCK_SALT.replacen("1.0", "-125.0", 1)).unwrap();
        assert!((cell.volume() - 125.0).abs() < 1e-9);
    }

    #[test]
    fn cartesian_coordinates_are_scaled_like_the_lattice() {
        let text = "x\n2.0\n1 0 0\n.5 1 0\n0 0 3\nH\n1\nSelective dynamics\nCartesian\n.75 .5 1.5 T T F\n";
        let cell = read_poscar("P", text).unwrap();
        assert!((cell.positions[0] - Vector3::new(0.5, 0.5, 0.5)).norm() < 1e-12);
        assert!((cell.cartesian(0) - Vector3::new(1.5, 1.0, 3.0)).norm() < 1e-12);
    }

    #[test]
    fn vasp_4_takes_its_symbols_from_the_comment() {
        let vasp4 = ROCK_SALT.replace("Na_pv Cl\n", "");
        let refused = read_poscar("P", &vasp4).unwrap_err().to_string();
        assert!(refused.starts_with("P:6: there is no line of element symbols"), "{refused}");
        let cell = read_poscar("P", &vasp4.replace("rock salt", "Na Cl")).unwrap();
        assert_eq!(cell.symbols, ["Na", "Cl"]);
        assert_eq!(cell.masses, [22.98976928, 35.453]);
    }

    #[test]
    fn symbols_may_have_a_suffix_a_comment_or_no_atom() {
        let read = |text: &str| read_poscar("P", text).unwrap().symbols;
        assert_eq!(read(&ROCK_SALT.replace("Na_pv Cl", "Na_pv/5fd38e2 Cl/1a ! PBE")), ["Na", "Cl"]);
        assert_eq!(read(&ROCK_SALT.replace("Na_pv Cl\n1 1", "Na Mg Cl\n1 0 1 # three")), ["Na", "Cl"]);
        let vasp4 = ROCK_SALT.replace("Na_pv Cl\n", "").replace("rock salt", "Na Cl rock salt");
        assert_eq!(read(&vasp4), ["Na", "Cl"]);
        assert_eq!(read(&ROCK_SALT.replace("Direct", "fractional")), ["Na", "Cl"]);
        let velocities = format!("{ROCK_SALT}\nCartesian\n0 0 1\n0 1 0\n");
        assert_eq!(read(&velocities), ["Na", "Cl"]);
        let none = read_poscar("P", &ROCK_SALT.replace("1 1", "0 0")).unwrap_err().to_string();
        assert!(none.starts_with("P:7: there are no atoms"), "{none}");
    }

    #[test]
    fn deuterium_is_hydrogen_with_its_own_mass_and_stays_so() {
        let cell = read_poscar("P", &ROCK_SALT.replace("Na_pv Cl", "D Cl")).unwrap();
        assert_eq!((cell.symbols[0].as_str(), (cell.masses[0] * 1e4).round()), ("H", 20141.0));
        assert_eq!(read_poscar("P", &write_poscar(&cell, "")).unwrap(), cell);
    }

    #[test]
    fn writing_keeps_the_cell_and_the_order_of_atoms() {
        let mut cell = read_poscar("P", ROCK_SALT).unwrap();
        cell.symbols = vec!["Cl".into(), "Na".into(), "Cl".into()];
        cell.masses = vec![35.453, 22.98976928, 35.453];
        cell.positions.push(Vector3::new(1.0 / 3.0, -0.25, 0.125));
        cell.lattice[(0, 1)] = 1.0 / 3.0;
        let again = read_poscar("P", &write_poscar(&cell, "two\nlines")).unwrap();
        assert_eq!(again.symbols, cell.symbols);
        assert!((again.lattice - cell.lattice).norm() < 1e-14);
        assert!((again.positions[2] - cell.positions[2]).norm() < 1e-14);
    }
}
