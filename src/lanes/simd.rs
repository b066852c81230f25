//! Lanes two at a time, which is what one SIMD register holds: natively by default, and in
//! WebAssembly always.
//!
//! The package for the browser is compiled for size, where the compiler neither vectorises nor
//! unrolls loops. Loops that run for every pixel therefore say what they want: one turn for each of
//! the [`PAIRS`], with [`Pair`]s in place of numbers. Written so they read like scalar equations,
//! and cost as many instructions as there are operations in them.

pub use wide::f64x2 as Pair;
/// As natively, of one register.
#[cfg(target_arch = "wasm32")]
pub use wide::f64x2 as Group;
/// Lanes that are computed together where a matrix of each has to stay in the cache: two registers natively, for more
/// than one operation at a time; one in WebAssembly, where the code has to be short.
#[cfg(not(target_arch = "wasm32"))]
pub use wide::f64x4 as Group;

/// Lanes of a [`Group`].
pub const GROUP: usize = size_of::<Group>() / size_of::<f64>();

/// Points per block.
pub const LANES: usize = 32;
/// One number per point of a block.
pub type Lanes = [f64; LANES];

/// Pairs of lanes in a block.
pub const PAIRS: usize = LANES / 2;

/// Access to the `i`-th pair of [`Lanes`], `i` < [`PAIRS`].
pub trait InPairs {
    /// The `i`-th pair.
    fn pair(&self, i: usize) -> Pair;
    /// Replaces the `i`-th pair.
    fn set_pair(&mut self, i: usize, value: Pair);
}

impl InPairs for Lanes {
    #[inline(always)]
    fn pair(&self, i: usize) -> Pair {
        Pair::new(self.as_chunks().0[i])
    }

    #[inline(always)]
    fn set_pair(&mut self, i: usize, value: Pair) {
        self.as_chunks_mut().0[i] = value.to_array();
    }
}

/// Groups of lanes in a block.
pub const GROUPS: usize = LANES / GROUP;

/// Access to the `i`-th group of [`Lanes`], `i` < [`GROUPS`].
pub trait InGroups {
    /// The `i`-th group.
    fn group(&self, i: usize) -> Group;
    /// Replaces the `i`-th group.
    fn set_group(&mut self, i: usize, value: Group);
}

impl InGroups for Lanes {
    #[inline(always)]
    fn group(&self, i: usize) -> Group {
        Group::new(self.as_chunks().0[i])
    }

    #[inline(always)]
    fn set_group(&mut self, i: usize, value: Group) {
        self.as_chunks_mut().0[i] = value.to_array();
    }
}

/// The same number same times.
#[inline(always)]
pub fn same(x: f64) -> Group {
    Group::new([x; GROUP])
}

/// The same number twice; `Pair::splat` is a loop where the compiler does not unroll.
#[inline(always)]
pub fn both(x: f64) -> Pair {
    Pair::new([x, x])
}

/// Three products, summed.
#[inline(always)]
pub fn dot(a: [Pair; 3], b: [Pair; 3]) -> Pair {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Polynomial in `$t`, the constant term first.
macro_rules! polynomial {
    ($t:expr, $c:expr) => { $crate::lanes::both($c) };
    ($t:expr, $c:expr, $($rest:expr),+) => {
        $t * $crate::lanes::polynomial!($t, $($rest),+) + $crate::lanes::both($c)
    };
}
pub(crate) use polynomial;

/// eˣ to rounding, for x up to 700; nothing smaller than e⁻⁷⁰⁰.
#[inline(always)]
pub fn exp(x: Pair) -> Pair {
    // x = n ln 2 + r. Adding 1.5 × 2⁵² rounds to an integer and leaves it in the last bits; with the
    // bias of the exponent added they are those of 2ⁿ.
    const ROUND: f64 = 6_755_399_441_055_744.0 + 1023.0;
    const LN_2_HIGH: f64 = 0.693_145_751_953_125;
    const LN_2_LOW: f64 = 1.428_606_820_309_417_2e-6;
    let least = both(-700.0);
    let x = x.simd_lt(least).select(least, x);
    let rounded = x * both(std::f64::consts::LOG2_E) + both(ROUND);
    let n = rounded - both(ROUND);
    let r = (x - n * both(LN_2_HIGH)) - n * both(LN_2_LOW);
    let [a, b] = rounded.to_array();
    let power = Pair::new([f64::from_bits(a.to_bits() << 52), f64::from_bits(b.to_bits() << 52)]);
    power
        * polynomial!(
            r,
            1.0,
            1.0,
            1.0 / 2.0,
            1.0 / 6.0,
            1.0 / 24.0,
            1.0 / 120.0,
            1.0 / 720.0,
            1.0 / 5040.0,
            1.0 / 40_320.0,
            1.0 / 362_880.0,
            1.0 / 3_628_800.0,
            1.0 / 39_916_800.0,
            1.0 / 479_001_600.0,
            1.0 / 6_227_020_800.0
        )
}

/// Sets all lanes to zero; `= [0.0; LANES]` is a call or a loop over single numbers.
#[inline(always)]
pub fn clear(x: &mut Lanes) {
    for i in 0..PAIRS {
        x.set_pair(i, Pair::ZERO);
    }
}

/// `sum` += `factor` · `x`
#[inline(always)]
pub fn add_scaled(sum: &mut Lanes, factor: f64, x: &Lanes) {
    let factor = both(factor);
    for i in 0..PAIRS {
        sum.set_pair(i, sum.pair(i) + factor * x.pair(i));
    }
}

/// `sum` += `x` · `y`, lane by lane.
#[inline(always)]
pub fn add_product(sum: &mut Lanes, x: &Lanes, y: &Lanes) {
    for i in 0..PAIRS {
        sum.set_pair(i, sum.pair(i) + x.pair(i) * y.pair(i));
    }
}

/// `x` *= `factor`, lane by lane.
#[inline(always)]
pub fn multiply(x: &mut Lanes, factor: &Lanes) {
    for i in 0..PAIRS {
        x.set_pair(i, x.pair(i) * factor.pair(i));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_exact_to_rounding() {
        for k in -69_000..69_000 {
            let x = 0.01 * f64::from(k) + 1e-3;
            let [value, same] = exp(both(x)).to_array();
            assert!((value / x.exp() - 1.0).abs() < 5e-16, "{x}: {value} {}", x.exp());
            assert_eq!(value, same);
        }
        assert_eq!(exp(both(0.0)), both(1.0));
        assert!(exp(both(-1e300)).to_array()[0] < 1e-300);
        assert!(exp(both(f64::NAN)).to_array()[0].is_nan());
    }
}
