//! The files inside a zip archive, read from its central directory; stored or deflated.
//!
//! Format: PKWARE APPNOTE 6.3, with Zip64.

use std::io;
use std::sync::{Arc, Mutex};

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::source::{Part, SharedSource, Source, bytes_at};
use crate::{Error, Result};

/// No archive of arrays has more entries.
const MOST_ENTRIES: usize = 1000;

/// Deflate gives at most this many times the bytes that it takes.
const RATIO: u64 = 1032;

/// The files inside, by name.
pub(super) fn entries(source: &SharedSource) -> Result<Vec<(String, SharedSource)>> {
    let mut found = Vec::new();
    for (_, entry) in directory(source)? {
        found.extend(entry?);
    }
    Ok(found)
}

/// Says what is inside an archive that is not read as a whole, and what to do with it.
pub(in crate::formats) fn refusal(source: &SharedSource) -> Error {
    const TOLD: usize = 6;
    let name = source.name();
    let listed = match directory(source) {
        Ok(listed) => listed,
        Err(error) => return error,
    };
    // Folders, and what macOS adds.
    let is_file = |title: &&String| {
        !title.ends_with('/') && !title.starts_with("__MACOSX/") && !title.ends_with(".DS_Store")
    };
    let titles: Vec<&String> = listed.iter().map(|(title, _)| title).filter(is_file).collect();
    if titles.iter().any(|title| ["[Content_Types].xml", "content.xml"].contains(&title.as_str())) {
        return Error::file(name, "this is a document of an office program", "the table saved as CSV");
    }
    let shown: Vec<String> = titles
        .iter()
        .take(TOLD)
        .map(|title| title.chars().filter(|c| !c.is_control()).take(80).collect())
        .collect();
    let mut list = shown.join(", ");
    if titles.len() > TOLD {
        list = format!("{list} and {} more", titles.len() - TOLD);
    }
    match titles.len() {
        0 => Error::file(name, "this is a zip archive without a file", "one that holds a measurement"),
        1 => Error::file(name, format!("this is a zip archive that holds {list}"), "that file unpacked"),
        n => {
            let what = format!("this is a zip archive of {n} files: {list}");
            Error::file(name, what, "them unpacked, so that each can be chosen")
        }
    }
}

/// The names in the archive, with the files that can be read.
fn directory(source: &SharedSource) -> Result<Vec<(String, Entry)>> {
    let name = source.name();
    let damaged = || Error::file(name, "the zip archive is cut off or damaged", "a whole archive");
    let length = source.length();
    let tail_length = length.min(65_557) as usize;
    let tail = bytes_at(source.as_ref(), length - tail_length as u64, tail_length)?;
    let end = tail.windows(4).rposition(|w| w == b"PK\x05\x06").ok_or_else(damaged)?;
    let mut count = little(&tail, end + 10, 2).ok_or_else(damaged)?;
    let mut size = little(&tail, end + 12, 4).ok_or_else(damaged)?;
    let mut start = little(&tail, end + 16, 4).ok_or_else(damaged)?;
    if let Some(at) = end.checked_sub(20)
        && tail[at..].starts_with(b"PK\x06\x07")
    {
        let record = bytes_at(source.as_ref(), little(&tail, at + 8, 8).ok_or_else(damaged)?, 56)?;
        (count, size, start) = (
            little(&record, 32, 8).ok_or_else(damaged)?,
            little(&record, 40, 8).ok_or_else(damaged)?,
            little(&record, 48, 8).ok_or_else(damaged)?,
        );
    }
    if count as usize > MOST_ENTRIES || size > 1 << 20 {
        return Err(Error::file(name, format!("the archive has {count} entries"), "at most 1000"));
    }
    let directory = bytes_at(source.as_ref(), start, size as usize)?;
    let mut found = Vec::new();
    let mut at = 0;
    for _ in 0..count {
        let (title, entry, next) = entry(source, &directory, at).ok_or_else(damaged)?;
        found.push((title, entry));
        at = next;
    }
    Ok(found)
}

type Entry = Result<Option<(String, SharedSource)>>;

