//! What the service decides about the operations that set up and observe.

use data_encoding::BASE64URL_NOPAD;

use super::behaviour::{Decision, Situation};
use super::memory::Memory;
use super::message;
use crate::account::{Effect, UserId};
use crate::clause::Aspect;
use crate::context::Caller;
use crate::operation::Operation;
use crate::outcome::{
    AccessKeyEntry, DeviceExtras, ErrorCode, MfaDeviceEntry, Page, SuccessBody, UserEntry, VirtualDeviceEntry,
};
use crate::path;
use crate::qr_code::QrCode;
use crate::request::{SERIAL_NUMBER, Support, Violation};
use crate::time::Millis;

/// The account that the service plays.
const ACCOUNT: &str = "123456789012";
/// How many access keys a user may have.
const KEYS_PER_USER: usize = 2;
/// How many elements a page of a listing holds, unless `MaxItems` asks for fewer.
const PAGE: usize = 100;

pub(super) fn decide(situation: &Situation<'_>, request: &Support<'_>, memory: &mut Memory) -> Decision {
    if let Some(violation) = refused_name(request) {
        let message = message::validation(&[violation]);
        return Decision::refuse(ErrorCode::ValidationError, message);
    }
    match request.operation {
        Operation::CreateUser => create_user(situation, request, memory),
        Operation::GetUser => with_user(situation, request, |user| read(SuccessBody::User(entry(situation, user)))),
        Operation::ListUsers => paged(request, |page| list_users(situation, request, page)),
        Operation::UpdateUser => with_user(situation, request, |user| update_user(situation, request, user)),
        Operation::DeleteUser => with_user(situation, request, |user| delete_user(situation, user)),
        Operation::CreateVirtualMfaDevice => create_device(situation, request, memory),
        Operation::DeleteVirtualMfaDevice => delete_device(situation, request),
        Operation::ListMfaDevices => {
            with_user(situation, request, |user| paged(request, |page| list_devices(situation, user, page)))
        }
        Operation::ListVirtualMfaDevices => paged(request, |page| list_virtual_devices(situation, request, page)),
        Operation::CreateAccessKey => with_user(situation, request, |user| create_key(situation, user, memory)),
        Operation::ListAccessKeys => with_user(situation, request, |user| list_keys(situation, user)),
        Operation::DeleteAccessKey => with_user(situation, request, |user| delete_key(situation, request, user)),
        Operation::EnableMfaDevice | Operation::ResyncMfaDevice | Operation::DeactivateMfaDevice => {
            Decision::refuse(ErrorCode::InternalFailure, "an operation under test is not a support operation")
        }
    }
}

/// What is wrong with a user's name that the documents can be read to allow: AWS was recorded refusing it.
fn refused_name<'a>(request: &Support<'a>) -> Option<Violation<'a>> {
    let recorded = matches!(request.operation, Operation::CreateUser | Operation::GetUser);
    let aspect = request.name.check.doubts.iter().find(|aspect| recorded && **aspect == Aspect::PatternNonAscii)?;
    Some(Violation {
        member: "UserName",
        aspect: *aspect,
        text: request.name.text,
        constraint: request.name.constraint,
    })
}

fn read(body: SuccessBody) -> Decision {
    Decision::CarryOut { effect: Effect::None, body }
}

/// Goes on with the user that is named, or with the caller.
fn with_user(situation: &Situation<'_>, request: &Support<'_>, then: impl FnOnce(UserId) -> Decision) -> Decision {
    match (request.name.text, situation.caller) {
        (Some(name), _) => match situation.account.find_user(name) {
            Some(user) => then(user),
            None => Decision::refuse(ErrorCode::NoSuchEntity, message::no_user(name)),
        },
        (None, Caller::User(user)) => then(user),
        (None, Caller::Administrator) => Decision::refuse(ErrorCode::ValidationError, message::MUST_NAME_USER),
    }
}

