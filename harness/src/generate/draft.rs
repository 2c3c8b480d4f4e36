//! A draft is a sequence in the making: it turns each choice into an action that fits the state predicted so far.

use mfa_reference::MfaOperation;
use mfa_reference::clause::ClauseId;

use super::plan::Plan;
use super::sequences::Choice;
use crate::scenario::{Action, DeviceRef, Edit, MfaCall, NameForm, Signer, UserRef, Value};

/// A user as the draft predicts it.
#[derive(Clone, Copy)]
struct User {
    symbol: UserRef,
    key: bool,
}

/// A device as the draft predicts it.
#[derive(Clone, Copy)]
pub(super) struct Device {
    pub(super) symbol: DeviceRef,
    pub(super) owner: Option<UserRef>,
    /// Whether a call has carried the current codes.
    pub(super) used: bool,
}

/// A sequence in the making, with the state that it will have reached.
pub(super) struct Draft<'p> {
    plan: &'p Plan,
    pub(super) actions: Vec<Action>,
    users: Vec<User>,
    pub(super) devices: Vec<Device>,
    users_made: u8,
    devices_made: u8,
}

pub(super) const NOBODY: UserRef = UserRef(250);
pub(super) const NOTHING: DeviceRef = DeviceRef(250);
const MOST_USERS: usize = 3;
const MOST_DEVICES: usize = 4;

