//! The functions of potentials as curves, their σ, files of LAMMPS, and parameters under a hand.

#[path = "common/potentials.rs"]
mod common;

use std::collections::BTreeMap;

use common::{alloys, crystal, given, network, salt};
use nalgebra::{DMatrix, Vector3};
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;
use serde_json::{Value, json};
use tds_inversion::crystal::{Crystal, Prototype};
use tds_inversion::formats::lammps::{Atoms, Noted, write_lammps};
use tds_inversion::formats::setfl::read_setfl;
use tds_inversion::job::Job;
use tds_inversion::potential::{CurveKind, Family, Potential, Surroundings, published_potential};
use tds_inversion::run::{CurveReport, Hand, Run};

type Files = BTreeMap<String, Vec<u8>>;

fn library(id: &str) -> (Crystal, Potential) {
    let set = published_potential(id).unwrap();
    (crystal(set.lattice, &[set.element], set.a_angstrom), set.potential().unwrap())
}

fn tables() -> (Crystal, Potential) {
    let path = format!("{}/tests/fixtures/potentials/nickel_like.eam.alloy", env!("CARGO_MANIFEST_DIR"));
    let eam = read_setfl("nickel", &std::fs::read_to_string(path).unwrap()).unwrap();
    let nickel = crystal(Prototype::Fcc, &["Ni"], 3.52);
    let plain = Potential::of_tables(&eam, &["Ni".to_owned()]).unwrap();
    let density = Surroundings::new(&nickel.primitive, &plain).unwrap().features(&plain, &[])[0][1];
    (nickel, plain.with_knots(&[2.489, 3.52, 4.311], &[density]))
}

fn families() -> Vec<(&'static str, Crystal, Potential)> {
    let argon = crystal(Prototype::Fcc, &["Ar"], 5.26);
    let values = given(&[("epsilon", 0.0104), ("sigma", 3.40)]);
    let ar = Potential::new(Family::LennardJones, vec!["Ar".into()], &values, 8.0, 1.5).unwrap();
    let named = |name: &'static str, (crystal, potential): (Crystal, Potential)| (name, crystal, potential);
    let mut all = vec![
        ("lennard-jones", argon, ar),
        named("gupta", library("ni_gupta")),
        named("sutton-chen", library("cu_sutton_chen")),
        named("morse", library("cu_morse")),
        named("stillinger-weber", library("si_stillinger_weber")),
        named("buckingham", salt()),
        named("eam", tables()),
        named("network", network()),
    ];
    all.extend(alloys());
    all
}

