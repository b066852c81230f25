//! Φ(q) of the dipoles of a polar crystal at blocks of wave vectors: the sum of [`DipoleDipole`] with everything that does
//! not depend on q kept.
//!
//! With F(K) = KKᵀ e^{−K·ε·K/4Λ²}/(K·ε·K), the tensor of two atoms τ apart is Σ_G F(q + G) e^{−iG·τ}: the cosines and sines
//! are those of the crystal, F is the same for all pairs. With G and −G together, cosines take F(q+G) + F(q−G) and sines
//! F(q+G) − F(q−G), so that a pair costs two products of a number with six vectors over points for each ±G. Charges
//! and phases come last.

use std::sync::Arc;

use nalgebra::{DMatrix, DMatrixView, DMatrixViewMut, Dyn, Matrix3, U1, Vector3};

use crate::ifc::DipoleDipole;
use crate::lanes::{
    InPairs, LANES, Lanes, PACKED, PAIRS, Pair, add_product, add_scaled, both, clear, exp, slot_of,
};

/// A symmetric tensor at all lanes: xx yy zz xy xz yz.
type Tensor = [Lanes; 6];
const NO_TENSOR: Tensor = [[0.0; LANES]; 6];
/// Rows of a table of cosines or sines.
type Factors<'a> = DMatrixView<'a, f64, U1, Dyn>;

/// The dipoles with their cosines and sines.
#[derive(Debug, Clone)]
pub(super) struct DipoleTable {
    part: Arc<DipoleDipole>,
    /// Two atoms each, the first one the lower.
    couples: Vec<(usize, usize)>,
    /// cos G·(τ_j − τ_i) of every wave (rows) and couple (columns).
    cosines: DMatrix<f64>,
    /// The same of sines.
    sines: DMatrix<f64>,
}

/// Waves that are summed at once: their tensors stay near the processor.
const STRETCH: usize = 64;
/// Pairs of lanes that are summed at once: as many as there are registers for.
const AT_ONCE: usize = 8;

