//! The calls of `ResyncMFADevice` that a draft makes.

use mfa_reference::MfaOperation;
use mfa_reference::clause::ClauseId;

use super::draft::{Draft, Manner, pick_from};
use crate::scenario::{DeviceRef, MfaCall, UserRef, Value};

impl Draft<'_> {
    pub(super) fn resync_unused(&mut self, a: u8, how: Manner) -> Option<()> {
        let unused: Vec<(DeviceRef, UserRef)> = self
            .devices
            .iter()
            .filter(|device| !device.used)
            .filter_map(|device| Some((device.symbol, device.owner?)))
            .collect();
        let (device, user) = pick_from(&unused, a).filter(|_| self.has(MfaOperation::Resync))?;
        self.call(MfaOperation::Resync, MfaCall::about(user, device).fresh(device), how);
        self.mark_used(device);
        Some(())
    }

    /// A wrong pair without any code of the device.
    pub(super) fn resync_never_emitted(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let broken = [ClauseId::ResyncCodesRecognised];
        if !self.has(MfaOperation::Resync) || !self.again(&broken, b) {
            return None;
        }
        let (device, user) = self.owned_device(a)?;
        let codes = (Value::WrongCode(device, b), Value::WrongCode(device, b.wrapping_add(1)));
        let call = MfaCall { code1: Some(codes.0), code2: Some(codes.1), ..MfaCall::about(user, device) };
        self.call(MfaOperation::Resync, call, how);
        Some(())
    }

    pub(super) fn resync_own(&mut self, a: u8, how: Manner) -> Option<()> {
        let (device, user) = self.owned_device(a).filter(|_| self.has(MfaOperation::Resync))?;
        self.call(MfaOperation::Resync, MfaCall::about(user, device).fresh(device), how);
        self.mark_used(device);
        Some(())
    }

    pub(super) fn resync_wrong(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let broken = [ClauseId::ResyncCodesRecognised, ClauseId::ResyncCode2Subsequent];
        if !self.has(MfaOperation::Resync) || !self.again(&broken, b) {
            return None;
        }
        let (device, user) = self.owned_device(a)?;
        let call = self.wrong_codes(MfaCall::about(user, device), device, b);
        self.call(MfaOperation::Resync, call, how);
        Some(())
    }

    pub(super) fn resync_not_own(&mut self, a: u8, b: u8, how: Manner) -> Option<()> {
        let broken = [ClauseId::ResyncUnassigned, ClauseId::ResyncOtherUsers, ClauseId::ResyncDeviceExists];
        if !self.has(MfaOperation::Resync) || !self.again(&broken, b) {
            return None;
        }
        let (user, device) = match b % 4 {
            0 => (self.user(a), self.free_device(a)?),
            1 => {
                let (device, owner) = self.owned_device(a)?;
                (self.other_user(Some(owner), b)?, device)
            }
            2 => (self.absent_user(a), self.owned_device(a)?.0),
            _ => (self.user(a), self.absent_device(a)),
        };
        self.call(MfaOperation::Resync, MfaCall::about(user, device).fresh(device), how);
        self.mark_used(device);
        Some(())
    }
}
