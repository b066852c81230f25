//! How far data without σ scatter, read from the data themselves: whether they are counts, or else how
//! much data differ at points that symmetry makes equivalent.

use serde::{Deserialize, Serialize};

use crate::base::parallel::resting;

/// How data are weighed: those without a σ column, and those whose σ are square roots of their own counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Weighing {
    /// By σ, the mean of equivalents in the place of a datum's own count where σ are square roots of these; without σ as
    /// counts if they are, else by the scatter of equivalent data, else equally.
    #[default]
    Auto,
    /// As the σ column says, whatever it comes from.
    Column,
    /// The variance of a datum is its expectation.
    Counts,
    /// The variance is a function of the intensity, fitted to the scatter of equivalent data.
    Equivalents,
    /// One weight for all; how uncertain the result is, the residuals tell.
    Equal,
}

/// What the data say of their own noise.
#[derive(Debug, Clone, PartialEq)]
pub enum Noise {
    /// Whole numbers.
    Counts {
        /// Scatter of equivalent data over their mean: one for counts.
        dispersion: Option<f64>,
        /// How many differences it comes from.
        degrees: usize,
    },
    /// Variance a + b y + c y² of a datum at the mean y of its equivalents.
    Equivalents {
        /// a, b and c.
        variance: [f64; 3],
        /// How many differences they come from.
        degrees: usize,
    },
    /// Nothing is known.
    Unknown,
}

/// Fewer differences between equivalent data than this say too little.
const LEAST_DEGREES: usize = 30;

/// Differences below this part of the largest intensity are no noise.
const ROUNDING: f64 = 1e-9;

/// Data grouped by equivalence: group number of each, and whether it is used.
pub struct Grouped<'a> {
    /// Intensity of each datum, data units.
    pub intensity: &'a [f64],
    /// Whether it takes part.
    pub used: &'a [bool],
    /// Number of its group.
    pub group: &'a [usize],
}

/// Mean and sum of squared differences of the used data of one group.
struct Group {
    mean: f64,
    squares: f64,
    count: f64,
}

