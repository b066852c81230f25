//! What the page and its workers can call. Exports only: no physics here, and no `JsValue` elsewhere.

mod engine;
mod render;
#[cfg(feature = "sampled")]
mod snapshots;
mod task;

use wasm_bindgen::prelude::wasm_bindgen;

/// Runs once when the module is instantiated: a panic then reaches the console with its message.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// The version of this package, as in its Cargo.toml.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