/// The energy of the crystal, put together from the curves alone, is the energy that the potential gives.
#[test]
fn curves_add_up_to_the_energy() {
    for (name, crystal, potential) in families() {
        let around = Surroundings::new(&crystal.primitive, &potential).unwrap();
        let p = potential.values();
        let (energy, _) = around.energy_and_pressure(&potential, &p);
        let curves = around.curves(&potential, &p);
        let cell = &crystal.primitive;
        let kind = |s: usize| potential.elements.iter().position(|e| *e == cell.symbols[s]).unwrap();
        let at = |what: CurveKind, a: usize, b: usize, x: f64| -> f64 {
            let same = |c: &&tds_inversion::potential::Curve| {
                c.kind == what && (c.elements == [a, b] || c.elements == [b, a])
            };
            let curve = curves.iter().find(same);
            curve.map_or(0.0, |c| around.curve(&potential, &p, c, &[x])[0])
        };
        if name == "network" {
            // Stretched crystals, built anew.
            let curve = &curves[0];
            let places = around.places(curve, 0);
            let found = around.curve(&potential, &p, curve, &places);
            for k in [0, 15, 36] {
                let mut cell = cell.clone();
                cell.lattice *= places[k];
                let other = Surroundings::new(&cell, &potential).unwrap();
                let (energy, _) = other.energy_and_pressure(&potential, &p);
                assert!((found[k] - energy).abs() < 1e-11, "{}: {} {energy}", places[k], found[k]);
            }
            assert!((found[0] - found[36]).abs() > 1e-4);
            continue;
        }
        let mut sum = 0.0;
        for i in 0..cell.len() {
            let (mut density, mut pairs, mut angles) = (0.0, 0.0, 0.0);
            let mut near: Vec<Vector3<f64>> = vec![];
            for a in -6..=6 {
                for b in -6..=6 {
                    for c in -6..=6 {
                        for j in 0..cell.len() {
                            let shift = Vector3::new(a, b, c).map(f64::from);
                            let v = cell.lattice * shift + cell.cartesian(j) - cell.cartesian(i);
                            let r = v.norm();
                            if r < 1e-6 || r >= potential.range {
                                continue;
                            }
                            pairs += at(CurveKind::Pair, kind(i), kind(j), r);
                            // Of tables, what an atom adds is the same at all others.
                            let of = if name == "eam" { kind(j) } else { kind(i) };
                            density += at(CurveKind::Density, of, kind(j), r);
                            if r < 1.001 * around.nearest() {
                                near.push(v);
                            }
                        }
                    }
                }
            }
            for (n, v) in near.iter().enumerate() {
                for w in &near[..n] {
                    angles += at(CurveKind::Angle, 0, 0, v.angle(w).to_degrees());
                }
            }
            sum += 0.5 * pairs + angles + at(CurveKind::Embedding, kind(i), kind(i), density);
        }
        let mean = sum / cell.len() as f64;
        assert!((mean - energy).abs() < 1e-9 * energy.abs(), "{name}: {mean} {energy}");
        assert!(curves.iter().all(|c| !c.marks.is_empty()), "{name}");
    }
    // The one angle of diamond costs nothing; others do, as much as the formula says.
    let (si, potential) = library("si_stillinger_weber");
    let around = Surroundings::new(&si.primitive, &potential).unwrap();
    let p = potential.values();
    let curves = around.curves(&potential, &p);
    let angle = curves.iter().find(|c| c.kind == CurveKind::Angle).unwrap();
    assert!((angle.marks[0] - 109.471_22).abs() < 1e-4 && angle.marks.len() == 1, "{:?}", angle.marks);
    let r = 5.431 * 3.0_f64.sqrt() / 4.0;
    let right = 2.1683 * 21.0 / 9.0 * (2.0 * 1.2 * 2.0951 / (r - 1.8 * 2.0951)).exp();
    let found = around.curve(&potential, &p, angle, &[109.471_220_634, 90.0]);
    assert!(found[0].abs() < 1e-12 && (found[1] - right).abs() < 1e-12 * right, "{found:?} {right}");
}

#[test]
fn slopes_of_curves_are_central_differences() {
    for (name, crystal, potential) in families() {
        let around = Surroundings::new(&crystal.primitive, &potential).unwrap();
        let p = potential.values();
        let all = DMatrix::identity(p.len(), p.len());
        for curve in around.curves(&potential, &p) {
            let x: Vec<f64> = around.places(&curve, 7);
            let slopes = around.curve_slopes(&potential, &p, &all, &curve, &x);
            for (k, slopes) in slopes.iter().enumerate() {
                let h = 1e-5 * potential.parameters[k].size;
                let with = |by: f64| {
                    let moved = p.iter().enumerate().map(|(n, x)| if n == k { x + by } else { *x });
                    around.curve(&potential, &moved.collect::<Vec<_>>(), &curve, &x)
                };
                let [more, less] = [with(h), with(-h)];
                for n in 0..x.len() {
                    let found = (more[n] - less[n]) / (2.0 * h);
                    let scale = slopes[n].abs().max(more[n].abs() / potential.parameters[k].size).max(1e-6);
                    let name =
                        format!("{name} {:?} {} at {}", curve.kind, potential.parameters[k].name, x[n]);
                    assert!((found - slopes[n]).abs() < 2e-6 * scale, "{name}: {found} {}", slopes[n]);
                }
            }
        }
    }
}