impl Grouped<'_> {
    fn values(&self) -> impl Iterator<Item = (usize, f64)> {
        let rows = self.group.iter().zip(self.used).zip(self.intensity);
        rows.filter(|((_, used), _)| **used).map(|((g, _), y)| (*g, *y))
    }

    async fn groups(&self) -> Vec<Group> {
        let n = self.group.iter().max().map_or(0, |m| m + 1);
        let mut groups: Vec<Group> = (0..n).map(|_| Group { mean: 0.0, squares: 0.0, count: 0.0 }).collect();
        let mut add = |i: usize| {
            let (group, y) = (&mut groups[self.group[i]], self.intensity[i]);
            group.count += 1.0;
            let difference = y - group.mean;
            group.mean += difference / group.count;
            group.squares += difference * (y - group.mean);
        };
        resting(self.group.len(), 0.1, &mut |range| range.filter(|&i| self.used[i]).for_each(&mut add)).await;
        groups.retain(|g| g.count > 0.0);
        groups
    }

    /// For every row the mean of the used rows of its group; its own intensity where there are none.
    pub fn means(&self) -> Vec<f64> {
        let n = self.group.iter().max().map_or(0, |m| m + 1);
        let (mut sum, mut count) = (vec![0.0; n], vec![0.0; n]);
        for (g, y) in self.values() {
            sum[g] += y;
            count[g] += 1.0;
        }
        let rows = self.group.iter().zip(self.intensity);
        rows.map(|(&g, y)| if count[g] > 0.0 { sum[g] / count[g] } else { *y }).collect()
    }

    /// Whether there are more than two values.
    fn differ(&self) -> bool {
        let mut seen = [None; 2];
        for (_, y) in self.values() {
            match seen.iter_mut().find(|known| known.is_none_or(|known| known == y)) {
                Some(known) => *known = Some(y),
                None => return true,
            }
        }
        false
    }

    /// What can be told of the noise.
    pub async fn noise(&self) -> Noise {
        let groups = self.groups().await;
        let degrees = groups.iter().map(|g| g.count as usize - 1).sum::<usize>();
        let whole = self.values().all(|(_, y)| y >= 0.0 && y.fract() == 0.0 && y < 9e15);
        let dispersion = |g: &&Group| g.mean > 0.0 && g.count > 1.0;
        let (sum, from) = groups
            .iter()
            .filter(dispersion)
            .fold((0.0, 0.0), |(s, n), g| (s + g.squares / g.mean, n + g.count - 1.0));
        let enough = from >= LEAST_DEGREES as f64;
        // A few percent of further noise, as of a flat field, do not make counts something else.
        let like_counts = !enough || (sum / from - 1.0).abs() < 0.25 + 5.0 * (2.0 / from).sqrt();
        if whole && like_counts && self.differ() {
            return Noise::Counts { dispersion: enough.then_some(sum / from), degrees };
        }
        match self.scatter().await {
            Some((variance, degrees)) => Noise::Equivalents { variance, degrees },
            None => Noise::Unknown,
        }
    }

    /// Variance of a datum as a function a + b y + c y² of the mean of its equivalents, and how many differences
    /// that comes from; none where they are too few.
    pub async fn scatter(&self) -> Option<([f64; 3], usize)> {
        let groups = self.groups().await;
        let degrees = groups.iter().map(|g| g.count as usize - 1).sum::<usize>();
        if degrees < LEAST_DEGREES {
            return None;
        }
        self.variance(&groups).await.map(|v| (v, degrees))
    }

    /// Coefficients a, b, c ≥ 0 of the variance a + b y + c y²: of all subsets of the three the one under
    /// which the scatter of the groups is likeliest (gamma distributed, with as many degrees of freedom as a
    /// group has differences).
    async fn variance(&self, groups: &[Group]) -> Option<[f64; 3]> {
        let data: Vec<(f64, f64, f64)> = groups
            .iter()
            .filter(|g| g.count > 1.0)
            .map(|g| (g.mean, g.squares / (g.count - 1.0), g.count - 1.0))
            .collect();
        let size = data.iter().map(|d| d.0.abs()).fold(0.0, f64::max);
        // Simulated without noise, equivalent data differ by rounding alone.
        if data.iter().all(|d| d.1 <= (ROUNDING * size).powi(2)) {
            return None;
        }
        let mut best: Option<(f64, [f64; 3])> = None;
        for subset in 1..8u8 {
            let Some(found) = fit_variance(&data, subset, size).await else { continue };
            let mut misfit = 0.0;
            let mut add = |(y, s, n): &(f64, f64, f64)| {
                let v = at(&found, *y);
                misfit += n * (v.ln() + s / v);
            };
            resting(data.len(), 0.1, &mut |range| data[range].iter().for_each(&mut add)).await;
            // One more coefficient has to be worth it.
            let misfit = misfit + 2.0 * f64::from(subset.count_ones());
            if misfit.is_finite() && best.is_none_or(|b| misfit < b.0) {
                best = Some((misfit, found));
            }
        }
        best.map(|b| b.1)
    }
}

/// The variance of a datum at the mean `y`, not below what the fit has seen of it at zero.
pub fn at(variance: &[f64; 3], y: f64) -> f64 {
    let y = y.max(0.0);
    variance[0] + y * (variance[1] + y * variance[2])
}

