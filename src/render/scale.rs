//! From a value to its place on a colour scale, and ranges that a few outliers do not spoil.

use super::ticks;

/// How values are spread over a colour scale or an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScaleKind {
    /// Evenly.
    Linear,
    /// By their square roots, with the sign of the value: counts whose noise is alike everywhere.
    SquareRoot,
    /// By their logarithms; for positive values.
    Log,
    /// Evenly about zero up to [`KNEE`] of the larger end, by logarithms beyond it, to either side.
    SymLog,
}

/// Where a symmetrical logarithmic scale turns from even to logarithmic, as a part of its larger end.
pub const KNEE: f64 = 0.01;

impl ScaleKind {
    /// Every kind with the name that the page uses for it.
    pub const ALL: [(&'static str, ScaleKind); 4] = [
        ("linear", ScaleKind::Linear),
        ("sqrt", ScaleKind::SquareRoot),
        ("log", ScaleKind::Log),
        ("symlog", ScaleKind::SymLog),
    ];

    /// The kind of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }
}

/// A scale between two finite ends, `lo < hi`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    lo: f64,
    hi: f64,
    kind: ScaleKind,
    /// From one end to the other, in what the scale spreads evenly.
    span: f64,
}

impl Scale {
    /// A usable scale from any two numbers: ends in the wrong order are exchanged, equal ones moved
    /// apart, and the lower end of a logarithmic scale is at most twelve decades below the upper.
    pub fn new(lo: f64, hi: f64, kind: ScaleKind) -> Self {
        let lo = if lo.is_finite() { lo } else { 0.0 };
        let hi = if hi.is_finite() { hi } else { 1.0 };
        let (mut lo, mut hi) = if lo <= hi { (lo, hi) } else { (hi, lo) };
        if kind == ScaleKind::Log {
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
        let mut scale = Scale { lo, hi, kind, span: 1.0 };
        // Once and not for every pixel: a logarithm takes its time.
        scale.span = scale.along(hi);
        scale
    }

    /// The value at the low end.
    pub fn lo(&self) -> f64 {
        self.lo
    }

    /// The value at the high end.
    pub fn hi(&self) -> f64 {
        self.hi
    }

    /// The value up to which a symmetrical logarithmic scale is even.
    fn knee(&self) -> f64 {
        (KNEE * self.lo.abs().max(self.hi.abs())).max(f64::MIN_POSITIVE)
    }

    /// How far `value` is from the low end, in what the scale spreads evenly.
    fn along(&self, value: f64) -> f64 {
        match self.kind {
            ScaleKind::Linear => value - self.lo,
            ScaleKind::SquareRoot => signed(value, f64::sqrt) - signed(self.lo, f64::sqrt),
            // What is not positive lies far below every end.
            ScaleKind::Log if value <= 0.0 => (f64::MIN_POSITIVE / self.lo).ln(),
            ScaleKind::Log => (value / self.lo).ln(),
            ScaleKind::SymLog => {
                let knee = self.knee();
                let spread = |v: f64| signed(v, |size| (size / knee).ln_1p());
                spread(value) - spread(self.lo)
            }
        }
    }

    /// Place of `value` on the scale, also beyond its ends: 0 at the lower, 1 at the upper. NaN stays NaN.
    pub fn place_beyond(&self, value: f64) -> f64 {
        self.along(value) / self.span
    }

    /// Place of `value` on the scale: 0 at the lower end, 1 at the upper, held within the two.
    /// NaN stays NaN; on a logarithmic scale whatever is not positive is at the lower end.
    pub fn place(&self, value: f64) -> f64 {
        self.place_beyond(value).clamp(0.0, 1.0)
    }

    /// The value at a place: the inverse of [`Scale::place`] between the ends.
    pub fn value_at(&self, place: f64) -> f64 {
        let along = place.clamp(0.0, 1.0) * self.span;
        let value = match self.kind {
            ScaleKind::Linear => self.lo + along,
            ScaleKind::SquareRoot => signed(signed(self.lo, f64::sqrt) + along, |root| root * root),
            ScaleKind::Log => self.lo * along.exp(),
            ScaleKind::SymLog => {
                let knee = self.knee();
                let from = signed(self.lo, |size| (size / knee).ln_1p());
                signed(from + along, |spread| knee * spread.exp_m1())
            }
        };
        value.clamp(self.lo, self.hi)
    }

    /// Round values for an axis or a colour bar, at most about `count`.
    pub fn ticks(&self, count: usize) -> Vec<f64> {
        match self.kind {
            ScaleKind::Linear => ticks::linear(self.lo, self.hi, count),
            ScaleKind::Log => ticks::logarithmic(self.lo, self.hi, count),
            ScaleKind::SquareRoot | ScaleKind::SymLog => ticks::spaced(self, count),
        }
    }
}

/// `f` of the size of a value, with the value's sign.
fn signed(value: f64, f: impl Fn(f64) -> f64) -> f64 {
    f(value.abs()).copysign(value)
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

    const KINDS: [ScaleKind; 4] =
        [ScaleKind::Linear, ScaleKind::SquareRoot, ScaleKind::Log, ScaleKind::SymLog];

    #[test]
    fn the_ends_are_at_zero_and_one_and_outside_is_held() {
        for kind in KINDS {
            let scale = Scale::new(10.0, 1000.0, kind);
            assert_eq!(scale.place(10.0), 0.0);
            assert!((scale.place(1000.0) - 1.0).abs() < 1e-12);
            assert_eq!((scale.place(1.0), scale.place(1e9)), (0.0, 1.0));
            assert_eq!(scale.place(-5.0), 0.0);
            assert!(scale.place_beyond(1.0) < 0.0 && scale.place_beyond(1e9) > 1.0);
            assert!(scale.place(f64::NAN).is_nan());
        }
        assert!((Scale::new(10.0, 1000.0, ScaleKind::Log).place(100.0) - 0.5).abs() < 1e-12);
        assert!((Scale::new(0.0, 900.0, ScaleKind::SquareRoot).place(100.0) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn any_two_numbers_make_a_usable_scale() {
        let numbers = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.0, 0.0, 1e-300, 5.0, 1e300];
        for lo in numbers {
            for hi in numbers {
                for kind in KINDS {
                    let scale = Scale::new(lo, hi, kind);
                    assert!(scale.lo() < scale.hi(), "{lo} {hi} {kind:?}");
                    for value in [-1.0, 0.0, 1.0, 1e300] {
                        assert!((0.0..=1.0).contains(&scale.place(value)), "{lo} {hi} {kind:?} {value}");
                    }
                    for place in [0.0, 0.3, 1.0] {
                        let value = scale.value_at(place);
                        assert!((scale.lo()..=scale.hi()).contains(&value), "{lo} {hi} {kind:?} {place}");
                    }
                }
            }
        }
    }

    #[test]
    fn places_grow_with_the_values_and_lead_back_to_them() {
        for kind in KINDS {
            for (lo, hi) in [(2.0, 5e4), (-300.0, 5e4), (-20.0, 20.0)] {
                let scale = Scale::new(lo, hi, kind);
                let mut before = -1.0;
                for i in 0..=100 {
                    let value = scale.value_at(f64::from(i) / 100.0);
                    assert!(
                        (scale.place(value) - f64::from(i) / 100.0).abs() < 1e-9,
                        "{kind:?} {lo} {hi} {i}"
                    );
                    assert!(scale.place(value) > before, "{kind:?} {lo} {hi} {i}");
                    before = scale.place(value);
                }
            }
        }
    }

    #[test]
    fn a_symmetrical_scale_has_zero_in_its_middle_and_is_even_up_to_its_knee() {
        let scale = Scale::new(-100.0, 100.0, ScaleKind::SymLog);
        assert_eq!(scale.place(0.0), 0.5);
        for value in [0.01, 0.5, 3.0, 70.0] {
            assert!((scale.place(value) + scale.place(-value) - 1.0).abs() < 1e-12);
        }
        let slope = |v: f64| (scale.place(v) - 0.5) / v;
        assert!((slope(0.02) / slope(0.01) - 1.0).abs() < 0.01, "one in a hundred of the end is the knee");
        let decade = |v: f64| scale.place(10.0 * v) - scale.place(v);
        assert!((decade(10.0) / decade(5.0) - 1.0).abs() < 0.1);
    }

    #[test]
    fn names_lead_back_to_their_kinds() {
        for (name, kind) in ScaleKind::ALL {
            assert_eq!(ScaleKind::from_name(name), Some(kind));
        }
        assert_eq!(ScaleKind::from_name("cubic"), None);
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
