//! What an instrument averages over: voxels, a Gaussian spread of Q, mosaic and bandwidth. The one-phonon intensity is
//! averaged by a quadrature whose nodes follow from the moments of the spread. Near a Bragg peak, where the intensity of
//! acoustic waves Qᵀ K(q)⁻¹ Q goes like 1/q², more nodes are taken, and their weights are corrected by what they make of
//! that intensity, whose average by a finer rule is cheap: K(q) of the start serves for all constants.

use nalgebra::{DMatrix, Matrix3, Vector3};

use crate::crystal::Crystal;

/// The spread of Q around the centre of a pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// Columns: the edges of a voxel, Cartesian, Å⁻¹; zero where there is no voxel.
    pub voxel: Matrix3<f64>,
    /// Covariance of the Gaussian spread, Cartesian, Å⁻².
    pub gaussian: Matrix3<f64>,
    /// Mosaic spread, a Gaussian: its standard deviation, radians. Moves Q at right angles to itself.
    pub mosaic: f64,
    /// Δλ/λ, a Gaussian: its standard deviation. Moves Q along itself.
    pub bandwidth: f64,
    /// Whether it is wanted what a wider Gaussian changes.
    pub widens: bool,
}

/// Moments 0 to 10 of a distribution; the odd ones vanish.
type Moments = [f64; 11];

/// Nodes and weights of a rule in one direction, in units of the standard deviation.
type Rule = Vec<(f64, f64)>;

/// The spread along its axes, and the nodes of a rule in each of them.
#[derive(Debug, Clone)]
struct Frame {
    axes: Matrix3<f64>,
    moments: [Moments; 3],
    rules: [Rule; 3],
}

/// The frames of all points, where the spread is the same at all of them: of rules of three and of five nodes.
#[derive(Debug, Clone)]
pub struct Frames {
    of: [Frame; 2],
    /// See [`Resolution::is_wider_along`].
    wider: bool,
}

/// Points nearer to a Bragg peak than this, in standard deviations of the spread, are averaged by 27 nodes instead of 7.
const NEAR: f64 = 7.0;
/// Nearer than this, by 125.
const NEAREST: f64 = 4.0;
/// Within this, weights are corrected by what the nodes make of the acoustic intensity.
const CORRECTED: f64 = 10.0;
/// Relative change of the covariance of the Gaussian for the difference that stands for a derivative.
const WIDER: f64 = 0.1;

/// The average over the spread at one point: weights add up to about one.
#[derive(Debug, Clone, Default)]
pub struct Nodes {
    /// Cartesian, Å⁻¹, from the centre.
    pub offsets: Vec<Vector3<f64>>,
    /// Of each node in the average.
    pub weights: Vec<f64>,
    /// Of each node in the gradient of the average, Å.
    pub slopes: Vec<Vector3<f64>>,
    /// Of each node in the change of the average with the relative change of the covariance of the Gaussian; zero where it
    /// is not wanted.
    pub widths: Vec<f64>,
}

/// The part of Q (Cartesian, Å⁻¹) from the nearest point of the reciprocal lattice of the primitive cell.
pub fn from_nearest_peak(crystal: &Crystal, q: &Vector3<f64>) -> Vector3<f64> {
    let reciprocal = crystal.primitive.reciprocal();
    let Some(inverse) = reciprocal.try_inverse() else { return *q };
    let nearest = (inverse * q).map(f64::round);
    let mut best = q - reciprocal * nearest;
    for step in 0..27 {
        let around = Vector3::new(step % 3, step / 3 % 3, step / 9).map(|x| f64::from(x - 1));
        let candidate = q - reciprocal * (nearest + around);
        if candidate.norm_squared() < best.norm_squared() {
            best = candidate;
        }
    }
    best
}

/// How closely a spread is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 7 nodes.
    Star,
    /// 27 nodes.
    Product3,
    /// 125 nodes.
    Product5,
}

impl Level {
    /// How many nodes.
    pub fn n_nodes(self) -> usize {
        match self {
            Level::Star => 7,
            Level::Product3 => 27,
            Level::Product5 => 125,
        }
    }

    /// The next finer one.
    pub fn finer(self) -> Option<Level> {
        match self {
            Level::Star => Some(Level::Product3),
            Level::Product3 => Some(Level::Product5),
            Level::Product5 => None,
        }
    }
}

impl Resolution {
    /// No voxel and no spread but one that serves differences: a thousandth of the shortest reciprocal-lattice vector.
    pub fn differences(crystal: &Crystal) -> Self {
        let shortest =
            crystal.primitive.reciprocal().column_iter().map(|c| c.norm()).fold(f64::INFINITY, f64::min);
        let gaussian = Matrix3::identity() * (1e-3 * shortest).powi(2);
        Resolution { voxel: Matrix3::zeros(), gaussian, mosaic: 0.0, bandwidth: 0.0, widens: false }
    }

