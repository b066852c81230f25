//! Three-dimensional Fourier transforms on small grids.

use std::sync::Arc;

use nalgebra::Complex;
use rustfft::algorithm::butterflies::{Butterfly2, Butterfly3, Butterfly4, Butterfly5, Butterfly8};
use rustfft::algorithm::{Dft, MixedRadix};
use rustfft::{Fft, FftDirection};

type C64 = Complex<f64>;

/// X(m) = Σ_n x(n) e^{−2πi Σ m_a n_a / N_a}; the last axis runs fastest.
#[derive(Clone)]
pub struct Fft3 {
    axes: [Arc<dyn Fft<f64>>; 3],
}

impl std::fmt::Debug for Fft3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Fft3").field(&self.axes.each_ref().map(|a| a.len())).finish()
    }
}

impl Fft3 {
    pub fn new(n: [usize; 3]) -> Self {
        Fft3 { axes: n.map(plan) }
    }

    /// In place; `scratch` is resized as needed.
    pub fn forward(&self, data: &mut Vec<C64>, scratch: &mut Vec<C64>) {
        scratch.resize(data.len(), C64::default());
        for axis in self.axes.iter().rev() {
            axis.process(data);
            // The axis that is done becomes the slowest: after three turns the order is back.
            let (n, rows) = (axis.len(), data.len() / axis.len());
            for r in 0..rows {
                for c in 0..n {
                    scratch[c * rows + r] = data[r * n + c];
                }
            }
            std::mem::swap(data, scratch);
        }
    }
}

/// A plan put together by hand: the library's planner would link every algorithm it knows.
fn plan(n: usize) -> Arc<dyn Fft<f64>> {
    let direction = FftDirection::Forward;
    match n {
        2 => return Arc::new(Butterfly2::new(direction)),
        3 => return Arc::new(Butterfly3::new(direction)),
        4 => return Arc::new(Butterfly4::new(direction)),
        5 => return Arc::new(Butterfly5::new(direction)),
        8 => return Arc::new(Butterfly8::new(direction)),
        _ => {}
    }
    match [8, 4, 5, 3, 2, 7, 11, 13].into_iter().find(|f| n > *f && n.is_multiple_of(*f)) {
        Some(factor) => Arc::new(MixedRadix::new(plan(factor), plan(n / factor))),
        None => Arc::new(Dft::new(n, direction)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_definition() {
        for n in [[4, 6, 5], [1, 7, 3], [9, 2, 16]] {
            let fft = Fft3::new(n);
            let x: Vec<C64> = (0..n.iter().product::<usize>())
                .map(|i| C64::new((i as f64 * 0.7).sin(), (i as f64 * 1.3).cos()))
                .collect();
            let (mut data, mut scratch) = (x.clone(), vec![]);
            fft.forward(&mut data, &mut scratch);
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
        }
    }
}
