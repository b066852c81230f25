//! Readers of volumes, as a worker of the page sees them. Files stay where they are: the page hands over a function that
//! gives parts of them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use js_sys::{Array, Float32Array, Float64Array, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::convert::{Answer, js_error, json_of, to_js};
use crate::data::Dataset;
use crate::data::grid::{Grid, Slice, SliceAxis};
use crate::data::selection::{MaskFile, PlaneSpec, Selection};
use crate::formats::cut::{Print, write_cut};
use crate::formats::table::marked;
use crate::formats::volume::{
    Description, Loading, MaskSummary, Opened, SharedSource, Source, Summary, Volume, head, open,
};
use crate::job::DataSpec;
use crate::run::Sha256;

thread_local! {
    /// The functions that give parts of files, by number: they cannot be sent between threads, which sources can.
    static READ: RefCell<BTreeMap<u32, Function>> = const { RefCell::new(BTreeMap::new()) };
}

/// A file of the page.
struct PageFile {
    name: String,
    length: u64,
    /// Its place in the list that was given.
    number: u32,
    /// The function that reads it.
    reader: Arc<Callback>,
}

/// A function of the page, for as long as somebody needs it.
struct Callback(u32);

impl Callback {
    fn new(function: Function) -> Arc<Self> {
        READ.with_borrow_mut(|all| {
            let key = all.last_key_value().map_or(0, |(key, _)| key + 1);
            all.insert(key, function);
            Arc::new(Callback(key))
        })
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        READ.with_borrow_mut(|all| all.remove(&self.0));
    }
}

impl Source for PageFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let function = READ.with_borrow(|all| all.get(&self.reader.0).cloned());
        let function = function.ok_or(io::ErrorKind::NotFound)?;
        let arguments = [self.number.into(), (offset as f64).into(), (buffer.len() as f64).into()];
        let answer = function.call3(&JsValue::NULL, &arguments[0], &arguments[1], &arguments[2]);
        let bytes = answer.ok().and_then(|answer| answer.dyn_into::<Uint8Array>().ok());
        let bytes = bytes.ok_or_else(|| io::Error::other("the browser does not give the file"))?;
        if bytes.length() as usize != buffer.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.copy_to(buffer);
        Ok(())
    }
}

/// How far a reader is.
enum Stage {
    /// A further file is needed, or nothing could be opened.
    Refused(crate::Error, Option<String>),
    Opened(Volume),
    Loading(Box<Loading>),
    Loaded(Box<Grid>, Box<Description>),
    Points(Box<Dataset>),
}

/// Files that belong together, and the volume in them: [`Reader::open`], then [`Reader::load`], then
/// [`Reader::advance`] until it says 1.
#[wasm_bindgen]
pub struct Reader {
    files: Vec<SharedSource>,
    stage: Stage,
    selection: Selection,
    /// The same as JSON.
    wanted: String,
    /// Mask files that may be wanted.
    masks: Vec<SharedSource>,
    /// Bits of those that pictures do not show.
    hidden: u8,
    /// Fingerprints of the first file and of the masks after it, as far as they are done; of the next one the digest, and
    /// how many bytes it has seen.
    prints: Vec<Print>,
    digest: (Sha256, u64),
}

/// Files of the page, by name and size.
fn sources(files: &Array, read: Function) -> Answer<Vec<SharedSource>> {
    let reader = Callback::new(read);
    let source = |(number, file): (usize, JsValue)| -> Answer<SharedSource> {
        let name = Reflect::get(&file, &"name".into())?.as_string().unwrap_or_default();
        let length = Reflect::get(&file, &"size".into())?.as_f64().unwrap_or(0.0) as u64;
        Ok(Arc::new(PageFile { name, length, number: number as u32, reader: reader.clone() }))
    };
    files.iter().enumerate().map(source).collect()
}