    /// Covariance of Q at Q, Å⁻².
    pub fn covariance(&self, q: &Vector3<f64>) -> Matrix3<f64> {
        let along = q * q.transpose();
        let across = Matrix3::identity() * q.norm_squared() - along;
        self.voxel * self.voxel.transpose() / 12.0
            + self.gaussian
            + across * self.mosaic.powi(2)
            + along * self.bandwidth.powi(2)
    }

    /// Whether it is the same at Q and at every image of Q under `rotation` (Cartesian).
    pub fn is_kept_by(&self, rotation: &Matrix3<f64>) -> bool {
        let gaussian = rotation * self.gaussian * rotation.transpose();
        let size = self.gaussian.amax() + self.voxel.amax().powi(2);
        let edges = rotation * self.voxel;
        let same = |a: &Vector3<f64>, b: &Vector3<f64>| {
            (a - b).norm_squared() < 1e-10 * size || (a + b).norm_squared() < 1e-10 * size
        };
        let is_edge = |e: Vector3<f64>| (0..3).any(|k| same(&e, &self.voxel.column(k).into_owned()));
        (gaussian - self.gaussian).amax() <= 1e-6 * size
            && (0..3).all(|k| is_edge(edges.column(k).into_owned()))
    }

    /// The part of every Fourier component at R (Å) that the voxel and the Gaussian leave; mosaic and bandwidth, which
    /// depend on Q, are not in it.
    pub fn damping(&self, r: &Vector3<f64>) -> f64 {
        let sinc = |x: f64| if x.abs() < 1e-6 { 1.0 } else { x.sin() / x };
        let box_part: f64 = self.voxel.column_iter().map(|edge| sinc(0.5 * edge.dot(r))).product();
        box_part * (-0.5 * r.dot(&(self.gaussian * r))).exp()
    }

    /// How many nodes the point Q needs that is `q` away from the nearest Bragg peak (both Cartesian, Å⁻¹). `frames`: of
    /// [`Self::frames`].
    pub fn level(&self, q_total: &Vector3<f64>, q: &Vector3<f64>, frames: Option<&Frames>) -> Level {
        let is_wider = || match frames {
            Some(frames) => frames.wider,
            None => self.is_wider_along(&self.axes(q_total)),
        };
        match self.distance(q_total, q) {
            d if d < NEAREST => Level::Product5,
            d if d < NEAR => Level::Product3,
            _ if self.widens && !is_wider() => Level::Product3,
            _ => Level::Star,
        }
    }

    /// Whether a wider Gaussian is wider along these axes, so that no mixed derivatives of the intensity are needed.
    fn is_wider_along(&self, axes: &Matrix3<f64>) -> bool {
        let m = axes.transpose() * self.gaussian * axes;
        let off = m - Matrix3::from_diagonal(&m.diagonal());
        off.amax() < 0.01 * m.diagonal().amax()
    }

    /// Distance from the nearest Bragg peak in standard deviations of the spread.
    pub fn distance(&self, q_total: &Vector3<f64>, q: &Vector3<f64>) -> f64 {
        let spread = q.dot(&(self.covariance(q_total) * q)).sqrt();
        q.norm_squared() / spread
    }

    fn frame(&self, q: &Vector3<f64>, n: usize) -> Frame {
        let axes = self.axes(q);
        let moments: [Moments; 3] = std::array::from_fn(|k| self.moments(q, &axes.column(k).into_owned()));
        let rules = std::array::from_fn(|k| rule(&moments[k], n));
        Frame { axes, moments, rules }
    }

    /// What [`Self::nodes`] would find anew at each point: `None` where mosaic or bandwidth make a spread of its own at
    /// each.
    pub fn frames(&self) -> Option<Frames> {
        let of = || [3, 5].map(|n| self.frame(&Vector3::zeros(), n));
        let same = self.mosaic == 0.0 && self.bandwidth == 0.0;
        same.then(of).map(|of| Frames { wider: self.is_wider_along(&of[0].axes), of })
    }

