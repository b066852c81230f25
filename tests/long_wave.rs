//! Long waves: what a guard must see and a person must be told where constants violate rotational
//! invariance or Huang's conditions, or lack the long-range part.

mod common;

use std::collections::BTreeMap;

use common::*;
use nalgebra::{Matrix3, Vector3};
use serde_json::json;
use tds_inversion::dynamics::{LongWave, frequencies, rotational_violation};
use tds_inversion::fit::TerminationReason;
use tds_inversion::ifc::ForceConstants;
use tds_inversion::run::{Prepared, Run, Trust, long_wave_notes};

type Given = BTreeMap<String, Vec<u8>>;

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn prepare(job: serde_json::Value, files: &Given) -> Prepared {
    Prepared::new(&serde_json::from_value(job).unwrap(), files).unwrap()
}

/// Share of the acoustic ω² that is negative at |q| in many directions.
fn imaginary_share(fc: &ForceConstants, masses: &[f64], q: f64) -> f64 {
    let (mut negative, mut all) = (0, 0);
    for k in 0..200 {
        let z = (k as f64 + 0.5) / 200.0;
        let (s, c) = (2.399_963_2 * k as f64).sin_cos();
        let n = Vector3::new(c * (1.0 - z * z).sqrt(), s * (1.0 - z * z).sqrt(), z);
        let f = frequencies(fc, masses, &(n * q));
        negative += f[..3].iter().filter(|f| **f < 0.0).count();
        all += 3;
    }
    negative as f64 / f64::from(all)
}

fn tellurium() -> (serde_json::Value, Given) {
    let job = json!({
        "crystal": {"file": "Te.vasp"},
        "force_constants": {"cutoff": 4.4683, "start": {"file": "Te_truth.FC", "supercell_matrix": [3, 3, 2]}},
        "model": {"order": "one-phonon", "statistics": "quantum", "temperature": 300},
        "data": [{"file": "data.csv"}],
        "nuisance": {"scale": "free", "background": ["constant"]},
    });
    let files = ["Te.vasp", "Te_truth.FC", "data.csv"];
    (job, files.map(|name| (name.to_owned(), fixture(&format!("tellurium/{name}")))).into())
}

#[test]
fn the_wave_number_below_which_sound_is_imaginary_is_that_of_the_frequencies() {
    let (job, files) = tellurium();
    let prepared = prepare(job, &files);
    let masses = &prepared.crystal.primitive.masses;
    // Any constants will do: the start, pushed off rotational invariance.
    let mut seen = 0;
    for push in [0.0, 1e-3, 3e-3, 1e-2] {
        let theta: Vec<f64> = prepared
            .theta
            .iter()
            .enumerate()
            .map(|(p, t)| t + push * ((p * 37 % 11) as f64 / 5.0 - 1.0))
            .collect();
        let fc = prepared.family.at(&theta);
        let (q, n) = LongWave::new(&fc).imaginary_below();
        assert_eq!(rotational_violation(&fc), q);
        if q < 1e-6 {
            continue;
        }
        seen += 1;
        let lowest = |q: f64| frequencies(&fc, masses, &(n * q))[0];
        println!("push {push}: {q:.2e} Å⁻¹, frequencies {:.1e} {:.1e}", lowest(0.97 * q), lowest(1.03 * q));
        assert!(lowest(0.97 * q) < 0.0 && lowest(1.03 * q) > 0.0, "push {push}: {q}");
    }
    assert!(seen >= 3);
    // Symmetry makes up for it in most crystals.
    for system in library_systems() {
        assert_eq!(rotational_violation(&system.basis.family.at(&system.theta)), 0.0, "{}", system.name);
    }
}

