//! Functions of one distance: pair energies, densities, and the switch that ends them smoothly.
//!
//! J. E. Jones, Proc. R. Soc. A 106 (1924) 463; P. M. Morse, Phys. Rev. 34 (1929) 57; R. A. Buckingham, Proc. R. Soc. A 168
//! (1938) 264; F. Cleri & V. Rosato, Phys. Rev. B 48 (1993) 22; A. P. Sutton & J. Chen, Phil. Mag. Lett. 61 (1990) 139;
//! F. H. Stillinger & T. A. Weber, Phys. Rev. B 31 (1985) 5262.

use super::Number;

/// 4ε [(σ/r)¹² − (σ/r)⁶], eV.
pub(super) fn lennard_jones<D: Number>([epsilon, sigma]: [D; 2], r: D) -> D {
    let sixth = (sigma / r).powi(6);
    epsilon * 4.0 * (sixth * sixth - sixth)
}

/// D [e^(−2α(r−r0)) − 2 e^(−α(r−r0))], eV.
pub(super) fn morse<D: Number>([depth, alpha, r0]: [D; 3], r: D) -> D {
    let bond = (-alpha * (r - r0)).exp();
    depth * (bond * bond - bond * 2.0)
}

/// A e^(−r/ρ) − C r⁻⁶, eV.
pub(super) fn buckingham<D: Number>([a, rho, c]: [D; 3], r: D) -> D {
    a * (-r / rho).exp() - c * r.powi(-6)
}

/// A e^(−p(r/r0−1)), the repulsion of an atom by a neighbour, eV, and ξ² e^(−2q(r/r0−1)), eV².
pub(super) fn gupta<D: Number>([a, xi, p, q, r0]: [D; 5], r: D) -> [D; 2] {
    let beyond = r / r0 - 1.0;
    [a * (-p * beyond).exp(), xi * xi * (q * beyond * -2.0).exp()]
}

/// ½ ε (a/r)ⁿ, eV, and (a/r)ᵐ, a pure number.
pub(super) fn sutton_chen<D: Number>([epsilon, a, n, m]: [D; 4], r: D) -> [D; 2] {
    let ratio = a / r;
    [epsilon * ratio.powd(n) * 0.5, ratio.powd(m)]
}

/// Half of A (B (σ/r)⁴ − 1) e^(1/(r/σ − a)), in units of ε.
pub(super) fn stillinger_weber<D: Number>([sigma, a, big_a, big_b]: [D; 4], r: D) -> D {
    let x = r / sigma;
    if x.re() >= a.re() {
        return D::zero();
    }
    big_a * 0.5 * (big_b * x.powi(-4) - 1.0) * (x - a).recip().exp()
}

/// λ (cos θ + ⅓)² e^(γ/(r/σ − a) + γ/(r'/σ − a)), in units of ε.
pub(super) fn stillinger_weber_angle<D: Number>(
    [sigma, a, lambda, gamma]: [D; 4],
    r: D,
    other: D,
    cos: D,
) -> D {
    let (x, y) = (r / sigma, other / sigma);
    if x.re() >= a.re() || y.re() >= a.re() {
        return D::zero();
    }
    let off = cos + 1.0 / 3.0;
    lambda * off * off * (gamma * ((x - a).recip() + (y - a).recip())).exp()
}

/// One up to `width` before `range`, zero from `range` on, with two continuous derivatives:
/// 1 − 10x³ + 15x⁴ − 6x⁵. Without a width, one.
pub(super) fn switch<D: Number>(r: D, range: f64, width: f64) -> D {
    let x = (r - (range - width)) / width.max(f64::MIN_POSITIVE);
    if width <= 0.0 || x.re() <= 0.0 {
        return D::one();
    }
    if x.re() >= 1.0 {
        return D::zero();
    }
    let cube = x * x * x;
    D::one() - cube * (x * x * 6.0 - x * 15.0 + 10.0)
}
