//! The sites of a CIF and the atoms that the operations make of them.

use nalgebra::{Matrix3, Vector3};

use super::block::Block;
use super::numbers::{coordinate, number};
use super::operations::Affine;
use super::tokens::Entry;
use crate::base::text::quote;
use crate::crystal::Cell;
use crate::crystal::elements::{Species, species};
use crate::{Error, Result};

/// Å: images of one site that are nearer than this are one atom, which no real atom contradicts.
const SAME_ATOM: f64 = 0.2;

/// Å: how far a site is moved onto a special position without a word.
const UNTOLD: f64 = 0.01;

/// More atoms are no unit cell whose force constants could be found.
pub const MOST_ATOMS: usize = 10_000;

/// One row of `_atom_site_`.
pub struct Site {
    pub label: String,
    pub line: usize,
    pub species: Species,
    pub position: Vector3<f64>,
    /// Atoms in the cell, where the file says so.
    pub multiplicity: Option<usize>,
}

const LABEL: &str = "_atom_site_label";
const X: [&str; 3] = ["_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z"];

/// How many rows with fractional positions a block has; none without such a loop.
pub fn rows(block: &Block) -> Option<usize> {
    block.column(&[X[0]]).map(|column| column.len())
}

/// All sites, each with one whole atom.
///
/// # Errors
/// A site without a position or an element, or one that is not whole.
pub fn sites(name: &str, block: &Block) -> Result<Vec<Site>> {
    let expected = "`_atom_site_fract_x`, `_y` and `_z` of each atom";
    let axis = |tag: &str| {
        block.column(&[tag]).ok_or_else(|| Error::file(name, format!("there is no {tag}"), expected))
    };
    let xyz = [axis(X[0])?, axis(X[1])?, axis(X[2])?];
    let column = |tags: &[&str]| block.column(tags).unwrap_or_default();
    let labels = column(&[LABEL, "_atom_site_id", "_atom_site_label_atom_id"]);
    let types = column(&["_atom_site_type_symbol"]);
    let occupancies = column(&["_atom_site_occupancy"]);
    let flags = column(&["_atom_site_calc_flag"]);
    let multiplicities =
        column(&["_atom_site_site_symmetry_multiplicity", "_atom_site_symmetry_multiplicity"]);
    let formula = formula(block);
    let known = |column: &[&Entry], row: usize| column.get(row).and_then(|e| e.known()).map(str::to_owned);
    let mut sites = Vec::new();
    for row in 0..xyz[0].len() {
        let line = xyz[0][row].line;
        if known(&flags, row).is_some_and(|flag| flag.eq_ignore_ascii_case("dum")) {
            continue;
        }
        let label = known(&labels, row).or(known(&types, row)).unwrap_or_else(|| (row + 1).to_string());
        let mut position = Vector3::zeros();
        for k in 0..3 {
            let entry = xyz[k].get(row).copied().unwrap_or(xyz[0][row]);
            position[k] = match entry.known().map(coordinate) {
                Some(Some(x)) if x.abs() < 1e3 => x,
                Some(_) => {
                    let what =
                        format!("{} is no coordinate of the site {}", quote(&entry.text), quote(&label));
                    return Err(Error::at(name, entry.line, what, "a number such as 0.25 or 0.3053(2)"));
                }
                None => {
                    let what = format!("the position of the site {} is not known", quote(&label));
                    return Err(Error::at(name, entry.line, what, "three fractional coordinates"));
                }
            };
        }
        if let Some(text) = known(&occupancies, row) {
            let whole = number(&text).is_some_and(|x| (x - 1.0).abs() < 1e-4);
            if !whole {
                let what = format!("the site {} is occupied to {}", quote(&label), quote(&text));
                return Err(Error::at(
                    name,
                    line,
                    what,
                    "crystals without disorder: one whole atom on each site",
                ));
            }
        }
        let species = match known(&types, row) {
            Some(symbol) => of_type(&symbol),
            None => of_label(&label, formula.as_deref()),
        };
        let species = species.ok_or_else(|| {
            let named = known(&types, row).unwrap_or_else(|| label.clone());
            let what = format!("the element of the site {} is not known: {}", quote(&label), quote(&named));
            Error::at(name, line, what, "a `_atom_site_type_symbol` such as Ti or Ti4+")
        })?;
        let multiplicity = known(&multiplicities, row).and_then(|text| text.parse().ok());
        sites.push(Site { label, line, species, position, multiplicity });
    }
    Ok(sites)
}

/// Elements and numbers of `_chemical_formula_sum`, e.g. `O2 Ti`.
pub fn formula(block: &Block) -> Option<Vec<(Species, f64)>> {
    let (_, text) = block.get(&["_chemical_formula_sum"])?;
    let words = text.split(|c: char| c.is_whitespace() || "'\",".contains(c)).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let letters = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
            let (symbol, count) = word.split_at(letters);
            let count = if count.is_empty() { Some(1.0) } else { number(count) };
            species(symbol).zip(count)
        })
        .collect()
}

