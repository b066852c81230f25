//! Tables of numbers as text: `h,k,l,intensity[,sigma]`, and lists of points.
//!
//! Fields are separated by semicolons, commas, tabs or blanks, whichever the first line uses. `#` starts a
//! comment. A header line names the columns in any order; without one the order is h, k, l, intensity, sigma.
//! h, k, l are in reciprocal-lattice units of the input cell, intensity and sigma in the units of the file.

use super::Dataset;
use crate::text::{decode, quote, shortest};
use crate::{Error, Result};

/// Names under which a column is known in a header, in lower case.
const INTENSITY: [&str; 5] = ["intensity", "i", "int", "counts", "count"];
const SIGMA: [&str; 6] = ["sigma", "sig", "err", "error", "esd", "uncertainty"];

/// More fields are no table of reflections; the bound keeps the work on a line small.
const MOST_FIELDS: usize = 1000;

/// Reads measured intensities. A value that is not finite and a sigma that is not positive are refused.
pub fn read_csv(name: &str, bytes: &[u8]) -> Result<Dataset> {
    let mut table = Table::open(name, decode(name, bytes)?)?;
    let columns: [(&str, &[&str]); 5] =
        [("h", &["h"]), ("k", &["k"]), ("l", &["l"]), ("intensity", &INTENSITY), ("sigma", &SIGMA)];
    let places = table.columns(&columns, 4)?;
    let mut data = Dataset { name: name.to_owned(), hkl: vec![], intensity: vec![], sigma: None };
    let mut sigma = Vec::new();
    let mut row = [0.0; 5];
    while let Some(line) = table.next_row(&places, &mut row)? {
        data.hkl.push([row[0], row[1], row[2]]);
        data.intensity.push(row[3]);
        if places.len() == 5 {
            if row[4] <= 0.0 {
                let what = format!("the sigma of this intensity is {}", shortest(row[4]));
                return Err(Error::at(name, line, what, "a positive standard uncertainty"));
            }
            sigma.push(row[4]);
        }
    }
    data.sigma = (places.len() == 5).then_some(sigma);
    table.refuse_empty(data.hkl.is_empty())?;
    Ok(data)
}

