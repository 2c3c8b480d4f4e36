//! The server over real sockets.

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use mfa_reference::wire::{HttpRequest, HttpResponse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

/// Answers with the request that the handler received.
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

/// Reads one response, by the length in its head.
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
    let post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: t/y\r\nAuthorization: me\r\nContent-Length: 3\r\n\r\na=1";
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
        assert_eq!(body.contains("<Code>RequestEntityTooLarge</Code>"), status == "413", "{body}");
    }
}

#[tokio::test]
async fn a_long_uri_is_refused_in_the_protocol() {
    let running = Running::start(echo).await;
    let request = format!("GET /?{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(70_000));
    let (head, body) = exchange(&mut running.connect().await, &request).await;
    assert!(head.starts_with("http/1.1 414 ") && head.contains("content-type: text/xml"), "{head}");
    assert!(head.contains("x-amzn-requestid: ") && body.contains("<Code>RequestURITooLong</Code>"), "{head}{body}");
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
        assert!(answer.ends_with("</ErrorResponse>"), "{bad:?}: {answer:?}");
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
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n").await.unwrap();
    // The interim response shows that the request has begun.
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    running.shutdown.send(()).unwrap();
    let (head, body) = exchange(&mut stream, "a=1").await;
    assert!(head.contains("connection: close"), "{head}");
    assert_eq!(body, "POST / None None 3 a=1");
    running.task.await.unwrap();
}
