//! What every floor stands on and none of it is physics: order, text, threads, memory, transforms.

#[cfg(not(target_arch = "wasm32"))]
pub mod forms;
pub mod fourier;
pub mod json;
pub mod memory;
pub mod order;
pub mod parallel;
pub mod text;
