//! What is left of a measurement when the model is taken away, datum by datum and between neighbours.

use crate::base::order::{sort_by, sort_integers};

/// Residuals of one data set: (datum − model)/σ, not finite where a row takes no part.
pub struct Normalised<'a> {
    /// Scattering vectors, r.l.u. of the input cell.
    pub hkl: &'a [[f64; 3]],
    /// (data − model)/σ; NaN where a row is not used.
    pub z: Vec<f64>,
}

/// One datum far from the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlier {
    /// Number of its data set.
    pub set: usize,
    /// Its row there.
    pub row: usize,
    /// (data − model)/σ.
    pub z: f64,
}

/// Residuals of neighbours along the axes of the data.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Neighbours {
    /// Correlation of their residuals, those beyond 5 σ cut there: zero for independent noise.
    pub correlation: f64,
    /// Pairs of neighbours.
    pub pairs: usize,
}

impl Neighbours {
    /// How many of its own standard deviations the correlation is from zero.
    pub fn significance(&self) -> f64 {
        self.correlation * (self.pairs as f64).sqrt()
    }
}

/// Data beyond `limit` σ, the worst first.
pub fn outliers(sets: &[Normalised], limit: f64) -> Vec<Outlier> {
    let mut found = Vec::new();
    for (set, residuals) in sets.iter().enumerate() {
        let far = residuals.z.iter().enumerate().filter(|(_, z)| z.is_finite() && z.abs() > limit);
        found.extend(far.map(|(row, z)| Outlier { set, row, z: *z }));
    }
    sort_by(&mut found, |a, b| b.z.abs().total_cmp(&a.z.abs()));
    found
}

/// Residuals are cut here before they are correlated: a hot pixel is no trend.
const CUT: f64 = 5.0;
/// hkl closer than this are one value.
const RESOLUTION: f64 = 1e-5;

/// Correlation between data that follow each other along h, k or l, the other two being the same, at the
/// smallest distance that is common along that axis.
pub fn neighbours(sets: &[Normalised]) -> Neighbours {
    let (mut product, mut square, mut pairs) = (0.0, 0.0, 0usize);
    for set in sets {
        let kept: Vec<usize> = (0..set.z.len()).filter(|&i| set.z[i].is_finite()).collect();
        for axis in 0..3 {
            let key = |i: usize| set.hkl[i].map(|x| (x / RESOLUTION).round() as i64);
            let mut order: Vec<(i64, i64, i64, usize)> = kept
                .iter()
                .map(|&i| {
                    let k = key(i);
                    (k[(axis + 1) % 3], k[(axis + 2) % 3], k[axis], i)
                })
                .collect();
            sort_by(&mut order, Ord::cmp);
            let adjacent = |w: &[(i64, i64, i64, usize)]| {
                (w[0].0 == w[1].0 && w[0].1 == w[1].1).then(|| w[1].2 - w[0].2).filter(|d| *d > 0)
            };
            let mut steps: Vec<i64> = order.windows(2).filter_map(adjacent).collect();
            sort_integers(&mut steps);
            let common = steps.chunk_by(i64::eq).map(|same| (same.len(), same[0]));
            let Some((_, step)) = common.max_by_key(|(count, step)| (*count, -step)) else { continue };
            for w in order.windows(2).filter(|w| adjacent(w) == Some(step)) {
                let [a, b] = [w[0].3, w[1].3].map(|i| set.z[i].clamp(-CUT, CUT));
                product += a * b;
                square += 0.5 * (a * a + b * b);
                pairs += 1;
            }
        }
    }
    let correlation = if square > 0.0 { product / square } else { 0.0 };
    Neighbours { correlation, pairs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, StandardNormal};
    use rand_pcg::Pcg64;

    fn grid() -> Vec<[f64; 3]> {
        (0..40).flat_map(|i| (0..40).map(move |j| [0.1 * f64::from(i), 0.1 * f64::from(j), 0.5])).collect()
    }

    #[test]
    fn noise_is_not_correlated_and_a_trend_is() {
        let mut random = Pcg64::new(3, 4);
        let noise: Vec<f64> = (0..1600).map(|_| StandardNormal.sample(&mut random)).collect();
        let hkl = grid();
        let plain = neighbours(&[Normalised { hkl: &hkl, z: noise.clone() }]);
        assert_eq!(plain.pairs, 2 * 40 * 39);
        assert!(plain.significance().abs() < 3.0, "{plain:?}");
        let wave = |(z, p): (f64, &[f64; 3])| z + 0.7 * (2.0 * p[0]).sin();
        let z = noise.into_iter().zip(&hkl).map(wave).collect();
        let bent = neighbours(&[Normalised { hkl: &hkl, z }]);
        assert!(bent.significance() > 5.0, "{bent:?}");
    }

    #[test]
    fn outliers_come_worst_first_and_holes_do_not_count() {
        let hkl = vec![[0.0; 3]; 4];
        let found = outliers(&[Normalised { hkl: &hkl, z: vec![6.0, f64::NAN, -200.0, 4.9] }], 5.0);
        assert_eq!(found.iter().map(|o| o.row).collect::<Vec<_>>(), [2, 0]);
    }
}