/// What the averages over a resolution near Bragg peaks lean on, in every crystal, polar ones with their field.
#[test]
fn the_form_of_acoustic_waves_is_that_of_the_inverse_stiffness() {
    for system in all_systems() {
        let wave = LongWave::new(&system.basis.family.at(&system.theta));
        let form = wave.form();
        for (n, a) in
            general_q(&system.crystal, 12).into_iter().zip(general_q(&system.crystal, 13).split_off(1))
        {
            let inverse = wave.along(&n).try_inverse().unwrap();
            let expected = a.dot(&(inverse * a));
            let ours = form.at(&n, &a).unwrap();
            assert!(relative(ours, expected) < 1e-11, "{}: {ours} {expected}", system.name);
        }
    }
}

#[test]
fn a_fit_of_tellurium_ends_stable_near_gamma_and_says_what_its_constants_violate() {
    let (job, files) = tellurium();
    let mut run = Run::new(&serde_json::from_value(job).unwrap(), files).unwrap();
    let masses = run.prepared.crystal.primitive.masses.clone();
    let truth = run.prepared.theta.clone();
    for _ in 0..200 {
        run.step(|| 0.0);
    }
    let theta = run.session.current().theta.clone();
    assert!(theta.iter().zip(&truth).any(|(a, b)| (a - b).abs() > 1e-4), "the fit has moved");
    let fc = run.prepared.family.at(&theta);
    let (q, shares) =
        (rotational_violation(&fc), [0.002, 0.005, 0.01, 0.02].map(|q| imaginary_share(&fc, &masses, q)));
    println!(
        "{:?} χ² {}: imaginary below {q:.1e} Å⁻¹, shares {shares:?}",
        run.session.progress(),
        run.session.current().chi2
    );
    assert_eq!(shares, [0.0; 4]);
    // Of the constants that the guard lets through, the best: the noise alone pulls on.
    assert_eq!(run.session.progress().termination, Some(TerminationReason::Converged));
    let (fall, conditions) = run.session.pull_from_invariance().unwrap();
    println!("χ² would fall by {fall} over {conditions} conditions");
    assert!(q < 1e-9, "{q}");
    let result = run.result(0.0, "2026-01-01T00:00:00Z");
    let verdict = result.verdict.unwrap();
    let reason = verdict.reasons.iter().find(|r| r.code == "rotational-invariance").unwrap();
    assert_eq!(reason.trust, Trust::Good, "the data are those of an invariant crystal: {}", reason.sentence);
    let notes = result.notes;
    let expected = long_wave_notes(&run.prepared, &theta);
    println!("{notes:#?}");
    assert!(expected.iter().all(|n| notes.contains(n)), "of the fitted constants");
    // The start's own number is not repeated.
    let start = long_wave_notes(&run.prepared, &truth);
    assert!(start.iter().filter(|n| !expected.contains(n)).all(|n| !notes.contains(n)));
}

#[test]
fn a_fit_passes_where_constants_on_its_way_would_make_sound_grow() {
    // Of the 71 constants of quartz, 16 are bound by rotational invariance. Start and truth are invariant, and the
    // way of the fit between them is not.
    let files = ["quartz.vasp", "quartz_start.FC", "quartz_truth.FC"];
    let mut files: Given = files.map(|name| (name.to_owned(), fixture(&format!("quartz/{name}")))).into();
    let constants = |name: &str| json!({"file": format!("quartz_{name}.FC"), "supercell_matrix": [2, 2, 2]});
    let mut job = json!({
        "crystal": {"file": "quartz.vasp"},
        "force_constants": {"cutoff": 3.178853483609254, "values": constants("truth")},
        "model": {"order": "one-phonon", "statistics": "quantum", "temperature": 300, "u_mesh": [4, 4, 4]},
        "data": [{"file": "d.csv"}],
        "nuisance": {"scale": "free", "background": ["constant"]},
    });
    let truth = prepare(job.clone(), &files);
    let hkl: Vec<[f64; 3]> = (0..500)
        .map(|i| [0.377, 0.731, 0.219].map(|x| 14.0 * (x * f64::from(i + 1) * 1.618_034).fract() - 7.0))
        .collect();
    let simulated = truth.simulate(&hkl, &|n| unreachable!("point {n} is a Bragg point")).unwrap().intensity;
    let largest = simulated.iter().copied().fold(0.0, f64::max);
    let sigma: Vec<f64> = simulated.iter().map(|i| 1e-4 * i + 1e-9 * largest).collect();
    let text = tds_inversion::formats::table::write_csv(&hkl, &simulated, Some(&sigma));
    files.insert("d.csv".to_owned(), text.into_bytes());
    job["force_constants"] = json!({"cutoff": 3.178853483609254, "start": constants("start")});
    let mut run = Run::new(&serde_json::from_value(job).unwrap(), files).unwrap();
    while run.session.progress().termination.is_none() {
        run.step(|| 0.0);
    }
    let at = run.session.current();
    println!("{:?} χ² {:e}", run.session.progress(), at.chi2);
    assert_eq!(run.session.progress().termination, Some(TerminationReason::Converged));
    let off = at.theta.iter().zip(&truth.theta).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(off < 1e-6, "a constant is off by {off} eV/Å²");
}

