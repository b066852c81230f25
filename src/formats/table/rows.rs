//! Tables of numbers as text, line by line: what separates the fields, where the header is, how numbers are written.
//!
//! Fields are separated by semicolons, tabs, commas or blanks, whichever the first line of numbers uses. `#` starts a
//! comment; lines that begin with `%` or `!` are comments too. Numbers may have a decimal comma where commas do not
//! separate.

use crate::base::text::quote;
use crate::data::Reason;
use crate::{Error, Result};

/// More fields are no table of reflections; the bound keeps the work on a line small.
const MOST_FIELDS: usize = 1000;

/// So many comment lines before the numbers are kept, to look for names of columns in them.
const MOST_COMMENTS: usize = 200;

/// One wanted column: where it stands, and what it is called in an error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'n> {
    pub place: usize,
    pub title: &'n str,
}

/// Why a row cannot be used.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub reason: Reason,
    pub what: String,
    pub expected: String,
}

/// A table of numbers, read line by line.
pub(super) struct Table<'a> {
    name: &'a str,
    text: &'a str,
    /// Lines with their one-based numbers; comments and blank lines are already gone.
    lines: Box<dyn Iterator<Item = (usize, &'a str)> + 'a>,
    /// Rows that were looked at and are still to be read as data.
    pending: Vec<(usize, &'a str)>,
    /// The row read last.
    row: &'a str,
    separator: Option<char>,
    /// The line with the names of the columns, and the names.
    pub header: Option<(usize, Vec<String>)>,
    /// The comments before the first line that is none.
    pub comments: Vec<(usize, &'a str)>,
    /// Number of fields of every row.
    pub width: usize,
    /// First line that is no comment.
    pub first: usize,
}

impl<'a> Table<'a> {
    pub fn open(name: &'a str, text: &'a str) -> Result<Self> {
        let mut comments = Vec::new();
        let mut forced = None;
        let mut content = split_lines(text).enumerate().map(|(n, line)| (n + 1, line));
        let first = content.by_ref().find_map(|(number, line)| {
            if let Some(comment) = comment(line) {
                if comments.len() < MOST_COMMENTS {
                    comments.push((number, comment));
                }
                return None;
            }
            // Spreadsheets write the separator into the first line.
            if let Some(separator) = line.trim().strip_prefix("sep=").and_then(|rest| rest.chars().next()) {
                forced = Some(separator);
                return None;
            }
            bare(line).map(|line| (number, line))
        });
        let Some((first, line)) = first else {
            return Err(Error::file(name, "the file holds no data", "a table of numbers"));
        };
        let mut lines: Box<dyn Iterator<Item = (usize, &str)>> =
            Box::new(content.filter_map(|(number, line)| bare(line).map(|line| (number, line))));
        let separator = forced.or_else(|| detect(line));
        let mut table = Table {
            name,
            text,
            lines: Box::new(std::iter::empty()),
            pending: vec![],
            row: "",
            separator,
            header: None,
            comments,
            width: 0,
            first,
        };
        let fields = table.fields(first, line)?;
        if fields.iter().any(|field| number(field).is_some()) {
            table.width = fields.len();
            table.pending.push((first, line));
        } else {
            // The rows may be separated by something else than the names.
            let next = lines.next();
            if let Some((number, row)) = next {
                table.pending.push((number, row));
                let rows = forced.or_else(|| detect(row));
                table.separator = rows;
                let width = table.fields(number, row)?.len();
                table.separator = if width == split_names(line).len() { rows } else { separator };
            }
            let names = match table.separator == separator {
                true => fields.into_iter().map(str::to_owned).collect(),
                false => split_names(line),
            };
            table.width = names.len();
            table.header = Some((first, names));
        }
        table.lines = lines;
        Ok(table)
    }

    /// The names in a comment, if there are as many as columns.
    pub fn names_in(&self, comment: &'a str) -> Option<Vec<String>> {
        let own = self.fields(0, comment).ok()?;
        let own: Vec<String> = own.into_iter().map(str::to_owned).collect();
        [own, split_names(comment)].into_iter().find(|names| names.len() == self.width)
    }

    /// Reads the next row's numbers at the columns `places` into `row`; gives its line and what is wrong with it,
    /// or `None` at the end.
    pub fn next_row(&mut self, places: &[Column], row: &mut [f64]) -> Option<(usize, Option<Fault>)> {
        let (line, text) = if self.pending.is_empty() { self.lines.next()? } else { self.pending.remove(0) };
        self.row = text;
        let mut count = 0;
        let mut wrong: Option<(usize, &str, Reason)> = None;
        let split = self.split(text, &mut |field| {
            if let Some(slot) = places.iter().position(|column| column.place == count) {
                match number(field) {
                    Some(value) if value.is_finite() => row[slot] = value,
                    Some(_) => wrong = wrong.or(Some((slot, field, Reason::NotFinite))),
                    None => wrong = wrong.or(Some((slot, field, Reason::Unreadable))),
                }
            }
            count += 1;
        });
        let unreadable = |what, expected| Some(Fault { reason: Reason::Unreadable, what, expected });
        let fault = match (split, wrong) {
            (Err(what), _) => unreadable(what, "a table with one point per line".into()),
            _ if count != self.width => {
                unreadable(format!("{count} fields"), format!("{} fields as in the first line", self.width))
            }
            (_, Some((slot, field, reason))) => {
                let Column { place, title } = places[slot];
                let what = format!("column {} ({title}) is {}", place + 1, quote(field));
                Some(Fault { reason, what, expected: "a finite number".into() })
            }
            _ => None,
        };
        Some((line, fault))
    }

    /// What column `place` of the row read last holds; nothing where the row is shorter.
    #[cfg(feature = "chosen")]
    pub fn word(&self, place: usize) -> &'a str {
        let (mut count, mut word) = (0, "");
        // The row was split before: it has no more fields than rows may have.
        let _ = self.split(self.row, &mut |field| {
            if count == place {
                word = field;
            }
            count += 1;
        });
        word
    }

    pub fn refuse_empty(&self, empty: bool) -> Result<()> {
        if empty {
            let what = "there are no rows below the header";
            return Err(Error::file(self.name, what, "at least one row of numbers"));
        }
        Ok(())
    }

    /// A line as it may stand in a sentence, with the lines beside it.
    pub fn neighbours(&self, line: usize) -> String {
        let at = |n: usize| {
            let text = split_lines(self.text).nth(n).map(str::trim);
            text.filter(|text| !text.is_empty()).map(quote)
        };
        let here = at(line - 1).unwrap_or_default();
        let before = (line > 1).then(|| at(line - 2)).flatten();
        match (before, at(line)) {
            (Some(before), Some(after)) => format!("{here} between {before} and {after}"),
            (Some(before), None) => format!("{here} after {before}"),
            (None, Some(after)) => format!("{here} before {after}"),
            (None, None) => here,
        }
    }

    fn fields(&self, number: usize, line: &'a str) -> Result<Vec<&'a str>> {
        let mut fields = Vec::new();
        self.split(line, &mut |field| fields.push(field))
            .map_err(|what| Error::at(self.name, number, what, "a table with one point per line"))?;
        Ok(fields)
    }

    /// Hands the fields of a line to `each`, trimmed and without quotation marks.
    fn split(&self, line: &'a str, each: &mut dyn FnMut(&'a str)) -> std::result::Result<(), String> {
        let mut count = 0;
        let mut give = |field: &'a str| {
            count += 1;
            if count > MOST_FIELDS {
                return Err(format!("this line has more than {MOST_FIELDS} fields"));
            }
            if is_tight(field) && !field.starts_with('"') {
                each(field);
                return Ok(());
            }
            let field = field.trim();
            each(field.strip_prefix('"').and_then(|f| f.strip_suffix('"')).unwrap_or(field).trim());
            Ok(())
        };
        match self.separator {
            None => line.split_whitespace().try_for_each(give),
            Some(separator) if !line.bytes().any(|b| matches!(b, b'"' | b'[')) => {
                line.split(separator).try_for_each(give)
            }
            Some(separator) => {
                // A separator inside quotation marks or brackets belongs to the field.
                let (mut quoted, mut depth) = (false, 0);
                let fields = line.split(|c| {
                    quoted ^= c == '"';
                    depth += i32::from(c == '[') - i32::from(c == ']');
                    c == separator && !quoted && depth <= 0
                });
                for field in fields {
                    give(field)?;
                }
                Ok(())
            }
        }
    }
}

