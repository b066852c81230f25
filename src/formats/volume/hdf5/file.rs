//! An open HDF5 file: groups, attributes and arrays by name, with errors in words.

use std::sync::{Arc, Mutex};

use hdf5_reader::messages::datatype::Datatype;
use hdf5_reader::storage::{BlockCacheStorage, RangeRequestStorage};
use hdf5_reader::{ByteOrder, ExternalLinkResolver, H5Type, Hdf5File, OpenOptions, SliceInfo, SliceInfoElem};

use super::filters;
use crate::formats::half::half;
use crate::formats::volume::source::SharedSource;
use crate::{Error, Result};

type Raw<T> = std::result::Result<T, hdf5_reader::error::Error>;

pub(super) use hdf5_reader::group::Group;
pub(super) use hdf5_reader::{Attribute, Dataset};

/// The largest chunk that is unpacked, bytes.
const LARGEST_CHUNK: u64 = 1 << 28;

/// No chunk unpacks to more than this many times the length of its file, as deflate allows, and a megabyte.
const RATIO: u64 = 1100;

/// An open file with those that belong to it.
pub(super) struct File {
    pub name: String,
    /// Bytes that arrays of this file may hold, unpacked.
    pub most: u64,
    root: Group,
    links: Arc<Links>,
}

/// The files that links may lead to, and the names of those that were wanted and not there.
struct Links {
    sources: Vec<SharedSource>,
    wanted: Mutex<Vec<String>>,
    /// Links lead from file to file; not without end.
    depth: usize,
}

impl ExternalLinkResolver for Links {
    fn resolve_external_link(&self, filename: &str) -> Raw<Option<Hdf5File>> {
        let base = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
        let found = self.sources.iter().find(|source| base(source.name()) == base(filename));
        match found {
            Some(source) if self.depth > 0 => {
                let links =
                    Links { sources: self.sources.clone(), wanted: Mutex::default(), depth: self.depth - 1 };
                open(source, Arc::new(links)).map(Some)
            }
            Some(_) => Ok(None),
            None => {
                if let Ok(mut wanted) = self.wanted.lock() {
                    wanted.push(base(filename));
                }
                Ok(None)
            }
        }
    }
}

/// What arrays of a file may hold, unpacked.
fn most(source: &SharedSource) -> u64 {
    source.length().saturating_mul(RATIO).saturating_add(1 << 20)
}

fn open(source: &SharedSource, links: Arc<Links>) -> Raw<Hdf5File> {
    let file = source.clone();
    let read = move |offset: u64, length: usize| {
        let mut buffer = vec![0; length];
        file.read_at(offset, &mut buffer)?;
        Ok(buffer)
    };
    let whole = Arc::new(RangeRequestStorage::new(source.length(), read));
    // Headers are read in small pieces.
    let storage = Arc::new(BlockCacheStorage::new(whole, 1 << 16, 64));
    let chunk = most(source).min(LARGEST_CHUNK) as usize;
    let options = OpenOptions::default()
        .with_chunk_cache_bytes(1 << 24)
        .with_max_chunk_bytes(chunk)
        .with_max_read_bytes(chunk)
        .with_max_object_header_bytes(1 << 22)
        .with_filter_registry(filters::registry(chunk))
        .with_external_link_resolver(links);
    let file = Hdf5File::from_storage_with_options(storage, options)?;
    // The file says where it ends: what is missing may be in the middle of the numbers.
    let end = file.superblock().eof_address;
    if end != u64::MAX && end > source.length() {
        let (offset, available) = (source.length(), 0);
        return Err(hdf5_reader::error::Error::UnexpectedEof { offset, needed: end - offset, available });
    }
    Ok(file)
}

/// What an error of the reader means to a person.
pub(in crate::formats) fn in_words(name: &str, error: &hdf5_reader::error::Error) -> Error {
    use hdf5_reader::error::Error as E;
    match error {
        E::Context { source, .. } => in_words(name, source),
        E::UnsupportedFilter(said) => {
            let id: Option<u16> = said.rsplit(' ').next().and_then(|id| id.parse().ok());
            let known = id.and_then(filters::name).unwrap_or("a filter without a known name");
            // One that is read says what of it is not.
            let called = said.split_once(", filter").map_or(known, |(called, _)| called);
            let number = id.map_or(said.clone(), |id| format!("id {id}"));
            Error::file(
                name,
                format!("the array is packed by {called} ({number}), which is not read"),
                "gzip, LZF, bitshuffle, LZ4, Zstandard, Blosc or Blosc2, as h5repack writes",
            )
        }
        E::UnexpectedEof { .. } | E::OffsetOutOfBounds(_) | E::Io(_) => {
            Error::file(name, format!("the file is cut off or damaged ({error})"), "the whole file")
        }
        _ => Error::file(name, format!("the HDF5 file cannot be read ({error})"), "a sound HDF5 file"),
    }
}

