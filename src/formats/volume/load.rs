//! Reading the voxels of an array tile by tile: what takes long can be gone on with, given up, and shown.

use super::array::{Array, Description, Flag, Tile};
use super::mask::Mask;
use super::watch::Watch;
use crate::data::grid::{Grid, GridAxis, Holes, Values, check_axes, inverse};
use crate::data::selection::{Region, Selection};
use crate::data::{Dataset, Reason};
use crate::{Error, Result};

/// The most voxels that are kept: 2²⁷ of them take half a gigabyte, as much again with σ.
const MOST_VOXELS: usize = 1 << 27;

/// The most voxels that are looked at.
const MOST_READ: u64 = 1 << 34;

/// More voxels than this are kept in 32 bits whatever the file has.
const MOST_DOUBLES: usize = 1 << 25;

/// Larger values lose the others in rounding, as in tables.
const LARGEST: f64 = 1e30;

/// A volume that is being read.
pub struct Loading {
    array: Box<dyn Array>,
    description: Description,
    selection: Selection,
    /// The axes of the grid, and its centres.
    axes: [GridAxis; 3],
    origin: [f64; 3],
    /// Which index of the array is which axis of the grid.
    order: [usize; 3],
    /// Of each index of the array, the voxels that are wanted.
    picks: [Vec<usize>; 3],
    /// A region that the picks alone do not say.
    region: Option<Region>,
    /// Numbers of tiles along each index, and the next one.
    tiles: [usize; 3],
    next: usize,
    values: Values,
    sigma: Option<Values>,
    holes: Vec<Holes>,
    watch: Watch,
    masks: Vec<Mask>,
    marks: Vec<u8>,
}

impl Loading {
    /// Gets ready to read what is wanted of an array.
    pub(super) fn new(
        array: Box<dyn Array>,
        description: Description,
        selection: Selection,
        masks: Vec<Mask>,
    ) -> Result<Self> {
        let name = &description.name;
        let found = description.axes(selection.axes.as_deref(), selection.origin)?;
        let mut origin = description.origin;
        for (x, more) in origin.iter_mut().zip(selection.origin.unwrap_or_default()) {
            *x += more;
        }
        check_axes(name, &found, origin)?;
        let mut picks = [0, 1, 2].map(|n| (0..found[n].centres.len()).collect::<Vec<usize>>());
        let region = narrow(name, &selection, &found, origin, &mut picks)?;
        let order = order(&found);
        if let Some(stride) = selection.stride {
            let steps = stride.steps();
            if steps.contains(&0) {
                return Err(Error::file(name, "the stride is 0", "a whole number from 1 on"));
            }
            for (axis, index) in order.into_iter().enumerate() {
                picks[index] = picks[index].iter().copied().step_by(steps[axis]).collect();
            }
        }
        let kept = picks.iter().fold(1_usize, |n, list| n.saturating_mul(list.len()));
        let read = picks.iter().fold(1_u64, |n, list| n.saturating_mul(span(list) as u64));
        if kept == 0 {
            return Err(Error::file(name, "no voxel lies in the region", "a region that the volume reaches"));
        }
        if kept > MOST_VOXELS || read > MOST_READ {
            let what = format!("{kept} voxels of {read} are wanted");
            return Err(Error::file(
                name,
                what,
                format!("at most {MOST_VOXELS}: a smaller region, or a stride"),
            ));
        }
        let axes = order.map(|index| GridAxis {
            centres: picks[index].iter().map(|n| found[index].centres[*n]).collect(),
            ..found[index].clone()
        });
        let tile = array.tile();
        let tiles =
            [0, 1, 2].map(|n| last(&picks[n]) / tile[n].max(1) - first(&picks[n]) / tile[n].max(1) + 1);
        let room = |fits_f32: bool| match fits_f32 || kept > MOST_DOUBLES {
            true => Values::F32(vec![f32::NAN; kept]),
            false => Values::F64(vec![f64::NAN; kept]),
        };
        let values = room(description.fits_f32);
        let sigma = description.has_sigma.then(|| room(description.sigma_fits_f32));
        Ok(Loading {
            array,
            description,
            selection,
            axes,
            origin,
            order,
            picks,
            region,
            tiles,
            next: 0,
            values,
            sigma,
            holes: vec![],
            watch: Watch::new(),
            marks: if masks.is_empty() { vec![] } else { vec![0; kept] },
            masks,
        })
    }

    /// What is known of the array.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// What part of the work is done, from 0 to 1.
    pub fn progress(&self) -> f64 {
        self.next as f64 / self.all() as f64
    }

    /// Whether there is nothing more to read.
    pub fn is_done(&self) -> bool {
        self.next >= self.all()
    }

    fn all(&self) -> usize {
        self.tiles.iter().product()
    }

