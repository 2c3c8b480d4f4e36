//! A server puts a handler behind a socket: HTTP/1.1 with keep-alive, one handler for all connections, or one for each.
//!
//! The handler answers at once and never waits, so it runs on the connection's task. What is no whole request never
//! reaches it: hyper refuses malformed bytes with 400, and `Refusal` is the rest.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use mfa_reference::wire::{HttpRequest, HttpResponse};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::clock::Clock;

/// Answers one request.
pub type Handler = Arc<dyn Fn(HttpRequest<'_>) -> HttpResponse + Send + Sync>;

/// Makes what answers the requests of one connection.
pub type Connect = Arc<dyn Fn() -> Box<dyn Answerer> + Send + Sync>;

/// Answers the requests of one connection.
pub trait Answerer: Send {
    /// Answers one request.
    fn answer(&mut self, request: HttpRequest<'_>) -> Answer;
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A response, after a while.
    Response(HttpResponse, Duration),
    /// The connection is closed instead.
    HangUp,
    /// Nothing ever comes.
    Silence,
}

/// The same handler for each connection.
struct Same(Handler);

impl Answerer for Same {
    fn answer(&mut self, request: HttpRequest<'_>) -> Answer {
        Answer::Response((self.0)(request), Duration::ZERO)
    }
}

/// Ends a connection without a response.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection is closed without a response")]
struct HungUp;

/// The largest body that reaches the handler, in bytes.
pub const MAX_BODY: usize = 1 << 20;

/// How much of a body that is too large is read and dropped, in bytes, so that its sender gets to read the refusal:
/// a connection closed over unread bytes is reset, and the response with it.
const MAX_DROPPED: usize = 16 * MAX_BODY;

/// How long a connection may take for the head of its next request, idling included. Clients park connections for a
/// step or two of 30 seconds while they wait for unused codes.
const HEAD_TIMEOUT: Duration = Duration::from_mins(2);

/// How long a request may take for its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long an accept that failed waits for a connection to end before it is tried again.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// How long a shutdown waits for the requests that have begun.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The header that repeats the request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

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
    // Without it a small response may wait for the acknowledgement of the one before; it works all the same.
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
        .serve_connection(TokioIo::new(stream), service);
    // A connection fails by its client's doing, and the client has seen it.
    let _ended = watcher.watch(connection).await;
}

async fn respond(
    request: Request<Incoming>,
    answerer: &Mutex<Box<dyn Answerer>>,
) -> Result<Response<Full<Bytes>>, HungUp> {
    let (head, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_TIMEOUT, whole(body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(refusal)) => return Ok(refusal.response()),
        Err(_) => return Ok(Refusal::TooSlow.response()),
    };
    let answer = answerer.lock().unwrap_or_else(PoisonError::into_inner).answer(HttpRequest {
        method: head.method.as_str(),
        target: head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str),
        content_type: text(&head.headers, &CONTENT_TYPE),
        authorization: text(&head.headers, &AUTHORIZATION),
        body: &body,
    });
    let response = match answer {
        Answer::Response(response, Duration::ZERO) => response,
        Answer::Response(response, after) => {
            Clock::system().wait(after).await;
            response
        }
        Answer::HangUp => return Err(HungUp),
        Answer::Silence => std::future::pending().await,
    };
    Ok(into_http(response).unwrap_or_else(|error| Refusal::Unsayable(error).response()))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Reads a body to its end, or until it's plain that it will not be accepted.
async fn whole<B>(body: B) -> Result<Vec<u8>, Refusal>
where
    B: Body<Data = Bytes>,
{
    let mut body = std::pin::pin!(body);
    let mut read = 0;
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(Refusal::Broken) };
        let Some(data) = frame.data_ref() else { continue };
        read += data.len();
        if read <= MAX_BODY {
            bytes.extend_from_slice(data);
        } else if read > MAX_DROPPED {
            break;
        }
    }
    if read <= MAX_BODY { Ok(bytes) } else { Err(Refusal::TooLarge) }
}

fn into_http(response: HttpResponse) -> Result<Response<Full<Bytes>>, http::Error> {
    let mut http = Response::new(Full::new(Bytes::from(response.body)));
    *http.status_mut() = StatusCode::from_u16(response.status)?;
    let headers = http.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(&response.content_type)?);
    if !response.request_id.is_empty() {
        headers.insert(REQUEST_ID, HeaderValue::try_from(response.request_id)?);
    }
    for (name, value) in response.headers {
        headers.append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::try_from(value)?);
    }
    Ok(http)
}

/// What is answered without the handler, in plain text: no document says how the protocol would put it.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the body is larger than {MAX_BODY} bytes; send less")]
    TooLarge,
    #[error("the body did not arrive within {} seconds; send it at once", BODY_TIMEOUT.as_secs())]
    TooSlow,
    #[error("the body is not what its headers say; check its length or its chunks")]
    Broken,
    #[error("the handler's response is not HTTP: {0}")]
    Unsayable(http::Error),
}

