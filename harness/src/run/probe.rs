//! The probe: is there a service, does it speak the protocol, which operations has it, how far off is its clock?

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mfa_reference::{MfaOperation, Millis, Operation, RawRequest};

use super::options::RunOptions;
use super::result::Probe;
use crate::execute::{Exchange, Patience, Played, Settings, play};
use crate::oracle::Operations;
use crate::scenario::{Action, DeviceRef, MfaCall, NameForm, Scenario, UserRef};
use crate::transport::Transport;
use crate::wire::{Answer, Call, Observed, Style, encode};

/// A difference of clocks that `Date`, which has whole seconds, may show between clocks that agree.
const NEGLIGIBLE_SKEW_MS: i64 = 1_500;

/// Probes a target. The scenarios that it plays come back with what they came to.
pub async fn probe<T: Transport>(
    transport: &mut T,
    options: &RunOptions,
    interrupt: &AtomicBool,
) -> (Probe, Vec<(Scenario, Played)>) {
    let mut probe = Probe::default();
    clock(transport, options, &mut probe).await;
    let settings = Settings {
        strict: options.strict,
        settle: options.settle,
        credentials: options.credentials.clone(),
        operations: Operations::default(),
        listings: false,
        patience: Patience::Never,
        retries: 2,
        keep_trace: true,
    };
    let mut played = Vec::new();
    for (number, scenario) in [life(), absences()].into_iter().enumerate() {
        let prefix = format!("{}-p{number}", options.prefix);
        let result = play(&scenario, &prefix, &settings, transport, interrupt).await;
        played.push((scenario, result));
    }
    assess(&mut probe, &played);
    (probe, played)
}

/// One device's life, every operation called well-formed.
fn life() -> Scenario {
    let (user, device) = (UserRef(1), DeviceRef(1));
    let about = || MfaCall::about(user, device);
    Scenario::of(
        "probe: one device's life",
        vec![
            Action::CreateUser { user, name: NameForm::Plain },
            Action::CreateDevice { device, name: NameForm::Plain },
            Action::ListDevices { user },
            Action::Enable(about().fresh(device)),
            Action::Resync(about().fresh(device)),
            Action::Deactivate(about()),
        ],
    )
}

/// The same operations about a user and a device that don't exist: they need no set-up.
fn absences() -> Scenario {
    let (user, device) = (UserRef(1), DeviceRef(1));
    let about = || MfaCall::about(user, device);
    Scenario::of(
        "probe: a user and a device that don't exist",
        vec![
            Action::Enable(about().fresh(device)),
            Action::Resync(about().fresh(device)),
            Action::Deactivate(about()),
        ],
    )
}

/// Reads how far the target's clock is ahead: from `Date`, if it advances like a clock.
async fn clock<T: Transport>(transport: &mut T, options: &RunOptions, probe: &mut Probe) {
    let Some(first) = date(transport, options).await else {
        probe.notes.push("the target sends no Date: its clock is taken to agree with this machine's".to_owned());
        return;
    };
    if (first.1 - first.0.0).abs() <= NEGLIGIBLE_SKEW_MS {
        return;
    }
    transport.wait(Duration::from_millis(2_100)).await;
    let Some(second) = date(transport, options).await else { return };
    let (here, there) = (second.0.0 - first.0.0, second.1 - first.1);
    if (here - there).abs() <= 1_000 {
        // `Date` is cut to whole seconds: half a second more is the best guess.
        probe.skew_ms = second.1 + 500 - second.0.0;
        probe.notes.push(format!("the target's clock is {} ms ahead of this machine's", probe.skew_ms));
    } else {
        probe.notes.push("the target's Date doesn't advance: this machine's clock is used instead".to_owned());
    }
}

/// Our time and the target's `Date`, in milliseconds.
async fn date<T: Transport>(transport: &mut T, options: &RunOptions) -> Option<(Millis, i64)> {
    let request = RawRequest::new("ListMFADevices", &[("UserName", &format!("{}-nobody", options.prefix))]);
    let call = Call { operation: Operation::ListMfaDevices, request, style: Style::default() };
    let reply = transport.send(&encode(&call), &options.credentials).await.ok()?;
    Some((transport.now(), reply.date?.0))
}

/// Draws the conclusions from what the probe's scenarios came to.
fn assess(probe: &mut Probe, played: &[(Scenario, Played)]) {
    let exchanges: Vec<&Exchange> = played.iter().flat_map(|(_, played)| &played.trace).collect();
    for operation in MfaOperation::ALL {
        let spoke = exchanges.iter().any(|exchange| {
            exchange.call.operation == operation.operation() && speaks(&exchange.observed) == Speaks::Yes
        });
        if spoke {
            probe.present.insert(operation);
        }
    }
    probe.listings = exchanges.iter().any(|exchange| {
        exchange.call.operation == Operation::ListMfaDevices && speaks(&exchange.observed) == Speaks::Yes
    });
    let set_up_failed = played.first().and_then(|(_, played)| played.unfinished.as_ref());
    probe.unusable = unusable(&exchanges, set_up_failed.map(ToString::to_string), probe);
    if probe.unusable.is_none() && !probe.listings {
        probe.notes.push("ListMFADevices doesn't answer: the state can't be observed, only replies are judged".to_owned());
    }
}

/// Why a target can't be judged, if it can't.
fn unusable(exchanges: &[&Exchange], set_up: Option<String>, probe: &Probe) -> Option<String> {
    let all = |wanted: Speaks| exchanges.iter().all(|exchange| speaks(&exchange.observed) == wanted);
    let Some(first) = exchanges.first() else {
        let why = set_up.unwrap_or_else(|| "nothing was sent".to_owned());
        return Some(format!("nothing answers there: {why}. Start the target, or check the address"));
    };
    if all(Speaks::Broken) {
        let why = match &first.observed {
            Observed::Broken(error) => error.to_string(),
            Observed::Reply(_) | Observed::Unreadable { .. } => String::new(),
        };
        return Some(format!("it takes connections but answers no request ({why})"));
    }
    if all(Speaks::AnotherLanguage) {
        let why = match &first.observed {
            Observed::Unreadable { status, why, .. } => format!("status {status}: {why}"),
            Observed::Reply(_) | Observed::Broken(_) => String::new(),
        };
        return Some(format!(
            "it doesn't speak the AWS query protocol ({why}). Is this the right port, and the right service?"
        ));
    }
    if probe.present.is_empty() {
        let refusal = exchanges.iter().find_map(|exchange| match &exchange.observed {
            Observed::Reply(reply) => match &reply.answer {
                Answer::Error { code, .. } => Some(code.clone()),
                Answer::Success(_) => None,
            },
            Observed::Unreadable { .. } | Observed::Broken(_) => None,
        });
        let code = refusal.map_or_else(|| "no usable reply".to_owned(), |code| code);
        return Some(format!("it has none of the three operations (it answers {code})"));
    }
    None
}

/// Whether an observation shows that the operation is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Yes,
    /// In the protocol, but only to say that there is no such operation.
    NoSuchOperation,
    AnotherLanguage,
    Broken,
}

fn speaks(observed: &Observed) -> Speaks {
    match observed {
        Observed::Reply(reply) => match &reply.answer {
            Answer::Error { code, .. } if code == "InvalidAction" || reply.status == 501 => Speaks::NoSuchOperation,
            Answer::Error { .. } | Answer::Success(_) => Speaks::Yes,
        },
        Observed::Unreadable { .. } => Speaks::AnotherLanguage,
        Observed::Broken(_) => Speaks::Broken,
    }
}
