//! The oracle and the faults, held against each other: it blames no call that a fault has left as it is, and it misses
//! none of the successes that nothing permits.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use mfa_reference::world::World;
use mfa_reference::{Constraints, ErrorCode, Millis, Operation, Request};

use super::input::Input;
use super::sequence::sequence;
use super::stage::{Looked, Watched, perform};
use crate::execute::Played;
use crate::fault::altered::documented;
use crate::fault::{Fault, faults};
use crate::scenario::Scenario;
use crate::wire::{Answer, Call, Observed, Reply, read};

/// How bytes break the property.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A scenario waits for something that never comes.
    #[error("{0:?} doesn't end")]
    Endless(Box<Scenario>),
    /// The oracle blames a call that the fault has left as it is.
    #[error("{fault} first alters call {altered:?} of {scenario:?}; what diverges before: {divergence}")]
    Blamed {
        /// The fault.
        fault: String,
        /// What was played.
        scenario: Box<Scenario>,
        /// The number of the first call that was altered, from 0.
        altered: Option<usize>,
        /// What the oracle says.
        divergence: String,
    },
    /// The oracle misses a success that nothing permits.
    #[error("{fault} lets call {altered} of {scenario:?} succeed, where the documents demand {code}: not a divergence")]
    Missed {
        /// The fault.
        fault: String,
        /// What was played.
        scenario: Box<Scenario>,
        /// The number of the call, from 0.
        altered: usize,
        /// What the documented service answers.
        code: ErrorCode,
    },
}

static FAULTS: LazyLock<Vec<Fault>> = LazyLock::new(faults);

/// Any fault of the catalogue and any sequence with time. Up to the first call that the fault alters (its reply or what
/// it did to the account is not what the documented service answers and does after the same calls), nothing diverges.
/// If that call succeeds where the documented service refuses with one of `DEMANDED`, it diverges, or is noted as what
/// AWS was recorded not to do.
///
/// The first two bytes say the fault, the third where in a step the clock begins; the rest is the sequence.
///
/// # Errors
/// How the bytes break this.
pub fn holds(bytes: &[u8]) -> Result<(), Broken> {
    let mut input = Input(bytes);
    let number = usize::from(input.byte()) << 8 | usize::from(input.byte());
    let Some(fault) = FAULTS.get(number % FAULTS.len().max(1)) else { return Ok(()) };
    let name = || fault.name.to_string();
    let into_step = i64::from(input.byte()) * 117;
    let scenario = Box::new(sequence(&mut input));
    let beside = Watched::new(documented(), into_step);
    let mut transport = Watched::new(fault.service.make(), into_step).beside(beside);
    let Some(played) = perform(&scenario, false, &mut transport) else { return Err(Broken::Endless(scenario)) };
    let pairs = || transport.calls.iter().zip(transport.calls_beside());
    let altered = pairs().position(|(one, other)| one.reply != other.reply || one.changed != other.changed);
    let early = played.found.iter().find(|found| altered.is_none_or(|altered| found.exchange < altered));
    if let Some(found) = early {
        let divergence = format!("{:?} by exchange {}", found.divergence, found.exchange);
        return Err(Broken::Blamed { fault: name(), scenario, altered, divergence });
    }
    let Some((altered, (one, other))) = altered.and_then(|at| Some((at, pairs().nth(at)?))) else { return Ok(()) };
    let call = played.trace.get(altered).map(|exchange| &exchange.call);
    if let Some(call) = call
        && let Some(code) = demanded(call, other, account(transport.calls_beside(), altered))
        && succeeds(call.operation, one)
        && !played.found.iter().any(|found| found.exchange == altered)
        && !is_noted(&scenario, &played, Watched::new(fault.service.make(), into_step), altered)
    {
        return Err(Broken::Missed { fault: name(), scenario, altered, code });
    }
    Ok(())
}

/// What the documented service refuses so that no document lets anyone succeed instead: what doesn't exist or isn't the
/// user's, what is in use already, values that break their constraint in every reading, and codes that the device
/// doesn't emit for a long time before and after.
const DEMANDED: [ErrorCode; 4] = [
    ErrorCode::NoSuchEntity,
    ErrorCode::EntityAlreadyExists,
    ErrorCode::ValidationError,
    ErrorCode::InvalidAuthenticationCode,
];

/// How far from now a code may be for some service to take it, in steps.
const FAR: i64 = 60;

/// Whether a call is permitted only because nothing but a recording of AWS is against it, which was noted: then the
/// strict mode blames it. A user who was created again may have a device, say.
fn is_noted(scenario: &Scenario, played: &Played, mut transport: Watched, call: usize) -> bool {
    !played.tally.departures.is_empty()
        && perform(scenario, true, &mut transport)
            .is_some_and(|strictly| strictly.found.iter().any(|found| found.exchange == call))
}

/// The account before a call that has changed nothing.
fn account(calls: &[Looked], call: usize) -> Option<&World> {
    calls.get(..=call)?.iter().rev().find_map(|looked| looked.changed.as_ref())
}

