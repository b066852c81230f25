//! Claims about crystals and force constants in the formats that people have: each file gives its crystal or its
//! frequencies, or one sentence; nothing that is damaged makes a reader panic or hang.
#![cfg(feature = "readers")]

#[path = "common/given.rs"]
mod common;
#[path = "common/foreign.rs"]
mod foreign;

use std::time::{Duration, Instant};

use common::{folder, refused, tds};
use foreign::{Folder, all, cif, report, sentence};
use serde_json::{Value, json};
use tds_inversion::crystal::Crystal;
use tds_inversion::formats::poscar::read_poscar;
use tds_inversion::formats::recognise::{Kind, recognise};
use tds_inversion::formats::{canonical, recognise_within};
use tds_inversion::job::Job;
use tds_inversion::run::{CrystalReport, Prepared};

fn of_text(text: &str) -> tds_inversion::Result<CrystalReport> {
    report("x.cif", text.as_bytes())
}

#[test]
fn every_cif_is_its_crystal() {
    let cases: &[(&str, &str, usize, i32, f64)] = &[
        ("01", "Ti2O4", 6, 136, 1.94637),
        ("02", "Ti2O4", 6, 136, 1.94637),
        ("03", "Ti2O4", 6, 136, 1.94637),
        // With thirds; 0.3333 itself would give 1.97409.
        ("04", "Zn2O2", 4, 186, 1.97426),
        ("05", "Si8", 2, 227, 2.35169),
        ("06", "Si8", 2, 227, 2.35169),
        ("07", "Si8", 2, 227, 2.35169),
        ("08", "Al12O18", 10, 167, 1.85466),
        ("09", "Al12O18", 10, 167, 1.85466),
        ("10", "Al4O6", 10, 167, 1.8547),
        ("13", "Mg4O4", 2, 225, 2.105),
        ("14", "Mg4O4", 2, 225, 2.105),
        ("15", "Ti2O4", 6, 136, 1.94637),
        ("16", "Ti2O4", 6, 136, 1.94637),
        ("17", "Mg2", 2, 194, 3.19710),
        ("18", "S4", 4, 14, f64::NAN),
        ("20", "Mg4O4", 2, 225, 2.105),
        ("21", "Mg4O4", 2, 225, 2.105),
        ("22", "Ti2O4", 6, 136, 1.94637),
    ];
    for (begin, formula, n_primitive, group, shortest) in cases {
        let (name, bytes) = cif(begin);
        assert_eq!(recognise(&bytes), Kind::Cif, "{name}");
        let found = report(&name, &bytes).unwrap();
        let is = (found.formula.as_str(), found.n_primitive, found.space_group.number);
        assert_eq!(is, (*formula, *n_primitive, *group), "{name} {:?}", found.notes);
        assert!(shortest.is_nan() || (found.shortest_distance - shortest).abs() < 6e-5, "{name} {found}");
        assert_eq!(found.atoms.len(), found.n_atoms);
        // The operations 4 and 14 of 15 are misprinted; the symbol of 22 is another group's.
        let told = usize::from(["15", "22"].contains(begin));
        assert_eq!(found.notes.len(), told, "{name} {:?}", found.notes);
    }
    let (name, bytes) = cif("22");
    let note = &report(&name, &bytes).unwrap().notes[0];
    assert!(note.contains("P 4/m m m contradicts the operations") && note.contains("136"), "{note}");
}

#[test]
fn deuterium_is_hydrogen_with_its_own_mass() {
    let (name, bytes) = cif("19");
    let found = report(&name, &bytes).unwrap();
    assert_eq!((found.formula.as_str(), found.atoms[0].element.as_str()), ("DCa", "D"));
    let poscar = canonical(&name, &bytes, &[]).unwrap().files.remove(0).1;
    let cell = read_poscar("P", std::str::from_utf8(&poscar).unwrap()).unwrap();
    assert_eq!((cell.symbols[0].as_str(), (cell.masses[0] * 1e4).round()), ("H", 20141.0));
    let crystal = Crystal::new(cell, None).unwrap();
    assert_eq!(crystal.form_factors[0].ion, "H");
}

