//! Qᵀ C(q) Q and its adjoint for crystals with one atom per cell, whose Φ is a real symmetric
//! 3 × 3 matrix: a whole block of points at a time, written so that every step is a loop over the
//! lanes that the compiler turns into SIMD.

use super::{Statistics, Thermal};
use crate::dynamics::{LANES, Lanes};

const ZERO: Lanes = [0.0; LANES];

/// Packed slots of a real symmetric 3 × 3 matrix: xx yy zz xy xz yz.
pub type Symmetric = [Lanes; 6];

/// `value[lane]` = Qᵀ C Q and `adjoint` = K with ∂(QᵀCQ) = tr(K ∂Φ), off-diagonals doubled.
/// `phi` holds at least the six real slots. Returns false when Φ is not positive definite in one
/// of the first `used` lanes.
pub fn cubic_form(
    phi: &[Lanes],
    q: &[Lanes; 3],
    thermal: &Thermal,
    used: usize,
    value: &mut Lanes,
    adjoint: &mut Symmetric,
) -> bool {
    match thermal.statistics {
        Statistics::Classical => classical(phi, q, thermal.kt(), used, value, adjoint),
        Statistics::Quantum => quantum(phi, q, thermal, used, value, adjoint),
    }
}

/// x = Φ⁻¹ Q by cofactors: value = kT Q·x, K = −kT x xᵀ.
fn classical(
    phi: &[Lanes],
    q: &[Lanes; 3],
    kt: f64,
    used: usize,
    value: &mut Lanes,
    k: &mut Symmetric,
) -> bool {
    let [xx, yy, zz, xy, xz, yz] = [&phi[0], &phi[1], &phi[2], &phi[3], &phi[4], &phi[5]];
    let mut worst = ZERO;
    for l in 0..LANES {
        let minor = xx[l] * yy[l] - xy[l] * xy[l];
        let c_xx = yy[l] * zz[l] - yz[l] * yz[l];
        let c_yy = xx[l] * zz[l] - xz[l] * xz[l];
        let c_xy = xz[l] * yz[l] - xy[l] * zz[l];
        let c_xz = xy[l] * yz[l] - xz[l] * yy[l];
        let c_yz = xy[l] * xz[l] - xx[l] * yz[l];
        let determinant = xx[l] * c_xx + xy[l] * c_xy + xz[l] * c_xz;
        // Leading minors: Sylvester's criterion.
        worst[l] = xx[l].min(minor).min(determinant);
        let inverse = 1.0 / determinant;
        let (qx, qy, qz) = (q[0][l], q[1][l], q[2][l]);
        let x = (c_xx * qx + c_xy * qy + c_xz * qz) * inverse;
        let y = (c_xy * qx + c_yy * qy + c_yz * qz) * inverse;
        let z = (c_xz * qx + c_yz * qy + minor * qz) * inverse;
        value[l] = kt * (x * qx + y * qy + z * qz);
        let (kx, ky, kz) = (-kt * x, -kt * y, -kt * z);
        k[0][l] = kx * x;
        k[1][l] = ky * y;
        k[2][l] = kz * z;
        k[3][l] = 2.0 * kx * y;
        k[4][l] = 2.0 * kx * z;
        k[5][l] = 2.0 * ky * z;
    }
    positive(&worst, used)
}

fn positive(values: &Lanes, used: usize) -> bool {
    // A NaN is not positive either.
    values[..used].iter().all(|v| *v > 0.0)
}

