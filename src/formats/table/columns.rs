//! Which column of a table is what, by the names in its header.

use super::rows::{Column, Table};
use crate::base::text::quote;
use crate::{Error, Result};

/// A direction of hkl along which a column counts, e.g. [1, 1, 0] for `[H,H,0]`.
pub(crate) type Axis = [f64; 3];

/// Where everything stands: first the coordinates, then the intensity, then its uncertainty.
pub(super) struct Columns {
    pub places: Vec<Column<'static>>,
    /// Direction of each coordinate.
    pub axes: Vec<Axis>,
    pub has_sigma: bool,
    /// Whether the last column is σ².
    pub is_variance: bool,
    /// Place of the column of exposures among these.
    pub exposure: Option<usize>,
    /// Place of the column of temperatures among these.
    pub temperature: Option<usize>,
    pub notes: Vec<String>,
}

impl Columns {
    pub const EXPECTED: &str = "the columns h, k, l, intensity";

    /// The columns of measured intensities; `origin` says that a missing direction is known.
    pub fn of_data(name: &str, table: &mut Table, origin: bool) -> Result<Self> {
        find_header(name, table)?;
        let Some((line, header)) = &table.header else { return Self::unnamed(name, table) };
        let error = |what: String, expected: &str| Error::at(name, *line, what, expected);
        let mut columns = Self::coordinates(name, table, 4, origin)?;
        let mut used: Vec<usize> = columns.places.iter().map(|column| column.place).collect();
        let mut take = |title: &'static str, is_it: &dyn Fn(&str) -> bool| -> Result<bool> {
            let mut found = (0..header.len()).filter(|&at| is_it(&header[at]));
            match (found.next(), found.next()) {
                (Some(place), None) => {
                    columns.places.push(Column { place, title });
                    used.push(place);
                    Ok(true)
                }
                (Some(a), Some(b)) => Err(error(
                    format!("columns {} and {} both give {title}", a + 1, b + 1),
                    &format!("one column {title}"),
                )),
                _ => Ok(false),
            }
        };
        if !take("intensity", &|name| is_intensity(name))? {
            return Err(error("the header has no column intensity".into(), Self::EXPECTED));
        }
        columns.has_sigma = take("sigma", &|name| is_sigma(name))?;
        if !columns.has_sigma {
            columns.is_variance = take("sigma", &|name| is_variance(name))?;
            columns.has_sigma = columns.is_variance;
        }
        let exposure = take("exposure", &|name| is_exposure(name))?;
        let temperature = take("temperature", &|name| is_temperature(name))?;
        let places = columns.places.len();
        columns.temperature = temperature.then(|| places - 1);
        columns.exposure = exposure.then(|| places - 1 - usize::from(temperature));
        if let Some(at) = columns.exposure {
            let title = quote(&header[columns.places[at].place]);
            columns.notes.push(format!(
                "{name}: weighed as counts, the intensities are taken for counts divided by {title}."
            ));
        }
        let unused: Vec<usize> = (0..header.len()).filter(|at| !used.contains(at)).collect();
        if columns.is_variance {
            columns.notes.push(format!("{name}: σ is the root of {}.", quote(&header[used[used.len() - 1]])));
        } else if let Some(&at) =
            unused.iter().find(|&&at| !columns.has_sigma && may_be_uncertainty(&header[at]))
        {
            let what =
                format!("column {} is called {}, which may be an uncertainty", at + 1, quote(&header[at]));
            return Err(error(what, "`sigma` for standard uncertainties, or another name"));
        }
        if !unused.is_empty() {
            let names: Vec<String> = unused.iter().take(8).map(|&at| quote(&header[at])).collect();
            let more = if unused.len() > 8 { ", …" } else { "" };
            let sigma = if columns.has_sigma { "" } else { "; none is a σ" };
            columns
                .notes
                .push(format!("{name}: columns that are not used{sigma}: {}{more}.", names.join(", ")));
        }
        Ok(columns)
    }

    /// The columns of a list of points; further ones are ignored.
    pub fn of_points(name: &str, table: &mut Table) -> Result<Self> {
        find_header(name, table)?;
        if table.header.is_some() {
            return Self::coordinates(name, table, 3, false);
        }
        if table.width < 3 {
            let what = format!("{} columns", table.width);
            return Err(Error::at(name, table.first, what, "the columns h, k, l"));
        }
        Ok(Self::in_order(3))
    }

    /// One column of numbers that are no coordinates.
    #[cfg(feature = "chosen")]
    pub fn alone(column: Column<'static>) -> Self {
        Columns { places: vec![column], axes: vec![], ..Self::in_order(0) }
    }

    /// The columns of a mask; further ones are ignored.
    #[cfg(feature = "chosen")]
    pub fn of_mask(name: &str, table: &mut Table, origin: bool) -> Result<Self> {
        const EXPECTED: &str = "the columns h, k, l, mask";
        find_header(name, table)?;
        let Some((line, header)) = &table.header else {
            if table.width == 4 {
                let mut columns = Self::in_order(3);
                columns.places.push(Column { place: 3, title: "mask" });
                return Ok(columns);
            }
            let what = format!("{} columns without a header that names them", table.width);
            return Err(Error::at(name, table.first, what, EXPECTED));
        };
        let is_mask = |field: &String| matches!(plain(field)[0].as_str(), "mask" | "masked");
        let Some(place) = header.iter().position(is_mask) else {
            return Err(Error::at(name, *line, "the header has no column mask", EXPECTED));
        };
        let mut columns = Self::coordinates(name, table, 3, origin)?;
        columns.places.push(Column { place, title: "mask" });
        Ok(columns)
    }

    /// Without a header: h, k, l, intensity and perhaps σ.
    fn unnamed(name: &str, table: &Table) -> Result<Self> {
        let error = |what: String, expected: &str| Error::at(name, table.first, what, expected);
        if table.width < 4 {
            return Err(error(format!("{} columns", table.width), Self::EXPECTED));
        }
        if table.width > 5 {
            let what = format!("{} columns without a header that names them", table.width);
            return Err(error(what, "a header line, or the columns h, k, l, intensity[, sigma]"));
        }
        let mut columns = Self::in_order(table.width);
        columns.has_sigma = table.width == 5;
        let named = |(_, comment): &&(usize, &str)| {
            comment.split([' ', '\t', ',', ';']).any(|word| is_intensity(word) || is_sigma(word))
        };
        if let Some((line, _)) = table.comments.iter().rev().find(named) {
            let sigma = if columns.has_sigma { ", sigma" } else { "" };
            columns.notes.push(format!(
                "{name}: the columns are taken as h, k, l, intensity{sigma}, since the comment in line {line} does not \
                 name {} of them.",
                table.width
            ));
        }
        Ok(columns)
    }

    fn in_order(n: usize) -> Self {
        let titles = ["h", "k", "l", "intensity", "sigma"];
        let places = titles[..n].iter().enumerate().map(|(place, title)| Column { place, title }).collect();
        Columns {
            places,
            axes: UNITS.to_vec(),
            has_sigma: false,
            is_variance: false,
            exposure: None,
            temperature: None,
            notes: vec![],
        }
    }

    /// The coordinates that a header names; `required` columns are expected in all.
    fn coordinates(name: &str, table: &Table, required: usize, origin: bool) -> Result<Self> {
        let (line, header) =
            table.header.as_ref().map_or((table.first, &[][..]), |(n, names)| (*n, &names[..]));
        let error = |what: String, expected: &str| Error::at(name, line, what, expected);
        let mut columns = Columns {
            places: vec![],
            axes: vec![],
            has_sigma: false,
            is_variance: false,
            exposure: None,
            temperature: None,
            notes: vec![],
        };
        for (place, field) in header.iter().enumerate() {
            let Some(axis) = axis(field) else { continue };
            let title = match UNITS.iter().position(|unit| *unit == axis) {
                Some(n) => ["h", "k", "l"][n],
                None => "an axis",
            };
            if let Some(other) = columns.axes.iter().position(|known| *known == axis) {
                let what = format!(
                    "columns {} and {} both give {title}",
                    columns.places[other].place + 1,
                    place + 1
                );
                return Err(error(what, &format!("one column {title}")));
            }
            columns.places.push(Column { place, title });
            columns.axes.push(axis);
        }
        let n = columns.axes.len();
        if n > 3 || !independent(&columns.axes) {
            let what = format!("{n} axes of hkl that depend on each other");
            return Err(error(what, "three independent ones, such as h, k, l"));
        }
        if n == 3 || (origin && n > 0) {
            return Ok(columns);
        }
        let list = if required == 4 { Self::EXPECTED } else { "the columns h, k, l" };
        let open =
            format!("{list}, or the data's \"origin\" in the job, which is added to hkl, e.g. [0, 0, 0.5]");
        let expected = if required == 4 && n == 2 { open.as_str() } else { list };
        match UNITS.iter().position(|unit| !columns.axes.contains(unit)) {
            Some(missing) if columns.axes.iter().all(|axis| UNITS.contains(axis)) => {
                Err(error(format!("the header has no column {}", ["h", "k", "l"][missing]), expected))
            }
            _ => Err(error(format!("{n} axes of hkl leave {} directions open", 3 - n), expected)),
        }
    }
}

