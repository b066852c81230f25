//! One-phonon scattering: with a_sα = f_s(Q) e^{−W_s} Q_α, I₁ = aᴴ C(Q) a.
//!
//! Its adjoint: ∂I₁/∂θ = Re tr(K ∂Φ/∂θ) with K = −k_BT x xᴴ, x = Φ⁻¹a in the classical case (a sum
//! of such terms or the Daleckii–Krein form in the quantum one), plus the Debye–Waller part
//! −Σ_s Re{a_s* (Ca)_s} Qᵀ(∂U_s)Q. The latter is kept as a derivative to the coordinates υ of U, so
//! that ∂U/∂θ, one sweep over the mesh, is applied once and not per pixel.

use std::ops::Range;
use std::sync::Arc;

use nalgebra::{Matrix3, Vector3};

use super::Points;
use super::higher_orders::HigherState;
#[cfg(feature = "chosen")]
use super::resolution::from_nearest_peak;
use crate::base::parallel::{Pool, now};
use crate::crystal::Crystal;
use crate::dynamics::PhaseTable;
use crate::ifc::LinearForceConstants;
use crate::lanes::{
    InRegisters, LANES, Lanes, REGISTERS, add_product, clear, exp, multiply, quadratic, same,
};
use crate::thermal::{MeanSquare, MeanSquareValue, MonatomicForm, PolyatomicForm, Slopes, Thermal};

mod spread;

use spread::Spread;

/// One-phonon intensities on a list of Q.
#[derive(Debug, Clone)]
pub struct OnePhonon {
    thermal: Thermal,
    n_atoms: usize,
    n_points: usize,
    /// At the nodes where there is a resolution, else at the points.
    table: Arc<PhaseTable>,
    mean_square: MeanSquare,
    points: Arc<Points>,
    spread: Option<Arc<Spread>>,
    /// The mean-square displacement (Å²) of the atoms where Φ is that of a continuum.
    acoustic: Option<f64>,
}

/// Q with what scatters there.
#[cfg_attr(not(feature = "chosen"), allow(unused_variables))]
async fn scatterers(crystal: &Crystal, q: &[Vector3<f64>], acoustic: Option<f64>) -> Points {
    #[cfg(feature = "chosen")]
    if let Some(u) = acoustic {
        return Points::acoustic(crystal, q, u).await;
    }
    Points::in_pieces(crystal, q).await
}

/// Where Φ is wanted: a continuum does not repeat itself from peak to peak.
#[cfg_attr(not(feature = "chosen"), allow(unused_variables))]
fn from_centre(crystal: &Crystal, q: Vec<Vector3<f64>>, acoustic: Option<f64>) -> Vec<Vector3<f64>> {
    #[cfg(feature = "chosen")]
    if acoustic.is_some() {
        return q.iter().map(|q| from_nearest_peak(crystal, q)).collect();
    }
    q
}

/// The gradient of the averaged intensity, electron² Å per primitive cell, and its change with the relative change of the
/// covariance of the Gaussian that it is averaged over.
pub type Slope = nalgebra::Vector4<f64>;

/// θ with all that follows from it once for all Q.
#[derive(Debug, Clone, Default)]
pub struct ModelState {
    /// Parameters, eV/Å².
    pub theta: Vec<f64>,
    /// Mean-square displacements there.
    pub mean_square: MeanSquareValue,
    /// Present in a model of all orders.
    pub higher: Option<Arc<HigherState>>,
}

/// Scratch memory of one thread.
#[derive(Debug, Default)]
pub struct Workspace {
    table: Vec<Lanes>,
    rows: Vec<Lanes>,
    scratch: Scratch,
}

#[derive(Debug, Default)]
struct Scratch {
    phi: Vec<Lanes>,
    adjoint: Vec<Lanes>,
    a: Vec<[Lanes; 2]>,
    overlaps: Vec<Lanes>,
    one_atom: MonatomicForm,
    form: PolyatomicForm,
}

/// Largest table of phases that is kept, bytes; beyond it blocks are recomputed.
const TABLE_BUDGET: usize = 384 << 20;

impl OnePhonon {
    /// A third of the trace of ⟨uuᵀ⟩ of an atom, Å², with its derivatives to the constants.
    pub fn isotropic_displacement(&self, state: &ModelState, atom: usize) -> (f64, Vec<f64>) {
        let mut slopes = vec![0.0; state.theta.len()];
        for (e, row) in self.mean_square.basis.iter().zip(&state.mean_square.jacobian) {
            let share = e[atom].trace() / 3.0;
            slopes.iter_mut().zip(row).for_each(|(total, x)| *total += share * x);
        }
        (state.mean_square.tensors[atom].trace() / 3.0, slopes)
    }

