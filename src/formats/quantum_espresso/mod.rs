//! Force constants in real space of Quantum ESPRESSO: the file that `q2r.x` writes (`flfrc`). Ry/bohr².
//!
//! Layout: `writefc` in `PHonon/PH/q2r.f90`, read by `readfc` in `matdyn.f90`. Element (m₁ m₂ m₃ i j a b) couples atom a in
//! cell m−1 to atom b in cell 0; the grid is periodic, the supercell of the q points.

mod lattice;

use nalgebra::{Matrix3, Vector3};

use crate::base::text::{finite, quote};
use crate::crystal::elements::{element_of, species};
use crate::crystal::{Cell, LongRange, check_lattice};
use crate::formats::phonopy::phonopy_supercell;
use crate::ifc::DipoleDipole;
use crate::ifc::supercell::SupercellForceConstants;
use crate::units::{BOHR, RYDBERG};
use crate::{Error, Result};

/// Ry masses of one amu: the mass of the electron is 1/2.
const AMU: f64 = 911.444_243_1;

/// What a `.fc` file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantumEspresso {
    /// eV/Å², rows of the unit cell's atoms; with the dipole–dipole part that `q2r.x` takes off where there are charges.
    pub constants: SupercellForceConstants,
    /// ε and Z*, where the file has them.
    pub long_range: Option<LongRange>,
}

/// The words of the file with their lines.
struct Words<'a> {
    name: &'a str,
    words: Vec<(usize, &'a str)>,
    at: usize,
}

impl<'a> Words<'a> {
    fn new(name: &'a str, text: &'a str) -> Self {
        let mut words = Vec::new();
        for (n, line) in text.lines().enumerate() {
            // `'Mg '` is one word.
            for (odd, part) in line.split('\'').enumerate() {
                if odd % 2 == 1 {
                    words.push((n + 1, part.trim()));
                } else {
                    words.extend(part.split_whitespace().map(|word| (n + 1, word)));
                }
            }
        }
        Words { name, words, at: 0 }
    }

    fn word(&mut self, expected: &str) -> Result<(usize, &'a str)> {
        let word = self.words.get(self.at).copied().ok_or_else(|| {
            let line = self.words.last().map_or(1, |(line, _)| *line);
            Error::at(self.name, line, "the file ends here", expected)
        })?;
        self.at += 1;
        Ok(word)
    }

    fn wrong(&self, line: usize, word: &str, expected: &str) -> Error {
        Error::at(self.name, line, quote(word), expected)
    }

    fn number(&mut self, expected: &str) -> Result<f64> {
        let (line, word) = self.word(expected)?;
        let plain = word.replace(['D', 'd'], "e");
        let number = plain.parse::<f64>().ok().filter(|x| x.is_finite() && x.abs() < 1e30);
        number.ok_or_else(|| self.wrong(line, word, expected))
    }

    fn whole(&mut self, expected: &str) -> Result<i64> {
        let (line, word) = self.word(expected)?;
        word.parse().map_err(|_| self.wrong(line, word, expected))
    }

    fn within(&mut self, least: i64, most: i64, expected: &str) -> Result<usize> {
        let line = self.line();
        let n = self.whole(expected)?;
        if (least..=most).contains(&n) {
            Ok(n as usize)
        } else {
            Err(self.wrong(line, &n.to_string(), expected))
        }
    }

    fn vector(&mut self, expected: &str) -> Result<Vector3<f64>> {
        Ok(Vector3::new(self.number(expected)?, self.number(expected)?, self.number(expected)?))
    }

    fn tensor(&mut self, expected: &str) -> Result<Matrix3<f64>> {
        let rows = [self.vector(expected)?, self.vector(expected)?, self.vector(expected)?];
        Ok(Matrix3::from_fn(|i, j| rows[i][j]))
    }

    fn line(&self) -> usize {
        self.words.get(self.at).or(self.words.last()).map_or(1, |(line, _)| *line)
    }

