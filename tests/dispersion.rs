//! What belongs to a dispersion curve: the Brillouin zone, paths through it, the density of states, published frequencies.

mod common;
#[path = "common/random.rs"]
mod random;

use std::collections::BTreeMap;

use common::*;
use nalgebra::{Matrix3, Vector3};
use serde_json::{Value, json};
use tds_inversion::crystal::{BrillouinZone, Crystal};
use tds_inversion::dynamics::{Levels, force_constant_matrix, frequencies, mesh_for, standard_path};
use tds_inversion::ifc::ForceConstants;
use tds_inversion::job::Job;
use tds_inversion::run::{Dispersion, read_path, written_path};
use tds_inversion::units::THZ;
use tds_inversion::{Pool, now};

fn zone_of(crystal: &Crystal) -> BrillouinZone {
    BrillouinZone::new(&crystal.primitive.reciprocal())
}

/// Skewed lattices of every kind, long and flat ones too.
fn lattices() -> Vec<Matrix3<f64>> {
    let mut random = random::Random(17);
    let mut all = vec![
        Matrix3::new(1.0, 0.3, 5.2, 0.0, 1.1, -4.1, 0.0, 0.0, 0.9),
        Matrix3::new(8.0, 7.9, 7.7, 0.0, 0.5, 0.3, 0.0, 0.0, 0.4),
    ];
    all.extend((0..200).map(|_| Matrix3::from_fn(|_, _| random.unit() * 2.0 - 1.0)));
    all.retain(|m| m.determinant().abs() > 0.02);
    all
}

#[test]
fn the_zone_has_the_volume_of_the_reciprocal_cell() {
    for system in all_systems() {
        let expected = std::f64::consts::TAU.powi(3) / system.crystal.primitive.volume();
        let off = relative(zone_of(&system.crystal).volume(), expected);
        assert!(off < 1e-12, "{}: {off:.1e}", system.name);
    }
    for lattice in lattices() {
        let off = relative(BrillouinZone::new(&lattice).volume(), lattice.determinant().abs());
        assert!(off < 1e-11, "{off:.1e}: {lattice}");
    }
}

#[test]
fn the_zone_is_a_closed_polyhedron_of_points_nearest_to_gamma() {
    let systems = all_systems();
    let lattices = systems.iter().map(|s| s.crystal.primitive.reciprocal()).chain(lattices());
    let mut random = random::Random(5);
    // Of a flatter one reciprocal-lattice points far away would have to be looked at.
    for lattice in lattices.filter(|m| m.determinant().abs() > 0.15).collect::<Vec<_>>() {
        let zone = BrillouinZone::new(&lattice);
        let edges = zone.edges().len();
        assert_eq!(zone.corners.len() + zone.faces.len(), edges + 2, "Euler: {lattice}");
        assert_eq!(
            zone.faces.iter().map(|f| f.corners.len()).sum::<usize>(),
            2 * edges,
            "every edge has two faces"
        );
        for face in &zone.faces {
            let middle = face.corners.iter().map(|c| zone.corners[*c]).sum::<Vector3<f64>>()
                / face.corners.len() as f64;
            assert!(
                (middle - face.vector * 0.5).norm() < 1e-8 * face.vector.norm(),
                "faces are centrosymmetric"
            );
        }
        // Scaled to either side of its surface, a direction leaves what is nearest to Γ.
        for _ in 0..20 {
            let way = Vector3::from_fn(|_, _| random.unit() - 0.5);
            let reach = zone
                .faces
                .iter()
                .filter_map(|f| Some(0.5 * f.vector.norm_squared() / f.vector.dot(&way)).filter(|t| *t > 0.0))
                .fold(f64::INFINITY, f64::min);
            let nearer = |t: f64| {
                let q = way * t;
                let span = -12..=12;
                span.clone().any(|h| {
                    span.clone().any(|k| {
                        span.clone().any(|l| {
                            let g = lattice * Vector3::new(f64::from(h), f64::from(k), f64::from(l));
                            (q - g).norm() < q.norm() * (1.0 - 1e-12)
                        })
                    })
                })
            };
            assert!(!nearer(reach * (1.0 - 1e-6)) && nearer(reach * (1.0 + 1e-6)), "{lattice}");
        }
    }
}

