//! Products of lanes: the matrix product behind the derivatives.

use nalgebra::{DMatrixView, DMatrixViewMut, Dyn, MatrixView};

use crate::lanes::{Fused, InRegisters, LANES, Lanes, REGISTER, REGISTERS, same};

/// Rows and columns from which on a product of matrices is worth its preparation.
const LARGE: usize = 32;

/// `out[row][lane]` += Σ_pair `matrix[pair · rows + row]` · `x[pair][lane]`: a matrix product in tiles
/// that stay in registers, over stretches of pairs that stay in the nearest cache. Of the lanes the first `registers` registers, an even
/// number.
pub(super) fn accumulate(out: &mut [Lanes], matrix: &[f64], x: &[Lanes], registers: usize) {
    // WebAssembly has no wider registers than two numbers, and its package is compiled for size.
    if cfg!(target_arch = "wasm32") || out.len() < LARGE || x.len() < LARGE {
        return accumulate_in_tiles(out, matrix, x, registers);
    }
    let (rows, columns) = (out.len(), x.len());
    let x = DMatrixView::from_slice(x.as_flattened(), LANES, columns);
    // Its columns here are rows there.
    let (of, by) = ((Dyn(columns), Dyn(rows)), (Dyn(rows), Dyn(1)));
    let matrix = MatrixView::from_slice_with_strides_generic(matrix, of.0, of.1, by.0, by.1);
    let mut out = DMatrixViewMut::from_slice(out.as_flattened_mut(), LANES, rows);
    out.rows_mut(0, REGISTER * registers).gemm(1.0, &x.rows(0, REGISTER * registers), &matrix, 1.0);
}

fn accumulate_in_tiles(out: &mut [Lanes], matrix: &[f64], x: &[Lanes], registers: usize) {
    const ROWS: usize = 3;
    const STRETCH: usize = 48;
    let n = out.len();
    debug_assert!(n.is_multiple_of(ROWS) && registers.is_multiple_of(2) && registers <= REGISTERS);
    for (first, stretch) in x.chunks(STRETCH).enumerate() {
        let matrix = &matrix[first * STRETCH * n..];
        for (tile, rows) in out.chunks_exact_mut(ROWS).enumerate() {
            for i in (0..registers.min(REGISTERS)).step_by(2) {
                let zero = same(0.0);
                // Written out: nothing is unrolled where the compiler optimises for size.
                let (mut a0, mut a1, mut b0, mut b1, mut c0, mut c1) = (zero, zero, zero, zero, zero, zero);
                let mut at = tile * ROWS;
                for x in stretch {
                    let (u, v) = (x.register(i), x.register(i + 1));
                    let [a, b, c] = [same(matrix[at]), same(matrix[at + 1]), same(matrix[at + 2])];
                    a0 = a.fused(u, a0);
                    a1 = a.fused(v, a1);
                    b0 = b.fused(u, b0);
                    b1 = b.fused(v, b1);
                    c0 = c.fused(u, c0);
                    c1 = c.fused(v, c1);
                    at += n;
                }
                rows[0].set_register(i, rows[0].register(i) + a0);
                rows[0].set_register(i + 1, rows[0].register(i + 1) + a1);
                rows[1].set_register(i, rows[1].register(i) + b0);
                rows[1].set_register(i + 1, rows[1].register(i + 1) + b1);
                rows[2].set_register(i, rows[2].register(i) + c0);
                rows[2].set_register(i + 1, rows[2].register(i + 1) + c1);
            }
        }
    }
}

/// Σ over the first `registers` registers of lanes of a product.
pub(super) fn sum(x: &Lanes, y: &Lanes, registers: usize) -> f64 {
    let total = (0..registers).fold(same(0.0), |sum, i| x.register(i).fused(y.register(i), sum));
    total.to_array().iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_sum_agree() {
        let number = |n: usize| (n as f64 * 0.618).fract() - 0.5;
        for (rows, columns, registers) in [(33, 40, REGISTERS), (48, 100, 6), (3, 50, 4), (60, 7, REGISTERS)]
        {
            let matrix: Vec<f64> = (0..rows * columns).map(number).collect();
            let x: Vec<Lanes> =
                (0..columns).map(|i| std::array::from_fn(|lane| number(7 * i + 3 * lane))).collect();
            let start: Vec<Lanes> = (0..rows).map(|i| [i as f64; LANES]).collect();
            let (mut a, mut b) = (start.clone(), start);
            accumulate(&mut a, &matrix, &x, registers);
            accumulate_in_tiles(&mut b, &matrix, &x, registers);
            assert!(a.as_flattened().iter().zip(b.as_flattened()).all(|(a, b)| (a - b).abs() < 1e-12));
            assert!(
                a.iter()
                    .enumerate()
                    .all(|(i, row)| row[REGISTER * registers..].iter().all(|x| *x == i as f64))
            );
        }
    }
}
