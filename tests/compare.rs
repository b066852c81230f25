//! Claims about fits beside fits: shells, drawn data, other starts, what to measure next.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tds_inversion::job::Job;
use tds_inversion::run::{Run, ShellsTable, bootstrap, plan, shells, starts};

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
    let mut told = vec![];
    let mut tell = |doing: &str, table: &ShellsTable| told.push((doing.to_owned(), table.rows.len()));
    let table = shells(&copper(|_| {}), &Files::new(), Some(5), 4, &mut tell).unwrap();
    let rows = table.rows;
    println!("{}", table.conclusion);
    assert_eq!(table.conclusion, "The data bear 3 shells: all criteria agree.");
    // Whoever waits hears of every fit, and sees each row as it comes.
    assert_eq!(told.len(), 5 * 5);
    assert_eq!(told[12], ("3 of 5 shells, without part 2 of 4".to_owned(), 2));
    for r in &rows {
        println!(
            "{} {} χ²/n {:.4} ΔAIC {:.1} ΔBIC {:.1} CV {:.4}",
            r.shells,
            r.constants,
            r.chi2_reduced,
            r.aic,
            r.bic,
            r.cross_validation.unwrap()
        );
    }
    assert_eq!(rows.iter().map(|r| r.shells).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(rows.iter().map(|r| r.constants).collect::<Vec<_>>(), [3, 5, 9, 12, 16]);
    let best = |of: fn(&tds_inversion::run::ShellsRow) -> f64| {
        rows.iter().min_by(|a, b| of(a).total_cmp(&of(b))).unwrap().shells
    };
    assert_eq!(best(|r| r.bic), 3);
    assert_eq!(best(|r| r.aic), 3);
    let foretold: Vec<f64> = rows.iter().map(|r| r.cross_validation.unwrap()).collect();
    let least = foretold.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(foretold[2] < 1.02 * least, "more shells foretell nothing better");
    assert!(foretold[1] > 1.5 * least && foretold[4] > 1.02 * least);
    assert!(rows[0].aic > 50.0 && rows[1].aic > 10.0, "too few are told from enough");
    assert!((foretold[2] - 1.0).abs() < 0.1, "{}", foretold[2]);
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
fn a_table_of_shells_says_what_it_lacks() {
    let none = &mut |_: &str, _: &ShellsTable| {};
    // Two shells do not describe three, and the table ends before it does.
    let short = shells(&copper(|_| {}), &Files::new(), Some(2), 1, none).unwrap();
    println!("{}", short.conclusion);
    assert!(short.rows.iter().all(|r| r.cross_validation.is_none()));
    assert!(short.conclusion.starts_with(
        "The data bear 2 shells: all criteria agree. The table ends there: more may be better still. χ²/n is "
    ));
    // What is imposed on constants of farther shells says nothing of nearer ones; a tie across is one.
    let imposed = copper(|job| {
        job["constraints"] = json!({
            "fixed": {"3YZ": 0.0}, "prior": {"2XX": [-0.02, 1e-6]}, "tied": [{"labels": ["2YY", "3YY"]}],
        });
    });
    let rows = shells(&imposed, &Files::new(), Some(3), 1, none).unwrap().rows;
    assert_eq!(rows.iter().map(|r| r.constants).collect::<Vec<_>>(), [3, 5, 7]);
    // Data that do not bear more constants end the table, not the comparison.
    let few = copper(|job| {
        let grid = json!([0.3, 0.7, 2]);
        for axis in ["h", "k"] {
            job["data"][0]["synthetic"][axis] = grid.clone();
        }
        job["data"][0]["synthetic"]["l"] = json!([0.15, 0.45]);
    });
    let ended = shells(&few, &Files::new(), Some(3), 1, none).unwrap();
    println!("{} rows: {}", ended.rows.len(), ended.conclusion);
    assert!(ended.conclusion.ends_with("shells."), "{}", ended.conclusion);
    assert!(ended.conclusion.contains("The data are too few for "), "{}", ended.conclusion);
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
    let list = plan(&with(vec![set(0.0, 60.0), set(0.45, 6.0), set(0.45, 60.0)]), &Files::new(), &mut |_| {})
        .unwrap();
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
    let alone = plan(&with(vec![set(0.0, 60.0)]), &Files::new(), &mut |_| {}).unwrap();
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
    let list = plan(&with(vec![set(0.0), set(0.45)], ridge), &Files::new(), &mut |_| {}).unwrap();
    let turned = plan(&with(vec![set(0.45), set(0.0)], ridge), &Files::new(), &mut |_| {}).unwrap();
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
    assert!(message(plan(&shared, &Files::new(), &mut |_| {})).contains("job: data: what data[0] shares"));
    // Each start would have a ridge of its own.
    let pulled = with(vec![set(0.45)], ridge);
    assert!(message(shells(&pulled, &Files::new(), None, 2, &mut |_, _| {})).contains("constraints.ridge"));
    assert!(message(starts(&pulled, &Files::new(), 2, 0, &mut |_| {})).contains("constraints.ridge"));
}
