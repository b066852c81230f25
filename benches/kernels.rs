//! How fast the kernels are, native.

use criterion::{criterion_group, criterion_main};

criterion_group!(kernels);
criterion_main!(kernels);
