//! Hermitian matrices as real slots: the diagonal, then the real parts of the upper triangle row by row,
//! then the imaginary parts.

use nalgebra::{Complex, DMatrix};

use super::LANES;

/// Slot of element (i, j), i ≤ j, of a packed Hermitian d × d matrix: (real, imaginary if i < j).
pub fn slot_of(d: usize, i: usize, j: usize) -> (usize, Option<usize>) {
    if i == j {
        return (i, None);
    }
    let upper = i * (2 * d - i - 1) / 2 + (j - i - 1);
    (d + upper, Some(d + d * (d - 1) / 2 + upper))
}

/// Packed slots of one lane to a matrix.
pub(crate) fn unpack(phi: &[[f64; LANES]], lane: usize, d: usize) -> DMatrix<Complex<f64>> {
    let mut m = DMatrix::zeros(d, d);
    for i in 0..d {
        for j in i..d {
            let (re, im) = slot_of(d, i, j);
            let z = Complex::new(phi[re][lane], im.map_or(0.0, |s| phi[s][lane]));
            m[(i, j)] = z;
            m[(j, i)] = z.conj();
        }
    }
    m
}

/// A Hermitian adjoint into packed slots, off-diagonals doubled.
pub(crate) fn pack(adjoint: &DMatrix<Complex<f64>>, weight: f64, lane: usize, out: &mut [[f64; LANES]]) {
    let d = adjoint.nrows();
    for i in 0..d {
        out[i][lane] = weight * adjoint[(i, i)].re;
        for j in i + 1..d {
            let (re, im) = slot_of(d, i, j);
            out[re][lane] = 2.0 * weight * adjoint[(i, j)].re;
            if let Some(im) = im {
                out[im][lane] = 2.0 * weight * adjoint[(i, j)].im;
            }
        }
    }
}