/// The element of a type symbol: `Ti4+`, `O2-`, `D`, `2H`, `CL`, `Cval`.
fn of_type(symbol: &str) -> Option<Species> {
    if symbol.trim_start().starts_with("2H") {
        return species("D");
    }
    let letters: String = symbol.chars().take_while(char::is_ascii_alphabetic).collect();
    candidates(&letters).into_iter().flatten().next()
}

/// That of a label: `Mg1`, `CL2`, `O1A`. Where one and two letters are elements, the formula decides, then two letters.
fn of_label(label: &str, formula: Option<&[(Species, f64)]>) -> Option<Species> {
    let letters: String = label.chars().take_while(char::is_ascii_alphabetic).collect();
    let found = candidates(&letters);
    let in_formula = |s: &&Species| formula.is_some_and(|f| f.iter().any(|(known, _)| known == *s));
    found.iter().flatten().find(in_formula).or_else(|| found.iter().flatten().next()).cloned()
}

/// Elements that the first two letters may be, and the first one.
fn candidates(letters: &str) -> [Option<Species>; 2] {
    let capital = |n: usize| {
        let (first, rest) = letters.get(..n)?.split_at_checked(1)?;
        species(&(first.to_ascii_uppercase() + &rest.to_ascii_lowercase()))
    };
    [capital(2), capital(1)]
}

/// All atoms of the cell, and what a person should know of how they were found.
pub struct Atoms {
    pub cell: Cell,
    pub notes: Vec<String>,
    /// Number of atoms that each site makes.
    pub of_site: Vec<usize>,
}

/// Applies the operations to the sites.
///
/// # Errors
/// Two elements on one place, too many atoms.
pub fn expand(name: &str, sites: &[Site], operations: &[Affine], lattice: Matrix3<f64>) -> Result<Atoms> {
    let mut atoms = Atoms {
        cell: Cell { lattice, symbols: vec![], positions: vec![], masses: vec![] },
        notes: vec![],
        of_site: vec![],
    };
    let distance = |a: &Vector3<f64>, b: &Vector3<f64>| (lattice * (a - b).map(|x| x - x.round())).norm();
    let mut owner: Vec<usize> = Vec::new();
    let mut repeated = Vec::new();
    'sites: for (n, site) in sites.iter().enumerate() {
        let position = special(&site.position, operations, &lattice);
        let moved = distance(&position, &site.position);
        let mut orbit: Vec<Vector3<f64>> = Vec::new();
        for operation in operations {
            let image = operation.apply(&position).map(inside);
            if !orbit.iter().any(|known| distance(known, &image) < SAME_ATOM / 2.0) {
                orbit.push(image);
            }
        }
        for image in &orbit {
            let Some(other) =
                (0..owner.len()).find(|&i| distance(&atoms.cell.positions[i], image) < SAME_ATOM)
            else {
                continue;
            };
            let first = &sites[owner[other]];
            if first.species == site.species {
                repeated.push(site.label.clone());
                atoms.of_site.push(0);
                continue 'sites;
            }
            let what = format!("the sites {} and {} are one place", quote(&first.label), quote(&site.label));
            return Err(Error::at(name, site.line, what, "one atom on each place: no mixed occupancy"));
        }
        if moved > UNTOLD {
            atoms.notes.push(format!(
                "The site {} was moved by {moved:.3} Å onto its special position.",
                site.label
            ));
        }
        atoms.of_site.push(orbit.len());
        if atoms.cell.len() + orbit.len() > MOST_ATOMS {
            let what = format!("there are more than {MOST_ATOMS} atoms in the cell");
            return Err(Error::at(name, site.line, what, format!("at most {MOST_ATOMS}")));
        }
        for image in orbit {
            owner.push(n);
            atoms.cell.symbols.push(site.species.symbol.to_owned());
            atoms.cell.masses.push(site.species.mass);
            atoms.cell.positions.push(image);
        }
    }
    if let Some(first) = repeated.first() {
        let others =
            if repeated.len() > 1 { format!(" and {} more", repeated.len() - 1) } else { String::new() };
        atoms.notes.push(format!("The site {first}{others} repeats atoms that symmetry makes of others."));
    }
    Ok(atoms)
}

/// Fractions of the cell; rounding does not make a 1 of a 0.
fn inside(x: f64) -> f64 {
    let x = x - x.floor();
    if x > 1.0 - 1e-9 { 0.0 } else { x }
}

/// The mean of the images of a position that are the same atom: the special position it stands on.
fn special(position: &Vector3<f64>, operations: &[Affine], lattice: &Matrix3<f64>) -> Vector3<f64> {
    let mut at = *position;
    for _ in 0..4 {
        let (mut sum, mut n) = (Vector3::zeros(), 0.0);
        for operation in operations {
            let image = operation.apply(&at);
            let shift = (image - at).map(|x| x - x.round());
            if (lattice * shift).norm() < SAME_ATOM {
                sum += shift;
                n += 1.0;
            }
        }
        let step: Vector3<f64> = sum / f64::max(n, 1.0);
        at += step;
        if step.amax() < 1e-15 {
            break;
        }
    }
    at
}
