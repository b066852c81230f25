//! The measured intensities of a file: a table, a list of points, or voxels of a volume.

use super::Files;
use crate::data::Dataset;
#[cfg(feature = "chosen")]
use crate::data::Invalid;
use crate::formats::recognise::volume_format;
#[cfg(feature = "chosen")]
use crate::formats::table::marked;
use crate::formats::table::{Reading, read_csv_in_pieces};
#[cfg(feature = "chosen")]
use crate::formats::{cut, npy};
use crate::job::DataSpec;
use crate::{Error, Result};

/// Reads what `field` of the job names.
#[cfg_attr(not(feature = "chosen"), allow(unused_variables))]
pub(super) async fn read(field: &str, spec: &DataSpec, files: &dyn Files) -> Result<Dataset> {
    #[cfg(feature = "readers")]
    let bytes = {
        use crate::formats::recognise::LOOKED_AT;
        use crate::formats::volume::head;
        let source = unpacked(&spec.file, files)?;
        if volume_format(&head(source.as_ref(), LOOKED_AT)?).is_some() {
            return refuse_left_out(spec, voxels(field, spec, source, files)?);
        }
        head(source.as_ref(), usize::MAX)?
    };
    #[cfg(not(feature = "readers"))]
    let bytes = files.read_in_pieces(&spec.file).await?;
    #[cfg(feature = "chosen")]
    if cut::is_cut(&bytes) {
        return refuse_left_out(spec, cut::read_cut(&spec.file, &bytes, &spec.selection_text()).await?);
    }
    #[cfg(feature = "chosen")]
    if npy::is_points(&bytes) {
        let list = npy::read_points_in_pieces(&spec.file, &bytes).await?;
        return refuse_left_out(spec, points(field, spec, list, files)?);
    }
    if volume_format(&bytes).is_some() {
        let what = "this is a volume of voxels, which this package does not read";
        return Err(Error::file(
            &spec.file,
            what,
            "a list of points, as the package of the readers makes it",
        ));
    }
    #[cfg(feature = "chosen")]
    refuse_selection(field, spec, "a table")?;
    let reading = Reading { invalid: spec.invalid, origin: spec.origin };
    let set = read_csv_in_pieces(&spec.file, &bytes, &reading).await?;
    #[cfg(feature = "chosen")]
    let set = masked(set, spec, files)?;
    Ok(set)
}

/// A file, unpacked if it is packed as a whole.
#[cfg(feature = "readers")]
fn unpacked(name: &str, files: &dyn Files) -> Result<crate::formats::volume::SharedSource> {
    use crate::formats::recognise::LOOKED_AT;
    use crate::formats::volume::{Bytes, head};
    let source = files.open(name)?;
    if volume_format(&head(source.as_ref(), LOOKED_AT)?).is_some() {
        return Ok(source);
    }
    let packed = head(source.as_ref(), usize::MAX)?;
    Ok(Bytes::shared(name, crate::formats::packed::unpack(name, &packed)?.into_owned()))
}

/// Data of a table or a list with the marks of their mask files.
#[cfg(feature = "chosen")]
fn masked(set: Dataset, spec: &DataSpec, files: &dyn Files) -> Result<Dataset> {
    #[cfg(feature = "readers")]
    let read = |name: &str| crate::formats::volume::head(unpacked(name, files)?.as_ref(), usize::MAX);
    #[cfg(not(feature = "readers"))]
    let read = |name: &str| files.read(name);
    marked(set, &spec.selection().masks, spec.origin, &read)
}

/// A list of points, moved to where the job says it begins.
#[cfg(feature = "chosen")]
fn points(field: &str, spec: &DataSpec, set: Dataset, files: &dyn Files) -> Result<Dataset> {
    refuse_selection(field, spec, "a list of points")?;
    masked(set.moved(spec.origin.unwrap_or_default()), spec, files)
}

/// What chooses voxels has no meaning for anything else.
#[cfg(feature = "chosen")]
fn refuse_selection(field: &str, spec: &DataSpec, what: &str) -> Result<()> {
    match spec.selection().of_volumes() {
        Some(name) => Err(Error::job(
            &format!("{field}.{name}"),
            format!("{} is {what}", spec.file),
            "this field for a volume of voxels alone",
        )),
        None => Ok(()),
    }
}

/// Where nothing may be left out, what is left out refuses the file.
#[cfg(feature = "chosen")]
fn refuse_left_out(spec: &DataSpec, set: Dataset) -> Result<Dataset> {
    match set.left_out.first() {
        Some(kind) if spec.invalid == Invalid::Refuse => {
            let said = kind.sentence("");
            let what = said.trim_start_matches(": ").trim_end_matches('.').replace(" left out", "");
            Err(Error::file(&spec.file, what, "measured intensities alone"))
        }
        _ => Ok(set),
    }
}

/// The wanted voxels of a volume, with the files that its links lead to.
#[cfg(feature = "readers")]
fn voxels(
    field: &str,
    spec: &DataSpec,
    source: crate::formats::volume::SharedSource,
    files: &dyn Files,
) -> Result<Dataset> {
    use crate::formats::volume::{Opened, open};
    /// Links lead no farther.
    const MOST_FILES: usize = 5;
    let mut sources = vec![source];
    loop {
        match open(&sources) {
            Ok(Opened::Volume(volume)) => {
                let selection = spec.selection();
                let masks = selection.masks.iter().map(|mask| unpacked(&mask.file, files));
                let masks = masks.collect::<Result<Vec<_>>>()?;
                return volume.load_masked(selection, &masks)?.points();
            }
            Ok(Opened::Points(set)) => return points(field, spec, set, files),
            Err(refusal) => {
                let Some(missing) = refusal.missing.filter(|_| sources.len() < MOST_FILES) else {
                    return Err(refusal.error);
                };
                // Beside the file that asks for it, or beside the job.
                let folder = spec.file.rfind(['/', '\\']).map_or("", |at| &spec.file[..=at]);
                let beside = files.open(&format!("{folder}{missing}"));
                sources.push(beside.map_err(|_| refusal.error)?);
            }
        }
    }
}
