//! The start of a probe: it waits for a target that is still starting, and finds the target's clock.

use std::time::Duration;

use mfa_reference::{ErrorCode, Millis, Operation, RawRequest, TimeStep};

use super::factory::TransportFactory;
use super::options::RunOptions;
use super::result::Probe;
use crate::execute::{Exchange, Leftover, Settings, Stop, play};
use crate::scenario::{Action, DeviceRef, MfaCall, NameForm, Scenario, UserRef};
use crate::transport::{Transport, TransportError};
use crate::wire::{Answer, Call, Observed, Reply, Style, encode};

/// How long a target may answer that it isn't available yet.
const WARM_UP: Duration = Duration::from_mins(1);

/// The pause before the next request to a starting target.
const PAUSE: Duration = Duration::from_millis(250);

/// The largest difference that `Date` may show between equal clocks, in milliseconds: it has whole seconds.
const NEGLIGIBLE_SKEW_MS: i64 = 1_500;

/// A doubt wider than a time step, in milliseconds. With it no pair of codes is surely fresh.
const DOUBT_MS: i64 = 60_000;

/// Waits while a target answers that it isn't available, since it may be starting.
pub(super) async fn warm_up(transport: &mut dyn Transport, options: &RunOptions, probe: &mut Probe) {
    let most = if transport.is_virtual() { WARM_UP } else { WARM_UP.min(options.max_wait) };
    let begun = transport.now();
    let waited = |now: Millis| Duration::from_millis(u64::try_from(now.0 - begun.0).unwrap_or_default());
    let mut tries = 0;
    while let Ok(reply) = transport.send(&encode(&nobodys_devices(options)), &options.credentials).await {
        if !matches!(reply.status, 429 | 503) || waited(transport.now()) >= most {
            break;
        }
        tries += 1;
        transport.wait(reply.retry_after.unwrap_or(PAUSE).clamp(PAUSE, Duration::from_secs(5))).await;
    }
    if tries > 0 {
        let seconds = waited(transport.now()).as_secs_f64();
        probe.notes.push(format!("the target wasn't available at first: the run waited {seconds:.1} s for it"));
    }
}

/// One device's life, with a well-formed call of every operation.
pub(super) fn life() -> Scenario {
    let (user, device) = (UserRef(1), DeviceRef(1));
    let about = || MfaCall::about(user, device);
    Scenario::of(
        "probe: one device's life",
        vec![
            Action::CreateUser { user, name: NameForm::Plain },
            Action::CreateDevice { device, name: NameForm::Plain },
            Action::ListDevices { user, max_items: None },
            Action::Enable(about().fresh(device)),
            Action::Resync(about().fresh(device)),
            Action::Deactivate(about()),
        ],
    )
}

/// What the `Date` header says about the target's clock.
enum Dated {
    /// The target's clock agrees with this machine's.
    Agrees,
    /// The target's clock is this many milliseconds ahead.
    Ahead(i64),
    /// The header doesn't advance like a clock.
    Useless,
}

/// Chooses the clock for computing codes. If this machine's clock and the target's `Date` disagree, it trusts a clock
/// only after the target has accepted a pair of it. Returns what the trials left behind.
///
/// # Errors
/// The client could not be built.
pub(super) async fn choose_clock(
    factory: &dyn TransportFactory,
    options: &RunOptions,
    settings: &Settings,
    probe: &mut Probe,
    stop: &Stop,
) -> Result<Vec<Leftover>, TransportError> {
    let ahead = match dated(factory.transport(0)?.as_mut(), options, probe).await {
        Dated::Agrees => return Ok(Vec::new()),
        Dated::Ahead(ahead) => Some(ahead),
        Dated::Useless => None,
    };
    let mut trials = Trials { factory, options, settings, stop, count: 0, refused: false, leftovers: Vec::new() };
    let here = trials.accepts(0).await?;
    let Some(ahead) = ahead else {
        if !here && trials.refused {
            probe.clock_doubt_ms = DOUBT_MS;
            let text =
                "the target sends no useful Date, and this machine's clock doesn't explain which codes it accepts";
            probe.notes.push(format!("{text}: what it answers to right codes is not tested"));
        }
        return Ok(trials.leftovers);
    };
    let there = trials.accepts(ahead).await?;
    let off = format!("the Date header is {ahead} ms ahead of this machine's clock");
    let (by_date, by_ours) = if here && there { trials.in_the_middle(ahead).await? } else { (there, here) };
    probe.notes.push(if by_ours {
        format!("{off}, but the target accepts the codes of this machine's time: that clock is used")
    } else if by_date {
        probe.skew_ms = ahead;
        format!("the target's clock is {ahead} ms ahead of this machine's: it accepts the codes of that time")
    } else if here && ahead.abs() < TimeStep::MILLIS {
        // The target uses one of the two clocks, so a pair that is fresh by both is fresh.
        (probe.skew_ms, probe.clock_doubt_ms) = (ahead / 2, ahead.abs().div_euclid(2) + 1);
        format!("{off}, and the target accepts the codes of both: only what is fresh by both clocks is tested")
    } else if trials.refused {
        probe.clock_doubt_ms = DOUBT_MS;
        let explain = if here { "both explain" } else { "neither explains" };
        format!("{off}, and {explain} which codes the target accepts: what it answers to right codes is not tested")
    } else {
        off
    });
    Ok(trials.leftovers)
}