fn written(crystal: &Crystal, potential: &Potential, charges: Option<&[f64]>) -> Vec<(String, String)> {
    let around = Surroundings::new(&crystal.primitive, potential).unwrap();
    let noted: Vec<Noted> = potential
        .values()
        .into_iter()
        .map(|value| Noted { value, sigma: Some(0.01 * value.abs()) })
        .collect();
    let n = potential.elements.len();
    let atoms: Vec<Atoms> = (0..n).map(|k| Atoms { mass: 50.0, charge: charges.map(|c| c[k]) }).collect();
    write_lammps(potential, &noted, &atoms, &around, "it", "somebody, somewhere").unwrap().unwrap()
}

/// Force constants of what our own reader finds in the file.
#[test]
fn tables_for_lammps_hold_the_potential() {
    let (nickel, mut changed) = tables();
    for (k, parameter) in changed.parameters.iter_mut().enumerate() {
        parameter.value += 0.05 * parameter.size * if k % 2 == 0 { 1.0 } else { -1.0 };
    }
    let mut smooth = library("ni_gupta");
    smooth.1.range = 5.2;
    smooth.1.smoothing = 1.0;
    let cases = [
        ("gupta", library("ni_gupta"), 1e-6),
        ("gupta, smooth", smooth, 1e-6),
        ("sutton-chen", library("cu_sutton_chen"), 1e-6),
        ("eam", tables(), 1e-6),
        // Third derivatives of what a fit has changed jump at the distances of neighbours, which are no points of a table.
        ("eam, changed", (nickel, changed), 1e-4),
    ];
    for (name, (crystal, potential), near) in cases {
        let files = written(&crystal, &potential, None);
        assert_eq!(files.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), ["it.lammps", "it.eam.alloy"]);
        let element = &potential.elements[0];
        let lines = &files[0].1;
        assert!(
            lines.contains(&format!("pair_style eam/alloy\npair_coeff * * it.eam.alloy {element}\n")),
            "{lines}"
        );
        assert!(
            lines.contains("units metal") && lines.contains("somebody") && lines.contains(" ± "),
            "{lines}"
        );
        let read = read_setfl("it", &files[1].1).unwrap();
        let again = Potential::of_tables(&read, &potential.elements).unwrap();
        let pairs: Vec<_> = [[0, 0, 1], [1, 1, -1], [0, 1, 1], [0, 0, 2], [1, 1, 1]]
            .iter()
            .map(|at| (0, 0, Vector3::from(*at)))
            .collect();
        let [one, two] = [(&potential, potential.values()), (&again, vec![])].map(|(potential, p)| {
            let around = Surroundings::new(&crystal.primitive, potential).unwrap();
            (around.energy_and_pressure(potential, &p), around.force_constants(potential, &p, &pairs))
        });
        let worst = one.1.iter().zip(&two.1).map(|(a, b)| (a - b).amax()).fold(0.0, f64::max);
        println!("{name}: Φ to {worst:.1e} eV/Å², energy to {:.1e} eV", one.0.0 - two.0.0);
        assert!(one.1[0].amax() > 0.1 && worst < near, "{name}: {worst}");
        assert!((one.0.0 - two.0.0).abs() < 1e-8 && (one.0.1 - two.0.1).abs() < 1e-5, "{name}");
    }
}

