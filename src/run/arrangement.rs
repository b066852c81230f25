//! A piece of a crystal as it is drawn: atoms, springs between them, edges of the cells.

use std::collections::HashMap;

use nalgebra::{Matrix3, Vector3};
use serde::Serialize;

use crate::base::order::sort_by;
use crate::crystal::Crystal;
use crate::ifc::ForceConstants;

/// Shells that are drawn at most.
const MOST_SHELLS: usize = 12;

/// Distances closer than this belong to one shell, Å.
const SAME: f64 = 1e-3;

/// Atoms that a piece has at most, roughly, unless a single cell has more.
const MOST_ATOMS: usize = 700;

/// Cells along an axis in which a wave is looked for.
const MOST_CELLS: usize = 8;

/// Springs of one kind: equally long, between the same elements, equally stiff.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Shell {
    /// Number by distance among all shells of the crystal, counted from 1.
    pub number: usize,
    /// The elements at its ends.
    pub elements: [String; 2],
    /// Å: distance of the two atoms.
    pub distance: f64,
    /// eV/Å²: longitudinal stiffness −b̂ᵀΦb̂, without the forces of charges in a polar crystal.
    pub stiffness: f64,
}

impl Shell {
    /// The nearest shells of the pairs of force constants, and whether there are more.
    pub(super) fn nearest(crystal: &Crystal, fc: &ForceConstants) -> (Vec<Shell>, bool) {
        let symbols = &crystal.primitive.symbols;
        let equal = 1e-6 * fc.largest();
        let mut pairs: Vec<_> = fc.pairs.iter().filter(|p| p.3.norm() > 1e-6).collect();
        sort_by(&mut pairs, |a, b| a.3.norm().total_cmp(&b.3.norm()));
        let mut shells: Vec<Shell> = vec![];
        for (i, j, _, vector, phi) in pairs {
            let distance = vector.norm();
            let last = shells.last();
            let number = match last {
                Some(last) if distance - last.distance <= SAME => last.number,
                last => last.map_or(0, |s| s.number) + 1,
            };
            if number > MOST_SHELLS {
                return (shells, true);
            }
            let elements = ends(symbols, *i, *j);
            let stiffness = along(vector, phi);
            let mut known = shells.iter().rev().take_while(|s| s.number == number);
            if !known.any(|s| s.elements == elements && (s.stiffness - stiffness).abs() <= equal) {
                shells.push(Shell { number, elements, distance, stiffness });
            }
        }
        (shells, false)
    }
}

/// −b̂ᵀΦb̂, eV/Å².
fn along(vector: &Vector3<f64>, phi: &Matrix3<f64>) -> f64 {
    let b = vector.normalize();
    // Adding zero turns −0 into 0.
    -b.dot(&(phi * b)) + 0.0
}

fn ends(symbols: &[String], i: usize, j: usize) -> [String; 2] {
    let (a, b) = if symbols[i] <= symbols[j] { (i, j) } else { (j, i) };
    [symbols[a].clone(), symbols[b].clone()]
}

/// An atom of a piece.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// In the primitive cell.
    pub atom: usize,
    /// R + τ, Å.
    pub place: Vector3<f64>,
    /// Element, as a number among those of the crystal.
    pub kind: usize,
}

/// Whole input cells, with the atoms on all their faces.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arrangement {
    /// The cells along each axis.
    pub cells: [usize; 3],
    /// The atoms.
    pub sites: Vec<Site>,
    /// The springs: two atoms and the shell.
    pub springs: Vec<[usize; 3]>,
    /// Both ends of each edge of a cell, Å.
    pub edges: Vec<[Vector3<f64>; 2]>,
    /// Its middle, Å.
    pub centre: Vector3<f64>,
    /// Vectors of the input cell as columns, Å.
    pub axes: Matrix3<f64>,
}

