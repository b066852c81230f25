//! The one-phonon intensity averaged over the spread of Q in a pixel, and its slopes, by nodes around each point.

use std::ops::Range;
use std::sync::Arc;

use nalgebra::Vector3;

use super::{ModelState, OnePhonon, Slope, TABLE_BUDGET, Workspace, from_centre, scatterers};
#[cfg(not(target_arch = "wasm32"))]
use crate::base::parallel::by_cores;
#[cfg(target_arch = "wasm32")]
use crate::base::parallel::resting;
use crate::base::parallel::{Pool, now};
use crate::crystal::Crystal;
use crate::dynamics::{LongWave, PhaseTable};
use crate::ifc::LinearForceConstants;
use crate::lanes::{LANES, Lanes, add_product};
use crate::scattering::Points;
use crate::scattering::resolution::{Level, Resolution, from_nearest_peak};

/// The nodes of all points: blocks of lanes for each node of a block of points.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    pub points: Points,
    /// The first block of nodes of each block of points, and the end.
    pub first: Vec<usize>,
    /// Of each block of nodes in the average, and in its [`Slope`].
    pub weights: Vec<Lanes>,
    pub slopes: Vec<[Lanes; 4]>,
    /// Whether the average is wanted, or the gradient alone.
    pub averages: bool,
}

/// The nodes of some blocks of points, as they are made.
#[derive(Default)]
struct Made {
    /// How many blocks of nodes there are at the end of each block of points.
    ends: Vec<usize>,
    weights: Vec<Lanes>,
    slopes: Vec<[Lanes; 4]>,
    q: Vec<Vector3<f64>>,
}

/// Blocks of points that threads make before they are joined: what is in memory twice.
#[cfg(not(target_arch = "wasm32"))]
const AT_ONCE: usize = 1024;

impl OnePhonon {
    /// The same averaged over the spread of Q around each point; `theta`: constants that say how the intensity goes
    /// near Bragg peaks.
    pub fn averaged(
        self,
        crystal: &Crystal,
        family: &LinearForceConstants,
        resolution: &Resolution,
        theta: &[f64],
    ) -> Self {
        now(self.spread_out(crystal, family, resolution, Some(theta)))
    }

    /// The same with nodes for [`Self::slopes_in`] alone, in pieces.
    pub async fn with_slopes(self, crystal: &Crystal, family: &LinearForceConstants) -> Self {
        if self.spread.is_some() {
            return self;
        }
        self.spread_out(crystal, family, &Resolution::differences(crystal), None).await
    }

