//! One pair of atoms at one block of Q: exp(x) − 1 − x, x = Qᵀ C Q, with its phase.

use super::exponential::{by_exponential, form, half_square, long, seventh, short};
use crate::lanes::{InRegisters, Lanes, Packed, REGISTERS, Register, polynomial};

/// One pair of atoms at one block of Q.
pub(super) struct Term<'a> {
    pub c: &'a Packed,
    pub weight: Register,
    pub plane: &'a [Lanes; 2],
    /// Of n₃ a₃·Q.
    pub cos: &'a Lanes,
    pub sin: &'a Lanes,
    pub products: &'a [Lanes; 6],
}

impl Term<'_> {
    #[inline(always)]
    fn cosine(&self, i: usize) -> Register {
        self.plane[0].register(i) * self.cos.register(i) - self.plane[1].register(i) * self.sin.register(i)
    }

    #[inline(always)]
    fn sine(&self, i: usize) -> Register {
        self.plane[0].register(i) * self.sin.register(i) + self.plane[1].register(i) * self.cos.register(i)
    }

    /// Adds weight · f(x) cos(Q·R).
    #[inline(always)]
    pub fn add(&self, f: impl Fn(Register) -> Register, sum: &mut Lanes) {
        for i in 0..REGISTERS {
            let value = f(form(self.c, self.products, i)) * self.weight;
            sum.set_register(i, sum.register(i) + value * self.cosine(i));
        }
    }

    /// The same and its sine.
    pub fn add_both(&self, f: fn(Register) -> Register, sums: &mut [Lanes; 2]) {
        for i in 0..REGISTERS {
            let value = f(form(self.c, self.products, i)) * self.weight;
            sums[0].set_register(i, sums[0].register(i) + value * self.cosine(i));
            sums[1].set_register(i, sums[1].register(i) + value * self.sine(i));
        }
    }

    /// Adds the intensity to `own` and sets its derivative to x.
    #[inline(always)]
    pub fn slope(&self, f: impl Fn(Register) -> Register, p: &Lanes, own: &mut Lanes, slope: &mut Lanes) {
        for i in 0..REGISTERS {
            let x = form(self.c, self.products, i);
            let higher = f(x);
            let phase = p.register(i) * self.cosine(i) * self.weight;
            own.set_register(i, own.register(i) + phase * higher);
            slope.set_register(i, phase * (higher + x));
        }
    }

    pub fn slope_both(
        &self,
        f: fn(Register) -> Register,
        [re, im]: [&Lanes; 2],
        own: &mut Lanes,
        slope: &mut Lanes,
    ) {
        for i in 0..REGISTERS {
            let x = form(self.c, self.products, i);
            let higher = f(x);
            let phase = (re.register(i) * self.cosine(i) - im.register(i) * self.sine(i)) * self.weight;
            own.set_register(i, own.register(i) + phase * higher);
            slope.set_register(i, phase * (higher + x));
        }
    }
}

/// How exp(x) − 1 − x is computed: as x² Σ_k x^k/(k+2)! with as many terms as the largest |x| needs.
#[derive(Clone, Copy)]
pub(super) enum Length {
    /// ½ x² is all that is wanted.
    Square,
    Short,
    Medium,
    Long,
    /// By the exponential.
    Exponential,
}

impl Length {
    /// To 1e-13 of ½ x² for |x| up to `bound`.
    pub fn new(bound: f64) -> Self {
        // The first term that is left out, compared with ½: 2 x⁵/7!, 2 x⁹/11!, 2 x¹³/15!.
        match bound {
            b if b < 0.012 => Length::Short,
            b if b < 0.23 => Length::Medium,
            b if b < 0.79 => Length::Long,
            _ => Length::Exponential,
        }
    }

    pub fn function(self) -> fn(Register) -> Register {
        match self {
            Length::Square => half_square,
            Length::Short => short,
            Length::Medium => medium,
            Length::Long => long,
            Length::Exponential => by_exponential,
        }
    }
}

#[inline(always)]
pub(super) fn medium(x: Register) -> Register {
    let high = polynomial!(x, 1.0 / 5040.0, 1.0 / 40_320.0, 1.0 / 362_880.0, 1.0 / 3_628_800.0);
    short(x) + seventh(x) * high
}
