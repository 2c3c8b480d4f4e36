//! The names, serial numbers and codes that a history's symbols stand for.

use std::collections::BTreeMap;
use std::fmt;

use mfa_reference::totp::Seed;
use mfa_reference::{Operation, RawRequest, SuccessBody};

use super::history::{Codes, Named, Signer, Step, Text};

/// Why a call can't be made, and so its answer can't be judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotPlayed {
    /// This program doesn't know the operation.
    Operation(String),
    /// The recording lacks a part of the call.
    Unknown(String),
}

impl fmt::Display for NotPlayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation(action) => write!(f, "{action} is not judged"),
            Self::Unknown(what) => write!(f, "the recording doesn't tell {what}"),
        }
    }
}

/// A device of a history.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its serial number.
    pub serial_number: String,
    /// Its seed.
    pub seed: Option<Seed>,
    /// Its path.
    path: String,
}

/// What the symbols of one history stand for.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    users: BTreeMap<String, String>,
    devices: BTreeMap<String, Device>,
    keys: BTreeMap<String, String>,
    named: usize,
}

/// The name of a user that was never created, if the recording has no name.
const NOBODY: &str = "nonexistent-user";
/// A key that was never created.
const NO_KEY: &str = "AKIAIOSFODNN7EXAMPLE";

impl Bindings {
    /// The request of a step, with the names and codes that its symbols stand for.
    ///
    /// # Errors
    /// Why it can't be made.
    pub fn request(&mut self, step: &Step) -> Result<(Operation, RawRequest), NotPlayed> {
        let operation = step.operation.ok_or_else(|| NotPlayed::Operation(step.action.clone()))?;
        let mut parameters: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, value: String| parameters.push((name.to_owned(), value));
        add("Action", operation.name().to_owned());
        add("Version", RawRequest::VERSION.to_owned());
        match (operation, &step.user) {
            (Operation::CreateUser, user) => add("UserName", self.new_user(user.as_ref(), step.name.as_ref())),
            (_, Some(user)) => add("UserName", self.user_name(user)?),
            (_, None) => {}
        }
        match (operation, &step.device) {
            (Operation::CreateVirtualMfaDevice, Some(Named::Symbol(symbol))) => {
                let known = self.devices.get(symbol).map(|device| device.path.clone());
                let path = step.path.clone().or(known);
                add("VirtualMFADeviceName", device_name(symbol));
                if let Some(path) = path {
                    add("Path", path);
                }
            }
            (Operation::CreateVirtualMfaDevice, _) => return Err(NotPlayed::Unknown("the device's name".to_owned())),
            (_, Some(device)) => add("SerialNumber", self.serial_number(device)?),
            (_, None) => {}
        }
        if operation == Operation::CreateUser
            && let Some(path) = &step.path
        {
            add("Path", path.clone());
        }
        if operation == Operation::UpdateUser
            && let Some(Text::Symbol(symbol)) = &step.name
        {
            add("NewUserName", user_name(symbol));
        }
        if operation == Operation::DeleteAccessKey {
            add("AccessKeyId", self.key_of(step));
        }
        if let Some(codes) = &step.codes {
            let [one, two] = self.codes(step, codes)?;
            add("AuthenticationCode1", one);
            add("AuthenticationCode2", two);
        }
        for (name, value) in step.further.iter().filter(|(_, value)| !is_left_out(value)) {
            add(name, value.clone());
        }
        Ok((operation, RawRequest { parameters }))
    }

    /// Remembers what a successful step has created.
    pub fn learn(&mut self, step: &Step, body: &SuccessBody) {
        let symbol = |named: &Option<Named>| match named {
            Some(Named::Symbol(symbol)) => Some(symbol.clone()),
            Some(Named::Absent(_) | Named::Unknown(_)) | None => None,
        };
        match body {
            SuccessBody::User(entry) => {
                if let Some(symbol) = symbol(&step.user).filter(|_| step.operation == Some(Operation::CreateUser)) {
                    self.users.insert(symbol, entry.user_name.clone());
                }
            }
            SuccessBody::VirtualDevice { serial_number, seed_blob, extras: _ } => {
                if let Some(symbol) = symbol(&step.device) {
                    let known = self.devices.get(&symbol).map(|device| device.path.clone());
                    let path = step.path.clone().or(known).unwrap_or_else(|| "/".to_owned());
                    let seed = Seed::from_blob(seed_blob).ok().map(|(seed, _)| seed);
                    self.devices.insert(symbol, Device { serial_number: serial_number.clone(), seed, path });
                }
            }
            SuccessBody::AccessKey(entry) => {
                if let Some(symbol) = symbol(&step.user) {
                    self.keys.insert(symbol, entry.access_key_id.clone());
                }
            }
            SuccessBody::Empty if step.operation == Some(Operation::UpdateUser) => {
                if let Some(Text::Symbol(new)) = &step.name {
                    self.users.insert(new.clone(), user_name(new));
                }
            }
            SuccessBody::Empty
            | SuccessBody::Users(_)
            | SuccessBody::MfaDevices(_)
            | SuccessBody::VirtualDevices(_)
            | SuccessBody::AccessKeys(_) => {}
        }
    }

