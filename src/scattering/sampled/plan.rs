//! How the structure factors of many commensurate Q share their work.
//!
//! With Q = 2π Σ_a (m_a/n_a) b_a*, e^{iQ·r} = Π_a e^{i m_a φ_a}, where φ_a/2π is the position of an atom
//! along axis a of the supercell. Let one axis give *rows* (a), one *columns* (b) and one *groups* (c).
//! All sign changes of m_a and m_b, and the inversion S(−Q) = S(Q)*, follow from the eight real sums
//! Σ_j {cos, sin}(m_a φ_a) {cos, sin}(m_b φ_b) {cos, sin}(m_c φ_c): with x from the first factor, y from
//! the second, R_xy and I_xy those with the cosine and the sine of the third,
//!
//! S(σ₁m_a, σ₂m_b, m_c) = R_cc − σ₁σ₂R_ss − σ₁I_sc − σ₂I_cs + i (I_cc − σ₁σ₂I_ss + σ₁R_sc + σ₂R_cs).
//!
//! A *panel* is one |m_b| in one group |m_c|: four numbers per atom. Two |m_a| also make four numbers per
//! atom; the 4 × 4 product of the two over all atoms is a *tile*. Only the tiles that hold points of the
//! list are computed, so that full grids, single planes and scattered points all take this one way.

use crate::base::order::sort_integers;
use crate::crystal::supercell::Whole;
use std::ops::Range;

use nalgebra::Complex;
use wide::f64x2;

/// The products of a tile: for cos and sin of its first row, then of its second row, the products with
/// (cos, sin) of the column times the cosine of the group, then times the sine of the group.
pub type Tile = [f64x2; 8];

/// Tiles and panels for a list of points.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Axes of the supercell that give rows, columns and groups.
    pub axes: [usize; 3],
    /// Distinct |m| of rows, columns and groups; ascending, rows even in number.
    pub orders: [Vec<i64>; 3],
    pub panels: Vec<Panel>,
    /// Pair of rows of each tile.
    pub tiles: Vec<usize>,
    points: Vec<Point>,
}

#[derive(Debug, Clone)]
pub struct Panel {
    /// Index among the orders of the columns.
    pub column: usize,
    /// Index among the orders of the groups.
    pub group: usize,
    /// Its tiles.
    pub tiles: Range<usize>,
}

/// Where a point finds its eight sums, and the signs to put them together.
#[derive(Debug, Clone, Copy)]
struct Point {
    tile: usize,
    /// First of its four vectors in the tile.
    half: usize,
    row_sign: f64,
    column_sign: f64,
    /// −1 when the sums are those of −Q.
    inversion: f64,
}

impl Plan {
    /// `orders` of each point along the three axes of the supercell.
    pub fn new(orders: &[Whole]) -> Self {
        let distinct = [0, 1, 2].map(|axis| {
            let mut all: Vec<i64> = orders.iter().map(|m| m[axis].abs()).collect();
            sort_integers(&mut all);
            all.dedup();
            all
        });
        let assignments = [0, 1, 2].map(|row| {
            let (x, y) = ((row + 1) % 3, (row + 2) % 3);
            if distinct[x].len() < distinct[y].len() { [row, y, x] } else { [row, x, y] }
        });
        // A tile is 16 multiply-adds per atom, a panel about 8 operations.
        let cost = |axes: &[usize; 3]| {
            let keys = occupied(orders, &distinct, axes);
            let panels = keys.chunk_by(|a, b| a[..2] == b[..2]).count();
            2 * keys.len() + panels
        };
        let axes = assignments.into_iter().min_by_key(cost).unwrap_or([0, 1, 2]);
        let keys = occupied(orders, &distinct, &axes);
        let mut panels: Vec<Panel> = Vec::new();
        for same in keys.chunk_by(|a, b| a[..2] == b[..2]) {
            let start = panels.last().map_or(0, |panel| panel.tiles.end);
            let [group, column, _] = same[0];
            panels.push(Panel { column, group, tiles: start..start + same.len() });
        }
        let sign = |negative: bool| if negative { -1.0 } else { 1.0 };
        let points = orders.iter().map(|m| {
            let inverted = m[axes[2]] < 0;
            Point {
                tile: keys.binary_search(&key(m, &distinct, &axes)).unwrap_or_default(),
                half: 4 * (place(m, &distinct, axes[0]) % 2),
                row_sign: sign((m[axes[0]] < 0) != inverted),
                column_sign: sign((m[axes[1]] < 0) != inverted),
                inversion: sign(inverted),
            }
        });
        let points = points.collect();
        let tiles = keys.iter().map(|key| key[2]).collect();
        let mut orders = axes.map(|axis| distinct[axis].clone());
        if !orders[0].len().is_multiple_of(2) {
            let last = orders[0][orders[0].len() - 1];
            orders[0].push(last);
        }
        Plan { axes, orders, panels, tiles, points }
    }