/// One entry of the directory with its name, and where the next one begins.
fn entry(source: &SharedSource, directory: &[u8], at: usize) -> Option<(String, Entry, usize)> {
    let field = |offset: usize, size: usize| little(directory, at + offset, size);
    if field(0, 4)? != 0x0201_4b50 {
        return None;
    }
    let (flags, method) = (field(8, 2)?, field(10, 2)?);
    let (mut packed, mut unpacked, mut offset) = (field(20, 4)?, field(24, 4)?, field(42, 4)?);
    let lengths = [field(28, 2)? as usize, field(30, 2)? as usize, field(32, 2)? as usize];
    let next = at + 46 + lengths.iter().sum::<usize>();
    let title = String::from_utf8_lossy(directory.get(at + 46..at + 46 + lengths[0])?).into_owned();
    let extra = directory.get(at + 46 + lengths[0]..at + 46 + lengths[0] + lengths[1])?;
    // Zip64: eight bytes for each number that did not fit.
    let mut place = 0;
    while let (Some(id), Some(size)) = (little(extra, place, 2), little(extra, place + 2, 2)) {
        if id == 1 {
            let mut from = place + 4;
            for number in [&mut unpacked, &mut packed, &mut offset] {
                if *number == 0xFFFF_FFFF {
                    *number = little(extra, from, 8)?;
                    from += 8;
                }
            }
        }
        place += 4 + size as usize;
    }
    let open = || -> Entry {
        if title.ends_with('/') {
            return Ok(None);
        }
        let inside = format!("{}: {title}", source.name());
        let wrong = |what: &str| Err(Error::file(&inside, what, "stored or deflated without a password"));
        if flags & 1 != 0 {
            return wrong("the entry is encrypted");
        }
        let head = bytes_at(source.as_ref(), offset, 30)?;
        let skip = little(&head, 26, 2).unwrap_or(0) + little(&head, 28, 2).unwrap_or(0);
        let end = packed.checked_add(offset + 30 + skip);
        if !head.starts_with(b"PK\x03\x04") || end.is_none_or(|end| end > source.length()) {
            return wrong("the entry lies outside the archive");
        }
        let part = Part { inner: source.clone(), start: offset + 30 + skip, length: packed };
        let file: SharedSource = match method {
            0 => Arc::new(Titled { title: inside, inner: Arc::new(part) }),
            8 if unpacked <= packed.saturating_mul(RATIO).saturating_add(1024) => {
                Arc::new(Inflated::new(inside, Arc::new(part), unpacked))
            }
            8 => return wrong("the entry claims to be larger than it can be"),
            _ => return wrong("the entry is packed in another way"),
        };
        Ok(Some((title.clone(), file)))
    };
    let opened = open();
    Some((title, opened, next))
}

fn little(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let part = bytes.get(at..at.checked_add(size)?)?;
    Some(part.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}

/// A source under another name.
struct Titled {
    title: String,
    inner: SharedSource,
}

impl Source for Titled {
    fn name(&self) -> &str {
        &self.title
    }

    fn length(&self) -> u64 {
        self.inner.length()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.inner.read_at(offset, buffer)
    }
}

/// The window of deflate, and room for what comes next.
const WINDOW: usize = 1 << 16;

/// A deflated file, unpacked from its beginning up to what is asked for: reading forwards is fast, going back begins
/// anew.
struct Inflated {
    title: String,
    packed: SharedSource,
    length: u64,
    state: Mutex<State>,
}

struct State {
    decoder: Box<DecompressorOxide>,
    /// The last bytes that were unpacked; byte n of the file stands at n modulo its length.
    window: Vec<u8>,
    /// So many bytes are unpacked, and so many handed out.
    unpacked: u64,
    input: Vec<u8>,
    input_at: usize,
    taken: u64,
}

impl State {
    fn new() -> Self {
        State {
            decoder: Box::default(),
            window: vec![0; WINDOW],
            unpacked: 0,
            input: vec![],
            input_at: 0,
            taken: 0,
        }
    }

    /// Unpacks some more, at most to the end of the window.
    fn more(&mut self, packed: &dyn Source) -> io::Result<()> {
        if self.input_at == self.input.len() {
            let left = (packed.length() - self.taken).min(1 << 16) as usize;
            self.input.resize(left, 0);
            packed.read_at(self.taken, &mut self.input)?;
            self.taken += left as u64;
            self.input_at = 0;
        }
        let flags = if self.taken < packed.length() { TINFL_FLAG_HAS_MORE_INPUT } else { 0 };
        let place = self.unpacked as usize % WINDOW;
        let (status, read, written) =
            decompress(&mut self.decoder, &self.input[self.input_at..], &mut self.window, place, flags);
        self.input_at += read;
        self.unpacked += written as u64;
        let stuck = read == 0 && written == 0;
        match status {
            TINFLStatus::Done | TINFLStatus::HasMoreOutput if written > 0 => Ok(()),
            TINFLStatus::NeedsMoreInput if !stuck => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "damaged deflate stream")),
        }
    }
}

impl Inflated {
    fn new(title: String, packed: SharedSource, length: u64) -> Self {
        Inflated { title, packed, length, state: Mutex::new(State::new()) }
    }
}

impl Source for Inflated {
    fn name(&self) -> &str {
        &self.title
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut state = self.state.lock().map_err(|_| io::ErrorKind::Other)?;
        // What was unpacked last is still in the window.
        if offset + (WINDOW as u64) < state.unpacked {
            *state = State::new();
        }
        let mut at = offset;
        let mut done = 0;
        while done < buffer.len() {
            if at >= state.unpacked {
                state.more(self.packed.as_ref())?;
                continue;
            }
            let place = at as usize % WINDOW;
            let there = (state.unpacked - at) as usize;
            let count = there.min(WINDOW - place).min(buffer.len() - done);
            buffer[done..done + count].copy_from_slice(&state.window[place..place + count]);
            done += count;
            at += count as u64;
        }
        Ok(())
    }
}
