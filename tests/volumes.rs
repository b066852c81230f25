//! Claims about volumes and planes: every file of `fixtures/formats` gives the numbers that went into it, bit for bit
//! where its type allows, or says why not. The numbers are those of `make_formats.py`: V = 500 + 100 h + 10 k + l.

#![cfg(feature = "readers")]

#[path = "common/given.rs"]
mod given;

use std::collections::BTreeMap;
use std::path::PathBuf;

use given::{NICKEL, folder, refused, tds};
use tds_inversion::data::grid::Grid;
use tds_inversion::data::selection::{Along, AxisSpec, Letter, PlaneSpec, Region, Selection, Stride};
use tds_inversion::data::{Dataset, Reason};
use tds_inversion::formats::cut::{Print, read_cut, write_cut};
use tds_inversion::formats::npy::{read_points, write_points};
use tds_inversion::formats::recognise::Kind;
use tds_inversion::formats::volume::{Bytes, Description, Opened, Refusal, SharedSource, open};
use tds_inversion::formats::{canonical, recognise_within};
use tds_inversion::job::DataSpec;
use tds_inversion::run::{Files, Given};
use tds_inversion::{Error, Result};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats").join(name)
}

fn source(name: &str) -> SharedSource {
    Bytes::shared(name, std::fs::read(path(name)).unwrap())
}

fn opened(names: &[&str]) -> std::result::Result<Opened, Refusal> {
    open(&names.iter().map(|name| source(name)).collect::<Vec<_>>())
}

fn load(names: &[&str], selection: Selection) -> Result<(Grid, Description)> {
    let Opened::Volume(volume) = opened(names).map_err(|refusal| refusal.error)? else {
        panic!("{names:?} is a list of points")
    };
    let mut loading = volume.load(selection)?;
    while !loading.is_done() {
        loading.advance()?;
    }
    loading.finish()
}

fn grid(name: &str) -> Grid {
    load(&[name], Selection::default()).unwrap_or_else(|e| panic!("{e}")).0
}

fn said(names: &[&str]) -> String {
    load(names, Selection::default()).unwrap_err().to_string()
}

fn v([h, k, l]: [f64; 3]) -> f64 {
    500.0 + 100.0 * h + 10.0 * k + l
}

const HOLES: [[f64; 3]; 3] = [[-1.5, -1.0, 0.0], [0.0, 0.0, 0.25], [1.5, 1.0, 0.75]];

/// Every voxel has the value of its hkl, but for `holes`; all 140 are there.
fn assert_right(grid: &Grid, holes: &[[f64; 3]], expected: impl Fn([f64; 3]) -> f64) {
    let mut seen = 0;
    for at in 0..grid.values.len() {
        let hkl = grid.hkl(grid.voxel(at));
        let value = grid.values.get(at);
        if holes.contains(&hkl) {
            assert!(value.is_nan(), "{}: {hkl:?} is {value}", grid.name);
            seen += 1;
        } else {
            assert_eq!(value, expected(hkl), "{}: {hkl:?}", grid.name);
        }
    }
    assert_eq!(seen, holes.len(), "{}", grid.name);
    assert_eq!(grid.holes.iter().map(|h| h.voxels).sum::<usize>(), holes.len(), "{}", grid.name);
}

fn is_whole(grid: &Grid) {
    let centres = |n: usize| grid.axes[n].centres.clone();
    assert_eq!(grid.shape(), [7, 5, 4], "{}", grid.name);
    assert_eq!(centres(0), [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5]);
    assert_eq!(centres(1), [-1.0, -0.5, 0.0, 0.5, 1.0]);
    assert_eq!(centres(2), [0.0, 0.25, 0.5, 0.75]);
}

#[test]
fn whole_volumes_are_right_to_the_last_bit() {
    for name in [
        "yell_1.0.h5",
        "discus.h5",
        "filter_gzip_shuffle_fletcher.h5",
        "filter_lzf.h5",
        "filter_bitshuffle_lz4.h5",
        "filter_bitshuffle_zstd.h5",
        "filter_lz4.h5",
        "filter_blosc_zstd.h5",
        "filter_blosc_bits.h5",
        "filter_blosc2.h5",
        "filter_zstd.h5",
        "type_float32_be.h5",
        "meshgrids.npz",
    ] {
        let grid = grid(name);
        is_whole(&grid);
        assert_right(&grid, &[], v);
        assert!(grid.candidates.is_empty() && grid.sigma.is_none(), "{name}");
    }
    for name in ["filter_szip_scaleoffset_int32.h5", "type_uint16.h5", "nexus_edges_errors_uint16.nxs"] {
        let grid = grid(name);
        is_whole(&grid);
        assert_right(&grid, &[], |hkl| v(hkl).round_ties_even());
    }
    let half = grid("type_float16.h5");
    is_whole(&half);
    for at in half.used() {
        assert!((half.values.get(at) - v(half.hkl(half.voxel(at)))).abs() <= 0.25);
    }
    assert_eq!(half.used().count(), 140);
}

#[test]
fn holes_are_found_with_their_reasons() {
    for (name, reason) in [
        ("nxrefine_single.nxs", Reason::NotFinite),
        ("nexus_old_style.nxs", Reason::NotFinite),
        ("axes.npz", Reason::NotFinite),
        ("axes_deflated.npz", Reason::NotFinite),
    ] {
        let grid = grid(name);
        is_whole(&grid);
        assert_right(&grid, &HOLES, v);
        assert_eq!(grid.holes[0].reason, reason, "{name}");
    }
    let mantid = grid("mantid_mdhisto.nxs");
    is_whole(&mantid);
    assert_right(&mantid, &HOLES, v);
    let reasons: Vec<(Reason, usize)> = mantid.holes.iter().map(|h| (h.reason, h.voxels)).collect();
    assert_eq!(reasons, [(Reason::NotFinite, 2), (Reason::Masked, 1)]);
    let low: Vec<f64> = (0..7).map(|n| -0.75 + 0.25 * f64::from(n)).collect();
    for (name, reason) in
        [("meerkat_yell_1.0_nan.h5", Reason::NotFinite), ("meerkat_yell_0.9_sums.h5", Reason::Empty)]
    {
        let grid = grid(name);
        assert_eq!((grid.shape(), &grid.axes[2].centres), ([7, 5, 7], &low));
        // The same voxels by their indices as in the other files.
        let holes = [[-1.5, -1.0, -0.75], [0.0, 0.0, -0.5], [1.5, 1.0, 0.0]];
        assert_right(&grid, &holes, v);
        assert_eq!(grid.holes[0].reason, reason, "{name}");
    }
}

