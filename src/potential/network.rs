//! A neural network on symmetry functions. J. Behler & M. Parrinello, Phys. Rev. Lett. 98 (2007) 146401; J. Behler, J. Chem.
//! Phys. 134 (2011) 074106.
//!
//! Radial functions e^(−η(r−r_s)²) f_c(r), angular ones 2^(1−ζ) (1 + λ cos θ)^ζ e^(−η(r²+r'²)) f_c(r) f_c(r') (the G⁵ of
//! Behler 2011, without the distance of the two neighbours), f_c = ½ (1 + cos πr/r_c). Each is measured from its value in the
//! crystal at the start and divided by a width; two layers of tanh follow, and a sum. The weights of layer l are numbered by
//! neuron, then by what enters it, its bias last.

use super::Number;

/// Symmetry functions and the size of the layers.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// (η in Å⁻², r_s in Å) of each radial function.
    pub radial: Vec<(f64, f64)>,
    /// (η in Å⁻², ζ, λ) of each angular function.
    pub angular: Vec<(f64, f64, f64)>,
    /// Å: where all of them end.
    pub cutoff: f64,
    /// Neurons of the two layers.
    pub layers: [usize; 2],
    /// Value of each function in the crystal at the start, and what it is divided by.
    pub scales: Vec<(f64, f64)>,
}

impl Network {
    /// Some functions spread over the range, and layers of `layers` neurons.
    pub fn new(cutoff: f64, nearest: f64, layers: [usize; 2]) -> Self {
        const RADIAL: usize = 6;
        let spacing = (cutoff - 0.9 * nearest) / RADIAL as f64;
        let eta = 0.5 / (spacing * spacing);
        let radial = (0..RADIAL).map(|k| (eta, 0.9 * nearest + spacing * k as f64)).collect();
        let wide = 0.1 / (nearest * nearest);
        let angular = [(1.0, 1.0), (1.0, -1.0), (4.0, 1.0), (4.0, -1.0)].map(|(z, l)| (wide, z, l)).to_vec();
        let scales = vec![(0.0, 1.0); RADIAL + angular.len()];
        Network { radial, angular, cutoff, layers, scales }
    }

    /// Number of symmetry functions.
    pub fn n_features(&self) -> usize {
        self.radial.len() + self.angular.len()
    }

    /// Number of weights and biases.
    pub fn n_weights(&self) -> usize {
        let [one, two] = self.layers;
        one * (self.n_features() + 1) + two * (one + 1) + two + 1
    }

    fn cut<D: Number>(&self, r: D) -> D {
        if r.re() >= self.cutoff {
            return D::zero();
        }
        ((r * (std::f64::consts::PI / self.cutoff)).cos() + 1.0) * 0.5
    }

    pub(super) fn radial<D: Number>(&self, r: D, out: &mut [D]) {
        for ((eta, centre), g) in self.radial.iter().zip(out) {
            let off = r - *centre;
            *g = (off * off * -*eta).exp() * self.cut(r);
        }
    }

    pub(super) fn angular<D: Number>(&self, r: D, other: D, cos: D, out: &mut [D]) {
        let near = self.cut(r) * self.cut(other);
        for ((eta, zeta, lambda), g) in self.angular.iter().zip(&mut out[self.radial.len()..]) {
            let turned = cos * *lambda + 1.0;
            // In a straight row 1 + λ cos θ is zero but for rounding, and so is every power of it above one.
            let power = if turned.re() < 1e-12 && *zeta > 2.0 { D::zero() } else { turned.powf(*zeta) };
            *g = power * 2.0_f64.powf(1.0 - zeta) * ((r * r + other * other) * -*eta).exp() * near;
        }
    }

    /// The energy of an atom with the symmetry functions `s`, eV.
    pub(super) fn site<D: Number>(&self, weights: &[D], s: &[D]) -> D {
        let mut layer: Vec<D> =
            s.iter().zip(&self.scales).map(|(s, (centre, width))| (*s - *centre) / *width).collect();
        let mut rest = weights;
        for n in self.layers {
            let entering = layer.len();
            layer = (0..n).map(|k| neuron(&rest[k * (entering + 1)..], &layer).tanh()).collect();
            rest = &rest[n * (entering + 1)..];
        }
        neuron(rest, &layer)
    }
}

/// Σ weight · input + bias.
fn neuron<D: Number>(weights: &[D], inputs: &[D]) -> D {
    inputs.iter().zip(weights).fold(weights[inputs.len()], |sum, (x, w)| sum + *x * *w)
}
