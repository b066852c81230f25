//! Drawing for the page's main thread: planes, maps and charts.

use nalgebra::{Matrix3, Vector3};
use wasm_bindgen::Clamped;
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use crate::data::mask::BraggLattice;
use crate::render::{self, ColourMap, Scale, ScaleKind, chart, ticks};

/// A raster of data at one value of h, k or l; see `find_planes`.
#[wasm_bindgen]
pub struct Plane(render::Plane);

#[wasm_bindgen]
impl Plane {
    /// The axis normal to the plane: 0, 1, 2 for h, k, l.
    #[wasm_bindgen(getter)]
    pub fn axis(&self) -> usize {
        self.0.axis
    }

    #[wasm_bindgen(getter)]
    pub fn value(&self) -> f64 {
        self.0.value
    }

    #[wasm_bindgen(getter)]
    pub fn thickness(&self) -> f64 {
        self.0.thickness
    }

    #[wasm_bindgen(getter)]
    pub fn layer(&self) -> usize {
        self.0.layer
    }

    #[wasm_bindgen(getter)]
    pub fn x_axis(&self) -> usize {
        self.0.x_axis
    }

    #[wasm_bindgen(getter)]
    pub fn y_axis(&self) -> usize {
        self.0.y_axis
    }

    #[wasm_bindgen(getter)]
    pub fn nx(&self) -> usize {
        self.0.x.count
    }

    #[wasm_bindgen(getter)]
    pub fn ny(&self) -> usize {
        self.0.y.count
    }

    /// Centre of the first pixel, r.l.u.
    #[wasm_bindgen(getter)]
    pub fn x_start(&self) -> f64 {
        self.0.x.start
    }

    #[wasm_bindgen(getter)]
    pub fn x_step(&self) -> f64 {
        self.0.x.step
    }

    #[wasm_bindgen(getter)]
    pub fn y_start(&self) -> f64 {
        self.0.y.start
    }

    #[wasm_bindgen(getter)]
    pub fn y_step(&self) -> f64 {
        self.0.y.step
    }

    /// Row of the data set at pixel `y · nx + x`, y upwards, or −1.
    #[wasm_bindgen(getter)]
    pub fn index(&self) -> Vec<i32> {
        self.0.index.clone()
    }

    /// Rows of the data set from one end to the other if they lie on a straight line, else empty.
    #[wasm_bindgen(getter)]
    pub fn scan(&self) -> Vec<i32> {
        self.0.scan.clone()
    }

    /// x and y (r.l.u.) of one reciprocal-lattice point of the plane after the other. `primitive`: primitive
    /// lattice vectors in units of the input cell, one after the other.
    pub fn bragg_points(&self, primitive: &[f64]) -> Vec<f64> {
        let vectors = <[f64; 9]>::try_from(primitive).ok();
        let lattice = vectors.and_then(|v| BraggLattice::new(&Matrix3::from_column_slice(&v)));
        lattice.map_or_else(Vec::new, |lattice| self.0.bragg_points(&lattice).into_flattened())
    }

    /// RGBA of every pixel, top row first; masked and missing pixels are transparent. `scale` is the name of a
    /// `ScaleKind`.
    pub fn paint(
        &self,
        values: &[f64],
        used: &[u8],
        lo: f64,
        hi: f64,
        scale: &str,
        colours: &str,
    ) -> Result<Clamped<Vec<u8>>, JsError> {
        let scale = scale_of(lo, hi, scale)?;
        Ok(Clamped(render::paint(&self.0, values, used, scale, colour_map(colours)?)))
    }

    /// Opaque where a pixel is masked or not a number: a stencil for a hatch.
    pub fn paint_mask(&self, values: &[f64], used: &[u8]) -> Clamped<Vec<u8>> {
        Clamped(render::paint_mask(&self.0, values, used))
    }

    /// The two values that leave the fraction `tail` of the plane's used values outside at either
    /// end; empty if there are none.
    pub fn robust_range(&self, values: &[f64], used: &[u8], tail: f64, positive: bool) -> Vec<f64> {
        let range = render::robust_range(self.used_values(values, used), tail, positive);
        range.map_or_else(Vec::new, |(lo, hi)| vec![lo, hi])
    }

    /// The magnitude that the fraction `tail` of the plane's used values exceeds, or NaN.
    pub fn robust_spread(&self, values: &[f64], used: &[u8], tail: f64) -> f64 {
        render::robust_spread(self.used_values(values, used), tail).unwrap_or(f64::NAN)
    }
}

impl Plane {
    fn used_values<'a>(&'a self, values: &'a [f64], used: &'a [u8]) -> impl Iterator<Item = f64> + 'a {
        let rows = self.0.index.iter().filter_map(|row| usize::try_from(*row).ok());
        rows.filter(|row| used.get(*row) != Some(&0)).filter_map(|row| values.get(row).copied())
    }
}

