//! Blosc2 (HDF5 filter 32026): a frame around one chunk of blocks, which may be parts of an array with several indices
//! (b2nd). Formats: README_CFRAME_FORMAT, README_CHUNK_FORMAT and README_B2ND_METALAYER of c-blosc2.

use super::blosc::{self, Trouble, stream};
use super::codec::{unshuffle, unshuffle_bits};

/// Frames and arrays have their numbers with the highest byte first, chunks with the lowest.
fn big<const N: usize>(bytes: &[u8], at: usize) -> Result<usize, Trouble> {
    let part = bytes.get(at..).and_then(|rest| rest.get(..N)).ok_or(Trouble::Damaged)?;
    let number = part.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    usize::try_from(number).map_err(|_| Trouble::Damaged)
}

fn little(bytes: &[u8], at: usize) -> Result<i32, Trouble> {
    let part = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(Trouble::Damaged)?;
    Ok(i32::from_le_bytes(*part))
}

/// Unpacks one frame. At most `most` bytes come out.
pub(super) fn unpack(frame: &[u8], most: usize) -> Result<Vec<u8>, Trouble> {
    if frame.get(2..10) != Some(b"b2frame\0") {
        return Err(Trouble::Damaged);
    }
    let header = big::<4>(frame, 11)?;
    let (length, packed) = (big::<8>(frame, 30)?, big::<8>(frame, 39)?);
    let (size, each) = (big::<4>(frame, 48)?, big::<4>(frame, 58)?);
    if length > each {
        return Err(Trouble::Unread("several chunks in a frame".into()));
    }
    let (head, rest) = frame.split_at_checked(header).ok_or(Trouble::Damaged)?;
    let blocks = if packed > 0 {
        chunk(rest, most)?
    } else {
        // Nothing is stored of a chunk of one value: its place in the list of chunks says which.
        let places = chunk(rest, 64)?;
        let kind = places.get(7).copied().unwrap_or(0) & 7;
        of_one(kind, length.min(most), size).ok_or(Trouble::Damaged)?
    };
    match array(head)? {
        Some([shape, block]) => arranged(&blocks, size, &shape, &block, most).ok_or(Trouble::Damaged),
        None => Ok(blocks),
    }
}

/// Numbers along each index of the chunk and of its blocks, where a frame is an array.
fn array(head: &[u8]) -> Result<Option<[Vec<usize>; 2]>, Trouble> {
    const TITLE: &[u8] = b"\xa4b2nd\xd2";
    let Some(found) = head.windows(TITLE.len()).position(|part| part == TITLE) else { return Ok(None) };
    // A byte for the kind and four for the length, then seven things: version, number of indices, three shapes, ...
    let about = big::<4>(head, found + TITLE.len())? + 5;
    let indices = big::<1>(head, about + 2)?;
    if !(1..=8).contains(&indices) {
        return Err(Trouble::Damaged);
    }
    let from = about + 4 + 9 * indices;
    let list =
        |start: usize| (0..indices).map(|n| big::<4>(head, start + 5 * n + 1)).collect::<Result<Vec<_>, _>>();
    Ok(Some([list(from + 1)?, list(from + 2 + 5 * indices)?]))
}

/// A chunk whose elements are all the same: zeros, or not a number.
fn of_one(kind: u8, length: usize, size: usize) -> Option<Vec<u8>> {
    match (kind, size) {
        (1 | 4, _) => Some(vec![0; length]),
        (2, 4) => Some(f32::NAN.to_le_bytes().repeat(length / 4)),
        (2, 8) => Some(f64::NAN.to_le_bytes().repeat(length / 8)),
        _ => None,
    }
}

