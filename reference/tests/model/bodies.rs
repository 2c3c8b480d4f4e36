//! Bodies of replies, in few words.

use mfa_reference::{AccessKeyEntry, MfaDeviceEntry, Page, SuccessBody, UserEntry, VirtualDeviceEntry};

pub(crate) fn entry(name: &str) -> UserEntry {
    let [arn, user_id, create_date] = [const { String::new() }; 3];
    UserEntry { user_name: name.to_owned(), arn, user_id, path: "/".to_owned(), create_date, tags: Vec::new() }
}

/// The reply that tells of a user's new access key.
pub(crate) fn key(user: &str) -> SuccessBody {
    SuccessBody::AccessKey(AccessKeyEntry {
        user_name: user.to_owned(),
        access_key_id: format!("AKIA-{user}"),
        secret_access_key: None,
        create_date: String::new(),
    })
}

/// A listing of one user's devices: each with the name that it is listed under.
pub(crate) fn devices_of(listed: &[(&str, &str)]) -> SuccessBody {
    let item = |(device, user): &(&str, &str)| MfaDeviceEntry {
        user_name: (*user).to_owned(),
        serial_number: serial(device),
        enable_date: String::new(),
    };
    SuccessBody::MfaDevices(Page::whole(listed.iter().map(item).collect()))
}

/// A listing of the account's devices: each with its owner.
pub(crate) fn all_devices(listed: &[(&str, Option<&str>)]) -> SuccessBody {
    let item = |(device, owner): &(&str, Option<&str>)| VirtualDeviceEntry {
        serial_number: serial(device),
        user: owner.map(entry),
        ..VirtualDeviceEntry::default()
    };
    SuccessBody::VirtualDevices(Page::whole(listed.iter().map(item).collect()))
}

pub(crate) fn serial(device: &str) -> String {
    format!("arn:aws:iam::123456789012:mfa/{device}")
}
