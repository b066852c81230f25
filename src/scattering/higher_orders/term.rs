//! One pair of atoms at one block of Q: exp(x) − 1 − x, x = Qᵀ C Q, with its phase.

use super::exponential::{by_exponential, form, half_square, long, seventh, short};
use crate::lanes::{InPairs, Lanes, PAIRS, Packed, Pair, polynomial};

/// One pair of atoms at one block of Q.
pub(super) struct Term<'a> {
    pub c: &'a Packed,
    pub weight: Pair,
    pub plane: &'a [Lanes; 2],
    /// Of n₃ a₃·Q.
    pub cos: &'a Lanes,
    pub sin: &'a Lanes,
    pub products: &'a [Lanes; 6],
}

impl Term<'_> {
    #[inline(always)]
    fn cosine(&self, i: usize) -> Pair {
        self.plane[0].pair(i) * self.cos.pair(i) - self.plane[1].pair(i) * self.sin.pair(i)
    }

    #[inline(always)]
    fn sine(&self, i: usize) -> Pair {
        self.plane[0].pair(i) * self.sin.pair(i) + self.plane[1].pair(i) * self.cos.pair(i)
    }

    /// Adds weight · f(x) cos(Q·R).
    #[inline(always)]
    pub fn add(&self, f: impl Fn(Pair) -> Pair, sum: &mut Lanes) {
        for i in 0..PAIRS {
            let value = f(form(self.c, self.products, i)) * self.weight;
            sum.set_pair(i, sum.pair(i) + value * self.cosine(i));
        }
    }

    /// The same and its sine.
    pub fn add_both(&self, f: fn(Pair) -> Pair, sums: &mut [Lanes; 2]) {
        for i in 0..PAIRS {
            let value = f(form(self.c, self.products, i)) * self.weight;
            sums[0].set_pair(i, sums[0].pair(i) + value * self.cosine(i));
            sums[1].set_pair(i, sums[1].pair(i) + value * self.sine(i));
        }
    }

    /// Adds the intensity to `own` and sets its derivative to x.
    #[inline(always)]
    pub fn slope(&self, f: impl Fn(Pair) -> Pair, p: &Lanes, own: &mut Lanes, slope: &mut Lanes) {
        for i in 0..PAIRS {
            let x = form(self.c, self.products, i);
            let higher = f(x);
            let phase = p.pair(i) * self.cosine(i) * self.weight;
            own.set_pair(i, own.pair(i) + phase * higher);
            slope.set_pair(i, phase * (higher + x));
        }
    }

    pub fn slope_both(&self, f: fn(Pair) -> Pair, [re, im]: [&Lanes; 2], own: &mut Lanes, slope: &mut Lanes) {
        for i in 0..PAIRS {
            let x = form(self.c, self.products, i);
            let higher = f(x);
            let phase = (re.pair(i) * self.cosine(i) - im.pair(i) * self.sine(i)) * self.weight;
            own.set_pair(i, own.pair(i) + phase * higher);
            slope.set_pair(i, phase * (higher + x));
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

    pub fn function(self) -> fn(Pair) -> Pair {
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
pub(super) fn medium(x: Pair) -> Pair {
    let high = polynomial!(x, 1.0 / 5040.0, 1.0 / 40_320.0, 1.0 / 362_880.0, 1.0 / 3_628_800.0);
    short(x) + seventh(x) * high
}
