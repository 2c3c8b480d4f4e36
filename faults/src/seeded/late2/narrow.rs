//! Faults that show only with one value, or one combination.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mfa_reference::account::Effect;
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode, Millis};

use super::pair::emitted;
use crate::altered::{Altered, carries_out, decides, documented, recognises};
use crate::entry::Difficulty::Narrow;
use crate::entry::{FaultRow, row};
use crate::line::{Incoming, Service, by_get, held, laid};
use crate::parts::{named, refuse, refused_with};
use crate::seeded::late::reread::{Instead, rereads};
use crate::seeded::request::{is_under_test, misreads};

/// How long a cache keeps what a GET was answered.
const CACHED_MS: i64 = 60_000;

/// Whether a name is like a pattern in which an underscore stands for any character.
fn is_like(name: &str, pattern: &str) -> bool {
    let same = |(one, two): (u8, u8)| two == b'_' || one.eq_ignore_ascii_case(&two);
    name.len() == pattern.len() && name.bytes().zip(pattern.bytes()).all(same)
}

/// What stands after the account in an ARN.
fn resource(arn: &str) -> Option<&str> {
    arn.splitn(6, ':').nth(5)
}

/// Answers a GET as the same one was answered within the last minute.
fn caches_gets() -> Altered {
    let cache: Arc<Mutex<BTreeMap<String, (Millis, HttpResponse)>>> = Arc::default();
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        if !by_get(&incoming.request) {
            return Ok(service(&incoming.request).into());
        }
        let mut cache = held(&cache);
        cache.retain(|_, (at, _)| at.plus(CACHED_MS) > incoming.now);
        if let Some((_, response)) = cache.get(incoming.request.target) {
            return Ok(response.clone().into());
        }
        let response = service(&incoming.request);
        if response.status == 200 {
            cache.insert(incoming.request.target.to_owned(), (incoming.now, response.clone()));
        }
        Ok(response.into())
    }))
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "underscore-stands-for-any-character",
        "A UserName is looked up with LIKE, so that an underscore in it matches any character of a user's name.",
        C::EnableUserExists,
        // An absent name is found; where both users exist the other one may be meant.
        &[
            C::ResyncUserExists,
            C::DeactivateUserExists,
            C::EnableAssociates,
            C::StateIsolation,
            C::DeactivateDissociates,
            C::ResyncSynchronizes,
        ],
        Narrow,
        || {
            rereads(|situation, named| {
                let pattern = named.user_name.filter(|name| name.contains('_'));
                let mut users = situation.account.users().map(|(_, user)| &user.entry.user_name);
                let user_name = pattern.and_then(|pattern| users.find(|name| is_like(name, pattern)).cloned());
                Instead { user_name, serial: None }
            })
        },
    ),
    row(
        "account-of-a-serial-number-ignored",
        "Of a serial number only what follows the account is looked at, so that another account's names this one's.",
        C::SerialNumberUnique,
        // The device that is named doesn't exist.
        &[C::EnableDeviceExists, C::ResyncDeviceExists, C::DeactivateDeviceExists],
        Narrow,
        || {
            rereads(|situation, named| {
                let asked = named.serial.filter(|_| named.device.is_none()).and_then(resource);
                let mut all = situation.account.devices_after("").map(|(_, device)| &device.serial_number);
                let serial = asked.and_then(|asked| all.find(|serial| resource(serial) == Some(asked)));
                Instead { user_name: None, serial: serial.map(ToString::to_string) }
            })
        },
    ),
    row(
        "plus-stays-a-plus",
        "A plus that isn't escaped is taken for a plus instead of a space, as decoders of URLs' other parts do.",
        C::WireFormEncoding,
        // A value with a space in it is let pass for one with a plus.
        &[
            C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
            C::Parameter(Parameter::EnableSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::ResyncUserName, Aspect::Pattern),
            C::Parameter(Parameter::ResyncSerialNumber, Aspect::Pattern),
            C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
            C::Parameter(Parameter::DeactivateSerialNumber, Aspect::Pattern),
        ],
        Narrow,
        || {
            misreads(
                |_, parameters| {
                    if is_under_test(parameters) { parameters.replace('+', "%2B") } else { parameters.to_owned() }
                },
            )
        },
    ),
    row(
        "device-takes-its-namesakes-place",
        "Users and devices are kept by name in one table, so that a user isn't found while a device has that name.",
        C::EnableFreshPair,
        // What is refused as absent exists: the user, or so it may seem the device.
        &[C::EnableUserExists, C::SerialNumberOwnArn, C::ResyncSynchronizes, C::DeactivateDissociates],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let found = named(situation, request).filter(|_| refused_with(&decision).is_none());
                let Some(name) = found.and_then(|named| named.user_name) else { return decision };
                let mut serials = situation.account.devices_after("").map(|(_, device)| &device.serial_number);
                let taken = serials.any(|serial| serial.rsplit('/').next() == Some(name));
                if taken { refuse(ErrorCode::NoSuchEntity) } else { decision }
            })
        },
    ),
    row(
        "gets-answered-from-a-cache",
        "A GET that was answered 200 is answered the same for a minute when it comes again, and not carried out.",
        C::WireGet,
        // The second of the same calls is no longer refused, or does nothing.
        &[
            C::DeactivateTwice,
            C::DeactivateDissociates,
            C::DeactivateRejectedNoEffect,
            C::EnableAlreadyEnabled,
            C::EnableAssociates,
            C::StateSettles,
            C::WireRequestBoundary,
        ],
        Narrow,
        caches_gets,
    ),
    row(
        "second-key-takes-the-firsts-place",
        "A user's second access key takes the place of the first, whose calls are then nobody's.",
        C::DeactivateDefaultUser,
        // Without a user, the name is asked for.
        &[C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Narrow,
        || {
            carries_out(|account, effect, body, now| {
                if let Effect::AddKey(user) = effect {
                    let keys = account.user(*user).into_iter().flat_map(mfa_reference::account::User::keys);
                    let old: Vec<Box<str>> = keys.map(Into::into).collect();
                    for key in old {
                        account.apply(&Effect::RemoveKey(key), None, now);
                    }
                }
                account.apply(effect, Some(body), now);
            })
        },
    ),
    row(
        "subsequent-taken-for-greater",
        "A pair is recognised only if its second code is the greater number.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[
            C::EnableCodesByDevice,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
        ],
        Narrow,
        || recognises(|seed, one, two, now| (emitted(seed, (one, two), now.start()) && two > one).then_some(now)),
    ),
];
