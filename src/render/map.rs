//! RGBA pixels of an intensity map, one table look-up per pixel.

use super::{ColourMap, Plane, Scale};

/// Number of table steps between two colours, fine enough that no map shows them.
const STEPS: f64 = 256.0;

/// The image of a plane row by row from the **top** (largest y) down, four bytes a pixel: transparent where there are no data,
/// `masked` where they are masked out or not a number.
fn image(
    plane: &Plane,
    values: &[f64],
    used: &[u8],
    masked: [u8; 4],
    colour: impl Fn(f64) -> [u8; 4],
) -> Vec<u8> {
    let mut rgba = vec![0; 4 * plane.index.len()];
    let width = plane.x.count.max(1);
    // A loop over rows within one over pixels: an iterator of both at once takes twice as long.
    for (line, rows) in rgba.chunks_exact_mut(4 * width).zip(plane.index.chunks_exact(width).rev()) {
        for (pixel, row) in line.as_chunks_mut().0.iter_mut().zip(rows) {
            let Some(value) = values.get(*row as usize).filter(|_| *row >= 0) else { continue };
            let is_masked = value.is_nan() || used.get(*row as usize) == Some(&0);
            *pixel = if is_masked { masked } else { colour(*value) };
        }
    }
    rgba
}

/// The coloured pixels of a map, four bytes each, top row first. Pixels without data, masked ones
/// and NaN stay transparent: [`paint_mask`] marks the masked ones.
pub fn paint(plane: &Plane, values: &[f64], used: &[u8], scale: Scale, colours: ColourMap) -> Vec<u8> {
    let table = colours.table();
    image(plane, values, used, [0; 4], |value| {
        let step = (scale.place(value) * STEPS) as usize;
        table[step.min(table.len() - 1)]
    })
}

/// Opaque black where a pixel has data that are masked out or not a number, transparent elsewhere:
/// a stencil for a hatch.
pub fn paint_mask(plane: &Plane, values: &[f64], used: &[u8]) -> Vec<u8> {
    image(plane, values, used, [0, 0, 0, 255], |_| [0; 4])
}

/// A colour bar of 256 × 1 pixels, low end left.
pub fn paint_bar(colours: ColourMap) -> Vec<u8> {
    colours.table().into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::super::{ScaleKind, find_planes};
    use super::*;

    /// A plane of 3 × 2 pixels with the pixel at (2, 0) missing.
    fn plane() -> Plane {
        let h = [0.0, 1.0, 0.0, 1.0, 2.0];
        let k = [0.0, 0.0, 1.0, 1.0, 1.0];
        find_planes(&h, &k, &[0.0; 5], None).remove(0)
    }

    fn pixel(rgba: &[u8], i: usize) -> [u8; 4] {
        rgba[4 * i..4 * i + 4].try_into().unwrap()
    }

    #[test]
    fn the_top_row_of_the_image_is_the_largest_y() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0];
        let scale = Scale::new(0.0, 4.0, ScaleKind::Linear);
        let rgba = paint(&plane(), &values, &[1; 5], scale, ColourMap::Viridis);
        let table = ColourMap::Viridis.table();
        assert_eq!(rgba.len(), 4 * 6);
        assert_eq!(pixel(&rgba, 0), table[128]);
        assert_eq!(pixel(&rgba, 2), table[255]);
        assert_eq!(pixel(&rgba, 3), table[0]);
        assert_eq!(pixel(&rgba, 5), [0; 4], "no data, no colour");
    }

    #[test]
    fn masked_pixels_and_nan_never_take_a_colour_of_the_scale() {
        let values = [f64::NAN, 1.0, f64::INFINITY, f64::NEG_INFINITY, 4.0];
        let used = [1, 0, 1, 1, 1];
        let scale = Scale::new(0.0, 4.0, ScaleKind::Log);
        let rgba = paint(&plane(), &values, &used, scale, ColourMap::Inferno);
        let mask = paint_mask(&plane(), &values, &used);
        let table = ColourMap::Inferno.table();
        assert_eq!(pixel(&rgba, 0), table[255], "infinite is at the upper end");
        assert_eq!(pixel(&rgba, 1), table[0]);
        for (i, masked) in [false, false, false, true, true, false].into_iter().enumerate() {
            assert_eq!(pixel(&mask, i)[3] == 255, masked, "pixel {i}");
            assert!(!masked || pixel(&rgba, i) == [0; 4]);
        }
    }

    #[test]
    fn arrays_that_are_too_short_leave_pixels_empty() {
        let scale = Scale::new(0.0, 1.0, ScaleKind::Linear);
        let rgba = paint(&plane(), &[0.5], &[], scale, ColourMap::Cividis);
        assert_eq!(rgba.chunks(4).filter(|c| c[3] == 255).count(), 1);
    }

    #[test]
    fn the_bar_runs_from_low_to_high() {
        let bar = paint_bar(ColourMap::BlueRed);
        assert_eq!(bar.len(), 1024);
        assert!(bar[2] > bar[0] && bar[1020] > bar[1022]);
    }
}