    /// The average around the point Q that is `q` away from the nearest Bragg peak. `peak`: how the intensity goes at
    /// such a distance from it, in any unit; `frames`: of [`Self::frames`].
    pub fn nodes(
        &self,
        q_total: &Vector3<f64>,
        q: &Vector3<f64>,
        level: Level,
        frames: Option<&Frames>,
        peak: &dyn Fn(&Vector3<f64>) -> f64,
    ) -> Nodes {
        let own;
        let Frame { axes, moments, rules } = match (frames, level == Level::Product5) {
            (Some(frames), is_five) => &frames.of[usize::from(is_five)],
            (None, is_five) => {
                own = self.frame(q_total, if is_five { 5 } else { 3 });
                &own
            }
        };
        let sigma = Vector3::from_fn(|k, _| moments[k][2].sqrt());
        let mut nodes = Nodes::default();
        // ½ Σ_ab G_ab ∂²/∂Q_a∂Q_b by the second orthogonal polynomials of the spread along each axis.
        let gaussian = axes.transpose() * self.gaussian * axes;
        let excess = Vector3::from_fn(|k, _| moments[k][4] / moments[k][2].powi(2) - 1.0);
        let wider = |at: &Vector3<f64>| {
            let mut sum = 0.0;
            for k in 0..3 {
                sum += gaussian[(k, k)] / sigma[k].powi(2) * (at[k] * at[k] - 1.0) / excess[k];
                for l in 0..k {
                    sum += gaussian[(k, l)] / (sigma[k] * sigma[l]) * at[k] * at[l];
                }
            }
            sum
        };
        let mut push = |at: Vector3<f64>, weight: f64, width: f64| {
            let offset = axes * at.component_mul(&sigma);
            // A node on the peak itself would be infinite.
            let nudge = if (q + offset).norm() < 1e-6 * sigma.max() { 1e-3 } else { 0.0 };
            nodes.offsets.push(offset + axes * sigma * nudge);
            nodes.weights.push(weight);
            nodes.slopes.push(axes * at.component_div(&sigma) * weight);
            nodes.widths.push(if self.widens { width } else { 0.0 });
        };
        if level == Level::Star {
            let (mut centre, mut narrower) = (1.0, 0.0);
            for k in 0..3 {
                for (x, weight) in rules[k].iter().filter(|(x, _)| x.abs() > 1e-9) {
                    let mut at = Vector3::zeros();
                    at[k] = *x;
                    // A second difference.
                    let width = 0.5 * gaussian[(k, k)] / (sigma[k] * x).powi(2);
                    push(at, *weight, width);
                    centre -= weight;
                    narrower -= width;
                }
            }
            push(Vector3::zeros(), centre, narrower);
        } else {
            for (x, u) in &rules[0] {
                for (y, v) in &rules[1] {
                    for (z, w) in &rules[2] {
                        let at = Vector3::new(*x, *y, *z);
                        push(at, u * v * w, u * v * w * wider(&at));
                    }
                }
            }
        }
        let distance = self.distance(q_total, q);
        if distance < CORRECTED {
            // What the nodes make of the acoustic intensity, and what its average is: as much of it as the intensity has, by a
            // regression over the nodes, is put right.
            let acoustic: Vec<f64> = nodes.offsets.iter().map(|o| peak(&(q + o))).collect();
            let mean = acoustic.iter().sum::<f64>() / acoustic.len() as f64;
            let spread: f64 = acoustic.iter().map(|h| (h - mean).powi(2)).sum();
            let mend = |weights: &mut [f64], right: f64| {
                let ours: f64 = acoustic.iter().zip(&*weights).map(|(h, w)| w * h).sum();
                let missing = right - ours;
                if spread > 0.0 && missing.is_finite() {
                    for (weight, h) in weights.iter_mut().zip(&acoustic) {
                        *weight += missing * (h - mean) / spread;
                    }
                }
            };
            mend(&mut nodes.weights, self.average(q, axes, moments, distance, peak));
            if self.widens {
                let of = |factor: f64| {
                    let other = Resolution { gaussian: self.gaussian * factor, ..self.clone() };
                    let moments =
                        std::array::from_fn(|k| other.moments(q_total, &axes.column(k).into_owned()));
                    other.average(q, axes, &moments, distance, peak)
                };
                mend(&mut nodes.widths, (of(1.0 + WIDER) - of(1.0 - WIDER)) / (2.0 * WIDER));
            }
        }
        nodes
    }

    /// Directions in which the spread is independent to second order, those of the voxel where that is so.
    fn axes(&self, q: &Vector3<f64>) -> Matrix3<f64> {
        let covariance = self.covariance(q);
        let is_diagonal = |axes: &Matrix3<f64>| {
            let m = axes.transpose() * covariance * axes;
            let off = m.upper_triangle() - Matrix3::from_diagonal(&m.diagonal());
            off.amax() < 1e-9 * m.diagonal().amax()
        };
        if self.voxel.determinant() != 0.0 {
            let axes = self.voxel.qr().q();
            if is_diagonal(&axes) {
                return axes;
            }
        }
        if is_diagonal(&Matrix3::identity()) {
            Matrix3::identity()
        } else {
            covariance.symmetric_eigen().eigenvectors
        }
    }