#[test]
fn zones_of_known_lattices_have_their_shapes() {
    let shape = |cell: Matrix3<f64>| {
        let zone = BrillouinZone::new(&cell);
        (zone.faces.len(), zone.corners.len(), zone.edges().len())
    };
    let fcc = Matrix3::new(-1.0, 1.0, 1.0, 1.0, -1.0, 1.0, 1.0, 1.0, -1.0);
    let bcc = Matrix3::new(0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0);
    let hexagonal = Matrix3::new(1.0, 0.5, 0.0, 0.0, 0.75_f64.sqrt(), 0.0, 0.0, 0.0, 0.7);
    assert_eq!(shape(fcc), (14, 24, 36), "truncated octahedron");
    assert_eq!(shape(bcc), (12, 14, 24), "rhombic dodecahedron");
    assert_eq!(shape(Matrix3::identity()), (6, 8, 12), "cube");
    assert_eq!(shape(hexagonal), (8, 12, 18), "hexagonal prism");
    assert_eq!(shape(Matrix3::new(1.0, -0.2, -0.3, 0.0, 1.1, -0.25, 0.0, 0.0, 1.3)), (14, 24, 36));
}

fn job(crystal: Value, constants: Value) -> Dispersion {
    let text = json!({"crystal": crystal, "force_constants": {"values": constants}}).to_string();
    Dispersion::new(&Job::parse("job", &text).unwrap(), &BTreeMap::<String, Vec<u8>>::new()).unwrap()
}

fn copper() -> Dispersion {
    job(json!({"prototype": "fcc", "element": "Cu", "a": 3.61}), json!({"library": "cu_296"}))
}

fn counted(zone: &Dispersion) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for point in zone.zone().points {
        *counts.entry(point.label).or_insert(0) += 1;
    }
    counts
}

#[test]
fn points_of_the_zone_have_their_names() {
    let of = |list: &[(&str, usize)]| -> BTreeMap<String, usize> {
        list.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
    };
    assert_eq!(counted(&copper()), of(&[("Γ", 1), ("X", 6), ("L", 8), ("W", 24), ("K", 12), ("U", 24)]));
    let iron = job(
        json!({"prototype": "bcc", "element": "Fe", "a": 2.86}),
        json!({"springs": {"1": 2.0, "2": 1.0}}),
    );
    let found = counted(&iron);
    assert_eq!((found["Γ"], found["H"], found["P"], found["N"]), (1, 6, 8, 12));
    let magnesium = job(
        json!({"prototype": "hcp", "element": "Mg", "a": 3.2, "c": 5.2}),
        json!({"springs": {"1": 1.0, "2": 1.0}}),
    );
    let found = counted(&magnesium);
    let expected = of(&[("Γ", 1), ("A", 2), ("M", 6), ("K", 6), ("L", 12), ("H", 12)]);
    assert_eq!(found, expected);
}

#[test]
fn a_path_is_read_as_it_is_written() {
    for system in all_systems() {
        let crystal = &system.crystal;
        let standard = standard_path(crystal);
        let text = written_path(crystal, &standard);
        assert_eq!(read_path(crystal, &text).unwrap(), standard, "{}: {text}", system.name);
    }
    let copper = copper();
    let read = |text: &str| copper.path(text).unwrap();
    assert_eq!(read("").text, "Γ – X – K 1 0.25 0.25 – Γ 1 1 1 | Γ – L");
    assert_eq!(read("G-X-W|L->Gamma").text, "Γ – X – W | L – Γ");
    assert_eq!(read("0 0 0 - 0,1,0; 1/2 -1/2 .5").text, "Γ – X 0 1 0 – L 0.5 -0.5 0.5");
    let places = read("Γ – 0.1 0.2 1/3").points;
    assert_eq!((places[1].label.as_str(), places[1].written.as_str()), ("0.1 0.2 ⅓", "0.1 0.2 1/3"));
    assert!((places[1].hkl[2] - 1.0 / 3.0).abs() < 1e-15);
    for (text, word) in [
        ("Γ – Y", "is no point of this lattice, expected Γ, X, L, W, K, U or three numbers"),
        ("Γ – 0.5 0", "is no point, expected a name or three numbers"),
        ("Γ – 0 0 inf", "is no point"),
        ("Γ – 1e5 0 0", "is no point"),
        ("Γ – X – 1 0 0", "twice in a row"),
        ("Γ", "leads nowhere"),
        ("Γ – X | L", "leads nowhere"),
        (" | ", "no points"),
    ] {
        let error = copper.path(text).unwrap_err().to_string();
        assert!(error.contains(word), "{text}: {error}");
    }
    let long = vec!["Γ – X"; 40].join(" – ");
    assert!(copper.path(&long).unwrap_err().to_string().contains("60 at most"));
}

