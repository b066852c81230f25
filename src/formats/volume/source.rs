//! Files of any size, of which only parts are held.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use crate::{Error, Result};

/// A file that is read piece by piece.
pub trait Source: Send + Sync {
    /// Its name, as the person knows it.
    fn name(&self) -> &str;

    /// Its length in bytes.
    fn length(&self) -> u64;

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    /// The file cannot be read, or ends before.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// A file that is shared by its readers.
pub type SharedSource = Arc<dyn Source>;

/// Bytes that are at hand as a whole.
pub struct Bytes {
    name: String,
    bytes: Vec<u8>,
}

impl Bytes {
    /// The bytes under a name.
    pub fn shared(name: &str, bytes: Vec<u8>) -> SharedSource {
        Arc::new(Bytes { name: name.to_owned(), bytes })
    }
}

impl Source for Bytes {
    fn name(&self) -> &str {
        &self.name
    }

    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let part = self.bytes.get(start..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// A file on a disk.
#[cfg(not(target_arch = "wasm32"))]
pub struct DiskFile {
    name: String,
    file: std::sync::Mutex<std::fs::File>,
    length: u64,
}

#[cfg(not(target_arch = "wasm32"))]
impl DiskFile {
    /// Opens the file at `path`, which people know as `name`.
    ///
    /// # Errors
    /// There is no such file, or it cannot be read.
    pub fn open(name: &str, path: &std::path::Path) -> Result<SharedSource> {
        let wrong = |e: io::Error| Error::file(name, e.to_string(), "a readable file");
        let file = std::fs::File::open(path).map_err(wrong)?;
        let about = file.metadata().map_err(wrong)?;
        if about.is_dir() {
            return Err(Error::file(name, "this is a folder", "a file"));
        }
        let file = std::sync::Mutex::new(file);
        Ok(Arc::new(DiskFile { name: name.to_owned(), file, length: about.len() }))
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Source for DiskFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.lock().map_err(|_| io::ErrorKind::Other)?;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}

/// The bytes from `offset` on; an error in words where they are not there.
pub(super) fn bytes_at(source: &dyn Source, offset: u64, length: usize) -> Result<Vec<u8>> {
    let cut = || {
        let what = format!("the file ends at byte {}, before what it says it holds", source.length());
        Error::file(source.name(), what, "the whole file")
    };
    let end = offset.checked_add(length as u64).ok_or_else(cut)?;
    if end > source.length() {
        return Err(cut());
    }
    let mut buffer = vec![0; length];
    source.read_at(offset, &mut buffer).map_err(|e| {
        Error::file(source.name(), format!("the file cannot be read: {e}"), "a readable file")
    })?;
    Ok(buffer)
}

/// The first bytes of a file, at most so many.
///
/// # Errors
/// The file cannot be read.
pub fn head(source: &dyn Source, most: usize) -> Result<Vec<u8>> {
    bytes_at(source, 0, usize::try_from(source.length()).unwrap_or(usize::MAX).min(most))
}

/// A part of a file as a file of its own.
pub(super) struct Part {
    pub inner: SharedSource,
    pub start: u64,
    pub length: u64,
}

impl Source for Part {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if offset.checked_add(buffer.len() as u64).is_none_or(|end| end > self.length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.inner.read_at(self.start + offset, buffer)
    }
}

/// Reads a source from a place that moves, as codecs want it.
pub(super) struct Cursor {
    source: SharedSource,
    at: u64,
    /// What was read ahead, and where it begins.
    ahead: Vec<u8>,
    ahead_at: u64,
}

impl Cursor {
    /// From the beginning.
    pub fn new(source: SharedSource) -> Self {
        Cursor { source, at: 0, ahead: vec![], ahead_at: 0 }
    }
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const AHEAD: u64 = 65_536;
        let left = self.source.length().saturating_sub(self.at);
        let inside = self.at.checked_sub(self.ahead_at).filter(|n| *n < self.ahead.len() as u64);
        let skip = match inside {
            Some(skip) => skip as usize,
            None if left == 0 || buffer.is_empty() => return Ok(0),
            None => {
                self.ahead.resize(left.min(AHEAD) as usize, 0);
                self.source.read_at(self.at, &mut self.ahead)?;
                self.ahead_at = self.at;
                0
            }
        };
        let count = buffer.len().min(self.ahead.len() - skip);
        buffer[..count].copy_from_slice(&self.ahead[skip..skip + count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.source.length().checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
