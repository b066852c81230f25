//! NXdata of NeXus: the default path, signal and axes in the attributes of the group (new style) or of the signal (old
//! style), any order of axes, centres or edges, uncertainties, a third index as a single number.
//!
//! After the NeXus manual, “NXdata” and “Associating plottable data”, and nxrefine.

use super::array::Voxels;
use super::attribute;
use super::facts;
use super::file::{Attribute, Dataset, File, Group, in_words, kind};
use crate::Result;
use crate::base::text::quote;
use crate::data::grid::GridAxis;
use crate::formats::volume::array::{Array, Description};
use crate::formats::volume::axes::{centres, named};

/// So many groups are looked at, and so deep.
const MOST_GROUPS: usize = 500;
const DEEPEST: usize = 8;

/// A group with data.
pub(super) struct Found {
    pub group: Group,
    pub path: String,
    /// Paths of other groups with data, where no attribute says which is meant.
    pub others: Vec<String>,
}

/// The group with the data: the default, or else the first.
pub(super) fn find(file: &File) -> Option<Found> {
    if let Some((group, path)) = by_default(file) {
        return Some(Found { group, path, others: vec![] });
    }
    let mut all = Vec::new();
    let mut seen = 0;
    search(file.root(), String::new(), DEEPEST, &mut seen, &mut all);
    let mut all = all.into_iter();
    let (group, path) = all.next()?;
    Some(Found { group, path, others: all.map(|(_, path)| path).collect() })
}

/// Follows the attribute `default` from group to group.
fn by_default(file: &File) -> Option<(Group, String)> {
    let (mut group, mut path) = (file.root().clone(), String::new());
    for _ in 0..DEEPEST {
        let attributes = group.attributes().unwrap_or_default();
        if !path.is_empty() && is_data(&group, &attributes) {
            return Some((group, path));
        }
        let next = attribute::text(&attributes, "default")?;
        for part in next.split('/').filter(|part| !part.is_empty()) {
            group = group.group(part).ok()?;
            path = format!("{path}/{part}");
        }
    }
    None
}

fn search(group: &Group, path: String, depth: usize, seen: &mut usize, found: &mut Vec<(Group, String)>) {
    *seen += 1;
    if depth == 0 || *seen > MOST_GROUPS {
        return;
    }
    let attributes = group.attributes().unwrap_or_default();
    if is_data(group, &attributes) {
        found.push((group.clone(), path));
        return;
    }
    let (names, _) = group.member_names().unwrap_or_default();
    for name in names {
        if let Ok(inside) = group.group(&name) {
            search(&inside, format!("{path}/{name}"), depth - 1, seen, found);
        }
    }
}

/// Whether a group has a signal.
fn is_data(group: &Group, attributes: &[Attribute]) -> bool {
    if attribute::find(attributes, "signal").is_some() {
        return true;
    }
    let class = attribute::text(attributes, "NX_class");
    class.as_deref() == Some("NXdata") && old_signal(group).is_some()
}

/// The array whose attribute `signal` is 1.
fn old_signal(group: &Group) -> Option<String> {
    let (_, names) = group.member_names().ok()?;
    names.into_iter().take(MOST_GROUPS).find(|name| {
        group.dataset(name).is_ok_and(|set| attribute::number(&set.attributes(), "signal") == Some(1.0))
    })
}

/// Opens the array of a group.
///
/// # Errors
/// No signal, axes that are missing, too short, in Å⁻¹ or no directions of hkl.
pub(super) fn open(file: &File, found: &Found) -> Result<(Box<dyn Array>, Description)> {
    let Found { group, path, others } = found;
    let attributes = group.attributes().map_err(|e| in_words(&file.name, &e))?;
    let name = attribute::text(&attributes, "signal").or_else(|| old_signal(group)).unwrap_or_default();
    let signal = match group.dataset(&name) {
        Ok(signal) => signal,
        Err(_) if file.missing().is_some() => {
            let other = file.missing().unwrap_or_default();
            let what = format!("the array {path}/{name} is in another file, {}", quote(&other));
            return Err(file.error(what, "both files, opened together"));
        }
        Err(hdf5_reader::error::Error::DatasetNotFound(_)) => {
            let what = format!("{path} names the signal {}, which is not there", quote(&name));
            return Err(file.error(what, "an array of this name"));
        }
        Err(error) => return Err(in_words(&file.name, &error)),
    };
    let own = signal.attributes();
    let (mut voxels, mut about) = Voxels::new(file, signal)?;
    about.layout = format!("NXdata of NeXus, {path}/{name}");
    about.notes.extend(others_note(&file.name, path, others));
    let names = axis_names(group, &attributes, &own, about.shape.len());
    if names.is_empty() {
        // The array of a link's target has its axes in the other file.
        about.notes.push(format!("{}: {path} names no axes.", file.name));
    } else {
        about.axes = Some(axes(file, group, &names, &about.shape)?);
        about.fixed = fixed(file, group, about.axes.as_deref().unwrap_or_default());
    }
    let fits = |title: &str| group.dataset(title).ok().filter(|other| voxels.fits(other));
    let pointed = ["uncertainties", "errors"].iter().filter_map(|key| attribute::text(&own, key));
    let titles = pointed.chain([
        format!("{name}_errors"),
        format!("{name}_error"),
        format!("{name}_uncertainties"),
        "errors".into(),
        "uncertainties".into(),
    ]);
    let sigma = titles.into_iter().find_map(|title| fits(&title));
    let mask = [format!("{name}_mask"), "mask".into()].iter().find_map(|title| fits(title));
    for dataset in [&sigma, &mask].into_iter().flatten() {
        file.numeric(dataset)?;
    }
    about.has_sigma = sigma.is_some();
    about.sigma_fits_f32 = sigma.as_ref().is_some_and(|sigma| kind(sigma).1);
    (voxels.sigma, voxels.mask) = (sigma, mask);
    about.facts = facts::of(file, group, path);
    Ok((Box::new(voxels), about))
}

