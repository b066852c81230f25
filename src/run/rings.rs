//! Powder rings that residuals hold: what stands out in |Q| above what is smooth around it.

use nalgebra::{SMatrix, SVector};

use super::systematics::{Cause, Search};
use crate::base::order::sort_by;
use crate::base::parallel::rest;
use crate::fit::Background;

/// A Gaussian in |Q|.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ring {
    /// Å⁻¹.
    centre: f64,
    /// Full width at half maximum, Å⁻¹.
    width: f64,
    /// In units of the data.
    amplitude: f64,
    /// Its standard deviation.
    sigma: f64,
}

impl Ring {
    fn at(&self, q: f64) -> f64 {
        self.amplitude * shape((q - self.centre) / self.width)
    }
}

/// Å⁻¹: residuals are averaged over so much of |Q|.
const STEP: f64 = 0.01;
/// Widths that are tried, Å⁻¹: what is wider, a smooth background takes.
const WIDTHS: [f64; 6] = [0.02, 0.03, 0.045, 0.07, 0.1, 0.14];
/// Å⁻¹: so far to either side a polynomial of the fourth degree is what is smooth.
const REACH: f64 = 0.3;
/// From so many σ on a ring is one: rings are looked for at some thousand places.
const SEEN: f64 = 8.0;
/// So many are looked for.
const MOST: usize = 6;
/// Times that each is looked at anew beside the others.
const ROUNDS: usize = 3;

/// exp(−4 ln 2 x²): one half at ±½.
fn shape(x: f64) -> f64 {
    (-4.0 * std::f64::consts::LN_2 * x * x).exp()
}

/// Sums over the data between one |Q| and the next: Σ w, Σ w·residual, Σ w·|Q|.
struct Bins {
    first: f64,
    sums: Vec<[f64; 3]>,
}

impl Bins {
    /// Where the data of a bin are; its middle where there are none. On a grid they lie on few |Q|.
    fn centre(&self, bin: usize) -> f64 {
        let [weight, _, sum] = self.sums[bin];
        if weight > 0.0 { sum / weight } else { self.first + (bin as f64 + 0.5) * STEP }
    }

    /// Adds so many times a ring to the residuals.
    fn add(&mut self, ring: &Ring, times: f64) {
        for bin in 0..self.sums.len() {
            let more = times * ring.at(self.centre(bin));
            let [weight, product, _] = &mut self.sums[bin];
            *product += *weight * more;
        }
    }

    /// The amplitude of a ring beside what is smooth; none where there are too few data around it.
    fn ring(&self, centre: f64, width: f64) -> Option<Ring> {
        let bin = |q: f64| ((q - self.first) / STEP).max(0.0) as usize;
        let (from, to) = (bin(centre - REACH), bin(centre + REACH).min(self.sums.len()));
        let mut normal = SMatrix::<f64, 6, 6>::zeros();
        let mut right = SVector::<f64, 6>::zeros();
        let mut sides = [0; 3];
        for at in from..to {
            let [weight, product, _] = self.sums[at];
            if weight <= 0.0 {
                continue;
            }
            let x = self.centre(at) - centre;
            let side = if x.abs() < 0.6 * width { 1 } else { 2 * usize::from(x > 0.0) };
            sides[side] += 1;
            let t = x / REACH;
            let row = SVector::from([shape(x / width), 1.0, t, t * t, t.powi(3), t.powi(4)]);
            normal += weight * row * row.transpose();
            right += product * row;
        }
        if sides.iter().any(|bins| *bins < 2) {
            return None;
        }
        let inverse = normal.cholesky()?.inverse();
        let amplitude = (inverse * right)[0];
        let sigma = inverse[(0, 0)].sqrt();
        (amplitude / sigma).is_finite().then_some(Ring { centre, width, amplitude, sigma })
    }
}

/// Rings in residuals at |Q| (Å⁻¹) with the weights 1/σ², the strongest first.
fn rings(data: impl Iterator<Item = [f64; 3]> + Clone) -> Vec<Ring> {
    let fold = |f: fn(f64, f64) -> f64, start: f64| data.clone().map(|d| d[0]).fold(start, f);
    let (low, high) = (fold(f64::min, f64::INFINITY), fold(f64::max, 0.0));
    // What is farther out than this no |Q| of X-rays is.
    if !(low < high && high < 1e3) {
        return vec![];
    }
    let mut bins = Bins { first: low, sums: vec![[0.0; 3]; ((high - low) / STEP) as usize + 1] };
    for [q, residual, weight] in data {
        let sum = &mut bins.sums[((q - low) / STEP) as usize];
        sum[0] += weight;
        sum[1] += weight * residual;
        sum[2] += weight * q;
    }
    let seen = |ring: &Ring| ring.amplitude / ring.sigma;
    let best = |rings: &mut dyn Iterator<Item = Ring>| rings.max_by(|a, b| seen(a).total_cmp(&seen(b)));
    let refined = |bins: &Bins, ring: Ring| {
        let mut ring = ring;
        for fraction in [1.0, 0.5, 0.25, 0.1] {
            let near = (0..9).map(|k| {
                let centre = ring.centre + fraction * 0.2 * ring.width * f64::from(k / 3 - 1);
                let width = ring.width * (1.0 + 0.3 * fraction * f64::from(k % 3 - 1));
                (centre, width)
            });
            ring = best(&mut near.filter_map(|(centre, width)| bins.ring(centre, width))).unwrap_or(ring);
        }
        ring
    };
    let mut found: Vec<Ring> = vec![];
    while found.len() < MOST {
        let places = (0..bins.sums.len()).flat_map(|bin| WIDTHS.map(|width| (bins.centre(bin), width)));
        let strongest = best(&mut places.filter_map(|(centre, width)| bins.ring(centre, width)));
        let Some(ring) = strongest.filter(|ring| seen(ring) > SEEN) else { break };
        let ring = refined(&bins, ring);
        bins.add(&ring, -1.0);
        found.push(ring);
    }
    for _ in 0..ROUNDS {
        for ring in &mut found {
            bins.add(ring, 1.0);
            *ring = refined(&bins, *ring);
            bins.add(ring, -1.0);
        }
    }
    found.retain(|ring| seen(ring) > SEEN);
    found
}

