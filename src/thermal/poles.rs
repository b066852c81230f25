//! g(λ) = ħ/(2√λ) coth(ħ√λ/2k_BT) as a short sum over poles, so that g(D) needs no eigenvalues.
//!
//! g is a Stieltjes function, kT/λ + Σ_n 2kT/(λ + (2πnkT/ħ)²). With y = (ħ/2kT)² λ the part beyond the first pole is
//! kT (ħ/2kT)² h(y), h(y) = 1/(3 + y/(5 + y/(7 + …))) = ⅓ [(1 + yJ)⁻¹]₁₁ with a tridiagonal J. Its first n rows give the
//! Gauss quadrature of the sum over t = 1/(πn)² with n nodes: eigenvalues and first components of the vectors. Weights
//! and poles are positive, and the error falls faster than any power of n (Padé spectrum decomposition: Hu, Xu & Yan,
//! J. Chem. Phys. 133 (2010) 101106).

use std::sync::OnceLock;

use nalgebra::DMatrix;

use super::{Oscillator, Statistics, Thermal};
use crate::lanes::{InRegisters, LANES, Lanes, REGISTERS, same};
use crate::units::{BOLTZMANN_EV_K, HBAR_OMEGA_EV};

/// Relative error of g and of its divided differences.
const ACCURACY: f64 = 2e-13;
/// √y up to which the first set is good; each further one goes √2 times as far.
const FIRST: f64 = 0.5;
/// The last goes to 362: 3 K and 190 meV.
const SETS: usize = 20;

/// weight/(λ + at)
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pole {
    /// The pole is at λ = −`at`.
    pub at: f64,
    /// Not negative; Å² amu times the unit of λ, eV/(Å² amu).
    pub weight: f64,
}

impl Pole {
    /// Writes the poles of g for Φ in packed slots to `out`, the first of them at 0. False where there are too many, or
    /// Φ is not a number.
    pub fn of_block(phi: &[Lanes], thermal: &Thermal, out: &mut Vec<Pole>) -> bool {
        let most =
            if thermal.statistics == Statistics::Classical { 0.0 } else { largest(phi, &thermal.masses) };
        Self::up_to(most, thermal, out)
    }

    /// The same for 0 < λ ≤ `most`.
    fn up_to(most: f64, thermal: &Thermal, out: &mut Vec<Pole>) -> bool {
        static KNOWN: [OnceLock<Vec<Pole>>; SETS] = [const { OnceLock::new() }; SETS];
        out.clear();
        out.push(Pole { at: 0.0, weight: thermal.kt() });
        if thermal.statistics == Statistics::Classical {
            return true;
        }
        // λ of y = 1; zero where T = 0.
        let scale = (2.0 * thermal.kt() / HBAR_OMEGA_EV).powi(2);
        let Some(set) = (0..SETS).find(|&set| most <= scale * reach(set).powi(2)) else { return false };
        let known = KNOWN[set].get_or_init(|| smooth_part(reach(set)));
        out.extend(known.iter().map(|p| Pole { at: scale * p.at, weight: thermal.kt() * p.weight }));
        true
    }
}

/// No λ of any lane is larger: the root of Σ |D_ij|².
fn largest(phi: &[Lanes], masses: &[f64]) -> f64 {
    let d = 3 * masses.len();
    let mut squares = [0.0; LANES];
    let mut add = |slot: usize, factor: f64| {
        for i in 0..REGISTERS {
            let x = phi[slot].register(i);
            squares.set_register(i, squares.register(i) + same(factor) * x * x);
        }
    };
    let mut slot = d;
    for i in 0..d {
        add(i, 1.0 / (masses[i / 3] * masses[i / 3]));
        for j in i + 1..d {
            let factor = 2.0 / (masses[i / 3] * masses[j / 3]);
            add(slot, factor);
            add(slot + d * (d - 1) / 2, factor);
            slot += 1;
        }
    }
    squares.into_iter().fold(0.0, |most: f64, x| if x <= most { most } else { x }).sqrt()
}

fn reach(set: usize) -> f64 {
    FIRST * (0.5 * set as f64).exp2()
}

/// The poles of h for √y up to `reach`, as few as will do.
fn smooth_part(reach: f64) -> Vec<Pole> {
    let mut poles = Vec::new();
    for n in 2..128 {
        poles = gauss(n);
        if error(&poles, reach) < ACCURACY {
            break;
        }
    }
    poles
}

