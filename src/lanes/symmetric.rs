//! Symmetric tensors in six numbers.

use nalgebra::Matrix3;

use super::{InRegisters, LANES, Lanes, REGISTERS, same};

/// Symmetric tensor: xx yy zz xy xz yz.
pub type Packed = [f64; 6];
/// Row and column of each packed entry.
pub const PACKED: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)];
/// How often each packed entry stands in the tensor.
pub const PACKED_COUNT: Packed = [1.0, 1.0, 1.0, 2.0, 2.0, 2.0];

/// The six independent elements of a symmetric 3 × 3 matrix.
pub fn pack_tensor(m: &Matrix3<f64>) -> Packed {
    PACKED.map(|(i, j)| 0.5 * (m[(i, j)] + m[(j, i)]))
}

/// The matrix of six independent elements.
pub fn unpack_tensor(c: &Packed) -> Matrix3<f64> {
    Matrix3::new(c[0], c[3], c[4], c[3], c[1], c[5], c[4], c[5], c[2])
}

/// qᵀ M q for every lane.
pub(crate) fn quadratic(m: &Matrix3<f64>, q: &[Lanes; 3]) -> Lanes {
    let mut out = [0.0; LANES];
    let twice = |i: usize, j: usize| same(m[(i, j)] + m[(j, i)]);
    let half = same(0.5);
    let (xx, yy, zz) = (half * twice(0, 0), half * twice(1, 1), half * twice(2, 2));
    let (xy, xz, yz) = (twice(0, 1), twice(0, 2), twice(1, 2));
    for i in 0..REGISTERS {
        let (x, y, z) = (q[0].register(i), q[1].register(i), q[2].register(i));
        out.set_register(i, x * (xx * x + xy * y + xz * z) + y * (yy * y + yz * z) + z * zz * z);
    }
    out
}