impl File {
    /// Opens the first of the files; links may lead to the others.
    pub fn open(sources: &[SharedSource], main: usize) -> Result<Self> {
        let source = &sources[main];
        let links = Arc::new(Links { sources: sources.to_vec(), wanted: Mutex::default(), depth: 4 });
        let name = source.name().to_owned();
        let file = open(source, links.clone()).map_err(|e| in_words(&name, &e))?;
        let root = file.root_group().map_err(|e| in_words(&name, &e))?;
        let longest = sources.iter().map(most).max().unwrap_or(0);
        Ok(File { name, most: longest, root, links })
    }

    /// A file that a link leads to and that is not here.
    pub fn missing(&self) -> Option<String> {
        self.links.wanted.lock().ok().and_then(|wanted| wanted.first().cloned())
    }

    pub fn root(&self) -> &Group {
        &self.root
    }

    /// The group at a path from the root; none where there is no such group.
    pub fn group(&self, path: &str) -> Option<Group> {
        let mut group = self.root.clone();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            group = group.group(part).ok()?;
        }
        Some(group)
    }

    /// Something wrong with the file.
    pub fn error(&self, what: impl Into<String>, expected: impl Into<String>) -> Error {
        Error::file(&self.name, what, expected)
    }

    /// An array of a group that must be there.
    pub fn need(&self, group: &Group, name: &str) -> Result<Dataset> {
        group.dataset(name).map_err(|error| match error {
            hdf5_reader::error::Error::DatasetNotFound(_) => {
                self.error(format!("{name} is missing"), "an array of this name")
            }
            other => in_words(&self.name, &other),
        })
    }

    /// A few numbers.
    pub fn numbers(&self, dataset: &Dataset) -> Result<Vec<f64>> {
        const MOST: u64 = 1 << 22;
        if !dataset.num_elements().is_ok_and(|n| n <= MOST) {
            return Err(self.error(format!("{} has too many values", dataset.name()), "an axis"));
        }
        self.numeric(dataset)?;
        let array = dataset.read_array::<Number>().map_err(|e| in_words(&self.name, &e))?;
        Ok(array.iter().map(|number| number.0).collect())
    }

    /// Numbers of an axis, with the decimals that were meant.
    pub fn coordinates(&self, dataset: &Dataset) -> Result<Vec<f64>> {
        let numbers = self.numbers(dataset)?;
        let short = matches!(dataset.dtype(), Datatype::FloatingPoint { size: 4, .. });
        let tidy = super::super::axes::tidy_f32;
        Ok(if short { numbers.into_iter().map(tidy).collect() } else { numbers })
    }

    /// A few numbers of an array that may be missing.
    pub fn numbers_of(&self, group: &Group, name: &str) -> Option<Vec<f64>> {
        self.numbers(&group.dataset(name).ok()?).ok()
    }

    /// The text of an array that may be missing.
    pub fn text_of(&self, group: &Group, name: &str) -> Option<String> {
        let dataset = group.dataset(name).ok()?;
        if dataset.num_elements().ok()? > 64 {
            return None;
        }
        let list = dataset.read_string().ok().or_else(|| dataset.read_strings().ok()?.into_iter().next())?;
        let text: String = list.trim_end_matches('\0').trim().chars().take(200).collect();
        (!text.is_empty()).then_some(text)
    }

    /// Refuses arrays that hold no real numbers.
    pub fn numeric(&self, dataset: &Dataset) -> Result<()> {
        let what = match plain(dataset.dtype()) {
            Some(_) => return Ok(()),
            None => match dataset.dtype() {
                Datatype::Compound { fields, .. } if fields.len() == 2 => "complex numbers",
                Datatype::Compound { .. } => "records",
                Datatype::String { .. } | Datatype::VarLen { .. } => "text",
                _ => "no numbers",
            },
        };
        Err(self.error(format!("{} holds {what}", dataset.name()), "an array of real numbers"))
    }

    /// One number of an array: whether it can be unpacked at all.
    pub fn probe(&self, dataset: &Dataset) -> Result<()> {
        let one = vec![[0, 1]; dataset.ndim()];
        self.slab(dataset, &one).map(drop)
    }

    /// The numbers from `start` on, `count` of them, along each index.
    pub fn slab(&self, dataset: &Dataset, ranges: &[[usize; 2]]) -> Result<Vec<f64>> {
        slab(&self.name, dataset, ranges)
    }
}

