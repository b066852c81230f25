//! A future that is driven from outside, piece by piece.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::base::parallel::{Exchange, Pool};

/// Where a task stands.
pub(super) enum Standing<T> {
    /// In the middle of something: it is to be gone on.
    Resting,
    /// At a sum whose pieces are to be made.
    Summing,
    Done(T),
}

/// What is computed in pieces.
pub(super) struct Task<T> {
    future: Pin<Box<dyn Future<Output = T>>>,
    exchange: Rc<Exchange>,
}

impl<T: 'static> Task<T> {
    pub fn new<F: Future<Output = T> + 'static>(work: impl FnOnce(Pool) -> F) -> Self {
        let exchange = Rc::<Exchange>::default();
        Task { future: Box::pin(work(Pool::Exchange(exchange.clone()))), exchange }
    }

    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// Goes on as far as it goes without waiting for pieces.
    pub fn advance(&mut self) -> Standing<T> {
        if self.exchange.wants().is_some() && !self.exchange.is_complete() {
            return Standing::Summing;
        }
        match self.future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Standing::Done(value),
            Poll::Pending if self.exchange.wants().is_some() => Standing::Summing,
            Poll::Pending => Standing::Resting,
        }
    }

    /// Works on piece `i`; the piece once it is there.
    pub fn make(&mut self, i: usize) -> Option<Vec<f64>> {
        if !self.exchange.has(i) {
            self.exchange.order(i);
            // Only the piece is worked on: the future itself does not go on.
            let _ = self.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
        self.exchange.made(i)
    }
}
