//! Sampled scattering: the mean of |F(Q)|² over snapshots of a vibrating periodic supercell, after
//! R. Suchan, S. Mohanty, H. Zhai & W. Cai, arXiv:2603.28683.
//!
//! I(Q) = (1/N) ⟨|Σ_j f_j(Q) e^{iQ·(r_j + u_j)}|²⟩, electron² per primitive cell, for Q that are
//! commensurate with the supercell and no reflections. There is no Debye–Waller factor: it is in the
//! displacements. The mean over samples tends to the all-order intensity of the same periodic supercell,
//! with relative standard error 1/√samples where 2Q is not a reciprocal-lattice vector.
//!
//! Two ways to draw from one and the same distribution: [`Sampler::Dense`] factors the whole Hessian,
//! [`Sampler::Block`] one small matrix per wave vector. Reverse mode keeps the normal numbers fixed: the
//! derivative of a sample is that of its displacements, and its mean is the derivative of the mean.

mod block;
mod chain;
mod cholesky;
mod dense;
mod fourier;
mod hessian;
mod memory;
mod noise;
mod plan;
mod root;
mod structure_factor;
mod translations;

use std::ops::Range;
use std::sync::Arc;

use nalgebra::{Complex, Vector3};

use crate::crystal::Crystal;
use crate::crystal::supercell::{Supercell, Whole};
use crate::ifc::LinearForceConstants;
use crate::thermal::Thermal;
use crate::{Error, Result};

pub use chain::{Chain, Film};

use block::{Block, BlockFactor};
use dense::{Dense, DenseFactor};
use memory::Extent;
use plan::{Plan, Tile};
use structure_factor::{Phases, Work};

/// How displacements are drawn. Both give the same distribution, but different samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Sampler {
    /// A small matrix per wave vector and a Fourier transform.
    #[default]
    Block,
    /// The whole Hessian of the supercell.
    Dense,
}

/// Sampled intensities on a list of Q. Cheap to clone.
#[derive(Clone)]
pub struct Sampled {
    shared: Arc<Shared>,
    plan: Arc<Plan>,
    /// Place of each point in the list that the model was made for.
    points: Arc<[usize]>,
    /// In a package without them there are none, and the compiler leaves out what works on them.
    #[cfg(not(feature = "sampled"))]
    never: std::convert::Infallible,
}

/// What all subsets of the points have in common.
struct Shared {
    extent: Extent,
    supercell: Supercell,
    engine: Engine,
    n_parameters: usize,
    phases: Phases,
    /// Sites of each kind of form factor.
    kinds: Vec<Range<usize>>,
    /// h·n₁, k·n₂, l·n₃ of all points.
    orders: Vec<Whole>,
    /// Form factors, electrons, `factors[point * kinds + kind]`.
    factors: Vec<Complex<f64>>,
}

enum Engine {
    Block(Box<Block>),
    Dense(Box<Dense>),
}

enum Factor {
    Block(BlockFactor),
    Dense(DenseFactor),
}

/// Snapshots of the supercell at one θ, and what the reverse pass needs of how they were made.
pub struct Draw {
    n_samples: usize,
    n_sites: usize,
    displacements: Vec<Vector3<f64>>,
    noise: Vec<f64>,
    factor: Arc<Factor>,
}

impl Draw {
    /// Number of snapshots.
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// Displacements of one sample, Å, Cartesian, in the order of [`Sampled::sites`].
    pub fn displacements(&self, sample: usize) -> &[Vector3<f64>] {
        &self.displacements[sample * self.n_sites..][..self.n_sites]
    }

    fn noise(&self, sample: usize) -> &[f64] {
        &self.noise[3 * sample * self.n_sites..][..3 * self.n_sites]
    }
}

/// F(Q) of each sample at each point, electrons: what intensities and the reverse pass share.
#[derive(Debug, Clone)]
pub struct Amplitudes {
    n_points: usize,
    n_cells: usize,
    values: Vec<Complex<f64>>,
}

impl Amplitudes {
    /// |F|²/N of one sample at each point, electron² per primitive cell.
    pub fn intensities(&self, sample: usize) -> impl Iterator<Item = f64> {
        let values = &self.values[sample * self.n_points..][..self.n_points];
        values.iter().map(|f| f.norm_sqr() / self.n_cells as f64)
    }
}

/// Whether all points (hkl of the input cell) belong to waves of a supercell and are no reflections.
///
/// # Errors
/// The first that is not, with the nearest that is.
pub fn check_commensurate(crystal: &Crystal, supercell: [usize; 3], hkl: &[[f64; 3]]) -> Result<()> {
    let cell = Supercell::new(crystal, supercell, (0..crystal.n_atoms()).collect())?;
    hkl.iter().enumerate().try_for_each(|(row, hkl)| cell.orders(row, hkl).map(drop))
}

