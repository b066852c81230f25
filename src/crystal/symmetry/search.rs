//! The search for the operations of a cell: its translations, its primitive cell, the operations of
//! that, and its type.

use nalgebra::{Matrix3, Vector3};

use super::lattice::{Places, reduction, rotations, spanned};
use super::sites::{Image, Sites};
use super::{Operation, SpaceGroup, Symmetry, nearest_orthogonal};
use crate::crystal::Cell;

/// Why the operations that a tolerance gives are of no use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unfit {
    /// Some of the translations of a group are missing.
    TooSmall,
    /// Operations are found whose products are not.
    TooLarge,
}

/// The symmetry within `tolerance` (Å).
pub fn attempt(cell: &Cell, kinds: &[usize], tolerance: f64) -> std::result::Result<Symmetry, Unfit> {
    let mut unfit = Unfit::TooLarge;
    search(cell, kinds, tolerance, &mut unfit).ok_or(unfit)
}

/// None for the reason that `unfit` holds then.
fn search(cell: &Cell, kinds: &[usize], tolerance: f64, unfit: &mut Unfit) -> Option<Symmetry> {
    let to_reduced = reduction(&cell.lattice)?;
    let t = to_reduced.map(f64::from);
    let (lattice, inverse) = (cell.lattice * t, t.try_inverse()?);
    // The images may be twice as far as they are from those of the best translation.
    let reach = 2.0 * tolerance;
    let shortest = lattice.column(0).norm();
    if !reach.is_finite() || !shortest.is_finite() || 2.0 * reach >= shortest {
        return None;
    }
    let positions: Vec<_> = cell.positions.iter().map(|p| inverse * p).collect();
    let sites = Sites::new(&lattice, &positions, kinds, reach)?;
    let translations = sites.translations(&Matrix3::identity(), &rarest(kinds), tolerance);
    let vectors: Vec<_> = translations.iter().map(|(w, _)| *w).collect();
    let n = vectors.len() as f64;
    *unfit = Unfit::TooSmall;
    let basis = spanned(&vectors)?;
    let columns = basis * reduction(&(lattice * basis))?.map(f64::from);

    // The primitive cell, each site the mean over the translations.
    let to_primitive = columns.try_inverse()?.map(f64::round);
    let mut seen = vec![false; positions.len()];
    let mut primitive_kinds = Vec::new();
    let mut primitive_positions = Vec::new();
    for s in 0..positions.len() {
        if std::mem::replace(&mut seen[s], true) {
            continue;
        }
        let mut mean = Vector3::zeros();
        for (w, images) in &translations {
            let (to, shift) = images[s];
            seen[to] = true;
            mean += (positions[to] + shift.map(f64::from) - w) / n;
        }
        primitive_kinds.push(kinds[s]);
        primitive_positions.push(to_primitive * mean);
    }
    if primitive_kinds.len() * vectors.len() != kinds.len() {
        return None;
    }
    *unfit = Unfit::TooLarge;
    let primitive = lattice * columns;
    let found = operations(&primitive, &primitive_positions, &primitive_kinds, tolerance)?;
    let volume = primitive.determinant().abs();
    let space_group = named(&found, tolerance / volume.cbrt())?;

    // In the given basis; an image adds the errors of both sites to that of the operation.
    let wide = Sites::new(&lattice, &positions, kinds, 2.0 * reach)?;
    let (out, back) = (t * columns, to_primitive * inverse);
    let cartesian_back = cell.lattice.try_inverse()?;
    let given = |rotation: Matrix3<i32>, translation: Vector3<f64>, images: Vec<Image>| Operation {
        rotation,
        cartesian: nearest_orthogonal(cell.lattice * rotation.map(f64::from) * cartesian_back),
        images,
        translation,
    };
    let mut representatives = Vec::new();
    for op in &found {
        let rotation = out * op.rotation.map(f64::from) * back;
        let whole = rotation.map(f64::round);
        // A supercell need not have all rotations of the crystal.
        if (rotation - whole).amax() > 1e-6 {
            continue;
        }
        let translation = (out * op.translation).map(|x| x % 1.0);
        let image = |s: usize| inverse * (whole * cell.positions[s] + translation);
        let images = turned(wide.images(image)?, &to_reduced);
        representatives.push(given(whole.map(|x| x as i32), translation, images));
    }
    let translations = translations
        .into_iter()
        .map(|(w, images)| {
            // The n translations of a group are multiples of 1/n; images go with the one in the cell.
            let exact = t * w.map(|x| (x * n).round() / n);
            let translation = exact.map(|x| x % 1.0);
            let whole = (translation - exact).map(|x| x.round() as i32);
            let mut images = turned(images, &to_reduced);
            images.iter_mut().for_each(|image| image.1 += whole);
            given(Matrix3::identity(), translation, images)
        })
        .collect();
    Some(Symmetry { representatives, translations, space_group })
}

