//! Wrong pairs that are accepted as long as their codes are unused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Decision, Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Request, TimeStep};

use crate::altered::{Altered, decides, rules};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{ENABLE, RESYNC, named, owner_of, refused_with};
use crate::parts::pairs::{fresh, pair};

/// Whether a pair passes, given the fresh one.
type Measure = fn((&str, &str), (&str, &str)) -> bool;

/// Accepts pairs that pass this measure from a device with accepted codes, if they are newer than those.
struct WhileUnused {
    operation: MfaOperation,
    passes: Measure,
}

impl WhileUnused {
    fn is_right(&self, seed: &Seed, pair: (&str, &str), now: TimeStep) -> bool {
        let (one, two) = fresh(seed, now);
        (self.passes)(pair, (&one, &two))
    }
}

impl Rules for WhileUnused {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let decision = Documented::default().decide(situation, request, memory);
        if refused_with(&decision) != Some(ErrorCode::InvalidAuthenticationCode) {
            return decision;
        }
        let Request::Codes { code1, code2, .. } = request else { return decision };
        let (Some(one), Some(two)) = (code1.text, code2.text) else { return decision };
        let Some(named) = named(situation, request).filter(|named| named.operation == self.operation) else {
            return decision;
        };
        let Some((id, device)) = named.device else { return decision };
        let (Some(last), Some(seed)) = (memory.last_accepted.get(&id), &device.seed) else { return decision };
        let now = situation.now.step();
        if now.plus(-1) > last.second && self.is_right(seed, (one, two), now) { named.carried_out() } else { decision }
    }
}

fn takes(operation: MfaOperation, passes: Measure) -> Altered {
    rules(WhileUnused { operation, passes })
}

fn resync_unused_pair_reversed_taken() -> Altered {
    takes(RESYNC, |(one, two), (first, second)| (one, two) == (second, first))
}

fn enable_again_unused_pair_reversed_taken() -> Altered {
    takes(ENABLE, |(one, two), (first, second)| (one, two) == (second, first))
}

/// Accepts the fresh codes of other assigned devices: of the same user, or of other users.
struct OfOthers {
    operation: MfaOperation,
    own: bool,
}

impl Rules for OfOthers {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let decision = Documented::default().decide(situation, request, memory);
        if refused_with(&decision) != Some(ErrorCode::InvalidAuthenticationCode) {
            return decision;
        }
        let Some((named, (one, two))) = named(situation, request).zip(pair(request)) else { return decision };
        let now = situation.now.step();
        let is_theirs = situation.account.devices_after("").any(|(id, device)| {
            let owner = owner_of(situation.account, id);
            let is_unused = memory.last_accepted.get(&id).is_some_and(|last| now.plus(-1) > last.second);
            let fits = owner.is_some() && (owner == named.user) == self.own && named.id() != Some(id) && is_unused;
            fits && device.seed.as_ref().is_some_and(|seed| fresh(seed, now) == (one.to_owned(), two.to_owned()))
        });
        if named.operation == self.operation && is_theirs { named.carried_out() } else { decision }
    }
}

fn takes_of_others(operation: MfaOperation, own: bool) -> Altered {
    rules(OfOthers { operation, own })
}

/// Also accepts the codes of deleted devices with the same name.
fn keeps_seeds_of_deleted_devices() -> Altered {
    let seeds: Mutex<BTreeMap<Box<str>, Vec<Arc<Seed>>>> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut seeds = lock(&seeds);
        for (_, device) in situation.account.devices_after("") {
            let known = seeds.entry(device.serial_number.clone()).or_default();
            known.extend(device.seed.iter().filter(|seed| !known.contains(seed)).cloned().collect::<Vec<_>>());
        }
        if refused_with(&decision) != Some(ErrorCode::InvalidAuthenticationCode) {
            return decision;
        }
        let Some((named, (one, two))) = named(situation, request).zip(pair(request)) else { return decision };
        let former = named.serial.and_then(|serial| seeds.get(serial));
        let pair = (one.to_owned(), two.to_owned());
        let emitted = |seeds: &Vec<Arc<Seed>>| seeds.iter().any(|seed| fresh(seed, situation.now.step()) == pair);
        if former.is_some_and(emitted) { named.carried_out() } else { decision }
    })
}

/// Accepts a right first code with any second one, while codes are unused.
struct FirstCodeSuffices;

impl Rules for FirstCodeSuffices {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let decision = Documented::default().decide(situation, request, memory);
        let Request::Codes { code1, code2, .. } = request else { return decision };
        let malformed = code2.text.is_none_or(|code| code.len() != 6) && refused_with(&decision).is_some();
        let Some(named) = named(situation, request).filter(|named| malformed && named.operation == RESYNC) else {
            return decision;
        };
        let Some((id, device)) = named.device.filter(|_| named.user.is_some() && named.owner() == named.user) else {
            return decision;
        };
        let now = situation.now.step();
        let is_unused = memory.last_accepted.get(&id).is_none_or(|last| now.plus(-1) > last.second);
        let is_right = device.seed.as_ref().is_some_and(|seed| code1.text == Some(&*fresh(seed, now).0));
        if is_unused && is_right { named.carried_out() } else { decision }
    }
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("resync-unused-pair-reversed-taken", resync_unused_pair_reversed_taken),
    ("resync-unused-code-twice-taken", || takes(RESYNC, |(one, two), (_, second)| (one, two) == (second, second))),
    ("resync-unused-first-code-suffices", || takes(RESYNC, |(one, _), (first, _)| one == first)),
    ("resync-unused-second-code-suffices", || takes(RESYNC, |(_, two), (_, second)| two == second)),
    ("enable-again-unused-pair-reversed-taken", enable_again_unused_pair_reversed_taken),
    ("enable-again-unused-first-code-suffices", || takes(ENABLE, |(one, _), (first, _)| one == first)),
    ("resync-unused-codes-of-an-own-device-taken", || takes_of_others(RESYNC, true)),
    ("resync-unused-codes-of-a-foreign-device-taken", || takes_of_others(RESYNC, false)),
    ("enable-unused-codes-of-an-own-device-taken", || takes_of_others(ENABLE, true)),
    ("enable-unused-codes-of-a-foreign-device-taken", || takes_of_others(ENABLE, false)),
    ("recreated-device-takes-its-former-codes", keeps_seeds_of_deleted_devices),
    ("resync-unused-first-code-with-a-malformed-one-taken", || rules(FirstCodeSuffices)),
];
