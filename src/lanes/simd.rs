//! Lanes as many at a time as one SIMD register holds: four natively, two in WebAssembly.
//!
//! The package for the browser is compiled for size, where the compiler neither vectorises nor
//! unrolls loops. Loops that run for every pixel therefore say what they want: one turn for each of
//! the [`REGISTERS`], with [`Register`]s in place of numbers. Written so they read like scalar equations,
//! and cost as many instructions as there are operations in them.

/// Lanes that are computed together.
#[cfg(target_arch = "wasm32")]
pub use wide::f64x2 as Register;
/// Lanes that are computed together.
#[cfg(not(target_arch = "wasm32"))]
pub use wide::f64x4 as Register;

/// Lanes of a [`Register`].
pub const REGISTER: usize = size_of::<Register>() / size_of::<f64>();

/// Points per block.
pub const LANES: usize = 32;
/// One number per point of a block.
pub type Lanes = [f64; LANES];

/// Registers of a block.
pub const REGISTERS: usize = LANES / REGISTER;

/// Access to the `i`-th register of [`Lanes`], `i` < [`REGISTERS`].
pub trait InRegisters {
    /// The `i`-th register.
    fn register(&self, i: usize) -> Register;
    /// Replaces the `i`-th register.
    fn set_register(&mut self, i: usize, value: Register);
}

impl InRegisters for Lanes {
    #[inline(always)]
    fn register(&self, i: usize) -> Register {
        Register::new(self.as_chunks().0[i])
    }

    #[inline(always)]
    fn set_register(&mut self, i: usize, value: Register) {
        self.as_chunks_mut().0[i] = value.to_array();
    }
}

/// The same number in each; `Register::splat` and `[x; REGISTER]` are loops where the compiler does not unroll.
#[inline(always)]
pub fn same(x: f64) -> Register {
    each(|_| x)
}

/// Of each number of a register what `f` makes of its place.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
fn each(f: impl Fn(usize) -> f64) -> Register {
    Register::new([f(0), f(1)])
}

/// Of each number of a register what `f` makes of its place.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn each(f: impl Fn(usize) -> f64) -> Register {
    Register::new([f(0), f(1), f(2), f(3)])
}

/// Multiplication and addition in one.
pub trait Fused {
    /// `self` · `factor` + `sum`, rounded once where the processor has that.
    fn fused(self, factor: Self, sum: Self) -> Self;
}

impl Fused for Register {
    // The library's own stays a call where code is built for size.
    #[inline(always)]
    fn fused(self, factor: Self, sum: Self) -> Self {
        if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
            self.mul_add(factor, sum)
        } else {
            self * factor + sum
        }
    }
}

/// Three products, summed.
#[inline(always)]
pub fn dot(a: [Register; 3], b: [Register; 3]) -> Register {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Polynomial in `$t`, the constant term first.
macro_rules! polynomial {
    ($t:expr, $c:expr) => { $crate::lanes::same($c) };
    ($t:expr, $c:expr, $($rest:expr),+) => {
        $crate::lanes::Fused::fused($crate::lanes::polynomial!($t, $($rest),+), $t, $crate::lanes::same($c))
    };
}
pub(crate) use polynomial;

/// eˣ to rounding, for x up to 700; nothing smaller than e⁻⁷⁰⁰.
#[inline(always)]
pub fn exp(x: Register) -> Register {
    // x = n ln 2 + r. Adding 1.5 × 2⁵² rounds to an integer and leaves it in the last bits; with the
    // bias of the exponent added they are those of 2ⁿ.
    const ROUND: f64 = 6_755_399_441_055_744.0 + 1023.0;
    const LN_2_HIGH: f64 = 0.693_145_751_953_125;
    const LN_2_LOW: f64 = 1.428_606_820_309_417_2e-6;
    let least = same(-700.0);
    let x = x.simd_lt(least).select(least, x);
    let rounded = x * same(std::f64::consts::LOG2_E) + same(ROUND);
    let n = rounded - same(ROUND);
    let r = (x - n * same(LN_2_HIGH)) - n * same(LN_2_LOW);
    let rounded = rounded.to_array();
    let power = each(|i| f64::from_bits(rounded[i].to_bits() << 52));
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
    for i in 0..REGISTERS {
        x.set_register(i, Register::ZERO);
    }
}

/// `sum` += `factor` · `x`
#[inline(always)]
pub fn add_scaled(sum: &mut Lanes, factor: f64, x: &Lanes) {
    let factor = same(factor);
    for i in 0..REGISTERS {
        sum.set_register(i, factor.fused(x.register(i), sum.register(i)));
    }
}

/// `sum` += `x` · `y`, lane by lane.
#[inline(always)]
pub fn add_product(sum: &mut Lanes, x: &Lanes, y: &Lanes) {
    for i in 0..REGISTERS {
        sum.set_register(i, x.register(i).fused(y.register(i), sum.register(i)));
    }
}

/// `x` *= `factor`, lane by lane.
#[inline(always)]
pub fn multiply(x: &mut Lanes, factor: &Lanes) {
    for i in 0..REGISTERS {
        x.set_register(i, x.register(i) * factor.register(i));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_exact_to_rounding() {
        for k in -69_000..69_000 {
            let x = 0.01 * f64::from(k) + 1e-3;
            let values = exp(same(x)).to_array();
            assert!((values[0] / x.exp() - 1.0).abs() < 5e-16, "{x}: {} {}", values[0], x.exp());
            assert_eq!(values, [values[0]; REGISTER]);
        }
        assert_eq!(exp(same(0.0)), same(1.0));
        assert!(exp(same(-1e300)).to_array()[0] < 1e-300);
        assert!(exp(same(f64::NAN)).to_array()[0].is_nan());
    }
}
