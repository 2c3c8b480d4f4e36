//! Access keys and their users.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, User, UserId};
use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Decision, Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::{Caller, ErrorCode, Request};

use crate::altered::{Altered, carries_out, decides, rules};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{MISSING, devices_of, dissociate, done, named, owner_of, refuse, refused_with};

fn second_key_takes_the_firsts_place() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::AddKey(user) = effect {
            let keys = account.user(*user).into_iter().flat_map(User::keys);
            let old: Vec<Box<str>> = keys.map(Into::into).collect();
            for key in old {
                account.apply(&Effect::RemoveKey(key), None, now);
            }
        }
        account.apply(effect, Some(body), now);
    })
}

/// Knows only the newest key, and uses its user as the caller of every call without a name.
#[derive(Default)]
struct OneKey(Mutex<Option<UserId>>);

impl Rules for OneKey {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let mut newest = lock(&self.0);
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

/// Keeps a copy of the user with the access key, and uses it as the caller.
fn copies_the_user() -> Altered {
    let copies: Arc<Mutex<BTreeMap<UserId, BTreeSet<DeviceId>>>> = Arc::default();
    let kept = Arc::clone(&copies);
    decides(move |situation, request, decision| {
        let (Request::Deactivate { user_name, .. }, Caller::User(caller)) = (request, situation.caller) else {
            return decision;
        };
        let device = named(situation, request).and_then(|named| named.id());
        let has = |device| lock(&copies).get(&caller).is_some_and(|devices| devices.contains(&device));
        let is_own = user_name.text.is_none() && refused_with(&decision).is_none();
        if is_own && !device.is_some_and(has) { refuse(MISSING) } else { decision }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::AddKey(user) = effect {
            lock(&kept).insert(*user, devices_of(account, *user).into_iter().collect());
        }
    })
}

/// Cleans up after a deleted access key as after a deleted user.
fn cleans_up_after_keys() -> Altered {
    carries_out(|account, effect, body, now| {
        let owner = match effect {
            Effect::RemoveKey(key) => account.key_owner(key),
            _ => None,
        };
        account.apply(effect, Some(body), now);
        if let Some(owner) = owner {
            let devices = devices_of(account, owner);
            dissociate(account, &devices, now);
        }
    })
}

/// Keeps with a user's keys the user's name at the creation of the last key.
fn keeps_names_with_keys() -> Altered {
    let named_then: Arc<Mutex<BTreeMap<UserId, String>>> = Arc::default();
    let naming = Arc::clone(&named_then);
    decides(move |situation, request, decision| {
        let (Request::Deactivate { user_name, .. }, Caller::User(caller)) = (request, situation.caller) else {
            return decision;
        };
        let Some(name) = lock(&named_then).get(&caller).filter(|_| user_name.text.is_none()).cloned() else {
            return decision;
        };
        let found = situation.account.find_user(&name);
        if found == Some(caller) || refused_with(&decision) == Some(ErrorCode::ValidationError) {
            return decision;
        }
        let device = named(situation, request).and_then(|named| named.id());
        match device.filter(|device| found.is_some() && owner_of(situation.account, *device) == found) {
            Some(device) => done(Effect::Dissociate(device)),
            None => refuse(MISSING),
        }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::AddKey(user) = effect
            && let Some(record) = account.user(*user)
        {
            lock(&naming).insert(*user, record.entry.user_name.clone());
        }
    })
}

fn later_keys_sign_for_nobody() -> Altered {
    carries_out(|account, effect, body, now| {
        let is_later = |user| account.user(user).is_some_and(|user| user.keys().next().is_some());
        if !matches!(effect, Effect::AddKey(user) if is_later(*user)) {
            account.apply(effect, Some(body), now);
        }
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("second-key-takes-the-firsts-place", second_key_takes_the_firsts_place),
    ("newest-keys-user-taken-for-the-caller", || rules(OneKey::default())),
    ("key-holds-a-copy-of-its-user", copies_the_user),
    ("deleted-key-takes-its-users-devices", cleans_up_after_keys),
    ("key-kept-with-a-former-name", keeps_names_with_keys),
    ("later-keys-sign-for-nobody", later_keys_sign_for_nobody),
];
