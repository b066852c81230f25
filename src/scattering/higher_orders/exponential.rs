//! exp(x) − 1 − x and parts of it, x = Qᵀ C Q.

use crate::lanes::{InPairs, LANES, Lanes, PACKED, PAIRS, Packed, Pair, both, exp, polynomial};

#[inline(always)]
pub(super) fn half_square(x: Pair) -> Pair {
    x * x * both(0.5)
}

#[inline(always)]
pub(super) fn short(x: Pair) -> Pair {
    x * x * polynomial!(x, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0)
}

#[inline(always)]
pub(super) fn long(x: Pair) -> Pair {
    let high = polynomial!(
        x,
        1.0 / 5040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
        1.0 / 87_178_291_200.0
    );
    short(x) + seventh(x) * high
}

#[inline(always)]
pub(super) fn seventh(x: Pair) -> Pair {
    let cube = x * x * x;
    cube * cube * x
}

#[inline(always)]
pub(super) fn by_exponential(x: Pair) -> Pair {
    exp(x) - both(1.0) - x
}

/// Q_a Q_b of each packed entry, once off the diagonal.
pub(super) fn products(q: &[Lanes; 3]) -> [Lanes; 6] {
    let mut out = [[0.0; LANES]; 6];
    for (e, (a, b)) in PACKED.into_iter().enumerate() {
        for i in 0..PAIRS {
            out[e].set_pair(i, q[a].pair(i) * q[b].pair(i));
        }
    }
    out
}

/// Qᵀ C Q
#[inline(always)]
pub(super) fn form(c: &Packed, products: &[Lanes; 6], i: usize) -> Pair {
    let off = both(c[3]) * products[3].pair(i)
        + both(c[4]) * products[4].pair(i)
        + both(c[5]) * products[5].pair(i);
    both(c[0]) * products[0].pair(i)
        + both(c[1]) * products[1].pair(i)
        + both(c[2]) * products[2].pair(i)
        + off
        + off
}