/// The lines of a file. Old Macintosh files end them with a carriage return alone.
fn split_lines(text: &str) -> std::str::Split<'_, char> {
    text.split(if text.contains('\n') { '\n' } else { '\r' })
}

/// What a comment line says.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim();
    line.starts_with(['#', '%', '!']).then(|| line.trim_start_matches(['#', '%', '!']).trim())
}

/// A line without its comment; `None` when nothing is left.
fn bare(line: &str) -> Option<&str> {
    if line.starts_with(['%', '!']) {
        return None;
    }
    let line = line.split('#').next().unwrap_or("");
    if is_tight(line) {
        return Some(line);
    }
    let line = line.trim_matches(['\r', ' ']);
    (!line.trim().is_empty()).then_some(line)
}

/// Whether nothing is to be trimmed, which most lines and fields need not be asked letter by letter.
fn is_tight(text: &str) -> bool {
    let ends = [text.as_bytes().first(), text.as_bytes().last()];
    ends.iter().all(|end| end.is_some_and(u8::is_ascii_graphic))
}

/// What separates the fields of a line; `None` for blanks.
fn detect(line: &str) -> Option<char> {
    let found = [';', '\t', ','].into_iter().find(|&c| line.contains(c))?;
    // Decimal commas between blanks: `0,5 1,25 2 100`.
    let words: Vec<&str> = line.split_whitespace().collect();
    let decimal = |word: &&str| !word.starts_with(',') && !word.ends_with(',') && number(word).is_some();
    if found == ',' && words.len() >= 3 && words.iter().all(decimal) { None } else { Some(found) }
}

/// Names however they are separated; what stands in brackets stays together.
fn split_names(line: &str) -> Vec<String> {
    let mut depth = 0;
    let parts = line.split(|c: char| {
        depth += i32::from(matches!(c, '[' | '(')) - i32::from(matches!(c, ']' | ')'));
        depth <= 0 && (c.is_whitespace() || matches!(c, ',' | ';' | '|'))
    });
    parts.map(|name| name.trim_matches('"').to_owned()).filter(|name| !name.is_empty()).collect()
}

/// A number; with a decimal comma or the exponent `D` of Fortran too. What stands for a missing one is NaN.
pub(super) fn number(field: &str) -> Option<f64> {
    if let Ok(value) = field.parse() {
        return Some(value);
    }
    if matches!(field, "" | "-" | "--" | "NA" | "N/A" | "n/a" | "null" | "masked" | "*") {
        return Some(f64::NAN);
    }
    if field.len() > 40 || !field.contains([',', 'd', 'D']) || field.contains(',') && field.contains('.') {
        return None;
    }
    field.replacen(',', ".", 1).replacen(['d', 'D'], "e", 1).parse().ok()
}