    /// Passes over what is left of the line of the word before.
    fn end_line(&mut self) {
        let Some((line, _)) = self.at.checked_sub(1).and_then(|at| self.words.get(at)).copied() else {
            return;
        };
        while self.words.get(self.at).is_some_and(|(next, _)| *next == line) {
            self.at += 1;
        }
    }
}

/// Reads the file of q2r.
///
/// # Errors
/// Anything that is not as `q2r.x` writes it, with the line.
pub fn read_q2r(name: &str, text: &str) -> Result<QuantumEspresso> {
    let mut words = Words::new(name, text);
    let n_types = words.within(1, 1000, "the number of kinds of atoms, 1 to 1000")?;
    let n_atoms = words.within(1, 10_000, "the number of atoms, 1 to 10000")?;
    let line = words.line();
    let ibrav = words.whole("the number `ibrav` of the lattice")?;
    let mut celldm = [0.0; 6];
    for value in &mut celldm {
        *value = words.number("six numbers `celldm`")?;
    }
    // alat in bohr.
    let alat = celldm[0];
    if !(0.1..1e5).contains(&alat) {
        return Err(Error::at(
            name,
            line,
            format!("the lattice parameter is {alat} bohr"),
            "0.1 to 100000 bohr",
        ));
    }
    let vectors = if ibrav == 0 {
        let expected = "three lattice vectors in units of the lattice parameter";
        words.tensor(expected)?.transpose()
    } else {
        lattice::vectors(ibrav, &celldm).ok_or_else(|| {
            Error::at(
                name,
                line,
                format!("ibrav = {ibrav} with these `celldm`"),
                "a lattice of Quantum ESPRESSO",
            )
        })?
    };
    let unit = alat * BOHR;
    let lattice = vectors * unit;
    check_lattice(&lattice)
        .map_err(|what| Error::at(name, line, what, "three lattice vectors that span a volume"))?;
    let mut kinds = Vec::with_capacity(n_types);
    for n in 1..=n_types {
        let expected = "a kind of atom: its number, 'symbol', mass";
        words.within(n as i64, n as i64, expected)?;
        let (line, label) = words.word(expected)?;
        let mass = words.number(expected)? / AMU;
        let symbol = species(label).map(|s| s.symbol).or_else(|| element_of(label));
        let symbol = symbol
            .ok_or_else(|| Error::at(name, line, format!("{} is no element", quote(label)), expected))?;
        if !(0.1..1e4).contains(&mass) {
            return Err(Error::at(
                name,
                line,
                format!("the mass of {label} is {mass:.4} amu"),
                "a mass in Rydberg units",
            ));
        }
        kinds.push((symbol, mass));
    }
    let mut unit_cell = Cell { lattice, symbols: vec![], positions: vec![], masses: vec![] };
    let to_frac = vectors.try_inverse().unwrap_or_else(Matrix3::identity);
    for n in 1..=n_atoms {
        let expected = "an atom: its number, its kind, three coordinates in units of the lattice parameter";
        words.within(n as i64, n as i64, expected)?;
        let kind = words.within(1, n_types as i64, expected)?;
        unit_cell.positions.push(to_frac * words.vector(expected)?);
        unit_cell.symbols.push(kinds[kind - 1].0.to_owned());
        unit_cell.masses.push(kinds[kind - 1].1);
    }
    let (long_range, alpha) = long_range(&mut words, n_atoms)?;
    let line = words.line();
    let mut grid = [0; 3];
    for n in &mut grid {
        *n = words.within(1, 1000, "the three numbers of the grid, 1 to 1000 each")?;
    }
    let cells = grid.iter().product::<usize>();
    let blocks = cells * n_atoms * n_atoms;
    // Each number has a line with its three indices.
    if 9 * 4 * blocks > words.words.len() - words.at {
        let what = format!("the file is too short for {blocks} blocks of force constants");
        return Err(Error::at(name, line, what, "four words for each of their numbers"));
    }
    let matrix = Matrix3::from_diagonal(&Vector3::from(grid.map(|n| n as i32)));
    let supercell = phonopy_supercell(&unit_cell, &matrix)
        .map_err(|what| Error::at(name, line, what, "a grid that makes a supercell"))?;
    let n_columns = supercell.len();
    let mut phi = vec![Matrix3::zeros(); n_atoms * n_columns];
    let mut seen = 0;
    for _ in 0..9 * n_atoms * n_atoms {
        let expected = "two directions and two atoms before the numbers of the grid";
        let [i, j] = [words.within(1, 3, expected)? - 1, words.within(1, 3, expected)? - 1];
        let most = n_atoms as i64;
        let [a, b] = [words.within(1, most, expected)? - 1, words.within(1, most, expected)? - 1];
        for _ in 0..cells {
            let expected = "three indices of the grid and a force constant in Ry/bohr²";
            let mut column = 0;
            for (k, stride) in [1, grid[0], grid[0] * grid[1]].into_iter().enumerate() {
                let m = words.within(1, grid[k] as i64, expected)? - 1;
                // Seen from atom a in cell 0, atom b lies in cell -m.
                column += stride * ((grid[k] - m) % grid[k]);
            }
            let block: &mut Matrix3<f64> = &mut phi[a * n_columns + b * cells + column];
            block[(i, j)] = words.number(expected)? * RYDBERG / (BOHR * BOHR);
            seen += 1;
        }
    }
    debug_assert_eq!(seen, 9 * blocks);
    let rows = (0..n_atoms).map(|atom| atom * cells).collect();
    let primitive = None;
    if let Some(long_range) = &long_range {
        // `rgd_blk` of `rigid.f90`: the sum of Gonze and Lee with exp(−K·ε·K/4α), K and α in units of 2π/alat.
        let width = 4.0 * alpha * (std::f64::consts::TAU / unit).powi(2);
        let unusable = |e: Error| match e {
            Error::Value { part, what, expected } => Error::file(name, format!("{part}: {what}"), expected),
            other => other,
        };
        let dipoles = DipoleDipole::with_width(&unit_cell, long_range, width).map_err(unusable)?;
        // Its diagonal has the whole sum rule, as it comes.
        let dipoles = dipoles.with_whole_diagonal().in_supercell(&supercell.lattice);
        for a in 0..n_atoms {
            for column in 0..n_columns {
                let vector = supercell.cartesian(column) - unit_cell.cartesian(a);
                phi[a * n_columns + column] += dipoles.between(a, column / cells, &vector);
            }
        }
    }
    let constants =
        SupercellForceConstants { unit_cell, supercell, supercell_matrix: matrix, primitive, rows, phi };
    Ok(QuantumEspresso { constants, long_range })
}

