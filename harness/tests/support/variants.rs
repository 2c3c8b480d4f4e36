//! Services that differ from the documented one in what the documents leave open: none of them may be blamed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Adjacent, Behaviour, Decision, Recogniser, Rules};
use mfa_reference::service::rules::{Check, Documented, Situation};
use mfa_reference::totp::Seed;
use mfa_reference::world::{Effect, World};
use mfa_reference::{Caller, ErrorCode, MfaOperation, Millis, Operation, Outcome, Request, Step};

use super::broken::{Broken, decides, documented_reply, misreads, named, with};
use super::faults::wire::without;
use super::faults::{devices_of, dissociate, done, refuse, refused_with};

/// A way to conform.
pub(crate) struct Variant {
    /// What it does.
    pub(crate) name: &'static str,
    /// Makes the service.
    pub(crate) service: fn() -> Broken,
}

/// Takes only codes that are newer than those taken before (RFC 6238, section 5.2).
struct OneTime;

impl Recogniser for OneTime {
    fn recognise(&self, seed: &Seed, code1: &str, code2: &str, now: Millis, last: Option<Step>) -> Option<Step> {
        let step = Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, code1, code2, now, last)?;
        last.is_none_or(|last| step.plus(-1) > last).then_some(step)
    }
}

/// Takes any two codes of a day, the second later than the first.
struct Lenient;

impl Recogniser for Lenient {
    fn recognise(&self, seed: &Seed, code1: &str, code2: &str, now: Millis, _: Option<Step>) -> Option<Step> {
        let near = || (-40..=40).map(|offset| now.step().plus(offset));
        let first = near().find(|step| seed.code(*step).as_str() == code1)?;
        near().rev().find(|step| *step > first && seed.code(*step).as_str() == code2)
    }
}

/// Takes the last completed step and the current one, nothing else.
const NARROW: Adjacent = Adjacent { steps_behind: 0, steps_ahead: 0 };

/// Every order of the checks.
pub(crate) fn orders() -> Vec<[Check; 4]> {
    let all = [Check::User, Check::Device, Check::Codes, Check::Assignment];
    let mut orders = Vec::new();
    for one in all {
        for two in all {
            for three in all {
                for four in all {
                    let order = [one, two, three, four];
                    if all.iter().all(|check| order.contains(check)) {
                        orders.push(order);
                    }
                }
            }
        }
    }
    orders
}

/// The documented service with its checks in this order.
pub(crate) fn ordered(order: [Check; 4]) -> Broken {
    with(Behaviour { rules: Arc::new(Documented { order }), ..Behaviour::default() })
}

/// Answers listings from what was so a second ago.
struct Slow(Mutex<Vec<(Millis, World)>>);

impl Rules for Slow {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let mut past = self.0.lock().unwrap();
        past.push((situation.now, situation.world.clone()));
        let listing = request.operation() == Operation::ListMfaDevices;
        let then = situation.now.plus(-1_000);
        // The state that a call found is the one since the call before it.
        let old = past.iter().find(|(at, _)| *at > then).filter(|_| listing);
        let world = old.map_or(situation.world, |(_, world)| world);
        let decision = Documented::default().decide(&Situation { world, ..*situation }, request, memory);
        match refused_with(&decision) {
            Some(ErrorCode::NoSuchEntity) if listing => Documented::default().decide(situation, request, memory),
            _ => decision,
        }
    }
}

/// Answers every third call with a passing failure; with its effect, if that is to happen.
fn fails_now_and_then(code: ErrorCode, carried_out: bool) -> Broken {
    let calls = Mutex::new(0_u32);
    let failing = Arc::new(AtomicBool::new(false));
    let fails = failing.clone();
    decides(move |_, request, decision| {
        let mut calls = calls.lock().unwrap();
        *calls += 1;
        if !calls.is_multiple_of(3) || request.operation().under_test().is_none() {
            return decision;
        }
        match decision {
            Decision::CarryOut { .. } if carried_out => {
                fails.store(true, Ordering::Relaxed);
                decision
            }
            Decision::CarryOut { .. } | Decision::Refuse { .. } => refuse(code),
        }
    })
    .and_renderer(move |operation, outcome, id| {
        let failed = Outcome::Error { code, message: "later".to_owned() };
        let fails = failing.swap(false, Ordering::Relaxed);
        documented_reply(operation, if fails { &failed } else { outcome }, id)
    })
}

/// Refuses broken constraints with another code.
fn validates_with(code: ErrorCode) -> Broken {
    decides(move |_, _, decision| match refused_with(&decision) {
        Some(ErrorCode::ValidationError) => refuse(code),
        _ => decision,
    })
}

