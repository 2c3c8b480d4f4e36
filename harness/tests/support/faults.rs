//! The broken services, and the examples that each is found by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use mfa_conformance::wire::Method;
use mfa_reference::clause::Aspect;
use mfa_reference::service::behaviour::{Adjacent, Behaviour, Decision};
use mfa_reference::totp::Seed;
use mfa_reference::world::{DeviceId, Effect, Fact, UserId, World};
use mfa_reference::{
    ErrorCode, MfaDeviceEntry, MfaOperation, Millis, Operation, Outcome, Page, Request, Step, SuccessBody,
};

use super::broken::{Broken, Named, decides, documented_reply, misreads, named, recognises, with};

/// One thing that a service does wrong.
pub(crate) struct Fault {
    /// What it does.
    pub(crate) name: &'static str,
    /// Whether it only departs from a Recorded clause, so that it is found in strict mode alone.
    pub(crate) strict: bool,
    /// Makes the service.
    pub(crate) service: fn() -> Broken,
    /// The examples that find it and were written for a clause that it breaks.
    pub(crate) found_by: &'static [&'static str],
}

const fn fault(name: &'static str, service: fn() -> Broken, found_by: &'static [&'static str]) -> Fault {
    Fault { name, strict: false, service, found_by }
}

const fn departure(name: &'static str, service: fn() -> Broken, found_by: &'static [&'static str]) -> Fault {
    Fault { name, strict: true, service, found_by }
}

/// Every fault.
pub(crate) const FAULTS: &[&[Fault]] = &[CODES, ENABLE, RESYNC, DEACTIVATE, DELETE, WIRE];

pub(crate) fn done(effect: Effect) -> Decision {
    Decision::CarryOut { effect, body: SuccessBody::Empty }
}

pub(crate) const fn refused_with(decision: &Decision) -> Option<ErrorCode> {
    match decision {
        Decision::Refuse { code, .. } => Some(*code),
        Decision::CarryOut { .. } => None,
    }
}

pub(crate) fn refuse(code: ErrorCode) -> Decision {
    Decision::refuse(code, "no")
}

fn documented(world: &mut World, effect: &Effect, body: &SuccessBody, now: Millis) {
    world.apply(effect, Some(body), now);
}

/// Changes decisions about one operation under test.
pub(crate) fn on(operation: MfaOperation, otherwise: fn(&Named<'_>, Decision) -> Decision) -> Broken {
    decides(move |situation, request, decision| match named(situation, request) {
        Some(named) if named.operation == operation => otherwise(&named, decision),
        Some(_) | None => decision,
    })
}

/// Gives in to a refusal with NoSuchEntity, without doing anything.
fn never_misses(operation: MfaOperation) -> Broken {
    match operation {
        MfaOperation::Enable => on(MfaOperation::Enable, |_, decision| gives_in(decision)),
        MfaOperation::Resync => on(MfaOperation::Resync, |_, decision| gives_in(decision)),
        MfaOperation::Deactivate => on(MfaOperation::Deactivate, |_, decision| gives_in(decision)),
    }
}

fn gives_in(decision: Decision) -> Decision {
    if refused_with(&decision) == Some(ErrorCode::NoSuchEntity) { done(Effect::None) } else { decision }
}

/// The codes of the last completed step and the current one.
fn fresh(seed: &Seed, now: Step) -> (String, String) {
    (seed.code(now.plus(-1)).to_string(), seed.code(now).to_string())
}

const CODES: &[Fault] = &[
    fault(
        "takes any two codes",
        || recognises(|_, _, _, now| Some(now)),
        &[
            "document-sample-enable-codes",
            "document-sample-resync-codes",
            "enable-both-codes-wrong",
            "enable-zeros",
            "enable-pair-of-an-unassigned-device",
            "enable-pair-of-another-users-device",
            "enable-pair-of-the-users-other-device",
            "resync-both-codes-wrong",
            "resync-pair-of-another-users-device",
        ],
    ),
    fault(
        "looks at the second code only",
        || recognises(|seed, _, code2, now| (fresh(seed, now).1 == code2).then_some(now)),
        &[
            "enable-first-code-wrong",
            "enable-a-digit-of-the-first-code-changed",
            "enable-same-code-twice",
            "resync-first-code-wrong",
            "resync-same-code-twice",
        ],
    ),
    fault(
        "looks at the first code only",
        || recognises(|seed, code1, _, now| (fresh(seed, now).0 == code1).then_some(now)),
        &["enable-second-code-wrong", "enable-a-digit-of-the-second-code-changed", "resync-second-code-wrong"],
    ),
    fault(
        "takes the codes in either order",
        || {
            recognises(|seed, code1, code2, now| {
                let (last, current) = fresh(seed, now);
                let both = [last.as_str(), current.as_str()];
                (both == [code1, code2] || both == [code2, code1]).then_some(now)
            })
        },
        &["enable-codes-reversed", "resync-codes-reversed"],
    ),
    fault(
        "compares codes as numbers without their last digit",
        || {
            recognises(|seed, code1, code2, now| {
                let (last, current) = fresh(seed, now);
                let alike = |one: &str, other: &str| one.get(..5) == other.get(..5);
                (alike(&last, code1) && alike(&current, code2)).then_some(now)
            })
        },
        &["enable-a-digit-of-the-first-code-changed", "enable-a-digit-of-the-second-code-changed"],
    ),
    fault(
        "takes the codes of any device",
        || {
            decides(|situation, request, decision| {
                let Request::Codes { code1, code2, .. } = request else { return decision };
                let (Some(code1), Some(code2)) = (code1.text, code2.text) else { return decision };
                let now = situation.now.step();
                let emitted = situation.world.devices_after("").any(|(_, device)| {
                    let seed = device.seed.as_ref();
                    seed.is_some_and(|seed| fresh(seed, now) == (code1.to_owned(), code2.to_owned()))
                });
                match (refused_with(&decision), named(situation, request)) {
                    (Some(ErrorCode::InvalidAuthenticationCode), Some(named)) if emitted => {
                        match (named.operation, named.user, named.device) {
                            (MfaOperation::Enable, Some(user), Some((device, _))) => {
                                done(Effect::Associate(device, user))
                            }
                            _ => done(Effect::None),
                        }
                    }
                    _ => decision,
                }
            })
        },
        &[
            "enable-pair-of-an-unassigned-device",
            "enable-pair-of-another-users-device",
            "enable-pair-of-the-users-other-device",
            "resync-pair-of-another-users-device",
        ],
    ),
    fault(
        "takes a step of any device only once",
        || {
            let used = Mutex::new(BTreeSet::new());
            recognises(move |seed, code1, code2, now| {
                let new = used.lock().unwrap().insert(now);
                let (last, current) = fresh(seed, now);
                (new && last == code1 && current == code2).then_some(now)
            })
        },
        &[
            "enable-second-device-in-the-same-step",
            "enable-own-pair-after-another-devices-pair",
            "enable-eight-devices-of-one-user",
        ],
    ),
    fault(
        "recognises no codes",
        || recognises(|_, _, _, _| None),
        &[
            "enable-fresh-pair",
            "enable-one-devices-whole-life",
            "enable-user-name-of-64-characters",
            "enable-rejected-leaves-the-device-usable",
            "wire-enable-by-get",
            "wire-parameters-reversed",
        ],
    ),
    fault(
        "recognises no codes of a device that was refused once",
        || {
            let refused = Mutex::new(BTreeSet::new());
            decides(move |situation, request, decision| {
                let Request::Codes { serial_number, .. } = request else { return decision };
                let serial = serial_number.text.unwrap_or_default().to_owned();
                let mut refused = refused.lock().unwrap();
                if refused.contains(&serial) && named(situation, request).is_some() {
                    return refuse(ErrorCode::InvalidAuthenticationCode);
                }
                if refused_with(&decision).is_some() {
                    refused.insert(serial);
                }
                decision
            })
        },
        &["enable-rejected-leaves-the-device-usable", "enable-rejected-for-an-absent-user-leaves-the-device-usable"],
    ),
    fault(
        "takes late codes and is never in sync again",
        || {
            on(MfaOperation::Resync, |_, _| refuse(ErrorCode::InvalidAuthenticationCode))
                .and_recogniser(Adjacent { steps_behind: 100, steps_ahead: 1 })
        },
        &["enable-late-codes-then-resync"],
    ),
];

/// Carries an Enable out and says that it didn't.
fn refuses_and_enables() -> Broken {
    static LIES: AtomicBool = AtomicBool::new(false);
    on(MfaOperation::Enable, |named, decision| match (named.user, named.device) {
        (Some(user), Some((device, _))) if refused_with(&decision).is_some() => {
            LIES.store(true, Ordering::Relaxed);
            done(Effect::Associate(device, user))
        }
        _ => decision,
    })
    .and_renderer(|operation, outcome, id| {
        let refused = Outcome::Error { code: ErrorCode::InvalidAuthenticationCode, message: "no".to_owned() };
        let lies = LIES.swap(false, Ordering::Relaxed);
        documented_reply(operation, if lies { &refused } else { outcome }, id)
    })
}

/// Answers a listing of a user's devices with all that are anybody's.
fn lists_everybodys_devices() -> Broken {
    decides(|situation, request, decision| {
        let Request::Support(support) = request else { return decision };
        let (Operation::ListMfaDevices, None, Some(name)) =
            (support.operation, refused_with(&decision), support.name.text)
        else {
            return decision;
        };
        let assigned = situation.world.devices_after("").filter(|(_, device)| device.owner != Fact::Known(None));
        let items = assigned.map(|(_, device)| MfaDeviceEntry {
            user_name: name.to_owned(),
            serial_number: device.serial_number.to_string(),
            enable_date: "2025-06-15T00:00:00Z".to_owned(),
        });
        Decision::CarryOut { effect: Effect::None, body: SuccessBody::MfaDevices(Page::whole(items.collect())) }
    })
}

/// Shows every virtual device's owner as `owner` says.
fn lists_virtual_devices(
    owner: fn(
        &mfa_reference::VirtualDeviceEntry,
        Option<&mfa_reference::UserEntry>,
    ) -> Option<mfa_reference::UserEntry>,
) -> Broken {
    decides(move |situation, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(mut page) } => {
            let somebody = situation.world.users().next().map(|(_, user)| user.entry.clone());
            for item in &mut page.items {
                item.user = owner(item, somebody.as_ref());
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }
        }
        other => other,
    })
}

const ENABLE: &[Fault] = &[
    fault(
        "says that a device is enabled and forgets it",
        || {
            on(
                MfaOperation::Enable,
                |_, decision| if refused_with(&decision).is_none() { done(Effect::None) } else { decision },
            )
        },
        &[
            "enable-fresh-pair",
            "enable-one-devices-whole-life",
            "enable-associates-with-that-user-only",
            "enable-codes-one-step-early",
            "enable-codes-one-step-late",
        ],
    ),
    fault(
        "lists everybody's devices as anybody's",
        lists_everybodys_devices,
        &["enable-associates-with-that-user-only", "enable-shown-by-the-account-wide-listing"],
    ),
    fault(
        "shows nobody's name in the listing of virtual devices",
        || lists_virtual_devices(|_, _| None),
        &["enable-shown-by-the-account-wide-listing"],
    ),
    fault(
        "lets a user have one device only",
        || {
            with(Behaviour::default()).and_effects(|world, effect, body, now| {
                if let Effect::Associate(_, user) = effect {
                    let devices: Vec<DeviceId> =
                        world.user(*user).into_iter().flat_map(|user| user.devices()).collect();
                    devices.iter().for_each(|device| world.apply(&Effect::Dissociate(*device), None, now));
                }
                documented(world, effect, body, now);
            })
        },
        &["enable-eight-devices-of-one-user"],
    ),
    fault(
        "enables a device once in its life",
        || {
            on(MfaOperation::Enable, |named, decision| match named.device {
                Some((_, device)) if device.owner == Fact::Known(None) && device.enabled_at > Millis(0) => {
                    refuse(ErrorCode::InvalidAuthenticationCode)
                }
                Some(_) | None => decision,
            })
        },
        &["enable-five-times", "deactivate-then-enable-for-another-user", "deactivate-device-remains"],
    ),
    fault(
        "knows no user names of more than 63 characters",
        || {
            decides(|situation, request, decision| {
                let Request::Codes { user_name, .. } = request else { return decision };
                let long = user_name.text.is_some_and(|name| name.len() > 63) && named(situation, request).is_some();
                if long { refuse(ErrorCode::ValidationError) } else { decision }
            })
        },
        &["enable-user-name-of-64-characters"],
    ),
    fault(
        "enables devices and users that do not exist",
        || never_misses(MfaOperation::Enable),
        &[
            "enable-absent-user",
            "enable-deleted-user",
            "enable-absent-device",
            "enable-deleted-device",
            "enable-extension-of-a-serial-number",
            "enable-rejected-for-an-absent-user-leaves-the-device-usable",
        ],
    ),
    fault(
        "takes serial numbers of any length",
        || {
            decides(|_, request, decision| {
                let short = request.violations().iter().any(|violation| violation.aspect == Aspect::MinLength);
                if short { done(Effect::None) } else { decision }
            })
        },
        &["document-sample-enable", "document-sample-resync", "document-sample-deactivate"],
    ),
    fault(
        "knows no serial numbers with other marks than those of an ARN",
        || {
            decides(|_, request, decision| {
                let (Request::Codes { serial_number, .. } | Request::Deactivate { serial_number, .. }) = request else {
                    return decision;
                };
                let usual = |mark: char| mark.is_ascii_alphanumeric() || "-:/".contains(mark);
                let known = serial_number.text.is_none_or(|serial| serial.chars().all(usual));
                if known { decision } else { refuse(ErrorCode::NoSuchEntity) }
            })
        },
        &["enable-serial-number-with-all-marks-of-the-prose", "enable-serial-number-with-plus-and-underscore"],
    ),
    fault(
        "moves a device to whoever enables it",
        || {
            on(MfaOperation::Enable, |named, decision| match (refused_with(&decision), named.user, named.device) {
                (Some(ErrorCode::EntityAlreadyExists), Some(user), Some((device, _))) => {
                    done(Effect::Associate(device, user))
                }
                _ => decision,
            })
        },
        &[
            "enable-already-enabled-for-the-same-user",
            "enable-already-enabled-for-another-user",
            "enable-already-enabled-at-once",
        ],
    ),
    fault(
        "refuses to enable a device and enables it",
        refuses_and_enables,
        &[
            "enable-both-codes-wrong",
            "enable-gap-between-the-codes",
            "enable-early-codes",
            "enable-late-codes-then-resync",
            "enable-already-enabled-for-another-user",
            "enable-already-enabled-at-once",
        ],
    ),
];

const RESYNC: &[Fault] = &[
    fault(
        "resynchronizes no device",
        || on(MfaOperation::Resync, |_, _| refuse(ErrorCode::InvalidAuthenticationCode)),
        &["resync-own-device", "enable-one-devices-whole-life", "wire-resync-by-get"],
    ),
    fault(
        "dissociates a device that it resynchronizes",
        || {
            on(MfaOperation::Resync, |named, decision| match (refused_with(&decision), named.device) {
                (None, Some((device, _))) => done(Effect::Dissociate(device)),
                _ => decision,
            })
        },
        &[
            "resync-own-device",
            "resync-keeps-the-association",
            "resync-with-the-enabling-pair",
            "enable-one-devices-whole-life",
        ],
    ),
    fault(
        "resynchronizes whatever it is asked to",
        || never_misses(MfaOperation::Resync),
        &[
            "resync-unassigned-device",
            "resync-deactivated-device",
            "resync-another-users-device",
            "resync-absent-user",
            "resync-absent-device",
        ],
    ),
];

/// Deactivates a device in whosever name it is asked to.
fn deactivates_for_anybody() -> Broken {
    on(MfaOperation::Deactivate, |named, decision| match (refused_with(&decision), named.device) {
        (Some(ErrorCode::NoSuchEntity), Some((device, _))) => done(Effect::Dissociate(device)),
        _ => decision,
    })
}

const DEACTIVATE: &[Fault] =
    &[
        fault(
            "says that a device is deactivated and keeps it",
            || {
                on(MfaOperation::Deactivate, |_, decision| {
                    if refused_with(&decision).is_none() { done(Effect::None) } else { decision }
                })
            },
            &[
                "deactivate-dissociates",
                "enable-five-times",
                "deactivate-device-remains",
                "rename-user-keeps-its-device",
            ],
        ),
        fault(
            "deactivates all devices of a user at once",
            || {
                with(Behaviour::default()).and_effects(|world, effect, body, now| {
                    if let Effect::Dissociate(device) = effect
                        && let Some(Fact::Known(Some(owner))) = world.device(*device).map(|device| device.owner)
                    {
                        let devices: Vec<DeviceId> =
                            world.user(owner).into_iter().flat_map(|user| user.devices()).collect();
                        devices.iter().for_each(|device| world.apply(&Effect::Dissociate(*device), None, now));
                    }
                    documented(world, effect, body, now);
                })
            },
            &["deactivate-only-that-device"],
        ),
        fault(
            "deactivates a device in anybody's name",
            deactivates_for_anybody,
            &[
                "deactivate-twice",
                "deactivate-unassigned-device",
                "deactivate-another-users-device",
                "deactivate-another-users-device-with-own-key",
                "deactivate-absent-user",
            ],
        ),
        fault(
            "deactivates whatever it is asked to",
            || never_misses(MfaOperation::Deactivate),
            &["deactivate-absent-device", "deactivate-absent-user", "deactivate-twice"],
        ),
        fault(
            "wants a user name to deactivate a device",
            || {
                on(MfaOperation::Deactivate, |named, decision| {
                    if named.names_a_user { decision } else { refuse(ErrorCode::ValidationError) }
                })
            },
            &["deactivate-own-device-with-own-key"],
        ),
        fault(
            "takes an empty user name for an omitted one",
            || {
                on(MfaOperation::Deactivate, |named, decision| match (refused_with(&decision), named.device) {
                    (Some(ErrorCode::ValidationError), Some((device, _))) => done(Effect::Dissociate(device)),
                    _ => decision,
                })
            },
            &["deactivate-empty-user-name-with-own-key"],
        ),
        fault(
            "lets users deactivate their own devices only",
            || {
                on(MfaOperation::Deactivate, |named, decision| {
                    if named.names_a_user { refuse(ErrorCode::AccessDenied) } else { decision }
                })
            },
            &["deactivate-by-an-administrator", "wire-deactivate-by-get"],
        ),
        fault(
            "shows a deactivated device as somebody's",
            || lists_virtual_devices(|_, somebody| somebody.cloned()),
            &["deactivate-device-remains"],
        ),
    ];

/// Changes decisions about one support operation.
fn supporting(operation: Operation, otherwise: fn(&World, Option<UserId>, Decision) -> Decision) -> Broken {
    decides(move |situation, request, decision| match request {
        Request::Support(support) if support.operation == operation => {
            let user = support.name.text.and_then(|name| situation.world.find_user(name).id());
            otherwise(situation.world, user, decision)
        }
        _ => decision,
    })
}

const DELETE: &[Fault] = &[
    fault(
        "deletes users who have a device",
        || {
            supporting(Operation::DeleteUser, |_, user, decision| match (refused_with(&decision), user) {
                (Some(ErrorCode::DeleteConflict), Some(user)) => done(Effect::RemoveUser(user)),
                _ => decision,
            })
        },
        &["delete-user-with-a-device", "delete-user-after-deleting-its-device"],
    ),
    fault(
        "deletes no user",
        || supporting(Operation::DeleteUser, |_, _, _| refuse(ErrorCode::DeleteConflict)),
        &["delete-user-after-deactivation"],
    ),
    fault(
        "dissociates everybody's devices when it deletes a user",
        || {
            with(Behaviour::default()).and_effects(|world, effect, body, now| {
                if matches!(effect, Effect::RemoveUser(_)) {
                    let devices: Vec<DeviceId> = world.devices_after("").map(|(id, _)| id).collect();
                    devices.iter().for_each(|device| world.apply(&Effect::Dissociate(*device), None, now));
                }
                documented(world, effect, body, now);
            })
        },
        &["delete-user-leaves-others"],
    ),
    fault(
        "deletes a device and keeps it in its user's listing",
        || {
            decides(|_, request, decision| match request {
                Request::Support(support)
                    if support.operation == Operation::DeleteVirtualMfaDevice
                        && refused_with(&decision) == Some(ErrorCode::DeleteConflict) =>
                {
                    done(Effect::None)
                }
                _ => decision,
            })
        },
        &["delete-user-after-deleting-its-device"],
    ),
    departure(
        "deletes devices that are enabled",
        || {
            decides(|situation, request, decision| match request {
                Request::Support(support)
                    if support.operation == Operation::DeleteVirtualMfaDevice
                        && refused_with(&decision) == Some(ErrorCode::DeleteConflict) =>
                {
                    let serial = support.serial_number.text.unwrap_or_default();
                    situation.world.find_device(serial).id().map_or(decision, |id| done(Effect::RemoveDevice(id)))
                }
                _ => decision,
            })
        },
        &["delete-user-after-deleting-its-device"],
    ),
    departure(
        "gives a new user whatever device was enabled before",
        || {
            with(Behaviour::default()).and_effects(|world, effect, body, now| {
                documented(world, effect, body, now);
                let used: Vec<DeviceId> = world
                    .devices_after("")
                    .filter(|(_, device)| device.enabled_at > Millis(0) && device.owner == Fact::Known(None))
                    .map(|(id, _)| id)
                    .collect();
                if let (Effect::AddUser, SuccessBody::User(entry)) = (effect, body)
                    && let Some(user) = world.find_user(&entry.user_name).id()
                {
                    used.iter().for_each(|device| world.apply(&Effect::Associate(*device, user), None, now));
                }
            })
        },
        &["delete-user-and-create-it-again"],
    ),
    departure(
        "dissociates the devices of a user who is renamed",
        || {
            with(Behaviour::default()).and_effects(|world, effect, body, now| {
                if let Effect::RenameUser(user, _) = effect {
                    let devices: Vec<DeviceId> =
                        world.user(*user).into_iter().flat_map(|user| user.devices()).collect();
                    devices.iter().for_each(|device| world.apply(&Effect::Dissociate(*device), None, now));
                }
                documented(world, effect, body, now);
            })
        },
        &["rename-user-keeps-its-device"],
    ),
    fault(
        "keeps the old seed of a device that is created again",
        || {
            let seeds: Mutex<BTreeMap<String, String>> = Mutex::default();
            with(Behaviour::default()).and_effects(move |world, effect, body, now| {
                let SuccessBody::VirtualDevice { serial_number, seed_blob } = body else {
                    return documented(world, effect, body, now);
                };
                let mut seeds = seeds.lock().unwrap();
                let kept = seeds.entry(serial_number.clone()).or_insert_with(|| seed_blob.clone()).clone();
                let body = SuccessBody::VirtualDevice { serial_number: serial_number.clone(), seed_blob: kept };
                documented(world, effect, &body, now);
            })
        },
        &["delete-device-and-create-it-again"],
    ),
];

/// The parameters without those that `drop` names, by their position and their name.
pub(crate) fn without(parameters: &str, drop: impl Fn(usize, &str) -> bool) -> String {
    let kept = parameters.split('&').enumerate().filter(|(index, parameter)| {
        let name = parameter.split('=').next().unwrap_or_default();
        !drop(*index, name)
    });
    kept.map(|(_, parameter)| parameter).collect::<Vec<_>>().join("&")
}

const WIRE: &[Fault] = &[
    fault(
        "reads no parameters from a query",
        || misreads(|method, parameters| if method == Method::Get { String::new() } else { parameters.to_owned() }),
        &["wire-enable-by-get", "wire-resync-by-get", "wire-deactivate-by-get"],
    ),
    fault(
        "wants the action first",
        || misreads(|_, parameters| without(parameters, |index, name| name == "Action" && index > 0)),
        &["wire-parameters-reversed"],
    ),
    fault(
        "decodes the values of a query twice",
        || {
            misreads(|method, parameters| match method {
                Method::Get => parameters.replace("%2B", "%20"),
                Method::Post => parameters.to_owned(),
            })
        },
        &["wire-plus-in-a-user-name"],
    ),
    departure(
        "guesses which action and version are meant",
        || {
            misreads(|_, parameters| {
                parameters.replace("ActivateMFADevice", "EnableMFADevice").replace("2010-05-09", "2010-05-08")
            })
        },
        &["wire-unknown-action", "wire-unknown-version"],
    ),
    fault(
        "has no envelope for a request without an action",
        || {
            with(Behaviour::default()).and_renderer(|operation, outcome, id| {
                let mut reply = documented_reply(operation, outcome, id);
                if operation.is_none() {
                    reply.body = String::from_utf8(reply.body).unwrap().replace("<Type>Sender</Type>", "").into_bytes();
                }
                reply
            })
        },
        &["wire-missing-action"],
    ),
    departure(
        "goes by the last of several values",
        || {
            misreads(|_, parameters| {
                let names: Vec<String> =
                    parameters.split('&').map(|one| one.split('=').next().unwrap_or_default().to_owned()).collect();
                without(parameters, |index, name| names.iter().skip(index + 1).any(|later| later == name))
            })
        },
        &["wire-duplicate-parameter", "wire-duplicate-parameter-with-an-absent-user-first"],
    ),
    departure(
        "refuses a request with a parameter that it does not know",
        || {
            misreads(|_, parameters| {
                if parameters.contains("Comment=") {
                    without(parameters, |_, name| name == "UserName")
                } else {
                    parameters.to_owned()
                }
            })
        },
        &["wire-unknown-parameter"],
    ),
    fault(
        "takes letters and digits only for a user name",
        || {
            decides(|situation, request, decision| {
                let Some(_) = named(situation, request) else { return decision };
                let (Request::Codes { user_name, .. } | Request::Deactivate { user_name, .. }) = request else {
                    return decision;
                };
                let end = user_name.text.and_then(|name| name.chars().last());
                if end.is_some_and(|end| !end.is_ascii_alphanumeric()) {
                    refuse(ErrorCode::ValidationError)
                } else {
                    decision
                }
            })
        },
        &[
            "enable-user-name-ending-in-at-sign",
            "enable-user-name-ending-in-comma",
            "enable-user-name-ending-in-equals-sign",
            "enable-user-name-ending-in-full-stop",
            "enable-user-name-ending-in-hyphen",
            "enable-user-name-ending-in-plus-sign",
            "enable-user-name-ending-in-underscore",
            "enable-user-name-with-all-punctuation",
        ],
    ),
];
