//! Claims about the file formats: bad input is refused with a sentence that names the file and the line,
//! good input survives a round trip, and no input makes a reader panic.

use std::time::{Duration, Instant};

use nalgebra::{Matrix3, Vector3};
use tds_inversion::crystal::Cell;
use tds_inversion::data::Invalid;
use tds_inversion::formats::phonopy::phonopy_supercell;
use tds_inversion::formats::phonopy::read_phonopy_yaml;
use tds_inversion::formats::phonopy::{read_force_constants, write_force_constants, write_phonopy_yaml};
use tds_inversion::formats::poscar::{read_poscar, write_poscar};
use tds_inversion::formats::table::{Reading, read_csv, read_csv_as, read_points};
use tds_inversion::ifc::supercell::SupercellForceConstants;

/// One of the published examples.
struct Example {
    poscar: &'static str,
    yaml: &'static str,
    force_constants: &'static str,
}

macro_rules! example {
    ($name:literal) => {
        Example {
            poscar: include_str!(concat!("fixtures/", $name, "/POSCAR")),
            yaml: include_str!(concat!("fixtures/", $name, "/phonopy.yaml")),
            force_constants: include_str!(concat!("fixtures/", $name, "/FORCE_CONSTANTS")),
        }
    };
}

const EXAMPLES: [Example; 2] = [example!("NaCl"), example!("ZnO")];

fn from_yaml(text: &str) -> tds_inversion::Result<SupercellForceConstants> {
    read_phonopy_yaml("phonopy.yaml", text)?.into_force_constants("phonopy.yaml")
}

fn from_text(text: &str, yaml: &str) -> tds_inversion::Result<SupercellForceConstants> {
    let file = read_phonopy_yaml("phonopy.yaml", yaml).expect("the example is sound");
    read_force_constants("FC", text, &file.unit_cell, file.supercell_matrix)
}

/// Largest difference of lattice vectors (Å) and fractional coordinates; the atoms must agree.
fn cell_difference(a: &Cell, b: &Cell) -> f64 {
    assert_eq!(a.symbols, b.symbols);
    let positions = a.positions.iter().zip(&b.positions).map(|(p, q)| {
        let shift = p - q;
        shift.map(|x| x - x.round()).amax()
    });
    let masses = a.masses.iter().zip(&b.masses).map(|(m, n)| (m - n).abs());
    positions.chain(masses).fold((a.lattice - b.lattice).amax(), f64::max)
}

fn phi_difference(a: &SupercellForceConstants, b: &SupercellForceConstants) -> f64 {
    assert_eq!((&a.rows, a.phi.len()), (&b.rows, b.phi.len()));
    a.phi.iter().zip(&b.phi).map(|(x, y)| (x - y).amax()).fold(0.0, f64::max)
}

/// The sentence of the error, after checking that it begins with the place.
fn refused<T>(result: tds_inversion::Result<T>, place: &str, part: &str) {
    let sentence = match result {
        Ok(_) => panic!("accepted; expected a refusal at {place} about {part:?}"),
        Err(error) => error.to_string(),
    };
    assert!(sentence.starts_with(&format!("{place}: ")), "{sentence} does not begin with {place}");
    assert!(sentence.contains(part), "{sentence} does not mention {part}");
    assert!(sentence.contains(", expected "), "{sentence} does not say what was expected");
    assert!(sentence.len() < 400 && !sentence.contains('\n'), "{sentence} is not one short line");
}

