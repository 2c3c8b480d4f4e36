//! Slow replies, closed connections, and wrong clocks.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use mfa_conformance::serve::Answer;
use mfa_reference::Millis;

use crate::altered::{Altered, documented};
use crate::entry::Registered;
use crate::line::{Incoming, Service, laid, parameter, parameters, rewrite};

fn connections_closed_after_each_reply() -> Altered {
    documented().behind(rewrite(|_, mut response| {
        response.headers.push(("connection".into(), "close".to_owned()));
        response
    }))
}

/// Closes connections that were idle for this long, or were used for this many requests.
fn closes(idle_ms: i64, most: u64) -> Altered {
    documented().behind(Arc::new(move || {
        let mut last: Option<Millis> = None;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let idle = last.is_some_and(|last| incoming.now.0 - last.0 >= idle_ms);
            last = Some(incoming.now);
            if idle || incoming.carried >= most { Answer::HangUp } else { service(&incoming.request).into() }
        })
    }))
}

fn slow_replies() -> Altered {
    documented()
        .behind(laid(|incoming, service| Answer::Response(service(&incoming.request), Duration::from_millis(300))))
}

/// A service whose clock is ahead. `Date` shows that.
fn ahead(ahead_ms: i64) -> Altered {
    Altered { ahead_ms, ..documented() }
}

const SECOND: i64 = 1_000;

/// A service with the right time behind a proxy with a wrong `Date`.
fn dated(date_shift_ms: i64) -> Altered {
    Altered { date_shift_ms, ..documented() }
}

const HOUR: i64 = 3_600 * SECOND;

fn enables_take_three_seconds() -> Altered {
    documented().behind(laid(|incoming, service| {
        let is_enable = parameter(&parameters(&incoming.request), "Action") == Some("EnableMFADevice");
        let delay = if is_enable { Duration::from_secs(3) } else { Duration::ZERO };
        Answer::Response(service(&incoming.request), delay)
    }))
}

/// Closes a connection after a refusal.
fn closes_after_refusals() -> Altered {
    documented().behind(Arc::new(|| {
        let mut is_closed = false;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            if is_closed {
                return Answer::HangUp;
            }
            let mut response = service(&incoming.request);
            if response.status >= 400 {
                is_closed = true;
                response.headers.push((Cow::Borrowed("connection"), "close".to_owned()));
            }
            response.into()
        })
    }))
}

/// How long a connection may be idle, in milliseconds.
const IDLE_MS: i64 = 5_000;

/// Closes a connection at a request after five idle seconds.
fn hangs_up_on_idlers() -> Altered {
    documented().behind(Arc::new(|| {
        let mut last: Option<Millis> = None;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            if last.is_some_and(|last| incoming.now.0 - last.0 > IDLE_MS) {
                return Answer::HangUp;
            }
            last = Some(incoming.now);
            service(&incoming.request).into()
        })
    }))
}

/// How long a slow reply takes.
const SLOW: Duration = Duration::from_millis(2_900);

fn every_ninth_reply_slow() -> Altered {
    documented().behind(laid(|incoming, service| {
        let delay = if incoming.calls % 9 == 8 { SLOW } else { Duration::ZERO };
        Answer::Response(service(&incoming.request), delay)
    }))
}

pub(in crate::permitted) const SERVICES: &[Registered] = &[
    ("connections-closed-after-each-reply", connections_closed_after_each_reply),
    ("connections-closed-when-idle", || closes(20_000, u64::MAX)),
    ("connections-closed-after-a-hundred-requests", || closes(i64::MAX, 100)),
    ("slow-replies", slow_replies),
    ("clock-ahead", || ahead(40_000)),
    ("clock-behind", || ahead(-40_000)),
    ("date-two-minutes-ahead", || dated(120 * SECOND)),
    ("date-an-hour-behind", || dated(-HOUR)),
    ("date-years-ahead", || dated(3 * 365 * 24 * HOUR)),
    ("enables-take-three-seconds", enables_take_three_seconds),
    ("connections-closed-after-a-refusal", closes_after_refusals),
    ("idle-connections-cut", hangs_up_on_idlers),
    ("every-ninth-reply-slow", every_ninth_reply_slow),
];
