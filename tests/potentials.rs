//! Potentials in crystals: Φ(R), its derivatives, energy and pressure, against automatic differentiation elsewhere, central
//! differences, and what was published.

#[path = "common/potentials.rs"]
mod common;

use std::collections::BTreeMap;

use common::{alloys, crystal, given, network, ordered_alloy, salt};
use nalgebra::{DMatrix, Matrix3, Vector3};
use serde_json::Value;
use tds_inversion::crystal::{Cell, Crystal, Prototype};
use tds_inversion::formats::setfl::read_setfl;
use tds_inversion::potential::{Family, Potential, Surroundings, published, published_potential};

type Pair = (usize, usize, Vector3<i32>);

/// (first atom, second atom, cell) of a vector between atoms of the crystal, from the first atom that has it.
fn pair_of(crystal: &Crystal, vector: &Vector3<f64>) -> Pair {
    let cell = &crystal.primitive;
    let inverse = cell.lattice.try_inverse().unwrap();
    for i in 0..cell.len() {
        for j in 0..cell.len() {
            let shift = inverse * (vector + cell.cartesian(i) - cell.cartesian(j));
            if (shift - shift.map(f64::round)).amax() < 1e-6 {
                return (i, j, shift.map(|x| x.round() as i32));
            }
        }
    }
    panic!("{vector} connects no atoms");
}

fn matrix(value: &Value) -> Matrix3<f64> {
    Matrix3::from_fn(|i, j| value[i][j].as_f64().unwrap())
}

struct Reference {
    name: String,
    crystal: Crystal,
    potential: Potential,
    entry: Value,
}

fn references() -> Vec<Reference> {
    let path = format!("{}/tests/fixtures/potentials/potentials.json", env!("CARGO_MANIFEST_DIR"));
    let all: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    all.into_iter()
        .map(|entry| {
            let name = entry["name"].as_str().unwrap().to_owned();
            let (element, family) = name.split_once('_').unwrap();
            let family = if family == "sw" { "stillinger_weber" } else { family }.replace('_', "-");
            let lattice = match entry["lattice"].as_str().unwrap() {
                "fcc" => Prototype::Fcc,
                _ => Prototype::Diamond,
            };
            let crystal = crystal(lattice, &[element], entry["a_angstrom"].as_f64().unwrap());
            let given: BTreeMap<String, f64> = serde_json::from_value(entry["parameters"].clone()).unwrap();
            let range = entry["cutoff_angstrom"].as_f64().unwrap();
            let family = Family::named(&family).unwrap();
            let potential = Potential::new(family, vec![element.to_owned()], &given, range, 0.0).unwrap();
            Reference { name, crystal, potential, entry }
        })
        .collect()
}

#[test]
fn force_constants_energy_and_pressure_are_those_of_automatic_differentiation() {
    for Reference { name, crystal, potential, entry } in references() {
        let around = Surroundings::new(&crystal.primitive, &potential).unwrap();
        let p = potential.values();
        let (energy, pressure) = around.energy_and_pressure(&potential, &p);
        let known = |field: &str| entry[field].as_f64().unwrap();
        assert!((energy - known("energy_eV_per_atom")).abs() < 1e-9, "{name}: {energy} eV");
        assert!((pressure - known("pressure_GPa")).abs() < 1e-7, "{name}: {pressure} GPa");
        let listed = entry["pairs"].as_array().unwrap();
        let pairs: Vec<Pair> = listed
            .iter()
            .map(|pair| {
                let v: Vec<f64> = serde_json::from_value(pair["vector_A"].clone()).unwrap();
                pair_of(&crystal, &Vector3::from_vec(v))
            })
            .collect();
        let plain = around.force_constants(&potential, &p, &pairs);
        let all = DMatrix::identity(p.len(), p.len());
        let sloped = around.force_constants_with_slopes(&potential, &p, &all, &pairs);
        for (n, pair) in listed.iter().enumerate() {
            let phi = matrix(&pair["phi_eV_A2"]);
            // The reference is rounded to ten digits.
            let near = 1e-9 * phi.amax().max(1.0);
            assert!((plain[n] - phi).amax() < near, "{name}, pair {n}: {}{phi}", plain[n]);
            assert!((sloped[n].0 - plain[n]).amax() < 1e-13);
            for (k, parameter) in potential.parameters.iter().enumerate() {
                let slope = matrix(&pair["derivative"][&parameter.name]);
                let near = 1e-8 * slope.amax().max(1e-3);
                let found = sloped[n].1[k];
                assert!(
                    (found - slope).amax() < near,
                    "{name}, pair {n}, {}: {found}{slope}",
                    parameter.name
                );
            }
        }
    }
}

