//! Services that cut names, that forget keys, and whose listings show other things than happened.

use std::collections::BTreeMap;
use std::sync::Mutex;

use mfa_reference::account::{DeviceId, Effect};
use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::Decision;
use mfa_reference::{MfaOperation, Millis, Request, SuccessBody};

use crate::altered::{Altered, carries_out, decides, documented};
use crate::entry::Difficulty::{Narrow, Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::line::{held, map_values, misread, parameter, without};
use crate::parts::{devices_of, dissociate, done, named, on_success, owner_of};

/// Gives a new user the deactivated devices that a user of its name had.
fn inherits() -> Altered {
    let last: Mutex<BTreeMap<DeviceId, String>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        let mut last = held(&last);
        if let Effect::Associate(device, user) = effect
            && let Some(user) = account.user(*user)
        {
            last.insert(*device, user.entry.user_name.clone());
        }
        account.apply(effect, Some(body), now);
        let SuccessBody::User(entry) = body else { return };
        let Some(user) = account.find_user(&entry.user_name).filter(|_| *effect == Effect::AddUser) else {
            return;
        };
        let free =
            account.devices_after("").filter(|(_, device)| device.owner.is_none() && device.enabled_at > Millis(0));
        let inherited: Vec<DeviceId> =
            free.map(|(id, _)| id).filter(|id| last.get(id) == Some(&entry.user_name)).collect();
        for device in inherited {
            account.apply(&Effect::Associate(device, user), None, now);
        }
    })
}

/// Leaves out the first device of each page but the first one.
fn skips_on_pages() -> Altered {
    decides(|_, request, decision| match (request, decision) {
        (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(mut page) })
            if support.marker.is_some() && !page.items.is_empty() =>
        {
            page.items.remove(0);
            Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }
        }
        (_, decision) => decision,
    })
}

/// Finds a device by the first 128 characters of its serial number.
fn compares_128_characters() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request).filter(|named| named.operation == MfaOperation::Deactivate) else {
            return decision;
        };
        let begins = named.serial.and_then(|serial| serial.get(..128)).filter(|_| named.device.is_none());
        let mut devices = situation.account.devices_after("");
        let found = begins.and_then(|begins| devices.find(|(_, device)| device.serial_number.starts_with(begins)));
        match found.filter(|(id, _)| named.user.is_some() && owner_of(situation.account, *id) == named.user) {
            Some((id, _)) => done(Effect::Dissociate(id)),
            None => decision,
        }
    })
}

/// Cuts user names at 64 characters in requests for one operation.
fn cuts(action: &'static str) -> Altered {
    documented().behind(misread(move |_, parameters| {
        if parameter(parameters, "Action") != Some(action) {
            return parameters.to_owned();
        }
        map_values(parameters, |name, value| match value.char_indices().nth(64) {
            Some((end, _)) if name == "UserName" => value.get(..end).unwrap_or(value).to_owned(),
            _ => value.to_owned(),
        })
    }))
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "enable-cuts-user-names-at-64",
        "EnableMFADevice ignores what follows the 64th character of a user name.",
        C::EnableUserExists,
        &[],
        Narrow,
        || cuts("EnableMFADevice"),
    ),
    row(
        "resync-cuts-user-names-at-64",
        "ResyncMFADevice ignores what follows the 64th character of a user name.",
        C::ResyncUserExists,
        &[],
        Narrow,
        || cuts("ResyncMFADevice"),
    ),
    row(
        "deactivate-cuts-user-names-at-64",
        "DeactivateMFADevice ignores what follows the 64th character of a user name.",
        C::DeactivateUserExists,
        &[],
        Narrow,
        || cuts("DeactivateMFADevice"),
    ),
    row(
        "deactivate-compares-128-characters",
        "DeactivateMFADevice compares the first 128 characters of serial numbers.",
        C::DeactivateDeviceExists,
        &[],
        Narrow,
        compares_128_characters,
    ),
    row(
        "recreated-users-inherit",
        "A new user gets the deactivated devices that a former user of its name had.",
        C::RecreatedUserHasNoDevice,
        &[C::StateIsolation],
        Stateful,
        inherits,
    ),
    row(
        "later-pages-skip-a-device",
        "ListMFADevices leaves out the first device of each later page.",
        C::EnableAssociates,
        &[C::StateIsolation],
        Stateful,
        skips_on_pages,
    ),
    row(
        "resync-renews-the-enable-date",
        "ResyncMFADevice sets the EnableDate to the present.",
        C::ResyncKeepsAssociation,
        &[],
        Stateful,
        || on_success(MfaOperation::Resync, |named| Some(done(Effect::Associate(named.id()?, named.owner()?)))),
    ),
    row(
        "assignment-status-ignored",
        "ListVirtualMFADevices lists all devices, whatever AssignmentStatus says.",
        C::ListAssignmentStatus,
        &[],
        Shallow,
        || documented().behind(misread(|_, parameters| without(parameters, |_, name| name == "AssignmentStatus"))),
    ),
    row(
        "later-keys-sign-for-nobody",
        "Only a user's first access key signs for that user.",
        C::DeactivateDefaultUser,
        // Without a user, the name is asked for.
        &[C::Parameter(Parameter::DeactivateUserName, Aspect::Required)],
        Narrow,
        || {
            carries_out(|account, effect, body, now| {
                let is_later = |user| account.user(user).is_some_and(|user| user.keys().next().is_some());
                if !matches!(effect, Effect::AddKey(user) if is_later(*user)) {
                    account.apply(effect, Some(body), now);
                }
            })
        },
    ),
    row(
        "moved-user-loses-its-devices",
        "UpdateUser with a new path replaces the user by one without devices.",
        C::StateDurable,
        // Another way to say it, where the listing of the account shows it first.
        &[C::StateIsolation],
        Stateful,
        || {
            carries_out(|account, effect, body, now| {
                account.apply(effect, Some(body), now);
                if let Effect::MoveUser(user, ..) = effect {
                    let devices = devices_of(account, *user);
                    dissociate(account, &devices, now);
                }
            })
        },
    ),
    row(
        "unassigned-devices-listed-on-request-alone",
        "ListVirtualMFADevices without an AssignmentStatus lists the assigned devices.",
        C::ListAssignmentStatus,
        // An assigned device that was deactivated is missed as well.
        &[C::DeactivateDissociates],
        Shallow,
        || {
            documented().behind(misread(|_, parameters| {
                let lists = parameters.contains("Action=ListVirtualMFADevices");
                let asked = lists && !parameters.contains("AssignmentStatus=");
                format!("{parameters}{}", if asked { "&AssignmentStatus=Assigned" } else { "" })
            }))
        },
    ),
];
