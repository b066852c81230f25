//! CIF, versions 1.1 and 2.0: one crystal without disorder. Å, degrees, fractional coordinates.
//!
//! Dictionary: <https://www.iucr.org/resources/cif/dictionaries/cif_core>. The operations that a file lists win over its
//! symbol, a Hall symbol over a Hermann–Mauguin symbol, and that over a number.

mod atoms;
mod block;
mod group;
mod numbers;
mod operations;
mod symbols;
mod tokens;

use std::borrow::Cow;

use nalgebra::Matrix3;

use crate::base::text::quote;
use crate::crystal::elements::Species;
use crate::crystal::{Cell, check_lattice};
use crate::formats::decode;
use crate::{Error, Result};
use atoms::{Atoms, Site, expand, formula, sites};
use block::{Block, blocks};
use group::Choice;
use numbers::number;

/// The crystal of a CIF.
#[derive(Debug, Clone)]
pub struct Cif {
    /// All atoms of the cell.
    pub cell: Cell,
    /// What a person should know: which block, which origin, what was moved or contradicts.
    pub notes: Vec<String>,
}

/// Reads the first block that is a crystal. The text is UTF-8, UTF-16 or Latin-1.
///
/// # Errors
/// Text that is no CIF, a cell, group or position that is not known, disorder.
pub fn read_cif(name: &str, bytes: &[u8]) -> Result<Cif> {
    let text = match decode(name, bytes) {
        Ok(text) => text,
        Err(error) if bytes.contains(&0) || super::recognise::binary(bytes).is_some() => return Err(error),
        // What is no UTF-8 was written before it: each byte is a character.
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let blocks = blocks(name, &text)?;
    let (block, mut notes) = choose(name, &blocks)?;
    if let Some((entry, dimension)) = block.get(&["_cell_modulation_dimension"])
        && dimension != "0"
    {
        return Err(Error::at(
            name,
            entry.line,
            "the structure is modulated",
            "a crystal with three periods",
        ));
    }
    let lattice = lattice(name, block)?;
    let sites = sites(name, block)?;
    if sites.is_empty() {
        return Err(no_atoms(name));
    }
    let choices = group::choices(name, block, &lattice, &mut notes)?;
    let made: Vec<Result<Atoms>> =
        choices.iter().map(|choice| expand(name, &sites, &choice.operations, lattice)).collect();
    let best = best(&made, &sites, block);
    if made.len() > 1 {
        notes.push(which(&choices, &made, best));
    }
    let Some(atoms) = made.into_iter().nth(best) else { return Err(no_atoms(name)) };
    let Atoms { cell, notes: of_atoms, .. } = atoms?;
    notes.extend(of_atoms);
    notes.extend(contradicts_formula(block, &cell));
    Ok(Cif { cell, notes })
}

fn no_atoms(name: &str) -> Error {
    Error::file(name, "there are no atoms", "a loop with `_atom_site_fract_x` and a row for each atom")
}

/// The first block with a cell and atoms.
fn choose<'a>(name: &str, blocks: &'a [Block]) -> Result<(&'a Block, Vec<String>)> {
    let has_cell = |block: &&Block| block.get(&[LENGTHS[0]]).is_some();
    let crystals: Vec<&Block> =
        blocks.iter().filter(has_cell).filter(|block| atoms::rows(block).is_some_and(|n| n > 0)).collect();
    let Some(first) = crystals.first() else {
        let cartesian =
            blocks.iter().any(|b| b.column(&["_atom_site_cartn_x"]).is_some_and(|c| !c.is_empty()));
        return Err(if blocks.iter().any(|block| atoms::rows(block).is_some_and(|n| n > 0)) {
            Error::file(name, "there is no cell", "`_cell_length_a` and the other lengths and angles")
        } else if cartesian {
            Error::file(name, "the positions are Cartesian", "fractional ones, `_atom_site_fract_x`")
        } else {
            no_atoms(name)
        });
    };
    let mut notes = Vec::new();
    if crystals.len() > 1 {
        let others: Vec<String> = crystals[1..].iter().take(3).map(|block| quote(&block.name)).collect();
        notes.push(format!(
            "Of {} crystals the first, data_{}, is taken, not {}.",
            crystals.len(),
            first.name,
            others.join(", ")
        ));
    }
    Ok((first, notes))
}

const LENGTHS: [&str; 3] = ["_cell_length_a", "_cell_length_b", "_cell_length_c"];
const ANGLES: [&str; 3] = ["_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma"];

