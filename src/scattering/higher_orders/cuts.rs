//! How much of exp(x) − 1 − x each pair is worth.
//!
//! x falls with the distance of a pair. Near pairs count exactly; those further away by x², x³, x⁴, x⁵ as far as each
//! matters: what is left out is less than [`TYPICAL`] of the higher orders, root mean square over Q, and less than [`WORST`]
//! where all of it adds up, on top of a reflection; that at the longest Q, at shorter ones it is less.

use super::HigherOrders;
use super::polynomials::HIGHEST;
use crate::thermal::MeanSquareValue;

/// What may be left out, root mean square, of the higher orders that the atoms would scatter without correlations.
const TYPICAL: f64 = 3e-5;
/// The same where all waves are in phase.
const WORST: f64 = 3e-3;

/// Distances grow by this factor from one candidate to the next.
const LADDER: f64 = 1.12;

/// Correlations are taken to fall with the distance R as 1/(1 + FALL R/d) does, d between nearest neighbours, and to be as
/// large as powers of [`STEP`] allow: what is cut off is the same for all constants of the same stiffness, so that intensities
/// are smooth functions of them.
const FALL: f64 = 1.5;
const STEP: f64 = 1.5;

/// For each power n the distance (Å) beyond which pairs do without xⁿ.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cuts {
    /// Nearer pairs count exactly.
    pub exact: f64,
    /// By n; what is below x³ is never left out.
    pub power: [f64; HIGHEST + 1],
}

/// What is left out of xⁿ/n!, n from 3, of each atom with all others: the square of what waves of any phase give, and the sum.
type Tails = Vec<[[f64; 2]; HIGHEST - 1]>;

fn add_tail(tails: &mut Tails, atoms: [usize; 2], weight: f64, x: f64) {
    // What follows in the series is less than eˣ times the first term that is left out. Each atom of a pair answers for
    // half of it.
    let mut term = 0.5 * weight.abs() * x.exp() * x * x / 2.0;
    for (n, at) in (3..).zip(0..HIGHEST - 1) {
        term *= x / f64::from(n);
        for s in atoms {
            tails[s][at][0] += term * term;
            tails[s][at][1] += term;
        }
    }
}

/// Whether it is little for one power, which has its share; `own`: ½ x² of an atom with itself.
fn is_little(tails: &Tails, at: usize, own: f64) -> bool {
    let share = own / (HIGHEST - 1) as f64;
    tails.iter().all(|tail| {
        let [square, sum] = tail[at];
        square.sqrt() <= share * TYPICAL && sum <= share * WORST
    })
}

impl HigherOrders {
    /// `size` of each pair: |x| ≤ |Q|² `size`; `largest_q2`: of all points, Å⁻².
    pub(super) fn cuts(&self, size: &[f64], u: &MeanSquareValue, largest_q2: f64) -> Cuts {
        let (mut most, mut least) = (0.0_f64, f64::INFINITY);
        for u in &u.tensors {
            let values = u.symmetric_eigenvalues();
            (most, least) = (most.max(values.max()), least.min(values.min()));
        }
        let everything = Cuts { exact: f64::INFINITY, power: [f64::INFINITY; HIGHEST + 1] };
        if !(least > 0.0 && most.is_finite()) {
            return everything;
        }
        let step = STEP.ln();
        let own = 0.5 * (largest_q2 * STEP.powf((least.ln() / step).floor())).powi(2);
        let top = (most.ln() / step).ceil();
        let widths = (0..8).map(|wider| self.cuts_of(largest_q2 * STEP.powf(top + f64::from(wider)), own));
        // Where correlations fall more slowly than that.
        widths.into_iter().find(|cuts| self.leave_little(cuts, size, own, largest_q2)).unwrap_or(everything)
    }

    /// Cuts for correlations that fall as expected, with x = `largest` of an atom with itself.
    fn cuts_of(&self, largest: f64, own: f64) -> Cuts {
        let pairs = &self.correlations.pairs;
        let distance = |pair: usize| pairs[pair].vector.norm();
        let reach = self.by_distance.last().map_or(0.0, |&pair| distance(pair)) * (1.0 + 1e-6);
        let shortest =
            self.by_distance.iter().map(|&pair| distance(pair)).find(|r| *r > 1e-3).unwrap_or(f64::INFINITY);
        let mut cuts = Cuts { exact: reach, power: [reach; HIGHEST + 1] };
        let mut radius = reach;
        let mut tails: Tails = vec![[[0.0; 2]; HIGHEST - 1]; self.n_atoms()];
        let mut beyond = self.by_distance.iter().rev().peekable();
        while radius > shortest {
            radius /= LADDER;
            while let Some(&pair) = beyond.next_if(|&&pair| distance(pair) > radius) {
                let x = largest / (1.0 + FALL * distance(pair) / shortest);
                add_tail(&mut tails, [pairs[pair].s, pairs[pair].s2], self.weights[pair], x);
            }
            for n in 3..=HIGHEST {
                if is_little(&tails, n - 3, own) {
                    cuts.power[n] = radius;
                }
            }
            if !is_little(&tails, HIGHEST - 2, own) {
                break;
            }
            cuts.exact = radius;
        }
        cuts
    }

    fn leave_little(&self, cuts: &Cuts, size: &[f64], own: f64, largest_q2: f64) -> bool {
        let pairs = &self.correlations.pairs;
        (3..=HIGHEST + 1).all(|n| {
            let radius = if n > HIGHEST { cuts.exact } else { cuts.power[n] };
            let mut tails: Tails = vec![[[0.0; 2]; HIGHEST - 1]; self.n_atoms()];
            for &pair in self.by_distance.iter().rev().take_while(|&&pair| pairs[pair].vector.norm() > radius)
            {
                add_tail(
                    &mut tails,
                    [pairs[pair].s, pairs[pair].s2],
                    self.weights[pair],
                    largest_q2 * size[pair],
                );
            }
            is_little(&tails, n - 3, own)
        })
    }

    /// Number of atoms.
    fn n_atoms(&self) -> usize {
        self.kinds.iter().map(|kind| kind.s2 + 1).max().unwrap_or(0)
    }
}
