//! Accumulates G = Σ_pixels c cᵀ for a column vector c per pixel, streaming over blocks.

use nalgebra::DMatrix;

use crate::dynamics::{LANES, Lanes};

/// Tile of the accumulation: 3 × 3 sums of two lanes each stay in SIMD registers.
const TILE: usize = 3;

/// Sum of outer products of n columns.
#[derive(Debug, Clone)]
pub struct Gram {
    n: usize,
    /// n rounded up to whole tiles.
    padded: usize,
    sums: Vec<f64>,
}

impl Gram {
    pub fn new(n: usize) -> Self {
        let padded = n.div_ceil(TILE) * TILE;
        Gram { n, padded, sums: vec![0.0; padded * padded] }
    }

    /// How many columns a block needs: the last ones are padding and must be zero.
    pub fn n_columns(&self) -> usize {
        self.padded
    }

    /// Adds one block; `columns[c][lane]`.
    pub fn add(&mut self, columns: &[Lanes]) {
        debug_assert_eq!(columns.len(), self.padded);
        for (ti, rows) in columns.chunks_exact(TILE).enumerate() {
            for (tj, cols) in columns.chunks_exact(TILE).enumerate().skip(ti) {
                let tile = tile_product(rows, cols);
                for (a, row) in tile.iter().enumerate() {
                    let at = (ti * TILE + a) * self.padded + tj * TILE;
                    for (sum, x) in self.sums[at..at + TILE].iter_mut().zip(row) {
                        *sum += x;
                    }
                }
            }
        }
    }

    /// Adds the sums of another accumulator of the same size.
    pub fn merge(&mut self, other: &Gram) {
        for (a, b) in self.sums.iter_mut().zip(&other.sums) {
            *a += b;
        }
    }

    /// The symmetric n × n matrix.
    pub fn matrix(&self) -> DMatrix<f64> {
        DMatrix::from_fn(self.n, self.n, |i, j| {
            let (i, j) = (i.min(j), i.max(j));
            // Below the diagonal inside a tile both orders were summed; the upper one is used.
            self.sums[i * self.padded + j]
        })
    }
}

#[inline]
fn tile_product(rows: &[Lanes], cols: &[Lanes]) -> [[f64; TILE]; TILE] {
    let mut sums = [[[0.0; 2]; TILE]; TILE];
    for l in (0..LANES).step_by(2) {
        for a in 0..TILE {
            for b in 0..TILE {
                sums[a][b][0] += rows[a][l] * cols[b][l];
                sums[a][b][1] += rows[a][l + 1] * cols[b][l + 1];
            }
        }
    }
    sums.map(|row| row.map(|pair| pair[0] + pair[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_sum_of_outer_products() {
        let n = 7;
        let mut gram = Gram::new(n);
        let mut columns = vec![[0.0; LANES]; gram.n_columns()];
        for (c, column) in columns.iter_mut().take(n).enumerate() {
            for (l, x) in column.iter_mut().enumerate() {
                *x = ((c * 37 + l * 11) as f64 * 0.7).sin();
            }
        }
        gram.add(&columns);
        gram.add(&columns);
        let m = gram.matrix();
        for i in 0..n {
            for j in 0..n {
                let direct: f64 = columns[i].iter().zip(&columns[j]).map(|(x, y)| 2.0 * x * y).sum();
                assert!((m[(i, j)] - direct).abs() < 1e-12);
            }
        }
    }
}
