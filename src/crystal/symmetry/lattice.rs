//! Reduced bases of lattices and the rotations that preserve a lattice.

use nalgebra::{Matrix3, Vector3};

/// Lengths in Å that differ by less are equal: a basis that is reduced stays as it is.
const EQUAL: f64 = 1e-8;

/// Unimodular T with which `basis`·T is a right-handed Minkowski-reduced basis.
///
/// None when rounding keeps the reduction from ending, for lattices that are all but flat.
pub fn reduction(basis: &Matrix3<f64>) -> Option<Matrix3<i32>> {
    let mut t = Matrix3::<i32>::identity();
    for _ in 0..1000 {
        let mut b = basis * t.map(f64::from);
        for (i, j) in [(0, 1), (1, 2), (0, 1)] {
            if b.column(i).norm() > b.column(j).norm() + EQUAL {
                b.swap_columns(i, j);
                t.swap_columns(i, j);
            }
        }
        let Some((k, change)) = shorter(&b) else {
            return Some(if b.determinant() < 0.0 { -t } else { t });
        };
        let column = t.column(k) + t * change;
        t.set_column(k, &column);
    }
    None
}

/// A column that adding multiples of the shorter ones makes shorter, and the multiples.
fn shorter(b: &Matrix3<f64>) -> Option<(usize, Vector3<i32>)> {
    for k in 1..3 {
        let length = b.column(k).norm();
        let better = |change: Vector3<i32>| {
            let new = b.column(k) + b * change.map(f64::from);
            (new.norm() + EQUAL < length).then_some((k, change))
        };
        for i in 0..k {
            let mut change = Vector3::zeros();
            change[i] = -(b.column(i).dot(&b.column(k)) / b.column(i).norm_squared()).round() as i32;
            if let Some(found) = better(change) {
                return Some(found);
            }
        }
        if k == 2 {
            for (x, y) in [(1, 1), (1, -1), (-1, 1), (-1, -1)] {
                if let Some(found) = better(Vector3::new(x, y, 0)) {
                    return Some(found);
                }
            }
        }
    }
    None
}

/// The integer matrices that preserve the lengths and angles of a Minkowski-reduced basis within
/// `tolerance` (Å), the identity first; None unless they form a group.
pub fn rotations(basis: &Matrix3<f64>, tolerance: f64) -> Option<Vec<Matrix3<i32>>> {
    let lengths = [0, 1, 2].map(|k| basis.column(k).norm());
    // The images of the vectors of a reduced basis have no other components than these.
    let mut candidates: [Vec<Vector3<i32>>; 3] = Default::default();
    for n in 0..27 {
        let whole = Vector3::new(n / 9 - 1, n / 3 % 3 - 1, n % 3 - 1);
        let length = (basis * whole.map(f64::from)).norm();
        for k in 0..3 {
            if (length - lengths[k]).abs() < tolerance {
                candidates[k].push(whole);
            }
        }
    }
    let alike = |u: &Vector3<i32>, v: &Vector3<i32>, i: usize, j: usize| {
        let (u, v) = (basis * u.map(f64::from), basis * v.map(f64::from));
        let (a, b): (Vector3<f64>, Vector3<f64>) = (basis.column(i).into(), basis.column(j).into());
        let off = (angle(&u, &v) - angle(&a, &b)).sin();
        let arms = (u.norm() + lengths[i]) * (v.norm() + lengths[j]) / 4.0;
        off * off * arms < tolerance * tolerance
    };
    let mut found = vec![Matrix3::identity()];
    for a in &candidates[0] {
        for b in candidates[1].iter().filter(|b| alike(a, b, 0, 1)) {
            for c in &candidates[2] {
                let w = Matrix3::from_columns(&[*a, *b, *c]);
                if determinant(&w).abs() == 1 && alike(b, c, 1, 2) && alike(c, a, 2, 0) && w != found[0] {
                    found.push(w);
                }
            }
        }
    }
    let closed = found.len() <= 48 && {
        let places = Places::new(&found);
        found.iter().all(|a| found.iter().all(|b| places.of(&(a * b)).is_some()))
    };
    closed.then_some(found)
}

/// Where each of several matrices of −1, 0 and 1 stands among them: looked up once for every pair of a group.
pub struct Places(Vec<u8>);

/// At no place.
const NOWHERE: u8 = u8::MAX;

impl Places {
    /// `matrices`: fewer than 255.
    pub fn new<'a>(matrices: impl IntoIterator<Item = &'a Matrix3<i32>>) -> Self {
        let mut places = vec![NOWHERE; 3_usize.pow(9)];
        for (at, matrix) in (0..NOWHERE).zip(matrices) {
            if let Some(number) = number(matrix) {
                places[number] = at;
            }
        }
        Places(places)
    }

    pub fn of(&self, matrix: &Matrix3<i32>) -> Option<usize> {
        let at = self.0[number(matrix)?];
        (at != NOWHERE).then_some(at.into())
    }
}

/// The entries as digits; none for others than −1, 0 and 1.
fn number(matrix: &Matrix3<i32>) -> Option<usize> {
    matrix.iter().try_fold(0, |number, &x| (-1..=1).contains(&x).then(|| 3 * number + (x + 1) as usize))
}

fn angle(a: &Vector3<f64>, b: &Vector3<f64>) -> f64 {
    a.cross(b).norm().atan2(a.dot(b))
}

fn determinant(m: &Matrix3<i32>) -> i32 {
    (0..3)
        .map(|k| {
            let (i, j) = ((k + 1) % 3, (k + 2) % 3);
            m[(0, k)] * (m[(1, i)] * m[(2, j)] - m[(1, j)] * m[(2, i)])
        })
        .sum()
}

/// A basis, as columns in units of 1/n, of the lattice that the whole vectors and `translations` span;
/// None unless it has `n` points in the cell, that is, unless the n translations form a group.
pub fn spanned(translations: &[Vector3<f64>]) -> Option<Matrix3<f64>> {
    let n = translations.len() as i64;
    let mut basis = [0, 1, 2].map(|k| [0, 1, 2].map(|i| if i == k { n } else { 0 }));
    for t in translations {
        let mut rest: [i64; 3] = std::array::from_fn(|i| (t[i] * n as f64).round() as i64);
        // Euclid's algorithm along one axis after the other; basis[k] has no components before k.
        for k in 0..3 {
            while rest[k] != 0 {
                let q = basis[k][k] / rest[k];
                for i in k..3 {
                    basis[k][i] -= q * rest[i];
                    if i > k {
                        basis[k][i] %= n;
                    }
                }
                std::mem::swap(&mut basis[k], &mut rest);
            }
        }
    }
    let cells = basis[0][0] * basis[1][1] * basis[2][2];
    (cells.abs() == n * n).then(|| Matrix3::from_fn(|i, k| basis[k][i] as f64 / n as f64))
}
