//! LZF, the compression of h5py (HDF5 filter 32000). Format: LibLZF by Marc Lehmann.

/// Unpacks; `None` where the bytes are no LZF, or more than `most` come out.
pub(super) fn unpack(packed: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut at = 0;
    let next = |at: &mut usize| {
        let byte = packed.get(*at).copied().map(usize::from);
        *at += 1;
        byte
    };
    while at < packed.len() {
        let control = next(&mut at)?;
        if control < 32 {
            // So many bytes as they are.
            let literal = packed.get(at..at + control + 1)?;
            out.extend_from_slice(literal);
            at += control + 1;
        } else {
            let mut length = (control >> 5) + 2;
            if length == 9 {
                length += next(&mut at)?;
            }
            let back = ((control & 31) << 8 | next(&mut at)?) + 1;
            super::codec::repeat(&mut out, back, length)?;
        }
        if out.len() > most {
            return None;
        }
    }
    Some(out)
}
