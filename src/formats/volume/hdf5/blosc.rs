//! Blosc 1 (HDF5 filter 32001): blocks, each packed in streams by BloscLZ, LZ4, Snappy, zlib or Zstandard after a
//! shuffle of bytes or bits. Format: README_CHUNK_FORMAT of c-blosc 1.

use super::codec::{lz4, repeat, snappy, unshuffle, unshuffle_bits, zlib, zstd};

/// Why bytes do not unpack.
#[derive(Debug)]
pub(super) enum Trouble {
    Damaged,
    /// With what they are packed.
    Unread(String),
}

/// One stream of a block.
pub(super) fn stream(codec: u8, packed: &[u8], wanted: usize) -> Result<Vec<u8>, Trouble> {
    let part = match codec {
        _ if packed.len() == wanted => Some(packed.to_vec()),
        0 => blosclz(packed, wanted),
        1 => lz4(packed, wanted),
        2 => snappy(packed, wanted),
        3 => zlib(packed, wanted),
        4 => zstd(packed, wanted),
        _ => return Err(Trouble::Unread(format!("its codec {codec}"))),
    };
    part.filter(|part| part.len() == wanted).ok_or(Trouble::Damaged)
}

/// Unpacks one buffer. At most `most` bytes come out.
pub(super) fn unpack(packed: &[u8], most: usize) -> Result<Vec<u8>, Trouble> {
    let damaged = || Trouble::Damaged;
    let number = |at: usize| -> Option<usize> {
        let bytes = packed.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    };
    let (Some(&flags), Some(&size)) = (packed.get(2), packed.get(3)) else { return Err(damaged()) };
    let (Some(length), Some(block)) = (number(4), number(8)) else { return Err(damaged()) };
    if length > most || packed[0] > 2 {
        return Err(damaged());
    }
    if flags & 2 != 0 {
        return packed.get(16..16 + length).map(<[u8]>::to_vec).ok_or_else(damaged);
    }
    let size = usize::from(size).max(1);
    if length == 0 {
        return Ok(vec![]);
    }
    if block == 0 {
        return Err(damaged());
    }
    let mut out = Vec::with_capacity(length);
    for n in 0..length.div_ceil(block) {
        let here = block.min(length - n * block);
        let whole = here == block;
        // Blocks are split into one stream for each byte of an element, unless the flag or their size forbids it.
        let split = flags & 16 == 0 && whole && size <= 16 && block / size >= 128;
        let streams = if split { size } else { 1 };
        let mut at = number(16 + 4 * n).ok_or_else(damaged)?;
        let mut bytes = Vec::with_capacity(here);
        for _ in 0..streams {
            let length = number(at).ok_or_else(damaged)?;
            let wanted = here / streams;
            let inside = packed.get(at + 4..).and_then(|rest| rest.get(..length)).ok_or_else(damaged)?;
            bytes.extend(stream(flags >> 5, inside, wanted)?);
            at += 4 + length;
        }
        let bytes = match flags {
            _ if flags & 1 != 0 && size > 1 => unshuffle(&bytes, size),
            // Bits are shuffled where the elements come in eights, else the block stands as it is (`shuffle.c`); of bytes
            // that are no whole element too.
            _ if flags & 4 != 0 && here >= size && (here / size).is_multiple_of(8) => {
                let elements = here / size * size;
                let mut bits = unshuffle_bits(&bytes[..elements], size);
                bits.extend_from_slice(&bytes[elements..]);
                bits
            }
            _ => bytes,
        };
        out.extend(bytes);
    }
    Ok(out)
}

/// One stream of BloscLZ, which is FastLZ with far matches.
fn blosclz(packed: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(length);
    let mut at = 1;
    let mut control = usize::from(packed.first()? & 31);
    loop {
        if control >= 32 {
            let mut count = (control >> 5) - 1;
            let mut back = (control & 31) << 8;
            if count == 6 {
                loop {
                    let more = usize::from(*packed.get(at)?);
                    at += 1;
                    count += more;
                    if more != 255 || count > length {
                        break;
                    }
                }
            }
            let code = usize::from(*packed.get(at)?);
            at += 1;
            back += code;
            if code == 255 && back == (31 << 8) + 255 {
                back = usize::from(*packed.get(at)?) << 8 | usize::from(*packed.get(at + 1)?);
                back += 8191;
                at += 2;
            }
            if count > length {
                return None;
            }
            repeat(&mut out, back + 1, count + 3)?;
        } else {
            out.extend_from_slice(packed.get(at..at + control + 1)?);
            at += control + 1;
        }
        if out.len() > length {
            return None;
        }
        let Some(next) = packed.get(at) else { break };
        control = usize::from(*next);
        at += 1;
    }
    (out.len() == length).then_some(out)
}
