//! tr(E C) and its adjoint K for many weights E that stand on the atoms: from (Φ + sM)⁻¹ at every pole, in lanes.

use nalgebra::Matrix3;

use super::{Upper, Z, ZERO};
use crate::lanes::{Group, InGroups, Lanes, same};
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
    column: Vec<Z>,
    product: Vec<Z>,
    sums: Vec<Z>,
}

impl Traces {
    /// Inverts; one where Φ is positive definite, zero elsewhere.
    pub fn prepare(&mut self, phi: &[Lanes], thermal: &Thermal, poles: &[Pole], group: usize) -> Group {
        let d = 3 * thermal.masses.len();
        let size = d * (d + 1) / 2;
        self.d = d;
        self.weights.clear();
        self.inverses.clear();
        self.column.resize(d, ZERO);
        let mut sign = Group::ONE;
        for pole in poles {
            self.weights.push(pole.weight);
            let mut upper = Upper::new(phi, d, group);
            for i in 0..d {
                let diagonal = phi[i].group(group) + same(pole.at * thermal.masses[i / 3]);
                self.inverses.push([diagonal, Group::ZERO]);
                self.inverses.extend(upper.by_ref().take(d - 1 - i));
            }
            let first = self.inverses.len() - size;
            sign &= invert(&mut self.inverses[first..], d, &mut self.column);
        }
        sign
    }

    /// tr(E C) for the blocks E of the atoms.
    pub fn value(&self, e: &[Matrix3<f64>]) -> Group {
        let mut sum = Group::ZERO;
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
    pub fn adjoint(&mut self, e: &[Matrix3<f64>], k: &mut [Group]) {
        let d = self.d;
        let Traces { weights, inverses, column, product, sums, .. } = self;
        sums.clear();
        sums.resize(d * (d + 1) / 2, ZERO);
        for (weight, inverse) in weights.iter().zip(inverses.chunks_exact(d * (d + 1) / 2)) {
            for (s, e) in e.iter().enumerate() {
                for b in (0..3).filter(|&b| e.column(b).iter().any(|x| *x != 0.0)) {
                    // X E X is a sum of the columns of X E times the rows of X.
                    product.clear();
                    product.resize(d, ZERO);
                    for a in (0..3).filter(|&a| e[(a, b)] != 0.0) {
                        take_column(inverse, d, 3 * s + a, column);
                        let factor = same(weight * e[(a, b)]);
                        for (p, x) in product.iter_mut().zip(&*column) {
                            p[0] += factor * x[0];
                            p[1] += factor * x[1];
                        }
                    }
                    take_column(inverse, d, 3 * s + b, column);
                    subtract(sums, product, column);
                }
            }
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

fn take_column(rows: &[Z], d: usize, k: usize, column: &mut [Z]) {
    for i in 0..k {
        column[i] = rows[place(d, i, k)];
    }
    for (z, [re, im]) in column[k..].iter_mut().zip(&rows[place(d, k, k)..]) {
        *z = [*re, -*im];
    }
}

/// A − x yᴴ in the upper triangle of A.
fn subtract(rows: &mut [Z], x: &[Z], y: &[Z]) {
    let mut rest = rows;
    for (i, [a, b]) in x.iter().enumerate() {
        let (row, next) = rest.split_at_mut(x.len() - i);
        for (z, [c, d]) in row.iter_mut().zip(&y[i..]) {
            z[0] -= *a * *c + *b * *d;
            z[1] -= *b * *c - *a * *d;
        }
        rest = next;
    }
}

/// −A⁻¹ in the place of A, one pivot after the other. One where all are positive, zero elsewhere.
fn invert(rows: &mut [Z], d: usize, column: &mut [Z]) -> Group {
    let mut sign = Group::ONE;
    let mut scaled = vec![ZERO; d];
    for k in 0..d {
        take_column(rows, d, k, column);
        let pivot = column[k][0];
        sign &= pivot.simd_gt(Group::ZERO);
        let inverse = Group::ONE / pivot;
        for (z, [re, im]) in scaled.iter_mut().zip(&*column) {
            *z = [*re * inverse, *im * inverse];
        }
        subtract(rows, &scaled, column);
        for i in 0..k {
            rows[place(d, i, k)] = scaled[i];
        }
        for (z, [re, im]) in rows[place(d, k, k)..].iter_mut().zip(&scaled[k..]) {
            *z = [*re, -*im];
        }
        rows[place(d, k, k)] = [-inverse, Group::ZERO];
    }
    sign
}
