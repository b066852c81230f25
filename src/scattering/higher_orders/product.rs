//! Products of lanes: the matrix product behind the derivatives.

use crate::lanes::{Fused, InRegisters, LANES, Lanes, REGISTERS, same};

/// A matrix of numbers that follow each other: element (row, column) stands at row · `row` + column · `column`.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a> {
    pub values: &'a [f64],
    pub row: usize,
    pub column: usize,
}

impl<'a> Strided<'a> {
    /// Column after column, of so many rows.
    pub fn columns(values: &'a [f64], rows: usize) -> Self {
        Strided { values, row: 1, column: rows }
    }

    /// Each row in lanes.
    pub fn rows(values: &'a [Lanes]) -> Self {
        Strided { values: values.as_flattened(), row: LANES, column: 1 }
    }
}

/// `out[row][lane]` += Σ_column `matrix[row, column]` · `x[column][lane]`: a matrix product in tiles that stay in registers. Of
/// the lanes the first `registers` registers, an even number.
pub(super) fn accumulate(out: &mut [Lanes], matrix: Strided<'_>, x: &[Lanes], registers: usize) {
    const ROWS: usize = 3;
    debug_assert!(registers.is_multiple_of(2) && registers <= REGISTERS);
    let registers = registers.min(REGISTERS);
    let Strided { values, row, column } = matrix;
    let tiles = out.len() / ROWS;
    let (full, rest) = out.split_at_mut(tiles * ROWS);
    // Stretches of columns that stay in the nearest cache.
    for (first, stretch) in x.chunks(LANES).enumerate() {
        let values = &values[first * LANES * column..];
        for (tile, rows) in full.chunks_exact_mut(ROWS).enumerate() {
            for i in (0..registers).step_by(2) {
                let zero = same(0.0);
                // Written out: nothing is unrolled where the compiler optimises for size.
                let (mut a0, mut a1, mut b0, mut b1, mut c0, mut c1) = (zero, zero, zero, zero, zero, zero);
                let mut at = tile * ROWS * row;
                for x in stretch {
                    let (u, v) = (x.register(i), x.register(i + 1));
                    let (a, b, c) = (same(values[at]), same(values[at + row]), same(values[at + 2 * row]));
                    a0 = a.fused(u, a0);
                    a1 = a.fused(v, a1);
                    b0 = b.fused(u, b0);
                    b1 = b.fused(v, b1);
                    c0 = c.fused(u, c0);
                    c1 = c.fused(v, c1);
                    at += column;
                }
                rows[0].set_register(i, rows[0].register(i) + a0);
                rows[0].set_register(i + 1, rows[0].register(i + 1) + a1);
                rows[1].set_register(i, rows[1].register(i) + b0);
                rows[1].set_register(i + 1, rows[1].register(i + 1) + b1);
                rows[2].set_register(i, rows[2].register(i) + c0);
                rows[2].set_register(i + 1, rows[2].register(i + 1) + c1);
            }
        }
        for (k, out) in rest.iter_mut().enumerate() {
            for (j, x) in stretch.iter().enumerate() {
                let factor = same(values[(tiles * ROWS + k) * row + j * column]);
                for i in 0..registers {
                    out.set_register(i, factor.fused(x.register(i), out.register(i)));
                }
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
    use crate::lanes::REGISTER;

    #[test]
    fn sums_are_those_of_single_numbers() {
        let number = |n: usize| (n as f64 * 0.618).fract() - 0.5;
        for (rows, columns, registers) in [(33, 40, REGISTERS), (48, 100, 6), (4, 32, 4), (62, 7, REGISTERS)]
        {
            let flat: Vec<f64> = (0..rows * columns).map(number).collect();
            let x: Vec<Lanes> =
                (0..columns).map(|i| std::array::from_fn(|lane| number(7 * i + 3 * lane))).collect();
            let mut matrices = vec![Strided::columns(&flat, rows)];
            // The same numbers in lanes.
            let in_lanes: Vec<Lanes> = (0..rows)
                .map(|r| std::array::from_fn(|c| if c < columns { flat[c * rows + r] } else { f64::NAN }))
                .collect();
            if columns <= LANES {
                matrices.push(Strided::rows(&in_lanes));
            }
            for matrix in matrices {
                let mut out: Vec<Lanes> = (0..rows).map(|i| [i as f64; LANES]).collect();
                accumulate(&mut out, matrix, &x, registers);
                for (r, row) in out.iter().enumerate() {
                    for l in 0..REGISTER * registers {
                        let exact: f64 = (0..columns).map(|c| flat[c * rows + r] * x[c][l]).sum();
                        assert!((row[l] - r as f64 - exact).abs() < 1e-12);
                    }
                    assert!(row[REGISTER * registers..].iter().all(|x| *x == r as f64));
                }
            }
        }
    }
}
