//! Elastic constants in the place of force constants, for the scattering near Bragg peaks.
//!
//! In the long-wave limit the acoustic branches of any crystal are those of a continuum, whose Φ(q) per primitive cell is
//! V C_αγβδ q_γ q_δ. A lattice of one atom with springs over a distance far below any wave length has the same Φ(q), so that
//! all that works on force constants works on elastic constants.

use nalgebra::{DMatrix, Matrix3, Vector3};

use super::irreducible::{IrreducibleBasis, Parameter, row_reduce};
use super::linear::{LinearForceConstants, PairTerm};
use crate::crystal::Crystal;
use crate::units::GPA_PER_EV_A3;

/// Length of the springs, Å: Φ(q) is off by (q·r)²/12, 10⁻⁶ at 1 Å⁻¹, and by roundings over (q·r)², 10⁻⁶ at 0.005 Å⁻¹.
const SPRING: f64 = 3e-3;

/// Voigt notation: xx yy zz yz xz xy.
const VOIGT: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)];

/// Number of an index pair in Voigt notation.
fn voigt(a: usize, b: usize) -> usize {
    if a == b { a } else { 6 - a - b }
}

/// The 21 pairs I ≤ J of Voigt indices.
fn elements() -> Vec<(usize, usize)> {
    (0..6).flat_map(|i| (i..6).map(move |j| (i, j))).collect()
}

/// An elastic tensor by its 21 elements.
struct Tensor<'a>(&'a [f64]);

impl Tensor<'_> {
    fn at(&self, [a, b, c, d]: [usize; 4]) -> f64 {
        let (i, j) = (voigt(a, b), voigt(c, d));
        let (i, j) = (i.min(j), i.max(j));
        // Row i of the upper triangle begins after those above it.
        self.0[i * (13 - i) / 2 + j - i]
    }
}

impl IrreducibleBasis {
    /// The independent elastic constants of a crystal, GPa, by their names in Voigt notation along its Cartesian axes.
    pub fn elastic(crystal: &Crystal) -> Self {
        let elements = elements();
        let n = elements.len();
        // The average over the point group; its rows reduced.
        let mut rows = DMatrix::<f64>::zeros(n, n);
        for e in 0..n {
            let mut unit = vec![0.0; n];
            unit[e] = 1.0;
            let tensor = Tensor(&unit);
            for operation in &crystal.operations {
                let r = &operation.cartesian;
                for (column, &(i, j)) in elements.iter().enumerate() {
                    let ((a, b), (c, d)) = (VOIGT[i], VOIGT[j]);
                    let mut sum = 0.0;
                    for k in 0..81 {
                        let [w, x, y, z] = [k / 27, k / 9 % 3, k / 3 % 3, k % 3];
                        let turned = r[(a, w)] * r[(b, x)] * r[(c, y)] * r[(d, z)];
                        if turned != 0.0 {
                            sum += turned * tensor.at([w, x, y, z]);
                        }
                    }
                    rows[(e, column)] += sum / crystal.operations.len() as f64;
                }
            }
        }
        let pivots = row_reduce(&mut rows);
        let name = |e: usize| format!("C{}{}", elements[e].0 + 1, elements[e].1 + 1);
        let parameters: Vec<Parameter> =
            pivots.iter().map(|&e| Parameter { label: name(e), orbit: 0, component: elements[e] }).collect();
        let by_name = (0..n).map(|e| (name(e), (0..pivots.len()).map(|p| rows[(p, e)]).collect())).collect();
        let tensors: Vec<Vec<f64>> =
            (0..pivots.len()).map(|p| rows.row(p).iter().copied().collect()).collect();
        IrreducibleBasis {
            family: family(crystal, &tensors),
            parameters,
            cutoff: SPRING,
            pairs: vec![],
            orbits: vec![],
            prefixes: vec![],
            elastic: Some(by_name),
        }
    }
}

/// Φ(q) = V C_αγβδ q_γ q_δ of each tensor, by springs along the axes and the diagonals of their faces.
fn family(crystal: &Crystal, tensors: &[Vec<f64>]) -> LinearForceConstants {
    let volume = crystal.primitive.volume() / GPA_PER_EV_A3;
    // What goes with q_γ q_δ, both orders together.
    let part = |tensor: &[f64], g: usize, d: usize| {
        let c = Tensor(tensor);
        Matrix3::from_fn(|a, b| 0.5 * volume * (c.at([a, g, b, d]) + c.at([a, d, b, g])))
    };
    let mut terms = vec![];
    let mut own = vec![Matrix3::zeros(); tensors.len()];
    for (g, d) in [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)] {
        let mut cell = Vector3::zeros();
        cell[g] = 1;
        cell[d] = 1;
        // (q_γ + q_δ)² has the squares, too.
        let coefficient = |tensor: &[f64]| {
            if g != d {
                return part(tensor, g, d);
            }
            (0..3).filter(|k| *k != g).fold(part(tensor, g, g), |sum, k| sum - part(tensor, g, k))
        };
        // 2 cos x − 2 = −x²
        let blocks: Vec<(usize, Matrix3<f64>)> =
            tensors.iter().map(|t| coefficient(t) / -SPRING.powi(2)).enumerate().collect();
        for (total, (_, block)) in own.iter_mut().zip(&blocks) {
            *total -= block * 2.0;
        }
        for sign in [1, -1] {
            let cell = cell * sign;
            let vector = cell.map(f64::from) * SPRING;
            terms.push(PairTerm { i: 0, j: 0, cell, vector, blocks: blocks.clone() });
        }
    }
    let (cell, vector) = (Vector3::zeros(), Vector3::zeros());
    terms.push(PairTerm { i: 0, j: 0, cell, vector, blocks: own.into_iter().enumerate().collect() });
    let lattice = Matrix3::identity() * SPRING;
    LinearForceConstants { n_atoms: 1, n_parameters: tensors.len(), lattice, terms, dipoles: None }
}