fn create_user(situation: &Situation<'_>, request: &Support<'_>, memory: &mut Memory) -> Decision {
    if let Some(message) = path::problem(request.path) {
        return Decision::refuse(ErrorCode::ValidationError, message);
    }
    let name = request.name.text.unwrap_or_default();
    if situation.account.find_user(name).is_some() {
        return Decision::refuse(ErrorCode::EntityAlreadyExists, message::user_exists(name));
    }
    let entry = UserEntry {
        user_name: name.to_owned(),
        arn: format!("arn:aws:iam::{ACCOUNT}:user{}{name}", request.path),
        user_id: memory.entropy.user_id(),
        path: request.path.to_owned(),
        create_date: iso8601(situation.now),
        tags: request.tags.clone(),
    };
    Decision::CarryOut { effect: Effect::AddUser, body: SuccessBody::User(entry) }
}

fn update_user(situation: &Situation<'_>, request: &Support<'_>, user: UserId) -> Decision {
    if let Some(message) = request.new_path.and_then(|path| path::problem_of("newPath", path)) {
        return Decision::refuse(ErrorCode::ValidationError, message);
    }
    let name = request.new_name.text;
    if let Some(name) = name
        && situation.account.find_user(name).is_some_and(|other| other != user)
    {
        return Decision::refuse(ErrorCode::EntityAlreadyExists, message::user_exists(name));
    }
    let effect = match (request.new_path, name) {
        (Some(path), name) => Effect::MoveUser(user, path.into(), name.map(Into::into)),
        (None, Some(name)) => Effect::RenameUser(user, name.into()),
        (None, None) => Effect::None,
    };
    Decision::CarryOut { effect, body: SuccessBody::Empty }
}

fn delete_user(situation: &Situation<'_>, user: UserId) -> Decision {
    let Some(record) = situation.account.user(user) else {
        return Decision::refuse(ErrorCode::NoSuchEntity, message::no_user(""));
    };
    if !record.has_no_device() {
        return Decision::refuse(ErrorCode::DeleteConflict, message::REMOVE_TOKENS_FIRST);
    }
    if record.keys().next().is_some() {
        return Decision::refuse(ErrorCode::DeleteConflict, message::DELETE_KEYS_FIRST);
    }
    Decision::CarryOut { effect: Effect::RemoveUser(user), body: SuccessBody::Empty }
}

fn create_device(situation: &Situation<'_>, request: &Support<'_>, memory: &mut Memory) -> Decision {
    if let Some(message) = path::problem(request.path) {
        return Decision::refuse(ErrorCode::ValidationError, message);
    }
    let name = request.name.text.unwrap_or_default();
    let serial_number = format!("arn:aws:iam::{ACCOUNT}:mfa{}{name}", request.path);
    if let Some(violation) = unnameable(&serial_number) {
        return Decision::refuse(ErrorCode::ValidationError, message::validation(&[violation]));
    }
    if situation.account.find_device(&serial_number).is_some() {
        return Decision::refuse(ErrorCode::EntityAlreadyExists, message::DEVICE_EXISTS);
    }
    let seed = memory.entropy.seed();
    let qr_code =
        if situation.behaviour.draws_pictures { QrCode::of_device(name, ACCOUNT, &seed) } else { QrCode::Absent };
    let extras = DeviceExtras { qr_code, tags: request.tags.clone() };
    let body = SuccessBody::VirtualDevice { serial_number, seed_blob: seed.to_blob(), extras };
    Decision::CarryOut { effect: Effect::AddDevice, body }
}

/// Why no request could name a device: its ARN is not of `serialNumberType`. A path may be longer than a serial number,
/// and may hold characters that no serial number has. Such a device could never be deleted, so it is not created.
fn unnameable(serial_number: &str) -> Option<Violation<'_>> {
    let constraint = SERIAL_NUMBER;
    let check = constraint.check(Some(serial_number));
    let aspect = *check.violations.first()?;
    Some(Violation { member: "SerialNumber", aspect, text: Some(serial_number), constraint })
}