impl Sampled {
    /// `supercell` in input cells, `hkl` in input-cell units.
    ///
    /// # Errors
    /// A supercell without cells or of a single atom, one that needs more memory than there is, points
    /// that do not fit into it, reflections.
    pub fn new(
        crystal: &Crystal,
        family: &LinearForceConstants,
        thermal: Thermal,
        supercell: [usize; 3],
        sampler: Sampler,
        hkl: &[[f64; 3]],
    ) -> Result<Self> {
        #[cfg(not(feature = "sampled"))]
        let never = Err(Error::NeedsWhole)?;
        let copies = (1.0 / crystal.primitive_in_input.determinant().abs()).round() as u64;
        let extent = Extent { size: supercell, copies, n_atoms: crystal.n_atoms() as u64, sampler };
        memory::check(&extent, hkl.len(), 1)?;
        let (order, counts) = by_form_factor(crystal);
        let cell = Supercell::new(crystal, supercell, order)?;
        if cell.sites.len() == 1 {
            return Err(Error::value("a single atom, which cannot vibrate", "more cells"));
        }
        let orders =
            hkl.iter().enumerate().map(|(row, hkl)| cell.orders(row, hkl)).collect::<Result<Vec<Whole>>>()?;
        let mut kinds = Vec::with_capacity(counts.len());
        let mut start = 0;
        for count in counts {
            let end = start + count * cell.n_cells;
            kinds.push(start..end);
            start = end;
        }
        let mut factors = Vec::with_capacity(hkl.len() * kinds.len());
        for hkl in hkl {
            let q = crystal.q_cart(hkl).norm();
            for kind in &kinds {
                let (re, im) = crystal.form_factors[cell.types[kind.start]].value(q);
                factors.push(Complex::new(re, im));
            }
        }
        let engine = match sampler {
            Sampler::Block => Engine::Block(Box::new(Block::new(crystal, family, &thermal, &cell))),
            Sampler::Dense => Engine::Dense(Box::new(Dense::new(family, &thermal, &cell))),
        };
        let plan = Arc::new(Plan::new(&orders));
        let points = (0..hkl.len()).collect();
        let phases = Phases::new(&cell);
        let n_parameters = family.n_parameters;
        let shared = Shared { extent, supercell: cell, engine, n_parameters, phases, kinds, orders, factors };
        Ok(Sampled {
            shared: Arc::new(shared),
            plan,
            points,
            #[cfg(not(feature = "sampled"))]
            never,
        })
    }

    /// That there is no such model.
    #[cfg(not(feature = "sampled"))]
    pub(crate) fn none(&self) -> std::convert::Infallible {
        self.never
    }

    /// The same model on some of its points, for mini-batches: only the order of work is made anew.
    pub fn subset(&self, points: &[usize]) -> Sampled {
        let points: Arc<[usize]> = points.iter().map(|p| self.points[*p]).collect();
        let orders: Vec<Whole> = points.iter().map(|p| self.shared.orders[*p]).collect();
        Sampled {
            shared: self.shared.clone(),
            plan: Arc::new(Plan::new(&orders)),
            points,
            #[cfg(not(feature = "sampled"))]
            never: self.never,
        }
    }

    /// Number of points.
    pub fn n_points(&self) -> usize {
        self.plan.n_points()
    }

    /// Length of θ.
    pub fn n_parameters(&self) -> usize {
        self.shared.n_parameters
    }

    /// N, the number of primitive cells.
    pub fn n_cells(&self) -> usize {
        self.shared.supercell.n_cells
    }

    /// Number of atoms in the supercell.
    pub fn n_displacements(&self) -> usize {
        self.shared.supercell.sites.len()
    }

    /// Equilibrium positions, Å, Cartesian, and the atom of the primitive cell that sits there.
    pub fn sites(&self) -> (&[Vector3<f64>], &[usize]) {
        (&self.shared.supercell.sites, &self.shared.supercell.types)
    }

    /// Whether so many samples fit into the memory at once; otherwise they can be drawn in several
    /// calls of [`Self::draw`].
    ///
    /// # Errors
    /// The memory that is needed and the limit.
    pub fn check_memory(&self, samples: usize) -> Result<()> {
        memory::check(&self.shared.extent, self.n_points(), samples)
    }

