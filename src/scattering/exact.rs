//! Noise-free intensities: one-phonon scattering, and all orders where they are asked for.
//!
//! I₁ is exact at any Q. Higher orders are a sum in real space: up to a range, with a cosine taper
//! on its outer half, for an infinite crystal; over all pairs of a periodic supercell for its
//! commensurate Q.

use std::ops::Range;
use std::sync::Arc;

use nalgebra::{Matrix3, Vector3};

use super::higher_orders::{At, HigherJacobian, HigherOrders, HigherState, Part};
use super::{ModelState, OnePhonon, Resolution, Slope, Workspace};
use crate::base::parallel::{Pool, now, rest};
use crate::crystal::{Crystal, Equivalence};
use crate::ifc::LinearForceConstants;
use crate::lanes::{LANES, Lanes, PACKED_COUNT, pack_tensor};
use crate::thermal::{Correlations, Grid, LatticePair};
#[cfg(feature = "sampled")]
use crate::thermal::{MeanSquare, Thermal};
use crate::{Error, Result};

/// A noise-free model on a list of Q.
#[derive(Debug, Clone)]
pub struct Exact {
    one: OnePhonon,
    higher: Option<HigherOrders>,
}

/// Intensities by order, electron² per primitive cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Orders {
    /// One phonon, electron² per primitive cell; so are the others.
    pub one: Vec<f64>,
    /// Zero in a model of one-phonon scattering.
    pub two: Vec<f64>,
    /// Three phonons and more.
    pub higher: Vec<f64>,
}

/// One phonon and what lies beyond it, electron² per primitive cell.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// At every point.
    pub one: Vec<f64>,
    /// Empty in a model of one-phonon scattering.
    pub higher: Vec<f64>,
}

impl Parts {
    /// All orders at every point.
    pub fn all(&self) -> Vec<f64> {
        let mut all = self.one.clone();
        all.iter_mut().zip(&self.higher).for_each(|(value, more)| *value += more);
        all
    }
}

impl From<OnePhonon> for Exact {
    fn from(one: OnePhonon) -> Self {
        Exact { one, higher: None }
    }
}

impl Exact {
    /// All orders at any Q: pairs up to `range` (Å), wave vectors of a half-shifted mesh of n₁×n₂×n₃
    /// in the primitive axes. With a resolution, `one` being averaged over it, the higher orders are averaged by the part
    /// of each pair that the voxel and the Gaussian leave; form factors and Debye–Waller factors count as constant
    /// across them, mosaic and bandwidth as nothing.
    ///
    /// # Errors
    /// A range beyond half the shortest period of the mesh.
    pub fn all_orders(
        crystal: &Crystal,
        family: &LinearForceConstants,
        one: OnePhonon,
        range: f64,
        mesh: [usize; 3],
        resolution: Option<&Resolution>,
    ) -> Result<Self> {
        now(Exact::from(one).with_all_orders(crystal, family, range, mesh, resolution))
    }

    /// The same, in pieces, from the model of one phonon.
    ///
    /// # Errors
    /// The same.
    pub async fn with_all_orders(
        self,
        crystal: &Crystal,
        family: &LinearForceConstants,
        range: f64,
        mesh: [usize; 3],
        resolution: Option<&Resolution>,
    ) -> Result<Self> {
        let one = self.one;
        let grid = Grid::HalfShifted { n: mesh, range };
        let correlations = Correlations::new(crystal, family, one.thermal().clone(), grid)?;
        let taper = |r: f64| {
            let outer = (2.0 * r / range - 1.0).clamp(0.0, 1.0);
            0.5 * (1.0 + (std::f64::consts::PI * outer).cos())
        };
        let damping = |r: &Vector3<f64>| resolution.map_or(1.0, |resolution| resolution.damping(r));
        let weight = |p: &LatticePair| p.multiplicity * taper(p.vector.norm()) * damping(&p.vector);
        let weights = correlations.pairs.iter().map(weight).collect();
        let kept = |rotation: &Matrix3<f64>| resolution.is_none_or(|r| r.is_kept_by(rotation));
        let rotations = Equivalence::new(crystal, None).kept_by(kept).turns();
        let higher = HigherOrders::new(crystal, correlations, weights);
        let higher = higher.meeting(&one, &rotations).await?;
        Ok(Exact { one, higher: Some(higher) })
    }