    /// `q`: Cartesian, Å⁻¹, none on a reciprocal-lattice point.
    pub fn new(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        mean_square: MeanSquare,
        q: Vec<Vector3<f64>>,
    ) -> Self {
        now(Self::in_pieces(crystal, family, thermal, mean_square, q))
    }

    /// The same, in pieces.
    pub async fn in_pieces(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        mean_square: MeanSquare,
        q: Vec<Vector3<f64>>,
    ) -> Self {
        Self::of(crystal, family, thermal, mean_square, q, None).await
    }

    /// [`Self::acoustic_in_pieces`] in one go.
    #[cfg(feature = "chosen")]
    pub fn acoustic(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        q: Vec<Vector3<f64>>,
        u: f64,
    ) -> Self {
        now(Self::acoustic_in_pieces(crystal, family, thermal, q, u))
    }

    /// The acoustic phonons of a continuum near Bragg peaks: `family` gives Φ at Q from the nearest peak, `u` is the
    /// mean-square displacement of the atoms, Å².
    #[cfg(feature = "chosen")]
    pub async fn acoustic_in_pieces(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        q: Vec<Vector3<f64>>,
        u: f64,
    ) -> Self {
        let masses = vec![thermal.masses.iter().sum()];
        let thermal = Thermal { masses, ..thermal };
        Self::of(crystal, family, thermal.clone(), MeanSquare::nothing(thermal), q, Some(u)).await
    }

    async fn of(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        mean_square: MeanSquare,
        q: Vec<Vector3<f64>>,
        acoustic: Option<f64>,
    ) -> Self {
        let points = Arc::new(scatterers(crystal, &q, acoustic).await);
        let table = Arc::new(PhaseTable::new(family, from_centre(crystal, q, acoustic), TABLE_BUDGET));
        let (n_atoms, n_points) = (family.n_atoms, table.n_points);
        OnePhonon { thermal, n_atoms, n_points, table, mean_square, points, spread: None, acoustic }
    }

    /// The same force constants at another temperature, where all lengths of the crystal are `stretch` times as large: what
    /// does not depend on either is shared. In the units of hkl the resolution stays, Å⁻¹ or not. Not for polar crystals, whose
    /// dipoles feel the distance, and not for a continuum.
    pub fn elsewhere(&self, crystal: &Crystal, temperature_k: f64, stretch: f64) -> Self {
        let thermal = Thermal { temperature_k, ..self.thermal.clone() };
        let mean_square = self.mean_square.at_temperature(temperature_k);
        let mut other = OnePhonon { thermal, mean_square, ..self.clone() };
        if stretch.to_bits() != 1f64.to_bits() {
            other.points = Arc::new(self.points.stretched(crystal, stretch));
            other.spread = self.spread().map(|spread| {
                let points = spread.points.stretched(crystal, stretch);
                Arc::new(Spread { points, ..(**spread).clone() })
            });
        }
        other
    }

    /// What there is of it; none in a package without instruments.
    fn spread(&self) -> Option<&Arc<Spread>> {
        if cfg!(feature = "chosen") { self.spread.as_ref() } else { None }
    }

    /// The points with their form factors.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// Temperature, statistics and masses.
    pub fn thermal(&self) -> &Thermal {
        &self.thermal
    }

    /// The mesh of the mean-square displacements.
    pub fn mean_square(&self) -> &MeanSquare {
        &self.mean_square
    }

    /// Number of points.
    pub fn n_points(&self) -> usize {
        self.n_points
    }

    /// Number of blocks of lanes that hold all points.
    pub fn n_blocks(&self) -> usize {
        self.n_points.div_ceil(LANES)
    }

    /// Length of θ.
    pub fn n_parameters(&self) -> usize {
        self.table.n_parameters
    }

    /// Number of derivatives per pixel that [`Self::block`] gives: those to θ at fixed U, then
    /// those to the coordinates υ of U.
    pub fn n_rows(&self) -> usize {
        self.table.n_parameters + self.mean_square.n_coordinates()
    }

    /// Prepares θ; `None` when Φ is not positive definite on the mesh.
    pub fn state(&self, theta: &[f64]) -> Option<ModelState> {
        now(self.state_in(&Pool::here(), theta))
    }

    /// The same, in pieces.
    pub async fn state_in(&self, pool: &Pool, theta: &[f64]) -> Option<ModelState> {
        let mean_square = self.mean_square.at_in(pool, theta).await?;
        Some(ModelState { theta: theta.to_vec(), mean_square, higher: None })
    }

