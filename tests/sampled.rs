//! The sampled model: its displacements have exactly the covariance of the periodic crystal, its mean
//! tends to the exact all-order intensity of the supercell, and its gradients are those of both.

mod common;
#[path = "common/supercell.rs"]
mod supercell;

use common::*;
use nalgebra::{Complex, DMatrix};
use supercell::*;
use tds_inversion::scattering::{Draw, Sampled, Sampler};
use tds_inversion::thermal::{Statistics, Thermal};

const SAMPLERS: [Sampler; 2] = [Sampler::Block, Sampler::Dense];

fn system(name: &str) -> System {
    all_systems().into_iter().find(|s| s.name == name).unwrap()
}

fn thermal(system: &System, statistics: Statistics, temperature_k: f64) -> Thermal {
    Thermal { statistics, temperature_k, masses: system.crystal.primitive.masses.clone() }
}

fn model(s: &System, t: &Thermal, size: [usize; 3], sampler: Sampler, hkl: &[[f64; 3]]) -> Sampled {
    Sampled::new(&s.crystal, &s.basis.family, t.clone(), size, sampler, hkl).unwrap()
}

/// Small supercells of one and of several atoms per cell, with even, odd and prime sizes.
fn small() -> Vec<(System, [usize; 3])> {
    [
        ("ni_298", [2, 2, 2]),
        ("ni_298", [3, 1, 2]),
        ("ni_298", [1, 7, 1]),
        ("ni_298", [6, 1, 1]),
        ("fe_295", [2, 2, 2]),
        ("fe_295", [1, 12, 1]),
        ("fe_295", [1, 1, 10]),
        ("NaCl", [1, 1, 1]),
        ("NaCl", [2, 2, 1]),
        ("ZnO", [2, 2, 1]),
        ("ZnO", [3, 2, 2]),
    ]
    .map(|(name, size)| (system(name), size))
    .into()
}

/// Covariance of the linear map from normal numbers to displacements: all of it.
fn covariance(model: &Sampled, theta: &[f64]) -> DMatrix<f64> {
    let n = 3 * model.n_displacements();
    let draw = model.displace(theta, DMatrix::<f64>::identity(n, n).as_slice().to_vec()).unwrap();
    let columns: Vec<f64> =
        (0..n).flat_map(|k| draw.displacements(k).iter().flat_map(|u| [u.x, u.y, u.z])).collect();
    let map = DMatrix::from_vec(n, n, columns);
    &map * map.transpose()
}

#[test]
fn both_samplers_have_exactly_the_covariance_of_the_periodic_crystal() {
    let mut overall = 0.0_f64;
    for (system, size) in small() {
        let cases =
            [(Statistics::Classical, 300.0), (Statistics::Quantum, 300.0), (Statistics::Quantum, 0.0)];
        for (statistics, temperature) in cases {
            let thermal = thermal(&system, statistics, temperature);
            for sampler in SAMPLERS {
                let model = model(&system, &thermal, size, sampler, &[]);
                let (sites, types) = model.sites();
                let expected = brute_force(&system, &system.theta, &thermal, size, sites, types);
                let difference = (covariance(&model, &system.theta) - &expected).amax() / expected.amax();
                overall = overall.max(difference);
                let place = format!("{} {size:?} {statistics:?} {sampler:?}", system.name);
                assert!(difference < 1e-9, "{place}: {difference:.1e}");
            }
        }
    }
    println!("worst relative difference {overall:.1e}");
}

#[test]
fn both_samplers_agree_on_constants_that_break_the_sum_rule() {
    for (name, size) in [("NaCl", [2, 2, 1]), ("ZnO", [2, 2, 1])] {
        let (crystal, constants) = first_principles(name);
        let family = constants.into_family();
        for statistics in [Statistics::Classical, Statistics::Quantum] {
            let masses = crystal.primitive.masses.clone();
            let thermal = Thermal { statistics, temperature_k: 300.0, masses };
            let [block, dense] = SAMPLERS.map(|sampler| {
                let model = Sampled::new(&crystal, &family, thermal.clone(), size, sampler, &[]).unwrap();
                covariance(&model, &[1.0])
            });
            let difference = (&block - &dense).amax() / dense.amax();
            assert!(difference < 1e-9, "{name} {statistics:?}: {difference:.1e}");
        }
    }
}

#[test]
fn models_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Sampled>();
    shared::<Draw>();
}