    /// The name of the user whose long-term key signs a step, if any.
    #[must_use]
    pub fn caller(&self, step: &Step) -> Option<&str> {
        match &step.signer {
            Signer::User(symbol) => self.users.get(symbol).map(String::as_str),
            // A session has the rights that the account gives it, like an administrator.
            Signer::Administrator | Signer::Session(_) => None,
        }
    }

    /// A device, by its symbol.
    #[must_use]
    pub fn device(&self, symbol: &str) -> Option<&Device> {
        self.devices.get(symbol)
    }

    /// A recorded message, with names for its symbols.
    #[must_use]
    pub fn message(&self, step: &Step, message: &str) -> String {
        let mut text = message.to_owned();
        for (symbol, name) in &self.users {
            text = text.replace(&format!("{{user {symbol}}}"), name);
        }
        match step.device.as_ref().map(|device| self.serial_number(device)) {
            Some(Ok(serial_number)) => text.replace("{serial number}", &serial_number),
            Some(Err(_)) | None => text,
        }
    }

    fn new_user(&mut self, user: Option<&Named>, name: Option<&Text>) -> String {
        self.named += 1;
        match (name, user) {
            (Some(Text::Characters(count)), _) => "x".repeat(*count),
            (Some(Text::EndingIn(ending)), _) => format!("user-{}{ending}", self.named),
            // Each new user is a different one.
            (_, Some(Named::Symbol(symbol))) if symbol == "new" => format!("user-new-{}", self.named),
            (_, Some(Named::Symbol(symbol))) | (Some(Text::Symbol(symbol)), _) => user_name(symbol),
            (None, _) => format!("user-{}", self.named),
        }
    }

    fn user_name(&self, user: &Named) -> Result<String, NotPlayed> {
        match user {
            Named::Symbol(symbol) => self.users.get(symbol).cloned().ok_or_else(|| unknown("user", symbol)),
            Named::Absent(name) => Ok(name.clone().unwrap_or_else(|| NOBODY.to_owned())),
            Named::Unknown(text) => Err(unknown("user", text)),
        }
    }

    fn serial_number(&self, device: &Named) -> Result<String, NotPlayed> {
        match device {
            Named::Symbol(symbol) => {
                let known = self.devices.get(symbol).map(|device| device.serial_number.clone());
                known.ok_or_else(|| unknown("device", symbol))
            }
            Named::Absent(name) => Ok(serial_number("/", name.as_deref().unwrap_or("absent"))),
            Named::Unknown(text) => Err(unknown("device", text)),
        }
    }

    fn key_of(&self, step: &Step) -> String {
        let symbol = match (&step.user, &step.signer) {
            (Some(Named::Symbol(symbol)), _) | (None, Signer::User(symbol)) => Some(symbol),
            (Some(Named::Absent(_) | Named::Unknown(_)) | None, _) => None,
        };
        symbol.and_then(|symbol| self.keys.get(symbol)).cloned().unwrap_or_else(|| NO_KEY.to_owned())
    }

    fn codes(&self, step: &Step, codes: &Codes) -> Result<[String; 2], NotPlayed> {
        match codes {
            Codes::Literal(one, two) => Ok([one.clone(), two.clone()]),
            Codes::Unknown => Err(NotPlayed::Unknown("the codes".to_owned())),
            Codes::Own(first, second) => {
                let seed = match &step.device {
                    Some(Named::Symbol(symbol)) => self.devices.get(symbol).and_then(|device| device.seed.as_ref()),
                    Some(Named::Absent(_) | Named::Unknown(_)) | None => None,
                };
                let seed = seed.ok_or_else(|| NotPlayed::Unknown("whose codes they are".to_owned()))?;
                let now = step.instant.sent.step();
                Ok([first, second].map(|offset| seed.code(now.plus(*offset)).to_string()))
            }
        }
    }
}

/// The name that a user's symbol stands for.
#[must_use]
pub fn user_name(symbol: &str) -> String {
    format!("user-{symbol}")
}

fn device_name(symbol: &str) -> String {
    format!("device-{symbol}")
}

/// The serial number of a device of this path and name.
#[must_use]
pub fn serial_number(path: &str, name: &str) -> String {
    format!("arn:aws:iam::123456789012:mfa{path}{name}")
}

fn unknown(what: &str, symbol: &str) -> NotPlayed {
    NotPlayed::Unknown(format!("what became of the {what} {symbol:?} before"))
}

/// Whether the recording replaced a value by these words, because it came from an answer that the recording didn't keep.
fn is_left_out(value: &str) -> bool {
    matches!(value, "that Marker" | "of the first page" | "<path>")
}
