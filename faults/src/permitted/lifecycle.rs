//! How users and devices are created, renamed and deleted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::totp::Seed;
use mfa_reference::value::Constraint;
use mfa_reference::{
    Caller, Constraints, DeviceExtras, ErrorCode, Millis, Operation, Request, SuccessBody, UserEntry, path,
};

use crate::altered::{Altered, carries_out, decides, documented};
use crate::entry::Registered;
use crate::line::{lock, misread, parameter, without};
use crate::parts::named::{devices_of, dissociate, done, named, refuse};
use crate::parts::support::deleting_assigned;

fn deactivated_devices_removed() -> Altered {
    carries_out(|account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::Dissociate(device) = effect {
            account.apply(&Effect::RemoveDevice(*device), None, now);
        }
    })
}

fn renaming_dissociates() -> Altered {
    carries_out(|account, effect, body, now| {
        if let Effect::RenameUser(user, _) = effect {
            let devices = devices_of(account, *user);
            dissociate(account, &devices, now);
        }
        account.apply(effect, Some(body), now);
    })
}

fn devices_kept_by_name() -> Altered {
    let left: Mutex<BTreeMap<String, Vec<DeviceId>>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut left = lock(&left);
        let Effect::RenameUser(user, new_name) = effect else {
            if let Effect::Associate(device, _) = effect {
                left.values_mut().for_each(|devices| devices.retain(|one| one != device));
            }
            return account.apply(effect, Some(body), now);
        };
        let devices = devices_of(account, *user);
        dissociate(account, &devices, now);
        if let Some(renamed) = account.user(*user) {
            left.insert(renamed.entry.user_name.clone(), devices);
        }
        account.apply(effect, Some(body), now);
        for device in left.remove(&**new_name).unwrap_or_default() {
            if account.device(device).is_some_and(|device| device.owner.is_none()) {
                account.apply(&Effect::Associate(device, *user), None, now);
            }
        }
    })
}

fn names_with_case() -> Altered {
    decides(|situation, request, decision| {
        let other = named(situation, request).is_some_and(|named| {
            let known = named.user.and_then(|user| situation.account.user(user));
            named.user_name.zip(known).is_some_and(|(name, user)| user.entry.user_name != name)
        });
        if other { refuse(ErrorCode::NoSuchEntity) } else { decision }
    })
}

fn long_user_names() -> Altered {
    let mut constraints = Constraints::default();
    constraints.new_user_name = Constraint { max: 128, ..constraints.new_user_name };
    documented().and_constraints(constraints)
}

/// Creates devices with another serial number and seed.
fn makes(change: fn(String, String) -> (String, String)) -> Altered {
    decides(move |situation, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } } => {
            let (serial_number, seed_blob) = change(serial_number, seed_blob);
            if situation.account.find_device(&serial_number).is_some() {
                return refuse(ErrorCode::EntityAlreadyExists);
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
        }
        other => other,
    })
}

fn other_arn(serial: &str, partition: &str, account: &str) -> String {
    serial.replacen("arn:aws:iam::123456789012:", &format!("arn:{partition}:iam::{account}:"), 1)
}

fn another_account() -> Altered {
    makes(|serial, seed| (other_arn(&serial, "aws", "000000000000"), seed))
}

fn another_partition() -> Altered {
    makes(|serial, seed| (other_arn(&serial, "aws-cn", "123456789012"), seed))
}

/// A seed, truncated to this many bytes.
fn cut(seed_blob: &str, bytes: usize) -> String {
    let whole = Seed::from_blob(seed_blob)
        .ok()
        .and_then(|(seed, _)| data_encoding::BASE32_NOPAD.decode(seed.to_base32().as_bytes()).ok());
    let whole = whole.unwrap_or_default();
    Seed::from_bytes(whole.get(..bytes).unwrap_or(&whole)).to_blob()
}

fn arns_without_paths() -> Altered {
    decides(|situation, request, decision| match (request, decision) {
        (
            Request::Support(support),
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { seed_blob, extras, .. } },
        ) => {
            let name = support.name.text.unwrap_or_default();
            let serial_number = format!("arn:aws:iam::123456789012:mfa/{name}");
            if situation.account.find_device(&serial_number).is_some() {
                return refuse(ErrorCode::EntityAlreadyExists);
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
        }
        (_, decision) => decision,
    })
}

