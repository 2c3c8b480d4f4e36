//! Plays a scenario on a service in this process, where nothing has to be waited for.

use std::pin::pin;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mfa_conformance::execute::{Patience, Played, Settings, play};
use mfa_conformance::oracle::Operations;
use mfa_conformance::scenario::Scenario;
use mfa_conformance::transport::{Credentials, Transport};

/// When the virtual clocks begin, in milliseconds since the epoch: the beginning of a time step.
pub const BEGINNING: i64 = 1_750_000_020_000;

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| Settings {
    strict: false,
    settle: Duration::from_secs(2),
    credentials: Credentials {
        access_key_id: "test".to_owned(),
        secret_access_key: "test".to_owned(),
        session_token: None,
    },
    operations: Operations::all(),
    starts_empty: true,
    patience: Patience::Always,
    keep_trace: true,
});

/// Plays a scenario on a service that answers at once; `None` if it waits for something that never comes.
pub fn play_now(scenario: &Scenario, strict: bool, transport: &mut dyn Transport) -> Option<Played> {
    let settings = Settings { strict, ..SETTINGS.clone() };
    let never = AtomicBool::new(false);
    let playing = pin!(play(scenario, "mfac", &settings, transport, &never));
    match playing.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(played) => Some(played),
        Poll::Pending => None,
    }
}
