//! A potential in a crystal: neighbours, features and their derivatives, Φ(R), energy and pressure.
//!
//! The energy of an atom depends on d_j = u_j − u_i of its neighbours: with the features s_k and their derivatives,
//! H_jj' = Σ_k F_k ∂²s_k/∂d_j∂d_j' + Σ_kl F_kl ∂s_k/∂d_j (∂s_l/∂d_j')ᵀ. Φ between two atoms is the sum of H over all atoms
//! that have both in sight, u_i itself moving all d_j backwards. Atoms of one kind in different cells have the same H.

use std::collections::HashMap;
use std::sync::OnceLock;

use nalgebra::{DMatrix, Matrix3, Vector3};
use num_dual::{Dual, DualNum, HyperDual};

use super::curves::STRETCHED;
use super::site::{Block, Geometry, Site, transposed};
use super::{GPA_PER_EV_A3, Number, Potential, WithSlope};
use crate::crystal::Cell;
use crate::{Error, Result};

/// A neighbour of an atom in cell 0.
#[derive(Debug, Clone)]
pub(super) struct Neighbour {
    pub atom: usize,
    cell: Vector3<i32>,
    pub vector: Vector3<f64>,
}

/// The crystal as a potential sees it.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub(super) neighbours: Vec<Vec<Neighbour>>,
    /// By atom: where a neighbour stands in the list.
    index: Vec<HashMap<(usize, [i32; 3]), usize>>,
    /// Number of the element of each atom.
    pub(super) kinds: Vec<usize>,
    volume: f64,
    /// Features that no parameter moves.
    fixed: Option<Vec<Geometry<f64>>>,
    /// Of these, the neighbours that come within the range when the crystal shrinks, and the features of each atom by the factor
    /// of all distances.
    pub(super) wide: Vec<Vec<Neighbour>>,
    pub(super) stretched: OnceLock<Vec<(f64, Vec<Vec<f64>>)>>,
}

/// Å: shells nearer than this to the range are in or out by rounding.
const TOLERANCE: f64 = 1e-3;
/// Å: distances that differ by less are one.
const SAME: f64 = 1e-12;

/// The neighbours of each atom nearer than `range` (Å), the nearest first, and the shortest distance of all.
fn within(cell: &Cell, range: f64) -> (Vec<Vec<Neighbour>>, f64) {
    let reciprocal = cell.reciprocal() / std::f64::consts::TAU;
    let diagonal: f64 = (0..3).map(|k| cell.lattice.column(k).norm()).sum();
    let reach = |k: usize| ((range + diagonal) * reciprocal.column(k).norm()).ceil() as i32;
    let mut neighbours = vec![vec![]; cell.len()];
    let mut nearest = f64::INFINITY;
    for a in -reach(0)..=reach(0) {
        for b in -reach(1)..=reach(1) {
            for c in -reach(2)..=reach(2) {
                let shift = Vector3::new(a, b, c);
                for (i, list) in neighbours.iter_mut().enumerate() {
                    for j in 0..cell.len() {
                        let vector =
                            cell.lattice * shift.map(f64::from) + cell.cartesian(j) - cell.cartesian(i);
                        let r = vector.norm();
                        if r < 1e-6 {
                            continue;
                        }
                        nearest = nearest.min(r);
                        if r < range {
                            list.push(Neighbour { atom: j, cell: shift, vector });
                        }
                    }
                }
            }
        }
    }
    for list in &mut neighbours {
        crate::base::order::sort_by(list, |a: &Neighbour, b| {
            let by_distance = a.vector.norm().total_cmp(&b.vector.norm());
            let key = |n: &Neighbour| (n.atom, <[i32; 3]>::from(n.cell));
            by_distance.then_with(|| key(a).cmp(&key(b)))
        });
    }
    (neighbours, nearest)
}

