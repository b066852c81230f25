//! One atom among its neighbours: its features with their derivatives, and its energy to second order.

use std::collections::HashMap;

use super::Number;

pub(super) type Vector<T> = [T; 3];
/// Row by row.
pub(super) type Block<T> = [T; 9];

/// The features of one atom with their derivatives to the places of its neighbours.
#[derive(Debug, Clone)]
pub(super) struct Geometry<T> {
    pub values: Vec<T>,
    /// By feature and neighbour.
    pub gradient: Vec<Vec<Vector<T>>>,
    /// Second derivatives to the place of one neighbour, by feature and neighbour.
    pub own: Vec<Vec<Block<T>>>,
    /// Second derivatives to the places of two neighbours, the first before the second; by feature.
    pub mixed: Vec<(usize, usize, Vec<Block<T>>)>,
}

/// The energy of one atom to second order in the places of its neighbours.
pub(super) struct Site<T> {
    /// ∂s_k/∂d_j, by neighbour and feature.
    pub gradient: Vec<Vec<Vector<T>>>,
    /// Σ_l F_kl ∂s_l/∂d_j, by neighbour and feature.
    pub bent: Vec<Vec<Vector<T>>>,
    /// Sum of `gradient` over the neighbours.
    pub all: Vec<Vector<T>>,
    /// Σ_k F_k ∂²s_k/∂d_j².
    pub own: Vec<Block<T>>,
    pub mixed: HashMap<(usize, usize), Block<T>>,
    /// Σ_j Σ_k F_k ∂²s_k/∂d_j∂d_j', by neighbour j'.
    pub column: Vec<Block<T>>,
}

impl Geometry<f64> {
    pub fn lifted<T: Number>(&self) -> Geometry<T> {
        let vector = |v: &Vector<f64>| v.map(T::from);
        let block = |b: &Block<f64>| b.map(T::from);
        Geometry {
            values: self.values.iter().map(|x| T::from(*x)).collect(),
            gradient: self.gradient.iter().map(|all| all.iter().map(vector).collect()).collect(),
            own: self.own.iter().map(|all| all.iter().map(block).collect()).collect(),
            mixed: self.mixed.iter().map(|(a, b, all)| (*a, *b, all.iter().map(block).collect())).collect(),
        }
    }
}

impl<T: Number> Site<T> {
    /// From the derivatives of the energy to the features, F_k and F_kl.
    pub fn new(geometry: &Geometry<T>, first: &[T], second: &[T]) -> Self {
        let k = geometry.values.len();
        let n = geometry.own.first().map_or(0, Vec::len);
        let weighted = |blocks: &mut dyn Iterator<Item = &Block<T>>| {
            let mut sum = [T::zero(); 9];
            for (block, weight) in blocks.zip(first) {
                sum.iter_mut().zip(block).for_each(|(s, x)| *s += *x * *weight);
            }
            sum
        };
        let own: Vec<Block<T>> =
            (0..n).map(|j| weighted(&mut geometry.own.iter().map(|of| &of[j]))).collect();
        let mut column = own.clone();
        let mut mixed = HashMap::new();
        for (a, b, blocks) in &geometry.mixed {
            let block = weighted(&mut blocks.iter());
            column[*b].iter_mut().zip(block).for_each(|(s, x)| *s += x);
            column[*a].iter_mut().zip(transposed(&block)).for_each(|(s, x)| *s += x);
            mixed.insert((*a, *b), block);
        }
        let gradient: Vec<Vec<Vector<T>>> =
            (0..n).map(|j| (0..k).map(|f| geometry.gradient[f][j]).collect()).collect();
        let mut all = vec![[T::zero(); 3]; k];
        for of in &gradient {
            for (sum, x) in all.iter_mut().zip(of) {
                (0..3).for_each(|a| sum[a] += x[a]);
            }
        }
        let bend = |of: &Vec<Vector<T>>| -> Vec<Vector<T>> {
            (0..k)
                .map(|a| {
                    std::array::from_fn(|x| (0..k).fold(T::zero(), |s, b| s + second[a * k + b] * of[b][x]))
                })
                .collect()
        };
        let bent = gradient.iter().map(bend).collect();
        Site { gradient, bent, all, own, mixed, column }
    }

    /// H_jj'.
    pub fn block(&self, j: usize, other: usize) -> Block<T> {
        let mut out = if j == other {
            self.own[j]
        } else if j < other {
            self.mixed.get(&(j, other)).copied().unwrap_or([T::zero(); 9])
        } else {
            self.mixed.get(&(other, j)).map_or([T::zero(); 9], transposed)
        };
        add_products(&mut out, &self.gradient[j], &self.bent[other]);
        out
    }

    /// Σ_j H_jj'.
    pub fn summed(&self, other: usize) -> Block<T> {
        let mut out = self.column[other];
        add_products(&mut out, &self.all, &self.bent[other]);
        out
    }
}

fn add_products<T: Number>(out: &mut Block<T>, left: &[Vector<T>], right: &[Vector<T>]) {
    for (l, r) in left.iter().zip(right) {
        for a in 0..3 {
            for b in 0..3 {
                out[3 * a + b] += l[a] * r[b];
            }
        }
    }
}

pub(super) fn transposed<T: Copy>(block: &Block<T>) -> Block<T> {
    std::array::from_fn(|n| block[3 * (n % 3) + n / 3])
}
