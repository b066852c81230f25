//! Rows of a file that are no measurement: lines that cannot be read, numbers that are none, marks of masked pixels.

use serde::{Deserialize, Serialize};

use crate::base::text::shortest;

/// What happens to rows that are no measurement. Whatever is no number can never be kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Invalid {
    /// They are counted and left out.
    #[default]
    LeaveOut,
    /// Values that look like marks of masked pixels are taken as measured; the rest is left out.
    Keep,
    /// The first of them refuses the file.
    Refuse,
}

/// Why a row is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(rename = "LeftOutReason"))]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A field that is no number, or another number of fields.
    Unreadable,
    /// NaN or infinity.
    NotFinite,
    /// hkl or a value beyond anything that is measured.
    OutOfRange,
    /// σ is zero or negative.
    SigmaNotPositive,
    /// A value that marks masked pixels: −1, 65535, 2³²−1, …, exactly and again and again.
    Sentinel,
    /// A voxel that the file's own mask leaves out.
    Masked,
    /// A voxel without a pixel or an event in it.
    Empty,
}

/// So many lines are named.
const NAMED: usize = 5;

/// Rows that were left out for one reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// Why they were left out.
    pub reason: Reason,
    /// How many.
    pub rows: usize,
    /// The first lines, one-based.
    pub first_lines: Vec<usize>,
    /// What is wrong with the first, and what stands there.
    pub example: String,
    /// The value that marks masked pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

impl LeftOut {
    /// Counts one more row.
    pub(crate) fn count(
        list: &mut Vec<LeftOut>,
        reason: Reason,
        line: usize,
        example: impl FnOnce() -> String,
    ) {
        let same = |known: &&mut LeftOut| known.reason == reason && known.value.is_none();
        match list.iter_mut().find(same) {
            Some(known) => known.add(line),
            None => {
                list.push(LeftOut {
                    reason,
                    rows: 1,
                    first_lines: vec![line],
                    example: example(),
                    value: None,
                });
            }
        }
    }

    pub(crate) fn add(&mut self, line: usize) {
        self.rows += 1;
        if self.first_lines.len() < NAMED {
            self.first_lines.push(line);
        }
    }

    /// One sentence for people; `name` is the file's.
    pub fn sentence(&self, name: &str) -> String {
        if self.first_lines.is_empty() {
            return self.of_voxels(name);
        }
        let (rows, have) = if self.rows == 1 { ("row is", "whose") } else { ("rows are", "whose") };
        let why = match (self.reason, self.value) {
            (Reason::Unreadable, _) => "that cannot be read".to_owned(),
            (Reason::NotFinite, _) => format!("{have} numbers are not all finite"),
            (Reason::OutOfRange, _) => format!("{have} numbers are out of range"),
            (Reason::SigmaNotPositive, _) => format!("{have} σ is not positive"),
            (Reason::Masked, _) => "that are masked".to_owned(),
            (Reason::Empty, _) => "that are empty".to_owned(),
            (Reason::Sentinel, value) => {
                format!(
                    "{have} intensity is exactly {}, a mark of masked pixels",
                    shortest(value.unwrap_or(-1.0))
                )
            }
        };
        let lines: Vec<String> = self.first_lines.iter().map(usize::to_string).collect();
        let (word, more) = match self.rows {
            1 => ("line", ""),
            n => ("lines", if n > lines.len() { ", …" } else { "" }),
        };
        let example = if self.example.is_empty() { String::new() } else { format!("; {}", self.example) };
        format!("{name}: {} {rows} left out {why} ({word} {}{more}{example}).", self.rows, lines.join(", "))
    }
}

impl LeftOut {
    /// The sentence for voxels, which stand on no line.
    fn of_voxels(&self, name: &str) -> String {
        let (voxels, have) = if self.rows == 1 { ("voxel is", "its") } else { ("voxels are", "their") };
        let why = match (self.reason, self.value) {
            (Reason::Sentinel, Some(value)) => {
                format!("{have} value is {}, which marks what was not measured", shortest(value))
            }
            (Reason::SigmaNotPositive, _) => format!("{have} σ is not positive"),
            (Reason::Masked, _) => "masked in the file".to_owned(),
            (Reason::Empty, _) => "no pixel or event lies in them".to_owned(),
            (Reason::OutOfRange, _) => format!("{have} numbers are out of range"),
            _ => format!("{have} numbers are not finite"),
        };
        format!("{name}: {} {voxels} left out: {why}.", self.rows)
    }
}

