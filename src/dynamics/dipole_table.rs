//! Φ(q) of the dipoles of a polar crystal at blocks of wave vectors: the sum of [`DipoleDipole`] with everything that does
//! not depend on q kept.
//!
//! With F(K) = KKᵀ e^{−K·ε·K/4Λ²}/(K·ε·K), the tensor of two atoms τ apart is Σ_G F(q + G) e^{−iG·τ}: the cosines and sines
//! are those of the crystal, F is the same for all pairs. With G and −G together, cosines take F(q+G) + F(q−G) and sines
//! F(q+G) − F(q−G), so that a pair costs two products of a number with six vectors over points for each ±G. Charges
//! and phases come last.

use std::sync::Arc;

use nalgebra::{Matrix3, Vector3};

use crate::ifc::DipoleDipole;
use crate::lanes::{
    InPairs, LANES, Lanes, PACKED, PAIRS, Pair, add_product, add_scaled, both, clear, exp, slot_of,
};

/// A symmetric tensor at all lanes: xx yy zz xy xz yz.
type Tensor = [Lanes; 6];
const NO_TENSOR: Tensor = [[0.0; LANES]; 6];

/// Two atoms, with cos and sin of G·(τ_j − τ_i) of every wave, twice the same, or nothing for one atom with itself.
#[derive(Debug, Clone)]
struct Couple {
    i: usize,
    j: usize,
    cosine: Vec<f64>,
    sine: Vec<f64>,
}

/// The dipoles with their cosines and sines.
#[derive(Debug, Clone)]
pub(super) struct DipoleTable {
    part: Arc<DipoleDipole>,
    couples: Vec<Couple>,
}

/// F of one component at every wave, of G and −G together and of their difference.
#[derive(Default)]
struct Fields {
    even: Vec<Lanes>,
    odd: Vec<Lanes>,
}

/// Pairs of lanes that are summed at once: as many as there are registers for.
const AT_ONCE: usize = 8;

impl DipoleTable {
    pub fn new(part: Arc<DipoleDipole>) -> Self {
        let n = part.n_atoms();
        let couple = |(i, j): (usize, usize)| {
            let vector = part.sites[j] - part.sites[i];
            let turns = part.waves.iter().map(|g| g.dot(&vector).sin_cos());
            let (sine, cosine) = turns.unzip();
            Couple { i, j, cosine, sine }
        };
        let couples = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).map(couple).collect();
        DipoleTable { part, couples }
    }

    /// Φ in packed slots, eV/Å², of the wave vectors of a block.
    pub fn fill(&self, q: &[Vector3<f64>; LANES], out: &mut [Lanes]) {
        let part = &*self.part;
        out.iter_mut().for_each(clear);
        let reduced = q.map(|q| part.to_first_zone(&q));
        let farthest = reduced.iter().map(|q| part.length(q)).fold(0.0, f64::max);
        let waves = &part.waves[..part.n_waves(farthest)];
        let k: [Lanes; 3] = std::array::from_fn(|a| std::array::from_fn(|lane| reduced[lane][a]));
        let mut fields: [Fields; 6] = Default::default();
        for g in waves {
            let (plus, minus) = (self.tensor(&k, g), self.tensor(&k, &-g));
            for c in 0..6 {
                let (mut even, mut odd) = ([0.0; LANES], [0.0; LANES]);
                for i in 0..PAIRS {
                    let (p, m) = (plus[c].pair(i), minus[c].pair(i));
                    even.set_pair(i, p + m);
                    odd.set_pair(i, p - m);
                }
                fields[c].even.push(even);
                fields[c].odd.push(odd);
            }
        }
        let near = self.near(&reduced);
        let mut own = near;
        for (total, field) in own.iter_mut().zip(&fields) {
            field.even.iter().for_each(|x| add_scaled(total, 1.0, x));
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
        for couple in &self.couples {
            let (mut real, mut imaginary) = (near, NO_TENSOR);
            for c in 0..6 {
                add_products(&mut real[c], &couple.cosine, &fields[c].even);
                add_products(&mut imaginary[c], &couple.sine, &fields[c].odd);
            }
            // e^{−iG·τ}, then the phase between the two atoms.
            let phase = between(&turns[couple.i], &turns[couple.j]);
            self.put(couple.i, couple.j, &real, Some((&imaginary, &phase)), out);
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

/// `sum` += Σ factors · vectors.
#[inline(never)]
fn add_products(sum: &mut Lanes, factors: &[f64], vectors: &[Lanes]) {
    for first in (0..PAIRS).step_by(AT_ONCE) {
        let mut totals: [Pair; AT_ONCE] = std::array::from_fn(|i| sum.pair(first + i));
        for (factor, vector) in factors.iter().zip(vectors) {
            let factor = both(*factor);
            for (i, total) in totals.iter_mut().enumerate() {
                *total += factor * vector.pair(first + i);
            }
        }
        for (i, total) in totals.into_iter().enumerate() {
            sum.set_pair(first + i, total);
        }
    }
}
