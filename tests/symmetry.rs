//! The symmetry search against moyo's own: the same operations, the same type.

use moyo::MoyoDataset;
use moyo::base::{AngleTolerance, Cell as MoyoCell, Lattice};
use moyo::data::Setting;
use nalgebra::{Matrix3, Vector3};
use tds_inversion::crystal::{Cell, Crystal, Prototype, Symmetry};
use tds_inversion::formats::{phonopy, poscar};

fn compare(name: &str, cell: &Cell, tolerance: f64) {
    let mut kinds: Vec<(&str, f64)> = vec![];
    let numbers = (0..cell.len())
        .map(|i| {
            let kind = (cell.symbols[i].as_str(), cell.masses[i]);
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
            kinds.iter().position(|k| *k == kind).unwrap() as i32
        })
        .collect();
    let moyo = MoyoCell::new(Lattice { basis: cell.lattice }, cell.positions.clone(), numbers);
    let expected =
        MoyoDataset::new(&moyo, tolerance, AngleTolerance::Default, Setting::Standard, false).unwrap();
    let found = Symmetry::find(cell, tolerance).unwrap();
    assert_eq!(found.space_group.number, expected.number, "{name}");
    assert_eq!(found.space_group.symbol, expected.hm_symbol, "{name}");
    let operations = found.operations();
    assert_eq!(operations.len(), expected.operations.len(), "{name}");
    assert_eq!(operations.len(), found.order(), "{name}");
    let modulo = |d: Vector3<f64>| d.map(|x| x - x.round()).amax();
    for op in &expected.operations {
        let same = operations
            .iter()
            .filter(|o| o.rotation == op.rotation && modulo(o.translation - op.translation) < 1e-9);
        assert_eq!(same.count(), 1, "{name}: {op:?}");
    }
    for op in &operations {
        let mut reached = vec![false; cell.len()];
        for (s, (to, shift)) in op.images.iter().enumerate() {
            let image = op.rotation.map(f64::from) * cell.positions[s] + op.translation;
            let off = cell.lattice * (image - cell.positions[*to] - shift.map(f64::from));
            assert!(off.norm() < 10.0 * tolerance, "{name}: atom {s} is {} Å off", off.norm());
            assert_eq!(cell.symbols[s], cell.symbols[*to], "{name}");
            reached[*to] = true;
        }
        assert!(reached.iter().all(|r| *r), "{name}");
        // Entries are rounded to multiples of 1/2 that are 1e-12 away.
        let turn = op.cartesian.transpose() * op.cartesian - Matrix3::identity();
        assert!(turn.amax() < 1e-11, "{name}");
    }
}

/// The cell whose lattice vectors are whole combinations (columns of `m`) of the given ones.
fn supercell(cell: &Cell, m: Matrix3<i32>) -> Cell {
    let whole = m.map(f64::from);
    let inverse = whole.try_inverse().unwrap();
    let mut out = Cell { lattice: cell.lattice * whole, symbols: vec![], positions: vec![], masses: vec![] };
    let reach = m.iter().map(|x| x.abs()).sum::<i32>();
    let copies = whole.determinant().abs().round() as usize;
    let mut points: Vec<Vector3<f64>> = vec![];
    for i in 0..(2 * reach + 1).pow(3) {
        let side = 2 * reach + 1;
        let l = Vector3::new(i / side / side, i / side % side, i % side).map(|x| f64::from(x - reach));
        let inside = (inverse * l).map(|x| x - (x + 1e-9).floor());
        if points.iter().all(|p| (p - inside).amax() > 1e-6) {
            points.push(inside);
        }
    }
    assert_eq!(points.len(), copies);
    for s in 0..cell.len() {
        for p in &points {
            out.positions.push(inverse * cell.positions[s] + p);
            out.symbols.push(cell.symbols[s].clone());
            out.masses.push(cell.masses[s]);
        }
    }
    out
}

/// Every prototype and every crystal of the fixtures and examples, as given and primitive.
fn crystals() -> Vec<(String, Cell)> {
    let mut cells = vec![];
    for prototype in [
        Prototype::Fcc,
        Prototype::Bcc,
        Prototype::Hcp,
        Prototype::Diamond,
        Prototype::Rocksalt,
        Prototype::CsCl,
        Prototype::Zincblende,
    ] {
        let symbols: Vec<String> =
            ["Zn", "S"][..prototype.n_elements()].iter().map(|s| s.to_string()).collect();
        cells.push((format!("{prototype:?}"), prototype.cell(&symbols, 4.1, None).unwrap()));
    }
    for root in ["tests/fixtures", "www/examples"] {
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(root)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if name.starts_with("POSCAR") || name.ends_with(".vasp") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    if let Ok(cell) = poscar::read_poscar(&name, &text) {
                        cells.push((path.display().to_string(), cell));
                    }
                } else if name.starts_with("phonopy") && name.ends_with(".yaml") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    if let Ok(file) = phonopy::read_phonopy_yaml(&name, &text) {
                        cells.push((path.display().to_string(), file.unit_cell));
                    }
                }
            }
        }
    }
    assert!(cells.len() > 15, "{}", cells.len());
    for (name, cell) in cells.clone() {
        let primitive = Crystal::new(cell, None).unwrap().primitive;
        cells.push((format!("{name}, primitive"), primitive));
    }
    cells
}

#[test]
fn crystals_have_the_operations_that_moyo_finds() {
    for (name, cell) in crystals() {
        for tolerance in [1e-5, 1e-3] {
            compare(&name, &cell, tolerance);
        }
    }
}

#[test]
fn supercells_have_the_operations_that_moyo_finds() {
    for (name, cell) in crystals().into_iter().filter(|(_, cell)| cell.len() <= 8) {
        for m in [
            Matrix3::from_diagonal(&Vector3::new(2, 1, 1)),
            Matrix3::from_diagonal(&Vector3::new(2, 2, 2)),
            Matrix3::new(1, 1, 0, 0, 1, 0, 0, 0, 1),
            Matrix3::new(1, 3, -2, 0, 1, 4, 0, 0, 2),
            Matrix3::new(0, 1, 0, 1, 0, 0, 0, 0, 1),
        ] {
            compare(&format!("{name}, {m}"), &supercell(&cell, m), 1e-5);
        }
    }
}

#[test]
fn near_symmetric_cells_have_the_operations_that_moyo_finds() {
    let mut state = 7_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / 2.0_f64.powi(31) - 0.5
    };
    for (name, cell) in crystals().into_iter().filter(|(_, cell)| cell.len() <= 8) {
        for size in [1e-7, 1e-5, 2e-5, 1e-3, 2e-3, 0.1] {
            let mut moved = cell.clone();
            let inverse = cell.lattice.try_inverse().unwrap();
            for p in &mut moved.positions {
                *p += inverse * Vector3::from_fn(|_, _| size * random());
            }
            compare(&format!("{name}, atoms moved by {size} Å"), &moved, 1e-5);
            compare(&format!("{name}, atoms moved by {size} Å"), &moved, 1e-3);
            let mut strained = cell.clone();
            strained.lattice += Matrix3::from_fn(|_, _| size * random());
            compare(&format!("{name}, lattice moved by {size} Å"), &strained, 1e-5);
            compare(&format!("{name}, lattice moved by {size} Å"), &strained, 1e-3);
        }
    }
}