/// Values that detectors and programs write for what was not measured.
pub(crate) fn is_mark(x: f64) -> bool {
    const UNSIGNED: [f64; 7] =
        [255.0, 65_534.0, 65_535.0, 2_147_483_647.0, 4_294_967_294.0, 4_294_967_295.0, f32::MAX as f64];
    const NEGATIVE: [f64; 7] = [-1.0, -2.0, -99.0, -999.0, -9999.0, -99999.0, -2_147_483_648.0];
    // Masks such as 1e9 or −1e10.
    let round = x.abs() > 1e7 && {
        let power = x.abs().log10().round();
        (8.0..300.0).contains(&power) && x.abs() == 10_f64.powi(power as i32)
    };
    UNSIGNED.contains(&x) || NEGATIVE.contains(&x) || round
}

/// The values among the intensities that mark masked pixels. Data may be negative once a background is subtracted, so
/// repetition and exactness decide: a mark stands several times and apart from everything else. A negative one is
/// below all that is not a mark, or stands among numbers that never repeat; a positive one is above all others.
pub(crate) fn marks(intensity: &[f64]) -> Vec<f64> {
    let mut marks: Vec<(f64, usize)> = Vec::new();
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut negative = Vec::new();
    for &x in intensity {
        if is_mark(x) {
            match marks.iter_mut().find(|(known, _)| *known == x) {
                Some((_, count)) => *count += 1,
                None => marks.push((x, 1)),
            }
        } else {
            (low, high) = (low.min(x), high.max(x));
            if x < 0.0 {
                negative.push(x);
            }
        }
    }
    // Nothing to compare with.
    if high < low {
        return vec![];
    }
    crate::base::order::sort_floats(&mut negative);
    let distinct =
        negative.windows(2).all(|pair| pair[0] != pair[1]) && negative.iter().any(|x| x.fract() != 0.0);
    let apart = |&(x, count): &(f64, usize)| match x < 0.0 {
        true => count >= 2 && (x < low && low >= 0.0 || count >= 3 && distinct),
        // 255 is a count like any other unless it is the end of the scale many times over.
        false if x == 255.0 => count >= 10 && high < x,
        // The largest whole number of 32 bits far above everything else is none even once.
        false => high < x && (count >= 2 || x.fract() == 0.0 && (high * 1e3 < x) && x.log2().ceil() == 32.0),
    };
    marks.into_iter().filter(apart).map(|(x, _)| x).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_apart_and_again_and_again() {
        let counts = [0.0, 3.0, 17.0, 250.0, 9000.0];
        let with = |more: &[f64]| marks(&[&counts[..], more].concat());
        assert_eq!(with(&[-1.0, -1.0, -1.0, -2.0, -2.0]), [-1.0, -2.0]);
        assert_eq!(with(&[4_294_967_295.0]), [4_294_967_295.0]);
        assert_eq!(with(&[65_535.0, 65_535.0]), [65_535.0]);
        assert_eq!(with(&[1e9, 1e9]), [1e9]);
        assert_eq!(with(&[-1e10, -1e10]), [-1e10]);
        // Once may be chance, and 65535 below other counts is one of them.
        assert!(with(&[-1.0]).is_empty());
        assert!(with(&[65_535.0, 65_535.0, 70_000.0]).is_empty());
        assert!(with(&[255.0, 255.0]).is_empty());
    }

    #[test]
    fn negative_data_are_no_marks() {
        // Counts minus a constant: −1 repeats among other negative integers.
        let subtracted: Vec<f64> = (0..200).map(|i| f64::from(i * 7919 % 23) - 5.0).collect();
        assert!(marks(&subtracted).is_empty());
        let noise: Vec<f64> = (0..200).map(|i| (f64::from(i) * 1.7).sin() * 3.0).collect();
        assert!(marks(&noise).is_empty());
        let masked = [&noise[..], &[-1.0; 5]].concat();
        assert_eq!(marks(&masked), [-1.0]);
    }
}
