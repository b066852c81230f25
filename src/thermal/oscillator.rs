//! The mean-square amplitude of a quantum oscillator, g(λ) = ħ/(2√λ) coth(ħ√λ/2k_BT), and its
//! divided differences, both free of cancellation.
//!
//! With x = ħ√λ/2k_BT: g = c₁ coth(x)/x and
//! (g(λ₁) − g(λ₂))/(λ₁ − λ₂) = −c₂ [coth x + x·sinhc(y−x)/(sinh x sinh y)] / (x y (x+y)),
//! where sinhc(z) = sinh(z)/z: all terms positive, no limit to take at λ₁ = λ₂. At T = 0,
//! coth = 1 and 1/sinh = 0, with x measured in other units.

use crate::lanes::{Register, polynomial, same};
use crate::units::{BOLTZMANN_EV_K, HBAR_OMEGA_EV};

/// g at one temperature; λ in eV/(Å² amu), g in Å² amu.
#[derive(Debug, Clone, Copy)]
pub struct Oscillator {
    /// x = `x_scale` √λ.
    x_scale: f64,
    /// g = `g_scale` coth(x)/x.
    g_scale: f64,
    /// Divided difference = −`d_scale` […].
    d_scale: f64,
    zero_temperature: bool,
}

/// What is needed of two eigenvalues, those of two lanes.
#[derive(Debug, Clone, Copy)]
pub struct Levels {
    x: Register,
    /// 1/x
    inverse: Register,
    coth: Register,
    /// 1/sinh x
    csch: Register,
    /// exp(−2x)
    decay: Register,
}

impl Levels {
    pub const NONE: Levels = Levels {
        x: Register::ZERO,
        inverse: Register::ZERO,
        coth: Register::ZERO,
        csch: Register::ZERO,
        decay: Register::ZERO,
    };
}

/// What is needed of one eigenvalue.
#[derive(Debug, Clone, Copy)]
pub struct Level(Levels);

impl Oscillator {
    /// The oscillator at a temperature, K.
    pub fn new(temperature_k: f64) -> Self {
        let zero_temperature = temperature_k == 0.0;
        // At T = 0 any finite scale of x will do, since coth = 1.
        let kt = if zero_temperature { 0.5 * HBAR_OMEGA_EV } else { BOLTZMANN_EV_K * temperature_k };
        let x_scale = HBAR_OMEGA_EV / (2.0 * kt);
        // g = kT x coth(x)/λ = kT x_scale² coth(x)/x.
        let g_scale = kt * x_scale * x_scale;
        Oscillator { x_scale, g_scale, d_scale: g_scale * x_scale * x_scale, zero_temperature }
    }

    /// λ must be positive.
    pub fn level(&self, lambda: f64) -> Level {
        Level(self.levels(same(lambda)))
    }

    /// g(λ), Å² amu.
    pub fn value(&self, a: &Level) -> f64 {
        self.values(&a.0).to_array()[0]
    }

    /// (g(λ_a) − g(λ_b))/(λ_a − λ_b), the derivative g′ when they are equal.
    pub fn divided_difference(&self, a: &Level, b: &Level) -> f64 {
        self.divided_differences(&a.0, &b.0).to_array()[0]
    }

    /// λ must be positive.
    #[inline(always)]
    pub fn levels(&self, lambda: Register) -> Levels {
        let x = same(self.x_scale) * lambda.sqrt();
        let inverse = Register::ONE / x;
        if self.zero_temperature {
            return Levels { x, inverse, coth: Register::ONE, csch: Register::ZERO, decay: Register::ZERO };
        }
        // All from one exponential: t = e⁻ˣ − 1, so that e⁻²ˣ − 1 = t (2 + t) keeps its digits.
        let t = exp_m1_of_negative(-x);
        let shrinkage = same(-1.0) / (t * (same(2.0) + t));
        let root = Register::ONE + t;
        let decay = root * root;
        Levels {
            x,
            inverse,
            coth: (Register::ONE + decay) * shrinkage,
            csch: (root + root) * shrinkage,
            decay,
        }
    }

    /// [`Self::value`] of two lanes.
    #[inline(always)]
    pub fn values(&self, a: &Levels) -> Register {
        same(self.g_scale) * a.coth * a.inverse
    }

    /// g′ of two lanes.
    #[inline(always)]
    pub fn slopes(&self, a: &Levels) -> Register {
        let cube = a.inverse * a.inverse * a.inverse;
        same(-0.5 * self.d_scale) * (a.coth + a.x * a.csch * a.csch) * cube
    }