#[test]
fn rotational_invariance_can_be_imposed() {
    let (mut job, files) = tellurium();
    let free = prepare(job.clone(), &files);
    job["constraints"] = json!({"rotational_invariance": true});
    let invariant = prepare(job.clone(), &files);
    // As counted by another program.
    assert_eq!((free.theta.len(), invariant.theta.len()), (34, 27));
    assert_eq!(invariant.labels(), free.labels());
    // The constants of the file are invariant: nothing is lost.
    let (a, b) = (free.family.at(&free.theta), invariant.family.at(&invariant.theta));
    let off = a.pairs.iter().zip(&b.pairs).map(|(a, b)| (a.4 - b.4).amax()).fold(0.0, f64::max);
    println!("projection onto invariant constants loses {off:.1e} eV/Å²");
    assert!(off < 1e-3, "{off}");
    // Any constants of the family are.
    let theta: Vec<f64> =
        invariant.theta.iter().enumerate().map(|(p, t)| t + 0.1 * ((p * 5 % 7) as f64 - 3.0)).collect();
    let long_wave = LongWave::new(&invariant.family.at(&theta));
    assert!(long_wave.linear < 1e-10, "{}", long_wave.linear);
    assert!(long_wave.elastic(invariant.crystal.primitive.volume()).huang_violation < 1e-8);
    // Named elements are those elements, those that are fitted and those that follow from them.
    let all = invariant.all_constants(&theta);
    for (p, parameter) in invariant.basis.as_ref().unwrap().parameters.iter().enumerate() {
        let orbit = invariant.basis.as_ref().unwrap().orbit_of(p).1;
        let fc = invariant.family.at(&theta);
        let digit = |n: usize| parameter.label.as_bytes()[n] as usize - '1' as usize;
        let atoms = (digit(2), digit(6));
        let named = |q: &&tds_inversion::ifc::PairConstants| {
            (q.0, q.1) == atoms && (q.3 - Vector3::from(orbit)).norm() < 1e-9
        };
        let element = fc.pairs.iter().find(named).unwrap().4;
        assert!((element[parameter.component] - all[p]).abs() < 1e-12, "{}", parameter.label);
    }
    for (k, column) in invariant.imposed.as_ref().unwrap().columns.iter().enumerate() {
        assert_eq!(all[column.unwrap()], theta[k]);
    }

    let mut run = Run::new(&serde_json::from_value(job).unwrap(), files).unwrap();
    for _ in 0..100 {
        run.step(|| 0.0);
    }
    let result = run.result(0.0, "2026-01-01T00:00:00Z");
    println!("{:?}: χ²/n {}", result.termination, result.chi2_reduced);
    assert!((result.chi2_reduced - 1.0).abs() < 0.15);
    let truth = invariant.all_constants(&invariant.theta);
    let pulls = result.parameters.iter().zip(&truth).map(|(p, t)| ((p.value - t) / p.sigma.unwrap()).abs());
    let worst = pulls.fold(0.0, f64::max);
    println!("worst pull {worst:.1}");
    assert!(worst < 4.0, "{worst} σ from the truth");
    assert!(
        result.notes.iter().all(|n| !n.contains("rotation") && !n.contains("Huang")),
        "{:?}",
        result.notes
    );
}