/// The numbers from `start` on, `count` of them, along each index.
pub(super) fn slab(name: &str, dataset: &Dataset, ranges: &[[usize; 2]]) -> Result<Vec<f64>> {
    let selections = ranges
        .iter()
        .map(|[start, count]| SliceInfoElem::Slice {
            start: *start as u64,
            end: (start + count) as u64,
            step: 1,
        })
        .collect();
    let array = dataset.read_slice::<Number>(&SliceInfo { selections }).map_err(|e| in_words(name, &e))?;
    Ok(array.iter().map(|number| number.0).collect())
}

/// A number of any kind.
#[derive(Clone, Copy)]
pub(super) struct Number(pub f64);

/// The kind of number of a type, through enumerations; none for what is no number.
fn plain(kind: &Datatype) -> Option<&Datatype> {
    match kind {
        Datatype::FixedPoint { size: 1 | 2 | 4 | 8, .. }
        | Datatype::Bitfield { size: 1, .. }
        | Datatype::FloatingPoint { size: 2 | 4 | 8, .. } => Some(kind),
        Datatype::Enum { base, .. } => match &**base {
            base @ Datatype::FixedPoint { size: 1 | 2 | 4 | 8, .. } => Some(base),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an array holds real numbers or truth values.
pub(super) fn is_numeric(dataset: &Dataset) -> bool {
    plain(dataset.dtype()).is_some()
}

/// What kind of number it is, as NumPy calls it, and whether 32 bits of a floating-point number hold every value.
pub(super) fn kind(dataset: &Dataset) -> (String, bool) {
    match plain(dataset.dtype()) {
        Some(Datatype::FloatingPoint { size, .. }) => (format!("float{}", u32::from(*size) * 8), *size <= 4),
        Some(Datatype::FixedPoint { size, signed, .. }) => {
            (format!("{}int{}", if *signed { "" } else { "u" }, u32::from(*size) * 8), *size < 4)
        }
        _ => ("bits".into(), true),
    }
}

impl H5Type for Number {
    fn hdf5_type() -> Datatype {
        Datatype::FloatingPoint { size: 8, byte_order: ByteOrder::LittleEndian }
    }

    fn from_bytes(bytes: &[u8], kind: &Datatype) -> Raw<Self> {
        let wrong = || hdf5_reader::error::Error::InvalidData("no number".into());
        let (size, big) = match plain(kind).ok_or_else(wrong)? {
            Datatype::FixedPoint { size, byte_order, .. }
            | Datatype::Bitfield { size, byte_order }
            | Datatype::FloatingPoint { size, byte_order } => {
                (usize::from(*size), *byte_order == ByteOrder::BigEndian)
            }
            _ => return Err(wrong()),
        };
        let bytes = bytes.get(..size).ok_or_else(wrong)?;
        let mut wide = [0; 8];
        for (n, byte) in bytes.iter().enumerate() {
            wide[if big { size - 1 - n } else { n }] = *byte;
        }
        let whole = u64::from_le_bytes(wide);
        Ok(Number(match plain(kind) {
            Some(Datatype::FloatingPoint { size: 2, .. }) => half(whole as u16),
            Some(Datatype::FloatingPoint { size: 4, .. }) => f64::from(f32::from_bits(whole as u32)),
            Some(Datatype::FloatingPoint { .. }) => f64::from_bits(whole),
            // The sign is that of the highest bit that is there.
            Some(Datatype::FixedPoint { signed: true, .. }) => {
                let unused = 64 - 8 * size as u32;
                (((whole << unused) as i64) >> unused) as f64
            }
            _ => whole as f64,
        }))
    }

    fn element_size(kind: &Datatype) -> usize {
        match plain(kind) {
            Some(
                Datatype::FixedPoint { size, .. }
                | Datatype::Bitfield { size, .. }
                | Datatype::FloatingPoint { size, .. },
            ) => usize::from(*size),
            _ => 1,
        }
    }
}
