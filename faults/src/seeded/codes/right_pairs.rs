//! Right pairs of codes that are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::{Adjacent, Decision, Recogniser};
use mfa_reference::{
    CodeOperation, DeviceExtras, ErrorCode, MfaOperation, Millis, Operation, Request, SuccessBody, TimeStep,
};

use crate::altered::{Altered, decides, documented};
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::named::{
    ENABLE, MISSING, RESYNC, TAKEN, WRONG_CODES, asked, done, named, on, on_success, refuse, refused_with,
};
use crate::parts::pairs::{emitted, fresh, pair};

/// Accepts a time step only once for all devices.
fn uses_steps_up(operation: MfaOperation) -> Altered {
    let used = Mutex::new(BTreeSet::new());
    decides(move |situation, request, decision| {
        if request.operation() != operation.operation() || refused_with(&decision).is_some() {
            return decision;
        }
        let Some(named) = named(situation, request) else { return decision };
        let (step, id) = (situation.now.step(), named.id());
        let mut used = lock(&used);
        let others = used.iter().any(|(known, by)| *known == step && *by != id);
        used.insert((step, id));
        used.retain(|(known, _)| *known >= step);
        if others { refuse(ErrorCode::InvalidAuthenticationCode) } else { decision }
    })
}

/// Refuses one fresh pair in `one_in`.
fn refuses_now_and_then(operation: MfaOperation, one_in: u64) -> Altered {
    let calls = Mutex::new(0_u64);
    decides(move |_, request, decision| {
        if request.operation() != operation.operation() || refused_with(&decision).is_some() {
            return decision;
        }
        let mut calls = lock(&calls);
        *calls += 1;
        if calls.is_multiple_of(one_in) { refuse(ErrorCode::InvalidAuthenticationCode) } else { decision }
    })
}

/// Refuses fresh pairs in the first milliseconds of a time step.
fn blind_at_the_edge(operation: MfaOperation, millis: i64) -> Altered {
    decides(move |situation, request, decision| {
        let codes = request.operation() == operation.operation() && refused_with(&decision).is_none();
        let into = situation.now.0.rem_euclid(TimeStep::MILLIS);
        if codes && into < millis { refuse(ErrorCode::InvalidAuthenticationCode) } else { decision }
    })
}

/// Refuses the codes of a device after one refusal.
fn locks_out(operation: MfaOperation) -> Altered {
    let refused = Mutex::new(BTreeSet::new());
    decides(move |situation, request, decision| {
        let Some(named) = asked(operation, situation, request) else { return decision };
        let serial = named.serial.unwrap_or_default().to_owned();
        let mut refused = lock(&refused);
        if refused.contains(&serial) {
            return refuse(ErrorCode::InvalidAuthenticationCode);
        }
        if refused_with(&decision) == Some(ErrorCode::InvalidAuthenticationCode) {
            refused.insert(serial);
        }
        decision
    })
}

fn old_seed_of_a_recreated_device() -> Altered {
    let seeds: Mutex<BTreeMap<String, String>> = Mutex::default();
    documented().and_effects(move |account, effect, body, now| {
        let SuccessBody::VirtualDevice { serial_number, seed_blob, .. } = body else {
            return account.apply(effect, Some(body), now);
        };
        let mut seeds = lock(&seeds);
        let kept = seeds.entry(serial_number.clone()).or_insert_with(|| seed_blob.clone()).clone();
        let body = SuccessBody::VirtualDevice {
            serial_number: serial_number.clone(),
            seed_blob: kept,
            extras: DeviceExtras::default(),
        };
        account.apply(effect, Some(&body), now);
    })
}

fn second_resync_refused() -> Altered {
    let seen: Mutex<BTreeMap<DeviceId, u32>> = Mutex::default();
    on_success(RESYNC, move |named| {
        let mut seen = lock(&seen);
        let count = seen.entry(named.id()?).or_default();
        *count += 1;
        (*count > 1).then(|| refuse(ErrorCode::InvalidAuthenticationCode))
    })
}

