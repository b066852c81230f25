//! Tables of numbers as text: `h,k,l,intensity[,sigma]`, and lists of points.
//!
//! A header line, or the last comment before the numbers with as many names as columns, names them in any order;
//! without one the order is h, k, l, intensity, sigma. h, k, l are in reciprocal-lattice units of the input cell, or
//! coordinates along axes such as `[H,H,0]`; intensity and sigma in the units of the file.

use super::columns::{Axis, Columns};
use super::rows::{Fault, Table};
use crate::base::parallel::{now, rest};
use crate::base::text::shortest;
use crate::data::{Dataset, Invalid, LeftOut, Reason, marks};
use crate::formats::decode;
use crate::{Error, Result};

/// How a table of intensities is read.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reading {
    /// What happens to rows that are no measurement.
    pub invalid: Invalid,
    /// Added to hkl: where the coordinates of the table are zero. It fixes what a plane leaves open.
    pub origin: Option<[f64; 3]>,
}

/// Larger |h|, |k| or |l| are no scattering vectors.
const LARGEST_HKL: f64 = 1e4;

/// So many rows are read between two rests.
const ROWS_AT_ONCE: usize = 5000;

/// Larger intensities lose the others in rounding.
const LARGEST_INTENSITY: f64 = 1e30;

/// Reads measured intensities; rows that are no measurement are counted and left out.
pub fn read_csv(name: &str, bytes: &[u8]) -> Result<Dataset> {
    read_csv_as(name, bytes, &Reading::default())
}

/// Reads measured intensities.
///
/// # Errors
/// A file that is no table, columns that are missing or ambiguous, no row that can be used.
pub fn read_csv_as(name: &str, bytes: &[u8], reading: &Reading) -> Result<Dataset> {
    now(read_csv_in_pieces(name, bytes, reading))
}

/// The same, in pieces.
///
/// # Errors
/// As [`read_csv_as`].
pub async fn read_csv_in_pieces(name: &str, bytes: &[u8], reading: &Reading) -> Result<Dataset> {
    let text = decode(name, bytes)?;
    let mut table = Table::open(name, &text)?;
    let columns = Columns::of_data(name, &mut table, reading.origin.is_some())?;
    let n = columns.axes.len();
    let origin = reading.origin.unwrap_or_default();
    let mut data = Dataset { name: name.to_owned(), notes: columns.notes, ..Dataset::default() };
    let (mut sigma, mut temperature, mut exposure) = (Vec::new(), Vec::new(), Vec::new());
    let mut lines = Vec::new();
    let mut first_fault: Option<(usize, Fault)> = None;
    let mut row = [0.0; 7];
    let mut read = 0_usize;
    while let Some((line, fault)) = table.next_row(&columns.places, &mut row) {
        read += 1;
        if read.is_multiple_of(ROWS_AT_ONCE) {
            rest().await;
        }
        if columns.is_variance {
            row[n + 1] = row[n + 1].max(0.0).sqrt();
        }
        let hkl = along(&columns.axes, &row, origin);
        let fault = fault.or_else(|| impossible(hkl, row[n], columns.has_sigma.then_some(row[n + 1])));
        let fault = fault.or_else(|| no_temperature(columns.temperature.map(|at| row[at])));
        let fault = fault.or_else(|| no_exposure(columns.exposure.map(|at| row[at])));
        if let Some(fault) = fault {
            if reading.invalid == Invalid::Refuse {
                return Err(Error::at(name, line, fault.what, fault.expected));
            }
            LeftOut::count(&mut data.left_out, fault.reason, line, || match fault.reason {
                Reason::Unreadable => table.neighbours(line),
                _ => fault.what.clone(),
            });
            first_fault = first_fault.or(Some((line, fault)));
            continue;
        }
        data.hkl.push(hkl);
        data.intensity.push(row[n]);
        lines.push(line);
        if columns.has_sigma {
            sigma.push(row[n + 1]);
        }
        exposure.extend(columns.exposure.map(|at| row[at]));
        temperature.extend(columns.temperature.map(|at| row[at]));
    }
    let unreadable =
        data.left_out.iter().find(|kind| kind.reason == Reason::Unreadable).map_or(0, |kind| kind.rows);
    if let Some((line, fault)) = first_fault.filter(|_| data.hkl.is_empty() || unreadable > data.hkl.len()) {
        let bad: usize = data.left_out.iter().map(|kind| kind.rows).sum();
        let all = bad + data.hkl.len();
        let most = if all > 1 { format!(" ({bad} of {all} rows cannot be used)") } else { String::new() };
        return Err(Error::at(name, line, fault.what + &most, fault.expected));
    }
    table.refuse_empty(data.hkl.is_empty())?;
    data.sigma = columns.has_sigma.then_some(sigma);
    data.exposure = columns.exposure.map(|_| exposure);
    data.temperature = columns.temperature.map(|_| temperature);
    rest().await;
    judge_marks(&mut data, &lines, reading.invalid)?;
    data.notes.extend(data.left_out.iter().map(|kind| kind.sentence(name)));
    Ok(data)
}

