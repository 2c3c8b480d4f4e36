//! A server puts a handler behind a socket: HTTP/1.1 with keep-alive, one handler for all connections, or one for each.
//!
//! The handler answers at once and never waits, so it runs on the connection's task. Incomplete requests never reach
//! it: `refusal` answers them, and `worded` replaces hyper's own refusals.

mod answer;
mod exchange;
mod refusal;
mod response;
mod server;
#[cfg(test)]
mod tests;
mod worded;

pub use self::answer::{Answer, Answerer, Connect, Finish, Handler};
pub use self::response::MAX_BODY;
pub use self::server::Server;