#[test]
fn a_bad_table_of_intensities_is_refused_with_file_line_and_column() {
    let wide = "1,".repeat(1_000_000);
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "d.csv", "no data"),
        (b"\n# only a remark\n", "d.csv", "no data"),
        (b"h,k,l,intensity\n", "d.csv", "no rows"),
        (b"1,2,3,4\n1,2,x,4\n", "d.csv:2", "column 3 (l) is `x`"),
        (b"#\nh,k,l,i\n1,2,3,4\n\n1,2,3,nan\n", "d.csv:5", "column 4 (intensity) is `nan`"),
        (b"1,2,3,inf", "d.csv:1", "column 4 (intensity) is `inf`"),
        (b"1,2,3,1e999", "d.csv:1", "column 4"),
        (b"1;2;3;4,5,6", "d.csv:1", "column 4 (intensity) is `4,5,6`"),
        (b"1;2;3;1.234,5", "d.csv:1", "column 4 (intensity) is `1.234,5`"),
        (b"1,2,3,4,0", "d.csv:1", "sigma of this intensity is 0"),
        (b"1,2,3,4,-1", "d.csv:1", "sigma of this intensity is -1"),
        (b"1,2,3,4,nan", "d.csv:1", "column 5 (sigma) is `nan`"),
        (b"1,2,3,4,", "d.csv:1", "column 5 (sigma) is ``"),
        (b"h,k,l\n1,2,3", "d.csv:1", "no column intensity"),
        (b"h,l,i\n1,2,3", "d.csv:1", "no column k"),
        (b"1,2,3", "d.csv:1", "3 columns"),
        (b"1,2,3,4,5,6", "d.csv:1", "6 columns without a header"),
        (b"h,k,l,i,K\n1,2,3,4,5", "d.csv:1", "columns 2 and 5 both give k"),
        (b"h,k,l,i,counts\n1,2,3,4,5", "d.csv:1", "columns 4 and 5 both give intensity"),
        (b"1,2,3,4\n1,2,3", "d.csv:2", "3 fields"),
        (b"1,2,3,4\n1,2,3,4,5", "d.csv:2", "5 fields"),
        (b"1,2,3,4\n1,2,\0,4", "d.csv:2", "zero byte"),
        (b"\x89HDF\r\n\x1a\n\0\0\0", "d.csv:1", "UTF-8"),
        (wide.as_bytes(), "d.csv:1", "more than 1000 fields"),
    ];
    for (bytes, place, part) in cases {
        // By default such rows are left out; where that leaves nothing, or where it is asked for, they refuse the file.
        let strict = Reading { invalid: Invalid::Refuse, origin: None };
        refused(read_csv_as("d.csv", bytes, &strict), place, part);
    }
}

#[test]
fn a_bad_list_of_points_is_refused_with_file_and_line() {
    refused(read_points("p.csv", b"1,2\n"), "p.csv:1", "2 columns");
    refused(read_points("p.csv", b"h,k\n1,2\n"), "p.csv:1", "no column l");
    refused(read_points("p.csv", b"h,k,l\n1,2,3\n1,2,nan\n"), "p.csv:3", "column 3 (l) is `nan`");
    refused(read_points("p.csv", b"h,k,l,h\n1,2,3,4\n"), "p.csv:1", "both give h");
}

#[test]
fn supercells_have_the_atoms_in_the_order_of_phonopy() {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("fixtures/phonopy_supercells.json")).unwrap();
    let vectors = |value: &serde_json::Value| -> Vec<Vector3<f64>> {
        serde_json::from_value::<Vec<[f64; 3]>>(value.clone())
            .unwrap()
            .into_iter()
            .map(Vector3::from)
            .collect()
    };
    let names = |value: &serde_json::Value| serde_json::from_value::<Vec<String>>(value.clone()).unwrap();
    for case in file["cases"].as_array().unwrap() {
        let cell = |lattice: &str, symbols: &str, positions: &str| {
            let symbols = names(&case[symbols]);
            let masses = vec![1.0; symbols.len()];
            let lattice = Matrix3::from_columns(&vectors(&case[lattice]));
            Cell { lattice, symbols, positions: vectors(&case[positions]), masses }
        };
        let unit = cell("lattice_rows", "symbols", "positions");
        let expected = cell("supercell_lattice_rows", "supercell_symbols", "supercell_positions");
        let matrix = Matrix3::from_columns(&vectors(&case["supercell_matrix"])).transpose().map(|x| x as i32);
        let supercell = phonopy_supercell(&unit, &matrix).unwrap();
        let difference = cell_difference(&supercell, &expected);
        assert!(difference < 1e-11, "{}: {difference}", case["name"]);
    }
}

