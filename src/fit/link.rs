//! From the intensity at a point to the data there: backgrounds, factors and what effects add, with the derivatives.

use super::measurement::{Background, Effect, Measurement, Nuisances, Place};
use crate::lanes::{LANES, Lanes, add_scaled, multiply};
use crate::scattering::Slope;

/// A datum joined with its model.
pub(super) struct Link {
    pub model: f64,
    /// φ: ∂y/∂I over the scale.
    pub factor: f64,
}

/// The same for a block of points whose data have no places of their own.
pub(super) struct LinkBlock {
    pub model: Lanes,
    pub factor: Lanes,
}

impl Measurement {
    /// A background at a point of the model, for a datum at `place`.
    pub fn shape(&self, background: Background, point: usize, place: Option<&Place>) -> f64 {
        let q2 = self.q_squared[point];
        match background {
            Background::Constant => 1.0,
            Background::Q2 => q2,
            Background::Exponential(length) => (-q2.sqrt() / length).exp(),
            Background::Ring([centre, width]) => {
                let x = (q2.sqrt() - centre) / width;
                (-4.0 * std::f64::consts::LN_2 * x * x).exp()
            }
            Background::Spline([k, n]) => {
                let [low, high] = self.q_range;
                let at = (q2.sqrt() - low) / (high - low).max(f64::MIN_POSITIVE);
                spline(usize::from(k), usize::from(n), at)
            }
            Background::Measured => place.map_or(0.0, |p| p.empty),
            // Split into its splines where a measurement is made.
            Background::Radial(_) => 0.0,
            Background::Tails(power) => {
                let [strength, distance] = self.peaks.get(point).copied().unwrap_or([0.0, 1.0]);
                // Ten times sooner where it is a whole number.
                let whole = power as i32;
                let falls =
                    if f64::from(whole) == power { distance.powi(-whole) } else { distance.powf(-power) };
                strength * falls
            }
        }
    }

    /// The backgrounds at a point of the model, into their columns: what [`Self::join`] needs of each point.
    pub(super) fn shapes(&self, point: usize, columns: &mut [f64]) {
        for (background, column) in self.background.iter().zip(&mut columns[1..]) {
            *column = self.shape(background.what, point, None);
        }
    }

    /// [`Self::shapes`] and [`Self::join`].
    pub(super) fn link(
        &self,
        point: usize,
        place: Option<&Place>,
        intensity: f64,
        slope: &Slope,
        nuisances: &Nuisances,
        columns: &mut [f64],
    ) -> Link {
        self.shapes(point, columns);
        self.join(point, place, intensity, slope, nuisances, columns)
    }

    /// y where the intensity at a point is `intensity` and its gradient `slope`; `columns` takes the derivatives to the
    /// scale, and those to the effects over the scale, beside those to the backgrounds, which it holds. `place`: of the
    /// datum, where effects need it.
    pub(super) fn join(
        &self,
        point: usize,
        place: Option<&Place>,
        intensity: f64,
        slope: &Slope,
        nuisances: &Nuisances,
        columns: &mut [f64],
    ) -> Link {
        let polarization = self.polarization.get(point).copied().unwrap_or(1.0);
        let compton = self.compton.get(point).copied().unwrap_or(0.0);
        let (mut slow, mut scattered, mut kappa) = (1.0, intensity, 1.0);
        let first = 1 + self.background.len();
        if let Some(place) = place {
            scattered += place.beyond;
            // I(RQ) = I(Q): the gradient turns with the point.
            let turned = self.rotations.get(place.rotation).map_or(slope.xyz(), |r| r * slope.xyz());
            let slope = turned.push(slope.w);
            let effects = self.effects.iter().zip(&nuisances.effects);
            for ((effect, value), column) in effects.zip(&mut columns[first..]) {
                *column = match effect.what {
                    Effect::Compton => {
                        kappa = *value;
                        compton
                    }
                    what if what.moves() => what.moved(&place.q, &slope, &self.about),
                    what => what.slow(&place.q, self.q_range[1]),
                };
                match effect.what {
                    Effect::Compton => {}
                    what if what.moves() => scattered += (value - self.about.value(what)) * *column,
                    _ => slow += value * *column,
                }
            }
        }
        let factor = polarization * slow;
        let whole = scattered + kappa * compton;
        columns[0] = factor * whole;
        let mut model = nuisances.scale * columns[0];
        let background = self.background.iter().zip(&nuisances.background);
        for ((background, amplitude), column) in background.zip(&mut columns[1..first]) {
            if background.what == Background::Measured {
                *column = self.shape(background.what, point, place);
            }
            model += amplitude * *column;
        }
        for (effect, column) in self.effects.iter().zip(&mut columns[first..]) {
            let moved = effect.what.moves() || effect.what == Effect::Compton;
            *column *= if moved { factor } else { polarization * whole };
        }
        Link { model, factor }
    }

