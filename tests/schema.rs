//! The schemas say what the program reads and writes: neither less nor more.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Map, Value, json};
use tds_inversion::job::Job;
use tds_inversion::run::{Prepared, Run};
use tds_inversion::schema;

/// Whether a value is valid. Panics on a keyword that it does not know, so that none is passed over.
fn valid(root: &Value, schema: &Value, value: &Value) -> bool {
    let Some(keywords) = schema.as_object() else {
        return schema.as_bool().unwrap();
    };
    let all = |schemas: &Value| schemas.as_array().unwrap().clone();
    keywords.iter().all(|(keyword, wanted)| match keyword.as_str() {
        "$schema" | "$defs" | "title" | "description" | "unit" | "default" | "format" => true,
        "$ref" => {
            let place = wanted.as_str().unwrap().strip_prefix('#').unwrap();
            valid(root, root.pointer(place).unwrap_or_else(|| panic!("{place} is nowhere")), value)
        }
        "const" => value == wanted,
        "enum" => all(wanted).contains(value),
        "oneOf" => all(wanted).iter().filter(|schema| valid(root, schema, value)).count() == 1,
        "anyOf" => all(wanted).iter().any(|schema| valid(root, schema, value)),
        "type" => match wanted {
            Value::Array(words) => words.iter().any(|word| is_a(word, value)),
            word => is_a(word, value),
        },
        "minimum" => value.as_f64().is_none_or(|x| x >= wanted.as_f64().unwrap()),
        "maximum" => value.as_f64().is_none_or(|x| x <= wanted.as_f64().unwrap()),
        "minItems" => value.as_array().is_none_or(|list| list.len() as u64 >= wanted.as_u64().unwrap()),
        "maxItems" => value.as_array().is_none_or(|list| list.len() as u64 <= wanted.as_u64().unwrap()),
        "items" => value.as_array().is_none_or(|list| list.iter().all(|item| valid(root, wanted, item))),
        "prefixItems" => value
            .as_array()
            .is_none_or(|list| list.iter().zip(all(wanted)).all(|(item, schema)| valid(root, &schema, item))),
        "required" => value
            .as_object()
            .is_none_or(|o| all(wanted).iter().all(|name| o.contains_key(name.as_str().unwrap()))),
        "properties" => value.as_object().is_none_or(|object| {
            let known = wanted.as_object().unwrap();
            known.iter().all(|(name, schema)| object.get(name).is_none_or(|v| valid(root, schema, v)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|object| {
            let more = object.iter().filter(|(name, _)| schema["properties"].get(name).is_none());
            more.into_iter().all(|(_, v)| valid(root, wanted, v))
        }),
        other => panic!("`{other}` is no keyword that this test knows"),
    })
}

fn is_a(word: &Value, value: &Value) -> bool {
    match word.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("`{other}` is no type"),
    }
}

/// The jobs that come with the program.
fn jobs() -> Vec<(String, Value)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let mut found = Vec::new();
    for folder in ["tests/jobs", "www/examples", "www/examples/nickel"] {
        for entry in std::fs::read_dir(format!("{root}{folder}")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if name.ends_with(".json") && !name.ends_with("index.json") {
                found.push((name, serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()));
            }
        }
    }
    assert!(found.len() > 15, "{}", found.len());
    found
}

/// A job with every object that a job can hold.
fn full() -> Value {
    json!({
        "crystal": {"prototype": "hcp", "element": "Mg", "elements": ["Mg"], "a": 3.2, "c": 5.2, "file": "x",
            "tolerance": 1e-4},
        "force_constants": {"cutoff": 5.7, "start": {"springs": {"1": 1.5}}, "values": {"labels": {"1XX": -1.0}}},
        "non_analytical": {"born_charges": [[[1, 0, 0], [0, 1, 0.5], [0, 0, 1]]],
            "dielectric": [[2, 0, 0], [0, 2, 0], [0, 0, 2]]},
        "constraints": {"rotational_invariance": true},
        "model": {"order": "sampled", "statistics": "classical", "temperature": 10, "u_mesh": [8, 8, 8],
            "u_mesh_axes": "conventional", "real_space_range": 20, "real_space_mesh": [20, 20, 20],
            "supercell": [4, 4, 4], "samples": 8, "seed": 1, "sampler": "dense"},
        "data": [{"file": "a.csv", "invalid": "keep", "origin": [0, 0, 0.5], "temperature": 20, "scale": "free",
            "background": ["q2"], "holds": "one-phonon"},
            {"scale": 2.5, "synthetic": {"values": {"file": "FORCE_CONSTANTS", "supercell_matrix": [2, 2, 2]},
                "model": {"u_mesh": "converged"}, "h": [0, 1, 5], "k": [0, 1, 5], "l": [0],
                "keep": {"window": [[0, 1], [0, 1]], "fraction": 0.5, "rotation": [0, 90]}, "scale": 100,
                "background": [1, 2], "relative_error": 0.1, "noise": true, "seed": 4}}],
        "mask": {"bragg_radius": 0.1, "q_min": 1, "q_max": 5},
        "nuisance": {"scale": 3, "background": ["constant", "q2"]},
        "fit": {"method": "gauss-newton", "likelihood": "poisson", "weighing": "counts", "max_iterations": 5,
            "learning_rate": 0.1, "random_numbers": "common", "batch": 3, "coordinates": "decorrelated"},
        "form_factors": {"Mg": "Mg2+"},
        "anomalous": {"Mg": [0.1, 0.2]},
        "reference": {"library": "ni_298", "supercell_matrix": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]},
    })
}