/// The Gauss quadrature with `n` nodes.
fn gauss(n: usize) -> Vec<Pole> {
    // J is the square of the matrix without a diagonal whose entries beside it are √b(1), √b(2), …, every second row.
    let b = |k: usize| if k == 0 { 0.0 } else { 1.0 / ((2 * k + 1) * (2 * k + 3)) as f64 };
    let j = DMatrix::from_fn(n, n, |row, column| match row.abs_diff(column) {
        0 => b(2 * row) + b(2 * row + 1),
        1 => f64::sqrt(b(2 * row.min(column) + 1) * b(2 * row.max(column))),
        _ => 0.0,
    });
    let eigen = j.symmetric_eigen();
    let node = |(t, first): (&f64, &f64)| Pole { at: 1.0 / t, weight: first * first / (3.0 * t) };
    eigen.eigenvalues.iter().zip(eigen.eigenvectors.row(0).iter()).map(node).collect()
}

/// The largest relative error of g and g′ for √y up to `reach`. Divided differences are averages of g′, and all are of
/// one sign: no error of theirs is larger.
fn error(poles: &[Pole], reach: f64) -> f64 {
    // At the temperature where y is λ.
    let oscillator = Oscillator::new(0.5 * HBAR_OMEGA_EV / BOLTZMANN_EV_K);
    let kt = 0.5 * HBAR_OMEGA_EV;
    let at = |x: f64| {
        let y = x * x;
        let sum = |power: i32| poles.iter().map(|p| p.weight / (y + p.at).powi(power)).sum::<f64>();
        let level = oscillator.level(y);
        let value = kt * (1.0 / y + sum(1)) / oscillator.value(&level);
        let slope = -kt * (1.0 / (y * y) + sum(2)) / oscillator.divided_difference(&level, &level);
        (value - 1.0).abs().max((slope - 1.0).abs())
    };
    (1..=100).map(|k| at(reach * 0.01 * f64::from(k))).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_poles_make_up_the_oscillator() {
        for temperature_k in [10.0, 77.0, 300.0, 2000.0] {
            let thermal = Thermal { statistics: Statistics::Quantum, temperature_k, masses: vec![] };
            let oscillator = thermal.oscillator();
            let mut all = Vec::new();
            for most in [1e-4, 0.3, 2.0] {
                assert!(Pole::up_to(most, &thermal, &mut all));
                for part in [1e-9, 1e-3, 0.1, 0.37, 1.0] {
                    let lambda = part * most;
                    let value: f64 = all.iter().map(|p| p.weight / (lambda + p.at)).sum();
                    let expected = oscillator.value(&oscillator.level(lambda));
                    assert!(
                        (value / expected - 1.0).abs() < 1e-12,
                        "{temperature_k} K, {lambda}: {value} {expected}"
                    );
                    for other in [1e-6, 0.05, 0.9] {
                        let other_lambda = other * most;
                        let pair = |p: &Pole| p.weight / ((lambda + p.at) * (other_lambda + p.at));
                        let divided = -all.iter().map(pair).sum::<f64>();
                        let levels = [lambda, other_lambda].map(|l| oscillator.level(l));
                        let expected = oscillator.divided_difference(&levels[0], &levels[1]);
                        assert!(
                            (divided / expected - 1.0).abs() < 1e-12,
                            "{temperature_k} K, {lambda} {other_lambda}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn every_set_is_as_good_as_it_says() {
        for set in 0..SETS {
            let poles = smooth_part(reach(set));
            let error = error(&poles, reach(set));
            println!("up to {:.1}: {} poles, {error:.1e}", reach(set), poles.len());
            assert!(error < ACCURACY, "up to {}: {} poles, {error:.1e}", reach(set), poles.len());
            assert!(poles.iter().all(|p| p.at > 0.0 && p.weight > 0.0));
        }
    }

    #[test]
    fn cold_crystals_and_what_is_no_number_have_no_poles() {
        let of = |temperature_k| Thermal { statistics: Statistics::Quantum, temperature_k, masses: vec![] };
        let mut all = Vec::new();
        assert!(!Pole::up_to(0.1, &of(0.0), &mut all));
        assert!(!Pole::up_to(1.0, &of(1.0), &mut all));
        assert!(!Pole::up_to(f64::NAN, &of(300.0), &mut all));
    }
}
