//! Constants by the parameters of a potential, for a fit: all parameters are p = base + D x.
//!
//! x is of order one: a parameter in units of its start, or, of a network, the combinations of weights that the constants
//! feel at the start.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector, Matrix3, Vector3};

use super::FIELD;
use super::build::Built;
use crate::fit::{Chart, Problem};
use crate::ifc::IrreducibleBasis;
use crate::job::Job;
use crate::potential::{Family, Potential, Surroundings};
use crate::{Error, Result};

/// A potential whose parameters a fit moves.
pub struct Refined {
    /// With the parameters of the start.
    pub potential: Potential,
    pub(super) around: Surroundings,
    pub(super) reference: Option<&'static str>,
    pairs: Vec<(usize, usize, Vector3<i32>)>,
    /// What charges add to Φ of each pair beside the dipole–dipole part, eV/Å²: no parameter moves it.
    near: Vec<Matrix3<f64>>,
    /// θ by the elements of Φ of `pairs`.
    projection: DMatrix<f64>,
    base: DVector<f64>,
    /// All parameters by x.
    directions: DMatrix<f64>,
    start: Vec<f64>,
    /// Which parameter each x is.
    free: Vec<usize>,
    has_charges: bool,
}

impl Refined {
    pub(super) fn new(job: &Job, built: Built, basis: &IrreducibleBasis) -> Result<Self> {
        let wanted = job.potential.as_ref().and_then(|p| p.free.as_ref());
        if matches!(built.potential.family, Family::Network(_)) {
            return match wanted {
                Some(_) => {
                    let what = "names of weights, of which a fit moves combinations";
                    Err(Error::job(&format!("{FIELD}.free"), what, "nothing here, for a network"))
                }
                None => Self::of_network(built, basis),
            };
        }
        let Built { potential, around, reference, .. } = built;
        let free = free(&potential, wanted)?;
        let pairs: Vec<_> = basis.representatives().into_iter().map(|r| (r.i, r.j, r.cell)).collect();
        let n = potential.parameters.len();
        let mut base = DVector::from_vec(potential.values());
        let mut directions = DMatrix::zeros(n, free.len());
        let mut start = vec![];
        for (k, &p) in free.iter().enumerate() {
            let parameter = &potential.parameters[p];
            directions[(p, k)] = parameter.size;
            base[p] = 0.0;
            start.push(parameter.value / parameter.size);
        }
        Ok(Refined {
            projection: basis.from_representatives(),
            has_charges: basis.family.long_range().is_some(),
            potential,
            around,
            reference,
            near: near(basis, &pairs),
            pairs,
            base,
            directions,
            start,
            free,
        })
    }

    /// Of a network, whose weights are many more than what the constants can tell: those combinations move that change the
    /// constants at the start, to first order; one of each is as large as the largest constant.
    fn of_network(built: Built, basis: &IrreducibleBasis) -> Result<Self> {
        let Built { potential, around, reference, .. } = built;
        let pairs: Vec<_> = basis.representatives().into_iter().map(|r| (r.i, r.j, r.cell)).collect();
        let n = potential.parameters.len();
        let mut refined = Refined {
            projection: basis.from_representatives(),
            has_charges: basis.family.long_range().is_some(),
            base: DVector::from_vec(potential.values()),
            potential,
            around,
            reference,
            near: near(basis, &pairs),
            pairs,
            directions: DMatrix::identity(n, n),
            start: vec![],
            free: vec![],
        };
        let weights: Vec<f64> = vec![0.0; n];
        let (theta, jacobian) = refined.at(&weights).ok_or_else(|| {
            Error::job(&format!("{FIELD}.start"), "a network without finite forces", "another start")
        })?;
        let largest = theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
        let svd = jacobian.svd(false, true);
        let (sizes, rows) = (svd.singular_values, svd.v_t.unwrap_or_else(|| DMatrix::zeros(0, n)));
        let felt: Vec<usize> = (0..rows.nrows()).filter(|&k| sizes[k] > FELT * sizes.amax()).collect();
        let columns: Vec<DVector<f64>> =
            felt.iter().map(|&k| rows.row(k).transpose() * (largest / sizes[k])).collect();
        refined.directions = DMatrix::from_columns(&columns);
        refined.start = vec![0.0; columns.len()];
        Ok(refined)
    }

