//! Carries effects out, in place.

use std::sync::Arc;

use super::effect::Effect;
use super::state::Account;
use crate::outcome::SuccessBody;
use crate::time::Millis;
use crate::totp::Seed;

impl Account {
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
            Effect::RemoveUser(user) => self.remove_user(*user),
            Effect::AddDevice => {
                if let Some(SuccessBody::VirtualDevice { serial_number, seed_blob, .. }) = body {
                    let seed = Seed::from_blob(seed_blob).ok().map(|(seed, _)| Arc::new(seed));
                    self.add_device(serial_number, seed);
                }
            }
            Effect::RemoveDevice(device) => self.remove_device(*device),
            Effect::Associate(device, user) => {
                self.set_owner(*device, Some(*user));
                self.enabled_at(*device, at);
            }
            Effect::Dissociate(device) => self.set_owner(*device, None),
            Effect::AddKey(user) => {
                if let Some(SuccessBody::AccessKey(entry)) = body {
                    self.add_key(*user, &entry.access_key_id);
                }
            }
            Effect::RemoveKey(key) => self.remove_key(key),
        }
    }
}
