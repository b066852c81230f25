//! What can be said before a fit: whether the data and the crystal belong together.

use super::Rows;
use crate::base::order::sort_by;
use crate::data::Dataset;
use crate::fit::{Background, Known, Session};

/// Data in number from which on their order says something.
const LEAST: usize = 30;
/// So many of them are enough.
const MOST: usize = 20_000;
/// With the right crystal one spring alone gives 0.6 and more (nickel, copper, aluminium, iron, silicon, rock salt),
/// with a wrong one −0.3 to 0.5, or 0.7 where the structures share most of their peaks.
const DOUBTFUL: f64 = 0.5;

/// A sentence for each data set that does not rise and fall with the scattering of the start. Without its background,
/// which follows |Q| whatever the crystal.
pub(super) fn before_the_fit(
    session: &Session,
    data: &[Dataset],
    rows: &[Rows],
    models: &[Vec<f64>],
) -> Vec<String> {
    let (mut hints, at) = (Vec::new(), session.current());
    for (n, ((set, rows), model)) in data.iter().zip(rows).zip(models).enumerate() {
        let (term, amplitudes) = (&session.problem.terms[n], &at.nuisances[n].background);
        let scattering = |i: usize| {
            let point = rows.point[i]?;
            let shapes = term.measurement.background.iter().zip(amplitudes);
            let shape = |b: &Known<Background>| term.measurement.shape(b.what, point, rows.places.get(i));
            Some(model[i] - shapes.map(|(b, a)| a * shape(b)).sum::<f64>())
        };
        let used = rows.used.iter().filter(|used| **used).count();
        let pairs: Vec<[f64; 2]> = (0..set.intensity.len())
            .step_by(used / MOST + 1)
            .filter(|&i| rows.used[i])
            .filter_map(|i| Some([set.intensity[i], scattering(i)?]))
            .collect();
        if pairs.len() < LEAST {
            continue;
        }
        let r = rank_correlation(&pairs);
        if r < DOUBTFUL {
            hints.push(format!(
                "{}: the scattering of the start hardly rises and falls with the data (rank correlation \
                 {r:.2}). Check that crystal, cell and the axes of h, k, l are those of the data.",
                set.name
            ));
        }
    }
    hints
}

/// Spearman's ρ: correlation of the ranks, which neither scale nor single hot pixels decide; ties share their mean rank.
/// NaN where one side is constant.
fn rank_correlation(pairs: &[[f64; 2]]) -> f64 {
    let n = pairs.len();
    let ranks: [Vec<f64>; 2] = std::array::from_fn(|side| {
        let mut order: Vec<(f64, usize)> = pairs.iter().enumerate().map(|(i, p)| (p[side], i)).collect();
        sort_by(&mut order, |a, b| a.0.total_cmp(&b.0));
        let mut ranks = vec![0.0; n];
        let mut first = 0;
        while first < n {
            let tied = order[first..].iter().take_while(|(x, _)| *x == order[first].0).count();
            let rank = first as f64 + 0.5 * (tied as f64 - 1.0);
            order[first..first + tied].iter().for_each(|(_, i)| ranks[*i] = rank);
            first += tied;
        }
        ranks
    });
    let mean = 0.5 * (n as f64 - 1.0);
    let mut sums = [0.0; 3];
    for (a, b) in ranks[0].iter().zip(&ranks[1]) {
        let (a, b) = (a - mean, b - mean);
        sums[0] += a * a;
        sums[1] += a * b;
        sums[2] += b * b;
    }
    sums[1] / (sums[0] * sums[2]).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_correlate_whatever_the_scale() {
        let rising: Vec<[f64; 2]> = (0..50).map(|i| [f64::from(i), f64::from(i).exp()]).collect();
        assert!((rank_correlation(&rising) - 1.0).abs() < 1e-12);
        let falling: Vec<[f64; 2]> = rising.iter().map(|[a, b]| [-a, *b]).collect();
        assert!((rank_correlation(&falling) + 1.0).abs() < 1e-12);
        // By hand: ranks 0, 1.5, 1.5, 3 and 3, 2, 1, 0.
        let tied = [[1.0, 9.0], [2.0, 8.0], [2.0, 7.0], [5.0, 6.0]];
        let by_hand = -4.5 / (4.5f64 * 5.0).sqrt();
        assert!((rank_correlation(&tied) - by_hand).abs() < 1e-12);
        assert!(rank_correlation(&[[1.0, 2.0], [1.0, 3.0]]).is_nan());
    }
}
