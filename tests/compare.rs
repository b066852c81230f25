//! Claims about fits beside fits: shells, drawn data, other starts, what to measure next.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tds_inversion::job::Job;
use tds_inversion::run::{Run, bootstrap, plan, shells, starts};

type Files = BTreeMap<String, Vec<u8>>;

/// Copper as three shells make it, counts on two planes.
fn copper(edit: impl Fn(&mut Value)) -> Job {
    let mut job = json!({
        "crystal": {"prototype": "fcc", "element": "Cu", "a": 3.61},
        "force_constants": {"start": {"library": "cu_296"}},
        "model": {"order": "one-phonon", "statistics": "quantum", "temperature": 298, "u_mesh": [8, 8, 8]},
        "mask": {"bragg_radius": 0.2},
        "nuisance": {"background": ["constant"]},
        "data": [{"ideal": true, "holds": "one-phonon", "synthetic": {
            "values": {"labels": three_shells()}, "h": [-3.45, 3.45, 20], "k": [-3.45, 3.45, 20], "l": [0.15, 0.45],
            "scale": 60.0, "background": [200.0, 0.0], "noise": true, "seed": 5,
        }}],
    });
    edit(&mut job);
    serde_json::from_value(job).unwrap()
}

/// Those of copper at 296 K, and no others.
fn three_shells() -> BTreeMap<&'static str, f64> {
    const N_PER_M: f64 = -1.0 / 16.021_766_34;
    let all = [
        ("1XX", 13.102),
        ("1ZZ", -1.417),
        ("1XY", 14.82),
        ("2XX", 0.361),
        ("2YY", -0.238),
        ("3XX", 0.642),
        ("3YY", 0.315),
        ("3YZ", 0.19),
        ("3XZ", 0.385),
    ];
    all.map(|(label, x)| (label, x * N_PER_M)).into()
}

