//! What an observation settles.

use super::state::{Entity, Fact, State};
use crate::account::{DeviceId, Effect, User, UserId};
use crate::outcome::SuccessBody;
use crate::time::Millis;

/// What an observation shows of an account.
#[derive(Clone, Copy, Debug)]
pub enum Evidence<'a> {
    /// The listing of one user's devices.
    DevicesOf(UserId, &'a SuccessBody),
    /// A listing of the account's devices.
    VirtualDevices(&'a SuccessBody),
    /// Every user's devices were listed: a device that none of them has is nobody's.
    AllUsersListed,
    /// A user exists.
    Exists(UserId),
    /// An entity has ceased to exist. For a device that happened when it was deactivated, so its name is free
    /// (`deactivate.device-usable`).
    Gone(Entity),
    /// A user is gone although it had devices: nothing settles any more whose these are.
    GoneWithDevices(UserId),
    /// Several users have a device at once: nothing settles any more whose it is.
    SeveralOwners(DeviceId),
}

impl State {
    /// Settles what an observation shows.
    pub fn narrow(&mut self, evidence: Evidence<'_>) {
        match evidence {
            Evidence::DevicesOf(user, body) => self.devices_of(user, body),
            Evidence::VirtualDevices(body) => self.virtual_devices(body),
            Evidence::AllUsersListed => {
                for id in self.unknown_owners.clone() {
                    self.set_owner(id, Fact::Known(None));
                }
            }
            Evidence::Exists(user) => {
                self.doubtful_users.remove(&user);
            }
            Evidence::Gone(Entity::User(user)) => self.change(&Effect::RemoveUser(user), None, Millis(0)),
            Evidence::Gone(Entity::Device(device)) => {
                if let Some(serial_number) = self.account.device(device).map(|device| device.serial_number.clone()) {
                    self.change(&Effect::RemoveDevice(device), None, Millis(0));
                    self.vanished.insert(serial_number);
                }
            }
            Evidence::GoneWithDevices(user) => {
                let devices: Vec<DeviceId> = self.account.user(user).into_iter().flat_map(User::devices).collect();
                for device in devices {
                    self.narrow(Evidence::SeveralOwners(device));
                }
                self.change(&Effect::RemoveUser(user), None, Millis(0));
            }
            Evidence::SeveralOwners(device) => {
                self.set_owner(device, Fact::Unknown);
                self.disputed.insert(device);
            }
        }
    }

    /// A device exists that no reply created: it may be anybody's.
    pub fn appeared(&mut self, serial_number: &str) -> DeviceId {
        self.vanished.remove(serial_number);
        let device = self.account.add_device(serial_number, None);
        self.forget(Entity::Device(device));
        device
    }

    fn devices_of(&mut self, user: UserId, body: &SuccessBody) {
        let SuccessBody::MfaDevices(page) = body else { return };
        self.doubtful_users.remove(&user);
        let listed: Vec<DeviceId> =
            page.items.iter().filter_map(|item| self.account.find_device(&item.serial_number)).collect();
        let owned = self.account.user(user).into_iter().flat_map(User::devices);
        let lost: Vec<DeviceId> = owned.filter(|id| !listed.contains(id)).collect();
        for id in lost {
            self.forget(Entity::Device(id));
        }
        for id in listed {
            self.set_owner(id, Fact::Known(Some(user)));
            self.set_existence(id, true);
        }
    }

    fn virtual_devices(&mut self, body: &SuccessBody) {
        let SuccessBody::VirtualDevices(page) = body else { return };
        for item in &page.items {
            let Some(device) = self.account.find_device(&item.serial_number) else { continue };
            let owner = match &item.user {
                None => Fact::Known(None),
                Some(user) => self.account.find_user(&user.user_name).map_or(Fact::Unknown, |id| Fact::Known(Some(id))),
            };
            self.set_owner(device, owner);
            self.set_existence(device, true);
        }
    }
}