/// Reads points such as h, k, l with the line each stands on; further columns are ignored.
/// Without a header the first three columns are taken.
pub fn read_points(name: &str, bytes: &[u8], columns: [&str; 3]) -> Result<Vec<(usize, [f64; 3])>> {
    let mut table = Table::open(name, decode(name, bytes)?)?;
    let names = columns.map(|column| [column]);
    let places = table.columns(&[0, 1, 2].map(|i| (columns[i], &names[i][..])), 3)?;
    let mut points = Vec::new();
    let mut row = [0.0; 3];
    while let Some(line) = table.next_row(&places, &mut row)? {
        points.push((line, row));
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

/// What separates the fields of a line.
#[derive(Clone, Copy)]
enum Separator {
    Char(char),
    Blanks,
}

/// One wanted column and where it stands.
#[derive(Clone, Copy)]
struct Column<'n> {
    place: usize,
    title: &'n str,
}

/// A table of numbers, read line by line.
struct Table<'a> {
    name: &'a str,
    /// Lines with their one-based numbers; comments and blank lines are already gone.
    lines: Box<dyn Iterator<Item = (usize, &'a str)> + 'a>,
    /// The first row, once looked at and still to be read as data.
    pending: Option<(usize, &'a str)>,
    separator: Separator,
    header: Option<(usize, Vec<String>)>,
    /// Number of fields of every row.
    width: usize,
}

impl<'a> Table<'a> {
    fn open(name: &'a str, text: &'a str) -> Result<Self> {
        // Old Macintosh files end lines with a carriage return alone.
        let end = if text.contains('\n') { '\n' } else { '\r' };
        let lines = text.split(end).enumerate().filter_map(|(index, line)| {
            let line = line.split('#').next().unwrap_or("").trim_matches(['\r', ' ']);
            (!line.trim().is_empty()).then_some((index + 1, line))
        });
        let mut lines: Box<dyn Iterator<Item = (usize, &str)>> = Box::new(lines);
        let Some((number, first)) = lines.next() else {
            return Err(Error::file(name, "the file holds no data", "a table of numbers"));
        };
        let separator = [';', ',', '\t']
            .into_iter()
            .find(|&c| first.contains(c))
            .map_or(Separator::Blanks, Separator::Char);
        let mut table = Table { name, lines, pending: None, separator, header: None, width: 0 };
        let mut fields: Vec<&str> = Vec::new();
        table.split(number, first, |field| fields.push(field))?;
        table.width = fields.len();
        if fields.iter().any(|field| field.parse::<f64>().is_ok()) {
            table.pending = Some((number, first));
        } else {
            table.header = Some((number, fields.iter().map(|field| plain_name(field)).collect()));
        }
        Ok(table)
    }

    /// Where the wanted columns stand; those from `required` on may be absent.
    fn columns<'n>(&self, wanted: &[(&'n str, &[&str])], required: usize) -> Result<Vec<Column<'n>>> {
        let list: Vec<&str> = wanted[..required].iter().map(|(column, _)| *column).collect();
        let expected = format!("the columns {}", list.join(", "));
        let Some((line, header)) = &self.header else {
            let line = self.pending.map_or(1, |(line, _)| line);
            if self.width < required {
                return Err(Error::at(self.name, line, format!("{} columns", self.width), expected));
            }
            // Lists of points may carry anything behind; measured data without names may not.
            if self.width > wanted.len() && wanted.len() > required {
                let what = format!("{} columns without a header that names them", self.width);
                return Err(Error::at(
                    self.name,
                    line,
                    what,
                    format!("a header line, or {expected}[, sigma]"),
                ));
            }
            return Ok(wanted
                .iter()
                .take(self.width)
                .enumerate()
                .map(|(place, (title, _))| Column { place, title })
                .collect());
        };
        let mut places = Vec::new();
        for (index, (column, aliases)) in wanted.iter().enumerate() {
            let is_it = |name: &String| aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name));
            let mut found = (0..header.len()).filter(|&at| is_it(&header[at]));
            match (found.next(), found.next()) {
                (Some(place), None) => places.push(Column { place, title: column }),
                (Some(a), Some(b)) => {
                    let what = format!("columns {} and {} both give {column}", a + 1, b + 1);
                    return Err(Error::at(self.name, *line, what, format!("one column {column}")));
                }
                (None, _) if index < required => {
                    let what = format!("the header has no column {column}");
                    return Err(Error::at(self.name, *line, what, expected));
                }
                (None, _) => {}
            }
        }
        Ok(places)
    }

    /// Reads the next row's numbers at the columns `places` into `row`; gives its line, or `None` at the end.
    fn next_row(&mut self, places: &[Column], row: &mut [f64]) -> Result<Option<usize>> {
        let Some((line, text)) = self.pending.take().or_else(|| self.lines.next()) else {
            return Ok(None);
        };
        let mut count = 0;
        let mut wrong = None;
        self.split(line, text, |field| {
            if let Some(slot) = places.iter().position(|column| column.place == count) {
                match field.parse::<f64>() {
                    Ok(value) if value.is_finite() => row[slot] = value,
                    _ => wrong = wrong.take().or(Some((slot, field))),
                }
            }
            count += 1;
        })?;
        if count != self.width {
            let what = format!("{count} fields");
            return Err(Error::at(
                self.name,
                line,
                what,
                format!("{} fields as in the first line", self.width),
            ));
        }
        if let Some((slot, field)) = wrong {
            let Column { place, title } = places[slot];
            let what = format!("column {} ({title}) is {}", place + 1, quote(field));
            return Err(Error::at(self.name, line, what, "a finite number with a decimal point"));
        }
        Ok(Some(line))
    }

    fn refuse_empty(&self, empty: bool) -> Result<()> {
        if empty {
            return Err(Error::file(
                self.name,
                "there are no rows below the header",
                "at least one row of numbers",
            ));
        }
        Ok(())
    }

    /// Hands the fields of a line to `each`, trimmed and without quotation marks.
    fn split(&self, number: usize, line: &'a str, mut each: impl FnMut(&'a str)) -> Result<()> {
        let mut count = 0;
        let mut give = |field: &'a str| {
            count += 1;
            if count > MOST_FIELDS {
                let what = format!("this line has more than {MOST_FIELDS} fields");
                return Err(Error::at(self.name, number, what, "a table with one point per line"));
            }
            let field = field.trim();
            each(field.strip_prefix('"').and_then(|f| f.strip_suffix('"')).unwrap_or(field).trim());
            Ok(())
        };
        match self.separator {
            Separator::Blanks => line.split_whitespace().try_for_each(give),
            Separator::Char(separator) => {
                // A separator inside quotation marks belongs to the field.
                let mut quoted = false;
                let fields = line.split(|c| {
                    quoted ^= c == '"';
                    c == separator && !quoted
                });
                for field in fields {
                    give(field)?;
                }
                Ok(())
            }
        }
    }
}

/// A header's name without its unit: `H (r.l.u.)` is `h`.
fn plain_name(field: &str) -> String {
    field.split(['(', '[']).next().unwrap_or("").trim().to_ascii_lowercase()
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
            "\"Err\",\"note, long\",\"L (r.l.u.)\",k,H,Counts\n2,\"a, b\",1,0,.5,12.5\n1,,1,0,1,3\n",
        ] {
            assert_eq!(read_csv("a", text.as_bytes()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn without_a_sigma_column_there_is_no_sigma() {
        assert_eq!(read_csv("a", b"1 0 1 3").unwrap().sigma, None);
    }

    #[test]
    fn points_keep_their_lines_and_ignore_further_columns() {
        let points = read_points("a", b"#\nname,l,h,k\nX,3,1,2\n\nY,6,4,5\n", ["h", "k", "l"]).unwrap();
        assert_eq!(points, [(3, [1., 2., 3.]), (5, [4., 5., 6.])]);
        let points = read_points("a", b"1 2 3 4 5 6\n", ["h", "k", "l"]).unwrap();
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
