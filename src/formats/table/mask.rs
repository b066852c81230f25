//! Masks of tables: h, k, l and whether the datum there is left out.

use super::columns::Columns;
use super::csv::{along, impossible};
use super::rows::Table;
use crate::data::Dataset;
use crate::data::Listed;
use crate::data::selection::MaskFile;
use crate::formats::decode;
use crate::formats::recognise::volume_format;
use crate::{Error, Result};

/// A point, and whether it is marked.
type Marked = ([f64; 3], bool);

/// Reads the points h, k, l of a mask, marked where the number in the column `mask` is another than zero. Without a header
/// it is the fourth column. A row that cannot be used refuses the mask.
fn read_mask(name: &str, bytes: &[u8], origin: Option<[f64; 3]>) -> Result<Vec<Marked>> {
    let text = decode(name, bytes)?;
    let mut table = Table::open(name, &text)?;
    let columns = Columns::of_mask(name, &mut table, origin.is_some())?;
    let n = columns.axes.len();
    let mut points = Vec::new();
    let mut row = [0.0; 4];
    while let Some((line, fault)) = table.next_row(&columns.places, &mut row) {
        let hkl = along(&columns.axes, &row, origin.unwrap_or_default());
        if let Some(fault) = fault.or_else(|| impossible(hkl, row[n], None)) {
            return Err(Error::at(name, line, fault.what, fault.expected));
        }
        points.push((hkl, row[n] != 0.0));
    }
    table.refuse_empty(points.is_empty())?;
    Ok(points)
}

/// Data with the marks of their mask files, which `read` gives by name; data that a mask does not list have the mark zero.
///
/// # Errors
/// A mask that is an array, that cannot be read, or that lists none of the data.
pub fn marked(
    mut set: Dataset,
    masks: &[MaskFile],
    origin: Option<[f64; 3]>,
    read: &dyn Fn(&str) -> Result<Vec<u8>>,
) -> Result<Dataset> {
    if masks.is_empty() {
        return Ok(set);
    }
    MaskFile::check(&set.name, masks)?;
    let data = Listed::new(set.hkl.iter().copied());
    let mut marks = vec![0; set.hkl.len()];
    for (n, mask) in masks.iter().enumerate() {
        let name = mask.file.as_str();
        let bytes = read(name)?;
        if volume_format(&bytes).is_some() {
            let expected = format!("a table h, k, l, mask, since {} is no volume of voxels", set.name);
            return Err(Error::file(name, "the mask is an array", expected));
        }
        let points = read_mask(name, &bytes, origin)?;
        if !points.iter().any(|(hkl, _)| data.has(*hkl)) {
            let what = format!("none of the {} points of the mask is among the data", points.len());
            return Err(Error::file(name, what, format!("h, k, l of data in {}", set.name)));
        }
        let listed = Listed::new(points.into_iter().filter(|(_, marked)| *marked).map(|(hkl, _)| hkl));
        for (mark, hkl) in marks.iter_mut().zip(&set.hkl) {
            let number = if listed.has(*hkl) { 1.0 } else { 0.0 };
            *mark |= u8::from(mask.leaves_out(number)) << n;
        }
    }
    set.marks = marks;
    Ok(set)
}