impl DipoleTable {
    pub fn new(part: Arc<DipoleDipole>) -> Self {
        let n = part.n_atoms();
        let couples: Vec<(usize, usize)> = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).collect();
        let turn = |wave: usize, couple: usize| {
            let (i, j) = couples[couple];
            part.waves[wave].dot(&(part.sites[j] - part.sites[i]))
        };
        let (rows, columns) = (part.waves.len(), couples.len());
        let cosines = DMatrix::from_fn(rows, columns, |wave, couple| turn(wave, couple).cos());
        let sines = DMatrix::from_fn(rows, columns, |wave, couple| turn(wave, couple).sin());
        DipoleTable { part, couples, cosines, sines }
    }

    /// Φ in packed slots, eV/Å², of the wave vectors of a block.
    pub fn fill(&self, q: &[Vector3<f64>; LANES], out: &mut [Lanes]) {
        let part = &*self.part;
        out.iter_mut().for_each(clear);
        let reduced = q.map(|q| part.to_first_zone(&q));
        let farthest = reduced.iter().map(|q| part.length(q)).fold(0.0, f64::max);
        let n_waves = part.n_waves(farthest);
        let k: [Lanes; 3] = std::array::from_fn(|a| std::array::from_fn(|lane| reduced[lane][a]));
        let near = self.near(&reduced);
        let mut own = near;
        let mut real = vec![near; self.couples.len()];
        let mut imaginary = vec![NO_TENSOR; self.couples.len()];
        let (mut even, mut odd) = (Vec::with_capacity(STRETCH), Vec::with_capacity(STRETCH));
        for first in (0..n_waves).step_by(STRETCH) {
            let waves = first..n_waves.min(first + STRETCH);
            even.clear();
            odd.clear();
            for g in &part.waves[waves.clone()] {
                let (mut sum, mut difference) = (self.tensor(&k, g), self.tensor(&k, &-g));
                for (c, own) in own.iter_mut().enumerate() {
                    for i in 0..PAIRS {
                        let (plus, minus) = (sum[c].pair(i), difference[c].pair(i));
                        sum[c].set_pair(i, plus + minus);
                        difference[c].set_pair(i, plus - minus);
                        own.set_pair(i, own.pair(i) + plus + minus);
                    }
                }
                even.push(sum);
                odd.push(difference);
            }
            let rows = (waves.start, waves.len());
            add_products(&even, &self.cosines.rows(rows.0, rows.1), &mut real);
            add_products(&odd, &self.sines.rows(rows.0, rows.1), &mut imaginary);
        }
        let n = part.n_atoms();
        for s in 0..n {
            self.put(s, s, &own, None, out);
            for a in 0..3 {
                for b in a..3 {
                    let slot = slot_of(3 * n, 3 * s + a, 3 * s + b).0;
                    out[slot].iter_mut().for_each(|x| *x += part.own[s][(a, b)]);
                }
            }
        }
        let turns: Vec<[Lanes; 2]> = (0..n).map(|s| self.turns(s, q, &reduced)).collect();
        for (c, &(i, j)) in self.couples.iter().enumerate() {
            // e^{−iG·τ}, then the phase between the two atoms.
            let phase = between(&turns[i], &turns[j]);
            self.put(i, j, &real[c], Some((&imaginary[c], &phase)), out);
        }
        self.add_bonds(q, out);
    }

    /// F(k + G) times the prefactor.
    fn tensor(&self, k: &[Lanes; 3], g: &Vector3<f64>) -> Tensor {
        let epsilon = &self.part.long_range.dielectric;
        let e = |a: usize, b: usize| both(epsilon[(a, b)]);
        let (xx, yy, zz) = (e(0, 0), e(1, 1), e(2, 2));
        let (xy, xz, yz) = (both(2.0) * e(0, 1), both(2.0) * e(0, 2), both(2.0) * e(1, 2));
        let (scale, prefactor) = (both(-1.0 / self.part.width), both(self.part.prefactor));
        let mut out = NO_TENSOR;
        for i in 0..PAIRS {
            let [x, y, z] = [0, 1, 2].map(|a| k[a].pair(i) + both(g[a]));
            let size = x * (xx * x + xy * y + xz * z) + y * (yy * y + yz * z) + z * zz * z;
            let weight = exp(size * scale) * prefactor / size;
            let [wx, wy, wz] = [weight * x, weight * y, weight * z];
            for (c, value) in [wx * x, wy * y, wz * z, wx * y, wx * z, wy * z].into_iter().enumerate() {
                out[c].set_pair(i, value);
            }
        }
        out
    }

    /// F(k) of G = 0, which has no direction at Γ.
    fn near(&self, reduced: &[Vector3<f64>; LANES]) -> Tensor {
        let mut out = NO_TENSOR;
        for (lane, k) in reduced.iter().enumerate() {
            let weight = self.part.weight(k);
            for (c, (a, b)) in PACKED.into_iter().enumerate() {
                out[c][lane] = weight * k[a] * k[b];
            }
        }
        out
    }

    /// cos and sin of the phase that carries atom `s` from the first zone to q.
    fn turns(&self, s: usize, q: &[Vector3<f64>; LANES], reduced: &[Vector3<f64>; LANES]) -> [Lanes; 2] {
        let mut turn = [[0.0; LANES]; 2];
        for lane in 0..LANES {
            (turn[1][lane], turn[0][lane]) = self.part.turn(s, &q[lane], &reduced[lane]).sin_cos();
        }
        turn
    }

    /// Adds Z_iᵀ T Z_j with T = (real − i imaginary) phase to the slots of the pair.
    fn put(
        &self,
        i: usize,
        j: usize,
        real: &Tensor,
        complex: Option<(&Tensor, &[Lanes; 2])>,
        out: &mut [Lanes],
    ) {
        let d = 3 * self.part.n_atoms();
        let born = &self.part.long_range.born;
        for a in 0..3 {
            for b in if i == j { a } else { 0 }..3 {
                // Z_γa T_γδ Z_δb, the two orders of γ and δ together.
                let factors = factors(&born[i], &born[j], a, b);
                let (mut re, mut im) = ([0.0; LANES], [0.0; LANES]);
                let (slot, other) = slot_of(d, 3 * i + a, 3 * j + b);
                for (c, factor) in factors.into_iter().enumerate().filter(|(_, f)| *f != 0.0) {
                    add_scaled(&mut re, factor, &real[c]);
                    if let Some((imaginary, _)) = complex {
                        add_scaled(&mut im, -factor, &imaginary[c]);
                    }
                }
                let Some((_, phase)) = complex else {
                    add_scaled(&mut out[slot], 1.0, &re);
                    continue;
                };
                add_product(&mut out[slot], &re, &phase[0]);
                if let Some(other) = other {
                    add_product(&mut out[other], &re, &phase[1]);
                    add_product(&mut out[other], &im, &phase[0]);
                }
                im.iter_mut().for_each(|x| *x = -*x);
                add_product(&mut out[slot], &im, &phase[1]);
            }
        }
    }

    fn add_bonds(&self, q: &[Vector3<f64>; LANES], out: &mut [Lanes]) {
        let d = 3 * self.part.n_atoms();
        for bond in self.part.bonds.iter().filter(|bond| bond.i < bond.j) {
            let phase = q.map(|q| q.dot(&bond.vector).sin_cos());
            for a in 0..3 {
                for b in 0..3 {
                    let (real, imaginary) = slot_of(d, 3 * bond.i + a, 3 * bond.j + b);
                    for (lane, (sine, cosine)) in phase.iter().enumerate() {
                        out[real][lane] += bond.phi[(a, b)] * cosine;
                        if let Some(imaginary) = imaginary {
                            out[imaginary][lane] += bond.phi[(a, b)] * sine;
                        }
                    }
                }
            }
        }
    }
}

