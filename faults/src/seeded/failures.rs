//! Services that answer an error where they must not, or one of the wrong form.

use std::collections::BTreeSet;
use std::sync::Mutex;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{ErrorCode as E, MfaOperation};

use super::errors::{always, anothers, nobodys, refuses, refuses_once, swaps};
use crate::altered::{Altered, decides, documented_reply};
use crate::entry::Difficulty::{Narrow, Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{devices_of, named, on, on_each, on_refusal, on_success, refuse, refused_with};

const ENABLE: MfaOperation = MfaOperation::Enable;
const RESYNC: MfaOperation = MfaOperation::Resync;
const DEACTIVATE: MfaOperation = MfaOperation::Deactivate;

/// Answers a code with another status.
fn status(code: E, status: u16) -> Altered {
    on_each(|_, decision| decision).and_renderer(status_of(code, status))
}

fn status_of(
    code: E,
    status: u16,
) -> impl Fn(Option<mfa_reference::Operation>, &mfa_reference::Outcome, &str) -> mfa_reference::wire::HttpResponse
+ Send
+ Sync
+ 'static {
    use mfa_reference::Outcome;
    move |operation, outcome, id| {
        let mut reply = documented_reply(operation, outcome, id);
        let told = matches!(outcome, Outcome::Error { code: told, .. } if *told == code);
        if told && operation.is_some_and(|operation| operation.under_test().is_some()) {
            reply.status = status;
        }
        reply
    }
}

/// Answers a code with a blank message.
fn blank(code: E) -> Altered {
    on_each(move |_, decision| match decision {
        Decision::Refuse { code: told, .. } if told == code => Decision::refuse(code, ""),
        other => other,
    })
}

