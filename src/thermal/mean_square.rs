//! Mean-square displacement tensors U_s = <C_ss(k)>, averaged over the space group, with their
//! derivatives to θ.
//!
//! U lives in the space that the site symmetries leave alone: U_s = Σ_k υ_k E_k,s with orthonormal
//! E. Its coordinates υ (one for a cubic element) are what is summed and differentiated.
//!
//! The sum over a mesh of n³ points misses c/n, from 1/q² at Γ; `convergence` has what is done about
//! that.

use nalgebra::{Complex, DMatrix, Matrix3, Vector3};

use super::convergence::Rule;
use super::correlation::{correlation, traces};
use super::grid::supercell_wave_vectors;
use super::mesh::{Mesh, MeshAxes, UMesh};
use super::modes::Modes;
use super::{Thermal, monatomic_form};
use crate::crystal::Crystal;
use crate::dynamics::PhaseTable;
use crate::ifc::LinearForceConstants;
use crate::lanes::{LANES, Lanes, PACKED, add_scaled, multiply, pack, unpack};

/// U of one crystal at one temperature as a function of θ.
#[derive(Debug, Clone)]
pub struct MeanSquare {
    thermal: Thermal,
    n_atoms: usize,
    /// `basis[k][s]` = E_k on atom s.
    pub basis: Vec<Vec<Matrix3<f64>>>,
    /// Meshes with the weight of each in the extrapolation.
    meshes: Vec<(f64, Vec<f64>, PhaseTable)>,
    /// Index of Γ in the mesh of a periodic supercell of a crystal with a basis.
    gamma: Option<usize>,
    /// What `meshes` are, where they stand for an infinite one.
    pub(super) rule: Option<Rule>,
    /// See [`Self::error`].
    pub(super) error: Option<f64>,
}

/// U and its derivatives at one θ.
#[derive(Debug, Clone, Default)]
pub struct MeanSquareValue {
    /// Coordinates υ, Å².
    pub coordinates: Vec<f64>,
    /// ∂υ_k/∂θ_p, Å⁴/eV; `n_coordinates × n_parameters`.
    pub jacobian: Vec<Vec<f64>>,
    /// U_s, Å², in Cartesian axes.
    pub tensors: Vec<Matrix3<f64>>,
}

impl MeanSquare {
    /// Mean-square displacements on the mesh that `mesh` names, along `axes` where that is plain.
    pub fn new(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        u_mesh: &UMesh,
        axes: MeshAxes,
    ) -> Self {
        match u_mesh {
            UMesh::Plain(n) => {
                Self::on(crystal, family, thermal, vec![(1.0, Mesh::half_shifted(crystal, *n, axes))])
            }
            UMesh::Named(_) => {
                let rule = Rule::first(crystal, &thermal);
                Self::by_rule(crystal, family, thermal, rule)
            }
        }
    }

    /// U as a weighted sum over meshes.
    pub(super) fn on(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        meshes: Vec<(f64, Mesh)>,
    ) -> Self {
        let table = |(factor, mesh): (f64, Mesh)| {
            (factor, mesh.weights, PhaseTable::new(family, mesh.k, TABLE_BUDGET))
        };
        MeanSquare {
            thermal,
            n_atoms: crystal.n_atoms(),
            basis: invariant_tensors(crystal),
            meshes: meshes.into_iter().map(table).collect(),
            gamma: None,
            rule: None,
            error: None,
        }
    }

    /// U in a periodic supercell of n₁×n₂×n₃ input cells, where only the three uniform translations
    /// are left out; not averaged over the space group, which the supercell may not have.
    pub fn periodic(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        supercell: [usize; 3],
    ) -> Self {
        let mut points = supercell_wave_vectors(crystal, supercell);
        let total: f64 = points.iter().map(|p| p.1).sum();
        let mut gamma = points.iter().position(|(k, _)| k.norm() < 1e-9);
        if let (1, Some(at)) = (crystal.n_atoms(), gamma) {
            // There is nothing but translations at Γ.
            points.remove(at);
            gamma = None;
        }
        let weights = points.iter().map(|p| p.1 / total).collect();
        let k = points.into_iter().map(|p| p.0).collect();
        let meshes = vec![(1.0, weights, PhaseTable::new(family, k, TABLE_BUDGET))];
        let n_atoms = crystal.n_atoms();
        MeanSquare { thermal, n_atoms, basis: all_tensors(n_atoms), meshes, gamma, rule: None, error: None }
    }

    pub(super) fn thermal(&self) -> &Thermal {
        &self.thermal
    }

