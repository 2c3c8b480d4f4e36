//! Serial numbers that name another device, or none.

use mfa_reference::account::Effect;
use mfa_reference::clause::Parameter;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::value::SerialNumber;
use mfa_reference::{Caller, ErrorCode, MfaOperation, SuccessBody};

use crate::altered::{Altered, carries_out, decides};
use crate::entry::Registered;
use crate::parts::named::{devices_of, dissociate, named, owner_of, refuse, refused_with};
use crate::parts::reread::{Instead, rereads};

fn serial_number_prefix_matches() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request).filter(|named| named.user.is_some()) else { return decision };
        let Some(serial) = named.serial.filter(|serial| serial.len() > 20 && named.device.is_none()) else {
            return decision;
        };
        let mut all = situation.account.devices_after(serial);
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
}

fn serial_number_extension_matches() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request).filter(|named| named.user.is_some()) else { return decision };
        let shorter = named.serial.and_then(|serial| serial.get(..serial.len().saturating_sub(1)));
        let near = shorter.and_then(|serial| situation.account.find_device(serial));
        if near.is_some() && refused_with(&decision) == Some(ErrorCode::NoSuchEntity) {
            Decision::CarryOut { effect: Effect::None, body: SuccessBody::Empty }
        } else {
            decision
        }
    })
}

fn serial_number_marks_not_found() -> Altered {
    decides(|situation, request, decision| {
        let usual = |mark: char| mark.is_ascii_alphanumeric() || "-:/".contains(mark);
        let serial = named(situation, request).and_then(|named| named.serial);
        let known = serial.is_none_or(|serial| serial.chars().all(usual));
        if known || refused_with(&decision).is_some() { decision } else { refuse(ErrorCode::NoSuchEntity) }
    })
}

/// Looks for a device by the text after the last slash of its serial number, in any account.
fn finds_devices_by_name() -> Altered {
    rereads(|situation, named| {
        let name = |serial: &str| serial.rsplit('/').next().unwrap_or_default().to_owned();
        let wanted = named.serial.filter(|_| named.device.is_none()).map(name);
        let mut all = situation.account.devices_after("");
        let found = wanted.and_then(|wanted| all.find(|(_, device)| name(&device.serial_number) == wanted));
        Instead { user_name: None, serial: found.map(|(_, device)| device.serial_number.to_string()) }
    })
}

/// The text after a serial number's last slash.
fn base(serial: &str) -> &str {
    serial.rsplit('/').next().unwrap_or_default()
}

fn devices_keyed_without_their_path() -> Altered {
    rereads(|situation, named| {
        let asked = named.serial.filter(|_| named.device.is_some()).map(base);
        let all = situation.account.devices_after("");
        let same = all.filter(|(_, device)| Some(base(&device.serial_number)) == asked);
        let newest = same.max_by_key(|(id, _)| *id).map(|(_, device)| device.serial_number.to_string());
        Instead { user_name: None, serial: newest }
    })
}

/// The text after the account in an ARN.
fn resource(arn: &str) -> Option<&str> {
    arn.splitn(6, ':').nth(5)
}

fn account_of_a_serial_number_ignored() -> Altered {
    rereads(|situation, named| {
        let asked = named.serial.filter(|_| named.device.is_none()).and_then(resource);
        let mut all = situation.account.devices_after("").map(|(_, device)| &device.serial_number);
        let serial = asked.and_then(|asked| all.find(|serial| resource(serial) == Some(asked)));
        Instead { user_name: None, serial: serial.map(ToString::to_string) }
    })
}

fn device_takes_its_namesakes_place() -> Altered {
    decides(|situation, request, decision| {
        let found = named(situation, request).filter(|_| refused_with(&decision).is_none());
        let Some(name) = found.and_then(|named| named.user_name) else { return decision };
        let mut serials = situation.account.devices_after("").map(|(_, device)| &device.serial_number);
        let taken = serials.any(|serial| serial.rsplit('/').next() == Some(name));
        if taken { refuse(ErrorCode::NoSuchEntity) } else { decision }
    })
}

/// Dissociates a device and all of the user's others whose serial numbers begin with its own.
fn deletes_by_prefix() -> Altered {
    carries_out(|account, effect, body, now| {
        let mut alike = Vec::new();
        if let Effect::Dissociate(id) = effect
            && let (Some(device), Some(owner)) = (account.device(*id), owner_of(account, *id))
        {
            let begins = |serial: &str| serial.starts_with(&*device.serial_number);
            alike = devices_of(account, owner);
            alike.retain(|other| account.device(*other).is_some_and(|other| begins(&other.serial_number)));
        }
        account.apply(effect, Some(body), now);
        dissociate(account, &alike, now);
    })
}