/// Whether one of a call's codes is none that its device emits near the instant.
fn is_guessed(call: &Call, account: &World, at: Millis) -> bool {
    let device = call.request.get("SerialNumber").and_then(|serial| account.find_device(serial).id());
    let Some(seed) = device.and_then(|id| account.device(id)?.seed.as_ref()) else { return false };
    let emits = |code: &str| (-FAR..=FAR).any(|away| seed.code(at.step().plus(away)).as_str() == code);
    !["AuthenticationCode1", "AuthenticationCode2"].iter().all(|name| call.request.get(name).is_some_and(emits))
}

/// The code with which a call has to be refused, if it has to be.
fn demanded(call: &Call, documented: &Looked, account: Option<&World>) -> Option<ErrorCode> {
    call.operation.under_test()?;
    let names: BTreeSet<&str> = call.request.parameters.iter().map(|(name, _)| name.as_str()).collect();
    // Which of two values counts, no document says.
    if names.len() != call.request.parameters.len() {
        return None;
    }
    let Some(Answer::Error { code, .. }) = answer(call.operation, documented) else { return None };
    let code = ErrorCode::from_wire(&code).filter(|code| DEMANDED.contains(code))?;
    let constraints = Constraints::default();
    let request = Request::read(&call.request, &constraints).ok()?;
    let is_sure = if code == ErrorCode::ValidationError {
        // It may also be an opinion of the service's own.
        !request.violations().is_empty()
    } else if code == ErrorCode::InvalidAuthenticationCode {
        // The pair may also be late, early, used or reversed.
        account.is_some_and(|account| is_guessed(call, account, documented.at))
    } else {
        true
    };
    is_sure.then_some(code)
}

/// The answer to a call, if it can be read.
fn answer(operation: Operation, looked: &Looked) -> Option<Answer> {
    match read(operation, looked.reply.clone().ok()?) {
        Observed::Reply(Reply { answer, .. }) => Some(answer),
        Observed::Unreadable { .. } | Observed::Broken(_) => None,
    }
}

fn succeeds(operation: Operation, looked: &Looked) -> bool {
    let success = looked.reply.as_ref().is_ok_and(|reply| reply.status == 200);
    success && matches!(answer(operation, looked), Some(Answer::Success(_)))
}

#[cfg(test)]
mod tests {
    use mfa_reference::RawRequest;

    use super::*;
    use crate::transport::HttpReply;
    use crate::wire::Style;

    fn looked(status: u16, body: &str) -> Looked {
        let reply = HttpReply { status, content_type: None, date: None, body: body.into(), retried: false };
        Looked { reply: Ok(reply), changed: None, at: Millis(0) }
    }

    fn call(parameters: &[(&str, &str)]) -> Call {
        let request = RawRequest::new("DeactivateMFADevice", parameters);
        Call { operation: Operation::DeactivateMfaDevice, request, style: Style::default() }
    }

    #[test]
    fn a_refusal_is_demanded_only_where_no_document_leaves_it_open() {
        let refused = |code| looked(400, &format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"));
        let named = [("UserName", "Bob"), ("SerialNumber", "R12345678")];
        assert_eq!(demanded(&call(&named), &refused("NoSuchEntity"), None), Some(ErrorCode::NoSuchEntity));
        assert_eq!(demanded(&call(&named), &refused("LimitExceeded"), None), None);
        assert_eq!(demanded(&call(&named), &refused("ValidationError"), None), None);
        let broken = [("UserName", "Bob"), ("SerialNumber", "R1234")];
        assert_eq!(demanded(&call(&broken), &refused("ValidationError"), None), Some(ErrorCode::ValidationError));
        let twice = [("UserName", "Bob"), ("UserName", "Eve"), ("SerialNumber", "R12345678")];
        assert_eq!(demanded(&call(&twice), &refused("NoSuchEntity"), None), None);
        assert!(succeeds(Operation::DeactivateMfaDevice, &looked(200, "<DeactivateMFADeviceResponse/>")));
        assert!(!succeeds(Operation::DeactivateMfaDevice, &looked(200, "<html/>")));
    }

    /// A user who is deleted, a device, a user of the same name, and a pair for that user and the device.
    const RECREATED: &[u8] = &[0x4a, 0, 0, 0, 12, 0, 1, 0, 0, 0, 2, 6, 0, 8, 2, 0];

    /// The same with a user of another name.
    const ANOTHER: &[u8] = &[0x4a, 0, 0, 0, 12, 0, 1, 0, 0, 0, 2, 0, 8, 2, 0];

    #[test]
    fn what_only_aws_is_known_to_refuse_is_noted_and_not_missed() {
        let (number, fault) = FAULTS.iter().enumerate().find(|(_, fault)| fault.name == "resync-enables").unwrap();
        let number = u16::try_from(number).unwrap().to_be_bytes();
        for (rest, noted) in [(RECREATED, true), (ANOTHER, false)] {
            let bytes = [&number[..], rest].concat();
            assert_eq!(holds(&bytes), Ok(()));
            let scenario = sequence(&mut Input(&rest[1..]));
            let watched = || Watched::new(fault.service.make(), 0);
            let played = perform(&scenario, false, &mut watched()).unwrap();
            let is = (0..played.trace.len()).any(|call| is_noted(&scenario, &played, watched(), call));
            assert_eq!((played.found.is_empty(), is), (noted, noted), "{scenario:?}");
        }
    }
}
