//! What is known of the constants besides the data, each a value with its σ: it adds ((f(θ) − value)/σ)² to the
//! objective and its share to the normal equations, as a datum would; and the ranges that constants may have.

use nalgebra::{DMatrix, DVector, Vector3};

use super::chart::known;
use super::normal_equations::Evaluation;
use super::problem::Problem;
use crate::base::order::sort_by;
use crate::base::parallel::Pool;
use crate::dynamics::{elastic_slopes, frequency_slopes};
use crate::ifc::LinearForceConstants;
use crate::scattering::ModelState;

/// A quantity that the constants determine.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    /// Σ c_p θ_p, eV/Å².
    Combination(Vec<f64>),
    /// An elastic constant, GPa, by its place in Voigt notation.
    Elastic {
        /// Row and column from zero.
        at: (usize, usize),
        /// Of the primitive cell, Å³.
        volume: f64,
    },
    /// Some of the frequencies, THz, at one wave vector.
    Frequencies {
        /// Cartesian, Å⁻¹.
        q: Vector3<f64>,
        /// amu, of the atoms of the primitive cell.
        masses: Vec<f64>,
    },
    /// One of the parameters that the constants follow from, times what it is measured in.
    Parameter {
        /// Which.
        number: usize,
        /// Its unit of measure.
        size: f64,
    },
    /// Energy of an atom by a potential, eV.
    Energy,
    /// Pressure by a potential, GPa.
    Pressure,
    /// A third of the trace of ⟨uuᵀ⟩ of an atom at the temperature of a data set, Å².
    Displacement {
        /// Number of the atom in the primitive cell.
        atom: usize,
        /// Number of the data set.
        set: usize,
    },
}

/// Measured or assumed values of a quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Pseudo {
    /// What it is, for people.
    pub names: Vec<String>,
    /// Which function of the constants.
    pub quantity: Quantity,
    /// (value, σ), in the unit of the quantity; several for the frequencies at one wave vector alone.
    pub values: Vec<(f64, f64)>,
}

/// One value beside the model's.
#[derive(Debug, Clone, PartialEq)]
pub struct PseudoDatum {
    /// What is expected of the model.
    pub value: f64,
    /// Its standard deviation.
    pub sigma: f64,
    /// What the model has.
    pub model: f64,
    /// Derivatives of that to the constants.
    pub slopes: Vec<f64>,
}

impl Pseudo {
    /// Value by value what the constants make of it. `displacement`: of an atom in a data set, with its derivatives.
    pub fn data(
        &self,
        family: &LinearForceConstants,
        theta: &[f64],
        displacement: &dyn Fn(usize, usize) -> Option<(f64, Vec<f64>)>,
    ) -> Vec<PseudoDatum> {
        let one = |model: f64, slopes: Vec<f64>| {
            let all = self.values.iter();
            all.map(|&(value, sigma)| PseudoDatum { value, sigma, model, slopes: slopes.clone() }).collect()
        };
        match &self.quantity {
            Quantity::Combination(c) => one(c.iter().zip(theta).map(|(c, t)| c * t).sum(), c.clone()),
            Quantity::Elastic { at, volume } => {
                let (value, slopes) = elastic_slopes(family, theta, *volume);
                one(value[*at], slopes.iter().map(|s| s[*at]).collect())
            }
            // Known to the chart alone.
            Quantity::Parameter { .. } | Quantity::Energy | Quantity::Pressure => vec![],
            Quantity::Displacement { atom, set } => match displacement(*set, *atom) {
                Some((value, slopes)) => one(value, slopes),
                None => vec![],
            },
            Quantity::Frequencies { q, masses } => {
                let levels = frequency_slopes(&family.at(theta), family, masses, q);
                let levels: Vec<_> = assign(&self.values, levels.iter().map(|l| l.0).collect())
                    .into_iter()
                    .map(|k| levels[k].clone())
                    .collect();
                let pairs = self.values.iter().zip(levels);
                pairs
                    .map(|(&(value, sigma), (model, slopes))| PseudoDatum { value, sigma, model, slopes })
                    .collect()
            }
        }
    }
}

/// Which level each frequency is of: different ones, in the order of the frequencies, with the least misfit.
fn assign(values: &[(f64, f64)], levels: Vec<f64>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    sort_by(&mut order, |a, b| values[*a].0.total_cmp(&values[*b].0));
    let (n, m) = (order.len().min(levels.len()), levels.len());
    // least[i][k]: of the first i values among the first k levels.
    let mut least = vec![vec![f64::INFINITY; m + 1]; n + 1];
    least[0].fill(0.0);
    for i in 1..=n {
        let (value, sigma) = values[order[i - 1]];
        for k in i..=m {
            let taken = least[i - 1][k - 1] + ((value - levels[k - 1]) / sigma).powi(2);
            least[i][k] = taken.min(least[i][k - 1]);
        }
    }
    let mut out = vec![0; values.len()];
    let mut k = m;
    for i in (1..=n).rev() {
        while k > i && least[i][k] == least[i][k - 1] {
            k -= 1;
        }
        k -= 1;
        out[order[i - 1]] = k;
    }
    out
}

