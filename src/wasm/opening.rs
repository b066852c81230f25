//! The engine opens a job.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use super::arrays::{arrays, columns};
use super::convert::{Answer, files_from, job_from_js, js_error, to_js};
use super::engine::{Engine, Outcome};
use super::task::Task;
use crate::run::{Run, Watch};

/// Fields and files of jobs for the package that has everything.
#[allow(unused_variables, unused_mut, clippy::unnecessary_wraps)]
fn check_package(job: &JsValue, files: &[(String, Vec<u8>)]) -> Answer<()> {
    let mut fields: Vec<&str> = vec![];
    let mut foreign = false;
    #[cfg(not(feature = "chosen"))]
    {
        fields.extend(["\"axes\":", "\"plane\":", "\"region\":", "\"stride\":", "\"sentinels\":"]);
        fields.extend(["\"shapes\":[{", "\"mask\":[{", "\"measurement\":{", "\"tails\":"]);
        fields.extend(["\"constraints\":{", "\"pseudo_data\":{", "\"measured_background\":{"]);
        fields.extend(["\"order\":\"elastic\"", "\"bragg_within\":", "\"U_A2\":"]);
        foreign |= files.iter().any(|file| file.1.starts_with(b"TDS points of a volume"));
    }
    #[cfg(not(feature = "polar"))]
    fields.push("\"non_analytical\":");
    #[cfg(not(feature = "potentials"))]
    fields.push("\"potential\":{");
    #[cfg(not(feature = "simulated"))]
    fields.push("\"synthetic\":{");
    #[cfg(not(feature = "phonopy"))]
    {
        use crate::formats::recognise::{Kind, recognise};
        foreign |= files.iter().any(|file| recognise(&file.1) == Kind::Phonopy);
    }
    let text = if fields.is_empty() { String::new() } else { super::convert::json_of(job) };
    if foreign || fields.iter().any(|field| text.contains(field)) {
        return Err(js_error(crate::Error::NeedsWhole));
    }
    Ok(())
}

#[wasm_bindgen]
impl Engine {
    /// `files`: contents (Uint8Array) by name of every file that the job names.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Job | FitResult")] job: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Record<string, Uint8Array>")] files: &Object,
    ) -> Answer<Engine> {
        let files = files_from(files);
        check_package(job, &files)?;
        let run = Run::new(&job_from_js(job)?, files).map_err(js_error)?;
        Ok(Self::of(Some(run)))
    }

    /// The same in pieces: nothing but [`Engine::advance`] works before it has said "done".
    pub fn opening(
        #[wasm_bindgen(unchecked_param_type = "Job | FitResult")] job: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Record<string, Uint8Array>")] files: &Object,
    ) -> Answer<Engine> {
        let files = files_from(files);
        check_package(job, &files)?;
        let job = job_from_js(job)?;
        let watch = Watch::default();
        let watched = Some(watch.clone());
        let task =
            Task::new(|pool| async { Outcome::Opened(Box::new(Run::open(pool, job, files, watched).await)) });
        let mut engine = Self::of(None);
        (engine.task, engine.watch) = (Some(task), watch);
        Ok(engine)
    }

    /// What there is to see of a job that is being opened, once for each time that there is more: the data, then, in a job
    /// with all orders, what one phonon alone would make of them (s·I₁ + background at every row).
    #[wasm_bindgen(
        unchecked_return_type = "{description: Description, columns: Columns[], models: Float64Array[] | null} | null"
    )]
    pub fn first_look(&self) -> Answer<JsValue> {
        let Some(seen) = self.watch.take() else { return Ok(JsValue::NULL) };
        let out = Object::new();
        Reflect::set(&out, &"description".into(), &to_js(&seen.description)?)?;
        let all = js_sys::Array::new();
        for (n, set) in seen.data.iter().enumerate() {
            all.push(&columns(set, seen.used(n))?);
        }
        Reflect::set(&out, &"columns".into(), &all)?;
        Reflect::set(&out, &"models".into(), &seen.models.map_or(JsValue::NULL, |m| arrays(&m).into()))?;
        Ok(out.into())
    }
}
