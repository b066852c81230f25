//! Claims about force constants of other programs: every file of one crystal gives the same frequencies, whatever its
//! format, its packing and the cell that it calls primitive.
#![cfg(feature = "readers")]

#[path = "common/foreign.rs"]
mod foreign;

use foreign::{Folder, all, report, sentence};
use hdf5_reader::Hdf5File;
use nalgebra::Matrix3;
use serde_json::{Value, json};
use tds_inversion::dynamics::frequencies;
use tds_inversion::formats::phonopy::{
    force_constants_hdf5, hdf5_to_text, read_born, read_force_constants, read_phonopy_yaml,
    write_force_constants,
};
use tds_inversion::formats::recognise::{Kind, recognise};
use tds_inversion::formats::{canonical, recognise_within};
use tds_inversion::ifc::supercell::SupercellForceConstants;
use tds_inversion::job::Job;
use tds_inversion::run::{CrystalReport, Prepared};

fn prepared(job: &Value, files: &Folder) -> tds_inversion::Result<Prepared> {
    Prepared::new(&Job::from_json(&job.to_string()).unwrap(), files)
}

/// Both the crystal and the constants from one file. The frequencies to compare with have no dipole–dipole part.
fn own(name: &str) -> Value {
    json!({"crystal": {"file": name}, "force_constants": {"values": {"file": name}}, "non_analytical": false})
}

fn with(crystal: &str, values: &Value) -> Value {
    json!({"crystal": {"file": crystal}, "force_constants": {"values": values}, "non_analytical": false})
}

/// THz: largest difference from the frequencies of the fixture.
fn largest_error(prepared: &Prepared, files: &Folder) -> f64 {
    let fc = prepared.family.at(&prepared.theta);
    let table = std::str::from_utf8(&files["frequencies_THz.csv"]).unwrap();
    let mut worst = 0.0_f64;
    for line in table.lines().skip(1) {
        let numbers: Vec<f64> = line.split(',').map(|x| x.parse().unwrap()).collect();
        let [h, k, l] = [numbers[0], numbers[1], numbers[2]];
        // The table is in the conventional cell; the vectors of the primitive one are (0 ½ ½), (½ 0 ½), (½ ½ 0).
        let primitive = [(k + l) / 2.0, (h + l) / 2.0, (h + k) / 2.0];
        let hkl = if prepared.crystal.input.len() == 2 { primitive } else { [h, k, l] };
        let q = prepared.crystal.q_cart(&hkl);
        let found = frequencies(&fc, &prepared.crystal.primitive.masses, &q);
        assert_eq!(found.len(), numbers.len() - 3);
        for (f, expected) in found.iter().zip(&numbers[3..]) {
            worst = worst.max((f - expected).abs());
        }
    }
    worst
}

/// The same files, where that of Quantum ESPRESSO has no charges: its constants are then all there is, as in the others.
fn without_charges() -> Folder {
    let mut files = all("constants");
    let text = String::from_utf8(files["qe_q2r.fc"].clone()).unwrap();
    let (head, rest) = text.split_once(" T\n").unwrap();
    let (_, numbers) = rest.split_once("   3   3   3\n").unwrap();
    files.insert("qe_q2r.fc".into(), format!("{head} F\n   3   3   3\n{numbers}").into_bytes());
    files
}

