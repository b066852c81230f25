//! Round numbers for axes and colour bars.

use crate::base::order::sort_floats;

use super::Scale;

/// Round values between `lo` and `hi`, at most about `count`, in steps of 1, 2 or 5 times a power
/// of ten.
pub fn linear(lo: f64, hi: f64, count: usize) -> Vec<f64> {
    let span = hi - lo;
    if !(span.is_finite() && span > 0.0) || count == 0 {
        return Vec::new();
    }
    let rough = span / count as f64;
    let decade = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * decade).into_iter().find(|s| *s >= rough * 0.999);
    let step = step.unwrap_or(10.0 * decade);
    let slack = 1e-9 * span;
    let first = ((lo - slack) / step).ceil();
    let last = ((hi + slack) / step).floor();
    // Adding zero turns −0 into 0.
    (0..=(last - first).max(-1.0) as i64).map(|i| (first + i as f64) * step + 0.0).take(1000).collect()
}

/// Values for a logarithmic axis: powers of ten, with 2 and 5 times them where there is room, and
/// plain round values where the range is shorter than that.
pub fn logarithmic(lo: f64, hi: f64, count: usize) -> Vec<f64> {
    if !(lo > 0.0 && hi.is_finite() && hi > lo) || count == 0 {
        return Vec::new();
    }
    let decades = (hi / lo).log10();
    if decades < 0.6 {
        return linear(lo, hi, count);
    }
    let room = count as f64 / decades;
    let multiples: &[f64] = if room >= 3.0 {
        &[1.0, 2.0, 5.0]
    } else if room >= 2.0 {
        &[1.0, 3.0]
    } else {
        &[1.0]
    };
    let every = (1.0 / room).ceil().max(1.0) as i32;
    let (first, last) = (lo.log10().floor() as i32, hi.log10().ceil() as i32);
    (first..=last)
        .filter(|decade| decade.rem_euclid(every) == 0)
        .flat_map(|decade| multiples.iter().map(move |m| m * 10f64.powi(decade)))
        .filter(|v| *v >= lo * (1.0 - 1e-9) && *v <= hi * (1.0 + 1e-9))
        .collect()
}

/// Round values of a scale that is neither even nor logarithmic all through: zero, powers of ten, then 5 and
/// 2 times them, the large ones first, as long as no two come nearer than the `count`-th part of the scale.
/// Plain round values where the ends are near each other.
pub fn spaced(scale: &Scale, count: usize) -> Vec<f64> {
    let (lo, hi) = (scale.lo(), scale.hi());
    let size = lo.abs().max(hi.abs());
    if count == 0 || lo * hi > 0.0 && size < 4.0 * lo.abs().min(hi.abs()) {
        return linear(lo, hi, count);
    }
    let top = size.log10().floor() as i32;
    let decades = (0..DECADES).map(|below| 10f64.powi(top - below));
    let sizes = [1.0, 5.0, 2.0].into_iter().flat_map(|m| decades.clone().map(move |decade| m * decade));
    let room = 0.9 / count as f64;
    let mut kept: Vec<f64> = Vec::new();
    for value in std::iter::once(0.0).chain(sizes.flat_map(|size| [size, -size])) {
        let is_free = || kept.iter().all(|other| (scale.place(*other) - scale.place(value)).abs() >= room);
        if (lo..=hi).contains(&value) && is_free() {
            kept.push(value);
        }
    }
    sort_floats(&mut kept);
    kept
}

/// So many powers of ten can be told apart on one scale.
const DECADES: i32 = 6;

/// A short label: `0.05`, `20`, `5000`, and a power of ten outside 0.001 … 99 999.
pub fn label(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-3..1e5).contains(&size) {
        let decade = size.log10().floor() as i32;
        let head = value / 10f64.powi(decade);
        let power = format!("10{}", superscript(decade));
        return if (head.abs() - 1.0).abs() < 1e-9 {
            format!("{}{power}", if value < 0.0 { "−" } else { "" })
        } else {
            format!("{}·{power}", trimmed(head, 2))
        };
    }
    trimmed(value, 6)
}

fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').replace('-', "−")
}

fn superscript(number: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    number
        .to_string()
        .chars()
        .map(|c| c.to_digit(10).and_then(|d| DIGITS.get(d as usize).copied()).unwrap_or('⁻'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::ScaleKind;
    use super::*;

    #[test]
    fn linear_ticks_are_round_and_inside() {
        assert_eq!(linear(-5.0, 5.0, 5), [-4.0, -2.0, 0.0, 2.0, 4.0]);
        assert_eq!(linear(0.0, 1.0, 5), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert!(linear(1.0, 1.0, 5).is_empty() && linear(f64::NAN, 1.0, 5).is_empty());
        assert!(linear(0.0, f64::INFINITY, 5).is_empty());
    }

    #[test]
    fn logarithmic_ticks_fit_the_room() {
        assert_eq!(logarithmic(1.0, 1000.0, 4), [1.0, 10.0, 100.0, 1000.0]);
        assert_eq!(logarithmic(200.0, 9000.0, 5), [200.0, 500.0, 1000.0, 2000.0, 5000.0]);
        assert!(logarithmic(1e-8, 1e8, 5).len() <= 6);
        assert!(logarithmic(900.0, 1100.0, 4).len() >= 2);
        assert!(logarithmic(0.0, 1.0, 5).is_empty());
    }

    #[test]
    fn ticks_of_bent_scales_keep_their_distance() {
        let roots = Scale::new(0.0, 12_000.0, ScaleKind::SquareRoot).ticks(5);
        assert_eq!(roots, [0.0, 1000.0, 5000.0, 10_000.0]);
        let both = Scale::new(-100.0, 100.0, ScaleKind::SymLog).ticks(6);
        assert_eq!(both, [-100.0, -10.0, 0.0, 10.0, 100.0]);
        assert_eq!(Scale::new(900.0, 1100.0, ScaleKind::SquareRoot).ticks(4), linear(900.0, 1100.0, 4));
        for (lo, hi) in [(-3.0, 7e4), (0.5, 2e6), (-1e-7, 1e-9), (-20.0, -1.0)] {
            for kind in [ScaleKind::SquareRoot, ScaleKind::SymLog] {
                for count in [0, 1, 2, 5, 12] {
                    let scale = Scale::new(lo, hi, kind);
                    let ticks = scale.ticks(count);
                    assert!(ticks.len() <= 2 * count, "{lo} {hi} {kind:?} {count}");
                    assert!(ticks.iter().all(|t| (lo..=hi).contains(t)) && ticks.is_sorted());
                }
            }
        }
    }

    #[test]
    fn labels_are_short() {
        let labels = [0.0, 0.05, -2.0, 5000.0, 1e5, 2.5e-7, 0.1 + 0.2].map(label);
        assert_eq!(labels, ["0", "0.05", "−2", "5000", "10⁵", "2.5·10⁻⁷", "0.3"]);
    }
}
