//! Points that are found again by their hkl.

use crate::base::order::sort_by;

/// Points are the same to within so much, r.l.u.
const SAME: f64 = 1e-6;

/// Points by their rounded hkl, sorted, each with its number.
#[derive(Debug, Clone)]
pub struct Listed(Vec<([i64; 3], usize)>);

impl Listed {
    /// These points.
    pub fn new(points: impl Iterator<Item = [f64; 3]>) -> Self {
        let mut points: Vec<_> = points.enumerate().map(|(n, hkl)| (rounded(hkl), n)).collect();
        sort_by(&mut points, |a, b| a.cmp(b));
        Listed(points)
    }

    /// Whether hkl is one of them.
    pub fn has(&self, hkl: [f64; 3]) -> bool {
        self.find(hkl).is_some()
    }

    /// The number of the point at hkl.
    pub fn find(&self, hkl: [f64; 3]) -> Option<usize> {
        if self.0.is_empty() {
            return None;
        }
        // A point and its place in the list may be rounded to two sides.
        let base = rounded(hkl);
        (0..27).find_map(|n| {
            let near = [base[0] + n / 9 - 1, base[1] + n / 3 % 3 - 1, base[2] + n % 3 - 1];
            let at = self.0.partition_point(|(known, _)| *known < near);
            self.0.get(at).filter(|(known, _)| *known == near).map(|(_, number)| *number)
        })
    }
}

fn rounded(hkl: [f64; 3]) -> [i64; 3] {
    hkl.map(|x| (x / SAME).round() as i64)
}
