//! Carries effects out, in place.

use std::sync::Arc;

use super::effect::Effect;
use super::state::World;
use crate::outcome::SuccessBody;
use crate::time::Millis;
use crate::totp::Seed;
use crate::world::Fact;

impl World {
    /// Carries out an effect. `body` is the success body of the reply that went with it, `at` the time of the call.
    pub fn apply(&mut self, effect: &Effect, body: Option<&SuccessBody>, at: Millis) {
        match effect {
            Effect::None => {}
            Effect::AddUser => {
                if let Some(SuccessBody::User(entry)) = body {
                    self.add_user(entry.clone());
                }
            }
            Effect::RenameUser(user, name) => self.rename_user(*user, name),
            Effect::MoveUser(user, path, name) => {
                self.move_user(*user, path);
                if let Some(name) = name {
                    self.rename_user(*user, name);
                }
            }
            Effect::RenameUserLoosely(user, name) => {
                self.rename_user(*user, name);
                self.unsettle_devices_of(*user);
            }
            Effect::RemoveUser(user) | Effect::SettleUser(user, false) => self.remove_user(*user),
            Effect::AddDevice => {
                if let Some(SuccessBody::VirtualDevice { serial_number, seed_blob, .. }) = body {
                    let seed = Seed::from_blob(seed_blob).ok().map(|(seed, _)| Arc::new(seed));
                    self.add_device(serial_number, seed);
                }
            }
            Effect::RemoveDevice(device) => self.remove_device(*device),
            Effect::Associate(device, user) => {
                self.set_owner(*device, Fact::Known(Some(*user)));
                if let Some(device) = self.devices.get_mut(device) {
                    device.enabled_at = at;
                    device.certain = true;
                }
            }
            Effect::Dissociate(device) => self.set_owner(*device, Fact::Known(None)),
            Effect::DissociateLoosely(device) => {
                self.set_owner(*device, Fact::Known(None));
                self.mark_device(*device, false);
            }
            Effect::Vanish(device) => self.vanish_device(*device),
            Effect::AddKey(user) => {
                if let Some(SuccessBody::AccessKey(entry)) = body {
                    self.add_key(*user, &entry.access_key_id);
                } else if let Some(user) = self.users.get_mut(user) {
                    user.keys_open = true;
                }
            }
            Effect::RemoveKey(key) => self.remove_key(key),
            Effect::Unsettle(user, device) => {
                if let Some(user) = user {
                    self.mark_user(*user, false);
                    if let Some(user) = self.users.get_mut(user) {
                        user.keys_open = true;
                    }
                }
                if let Some(device) = device {
                    self.set_owner(*device, Fact::Unknown);
                    self.mark_device(*device, false);
                }
            }
            Effect::UnsettleAll => self.unsettle_all(),
            Effect::SettleDevicesOf(user) => self.settle_devices_of(*user, body),
            Effect::SettleVirtualDevices => self.settle_virtual_devices(body),
            Effect::SettleUser(user, true) => self.mark_user(*user, true),
        }
    }
}