#[test]
fn force_constants_of_every_program_give_the_same_frequencies() {
    let files = without_charges();
    let poscar = |name: &str| with("POSCAR", &json!({"file": name, "supercell_matrix": [2, 2, 2]}));
    let cases = [
        ("text", poscar("FORCE_CONSTANTS_compact")),
        ("hdf5", poscar("force_constants.hdf5")),
        ("hdf5 packed by LZF", poscar("force_constants_lzf.hdf5")),
        ("hdf5 beside a yaml", with("phonopy_params.yaml", &json!({"file": "force_constants.hdf5"}))),
        ("yaml", own("phonopy_params.yaml")),
        ("yaml.xz", own("phonopy_params.yaml.xz")),
        ("conventional", own("phonopy_conventional_as_primitive.yaml.xz")),
        ("q2r", own("qe_q2r.fc")),
        ("q2r with another crystal", with("infile.ucposcar", &json!({"file": "qe_q2r.fc"}))),
        ("tdep", with("infile.ucposcar", &json!({"file": "infile.forceconstant"}))),
    ];
    for (what, job) in cases {
        let prepared = prepared(&job, &files).unwrap();
        let worst = largest_error(&prepared, &files);
        println!("{what}: {worst:.1e} THz");
        // The constants of nature of the other program are older: 1.2·10⁻⁷ relative.
        assert!(worst < 5e-6, "{what}: {worst} THz");
        assert_eq!((prepared.crystal.n_atoms(), prepared.space_group().number), (2, 225), "{what}");
    }
}

#[test]
fn an_hdf5_file_has_its_own_unit_whatever_the_yaml_beside_it_says() {
    let mut files = all("constants");
    let yaml = String::from_utf8(files["phonopy_params.yaml"].clone()).unwrap();
    let cell = yaml.split("force_constants:\n  format").next().unwrap();
    let hartree = cell.replace("\"eV/angstrom^2\"", "\"hartree/au^2\"");
    assert_ne!(cell, hartree);
    files.insert("phonopy.yaml".into(), hartree.into_bytes());
    let job = with("phonopy.yaml", &json!({"file": "force_constants.hdf5"}));
    assert!(largest_error(&prepared(&job, &files).unwrap(), &files) < 5e-6);
}

/// Constants of the fixture, and all of its blocks in rows of every atom.
fn compact_and_full(files: &Folder) -> [SupercellForceConstants; 2] {
    let text = std::str::from_utf8(&files["FORCE_CONSTANTS_compact"]).unwrap();
    let job = own("phonopy_params.yaml");
    let unit_cell = prepared(&job, files).unwrap().crystal.input;
    let compact = read_force_constants("F", text, &unit_cell, Matrix3::from_diagonal_element(2)).unwrap();
    let n = compact.supercell.len();
    assert!(compact.rows.len() < n);
    let phi: Vec<Matrix3<f64>> = (0..n).flat_map(|i| compact.row(i % compact.rows.len()).to_vec()).collect();
    let full = SupercellForceConstants { rows: (0..n).collect(), phi, ..compact.clone() };
    [compact, full]
}

#[test]
fn force_constants_are_written_as_hdf5_to_the_last_bit() {
    let files = all("constants");
    for mut constants in compact_and_full(&files) {
        // Numbers that no text of fifteen digits holds, and those that lose their sign or their smallness easily.
        let odd = [std::f64::consts::PI * 1e-9, -0.0, f64::MIN_POSITIVE / 8.0, -f64::MAX, 0.1 + 0.2];
        for (block, number) in constants.phi.iter_mut().zip(odd.iter().cycle()) {
            block[(0, 1)] = *number;
        }
        let bytes = force_constants_hdf5(&constants, "eV/angstrom^2").unwrap();
        assert_eq!(recognise(&bytes), Kind::ConstantsHdf5);
        let file = Hdf5File::from_bytes(&bytes).unwrap();
        let array = file.dataset("/force_constants").unwrap();
        let (rows, n) = (constants.rows.len(), constants.supercell.len());
        assert_eq!(array.shape(), [rows as u64, n as u64, 3, 3]);
        let read: Vec<u64> = array.read_array::<f64>().unwrap().iter().map(|x| x.to_bits()).collect();
        let mut expected = vec![];
        for block in &constants.phi {
            for row in 0..3 {
                expected.extend((0..3).map(|column| block[(row, column)].to_bits()));
            }
        }
        assert_eq!(read, expected);
        let map = file.dataset("/p2s_map").ok().map(|map| map.read_array::<i64>().unwrap());
        let map: Option<Vec<usize>> = map.map(|map| map.iter().map(|atom| *atom as usize).collect());
        assert_eq!(map, (rows < n).then(|| constants.rows.clone()));
        assert_eq!(file.dataset("/physical_unit").unwrap().read_strings().unwrap(), ["eV/angstrom^2"]);
    }
}

