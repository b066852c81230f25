//! The modes at one Q: what they are, how they move the atoms, and what each of them scatters.

mod common;

use std::collections::BTreeMap;

use common::*;
use nalgebra::{Complex, DMatrix, Vector3};
use tds_inversion::dynamics::{Vibrations, dynamical_matrix, frequencies};
use tds_inversion::job::Job;
use tds_inversion::run::{Phonons, Prepared};
use tds_inversion::scattering::{ByMode, OnePhonon, from_nearest_peak};
use tds_inversion::thermal::{MeanSquare, MeshAxes, Statistics, Thermal, UMesh};

fn thermal(system: &System, statistics: Statistics) -> Thermal {
    let masses = system.crystal.primitive.masses.clone();
    Thermal { statistics, temperature_k: system.temperature_k, masses }
}

fn mean_square(system: &System, thermal: &Thermal) -> MeanSquare {
    let mesh = UMesh::Plain([4, 4, 4]);
    MeanSquare::new(&system.crystal, &system.basis.family, thermal.clone(), &mesh, MeshAxes::Primitive)
}

/// General, along an axis (degenerate in a cubic crystal), on a face of the zone, near and on Bragg peaks.
fn places(system: &System) -> Vec<Vector3<f64>> {
    let mut q = general_q(&system.crystal, 3);
    let hkl = [[2.3, 0.0, 0.0], [2.0, 2.0, 0.5], [1.5, 1.5, 0.5], [2.0, 0.0, 0.02]];
    q.extend(hkl.map(|p| system.crystal.q_cart(&p)));
    q
}

#[test]
fn modes_are_orthonormal_and_solve_the_eigen_equation() {
    for system in all_systems() {
        let fc = system.basis.family.at(&system.theta);
        let masses = &system.crystal.primitive.masses;
        let thermal = thermal(&system, Statistics::Quantum);
        let tensors = mean_square(&system, &thermal).tensors(&system.theta);
        let mut all = places(&system);
        all.extend([Vector3::zeros(), system.crystal.primitive.reciprocal() * Vector3::new(1.0, -2.0, 1.0)]);
        for q in all {
            let d = dynamical_matrix(&fc, masses, &q);
            let largest = d.norm().max(1e-3);
            let n = d.nrows();
            // As they are found, and turned to what scatters.
            let plain = Vibrations::new(&system.crystal, &fc, &q, None);
            let turned = ByMode::new(&system.crystal, &fc, &thermal, tensors.as_deref(), &q).vibrations;
            for modes in [plain, turned] {
                let e = &modes.vectors;
                let overlap = e.adjoint() * e - DMatrix::<Complex<f64>>::identity(n, n);
                assert!(overlap.camax() < 1e-12, "{}: {:.1e}", system.name, overlap.camax());
                let levels =
                    DMatrix::from_fn(n, n, |i, j| Complex::from(if i == j { modes.levels[i] } else { 0.0 }));
                let wrong = (&d * e - e * levels).camax() / largest;
                assert!(wrong < 1e-10, "{} at {q:?}: {wrong:.1e}", system.name);
                if modes.translations == 0 {
                    for (j, f) in frequencies(&fc, masses, &q).into_iter().enumerate() {
                        assert!((modes.frequency(j) - f).abs() < 1e-6, "{}", system.name);
                    }
                }
            }
        }
    }
}

#[test]
fn shares_add_up_to_the_one_phonon_intensity() {
    for system in all_systems() {
        let fc = system.basis.family.at(&system.theta);
        for statistics in [Statistics::Classical, Statistics::Quantum] {
            let thermal = thermal(&system, statistics);
            let mean_square = mean_square(&system, &thermal);
            let q = places(&system);
            let model = OnePhonon::new(
                &system.crystal,
                &system.basis.family,
                thermal.clone(),
                mean_square,
                q.clone(),
            );
            let state = model.state(&system.theta).unwrap();
            let tensors = &state.mean_square.tensors;
            for (q, expected) in q.iter().zip(model.intensities(&state).unwrap()) {
                let modes = ByMode::new(&system.crystal, &fc, &thermal, Some(tensors), q);
                let off = relative(modes.total().unwrap(), expected);
                // The sums over waves of dipoles end at another one in a block of many q: 1e-10 of the stiffest level, which
                // beside a peak is much of the softest.
                let beside = from_nearest_peak(&system.crystal, q).norm() < 0.05;
                let polar = system.basis.family.long_range().is_some();
                let most = if beside && polar { 1e-6 } else { 1e-10 };
                assert!(off < most, "{} at {q:?}: {off:.1e}", system.name);
                assert!(modes.intensity.iter().all(|i| i.is_some_and(|i| i >= 0.0)));
                // Of a set of equal levels, one takes all.
                for set in modes.vibrations.sets() {
                    for dark in set.skip(1) {
                        let share = modes.intensity[dark].unwrap() / expected;
                        assert!(share < 1e-20, "{} at {q:?}: {share:.1e}", system.name);
                    }
                }
            }
        }
    }
}

