//! What observation settles, and what leaves facts open.

use super::state::{DeviceId, Fact, User, UserId, World};
use crate::outcome::SuccessBody;

impl World {
    pub(super) fn settle_devices_of(&mut self, user: UserId, body: Option<&SuccessBody>) {
        let Some(SuccessBody::MfaDevices(page)) = body else { return };
        self.mark_user(user, true);
        let listed: Vec<DeviceId> =
            page.items.iter().filter_map(|item| self.find_device(&item.serial_number).id()).collect();
        let lost: Vec<DeviceId> =
            self.users.get(&user).into_iter().flat_map(User::devices).filter(|id| !listed.contains(id)).collect();
        for id in lost {
            self.set_owner(id, Fact::Unknown);
            self.mark_device(id, false);
        }
        for id in listed {
            self.set_owner(id, Fact::Known(Some(user)));
            self.mark_device(id, true);
        }
    }

    /// A user is gone although it had devices: whether anybody has these is open from now on.
    pub fn lose_user(&mut self, id: UserId) {
        let devices: Vec<DeviceId> = self.users.get(&id).into_iter().flat_map(User::devices).collect();
        for device in devices {
            self.contest(device);
        }
        self.remove_user(id);
    }

    /// Several users were seen to have a device at once.
    pub fn contest(&mut self, id: DeviceId) {
        self.set_owner(id, Fact::Unknown);
        if let Some(device) = self.devices.get_mut(&id) {
            device.contested = true;
        }
    }

    pub(super) fn settle_virtual_devices(&mut self, body: Option<&SuccessBody>) {
        let Some(SuccessBody::VirtualDevices(page)) = body else { return };
        for item in &page.items {
            let Some(device) = self.find_device(&item.serial_number).id() else { continue };
            let owner = match &item.user {
                None => Fact::Known(None),
                Some(user) => match self.find_user(&user.user_name).id() {
                    Some(id) => Fact::Known(Some(id)),
                    None => Fact::Unknown,
                },
            };
            self.set_owner(device, owner);
            self.mark_device(device, true);
        }
    }

    /// Each device whose owner is open is nobody's: every user that could own it has just been listed.
    pub fn settle_unlisted(&mut self) {
        let open: Vec<DeviceId> = self.unsettled.iter().copied().collect();
        for id in open {
            self.set_owner(id, Fact::Known(None));
        }
    }

    /// Forgets whose the devices of a scenario are and which of its users exist: after a divergence, what is observed
    /// next counts.
    pub fn unsettle_all(&mut self) {
        let devices: Vec<DeviceId> = self.devices.keys().copied().collect();
        for id in devices {
            self.set_owner(id, Fact::Unknown);
            self.mark_device(id, false);
        }
        for user in self.users.values_mut() {
            user.certain = false;
        }
    }
}