#[test]
fn hdf5_that_was_written_is_read_as_the_text_is_and_another_unit_refused() {
    let files = all("constants");
    for constants in compact_and_full(&files) {
        let bytes = force_constants_hdf5(&constants, "eV/angstrom^2").unwrap();
        let text = hdf5_to_text("F", &bytes).unwrap();
        assert!(text.lines().next().unwrap().ends_with("# eV/angstrom^2"));
        let blocks = |text: &str| text.lines().skip(1).collect::<Vec<_>>().join("\n");
        assert_eq!(blocks(&text), blocks(&write_force_constants(&constants)));
        let slopes = force_constants_hdf5(&constants, "angstrom^2/eV").unwrap();
        sentence(hdf5_to_text("F", &slopes), "the unit is `angstrom^2/eV`");
    }
}

#[test]
fn irreducible_constants_start_from_any_of_the_files() {
    let files = without_charges();
    let mut first: Option<Vec<f64>> = None;
    for (crystal, constants) in [
        ("phonopy_params.yaml.xz", "phonopy_params.yaml.xz"),
        ("phonopy_conventional_as_primitive.yaml.xz", "phonopy_conventional_as_primitive.yaml.xz"),
        ("qe_q2r.fc", "qe_q2r.fc"),
        ("infile.ucposcar", "infile.forceconstant"),
    ] {
        let job = json!({"crystal": {"file": crystal}, "non_analytical": false,
                         "force_constants": {"cutoff": 3.2, "start": {"file": constants}}});
        let prepared = prepared(&job, &files).unwrap();
        // Also as a further set of constants of the same job.
        let again = prepared.constants(&prepared.job.force_constants.start.clone().unwrap(), &files).unwrap();
        assert_eq!(prepared.theta, again);
        let first = first.get_or_insert(prepared.theta.clone());
        let off = first.iter().zip(&prepared.theta).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(first.len() == prepared.theta.len() && off < 1e-6, "{constants}: {off}");
    }
}

#[test]
fn a_conventional_cell_called_primitive_is_seen_through() {
    let files = all("constants");
    let name = "phonopy_conventional_as_primitive.yaml.xz";
    let found = CrystalReport::read(name, &files, None).unwrap();
    assert_eq!((found.n_atoms, found.n_primitive, found.space_group.number), (8, 2, 225));
    assert!(found.notes.iter().any(|note| note.contains("several lattice points")), "{:?}", found.notes);
    let conventional = prepared(&own(name), &files).unwrap();
    let right = prepared(&own("phonopy_params.yaml"), &files).unwrap();
    // (1 0 0) is no Bragg point, and the intensity is per cell of two atoms.
    let wrong = |_| tds_inversion::Error::NeedsWhole;
    let points = [[1.0, 0.0, 0.0], [0.3, 0.7, 0.2], [1.5, 0.5, 2.5]];
    let a = conventional.simulate(&points, &wrong).unwrap().intensity;
    let b = right.simulate(&points, &wrong).unwrap().intensity;
    for (a, b) in a.iter().zip(&b) {
        assert!((a / b - 1.0).abs() < 1e-6, "{a} {b}");
    }
}

#[test]
fn long_range_parts_are_kept_and_told() {
    let files = all("constants");
    let found = canonical("qe_q2r.fc", &files["qe_q2r.fc"], &[]).unwrap();
    assert!(found.notes[0].contains("dipole–dipole"), "{:?}", found.notes);
    let yaml = read_phonopy_yaml("q", std::str::from_utf8(&found.files[0].1).unwrap()).unwrap();
    let long_range = yaml.long_range.unwrap();
    assert_eq!((long_range.dielectric[(1, 1)], long_range.born[1][(2, 2)]), (3.1, -1.95));
    for (name, factor) in [("BORN_number", true), ("BORN_comment", false)] {
        assert_eq!(recognise(&files[name]), Kind::Born, "{name}");
        let born = read_born(name, std::str::from_utf8(&files[name]).unwrap()).unwrap();
        assert_eq!(born.long_range.factor.is_some(), factor, "{name}");
        let tensors = (born.long_range.born, born.long_range.dielectric);
        assert_eq!(tensors, (long_range.born.clone(), long_range.dielectric), "{name}");
        assert!(canonical(name, &files[name], &[]).unwrap().notes[0].contains("1.950, -1.950"));
    }
    sentence(read_born("B", "14.4\n3 0 0 0 3 0 0 0\n"), "B:2: ");
    sentence(read_born("B", "14.4\n3 0 0 0 3 0 0 0 3\n"), "no Born charges");
}