/// Along an axis of a cubic crystal the transverse modes are one set, of which Q = q sees nothing and another Q one.
#[test]
fn equal_levels_are_one_set() {
    let nickel = &of_library("ni_298");
    let fc = nickel.basis.family.at(&nickel.theta);
    let thermal = thermal(nickel, Statistics::Quantum);
    let tensors = mean_square(nickel, &thermal).tensors(&nickel.theta).unwrap();
    let at = |hkl: [f64; 3]| {
        ByMode::new(&nickel.crystal, &fc, &thermal, Some(&tensors), &nickel.crystal.q_cart(&hkl))
    };
    let along = at([2.3, 0.0, 0.0]);
    assert_eq!(along.vibrations.sets(), [0..2, 2..3]);
    let total = along.total().unwrap();
    assert!(along.intensity[0].unwrap() < 1e-20 * total && along.intensity[1].unwrap() < 1e-20 * total);
    let across = at([0.3, 2.0, 2.0]);
    assert_eq!(across.vibrations.sets(), [0..2, 2..3]);
    let bright = across.vibrations.vectors.column(0).map(|z| z.re);
    let diagonal = Vector3::new(0.0, 1.0, 1.0).normalize();
    assert!((bright.fixed_rows::<3>(0).dot(&diagonal).abs() - 1.0).abs() < 1e-9, "{bright}");
}

#[test]
fn a_bragg_peak_has_translations_without_an_intensity() {
    for system in all_systems() {
        let fc = system.basis.family.at(&system.theta);
        let thermal = thermal(&system, Statistics::Quantum);
        let tensors = mean_square(&system, &thermal).tensors(&system.theta).unwrap();
        for turns in [[0.0; 3], [1.0, 0.0, 0.0], [2.0, -1.0, 3.0]] {
            let q = system.crystal.primitive.reciprocal() * Vector3::from(turns);
            let modes = ByMode::new(&system.crystal, &fc, &thermal, Some(&tensors), &q);
            assert_eq!(modes.vibrations.translations, 3);
            assert_eq!(modes.total(), None);
            let n = modes.intensity.len();
            assert!(modes.intensity[..3].iter().all(Option::is_none));
            assert!(modes.intensity[3..].iter().all(|i| i.is_some_and(f64::is_finite)));
            assert!(modes.vibrations.vectors.iter().all(|z| z.is_finite()));
            assert!((0..3).all(|j| modes.vibrations.frequency(j) == 0.0));
            assert!((3..n).all(|j| modes.vibrations.frequency(j) > 0.1), "{}", system.name);
        }
    }
}

fn of_library(name: &str) -> System {
    library_systems().into_iter().find(|system| system.name == name).unwrap()
}

fn nickel() -> Phonons {
    phonons(
        r#"{"crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"values": {"library": "ni_298"}}, "model": {"temperature": 298}}"#,
        &BTreeMap::new(),
    )
}

fn phonons(job: &str, files: &BTreeMap<String, Vec<u8>>) -> Phonons {
    Phonons::new(&Job::parse("job", job).unwrap(), files).unwrap()
}

fn sodium_chloride() -> (Phonons, Prepared) {
    let path = format!("{}/tests/fixtures/NaCl/phonopy_nac.yaml", env!("CARGO_MANIFEST_DIR"));
    let files = BTreeMap::from([("NaCl.yaml".to_owned(), std::fs::read(path).unwrap())]);
    let job = r#"{"crystal": {"file": "NaCl.yaml"}, "force_constants": {"cutoff": 5.0, "values": {"file": "NaCl.yaml"}},
        "model": {"temperature": 300}}"#;
    let prepared = Prepared::new(&Job::parse("job", job).unwrap(), &files).unwrap();
    (phonons(job, &files), prepared)
}