/// |Q| (Å⁻¹) of hkl, with the vectors a*, b*, c* (with the 2π, Å⁻¹) one after the other; NaN for other
/// numbers of numbers.
#[wasm_bindgen]
pub fn q_length(reciprocal: &[f64], hkl: &[f64]) -> f64 {
    match (<[f64; 9]>::try_from(reciprocal), <[f64; 3]>::try_from(hkl)) {
        (Ok(vectors), Ok(hkl)) => (Matrix3::from_column_slice(&vectors) * Vector3::from(hkl)).norm(),
        _ => f64::NAN,
    }
}

/// N/m per eV/Å².
#[wasm_bindgen]
pub fn newtons_per_metre() -> f64 {
    crate::units::N_PER_M_PER_EV_A2
}

fn colour_map(name: &str) -> Result<ColourMap, JsError> {
    ColourMap::from_name(name).ok_or_else(|| JsError::new(&format!("there is no colour map “{name}”")))
}

fn scale_of(lo: f64, hi: f64, name: &str) -> Result<Scale, JsError> {
    let kind =
        ScaleKind::from_name(name).ok_or_else(|| JsError::new(&format!("there is no scale “{name}”")))?;
    Ok(Scale::new(lo, hi, kind))
}

/// Places of values on a scale, 0 at its lower end and 1 at its upper one, also beyond them; NaN for NaN.
#[wasm_bindgen]
pub fn scale_places(lo: f64, hi: f64, scale: &str, values: &[f64]) -> Result<Vec<f64>, JsError> {
    let scale = scale_of(lo, hi, scale)?;
    Ok(values.iter().map(|value| scale.place_beyond(*value)).collect())
}

/// The value at a place of a scale, from 0 at its lower end to 1 at its upper one.
#[wasm_bindgen]
pub fn scale_value(lo: f64, hi: f64, scale: &str, place: f64) -> Result<f64, JsError> {
    Ok(scale_of(lo, hi, scale)?.value_at(place))
}

/// Sorts the rows of a data set into planes; `axis` (0, 1, 2) chooses the cutting of a volume.
#[wasm_bindgen]
pub fn find_planes(h: &[f64], k: &[f64], l: &[f64], axis: Option<usize>) -> Vec<Plane> {
    render::find_planes(h, k, l, axis).into_iter().map(Plane).collect()
}

/// The axes along which the data can be cut into well-filled planes.
#[wasm_bindgen]
pub fn slicing_axes(h: &[f64], k: &[f64], l: &[f64]) -> Vec<u32> {
    render::slicing_axes(h, k, l).into_iter().map(|axis| axis as u32).collect()
}

/// A colour bar of 256 × 1 RGBA pixels, low end left.
#[wasm_bindgen]
pub fn paint_bar(colours: &str) -> Result<Clamped<Vec<u8>>, JsError> {
    Ok(Clamped(render::paint_bar(colour_map(colours)?)))
}

/// Round values for an axis or a colour bar from `lo` to `hi`, at most about `count`.
#[wasm_bindgen]
pub fn axis_ticks(lo: f64, hi: f64, scale: &str, count: usize) -> Result<Vec<f64>, JsError> {
    Ok(scale_of(lo, hi, scale)?.ticks(count))
}

/// A short label for a tick.
#[wasm_bindgen]
pub fn tick_label(value: f64) -> String {
    ticks::label(value)
}

/// Curves above a logarithmic or linear x, with a logarithmic y; `lines` is a list of
/// `render::chart::Line`, `theme` is `render::chart::Theme` as objects.
#[wasm_bindgen]
pub fn draw_lines(
    canvas: HtmlCanvasElement,
    lines: JsValue,
    log_x: bool,
    theme: JsValue,
) -> Result<(), JsError> {
    let lines: Vec<chart::Line> = serde_wasm_bindgen::from_value(lines)?;
    let theme: chart::Theme = serde_wasm_bindgen::from_value(theme)?;
    chart::draw_lines(canvas, &lines, log_x, &theme).map_err(|e| JsError::new(&e.to_string()))
}

/// Phonon dispersion; `path` and `sets` are lists of `PathTick` and `Curves` as objects; the axis also reaches the frequencies
/// `besides`, THz. What comes back is where it is: both ends of the path, both of the frequencies, and the canvas pixels of the
/// four: left, right, bottom, top.
#[wasm_bindgen]
pub fn draw_dispersion(
    canvas: HtmlCanvasElement,
    path: JsValue,
    sets: JsValue,
    besides: &[f64],
    theme: JsValue,
) -> Result<Vec<f64>, JsError> {
    let path: Vec<chart::PathTick> = serde_wasm_bindgen::from_value(path)?;
    let sets: Vec<chart::Curves> = serde_wasm_bindgen::from_value(sets)?;
    let theme: chart::Theme = serde_wasm_bindgen::from_value(theme)?;
    let place = chart::draw_dispersion(canvas, &path, &sets, besides, &theme);
    place.map(Vec::from).map_err(|e| JsError::new(&e.to_string()))
}