/// Calls `change` with every job that differs from `job` in one place.
fn damaged(job: &Value, mut change: impl FnMut(&str, &Value)) {
    fn places(value: &Value, at: String, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, v)| places(v, format!("{at}/{name}"), found));
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(n, v)| places(v, format!("{at}/{n}"), found));
            }
            _ => {}
        }
        found.push(at);
    }
    let mut found = Vec::new();
    places(job, String::new(), &mut found);
    for place in &found {
        let wrong =
            [json!(null), json!(true), json!("nonsense"), json!(-1), json!(1.5), json!([]), json!({})];
        for value in wrong {
            let mut other = job.clone();
            *other.pointer_mut(place).unwrap() = value.clone();
            change(&format!("{place} = {value}"), &other);
        }
        let mut other = job.clone();
        match other.pointer_mut(place).unwrap() {
            Value::Object(fields) => fields.insert("nonsense".into(), json!(1)).map_or((), drop),
            Value::Array(items) => items.push(json!(1)),
            _ => continue,
        }
        change(&format!("{place} with one more"), &other);
        for name in job.pointer(place).unwrap().as_object().into_iter().flat_map(Map::keys) {
            let mut other = job.clone();
            other.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(name);
            change(&format!("{place} without {name}"), &other);
        }
    }
}

#[test]
fn a_job_is_valid_exactly_where_it_can_be_read() {
    let schema = schema::job().to_value();
    let mut count = [0, 0];
    for (name, job) in jobs().into_iter().chain([("full".to_owned(), full())]) {
        assert!(valid(&schema, &schema, &job), "{name}");
        assert!(Job::from_json(&job.to_string()).is_ok(), "{name}");
        damaged(&job, |what, job| {
            let read = Job::from_json(&job.to_string());
            assert_eq!(valid(&schema, &schema, job), read.is_ok(), "{name}: {what}: {read:?}");
            count[usize::from(read.is_ok())] += 1;
        });
    }
    assert!(count[0] > 1000 && count[1] > 300, "{count:?}");
}

#[test]
fn each_default_is_what_a_job_has_that_does_not_say() {
    let schema = schema::job().to_value();
    let crystal = json!({"prototype": "fcc", "element": "Ni", "a": 3.52});
    let synthetic = json!({"synthetic": {"model": {}, "keep": {}}});
    let least = json!({"crystal": crystal, "force_constants": {}, "constraints": {}, "model": {}, "mask": {},
        "data": [synthetic], "nuisance": {}, "fit": {}, "reference": {}});
    let read = |job: &Value| Job::from_json(&job.to_string()).unwrap();
    let mut compared = 0;
    for (place, name) in [
        ("/force_constants", "ForceConstantsSpec"),
        ("/constraints", "Constraints"),
        ("/model", "ModelSpec"),
        ("/data/0", "DataSpec"),
        ("/data/0/synthetic", "SyntheticSpec"),
        ("/data/0/synthetic/model", "ModelSpec"),
        ("/data/0/synthetic/keep", "Keep"),
        ("/mask", "Mask"),
        ("/nuisance", "NuisanceSpec"),
        ("/fit", "FitSpec"),
        ("/reference", "ConstantsSpec"),
    ] {
        for (field, of_field) in schema["$defs"][name]["properties"].as_object().unwrap() {
            let Some(default) = of_field.get("default") else { continue };
            let mut job = least.clone();
            job.pointer_mut(place).unwrap()[field] = default.clone();
            assert_eq!(read(&job), read(&least), "{place}/{field}");
            compared += 1;
        }
    }
    assert!(compared > 30, "{compared}");
    let rate = &schema["$defs"]["FitSpec"]["properties"]["learning_rate"]["default"];
    assert_eq!(*rate, json!(0.003), "also those that a job leaves out when it is written");
}

