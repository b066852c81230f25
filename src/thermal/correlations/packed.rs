//! Symmetric tensors in six numbers.

use nalgebra::Matrix3;

/// Symmetric tensor: xx yy zz xy xz yz.
pub type Packed = [f64; 6];
/// Row and column of each packed entry.
pub const PACKED: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)];
/// How often each packed entry stands in the tensor.
pub const PACKED_COUNT: Packed = [1.0, 1.0, 1.0, 2.0, 2.0, 2.0];

pub fn pack_tensor(m: &Matrix3<f64>) -> Packed {
    PACKED.map(|(i, j)| 0.5 * (m[(i, j)] + m[(j, i)]))
}

pub fn unpack_tensor(c: &Packed) -> Matrix3<f64> {
    Matrix3::new(c[0], c[3], c[4], c[3], c[1], c[5], c[4], c[5], c[2])
}