/// Trials of clocks: each plays one device's life by one clock.
struct Trials<'t> {
    factory: &'t dyn TransportFactory,
    options: &'t RunOptions,
    settings: &'t Settings,
    stop: &'t Stop,
    count: u32,
    /// Whether the target refused a pair of codes as not recognised.
    refused: bool,
    leftovers: Vec<Leftover>,
}

impl Trials<'_> {
    /// Whether the `Date` header, `ahead` milliseconds ahead, and this machine's clock lie in the middle of what the
    /// target accepts. A target that accepts late and early pairs also accepts those of a clock that is a little off,
    /// as many whole time steps after its own clock as before it. If both clocks pass, the target accepts both clocks'
    /// pairs everywhere.
    async fn in_the_middle(&mut self, ahead: i64) -> Result<(bool, bool), TransportError> {
        let steps = (ahead / TimeStep::MILLIS).abs().max(1) * TimeStep::MILLIS * ahead.signum();
        Ok((self.accepts(ahead + steps).await?, self.accepts(-steps).await?))
    }

    /// Whether the target accepts a pair of a clock that is `skew_ms` milliseconds ahead of this machine's.
    async fn accepts(&mut self, skew_ms: i64) -> Result<bool, TransportError> {
        self.count += 1;
        let mut transport = self.factory.transport(skew_ms)?;
        let prefix = format!("{}-c{}", self.options.prefix, self.count);
        let played = play(&life(), &prefix, self.settings, transport.as_mut(), self.stop).await;
        self.leftovers.extend(played.leftovers);
        let with_codes = |exchange: &&Exchange| {
            matches!(exchange.call.operation, Operation::EnableMfaDevice | Operation::ResyncMfaDevice)
        };
        let mut accepted = false;
        for exchange in played.trace.iter().filter(with_codes) {
            if let Observed::Reply(Reply { answer, .. }) = &exchange.observed {
                accepted |= matches!(answer, Answer::Success(_));
                self.refused |= matches!(answer, Answer::Error { code, .. }
                    if ErrorCode::from_wire(code) == Some(ErrorCode::InvalidAuthenticationCode));
            }
        }
        Ok(accepted)
    }
}

/// Reads how far the target's `Date` is ahead, and checks that it advances like a clock.
async fn dated(transport: &mut dyn Transport, options: &RunOptions, probe: &mut Probe) -> Dated {
    let first = match date(transport, options).await {
        Some((here, Some(there))) => (here, there),
        Some((_, None)) => {
            probe.notes.push("the target sends no Date: its clock is taken to agree with this machine's".to_owned());
            return Dated::Useless;
        }
        // A target that doesn't answer shows no clock.
        None => return Dated::Agrees,
    };
    if (first.1 - first.0.0).abs() <= NEGLIGIBLE_SKEW_MS {
        return Dated::Agrees;
    }
    transport.wait(Duration::from_millis(2_100)).await;
    let Some((here, Some(there))) = date(transport, options).await else { return Dated::Useless };
    let (ours, theirs) = (here.0 - first.0.0, there - first.1);
    if (ours - theirs).abs() <= 1_000 {
        // `Date` is truncated to whole seconds, so half a second more is the best estimate.
        return Dated::Ahead(there + 500 - here.0);
    }
    probe.notes.push("the target's Date doesn't advance: this machine's clock is used instead".to_owned());
    Dated::Useless
}

/// This machine's time and the target's `Date`, in milliseconds; `None` if the target doesn't answer.
async fn date(transport: &mut dyn Transport, options: &RunOptions) -> Option<(Millis, Option<i64>)> {
    let reply = transport.send(&encode(&nobodys_devices(options)), &options.credentials).await.ok()?;
    Some((transport.now(), reply.date.map(|date| date.0)))
}

/// A call that only reads, about a user that doesn't exist.
fn nobodys_devices(options: &RunOptions) -> Call {
    let request = RawRequest::new("ListMFADevices", &[("UserName", &format!("{}-nobody", options.prefix))]);
    Call { operation: Operation::ListMfaDevices, request, style: Style::default() }
}
