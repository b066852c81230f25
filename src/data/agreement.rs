//! How well data that symmetry makes equivalent agree, and which of them do not.

use serde::Serialize;

use super::Members;
use crate::base::order::{order_of_many, sort_floats};
use crate::base::parallel::resting;

/// Agreement of equivalent data of one measurement, before any model.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Agreement {
    /// Data that have an equivalent.
    pub n: usize,
    /// Points of reciprocal space that symmetry makes different.
    pub unique: usize,
    /// Σ|I − ⟨I⟩| / Σ|I| over data that have an equivalent, ⟨I⟩ the mean of the equivalents.
    pub r_int: f64,
    /// Σ (I − ⟨I⟩)²/σ² per degree of freedom, where σ is known; ⟨I⟩ is weighed by 1/σ².
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chi2_int: Option<f64>,
    /// Rows far from their equivalents, the farthest first: hot and dead voxels.
    #[serde(skip)]
    pub suspects: Vec<usize>,
    /// How many they are.
    pub n_suspects: usize,
}

/// Data this many times the usual scatter from the median of their equivalents are suspect.
const FAR: f64 = 8.0;
/// So many equivalents make a median that one of them does not decide.
const LEAST: usize = 3;
/// The median absolute deviation of a normal distribution is σ divided by this.
const NORMAL: f64 = 1.4826;

/// Compares equivalent data: `group` is the number of the group of each, `used` whether it takes part.
pub async fn agreement(
    intensity: &[f64],
    sigma: Option<&[f64]>,
    used: &[bool],
    group: &[usize],
) -> Agreement {
    let rows = Members::new(group, &|i| used[i]).await;
    let mut out = Agreement::default();
    let (mut differences, mut total, mut chi2, mut degrees) = (0.0, 0.0, 0.0, 0usize);
    // Deviation from the median of the group in units of σ, or of √median where σ is not known.
    let mut deviations: Vec<(f64, usize)> = Vec::new();
    let mut add = |members: &[usize]| {
        out.unique += usize::from(!members.is_empty());
        if members.len() < 2 {
            return;
        }
        out.n += members.len();
        degrees += members.len() - 1;
        let mean = members.iter().map(|&i| intensity[i]).sum::<f64>() / members.len() as f64;
        differences += members.iter().map(|&i| (intensity[i] - mean).abs()).sum::<f64>();
        total += members.iter().map(|&i| intensity[i].abs()).sum::<f64>();
        if let Some(sigma) = sigma {
            let weight = |i: usize| sigma[i].powi(-2);
            let weights: f64 = members.iter().map(|&i| weight(i)).sum();
            let mean = members.iter().map(|&i| weight(i) * intensity[i]).sum::<f64>() / weights;
            chi2 += members.iter().map(|&i| weight(i) * (intensity[i] - mean).powi(2)).sum::<f64>();
        }
        if members.len() >= LEAST {
            let centre = median(members.iter().map(|&i| intensity[i]).collect());
            // A hot voxel has a large σ of its own where σ = √counts.
            let unit = match sigma {
                Some(sigma) => median(members.iter().map(|&i| sigma[i]).collect()),
                None => centre.abs().sqrt(),
            };
            deviations.extend(members.iter().map(|&i| ((intensity[i] - centre).abs() / unit, i)));
        }
    };
    resting(rows.n_groups(), 0.1 + 0.5 * rows.mean(), &mut |range| range.for_each(|g| add(rows.of(g)))).await;
    if total > 0.0 {
        out.r_int = differences / total;
    }
    out.chi2_int = sigma.filter(|_| degrees > 0).map(|_| chi2 / degrees as f64);
    // Where all scatter more than σ says, more is usual.
    let finite: Vec<f64> = deviations.iter().map(|d| d.0).filter(|d| d.is_finite()).collect();
    let order = order_of_many(finite.len(), &|a, b| finite[a].total_cmp(&finite[b])).await;
    let usual = NORMAL * middle(order.len(), |n| finite[order[n]]);
    let unit = if sigma.is_some() { usual.max(1.0) } else { usual };
    let mut far: Vec<(f64, usize)> =
        deviations.into_iter().filter(|(d, _)| *d > FAR * unit && unit > 0.0).collect();
    crate::base::order::sort_by(&mut far, |a, b| b.0.total_cmp(&a.0));
    out.suspects = far.into_iter().map(|(_, row)| row).collect();
    out.n_suspects = out.suspects.len();
    out
}

/// Zero of nothing.
fn median(mut values: Vec<f64>) -> f64 {
    sort_floats(&mut values);
    middle(values.len(), |n| values[n])
}

/// The median of `n` values in their order.
fn middle(n: usize, value: impl Fn(usize) -> f64) -> f64 {
    match n {
        0 => 0.0,
        n if n % 2 == 1 => value(n / 2),
        n => 0.5 * (value(n / 2 - 1) + value(n / 2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::now;

    #[test]
    fn the_internal_agreement_is_that_of_its_definition() {
        // Groups (10, 14), (20), (30, 33, 36); the last datum is not used.
        let intensity = [10.0, 14.0, 20.0, 30.0, 33.0, 36.0, 1e6];
        let sigma = [1.0, 2.0, 1.0, 3.0, 3.0, 3.0, 1.0];
        let (used, group) = ([true, true, true, true, true, true, false], [0, 0, 1, 2, 2, 2, 2]);
        let found = now(agreement(&intensity, Some(&sigma), &used, &group));
        assert_eq!((found.n, found.unique), (5, 3));
        assert!((found.r_int - (2.0 + 2.0 + 3.0 + 3.0) / (24.0 + 99.0)).abs() < 1e-12);
        // Weighted means 10.8 and 33.
        let chi2 = 0.8_f64.powi(2) + (3.2_f64 / 2.0).powi(2) + 2.0;
        assert!((found.chi2_int.unwrap() - chi2 / 3.0).abs() < 1e-12);
        assert!(found.suspects.is_empty());
        assert_eq!(
            now(agreement(&[1.0, 2.0], None, &[true; 2], &[0, 1])),
            Agreement { unique: 2, ..Default::default() }
        );
    }

    #[test]
    fn a_hot_voxel_stands_out_from_its_equivalents_and_noise_does_not() {
        // Eight equivalents each, scattering by about √I without order.
        let base = |i: usize| 100.0 + 10.0 * (i / 8) as f64;
        let mut intensity: Vec<f64> =
            (0..800).map(|i| base(i) + 1.5 * base(i).sqrt() * (i as f64 * 2.7).sin()).collect();
        intensity[17] = 5000.0;
        intensity[640] = 0.0;
        let sigma: Vec<f64> = intensity.iter().map(|i| i.max(1.0).sqrt()).collect();
        let (used, group) = (vec![true; 800], (0..800).map(|i| i / 8).collect::<Vec<_>>());
        for sigma in [Some(sigma.as_slice()), None] {
            assert_eq!(
                now(agreement(&intensity, sigma, &used, &group)).suspects,
                [17, 640],
                "{}",
                sigma.is_some()
            );
        }
    }
}