impl Arrangement {
    /// So many input cells along each axis from the origin on.
    pub fn new(crystal: &Crystal, fc: &ForceConstants, shells: &[Shell], cells: [usize; 3]) -> Self {
        /// A face takes in what rounding has put beside it, in units of the cell.
        const ON_FACE: f64 = 1e-4;
        let lattice = &crystal.input.lattice;
        let size = Vector3::from(cells).map(|n| n as f64);
        let primitive = &crystal.primitive;
        let mut kinds: Vec<&String> = vec![];
        for symbol in &primitive.symbols {
            if !kinds.contains(&symbol) {
                kinds.push(symbol);
            }
        }
        // Primitive cells that can reach into the piece.
        let back = crystal.primitive_in_input.try_inverse().unwrap_or_else(Matrix3::identity);
        let corners =
            (0..8).map(|c| back * Vector3::from_fn(|a, _| if c >> a & 1 == 1 { size[a] } else { 0.0 }));
        let (mut low, mut high) = (Vector3::repeat(f64::INFINITY), Vector3::repeat(f64::NEG_INFINITY));
        for corner in corners {
            (low, high) = (low.inf(&corner), high.sup(&corner));
        }
        let furthest = primitive.positions.iter().map(|p| p.amax()).fold(1.0, f64::max);
        let low = low.map(|x| (x - furthest).floor() as i32);
        let high = high.map(|x| (x + furthest).ceil() as i32);
        let mut piece =
            Arrangement { cells, centre: lattice * size / 2.0, axes: *lattice, ..Arrangement::default() };
        let mut known: HashMap<(usize, [i32; 3]), usize> = HashMap::new();
        let mut cell_of = vec![];
        for x in low.x..=high.x {
            for y in low.y..=high.y {
                for z in low.z..=high.z {
                    let cell = Vector3::new(x, y, z);
                    for s in 0..primitive.len() {
                        let at = crystal.primitive_in_input * (cell.map(f64::from) + primitive.positions[s]);
                        if (0..3).all(|a| (-ON_FACE..=size[a] + ON_FACE).contains(&at[a])) {
                            let kind =
                                kinds.iter().position(|k| **k == primitive.symbols[s]).unwrap_or_default();
                            known.insert((s, cell.into()), piece.sites.len());
                            piece.sites.push(Site { atom: s, place: lattice * at, kind });
                            cell_of.push(cell);
                        }
                    }
                }
            }
        }
        piece.tie(crystal, fc, shells, &known, &cell_of);
        piece.frame(lattice);
        piece
    }

    /// Springs between the atoms.
    fn tie(
        &mut self,
        crystal: &Crystal,
        fc: &ForceConstants,
        shells: &[Shell],
        known: &HashMap<(usize, [i32; 3]), usize>,
        cell_of: &[Vector3<i32>],
    ) {
        let equal = 2e-6 * fc.largest();
        let symbols = &crystal.primitive.symbols;
        let reach = shells.last().map_or(0.0, |s| s.distance + SAME);
        let mut from = vec![vec![]; symbols.len()];
        for (i, j, cell, vector, phi) in &fc.pairs {
            let distance = vector.norm();
            if distance <= 1e-6 || distance > reach {
                continue;
            }
            let (elements, stiffness) = (ends(symbols, *i, *j), along(vector, phi));
            let shell = shells.iter().position(|s| {
                (s.distance - distance).abs() <= SAME
                    && s.elements == elements
                    && (s.stiffness - stiffness).abs() <= equal
            });
            from[*i].extend(shell.map(|shell| (*j, *cell, shell)));
        }
        for (a, site) in self.sites.iter().enumerate() {
            for (j, cell, shell) in &from[site.atom] {
                match known.get(&(*j, (cell_of[a] + cell).into())) {
                    Some(&b) if b > a => self.springs.push([a, b, *shell]),
                    _ => {}
                }
            }
        }
    }

    /// The edges of all cells.
    fn frame(&mut self, lattice: &Matrix3<f64>) {
        let n = self.cells;
        for axis in 0..3 {
            let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
            for i in 0..=n[u] {
                for j in 0..=n[v] {
                    for k in 0..n[axis] {
                        let mut at = Vector3::zeros();
                        (at[axis], at[u], at[v]) = (k as f64, i as f64, j as f64);
                        let from = lattice * at;
                        self.edges.push([from, from + lattice.column(axis)]);
                    }
                }
            }
        }
    }
}

/// Cells along each axis after which the wave repeats itself, two at least; fewer where the atoms would be too many, and about
/// one wave where it never does.
pub(super) fn cells_for(crystal: &Crystal, hkl: &[f64; 3]) -> [usize; 3] {
    /// Of the part of a turn from cell to cell.
    const REPEATED: f64 = 0.08;
    let atoms = crystal.input.len();
    let least: usize = if atoms <= 2 { 3 } else { 2 };
    let mut cells = hkl.map(|h| {
        let off = |x: f64| (x - x.round()).abs();
        let turn = off(h);
        let whole = (1..=MOST_CELLS).find(|n| off(h * *n as f64) <= REPEATED * turn);
        let period = match whole {
            Some(n) => n,
            None if turn < 1e-4 => 1,
            None => ((1.0 / turn).round() as usize).clamp(1, MOST_CELLS),
        };
        period * least.div_ceil(period)
    });
    while cells.iter().product::<usize>() * atoms > MOST_ATOMS && cells.iter().any(|n| *n > 1) {
        let longest = (0..3).max_by_key(|a| cells[*a]).unwrap_or(0);
        cells[longest] -= 1;
    }
    cells
}
