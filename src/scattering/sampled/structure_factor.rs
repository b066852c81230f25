//! S(Q) = Σ_j e^{iQ·(r_j + u_j)} over a range of atoms, for all points of a [`Plan`], and its adjoint.
//!
//! Atoms go in batches whose tables stay in the nearest caches. The sums over atoms are 4 × 4 products
//! written with explicit two-lane vectors, which do not need the compiler's own vectorisation.

use std::ops::Range;

use nalgebra::{Complex, Matrix3, Vector3};
use wide::f64x2;

use super::plan::{Plan, Tile};
use crate::crystal::supercell::Supercell;

/// Atoms per batch.
const BATCH: usize = 256;

/// Four numbers of one atom.
type Four = [f64x2; 2];

const ZERO: f64x2 = f64x2::ZERO;

/// Phases of the atoms along the axes of the supercell.
#[derive(Debug, Clone)]
pub struct Phases {
    /// φ_a = `scale` × displacement, rad/Å.
    scale: Matrix3<f64>,
    /// φ_a of the equilibrium positions.
    equilibrium: Vec<Vector3<f64>>,
}

/// Scratch memory of one sample.
#[derive(Debug, Default)]
pub struct Work {
    /// (cos, sin) of each atom of the batch for each order; rows in pairs.
    rows: Vec<Four>,
    columns: Vec<f64x2>,
    groups: Vec<f64x2>,
    panel: Vec<Four>,
    rows_bar: Vec<Four>,
    panel_bar: Vec<Four>,
    /// ∂/∂φ of rows, columns and groups.
    phase_bar: Vec<[f64; 3]>,
}

impl Phases {
    pub fn new(supercell: &Supercell) -> Self {
        let inverse = supercell.lattice.try_inverse().unwrap_or_else(Matrix3::zeros);
        let scale = inverse * std::f64::consts::TAU;
        Phases { scale, equilibrium: supercell.sites.iter().map(|r| scale * r).collect() }
    }

    /// Adds the products of all tiles over the atoms in `sites`.
    pub fn forward(
        &self,
        plan: &Plan,
        sites: Range<usize>,
        displacements: &[Vector3<f64>],
        work: &mut Work,
        tiles: &mut [Tile],
    ) {
        for batch in batches(sites) {
            let width = batch.len();
            self.tabulate(plan, batch, displacements, work);
            for panel in &plan.panels {
                fill_panel(work, width, panel.column, panel.group);
                for t in panel.tiles.clone() {
                    let rows = &work.rows[plan.tiles[t] * width..][..width];
                    let product = multiply(rows, &work.panel);
                    tiles[t].iter_mut().zip(product).for_each(|(sum, x)| *sum += x);
                }
            }
        }
    }

    /// Derivatives to the displacements of the atoms in `sites` from those to the tiles.
    pub fn reverse(
        &self,
        plan: &Plan,
        sites: Range<usize>,
        displacements: &[Vector3<f64>],
        work: &mut Work,
        tiles: &[Tile],
        cotangent: &mut [Vector3<f64>],
    ) {
        let transposed: Vec<Tile> = tiles.iter().map(transpose).collect();
        for batch in batches(sites) {
            let width = batch.len();
            self.tabulate(plan, batch.clone(), displacements, work);
            refill(&mut work.rows_bar, work.rows.len(), [ZERO; 2]);
            refill(&mut work.phase_bar, width, [0.0; 3]);
            for panel in &plan.panels {
                fill_panel(work, width, panel.column, panel.group);
                refill(&mut work.panel_bar, width, [ZERO; 2]);
                for t in panel.tiles.clone() {
                    let range = plan.tiles[t] * width..(plan.tiles[t] + 1) * width;
                    accumulate(&tiles[t], &work.rows[range.clone()], &mut work.panel_bar);
                    accumulate(&transposed[t], &work.panel, &mut work.rows_bar[range]);
                }
                let orders = [plan.orders[1][panel.column] as f64, plan.orders[2][panel.group] as f64];
                panel_phases(work, width, panel.column, panel.group, orders);
            }
            row_phases(work, width, &plan.orders[0]);
            for (site, bar) in batch.zip(&work.phase_bar) {
                let mut phase = Vector3::zeros();
                (0..3).for_each(|role| phase[plan.axes[role]] = bar[role]);
                cotangent[site] = self.scale.tr_mul(&phase);
            }
        }
    }

    /// cos and sin of all orders, for the atoms of one batch.
    fn tabulate(&self, plan: &Plan, batch: Range<usize>, displacements: &[Vector3<f64>], work: &mut Work) {
        let width = batch.len();
        refill(&mut work.rows, plan.orders[0].len() / 2 * width, [ZERO; 2]);
        refill(&mut work.columns, plan.orders[1].len() * width, ZERO);
        refill(&mut work.groups, plan.orders[2].len() * width, ZERO);
        refill(&mut work.panel, width, [ZERO; 2]);
        for (j, site) in batch.enumerate() {
            let phase = self.equilibrium[site] + self.scale * displacements[site];
            let base = plan.axes.map(|axis| Complex::cis(phase[axis]));
            powers(base[0], &plan.orders[0], |n, z| work.rows[n / 2 * width + j][n % 2] = z);
            powers(base[1], &plan.orders[1], |n, z| work.columns[n * width + j] = z);
            powers(base[2], &plan.orders[2], |n, z| work.groups[n * width + j] = z);
        }
    }
}

