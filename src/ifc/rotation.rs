//! Rotational invariance as a constraint on the irreducible constants (M. Born & K. Huang, *Dynamical Theory
//! of Crystal Lattices*, §23 and §27).
//!
//! A rotation of the crystal makes no forces: Σ_s'R (Φ_αβ r_γ − Φ_αγ r_β) = 0 for each atom s; and without
//! stress Huang's conditions hold: [αβ,γλ] = [γλ,αβ] with [αβ,γλ] = −½ Σ Φ_αβ r_γ r_λ over all pairs. Most
//! symmetries imply them; polar, chiral and layered crystals lose some constants. What stays is a basis in
//! reduced row-echelon form again: each parameter is the matrix element that its label names.

use nalgebra::{DMatrix, Matrix3};

use super::irreducible::{IrreducibleBasis, null_space};

impl IrreducibleBasis {
    /// The constants that leave the crystal free of stress and of forces under rotation.
    #[must_use]
    pub fn rotationally_invariant(self) -> Self {
        let (free, solution) = null_space(&self.rotation_constraints());
        if free.len() == self.len() {
            return self;
        }
        let mut basis = self;
        basis.parameters = free.iter().map(|&p| basis.parameters[p].clone()).collect();
        basis.family.n_parameters = free.len();
        for term in &mut basis.family.terms {
            let mut blocks = vec![Matrix3::zeros(); free.len()];
            for (p, block) in &term.blocks {
                for (q, total) in blocks.iter_mut().enumerate() {
                    *total += block * solution[(*p, q)];
                }
            }
            term.blocks = blocks.into_iter().enumerate().filter(|(_, b)| b.amax() > 1e-12).collect();
        }
        basis
    }

    /// One row for each condition, each of a largest element of one; one column for each constant.
    fn rotation_constraints(&self) -> DMatrix<f64> {
        const PAIRS: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)];
        let n_atoms = self.family.n_atoms;
        let mut rows = DMatrix::zeros(9 * n_atoms + 15, self.len());
        for term in &self.family.terms {
            let v = &term.vector;
            for (p, block) in &term.blocks {
                for a in 0..3 {
                    for (n, (b, g)) in [(1, 2), (2, 0), (0, 1)].into_iter().enumerate() {
                        rows[(9 * term.i + 3 * a + n, *p)] += block[(a, b)] * v[g] - block[(a, g)] * v[b];
                    }
                }
                let bracket = |(a, b): (usize, usize), (g, l): (usize, usize)| {
                    0.5 * (block[(a, b)] + block[(b, a)]) * v[g] * v[l]
                };
                let mut row = 9 * n_atoms;
                for (i, &first) in PAIRS.iter().enumerate() {
                    for &second in &PAIRS[..i] {
                        rows[(row, *p)] += bracket(first, second) - bracket(second, first);
                        row += 1;
                    }
                }
            }
        }
        for mut row in rows.row_iter_mut() {
            let largest = row.amax();
            // What is zero but for rounding must not be blown up.
            row /= if largest > 1e-9 { largest } else { f64::INFINITY };
        }
        rows
    }
}
