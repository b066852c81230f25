//! TIFF: pictures of one channel, whole or floating-point numbers, in strips or tiles; a stack of pages is a volume.
//! Indices are page, row from the top, column.

use tiff::ColorType;
use tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits};
use tiff::tags::{ByteOrder, Tag};

use super::array::{Array, Description, Tile};
use super::source::{Bytes, Cursor, SharedSource};
use crate::{Error, Result};

/// More pages are no volume.
const MOST_PAGES: usize = 4096;

/// The code of LZW among the compressions.
const LZW: u16 = 5;

struct Tiff {
    name: String,
    source: SharedSource,
    decoder: Decoder<Cursor>,
    page: usize,
    shape: [usize; 3],
    /// Width and height of a strip or tile.
    chunk: [usize; 2],
}

/// Bytes that a file may unpack to: deflate gives at most about a thousand times what it takes.
fn unpacked(source: &SharedSource) -> u64 {
    source.length().saturating_mul(1100).saturating_add(1 << 20)
}

/// A decoder that takes no more memory than so many bytes account for.
fn decoder(source: SharedSource, unpacked: u64) -> tiff::TiffResult<Decoder<Cursor>> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = unpacked.min(1 << 28) as usize;
    limits.intermediate_buffer_size = limits.decoding_buffer_size;
    Ok(Decoder::new(Cursor::new(source))?.with_limits(limits))
}

/// Opens a picture or a stack.
pub(super) fn open(source: &SharedSource) -> Result<(Box<dyn Array>, Description)> {
    let name = source.name().to_owned();
    let wrong = |error: tiff::TiffError| in_words(&name, &error);
    let unpacked = unpacked(source);
    let mut decoder = decoder(source.clone(), unpacked).map_err(wrong)?;
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
    let shape = [pages, height, width];
    Ok((Box::new(Tiff { name, source: source.clone(), decoder, page: 0, shape, chunk }), description))
}

impl Tiff {
    /// The numbers of a strip or tile, row by row, and how many are in a row.
    fn numbers(&mut self, index: u32) -> tiff::TiffResult<(Vec<f64>, usize)> {
        let wide = self.chunk[0].min(self.shape[2] - self.chunk[0] * (index as usize % self.across()));
        if wide < self.chunk[0] && self.decoder.get_chunk_type() == ChunkType::Tile {
            let packed = self.decoder.find_tag_unsigned::<u16>(Tag::Compression)?;
            if packed == Some(LZW) {
                return Ok((self.whole_tile(index)?, self.chunk[0]));
            }
        }
        Ok((numbers(self.decoder.read_chunk(index)?), wide))
    }

    /// Strips or tiles beside one another.
    fn across(&self) -> usize {
        self.shape[2].div_ceil(self.chunk[0])
    }

    /// A tile as a picture of its own: where tiles reach beyond the picture the decoder takes its rows one by one, and then
    /// some ends of LZW for missing (image-tiff, issue 395).
    fn whole_tile(&mut self, index: u32) -> tiff::TiffResult<Vec<f64>> {
        let decoder = &mut self.decoder;
        let missing = || tiff::TiffError::IoError(std::io::ErrorKind::UnexpectedEof.into());
        let mut at = |tag| -> tiff::TiffResult<u64> {
            let all = decoder.find_tag_unsigned_vec::<u64>(tag)?;
            all.and_then(|all| all.get(index as usize).copied()).ok_or_else(missing)
        };
        let (offset, length) = (at(Tag::TileOffsets)?, at(Tag::TileByteCounts)?);
        // What does not pack may take half as much again.
        let unpacked = 8 * self.chunk.iter().map(|n| *n as u64).product::<u64>();
        if length > self.source.length().min(2 * unpacked + 1024) {
            return Err(missing());
        }
        let mut one = |tag, otherwise| -> tiff::TiffResult<u32> {
            Ok(decoder
                .find_tag_unsigned_vec::<u32>(tag)?
                .and_then(|v| v.first().copied())
                .unwrap_or(otherwise))
        };
        let [width, height] = self.chunk.map(|n| n as u32);
        let mut entries = vec![
            (Tag::ImageWidth, width),
            (Tag::ImageLength, height),
            (Tag::BitsPerSample, one(Tag::BitsPerSample, 1)?),
            (Tag::Compression, LZW.into()),
            (Tag::PhotometricInterpretation, one(Tag::PhotometricInterpretation, 1)?),
            (Tag::Predictor, one(Tag::Predictor, 1)?),
            (Tag::TileWidth, width),
            (Tag::TileLength, height),
            (Tag::TileOffsets, 0),
            (Tag::TileByteCounts, length as u32),
            (Tag::SampleFormat, one(Tag::SampleFormat, 1)?),
        ];
        let big = decoder.byte_order() == ByteOrder::BigEndian;
        let two = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        let four = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
        // A header of 8 bytes, the table with its length and the offset of the next one, which is none.
        let header = 8 + 2 + 12 * entries.len() + 4;
        entries[8].1 = header as u32;
        let mut picture = if big { b"MM".to_vec() } else { b"II".to_vec() };
        picture.extend(two(42));
        picture.extend(four(8));
        picture.extend(two(entries.len() as u16));
        for (tag, value) in entries {
            // One number of 32 bits.
            picture.extend([two(tag.to_u16()), two(4)].concat());
            picture.extend([four(1), four(value)].concat());
        }
        picture.resize(header + length as usize, 0);
        self.source.read_at(offset, &mut picture[header..])?;
        let picture = Bytes::shared(&self.name, picture);
        let most = self::unpacked(&picture);
        self::decoder(picture, most)?.read_chunk(0).map(numbers)
    }
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
        let across = self.across();
        for page in start[0]..start[0] + count[0] {
            if page != self.page {
                self.decoder.seek_to_image(page).map_err(wrong)?;
                self.page = page;
            }
            for line in start[1] / height..(start[1] + count[1]).div_ceil(height) {
                for column in start[2] / width..(start[2] + count[2]).div_ceil(width) {
                    let index = (line * across + column) as u32;
                    let (numbers, stride) = self.numbers(index).map_err(wrong)?;
                    // Without what pads the last ones.
                    let wide = width.min(self.shape[2] - column * width);
                    let high = height.min(self.shape[1] - line * height);
                    if numbers.len() < stride * (high - 1) + wide {
                        return Err(Error::file(
                            &name,
                            "a strip of the picture is too short",
                            "a sound picture",
                        ));
                    }
                    for n in 0..wide * high {
                        let x = numbers[n / wide * stride + n % wide];
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
