//! Pictures from numbers: planes of a data set, colour scales, RGBA maps and charts.
//!
//! [`find_planes`] sorts the rows of a data set into rasters, [`Scale`] and [`ColourMap`] turn
//! values into colours, [`paint`] does so for a whole raster at one byte quadruple per pixel.
//! The charts are drawn with `plotters` on a canvas and therefore exist in the browser only.

mod bragg;
#[cfg(target_arch = "wasm32")]
pub mod chart;
mod colour;
pub mod curve;
mod map;
mod plane;
mod raster;
mod scale;
pub mod ticks;

pub use colour::ColourMap;
pub use map::{paint, paint_bar, paint_mask};
pub use plane::{Plane, find_planes, slicing_axes};
pub use scale::{KNEE, Scale, ScaleKind, robust_range, robust_spread};