/// Keeps the newest used time step with the user: `EnableMFADevice` writes it, and `ResyncMFADevice` checks it.
fn keeps_steps_by_user() -> Altered {
    let steps: Mutex<BTreeMap<UserId, (TimeStep, DeviceId)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request).filter(|_| refused_with(&decision).is_none()) else {
            return decision;
        };
        let Some((user, device)) = named.user.zip(named.id()) else { return decision };
        let (mut steps, now) = (lock(&steps), situation.now.step());
        match named.operation {
            MfaOperation::Enable => {
                steps.insert(user, (now, device));
                decision
            }
            MfaOperation::Resync if steps.get(&user).is_some_and(|used| used.0 == now && used.1 != device) => {
                refuse(WRONG_CODES)
            }
            MfaOperation::Resync | MfaOperation::Deactivate => decision,
        }
    })
}

/// Two hours of summer time, in time steps.
const TWO_HOURS: i64 = 240;

fn resync_by_local_time() -> Altered {
    decides(|situation, request, decision| {
        let Request::Codes { operation: CodeOperation::Resync, code1, code2, .. } = request else { return decision };
        let Some(seed) = named(situation, request).and_then(|named| named.device?.1.seed.as_ref()) else {
            return decision;
        };
        let local = fresh(seed, situation.now.step().plus(TWO_HOURS));
        let right = code1.text == Some(local.0.as_str()) && code2.text == Some(local.1.as_str());
        if refused_with(&decision).is_none() && !right {
            refuse(ErrorCode::InvalidAuthenticationCode)
        } else {
            decision
        }
    })
}

fn resync_codes_swapped() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = asked(RESYNC, situation, request) else { return decision };
        let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
        let Some((seed, (one, two))) = seed.zip(pair(request)) else { return decision };
        let right = emitted(seed, (two, one), situation.now);
        let own = named.user.is_some() && named.owner() == named.user;
        match refused_with(&decision) {
            None if !right => refuse(WRONG_CODES),
            Some(code) if code == WRONG_CODES && right && own => done(Effect::None),
            None | Some(_) => decision,
        }
    })
}

/// How far from now a Resync finds a pair, in time steps.
const FAR: i64 = 20;

/// Keeps one drift for all devices, from the last Resync.
fn shares_the_drift() -> Altered {
    let drift: Mutex<i64> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
        let Some((seed, codes)) = seed.zip(pair(request)) else { return decision };
        let after = |steps: i64| situation.now.plus(steps * TimeStep::MILLIS);
        let own = named.user.is_some() && named.owner() == named.user;
        let mut drift = lock(&drift);
        match (named.operation, refused_with(&decision)) {
            (MfaOperation::Resync, None) => *drift = 0,
            (MfaOperation::Resync, Some(WRONG_CODES)) if own => {
                if let Some(steps) = (-FAR..=FAR).find(|steps| emitted(seed, codes, after(*steps))) {
                    *drift = steps;
                    return done(Effect::None);
                }
            }
            (MfaOperation::Enable, None) if !emitted(seed, codes, after(*drift)) => return refuse(WRONG_CODES),
            _ => {}
        }
        decision
    })
}

/// How long a refusal is remembered.
const REMEMBERED_MS: i64 = 30_000;

/// Remembers that a user's pair for a device was refused, for both operations.
fn remembers_refusals() -> Altered {
    type Asked = [String; 4];
    let refused: Mutex<BTreeMap<Asked, (Millis, Decision)>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let (Some(user), Some(serial), Some((one, two))) = (named.user_name, named.serial, pair(request)) else {
            return decision;
        };
        let asked = [user, serial, one, two].map(str::to_owned);
        let mut refused = lock(&refused);
        refused.retain(|_, (until, _)| *until > situation.now);
        if let Some((_, known)) = refused.get(&asked) {
            return known.clone();
        }
        if refused_with(&decision).is_some() {
            refused.insert(asked, (situation.now.plus(REMEMBERED_MS), decision.clone()));
        }
        decision
    })
}