/// The pattern of atoms solves the equations of motion: −m ω² u = −Σ Φ u, summed over the neighbours as they are drawn.
#[test]
fn atoms_move_as_the_force_constants_pull() {
    let nickel = nickel();
    let library = of_library("ni_298");
    let fc = library.basis.family.at(&library.theta);
    let piece = nickel.around([6, 6, 6]);
    let at: BTreeMap<[i64; 3], usize> =
        piece.sites.iter().enumerate().map(|(n, s)| (key(&s.place), n)).collect();
    let hkl = [1.37, 0.21, -0.4];
    let report = nickel.at(&hkl).unwrap();
    for (j, mode) in report.modes.iter().enumerate() {
        let u: Vec<Vector3<Complex<f64>>> =
            nickel.pattern(&hkl, j, &piece).unwrap().iter().map(complex).collect();
        let level =
            (mode.frequency / tds_inversion::units::THZ).powi(2) * library.crystal.primitive.masses[0];
        let mut tested = 0;
        'sites: for (n, site) in piece.sites.iter().enumerate() {
            let mut force = Vector3::zeros();
            for (_, _, _, vector, phi) in &fc.pairs {
                let Some(other) = at.get(&key(&(site.place + vector))) else { continue 'sites };
                force += phi.map(Complex::from) * u[*other];
            }
            let wrong = (force - u[n] * Complex::from(level)).norm() / level;
            assert!(wrong < 1e-6, "mode {j}: {wrong:.1e}");
            tested += 1;
        }
        assert!(tested > 100, "{tested} atoms have all their neighbours");
    }
}

fn key(place: &Vector3<f64>) -> [i64; 3] {
    place.map(|x| (x * 1e3).round() as i64).into()
}

fn complex(z: &[[f64; 2]; 3]) -> Vector3<Complex<f64>> {
    Vector3::from_fn(|a, _| Complex::new(z[a][0], z[a][1]))
}

/// From cell to cell the displacement turns by exp(iq·R); Q and q from the nearest Bragg peak give the same motion.
#[test]
fn the_pattern_has_the_phase_of_bloch() {
    let (salt, prepared) = sodium_chloride();
    let piece = salt.around([2, 2, 2]);
    let hkl = [1.2, 0.35, 0.6];
    let q = prepared.crystal.q_cart(&hkl);
    let reduced = salt.at(&hkl).unwrap().reduced;
    for j in 0..6 {
        let u: Vec<_> = salt.pattern(&hkl, j, &piece).unwrap().iter().map(complex).collect();
        let first: Vec<usize> =
            (0..2).map(|s| piece.sites.iter().position(|site| site.atom == s).unwrap()).collect();
        let mut largest = 0.0_f64;
        for (site, u_n) in piece.sites.iter().zip(&u) {
            let from = first[site.atom];
            let turn = Complex::cis(q.dot(&(site.place - piece.sites[from].place)));
            assert!((u_n - u[from] * turn).norm() < 1e-12);
            for t in 0..720 {
                let moved = (u_n * Complex::cis(f64::from(t) * 0.5_f64.to_radians())).map(|z| z.re);
                largest = largest.max(moved.norm());
            }
        }
        assert!((largest - 1.0).abs() < 1e-3, "the largest displacement is the unit: {largest}");
        let same: Vec<_> = salt.pattern(&reduced, j, &piece).unwrap().iter().map(complex).collect();
        let overlap: Complex<f64> = u.iter().zip(&same).map(|(a, b)| a.dotc(b)).sum();
        let norm: f64 = u.iter().map(|a| a.norm_squared()).sum();
        assert!((overlap.norm() / norm - 1.0).abs() < 1e-9, "mode {j}: {overlap} of {norm}");
    }
}

#[test]
fn a_piece_has_the_atoms_springs_and_edges_of_its_cells() {
    let nickel = nickel();
    let piece = nickel.around([2, 1, 1]);
    assert_eq!(piece.sites.len(), 23, "13 of the first cell on all its faces, 9 + 1 … of the second");
    assert_eq!(piece.edges.len(), 2 * 4 + 3 * 2 + 3 * 2);
    let report = nickel.report();
    let shell = &report.shells[0];
    assert!(!report.has_more_shells);
    assert!((shell.distance - 3.52 / f64::sqrt(2.0)).abs() < 1e-9);
    assert_eq!((shell.number, shell.elements.clone()), (1, ["Ni".to_owned(), "Ni".to_owned()]));
    // 1XX = 17.319, 1XY = 19.100 N/m: −b̂ᵀΦb̂ along (110) is their sum.
    let library = of_library("ni_298");
    let of =
        |label: &str| library.basis.values_from_labels(&BTreeMap::from([(label.to_owned(), 1.0)])).unwrap();
    let value = |label: &str| library.theta[of(label).iter().position(|x| *x == 1.0).unwrap()];
    assert!((shell.stiffness + value("1XX") + value("1XY")).abs() < 1e-9, "{shell:?}");
    for [a, b, shell] in &piece.springs {
        let length = (piece.sites[*a].place - piece.sites[*b].place).norm();
        assert!((length - report.shells[*shell].distance).abs() < 1e-6);
    }
    let nearest = piece.springs.iter().filter(|s| s[2] == 0).count();
    let counted = (0..23)
        .flat_map(|a| (0..a).map(move |b| (a, b)))
        .filter(|(a, b)| (piece.sites[*a].place - piece.sites[*b].place).norm() < 2.6);
    assert_eq!(nearest, counted.count());
    assert!(report.rms.is_some_and(|rms| (0.05..0.1).contains(&rms)), "{:?}", report.rms);
}

