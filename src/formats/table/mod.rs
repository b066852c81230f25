//! Tables of numbers in text: h, k, l, intensity, σ.

mod columns;
mod csv;
#[cfg(feature = "chosen")]
mod frequencies;
#[cfg(feature = "chosen")]
mod mask;
mod rows;

#[cfg(feature = "readers")]
pub(crate) use columns::{axis as direction, is_intensity, is_sigma};
pub use csv::*;
#[cfg(feature = "chosen")]
pub use frequencies::{FrequencyRow, read_frequencies};
#[cfg(feature = "chosen")]
pub use mask::marked;