fn levels(crystal: &Crystal, fc: &ForceConstants, mesh: [usize; 3]) -> Levels {
    now(Levels::new(&Pool::here(), crystal, fc, mesh))
}

/// Each system with a mesh that is done in a moment.
fn each(mut check: impl FnMut(&System, &ForceConstants, &Levels)) {
    for system in all_systems() {
        let fc = system.basis.family.at(&system.theta);
        let n = if system.crystal.n_atoms() > 2 { 6 } else { 12 };
        check(&system, &fc, &levels(&system.crystal, &fc, [n, n, n - 2]));
    }
}

#[test]
fn a_mesh_has_the_frequencies_of_its_points() {
    each(|system, fc, found| {
        let (crystal, [nx, ny, nz]) = (&system.crystal, found.mesh);
        for n in (1..nx * ny * nz).step_by(97) {
            let point = [n / (ny * nz), n / nz % ny, n % nz];
            let turns = Vector3::from_fn(|k, _| point[k] as f64 / found.mesh[k] as f64);
            let q = crystal.primitive.reciprocal() * turns;
            for (a, b) in found.at(n).iter().zip(frequencies(fc, &crystal.primitive.masses, &q)) {
                assert!((a - b).abs() < 1e-6, "{}: {a} {b} at {point:?}", system.name);
            }
        }
        let whole = nx * ny * nz;
        assert!(found.levels.len() < whole, "{}: symmetry spares most of {whole}", system.name);
    });
}

#[test]
fn a_density_of_states_holds_all_modes() {
    each(|system, _, found| {
        let modes = 3.0 * system.crystal.n_atoms() as f64;
        for n in [1, 37, 400] {
            let density = found.density(n);
            let sum: f64 = density.values.iter().sum::<f64>() * density.step;
            assert!(relative(sum, modes) < 1e-10, "{}: {sum} of {modes}", system.name);
            assert!(density.values.iter().all(|g| *g >= -1e-9), "{}", system.name);
        }
        let (low, high) = found.ends();
        assert!(found.below(low - 1e-6) == 0.0 && relative(found.below(high), modes) < 1e-12);
        // What lies below a frequency is what the intervals hold.
        let density = found.density(50);
        let middle = density.from + 25.0 * density.step;
        let sum: f64 = density.values[..25].iter().sum::<f64>() * density.step;
        assert!(relative(sum, found.below(middle)) < 1e-9, "{}", system.name);
    });
}

/// The mean of Σν² over reciprocal space is what atoms feel when all others stand still.
#[test]
fn the_second_moment_is_the_trace_of_the_dynamical_matrix() {
    each(|system, fc, found| {
        let masses = &system.crystal.primitive.masses;
        let points = found.index.len() as f64;
        let square = |f: &f64| f * f.abs();
        let mean: f64 =
            (0..found.index.len()).map(|n| found.at(n).iter().map(square).sum::<f64>()).sum::<f64>() / points;
        if fc.long_range().is_none() {
            let at_home = fc.pairs.iter().filter(|(_, _, _, vector, _)| vector.norm() < 1e-9);
            let trace: f64 =
                at_home.map(|(i, _, _, _, phi)| phi.trace() / masses[*i]).sum::<f64>() * THZ * THZ;
            assert!(relative(mean, trace) < 1e-9, "{}: {mean} {trace}", system.name);
        }
        // In tetrahedra ν, not ν², is linear, so that theirs comes near with the square of the mesh.
        let density = found.density(4000);
        let moment = density.values.iter().enumerate().map(|(n, g)| {
            let middle = density.from + (n as f64 + 0.5) * density.step;
            g * density.step * middle * middle.abs()
        });
        let off = relative(moment.sum(), mean);
        assert!(off < 0.02, "{}: {off:.1e}", system.name);
    });
}