#[test]
fn rotational_invariance_takes_as_many_constants_as_it_should() {
    let quartz = "quartz\n1.0\n4.913 0 0\n-2.4565 4.2547828087929478 0\n0 0 5.405\nSi O\n3 6\nDirect\n\
        0.4697 0 0.3333333333333333\n0 0.4697 0.6666666666666666\n0.5303 0.5303 0\n\
        0.4133 0.2672 0.4521333333333333\n0.7328 0.1461 0.7854666666666668\n0.8539 0.5867 0.1188\n\
        0.2672 0.4133 0.5478666666666667\n0.1461 0.7328 0.2145333333333333\n0.5867 0.8539 0.8812\n";
    let count = |constrained: bool| {
        let job = json!({"crystal": {"file": "POSCAR"}, "constraints": {"rotational_invariance": constrained},
            "force_constants": {"cutoff": 3.178853483609254, "start": {"springs": {"1": 1.0}}}});
        prepare(job, &Given::from([("POSCAR".to_owned(), quartz.as_bytes().to_vec())])).theta.len()
    };
    assert_eq!((count(false), count(true)), (71, 55));
    // Cubic metals have nothing to give.
    for system in library_systems() {
        let n = system.basis.len();
        let conditions = system.basis.rotational_invariance();
        let left = system.basis.imposed(&conditions).unwrap().family.n_parameters;
        assert_eq!(left, n, "{}", system.name);
    }
}

#[test]
fn constants_that_grow_near_gamma_are_no_start() {
    let (mut job, files) = tellurium();
    let prepared = prepare(job.clone(), &files);
    let labels: BTreeMap<String, f64> = prepared
        .labels()
        .into_iter()
        .zip(&prepared.theta)
        .enumerate()
        .map(|(p, (label, t))| (label, t + 0.03 * ((p * 37 % 11) as f64 / 5.0 - 1.0)))
        .collect();
    job["force_constants"]["start"] = json!({"labels": labels});
    let said = Run::new(&serde_json::from_value(job).unwrap(), files).err().unwrap().to_string();
    println!("{said}");
    assert!(said.contains("not invariant under rotation") && said.contains("Å⁻¹"), "{said}");
}

#[test]
fn elastic_constants_say_by_how_much_sound_differs_from_them() {
    let by_hand = |fc: &ForceConstants, volume: f64| {
        let long_wave = LongWave::new(fc);
        let c = long_wave.elastic(volume).voigt;
        let voigt = |i: usize, j: usize| if i == j { i } else { 6 - i - j };
        let n = Vector3::new(0.0, 0.0, 1.0);
        let christoffel = Matrix3::from_fn(|i, k| c[(voigt(i, 2), voigt(k, 2))]);
        let speed = |m: Matrix3<f64>| m.symmetric_eigenvalues().max().sqrt();
        (speed(christoffel) / speed(long_wave.along(&n) * (160.217_663_4 / volume)) - 1.0).abs()
    };
    let zno = polyatomic_systems().into_iter().find(|s| s.name == "ZnO").unwrap();
    let (fc, volume) = (zno.basis.family.at(&zno.theta), zno.crystal.primitive.volume());
    let mismatch = LongWave::new(&fc).sound_mismatch(volume);
    println!("ZnO: {mismatch:.3}, along c {:.3}", by_hand(&fc, volume));
    assert!(mismatch > 0.005 && mismatch >= by_hand(&fc, volume) - 1e-12);
    let job = json!({"crystal": {"file": "ZnO.yaml"}, "force_constants": {"cutoff": 4.0, "start": {"file": "ZnO.yaml"}}});
    let files = Given::from([("ZnO.yaml".to_owned(), fixture("ZnO/phonopy.yaml"))]);
    let notes = prepare(job, &files).warnings;
    assert!(notes.iter().any(|n| n.contains("Huang") && n.contains('%')), "{notes:?}");
    // Cubic crystals obey Huang's conditions by symmetry.
    for system in library_systems() {
        let fc = system.basis.family.at(&system.theta);
        assert!(
            LongWave::new(&fc).sound_mismatch(system.crystal.primitive.volume()) < 1e-9,
            "{}",
            system.name
        );
    }
}

