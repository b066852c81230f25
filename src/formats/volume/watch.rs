//! Values that may mark voxels without a measurement: found and counted while an array is read.

use crate::data::grid::Candidate;
use crate::data::is_mark;

/// What was seen of the values of an array.
#[derive(Debug)]
pub(super) struct Watch {
    marks: Vec<(f64, usize)>,
    zeros: usize,
    /// Least and largest value that is neither a mark nor zero.
    low: f64,
    high: f64,
    /// Whether some value is no whole number.
    fractions: bool,
}

/// More different marks are data.
const MOST_MARKS: usize = 32;

impl Watch {
    pub fn new() -> Self {
        Watch { marks: vec![], zeros: 0, low: f64::INFINITY, high: f64::NEG_INFINITY, fractions: false }
    }

    pub fn see(&mut self, x: f64) {
        if x == 0.0 {
            self.zeros += 1;
            return;
        }
        let integer = x.fract() == 0.0;
        // Marks are whole numbers: most values are dismissed here.
        if integer && is_mark(x) {
            match self.marks.iter().position(|(known, _)| *known == x) {
                Some(at) => self.marks[at].1 += 1,
                None if self.marks.len() < MOST_MARKS => self.marks.push((x, 1)),
                None => {}
            }
            return;
        }
        self.fractions |= !integer;
        (self.low, self.high) = (self.low.min(x), self.high.max(x));
    }

    /// The values that stand apart from all others.
    pub fn candidates(&self) -> Vec<Candidate> {
        if self.high < self.low {
            return vec![];
        }
        let apart = |&&(x, count): &&(f64, usize)| match x < 0.0 {
            true => x < self.low.min(0.0) || self.fractions && count >= 3,
            false if x == 255.0 => count >= 10 && self.high < x,
            false => self.high < x && (count >= 2 || self.high * 1e3 < x),
        };
        let mut found: Vec<Candidate> =
            self.marks.iter().filter(apart).map(|&(value, voxels)| Candidate { value, voxels }).collect();
        // Exact zeros, again and again, among numbers that are none.
        if self.fractions && self.zeros >= 3 {
            found.push(Candidate { value: 0.0, voxels: self.zeros });
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[f64]) -> Vec<(f64, usize)> {
        let mut watch = Watch::new();
        values.iter().for_each(|x| watch.see(*x));
        watch.candidates().into_iter().map(|c| (c.value, c.voxels)).collect()
    }

    #[test]
    fn marks_stand_apart() {
        assert_eq!(found(&[3.0, 17.0, -1.0, 0.0, -2.0]), [(-1.0, 1), (-2.0, 1)]);
        assert_eq!(found(&[3.0, 65_535.0, 65_535.0]), [(65_535.0, 2)]);
        assert_eq!(found(&[3.0, 4_294_967_295.0]), [(4_294_967_295.0, 1)]);
        assert_eq!(found(&[0.5, 0.0, 0.0, 0.0, 1.5]), [(0.0, 3)]);
        assert_eq!(found(&[-7.5, -1.0, -1.0, -1.0, 8.25]), [(-1.0, 3)]);
        // Counts minus a constant, counts with zeros, a large count.
        assert!(found(&[-1.0, -4.0, 5.0, 0.0, 0.0, 0.0]).is_empty());
        assert!(found(&[65_535.0, 70_000.0]).is_empty());
        assert!(found(&[-1.0, -1.0]).is_empty());
    }
}
