//! (QᵀCQ)ⁿ as a polynomial in the components of Q: homogeneous, of degree 2n.

use crate::lanes::{InRegisters, LANES, Lanes, PACKED, REGISTERS, add_product, clear, same};

/// The highest power of x that is expanded.
pub(super) const HIGHEST: usize = 5;

/// Number of monomials of degree 2n in three variables.
pub(super) const fn monomials(n: usize) -> usize {
    (2 * n + 1) * (n + 1)
}

/// Where the monomials of x², x³ … stand in a list of all of them.
pub(super) const fn start(n: usize) -> usize {
    let (mut at, mut k) = (0, 2);
    while k < n {
        at += monomials(k);
        k += 1;
    }
    at
}

/// Monomials of x², x³ … together.
pub(super) const TOTAL: usize = start(HIGHEST + 1);

/// The same with those of x before them.
pub(super) const WIDTH: usize = 6 + TOTAL;

/// How monomials multiply.
#[derive(Debug, Clone)]
pub(super) struct Polynomials {
    /// `[n − 2][6 β + e]`: the monomial of degree 2n that is the product of the packed entry e and the monomial β of degree
    /// 2n − 2.
    places: [Vec<usize>; HIGHEST - 1],
}

impl Polynomials {
    pub fn new() -> Self {
        let packed = PACKED.map(|(a, b)| {
            let mut powers = [0; 3];
            powers[a] += 1;
            powers[b] += 1;
            powers
        });
        let mut lower: Vec<[usize; 3]> = packed.to_vec();
        let places = std::array::from_fn(|i| {
            let degree = 2 * (i + 2);
            let all: Vec<[usize; 3]> =
                (0..=degree).flat_map(|x| (0..=degree - x).map(move |y| [x, y, degree - x - y])).collect();
            let product = |a: &[usize; 3], b: &[usize; 3]| {
                let sum: [usize; 3] = std::array::from_fn(|k| a[k] + b[k]);
                all.iter().position(|powers| *powers == sum).unwrap_or_default()
            };
            let places = lower.iter().flat_map(|b| packed.iter().map(|e| product(e, b))).collect();
            lower = all;
            places
        });
        Polynomials { places }
    }

    /// Adds the products of quadratic forms and a polynomial of degree 2n − 2 to the coefficients of polynomials of degree 2n,
    /// of a pair in each lane: `forms[entry][k]` for so many k, `out[monomial][k]` with k up to `stride`.
    pub fn add_products(
        &self,
        n: usize,
        (forms, count): (&[Lanes], usize),
        lower: &[Lanes],
        out: &mut [Lanes],
        stride: usize,
    ) {
        for (places, x) in self.places[n - 2].as_chunks::<6>().0.iter().zip(lower) {
            for (place, forms) in places.iter().zip(forms.chunks_exact(count)) {
                for (out, form) in out[place * stride..].iter_mut().zip(forms) {
                    add_product(out, x, form);
                }
            }
        }
    }

    /// Coefficients of xⁿ/n! for n = 1 … `up_to` one after the other, `form` first; of a pair in each lane.
    pub fn powers(&self, form: &[Lanes; 6], up_to: usize, out: &mut [Lanes]) {
        out[..6].copy_from_slice(form);
        for n in 2..=up_to {
            let (below, above) = out.split_at_mut(6 + start(n));
            let above = &mut above[..monomials(n)];
            above.iter_mut().for_each(clear);
            let lower = &below[below.len() - monomials(n - 1)..];
            self.add_products(n, (form, 1), lower, above, 1);
            let share = same(1.0 / n as f64);
            for row in above {
                for i in 0..REGISTERS {
                    row.set_register(i, share * row.register(i));
                }
            }
        }
    }

    /// For coefficients `slopes` with ∂L = Σ slopes · ∂(xⁿ/n!): adds ∂L/∂(entries of the form); `lower`: xⁿ⁻¹/(n−1)!.
    pub fn pullback(&self, n: usize, slopes: &[Lanes], lower: &[Lanes], out: &mut [Lanes; 6]) {
        for (places, x) in self.places[n - 2].as_chunks::<6>().0.iter().zip(lower) {
            for (place, out) in places.iter().zip(out.iter_mut()) {
                add_product(out, &slopes[*place], x);
            }
        }
    }

    /// The monomials of x² and above at a block of Q, of which Q_a Q_b are given in packed entries; in so many registers.
    pub fn at(&self, products: &[Lanes; 6], registers: usize, out: &mut Vec<Lanes>) {
        out.clear();
        out.extend(products);
        out.resize(WIDTH, [0.0; LANES]);
        for n in 2..=HIGHEST {
            let (below, above) = out.split_at_mut(6 + start(n));
            let lower = &below[below.len() - monomials(n - 1)..];
            for (places, x) in self.places[n - 2].as_chunks::<6>().0.iter().zip(lower) {
                for (place, e) in places.iter().zip(products) {
                    for i in 0..registers {
                        above[*place].set_register(i, e.register(i) * x.register(i));
                    }
                }
            }
        }
    }
}