    /// Reads one more tile: a few milliseconds, unless the file packs more together.
    ///
    /// # Errors
    /// The file is damaged, or packed in a way that is not known.
    pub fn advance(&mut self) -> Result<()> {
        if self.is_done() {
            return Ok(());
        }
        let [_, n1, n2] = self.tiles;
        let which = [self.next / (n1 * n2), self.next / n2 % n1, self.next % n2];
        self.next += 1;
        let size = self.array.tile();
        let mut start = [0; 3];
        let mut count = [0; 3];
        let mut wanted: [std::ops::Range<usize>; 3] = Default::default();
        for n in 0..3 {
            let (low, high) = (first(&self.picks[n]), last(&self.picks[n]) + 1);
            let from = (low / size[n].max(1) + which[n]) * size[n].max(1);
            let to = (from + size[n].max(1)).min(high);
            let from = from.max(low);
            wanted[n] =
                self.picks[n].partition_point(|p| *p < from)..self.picks[n].partition_point(|p| *p < to);
            (start[n], count[n]) = (from, to - from);
        }
        if wanted.iter().any(std::ops::Range::is_empty) {
            return Ok(());
        }
        let tile = self.array.read(start, count)?;
        let mut marks = vec![0; if self.masks.is_empty() { 0 } else { tile.values.len() }];
        for (n, mask) in self.masks.iter_mut().enumerate() {
            mask.mark(start, count, 1 << n, &mut marks)?;
        }
        self.take(&tile, &marks, start, count, &wanted)
    }

