//! Measured intensities: data sets, masks and their file formats. No physics.

pub mod csv;
pub mod mask;
pub mod noise;

/// One measured data set; all columns have the same length.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// File name or title, as shown to people.
    pub name: String,
    /// Scattering vectors in reciprocal-lattice units of the input cell.
    pub hkl: Vec<[f64; 3]>,
    /// Intensity in the units of the file.
    pub intensity: Vec<f64>,
    /// Standard uncertainty of each intensity; absent when the file gives none.
    pub sigma: Option<Vec<f64>>,
}