    /// Number of wave vectors that are summed over, equivalent ones counted once.
    pub fn n_wave_vectors(&self) -> usize {
        self.meshes.iter().map(|(_, weights, _)| weights.len()).sum()
    }

    /// Number of coordinates υ.
    pub fn n_coordinates(&self) -> usize {
        self.basis.len()
    }

    /// U at `theta`; `None` when Φ is not positive definite somewhere on the mesh.
    pub fn at(&self, theta: &[f64]) -> Option<MeanSquareValue> {
        let mut jacobian = vec![vec![0.0; theta.len()]; self.n_coordinates()];
        let coordinates = self.sum(theta, Some(&mut jacobian))?;
        let tensors = self.tensors_of(&coordinates);
        Some(MeanSquareValue { coordinates, jacobian, tensors })
    }

    /// U_s alone, Å²: a fraction of the work of [`Self::at`].
    pub fn tensors(&self, theta: &[f64]) -> Option<Vec<Matrix3<f64>>> {
        Some(self.tensors_of(&self.sum(theta, None)?))
    }

    fn tensors_of(&self, coordinates: &[f64]) -> Vec<Matrix3<f64>> {
        (0..self.n_atoms)
            .map(|s| coordinates.iter().zip(&self.basis).fold(Matrix3::zeros(), |u, (v, e)| u + e[s] * *v))
            .collect()
    }

    /// Coordinates υ, and their derivatives where they are wanted.
    fn sum(&self, theta: &[f64], mut jacobian: Option<&mut [Vec<f64>]>) -> Option<Vec<f64>> {
        let (n_u, n_p) = (self.n_coordinates(), theta.len());
        let mut coordinates = vec![0.0; n_u];
        let d = 3 * self.n_atoms;
        let weights: Vec<DMatrix<Complex<f64>>> = self.basis.iter().map(|e| block_diagonal(e)).collect();
        for (factor, k_weights, table) in &self.meshes {
            let mut scratch = Vec::new();
            let mut phi = vec![[0.0; LANES]; table.n_slots];
            // The form of one atom per cell comes with its adjoint.
            let with_adjoints = jacobian.is_some() || self.n_atoms == 1;
            let mut adjoints = vec![vec![[0.0; LANES]; table.n_slots]; if with_adjoints { n_u } else { 0 }];
            let mut rows = vec![[0.0; LANES]; n_p];
            for b in 0..table.n_blocks() {
                let block = table.block(b, &mut scratch);
                table.assemble(block, theta, &mut phi);
                let here = (table.n_points - b * LANES).min(LANES);
                adjoints.iter_mut().flatten().for_each(|lane| *lane = [0.0; LANES]);
                // Lanes past the last point count nothing.
                let mut w = [0.0; LANES];
                for (w, k_weight) in w.iter_mut().zip(&k_weights[b * LANES..]) {
                    *w = factor * k_weight;
                }
                if self.n_atoms == 1 {
                    self.monatomic_block(&phi, &w, here, &mut coordinates, &mut adjoints)?;
                } else if jacobian.is_none() && self.gamma.is_none() {
                    for (lane, w) in w.iter().enumerate().take(here) {
                        let c = correlation(&unpack(&phi, lane, d), &self.thermal)?;
                        for (total, e) in coordinates.iter_mut().zip(&self.basis) {
                            let trace = |(s, e): (usize, &Matrix3<f64>)| -> f64 {
                                (0..9).map(|n| e[n] * c[(3 * s + n % 3, 3 * s + n / 3)].re).sum()
                            };
                            *total += w * e.iter().enumerate().map(trace).sum::<f64>();
                        }
                    }
                } else {
                    for lane in 0..here {
                        let matrix = unpack(&phi, lane, d);
                        let forms = if self.gamma == Some(b * LANES + lane) {
                            let (c, modes) = Modes::general(&matrix, &self.thermal, true)?;
                            weights.iter().map(|e| ((e * &c).trace().re, modes.apply(e))).collect()
                        } else {
                            traces(&matrix, &weights, &self.thermal)?
                        };
                        for (k, (value, adjoint)) in forms.into_iter().enumerate() {
                            coordinates[k] += w[lane] * value;
                            if let Some(slots) = adjoints.get_mut(k) {
                                pack(&adjoint, w[lane], lane, slots);
                            }
                        }
                    }
                }
                let Some(jacobian) = jacobian.as_deref_mut() else { continue };
                for (k, adjoint) in adjoints.iter().enumerate() {
                    table.contract(block, adjoint, &mut rows);
                    for (total, row) in jacobian[k].iter_mut().zip(&rows) {
                        *total += row.iter().sum::<f64>();
                    }
                }
            }
        }
        Some(coordinates)
    }

