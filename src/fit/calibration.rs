//! Where the points of a measurement are once its hkl are calibrated: Q' = (1 + ε) R(ω) Q + o.

use nalgebra::{Matrix3, Rotation3, Vector3};

use super::measurement::{Effect, Known};

/// A stretch, a rotation and an origin, about which the intensity is taken to first order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    stretch: f64,
    rotation: Vector3<f64>,
    origin: Vector3<f64>,
    /// R(ω).
    turn: Matrix3<f64>,
    /// From a change of ω to the small rotation that it adds to R.
    jacobian: Matrix3<f64>,
}

impl Default for Calibration {
    fn default() -> Self {
        Calibration {
            stretch: 0.0,
            rotation: Vector3::zeros(),
            origin: Vector3::zeros(),
            turn: Matrix3::identity(),
            jacobian: Matrix3::identity(),
        }
    }
}

impl Calibration {
    /// That of the effects of a measurement with these values.
    pub fn of(effects: &[Known<Effect>], values: &[f64]) -> Self {
        let mut out = Calibration::default();
        for (effect, value) in effects.iter().zip(values) {
            match effect.what {
                Effect::Stretch => out.stretch = *value,
                Effect::Rotation(i) => out.rotation[i] = *value,
                Effect::Origin(i) => out.origin[i] = *value,
                _ => {}
            }
        }
        let angle = out.rotation.norm();
        if angle > 0.0 {
            out.turn = Rotation3::from_scaled_axis(out.rotation).into_inner();
            let cross = out.rotation.cross_matrix();
            // (1 − cos x)/x² and (x − sin x)/x³; a calibration turns by degrees, so that two terms are exact.
            let (a, b) = (0.5 - angle * angle / 24.0, 1.0 / 6.0 - angle * angle / 120.0);
            out.jacobian += a * cross + b * cross * cross;
        }
        out
    }

    /// What an effect is here; zero for those that are none of it.
    pub fn value(&self, effect: Effect) -> f64 {
        match effect {
            Effect::Stretch => self.stretch,
            Effect::Rotation(i) => self.rotation[i],
            Effect::Origin(i) => self.origin[i],
            _ => 0.0,
        }
    }

    /// Q' of Q, both Å⁻¹.
    pub fn at(&self, q: &Vector3<f64>) -> Vector3<f64> {
        (1.0 + self.stretch) * (self.turn * q) + self.origin
    }

    /// ∂Q'/∂value at Q, Å⁻¹; zero for what moves nothing.
    pub fn slope(&self, effect: Effect, q: &Vector3<f64>) -> Vector3<f64> {
        match effect {
            Effect::Stretch => self.turn * q,
            Effect::Rotation(i) => self.jacobian.column(i).cross(&((1.0 + self.stretch) * (self.turn * q))),
            Effect::Origin(i) => Vector3::from_fn(|a, _| f64::from(u8::from(a == i))),
            _ => Vector3::zeros(),
        }
    }
}