#[test]
fn uncertainties_belong_to_their_voxels() {
    for name in ["nexus_edges_errors_uint16.nxs", "axes.npz", "axes_deflated.npz", "mantid_mdhisto.nxs"] {
        let grid = grid(name);
        let sigma = grid.sigma.as_ref().unwrap();
        for at in grid.used() {
            let expected = 1.0 + 0.01 * at as f64;
            let bits = if name.starts_with("mantid") { 3e-16 } else { 0.0 };
            assert!((sigma.get(at) - expected).abs() <= bits * expected, "{name} {at}");
        }
    }
}

#[test]
fn oblique_axes_lead_to_the_right_hkl() {
    let mantid = grid("mantid_projection.nxs");
    assert_eq!(mantid.used().count(), 137);
    for at in mantid.used() {
        let hkl = mantid.hkl(mantid.voxel(at));
        assert_eq!(mantid.values.get(at), v(hkl), "{hkl:?}");
    }
    let (discus, straight) = (grid("discus_oblique.h5"), grid("discus.h5"));
    assert_eq!(discus.shape(), [7, 5, 4]);
    for at in 0..140 {
        let [i, j, m] = discus.voxel(at).map(|n| n as f64);
        let expected = [-1.5 + 0.5 * i - 0.5 * j, -1.0 + 0.5 * i + 0.5 * j, 0.25 * m];
        assert_eq!(discus.hkl(discus.voxel(at)), expected);
        assert_eq!(discus.values.get(at), straight.values.get(at));
    }
}

#[test]
fn a_plane_with_uneven_steps_lies_where_its_third_index_says() {
    let plane = grid("nexus_plane_nonuniform.nxs");
    assert_eq!(plane.axes[0].centres, [-1.5, -1.2, -0.7, -0.1, 0.3, 0.8, 1.5]);
    assert_eq!(plane.axes[2].centres, [0.5]);
    assert_eq!(plane.used().count(), 35);
    for at in plane.used() {
        let hkl = plane.hkl(plane.voxel(at));
        assert!((plane.values.get(at) - v(hkl)).abs() < 1e-12, "{hkl:?}");
    }
}

#[test]
fn a_link_leads_into_the_other_file_and_asks_for_it() {
    for order in [["nxrefine_parent.nxs", "transform.nxs"], ["transform.nxs", "nxrefine_parent.nxs"]] {
        let (both, about) = load(&order, Selection::default()).unwrap();
        is_whole(&both);
        assert_right(&both, &HOLES, v);
        assert_eq!(about.facts.temperature, Some(298.0));
        assert_eq!(about.facts.unit_cell, Some([3.52, 3.52, 3.52, 90.0, 90.0, 90.0]));
        assert_eq!(about.facts.title.as_deref(), Some("Ni 298K Transform"));
    }
    let Err(refusal) = opened(&["nxrefine_parent.nxs"]) else { panic!("opened without its other half") };
    assert_eq!(refusal.missing.as_deref(), Some("transform.nxs"));
    assert!(refusal.error.to_string().contains("`transform.nxs`"), "{}", refusal.error);
    let Err(refusal) = opened(&["BROKEN_dangling_external_link.nxs"]) else { panic!("opened") };
    assert_eq!(refusal.missing.as_deref(), Some("nowhere.nxs"));
}

#[test]
fn what_is_no_intensity_says_so() {
    for (name, part) in [
        ("yell_1.0_pdf_direct_space.h5", "direct space"),
        ("filter_bzip2_REFUSE.h5", "packed by bzip2 (id 307), which is not read"),
        ("object_pickle_REFUSE.npy", "pickled"),
        ("complex_REFUSE.npy", "complex"),
        ("bool_mask.npy", "mask"),
        ("rgb_REFUSE.tif", "colours"),
        ("BROKEN_axes_length.nxs", "the axis h has 5 values for 7 voxels, expected 7 centres or 8 edges"),
        ("BROKEN_truncated.h5", "cut off"),
        ("BROKEN_truncated.npy", "cut off"),
        ("c_f8.npy", "comes without axes in hkl, expected one for each index"),
        ("u2.tif", "\"axes\""),
        ("transform.nxs", "without axes"),
    ] {
        let said = said(&[name]);
        assert!(said.starts_with(&format!("{name}: ")) && said.contains(part), "{said}");
        assert!(said.contains(", expected ") && !said.contains('\n') && said.len() < 700, "{said}");
    }
}

fn along(letter: Letter, limits: [f64; 2]) -> AxisSpec {
    AxisSpec { along: Along::Named(letter), limits: Some(limits), first: None, step: None, values: None }
}

fn hkl_axes() -> Vec<AxisSpec> {
    vec![
        along(Letter::H, [-1.5, 1.5]),
        AxisSpec { first: Some(-1.0), step: Some(0.5), limits: None, ..along(Letter::K, [0.0, 0.0]) },
        AxisSpec { values: Some(vec![0.0, 0.25, 0.5, 0.75]), limits: None, ..along(Letter::L, [0.0, 0.0]) },
    ]
}

fn given(axes: Vec<AxisSpec>) -> Selection {
    Selection { axes: Some(axes), origin: Some([0.0; 3]), ..Selection::default() }
}