/// Accepts no time step of a device twice, and identifies devices by serial numbers, which deleted devices may have
/// had.
fn notes_steps_by_serial_number() -> Altered {
    let newest: Mutex<BTreeMap<String, TimeStep>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request).filter(|_| refused_with(&decision).is_none()) else {
            return decision;
        };
        let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
        let adjacent = Adjacent { steps_behind: 1, steps_ahead: 1 };
        let taken = seed
            .zip(pair(request))
            .and_then(|(seed, (one, two))| adjacent.recognise(seed, one, two, situation.now, None));
        let Some((step, serial)) = taken.zip(named.serial) else { return decision };
        let mut newest = lock(&newest);
        if newest.get(serial).is_some_and(|known| *known >= step) {
            return refuse(WRONG_CODES);
        }
        newest.insert(serial.to_owned(), step);
        decision
    })
}

/// Uses a device's index in the order of serial numbers for its seed, but appends the seeds of new devices.
fn appends_seeds() -> Altered {
    decides(|situation, request, decision| {
        let Some((named, codes)) = named(situation, request).zip(pair(request)) else { return decision };
        let is_about_codes = matches!(refused_with(&decision), None | Some(WRONG_CODES));
        let Some(device) = named.id().filter(|_| is_about_codes) else { return decision };
        let sorted: Vec<DeviceId> = situation.account.devices_after("").map(|(id, _)| id).collect();
        let appended: BTreeSet<DeviceId> = sorted.iter().copied().collect();
        let place = sorted.into_iter().position(|id| id == device);
        let other = place.and_then(|place| appended.into_iter().nth(place)).filter(|other| *other != device);
        let Some(other) = other.and_then(|other| situation.account.device(other)) else { return decision };
        if !other.seed.as_deref().is_some_and(|seed| emitted(seed, codes, situation.now)) {
            return refuse(WRONG_CODES);
        }
        match named.operation {
            MfaOperation::Enable if named.owner().is_some() => refuse(TAKEN),
            MfaOperation::Resync if named.owner() != named.user => refuse(MISSING),
            MfaOperation::Enable | MfaOperation::Resync | MfaOperation::Deactivate => named.carried_out(),
        }
    })
}

/// Treats the first code's time step as the device's present one, and adds the difference to the known drift.
fn adds_drift_up() -> Altered {
    let drifts: Mutex<BTreeMap<DeviceId, i64>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some((named, codes)) = named(situation, request).zip(pair(request)) else { return decision };
        let Some((id, device)) = named.device.filter(|_| refused_with(&decision).is_none()) else { return decision };
        let emits = |offset: &i64| {
            let code = |offset| device.seed.as_ref().map(|seed| seed.code(situation.now.step().plus(offset)));
            let is = |offset, wanted| code(offset).is_some_and(|code| code.as_str() == wanted);
            is(offset - 1, codes.0) && is(*offset, codes.1)
        };
        let mut drifts = lock(&drifts);
        let drift = drifts.entry(id).or_default();
        match (drift.saturating_sub(1)..=drift.saturating_add(1)).find(emits) {
            None => refuse(WRONG_CODES),
            Some(second) => {
                if named.operation == MfaOperation::Resync {
                    *drift = drift.saturating_add(second - 1);
                }
                decision
            }
        }
    })
}

/// Expects codes as the digits of a fraction, without zeros at the end.
fn writes_fractions() -> Altered {
    decides(|_, request, decision| match pair(request) {
        Some((one, two)) if refused_with(&decision).is_none() && (one.ends_with('0') || two.ends_with('0')) => {
            refuse(ErrorCode::InvalidAuthenticationCode)
        }
        Some(_) | None => decision,
    })
}

/// Treats other users' devices as out of sync after a Resync, until each has its own.
fn puts_others_out_of_sync() -> Altered {
    let out: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let (Some(device), None, RESYNC) = (named.id(), refused_with(&decision), named.operation) else {
            return decision;
        };
        let mut out = lock(&out);
        if out.remove(&device) {
            return refuse(ErrorCode::InvalidAuthenticationCode);
        }
        let others = situation.account.devices_after("").filter(|(id, other)| *id != device && other.owner.is_some());
        out.extend(others.map(|(id, _)| id));
        decision
    })
}

