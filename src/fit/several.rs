//! Several data at one point of the model, as one row of sums.

/// Several data at one point of the model. With z the columns of a datum after the rows of the model and f the factor
/// of these rows, Σ w (f, z)(f, z)ᵀ is the outer product of one vector, which goes with the rows as that of a single
/// datum would, and a rest between the columns z.
pub(super) struct Several {
    /// Σ w f².
    rows: f64,
    /// Σ w f z.
    mixed: Vec<f64>,
    /// The rest of all points so far, a square matrix whose lower triangle is filled.
    pub rest: Vec<f64>,
}

impl Several {
    pub fn new(n: usize) -> Self {
        Several { rows: 0.0, mixed: vec![0.0; n], rest: vec![0.0; n * n] }
    }

    pub fn begin(&mut self) {
        self.rows = 0.0;
        self.mixed.fill(0.0);
    }

    pub fn add(&mut self, weight: f64, factor: f64, z: &[f64]) {
        let n = z.len();
        self.rows += weight * factor * factor;
        for (i, a) in z.iter().enumerate() {
            self.mixed[i] += weight * factor * a;
            // The other triangle is the same.
            let (row, a) = (&mut self.rest[i * n..=i * n + i], weight * a);
            row.iter_mut().zip(z).for_each(|(total, b)| *total += a * b);
        }
    }

    /// The one vector: that of the columns in `z`, that of the rows returned.
    pub fn end(&mut self, z: &mut [f64]) -> f64 {
        let root = self.rows.sqrt();
        let n = z.len();
        for (out, x) in z.iter_mut().zip(&self.mixed) {
            *out = if root > 0.0 { x / root } else { 0.0 };
        }
        for (i, a) in z.iter().enumerate() {
            let row = &mut self.rest[i * n..=i * n + i];
            row.iter_mut().zip(z.iter()).for_each(|(total, b)| *total -= a * b);
        }
        root
    }
}
