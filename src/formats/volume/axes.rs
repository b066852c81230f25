//! Axes: their directions by name, centres from edges, steps or limits, and numbers without the dust of arithmetic.

use crate::data::grid::GridAxis;
use crate::data::selection::AxisSpec;
use crate::formats::table::direction;
use crate::{Error, Result};

/// The letters of the three indices.
pub(super) const UNITS: [(&str, [f64; 3]); 3] =
    [("h", [1.0, 0.0, 0.0]), ("k", [0.0, 1.0, 0.0]), ("l", [0.0, 0.0, 1.0])];

/// The direction in hkl that a name gives, such as `Qh`, `K` or `[H,H,0]`.
pub(super) fn named(name: &str) -> Option<GridAxis> {
    let found = direction(name)?;
    let letter = UNITS.iter().find(|(_, unit)| *unit == found).map(|(letter, _)| *letter);
    Some(GridAxis { name: letter.unwrap_or(name.trim()).to_owned(), direction: found, centres: vec![] })
}

/// Centres of `count` voxels from coordinates of their centres, or of their edges, of which there is one more.
pub(super) fn centres(file: &str, axis: &str, values: &[f64], count: usize) -> Result<Vec<f64>> {
    if values.len() == count {
        return Ok(values.iter().map(|x| tidy(*x)).collect());
    }
    if values.len() == count + 1 {
        return Ok(values.windows(2).map(|pair| tidy(f64::midpoint(pair[0], pair[1]))).collect());
    }
    let what = format!("the axis {axis} has {} values for {count} voxels", values.len());
    Err(Error::file(file, what, format!("{count} centres or {} edges", count + 1)))
}

/// Centres at equal distances.
pub(super) fn steps(first: f64, step: f64, count: usize) -> Vec<f64> {
    (0..count).map(|n| tidy(first + step * n as f64)).collect()
}

/// A coordinate without the dust of arithmetic: 0.15000000000000002 and 0.15 are one place.
pub(super) fn tidy(x: f64) -> f64 {
    let round = (x * 1e10).round() / 1e10;
    if (x - round).abs() <= 4e-15 * x.abs().max(1.0) { round + 0.0 } else { x }
}

/// A coordinate that was stored in 32 bits: the shortest decimal that has these bits is meant.
pub(super) fn tidy_f32(x: f64) -> f64 {
    format!("{:?}", x as f32).parse().unwrap_or(x)
}

/// The axis that two leave open.
pub(super) fn open(axes: &[GridAxis]) -> GridAxis {
    let missing = UNITS.iter().max_by(|a, b| {
        let volume = |unit: &[f64; 3]| match axes {
            [a, b, ..] => {
                let (a, b) = (a.direction, b.direction);
                let normal =
                    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
                (normal[0] * unit[0] + normal[1] * unit[1] + normal[2] * unit[2]).abs()
            }
            _ => 0.0,
        };
        volume(&a.1).total_cmp(&volume(&b.1))
    });
    let (name, direction) = missing.copied().unwrap_or(UNITS[2]);
    GridAxis { name: name.to_owned(), direction, centres: vec![0.0] }
}

/// The axes that a person gives.
pub(super) fn given(file: &str, shape: &[usize], specs: &[AxisSpec]) -> Result<Vec<GridAxis>> {
    if specs.len() != shape.len() {
        let what = format!("{} axes are given for an array with {} indices", specs.len(), shape.len());
        return Err(Error::file(file, what, "one for each, the slowest first"));
    }
    specs.iter().zip(shape).map(|(spec, count)| one(file, spec, *count)).collect()
}

fn one(file: &str, spec: &AxisSpec, count: usize) -> Result<GridAxis> {
    let direction = spec.along.direction();
    let letter = UNITS.iter().find(|(_, unit)| *unit == direction).map(|(letter, _)| (*letter).to_owned());
    let name = letter.unwrap_or_else(|| format!("{direction:?}"));
    let wrong = |what: String, expected: &str| Error::file(file, what, expected);
    let centres = match (&spec.values, spec.limits, spec.first, spec.step) {
        (Some(values), None, None, None) if values.len() == count => values.clone(),
        (Some(values), None, None, None) => {
            let what = format!("{} values are given along {name} for {count} voxels", values.len());
            return Err(wrong(what, "the centre of each"));
        }
        (None, Some([first, last]), None, None) => match count {
            1 if first == last => vec![first],
            1 => {
                return Err(wrong(
                    format!("two limits are given along {name} for one voxel"),
                    "one value twice",
                ));
            }
            _ => steps_between(first, last, count),
        },
        (None, None, Some(first), Some(step)) => steps(first, step, count),
        _ => {
            let what = format!("the axis along {name} is not given in one way");
            return Err(wrong(what, "either limits, or first and step, or values"));
        }
    };
    Ok(GridAxis { name, direction, centres })
}

fn steps_between(first: f64, last: f64, count: usize) -> Vec<f64> {
    let intervals = (count - 1) as f64;
    (0..count).map(|n| tidy((first * (intervals - n as f64) + last * n as f64) / intervals)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_and_centres_are_told_apart_by_their_number() {
        assert_eq!(centres("f", "h", &[0.0, 0.1, 0.2], 3).unwrap(), [0.0, 0.1, 0.2]);
        assert_eq!(centres("f", "h", &[0.0, 0.1, 0.2], 2).unwrap(), [0.05, 0.15]);
        let said = centres("f", "h", &[0.0], 3).unwrap_err().to_string();
        assert_eq!(said, "f: the axis h has 1 values for 3 voxels, expected 3 centres or 4 edges");
    }

    #[test]
    fn coordinates_have_no_dust() {
        assert_eq!(steps(-2.0, 0.05, 81)[43], 0.15);
        assert_eq!(steps_between(-2.0, 2.0, 81)[43], 0.15);
        assert_eq!(tidy(1.0 / 3.0), 1.0 / 3.0);
        assert_eq!(tidy_f32(f64::from(0.15_f32)), 0.15);
    }
}
