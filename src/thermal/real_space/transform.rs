//! Between wave vectors and pairs of atoms, and back for the adjoint.

use std::ops::Range;

use nalgebra::{Complex, DMatrix, Matrix3};

use super::{Correlations, PACKED, Packed};
use crate::base::fourier::Scratch;
use crate::base::parallel::{Pool, Wire, rest};
use crate::lanes::LANES;

type C64 = Complex<f64>;

/// Components of C at a range of wave vectors in the periodic phase convention: `6 · kind + component`, one after
/// the other, each at all wave vectors.
#[derive(Debug, Clone, Default)]
pub(super) struct SpectraPart {
    first: usize,
    n: usize,
    values: Vec<C64>,
}

/// The same at all wave vectors, in their order.
#[derive(Debug, Default)]
pub(super) struct Spectra {
    pub parts: Vec<SpectraPart>,
}

impl SpectraPart {
    fn new(range: Range<usize>, components: usize) -> Self {
        SpectraPart {
            first: range.start,
            n: range.len(),
            values: vec![C64::default(); components * range.len()],
        }
    }

    fn component(&self, component: usize) -> &[C64] {
        &self.values[component * self.n..(component + 1) * self.n]
    }

    fn set(&mut self, component: usize, i: usize, value: C64) {
        self.values[component * self.n + i - self.first] = value;
    }
}

impl Wire for SpectraPart {
    fn put(&self, out: &mut Vec<f64>) {
        out.extend([self.first as f64, self.n as f64, self.values.len() as f64]);
        out.extend(self.values.iter().flat_map(|z| [z.re, z.im]));
    }

    fn take(from: &mut &[f64]) -> Self {
        let [first, n, count] = <[f64; 3]>::take(from).map(|x| x as usize);
        let (values, rest) = from.split_at((2 * count).min(from.len()));
        *from = rest;
        SpectraPart { first, n, values: values.chunks_exact(2).map(|z| C64::new(z[0], z[1])).collect() }
    }
}

impl Correlations {
    /// Zeros at blocks of wave vectors.
    pub(super) fn no_spectra(&self, blocks: Range<usize>) -> SpectraPart {
        let n = self.k.len();
        SpectraPart::new((blocks.start * LANES).min(n)..(blocks.end * LANES).min(n), 6 * self.kinds.len())
    }

    pub(super) fn put_monatomic(&self, i: usize, c: &Matrix3<f64>, spectra: &mut SpectraPart) {
        for (entry, (row, column)) in PACKED.into_iter().enumerate() {
            spectra.set(entry, i, C64::from(self.weights[i] * c[(row, column)]));
        }
    }

    pub(super) fn put(&self, i: usize, c: &DMatrix<C64>, spectra: &mut SpectraPart) {
        for (kind, (s, s2, _)) in self.kinds.iter().enumerate() {
            let phase = C64::cis(-self.k[i].dot(&self.offsets[kind])) * (0.5 * self.weights[i]);
            for (entry, (a, b)) in PACKED.into_iter().enumerate() {
                let sum = c[(3 * s + a, 3 * s2 + b)] + c[(3 * s + b, 3 * s2 + a)];
                spectra.set(6 * kind + entry, i, sum * phase);
            }
        }
    }

    /// Transposes of `put_monatomic` and `put`: the Hermitian adjoint of C(k), N⁻¹ and the number of
    /// wave vectors that k stands for included.
    pub(super) fn take_monatomic(&self, i: usize, spectra: &[SpectraPart]) -> Matrix3<f64> {
        let weight = self.share(i);
        let mut m = Matrix3::zeros();
        for (entry, (a, b)) in PACKED.into_iter().enumerate() {
            m[(a, b)] = weight * spectra[0].component(entry)[i].re;
            m[(b, a)] = m[(a, b)];
        }
        m
    }

