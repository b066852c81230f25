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
pub use frequencies::{FrequencyRow, PublishedRow, PublishedWave, read_frequencies, read_published};
#[cfg(feature = "chosen")]
pub use mask::marked;