/// Eigenvalues and vectors of symmetric matrices by cyclic Jacobi rotations; `v[3 i + j]` is
/// component i of vector j.
fn jacobi(a: &mut Symmetric, v: &mut [Lanes; 9]) {
    *v = [ZERO; 9];
    for j in 0..3 {
        v[4 * j] = [1.0; LANES];
    }
    // Convergence is quadratic; a sweep beyond the third rarely changes a digit.
    for _sweep in 0..6 {
        let mut off = 0.0_f64;
        for l in 0..LANES {
            let scale = a[0][l].abs() + a[1][l].abs() + a[2][l].abs();
            let size = a[3][l].abs() + a[4][l].abs() + a[5][l].abs();
            off = off.max(size / (scale + f64::MIN_POSITIVE));
        }
        // Leaving off-diagonals out changes D by as much, whatever the gaps between its levels.
        if off < 1e-15 {
            break;
        }
        // (p, q, slot of pq, slots of rp and rq for the third index r)
        for (p, q, pq, rp, rq) in [(0, 1, 3, 4, 5), (0, 2, 4, 3, 5), (1, 2, 5, 3, 4)] {
            let mut cosine = ZERO;
            let mut sine = ZERO;
            for l in 0..LANES {
                let difference = a[q][l] - a[p][l];
                let twice = 2.0 * a[pq][l];
                let root = (difference * difference + twice * twice).sqrt();
                let t = twice * 1.0_f64.copysign(difference) / (difference.abs() + root + f64::MIN_POSITIVE);
                let c = 1.0 / (1.0 + t * t).sqrt();
                cosine[l] = c;
                sine[l] = t * c;
                let shift = t * a[pq][l];
                a[p][l] -= shift;
                a[q][l] += shift;
                a[pq][l] = 0.0;
            }
            for l in 0..LANES {
                let (x, y) = (a[rp][l], a[rq][l]);
                a[rp][l] = cosine[l] * x - sine[l] * y;
                a[rq][l] = sine[l] * x + cosine[l] * y;
            }
            for i in 0..3 {
                for l in 0..LANES {
                    let (x, y) = (v[3 * i + p][l], v[3 * i + q][l]);
                    v[3 * i + p][l] = cosine[l] * x - sine[l] * y;
                    v[3 * i + q][l] = sine[l] * x + cosine[l] * y;
                }
            }
        }
    }
}

/// C = M^{-1/2} g(D) M^{-1/2} and the Daleckii–Krein adjoint.
fn quantum(
    phi: &[Lanes],
    q: &[Lanes; 3],
    thermal: &Thermal,
    used: usize,
    value: &mut Lanes,
    k: &mut Symmetric,
) -> bool {
    let mass = 1.0 / thermal.masses[0];
    let mut d: Symmetric = [ZERO; 6];
    for (to, from) in d.iter_mut().zip(phi) {
        for l in 0..LANES {
            to[l] = from[l] * mass;
        }
    }
    let mut v = [ZERO; 9];
    jacobi(&mut d, &mut v);
    let mut worst = ZERO;
    for l in 0..LANES {
        worst[l] = d[0][l].min(d[1][l]).min(d[2][l]);
    }
    if !positive(&worst, used) {
        return false;
    }
    let oscillator = thermal.oscillator();
    // b = Vᵀ M^{-1/2} Q
    let root = mass.sqrt();
    let mut b = [ZERO; 3];
    for j in 0..3 {
        for l in 0..LANES {
            b[j][l] = root * (v[j][l] * q[0][l] + v[3 + j][l] * q[1][l] + v[6 + j][l] * q[2][l]);
        }
    }
    // Divided differences times b bᵀ, slots 00 11 22 01 02 12.
    let mut middle: Symmetric = [ZERO; 6];
    for l in 0..LANES {
        let level = [oscillator.level(d[0][l]), oscillator.level(d[1][l]), oscillator.level(d[2][l])];
        value[l] = (0..3).map(|j| oscillator.value(&level[j]) * b[j][l] * b[j][l]).sum();
        for (slot, (i, j)) in [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)].into_iter().enumerate() {
            middle[slot][l] = oscillator.divided_difference(&level[i], &level[j]) * b[i][l] * b[j][l];
        }
    }
    // K = M^{-1/2} V middle Vᵀ M^{-1/2}
    for l in 0..LANES {
        let m = [middle[0][l], middle[1][l], middle[2][l], middle[3][l], middle[4][l], middle[5][l]];
        let vl = |i: usize, j: usize| v[3 * i + j][l];
        let mut w = [[0.0; 3]; 3];
        for (i, row) in w.iter_mut().enumerate() {
            row[0] = vl(i, 0) * m[0] + vl(i, 1) * m[3] + vl(i, 2) * m[4];
            row[1] = vl(i, 0) * m[3] + vl(i, 1) * m[1] + vl(i, 2) * m[5];
            row[2] = vl(i, 0) * m[4] + vl(i, 1) * m[5] + vl(i, 2) * m[2];
        }
        let entry = |i: usize, j: usize| w[i][0] * vl(j, 0) + w[i][1] * vl(j, 1) + w[i][2] * vl(j, 2);
        k[0][l] = mass * entry(0, 0);
        k[1][l] = mass * entry(1, 1);
        k[2][l] = mass * entry(2, 2);
        k[3][l] = 2.0 * mass * entry(0, 1);
        k[4][l] = 2.0 * mass * entry(0, 2);
        k[5][l] = 2.0 * mass * entry(1, 2);
    }
    true
}
