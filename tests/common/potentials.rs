//! Potentials that no library has, in their crystals.

use std::collections::BTreeMap;

use tds_inversion::crystal::{Crystal, Prototype};
use tds_inversion::potential::{Family, Network, Potential};

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
