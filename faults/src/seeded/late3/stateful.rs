//! Faults that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{Account, DeviceId, Effect, UserId};
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::wire::HttpRequest;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Operation, Request, SuccessBody};

use crate::altered::{Altered, carries_out, decides, documented};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::{Incoming, Service, held};
use crate::parts::{devices_of, dissociate, done, named, owner_of, refuse, refused_with};

const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;
const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

/// How many associations the cache holds.
const CACHED: usize = 8;
/// How long it is remembered that a user doesn't have a device.
const REMEMBERED_MS: i64 = 60_000;

/// Keeps owners as places in the list of users, and lets them stand when a user goes.
fn keeps_owners_as_places() -> Altered {
    carries_out(|account, effect, body, now| {
        let moves = match effect {
            Effect::RemoveUser(gone) => moves_up(account, *gone),
            _ => Vec::new(),
        };
        account.apply(effect, Some(body), now);
        for (device, next) in moves {
            let since = account.device(device).map_or(now, |device| device.enabled_at);
            let effect = next.map_or(Effect::Dissociate(device), |next| Effect::Associate(device, next));
            account.apply(&effect, None, since);
        }
    })
}

/// Which devices are whose when each place after a user's is the next one's.
fn moves_up(account: &Account, gone: UserId) -> Vec<(DeviceId, Option<UserId>)> {
    let later: BTreeSet<UserId> = account.users().map(|(id, _)| id).filter(|id| *id > gone).collect();
    let next = |user: UserId| later.iter().copied().find(|other| *other > user);
    later.iter().flat_map(|user| devices_of(account, *user).into_iter().map(move |id| (id, next(*user)))).collect()
}

/// Keeps the newest associations.
fn keeps_associations_in_a_cache() -> Altered {
    let kept: Mutex<VecDeque<DeviceId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        let mut kept = held(&kept);
        if let Effect::Associate(device, _) = effect {
            kept.push_back(*device);
        }
        kept.retain(|device| owner_of(account, *device).is_some());
        if kept.len() > CACHED
            && let Some(oldest) = kept.pop_front()
        {
            dissociate(account, &[oldest], now);
        }
    })
}

/// Takes who signed the first request on a connection for the caller of all.
fn remembers_the_caller() -> Altered {
    documented().behind(Arc::new(|| {
        let mut first: Option<Option<String>> = None;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let authorization = first.get_or_insert_with(|| incoming.request.authorization.map(str::to_owned));
            let request = HttpRequest { authorization: authorization.as_deref(), ..incoming.request };
            Ok(service(&request).into())
        })
    }))
}

/// Checks a device's codes for each user once.
fn verifies_once() -> Altered {
    let verified: Mutex<BTreeSet<(DeviceId, UserId)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let enabled = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let Some(named) = enabled else { return decision };
        let Some(both) = named.id().zip(named.user) else { return decision };
        let mut verified = held(&verified);
        match refused_with(&decision) {
            None => {
                verified.insert(both);
                decision
            }
            Some(WRONG_CODES) if named.owner().is_none() && verified.contains(&both) => named.carried_out(),
            Some(_) => decision,
        }
    })
}

/// Finds no device in a user's way whose status a Resync has written in another spelling.
fn spells_the_status_otherwise() -> Altered {
    let resynced: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        if let Some(named) = named(situation, request) {
            let mut resynced = held(&resynced);
            match (named.operation, refused_with(&decision), named.id()) {
                (MfaOperation::Resync, None, Some(device)) => {
                    resynced.insert(device);
                }
                (MfaOperation::Enable, None, Some(device)) => {
                    resynced.remove(&device);
                }
                _ => {}
            }
            return decision;
        }
        let Request::Support(support) = request else { return decision };
        let account = situation.account;
        let user = support.name.text.and_then(|name| account.find_user(name));
        let Some(user) = user.filter(|_| support.operation == Operation::DeleteUser) else { return decision };
        let holds_no_key = account.user(user).is_some_and(|user| user.keys().next().is_none());
        let unseen = devices_of(account, user).iter().all(|device| held(&resynced).contains(device));
        match refused_with(&decision) {
            Some(ErrorCode::DeleteConflict) if unseen && holds_no_key => done(Effect::RemoveUser(user)),
            _ => decision,
        }
    })
}