#[test]
fn the_table_of_shells_finds_as_many_as_there_are() {
    let rows = shells(&copper(|_| {}), &Files::new(), Some(5), 4, &mut |_| {}).unwrap();
    for r in &rows {
        println!(
            "{} {} χ²/n {:.4} ΔAIC {:.1} ΔBIC {:.1} CV {:.4}",
            r.shells, r.constants, r.chi2_reduced, r.aic, r.bic, r.cross_validation
        );
    }
    assert_eq!(rows.iter().map(|r| r.shells).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(rows.iter().map(|r| r.constants).collect::<Vec<_>>(), [3, 5, 9, 12, 16]);
    let best = |of: fn(&tds_inversion::run::ShellsRow) -> f64| {
        rows.iter().min_by(|a, b| of(a).total_cmp(&of(b))).unwrap().shells
    };
    assert_eq!(best(|r| r.bic), 3);
    assert_eq!(best(|r| r.aic), 3);
    let least = rows.iter().map(|r| r.cross_validation).fold(f64::INFINITY, f64::min);
    assert!(rows[2].cross_validation < 1.02 * least, "more shells foretell nothing better");
    assert!(rows[1].cross_validation > 1.5 * least && rows[4].cross_validation > 1.02 * least);
    assert!(rows[0].aic > 50.0 && rows[1].aic > 10.0, "too few are told from enough");
    assert!((rows[2].cross_validation - 1.0).abs() < 0.1, "{}", rows[2].cross_validation);
    // Each is the fit of its own job.
    let alone = copper(|job| {
        job["force_constants"] = json!({"cutoff": rows[2].cutoff, "start": {"springs": {"1": 1.5}}});
    });
    let mut run = Run::new(&alone, Files::new()).unwrap();
    for _ in 0..60 {
        run.step(|| 0.0);
    }
    let at = run.session.current();
    assert!((at.chi2 / run.session.problem.degrees() as f64 - rows[2].chi2_reduced).abs() < 1e-8);
}

#[test]
fn constants_of_drawn_data_scatter_by_their_sigma() {
    let job =
        copper(|job| job["force_constants"] = json!({"cutoff": 4.5, "start": {"labels": three_shells()}}));
    let found = bootstrap(&job, &Files::new(), 60, 1, &mut |_| {}).unwrap();
    println!("{} blocks, {:?}", found.blocks, found.fits);
    assert_eq!(found.fits, [60, 60]);
    let ratios: Vec<f64> = found.numbers.iter().map(|n| n.scatter / n.sigma.unwrap()).collect();
    println!("{ratios:?}");
    let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    assert!((0.75..1.35).contains(&mean), "{mean}");
    assert!(found.numbers.iter().any(|n| n.name == "C44"));
    // The same seed draws the same data.
    let again = bootstrap(&job, &Files::new(), 3, 1, &mut |_| {}).unwrap();
    let other = bootstrap(&job, &Files::new(), 3, 2, &mut |_| {}).unwrap();
    let same = bootstrap(&job, &Files::new(), 3, 1, &mut |_| {}).unwrap();
    assert_eq!(again.numbers[0].scatter, same.numbers[0].scatter);
    assert_ne!(again.numbers[0].scatter, other.numbers[0].scatter);
}

#[test]
fn other_starts_lead_to_the_same_optimum() {
    let job = copper(|job| job["force_constants"] = json!({"cutoff": 4.5, "start": {"springs": {"1": 1.5}}}));
    let (best, fits) = starts(&job, &Files::new(), 4, 7, &mut |_| {}).unwrap();
    assert_eq!(fits.len(), 5);
    assert_eq!(fits[0].off, 0.0);
    let same = fits.iter().filter(|f| f.off < 1e-6).count();
    println!("{same} of 5 at χ²/n {}", fits[0].chi2_reduced);
    assert!(same >= 4);
    let mut run = Run::new(&best, Files::new()).unwrap();
    for _ in 0..60 {
        run.step(|| 0.0);
    }
    let at = run.session.current();
    assert!((at.chi2 / run.session.problem.degrees() as f64 / fits[0].chi2_reduced - 1.0).abs() < 1e-9);
}

#[test]
fn a_plan_puts_first_what_tells_most_and_foretells_the_sigma_of_the_fit() {
    let set = |l: f64, scale: f64| {
        json!({"ideal": true, "holds": "one-phonon", "synthetic": {"values": {"labels": three_shells()},
            "h": [-3.45, 3.45, 20], "k": [-3.45, 3.45, 20], "l": [l], "scale": scale, "background": [200.0, 0.0],
            "noise": true, "seed": 8}})
    };
    let with = |data: Vec<Value>| {
        copper(|job| {
            job["force_constants"] = json!({"cutoff": 4.5, "start": {"labels": three_shells()}});
            job["data"] = json!(data);
        })
    };
    // The plane through the origin says least; a tenth of the time says less.
    let list = plan(&with(vec![set(0.0, 60.0), set(0.45, 6.0), set(0.45, 60.0)]), &Files::new()).unwrap();
    for c in &list {
        println!("data[{}]: {:?} σ shrink {:.3} times, C44 {:?}", c.data, c.determined, c.gain, c.elastic[2]);
    }
    assert_eq!(list[0].data, 2);
    assert!(list[0].gain > list[1].gain && list[1].gain > list[2].gain, "each is the best of what is left");
    assert!(list.iter().all(|c| c.gain >= 1.0));
    // What it foretells of all of them is what a fit of them finds.
    let mut run =
        Run::new(&with(vec![set(0.0, 60.0), set(0.45, 6.0), set(0.45, 60.0)]), Files::new()).unwrap();
    for _ in 0..60 {
        run.step(|| 0.0);
    }
    let result = run.result(0.0, "2026-01-01T00:00:00Z");
    for (p, (label, foretold)) in result.parameters.iter().zip(&list[2].sigma) {
        assert_eq!(&p.label, label);
        let ratio = p.sigma.unwrap() / foretold.unwrap();
        assert!((ratio - 1.0).abs() < 0.1, "{label}: {ratio}");
    }
    // One plane alone does not determine all constants, and says so.
    let alone = plan(&with(vec![set(0.0, 60.0)]), &Files::new()).unwrap();
    assert!(alone[0].determined[0] < alone[0].determined[1], "{:?}", alone[0].determined);
}

#[test]
fn a_plan_counts_what_is_known_before_and_refuses_what_it_cannot_add() {
    let set = |l: f64| {
        json!({"ideal": true, "holds": "one-phonon", "synthetic": {"values": {"labels": three_shells()},
            "h": [-3.45, 3.45, 12], "k": [-3.45, 3.45, 12], "l": [l], "scale": 20.0, "background": [200.0, 0.0],
            "noise": true, "seed": 8}})
    };
    let with = |data: Vec<Value>, edit: fn(&mut Value)| {
        copper(|job| {
            job["force_constants"] = json!({"cutoff": 4.5, "start": {"labels": three_shells()}});
            job["data"] = json!(data);
            edit(job);
        })
    };
    let ridge = |job: &mut Value| job["constraints"] = json!({"ridge": 0.02});
    // Known is known, whichever is measured first: no σ above it, and the order of the list does not matter.
    let list = plan(&with(vec![set(0.0), set(0.45)], ridge), &Files::new()).unwrap();
    let turned = plan(&with(vec![set(0.45), set(0.0)], ridge), &Files::new()).unwrap();
    for (a, b) in list.iter().zip(&turned) {
        assert!((a.gain / b.gain - 1.0).abs() < 1e-9, "{} {}", a.gain, b.gain);
        assert!(a.sigma.iter().all(|(_, s)| s.is_some_and(|s| s <= 0.02 * (1.0 + 1e-9))), "{:?}", a.sigma);
    }
    fn message<T>(found: Result<T, tds_inversion::Error>) -> String {
        found.err().map(|e| e.to_string()).unwrap_or_default()
    }
    let shared = with(vec![set(0.0), set(0.45)], |job| {
        job["data"][0]["shares"] = json!("a");
        job["data"][1]["shares"] = json!("a");
    });
    assert!(message(plan(&shared, &Files::new())).contains("job: data: what data[0] shares"));
    // Each start would have a ridge of its own.
    let pulled = with(vec![set(0.45)], ridge);
    assert!(message(shells(&pulled, &Files::new(), None, 2, &mut |_| {})).contains("constraints.ridge"));
    assert!(message(starts(&pulled, &Files::new(), 2, 0, &mut |_| {})).contains("constraints.ridge"));
}
