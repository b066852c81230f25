//! Accumulates G = Σ_pixels c cᵀ for a column vector c per pixel, streaming over blocks.

use nalgebra::DMatrix;

use crate::lanes::{Fused, InRegisters, Lanes, REGISTERS, Register};

/// Tile of the accumulation: 3 × 3 sums, a register each.
const TILE: usize = 3;
type Tile = [[Register; TILE]; TILE];

/// Sum of outer products of n columns.
#[derive(Debug, Clone)]
pub struct Gram {
    n: usize,
    /// n rounded up to whole tiles, over the width of a tile.
    n_tiles: usize,
    /// Tiles on and above the diagonal, row by row; the lanes of a register are summed apart.
    sums: Vec<Tile>,
}

impl Gram {
    /// Sums over nothing, of `n` columns.
    pub fn new(n: usize) -> Self {
        let n_tiles = n.div_ceil(TILE);
        Gram { n, n_tiles, sums: vec![Tile::default(); n_tiles * (n_tiles + 1) / 2] }
    }

    /// How many columns a block needs: the last ones are padding and must be zero.
    pub fn n_columns(&self) -> usize {
        self.n_tiles * TILE
    }

    /// Adds one block; `columns[c][lane]`.
    pub fn add(&mut self, columns: &[Lanes]) {
        debug_assert_eq!(columns.len(), self.n_columns());
        let (tiles, _) = columns.as_chunks();
        let mut sums = self.sums.iter_mut();
        for (t, rows) in tiles.iter().enumerate() {
            for (columns, sum) in tiles[t..].iter().zip(&mut sums) {
                add_tile(sum, rows, columns);
            }
        }
    }

    /// The sums as numbers, for a message.
    pub fn values(&self) -> Vec<f64> {
        let sums = self.sums.iter().flatten().flatten();
        sums.flat_map(|sum| sum.to_array()).collect()
    }

    /// Adds the sums that a message brought.
    pub fn add_values(&mut self, values: &[f64]) {
        let sums = self.sums.iter_mut().flatten().flatten();
        for (sum, values) in sums.zip(values.as_chunks().0) {
            *sum += Register::new(*values);
        }
    }

    /// The symmetric n × n matrix.
    pub fn matrix(&self) -> DMatrix<f64> {
        DMatrix::from_fn(self.n, self.n, |i, j| {
            let (i, j) = (i.min(j), i.max(j));
            // Below the diagonal inside a tile both orders were summed; the upper one is used.
            let (row, column) = (i / TILE, j / TILE);
            let before = row * (2 * self.n_tiles + 1 - row) / 2;
            self.sums[before + column - row][i % TILE][j % TILE].reduce_add()
        })
    }
}

/// Written out, because the compiler that optimises for size does not unroll.
#[inline(always)]
fn add_tile(sum: &mut Tile, rows: &[Lanes; TILE], columns: &[Lanes; TILE]) {
    let [a, b, c] = rows;
    let [x, y, z] = columns;
    let [[mut ax, mut ay, mut az], [mut bx, mut by, mut bz], [mut cx, mut cy, mut cz]] = *sum;
    for i in 0..REGISTERS {
        let (x, y, z) = (x.register(i), y.register(i), z.register(i));
        let a = a.register(i);
        ax = a.fused(x, ax);
        ay = a.fused(y, ay);
        az = a.fused(z, az);
        let b = b.register(i);
        bx = b.fused(x, bx);
        by = b.fused(y, by);
        bz = b.fused(z, bz);
        let c = c.register(i);
        cx = c.fused(x, cx);
        cy = c.fused(y, cy);
        cz = c.fused(z, cz);
    }
    *sum = [[ax, ay, az], [bx, by, bz], [cx, cy, cz]];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::LANES;

    #[test]
    fn equals_the_sum_of_outer_products() {
        let n = 13;
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
                assert!((m[(i, j)] - direct).abs() < 1e-12, "{i} {j}");
            }
        }
    }
}
