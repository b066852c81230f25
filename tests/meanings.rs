//! Every constant in words that a person can read.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::*;
use serde_json::json;
use tds_inversion::job::Job;
use tds_inversion::run::Prepared;

/// The orthorhombic structure of CaTiO3 (Pnma), where oxygen has two sites.
const CATIO3: &str = "CaTiO3\n1.0\n5.4423 0 0\n0 7.6401 0\n0 0 5.3796\nCa Ti O\n4 4 12\nDirect\n\
0.03600 0.25 -0.00700\n0.46400 0.75 0.49300\n0.96400 0.75 0.00700\n0.53600 0.25 0.50700\n\
0.0 0.0 0.5\n0.5 0.0 0.0\n0.0 0.5 0.5\n0.5 0.5 0.0\n\
0.48400 0.25 0.07100\n0.01600 0.75 0.57100\n0.51600 0.75 0.92900\n0.98400 0.25 0.42900\n\
0.28900 0.03700 0.71100\n0.21100 0.96300 0.21100\n0.71100 0.53700 0.28900\n0.78900 0.46300 0.78900\n\
0.71100 0.96300 0.28900\n0.78900 0.03700 0.78900\n0.28900 0.46300 0.71100\n0.21100 0.53700 0.21100\n";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn meanings(crystal: &str, file: &[u8], cutoff: f64) -> Vec<(String, String)> {
    let job =
        json!({"crystal": {"file": crystal}, "force_constants": {"cutoff": cutoff, "start": {"bonds": 1}}});
    let files: BTreeMap<String, Vec<u8>> = [(crystal.to_owned(), file.to_vec())].into();
    let prepared = Prepared::new(&Job::from_json(&job.to_string()).unwrap(), &files).unwrap();
    prepared.labels().into_iter().zip(prepared.meanings()).collect()
}

