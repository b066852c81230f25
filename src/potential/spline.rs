//! Cubic splines of tables, and smooth changes of them.

use nalgebra::DMatrix;

use super::Number;

/// A cubic spline with equal spacing, without a knot at the second point and at the last but one.
#[derive(Debug, Clone, PartialEq)]
pub struct Spline {
    first: f64,
    spacing: f64,
    values: Vec<f64>,
    /// Second derivatives at the points.
    bends: Vec<f64>,
}

impl Spline {
    /// Through `values` at `first`, `first + spacing`, …; at least four of them, a positive spacing, all finite: else none.
    pub fn new(first: f64, spacing: f64, values: Vec<f64>) -> Option<Self> {
        let n = values.len();
        let usable = n >= 4 && spacing > 0.0 && values.iter().all(|v| v.is_finite()) && first.is_finite();
        usable.then(|| {
            // (M₋ + 4 M + M₊)/6 = second difference; M₀ = 2M₁ − M₂ at the ends, so that M₁ is the difference itself.
            let difference =
                |i: usize| (values[i - 1] - 2.0 * values[i] + values[i + 1]) / (spacing * spacing);
            let mut bends = vec![0.0; n];
            (bends[1], bends[n - 2]) = (difference(1), difference(n - 2));
            let inner = 2..n - 2;
            let (mut upper, mut right) = (vec![0.0; n], vec![0.0; n]);
            for i in inner.clone() {
                let below = if i == 2 { 0.0 } else { 1.0 };
                let known = if i == 2 { bends[1] } else { 0.0 } + if i == n - 3 { bends[n - 2] } else { 0.0 };
                let pivot = 4.0 - below * upper[i - 1];
                upper[i] = 1.0 / pivot;
                right[i] = (6.0 * difference(i) - known - below * right[i - 1]) / pivot;
            }
            for i in inner.rev() {
                bends[i] = right[i] - if i + 1 < n - 2 { upper[i] * bends[i + 1] } else { 0.0 };
            }
            bends[0] = 2.0 * bends[1] - bends[2];
            bends[n - 1] = 2.0 * bends[n - 2] - bends[n - 3];
            Spline { first, spacing, values, bends }
        })
    }

    /// Between two points.
    pub fn spacing(&self) -> f64 {
        self.spacing
    }

    /// Where the table ends.
    pub fn last(&self) -> f64 {
        self.first + self.spacing * (self.values.len() - 1) as f64
    }

    /// The value at `x`; beyond the ends, the outermost cubic goes on.
    pub fn at<D: Number>(&self, x: D) -> D {
        let at = ((x.re() - self.first) / self.spacing).floor().clamp(0.0, (self.values.len() - 2) as f64);
        let (i, h) = (at as usize, self.spacing);
        let t = x - (self.first + h * at);
        let (low, high) = (self.bends[i], self.bends[i + 1]);
        let slope = (self.values[i + 1] - self.values[i]) / h - h * (2.0 * low + high) / 6.0;
        ((t * ((high - low) / (6.0 * h)) + 0.5 * low) * t + slope) * t + self.values[i]
    }
}

/// Smooth changes of a function by its values at knots: cubic splines that, with their slope, are zero from the outermost
/// two points outwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Knots {
    points: Vec<f64>,
    /// Second derivatives at all points, for a change by one at each knot: a column for each.
    bends: DMatrix<f64>,
}

impl Knots {
    /// `points`: ascending and apart; the first and the last are where nothing changes.
    pub fn new(points: Vec<f64>) -> Self {
        let n = points.len();
        let mut left = DMatrix::zeros(n, n);
        let mut right = DMatrix::zeros(n, n.saturating_sub(2));
        for i in 0..n {
            for (a, b) in [(i.checked_sub(1), i), (Some(i), i + 1)].into_iter().filter(|s| s.1 < n) {
                let Some(a) = a else { continue };
                let h = points[b] - points[a];
                // The slope is continuous at the points, and zero at both ends.
                let other = a + b - i;
                left[(i, i)] += h / 3.0;
                left[(i, other)] += h / 6.0;
                for (point, sign) in [(other, 1.0), (i, -1.0)] {
                    if point > 0 && point < n - 1 {
                        right[(i, point - 1)] += sign / h;
                    }
                }
            }
        }
        let bends = left.lu().solve(&right).unwrap_or_else(|| DMatrix::zeros(n, n.saturating_sub(2)));
        Knots { points, bends }
    }

    /// The points between the outermost ones.
    pub fn inner(&self) -> &[f64] {
        &self.points[1..self.points.len() - 1]
    }

    /// The change at `x` where the knots change by `by`.
    pub fn at<D: Number>(&self, by: &[D], x: D) -> D {
        let (n, real) = (self.points.len(), x.re());
        if real <= self.points[0] || real >= self.points[n - 1] {
            return D::zero();
        }
        let i = self.points.iter().rposition(|p| *p <= real).unwrap_or(0).min(n - 2);
        let h = self.points[i + 1] - self.points[i];
        let (a, b) = ((-x + self.points[i + 1]) / h, (x - self.points[i]) / h);
        let bend = |row: usize| {
            let row = self.bends.row(row);
            by.iter().zip(row.iter()).fold(D::zero(), |sum, (d, m)| sum + *d * *m)
        };
        let value = |point: usize| if point == 0 || point == n - 1 { D::zero() } else { by[point - 1] };
        let cubic = |t: D| (t * t * t - t) * (h * h / 6.0);
        a * value(i) + b * value(i + 1) + cubic(a) * bend(i) + cubic(b) * bend(i + 1)
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DVector;

    use super::*;

    #[test]
    fn a_cubic_is_its_own_spline() {
        let f = |x: f64| 2.0 - x + 3.0 * x * x - 0.5 * x * x * x;
        let spline = Spline::new(1.0, 0.25, (0..12).map(|i| f(1.0 + 0.25 * f64::from(i))).collect()).unwrap();
        for x in [1.0, 1.1, 1.9, 2.63, 3.75] {
            assert!((spline.at(x) - f(x)).abs() < 1e-12, "{x}");
        }
    }

    #[test]
    fn a_change_goes_through_its_knots_and_ends_flat() {
        let knots = Knots::new(vec![1.0, 1.7, 2.0, 3.1, 4.0]);
        let by = [0.3, -0.2, 0.5];
        for (x, d) in knots.inner().iter().zip(by) {
            assert!((knots.at(&by, *x) - d).abs() < 1e-12);
        }
        // Continuous slope at the knots and at the ends.
        for x in [1.0, 1.7, 2.0, 3.1, 4.0] {
            let h = 1e-6;
            let slope = |x: f64| (knots.at(&by, x + h) - knots.at(&by, x - h)) / (2.0 * h);
            assert!((slope(x + 1e-5) - slope(x - 1e-5)).abs() < 2e-4, "{x}");
        }
        assert_eq!(knots.at(&by, 0.9), 0.0);
        let column = DVector::from_column_slice(&by);
        assert!((&knots.bends * column).iter().all(|m| m.is_finite()));
    }
}
