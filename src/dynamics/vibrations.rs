//! The vibrations of a crystal at one wave vector: levels of D(q) with their vectors.

use nalgebra::{Complex, DMatrix, Vector3};

use super::bands::signed_sqrt;
use super::dynamical_matrix_towards;
use crate::base::order::order_by;
use crate::crystal::Crystal;
use crate::ifc::ForceConstants;
use crate::units::{HBAR_OMEGA_EV, THZ};

type C64 = Complex<f64>;

/// Levels of D(q) and their vectors.
#[derive(Debug, Clone)]
pub struct Vibrations {
    /// Eigenvalues of D(q), eV/(Å² amu), ascending behind the translations; negative where the crystal is unstable.
    pub levels: Vec<f64>,
    /// Orthonormal columns e, mass-weighted: atom s of the cell at R moves by
    /// Re{e_s/√m_s exp(i q·(R + τ_s) − iωt)}. The largest component of a column is real and positive.
    pub vectors: DMatrix<C64>,
    /// How many of the first levels are the crystal moved as a whole: three where q is a point of the reciprocal lattice.
    pub translations: usize,
}

impl Vibrations {
    /// Those at `q` (Cartesian, Å⁻¹, with the 2π), for the masses of the crystal's primitive cell. At a point of the
    /// reciprocal lattice the translations are taken out exactly, √m_s exp(−iq·τ_s) along x, y, z, with the level zero; in a
    /// polar crystal longitudinal modes have no field there unless q comes from somewhere, `towards`.
    pub fn new(
        crystal: &Crystal,
        fc: &ForceConstants,
        q: &Vector3<f64>,
        towards: Option<&Vector3<f64>>,
    ) -> Self {
        let masses = &crystal.primitive.masses;
        let mut matrix = dynamical_matrix_towards(fc, masses, q, towards);
        let n = matrix.nrows();
        let translations = if crystal.is_reciprocal_point(q) { 3 } else { 0 };
        let total: f64 = masses.iter().sum();
        let shifts = DMatrix::from_fn(n, translations, |i, a| {
            let s = i / 3;
            let size = if i % 3 == a { (masses[s] / total).sqrt() } else { 0.0 };
            C64::from_polar(size, -q.dot(&crystal.primitive.cartesian(s)))
        });
        if translations > 0 {
            // Far above all others, where they are told apart.
            let above = 4.0 * matrix.norm() + 1.0;
            matrix += &shifts * shifts.adjoint() * C64::from(above);
        }
        let eigen = matrix.symmetric_eigen();
        let order = order_by(n, &mut |a, b| eigen.eigenvalues[a].total_cmp(&eigen.eigenvalues[b]));
        let kept = &order[..n - translations];
        let mut levels = vec![0.0; translations];
        levels.extend(kept.iter().map(|&k| eigen.eigenvalues[k]));
        let vectors = DMatrix::from_fn(n, n, |i, j| match j.checked_sub(translations) {
            None => shifts[(i, j)],
            Some(j) => eigen.eigenvectors[(i, kept[j])],
        });
        let mut all = Vibrations { levels, vectors, translations };
        (0..n).for_each(|j| all.turn(j));
        all
    }

    /// THz; an imaginary one is negative.
    pub fn frequency(&self, j: usize) -> f64 {
        THZ * signed_sqrt(self.levels[j])
    }

    /// ħω, eV; an imaginary one is negative.
    pub fn energy(&self, j: usize) -> f64 {
        HBAR_OMEGA_EV * signed_sqrt(self.levels[j])
    }

    /// Levels that are equal within rounding, as ranges one after the other; the translations are one.
    pub fn sets(&self) -> Vec<std::ops::Range<usize>> {
        /// Of the largest level.
        const EQUAL: f64 = 1e-11;
        let largest = self.levels.iter().fold(0.0_f64, |m, l| m.max(l.abs()));
        let mut sets: Vec<std::ops::Range<usize>> = vec![];
        for j in 0..self.levels.len() {
            let moves = j < self.translations;
            match sets.last_mut() {
                Some(set)
                    if moves
                        || set.start >= self.translations
                            && self.levels[j] - self.levels[j - 1] <= EQUAL * largest =>
                {
                    set.end = j + 1;
                }
                _ => sets.push(j..j + 1),
            }
        }
        sets
    }

    /// Chooses the vectors of a set of equal levels so that the first one is all of the set that `v` (length 3n) has a
    /// part of, and the others are at right angles to `v`.
    pub fn align(&mut self, set: &std::ops::Range<usize>, v: &nalgebra::DVector<C64>) {
        let columns = self.vectors.columns(set.start, set.len()).into_owned();
        let parts = columns.ad_mul(v);
        let norm = parts.norm();
        if set.len() < 2 || norm <= 1e-9 * v.norm() {
            return;
        }
        // The reflection that takes the direction of the parts to the first axis is its own inverse.
        let mut mirror = parts / C64::from(norm);
        let first = mirror[0];
        let phase = if first.norm() > 0.0 { first / first.norm() } else { C64::new(1.0, 0.0) };
        mirror[0] += phase;
        let scale = 2.0 / mirror.norm_squared();
        let reflected = &columns - &columns * &mirror * mirror.adjoint() * C64::from(scale);
        self.vectors.columns_mut(set.start, set.len()).copy_from(&reflected);
        set.clone().for_each(|j| self.turn(j));
    }

    /// Makes the largest component of a vector real and positive: the phase of a mode means nothing. Of components that
    /// are equal within rounding it is the first.
    fn turn(&mut self, j: usize) {
        let largest = self.vectors.column(j).iter().map(|z| z.norm()).fold(0.0, f64::max);
        let Some(z) = self.vectors.column(j).iter().copied().find(|z| z.norm() > (1.0 - 1e-9) * largest)
        else {
            return;
        };
        let back = z.conj() / z.norm();
        if back.is_finite() {
            self.vectors.column_mut(j).iter_mut().for_each(|z| *z *= back);
        }
    }
}