#[test]
fn the_missing_long_range_part_is_named_with_its_size() {
    let plain = String::from_utf8(fixture("NaCl/phonopy.yaml")).unwrap();
    let tensor =
        |x: f64| format!("    - [ {x}, 0.0, 0.0 ]\n    - [ 0.0, {x}, 0.0 ]\n    - [ 0.0, 0.0, {x} ]\n");
    let charges = format!(
        "  born_effective_charge:\n  - # 1 (Na)\n{}  - # 2 (Cl)\n{}",
        tensor(1.08703),
        tensor(-1.08672)
    );
    let nac = format!("nac:\n{charges}  dielectric_constant:\n{}\nforce_constants:\n", tensor(2.43533967));
    let polar = plain.replacen("force_constants:\n", &nac, 1);
    let warned = |text: &str| {
        let job = json!({"crystal": {"file": "a.yaml"}, "force_constants": {"values": {"file": "a.yaml"}}});
        let files = Given::from([("a.yaml".to_owned(), text.as_bytes().to_vec())]);
        prepare(job, &files).warnings
    };
    // With charges it is in the model, which nobody asked for by name: that is said, and nothing else.
    let said = "The long-range part of the force constants is in the model, by the Born charges of a.yaml.";
    assert_eq!(warned(&polar), [said]);
    // By charges of ±1 and ε∞ = 2.3; with those above from 4.62 to 7.40 THz.
    let notes = warned(&plain);
    assert!(notes[0].contains("may be polar") && notes[0].contains("from 4.62 to about 7."), "{notes:?}");
    // Metals and elements.
    let poscar = |text: &str, springs: serde_json::Value| {
        let job = json!({"crystal": {"file": "POSCAR"}, "force_constants": {"cutoff": 3.6, "start": {"springs": springs}}});
        prepare(job, &Given::from([("POSCAR".to_owned(), text.as_bytes().to_vec())])).warnings
    };
    let mgb2 = "MgB2\n1.0\n3.086 0 0\n-1.543 2.672554 0\n0 0 3.524\nMg B\n1 2\nDirect\n0 0 0\n\
        0.333333333333 0.666666666667 0.5\n0.666666666667 0.333333333333 0.5\n";
    let springs = json!({"1": 5.0, "2": 2.0, "3": 1.0});
    assert!(poscar(mgb2, springs.clone()).iter().all(|w| !w.contains("polar")));
    assert!(
        poscar(&mgb2.replace("Mg B", "Mg O"), springs.clone()).iter().any(|w| w.contains("may be polar"))
    );
    // Hydrogen is an anion beside what gives its electrons away, and none in a metal.
    let hydride = |symbols: &str| {
        let text =
            "hydride\n1.0\n0 2.04 2.04\n2.04 0 2.04\n2.04 2.04 0\nLi H\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n";
        poscar(&text.replace("Li H", symbols), springs.clone())
    };
    assert!(hydride("Li H").iter().any(|w| w.contains("may be polar") && w.contains("would rise")));
    assert!(hydride("Pd H").iter().all(|w| !w.contains("polar")));
}
