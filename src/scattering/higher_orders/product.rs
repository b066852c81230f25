//! Products of lanes: the matrix product behind the derivatives.

use crate::lanes::{InPairs, Lanes, PAIRS, both};

/// `out[row][lane]` += Σ_pair `matrix[pair · rows + row]` · `x[pair][lane]`: a matrix product in tiles
/// that stay in registers, over stretches of pairs that stay in the nearest cache. Of the lanes the first `pairs` pairs, an even
/// number.
pub(super) fn accumulate(out: &mut [Lanes], matrix: &[f64], x: &[Lanes], pairs: usize) {
    const ROWS: usize = 3;
    const STRETCH: usize = 48;
    let n = out.len();
    debug_assert!(n.is_multiple_of(ROWS) && pairs.is_multiple_of(2) && pairs <= PAIRS);
    for (first, stretch) in x.chunks(STRETCH).enumerate() {
        let matrix = &matrix[first * STRETCH * n..];
        for (tile, rows) in out.chunks_exact_mut(ROWS).enumerate() {
            for i in (0..pairs.min(PAIRS)).step_by(2) {
                let zero = both(0.0);
                // Written out: nothing is unrolled where the compiler optimises for size.
                let (mut a0, mut a1, mut b0, mut b1, mut c0, mut c1) = (zero, zero, zero, zero, zero, zero);
                let mut at = tile * ROWS;
                for x in stretch {
                    let (u, v) = (x.pair(i), x.pair(i + 1));
                    let [a, b, c] = [both(matrix[at]), both(matrix[at + 1]), both(matrix[at + 2])];
                    a0 += a * u;
                    a1 += a * v;
                    b0 += b * u;
                    b1 += b * v;
                    c0 += c * u;
                    c1 += c * v;
                    at += n;
                }
                rows[0].set_pair(i, rows[0].pair(i) + a0);
                rows[0].set_pair(i + 1, rows[0].pair(i + 1) + a1);
                rows[1].set_pair(i, rows[1].pair(i) + b0);
                rows[1].set_pair(i + 1, rows[1].pair(i + 1) + b1);
                rows[2].set_pair(i, rows[2].pair(i) + c0);
                rows[2].set_pair(i + 1, rows[2].pair(i + 1) + c1);
            }
        }
    }
}

/// Σ over the first `pairs` pairs of lanes of a product.
pub(super) fn sum(x: &Lanes, y: &Lanes, pairs: usize) -> f64 {
    let total = (0..pairs).fold(both(0.0), |sum, i| sum + x.pair(i) * y.pair(i));
    let [a, b] = total.to_array();
    a + b
}