    /// All orders of a periodic supercell of n₁×n₂×n₃ input cells at commensurate Q: what the mean
    /// over samples tends to.
    ///
    /// # Errors
    /// None for Q that are commensurate.
    #[cfg(feature = "sampled")]
    pub fn periodic(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        supercell: [usize; 3],
        q: Vec<Vector3<f64>>,
    ) -> Result<Self> {
        let grid = Grid::Periodic(supercell);
        Correlations::check_memory(crystal, 0, grid)?;
        let u = MeanSquare::periodic(crystal, family, thermal.clone(), supercell);
        let one = OnePhonon::new(crystal, family, thermal.clone(), u, q);
        let correlations = Correlations::new(crystal, family, thermal, grid)?;
        let weights = correlations.pairs.iter().map(|p| p.multiplicity).collect();
        let higher = HigherOrders::new(crystal, correlations, weights);
        Ok(Exact { one, higher: Some(higher) })
    }

    /// The same with nodes for [`Self::slopes_in`].
    pub async fn with_slopes(self, crystal: &Crystal, family: &LinearForceConstants) -> Self {
        Exact { one: self.one.with_slopes(crystal, family).await, higher: self.higher }
    }

    /// Slopes of the one-phonon intensity at the first `n` points; `None` when Φ is not
    /// positive definite. See [`OnePhonon::slopes_in`].
    pub fn slopes(&self, state: &ModelState, n: usize) -> Option<Vec<Slope>> {
        now(self.slopes_in(&Pool::here(), state, n))
    }

    /// The same, in pieces.
    #[cfg(feature = "chosen")]
    pub async fn slopes_in(&self, pool: &Pool, state: &ModelState, n: usize) -> Option<Vec<Slope>> {
        self.one.slopes_in(pool, state, n).await
    }

    /// The same in a package without instruments: none.
    #[cfg(not(feature = "chosen"))]
    #[allow(clippy::unused_async)]
    pub async fn slopes_in(&self, _: &Pool, _: &ModelState, n: usize) -> Option<Vec<Slope>> {
        Some(vec![Slope::zeros(); n])
    }

    /// The one-phonon model at the same points.
    pub fn one_phonon(&self) -> &OnePhonon {
        &self.one
    }

    /// Whether there is anything beyond one phonon.
    pub fn has_higher_orders(&self) -> bool {
        self.higher.is_some()
    }

    /// Number of points.
    pub fn n_points(&self) -> usize {
        self.one.n_points()
    }

    /// Length of θ.
    pub fn n_parameters(&self) -> usize {
        self.one.n_parameters()
    }

    /// Pairs of atoms and wave vectors that the higher orders are summed over.
    pub fn n_terms(&self) -> Option<(usize, usize)> {
        self.higher.as_ref().map(|h| (h.n_pairs(), h.correlations.n_wave_vectors()))
    }

    /// Prepares θ; `None` when Φ is not positive definite on a mesh.
    pub fn state(&self, theta: &[f64]) -> Option<ModelState> {
        now(self.state_in(&Pool::here(), theta))
    }

    /// The same, in pieces.
    pub async fn state_in(&self, pool: &Pool, theta: &[f64]) -> Option<ModelState> {
        let state = self.one.state_in(pool, theta).await?;
        self.with_higher(pool, state).await
    }

    /// The same for intensities alone, without ∂U/∂θ, which is most of the work in a crystal of many
    /// atoms and constants.
    pub fn state_for_values(&self, theta: &[f64]) -> Option<ModelState> {
        now(self.state_for_values_in(&Pool::here(), theta))
    }

    /// The same, in pieces.
    pub async fn state_for_values_in(&self, pool: &Pool, theta: &[f64]) -> Option<ModelState> {
        let state = self.one.state_for_values(pool, theta).await?;
        self.with_higher(pool, state).await
    }