/// a along x, b in the plane of x and y.
fn lattice(name: &str, block: &Block) -> Result<Matrix3<f64>> {
    let mut lengths = [0.0; 3];
    let mut angles = [90.0; 3];
    let read = |tag: &str, unit: &str, range: std::ops::Range<f64>| -> Result<Option<f64>> {
        let Some((entry, text)) = block.get(&[tag]) else { return Ok(None) };
        match number(text).filter(|x| range.contains(x)) {
            Some(x) => Ok(Some(x)),
            None => {
                let what = format!("{tag} is {}", quote(text));
                Err(Error::at(
                    name,
                    entry.line,
                    what,
                    format!("a number from {} to {} {unit}", range.start, range.end),
                ))
            }
        }
    };
    for k in 0..3 {
        let missing =
            || Error::file(name, format!("there is no {}", LENGTHS[k]), "three lengths of the cell in Å");
        lengths[k] = read(LENGTHS[k], "Å", 0.5..10_000.0)?.ok_or_else(missing)?;
        // The dictionary's default is 90°.
        angles[k] = read(ANGLES[k], "degrees", 1.0..179.0)?.unwrap_or(90.0);
    }
    let cosines = angles.map(cosine);
    let [a, b, c] = lengths;
    let sine = (1.0 - cosines[2] * cosines[2]).sqrt();
    let cy = (cosines[0] - cosines[1] * cosines[2]) / sine;
    let cz = (1.0 - cosines[1] * cosines[1] - cy * cy).max(0.0).sqrt();
    let lattice = Matrix3::new(a, b * cosines[2], c * cosines[1], 0.0, b * sine, c * cy, 0.0, 0.0, c * cz);
    check_lattice(&lattice).map_err(|what| Error::file(name, what, "lengths and angles of a cell"))?;
    Ok(lattice)
}

/// Of an angle in degrees, exact where the cosine is a whole or a half.
fn cosine(degrees: f64) -> f64 {
    let exact = [(60.0, 0.5), (90.0, 0.0), (120.0, -0.5)];
    exact.iter().find(|(angle, _)| *angle == degrees).map_or(degrees.to_radians().cos(), |(_, cos)| *cos)
}

/// Which of several origins or axes: the one whose sites have the multiplicities that the file gives; else the one whose
/// atoms are farthest apart, as atoms on a wrong origin come near each other; else the one with fewer atoms.
fn best(made: &[Result<Atoms>], sites: &[Site], block: &Block) -> usize {
    let score = |atoms: &Result<Atoms>| match atoms {
        Err(_) => (-1, 0.0, 0),
        Ok(atoms) => {
            let given =
                sites.iter().zip(&atoms.of_site).filter(|(site, n)| site.multiplicity == Some(**n)).count();
            let formula = usize::from(contradicts_formula(block, &atoms.cell).is_none());
            let apart = if made.len() > 1 { shortest(&atoms.cell) } else { 0.0 };
            (2 * given as i64 + formula as i64, (apart * 100.0).round(), -(atoms.cell.len() as i64))
        }
    };
    let scores: Vec<_> = made.iter().map(score).collect();
    let better = |a: usize, b: usize| {
        let (x, y) = (scores[a], scores[b]);
        x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)).then(x.2.cmp(&y.2)).is_gt()
    };
    (0..made.len()).fold(0, |best, n| if better(n, best) { n } else { best })
}

/// Å: shortest distance between two atoms, by the nearest images along the axes.
fn shortest(cell: &Cell) -> f64 {
    let mut found = f64::INFINITY;
    // Enough to tell origins apart.
    let n = cell.len().min(500);
    for i in 0..n {
        for j in 0..i {
            let d = (cell.positions[i] - cell.positions[j]).map(|x| x - x.round());
            found = found.min((cell.lattice * d).norm());
        }
    }
    found
}

fn which(choices: &[Choice], made: &[Result<Atoms>], best: usize) -> String {
    let atoms = |n: usize| match &made[n] {
        Ok(atoms) => format!("{} atoms", atoms.cell.len()),
        Err(_) => "atoms on top of each other".into(),
    };
    let others: Vec<String> = (0..choices.len())
        .filter(|n| *n != best)
        .map(|n| format!("{} would give {}", choices[n].title, atoms(n)))
        .collect();
    format!(
        "The file does not say which setting of its space group it has: {} is taken ({}); {}.",
        choices[best].title,
        atoms(best),
        others.join(", ")
    )
}

/// Says so where the cell holds other atoms than formula and Z of the file.
fn contradicts_formula(block: &Block, cell: &Cell) -> Option<String> {
    let (_, z) = block.get(&["_cell_formula_units_z"])?;
    let z = number(z).filter(|z| *z > 0.0)?;
    let formula = formula(block)?;
    let count = |species: &Species| {
        let same =
            |i: &usize| cell.symbols[*i] == species.symbol && (cell.masses[*i] - species.mass).abs() < 1e-6;
        (0..cell.len()).filter(same).count() as f64
    };
    let differ = formula.iter().find(|(species, n)| (count(species) - n * z).abs() > 0.5)?;
    Some(format!(
        "The cell holds {} {}, formula and Z of the file say {}.",
        count(&differ.0),
        differ.0.symbol,
        (differ.1 * z * 100.0).round() / 100.0
    ))
}
