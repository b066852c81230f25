//! `tds gradient`: the misfit of force constants from elsewhere and its derivatives.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use tds_inversion::formats::phonopy::{force_constants_hdf5, write_force_constants};
use tds_inversion::run::{Files, misfit_gradient};
use tds_inversion::{Error, Result};

use super::{Folder, open, print, read, tell, write};

/// The folder of the job, and one file from elsewhere.
struct WithFile {
    folder: Folder,
    name: String,
    bytes: Vec<u8>,
}

impl Files for WithFile {
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        if name == self.name { Ok(self.bytes.clone()) } else { self.folder.read(name) }
    }

    #[cfg(feature = "readers")]
    fn open(&self, name: &str) -> Result<tds_inversion::formats::volume::SharedSource> {
        self.folder.open(name)
    }
}

/// Of the derivatives.
const UNIT: &str = "angstrom^2/eV";

fn is_hdf5(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("hdf5") || end.eq_ignore_ascii_case("h5"))
}

/// Misfit on the standard output, derivatives into a file.
pub fn of(job: &Path, force_constants: &Path, out: &Path, as_json: bool) -> Result<ExitCode> {
    let (job, folder) = open(job)?;
    let name = force_constants.display().to_string();
    let files = WithFile { folder, bytes: read(force_constants)?, name: name.clone() };
    let found = misfit_gradient(&job, &name, &files)?;
    found.notes.iter().for_each(|note| tell(&format_args!("note: {note}")));
    // A misfit has no unit, so that these are no force constants, and whoever asks the file is told so.
    if is_hdf5(out) {
        write(out, &force_constants_hdf5(&found.slopes, UNIT)?)?;
    } else {
        write(out, &write_force_constants(&found.slopes))?;
    }
    let text = if as_json {
        let constants = found
            .constants
            .iter()
            .map(|(label, value, slope)| json!({"label": label, "value": value, "derivative": slope}));
        let report = json!({
            "misfit": found.misfit,
            "chi2": found.chi2,
            "n_data": found.n_data,
            "scale": found.scale,
            "constants": constants.collect::<Vec<_>>(),
        });
        serde_json::to_string_pretty(&report)
            .map_err(|e| Error::file(&name, e.to_string(), "a report that can be written"))?
    } else {
        format!("misfit {:.12e}\nchi2 {:.12e}\ndata {}", found.misfit, found.chi2, found.n_data)
    };
    print(&(text + "\n"))?;
    Ok(ExitCode::SUCCESS)
}
