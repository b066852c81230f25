//! What one pixel takes, by atoms in the cell: run by `cargo xtask bench atoms`, which gives the shape of the cell. One JSON
//! object on the standard output: seconds for each pixel, of several runs the fastest of each block of pixels, in one thread,
//! and bytes.

use std::time::Instant;

use tds_benches::{Polyatomic, Statistics};

const RUNS: usize = 25;
/// Pixels whose memory is measured.
const HELD: usize = 4096;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|x| x.parse().ok()).collect();
    for shape in numbers.chunks_exact(3) {
        let shape = [shape[0], shape[1], shape[2]];
        let atoms = shape.iter().product();
        let (mut seconds, mut bytes) = ([0.0; 2], None);
        // First of all: memory that was given back would be taken again.
        let before = resident();
        let mut model =
            Polyatomic::new(shape, Statistics::Classical, 300.0, HELD).expect("a crystal of the benchmark");
        assert!(model.run().is_finite(), "the work failed");
        if let (Some(before), Some(after)) = (before, resident()) {
            bytes = Some(after.saturating_sub(before) / HELD as u64);
        }
        drop(model);
        for (seconds, statistics) in seconds.iter_mut().zip([Statistics::Classical, Statistics::Quantum]) {
            let n = Polyatomic::pixels(atoms);
            let mut model = Polyatomic::new(shape, statistics, 300.0, n).expect("a crystal of the benchmark");
            // Block by block: short work meets moments in which nothing else runs.
            let mut fastest = vec![f64::INFINITY; model.blocks()];
            for _ in 0..RUNS {
                for (b, fastest) in fastest.iter_mut().enumerate() {
                    let start = Instant::now();
                    assert!(model.block(b).is_finite(), "the work failed");
                    *fastest = fastest.min(start.elapsed().as_secs_f64());
                }
            }
            *seconds = fastest.iter().sum::<f64>() / n as f64;
        }
        let [classical, quantum] = seconds;
        let bytes = bytes.map_or_else(|| "null".to_owned(), |bytes| bytes.to_string());
        println!(
            "{{\"atoms\": {atoms}, \"classical\": {classical:e}, \"quantum\": {quantum:e}, \"bytes\": {bytes}, \"constants\": {}}}",
            Polyatomic::CONSTANTS
        );
    }
}

/// Bytes of memory that this process has; only Linux says.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}
