//! One axis of a raster, recognised as a regular grid or cut into bins.

use crate::base::order::{order_by, sort_floats};

/// Values nearer than this are one value (reciprocal-lattice units).
pub(super) const SAME: f64 = 1e-6;
/// A grid may be off its exact positions by this fraction of a step: files round their numbers.
const OFF_GRID: f64 = 0.02;
/// No axis of a map gets more pixels than this.
const MOST_PIXELS: usize = 2048;

/// Pixels along one axis of a map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Raster {
    /// Centre of the first pixel, r.l.u.
    pub start: f64,
    /// Distance between the centres of neighbours, r.l.u., positive.
    pub step: f64,
    pub count: usize,
    /// True if the data lie on the centres, false if they were put into the nearest pixel.
    pub regular: bool,
}

impl Raster {
    /// The regular grid that the values lie on, or about `bins` bins that hold all of them.
    pub(super) fn new(values: &[f64], bins: usize) -> Self {
        let distinct = distinct(values);
        let (Some(&first), Some(&last)) = (distinct.first(), distinct.last()) else {
            return Raster { start: 0.0, step: 1.0, count: 0, regular: true };
        };
        if distinct.len() == 1 {
            return Raster { start: first, step: 1.0, count: 1, regular: true };
        }
        Self::grid(&distinct, values.len()).unwrap_or_else(|| {
            let count = bins.clamp(2, MOST_PIXELS);
            Raster { start: first, step: (last - first) / (count - 1) as f64, count, regular: false }
        })
    }

    fn grid(distinct: &[f64], rows: usize) -> Option<Self> {
        let span = distinct[distinct.len() - 1] - distinct[0];
        let gap = distinct.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
        // Most of the gaps must be filled, or a scatter of rounded numbers would pass for a grid.
        let cells = (span / gap).round();
        if !(cells < MOST_PIXELS as f64 && cells + 1.0 <= 4.0 * (distinct.len().max(rows / 4)) as f64) {
            return None;
        }
        let step = span / cells;
        let off = |v: &f64| {
            let at = (v - distinct[0]) / step;
            (at - at.round()).abs()
        };
        let regular = distinct.iter().all(|v| off(v) <= OFF_GRID);
        regular.then_some(Raster { start: distinct[0], step, count: cells as usize + 1, regular })
    }

    /// The pixel nearest to `value`.
    pub(super) fn pixel(&self, value: f64) -> usize {
        let at = ((value - self.start) / self.step).round();
        (at.max(0.0) as usize).min(self.count.saturating_sub(1))
    }

    /// The `count` pixels from `first` on.
    pub(super) fn part(&self, first: usize, count: usize) -> Self {
        Raster { start: self.start + first as f64 * self.step, count, ..*self }
    }
}

/// The distinct values, ascending.
pub(super) fn distinct(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sort_floats(&mut sorted);
    sorted.dedup_by(|next, kept| *next - *kept <= SAME);
    sorted
}

/// For every value the number of its group, and the value of each group, ascending.
pub(super) fn groups(values: &[f64]) -> (Vec<usize>, Vec<f64>) {
    let order = order_by(values.len(), &mut |a, b| values[a].total_cmp(&values[b]));
    let mut group_of = vec![0; values.len()];
    let mut heads: Vec<f64> = Vec::new();
    for row in order {
        match heads.last() {
            Some(head) if values[row] - head <= SAME => {}
            _ => heads.push(values[row]),
        }
        group_of[row] = heads.len() - 1;
    }
    (group_of, heads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_printed_with_eight_decimals_is_regular() {
        let values: Vec<f64> =
            (-30..=30).map(|i| format!("{:.8}", i as f64 / 6.0).parse().unwrap()).collect();
        let raster = Raster::new(&values, 100);
        assert!(raster.regular && raster.count == 61);
        assert!((raster.step - 1.0 / 6.0).abs() < 1e-9);
        for (i, v) in values.iter().enumerate() {
            assert_eq!(raster.pixel(*v), i);
        }
    }

    #[test]
    fn gaps_in_a_grid_stay_gaps() {
        let raster = Raster::new(&[0.0, 0.1, 0.2, 0.5, 0.6], 10);
        assert_eq!((raster.regular, raster.count), (true, 7));
    }

    #[test]
    fn scattered_values_are_binned() {
        let values: Vec<f64> = (0..500).map(|i| (f64::from(i) * 0.618_033_988_7).fract()).collect();
        let raster = Raster::new(&values, 40);
        assert_eq!((raster.regular, raster.count), (false, 40));
        assert!(values.iter().all(|v| raster.pixel(*v) < 40));
    }
}
