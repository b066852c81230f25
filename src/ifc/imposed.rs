//! Linear conditions on the irreducible constants beyond symmetry and the acoustic sum rule, and the constants that
//! are left free by them.
//!
//! Rotational invariance (M. Born & K. Huang, *Dynamical Theory of Crystal Lattices*, §23 and §27): a rotation of the
//! crystal makes no forces, Σ_s'R (Φ_αβ r_γ − Φ_αγ r_β) = 0 for each atom s; and without stress Huang's conditions hold:
//! [αβ,γλ] = [γλ,αβ] with [αβ,γλ] = −½ Σ Φ_αβ r_γ r_λ over all pairs. Most symmetries imply them; polar, chiral and layered
//! crystals lose some constants. Axial symmetry: Φ(R) = −k_l R̂R̂ᵀ − k_t (1 − R̂R̂ᵀ) for every pair.
//!
//! What stays free is in reduced row-echelon form, so that each fitted parameter is the matrix element that its label
//! names. Values that conditions fix are carried by one more parameter, which no fit moves.

use nalgebra::{DMatrix, DVector, Matrix3};

use super::irreducible::{IrreducibleBasis, null_space};
use super::linear::LinearForceConstants;

/// Σ_p c_p θ_p = value.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// c, one for each irreducible constant.
    pub coefficients: Vec<f64>,
    /// eV/Å² where the coefficients are pure numbers.
    pub value: f64,
}

/// The constants that conditions leave free, and all constants as they follow from these.
#[derive(Debug, Clone)]
pub struct Imposed {
    /// All irreducible constants by those that are fitted: θ = matrix · φ.
    pub matrix: DMatrix<f64>,
    /// Which constant each column is; none for the last one where it carries what conditions fix.
    pub columns: Vec<Option<usize>>,
    /// The force constants as a family in φ.
    pub family: LinearForceConstants,
    /// Value of the last column, eV/Å², where it carries what conditions fix.
    pub fixed: Option<f64>,
}

/// What is imposed on one constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Tie {
    /// It has one value.
    Held,
    /// It follows from others.
    Tied,
    /// It is at the end of the range that it may have.
    Bound,
}

impl IrreducibleBasis {
    /// The constants that the conditions leave free; none where they contradict each other.
    pub fn imposed(&self, conditions: &[Condition]) -> Option<Imposed> {
        let n = self.len();
        let unit = conditions.iter().fold(0.0_f64, |m, c| m.max(c.value.abs()));
        let fixes = unit > 0.0;
        // The value stands first, so that it is the last to be eliminated: −value/unit · (unit) + Σ c θ = 0.
        let mut rows = DMatrix::zeros(conditions.len(), n + 1);
        for (r, condition) in conditions.iter().enumerate() {
            let largest = condition.coefficients.iter().fold(0.0_f64, |m, c| m.max(c.abs()));
            // What is zero but for rounding must not be blown up.
            let scale = if largest > 1e-9 { 1.0 / largest } else { 0.0 };
            if scale == 0.0 && condition.value != 0.0 {
                return None;
            }
            rows[(r, 0)] = if fixes { -condition.value / unit * scale } else { 0.0 };
            for (p, c) in condition.coefficients.iter().enumerate() {
                rows[(r, p + 1)] = c * scale;
            }
        }
        let (free, solution) = null_space(&rows);
        let fixes = fixes && free.first() == Some(&0);
        if unit > 0.0 && !fixes {
            return None;
        }
        // θ in the order of the basis, the value last.
        let mut order: Vec<usize> = (0..free.len()).filter(|&k| free[k] > 0).collect();
        let columns: Vec<Option<usize>> =
            order.iter().map(|&k| Some(free[k] - 1)).chain(fixes.then_some(None)).collect();
        order.extend(fixes.then_some(0));
        let matrix = DMatrix::from_fn(n, order.len(), |p, k| solution[(p + 1, order[k])]);
        let mut family = self.family.clone();
        family.n_parameters = order.len();
        for term in &mut family.terms {
            let mut blocks = vec![Matrix3::zeros(); order.len()];
            for (p, block) in &term.blocks {
                for (q, total) in blocks.iter_mut().enumerate() {
                    *total += block * matrix[(*p, q)];
                }
            }
            term.blocks = blocks.into_iter().enumerate().filter(|(_, b)| b.amax() > 1e-12).collect();
        }
        Some(Imposed { matrix, columns, family, fixed: fixes.then_some(unit) })
    }

    /// Value of the matrix element that a label names, as a combination of the constants.
    ///
    /// # Errors
    /// A label that names none within the cutoff.
    pub fn element(&self, label: &str) -> crate::Result<Vec<f64>> {
        if let Some(elastic) = &self.elastic {
            let row = elastic.iter().find(|(name, _)| name == label).map(|(_, row)| row.clone());
            let what = format!("'{label}' names no elastic constant");
            return row.ok_or_else(|| crate::Error::value(what, "C11 to C66 in Voigt notation"));
        }
        let (orbit, component) = self.find(label)?;
        Ok(self.functional(orbit, component))
    }

