//! Turns a reqwest error into a [`TransportError`] whose text has no URL and no repetition.

use std::error::Error;
use std::io;
use std::iter::successors;
use std::time::Duration;

use super::tls::in_words;
use crate::transport::TransportError;

/// The kind of a failure. `connect_timeout` is the limit that connecting had.
pub(super) fn transport_error(error: reqwest::Error, connect_timeout: Duration) -> TransportError {
    let error = error.without_url();
    let reason = match chain(&error).find_map(tls_failure) {
        Some(why) => why,
        None => root_cause(&error),
    };
    if error.is_builder() {
        TransportError::Request(reason)
    } else if error.is_connect() && error.is_timeout() {
        TransportError::Connect(format!("none within {} ms", connect_timeout.as_millis()))
    } else if error.is_connect() {
        TransportError::Connect(reason)
    } else if chain(&error).any(is_malformed) {
        TransportError::NotHttp(reason)
    } else {
        TransportError::Broken(reason)
    }
}

/// The error and what caused it, the cause last.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| error.source())
}

fn root_cause(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map_or_else(|| "unknown".to_owned(), ToString::to_string)
}

/// The TLS failure, if the error is one. Nested I/O errors wrap a TLS error and don't name it as their source.
fn tls_failure(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(in_words(tls));
    }
    tls_failure(error.downcast_ref::<io::Error>()?.get_ref()?)
}

/// Whether hyper can't parse the reply's head, or a chunk's frame is wrong (which hyper reports as an I/O error).
fn is_malformed(error: &(dyn Error + 'static)) -> bool {
    if tls_failure(error).is_some() {
        return false;
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return error.is_parse();
    }
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_tls_is_found_however_it_is_wrapped() {
        let tls = || rustls::Error::General("no".to_owned());
        let once = io::Error::new(io::ErrorKind::InvalidData, tls());
        assert_eq!(tls_failure(&once), Some("TLS failed: unexpected error: no".to_owned()));
        assert!(tls_failure(&io::Error::other(once)).is_some() && tls_failure(&tls()).is_some());
        assert_eq!(tls_failure(&io::Error::other("TLS")), None);
    }
}
