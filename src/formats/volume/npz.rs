//! NumPy's NPZ: an archive of arrays, of which one holds intensities, others the axes (as lists, or as three arrays of
//! the full shape), σ and a mask, by their names.

use super::array::{Array, Description, Flag, Tile};
use super::axes::{centres, named, tidy};
use super::mask::{Candidate, Shaped, choose, is_mask};
use super::npy::{Npy, plane_or_volume, reordered};
use super::source::SharedSource;
use super::{Opened, Volume, zip};
use crate::base::text::{quote, shortest};
use crate::data::grid::GridAxis;
use crate::data::selection::MaskFile;
use crate::formats::npy::Header;
use crate::formats::table::{Reading, is_intensity, is_sigma, read_csv_as};
use crate::{Error, Result};

struct Member {
    title: String,
    source: SharedSource,
    header: Header,
}

/// The arrays of an archive.
fn members(source: &SharedSource) -> Result<Vec<Member>> {
    let member = |(title, inside): (String, SharedSource)| {
        // NumPy puts nothing else into its archives.
        let Some(title) = title.strip_suffix(".npy") else { return Err(zip::refusal(source)) };
        let header = super::npy::header(&inside)?;
        Ok(Member { title: title.to_owned(), source: inside, header })
    };
    zip::entries(source)?.into_iter().map(member).collect()
}

/// The mask among the arrays of an archive, and its shape.
pub(super) fn open_mask(source: &SharedSource, wanted: &MaskFile, shape: [usize; 3]) -> Result<Shaped> {
    let members = members(source)?;
    let all: Vec<Candidate> =
        members.iter().map(|m| Candidate { path: m.title.clone(), shape: m.header.shape.clone() }).collect();
    super::npy::open_mask(&members[choose(source.name(), &all, wanted, shape)?].source)
}

/// Opens an archive.
///
/// # Errors
/// No array of intensities, or several; axes of another length.
pub(super) fn open(source: &SharedSource) -> Result<Opened> {
    let name = source.name();
    let members = members(source)?;
    let signal = signal(name, &members)?;
    let shape = signal.header.shape.clone();
    let axis = |n: usize| {
        let letter = ["h", "k", "l"][n];
        members.iter().find(|m| named(&m.title).is_some_and(|axis| axis.name == letter))
    };
    let coordinates = [axis(0), axis(1), axis(2)];
    if shape.len() == 1 {
        return points(name, signal, coordinates, &members);
    }
    let (npy, header) = Npy::open(&signal.source)?;
    if npy.scalar().is_truth() {
        return Err(is_mask(name));
    }
    let mut about = Description {
        name: name.to_owned(),
        layout: format!("archive of NumPy, array {}", signal.title),
        shape: plane_or_volume(name, &shape)?,
        stored: npy.scalar().name(),
        fits_f32: npy.scalar().fits_f32(),
        ..Description::default()
    };
    let (found, fixed) = axes(name, &shape, coordinates, &mut about)?;
    (about.axes, about.fixed) = (found, fixed);
    let beside = |wanted: &dyn Fn(&str) -> bool| -> Result<Option<Box<dyn Array>>> {
        let found = members.iter().find(|m| wanted(&m.title) && m.header.shape == shape);
        let Some(member) = found else { return Ok(None) };
        let (npy, header) = Npy::open(&member.source)?;
        Ok(Some(reordered(Box::new(npy), about.clone(), header.fortran_order).0))
    };
    let sigma = beside(&|title| is_sigma(title))?;
    let mask = beside(&|title| title.eq_ignore_ascii_case("mask"))?;
    about.has_sigma = sigma.is_some();
    let (values, about) = reordered(Box::new(npy), about, header.fortran_order);
    Ok(Opened::Volume(Volume { array: Box::new(Together { values, sigma, mask }), description: about }))
}

