//! What NeXus files say about the sample and the beam: temperature, unit cell, wavelength, title.

use super::attribute;
use super::file::{File, Group};
use crate::data::grid::Facts;

/// Of the entry that a path leads into.
pub(super) fn of(file: &File, data: &Group, path: &str) -> Facts {
    let entry = path.split('/').find(|part| !part.is_empty()).unwrap_or("");
    let mut facts = Facts { title: file.text_of(data, "title"), ..Facts::default() };
    let Some(entry) = file.group(entry) else { return facts };
    facts.title = facts.title.or_else(|| file.text_of(&entry, "title"));
    if let Ok(sample) = entry.group("sample") {
        facts.temperature = temperature(file, &sample);
        facts.unit_cell = cell(file, &sample);
    }
    let one = |path: &str| -> Option<f64> {
        let (groups, name) = path.rsplit_once('/')?;
        let mut group = entry.clone();
        for part in groups.split('/') {
            group = group.group(part).ok()?;
        }
        file.numbers_of(&group, name)?.first().copied().filter(|x| x.is_finite() && *x > 0.0)
    };
    let wavelengths = ["instrument/monochromator/wavelength", "instrument/beam/incident_wavelength"];
    let energies = ["instrument/monochromator/energy", "instrument/beam/incident_energy"];
    // λ in Å from E in keV: CODATA 2018, h c = 12.398 419 843 keV Å.
    facts.wavelength = wavelengths.iter().find_map(|path| one(path)).or_else(|| {
        let energy = energies.iter().find_map(|path| one(path))?;
        (1.0..1000.0).contains(&energy).then_some(12.398_419_843 / energy)
    });
    facts
}

/// K.
fn temperature(file: &File, sample: &Group) -> Option<f64> {
    let value = file.numbers_of(sample, "temperature")?;
    let [value] = value[..] else { return None };
    let units = sample.dataset("temperature").ok()?.attributes();
    let shift = match attribute::text(&units, "units").as_deref() {
        Some("C" | "degC" | "celsius" | "°C") => 273.15,
        _ => 0.0,
    };
    Some(value + shift).filter(|t| t.is_finite() && *t >= 0.0)
}

fn cell(file: &File, sample: &Group) -> Option<[f64; 6]> {
    let whole = file.numbers_of(sample, "unit_cell").and_then(|cell| <[f64; 6]>::try_from(cell).ok());
    whole.or_else(|| {
        let names = ["a", "b", "c", "alpha", "beta", "gamma"];
        let parts = names.map(|n| file.numbers_of(sample, &format!("unitcell_{n}"))?.first().copied());
        let parts: Option<Vec<f64>> = parts.into_iter().collect();
        parts.and_then(|cell| <[f64; 6]>::try_from(cell).ok())
    })
}