impl Surroundings {
    /// Of the atoms of a primitive cell.
    ///
    /// # Errors
    /// A range that reaches no neighbour, or on which a shell of neighbours falls.
    pub fn new(cell: &Cell, potential: &Potential) -> Result<Self> {
        let horizon = potential.horizon();
        let (mut neighbours, nearest) = within(cell, horizon + TOLERANCE);
        let is_sharp =
            potential.smoothing <= 0.0 && horizon == potential.range && !potential.family.ends_by_itself();
        let at_the_end = |n: &&Neighbour| (n.vector.norm() - horizon).abs() <= TOLERANCE;
        if let Some(on_it) = neighbours.iter().flatten().find(|n| is_sharp && at_the_end(n)) {
            let what =
                format!("{horizon} Å falls on the shell of neighbours at {:.5} Å", on_it.vector.norm());
            return Err(Error::value(what, "a range 0.001 Å away from it, or some smoothing").of("range"));
        }
        neighbours.iter_mut().for_each(|list| list.retain(|n| n.vector.norm() < horizon));
        if neighbours.iter().any(Vec::is_empty) {
            let what = format!("{} Å reaches no neighbour", potential.range);
            return Err(Error::value(
                what,
                format!("more than {nearest:.4} Å, the nearest-neighbour distance"),
            )
            .of("range"));
        }
        let index = neighbours
            .iter()
            .map(|list| list.iter().enumerate().map(|(n, x)| ((x.atom, x.cell.into()), n)).collect())
            .collect();
        let kind = |symbol: &String| potential.elements.iter().position(|e| e == symbol).unwrap_or(0);
        let kinds = cell.symbols.iter().map(kind).collect();
        let mut out = Surroundings {
            neighbours,
            index,
            kinds,
            volume: cell.volume(),
            fixed: None,
            wide: vec![],
            stretched: OnceLock::new(),
        };
        if potential.family.has_fixed_features() {
            let all = (0..cell.len()).map(|i| out.geometry(potential, &[0.0; 0], i)).collect();
            out.fixed = Some(all);
            out.wide = within(cell, horizon / STRETCHED[0]).0;
        }
        Ok(out)
    }

    /// Energy of a primitive cell, eV, all distances multiplied by `stretch`.
    fn energy_at<T: Number>(&self, potential: &Potential, p: &[T], stretch: T) -> T {
        let mut total = T::zero();
        for (i, list) in self.neighbours.iter().enumerate() {
            total += potential.site(p, self.kinds[i], &self.values(potential, p, i, list, stretch));
        }
        total
    }

    pub(super) fn values<T: Number>(
        &self,
        potential: &Potential,
        p: &[T],
        i: usize,
        list: &[Neighbour],
        stretch: T,
    ) -> Vec<T> {
        let k = potential.family.n_features();
        let (mut sum, mut part) = (vec![T::zero(); k], vec![T::zero(); k]);
        let mut add = |part: &[T]| sum.iter_mut().zip(part).for_each(|(s, x)| *s += *x);
        for neighbour in list {
            let r = stretch * neighbour.vector.norm();
            potential.radial(p, self.kinds[i], self.kinds[neighbour.atom], r, &mut part);
            add(&part);
        }
        if potential.family.has_angles() {
            for (n, one) in list.iter().enumerate() {
                for two in &list[..n] {
                    let (a, b) = (one.vector.norm(), two.vector.norm());
                    let cos = one.vector.dot(&two.vector) / (a * b);
                    potential.angular(p, stretch * a, stretch * b, T::from(cos), &mut part);
                    add(&part);
                }
            }
        }
        sum
    }

    /// The features of each atom; of an embedded atom ½ Σ φ and the density.
    pub fn features(&self, potential: &Potential, p: &[f64]) -> Vec<Vec<f64>> {
        let all = self.neighbours.iter().enumerate();
        all.map(|(i, list)| self.values(potential, p, i, list, 1.0)).collect()
    }

