//! Services that resynchronize wrongly.

use mfa_reference::world::Effect;
use mfa_reference::{ErrorCode, MfaOperation};

use super::{Fault, done, fault, never_misses, on, refuse, refused_with};

pub(super) const FAULTS: &[Fault] = &[
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
