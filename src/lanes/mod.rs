//! Many points at once: blocks of [`LANES`] numbers, matrices packed into such blocks, and the loops
//! over them.

mod hermitian;
mod simd;
mod symmetric;

pub use hermitian::slot_of;
pub(crate) use hermitian::{pack, unpack};
pub(crate) use simd::polynomial;
pub use simd::{
    Fused, InRegisters, LANES, Lanes, REGISTER, REGISTERS, Register, add_product, add_scaled, clear, dot,
    exp, multiply, same,
};
pub(crate) use symmetric::quadratic;
pub use symmetric::{PACKED, PACKED_COUNT, Packed, pack_tensor, unpack_tensor};