/// In an alloy an atom adds to the density what both elements say: for each element its embedding and its densities at all of
/// them, then r·φ of the pairs.
#[test]
fn tables_of_alloys_for_lammps_are_the_functions() {
    for (name, crystal, potential) in alloys() {
        let files = written(&crystal, &potential, None);
        assert_eq!(files.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), ["it.lammps", "it.eam.fs"]);
        let lines = &files[0].1;
        assert!(lines.contains("pair_style eam/fs\npair_coeff * * it.eam.fs Al Ni\n"), "{lines}");
        let mut words = files[1].1.lines().skip(4).flat_map(str::split_whitespace);
        let mut number = || words.next().unwrap().parse::<f64>().unwrap();
        let (n_rho, d_rho, n_r, d_r, end) = (number(), number(), number(), number(), number());
        assert_eq!(end, potential.range);
        let around = Surroundings::new(&crystal.primitive, &potential).unwrap();
        let (p, nearest) = (potential.values(), around.nearest());
        let known =
            |kind: CurveKind, elements: [usize; 2], x: f64| potential.function(&p, kind, elements, x)[0];
        let mut compared = 0;
        let mut compare = |kind: CurveKind, elements: [usize; 2], values: &[f64], d: f64| {
            for (k, value) in values.iter().enumerate().step_by(97) {
                let x = d * k as f64;
                // Further in than any two atoms the functions go on as they need not.
                if kind == CurveKind::Embedding || x > 0.6 * nearest {
                    let times = if kind == CurveKind::Pair { x } else { 1.0 };
                    let expected = times * known(kind, elements, x);
                    assert!(
                        (value - expected).abs() <= 1e-12 * expected.abs(),
                        "{name} {kind:?} {elements:?} {x}"
                    );
                    compared += usize::from(expected != 0.0);
                }
            }
        };
        for n in 0..2 {
            let head: Vec<&str> = words.by_ref().take(4).collect();
            assert_eq!((head[0], head[3]), (["13", "28"][n], "none"));
            let mut list = |count: f64| -> Vec<f64> {
                words.by_ref().take(count as usize).map(|w| w.parse().unwrap()).collect()
            };
            let (embedding, densities) = (list(n_rho), [list(n_r), list(n_r)]);
            compare(CurveKind::Embedding, [n, n], &embedding, d_rho);
            for (at, density) in densities.iter().enumerate() {
                compare(CurveKind::Density, [at, n], density, d_r);
            }
        }
        for pair in [[0, 0], [0, 1], [1, 1]] {
            let values: Vec<f64> = words.by_ref().take(n_r as usize).map(|w| w.parse().unwrap()).collect();
            compare(CurveKind::Pair, pair, &values, d_r);
        }
        assert!(words.next().is_none() && compared > 500, "{compared}");
    }
}

