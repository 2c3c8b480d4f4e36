//! Faults that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::wire::HttpRequest;
use mfa_reference::world::{DeviceId, Effect, User, UserId, World};
use mfa_reference::{ErrorCode, MfaOperation, Millis, Operation, Request};

use crate::fault::altered::{Altered, carries_out, decides, documented};
use crate::fault::entry::Difficulty::Stateful;
use crate::fault::entry::{Planted, plant};
use crate::fault::line::{Incoming, Service, held};
use crate::fault::parts::{devices_of, dissociate, done, named, owner_of, refuse, refuse_after, refused_with};

const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;
const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

/// How many associations the cache holds.
const CACHED: usize = 8;

/// How many devices a user may have, by the counter.
const QUOTA: usize = 8;

/// How long it is remembered that a user doesn't have a device.
const REMEMBERED_MS: i64 = 60_000;

/// Keeps owners as places in the list of users, and lets them stand when a user goes.
fn keeps_owners_as_places() -> Altered {
    carries_out(|world, effect, body, now| {
        let moves = match effect {
            Effect::RemoveUser(gone) => moves_up(world, *gone),
            _ => Vec::new(),
        };
        world.apply(effect, Some(body), now);
        for (device, next) in moves {
            let since = world.device(device).map_or(now, |device| device.enabled_at);
            let effect = next.map_or(Effect::Dissociate(device), |next| Effect::Associate(device, next));
            world.apply(&effect, None, since);
        }
    })
}

/// Which devices are whose when each place after a user's is the next one's.
fn moves_up(world: &World, gone: UserId) -> Vec<(DeviceId, Option<UserId>)> {
    let later: BTreeSet<UserId> = world.users().map(|(id, _)| id).filter(|id| *id > gone).collect();
    let next = |user: UserId| later.iter().copied().find(|other| *other > user);
    later.iter().flat_map(|user| devices_of(world, *user).into_iter().map(move |id| (id, next(*user)))).collect()
}

/// Keeps the newest associations only.
fn keeps_associations_in_a_cache() -> Altered {
    let kept: Mutex<VecDeque<DeviceId>> = Mutex::default();
    carries_out(move |world, effect, body, now| {
        world.apply(effect, Some(body), now);
        let mut kept = held(&kept);
        if let Effect::Associate(device, _) = effect {
            kept.push_back(*device);
        }
        kept.retain(|device| owner_of(world, *device).is_some());
        if kept.len() > CACHED
            && let Some(oldest) = kept.pop_front()
        {
            dissociate(world, &[oldest], now);
        }
    })
}

/// Counts a device for its user before its codes are checked.
fn counts_before_it_checks() -> Altered {
    let refused: Mutex<BTreeMap<UserId, usize>> = Mutex::default();
    decides(move |situation, request, decision| {
        let enabled = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let Some(user) = enabled.and_then(|named| named.user) else { return decision };
        let mut refused = held(&refused);
        let count = refused.entry(user).or_default();
        match refused_with(&decision) {
            Some(WRONG_CODES) => *count += 1,
            None if *count + situation.world.user(user).map_or(0, User::device_count) >= QUOTA => {
                return refuse(ErrorCode::LimitExceeded);
            }
            _ => {}
        }
        decision
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

pub(in crate::fault) const FAULTS: &[Planted] = &[
    plant(
        "owners-shift-when-a-user-goes",
        "Owners are kept as places in the list of users, so that after DeleteUser later users' devices are the next's.",
        C::DeleteUserLeavesOthers,
        // Another user's association is changed, and no call that names the device has done it.
        &[C::StateIsolation, C::StateDurable],
        (Stateful, 5),
        keeps_owners_as_places,
    ),
    plant(
        "ninth-association-of-the-account-ends-the-oldest",
        "Associations are kept in a cache of eight, so that the ninth of the account ends the oldest one.",
        C::StateDurable,
        // The oldest one is another device's and may be another user's.
        &[C::StateIsolation, C::EnableAssociates],
        (Stateful, 20),
        keeps_associations_in_a_cache,
    ),
    plant(
        "refused-enables-count-towards-the-quota",
        "EnableMFADevice counts a device for its user before it checks the codes, and LimitExceeded follows at eight.",
        C::EnableRejectedNoEffect,
        // What was refused is counted; the account may have no device at all; a fresh pair is refused.
        &[C::EnableLimit, C::EnableFreshPair, C::EnableCodesByDevice, C::DeactivateReEnable],
        (Stateful, 11),
        counts_before_it_checks,
    ),
    plant(
        "connection-remembers-its-caller",
        "Who signed the first request on a connection is taken for the caller of all that come on it.",
        C::DeactivateDefaultUser,
        // Another request's credentials are looked at; without a user the name is asked for.
        &[
            C::WireRequestBoundary,
            C::Parameter(mfa_reference::clause::Parameter::DeactivateUserName, mfa_reference::clause::Aspect::Required),
        ],
        (Stateful, 5),
        remembers_the_caller,
    ),
    plant(
        "verified-device-enabled-without-its-codes",
        "EnableMFADevice takes any codes of a device that the same user has had before.",
        C::EnableCodesRecognised,
        // A pair in reverse and a code twice are among any codes.
        &[C::EnableCode2Subsequent],
        (Stateful, 5),
        verifies_once,
    ),
];