/// Adds what is known to the objective, to minus half its gradient and to half its curvature.
pub(super) fn add(
    data: &[PseudoDatum],
    objective: &mut f64,
    descent: &mut DVector<f64>,
    fisher: Option<&mut DMatrix<f64>>,
) {
    for datum in data {
        let weight = 1.0 / (datum.sigma * datum.sigma);
        let off = datum.value - datum.model;
        *objective += weight * off * off;
        for (total, slope) in descent.iter_mut().zip(&datum.slopes) {
            *total += weight * off * slope;
        }
    }
    let Some(fisher) = fisher else { return };
    for datum in data {
        let weight = 1.0 / (datum.sigma * datum.sigma);
        for (i, a) in datum.slopes.iter().enumerate().filter(|(_, a)| **a != 0.0) {
            for (j, b) in datum.slopes.iter().enumerate() {
                fisher[(i, j)] += weight * a * b;
            }
        }
    }
}

impl Problem {
    /// What is fitted, for constants that are all so many times as stiff.
    pub fn stiffer(&self, parameters: &[f64], factor: f64) -> Vec<f64> {
        let Some(chart) = known(&self.chart) else { return self.stiffer_constants(parameters, factor) };
        let mut out = chart.stiffer(parameters, factor);
        self.keep_in_bounds(&mut out);
        out
    }

    /// The same whatever they follow from.
    pub fn stiffer_constants(&self, theta: &[f64], factor: f64) -> Vec<f64> {
        let n = theta.len() - usize::from(self.fixed);
        let mut out: Vec<f64> =
            theta.iter().enumerate().map(|(p, t)| if p < n { t * factor } else { *t }).collect();
        if !self.has_chart() {
            self.keep_in_bounds(&mut out);
        }
        out
    }

    /// Moves constants to the ends of the ranges that they are not in, or from which rounding alone parts them.
    pub(super) fn keep_in_bounds(&self, theta: &mut [f64]) {
        for &(p, [least, most]) in &self.bounds {
            theta[p] = theta[p].clamp(least, most);
            for end in [least, most] {
                if end.is_finite() && (theta[p] - end).abs() <= 1e-12 * end.abs() {
                    theta[p] = end;
                }
            }
        }
    }

    /// Constants that a step of the normal equations must not move: what is fixed, and what the misfit pulls over the end
    /// of its range.
    pub fn resting(&self, theta: &[f64], descent: &DVector<f64>) -> Vec<usize> {
        let at_the_end = self.bounds.iter().filter(|(p, [least, most])| {
            (theta[*p] <= *least && descent[*p] < 0.0) || (theta[*p] >= *most && descent[*p] > 0.0)
        });
        let fixed = self.fixed.then(|| theta.len() - 1);
        at_the_end.map(|b| b.0).chain(fixed).collect()
    }

    /// Constants that rest at the ends of their ranges.
    pub fn at_the_end(&self, at: &Evaluation) -> Vec<usize> {
        let rests =
            |(p, ends): &&(usize, [f64; 2])| ends.contains(&at.parameters()[*p]) && at.descent[*p] == 0.0;
        self.bounds.iter().filter(rests).map(|b| b.0).collect()
    }

    /// What is known besides the data, with what the model has; `None` when the crystal is not stable.
    #[cfg_attr(not(feature = "chosen"), allow(unused_variables, unreachable_code))]
    pub async fn pseudo_data(&self, pool: &Pool, parameters: &[f64]) -> Option<Vec<PseudoDatum>> {
        #[cfg(not(feature = "chosen"))]
        return Some(vec![]);
        let (theta, tangent) = self.place(parameters)?;
        let theta = theta.as_slice();
        let mut states: Vec<Option<ModelState>> = vec![None; self.terms.len()];
        for pseudo in &self.known {
            if let Quantity::Displacement { set, .. } = pseudo.quantity
                && states[set].is_none()
            {
                states[set] = Some(self.terms[set].model.state_in(pool, theta).await?);
            }
        }
        let displacement = |set: usize, atom: usize| {
            let state = states[set].as_ref()?;
            Some(self.terms[set].model.one_phonon().isotropic_displacement(state, atom))
        };
        let Some((chart, tangent)) = known(&self.chart).zip(tangent) else {
            return Some(
                self.known.iter().flat_map(|k| k.data(&self.family, theta, &displacement)).collect(),
            );
        };
        let energetic = chart.energy_and_pressure(parameters);
        let all = self.known.iter().flat_map(|pseudo| {
            let same = |(model, slopes): (f64, Vec<f64>)| -> Vec<PseudoDatum> {
                let one = |&(value, sigma)| PseudoDatum { value, sigma, model, slopes: slopes.clone() };
                pseudo.values.iter().map(one).collect()
            };
            match &pseudo.quantity {
                Quantity::Parameter { number, size } => {
                    let slopes = (0..parameters.len()).map(|k| if k == *number { *size } else { 0.0 });
                    same((parameters[*number] * size, slopes.collect()))
                }
                Quantity::Energy => energetic.clone().map_or(vec![], |[energy, _]| same(energy)),
                Quantity::Pressure => energetic.clone().map_or(vec![], |[_, pressure]| same(pressure)),
                _ => {
                    let mut data = pseudo.data(&self.family, theta, &displacement);
                    data.iter_mut().for_each(|d| d.slopes = tangent.pulled(&d.slopes));
                    data
                }
            }
        });
        Some(all.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_go_to_different_levels_in_their_order() {
        let of = |values: &[f64], levels: &[f64]| {
            assign(&values.iter().map(|v| (*v, 0.1)).collect::<Vec<_>>(), levels.to_vec())
        };
        assert_eq!(of(&[2.4, 1.6], &[1.5, 1.5, 2.5]), [2, 0]);
        assert_eq!(of(&[5.0, 5.0], &[4.9, 5.1, 7.0]), [0, 1]);
        assert_eq!(of(&[6.9], &[4.9, 5.1, 7.0]), [2]);
        assert_eq!(of(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), [0, 1, 2]);
    }
}
