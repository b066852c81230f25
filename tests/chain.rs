//! The chain of the lessons: every number of its film against what defines it, the way back against differences.

use nalgebra::SMatrix;
use tds_inversion::scattering::{Chain, Film};

const CASES: [([f64; 2], u64); 4] = [([2.3, 0.3], 1), ([1.1, 0.0], 2), ([3.0, -0.2], 3), ([0.6, 0.5], 20)];

fn chain() -> Chain {
    Chain::new(300.0, 2.5, 1.5)
}

fn film(springs: [f64; 2], seed: u64) -> Film {
    chain().film(springs, &Chain::draw(seed)).unwrap()
}

#[test]
fn the_factor_gives_the_hessian_back_and_the_displacements_their_covariance() {
    for (springs, seed) in CASES {
        let film = film(springs, seed);
        assert!((film.factor * film.factor.transpose() - film.hessian).amax() < 1e-13);
        assert_eq!(film.factor, film.factor.lower_triangle());
        let u = film.factor.transpose().try_inverse().unwrap() * Chain::draw(seed) * chain().kt.sqrt();
        assert!((film.displacements - u).amax() < 1e-13);
        let columns = SMatrix::<f64, 6, 6>::identity()
            .column_iter()
            .map(|z| chain().film(springs, &z.into_owned()).unwrap().displacements)
            .collect::<Vec<_>>();
        let map = SMatrix::<f64, 6, 6>::from_columns(&columns);
        let covariance = film.hessian.try_inverse().unwrap() * chain().kt;
        assert!((map * map.transpose() - covariance).amax() < 1e-14);
    }
}

/// ∂I/∂x of `f` at 0.
fn difference(f: impl Fn(f64) -> f64) -> f64 {
    let step = 1e-4;
    (8.0 * (f(step) - f(-step)) - (f(2.0 * step) - f(-2.0 * step))) / (12.0 * step)
}

#[test]
fn the_way_back_agrees_with_differences_of_the_way_there() {
    for (springs, seed) in CASES {
        let film = film(springs, seed);
        let z = Chain::draw(seed);
        let scale = film.of_springs.iter().fold(1e-3, |m: f64, x| m.max(x.abs()));
        for p in 0..2 {
            let along = difference(|x| {
                let mut moved = springs;
                moved[p] += x;
                chain().film(moved, &z).unwrap().intensity
            });
            assert!((along - film.of_springs[p]).abs() < 1e-8 * scale, "{p}: {along} {:?}", film.of_springs);
        }
        for j in 0..6 {
            let along = difference(|x| {
                let mut u = film.displacements;
                u[j] += x;
                chain().intensity(&u).0
            });
            assert!((along - film.of_displacements[j]).abs() < 1e-8 * film.of_displacements.amax());
            for i in j..6 {
                // The displacements that a changed factor gives to the same numbers.
                let along = difference(|x| {
                    let mut factor = film.factor;
                    factor[(i, j)] += x;
                    let u = factor.transpose().try_inverse().unwrap() * z * chain().kt.sqrt();
                    chain().intensity(&u).0
                });
                assert!((along - film.of_factor[(i, j)]).abs() < 1e-8 * film.of_factor.amax());
            }
            for i in 0..6 {
                let along = difference(|x| {
                    let mut h = film.hessian;
                    h[(i, j)] += 0.5 * x;
                    h[(j, i)] += 0.5 * x;
                    let factor = h.cholesky().unwrap().l();
                    let u = factor.transpose().try_inverse().unwrap() * z * chain().kt.sqrt();
                    chain().intensity(&u).0
                });
                assert!((along - film.of_hessian[(i, j)]).abs() < 1e-8 * film.of_hessian.amax());
            }
        }
        assert!((film.solved - film.factor.try_inverse().unwrap() * film.of_displacements).amax() < 1e-10);
    }
}

#[test]
fn springs_that_hold_nothing_are_refused() {
    assert_eq!(chain().film([-1.0, 0.0], &Chain::draw(1)), None);
    assert_eq!(chain().film([f64::NAN, 0.0], &Chain::draw(1)), None);
}
