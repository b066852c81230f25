//! Scattering vectors in blocks of lanes, with the form factors there.

use nalgebra::Vector3;

#[cfg(feature = "chosen")]
use super::from_nearest_peak;
use crate::base::parallel::{now, resting};
use crate::crystal::Crystal;
use crate::lanes::{LANES, Lanes};

/// Q of a model; lanes past the last point repeat it.
#[derive(Debug, Clone)]
pub struct Points {
    /// Number of points.
    pub n: usize,
    /// Cartesian components of Q, Å⁻¹, block by block.
    pub q: Vec<[Lanes; 3]>,
    /// Form factors, `factors[block * n_atoms + s]` = (real, imaginary).
    pub factors: Vec<(Lanes, Lanes)>,
}

impl Points {
    /// Points at scattering vectors `q`, Cartesian, Å⁻¹.
    pub fn new(crystal: &Crystal, q: &[Vector3<f64>]) -> Self {
        now(Self::in_pieces(crystal, q))
    }

    /// The same, in pieces.
    pub async fn in_pieces(crystal: &Crystal, q: &[Vector3<f64>]) -> Self {
        let n_blocks = q.len().div_ceil(LANES);
        let at = |b: usize, lane: usize| q[(b * LANES + lane).min(q.len() - 1)];
        let mut q_lanes = Vec::with_capacity(n_blocks);
        let mut factors = Vec::with_capacity(n_blocks * crystal.n_atoms());
        let mut add = |b: usize| {
            q_lanes.push(std::array::from_fn(|a| std::array::from_fn(|lane| at(b, lane)[a])));
            for factor in &crystal.form_factors {
                let values: [(f64, f64); LANES] =
                    std::array::from_fn(|lane| factor.value(at(b, lane).norm()));
                factors.push((values.map(|v| v.0), values.map(|v| v.1)));
            }
        };
        let cost = (LANES * crystal.n_atoms()) as f64 * 0.3;
        resting(n_blocks, cost, &mut |range| range.for_each(&mut add)).await;
        Points { n: q.len(), q: q_lanes, factors }
    }

    /// Those of the same hkl where all lengths of the crystal are `stretch` times as large.
    pub fn stretched(&self, crystal: &Crystal, stretch: f64) -> Self {
        let q: Vec<[Lanes; 3]> = self.q.iter().map(|q| q.map(|axis| axis.map(|x| x / stretch))).collect();
        let factors = q
            .iter()
            .flat_map(|q| {
                let norm = |lane: usize| Vector3::from_fn(|a, _| q[a][lane]).norm();
                crystal.form_factors.iter().map(move |factor| {
                    let values: [(f64, f64); LANES] = std::array::from_fn(|lane| factor.value(norm(lane)));
                    (values.map(|v| v.0), values.map(|v| v.1))
                })
            })
            .collect();
        Points { n: self.n, q, factors }
    }

    /// The same as one atom that scatters like the whole cell where all atoms move alike: Σ f_s exp(iG·τ_s) with the nearest
    /// Bragg peak G and the mean-square displacement `u`, Å².
    #[cfg(feature = "chosen")]
    pub async fn acoustic(crystal: &Crystal, q: &[Vector3<f64>], u: f64) -> Self {
        let mut points = Self::in_pieces(crystal, q).await;
        let n_atoms = crystal.n_atoms();
        let mut factors = Vec::with_capacity(points.n_blocks());
        let mut add = |b: usize| {
            let (mut re, mut im) = ([0.0; LANES], [0.0; LANES]);
            for lane in 0..LANES {
                let q = &q[(b * LANES + lane).min(q.len() - 1)];
                let g = q - from_nearest_peak(crystal, q);
                let damping = (-0.5 * q.norm_squared() * u).exp();
                for s in 0..n_atoms {
                    let (x, y) = &points.factors[b * n_atoms + s];
                    let (sine, cosine) = g.dot(&crystal.primitive.cartesian(s)).sin_cos();
                    re[lane] += damping * (x[lane] * cosine - y[lane] * sine);
                    im[lane] += damping * (x[lane] * sine + y[lane] * cosine);
                }
            }
            factors.push((re, im));
        };
        let cost = (LANES * n_atoms) as f64 * 0.3;
        resting(points.n_blocks(), cost, &mut |range| range.for_each(&mut add)).await;
        points.factors = factors;
        points
    }

    /// Number of blocks of lanes that hold all points.
    pub fn n_blocks(&self) -> usize {
        self.q.len()
    }

    /// Lanes of block `b` that hold points of their own.
    pub fn used(&self, b: usize) -> usize {
        (self.n - b * LANES).min(LANES)
    }
}