    /// [`Self::averaged`] in pieces; without `theta` as [`Self::with_slopes`].
    pub async fn spread_out(
        mut self,
        crystal: &Crystal,
        family: &LinearForceConstants,
        resolution: &Resolution,
        theta: Option<&[f64]>,
    ) -> Self {
        let averages = theta.is_some();
        // No direction without any spread: the nodes serve differences, too.
        let mut resolution = resolution.clone();
        resolution.gaussian += Resolution::differences(crystal).gaussian;
        let long_wave = theta.map(|theta| LongWave::new(&family.at(theta)));
        let stable = long_wave.filter(|w| w.softest().0 > 0.0);
        let form = stable.as_ref().map(LongWave::form);
        let frames = resolution.frames();
        // How the intensity goes where Q is `at`, so far from a peak.
        let peak = |at: &Vector3<f64>, from: &Vector3<f64>| {
            let acoustic = form.as_ref().and_then(|form| form.at(from, at));
            acoustic.unwrap_or_else(|| at.norm_squared() / from.norm_squared())
        };
        let add = |b: usize, made: &mut Made| {
            let centres: Vec<Vector3<f64>> = (0..LANES)
                .map(|lane| {
                    let lane = lane.min(self.n_points - 1 - b * LANES);
                    Vector3::from_fn(|a, _| self.points.q[b][a][lane])
                })
                .collect();
            let from_peak: Vec<Vector3<f64>> =
                centres.iter().map(|q| from_nearest_peak(crystal, q)).collect();
            let levels = centres.iter().zip(&from_peak).map(|(q, p)| resolution.level(q, p, frames.as_ref()));
            let level = levels.max().unwrap_or(Level::Star);
            let nodes: Vec<_> = centres
                .iter()
                .zip(&from_peak)
                .map(|(q, p)| {
                    resolution.nodes(q, p, level, frames.as_ref(), &|from: &Vector3<f64>| {
                        peak(&(q - p + from), from)
                    })
                })
                .collect();
            for node in 0..level.n_nodes() {
                made.weights.push(std::array::from_fn(|lane| nodes[lane].weights[node]));
                made.slopes.push(std::array::from_fn(|a| {
                    std::array::from_fn(|lane| {
                        let of = &nodes[lane];
                        of.slopes[node].get(a).copied().unwrap_or(of.widths[node])
                    })
                }));
                made.q.extend(centres.iter().zip(&nodes).map(|(q, n)| q + n.offsets[node]));
            }
            made.ends.push(made.weights.len());
        };
        let mut made = Made { ends: vec![0], ..Made::default() };
        let n_blocks = self.n_points.div_ceil(LANES);
        #[cfg(not(target_arch = "wasm32"))]
        for first in (0..n_blocks).step_by(AT_ONCE) {
            let part = |range: Range<usize>| {
                let mut own = Made::default();
                range.for_each(|b| add(first + b, &mut own));
                own
            };
            for own in by_cores(AT_ONCE.min(n_blocks - first), &part) {
                let before = made.weights.len();
                made.ends.extend(own.ends.iter().map(|end| before + end));
                made.weights.extend(own.weights);
                made.slopes.extend(own.slopes);
                made.q.extend(own.q);
            }
        }
        // Ten nodes of each point.
        #[cfg(target_arch = "wasm32")]
        resting(n_blocks, 10.0 * LANES as f64, &mut |range| range.for_each(|b| add(b, &mut made))).await;
        let Made { ends: first, weights, slopes, q: all } = made;
        let points = scatterers(crystal, &all, self.acoustic).await;
        self.spread = Some(Arc::new(Spread { points, first, weights, slopes, averages }));
        let nodes = if averages {
            all
        } else {
            // The points themselves come first.
            let mut q: Vec<Vector3<f64>> = (0..self.n_blocks() * LANES)
                .map(|i| {
                    let i = i.min(self.n_points - 1);
                    Vector3::from_fn(|a, _| self.points.q[i / LANES][a][i % LANES])
                })
                .collect();
            q.extend(all);
            q
        };
        let nodes = from_centre(crystal, nodes, self.acoustic);
        self.table = Arc::new(PhaseTable::new(family, nodes, TABLE_BUDGET));
        self
    }

    /// Slopes of the (averaged) one-phonon intensity at the first `n` points, by the nodes of the spread; `None` when Φ is
    /// not positive definite at one of them. Zero without nodes.
    pub async fn slopes_in(&self, pool: &Pool, state: &ModelState, n: usize) -> Option<Vec<Slope>> {
        let Some(spread) = self.spread() else { return Some(vec![Slope::zeros(); n]) };
        let ahead = if spread.averages { 0 } else { self.n_blocks() };
        let work = |blocks: Range<usize>| {
            let mut work = Workspace::default();
            let mut out = Vec::with_capacity(4 * blocks.len() * LANES);
            for b in blocks {
                let used = (self.n_points - b * LANES).min(LANES);
                let mut sums = [[0.0; LANES]; 4];
                for node in spread.first[b]..spread.first[b + 1] {
                    let mut value = [0.0; LANES];
                    let at = (&spread.points, node);
                    if !self.plain_block(ahead + node, at, state, &mut work, used, &mut value, None) {
                        return None;
                    }
                    for (sum, slope) in sums.iter_mut().zip(&spread.slopes[node]) {
                        add_product(sum, slope, &value);
                    }
                }
                out.extend((0..used).flat_map(|lane| [0, 1, 2, 3].map(|a| sums[a][lane])));
            }
            Some(out)
        };
        let nodes = spread.weights.len() as f64 / self.n_blocks().max(1) as f64;
        let cost = if spread.averages { 1.0 } else { nodes } * self.cost_of_block(false);
        let mut all = Vec::with_capacity(n);
        for part in pool.ranges(n.div_ceil(LANES), cost, &work).await {
            all.extend(part?.as_chunks().0.iter().map(|slope: &[f64; 4]| Slope::from(*slope)));
        }
        all.truncate(n);
        Some(all)
    }
}
