//! Heavy sums are made in pieces, in this order whatever makes them: threads, or the workers of a page.
//!
//! A page cannot wait: a worker that computes for seconds hears nobody. What is heavy is therefore
//! written as a future that stands still at every [`Pool::ranges`] until all pieces are there. With
//! threads they are made on the spot, and [`now`] has the value. In a page an [`Exchange`] hands them
//! out one at a time, so that a message is heard between any two; and since every worker follows the
//! same steps on the same job, a piece that one of them made serves all, bit by bit the same.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::ops::Range;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Floating-point operations of one piece: ten to thirty milliseconds in a page.
const PIECE: f64 = 1e7;
/// Fewer are not worth a thread.
const WORTH_A_THREAD: f64 = 1e6;
/// With less work than for so many pieces, some hundredths of a second, each worker of a page does all of it by
/// itself.
const WORTH_A_MESSAGE: usize = 5;
/// So long work goes on before it rests, microseconds.
const STRETCH: f64 = 2e4;
/// Enough for any number of threads; a piece more costs next to nothing.
const LEAST_PIECES: usize = 16;

/// Who makes the pieces.
#[derive(Clone)]
pub enum Pool {
    /// So many threads; where there are none, this one.
    Threads(usize),
    /// Whoever drives the exchange.
    Exchange(Rc<Exchange>),
}

impl Pool {
    /// All cores of this machine.
    pub fn here() -> Self {
        let threads = if cfg!(target_arch = "wasm32") {
            1
        } else {
            match THREADS.load(std::sync::atomic::Ordering::Relaxed) {
                0 => std::thread::available_parallelism().map_or(1, usize::from),
                n => n,
            }
        };
        Pool::Threads(threads)
    }

    /// Says what is being computed, such as “89 constants”, to who waits for it.
    pub async fn tell(&self, words: impl FnOnce() -> String) {
        if let Pool::Exchange(exchange) = self {
            exchange.words.replace(words());
            rest().await;
        }
    }

    /// `work(range)` for ranges that together make up `0..items`, in their order. How many they are depends
    /// on `items` and `cost`, the floating-point operations of one item, alone.
    pub async fn ranges<T: Wire>(
        &self,
        items: usize,
        cost: f64,
        work: &(dyn Fn(Range<usize>) -> T + Sync),
    ) -> Vec<T> {
        let piece = |range| -> Piece<'_, Vec<f64>> {
            let part = encoded(&work(range));
            Box::pin(std::future::ready(part))
        };
        decoded(self.parts(items, cost, &piece).await)
    }

    /// The same of work that [rests](rest) now and then: for items that take long each.
    pub async fn stretches<'a, T: Wire + 'a>(
        &self,
        items: usize,
        cost: f64,
        work: &'a (dyn Fn(Range<usize>) -> Piece<'a, T> + Sync + 'a),
    ) -> Vec<T> {
        let piece = |range| -> Piece<'_, Vec<f64>> {
            let piece = work(range);
            Box::pin(async { encoded(&piece.await) })
        };
        decoded(self.parts(items, cost, &piece).await)
    }

    /// Whatever the pieces hold, this is one piece of code.
    async fn parts<'a>(
        &self,
        items: usize,
        cost: f64,
        work: &(dyn Fn(Range<usize>) -> Piece<'a, Vec<f64>> + Sync),
    ) -> Vec<Vec<f64>> {
        let total = cost * items as f64;
        let by_cost = (total / PIECE).ceil() as usize;
        let least = if total > WORTH_A_THREAD { LEAST_PIECES } else { 1 };
        let n = by_cost.max(least).min(items);
        let piece = |i: usize| work(i * items / n..(i + 1) * items / n);
        match self {
            Pool::Exchange(exchange) if by_cost >= WORTH_A_MESSAGE => exchange.pieces(n, &piece).await,
            Pool::Threads(threads) if total > WORTH_A_THREAD => in_threads(*threads, n, &|i| now(piece(i))),
            Pool::Threads(_) => (0..n).map(|i| now(piece(i))).collect(),
            // What every worker makes by itself, it rests between.
            Pool::Exchange(_) => {
                let mut parts = Vec::with_capacity(n);
                for i in 0..n {
                    if i % 4 == 3 {
                        rest().await;
                    }
                    parts.push(piece(i).await);
                }
                parts
            }
        }
    }
}