fn delete_device(situation: &Situation<'_>, request: &Support<'_>) -> Decision {
    let serial = request.serial_number.text.unwrap_or_default();
    let found = situation.account.find_device(serial);
    match found.and_then(|id| Some((id, situation.account.device(id)?))) {
        None => Decision::refuse(ErrorCode::NoSuchEntity, message::no_device(serial)),
        Some((_, device)) if device.owner.is_some() => {
            Decision::refuse(ErrorCode::DeleteConflict, message::DEACTIVATE_FIRST)
        }
        Some((id, _)) => Decision::CarryOut { effect: Effect::RemoveDevice(id), body: SuccessBody::Empty },
    }
}

fn create_key(situation: &Situation<'_>, user: UserId, memory: &mut Memory) -> Decision {
    let count = situation.account.user(user).map_or(0, |record| record.keys().count());
    if count >= KEYS_PER_USER {
        let message = format!("Cannot exceed quota for AccessKeysPerUser: {KEYS_PER_USER}");
        return Decision::refuse(ErrorCode::LimitExceeded, message);
    }
    let body = SuccessBody::AccessKey(AccessKeyEntry {
        user_name: entry(situation, user).user_name,
        access_key_id: memory.entropy.access_key_id(),
        secret_access_key: Some(memory.entropy.secret()),
        create_date: iso8601(situation.now),
    });
    Decision::CarryOut { effect: Effect::AddKey(user), body }
}

fn delete_key(situation: &Situation<'_>, request: &Support<'_>, user: UserId) -> Decision {
    let key = request.access_key_id.unwrap_or_default();
    if situation.account.key_owner(key) == Some(user) {
        return Decision::CarryOut { effect: Effect::RemoveKey(key.into()), body: SuccessBody::Empty };
    }
    let message = format!("The Access Key with id {key} cannot be found.");
    Decision::refuse(ErrorCode::NoSuchEntity, message)
}

/// A page of a listing that is asked for: after which key, and how many elements.
struct Asked {
    after: String,
    size: usize,
}

/// Reads `Marker` and `MaxItems`.
fn paged(request: &Support<'_>, then: impl FnOnce(&Asked) -> Decision) -> Decision {
    let after = match request.marker {
        None => Some(String::new()),
        Some(marker) => BASE64URL_NOPAD.decode(marker.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok()),
    };
    let Some(after) = after else {
        return Decision::refuse(ErrorCode::ValidationError, "Invalid Marker.");
    };
    let size = match request.max_items.map(str::parse::<usize>) {
        None => PAGE,
        Some(Ok(size @ 1..=1000)) => size,
        Some(Ok(_) | Err(_)) => {
            let demands = if request.max_items.is_some_and(|text| text.trim_start_matches(['+', '0']).is_empty()) {
                "Member must have value greater than or equal to 1"
            } else {
                "Member must have value less than or equal to 1000"
            };
            return Decision::refuse(ErrorCode::ValidationError, message::invalid("maxItems", demands));
        }
    };
    then(&Asked { after, size })
}

/// Cuts a page out of the elements that come after the last one listed.
fn cut<T>(all: impl Iterator<Item = (String, T)>, size: usize) -> Page<T> {
    let mut items = Vec::new();
    let mut last = String::new();
    for (key, item) in all {
        if items.len() == size {
            return Page { items, next: Some(BASE64URL_NOPAD.encode(last.as_bytes())) };
        }
        last = key;
        items.push(item);
    }
    Page::whole(items)
}