/// Mean and standard error over samples of each point.
fn statistics_of(samples: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let n = samples.len() as f64;
    (0..samples[0].len())
        .map(|p| {
            let mean = samples.iter().map(|s| s[p]).sum::<f64>() / n;
            let variance = samples.iter().map(|s| (s[p] - mean).powi(2)).sum::<f64>() / (n - 1.0);
            (mean, (variance / n).sqrt())
        })
        .collect()
}

/// Deviations in standard errors are all below 4, and their squares add up to what chance gives.
fn check_deviations(place: &str, deviations: &[f64]) {
    let worst = deviations.iter().fold(0.0_f64, |m, d| m.max(d.abs()));
    let n = deviations.len() as f64;
    let chi2: f64 = deviations.iter().map(|d| d * d).sum();
    // Wilson–Hilferty: the cube root of χ²/n is nearly normal.
    let z = ((chi2 / n).cbrt() - (1.0 - 2.0 / (9.0 * n))) / (2.0 / (9.0 * n)).sqrt();
    println!("{place}: worst {worst:.2} standard errors, χ² = {chi2:.1} of {n}, z = {z:.2}");
    assert!(worst < 4.0, "{place}: {worst}");
    assert!(z.abs() < 3.09, "{place}: χ² = {chi2} of {n}");
}

#[test]
fn the_mean_over_samples_tends_to_the_exact_all_order_intensity() {
    let cases = [
        ("ni_298", [4, 4, 4], Sampler::Block),
        ("ni_298", [4, 4, 4], Sampler::Dense),
        ("fe_295", [5, 5, 4], Sampler::Block),
        ("NaCl", [4, 4, 2], Sampler::Block),
        ("ZnO", [6, 6, 4], Sampler::Block),
    ];
    for (name, size, sampler) in cases {
        let system = system(name);
        let thermal = thermal(&system, Statistics::Classical, 300.0);
        let hkl = commensurate(&system.crystal, size, 64, false);
        assert_eq!(hkl.len(), 64);
        let model = model(&system, &thermal, size, sampler, &hkl);
        let (sites, types) = model.sites();
        let covariance = brute_force(&system, &system.theta, &thermal, size, sites, types);
        let expected = exact(&system.crystal, &model, &covariance, &hkl);
        let draw = model.draw(&system.theta, 7, 0, 800).unwrap();
        let sampled = statistics_of(&model.sample_intensities(&draw));
        let deviations: Vec<f64> =
            sampled.iter().zip(&expected).map(|((mean, error), x)| (mean - x) / error).collect();
        check_deviations(&format!("{name} {size:?} {sampler:?}"), &deviations);
    }
}

#[test]
fn nickel_agrees_with_independent_all_order_intensities() {
    let fixtures: serde_json::Value =
        serde_json::from_str(include_str!("fixtures/all_order_supercell.json")).unwrap();
    for fixture in fixtures.as_array().unwrap() {
        let system = system(fixture["table"].as_str().unwrap());
        let size: [usize; 3] = serde_json::from_value(fixture["conventional_supercell"].clone()).unwrap();
        let hkl: Vec<[f64; 3]> = serde_json::from_value(fixture["hkl_conventional"].clone()).unwrap();
        let expected: Vec<f64> = serde_json::from_value(fixture["all_order"].clone()).unwrap();
        let thermal = thermal(&system, Statistics::Classical, fixture["temperature_K"].as_f64().unwrap());
        for sampler in SAMPLERS {
            let model = model(&system, &thermal, size, sampler, &hkl);
            if sampler == Sampler::Block {
                let (sites, types) = model.sites();
                let covariance = brute_force(&system, &system.theta, &thermal, size, sites, types);
                let values = exact(&system.crystal, &model, &covariance, &hkl);
                for (value, expected) in values.iter().zip(&expected) {
                    assert!(relative(*value, *expected) < 1e-8, "{value} {expected}");
                }
            }
            let draw = model.draw(&system.theta, 11, 0, 800).unwrap();
            for ((mean, error), x) in statistics_of(&model.sample_intensities(&draw)).iter().zip(&expected) {
                assert!((mean - x).abs() < 4.0 * error, "{size:?} {sampler:?}: {mean} ± {error}, {x}");
            }
        }
    }
}