/// hkl of the coordinates in a row.
pub(super) fn along(axes: &[Axis], row: &[f64], origin: [f64; 3]) -> [f64; 3] {
    let mut hkl = origin;
    for (axis, x) in axes.iter().zip(row) {
        for k in 0..3 {
            hkl[k] += axis[k] * x;
        }
    }
    hkl
}

/// What no count can be divided by.
fn no_exposure(exposure: Option<f64>) -> Option<Fault> {
    let exposure = exposure.filter(|e| !(1.0 / LARGEST_INTENSITY..=LARGEST_INTENSITY).contains(e))?;
    let what = format!("the exposure is {}", shortest(exposure));
    Some(Fault { reason: Reason::OutOfRange, what, expected: "a positive number".into() })
}

/// A temperature that no crystal has.
fn no_temperature(kelvin: Option<f64>) -> Option<Fault> {
    let kelvin = kelvin.filter(|t| !(0.0..=1e5).contains(t))?;
    let what = format!("the temperature is {}", shortest(kelvin));
    Some(Fault { reason: Reason::OutOfRange, what, expected: "0 to 100000 K".into() })
}

/// What no measurement can be.
pub(super) fn impossible(hkl: [f64; 3], intensity: f64, sigma: Option<f64>) -> Option<Fault> {
    let fault =
        |reason, what: String, expected: &str| Some(Fault { reason, what, expected: expected.into() });
    if let Some(x) = hkl.iter().find(|x| x.abs() > LARGEST_HKL) {
        return fault(
            Reason::OutOfRange,
            format!("hkl is {}", shortest(*x)),
            "reciprocal-lattice units up to 10000",
        );
    }
    if let Some(x) = [Some(intensity), sigma].into_iter().flatten().find(|x| x.abs() > LARGEST_INTENSITY) {
        return fault(Reason::OutOfRange, format!("a value is {}", shortest(x)), "intensities up to 1e30");
    }
    match sigma {
        Some(sigma) if sigma <= 0.0 => {
            let what = format!("the sigma of this intensity is {}", shortest(sigma));
            fault(Reason::SigmaNotPositive, what, "a positive standard uncertainty")
        }
        Some(sigma) if sigma < 1.0 / LARGEST_INTENSITY => {
            fault(Reason::OutOfRange, format!("sigma is {}", shortest(sigma)), "at least 1e-30")
        }
        _ => None,
    }
}

/// Deals with the rows whose intensity marks a masked pixel.
fn judge_marks(data: &mut Dataset, lines: &[usize], invalid: Invalid) -> Result<()> {
    let marks = marks(&data.intensity);
    let mut kinds: Vec<LeftOut> = Vec::new();
    let mut keep = vec![true; lines.len()];
    for (n, x) in data.intensity.iter().enumerate().filter(|(_, x)| marks.contains(x)) {
        keep[n] = false;
        match kinds.iter_mut().find(|kind| kind.value == Some(*x)) {
            Some(kind) => kind.add(lines[n]),
            None => kinds.push(LeftOut {
                reason: Reason::Sentinel,
                rows: 1,
                first_lines: vec![lines[n]],
                example: String::new(),
                value: Some(*x),
            }),
        }
    }
    let Some(first) = kinds.first() else { return Ok(()) };
    let value = shortest(first.value.unwrap_or_default());
    match invalid {
        Invalid::Keep => {
            data.notes.push(format!(
                "{}: {} rows have the intensity {value}, which looks like a mark of masked pixels; they are kept.",
                data.name, first.rows
            ));
            Ok(())
        }
        Invalid::Refuse => {
            let what = format!("{} rows have the intensity {value}, a mark of masked pixels", first.rows);
            Err(Error::at(&data.name, first.first_lines[0], what, "measured intensities alone"))
        }
        Invalid::LeaveOut => {
            data.retain(&keep);
            data.left_out.extend(kinds);
            Ok(())
        }
    }
}

/// Reads points h, k, l with the line each stands on; further columns are ignored. Without a header the first three
/// columns are taken. A point that cannot be used refuses the list.
pub fn read_points(name: &str, bytes: &[u8]) -> Result<Vec<(usize, [f64; 3])>> {
    let text = decode(name, bytes)?;
    let mut table = Table::open(name, &text)?;
    let columns = Columns::of_points(name, &mut table)?;
    let mut points = Vec::new();
    let mut row = [0.0; 3];
    while let Some((line, fault)) = table.next_row(&columns.places, &mut row) {
        let hkl = along(&columns.axes, &row, [0.0; 3]);
        if let Some(fault) = fault.or_else(|| impossible(hkl, 0.0, None)) {
            return Err(Error::at(name, line, fault.what, fault.expected));
        }
        points.push((line, hkl));
    }
    table.refuse_empty(points.is_empty())?;
    Ok(points)
}

