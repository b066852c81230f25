//! Potentials that no library has, in their crystals.

use std::collections::BTreeMap;

use nalgebra::{Matrix3, Vector3};
use tds_inversion::crystal::{Cell, Crystal, Prototype};
use tds_inversion::potential::{Family, Network, Potential, published_potential};

/// A crystal of a type, edge in Å.
pub fn crystal(lattice: Prototype, elements: &[&str], a: f64) -> Crystal {
    let elements: Vec<String> = elements.iter().map(|e| (*e).to_owned()).collect();
    let cell = lattice.cell(&elements, a, None).unwrap();
    Crystal::new(cell, None).unwrap().named_as(lattice).unwrap()
}

/// Parameters by name.
pub fn given(all: &[(&str, f64)]) -> BTreeMap<String, f64> {
    all.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

/// A network in nickel.
pub fn network() -> (Crystal, Potential) {
    let network = Network::new(4.6, 2.489, [5, 4]);
    let weights: Vec<f64> =
        (0..network.n_weights()).map(|k| (f64::from(k as u32) * 0.7548).fract() - 0.45).collect();
    (crystal(Prototype::Fcc, &["Ni"], 3.52), Potential::of_network(network, "Ni", &weights))
}

/// Ni₃Al, edge in Å: a cube of aluminium with nickel in the middle of its faces.
pub fn ordered_alloy(a: f64) -> Crystal {
    let symbols = ["Al", "Ni", "Ni", "Ni"].map(str::to_owned).to_vec();
    let positions = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]].map(Vector3::from);
    let cell = Cell {
        lattice: Matrix3::from_diagonal_element(a),
        masses: vec![26.98, 58.69, 58.69, 58.69],
        symbols,
        positions: positions.to_vec(),
    };
    Crystal::new(cell, None).unwrap()
}

/// Potentials of two elements with what is between them: named, left to the rules, mixed where nothing is said.
pub fn alloys() -> Vec<(&'static str, Crystal, Potential)> {
    let both = |family: &str| {
        let of = |element: &str| {
            let set = published_potential(&format!("{element}_{family}").to_lowercase()).unwrap();
            let named = set.parameters().into_iter();
            named.map(|(name, value)| (format!("{name} {element}-{element}"), value)).collect::<Vec<_>>()
        };
        of("Ni").into_iter().chain(of("Al")).collect::<BTreeMap<String, f64>>()
    };
    let made = |family: Family, given: &BTreeMap<String, f64>, range: f64, smoothing: f64| {
        let elements = vec!["Al".to_owned(), "Ni".to_owned()];
        Potential::new(family, elements, given, range, smoothing).unwrap()
    };
    let gupta = both("gupta");
    let mut named = gupta.clone();
    named.extend(given(&[
        ("A Ni-Al", 0.0563),
        ("xi Al-Ni", 1.2349),
        ("p Ni-Al", 14.997),
        ("q Ni-Al", 1.2823),
    ]));
    let sutton_chen = both("sutton_chen");
    let mut own = sutton_chen.clone();
    own.extend(given(&[("epsilon Al-Ni", 0.02), ("n Al-Ni", 8.2), ("m Al-Ni", 6.1)]));
    vec![
        ("gupta, alloy", ordered_alloy(3.567), made(Family::Gupta, &named, 5.4, 0.8)),
        ("gupta, alloy, mixed", ordered_alloy(3.567), made(Family::Gupta, &gupta, 5.4, 0.0)),
        ("sutton-chen, alloy", ordered_alloy(3.6), made(Family::SuttonChen, &sutton_chen, 6.0, 0.8)),
        (
            "sutton-chen, alloy, own",
            crystal(Prototype::CsCl, &["Al", "Ni"], 2.88),
            made(Family::SuttonChen, &own, 5.0, 0.8),
        ),
    ]
}

/// Buckingham's potential, switched off smoothly, in rock salt.
pub fn salt() -> (Crystal, Potential) {
    let values = given(&[
        ("A Cl-Na", 1256.0),
        ("rho Cl-Na", 0.317),
        ("C Cl-Na", 0.0),
        ("A Cl-Cl", 3488.0),
        ("rho Cl-Cl", 0.321),
        ("C Cl-Cl", 73.0),
    ]);
    let elements = vec!["Na".to_owned(), "Cl".to_owned()];
    let potential = Potential::new(Family::Buckingham, elements, &values, 6.5, 0.5).unwrap();
    (crystal(Prototype::Rocksalt, &["Na", "Cl"], 5.64), potential)
}
