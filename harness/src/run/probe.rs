//! The probe finds whether a service answers in the protocol, which operations it has, and how far off its clock is.

use std::collections::BTreeSet;

use mfa_reference::{MfaOperation, Operation, RawRequest, SuccessBody};

use super::factory::TransportFactory;
use super::options::RunOptions;
use super::result::Probe;
use super::start_up::{choose_clock, life, warm_up};
use crate::execute::trace::{Found, Unfinished};
use crate::execute::{Exchange, Patience, Played, Settings, Stop, describe, play};
use crate::oracle::{ObservedClass, Operations, PLAIN_SEED};
use crate::scenario::{Action, DeviceRef, MfaCall, NameForm, Scenario, UserRef};
use crate::transport::{Transport, TransportError};
use crate::wire::{Answer, Call, Format, Observed, Reply, Style, encode, read};

/// Probes a target. Returns the scenarios that it played with their results.
///
/// # Errors
/// The client could not be built.
pub async fn probe(
    factory: &dyn TransportFactory,
    options: &RunOptions,
    stop: &Stop,
) -> Result<(Probe, Vec<(Scenario, Played)>), TransportError> {
    let mut probe = Probe::default();
    let mut transport = factory.transport(0)?;
    warm_up(transport.as_mut(), options, &mut probe).await;
    probe.starts_empty = starts_empty(transport.as_mut(), options).await;
    let mut settings = Settings {
        strict: options.strict,
        settle: options.settle,
        credentials: options.credentials.clone(),
        operations: Operations::default(),
        starts_empty: probe.starts_empty,
        patience: Patience::Never,
        keep_trace: true,
    };
    let left = choose_clock(factory, options, &settings, &mut probe, stop).await?;
    settings.operations.clock_doubt_ms = probe.clock_doubt_ms;
    let mut transport = factory.transport(probe.skew_ms)?;
    let mut played: Vec<(Scenario, Played)> = Vec::new();
    for (number, scenario) in [life(), device_alone(), absences(), devices()].into_iter().enumerate() {
        // The second scenario is for a target that refuses to create a user. A target without any reply gets no
        // further scenario. The last is for a target whose seeds may be usable only by chance.
        let is_called_for = match number {
            0 => true,
            1 => refusal(&played, Operation::CreateUser).is_some() && answers(&played),
            2 => answers(&played),
            _ => played.iter().any(|(_, played)| played.found.iter().any(is_plain_seed)),
        };
        if is_called_for {
            let prefix = format!("{}-p{number}", options.prefix);
            let result = play(&scenario, &prefix, &settings, transport.as_mut(), stop).await;
            played.push((scenario, result));
        }
    }
    if let Some((_, first)) = played.first_mut() {
        first.leftovers.extend(left);
    }
    assess(&mut probe, &mut played);
    if probe.seeds_by_chance {
        for (_, played) in &mut played {
            played.found.retain(|found| !is_plain_seed(found));
        }
    }
    if let Some(why) = played.iter().find_map(|(_, played)| match &played.unfinished {
        Some(Unfinished::Interrupted) => Some("the run was interrupted"),
        Some(Unfinished::OutOfTime) => Some("the time was up (--max-time)"),
        Some(_) | None => None,
    }) {
        probe.unusable = Some(format!("{why} before anything was known about it"));
    }
    Ok((probe, played))
}

/// Whether a finding is a seed as text instead of a blob.
fn is_plain_seed(found: &Found) -> bool {
    found.divergence.class == ObservedClass::Body(PLAIN_SEED)
}

/// Whether any request had a reply.
fn answers(played: &[(Scenario, Played)]) -> bool {
    played.iter().any(|(_, played)| played.answered)
}

/// How a set-up operation was refused, if it never succeeded.
fn refusal(played: &[(Scenario, Played)], operation: Operation) -> Option<String> {
    let exchanges = played.iter().flat_map(|(_, played)| &played.trace);
    let mut refusal = None;
    for exchange in exchanges.filter(|exchange| exchange.call.operation == operation) {
        match &exchange.observed {
            Observed::Reply(Reply { answer: Answer::Success(_), .. }) => return None,
            // A call that the target put off may work later.
            Observed::Reply(Reply { status: 429 | 503, .. }) => {}
            Observed::Reply(Reply { answer: Answer::Error { code, .. }, .. }) if code.starts_with("Throttling") => {}
            Observed::Reply(_) | Observed::Unreadable { .. } | Observed::Broken(_) => {
                refusal = Some(describe(&exchange.observed));
            }
        }
    }
    refusal
}

/// A device without a user, for a target that can't create users.
fn device_alone() -> Scenario {
    let device = DeviceRef(1);
    Scenario::of("probe: a device alone", vec![Action::CreateDevice { device, name: NameForm::Plain }])
}

/// Several devices, for seeds that are usable only by chance.
fn devices() -> Scenario {
    let create = |number| Action::CreateDevice { device: DeviceRef(number), name: NameForm::Plain };
    Scenario::of("probe: several devices", (1..=16).map(create).collect())
}

/// The operations under test about an absent user and an absent device, which need no set-up.
fn absences() -> Scenario {
    let (user, device) = (UserRef(1), DeviceRef(1));
    let about = || MfaCall::about(user, device);
    Scenario::of(
        "probe: a user and a device that don't exist",
        vec![Action::Enable(about().fresh(device)), Action::Resync(about().fresh(device)), Action::Deactivate(about())],
    )
}

