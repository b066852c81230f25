//! The types as TypeScript: what may be written into a job, and what the engine says.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::Value;

use super::schema::{Kind, is_required, text};

/// The definitions of `job`, then those of `page` that are not among them, each once.
pub fn types(job: &Value, page: &Value) -> Result<String> {
    let mut out =
        "// Types of what crosses the boundary. `cargo xtask docs` writes this file from the Rust types.\n"
            .to_owned();
    let mut all: BTreeMap<&str, &Value> = definitions(page)?;
    all.extend(definitions(job)?);
    all.insert(text(job, "title"), job);
    for (name, schema) in all {
        out += "\n";
        comment(&mut out, "", schema);
        match Kind::of(schema)? {
            Kind::Object(fields) => {
                writeln!(out, "export interface {name} {{")?;
                for (field, schema) in fields {
                    comment(&mut out, "    ", schema);
                    let mark = if is_required_of(job, page, name, field) { "" } else { "?" };
                    writeln!(out, "    {field}{mark}: {};", written(&Kind::of(schema)?))?;
                }
                out += "}\n";
            }
            kind => writeln!(out, "export type {name} = {};", written(&kind))?,
        }
    }
    Ok(out)
}

fn definitions(schema: &Value) -> Result<BTreeMap<&str, &Value>> {
    let all = schema["$defs"].as_object().context("a schema without definitions")?;
    Ok(all.iter().map(|(name, schema)| (name.as_str(), schema)).collect())
}

/// Whether a field is always there. What a person may leave out of a job is optional in it.
fn is_required_of(job: &Value, page: &Value, name: &str, field: &str) -> bool {
    let own = if name == text(job, "title") { job } else { &job["$defs"][name] };
    is_required(if own.is_null() { &page["$defs"][name] } else { own }, field)
}

fn comment(out: &mut String, indent: &str, schema: &Value) {
    let (meaning, unit) = (text(schema, "description"), text(schema, "unit"));
    let unit = if unit.is_empty() { String::new() } else { format!("{unit}: ") };
    let default = match schema.get("default") {
        Some(value) if !value.is_object() => format!(" Default: {value}."),
        _ => String::new(),
    };
    if !meaning.is_empty() {
        *out += &format!("{indent}/** {unit}{meaning}{default} */\n").replace("*/ */", "* / */");
    }
}

fn written(kind: &Kind) -> String {
    let joined = |kinds: &[Kind], between: &str| -> String {
        kinds.iter().map(written).collect::<Vec<_>>().join(between)
    };
    match kind {
        Kind::Named(name) => (*name).to_owned(),
        Kind::Constant(value) => value.to_string(),
        Kind::Choice(kinds) => joined(kinds, " | "),
        Kind::Plain("integer") => "number".to_owned(),
        Kind::Plain(word) => (*word).to_owned(),
        Kind::List(item, Some(count)) => {
            let item = written(item);
            format!("[{}]", vec![item.as_str(); *count as usize].join(", "))
        }
        Kind::List(item, None) => match **item {
            Kind::Choice(_) => format!("({})[]", written(item)),
            _ => format!("{}[]", written(item)),
        },
        Kind::Tuple(items) => format!("[{}]", joined(items, ", ")),
        Kind::Map(value) => format!("Record<string, {}>", written(value)),
        Kind::Object(_) => "object".to_owned(),
    }
}

#[cfg(test)]
mod unit {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_form_of_a_schema_has_its_type() {
        for (schema, expected) in [
            (json!({"type": ["number", "null"]}), "number | null"),
            (
                json!({"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 3}),
                "[number, number, number]",
            ),
            (json!({"type": "array", "items": {"type": ["number", "null"]}}), "(number | null)[]"),
            (
                json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]}),
                "[string, number]",
            ),
            (json!({"type": "object", "additionalProperties": {"type": "string"}}), "Record<string, string>"),
            (json!({"oneOf": [{"const": "a"}, {"enum": ["b", "c"]}]}), "\"a\" | \"b\" | \"c\""),
            (json!({"anyOf": [{"$ref": "#/$defs/Scale"}, {"type": "null"}]}), "Scale | null"),
        ] {
            assert_eq!(written(&Kind::of(&schema).unwrap()), expected);
        }
        assert!(Kind::of(&json!({})).is_err());
    }

    #[test]
    fn what_a_person_may_leave_out_is_optional() {
        let job = json!({"title": "Job", "type": "object", "required": ["crystal"], "$defs": {},
            "properties": {"crystal": {"type": "string"}, "seed": {"type": "integer", "default": 0,
            "description": "Which numbers."}}});
        let page =
            json!({"$defs": {"Job": {"type": "object", "required": ["crystal", "seed"], "properties": {}}}});
        let text = types(&job, &page).unwrap();
        assert!(text.contains("export interface Job {\n    crystal: string;\n    /** Which numbers. Default: 0. */\n    seed?: number;\n}"), "{text}");
    }
}