    /// [`Self::divided_difference`] of two lanes.
    #[inline(always)]
    pub fn divided_differences(&self, a: &Levels, b: &Levels) -> Register {
        let z = b.x - a.x;
        // sinhc(z)/(sinh x sinh y)
        let mut mixed = sinhc_small(z) * a.csch * b.csch;
        let near = z.abs().simd_lt(Register::ONE);
        if !near.all() {
            // sinh(y−x)/(sinh x sinh y) = coth x − coth y, far enough apart to subtract; the
            // exponentials are used so that nothing overflows.
            let far =
                same(2.0) * (a.decay - b.decay) / ((Register::ONE - a.decay) * (Register::ONE - b.decay) * z);
            mixed = near.select(mixed, far);
        }
        same(-self.d_scale) * (a.coth + a.x * mixed) * a.inverse * b.inverse / (a.x + b.x)
    }
}

/// exp(z) − 1 for z < 0, to rounding.
#[inline(always)]
fn exp_m1_of_negative(mut z: Register) -> Register {
    // At room temperature most levels are near enough to zero at once. Doubling z again turns t
    // into t (2 + t), which adds no more than its own rounding.
    let mut halvings = 0;
    while z.simd_lt(same(-0.75)).any() {
        z *= same(0.5);
        halvings += 1;
    }
    let mut t = exp_m1_small(z);
    for _ in 0..halvings {
        t *= same(2.0) + t;
    }
    t
}

/// exp(z) − 1 for |z| < 0.75, to rounding.
#[inline(always)]
fn exp_m1_small(z: Register) -> Register {
    // sinh z + (cosh z − 1)
    let t = z * z;
    let even = polynomial!(
        t,
        0.5,
        1.0 / 24.0,
        1.0 / 720.0,
        1.0 / 40_320.0,
        1.0 / 3_628_800.0,
        1.0 / 479_001_600.0,
        1.0 / 87_178_291_200.0,
        1.0 / 20_922_789_888_000.0
    );
    z * sinhc_small(z) + t * even
}

/// sinh(z)/z for |z| < 1, to rounding.
#[inline(always)]
fn sinhc_small(z: Register) -> Register {
    polynomial!(
        z * z,
        1.0,
        1.0 / 6.0,
        1.0 / 120.0,
        1.0 / 5040.0,
        1.0 / 362_880.0,
        1.0 / 39_916_800.0,
        1.0 / 6_227_020_800.0,
        1.0 / 1_307_674_368_000.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::REGISTER;

    #[test]
    fn value_is_the_oscillator_amplitude() {
        for (t, lambda) in [(300.0, 0.3), (40.0, 1.7), (5.0, 0.01), (300.0, 1e-9)] {
            let o = Oscillator::new(t);
            let hw = HBAR_OMEGA_EV * f64::sqrt(lambda);
            let expected = HBAR_OMEGA_EV / (2.0 * lambda.sqrt()) / (hw / (2.0 * BOLTZMANN_EV_K * t)).tanh();
            let value = o.value(&o.level(lambda));
            assert!((value / expected - 1.0).abs() < 1e-12, "{t} K, {lambda}: {value} {expected}");
        }
        let zero = Oscillator::new(0.0);
        let half = HBAR_OMEGA_EV / (2.0 * 0.3_f64.sqrt());
        assert!((zero.value(&zero.level(0.3)) / half - 1.0).abs() < 1e-14);
    }

    #[test]
    fn the_exponential_of_negative_numbers_is_exact() {
        for k in 0..4000 {
            let z = -0.01 * f64::from(k) - 1e-9;
            let numbers: [f64; REGISTER] = std::array::from_fn(|lane| z - 5.0 * lane as f64);
            let values = exp_m1_of_negative(Register::new(numbers)).to_array();
            for (z, value) in numbers.iter().zip(values) {
                assert!((value / z.exp_m1() - 1.0).abs() < 1e-15, "{z}");
            }
        }
    }

    #[test]
    fn divided_differences_join_smoothly_from_far_to_equal() {
        for t in [0.0, 4.0, 40.0, 300.0, 3000.0] {
            let o = Oscillator::new(t);
            for (p, q) in [(0.3, 0.7), (1e-4, 1.5), (0.2, 0.2004), (0.9, 0.901)] {
                let (a, b) = (o.level(p), o.level(q));
                let quotient = (o.value(&a) - o.value(&b)) / (p - q);
                let d = o.divided_difference(&a, &b);
                assert!((d / quotient - 1.0).abs() < 1e-10, "{t} K: {d} {quotient}");
                assert!((o.divided_difference(&b, &a) / d - 1.0).abs() < 1e-12, "symmetric");
            }
            let h = 1e-5;
            let slope = (o.value(&o.level(0.5 + h)) - o.value(&o.level(0.5 - h))) / (2.0 * h);
            let derivative = o.divided_difference(&o.level(0.5), &o.level(0.5));
            assert!((derivative / slope - 1.0).abs() < 1e-8, "{t} K: {derivative} {slope}");
        }
    }
}
