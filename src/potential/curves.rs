//! The functions that a potential consists of, as curves, with their derivatives to the parameters.
//!
//! Pair energy φ(r), density ρ(r) and embedding F(ρ̄) of pairs and embedded atoms, the energy of two bonds by their angle, and,
//! for a network, which has no functions of one distance, the energy of an atom while the whole crystal is stretched.

use nalgebra::{DMatrix, Vector3};
use num_dual::HyperDual;

use super::crystal::Surroundings;
use super::{Family, Number, Potential, WithSlope};

/// What a curve shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurveKind {
    /// φ, eV, by the distance in Å.
    Pair,
    /// What a neighbour adds to the density at an atom, by the distance in Å; eV² of Gupta, else a pure number.
    Density,
    /// F, eV, by the density at an atom.
    Embedding,
    /// eV of two bonds as long as the shortest of the crystal, by the angle between them in degrees.
    Angle,
    /// eV per atom, by the factor of all distances.
    Stretch,
}

/// One function of a potential and where it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// What it shows.
    pub kind: CurveKind,
    /// Numbers of the elements: of a pair both, of a density the atom that has it and the neighbour, else the same twice; of tables, where
    /// an atom adds the same at all others, that atom twice.
    pub elements: [usize; 2],
    /// From where to where.
    pub ends: [f64; 2],
    /// Where the crystal is: distances of its neighbours, its density, angles between nearest neighbours, one.
    pub marks: Vec<f64>,
}

/// Curves begin at this part of the shortest distance of the crystal.
const NEAR: f64 = 0.95;
/// Densities are drawn over this range, in units of that at an atom.
const DENSITIES: [f64; 2] = [0.4, 1.6];
/// Å: distances that differ by less are one shell.
const SHELL: f64 = 1e-3;
/// How far the crystal is stretched.
pub(super) const STRETCHED: [f64; 2] = [0.95, 1.07];
/// At so many places.
const STRETCHES: usize = 37;

impl Surroundings {
    /// The curves of a potential, where it is drawn with the parameters `p`.
    pub fn curves(&self, potential: &Potential, p: &[f64]) -> Vec<Curve> {
        let mut out = vec![];
        if matches!(potential.family, Family::Network(_)) {
            let kind = CurveKind::Stretch;
            return vec![Curve { kind, elements: [0, 0], ends: STRETCHED, marks: vec![1.0] }];
        }
        let nearest = self.nearest();
        let range = [NEAR * nearest, potential.range];
        let n = potential.elements.len();
        for high in 0..n {
            for low in (0..=high).filter(|low| potential.has_forces_between(*low, high)) {
                let (kind, elements) = (CurveKind::Pair, [low, high]);
                out.push(Curve { kind, elements, ends: range, marks: self.shells(potential, low, high) });
            }
        }
        if matches!(potential.family, Family::StillingerWeber) {
            let marks = self.angles();
            out.push(Curve { kind: CurveKind::Angle, elements: [0, 0], ends: [0.0, 180.0], marks });
        }
        if potential.family.n_features() < 2 {
            return out;
        }
        let features = self.features(potential, p);
        let by_tables = matches!(potential.family, Family::Eam(_));
        for by in 0..n {
            // Of tables, what an atom adds is the same at all others.
            for of in if by_tables { by..=by } else { 0..=by } {
                let (kind, elements) = (CurveKind::Density, [of, by]);
                let at = if by_tables { 0..n } else { of..of + 1 };
                let marks = distinct(at.flat_map(|a| self.shells(potential, a, by)).collect(), SHELL);
                out.push(Curve { kind, elements, ends: range, marks });
            }
        }
        for of in 0..n {
            let here = self.kinds.iter().zip(&features).filter(|(kind, _)| **kind == of).map(|(_, s)| s[1]);
            let marks = distinct(here.collect(), 1e-9);
            let (least, most) =
                marks.iter().fold((f64::INFINITY, 0.0_f64), |e, m| (e.0.min(*m), e.1.max(*m)));
            if most > 0.0 && least.is_finite() {
                let ends = [DENSITIES[0] * least, DENSITIES[1] * most];
                out.push(Curve { kind: CurveKind::Embedding, elements: [of, of], ends, marks });
            }
        }
        out
    }

    /// Where the values of a curve are taken.
    pub fn places(&self, curve: &Curve, count: usize) -> Vec<f64> {
        let count = if curve.kind == CurveKind::Stretch { STRETCHES } else { count };
        let [from, to] = curve.ends;
        (0..count).map(|k| from + (to - from) * k as f64 / (count - 1) as f64).collect()
    }

    /// The values of a curve.
    pub fn curve(&self, potential: &Potential, p: &[f64], curve: &Curve, x: &[f64]) -> Vec<f64> {
        self.along(potential, p, curve, x)
    }

    /// Their derivatives along directions of the parameters, the columns of `directions`: a list for each.
    pub fn curve_slopes(
        &self,
        potential: &Potential,
        p: &[f64],
        directions: &DMatrix<f64>,
        curve: &Curve,
        x: &[f64],
    ) -> Vec<Vec<f64>> {
        let of = |direction: nalgebra::DVectorView<f64>| -> Vec<f64> {
            let p: Vec<WithSlope> =
                p.iter().zip(direction.iter()).map(|(x, d)| WithSlope::new(*x, *d)).collect();
            self.along(potential, &p, curve, x).iter().map(|v| v.eps).collect()
        };
        directions.column_iter().map(of).collect()
    }