/// Every variant, the orders of the checks apart.
pub(crate) const VARIANTS: &[Variant] = &[
    Variant { name: "takes a code once", service: || with(Behaviour::default()).and_recogniser(OneTime) },
    Variant {
        name: "takes late, early and distant codes",
        service: || with(Behaviour::default()).and_recogniser(Lenient),
    },
    Variant { name: "takes the fresh pair only", service: || with(Behaviour::default()).and_recogniser(NARROW) },
    Variant {
        name: "refuses with InvalidParameterValue",
        service: || validates_with(ErrorCode::InvalidParameterValue),
    },
    Variant { name: "refuses with MissingParameter", service: || validates_with(ErrorCode::MissingParameter) },
    Variant { name: "looks for the entity before it validates", service: || validates_with(ErrorCode::NoSuchEntity) },
    Variant {
        name: "removes a device that is deactivated",
        service: || {
            with(Behaviour::default()).and_effects(|world, effect, body, now| {
                world.apply(effect, Some(body), now);
                if let Effect::Dissociate(device) = effect {
                    world.apply(&Effect::RemoveDevice(*device), None, now);
                }
            })
        },
    },
    Variant {
        name: "deletes devices that are enabled",
        service: || {
            decides(|situation, request, decision| match (request, refused_with(&decision)) {
                (Request::Support(support), Some(ErrorCode::DeleteConflict))
                    if support.operation == Operation::DeleteVirtualMfaDevice =>
                {
                    let serial = support.serial_number.text.unwrap_or_default();
                    situation.world.find_device(serial).id().map_or(decision, |id| done(Effect::RemoveDevice(id)))
                }
                _ => decision,
            })
        },
    },
    Variant {
        name: "refuses plus signs and underscores in serial numbers",
        service: || {
            decides(|situation, request, decision| {
                let (Request::Codes { serial_number, .. } | Request::Deactivate { serial_number, .. }) = request else {
                    return decision;
                };
                let resync = named(situation, request).is_some_and(|named| named.operation == MfaOperation::Resync);
                let odd = serial_number.text.is_some_and(|serial| serial.contains(['+', '_']));
                if odd && !resync { refuse(ErrorCode::ValidationError) } else { decision }
            })
        },
    },
    Variant {
        name: "denies users whatever they ask for",
        service: || {
            decides(|situation, request, decision| match (situation.caller, named(situation, request)) {
                (Caller::User(_), Some(_)) => refuse(ErrorCode::AccessDenied),
                _ => decision,
            })
        },
    },
    Variant {
        name: "keeps no access keys",
        service: || {
            decides(|situation, request, decision| match (situation.caller, named(situation, request)) {
                (Caller::User(_), Some(_)) => refuse(ErrorCode::InvalidClientTokenId),
                _ => decision,
            })
        },
    },
    Variant {
        name: "dissociates the devices of a user who is renamed",
        service: || {
            with(Behaviour::default()).and_effects(|world, effect, body, now| {
                if let Effect::RenameUser(user, _) = effect {
                    let devices = devices_of(world, *user);
                    dissociate(world, &devices, now);
                }
                world.apply(effect, Some(body), now);
            })
        },
    },
    Variant {
        name: "does not recognise the codes of an absent device",
        service: || {
            decides(|situation, request, decision| match (request, named(situation, request)) {
                (Request::Codes { .. }, Some(named))
                    if named.device.is_none() && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) =>
                {
                    refuse(ErrorCode::InvalidAuthenticationCode)
                }
                _ => decision,
            })
        },
    },
    Variant {
        name: "goes by the last of several values",
        service: || {
            misreads(|_, parameters| {
                let names: Vec<String> =
                    parameters.split('&').map(|one| one.split('=').next().unwrap_or_default().to_owned()).collect();
                without(parameters, |index, name| names.iter().skip(index + 1).any(|later| later == name))
            })
        },
    },
    Variant {
        name: "refuses unknown parameters",
        service: || {
            misreads(|_, parameters| {
                if parameters.contains("Comment=") {
                    without(parameters, |_, name| name == "UserName")
                } else {
                    parameters.to_owned()
                }
            })
        },
    },
    Variant {
        name: "answers unknown actions and versions with 400 ValidationError",
        service: || {
            with(Behaviour::default()).and_renderer(|operation, outcome, id| match (operation, outcome) {
                (None, Outcome::Error { message, .. }) => {
                    let outcome = Outcome::Error { code: ErrorCode::ValidationError, message: message.clone() };
                    documented_reply(operation, &outcome, id)
                }
                _ => documented_reply(operation, outcome, id),
            })
        },
    },
    Variant {
        name: "writes errors without a namespace and as text/plain",
        service: || {
            with(Behaviour::default()).and_renderer(|operation, outcome, id| {
                let mut reply = documented_reply(operation, outcome, id);
                let text = String::from_utf8(reply.body).unwrap();
                reply.body = if text.contains("<ErrorResponse") {
                    text.replace(" xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"", "").into_bytes()
                } else {
                    text.into_bytes()
                };
                reply.content_type = "text/plain".into();
                reply
            })
        },
    },
    Variant {
        name: "shows a change in the listings a second later",
        service: || with(Behaviour { rules: Arc::new(Slow(Mutex::default())), ..Behaviour::default() }),
    },
    Variant { name: "throttles", service: || fails_now_and_then(ErrorCode::Throttling, false) },
    Variant { name: "fails now and then", service: || fails_now_and_then(ErrorCode::ServiceFailure, false) },
    Variant {
        name: "fails now and then, and does it all the same",
        service: || fails_now_and_then(ErrorCode::InternalFailure, true),
    },
    Variant {
        name: "finds things temporarily unmodifiable",
        service: || {
            let calls = Mutex::new(0_u32);
            decides(move |situation, request, decision| {
                let Some(named) = named(situation, request) else { return decision };
                let mut calls = calls.lock().unwrap();
                *calls += 1;
                let modifies = named.operation != MfaOperation::Resync;
                if modifies && *calls % 2 == 1 { refuse(ErrorCode::EntityTemporarilyUnmodifiable) } else { decision }
            })
        },
    },
];
