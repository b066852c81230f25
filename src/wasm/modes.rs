//! Phonons as their worker sees them.

use js_sys::{Float64Array, Object, Reflect, Uint8Array, Uint32Array};
use nalgebra::Vector3;
use wasm_bindgen::prelude::*;

use super::arrays::bands_to_js;
use super::convert::{Answer, files_from, job_from_js, js_error, to_js};
use crate::dynamics::BandStructure;
use crate::run::{self, Arrangement};

/// The phonons of a job's crystal at the constants that the job gives, with the piece of the crystal that is drawn.
#[wasm_bindgen]
pub struct Phonons {
    phonons: run::Phonons,
    bands: BandStructure,
    piece: Arrangement,
}

fn point(hkl: &[f64]) -> [f64; 3] {
    std::array::from_fn(|a| hkl.get(a).copied().unwrap_or(f64::NAN))
}

#[wasm_bindgen]
impl Phonons {
    /// `files`: contents (Uint8Array) by name of every file that the job names, its data left out.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Job | FitResult")] job: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Record<string, Uint8Array>")] files: &Object,
    ) -> Answer<Phonons> {
        let phonons = run::Phonons::new(&job_from_js(job)?, &files_from(files)).map_err(js_error)?;
        let bands = phonons.bands();
        Ok(Phonons { phonons, bands, piece: Arrangement::default() })
    }

    /// What is known before a Q is chosen.
    #[wasm_bindgen(unchecked_return_type = "PhononsReport")]
    pub fn report(&self) -> Answer<JsValue> {
        to_js(&self.phonons.report())
    }

    /// The dispersion along the standard path.
    #[wasm_bindgen(unchecked_return_type = "Bands")]
    pub fn bands(&self) -> Answer<JsValue> {
        bands_to_js(&self.bands)
    }

    /// The modes at Q.
    #[wasm_bindgen(unchecked_return_type = "ModesReport")]
    pub fn modes(&self, hkl: &[f64]) -> Answer<JsValue> {
        to_js(&self.phonons.at(&point(hkl)).map_err(js_error)?)
    }

    /// Number of the point of the path that symmetry makes equivalent to Q, where there is one.
    pub fn on_path(&self, hkl: &[f64]) -> Option<usize> {
        self.phonons.on_path(&point(hkl), &self.bands)
    }

    /// Takes the piece of the crystal that shows the wave of Q, of `cells` input cells along each axis; without them of as many
    /// as the wave needs. Whether it is another one than before.
    pub fn stage(&mut self, hkl: &[f64], cells: &[usize]) -> bool {
        let cells = <[usize; 3]>::try_from(cells).unwrap_or_else(|_| self.phonons.cells_for(&point(hkl)));
        let other = cells != self.piece.cells;
        if other {
            self.piece = self.phonons.around(cells);
        }
        other
    }

    /// The piece: its atoms from its middle, with springs and edges.
    #[wasm_bindgen(unchecked_return_type = "Piece")]
    pub fn piece(&self) -> Answer<JsValue> {
        let piece = &self.piece;
        let flat = |places: &mut dyn Iterator<Item = Vector3<f64>>| {
            let all: Vec<f64> = places.flat_map(|p| <[f64; 3]>::from(p - piece.centre)).collect();
            Float64Array::from(all.as_slice())
        };
        let out = Object::new();
        let set = |name: &str, value: JsValue| Reflect::set(&out, &name.into(), &value);
        set("places", flat(&mut piece.sites.iter().map(|s| s.place)).into())?;
        let kinds: Vec<u8> = piece.sites.iter().map(|s| s.kind as u8).collect();
        set("kinds", Uint8Array::from(kinds.as_slice()).into())?;
        let springs: Vec<u32> = piece.springs.iter().flatten().map(|n| *n as u32).collect();
        set("springs", Uint32Array::from(springs.as_slice()).into())?;
        set("edges", flat(&mut piece.edges.iter().flatten().copied()).into())?;
        set("cells", Uint32Array::from(piece.cells.map(|n| n as u32).as_slice()).into())?;
        set("axes", Float64Array::from(piece.axes.as_slice()).into())?;
        Ok(out.into())
    }

    /// How the atoms of the piece move in mode `j` at Q: of each x, y, z as real and imaginary part, the displacement being
    /// the real part of that × exp(−iωt), the largest 1.
    pub fn pattern(&self, hkl: &[f64], j: usize) -> Answer<Vec<f64>> {
        let pattern = self.phonons.pattern(&point(hkl), j, &self.piece).map_err(js_error)?;
        Ok(pattern.as_flattened().as_flattened().to_vec())
    }
}