#[test]
fn arrays_of_numpy_take_the_axes_that_are_given() {
    for name in ["c_f8.npy", "fortran_f8.npy", "be_f4.npy", "header_v2.npy"] {
        let (grid, _) = load(&[name], given(hkl_axes())).unwrap();
        is_whole(&grid);
        assert_right(&grid, &[], v);
    }
    let (grid, _) = load(&["u2.npy"], given(hkl_axes())).unwrap();
    assert_right(&grid, &[], |hkl| v(hkl).round_ties_even());
    let (half, _) = load(&["f2.npy"], given(hkl_axes())).unwrap();
    assert!(half.used().all(|at| (half.values.get(at) - v(half.hkl(half.voxel(at)))).abs() <= 0.25));
    let (plane, _) = load(&["plane_nan.npy"], given(hkl_axes()[..2].to_vec())).unwrap();
    assert_right(&plane, &HOLES[..1], v);
    // Backwards along h: the first voxel is the one at 1.5.
    let mut turned = hkl_axes();
    turned[0] = along(Letter::H, [1.5, -1.5]);
    let (turned, _) = load(&["c_f8.npy"], given(turned)).unwrap();
    assert_right(&turned, &[], |[h, k, l]| v([-h, k, l]));
    let mut short = hkl_axes();
    short[1].step = None;
    let said = load(&["c_f8.npy"], given(short)).unwrap_err().to_string();
    assert!(said.contains("along k is not given in one way"), "{said}");
    let own = load(&["yell_1.0.h5"], given(hkl_axes())).unwrap_err().to_string();
    assert!(own.contains("axes of its own"), "{own}");
}

/// The decoder takes the rows of such tiles one by one, and then some ends of LZW for missing (image-tiff, issue 395).
#[test]
fn tiles_packed_by_lzw_may_reach_beyond_the_picture() {
    let read = |name: &str| {
        let axes = vec![along(Letter::K, [0.0, 15.0]), along(Letter::H, [0.0, 26.0])];
        let (plane, about) = load(&[name], given(axes)).unwrap();
        assert_eq!(about.shape, [16, 27], "{name}");
        plane.used().map(|at| (plane.hkl(plane.voxel(at)), plane.values.get(at))).collect::<Vec<_>>()
    };
    let (packed, plain) = (read("lzw_cut_tiles.tif"), read("lzw_cut_tiles.npy"));
    assert_eq!(packed.len(), 16 * 27);
    assert_eq!(packed, plain);
}

#[test]
fn pictures_have_rows_from_the_top() {
    let rows = || vec![along(Letter::K, [-1.0, 1.0]), along(Letter::H, [-1.5, 1.5])];
    for (name, holes) in [("f4.tif", 0), ("f4_be_deflate_predictor.tif", 0), ("f8_nan.tif", 1), ("u2.tif", 0)]
    {
        let (plane, _) = load(&[name], given(rows())).unwrap();
        assert_right(&plane, &HOLES[..holes], v);
        assert_eq!(plane.shape(), [7, 5, 1], "{name}");
    }
    let big = vec![along(Letter::K, [-1.0, 6.5]), along(Letter::H, [-1.5, 6.0])];
    let (tiled, about) = load(&["f4_bigtiff_tiled.tif"], given(big)).unwrap();
    assert_eq!((about.shape.as_slice(), tiled.used().count()), (&[16, 16][..], 35));
    assert!(tiled.used().all(|at| tiled.values.get(at) == v(tiled.hkl(tiled.voxel(at)))));
    let (stack, _) = load(
        &["stack_u2.tif"],
        given(vec![
            along(Letter::L, [0.0, 0.75]),
            along(Letter::K, [-1.0, 1.0]),
            along(Letter::H, [-1.5, 1.5]),
        ]),
    )
    .unwrap();
    is_whole(&stack);
    assert_right(&stack, &[], |hkl| v(hkl).round_ties_even());
    let lost = Selection { origin: None, ..given(rows()) };
    let said = load(&["f4.tif"], lost).unwrap_err().to_string();
    assert!(said.contains("nothing says where it lies") && said.contains("\"origin\""), "{said}");
}

#[test]
fn marks_are_listed_and_become_holes_with_consent() {
    let rows = given(vec![along(Letter::K, [-1.0, 1.0]), along(Letter::H, [-1.5, 1.5])]);
    for (name, selection, found) in [
        ("i4_sentinel.npy", given(hkl_axes()), vec![(-1.0, 3)]),
        ("type_int32_be_sentinel.h5", Selection::default(), vec![(-1.0, 3)]),
        ("i4_dectris_gaps.tif", rows, vec![(-1.0, 1), (-2.0, 1)]),
    ] {
        let (grid, _) = load(&[name], selection.clone()).unwrap();
        let mut candidates: Vec<(f64, usize)> = grid.candidates.iter().map(|c| (c.value, c.voxels)).collect();
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
        assert_eq!(candidates, found, "{name}");
        assert!(grid.holes.is_empty(), "{name}");
        let said = grid.dataset().notes.join(" ");
        assert!(said.contains("\"sentinels\""), "{said}");
        let sentinels = found.iter().map(|(value, _)| *value).collect();
        let (grid, _) = load(&[name], Selection { sentinels, ..selection }).unwrap();
        assert!(grid.candidates.is_empty());
        let mut holes: Vec<(Reason, Option<f64>, usize)> =
            grid.holes.iter().map(|h| (h.reason, h.value, h.voxels)).collect();
        holes.sort_by(|a, b| b.1.unwrap_or(0.0).total_cmp(&a.1.unwrap_or(0.0)));
        let expected: Vec<_> = found.iter().map(|(x, n)| (Reason::Sentinel, Some(*x), *n)).collect();
        assert_eq!(holes, expected, "{name}");
        assert!(grid.used().all(|at| grid.values.get(at) > 300.0));
    }
}

