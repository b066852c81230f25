//! tr(E C) and its adjoint K for many weights E that stand on the atoms: from (Φ + sM)⁻¹ at every pole, in lanes.

use nalgebra::Matrix3;

use super::{Upper, Z, ZERO};
use crate::lanes::{Fused, InRegisters, Lanes, Register, same};
use crate::thermal::Thermal;
use crate::thermal::poles::Pole;

/// (Φ + sM)⁻¹ of same lanes; memory that serves for all of them.
#[derive(Debug, Default)]
pub(in crate::thermal) struct Traces {
    d: usize,
    /// Weights of the poles.
    weights: Vec<f64>,
    /// −(Φ + sM)⁻¹ of one pole after the other: upper triangles, row by row.
    inverses: Vec<Z>,
    columns: Vec<Three>,
    products: Vec<Three>,
    sums: Vec<Z>,
}

/// An element of each of three columns.
type Three = [Z; 3];

impl Traces {
    /// Inverts; one where Φ is positive definite, zero elsewhere.
    pub fn prepare(&mut self, phi: &[Lanes], thermal: &Thermal, poles: &[Pole], register: usize) -> Register {
        let d = 3 * thermal.masses.len();
        let size = d * (d + 1) / 2;
        self.d = d;
        self.weights.clear();
        self.inverses.clear();
        let mut sign = Register::ONE;
        for pole in poles {
            self.weights.push(pole.weight);
            let mut upper = Upper::new(phi, d, register);
            for i in 0..d {
                let diagonal = phi[i].register(register) + same(pole.at * thermal.masses[i / 3]);
                self.inverses.push([diagonal, Register::ZERO]);
                self.inverses.extend(upper.by_ref().take(d - 1 - i));
            }
            let first = self.inverses.len() - size;
            sign &= invert(&mut self.inverses[first..], d, &mut self.columns, &mut self.products);
        }
        sign
    }

    /// tr(E C) for the blocks E of the atoms.
    pub fn value(&self, e: &[Matrix3<f64>]) -> Register {
        let mut sum = Register::ZERO;
        for (weight, inverse) in
            self.weights.iter().zip(self.inverses.chunks_exact(self.d * (self.d + 1) / 2))
        {
            for (s, e) in e.iter().enumerate() {
                for a in 0..3 {
                    for b in a..3 {
                        let e = if a == b { e[(a, b)] } else { e[(a, b)] + e[(b, a)] };
                        sum -= same(weight * e) * inverse[place(self.d, 3 * s + a, 3 * s + b)][0];
                    }
                }
            }
        }
        sum
    }

    /// K in packed slots, off-diagonals doubled, with ∂tr(E C) = Re tr(K ∂Φ).
    pub fn adjoint(&mut self, e: &[Matrix3<f64>], k: &mut [Register]) {
        let d = self.d;
        let Traces { weights, inverses, columns, products, sums, .. } = self;
        sums.clear();
        sums.resize(d * (d + 1) / 2, ZERO);
        columns.resize(d, [ZERO; 3]);
        // X E X is a sum of the columns of X E times the rows of X; three are taken at a time.
        let mut taken = 0;
        for (weight, inverse) in weights.iter().zip(inverses.chunks_exact(d * (d + 1) / 2)) {
            for (s, e) in e.iter().enumerate() {
                for b in (0..3).filter(|&b| e.column(b).iter().any(|x| *x != 0.0)) {
                    if taken == 0 {
                        products.clear();
                        products.resize(d, [ZERO; 3]);
                    }
                    for a in (0..3).filter(|&a| e[(a, b)] != 0.0) {
                        take_column(inverse, d, 3 * s + a, taken, columns);
                        let factor = same(weight * e[(a, b)]);
                        for (p, x) in products.iter_mut().zip(&*columns) {
                            p[taken][0] += factor * x[taken][0];
                            p[taken][1] += factor * x[taken][1];
                        }
                    }
                    take_column(inverse, d, 3 * s + b, taken, columns);
                    taken += 1;
                    if taken == 3 {
                        subtract(sums, products, columns);
                        taken = 0;
                    }
                }
            }
        }
        if taken > 0 {
            subtract(sums, products, columns);
        }
        let (diagonal, above) = k.split_at_mut(d);
        let (real, imaginary) = above.split_at_mut(d * (d - 1) / 2);
        let (mut rest, mut slot) = (&sums[..], 0);
        for i in 0..d {
            let (row, next) = rest.split_at(d - i);
            diagonal[i] = row[0][0];
            for [re, im] in &row[1..] {
                real[slot] = *re + *re;
                imaginary[slot] = *im + *im;
                slot += 1;
            }
            rest = next;
        }
    }
}