#[test]
fn a_finer_mesh_comes_nearer_to_the_second_moment() {
    let system = library_systems().into_iter().find(|s| s.name == "ni_298").unwrap();
    let fc = system.basis.family.at(&system.theta);
    let trace = force_constant_trace(&fc, &system.crystal.primitive.masses);
    let off = |n: usize| {
        let density = levels(&system.crystal, &fc, [n; 3]).density(20_000);
        let moment = density
            .values
            .iter()
            .enumerate()
            .map(|(k, g)| g * density.step * (density.from + (k as f64 + 0.5) * density.step).powi(2));
        (moment.sum::<f64>() / trace - 1.0).abs()
    };
    let (coarse, fine) = (off(8), off(16));
    assert!(fine < 0.3 * coarse && fine < 3e-3, "{coarse:.1e} {fine:.1e}");
}

/// The mean of the trace over the zone, by the constants at R = 0.
fn force_constant_trace(fc: &ForceConstants, masses: &[f64]) -> f64 {
    let sum: f64 = fc
        .pairs
        .iter()
        .filter(|(_, _, _, vector, _)| vector.norm() < 1e-9)
        .map(|(i, _, _, _, phi)| phi.trace() / masses[*i])
        .sum();
    sum * THZ * THZ
}

#[test]
fn densities_agree_with_phonopy() {
    for name in ["NaCl", "ZnO"] {
        let path = format!("{}/tests/fixtures/{name}/density.json", env!("CARGO_MANIFEST_DIR"));
        let stored: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let list = |key: &str| -> Vec<f64> { serde_json::from_value(stored[key].clone()).unwrap() };
        let mesh: [usize; 3] = serde_json::from_value(stored["mesh"].clone()).unwrap();
        let (crystal, fc) = first_principles(name);
        let found = levels(&crystal, &fc, mesh);
        assert_eq!(found.levels.len() as u64, stored["irreducible"].as_u64().unwrap());
        let highest = list("modes_per_THz").into_iter().fold(0.0, f64::max);
        let mut worst = 0.0_f64;
        for (frequency, expected) in list("frequency_THz").into_iter().zip(list("modes_per_THz")) {
            let h = 1e-5;
            let own = (found.below(frequency + h) - found.below(frequency - h)) / (2.0 * h);
            worst = worst.max((own - expected).abs() / highest);
        }
        println!("{name}: {worst:.1e}");
        assert!(worst < 2e-4, "{name}: {worst:.1e}");
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let system = polyatomic_systems().remove(1);
    let fc = system.basis.family.at(&system.theta);
    let by = |threads: usize| now(Levels::new(&Pool::Threads(threads), &system.crystal, &fc, [8, 8, 6]));
    let (one, four) = (by(1), by(4));
    let bits = |levels: &Levels| levels.levels.concat().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&one), bits(&four));
    assert_eq!(one.density(100), four.density(100));
}

#[test]
fn meshes_are_even_and_as_long_as_their_axes() {
    for system in all_systems() {
        let mesh = mesh_for(&system.crystal);
        assert!(mesh.iter().all(|n| n % 2 == 0 && *n >= 8), "{}: {mesh:?}", system.name);
        let fc = system.basis.family.at(&system.theta);
        // Half of it is told from the whole by little.
        let found = levels(&system.crystal, &fc, mesh);
        let unsettled = found.unsettled(100).unwrap();
        assert!(unsettled < 0.06, "{}: {unsettled:.3} on {mesh:?}, {}", system.name, found.levels.len());
        println!("{}: {unsettled:.4} on {mesh:?}, {} computed", system.name, found.levels.len());
    }
    let (crystal, fc) = first_principles("NaCl");
    assert!(levels(&crystal, &fc, [5, 6, 6]).unsettled(10).is_none());
    // A matrix of constants is that of the same crystal at Γ.
    assert!(force_constant_matrix(&fc, &Vector3::zeros()).nrows() == 6);
}

