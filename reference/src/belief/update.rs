//! What a permitted step does to a state.

use super::narrow::Evidence;
use super::state::{Entity, Fact, State};
use crate::account::{DeviceId, Effect, User, UserId, folded};
use crate::outcome::SuccessBody;
use crate::time::Millis;

/// What a call leaves open, although it was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOpen {
    /// Whether a device goes on existing (`deactivate.device-remains`).
    Existence(DeviceId),
    /// Who has the devices that were a user's.
    OwnersOf(UserId),
    /// Everything.
    Everything,
}

/// What a permitted step does to a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// The call had this effect.
    Effect(Effect),
    /// The call had this effect, and leaves something open.
    EffectAnd(Effect, LeftOpen),
    /// The reply shows that an entity has ceased to exist before the call.
    Gone(Entity),
}

impl Update {
    /// Nothing happens.
    pub const NONE: Self = Self::Effect(Effect::None);

    /// Whether the call itself does something.
    #[must_use]
    pub const fn changes(&self) -> bool {
        !matches!(self, Self::Effect(Effect::None) | Self::Gone(_))
    }
}

impl From<Effect> for Update {
    fn from(effect: Effect) -> Self {
        Self::Effect(effect)
    }
}

impl State {
    /// Carries out an update. `body` is the success body of the reply that went with it, `at` the time of the call.
    pub fn update(&mut self, update: &Update, body: Option<&SuccessBody>, at: Millis) {
        match update {
            Update::Effect(effect) => self.change(effect, body, at),
            Update::EffectAnd(effect, left_open) => {
                self.change(effect, body, at);
                match left_open {
                    LeftOpen::Existence(device) => self.set_existence(*device, false),
                    LeftOpen::OwnersOf(user) => self.forget_devices_of(*user),
                    LeftOpen::Everything => self.forget_all(),
                }
            }
            Update::Gone(entity) => self.narrow(Evidence::Gone(*entity)),
        }
    }

    /// Carries out an effect.
    pub fn change(&mut self, effect: &Effect, body: Option<&SuccessBody>, at: Millis) {
        match effect {
            Effect::AddUser => {
                if let Some(SuccessBody::User(entry)) = body
                    && let Some(old) = self.account.find_user(&entry.user_name)
                {
                    self.change(&Effect::RemoveUser(old), None, at);
                }
            }
            Effect::RenameUser(user, _) | Effect::MoveUser(user, _, Some(_)) => self.keep_former_name(*user),
            Effect::RemoveUser(user) => {
                self.keep_former_name(*user);
                self.forget_devices_of(*user);
                self.doubtful_users.remove(user);
                self.unknown_keys.remove(user);
            }
            Effect::AddDevice => {
                if let Some(SuccessBody::VirtualDevice { serial_number, .. }) = body {
                    if let Some(old) = self.account.find_device(serial_number) {
                        self.forget_removed(old);
                    }
                    self.vanished.remove(serial_number.as_str());
                }
            }
            Effect::RemoveDevice(device) => self.forget_removed(*device),
            Effect::AddKey(user) if !matches!(body, Some(SuccessBody::AccessKey(_))) => {
                if self.account.user(*user).is_some() {
                    self.unknown_keys.insert(*user);
                }
            }
            Effect::None
            | Effect::MoveUser(_, _, None)
            | Effect::Associate(..)
            | Effect::Dissociate(_)
            | Effect::AddKey(_)
            | Effect::RemoveKey(_) => {}
        }
        self.account.apply(effect, body, at);
        match effect {
            Effect::Associate(device, user) => {
                self.set_owner(*device, Fact::Known(Some(*user)));
                self.doubtful_devices.remove(device);
            }
            Effect::Dissociate(device) => self.set_owner(*device, Fact::Known(None)),
            Effect::None
            | Effect::AddUser
            | Effect::RenameUser(..)
            | Effect::MoveUser(..)
            | Effect::RemoveUser(_)
            | Effect::AddDevice
            | Effect::RemoveDevice(_)
            | Effect::AddKey(_)
            | Effect::RemoveKey(_) => {}
        }
    }

    fn keep_former_name(&mut self, user: UserId) {
        if let Some(user) = self.account.user(user) {
            self.former_names.insert(folded(&user.entry.user_name).into());
        }
    }

    fn forget_devices_of(&mut self, user: UserId) {
        let devices: Vec<DeviceId> = self.account.user(user).into_iter().flat_map(User::devices).collect();
        for device in devices {
            self.forget(Entity::Device(device));
        }
    }

    fn forget_removed(&mut self, device: DeviceId) {
        for known in [&mut self.doubtful_devices, &mut self.unknown_owners, &mut self.disputed, &mut self.ever_owned] {
            known.remove(&device);
        }
    }
}