/// Reweighted least squares for the coefficients in `subset`; none where one is not positive.
async fn fit_variance(data: &[(f64, f64, f64)], subset: u8, size: f64) -> Option<[f64; 3]> {
    let members: Vec<usize> = (0..3).filter(|k| subset >> k & 1 == 1).collect();
    let n = members.len();
    let total: f64 = data.iter().map(|d| d.2).sum();
    let typical = data.iter().map(|d| d.1 * d.2).sum::<f64>() / total;
    let mut found: Option<[f64; 3]> = None;
    for _ in 0..30 {
        let mut a = nalgebra::DMatrix::<f64>::zeros(n, n);
        let mut b = nalgebra::DVector::<f64>::zeros(n);
        let mut add = |(y, s, degrees): &(f64, f64, f64)| {
            let v = found.map_or(typical, |f| at(&f, *y).max(1e-12 * typical));
            let weight = degrees / (v * v);
            let powers = [1.0, y.max(0.0) / size, (y.max(0.0) / size).powi(2)];
            for (i, p) in members.iter().enumerate() {
                b[i] += weight * powers[*p] * s;
                for (j, q) in members.iter().enumerate() {
                    a[(i, j)] += weight * powers[*p] * powers[*q];
                }
            }
        };
        resting(data.len(), 0.2, &mut |range| data[range].iter().for_each(&mut add)).await;
        let solution = a.cholesky()?.solve(&b);
        if solution.iter().any(|x| x.is_nan() || *x <= 0.0) {
            return None;
        }
        let mut next = [0.0; 3];
        for (i, p) in members.iter().enumerate() {
            next[*p] = solution[i] / size.powi(*p as i32);
        }
        let settled =
            found.is_some_and(|f| data.iter().all(|d| (at(&next, d.0) / at(&f, d.0) - 1.0).abs() < 1e-6));
        found = Some(next);
        if settled {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, Poisson, StandardNormal};
    use rand_pcg::Pcg64;

    /// `n` groups of four, drawn around means from 5 to 500.
    fn drawn(n: usize, mut draw: impl FnMut(f64, &mut Pcg64) -> f64) -> (Vec<f64>, Vec<usize>) {
        let mut random = Pcg64::new(7, 1);
        let group: Vec<usize> = (0..4 * n).map(|i| i / 4).collect();
        let mean = |g: usize| 5.0 + 495.0 * (g as f64 * 0.618_034).fract();
        (group.iter().map(|g| draw(mean(*g), &mut random)).collect(), group)
    }

    fn noise(intensity: &[f64], group: &[usize]) -> Noise {
        crate::now(Grouped { intensity, used: &vec![true; group.len()], group }.noise())
    }

    #[test]
    fn counts_are_recognised_and_multiples_of_counts_are_not() {
        let poisson = |mean: f64, random: &mut Pcg64| Poisson::new(mean).unwrap().sample(random);
        let (counts, group) = drawn(300, poisson);
        let Noise::Counts { dispersion: Some(dispersion), degrees: 900 } = noise(&counts, &group) else {
            panic!("{:?}", noise(&counts, &group));
        };
        assert!((dispersion - 1.0).abs() < 0.15, "{dispersion}");
        let hundredfold: Vec<f64> = counts.iter().map(|y| 100.0 * y).collect();
        let Noise::Equivalents { variance, .. } = noise(&hundredfold, &group) else {
            panic!("taken for counts")
        };
        assert!((at(&variance, 1e4) / 1e6 - 1.0).abs() < 0.15, "{variance:?}");
        // Nothing to compare with: whole numbers alone.
        assert_eq!(
            noise(&counts, &(0..counts.len()).collect::<Vec<_>>()),
            Noise::Counts { dispersion: None, degrees: 0 }
        );
    }

    #[test]
    fn the_scatter_of_equivalents_gives_the_variance() {
        let normal = |mean: f64, random: &mut Pcg64| {
            let z: f64 = StandardNormal.sample(random);
            mean + z * (4.0 + 0.3 * mean).sqrt()
        };
        let (values, group) = drawn(1500, normal);
        let Noise::Equivalents { variance, .. } = noise(&values, &group) else { panic!("no variance") };
        for y in [60.0, 100.0, 400.0] {
            assert!((at(&variance, y) / (4.0 + 0.3 * y) - 1.0).abs() < 0.1, "{y}: {variance:?}");
        }
        assert_eq!(noise(&values, &(0..values.len()).collect::<Vec<_>>()), Noise::Unknown);
    }
}
