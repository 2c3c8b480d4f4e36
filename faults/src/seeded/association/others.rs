//! Associations that begin or end without a call about them.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use mfa_reference::account::{DeviceId, Effect};
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode, MfaOperation, Millis};

use crate::altered::{Altered, carries_out, decides, documented};
use crate::entry::Registered;
use crate::line::{laid, lock, parameter, parameters};
use crate::parts::named::{RESYNC, asked, devices_of, dissociate, done, named, owner_of, refuse, refused_with};

fn deactivate_deletes_another_device() -> Altered {
    carries_out(|account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if matches!(effect, Effect::Dissociate(_)) {
            let newest = account.devices_after("").filter(|(_, device)| device.owner.is_some());
            if let Some(id) = newest.map(|(id, _)| id).max() {
                dissociate(account, &[id], now);
            }
        }
    })
}

fn enable_expires() -> Altered {
    let since: Mutex<BTreeMap<DeviceId, Millis>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut since = lock(&since);
        let old: Vec<DeviceId> =
            since.iter().filter(|(_, at)| at.plus(60_000) < now).map(|(device, _)| *device).collect();
        dissociate(account, &old, now);
        since.retain(|device, _| !old.contains(device));
        if let Effect::Associate(device, _) = effect {
            since.insert(*device, now);
        }
        account.apply(effect, Some(body), now);
    })
}

fn resync_takes_from_another_user() -> Altered {
    decides(|situation, request, decision| {
        let resynced = asked(RESYNC, situation, request);
        let Some(named) = resynced.filter(|_| refused_with(&decision).is_none()) else { return decision };
        let others = situation.account.devices_after("").filter(|(_, device)| device.owner != named.user);
        let other = others.filter(|(_, device)| device.owner.is_some()).map(|(id, _)| id).max();
        done(other.map_or(Effect::None, Effect::Dissociate))
    })
}

fn last_device_kept() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request) else { return decision };
        let only = named.user.is_some_and(|user| devices_of(situation.account, user).len() == 1);
        let deactivated = named.operation == MfaOperation::Deactivate && refused_with(&decision).is_none();
        if only && deactivated { refuse(ErrorCode::DeleteConflict) } else { decision }
    })
}

/// How long after a Deactivate its clean-up job runs.
const JOB_MS: i64 = 15_000;

/// Cleans up after each Deactivate in a later job.
fn clears_up_late() -> Altered {
    let jobs: Mutex<Vec<(Millis, DeviceId)>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut jobs = lock(&jobs);
        let (due, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut *jobs).into_iter().partition(|(at, _)| *at <= now);
        *jobs = waiting;
        for (_, device) in due {
            dissociate(account, &[device], now);
        }
        if let Effect::Dissociate(device) = effect {
            jobs.push((now.plus(JOB_MS), *device));
        }
        account.apply(effect, Some(body), now);
    })
}

/// How many associations the cache holds.
const CACHED: usize = 8;

/// Keeps the newest associations.
fn keeps_associations_in_a_cache() -> Altered {
    let kept: Mutex<VecDeque<DeviceId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        let mut kept = lock(&kept);
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

/// Redirects requests for an operation to a sign-in page.
fn sends_away(action: &'static str) -> Altered {
    documented().behind(laid(move |incoming, service| {
        if parameter(&parameters(&incoming.request), "Action") != Some(action) {
            return service(&incoming.request).into();
        }
        let page = "<!doctype html><title>Redirecting...</title><p>Redirecting to <a href=/login>/login</a>.";
        let reply = HttpResponse::xml(302, "", page.to_owned());
        let headers = vec![(Cow::Borrowed("Location"), "/login".to_owned())];
        HttpResponse { headers, content_type: Cow::Borrowed("text/html"), ..reply }.into()
    }))
}

/// Remembers only `most` associations, and forgets the oldest.
fn remembers(most: usize) -> Altered {
    let kept: Mutex<Vec<DeviceId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        let mut kept = lock(&kept);
        kept.retain(|device| owner_of(account, *device).is_some());
        if let Effect::Associate(device, _) = effect {
            kept.retain(|known| known != device);
            kept.push(*device);
            if kept.len() > most {
                let oldest = kept.remove(0);
                account.apply(&Effect::Dissociate(oldest), None, now);
            }
        }
    })
}

/// Keys a user's devices by the second of enabling.
fn keeps_one_device_a_second() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::Associate(device, user) = effect {
            let mut same = devices_of(account, *user);
            same.retain(|other| {
                let since = account.device(*other).map(|other| other.enabled_at.seconds());
                other != device && since == Some(now.seconds())
            });
            dissociate(account, &same, now);
        }
        account.apply(effect, Some(body), now);
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("deactivate-deletes-another-device", deactivate_deletes_another_device),
    ("enable-expires", enable_expires),
    ("resync-takes-from-another-user", resync_takes_from_another_user),
    ("last-device-kept", last_device_kept),
    ("late-job-undoes-a-second-enable", clears_up_late),
    ("ninth-association-of-the-account-ends-the-oldest", keeps_associations_in_a_cache),
    ("resync-sent-to-sign-in", || sends_away("ResyncMFADevice")),
    ("associations-lost-from-a-small-cache", || remembers(3)),
    ("devices-of-one-second-replace-each-other", keeps_one_device_a_second),
];