/// An operation of a primitive cell, in its basis.
struct Seitz {
    rotation: Matrix3<i32>,
    translation: Vector3<f64>,
}

/// The type of a group, by moyo; `tolerance` in units of the cell's edge.
#[cfg(feature = "groups")]
fn named(operations: &[Seitz], tolerance: f64) -> Option<SpaceGroup> {
    use moyo::base::Operation;
    use moyo::data::{Setting, hall_symbol_entry};
    let all: Vec<_> = operations.iter().map(|op| Operation::new(op.rotation, op.translation)).collect();
    let group = moyo::identify::SpaceGroup::new(&all, Setting::Standard, tolerance).ok()?;
    let symbol = hall_symbol_entry(group.hall_number)?.hm_short;
    Some(SpaceGroup { number: group.number, symbol: symbol.into() })
}

/// Nothing here can name it: [`crate::crystal::Crystal::named_as`] does for the crystals that this build has.
#[cfg(not(feature = "groups"))]
#[allow(clippy::unnecessary_wraps)]
fn named(_: &[Seitz], _: f64) -> Option<SpaceGroup> {
    Some(SpaceGroup { number: 0, symbol: String::new() })
}

/// Images with the cells in the basis that `t` takes the reduced one from.
fn turned(mut images: Vec<Image>, t: &Matrix3<i32>) -> Vec<Image> {
    images.iter_mut().for_each(|image| image.1 = t * image.1);
    images
}

/// The operations of a primitive cell with a Minkowski-reduced basis, one for each rotation and the
/// identity first; None unless they form a group.
fn operations(
    lattice: &Matrix3<f64>,
    positions: &[Vector3<f64>],
    kinds: &[usize],
    tolerance: f64,
) -> Option<Vec<Seitz>> {
    let reach = 2.0 * tolerance;
    let shortest = lattice.column(0).norm();
    if !reach.is_finite() || !shortest.is_finite() || 2.0 * reach >= shortest {
        return None;
    }
    let sites = Sites::new(lattice, positions, kinds, reach)?;
    let rare = rarest(kinds);
    let mut found: Vec<Seitz> = Vec::new();
    for rotation in rotations(lattice, tolerance)? {
        let translations = sites.translations(&rotation, &rare, tolerance);
        if translations.len() > 1 {
            return None;
        }
        for (w, _) in translations {
            found.push(Seitz { rotation, translation: w.map(|x| x - x.round()) });
        }
    }
    found.first_mut().filter(|op| op.rotation == Matrix3::identity())?.translation = Vector3::zeros();
    let places = Places::new(found.iter().map(|op| &op.rotation));
    let closed = found.iter().all(|a| {
        let turn = a.rotation.map(f64::from);
        found.iter().all(|b| {
            let w = turn * b.translation + a.translation;
            places.of(&(a.rotation * b.rotation)).is_some_and(|c| {
                let off = (found[c].translation - w).map(|x| x - x.round());
                (lattice * off).norm() <= reach
            })
        })
    });
    closed.then_some(found)
}

/// The atoms of the kind that has the fewest.
fn rarest(kinds: &[usize]) -> Vec<usize> {
    let of = |kind: usize| (0..kinds.len()).filter(move |i| kinds[*i] == kind);
    let n_kinds = kinds.iter().max().map_or(0, |kind| kind + 1);
    (0..n_kinds).min_by_key(|kind| of(*kind).count()).map_or(vec![], |kind| of(kind).collect())
}
