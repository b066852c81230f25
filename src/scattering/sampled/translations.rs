//! The three uniform translations of a periodic crystal, which cost no energy, set apart from all other
//! motions without touching these.
//!
//! Let the columns of E be the translations, orthonormal, and Π = 1 − EEᵀ. The deflated matrix
//! H′ = ΠHΠ + σEEᵀ is positive definite when H is so on all other motions, and is block diagonal:
//! f(H′) = f(H) on the complement of E and f(σ) on E, for every f. So Π f(H′) Π is exactly f(H) with
//! the translations removed, whatever σ > 0. (With the acoustic sum rule HE = 0, and ΠHΠ is H itself;
//! constants that a file gives with few digits are projected onto the sum rule by it.) Optical modes at
//! Γ and the acoustic modes of every other k are untouched.

use nalgebra::DMatrix;

/// Uniform translations of a list of atoms.
#[derive(Debug, Clone)]
pub struct Translations {
    /// Component of each atom in a normalised translation along any axis.
    amplitudes: Vec<f64>,
}

impl Translations {
    /// All atoms by the same distance. In mass-weighted coordinates √m u: `weights` = √m; else ones.
    pub fn new(weights: impl Iterator<Item = f64>) -> Self {
        let mut amplitudes: Vec<f64> = weights.collect();
        let norm = amplitudes.iter().map(|w| w * w).sum::<f64>().sqrt();
        amplitudes.iter_mut().for_each(|w| *w /= norm);
        Translations { amplitudes }
    }

    /// EᵀV, for vectors in the columns of V: 3 rows.
    fn overlap(&self, v: &DMatrix<f64>) -> DMatrix<f64> {
        let mut out = DMatrix::zeros(3, v.ncols());
        for (column, mut overlap) in v.column_iter().zip(out.column_iter_mut()) {
            for (site, e) in self.amplitudes.iter().enumerate() {
                for a in 0..3 {
                    overlap[a] += e * column[3 * site + a];
                }
            }
        }
        out
    }

    /// V ← V + E Y.
    fn add(&self, y: &DMatrix<f64>, v: &mut DMatrix<f64>) {
        for (mut column, y) in v.column_iter_mut().zip(y.column_iter()) {
            for (site, e) in self.amplitudes.iter().enumerate() {
                for a in 0..3 {
                    column[3 * site + a] += e * y[a];
                }
            }
        }
    }

    /// V ← ΠV, for vectors in the columns of V.
    pub fn remove(&self, v: &mut DMatrix<f64>) {
        let overlap = -self.overlap(v);
        self.add(&overlap, v);
    }

    /// H ← ΠHΠ for a symmetric H; returns tr(EᵀHE).
    pub fn project(&self, h: &mut DMatrix<f64>) -> f64 {
        // EᵀH and, H being symmetric, its transpose HE.
        let eh = self.overlap(h);
        let ehe = self.overlap(&eh.transpose());
        // ΠHΠ = H − E Y − (E Y)ᵀ with Y = EᵀH − ½ (EᵀHE) Eᵀ.
        let mut half = eh.transpose();
        self.add(&(&ehe * -0.5), &mut half);
        for (j, e) in self.amplitudes.iter().enumerate() {
            for b in 0..3 {
                for (i, f) in self.amplitudes.iter().enumerate() {
                    for a in 0..3 {
                        h[(3 * i + a, 3 * j + b)] -= f * half[(3 * j + b, a)] + e * half[(3 * i + a, b)];
                    }
                }
            }
        }
        ehe.trace()
    }

    /// H ← ΠHΠ + σEEᵀ for a symmetric H.
    pub fn deflate(&self, h: &mut DMatrix<f64>, sigma: f64) {
        self.project(h);
        for (j, e) in self.amplitudes.iter().enumerate() {
            for (i, f) in self.amplitudes.iter().enumerate() {
                for a in 0..3 {
                    h[(3 * i + a, 3 * j + a)] += sigma * e * f;
                }
            }
        }
    }
}
