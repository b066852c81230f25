//! Conventional cells of the built-in structure types.

use nalgebra::{Matrix3, Vector3};
use serde::{Deserialize, Serialize};

use super::{Cell, SpaceGroup, elements};
use crate::error::Placed;
use crate::{Error, Result};

/// A structure type whose cell follows from its lattice parameters alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Prototype {
    /// Face-centred cubic, one element.
    Fcc,
    /// Body-centred cubic, one element.
    Bcc,
    /// Hexagonal close-packed, one element; the only type with `c`.
    Hcp,
    /// Diamond, one element.
    Diamond,
    /// Rock salt, two elements.
    Rocksalt,
    /// Caesium chloride, two elements.
    CsCl,
    /// Zinc blende, two elements.
    Zincblende,
}

const CORNERS_F: [[f64; 3]; 4] = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];

impl Prototype {
    /// Number of chemical elements that the type needs.
    pub fn n_elements(self) -> usize {
        match self {
            Prototype::Fcc | Prototype::Bcc | Prototype::Hcp | Prototype::Diamond => 1,
            Prototype::Rocksalt | Prototype::CsCl | Prototype::Zincblende => 2,
        }
    }

    /// The space group, for elements that differ.
    pub fn space_group(self) -> SpaceGroup {
        let (number, symbol) = match self {
            Prototype::Fcc | Prototype::Rocksalt => (225, "F m -3 m"),
            Prototype::Bcc => (229, "I m -3 m"),
            Prototype::Hcp => (194, "P 6_3/m m c"),
            Prototype::Diamond => (227, "F d -3 m"),
            Prototype::CsCl => (221, "P m -3 m"),
            Prototype::Zincblende => (216, "F -4 3 m"),
        };
        SpaceGroup { number, symbol: symbol.into() }
    }

    /// The conventional cell.
    ///
    /// `a` and `c` are the lattice parameters in Å; `c` belongs to hcp alone and defaults to the
    /// ideal ratio √(8/3) a there.
    ///
    /// # Errors
    /// Unknown elements, the wrong number of them, or lattice parameters that are not positive.
    pub fn cell(self, symbols: &[String], a: f64, c: Option<f64>) -> Result<Cell> {
        if symbols.len() != self.n_elements() {
            return Err(Error::value(
                format!("{} elements given for the prototype {self:?}", symbols.len()),
                format!("{}", self.n_elements()),
            ));
        }
        check_length(a).of("a")?;
        let hexagonal = self == Prototype::Hcp;
        let c = match c {
            Some(_) if !hexagonal => {
                let refused = Error::value("a second lattice parameter", "`a` alone for a cubic crystal");
                return Err(refused.of("c"));
            }
            Some(c) => {
                check_length(c).of("c")?;
                c
            }
            None if hexagonal => a * (8.0_f64 / 3.0).sqrt(),
            None => a,
        };
        let lattice = if hexagonal {
            Matrix3::from_columns(&[
                Vector3::new(a, 0.0, 0.0),
                Vector3::new(-0.5 * a, 0.75_f64.sqrt() * a, 0.0),
                Vector3::new(0.0, 0.0, c),
            ])
        } else {
            Matrix3::from_diagonal(&Vector3::new(a, a, c))
        };
        let shifted = |shift: f64| CORNERS_F.map(|p| p.map(|x| x + shift)).to_vec();
        // The sites of each element in turn.
        let sites: Vec<Vec<[f64; 3]>> = match self {
            Prototype::Fcc => vec![shifted(0.0)],
            Prototype::Bcc => vec![vec![[0.0; 3], [0.5; 3]]],
            Prototype::Hcp => vec![vec![[0.0; 3], [1.0 / 3.0, 2.0 / 3.0, 0.5]]],
            Prototype::Diamond => vec![[shifted(0.0), shifted(0.25)].concat()],
            Prototype::Rocksalt => vec![shifted(0.0), shifted(0.5)],
            Prototype::CsCl => vec![vec![[0.0; 3]], vec![[0.5; 3]]],
            Prototype::Zincblende => vec![shifted(0.0), shifted(0.25)],
        };
        let mut cell = Cell { lattice, symbols: vec![], positions: vec![], masses: vec![] };
        for (symbol, positions) in symbols.iter().zip(sites) {
            let mass = elements::mass(symbol).ok_or_else(|| {
                Error::value(format!("'{symbol}'"), "a chemical symbol such as Ni").of("element")
            })?;
            for p in positions {
                cell.symbols.push(symbol.clone());
                cell.positions.push(Vector3::from(p).map(|x| x - x.floor()));
                cell.masses.push(mass);
            }
        }
        Ok(cell)
    }
}

fn check_length(value: f64) -> Result<()> {
    if value.is_finite() && (0.5..=1e3).contains(&value) {
        return Ok(());
    }
    Err(Error::value(format!("{value} Å"), "a length in Å between 0.5 and 1000"))
}