    /// Where a fit starts.
    pub fn start(&self) -> &[f64] {
        &self.start
    }

    /// Names of what is fitted.
    pub fn names(&self) -> Vec<String> {
        if self.free.is_empty() {
            return (0..self.start.len()).map(|k| format!("combination {}", k + 1)).collect();
        }
        self.free.iter().map(|&p| self.potential.parameters[p].name.clone()).collect()
    }

    /// All parameters.
    pub fn parameters(&self, x: &[f64]) -> Vec<f64> {
        (&self.base + &self.directions * DVector::from_column_slice(x)).iter().copied().collect()
    }

    /// x of which `p` are all parameters; those that are not fitted stay.
    ///
    /// # Errors
    /// Not one finite number for each parameter.
    pub(in crate::run) fn fitted(&self, p: &[f64]) -> Result<Vec<f64>> {
        let n = self.potential.parameters.len();
        if p.len() != n || p.iter().any(|v| !v.is_finite()) {
            let what = format!("{} numbers", p.len());
            return Err(Error::value(
                what,
                format!("{n} finite numbers, one for each parameter of the potential"),
            ));
        }
        if !self.free.is_empty() {
            return Ok(self.free.iter().map(|&k| p[k] / self.potential.parameters[k].size).collect());
        }
        // The directions of a network are at right angles.
        let off = DVector::from_column_slice(p) - &self.base;
        Ok(self.directions.column_iter().map(|d| d.dot(&off) / d.norm_squared()).collect())
    }

    /// The constants at x.
    ///
    /// # Errors
    /// Parameters without finite constants.
    pub(in crate::run) fn constants(&self, x: &[f64]) -> Result<Vec<f64>> {
        let p = self.parameters(x);
        let theta = self.theta_of(&self.around.force_constants(&self.potential, &p, &self.pairs));
        let finite = theta.iter().all(|t| t.is_finite() && t.abs() <= 1e6);
        finite.then_some(theta).ok_or_else(|| {
            Error::value("force constants that are no numbers", "parameters of a crystal that holds")
        })
    }

    fn theta_of(&self, phi: &[Matrix3<f64>]) -> Vec<f64> {
        let whole = phi.iter().zip(&self.near).map(|(phi, near)| phi + near);
        let elements = whole.flat_map(|m| m.transpose().iter().copied().collect::<Vec<_>>());
        let all = DVector::from_iterator(9 * phi.len(), elements);
        (&self.projection * all).iter().copied().collect()
    }

    /// All parameters by x: a column for each.
    pub(super) fn directions(&self) -> &DMatrix<f64> {
        &self.directions
    }

    /// How parameter `p` moves with x.
    pub(in crate::run) fn direction(&self, p: usize) -> Vec<f64> {
        self.directions.row(p).iter().copied().collect()
    }

    /// Ranges of parameters that have names of their own: beyond, a family has become another one, as where an exponential
    /// function is a straight line.
    pub(super) fn usual_ranges(&self) -> Vec<(usize, [f64; 2])> {
        const FACTOR: f64 = 20.0;
        if matches!(self.potential.family, Family::Eam(_) | Family::Network(_)) {
            return vec![];
        }
        let positive = self.start.iter().enumerate().filter(|(_, x)| **x > 0.0);
        positive.map(|(k, x)| (k, [x / FACTOR, x * FACTOR])).collect()
    }

    /// Number of a free parameter with its unit of measure.
    pub(super) fn free_parameter(&self, name: &str, of: &str) -> Result<(usize, f64)> {
        let number = self.free.iter().position(|&p| self.potential.parameters[p].name == name);
        let number = number.ok_or_else(|| {
            let expected = format!("one of {}", self.names().join(", "));
            Error::job(&format!("{FIELD}.{of}.{name}"), "no parameter that is fitted", expected)
        })?;
        Ok((number, self.potential.parameters[self.free[number]].size))
    }

