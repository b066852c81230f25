//! Weights of a network that makes given force constants, energy and pressure.
//!
//! The symmetry functions do not depend on the weights: with F the energy of an atom, F_k and F_kl its derivatives to them,
//! all that is wanted is linear in (F, F_k, F_kl), and only these depend on the weights. Of the many weights that fit, the
//! damped steps of Gauss and Newton take those near to where they begin.

use nalgebra::{DMatrix, DVector, Vector3};
use num_dual::{Dual, HyperDual};

use super::crystal::Surroundings;
use super::family::Family;
use super::{Network, Number, Potential, WithSlope};
use crate::{Error, Result};

/// What a network is to make of a crystal.
pub struct Wanted {
    /// Force constants θ, eV/Å².
    pub theta: Vec<f64>,
    /// θ by the elements of Φ of `pairs`, row by row.
    pub projection: DMatrix<f64>,
    /// (first atom in cell 0, second atom, its cell).
    pub pairs: Vec<(usize, usize, Vector3<i32>)>,
    /// Of an atom, eV.
    pub energy: f64,
    /// GPa.
    pub pressure: f64,
}

/// Most steps.
const STEPS: usize = 60;
/// Of the largest constant: nearer than this, no more steps are made.
const NEAR: f64 = 1e-5;
/// Of the largest constant: a start that is near enough.
const ENOUGH: f64 = 1e-3;
/// eV/Å² for each eV, and for each GPa, where all of them are weighed.
const WEIGHTS: [f64; 2] = [1.0, 0.02];

/// F, then F_k, then F_kl with k ≤ l.
fn derivatives<T: Number>(potential: &Potential, p: &[T], kind: usize, s: &[f64]) -> Vec<T> {
    let k = s.len();
    let lifted: Vec<HyperDual<T>> = p.iter().map(|x| HyperDual::from_re(*x)).collect();
    let (mut first, mut second, mut value) = (vec![T::zero(); k], vec![], T::zero());
    for a in 0..k {
        for b in a..k {
            let seeded: Vec<HyperDual<T>> = (0..k)
                .map(|f| {
                    let seed = |at: usize| if at == f { T::one() } else { T::zero() };
                    HyperDual::new(T::from(s[f]), seed(a), seed(b), T::zero())
                })
                .collect();
            let energy = potential.site(&lifted, kind, &seeded);
            (value, first[a]) = (energy.re, energy.eps1);
            second.push(energy.eps1eps2);
        }
    }
    [value].into_iter().chain(first).chain(second).collect()
}

/// Weights of `network` with which the crystal is what is wanted, to 10⁻³ of its largest constant; the symmetry functions are scaled for it.
///
/// # Errors
/// No weights are found with which it is.
pub fn fit_network(
    network: Network,
    element: &str,
    cell: &crate::crystal::Cell,
    wanted: &Wanted,
) -> Result<Potential> {
    let start = begin(network, element, cell)?;
    let around = Surroundings::new(cell, &start)?;
    let features = around.features(&start, &[]);
    let map = linear_map(&around, &start, wanted, cell.volume());
    let target = DVector::from_iterator(
        wanted.theta.len() + 2,
        wanted.theta.iter().copied().chain([wanted.energy * WEIGHTS[0], wanted.pressure * WEIGHTS[1]]),
    );
    let largest = wanted.theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
    let mut weights = DVector::from_vec(start.values());
    let value = |w: &DVector<f64>| {
        let all = features.iter().flat_map(|s| derivatives(&start, w.as_slice(), 0, s));
        &map * DVector::from_vec(all.collect())
    };
    let mut off = &target - value(&weights);
    let mut damping = 1e-3;
    for _ in 0..STEPS {
        if off.amax() < NEAR * largest {
            break;
        }
        let jacobian = &map * slopes(&start, &weights, &features);
        let normal = &jacobian * jacobian.transpose();
        let size = normal.diagonal().amax();
        // The damped step, which is a combination of the rows: as many unknowns as there are conditions.
        loop {
            let damped = &normal + DMatrix::identity(off.len(), off.len()) * (damping * size);
            let solved = damped.cholesky().map_or_else(|| DVector::zeros(off.len()), |c| c.solve(&off));
            let next = &weights + jacobian.transpose() * solved;
            let there = &target - value(&next);
            if there.norm() < off.norm() {
                (weights, off) = (next, there);
                damping = (0.1 * damping).max(1e-14);
                break;
            }
            damping *= 10.0;
            if damping > 1e6 {
                break;
            }
        }
    }
    match start.family {
        Family::Network(network) if off.amax() < ENOUGH * largest => {
            Ok(Potential::of_network(*network, element, weights.as_slice()))
        }
        _ => Err(not_found(off.amax())),
    }
}

