//! Cholesky factors of large real matrices by blocks, so that nearly all work is products of matrices.

use std::ops::Range;

use nalgebra::DMatrix;

use super::root::halve_upper;

const BLOCK: usize = 64;

/// Ranges of at most [`BLOCK`] rows.
fn blocks(n: usize) -> Vec<Range<usize>> {
    (0..n).step_by(BLOCK).map(|i| i..(i + BLOCK).min(n)).collect()
}

/// L⁻¹ of a symmetric H = L Lᵀ; `None` when H is not positive definite. Of H the lower triangle is used.
pub fn inverse_factor(mut h: DMatrix<f64>) -> Option<DMatrix<f64>> {
    let n = h.nrows();
    let mut inverse = DMatrix::zeros(n, n);
    for k in blocks(n) {
        let width = k.len();
        let pivot = h.view((k.start, k.start), (width, width)).into_owned().cholesky()?.unpack();
        if !pivot.diagonal().iter().all(|x| *x > 0.0 && x.is_finite()) {
            return None;
        }
        let pivot_inverse = pivot.solve_lower_triangular(&DMatrix::identity(width, width))?;
        // Column of L below the pivot, then the rest of H.
        let below = k.end..n;
        let column = h.view((below.start, k.start), (below.len(), width)) * pivot_inverse.transpose();
        let row = column.transpose();
        for j in blocks(n).into_iter().filter(|j| j.start >= k.end) {
            let from = j.start - k.end;
            h.view_mut((j.start, j.start), (n - j.start, j.len())).gemm(
                -1.0,
                &column.rows(from, n - j.start),
                &row.columns(from, j.len()),
                1.0,
            );
        }
        h.view_mut((below.start, k.start), (below.len(), width)).copy_from(&column);
        inverse.view_mut((k.start, k.start), (width, width)).copy_from(&pivot_inverse);
    }
    // Row i of X = L⁻¹ left of its pivot: −L_ii⁻¹ Σ_k L_ik X_k.
    for i in blocks(n) {
        let mut sum = DMatrix::zeros(i.len(), i.start);
        for k in blocks(i.start) {
            sum.columns_mut(0, k.end).gemm(
                1.0,
                &h.view((i.start, k.start), (i.len(), k.len())),
                &inverse.view((k.start, 0), (k.len(), k.end)),
                1.0,
            );
        }
        let pivot_inverse = inverse.view((i.start, i.start), (i.len(), i.len())).into_owned();
        inverse.view_mut((i.start, 0), (i.len(), i.start)).gemm(-1.0, &pivot_inverse, &sum, 0.0);
    }
    Some(inverse)
}

/// Xᵀ K X for a lower triangular X and an upper triangular K.
fn sandwich(x: &DMatrix<f64>, k: DMatrix<f64>) -> DMatrix<f64> {
    let n = x.nrows();
    let transposed = x.transpose();
    let mut upper = DMatrix::zeros(n, n);
    for i in blocks(n) {
        for l in blocks(n).into_iter().filter(|l| l.start >= i.start) {
            upper.view_mut((i.start, l.start), (i.len(), n - l.start)).gemm(
                1.0,
                &transposed.view((i.start, l.start), (i.len(), l.len())),
                &k.view((l.start, l.start), (l.len(), n - l.start)),
                1.0,
            );
        }
    }
    let mut out = DMatrix::zeros(n, n);
    for l in blocks(n) {
        out.view_mut((0, 0), (l.end, l.end)).gemm(
            1.0,
            &upper.view((0, l.start), (l.end, l.len())),
            &x.view((l.start, 0), (l.len(), l.end)),
            1.0,
        );
    }
    out
}

/// Of samples u = L^{-T} z, from their derivatives in the columns of `u_bar` and z in the rows of `z`: −A, where ½(A + Aᵀ) is
/// the derivative to H.
pub fn adjoint(inverse: &DMatrix<f64>, u_bar: DMatrix<f64>, z: &DMatrix<f64>) -> DMatrix<f64> {
    // w zᵀ, upper triangle: −Pᵀ.
    let mut k = inverse * u_bar * z;
    halve_upper(&mut k, 0.0);
    sandwich(inverse, k)
}
