//! Services that deactivate wrongly.

use mfa_reference::service::behaviour::Behaviour;
use mfa_reference::world::{Effect, Fact};
use mfa_reference::{ErrorCode, MfaOperation};

use super::enable::lists_virtual_devices;
use super::{Fault, devices_of, dissociate, documented, done, fault, never_misses, on, refuse, refused_with};
use crate::support::broken::{Broken, with};

/// Deactivates a device in whosever name it is asked to.
fn deactivates_for_anybody() -> Broken {
    on(MfaOperation::Deactivate, |named, decision| match (refused_with(&decision), named.device) {
        (Some(ErrorCode::NoSuchEntity), Some((device, _))) => done(Effect::Dissociate(device)),
        _ => decision,
    })
}

pub(super) const FAULTS: &[Fault] =
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
                        let devices = devices_of(world, owner);
                        dissociate(world, &devices, now);
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
            || lists_virtual_devices(|somebody| somebody),
            &["deactivate-device-remains"],
        ),
    ];
