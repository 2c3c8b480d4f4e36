//! Services whose effects come late, or that change what no call is about.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mfa_reference::account::{DeviceId, Effect};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::{MfaOperation, Millis};

use super::listing::lists;
use crate::altered::{Altered, carries_out, decides};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{dissociate, done, named, owner_of, refused_with};

/// Keeps effects of this kind back until the next call that changes something.
fn keeps_back(kind: fn(&Effect) -> bool) -> Altered {
    let waiting: Mutex<Vec<Effect>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        if *effect == Effect::None {
            return;
        }
        let mut waiting = held(&waiting);
        for late in std::mem::take(&mut *waiting) {
            account.apply(&late, None, now);
        }
        if kind(effect) {
            waiting.push(effect.clone());
        } else {
            account.apply(effect, Some(body), now);
        }
    })
}

/// Dissociates a device when it is listed for this time.
fn forgets_when_listed(times: u32) -> Altered {
    let listed: Mutex<BTreeMap<String, u32>> = Mutex::default();
    let due: std::sync::Arc<Mutex<Vec<String>>> = std::sync::Arc::default();
    let noted = std::sync::Arc::clone(&due);
    lists(move |_, _, items| {
        let mut listed = held(&listed);
        for item in &items {
            let count = listed.entry(item.serial_number.clone()).or_default();
            *count += 1;
            if *count == times {
                held(&noted).push(item.serial_number.clone());
            }
        }
        items
    })
    .and_effects(move |account, effect, body, now| {
        for serial in std::mem::take(&mut *held(&due)) {
            let device = account.find_device(&serial);
            dissociate(account, device.as_slice(), now);
        }
        account.apply(effect, Some(body), now);
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "enable-waits-for-the-next-call",
        "EnableMFADevice takes effect with the next call that changes something.",
        C::EnableAssociates,
        &[C::StateSettles],
        Stateful,
        || keeps_back(|effect| matches!(effect, Effect::Associate(..))),
    ),
    row(
        "deactivate-waits-for-the-next-call",
        "DeactivateMFADevice takes effect with the next call that changes something.",
        C::DeactivateDissociates,
        &[C::StateSettles],
        Stateful,
        || keeps_back(|effect| matches!(effect, Effect::Dissociate(_))),
    ),
    row(
        "third-listing-forgets",
        "A device that was listed three times is nobody's.",
        C::StateDurable,
        // A wrong listing after reads alone.
        &[C::StateIsolation, C::EnableAssociates, C::DeactivateOnlyThatDevice],
        Stateful,
        || forgets_when_listed(3),
    ),
    row(
        "enable-expires",
        "An association ends after a minute.",
        C::StateDurable,
        &[C::StateIsolation, C::EnableAssociates],
        Stateful,
        || {
            let since: Mutex<BTreeMap<DeviceId, Millis>> = Mutex::default();
            carries_out(move |account, effect, body, now| {
                let mut since = held(&since);
                let old: Vec<DeviceId> =
                    since.iter().filter(|(_, at)| at.plus(60_000) < now).map(|(device, _)| *device).collect();
                dissociate(account, &old, now);
                since.retain(|device, _| !old.contains(device));
                if let Effect::Associate(device, _) = effect {
                    since.insert(*device, now);
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "enable-takes-from-the-last-user",
        "EnableMFADevice for one user dissociates a device of another.",
        C::StateIsolation,
        // Only one association was asked for.
        &[C::EnableAssociates],
        Stateful,
        || {
            carries_out(|account, effect, body, now| {
                if let Effect::Associate(_, user) = effect {
                    let all = account.devices_after("").map(|(id, _)| id);
                    let other = all.filter(|id| owner_of(account, *id).is_some_and(|owner| owner != *user)).max();
                    dissociate(account, other.as_slice(), now);
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "resync-takes-from-another-user",
        "ResyncMFADevice dissociates a device of another user.",
        C::StateIsolation,
        &[C::ResyncKeepsAssociation],
        Stateful,
        || {
            decides(|situation, request, decision| {
                let resynced = named(situation, request).filter(|named| named.operation == MfaOperation::Resync);
                let Some(named) = resynced.filter(|_| refused_with(&decision).is_none()) else { return decision };
                let others = situation.account.devices_after("").filter(|(_, device)| device.owner != named.user);
                let other = others.filter(|(_, device)| device.owner.is_some()).map(|(id, _)| id).max();
                done(other.map_or(Effect::None, Effect::Dissociate))
            })
        },
    ),
];