#[test]
fn poscar_and_phonopy_yaml_give_the_same_crystal() {
    for example in EXAMPLES {
        let file = read_phonopy_yaml("phonopy.yaml", example.yaml).unwrap();
        let poscar = read_poscar("POSCAR", example.poscar).unwrap();
        // Masses in the file are rounded to 1e-6.
        assert!(cell_difference(&file.unit_cell, &poscar) < 1e-6);
        assert!(!file.has_nac);
        let again = read_poscar("POSCAR", &write_poscar(&poscar, "again")).unwrap();
        assert!(cell_difference(&again, &poscar) < 1e-15);
        let built = phonopy_supercell(&file.unit_cell, &file.supercell_matrix).unwrap();
        assert!(cell_difference(&built, &file.supercell) < 1e-12);
    }
}

#[test]
fn both_files_of_phonopy_give_the_same_force_constants() {
    for example in EXAMPLES {
        let yaml = from_yaml(example.yaml).unwrap();
        let text = from_text(example.force_constants, example.yaml).unwrap();
        assert!(phi_difference(&yaml, &text) < 1e-14);
        assert_eq!(yaml.rows.len(), yaml.primitive.as_ref().unwrap().len());
        // The acoustic sum rule holds for the examples: a wrong order of blocks would not break it, a lost one would.
        for row in 0..yaml.rows.len() {
            assert!(yaml.row(row).iter().sum::<Matrix3<f64>>().amax() < 1e-10);
        }
    }
}

#[test]
fn force_constants_survive_being_written_and_read() {
    for example in EXAMPLES {
        let yaml = from_yaml(example.yaml).unwrap();
        let text = from_text(example.force_constants, example.yaml).unwrap();
        let same = write_force_constants(&text).trim_end() == example.force_constants.trim_end();
        assert!(same, "the file is written as it was read");
        let again = from_yaml(&write_phonopy_yaml(&yaml)).unwrap();
        assert!(phi_difference(&yaml, &again) < 1e-15);
        assert!(cell_difference(&yaml.unit_cell, &again.unit_cell) < 1e-14);
        assert!(cell_difference(&yaml.supercell, &again.supercell) < 1e-14);
        assert!(cell_difference(yaml.primitive.as_ref().unwrap(), again.primitive.as_ref().unwrap()) < 1e-14);
    }
}

#[test]
fn full_force_constants_survive_being_written_and_read() {
    let compact = from_yaml(EXAMPLES[1].yaml).unwrap();
    let n = compact.supercell.len();
    let phi = (0..n * n).map(|i| Matrix3::from_fn(|r, c| ((i * 9 + r * 3 + c) as f64).sin())).collect();
    let full = SupercellForceConstants { rows: (0..n).collect(), phi, ..compact };
    let text = write_force_constants(&full);
    for header in ["  32   32\n", "32\n"] {
        let again = from_text(&text.replacen("  32   32\n", header, 1), EXAMPLES[1].yaml).unwrap();
        assert!(phi_difference(&full, &again) < 1e-15);
    }
    assert!(phi_difference(&full, &from_yaml(&write_phonopy_yaml(&full)).unwrap()) < 1e-15);
}

#[test]
fn compact_rows_are_found_without_the_list_of_images() {
    for example in EXAMPLES {
        let expected = from_yaml(example.yaml).unwrap();
        let lines = example.yaml.lines().filter(|line| !line.contains("reduced_to"));
        let found = from_yaml(&lines.collect::<Vec<_>>().join("\n")).unwrap();
        assert_eq!(found.rows, expected.rows);
    }
}

