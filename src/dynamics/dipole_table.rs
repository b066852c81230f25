//! Φ(q) of the dipoles of a polar crystal at blocks of wave vectors: the sum of [`DipoleDipole`] with everything that does
//! not depend on q kept.
//!
//! With F(K) = KKᵀ e^{−K·ε·K/4Λ²}/(K·ε·K), the tensor of two atoms τ apart is Σ_G F(q + G) e^{−iG·τ}: the cosines and sines
//! are those of the crystal, F is the same for all pairs. With G and −G together, cosines take F(q+G) + F(q−G) and sines
//! F(q+G) − F(q−G), so that a pair costs two products of a number with six vectors over points for each ±G. Charges
//! and phases come last.
//!
//! The Gaussian of q + Σ_a n_a b_a comes apart: e^{−q·ε·q/4Λ²} e^{−G·ε·G/4Λ²} Π_a (e^{−2q·ε·b_a/4Λ²})^{n_a}. Powers of three
//! exponentials at each q serve all G, and those of −n_a are at hand for −G.

use std::sync::Arc;

use nalgebra::{DMatrix, DMatrixView, DMatrixViewMut, Dyn, Matrix3, U1, Vector3};

use crate::ifc::DipoleDipole;
use crate::lanes::{
    InRegisters, LANES, Lanes, PACKED, REGISTERS, Register, add_product, add_scaled, clear, dot, exp,
    multiply, same, slot_of,
};

/// A symmetric tensor at all lanes: xx yy zz xy xz yz.
type Tensor = [Lanes; 6];
const NO_TENSOR: Tensor = [[0.0; LANES]; 6];
/// Rows of a table of cosines or sines.
type Factors<'a> = DMatrixView<'a, f64, U1, Dyn>;

/// G as a sum of steps, with what does not depend on q.
#[derive(Debug, Clone)]
struct Wave {
    g: Vector3<f64>,
    steps: [i32; 3],
    /// 2 ε·G
    double: Vector3<f64>,
    /// G·ε·G
    square: f64,
    /// The prefactor times e^{−G·ε·G/4Λ²}.
    height: f64,
}

/// What all waves need of a block of wave vectors.
struct Place {
    k: [Lanes; 3],
    /// k kᵀ
    outer: Tensor,
    /// k·ε·k
    square: Lanes,
    /// Powers of e^{−2k·ε·b/4Λ²} of each axis from −reach to reach, those of the first times e^{−k·ε·k/4Λ²}; empty where
    /// they would leave the range of numbers.
    powers: [Vec<Lanes>; 3],
}

/// The dipoles with their cosines and sines.
#[derive(Debug, Clone)]
pub(super) struct DipoleTable {
    part: Arc<DipoleDipole>,
    waves: Vec<Wave>,
    /// Largest step along each axis.
    reach: [i32; 3],
    /// Two atoms each, the first one the lower.
    couples: Vec<(usize, usize)>,
    /// cos G·(τ_j − τ_i) of every wave (rows) and couple (columns); the last column is that of an atom with itself.
    cosines: DMatrix<f64>,
    /// The same of sines.
    sines: DMatrix<f64>,
}

/// Waves that are summed at once: their tensors stay near the processor.
const STRETCH: usize = 64;
/// Registers of a block that are summed at once: as many as the processor has room for.
const AT_ONCE: usize = 8;
/// Exponents up to which powers of exponentials are numbers.
const STEEPEST: f64 = 500.0;