    /// A block of a crystal with one atom per cell: tr(E C) from forms dᵀ C d in a few directions d.
    fn monatomic_block(
        &self,
        phi: &[Lanes],
        weights: &Lanes,
        used: usize,
        coordinates: &mut [f64],
        adjoints: &mut [Vec<Lanes>],
    ) -> Option<()> {
        let shares: Vec<[f64; 6]> = self.basis.iter().map(|e| in_squares(&e[0])).collect();
        let mut value = [0.0; LANES];
        let mut adjoint = [[0.0; LANES]; 6];
        for (n, direction) in DIRECTIONS.iter().enumerate() {
            if shares.iter().all(|share| share[n].abs() < 1e-12) {
                continue;
            }
            let direction = direction.map(|x| [x; LANES]);
            if !monatomic_form(phi, &direction, &self.thermal, used, &mut value, &mut adjoint) {
                return None;
            }
            multiply(&mut value, weights);
            adjoint.iter_mut().for_each(|slot| multiply(slot, weights));
            for (k, share) in shares.iter().enumerate() {
                coordinates[k] += share[n] * value.iter().sum::<f64>();
                for (sum, slot) in adjoints[k].iter_mut().zip(&adjoint) {
                    add_scaled(sum, share[n], slot);
                }
            }
        }
        Some(())
    }
}

/// Directions d whose squares d dᵀ make up any symmetric tensor.
const DIRECTIONS: [[f64; 3]; 6] =
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]];

/// The symmetric tensor as a sum of squares of [`DIRECTIONS`].
fn in_squares(e: &Matrix3<f64>) -> [f64; 6] {
    let (xy, xz, yz) = (e[(0, 1)], e[(0, 2)], e[(1, 2)]);
    [e[(0, 0)] - xy - xz, e[(1, 1)] - xy - yz, e[(2, 2)] - xz - yz, xy, xz, yz]
}

const TABLE_BUDGET: usize = 64 << 20;

fn block_diagonal(blocks: &[Matrix3<f64>]) -> DMatrix<Complex<f64>> {
    let d = 3 * blocks.len();
    DMatrix::from_fn(d, d, |i, j| {
        Complex::from(if i / 3 == j / 3 { blocks[i / 3][(i % 3, j % 3)] } else { 0.0 })
    })
}

/// Orthonormal basis of all symmetric tensors on the atoms.
fn all_tensors(n: usize) -> Vec<Vec<Matrix3<f64>>> {
    let mut basis = Vec::new();
    for s in 0..n {
        for (i, j) in PACKED {
            let mut tensors = vec![Matrix3::zeros(); n];
            let size = if i == j { 1.0 } else { std::f64::consts::FRAC_1_SQRT_2 };
            tensors[s][(i, j)] = size;
            tensors[s][(j, i)] = size;
            basis.push(tensors);
        }
    }
    basis
}

/// Orthonormal basis of the symmetric tensors on the atoms that the space group leaves alone.
fn invariant_tensors(crystal: &Crystal) -> Vec<Vec<Matrix3<f64>>> {
    let n = crystal.n_atoms();
    let mut basis: Vec<Vec<Matrix3<f64>>> = Vec::new();
    let dot = |a: &[Matrix3<f64>], b: &[Matrix3<f64>]| a.iter().zip(b).map(|(x, y)| x.dot(y)).sum::<f64>();
    for s in 0..n {
        for (i, j) in [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)] {
            let mut unit = Matrix3::zeros();
            unit[(i, j)] = 0.5;
            unit[(j, i)] += 0.5;
            let mut average = vec![Matrix3::zeros(); n];
            for op in &crystal.operations {
                let image = op.images[s].0;
                average[image] +=
                    op.cartesian * unit * op.cartesian.transpose() / crystal.operations.len() as f64;
            }
            for e in &basis {
                let overlap = dot(&average, e);
                average.iter_mut().zip(e).for_each(|(a, b)| *a -= b * overlap);
            }
            let norm = dot(&average, &average).sqrt();
            if norm > 1e-6 {
                average.iter_mut().for_each(|a| *a /= norm);
                basis.push(average);
            }
        }
    }
    basis
}

impl MeanSquareValue {
    /// W_s(Q) = ½ Qᵀ U_s Q.
    pub fn debye_waller(&self, s: usize, q: &Vector3<f64>) -> f64 {
        0.5 * q.dot(&(self.tensors[s] * q))
    }
}