/// Counts results of a device's `ResyncMFADevice` calls, and refuses its codes from a count on.
fn counts_resyncs(counted: fn(Option<ErrorCode>) -> bool, most: u32) -> Altered {
    let counts: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
    on(RESYNC, move |named, decision| {
        let Some(serial) = named.serial.filter(|_| named.device.is_some()) else { return decision };
        let mut counts = lock(&counts);
        let count = counts.entry(serial.to_owned()).or_default();
        if *count >= most && refused_with(&decision).is_none() {
            return refuse(ErrorCode::InvalidAuthenticationCode);
        }
        *count += u32::from(counted(refused_with(&decision)));
        decision
    })
}

fn resync_locked_after_five_refusals() -> Altered {
    counts_resyncs(|refused| refused == Some(ErrorCode::InvalidAuthenticationCode), 5)
}

/// Draws a device's seed before it checks whether the name is taken, and stores it in any case.
fn stores_seeds_first() -> Altered {
    let overwritten: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    decides(move |situation, request, decision| {
        let refused = refused_with(&decision);
        if let Request::Support(support) = request {
            let is_taken = support.operation == Operation::CreateVirtualMfaDevice
                && refused == Some(ErrorCode::EntityAlreadyExists);
            if let Some(name) = support.name.text.filter(|_| is_taken) {
                let ending = format!(":mfa{}{name}", support.path);
                let mut devices = situation.account.devices_after("");
                let found = devices.find(|(_, device)| device.serial_number.ends_with(&ending));
                lock(&overwritten).extend(found.map(|(id, _)| id));
            }
            return decision;
        }
        let coded = named(situation, request).filter(|named| named.operation != MfaOperation::Deactivate);
        let device = coded.and_then(|named| named.id()).filter(|_| refused.is_none());
        if device.is_some_and(|device| lock(&overwritten).contains(&device)) { refuse(WRONG_CODES) } else { decision }
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("enable-step-used-up-by-another-device", || uses_steps_up(ENABLE)),
    ("resync-step-used-up-by-another-device", || uses_steps_up(RESYNC)),
    ("enable-fresh-pair-refused-now-and-then", || refuses_now_and_then(ENABLE, 7)),
    ("resync-fresh-pair-refused-now-and-then", || refuses_now_and_then(RESYNC, 5)),
    ("enable-fresh-pair-refused-at-a-steps-edge", || blind_at_the_edge(ENABLE, 4_000)),
    ("resync-fresh-pair-refused-at-a-steps-edge", || blind_at_the_edge(RESYNC, 4_000)),
    ("enable-locked-out-after-a-refusal", || locks_out(ENABLE)),
    ("resync-locked-out-after-a-refusal", || locks_out(RESYNC)),
    ("old-seed-of-a-recreated-device", old_seed_of_a_recreated_device),
    ("second-resync-refused", second_resync_refused),
    ("enabled-step-kept-by-user", keeps_steps_by_user),
    ("resync-by-local-time", resync_by_local_time),
    ("resync-codes-swapped", resync_codes_swapped),
    ("drift-shared-by-all-devices", shares_the_drift),
    ("refusal-remembered-without-its-action", remembers_refusals),
    ("recreated-device-inherits-used-steps", notes_steps_by_serial_number),
    ("seeds-in-order-of-creation", appends_seeds),
    ("resync-drift-adds-up", adds_drift_up),
    ("zeros-at-a-codes-end-lost", writes_fractions),
    ("resync-puts-others-out-of-sync", puts_others_out_of_sync),
    ("resync-locked-after-five-refusals", resync_locked_after_five_refusals),
    ("fourth-resync-refused", || counts_resyncs(|refused| refused.is_none(), 3)),
    ("refused-creation-changes-the-seed", stores_seeds_first),
];
