//! The listener and its connections, and how they end.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::answer::{Answerer, Connect, Handler, Same};
use super::exchange::respond;
use super::worded::Worded;

/// How long a connection may take for the head of its next request, idling included. Clients park connections for a
/// step or two of 30 seconds while they wait for unused codes.
const HEAD_TIMEOUT: Duration = Duration::from_mins(2);

/// How long an accept that failed waits for a connection to end before it is tried again.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// How long a shutdown waits for the requests that have begun.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// A bound listener that accepts nothing yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Binds the address; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// The operating system's, for instance if the port is taken.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The address that is bound, with the port that was taken.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` completes, then finishes the requests that have begun, for at most five seconds.
    pub async fn run(self, handler: Handler, shutdown: impl Future<Output = ()>) {
        self.run_each(Arc::new(move || Box::new(Same(Arc::clone(&handler)))), shutdown).await;
    }

    /// The same with something of its own to answer each connection.
    pub async fn run_each(self, connect: Connect, shutdown: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        // Connections that outlast the shutdown are aborted when the set is dropped.
        let mut connections = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = self.listener.accept() => accepted,
            };
            while connections.try_join_next().is_some() {}
            match accepted {
                Ok((stream, _)) => {
                    let _task = connections.spawn(connection(stream, connect(), graceful.watcher()));
                }
                // Out of descriptors, most likely: the end of a connection gives one back.
                Err(_) => {
                    if let Ok(None) = tokio::time::timeout(ACCEPT_RETRY, connections.join_next()).await {
                        tokio::task::yield_now().await;
                    }
                }
            }
        }
        drop(self.listener);
        // Past the time-out nothing is left to wait for.
        let _finished = tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await;
    }
}

async fn connection(stream: TcpStream, answerer: Box<dyn Answerer>, watcher: Watcher) {
    // Without it a small response may wait for the acknowledgement of the one before; it works anyway.
    let _set = stream.set_nodelay(true);
    // One request after another: nothing ever waits for the lock.
    let answerer = Arc::new(Mutex::new(answerer));
    let service = service_fn(move |request| {
        let answerer = Arc::clone(&answerer);
        async move { respond(request, &answerer).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(Worded::new(stream)), service);
    // A connection fails by its client's doing, and the client has seen it.
    let _ended = watcher.watch(connection).await;
}