/// Z_iᵀ T Z_j at (a, b) as a sum over the six elements of a symmetric T.
fn factors(first: &Matrix3<f64>, second: &Matrix3<f64>, a: usize, b: usize) -> [f64; 6] {
    PACKED.map(|(c, d)| {
        let one = first[(c, a)] * second[(d, b)];
        if c == d { one } else { one + first[(d, a)] * second[(c, b)] }
    })
}

/// e^{i(β − α)} of e^{iα} and e^{iβ}.
fn between(first: &[Lanes; 2], second: &[Lanes; 2]) -> [Lanes; 2] {
    let mut out = [[0.0; LANES]; 2];
    for i in 0..PAIRS {
        let (c, s) = (first[0].pair(i), first[1].pair(i));
        let (x, y) = (second[0].pair(i), second[1].pair(i));
        out[0].set_pair(i, c * x + s * y);
        out[1].set_pair(i, c * y - s * x);
    }
    out
}

/// `sums`\[column\] += Σ_row `tensors`\[row\] `factors`\[row, column\].
fn add_products(tensors: &[Tensor], factors: &Factors, sums: &mut [Tensor]) {
    // WebAssembly has no wider registers than two numbers, and its package is compiled for size.
    if cfg!(target_arch = "wasm32") {
        return add_in_pairs(tensors, factors, sums);
    }
    let size = NO_TENSOR.as_flattened().len();
    let tensors = DMatrixView::from_slice(tensors.as_flattened().as_flattened(), size, factors.nrows());
    let mut sums =
        DMatrixViewMut::from_slice(sums.as_flattened_mut().as_flattened_mut(), size, factors.ncols());
    sums.gemm(1.0, &tensors, factors, 1.0);
}

/// The same with as much in registers as pairs of lanes allow.
fn add_in_pairs(tensors: &[Tensor], factors: &Factors, sums: &mut [Tensor]) {
    for (sum, factors) in sums.iter_mut().zip(factors.column_iter()) {
        for (c, sum) in sum.iter_mut().enumerate() {
            for first in (0..PAIRS).step_by(AT_ONCE) {
                let mut totals: [Pair; AT_ONCE] = std::array::from_fn(|i| sum.pair(first + i));
                for (factor, tensor) in factors.iter().zip(tensors) {
                    let factor = both(*factor);
                    for (i, total) in totals.iter_mut().enumerate() {
                        *total += factor * tensor[c].pair(first + i);
                    }
                }
                for (i, total) in totals.into_iter().enumerate() {
                    sum.set_pair(first + i, total);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_sum_agree() {
        let number = |n: usize| (n as f64 * 0.618).fract() - 0.5;
        let tensor = |n: usize| -> Tensor {
            std::array::from_fn(|c| std::array::from_fn(|lane| number(n * 192 + c * 32 + lane)))
        };
        let tensors: Vec<Tensor> = (0..50).map(tensor).collect();
        let factors = DMatrix::from_fn(60, 7, |i, j| number(i * 7 + j));
        let (mut a, mut b) = (vec![tensor(1); 7], vec![tensor(1); 7]);
        add_products(&tensors, &factors.rows(5, 50), &mut a);
        add_in_pairs(&tensors, &factors.rows(5, 50), &mut b);
        let (a, b) = (a.as_flattened().as_flattened(), b.as_flattened().as_flattened());
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-13));
    }
}
