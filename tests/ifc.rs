//! The irreducible force constants agree with independent counts and published tables.

use std::collections::BTreeMap;

use nalgebra::{Matrix3, Vector3};
use serde::Deserialize;
use tds_inversion::crystal::{Cell, Crystal, elements};
use tds_inversion::ifc::{IrreducibleBasis, estimate, library};

#[derive(Deserialize)]
struct Counted {
    cell: [[f64; 3]; 3],
    symbols: Vec<String>,
    frac: Vec<[f64; 3]>,
    counts: Vec<Count>,
}

#[derive(Deserialize)]
#[allow(non_snake_case)]
struct Count {
    cutoff_A: f64,
    asr: usize,
    no_asr: usize,
}

fn counted_crystals() -> BTreeMap<String, Counted> {
    serde_json::from_str(include_str!("fixtures/irreducible_counts.json")).unwrap()
}

impl Counted {
    fn crystal(&self) -> Crystal {
        let cell = Cell {
            lattice: Matrix3::from_fn(|i, j| self.cell[j][i]),
            symbols: self.symbols.clone(),
            positions: self.frac.iter().map(|p| Vector3::from(*p)).collect(),
            masses: self.symbols.iter().map(|s| elements::mass(s).unwrap()).collect(),
        };
        Crystal::new(cell, None).unwrap()
    }
}

#[test]
fn counts_agree_with_hiphive_at_every_cutoff() {
    for (name, case) in counted_crystals() {
        let crystal = case.crystal();
        for count in &case.counts {
            let basis = IrreducibleBasis::new(&crystal, count.cutoff_A).unwrap();
            let free = IrreducibleBasis::count_without_sum_rule(&crystal, count.cutoff_A).unwrap();
            assert_eq!((basis.len(), free), (count.asr, count.no_asr), "{name} to {} Å", count.cutoff_A);
        }
    }
}

#[test]
fn the_number_of_constants_is_known_before_any_work() {
    for (name, case) in counted_crystals() {
        let crystal = case.crystal();
        for count in &case.counts {
            let estimate = estimate(&crystal, count.cutoff_A);
            let ratio = estimate.constants / count.no_asr as f64;
            println!("{name} {} Å: {:.0} for {}", count.cutoff_A, estimate.constants, count.no_asr);
            // Shells come in steps; what is small need not be known.
            assert!(
                count.no_asr < 20 || (0.5..1.5).contains(&ratio),
                "{name} to {} Å: {ratio}",
                count.cutoff_A
            );
        }
    }
    let entry = library().into_iter().find(|e| e.id == "ni_298").unwrap();
    let crystal = entry.crystal().unwrap();
    // Counted shell by shell: 446 to 20 Å.
    assert!((estimate(&crystal, 20.0).constants / 446.0 - 1.0).abs() < 0.2);
    let clock = std::time::Instant::now();
    for cutoff in [57.0, 1e3, 1e308] {
        let said = IrreducibleBasis::new(&crystal, cutoff).unwrap_err().to_string();
        assert!(said.starts_with("cutoff: "), "{said}");
        assert!(said.contains("at most 1 000 constants, a cutoff up to 27.") && said.len() < 250, "{said}");
    }
    let said = IrreducibleBasis::new(&crystal, 57.0).unwrap_err().to_string();
    assert!(said.contains("57 Å: about 8 900 constants of 71 000 pairs of atoms"), "{said}");
    assert!(clock.elapsed().as_secs_f64() < 0.1, "{clock:?}");
}

#[test]
fn labels_are_those_of_the_literature() {
    let fcc = "1XX 1ZZ 1XY 2XX 2YY 3XX 3YY 3YZ 3XZ 4XX 4ZZ 4XY 5XX 5YY 5ZZ 5XY \
               6XX 6XY 7XX 7YY 7ZZ 7YZ 7XZ 7XY 8XX 8YY";
    let bcc = "1XX 1XY 2XX 2YY 3XX 3ZZ 3XY 4XX 4YY 4YZ 4XZ 5XX 5XY \
               6XX 6YY 7XX 7ZZ 7XY 7XZ 8XX 8YY 8ZZ 8XY";
    for (id, expected) in [("al_300", fcc), ("nb_296", bcc)] {
        let entry = library().into_iter().find(|e| e.id == id).unwrap();
        let crystal = entry.crystal().unwrap();
        let basis = IrreducibleBasis::new(&crystal, entry.cutoff(&crystal).unwrap()).unwrap();
        assert_eq!(basis.labels().join(" "), expected.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}

#[test]
fn every_library_entry_is_complete() {
    assert_eq!(library().len(), 21);
    for entry in library() {
        let crystal = entry.crystal().unwrap();
        let basis = IrreducibleBasis::new(&crystal, entry.cutoff(&crystal).unwrap()).unwrap();
        let labels = entry.labels().unwrap();
        assert_eq!(labels.len(), basis.len(), "{}", entry.id);
        basis.values_from_labels(&labels).unwrap();
    }
}