fn encoded<T: Wire>(value: &T) -> Vec<f64> {
    let mut out = Vec::new();
    value.put(&mut out);
    out
}

fn decoded<T: Wire>(parts: Vec<Vec<f64>>) -> Vec<T> {
    // Each is given back as soon as it is read: together they may be most of what there is.
    let mut out = Vec::with_capacity(parts.len());
    for part in parts {
        out.push(T::take(&mut part.as_slice()));
    }
    out
}

/// The making of one piece.
pub type Piece<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Lets messages be heard in the middle of what takes long.
pub async fn rest() {
    let mut rested = false;
    poll_fn(|_| if std::mem::replace(&mut rested, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// `work(range)` for ranges that together make up `0..items`, in their order, with [rests](rest) between them: for what
/// is no sum, or is done sooner than told. `cost`: microseconds that one item takes in a page, roughly.
pub async fn resting(items: usize, cost: f64, work: &mut dyn FnMut(Range<usize>)) {
    let at_once = ((STRETCH / cost) as usize).max(1);
    for first in (0..items).step_by(at_once) {
        if first > 0 {
            rest().await;
        }
        work(first..items.min(first + at_once));
    }
}

/// The values of `value(i)` for all `i` in `0..items`; otherwise as [`together`].
#[cfg(not(target_arch = "wasm32"))]
pub async fn restfully<T: Send>(items: usize, cost: f64, value: impl Fn(usize) -> T + Sync) -> Vec<T> {
    together(items, cost, |range| range.map(&value).collect()).await
}

/// The values of `value(i)` for all `i` in `0..items`; otherwise as [`resting`].
#[cfg(target_arch = "wasm32")]
pub async fn restfully<T>(items: usize, cost: f64, value: impl Fn(usize) -> T) -> Vec<T> {
    let mut out = Vec::with_capacity(items);
    resting(items, cost, &mut |range| out.extend(range.map(&value))).await;
    out
}

/// What `part(range)` makes for ranges that together make up `0..items`, one after the other: by all cores of a machine,
/// in a page with rests as [`resting`].
pub async fn together<T: Send>(
    items: usize,
    cost: f64,
    part: impl Fn(Range<usize>) -> Vec<T> + Sync,
) -> Vec<T> {
    #[cfg(not(target_arch = "wasm32"))]
    if cost * items as f64 > WORTH_CORES {
        return by_cores(items, &part).into_iter().flatten().collect();
    }
    let mut out = Vec::with_capacity(items);
    resting(items, cost, &mut |range| out.extend(part(range))).await;
    out
}

/// Microseconds in a page from which on threads are started for it.
#[cfg(not(target_arch = "wasm32"))]
const WORTH_CORES: f64 = 5_000.0;

/// `part(range)` for ranges that together make up `0..items`, in their order, by all cores of this machine.
#[cfg(not(target_arch = "wasm32"))]
pub fn by_cores<T: Send>(items: usize, part: &(dyn Fn(Range<usize>) -> T + Sync)) -> Vec<T> {
    let Pool::Threads(threads) = Pool::here() else { return vec![part(0..items)] };
    let n = LEAST_PIECES.min(items);
    in_threads(threads, n, &|i| part(i * items / n..(i + 1) * items / n))
}

/// Threads that [`Pool::here`] stands for; 0 means one for each core.
static THREADS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

/// Sets how many threads [`Pool::here`] stands for from now on; 0 means one for each core.
pub fn set_threads(n: usize) {
    THREADS.store(n, std::sync::atomic::Ordering::Relaxed);
}

/// The threads take the next piece as they become free.
#[cfg(not(target_arch = "wasm32"))]
fn in_threads<T: Send>(threads: usize, n: usize, piece: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let next = AtomicUsize::new(0);
    let work = || {
        let mut made = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= n {
                return made;
            }
            made.push((i, piece(i)));
        }
    };
    std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads.min(n)).map(|_| scope.spawn(work)).collect();
        let mut made = work();
        for helper in helpers {
            match helper.join() {
                Ok(more) => made.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        made.sort_unstable_by_key(|(i, _)| *i);
        made.into_iter().map(|(_, part)| part).collect()
    })
}

#[cfg(target_arch = "wasm32")]
fn in_threads(_threads: usize, n: usize, piece: &dyn Fn(usize) -> Vec<f64>) -> Vec<Vec<f64>> {
    (0..n).map(piece).collect()
}

/// The value of a future whose pieces are made by threads: it never stands still.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    finish(pin!(future))
}