#[test]
fn published_sets_are_at_equilibrium_where_they_were_published() {
    let mut wrong = vec![];
    for set in published() {
        let crystal = crystal(set.lattice, &[set.element], set.a_angstrom);
        let potential = set.potential().unwrap();
        let around = Surroundings::new(&crystal.primitive, &potential).unwrap();
        let (energy, pressure) = around.energy_and_pressure(&potential, &potential.values());
        // Beyond the range something is left of what was summed to infinity.
        let (near, stress) = match set.family {
            "gupta" => (0.01, 2.0),
            "stillinger-weber" => (1e-3, 0.1),
            _ => (0.06, 4.0),
        };
        let off = -energy / set.cohesive_energy - 1.0;
        println!("{:20} {energy:9.4} eV ({:+.2} %)  {pressure:7.3} GPa", set.id, 100.0 * off);
        if off.abs() > near || pressure.abs() > stress {
            wrong.push(format!("{}: {energy} eV, {pressure} GPa", set.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The numbers of phonopy and ASE, and the potential of their file.
fn tables() -> (Value, Potential) {
    let path = |name: &str| format!("{}/tests/fixtures/potentials/{name}", env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    let eam = read_setfl("nickel_like.eam.alloy", &read("nickel_like.eam.alloy")).unwrap();
    (
        serde_json::from_str(&read("eam_constants.json")).unwrap(),
        Potential::of_tables(&eam, &["Ni".to_owned()]).unwrap(),
    )
}

#[test]
fn tables_give_the_force_constants_of_another_program() {
    let (known, potential) = tables();
    let crystal = crystal(Prototype::Fcc, &["Ni"], known["a_angstrom"].as_f64().unwrap());
    let around = Surroundings::new(&crystal.primitive, &potential).unwrap();
    let (energy, _) = around.energy_and_pressure(&potential, &[]);
    // Of a crystal with one atom displaced by 0.002 Å.
    assert!((energy - known["energy_eV_per_atom"].as_f64().unwrap()).abs() < 1e-6, "{energy}");
    let with_knots =
        potential.clone().with_knots(&[2.489, 3.52, 4.311], &[around.features(&potential, &[])[0][1]]);
    for pair in known["pairs"].as_array().unwrap() {
        let v: Vec<f64> = serde_json::from_value(pair["vector_A"].clone()).unwrap();
        let phi = matrix(&pair["phi_eV_A2"]);
        let pair = [pair_of(&crystal, &Vector3::from_vec(v.clone()))];
        let found = around.force_constants(&potential, &[], &pair)[0];
        assert!((found - phi).amax() < 1e-5, "{v:?}: {found}{phi}");
        // Parameters at their start change nothing.
        let same = around.force_constants(&with_knots, &with_knots.values(), &pair)[0];
        assert!((same - found).amax() < 1e-12, "{v:?}");
    }
}

/// A funcfl file of charges is the setfl file with r·φ = 27.2 · 0.529 Z², as LAMMPS reads both; one that ends early says where.
#[test]
fn one_element_of_funcfl_is_that_of_setfl() {
    const N: usize = 1000;
    let (d_rho, d_r) = (0.002, 0.006);
    let list = |f: &dyn Fn(f64) -> f64, d: f64| -> Vec<String> {
        (0..N).map(|k| format!("{:.16e}", f(d * k as f64))).collect()
    };
    let end = |r: f64| (1.0 - r / 6.0).max(0.0).powi(4);
    let charge = |r: f64| 3.0 * (-1.1 * r).exp() * end(r);
    let embedding = list(&|rho| -2.4 * rho.sqrt() + 0.3 * rho * rho, d_rho).join("\n");
    let density = list(&|r| 4.0 * (-0.9 * r).exp() * end(r), d_r).join("\n");
    let charges = list(&charge, d_r).join("\n");
    let pairs = list(&|r| 27.2 * 0.529 * charge(r).powi(2), d_r).join("\n");
    let grids = format!("{N} {d_rho} {N} {d_r} 5.99");
    let atom = "28 58.69 3.52 fcc";
    let funcfl = format!("nickel\n{atom}\n{grids}\n{embedding}\n{charges}\n{density}\n");
    let setfl = format!("a\nb\nc\n1 Ni\n{grids}\n{atom}\n{embedding}\n{density}\n{pairs}\n");
    let crystal = crystal(Prototype::Fcc, &["Ni"], 3.52);
    let of = |name: &str, text: &str| {
        let potential = Potential::of_tables(&read_setfl(name, text).unwrap(), &["Ni".to_owned()]).unwrap();
        let around = Surroundings::new(&crystal.primitive, &potential).unwrap();
        let pairs = [[1.76, 1.76, 0.0], [3.52, 0.0, 0.0]].map(|v| pair_of(&crystal, &Vector3::from(v)));
        (around.energy_and_pressure(&potential, &[]).0, around.force_constants(&potential, &[], &pairs))
    };
    let ((energy, phi), (same, known)) = (of("u3", &funcfl), of("alloy", &setfl));
    assert!(energy < 0.0 && (energy - same).abs() < 1e-12, "{energy} {same}");
    for (a, b) in phi.iter().zip(&known) {
        assert!(b.amax() > 1e-3 && (a - b).amax() < 1e-11, "{a}{b}");
    }
    let lines: Vec<&str> = funcfl.lines().collect();
    let error = read_setfl("u3", &lines[..1500].join("\n")).unwrap_err().to_string();
    assert!(error.starts_with("u3:1500: ") && error.contains("the file ends here"), "{error}");
    let error = read_setfl("u3", &funcfl.replacen("28 58.69", "28.5 58.69", 1)).unwrap_err().to_string();
    assert!(error.starts_with("u3:2: 28.5"), "{error}");
}

/// One potential of each family with a crystal that feels all of it.
fn families() -> Vec<(&'static str, Crystal, Potential)> {
    let mut out: Vec<(&'static str, Crystal, Potential)> = vec![];
    for r in references() {
        let family = r.potential.family.word();
        out.push((family, r.crystal, r.potential));
    }
    let argon = crystal(Prototype::Fcc, &["Ar"], 5.26);
    let values = given(&[("epsilon", 0.0104), ("sigma", 3.40)]);
    let ar = Potential::new(Family::LennardJones, vec!["Ar".into()], &values, 8.0, 1.5).unwrap();
    out.push(("lennard-jones, smooth", argon, ar));
    let (rock, salt) = salt();
    out.push(("buckingham", rock, salt));
    let (nickel, network) = network();
    out.push(("network", nickel.clone(), network));
    let (_, plain) = tables();
    let shells = [2.489, 3.52, 4.311];
    out.push(("eam", nickel, plain.with_knots(&shells, &[14.0])));
    out.extend(alloys());
    out
}

/// Energy of the atoms of a cluster that lie within reach of its moved atoms, by the crystal's own sums: a supercell.
fn energy_of_supercell(
    base: &Crystal,
    potential: &Potential,
    moved: &[(Vector3<f64>, Vector3<f64>)],
    n: i32,
) -> f64 {
    let cell = &base.primitive;
    let lattice = cell.lattice * f64::from(n);
    let inverse = lattice.try_inverse().unwrap();
    let (mut symbols, mut positions) = (vec![], vec![]);
    for a in 0..n {
        for b in 0..n {
            for c in 0..n {
                let shift = Vector3::new(a, b, c).map(f64::from);
                for s in 0..cell.len() {
                    let mut at = cell.lattice * shift + cell.cartesian(s);
                    for (place, by) in moved {
                        let off = inverse * (at - place);
                        if (lattice * (off - off.map(f64::round))).norm() < 1e-6 {
                            at += by;
                            break;
                        }
                    }
                    symbols.push(cell.symbols[s].clone());
                    positions.push(inverse * at);
                }
            }
        }
    }
    let count = symbols.len() as f64;
    let cell = Cell { lattice, masses: vec![1.0; symbols.len()], symbols, positions };
    let around = Surroundings::new(&cell, potential).unwrap();
    around.energy_and_pressure(potential, &potential.values()).0 * count
}

#[test]
fn force_constants_are_the_second_differences_of_the_energy() {
    for (name, crystal, potential) in families() {
        let n = 3;
        let around = Surroundings::new(&crystal.primitive, &potential).unwrap();
        let cell = &crystal.primitive;
        let p = potential.values();
        let other = crystal.n_atoms() - 1;
        for at in [Vector3::new(1, 0, 0), Vector3::new(1, 1, 0)] {
            // Φ of the supercell: the sum over all images.
            let images: Vec<Pair> = (-4..=4)
                .flat_map(|a| (-4..=4).flat_map(move |b| (-4..=4).map(move |c| Vector3::new(a, b, c))))
                .map(|image| (0, other, at + image * n))
                .collect();
            let phi: Matrix3<f64> = around.force_constants(&potential, &p, &images).iter().sum();
            let first = cell.cartesian(0);
            let second = cell.lattice * at.map(f64::from) + cell.cartesian(other);
            let h = 2e-3;
            for (a, b) in [(0, 0), (0, 1), (2, 1)] {
                let unit = |k: usize, sign: f64| Vector3::from_fn(|i, _| if i == k { sign * h } else { 0.0 });
                let energy = |s: f64, t: f64| {
                    energy_of_supercell(&crystal, &potential, &[(first, unit(a, s)), (second, unit(b, t))], n)
                };
                let mixed = energy(1.0, 1.0) - energy(1.0, -1.0) - energy(-1.0, 1.0) + energy(-1.0, -1.0);
                let found = mixed / (4.0 * h * h);
                let near = 2e-4 * phi.amax().max(0.05);
                assert!(
                    (found - phi[(a, b)]).abs() < near,
                    "{name} {at:?} ({a}, {b}): {found} {}",
                    phi[(a, b)]
                );
            }
        }
    }
}

/// An alloy of an element with itself is that element, whatever the two are called; what is between them follows from both.
#[test]
fn an_alloy_of_two_names_for_one_element_is_that_element() {
    for id in ["ni_gupta", "ni_sutton_chen"] {
        let set = published_potential(id).unwrap();
        let family = Family::named(set.family).unwrap();
        let both = ["Ni", "Al"].iter().flat_map(|e| {
            set.parameters().into_iter().map(move |(name, value)| (format!("{name} {e}-{e}"), value))
        });
        let elements = vec!["Al".to_owned(), "Ni".to_owned()];
        let two = Potential::new(family, elements, &both.collect(), 5.6, 0.7).unwrap();
        let mut one = set.potential().unwrap();
        (one.range, one.smoothing) = (5.6, 0.7);
        let mut pure = ordered_alloy(3.52);
        pure.primitive.symbols.fill("Ni".to_owned());
        let mixed = Surroundings::new(&ordered_alloy(3.52).primitive, &two).unwrap();
        let plain = Surroundings::new(&pure.primitive, &one).unwrap();
        let of = |potential: &Potential, around: &Surroundings| {
            let pairs: Vec<Pair> = (0..4).map(|other| (0, other, Vector3::new(0, -1, -1))).collect();
            let p = potential.values();
            (around.energy_and_pressure(potential, &p), around.force_constants(potential, &p, &pairs))
        };
        let (a, b) = (of(&two, &mixed), of(&one, &plain));
        assert!((a.0.0 - b.0.0).abs() < 1e-12 && (a.0.1 - b.0.1).abs() < 1e-9, "{id}: {:?} {:?}", a.0, b.0);
        for (x, y) in a.1.iter().zip(&b.1) {
            assert!(y.amax() > 1e-3 && (x - y).amax() < 1e-11, "{id}: {x}{y}");
        }
    }
}

/// ½ Σ V − ε c √Σ Φ with the parameters between two elements written out: √ of the products of ε and a, means of n and m.
#[test]
fn rules_between_elements_are_those_that_were_published() {
    let (_, crystal, potential) = alloys().into_iter().find(|a| a.0 == "sutton-chen, alloy").unwrap();
    let mut sharp = potential.clone();
    (sharp.range, sharp.smoothing) = (4.0, 0.0);
    // Nearest and next neighbours alone; each of nickel: 4 Al and 8 Ni, then 6 Ni; of aluminium 12 Ni, then 6 Al.
    let (ni, al) = ([1.5707e-2_f64, 3.52, 39.432, 9.0, 6.0], [3.3147e-2_f64, 4.05, 16.399, 7.0, 6.0]);
    let mixed = [(ni[0] * al[0]).sqrt(), (ni[1] * al[1]).sqrt(), 0.0, 8.0, 6.0];
    let sums = |list: [(f64, &[f64; 5], f64); 3]| -> (f64, f64) {
        list.iter().fold((0.0, 0.0), |sum, (count, k, r)| {
            (sum.0 + 0.5 * count * k[0] * (k[1] / r).powf(k[3]), sum.1 + count * (k[1] / r).powf(k[4]))
        })
    };
    let (near, next) = (3.6 / 2.0_f64.sqrt(), 3.6);
    let of_ni = sums([(4.0, &mixed, near), (8.0, &ni, near), (6.0, &ni, next)]);
    let of_al = sums([(12.0, &mixed, near), (0.0, &al, near), (6.0, &al, next)]);
    let energy = |s: (f64, f64), k: &[f64; 5]| s.0 - k[0] * k[2] * s.1.sqrt();
    let known = 0.75 * energy(of_ni, &ni) + 0.25 * energy(of_al, &al);
    let around = Surroundings::new(&crystal.primitive, &sharp).unwrap();
    let (found, _) = around.energy_and_pressure(&sharp, &sharp.values());
    assert!((found - known).abs() < 1e-12, "{found} {known}");
    let names: Vec<&str> = sharp.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names.len(), 10, "{names:?}");
    let (_, _, gupta) = alloys().into_iter().find(|a| a.0 == "gupta, alloy, mixed").unwrap();
    let value = |name: &str| gupta.parameters.iter().find(|p| p.name == name).unwrap().value;
    assert!((value("xi Al-Ni") - (1.07_f64 * 1.316).sqrt()).abs() < 1e-12);
    assert!((value("p Al-Ni") - 0.5 * (16.999 + 8.612)).abs() < 1e-12);
    assert_eq!(gupta.parameters.len(), 15);
}

#[test]
fn an_alloy_says_which_number_of_which_element_is_missing() {
    let elements = vec!["Al".to_owned(), "Ni".to_owned()];
    let (_, _, whole) = alloys().remove(1);
    let mut values: BTreeMap<String, f64> =
        whole.parameters.iter().map(|p| (p.name.clone(), p.value)).collect();
    let refused = |family: Family, values: &BTreeMap<String, f64>| {
        Potential::new(family, elements.clone(), values, 5.0, 0.5).unwrap_err().to_string()
    };
    values.remove("q Al-Ni");
    assert!(Potential::new(Family::Gupta, elements.clone(), &values, 5.0, 0.5).is_ok());
    values.remove("q Ni-Ni");
    let said = refused(Family::Gupta, &values);
    assert!(said.contains("parameters.q Ni-Ni: missing"), "{said}");
    values.insert("q Ni-Ni".into(), 1.2);
    values.insert("q Ni-Cu".into(), 1.2);
    let said = refused(Family::Gupta, &values);
    assert!(said.contains("parameters.q Ni-Cu: no such parameter"), "{said}");
    let mut both = values.clone();
    both.remove("q Ni-Cu");
    both.insert("p Ni-Al".into(), 12.0);
    let said = refused(Family::Gupta, &both);
    assert!(said.contains("parameters.p Al-Ni: given again"), "{said}");
    // The root has one factor for each atom.
    let (_, _, sutton_chen) = alloys().remove(2);
    let mut values: BTreeMap<String, f64> =
        sutton_chen.parameters.iter().map(|p| (p.name.clone(), p.value)).collect();
    values.insert("c Al-Ni".into(), 30.0);
    let said = refused(Family::SuttonChen, &values);
    assert!(said.contains("parameters.c Al-Ni: no such parameter"), "{said}");
}

#[test]
fn every_slope_is_the_central_difference() {
    for (name, crystal, potential) in families() {
        let around = Surroundings::new(&crystal.primitive, &potential).unwrap();
        let other = crystal.n_atoms() - 1;
        let pairs: Vec<Pair> =
            [[1, 0, 0], [1, 1, 0], [2, 0, -1]].into_iter().map(|at| (0, other, at.into())).collect();
        let p = potential.values();
        let all = DMatrix::identity(p.len(), p.len());
        let sloped = around.force_constants_with_slopes(&potential, &p, &all, &pairs);
        for k in 0..p.len() {
            let h = 1e-5 * potential.parameters[k].size;
            let with = |by: f64| {
                p.iter().enumerate().map(|(n, x)| if n == k { x + by } else { *x }).collect::<Vec<_>>()
            };
            let [more, less] = [h, -h].map(|by| around.force_constants(&potential, &with(by), &pairs));
            for n in 0..pairs.len() {
                let found = (more[n] - less[n]) / (2.0 * h);
                let slope = sloped[n].1[k];
                let near =
                    1e-6 * slope.amax().max(sloped[n].0.amax() / potential.parameters[k].size).max(1e-6);
                assert!(
                    (found - slope).amax() < near,
                    "{name}, {}: {found}{slope}",
                    potential.parameters[k].name
                );
            }
            let unit: Vec<f64> = (0..p.len()).map(|n| f64::from(u8::from(n == k))).collect();
            let (energy, pressure) = around.energy_and_pressure_slopes(&potential, &p, &unit);
            let [more, less] = [h, -h].map(|by| around.energy_and_pressure(&potential, &with(by)));
            let found = ((more.0 - less.0) / (2.0 * h), (more.1 - less.1) / (2.0 * h));
            assert!((found.0 - energy).abs() < 1e-5 * energy.abs().max(1e-3), "{name}: {} {energy}", found.0);
            assert!(
                (found.1 - pressure).abs() < 1e-5 * pressure.abs().max(1e-1),
                "{name}: {} {pressure}",
                found.1
            );
        }
    }
}
