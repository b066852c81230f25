//! Measured volumes and planes: voxels of reciprocal space as instruments and programs write them.
//!
//! A file is never held as a whole: [`open`] reads what says how it is laid out, [`Volume::load`] and
//! [`Loading::advance`] the voxels that are wanted, tile by tile.

mod array;
mod axes;
pub(super) mod hdf5;
mod load;
mod mask;
mod npy;
mod npz;
mod source;
mod summary;
mod tiff;
mod watch;
pub(super) mod zip;

pub use array::Description;
pub use load::Loading;
#[cfg(not(target_arch = "wasm32"))]
pub use source::DiskFile;
pub use source::{Bytes, SharedSource, Source, head};
pub use summary::{AxisSummary, MaskSummary, Summary};

use self::array::Array;
use self::mask::Shaped;
use crate::data::Dataset;
use crate::data::selection::{MaskFile, Selection};
use crate::formats::recognise::{LOOKED_AT, VolumeFormat, volume_format};
use crate::formats::table::{Reading, read_csv_as};
use crate::{Error, Result};

/// What a file of voxels turned out to hold.
pub enum Opened {
    /// An array of voxels.
    Volume(Volume),
    /// A list of points.
    Points(Dataset),
}

/// An array of voxels of which nothing but the description has been read.
pub struct Volume {
    array: Box<dyn Array>,
    description: Description,
}

impl Volume {
    /// What is known of it.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Gets ready to read the voxels that are wanted, without mask files.
    ///
    /// # Errors
    /// Axes that are missing or given twice, a region without voxels, more voxels than can be kept.
    pub fn load(self, selection: Selection) -> Result<Loading> {
        self.load_masked(selection, &[])
    }

    /// The same with the mask files of the selection, in its order.
    ///
    /// # Errors
    /// As those of [`Volume::load`]; a mask file that is not there, that is no array, or that has another shape.
    pub fn load_masked(self, selection: Selection, files: &[SharedSource]) -> Result<Loading> {
        MaskFile::check(&self.description.name, &selection.masks)?;
        let open = |(n, wanted): (usize, &MaskFile)| mask::Mask::open(files, n, wanted, &self.description);
        let masks = selection.masks.iter().enumerate().map(open).collect::<Result<_>>()?;
        Loading::new(self.array, self.description, selection, masks)
    }
}

/// Why files cannot be opened.
#[derive(Debug)]
pub struct Refusal {
    /// In words.
    pub error: Error,
    /// The name of a file that is needed as well.
    pub missing: Option<String>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal { error, missing: None }
    }
}

/// Opens what files that belong together hold: the first that has voxels and needs none but the others.
///
/// # Errors
/// No file of a known format, a layout that is not known, a further file that is needed.
pub fn open(sources: &[SharedSource]) -> std::result::Result<Opened, Refusal> {
    let mut first: Option<Refusal> = None;
    for main in 0..sources.len() {
        match open_one(sources, main) {
            // An array that waits for axes may be the target of a link from another file.
            Ok(Opened::Volume(volume)) if volume.description.axes.is_none() && sources.len() > 1 => {
                if main + 1 == sources.len() && first.is_none() {
                    return Ok(Opened::Volume(volume));
                }
                if let Err(error) = volume.description.axes(None, None) {
                    first = first.or(Some(error.into()));
                }
            }
            Ok(opened) => return Ok(opened),
            Err(refusal) => first = first.or(Some(refusal)),
        }
    }
    Err(first.unwrap_or_else(|| Error::file("files", "none is given", "a volume").into()))
}

fn open_one(sources: &[SharedSource], main: usize) -> std::result::Result<Opened, Refusal> {
    let source = &sources[main];
    let name = source.name();
    let head = head(source.as_ref(), LOOKED_AT)?;
    let volume = |(array, description)| Opened::Volume(Volume { array, description });
    match volume_format(&head) {
        Some(VolumeFormat::Hdf5) => match hdf5::open(sources, main) {
            Ok(found) => Ok(volume(found)),
            Err(refused) => Err(Refusal { error: refused.error, missing: refused.missing }),
        },
        Some(VolumeFormat::Npy) => open_npy(source).map_err(Refusal::from),
        Some(VolumeFormat::Npz) => Ok(npz::open(source)?),
        Some(VolumeFormat::Tiff) => Ok(volume(tiff::open(source)?)),
        None => {
            Err(Error::file(name, "this is no volume of a known format", "HDF5, NPY, NPZ or TIFF").into())
        }
    }
}

/// The array of a mask for a volume of this shape, and its own shape; none where the file is no array.
fn open_mask(
    sources: &[SharedSource],
    main: usize,
    wanted: &MaskFile,
    shape: [usize; 3],
) -> Result<Option<Shaped>> {
    let Some(source) = sources.get(main) else {
        return Err(Error::file(&wanted.file, "the mask file is not here", "it beside its measurement"));
    };
    let found = match volume_format(&head(source.as_ref(), LOOKED_AT)?) {
        Some(VolumeFormat::Hdf5) => hdf5::open_mask(sources, main, wanted, shape)?,
        Some(VolumeFormat::Npy) => npy::open_mask(source)?,
        Some(VolumeFormat::Npz) => npz::open_mask(source, wanted, shape)?,
        Some(VolumeFormat::Tiff) => {
            let (array, about) = tiff::open(source)?;
            (array, about.shape)
        }
        None => return Ok(None),
    };
    Ok(Some(found))
}

fn open_npy(source: &SharedSource) -> Result<Opened> {
    let name = source.name();
    let header = npy::header(source)?;
    if matches!(header.element, crate::formats::npy::Element::Fields(_)) {
        let whole = head(source.as_ref(), usize::MAX)?;
        return crate::formats::npy::read_points(name, &whole).map(Opened::Points);
    }
    if let Some(text) = npy::as_table(source)? {
        let mut points = read_csv_as(name, text.as_bytes(), &Reading::default())?;
        points.notes.push(format!("{name}: the columns are taken as h, k, l, intensity, sigma."));
        return Ok(Opened::Points(points));
    }
    let (array, description) = npy::open(source)?;
    Ok(Opened::Volume(Volume { array, description }))
}
