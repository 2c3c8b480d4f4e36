//! An account, and what is not known of it.

use std::collections::BTreeSet;

use crate::account::{Account, Device, DeviceId, User, UserId, folded};

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

/// Something that calls name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// A user.
    User(UserId),
    /// A virtual device.
    Device(DeviceId),
}

/// An account, and what is not known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub(super) account: Account,
    /// The users who may have ceased to exist.
    pub(super) doubtful_users: BTreeSet<UserId>,
    /// The users who may have access keys that no reply showed.
    pub(super) unknown_keys: BTreeSet<UserId>,
    /// The devices that may have ceased to exist.
    pub(super) doubtful_devices: BTreeSet<DeviceId>,
    /// The devices that may be anybody's. In the account they are nobody's.
    pub(super) unknown_owners: BTreeSet<DeviceId>,
    /// The devices that were observed as no document permits: several users had them at once, or a user who is gone. No
    /// observation settles whose they are and whether they exist.
    pub(super) disputed: BTreeSet<DeviceId>,
    /// The devices that are, were or may have been somebody's.
    pub(super) ever_owned: BTreeSet<DeviceId>,
    /// The folded names that users have had.
    pub(super) former_names: BTreeSet<Box<str>>,
    /// The serial numbers of devices that ceased to exist when they were deactivated, and that no new device has.
    pub(super) vanished: BTreeSet<Box<str>>,
}

impl From<Account> for State {
    /// An account of which everything is known.
    fn from(account: Account) -> Self {
        let owned = account.devices_after("").filter(|(_, device)| device.owner.is_some());
        let ever_owned = owned.map(|(id, _)| id).collect();
        Self { account, ever_owned, ..Self::EMPTY }
    }
}

impl State {
    /// An account without anything in it.
    pub const EMPTY: Self = Self {
        account: Account::EMPTY,
        doubtful_users: BTreeSet::new(),
        unknown_keys: BTreeSet::new(),
        doubtful_devices: BTreeSet::new(),
        unknown_owners: BTreeSet::new(),
        disputed: BTreeSet::new(),
        ever_owned: BTreeSet::new(),
        former_names: BTreeSet::new(),
        vanished: BTreeSet::new(),
    };

    /// The account, in which a device whose owner is unknown is nobody's.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The user of a name, without regard to case.
    #[must_use]
    pub fn find_user(&self, name: &str) -> Lookup<UserId> {
        match self.account.find_user(name) {
            None => Lookup::Absent,
            Some(id) if self.doubtful_users.contains(&id) => Lookup::Perhaps(id),
            Some(id) => Lookup::Present(id),
        }
    }

    /// The device of a serial number.
    #[must_use]
    pub fn find_device(&self, serial_number: &str) -> Lookup<DeviceId> {
        match self.account.find_device(serial_number) {
            None => Lookup::Absent,
            Some(id) if self.doubtful_devices.contains(&id) => Lookup::Perhaps(id),
            Some(id) => Lookup::Present(id),
        }
    }

    /// A user.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.account.user(id)
    }

    /// A device. Who owns it, [`Self::owner`] says.
    #[must_use]
    pub fn device(&self, id: DeviceId) -> Option<&Device> {
        self.account.device(id)
    }

    /// Who a device is enabled for.
    #[must_use]
    pub fn owner(&self, id: DeviceId) -> Fact<Option<UserId>> {
        if self.unknown_owners.contains(&id) {
            Fact::Unknown
        } else {
            Fact::Known(self.account.device(id).and_then(|device| device.owner))
        }
    }

    /// Whether an entity is known to exist.
    #[must_use]
    pub fn surely_exists(&self, entity: Entity) -> bool {
        match entity {
            Entity::User(id) => self.account.user(id).is_some() && !self.doubtful_users.contains(&id),
            Entity::Device(id) => self.account.device(id).is_some() && !self.doubtful_devices.contains(&id),
        }
    }

    /// Whether all access keys of a user are known.
    #[must_use]
    pub fn knows_keys_of(&self, id: UserId) -> bool {
        !self.unknown_keys.contains(&id)
    }

    /// The devices whose owner is unknown.
    #[must_use]
    pub fn unknown_owners(&self) -> impl ExactSizeIterator<Item = DeviceId> {
        self.unknown_owners.iter().copied()
    }

    /// Whether a device is, was or may have been somebody's.
    #[must_use]
    pub fn was_ever_owned(&self, id: DeviceId) -> bool {
        self.ever_owned.contains(&id)
    }

    /// Whether a user of this name has ceased to exist, or has another name now.
    #[must_use]
    pub fn had_user(&self, name: &str) -> bool {
        self.former_names.contains(folded(name).as_ref())
    }

    /// The serial numbers of devices that ceased to exist when they were deactivated, and that no new device has.
    pub fn vanished(&self) -> impl Iterator<Item = &str> {
        self.vanished.iter().map(AsRef::as_ref)
    }

    /// Leaves open what is known of an entity: whether it exists, which keys a user has, who a device is enabled for.
    pub fn forget(&mut self, entity: Entity) {
        match entity {
            Entity::User(id) if self.account.user(id).is_some() => {
                self.doubtful_users.insert(id);
                self.unknown_keys.insert(id);
            }
            Entity::Device(id) => {
                self.set_owner(id, Fact::Unknown);
                self.set_existence(id, false);
            }
            Entity::User(_) => {}
        }
    }

    /// Leaves open which entities exist and whose the devices are.
    pub fn forget_all(&mut self) {
        let devices: Vec<DeviceId> = self.account.devices_after("").map(|(id, _)| id).collect();
        for id in devices {
            self.forget(Entity::Device(id));
        }
        self.doubtful_users.extend(self.account.users().map(|(id, _)| id));
    }

    pub(super) fn set_existence(&mut self, id: DeviceId, certain: bool) {
        if certain && !self.disputed.contains(&id) {
            self.doubtful_devices.remove(&id);
        } else if self.account.device(id).is_some() {
            self.doubtful_devices.insert(id);
        }
    }

    pub(super) fn set_owner(&mut self, id: DeviceId, owner: Fact<Option<UserId>>) {
        if self.account.device(id).is_none() {
            return;
        }
        // One of several owners comes or goes: who else has the device stays unknown.
        let owner = if self.disputed.contains(&id) { Fact::Unknown } else { owner };
        if owner != Fact::Known(None) {
            self.ever_owned.insert(id);
        }
        match owner {
            Fact::Known(owner) => {
                self.unknown_owners.remove(&id);
                self.account.set_owner(id, owner);
            }
            Fact::Unknown => {
                self.unknown_owners.insert(id);
                self.account.set_owner(id, None);
            }
        }
    }
}
