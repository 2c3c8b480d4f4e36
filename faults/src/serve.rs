//! An altered service behind a socket.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use mfa_reference::wire::HttpRequest;

use super::altered::Altered;
use super::host::{Connection, Host};
use mfa_conformance::clock::Clock;
use mfa_conformance::serve::{Answer, Answerer, Connect};

/// Answers the connections to an altered service. `seed` determines its ids and seeds.
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
        let mut answer = self.connection.answer(&request, now);
        if let Answer::Response(response, _) = &mut answer {
            let seconds = u64::try_from(now.plus(self.ahead_ms).seconds()).unwrap_or_default();
            let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
            response.headers.push(("date".into(), date));
        }
        answer
    }
}
