//! From a value to its place on a colour scale, and ranges that a few outliers do not spoil.

/// A linear or logarithmic scale between two finite ends, `lo < hi`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    lo: f64,
    hi: f64,
    log: bool,
}

impl Scale {
    /// A usable scale from any two numbers: ends in the wrong order are exchanged, equal ones moved
    /// apart, and the lower end of a logarithmic scale is at most twelve decades below the upper.
    pub fn new(lo: f64, hi: f64, log: bool) -> Self {
        let lo = if lo.is_finite() { lo } else { 0.0 };
        let hi = if hi.is_finite() { hi } else { 1.0 };
        let (mut lo, mut hi) = if lo <= hi { (lo, hi) } else { (hi, lo) };
        if log {
            if hi <= 0.0 {
                hi = 1.0;
            }
            lo = lo.max(hi * 1e-12);
            if hi / lo < 1.0 + 1e-9 {
                (lo, hi) = (lo / 1.5, hi * 1.5);
            }
        } else if hi - lo <= 1e-12 * hi.abs().max(lo.abs()) {
            let half = if hi == 0.0 { 0.5 } else { 0.5 * hi.abs() };
            (lo, hi) = (lo - half, hi + half);
        }
        Scale { lo, hi, log }
    }

    /// The value at the low end.
    pub fn lo(&self) -> f64 {
        self.lo
    }

    /// The value at the high end.
    pub fn hi(&self) -> f64 {
        self.hi
    }

    /// Place of `value` on the scale: 0 at the lower end, 1 at the upper, held within the two.
    /// NaN stays NaN; on a logarithmic scale whatever is not positive is at the lower end.
    pub fn place(&self, value: f64) -> f64 {
        let t = if self.log {
            if value <= 0.0 {
                return 0.0;
            }
            (value / self.lo).ln() / (self.hi / self.lo).ln()
        } else {
            (value - self.lo) / (self.hi - self.lo)
        };
        t.clamp(0.0, 1.0)
    }
}

/// The finite values in ascending order.
fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    crate::base::order::sort_floats(&mut values);
    values
}

fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    let last = sorted.len() - 1;
    let at = fraction.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    sorted[below] + (at - at.floor()) * (sorted[above.min(last)] - sorted[below])
}

/// The two values that leave the fraction `tail` of all finite values outside at either end;
/// `positive` counts positive values only, for logarithmic scales. `None` if nothing is left.
pub fn robust_range(values: impl Iterator<Item = f64>, tail: f64, positive: bool) -> Option<(f64, f64)> {
    let values = sorted(values.filter(|v| !positive || *v > 0.0));
    if values.is_empty() {
        return None;
    }
    Some((quantile(&values, tail), quantile(&values, 1.0 - tail)))
}

/// The magnitude that the fraction `tail` of all finite values exceeds: the half-range of a scale
/// that is symmetrical about zero.
pub fn robust_spread(values: impl Iterator<Item = f64>, tail: f64) -> Option<f64> {
    let values = sorted(values.map(f64::abs));
    if values.is_empty() { None } else { Some(quantile(&values, 1.0 - tail)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_at_zero_and_one_and_outside_is_held() {
        for log in [false, true] {
            let scale = Scale::new(10.0, 1000.0, log);
            assert_eq!(scale.place(10.0), 0.0);
            assert!((scale.place(1000.0) - 1.0).abs() < 1e-12);
            assert_eq!((scale.place(1.0), scale.place(1e9)), (0.0, 1.0));
            assert_eq!(scale.place(-5.0), 0.0);
            assert!(scale.place(f64::NAN).is_nan());
        }
        assert!((Scale::new(10.0, 1000.0, true).place(100.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn any_two_numbers_make_a_usable_scale() {
        let numbers = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.0, 0.0, 1e-300, 5.0, 1e300];
        for lo in numbers {
            for hi in numbers {
                for log in [false, true] {
                    let scale = Scale::new(lo, hi, log);
                    assert!(scale.lo() < scale.hi(), "{lo} {hi} {log}");
                    for value in [-1.0, 0.0, 1.0, 1e300] {
                        assert!((0.0..=1.0).contains(&scale.place(value)), "{lo} {hi} {log} {value}");
                    }
                }
            }
        }
    }

    #[test]
    fn outliers_and_nan_do_not_move_a_robust_range() {
        let mut values: Vec<f64> = (0..1000).map(f64::from).collect();
        values.extend([f64::NAN, f64::INFINITY]);
        values[7] = 1e12;
        let (lo, hi) = robust_range(values.iter().copied(), 0.01, false).unwrap();
        assert!((9.0..13.0).contains(&lo) && (985.0..995.0).contains(&hi), "{lo} {hi}");
        assert!(robust_range([f64::NAN].into_iter(), 0.01, false).is_none());
        assert!(robust_range([-1.0, 0.0].into_iter(), 0.01, true).is_none());
        assert_eq!(robust_range([4.0].into_iter(), 0.01, true), Some((4.0, 4.0)));
        assert_eq!(robust_spread([-3.0, 1.0].into_iter(), 0.0), Some(3.0));
    }
}
