//! HDF5: which of the known layouts a file has.

mod array;
mod attribute;
mod blosc;
mod blosc2;
mod codec;
mod facts;
mod file;
mod filters;
mod lzf;
mod mantid;
mod nexus;
mod yell;

pub(in crate::formats) use file::in_words;
pub(in crate::formats) use filters::registry;

use super::array::{Array, Description};
use super::mask::{Candidate, Shaped, choose};
use super::source::SharedSource;
use crate::data::selection::MaskFile;
use crate::{Error, Result};

/// What could not be opened, and the file that is wanted for it.
pub(super) struct Refused {
    pub error: Error,
    pub missing: Option<String>,
}

/// Opens the array of one of the files; links may lead to the others.
pub(super) fn open(
    sources: &[SharedSource],
    main: usize,
) -> std::result::Result<(Box<dyn Array>, Description), Refused> {
    let file = file::File::open(sources, main).map_err(|error| Refused { error, missing: None })?;
    let found = layout(&file);
    found.map_err(|error| Refused { missing: file.missing(), error })
}

/// The mask among the arrays of one of the files, and its shape.
pub(super) fn open_mask(
    sources: &[SharedSource],
    main: usize,
    wanted: &MaskFile,
    shape: [usize; 3],
) -> Result<Shaped> {
    let file = file::File::open(sources, main)?;
    let mut all = Vec::new();
    arrays(file.root(), "", DEEPEST, &mut all);
    let candidates: Vec<Candidate> = all
        .iter()
        .map(|(path, array)| Candidate {
            path: path.clone(),
            shape: array.shape().iter().map(|n| usize::try_from(*n).unwrap_or(usize::MAX)).collect(),
        })
        .collect();
    let at = choose(&file.name, &candidates, wanted, shape)?;
    let (voxels, about) = array::Voxels::new(&file, all.swap_remove(at).1)?;
    Ok((Box::new(voxels), about.shape))
}

/// So many arrays are looked at, and so deep.
const MOST_ARRAYS: usize = 500;
const DEEPEST: usize = 8;

/// Planes and volumes of numbers with their paths.
fn arrays(group: &file::Group, path: &str, depth: usize, found: &mut Vec<(String, file::Dataset)>) {
    let (groups, names) = group.member_names().unwrap_or_default();
    for name in names {
        if found.len() < MOST_ARRAYS
            && let Ok(array) = group.dataset(&name)
            && array.ndim() >= 2
            && file::is_numeric(&array)
        {
            found.push((format!("{path}{name}"), array));
        }
    }
    for name in groups.into_iter().take(MOST_ARRAYS) {
        if depth > 0
            && found.len() < MOST_ARRAYS
            && let Ok(inside) = group.group(&name)
        {
            arrays(&inside, &format!("{path}{name}/"), depth - 1, found);
        }
    }
}

fn layout(file: &file::File) -> Result<(Box<dyn Array>, Description)> {
    if yell::is_it(file) {
        return yell::open(file);
    }
    if let Some(workspace) = mantid::find(file) {
        return mantid::open(file, &workspace);
    }
    if let Some(found) = nexus::find(file) {
        return nexus::open(file, &found);
    }
    if let Some(other) = file.missing() {
        let what = format!("the data are in another file, `{other}`");
        return Err(file.error(what, "both files, opened together"));
    }
    // A damaged file says so where it was first looked into.
    let names = file.root().member_names().map_err(|e| file::in_words(&file.name, &e))?;
    let all: Vec<String> = names.0.into_iter().chain(names.1).take(8).collect();
    let what = format!("no volume is found; at the top there are {}", all.join(", "));
    Err(file.error(what, "NXdata of NeXus, MDHistoWorkspace of Mantid, or the layout of Yell 1.0"))
}