    pub(super) fn theta_at_start(&self) -> Result<Vec<f64>> {
        let field = format!("{FIELD}.parameters");
        self.constants(&self.start).map_err(|_| {
            let what = "force constants that are no numbers, or beyond 10⁶ eV/Å²";
            Error::job(&field, what, "parameters of a crystal that holds")
        })
    }
}

/// Of the strongest combination of weights: what moves the constants less does not move.
const FELT: f64 = 1e-3;

/// What the dipole–dipole part leaves out of the forces of charges; nothing without charges.
fn near(basis: &IrreducibleBasis, pairs: &[(usize, usize, Vector3<i32>)]) -> Vec<Matrix3<f64>> {
    let Some(part) = basis.family.long_range() else { return vec![Matrix3::zeros(); pairs.len()] };
    let of = |&(i, j, cell): &(usize, usize, Vector3<i32>)| {
        part.near(i, j, &(part.lattice * cell.map(f64::from) + part.sites[j] - part.sites[i]))
    };
    pairs.iter().map(of).collect()
}

/// Which parameters a fit moves.
fn free(potential: &Potential, wanted: Option<&Vec<String>>) -> Result<Vec<usize>> {
    let all = &potential.parameters;
    let Some(wanted) = wanted else {
        return Ok((0..all.len()).filter(|&p| all[p].is_free).collect());
    };
    let mut out: Vec<usize> = vec![];
    for (n, name) in wanted.iter().enumerate() {
        let field = format!("{FIELD}.free[{n}]");
        let number = all.iter().position(|p| p.name == *name).ok_or_else(|| {
            let names = all.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ");
            Error::job(&field, format!("no parameter '{name}'"), format!("one of {names}"))
        })?;
        if out.contains(&number) {
            return Err(Error::job(&field, format!("'{name}' again"), "each parameter once"));
        }
        out.push(number);
    }
    if out.is_empty() {
        return Err(Error::job(
            &format!("{FIELD}.free"),
            "nothing is left to fit",
            "a parameter that is free",
        ));
    }
    Ok(out)
}

impl Chart for Refined {
    fn n_parameters(&self) -> usize {
        self.directions.ncols()
    }

    fn at(&self, x: &[f64]) -> Option<(Vec<f64>, DMatrix<f64>)> {
        let p = self.parameters(x);
        let found =
            self.around.force_constants_with_slopes(&self.potential, &p, &self.directions, &self.pairs);
        let n = self.directions.ncols();
        let mut all = DMatrix::zeros(9 * found.len(), n + 1);
        for (o, (phi, slopes)) in found.iter().enumerate() {
            for k in 0..9 {
                let at = (k / 3, k % 3);
                all[(9 * o + k, 0)] = phi[at] + self.near[o][at];
                slopes.iter().enumerate().for_each(|(s, m)| all[(9 * o + k, s + 1)] = m[at]);
            }
        }
        let out = &self.projection * all;
        out.iter()
            .all(|v| v.is_finite())
            .then(|| (out.column(0).iter().copied().collect(), out.columns(1, n).into_owned()))
    }

    fn stiffer(&self, x: &[f64], factor: f64) -> Vec<f64> {
        if self.free.is_empty() {
            return x.to_vec();
        }
        let scales = |p: usize| self.potential.parameters[p].is_energy;
        self.free.iter().zip(x).map(|(&p, x)| if scales(p) { x * factor } else { *x }).collect()
    }

    fn energy_and_pressure(&self, x: &[f64]) -> Option<[(f64, Vec<f64>); 2]> {
        if self.has_charges {
            return None;
        }
        let p = self.parameters(x);
        let (energy, pressure) = self.around.energy_and_pressure(&self.potential, &p);
        let slopes: Vec<(f64, f64)> = self
            .directions
            .column_iter()
            .map(|d| self.around.energy_and_pressure_slopes(&self.potential, &p, d.as_slice()))
            .collect();
        Some([
            (energy, slopes.iter().map(|s| s.0).collect()),
            (pressure, slopes.iter().map(|s| s.1).collect()),
        ])
    }
}

/// Has a problem follow a potential.
pub(in crate::run) fn follow(problem: &mut Problem, refined: Option<&Arc<Refined>>) {
    problem.chart = refined.map(|refined| refined.clone() as Arc<dyn Chart>);
}