    /// [`Self::link`] at all points of block `b` at once, where no datum needs its place; lanes past the last point hold
    /// anything.
    pub(super) fn link_block(
        &self,
        b: usize,
        intensity: &Lanes,
        nuisances: &Nuisances,
        columns: &mut [Lanes],
    ) -> LinkBlock {
        let mut factor = [1.0; LANES];
        let mut whole = *intensity;
        copy_block(b, &self.polarization, &mut factor);
        if !self.compton.is_empty() {
            let mut compton = [0.0; LANES];
            copy_block(b, &self.compton, &mut compton);
            add_scaled(&mut whole, 1.0, &compton);
        }
        multiply(&mut whole, &factor);
        let mut model = [0.0; LANES];
        add_scaled(&mut model, nuisances.scale, &whole);
        columns[0] = whole;
        let background = self.background.iter().zip(&nuisances.background);
        for ((background, amplitude), column) in background.zip(&mut columns[1..]) {
            match background.what {
                Background::Constant => *column = [1.0; LANES],
                Background::Q2 => copy_block(b, &self.q_squared, column),
                what => {
                    let last = self.q_squared.len() - 1;
                    for (lane, value) in column.iter_mut().enumerate() {
                        *value = self.shape(what, (b * LANES + lane).min(last), None);
                    }
                }
            }
            add_scaled(&mut model, *amplitude, column);
        }
        LinkBlock { model, factor }
    }
}

/// Block `b` of `values`, as far as they go.
fn copy_block(b: usize, values: &[f64], block: &mut Lanes) {
    let values = values.get(b * LANES..).unwrap_or_default();
    let n = values.len().min(LANES);
    block[..n].copy_from_slice(&values[..n]);
}

