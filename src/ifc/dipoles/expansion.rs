//! Φ of the dipoles close to Γ, without the term that has a direction.
//!
//! As for constants of finite range, Φ_ss'(q) = Σ Φ e^{iq·r}: the moments Σ Φ, Σ Φ r_γ and Σ Φ r_γ r_λ are what the
//! derivatives of Φ(q) at q = 0 say they are. The terms of second order that G = 0 has (beside the one with a direction)
//! vanish in all sums over atoms that elastic constants need, since the crystal is neutral.

use nalgebra::{Matrix3, Vector3};

use super::DipoleDipole;

/// Moments of the constants between two atoms.
#[derive(Debug, Clone)]
pub struct Moments {
    /// Σ Φ, eV/Å².
    pub zeroth: Matrix3<f64>,
    /// Σ Φ r_γ for each γ, eV/Å.
    pub first: [Matrix3<f64>; 3],
    /// Σ Φ r_γ r_λ, eV.
    pub second: [[Matrix3<f64>; 3]; 3],
}

impl Moments {
    const NONE: Moments = Moments { zeroth: ZERO, first: [ZERO; 3], second: [[ZERO; 3]; 3] };
}

const ZERO: Matrix3<f64> = Matrix3::new(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);

impl DipoleDipole {
    /// Moments of all pairs of atoms, the second atom running fastest.
    pub fn moments(&self) -> &[Moments] {
        self.moments.get_or_init(|| {
            let n = self.n_atoms();
            let mut all = vec![Moments::NONE; n * n];
            for g in &self.waves {
                let terms = self.derivatives(g);
                for s in 0..n {
                    for t in 0..n {
                        let (sine, cosine) = g.dot(&(self.sites[t] - self.sites[s])).sin_cos();
                        let of = &mut all[s * n + t];
                        // G and −G together.
                        of.zeroth += terms.zeroth * (2.0 * cosine);
                        for a in 0..3 {
                            of.first[a] -= terms.first[a] * (2.0 * sine);
                            for b in 0..3 {
                                of.second[a][b] -= terms.second[a][b] * (2.0 * cosine);
                            }
                        }
                    }
                }
            }
            let born = &self.long_range.born;
            for s in 0..n {
                for t in 0..n {
                    let of = &mut all[s * n + t];
                    let charged = |m: &mut Matrix3<f64>| *m = born[s].tr_mul(&(*m * born[t]));
                    charged(&mut of.zeroth);
                    of.first.iter_mut().chain(of.second.iter_mut().flatten()).for_each(charged);
                    if s == t {
                        of.zeroth += self.own[s];
                    }
                }
            }
            for bond in &self.bonds {
                let of = &mut all[bond.i * n + bond.j];
                of.zeroth += bond.phi;
                for a in 0..3 {
                    of.first[a] += bond.phi * bond.vector[a];
                    for b in 0..3 {
                        of.second[a][b] += bond.phi * (bond.vector[a] * bond.vector[b]);
                    }
                }
            }
            all
        })
    }

    /// KKᵀ h(K·ε·K) with h(x) = e^{−x/4Λ²}/x, and its first and second derivatives to K.
    fn derivatives(&self, k: &Vector3<f64>) -> Moments {
        let epsilon = &self.long_range.dielectric;
        let e = epsilon * k;
        let x = k.dot(&e);
        let h = self.weight(k);
        let slope = -(1.0 / self.width + 1.0 / x);
        let (h1, h2) = (h * slope, h * (slope * slope + 1.0 / (x * x)));
        let square = k * k.transpose();
        let unit = |a: usize| Vector3::from_fn(|i, _| f64::from(u8::from(i == a)));
        // ∂(KKᵀ)/∂K_γ
        let turned = |g: usize| unit(g) * k.transpose() + k * unit(g).transpose();
        let mut of = Moments { zeroth: square * h, ..Moments::NONE };
        for g in 0..3 {
            of.first[g] = turned(g) * h + square * (2.0 * h1 * e[g]);
            for l in 0..3 {
                of.second[g][l] = (unit(g) * unit(l).transpose() + unit(l) * unit(g).transpose()) * h
                    + (turned(g) * e[l] + turned(l) * e[g]) * (2.0 * h1)
                    + square * (4.0 * h2 * e[g] * e[l] + 2.0 * h1 * epsilon[(g, l)]);
            }
        }
        of
    }
}
