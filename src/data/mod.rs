//! Measured intensities: data sets, masks and their file formats. No physics.

pub mod agreement;
#[cfg(feature = "readers")]
pub mod grid;
mod left_out;
#[cfg(feature = "chosen")]
mod listed;
pub mod mask;
mod members;
pub mod noise;
#[cfg(feature = "chosen")]
pub mod selection;
pub mod shape;

#[cfg(feature = "readers")]
pub use grid::Grid;
#[cfg(feature = "readers")]
pub(crate) use left_out::is_mark;
pub(crate) use left_out::marks;
pub use left_out::{Invalid, LeftOut, Reason};
#[cfg(feature = "chosen")]
pub use listed::Listed;
pub(crate) use members::Members;

/// One measured data set; all columns have the same length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dataset {
    /// File name or title, as shown to people.
    pub name: String,
    /// Scattering vectors in reciprocal-lattice units of the input cell.
    pub hkl: Vec<[f64; 3]>,
    /// Intensity in the units of the file.
    pub intensity: Vec<f64>,
    /// Standard uncertainty of each intensity; absent when the file gives none.
    pub sigma: Option<Vec<f64>>,
    /// What the counts of each were divided by; absent when the file gives none.
    pub exposure: Option<Vec<f64>>,
    /// K: temperature of each; absent when the file gives none.
    pub temperature: Option<Vec<f64>>,
    /// Rows of the file that are not among these.
    pub left_out: Vec<LeftOut>,
    /// What a person should know of how the file was read.
    pub notes: Vec<String>,
    /// The unit cell that the file states: a, b, c in Å, α, β, γ in degrees.
    pub unit_cell: Option<[f64; 6]>,
    /// Which mask files leave each datum out, a bit for each; none where there are no such files.
    #[cfg(feature = "chosen")]
    pub marks: Vec<u8>,
    /// What was measured at each without the crystal, in the units of the file; none where that was not measured.
    #[cfg(feature = "chosen")]
    pub empty: Vec<f64>,
}

impl Dataset {
    /// Which mask files leave a datum out, a bit for each.
    #[cfg_attr(not(feature = "chosen"), allow(unused_variables))]
    pub fn marks_of(&self, row: usize) -> u8 {
        #[cfg(feature = "chosen")]
        return self.marks.get(row).copied().unwrap_or(0);
        #[cfg(not(feature = "chosen"))]
        0
    }

    /// What was measured at row `i` without the crystal; zero where that was not measured.
    #[cfg_attr(not(feature = "chosen"), allow(unused_variables))]
    pub fn empty_at(&self, i: usize) -> f64 {
        #[cfg(feature = "chosen")]
        return self.empty.get(i).copied().unwrap_or(0.0);
        #[cfg(not(feature = "chosen"))]
        0.0
    }

    /// What the counts of row `i` were divided by, one where the file does not say.
    pub fn exposure_of(&self, i: usize) -> f64 {
        self.exposure.as_ref().map_or(1.0, |e| e[i])
    }

    /// Without the rows that `keep` leaves out.
    pub fn retain(&mut self, keep: &[bool]) {
        fn only<T>(list: &mut Vec<T>, keep: &[bool]) {
            let mut flags = keep.iter();
            list.retain(|_| *flags.next().unwrap_or(&true));
        }
        only(&mut self.hkl, keep);
        only(&mut self.intensity, keep);
        for column in [&mut self.sigma, &mut self.exposure, &mut self.temperature].into_iter().flatten() {
            only(column, keep);
        }
        #[cfg(feature = "chosen")]
        {
            only(&mut self.marks, keep);
            only(&mut self.empty, keep);
        }
    }
}

#[cfg(feature = "chosen")]
impl Dataset {
    /// With `origin` (r.l.u.) added to every hkl.
    #[must_use]
    pub fn moved(mut self, origin: [f64; 3]) -> Self {
        for hkl in &mut self.hkl {
            *hkl = [0, 1, 2].map(|n| hkl[n] + origin[n]);
        }
        self
    }
}
