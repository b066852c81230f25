//! SHA-256 (FIPS 180-4): fingerprints that anyone can check with `sha256sum`.

/// The digest of `bytes` in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let mut digest = Sha256::new();
    digest.take(bytes);
    digest.finish()
}

/// A digest that is made piece by piece.
pub struct Sha256 {
    state: Vec<u32>,
    constants: Vec<u32>,
    /// Bytes that do not fill a block yet.
    rest: Vec<u8>,
    length: u64,
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

impl Sha256 {
    /// Of nothing yet.
    pub fn new() -> Self {
        let (state, constants) = (first_bits(8, f64::sqrt), first_bits(64, f64::cbrt));
        Sha256 { state, constants, rest: vec![], length: 0 }
    }

    /// Of so many more bytes.
    pub fn take(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len() as u64;
        if !self.rest.is_empty() {
            let count = (64 - self.rest.len()).min(bytes.len());
            self.rest.extend_from_slice(&bytes[..count]);
            bytes = &bytes[count..];
            if self.rest.len() == 64 {
                compress(&mut self.state, &self.constants, &self.rest);
                self.rest.clear();
            }
        }
        let blocks = bytes.chunks_exact(64);
        self.rest.extend_from_slice(blocks.remainder());
        blocks.for_each(|block| compress(&mut self.state, &self.constants, block));
    }

    /// In hexadecimal.
    pub fn finish(mut self) -> String {
        let mut tail = std::mem::take(&mut self.rest);
        tail.push(0x80);
        tail.resize((tail.len() + 8).next_multiple_of(64) - 8, 0);
        tail.extend((self.length * 8).to_be_bytes());
        tail.chunks_exact(64).for_each(|block| compress(&mut self.state, &self.constants, block));
        self.state.iter().map(|word| format!("{word:08x}")).collect()
    }
}

/// The first 32 bits behind the point of the roots of the first `n` prime numbers. A double has 52 of them, more than
/// these need.
fn first_bits(n: usize, root: fn(f64) -> f64) -> Vec<u32> {
    let primes = (2u32..).filter(|p| (2..*p).take_while(|d| d * d <= *p).all(|d| p % d != 0));
    primes.take(n).map(|p| (root(f64::from(p)).fract() * 4_294_967_296.0) as u32).collect()
}

fn compress(state: &mut [u32], constants: &[u32], block: &[u8]) {
    let mut w = [0u32; 64];
    for (word, bytes) in w.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    for t in 16..64 {
        let (x, y) = (w[t - 15], w[t - 2]);
        let s0 = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
        let s1 = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
        w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
    }
    let mut v = [0u32; 8];
    v.copy_from_slice(state);
    for t in 0..64 {
        let [a, b, c, _, e, f, g, h] = v;
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let t1 = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(constants[t]).wrapping_add(w[t]);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        v.rotate_right(1);
        v[4] = v[4].wrapping_add(t1);
        v[0] = t1.wrapping_add(s0).wrapping_add(majority);
    }
    for (word, x) in state.iter_mut().zip(v) {
        *word = word.wrapping_add(x);
    }
}

#[cfg(test)]
mod tests {
    use super::{Sha256, sha256};

    #[test]
    fn pieces_of_any_length_give_the_digest_of_the_whole() {
        let bytes: Vec<u8> = (0..1000_u32).map(|n| (n * 7) as u8).collect();
        for size in [1, 3, 63, 64, 65, 200] {
            let mut digest = Sha256::new();
            bytes.chunks(size).for_each(|piece| digest.take(piece));
            assert_eq!(digest.finish(), sha256(&bytes), "{size}");
        }
    }

    #[test]
    fn digests_are_those_of_the_standard() {
        // FIPS 180-4 and NIST's examples; the last by `sha256sum`.
        let cases: [(&[u8], &str); 3] = [
            (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ];
        for (bytes, digest) in cases {
            assert_eq!(sha256(bytes), digest);
        }
        assert_eq!(
            sha256(&[b'a'; 1_000_000]),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        );
    }
}