/// Those of the table that are listed, in its order.
fn check(name: &str, file: &[u8], cutoff: f64, expected: &[(&str, &str)]) {
    let all = meanings(name, file, cutoff);
    let found: Vec<(&str, &str)> = all
        .iter()
        .map(|(label, meaning)| (label.as_str(), meaning.as_str()))
        .filter(|(label, _)| expected.iter().any(|(wanted, _)| wanted == label))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn constants_of_rock_salt_say_along_and_across() {
    let expected = [
        ("Na1-Na1 4.024 XX", "Na–Na at 4.02 Å, along x or y"),
        ("Na1-Na1 4.024 ZZ", "Na–Na at 4.02 Å, across the bond, along z"),
        ("Na1-Na1 4.024 XY", "Na–Na at 4.02 Å, coupling x and y"),
        ("Na1-Cl2 2.845 XX", "Na–Cl at 2.85 Å, along the bond"),
        ("Na1-Cl2 2.845 YY", "Na–Cl at 2.85 Å, across the bond"),
        ("Na1-Cl2 4.928 XX", "Na–Cl at 4.93 Å, along any axis"),
        ("Na1-Cl2 4.928 XY", "Na–Cl at 4.93 Å, coupling x and y"),
        ("Cl2-Cl2 4.024 XX", "Cl–Cl at 4.02 Å, along x or y"),
        ("Cl2-Cl2 4.024 ZZ", "Cl–Cl at 4.02 Å, across the bond, along z"),
        ("Cl2-Cl2 4.024 XY", "Cl–Cl at 4.02 Å, coupling x and y"),
    ];
    check("NaCl.vasp", &fixture("NaCl/POSCAR"), 5.0, &expected);
}

#[test]
fn constants_of_wurtzite_say_what_forces_what() {
    let expected = [
        ("Zn1-Zn1 3.287 XX", "Zn–Zn at 3.29 Å, along the bond"),
        ("Zn1-Zn1 3.287 YY", "Zn–Zn at 3.29 Å, across the bond, along y"),
        ("Zn1-Zn1 3.287 XY", "Zn–Zn at 3.29 Å, force along the bond by a shift along y"),
        ("Zn1-Zn1 3.287 YZ", "Zn–Zn at 3.29 Å, coupling y and z"),
        ("Zn1-Zn2 3.261 XX", "Zn–Zn at 3.26 Å, along x"),
        ("Zn1-Zn2 3.261 XZ", "Zn–Zn at 3.26 Å, force along x by a shift along z"),
        ("Zn1-Zn2 3.261 ZX", "Zn–Zn at 3.26 Å, force along z by a shift along x"),
        ("Zn1-O3 2.011 XX", "Zn–O at 2.01 Å, across the bond"),
        ("Zn1-O3 2.011 ZZ", "Zn–O at 2.01 Å, along the bond"),
        ("Zn1-O4 2.003 ZZ", "Zn–O at 2.00 Å, along z"),
    ];
    check("ZnO.vasp", &fixture("ZnO/POSCAR"), 3.3, &expected);
}

#[test]
fn sites_of_an_element_are_numbered_where_there_are_several() {
    let expected = [
        ("Ca1-O9 2.474 XX", "Ca1–O1 at 2.47 Å, along x"),
        ("Ca1-O9 2.474 YY", "Ca1–O1 at 2.47 Å, across the bond, along y"),
        ("Ca1-O12 2.363 ZX", "Ca1–O1 at 2.36 Å, force along z by a shift along x"),
        ("Ca1-O16 2.379 XZ", "Ca1–O2 at 2.38 Å, coupling x and z"),
        ("Ti5-O10 1.950 XX", "Ti1–O1 at 1.95 Å, along x"),
        ("Ti5-O10 1.950 YZ", "Ti1–O1 at 1.95 Å, force along y by a shift along z"),
        ("Ti5-O13 1.960 YY", "Ti1–O2 at 1.96 Å, along y"),
        ("Ti5-O14 1.953 XY", "Ti1–O2 at 1.95 Å, coupling x and y"),
    ];
    check("CaTiO3.vasp", CATIO3.as_bytes(), 2.5, &expected);
    // The cubic structure has one site of oxygen; its bonds to titanium lie along the axes.
    let cubic = "CaTiO3\n1.0\n3.84 0 0\n0 3.84 0\n0 0 3.84\nCa Ti O\n1 1 3\nDirect\n0.5 0.5 0.5\n0 0 0\n0.5 0 0\n0 0.5 0\n0 0 0.5\n";
    let expected = [
        ("Ti2-O3 1.920 XX", "Ti–O at 1.92 Å, along the bond"),
        ("Ti2-O3 1.920 YY", "Ti–O at 1.92 Å, across the bond"),
    ];
    check("CaTiO3.vasp", cubic.as_bytes(), 2.0, &expected);
}

#[test]
fn elastic_constants_need_no_other_words() {
    let job = json!({
        "crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"cutoff": 5.7, "start": {"library": "ni_298"}},
        "model": {"order": "elastic", "temperature": 298},
    });
    let prepared = Prepared::new(&Job::from_json(&job.to_string()).unwrap(), &BTreeMap::new()).unwrap();
    assert_eq!(prepared.labels()[0], "C11");
    assert!(prepared.meanings().is_empty());
}

#[test]
fn no_two_constants_are_called_the_same() {
    for system in all_systems() {
        let all = system.basis.meanings(&system.crystal);
        assert_eq!(all.len(), system.basis.len(), "{}", system.name);
        let different: BTreeSet<&String> = all.iter().collect();
        assert_eq!(different.len(), all.len(), "{}: {all:?}", system.name);
    }
}

#[test]
fn words_agree_with_the_matrices_that_they_are_for() {
    for system in all_systems() {
        let words = system.basis.meanings(&system.crystal);
        let mut along = 0;
        for (p, meaning) in words.iter().enumerate() {
            let parameter = &system.basis.parameters[p];
            let (_, vector) = system.basis.orbit_of(p);
            let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
            let at = meaning.split(" at ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
            assert!((at.parse::<f64>().unwrap() - length).abs() < 5.1e-3, "{meaning}: {length}");
            let (a, b) = parameter.component;
            let [first, second] = [a, b].map(|k| vector[k].abs() / length);
            // One element is the stiffness of a bond along an axis.
            assert_eq!(meaning.ends_with(", along the bond"), a == b && first > 1.0 - 1e-6, "{meaning}");
            assert_eq!(meaning.contains("across the bond"), a == b && first < 1e-6, "{meaning}");
            assert_eq!(meaning.contains("by a shift") || meaning.contains("coupling"), a != b, "{meaning}");
            along += usize::from(first > 1.0 - 1e-6 && second > 1.0 - 1e-6);
        }
        assert!(along > 0 || !system.name.contains("Cl"), "{}", system.name);
    }
}
