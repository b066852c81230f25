//! Jobs from JSON, with errors that name the field, what stands there and what was expected.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{ConstantsSpec, Job};
use crate::base::text::quote;
use crate::formats::recognise::{is_result, recognise};
use crate::{Error, Result};

/// What of a result file makes a job.
#[derive(Deserialize)]
struct ResultFile {
    job: Job,
    parameters: Vec<Parameter>,
    #[cfg(feature = "potentials")]
    #[serde(default)]
    potential: Option<FoundPotential>,
}

/// The potential of a result.
#[cfg(feature = "potentials")]
#[derive(Deserialize)]
struct FoundPotential {
    parameters: Vec<NamedParameter>,
}

#[cfg(feature = "potentials")]
#[derive(Deserialize)]
struct NamedParameter {
    name: String,
    value: f64,
}

#[derive(Deserialize)]
struct Parameter {
    label: String,
    value: f64,
}

impl Job {
    /// Reads a job, or the result of a fit: then the job starts from the constants found. `name` is the file's, for
    /// errors.
    ///
    /// # Errors
    /// Text that is not JSON, unknown fields, values of the wrong kind; with the line.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        Self::from_text(text).map_err(|wrong| {
            let what =
                if wrong.field.is_empty() { wrong.what } else { format!("{}: {}", wrong.field, wrong.what) };
            Error::at(name, wrong.line, what, wrong.expected)
        })
    }

    /// Reads the bytes of a file, UTF-8 or UTF-16.
    ///
    /// # Errors
    /// As [`Job::parse`]; a file that holds something else is called by its name.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self> {
        let text = crate::formats::decode(name, bytes)?;
        match recognise(bytes) {
            kind if kind.is_of_a_crystal() => Err(Error::file(
                name,
                format!("this is {}", kind.title()),
                "a job, JSON as its reference describes it",
            )),
            _ => Self::parse(name, &text),
        }
    }

    /// The same of a job that was never a file.
    ///
    /// # Errors
    /// As [`Job::parse`], with the field.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_text(text).map_err(|wrong| match wrong.field.as_str() {
            "" => Error::file("job", wrong.what, wrong.expected),
            field => Error::job(field, wrong.what, wrong.expected),
        })
    }

    fn from_text(text: &str) -> std::result::Result<Self, Wrong> {
        let text = text.trim_start_matches('\u{feff}');
        if !is_result(text) {
            return from_json(text);
        }
        let result: ResultFile = from_json(text)?;
        let (mut job, parameters) = (result.job, result.parameters);
        #[cfg(feature = "potentials")]
        if let (Some(spec), Some(found)) = (&mut job.potential, result.potential) {
            spec.parameters = found.parameters.into_iter().map(|p| (p.name, p.value)).collect();
            return Ok(job);
        }
        // A ridge pulls towards the start: the fit is the same only from the same one.
        #[cfg(feature = "chosen")]
        if job.constraints.ridge.is_some() {
            return Ok(job);
        }
        let labels: BTreeMap<String, f64> = parameters.into_iter().map(|p| (p.label, p.value)).collect();
        job.force_constants.start = Some(ConstantsSpec { labels: Some(labels), ..ConstantsSpec::default() });
        job.force_constants.values = None;
        Ok(job)
    }
}

/// A part of a job on its own.
pub(super) fn spec<T: DeserializeOwned>(text: &str) -> Result<T> {
    from_json(text).map_err(|wrong| match wrong.field.as_str() {
        "" => Error::file("data", wrong.what, wrong.expected),
        field => Error::job(&format!("data[].{field}"), wrong.what, wrong.expected),
    })
}

/// What is wrong with a text.
struct Wrong {
    line: usize,
    field: String,
    what: String,
    expected: String,
}

fn from_json<T: DeserializeOwned>(text: &str) -> std::result::Result<T, Wrong> {
    crate::base::json::from_str(text).map_err(|error| explain(text, &error))
}

/// More of a person's text, or of the list of what is possible, is not repeated.
const LONGEST: usize = 400;

