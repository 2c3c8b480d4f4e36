//! The world itself: users, devices and keys, each index kept in step with the others.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::outcome::UserEntry;
use crate::time::Millis;
use crate::totp::Seed;

/// A user for as long as it exists, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(u64);

/// A virtual device for as long as it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(u64);

/// Something that is known, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact<T> {
    /// It is so.
    Known(T),
    /// Nothing observed so far tells.
    Unknown,
}

/// Whether an entity of a certain name exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<Id> {
    /// It doesn't.
    Absent,
    /// It does.
    Present(Id),
    /// It may: it was there, and what happened since leaves both open.
    Perhaps(Id),
}

impl<Id: Copy> Lookup<Id> {
    /// The entity, if it exists or may exist.
    pub const fn id(self) -> Option<Id> {
        match self {
            Self::Absent => None,
            Self::Present(id) | Self::Perhaps(id) => Some(id),
        }
    }
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// What the service told when it created the user; the name is the current one.
    pub entry: UserEntry,
    /// Whether the user surely exists.
    pub certain: bool,
    /// Whether the user may have access keys that no reply told of.
    pub keys_open: bool,
    devices: BTreeSet<DeviceId>,
    keys: BTreeSet<Box<str>>,
}

impl User {
    /// The devices that are known to be the user's.
    pub fn devices(&self) -> impl Iterator<Item = DeviceId> {
        self.devices.iter().copied()
    }

    /// Whether no device is known to be the user's.
    #[must_use]
    pub fn has_no_device(&self) -> bool {
        self.devices.is_empty()
    }

    /// How many devices are known to be the user's.
    #[must_use]
    pub fn device_count(&self) -> usize {
        self.devices.len()
    }

    /// The ids of the user's access keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(AsRef::as_ref)
    }
}

/// A virtual device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its serial number: its ARN.
    pub serial_number: Box<str>,
    /// Its seed, unless the service handed out one that can't be used.
    pub seed: Option<Arc<Seed>>,
    /// Who it is enabled for.
    pub owner: Fact<Option<UserId>>,
    /// When it was enabled last; zero if it never was. It stays when the device is deactivated.
    pub enabled_at: Millis,
    /// Whether the device is, was or may have been somebody's.
    pub ever_owned: bool,
    /// Whether the device surely exists.
    pub certain: bool,
    /// Whether it was seen as no document knows it: several users had it at once, or one that is gone, or it is listed
    /// although its deletion was told. Its owner stays open, and whether it is there.
    pub contested: bool,
}

/// What calls can show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    pub(super) users: BTreeMap<UserId, User>,
    names: BTreeMap<Box<str>, UserId>,
    pub(super) devices: BTreeMap<DeviceId, Device>,
    serials: BTreeMap<Box<str>, DeviceId>,
    keys: BTreeMap<Box<str>, UserId>,
    pub(super) unsettled: BTreeSet<DeviceId>,
    /// The folded names that users have had.
    former: BTreeSet<Box<str>>,
    /// The serial numbers of devices that ceased to be when they were deactivated.
    vanished: BTreeSet<Box<str>>,
    assigned: usize,
    last_id: u64,
}

