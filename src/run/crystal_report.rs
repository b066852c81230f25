//! What a file was understood as, where it holds a crystal.

use serde::Serialize;

use super::Files;
use super::LongRangeReport;
use super::crystal::{as_symmetric, read_cells};
use super::describe::formula;
use super::report::CellParameters;
use super::understood::Understood;
use crate::crystal::elements::isotope_symbol;
use crate::crystal::{Cell, Crystal};
use crate::error::Placed;
use crate::ifc::shell_distances;
use crate::job::CrystalSpec;
use crate::{Error, Result};

/// A crystal as a person checks it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CrystalReport {
    /// Atoms of the cell of the file, e.g. `Ti2O4`.
    pub formula: String,
    /// Atoms of the cell of the file.
    pub n_atoms: usize,
    /// Atoms of the primitive cell.
    pub n_primitive: usize,
    /// Its type.
    pub space_group: GroupTitle,
    /// Lengths and angles of the cell of the file.
    pub cell: CellParameters,
    /// Å: shortest distance between two atoms.
    pub shortest_distance: f64,
    /// Every atom of the cell of the file.
    pub atoms: Vec<AtomPlace>,
    /// The long-range part of a polar crystal, where the file holds Born charges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_analytical: Option<LongRangeReport>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// A space-group type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct GroupTitle {
    /// Number in the International Tables, 1–230.
    pub number: i32,
    /// Short Hermann–Mauguin symbol without blanks.
    pub symbol: String,
}

/// An atom in fractional coordinates.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AtomPlace {
    /// Chemical symbol; D for deuterium.
    pub element: String,
    /// Along a.
    pub x: f64,
    /// Along b.
    pub y: f64,
    /// Along c.
    pub z: f64,
}

impl CrystalReport {
    /// What the file `name` holds; with a tolerance (Å), after its atoms were moved onto the places that are symmetric
    /// within it.
    ///
    /// # Errors
    /// A file without a crystal, a crystal that cannot be used.
    pub fn read(name: &str, files: &dyn Files, tolerance: Option<f64>) -> Result<Self> {
        let understood = Understood::new(files, Some(name));
        let (cell, primitive, yaml) = read_cells(name, &understood)?;
        let named = |error: Error| match error {
            Error::Symmetry { what } => Error::file(name, what, "a periodic arrangement of distinct atoms"),
            other => other,
        };
        let mut notes = understood.notes();
        let declared = primitive.as_ref().map(Cell::len);
        let spec = CrystalSpec { tolerance, ..CrystalSpec::default() };
        let (crystal, note) = as_symmetric(&spec, cell, primitive).map_err(named)?;
        if declared.is_some_and(|n| n > crystal.n_atoms()) {
            notes.push("What the file calls its primitive cell holds several lattice points.".into());
        }
        notes.extend(note);
        #[cfg(feature = "polar")]
        let charges = super::polar::held(yaml.as_ref(), &crystal)?;
        #[cfg(not(feature = "polar"))]
        let charges = yaml.and(None);
        Self::of(&crystal, charges, notes)
    }

    fn of(
        crystal: &Crystal,
        non_analytical: Option<LongRangeReport>,
        mut notes: Vec<String>,
    ) -> Result<Self> {
        let input = &crystal.input;
        let atoms: Vec<AtomPlace> = (0..input.len())
            .map(|i| {
                let [x, y, z] = input.positions[i].into();
                AtomPlace { element: isotope_symbol(&input.symbols[i], input.masses[i]).to_owned(), x, y, z }
            })
            .collect();
        // No lattice has neighbours farther apart than 2^(1/6) times the cube root of its cell.
        let within = 1.2 * crystal.primitive.volume().cbrt();
        let shortest_distance =
            shell_distances(crystal, within).in_job("force_constants")?.into_iter().fold(within, f64::min);
        if shortest_distance < TOO_NEAR {
            notes.push(format!("Two atoms are only {shortest_distance:.3} Å apart."));
        }
        Ok(CrystalReport {
            formula: formula(atoms.iter().map(|atom| atom.element.as_str())),
            n_atoms: input.len(),
            n_primitive: crystal.n_atoms(),
            space_group: GroupTitle {
                number: crystal.space_group.number,
                symbol: crystal.space_group.symbol.replace(' ', ""),
            },
            cell: CellParameters::of(input),
            shortest_distance,
            atoms,
            non_analytical,
            notes,
        })
    }
}

impl std::fmt::Display for CrystalReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let CrystalReport { formula, n_atoms, n_primitive, space_group, cell, .. } = self;
        let GroupTitle { symbol, number } = space_group;
        writeln!(
            f,
            "{formula}, {n_atoms} atoms, {n_primitive} in the primitive cell, {symbol} (no. {number})"
        )?;
        write!(f, "a {:.5} b {:.5} c {:.5} Å, ", cell.a, cell.b, cell.c)?;
        write!(f, "α {:.4} β {:.4} γ {:.4}°, ", cell.alpha, cell.beta, cell.gamma)?;
        writeln!(f, "shortest distance {:.5} Å", self.shortest_distance)?;
        for atom in &self.atoms {
            writeln!(f, "{:<3}{:>12.7}{:>12.7}{:>12.7}", atom.element, atom.x, atom.y, atom.z)?;
        }
        if let Some(charges) = &self.non_analytical {
            write!(f, "{charges}")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))
    }
}

/// Å: no two atoms of a crystal are nearer; those of hydrogen molecules are 0.74 Å apart.
const TOO_NEAR: f64 = 0.6;