    pub fn n_points(&self) -> usize {
        self.points.len()
    }

    /// S(Q) of one point from the tiles.
    pub fn read(&self, point: usize, tiles: &[Tile]) -> Complex<f64> {
        let p = &self.points[point];
        let at = |k: usize| tiles[p.tile][p.half + k].to_array();
        let ([r_cc, r_cs], [i_cc, i_cs], [r_sc, r_ss], [i_sc, i_ss]) = (at(0), at(1), at(2), at(3));
        let (s, t) = (p.row_sign, p.column_sign);
        let re = r_cc - s * t * r_ss - s * i_sc - t * i_cs;
        let im = i_cc - s * t * i_ss + s * r_sc + t * r_cs;
        Complex::new(re, p.inversion * im)
    }

    /// The transpose of [`Self::read`]: adds ∂/∂S of one point to the tiles.
    pub fn add(&self, point: usize, bar: Complex<f64>, tiles: &mut [Tile]) {
        let p = &self.points[point];
        let (re, im) = (bar.re, p.inversion * bar.im);
        let (s, t) = (p.row_sign, p.column_sign);
        let rows = [[re, t * im], [im, -t * re], [s * im, -s * t * re], [-s * re, -s * t * im]];
        for (sum, row) in tiles[p.tile][p.half..].iter_mut().zip(rows) {
            *sum += f64x2::new(row);
        }
    }
}

/// Index of |m| along one axis among the distinct ones.
fn place(m: &Whole, distinct: &[Vec<i64>; 3], axis: usize) -> usize {
    distinct[axis].binary_search(&m[axis].abs()).unwrap_or_default()
}

/// Group, column and pair of rows of a point.
fn key(m: &Whole, distinct: &[Vec<i64>; 3], axes: &[usize; 3]) -> [usize; 3] {
    let [row, column, group] = axes.map(|axis| place(m, distinct, axis));
    [group, column, row / 2]
}

/// The tiles that hold points, in order.
fn occupied(orders: &[Whole], distinct: &[Vec<i64>; 3], axes: &[usize; 3]) -> Vec<[usize; 3]> {
    // As one number each, which sorts faster.
    let [_, columns, _] = axes.map(|axis| distinct[axis].len());
    let rows = distinct[axes[0]].len();
    let mut keys: Vec<i64> = orders
        .iter()
        .map(|m| {
            let [group, column, pair] = key(m, distinct, axes);
            ((group as u64 * columns as u64 + column as u64) * rows as u64 + pair as u64).cast_signed()
        })
        .collect();
    sort_integers(&mut keys);
    keys.dedup();
    let parts = |key: i64| {
        let (rest, pair) = (key as u64 / rows as u64, key as u64 % rows as u64);
        [rest / columns as u64, rest % columns as u64, pair].map(|part| part as usize)
    };
    keys.into_iter().map(parts).collect()
}
