//! Plays a scenario on a service in this process, where nothing has to be waited for.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use mfa_conformance::execute::{Played, Settings, Stop, play};
use mfa_conformance::scenario::Scenario;
use mfa_conformance::transport::Transport;
use mfa_faults::witness::settings;

/// When the virtual clocks begin, in milliseconds since the epoch: the beginning of a time step.
pub const BEGINNING: i64 = 1_750_000_020_000;

/// Plays a scenario on a service that answers at once; `None` if it waits for something that never comes.
pub fn play_now(scenario: &Scenario, strict: bool, transport: &mut dyn Transport) -> Option<Played> {
    let settings = Settings { keep_trace: true, ..settings(strict) };
    let never = Stop::default();
    let playing = pin!(play(scenario, "mfac", &settings, transport, &never));
    match playing.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(played) => Some(played),
        Poll::Pending => None,
    }
}
