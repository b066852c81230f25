//! Qᵀ C(q) Q and its adjoint for crystals with one atom per cell, whose Φ is a real symmetric
//! 3 × 3 matrix: a whole block of points at a time, every step a loop over pairs of lanes.

use super::oscillator::Levels;
use super::{Statistics, Thermal};
use crate::lanes::{InRegisters, LANES, Lanes, REGISTERS, Register, dot, same};

const ZERO: Lanes = [0.0; LANES];
const ONE: Lanes = [1.0; LANES];
const IDENTITY: [[Lanes; 3]; 3] = [[ONE, ZERO, ZERO], [ZERO, ONE, ZERO], [ZERO, ZERO, ONE]];

/// Packed slots of a real symmetric 3 × 3 matrix: xx yy zz xy xz yz.
pub type Symmetric = [Lanes; 6];

/// `value[lane]` = Qᵀ C Q and `adjoint` = K with ∂(QᵀCQ) = tr(K ∂Φ), off-diagonals doubled.
/// `phi` holds at least the six real slots. Returns false when Φ is not positive definite in one
/// of the first `used` lanes.
pub fn monatomic_form(
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
    let kt = same(kt);
    let mut sign = ZERO;
    for i in 0..REGISTERS {
        let (xx, yy, zz) = (phi[0].register(i), phi[1].register(i), phi[2].register(i));
        let (xy, xz, yz) = (phi[3].register(i), phi[4].register(i), phi[5].register(i));
        let minor = xx * yy - xy * xy;
        let c_xx = yy * zz - yz * yz;
        let c_yy = xx * zz - xz * xz;
        let c_xy = xz * yz - xy * zz;
        let c_xz = xy * yz - xz * yy;
        let c_yz = xy * xz - xx * yz;
        let determinant = xx * c_xx + xy * c_xy + xz * c_xz;
        sign.set_register(i, sign_of_least([xx, minor, determinant]));
        let inverse = Register::ONE / determinant;
        let (qx, qy, qz) = (q[0].register(i), q[1].register(i), q[2].register(i));
        let x = (c_xx * qx + c_xy * qy + c_xz * qz) * inverse;
        let y = (c_xy * qx + c_yy * qy + c_yz * qz) * inverse;
        let z = (c_xz * qx + c_yz * qy + minor * qz) * inverse;
        value.set_register(i, kt * (x * qx + y * qy + z * qz));
        let (kx, ky, kz) = (-kt * x, -kt * y, -kt * z);
        k[0].set_register(i, kx * x);
        k[1].set_register(i, ky * y);
        k[2].set_register(i, kz * z);
        k[3].set_register(i, (kx + kx) * y);
        k[4].set_register(i, (kx + kx) * z);
        k[5].set_register(i, (ky + ky) * z);
    }
    positive(&sign, used)
}

/// One where all three are positive; zero elsewhere, also where one is not a number.
#[inline(always)]
fn sign_of_least([a, b, c]: [Register; 3]) -> Register {
    a.simd_gt(Register::ZERO) & b.simd_gt(Register::ZERO) & c.simd_gt(Register::ZERO) & Register::ONE
}

fn positive(values: &Lanes, used: usize) -> bool {
    // A NaN is not positive either.
    values[..used].iter().all(|v| *v > 0.0)
}

/// Eigenvalues, into the diagonal of `a`, and vectors of symmetric matrices by cyclic Jacobi
/// rotations; `v[j][i]` is component i of vector j.
fn jacobi(a: &mut Symmetric, v: &mut [[Lanes; 3]; 3]) {
    let [xx, yy, zz, xy, xz, yz] = a;
    let [u, v, w] = v;
    // Convergence is quadratic; a sweep beyond the third rarely changes a digit.
    for _sweep in 0..6 {
        let mut done = Register::ZERO.simd_eq(Register::ZERO);
        for i in 0..REGISTERS {
            let scale = xx.register(i).abs() + yy.register(i).abs() + zz.register(i).abs();
            let size = xy.register(i).abs() + xz.register(i).abs() + yz.register(i).abs();
            // Leaving off-diagonals out changes D by as much, whatever the gaps between its levels.
            done &= size.simd_le(same(1e-15) * scale);
        }
        if done.all() {
            break;
        }
        rotate([xx, yy, xy, xz, yz], u, v);
        rotate([xx, zz, xz, xy, yz], u, w);
        rotate([yy, zz, yz, xy, xz], v, w);
    }
}

