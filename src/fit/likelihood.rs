//! Data at points that symmetry makes equivalent, pooled: the model has one value there, so that
//! their number, mean and scatter say all that the misfit needs.

use super::Likelihood;

/// Equivalent data, or a single datum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Datum {
    /// Mean (Gaussian: weighted with 1/σ²), data units.
    pub value: f64,
    /// How many data.
    pub count: f64,
    /// Gaussian: Σ 1/σ²; Poisson: Σ exposure, which is what one count is divided by.
    weight: f64,
    /// Σ w (y − mean)².
    scatter: f64,
    /// Poisson: deviance from the common mean.
    deviance: f64,
}

/// Beyond so many σ the tails of the robust likelihood begin.
const TAIL: f64 = 4.0;

impl Datum {
    /// One datum of weight 1/σ², or a count over an exposure.
    pub fn single(value: f64, weight: f64) -> Self {
        Datum { value, count: 1.0, weight, scatter: 0.0, deviance: 0.0 }
    }

    /// Several data at equivalent points: values and 1/σ², or of counts over an exposure the exposure.
    pub fn pooled(data: &[(f64, f64)]) -> Self {
        let weight: f64 = data.iter().map(|(_, w)| w).sum();
        let value = data.iter().map(|(y, w)| y * w).sum::<f64>() / weight;
        Datum {
            value,
            count: data.len() as f64,
            weight,
            scatter: data.iter().map(|(y, w)| w * (y - value).powi(2)).sum(),
            deviance: data.iter().map(|(y, w)| 2.0 * w * y_ln_ratio(*y, value)).sum(),
        }
    }

    /// Weight of the mean where the model is `model`; `None` for a Poisson mean that is not positive.
    pub fn weight(&self, model: f64, likelihood: Likelihood) -> Option<f64> {
        match likelihood {
            Likelihood::Gaussian => Some(self.weight),
            Likelihood::Poisson => (model > 0.0).then(|| self.weight / model),
            Likelihood::Robust => {
                let square = self.weight * (self.value - model).powi(2);
                Some(self.weight * (TAIL * TAIL / square).min(1.0))
            }
        }
    }

    /// Σ (y − model)² of data that all have the weight one; what is far is cut at four σ where it is to have no weight.
    pub fn squares(&self, model: f64, likelihood: Likelihood) -> f64 {
        let square = (self.value - model).powi(2);
        match likelihood {
            Likelihood::Robust => square.min(TAIL * TAIL / self.weight),
            _ => self.scatter + self.count * square,
        }
    }

    /// σ of one datum relative to its value; none for a value that is not positive.
    pub fn relative_sigma(&self) -> Option<f64> {
        (self.value > 0.0 && self.weight > 0.0).then(|| (self.count / self.weight).sqrt() / self.value)
    }

    /// Minus twice the logarithm of the likelihood relative to that of data which are the model: for counts over an
    /// exposure e 2 Σ e [y ln(y/m) − (y − m)], else z² up to four σ and 16 (1 + ln(z²/16)) beyond, z = (y − m)/σ.
    pub fn deviance(&self, model: f64, likelihood: Likelihood) -> f64 {
        if likelihood != Likelihood::Poisson {
            let square = self.weight * (self.value - model).powi(2);
            let limit = if likelihood == Likelihood::Robust { TAIL * TAIL } else { f64::INFINITY };
            return if square > limit { limit * (1.0 + (square / limit).ln()) } else { square };
        }
        let mean = 2.0 * (y_ln_ratio(self.value, model) - (self.value - model));
        self.deviance + self.weight * mean
    }

    /// What the differences between the data add to χ².
    pub fn scatter(&self, model: f64, likelihood: Likelihood) -> f64 {
        match likelihood {
            Likelihood::Gaussian | Likelihood::Robust => self.scatter,
            Likelihood::Poisson => self.scatter / model,
        }
    }
}

fn y_ln_ratio(y: f64, m: f64) -> f64 {
    if y > 0.0 { y * (y / m).ln() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hot_pixel_pulls_less_the_hotter_it_is() {
        let likelihood = Likelihood::Robust;
        let at = |z: f64| {
            let datum = Datum::single(100.0 + z * 5.0, 0.04);
            let pull = |m: f64| datum.weight(m, likelihood).unwrap() * (datum.value - m);
            // The weight times the residual is minus half the derivative of the deviance.
            let h = 1e-3;
            let slope =
                (datum.deviance(100.0 + h, likelihood) - datum.deviance(100.0 - h, likelihood)) / (2.0 * h);
            assert!((pull(100.0) + 0.5 * slope).abs() < 1e-6, "{z}");
            pull(100.0)
        };
        assert!((at(3.9) - 0.2 * 3.9).abs() < 1e-12);
        assert!(at(100.0) < 0.1 * at(3.9) && at(-1000.0).abs() < 0.01 * at(3.9));
    }

    #[test]
    fn pooled_data_misfit_like_their_members() {
        let data = [(9.0, 0.2), (14.0, 0.1), (0.0, 0.4)];
        let model = 8.5;
        for likelihood in [Likelihood::Gaussian, Likelihood::Poisson] {
            let pooled = Datum::pooled(&data);
            let weight = pooled.weight(model, likelihood).unwrap();
            let chi2 = weight * (pooled.value - model).powi(2) + pooled.scatter(model, likelihood);
            let singles = data.map(|(y, w)| Datum::single(y, w));
            let expected: f64 = singles
                .iter()
                .map(|d| d.weight(model, likelihood).unwrap() * (d.value - model).powi(2))
                .sum();
            assert!((chi2 - expected).abs() < 1e-12, "{likelihood:?}");
            let deviance: f64 = singles.iter().map(|d| d.deviance(model, likelihood)).sum();
            if likelihood == Likelihood::Poisson {
                assert!((pooled.deviance(model, likelihood) - deviance).abs() < 1e-12);
            }
        }
    }
}
