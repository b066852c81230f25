//! Φ = UᴴDU in lanes, with Φ x = a.
//!
//! Row i holds what is in the upper triangle of Φ and a_i as one column more, which elimination turns into U⁻ᴴa. In the
//! end the rows are those of DU.

use super::Z;
use crate::lanes::{Fused, Register};

/// Gaussian elimination of rows of d + 1, d, … 2 elements. The inverse of each pivot takes the place of its imaginary part.
/// One where all pivots are positive, zero elsewhere, also where one is not a number.
pub(super) fn eliminate(rows: &mut [Z], d: usize) -> Register {
    let mut sign = Register::ONE;
    let mut rest = rows;
    for k in 0..d {
        let (row, below) = rest.split_at_mut(d + 1 - k);
        let pivot = row[0][0];
        sign &= pivot.simd_gt(Register::ZERO);
        let inverse = Register::ONE / pivot;
        row[0][1] = inverse;
        let row = &row[1..];
        let mut targets = &mut *below;
        for i in 0..d - 1 - k {
            let [re, im] = row[i];
            let (re, im) = (re * inverse, im * inverse);
            let (target, next) = targets.split_at_mut(d - k - i);
            for (t, [u, v]) in target.iter_mut().zip(&row[i..]) {
                // conj(row[i]) row[j]
                t[0] = (-re).fused(*u, (-im).fused(*v, t[0]));
                t[1] = (-re).fused(*v, im.fused(*u, t[1]));
            }
            targets = next;
        }
        rest = below;
    }
    sign
}

/// aᴴ Φ⁻¹ a
pub(super) fn square(rows: &[Z], d: usize) -> Register {
    let mut sum = Register::ZERO;
    let mut rest = rows;
    for k in 0..d {
        let (row, below) = rest.split_at(d + 1 - k);
        let [re, im] = row[d - k];
        sum += (re * re + im * im) * row[0][1];
        rest = below;
    }
    sum
}

/// x = Φ⁻¹ a
pub(super) fn back(rows: &[Z], d: usize, x: &mut [Z]) {
    let mut rest = rows;
    for k in (0..d).rev() {
        let (above, row) = rest.split_at(rest.len() - (d + 1 - k));
        let [mut re, mut im] = row[d - k];
        for ([u, v], [a, b]) in row[1..d - k].iter().zip(&x[k + 1..]) {
            re = (-*u).fused(*a, v.fused(*b, re));
            im = (-*u).fused(*b, (-*v).fused(*a, im));
        }
        let inverse = row[0][1];
        x[k] = [re * inverse, im * inverse];
        rest = above;
    }
}
