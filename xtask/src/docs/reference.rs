//! The reference of a job for people: a table for each object, a list for each set of words.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Result;
use serde_json::{Map, Value};

use super::schema::{Kind, is_required, text};

/// What a job is, by hand.
const HEAD: &str = include_str!("job_head.md");

/// The whole reference.
pub fn of_job(schema: &Value) -> Result<String> {
    let mut reference = Reference { schema, out: HEAD.to_owned(), done: BTreeSet::new() };
    reference.object("The job", schema)?;
    Ok(reference.out)
}

struct Reference<'a> {
    schema: &'a Value,
    out: String,
    /// Definitions that are written, or about to be.
    done: BTreeSet<&'a str>,
}

impl<'a> Reference<'a> {
    /// A table of the fields, then the objects that they hold, in the order of the fields.
    fn object(&mut self, title: &str, schema: &'a Value) -> Result<()> {
        let Kind::Object(fields) = Kind::of(schema)? else { return Ok(()) };
        writeln!(self.out, "\n## {title}\n\n{}\n", text(schema, "description"))?;
        writeln!(self.out, "| field | type | unit | default | meaning |\n|---|---|---|---|---|")?;
        let mut below = Vec::new();
        for (field, schema_of_field) in fields {
            let kind = Kind::of(schema_of_field)?;
            let mut meaning = text(schema_of_field, "description").to_owned();
            self.words(&kind, &mut meaning)?;
            let default = match schema_of_field.get("default") {
                _ if is_required(schema, field) => "**required**".to_owned(),
                None | Some(Value::Null) => String::new(),
                Some(Value::Object(_)) => "its defaults".to_owned(),
                Some(value) => format!("`{}`", shown(value)),
            };
            let unit = text(schema_of_field, "unit");
            writeln!(
                self.out,
                "| `{field}` | {} | {unit} | {default} | {} |",
                cell(&self.kind(&kind)?),
                cell(&meaning)
            )?;
            self.objects_in(&kind, &mut below)?;
        }
        for name in below {
            if self.done.insert(name) {
                self.object(name, &self.schema["$defs"][name])?;
            }
        }
        Ok(())
    }

    /// Names of the objects that a value holds.
    fn objects_in(&self, kind: &Kind<'a>, found: &mut Vec<&'a str>) -> Result<()> {
        match kind {
            Kind::Named(name) => match Kind::of(&self.schema["$defs"][name])? {
                Kind::Object(_) => found.push(name),
                inner => self.objects_in(&inner, found)?,
            },
            Kind::Choice(kinds) | Kind::Tuple(kinds) => {
                for kind in kinds {
                    self.objects_in(kind, found)?;
                }
            }
            Kind::List(inner, _) | Kind::Map(inner) => self.objects_in(inner, found)?,
            Kind::Constant(_) | Kind::Plain(_) | Kind::Object(_) => {}
        }
        Ok(())
    }

    /// Adds what each of the possible words means.
    fn words(&self, kind: &Kind<'a>, meaning: &mut String) -> Result<()> {
        let inner = match kind {
            Kind::Named(name) => &self.schema["$defs"][name],
            Kind::List(item, _) => return self.words(item, meaning),
            Kind::Choice(kinds) => {
                return kinds.iter().try_for_each(|kind| self.words(kind, meaning));
            }
            _ => return Ok(()),
        };
        for choice in ["oneOf", "anyOf"] {
            for word in inner[choice].as_array().into_iter().flatten() {
                let said = text(word, "description");
                match Kind::of(word)? {
                    Kind::Constant(value) => write!(meaning, "<br>`{value}`: {said}")?,
                    Kind::Choice(values) => {
                        let values: Vec<String> =
                            values.iter().map(|v| self.kind(v)).collect::<Result<_>>()?;
                        write!(meaning, "<br>{}: {said}", values.join(", "))?;
                    }
                    kind @ Kind::Object(_) => write!(meaning, "<br>{}: {said}", self.kind(&kind)?)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// A kind of value in words; objects are links to their tables.
    fn kind(&self, kind: &Kind<'a>) -> Result<String> {
        Ok(match kind {
            Kind::Named(name) => match Kind::of(&self.schema["$defs"][name])? {
                Kind::Object(_) => format!("[{name}](#{})", name.to_lowercase()),
                Kind::Choice(kinds) if kinds.iter().all(is_word) => "word".to_owned(),
                inner => self.kind(&inner)?,
            },
            Kind::Constant(value) => format!("`{value}`"),
            Kind::Choice(kinds) => {
                let kinds = kinds.iter().filter(|kind| !kind.is_null());
                kinds.map(|kind| self.kind(kind)).collect::<Result<Vec<_>>>()?.join(" or ")
            }
            Kind::Plain("integer") => "whole number".to_owned(),
            Kind::Plain("boolean") => "true or false".to_owned(),
            Kind::Plain("string") => "text".to_owned(),
            Kind::Plain(word) => (*word).to_owned(),
            Kind::List(item, count) => {
                let count = count.map_or_else(|| "list of".to_owned(), |n| format!("{n} ×"));
                format!("{count} {}", self.kind(item)?)
            }
            Kind::Tuple(items) => {
                let items: Vec<String> = items.iter().map(|item| self.kind(item)).collect::<Result<_>>()?;
                format!("[{}]", items.join(", "))
            }
            Kind::Map(value) => format!("object of {}", self.kind(value)?),
            Kind::Object(fields) => match only_field(fields) {
                Some((name, value)) => format!("`{{\"{name}\": {}}}`", self.kind(&Kind::of(value)?)?),
                None => "object".to_owned(),
            },
        })
    }
}

/// The field of an object that has one alone, as a choice with a value has it.
fn only_field(fields: &Map<String, Value>) -> Option<(&String, &Value)> {
    let mut fields = fields.iter();
    fields.next().filter(|_| fields.next().is_none())
}

fn is_word(kind: &Kind) -> bool {
    match kind {
        Kind::Constant(_) => true,
        Kind::Choice(kinds) => kinds.iter().all(is_word),
        _ => false,
    }
}

/// A default as a person writes it: 298, not 298.0.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |x| x.to_string()),
        other => other.to_string(),
    }
}

/// In a table, a bar ends a cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod unit {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_one_row_with_its_unit_its_default_and_its_words() {
        let job = json!({
            "type": "object", "description": "A job.", "required": ["crystal"],
            "properties": {
                "crystal": {"$ref": "#/$defs/Crystal"},
                "order": {"$ref": "#/$defs/Order", "description": "Which |orders|.", "default": "one"},
                "h": {"type": "array", "items": {"type": "number"}, "description": "Some.", "default": [0.0, 0.5]},
            },
            "$defs": {
                "Crystal": {"type": "object", "description": "A crystal.", "properties": {
                    "a": {"type": ["number", "null"], "unit": "Å", "description": "A length."}}},
                "Order": {"oneOf": [{"const": "one", "description": "One phonon."}, {"type": "object",
                    "description": "So many.", "properties": {"some": {"type": "integer"}}}]},
            },
        });
        let text = of_job(&job).unwrap();
        for row in [
            "| `crystal` | [Crystal](#crystal) |  | **required** |  |",
            "| `order` | `\"one\"` or `{\"some\": whole number}` |  | `\"one\"` | Which \\|orders\\|.<br>`\"one\"`: One phonon.<br>`{\"some\": whole number}`: So many. |",
            "| `h` | list of number |  | `[0, 0.5]` | Some. |",
            "## Crystal\n\nA crystal.\n",
            "| `a` | number | Å |  | A length. |",
        ] {
            assert!(text.contains(row), "{row}\n{text}");
        }
    }
}
