//! How many constants a cutoff makes, before any of the work is done.

use nalgebra::Matrix3;

use crate::crystal::Crystal;
use crate::error::CUTOFF;
use crate::{Error, Result};

/// Most constants that a basis is made for: the eigenvalues of their Fisher matrix take half a minute in a
/// page, and beyond a few hundred no data determine them.
pub const MOST_CONSTANTS: f64 = 1000.0;

/// The size of a set of force constants, estimated from densities alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Ordered pairs of atoms (first atom in one primitive cell).
    pub pairs: f64,
    /// Independent constants; low by some 15 % where many pairs lie on symmetry elements.
    pub constants: f64,
}

/// Pairs and constants up to `cutoff` (Å). By Burnside's lemma: of the operations with and without
/// exchange of the two atoms, only the identity (trace 9 on 3 × 3 matrices) and inversion with
/// exchange (trace 3), which maps every pair of its two atoms onto itself, leave pairs alone in
/// proportion to the volume.
pub fn estimate(crystal: &Crystal, cutoff: f64) -> Estimate {
    let n = crystal.n_atoms() as f64;
    let pairs = 4.0 / 3.0 * std::f64::consts::PI * cutoff.powi(3) * n * n / crystal.primitive.volume();
    let operations = 2.0 * crystal.operations.len().max(1) as f64;
    let has_inversion = crystal.operations.iter().any(|op| op.rotation == -Matrix3::identity());
    let traces = if has_inversion { 9.0 + 3.0 / n } else { 9.0 };
    Estimate { pairs, constants: pairs * traces / operations }
}

/// Refuses a cutoff that would take minutes.
///
/// # Errors
/// More than [`MOST_CONSTANTS`] constants; the sentence names the numbers.
pub(super) fn check(crystal: &Crystal, cutoff: f64) -> Result<()> {
    let Estimate { pairs, constants } = estimate(crystal, cutoff);
    // What is no number is refused elsewhere.
    if constants.is_nan() || constants <= MOST_CONSTANTS {
        return Ok(());
    }
    let within = (MOST_CONSTANTS / estimate(crystal, 1.0).constants).cbrt();
    let cutoff = if cutoff < 1e6 { format!("{cutoff}") } else { format!("{cutoff:e}") };
    let refused = Error::value(
        format!("{cutoff} Å: about {} constants of {} pairs of atoms", about(constants), about(pairs)),
        format!("at most {} constants, a cutoff up to {:.1} Å here", about(MOST_CONSTANTS), within),
    );
    Err(refused.of(CUTOFF))
}

/// Two significant digits, in groups of three.
fn about(x: f64) -> String {
    if x >= 1e9 {
        return "a billion or more".into();
    }
    let unit = 10_f64.powf((x.max(1.0).log10().floor() - 1.0).max(0.0));
    let digits = format!("{:.0}", (x / unit).round() * unit);
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_two_digits() {
        let written = [7.4, 16.0, 443.0, 8893.1, 41_234.0, 1_260_000.0].map(about);
        assert_eq!(written, ["7", "16", "440", "8 900", "41 000", "1 300 000"]);
        assert_eq!(about(f64::INFINITY), "a billion or more");
    }
}