/// A small sound file to spoil: one atom, no supercell listed, one block.
const SMALL: &str = "\
unit_cell:
  lattice:
  - [ 4.0, 0.0, 0.0 ]
  - [ 0.0, 4.0, 0.0 ]
  - [ 0.0, 0.0, 4.0 ]
  points:
  - symbol: Po
    coordinates: [ 0.0, 0.0, 0.0 ]
    mass: 209.0
supercell_matrix: [ 1, 1, 1 ]
physical_unit:
  length: angstrom
  force_constants: eV/angstrom^2
force_constants:
  format: full
  shape: [ 1, 1 ]
  elements:
  - # (1, 1)
    - [ 1.0, 0.0, 0.0 ]
    - [ 0.0, 1.0, 0.0 ]
    - [ 0.0, 0.0, 1.0 ]
";

#[test]
fn a_bad_phonopy_yaml_is_refused_with_file_and_line() {
    assert!(from_yaml(SMALL).is_ok());
    let cases = [
        ("length: angstrom", "length: inch", "phonopy.yaml:12", "lengths are in `inch`"),
        ("eV/angstrom^2", "hartree/inch^2", "phonopy.yaml:13", "force constants are in `hartree/inch^2`"),
        ("unit_cell:", "unit_call:", "phonopy.yaml", "no `unit_cell`"),
        ("  lattice:", "  lettuce:", "phonopy.yaml:2", "no list `lattice`"),
        ("[ 4.0, 0.0, 0.0 ]", "[ 0.0, 4.0, 0.0 ]", "phonopy.yaml:3", "span a volume of 0"),
        ("[ 4.0, 0.0, 0.0 ]", "[ 4.0, 0.0 ]", "phonopy.yaml:3", "lattice is incomplete"),
        ("symbol: Po", "symbol: Qq", "phonopy.yaml:7", "`Qq` is no element"),
        ("symbol: Po", "weight: 0.5", "phonopy.yaml:7", "mixed occupation"),
        ("mass: 209.0", "mass: -1", "phonopy.yaml:9", "`-1` is no mass"),
        ("coordinates: [ 0.0, ", "coordinates: [ nan, ", "phonopy.yaml:7", "no position"),
        ("matrix: [ 1, 1, 1 ]", "matrix: [ 1, 1, 0.5 ]", "phonopy.yaml:10", "no supercell matrix"),
        ("matrix: [ 1, 1, 1 ]", "matrix: [ 1, 1, 0 ]", "phonopy.yaml:10", "determinant 0"),
        ("matrix: [ 1, 1, 1 ]", "matrix: [ 99999, 99999, 99999 ]", "phonopy.yaml:10", "determinant"),
        ("matrix: [ 1, 1, 1 ]", "matrix: [ 1, 1, 2 ]", "phonopy.yaml:14", "shape 1 × 1"),
        ("shape: [ 1, 1 ]", "shape: [ 1e30, 1 ]", "phonopy.yaml:14", "shape"),
        ("shape: [ 1, 1 ]", "shape: [ -1, 1 ]", "phonopy.yaml:14", "shape -1 × 1"),
        ("  shape: [ 1, 1 ]\n", "", "phonopy.yaml:14", "no shape"),
        ("format: full", "format: packed", "phonopy.yaml:14", "`packed`"),
        ("[ 1.0, 0.0, 0.0 ]", "[ 1.0, x, 0.0 ]", "phonopy.yaml:19", "`x` is no number"),
        ("[ 1.0, 0.0, 0.0 ]", "[ 1.0, .nan, 0.0 ]", "phonopy.yaml:19", "`.nan` is no number"),
        ("[ 1.0, 0.0, 0.0 ]", "[ 1.0, 0.0 ]", "phonopy.yaml:19", "fewer than three"),
        ("[ 1.0, 0.0, 0.0 ]", "[ 1.0, 0.0, 0.0, 0.0 ]", "phonopy.yaml:19", "more than three"),
        ("    - [ 0.0, 0.0, 1.0 ]\n", "", "phonopy.yaml:2", "fewer than three rows"),
        ("  elements:", "  others:", "phonopy.yaml:14", "there are 0 blocks"),
        ("physical_unit:", "unit_cell:", "phonopy.yaml:11", "`unit_cell` is given twice"),
        ("    mass: 209.0", "    symbol: Po", "phonopy.yaml:9", "`symbol` is given twice"),
        ("mass: 209.0", "mass: *a", "phonopy.yaml:9", ""),
        ("  length: angstrom", "\tlength: angstrom", "phonopy.yaml:12", "malformed"),
        ("format: full", "format: \"full", "phonopy.yaml", "malformed"),
    ];
    for (good, bad, place, part) in cases {
        assert!(SMALL.contains(good), "{good}");
        let error = from_yaml(&SMALL.replacen(good, bad, 1)).expect_err(bad).to_string();
        assert!(error.starts_with(place) && error.contains(part), "{bad}: {error}");
        assert!(error.contains(", expected ") && error.len() < 400, "{error}");
    }
    refused(from_yaml(""), "phonopy.yaml:1", "no phonopy.yaml");
    refused(from_yaml("- 1\n- 2\n"), "phonopy.yaml:1", "no phonopy.yaml");
    let no_units = SMALL.replace("physical_unit:", "phonopy:").replace("length: angstrom", "calculator: qe");
    refused(from_yaml(&no_units), "phonopy.yaml:12", "calculator is `qe`");
    let bare = &SMALL[..SMALL.find("force_constants:\n").unwrap()];
    refused(from_yaml(bare), "phonopy.yaml", "no force constants");
}