#[test]
fn what_is_no_whole_crystal_is_refused_in_one_sentence() {
    for (begin, part) in [
        ("11", "the site `Cu1` is occupied to `0.75`"),
        ("12", "the site `Mg1` is occupied to `0.98(1)`"),
        ("BROKEN_no", "there are no atoms"),
        ("BROKEN_pos", "the position of the site `Mg1` is not known"),
    ] {
        let (name, bytes) = cif(begin);
        sentence(report(&name, &bytes), part);
        sentence(canonical(&name, &bytes, &[]), part);
    }
    let rock_salt = String::from_utf8(cif("13").1).unwrap();
    for (from, to, part) in [
        ("'F m -3 m'", "'Q 7'", "the space group `Q 7` is not known"),
        ("'F m -3 m'", "'P 63/m m c'", "the cell does not fit the space group P 63/m m c"),
        ("_cell_length_a     4.21", "", "there is no cell"),
        ("_cell_length_b     4.21", "", "there is no _cell_length_b"),
        ("_cell_length_b     4.21", "_cell_length_b wide", "_cell_length_b is `wide`"),
        ("Mg1 0 0 0", "Mg1 0 0 zero", "`zero` is no coordinate of the site `Mg1`"),
        ("Mg1 0 0 0", "Mg1 0 0", "values for 4 columns"),
        ("Mg1 0 0 0", "Qq1 0 0 0", "the element of the site `Qq1` is not known"),
        ("O1 .5 .5 .5", "O1 0 0 0", "the sites `Mg1` and `O1` are one place"),
        ("O1 .5 .5 .5", "'O1 .5 .5 .5", "a quoted text does not end"),
    ] {
        assert!(rock_salt.contains(from), "{from}");
        sentence(of_text(&rock_salt.replacen(from, to, 1)), part);
    }
}

/// A cubic cell of 4.21 Å with further lines.
fn cubic(lines: &str) -> String {
    format!(
        "data_x\n_cell_length_a 4.21\n_cell_length_b 4.21\n_cell_length_c 4.21\n{lines}\nloop_\n_atom_site_label\n\
         _atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
    )
}

