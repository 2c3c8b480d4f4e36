//! What is sent: a request with its manner, its signer and its time.

use mfa_reference::{Limits, Operation, RawRequest, TimeStep, Window};

use crate::wire::{Escapes, Method, Style};

/// A request that is still to be sent.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) operation: Operation,
    pub(super) request: RawRequest,
    pub(super) style: Style,
    pub(super) caller: Option<&'static str>,
    /// The present instant, unless it is said.
    pub(super) window: Option<Window>,
    pub(super) carried: Vec<TimeStep>,
    pub(super) limits: Limits,
    pub(super) overlapped: bool,
}

/// The serial number of a device that the service made.
pub(super) fn serial(device: &str) -> String {
    format!("arn:aws:iam::123456789012:mfa/{device}")
}

/// A call of an operation, by POST and by an administrator.
pub(super) fn ask(operation: Operation) -> Ask {
    Ask {
        operation,
        request: RawRequest::new(operation.name(), &[]),
        style: Style::default(),
        caller: None,
        window: None,
        carried: Vec::new(),
        limits: Limits { held_by_a_user: 1, account_may_be_full: false },
        overlapped: false,
    }
}

/// `CreateUser`
pub(super) fn create_user(user: &str) -> Ask {
    ask(Operation::CreateUser).user(user)
}

/// `DeleteUser`
pub(super) fn delete_user(user: &str) -> Ask {
    ask(Operation::DeleteUser).user(user)
}

/// `UpdateUser`
pub(super) fn rename(user: &str, to: &str) -> Ask {
    ask(Operation::UpdateUser).user(user).with("NewUserName", to)
}

/// `CreateVirtualMFADevice`
pub(super) fn create_device(device: &str) -> Ask {
    ask(Operation::CreateVirtualMfaDevice).with("VirtualMFADeviceName", device)
}

/// `DeleteVirtualMFADevice`
pub(super) fn delete_device(device: &str) -> Ask {
    ask(Operation::DeleteVirtualMfaDevice).device(device)
}

/// `DeactivateMFADevice`
pub(super) fn deactivate(user: &str, device: &str) -> Ask {
    ask(Operation::DeactivateMfaDevice).user(user).device(device)
}

/// `ListMFADevices`
pub(super) fn list(user: &str) -> Ask {
    ask(Operation::ListMfaDevices).user(user)
}

impl Ask {
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.request.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn user(self, name: &str) -> Self {
        self.with("UserName", name)
    }

    pub(super) fn device(self, device: &str) -> Self {
        self.with("SerialNumber", &serial(device))
    }

    pub(super) fn codes(self, [first, second]: [&str; 2]) -> Self {
        self.with("AuthenticationCode1", first).with("AuthenticationCode2", second)
    }

    /// Another value for a parameter that is there.
    pub(super) fn but(mut self, name: &str, value: &str) -> Self {
        for (known, old) in &mut self.request.parameters {
            if known == name {
                value.clone_into(old);
            }
        }
        self
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.request.parameters.retain(|(known, _)| known != name);
        self
    }

    /// The parameter comes last.
    pub(super) fn last(mut self, name: &str) -> Self {
        self.request.parameters.sort_by_key(|(known, _)| known == name);
        self
    }

    /// Signed with the user's own key.
    pub(super) const fn by(mut self, user: &'static str) -> Self {
        self.caller = Some(user);
        self
    }

    pub(super) const fn get(mut self) -> Self {
        self.style.method = Method::Get;
        self
    }

    pub(super) const fn escaped(mut self, escapes: Escapes) -> Self {
        self.style.escapes = escapes;
        self
    }

    /// The service may look at its clock at any instant of the window.
    pub(super) const fn within(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }

    /// Who sends it knows of which steps the codes are.
    pub(super) fn carrying(mut self, steps: &[TimeStep]) -> Self {
        self.carried = steps.to_vec();
        self
    }

    /// The account may have as many devices as it was ever seen to have.
    pub(super) const fn beside_others(mut self) -> Self {
        self.limits.account_may_be_full = true;
        self
    }
}