const UNITS: [Axis; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// Takes the names from the last comment before the numbers that has as many as there are columns.
fn find_header(name: &str, table: &mut Table) -> Result<()> {
    if table.header.is_some() {
        return Ok(());
    }
    for (line, comment) in table.comments.iter().rev() {
        let Some(names) = table.names_in(comment) else { continue };
        // Any sentence may have as many words: the names must be names.
        let axes = names.iter().filter(|name| axis(name).is_some()).count();
        if axes >= 2 || (axes == 1 && names.iter().any(|name| is_intensity(name))) {
            table.header = Some((*line, names));
            return Ok(());
        }
    }
    // A projection without its names would be taken for h, k, l.
    match table.comments.iter().rev().find(|(_, comment)| comment.contains("[H,") || comment.contains("[h,"))
    {
        Some((line, comment)) => Err(Error::at(
            name,
            *line,
            format!("{} does not name each of the {} columns", quote(comment), table.width),
            "one name for each column",
        )),
        None => Ok(()),
    }
}

fn independent(axes: &[Axis]) -> bool {
    let cross = |a: &Axis, b: &Axis| {
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    };
    let size = |a: &Axis| a.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    match axes {
        [] => true,
        [a] => size(a) > 0.0,
        [a, b] => size(&cross(a, b)) > 1e-6,
        [a, b, c] => a.iter().zip(cross(b, c)).map(|(x, y)| x * y).sum::<f64>().abs() > 1e-6,
        _ => false,
    }
}

/// The direction that a name gives: `h`, `Qk`, `L (r.l.u.)`, `[H,H,0]`, `[-K, K, 0]`, `(0.5H,H,0)`.
pub(crate) fn axis(name: &str) -> Option<Axis> {
    let name: String = name.trim().chars().map(lower_case).collect();
    let inside = name.strip_prefix(['[', '(']).and_then(|rest| rest.split([']', ')']).next());
    if let Some(inside) = inside
        && inside.contains([',', ' '])
    {
        let parts: Vec<&str> = inside.split([',', ' ']).filter(|part| !part.is_empty()).collect();
        let [a, b, c] = parts[..] else { return None };
        let axis = [component(a)?, component(b)?, component(c)?];
        return axis.iter().any(|x| *x != 0.0).then_some(axis);
    }
    let plain = name.split(['(', '[']).next().unwrap_or("").trim();
    let letter = plain.strip_prefix('q').or(plain.strip_suffix("_rlu")).unwrap_or(plain);
    ["h", "k", "l"].iter().position(|known| *known == letter).map(|n| UNITS[n])
}

/// One component of a direction: `0`, `h`, `-h`, `0.5h`, `2*k`.
fn component(part: &str) -> Option<f64> {
    let factor = part.strip_suffix(['h', 'k', 'l', 'x']);
    match factor.map(|f| f.trim_end_matches('*')) {
        Some("" | "+") => Some(1.0),
        Some("-") => Some(-1.0),
        Some(number) => number.parse().ok().filter(|x: &f64| x.abs() < 1e3),
        None => part.parse().ok().filter(|x: &f64| *x == 0.0),
    }
}

/// Lower case in the alphabets of the known names, Latin and Greek. For all alphabets it would bring along a table of
/// 11 kB.
fn lower_case(c: char) -> char {
    match c {
        'Α'..='Ω' => char::from_u32(c as u32 + 0x20).unwrap_or(c),
        _ => c.to_ascii_lowercase(),
    }
}

/// Letters and digits, beyond ASCII by the blocks of Unicode.
fn is_of_a_word(c: char) -> bool {
    match c {
        '×' | '÷' => false,
        '²' | '³' | '¹' | 'µ' | '\u{c0}'..='\u{1fff}' | '\u{2070}'..='\u{214f}' | '\u{2c00}'.. => true,
        _ => c.is_ascii_alphanumeric(),
    }
}

/// A name as letters and digits alone, with what stands in brackets and without.
fn plain(name: &str) -> [String; 2] {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| is_of_a_word(*c) || *c == '±').map(lower_case).collect()
    };
    let start = name.split(['(', '[']).next().unwrap_or("");
    [letters(name), letters(start)]
}