/// Where element (i, j), i ≤ j, of the upper triangle stands.
fn place(d: usize, i: usize, j: usize) -> usize {
    i * (2 * d - i + 1) / 2 + j - i
}

/// Column `k` of the matrix as the `n`-th of three.
fn take_column(rows: &[Z], d: usize, k: usize, n: usize, columns: &mut [Three]) {
    for i in 0..k {
        columns[i][n] = rows[place(d, i, k)];
    }
    for (z, [re, im]) in columns[k..].iter_mut().zip(&rows[place(d, k, k)..]) {
        z[n] = [*re, -*im];
    }
}

/// A − Σ x yᴴ over three columns x and y in the upper triangle of A: each element of A, which for many atoms the nearest
/// cache does not hold, is loaded and stored once for three products.
fn subtract(rows: &mut [Z], x: &[Three], y: &[Three]) {
    let mut rest = rows;
    for (i, [a, b, c]) in x.iter().enumerate() {
        let (row, next) = rest.split_at_mut(x.len() - i);
        for (z, [d, e, f]) in row.iter_mut().zip(&y[i..]) {
            let [re, im] = *z;
            let re = (-a[0]).fused(d[0], (-a[1]).fused(d[1], re));
            let im = (-a[1]).fused(d[0], a[0].fused(d[1], im));
            let re = (-b[0]).fused(e[0], (-b[1]).fused(e[1], re));
            let im = (-b[1]).fused(e[0], b[0].fused(e[1], im));
            z[0] = (-c[0]).fused(f[0], (-c[1]).fused(f[1], re));
            z[1] = (-c[1]).fused(f[0], c[0].fused(f[1], im));
        }
        rest = next;
    }
}

/// −A⁻¹ in the place of A, one atom after the other: with B = A_aa and S = A_ia B⁻¹, A − S B Sᴴ elsewhere, S in the rows
/// and columns of the atom and −B⁻¹ where they meet. One where all pivots are positive, zero elsewhere.
fn invert(rows: &mut [Z], d: usize, columns: &mut Vec<Three>, scaled: &mut Vec<Three>) -> Register {
    let mut sign = Register::ONE;
    columns.resize(d, [ZERO; 3]);
    scaled.resize(d, [ZERO; 3]);
    for k in (0..d).step_by(3) {
        for n in 0..3 {
            take_column(rows, d, k + n, n, columns);
        }
        let (inverse, positive) = inverse_of_three(&columns[k..k + 3]);
        sign &= positive;
        for (to, from) in scaled.iter_mut().zip(&*columns) {
            for (n, to) in to.iter_mut().enumerate() {
                *to = sum_of_products(from, &inverse[n]);
            }
        }
        subtract(rows, scaled, columns);
        for (i, s) in scaled.iter().enumerate() {
            if (k..k + 3).contains(&i) {
                for j in i..k + 3 {
                    let [re, im] = inverse[j - k][i - k];
                    rows[place(d, i, j)] = [-re, -im];
                }
                continue;
            }
            for (n, [re, im]) in s.iter().enumerate() {
                match i < k {
                    true => rows[place(d, i, k + n)] = [*re, *im],
                    false => rows[place(d, k + n, i)] = [*re, -*im],
                }
            }
        }
    }
    sign
}

/// Σ a_m b_m.
fn sum_of_products(a: &Three, b: &Three) -> Z {
    a.iter().zip(b).fold(ZERO, |[re, im], ([p, q], [r, s])| {
        [(-*q).fused(*s, p.fused(*r, re)), q.fused(*r, p.fused(*s, im))]
    })
}

/// B⁻¹ by its columns, B by its rows. One where all pivots are positive, zero elsewhere.
fn inverse_of_three(b: &[Three]) -> ([Three; 3], Register) {
    let mut sign = Register::ONE;
    let mut m: [Three; 3] = std::array::from_fn(|j| std::array::from_fn(|i| b[i][j]));
    for k in 0..3 {
        let old = m;
        let pivot = old[k][k][0];
        sign &= pivot.simd_gt(Register::ZERO);
        let inverse = Register::ONE / pivot;
        for (j, column) in m.iter_mut().enumerate() {
            let [p, q] = old[j][k].map(|part| part * inverse);
            for (i, z) in column.iter_mut().enumerate() {
                let [r, s] = old[k][i];
                *z = match (i == k, j == k) {
                    (true, true) => [-inverse, Register::ZERO],
                    (true, false) => [p, q],
                    (false, true) => [r * inverse, s * inverse],
                    (false, false) => [z[0] - r * p + s * q, z[1] - r * q - s * p],
                };
            }
        }
    }
    (m.map(|column| column.map(|[re, im]| [-re, -im])), sign)
}
