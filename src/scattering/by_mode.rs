//! What each vibration scatters: I₁ = Σ_j g(λ_j) |e_jᴴ M^{-1/2} a|² with a_sα = f_s(Q) e^{−W_s} Q_α.

use nalgebra::{Complex, DVector, Matrix3, Vector3};

use crate::crystal::Crystal;
use crate::dynamics::Vibrations;
use crate::ifc::ForceConstants;
use crate::thermal::Thermal;

/// The vibrations at one Q with the one-phonon intensity of each.
#[derive(Debug, Clone)]
pub struct ByMode {
    /// Levels and vectors. In a set of equal levels, whose vectors are any ones that span it, the first is the combination
    /// that scatters at Q and the others are those that do not.
    pub vibrations: Vibrations,
    /// Electron² per primitive cell. None of a translation, which would scatter without bound: Q is a Bragg peak then.
    pub intensity: Vec<Option<f64>>,
}

impl ByMode {
    /// At `q` (Cartesian, Å⁻¹, with the 2π); `tensors`: the mean-square displacements (Å²) of the atoms. `None` of the
    /// intensities where there are no tensors or a level is not positive: an unstable crystal has no mean squares.
    pub fn new(
        crystal: &Crystal,
        fc: &ForceConstants,
        thermal: &Thermal,
        tensors: Option<&[Matrix3<f64>]>,
        q: &Vector3<f64>,
    ) -> Self {
        let mut vibrations = Vibrations::new(crystal, fc, q, None);
        let n = vibrations.levels.len();
        let still = vibrations.translations;
        let stable = vibrations.levels[still..].iter().all(|l| *l > 0.0);
        let Some(tensors) = tensors.filter(|_| stable) else {
            return ByMode { vibrations, intensity: vec![None; n] };
        };
        let weighted = DVector::from_fn(n, |i, _| {
            let s = i / 3;
            let (re, im) = crystal.form_factors[s].value(q.norm());
            let damping = (-0.5 * q.dot(&(tensors[s] * q))).exp() / thermal.masses[s].sqrt();
            Complex::new(re, im) * (damping * q[i % 3])
        });
        let mut intensity = vec![None; n];
        for set in vibrations.sets() {
            if set.start < still {
                continue;
            }
            vibrations.align(&set, &weighted);
            for j in set {
                let part = vibrations.vectors.column(j).dotc(&weighted).norm_sqr();
                intensity[j] = Some(thermal.amplitude(vibrations.levels[j]) * part);
            }
        }
        ByMode { vibrations, intensity }
    }

    /// The one-phonon intensity, electron² per primitive cell: the sum over all modes. `None` where one of them has none.
    pub fn total(&self) -> Option<f64> {
        self.intensity.iter().copied().sum()
    }
}
