//! The one error type of the crate: a stable code for programs, one sentence for people.
//!
//! Every sentence names the place, what is wrong and what was expected.

/// Where in a user's input something is wrong: `name:line`, or the name alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// File name as the user knows it, or a field of the job such as `job: model.temperature`.
    pub name: String,
    /// One-based line, where the input has lines.
    pub line: Option<usize>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Everything that can go wrong because of what a person gave.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A file (or pasted text) does not parse or holds an impossible value.
    #[error("{place}: {what}, expected {expected}")]
    Input {
        /// The file, with the line where it has lines.
        place: Place,
        /// What stands there or is missing.
        what: String,
        /// What would be right.
        expected: String,
    },
    /// The job asks for something impossible; `field` is the path inside the job.
    #[error("job: {field}: {what}, expected {expected}")]
    Job {
        /// Path of the field, `data[0].scale`.
        field: String,
        /// What stands there or is missing.
        what: String,
        /// What would be right.
        expected: String,
    },
    /// A value cannot be used; whoever asked for it knows where it comes from: see [`Placed`].
    #[error("{}{what}, expected {expected}", leading(.part))]
    Value {
        /// Which of the values that were given, or part of it; empty where there is one.
        part: String,
        /// What stands there or is missing.
        what: String,
        /// What would be right.
        expected: String,
    },
    /// The cutoff coincides with a shell of neighbours, so rounding would decide what it contains.
    #[error(
        "{place}: {cutoff} Å falls on the shell of neighbours at {shell:.5} Å, expected a cutoff at least 0.001 Å away from it"
    )]
    CutoffOnShell {
        /// What the cutoff is called: `cutoff`, or a field of the job such as `job: force_constants.cutoff`.
        place: String,
        /// Å.
        cutoff: f64,
        /// Distance of the neighbours, Å.
        shell: f64,
    },
    /// The force constants do not make a stable crystal.
    #[error("the force constants are unstable: {what}, expected all vibrations to have a positive stiffness")]
    Unstable {
        /// Which vibration, and how it was found.
        what: String,
    },
    /// Fewer usable data than free parameters.
    #[error(
        "{} left for {n_parameters} free parameters{left_out}, expected at least as many data as parameters",
        if *n_data == 1 { "1 data point is".to_owned() } else { format!("{n_data} data points are") }
    )]
    TooFewData {
        /// Data that are used.
        n_data: usize,
        /// Constants, scales and backgrounds that are fitted.
        n_parameters: usize,
        /// What left data out, after a colon; empty where that is not known.
        left_out: String,
    },
    /// A crystal of a file, sampled intensities, voxels of volumes, masks of shapes, a phonopy.yaml or a simulated measurement, in a package that
    /// was built without them.
    #[error("this package is the small one, expected the whole one")]
    NeedsWhole,
    /// The symmetry search failed.
    #[error(
        "crystal: the space group could not be found ({what}), expected a periodic arrangement of distinct atoms"
    )]
    Symmetry {
        /// What went wrong.
        what: String,
    },
}

