//! From the rows of a data set to planes that can be shown as maps. No row is lost.

use nalgebra::Vector3;

use crate::base::order::sort_by;

use super::raster::{Raster, distinct, groups};

/// A raster of data at one value of h, k or l.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// The axis normal to the plane: 0, 1, 2 for h, k, l.
    pub axis: usize,
    /// Position on that axis, r.l.u.; the middle of the slab for scattered data.
    pub value: f64,
    /// Thickness of the slab, r.l.u.; zero for a plane.
    pub thickness: f64,
    /// The axes that run to the right and upwards.
    pub x_axis: usize,
    /// The axis upwards: 0, 1, 2 for h, k, l.
    pub y_axis: usize,
    /// Pixels to the right, r.l.u.
    pub x: Raster,
    /// Pixels upwards, r.l.u.
    pub y: Raster,
    /// Zero, or the how-many-eth of several rows at one pixel this plane holds.
    pub layer: usize,
    /// Row of the data set at pixel `y · x.count + x`, or −1.
    pub index: Vec<i32>,
    /// Its rows from one end to the other if they lie on a straight line, else empty.
    pub scan: Vec<i32>,
}

/// Sorts the rows into planes: along `axis` if given, else wherever most rows lie in one plane.
/// Regular grids keep their pixels; scattered rows are put on a raster of sensible size. Rows that
/// would fall on one pixel go to further layers. Rows that are not finite are left out.
pub fn find_planes(h: &[f64], k: &[f64], l: &[f64], axis: Option<usize>) -> Vec<Plane> {
    let columns = [h, k, l];
    let mut rows = finite_rows(columns);
    let axis = axis.filter(|a| *a < 3).or_else(|| slicing_axes(h, k, l).first().copied());
    let mut planes = Vec::new();
    for (normal, members) in take_planes(columns, &mut rows, axis) {
        planes.extend(raster(columns, normal, &members));
    }
    if !rows.is_empty() {
        let normal = axis.unwrap_or_else(|| thinnest(columns, &rows));
        planes.extend(raster(columns, normal, &rows));
    }
    sort_by(&mut planes, |a, b| {
        b.axis.cmp(&a.axis).then(a.value.total_cmp(&b.value)).then(a.layer.cmp(&b.layer))
    });
    planes
}

/// The axes along which a volume or a stack of planes can be cut into well-filled planes, l first;
/// empty for everything else.
pub fn slicing_axes(h: &[f64], k: &[f64], l: &[f64]) -> Vec<usize> {
    let columns = [h, k, l];
    let rows = finite_rows(columns);
    let counts = columns.map(|c| distinct(&pick(c, &rows)).len());
    let few = counts.into_iter().min().unwrap_or(0);
    let is_volume = few > 1 && 5.0 * rows.len() as f64 >= counts.iter().map(|c| *c as f64).product();
    [2, 1, 0]
        .into_iter()
        .filter(|&a| is_volume && counts[a] <= 2 * few && few_planes(counts[a], rows.len()))
        .collect()
}

/// True if so many planes are few enough for that many rows to be what the experiment measured.
fn few_planes(planes: usize, rows: usize) -> bool {
    planes * planes <= 4 * rows
}

fn finite_rows(columns: [&[f64]; 3]) -> Vec<usize> {
    let count = columns.iter().map(|c| c.len()).min().unwrap_or(0).min(i32::MAX as usize);
    (0..count).filter(|&row| columns.iter().all(|c| c[row].is_finite())).collect()
}

fn pick(column: &[f64], rows: &[usize]) -> Vec<f64> {
    rows.iter().map(|&row| column[row]).collect()
}