/// The decision that creates a user or device in a path that AWS refuses, with a slash at each end.
fn made_in_any_path(request: &Request<'_>, exists: impl Fn(&str) -> bool) -> Option<Decision> {
    let Request::Support(support) = request else { return None };
    let (name, path) = (support.name.text?, format!("/{}/", support.path.trim_matches('/')));
    let arn = |kind: &str| format!("arn:aws:iam::123456789012:{kind}{path}{name}");
    let (effect, body) = match support.operation {
        Operation::CreateVirtualMfaDevice if exists(&arn("mfa")) => {
            return Some(refuse(ErrorCode::EntityAlreadyExists));
        }
        Operation::CreateVirtualMfaDevice => {
            let seed_blob = Seed::from_bytes(arn("mfa").as_bytes()).to_blob();
            let body =
                SuccessBody::VirtualDevice { serial_number: arn("mfa"), seed_blob, extras: DeviceExtras::default() };
            (Effect::AddDevice, body)
        }
        Operation::CreateUser => {
            let entry = UserEntry {
                user_name: name.to_owned(),
                arn: arn("user"),
                user_id: "AIDAINANYPATH".to_owned(),
                path,
                create_date: "2026-01-01T00:00:00Z".to_owned(),
                tags: Vec::new(),
            };
            (Effect::AddUser, SuccessBody::User(entry))
        }
        _ => return None,
    };
    Some(Decision::CarryOut { effect, body })
}

fn any_path_taken() -> Altered {
    decides(|situation, request, decision| {
        let exists = |serial: &str| situation.account.find_device(serial).is_some();
        match request {
            Request::Support(support) if path::problem(support.path).is_some() => {
                made_in_any_path(request, exists).unwrap_or(decision)
            }
            _ => decision,
        }
    })
}

/// How long a new access key stays unknown, in milliseconds.
const KEY_UNKNOWN_MS: i64 = 8_000;

/// Doesn't know a user's new key yet.
fn learns_keys_late() -> Altered {
    let made: Arc<Mutex<BTreeMap<UserId, Millis>>> = Arc::default();
    let making = Arc::clone(&made);
    decides(move |situation, _, decision| {
        let Caller::User(caller) = situation.caller else { return decision };
        let since = lock(&made).get(&caller).copied();
        if since.is_some_and(|since| situation.now.0 - since.0 < KEY_UNKNOWN_MS) {
            refuse(ErrorCode::InvalidClientTokenId)
        } else {
            decision
        }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let Effect::AddKey(user) = effect {
            lock(&making).insert(*user, now);
        }
    })
}

/// Plays an account of another partition: all its ARNs begin with it.
fn plays_another_partition() -> Altered {
    let moved = |arn: &str| arn.replacen("arn:aws:", "arn:aws-us-gov:", 1);
    decides(move |situation, _, decision| match decision {
        Decision::CarryOut {
            effect: effect @ Effect::AddDevice,
            body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras },
        } => {
            let serial_number = moved(&serial_number);
            if situation.account.find_device(&serial_number).is_some() {
                return Decision::refuse(ErrorCode::EntityAlreadyExists, "MFA device already exists.");
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
        }
        Decision::CarryOut { effect: effect @ Effect::AddUser, body: SuccessBody::User(mut entry) } => {
            entry.arn = moved(&entry.arn);
            Decision::CarryOut { effect, body: SuccessBody::User(entry) }
        }
        other => other,
    })
}

/// An encoded path between two slashes.
fn between_slashes(path: &str) -> String {
    let slashes = ["/", "%2F", "%2f"];
    let before = if slashes.into_iter().any(|slash| path.starts_with(slash)) { "" } else { "/" };
    let behind = if slashes.into_iter().any(|slash| path.ends_with(slash)) { "" } else { "/" };
    format!("{before}{path}{behind}")
}

/// Puts slashes around the paths of what is created.
fn puts_slashes() -> Altered {
    documented().behind(misread(|_, parameters| match parameter(parameters, "Path") {
        Some(path) if !path.is_empty() => {
            let rest = without(parameters, |_, name| name == "Path");
            format!("{rest}&Path={}", between_slashes(path))
        }
        Some(_) | None => parameters.to_owned(),
    }))
}

pub(in crate::permitted) const SERVICES: &[Registered] = &[
    ("deactivated-devices-removed", deactivated_devices_removed),
    ("assigned-devices-deleted", || deleting_assigned(|device| done(Effect::RemoveDevice(device)))),
    ("assigned-devices-limited", || deleting_assigned(|_| refuse(ErrorCode::LimitExceeded))),
    ("renaming-dissociates", renaming_dissociates),
    ("devices-kept-by-name", devices_kept_by_name),
    ("names-with-case", names_with_case),
    ("long-user-names", long_user_names),
    ("another-account", another_account),
    ("another-partition", another_partition),
    ("seeds-of-20-bytes", || makes(|serial, seed| (serial, cut(&seed, 20)))),
    ("seeds-of-10-bytes", || makes(|serial, seed| (serial, cut(&seed, 10)))),
    ("arns-without-paths", arns_without_paths),
    ("any-path-taken", any_path_taken),
    ("young-keys-unknown", learns_keys_late),
    ("account-of-another-partition", plays_another_partition),
    ("slashes-put-around-paths", puts_slashes),
];
