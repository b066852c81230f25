//! What only the package that has everything says and writes.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::convert::{Answer, files_from, job_from_js, js_error, to_js};
use super::engine::Engine;

/// The published potentials that come with the program.
#[cfg(feature = "potentials")]
#[wasm_bindgen(unchecked_return_type = "PotentialTitle[]")]
pub fn potentials() -> Answer<JsValue> {
    to_js(&crate::run::potential_titles())
}

/// The published potentials, and the families with the names of their parameters.
#[cfg(feature = "potentials")]
#[wasm_bindgen(unchecked_return_type = "PotentialChoice")]
pub fn potential_choice() -> Answer<JsValue> {
    to_js(&crate::run::potential_choice())
}

/// What only the package with potentials can say of a job in progress.
#[cfg(feature = "potentials")]
#[wasm_bindgen]
impl Engine {
    /// The functions of the job's potential where the fit stands, or with all parameters that a hand holds; none where the job has
    /// no potential.
    #[wasm_bindgen(unchecked_return_type = "CurveReport[]")]
    pub fn potential_curves(&self, values: Option<Vec<f64>>) -> Answer<JsValue> {
        let run = self.run()?;
        match values {
            Some(values) => to_js(&run.touched_curves(&values).map_err(js_error)?),
            None => to_js(&run.potential_curves().unwrap_or_default()),
        }
    }

    /// The job's potential as files of LAMMPS, and its curves as a table.
    #[wasm_bindgen(unchecked_return_type = "PotentialFiles")]
    pub fn potential_files(&self) -> Answer<JsValue> {
        to_js(&self.run()?.potential_files().map_err(js_error)?)
    }
}

#[cfg(feature = "phonopy")]
#[wasm_bindgen]
impl Engine {
    /// The fitted constants as other programs read them.
    #[wasm_bindgen(unchecked_return_type = "Export")]
    pub fn export_force_constants(&self) -> Answer<JsValue> {
        to_js(&self.run()?.export().map_err(js_error)?)
    }
}

/// The constants of a job whose fit is in another package, eV/Å² each, as other programs read them. `files`: contents
/// (Uint8Array) by name of every file that the job names, its data left out.
#[cfg(feature = "phonopy")]
#[wasm_bindgen(unchecked_return_type = "Export")]
pub fn force_constants_of(
    #[wasm_bindgen(unchecked_param_type = "Job")] job: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Record<string, Uint8Array>")] files: &Object,
    values: &[f64],
) -> Answer<JsValue> {
    let files = files_from(files);
    let prepared = crate::run::Prepared::new(&job_from_js(job)?, &files).map_err(js_error)?;
    to_js(&prepared.export(values).map_err(js_error)?)
}
