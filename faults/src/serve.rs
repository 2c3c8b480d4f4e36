//! An altered service behind a socket.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use mfa_reference::wire::HttpRequest;

use super::altered::Altered;
use super::host::{Connection, Host};
use super::line::Lost;
use mfa_conformance::clock::Clock;
use mfa_conformance::serve::{Answer, Answerer, Connect};

/// What answers the connections to an altered service; ids and seeds are drawn from a number.
#[must_use]
pub fn connections(altered: Altered, seed: u64) -> Connect {
    let host = Host::new(altered, seed);
    let clock = Clock::system();
    Arc::new(move || {
        Box::new(Served { ahead_ms: host.ahead_ms() + host.date_shift_ms(), connection: host.connect(), clock })
    })
}

/// One connection to an altered service.
struct Served {
    connection: Connection,
    clock: Clock,
    /// How far the `Date` header is ahead of this machine's clock.
    ahead_ms: i64,
}

impl Answerer for Served {
    fn answer(&mut self, request: HttpRequest<'_>) -> Answer {
        let now = self.clock.now();
        match self.connection.answer(&request, now) {
            Ok(mut sent) => {
                let seconds = u64::try_from(now.plus(self.ahead_ms).seconds()).unwrap_or_default();
                let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
                sent.response.headers.push(("date".into(), date));
                Answer::Response(sent.response, sent.delay)
            }
            Err(Lost::HungUp) => Answer::HangUp,
            Err(Lost::Silence) => Answer::Silence,
        }
    }
}