/// The text `h,k,l,intensity[,sigma]` with numbers that read back exactly.
pub fn write_csv(hkl: &[[f64; 3]], intensity: &[f64], sigma: Option<&[f64]>) -> String {
    let rows = hkl.iter().zip(intensity).enumerate();
    let rows = rows.map(|(n, (q, i))| {
        let sigma = sigma.and_then(|s| s.get(n));
        q.iter().chain([i]).chain(sigma).copied().collect::<Vec<f64>>()
    });
    let header = ["h", "k", "l", "intensity", "sigma"];
    write_table(&header[..4 + usize::from(sigma.is_some())], rows)
}

/// Comma-separated text with a header and numbers that read back exactly.
pub fn write_table<R: AsRef<[f64]>>(header: &[&str], rows: impl IntoIterator<Item = R>) -> String {
    let mut out = header.join(",");
    out.push('\n');
    for row in rows {
        for (n, value) in row.as_ref().iter().enumerate() {
            if n > 0 {
                out.push(',');
            }
            out.push_str(&shortest(*value));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_separator_reads_the_same() {
        let expected = read_csv("a", b"0.5,0,1,12.5,2\n1,0,1,3,1\n").unwrap();
        for text in [
            "# made by hand\n\nh,k,l,intensity,sigma\n0.5,0,1,12.5,2\n1,0,1,3,1",
            "\u{feff}0.5;0;1;12.5;2\r\n1;0;1;3;1\r\n",
            "0.5\t0\t1\t12.5\t2\n1\t0\t1\t3\t1",
            "  0.5  0 1  12.5 2\n  \n1 0 1 3 1  # a remark\n",
            "0.5, 0,1, 1.25e1,2\r1,0,1,3,1\r",
            "sep=;\nh;k;l;i;s.u.\n0,5;0;1;12,5;2\n1;0;1;3;1\n",
            "0,5 0 1 12,5 2\n1 0 1 3 1\n",
            "h\tk\tl\tI\tu(I)\n0,5\t0\t1\t12,5\t2\n1\t0\t1\t3\t1\n",
            "h, k, l, I, dI\n0.5 0 1 12.5 2\n1 0 1 3 1\n",
            "h k l I dI\n5D-1,0,1,1.25D+01,2\n1,0,1,3,1\n",
            "% h k l counts esd\n0.5 0 1 12.5 2\n1 0 1 3 1\n",
            "[H,0,0],[0,K,0],[0,0,L],Intensity,variance\n0.5,0,1,12.5,4\n1,0,1,3,1\n",
        ] {
            let mut found = read_csv("a", text.as_bytes()).unwrap();
            found.notes.clear();
            assert_eq!(found, expected, "{text}");
        }
        let quoted = "\"Err\",\"note, long\",\"L (r.l.u.)\",k,H,Counts\n2,\"a, b\",1,0,.5,12.5\n1,,1,0,1,3\n";
        let found = read_csv("a", quoted.as_bytes()).unwrap();
        assert_eq!(found.notes, ["a: columns that are not used: `note, long`."]);
        assert_eq!((found.hkl, found.sigma), (expected.hkl, expected.sigma));
    }

    #[test]
    fn without_a_sigma_column_there_is_no_sigma() {
        assert_eq!(read_csv("a", b"1 0 1 3").unwrap().sigma, None);
    }

    #[test]
    fn points_keep_their_lines_and_ignore_further_columns() {
        let points = read_points("a", b"#\nname,l,h,k\nX,3,1,2\n\nY,6,4,5\n").unwrap();
        assert_eq!(points, [(3, [1., 2., 3.]), (5, [4., 5., 6.])]);
        let points = read_points("a", b"1 2 3 4 5 6\n").unwrap();
        assert_eq!(points, [(1, [1., 2., 3.])]);
    }

    #[test]
    fn what_is_written_reads_back_exactly() {
        let hkl = [[1.0 / 3.0, -0.1, 0.0], [1e-20, 2.0, 5.5]];
        let (intensity, sigma) = ([std::f64::consts::PI, 1e22], [0.1, 0.2]);
        let text = write_csv(&hkl, &intensity, Some(&sigma));
        let data = read_csv("a", text.as_bytes()).unwrap();
        assert_eq!(data.hkl, hkl);
        assert_eq!(data.intensity, intensity);
        assert_eq!(data.sigma.as_deref(), Some(&sigma[..]));
        assert!(write_csv(&hkl, &intensity, None).starts_with("h,k,l,intensity\n"));
    }
}
