//! What is refused, cut or reduced on the way from a job to a model, and what a person is told.

mod common;

use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use common::*;
use nalgebra::{Matrix3, Vector3};
use serde_json::{Value, json};
use tds_inversion::crystal::{Cell, Crystal};
use tds_inversion::job::Job;
use tds_inversion::run::{Prepared, Run};
use tds_inversion::thermal::{Correlations, Grid, default_grid};
use tds_inversion::{Error, Exchange, Pool, Result};

type Given = BTreeMap<String, Vec<u8>>;

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn prepare(job: &Value, files: &Given) -> Result<Prepared> {
    Prepared::new(&serde_json::from_value::<Job>(job.clone()).unwrap(), files)
}

fn nowhere(n: usize) -> Error {
    Error::at("points", n, "on a reciprocal-lattice point", "another point")
}

fn nickel(model: Value) -> Value {
    json!({"crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"start": {"library": "ni_298"}}, "model": model})
}

/// Seconds that this thread has computed, whatever else the machine does; those that went by where the system does not say.
fn clock(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |n| 1e-9 * n)
}

/// Opens a job as the page does: the run, how often it rested, the longest stretch and the longest piece of a sum, ms.
fn opened(job: &Job, files: &Given) -> (Run<Given>, usize, [f64; 2]) {
    let exchange = Rc::<Exchange>::default();
    let mut future = pin!(Run::open(Pool::Exchange(exchange.clone()), job.clone(), files.clone(), None));
    let mut context = Context::from_waker(Waker::noop());
    let (start, mut rests, mut longest) = (Instant::now(), 0, [0.0_f64; 2]);
    loop {
        let piece = exchange.wants().and_then(|(_, n)| (0..n).find(|i| !exchange.has(*i)));
        if let Some(i) = piece {
            exchange.order(i);
        }
        let before = clock(start);
        let polled = future.as_mut().poll(&mut context);
        let kind = usize::from(piece.is_some());
        longest[kind] = longest[kind].max(1e3 * (clock(start) - before));
        if let Poll::Ready(run) = polled {
            return (run.unwrap(), rests, longest);
        }
        rests += usize::from(exchange.wants().is_none());
    }
}

#[test]
fn opening_many_points_rests_again_and_again_and_gives_the_same() {
    // The longest stretch in a page is about twice the one that is printed.
    let side: usize = std::env::var("SIDE").map_or(200, |side| side.parse().unwrap());
    let step = |i: usize| 0.1 + 4.8 * (i as f64 + 0.31) / side as f64;
    let row = |n: usize| format!("{:.5},{:.5},0.4,{}", step(n / side), 5.0 + step(n % side), 80 + n * 7 % 41);
    let rows = |more: &str| (0..side * side).map(|n| row(n) + more + "\n").collect::<String>();
    let files: Given =
        [("sigma.csv", "h,k,l,intensity,sigma\n", ",9"), ("plain.csv", "h,k,l,intensity\n", "")]
            .map(|(name, header, more)| (name.to_owned(), (header.to_owned() + &rows(more)).into_bytes()))
            .into();
    let synthetic = json!({"values": {"library": "ni_298"}, "h": [0.1, 4.9, side], "k": [5.03, 9.87, side],
        "l": [0.4], "scale": 50, "background": [20, 0], "noise": true});
    let background = json!({"scale": "free", "background": ["constant", "q2", {"tails": 3.0}]});
    for (name, data, more) in [
        ("simulated", json!({"synthetic": synthetic}), json!({})),
        ("with σ", json!({"file": "sigma.csv"}), json!({"mask": {"bragg_radius": 0.2, "q_min": 1.0}})),
        ("without σ, with tails", json!({"file": "plain.csv"}), json!({"nuisance": background})),
        (
            "of an instrument",
            json!({"file": "sigma.csv"}),
            json!({"measurement": {"resolution": {"voxel": [0.02, 0.02, 0.02]}, "calibration": {"stretch": 0.001},
                "compton": "absolute"}}),
        ),
    ] {
        let mut job = nickel(json!({"order": "one-phonon", "temperature": 298}));
        job["data"] = json!([data]);
        job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let job: Job = serde_json::from_value(job).unwrap();
        let (run, rests, [stretch, piece]) = opened(&job, &files);
        println!("{name}: {rests} rests, {stretch:.0} ms without one, pieces up to {piece:.0} ms");
        assert!(rests > 2 * side * side / 20_000, "{name}: {rests}");
        let whole = Run::new(&job, files.clone()).unwrap();
        assert_eq!(run.session.fingerprint(), whole.session.fingerprint(), "{name}");
    }
}

#[test]
fn a_conventional_cell_that_is_called_primitive_is_the_same_crystal() {
    let files: Given = ["phonopy_F.yaml", "phonopy_P.yaml", "data.csv"]
        .map(|name| (name.to_owned(), fixture(&format!("conventional/{name}"))))
        .into();
    let [f, p] = ["phonopy_F.yaml", "phonopy_P.yaml"].map(|name| {
        let job = json!({"crystal": {"file": name},
            "force_constants": {"cutoff": 5.7, "start": {"springs": {"1": 2.2}}},
            "model": {"order": "one-phonon", "temperature": 298},
            "data": [{"file": "data.csv"}], "mask": {"bragg_radius": 0.2},
            "nuisance": {"scale": "free", "background": ["constant", "q2"]}});
        prepare(&job, &files).unwrap()
    });
    assert_eq!((f.crystal.n_atoms(), p.crystal.n_atoms()), (1, 1));
    assert_eq!(f.labels(), p.labels());
    assert_eq!(f.labels()[0], "1XX");
    let told = |p: &Prepared| p.warnings.iter().any(|w| w.contains("true primitive cell (1 atom)"));
    assert!(told(&p) && !told(&f), "{:?}", p.warnings);
    // X is a zone boundary and no Bragg peak; intensities are per primitive cell of one atom.
    let hkl = [[1.0, 0.0, 0.0], [0.3, 2.1, -0.7]];
    let [of_f, of_p] = [&f, &p].map(|p| p.simulate(&hkl, &nowhere).unwrap().intensity);
    for (a, b) in of_f.iter().zip(&of_p) {
        assert!(relative(*a, *b) < 1e-6, "{of_f:?} {of_p:?}");
    }
    let at_start = [&f, &p].map(|p| {
        let data = p.read_data(&files).unwrap();
        let (session, rows) = p.session(&data).unwrap();
        (session.current().chi2, rows[0].used.iter().filter(|u| **u).count())
    });
    assert_eq!(at_start[0].1, at_start[1].1);
    assert!(relative(at_start[0].0, at_start[1].0) < 1e-6, "{at_start:?}");
}

#[test]
fn force_constants_of_a_conventional_cell_serve_its_primitive_cell() {
    let text = String::from_utf8(fixture("NaCl/phonopy.yaml")).unwrap();
    let (head, rest) = text.split_once("primitive_cell:\n").unwrap();
    let (_, after) = rest.split_once("unit_cell:\n").unwrap();
    let (unit, _) = after.split_once("supercell:\n").unwrap();
    // The unit cell once more, under the other name; the rows then belong to its first atoms of each kind.
    let called = format!(
        "{head}primitive_cell:\n{}unit_cell:\n{after}",
        unit.trim_end_matches('\n').to_owned() + "\n"
    );
    let job = json!({"crystal": {"file": "f.yaml"}, "force_constants": {"cutoff": 5.0, "start": {"springs": {"1": 2.0}}}});
    let files = |text: &str| Given::from([("f.yaml".to_owned(), text.as_bytes().to_vec())]);
    let [own, conventional] = [&text, &called].map(|text| prepare(&job, &files(text)).unwrap());
    assert_eq!(conventional.crystal.n_atoms(), 2);
    assert_eq!(own.labels(), conventional.labels());
}

#[test]
fn intensities_alone_need_no_memory_for_derivatives() {
    let golden = |i: usize, f: f64| ((i + 1) as f64 * f).fract();
    let cell = Cell {
        lattice: Matrix3::new(8.0, 0.3, 0.1, 0.0, 9.0, 0.7, 0.0, 0.0, 10.0),
        symbols: vec!["O".into(); 28],
        positions: (0..28)
            .map(|i| Vector3::new((i % 3) as f64 / 3.0, (i / 3 % 3) as f64 / 3.0, (i / 9) as f64 / 4.0))
            .enumerate()
            .map(|(i, p)| p + Vector3::new(golden(i, 0.618), golden(i, 0.755), golden(i, 0.57)) * 0.05)
            .collect(),
        masses: vec![16.0; 28],
    };
    let crystal = Crystal::new(cell, None).unwrap();
    let range = tds_inversion::scattering::default_range(&crystal);
    let grid = Grid::HalfShifted { n: default_grid(&crystal, range), range };
    Correlations::check_memory(&crystal, 0, grid).unwrap();
    let said = Correlations::check_memory(&crystal, 300, grid).unwrap_err().to_string();
    assert!(said.contains("with derivatives to 300 constants need") && said.contains("GB"), "{said}");
}

#[test]
fn library_constants_are_cut_to_the_cutoff_and_filled_with_zeros() {
    let start = |cutoff: f64| {
        let mut job = nickel(json!({}));
        job["force_constants"]["cutoff"] = cutoff.into();
        prepare(&job, &Given::new()).unwrap()
    };
    let whole = start(5.7);
    assert_eq!((whole.labels().len(), whole.warnings.as_slice()), (16, &[][..]));
    let cut = start(4.4);
    assert_eq!(cut.labels(), whole.labels()[..9].to_vec());
    assert_eq!(cut.theta, whole.theta[..9].to_vec());
    let expected =
        "The set 'ni_298' reaches beyond the cutoff of 4.4 Å: its shells 4, 5 are left out of the start.";
    assert_eq!(cut.warnings, [expected]);
    let filled = start(6.2);
    assert_eq!(filled.theta[..16], whole.theta[..]);
    assert!(filled.theta[16..].iter().all(|t| *t == 0.0) && filled.theta.len() > 16);
    assert_eq!(
        filled.warnings,
        ["The set 'ni_298' ends at shell 5: shell 6 within the cutoff of 6.2 Å starts from zero."]
    );
    // What a person wrote is not cut.
    let mut job = nickel(json!({}));
    job["force_constants"] = json!({"cutoff": 4.4, "start": {"labels": {"1XX": -1.0, "5XX": 0.1}}});
    let said = prepare(&job, &Given::new()).err().unwrap().to_string();
    assert!(said.contains("'5XX' names no pair within the cutoff of 4.4 Å"), "{said}");
}

#[test]
fn settings_that_would_take_minutes_are_refused_at_once() {
    let points: Vec<[f64; 3]> = (0..12_000).map(|i| [0.1 + 0.001 * f64::from(i), 1.3, 0.2]).collect();
    let cases = [
        (
            json!({"u_mesh": [160, 160, 160]}),
            1,
            "model.u_mesh: [160, 160, 160]: 4096000 wave vectors with 48",
        ),
        (
            json!({"order": "all-order", "real_space_range": 180.0}),
            12_000,
            "model.real_space_range: 180 Å: 1120232 pairs of atoms at 12000 points",
        ),
        (
            json!({"order": "all-order", "supercell": [100, 100, 100]}),
            12_000,
            "model.supercell: [100, 100, 100]: 2000000 pairs",
        ),
    ];
    for (model, n, sentence) in cases {
        let prepared = prepare(&nickel(model), &Given::new()).unwrap();
        let clock = std::time::Instant::now();
        let said = prepared.model(&points[..n], 300.0).err().unwrap().to_string();
        assert!(said.contains(sentence), "{said}");
        assert!(said.contains(", expected at most "), "{said}");
        assert!(clock.elapsed().as_secs_f64() < 0.5, "{sentence}");
    }
    let mesh = json!({"order": "all-order", "real_space_range": 11.0, "real_space_mesh": [8, 8, 8]});
    let said =
        prepare(&nickel(mesh), &Given::new()).unwrap().model(&points[..1], 300.0).err().unwrap().to_string();
    assert!(said.starts_with("job: model.real_space_range: 11.00 Å with a mesh of period"), "{said}");
    let job = json!({"crystal": {"file": "NaCl.yaml"}, "force_constants": {"cutoff": 5.0, "start": {"file": "NaCl.yaml"}},
        "model": {"order": "all-order", "real_space_mesh": [220, 220, 86]}});
    let files = Given::from([("NaCl.yaml".to_owned(), fixture("NaCl/phonopy.yaml"))]);
    let prepared = prepare(&job, &files).unwrap();
    let said = prepared.model(&points[..1], 300.0).err().map(|e| e.to_string());
    assert!(said.is_none_or(|s| !s.contains("different wave vectors")), "NaCl can afford it");
}
