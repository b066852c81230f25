//! Fits beside fits, and fits that might be, as their worker sees them.

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;

use super::convert::{Answer, files_from, job_from_js, js_error, to_js};
use crate::run;

/// Fits the data of a job with one shell of neighbours, two, … up to `most`, or as many as the job has. `tell` is called with
/// what is done next and the table so far.
#[wasm_bindgen(unchecked_return_type = "ShellsTable")]
pub fn compare_shells(
    #[wasm_bindgen(unchecked_param_type = "Job | FitResult")] job: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Record<string, Uint8Array>")] files: &Object,
    most: Option<usize>,
    folds: usize,
    #[wasm_bindgen(unchecked_param_type = "(doing: string, table: ShellsTable) => void")] tell: &Function,
) -> Answer<JsValue> {
    let mut tell = |doing: &str, table: &run::ShellsTable| {
        if let Ok(table) = to_js(table) {
            let _ = tell.call2(&JsValue::NULL, &doing.into(), &table);
        }
    };
    let table = run::shells(&job_from_js(job)?, &files_from(files), most, folds, &mut tell);
    to_js(&table.map_err(js_error)?)
}

/// The measurements that a job simulates, ordered by what each would tell of the constants beside the data that are there.
/// `tell` is called with what is done next.
#[wasm_bindgen(unchecked_return_type = "PlannedMeasurement[]")]
pub fn plan_measurements(
    #[wasm_bindgen(unchecked_param_type = "Job | FitResult")] job: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Record<string, Uint8Array>")] files: &Object,
    #[wasm_bindgen(unchecked_param_type = "(doing: string) => void")] tell: &Function,
) -> Answer<JsValue> {
    let mut tell = |doing: &str| {
        let _ = tell.call1(&JsValue::NULL, &doing.into());
    };
    let list = run::plan(&job_from_js(job)?, &files_from(files), &mut tell);
    to_js(&list.map_err(js_error)?)
}

/// Fits the data of a job with its potential, then with free constants: what the potential costs.
#[cfg(feature = "potentials")]
#[wasm_bindgen(unchecked_return_type = "PotentialCost")]
pub fn potential_cost(
    #[wasm_bindgen(unchecked_param_type = "Job | FitResult")] job: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Record<string, Uint8Array>")] files: &Object,
) -> Answer<JsValue> {
    let cost = run::cost_of_potential(&job_from_js(job)?, &files_from(files));
    to_js(&cost.map_err(js_error)?)
}
