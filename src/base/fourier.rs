//! Three-dimensional Fourier transforms on small grids.

use std::sync::Arc;

use nalgebra::Complex;
#[cfg(target_arch = "wasm32")]
use rustfft::algorithm::{
    Dft, MixedRadix,
    butterflies::{Butterfly1, Butterfly2, Butterfly3, Butterfly4, Butterfly5, Butterfly8},
};
use rustfft::{Fft, FftDirection};

type C64 = Complex<f64>;

/// X(m) = Σ_n x(n) e^{∓2πi Σ m_a n_a / N_a}, the minus sign forward; the last axis runs fastest, nothing
/// is normalised.
#[derive(Clone)]
pub struct Fourier3 {
    axes: [Arc<dyn Fft<f64>>; 3],
}

/// Memory that transforms share.
#[derive(Debug, Default)]
pub struct Scratch {
    inside: Vec<C64>,
    turned: Vec<C64>,
}

impl std::fmt::Debug for Fourier3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Fourier3").field(&self.axes.each_ref().map(|a| a.len())).finish()
    }
}

impl Fourier3 {
    pub fn forward(n: [usize; 3]) -> Self {
        Fourier3 { axes: n.map(|n| plan(n, FftDirection::Forward)) }
    }

    pub fn inverse(n: [usize; 3]) -> Self {
        Fourier3 { axes: n.map(|n| plan(n, FftDirection::Inverse)) }
    }

    /// In place.
    pub fn run(&self, data: &mut Vec<C64>, scratch: &mut Scratch) {
        let Scratch { inside, turned } = scratch;
        turned.resize(data.len(), C64::default());
        for axis in self.axes.iter().rev() {
            inside.resize(axis.get_inplace_scratch_len().max(inside.len()), C64::default());
            axis.process_with_scratch(data, inside);
            // The axis that is done becomes the slowest: after three turns the order is back.
            let (n, rows) = (axis.len(), data.len() / axis.len());
            for (column, turned) in turned.chunks_exact_mut(rows).enumerate() {
                for (turned, values) in turned.iter_mut().zip(data.chunks_exact(n)) {
                    *turned = values[column];
                }
            }
            std::mem::swap(data, turned);
        }
    }
}

/// The library's own plan.
#[cfg(not(target_arch = "wasm32"))]
fn plan(n: usize, direction: FftDirection) -> Arc<dyn Fft<f64>> {
    rustfft::FftPlanner::new().plan_fft(n, direction)
}

/// A plan of any length from few building blocks: the library's planner would link every algorithm it
/// knows, ten times as much.
#[cfg(target_arch = "wasm32")]
fn plan(n: usize, direction: FftDirection) -> Arc<dyn Fft<f64>> {
    let factor = [8, 4, 5, 3].into_iter().chain(2..n).find(|f| *f < n && n.is_multiple_of(*f));
    match (n, factor) {
        (1, _) => Arc::new(Butterfly1::new(direction)),
        (2, _) => Arc::new(Butterfly2::new(direction)),
        (3, _) => Arc::new(Butterfly3::new(direction)),
        (4, _) => Arc::new(Butterfly4::new(direction)),
        (5, _) => Arc::new(Butterfly5::new(direction)),
        (8, _) => Arc::new(Butterfly8::new(direction)),
        (_, Some(f)) => Arc::new(MixedRadix::new(plan(f, direction), plan(n / f, direction))),
        (_, None) => Arc::new(Dft::new(n, direction)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_definition() {
        for n in [[4, 6, 5], [1, 7, 3], [9, 2, 16], [49, 1, 11]] {
            let x: Vec<C64> = (0..n.iter().product::<usize>())
                .map(|i| C64::new((i as f64 * 0.7).sin(), (i as f64 * 1.3).cos()))
                .collect();
            let (mut data, mut scratch) = (x.clone(), Scratch::default());
            Fourier3::forward(n).run(&mut data, &mut scratch);
            for (i, value) in data.iter().enumerate() {
                let m = [i / (n[1] * n[2]), i / n[2] % n[1], i % n[2]];
                let mut sum = C64::default();
                for (j, x) in x.iter().enumerate() {
                    let r = [j / (n[1] * n[2]), j / n[2] % n[1], j % n[2]];
                    let turns: f64 = (0..3).map(|a| (m[a] * r[a]) as f64 / n[a] as f64).sum();
                    sum += x * C64::cis(-std::f64::consts::TAU * turns);
                }
                assert!((sum - value).norm() < 1e-10 * data.len() as f64, "{n:?}");
            }
            Fourier3::inverse(n).run(&mut data, &mut scratch);
            let count = data.len() as f64;
            assert!(data.iter().zip(&x).all(|(a, b)| (a / count - b).norm() < 1e-12), "{n:?}");
        }
    }
}
