//! How fast the kernels are, native.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tds_benches::{AllOrders, Dipoles, Pass, Polyatomic, Sampling, Statistics, diagonalise, multiply_adds};
use tds_inversion::scattering::Sampler;

const PIXELS: usize = 32_768;
const BLOCKS: usize = 10_000;
const WAVES: usize = 4096;
/// As many as the example has after folding.
const POINTS: usize = 1466;

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
    group.finish();

    polyatomic(criterion);

    let mut group = criterion.benchmark_group("sampled, 256 atoms, 961 points, 16 samples");
    group.sample_size(20);
    for (name, sampler) in [("block", Sampler::Block), ("dense", Sampler::Dense)] {
        let sampling = Sampling::new(sampler).expect("a set of the library");
        group.bench_function(format!("{name}, value + gradient"), |bencher| bencher.iter(|| sampling.run()));
    }
    group.finish();

    let mut dipoles = Dipoles::new(WAVES).expect("a crystal of the benchmark");
    let mut group = criterion.benchmark_group("dipoles, ten atoms");
    group.sample_size(20);
    group.throughput(Throughput::Elements(WAVES as u64));
    group.bench_function("Φ at wave vectors", |bencher| bencher.iter(|| dipoles.run()));
    group.finish();

    let all = AllOrders::new(POINTS).expect("a set of the library");
    let mut group = criterion.benchmark_group("all orders, 1466 pixels, quantum");
    group.sample_size(20);
    group.throughput(Throughput::Elements(all.n_terms() as u64));
    group.bench_function("correlations and intensities", |bencher| bencher.iter(|| all.values()));
    group.bench_function("correlations and gradient", |bencher| bencher.iter(|| all.gradient()));
    group.bench_function("correlations and Jacobian", |bencher| bencher.iter(|| all.jacobian()));
}

fn polyatomic(criterion: &mut Criterion) {
    for (atoms, shape) in [(2, [2, 1, 1]), (6, [3, 2, 1]), (10, [5, 2, 1]), (20, [5, 2, 2])] {
        let n = Polyatomic::pixels(atoms);
        let mut group = criterion.benchmark_group(format!("{atoms} atoms, 30 constants"));
        group.sample_size(10);
        for (name, statistics, temperature_k) in [
            ("classical", Statistics::Classical, 300.0),
            ("quantum, 300 K", Statistics::Quantum, 300.0),
            ("quantum, 20 K", Statistics::Quantum, 20.0),
        ] {
            let mut model =
                Polyatomic::new(shape, statistics, temperature_k, n).expect("a crystal of the benchmark");
            group.throughput(Throughput::Elements(n as u64));
            group.bench_function(format!("{name}, intensity + Jacobian"), |bencher| {
                bencher.iter(|| model.run());
            });
            group.bench_function(format!("{name}, intensity"), |bencher| bencher.iter(|| model.values()));
            group.throughput(Throughput::Elements(1));
            group.bench_function(format!("{name}, U and its derivatives"), |bencher| {
                bencher.iter(|| model.mean_square());
            });
        }
        group.throughput(Throughput::Elements(64));
        group.bench_function("eigenvalues and vectors, to compare with", |bencher| {
            bencher.iter(|| diagonalise(atoms, 64));
        });
        group.finish();
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
