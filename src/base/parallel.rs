//! Work shared among threads where there are any.

/// Results of `work(0..n)`, in order. `size` measures the work: a little is not worth a thread.
#[cfg(not(target_arch = "wasm32"))]
pub fn in_parallel<T: Send>(n: usize, size: usize, work: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(n);
    // Starting threads costs more than a few blocks.
    if threads == 1 || size < 64 {
        return (0..n).map(work).collect();
    }
    let mut parts: Vec<Option<T>> = (0..n).map(|_| None).collect();
    let share = n.div_ceil(threads);
    std::thread::scope(|scope| {
        for (t, chunk) in parts.chunks_mut(share).enumerate() {
            scope.spawn(move || {
                for (k, slot) in chunk.iter_mut().enumerate() {
                    *slot = Some(work(t * share + k));
                }
            });
        }
    });
    parts.into_iter().flatten().collect()
}

#[cfg(target_arch = "wasm32")]
pub fn in_parallel<T>(n: usize, _size: usize, work: &dyn Fn(usize) -> T) -> Vec<T> {
    (0..n).map(work).collect()
}