    /// Energy of an atom, eV, on average, and pressure, GPa, without zero-point and thermal motion; `p`: all parameters.
    pub fn energy_and_pressure(&self, potential: &Potential, p: &[f64]) -> (f64, f64) {
        let with = |x: &f64| WithSlope::from_re(*x);
        let p: Vec<WithSlope> = p.iter().map(with).collect();
        let found = self.energy_at(potential, &p, Dual::new(1.0, 1.0));
        (found.re / self.kinds.len() as f64, -found.eps / (3.0 * self.volume) * GPA_PER_EV_A3)
    }

    /// The derivatives of both along one direction of the parameters: `slopes[k]` is that of p_k.
    pub fn energy_and_pressure_slopes(&self, potential: &Potential, p: &[f64], slopes: &[f64]) -> (f64, f64) {
        type Both = Dual<Dual<f64>>;
        let p: Vec<Both> = p.iter().zip(slopes).map(|(x, d)| Both::from_re(Dual::new(*x, *d))).collect();
        let one = Both::new(Dual::new(1.0, 0.0), Dual::new(1.0, 0.0));
        let found = self.energy_at(potential, &p, one);
        (found.re.eps / self.kinds.len() as f64, -found.eps.eps / (3.0 * self.volume) * GPA_PER_EV_A3)
    }

    fn geometry<T: Number>(&self, potential: &Potential, p: &[T], i: usize) -> Geometry<T> {
        let list = &self.neighbours[i];
        let (k, n) = (potential.family.n_features(), list.len());
        let lifted: Vec<HyperDual<T>> = p.iter().map(|x| HyperDual::from_re(*x)).collect();
        let zero = HyperDual::from_re(T::zero());
        let mut out = Geometry {
            values: vec![T::zero(); k],
            gradient: vec![vec![[T::zero(); 3]; n]; k],
            own: vec![vec![[T::zero(); 9]; n]; k],
            mixed: vec![],
        };
        let mut last: Option<(usize, f64)> = None;
        let mut shares = vec![zero; k];
        for (j, neighbour) in list.iter().enumerate() {
            let (kind, r) = (self.kinds[neighbour.atom], neighbour.vector.norm());
            if last.is_none_or(|(known, at)| known != kind || (at - r).abs() > SAME) {
                let variable = HyperDual::new(T::from(r), T::one(), T::one(), T::zero());
                potential.radial(&lifted, self.kinds[i], kind, variable, &mut shares);
                last = Some((kind, r));
            }
            let along = neighbour.vector / r;
            for (f, share) in shares.iter().enumerate() {
                out.values[f] += share.re;
                let across = share.eps1 / r;
                for a in 0..3 {
                    out.gradient[f][j][a] += share.eps1 * along[a];
                    for b in 0..3 {
                        let square = along[a] * along[b];
                        out.own[f][j][3 * a + b] += (share.eps1eps2 - across) * square;
                    }
                    out.own[f][j][4 * a] += across;
                }
            }
        }
        if potential.family.has_angles() {
            for second in 0..n {
                for first in 0..second {
                    self.add_angle(potential, &lifted, i, [first, second], &mut out);
                }
            }
        }
        out
    }

