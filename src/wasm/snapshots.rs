//! Snapshots of sampled atoms as their worker sees them.

use js_sys::{Float64Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::convert::{Answer, files_from, job_from_js, js_error};
use crate::run;

/// Sampled scattering beside the exact one, in progress.
#[wasm_bindgen]
pub struct Snapshots(run::Snapshots);

#[wasm_bindgen]
impl Snapshots {
    /// `files`: contents (Uint8Array) by name of every file that the job names, its data left out.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Job | FitResult")] job: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Record<string, Uint8Array>")] files: &Object,
    ) -> Answer<Snapshots> {
        let run = run::Snapshots::new(&job_from_js(job)?, &files_from(files));
        run.map(Snapshots).map_err(js_error)
    }

    /// Points of the plane and the exact intensities there, sites of the slab and its edges.
    #[wasm_bindgen(unchecked_return_type = "Scene")]
    pub fn scene(&self) -> Answer<JsValue> {
        let (run, slab) = (&self.0, &self.0.slab);
        let out = Object::new();
        let set = |name: &str, value: JsValue| Reflect::set(&out, &name.into(), &value);
        for (axis, name) in ["h", "k", "l"].into_iter().enumerate() {
            let column: Vec<f64> = run.hkl.iter().map(|p| p[axis]).collect();
            set(name, Float64Array::from(column.as_slice()).into())?;
        }
        set("exact", Float64Array::from(run.exact.as_slice()).into())?;
        set("places", Float64Array::from(slab.places.as_flattened()).into())?;
        set("layers", Uint8Array::from(slab.layers.as_slice()).into())?;
        set("kinds", Uint8Array::from(slab.kinds.as_slice()).into())?;
        set("edges", Float64Array::from(slab.edges.as_flattened()).into())?;
        set("atoms", (run.n_atoms() as f64).into())?;
        Ok(out.into())
    }

    /// Draws so many more snapshots.
    pub fn advance(&mut self, count: usize) {
        self.0.advance(count);
    }

    /// Forgets all snapshots.
    pub fn reset(&mut self) {
        self.0.reset();
    }

    /// Snapshots so far.
    #[wasm_bindgen(getter)]
    pub fn done(&self) -> usize {
        self.0.done()
    }

    /// Root mean square over the points of mean / exact − 1.
    #[wasm_bindgen(getter)]
    pub fn error(&self) -> f64 {
        self.0.error()
    }

    /// What the scatter of the snapshots lets one expect for it.
    #[wasm_bindgen(getter)]
    pub fn expected_error(&self) -> f64 {
        self.0.expected_error()
    }

    /// Mean intensity at each point.
    pub fn mean(&self) -> Vec<f64> {
        self.0.mean()
    }

    /// x and y of each atom's displacement in the last snapshot, Å.
    pub fn displacements(&self) -> Vec<f64> {
        self.0.displacements().as_flattened().to_vec()
    }
}
