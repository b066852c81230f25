//! Mean-square displacement tensors U_s = <C_ss(k)>, averaged over the space group, with their
//! derivatives to θ.
//!
//! U lives in the space that the site symmetries leave alone: U_s = Σ_k υ_k E_k,s with orthonormal
//! E. Its coordinates υ (one for a cubic element) are what is summed and differentiated.
//!
//! The sum over a mesh of n³ points misses c/n, from 1/q² at Γ; `convergence` has what is done about
//! that.

use std::ops::Range;
use std::sync::Arc;

use nalgebra::{Complex, DMatrix, Matrix3, Vector3};

use super::convergence::Rule;
use super::correlation::{correlation, traces};
use super::grid::supercell_wave_vectors;
use super::mesh::{Mesh, MeshAxes, UMesh};
use super::modes::Modes;
use super::poles::Pole;
use super::polyatomic::{Traces, expected_poles};
use super::{MonatomicForm, Thermal};
use crate::base::parallel::{Pool, now};
use crate::crystal::Crystal;
use crate::dynamics::PhaseTable;
use crate::ifc::LinearForceConstants;
use crate::lanes::{
    InRegisters, LANES, Lanes, PACKED, REGISTER, Register, add_scaled, clear, multiply, pack, unpack,
};

/// U of one crystal at one temperature as a function of θ.
#[derive(Debug, Clone)]
pub struct MeanSquare {
    thermal: Thermal,
    n_atoms: usize,
    /// `basis[k][s]` = E_k on atom s.
    pub basis: Vec<Vec<Matrix3<f64>>>,
    /// Meshes with the weight of each in the extrapolation.
    meshes: Vec<(f64, Vec<f64>, Arc<PhaseTable>)>,
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

/// Coordinates υ and, where they are wanted, their derivatives.
struct Sums {
    coordinates: Vec<f64>,
    jacobian: Vec<Vec<f64>>,
}

/// Scratch memory of one thread.
#[derive(Default)]
struct Work {
    table: Vec<Lanes>,
    one_atom: MonatomicForm,
    poles: Vec<Pole>,
    traces: Traces,
    /// K, ∂Φ/∂θ and Re tr(K ∂Φ/∂θ) of same lanes.
    k: Vec<Register>,
    g: Vec<Register>,
    rows: Vec<Register>,
}

fn add_to(total: &mut [f64], part: &[f64]) {
    total.iter_mut().zip(part).for_each(|(total, x)| *total += x);
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

    /// No displacements at all: of one atom, whose Debye–Waller factor is known otherwise.
    #[cfg(feature = "chosen")]
    pub fn nothing(thermal: Thermal) -> Self {
        MeanSquare {
            thermal,
            n_atoms: 1,
            basis: vec![],
            meshes: vec![],
            gamma: None,
            rule: None,
            error: None,
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
            (factor, mesh.weights, Arc::new(PhaseTable::new(family, mesh.k, TABLE_BUDGET)))
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
        let meshes = vec![(1.0, weights, Arc::new(PhaseTable::new(family, k, TABLE_BUDGET)))];
        let n_atoms = crystal.n_atoms();
        MeanSquare { thermal, n_atoms, basis: all_tensors(n_atoms), meshes, gamma, rule: None, error: None }
    }

    /// The same at another temperature, on the same meshes.
    pub fn at_temperature(&self, temperature_k: f64) -> Self {
        let thermal = Thermal { temperature_k, ..self.thermal.clone() };
        MeanSquare { thermal, ..self.clone() }
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
        now(self.at_in(&Pool::here(), theta))
    }

    /// The same, in pieces.
    pub async fn at_in(&self, pool: &Pool, theta: &[f64]) -> Option<MeanSquareValue> {
        let Sums { coordinates, jacobian } = self.sum(pool, theta, true).await?;
        let tensors = self.tensors_of(&coordinates);
        Some(MeanSquareValue { coordinates, jacobian, tensors })
    }

    /// U_s alone, Å²: a fraction of the work of [`Self::at`].
    pub fn tensors(&self, theta: &[f64]) -> Option<Vec<Matrix3<f64>>> {
        now(self.tensors_in(&Pool::here(), theta))
    }

    /// The same, in pieces.
    pub async fn tensors_in(&self, pool: &Pool, theta: &[f64]) -> Option<Vec<Matrix3<f64>>> {
        Some(self.tensors_of(&self.sum(pool, theta, false).await?.coordinates))
    }

    fn tensors_of(&self, coordinates: &[f64]) -> Vec<Matrix3<f64>> {
        (0..self.n_atoms)
            .map(|s| coordinates.iter().zip(&self.basis).fold(Matrix3::zeros(), |u, (v, e)| u + e[s] * *v))
            .collect()
    }

    /// Coordinates υ, and their derivatives where they are wanted.
    async fn sum(&self, pool: &Pool, theta: &[f64], derivatives: bool) -> Option<Sums> {
        let weights: Vec<DMatrix<Complex<f64>>> = self.basis.iter().map(|e| block_diagonal(e)).collect();
        let blocks: Vec<(usize, usize)> = self
            .meshes
            .iter()
            .enumerate()
            .flat_map(|(m, (_, _, table))| (0..table.n_blocks()).map(move |b| (m, b)))
            .collect();
        let work = |range: Range<usize>| {
            let mut sums = self.no_sums(theta.len(), derivatives);
            self.add_blocks(&blocks[range], theta, &weights, derivatives, &mut sums)?;
            Some((sums.coordinates, sums.jacobian))
        };
        let cost = self.cost_of_block(theta.len(), derivatives);
        let mut total = self.no_sums(theta.len(), derivatives);
        for part in pool.ranges(blocks.len(), cost, &work).await {
            let (coordinates, jacobian) = part?;
            add_to(&mut total.coordinates, &coordinates);
            total.jacobian.iter_mut().zip(&jacobian).for_each(|(total, row)| add_to(total, row));
        }
        Some(total)
    }

    fn no_sums(&self, n_parameters: usize, derivatives: bool) -> Sums {
        let rows = if derivatives { self.n_coordinates() } else { 0 };
        Sums { coordinates: vec![0.0; self.n_coordinates()], jacobian: vec![vec![0.0; n_parameters]; rows] }
    }

    /// Floating-point operations, roughly.
    fn cost_of_block(&self, n_parameters: usize, derivatives: bool) -> f64 {
        let d = 3.0 * self.n_atoms as f64;
        let assembly = 6.0 * n_parameters as f64 * d * d;
        let forms = if derivatives { self.n_coordinates() as f64 } else { 1.0 };
        let solving = match (self.n_atoms, expected_poles(&self.thermal).map(f64::from)) {
            (1, _) => 600.0,
            (_, Some(poles)) if derivatives => poles * (4.0 * d + 12.0 * forms) * d * d,
            (_, Some(poles)) => poles * 4.0 * d * d * d,
            (_, None) => (60.0 + 30.0 * forms) * d * d * d,
        };
        LANES as f64 * (assembly * (1.0 + if derivatives { forms } else { 0.0 }) + solving)
    }

    /// `blocks`: mesh, and block of it.
    fn add_blocks(
        &self,
        blocks: &[(usize, usize)],
        theta: &[f64],
        weights: &[DMatrix<Complex<f64>>],
        derivatives: bool,
        sums: &mut Sums,
    ) -> Option<()> {
        let n_u = self.n_coordinates();
        let mut work = Work::default();
        let mut phi = vec![[0.0; LANES]; 9 * self.n_atoms * self.n_atoms];
        let mut rows = vec![[0.0; LANES]; theta.len()];
        let of_one = self.n_atoms == 1 && derivatives;
        let mut adjoints = vec![vec![[0.0; LANES]; 9]; if of_one { n_u } else { 0 }];
        for &(mesh, b) in blocks {
            let (factor, k_weights, table) = &self.meshes[mesh];
            let mut scratch = std::mem::take(&mut work.table);
            let block = table.block(b, &mut scratch);
            table.assemble(b, block, theta, &mut phi);
            let here = (table.n_points - b * LANES).min(LANES);
            // Lanes past the last point count nothing.
            let mut w = [0.0; LANES];
            for (w, k_weight) in w.iter_mut().zip(&k_weights[b * LANES..]) {
                *w = factor * k_weight;
            }
            if self.n_atoms == 1 {
                adjoints.iter_mut().flatten().for_each(clear);
                let form = &mut work.one_atom;
                self.monatomic_block(&phi, &w, here, form, &mut sums.coordinates, &mut adjoints)?;
                for (adjoint, total) in adjoints.iter().zip(&mut sums.jacobian) {
                    table.contract(block, adjoint, &mut rows);
                    add_to(total, &rows.iter().map(|row| row.iter().sum()).collect::<Vec<f64>>());
                }
            } else if self.gamma.is_none() && Pole::of_block(&phi, &self.thermal, &mut work.poles) {
                self.block_in_lanes((table, block), &phi, &w, here, derivatives, &mut work, sums)?;
            } else {
                self.block_by_matrices((table, b, block), &phi, &w, here, weights, derivatives, sums)?;
            }
            work.table = scratch;
        }
        Some(())
    }

    /// A block of a crystal with several atoms per cell.
    #[allow(clippy::too_many_arguments)]
    fn block_in_lanes(
        &self,
        (table, block): (&PhaseTable, &[Lanes]),
        phi: &[Lanes],
        weights: &Lanes,
        used: usize,
        derivatives: bool,
        Work { poles, traces, k, g, rows, .. }: &mut Work,
        sums: &mut Sums,
    ) -> Option<()> {
        k.resize(phi.len(), Register::ZERO);
        rows.resize(table.n_parameters, Register::ZERO);
        for register in 0..used.div_ceil(REGISTER) {
            let sign = traces.prepare(phi, &self.thermal, poles, register).to_array();
            if sign.iter().take(used - REGISTER * register).any(|sign| *sign == 0.0) {
                return None;
            }
            let w = weights.register(register);
            for (total, e) in sums.coordinates.iter_mut().zip(&self.basis) {
                *total += (w * traces.value(e)).to_array().iter().sum::<f64>();
            }
            if !derivatives {
                continue;
            }
            g.clear();
            g.extend(block.iter().map(|g| g.register(register) * w));
            for (total, e) in sums.jacobian.iter_mut().zip(&self.basis) {
                traces.adjoint(e, k);
                table.contract_registers(g, k, rows);
                for (total, row) in total.iter_mut().zip(&*rows) {
                    *total += row.to_array().iter().sum::<f64>();
                }
            }
        }
        Some(())
    }

    /// The same in the cold, and with Γ of a periodic supercell: one matrix after the other, by diagonalisation.
    #[allow(clippy::too_many_arguments)]
    fn block_by_matrices(
        &self,
        (table, b, block): (&PhaseTable, usize, &[Lanes]),
        phi: &[Lanes],
        w: &Lanes,
        used: usize,
        weights: &[DMatrix<Complex<f64>>],
        derivatives: bool,
        sums: &mut Sums,
    ) -> Option<()> {
        let d = 3 * self.n_atoms;
        let n_adjoints = if derivatives { self.n_coordinates() } else { 0 };
        let mut adjoints = vec![vec![[0.0; LANES]; d * d]; n_adjoints];
        let coordinates = &mut sums.coordinates;
        for lane in 0..used {
            let matrix = unpack(phi, lane, d);
            if !derivatives && self.gamma.is_none() {
                let c = correlation(&matrix, &self.thermal)?;
                for (total, e) in coordinates.iter_mut().zip(&self.basis) {
                    let trace = |(s, e): (usize, &Matrix3<f64>)| -> f64 {
                        (0..9).map(|n| e[n] * c[(3 * s + n % 3, 3 * s + n / 3)].re).sum()
                    };
                    *total += w[lane] * e.iter().enumerate().map(trace).sum::<f64>();
                }
                continue;
            }
            let forms = if self.gamma == Some(b * LANES + lane) {
                let (c, modes) = Modes::general(&matrix, &self.thermal, true)?;
                weights.iter().map(|e| ((e * &c).trace().re, modes.apply(e))).collect()
            } else {
                traces(&matrix, weights, &self.thermal)?
            };
            for (k, (value, adjoint)) in forms.into_iter().enumerate() {
                coordinates[k] += w[lane] * value;
                if let Some(slots) = adjoints.get_mut(k) {
                    pack(&adjoint, w[lane], lane, slots);
                }
            }
        }
        let mut rows = vec![[0.0; LANES]; table.n_parameters];
        for (adjoint, total) in adjoints.iter().zip(&mut sums.jacobian) {
            table.contract(block, adjoint, &mut rows);
            for (total, row) in total.iter_mut().zip(&rows) {
                *total += row.iter().sum::<f64>();
            }
        }
        Some(())
    }

    /// A block of a crystal with one atom per cell: tr(E C) from forms dᵀ C d in a few directions d, and their adjoints where
    /// there is room for them.
    fn monatomic_block(
        &self,
        phi: &[Lanes],
        weights: &Lanes,
        used: usize,
        form: &mut MonatomicForm,
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
            let slopes = (!adjoints.is_empty()).then_some(&mut adjoint);
            if !form.at(phi, &direction, &self.thermal, used, &mut value, slopes) {
                return None;
            }
            multiply(&mut value, weights);
            adjoint.iter_mut().for_each(|slot| multiply(slot, weights));
            for (total, share) in coordinates.iter_mut().zip(&shares) {
                *total += share[n] * value.iter().sum::<f64>();
            }
            for (sums, share) in adjoints.iter_mut().zip(&shares) {
                for (sum, slot) in sums.iter_mut().zip(&adjoint) {
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