    /// The same for intensities alone: without ∂U/∂θ.
    pub(super) async fn state_for_values(&self, pool: &Pool, theta: &[f64]) -> Option<ModelState> {
        let tensors = self.mean_square.tensors_in(pool, theta).await?;
        let mean_square = MeanSquareValue { tensors, ..MeanSquareValue::default() };
        Some(ModelState { theta: theta.to_vec(), mean_square, higher: None })
    }

    /// Floating-point operations for a block of points, roughly; with derivatives or without.
    pub fn cost_of_block(&self, derivatives: bool) -> f64 {
        let d = 3.0 * self.n_atoms as f64;
        let solving = match self.n_atoms {
            1 => 300.0,
            _ => PolyatomicForm::cost(&self.thermal),
        };
        let table = self.n_parameters() as f64 * d * d * if derivatives { 6.0 } else { 3.0 };
        let nodes = match self.spread() {
            Some(spread) if spread.averages => spread.weights.len() as f64 / self.n_blocks().max(1) as f64,
            _ => 1.0,
        };
        nodes * LANES as f64 * (solving + table)
    }

    /// Intensities of block `b`, electron² per primitive cell, and their derivatives (`rows`, of
    /// length [`Self::n_rows`]) when wanted. False when Φ is not positive definite at a pixel.
    pub fn block(
        &self,
        b: usize,
        state: &ModelState,
        work: &mut Workspace,
        intensity: &mut Lanes,
        rows: Option<&mut [Lanes]>,
    ) -> bool {
        let used = (self.n_points - b * LANES).min(LANES);
        let Some(spread) = self.spread().filter(|s| s.averages) else {
            return self.plain_block(b, (&self.points, b), state, work, used, intensity, rows);
        };
        let n_rows = if rows.is_some() { self.n_rows() } else { 0 };
        let mut node_rows = std::mem::take(&mut work.rows);
        node_rows.resize(n_rows, [0.0; LANES]);
        let mut rows = rows;
        *intensity = [0.0; LANES];
        if let Some(rows) = rows.as_deref_mut() {
            rows.iter_mut().for_each(|row| *row = [0.0; LANES]);
        }
        let mut is_stable = true;
        for node in spread.first[b]..spread.first[b + 1] {
            let mut value = [0.0; LANES];
            let wanted = rows.is_some().then_some(&mut node_rows[..]);
            is_stable &=
                self.plain_block(node, (&spread.points, node), state, work, used, &mut value, wanted);
            if !is_stable {
                break;
            }
            let weight = &spread.weights[node];
            add_product(intensity, weight, &value);
            for (row, more) in rows.iter_mut().flat_map(|r| r.iter_mut()).zip(&node_rows) {
                add_product(row, weight, more);
            }
        }
        work.rows = node_rows;
        is_stable
    }

