//! Files packed by gzip or xz. Zip archives are refused with what they hold.
//!
//! P. Deutsch, RFC 1952; <https://tukaani.org/xz/xz-file-format.txt>.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::volume::{Bytes, zip};
use crate::{Error, Result};

/// Bytes: what is larger unpacked is refused.
const LARGEST: u64 = 512 << 20;

/// kB: most memory that the dictionary of an xz file may take; `xz -9` takes 64 MB.
const DICTIONARY: u32 = 256 << 10;

/// The content of a packed file; any other file as it is. `.xz` and `.gz`, several streams too.
///
/// # Errors
/// Damaged files, those of more than 512 MB, zip archives.
pub fn unpack<'a>(name: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(zip::refusal(&Bytes::shared(name, bytes.to_vec())));
    }
    let Some(reader) = reader(bytes) else { return Ok(Cow::Borrowed(bytes)) };
    let mut out = Vec::new();
    let read = reader.take(LARGEST + 1).read_to_end(&mut out);
    if let Err(error) = read {
        let what = format!("the packed file is damaged ({error})");
        return Err(Error::file(name, what, "a whole file packed by xz or gzip"));
    }
    if out.len() as u64 > LARGEST {
        return Err(Error::file(name, "the packed file is too large", "at most 512 MB unpacked"));
    }
    Ok(Cow::Owned(out))
}

/// The beginning of what a packed file holds, as far as it can be read; none of a file that is not packed.
pub fn beginning(bytes: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut reader = reader(bytes)?.take(length as u64);
    // What was read before the damage is enough to tell what it is.
    let _ = reader.read_to_end(&mut out);
    Some(out)
}

/// The name without the ending of a packed file.
pub fn unpacked_name(name: &str) -> &str {
    [".xz", ".gz", ".XZ", ".GZ"].into_iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

fn reader(bytes: &[u8]) -> Option<Box<dyn Read + '_>> {
    if bytes.starts_with(b"\xFD7zXZ\0") {
        Some(Box::new(XzReader::new_mem_limit(bytes, true, DICTIONARY)))
    } else if bytes.starts_with(b"\x1F\x8B") {
        Some(Box::new(MultiGzDecoder::new(bytes)))
    } else {
        None
    }
}