#[test]
fn other_units_give_the_same_crystal_and_force_constants() {
    // CODATA 2018.
    let (bohr, hartree) = (0.529177210903, 27.211386245988);
    for (length, per_length, unit, per_unit) in [
        ("au", 1.0 / bohr, "hartree/au^2", bohr * bohr / hartree),
        ("angstrom", 1.0, "hartree/angstrom.au", bohr / hartree),
        ("au", 1.0 / bohr, "Ry/au^2", 2.0 * bohr * bohr / hartree),
        ("au", 1.0 / bohr, "eV/angstrom.au", bohr),
    ] {
        let edge = format!("{:.15}", 4.0 * per_length);
        let text = SMALL
            .replace("4.0", &edge)
            .replace("1.0, 0.0, 0.0", &format!("{per_unit:.15}, 0.0, 0.0"))
            .replace("0.0, 1.0, 0.0", &format!("0.0, {per_unit:.15}, 0.0"))
            .replace("0.0, 0.0, 1.0", &format!("0.0, 0.0, {per_unit:.15}"))
            .replace("length: angstrom", &format!("length: {length}"))
            .replace("eV/angstrom^2", unit);
        let (found, expected) = (from_yaml(&text).unwrap(), from_yaml(SMALL).unwrap());
        assert!(cell_difference(&found.unit_cell, &expected.unit_cell) < 1e-12, "{unit}");
        assert!(phi_difference(&found, &expected) < 1e-12, "{unit}");
    }
}

#[test]
fn born_charges_are_noticed() {
    let file = read_phonopy_yaml("f", &format!("{SMALL}nac:\n  dielectric_constant: []\n")).unwrap();
    assert!(file.has_nac);
}

