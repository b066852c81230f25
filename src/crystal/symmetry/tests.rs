use super::sites::COMPARED;
use super::*;

/// A thousand atoms take about as many look-ups as there are candidates times atoms, each of which
/// meets about one atom, and not all of them.
#[test]
fn a_supercell_of_a_thousand_atoms_is_bounded_work() {
    let corners = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];
    let n = [5, 5, 10];
    let mut cell =
        Cell { lattice: Matrix3::zeros(), symbols: vec![], positions: vec![], masses: vec![58.69; 1000] };
    cell.lattice = Matrix3::from_diagonal(&Vector3::from(n.map(|n| 3.52 * n as f64)));
    let mut state = 1_u64;
    let mut jitter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((state >> 33) as f64 / 2.0_f64.powi(31) - 0.5) * 4e-6
    };
    for i in 0..n.iter().product::<usize>() {
        let corner = Vector3::new(i % n[0], i / n[0] % n[1], i / n[0] / n[1]).map(|x| x as f64);
        for p in corners {
            let at = corner + Vector3::from(p);
            cell.positions.push(Vector3::from_fn(|k, _| (at[k] + jitter() / 3.52) / n[k] as f64));
            cell.symbols.push("Ni".into());
        }
    }
    let (start, time) = (COMPARED.with(std::cell::Cell::get), std::time::Instant::now());
    let found = Symmetry::find(&cell, SYMMETRY_TOLERANCE).unwrap();
    let work = COMPARED.with(std::cell::Cell::get) - start;
    println!("{work} distances, {:?}", time.elapsed());
    assert_eq!(found.space_group.number, 225);
    assert_eq!(found.translations.len(), 1000);
    // The supercell is tetragonal.
    assert_eq!(found.representatives.len(), 16);
    assert!(work < 8_000_000, "{work} distances");
}

#[test]
fn the_space_groups_of_the_types_are_those_that_are_found() {
    use crate::crystal::{Crystal, Prototype};
    use Prototype::{Bcc, CsCl, Diamond, Fcc, Hcp, Rocksalt, Zincblende};
    for prototype in [Fcc, Bcc, Hcp, Diamond, Rocksalt, CsCl, Zincblende] {
        let symbols = ["Na".to_owned(), "Cl".to_owned()];
        let cell = prototype.cell(&symbols[..prototype.n_elements()], 4.0, None).unwrap();
        assert_eq!(Crystal::new(cell, None).unwrap().space_group, prototype.space_group(), "{prototype:?}");
    }
}

#[test]
fn matrices_are_found_where_they_stand() {
    use super::lattice::{Places, rotations};
    let all = rotations(&nalgebra::Matrix3::identity(), 1e-5).expect("the cubic group");
    let places = Places::new(&all);
    for (at, matrix) in all.iter().enumerate() {
        assert_eq!(places.of(matrix), Some(at));
    }
    assert_eq!(places.of(&(all[0] * 2)), None);
    assert_eq!(places.of(&nalgebra::Matrix3::zeros()), None);
}
