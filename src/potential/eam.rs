//! Embedded atoms by tables: E_i = F(Σ_j ρ(r_ij)) + ½ Σ_j φ(r_ij). M. S. Daw & M. I. Baskes, Phys. Rev. B 29 (1984) 6443.
//!
//! The tables are those of a file; what a fit moves are their values at knots: at the distances of the crystal's neighbours
//! and around its density. A change by one at a knot is a smooth bump, so that the start is the file's potential exactly.

use super::Number;
use super::spline::{Knots, Spline};

/// A function of a table, with its values at some points as parameters.
#[derive(Debug, Clone)]
pub struct Table {
    spline: Spline,
    knots: Option<Knots>,
    /// Its first parameter.
    first: usize,
}

impl Table {
    /// The function of the table alone.
    pub fn new(spline: Spline) -> Self {
        Table { spline, knots: None, first: 0 }
    }

    /// Its spacing, and where it ends.
    pub(super) fn grid(&self) -> (f64, f64) {
        (self.spline.spacing(), self.spline.last())
    }

    /// Makes parameters, the next of which has the number `first`, of the values at points; the outermost two stay.
    pub(super) fn with_knots(&mut self, points: Vec<f64>, first: usize) {
        self.knots = (points.len() > 2).then(|| Knots::new(points));
        self.first = first;
    }

    /// Where the knots are, and the values of the table there.
    pub(super) fn knots(&self) -> Vec<(f64, f64)> {
        let inner = self.knots.as_ref().map_or(&[][..], Knots::inner);
        inner.iter().map(|x| (*x, self.spline.at(*x))).collect()
    }

    /// The value at `x` with the parameters `p`.
    pub(super) fn at<D: Number>(&self, p: &[D], x: D) -> D {
        let plain = self.spline.at(x);
        let Some(knots) = &self.knots else { return plain };
        let by: Vec<D> = knots
            .inner()
            .iter()
            .zip(&p[self.first..])
            .map(|(x, value)| *value - self.spline.at(*x))
            .collect();
        plain + knots.at(&by, x)
    }
}

/// The tables of all elements.
#[derive(Debug, Clone)]
pub struct Eam {
    /// Chemical symbols, in the order of the tables.
    pub elements: Vec<String>,
    /// F(ρ) by element, eV.
    pub embedding: Vec<Table>,
    /// ρ(r) by the element that gives it.
    pub density: Vec<Table>,
    /// φ(r) of the elements i ≥ j, in the order 00, 10, 11, 20, …; eV.
    pub pair: Vec<Table>,
    /// Å: where all functions of the distance end.
    pub cutoff: f64,
}

/// Where the pair of two elements stands in a triangle of pairs.
pub(super) fn pair_index(a: usize, b: usize) -> usize {
    let (low, high) = (a.min(b), a.max(b));
    high * (high + 1) / 2 + low
}

impl Eam {
    /// ½ φ(r) and the density at an atom of element `a` by one of `b`.
    pub(super) fn radial<D: Number>(&self, p: &[D], a: usize, b: usize, r: D) -> [D; 2] {
        [self.pair[pair_index(a, b)].at(p, r) * 0.5, self.density[b].at(p, r)]
    }
}
