//! Deletes what a scenario created, and reports what it can't delete.

use mfa_reference::Operation;
use mfa_reference::account::User;

use super::origin::MadeRequest;
use super::player::Player;
use super::trace::{Exchange, Leftover, Unfinished};
use crate::scenario::{DeviceRef, UserRef};
use crate::transport::TransportError;
use crate::wire::Observed;

impl Player<'_> {
    /// Deactivates and deletes devices, and deletes keys and users. The replies are judged like any others.
    pub(super) async fn clean_up(&mut self) {
        let attached = self.attached();
        if matches!(self.played.unfinished, Some(Unfinished::Interrupted | Unfinished::OutOfTime)) {
            // The last call may not have been judged, so what the oracle knows may not be so.
            self.oracle.forget_all();
        }
        for (user, serial) in &attached {
            if self.gives_up() {
                break;
            }
            let request = MadeRequest::new("DeactivateMFADevice").with("UserName", self.bindings.made(user));
            let request = request.with("SerialNumber", self.bindings.made(serial));
            if let Err(Unfinished::Unreachable(_)) = self.call(Operation::DeactivateMfaDevice, request).await {
                break;
            }
        }
        self.undo_inventions(&attached).await;
        let devices: Vec<DeviceRef> =
            self.bindings.devices.iter().filter(|(_, part)| part.live).map(|(device, _)| *device).collect();
        for device in devices {
            let serial = self.bindings.serial_number(device);
            let request = MadeRequest::new("DeleteVirtualMFADevice").with("SerialNumber", serial.clone());
            let gone = !self.gives_up() && self.gone(Operation::DeleteVirtualMfaDevice, request).await;
            if !gone && !self.take_back(&serial).await {
                let doubtful = self.bindings.devices.get(&device).is_some_and(|part| part.doubtful);
                self.played.leftovers.push(Leftover::device(&serial).doubted(doubtful));
            }
        }
        let holders: Vec<UserRef> = self.bindings.users.keys().copied().collect();
        for user in holders {
            if !self.gives_up() {
                let _kept_on_failure = self.delete_key(user).await;
            }
        }
        for user in self.live_users() {
            let name = self.bindings.user_name(user);
            let request = MadeRequest::new("DeleteUser").with("UserName", name.clone());
            if self.gives_up() || !self.gone(Operation::DeleteUser, request).await {
                let doubtful = self.bindings.users.get(&user).is_some_and(|part| part.doubtful);
                self.played.leftovers.push(Leftover::user(&name).doubted(doubtful));
            }
        }
    }

    /// Whether clean-up has to end: then it sends nothing more and only reports what remains.
    pub(super) fn gives_up(&self) -> bool {
        self.stop.is_past() || self.hangs()
    }

    /// Whether a call and its retry both timed out.
    pub(super) fn hangs(&self) -> bool {
        let mut last = self.played.trace.iter().rev().take(2);
        let timed_out = |exchange: &Exchange| matches!(exchange.observed, Observed::Broken(TransportError::Timeout(_)));
        last.len() == 2 && last.all(timed_out)
    }

    /// Deletes something. Returns whether it is gone: deleted now, or absent before.
    async fn gone(&mut self, operation: Operation, request: MadeRequest) -> bool {
        match self.call(operation, request).await {
            Ok(verdict) if verdict.success => true,
            Err(Unfinished::Unreachable(_)) => false,
            // The trace has the reply, whether or not it could be judged.
            Ok(_) | Err(_) => self.called_body().is_some() || self.called_code() == Some("NoSuchEntity"),
        }
    }

    /// The devices that are or may be attached to a user, according to the oracle.
    fn attached(&self) -> Vec<(String, String)> {
        let state = self.oracle.state();
        let mut attached = Vec::new();
        for (_, user) in state.account().users() {
            for device in User::devices(user).filter_map(|id| state.device(id)) {
                attached.push((user.entry.user_name.clone(), device.serial_number.to_string()));
            }
        }
        for device in state.unknown_owners().filter_map(|id| state.device(id)) {
            let users = state.account().users().map(|(_, user)| user.entry.user_name.clone());
            attached.extend(users.map(|user| (user, device.serial_number.to_string())));
        }
        attached
    }
}