/// `T`, ε and Z* of each atom, or `F`; and the parameter α of the Ewald sum, 1 where there is none.
fn long_range(words: &mut Words, n_atoms: usize) -> Result<(Option<LongRange>, f64)> {
    let expected = "`T` or `F`: whether there are effective charges";
    let (line, word) = words.word(expected)?;
    // Newer versions write the parameter of the Ewald sum behind it.
    let behind =
        words.words.get(words.at).filter(|next| next.0 == line).map(|next| next.1.replace(['D', 'd'], "e"));
    let alpha = behind.and_then(|word| finite(&word)).filter(|x| (1e-3..1e3).contains(x)).unwrap_or(1.0);
    words.end_line();
    match word.trim_matches('.').chars().next() {
        Some('F' | 'f') => return Ok((None, alpha)),
        Some('T' | 't') => {}
        _ => return Err(words.wrong(line, word, expected)),
    }
    let dielectric = words.tensor("nine numbers of the dielectric tensor")?;
    let mut born = Vec::with_capacity(n_atoms);
    for n in 1..=n_atoms {
        let expected = "the number of an atom and nine numbers of its effective charge";
        words.within(n as i64, n as i64, expected)?;
        born.push(words.tensor(expected)?);
    }
    Ok((Some(LongRange { born, dielectric, factor: None, total: Matrix3::zeros(), changed: 0.0 }), alpha))
}