fn explain(text: &str, error: &serde_json::Error) -> Wrong {
    let line = error.line().max(1);
    let full = error.to_string();
    let said = full.rsplit_once(" at line ").map_or(full.as_str(), |(said, _)| said);
    let wrong = |field: &str, what: String, expected: &str| {
        let expected = if expected.chars().nth(LONGEST).is_some() {
            "what the reference of jobs lists"
        } else {
            expected
        };
        Wrong { line, field: field.to_owned(), what, expected: expected.to_owned() }
    };
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let mut end = start + error.column();
    let kinds = ["invalid ", "unknown ", "missing ", "duplicate "];
    if error.is_data()
        && !kinds.iter().any(|kind| said.starts_with(kind))
        && text.as_bytes().get(end.saturating_sub(1)) == Some(&b'}')
    {
        // Said by alternatives: the parser has closed the object around the field before it says where it is.
        end -= 1;
    }
    let at = locate(text.as_bytes(), end);
    let value = value_of(text.get(at.value..).unwrap_or(""));
    // A number or a list where a word stands is malformed to the parser.
    if said == "expected value" && value.starts_with(|c: char| "-0123456789[tfn".contains(c)) {
        return wrong(&at.field, quote(value), "one of the words in the reference of jobs");
    }
    if !error.is_data() {
        let what = format!("{} at column {}", said.replace(" while parsing", " in"), error.column());
        return wrong("", format!("this is not valid JSON ({what})"), "a job as its reference describes it");
    }
    let (first, expected) = said.split_once(", expected ").unwrap_or((said, ""));
    // Names in backquotes may be a person's.
    let named = |prefix: &str| first.strip_prefix(prefix).map(|name| quote(name.trim_matches('`')));
    if let Some(name) = named("unknown field ") {
        return wrong(&at.field, format!("unknown field {name}"), expected);
    }
    if let Some(name) = named("missing field ") {
        let dot = if at.field.is_empty() { "" } else { "." };
        return wrong(
            &format!("{}{dot}{}", at.field, name.trim_matches('`')),
            "missing".into(),
            "this field",
        );
    }
    if let Some(name) = named("duplicate field ") {
        return wrong(&at.field, format!("the field {name} is given twice"), "it once");
    }
    let expected = match first.split_once([' ', ':']).map(|(word, _)| word) {
        Some("invalid" | "unknown") => in_words(expected),
        // Said by one of the alternatives themselves.
        _ => said,
    };
    wrong(&at.field, quote(value), expected)
}

/// What the parser expected, in the words of a person who writes JSON.
fn in_words(expected: &str) -> &str {
    match expected {
        "f64" => "a number",
        "usize" | "u64" | "u32" => "a whole number, 0 or more",
        "i32" | "i64" => "a whole number",
        "a tuple of size 3" | "an array of length 3" => "a list of three",
        "a tuple of size 2" | "an array of length 2" => "a list of two",
        "a sequence" => "a list",
        "a map" => "an object {…}",
        "string or map" | "variant identifier" | "enum" => "one of the words in the reference of jobs",
        _ if expected.starts_with("struct ") => "an object {…}",
        _ => expected,
    }
}

/// A place in JSON.
struct Location {
    /// Path such as `data[1].scale`.
    field: String,
    /// Where its value begins.
    value: usize,
}

/// The field that the first `end` bytes lead to.
fn locate(text: &[u8], end: usize) -> Location {
    // Key and start of the value in each open object; index in each open list.
    enum Level {
        Object(Option<String>, usize),
        List(usize, usize),
    }
    let mut levels: Vec<Level> = Vec::new();
    let (mut top, mut key, mut at) = (0, false, 0);
    while at < end.min(text.len()) {
        match text[at] {
            b'{' => {
                levels.push(Level::Object(None, at));
                key = true;
            }
            b'[' => levels.push(Level::List(0, at + 1)),
            b'}' | b']' => {
                levels.pop();
                key = false;
            }
            b',' => match levels.last_mut() {
                Some(Level::Object(..)) => key = true,
                Some(Level::List(index, start)) => (*index, *start) = (*index + 1, at + 1),
                None => {}
            },
            b':' => {
                key = false;
                if let Some(Level::Object(_, start)) = levels.last_mut() {
                    *start = at + 1;
                }
            }
            b'"' => {
                let start = at + 1;
                at = start;
                while at < text.len() && text[at] != b'"' {
                    at += if text[at] == b'\\' { 2 } else { 1 };
                }
                if let (true, Some(Level::Object(name, _))) = (key, levels.last_mut()) {
                    // A key that is refused itself does not lead anywhere.
                    let whole = String::from_utf8_lossy(&text[start..at.min(text.len())]);
                    *name = (at + 1 < end).then(|| whole.chars().take(40).collect());
                }
            }
            _ => {}
        }
        at += 1;
    }
    let mut field = String::new();
    for level in &levels {
        match level {
            Level::Object(Some(name), start) => {
                if !field.is_empty() {
                    field.push('.');
                }
                field.push_str(name);
                top = *start;
            }
            Level::List(index, start) => {
                field.push_str(&format!("[{index}]"));
                top = *start;
            }
            Level::Object(None, start) => top = *start,
        }
    }
    // A list or object that is wrong as a whole has just begun.
    let field = field
        .strip_suffix("[0]")
        .filter(|_| end > 0 && text.get(end.saturating_sub(1)) == Some(&b'['))
        .unwrap_or(&field);
    Location { field: field.to_owned(), value: top }
}

