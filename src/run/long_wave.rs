//! What a person should know of the constants where waves are long: said of the constants that are there,
//! not of those that a fit started from.

use super::Prepared;
use crate::dynamics::LongWave;
use crate::thermal::{CONVERGED, MeanSquare};

/// Wave number (Å⁻¹) below which imaginary sound is worth a word.
const NOTEWORTHY_WAVE: f64 = 1e-5;
/// Difference of velocities of sound that is.
const NOTEWORTHY_SOUND: f64 = 0.005;

/// Notes on sound at `theta`: rotational invariance and Huang's conditions, as far as they are violated.
pub fn long_wave_notes(prepared: &Prepared, theta: &[f64]) -> Vec<String> {
    let mut notes = Vec::new();
    let long_wave = LongWave::new(&prepared.family.at(theta));
    let (wave_number, _) = long_wave.imaginary_below();
    if wave_number > NOTEWORTHY_WAVE {
        notes.push(format!(
            "These constants are not invariant under rotation, as can happen in polar and chiral crystals: \
             acoustic frequencies are imaginary at |q| below {wave_number:.1e} Å⁻¹ and not to be trusted at \
             several times that, nor are elastic constants. A job can impose the invariance \
             (constraints.rotational_invariance)."
        ));
    }
    let volume = prepared.crystal.primitive.volume();
    let mismatch = long_wave.sound_mismatch(volume);
    // Where sound is not even stable there is no velocity to compare with.
    if long_wave.softest().0 > 0.0 && mismatch > NOTEWORTHY_SOUND {
        let violation = long_wave.elastic(volume).huang_violation;
        notes.push(format!(
            "These constants do not leave the crystal free of stress (Huang's conditions are violated by up to \
             {violation:.2} GPa): velocities of sound from the elastic constants differ by up to {:.1} % from \
             the slopes of the acoustic branches.",
            100.0 * mismatch
        ));
    }
    notes
}

/// A note where the mean-square displacements at `theta` are not converged to 1e-3, or nobody knows.
/// `start`: `theta` is what the mesh was chosen for.
pub fn mean_square_note(
    prepared: &Prepared,
    mean_square: &MeanSquare,
    theta: &[f64],
    start: bool,
) -> Option<String> {
    if !mean_square.is_for_infinite_crystal() {
        return None;
    }
    let known = if start {
        mean_square.error()
    } else {
        mean_square.error_at(&prepared.crystal, &prepared.family, theta)
    };
    match known {
        Some(error) if error <= CONVERGED => None,
        Some(error) => {
            let mend = if start { "give a finer u_mesh" } else { "start again from these constants" };
            Some(format!(
                "The mean-square displacements are converged to {:.1} % only, and the Debye–Waller factors with \
                 them: {mend}.",
                100.0 * error
            ))
        }
        None => Some(
            "Whether the mean-square displacements are converged to 0.1 % could not be checked: too many atoms."
                .to_owned(),
        ),
    }
}
