//! How the schemas are read: the few forms that the types give.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

/// What a value may be.
pub enum Kind<'a> {
    /// One of the definitions.
    Named(&'a str),
    /// One value alone.
    Constant(&'a Value),
    /// One of several.
    Choice(Vec<Kind<'a>>),
    /// `null`, `boolean`, `integer`, `number`, `string`.
    Plain(&'a str),
    /// A list of values that are alike; how many, where that is known.
    List(Box<Kind<'a>>, Option<u64>),
    /// A list of values that differ.
    Tuple(Vec<Kind<'a>>),
    /// An object whose keys are a person's.
    Map(Box<Kind<'a>>),
    /// An object with the fields of the definition.
    Object(&'a Map<String, Value>),
}

impl<'a> Kind<'a> {
    pub fn of(schema: &'a Value) -> Result<Kind<'a>> {
        let list = |kinds: &'a Value| kinds.as_array().map(|all| all.iter().map(Kind::of).collect());
        let every = |kinds: &'a Value| list(kinds).unwrap_or_else(|| bail!("not a list: {kinds}"));
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.strip_prefix("#/$defs/").with_context(|| format!("{name} is elsewhere"))?;
            return Ok(Kind::Named(name));
        }
        if let Some(value) = schema.get("const") {
            return Ok(Kind::Constant(value));
        }
        if let Some(values) = schema["enum"].as_array() {
            return Ok(Kind::Choice(values.iter().map(Kind::Constant).collect()));
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(kinds) = list(&schema[choice]) {
                return Ok(Kind::Choice(kinds?));
            }
        }
        let words: Vec<&str> = match &schema["type"] {
            Value::String(word) => vec![word],
            Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
            other => bail!("no kind of value: {other} in {schema}"),
        };
        let one = |word: &'a str| -> Result<Kind<'a>> {
            Ok(match word {
                "array" if schema.get("prefixItems").is_some() => Kind::Tuple(every(&schema["prefixItems"])?),
                "array" => {
                    let (least, most) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
                    Kind::List(Box::new(Kind::of(&schema["items"])?), least.filter(|_| least == most))
                }
                "object" => match schema["properties"].as_object() {
                    Some(fields) => Kind::Object(fields),
                    None => Kind::Map(Box::new(Kind::of(&schema["additionalProperties"])?)),
                },
                word => Kind::Plain(word),
            })
        };
        match words.as_slice() {
            [word] => one(word),
            _ => Ok(Kind::Choice(words.into_iter().map(one).collect::<Result<_>>()?)),
        }
    }

    /// Whether it is the word for nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Kind::Plain("null"))
    }
}

/// Text of a keyword.
pub fn text<'a>(schema: &'a Value, keyword: &str) -> &'a str {
    schema[keyword].as_str().unwrap_or_default()
}

/// Whether an object must have the field.
pub fn is_required(schema: &Value, field: &str) -> bool {
    schema["required"].as_array().is_some_and(|names| names.iter().any(|name| name == field))
}