fn list_users(situation: &Situation<'_>, request: &Support<'_>, asked: &Asked) -> Decision {
    let prefix = request.path_prefix;
    let refuse = |message: String| Decision::refuse(ErrorCode::ValidationError, message);
    match prefix.chars().count() {
        0 => return refuse(message::invalid("pathPrefix", "Member must have length greater than or equal to 1")),
        513.. => return refuse(message::invalid("pathPrefix", "Member must have length less than or equal to 512")),
        _ if !path::is_prefix(prefix) => return refuse(message::PREFIX_FORM.to_owned()),
        _ => {}
    }
    let users = situation.account.users_after(&asked.after).map(|(_, user)| &user.entry);
    let listed = users.filter(|user| user.path.starts_with(prefix));
    let entries = listed.map(|user| (user.user_name.clone(), without_tags(user)));
    read(SuccessBody::Users(cut(entries, asked.size)))
}

/// A user as listings show it.
fn without_tags(user: &UserEntry) -> UserEntry {
    UserEntry { tags: Vec::new(), ..user.clone() }
}

fn list_devices(situation: &Situation<'_>, user: UserId, asked: &Asked) -> Decision {
    let name = entry(situation, user).user_name;
    let devices = situation.account.user(user).into_iter().flat_map(crate::account::User::devices);
    let mut entries: Vec<(String, MfaDeviceEntry)> = devices
        .filter_map(|id| situation.account.device(id))
        .map(|device| {
            let entry = MfaDeviceEntry {
                user_name: name.clone(),
                serial_number: device.serial_number.to_string(),
                enable_date: iso8601(device.enabled_at),
            };
            (device.serial_number.to_string(), entry)
        })
        .collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    let rest = entries.into_iter().filter(|(serial, _)| *serial > asked.after);
    read(SuccessBody::MfaDevices(cut(rest, asked.size)))
}

fn list_virtual_devices(situation: &Situation<'_>, request: &Support<'_>, asked: &Asked) -> Decision {
    let assigned = match request.assignment_status {
        None | Some("Any") => None,
        Some("Assigned") => Some(true),
        Some("Unassigned") => Some(false),
        Some(_) => {
            let message = message::invalid("assignmentStatus", "Member must satisfy enum value set");
            return Decision::refuse(ErrorCode::ValidationError, message);
        }
    };
    let devices = situation.account.devices_after(&asked.after).map(|(_, device)| device);
    let listed = devices.filter(|device| assigned.is_none_or(|status| device.owner.is_some() == status));
    let entries = listed.map(|device| {
        let user = device.owner.map(|user| without_tags(&entry(situation, user)));
        let enable_date = user.is_some().then(|| iso8601(device.enabled_at));
        let serial_number = device.serial_number.to_string();
        let entry =
            VirtualDeviceEntry { serial_number: serial_number.clone(), user, enable_date, ..Default::default() };
        (serial_number, entry)
    });
    read(SuccessBody::VirtualDevices(cut(entries, asked.size)))
}

fn list_keys(situation: &Situation<'_>, user: UserId) -> Decision {
    let user_name = entry(situation, user).user_name;
    let keys = situation.account.user(user).into_iter().flat_map(crate::account::User::keys);
    let entries = keys.map(|key| AccessKeyEntry {
        user_name: user_name.clone(),
        access_key_id: key.to_owned(),
        secret_access_key: None,
        create_date: iso8601(situation.now),
    });
    read(SuccessBody::AccessKeys(Page::whole(entries.collect())))
}

fn entry(situation: &Situation<'_>, user: UserId) -> UserEntry {
    situation.account.user(user).map_or_else(
        || UserEntry {
            user_name: String::new(),
            arn: String::new(),
            user_id: String::new(),
            path: "/".to_owned(),
            create_date: iso8601(situation.now),
            tags: Vec::new(),
        },
        |record| record.entry.clone(),
    )
}

/// An instant as the query protocol writes it, in whole seconds.
fn iso8601(at: Millis) -> String {
    match time::OffsetDateTime::from_unix_timestamp(at.seconds()) {
        Ok(when) => format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            when.year(),
            u8::from(when.month()),
            when.day(),
            when.hour(),
            when.minute(),
            when.second()
        ),
        Err(_) => "1970-01-01T00:00:00Z".to_owned(),
    }
}