#[test]
fn the_variance_is_the_square_of_the_mean_away_from_self_conjugate_points() {
    const SAMPLES: usize = 4000;
    for (name, size) in [("ni_298", [4, 4, 4]), ("ZnO", [5, 5, 3])] {
        let system = system(name);
        let thermal = thermal(&system, Statistics::Classical, 300.0);
        let hkl = commensurate(&system.crystal, size, 32, true);
        assert_eq!(hkl.len(), 32);
        let model = model(&system, &thermal, size, Sampler::Block, &hkl);
        let samples = model.sample_intensities(&model.draw(&system.theta, 3, 0, SAMPLES).unwrap());
        let ratios: Vec<f64> = statistics_of(&samples)
            .iter()
            .map(|(mean, error)| error * error * SAMPLES as f64 / (mean * mean))
            .collect();
        // An exponential distribution: the relative variance of its sample variance is 8/n.
        let spread = (8.0 / SAMPLES as f64).sqrt();
        let mean = ratios.iter().sum::<f64>() / 32.0;
        println!("{name}: variance / mean² = {mean:.3}, spread expected {:.3}", spread / 32.0_f64.sqrt());
        assert!((mean - 1.0).abs() < 4.0 * spread / 32.0_f64.sqrt() + 0.01, "{name}: {mean}");
        assert!(ratios.iter().all(|r| (r - 1.0).abs() < 5.0 * spread), "{name}: {ratios:?}");
    }
}

/// Weights without any pattern.
fn weight(sample: usize, point: usize) -> f64 {
    ((sample * 7 + point * 3) as f64 * 0.618_034).fract() - 0.3
}

fn loss(model: &Sampled, draw: &Draw) -> f64 {
    let samples = model.sample_intensities(draw);
    samples
        .iter()
        .enumerate()
        .flat_map(|(s, i)| i.iter().enumerate().map(move |(p, i)| weight(s, p) * i))
        .sum()
}

#[test]
fn gradients_at_fixed_normal_numbers_agree_with_central_differences() {
    let cases = [(Statistics::Classical, 300.0), (Statistics::Quantum, 300.0), (Statistics::Quantum, 0.0)];
    let mut overall = 0.0_f64;
    for (mut system, size) in small() {
        // Complex form factors, different for each element.
        let elements = system.crystal.primitive.symbols.clone();
        for (n, element) in elements.iter().enumerate() {
            system.crystal.set_anomalous(element, -0.7, 1.3 * n as f64).unwrap();
        }
        for (statistics, temperature) in cases {
            let thermal = thermal(&system, statistics, temperature);
            let hkl = commensurate_with_signs(&system.crystal, size, 12);
            for sampler in SAMPLERS {
                let model = model(&system, &thermal, size, sampler, &hkl);
                let theta = &system.theta;
                let draw = model.draw(theta, 5, 2, 3).unwrap();
                let gradient = model.pullback(&draw, &weight);
                let h = 2e-4 * theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
                let numeric: Vec<f64> = (0..theta.len())
                    .map(|p| {
                        let terms = [(1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)];
                        let value = |(step, weight): (f64, f64)| {
                            let mut moved = theta.clone();
                            moved[p] += step * h;
                            weight * loss(&model, &model.draw(&moved, 5, 2, 3).unwrap()) / (12.0 * h)
                        };
                        terms.into_iter().map(value).sum()
                    })
                    .collect();
                let scale = gradient.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
                let worst =
                    gradient.iter().zip(&numeric).map(|(a, b)| (a - b).abs() / scale).fold(0.0, f64::max);
                overall = overall.max(worst);
                let place = format!("{} {size:?} {statistics:?} {temperature} K {sampler:?}", system.name);
                assert!(worst < 1e-6, "{place}: {worst:.1e}");
            }
        }
    }
    println!("worst relative difference {overall:.1e}");
}

