//! A line connects the bytes of a request with the service. Each connection has its own line. The line can misread a
//! request, call the service twice or not at all, and change or lose the reply.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mfa_conformance::serve::Answer;
use mfa_reference::Millis;
use mfa_reference::wire::{HttpRequest, HttpResponse};

/// What a line knows about a request.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The request as received.
    pub request: HttpRequest<'a>,
    /// The service's time.
    pub now: Millis,
    /// How many requests the service received before.
    pub calls: u64,
    /// How many requests this connection was used for before.
    pub carried: u64,
}

/// The service behind a line: answers a forwarded request.
pub type Service<'s> = dyn FnMut(&HttpRequest<'_>) -> HttpResponse + 's;

/// Connects the bytes of a connection with the service.
pub trait Line: Send {
    /// Forwards a request to the service and returns the answer.
    fn pass(&mut self, incoming: &Incoming<'_>, service: &mut Service<'_>) -> Answer;
}

impl<F> Line for F
where
    F: FnMut(&Incoming<'_>, &mut Service<'_>) -> Answer + Send,
{
    fn pass(&mut self, incoming: &Incoming<'_>, service: &mut Service<'_>) -> Answer {
        self(incoming, service)
    }
}

/// Makes the line of a new connection.
pub type Lay = Arc<dyn Fn() -> Box<dyn Line> + Send + Sync>;

/// A line that forwards everything unchanged.
#[must_use]
pub fn plain() -> Lay {
    laid(|incoming, service| service(&incoming.request).into())
}

/// The same line for each connection, without a memory.
pub fn laid(pass: impl Fn(&Incoming<'_>, &mut Service<'_>) -> Answer + Clone + Send + Sync + 'static) -> Lay {
    Arc::new(move || {
        let pass = pass.clone();
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| pass(incoming, service))
    })
}

/// A line that reads other parameters in a request. They are still encoded.
pub fn misread(read: impl Fn(&Incoming<'_>, &str) -> String + Clone + Send + Sync + 'static) -> Lay {
    laid(move |incoming, service| {
        let parameters = parameters(&incoming.request);
        with_parameters(&incoming.request, &read(incoming, &parameters), service).into()
    })
}

/// A line that changes the responses.
pub fn rewrite(change: impl Fn(&Incoming<'_>, HttpResponse) -> HttpResponse + Clone + Send + Sync + 'static) -> Lay {
    laid(move |incoming, service| {
        let response = service(&incoming.request);
        change(incoming, response).into()
    })
}

/// Whether a request is a GET.
#[must_use]
pub fn by_get(request: &HttpRequest<'_>) -> bool {
    request.method == "GET"
}

/// The encoded parameters of a request.
#[must_use]
pub fn parameters(request: &HttpRequest<'_>) -> String {
    if by_get(request) {
        request.target.split_once('?').map_or_else(String::new, |(_, query)| query.to_owned())
    } else {
        String::from_utf8_lossy(request.body).into_owned()
    }
}

/// Forwards a request with other parameters.
pub fn with_parameters(request: &HttpRequest<'_>, parameters: &str, service: &mut Service<'_>) -> HttpResponse {
    if by_get(request) {
        service(&HttpRequest { target: &format!("/?{parameters}"), ..*request })
    } else {
        service(&HttpRequest { body: parameters.as_bytes(), ..*request })
    }
}

/// The encoded value of a parameter; the first if it occurs more than once.
#[must_use]
pub fn parameter<'p>(parameters: &'p str, name: &str) -> Option<&'p str> {
    parameters
        .split('&')
        .find_map(|part| part.split_once('=').filter(|(known, _)| *known == name))
        .map(|(_, value)| value)
}

/// The parameters with each value changed; `Action` and `Version` stay.
#[must_use]
pub fn map_values(parameters: &str, change: impl Fn(&str, &str) -> String) -> String {
    let parts = parameters.split('&').map(|part| match part.split_once('=') {
        Some((name, value)) if !matches!(name, "Action" | "Version") => format!("{name}={}", change(name, value)),
        Some(_) | None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("&")
}

/// The parameters without those for which `drop` is true, by position and name.
#[must_use]
pub fn without(parameters: &str, drop: impl Fn(usize, &str) -> bool) -> String {
    let kept = parameters.split('&').enumerate().filter(|(index, parameter)| {
        let name = parameter.split('=').next().unwrap_or_default();
        !drop(*index, name)
    });
    kept.map(|(_, parameter)| parameter).collect::<Vec<_>>().join("&")
}

/// Locks a mutex, even if a panic poisoned it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_changed_and_the_action_is_kept() {
        let changed = map_values("Action=A&UserName=b&SerialNumber=", |_, value| format!("{value}!"));
        assert_eq!(changed, "Action=A&UserName=b!&SerialNumber=!");
        assert_eq!(parameter(&changed, "UserName"), Some("b!"));
        assert_eq!(without(&changed, |index, name| index == 2 || name == "Action"), "UserName=b!");
    }
}
