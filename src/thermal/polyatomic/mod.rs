//! aᴴ C(q) a and its adjoint for any number of atoms, a few lanes at a time, without eigenvalues.
//!
//! Classical: x = Φ⁻¹a by Φ = UᴴDU, then C a = kT x and K = −kT x xᴴ. Quantum: g is a sum over poles
//! ([`super::poles`]), D is made tridiagonal, and of each pole x = (D + s)⁻¹ M^{-1/2}a costs little: C a = Σ w x and
//! K = −Σ w x xᴴ. Where that takes too many poles, in the cold, each point is diagonalised.

mod solve;
mod tridiagonal;

use nalgebra::{Complex, DVector};

use super::poles::{Pole, Poles};
use super::{Statistics, Thermal, quadratic_form};
use crate::lanes::{InQuads, LANES, Lanes, QUADS, Quad, four, pack, unpack};
use tridiagonal::Tridiagonal;

/// A complex number of each lane.
type Z = [Quad; 2];

const ZERO: Z = [Quad::ZERO; 2];

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

/// What a form is asked for besides its value.
pub struct Slopes<'a> {
    /// Re Σ a_i* (C a)_i over the three components of each atom.
    pub overlaps: &'a mut [Lanes],
    /// K in packed slots, off-diagonals doubled, with ∂(aᴴ C a) = Re tr(K ∂Φ).
    pub adjoint: &'a mut [Lanes],
}

