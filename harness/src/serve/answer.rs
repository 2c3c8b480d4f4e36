//! What answers the requests of a connection, and how an answer may be missing.

use std::sync::Arc;
use std::time::Duration;

use mfa_reference::wire::{HttpRequest, HttpResponse};

/// Answers one request.
pub type Handler = Arc<dyn Fn(HttpRequest<'_>) -> HttpResponse + Send + Sync>;

/// Makes the [`Answerer`] of one connection.
pub type Connect = Arc<dyn Fn() -> Box<dyn Answerer> + Send + Sync>;

/// Answers the requests of one connection.
pub trait Answerer: Send {
    /// Answers one request.
    fn answer(&mut self, request: HttpRequest<'_>) -> Answer;
}

/// The answer to a request.
#[derive(Debug)]
pub enum Answer {
    /// A response, after this time.
    Response(HttpResponse, Duration),
    /// The server closes the connection instead.
    HangUp,
    /// The server never answers.
    Silence,
    /// What this gives after this time. Meanwhile the server answers other connections.
    Later(Duration, Finish),
}

/// Ends a call that has begun.
pub struct Finish(pub Box<dyn FnOnce() -> Answer + Send>);

impl std::fmt::Debug for Finish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Finish")
    }
}

impl From<HttpResponse> for Answer {
    /// The response, at once.
    fn from(response: HttpResponse) -> Self {
        Self::Response(response, Duration::ZERO)
    }
}

/// The same handler for each connection.
pub(super) struct Same(pub(super) Handler);

impl Answerer for Same {
    fn answer(&mut self, request: HttpRequest<'_>) -> Answer {
        (self.0)(request).into()
    }
}