    /// The state of all orders from that of one phonon; `None` when Φ is not positive definite on the mesh of the
    /// higher ones.
    pub async fn with_higher(&self, pool: &Pool, mut state: ModelState) -> Option<ModelState> {
        if let Some(higher) = &self.higher {
            state.higher = Some(Arc::new(higher.state(pool, &state.theta, &state.mean_square).await?));
        }
        Some(state)
    }

    fn at<'a>(&'a self, state: &'a ModelState, higher: &'a HigherState) -> At<'a> {
        At { points: self.one.points(), u: &state.mean_square, state: higher }
    }

    /// Higher orders (or the two-phonon part of them) of some blocks; empty without any.
    async fn higher_part(
        &self,
        pool: &Pool,
        state: &ModelState,
        blocks: Range<usize>,
        part: Part,
    ) -> Vec<Lanes> {
        let (Some(higher), Some(at)) = (&self.higher, &state.higher) else { return vec![] };
        higher.intensities(pool, self.at(state, at), blocks, part).await
    }

    /// Higher orders of the first `n_blocks` blocks, block by block; empty in a model without them.
    pub fn higher_orders(&self, state: &ModelState, n_blocks: usize) -> Vec<Lanes> {
        now(self.higher_orders_in(&Pool::here(), state, n_blocks))
    }

    /// The same, in pieces.
    pub async fn higher_orders_in(&self, pool: &Pool, state: &ModelState, n_blocks: usize) -> Vec<Lanes> {
        self.higher_part(pool, state, 0..n_blocks, Part::Higher).await
    }

    /// ∂(higher orders)/∂θ of the first `n_blocks` blocks.
    pub fn higher_jacobian(&self, state: &ModelState, n_blocks: usize) -> HigherJacobian {
        now(self.higher_jacobian_in(&Pool::here(), state, n_blocks))
    }

    /// The same, in pieces.
    pub async fn higher_jacobian_in(
        &self,
        pool: &Pool,
        state: &ModelState,
        n_blocks: usize,
    ) -> HigherJacobian {
        let n_parameters = self.n_parameters();
        let (Some(higher), Some(at)) = (&self.higher, &state.higher) else {
            return HigherJacobian { rows: vec![], n_parameters };
        };
        let basis = &self.one.mean_square().basis;
        higher.jacobian(pool, self.at(state, at), n_blocks, basis).await
    }

    /// Reverse mode of the higher orders: Σ_Q `weights[Q]` ∂I_higher(Q)/∂θ.
    pub fn higher_pullback(&self, state: &ModelState, weights: &[f64]) -> Vec<f64> {
        now(self.higher_pullback_in(&Pool::here(), state, weights))
    }

    /// The same, in pieces.
    pub async fn higher_pullback_in(&self, pool: &Pool, state: &ModelState, weights: &[f64]) -> Vec<f64> {
        let mut theta_bar = vec![0.0; self.n_parameters()];
        let (Some(higher), Some(at)) = (&self.higher, &state.higher) else { return theta_bar };
        let (k, mut u_bar) = higher.pullback(pool, self.at(state, at), weights).await;
        let linearised = higher.linearised(at);
        higher.correlations.pullback(pool, linearised, &k, &mut u_bar, &mut theta_bar).await;
        // ∂U_s = Σ_k E_k,s ∂υ_k, ∂υ_k = Σ_p J_kp ∂θ_p.
        for (e, jacobian) in self.one.mean_square().basis.iter().zip(&state.mean_square.jacobian) {
            let slope: f64 = e
                .iter()
                .zip(&u_bar)
                .map(|(e, bar)| {
                    let e = pack_tensor(e);
                    (0..6).map(|c| PACKED_COUNT[c] * e[c] * bar[c]).sum::<f64>()
                })
                .sum();
            for (total, j) in theta_bar.iter_mut().zip(jacobian) {
                *total += slope * j;
            }
        }
        theta_bar
    }

    /// Reverse mode of the whole model: Σ_Q `weights[Q]` ∂I(Q)/∂θ over the first points; `None` when
    /// Φ is not positive definite at one of them.
    pub fn pullback(&self, state: &ModelState, weights: &[f64]) -> Option<Vec<f64>> {
        now(self.pullback_in(&Pool::here(), state, weights))
    }

    /// The same, in pieces.
    pub async fn pullback_in(&self, pool: &Pool, state: &ModelState, weights: &[f64]) -> Option<Vec<f64>> {
        let mut out = self.higher_pullback_in(pool, state, weights).await;
        let n_p = out.len();
        let work = |blocks: Range<usize>| {
            let mut work = Workspace::default();
            let mut rows = vec![[0.0; LANES]; self.one.n_rows()];
            let mut sums = vec![0.0; self.one.n_rows()];
            let mut intensity = [0.0; LANES];
            for b in blocks {
                if !self.one.block(b, state, &mut work, &mut intensity, Some(&mut rows)) {
                    return None;
                }
                let weights = &weights[b * LANES..weights.len().min((b + 1) * LANES)];
                for (total, row) in sums.iter_mut().zip(&rows) {
                    *total += weights.iter().zip(row).map(|(w, x)| w * x).sum::<f64>();
                }
            }
            Some(sums)
        };
        let mut u_bar = vec![0.0; self.one.n_rows() - n_p];
        for part in pool.ranges(weights.len().div_ceil(LANES), self.one.cost_of_block(true), &work).await {
            for (total, x) in out.iter_mut().chain(&mut u_bar).zip(part?) {
                *total += x;
            }
        }
        for (bar, jacobian) in u_bar.iter().zip(&state.mean_square.jacobian) {
            for (total, j) in out.iter_mut().zip(jacobian) {
                *total += bar * j;
            }
        }
        Some(out)
    }

    /// All intensities, electron² per primitive cell; `None` when Φ is not positive definite.
    pub fn intensities(&self, state: &ModelState) -> Option<Vec<f64>> {
        now(self.intensities_in(&Pool::here(), state))
    }

    /// The same, in pieces.
    pub async fn intensities_in(&self, pool: &Pool, state: &ModelState) -> Option<Vec<f64>> {
        Some(self.parts_in(pool, state).await?.all())
    }

    /// Intensities with the higher orders apart; `None` when Φ is not positive definite.
    pub async fn parts_in(&self, pool: &Pool, state: &ModelState) -> Option<Parts> {
        self.parts_beyond(pool, state, &[]).await
    }

    /// The same where the higher orders of the first blocks are `known`.
    pub async fn parts_beyond(&self, pool: &Pool, state: &ModelState, known: &[Lanes]) -> Option<Parts> {
        let one = self.one.intensities_in(pool, state).await?;
        let mut higher = known.to_vec();
        higher.extend(self.higher_part(pool, state, known.len()..self.one.n_blocks(), Part::Higher).await);
        let mut higher = higher.into_flattened();
        higher.truncate(one.len());
        Some(Parts { one, higher })
    }

    /// One phonon alone, elsewhere: see [`OnePhonon::elsewhere`].
    pub fn one_phonon_elsewhere(&self, crystal: &Crystal, temperature_k: f64, stretch: f64) -> Self {
        self.one.elsewhere(crystal, temperature_k, stretch).into()
    }

    /// One-phonon intensities at `theta` of a [share](Self::share) of the points, and, where they are asked for, those beyond one
    /// phonon of as large a share of them, which is another: see [`Self::beyond_of_shares`]. `None` when Φ is not positive
    /// definite there.
    pub async fn parts_of_share(
        &self,
        pool: &Pool,
        theta: &[f64],
        share: (usize, usize),
        beyond: bool,
    ) -> Option<Parts> {
        let state = self.one.state_for_values(pool, theta).await?;
        let one = self.one.intensities_of(pool, &state, self.blocks(share)).await?;
        let mut parts = Parts { one, higher: vec![] };
        if let Some(higher) = self.higher.as_ref().filter(|_| beyond) {
            let there = higher.state(pool, &state.theta, &state.mean_square).await?;
            parts.higher = higher.intensities_of_share(pool, self.at(&state, &there), share).await;
        }
        Some(parts)
    }

    /// How many points of share `i` of `n` have their orders beyond one phonon.
    pub fn share_beyond(&self, share: (usize, usize)) -> usize {
        self.higher.as_ref().map_or(0, |higher| higher.share(share, self.n_points()).len())
    }

    /// What lies beyond one phonon at every point, from all shares of it one after the other.
    pub fn beyond_of_shares(&self, shares: &[f64]) -> Vec<f64> {
        let mut all = vec![0.0; self.n_points()];
        let order = self.higher.as_ref().map_or(vec![], |higher| higher.order(self.n_points()));
        order.into_iter().zip(shares).for_each(|(at, value)| all[at] = *value);
        all
    }

    /// Floating-point operations that the orders beyond one phonon take at all points, roughly; zero without them.
    pub fn cost_beyond(&self) -> f64 {
        self.higher.as_ref().map_or(0.0, |higher| higher.cost(self.n_points()))
    }

    /// The points of share `i` of `n` of them, which are whole blocks.
    pub fn share(&self, share: (usize, usize)) -> Range<usize> {
        let Range { start, end } = self.blocks(share);
        start * LANES..(end * LANES).min(self.n_points())
    }

    fn blocks(&self, (i, n): (usize, usize)) -> Range<usize> {
        let all = self.one.n_blocks();
        i * all / n..(i + 1) * all / n
    }

    /// The orders beyond one phonon at one point, by its number: two phonons, and more; zero without them.
    pub async fn beyond_at(&self, state: &ModelState, index: usize) -> [f64; 2] {
        let (Some(higher), Some(at)) = (&self.higher, &state.higher) else { return [0.0; 2] };
        let at = self.at(state, at);
        let two = higher.intensity_at(at, index, Part::TwoPhonon).await;
        let all = higher.intensity_at(at, index, Part::Higher).await;
        [two, all - two]
    }

    /// The orders apart; `None` when Φ is not positive definite.
    pub fn orders(&self, state: &ModelState) -> Option<Orders> {
        now(self.orders_in(&Pool::here(), state))
    }

    /// The same, in pieces.
    pub async fn orders_in(&self, pool: &Pool, state: &ModelState) -> Option<Orders> {
        self.orders_beyond(pool, state, &[]).await
    }

    /// The same where all that lies beyond one phonon is `known` of the first blocks.
    pub async fn orders_beyond(&self, pool: &Pool, state: &ModelState, known: &[Lanes]) -> Option<Orders> {
        let one = self.one.intensities_in(pool, state).await?;
        rest().await;
        let (n, n_blocks) = (one.len(), self.one.n_blocks());
        let flat = |part: Vec<Lanes>| {
            let mut values = part.into_flattened();
            values.resize(n, 0.0);
            values
        };
        let two = flat(self.higher_part(pool, state, 0..n_blocks, Part::TwoPhonon).await);
        let mut all = known.to_vec();
        all.extend(self.higher_part(pool, state, known.len()..n_blocks, Part::Higher).await);
        let all = flat(all);
        let higher = all.iter().zip(&two).map(|(h, t)| h - t).collect();
        Some(Orders { one, two, higher })
    }
}

/// The range (Å) of the higher orders where a job does not say: 12 times the cube root of the
/// volume per atom, which leaves out a fifteenth of σ in nickel at room temperature (1 to 5 thousand
/// counts).
pub fn default_range(crystal: &Crystal) -> f64 {
    12.0 * (crystal.primitive.volume() / crystal.n_atoms() as f64).cbrt()
}

/// A range that can be used.
///
/// # Errors
/// One that is not a positive number, or beyond reason.
pub fn check_range(range: f64) -> Result<()> {
    if range > 0.0 && range <= 1e4 {
        return Ok(());
    }
    Err(Error::value(format!("{range} Å"), "a positive distance up to 10000 Å"))
}
