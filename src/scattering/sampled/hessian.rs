//! The Hessian of a periodic supercell, dense, from the constants of one primitive cell, and the
//! contraction of its adjoint. Periodic images are summed: a supercell may be smaller than twice the
//! cutoff.

use nalgebra::{DMatrix, Matrix3, Vector3};

use crate::crystal::supercell::Supercell;
use crate::ifc::{LinearForceConstants, PairTerm};

/// ∂²E/∂u∂u as a linear function of θ; coordinates are 3 × site + axis.
#[derive(Debug, Clone)]
pub struct Hessian {
    family: LinearForceConstants,
    n_sites: usize,
    n_cells: usize,
    /// Place of each atom of the primitive cell in the order of the sites.
    rank: Vec<usize>,
    /// Where each cell goes under the lattice vector of each term.
    moved: Vec<Vec<usize>>,
    /// Which of them a term uses.
    shift: Vec<usize>,
    /// What does not depend on θ, eV/Å².
    constant: Option<DMatrix<f64>>,
}

impl Hessian {
    pub fn new(family: &LinearForceConstants, supercell: &Supercell) -> Self {
        let mut rank = vec![0; family.n_atoms];
        supercell.order.iter().enumerate().for_each(|(r, s)| rank[*s] = r);
        let mut cells: Vec<Vector3<i32>> = family.terms.iter().map(|term| term.cell).collect();
        crate::base::order::sort_by(&mut cells, |a, b| a.iter().cmp(b.iter()));
        cells.dedup();
        let place = |term: &PairTerm| cells.iter().position(|cell| *cell == term.cell).unwrap_or_default();
        let shift = family.terms.iter().map(place).collect();
        let moved = cells.iter().map(|cell| supercell.moved(cell)).collect();
        let n_sites = supercell.sites.len();
        let family = family.clone();
        let mut hessian =
            Hessian { family, n_sites, n_cells: supercell.n_cells, rank, moved, shift, constant: None };
        hessian.constant = hessian.dipoles(supercell);
        hessian
    }

    /// The dipole–dipole part of a polar crystal in real space.
    fn dipoles(&self, supercell: &Supercell) -> Option<DMatrix<f64>> {
        let part = self.family.long_range()?;
        let in_supercell = part.in_supercell(&supercell.lattice);
        let inverse = self.family.lattice.try_inverse()?;
        let mut h = DMatrix::zeros(self.dimension(), self.dimension());
        let first = supercell.order.first()?;
        for point in 0..self.n_cells {
            // From the origin, where the sites of an atom begin, to each lattice point.
            let to = supercell.sites[point] - supercell.sites[0];
            let moved = supercell.moved(&(inverse * to).map(|x| x.round() as i32));
            debug_assert_eq!(supercell.types[point], *first);
            for i in 0..self.family.n_atoms {
                for j in 0..self.family.n_atoms {
                    let phi = in_supercell.between(i, j, &(to + part.sites[j] - part.sites[i]));
                    for (from, to) in moved.iter().enumerate() {
                        let (row, column) = self.place(i, from, j, *to);
                        h.fixed_view_mut::<3, 3>(row, column).copy_from(&phi);
                    }
                }
            }
        }
        Some((&h + h.transpose()) * 0.5)
    }

    /// 3 × sites.
    pub fn dimension(&self) -> usize {
        3 * self.n_sites
    }

    /// H at θ, eV/Å²; symmetric.
    pub fn at(&self, theta: &[f64]) -> DMatrix<f64> {
        let empty = || DMatrix::zeros(self.dimension(), self.dimension());
        let mut h = self.constant.clone().unwrap_or_else(empty);
        let constants = self.family.at(theta);
        for ((i, j, _, _, phi), shift) in constants.pairs.iter().zip(&self.shift) {
            // Both triangles take half, so that an input that is not exactly symmetric gives its
            // symmetric part.
            let half = phi * 0.5;
            for (from, to) in self.moved[*shift].iter().enumerate() {
                let (row, column) = self.place(*i, from, *j, *to);
                for a in 0..3 {
                    for b in 0..3 {
                        h[(row + a, column + b)] += half[(a, b)];
                        h[(column + b, row + a)] += half[(a, b)];
                    }
                }
            }
        }
        h
    }

    /// First coordinates of atom `i` in cell `from` and of atom `j` in cell `to`.
    fn place(&self, i: usize, from: usize, j: usize, to: usize) -> (usize, usize) {
        (3 * (self.rank[i] * self.n_cells + from), 3 * (self.rank[j] * self.n_cells + to))
    }

    /// tr(H̄ ∂H/∂θ); only the symmetric part of H̄ counts.
    pub fn contract(&self, adjoint: &DMatrix<f64>) -> Vec<f64> {
        let mut gradient = vec![0.0; self.family.n_parameters];
        for (term, shift) in self.family.terms.iter().zip(&self.shift) {
            let mut sum = Matrix3::zeros();
            for (from, to) in self.moved[*shift].iter().enumerate() {
                let (row, column) = self.place(term.i, from, term.j, *to);
                sum += adjoint.fixed_view::<3, 3>(row, column);
                sum += adjoint.fixed_view::<3, 3>(column, row).transpose();
            }
            for (p, block) in &term.blocks {
                gradient[*p] += 0.5 * sum.dot(block);
            }
        }
        gradient
    }
}
