//! What belongs to a dispersion curve, as its worker sees it.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::convert::{Answer, files_from, job_from_js, js_error, to_js};
use crate::run;

/// The crystal of a job at the constants that the job gives: its zone, paths through it, its density of states.
#[wasm_bindgen]
pub struct Dispersion(run::Dispersion);

#[wasm_bindgen]
impl Dispersion {
    /// `files`: contents (Uint8Array) by name of every file that the job names, its data left out.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Job | FitResult")] job: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Record<string, Uint8Array>")] files: &Object,
    ) -> Answer<Dispersion> {
        let job = job_from_js(job)?;
        run::Dispersion::new(&job, &files_from(files)).map(Dispersion).map_err(js_error)
    }

    /// The first Brillouin zone.
    #[wasm_bindgen(unchecked_return_type = "ZoneReport")]
    pub fn zone(&self) -> Answer<JsValue> {
        to_js(&self.0.zone())
    }

    /// The path that a text means; the usual one for an empty text.
    #[wasm_bindgen(unchecked_return_type = "PathReport")]
    pub fn path(&self, text: &str) -> Answer<JsValue> {
        to_js(&self.0.path(text).map_err(js_error)?)
    }

    /// The density of states in so many intervals.
    #[wasm_bindgen(unchecked_return_type = "DensityReport")]
    pub fn density(&self, intervals: usize) -> Answer<JsValue> {
        to_js(&self.0.density(intervals, None).map_err(js_error)?)
    }

    /// Where the published frequencies of a table lie on a path.
    #[wasm_bindgen(unchecked_return_type = "PublishedReport")]
    pub fn published(&self, name: &str, bytes: &[u8], path: &str) -> Answer<JsValue> {
        to_js(&self.0.published(name, bytes, path).map_err(js_error)?)
    }
}
