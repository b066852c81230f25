//! The filters with which arrays of HDF5 are packed, beyond those that the reader of HDF5 has itself.

use hdf5_reader::filters::FilterRegistry;
use hdf5_reader::messages::filter_pipeline::FilterDescription;

use super::blosc::{self, Trouble};
use super::codec::{lz4, unshuffle_bits, zstd};
use super::{blosc2, lzf};

type Unpacked = Result<Vec<u8>, hdf5_reader::error::Error>;

/// The filters that are known, and the names of those that are not.
const NAMES: [(u16, &str); 16] = [
    (4, "SZIP"),
    (307, "bzip2"),
    (32000, "LZF"),
    (32001, "Blosc"),
    (32004, "LZ4"),
    (32005, "APAX"),
    (32008, "bitshuffle"),
    (32013, "ZFP"),
    (32015, "Zstandard"),
    (32017, "SZ"),
    (32018, "FCIDECOMP"),
    (32019, "JPEG"),
    (32023, "Granular BitRound"),
    (32024, "SZ3"),
    (32026, "Blosc2"),
    (32028, "JPEG LS"),
];

/// The name of a filter.
pub(super) fn name(id: u16) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

/// All filters; none gives more than `most` bytes.
pub(in crate::formats) fn registry(most: usize) -> FilterRegistry {
    let mut registry = FilterRegistry::new();
    let mut add = |id: u16, unpack: fn(&FilterDescription, &[u8], usize) -> Option<Vec<u8>>| {
        registry.register(
            id,
            Box::new(move |description, bytes, _| -> Unpacked {
                unpack(description, bytes, most).ok_or_else(|| damaged(id))
            }),
        );
    };
    add(32000, |_, bytes, most| lzf::unpack(bytes, most));
    add(32004, |_, bytes, most| framed_lz4(bytes, most));
    add(32015, |_, bytes, most| zstd(bytes, bound(bytes, most)));
    add(32008, bitshuffle);
    type Unpack = fn(&[u8], usize) -> Result<Vec<u8>, Trouble>;
    for (id, unpack) in [(32001, blosc::unpack as Unpack), (32026, blosc2::unpack)] {
        registry.register(
            id,
            Box::new(move |_, bytes, _| -> Unpacked {
                unpack(bytes, most).map_err(|trouble| match trouble {
                    Trouble::Damaged => damaged(id),
                    Trouble::Unread(what) => unread(id, &what),
                })
            }),
        );
    }
    registry
}

fn damaged(id: u16) -> hdf5_reader::error::Error {
    hdf5_reader::error::Error::FilterError(format!(
        "bytes packed by {} are damaged",
        name(id).unwrap_or("a filter")
    ))
}

/// As the error of filters that are not known, which ends in the number.
fn unread(id: u16, what: &str) -> hdf5_reader::error::Error {
    let name = name(id).unwrap_or("a filter");
    hdf5_reader::error::Error::UnsupportedFilter(format!("{name} with {what}, filter id {id}"))
}

/// What a frame of Zstandard can hold: no block of it gives more than 128 KiB, which take three bytes at least.
fn bound(packed: &[u8], most: usize) -> usize {
    most.min(packed.len().saturating_mul(1 << 17) / 3)
}

fn big(bytes: &[u8], at: usize, size: usize) -> Option<usize> {
    let part = bytes.get(at..at.checked_add(size)?)?;
    usize::try_from(part.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte))).ok()
}

/// LZ4 as the registered filter frames it: length of everything, length of a block, then the blocks with their
/// lengths; a block that did not become smaller stands as it is.
fn framed_lz4(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let (length, block) = (big(bytes, 0, 8)?, big(bytes, 8, 4)?);
    let mut out = Vec::new();
    let mut at = 12;
    while out.len() < length.min(most) {
        let wanted = block.min(length - out.len());
        let packed = big(bytes, at, 4)?;
        let part = bytes.get(at + 4..)?.get(..packed)?;
        // No block of LZ4 grows by more than 255 times.
        if wanted == 0 || wanted > packed.saturating_mul(256).saturating_add(64) {
            return None;
        }
        if packed == wanted {
            out.extend_from_slice(part)
        } else {
            out.extend(lz4(part, wanted)?)
        }
        at += 4 + packed;
    }
    (out.len() == length).then_some(out)
}

/// Bitshuffle: blocks of elements with their bits shuffled, then perhaps packed by LZ4 or Zstandard. The client data
/// are two version numbers, the size of an element, elements in a block, and the packing. Format: bitshuffle 0.5,
/// `bshuf_h5filter.c`.
fn bitshuffle(description: &FilterDescription, bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let data = |n: usize| description.client_data.get(n).copied().unwrap_or(0) as usize;
    let (size, packing) = (data(2), data(4));
    if size == 0 || size > 1024 {
        return None;
    }
    // Blocks of about 8 KiB, at least 128 elements.
    let default = (8192 / size / 8 * 8).max(128);
    let (length, mut block, mut at) = match packing {
        0 => (bytes.len(), data(3), 0),
        2 | 3 => (big(bytes, 0, 8)?, big(bytes, 8, 4)? / size, 12),
        _ => return None,
    };
    if block == 0 {
        block = default;
    }
    if length > most || !block.is_multiple_of(8) || !length.is_multiple_of(size) {
        return None;
    }
    let mut out = Vec::new();
    let elements = length / size;
    let mut done = 0;
    while elements - done >= 8 {
        // The last block has as many eights as are left.
        let count = block.min((elements - done) / 8 * 8);
        let wanted = count.checked_mul(size)?;
        let bits = if packing == 0 {
            let part = bytes.get(at..)?.get(..wanted)?;
            at += wanted;
            part.to_vec()
        } else {
            let packed = big(bytes, at, 4)?;
            let part = bytes.get(at + 4..)?.get(..packed)?;
            at += 4 + packed;
            if wanted > packed.saturating_mul(1 << 16) {
                return None;
            }
            if packing == 2 { lz4(part, wanted)? } else { zstd(part, wanted)? }
        };
        if bits.len() != wanted {
            return None;
        }
        out.extend(unshuffle_bits(&bits, size));
        done += count;
    }
    // Fewer than eight elements are left as they are.
    out.extend_from_slice(bytes.get(at..)?.get(..(elements - done) * size)?);
    Some(out)
}
