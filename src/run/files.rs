//! The files that a job names: where they come from, under which name they were found, and their fingerprints.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sha256::{Sha256, sha256};
use crate::base::parallel::{Piece, rest};
#[cfg(feature = "chosen")]
use crate::formats::cut::{is_cut, origin};
#[cfg(feature = "readers")]
use crate::formats::volume::{Bytes, SharedSource, Source};
use crate::{Error, Result};

/// Where the files that a job names come from: a folder, or what a person dropped on the page.
pub trait Files {
    /// The content of the file that a job calls `name`.
    ///
    /// # Errors
    /// There is no such file, or it cannot be read.
    fn read(&self, name: &str) -> Result<Vec<u8>>;

    /// The same with rests, as far as there is something to do beside giving the content.
    ///
    /// # Errors
    /// As [`Files::read`].
    fn read_in_pieces<'a>(&'a self, name: &'a str) -> Piece<'a, Result<Vec<u8>>> {
        Box::pin(std::future::ready(self.read(name)))
    }

    /// The same to be read piece by piece.
    ///
    /// # Errors
    /// As [`Files::read`].
    #[cfg(feature = "readers")]
    fn open(&self, name: &str) -> Result<SharedSource> {
        Ok(Bytes::shared(name, self.read(name)?))
    }
}

impl Files for BTreeMap<String, Vec<u8>> {
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        content(name, self.get(name))
    }
}

/// A list has the smaller code and serves where few files are looked up.
impl Files for Vec<(String, Vec<u8>)> {
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        content(name, self.iter().find(|file| file.0 == name).map(|file| &file.1))
    }
}

fn content(name: &str, found: Option<&Vec<u8>>) -> Result<Vec<u8>> {
    found.cloned().ok_or_else(|| Error::file(name, "the file is not here", "a file opened with the job"))
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FileRecord {
    /// As the job calls it.
    pub name: String,
    /// Its length.
    pub bytes: usize,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// Files by their name or, where there is none of that name, by the last part of it: a job travels with its files,
/// not with its folders. What was read is remembered.
pub struct Given<F> {
    files: F,
    records: RefCell<Vec<FileRecord>>,
    notes: RefCell<Vec<String>>,
}

impl<F: Files> Given<F> {
    /// Files of which none has been read.
    pub fn new(files: F) -> Self {
        Given { files, records: RefCell::default(), notes: RefCell::default() }
    }

    /// Every file that was read, once.
    pub fn records(&self) -> Vec<FileRecord> {
        self.records.borrow().clone()
    }

    /// Which files were found under another name.
    pub fn notes(&self) -> Vec<String> {
        self.notes.borrow().clone()
    }
}

impl<F: Files> Given<F> {
    /// What `get` finds under a name or, where there is none of that name, under the last part of it.
    fn find<T>(&self, name: &str, get: impl Fn(&F, &str) -> Result<T>) -> Result<T> {
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        match get(&self.files, name) {
            Err(error) if base != name => {
                let content = get(&self.files, base).map_err(|_| error)?;
                let note = format!("{name}: there is no such file; {base} beside the job is taken.");
                if !self.notes.borrow().contains(&note) {
                    self.notes.borrow_mut().push(note);
                }
                Ok(content)
            }
            other => other,
        }
    }

    fn record(&self, name: &str, bytes: usize, sha256: impl FnOnce() -> Result<String>) -> Result<()> {
        if !self.records.borrow().iter().any(|record| record.name == name) {
            let record = FileRecord { name: name.to_owned(), bytes, sha256: sha256()? };
            self.records.borrow_mut().push(record);
        }
        Ok(())
    }
}

impl<F: Files> Files for Given<F> {
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let content = self.find(name, F::read)?;
        #[cfg(feature = "chosen")]
        if is_cut(&content) {
            // The file itself is what can be checked.
            let (file, _) = origin(name, &content)?;
            self.record(name, file.bytes, || Ok(file.sha256))?;
            for mask in file.masks {
                self.record(&mask.name, mask.bytes, || Ok(mask.sha256))?;
            }
            return Ok(content);
        }
        self.record(name, content.len(), || Ok(sha256(&content)))?;
        Ok(content)
    }

    fn read_in_pieces<'a>(&'a self, name: &'a str) -> Piece<'a, Result<Vec<u8>>> {
        Box::pin(async move {
            let content = self.find(name, F::read)?;
            #[cfg(feature = "chosen")]
            if is_cut(&content) {
                return self.read(name);
            }
            let mut digest = Sha256::new();
            for part in content.chunks(1 << 20) {
                digest.take(part);
                rest().await;
            }
            self.record(name, content.len(), || Ok(digest.finish()))?;
            Ok(content)
        })
    }

    #[cfg(feature = "readers")]
    fn open(&self, name: &str) -> Result<SharedSource> {
        let source = self.find(name, F::open)?;
        self.record(name, source.length() as usize, || digest(source.as_ref()))?;
        Ok(source)
    }
}

/// The fingerprint of a file that is not held as a whole.
#[cfg(feature = "readers")]
fn digest(source: &dyn Source) -> Result<String> {
    let mut digest = super::sha256::Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut at = 0;
    while at < source.length() {
        let count = (source.length() - at).min(1 << 20) as usize;
        source.read_at(at, &mut buffer[..count]).map_err(|e| {
            Error::file(source.name(), format!("the file cannot be read: {e}"), "a readable file")
        })?;
        digest.take(&buffer[..count]);
        at += count as u64;
    }
    Ok(digest.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_its_base_name_and_told() {
        let files = BTreeMap::from([("data.csv".to_owned(), b"abc".to_vec())]);
        let given = Given::new(files);
        assert_eq!(given.read("run1/data.csv").unwrap(), b"abc");
        assert_eq!(given.read("C:\\run1\\data.csv").unwrap(), b"abc");
        assert_eq!(given.notes().len(), 2);
        assert_eq!(given.records()[0].bytes, 3);
        let missing = given.read("run1/other.csv").unwrap_err().to_string();
        assert!(missing.starts_with("run1/other.csv: "), "{missing}");
    }
}