fn batches(sites: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = sites.end;
    sites.step_by(BATCH).map(move |start| start..(start + BATCH).min(end))
}

fn refill<T: Clone>(buffer: &mut Vec<T>, length: usize, value: T) {
    buffer.clear();
    buffer.resize(length, value);
}

/// zᵐ for ascending orders m, each from the one before.
fn powers(base: Complex<f64>, orders: &[i64], mut write: impl FnMut(usize, f64x2)) {
    let (mut z, mut at) = (Complex::from(1.0), 0);
    let (mut step, mut gap) = (Complex::from(1.0), 0);
    for (n, &m) in orders.iter().enumerate() {
        if m - at != gap {
            gap = m - at;
            step = base.powu(gap as u32);
        }
        z *= step;
        at = m;
        write(n, f64x2::new([z.re, z.im]));
    }
}

/// (cos, sin) of the column times cosine and sine of the group.
fn fill_panel(work: &mut Work, width: usize, column: usize, group: usize) {
    let columns = &work.columns[column * width..][..width];
    let groups = &work.groups[group * width..][..width];
    for ((four, b), c) in work.panel.iter_mut().zip(columns).zip(groups) {
        let [cosine, sine] = *c.as_array();
        *four = [*b * both(cosine), *b * both(sine)];
    }
}

/// One number in both lanes. (The library's own `splat` stays a call where code is built for size, and
/// costs more than the products it is for.)
#[inline(always)]
fn both(x: f64) -> f64x2 {
    f64x2::new([x, x])
}

/// Σ_j x_j y_jᵀ.
fn multiply(x: &[Four], y: &[Four]) -> Tile {
    // Written out: a loop over accumulators would keep them in memory where code is built for size.
    let [mut a0, mut a1, mut b0, mut b1] = [ZERO; 4];
    let [mut c0, mut c1, mut d0, mut d1] = [ZERO; 4];
    for ([p, q], [y0, y1]) in x.iter().zip(y) {
        let ([a, b], [c, d]) = (p.as_array(), q.as_array());
        let (a, b, c, d) = (both(*a), both(*b), both(*c), both(*d));
        a0 += a * *y0;
        a1 += a * *y1;
        b0 += b * *y0;
        b1 += b * *y1;
        c0 += c * *y0;
        c1 += c * *y1;
        d0 += d * *y0;
        d1 += d * *y1;
    }
    [a0, a1, b0, b1, c0, c1, d0, d1]
}

/// out_j += Mᵀ v_j.
fn accumulate(m: &Tile, v: &[Four], out: &mut [Four]) {
    let [a0, a1, b0, b1, c0, c1, d0, d1] = *m;
    for ([o0, o1], [p, q]) in out.iter_mut().zip(v) {
        let ([a, b], [c, d]) = (p.as_array(), q.as_array());
        let (a, b, c, d) = (both(*a), both(*b), both(*c), both(*d));
        *o0 += (a * a0 + b * b0) + (c * c0 + d * d0);
        *o1 += (a * a1 + b * b1) + (c * c1 + d * d1);
    }
}

fn transpose(m: &Tile) -> Tile {
    let at = |row: usize, column: usize| m[2 * row + column / 2].to_array()[column % 2];
    std::array::from_fn(|k| {
        let (row, column) = (k / 2, 2 * (k % 2));
        f64x2::new([at(column, row), at(column + 1, row)])
    })
}

/// m (−sin · ∂/∂cos + cos · ∂/∂sin).
fn turn(order: f64, value: f64x2, bar: f64x2) -> f64 {
    let ([cosine, sine], [c_bar, s_bar]) = (value.to_array(), bar.to_array());
    order * (cosine * s_bar - sine * c_bar)
}

/// Carries the derivatives of one panel to the phases of its column and group.
fn panel_phases(work: &mut Work, width: usize, column: usize, group: usize, orders: [f64; 2]) {
    let columns = &work.columns[column * width..][..width];
    let groups = &work.groups[group * width..][..width];
    let atoms = work.phase_bar.iter_mut().zip(&work.panel_bar).zip(columns.iter().zip(groups));
    for ((phase, [y0, y1]), (b, c)) in atoms {
        let [cosine, sine] = *c.as_array();
        phase[1] += turn(orders[0], *b, *y0 * both(cosine) + *y1 * both(sine));
        let c_bar = f64x2::new([(*b * *y0).reduce_add(), (*b * *y1).reduce_add()]);
        phase[2] += turn(orders[1], *c, c_bar);
    }
}

/// Carries the derivatives of the rows to their phases.
fn row_phases(work: &mut Work, width: usize, orders: &[i64]) {
    let pairs = work.rows.chunks_exact(width).zip(work.rows_bar.chunks_exact(width));
    for ((rows, bars), order) in pairs.zip(orders.chunks_exact(2)) {
        for ((phase, x), bar) in work.phase_bar.iter_mut().zip(rows).zip(bars) {
            phase[0] += turn(order[0] as f64, x[0], bar[0]) + turn(order[1] as f64, x[1], bar[1]);
        }
    }
}