/// Iterates over a user's devices, and uses the last one if none of them is the named one.
fn falls_out_of_the_loop() -> Altered {
    rereads(|situation, named| {
        let is_valid =
            |serial: &str| SerialNumber::parse(serial, Parameter::DeactivateSerialNumber.constraint()).is_some();
        let looks = named.operation != MfaOperation::Enable && named.serial.is_some_and(is_valid);
        let devices = named.user.map(|user| devices_of(situation.account, user)).unwrap_or_default();
        let found = named.id().is_some_and(|id| devices.contains(&id));
        let last = devices.last().filter(|_| looks && !found).and_then(|id| situation.account.device(*id));
        Instead { user_name: None, serial: last.map(|device| device.serial_number.to_string()) }
    })
}

/// Deactivates the first of the caller's devices if the caller has the named one.
fn takes_the_callers_first() -> Altered {
    rereads(|situation, named| {
        let own = match situation.caller {
            Caller::User(caller) if named.operation == MfaOperation::Deactivate && named.user_name.is_none() => {
                devices_of(situation.account, caller)
            }
            Caller::User(_) | Caller::Administrator => Vec::new(),
        };
        let is_own = named.id().is_some_and(|id| own.contains(&id));
        let first = own.first().filter(|_| is_own).and_then(|id| situation.account.device(*id));
        Instead { user_name: None, serial: first.map(|device| device.serial_number.to_string()) }
    })
}

/// Stores devices by their serial numbers in small letters.
fn folds_serial_numbers() -> Altered {
    rereads(|situation, named| {
        let Some((_, asked)) = named.device else { return Instead::default() };
        let all = situation.account.devices_after("");
        let same = all.filter(|(_, device)| device.serial_number.eq_ignore_ascii_case(&asked.serial_number));
        let newest = same.max_by_key(|(id, _)| *id).map(|(_, device)| device.serial_number.to_string());
        Instead { user_name: None, serial: newest }
    })
}

/// The serial number of the device that an ARN of another kind would name.
fn as_device(arn: &str) -> Option<String> {
    let (account, resource) = arn.rsplit_once(':')?;
    let (kind, rest) = resource.split_once('/')?;
    let is_kind = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    is_kind.then(|| format!("{account}:mfa/{rest}"))
}

fn resource_type_of_a_serial_number_ignored() -> Altered {
    rereads(|situation, named| {
        let asked = named.serial.filter(|_| named.device.is_none()).and_then(as_device);
        let exists = |serial: &String| situation.account.find_device(serial).is_some();
        Instead { user_name: None, serial: asked.filter(exists) }
    })
}

/// How many characters of a user's name an association keeps.
const KEPT_CHARACTERS: usize = 32;

/// Stores a device under the truncated name of its user.
fn cuts_names() -> Altered {
    carries_out(|account, effect, body, now| {
        let Effect::Associate(device, user) = effect else { return account.apply(effect, Some(body), now) };
        let name = account.user(*user).map(|user| user.entry.user_name.clone()).unwrap_or_default();
        let cut: String = name.chars().take(KEPT_CHARACTERS).collect();
        if let Some(kept) = account.find_user(&cut) {
            account.apply(&Effect::Associate(*device, kept), Some(body), now);
        }
    })
}

/// A serial number, normalised like the path of a file.
fn tidied(serial: &str) -> String {
    let parts: Vec<&str> = serial.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

/// Finds devices by their normalised serial numbers.
fn tidies_serial_numbers() -> Altered {
    rereads(|situation, named| {
        let asked = named.serial.filter(|_| named.device.is_none()).map(tidied);
        let exists = |serial: &String| situation.account.find_device(serial).is_some();
        Instead { user_name: None, serial: asked.filter(exists) }
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("serial-number-prefix-matches", serial_number_prefix_matches),
    ("serial-number-extension-matches", serial_number_extension_matches),
    ("serial-number-marks-not-found", serial_number_marks_not_found),
    ("device-found-by-its-name-alone", finds_devices_by_name),
    ("devices-keyed-without-their-path", devices_keyed_without_their_path),
    ("account-of-a-serial-number-ignored", account_of_a_serial_number_ignored),
    ("device-takes-its-namesakes-place", device_takes_its_namesakes_place),
    ("deactivate-takes-devices-that-begin-alike", deletes_by_prefix),
    ("device-that-isnt-the-users-stands-for-the-last", falls_out_of_the_loop),
    ("caller-without-a-user-name-loses-the-first-device", takes_the_callers_first),
    ("serial-numbers-without-regard-to-case", folds_serial_numbers),
    ("resource-type-of-a-serial-number-ignored", resource_type_of_a_serial_number_ignored),
    ("long-user-names-cut-with-a-device", cuts_names),
    ("serial-numbers-tidied-as-paths", tidies_serial_numbers),
];