#[test]
fn cifs_are_understood_in_every_dialect() {
    // The second version with dotted tags, lists and triple quotes; the group by its Hall symbol.
    let second = "#\\#CIF_2.0\ndata_x\n_cell.length_a 4.21\n_cell.length_b 4.21\n_cell.length_c 4.21\n\
                  _space_group.name_Hall '-F 4 2 3'\n_other.matrix [[1 0] [0 1]]\n_other.text '''it's'''\nloop_\n\
                  _atom_site.label\n_atom_site.fract_xyz\n_atom_site.fract_x\n_atom_site.fract_y\n_atom_site.fract_z\n\
                  Mg1 [0 0 0] 0 0 0\nO1 [0.5 0.5 0.5] 1/2 1/2 1/2\n";
    let found = of_text(second).unwrap();
    assert_eq!((found.formula.as_str(), found.space_group.number), ("Mg4O4", 225));
    // No symmetry at all: all atoms are there, and that is said.
    let found = of_text(&(cubic("") + "Cs1 0 0 0\nCl1 .5 .5 .5\n")).unwrap();
    assert_eq!((found.formula.as_str(), found.space_group.number), ("CsCl", 221));
    assert!(found.notes[0].contains("no symmetry"), "{:?}", found.notes);
    // An origin that is not given: the one on which the atoms have room.
    for position in ["0 0 0", "0.125 0.125 0.125"] {
        let text = cubic("_symmetry_space_group_name_H-M 'F d -3 m'").replace("4.21", "5.431");
        let found = of_text(&format!("{text}Si1 {position}\n")).unwrap();
        assert_eq!((found.n_atoms, found.space_group.number), (8, 227), "{position}");
        assert!((found.shortest_distance - 2.35169).abs() < 1e-4);
        assert!(found.notes[0].contains("does not say which setting"), "{:?}", found.notes);
    }
    // Generators, symmetric atoms listed twice, a site a little off its place.
    let generators =
        "loop_\n_symmetry_equiv_pos_as_xyz\n'z,x,y' '-y,x,z' '-x,-y,-z' 'x,y+1/2,z+1/2' 'x+1/2,y,z+1/2'";
    let found = of_text(&(cubic(generators) + "Mg1 0.004 0 0\nO1 .5 .5 .5\nO2 .5 0 0\n")).unwrap();
    assert_eq!((found.formula.as_str(), found.space_group.number), ("Mg4O4", 225));
    for part in ["whose products are 192", "The site Mg1 was moved by 0.017 Å", "The site O2 repeats atoms"]
    {
        assert!(found.notes.iter().any(|note| note.contains(part)), "{part} {:?}", found.notes);
    }
    // Several crystals.
    let both = [cif("13").1, cif("17").1].concat();
    let found = report("two.cif", &both).unwrap();
    assert_eq!(found.formula, "Mg4O4");
    assert!(found.notes[0].contains("Of 2 crystals the first"), "{:?}", found.notes);
    // Monoclinic, the other cell choice by its symbol: as with the operations of the fixture.
    let text = String::from_utf8(cif("18").1).unwrap();
    let begin = text.find("loop_").unwrap();
    let end = begin + 5 + text[begin + 5..].find("loop_").unwrap();
    let by_symbol = format!("{}_symmetry_space_group_name_H-M 'P 21/n'\n{}", &text[..begin], &text[end..]);
    let (a, b) = (of_text(&text).unwrap(), of_text(&by_symbol).unwrap());
    assert_eq!((a.n_atoms, a.space_group.number), (b.n_atoms, 14));
    assert!((a.shortest_distance - b.shortest_distance).abs() < 1e-9);
}

#[test]
fn nearly_symmetric_crystals_are_offered_their_group_and_snapped_to_it() {
    let four_digits = String::from_utf8(common::case("06-four-digit-positions/POSCAR_Mg4")).unwrap();
    let found = report("POSCAR", four_digits.as_bytes()).unwrap();
    assert_eq!(found.space_group.number, 11);
    assert!(found.notes[0].contains("nearly P 6_3/m m c (no. 194)"), "{:?}", found.notes);
    // Three digits in the positions as well.
    let rougher =
        four_digits.replace("2.7794", "2.779").replace("0.6667", "0.667").replace("0.3333", "0.333");
    let job = |text: &str, options: Value| {
        let mut crystal = json!({"file": "POSCAR"});
        crystal.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let job =
            json!({"crystal": crystal, "force_constants": {"cutoff": 3.3, "start": {"springs": {"1": 1.0}}}});
        let files = Folder::from([("POSCAR".to_owned(), text.as_bytes().to_vec())]);
        Prepared::new(&Job::from_json(&job.to_string()).unwrap(), &files).unwrap()
    };
    for text in [four_digits.as_str(), rougher.as_str()] {
        let as_given = job(text, json!({}));
        assert!(as_given.crystal.operations.len() < 24);
        assert!(as_given.warnings.iter().any(|w| w.contains("\"snap\": true")), "{:?}", as_given.warnings);
        let snapped = job(text, json!({"snap": true}));
        // The full group at the tolerance of 10⁻⁵ Å, and the same again from the snapped cell.
        assert_eq!((snapped.space_group().number, snapped.crystal.operations.len()), (194, 24));
        let again = Crystal::new(snapped.crystal.input.clone(), None).unwrap();
        assert_eq!((again.space_group.number, again.operations.len()), (194, 24));
        assert!(again.nearly().is_none());
        let moved = again.moved_from(&as_given.crystal.input);
        assert!(moved.atoms < 2e-3 && moved.lattice < 1e-3 && moved.atoms > 1e-5, "{moved}");
        assert!(snapped.warnings.iter().any(|w| w.contains("made symmetric")), "{:?}", snapped.warnings);
    }
    // What is symmetric stays where it is, and that is said.
    let exact = String::from_utf8(all("constants")["infile.ucposcar"].clone()).unwrap();
    let snapped = job(&exact, json!({"snap": true}));
    assert!(snapped.warnings.iter().any(|w| w.contains("nothing was moved")), "{:?}", snapped.warnings);
}