/// Whether the account has no assigned device, according to its listing.
async fn starts_empty(transport: &mut dyn Transport, options: &RunOptions) -> bool {
    let operation = Operation::ListVirtualMfaDevices;
    let call = Call { operation, request: RawRequest::new(operation.name(), &[]), style: Style::default() };
    let Ok(reply) = transport.send(&encode(&call), &options.credentials).await else { return false };
    match read(operation, reply) {
        Observed::Reply(Reply { answer: Answer::Success(SuccessBody::VirtualDevices(page)), .. }) => {
            page.next.is_none() && page.items.iter().all(|device| device.user.is_none())
        }
        Observed::Reply(_) | Observed::Unreadable { .. } | Observed::Broken(_) => false,
    }
}

/// Draws the probe's conclusions from its scenarios' results.
fn assess(probe: &mut Probe, played: &mut [(Scenario, Played)]) {
    let exchanges: Vec<&Exchange> = played.iter().flat_map(|(_, played)| &played.trace).collect();
    let stopped = played.iter().find_map(|(_, played)| match &played.unfinished {
        Some(Unfinished::Unreachable(why)) => Some(why.as_str()),
        Some(_) | None => None,
    });
    let manners: BTreeSet<Manner> = exchanges.iter().map(|exchange| manner(&exchange.observed)).collect();
    probe.unusable = unusable(&exchanges, &manners, stopped);
    if probe.unusable.is_some() {
        // Such a target has no users to leave behind, unless its replies break off or fail.
        if !manners.contains(&Manner::Breaks) && !manners.contains(&Manner::Fails) {
            for (_, played) in played {
                played.leftovers.clear();
            }
        }
        return;
    }
    let is_there = |operation: Operation| {
        let mut of_it = exchanges.iter().filter(|exchange| exchange.call.operation == operation);
        of_it.any(|exchange| matches!(manner(&exchange.observed), Manner::Answers | Manner::Bars | Manner::Fails))
    };
    probe.present = MfaOperation::ALL.into_iter().filter(|operation| is_there(operation.operation())).collect();
    probe.listings = is_there(Operation::ListMfaDevices);
    probe.seeds_by_chance = played.iter().any(|(_, played)| played.unusable_seed.is_some());
    for operation in [Operation::CreateUser, Operation::CreateVirtualMfaDevice] {
        probe.refused.extend(refusal(played, operation).map(|came| (operation, came)));
    }
    if probe.present.is_empty() {
        probe.notes.push("none of the three operations is there: nothing but that is judged".to_owned());
    } else if !probe.listings && probe.refused.is_empty() {
        probe
            .notes
            .push("ListMFADevices doesn't answer: the state can't be observed, only replies are judged".to_owned());
    }
}

/// Why a target can't be judged, if no operation answers.
fn unusable(exchanges: &[&Exchange], manners: &BTreeSet<Manner>, stopped: Option<&str>) -> Option<String> {
    let Some(first) = exchanges.first() else {
        let why = stopped.unwrap_or("nothing was sent");
        return Some(format!("nothing answers there: {why}. Start the target, or check the address"));
    };
    if manners.contains(&Manner::Answers) {
        return None;
    }
    let came = describe(&first.observed);
    let status = match &first.observed {
        Observed::Reply(reply) => reply.status,
        Observed::Unreadable { status, .. } => *status,
        Observed::Broken(_) => 0,
    };
    let same = if manners.len() == 1 { manners.first() } else { None };
    Some(match same {
        Some(Manner::Breaks) => format!("it takes connections but answers no request ({came})"),
        Some(Manner::OtherLanguage) if (300..400).contains(&status) => {
            format!("it redirects every request elsewhere (status {status}): give the URL of the service itself")
        }
        Some(Manner::OtherLanguage) => {
            format!("it doesn't speak the AWS query protocol (status {came}): check the port, and which service it is")
        }
        Some(Manner::Lacks) => format!("it has none of the operations: to each request it answers {came}"),
        Some(Manner::Bars) => format!(
            "it bars every request ({came}): check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and what they may do"
        ),
        Some(Manner::Fails) => {
            format!("it fails at every request ({came}): it may still be starting, or have too much to do")
        }
        Some(Manner::Answers) | None => {
            let call = first.call.operation;
            format!("no operation answers in the protocol: {call} came to {came}, and the others to nothing better")
        }
    })
}

/// How a target answers a call: whether it has the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Manner {
    /// With a success, or with an error of this operation.
    Answers,
    /// In the protocol, only to say that it lacks the operation.
    Lacks,
    /// In the protocol, only to say that the caller has no permission.
    Bars,
    /// In the protocol, only to say that it can't answer.
    Fails,
    OtherLanguage,
    Breaks,
}

fn manner(observed: &Observed) -> Manner {
    /// Codes about the caller, whatever the request.
    const BARRED: [&str; 12] = [
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "ExpiredToken",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "NotAuthorized",
        "OptInRequired",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ];
    match observed {
        // A target with a broken envelope speaks the protocol. The oracle reports the envelope.
        Observed::Reply(Reply { answer: Answer::Success(_), .. })
        | Observed::Unreadable { format: Format::BrokenEnvelope | Format::OtherResponse, .. } => Manner::Answers,
        Observed::Reply(Reply { answer: Answer::Error { code, .. }, status, .. }) => {
            if code == "InvalidAction" || *status == 501 {
                Manner::Lacks
            } else if BARRED.contains(&code.as_str()) {
                Manner::Bars
            } else if *status >= 500 || *status == 429 || code.starts_with("Throttling") {
                Manner::Fails
            } else {
                Manner::Answers
            }
        }
        Observed::Unreadable { format: Format::Foreign, .. } => Manner::OtherLanguage,

        Observed::Broken(_) => Manner::Breaks,
    }
}
