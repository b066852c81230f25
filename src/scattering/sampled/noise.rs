//! Seeded normal numbers: sample k of seed s is the same in every run, on every machine.

use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg32;

/// Fills `out` with independent numbers of mean 0 and variance 1.
pub fn standard_normal(seed: u64, sample: usize, out: &mut [f64]) {
    let index = sample as u64;
    // Neighbouring seeds and samples start far from each other, each sample on a stream of its own.
    let mut generator = Pcg32::new(mix(seed ^ mix(index)), index);
    out.iter_mut().for_each(|z| *z = StandardNormal.sample(&mut generator));
}

/// The finaliser of SplitMix64: G. L. Steele, D. Lea & C. H. Flood, OOPSLA 2014, 453–472.
fn mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