    /// Adds the share of two neighbours.
    fn add_angle<T: Number>(
        &self,
        potential: &Potential,
        p: &[HyperDual<T>],
        i: usize,
        [first, second]: [usize; 2],
        out: &mut Geometry<T>,
    ) {
        let k = potential.family.n_features();
        let vectors = [self.neighbours[i][first].vector, self.neighbours[i][second].vector];
        let place = |v: usize| if v < 3 { vectors[0][v] } else { vectors[1][v - 3] };
        let mut shares = vec![HyperDual::from_re(T::zero()); k];
        let mut blocks = vec![[T::zero(); 9]; k];
        for a in 0..6 {
            for b in a..6 {
                let d: [HyperDual<T>; 6] = std::array::from_fn(|v| {
                    let seed = |at: usize| if at == v { T::one() } else { T::zero() };
                    HyperDual::new(T::from(place(v)), seed(a), seed(b), T::zero())
                });
                let dot = |s: usize, t: usize| d[s] * d[t] + d[s + 1] * d[t + 1] + d[s + 2] * d[t + 2];
                let (r, other) = (dot(0, 0).sqrt(), dot(3, 3).sqrt());
                let cos = dot(0, 3) / (r * other);
                potential.angular(p, r, other, cos, &mut shares);
                if a == 0 && b == 0 && shares.iter().all(|s| s.re.re() == 0.0 && s.eps1eps2.re() == 0.0) {
                    // Out of sight of each other.
                    return;
                }
                for (f, share) in shares.iter().enumerate() {
                    if a == 0 && b == 0 {
                        out.values[f] += share.re;
                    }
                    let neighbour = |v: usize| if v < 3 { first } else { second };
                    if a == b {
                        out.gradient[f][neighbour(a)][a % 3] += share.eps1;
                    }
                    if neighbour(a) == neighbour(b) {
                        let block = &mut out.own[f][neighbour(a)];
                        block[3 * (a % 3) + b % 3] += share.eps1eps2;
                        if a != b {
                            block[3 * (b % 3) + a % 3] += share.eps1eps2;
                        }
                    } else {
                        blocks[f][3 * a + b - 3] += share.eps1eps2;
                    }
                }
            }
        }
        out.mixed.push((first, second, blocks));
    }

    fn site<T: Number>(&self, potential: &Potential, p: &[T], i: usize) -> Site<T> {
        let geometry = match &self.fixed {
            Some(all) => all[i].lifted(),
            None => self.geometry(potential, p, i),
        };
        let k = geometry.values.len();
        let lifted: Vec<HyperDual<T>> = p.iter().map(|x| HyperDual::from_re(*x)).collect();
        let (mut first, mut second) = (vec![T::zero(); k], vec![T::zero(); k * k]);
        for a in 0..k {
            for b in a..k {
                let s: Vec<HyperDual<T>> = geometry
                    .values
                    .iter()
                    .enumerate()
                    .map(|(f, value)| {
                        let seed = |at: usize| if at == f { T::one() } else { T::zero() };
                        HyperDual::new(*value, seed(a), seed(b), T::zero())
                    })
                    .collect();
                let energy = potential.site(&lifted, self.kinds[i], &s);
                first[a] = energy.eps1;
                (second[a * k + b], second[b * k + a]) = (energy.eps1eps2, energy.eps1eps2);
            }
        }
        Site::new(&geometry, &first, &second)
    }

    pub(super) fn n_atoms(&self) -> usize {
        self.kinds.len()
    }

    /// Of features that no parameter moves: Φ of pairs where the energy of one atom has the derivatives F_k and F_kl, that of
    /// the others none.
    pub(super) fn response(
        &self,
        atom: usize,
        first: &[f64],
        second: &[f64],
        pairs: &[(usize, usize, Vector3<i32>)],
    ) -> Vec<Block<f64>> {
        let Some(fixed) = &self.fixed else { return vec![[0.0; 9]; pairs.len()] };
        let (none, no) = (vec![0.0; first.len()], vec![0.0; second.len()]);
        let of = |i: usize| if i == atom { (first, second) } else { (&none[..], &no[..]) };
        let sites: Vec<Site<f64>> =
            fixed.iter().enumerate().map(|(i, g)| Site::new(g, of(i).0, of(i).1)).collect();
        pairs.iter().map(|&(a, b, cell)| self.of_pair(&sites, a, b, cell)).collect()
    }

    /// Of features that no parameter moves: √Σ_j |∂s_k/∂d_j|² of each, on average over the atoms, per Å.
    pub(super) fn feature_slopes(&self) -> Vec<f64> {
        let all = self.fixed.as_deref().unwrap_or_default();
        let k = all.first().map_or(0, |g| g.values.len());
        let of = |g: &Geometry<f64>, f: usize| -> f64 {
            g.gradient[f].iter().flatten().map(|x| x * x).sum::<f64>()
        };
        (0..k).map(|f| (all.iter().map(|g| of(g, f)).sum::<f64>() / all.len() as f64).sqrt()).collect()
    }