#[test]
fn the_mean_gradient_tends_to_the_gradient_of_the_exact_intensity() {
    const SAMPLES: usize = 600;
    for (name, size) in [("ni_298", [2, 2, 2]), ("ZnO", [2, 2, 1])] {
        let system = system(name);
        let thermal = thermal(&system, Statistics::Classical, 300.0);
        let hkl = commensurate(&system.crystal, size, 12, false);
        for sampler in SAMPLERS {
            let model = model(&system, &thermal, size, sampler, &hkl);
            let (sites, types) = model.sites();
            let value = |theta: &[f64]| -> f64 {
                let covariance = brute_force(&system, theta, &thermal, size, sites, types);
                let values = exact(&system.crystal, &model, &covariance, &hkl);
                values.iter().enumerate().map(|(p, i)| weight(0, p) * i).sum()
            };
            let h = 1e-4 * system.theta.iter().fold(0.0_f64, |m, t| m.max(t.abs()));
            let expected = (0..system.theta.len()).map(|p| {
                let moved = |step: f64| {
                    let mut theta = system.theta.clone();
                    theta[p] += step;
                    value(&theta)
                };
                (moved(h) - moved(-h)) / (2.0 * h)
            });
            let expected: Vec<f64> = expected.collect();
            let gradients: Vec<Vec<f64>> = (0..SAMPLES)
                .map(|k| {
                    let draw = model.draw(&system.theta, 19, k, 1).unwrap();
                    model.pullback(&draw, &|_, p| weight(0, p))
                })
                .collect();
            // Constants whose images cancel in a small supercell have no effect but rounding.
            let rounding = 1e-6 * expected.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
            for (p, ((mean, error), x)) in statistics_of(&gradients).iter().zip(&expected).enumerate() {
                let place = format!("{name} {sampler:?}, parameter {p}");
                assert!((mean - x).abs() < 4.0 * error + rounding, "{place}: {mean} ± {error}, {x}");
            }
        }
    }
}

#[test]
fn samples_depend_on_seed_and_number_only_and_subsets_on_nothing_else() {
    let system = system("NaCl");
    let thermal = thermal(&system, Statistics::Classical, 300.0);
    let size = [2, 2, 2];
    let hkl = commensurate(&system.crystal, size, 12, false);
    for sampler in SAMPLERS {
        let model = model(&system, &thermal, size, sampler, &hkl);
        let all = model.draw(&system.theta, 1, 0, 6).unwrap();
        let later = model.draw(&system.theta, 1, 4, 2).unwrap();
        let more = model.draw_more(&all, 1, 4, 2);
        let intensities = model.sample_intensities(&all);
        for k in 0..2 {
            for (a, b) in all.displacements(4 + k).iter().zip(later.displacements(k)) {
                assert!((a - b).norm() < 1e-12);
            }
            for (a, b) in later.displacements(k).iter().zip(more.displacements(k)) {
                assert!((a - b).norm() < 1e-12);
            }
        }
        let other = model.draw(&system.theta, 2, 0, 1).unwrap();
        assert!((all.displacements(0)[0] - other.displacements(0)[0]).norm() > 1e-6);
        let points = [7, 2, 11];
        let subset = model.subset(&points).subset(&[2, 0]);
        for (part, whole) in subset.sample_intensities(&all).iter().zip(&intensities) {
            assert!(relative(part[0], whole[11]) < 1e-12 && relative(part[1], whole[7]) < 1e-12);
        }
        let chosen = subset.pullback(&all, &weight);
        let weights = |s, p| match p {
            11 => weight(s, 0),
            7 => weight(s, 1),
            _ => 0.0,
        };
        for (a, b) in chosen.iter().zip(model.pullback(&all, &weights)) {
            assert!((a - b).abs() < 1e-9 * chosen.iter().fold(0.0_f64, |m, x| m.max(x.abs())));
        }
    }
}

#[test]
fn structure_factors_agree_with_the_sum_over_atoms() {
    for (name, size) in [("ni_298", [4, 3, 5]), ("ZnO", [3, 4, 2])] {
        let system = system(name);
        let thermal = thermal(&system, Statistics::Classical, 900.0);
        let mut hkl = commensurate_with_signs(&system.crystal, size, 20);
        hkl.push([12.0 + 1.0 / size[0] as f64, 0.0, -1.0]);
        let model = model(&system, &thermal, size, Sampler::Block, &hkl);
        let draw = model.draw(&system.theta, 1, 0, 2).unwrap();
        let (sites, types) = model.sites();
        for (k, intensities) in model.sample_intensities(&draw).iter().enumerate() {
            for (hkl, value) in hkl.iter().zip(intensities) {
                let q = system.crystal.q_cart(hkl);
                let f: Complex<f64> = (0..sites.len())
                    .map(|j| {
                        let (re, im) = system.crystal.form_factors[types[j]].value(q.norm());
                        Complex::new(re, im) * Complex::cis(q.dot(&(sites[j] + draw.displacements(k)[j])))
                    })
                    .sum();
                let expected = f.norm_sqr() / model.n_cells() as f64;
                assert!(relative(*value, expected) < 1e-9, "{name} {hkl:?}: {value} {expected}");
            }
        }
    }
}

