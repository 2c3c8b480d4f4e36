//! The account itself: users, devices and keys, each index kept in step with the others.

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

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// What the service told when it created the user; the name is the current one.
    pub entry: UserEntry,
    devices: BTreeSet<DeviceId>,
    keys: BTreeSet<Box<str>>,
}

impl User {
    /// The user's devices.
    pub fn devices(&self) -> impl Iterator<Item = DeviceId> {
        self.devices.iter().copied()
    }

    /// Whether the user has no device.
    #[must_use]
    pub fn has_no_device(&self) -> bool {
        self.devices.is_empty()
    }

    /// How many devices the user has.
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
    pub owner: Option<UserId>,
    /// When it was enabled last; zero if it never was. It stays when the device is deactivated.
    pub enabled_at: Millis,
}

/// What calls can show: users, virtual devices, who owns which device, access keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    users: BTreeMap<UserId, User>,
    names: BTreeMap<Box<str>, UserId>,
    devices: BTreeMap<DeviceId, Device>,
    serials: BTreeMap<Box<str>, DeviceId>,
    keys: BTreeMap<Box<str>, UserId>,
    assigned: usize,
    last_id: u64,
}

/// A user name as it is compared: names are unique without regard to case.
pub(crate) fn folded(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

impl Account {
    /// An account without anything in it.
    pub const EMPTY: Self = Self {
        users: BTreeMap::new(),
        names: BTreeMap::new(),
        devices: BTreeMap::new(),
        serials: BTreeMap::new(),
        keys: BTreeMap::new(),
        assigned: 0,
        last_id: 0,
    };

    /// The user of a name, without regard to case.
    #[must_use]
    pub fn find_user(&self, name: &str) -> Option<UserId> {
        self.names.get(folded(name).as_ref()).copied()
    }

    /// The device of a serial number.
    #[must_use]
    pub fn find_device(&self, serial_number: &str) -> Option<DeviceId> {
        self.serials.get(serial_number).copied()
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

    /// How many devices have an owner.
    #[must_use]
    pub const fn assigned_devices(&self) -> usize {
        self.assigned
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Adds a user; one of the same name gives way.
    pub fn add_user(&mut self, entry: UserEntry) -> UserId {
        if let Some(old) = self.find_user(&entry.user_name) {
            self.remove_user(old);
        }
        let id = UserId(self.next_id());
        self.names.insert(folded(&entry.user_name).into(), id);
        self.users.insert(id, User { entry, devices: BTreeSet::new(), keys: BTreeSet::new() });
        id
    }

    /// Adds a device that is nobody's; one of the same serial number gives way.
    pub fn add_device(&mut self, serial_number: &str, seed: Option<Arc<Seed>>) -> DeviceId {
        if let Some(old) = self.find_device(serial_number) {
            self.remove_device(old);
        }
        let id = DeviceId(self.next_id());
        self.serials.insert(serial_number.into(), id);
        self.devices
            .insert(id, Device { serial_number: serial_number.into(), seed, owner: None, enabled_at: Millis(0) });
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
            self.names.remove(folded(&user.entry.user_name).as_ref());
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
        if let Some(user) = self.users.remove(&id) {
            for device in &user.devices {
                self.set_owner(*device, None);
            }
            self.names.remove(folded(&user.entry.user_name).as_ref());
            for key in &user.keys {
                self.keys.remove(key);
            }
        }
    }

    pub(super) fn remove_device(&mut self, id: DeviceId) {
        self.set_owner(id, None);
        if let Some(device) = self.devices.remove(&id) {
            self.serials.remove(&device.serial_number);
        }
    }

    /// Makes a device somebody's or nobody's.
    pub(crate) fn set_owner(&mut self, id: DeviceId, owner: Option<UserId>) {
        let Some(device) = self.devices.get_mut(&id) else { return };
        if let Some(old) = std::mem::replace(&mut device.owner, owner) {
            self.assigned -= 1;
            if let Some(user) = self.users.get_mut(&old) {
                user.devices.remove(&id);
            }
        }
        if let Some(new) = owner {
            self.assigned += 1;
            if let Some(user) = self.users.get_mut(&new) {
                user.devices.insert(id);
            }
        }
    }

    pub(super) fn enabled_at(&mut self, id: DeviceId, at: Millis) {
        if let Some(device) = self.devices.get_mut(&id) {
            device.enabled_at = at;
        }
    }
}