/// Takes the fullest plane out of `rows` again and again, until only scattered rows are left there.
fn take_planes(columns: [&[f64]; 3], rows: &mut Vec<usize>, only: Option<usize>) -> Vec<(usize, Vec<usize>)> {
    let axes: Vec<usize> = [2, 1, 0].into_iter().filter(|a| only.is_none_or(|o| o == *a)).collect();
    let grouped: Vec<_> = axes.iter().map(|&a| groups(&pick(columns[a], rows)).0).collect();
    let mut members: Vec<Vec<Vec<usize>>> = Vec::new();
    for group_of in &grouped {
        let mut list = vec![Vec::new(); group_of.iter().max().map_or(0, |last| last + 1)];
        for (i, &group) in group_of.iter().enumerate() {
            list[group].push(i);
        }
        members.push(list);
    }
    let mut counts: Vec<Vec<usize>> = members.iter().map(|m| m.iter().map(Vec::len).collect()).collect();
    let mut free = vec![true; rows.len()];
    let mut left = rows.len();
    let mut planes = Vec::new();
    while left > 0 {
        let mut best = (0, 0, 0);
        for (a, counts) in counts.iter().enumerate() {
            for (group, &count) in counts.iter().enumerate() {
                if count > best.0 {
                    best = (count, a, group);
                }
            }
        }
        let (count, a, group) = best;
        let is_plane = count * count >= left || few_planes(members[a].len(), rows.len());
        if count == 0 || !is_plane {
            break;
        }
        let taken: Vec<usize> = members[a][group].iter().copied().filter(|&i| free[i]).collect();
        for &i in &taken {
            free[i] = false;
            for (group_of, counts) in grouped.iter().zip(&mut counts) {
                counts[group_of[i]] -= 1;
            }
        }
        left -= taken.len();
        planes.push((axes[a], taken.iter().map(|&i| rows[i]).collect()));
    }
    *rows = rows.iter().zip(&free).filter(|(_, free)| **free).map(|(row, _)| *row).collect();
    planes
}

/// The axis along which the rows extend least.
fn thinnest(columns: [&[f64]; 3], rows: &[usize]) -> usize {
    let extent = |axis: usize| {
        let (lo, hi) = ends(columns[axis], rows);
        hi - lo
    };
    [1, 0].into_iter().fold(2, |best, axis| if extent(axis) < extent(best) { axis } else { best })
}

fn ends(column: &[f64], rows: &[usize]) -> (f64, f64) {
    rows.iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), &row| (lo.min(column[row]), hi.max(column[row])))
}

/// One raster for `rows`, in as many layers as the fullest pixel has rows.
fn raster(columns: [&[f64]; 3], axis: usize, rows: &[usize]) -> Vec<Plane> {
    let (x_axis, y_axis) = match axis {
        0 => (1, 2),
        1 => (0, 2),
        _ => (0, 1),
    };
    let bins = (1.5 * (rows.len() as f64).sqrt()).ceil().clamp(8.0, 256.0) as usize;
    let x = Raster::new(&pick(columns[x_axis], rows), bins);
    let y = Raster::new(&pick(columns[y_axis], rows), bins);
    let (lo, hi) = ends(columns[axis], rows);

    let mut filled = vec![0_usize; x.count * y.count];
    let mut layers: Vec<Vec<(usize, usize, usize)>> = Vec::new();
    for &row in rows {
        let (px, py) = (x.pixel(columns[x_axis][row]), y.pixel(columns[y_axis][row]));
        let layer = &mut filled[py * x.count + px];
        if layers.len() == *layer {
            layers.push(Vec::new());
        }
        layers[*layer].push((px, py, row));
        *layer += 1;
    }
    layers
        .into_iter()
        .enumerate()
        .map(|(layer, members)| {
            // A sparse further layer is cut to the part that it fills.
            let (x0, x1) = span(members.iter().map(|m| m.0));
            let (y0, y1) = span(members.iter().map(|m| m.1));
            let (x, y) = (x.part(x0, x1 - x0 + 1), y.part(y0, y1 - y0 + 1));
            let mut index = vec![-1; x.count * y.count];
            for &(px, py, row) in &members {
                index[(py - y0) * x.count + (px - x0)] = row as i32;
            }
            let scan = along_a_line(columns, members.iter().map(|m| m.2).collect());
            Plane {
                axis,
                value: 0.5 * (lo + hi),
                thickness: hi - lo,
                x_axis,
                y_axis,
                x,
                y,
                layer,
                index,
                scan,
            }
        })
        .map(|plane| {
            if plane.thickness <= super::raster::SAME {
                Plane { value: lo, thickness: 0.0, ..plane }
            } else {
                plane
            }
        })
        .collect()
}