    /// Puts the wanted voxels of a tile where they belong.
    fn take(
        &mut self,
        tile: &Tile,
        marks: &[u8],
        start: [usize; 3],
        count: [usize; 3],
        wanted: &[std::ops::Range<usize>; 3],
    ) -> Result<()> {
        let voxels = count.iter().product::<usize>();
        let short = |list: usize| list != 0 && list != voxels;
        if tile.values.len() != voxels || short(tile.sigma.len()) || short(tile.flags.len()) {
            let what = format!("{} values where {voxels} were to be read", tile.values.len());
            return Err(Error::file(&self.description.name, what, "a whole array"));
        }
        // Distance in the grid from voxel to voxel along each index of the array.
        let shape = [0, 1, 2].map(|n| self.axes[n].centres.len());
        let far = [shape[1] * shape[2], shape[2], 1];
        let mut distance = [0; 3];
        for (axis, index) in self.order.into_iter().enumerate() {
            distance[index] = far[axis];
        }
        for i in wanted[0].clone() {
            for j in wanted[1].clone() {
                for k in wanted[2].clone() {
                    let picked = [i, j, k];
                    let at = [0, 1, 2].map(|n| self.picks[n][picked[n]] - start[n]);
                    let from = (at[0] * count[1] + at[1]) * count[2] + at[2];
                    let to = i * distance[0] + j * distance[1] + k * distance[2];
                    if self.is_inside(picked) {
                        self.put(to, tile, from);
                        if let Some(mark) = marks.get(from) {
                            self.marks[to] = *mark;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a voxel lies in the region, where the picks do not say it.
    fn is_inside(&self, picked: [usize; 3]) -> bool {
        let Some(region) = &self.region else { return true };
        let coordinates = [0, 1, 2].map(|axis| self.axes[axis].centres[picked[self.order[axis]]]);
        region.has(crate::data::grid::hkl_of(&self.axes, self.origin, coordinates))
    }

    fn put(&mut self, to: usize, tile: &Tile, from: usize) {
        let value = tile.values[from];
        let sigma = tile.sigma.get(from).copied();
        let marked = self.selection.sentinels.contains(&value);
        let reason = match tile.flags.get(from) {
            Some(Flag::Masked) => Some(Reason::Masked),
            Some(Flag::Empty) => Some(Reason::Empty),
            _ if marked => Some(Reason::Sentinel),
            _ if !value.is_finite() => Some(Reason::NotFinite),
            _ if value.abs() > LARGEST => Some(Reason::OutOfRange),
            _ if sigma.is_some_and(|s| s < 1.0 / LARGEST) => Some(Reason::SigmaNotPositive),
            _ if sigma.is_some_and(|s| !s.is_finite()) => Some(Reason::NotFinite),
            _ => None,
        };
        if !matches!(reason, Some(Reason::Masked | Reason::Empty | Reason::Sentinel | Reason::NotFinite)) {
            self.watch.see(value);
        }
        if let Some(reason) = reason {
            let value = (reason == Reason::Sentinel).then_some(value);
            match self.holes.iter_mut().find(|hole| (hole.reason, hole.value) == (reason, value)) {
                Some(hole) => hole.voxels += 1,
                None => self.holes.push(Holes { reason, voxels: 1, value }),
            }
            return;
        }
        let set = |values: &mut Values, x: f64| match values {
            Values::F32(list) => list[to] = x as f32,
            Values::F64(list) => list[to] = x,
        };
        set(&mut self.values, value);
        if let (Some(list), Some(sigma)) = (&mut self.sigma, sigma) {
            set(list, sigma);
        }
    }

    /// The volume, once everything is read.
    ///
    /// # Errors
    /// No voxel holds a measurement.
    pub fn finish(self) -> Result<(Grid, Description)> {
        let name = self.description.name.clone();
        if !self.is_done() {
            return Err(Error::file(&name, "the file is still being read", "the end of it"));
        }
        let mut grid = Grid::new(&name, self.axes, self.origin, self.values, self.sigma)?;
        grid.holes = self.holes;
        grid.holes.sort_by_key(|hole| std::cmp::Reverse(hole.voxels));
        grid.candidates = self.watch.candidates();
        grid.facts = self.description.facts.clone();
        grid.notes = self.description.notes.clone();
        (grid.masks, grid.marks) = (self.selection.masks, self.marks);
        if grid.used().next().is_none() {
            let why: Vec<String> = grid.dataset().left_out.iter().map(|kind| kind.sentence(&name)).collect();
            let what = format!("no voxel holds a measurement ({})", why.join(" "));
            return Err(Error::file(&name, what, "some that do"));
        }
        Ok((grid, self.description))
    }

    /// Reads all that is left and gives the measurements as points.
    ///
    /// # Errors
    /// As [`Loading::advance`] and [`Loading::finish`]; a plane that misses the volume.
    pub fn points(mut self) -> Result<Dataset> {
        while !self.is_done() {
            self.advance()?;
        }
        let plane = self.selection.plane;
        let (grid, _) = self.finish()?;
        match plane {
            Some(plane) => Ok(grid.dataset_of(&grid.on_plane(&plane)?)),
            None => Ok(grid.dataset()),
        }
    }
}

/// Which index of the array is which axis of the grid: h, k, l where the axes are these, else as the file has them.
fn order(axes: &[GridAxis; 3]) -> [usize; 3] {
    let along = |n: usize| {
        let off = |axis: &GridAxis| (0..3).all(|m| (axis.direction[m] != 0.0) == (m == n));
        axes.iter().position(off)
    };
    match (along(0), along(1), along(2)) {
        (Some(h), Some(k), Some(l)) => [h, k, l],
        _ => [0, 1, 2],
    }
}

/// Takes away the voxels that are surely outside the region; the region itself where axes are oblique.
fn narrow(
    name: &str,
    selection: &Selection,
    axes: &[GridAxis; 3],
    origin: [f64; 3],
    picks: &mut [Vec<usize>; 3],
) -> Result<Option<Region>> {
    let Some(region) = selection.region else { return Ok(None) };
    let limits = region.limits();
    if limits.iter().any(|[low, high]| low.is_nan() || high.is_nan() || low > high) {
        return Err(Error::file(name, "the region has no extent", "the lower limit first"));
    }
    for axis in 0..3 {
        let filled: Vec<usize> = (0..3).filter(|n| axes[axis].direction[*n] != 0.0).collect();
        let alone = |n: usize| axes.iter().all(|other| *other == axes[axis] || other.direction[n] == 0.0);
        if let [n] = filled[..]
            && alone(n)
        {
            let only = match n {
                0 => Region { h: region.h, ..Region::default() },
                1 => Region { k: region.k, ..Region::default() },
                _ => Region { l: region.l, ..Region::default() },
            };
            picks[axis].retain(|at| {
                let mut hkl = [0.0; 3];
                hkl[n] = origin[n] + axes[axis].direction[n] * axes[axis].centres[*at];
                only.has(hkl)
            });
        }
    }
    // Of oblique axes a box around the region is kept, where the region is closed.
    if let Some(inverse) = inverse(axes)
        && limits.iter().flatten().all(|x| x.is_finite())
    {
        let mut around = [[f64::INFINITY, f64::NEG_INFINITY]; 3];
        for corner in 0..8 {
            let hkl = nalgebra::Vector3::from_fn(|n, _| limits[n][corner >> n & 1] - origin[n]);
            for (limit, x) in around.iter_mut().zip((inverse * hkl).iter()) {
                *limit = [limit[0].min(*x), limit[1].max(*x)];
            }
        }
        for axis in 0..3 {
            let [low, high] = around[axis];
            picks[axis].retain(|at| {
                let x = axes[axis].centres[*at];
                x >= low - 1e-6 && x <= high + 1e-6
            });
        }
    }
    Ok(Some(region))
}

fn first(picks: &[usize]) -> usize {
    picks.first().copied().unwrap_or(0)
}

fn last(picks: &[usize]) -> usize {
    picks.last().copied().unwrap_or(0)
}

fn span(picks: &[usize]) -> usize {
    if picks.is_empty() { 0 } else { last(picks) - first(picks) + 1 }
}
