//! The files of a job as the engine reads them: foreign ones turned into its own forms.

use std::cell::RefCell;
#[cfg(feature = "readers")]
use std::collections::BTreeMap;

use super::Files;
use crate::Result;

/// Files of which CIF, Quantum ESPRESSO, TDEP, HDF5 and packed ones are given in the engine's forms, under their
/// own names. Without the feature `readers` all are given as they are.
pub(super) struct Understood<'a> {
    files: &'a dyn Files,
    /// The file of the crystal, which others may need.
    #[cfg_attr(not(feature = "readers"), allow(dead_code))]
    crystal: Option<&'a str>,
    #[cfg(feature = "readers")]
    read: RefCell<BTreeMap<String, Vec<u8>>>,
    notes: RefCell<Vec<String>>,
}

impl<'a> Understood<'a> {
    pub fn new(files: &'a dyn Files, crystal: Option<&'a str>) -> Self {
        Understood {
            files,
            crystal,
            #[cfg(feature = "readers")]
            read: RefCell::default(),
            notes: RefCell::default(),
        }
    }

    /// What there is to say of the files that were read.
    pub fn notes(&self) -> Vec<String> {
        self.notes.borrow().clone()
    }

    #[cfg(feature = "readers")]
    fn own_form(&self, name: &str, bytes: Vec<u8>) -> Result<Vec<u8>> {
        if !crate::formats::recognise::recognise(&bytes).is_foreign() {
            return Ok(bytes);
        }
        let mut others = Vec::new();
        if let Some(crystal) = self.crystal.filter(|crystal| *crystal != name) {
            others.push((crystal.to_owned(), self.read(crystal)?));
        }
        let found = crate::formats::canonical(name, &bytes, &others)?;
        self.notes.borrow_mut().extend(found.notes);
        Ok(found.files.into_iter().next().map_or(bytes, |(_, content)| content))
    }
}

impl Files for Understood<'_> {
    #[cfg(not(feature = "readers"))]
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        self.files.read(name)
    }

    #[cfg(feature = "readers")]
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        if let Some(known) = self.read.borrow().get(name) {
            return Ok(known.clone());
        }
        let content = self.own_form(name, self.files.read(name)?)?;
        self.read.borrow_mut().insert(name.to_owned(), content.clone());
        Ok(content)
    }
}