/// How far from a straight line the points of a scan may lie, r.l.u.: files round.
const STRAIGHT: f64 = 1e-3;

/// The rows in their order along the straight line on which at least three of them lie, else none.
fn along_a_line(columns: [&[f64]; 3], mut rows: Vec<usize>) -> Vec<i32> {
    let at = |row: usize| Vector3::from(columns.map(|c| c[row]));
    let Some((&first, rest)) = rows.split_first().filter(|(_, rest)| rest.len() > 1) else {
        return Vec::new();
    };
    let farthest =
        rest.iter().map(|&row| at(row) - at(first)).fold(Vector3::zeros(), |best: Vector3<f64>, d| {
            if d.norm_squared() > best.norm_squared() { d } else { best }
        });
    let length = farthest.norm();
    // From its low end to its high one along the axis on which it extends most.
    let direction = farthest / (length * farthest[farthest.iamax()].signum());
    let is_on_line = |row: &usize| {
        let d = at(*row) - at(first);
        (d - direction * d.dot(&direction)).norm() <= STRAIGHT
    };
    if length <= STRAIGHT || !rows.iter().all(is_on_line) {
        return Vec::new();
    }
    sort_by(&mut rows, |a, b| at(*a).dot(&direction).total_cmp(&at(*b).dot(&direction)));
    rows.into_iter().map(|row| row as i32).collect()
}