/// Unpacks a chunk.
fn chunk(packed: &[u8], most: usize) -> Result<Vec<u8>, Trouble> {
    let (Some(&flags), Some(&size)) = (packed.get(2), packed.get(3)) else { return Err(Trouble::Damaged) };
    if flags & 5 != 5 {
        return blosc::unpack(packed, most);
    }
    let number = |at: usize| usize::try_from(little(packed, at)?).map_err(|_| Trouble::Damaged);
    let (length, block, size) = (number(4)?, number(8)?, usize::from(size).max(1));
    let header = packed.get(..32).ok_or(Trouble::Damaged)?;
    let (filters, details, more) = (&header[16..22], &header[24..30], header[31]);
    if length > most {
        return Err(Trouble::Damaged);
    }
    match more >> 4 & 7 {
        0 => {}
        3 => {
            let value = packed.get(32..32 + size).ok_or(Trouble::Damaged)?;
            return Ok(value.repeat(length / size));
        }
        kind => return of_one(kind, length, size).ok_or(Trouble::Damaged),
    }
    if flags & 2 != 0 {
        return packed
            .get(32..)
            .and_then(|rest| rest.get(..length))
            .map(<[u8]>::to_vec)
            .ok_or(Trouble::Damaged);
    }
    if more & 1 != 0 {
        return Err(Trouble::Unread("a dictionary".into()));
    }
    if let Some(filter) = filters.iter().find(|filter| !matches!(filter, 0 | 1 | 2 | 4)) {
        return Err(Trouble::Unread(format!("its filter {filter}")));
    }
    if length > 0 && block == 0 {
        return Err(Trouble::Damaged);
    }
    let mut out = Vec::with_capacity(length);
    for n in 0..length.div_ceil(block.max(1)) {
        let here = block.min(length - n * block);
        let streams = if flags & 16 == 0 && here == block { size } else { 1 };
        let mut at = number(32 + 4 * n)?;
        let mut bytes = Vec::with_capacity(here);
        for _ in 0..streams {
            let (stored, wanted) = (little(packed, at)?, here / streams);
            let rest = packed.get(at + 4..).ok_or(Trouble::Damaged)?;
            at += 4;
            match usize::try_from(stored) {
                // A run of zeros, or of another byte, which the length says.
                Ok(0) => bytes.resize(bytes.len() + wanted, 0),
                Err(_) => {
                    let value = u8::try_from(stored.unsigned_abs()).map_err(|_| Trouble::Damaged)?;
                    if rest.first().is_none_or(|token| token & 1 == 0) {
                        return Err(Trouble::Damaged);
                    }
                    bytes.resize(bytes.len() + wanted, value);
                    at += 1;
                }
                Ok(stored) => {
                    bytes.extend(stream(flags >> 5, rest.get(..stored).ok_or(Trouble::Damaged)?, wanted)?);
                    at += stored;
                }
            }
        }
        for (filter, detail) in filters.iter().zip(details).rev() {
            let size = if *detail == 0 { size } else { usize::from(*detail) };
            bytes = match filter {
                1 => unshuffle(&bytes, size),
                2 => {
                    // Bits of whole eights of elements; the rest stands as it is.
                    let eights = bytes.len() / (8 * size) * 8 * size;
                    let mut bits = unshuffle_bits(&bytes[..eights], size);
                    bits.extend_from_slice(&bytes[eights..]);
                    bits
                }
                _ => bytes,
            };
        }
        out.extend(bytes);
    }
    if out.len() == length { Ok(out) } else { Err(Trouble::Damaged) }
}

/// Elements block by block in the order of the whole; blocks at the end reach beyond it.
fn arranged(blocks: &[u8], size: usize, shape: &[usize], block: &[usize], most: usize) -> Option<Vec<u8>> {
    let product = |list: &[usize]| list.iter().try_fold(size, |n, x| n.checked_mul(*x)).filter(|n| *n > 0);
    let last = shape.len() - 1;
    if block.contains(&0) || size == 0 {
        return None;
    }
    let grid: Vec<usize> = shape.iter().zip(block).map(|(n, block)| n.div_ceil(*block)).collect();
    let padded: Vec<usize> = grid.iter().zip(block).map(|(n, block)| n.saturating_mul(*block)).collect();
    let whole = product(shape).filter(|bytes| *bytes <= most)?;
    if product(&padded)? != blocks.len() {
        return None;
    }
    let mut out = vec![0; whole];
    let width = block[last];
    for (n, row) in blocks.chunks_exact(width * size).enumerate() {
        let rows: usize = block[..last].iter().product();
        let (mut in_grid, mut in_block) = (n / rows, n % rows);
        let mut at = [0; 8];
        for index in (0..=last).rev() {
            at[index] = in_grid % grid[index] * block[index];
            in_grid /= grid[index];
            if index < last {
                at[index] += in_block % block[index];
                in_block /= block[index];
            }
        }
        if at.iter().zip(shape).all(|(x, n)| x < n) {
            let to = size * at.iter().zip(shape).fold(0, |to, (x, n)| to * n + x);
            let length = size * width.min(shape[last] - at[last]);
            out[to..to + length].copy_from_slice(&row[..length]);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_put_where_they_belong() {
        // 3 × 5 in blocks of 2 × 2: six blocks, padded to 4 × 6; element (i, j) is 10 i + j.
        let mut blocks = Vec::new();
        for (i, j) in [(0, 0), (0, 2), (0, 4), (2, 0), (2, 2), (2, 4)] {
            blocks.extend([10 * i + j, 10 * i + j + 1, 10 * (i + 1) + j, 10 * (i + 1) + j + 1]);
        }
        let whole = arranged(&blocks, 1, &[3, 5], &[2, 2], 99).unwrap();
        assert_eq!(whole, [0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24]);
        assert_eq!(arranged(&blocks, 1, &[3, 5], &[2, 2], 14), None);
        assert_eq!(arranged(&blocks, 1, &[3, 5], &[2, 4], 99), None);
    }
}
