//! Counts the connections that a client opens. A request that opened none used a kept one.
//!
//! On a runtime with several threads, about one request in five hundred opens a connection that it then doesn't need,
//! because a kept one becomes free a moment later. It counts as a request on a new connection, so it isn't retried if
//! it breaks: the safe choice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

/// How many connections were begun.
#[derive(Clone, Debug, Default)]
pub(super) struct Connects(Arc<AtomicU64>);

impl Connects {
    /// The number so far.
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

impl<S> Layer<S> for Connects {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        Counted { inner, connects: self.clone() }
    }
}

/// A connector whose connections are counted.
#[derive(Clone, Debug)]
pub(super) struct Counted<S> {
    inner: S,
    connects: Connects,
}

impl<S: Service<R>, R> Service<R> for Counted<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.connects.0.fetch_add(1, Ordering::AcqRel);
        self.inner.call(request)
    }
}