#[test]
fn region_and_stride_choose_the_same_voxels_of_any_layout() {
    let selection = Selection {
        region: Some(Region { h: Some([-1.0, 1.5]), k: Some([-0.5, 1.0]), l: Some([0.25, 0.75]) }),
        stride: Some(Stride::Each([2, 1, 2])),
        ..Selection::default()
    };
    for name in
        ["yell_1.0.h5", "nxrefine_single.nxs", "filter_lzf.h5", "axes_deflated.npz", "mantid_mdhisto.nxs"]
    {
        let (grid, _) = load(&[name], selection.clone()).unwrap();
        assert_eq!(grid.axes[0].centres, [-1.0, 0.0, 1.0], "{name}");
        assert_eq!(grid.axes[1].centres, [-0.5, 0.0, 0.5, 1.0], "{name}");
        assert_eq!(grid.axes[2].centres, [0.25, 0.75], "{name}");
        for at in grid.used() {
            assert_eq!(grid.values.get(at), v(grid.hkl(grid.voxel(at))), "{name}");
        }
        let holes = if name.starts_with("yell") || name.starts_with("filter") { 0 } else { 1 };
        assert_eq!(grid.used().count(), 24 - holes, "{name}");
    }
    // Along oblique axes the region still is one of hkl.
    let region = Region { h: Some([-1.0, 1.0]), k: Some([-0.5, 1.5]), l: Some([0.0, 0.25]) };
    let (grid, _) =
        load(&["mantid_projection.nxs"], Selection { region: Some(region), ..Selection::default() }).unwrap();
    let whole = self::grid("mantid_projection.nxs");
    let inside = |at: &usize| region.has(whole.hkl(whole.voxel(*at)));
    assert_eq!(grid.used().count(), whole.used().filter(inside).count());
    assert!(grid.used().count() > 5);
    assert!(grid.used().all(|at| region.has(grid.hkl(grid.voxel(at)))));
    let nothing = Region { h: Some([7.0, 8.0]), ..Region::default() };
    let said = load(&["yell_1.0.h5"], Selection { region: Some(nothing), ..Selection::default() });
    assert!(said.unwrap_err().to_string().contains("no voxel lies in the region"));
}

/// A volume or array of NumPy with mask files, given as in a job.
fn masked(name: &str, mut selection: Selection, shapes: &str) -> Result<Grid> {
    let spec = DataSpec::from_json(&format!("{{\"mask\": [{shapes}]}}")).unwrap();
    selection.masks = spec.selection().masks;
    let files: Vec<SharedSource> = selection.masks.iter().map(|mask| source(&mask.file)).collect();
    let Ok(Opened::Volume(volume)) = opened(&[name]) else { panic!("{name}") };
    let mut loading = volume.load_masked(selection, &files)?;
    while !loading.is_done() {
        loading.advance()?;
    }
    Ok(loading.finish()?.0)
}

/// hkl of what the mask files with these bits leave out.
fn left_out(grid: &Grid, bits: u8) -> Vec<[f64; 3]> {
    grid.used().filter(|at| grid.marks_of(*at) & bits != 0).map(|at| grid.hkl(grid.voxel(at))).collect()
}

