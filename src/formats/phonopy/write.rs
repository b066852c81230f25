//! `phonopy.yaml` as an export that `phonopy.load` reads: cells, supercell matrix, force constants.

use std::fmt::{Display, Write};

use nalgebra::{Matrix3, Vector3};

use crate::base::text::shortest;
use crate::crystal::{Cell, LongRange};
use crate::ifc::supercell::SupercellForceConstants;

/// Writes the force constants with their cells. Å, amu, eV/Å²; reading gives the same numbers to 1e-15.
pub fn write_phonopy_yaml(constants: &SupercellForceConstants) -> String {
    write_phonopy_yaml_with(constants, None)
}

/// The same with Born charges and the dielectric tensor, in the layout of phonopy 2.18 and later.
pub fn write_phonopy_yaml_with(
    constants: &SupercellForceConstants,
    long_range: Option<&LongRange>,
) -> String {
    let mut out = String::from(
        "phonopy:\n  calculator: vasp\n\nphysical_unit:\n  atomic_mass: \"AMU\"\n  length: \"angstrom\"\n  force_constants: \"eV/angstrom^2\"\n\n",
    );
    let unit = &constants.unit_cell;
    // Compact rows without a primitive cell belong to the atoms of the unit cell.
    let compact_unit = !constants.is_full() && constants.rows.len() == unit.len();
    let primitive = constants.primitive.as_ref().or(compact_unit.then_some(unit));
    if let Some(primitive) = primitive {
        let to_frac = unit.lattice.try_inverse().unwrap_or_else(Matrix3::identity);
        write_matrix(
            &mut out,
            "primitive_matrix",
            &(to_frac * primitive.lattice).map(|x| format!("{x:18.15}")),
        );
    }
    write_matrix(&mut out, "supercell_matrix", &constants.supercell_matrix.map(|x| format!("{x:3}")));
    if let Some(long_range) = long_range {
        write_long_range(&mut out, long_range);
    }
    if let Some(primitive) = primitive {
        write_cell(&mut out, "primitive_cell", primitive);
    }
    write_cell(&mut out, "unit_cell", unit);
    write_cell(&mut out, "supercell", &constants.supercell);
    let format = if constants.is_full() { "full" } else { "compact" };
    let (rows, n) = (constants.rows.len(), constants.supercell.len());
    let _ = write!(out, "force_constants:\n  format: \"{format}\"\n  shape: [ {rows}, {n} ]\n  elements:\n");
    for row in 0..rows {
        for (j, block) in constants.row(row).iter().enumerate() {
            let _ = writeln!(out, "  - # ({}, {})", row + 1, j + 1);
            for line in block.row_iter() {
                let _ = writeln!(out, "    - {}", triple(line.iter().map(|x| format!("{x:21.15}"))));
            }
        }
    }
    out
}

/// A matrix by rows, as phonopy writes it: the columns of either matrix are lattice vectors.
fn write_matrix(out: &mut String, key: &str, matrix: &Matrix3<String>) {
    let _ = writeln!(out, "{key}:");
    for row in matrix.row_iter() {
        let _ = writeln!(out, "- {}", triple(row.iter()));
    }
    out.push('\n');
}

fn write_long_range(out: &mut String, long_range: &LongRange) {
    let rows = |out: &mut String, indent: &str, tensor: &Matrix3<f64>| {
        for row in tensor.row_iter() {
            let _ = writeln!(out, "{indent}- {}", triple(row.iter().map(|x| format!("{x:18.15}"))));
        }
    };
    out.push_str("nac:\n  born_effective_charge:\n");
    for (atom, charge) in long_range.born.iter().enumerate() {
        let _ = writeln!(out, "  - # {}", atom + 1);
        rows(out, "    ", charge);
    }
    out.push_str("  dielectric_constant:\n");
    rows(out, "    ", &long_range.dielectric);
    if let Some(factor) = long_range.factor {
        let _ = writeln!(out, "  unit_conversion_factor: {}", shortest(factor));
    }
    out.push('\n');
}

fn write_cell(out: &mut String, key: &str, cell: &Cell) {
    let _ = write!(out, "{key}:\n  lattice:\n");
    let numbers = |vector: Vector3<f64>| triple(vector.iter().map(|x| format!("{x:21.15}")));
    for (index, axis) in ["a", "b", "c"].iter().enumerate() {
        let _ = writeln!(out, "  - {} # {axis}", numbers(cell.lattice.column(index).into_owned()));
    }
    out.push_str("  points:\n");
    for (index, symbol) in cell.symbols.iter().enumerate() {
        let _ = writeln!(out, "  - symbol: {} # {}", yaml_symbol(symbol), index + 1);
        let _ = writeln!(out, "    coordinates: {}", numbers(cell.positions[index]));
        let _ = writeln!(out, "    mass: {}", shortest(cell.masses[index]));
    }
    out.push('\n');
}

/// YAML 1.1, which phonopy's reader follows, takes bare `Y`, `N` and `No` for booleans.
fn yaml_symbol(symbol: &str) -> String {
    if matches!(symbol, "Y" | "N" | "No") { format!("\"{symbol}\"") } else { symbol.to_owned() }
}

fn triple<T: Display>(numbers: impl Iterator<Item = T>) -> String {
    let numbers: Vec<String> = numbers.map(|x| x.to_string()).collect();
    format!("[ {} ]", numbers.join(", "))
}