/// Remembers for a minute that a user doesn't have a device.
fn remembers_what_is_missing() -> Altered {
    let missing: Mutex<BTreeMap<(UserId, DeviceId), Millis>> = Mutex::default();
    decides(move |situation, request, decision| {
        let looked_up = named(situation, request).filter(|named| named.operation != MfaOperation::Enable);
        let Some(named) = looked_up else { return decision };
        let Some(both) = named.user.zip(named.id()) else { return decision };
        let mut missing = held(&missing);
        match refused_with(&decision) {
            Some(MISSING) => {
                missing.insert(both, situation.now.plus(REMEMBERED_MS));
                decision
            }
            None if missing.get(&both).is_some_and(|until| *until > situation.now) => refuse(MISSING),
            _ => decision,
        }
    })
}

/// Commits with the next write, and rolls back where a call is refused.
fn rolls_back() -> Altered {
    let uncommitted: Mutex<Option<Effect>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut uncommitted = held(&uncommitted);
        match decision {
            Decision::CarryOut { effect: Effect::None, .. } => decision,
            Decision::CarryOut { effect: Effect::Associate(device, _), .. } => {
                *uncommitted = Some(Effect::Dissociate(device));
                decision
            }
            Decision::CarryOut { effect: Effect::Dissociate(device), .. } => {
                let owner = owner_of(situation.account, device);
                *uncommitted = owner.map(|owner| Effect::Associate(device, owner));
                decision
            }
            Decision::CarryOut { .. } | Decision::FailAfter { .. } => {
                *uncommitted = None;
                decision
            }
            Decision::Refuse { code, message } => {
                // What breaks a constraint or comes from another handler has no session of the database yet.
                let has_session = code != ErrorCode::ValidationError && request.operation().under_test().is_some();
                match uncommitted.take_if(|_| has_session) {
                    Some(effect) => Decision::FailAfter { effect, body: SuccessBody::Empty, code, message },
                    None => Decision::Refuse { code, message },
                }
            }
        }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "owners-shift-when-a-user-goes",
        "Owners are kept as places in the list of users, so that after DeleteUser later users' devices are the next's.",
        C::DeleteUserLeavesOthers,
        // Another user's association is changed, and no call that names the device has done it.
        &[C::StateIsolation, C::StateDurable],
        Stateful,
        keeps_owners_as_places,
    ),
    row(
        "ninth-association-of-the-account-ends-the-oldest",
        "Associations are kept in a cache of eight, so that the ninth of the account ends the oldest one.",
        C::StateDurable,
        // The oldest one is another device's and may be another user's.
        &[C::StateIsolation, C::EnableAssociates],
        Stateful,
        keeps_associations_in_a_cache,
    ),
    row(
        "connection-remembers-its-caller",
        "Who signed the first request on a connection is taken for the caller of all that come on it.",
        C::DeactivateDefaultUser,
        // Another request's credentials are looked at; without a user the name is asked for.
        &[C::WireRequestBoundary, C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Stateful,
        remembers_the_caller,
    ),
    row(
        "verified-device-enabled-without-its-codes",
        "EnableMFADevice takes any codes of a device that the same user has had before.",
        C::EnableCodesRecognised,
        // A pair in reverse and a code twice are among any codes.
        &[C::EnableCode2Subsequent],
        Stateful,
        verifies_once,
    ),
    row(
        "resynced-device-holds-no-user",
        "ResyncMFADevice writes a status that DeleteUser doesn't know, so that a user with such devices is deleted.",
        C::DeleteUserRequiresDeactivation,
        // Something else about the device than its codes has changed.
        &[C::ResyncKeepsAssociation],
        Stateful,
        spells_the_status_otherwise,
    ),
    row(
        "missing-association-remembered",
        "That a device isn't a user's is remembered for a minute, even if it is enabled for the user meanwhile.",
        C::DeactivateDissociates,
        // Resync looks it up in the same place; an administrator, or the user's own key, is refused as well.
        &[
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::DeactivateByAdministrator,
            C::DeactivateDefaultUser,
            C::DeactivateRejectedNoEffect,
            C::ResyncRejectedNoEffect,
            C::StateSettles,
        ],
        Stateful,
        remembers_what_is_missing,
    ),
    row(
        "refusal-rolls-back-the-change-before",
        "A change is committed with the next one, and a refused call that comes between rolls it back.",
        C::EnableRejectedNoEffect,
        // Whichever call was refused, whatever for: it changed something, and what was answered 200 hasn't lasted.
        &[
            C::ResyncRejectedNoEffect,
            C::DeactivateRejectedNoEffect,
            C::ResyncKeepsAssociation,
            C::EnableAlreadyEnabled,
            C::ResyncOtherUsers,
            C::DeactivateOtherUsers,
            C::EnableAssociates,
            C::DeactivateDissociates,
            C::StateDurable,
            C::StateIsolation,
        ],
        Stateful,
        rolls_back,
    ),
];