impl Refusal {
    fn response(&self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(self.to_string())));
        *response.status_mut() = match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::Unsayable(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        response
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;

    /// Answers with what the handler was given.
    fn echo(request: HttpRequest<'_>) -> HttpResponse {
        let HttpRequest { method, target, content_type, authorization, body } = request;
        let (body, length) = (String::from_utf8_lossy(&body[..body.len().min(80)]), body.len());
        HttpResponse {
            status: 203,
            content_type: Cow::Borrowed("text/plain"),
            request_id: "id-1".to_owned(),
            headers: vec![(Cow::Borrowed("x-extra"), "extra".to_owned())],
            body: format!("{method} {target} {content_type:?} {authorization:?} {length} {body}").into_bytes(),
        }
    }

    struct Running {
        address: SocketAddr,
        shutdown: oneshot::Sender<()>,
        task: JoinHandle<()>,
    }

    impl Running {
        async fn start(handler: fn(HttpRequest<'_>) -> HttpResponse) -> Self {
            let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
            let address = server.local_addr();
            let (shutdown, signal) = oneshot::channel();
            let task = tokio::spawn(server.run(Arc::new(handler), async {
                let _ = signal.await;
            }));
            Self { address, shutdown, task }
        }

        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }
    }

    /// Reads one response whose length its head tells.
    async fn response(stream: &mut TcpStream) -> (String, String) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    async fn exchange(stream: &mut TcpStream, request: &str) -> (String, String) {
        stream.write_all(request.as_bytes()).await.unwrap();
        response(stream).await
    }

    #[tokio::test]
    async fn a_connection_carries_one_request_after_another() {
        let running = Running::start(echo).await;
        let mut stream = running.connect().await;
        let post =
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: t/y\r\nAuthorization: me\r\nContent-Length: 3\r\n\r\na=1";
        let (head, body) = exchange(&mut stream, post).await;
        assert_eq!(body, "POST / Some(\"t/y\") Some(\"me\") 3 a=1");
        assert!(head.starts_with("http/1.1 203 "), "{head}");
        for header in ["date: ", "x-amzn-requestid: id-1", "content-type: text/plain", "x-extra: extra"] {
            assert!(head.lines().any(|line| line.starts_with(header)), "no {header} in {head}");
        }
        let (_, body) = exchange(&mut stream, "GET /p?a=%2B+b HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(body, "GET /p?a=%2B+b None None 0 ");
    }

    #[tokio::test]
    async fn requests_sent_at_once_are_answered_in_order() {
        let running = Running::start(echo).await;
        let mut stream = running.connect().await;
        let both = "GET /?1 HTTP/1.1\r\nHost: x\r\n\r\nGET /?2 HTTP/1.1\r\nHost: x\r\n\r\n";
        let (_, first) = exchange(&mut stream, both).await;
        let (_, second) = response(&mut stream).await;
        assert_eq!((first.as_str(), second.as_str()), ("GET /?1 None None 0 ", "GET /?2 None None 0 "));
    }

    #[tokio::test]
    async fn a_chunked_body_arrives_whole() {
        let running = Running::start(echo).await;
        let mut stream = running.connect().await;
        let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na=\r\n1\r\n1\r\n0\r\n\r\n";
        assert_eq!(exchange(&mut stream, chunked).await.1, "POST / None None 3 a=1");
    }

    #[tokio::test]
    async fn the_largest_body_is_handled_and_one_byte_more_is_refused() {
        let running = Running::start(echo).await;
        let mut stream = running.connect().await;
        for (size, status) in [(MAX_BODY, "203"), (MAX_BODY + 1, "413"), (3, "203")] {
            let request = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n{}", "a".repeat(size));
            let (head, body) = exchange(&mut stream, &request).await;
            assert!(head.starts_with(&format!("http/1.1 {status} ")), "{size}: {head} {body}");
        }
    }

    #[tokio::test]
    async fn an_answerer_that_hangs_up_ends_its_connection_and_no_other() {
        struct Once(bool);
        impl Answerer for Once {
            fn answer(&mut self, request: HttpRequest<'_>) -> Answer {
                if std::mem::replace(&mut self.0, true) {
                    return Answer::HangUp;
                }
                Answer::Response(echo(request), Duration::from_millis(1))
            }
        }
        let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let address = server.local_addr();
        let _task = tokio::spawn(server.run_each(Arc::new(|| Box::new(Once(false))), std::future::pending()));
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            exchange(&mut stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
            assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        }
    }

    #[tokio::test]
    async fn what_is_not_http_is_refused_and_the_next_connection_served() {
        let running = Running::start(echo).await;
        for bad in ["\0\u{1}\u{2}\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n"] {
            let mut stream = running.connect().await;
            stream.write_all(bad.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 400 "), "{bad:?}: {answer:?}");
        }
        let (head, _) = exchange(&mut running.connect().await, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(head.starts_with("http/1.1 203 "), "{head}");
    }

    #[tokio::test]
    async fn a_body_with_broken_chunks_is_refused() {
        let running = Running::start(echo).await;
        let broken = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
        let (head, _) = exchange(&mut running.connect().await, broken).await;
        assert!(head.starts_with("http/1.1 400 "), "{head}");
    }

    #[tokio::test]
    async fn a_response_that_is_not_http_becomes_an_internal_error() {
        let running = Running::start(|_| HttpResponse::xml(200, "two\nlines", String::new())).await;
        let (head, body) = exchange(&mut running.connect().await, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(head.starts_with("http/1.1 500 "), "{head}");
        assert!(body.contains("is not HTTP"), "{body}");
    }

    #[tokio::test]
    async fn a_shutdown_closes_idle_connections_and_ends_the_server() {
        let running = Running::start(echo).await;
        let mut stream = running.connect().await;
        exchange(&mut stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        running.shutdown.send(()).unwrap();
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        running.task.await.unwrap();
    }

    #[tokio::test]
    async fn a_shutdown_finishes_the_request_that_has_begun() {
        let running = Running::start(echo).await;
        let mut stream = running.connect().await;
        exchange(&mut stream, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        stream
            .write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            .await
            .unwrap();
        // The interim response tells that the request has begun.
        let mut interim = [0; 25];
        stream.read_exact(&mut interim).await.unwrap();
        assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
        running.shutdown.send(()).unwrap();
        let (head, body) = exchange(&mut stream, "a=1").await;
        assert!(head.contains("connection: close"), "{head}");
        assert_eq!(body, "POST / None None 3 a=1");
        running.task.await.unwrap();
    }
}