#[test]
fn a_bad_poscar_is_refused_with_file_and_line() {
    let sound = EXAMPLES[0].poscar.replace("   4   4\n", "Na Cl\n4 4\n");
    assert!(read_poscar("POSCAR", &sound).is_ok());
    let cases = [
        ("   1.00000000000000\n", "zero\n", "POSCAR:2", "`zero` is no scale"),
        ("   1.00000000000000\n", "0\n", "POSCAR:2", "`0` is no scale"),
        ("   1.00000000000000\n", "nan\n", "POSCAR:2", "`nan` is no scale"),
        ("5.6903014761756712", "0.0", "POSCAR:2", "span a volume of 0"),
        ("5.6903014761756712", "5,69", "POSCAR:3", "`5,69` is no number"),
        ("    0.0000000000000000    0.0000000000000000\n", "\n", "POSCAR:3", "fewer than three"),
        ("Na Cl\n4", "Na Qq\n4", "POSCAR:6", "`Qq` is no element"),
        ("4 4", "4", "POSCAR:7", "1 numbers of atoms for 2 elements"),
        ("4 4", "4 4 4", "POSCAR:7", "3 numbers"),
        ("4 4", "4 -4", "POSCAR:7", "`-4`"),
        ("4 4", "4 99999999999999999999", "POSCAR:7", "`99999999999999999999`"),
        ("4 4", "4 5", "POSCAR:17", "the file ends here"),
        ("Direct", "Indirect", "POSCAR:8", "`Indirect`"),
        ("  0.0000000000000000  0.5000000000000000  0.5000000000000000", "0 inf 0", "POSCAR:10", "`inf`"),
        (
            "  0.0000000000000000  0.5000000000000000  0.5000000000000000\n",
            "\n",
            "POSCAR:10",
            "fewer than three",
        ),
    ];
    for (good, bad, place, part) in cases {
        assert!(sound.contains(good), "{good}");
        refused(read_poscar("POSCAR", &sound.replacen(good, bad, 1)), place, part);
    }
    refused(read_poscar("POSCAR", ""), "POSCAR:1", "the file ends here");
}

#[test]
fn a_bad_force_constants_file_is_refused_with_file_and_line() {
    let (sound, yaml) = (EXAMPLES[0].force_constants, EXAMPLES[0].yaml);
    let second = "-0.301776695312500     0.000000000000000     0.000000000000000";
    let cases = [
        ("   2   64", "   2   63", "FC:1", "`2   63`"),
        ("   2   64", "   65   64", "FC:1", "`65   64`"),
        ("   2   64", "   3   64", "FC:1", "`3   64`"),
        ("   2   64", "64", "FC:258", ""),
        ("   2   64", "two", "FC:1", "`two`"),
        ("   2   64", "   1   64", "FC:258", "`33 1` follows the last"),
        ("   2   64", "   4   64", "FC:51", "the file ends here"),
        ("\n1 2\n", "\n1 3\n", "FC:6", "`1 3`"),
        ("\n1 2\n", "\n2 2\n", "FC:6", "`2 2`"),
        ("\n1 1\n", "\n65 1\n", "FC:2", "`65 1`"),
        ("\n1 1\n", "\n0 1\n", "FC:2", "`0 1`"),
        ("\n33 1\n", "\n1 1\n", "FC:258", "`1 1`"),
        (second, "nan 0 0", "FC:7", "`nan` is no number"),
        (second, "1e999 0 0", "FC:7", "`1e999` is no number"),
        (second, "0 0", "FC:7", "fewer than three"),
        (second, "0 0 0 0", "FC:7", "more than three"),
    ];
    for (good, bad, place, part) in cases {
        assert!(sound.contains(good), "{good}");
        let error = from_text(&sound.replacen(good, bad, 1), yaml).expect_err(bad).to_string();
        assert!(error.starts_with(place) && error.contains(part), "{bad:?}: {error}");
    }
    refused(from_text("", yaml), "FC:1", "the file ends here");
    let cell = read_phonopy_yaml("phonopy.yaml", yaml).unwrap().unit_cell;
    let flat = read_force_constants("FC", sound, &cell, Matrix3::zeros());
    refused(flat, "supercell_matrix", "a positive determinant");
}