    /// Moments of the spread along a direction, Å⁻¹ to their power.
    fn moments(&self, q: &Vector3<f64>, along: &Vector3<f64>) -> Moments {
        let rest =
            along.dot(&(self.covariance(q) * along)) - (self.voxel.transpose() * along).norm_squared() / 12.0;
        let mut total = gaussian_moments(rest.max(0.0));
        for edge in self.voxel.column_iter() {
            let half = 0.5 * edge.dot(along).abs();
            let uniform: Moments =
                std::array::from_fn(|n| if n % 2 == 0 { half.powi(n as i32) / (n + 1) as f64 } else { 0.0 });
            total = sum_of(&total, &uniform);
        }
        total
    }

    /// The average of `peak` over the spread, by a fine rule.
    fn average(
        &self,
        q: &Vector3<f64>,
        axes: &Matrix3<f64>,
        moments: &[Moments; 3],
        distance: f64,
        peak: &dyn Fn(&Vector3<f64>) -> f64,
    ) -> f64 {
        // Along each axis: the uniform part cut into pieces, each with the nodes of Gauss and Legendre, and the rest, which
        // is a Gaussian, at each of them.
        let (most_pieces, fine) = match distance {
            d if d < NEAREST => (2, rule(&gaussian_moments(1.0), 5)),
            d if d < NEAR => (1, rule(&gaussian_moments(1.0), 5)),
            _ => (1, rule(&gaussian_moments(1.0), 3)),
        };
        let lines: [Rule; 3] = std::array::from_fn(|k| {
            let axis = axes.column(k);
            let edges: f64 = self.voxel.column_iter().map(|e| e.dot(&axis).abs()).fold(0.0, f64::max);
            let gaussian = (moments[k][2] - edges * edges / 12.0).max(0.0).sqrt();
            let mut line = Rule::new();
            let pieces = if edges > 0.0 { most_pieces } else { 1 };
            for piece in 0..pieces {
                for (x, w) in &LEGENDRE[if edges > 0.0 { 0..3 } else { 1..2 }] {
                    let w = if edges > 0.0 { *w / pieces as f64 } else { 1.0 };
                    let at = edges * ((piece as f64 + 0.5 + 0.5 * x) / pieces as f64 - 0.5);
                    if gaussian > 1e-3 * moments[k][2].sqrt() {
                        line.extend(fine.iter().map(|(y, v)| (at + y * gaussian, w * v)));
                    } else {
                        line.push((at, w));
                    }
                }
            }
            line
        });
        let mut sum = 0.0;
        for (x, u) in &lines[0] {
            for (y, v) in &lines[1] {
                let at = q + axes.column(0) * *x + axes.column(1) * *y;
                sum +=
                    u * v * lines[2].iter().map(|(z, w)| w * peak(&(at + axes.column(2) * *z))).sum::<f64>();
            }
        }
        sum
    }
}

/// Gauss–Legendre nodes on −1 … 1 with weights that add up to one.
const LEGENDRE: [(f64, f64); 3] =
    [(-0.774_596_669_241_483_4, 5.0 / 18.0), (0.0, 4.0 / 9.0), (0.774_596_669_241_483_4, 5.0 / 18.0)];

fn gaussian_moments(variance: f64) -> Moments {
    let mut moments = [0.0; 11];
    moments[0] = 1.0;
    for n in (2..11).step_by(2) {
        moments[n] = moments[n - 2] * (n - 1) as f64 * variance;
    }
    moments
}

/// Moments of the sum of two independent variables.
fn sum_of(a: &Moments, b: &Moments) -> Moments {
    std::array::from_fn(|n| {
        let mut binomial = 1.0;
        let mut sum = 0.0;
        for k in 0..=n {
            sum += binomial * a[k] * b[n - k];
            binomial *= (n - k) as f64 / (k + 1) as f64;
        }
        sum
    })
}

/// The rule of Gauss of `n` nodes for these moments, in units of their standard deviation (Golub & Welsch, Math. Comp. 23
/// (1969) 221).
fn rule(moments: &Moments, n: usize) -> Rule {
    let sigma = moments[2].sqrt();
    let scaled = |k: usize| moments[k] / sigma.powi(k as i32);
    let hankel = DMatrix::from_fn(n + 1, n + 1, |i, j| scaled(i + j));
    let Some(cholesky) = hankel.cholesky() else { return vec![(0.0, 1.0)] };
    let r = cholesky.l().transpose();
    let beta = |k: usize| r[(k + 1, k + 1)] / r[(k, k)];
    // Symmetric distributions: the diagonal of the Jacobi matrix vanishes.
    let jacobi = DMatrix::from_fn(n, n, |i, j| if i.abs_diff(j) == 1 { beta(i.min(j)) } else { 0.0 });
    let eigen = jacobi.symmetric_eigen();
    let one = |k: usize| (eigen.eigenvalues[k], eigen.eigenvectors[(0, k)].powi(2));
    (0..n).map(one).collect()
}