/// The array of intensities.
fn signal<'a>(name: &str, members: &'a [Member]) -> Result<&'a Member> {
    let known = ["data", "signal", "volume", "v", "values"];
    let by_name =
        |m: &&Member| is_intensity(&m.title) || known.contains(&m.title.to_ascii_lowercase().as_str());
    let beside = |m: &&Member| {
        named(&m.title).is_none() && !is_sigma(&m.title) && !m.title.eq_ignore_ascii_case("mask")
    };
    let known: Vec<&Member> = members.iter().filter(by_name).collect();
    let rest = || members.iter().filter(beside).filter(|m| m.header.shape.len() >= 2).collect();
    let candidates: Vec<&Member> = if known.is_empty() { rest() } else { known };
    match candidates[..] {
        [one] => Ok(one),
        _ => {
            let titles: Vec<String> = members.iter().take(8).map(|m| quote(&m.title)).collect();
            let what = format!("the archive holds {}", titles.join(", "));
            Err(Error::file(name, what, "one array called intensity or data, and h, k, l"))
        }
    }
}

type Found = (Option<Vec<GridAxis>>, Vec<(GridAxis, f64)>);

/// The axes that the archive has for the array's indices, and those with one value.
fn axes(
    name: &str,
    shape: &[usize],
    coordinates: [Option<&Member>; 3],
    about: &mut Description,
) -> Result<Found> {
    let [Some(h), Some(k), Some(l)] = coordinates else {
        // Of a plane one may be missing.
        let given: Vec<&Member> = coordinates.into_iter().flatten().collect();
        return match given.len() {
            2 if shape.len() == 2 => lists(name, shape, &given),
            0 => Ok((None, vec![])),
            n => Err(Error::file(name, format!("{n} of the axes h, k, l are in the archive"), "all of them")),
        };
    };
    if [h, k, l].iter().all(|m| m.header.shape == shape) {
        let (axes, origin) = meshgrid(name, shape, [h, k, l])?;
        about.origin = origin;
        return Ok((Some(axes), vec![]));
    }
    lists(name, shape, &[h, k, l])
}

/// Lists of coordinates: h for the first index, k for the second, l for the third; a single number is an axis of its
/// own.
fn lists(name: &str, shape: &[usize], members: &[&Member]) -> Result<Found> {
    let (mut axes, mut fixed) = (Vec::new(), Vec::new());
    for member in members {
        let values = Npy::open(&member.source)?.0.all()?;
        let axis = named(&member.title)
            .ok_or_else(|| Error::file(name, format!("{} is no axis", quote(&member.title)), "h, k or l"))?;
        match values[..] {
            [value] if members.len() > shape.len() => fixed.push((axis, value)),
            _ if axes.len() < shape.len() => {
                let centres = centres(name, &member.title, &values, shape[axes.len()])?;
                axes.push(GridAxis { centres, ..axis });
            }
            _ => {
                let what = format!("{} axes for an array with {} indices", members.len(), shape.len());
                return Err(Error::file(name, what, "one for each"));
            }
        }
    }
    Ok((Some(axes), fixed))
}

