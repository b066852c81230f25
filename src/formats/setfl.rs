//! Embedded-atom potentials of LAMMPS: `setfl` (pair_style eam/alloy) with any number of elements, and `funcfl`
//! (pair_style eam) with one. <https://docs.lammps.org/pair_eam.html>
//!
//! F in eV, r·φ in eV Å, distances in Å; of funcfl the effective charges Z(r) with φ = 27.2 · 0.529 Z²/r.

use crate::crystal::elements::symbol_of;
use crate::potential::{Eam, Spline, Table};
use crate::{Error, Result};

/// Hartree times Bohr radius, eV Å, as LAMMPS has it.
const CHARGES: f64 = 27.2 * 0.529;
/// Most points of a table.
const LONGEST: usize = 1_000_000;

/// The words of a file, with the lines they are on.
struct Words<'a> {
    name: &'a str,
    all: Vec<(usize, &'a str)>,
    next: usize,
}

impl Words<'_> {
    fn line(&self) -> usize {
        self.all.get(self.next).or(self.all.last()).map_or(1, |w| w.0)
    }

    fn number(&mut self, what: &str) -> Result<f64> {
        let Some((line, word)) = self.all.get(self.next) else {
            return Err(Error::at(self.name, self.line(), "the file ends here", what));
        };
        self.next += 1;
        // Fortran writes 1.0D+00.
        let number = word.replace(['D', 'd'], "E").parse::<f64>().ok().filter(|x| x.is_finite());
        number.ok_or_else(|| Error::at(self.name, *line, crate::base::text::quote(word), what))
    }

    fn count(&mut self, what: &str) -> Result<usize> {
        let line = self.line();
        let x = self.number(what)?;
        if x.fract() == 0.0 && (4.0..=LONGEST as f64).contains(&x) {
            return Ok(x as usize);
        }
        Err(Error::at(self.name, line, format!("{x}"), format!("{what}, from 4 to {LONGEST}")))
    }

    fn positive(&mut self, what: &str) -> Result<f64> {
        let line = self.line();
        let x = self.number(what)?;
        if x > 0.0 {
            Ok(x)
        } else {
            Err(Error::at(self.name, line, format!("{x}"), format!("{what}, positive")))
        }
    }

    fn table(&mut self, n: usize, what: &str) -> Result<Vec<f64>> {
        (0..n).map(|k| self.number(&format!("{what}: {n} numbers, this would be number {}", k + 1))).collect()
    }
}

/// Reads the tables of a file.
///
/// # Errors
/// A file that ends early, words that are no numbers, counts and spacings that cannot be; with the line.
pub fn read_setfl(name: &str, text: &str) -> Result<Eam> {
    let lines: Vec<&str> = text.lines().collect();
    let fourth: Vec<&str> = lines.get(3).map_or(vec![], |l| l.split_whitespace().collect());
    let n_elements = fourth.first().and_then(|w| w.parse::<usize>().ok());
    let is_setfl = n_elements
        .is_some_and(|n| n > 0 && fourth.len() == n + 1 && fourth[1..].iter().all(|w| is_symbol(w)));
    if is_setfl { setfl(name, &lines, &fourth[1..]) } else { funcfl(name, &lines) }
}

fn is_symbol(word: &str) -> bool {
    (1..=3).contains(&word.len()) && word.chars().all(char::is_alphabetic)
}

