//! `tds data`: what a measurement is understood as, and its points as a table.

use std::borrow::Cow;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tds_inversion::data::Dataset;
use tds_inversion::data::grid::Grid;
use tds_inversion::data::shape::Shape;
use tds_inversion::formats::packed::unpack;
use tds_inversion::formats::recognise::{Kind, recognise};
use tds_inversion::formats::table::{Reading, marked, read_csv_as, write_csv};
use tds_inversion::formats::volume::{
    Bytes, DiskFile, MaskSummary, Opened, SharedSource, Summary, head, open,
};
use tds_inversion::job::DataSpec;
use tds_inversion::{Error, Result};

use super::{print, tell, write};

/// So many bytes say what a file is.
const LOOKED_AT: usize = 20_000;

/// What was read.
enum Measurement {
    Volume(Box<Grid>, Vec<usize>),
    Points(Box<Dataset>),
}

/// Reads files that belong together, says what they hold, and writes the points.
pub fn run(files: &[PathBuf], out: Option<&Path>, json: bool, spec: Option<&str>) -> Result<ExitCode> {
    let mut spec = spec.map(DataSpec::from_json).transpose()?.unwrap_or_default();
    spec.mask.retain(Shape::is_on);
    let sources: Vec<SharedSource> =
        files.iter().map(|path| DiskFile::open(&path.display().to_string(), path)).collect::<Result<_>>()?;
    let (summary, measurement) = understand(&sources, &spec)?;
    for note in &summary.notes {
        tell(&format_args!("note: {note}"));
    }
    if let Some(path) = out {
        match &measurement {
            Measurement::Volume(grid, places) => write_grid(path, grid, places)?,
            Measurement::Points(set) => {
                write(path, &write_csv(&set.hkl, &set.intensity, set.sigma.as_deref()))?;
            }
        }
    }
    if json {
        let text = serde_json::to_string_pretty(&summary)
            .map_err(|e| Error::file(&summary.file, e.to_string(), "a summary that can be written"))?;
        print(&(text + "\n"))?;
    } else {
        print(&summary.text())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn understand(sources: &[SharedSource], spec: &DataSpec) -> Result<(Summary, Measurement)> {
    let Some(first) = sources.first() else {
        return Err(Error::file("files", "none is given", "a measurement"));
    };
    let name = first.name();
    let chosen = |what: &str| match spec.selection().of_volumes() {
        Some(field) => {
            let what = format!("{name} is {what}");
            Err(Error::job(&format!("data[].{field}"), what, "this field for a volume of voxels alone"))
        }
        None => Ok(()),
    };
    if recognise(&head(first.as_ref(), LOOKED_AT)?) != Kind::Volume {
        if sources.len() > 1 {
            return Err(Error::file(name, "this is no volume", "one file, or volumes that belong together"));
        }
        let packed = head(first.as_ref(), usize::MAX)?;
        let bytes = unpack(name, &packed)?;
        match recognise(&bytes) {
            Kind::Volume if matches!(bytes, Cow::Owned(_)) => {
                return understand(&[Bytes::shared(name, bytes.into_owned())], spec);
            }
            Kind::Data | Kind::Archive | Kind::Binary => {}
            kind => return Err(Error::file(name, format!("this is {}", kind.title()), "a measurement")),
        }
        chosen("a table")?;
        let reading = Reading { invalid: spec.invalid, origin: spec.origin };
        return points(read_csv_as(name, &bytes, &reading)?, "table", spec);
    }
    match open(sources).map_err(|refusal| refusal.error)? {
        Opened::Points(set) => {
            chosen("a list of points")?;
            points(set.moved(spec.origin.unwrap_or_default()), "list of points", spec)
        }
        Opened::Volume(volume) => {
            let selection = spec.selection();
            let masks = selection.masks.iter().map(|mask| file(&mask.file)).collect::<Result<Vec<_>>>()?;
            let mut loading = volume.load_masked(selection, &masks)?;
            while !loading.is_done() {
                loading.advance()?;
            }
            let (grid, about) = loading.finish()?;
            let mut summary = Summary::of_grid(&about, &grid);
            let mut places: Vec<usize> = match &spec.plane {
                Some(plane) => grid.on_plane(plane)?,
                None => grid.used().collect(),
            };
            summary.used = Some(places.len());
            summary.masks = MaskSummary::all(&grid.masks, places.iter().map(|at| grid.marks_of(*at)));
            places.retain(|at| grid.marks_of(*at) == 0);
            summary.notes = grid.dataset_of(&[]).notes;
            Ok((summary, Measurement::Volume(Box::new(grid), places)))
        }
    }
}

/// A file, unpacked if it is packed as a whole.
fn file(name: &str) -> Result<SharedSource> {
    let source = DiskFile::open(name, Path::new(name))?;
    if recognise(&head(source.as_ref(), LOOKED_AT)?) == Kind::Volume {
        return Ok(source);
    }
    Ok(Bytes::shared(name, unpack(name, &head(source.as_ref(), usize::MAX)?)?.into_owned()))
}

/// Points, without what mask files leave out.
fn points(set: Dataset, layout: &str, spec: &DataSpec) -> Result<(Summary, Measurement)> {
    let mut summary = Summary::of_points(&set, layout);
    let masks = spec.selection().masks;
    let set = marked(set, &masks, spec.origin, &|name| head(file(name)?.as_ref(), usize::MAX))?;
    summary.masks = MaskSummary::all(&masks, set.marks.iter().copied());
    let kept: Vec<usize> = (0..set.hkl.len()).filter(|row| set.marks_of(*row) == 0).collect();
    let of = |list: &[f64]| kept.iter().map(|row| list[*row]).collect::<Vec<f64>>();
    let left = Dataset {
        hkl: kept.iter().map(|row| set.hkl[*row]).collect(),
        intensity: of(&set.intensity),
        sigma: set.sigma.as_deref().map(of),
        marks: vec![],
        ..set
    };
    Ok((summary, Measurement::Points(Box::new(left))))
}

/// Writes line by line: a volume as text has many times its size.
fn write_grid(path: &Path, grid: &Grid, places: &[usize]) -> Result<()> {
    let wrong = |e: std::io::Error| {
        Error::file(&path.display().to_string(), e.to_string(), "a place that can be written")
    };
    let mut out = BufWriter::new(std::fs::File::create(path).map_err(wrong)?);
    let sigma = if grid.sigma.is_some() { ",sigma" } else { "" };
    writeln!(out, "h,k,l,intensity{sigma}").map_err(wrong)?;
    for &at in places {
        let [h, k, l] = grid.hkl(grid.voxel(at));
        write!(out, "{h},{k},{l},{}", grid.values.text(at)).map_err(wrong)?;
        if let Some(sigma) = &grid.sigma {
            write!(out, ",{}", sigma.text(at)).map_err(wrong)?;
        }
        writeln!(out).map_err(wrong)?;
    }
    out.flush().map_err(wrong)
}
