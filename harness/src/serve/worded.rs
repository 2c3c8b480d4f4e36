//! A connection whose bare refusals get a body.
//!
//! hyper refuses invalid HTTP, a long URI and long headers before a service sees them, with only a status. A client of
//! the protocol expects an error document, so this connection replaces the bytes of such a refusal.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::refusal::Refusal;

/// A connection whose bare refusals get a body.
#[derive(Debug)]
pub(super) struct Worded<S> {
    stream: S,
    /// The refusal that replaces a bare one, and how many of its bytes are written.
    refusal: Option<(Vec<u8>, usize)>,
}

impl<S> Worded<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self { stream, refusal: None }
    }
}

/// The refusal in the bytes of a response, if hyper made them: the handler's responses have a content type.
fn bare(response: &[u8]) -> Option<Refusal> {
    let refusal = match response.get(..13)? {
        b"HTTP/1.1 400 " => Refusal::Malformed,
        b"HTTP/1.1 414 " => Refusal::LongUri,
        b"HTTP/1.1 431 " => Refusal::LongHeaders,
        _ => return None,
    };
    let head = String::from_utf8_lossy(response).to_ascii_lowercase();
    let is_bare =
        head.ends_with("\r\n\r\n") && head.contains("content-length: 0\r\n") && !head.contains("content-type:");
    is_bare.then_some(refusal)
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Worded<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.refusal.is_none() {
            this.refusal = bare(bytes).map(|refusal| (refusal.bytes(), 0));
        }
        let Some((refusal, written)) = &mut this.refusal else {
            return Pin::new(&mut this.stream).poll_write(context, bytes);
        };
        while let Some(rest) = refusal.get(*written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut this.stream).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => *written += count,
            }
        }
        this.refusal = None;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = slices.iter().find(|slice| !slice.is_empty()).map_or(&[][..], |slice| slice);
        if self.refusal.is_some() || bare(first).is_some() {
            return self.poll_write(context, first);
        }
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Worded<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_that_nobody_wrote_is_bare() {
        let made = |head: &str| bare(format!("HTTP/1.1 {head}\r\n\r\n").as_bytes()).is_some();
        assert!(made("414 URI Too Long\r\nconnection: close\r\ncontent-length: 0"));
        assert!(made("400 Bad Request\r\ncontent-length: 0\r\ndate: x"));
        assert!(!made("400 Bad Request\r\ncontent-type: text/xml\r\ncontent-length: 0"));
        assert!(!made("400 Bad Request\r\ncontent-length: 10"));
        assert!(!made("404 Not Found\r\ncontent-length: 0"));
        assert!(bare(b"HTTP/1.1").is_none());
    }
}
