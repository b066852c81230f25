//! Accumulates G = Σ_pixels c cᵀ for a column vector c per pixel, streaming over blocks.

use nalgebra::DMatrix;

use crate::lanes::{InPairs, Lanes, PAIRS, Pair};

/// Tile of the accumulation: 3 × 3 sums of two lanes each stay in SIMD registers.
const TILE: usize = 3;
type Tile = [[Pair; TILE]; TILE];

/// Sum of outer products of n columns.
#[derive(Debug, Clone)]
pub struct Gram {
    n: usize,
    /// n rounded up to whole tiles, over the width of a tile.
    n_tiles: usize,
    /// Tiles on and above the diagonal, row by row; even and odd lanes are summed apart.
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
            // Intensities that are given have no derivatives: most columns are zero then, and add nothing.
            if rows.as_flattened().iter().all(|x| *x == 0.0) {
                sums.by_ref().take(tiles.len() - t).for_each(drop);
                continue;
            }
            for (columns, sum) in tiles[t..].iter().zip(&mut sums) {
                add_tile(sum, rows, columns);
            }
        }
    }

    /// The sums as numbers, for a message.
    pub fn values(&self) -> Vec<f64> {
        let pairs = self.sums.iter().flatten().flatten();
        pairs.flat_map(|sum| sum.to_array()).collect()
    }

    /// Adds the sums that a message brought.
    pub fn add_values(&mut self, values: &[f64]) {
        let sums = self.sums.iter_mut().flatten().flatten();
        for (sum, [a, b]) in sums.zip(values.as_chunks().0) {
            *sum += Pair::new([*a, *b]);
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
    for i in 0..PAIRS {
        let (x, y, z) = (x.pair(i), y.pair(i), z.pair(i));
        let a = a.pair(i);
        ax += a * x;
        ay += a * y;
        az += a * z;
        let b = b.pair(i);
        bx += b * x;
        by += b * y;
        bz += b * z;
        let c = c.pair(i);
        cx += c * x;
        cy += c * y;
        cz += c * z;
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
        // Whole tiles of zeros: none, the first two, and one in the middle.
        for zero in [0..0, 0..6, 3..6] {
            let mut gram = Gram::new(n);
            let mut columns = vec![[0.0; LANES]; gram.n_columns()];
            for (c, column) in columns.iter_mut().take(n).enumerate().filter(|(c, _)| !zero.contains(c)) {
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
                    assert!((m[(i, j)] - direct).abs() < 1e-12, "{zero:?} {i} {j}");
                }
            }
        }
    }
}
