//! Qᵀ C(q) Q and its adjoint for crystals with one atom per cell, whose Φ is a real symmetric
//! 3 × 3 matrix: a whole block of points at a time, every step a loop over pairs of lanes.
//!
//! g is a sum over poles ([`super::poles`]; classically one of them, at zero): of each x = (Φ + s m)⁻¹ Q by cofactors,
//! QᵀCQ = Σ w Q·x and K = −Σ w x xᵀ. In the cold, where that takes many poles, each matrix is diagonalised.

use super::Thermal;
use super::oscillator::Levels;
use super::poles::Pole;
use crate::lanes::{InRegisters, LANES, Lanes, REGISTERS, Register, dot, same};

const ZERO: Lanes = [0.0; LANES];
const ONE: Lanes = [1.0; LANES];
const IDENTITY: [[Lanes; 3]; 3] = [[ONE, ZERO, ZERO], [ZERO, ONE, ZERO], [ZERO, ZERO, ONE]];

/// Packed slots of a real symmetric 3 × 3 matrix: xx yy zz xy xz yz.
pub type Symmetric = [Lanes; 6];

/// Poles that take as long as a diagonalisation, measured native: 1.5 ns a point each (2.2 with the adjoint), which takes 66 (74).
const MANY: usize = 40;

/// Forms of one crystal at one temperature, with the scratch memory of one thread.
#[derive(Debug, Default)]
pub struct MonatomicForm {
    poles: Vec<Pole>,
}

impl MonatomicForm {
    /// `value[lane]` = Qᵀ C Q and, where it is wanted, `adjoint` = K with ∂(QᵀCQ) = tr(K ∂Φ), off-diagonals doubled.
    /// `phi` holds the six real slots, then the imaginary ones, which are zero. Returns false when Φ is not positive definite in one
    /// of the first `used` lanes.
    pub fn at(
        &mut self,
        phi: &[Lanes],
        q: &[Lanes; 3],
        thermal: &Thermal,
        used: usize,
        value: &mut Lanes,
        adjoint: Option<&mut Symmetric>,
    ) -> bool {
        if Pole::of_block(phi, thermal, &mut self.poles) && self.poles.len() < MANY {
            by_poles(phi, q, (&self.poles, thermal.masses[0]), used, value, adjoint)
        } else {
            by_eigenvalues(phi, q, thermal, used, value, adjoint)
        }
    }
}