/// A user name as it is compared: names are unique without regard to case.
fn folded(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

impl World {
    /// An account without anything in it.
    pub const EMPTY: Self = Self {
        users: BTreeMap::new(),
        names: BTreeMap::new(),
        devices: BTreeMap::new(),
        serials: BTreeMap::new(),
        keys: BTreeMap::new(),
        unsettled: BTreeSet::new(),
        former: BTreeSet::new(),
        vanished: BTreeSet::new(),
        assigned: 0,
        last_id: 0,
    };

    /// The user of a name, without regard to case.
    #[must_use]
    pub fn find_user(&self, name: &str) -> Lookup<UserId> {
        match self.names.get(folded(name).as_ref()) {
            None => Lookup::Absent,
            Some(id) if self.users.get(id).is_some_and(|user| user.certain) => Lookup::Present(*id),
            Some(id) => Lookup::Perhaps(*id),
        }
    }

    /// Whether a user of this name has ceased to be, or has another name now.
    #[must_use]
    pub fn had_user(&self, name: &str) -> bool {
        self.former.contains(folded(name).as_ref())
    }

    /// Forgets which names users have had: only who judges a service has use for it, and a service lives long.
    pub fn forget_former_users(&mut self) {
        self.former.clear();
    }

    /// The device of a serial number.
    #[must_use]
    pub fn find_device(&self, serial_number: &str) -> Lookup<DeviceId> {
        match self.serials.get(serial_number) {
            None => Lookup::Absent,
            Some(id) if self.devices.get(id).is_some_and(|device| device.certain) => Lookup::Present(*id),
            Some(id) => Lookup::Perhaps(*id),
        }
    }

    /// A user.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id)
    }

    /// A device.
    #[must_use]
    pub fn device(&self, id: DeviceId) -> Option<&Device> {
        self.devices.get(&id)
    }

    /// The user that an access key belongs to.
    #[must_use]
    pub fn key_owner(&self, access_key_id: &str) -> Option<UserId> {
        self.keys.get(access_key_id).copied()
    }

    /// All users, in the order of their names.
    pub fn users(&self) -> impl Iterator<Item = (UserId, &User)> {
        self.names.values().filter_map(|id| Some((*id, self.users.get(id)?)))
    }

    /// The users whose folded names come after `name`, in order; all of them after the empty name.
    pub fn users_after(&self, name: &str) -> impl Iterator<Item = (UserId, &User)> {
        use std::ops::Bound::{Excluded, Unbounded};
        let after: Box<str> = folded(name).into();
        self.names.range((Excluded(after), Unbounded)).filter_map(|(_, id)| Some((*id, self.users.get(id)?)))
    }

    /// The devices whose serial numbers come after `serial_number`, in order; all of them after the empty one.
    pub fn devices_after(&self, serial_number: &str) -> impl Iterator<Item = (DeviceId, &Device)> {
        use std::ops::Bound::{Excluded, Unbounded};
        let after: Box<str> = serial_number.into();
        self.serials.range((Excluded(after), Unbounded)).filter_map(|(_, id)| Some((*id, self.devices.get(id)?)))
    }

    /// How many devices are known to be somebody's.
    #[must_use]
    pub const fn assigned_devices(&self) -> usize {
        self.assigned
    }

    /// The devices whose owner is open.
    pub fn unsettled(&self) -> impl Iterator<Item = DeviceId> {
        self.unsettled.iter().copied()
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Adds a user; one of the same name gives way.
    pub fn add_user(&mut self, entry: UserEntry) -> UserId {
        if let Some(old) = self.find_user(&entry.user_name).id() {
            self.remove_user(old);
        }
        let id = UserId(self.next_id());
        self.names.insert(folded(&entry.user_name).into(), id);
        self.users.insert(
            id,
            User { entry, certain: true, keys_open: false, devices: BTreeSet::new(), keys: BTreeSet::new() },
        );
        id
    }

    /// Adds a device that is nobody's; one of the same serial number gives way.
    pub fn add_device(&mut self, serial_number: &str, seed: Option<Arc<Seed>>) -> DeviceId {
        if let Some(old) = self.find_device(serial_number).id() {
            self.remove_device(old);
        }
        self.vanished.remove(serial_number);
        let id = DeviceId(self.next_id());
        self.serials.insert(serial_number.into(), id);
        self.devices.insert(
            id,
            Device {
                serial_number: serial_number.into(),
                seed,
                owner: Fact::Known(None),
                enabled_at: Millis(0),
                ever_owned: false,
                certain: true,
                contested: false,
            },
        );
        id
    }

    pub(super) fn add_key(&mut self, user: UserId, key: &str) {
        if let Some(record) = self.users.get_mut(&user) {
            record.keys.insert(key.into());
            self.keys.insert(key.into(), user);
        }
    }

    pub(super) fn remove_key(&mut self, key: &str) {
        if let Some(user) = self.keys.remove(key).and_then(|id| self.users.get_mut(&id)) {
            user.keys.remove(key);
        }
    }

    pub(super) fn rename_user(&mut self, id: UserId, name: &str) {
        if let Some(user) = self.users.get_mut(&id) {
            let former = folded(&user.entry.user_name);
            self.names.remove(former.as_ref());
            self.former.insert(former.into());
            user.entry.readdress(&user.entry.path.clone(), name);
            self.names.insert(folded(name).into(), id);
        }
    }

    pub(super) fn move_user(&mut self, id: UserId, path: &str) {
        if let Some(user) = self.users.get_mut(&id) {
            user.entry.readdress(path, &user.entry.user_name.clone());
        }
    }

    pub(super) fn remove_user(&mut self, id: UserId) {
        self.unsettle_devices_of(id);
        if let Some(user) = self.users.remove(&id) {
            let name = folded(&user.entry.user_name);
            self.names.remove(name.as_ref());
            self.former.insert(name.into());
            for key in &user.keys {
                self.keys.remove(key);
            }
        }
    }

    pub(super) fn remove_device(&mut self, id: DeviceId) {
        self.set_owner(id, Fact::Known(None));
        self.unsettled.remove(&id);
        if let Some(device) = self.devices.remove(&id) {
            self.serials.remove(&device.serial_number);
        }
    }

    /// A device is gone since it was deactivated.
    pub(super) fn vanish_device(&mut self, id: DeviceId) {
        if let Some(serial_number) = self.devices.get(&id).map(|device| device.serial_number.clone()) {
            self.remove_device(id);
            self.vanished.insert(serial_number);
        }
    }

    /// The serial numbers of devices that ceased to be when they were deactivated, and that no new device has.
    pub fn vanished(&self) -> impl Iterator<Item = &str> {
        self.vanished.iter().map(AsRef::as_ref)
    }

    pub(super) fn unsettle_devices_of(&mut self, user: UserId) {
        let devices: Vec<DeviceId> = self.users.get(&user).into_iter().flat_map(User::devices).collect();
        for device in devices {
            self.set_owner(device, Fact::Unknown);
            self.mark_device(device, false);
        }
    }

    pub(super) fn mark_user(&mut self, id: UserId, certain: bool) {
        if let Some(user) = self.users.get_mut(&id) {
            user.certain = certain;
        }
    }

    pub(super) fn mark_device(&mut self, id: DeviceId, certain: bool) {
        if let Some(device) = self.devices.get_mut(&id) {
            device.certain = certain && !device.contested;
        }
    }

    /// Makes a fact of whose a device is, and keeps each index in step.
    pub(super) fn set_owner(&mut self, id: DeviceId, owner: Fact<Option<UserId>>) {
        let Some(device) = self.devices.get_mut(&id) else { return };
        // One of several owners comes or goes: who else has the device stays open.
        let owner = if device.contested { Fact::Unknown } else { owner };
        device.ever_owned |= owner != Fact::Known(None);
        match std::mem::replace(&mut device.owner, owner) {
            Fact::Known(Some(old)) => {
                self.assigned -= 1;
                if let Some(user) = self.users.get_mut(&old) {
                    user.devices.remove(&id);
                }
            }
            Fact::Known(None) => {}
            Fact::Unknown => {
                self.unsettled.remove(&id);
            }
        }
        match owner {
            Fact::Known(Some(new)) => {
                self.assigned += 1;
                if let Some(user) = self.users.get_mut(&new) {
                    user.devices.insert(id);
                }
            }
            Fact::Known(None) => {}
            Fact::Unknown => {
                self.unsettled.insert(id);
            }
        }
    }
}
