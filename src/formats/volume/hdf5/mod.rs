//! HDF5: which of the known layouts a file has.

mod array;
mod attribute;
mod blosc;
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
use super::source::SharedSource;
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