    /// No forces under rotation and no stress.
    pub fn rotational_invariance(&self) -> Vec<Condition> {
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
        let mut conditions = homogeneous(&rows);
        if let Some(dipoles) = self.family.long_range() {
            // What the dipoles have of it already; only rows in which there are constants can make up for it.
            let mut own = vec![0.0; rows.nrows()];
            let mut bare = [[Matrix3::zeros(); 3]; 3];
            for (k, of) in dipoles.moments().iter().enumerate() {
                let i = k / n_atoms;
                for a in 0..3 {
                    for (n, (b, g)) in [(1, 2), (2, 0), (0, 1)].into_iter().enumerate() {
                        own[9 * i + 3 * a + n] += of.first[g][(a, b)] - of.first[b][(a, g)];
                    }
                }
                for (g, l) in (0..9).map(|m| (m / 3, m % 3)) {
                    bare[g][l] += (of.second[g][l] + of.second[g][l].transpose()) * 0.5;
                }
            }
            let bracket = |(a, b): (usize, usize), (g, l): (usize, usize)| bare[g][l][(a, b)];
            let pairs = (0..6).flat_map(|i| (0..i).map(move |j| (PAIRS[i], PAIRS[j])));
            for (row, (first, second)) in pairs.enumerate() {
                own[9 * n_atoms + row] = bracket(first, second) - bracket(second, first);
            }
            let wanted = rows.row_iter().zip(&own).filter(|(row, _)| row.amax() > 1e-9);
            for (condition, (_, own)) in conditions.iter_mut().zip(wanted) {
                condition.value = if own.abs() > 1e-8 { -own } else { 0.0 };
            }
        }
        conditions
    }

    /// Springs along each pair and across it, and no others.
    pub fn axial_symmetry(&self) -> Vec<Condition> {
        let mut rows = DMatrix::zeros(9 * self.orbits.len(), self.len());
        for (o, orbit) in self.orbits.iter().enumerate() {
            let n = self.pairs[orbit.representative].vector.normalize();
            let along = n * n.transpose();
            let across = Matrix3::identity() - along;
            for p in 0..self.len() {
                let block = self.block(o, p);
                let (all, axial) = (block.trace(), block.dot(&along));
                let rest = block - along * axial - across * (0.5 * (all - axial));
                for (k, x) in rest.iter().enumerate() {
                    rows[(9 * o + k, p)] = *x;
                }
            }
        }
        homogeneous(&rows)
    }

    /// ∂Φ/∂θ_p at the representative pair of an orbit.
    pub(super) fn block(&self, orbit: usize, p: usize) -> Matrix3<f64> {
        let pair = &self.pairs[self.orbits[orbit].representative];
        let term = self.family.terms.iter().find(|t| t.i == pair.i && t.j == pair.j && t.cell == pair.cell);
        let blocks = term.map(|t| t.blocks.as_slice()).unwrap_or_default();
        blocks.iter().find(|(q, _)| *q == p).map_or(Matrix3::zeros(), |(_, b)| *b)
    }
}

/// One condition for each row that is not zero but for rounding.
fn homogeneous(rows: &DMatrix<f64>) -> Vec<Condition> {
    let wanted = rows.row_iter().filter(|row| row.amax() > 1e-9);
    wanted.map(|row| Condition { coefficients: row.iter().copied().collect(), value: 0.0 }).collect()
}

impl Imposed {
    /// All irreducible constants.
    pub fn all(&self, fitted: &[f64]) -> Vec<f64> {
        (&self.matrix * DVector::from_column_slice(fitted)).iter().copied().collect()
    }

    /// The fitted constants whose irreducible ones are nearest to `all`.
    pub fn nearest(&self, all: &[f64]) -> Vec<f64> {
        let n = self.columns.iter().flatten().count();
        let mut target = DVector::from_column_slice(all);
        if let Some(value) = self.fixed {
            target -= self.matrix.column(n) * value;
        }
        let free = self.matrix.columns(0, n);
        let found = (free.tr_mul(&free)).cholesky().map(|c| c.solve(&free.tr_mul(&target)));
        let found = found.unwrap_or_else(|| DVector::zeros(n));
        found.iter().copied().chain(self.fixed).collect()
    }

    /// What the conditions make of constant `p`; none where it is free.
    pub fn tie(&self, p: usize) -> Option<Tie> {
        if self.columns.contains(&Some(p)) {
            return None;
        }
        let n = self.columns.iter().flatten().count();
        let follows = self.matrix.row(p).columns(0, n).amax() > 1e-12;
        Some(if follows { Tie::Tied } else { Tie::Held })
    }
}