/// The axes of three arrays with h, k and l of every voxel, if these form a lattice of straight lines.
fn meshgrid(name: &str, shape: &[usize], members: [&Member; 3]) -> Result<(Vec<GridAxis>, [f64; 3])> {
    const MOST: usize = 1 << 24;
    if shape.iter().product::<usize>() > MOST {
        return Err(Error::file(name, "h, k and l of every voxel are too many", "the axes as lists"));
    }
    let mut values = Vec::new();
    for member in members {
        let (npy, header) = Npy::open(&member.source)?;
        let about = Description { shape: shape.to_vec(), ..Description::default() };
        let (mut array, _) = reordered(Box::new(npy), about, header.fortran_order);
        values.push(array.read([0; 3], super::array::three(shape))?.values);
    }
    let hkl = |at: usize| [values[0][at], values[1][at], values[2][at]];
    let origin = hkl(0);
    let mut axes = Vec::new();
    for index in 0..shape.len() {
        let stride: usize = shape[index + 1..].iter().product();
        let from_first = |n: usize| {
            let here = hkl(n * stride);
            [0, 1, 2].map(|m| here[m] - origin[m])
        };
        let end = from_first(shape[index] - 1);
        let largest = (0..3).fold(0, |best, m| if end[m].abs() > end[best].abs() { m } else { best });
        let direction = if end[largest] == 0.0 {
            [0.0; 3]
        } else {
            end.map(|x| tidy((x / end[largest] * 1e8).round() / 1e8))
        };
        let centres: Vec<f64> = (0..shape[index]).map(|n| tidy(from_first(n)[largest])).collect();
        let unit = super::axes::UNITS.iter().find(|(_, unit)| *unit == direction);
        axes.push(GridAxis {
            name: unit.map_or_else(|| format!("{direction:?}"), |u| u.0.into()),
            direction,
            centres,
        });
    }
    // Every voxel has to be where its lines cross.
    let total: usize = shape.iter().product();
    for at in 0..total {
        let (mut rest, mut there) = (at, origin);
        for (axis, size) in axes.iter().zip(shape).rev() {
            let n = rest % size;
            rest /= size;
            for m in 0..3 {
                there[m] += axis.direction[m] * axis.centres[n];
            }
        }
        let here = hkl(at);
        if !(0..3).all(|m| (here[m] - there[m]).abs() < 1e-6) {
            return Err(Error::file(
                name,
                "h, k and l of the voxels form no lattice of straight lines",
                "axes",
            ));
        }
    }
    // Coordinates from zero where the axes are h, k, l; an axis of one layer is added by whoever needs it.
    let mut origin = origin;
    for axis in &mut axes {
        if let Some(n) = super::axes::UNITS.iter().position(|(_, unit)| *unit == axis.direction) {
            axis.centres.iter_mut().for_each(|x| *x = tidy(*x + origin[n]));
            origin[n] = 0.0;
        }
    }
    if shape.len() == 2 {
        axes.insert(0, super::axes::open(&axes));
    } else if let Some(at) = axes.iter().position(|axis| axis.direction == [0.0; 3]) {
        let others: Vec<GridAxis> = axes.iter().filter(|axis| axis.direction != [0.0; 3]).cloned().collect();
        axes[at] = super::axes::open(&others);
    }
    Ok((axes, origin))
}

/// Lists of the same length: points.
fn points(
    name: &str,
    signal: &Member,
    coordinates: [Option<&Member>; 3],
    members: &[Member],
) -> Result<Opened> {
    let [Some(h), Some(k), Some(l)] = coordinates else {
        return Err(Error::file(name, "the intensities are a list without h, k and l", "lists h, k, l"));
    };
    let sigma = members.iter().find(|m| is_sigma(&m.title));
    let mut columns = Vec::new();
    for member in [h, k, l, signal].into_iter().chain(sigma) {
        if member.header.shape != signal.header.shape
            || member.header.shape.iter().product::<usize>() > 1 << 24
        {
            let what = format!("{} has another number of values than {}", quote(&member.title), signal.title);
            return Err(Error::file(name, what, "lists of one length, at most 16777216"));
        }
        columns.push(Npy::open(&member.source)?.0.all()?);
    }
    let mut text =
        String::from(if columns.len() == 5 { "h,k,l,intensity,sigma\n" } else { "h,k,l,intensity\n" });
    for row in 0..columns[0].len() {
        let fields: Vec<String> = columns.iter().map(|column| shortest(column[row])).collect();
        text += &fields.join(",");
        text.push('\n');
    }
    Ok(Opened::Points(read_csv_as(name, text.as_bytes(), &Reading::default())?))
}

/// Intensities with σ and a mask from arrays of the same shape.
struct Together {
    values: Box<dyn Array>,
    sigma: Option<Box<dyn Array>>,
    mask: Option<Box<dyn Array>>,
}

impl Array for Together {
    fn tile(&self) -> [usize; 3] {
        self.values.tile()
    }

    fn read(&mut self, start: [usize; 3], count: [usize; 3]) -> Result<Tile> {
        let mut tile = self.values.read(start, count)?;
        if let Some(sigma) = &mut self.sigma {
            tile.sigma = sigma.read(start, count)?.values;
        }
        if let Some(mask) = &mut self.mask {
            let mask = mask.read(start, count)?.values;
            tile.flags = mask.iter().map(|x| if *x == 0.0 { Flag::None } else { Flag::Masked }).collect();
        }
        Ok(tile)
    }
}
