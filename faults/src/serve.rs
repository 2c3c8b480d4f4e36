//! An altered service behind a socket.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use mfa_reference::wire::HttpRequest;

use super::altered::Altered;
use super::host::{Begun, Connection, Host, Waiting};
use mfa_conformance::clock::Clock;
use mfa_conformance::serve::{Answer, Answerer, Connect, Finish};

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

impl Served {
    /// An answer with its `Date`.
    fn dated(clock: Clock, ahead_ms: i64, mut answer: Answer) -> Answer {
        if let Answer::Response(response, _) = &mut answer {
            let seconds = u64::try_from(clock.now().plus(ahead_ms).seconds()).unwrap_or_default();
            let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
            response.headers.push(("date".into(), date));
        }
        answer
    }
}

/// How long a call waits before it asks again whether it may begin.
const TURN: Duration = Duration::from_millis(1);

impl Answerer for Served {
    fn answer(&mut self, request: HttpRequest<'_>) -> Answer {
        let (clock, ahead_ms) = (self.clock, self.ahead_ms);
        if let Some(begins) = self.connection.begins_later(&request) {
            return waits(begins, clock, ahead_ms);
        }
        match self.connection.begin(&request, clock.now()) {
            Some(begun) => lasts(begun, clock, ahead_ms),
            None => Self::dated(clock, ahead_ms, self.connection.answer(&request, clock.now())),
        }
    }
}

/// The answer to a call that has begun.
fn lasts(begun: Begun, clock: Clock, ahead_ms: i64) -> Answer {
    Answer::Later(begun.lasts(), Finish(Box::new(move || Served::dated(clock, ahead_ms, begun.end(clock.now())))))
}

/// The answer to a call that has to wait until it may begin.
fn waits(waiting: Box<Waiting>, clock: Clock, ahead_ms: i64) -> Answer {
    let again = move || match waiting.begin(clock.now()) {
        Ok(begun) => lasts(begun, clock, ahead_ms),
        Err(waiting) => waits(waiting, clock, ahead_ms),
    };
    Answer::Later(TURN, Finish(Box::new(again)))
}
