//! The chain of six atoms as its worker sees it.

use js_sys::{Float64Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::convert::Answer;
use crate::scattering::Chain;

/// Neighbours of the chain are so far apart, Å.
const SPACING: f64 = 2.5;

/// Every number of one snapshot of six atoms between walls and of the way back: k₁ and k₂ in eV/Å², the temperature in K, Q as
/// `h` of the chain, the numbers drawn by `seed`. Null where the springs do not hold the chain.
#[wasm_bindgen(unchecked_return_type = "ChainFilm | null")]
pub fn chain_film(first: f64, second: f64, temperature: f64, h: f64, seed: u32) -> Answer<JsValue> {
    let z = Chain::draw(u64::from(seed));
    let Some(film) = Chain::new(temperature, SPACING, h).film([first, second], &z) else {
        return Ok(JsValue::NULL);
    };
    let out = Object::new();
    let set = |name: &str, value: JsValue| Reflect::set(&out, &name.into(), &value);
    // Rows of the matrices one after the other.
    let lists = [
        ("hessian", film.hessian.transpose().as_slice()),
        ("factor", film.factor.transpose().as_slice()),
        ("drawn", z.as_slice()),
        ("displacements", film.displacements.as_slice()),
        ("of_displacements", film.of_displacements.as_slice()),
        ("solved", film.solved.as_slice()),
        ("of_factor", film.of_factor.transpose().as_slice()),
        ("of_hessian", film.of_hessian.transpose().as_slice()),
        ("of_springs", film.of_springs.as_slice()),
    ]
    .map(|(name, list)| (name, Float64Array::from(list)));
    for (name, list) in lists {
        set(name, list.into())?;
    }
    set("intensity", film.intensity.into())?;
    Ok(out.into())
}
