//! The dipole–dipole part of the force constants of a polar crystal, which no cutoff holds.
//!
//! X. Gonze & C. Lee, Phys. Rev. B 55 (1997) 10355, Eqs. (71)–(76), the sum in reciprocal space alone: with K = q + G,
//! Φ_ss'(q) = (e²/ε₀V) Σ_G (Z_sᵀK)(Z_s'ᵀK)ᵀ exp(−K·ε·K/4Λ²)/(K·ε·K) e^{−iG·(τ_s'−τ_s)} − δ_ss' Σ_s'' (the same at q = 0,
//! without G = 0). What the Gaussian cuts off falls off within Λ⁻¹ in real space and belongs to the short-ranged constants:
//! Λ says where one ends and the other begins. It is chosen as phonopy does, so that constants mean the same.
//!
//! The sum is made with q in the first zone, where G = 0 has the smallest K, and carried to other zones by its phase. At
//! q = 0 the term with K = 0 depends on the direction from which q comes: it is left out where none is given, as in a
//! periodic supercell, whose mean field is zero.

mod expansion;
#[cfg(feature = "potentials")]
mod near;
mod supercell;

use std::sync::OnceLock;

use nalgebra::{Complex, DMatrix, Matrix3, Vector3};

pub use expansion::Moments;
pub use supercell::InSupercell;

use super::projection::nearest_images;
use crate::base::order::sort_by;
use crate::crystal::{Cell, LongRange};
use crate::units::COULOMB_EV_A;
use crate::{Error, Result};

type C64 = Complex<f64>;

/// Points G within the cutoff that the width of the Gaussian is chosen by, and what it has fallen to there: phonopy's
/// choice.
const NOMINAL_POINTS: f64 = 300.0;
const NOMINAL_DECAY: f64 = 1e-10;
/// −ln of what the Gaussian has fallen to where the sum ends.
const END: f64 = 25.0;
/// More vectors of the reciprocal lattice are not summed over.
const MOST_WAVES: f64 = 1e5;
/// Å⁻¹: shorter wave vectors have no direction.
const NO_DIRECTION: f64 = 1e-7;
/// eV/Å²: less is the rounding of a sum over G.
const ROUNDING: f64 = 1e-9;

/// A pair of atoms with constants that make the sum rule hold.
#[derive(Debug, Clone)]
pub struct Bond {
    /// First atom.
    pub i: usize,
    /// Second atom.
    pub j: usize,
    /// R + τ_j − τ_i, Å.
    pub vector: Vector3<f64>,
    /// eV/Å².
    pub phi: Matrix3<f64>,
}

/// Φ of the dipoles of one crystal.
#[derive(Debug, Clone)]
pub struct DipoleDipole {
    /// Charges and dielectric tensor as they are used.
    pub long_range: LongRange,
    /// Columns are the primitive vectors, Å.
    pub lattice: Matrix3<f64>,
    /// τ_s, Å.
    pub sites: Vec<Vector3<f64>>,
    /// Where the phase of atom s counts from: τ_s, or zero for the periodic phase e^{iq·R}.
    pub origins: Vec<Vector3<f64>>,
    /// e²/ε₀V, eV/Å².
    pub prefactor: f64,
    /// 4Λ², of K·ε·K, Å⁻².
    pub width: f64,
    /// One of each ±G, without zero, the shortest √(G·ε·G) first.
    pub waves: Vec<Vector3<f64>>,
    /// What stands on the diagonal by the sum rule.
    pub own: Vec<Matrix3<f64>>,
    /// What the symmetric part of it leaves of the sum rule, shared among neighbours.
    pub bonds: Vec<Bond>,
    /// Reduced reciprocal vectors as columns, Å⁻¹.
    reciprocal: Matrix3<f64>,
    to_reciprocal: Matrix3<f64>,
    moments: OnceLock<Vec<Moments>>,
}