#[test]
fn the_command_line_prints_the_crystal_of_every_file() {
    let place = folder("crystals");
    std::fs::write(place.join("own.cif"), cif("19").1).unwrap();
    let files = all("constants");
    for name in ["qe_q2r.fc", "phonopy_params.yaml.xz", "POSCAR"] {
        std::fs::write(place.join(name), &files[name]).unwrap();
        let out = tds(&place, &["crystal", name, "--json"]);
        let report: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!((out.status.code(), &report["space_group"]["number"]), (Some(0), &json!(225)), "{name}");
        assert_eq!(report["n_primitive"], 2);
    }
    let out = tds(&place, &["crystal", "own.cif", "--json", "--tolerance", "0.001"]);
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(report["atoms"][1]["element"], "Ca");
    assert!((report["atoms"][1]["z"].as_f64().unwrap() - 0.5).abs() < 1e-12);
    assert_eq!(report["cell"]["gamma"], 90.0);
    let text = String::from_utf8(tds(&place, &["crystal", "own.cif"]).stdout).unwrap();
    assert!(text.starts_with("DCa, 2 atoms, 2 in the primitive cell"), "{text}");
    let said = refused(&tds(&place, &["crystal", "missing.cif"]));
    assert!(said.starts_with("missing.cif: "), "{said}");
    std::fs::write(place.join("disorder.cif"), cif("11").1).unwrap();
    let said = refused(&tds(&place, &["crystal", "disorder.cif"]));
    assert!(said.starts_with("disorder.cif:") && said.contains("`Cu1`"), "{said}");
}

#[test]
fn misprints_among_many_operations_are_looked_for_in_a_moment() {
    // One operation many times and one that fits no group: every pair was left out in turn, a second of work.
    let (_, bytes) = cif("16");
    let text = String::from_utf8(bytes).unwrap();
    let line = text.lines().find(|line| line.contains("y+1/2,-x+1/2")).unwrap();
    let many = text.replacen(line, &format!("{}'y+1.2,-x+1/2,z+1/2'", format!("{line}\n").repeat(30)), 1);
    assert_ne!(text, many);
    let timed = || {
        let start = Instant::now();
        sentence(report("own.cif", many.as_bytes()), "generate no space group");
        start.elapsed()
    };
    // The machine may be busy with something else.
    let fastest = (0..5).map(|_| timed()).min().unwrap();
    assert!(fastest < Duration::from_millis(500), "{fastest:?}");
}

/// Reads a file; of one in twenty also the crystal, which takes much longer. Whatever comes out, it comes soon.
fn survive(n: usize, name: &str, bytes: &[u8], others: &[(String, Vec<u8>)]) {
    let start = Instant::now();
    recognise_within(bytes);
    if let Ok(found) = canonical(name, bytes, others) {
        assert_eq!(found.files[0].0, name);
    }
    if bytes.len() < 3000 && n.is_multiple_of(20) {
        let _ = report(name, bytes);
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{name}: {:?}", start.elapsed());
}

#[test]
fn damaged_files_never_panic_or_hang() {
    let (cifs, constants) = (all("cif"), all("constants"));
    let beside = vec![("infile.ucposcar".to_owned(), constants["infile.ucposcar"].clone())];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % below
    };
    for (name, bytes) in cifs.iter().chain(&constants) {
        let step = (bytes.len() / 100).max(1);
        for end in (0..bytes.len()).step_by(step) {
            survive(end / step, name, &bytes[..end], &beside);
        }
        for n in 0..2000 {
            let mut damaged = bytes.clone();
            for _ in 0..1 + random(3) {
                let at = random(damaged.len());
                damaged[at] ^= 1 << random(8);
            }
            survive(n, name, &damaged, &beside);
        }
    }
}
