//! Foreign files of crystals and force constants, for a package beside the engine's.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::convert::{Answer, files_from, js_error, to_js};
use crate::formats;
use crate::run::CrystalReport;

/// A file in the engine's form.
#[wasm_bindgen(getter_with_clone)]
pub struct CanonicalFile {
    /// The name that the foreign file has, which a job calls it by.
    pub name: String,
    /// Its content: a POSCAR, a phonopy.yaml, a FORCE_CONSTANTS, or what was packed.
    pub bytes: Vec<u8>,
    /// What a person should know of the reading.
    pub notes: Vec<String>,
}

/// Turns a foreign or packed file of a crystal or of force constants into what the engine reads; any other file stays as
/// it is. `others` are files beside it by name: force constants of TDEP need their crystal.
#[wasm_bindgen]
pub fn canonical(name: &str, bytes: &[u8], others: &Object) -> Answer<CanonicalFile> {
    let found = formats::canonical(name, bytes, &files_from(others)).map_err(js_error)?;
    let (name, bytes) = found.files.into_iter().next().unwrap_or_default();
    Ok(CanonicalFile { name, bytes, notes: found.notes })
}

/// What a file holds, as `recognise` says it, also where it is packed by xz or gzip.
#[wasm_bindgen(js_name = recogniseWithin)]
pub fn recognise_within(bytes: &[u8]) -> String {
    formats::recognise_within(bytes).word().to_owned()
}

/// The crystal of a file: formula, space group, cell, atoms and notes, as `tds crystal --json` prints them.
#[wasm_bindgen(js_name = crystalReport, unchecked_return_type = "CrystalReport")]
pub fn crystal_report(name: &str, bytes: &[u8], tolerance: Option<f64>) -> Answer<JsValue> {
    let files = vec![(name.to_owned(), bytes.to_vec())];
    to_js(&CrystalReport::read(name, &files, tolerance).map_err(js_error)?)
}