#[test]
fn lines_for_lammps_are_the_functions() {
    // E = D₀ [e^(−2α(r−r₀)) − 2 e^(−α(r−r₀))], of the numbers on the line.
    let (copper, morse) = library("cu_morse");
    let lines = &written(&copper, &morse, None)[0].1;
    let numbers = |line: &str, begin: &str| -> Vec<f64> {
        let line = line.lines().find(|l| l.starts_with(begin)).unwrap();
        line[begin.len()..].split_whitespace().map(|w| w.parse().unwrap()).collect()
    };
    assert_eq!(numbers(lines, "pair_coeff 1 1"), [0.3429, 1.3588, 2.866]);
    assert!(lines.contains(&format!("pair_style morse {}\n", morse.range)), "{lines}");
    // Two bodies of Stillinger and Weber, as LAMMPS writes them.
    let (si, weber) = library("si_stillinger_weber");
    let files = written(&si, &weber, None);
    assert!(files[0].1.contains("pair_style sw\npair_coeff * * it.sw Si\n"));
    let n = numbers(&files[1].1, "Si Si Si");
    let [epsilon, sigma, a, lambda, gamma, cos, big_a, big_b, p, q] = n[..10] else { panic!("{n:?}") };
    let r = 2.6_f64;
    let two = big_a
        * epsilon
        * (big_b * (sigma / r).powf(p) - (sigma / r).powf(q))
        * (sigma / (r - a * sigma)).exp();
    let around = Surroundings::new(&si.primitive, &weber).unwrap();
    let curves = around.curves(&weber, &weber.values());
    let pair = around.curve(&weber, &weber.values(), &curves[0], &[r])[0];
    assert!((two - pair).abs() < 1e-12, "{two} {pair}");
    let near = around.nearest();
    let three = lambda * epsilon * (0.5 - cos).powi(2) * (2.0 * gamma * sigma / (near - a * sigma)).exp();
    let angle = around.curve(&weber, &weber.values(), &curves[1], &[60.0])[0];
    assert!((three - angle).abs() < 1e-12, "{three} {angle}");
    // Charges go by Ewald's sum, and what is switched off smoothly is a table of energies and forces.
    let (salt, buckingham) = salt();
    let files = written(&salt, &buckingham, Some(&[1.0, -1.0]));
    let lines = &files[0].1;
    assert!(lines.contains("set type 2 charge -1\nkspace_style ewald 1e-10\npair_style hybrid/overlay coul/long 10 table spline"), "{lines}");
    assert!(lines.contains("pair_coeff 1 2 table it.table Na_Cl 6.5\n"), "{lines}");
    let rows: Vec<Vec<f64>> = files[1].1[files[1].1.find("Na_Cl\n").unwrap()..]
        .lines()
        .skip(3)
        .take(10_000)
        .map(|l| l.split_whitespace().map(|w| w.parse().unwrap()).collect())
        .collect();
    for k in [1, 2500, 9200, 9700] {
        let [_, r, energy, force] = rows[k][..] else { panic!("{:?}", rows[k]) };
        let x: f64 = (r - 6.0) / 0.5;
        let switch = if x <= 0.0 { 1.0 } else { 1.0 - x.powi(3) * (10.0 - 15.0 * x + 6.0 * x * x) };
        let known = 1256.0 * (-r / 0.317).exp() * switch;
        assert!((energy - known).abs() < 1e-9 * (known.abs() + 1e-6), "{r}: {energy} {known}");
        let slope = (rows[k + 1][2] - rows[k - 1][2]) / (rows[k + 1][1] - rows[k - 1][1]);
        assert!((force + slope).abs() < 1e-5 * (force.abs() + 1e-6), "{r}: {force} {slope}");
    }
    let mut sharp = buckingham;
    sharp.smoothing = 0.0;
    let lines = &written(&salt, &sharp, Some(&[1.0, -1.0]))[0].1;
    assert!(lines.contains("pair_style buck/coul/long 6.5 10\n"), "{lines}");
    assert_eq!(numbers(lines, "pair_coeff 1 1"), [0.0, 1.0, 0.0]);
    assert_eq!(numbers(lines, "pair_coeff 1 2"), [1256.0, 0.317, 0.0]);
    // A network is nothing for LAMMPS.
    let (nickel, network) = network();
    let around = Surroundings::new(&nickel.primitive, &network).unwrap();
    let noted: Vec<Noted> = network.values().iter().map(|v| Noted { value: *v, sigma: None }).collect();
    let atoms = [Atoms { mass: 58.7, charge: None }];
    let why = write_lammps(&network, &noted, &atoms, &around, "it", "").unwrap().unwrap_err();
    assert!(why.starts_with("LAMMPS itself has no pair_style for a network"), "{why}");
}

fn parsed(job: &Value) -> Job {
    serde_json::from_value(job.clone()).unwrap()
}

fn job(potential: &Value) -> Value {
    json!({
        "crystal": {"prototype": "fcc", "element": "Cu", "a": 3.61},
        "force_constants": {"cutoff": 5.9},
        "potential": potential,
        "model": {"order": "one-phonon", "temperature": 298},
        "data": [{"file": "made.csv"}],
        "mask": {"bragg_radius": 0.15},
    })
}

/// A map with errors of 2 %, drawn where `seed` is given.
fn measured(truth: &[([f64; 3], f64)], seed: Option<u128>) -> Files {
    let mut random = Pcg64::new(seed.unwrap_or(0), 11);
    let mut text = "h,k,l,intensity,sigma\n".to_owned();
    for ([h, k, l], value) in truth {
        let (value, drawn): (f64, f64) = (40.0 * value, StandardNormal.sample(&mut random));
        let sigma = 0.02 * value;
        let noisy = value + if seed.is_some() { sigma * drawn } else { 0.0 };
        text += &format!("{h},{k},{l},{noisy:e},{sigma:e}\n");
    }
    Files::from([("made.csv".to_owned(), text.into_bytes())])
}