const INTENSITY: [&str; 17] = [
    "intensity",
    "intensities",
    "i",
    "int",
    "inten",
    "counts",
    "count",
    "cnts",
    "cps",
    "iobs",
    "imeas",
    "iexp",
    "inet",
    "icorr",
    "signal",
    "countrate",
    "tds",
];

pub(crate) fn is_intensity(name: &str) -> bool {
    plain(name).iter().any(|name| INTENSITY.contains(&name.as_str()))
}

const SIGMA: [&str; 23] = [
    "sigma",
    "sig",
    "sigmas",
    "err",
    "error",
    "errors",
    "errorbar",
    "esd",
    "esds",
    "su",
    "sd",
    "std",
    "stdev",
    "stddev",
    "stderr",
    "standarddeviation",
    "standarderror",
    "standarduncertainty",
    "uncertainty",
    "uncertainties",
    "unc",
    "σ",
    "±",
];

/// Words for uncertainty in front of one for the intensity.
const DIFFERENCE: [&str; 3] = ["d", "delta", "δ"];

/// `sigma`, `sigI`, `dI`, `u(I)`, `counts_err`, `e.s.d.`, `σ(I)`, …: a word for uncertainty, alone or with one for the
/// intensity.
pub(crate) fn is_sigma(name: &str) -> bool {
    let fits = |name: &str| {
        let with = |rest: Option<&str>| rest.is_some_and(|rest| INTENSITY.contains(&rest));
        // `d` alone, or behind (`id`), could be anything.
        SIGMA
            .iter()
            .any(|word| name == *word || with(name.strip_prefix(word)) || with(name.strip_suffix(word)))
            || DIFFERENCE.iter().any(|word| with(name.strip_prefix(word)))
            || matches!(name, "ui" | "si" | "uintensity" | "sintensity")
    };
    plain(name).iter().any(|name| fits(name))
}