    pub(super) fn take(&self, i: usize, spectra: &[SpectraPart], d: usize) -> DMatrix<C64> {
        let weight = self.share(i);
        let mut m = DMatrix::zeros(d, d);
        for (kind, (s, s2, _)) in self.kinds.iter().enumerate() {
            let phase = C64::cis(-self.k[i].dot(&self.offsets[kind])) * (0.5 * weight);
            for (entry, (a, b)) in PACKED.into_iter().enumerate() {
                let z = spectra[kind].component(entry)[i] * phase;
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
        stands_for * self.weights[i] / self.n_wave_vectors() as f64
    }

    /// Floating-point operations of the transforms of one kind of pair.
    pub(super) fn cost_of_transforms(&self) -> f64 {
        let cosets = self.coset_phase[0].len() * self.coset_phase.len();
        3.0 * self.n_grid as f64 * (60.0 * self.coset_phase.len() as f64 + 20.0 * cosets as f64)
    }

    /// C(R) of every pair, averaged over the space group.
    pub(super) async fn to_real_space(&self, pool: &Pool, spectra: &Spectra) -> Vec<Packed> {
        let work = |kinds: Range<usize>| -> Vec<Packed> {
            kinds.flat_map(|kind| self.kind_to_real_space(kind, spectra)).collect()
        };
        let parts = pool.ranges(self.kinds.len(), self.cost_of_transforms(), &work).await;
        self.averaged(parts.into_iter().flatten().collect())
    }

    /// The same in one piece that rests.
    pub(super) async fn to_real_space_here(&self, spectra: &Spectra) -> Vec<Packed> {
        let mut out = Vec::with_capacity(self.pairs.len());
        for kind in 0..self.kinds.len() {
            out.extend(self.kind_to_real_space(kind, spectra));
            rest().await;
        }
        self.averaged(out)
    }

    fn averaged(&self, mut c: Vec<Packed>) -> Vec<Packed> {
        if let Some(symmetry) = &self.symmetry {
            symmetry.average(&mut c);
        }
        c
    }

    fn kind_to_real_space(&self, kind: usize, spectra: &Spectra) -> Vec<Packed> {
        let n = self.n_wave_vectors();
        let pairs = self.kinds[kind].2.clone();
        let mut out = vec![[0.0; 6]; pairs.len()];
        let mut cosets = vec![C64::default(); n];
        let (mut grid, mut scratch) = (vec![C64::default(); self.n_grid], Scratch::default());
        // A primitive mesh is one grid, at its own origin.
        let plain = self.coset_phase.len() == 1 && self.coset_phase[0].len() == 1;
        // Two real results from one complex transform: x + iy at k, x* + iy* at −k.
        for entry in [0, 2, 4] {
            for part in &spectra.parts {
                let (x, y) = (part.component(6 * kind + entry), part.component(6 * kind + entry + 1));
                for ((here, there), (x, y)) in self.slots[part.first..].iter().zip(x.iter().zip(y)) {
                    cosets[*here] = C64::new(x.re - y.im, x.im + y.re);
                    if let Some(there) = there {
                        cosets[*there] = C64::new(x.re + y.im, y.re - x.im);
                    }
                }
            }
            for (j, (phases, own)) in self.coset_phase.iter().zip(&self.grid_phase).enumerate() {
                if plain {
                    grid.copy_from_slice(&cosets);
                } else {
                    for (m, value) in grid.iter_mut().enumerate() {
                        let sum: C64 =
                            phases.iter().enumerate().map(|(g, p)| p * cosets[g * self.n_grid + m]).sum();
                        *value = sum * own[m];
                    }
                }
                self.fft.run(&mut grid, &mut scratch);
                for (at, out) in pairs.clone().zip(&mut out).filter(|(at, _)| self.sites[*at].centring == j) {
                    let z = grid[self.sites[at].index] * self.sites[at].phase / n as f64;
                    out[entry] = z.re;
                    out[entry + 1] = z.im;
                }
            }
        }
        out
    }

    /// Transpose of the transform (without the average and N⁻¹): components at all wave vectors, six of each kind.
    pub(super) async fn to_wave_vectors(&self, pool: &Pool, k: &[Packed]) -> Vec<SpectraPart> {
        let work = |kinds: Range<usize>| -> Vec<SpectraPart> {
            kinds.map(|kind| self.kind_to_wave_vectors(kind, k)).collect()
        };
        let parts = pool.ranges(self.kinds.len(), self.cost_of_transforms(), &work).await;
        parts.into_iter().flatten().collect()
    }

    fn kind_to_wave_vectors(&self, kind: usize, k: &[Packed]) -> SpectraPart {
        let mut spectra = SpectraPart::new(0..self.k.len(), 6);
        let mut cosets = vec![C64::default(); self.n_wave_vectors()];
        let (mut grid, mut scratch) = (vec![C64::default(); self.n_grid], Scratch::default());
        let pairs = self.kinds[kind].2.clone();
        for entry in [0, 2, 4] {
            cosets.iter_mut().for_each(|z| *z = C64::default());
            for (j, (phases, own)) in self.coset_phase.iter().zip(&self.grid_phase).enumerate() {
                grid.iter_mut().for_each(|z| *z = C64::default());
                for at in pairs.clone().filter(|at| self.sites[*at].centring == j) {
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
                spectra.set(entry, i, (f + mirror) * 0.5);
                spectra.set(entry + 1, i, (f - mirror) * C64::new(0.0, -0.5));
            }
        }
        spectra
    }
}