/// Refuses a user's ninth device, as the recorded quota has it.
fn with_quota(altered: impl Fn(E) -> Decision + Send + Sync + 'static) -> Altered {
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request).filter(|named| named.operation == ENABLE) else { return decision };
        let count = named.user.map_or(0, |user| devices_of(situation.account, user).len());
        let full = refused_with(&decision).is_none_or(|code| code == E::LimitExceeded);
        if count >= 8 && full { altered(E::LimitExceeded) } else { decision }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "enable-limit-of-none",
        "EnableMFADevice is answered LimitExceeded, whatever the user has.",
        C::EnableLimit,
        // A fresh pair is refused, each time.
        &[C::EnableFreshPair, C::RobustnessPersistentFailure],
        Shallow,
        || refuses(ENABLE, E::LimitExceeded),
    ),
    row(
        "resync-limit",
        "ResyncMFADevice is always answered LimitExceeded.",
        C::ResyncLimit,
        &[C::ResyncSynchronizes, C::RobustnessPersistentFailure],
        Shallow,
        || refuses(RESYNC, E::LimitExceeded),
    ),
    row(
        "deactivate-limit",
        "DeactivateMFADevice is always answered LimitExceeded.",
        C::DeactivateLimit,
        &[C::RobustnessPersistentFailure],
        Shallow,
        || refuses(DEACTIVATE, E::LimitExceeded),
    ),
    row(
        "enable-unmodifiable-for-good",
        "EnableMFADevice is always answered EntityTemporarilyUnmodifiable.",
        C::EnableTemporarilyUnmodifiable,
        &[],
        Shallow,
        || refuses(ENABLE, E::EntityTemporarilyUnmodifiable),
    ),
    row(
        "deactivate-unmodifiable-for-good",
        "DeactivateMFADevice is always answered EntityTemporarilyUnmodifiable.",
        C::DeactivateTemporarilyUnmodifiable,
        &[],
        Shallow,
        || refuses(DEACTIVATE, E::EntityTemporarilyUnmodifiable),
    ),
    row(
        "enable-concurrent-modification-alone",
        "The first EnableMFADevice of a device is answered ConcurrentModification although no call overlaps.",
        C::EnableConcurrentModification,
        &[],
        Shallow,
        || refuses_once(ENABLE, E::ConcurrentModification),
    ),
    row(
        "resync-concurrent-modification-alone",
        "The first ResyncMFADevice of a device is answered ConcurrentModification although no call overlaps.",
        C::ResyncConcurrentModification,
        &[],
        Shallow,
        || refuses_once(RESYNC, E::ConcurrentModification),
    ),
    row(
        "deactivate-concurrent-modification-alone",
        "The first DeactivateMFADevice of a device is answered ConcurrentModification although no call overlaps.",
        C::DeactivateConcurrentModification,
        &[],
        Shallow,
        || refuses_once(DEACTIVATE, E::ConcurrentModification),
    ),
    row(
        "enable-fails-on-an-enabled-device",
        "EnableMFADevice of an enabled device is answered ServiceFailure, each time.",
        C::RobustnessPersistentFailure,
        // The refusal that is due never comes.
        &[C::EnableAlreadyEnabled, C::EnableServiceFailure],
        Stateful,
        || swaps(ENABLE, E::EntityAlreadyExists, E::ServiceFailure, always),
    ),
    row(
        "resync-fails-on-another-users-device",
        "ResyncMFADevice of another user's device is answered InternalFailure, each time.",
        C::RobustnessPersistentFailure,
        &[C::ResyncOtherUsers, C::ResyncServiceFailure],
        Stateful,
        || swaps(RESYNC, E::NoSuchEntity, E::InternalFailure, anothers),
    ),
    row(
        "deactivate-fails-twice",
        "A second DeactivateMFADevice of a device is answered ServiceFailure, each time.",
        C::RobustnessPersistentFailure,
        &[C::DeactivateTwice, C::DeactivateServiceFailure],
        Stateful,
        || {
            on_refusal(DEACTIVATE, E::NoSuchEntity, |named| {
                let again = named.device.is_some_and(|(_, device)| device.enabled_at > mfa_reference::Millis(0));
                (nobodys(named) && again).then(|| refuse(E::ServiceFailure))
            })
        },
    ),
    row(
        "validation-fails",
        "A broken constraint is answered InternalFailure, each time.",
        C::RobustnessPersistentFailure,
        // The same 500 twice running is a crash in other words.
        &[C::RobustnessNoCrash],
        Shallow,
        || {
            on_each(|_, decision| {
                if refused_with(&decision) == Some(E::ValidationError) { refuse(E::InternalFailure) } else { decision }
            })
        },
    ),
    row(
        "throttled-for-good",
        "ResyncMFADevice is answered Throttling, each time.",
        C::RobustnessPersistentFailure,
        &[C::ResyncSynchronizes],
        Shallow,
        || on(RESYNC, |_, _| refuse(E::Throttling)),
    ),
    row(
        "no-such-entity-as-400",
        "NoSuchEntity has the status 400.",
        C::ErrorStatus(E::NoSuchEntity),
        &[],
        Shallow,
        || status(E::NoSuchEntity, 400),
    ),
    row(
        "no-such-entity-as-200",
        "NoSuchEntity has the status 200.",
        C::ErrorStatus(E::NoSuchEntity),
        &[],
        Shallow,
        || status(E::NoSuchEntity, 200),
    ),
    row(
        "already-exists-as-400",
        "EntityAlreadyExists has the status 400.",
        C::ErrorStatus(E::EntityAlreadyExists),
        &[],
        Stateful,
        || status(E::EntityAlreadyExists, 400),
    ),
    row(
        "invalid-code-as-400",
        "InvalidAuthenticationCode has the status 400.",
        C::ErrorStatus(E::InvalidAuthenticationCode),
        &[],
        Shallow,
        || status(E::InvalidAuthenticationCode, 400),
    ),
    row(
        "invalid-code-as-401",
        "InvalidAuthenticationCode has the status 401.",
        C::ErrorStatus(E::InvalidAuthenticationCode),
        &[],
        Shallow,
        || status(E::InvalidAuthenticationCode, 401),
    ),
    row(
        "limit-exceeded-as-400",
        "A user's ninth device is refused with LimitExceeded and the status 400.",
        C::ErrorStatus(E::LimitExceeded),
        &[],
        Stateful,
        || with_quota(refuse).and_renderer(status_of(E::LimitExceeded, 400)),
    ),
    row(
        "unmodifiable-as-400",
        "The first EnableMFADevice of a device is answered EntityTemporarilyUnmodifiable with the status 400.",
        C::ErrorStatus(E::EntityTemporarilyUnmodifiable),
        &[],
        Stateful,
        || {
            refuses_once(ENABLE, E::EntityTemporarilyUnmodifiable)
                .and_renderer(status_of(E::EntityTemporarilyUnmodifiable, 400))
        },
    ),
    row(
        "service-failure-as-503",
        "The first DeactivateMFADevice of a device is answered ServiceFailure with the status 503.",
        C::ErrorStatus(E::ServiceFailure),
        &[],
        Stateful,
        || refuses_once(DEACTIVATE, E::ServiceFailure).and_renderer(status_of(E::ServiceFailure, 503)),
    ),
    row(
        "no-such-entity-without-a-message",
        "NoSuchEntity has a blank message.",
        C::ErrorMessage(E::NoSuchEntity),
        &[],
        Shallow,
        || blank(E::NoSuchEntity),
    ),
    row(
        "invalid-code-without-a-message",
        "InvalidAuthenticationCode has a blank message.",
        C::ErrorMessage(E::InvalidAuthenticationCode),
        &[],
        Shallow,
        || blank(E::InvalidAuthenticationCode),
    ),
    row(
        "limit-exceeded-without-a-message",
        "A user's ninth device is refused with LimitExceeded and a blank message.",
        C::ErrorMessage(E::LimitExceeded),
        &[],
        Stateful,
        || with_quota(|code| Decision::refuse(code, " ")),
    ),
    row(
        "unmodifiable-without-a-message",
        "The first EnableMFADevice of a device is answered EntityTemporarilyUnmodifiable with a blank message.",
        C::ErrorMessage(E::EntityTemporarilyUnmodifiable),
        &[],
        Narrow,
        || {
            let refused = Mutex::new(BTreeSet::new());
            on_success(ENABLE, move |named| {
                let first = held(&refused).insert(named.id());
                first.then(|| Decision::refuse(E::EntityTemporarilyUnmodifiable, ""))
            })
        },
    ),
];
