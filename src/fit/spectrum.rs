//! The Fisher matrix by independent combinations of parameters, and which of them the data leave open.
//!
//! Eigenvectors v of F_ij/√(F_ii F_jj), in units in which each parameter has unit information. One σ
//! along v moves parameter i by v_i √(variance/(λ F_ii)).

use nalgebra::{DMatrix, DVector};

use crate::base::order::order_by;

/// Eigenvalues of the scaled Fisher matrix below this are small: σ along the combination is three hundred
/// times what it would be if all else were known.
pub const WEAK_EIGENVALUE: f64 = 1e-5;
/// Constants whose σ exceeds this fraction of the largest constant are called undetermined.
pub const UNDETERMINED: f64 = 0.1;
/// A combination along which one σ moves a constant by this many times the largest is open whatever its
/// eigenvalue: the data bound nothing there.
const BOUNDLESS: f64 = 1.0;

/// How far, in σ, the optimum of an open combination may be for it to be held.
const INSIGNIFICANT: f64 = 3.0;

/// Combinations of parameters that stay where they are: the data leave them open, and their optimum is within
/// the noise. Following it would carry the constants far away for nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Held {
    pub combinations: Vec<usize>,
}

/// The scaled Fisher matrix in its eigenvectors, eigenvalues ascending.
#[derive(Clone)]
pub struct Spectrum {
    /// √F_ii; zero for a parameter that the data do not feel.
    pub size: Vec<f64>,
    /// As they come out of the decomposition, tiny negative ones included.
    pub eigenvalues: Vec<f64>,
    /// Eigenvectors, one per column.
    pub vectors: DMatrix<f64>,
    /// Whether one σ along each combination moves a constant by so much of the largest that the data cannot
    /// be said to determine it.
    pub open: Vec<bool>,
    /// Eigenvalues below this are rounding and their directions are free.
    pub floor: f64,
}

impl Spectrum {
    /// `n_theta` constants come first; `variance` is that of a datum of weight one, `largest` the size of
    /// the largest constant, eV/Å².
    pub fn new(fisher: &DMatrix<f64>, n_theta: usize, variance: f64, largest: f64) -> Self {
        let n = fisher.nrows();
        let size: Vec<f64> = (0..n).map(|i| positive(fisher[(i, i)]).sqrt()).collect();
        let scaled = DMatrix::from_fn(n, n, |i, j| {
            let norm = size[i] * size[j];
            if norm > 0.0 { fisher[(i, j)] / norm } else { 0.0 }
        });
        let eigen = scaled.symmetric_eigen();
        let order = order_by(n, &mut |a, b| eigen.eigenvalues[a].total_cmp(&eigen.eigenvalues[b]));
        let eigenvalues: Vec<f64> = order.iter().map(|&k| eigen.eigenvalues[k]).collect();
        let vectors = DMatrix::from_fn(n, n, |i, k| eigen.eigenvectors[(i, order[k])]);
        let floor = 1e-14 * n as f64;
        let open = (0..n)
            .map(|k| {
                let sigma = (variance / eigenvalues[k].max(floor)).sqrt();
                let moves =
                    |i: usize| if size[i] > 0.0 { vectors[(i, k)].abs() * sigma / size[i] } else { 0.0 };
                let reach = (0..n_theta).map(moves).fold(0.0, f64::max) / largest;
                eigenvalues[k] < floor
                    || reach > BOUNDLESS
                    || (eigenvalues[k] < WEAK_EIGENVALUE && reach > UNDETERMINED)
            })
            .collect();
        Spectrum { size, eigenvalues, vectors, open, floor }
    }

    /// A vector over the parameters, divided by √F_ii.
    pub fn scaled(&self, x: &DVector<f64>) -> DVector<f64> {
        DVector::from_fn(x.len(), |i, _| if self.size[i] > 0.0 { x[i] / self.size[i] } else { 0.0 })
    }

    /// Open combinations whose optimum is near, as far as the misfit tells: see [`Held`]. `descent` as in
    /// [`super::Evaluation`].
    pub fn held(&self, descent: &DVector<f64>, variance: f64) -> Held {
        let rhs = self.scaled(descent);
        let is_near = |k: usize| {
            let along = self.vectors.column(k).dot(&rhs);
            along * along <= INSIGNIFICANT.powi(2) * self.eigenvalues[k].max(self.floor) * variance
        };
        let combinations = (0..self.size.len()).filter(|&k| self.open[k] && is_near(k)).collect();
        Held { combinations }
    }

    /// A step of all parameters without what would move it along the combinations that are held.
    pub fn without(&self, held: &Held, step: &mut DVector<f64>) {
        for &k in &held.combinations {
            let v = self.vectors.column(k);
            let along: f64 = (0..step.len()).map(|i| v[i] * self.size[i] * step[i]).sum();
            for (i, x) in step.iter_mut().enumerate().filter(|(i, _)| self.size[*i] > 0.0) {
                *x -= along * v[i] / self.size[i];
            }
        }
    }

    /// What takes part in a combination that nothing but rounding bounds.
    pub fn unbounded(&self) -> Vec<bool> {
        let n = self.size.len();
        let free: Vec<usize> = (0..n).filter(|&k| self.eigenvalues[k] < self.floor).collect();
        (0..n)
            .map(|i| self.size[i] <= 0.0 || free.iter().any(|&k| self.vectors[(i, k)].abs() > 1e-3))
            .collect()
    }

    /// The inverse of the Fisher matrix, rounding kept off the smallest eigenvalues.
    pub fn inverse(&self) -> DMatrix<f64> {
        let n = self.size.len();
        let root = DMatrix::from_fn(n, n, |i, k| {
            let size = self.size[i];
            if size > 0.0 {
                self.vectors[(i, k)] / (size * self.eigenvalues[k].max(self.floor).sqrt())
            } else {
                0.0
            }
        });
        &root * root.transpose()
    }
}

/// Not below zero; what is no number stays none.
pub fn positive(x: f64) -> f64 {
    if x < 0.0 { 0.0 } else { x }
}
