//! Hermitian matrices made tridiagonal by Householder reflections, in lanes.

use super::{Z, ZERO};
use crate::lanes::{Fused, Register, same};

/// Squares of lengths that are zero: nothing but what is left of rounding.
const NOTHING: f64 = 1e-60;

/// A = Q T Qᴴ with a real T, and b = Q (|b|, 0, 0, …).
#[derive(Debug, Default)]
pub(super) struct Tridiagonal {
    /// T, where the first row is that of b.
    diagonal: Vec<Register>,
    beside: Vec<Register>,
    /// T is real in axes with these phases.
    phases: Vec<Z>,
    /// Of each reflection 1 − τ v vᴴ.
    tau: Vec<Register>,
    p: Vec<Z>,
    /// Inverse pivots of the last pole.
    inverse: Vec<Register>,
}

impl Tridiagonal {
    /// `rows`: the upper triangle of (0 bᴴ; b A), row by row, A of dimension `d`; takes the vectors of the reflections
    /// beyond the diagonal of each row.
    pub fn make(&mut self, rows: &mut [Z], d: usize) {
        for list in [&mut self.diagonal, &mut self.beside, &mut self.tau, &mut self.inverse] {
            list.resize(d + 1, Register::ZERO);
        }
        self.phases.resize(d + 1, ZERO);
        self.p.resize(d, ZERO);
        let mut phase = [Register::ONE, Register::ZERO];
        let mut rest = rows;
        for k in 0..d {
            self.phases[k] = phase;
            let (row, below) = rest.split_at_mut(d + 1 - k);
            self.diagonal[k] = row[0][0];
            let v = &mut row[1..];
            // The column below the diagonal.
            let mut square = Register::ZERO;
            for z in v.iter_mut() {
                z[1] = -z[1];
                square += z[0] * z[0] + z[1] * z[1];
            }
            let size = square.sqrt();
            let [re, im] = v[0];
            let first = (re * re + im * im).sqrt();
            let some = first.simd_gt(Register::ZERO);
            let (c, s) = (some.select(re / first, Register::ONE), some.select(im / first, Register::ZERO));
            v[0] = [re + c * size, im + s * size];
            let tau =
                square.simd_gt(same(NOTHING)).select(Register::ONE / (square + first * size), Register::ZERO);
            self.beside[k] = size;
            self.tau[k] = tau;
            phase = [s * phase[1] - c * phase[0], -(c * phase[1] + s * phase[0])];
            reflect(below, v, tau, &mut self.p);
            rest = below;
        }
        self.phases[d] = phase;
        self.diagonal[d] = rest[0][0];
    }

    /// (T + s)⁻¹ (|b|, 0, …); gives bᴴ (A + s)⁻¹ b, and one where T + s is positive definite, else zero.
    pub fn solve(&mut self, s: f64) -> (Register, Register) {
        let d = self.diagonal.len() - 1;
        let s = same(s);
        let mut sign = Register::ONE;
        let mut coupling = Register::ZERO;
        for i in (1..=d).rev() {
            let pivot = self.diagonal[i] + s - coupling;
            sign &= pivot.simd_gt(Register::ZERO);
            let inverse = Register::ONE / pivot;
            self.inverse[i] = inverse;
            let beside = self.beside[i - 1];
            coupling = beside * beside * inverse;
        }
        (coupling, sign)
    }

    /// x = (A + s)⁻¹ b of the last [`Self::solve`].
    pub fn back(&mut self, rows: &[Z], x: &mut [Z]) {
        let d = x.len();
        let mut y = -Register::ONE;
        for i in 0..d {
            y = -y * self.beside[i] * self.inverse[i + 1];
            let [re, im] = self.phases[i + 1];
            x[i] = [re * y, im * y];
        }
        let mut rest = &rows[..rows.len() - 1];
        for k in (0..d).rev() {
            let (above, row) = rest.split_at(rest.len() - (d + 1 - k));
            let (v, x) = (&row[1..], &mut x[k..]);
            let (mut re, mut im) = (Register::ZERO, Register::ZERO);
            for ([u, v], [a, b]) in v.iter().zip(x.iter()) {
                re = u.fused(*a, v.fused(*b, re));
                im = u.fused(*b, (-*v).fused(*a, im));
            }
            let (re, im) = (re * self.tau[k], im * self.tau[k]);
            for ([u, v], x) in v.iter().zip(x) {
                x[0] = (-*u).fused(re, v.fused(im, x[0]));
                x[1] = (-*u).fused(im, (-*v).fused(re, x[1]));
            }
            rest = above;
        }
    }
}

/// A ← H A H with H = 1 − τ v vᴴ: A − v wᴴ − w vᴴ, w = p − ½τ (vᴴp) v, p = τ A v.
fn reflect(rows: &mut [Z], v: &[Z], tau: Register, p: &mut [Z]) {
    let m = v.len();
    let p = &mut p[..m];
    p.fill(ZERO);
    let mut rest = &*rows;
    for i in 0..m {
        let (row, next) = rest.split_at(m - i);
        let ([a, b], diagonal) = (v[i], row[0][0]);
        let (here, after) = p[i..].split_at_mut(1);
        let (mut re, mut im) = (here[0][0] + diagonal * a, here[0][1] + diagonal * b);
        for (([u, w], [c, d]), p) in row[1..].iter().zip(&v[i + 1..]).zip(after) {
            re = u.fused(*c, (-*w).fused(*d, re));
            im = u.fused(*d, w.fused(*c, im));
            p[0] = u.fused(a, w.fused(b, p[0]));
            p[1] = u.fused(b, (-*w).fused(a, p[1]));
        }
        here[0] = [re, im];
        rest = next;
    }
    let mut overlap = Register::ZERO;
    for ([a, b], [c, d]) in v.iter().zip(p.iter()) {
        overlap += *a * *c + *b * *d;
    }
    let half = same(0.5) * tau * tau * overlap;
    for ([a, b], p) in v.iter().zip(p.iter_mut()) {
        *p = [tau * p[0] - half * *a, tau * p[1] - half * *b];
    }
    let mut rest = rows;
    for i in 0..m {
        let (row, next) = rest.split_at_mut(m - i);
        let ([a, b], [c, d]) = (v[i], p[i]);
        for ((z, [e, f]), [g, h]) in row.iter_mut().zip(&v[i..]).zip(&p[i..]) {
            // v_i conj(w_j) + w_i conj(v_j)
            z[0] = (-a).fused(*g, (-b).fused(*h, (-c).fused(*e, (-d).fused(*f, z[0]))));
            z[1] = (-b).fused(*g, a.fused(*h, (-d).fused(*e, c.fused(*f, z[1]))));
        }
        rest = next;
    }
}
