//! Mask files: arrays that say of each voxel of a volume whether it is left out, read tile by tile beside it.

use super::array::{Array, Description, three};
use super::open_mask;
use super::source::SharedSource;
use crate::base::text::quote;
use crate::data::selection::MaskFile;
use crate::{Error, Result};

/// An array with its numbers of voxels along each index.
pub(super) type Shaped = (Box<dyn Array>, Vec<usize>);

/// An open mask file.
pub(super) struct Mask {
    array: Box<dyn Array>,
    file: MaskFile,
}

impl Mask {
    /// Opens a mask for a volume, the file number `at`.
    pub fn open(files: &[SharedSource], at: usize, wanted: &MaskFile, volume: &Description) -> Result<Self> {
        let name = wanted.file.as_str();
        let shape = three(&volume.shape);
        let expected = || format!("{}, as {} has them", voxels(&volume.shape), volume.name);
        let Some((array, found)) = open_mask(files, at, wanted, shape)? else {
            return Err(Error::file(name, "the mask is no array in HDF5, NPY, NPZ or TIFF", expected()));
        };
        if same(&found, shape) {
            return Ok(Mask { array, file: wanted.clone() });
        }
        Err(Error::file(name, format!("the mask has {}", voxels(&found)), expected()))
    }

    /// Sets a bit of `marks` for each voxel that it leaves out.
    pub fn mark(&mut self, start: [usize; 3], count: [usize; 3], bit: u8, marks: &mut [u8]) -> Result<()> {
        let values = self.array.read(start, count)?.values;
        if values.len() != marks.len() {
            let what = format!("{} values where {} were to be read", values.len(), marks.len());
            return Err(Error::file(&self.file.file, what, "a whole array"));
        }
        let left_out = marks.iter_mut().zip(values).filter(|(_, x)| self.file.leaves_out(*x));
        left_out.for_each(|(mark, _)| *mark |= bit);
        Ok(())
    }
}

/// Truth values where intensities are wanted.
pub(super) fn is_mask(name: &str) -> Error {
    Error::file(
        name,
        "the array holds truth values: a mask",
        "intensities; this file goes into the `mask` of their measurement",
    )
}

/// As many voxels along each index, but for leading indices of length one.
fn same(found: &[usize], shape: [usize; 3]) -> bool {
    let extra = found.len().saturating_sub(3);
    found.len() >= 2 && found[..extra].iter().all(|n| *n == 1) && three(&found[extra..]) == shape
}

fn voxels(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("{} voxels", sizes.join(" × "))
}

/// An array that may be the mask.
pub(super) struct Candidate {
    /// Its place in the file.
    pub path: String,
    pub shape: Vec<usize>,
}

/// Which of the arrays of a file is the mask: the one that is named, or the only one that fits, or that is called a mask.
pub(super) fn choose(name: &str, all: &[Candidate], wanted: &MaskFile, shape: [usize; 3]) -> Result<usize> {
    /// So many are named.
    const TOLD: usize = 8;
    let told = |list: &[usize]| -> String {
        let titles =
            list.iter().take(TOLD).map(|n| format!("{} ({})", quote(&all[*n].path), voxels(&all[*n].shape)));
        titles.collect::<Vec<_>>().join(", ")
    };
    let every: Vec<usize> = (0..all.len()).collect();
    let bare = |path: &str| path.trim_matches('/').to_owned();
    if !wanted.dataset.is_empty() {
        let found = every.iter().find(|n| bare(&all[**n].path) == bare(&wanted.dataset));
        return found.copied().ok_or_else(|| {
            let what = format!("there is no array {} (there are {})", quote(&wanted.dataset), told(&every));
            Error::file(name, what, "the `dataset` of the mask to be one of them")
        });
    }
    let called = |list: &[usize]| -> Vec<usize> {
        let title = |n: &usize| all[*n].path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        list.iter().copied().filter(|n| title(n).contains("mask")).collect()
    };
    let fitting: Vec<usize> = every.iter().copied().filter(|n| same(&all[*n].shape, shape)).collect();
    // Where none fits, whoever asks says what is wrong with the one that is meant.
    let meant = if fitting.is_empty() { &every } else { &fitting };
    match (&called(meant)[..], &meant[..]) {
        ([only], _) | (_, [only]) => return Ok(*only),
        _ => {}
    }
    let what = match &meant[..] {
        [] => "there is no array of numbers".to_owned(),
        _ if fitting.is_empty() => format!("no array has {}, there are {}", voxels(&shape), told(meant)),
        _ => format!("several arrays may be the mask: {}", told(meant)),
    };
    Err(Error::file(name, what, "one that is called mask, or the `dataset` of the mask in the job"))
}
