//! The same work for `tests/node/bench.js`.

use tds_inversion::scattering::Sampler;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use crate::{Pass, Sampling, Statistics};

#[wasm_bindgen]
pub struct WasmPass(Pass);

#[wasm_bindgen]
impl WasmPass {
    #[wasm_bindgen(constructor)]
    pub fn new(quantum: bool, n_pixels: usize) -> Result<WasmPass, JsError> {
        let statistics = if quantum { Statistics::Quantum } else { Statistics::Classical };
        Ok(WasmPass(Pass::new(statistics, n_pixels)?))
    }

    pub fn run(&mut self) -> f64 {
        self.0.run()
    }

    pub fn mean_square(&self) -> f64 {
        self.0.mean_square()
    }
}

#[wasm_bindgen]
pub struct WasmSampling(Sampling);

#[wasm_bindgen]
impl WasmSampling {
    #[wasm_bindgen(constructor)]
    pub fn new(dense: bool) -> Result<WasmSampling, JsError> {
        Ok(WasmSampling(Sampling::new(if dense { Sampler::Dense } else { Sampler::Block })?))
    }

    pub fn run(&self) -> f64 {
        self.0.run()
    }
}

#[wasm_bindgen]
pub fn multiply_adds(n: usize) -> f64 {
    crate::multiply_adds(n)
}