#[test]
fn cells_are_as_many_as_the_wave_needs() {
    let nickel = nickel();
    assert_eq!(nickel.cells_for(&[0.25, 0.0, 0.0]), [4, 2, 2]);
    assert_eq!(nickel.cells_for(&[2.2, 1.0, 0.5]), [5, 2, 2]);
    let [a, b, c] = nickel.cells_for(&[0.013, 0.0171, 0.0193]);
    assert!(4 * a * b * c <= 700 && a * b * c >= 100, "{a} {b} {c}");
}

#[test]
fn words_and_places_of_modes() {
    let nickel = nickel();
    let along = nickel.at(&[2.3, 0.0, 0.0]).unwrap();
    let words: Vec<&str> = along.modes.iter().map(|m| m.character.as_str()).collect();
    assert_eq!(words, ["transverse acoustic", "transverse acoustic", "longitudinal acoustic"]);
    assert_eq!(along.modes.iter().map(|m| m.set).collect::<Vec<_>>(), [0, 0, 1]);
    assert!((along.modes.iter().map(|m| m.share.unwrap()).sum::<f64>() - 1.0).abs() < 1e-10);
    assert!(
        along.modes.iter().all(|m| (m.together - 1.0).abs() < 1e-12 && (m.elements[0] - 1.0).abs() < 1e-12)
    );
    for (got, expected) in along.reduced.iter().zip([0.3, 0.0, 0.0]) {
        assert!((got - expected).abs() < 1e-9);
    }
    let peak = nickel.at(&[2.0, 0.0, 0.0]).unwrap();
    assert!(peak.note.is_some_and(|note| note.contains("Bragg peak")));
    assert!(peak.modes.iter().all(|m| m.character == "translation" && m.share.is_none()));
    assert!(nickel.at(&[f64::NAN, 0.0, 0.0]).is_err() && nickel.at(&[0.0, 1e7, 0.0]).is_err());
    assert!(nickel.pattern(&[0.1, 0.0, 0.0], 3, &nickel.around([1, 1, 1])).is_err());

    let bands = nickel.bands();
    assert_eq!(bands.hkl.len(), bands.distance.len());
    for (n, hkl) in bands.hkl.iter().enumerate() {
        let modes = nickel.at(hkl).unwrap().modes;
        assert!((0..3).all(|j| (modes[j].frequency - bands.branches[j][n]).abs() < 1e-5));
    }
    // (0, 0, −0.5) is halfway from Γ to X, seen from another side.
    let place = nickel.on_path(&[0.0, 2.0, -2.5], &bands).unwrap();
    assert!((bands.hkl[place][0] - 0.5).abs() < 0.02 && bands.hkl[place][1] == 0.0, "{:?}", bands.hkl[place]);
    assert_eq!(nickel.on_path(&[0.31, 0.17, 0.05], &bands), None);
}

#[test]
fn an_unstable_crystal_has_modes_and_no_intensity() {
    let soft = phonons(
        r#"{"crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"cutoff": 3.0, "values": {"springs": {"1": -1.0}}}}"#,
        &BTreeMap::new(),
    );
    let report = soft.at(&[0.3, 0.2, 0.0]).unwrap();
    assert!(report.modes[0].frequency < 0.0 && report.modes[0].energy < 0.0);
    assert!(report.intensity.is_none() && report.note.is_some_and(|note| note.contains("unstable")));
    assert_eq!(soft.report().rms, None);
    assert!(soft.report().shells[0].stiffness < 0.0);
    let moved = soft.pattern(&[0.3, 0.2, 0.0], 0, &soft.around([1, 1, 1])).unwrap();
    assert!(moved.iter().flatten().flatten().all(|x| x.is_finite()));
}