    /// Block `b` of the table, whose Q and form factors are those of a block of `points`.
    #[allow(clippy::too_many_arguments)]
    fn plain_block(
        &self,
        b: usize,
        points: (&Points, usize),
        state: &ModelState,
        work: &mut Workspace,
        used: usize,
        intensity: &mut Lanes,
        rows: Option<&mut [Lanes]>,
    ) -> bool {
        let Workspace { table, scratch, .. } = work;
        scratch.phi.resize(self.table.n_slots, [0.0; LANES]);
        scratch.adjoint.resize(self.table.n_slots, [0.0; LANES]);
        let block = self.table.block(b, table);
        self.table.assemble(b, block, &state.theta, &mut scratch.phi);
        if self.n_atoms == 1 {
            self.monatomic(points, block, state, used, scratch, intensity, rows)
        } else {
            self.polyatomic(points, block, state, used, scratch, intensity, rows)
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn monatomic(
        &self,
        (points, b): (&Points, usize),
        block: &[Lanes],
        state: &ModelState,
        used: usize,
        work: &mut Scratch,
        intensity: &mut Lanes,
        rows: Option<&mut [Lanes]>,
    ) -> bool {
        let q = &points.q[b];
        let mut adjoint = [[0.0; LANES]; 6];
        let slopes = rows.is_some().then_some(&mut adjoint);
        if !work.one_atom.at(&work.phi, q, &self.thermal, used, intensity, slopes) {
            return false;
        }
        // |f|² e^{−2W}
        let (re, im) = &points.factors[b];
        let u = &state.mean_square.tensors[0];
        let mut strength = quadratic(u, q);
        for i in 0..REGISTERS {
            let (re, im) = (re.register(i), im.register(i));
            strength.set_register(i, (re * re + im * im) * exp(-strength.register(i)));
        }
        multiply(intensity, &strength);
        let Some(rows) = rows else { return true };
        for slot in &mut adjoint {
            multiply(slot, &strength);
        }
        self.table.contract(block, &adjoint, rows);
        let n_p = self.n_parameters();
        for (row, e) in rows[n_p..].iter_mut().zip(&self.mean_square.basis) {
            let qeq = quadratic(&e[0], q);
            for i in 0..REGISTERS {
                row.set_register(i, -intensity.register(i) * qeq.register(i));
            }
        }
        true
    }

    #[allow(clippy::too_many_arguments)]
    fn polyatomic(
        &self,
        (points, b): (&Points, usize),
        block: &[Lanes],
        state: &ModelState,
        used: usize,
        work: &mut Scratch,
        intensity: &mut Lanes,
        rows: Option<&mut [Lanes]>,
    ) -> bool {
        let q = &points.q[b];
        // a_sα = f_s(Q) e^{−W_s} Q_α
        work.a.resize(3 * self.n_atoms, [[0.0; LANES]; 2]);
        for (s, u) in state.mean_square.tensors.iter().enumerate() {
            let (re, im) = &points.factors[b * self.n_atoms + s];
            let twice = quadratic(u, q);
            for i in 0..REGISTERS {
                let damping = exp(same(-0.5) * twice.register(i));
                let (re, im) = (re.register(i) * damping, im.register(i) * damping);
                for (a, q) in work.a[3 * s..].iter_mut().zip(q) {
                    a[0].set_register(i, re * q.register(i));
                    a[1].set_register(i, im * q.register(i));
                }
            }
        }
        let Scratch { form, phi, a, adjoint, overlaps, .. } = work;
        let Some(rows) = rows else { return form.at(phi, a, &self.thermal, used, intensity, None) };
        overlaps.resize(self.n_atoms, [0.0; LANES]);
        let mut slopes = Slopes { overlaps, adjoint };
        if !form.at(phi, a, &self.thermal, used, intensity, Some(&mut slopes)) {
            return false;
        }
        let (rows, of_u) = rows.split_at_mut(self.n_parameters());
        self.table.contract(block, adjoint, rows);
        for (row, e) in of_u.iter_mut().zip(&self.mean_square.basis) {
            clear(row);
            for (e, overlap) in e.iter().zip(&*overlaps).filter(|(e, _)| **e != Matrix3::zeros()) {
                let qeq = quadratic(e, q);
                for i in 0..REGISTERS {
                    row.set_register(i, row.register(i) - overlap.register(i) * qeq.register(i));
                }
            }
        }
        true
    }

    /// The intensity at one point, by its number; `None` when Φ is not positive definite.
    pub fn intensity_at(&self, state: &ModelState, index: usize) -> Option<f64> {
        let mut lanes = [0.0; LANES];
        let stable = self.block(index / LANES, state, &mut Workspace::default(), &mut lanes, None);
        stable.then_some(lanes[index % LANES])
    }

    /// All intensities, electron² per primitive cell; `None` when Φ is not positive definite.
    pub fn intensities(&self, state: &ModelState) -> Option<Vec<f64>> {
        now(self.intensities_in(&Pool::here(), state))
    }

    /// The same, in pieces.
    pub async fn intensities_in(&self, pool: &Pool, state: &ModelState) -> Option<Vec<f64>> {
        self.intensities_of(pool, state, 0..self.n_blocks()).await
    }

    /// The same at the points of some blocks.
    pub(super) async fn intensities_of(
        &self,
        pool: &Pool,
        state: &ModelState,
        blocks: Range<usize>,
    ) -> Option<Vec<f64>> {
        let first = blocks.start;
        let work = |blocks: Range<usize>| {
            let mut work = Workspace::default();
            let mut lanes = [0.0; LANES];
            let mut out = Vec::with_capacity(blocks.len() * LANES);
            for b in blocks.start + first..blocks.end + first {
                if !self.block(b, state, &mut work, &mut lanes, None) {
                    return None;
                }
                let used = (self.n_points() - b * LANES).min(LANES);
                out.extend_from_slice(&lanes[..used]);
            }
            Some(out)
        };
        let mut all = Vec::with_capacity(blocks.len() * LANES);
        for part in pool.ranges(blocks.len(), self.cost_of_block(false), &work).await {
            all.extend(part?);
        }
        Some(all)
    }
}
