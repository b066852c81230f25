//! What a file was understood as, for people and programs.

use serde::Serialize;

use super::Description;
use crate::base::text::shortest;
use crate::data::Dataset;
use crate::data::grid::{Candidate, Facts, Grid, GridAxis, Holes};
use crate::data::selection::MaskFile;

/// One axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AxisSummary {
    /// As the file calls it, or h, k, l.
    pub name: String,
    /// hkl of one unit along it.
    pub direction: [f64; 3],
    /// Voxels along it.
    pub count: usize,
    /// Coordinate of the first and the last centre.
    pub range: [f64; 2],
    /// From centre to centre; none where that changes, or of a single layer.
    pub step: Option<f64>,
}

impl AxisSummary {
    fn of(axis: &GridAxis) -> Self {
        let centres = &axis.centres;
        let (first, last) = (centres.first().copied(), centres.last().copied());
        let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
        let step = (last - first) / (centres.len().max(2) - 1) as f64;
        let even = centres.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() <= 1e-6 * step.abs());
        AxisSummary {
            name: axis.name.clone(),
            direction: axis.direction,
            count: centres.len(),
            range: [first, last],
            step: (centres.len() > 1 && even).then(|| super::axes::tidy((step * 1e9).round() / 1e9)),
        }
    }
}

/// What one mask file does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MaskSummary {
    /// Its name.
    pub file: String,
    /// Voxels or points with a measurement that it leaves out, whether another does so too or not.
    pub n: usize,
}

impl MaskSummary {
    /// Of each of the files, from the marks of what holds a measurement.
    pub fn all(files: &[MaskFile], marks: impl Iterator<Item = u8>) -> Vec<Self> {
        let mut counts = vec![0; files.len()];
        for mark in marks {
            for (n, count) in counts.iter_mut().enumerate() {
                *count += usize::from(mark >> n & 1);
            }
        }
        files.iter().zip(counts).map(|(mask, n)| MaskSummary { file: mask.file.clone(), n }).collect()
    }
}

/// What a file was understood as.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Summary {
    /// Name of the file.
    pub file: String,
    /// `volume`, `plane` or `points`.
    pub kind: String,
    /// Format and place inside the file.
    pub layout: String,
    /// Voxels along each index as the file has them; the number of points of a list.
    pub shape: Vec<usize>,
    /// Kind of the numbers, as NumPy calls it.
    pub stored: String,
    /// The axes that were read, the slowest first; none before they are known.
    pub axes: Vec<AxisSummary>,
    /// hkl where all coordinates are zero.
    pub origin: [f64; 3],
    /// Whether axes have to be given.
    pub needs_axes: bool,
    /// Whether there are standard uncertainties.
    pub has_sigma: bool,
    /// Voxels or points that hold a measurement; none before they are read.
    pub used: Option<usize>,
    /// Voxels without one.
    pub holes: Vec<Holes>,
    /// Values that may mark more of them.
    pub candidates: Vec<Candidate>,
    /// What mask files leave out of what holds a measurement.
    pub masks: Vec<MaskSummary>,
    /// What the file says besides.
    pub facts: Facts,
    /// What a person should know of how the file was read.
    pub notes: Vec<String>,
}

impl Summary {
    /// Before the voxels are read.
    pub fn of_description(about: &Description) -> Self {
        let axes = about.axes.iter().flatten();
        Summary {
            file: about.name.clone(),
            kind: if about.shape.iter().filter(|n| **n > 1).count() > 2 { "volume" } else { "plane" }.into(),
            layout: about.layout.clone(),
            shape: about.shape.clone(),
            stored: about.stored.clone(),
            axes: axes.map(AxisSummary::of).collect(),
            origin: about.origin,
            needs_axes: about.axes.is_none(),
            has_sigma: about.has_sigma,
            facts: about.facts.clone(),
            notes: about.notes.clone(),
            ..Summary::default()
        }
    }

    /// Once they are.
    pub fn of_grid(about: &Description, grid: &Grid) -> Self {
        Summary {
            axes: grid.axes.iter().map(AxisSummary::of).collect(),
            origin: grid.origin,
            needs_axes: false,
            used: Some(grid.used().count()),
            holes: grid.holes.clone(),
            candidates: grid.candidates.clone(),
            masks: MaskSummary::all(&grid.masks, grid.used().map(|at| grid.marks_of(at))),
            ..Self::of_description(about)
        }
    }

    /// Of a list of points.
    pub fn of_points(points: &Dataset, layout: &str) -> Self {
        let holes = points.left_out.iter();
        let hole =
            |kind: &crate::data::LeftOut| Holes { reason: kind.reason, voxels: kind.rows, value: kind.value };
        Summary {
            file: points.name.clone(),
            kind: "points".into(),
            layout: layout.to_owned(),
            shape: vec![points.hkl.len() + points.left_out.iter().map(|kind| kind.rows).sum::<usize>()],
            stored: "float64".into(),
            has_sigma: points.sigma.is_some(),
            used: Some(points.hkl.len()),
            holes: holes.map(hole).collect(),
            notes: points.notes.clone(),
            ..Summary::default()
        }
    }

    /// In lines for people.
    pub fn text(&self) -> String {
        let sizes: Vec<String> = self.shape.iter().map(usize::to_string).collect();
        let things = if self.kind == "points" { "points" } else { "voxels" };
        let mut out = format!(
            "{}: {}, {}\n  {} {things} of {}, {}\n",
            self.file,
            self.kind,
            self.layout,
            sizes.join(" × "),
            self.stored,
            if self.has_sigma { "with σ" } else { "without σ" },
        );
        for axis in &self.axes {
            let [h, k, l] = axis.direction.map(shortest);
            let step = axis.step.map_or_else(
                || if axis.count > 1 { ", uneven steps".into() } else { String::new() },
                |step| format!(" in steps of {}", shortest(step)),
            );
            let [first, last] = axis.range.map(shortest);
            let range = if axis.count > 1 { format!("{first} to {last}") } else { first };
            out += &format!("  along {} ({h} {k} {l}): {range}{step}, {}\n", axis.name, axis.count);
        }
        if self.origin != [0.0; 3] {
            let [h, k, l] = self.origin.map(shortest);
            out += &format!("  from ({h} {k} {l})\n");
        }
        if self.needs_axes {
            out += "  axes have to be given\n";
        }
        if let Some(used) = self.used {
            out += &format!("  {used} hold a measurement\n");
        }
        for MaskSummary { file, n } in &self.masks {
            out += &format!("  {n} of them are left out by {file}\n");
        }
        let facts = &self.facts;
        if let Some(title) = &facts.title {
            out += &format!("  title: {title}\n");
        }
        if let Some(t) = facts.temperature {
            out += &format!("  temperature: {} K\n", shortest(t));
        }
        if let Some(cell) = facts.unit_cell {
            out += &format!("  unit cell: {}\n", cell.map(shortest).join(" "));
        }
        if let Some(wavelength) = facts.wavelength {
            out += &format!("  wavelength: {} Å\n", shortest(wavelength));
        }
        out
    }
}
