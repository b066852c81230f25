//! How fast the kernels are, native.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tds_benches::{Pass, Statistics, multiply_adds};

const PIXELS: usize = 32_768;
const BLOCKS: usize = 10_000;

fn kernels(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fcc, 16 constants");
    for (name, statistics) in [("classical", Statistics::Classical), ("quantum", Statistics::Quantum)] {
        let mut pass = Pass::new(statistics, PIXELS).expect("a set of the library");
        assert_eq!(pass.n_parameters(), 16);
        group.throughput(Throughput::Elements(PIXELS as u64));
        group.bench_function(format!("{name}, intensity + Jacobian + normal matrix"), |bencher| {
            bencher.iter(|| pass.run());
        });
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("{name}, U and its derivatives"), |bencher| {
            bencher.iter(|| pass.mean_square());
        });
    }
    group.throughput(Throughput::Elements(BLOCKS as u64 * 256));
    group.bench_function("multiply-adds, to compare with", |bencher| {
        bencher.iter(|| multiply_adds(black_box(BLOCKS)));
    });
}

criterion_group!(benches, kernels);
criterion_main!(benches);