fn span(pixels: impl Iterator<Item = usize>) -> (usize, usize) {
    pixels.fold((usize::MAX, 0), |(lo, hi), p| (lo.min(p), hi.max(p)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row is in exactly one pixel of one plane, and no pixel is off by more than it may be.
    fn assert_complete(hkl: &[[f64; 3]], planes: &[Plane]) {
        let mut seen = vec![0; hkl.len()];
        for plane in planes {
            assert_eq!(plane.index.len(), plane.x.count * plane.y.count);
            for (i, &row) in plane.index.iter().enumerate() {
                let Ok(row) = usize::try_from(row) else { continue };
                seen[row] += 1;
                let at = |r: &Raster, p: usize| r.start + p as f64 * r.step;
                let (px, py) = (i % plane.x.count, i / plane.x.count);
                assert!((at(&plane.x, px) - hkl[row][plane.x_axis]).abs() <= 0.501 * plane.x.step);
                assert!((at(&plane.y, py) - hkl[row][plane.y_axis]).abs() <= 0.501 * plane.y.step);
                assert!((plane.value - hkl[row][plane.axis]).abs() <= 0.5 * plane.thickness + 1e-6);
            }
        }
        assert!(seen.iter().all(|&n| n == 1), "a row is lost or shown twice");
    }

    fn planes(hkl: &[[f64; 3]], axis: Option<usize>) -> Vec<Plane> {
        let column = |i: usize| hkl.iter().map(|r| r[i]).collect::<Vec<_>>();
        let planes = find_planes(&column(0), &column(1), &column(2), axis);
        assert_complete(hkl, &planes);
        planes
    }

    fn slicing(hkl: &[[f64; 3]]) -> Vec<usize> {
        let column = |i: usize| hkl.iter().map(|r| r[i]).collect::<Vec<_>>();
        slicing_axes(&column(0), &column(1), &column(2))
    }

    fn grid(n: [i32; 3], step: f64) -> Vec<[f64; 3]> {
        let mut hkl = Vec::new();
        for h in 0..n[0] {
            for k in 0..n[1] {
                for l in 0..n[2] {
                    hkl.push([h, k, l].map(|i| f64::from(i) * step));
                }
            }
        }
        hkl
    }

    #[test]
    fn three_planes_in_one_file_are_three_maps() {
        let mut hkl = Vec::new();
        for l in [0.0, 0.5, 1.0] {
            for i in -30..=30 {
                for j in -30..=30 {
                    let [h, k] = [i, j].map(|n| format!("{:.8}", f64::from(n) / 6.0).parse().unwrap());
                    if (i + j) % 7 != 0 {
                        hkl.push([h, k, l]);
                    }
                }
            }
        }
        let planes = planes(&hkl, None);
        assert_eq!(
            planes.iter().map(|p| (p.axis, p.value)).collect::<Vec<_>>(),
            [(2, 0.0), (2, 0.5), (2, 1.0)]
        );
        for plane in &planes {
            assert!(plane.x.regular && plane.y.regular);
            assert_eq!((plane.x.count, plane.y.count), (61, 61));
            assert!(plane.index.contains(&-1));
        }
        assert_eq!(slicing(&hkl), [2]);
    }

    #[test]
    fn a_volume_can_be_cut_along_any_axis() {
        let hkl = grid([9, 11, 13], 0.2);
        assert_eq!(slicing(&hkl), [2, 1, 0]);
        assert_eq!(planes(&hkl, None).len(), 13);
        assert_eq!(planes(&hkl, Some(0)).len(), 9);
        let cut = planes(&hkl, Some(1));
        assert_eq!(cut.len(), 11);
        assert_eq!((cut[0].x.count, cut[0].y.count), (9, 13));
    }

    #[test]
    fn the_poles_of_a_sphere_are_planes_too() {
        let mut hkl = grid([21, 21, 21], 0.1);
        hkl.retain(|r| r.iter().map(|v| (v - 1.0).powi(2)).sum::<f64>() <= 1.0 + 1e-9);
        let planes = planes(&hkl, None);
        assert_eq!(planes.len(), 21);
        assert!(planes.iter().all(|p| p.thickness == 0.0));
    }

    #[test]
    fn planes_across_each_other_are_both_found() {
        let mut hkl = grid([20, 20, 1], 0.1);
        hkl.extend(grid([20, 1, 20], 0.1).into_iter().filter(|r| r[2] > 0.0));
        let found: Vec<_> = planes(&hkl, None).iter().map(|p| (p.axis, p.value)).collect();
        assert_eq!(found, [(2, 0.0), (1, 0.0)]);
    }

    #[test]
    fn lines_and_single_rows_are_maps_too() {
        assert!(planes(&[], None).is_empty());
        let one = planes(&[[1.2, -3.4, 0.5]], None);
        assert_eq!((one.len(), one[0].index.as_slice()), (1, &[0][..]));
        let along_h: Vec<_> = (0..40).map(|i| [f64::from(i) * 0.05, 0.0, 0.0]).collect();
        let line = planes(&along_h, None);
        assert_eq!((line.len(), line[0].x.count, line[0].y.count), (1, 40, 1));
        assert_eq!(line[0].scan, (0..40).collect::<Vec<_>>());
        let diagonal: Vec<_> = (0..40).rev().map(|i| [f64::from(i) * 0.05; 3]).collect();
        let line = planes(&diagonal, None);
        assert_eq!((line.len(), line[0].thickness > 1.9), (1, true));
        assert_eq!(line[0].scan, (0..40).rev().collect::<Vec<_>>());
        let bent: Vec<_> =
            (0..40_i32).map(|i| [f64::from(i) * 0.05, f64::from((i - 20).abs()) * 0.05, 0.0]).collect();
        assert!(planes(&bent, None).iter().all(|p| p.scan.is_empty()));
    }

    #[test]
    fn scattered_and_repeated_rows_are_not_lost() {
        let golden = |i: i32, f: f64| (f64::from(i) * f).fract() * 4.0;
        let mut hkl: Vec<_> = (0..800)
            .map(|i| [golden(i, 0.618_033_99), golden(i, 0.754_877_67), golden(i, 0.569_840_29)])
            .collect();
        hkl.extend_from_within(..50);
        hkl.extend(vec![[1.0, 1.0, 1.0]; 200]);
        let planes = planes(&hkl, None);
        assert!(planes.iter().any(|p| p.layer > 0));
        assert!(planes.iter().map(|p| p.index.len()).sum::<usize>() < 100 * hkl.len());
    }

    #[test]
    fn rows_that_are_not_numbers_are_left_out() {
        let planes = find_planes(&[0.0, f64::NAN, 1.0], &[0.0, 0.0, 0.0], &[0.0, 0.0, f64::INFINITY], None);
        assert_eq!(planes.iter().map(|p| p.index.clone()).collect::<Vec<_>>(), [vec![0]]);
    }
}