fn words<'a>(name: &'a str, lines: &[&'a str], from: usize) -> Words<'a> {
    let numbered = lines.iter().enumerate().skip(from);
    let all = numbered.flat_map(|(n, line)| line.split_whitespace().map(move |w| (n + 1, w))).collect();
    Words { name, all, next: 0 }
}

const GRIDS: &str = "n_rho d_rho n_r d_r cutoff, the grids of the tables";

/// The grids: (points, spacing) of the densities and of the distances, cutoff.
fn grids(words: &mut Words) -> Result<(usize, f64, usize, f64, f64)> {
    let (n_rho, d_rho) = (words.count(GRIDS)?, words.positive(GRIDS)?);
    let (n_r, d_r) = (words.count(GRIDS)?, words.positive(GRIDS)?);
    let line = words.line();
    let cutoff = words.positive(GRIDS)?;
    let most = d_r * n_r as f64;
    if cutoff > most * (1.0 + 1e-6) || cutoff > 30.0 {
        let what = format!("a cutoff of {cutoff} Å");
        return Err(Error::at(
            words.name,
            line,
            what,
            format!("at most {:.4} Å, where the tables end", most.min(30.0)),
        ));
    }
    Ok((n_rho, d_rho, n_r, d_r, cutoff))
}

fn spline(name: &str, line: usize, first: f64, spacing: f64, values: Vec<f64>) -> Result<Table> {
    let unusable =
        || Error::at(name, line, "a table that no curve goes through", "four finite numbers at least");
    Spline::new(first, spacing, values).map(Table::new).ok_or_else(unusable)
}

fn setfl(name: &str, lines: &[&str], elements: &[&str]) -> Result<Eam> {
    let mut words = words(name, lines, 4);
    let (n_rho, d_rho, n_r, d_r, cutoff) = grids(&mut words)?;
    let (mut embedding, mut density, mut pair) = (vec![], vec![], vec![]);
    for element in elements {
        for what in ["atomic number", "mass", "lattice constant"] {
            words.number(&format!("the {what} of {element}"))?;
        }
        // The type of the lattice.
        words.next += 1;
        let line = words.line();
        let values = words.table(n_rho, &format!("F of {element}"))?;
        embedding.push(spline(name, line, 0.0, d_rho, values)?);
        let line = words.line();
        let values = words.table(n_r, &format!("the density of {element}"))?;
        density.push(spline(name, line, 0.0, d_r, values)?);
    }
    for i in 0..elements.len() {
        for j in 0..=i {
            let line = words.line();
            let values = words.table(n_r, &format!("r·φ of {}-{}", elements[i], elements[j]))?;
            pair.push(over_distance(name, line, d_r, &values)?);
        }
    }
    let elements = elements.iter().map(|e| (*e).to_owned()).collect();
    Ok(Eam { elements, embedding, density, pair, cutoff })
}

/// φ from r·φ at 0, d_r, ….
fn over_distance(name: &str, line: usize, d_r: f64, values: &[f64]) -> Result<Table> {
    let phi = values.iter().enumerate().skip(1).map(|(k, v)| v / (d_r * k as f64)).collect();
    spline(name, line, d_r, d_r, phi)
}

fn funcfl(name: &str, lines: &[&str]) -> Result<Eam> {
    let mut words = words(name, lines, 1);
    const HEAD: &str = "a setfl file (line 4: number and symbols of the elements) or a funcfl file (line 2: atomic number, mass, lattice constant, lattice)";
    let line = words.line();
    let number = words.number(HEAD)?;
    let known = if number.fract() == 0.0 { symbol_of(number as usize) } else { None };
    let symbol = known.ok_or_else(|| Error::at(name, line, format!("{number}"), HEAD))?.to_owned();
    words.number(HEAD)?;
    words.number(HEAD)?;
    words.next += 1;
    let (n_rho, d_rho, n_r, d_r, cutoff) = grids(&mut words)?;
    let line = words.line();
    let embedding = vec![spline(name, line, 0.0, d_rho, words.table(n_rho, "F")?)?];
    let line = words.line();
    let charges = words.table(n_r, "the effective charge Z(r)")?;
    let energies: Vec<f64> = charges.iter().map(|z| CHARGES * z * z).collect();
    let pair = vec![over_distance(name, line, d_r, &energies)?];
    let line = words.line();
    let density = vec![spline(name, line, 0.0, d_r, words.table(n_r, "the density")?)?];
    Ok(Eam { elements: vec![symbol], embedding, density, pair, cutoff })
}
