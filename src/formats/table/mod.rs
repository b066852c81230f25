//! Tables of numbers in text: h, k, l, intensity, σ.

mod columns;
mod csv;
mod rows;

pub use csv::*;
