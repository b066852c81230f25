//! Columns of numbers as typed arrays, as `arrays.d.ts` has them.

use js_sys::{Float64Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::convert::Answer;
use crate::data::Dataset;
use crate::dynamics::BandStructure;

pub(super) fn arrays(columns: &[Vec<f64>]) -> js_sys::Array {
    columns.iter().map(|column| JsValue::from(Float64Array::from(column.as_slice()))).collect()
}

/// Columns of a data set, of which the rows `used` take part in the fit.
pub(super) fn columns(set: &Dataset, used: &[bool]) -> Answer<JsValue> {
    let out = Object::new();
    for (axis, name) in ["h", "k", "l"].into_iter().enumerate() {
        let column: Vec<f64> = set.hkl.iter().map(|p| p[axis]).collect();
        Reflect::set(&out, &name.into(), &Float64Array::from(column.as_slice()))?;
    }
    Reflect::set(&out, &"intensity".into(), &Float64Array::from(set.intensity.as_slice()))?;
    let sigma = set.sigma.as_deref().map_or(JsValue::NULL, |s| Float64Array::from(s).into());
    Reflect::set(&out, &"sigma".into(), &sigma)?;
    let used: Vec<u8> = used.iter().map(|u| u8::from(*u)).collect();
    Reflect::set(&out, &"used".into(), &Uint8Array::from(used.as_slice()))?;
    Ok(out.into())
}

pub(super) fn bands_to_js(bands: &BandStructure) -> Answer<JsValue> {
    if bands.branches.is_empty() {
        return Err(JsError::new("elastic constants have no branches").into());
    }
    let out = Object::new();
    Reflect::set(&out, &"distance".into(), &Float64Array::from(bands.distance.as_slice()))?;
    Reflect::set(&out, &"hkl".into(), &Float64Array::from(bands.hkl.as_flattened()))?;
    let ticks = js_sys::Array::new();
    for (at, label) in &bands.ticks {
        let tick = Object::new();
        Reflect::set(&tick, &"at".into(), &(*at).into())?;
        Reflect::set(&tick, &"label".into(), &label.as_str().into())?;
        ticks.push(&tick);
    }
    Reflect::set(&out, &"ticks".into(), &ticks)?;
    Reflect::set(&out, &"branches".into(), &arrays(&bands.branches))?;
    let sigma = bands.sigma.as_ref().map_or(JsValue::NULL, |s| arrays(s).into());
    Reflect::set(&out, &"sigma".into(), &sigma)?;
    Ok(out.into())
}
