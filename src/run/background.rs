//! What was measured without the crystal, joined with what was measured with it.

use super::Files;
use crate::base::parallel::resting;
use crate::data::{Dataset, Listed};
use crate::job::DataSpec;
use crate::{Error, Result};

/// The data with the value of the file that `measured_background` names at each of them.
pub(super) async fn join(
    field: &str,
    mut set: Dataset,
    spec: &DataSpec,
    files: &dyn Files,
) -> Result<Dataset> {
    let Some(measured) = &spec.measured_background else { return Ok(set) };
    let field = format!("{field}.measured_background");
    let own = DataSpec { file: measured.file.clone(), mask: vec![], temperature: None, ..spec.clone() };
    let found = super::measured::read(&field, &own, files).await?;
    let listed = Listed::new(found.hkl.iter().copied());
    let mut places = Vec::with_capacity(set.hkl.len());
    resting(set.hkl.len(), 3.0, &mut |range| places.extend(range.map(|i| listed.find(set.hkl[i])))).await;
    if let Some(lacking) = places.iter().position(Option::is_none) {
        let n = places.iter().filter(|place| place.is_none()).count();
        let [h, k, l] = set.hkl[lacking];
        return Err(Error::file(
            &measured.file,
            format!("no value for {n} of the {} data of {}, as at ({h}, {k}, {l})", places.len(), set.name),
            "one at h, k, l of every datum; what lacks it can be left out of the data by a region or sentinels",
        ));
    }
    let places: Vec<usize> = places.into_iter().flatten().collect();
    set.empty = places.iter().map(|&at| found.intensity[at]).collect();
    if let (Some(sigma), Some(empty)) = (&mut set.sigma, &found.sigma) {
        sigma.iter_mut().zip(&places).for_each(|(s, &at)| *s = s.hypot(empty[at]));
    }
    Ok(set)
}