    /// Draws `samples` snapshots at `theta` (eV/Å²), beginning with sample number `first`. Sample k of a
    /// seed is always the same. `None` when Φ is not positive definite.
    pub fn draw(&self, theta: &[f64], seed: u64, first: usize, samples: usize) -> Option<Draw> {
        let factor = Arc::new(self.factor(theta)?);
        Some(self.draw_from(factor, seed, first, samples))
    }

    /// More snapshots at the θ of `draw`, without factoring again.
    pub fn draw_more(&self, draw: &Draw, seed: u64, first: usize, samples: usize) -> Draw {
        self.draw_from(draw.factor.clone(), seed, first, samples)
    }

    fn draw_from(&self, factor: Arc<Factor>, seed: u64, first: usize, samples: usize) -> Draw {
        let n = 3 * self.n_displacements();
        let mut noise = vec![0.0; samples * n];
        for (k, z) in noise.chunks_exact_mut(n).enumerate() {
            noise::standard_normal(seed, first + k, z);
        }
        self.draw_with(factor, noise)
    }

    /// Snapshots made of given normal numbers, 3 per atom and sample: the linear map z → u.
    #[doc(hidden)]
    pub fn displace(&self, theta: &[f64], noise: Vec<f64>) -> Option<Draw> {
        Some(self.draw_with(Arc::new(self.factor(theta)?), noise))
    }

    fn factor(&self, theta: &[f64]) -> Option<Factor> {
        match &self.shared.engine {
            Engine::Block(block) => block.factor(theta).map(Factor::Block),
            Engine::Dense(dense) => dense.factor(theta).map(Factor::Dense),
        }
    }

    fn draw_with(&self, factor: Arc<Factor>, noise: Vec<f64>) -> Draw {
        let n_sites = self.n_displacements();
        let n_samples = noise.len() / (3 * n_sites);
        let mut displacements = vec![Vector3::zeros(); n_samples * n_sites];
        match (&self.shared.engine, &*factor) {
            (Engine::Block(block), Factor::Block(factor)) => {
                let samples = noise.chunks_exact(3 * n_sites).zip(displacements.chunks_exact_mut(n_sites));
                samples.for_each(|(noise, u)| block.displace(factor, noise, u));
            }
            (Engine::Dense(dense), Factor::Dense(factor)) => {
                dense.displace(factor, &noise, &mut displacements)
            }
            _ => unreachable!("a factor of another model"),
        }
        Draw { n_samples, n_sites, displacements, noise, factor }
    }

    /// Mean intensity over `samples` snapshots and its standard error, drawn in stretches that fit
    /// into the memory; `None` when Φ is not positive definite.
    pub fn mean(&self, theta: &[f64], seed: u64, samples: usize) -> Option<(Vec<f64>, Vec<f64>)> {
        const STRETCH: usize = 32;
        let mut sums = vec![(0.0, 0.0); self.n_points()];
        let mut factored: Option<Draw> = None;
        let mut done = 0;
        while done < samples {
            let count = STRETCH.min(samples - done);
            let draw = match &factored {
                None => self.draw(theta, seed, done, count)?,
                Some(draw) => self.draw_more(draw, seed, done, count),
            };
            for values in self.sample_intensities(&draw) {
                for ((sum, square), i) in sums.iter_mut().zip(values) {
                    *sum += i;
                    *square += i * i;
                }
            }
            done += count;
            factored = Some(draw);
        }
        let n = samples as f64;
        let mean = |(sum, _): &(f64, f64)| sum / n;
        let error = |(sum, square): &(f64, f64)| {
            let variance = (square / n - (sum / n).powi(2)).max(0.0);
            // A single sample tells nothing of its scatter: that of its distribution is its mean.
            if samples > 1 { (variance / (n - 1.0)).sqrt() } else { sum / n }
        };
        Some((sums.iter().map(mean).collect(), sums.iter().map(error).collect()))
    }

    /// F(Q) of each sample.
    pub fn amplitudes(&self, draw: &Draw) -> Amplitudes {
        let (kinds, n_kinds) = (&self.shared.kinds, self.shared.kinds.len());
        let mut values = vec![Complex::from(0.0); draw.n_samples * self.n_points()];
        let mut work = Work::default();
        let mut tiles: Vec<Tile> = Vec::new();
        for (sample, values) in values.chunks_exact_mut(self.n_points().max(1)).enumerate() {
            for (kind, sites) in kinds.iter().enumerate() {
                tiles.clear();
                tiles.resize(self.plan.tiles.len(), Tile::default());
                let u = draw.displacements(sample);
                self.shared.phases.forward(&self.plan, sites.clone(), u, &mut work, &mut tiles);
                for (p, value) in values.iter_mut().enumerate() {
                    let f = self.shared.factors[self.points[p] * n_kinds + kind];
                    *value += f * self.plan.read(p, &tiles);
                }
            }
        }
        Amplitudes { n_points: self.n_points(), n_cells: self.n_cells(), values }
    }