impl DipoleDipole {
    /// The part of a primitive cell with a charge for each of its atoms; nothing where there are no dipoles, as with one
    /// atom whose charge is zero.
    ///
    /// # Errors
    /// Charges and a dielectric tensor that cannot be used.
    pub fn new(cell: &Cell, long_range: &LongRange) -> Result<Option<Self>> {
        let cutoff = std::f64::consts::TAU
            * (3.0 * NOMINAL_POINTS / (4.0 * std::f64::consts::PI * cell.volume())).cbrt();
        let width = cutoff.powi(2) * long_range.dielectric.trace() / 3.0 / -NOMINAL_DECAY.ln();
        let charged = long_range.born.iter().any(|z| z.amax() > 1e-9);
        charged.then(|| Self::with_width(cell, long_range, width)).transpose()
    }

    /// The same with another 4Λ², of K·ε·K, Å⁻².
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_width(cell: &Cell, long_range: &LongRange, width: f64) -> Result<Self> {
        let epsilon = long_range.check()?;
        let length = |k: &Vector3<f64>| k.dot(&(epsilon * k)).sqrt();
        let reciprocal = reduced(cell.reciprocal(), &length);
        // No place of the first zone is farther from its centre.
        let zone =
            0.5 * (0..3).map(|a| length(&reciprocal.column(a).into_owned()).powi(2)).sum::<f64>().sqrt();
        let reach = (END * width).sqrt() + zone;
        let sphere = 4.0 / 3.0 * std::f64::consts::PI * reach.powi(3) / epsilon.determinant().sqrt();
        let n_waves = sphere / reciprocal.determinant().abs();
        if n_waves.is_nan() || n_waves > MOST_WAVES {
            let what = format!("a sum over {n_waves:.1e} vectors of the reciprocal lattice");
            return Err(Error::value(what, "a tensor whose principal values are more alike").of("dielectric"));
        }
        let to_reciprocal = reciprocal.try_inverse().unwrap_or_else(Matrix3::identity);
        // |n_a| ≤ reach · |row a of (ε^{1/2} B)⁻¹|.
        let root = epsilon.try_inverse().unwrap_or_else(Matrix3::identity);
        let span: [i32; 3] = std::array::from_fn(|a| {
            let row = to_reciprocal.row(a).transpose();
            (reach * row.dot(&(root * row)).sqrt()).floor() as i32
        });
        let mut waves = Vec::new();
        for n in -span[0]..=span[0] {
            for m in -span[1]..=span[1] {
                for l in -span[2]..=span[2] {
                    let first = [n, m, l].into_iter().find(|x| *x != 0);
                    let g = reciprocal * Vector3::new(n, m, l).map(f64::from);
                    if first.is_some_and(|x| x > 0) && length(&g) <= reach {
                        waves.push((length(&g), g));
                    }
                }
            }
        }
        sort_by(&mut waves, |a, b| a.0.total_cmp(&b.0));
        let sites: Vec<Vector3<f64>> = (0..cell.len()).map(|s| cell.cartesian(s)).collect();
        let factor = long_range.factor.filter(|x| (x / COULOMB_EV_A - 1.0).abs() < 0.01);
        let coulomb = factor.unwrap_or(COULOMB_EV_A);
        let mut part = DipoleDipole {
            long_range: LongRange { factor: Some(coulomb), dielectric: epsilon, ..long_range.clone() },
            lattice: cell.lattice,
            origins: sites.clone(),
            own: vec![Matrix3::zeros(); sites.len()],
            bonds: vec![],
            sites,
            prefactor: 4.0 * std::f64::consts::PI * coulomb / cell.volume(),
            width,
            waves: waves.into_iter().map(|w| w.1).collect(),
            reciprocal,
            to_reciprocal,
            moments: OnceLock::new(),
        };
        part.obey_sum_rule();
        Ok(part)
    }

    /// Σ_s' Φ_ss'(0) of each atom, eV/Å², of what there is so far.
    fn totals(&self) -> Vec<Matrix3<f64>> {
        let n = self.sites.len();
        let at = self.at(&Vector3::zeros(), None);
        let total = |s: usize| -> Matrix3<f64> {
            (0..n).map(|t| at.fixed_view::<3, 3>(3 * s, 3 * t).map(|z: C64| z.re)).sum()
        };
        (0..n).map(total).collect()
    }