impl<'p> Draft<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let mut draft =
            Self { plan, actions: Vec::new(), users: Vec::new(), devices: Vec::new(), users_made: 0, devices_made: 0 };
        draft.make_user();
        draft.make_device();
        draft
    }

    fn make_user(&mut self) {
        self.users_made += 1;
        let symbol = UserRef(self.users_made);
        self.users.push(User { symbol, key: false });
        self.actions.push(Action::CreateUser { user: symbol, name: NameForm::Plain });
    }

    fn make_device(&mut self) {
        self.devices_made += 1;
        let symbol = DeviceRef(self.devices_made);
        self.devices.push(Device { symbol, owner: None, used: false });
        self.actions.push(Action::CreateDevice { device: symbol, name: NameForm::Plain });
    }

    pub(super) fn user(&self, pick: u8) -> UserRef {
        pick_from(&self.users, pick).map_or(NOBODY, |user| user.symbol)
    }

    /// A user other than `not`, if there is one.
    pub(super) fn other_user(&self, not: Option<UserRef>, pick: u8) -> Option<UserRef> {
        let others: Vec<User> = self.users.iter().copied().filter(|user| Some(user.symbol) != not).collect();
        pick_from(&others, pick).map(|user| user.symbol)
    }

    /// A device that is nobody's; one whose codes are unused, if there is one.
    pub(super) fn free_device(&self, pick: u8) -> Option<DeviceRef> {
        let free: Vec<Device> = self.devices.iter().copied().filter(|device| device.owner.is_none()).collect();
        let unused: Vec<Device> = free.iter().copied().filter(|device| !device.used).collect();
        pick_from(&unused, pick).or_else(|| pick_from(&free, pick)).map(|device| device.symbol)
    }

    pub(super) fn owned_device(&self, pick: u8) -> Option<(DeviceRef, UserRef)> {
        let owned: Vec<(DeviceRef, UserRef)> =
            self.devices.iter().filter_map(|device| Some((device.symbol, device.owner?))).collect();
        pick_from(&owned, pick)
    }

    fn set_owner(&mut self, symbol: DeviceRef, owner: Option<UserRef>) {
        for device in self.devices.iter_mut().filter(|device| device.symbol == symbol) {
            device.owner = owner;
        }
    }

    pub(super) fn mark_used(&mut self, symbol: DeviceRef) {
        for device in self.devices.iter_mut().filter(|device| device.symbol == symbol) {
            device.used = true;
        }
    }

    /// Adds the action that a choice stands for, if the state has room for it.
    pub(super) fn add(&mut self, (kind, a, b, c): Choice) {
        let how = Manner { get: c % 5 == 0, reversed: c % 7 == 0 };
        let added = match kind % 100 {
            0..=21 => self.enable_free(a, b, how),
            22..=28 => self.enable_owned(a, b, how),
            29..=42 => self.enable_wrong(a, b, c, how),
            43..=46 => self.enable_absent(a, b, how),
            47..=53 => self.resync_own(a, how),
            54..=60 => self.resync_wrong(a, b, how),
            61..=65 => self.resync_not_own(a, b, how),
            66..=75 => self.deactivate_own(a, b, how),
            76..=82 => self.deactivate_not_own(a, b, how),
            83..=85 => self.deactivate_absent(a, b, how),
            86..=89 => self.delete_user(a),
            90..=91 => self.delete_device(a, b),
            92..=93 => {
                self.rename(a);
                Some(())
            }
            94..=96 => self.more_users(),
            _ => self.more_devices(),
        };
        if added.is_none() {
            // The state has no room for it: make room.
            let _room = self.more_devices().or_else(|| self.enable_free(a, b, how));
        }
    }

    /// Enables several devices and waits until their codes are unused again.
    pub(super) fn wait_for_unused_codes(&mut self, a: u8, b: u8) {
        let _no_more_room = (self.more_users(), self.more_devices(), self.more_devices());
        let plain = Manner { get: false, reversed: false };
        for turn in 0..=u8::try_from(MOST_DEVICES).unwrap_or(u8::MAX) {
            let _none_is_free = self.enable_free(turn, a.wrapping_add(turn), plain);
        }
        self.actions.push(Action::Wait { steps: 2, aligned: b.is_multiple_of(3) });
        self.devices.iter_mut().for_each(|device| device.used = false);
    }

    /// Adds an action on codes that are unused: a wrong pair must not use them up, a right one is taken once.
    pub(super) fn add_unused(&mut self, (kind, a, b, c): Choice) {
        let how = Manner { get: c.is_multiple_of(5), reversed: c.is_multiple_of(7) };
        let _no_room = match kind % 10 {
            0..=4 => self.resync_unused(a, how),
            5 => self.resync_never_emitted(a, b, how),
            6 => self.resync_wrong(a, b, how),
            7 | 8 => self.resync_not_own(a, b, how),
            _ => self.deactivate_own(a, b, how),
        };
    }

    /// Whether to make a call that would show a bug once more that is known already: one time in eight.
    pub(super) fn again(&self, clauses: &[ClauseId], choice: u8) -> bool {
        !self.plan.breaks(clauses) || choice.is_multiple_of(8)
    }

    pub(super) fn has(&self, operation: MfaOperation) -> bool {
        self.plan.present.contains(&operation)
    }

    fn enable_free(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let (device, user) = (self.free_device(a)?, self.user(b));
        self.call(MfaOperation::Enable, how.call(MfaCall::about(user, device).fresh(device)));
        self.set_owner(device, Some(user));
        self.mark_used(device);
        Some(())
    }

    fn enable_owned(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let broken = [ClauseId::EnableAlreadyEnabled];
        if !self.again(&broken, a) {
            return None;
        }
        let (device, user) = (self.owned_device(a)?.0, self.user(b));
        self.call(MfaOperation::Enable, how.call(MfaCall::about(user, device).fresh(device)));
        if self.plan.breaks(&broken) {
            self.set_owner(device, Some(user));
        }
        self.mark_used(device);
        Some(())
    }

    fn enable_wrong(&mut self, a: u8, b: u8, c: u8, how: Manner) -> Option<()> {
        let broken = [ClauseId::EnableCodesRecognised, ClauseId::EnableCode2Subsequent];
        if !self.again(&broken, c) {
            return None;
        }
        let (device, user) = (self.free_device(a)?, self.user(b));
        let call = how.call(self.wrong_codes(MfaCall::about(user, device), device, c));
        self.call(MfaOperation::Enable, call);
        if self.plan.breaks(&broken) {
            self.set_owner(device, Some(user));
        }
        Some(())
    }

    /// A pair of codes that must be refused, or may be.
    pub(super) fn wrong_codes(&mut self, call: MfaCall, device: DeviceRef, pick: u8) -> MfaCall {
        let other = self.devices.iter().map(|known| known.symbol).find(|known| *known != device);
        let (right1, right2) = (Value::code(device, -1), Value::code(device, 0));
        let mut right_digits = true;
        let digit = usize::from(pick / 14 % 6);
        let (one, two) = match pick % 14 {
            0 => (Value::WrongCode(device, pick), Value::WrongCode(device, pick.wrapping_add(1))),
            1 => (Value::WrongCode(device, pick), right2),
            2 => (right1, Value::WrongCode(device, pick)),
            3 => (right2, right1),
            4 => (right2.clone(), right2),
            5 => (right1.clone(), right1),
            6 => (right1.edited(Edit::AddToDigit { at: digit, by: 1 + pick % 9 }), right2),
            7 => (right1, right2.edited(Edit::AddToDigit { at: digit, by: 1 + pick % 9 })),
            8 => (Value::text("000000"), Value::text("000000")),
            9 => (Value::code(device, -21), Value::code(device, -20)),
            10 => (Value::code(device, -3), Value::code(device, 0)),
            // As numbers, codes with a leading zero are the same without it.
            11 => (right1.edited(Edit::Remove { at: 0 }), right2),
            12 => (right1, right2.edited(Edit::Remove { at: 0 })),
            _ => match other {
                Some(other) => {
                    right_digits = false;
                    (Value::code(other, -1), Value::code(other, 0))
                }
                None => (Value::text("234567"), Value::text("987654")),
            },
        };
        if right_digits {
            self.mark_used(device);
        }
        MfaCall { code1: Some(one), code2: Some(two), ..call }
    }

    fn enable_absent(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        if a.is_multiple_of(2) {
            let device = self.free_device(b).filter(|_| self.again(&[ClauseId::EnableUserExists], b))?;
            self.call(MfaOperation::Enable, how.call(MfaCall::about(NOBODY, device).fresh(device)));
            self.mark_used(device);
        } else {
            let user = self.again(&[ClauseId::EnableDeviceExists], b).then(|| self.user(b))?;
            self.call(MfaOperation::Enable, how.call(MfaCall::about(user, NOTHING).fresh(NOTHING)));
        }
        Some(())
    }

    fn deactivate_own(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let (device, owner) = self.owned_device(a)?;
        let mut call = how.call(MfaCall::about(owner, device));
        if b.is_multiple_of(4) {
            self.give_key(owner);
            call = MfaCall { user: None, signer: Signer::User(owner), ..call };
        }
        self.call(MfaOperation::Deactivate, call);
        self.set_owner(device, None);
        Some(())
    }

    /// Gives a user an access key, if it has none.
    fn give_key(&mut self, symbol: UserRef) {
        for user in self.users.iter_mut().filter(|user| user.symbol == symbol && !user.key) {
            user.key = true;
            self.actions.push(Action::CreateKey { user: symbol });
        }
    }

    fn deactivate_not_own(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let call = match b % 4 {
            0 | 1 => {
                let clauses = [ClauseId::DeactivateUnassigned, ClauseId::DeactivateTwice];
                let device = self.free_device(a).filter(|_| self.again(&clauses, a))?;
                MfaCall::about(self.user(b), device)
            }
            _ => {
                let broken = [ClauseId::DeactivateOtherUsers];
                let (device, owner) = self.owned_device(a).filter(|_| self.again(&broken, a))?;
                // Half of the time a user with a device: a service may look for any of the user's.
                let with_device = self.devices.iter().filter_map(|known| known.owner).find(|user| *user != owner);
                let other =
                    with_device.filter(|_| (b / 4).is_multiple_of(2)).or_else(|| self.other_user(Some(owner), b))?;
                if self.plan.breaks(&broken) {
                    self.set_owner(device, None);
                }
                let call = MfaCall::about(other, device);
                if b % 4 == 2 {
                    call
                } else {
                    self.give_key(other);
                    MfaCall { user: None, signer: Signer::User(other), ..call }
                }
            }
        };
        self.call(MfaOperation::Deactivate, how.call(call));
        Some(())
    }

    fn deactivate_absent(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let call = if a.is_multiple_of(2) {
            let broken = [ClauseId::DeactivateUserExists];
            let (device, _) = self.owned_device(b).filter(|_| self.again(&broken, b))?;
            if self.plan.breaks(&broken) {
                self.set_owner(device, None);
            }
            MfaCall::about(NOBODY, device)
        } else {
            MfaCall::about(self.user(b), NOTHING)
        };
        self.call(MfaOperation::Deactivate, how.call(call));
        Some(())
    }

    fn delete_user(&mut self, a: u8) -> Option<()> {
        let broken = [ClauseId::DeleteUserRequiresDeactivation];
        let user = self.user(a);
        let attached = self.devices.iter().any(|device| device.owner == Some(user));
        let has_key = self.users.iter().any(|known| known.symbol == user && known.key);
        if has_key || (attached && !self.again(&broken, a)) {
            return None;
        }
        self.actions.push(Action::DeleteUser { user });
        if !attached || self.plan.breaks(&broken) {
            self.users.retain(|known| known.symbol != user);
            self.devices.iter_mut().filter(|device| device.owner == Some(user)).for_each(|device| device.owner = None);
            if self.users.is_empty() {
                self.make_user();
            }
        }
        Some(())
    }

    fn delete_device(&mut self, a: u8, b: u8) -> Option<()> {
        let device = if b.is_multiple_of(2) { self.free_device(a)? } else { self.owned_device(a)?.0 };
        let attached = self.devices.iter().any(|known| known.symbol == device && known.owner.is_some());
        self.actions.push(Action::DeleteDevice { device });
        if !attached {
            self.devices.retain(|known| known.symbol != device);
        }
        Some(())
    }

    fn rename(&mut self, a: u8) {
        let user = self.user(a);
        self.actions.push(Action::RenameUser { user, name: NameForm::Plain });
    }

    fn more_users(&mut self) -> Option<()> {
        (self.users.len() < MOST_USERS).then(|| self.make_user())
    }

    fn more_devices(&mut self) -> Option<()> {
        (self.devices.len() < MOST_DEVICES).then(|| self.make_device())
    }

    pub(super) fn call(&mut self, operation: MfaOperation, call: MfaCall) {
        self.actions.push(match operation {
            MfaOperation::Enable => Action::Enable(call),
            MfaOperation::Resync => Action::Resync(call),
            MfaOperation::Deactivate => Action::Deactivate(call),
        });
    }
}

/// How a call is written, which has no meaning for the service.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    get: bool,
    reversed: bool,
}

impl Manner {
    pub(super) fn call(self, call: MfaCall) -> MfaCall {
        MfaCall { get: self.get, reversed: self.reversed, ..call }
    }
}

pub(super) fn pick_from<T: Copy>(all: &[T], pick: u8) -> Option<T> {
    let index = usize::from(pick).checked_rem(all.len())?;
    all.get(index).copied()
}