/// σ².
fn is_variance(name: &str) -> bool {
    let [name, _] = plain(name);
    let squared = ["squared", "sq", "2"].iter().find_map(|end| name.strip_suffix(end));
    matches!(name.as_str(), "variance" | "var") || squared.is_some_and(is_sigma)
}

/// What counts were divided by. A monitor beside counts that were not divided has another name.
fn is_exposure(name: &str) -> bool {
    const NAMES: [&str; 3] = ["exposure", "normalization", "normalisation"];
    plain(name).iter().any(|name| NAMES.contains(&name.as_str()))
}

/// `temperature`, `temperature_K`, `T (K)`, `T/K`.
fn is_temperature(name: &str) -> bool {
    plain(name).iter().any(|name| {
        matches!(name.as_str(), "temperature" | "temperaturek" | "temp" | "tempk" | "tk" | "kelvin")
    })
}

/// Whether a name that is not known may mean an uncertainty: such a column is never dropped in silence.
fn may_be_uncertainty(name: &str) -> bool {
    let name: String = name.chars().map(lower_case).collect();
    let words = [
        "err", "sig", "σ", "std", "stdev", "esd", "uncert", "varian", "weight", "wgt", "δ", "±", "dev",
        "noise",
    ];
    words.iter().any(|word| name.contains(word))
        || matches!(name.as_str(), "s" | "u" | "w" | "d" | "di" | "su" | "sd")
}