#[test]
fn a_pair_that_lies_far_off_makes_no_supercell_of_its_own() {
    let files = all("constants");
    let text = std::str::from_utf8(&files["infile.forceconstant"]).unwrap();
    let beside = [("infile.ucposcar".to_owned(), files["infile.ucposcar"].clone())];
    let lines: Vec<&str> = text.lines().collect();
    // The cell of the first neighbour stands behind its index.
    let cell = lines[4];
    assert_eq!(cell.split_whitespace().count(), 3, "{cell}");
    for far in ["90 0 0", "-40 30 20", "1000 1000 1000"] {
        let moved = text.replacen(cell, far, 1);
        let start = std::time::Instant::now();
        sentence(canonical("infile.forceconstant", moved.as_bytes(), &beside), "fill no such range");
        assert!(start.elapsed().as_secs() < 5);
    }
}

#[test]
fn content_tells_what_a_file_is_and_packing_hides_nothing() {
    let files = all("constants");
    for (name, kind, within) in [
        ("qe_q2r.fc", Kind::QuantumEspresso, Kind::QuantumEspresso),
        ("infile.forceconstant", Kind::Tdep, Kind::Tdep),
        ("infile.ucposcar", Kind::Crystal, Kind::Crystal),
        ("force_constants.hdf5", Kind::ConstantsHdf5, Kind::ConstantsHdf5),
        ("FORCE_CONSTANTS_compact", Kind::Constants, Kind::Constants),
        ("phonopy_params.yaml", Kind::Phonopy, Kind::Phonopy),
        ("phonopy_params.yaml.xz", Kind::Archive, Kind::Phonopy),
        ("frequencies_THz.csv", Kind::Data, Kind::Data),
    ] {
        assert_eq!((recognise(&files[name]), recognise_within(&files[name])), (kind, within), "{name}");
    }
    let packed = gzip_stored(&files["POSCAR"]);
    assert_eq!(recognise_within(&packed), Kind::Crystal);
    let unpacked = canonical("POSCAR.gz", &packed, &[]).unwrap();
    assert_eq!(unpacked.files, [("POSCAR.gz".to_owned(), files["POSCAR"].clone())]);
    assert_eq!(report("POSCAR.gz", &packed).unwrap().n_atoms, 8);
    sentence(report("POSCAR.gz", &packed[..packed.len() / 2]), "the packed file is damaged");
    let xz = &files["phonopy_params.yaml.xz"];
    sentence(report("p.yaml.xz", &xz[..xz.len() / 2]), "the packed file is damaged");
}

/// A gzip file with one stored block, RFC 1951 and 1952.
fn gzip_stored(content: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    let length = content.len() as u16;
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(content);
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    let crc = content.iter().fold(!0_u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |c, _| step(c)));
    out.extend((!crc).to_le_bytes());
    out.extend((content.len() as u32).to_le_bytes());
    out
}

#[test]
fn files_that_hold_no_crystal_say_what_they_are() {
    let files = all("constants");
    for (name, part) in [
        ("force_constants.hdf5", "this is a FORCE_CONSTANTS"),
        ("infile.forceconstant", "there is no crystal beside"),
        ("BORN_number", "this is a BORN file"),
    ] {
        sentence(CrystalReport::read(name, &files, None), part);
    }
    let job = with("POSCAR", &json!({"file": "infile.forceconstant"}));
    sentence(prepared(&job, &files).map(|_| ()), "2 atoms, the crystal has 8");
}