    /// The same with the whole sum rule on the diagonal, which is not symmetric where the crystal does not make it so, and
    /// nothing on pairs: as `rgd_blk` of Quantum ESPRESSO has it.
    #[must_use]
    pub fn with_whole_diagonal(mut self) -> Self {
        self.bonds.clear();
        self.own.iter_mut().for_each(|own| *own = Matrix3::zeros());
        self.own = self.totals().into_iter().map(|total| -total).collect();
        self.moments = OnceLock::new();
        self
    }

    /// The diagonal from the sum rule Σ_s' Φ_ss'(0) = 0. It must be symmetric; where the crystal's symmetry does not make
    /// it so, what is antisymmetric, B_s with Σ_s B_s = 0, goes onto the nearest neighbours: −(B_s − B_s')/n on each pair.
    fn obey_sum_rule(&mut self) {
        let n = self.sites.len();
        let totals = self.totals();
        let odd: Vec<Matrix3<f64>> = totals.iter().map(|m| (m - m.transpose()) * 0.5).collect();
        for (own, m) in self.own.iter_mut().zip(&totals) {
            *own = -(m + m.transpose()) * 0.5;
        }
        if odd.iter().all(|b| b.amax() < ROUNDING) {
            return;
        }
        for i in 0..n {
            for j in (0..n).filter(|j| *j != i) {
                let images = nearest_images(&self.lattice, &(self.sites[j] - self.sites[i]));
                let phi = -(odd[i] - odd[j]) / (n * images.len()) as f64;
                self.bonds.extend(images.into_iter().map(|vector| Bond { i, j, vector, phi }));
            }
        }
    }

    /// The same with the atoms in another order and the periodic phase e^{iq·R} instead of e^{iq·(R+τ'−τ)}.
    #[must_use]
    pub fn periodic(&self, order: &[usize]) -> Self {
        let rank = |atom: usize| order.iter().position(|s| *s == atom).unwrap_or(atom);
        let mut part = self.clone();
        part.long_range.born = order.iter().map(|s| self.long_range.born[*s]).collect();
        part.sites = order.iter().map(|s| self.sites[*s]).collect();
        part.own = order.iter().map(|s| self.own[*s]).collect();
        part.origins = vec![Vector3::zeros(); order.len()];
        for bond in &mut part.bonds {
            bond.vector -= self.sites[bond.j] - self.sites[bond.i];
            (bond.i, bond.j) = (rank(bond.i), rank(bond.j));
        }
        part.moments = OnceLock::new();
        part
    }

    /// Number of atoms.
    pub fn n_atoms(&self) -> usize {
        self.sites.len()
    }

    /// The same wave vector in the first zone, Å⁻¹.
    pub fn to_first_zone(&self, q: &Vector3<f64>) -> Vector3<f64> {
        let length = |k: &Vector3<f64>| k.dot(&(self.long_range.dielectric * k));
        let start = q - self.reciprocal * (self.to_reciprocal * q).map(f64::round);
        let mut best = (length(&start), start);
        for n in 0..27 {
            let step = Vector3::new(n / 9 - 1, n / 3 % 3 - 1, n % 3 - 1).map(f64::from);
            let k = start - self.reciprocal * step;
            let size = length(&k);
            // Of places that are equally near, the first: which one is rounding.
            if size < best.0 * (1.0 - 1e-12) {
                best = (size, k);
            }
        }
        best.1
    }

    /// √(q·ε·q).
    pub fn length(&self, q: &Vector3<f64>) -> f64 {
        q.dot(&(self.long_range.dielectric * q)).sqrt()
    }

    /// exp(−K·ε·K/4Λ²)/(K·ε·K) times the prefactor; zero where K has no direction.
    pub fn weight(&self, k: &Vector3<f64>) -> f64 {
        if k.norm_squared() < NO_DIRECTION * NO_DIRECTION {
            return 0.0;
        }
        let x = k.dot(&(self.long_range.dielectric * k));
        self.prefactor * (-x / self.width).exp() / x
    }

