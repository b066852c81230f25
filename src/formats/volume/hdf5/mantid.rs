//! Mantid's MDHistoWorkspace as SaveMD writes it: `signal[D2,D1,D0]`, edges of the bins in `D0`, `D1`, `D2` whose
//! `long_name` is the direction in hkl, `errors_squared`, `num_events` and `mask`.
//!
//! After `SaveMD2.cpp` of Mantid.

use super::array::Voxels;
use super::attribute;
use super::file::{File, Group};
use crate::Result;
use crate::base::text::quote;
use crate::data::grid::GridAxis;
use crate::formats::volume::array::{Array, Description};
use crate::formats::volume::axes::{centres, named};

/// The group with the data, if the file is laid out like this.
pub(super) fn find(file: &File) -> Option<Group> {
    let workspace = file.group("MDHistoWorkspace")?;
    let data = workspace.group("data").ok()?;
    (data.dataset("signal").is_ok() && data.dataset("D0").is_ok()).then_some(workspace)
}

/// Opens the array.
///
/// # Errors
/// Axes that are no directions of hkl, more than three of them.
pub(super) fn open(file: &File, workspace: &Group) -> Result<(Box<dyn Array>, Description)> {
    let data = workspace.group("data").map_err(|e| super::file::in_words(&file.name, &e))?;
    let signal = file.need(&data, "signal")?;
    let rank = signal.ndim();
    let (mut voxels, mut about) = Voxels::new(file, signal)?;
    let mut axes = Vec::new();
    let matrix = file.group("MDHistoWorkspace/experiment0/logs/W_MATRIX");
    let matrix = matrix.and_then(|group| file.numbers_of(&group, "value"));
    // D0 is the last index.
    for n in (0..rank.min(3)).rev() {
        let name = format!("D{n}");
        let dataset = file.need(&data, &name)?;
        let attributes = dataset.attributes();
        let title = attribute::text(&attributes, "long_name").unwrap_or_default();
        let axis = named(title.split(" in ").next().unwrap_or(&title)).or_else(|| {
            // Columns of the projection are the directions.
            let matrix = matrix.as_ref().filter(|matrix| matrix.len() == 9)?;
            let direction = [0, 1, 2].map(|row| matrix[3 * row + n]);
            Some(GridAxis { name: name.clone(), direction, centres: vec![] })
        });
        let Some(axis) = axis else {
            let what = format!("the axis {name} is {}", quote(&title));
            return Err(file.error(what, "a direction in hkl such as [H,H,0]"));
        };
        let count = about.shape[about.shape.len() - 1 - n];
        let values = file.coordinates(&dataset)?;
        axes.push(GridAxis { centres: centres(&file.name, &name, &values, count)?, ..axis });
    }
    if rank > 3 {
        about.notes.push(format!("{}: a further axis with one bin is summed over.", file.name));
    }
    // A plane has D0 and D1 alone; the grid names axes from the first to the last.
    let fits = |name: &str| data.dataset(name).ok().filter(|other| voxels.fits(other));
    let (squares, events, mask) = (fits("errors_squared"), fits("num_events"), fits("mask"));
    for dataset in [&squares, &events, &mask].into_iter().flatten() {
        file.numeric(dataset)?;
    }
    about.has_sigma = squares.is_some();
    (voxels.sigma, voxels.sigma_is_squared) = (squares, true);
    (voxels.events, voxels.mask) = (events, mask);
    about.axes = Some(axes);
    about.layout = "MDHistoWorkspace of Mantid".into();
    if let Some(lattice) = file.group("MDHistoWorkspace/experiment0/sample/oriented_lattice") {
        let names = ["a", "b", "c", "alpha", "beta", "gamma"];
        let cell = names.map(|n| file.numbers_of(&lattice, &format!("unit_cell_{n}"))?.first().copied());
        let cell: Option<Vec<f64>> = cell.into_iter().collect();
        about.facts.unit_cell = cell.and_then(|cell| <[f64; 6]>::try_from(cell).ok());
    }
    about.facts.title = file.text_of(workspace, "title");
    Ok((Box::new(voxels), about))
}
