//! A draft's changes to users, devices and keys.

use mfa_reference::clause::ClauseId;

use super::draft::{Draft, pick_from};
use crate::scenario::{Action, DeviceRef, NameForm, UserRef};

/// The first number of users and devices whose names are taken. No later action of a sequence uses them.
const NAMESAKES: u8 = 150;

impl Draft<'_> {
    /// Gives a user a key, or takes it away.
    pub(super) fn keys(&mut self, a: u8) {
        match self.users.iter_mut().rev().find(|user| user.key) {
            Some(user) if a.is_multiple_of(2) => {
                user.key = false;
                self.actions.push(Action::DeleteKey { user: user.symbol });
            }
            _ => self.give_key(self.user(a)),
        }
    }

    /// Tries to create a user or a device under a taken name.
    pub(super) fn taken_name(&mut self, a: u8, b: u8) -> Option<()> {
        // Two devices may have one name in two paths.
        if self.swarm.names > 0 {
            return None;
        }
        let (user, device) = (self.user(a), pick_from(&self.devices, a)?.symbol);
        let number = NAMESAKES + self.namesakes;
        self.namesakes += 1;
        self.actions.push(if b.is_multiple_of(2) {
            Action::CreateUser { user: UserRef(number), name: NameForm::SameAs(user.0) }
        } else {
            Action::CreateDevice { device: DeviceRef(number), name: NameForm::SameAs(device.0) }
        });
        Some(())
    }

    pub(super) fn delete_user(&mut self, a: u8, b: u8) -> Option<()> {
        let broken = [ClauseId::DeleteUserRequiresDeactivation];
        let user = self.user(a);
        let attached = self.devices.iter().any(|device| device.owner == Some(user));
        if attached && !self.again(&broken, a) {
            return None;
        }
        // A deletion that must be refused is so with the keys too, and must keep them.
        let keys_too = !(attached && b.is_multiple_of(2));
        for known in self.users.iter_mut().filter(|known| known.symbol == user && known.key && keys_too) {
            known.key = false;
            self.actions.push(Action::DeleteKey { user });
        }
        self.actions.push(Action::DeleteUser { user });
        if !attached || self.plan.breaks(&broken) {
            self.users.retain(|known| known.symbol != user);
            self.gone_users.push(user);
            self.devices.iter_mut().filter(|device| device.owner == Some(user)).for_each(|device| device.owner = None);
            if self.users.is_empty() {
                self.make_user();
            }
        }
        Some(())
    }

    pub(super) fn delete_device(&mut self, a: u8, b: u8) -> Option<()> {
        let device = if b.is_multiple_of(2) { self.free_device(a)? } else { self.owned_device(a)?.0 };
        let attached = self.devices.iter().any(|known| known.symbol == device && known.owner.is_some());
        self.actions.push(Action::DeleteDevice { device });
        if !attached {
            self.devices.retain(|known| known.symbol != device);
            self.gone_devices.push(device);
        }
        Some(())
    }

    pub(super) fn rename(&mut self, a: u8, b: u8) {
        let user = self.user(a);
        // A path doesn't make another name, and a user gets its path at creation.
        let name = Some(self.name(b)).filter(|name| !matches!(name, NameForm::InPath(_) | NameForm::Like { .. }));
        // Now and then to a taken name, which may be the user's own.
        if b % 16 == 5 {
            let taken = self.user(b / 16).0;
            self.actions.push(Action::RenameUser { user, name: NameForm::SameAs(taken) });
            return;
        }
        // Or to a former name, its own or another user's.
        let former = self.users.iter_mut().find(|known| known.renamed && b.is_multiple_of(4));
        let former = former.map(|known| {
            known.renamed = false;
            NameForm::FormerNameOf(known.symbol.0)
        });
        let name = former.or(name).unwrap_or_default();
        self.actions.push(Action::RenameUser { user, name });
        for known in self.users.iter_mut().filter(|known| known.symbol == user) {
            known.renamed = true;
        }
    }
}