fn map_of(potential: &Value) -> Vec<([f64; 3], f64)> {
    let mut hkl = vec![];
    for l in [0.0, 0.3] {
        for a in 0..16 {
            hkl.extend((0..=a).map(|b| [0.27 * f64::from(a) + 0.11, 0.27 * f64::from(b) + 0.07, l]));
        }
    }
    let prepared = tds_inversion::run::Prepared::new(&parsed(&job(potential)), &Files::new()).unwrap();
    let wrong = |n: usize| tds_inversion::Error::value(format!("{n}"), "a point off the peaks");
    let found = prepared.simulate(&hkl, &wrong).unwrap();
    hkl.into_iter().zip(found.intensity).collect()
}

fn fitted(potential: &Value, files: Files) -> Run<Files> {
    let mut run = Run::new(&parsed(&job(potential)), files).unwrap();
    while run.session.progress().termination.is_none() {
        run.step(|| 0.0);
    }
    run
}

/// The scatter of the curves of fits to maps that differ by their noise is the σ that each of them states.
#[test]
fn bands_are_the_scatter_of_repeated_fits() {
    const REPEATS: u128 = 60;
    let truth = json!({"library": "cu_morse"});
    let map = map_of(&truth);
    let start = json!({"library": "cu_morse", "parameters": {"D": 0.37, "alpha": 1.3}});
    let curves = |seed: u128| -> CurveReport {
        let run = fitted(&start, measured(&map, Some(seed)));
        run.potential_curves().unwrap().remove(0)
    };
    let all: Vec<CurveReport> = (1..=REPEATS).map(curves).collect();
    let n = REPEATS as f64;
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    for k in (0..all[0].x.len()).step_by(20) {
        let mean = all.iter().map(|c| c.value[k]).sum::<f64>() / n;
        let scatter = (all.iter().map(|c| (c.value[k] - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let sigma = all.iter().map(|c| c.sigma.as_ref().unwrap()[k]).sum::<f64>() / n;
        println!("φ({:.3} Å) {mean:.5} eV, scatter {scatter:.2e}, σ {sigma:.2e}", all[0].x[k]);
        (low, high) = (low.min(scatter / sigma), high.max(scatter / sigma));
        // The start is that of the job, the truth another one.
        assert!((all[0].start[k] - all[0].value[k]).abs() > 1e-4);
    }
    assert!(low > 0.75 && high < 1.25, "{low} {high}");
    // Before a fit nothing is known of them.
    let begun = Run::new(&parsed(&job(&start)), measured(&map, None)).unwrap();
    let curve = begun.potential_curves().unwrap().remove(0);
    assert!(curve.sigma.is_none() && curve.value == curve.start);
    assert!((curve.marks[0] - 3.61 / 2.0_f64.sqrt()).abs() < 1e-9 && curve.marks.len() >= 6);
}

/// A hand holds the parameters of a potential; what it shows is the job with those, and what it says of the data is differences.
#[test]
fn parameters_move_under_a_hand() {
    let truth = json!({"library": "cu_morse"});
    let files = measured(&map_of(&truth), Some(5));
    let mut run = fitted(&truth, files.clone());
    let report = run.brief().potential.unwrap();
    let found: Vec<f64> = report.parameters.iter().map(|p| p.value).collect();
    for p in &report.parameters {
        // At the optimum the gradient asks for nothing.
        assert!(p.step.unwrap().abs() < 0.05 * p.sigma.unwrap(), "{p:?}");
    }
    let moved = [found[0] * 1.05, found[1] * 0.97, found[2]];
    let touch = |run: &Run<Files>, values: &[f64]| {
        run.touch(&Hand { values: values.to_vec(), ..Hand::default() }).unwrap()
    };
    let touched = touch(&run, &moved);
    let other =
        json!({"library": "cu_morse", "parameters": {"D": moved[0], "alpha": moved[1], "r0": moved[2]}});
    let opened = Run::new(&parsed(&job(&other)), files).unwrap();
    for (a, b) in touched.report.values.iter().zip(&opened.session.current().theta) {
        assert!((a - b).abs() < 1e-10, "{a} {b}");
    }
    // What a datum says: by how many of its σ the model moves with the parameter, all else as it is.
    let models = |values: &[f64]| touch(&run, values).models.unwrap().remove(0);
    let scale = run.session.current().nuisances[0].scale;
    let shares = run.shares(0, 1, tds_inversion::run::Share::Slope).unwrap();
    let held = |by: f64| {
        let hand = Hand {
            values: vec![found[0], found[1] + by, found[2]],
            held: vec![vec![Some(scale)]],
            ..Hand::default()
        };
        run.touch(&hand).unwrap().models.unwrap().remove(0)
    };
    let (h, [more, less]) = (1e-4, [1e-4, -1e-4].map(held));
    let mut compared = 0;
    for row in (0..shares.len()).step_by(17).filter(|&row| shares[row].is_finite()) {
        let slope = (more[row] - less[row]) / (2.0 * h) / run.sigma(0, row).unwrap();
        assert!((shares[row] - slope).abs() < 1e-3 * slope.abs().max(1.0), "{row}: {} {slope}", shares[row]);
        compared += 1;
    }
    assert!(compared > 5);
    assert_eq!(models(&found).len(), shares.len());
    assert_eq!(run.row_says(0, 40).unwrap().len(), 3);
    let held = run.touched_curves(&moved).unwrap().remove(0);
    run.place(&moved).unwrap();
    assert!(held.sigma.is_none() && held.value == run.potential_curves().unwrap()[0].value);
    assert_eq!(run.session.progress().iteration, 0);
    let placed = run.brief().potential.unwrap();
    for (p, value) in placed.parameters.iter().zip(moved) {
        assert!((p.value - value).abs() < 1e-12);
        assert!(p.step.unwrap().abs() > 0.0);
    }
    run.step(|| 0.0);
    assert!(run.place(&[0.1]).unwrap_err().to_string().contains("3 finite numbers, one for each parameter"));
    let files = run.potential_files().unwrap();
    assert!(files.without.is_empty() && files.lammps[0].name == "Cu_morse.lammps");
    let header = files.curves.text.lines().find(|l| !l.starts_with('#')).unwrap();
    assert_eq!(header, "curve,x,value,sigma,start");
    assert_eq!(files.curves.text.lines().filter(|l| l.starts_with("φ(r),")).count(), 121);
}

/// A network under a hand: all its weights, of which the fit moves combinations.
#[test]
fn weights_of_a_network_are_found_again() {
    let network = json!({"family": "network", "start": {"library": "cu_morse"}, "layers": [3, 2]});
    let files = measured(&map_of(&json!({"library": "cu_morse", "parameters": {"alpha": 1.33}})), None);
    let run = fitted(&network, files);
    let values: Vec<f64> = run.brief().potential.unwrap().parameters.iter().map(|p| p.value).collect();
    let touched = run.touch(&Hand { values, ..Hand::default() }).unwrap();
    for (a, b) in touched.report.values.iter().zip(&run.session.current().theta) {
        assert!((a - b).abs() < 1e-8, "{a} {b}");
    }
    let files = run.potential_files().unwrap();
    assert!(files.lammps.is_empty() && files.without.contains("network"));
    let curve = run.potential_curves().unwrap().remove(0);
    assert_eq!(curve.name, "E(a)");
    assert!(curve.sigma.unwrap().iter().all(|s| s.is_finite() && *s >= 0.0));
}