impl PolyatomicForm {
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
        for quad in 0..QUADS {
            let slopes = slopes.as_deref_mut();
            let sign = match thermal.statistics {
                Statistics::Classical => self.classical(phi, a, thermal.kt(), quad, value, slopes),
                Statistics::Quantum => self.quantum(phi, a, thermal, quad, value, slopes),
            };
            stable.set_quad(quad, sign);
        }
        stable[..used].iter().all(|sign| *sign > 0.0)
    }

    /// One where Φ is positive definite, zero elsewhere.
    fn classical(
        &mut self,
        phi: &[Lanes],
        a: &[[Lanes; 2]],
        kt: f64,
        quad: usize,
        value: &mut Lanes,
        slopes: Option<&mut Slopes>,
    ) -> Quad {
        let d = a.len();
        self.rows.clear();
        let mut upper = Upper::new(phi, d, quad);
        for i in 0..d {
            self.rows.push([phi[i].quad(quad), Quad::ZERO]);
            self.rows.extend(upper.by_ref().take(d - 1 - i));
            self.rows.push([a[i][0].quad(quad), a[i][1].quad(quad)]);
        }
        let sign = solve::eliminate(&mut self.rows, d);
        let sum = solve::square(&self.rows, d);
        value.set_quad(quad, four(kt) * sum);
        if let Some(slopes) = slopes {
            self.x.resize(d, ZERO);
            solve::back(&self.rows, d, &mut self.x);
            self.c_a.clear();
            self.c_a.extend(self.x.iter().map(|x| x.map(|part| part * four(kt))));
            let root = four(kt.sqrt());
            self.x.iter_mut().for_each(|x| *x = x.map(|part| part * root));
            self.put(a, quad, slopes);
        }
        sign
    }

    fn quantum(
        &mut self,
        phi: &[Lanes],
        a: &[[Lanes; 2]],
        thermal: &Thermal,
        quad: usize,
        value: &mut Lanes,
        slopes: Option<&mut Slopes>,
    ) -> Quad {
        let d = a.len();
        let root = |i: usize| four(1.0 / thermal.masses[i / 3].sqrt());
        // M^{-1/2} a stands above D as a row of its own: what makes the whole tridiagonal turns it to the first axis.
        self.rows.clear();
        self.rows.push(ZERO);
        self.rows.extend((0..d).map(|i| [root(i) * a[i][0].quad(quad), -root(i) * a[i][1].quad(quad)]));
        let mut upper = Upper::new(phi, d, quad);
        // λ is at most the root of Σ |D_ij|².
        let mut norm = Quad::ZERO;
        for i in 0..d {
            let root_i = root(i);
            let diagonal = phi[i].quad(quad) * root_i * root_i;
            norm += four(0.5) * diagonal * diagonal;
            self.rows.push([diagonal, Quad::ZERO]);
            for (j, z) in (i + 1..d).zip(&mut upper) {
                let scale = root_i * root(j);
                let z = z.map(|part| part * scale);
                norm += z[0] * z[0] + z[1] * z[1];
                self.rows.push(z);
            }
        }
        let most = (norm + norm)
            .sqrt()
            .to_array()
            .into_iter()
            .fold(0.0, |most: f64, x| if x <= most { most } else { x });
        if !Poles::new(thermal).up_to(most, &mut self.poles) {
            return diagonalised(phi, a, thermal, quad, value, slopes);
        }
        self.tridiagonal.make(&mut self.rows, d);
        let wanted = slopes.is_some();
        self.x.resize(if wanted { self.poles.len() * d } else { 0 }, ZERO);
        self.c_a.clear();
        self.c_a.resize(d, ZERO);
        let mut sum = Quad::ZERO;
        let mut sign = Quad::ZERO;
        for (n, pole) in self.poles.iter().enumerate() {
            let (first, positive) = self.tridiagonal.solve(pole.at);
            sum += four(pole.weight) * first;
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
                let scale = four(weight) * root(i);
                x[i] = x[i].map(|part| part * scale);
                let [re, im] = x[i];
                self.c_a[i][0] += four(weight) * re;
                self.c_a[i][1] += four(weight) * im;
            }
        }
        value.set_quad(quad, sum);
        if let Some(slopes) = slopes {
            self.put(a, quad, slopes);
        }
        sign
    }

    /// What the solutions x say.
    fn put(&self, a: &[[Lanes; 2]], quad: usize, slopes: &mut Slopes) {
        let d = a.len();
        for (s, overlap) in slopes.overlaps.iter_mut().enumerate() {
            let mut sum = Quad::ZERO;
            for i in 3 * s..3 * s + 3 {
                sum += a[i][0].quad(quad) * self.c_a[i][0] + a[i][1].quad(quad) * self.c_a[i][1];
            }
            overlap.set_quad(quad, sum);
        }
        let (diagonal, above) = slopes.adjoint.split_at_mut(d);
        let (real, imaginary) = above.split_at_mut(d * (d - 1) / 2);
        let mut slot = 0;
        for i in 0..d {
            let mut sum = Quad::ZERO;
            for x in self.x.chunks_exact(d) {
                let [re, im] = x[i];
                sum += re * re + im * im;
            }
            diagonal[i].set_quad(quad, -sum);
            for j in i + 1..d {
                let (mut re, mut im) = (Quad::ZERO, Quad::ZERO);
                for x in self.x.chunks_exact(d) {
                    let ([a, b], [u, v]) = (x[i], x[j]);
                    re += a * u + b * v;
                    im += b * u - a * v;
                }
                real[slot].set_quad(quad, -(re + re));
                imaginary[slot].set_quad(quad, -(im + im));
                slot += 1;
            }
        }
    }
}

/// The elements above the diagonal of a packed matrix, row by row.
struct Upper<'a> {
    real: std::slice::Iter<'a, Lanes>,
    imaginary: std::slice::Iter<'a, Lanes>,
    quad: usize,
}

impl<'a> Upper<'a> {
    fn new(phi: &'a [Lanes], d: usize, quad: usize) -> Self {
        let (real, imaginary) = phi[d..].split_at(d * (d - 1) / 2);
        Upper { real: real.iter(), imaginary: imaginary.iter(), quad }
    }
}

impl Iterator for Upper<'_> {
    type Item = Z;

    #[inline(always)]
    fn next(&mut self) -> Option<Z> {
        Some([self.real.next()?.quad(self.quad), self.imaginary.next()?.quad(self.quad)])
    }
}

/// Each lane by itself.
fn diagonalised(
    phi: &[Lanes],
    a: &[[Lanes; 2]],
    thermal: &Thermal,
    quad: usize,
    value: &mut Lanes,
    mut slopes: Option<&mut Slopes>,
) -> Quad {
    let mut sign = [0.0; LANES];
    for lane in 4 * quad..4 * quad + 4 {
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
    sign.quad(quad)
}
