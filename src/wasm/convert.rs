//! What crosses: errors, plain objects, files.

use js_sys::{Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[cfg(feature = "engine")]
use crate::job::Job;

pub(super) type Answer<T> = std::result::Result<T, JsValue>;

/// A crate error as a JavaScript Error with `message` and `code`.
pub(super) fn js_error(error: crate::Error) -> JsValue {
    let out = js_sys::Error::new(&error.to_string());
    let _ = Reflect::set(&out, &"code".into(), &error.code().into());
    out.into()
}

pub(super) fn to_js<T: Serialize>(value: &T) -> Answer<JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|e| JsError::new(&e.to_string()).into())
}

pub(super) fn json_of(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).ok().and_then(|s| s.as_string()).unwrap_or_default()
}

/// From a plain object. Through JSON, so that numbers, nulls and unknown fields mean the same here
/// as in a file.
#[cfg(feature = "engine")]
pub(super) fn from_js<T: serde::de::DeserializeOwned>(name: &str, value: &JsValue) -> Answer<T> {
    crate::base::json::from_str(&json_of(value)).map_err(|e| {
        let full = e.to_string();
        let what = full.split(" at line ").next().unwrap_or(&full).to_owned();
        js_error(crate::Error::file(name, what, "an object as the page makes it"))
    })
}

/// A job, or the result of a fit.
#[cfg(feature = "engine")]
pub(super) fn job_from_js(value: &JsValue) -> Answer<Job> {
    Job::from_json(&json_of(value)).map_err(js_error)
}

/// Contents by name, from an object of Uint8Arrays.
pub(super) fn files_from(files: &Object) -> Vec<(String, Vec<u8>)> {
    let content = |key: JsValue| {
        let content = Reflect::get(files, &key).ok()?;
        Some((key.as_string()?, Uint8Array::new(&content).to_vec()))
    };
    Object::keys(files).iter().filter_map(content).collect()
}