#[test]
fn mask_files_of_every_format_leave_out_the_same_voxels() {
    for shape in [
        r#"{"file": "bool_mask.npy"}"#,
        r#"{"file": "mask.h5"}"#,
        r#"{"file": "mask.h5", "dataset": "/entry/flags/mask"}"#,
        r#"{"file": "mask_keep.npz", "keep": true}"#,
    ] {
        for (name, selection) in [
            ("yell_1.0.h5", Selection::default()),
            ("filter_lzf.h5", Selection::default()),
            ("fortran_f8.npy", given(hkl_axes())),
        ] {
            let grid = masked(name, selection, shape).unwrap();
            is_whole(&grid);
            assert_eq!(left_out(&grid, 1), HOLES, "{name}, {shape}");
            let set = grid.dataset();
            assert_eq!((set.hkl.len(), set.marks.len()), (140, 140), "{shape}");
            assert_eq!(set.marks.iter().map(|mark| usize::from(*mark)).sum::<usize>(), 3, "{shape}");
        }
    }
    // Pages, rows and columns as the pictures have them.
    let pictures = given(vec![
        along(Letter::L, [0.0, 0.75]),
        along(Letter::K, [-1.0, 1.0]),
        along(Letter::H, [-1.5, 1.5]),
    ]);
    let grid = masked("stack_u2.tif", pictures, r#"{"file": "mask_stack.tif"}"#).unwrap();
    assert_eq!(left_out(&grid, 1), HOLES);
    // Two of them, one the other way round.
    let both = r#"{"file": "bool_mask.npy", "keep": true}, {"q": [0, 1]}, {"file": "mask.h5", "off": true}"#;
    let grid = masked("yell_1.0.h5", Selection::default(), both).unwrap();
    assert_eq!((left_out(&grid, 1).len(), left_out(&grid, 2)), (137, HOLES.to_vec()));
    // An array that is no mask: what is not zero is left out, and what is NaN.
    let weight = r#"{"file": "mask.h5", "dataset": "entry/flags/weight", "keep": true}, {"file": "axes.npz", "dataset": "data", "keep": true}"#;
    let grid = masked("yell_1.0.h5", Selection::default(), weight).unwrap();
    assert_eq!((left_out(&grid, 1).len(), left_out(&grid, 2)), (0, HOLES.to_vec()));
}

#[test]
fn region_stride_and_plane_choose_voxels_of_a_mask_too() {
    let selection = Selection {
        region: Some(Region { h: Some([-1.5, 1.0]), l: Some([0.0, 0.5]), ..Region::default() }),
        stride: Some(Stride::Each([1, 2, 1])),
        ..Selection::default()
    };
    for (name, selection) in [
        ("yell_1.0.h5", selection.clone()),
        ("filter_lzf.h5", selection.clone()),
        ("be_f4.npy", Selection { axes: Some(hkl_axes()), origin: Some([0.0; 3]), ..selection }),
    ] {
        let grid = masked(name, selection, r#"{"file": "mask.h5"}"#).unwrap();
        assert_eq!((grid.values.len(), left_out(&grid, 1)), (6 * 3 * 3, HOLES[..2].to_vec()), "{name}");
        let plane = PlaneSpec {
            point: [0.0, 0.0, 0.25],
            vectors: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
            thickness: None,
        };
        let set = grid.dataset_of(&grid.on_plane(&plane).unwrap());
        let marked = set.hkl.iter().zip(&set.marks).filter(|(_, mark)| **mark != 0).map(|(hkl, _)| *hkl);
        assert_eq!(marked.collect::<Vec<_>>(), HOLES[1..2], "{name}");
    }
}

#[test]
fn a_mask_that_does_not_fit_says_so() {
    let said = |name: &str, shapes: &str| {
        let said = masked(name, Selection::default(), shapes).unwrap_err().to_string();
        assert!(said.contains(", expected ") && !said.contains('\n') && said.len() < 700, "{said}");
        said
    };
    for (shapes, part) in [
        (
            r#"{"file": "plane_nan.npy"}"#,
            "plane_nan.npy: the mask has 7 × 5 voxels, expected 7 × 5 × 4 voxels, as yell_1.0.h5 has them",
        ),
        (
            r#"{"file": "mask_stack.tif"}"#,
            "mask_stack.tif: the mask has 4 × 5 × 7 voxels, expected 7 × 5 × 4",
        ),
        (
            r#"{"file": "make_formats.py"}"#,
            "make_formats.py: the mask is no array in HDF5, NPY, NPZ or TIFF, expected 7 × 5 × 4 voxels",
        ),
        (
            r#"{"file": "mask.h5", "dataset": "entry/gaps"}"#,
            "there is no array `entry/gaps` (there are `entry/flags/mask`",
        ),
        (r#"{"file": "nexus_edges_errors_uint16.nxs"}"#, "several arrays may be the mask: "),
        (r#"{"file": "rgb_REFUSE.tif"}"#, "colours"),
        (r#"{"file": "BROKEN_truncated.npy"}"#, "cut off"),
    ] {
        let said = said("yell_1.0.h5", shapes);
        assert!(said.contains(part), "{said}");
    }
    let nine: Vec<String> =
        (0..9).map(|n| format!("{{\"file\": \"mask.h5\", \"dataset\": \"{n}\"}}")).collect();
    assert!(said("yell_1.0.h5", &nine.join(",")).contains("9 mask files, expected at most 8"));
}

#[test]
fn tds_and_a_fit_leave_out_what_mask_files_say() {
    let folder = folder("masks");
    for name in ["ni_298K_volume_nxdata.nxs", "yell_1.0.h5", "bool_mask.npy", "mask.h5", "mask_keep.npz"] {
        std::fs::copy(path(name), folder.join(name)).unwrap();
    }
    let data = |mask: &str, file: &str| {
        let spec = format!("{{\"mask\": [{mask}]}}");
        tds(&folder, &["data", file, "--as", &spec, "--out", "points.csv"])
    };
    let out = data(r#"{"file": "bool_mask.npy"}, {"file": "mask_keep.npz", "off": true}"#, "yell_1.0.h5");
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(said.contains("140 hold a measurement\n  3 of them are left out by bool_mask.npy\n"), "{said}");
    let points = std::fs::read_to_string(folder.join("points.csv")).unwrap();
    assert_eq!(points.lines().count(), 1 + 137);
    assert!(!points.contains("\n0,0,0.25,"), "{points}");

    // A table: by h, k, l.
    std::fs::write(folder.join("table.csv"), &points).unwrap();
    let mut mask = String::from("l,mask,h,k,remark\n");
    for line in points.lines().skip(1).step_by(2) {
        let [h, k, l] = [0, 1, 2].map(|n| line.split(',').nth(n).unwrap());
        mask += &format!("{l},{},{h},{k},x\n", u8::from(h == "0.5"));
    }
    std::fs::write(folder.join("mask.csv"), &mask).unwrap();
    let n = mask.lines().filter(|line| line.split(',').nth(1) == Some("1")).count();
    assert!(n > 5, "{n}");
    for (keep, left) in [("", n), (", \"keep\": true", 137 - n)] {
        let out = data(&format!("{{\"file\": \"mask.csv\"{keep}}}"), "table.csv");
        let said = String::from_utf8(out.stdout).unwrap();
        assert!(said.contains(&format!("{left} of them are left out by mask.csv")), "{said}");
        let points = std::fs::read_to_string(folder.join("points.csv")).unwrap();
        assert_eq!(points.lines().count(), 1 + 137 - left);
    }
    std::fs::write(folder.join("other.csv"), "h,k,l,mask\n7,7,7,1\n").unwrap();
    std::fs::write(folder.join("nameless.csv"), "h,k,l,flag\n7,7,7,1\n").unwrap();
    for (file, mask, part) in [
        ("table.csv", "bool_mask.npy", "bool_mask.npy: the mask is an array, expected a table h, k, l, mask"),
        (
            "yell_1.0.h5",
            "mask.csv",
            "mask.csv: the mask is no array in HDF5, NPY, NPZ or TIFF, expected 7 × 5 × 4 voxels",
        ),
        ("table.csv", "other.csv", "none of the 1 points of the mask is among the data"),
        ("table.csv", "nameless.csv", "the header has no column mask, expected the columns h, k, l, mask"),
        ("table.csv", "nowhere.csv", "nowhere.csv: "),
    ] {
        let said = refused(&data(&format!("{{\"file\": \"{mask}\"}}"), file));
        assert!(said.contains(part), "{said}");
    }

    let fit = |job: String| {
        std::fs::write(folder.join("job.json"), job).unwrap();
        tds(&folder, &["fit", "job.json", "--out", "result.json"])
    };
    let entry = |entry: &str| NICKEL.replace("{\"file\": \"data.csv\"}", entry);
    let whole = grid("ni_298K_volume_nxdata.nxs");
    let shape = whole.shape();
    let mut marks = vec![0_u8; shape.iter().product()];
    marks.iter_mut().step_by(5).for_each(|mark| *mark = 1);
    std::fs::write(folder.join("fifth.npy"), npy(shape, &marks)).unwrap();
    let text = r#"{"file": "ni_298K_volume_nxdata.nxs", "region": {"l": [0, 0.5]}, "mask": [
        {"name": "every fifth", "file": "folder/fifth.npy"}, {"name": "none", "file": "folder/fifth.npy", "off": true}]}"#;
    let out = fit(entry(text));
    assert!(matches!(out.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&out.stderr));
    let text = std::fs::read_to_string(folder.join("result.json")).unwrap();
    let result: serde_json::Value = serde_json::from_str(&text).unwrap();
    let region = Some(Region { l: Some([0.0, 0.5]), ..Region::default() });
    let (part, _) =
        load(&["ni_298K_volume_nxdata.nxs"], Selection { region, ..Selection::default() }).unwrap();
    let is_fifth = |at: &usize| {
        let hkl = part.hkl(part.voxel(*at));
        (0..marks.len()).step_by(5).any(|n| whole.hkl(whole.voxel(n)) == hkl)
    };
    let n = part.used().filter(is_fifth).count();
    let counts = &result["data"][0]["masked"];
    assert_eq!(counts[0], serde_json::json!({"name": "every fifth", "n": n}), "{counts}");
    assert_eq!(counts.as_array().unwrap().len(), 1);
    let files: Vec<&str> =
        result["files"].as_array().unwrap().iter().filter_map(|f| f["name"].as_str()).collect();
    assert_eq!(files, ["ni_298K_volume_nxdata.nxs", "folder/fifth.npy"]);
    let shared = entry("{\"file\": \"table.csv\"}").replacen(
        '{',
        r#"{"mask": {"shapes": [{"file": "mask.csv"}]}, "#,
        1,
    );
    let said = refused(&fit(shared));
    assert!(
        said.contains("mask.shapes[0].file: a mask file, expected it in the `mask` of the measurement"),
        "{said}"
    );
}

/// An array of bytes as NumPy writes it.
fn npy(shape: [usize; 3], values: &[u8]) -> Vec<u8> {
    let [a, b, c] = shape;
    let text = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({a}, {b}, {c}), }}\n");
    let length = (text.len() as u16).to_le_bytes();
    [&b"\x93NUMPY\x01\0"[..], &length, text.as_bytes(), values].concat()
}

#[test]
fn points_of_a_volume_travel_with_their_masks() {
    let grid = masked("yell_1.0.h5", Selection::default(), r#"{"file": "mask.h5"}"#).unwrap();
    let print = |name: &str| Print { name: name.into(), bytes: 9, sha256: "ab".into() };
    let spec =
        DataSpec::from_json(r#"{"mask": [{"name": "gaps", "file": "mask.h5", "off": true}]}"#).unwrap();
    let selection = spec.selection_text();
    let bytes = write_cut(&grid.dataset(), &print("v.h5"), vec![print("mask.h5")], selection.clone());
    assert_eq!(tds_inversion::now(read_cut("v.h5", &bytes, &selection)).unwrap().marks, grid.dataset().marks);
    let given = Given::new(BTreeMap::from([("v.h5".to_owned(), bytes)]));
    given.read("v.h5").unwrap();
    let names: Vec<String> = given.records().into_iter().map(|record| record.name).collect();
    assert_eq!(names, ["v.h5", "mask.h5"]);
}

#[test]
fn the_nickel_volume_is_the_same_from_nexus_and_from_yell() {
    let (nexus, yell) = (grid("ni_298K_volume_nxdata.nxs"), grid("ni_298K_volume_yell.h5"));
    assert_eq!(nexus.shape(), yell.shape());
    for n in 0..3 {
        assert_eq!(nexus.axes[n].centres, yell.axes[n].centres);
        assert_eq!(nexus.axes[n].direction, yell.axes[n].direction);
    }
    assert!(nexus.used().eq(yell.used()));
    assert!(nexus.used().count() > 10_000);
    assert!(nexus.used().all(|at| nexus.values.get(at) == yell.values.get(at)));
}

fn points_of(name: &str, bytes: &[u8]) -> Dataset {
    let Ok(Opened::Points(set)) = open(&[Bytes::shared(name, bytes.to_vec())]) else { panic!("{name}") };
    set
}

#[test]
fn points_travel_as_a_structured_array_without_loss() {
    let grid = grid("nexus_edges_errors_uint16.nxs");
    let set = grid.dataset();
    let bytes = write_points(&set.hkl, &set.intensity, set.sigma.as_deref());
    let back = read_points("p.npy", &bytes).unwrap();
    assert_eq!((&back.hkl, &back.intensity, &back.sigma), (&set.hkl, &set.intensity, &set.sigma));
    let same = points_of("p.npy", &bytes);
    assert_eq!(same.hkl, set.hkl);
    assert_eq!(set.hkl.len(), 140);
}

#[test]
fn a_plane_for_a_fit_has_the_nearest_voxels() {
    let grid = grid("yell_1.0.h5");
    let plane =
        PlaneSpec { point: [0.0, 0.0, 0.3], vectors: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], thickness: None };
    let set = grid.dataset_of(&grid.on_plane(&plane).unwrap());
    assert_eq!(set.hkl.len(), 35);
    assert!(set.hkl.iter().all(|hkl| hkl[2] == 0.25));
}

/// `tds data` in a folder with copies of the files.
fn run(names: &[&str], more: &[&str]) -> std::process::Output {
    let folder = folder("volumes");
    for name in names {
        std::fs::copy(path(name), folder.join(name)).unwrap();
    }
    let arguments = [&["data"], names, more].concat();
    tds(&folder, &arguments)
}

#[test]
fn tds_data_says_what_it_read_and_writes_every_voxel() {
    let out = run(&["axes.npz"], &["--out", "points.csv", "--json"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let said: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((&said["kind"], &said["used"]), (&"volume".into(), &137.into()));
    assert_eq!(said["holes"][0]["voxels"], 3);
    assert_eq!(said["axes"][2]["step"], 0.25);
    assert_eq!(said["has_sigma"], true);
    let text = std::fs::read_to_string(folder("volumes").join("points.csv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[1]), (138, "h,k,l,intensity,sigma", "-1.5,-1,0.25,340.25,1.01"));
    assert_eq!(lines[137], "1.5,1,0.5,660.5,2.38");

    let both = run(&["nxrefine_parent.nxs", "transform.nxs"], &[]);
    let said = String::from_utf8(both.stdout).unwrap();
    assert!(said.contains("along h (1 0 0): -1.5 to 1.5 in steps of 0.5, 7"), "{said}");
    assert!(said.contains("137 hold a measurement") && said.contains("298 K"), "{said}");
    let notes = String::from_utf8(both.stderr).unwrap();
    assert!(notes.contains("3 voxels are left out"), "{notes}");

    let alone = run(&["nxrefine_parent.nxs"], &[]);
    assert!(refused(&alone).contains("transform.nxs"));
    assert!(refused(&run(&["u2.tif"], &[])).contains("\"axes\""));
    let axes = r#"{"axes": [{"along": "k", "limits": [-1, 1]}, {"along": "h", "first": -1.5, "step": 0.5}], "origin": [0, 0, 0]}"#;
    let picture = run(&["f4.tif"], &["--as", axes, "--out", "picture.csv"]);
    assert_eq!(picture.status.code(), Some(0), "{}", String::from_utf8_lossy(&picture.stderr));
    let text = std::fs::read_to_string(folder("volumes").join("picture.csv")).unwrap();
    assert_eq!(text.lines().nth(1), Some("-1.5,-1,0,340"));
    let unknown = refused(&run(&["f4.tif"], &["--as", "{\"axis\": 1}"]));
    assert!(unknown.contains("unknown field `axis`"), "{unknown}");
}

#[test]
fn a_fit_takes_volumes_and_says_what_it_left_out() {
    let folder = folder("volume_fit");
    for name in ["ni_298K_volume_nxdata.nxs", "nxrefine_parent.nxs", "transform.nxs"] {
        std::fs::copy(path(name), folder.join(name)).unwrap();
    }
    std::fs::write(folder.join("data.csv"), "h,k,l,intensity\n1.5,0.2,0.1,7\n1.4,0.2,0.1,8\n").unwrap();
    let fit = |entry: &str| {
        let job = NICKEL.replace("{\"file\": \"data.csv\"}", entry);
        assert_ne!(job, NICKEL);
        std::fs::write(folder.join("job.json"), job).unwrap();
        tds(&folder, &["fit", "job.json", "--out", "result.json"])
    };
    let entry = r#"{"file": "ni_298K_volume_nxdata.nxs", "region": {"l": [0, 0.5]}, "stride": [3, 3, 1]}"#;
    let out = fit(entry);
    assert!(matches!(out.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&out.stderr));
    let text = std::fs::read_to_string(folder.join("result.json")).unwrap();
    let result: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(result["job"]["data"][0]["stride"], serde_json::json!([3, 3, 1]));
    // sha256sum of the file.
    let digest = result["files"].to_string();
    assert!(digest.contains("ni_298K_volume_nxdata.nxs"), "{digest}");
    // The link's target is found beside the job.
    let linked = fit(r#"{"file": "nxrefine_parent.nxs"}"#);
    let said = String::from_utf8(linked.stderr).unwrap();
    assert!(said.contains("3 voxels are left out"), "{said}");
    let said = refused(&fit(r#"{"file": "data.csv", "stride": 2}"#));
    assert!(said.contains("data[0].stride") && said.contains("is a table"), "{said}");
    let said = refused(&fit(r#"{"file": "nxrefine_parent.nxs", "invalid": "refuse"}"#));
    assert!(said.contains("3 voxels"), "{said}");
}

#[test]
fn two_measurements_may_take_different_parts_of_one_volume() {
    let folder = folder("volume_twice");
    std::fs::copy(path("ni_298K_volume_nxdata.nxs"), folder.join("ni.nxs")).unwrap();
    let entries = r#"{"file": "ni.nxs", "region": {"l": [0, 0.5]}, "stride": [3, 3, 1]},
        {"file": "ni.nxs", "region": {"l": [0.75, 1]}, "stride": 4}"#;
    std::fs::write(folder.join("job.json"), NICKEL.replace("{\"file\": \"data.csv\"}", entries)).unwrap();
    let out = tds(&folder, &["fit", "job.json", "--out", "result.json"]);
    assert!(matches!(out.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&out.stderr));
    let result: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("result.json")).unwrap()).unwrap();
    let part = |region: [f64; 2], stride: Stride| {
        let region = Some(Region { l: Some(region), ..Region::default() });
        let selection = Selection { region, stride: Some(stride), ..Selection::default() };
        load(&["ni_298K_volume_nxdata.nxs"], selection).unwrap().0.used().count()
    };
    let sizes = [part([0.0, 0.5], Stride::Each([3, 3, 1])), part([0.75, 1.0], Stride::Same(4))];
    assert_ne!(sizes[0], sizes[1]);
    for (n, size) in sizes.into_iter().enumerate() {
        assert_eq!(result["data"][n]["n"], size, "{}", result["data"][n]);
    }
    assert_eq!(result["files"].as_array().unwrap().len(), 1);
}

/// An archive of files as they are.
fn stored_zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (title, bytes) in members {
        let offset = out.len() as u32;
        let size = (bytes.len() as u32).to_le_bytes();
        let sizes = [size, size].concat();
        let name = (title.len() as u16).to_le_bytes();
        out.extend([&b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0"[..], &sizes, &name, &[0; 2]].concat());
        out.extend([title.as_bytes(), bytes].concat());
        directory.extend(
            [&b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0"[..], &sizes, &name, &[0; 12]].concat(),
        );
        directory.extend([&offset.to_le_bytes()[..], title.as_bytes()].concat());
    }
    let (start, length) = ((out.len() as u32).to_le_bytes(), (directory.len() as u32).to_le_bytes());
    let count = (members.len() as u16).to_le_bytes();
    out.extend(directory);
    out.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &length, &start, &[0; 2]].concat());
    out
}

#[test]
fn an_archive_of_several_files_is_named_never_half_taken() {
    let read = |name: &str| std::fs::read(path(name)).unwrap();
    let (npy, nexus) = (read("c_f8.npy"), read("nxrefine_single.nxs"));
    let csv = b"h,k,l,intensity\n1.5,0.2,0.1,7\n";
    let folder = folder("archives");
    type Case<'a> = (&'a str, &'a [(&'a str, &'a [u8])], &'a str);
    let cases: [Case; 6] = [
        (
            "three.zip",
            &[("run/a.nxs", &nexus), ("run/b.csv", csv), ("c.cif", b"data_")],
            "a zip archive of 3 files: run/a.nxs, run/b.csv, c.cif, expected them unpacked",
        ),
        (
            "one.zip",
            &[("run/", b""), ("run/a.nxs", &nexus), ("__MACOSX/run/._a.nxs", b"x")],
            "a zip archive that holds run/a.nxs, expected that file unpacked",
        ),
        ("mixed.zip", &[("data.npy", &npy), ("a.nxs", &nexus)], "of 2 files: data.npy, a.nxs"),
        ("two.npz", &[("data.npy", &npy), ("intensity.npy", &npy)], "the archive holds `data`, `intensity`"),
        ("table.xlsx", &[("[Content_Types].xml", b"<"), ("xl/workbook.xml", b"<")], "the table saved as CSV"),
        ("empty.zip", &[("run/", b"")], "without a file"),
    ];
    for (name, members, part) in cases {
        std::fs::write(folder.join(name), stored_zip(members)).unwrap();
        let said = refused(&tds(&folder, &["data", name]));
        assert!(said.starts_with(&format!("{name}: ")) && said.contains(part), "{said}");
        let job = NICKEL.replace("data.csv", name);
        std::fs::write(folder.join("job.json"), job).unwrap();
        let said = refused(&tds(&folder, &["fit", "job.json", "--out", "result.json"]));
        assert!(said.contains(part), "{said}");
        // What the page asks.
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let said = match recognise_within(&bytes) {
            Kind::Volume => match open(&[Bytes::shared(name, bytes)]) {
                Ok(_) => panic!("{name} was opened"),
                Err(refusal) => refusal.error,
            },
            _ => canonical(name, &bytes, &[]).unwrap_err(),
        };
        assert!(said.to_string().contains(part), "{said}");
    }
    // One array of NumPy is an archive as NumPy makes it.
    std::fs::write(folder.join("one.npz"), stored_zip(&[("data.npy", &npy)])).unwrap();
    assert!(refused(&tds(&folder, &["data", "one.npz"])).contains("without axes"));
}

#[test]
fn a_measurement_may_be_packed() {
    let folder = folder("packed_data");
    let packed = |bytes: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut out, bytes).unwrap();
        out.finish().unwrap()
    };
    let table = (1..10).fold("h,k,l,intensity\n".to_owned(), |all, n| all + &format!("1.{n},0.2,0.1,{n}\n"));
    std::fs::write(folder.join("v.nxs.gz"), packed(&std::fs::read(path("nxrefine_single.nxs")).unwrap()))
        .unwrap();
    std::fs::write(folder.join("t.csv.gz"), packed(table.as_bytes())).unwrap();
    for (name, used) in [("v.nxs.gz", 137), ("t.csv.gz", 9)] {
        let out = tds(&folder, &["data", name, "--json"]);
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        let said: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(said["used"], used, "{name}");
        std::fs::write(folder.join("job.json"), NICKEL.replace("data.csv", name)).unwrap();
        let out = tds(&folder, &["fit", "job.json", "--out", "result.json"]);
        assert!(matches!(out.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&out.stderr));
    }
}

#[test]
fn a_cell_that_the_file_states_is_compared_with_the_crystal() {
    let folder = folder("other_cell");
    // 3.52 Å, all three.
    for name in ["nxrefine_single.nxs", "yell_1.0.h5", "mantid_mdhisto.nxs"] {
        std::fs::copy(path(name), folder.join(name)).unwrap();
        for (a, is_told) in [("3.52", false), ("3.49", false), ("3.55", false), ("3.57", true), ("5.0", true)]
        {
            let job = NICKEL.replace("data.csv", name).replace("\"a\": 3.52", &format!("\"a\": {a}"));
            let job = job.replace("2.6", "4").replacen('{', "{\"fit\": {\"max_iterations\": 1},", 1);
            std::fs::write(folder.join("job.json"), job).unwrap();
            let out = tds(&folder, &["fit", "job.json", "--out", "result.json"]);
            let said = String::from_utf8(out.stderr).unwrap();
            let note = format!("note: {name}: the file states a = 3.5200 Å, the crystal has {a}");
            assert_eq!(said.contains(&note), is_told, "{name}, {a}: {said}");
        }
    }
}

#[test]
fn the_error_type_names_the_file() {
    let Err(refusal) = open(&[Bytes::shared("x.h5", b"\x89HDF\r\n\x1a\n".to_vec())]) else {
        panic!("opened")
    };
    assert!(matches!(refusal.error, Error::Input { .. }), "{}", refusal.error);
}