/// The value with which a text begins.
fn value_of(text: &str) -> &str {
    let text = text.trim_start();
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            if !quoted && depth == 0 {
                return &text[..=at];
            }
            continue;
        }
        match c {
            '"' => quoted = true,
            '[' | '{' => depth += 1,
            ']' | '}' if depth > 1 => depth -= 1,
            ']' | '}' => return &text[..at + usize::from(depth == 1)],
            ',' if depth == 0 => return text[..at].trim_end(),
            _ => {}
        }
    }
    text.trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = r#"{"crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
 "force_constants": {"cutoff": 5.7, "start": {"library": "ni_298"}},
 "model": {"temperature": 298},
 "data": [{"file": "a.csv"}, {"file": "b.csv", "scale": 2}]}"#;

    #[test]
    fn errors_name_field_value_and_what_was_expected() {
        assert!(Job::parse("j", JOB).is_ok());
        assert!(Job::parse("j", &format!("\u{feff}{JOB}")).is_ok());
        let cases = [
            ("298}", "\"hot\"}", "j:3: model.temperature: `\"hot\"`, expected a number"),
            ("298}", "[1, 2]}", "j:3: model.temperature: `[1, 2]`, expected a number"),
            ("\"fcc\"", "\"bct\"", "j:1: crystal.prototype: `\"bct\"`, expected one of `fcc`, `bcc`, "),
            (
                "\"fcc\"",
                "5",
                "j:1: crystal.prototype: `5`, expected one of the words in the reference of jobs",
            ),
            ("\"Ni\"", "7.5", "j:1: crystal.element: `7.5`, expected a string"),
            (": 2}", ": \"fixed\"}", "j:4: data[1].scale: `\"fixed\"`, expected \"free\" or a number"),
            (": 2}", ": null}", ""),
            ("\"scale\"", "\"scales\"", "j:4: data[1]: unknown field `scales`, expected one of `file`, "),
            ("\"crystal\"", "\"kristall\"", "j:1: unknown field `kristall`, expected one of `crystal`, "),
            ("[{\"file\": \"a.csv\"}, ", "[7, ", "j:4: data[0]: `7`, expected an object {…}"),
            ("{\"temperature\": 298}", "7", "j:3: model: `7`, expected an object {…}"),
            (
                "{\"temperature\": 298}",
                "[\"one-phonon\"]",
                "j:3: model: `[\"one-phonon\"]`, expected an object {…}",
            ),
            (
                "{\"temperature\": 298}",
                "{\"u_mesh\": \"coarse\"}",
                "j:3: model.u_mesh: `\"coarse\"`, expected \"converged\" or three whole numbers",
            ),
            (
                "{\"temperature\": 298}",
                "{\"u_mesh\": [8, 8]}",
                "j:3: model.u_mesh: `[8, 8]`, expected \"converged\" or three whole numbers",
            ),
            (
                "{\"temperature\": 298}",
                "{\"seed\": -1}",
                "j:3: model.seed: `-1`, expected a whole number, 0 or more",
            ),
            (
                "{\"temperature\": 298}",
                "{\"supercell\": [4, 4]}",
                "j:3: model.supercell: `[4, 4]`, expected a list of three",
            ),
            (
                "{\"temperature\": 298}",
                "{\"supercell\": [4, 4, 4.5]}",
                "j:3: model.supercell[2]: `4.5`, expected a whole number",
            ),
            (
                "{\"temperature\": 298}",
                "{\"temperature\": 1, \"temperature\": 2}",
                "j:3: model: the field `temperature` is given twice",
            ),
            ("298}", "1e400}", "j:3: this is not valid JSON (number out of range at column"),
            ("298}", "NaN}", "j:3: this is not valid JSON (expected value at column"),
            (
                "\"force_constants\": {\"cutoff\": 5.7, \"start\": {\"library\": \"ni_298\"}},",
                "",
                "j:4: force_constants: missing",
            ),
        ];
        for (good, bad, sentence) in cases {
            assert!(JOB.contains(good), "{good}");
            match Job::parse("j", &JOB.replacen(good, bad, 1)) {
                Ok(_) => assert_eq!(sentence, "", "{bad}"),
                Err(error) => {
                    let said = error.to_string();
                    assert!(!sentence.is_empty() && said.starts_with(sentence), "{bad}: {said}");
                }
            }
        }
        let said = Job::from_json(&JOB.replacen("298}", "{}}", 1)).unwrap_err().to_string();
        assert_eq!(said, "job: model.temperature: `{}`, expected a number");
    }

    #[test]
    fn errors_are_one_bounded_line() {
        let long = "x\\n\\\"é".repeat(100_000);
        for (good, bad) in [
            ("\"Ni\"", format!("{{\"{long}\": 1}}")),
            ("\"element\"", format!("\"{long}\"")),
            ("298}", format!("\"{long}\"}}")),
            ("298}", format!("[{}", "[1,".repeat(100_000))),
            ("\"fcc\"", format!("\"{long}\"")),
        ] {
            let said = Job::parse("j", &JOB.replacen(good, &bad, 1)).unwrap_err().to_string();
            assert!(said.len() < 500 && !said.contains('\n') && said.contains(", expected "), "{said}");
        }
        for end in (0..JOB.len()).filter(|&end| JOB.is_char_boundary(end)) {
            assert!(Job::parse("j", &JOB[..end]).is_err());
        }
    }
}
