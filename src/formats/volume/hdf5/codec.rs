//! What the filters share: copies from what is already unpacked, LZ4 and Zstandard with a bound, shuffled bytes and
//! bits.

/// Appends `length` bytes that begin `back` bytes before the end; they may overlap with themselves.
pub(super) fn repeat(out: &mut Vec<u8>, back: usize, length: usize) -> Option<()> {
    let start = out.len().checked_sub(back).filter(|_| back > 0)?;
    for n in start..start + length {
        out.push(out[n]);
    }
    Some(())
}

/// One block of LZ4 that gives exactly `length` bytes.
pub(super) fn lz4(packed: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; length];
    (lz4_flex::block::decompress_into(packed, &mut out).ok()? == length).then_some(out)
}

/// A frame of Zstandard that gives at most `most` bytes.
pub(super) fn zstd(packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(most);
    ruzstd::decoding::FrameDecoder::new().decode_all_to_vec(packed, &mut out).ok()?;
    Some(out)
}

/// A stream of zlib that gives at most `most` bytes.
pub(super) fn zlib(packed: &[u8], most: usize) -> Option<Vec<u8>> {
    miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(packed, most).ok()
}

/// A block of Snappy that gives exactly `length` bytes. Format: format_description.txt of Snappy.
pub(super) fn snappy(packed: &[u8], length: usize) -> Option<Vec<u8>> {
    let little = |at: usize, size: usize| -> Option<usize> {
        Some(packed.get(at..at + size)?.iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte)))
    };
    // The length stands in front, seven bits to a byte.
    let mut at = packed.iter().position(|byte| byte & 128 == 0)? + 1;
    let stated = packed.get(..at.min(5))?.iter().rev().fold(0, |n, byte| n << 7 | usize::from(byte & 127));
    if stated != length {
        return None;
    }
    let mut out = Vec::with_capacity(length);
    while at < packed.len() {
        let tag = usize::from(packed[at]);
        at += 1;
        let (size, back, count) = match tag & 3 {
            0 => {
                let size = (tag >> 2).saturating_sub(59);
                let count = if size == 0 { tag >> 2 } else { little(at, size)? };
                (size, 0, count.saturating_add(1))
            }
            1 => (1, (tag >> 5) << 8 | little(at, 1)?, (tag >> 2 & 7) + 4),
            2 => (2, little(at, 2)?, (tag >> 2) + 1),
            _ => (4, little(at, 4)?, (tag >> 2) + 1),
        };
        at += size;
        if count > length - out.len() {
            return None;
        }
        if tag & 3 == 0 {
            out.extend_from_slice(packed.get(at..at + count)?);
            at += count;
        } else {
            repeat(&mut out, back, count)?;
        }
    }
    (out.len() == length).then_some(out)
}

/// Bytes of elements that were sorted by their place in the element; what is left over stands at the end.
pub(super) fn unshuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len() / size.max(1);
    let mut out = bytes.to_vec();
    if size > 1 {
        for n in 0..count {
            for byte in 0..size {
                out[n * size + byte] = bytes[byte * count + n];
            }
        }
    }
    out
}

/// Elements whose bits were sorted by their place in the element: all first bits, then all second bits, …, eight
/// elements to a byte. Their number is a multiple of eight.
pub(super) fn unshuffle_bits(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len() / size.max(1);
    let line = count / 8;
    let mut out = vec![0; bytes.len()];
    for byte in 0..size {
        for bit in 0..8 {
            let plane = &bytes[(byte * 8 + bit) * line..][..line];
            for (eight, packed) in plane.iter().enumerate() {
                for n in 0..8 {
                    out[(eight * 8 + n) * size + byte] |= (packed >> n & 1) << bit;
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_bits_come_back_in_their_order() {
        assert_eq!(unshuffle(&[1, 3, 5, 2, 4, 6, 9], 2), [1, 2, 3, 4, 5, 6, 9]);
        // Bit b of element n stands in plane b at bit n.
        let elements: Vec<u8> = (0..16).map(|n| (n * 37 + 11) as u8).collect();
        let mut packed = vec![0; 16];
        for (n, element) in elements.iter().enumerate() {
            for bit in 0..8 {
                packed[bit * 2 + n / 8] |= (element >> bit & 1) << (n % 8);
            }
        }
        assert_eq!(unshuffle_bits(&packed, 1), elements);
    }

    #[test]
    fn snappy_gives_literals_and_copies() {
        // "abcd", then eight bytes from four before, then two from ten before.
        let packed = [14, 3 << 2, b'a', b'b', b'c', b'd', 4 << 2 | 1, 4, 1 << 2 | 2, 10, 0];
        assert_eq!(snappy(&packed, 14).as_deref(), Some(&b"abcdabcdabcdcd"[..]));
        assert_eq!(snappy(&packed, 13), None);
        for end in 0..packed.len() {
            assert_eq!(snappy(&packed[..end], 14), None);
        }
        let long = [&[70, 60 << 2, 69][..], &[7; 70]].concat();
        assert_eq!(snappy(&long, 70), Some(vec![7; 70]));
    }

    #[test]
    fn copies_may_overlap_but_not_begin_before_the_start() {
        let mut out = vec![1, 2];
        assert_eq!(repeat(&mut out, 2, 5), Some(()));
        assert_eq!(out, [1, 2, 1, 2, 1, 2, 1]);
        assert_eq!(repeat(&mut out, 8, 1), None);
        assert_eq!(repeat(&mut out, 0, 1), None);
    }
}
