//! exp(x) − 1 − x and parts of it, x = Qᵀ C Q.

use crate::lanes::{InRegisters, LANES, Lanes, PACKED, Packed, REGISTERS, Register, exp, polynomial, same};

#[inline(always)]
pub(super) fn half_square(x: Register) -> Register {
    x * x * same(0.5)
}

#[inline(always)]
pub(super) fn short(x: Register) -> Register {
    x * x * polynomial!(x, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0)
}

#[inline(always)]
pub(super) fn long(x: Register) -> Register {
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
pub(super) fn seventh(x: Register) -> Register {
    let cube = x * x * x;
    cube * cube * x
}

#[inline(always)]
pub(super) fn by_exponential(x: Register) -> Register {
    exp(x) - same(1.0) - x
}

/// Q_a Q_b of each packed entry, once off the diagonal.
pub(super) fn products(q: &[Lanes; 3]) -> [Lanes; 6] {
    let mut out = [[0.0; LANES]; 6];
    for (e, (a, b)) in PACKED.into_iter().enumerate() {
        for i in 0..REGISTERS {
            out[e].set_register(i, q[a].register(i) * q[b].register(i));
        }
    }
    out
}

/// Qᵀ C Q
#[inline(always)]
pub(super) fn form(c: &Packed, products: &[Lanes; 6], i: usize) -> Register {
    let off = same(c[3]) * products[3].register(i)
        + same(c[4]) * products[4].register(i)
        + same(c[5]) * products[5].register(i);
    same(c[0]) * products[0].register(i)
        + same(c[1]) * products[1].register(i)
        + same(c[2]) * products[2].register(i)
        + off
        + off
}