    /// Φ(q), 3n × 3n, eV/Å², Hermitian; q Cartesian, Å⁻¹. `towards`: the direction from which q comes to a point of the
    /// reciprocal lattice.
    pub fn at(&self, q: &Vector3<f64>, towards: Option<&Vector3<f64>>) -> DMatrix<C64> {
        let n = self.n_atoms();
        let reduced = self.to_first_zone(q);
        let mut phi = DMatrix::zeros(3 * n, 3 * n);
        let mut column = vec![C64::from(0.0); 3 * n];
        let mut add = |k: &Vector3<f64>, g: &Vector3<f64>, weight: f64| {
            for s in 0..n {
                let phase = C64::cis(g.dot(&self.sites[s]));
                let z = self.long_range.born[s].tr_mul(k);
                for a in 0..3 {
                    column[3 * s + a] = phase * z[a];
                }
            }
            for j in 0..3 * n {
                let factor = column[j].conj() * weight;
                for i in 0..3 * n {
                    phi[(i, j)] += column[i] * factor;
                }
            }
        };
        let none = Vector3::zeros();
        match towards.filter(|_| reduced.norm() < NO_DIRECTION) {
            Some(n) if n.norm() > 0.0 => {
                add(n, &none, self.prefactor / n.dot(&(self.long_range.dielectric * n)))
            }
            _ => add(&reduced, &none, self.weight(&reduced)),
        }
        // All of them at every q: what a shorter list leaves out of the sum rule is more than sound near Γ has.
        for g in &self.waves {
            for g in [*g, -g] {
                let k = reduced + g;
                add(&k, &g, self.weight(&k));
            }
        }
        for s in 0..n {
            for a in 0..3 {
                for b in 0..3 {
                    phi[(3 * s + a, 3 * s + b)] += self.own[s][(a, b)];
                }
            }
        }
        let turns: Vec<C64> = (0..n).map(|s| C64::cis(self.turn(s, q, &reduced))).collect();
        for s in 0..n {
            for t in 0..n {
                let turn = turns[s].conj() * turns[t];
                phi.view_mut((3 * s, 3 * t), (3, 3)).iter_mut().for_each(|x| *x *= turn);
            }
        }
        for bond in &self.bonds {
            let phase = C64::cis(q.dot(&bond.vector));
            for a in 0..3 {
                for b in 0..3 {
                    phi[(3 * bond.i + a, 3 * bond.j + b)] += phase * bond.phi[(a, b)];
                }
            }
        }
        phi
    }

    /// G as a sum of whole steps along the reduced reciprocal vectors.
    pub fn steps(&self, g: &Vector3<f64>) -> [i32; 3] {
        (self.to_reciprocal * g).map(|x| x.round() as i32).into()
    }

    /// A reduced reciprocal vector, Å⁻¹.
    pub fn step(&self, axis: usize) -> Vector3<f64> {
        self.reciprocal.column(axis).into_owned()
    }

    /// The phase of atom s that carries Φ from `reduced` to q: Φ_ss' takes e^{i(turn(s') − turn(s))}.
    pub fn turn(&self, s: usize, q: &Vector3<f64>, reduced: &Vector3<f64>) -> f64 {
        q.dot(&self.origins[s]) - reduced.dot(&self.sites[s])
    }
}

/// Vectors that span the same lattice and are as short as steps of one along another make them.
fn reduced(mut vectors: Matrix3<f64>, length: &dyn Fn(&Vector3<f64>) -> f64) -> Matrix3<f64> {
    // Every step shortens one of them; crystals need a handful.
    for _ in 0..1000 {
        let mut better = None;
        for a in 0..3 {
            let own = vectors.column(a).into_owned();
            for n in 0..9 {
                let [m, l] = [n / 3 - 1, n % 3 - 1].map(f64::from);
                let other = own + vectors.column((a + 1) % 3) * m + vectors.column((a + 2) % 3) * l;
                if length(&other) < length(&own) * (1.0 - 1e-9) {
                    better = Some((a, other));
                }
            }
        }
        match better {
            Some((a, vector)) => vectors.set_column(a, &vector),
            None => break,
        }
    }
    vectors
}