/// Copper at 298 K (Nicklow et al. 1967): five of 71 lie between X and W.
#[test]
fn published_frequencies_lie_where_they_belong() {
    let copper = copper();
    let path = format!("{}/www/examples/cu_dispersion_298K.csv", env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read(path).unwrap();
    let usual = copper.published("cu.csv", &table, "").unwrap();
    assert_eq!((usual.total, usual.on_path), (71, 66));
    let path = "Γ – X – K 1 0.25 0.25 – Γ 1 1 1 | Γ – L | X – W";
    let found = copper.published("cu.csv", &table, path).unwrap();
    assert_eq!((found.total, found.on_path), (71, 71));
    let bands = copper.bands(path, 2000).unwrap();
    let mut far = 0;
    for point in &found.points {
        // Both sides of a gap stand at one distance.
        let near = bands.distance.iter().enumerate().filter(|(_, d)| (*d - point.distance).abs() < 0.004);
        let off = near
            .flat_map(|(n, _)| bands.branches.iter().map(move |b| (b[n] - point.frequency).abs()))
            .fold(f64::INFINITY, f64::min);
        assert!(off < 0.35, "{point:?} is {off:.2} THz from the nearest branch");
        far += usize::from(off > 0.15);
    }
    assert!(far <= found.points.len() / 10, "{far} of {}", found.points.len());
    let between = copper.published("cu.csv", &table, "L – W").unwrap();
    assert!(between.on_path >= 1 && between.on_path < 10, "{}", between.on_path);
}

#[test]
fn directions_with_zeta_and_equivalent_places_are_found() {
    let copper = copper();
    let at = |text: &str, path: &str| copper.published("p.csv", text.as_bytes(), path).unwrap();
    let unit = std::f64::consts::TAU / 3.61;
    let expect = |text: &str, path: &str, places: &[f64]| {
        let found = at(text, path);
        let own: Vec<f64> = found.points.iter().map(|p| p.distance / unit).collect();
        assert_eq!(own.len(), places.len(), "{text}: {own:?}");
        for (a, b) in own.iter().zip(places) {
            assert!((a - b).abs() < 5e-3, "{text}: {own:?}");
        }
    };
    expect("h,k,l,THz\n0,-0.4,0,5\n", "Γ – X", &[0.4]);
    expect("h,k,l,THz\n3,1,1.4,5\n", "Γ – X", &[0.4]);
    expect("h,k,l,THz\n0,0,1.6,5\n", "Γ – X", &[0.4]);
    expect("h,k,l,THz\n0.3,0.4,0,5\n", "Γ – X", &[]);
    expect("path,zeta,THz\nΓ–X,0.25,5\n[0 0 ζ],0.5,6\n00x,0.75,6\n", "Γ – X", &[0.25, 0.5, 0.75]);
    expect("branch,zeta,meV,sigma\n[0ζ-ζ]T1,0.5,20,\n", "Γ – K", &[0.5 * 2.0_f64.sqrt()]);
    expect(
        "direction;zeta;THz\n\"[0.5 0.5 ζ]\";0;5\n",
        "L – X 0 1 0 – 0.5 0.5 0",
        &[0.75_f64.sqrt() + 0.5_f64.sqrt()],
    );
    let units = at("h,k,l,meV,sigma\n0,0,0.5,10,1\n0,0,0.6,10,0\n", "Γ – X").points;
    assert!(
        (units[0].frequency - 2.417_989_242).abs() < 1e-8
            && (units[0].sigma.unwrap() - 0.241_798_9).abs() < 1e-6
    );
    assert_eq!(units[1].sigma, None, "zero is no σ");
    for (text, word) in [
        ("", "no data"),
        ("h,k,l,counts\n0,0,0.5,10\n", "no column of frequencies"),
        ("0,0,0.5,10\n", "no header"),
        ("h,k,l,THz\n0,0,0.5,-1\n", "p.csv:2: a frequency of -1"),
        ("h,k,l,THz,sigma\n0,0,0.5,1,wide\n", "sigma is `wide`"),
        ("path,zeta,THz\nΓ–Q,0.5,1\n", "p.csv:2: `Q` is no point of this lattice"),
        ("path,zeta,THz\nup,0.5,1\n", "a direction such as Γ–X"),
        ("h,k,l,THz,meV\n0,0,0.5,1,4\n", "several columns"),
    ] {
        let error = copper.published("p.csv", text.as_bytes(), "").unwrap_err().to_string();
        assert!(error.contains(word), "{text:?}: {error}");
    }
    assert!(copper.published("p.csv", &[0, 159, 146, 150], "").is_err());
}