#[wasm_bindgen]
impl Reader {
    /// Opens files: name and size of each, and a function that gives so many bytes (Uint8Array) of file number n from
    /// an offset on.
    pub fn open(
        #[wasm_bindgen(unchecked_param_type = "{ name: string, size: number }[]")] files: &Array,
        #[wasm_bindgen(
            unchecked_param_type = "(file: number, offset: number, length: number) => Uint8Array"
        )]
        read: Function,
    ) -> Answer<Reader> {
        let mut found = Reader {
            files: sources(files, read)?,
            stage: Stage::Refused(crate::Error::file("files", "none is given", "a volume"), None),
            selection: Selection::default(),
            wanted: DataSpec::default().selection_text(),
            masks: vec![],
            hidden: 0,
            prints: vec![],
            digest: (Sha256::new(), 0),
        };
        found.reopen();
        match found.stage {
            Stage::Refused(error, None) => Err(js_error(error)),
            _ => Ok(found),
        }
    }

    fn reopen(&mut self) {
        self.stage = match open(&self.files) {
            Ok(Opened::Volume(volume)) => Stage::Opened(volume),
            Ok(Opened::Points(points)) => Stage::Points(Box::new(points)),
            Err(refusal) => Stage::Refused(refusal.error, refusal.missing),
        };
    }

    /// Gives the mask files that [`Reader::load`] may ask for: as the files of [`Reader::open`].
    pub fn masks(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "{ name: string, size: number }[]")] files: &Array,
        #[wasm_bindgen(
            unchecked_param_type = "(file: number, offset: number, length: number) => Uint8Array"
        )]
        read: Function,
    ) -> Answer<()> {
        self.masks = sources(files, read)?;
        if !self.prints.is_empty() {
            self.prints.truncate(1);
            self.digest = (Sha256::new(), 0);
        }
        Ok(())
    }

    /// Pictures do not show what the mask files with these bits leave out.
    pub fn hide(&mut self, bits: u8) {
        self.hidden = bits;
        if let Stage::Loaded(grid, _) = &mut self.stage {
            grid.hidden = bits;
        }
    }

    /// The name of a file that is needed as well: open all of them together.
    pub fn missing(&self) -> Option<String> {
        match &self.stage {
            Stage::Refused(_, missing) => missing.clone(),
            _ => None,
        }
    }

    /// What the files were understood as.
    #[wasm_bindgen(unchecked_return_type = "Summary")]
    pub fn summary(&self) -> Answer<JsValue> {
        match &self.stage {
            Stage::Refused(error, _) => Err(js_error(error.clone())),
            Stage::Opened(volume) => to_js(&Summary::of_description(volume.description())),
            Stage::Loading(loading) => to_js(&Summary::of_description(loading.description())),
            Stage::Loaded(grid, about) => {
                let mut summary = Summary::of_grid(about, grid);
                summary.notes = grid.dataset_of(&[]).notes;
                to_js(&summary)
            }
            Stage::Points(points) => {
                let mut summary = Summary::of_points(points, "list of points");
                summary.masks = MaskSummary::all(&self.selection.masks, points.marks.iter().copied());
                to_js(&summary)
            }
        }
    }

    /// Begins to read the voxels that are wanted; the options are those of an entry of the list `data` of a job. What
    /// was read before is given up, unless the options cannot be used.
    pub fn load(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Partial<DataSpec>")] options: &JsValue,
    ) -> Answer<()> {
        let spec = DataSpec::from_json(&json_of(options)).map_err(js_error)?;
        let (selection, wanted) = (spec.selection(), spec.selection_text());
        match open(&self.files) {
            Ok(Opened::Volume(volume)) => {
                let loading = self.begin(volume, &selection).map_err(js_error)?;
                self.stage = Stage::Loading(Box::new(loading));
            }
            Ok(Opened::Points(points)) => {
                let points = self.begin_points(points, &selection).map_err(js_error)?;
                self.stage = Stage::Points(Box::new(points));
            }
            Err(refusal) => {
                self.stage = Stage::Refused(refusal.error.clone(), refusal.missing);
                return Err(js_error(refusal.error));
            }
        }
        (self.selection, self.wanted) = (selection, wanted);
        Ok(())
    }

    fn mask(&self, name: &str) -> crate::Result<SharedSource> {
        let found = self.masks.iter().find(|source| source.name() == name).cloned();
        found
            .ok_or_else(|| crate::Error::file(name, "the mask file is not here", "it beside its measurement"))
    }

    fn begin(&self, volume: Volume, selection: &Selection) -> crate::Result<Loading> {
        let mask = |wanted: &MaskFile| self.mask(&wanted.file);
        let masks = selection.masks.iter().map(mask).collect::<crate::Result<Vec<_>>>()?;
        volume.load_masked(selection.clone(), &masks)
    }

    /// A list of points where it is wanted, with the marks of its mask files.
    fn begin_points(&self, points: Dataset, selection: &Selection) -> crate::Result<Dataset> {
        if let Some(field) = selection.of_volumes() {
            let what = format!("{} is a list of points", points.name);
            return Err(crate::Error::job(&format!("data[].{field}"), what, "a volume of voxels"));
        }
        let read = |name: &str| {
            let packed = head(self.mask(name)?.as_ref(), usize::MAX)?;
            Ok(crate::formats::packed::unpack(name, &packed)?.into_owned())
        };
        let points = points.moved(selection.origin.unwrap_or_default());
        marked(points, &selection.masks, selection.origin, &read)
    }

    /// Goes on reading for about so many milliseconds; what part is done, 1 at the end.
    pub fn advance(&mut self, milliseconds: f64) -> Answer<f64> {
        let Stage::Loading(loading) = &mut self.stage else { return Ok(1.0) };
        let end = js_sys::Date::now() + milliseconds;
        while !loading.is_done() {
            if let Err(error) = loading.advance() {
                self.stage = Stage::Refused(error.clone(), None);
                return Err(js_error(error));
            }
            if js_sys::Date::now() >= end && !loading.is_done() {
                return Ok(loading.progress());
            }
        }
        let nothing = Stage::Refused(crate::Error::file("files", "nothing is open", "a volume"), None);
        if let Stage::Loading(loading) = std::mem::replace(&mut self.stage, nothing) {
            match loading.finish() {
                Ok((mut grid, about)) => {
                    grid.hidden = self.hidden;
                    self.stage = Stage::Loaded(Box::new(grid), Box::new(about));
                }
                Err(error) => {
                    self.stage = Stage::Refused(error.clone(), None);
                    return Err(js_error(error));
                }
            }
        }
        Ok(1.0)
    }

    fn grid(&self) -> Answer<&Grid> {
        match &self.stage {
            Stage::Loaded(grid, _) => Ok(grid),
            _ => Err(JsError::new("the volume is not read yet, expected load and advance before").into()),
        }
    }

    /// A picture of the plane of two axes at a value along the third (0, 1, 2), averaged over a thickness.
    #[wasm_bindgen(unchecked_return_type = "VolumeSlice")]
    pub fn slice(&self, axis: usize, value: f64, thickness: f64) -> Answer<JsValue> {
        slice_to_js(&self.grid()?.slice(axis, value, thickness))
    }

    /// A picture of a plane at any angle with so many pixels, interpolated.
    #[wasm_bindgen(unchecked_return_type = "VolumeSlice")]
    pub fn oblique(
        &self,
        #[wasm_bindgen(unchecked_param_type = "PlaneSpec")] plane: &JsValue,
        width: usize,
        height: usize,
    ) -> Answer<JsValue> {
        let plane = self.plane(plane)?;
        let size = [width.clamp(1, 4096), height.clamp(1, 4096)];
        slice_to_js(&self.grid()?.oblique(&plane, size).map_err(js_error)?)
    }

    fn plane(&self, plane: &JsValue) -> Answer<PlaneSpec> {
        let text = format!("{{\"plane\": {}}}", json_of(plane));
        let spec = DataSpec::from_json(&text).map_err(js_error)?;
        spec.plane.ok_or_else(|| JsError::new("no plane is given, expected a point and two vectors").into())
    }

    /// Goes on with the fingerprints of the file and of its masks for about so many milliseconds; what part is done, 1 at the end. It is
    /// needed for [`Reader::points`].
    pub fn fingerprint(&mut self, milliseconds: f64) -> Answer<f64> {
        let end = js_sys::Date::now() + milliseconds;
        let mut buffer = vec![0; 1 << 20];
        let files: Vec<&SharedSource> = self.files.iter().take(1).chain(&self.masks).collect();
        let all: u64 = files.iter().map(|file| file.length()).sum();
        while let Some(file) = files.get(self.prints.len()) {
            let (digest, at) = &mut self.digest;
            let count = (file.length() - *at).min(1 << 20) as usize;
            if count == 0 {
                let sha256 = std::mem::take(digest).finish();
                let (name, bytes) = (file.name().to_owned(), file.length() as usize);
                self.prints.push(Print { name, bytes, sha256 });
                *at = 0;
                continue;
            }
            file.read_at(*at, &mut buffer[..count]).map_err(|e| {
                js_error(crate::Error::file(
                    file.name(),
                    format!("the file cannot be read: {e}"),
                    "a readable file",
                ))
            })?;
            digest.take(&buffer[..count]);
            *at += count as u64;
            if js_sys::Date::now() >= end {
                let done: usize = self.prints.iter().map(|print| print.bytes).sum();
                return Ok((done as f64 + *at as f64) / all as f64 * 0.999);
            }
        }
        Ok(1.0)
    }

    /// What was measured, for an engine that is given a job with these options: the bytes that it takes as the file. Of
    /// a volume with a plane among its options, the nearest voxels.
    pub fn points(&mut self) -> Answer<Uint8Array> {
        self.fingerprint(f64::INFINITY)?;
        let set = match &self.stage {
            Stage::Points(points) => points.as_ref().clone(),
            _ => {
                let grid = self.grid()?;
                match &self.selection.plane {
                    Some(plane) => grid.dataset_of(&grid.on_plane(plane).map_err(js_error)?),
                    None => grid.dataset(),
                }
            }
        };
        let Some((file, masks)) = self.prints.split_first() else {
            return Err(JsError::new("nothing is open, expected a volume").into());
        };
        let bytes = write_cut(&set, file, masks.to_vec(), self.wanted.clone());
        Ok(Uint8Array::from(bytes.as_slice()))
    }
}

fn slice_to_js(slice: &Slice) -> Answer<JsValue> {
    let axis = |axis: &SliceAxis| -> Answer<JsValue> {
        let out = Object::new();
        Reflect::set(&out, &"direction".into(), &Float64Array::from(&axis.direction[..]))?;
        Reflect::set(&out, &"centres".into(), &Float64Array::from(axis.centres.as_slice()))?;
        Ok(out.into())
    };
    let out = Object::new();
    Reflect::set(&out, &"width".into(), &(slice.x.centres.len() as f64).into())?;
    Reflect::set(&out, &"height".into(), &(slice.y.centres.len() as f64).into())?;
    Reflect::set(&out, &"values".into(), &Float32Array::from(slice.values.as_slice()))?;
    Reflect::set(&out, &"x".into(), &axis(&slice.x)?)?;
    Reflect::set(&out, &"y".into(), &axis(&slice.y)?)?;
    Reflect::set(&out, &"origin".into(), &Float64Array::from(&slice.origin[..]))?;
    Ok(out.into())
}
