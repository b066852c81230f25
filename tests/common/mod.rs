//! The crystals that the claims about physics are checked on: every set of the library, and
//! rock-salt NaCl and wurtzite ZnO from published first-principles force constants, without and with Born charges.
#![allow(dead_code)]

use std::sync::Arc;

use nalgebra::Vector3;
use tds_inversion::crystal::{ChargesOf, Crystal};
use tds_inversion::formats::phonopy::read_phonopy_yaml;
use tds_inversion::ifc::{DipoleDipole, ForceConstants, IrreducibleBasis, from_supercell, library};

/// A crystal with irreducible force constants.
pub struct System {
    pub name: String,
    pub crystal: Crystal,
    pub basis: IrreducibleBasis,
    /// eV/Å²
    pub theta: Vec<f64>,
    pub temperature_k: f64,
}

pub fn library_systems() -> Vec<System> {
    library()
        .into_iter()
        .map(|entry| {
            let crystal = entry.crystal().unwrap();
            let basis = IrreducibleBasis::new(&crystal, entry.cutoff(&crystal).unwrap()).unwrap();
            let theta = basis.values_from_labels(&entry.labels().unwrap()).unwrap();
            let temperature_k = entry.temperature_k.unwrap_or(298.0);
            System { name: entry.id, crystal, basis, theta, temperature_k }
        })
        .collect()
}

/// NaCl or ZnO with the force constants as read.
pub fn first_principles(name: &str) -> (Crystal, ForceConstants) {
    let path = format!("{}/tests/fixtures/{name}/phonopy.yaml", env!("CARGO_MANIFEST_DIR"));
    let file = read_phonopy_yaml(name, &std::fs::read_to_string(path).unwrap()).unwrap();
    let crystal = Crystal::new(file.unit_cell.clone(), file.primitive_cell.clone()).unwrap();
    let full = file.into_force_constants(name).unwrap();
    let fc = from_supercell(&crystal, &full, None).unwrap();
    (crystal, fc)
}

/// NaCl and ZnO reduced to irreducible constants.
pub fn polyatomic_systems() -> Vec<System> {
    [("NaCl", 5.0), ("ZnO", 4.0)]
        .into_iter()
        .map(|(name, cutoff)| {
            let (crystal, fc) = first_principles(name);
            let basis = IrreducibleBasis::new(&crystal, cutoff).unwrap();
            let theta = basis.project(&fc).theta;
            System { name: name.into(), crystal, basis, theta, temperature_k: 300.0 }
        })
        .collect()
}

/// The same with Born charges: the constants are what is left without the dipole–dipole part.
pub fn polar_systems() -> Vec<System> {
    [("NaCl", 5.0), ("ZnO", 4.0)].into_iter().map(|(name, cutoff)| polar_system(name, cutoff)).collect()
}

pub fn polar_system(name: &str, cutoff: f64) -> System {
    let path = format!("{}/tests/fixtures/{name}/phonopy_nac.yaml", env!("CARGO_MANIFEST_DIR"));
    let file = read_phonopy_yaml(name, &std::fs::read_to_string(path).unwrap()).unwrap();
    let crystal = Crystal::new(file.unit_cell.clone(), file.primitive_cell.clone()).unwrap();
    let charges = file.long_range.clone().unwrap();
    let charges = charges.complete(&crystal, ChargesOf::Cell(&crystal.primitive)).unwrap();
    let dipoles = DipoleDipole::new(&crystal.primitive, &charges).unwrap().map(Arc::new);
    let full = file.into_force_constants(name).unwrap();
    let fc = from_supercell(&crystal, &full, dipoles.as_ref()).unwrap();
    let mut basis = IrreducibleBasis::new(&crystal, cutoff).unwrap();
    let theta = basis.project(&fc).theta;
    basis.family.dipoles = dipoles;
    System { name: format!("{name} with charges"), crystal, basis, theta, temperature_k: 300.0 }
}

pub fn all_systems() -> Vec<System> {
    let mut systems = library_systems();
    systems.extend(polyatomic_systems());
    systems.extend(polar_systems());
    systems
}

/// A fixed spread of general scattering vectors, Å⁻¹, away from reciprocal-lattice points.
pub fn general_q(crystal: &Crystal, n: usize) -> Vec<Vector3<f64>> {
    (0..n)
        .map(|i| {
            let t = i as f64 + 1.0;
            let hkl = [0.618_034, 0.414_214, 0.732_051].map(|x: f64| ((t * x).fract() - 0.5) * 8.0 + 0.137);
            crystal.q_cart(&hkl)
        })
        .collect()
}

pub fn relative(a: f64, b: f64) -> f64 {
    (a - b).abs() / b.abs().max(f64::MIN_POSITIVE)
}
