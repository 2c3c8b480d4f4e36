//! Checks that a call names only what is the scenario's own, or nobody's.
//!
//! A run touches only what it created. A name is the run's own if it contains the scenario's prefix, or is derived from
//! it. Any other name may be somebody's: the document's samples name `Bob`, and a name of one character has no room for
//! a prefix. The player sends such a name only right after it has checked that nobody has it.

use mfa_reference::{Operation, SuccessBody};

use super::bindings::DevicePart;
use super::names::{UNGUESSABLE, in_digits};
use super::origin::MadeRequest;
use super::outgoing::Outgoing;
use super::player::Player;
use super::trace::Unfinished;
use crate::scenario::{MfaCall, Value};
use crate::transport::TransportError;
use crate::wire::{Encoded, Method, Observed};

/// How many short names are tried before a call is left out.
const MOST_TRIED: usize = 40;

/// What a parameter names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    User,
    Device,
}

impl Kind {
    fn of(parameter: &str) -> Option<Self> {
        match parameter {
            "UserName" | "NewUserName" => Some(Self::User),
            "SerialNumber" | "VirtualMFADeviceName" => Some(Self::Device),
            _ => None,
        }
    }
}

impl Player<'_> {
    /// Whether the user and the device that a call names are the scenario's own, or nobody's. If somebody has a short
    /// name of the scenario's own letters, the next one is tried.
    pub(super) async fn may_make(&mut self, call: &MfaCall) -> Result<bool, Unfinished> {
        let has_choice =
            |value: &Option<Value>| matches!(value, Some(Value::OwnLetters(length)) if *length < UNGUESSABLE);
        let tries = if has_choice(&call.user) || has_choice(&call.device) { MOST_TRIED } else { 1 };
        for _ in 0..tries {
            if self.may_name(&self.named(call)).await? {
                return Ok(true);
            }
            self.bindings.letters_are_taken();
        }
        Ok(false)
    }

    /// The user and the device that a call names.
    pub(super) fn named(&self, call: &MfaCall) -> Vec<(String, String)> {
        let now = self.transport.now().step();
        let named = [("UserName", &call.user), ("SerialNumber", &call.device)].into_iter();
        named
            .filter_map(|(name, value)| Some((name.to_owned(), self.bindings.resolve(value.as_ref()?, now).text)))
            .collect()
    }

    /// Whether parameters name only what is the scenario's own, or nobody's right now.
    pub(super) async fn may_name(&mut self, parameters: &[(String, String)]) -> Result<bool, Unfinished> {
        let mut free = true;
        for (name, value) in parameters {
            free &= match Kind::of(name).filter(|_| !self.is_own(value)) {
                None => true,
                Some(Kind::User) => self.has_no_user(value).await?,
                Some(Kind::Device) => self.has_no_device(value).await?,
            };
        }
        Ok(free)
    }

    /// Whether parameters name something that may be somebody's.
    pub(super) fn names_others(&self, parameters: &[(String, String)]) -> bool {
        parameters.iter().any(|(name, value)| Kind::of(name).is_some() && !self.is_own(value))
    }

    /// Whether a name is the scenario's own. An empty name is nobody's, so it counts too.
    fn is_own(&self, name: &str) -> bool {
        name.is_empty() || self.bindings.is_own(name)
    }

    /// Whether the account surely has no user of a name.
    async fn has_no_user(&mut self, name: &str) -> Result<bool, Unfinished> {
        let operation = Operation::GetUser;
        let request = MadeRequest::new(operation.name()).with("UserName", self.bindings.made(name));
        self.send(Outgoing::plain(operation, request)).await?;
        // Nobody has a name that breaks the constraints on names.
        Ok(matches!(
            self.last_code(),
            Some("NoSuchEntity" | "ValidationError" | "InvalidInput" | "InvalidParameterValue")
        ))
    }

    /// Whether the account surely has no device of a serial number, nor one that a careless service finds by it.
    async fn has_no_device(&mut self, serial_number: &str) -> Result<bool, Unfinished> {
        if self.devices_seen.is_none() {
            let listing = MadeRequest::new(Operation::ListVirtualMfaDevices.name());
            match self.list(Operation::ListVirtualMfaDevices, &listing).await {
                Ok(_) => {}
                Err(gone @ Unfinished::Unreachable(_)) => return Err(gone),
                Err(_) => return Ok(false),
            }
            let Some(SuccessBody::VirtualDevices(page)) = self.last_body() else { return Ok(false) };
            let seen = page.items.iter().map(|item| item.serial_number.to_ascii_lowercase()).collect();
            self.devices_seen = Some(seen);
        }
        let wanted = serial_number.to_ascii_lowercase();
        let is_like = |seen: &String| *seen == wanted || seen.rsplit([':', '/']).next() == Some(wanted.as_str());
        Ok(!self.devices_seen.iter().flatten().any(is_like))
    }

    /// Whether a malformed request still names only what is the scenario's own. No document says how a target reads it,
    /// so each prefix has to be intact, and each readable name has to be the scenario's own.
    pub(super) fn keeps_to_own(&self, before: &Encoded, after: &Encoded) -> bool {
        let count = |encoded: &Encoded| text_of(encoded).matches(self.bindings.prefix()).count();
        let digits = in_digits(self.bindings.prefix());
        let count_digits = |encoded: &Encoded| text_of(encoded).matches(&digits).count();
        let read = text_of(after).replace(';', "&");
        let mut named = url::form_urlencoded::parse(read.as_bytes()).filter(|(name, _)| {
            let name = name.to_ascii_lowercase();
            name.contains("username") || name.contains("serialnumber")
        });
        count(before) <= count(after)
            && count_digits(before) <= count_digits(after)
            && named.all(|(_, value)| self.is_own(&value))
    }

    /// Undoes what the target did for calls that it should have refused: it may have created a user or a device, or
    /// enabled one for an absent user. Skips what is in `deactivated`, and touches nothing else.
    pub(super) async fn undo_inventions(&mut self, deactivated: &[(String, String)]) {
        let suspects = !self.played.found.is_empty();
        let enables: Vec<(String, String, bool)> = self
            .played
            .trace
            .iter()
            .filter(|exchange| exchange.call.operation == Operation::EnableMfaDevice)
            .filter(|exchange| match &exchange.observed {
                Observed::Broken(TransportError::Connect(_) | TransportError::Request(_)) => false,
                Observed::Reply(_) | Observed::Unreadable { .. } | Observed::Broken(_) => {
                    exchange.is_doubtful() || (exchange.body().is_some() && (suspects || exchange.malformed.is_some()))
                }
            })
            .filter_map(|exchange| {
                let request = &exchange.call.request;
                let (user, serial) = (request.get("UserName")?.to_owned(), request.get("SerialNumber")?.to_owned());
                Some((user, serial, exchange.body().is_some()))
            })
            .collect();
        let mut undone: Vec<(String, String)> = Vec::new();
        for (user, serial, succeeded) in enables {
            let has_user = self.bindings.users.values().any(|part| part.live && part.name.text == user);
            let holds = |part: &DevicePart| part.live && part.serial_number.as_deref() == Some(serial.as_str());
            let has_device = self.bindings.devices.values().any(holds);
            let empty = user.is_empty() || serial.is_empty();
            let pair = (user, serial);
            if empty || (has_user && has_device) || undone.contains(&pair) || self.gives_up() {
                continue;
            }
            let (user, serial) = &pair;
            if !deactivated.contains(&pair) {
                let parameters = [("UserName", user.as_str()), ("SerialNumber", serial.as_str())];
                self.undo(Operation::DeactivateMfaDevice, &parameters).await;
            }
            // Somebody may have taken a name that is not the run's own since it was checked.
            let made = |name: &str| succeeded || self.bindings.is_own(name);
            let (made_user, made_device) = (made(user), made(serial));
            if !has_device && made_device {
                self.undo(Operation::DeleteVirtualMfaDevice, &[("SerialNumber", serial)]).await;
            }
            // A user of another name is the scenario's own: the target ignores case.
            if !has_user
                && made_user
                && self.undo(Operation::GetUser, &[("UserName", user)]).await
                && !matches!(self.last_body(), Some(SuccessBody::User(entry)) if entry.user_name != *user)
            {
                self.undo(Operation::DeleteUser, &[("UserName", user)]).await;
            }
            undone.push(pair);
        }
    }

    /// Deactivates a device of the scenario for the user whom the target gave it to, and deletes it. Returns whether it
    /// is gone.
    pub(super) async fn take_back(&mut self, serial_number: &str) -> bool {
        if self.called_code() != Some("DeleteConflict") || self.gives_up() {
            return false;
        }
        let listing = MadeRequest::new(Operation::ListVirtualMfaDevices.name());
        if self.list(Operation::ListVirtualMfaDevices, &listing).await.is_err() {
            return false;
        }
        let Some(SuccessBody::VirtualDevices(page)) = self.last_body() else { return false };
        let item = page.items.iter().find(|item| item.serial_number == serial_number);
        let Some(owner) = item.and_then(|item| Some(item.user.as_ref()?.user_name.clone())) else { return false };
        let parameters = [("UserName", owner.as_str()), ("SerialNumber", serial_number)];
        self.undo(Operation::DeactivateMfaDevice, &parameters).await;
        self.undo(Operation::DeleteVirtualMfaDevice, &[("SerialNumber", serial_number)]).await
    }

    /// Makes a call that the oracle doesn't judge, since the scenario did not do what it undoes. So the oracle forgets the
    /// state. Returns whether the call succeeded.
    async fn undo(&mut self, operation: Operation, parameters: &[(&str, &str)]) -> bool {
        let mut request = MadeRequest::new(operation.name());
        for (name, value) in parameters {
            request.push(name, self.bindings.made(value));
        }
        let is_done = self.send(Outgoing::plain(operation, request)).await.is_ok() && self.last_body().is_some();
        self.oracle.forget_all();
        is_done
    }
}

/// The parameters of a request, still encoded.
fn text_of(encoded: &Encoded) -> std::borrow::Cow<'_, str> {
    match encoded.method {
        Method::Get => encoded.path_and_query.get(2..).unwrap_or_default().into(),
        Method::Post => String::from_utf8_lossy(&encoded.body),
    }
}