impl DipoleTable {
    pub fn new(part: Arc<DipoleDipole>) -> Self {
        let n = part.n_atoms();
        let couples: Vec<(usize, usize)> = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).collect();
        let turn = |wave: usize, couple: usize| {
            let (i, j) = couples[couple];
            part.waves[wave].dot(&(part.sites[j] - part.sites[i]))
        };
        let (rows, columns) = (part.waves.len(), couples.len());
        let own = |couple: usize| couple == columns;
        let cosines =
            DMatrix::from_fn(
                rows,
                columns + 1,
                |wave, couple| {
                    if own(couple) { 1.0 } else { turn(wave, couple).cos() }
                },
            );
        let sines = DMatrix::from_fn(rows, columns, |wave, couple| turn(wave, couple).sin());
        let wave = |g: &Vector3<f64>| {
            let double = part.long_range.dielectric * g * 2.0;
            let square = 0.5 * g.dot(&double);
            let height = part.prefactor * (-square / part.width).exp();
            Wave { g: *g, steps: part.steps(g), double, square, height }
        };
        let waves: Vec<Wave> = part.waves.iter().map(wave).collect();
        let reach = [0, 1, 2].map(|a| waves.iter().map(|wave| wave.steps[a].abs()).max().unwrap_or(0));
        DipoleTable { part, waves, reach, couples, cosines, sines }
    }

    /// Φ in packed slots, eV/Å², of the wave vectors of a block.
    pub fn fill(&self, q: &[Vector3<f64>; LANES], out: &mut [Lanes]) {
        let part = &*self.part;
        out.iter_mut().for_each(clear);
        let reduced = q.map(|q| part.to_first_zone(&q));
        let farthest = reduced.iter().map(|q| part.length(q)).fold(0.0, f64::max);
        let place = self.place(&reduced, farthest);
        let mut real = vec![self.near(&reduced); self.couples.len() + 1];
        let mut imaginary = vec![NO_TENSOR; self.couples.len()];
        let (mut even, mut odd) = (vec![NO_TENSOR; STRETCH], vec![NO_TENSOR; STRETCH]);
        for first in (0..self.waves.len()).step_by(STRETCH) {
            let waves = &self.waves[first..self.waves.len().min(first + STRETCH)];
            for ((wave, even), odd) in waves.iter().zip(&mut even).zip(&mut odd) {
                self.tensors(&place, wave, even, odd);
            }
            let n = waves.len();
            add_products(&even[..n], &self.cosines.rows(first, n), &mut real);
            add_products(&odd[..n], &self.sines.rows(first, n), &mut imaginary);
        }
        let n = part.n_atoms();
        for s in 0..n {
            self.put(s, s, &real[self.couples.len()], None, out);
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

    /// What the waves need of wave vectors in the first zone up to the length `farthest`.
    fn place(&self, reduced: &[Vector3<f64>; LANES], farthest: f64) -> Place {
        let (part, lanes) = (&*self.part, |of: &dyn Fn(&Vector3<f64>) -> f64| reduced.each_ref().map(of));
        let square = lanes(&|k| part.length(k).powi(2));
        let outer = PACKED.map(|(a, b)| lanes(&|k| k[a] * k[b]));
        let longest = self.waves.last().map_or(0.0, |wave| wave.square.sqrt());
        let steepest = farthest * (farthest + 2.0 * longest) / part.width;
        let mut powers = [vec![], vec![], vec![]];
        if steepest < STEEPEST {
            powers = std::array::from_fn(|a| self.powers(a, reduced));
            let height = square.map(|x| (-x / part.width).exp());
            powers[0].iter_mut().for_each(|power| multiply(power, &height));
        }
        Place { k: [0, 1, 2].map(|a| lanes(&|k| k[a])), outer, square, powers }
    }

    /// Powers of e^{−2k·ε·b/4Λ²} from −reach to reach along one axis.
    fn powers(&self, axis: usize, reduced: &[Vector3<f64>; LANES]) -> Vec<Lanes> {
        let b = self.part.step(axis);
        let slope = self.part.long_range.dielectric * b * (-2.0 / self.part.width);
        let reach = self.reach[axis] as usize;
        let mut all = vec![[1.0; LANES]; 2 * reach + 1];
        for n in 1..=reach {
            for (at, sign) in [(reach - n, -1.0), (reach + n, 1.0)] {
                let exponents = reduced.each_ref().map(|k| k.dot(&slope) * sign * n as f64);
                for i in 0..REGISTERS {
                    all[at].set_register(i, exp(exponents.register(i)));
                }
            }
        }
        all
    }

    /// F(k + G) + F(k − G) and F(k + G) − F(k − G), times the prefactor.
    fn tensors(&self, place: &Place, wave: &Wave, even: &mut Tensor, odd: &mut Tensor) {
        let (width, prefactor) = (same(-1.0 / self.part.width), same(self.part.prefactor));
        let [x, y, z]: [Register; 3] = wave.g.map(same).into();
        let outer = PACKED.map(|(a, b)| same(wave.g[a] * wave.g[b]));
        let double: [Register; 3] = wave.double.map(same).into();
        let (square, height) = (same(wave.square), same(wave.height));
        let power = |axis: usize, sign: i32| {
            place.powers[axis].get((self.reach[axis] + sign * wave.steps[axis]) as usize)
        };
        let tables = [1, -1].map(|sign| Some([power(0, sign)?, power(1, sign)?, power(2, sign)?]));
        for i in 0..REGISTERS {
            let k = [0, 1, 2].map(|a| place.k[a].register(i));
            let (mean, half) = (place.square.register(i) + square, dot(k, double));
            // (k ± G)·ε·(k ± G)
            let (plus, minus) = (mean + half, mean - half);
            let gaussian = |table: &Option<[&Lanes; 3]>, size: Register| match table {
                Some([a, b, c]) => a.register(i) * b.register(i) * c.register(i) * height,
                None => exp(size * width) * prefactor,
            };
            let inverse = same(1.0) / (plus * minus);
            let first = gaussian(&tables[0], plus) * minus * inverse;
            let second = gaussian(&tables[1], minus) * plus * inverse;
            let (sum, difference) = (first + second, first - second);
            let twice = same(2.0);
            let crossed = [
                twice * k[0] * x,
                twice * k[1] * y,
                twice * k[2] * z,
                k[0] * y + k[1] * x,
                k[0] * z + k[2] * x,
                k[1] * z + k[2] * y,
            ];
            for c in 0..6 {
                let own = place.outer[c].register(i) + outer[c];
                even[c].set_register(i, sum * own + difference * crossed[c]);
                odd[c].set_register(i, difference * own + sum * crossed[c]);
            }
        }
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
    for i in 0..REGISTERS {
        let (c, s) = (first[0].register(i), first[1].register(i));
        let (x, y) = (second[0].register(i), second[1].register(i));
        out[0].set_register(i, c * x + s * y);
        out[1].set_register(i, c * y - s * x);
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
            for first in (0..REGISTERS).step_by(AT_ONCE) {
                let mut totals: [Register; AT_ONCE] = std::array::from_fn(|i| sum.register(first + i));
                for (factor, tensor) in factors.iter().zip(tensors) {
                    let factor = same(*factor);
                    for (i, total) in totals.iter_mut().enumerate() {
                        *total += factor * tensor[c].register(first + i);
                    }
                }
                for (i, total) in totals.into_iter().enumerate() {
                    sum.set_register(first + i, total);
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
