//! Services whose listings are wrong, whose effects come late, or that change what no call is about.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Decision, Rules};
use mfa_reference::service::rules::{Documented, Situation};
use mfa_reference::world::{DeviceId, Effect, Fact, World};
use mfa_reference::{
    ErrorCode, MfaDeviceEntry, MfaOperation, Millis, Operation, Page, Request, SuccessBody, UserEntry,
    VirtualDeviceEntry,
};

use crate::fault::altered::{Altered, carries_out, decides, documented, rules};
use crate::fault::entry::Difficulty::{Narrow, Shallow, Stateful};
use crate::fault::entry::{Planted, plant};
use crate::fault::line::held;
use crate::fault::parts::{devices_of, dissociate, named, on_refusal, on_success, owner_of, refuse, refused_with};

/// Answers listings from what was so this long ago.
pub(in crate::fault) struct Lagging {
    past: Mutex<Vec<(Millis, World)>>,
    millis: i64,
}

impl Lagging {
    pub(in crate::fault) fn new(millis: i64) -> Self {
        Self { past: Mutex::default(), millis }
    }
}

impl Rules for Lagging {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let mut past = held(&self.past);
        past.push((situation.now, situation.world.clone()));
        let then = situation.now.plus(-self.millis);
        // The state that a call found is the one since the call before it.
        let index = past.iter().position(|(at, _)| *at > then).unwrap_or_default();
        past.drain(..index);
        let listing = matches!(request.operation(), Operation::ListMfaDevices | Operation::ListVirtualMfaDevices);
        let old = past.first().filter(|_| listing);
        let world = old.map_or(situation.world, |(_, world)| world);
        let decision = Documented::default().decide(&Situation { world, ..*situation }, request, memory);
        match refused_with(&decision) {
            Some(ErrorCode::NoSuchEntity) if listing => Documented::default().decide(situation, request, memory),
            _ => decision,
        }
    }
}

/// Changes the listings of users' devices.
fn lists(change: impl Fn(&World, &str, Vec<MfaDeviceEntry>) -> Vec<MfaDeviceEntry> + Send + Sync + 'static) -> Altered {
    decides(move |situation, request, decision| match (request, decision) {
        (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }) => {
            let items = change(situation.world, support.name.text.unwrap_or_default(), page.items);
            Decision::CarryOut { effect, body: SuccessBody::MfaDevices(Page { items, next: page.next }) }
        }
        (_, decision) => decision,
    })
}

/// Changes the account-wide listing.
fn lists_all(change: fn(&World, Vec<VirtualDeviceEntry>) -> Vec<VirtualDeviceEntry>) -> Altered {
    decides(move |situation, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) } => {
            let items = change(situation.world, page.items);
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(Page { items, next: page.next }) }
        }
        other => other,
    })
}

fn somebody(world: &World) -> Option<UserEntry> {
    world.users().next().map(|(_, user)| user.entry.clone())
}

fn entry_of(world: &World, id: DeviceId, user_name: &str) -> Option<MfaDeviceEntry> {
    let device = world.device(id)?;
    Some(MfaDeviceEntry {
        user_name: user_name.to_owned(),
        serial_number: device.serial_number.to_string(),
        enable_date: "2025-06-15T00:00:00Z".to_owned(),
    })
}