fn finish<T>(mut future: Pin<&mut dyn Future<Output = T>>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

/// Pieces of the sum at which a future stands still.
#[derive(Default)]
pub struct Exchange {
    /// Encoded, as far as they are there; `None` while the future runs.
    parts: RefCell<Option<Vec<Option<Vec<f64>>>>>,
    /// The piece that is to be made when the future is polled.
    order: Cell<Option<usize>>,
    /// How many sums there were.
    serial: Cell<usize>,
    /// What is being computed, for people; empty before anybody said.
    words: RefCell<String>,
}

impl Exchange {
    /// What is being computed, for people; empty before anybody said.
    pub fn words(&self) -> String {
        self.words.borrow().clone()
    }

    /// Which sum the future stands at, counted from one, and how many pieces it has; `None` where it does not.
    pub fn wants(&self) -> Option<(usize, usize)> {
        self.parts.borrow().as_ref().map(|parts| (self.serial.get(), parts.len()))
    }

    /// Whether all pieces are there.
    pub fn is_complete(&self) -> bool {
        self.parts.borrow().as_ref().is_none_or(|parts| parts.iter().all(Option::is_some))
    }

    /// Whether piece `i` is there.
    pub fn has(&self, i: usize) -> bool {
        self.parts.borrow().as_ref().is_some_and(|parts| parts.get(i).is_some_and(Option::is_some))
    }

    /// Makes the future make piece `i` and nothing else when it is polled, as often as it takes until the piece is
    /// there.
    pub fn order(&self, i: usize) {
        self.order.set(Some(i));
    }

    /// Piece `i` as it was made.
    pub fn made(&self, i: usize) -> Option<Vec<f64>> {
        self.parts.borrow().as_ref()?.get(i)?.clone()
    }

    /// Takes piece `i`, made elsewhere, for sum `serial`; one that nobody waits for is dropped.
    pub fn supply(&self, serial: usize, i: usize, part: Vec<f64>) {
        if serial != self.serial.get() {
            return;
        }
        if let Some(slot) = self.parts.borrow_mut().as_mut().and_then(|parts| parts.get_mut(i)) {
            *slot = Some(part);
        }
    }

    async fn pieces<'a>(&self, n: usize, piece: &dyn Fn(usize) -> Piece<'a, Vec<f64>>) -> Vec<Vec<f64>> {
        *self.parts.borrow_mut() = Some(vec![None; n]);
        self.serial.set(self.serial.get() + 1);
        let mut asked = false;
        let mut making: Option<(usize, Piece<'a, Vec<f64>>)> = None;
        let parts = poll_fn(|context| {
            if let Some(i) = self.order.get() {
                if making.as_ref().is_none_or(|(other, _)| *other != i) {
                    making = (i < n && !self.has(i)).then(|| (i, piece(i)));
                }
                match making.as_mut().map(|(_, piece)| piece.as_mut().poll(context)) {
                    Some(Poll::Pending) => {}
                    Some(Poll::Ready(part)) => {
                        self.supply(self.serial.get(), i, part);
                        making = None;
                        self.order.set(None);
                    }
                    None => self.order.set(None),
                }
                return Poll::Pending;
            }
            // Whoever drives is told once, also of a sum without pieces.
            if !std::mem::replace(&mut asked, true) || !self.is_complete() {
                return Poll::Pending;
            }
            Poll::Ready(self.parts.borrow_mut().take().unwrap_or_default())
        })
        .await;
        parts.into_iter().flatten().collect()
    }
}

/// What pieces are made of: numbers that another worker can be sent.
pub trait Wire: Sized {
    /// Adds the value to a message.
    fn put(&self, out: &mut Vec<f64>);
    /// The next value of a message; what is not there is NaN, or empty.
    fn take(from: &mut &[f64]) -> Self;
}

impl Wire for f64 {
    fn put(&self, out: &mut Vec<f64>) {
        out.push(*self);
    }

    fn take(from: &mut &[f64]) -> Self {
        match from.split_first() {
            Some((first, rest)) => {
                *from = rest;
                *first
            }
            None => f64::NAN,
        }
    }
}

impl<const N: usize> Wire for [f64; N] {
    fn put(&self, out: &mut Vec<f64>) {
        out.extend_from_slice(self);
    }

    fn take(from: &mut &[f64]) -> Self {
        match from.split_first_chunk() {
            Some((first, rest)) => {
                *from = rest;
                *first
            }
            None => [f64::NAN; N],
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, out: &mut Vec<f64>) {
        out.push(self.len() as f64);
        self.iter().for_each(|item| item.put(out));
    }

    fn take(from: &mut &[f64]) -> Self {
        // Not a number: none.
        let n = f64::take(from) as usize;
        (0..n).map_while(|_| (!from.is_empty()).then(|| T::take(from))).collect()
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Vec<f64>) {
        out.push(f64::from(u8::from(self.is_some())));
        self.iter().for_each(|item| item.put(out));
    }

    fn take(from: &mut &[f64]) -> Self {
        (f64::take(from) == 1.0).then(|| T::take(from))
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Vec<f64>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut &[f64]) -> Self {
        (A::take(from), B::take(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_rests_as_often_as_its_cost_says() {
        let mut seen = vec![];
        let (mut rests, mut context) = (0, Context::from_waker(Waker::noop()));
        {
            let mut work = |range: Range<usize>| seen.extend(range);
            let mut future = pin!(resting(100, STRETCH / 30.0, &mut work));
            while future.as_mut().poll(&mut context).is_pending() {
                rests += 1;
            }
        }
        assert_eq!((rests, seen), (3, (0..100).collect::<Vec<_>>()));
        assert_eq!(now(restfully(3, 1e9, |i| 2 * i)), [0, 2, 4]);
        assert!(now(restfully(0, 1.0, |i| i)).is_empty());
    }

    /// Two sums, the second of the first.
    async fn twice(pool: &Pool) -> f64 {
        let parts = pool.ranges(1000, 1e5, &|range| range.map(|i| 1.0 / (i + 1) as f64).sum::<f64>()).await;
        let first: f64 = parts.iter().sum();
        let parts = pool.ranges(50, 1e6, &|range| Some((vec![first], [range.len() as f64, 1.0]))).await;
        parts.into_iter().flatten().map(|(a, [b, c])| a[0] * b * c).sum()
    }

    #[test]
    fn the_result_is_the_same_whoever_makes_the_pieces() {
        let expected = now(twice(&Pool::Threads(1)));
        for threads in [2, 3, 8] {
            assert_eq!(now(twice(&Pool::Threads(threads))), expected);
        }
        for n in [1, 2, 3, 8] {
            // So many workers, each with its own future; the pieces go round.
            let exchanges: Vec<Rc<Exchange>> = (0..n).map(|_| Rc::default()).collect();
            let pools: Vec<Pool> = exchanges.iter().map(|e| Pool::Exchange(e.clone())).collect();
            let mut futures: Vec<_> = pools.iter().map(|pool| Box::pin(twice(pool))).collect();
            let mut context = Context::from_waker(Waker::noop());
            let results = loop {
                let polled: Vec<_> = futures.iter_mut().map(|f| f.as_mut().poll(&mut context)).collect();
                if polled.iter().all(Poll::is_ready) {
                    break polled;
                }
                // At a rest there is none.
                let Some((serial, pieces)) = exchanges[0].wants() else { continue };
                for i in 0..pieces {
                    let maker = i % n;
                    exchanges[maker].order(i);
                    assert!(futures[maker].as_mut().poll(&mut context).is_pending());
                    let part = exchanges[maker].made(i).unwrap();
                    exchanges.iter().for_each(|e| e.supply(serial, i, part.clone()));
                }
                assert!(exchanges.iter().all(|e| e.is_complete()));
            };
            assert!(results.into_iter().all(|r| r == Poll::Ready(expected)));
        }
    }
}