#[test]
fn points_that_do_not_fit_are_refused_with_the_nearest_that_does() {
    let system = system("ni_298");
    let thermal = thermal(&system, Statistics::Classical, 300.0);
    let refusal = |size, sampler, hkl: [f64; 3]| {
        let points = [[0.5, 0.0, 0.0], hkl];
        let family = &system.basis.family;
        let model = Sampled::new(&system.crystal, family, thermal.clone(), size, sampler, &points);
        model.err().map(|e| e.to_string()).unwrap_or_default()
    };
    let message = refusal([2, 2, 4], Sampler::Block, [1.1, 0.49, 2.3]);
    for part in ["point 2 (1.1 0.49 2.3)", "2 × 2 × 4", "1 0.5 2.25"] {
        assert!(message.contains(part), "{message}");
    }
    // The nearest grid point of this one is a reflection, which would be refused as well.
    let message = refusal([2, 2, 4], Sampler::Block, [1.1, 0.99, 1.01]);
    assert!(message.contains("1 1 1.25"), "{message}");
    let message = refusal([2, 2, 4], Sampler::Dense, [2.0, 0.0, 0.0]);
    assert!(message.contains("point 2 (2 0 0)") && message.contains("reflection"), "{message}");
    // 1 0 0 is a point of the simple cubic lattice, not of the face-centred one.
    assert_eq!(refusal([2, 2, 4], Sampler::Dense, [1.0, 0.0, 0.0]), "");
    assert!(refusal([2, 0, 2], Sampler::Block, [0.5, 0.0, 0.0]).contains("at least one"));
    let message = refusal([16, 16, 16], Sampler::Dense, [0.5, 0.0, 0.0]);
    for part in ["135.", "GB", "at most 1.5 GB", "block sampler"] {
        assert!(message.contains(part), "{message}");
    }
    let family = &system.basis.family;
    let model = Sampled::new(&system.crystal, family, thermal.clone(), [4; 3], Sampler::Block, &[]).unwrap();
    assert!(model.check_memory(1000).is_ok());
    let message = model.check_memory(1_000_000).unwrap_err().to_string();
    assert!(message.contains("1000000 at a time") && message.contains("fewer samples"), "{message}");
    let message = refusal([4096, 4096, 4096], Sampler::Block, [0.5, 0.0, 0.0]);
    assert!(message.contains("smaller supercell") && !message.contains("block sampler,"), "{message}");
}

#[test]
fn unstable_constants_draw_nothing() {
    for name in ["ni_298", "ZnO"] {
        let system = system(name);
        let negative: Vec<f64> = system.theta.iter().map(|t| -t).collect();
        for statistics in [Statistics::Classical, Statistics::Quantum] {
            let thermal = thermal(&system, statistics, 300.0);
            for sampler in SAMPLERS {
                let model = model(&system, &thermal, [2, 2, 2], sampler, &[[0.5, 0.0, 0.0]]);
                assert!(model.draw(&negative, 0, 0, 1).is_none());
                assert!(model.draw(&vec![f64::NAN; negative.len()], 0, 0, 1).is_none());
            }
        }
    }
}

#[test]
fn the_block_sampler_handles_sixteen_cubed_cells() {
    let system = system("ni_298");
    let thermal = thermal(&system, Statistics::Classical, 298.0);
    let hkl = commensurate(&system.crystal, [16, 16, 16], 32, true);
    let model = model(&system, &thermal, [16, 16, 16], Sampler::Block, &hkl);
    assert_eq!((model.n_cells(), model.n_displacements()), (16384, 16384));
    let draw = model.draw(&system.theta, 1, 0, 4).unwrap();
    let u2: f64 = (0..4).flat_map(|k| draw.displacements(k)).map(|u| u.norm_squared()).sum();
    let u_iso = u2 / (3.0 * 4.0 * 16384.0);
    // The bulk value of these constants is 0.00480 Å²; a supercell lacks what is longer than itself.
    assert!((0.0044..0.0049).contains(&u_iso), "{u_iso}");
    assert!(model.pullback(&draw, &|_, _| 1.0).iter().all(|g| g.is_finite()));
}
