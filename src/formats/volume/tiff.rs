//! TIFF: pictures of one channel, whole or floating-point numbers, in strips or tiles; a stack of pages is a volume.
//! Indices are page, row from the top, column.

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use super::array::{Array, Description, Tile};
use super::source::{Cursor, SharedSource};
use crate::{Error, Result};

/// More pages are no volume.
const MOST_PAGES: usize = 4096;

struct Tiff {
    name: String,
    decoder: Decoder<Cursor>,
    page: usize,
    shape: [usize; 3],
    /// Width and height of a strip or tile.
    chunk: [usize; 2],
}

/// Opens a picture or a stack.
pub(super) fn open(source: &SharedSource) -> Result<(Box<dyn Array>, Description)> {
    let name = source.name().to_owned();
    let wrong = |error: tiff::TiffError| in_words(&name, &error);
    // Deflate gives at most about a thousand times what it takes.
    let unpacked = source.length().saturating_mul(1100).saturating_add(1 << 20);
    let most = unpacked.min(1 << 28) as usize;
    let mut limits = Limits::default();
    limits.decoding_buffer_size = most;
    limits.intermediate_buffer_size = most;
    let mut decoder = Decoder::new(Cursor::new(source.clone())).map_err(wrong)?.with_limits(limits);
    let mut pages = 0;
    let mut first = None;
    loop {
        let color = decoder.colortype().map_err(wrong)?;
        if !matches!(color, ColorType::Gray(_)) {
            let what = format!("the picture has colours ({color:?})");
            return Err(Error::file(&name, what, "one number for each pixel"));
        }
        let (width, height) = decoder.dimensions().map_err(wrong)?;
        let chunk = decoder.chunk_dimensions();
        if chunk.0 == 0 || chunk.1 == 0 {
            return Err(Error::file(
                &name,
                "the strips or tiles of the picture are empty",
                "a sound picture",
            ));
        }
        let format = decoder.find_tag_unsigned_vec::<u16>(Tag::SampleFormat).ok().flatten();
        let format = format.and_then(|list| list.first().copied()).unwrap_or(1);
        let here = (width, height, color, format, chunk);
        if *first.get_or_insert(here) != here {
            // Thumbnails and the like: what differs from the first page is no layer of it.
            let what = format!("page {} differs from the first in size or kind", pages + 1);
            return Err(Error::file(&name, what, "pages that are alike"));
        }
        pages += 1;
        if !decoder.more_images() {
            break;
        }
        if pages >= MOST_PAGES {
            return Err(Error::file(&name, "the file has more than 4096 pages", "a volume"));
        }
        decoder.next_image().map_err(wrong)?;
    }
    let Some((width, height, ColorType::Gray(bits), format, chunk)) = first else {
        return Err(Error::file(&name, "the file has no picture", "one at least"));
    };
    let (width, height) = (width as usize, height as usize);
    let voxels = (width as u64).saturating_mul(height as u64).saturating_mul(pages as u64);
    if voxels == 0 || voxels > unpacked {
        let what = format!("{width} × {height} pixels on {pages} pages are more than the file can hold");
        return Err(Error::file(&name, what, "a whole file"));
    }
    let kind = match format {
        1 => "uint",
        2 => "int",
        3 => "float",
        _ => {
            return Err(Error::file(
                &name,
                "the pixels hold no real numbers",
                "whole or floating-point numbers",
            ));
        }
    };
    let description = Description {
        name: name.clone(),
        layout: if pages > 1 { format!("TIFF with {pages} pages") } else { "TIFF".into() },
        shape: if pages > 1 { vec![pages, height, width] } else { vec![height, width] },
        stored: format!("{kind}{bits}"),
        fits_f32: bits < 32 || kind == "float" && bits == 32,
        ..Description::default()
    };
    decoder.seek_to_image(0).map_err(wrong)?;
    let chunk = [chunk.0 as usize, chunk.1 as usize];
    Ok((Box::new(Tiff { name, decoder, page: 0, shape: [pages, height, width], chunk }), description))
}

fn in_words(name: &str, error: &tiff::TiffError) -> Error {
    match error {
        tiff::TiffError::UnsupportedError(what) => Error::file(
            name,
            format!("the picture is not read ({what})"),
            "no compression, LZW, deflate or PackBits",
        ),
        tiff::TiffError::IoError(_) => Error::file(name, "the TIFF file is cut off", "the whole file"),
        tiff::TiffError::LimitsExceeded => {
            Error::file(name, "the picture claims to be larger than the file can hold", "a whole file")
        }
        _ => Error::file(name, format!("the TIFF file cannot be read ({error})"), "a sound picture"),
    }
}

impl Array for Tiff {
    fn tile(&self) -> [usize; 3] {
        // Whole rows of strips or tiles.
        let rows = (super::array::AT_ONCE / self.shape[2].max(1)).max(1).next_multiple_of(self.chunk[1]);
        [1, rows.min(self.shape[1].next_multiple_of(self.chunk[1])), self.shape[2]]
    }

    fn read(&mut self, start: [usize; 3], count: [usize; 3]) -> Result<Tile> {
        let name = self.name.clone();
        let wrong = |error: tiff::TiffError| in_words(&name, &error);
        let mut values = vec![f64::NAN; count.iter().product()];
        let [width, height] = self.chunk;
        let across = self.shape[2].div_ceil(width);
        for page in start[0]..start[0] + count[0] {
            if page != self.page {
                self.decoder.seek_to_image(page).map_err(wrong)?;
                self.page = page;
            }
            for line in start[1] / height..(start[1] + count[1]).div_ceil(height) {
                for column in start[2] / width..(start[2] + count[2]).div_ceil(width) {
                    let index = (line * across + column) as u32;
                    let numbers = numbers(self.decoder.read_chunk(index).map_err(wrong)?);
                    // Without what pads the last ones.
                    let wide = width.min(self.shape[2] - column * width);
                    let high = height.min(self.shape[1] - line * height);
                    if numbers.len() < wide * high {
                        return Err(Error::file(
                            &name,
                            "a strip of the picture is too short",
                            "a sound picture",
                        ));
                    }
                    for (n, x) in numbers.into_iter().enumerate().take(wide * high) {
                        let (y, x_at) = (line * height + n / wide, column * width + n % wide);
                        let inside = |at: usize, n: usize| at >= start[n] && at < start[n] + count[n];
                        if inside(y, 1) && inside(x_at, 2) {
                            let row = (page - start[0]) * count[1] + y - start[1];
                            values[row * count[2] + x_at - start[2]] = x;
                        }
                    }
                }
            }
        }
        Ok(Tile { values, ..Tile::default() })
    }
}

fn numbers(found: DecodingResult) -> Vec<f64> {
    fn wide<T: Into<f64>>(list: Vec<T>) -> Vec<f64> {
        list.into_iter().map(Into::into).collect()
    }
    match found {
        DecodingResult::U8(list) => wide(list),
        DecodingResult::U16(list) => wide(list),
        DecodingResult::U32(list) => wide(list),
        DecodingResult::U64(list) => list.into_iter().map(|x| x as f64).collect(),
        DecodingResult::I8(list) => wide(list),
        DecodingResult::I16(list) => wide(list),
        DecodingResult::I32(list) => wide(list),
        DecodingResult::I64(list) => list.into_iter().map(|x| x as f64).collect(),
        DecodingResult::F16(list) => list.into_iter().map(|x| x.to_f64()).collect(),
        DecodingResult::F32(list) => wide(list),
        DecodingResult::F64(list) => list,
    }
}
