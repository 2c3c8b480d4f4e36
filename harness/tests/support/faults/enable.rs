//! Services that enable wrongly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mfa_reference::clause::Aspect;
use mfa_reference::service::behaviour::{Behaviour, Decision};
use mfa_reference::world::{Effect, Fact};
use mfa_reference::{
    ErrorCode, MfaDeviceEntry, MfaOperation, Millis, Operation, Outcome, Page, Request, SuccessBody, UserEntry,
};

use super::{Fault, devices_of, dissociate, documented, done, fault, never_misses, on, refuse, refused_with};
use crate::support::broken::{Broken, Named, decides, documented_reply, named, with};

/// Carries an Enable out and says that it didn't.
fn refuses_and_enables() -> Broken {
    let lies = Arc::new(AtomicBool::new(false));
    let lie = lies.clone();
    decides(move |situation, request, decision| match (refused_with(&decision), named(situation, request)) {
        (Some(_), Some(Named { operation: MfaOperation::Enable, user: Some(user), device: Some((device, _)), .. })) => {
            lie.store(true, Ordering::Relaxed);
            done(Effect::Associate(device, user))
        }
        _ => decision,
    })
    .and_renderer(move |operation, outcome, id| {
        let refused = Outcome::Error { code: ErrorCode::InvalidAuthenticationCode, message: "no".to_owned() };
        let lies = lies.swap(false, Ordering::Relaxed);
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
pub(super) fn lists_virtual_devices(owner: fn(Option<UserEntry>) -> Option<UserEntry>) -> Broken {
    decides(move |situation, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(mut page) } => {
            let somebody = situation.world.users().next().map(|(_, user)| user.entry.clone());
            for item in &mut page.items {
                item.user = owner(somebody.clone());
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }
        }
        other => other,
    })
}

pub(super) const FAULTS: &[Fault] = &[
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
        || lists_virtual_devices(|_| None),
        &["enable-shown-by-the-account-wide-listing"],
    ),
    fault(
        "lets a user have one device only",
        || {
            with(Behaviour::default()).and_effects(|world, effect, body, now| {
                if let Effect::Associate(_, user) = effect {
                    let devices = devices_of(world, *user);
                    dissociate(world, &devices, now);
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