/// Cubic B-spline number `k` of `n` on knots at equal distances, at 0 ≤ `x` ≤ 1; together they are one.
fn spline(k: usize, n: usize, x: f64) -> f64 {
    let pieces = (n - 3) as f64;
    let t = x.clamp(0.0, 1.0) * pieces - (k as f64 - 1.0);
    let t = (t).abs();
    match t {
        t if t < 1.0 => 2.0 / 3.0 - t * t + 0.5 * t * t * t,
        t if t < 2.0 => (2.0 - t).powi(3) / 6.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{Matrix3, Vector3};

    use super::super::measurement::{Known, Scale};
    use super::*;

    #[test]
    fn splines_make_up_cubic_polynomials() {
        let n = 7;
        for step in 0..=20 {
            let x = f64::from(step) / 20.0;
            let sum: f64 = (0..n).map(|k| spline(k, n, x)).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{x}: {sum}");
            // Greville: Σ ξ_k B_k(x) = x with ξ_k the mean of the three knots inside.
            let line: f64 = (0..n).map(|k| (k as f64 - 1.0) / (n - 3) as f64 * spline(k, n, x)).sum();
            assert!((line - x).abs() < 1e-12, "{x}: {line}");
        }
    }

    /// Everything at once; derivatives against central differences.
    #[test]
    fn derivatives_of_the_link_agree_with_differences() {
        let q = Vector3::new(1.1, -0.7, 2.3);
        let mut measurement = Measurement::plain(Scale::FREE, &[], vec![q.norm_squared()]);
        measurement.q_range = [0.5, 4.0];
        measurement.polarization = vec![0.83];
        measurement.compton = vec![7.0];
        measurement.peaks = vec![[300.0, 0.4]];
        measurement.rotations =
            vec![Matrix3::identity(), Matrix3::new(0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)];
        let shapes = [
            Background::Constant,
            Background::Q2,
            Background::Exponential(1.2),
            Background::Ring([2.6, 0.2]),
            Background::Spline([2, 6]),
            Background::Tails(3.0),
            Background::Measured,
        ];
        measurement.background = shapes.map(|what| Known { what, prior: None }).to_vec();
        let effects = (0..3).flat_map(|i| [Effect::Direction(i), Effect::Rotation(i), Effect::Origin(i)]);
        let effects = effects.chain((0..5).map(Effect::Quadrupole));
        let effects = effects.chain([Effect::Radial, Effect::Compton, Effect::Stretch, Effect::Width]);
        measurement.effects = effects.map(|what| Known { what, prior: None }).collect();
        let n_effects = measurement.effects.len();
        let at = Nuisances {
            scale: 3.1,
            background: (0..7).map(|k| 1.0 + 0.3 * f64::from(k)).collect(),
            effects: (0..n_effects).map(|k| 0.01 * (k as f64 + 1.0)).collect(),
        };
        let place = Place { q, rotation: 1, empty: 6.5, beyond: 0.0 };
        let slope = Slope::new(5.0, -3.0, 2.0, 4.0);
        let mut columns = vec![0.0; measurement.n_columns()];
        let value = |n: &Nuisances, intensity: f64| {
            let mut columns = vec![0.0; measurement.n_columns()];
            measurement.link(0, Some(&place), intensity, &slope, n, &mut columns).model
        };
        let link = measurement.link(0, Some(&place), 40.0, &slope, &at, &mut columns);
        let h = 1e-5;
        for k in 0..columns.len() {
            let moved = |by: f64| {
                let mut n = at.clone();
                let mut step = vec![0.0; columns.len()];
                step[k] = by;
                measurement.shift(&mut n, &step);
                value(&n, 40.0)
            };
            let difference = (moved(h) - moved(-h)) / (2.0 * h);
            let ours = columns[k] * if k < 8 { 1.0 } else { at.scale };
            assert!((difference - ours).abs() < 1e-7 * ours.abs().max(1.0), "{k}: {difference}");
        }
        let to_intensity = (value(&at, 40.0 + h) - value(&at, 40.0 - h)) / (2.0 * h);
        assert!((to_intensity - at.scale * link.factor).abs() < 1e-7 * to_intensity);
    }

    #[test]
    fn a_block_is_its_points() {
        let n = LANES + 5;
        let mut measurement =
            Measurement::plain(Scale::FREE, &[], (0..n).map(|i| 1.0 + 0.3 * i as f64).collect());
        let shapes =
            [Background::Constant, Background::Q2, Background::Exponential(1.2), Background::Tails(3.0)];
        measurement.background = shapes.map(|what| Known { what, prior: None }).to_vec();
        let at = Nuisances { scale: 3.1, background: vec![0.3, -0.2, 7.0, 0.1], effects: vec![] };
        for with_instrument in [false, true] {
            if with_instrument {
                measurement.polarization = (0..n).map(|i| 1.0 - 0.01 * i as f64).collect();
                measurement.compton = (0..n).map(|i| 5.0 + 0.1 * i as f64).collect();
                measurement.peaks = (0..n).map(|i| [300.0, 0.1 + 0.01 * i as f64]).collect();
            }
            for b in 0..2 {
                let intensity = std::array::from_fn(|lane| 40.0 + lane as f64);
                let mut columns = vec![[0.0; LANES]; measurement.n_columns()];
                let block = measurement.link_block(b, &intensity, &at, &mut columns);
                for lane in 0..LANES.min(n - b * LANES) {
                    let mut own = vec![0.0; measurement.n_columns()];
                    let none = Slope::zeros();
                    let link =
                        measurement.link(b * LANES + lane, None, intensity[lane], &none, &at, &mut own);
                    assert!((block.model[lane] - link.model).abs() < 1e-12 * link.model.abs());
                    assert!((block.factor[lane] - link.factor).abs() < 1e-15);
                    own.iter().zip(&columns).for_each(|(own, column)| {
                        assert!((own - column[lane]).abs() < 1e-13 * own.abs().max(1.0));
                    });
                }
            }
        }
    }
}