#[test]
fn each_field_says_what_it_means_and_each_number_its_unit() {
    for (kind, schema) in [("job", schema::job()), ("result", schema::result()), ("page", schema::page())] {
        let schema = schema.to_value();
        let objects =
            schema["$defs"].as_object().unwrap().iter().map(|(name, object)| (name.as_str(), object));
        let root = (kind != "page").then_some((kind, &schema));
        for (name, object) in objects.chain(root) {
            assert!(object["description"].is_string(), "{kind}: {name}");
            for (field, of_field) in object["properties"].as_object().into_iter().flatten() {
                let place = format!("{kind}: {name}.{field}");
                assert!(of_field["description"].as_str().is_some_and(|text| text.len() > 5), "{place}");
                let text = of_field.to_string();
                let is_number = text.contains("\"number\"") || text.contains("/Scale\"");
                // Corners count the two directions of their polygon; coefficients of constants, dielectric tensors and factors of bonds
                // are pure numbers.
                let pure = [
                    "job: Polygon.corners",
                    "job: Tied.coefficients",
                    "job: Charges.dielectric",
                    "job: ConstantsSpec.bonds",
                    // Each parameter of a potential has a unit of its own.
                    "job: PotentialSpec.parameters",
                    "job: PotentialSpec.prior",
                    "job: PotentialSpec.bounds",
                ];
                let pure = pure.contains(&place.as_str());
                let has_unit = of_field["unit"].is_string() || pure;
                assert!(kind != "job" || !is_number || has_unit, "{place} has no unit");
            }
            for word in object["oneOf"].as_array().into_iter().flatten() {
                assert!(word["description"].is_string(), "{kind}: {name}: {word}");
            }
        }
    }
}

#[test]
fn what_the_engine_says_is_valid() {
    let synthetic = json!({"values": {"library": "ni_298"}, "h": [2.1, 2.9, 9], "k": [0.1, 0.9, 9], "l": [0, 0.5],
        "scale": 1000, "background": [10, 0], "noise": true});
    let job = json!({
        "crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
        "force_constants": {"cutoff": 3, "start": {"library": "ni_676"}},
        "model": {"u_mesh": [4, 4, 4]},
        "nuisance": {"background": ["constant", "q2"]},
        "reference": {"library": "ni_298"},
    });
    let (page, result) = (schema::page().to_value(), schema::result().to_value());
    for sets in [1, 2] {
        let mut job = job.clone();
        job["data"] = vec![json!({ "synthetic": synthetic }); sets].into();
        let job = Job::from_json(&job.to_string()).unwrap();
        let mut run = Run::new(&job, BTreeMap::new()).unwrap();
        let check = |name: &str, said: Value| {
            assert!(valid(&page, &page["properties"][name], &said), "{name}: {said:#}");
        };
        check("description", serde_json::to_value(run.describe()).unwrap());
        check("progress", serde_json::to_value(run.progress()).unwrap());
        while run.session.progress().termination.is_none() {
            run.step(|| 1.0);
            check("progress", serde_json::to_value(run.brief()).unwrap());
        }
        check("progress", serde_json::to_value(run.progress()).unwrap());
        check("export", serde_json::to_value(run.export().unwrap()).unwrap());
        let found = serde_json::to_value(run.result(2.0, "2026-01-01T00:00:00Z")).unwrap();
        assert!(valid(&result, &result, &found), "{found:#}");
        assert!(Job::from_json(&found.to_string()).is_ok(), "a result is a job");
        let mut less = found.clone();
        less.as_object_mut().unwrap().remove("covariance");
        assert!(!valid(&result, &result, &less));
    }
}

#[test]
fn the_jobs_of_the_reference_can_be_read() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/job.md")).unwrap();
    let blocks: Vec<&str> =
        text.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 2);
    let jobs: Vec<Job> = blocks.iter().map(|block| Job::from_json(block).unwrap()).collect();
    let smallest = Prepared::new(&jobs[0], &BTreeMap::new()).unwrap();
    assert!(smallest.theta.iter().any(|t| *t != 0.0));
}

#[test]
fn the_schemas_in_the_repository_are_those_that_tds_prints() {
    for (name, options) in
        [("docs/job.schema.json", vec!["schema"]), ("docs/result.schema.json", vec!["schema", "--result"])]
    {
        let printed = Command::new(env!("CARGO_BIN_EXE_tds")).args(options).output().unwrap();
        assert!(printed.status.success());
        let committed = std::fs::read(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(printed.stdout == committed, "{name} is not current: run `cargo xtask docs`");
    }
}
