//! aᴴ C(q) a and its adjoint for any number of atoms, a few lanes at a time, without eigenvalues.
//!
//! Classical: x = Φ⁻¹a by Φ = UᴴDU, then C a = kT x and K = −kT x xᴴ. Quantum: g is a sum over poles
//! ([`super::poles`]), D is made tridiagonal, and of each pole x = (D + s)⁻¹ M^{-1/2}a costs little: C a = Σ w x and
//! K = −Σ w x xᴴ. Where that takes too many poles, in the cold, each point is diagonalised.

mod solve;
mod traces;
mod tridiagonal;

use nalgebra::{Complex, DVector};

use super::poles::Pole;
use super::{Statistics, Thermal, quadratic_form};
use crate::lanes::{InRegisters, LANES, Lanes, REGISTER, REGISTERS, Register, pack, same, unpack};
pub(super) use traces::Traces;
use tridiagonal::Tridiagonal;

/// A complex number of each lane.
type Z = [Register; 2];

const ZERO: Z = [Register::ZERO; 2];

/// Forms of one crystal at one temperature, with the scratch memory of one thread.
#[derive(Debug, Default)]
pub struct PolyatomicForm {
    /// Upper triangle, row by row, each row with what else belongs to it.
    rows: Vec<Z>,
    /// Solutions x, one after the other, times the square roots of their weights.
    x: Vec<Z>,
    /// C a
    c_a: Vec<Z>,
    poles: Vec<Pole>,
    tridiagonal: Tridiagonal,
}

/// Poles of the usual crystal; none where it is so cold that it has too many.
pub(super) fn expected_poles(thermal: &Thermal) -> Option<u32> {
    match thermal.statistics {
        Statistics::Classical => Some(1),
        Statistics::Quantum if thermal.temperature_k >= 5.0 => Some(8),
        Statistics::Quantum => None,
    }
}

/// What a form is asked for besides its value.
pub struct Slopes<'a> {
    /// Re Σ a_i* (C a)_i over the three components of each atom.
    pub overlaps: &'a mut [Lanes],
    /// K in packed slots, off-diagonals doubled, with ∂(aᴴ C a) = Re tr(K ∂Φ).
    pub adjoint: &'a mut [Lanes],
}

impl PolyatomicForm {
    /// Floating-point operations for one point, roughly.
    pub fn cost(thermal: &Thermal) -> f64 {
        let d = 3.0 * thermal.masses.len() as f64;
        match expected_poles(thermal) {
            None => 100.0 * d * d * d,
            Some(1) => (1.4 * d + 12.0) * d * d,
            Some(poles) => (5.5 * d + 12.0 * f64::from(poles)) * d * d,
        }
    }

    /// aᴴ C a in every lane for Φ in packed slots and `a` (real and imaginary parts), Å² times the units of |a|². False
    /// when Φ is not positive definite in one of the first `used` lanes.
    pub fn at(
        &mut self,
        phi: &[Lanes],
        a: &[[Lanes; 2]],
        thermal: &Thermal,
        used: usize,
        value: &mut Lanes,
        mut slopes: Option<&mut Slopes>,
    ) -> bool {
        let mut stable = [0.0; LANES];
        let warm = Pole::of_block(phi, thermal, &mut self.poles);
        for register in 0..REGISTERS {
            let slopes = slopes.as_deref_mut();
            let sign = match thermal.statistics {
                Statistics::Classical => self.classical(phi, a, thermal.kt(), register, value, slopes),
                Statistics::Quantum if warm => self.quantum(phi, a, thermal, register, value, slopes),
                Statistics::Quantum => diagonalised(phi, a, thermal, register, value, slopes),
            };
            stable.set_register(register, sign);
        }
        stable[..used].iter().all(|sign| *sign > 0.0)
    }

    /// One where Φ is positive definite, zero elsewhere.
    fn classical(
        &mut self,
        phi: &[Lanes],
        a: &[[Lanes; 2]],
        kt: f64,
        register: usize,
        value: &mut Lanes,
        slopes: Option<&mut Slopes>,
    ) -> Register {
        let d = a.len();
        self.rows.clear();
        let mut upper = Upper::new(phi, d, register);
        for i in 0..d {
            self.rows.push([phi[i].register(register), Register::ZERO]);
            self.rows.extend(upper.by_ref().take(d - 1 - i));
            self.rows.push([a[i][0].register(register), a[i][1].register(register)]);
        }
        let sign = solve::eliminate(&mut self.rows, d);
        let sum = solve::square(&self.rows, d);
        value.set_register(register, same(kt) * sum);
        if let Some(slopes) = slopes {
            self.x.resize(d, ZERO);
            solve::back(&self.rows, d, &mut self.x);
            self.c_a.clear();
            self.c_a.extend(self.x.iter().map(|x| x.map(|part| part * same(kt))));
            let root = same(kt.sqrt());
            self.x.iter_mut().for_each(|x| *x = x.map(|part| part * root));
            self.put(a, register, slopes);
        }
        sign
    }