/// Which of several groups was taken.
fn others_note(name: &str, path: &str, others: &[String]) -> Option<String> {
    const TOLD: usize = 8;
    let more = others.len().saturating_sub(TOLD);
    let mut list = others.iter().take(TOLD).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        list = format!("{list} and {more} more");
    }
    let taken = if path.is_empty() { "the top of the file" } else { path };
    (!others.is_empty()).then(|| {
        format!(
            "{name}: no default says which NXdata is meant; {taken} is taken, beside it there are {list}."
        )
    })
}

/// The names of the axes, one for each index.
fn axis_names(group: &Group, attributes: &[Attribute], signal: &[Attribute], rank: usize) -> Vec<String> {
    let split = |list: Vec<String>| -> Vec<String> {
        match &list[..] {
            // Several names in one text: `h:k:l`, `[h,k,l]`.
            [one] => {
                let inside = one.trim_matches(['[', ']']);
                inside
                    .split([':', ','])
                    .map(|name| name.trim().to_owned())
                    .filter(|n| !n.is_empty())
                    .collect()
            }
            _ => list,
        }
    };
    for list in [attributes, signal] {
        let names = split(attribute::texts(list, "axes"));
        if !names.is_empty() {
            return names;
        }
    }
    // Older still: each axis says which index it belongs to.
    let (_, all) = group.member_names().unwrap_or_default();
    let place = |name: &String| {
        let set = group.dataset(name).ok()?;
        Some((attribute::number(&set.attributes(), "axis")? as usize, name.clone()))
    };
    let mut placed: Vec<(usize, String)> = all.iter().take(MOST_GROUPS).filter_map(place).collect();
    placed.sort();
    placed.dedup_by_key(|(n, _)| *n);
    if placed.len() == rank { placed.into_iter().map(|(_, name)| name).collect() } else { vec![] }
}

/// The axes with their centres.
fn axes(file: &File, group: &Group, names: &[String], shape: &[usize]) -> Result<Vec<GridAxis>> {
    // Indices of length one in front were left away.
    let extra = names.len().saturating_sub(shape.len());
    let names = &names[extra..];
    if names.len() != shape.len() {
        let what = format!("{} axes are named for an array with {} indices", names.len(), shape.len());
        return Err(file.error(what, "one for each"));
    }
    let one = |(name, count): (&String, &usize)| -> Result<GridAxis> {
        let dataset = match group.dataset(name) {
            Ok(dataset) => dataset,
            Err(_) => {
                return Err(file.error(format!("the axis {} is missing", quote(name)), "its coordinates"));
            }
        };
        let axis = direction(file, &dataset, name)?;
        let values = file.coordinates(&dataset)?;
        if dataset.ndim() > 1 {
            let what = format!("the axis {} has {} indices", quote(name), dataset.ndim());
            return Err(file.error(what, "one list of coordinates"));
        }
        Ok(GridAxis { centres: centres(&file.name, name, &values, *count)?, ..axis })
    };
    names.iter().zip(shape).map(one).collect()
}

/// The direction of an axis by its name, or by its long name.
fn direction(file: &File, dataset: &Dataset, name: &str) -> Result<GridAxis> {
    let attributes = dataset.attributes();
    let units = attribute::text(&attributes, "units").unwrap_or_default().to_lowercase();
    let per_length = units.contains("angstrom") || units.contains('å') || units.contains("nm");
    let long = attribute::text(&attributes, "long_name").unwrap_or_default();
    match named(name).or_else(|| named(&long)) {
        Some(_) if per_length => {
            let what = format!("the axis {} is in {}", quote(name), quote(&units));
            Err(file.error(what, "reciprocal-lattice units"))
        }
        Some(axis) => Ok(axis),
        None => {
            let what = format!("the axis {} is no direction in reciprocal space", quote(name));
            Err(file.error(what, "names such as h, Qk or [H,H,0]"))
        }
    }
}

/// Axes with one value for the whole array, such as `Ql` of a plane.
fn fixed(file: &File, group: &Group, axes: &[GridAxis]) -> Vec<(GridAxis, f64)> {
    let (_, names) = group.member_names().unwrap_or_default();
    let one = |name: &String| {
        let axis = named(name).filter(|axis| axes.iter().all(|other| other.direction != axis.direction))?;
        let value = match file.coordinates(&group.dataset(name).ok()?).ok()?[..] {
            [value] => value,
            [low, high] => f64::midpoint(low, high),
            _ => return None,
        };
        Some((axis, value))
    };
    names.iter().take(MOST_GROUPS).filter_map(one).collect()
}