/// One rotation in the plane of axes p and q, to make a_pq vanish; r is the third axis.
#[inline(never)]
fn rotate([pp, qq, pq, rp, rq]: [&mut Lanes; 5], v_p: &mut [Lanes; 3], v_q: &mut [Lanes; 3]) {
    let [xp, yp, zp] = v_p;
    let [xq, yq, zq] = v_q;
    for i in 0..REGISTERS {
        let difference = qq.register(i) - pp.register(i);
        let twice = pq.register(i) + pq.register(i);
        let root = (difference * difference + twice * twice).sqrt() + same(f64::MIN_POSITIVE);
        // With the sign of the difference.
        let root = root | (difference & same(-0.0));
        let t = twice / (difference + root);
        let c = Register::ONE / (Register::ONE + t * t).sqrt();
        let s = t * c;
        let shift = t * pq.register(i);
        pp.set_register(i, pp.register(i) - shift);
        qq.set_register(i, qq.register(i) + shift);
        pq.set_register(i, Register::ZERO);
        turn(c, s, rp, rq, i);
        turn(c, s, xp, xq, i);
        turn(c, s, yp, yq, i);
        turn(c, s, zp, zq, i);
    }
}

#[inline(always)]
fn turn(c: Register, s: Register, p: &mut Lanes, q: &mut Lanes, i: usize) {
    let (x, y) = (p.register(i), q.register(i));
    p.set_register(i, c * x - s * y);
    q.set_register(i, s * x + c * y);
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
    let mass = same(1.0 / thermal.masses[0]);
    let mut d: Symmetric = [ZERO; 6];
    for (to, from) in d.iter_mut().zip(phi) {
        for i in 0..REGISTERS {
            to.set_register(i, from.register(i) * mass);
        }
    }
    let mut v = IDENTITY;
    jacobi(&mut d, &mut v);
    let mut sign = ZERO;
    for i in 0..REGISTERS {
        sign.set_register(i, sign_of_least([d[0].register(i), d[1].register(i), d[2].register(i)]));
    }
    if !positive(&sign, used) {
        return false;
    }
    let oscillator = thermal.oscillator();
    let root = mass.sqrt();
    for i in 0..REGISTERS {
        let q = [q[0].register(i), q[1].register(i), q[2].register(i)];
        let mut level = [Levels::NONE; 3];
        // M^{-1/2} V and b = Vᵀ M^{-1/2} Q
        let mut vectors = [[Register::ZERO; 3]; 3];
        let mut b = [Register::ZERO; 3];
        // Divided differences times b bᵀ, 00 11 22 01 02 12
        let mut middle = [Register::ZERO; 6];
        let mut sum = Register::ZERO;
        for j in 0..3 {
            let vector = [root * v[j][0].register(i), root * v[j][1].register(i), root * v[j][2].register(i)];
            level[j] = oscillator.levels(d[j].register(i));
            vectors[j] = vector;
            b[j] = dot(vector, q);
            let square = b[j] * b[j];
            sum += oscillator.values(&level[j]) * square;
            middle[j] = oscillator.slopes(&level[j]) * square;
        }
        value.set_register(i, sum);
        for (slot, m, n) in [(3, 0, 1), (4, 0, 2), (5, 1, 2)] {
            middle[slot] = oscillator.divided_differences(&level[m], &level[n]) * b[m] * b[n];
        }
        // K = M^{-1/2} V middle Vᵀ M^{-1/2}
        let [xx, yy, zz, xy, xz, yz] = middle;
        let [[ux, uy, uz], [vx, vy, vz], [wx, wy, wz]] = vectors;
        let (x, y, z) = ([ux, vx, wx], [uy, vy, wy], [uz, vz, wz]);
        let mx = [dot([xx, xy, xz], x), dot([xy, yy, yz], x), dot([xz, yz, zz], x)];
        let my = [dot([xx, xy, xz], y), dot([xy, yy, yz], y), dot([xz, yz, zz], y)];
        let mz = [dot([xx, xy, xz], z), dot([xy, yy, yz], z), dot([xz, yz, zz], z)];
        let two = same(2.0);
        k[0].set_register(i, dot(mx, x));
        k[1].set_register(i, dot(my, y));
        k[2].set_register(i, dot(mz, z));
        k[3].set_register(i, two * dot(mx, y));
        k[4].set_register(i, two * dot(mx, z));
        k[5].set_register(i, two * dot(my, z));
    }
    true
}