impl Error {
    /// A stable identifier for programs that handle the error.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Input { .. } => "input",
            Error::Job { .. } => "job",
            Error::Value { .. } => "value",
            Error::CutoffOnShell { .. } => "cutoff-on-shell",
            Error::Unstable { .. } => "unstable",
            Error::TooFewData { .. } => "too-few-data",
            Error::NeedsWhole => "needs-whole",
            Error::Symmetry { .. } => "symmetry",
        }
    }

    /// Something wrong at one line of a file.
    pub fn at(file: &str, line: usize, what: impl Into<String>, expected: impl Into<String>) -> Self {
        let place = Place { name: one_line(file.into()), line: Some(line) };
        Error::Input { place, what: one_line(what.into()), expected: one_line(expected.into()) }
    }

    /// Something wrong with a file as a whole.
    pub fn file(file: &str, what: impl Into<String>, expected: impl Into<String>) -> Self {
        let place = Place { name: one_line(file.into()), line: None };
        Error::Input { place, what: one_line(what.into()), expected: one_line(expected.into()) }
    }

    /// Something wrong with a field of the job.
    pub fn job(field: &str, what: impl Into<String>, expected: impl Into<String>) -> Self {
        Error::Job {
            field: one_line(field.into()),
            what: one_line(what.into()),
            expected: one_line(expected.into()),
        }
    }

    /// A value that cannot be used, wherever it comes from.
    pub fn value(what: impl Into<String>, expected: impl Into<String>) -> Self {
        let (what, expected) = (one_line(what.into()), one_line(expected.into()));
        Error::Value { part: String::new(), what, expected }
    }

    /// The same, of `name`, or of a part of it.
    #[must_use]
    pub fn of(mut self, name: &str) -> Self {
        if let Error::Value { part, .. } = &mut self {
            *part = one_line(path(name, part));
        }
        self
    }

    /// The same as an error of the job, whose field `field` gave the value, or of which that is a part.
    #[must_use]
    pub fn in_job(self, field: &str) -> Self {
        match self.of(field) {
            Error::Value { part: field, what, expected } => Error::Job { field, what, expected },
            Error::CutoffOnShell { place, cutoff, shell } if place == CUTOFF => {
                Error::CutoffOnShell { place: format!("job: {}", path(field, CUTOFF)), cutoff, shell }
            }
            other => other,
        }
    }
}

/// Where the value of an [`Error::Value`] came from; other errors stay as they are.
pub trait Placed {
    /// See [`Error::of`].
    #[must_use]
    fn of(self, name: &str) -> Self;

    /// See [`Error::in_job`].
    #[must_use]
    fn in_job(self, field: &str) -> Self;
}

impl<T> Placed for Result<T> {
    fn of(self, name: &str) -> Self {
        self.map_err(|error| error.of(name))
    }

    fn in_job(self, field: &str) -> Self {
        self.map_err(|error| error.in_job(field))
    }
}

/// What a cutoff is called that nobody has said more of.
pub(crate) const CUTOFF: &str = "cutoff";

/// A part of what is called `name`.
fn path(name: &str, part: &str) -> String {
    let point = if name.is_empty() || part.is_empty() || part.starts_with('[') { "" } else { "." };
    format!("{name}{point}{part}")
}

fn leading(part: &str) -> String {
    if part.is_empty() { String::new() } else { format!("{part}: ") }
}

/// What an error says may hold a person's text of any length: it stays one line that can be read.
fn one_line(text: String) -> String {
    const LONGEST: usize = 500;
    if text.chars().nth(LONGEST).is_none() && !text.contains(char::is_control) {
        return text;
    }
    let shown: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    shown + if text.chars().nth(LONGEST).is_some() { "…" } else { "" }
}

/// What may fail because of what a person gave.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_who_asked_for_it() {
        let radius = || Err::<(), _>(Error::value("-1", "a positive number").of("radii"));
        let said = |of: Result<()>| of.unwrap_err().to_string();
        assert_eq!(said(radius()), "radii: -1, expected a positive number");
        let shape = radius().of("[3]").of("shapes").in_job("mask");
        assert_eq!(said(shape.clone()), "job: mask.shapes[3].radii: -1, expected a positive number");
        // Whoever hears of it later has nothing to add.
        assert_eq!(shape.clone().of("a").in_job("b"), shape);
        let bare = Err::<(), _>(Error::value("0", "one")).in_job("fit.batch");
        assert_eq!(said(bare), "job: fit.batch: 0, expected one");
        let shell = Error::CutoffOnShell { place: CUTOFF.into(), cutoff: 2.5, shell: 2.5 };
        assert!(shell.to_string().starts_with("cutoff: 2.5 Å falls"));
        let placed = shell.in_job("force_constants");
        assert!(placed.to_string().starts_with("job: force_constants.cutoff: 2.5 Å falls"));
        assert_eq!(placed.clone().in_job("b"), placed);
    }
}
