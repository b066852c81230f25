//! What the page and its workers can call. Exports only: no physics here, and no `JsValue` elsewhere.

#[cfg(feature = "engine")]
mod arrays;
#[cfg(all(feature = "engine", feature = "sampled"))]
mod chain;
#[cfg(all(feature = "engine", feature = "chosen", feature = "simulated"))]
mod compare;
mod convert;
#[cfg(all(feature = "engine", feature = "chosen", feature = "modes"))]
mod dispersion;
#[cfg(feature = "engine")]
mod engine;
#[cfg(all(feature = "engine", feature = "modes"))]
mod modes;
#[cfg(feature = "engine")]
mod opening;
#[cfg(feature = "readers")]
mod readers;
#[cfg(feature = "readers")]
mod readers_crystals;
#[cfg(feature = "engine")]
mod render;
#[cfg(all(feature = "engine", feature = "sampled"))]
mod snapshots;
#[cfg(feature = "engine")]
mod task;
#[cfg(all(feature = "engine", any(feature = "phonopy", feature = "potentials")))]
mod whole;

use wasm_bindgen::prelude::wasm_bindgen;

/// The types of what crosses, as the Rust types give them: `cargo xtask docs` writes them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// Those that are made here, of arrays that the engine hands over as they are.
#[wasm_bindgen(typescript_custom_section)]
const ARRAYS: &str = include_str!("arrays.d.ts");

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

/// What a file holds, by its content: "job", "result", "phonopy", "crystal", "constants", "data", "volume", "cif",
/// "quantum-espresso", "tdep", "born", "constants-hdf5", "archive" or "binary".
#[wasm_bindgen]
pub fn recognise(bytes: &[u8]) -> String {
    crate::formats::recognise::recognise(bytes).word().to_owned()
}

/// Whether a file is one that the package of the readers translates for the engine.
#[wasm_bindgen]
pub fn is_foreign(bytes: &[u8]) -> bool {
    crate::formats::recognise::recognise(bytes).is_foreign()
}