    /// How the features of each atom change when the crystal is stretched, by its factor.
    pub(super) fn stretched_features(&self, potential: &Potential) -> Vec<Vec<f64>> {
        let all = self.neighbours.iter().enumerate();
        let of = |(i, list): (usize, &Vec<Neighbour>)| -> Vec<f64> {
            let values = self.values(potential, &[], i, list, WithSlope::new(1.0, 1.0));
            values.iter().map(|v| v.eps).collect()
        };
        all.map(of).collect()
    }

    /// Φ of the pairs (first atom in cell 0, second atom, its cell), eV/Å², row by row; none of an atom with itself.
    pub(super) fn between<T: Number>(
        &self,
        potential: &Potential,
        p: &[T],
        pairs: &[(usize, usize, Vector3<i32>)],
    ) -> Vec<Block<T>> {
        let sites: Vec<Site<T>> = (0..self.kinds.len()).map(|i| self.site(potential, p, i)).collect();
        pairs.iter().map(|&(a, b, cell)| self.of_pair(&sites, a, b, cell)).collect()
    }

    fn of_pair<T: Number>(&self, sites: &[Site<T>], a: usize, b: usize, cell: Vector3<i32>) -> Block<T> {
        let mut total = [T::zero(); 9];
        let mut add = |block: Block<T>, sign: f64| {
            total.iter_mut().zip(block).for_each(|(t, x)| *t += x * sign);
        };
        if let Some(&j) = self.index[a].get(&(b, cell.into())) {
            add(sites[a].summed(j), -1.0);
        }
        if let Some(&j) = self.index[b].get(&(a, (-cell).into())) {
            add(transposed(&sites[b].summed(j)), -1.0);
        }
        // Atoms that have both in sight.
        for neighbour in &self.neighbours[a] {
            let (i, from) = (neighbour.atom, neighbour.cell);
            let first = self.index[i].get(&(a, (-from).into()));
            let second = self.index[i].get(&(b, (cell - from).into()));
            if let (Some(&first), Some(&second)) = (first, second) {
                add(sites[i].block(first, second), 1.0);
            }
        }
        total
    }

    /// Force constants, eV/Å², of pairs (first atom in cell 0, second atom, its cell). `p`: all parameters.
    pub fn force_constants(
        &self,
        potential: &Potential,
        p: &[f64],
        pairs: &[(usize, usize, Vector3<i32>)],
    ) -> Vec<Matrix3<f64>> {
        let blocks = self.between(potential, p, pairs);
        blocks.iter().map(|block| Matrix3::from_row_slice(block)).collect()
    }

    /// Force constants and their derivatives along directions of the parameters, the columns of `directions`: of each pair
    /// Φ, then one matrix for each direction.
    pub fn force_constants_with_slopes(
        &self,
        potential: &Potential,
        p: &[f64],
        directions: &DMatrix<f64>,
        pairs: &[(usize, usize, Vector3<i32>)],
    ) -> Vec<(Matrix3<f64>, Vec<Matrix3<f64>>)> {
        let mut out: Vec<(Matrix3<f64>, Vec<Matrix3<f64>>)> = vec![(Matrix3::zeros(), vec![]); pairs.len()];
        for direction in directions.column_iter() {
            let p: Vec<WithSlope> =
                p.iter().zip(direction.iter()).map(|(x, d)| WithSlope::new(*x, *d)).collect();
            for (pair, block) in out.iter_mut().zip(self.between(potential, &p, pairs)) {
                pair.0 = Matrix3::from_row_slice(&block.map(|x| x.re));
                pair.1.push(Matrix3::from_row_slice(&block.map(|x| x.eps)));
            }
        }
        out
    }
}
