//! The mean-square amplitude of a quantum oscillator, g(λ) = ħ/(2√λ) coth(ħ√λ/2k_BT), and its
//! divided differences, both free of cancellation.
//!
//! With x = ħ√λ/2k_BT: g = c₁ coth(x)/x and
//! (g(λ₁) − g(λ₂))/(λ₁ − λ₂) = −c₂ [coth x + x·sinhc(y−x)/(sinh x sinh y)] / (x y (x+y)),
//! where sinhc(z) = sinh(z)/z: all terms positive, no limit to take at λ₁ = λ₂. At T = 0,
//! coth = 1 and 1/sinh = 0, with x measured in other units.

use crate::dynamics::{BOLTZMANN_EV_K, HBAR_OMEGA_EV};

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

/// What is needed of one eigenvalue.
#[derive(Debug, Clone, Copy)]
pub struct Level {
    pub x: f64,
    coth: f64,
    /// 1/sinh x
    csch: f64,
    /// exp(−2x)
    decay: f64,
}

impl Oscillator {
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
    #[inline]
    pub fn level(&self, lambda: f64) -> Level {
        let x = self.x_scale * lambda.sqrt();
        if self.zero_temperature {
            return Level { x, coth: 1.0, csch: 0.0, decay: 0.0 };
        }
        // All from one exponential: t = e⁻ˣ − 1, so that e⁻²ˣ − 1 = t (2 + t) keeps its digits.
        let t = if x < 0.75 { exp_m1_small(-x) } else { (-x).exp() - 1.0 };
        let inverse = -1.0 / (t * (2.0 + t));
        let root = 1.0 + t;
        let decay = root * root;
        Level { x, coth: (1.0 + decay) * inverse, csch: 2.0 * root * inverse, decay }
    }

    /// g(λ), Å² amu.
    #[inline]
    pub fn value(&self, a: &Level) -> f64 {
        self.g_scale * a.coth / a.x
    }

    /// (g(λ_a) − g(λ_b))/(λ_a − λ_b), the derivative g′ when they are equal.
    #[inline]
    pub fn divided_difference(&self, a: &Level, b: &Level) -> f64 {
        let (x, y) = (a.x, b.x);
        let z = y - x;
        // sinhc(z)/(sinh x sinh y)
        let mixed = if z.abs() < 1.0 {
            sinhc_small(z) * a.csch * b.csch
        } else {
            // sinh(y−x)/(sinh x sinh y) = coth x − coth y, far enough apart to subtract; the
            // exponentials are used so that nothing overflows.
            2.0 * (a.decay - b.decay) / ((1.0 - a.decay) * (1.0 - b.decay)) / z
        };
        -self.d_scale * (a.coth + x * mixed) / (x * y * (x + y))
    }
}

/// exp(z) − 1 for |z| < 0.75, to rounding: at room temperature this is where most levels are, and
/// the library function costs several times as much.
#[inline]
fn exp_m1_small(z: f64) -> f64 {
    // sinh z + (cosh z − 1); 1/(2k)!, k = 8 … 1
    let t = z * z;
    const EVEN: [f64; 8] = [
        1.0 / 20_922_789_888_000.0,
        1.0 / 87_178_291_200.0,
        1.0 / 479_001_600.0,
        1.0 / 3_628_800.0,
        1.0 / 40_320.0,
        1.0 / 720.0,
        1.0 / 24.0,
        0.5,
    ];
    z * sinhc_small(z) + t * EVEN.iter().fold(0.0, |sum, c| sum * t + c)
}

/// sinh(z)/z for |z| < 1, to rounding.
#[inline]
fn sinhc_small(z: f64) -> f64 {
    let t = z * z;
    // 1/(2k+1)!, k = 7 … 0
    const C: [f64; 8] = [
        1.0 / 1_307_674_368_000.0,
        1.0 / 6_227_020_800.0,
        1.0 / 39_916_800.0,
        1.0 / 362_880.0,
        1.0 / 5040.0,
        1.0 / 120.0,
        1.0 / 6.0,
        1.0,
    ];
    C.iter().fold(0.0, |sum, c| sum * t + c)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_short_exponential_is_exact() {
        for k in 0..75 {
            let z = -0.01 * f64::from(k) - 1e-9;
            assert!((exp_m1_small(z) / z.exp_m1() - 1.0).abs() < 1e-15, "{z}");
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