    /// |F|²/N of each sample, electron² per primitive cell; `[sample][point]`.
    pub fn sample_intensities(&self, draw: &Draw) -> Vec<Vec<f64>> {
        let amplitudes = self.amplitudes(draw);
        (0..draw.n_samples).map(|sample| amplitudes.intensities(sample).collect()).collect()
    }

    /// Reverse mode at fixed normal numbers: Σ weights(sample, point) ∂I_sample(Q)/∂θ. The draw must be
    /// one of this model or of a subset of the same model.
    pub fn pullback(&self, draw: &Draw, weights: &dyn Fn(usize, usize) -> f64) -> Vec<f64> {
        self.pullback_with(draw, &self.amplitudes(draw), weights)
    }

    /// [`Self::pullback`] with the amplitudes of the same draw, where they are known already.
    pub fn pullback_with(
        &self,
        draw: &Draw,
        amplitudes: &Amplitudes,
        weights: &dyn Fn(usize, usize) -> f64,
    ) -> Vec<f64> {
        let n_sites = self.n_displacements();
        let mut work = Work::default();
        let mut cotangent = |sample: usize, out: &mut [Vector3<f64>]| {
            self.cotangent(draw, amplitudes, sample, &|point| weights(sample, point), &mut work, out);
        };
        match (&self.shared.engine, &*draw.factor) {
            (Engine::Block(block), Factor::Block(factor)) => {
                let mut u_bar = vec![Vector3::zeros(); n_sites];
                let mut sums = vec![Complex::from(0.0); block.n_sums()];
                for sample in 0..draw.n_samples {
                    cotangent(sample, &mut u_bar);
                    block.accumulate(draw.noise(sample), &u_bar, &mut sums);
                }
                block.pullback(factor, &sums)
            }
            (Engine::Dense(dense), Factor::Dense(factor)) => {
                let mut u_bar = vec![Vector3::zeros(); draw.n_samples * n_sites];
                for (sample, u_bar) in u_bar.chunks_exact_mut(n_sites).enumerate() {
                    cotangent(sample, u_bar);
                }
                dense.pullback(factor, &draw.noise, &u_bar)
            }
            _ => unreachable!("a factor of another model"),
        }
    }

    /// Σ_Q weight ∂I/∂u of one sample.
    fn cotangent(
        &self,
        draw: &Draw,
        amplitudes: &Amplitudes,
        sample: usize,
        weight: &dyn Fn(usize) -> f64,
        work: &mut Work,
        out: &mut [Vector3<f64>],
    ) {
        let (n_points, n_kinds) = (self.n_points(), self.shared.kinds.len());
        let values = &amplitudes.values[sample * n_points..][..n_points];
        // ∂(|F|²/N) = Re(F̄* ∂F) with F̄ = 2F/N.
        let bars: Vec<_> =
            values.iter().enumerate().map(|(p, f)| f * (2.0 * weight(p) / self.n_cells() as f64)).collect();
        let mut tiles = vec![Tile::default(); self.plan.tiles.len()];
        for (kind, sites) in self.shared.kinds.iter().enumerate() {
            tiles.fill(Tile::default());
            for (p, bar) in bars.iter().enumerate() {
                let f = self.shared.factors[self.points[p] * n_kinds + kind];
                self.plan.add(p, f.conj() * bar, &mut tiles);
            }
            let u = draw.displacements(sample);
            self.shared.phases.reverse(&self.plan, sites.clone(), u, work, &tiles, out);
        }
    }
}

impl std::fmt::Debug for Sampled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sampled")
            .field("extent", &self.shared.extent)
            .field("n_points", &self.n_points())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Draw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draw").field("n_samples", &self.n_samples).finish_non_exhaustive()
    }
}

/// Atoms of the primitive cell with equal form factors next to each other, and how many there are of
/// each kind.
fn by_form_factor(crystal: &Crystal) -> (Vec<usize>, Vec<usize>) {
    let (mut order, mut counts) = (Vec::new(), Vec::new());
    for s in 0..crystal.n_atoms() {
        if order.contains(&s) {
            continue;
        }
        let same = |t: &usize| crystal.form_factors[*t] == crystal.form_factors[s];
        let before = order.len();
        order.extend((s..crystal.n_atoms()).filter(same));
        counts.push(order.len() - before);
    }
    (order, counts)
}
