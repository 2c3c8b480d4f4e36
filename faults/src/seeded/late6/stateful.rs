//! Faults that show only in a certain state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Decision, Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Operation, Page, Request, SuccessBody, VirtualDeviceEntry};

use crate::altered::{Altered, carries_out, decides, rules};
use crate::entry::Difficulty::Stateful;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{devices_of, dissociate, done, named, on, owner_of, refuse, refused_with};
use crate::seeded::late2::pair::{emitted, pair};
use crate::seeded::listing::{entry_of, lists};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
const TAKEN: ErrorCode = ErrorCode::EntityAlreadyExists;
const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;

/// Notes who asks for a device before the codes are checked, and keeps it for that user.
fn reserves() -> Altered {
    let reserved: Mutex<BTreeMap<DeviceId, UserId>> = Mutex::default();
    on(MfaOperation::Enable, move |named, decision| {
        let Some((device, user)) = named.id().zip(named.user) else { return decision };
        let mut reserved = held(&reserved);
        match refused_with(&decision) {
            Some(WRONG_CODES) if named.owner().is_none() => {
                reserved.entry(device).or_insert(user);
                decision
            }
            None if reserved.get(&device).is_some_and(|first| *first != user) => refuse(TAKEN),
            None => {
                reserved.remove(&device);
                decision
            }
            Some(_) => decision,
        }
    })
}

/// What a listing of the account asks for.
type Asked = [Option<String>; 3];

/// Keeps what was listed of the account until a device comes to be or ceases to be.
fn caches_the_account() -> Altered {
    let cache: Mutex<BTreeMap<Asked, Page<VirtualDeviceEntry>>> = Mutex::default();
    decides(move |_, request, decision| {
        let mut cache = held(&cache);
        match (request, decision) {
            (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }) => {
                let asked = [support.assignment_status, support.marker, support.max_items].map(|it| it.map(Into::into));
                let page = cache.entry(asked).or_insert(page).clone();
                Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }
            }
            (_, decision) => {
                if let Decision::CarryOut { effect: Effect::AddDevice | Effect::RemoveDevice(_), .. } = &decision {
                    cache.clear();
                }
                decision
            }
        }
    })
}

/// Marks a user as deleted before it looks what is in the way, and looks at the mark when a device is enabled.
fn hides_users() -> Altered {
    let marked: Mutex<BTreeSet<UserId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut marked = held(&marked);
        if let Request::Support(support) = request {
            let user = support.name.text.and_then(|name| situation.account.find_user(name));
            let is_refused = refused_with(&decision) == Some(ErrorCode::DeleteConflict);
            if support.operation == Operation::DeleteUser && is_refused {
                marked.extend(user);
            }
            return decision;
        }
        let enabled = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let is_marked = enabled.and_then(|named| named.user).is_some_and(|user| marked.contains(&user));
        if is_marked && refused_with(&decision) != Some(ErrorCode::ValidationError) {
            refuse(MISSING)
        } else {
            decision
        }
    })
}

/// Deletes who is left without a device, as a cascade does that is set on the wrong side.
fn cascades() -> Altered {
    carries_out(|account, effect, body, now| {
        let owner = match effect {
            Effect::Dissociate(device) => owner_of(account, *device),
            _ => None,
        };
        account.apply(effect, Some(body), now);
        if let Some(owner) = owner.filter(|owner| devices_of(account, *owner).is_empty()) {
            account.apply(&Effect::RemoveUser(owner), None, now);
        }
    })
}

/// A user's devices and, in a list of their own, their seeds.
#[derive(Default)]
struct Lists {
    devices: Vec<DeviceId>,
    seeds: Vec<Option<Arc<Seed>>>,
}

/// Finds a seed by its device's place, and strikes only the device off when it is deactivated.
fn keeps_seeds_beside() -> Altered {
    let lists: Arc<Mutex<BTreeMap<UserId, Lists>>> = Arc::default();
    let kept = Arc::clone(&lists);
    decides(move |situation, request, decision| {
        let resynced = named(situation, request).filter(|named| named.operation == MfaOperation::Resync);
        let Some((named, codes)) = resynced.zip(pair(request)) else { return decision };
        let is_about_codes = matches!(refused_with(&decision), None | Some(WRONG_CODES));
        let Some(user) = named.user.filter(|user| is_about_codes && named.owner() == Some(*user)) else {
            return decision;
        };
        let lists = held(&lists);
        let Some(own) = lists.get(&user) else { return decision };
        let place = own.devices.iter().position(|device| Some(*device) == named.id());
        let seed = place.and_then(|place| own.seeds.get(place)?.as_deref());
        if seed.is_some_and(|seed| emitted(seed, codes, situation.now)) {
            done(Effect::None)
        } else {
            refuse(WRONG_CODES)
        }
    })
    .and_effects(move |account, effect, body, now| {
        match effect {
            Effect::Associate(device, user) => {
                let mut kept = held(&kept);
                let own = kept.entry(*user).or_default();
                own.devices.push(*device);
                own.seeds.push(account.device(*device).and_then(|device| device.seed.clone()));
            }
            Effect::Dissociate(gone) => {
                if let Some(owner) = owner_of(account, *gone)
                    && let Some(own) = held(&kept).get_mut(&owner)
                {
                    own.devices.retain(|device| device != gone);
                }
            }
            _ => {}
        }
        account.apply(effect, Some(body), now);
    })
}

