//! The calls of `EnableMFADevice` and `DeactivateMFADevice` that a draft makes.

use mfa_reference::MfaOperation;
use mfa_reference::clause::{Aspect, ClauseId, Parameter};

use super::draft::{Draft, Manner};
use crate::scenario::{Action, DeviceRef, Edit, MfaCall, Signer, Value};

/// The clauses whose breach makes every `DeactivateMFADevice` without `UserName` fail.
const UNNAMED: [ClauseId; 2] =
    [ClauseId::DeactivateDefaultUser, ClauseId::Parameter(Parameter::DeactivateUserName, Aspect::Required)];

impl Draft<'_> {
    pub(super) fn enable_free(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let (device, user) = (self.free_device(a)?, self.user(b));
        self.call(MfaOperation::Enable, MfaCall::about(user, device).fresh(device), how);
        self.set_owner(device, Some(user));
        self.mark_used(device);
        Some(())
    }

    pub(super) fn enable_owned(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let broken = [ClauseId::EnableAlreadyEnabled];
        if !self.again(&broken, a) {
            return None;
        }
        let (device, user) = (self.owned_device(a)?.0, self.user(b));
        self.call(MfaOperation::Enable, MfaCall::about(user, device).fresh(device), how);
        if self.breaks(&broken) {
            self.set_owner(device, Some(user));
        }
        self.mark_used(device);
        Some(())
    }

    pub(super) fn enable_wrong(&mut self, a: u8, b: u8, c: u8, how: Manner) -> Option<()> {
        let broken = [ClauseId::EnableCodesRecognised, ClauseId::EnableCode2Subsequent];
        if !self.again(&broken, c) {
            return None;
        }
        let owned = self.owned_device(a).filter(|_| b % 8 == 7).map(|(device, _)| device);
        let (device, user) = (owned.or_else(|| self.free_device(a))?, self.user(b));
        let call = self.wrong_codes(MfaCall::about(user, device), device, c);
        self.call(MfaOperation::Enable, call, how);
        if self.breaks(&broken) && (owned.is_none() || self.breaks(&[ClauseId::EnableAlreadyEnabled])) {
            self.set_owner(device, Some(user));
        }
        Some(())
    }

    /// A call with a pair of codes that the target must or may refuse.
    pub(super) fn wrong_codes(&mut self, call: MfaCall, device: DeviceRef, pick: u8) -> MfaCall {
        let other = self.devices.iter().map(|known| known.symbol).find(|known| *known != device);
        let (right1, right2) = (Value::code(device, -1), Value::code(device, 0));
        let mut right_digits = true;
        let digit = usize::from(pick / 18 % 6);
        let (one, two) = match pick % 18 {
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
            // As a number, a code with a sign in place of a leading zero is the same.
            13 => (right1.edited(Edit::Replace { at: 0, text: "+".to_owned() }), right2),
            // Both codes changed alike, so that their difference stays right.
            14 => {
                let moved = Edit::AddToDigit { at: 0, by: 1 + pick / 18 % 9 };
                (right1.edited(moved.clone()), right2.edited(moved))
            }
            15 => match other {
                Some(other) => (right1, Value::code(other, 0)),
                None => (right1.clone(), right1),
            },
            16 => match other {
                Some(other) => (Value::code(other, -1), right2),
                None => (right2.clone(), right2),
            },
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

    pub(super) fn enable_absent(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        if a.is_multiple_of(2) {
            let device = self.free_device(b).filter(|_| self.again(&[ClauseId::EnableUserExists], b))?;
            self.call(MfaOperation::Enable, MfaCall::about(self.absent_user(b), device).fresh(device), how);
            self.mark_used(device);
        } else {
            let user = self.again(&[ClauseId::EnableDeviceExists], b).then(|| self.user(b))?;
            let absent = self.absent_device(a / 2);
            self.call(MfaOperation::Enable, MfaCall::about(user, absent).fresh(absent), how);
        }
        Some(())
    }

    pub(super) fn deactivate_own(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let (device, owner) = self.owned_device(a)?;
        let mut call = MfaCall::about(owner, device);
        if b.is_multiple_of(4) && self.again(&UNNAMED, a) {
            self.give_key(owner);
            call = MfaCall { user: None, signer: Signer::User(owner), ..call };
        }
        self.call(MfaOperation::Deactivate, call, how);
        self.set_owner(device, None);
        Some(())
    }

    pub(super) fn deactivate_not_own(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let call = match b % 4 {
            0 | 1 => {
                let clauses = [ClauseId::DeactivateUnassigned, ClauseId::DeactivateTwice];
                let device = self.free_device(a).filter(|_| self.again(&clauses, a))?;
                MfaCall::about(self.user(b), device)
            }
            _ => {
                let broken = [ClauseId::DeactivateOtherUsers];
                let (device, owner) = self.owned_device(a).filter(|_| self.again(&broken, a))?;
                // Half of the time a user with a device: a service may accept any device of the user's.
                let with_device = self.devices.iter().filter_map(|known| known.owner).find(|user| *user != owner);
                let other =
                    with_device.filter(|_| (b / 4).is_multiple_of(2)).or_else(|| self.other_user(Some(owner), b))?;
                if self.breaks(&broken) {
                    self.set_owner(device, None);
                }
                let call = MfaCall::about(other, device);
                if b % 4 == 2 || !self.again(&UNNAMED, a) {
                    call
                } else {
                    self.give_key(other);
                    MfaCall { user: None, signer: Signer::User(other), ..call }
                }
            }
        };
        self.call(MfaOperation::Deactivate, call, how);
        Some(())
    }

    pub(super) fn deactivate_absent(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let call = if a.is_multiple_of(2) {
            let broken = [ClauseId::DeactivateUserExists];
            let (device, _) = self.owned_device(b).filter(|_| self.again(&broken, b))?;
            if self.breaks(&broken) {
                self.set_owner(device, None);
            }
            MfaCall::about(self.absent_user(b), device)
        } else {
            MfaCall::about(self.user(b), self.absent_device(a / 2))
        };
        self.call(MfaOperation::Deactivate, call, how);
        Some(())
    }

    /// Repeats one of the last calls unchanged. A refused call may be right by now, and a right one wrong.
    pub(super) fn repeat(&mut self, a: u8) -> Option<()> {
        let calls: Vec<&Action> = self.actions.iter().filter(|action| action.mfa().is_some()).collect();
        let action = calls.into_iter().rev().nth(usize::from(a % 5)).cloned()?;
        let (operation, call) = action.mfa()?;
        if let Signer::User(signer) = call.signer {
            self.users.iter().find(|user| user.symbol == signer)?;
            self.give_key(signer);
        }
        if let (Some(Value::UserName(user)), Some(Value::SerialNumber(device))) = (&call.user, &call.device) {
            let known = self.devices.iter().find(|known| known.symbol == *device);
            match (operation, known.map(|known| known.owner)) {
                (MfaOperation::Enable, Some(None))
                    if call.fresh_pair_of() == Some(*device) && self.users.iter().any(|one| one.symbol == *user) =>
                {
                    self.set_owner(*device, Some(*user));
                }
                (MfaOperation::Deactivate, Some(Some(owner))) if owner == *user => self.set_owner(*device, None),
                _ => {}
            }
        }
        self.actions.push(action);
        Some(())
    }
}