/// Keeps effects of this kind back until the next call that changes something.
fn keeps_back(kind: fn(&Effect) -> bool) -> Altered {
    let waiting: Mutex<Vec<Effect>> = Mutex::default();
    carries_out(move |world, effect, body, now| {
        if *effect == Effect::None {
            return;
        }
        let mut waiting = held(&waiting);
        for late in std::mem::take(&mut *waiting) {
            world.apply(&late, None, now);
        }
        if kind(effect) {
            waiting.push(effect.clone());
        } else {
            world.apply(effect, Some(body), now);
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
    .and_effects(move |world, effect, body, now| {
        for serial in std::mem::take(&mut *held(&due)) {
            let device = world.find_device(&serial).id();
            dissociate(world, device.as_slice(), now);
        }
        world.apply(effect, Some(body), now);
    })
}

pub(in crate::fault) const FAULTS: &[Planted] = &[
    plant(
        "everybodys-devices-listed",
        "ListMFADevices lists the devices of all users.",
        C::EnableAssociates,
        // Whoever's call it was after, another's listing shows the device.
        &[C::StateIsolation],
        (Shallow, 4),
        || {
            lists(|world, name, _| {
                let assigned = world.devices_after("").filter(|(_, device)| device.owner != Fact::Known(None));
                assigned.filter_map(|(id, _)| entry_of(world, id, name)).collect()
            })
        },
    ),
    plant(
        "devices-listed-twice",
        "ListMFADevices lists each device twice.",
        C::EnableAssociates,
        &[],
        (Shallow, 3),
        || lists(|_, _, items| items.iter().chain(&items).cloned().collect()),
    ),
    plant(
        "second-enable-listed-twice",
        "A device that was enabled for the second time is listed twice.",
        C::EnableAssociates,
        &[C::DeactivateReEnable],
        (Stateful, 5),
        || {
            let enabled: std::sync::Arc<Mutex<BTreeMap<DeviceId, u32>>> = std::sync::Arc::default();
            let seen = std::sync::Arc::clone(&enabled);
            lists(move |world, _, items| {
                let enabled = held(&enabled);
                let again = |item: &MfaDeviceEntry| {
                    let id = world.find_device(&item.serial_number).id();
                    id.and_then(|id| enabled.get(&id)).is_some_and(|count| *count > 1)
                };
                items.iter().chain(items.iter().filter(|item| again(item))).cloned().collect()
            })
            .and_effects(move |world, effect, body, now| {
                if let Effect::Associate(device, _) = effect {
                    *held(&seen).entry(*device).or_default() += 1;
                }
                world.apply(effect, Some(body), now);
            })
        },
    ),
    plant(
        "eighth-device-not-shown",
        "ListMFADevices shows seven devices at most, and no marker.",
        C::EnableAssociates,
        &[],
        (Stateful, 17),
        || lists(|_, _, items| items.into_iter().take(7).collect()),
    ),
    plant(
        "second-device-not-shown",
        "ListMFADevices shows one device at most, and no marker.",
        C::EnableAssociates,
        &[C::DeactivateOnlyThatDevice, C::StateIsolation],
        (Stateful, 5),
        || lists(|_, _, items| items.into_iter().take(1).collect()),
    ),
    plant(
        "listed-under-another-name",
        "ListMFADevices names another user.",
        C::EnableAssociates,
        &[],
        (Shallow, 3),
        || {
            lists(|_, _, items| {
                let renamed =
                    |item: MfaDeviceEntry| MfaDeviceEntry { user_name: format!("{}x", item.user_name), ..item };
                items.into_iter().map(renamed).collect()
            })
        },
    ),
    plant(
        "namesakes-devices-listed",
        "ListMFADevices lists the devices of users whose names begin alike, too.",
        C::EnableAssociates,
        &[C::StateIsolation],
        (Stateful, 4),
        || {
            lists(|world, name, _| {
                let stem: String = name.chars().take(name.chars().count().saturating_sub(1)).collect();
                let users = world.users().filter(|(_, user)| user.entry.user_name.starts_with(&stem));
                users.flat_map(|(id, _)| devices_of(world, id)).filter_map(|id| entry_of(world, id, name)).collect()
            })
        },
    ),
    plant(
        "account-listing-without-owners",
        "ListVirtualMFADevices shows nobody's name.",
        C::EnableAssociates,
        // After other calls than an Enable the state is what they left.
        &[C::StateIsolation, C::StateDurable],
        (Narrow, 4),
        || lists_all(|_, items| items.into_iter().map(|item| VirtualDeviceEntry { user: None, ..item }).collect()),
    ),
    plant(
        "account-listing-with-a-wrong-owner",
        "ListVirtualMFADevices shows the first user as each device's owner.",
        C::EnableAssociates,
        &[C::StateIsolation, C::DeactivateDissociates],
        (Narrow, 3),
        || {
            lists_all(|world, items| {
                items.into_iter().map(|item| VirtualDeviceEntry { user: somebody(world), ..item }).collect()
            })
        },
    ),
    plant(
        "account-listing-keeps-owners",
        "ListVirtualMFADevices shows a deactivated device as its last owner's.",
        C::DeactivateDissociates,
        &[C::DeactivateReEnable],
        (Narrow, 5),
        || {
            lists_all(|world, items| {
                let used = |item: &VirtualDeviceEntry| {
                    let device = world.find_device(&item.serial_number).id().and_then(|id| world.device(id));
                    item.user.is_none() && device.is_some_and(|device| device.enabled_at > Millis(0))
                };
                let kept = |item: VirtualDeviceEntry| {
                    if used(&item) { VirtualDeviceEntry { user: somebody(world), ..item } } else { item }
                };
                items.into_iter().map(kept).collect()
            })
        },
    ),
    plant(
        "account-listing-without-assigned-devices",
        "ListVirtualMFADevices leaves assigned devices out.",
        C::EnableAssociates,
        &[C::StateIsolation, C::StateDurable],
        (Narrow, 4),
        || lists_all(|_, items| items.into_iter().filter(|item| item.user.is_none()).collect()),
    ),
    plant(
        "listings-ten-seconds-old",
        "Listings show what was so ten seconds ago.",
        C::StateSettles,
        // What they show is what the call before should have changed.
        &[C::EnableAssociates, C::DeactivateDissociates],
        (Shallow, 3),
        || rules(Lagging::new(10_000)),
    ),
    plant(
        "enable-waits-for-the-next-call",
        "EnableMFADevice takes effect with the next call that changes something.",
        C::EnableAssociates,
        &[C::StateSettles],
        (Stateful, 3),
        || keeps_back(|effect| matches!(effect, Effect::Associate(..))),
    ),
    plant(
        "deactivate-waits-for-the-next-call",
        "DeactivateMFADevice takes effect with the next call that changes something.",
        C::DeactivateDissociates,
        &[C::StateSettles],
        (Stateful, 4),
        || keeps_back(|effect| matches!(effect, Effect::Dissociate(_))),
    ),
    plant(
        "third-listing-forgets",
        "A device that was listed three times is nobody's.",
        C::StateDurable,
        // A wrong listing after reads alone.
        &[C::StateIsolation, C::EnableAssociates, C::DeactivateOnlyThatDevice],
        (Stateful, 6),
        || forgets_when_listed(3),
    ),
    plant(
        "enable-expires",
        "An association ends after a minute.",
        C::StateDurable,
        &[C::StateIsolation, C::EnableAssociates],
        (Stateful, 5),
        || {
            let since: Mutex<BTreeMap<DeviceId, Millis>> = Mutex::default();
            carries_out(move |world, effect, body, now| {
                let mut since = held(&since);
                let old: Vec<DeviceId> =
                    since.iter().filter(|(_, at)| at.plus(60_000) < now).map(|(device, _)| *device).collect();
                dissociate(world, &old, now);
                since.retain(|device, _| !old.contains(device));
                if let Effect::Associate(device, _) = effect {
                    since.insert(*device, now);
                }
                world.apply(effect, Some(body), now);
            })
        },
    ),
    plant(
        "enable-takes-from-the-last-user",
        "EnableMFADevice for one user dissociates a device of another.",
        C::StateIsolation,
        // Only one association was asked for.
        &[C::EnableAssociates],
        (Stateful, 6),
        || {
            carries_out(|world, effect, body, now| {
                if let Effect::Associate(_, user) = effect {
                    let all = world.devices_after("").map(|(id, _)| id);
                    let other = all.filter(|id| owner_of(world, *id).is_some_and(|owner| owner != *user)).max();
                    dissociate(world, other.as_slice(), now);
                }
                world.apply(effect, Some(body), now);
            })
        },
    ),
    plant(
        "resync-takes-from-another-user",
        "ResyncMFADevice dissociates a device of another user.",
        C::StateIsolation,
        &[C::ResyncKeepsAssociation],
        (Stateful, 7),
        || {
            on_success(MfaOperation::Resync, |named| {
                Some(Decision::CarryOut { effect: Effect::Unsettle(named.user, None), body: SuccessBody::Empty })
            })
            .and_effects(|world, effect, body, now| match effect {
                Effect::Unsettle(user, None) => {
                    let all = world.devices_after("").map(|(id, _)| id);
                    let other = all.filter(|id| owner_of(world, *id).is_some_and(|owner| Some(owner) != *user)).max();
                    dissociate(world, other.as_slice(), now);
                }
                other => world.apply(other, Some(body), now),
            })
        },
    ),
    plant(
        "serial-number-prefix-matches",
        "A serial number without its last character names the device.",
        C::SerialNumberUnique,
        &[C::EnableDeviceExists],
        (Narrow, 3),
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.user.is_some()) else {
                    return decision;
                };
                let Some(serial) = named.serial.filter(|serial| serial.len() > 20 && named.device.is_none()) else {
                    return decision;
                };
                let mut all = situation.world.devices_after(serial);
                let near = all.next().filter(|(_, device)| device.serial_number.starts_with(serial));
                match near {
                    Some((_, device))
                        if device.serial_number.len() <= serial.len() + 3
                            && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) =>
                    {
                        Decision::CarryOut { effect: Effect::None, body: SuccessBody::Empty }
                    }
                    _ => decision,
                }
            })
        },
    ),
    plant(
        "serial-number-extension-matches",
        "A serial number with one character more names the device.",
        C::SerialNumberUnique,
        &[C::EnableDeviceExists, C::DeactivateDeviceExists, C::ResyncDeviceExists],
        (Narrow, 3),
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.user.is_some()) else {
                    return decision;
                };
                let shorter = named.serial.and_then(|serial| serial.get(..serial.len().saturating_sub(1)));
                let near = shorter.and_then(|serial| situation.world.find_device(serial).id());
                if near.is_some() && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) {
                    Decision::CarryOut { effect: Effect::None, body: SuccessBody::Empty }
                } else {
                    decision
                }
            })
        },
    ),
    plant(
        "user-name-extension-matches",
        "A user name with one character more names the user.",
        C::EnableUserExists,
        &[C::DeactivateUserExists, C::ResyncUserExists],
        (Narrow, 3),
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.user.is_none()) else {
                    return decision;
                };
                let shorter = named.user_name.and_then(|name| name.get(..name.len().saturating_sub(1)));
                let near = shorter.and_then(|name| situation.world.find_user(name).id());
                let refused = refused_with(&decision) == Some(ErrorCode::NoSuchEntity);
                match near.filter(|_| refused && named.device.is_some()) {
                    Some(user) => crate::fault::parts::Named { user: Some(user), ..named }.carried_out(),
                    None => decision,
                }
            })
        },
    ),
    plant(
        "user-name-prefix-matches",
        "A user name without its last character names the user.",
        C::EnableUserExists,
        &[C::DeactivateUserExists, C::ResyncUserExists],
        (Narrow, 3),
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request).filter(|named| named.user.is_none()) else {
                    return decision;
                };
                let name = named.user_name.unwrap_or_default();
                let mut longer = situation.world.users_after(name).filter(|(_, user)| {
                    user.entry.user_name.len() == name.len() + 1 && user.entry.user_name.starts_with(name)
                });
                let refused = refused_with(&decision) == Some(ErrorCode::NoSuchEntity);
                match longer.next().filter(|_| refused && named.device.is_some() && !name.is_empty()) {
                    Some((user, _)) => crate::fault::parts::Named { user: Some(user), ..named }.carried_out(),
                    None => decision,
                }
            })
        },
    ),
    plant(
        "long-serial-numbers-not-found",
        "A serial number of more than 100 characters is answered NoSuchEntity.",
        C::SerialNumberOwnArn,
        &[C::EnableFreshPair],
        (Narrow, 3),
        || {
            decides(|situation, request, decision| {
                let long =
                    named(situation, request).and_then(|named| named.serial).is_some_and(|serial| serial.len() > 100);
                if long && refused_with(&decision).is_none() { refuse(ErrorCode::NoSuchEntity) } else { decision }
            })
        },
    ),
    plant(
        "serial-number-marks-not-found",
        "A serial number with other marks than -, : and / is answered NoSuchEntity.",
        C::SerialNumberOwnArn,
        &[C::EnableFreshPair],
        (Narrow, 3),
        || {
            decides(|situation, request, decision| {
                let usual = |mark: char| mark.is_ascii_alphanumeric() || "-:/".contains(mark);
                let serial = named(situation, request).and_then(|named| named.serial);
                let known = serial.is_none_or(|serial| serial.chars().all(usual));
                if known || refused_with(&decision).is_some() { decision } else { refuse(ErrorCode::NoSuchEntity) }
            })
        },
    ),
    plant(
        "at-sign-users-not-found",
        "A user whose name has an at sign is answered NoSuchEntity.",
        C::EnableUserExists,
        // The at sign is in the pattern.
        &[C::Parameter(mfa_reference::clause::Parameter::EnableUserName, mfa_reference::clause::Aspect::Pattern)],
        (Narrow, 3),
        || {
            decides(|situation, request, decision| {
                let at =
                    named(situation, request).and_then(|named| named.user_name).is_some_and(|name| name.contains('@'));
                if at && refused_with(&decision).is_none() { refuse(ErrorCode::NoSuchEntity) } else { decision }
            })
        },
    ),
    plant(
        "longest-user-name-not-found",
        "A user whose name has 64 characters is answered NoSuchEntity.",
        C::EnableUserExists,
        // 64 characters keep the limit.
        &[
            C::Parameter(mfa_reference::clause::Parameter::EnableUserName, mfa_reference::clause::Aspect::MaxLength),
            C::EnableFreshPair,
        ],
        (Narrow, 3),
        || {
            decides(|situation, request, decision| {
                let long =
                    named(situation, request).and_then(|named| named.user_name).is_some_and(|name| name.len() == 64);
                if long && refused_with(&decision).is_none() { refuse(ErrorCode::NoSuchEntity) } else { decision }
            })
        },
    ),
    plant(
        "enable-with-a-comma-forgotten",
        "EnableMFADevice for a user whose name has a comma answers 200 and does nothing.",
        C::EnableAssociates,
        &[],
        (Narrow, 3),
        || {
            on_success(MfaOperation::Enable, |named| {
                let comma = named.user_name.is_some_and(|name| name.contains(','));
                comma.then(|| crate::fault::parts::done(Effect::None))
            })
        },
    ),
    plant(
        "resync-in-anothers-name-with-two-devices",
        "ResyncMFADevice of another user's device answers 200 if the user named has a device.",
        C::ResyncOtherUsers,
        &[],
        (Narrow, 7),
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request) else { return decision };
                let has = named.user.is_some_and(|user| !devices_of(situation.world, user).is_empty());
                let resync = named.operation == MfaOperation::Resync && named.owner().is_some();
                if resync && has && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) {
                    crate::fault::parts::done(Effect::None)
                } else {
                    decision
                }
            })
        },
    ),
    plant(
        "deactivate-in-anothers-name-with-a-device",
        "DeactivateMFADevice of another user's device dissociates the device of the user named.",
        C::DeactivateOtherUsers,
        &[],
        (Narrow, 7),
        || {
            decides(|situation, request, decision| {
                let Some(named) = named(situation, request) else { return decision };
                let own = named.user.and_then(|user| devices_of(situation.world, user).into_iter().next());
                let asked = named.operation == MfaOperation::Deactivate && named.owner().is_some();
                match own {
                    Some(own) if asked && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) => {
                        crate::fault::parts::done(Effect::Dissociate(own))
                    }
                    _ => decision,
                }
            })
        },
    ),
    plant(
        "wrong-codes-for-an-absent-user-enable",
        "EnableMFADevice with wrong codes for an absent user associates the device with the newest user.",
        C::EnableUserExists,
        // Both are wrong: the user and the codes.
        &[C::EnableCodesRecognised, C::EnableRejectedNoEffect],
        (Narrow, 2),
        || {
            on_refusal(MfaOperation::Enable, ErrorCode::NoSuchEntity, |named| {
                (named.user.is_none() && named.device.is_some()).then(|| crate::fault::parts::done(Effect::None))
            })
        },
    ),
    plant(
        "settles-late-after-deactivate",
        "The listing shows a deactivated device for three seconds more.",
        C::DeactivateDissociates,
        &[C::StateSettles],
        (Stateful, 4),
        || {
            let gone: std::sync::Arc<Mutex<BTreeMap<DeviceId, (Millis, String)>>> = std::sync::Arc::default();
            let kept = std::sync::Arc::clone(&gone);
            let clock = std::sync::Arc::new(Mutex::new(Millis(0)));
            let ticks = std::sync::Arc::clone(&clock);
            let altered = decides(move |situation, request, decision| {
                *held(&ticks) = situation.now;
                match (request, decision) {
                    (
                        Request::Support(support),
                        Decision::CarryOut { effect, body: SuccessBody::MfaDevices(mut page) },
                    ) => {
                        let name = support.name.text.unwrap_or_default();
                        let gone = held(&gone);
                        let late = gone.iter().filter(|(_, (at, user))| user == name && at.plus(3_000) > situation.now);
                        page.items.extend(late.filter_map(|(id, _)| entry_of(situation.world, *id, name)));
                        Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }
                    }
                    (_, decision) => decision,
                }
            });
            altered.and_effects(move |world, effect, body, now| {
                if let Effect::Dissociate(device) = effect
                    && let Some(owner) = owner_of(world, *device).and_then(|owner| world.user(owner))
                {
                    held(&kept).insert(*device, (now, owner.entry.user_name.clone()));
                }
                world.apply(effect, Some(body), now);
            })
        },
    ),
    plant(
        "codes-checked-ten-minutes-late",
        "Codes are checked by a clock that is ten minutes late; Date tells the right time.",
        C::EnableFreshPair,
        &[C::ResyncSynchronizes],
        (Shallow, 3),
        || documented().and_recogniser(Late),
    ),
];

/// Recognises codes by a clock that is ten minutes late.
struct Late;

impl mfa_reference::service::behaviour::Recogniser for Late {
    fn recognise(
        &self,
        seed: &mfa_reference::totp::Seed,
        code1: &str,
        code2: &str,
        now: Millis,
        last: Option<mfa_reference::Step>,
    ) -> Option<mfa_reference::Step> {
        use mfa_reference::service::behaviour::Adjacent;
        Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, code1, code2, now.plus(-600_000), last)
    }
}
