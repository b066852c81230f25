//! Between wave vectors and pairs of atoms, and back for the adjoint.

use nalgebra::{Complex, DMatrix, Matrix3};

use super::{Correlations, PACKED, Packed};
use crate::base::fourier::Scratch;

type C64 = Complex<f64>;

impl Correlations {
    /// `[6 · kind + component][k]`, the periodic phase convention.
    pub(super) fn no_spectra(&self) -> Vec<Vec<C64>> {
        vec![vec![C64::default(); self.k.len()]; 6 * self.kinds.len()]
    }

    pub(super) fn put_monatomic(&self, i: usize, c: &Matrix3<f64>, spectra: &mut [Vec<C64>]) {
        for (entry, (row, column)) in PACKED.into_iter().enumerate() {
            spectra[entry][i] = C64::from(c[(row, column)]);
        }
    }

    pub(super) fn put(&self, i: usize, c: &DMatrix<C64>, spectra: &mut [Vec<C64>]) {
        for (kind, (s, s2, _)) in self.kinds.iter().enumerate() {
            let phase = C64::cis(-self.k[i].dot(&self.offsets[kind]));
            for (entry, (a, b)) in PACKED.into_iter().enumerate() {
                let sum = c[(3 * s + a, 3 * s2 + b)] + c[(3 * s + b, 3 * s2 + a)];
                spectra[6 * kind + entry][i] = sum * phase * 0.5;
            }
        }
    }

    /// Transposes of `put_monatomic` and `put`: the Hermitian adjoint of C(k), N⁻¹ and the number of
    /// wave vectors that k stands for included.
    pub(super) fn take_cubic(&self, i: usize, spectra: &[Vec<C64>]) -> Matrix3<f64> {
        let weight = self.share(i);
        let mut m = Matrix3::zeros();
        for (entry, (a, b)) in PACKED.into_iter().enumerate() {
            m[(a, b)] = weight * spectra[entry][i].re;
            m[(b, a)] = m[(a, b)];
        }
        m
    }

    pub(super) fn take(&self, i: usize, spectra: &[Vec<C64>], d: usize) -> DMatrix<C64> {
        let weight = self.share(i);
        let mut m = DMatrix::zeros(d, d);
        for (kind, (s, s2, _)) in self.kinds.iter().enumerate() {
            let phase = C64::cis(-self.k[i].dot(&self.offsets[kind])) * (0.5 * weight);
            for (entry, (a, b)) in PACKED.into_iter().enumerate() {
                let z = spectra[6 * kind + entry][i] * phase;
                let mut add = |a: usize, b: usize| {
                    m[(3 * s2 + b, 3 * s + a)] += z;
                    m[(3 * s + a, 3 * s2 + b)] += z.conj();
                };
                add(a, b);
                if a != b {
                    add(b, a);
                }
            }
        }
        m
    }

    fn share(&self, i: usize) -> f64 {
        let stands_for = if self.slots[i].1.is_some() { 2.0 } else { 1.0 };
        stands_for / self.n_wave_vectors() as f64
    }

    /// C(R) of every pair, averaged over the space group.
    pub(super) fn to_real_space(&self, spectra: &[Vec<C64>]) -> Vec<Packed> {
        let n = self.n_wave_vectors();
        let mut out = vec![[0.0; 6]; self.pairs.len()];
        let mut cosets = vec![C64::default(); n];
        let (mut grid, mut scratch) = (vec![C64::default(); self.n_grid], Scratch::default());
        let imaginary = C64::i();
        for (kind, (_, _, range)) in self.kinds.iter().enumerate() {
            // Two real results from one complex transform.
            for entry in [0, 2, 4] {
                let (x, y) = (&spectra[6 * kind + entry], &spectra[6 * kind + entry + 1]);
                for (i, (here, there)) in self.slots.iter().enumerate() {
                    cosets[*here] = x[i] + imaginary * y[i];
                    if let Some(there) = there {
                        cosets[*there] = x[i].conj() + imaginary * y[i].conj();
                    }
                }
                for (j, (phases, own)) in self.coset_phase.iter().zip(&self.grid_phase).enumerate() {
                    for (m, value) in grid.iter_mut().enumerate() {
                        let sum: C64 =
                            phases.iter().enumerate().map(|(g, p)| p * cosets[g * self.n_grid + m]).sum();
                        *value = sum * own[m];
                    }
                    self.fft.run(&mut grid, &mut scratch);
                    for at in range.clone().filter(|at| self.sites[*at].centring == j) {
                        let z = grid[self.sites[at].index] * self.sites[at].phase / n as f64;
                        out[at][entry] = z.re;
                        out[at][entry + 1] = z.im;
                    }
                }
            }
        }
        if let Some(symmetry) = &self.symmetry {
            symmetry.average(&mut out);
        }
        out
    }

    /// Transpose of the transform (without the average and N⁻¹): `[6 · kind + component][k]`.
    pub(super) fn to_wave_vectors(&self, k: &[Packed]) -> Vec<Vec<C64>> {
        let mut spectra = self.no_spectra();
        let mut cosets = vec![C64::default(); self.n_wave_vectors()];
        let (mut grid, mut scratch) = (vec![C64::default(); self.n_grid], Scratch::default());
        for (kind, (_, _, range)) in self.kinds.iter().enumerate() {
            for entry in [0, 2, 4] {
                cosets.iter_mut().for_each(|z| *z = C64::default());
                for (j, (phases, own)) in self.coset_phase.iter().zip(&self.grid_phase).enumerate() {
                    grid.iter_mut().for_each(|z| *z = C64::default());
                    for at in range.clone().filter(|at| self.sites[*at].centring == j) {
                        let z = C64::new(k[at][entry], k[at][entry + 1]);
                        grid[self.sites[at].index] += z * self.sites[at].phase;
                    }
                    self.fft.run(&mut grid, &mut scratch);
                    for (m, value) in grid.iter().enumerate() {
                        for (g, p) in phases.iter().enumerate() {
                            cosets[g * self.n_grid + m] += value * own[m] * p;
                        }
                    }
                }
                for (i, (here, there)) in self.slots.iter().enumerate() {
                    let f = cosets[*here];
                    // The transform of x + iy, both real: x̂(k) = (f(k) + f(−k)*)/2.
                    let mirror = there.map_or(f, |t| cosets[t]).conj();
                    spectra[6 * kind + entry][i] = (f + mirror) * 0.5;
                    spectra[6 * kind + entry + 1][i] = (f - mirror) * C64::new(0.0, -0.5);
                }
            }
        }
        spectra
    }
}