#[test]
fn hostile_yaml_is_refused_at_once() {
    let laughs = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nunit_cell: [*b,*b,*b,*b,*b]\n";
    let many_keys: String = (0..100_000).map(|i| format!("  k{i}: 0\n")).collect();
    let files = [
        laughs.to_owned(),
        "[".repeat(1_000_000),
        format!("unit_cell: {}", "[".repeat(1_000_000)),
        format!("unit_cell: {}", "{a: ".repeat(100_000)),
        "- ".repeat(100_000),
        format!(
            "unit_cell:\n{}",
            (0..2000).map(|i| format!("{}a:\n", " ".repeat(i + 1))).collect::<String>()
        ),
        format!("unit_cell:\n{many_keys}"),
        many_keys.replace("  k", "k"),
        "? ".repeat(100_000),
        "x".repeat(10_000_000),
        format!("unit_cell: \"{}", "x\n ".repeat(1_000_000)),
        "a: |\n".to_owned() + &" \n".repeat(1_000_000),
        "&a ".repeat(100_000),
        "!a ".repeat(100_000),
        "%YAML 1.2\n".repeat(100_000),
        "---\n".repeat(100_000),
        format!("unit_cell: {}", "a,".repeat(1_000_000)),
        format!("[{}", "a: ".repeat(100_000)),
        format!("{{{}", "a,\n".repeat(300_000)),
    ];
    for file in files {
        let start = Instant::now();
        let error = from_yaml(&file).expect_err("hostile").to_string();
        assert!(error.contains(", expected ") && error.len() < 400, "{error}");
        let taken = start.elapsed();
        assert!(
            taken < Duration::from_secs(5),
            "{taken:?} for {:?}",
            file.chars().take(40).collect::<String>()
        );
    }
}

/// Hands a reader every prefix (step by step) and the file with single bytes replaced.
fn spoil(text: &str, steps: usize, mut read: impl FnMut(&[u8])) {
    let bytes = text.as_bytes();
    let step = (bytes.len() / steps).max(1);
    for end in (0..bytes.len()).step_by(step) {
        read(&bytes[..end]);
    }
    let mut copy = bytes.to_vec();
    let wrong = b"\0-#:*&[]{}\"'!%@`?|>,\n\t 9e\xff\xc3";
    for (turn, at) in (0..bytes.len()).step_by(step).enumerate() {
        copy[at] = wrong[turn % wrong.len()];
        read(&copy);
        copy[at] ^= 1 << (turn % 8);
        read(&copy);
        copy[at] = bytes[at];
    }
}

#[test]
fn no_spoiled_file_makes_a_reader_panic() {
    let csv = "# remark\nh,k,l,intensity,sigma\n-5,0.25,1e-3,12.5,3\n\"1\";2,3\t4 5\n1,2,3,4,5\n";
    spoil(csv, 1000, |bytes| {
        let _ = read_csv("d.csv", bytes);
        let _ = read_points("d.csv", bytes);
    });
    spoil(SMALL, 1000, |bytes| {
        let _ = from_yaml(&String::from_utf8_lossy(bytes));
    });
    for example in EXAMPLES {
        spoil(example.poscar, 1000, |bytes| {
            let _ = read_poscar("POSCAR", &String::from_utf8_lossy(bytes));
        });
        spoil(example.yaml, 500, |bytes| {
            let _ = from_yaml(&String::from_utf8_lossy(bytes));
        });
        let file = read_phonopy_yaml("phonopy.yaml", example.yaml).unwrap();
        spoil(example.force_constants, 500, |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let _ = read_force_constants("FC", &text, &file.unit_cell, file.supercell_matrix);
        });
    }
}

#[test]
fn a_truncated_force_constants_file_is_never_accepted() {
    let (sound, yaml) = (EXAMPLES[1].force_constants.trim_end(), EXAMPLES[1].yaml);
    let file = read_phonopy_yaml("phonopy.yaml", yaml).unwrap();
    let read = |text: &str| read_force_constants("FC", text, &file.unit_cell, file.supercell_matrix);
    // The last number itself may lose digits unnoticed; everything before it may not.
    let last = sound.rfind(' ').unwrap();
    for end in (0..last).step_by(97).chain([last]) {
        let error = read(&sound[..end]).expect_err("truncated").to_string();
        let lines = sound[..end].lines().count();
        let near = [lines, lines + 1].map(|line| error.starts_with(&format!("FC:{line}: ")));
        assert!(near.contains(&true), "{error} for a file of {lines} lines");
    }
}
