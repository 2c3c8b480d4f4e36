//! Services that hide what they do behind a failure, or show it for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter as P};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode as E, MfaOperation, Millis, Operation, Outcome, Request, SuccessBody};

use super::listing::entry_of;
use crate::altered::{Altered, decides, documented_reply, renders};
use crate::entry::Difficulty::{Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::{Lost, Sent, held, laid};
use crate::parts::{Named, named, on_refusal, owner_of, refuse_after, refused_with};

const ENABLE: MfaOperation = MfaOperation::Enable;
const RESYNC: MfaOperation = MfaOperation::Resync;
const DEACTIVATE: MfaOperation = MfaOperation::Deactivate;

/// Answers a refusal of each device with a failure the first time, and does something all the same.
fn fails_with_an_effect(operation: MfaOperation, code: E, effect: fn(&Named<'_>) -> Option<Effect>) -> Altered {
    let failed: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    on_refusal(operation, code, move |named| {
        let is_first = held(&failed).insert(named.id()?);
        is_first.then_some(())?;
        Some(refuse_after(E::ServiceFailure, effect(named)?))
    })
}

fn attached(named: &Named<'_>) -> Option<Effect> {
    if named.owner().is_some() {
        return None;
    }
    Some(Effect::Associate(named.id()?, named.user?))
}

/// The same, and the failure is no answer at all.
fn breaks_off_with_an_effect(broken: fn() -> Result<Sent, Lost>) -> Altered {
    fails_with_an_effect(ENABLE, E::InvalidAuthenticationCode, attached).behind(laid(move |incoming, service| {
        let response = service(&incoming.request);
        if response.status == 500 { broken() } else { Ok(response.into()) }
    }))
}

/// Answers a broken constraint with another status.
pub(super) fn violations_with(status: u16) -> impl Fn(Option<Operation>, &Outcome, &str) -> HttpResponse + Send + Sync {
    move |operation, outcome, id| {
        let mut reply = documented_reply(operation, outcome, id);
        if matches!(outcome, Outcome::Error { code: E::ValidationError, .. }) {
            reply.status = status;
        }
        reply
    }
}

/// Lists a device as enabled for some time after an Enable with wrong codes was refused.
fn shows_refused_enables(from_ms: i64, until_ms: i64) -> Altered {
    let shown: Mutex<BTreeMap<DeviceId, (UserId, Millis)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut shown = held(&shown);
        if let Some(named) = named(situation, request) {
            if let (Some(device), Some(user), Some(E::InvalidAuthenticationCode)) =
                (named.id(), named.user, refused_with(&decision).filter(|_| named.operation == ENABLE))
            {
                shown.insert(device, (user, situation.now));
            }
            return decision;
        }
        match (request, decision) {
            (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(mut page) }) => {
                let name = support.name.text.unwrap_or_default();
                let listed = situation.account.find_user(name);
                for (device, (user, at)) in &*shown {
                    let age = situation.now.0 - at.0;
                    let is_nobodys = owner_of(situation.account, *device).is_none();
                    if Some(*user) == listed && is_nobodys && (from_ms..until_ms).contains(&age) {
                        page.items.extend(entry_of(situation.account, *device, name));
                    }
                }
                Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }
            }
            (_, decision) => decision,
        }
    })
}

const REJECTED: C = C::Parameter(P::EnableUserName, Aspect::Rejected);

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "enable-wrong-codes-behind-a-failure",
        "An Enable with wrong codes answers ServiceFailure, and the device is enabled.",
        C::EnableRejectedNoEffect,
        &[],
        Shallow,
        || fails_with_an_effect(ENABLE, E::InvalidAuthenticationCode, attached),
    ),
    row(
        "enable-wrong-codes-behind-a-hang",
        "An Enable with wrong codes is never answered, and the device is enabled.",
        C::EnableRejectedNoEffect,
        &[],
        Shallow,
        || breaks_off_with_an_effect(|| Err(Lost::Silence)),
    ),
    row(
        "enable-wrong-codes-behind-a-closed-connection",
        "An Enable with wrong codes closes the connection, and the device is enabled.",
        C::EnableRejectedNoEffect,
        &[],
        Shallow,
        || breaks_off_with_an_effect(|| Err(Lost::HungUp)),
    ),
    row(
        "enable-wrong-codes-behind-a-page",
        "An Enable with wrong codes answers an HTML page, and the device is enabled.",
        C::EnableRejectedNoEffect,
        &[],
        Shallow,
        || {
            breaks_off_with_an_effect(|| {
                let body = b"<html><body>Bad Gateway</body></html>".to_vec();
                let headers = Vec::new();
                let request_id = String::new();
                Ok(HttpResponse { status: 502, content_type: "text/html".into(), body, headers, request_id }.into())
            })
        },
    ),
    row(
        "deactivate-anothers-behind-a-failure",
        "A Deactivate of another user's device answers ServiceFailure, and the device is deactivated.",
        C::DeactivateRejectedNoEffect,
        &[],
        Shallow,
        || {
            fails_with_an_effect(DEACTIVATE, E::NoSuchEntity, |named| {
                (named.owner().is_some() && named.owner() != named.user).then_some(Effect::Dissociate(named.id()?))
            })
        },
    ),
    row(
        "resync-deletes-the-user-behind-a-failure",
        "A Resync with wrong codes answers ServiceFailure, and the user is gone.",
        C::ResyncRejectedNoEffect,
        &[],
        Stateful,
        || fails_with_an_effect(RESYNC, E::InvalidAuthenticationCode, |named| named.user.map(Effect::RemoveUser)),
    ),
    row(
        "violations-with-status-200",
        "A broken constraint is answered with an error body and status 200.",
        REJECTED,
        &[],
        Shallow,
        || renders(violations_with(200)),
    ),
    row(
        "violations-with-status-500",
        "A broken constraint is answered with ValidationError and status 500.",
        REJECTED,
        &[],
        Shallow,
        || renders(violations_with(500)),
    ),
    row(
        "refused-enables-listed-for-a-second",
        "An Enable with wrong codes is refused, and the device is listed for 1.2 s.",
        C::EnableRejectedNoEffect,
        &[],
        Shallow,
        || shows_refused_enables(0, 1_200),
    ),
    row(
        "refused-enables-listed-after-700-ms",
        "An Enable with wrong codes is refused, and the device is listed 0.7 s later.",
        C::EnableRejectedNoEffect,
        &[],
        Stateful,
        || shows_refused_enables(700, i64::MAX),
    ),
    row(
        "refused-enables-listed-after-three-seconds",
        "An Enable with wrong codes is refused, and the device is listed 3 s later.",
        C::EnableRejectedNoEffect,
        &[],
        Stateful,
        || shows_refused_enables(3_000, i64::MAX),
    ),
];
