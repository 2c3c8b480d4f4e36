//! Tests the transport with small servers that misbehave.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mfa_reference::Millis;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Http, Options};
use crate::clock::Clock;
use crate::endpoint::{Endpoint, PinnedEndpoint, Policy};
use crate::transport::{Credentials, HttpReply, Transport, TransportError};
use crate::wire::{Encoded, Method};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 2\r\n\r\nhi";

/// A server that handles each connection the same way, and counts them.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn start<F, R>(with_connection: F) -> Self
    where
        F: Fn(TcpStream, usize) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(with_connection(stream, counter.fetch_add(1, Ordering::SeqCst)));
            }
        });
        Self { address, connections }
    }

    /// Reads one request for each of these replies, sends them, and closes.
    async fn replying(replies: &[&str]) -> Self {
        let replies: Vec<String> = replies.iter().map(ToString::to_string).collect();
        Self::start(move |mut stream, _| {
            let replies = replies.clone();
            async move {
                for reply in replies {
                    if request(&mut stream).await.is_none() || stream.write_all(reply.as_bytes()).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await
    }

    async fn http(&self) -> Http {
        self.http_with(Options::default()).await
    }

    async fn http_with(&self, options: Options) -> Http {
        Http::new(&pinned(&format!("http://{}", self.address)).await, Clock::system(), options).unwrap()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// The head and the body of the next request on this connection.
async fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => read.extend_from_slice(&chunk[..length]),
        }
    }
}

async fn pinned(url: &str) -> PinnedEndpoint {
    Endpoint::parse(url, &Policy::default()).unwrap().resolve().await.unwrap()
}

fn caller() -> Credentials {
    Credentials { access_key_id: "test".into(), secret_access_key: "test".into(), session_token: None }
}

fn post(body: &str) -> Encoded {
    Encoded { method: Method::Post, path_and_query: "/".into(), body: body.into(), ..Encoded::default() }
}

fn get(path_and_query: &str) -> Encoded {
    Encoded { method: Method::Get, path_and_query: path_and_query.into(), ..Encoded::default() }
}

async fn send(http: &mut Http) -> Result<HttpReply, TransportError> {
    http.send(&post("Action=ListUsers"), &caller()).await
}

async fn failure(http: &mut Http) -> TransportError {
    send(http).await.unwrap_err()
}

#[tokio::test]
async fn a_reply_comes_back_whole() {
    let reply = "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/xml\r\n\
                 Content-Length: 2\r\n\r\nhi";
    let server = Server::replying(&[reply]).await;
    let expected = HttpReply {
        status: 404,
        content_type: Some("text/xml".into()),
        date: Some(Millis(784_111_777_000)),
        body: b"hi".to_vec(),
        retried: false,
        retry_after: None,
    };
    assert_eq!(send(&mut server.http().await).await, Ok(expected));
}

#[tokio::test]
async fn a_request_goes_out_as_it_was_encoded() {
    let server = Server::start(|mut stream, _| async move {
        while let Some((head, body)) = request(&mut stream).await {
            let echo = format!("{head}\n\n{body}");
            let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{echo}", echo.len());
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    })
    .await;
    let mut http = server.http().await;
    let echo = String::from_utf8(http.send(&post("Action=A%2Bb&x=+%20"), &caller()).await.unwrap().body).unwrap();
    assert!(echo.starts_with("POST / HTTP/1.1\r\n") && echo.ends_with("\n\nAction=A%2Bb&x=+%20"), "{echo}");
    assert!(echo.contains(&format!("host: {}\r\n", server.address)), "{echo}");
    let echo = String::from_utf8(http.send(&get("/?x=%2f%2B+%27"), &caller()).await.unwrap().body).unwrap();
    assert!(echo.starts_with("GET /?x=%2f%2B+%27 HTTP/1.1\r\n") && !echo.contains("content-type"), "{echo}");
    let error = http.send(&get("/?x='"), &caller()).await.unwrap_err();
    assert!(matches!(error, TransportError::Request(_)), "{error}");
    let error = http.send(&get(&format!("/?x={}", "y".repeat(70_000))), &caller()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request could not be sent: its query is longer than 65534 bytes; send it by POST"
    );
    let body = format!("x={}", "y".repeat(70_000));
    assert!(http.send(&post(&body), &caller()).await.unwrap().body.ends_with(body.as_bytes()));
}

#[tokio::test]
async fn many_requests_use_one_connection() {
    let server = Server::replying(&[OK; 200]).await;
    let mut http = server.http().await;
    for _ in 0..200 {
        assert!(!send(&mut http).await.unwrap().retried);
    }
    assert_eq!((server.connections(), http.connections()), (1, 1));
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut http = Http::new(&pinned(&url).await, Clock::system(), Options::default()).unwrap();
    let error = failure(&mut http).await;
    assert!(matches!(error, TransportError::Connect(_)), "{error}");
    assert!(error.to_string().starts_with("no connection: Connection refused"), "{error}");
}

#[tokio::test]
async fn a_new_connection_that_closes_at_once_is_broken_and_not_tried_again() {
    let server = Server::start(|stream, _| async move { drop(stream) }).await;
    let error = failure(&mut server.http().await).await;
    assert!(matches!(error, TransportError::Broken(_)), "{error}");
    let server = Server::start(|mut stream, _| async move { drop(request(&mut stream).await) }).await;
    let error = failure(&mut server.http().await).await;
    assert_eq!(error.to_string(), "the connection broke: connection closed before message completed");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_request_that_breaks_on_a_kept_connection_is_sent_once_more() {
    // The second request of each connection is read, and the connection closed without a reply.
    let server = Server::replying(&[OK, ""]).await;
    let mut http = server.http().await;
    assert!(!send(&mut http).await.unwrap().retried);
    for _ in 0..5 {
        assert!(send(&mut http).await.unwrap().retried);
    }
    assert_eq!(server.connections(), 6);
}

#[tokio::test]
async fn a_second_try_that_breaks_is_not_followed_by_a_third() {
    // Only the first request is ever answered.
    let server = Server::start(|mut stream, connection| async move {
        while request(&mut stream).await.is_some() && connection == 0 {
            if stream.write_all(OK.as_bytes()).await.is_err() || request(&mut stream).await.is_some() {
                return;
            }
        }
    })
    .await;
    let mut http = server.http().await;
    send(&mut http).await.unwrap();
    let error = failure(&mut http).await;
    assert!(matches!(error, TransportError::Broken(_)), "{error}");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_server_that_dies_during_a_request_leaves_the_effect_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await.unwrap();
        stream.write_all(OK.as_bytes()).await.unwrap();
        request(&mut stream).await.unwrap();
        drop(listener);
    });
    let mut http = Http::new(&pinned(&format!("http://{address}")).await, Clock::system(), Options::default()).unwrap();
    send(&mut http).await.unwrap();
    let error = failure(&mut http).await;
    assert!(matches!(error, TransportError::Broken(_)), "`Connect` would mean that nothing was sent: {error}");
    assert!(error.to_string().contains("no new connection: Connection refused"), "{error}");
}

#[tokio::test]
async fn a_server_that_closes_after_each_reply_needs_no_second_try() {
    let server = Server::replying(&["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"]).await;
    let mut http = server.http().await;
    for _ in 0..5 {
        assert!(!send(&mut http).await.unwrap().retried);
    }
    assert_eq!(server.connections(), 5);
}

#[tokio::test]
async fn what_is_not_http_is_named_so() {
    for garbage in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "<html>\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ] {
        let server = Server::replying(&[garbage]).await;
        let error = failure(&mut server.http().await).await;
        assert!(matches!(error, TransportError::NotHttp(_)), "{garbage:?}: {error}");
        assert!(!error.to_string().contains("127.0.0.1"), "{error}");
    }
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_announced_or_not() {
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let until_close = "HTTP/1.1 200 OK\r\n\r\n";
    let small = Options { body_cap: 100, ..Options::default() };
    for (head, chunk) in [(announced, ""), (chunked, "a\r\n0123456789\r\n"), (until_close, "0123456789")] {
        // Never ends the body: it must be refused as soon as it is too large.
        let server = Server::start(move |mut stream, _| async move {
            request(&mut stream).await;
            let _ = stream.write_all(head.as_bytes()).await;
            while stream.write_all(chunk.as_bytes()).await.is_ok() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert_eq!(failure(&mut server.http_with(small.clone()).await).await, TransportError::TooLarge(100), "{head}");
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_cap_is_taken() {
    let server = Server::replying(&[OK]).await;
    let options = Options { body_cap: 2, ..Options::default() };
    assert_eq!(send(&mut server.http_with(options).await).await.unwrap().body, b"hi");
}

#[tokio::test]
async fn a_reply_that_never_comes_or_drips_runs_into_the_time_out() {
    let limit = Duration::from_millis(100);
    let options = Options { request_timeout: limit, ..Options::default() };
    for head in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"] {
        let server = Server::start(move |mut stream, _| async move {
            request(&mut stream).await;
            let _ = stream.write_all(head.as_bytes()).await;
            let drip: &[u8] = if head.is_empty() { b"" } else { b"x" };
            while stream.write_all(drip).await.is_ok() {
                Clock::system().wait(Duration::from_millis(10)).await;
            }
        })
        .await;
        let watch = Clock::system().stopwatch();
        assert_eq!(failure(&mut server.http_with(options.clone()).await).await, TransportError::Timeout(limit));
        assert!(watch.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn a_time_out_does_not_spoil_the_next_request() {
    let server = Server::start(|mut stream, connection| async move {
        while request(&mut stream).await.is_some() && connection > 0 {
            stream.write_all(OK.as_bytes()).await.unwrap();
        }
        Clock::system().wait(Duration::from_mins(1)).await;
    })
    .await;
    let mut http =
        server.http_with(Options { request_timeout: Duration::from_millis(200), ..Options::default() }).await;
    assert!(matches!(failure(&mut http).await, TransportError::Timeout(_)));
    assert!(!send(&mut http).await.unwrap().retried);
}

#[tokio::test]
async fn a_redirect_is_a_reply_and_is_never_followed() {
    let elsewhere = Server::replying(&[OK]).await;
    let location =
        format!("HTTP/1.1 302 Found\r\nLocation: http://{}/\r\nContent-Length: 0\r\n\r\n", elsewhere.address);
    let server = Server::replying(&[&location]).await;
    assert_eq!(send(&mut server.http().await).await.unwrap().status, 302);
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn chunked_and_unbounded_bodies_are_read_to_their_end() {
    for reply in [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\nhello",
    ] {
        let server = Server::replying(&[reply]).await;
        assert_eq!(send(&mut server.http().await).await.unwrap().body, b"hello");
    }
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_a_broken_connection() {
    for reply in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
    ] {
        let server = Server::replying(&[reply]).await;
        let error = failure(&mut server.http().await).await;
        assert!(matches!(error, TransportError::Broken(_)), "{error}");
    }
}

#[tokio::test]
async fn a_name_leads_to_its_pinned_address_only() {
    let server = Server::replying(&[OK]).await;
    let url = format!("http://pinned.invalid:{}", server.address.port());
    let endpoint = Endpoint::parse(&url, &Policy::default()).unwrap().pin([server.address].into()).unwrap();
    let mut http = Http::new(&endpoint, Clock::system(), Options::default()).unwrap();
    assert_eq!(send(&mut http).await.unwrap().status, 200);
}

#[tokio::test]
async fn an_https_endpoint_that_speaks_plain_http_is_no_connection() {
    let server = Server::replying(&[OK]).await;
    let endpoint = pinned(&format!("https://{}", server.address)).await;
    let options = Options { request_timeout: Duration::from_secs(2), ..Options::default() };
    // On a machine without root certificates, no client can be built.
    let error = match Http::new(&endpoint, Clock::system(), options) {
        Ok(mut http) => failure(&mut http).await,
        Err(error) => error,
    };
    assert!(!matches!(error, TransportError::Broken(_)), "{error}");
}

/// All tests of a process share its environment. So the test above runs again in a process of its own, where each proxy
/// leads nowhere.
#[test]
fn proxies_of_the_environment_are_ignored() {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "transport::http::hostile::a_reply_comes_back_whole"]);
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, "http://127.0.0.1:1");
    }
    for name in ["no_proxy", "NO_PROXY", "REQUEST_METHOD"] {
        child.env_remove(name);
    }
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}
