//! The same work for `tests/node/bench.js`.

use tds_inversion::scattering::Sampler;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use crate::{AllOrders, Pass, Polyatomic, Sampling, Statistics};

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
pub struct WasmAllOrders(AllOrders);

#[wasm_bindgen]
impl WasmAllOrders {
    #[wasm_bindgen(constructor)]
    pub fn new(n_pixels: usize) -> Result<WasmAllOrders, JsError> {
        Ok(WasmAllOrders(AllOrders::new(n_pixels)?))
    }

    pub fn values(&self) -> f64 {
        self.0.values()
    }

    pub fn gradient(&self) -> f64 {
        self.0.gradient()
    }

    pub fn jacobian(&self) -> f64 {
        self.0.jacobian()
    }
}

#[wasm_bindgen]
pub fn multiply_adds(n: usize) -> f64 {
    crate::multiply_adds(n)
}

#[wasm_bindgen]
pub struct WasmPolyatomic(Polyatomic);

#[wasm_bindgen]
impl WasmPolyatomic {
    #[wasm_bindgen(constructor)]
    pub fn new(
        x: usize,
        y: usize,
        z: usize,
        quantum: bool,
        n_pixels: usize,
    ) -> Result<WasmPolyatomic, JsError> {
        let statistics = if quantum { Statistics::Quantum } else { Statistics::Classical };
        Ok(WasmPolyatomic(Polyatomic::new([x, y, z], statistics, 300.0, n_pixels)?))
    }

    /// So many are measured.
    pub fn pixels(atoms: usize) -> usize {
        Polyatomic::pixels(atoms)
    }

    pub fn blocks(&self) -> usize {
        self.0.blocks()
    }

    pub fn block(&mut self, b: usize) -> f64 {
        self.0.block(b)
    }
}