fn by_poles(
    phi: &[Lanes],
    q: &[Lanes; 3],
    (poles, mass): (&[Pole], f64),
    used: usize,
    value: &mut Lanes,
    mut adjoint: Option<&mut Symmetric>,
) -> bool {
    let mut sign = ZERO;
    for i in 0..REGISTERS {
        let diagonal = [phi[0].register(i), phi[1].register(i), phi[2].register(i)];
        let (xy, xz, yz) = (phi[3].register(i), phi[4].register(i), phi[5].register(i));
        let (qx, qy, qz) = (q[0].register(i), q[1].register(i), q[2].register(i));
        let mut sum = Register::ZERO;
        let mut k = [Register::ZERO; 6];
        for (n, pole) in poles.iter().enumerate() {
            let shift = same(pole.at * mass);
            let [xx, yy, zz] = [diagonal[0] + shift, diagonal[1] + shift, diagonal[2] + shift];
            let minor = xx * yy - xy * xy;
            let c_xx = yy * zz - yz * yz;
            let c_yy = xx * zz - xz * xz;
            let c_xy = xz * yz - xy * zz;
            let c_xz = xy * yz - xz * yy;
            let c_yz = xy * xz - xx * yz;
            let determinant = dot([xx, xy, xz], [c_xx, c_xy, c_xz]);
            if n == 0 {
                sign.set_register(i, sign_of_least([xx, minor, determinant]));
            }
            let inverse = Register::ONE / determinant;
            let x = dot([c_xx, c_xy, c_xz], [qx, qy, qz]);
            let y = dot([c_xy, c_yy, c_yz], [qx, qy, qz]);
            let z = dot([c_xz, c_yz, minor], [qx, qy, qz]);
            let weight = same(pole.weight) * inverse;
            sum += weight * dot([x, y, z], [qx, qy, qz]);
            if adjoint.is_some() {
                let weight = weight * inverse;
                let (kx, ky, kz) = (weight * x, weight * y, weight * z);
                for (sum, more) in k.iter_mut().zip([kx * x, ky * y, kz * z, kx * y, kx * z, ky * z]) {
                    *sum -= more;
                }
            }
        }
        value.set_register(i, sum);
        if let Some(adjoint) = adjoint.as_deref_mut() {
            for (n, (slot, k)) in adjoint.iter_mut().zip(k).enumerate() {
                slot.set_register(i, if n < 3 { k } else { k + k });
            }
        }
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
fn by_eigenvalues(
    phi: &[Lanes],
    q: &[Lanes; 3],
    thermal: &Thermal,
    used: usize,
    value: &mut Lanes,
    mut adjoint: Option<&mut Symmetric>,
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
        let Some(k) = adjoint.as_deref_mut() else { continue };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thermal::Statistics;

    /// Stable matrices, eV/Å², some of them nearly soft, without imaginary parts.
    fn matrices() -> [Lanes; 9] {
        let mut phi = [ZERO; 9];
        for lane in 0..LANES {
            let x = lane as f64;
            let soft = if lane % 5 == 0 { 1e-2 } else { 1.0 };
            let lower = [[3.0 + x.sin(), 0.0, 0.0], [x.cos(), 2.0, 0.0], [0.7, (2.0 * x).sin(), soft]];
            for (slot, (i, j)) in [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)].into_iter().enumerate() {
                phi[slot][lane] = (0..3).map(|k| lower[i][k] * lower[j][k]).sum();
            }
        }
        phi
    }

    #[test]
    fn poles_and_eigenvalues_agree() {
        let phi = matrices();
        let q: [Lanes; 3] =
            std::array::from_fn(|axis| std::array::from_fn(|lane| (1.0 + (3 * lane + axis) as f64).cos()));
        for temperature_k in [60.0, 298.0, 2000.0] {
            let thermal = Thermal { statistics: Statistics::Quantum, temperature_k, masses: vec![58.6934] };
            let mut poles = Vec::new();
            assert!(Pole::of_block(&phi, &thermal, &mut poles));
            let (mut value, mut expected) = (ZERO, ZERO);
            let (mut k, mut expected_k) = ([ZERO; 6], [ZERO; 6]);
            assert!(by_poles(&phi, &q, (&poles, thermal.masses[0]), LANES, &mut value, Some(&mut k)));
            assert!(by_eigenvalues(&phi, &q, &thermal, LANES, &mut expected, Some(&mut expected_k)));
            let close = |a: f64, b: f64, size: f64| {
                assert!((a - b).abs() < 1e-9 * size, "{temperature_k} K: {a} {b}")
            };
            for lane in 0..LANES {
                close(value[lane], expected[lane], expected[lane]);
                let size = expected_k.iter().fold(0.0_f64, |most, k| most.max(k[lane].abs()));
                k.iter().zip(&expected_k).for_each(|(a, b)| close(a[lane], b[lane], size));
            }
            let mut alone = ZERO;
            assert!(by_poles(&phi, &q, (&poles, thermal.masses[0]), LANES, &mut alone, None));
            assert_eq!(alone, value);
        }
    }

    #[test]
    fn what_is_not_stable_is_refused_by_both() {
        let thermal =
            Thermal { statistics: Statistics::Quantum, temperature_k: 298.0, masses: vec![58.6934] };
        let q = [ONE; 3];
        let mut phi = matrices();
        phi[2][LANES - 1] = -1.0;
        let (mut value, mut poles) = (ZERO, Vec::new());
        assert!(Pole::of_block(&phi, &thermal, &mut poles));
        for used in [LANES - 1, LANES] {
            let mass = thermal.masses[0];
            assert_eq!(by_poles(&phi, &q, (&poles, mass), used, &mut value, None), used < LANES);
            assert_eq!(by_eigenvalues(&phi, &q, &thermal, used, &mut value, None), used < LANES);
        }
    }
}