fn not_found(off: f64) -> Error {
    let what = format!("no weights make the start's force constants (off by {off:.1e} eV/Å²)");
    Error::value(what, "larger layers, or a shorter range of constants").of("layers")
}

/// A network with small weights in a fixed disorder, its functions measured from those of the crystal.
fn begin(mut network: Network, element: &str, cell: &crate::crystal::Cell) -> Result<Potential> {
    let disorder = |k: usize| 2.0 * ((k as f64 + 1.0) * 0.618_033_988_749_895).fract() - 1.0;
    let bare = Potential::of_network(network.clone(), element, &vec![0.0; network.n_weights()]);
    let around = Surroundings::new(cell, &bare)?;
    let values = around.features(&bare, &[]);
    let sizes = around.feature_slopes();
    for (k, scale) in network.scales.iter_mut().enumerate() {
        let centre = values.iter().map(|s| s[k]).sum::<f64>() / values.len() as f64;
        // A tenth of an Å moves each by about one.
        *scale = (centre, (0.2 * sizes[k]).max(1e-3));
    }
    let [one, two] = network.layers;
    let entering = network.n_features();
    let weights: Vec<f64> = (0..network.n_weights())
        .map(|k| {
            let fan = if k < one * (entering + 1) {
                entering
            } else if k < one * (entering + 1) + two * (one + 1) {
                one
            } else {
                two
            };
            disorder(k) / (fan as f64).sqrt()
        })
        .collect();
    Ok(Potential::of_network(network, element, &weights))
}

/// θ, energy and pressure, weighed, by the derivatives of F at all atoms.
fn linear_map(around: &Surroundings, potential: &Potential, wanted: &Wanted, volume: f64) -> DMatrix<f64> {
    let (n, k) = (around.n_atoms(), potential.family.n_features());
    let each = 1 + k + k * (k + 1) / 2;
    let mut map = DMatrix::zeros(wanted.theta.len() + 2, n * each);
    let stretched = around.stretched_features(potential);
    for atom in 0..n {
        let mut column = atom * each;
        map[(wanted.theta.len(), column)] = WEIGHTS[0] / n as f64;
        column += 1;
        let mut add = |first: &[f64], second: &[f64], column: usize| {
            let phi = around.response(atom, first, second, &wanted.pairs);
            let all = DVector::from_iterator(9 * phi.len(), phi.into_iter().flatten());
            map.view_mut((0, column), (wanted.theta.len(), 1)).copy_from(&(&wanted.projection * all));
        };
        for a in 0..k {
            let mut first = vec![0.0; k];
            first[a] = 1.0;
            add(&first, &vec![0.0; k * k], column + a);
        }
        let mut next = column + k;
        for a in 0..k {
            for b in a..k {
                let mut second = vec![0.0; k * k];
                (second[a * k + b], second[b * k + a]) = (1.0, 1.0);
                add(&vec![0.0; k], &second, next);
                next += 1;
            }
        }
        for a in 0..k {
            let pressure = -stretched[atom][a] / (3.0 * volume) * super::GPA_PER_EV_A3;
            map[(wanted.theta.len() + 1, column + a)] = WEIGHTS[1] * pressure;
        }
    }
    map
}

/// How F and its derivatives move with each weight.
fn slopes(potential: &Potential, weights: &DVector<f64>, features: &[Vec<f64>]) -> DMatrix<f64> {
    let columns: Vec<DVector<f64>> = (0..weights.len())
        .map(|w| {
            let p: Vec<WithSlope> = weights
                .iter()
                .enumerate()
                .map(|(n, x)| Dual::new(*x, if n == w { 1.0 } else { 0.0 }))
                .collect();
            let all = features.iter().flat_map(|s| derivatives(potential, &p, 0, s)).map(|d| d.eps);
            DVector::from_vec(all.collect())
        })
        .collect();
    DMatrix::from_columns(&columns)
}