/// Strikes an association off by the place of a device among all that there are.
fn strikes_off_by_place() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::RemoveDevice(gone) = effect {
            let all: BTreeSet<DeviceId> = account.devices_after("").map(|(id, _)| id).collect();
            let place = all.iter().take_while(|id| *id < gone).count();
            let at_place = all.into_iter().filter(|id| owner_of(account, *id).is_some()).nth(place);
            dissociate(account, at_place.as_slice(), now);
        }
        account.apply(effect, Some(body), now);
    })
}

/// Knows one key, the newest, and takes its user for whoever signs a call without a name.
#[derive(Default)]
struct OneKey(Mutex<Option<UserId>>);

impl Rules for OneKey {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let mut newest = held(&self.0);
        let caller = match (request, situation.caller, *newest) {
            (Request::Deactivate { .. }, Caller::User(_), Some(user)) => Caller::User(user),
            (_, caller, _) => caller,
        };
        let decision = Documented::default().decide(&Situation { caller, ..*situation }, request, memory);
        if let Decision::CarryOut { effect: Effect::AddKey(user), .. } = &decision {
            *newest = Some(*user);
        }
        decision
    }
}

/// Keeps a line for each user who ever had a device, and the device's status with the device.
fn joins_former_users() -> Altered {
    let ever: Arc<Mutex<BTreeSet<(DeviceId, UserId)>>> = Arc::default();
    let kept = Arc::clone(&ever);
    lists(move |account, name, mut items| {
        let Some(user) = account.find_user(name) else { return items };
        let ever = held(&ever);
        let had = ever.iter().filter(|(_, known)| *known == user).map(|(device, _)| *device);
        let of_others = had.filter(|device| owner_of(account, *device).is_some_and(|owner| owner != user));
        items.extend(of_others.filter_map(|device| entry_of(account, device, name)));
        items
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::Associate(device, user) = effect {
            held(&kept).insert((*device, *user));
        }
        account.apply(effect, Some(body), now);
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "refused-enable-reserves-the-device",
        "A device that a user gave wrong codes for is kept for that user: EntityAlreadyExists for any other.",
        C::EnableRejectedNoEffect,
        // It is nobody's, and the pair of the other user is fresh.
        &[C::EnableFreshPair, C::EnableAlreadyEnabled, C::EnableCodesByDevice, C::DeactivateReEnable],
        Stateful,
        reserves,
    ),
    row(
        "account-listing-cached-until-a-device-is-made",
        "ListVirtualMFADevices tells what it told first, until a device is created or deleted.",
        C::EnableAssociates,
        // An association that has ended is shown as well.
        &[C::DeactivateDissociates, C::StateSettles],
        Stateful,
        caches_the_account,
    ),
    row(
        "refused-delete-user-hides-the-user",
        "A user whom DeleteUser was refused for is answered NoSuchEntity by EnableMFADevice ever after.",
        C::DeleteUserRequiresDeactivation,
        // The user is there, whatever else the call asks for.
        &[
            C::EnableUserExists,
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::EnableCodesRecognised,
            C::EnableAlreadyEnabled,
            C::SerialNumberOwnArn,
        ],
        Stateful,
        hides_users,
    ),
    row(
        "last-device-takes-its-user-along",
        "DeactivateMFADevice of a user's only device deletes the user.",
        C::DeactivateReEnable,
        // No device can be enabled for the user, who can't be listed or deleted either.
        &[
            C::DeactivateDissociates,
            C::DeactivateOnlyThatDevice,
            C::EnableUserExists,
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::SerialNumberOwnArn,
            C::DeleteUserRequiresDeactivation,
            C::StateSettles,
        ],
        Stateful,
        cascades,
    ),
    row(
        "seeds-stay-in-their-list",
        "DeactivateMFADevice leaves the seed in a list beside that of devices: ResyncMFADevice takes the next one's.",
        C::ResyncSynchronizes,
        // Another device's codes are asked for.
        &[C::ResyncCodesByDevice, C::ResyncCodesRecognised, C::ResyncAfterLateEnable],
        Stateful,
        keeps_seeds_beside,
    ),
    row(
        "deleted-devices-place-ends-an-association",
        "DeleteVirtualMFADevice strikes off the association at the device's place among all devices.",
        C::StateDurable,
        // The device is in no listing, and the next calls about it find nothing.
        &[
            C::StateIsolation,
            C::EnableAssociates,
            C::EnableAlreadyEnabled,
            C::ResyncSynchronizes,
            C::DeactivateByAdministrator,
            C::DeactivateDefaultUser,
        ],
        Stateful,
        strikes_off_by_place,
    ),
    row(
        "newest-keys-user-taken-for-the-caller",
        "DeactivateMFADevice without UserName is about the user whose access key was made last, whoever calls.",
        C::DeactivateDefaultUser,
        // That user's device goes by another's call.
        &[C::DeactivateOtherUsers, C::StateIsolation],
        Stateful,
        || rules(OneKey::default()),
    ),
    row(
        "former-user-shown-with-the-present-ones-device",
        "ListMFADevices of a user shows devices that were the user's and are enabled for another one now.",
        C::EnableAssociates,
        // One user's call changes another's listing, in which the device was no longer.
        &[C::DeactivateDissociates, C::StateIsolation, C::StateSettles],
        Stateful,
        joins_former_users,
    ),
];