    fn quantum(
        &mut self,
        phi: &[Lanes],
        a: &[[Lanes; 2]],
        thermal: &Thermal,
        register: usize,
        value: &mut Lanes,
        slopes: Option<&mut Slopes>,
    ) -> Register {
        let d = a.len();
        let root = |i: usize| same(1.0 / thermal.masses[i / 3].sqrt());
        // M^{-1/2} a stands above D as a row of its own: what makes the whole tridiagonal turns it to the first axis.
        self.rows.clear();
        self.rows.push(ZERO);
        self.rows.extend(
            (0..d).map(|i| [root(i) * a[i][0].register(register), -root(i) * a[i][1].register(register)]),
        );
        let mut upper = Upper::new(phi, d, register);
        for i in 0..d {
            let root_i = root(i);
            self.rows.push([phi[i].register(register) * root_i * root_i, Register::ZERO]);
            for (j, z) in (i + 1..d).zip(&mut upper) {
                let scale = root_i * root(j);
                self.rows.push(z.map(|part| part * scale));
            }
        }
        self.tridiagonal.make(&mut self.rows, d);
        let wanted = slopes.is_some();
        self.x.resize(if wanted { self.poles.len() * d } else { 0 }, ZERO);
        self.c_a.clear();
        self.c_a.resize(d, ZERO);
        let mut sum = Register::ZERO;
        let mut sign = Register::ZERO;
        for (n, pole) in self.poles.iter().enumerate() {
            let (first, positive) = self.tridiagonal.solve(pole.at);
            sum += same(pole.weight) * first;
            if n == 0 {
                sign = positive;
            }
            if !wanted {
                continue;
            }
            let x = &mut self.x[n * d..(n + 1) * d];
            self.tridiagonal.back(&self.rows, x);
            let weight = pole.weight.sqrt();
            for i in 0..d {
                let scale = same(weight) * root(i);
                x[i] = x[i].map(|part| part * scale);
                let [re, im] = x[i];
                self.c_a[i][0] += same(weight) * re;
                self.c_a[i][1] += same(weight) * im;
            }
        }
        value.set_register(register, sum);
        if let Some(slopes) = slopes {
            self.put(a, register, slopes);
        }
        sign
    }

    /// What the solutions x say.
    fn put(&self, a: &[[Lanes; 2]], register: usize, slopes: &mut Slopes) {
        let d = a.len();
        for (s, overlap) in slopes.overlaps.iter_mut().enumerate() {
            let mut sum = Register::ZERO;
            for i in 3 * s..3 * s + 3 {
                sum +=
                    a[i][0].register(register) * self.c_a[i][0] + a[i][1].register(register) * self.c_a[i][1];
            }
            overlap.set_register(register, sum);
        }
        let (diagonal, above) = slopes.adjoint.split_at_mut(d);
        let (real, imaginary) = above.split_at_mut(d * (d - 1) / 2);
        let mut slot = 0;
        for i in 0..d {
            let mut sum = Register::ZERO;
            for x in self.x.chunks_exact(d) {
                let [re, im] = x[i];
                sum += re * re + im * im;
            }
            diagonal[i].set_register(register, -sum);
            for j in i + 1..d {
                let (mut re, mut im) = (Register::ZERO, Register::ZERO);
                for x in self.x.chunks_exact(d) {
                    let ([a, b], [u, v]) = (x[i], x[j]);
                    re += a * u + b * v;
                    im += b * u - a * v;
                }
                real[slot].set_register(register, -(re + re));
                imaginary[slot].set_register(register, -(im + im));
                slot += 1;
            }
        }
    }
}

/// The elements above the diagonal of a packed matrix, row by row.
struct Upper<'a> {
    real: std::slice::Iter<'a, Lanes>,
    imaginary: std::slice::Iter<'a, Lanes>,
    register: usize,
}

impl<'a> Upper<'a> {
    fn new(phi: &'a [Lanes], d: usize, register: usize) -> Self {
        let (real, imaginary) = phi[d..].split_at(d * (d - 1) / 2);
        Upper { real: real.iter(), imaginary: imaginary.iter(), register }
    }
}

impl Iterator for Upper<'_> {
    type Item = Z;

    #[inline(always)]
    fn next(&mut self) -> Option<Z> {
        Some([self.real.next()?.register(self.register), self.imaginary.next()?.register(self.register)])
    }
}

/// Each lane by itself.
fn diagonalised(
    phi: &[Lanes],
    a: &[[Lanes; 2]],
    thermal: &Thermal,
    register: usize,
    value: &mut Lanes,
    mut slopes: Option<&mut Slopes>,
) -> Register {
    let mut sign = [0.0; LANES];
    for lane in REGISTER * register..REGISTER * (register + 1) {
        let at = DVector::from_iterator(a.len(), a.iter().map(|[re, im]| Complex::new(re[lane], im[lane])));
        let Some(form) = quadratic_form(&unpack(phi, lane, a.len()), &at, thermal) else { continue };
        sign[lane] = 1.0;
        value[lane] = form.value;
        let Some(slopes) = slopes.as_deref_mut() else { continue };
        pack(&form.adjoint, 1.0, lane, slopes.adjoint);
        for (s, overlap) in slopes.overlaps.iter_mut().enumerate() {
            overlap[lane] = (3 * s..3 * s + 3).map(|i| (at[i].conj() * form.c_a[i]).re).sum();
        }
    }
    sign.register(register)
}