    fn along<T: Number>(&self, potential: &Potential, p: &[T], curve: &Curve, x: &[f64]) -> Vec<T> {
        if curve.kind == CurveKind::Stretch {
            return self.stretched(potential, p, x);
        }
        let nearest = self.nearest();
        x.iter().map(|x| potential.curve_at(p, curve, T::from(*x), nearest)).collect()
    }

    /// Energy of an atom, on average, of the crystal stretched by factors; only of features that no parameter moves.
    fn stretched<T: Number>(&self, potential: &Potential, p: &[T], factors: &[f64]) -> Vec<T> {
        let all = self.stretched.get_or_init(|| {
            let of = |factor: &f64| {
                let lists = self.wide.iter().enumerate();
                lists.map(|(i, list)| self.values(potential, &[], i, list, *factor)).collect()
            };
            self.places(
                &Curve { kind: CurveKind::Stretch, elements: [0, 0], ends: STRETCHED, marks: vec![] },
                STRETCHES,
            )
            .iter()
            .map(|factor| (*factor, of(factor)))
            .collect()
        });
        let energy = |factor: &f64| {
            let known = all.iter().find(|(at, _)| at == factor).map(|(_, features)| features);
            let Some(features) = known else { return T::from(f64::NAN) };
            let lifted = |s: &Vec<f64>| s.iter().map(|v| T::from(*v)).collect::<Vec<T>>();
            let sum = features.iter().zip(&self.kinds);
            let sum = sum.fold(T::zero(), |sum, (s, kind)| sum + potential.site(p, *kind, &lifted(s)));
            sum / features.len() as f64
        };
        factors.iter().map(energy).collect()
    }

    /// Å: the shortest distance.
    pub fn nearest(&self) -> f64 {
        self.neighbours.iter().flatten().map(|n| n.vector.norm()).fold(f64::INFINITY, f64::min)
    }

    /// Å: distances between atoms of two elements within the range.
    fn shells(&self, potential: &Potential, a: usize, b: usize) -> Vec<f64> {
        let own = self.neighbours.iter().zip(&self.kinds).filter(|(_, kind)| **kind == a);
        let all = own.flat_map(|(list, _)| list).filter(|n| self.kinds[n.atom] == b);
        let within = all.map(|n| n.vector.norm()).filter(|r| *r < potential.range);
        distinct(within.collect(), SHELL)
    }

    /// Degrees: angles between nearest neighbours of an atom.
    fn angles(&self) -> Vec<f64> {
        let nearest = self.nearest();
        let mut out = vec![];
        for list in &self.neighbours {
            let near: Vec<Vector3<f64>> =
                list.iter().map(|n| n.vector).filter(|v| v.norm() < nearest + SHELL).collect();
            for (n, a) in near.iter().enumerate() {
                out.extend(near[..n].iter().map(|b| a.angle(b).to_degrees()));
            }
        }
        distinct(out, 0.01)
    }
}

/// Ascending, without those that are nearer than `apart` to the one before.
fn distinct(mut all: Vec<f64>, apart: f64) -> Vec<f64> {
    crate::base::order::sort_by(&mut all, f64::total_cmp);
    all.dedup_by(|a, b| (*a - *b).abs() <= apart);
    all
}

impl Potential {
    /// A function of a distance or a density with the parameters `p`: its value, slope and curvature at `x`.
    pub fn function(&self, p: &[f64], kind: CurveKind, elements: [usize; 2], x: f64) -> [f64; 3] {
        let p: Vec<HyperDual<f64>> = p.iter().map(|x| HyperDual::from(*x)).collect();
        let curve = Curve { kind, elements, ends: [x, x], marks: vec![] };
        let found = self.curve_at(&p, &curve, HyperDual::new(x, 1.0, 1.0, 0.0), x);
        [found.re, found.eps1, found.eps1eps2]
    }

    /// Of tables: spacing and end of those of the density, and of those of the distance, Å.
    pub fn grids_of_tables(&self) -> Option<(f64, f64, f64, f64)> {
        let Family::Eam(eam) = &self.family else { return None };
        let ((d_rho, last_rho), (d_r, last_r)) = (eam.embedding[0].grid(), eam.density[0].grid());
        Some((d_rho, last_rho, d_r, last_r))
    }

    /// The value of a curve at `x`; `nearest`: length of the two bonds of an angle, Å. Beyond the range functions go on unless
    /// they are switched off.
    pub(super) fn curve_at<D: Number>(&self, p: &[D], curve: &Curve, x: D, nearest: f64) -> D {
        let [a, b] = curve.elements;
        // Features of pairs are shares of one of the two atoms.
        let unit = if matches!(self.family, Family::StillingerWeber) { p[0] } else { D::one() };
        let mut shares = vec![D::zero(); self.family.n_features()];
        match curve.kind {
            CurveKind::Pair => {
                self.radial(p, a, b, x, &mut shares);
                unit * shares[0] * 2.0
            }
            CurveKind::Density => {
                self.radial(p, a, b, x, &mut shares);
                shares[1]
            }
            CurveKind::Embedding => {
                shares[1] = x;
                self.site(p, a, &shares)
            }
            CurveKind::Angle => {
                let bond = D::from(nearest);
                self.angular(p, bond, bond, (x * (std::f64::consts::PI / 180.0)).cos(), &mut shares);
                unit * shares[0]
            }
            CurveKind::Stretch => D::from(f64::NAN),
        }
    }
}