impl Search<'_> {
    /// Powder rings that the residuals show apart from those of the model.
    pub(super) async fn rings(&self) -> Option<Cause> {
        let (problem, at) = (&self.session.problem, self.at);
        let (counted, unit) = (problem.has_sigma(), problem.variance(at));
        let mut shapes = vec![];
        let mut all: Vec<Ring> = vec![];
        for &t in &self.real {
            rest().await;
            let (set, rows, model, term) = (&self.data[t], &self.rows[t], &self.models[t], &problem.terms[t]);
            let is_known = |q: f64| {
                term.measurement.background.iter().any(|known| match known.what {
                    Background::Ring([centre, width]) => (q - centre).abs() < 2.0 * width,
                    _ => false,
                })
            };
            let residual = |row: usize| {
                let q = self.prepared.crystal.q_cart(&set.hkl[row]).norm();
                let weight = 1.0 / rows.variance(set, row, model[row], counted, unit);
                let off = set.intensity[row] - model[row];
                // A hot pixel is no ring.
                (off * off * weight < 25.0 && !is_known(q)).then_some([q, off, weight])
            };
            let used = (0..model.len()).filter(|&row| rows.used[row]);
            let residuals: Vec<[f64; 3]> = used.filter_map(residual).collect();
            let found = rings(residuals.iter().copied());
            if found.is_empty() {
                continue;
            }
            let q2 = &term.measurement.q_squared[..term.n_used()];
            let one = |q2: &f64| found.iter().map(|ring| ring.at(q2.sqrt())).sum();
            shapes.push((t, q2.iter().map(one).collect()));
            all.extend(found);
        }
        sort_by(&mut all, |a, b| a.centre.total_cmp(&b.centre));
        let places: Vec<String> = all.iter().map(|ring| format!("{:.2}", ring.centre)).collect();
        let words: Vec<String> =
            all.iter().map(|ring| format!("{{\"ring\": [{:.3}, {:.3}]}}", ring.centre, ring.width)).collect();
        let name = format!(
            "{} at |Q| = {} Å⁻¹",
            if all.len() == 1 { "a powder ring" } else { "powder rings" },
            places.join(", ")
        );
        self.cause(("rings", name, format!("nuisance.background: {}", words.join(", "))), true, shapes).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, StandardNormal};
    use rand_pcg::Pcg64;

    /// Residuals in units of their σ at `n` values of |Q|, with waves as a model has them that is not quite right.
    fn residuals(n: usize, seed: u128, waves: f64, rings: &[Ring]) -> Vec<[f64; 3]> {
        let mut random = Pcg64::new(seed, 7);
        let one = |k: usize| {
            let q = 0.8 + 7.2 * (k as f64 + 0.5) / n as f64;
            let noise: f64 = StandardNormal.sample(&mut random);
            [q, noise + waves * (5.0 * q).sin() + rings.iter().map(|r| r.at(q)).sum::<f64>(), 1.0]
        };
        (0..n).map(one).collect()
    }

    #[test]
    fn rings_are_found_with_their_widths_and_waves_are_none() {
        let there = [(2.69, 0.07, 1.0), (3.1, 0.05, 0.6), (4.39, 0.1, 0.5)]
            .map(|(centre, width, amplitude)| Ring { centre, width, amplitude, sigma: 0.0 });
        let data = residuals(400_000, 1, 0.1, &there);
        let found = rings(data.iter().copied());
        assert_eq!(found.len(), 3, "{found:?}");
        for (right, ring) in there.iter().zip(&found) {
            assert!((ring.centre - right.centre).abs() < 0.005, "{ring:?}");
            assert!((ring.width / right.width - 1.0).abs() < 0.25, "{ring:?}");
            assert!((ring.amplitude / right.amplitude - 1.0).abs() < 0.2, "{ring:?}");
        }
        for seed in 0..20 {
            let data = residuals(100_000, seed, 0.15, &[]);
            assert!(rings(data.iter().copied()).is_empty(), "seed {seed}");
        }
        assert!(rings([[1.0, 2.0, 1.0]].into_iter()).is_empty());
    }
}
