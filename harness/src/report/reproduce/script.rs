//! Exchanges as they are told again, and what of their replies is needed later.

use mfa_reference::totp::{Seed, SeedEncoding};
use mfa_reference::{Operation, SuccessBody};

use super::selection::{kept, pause, prefix_of};
use super::text::{Piece, literal, replace};
use crate::execute::Exchange;
use crate::run::result::Case;
use crate::scenario::{Action, DeviceRef, RawCall, ScenarioStep, Value};
use crate::wire::{Answer, Observed};

/// A sequence, ready to be told again.
#[derive(Debug)]
pub(super) struct ReproScript<'a> {
    /// What every name begins with, if there are names.
    pub(super) prefix: Option<String>,
    /// What is done, in order.
    pub(super) lines: Vec<Line<'a>>,
    /// The devices that are created, by number.
    pub(super) devices: Vec<Device>,
}

/// One thing that is done.
#[derive(Debug)]
pub(super) enum Line<'a> {
    /// A call.
    Call(ScriptCall<'a>),
    /// Waiting, in seconds.
    Wait(u64),
}

/// A call that is told again.
#[derive(Debug)]
pub(super) struct ScriptCall<'a> {
    /// What was sent and came back.
    pub(super) exchange: &'a Exchange,
    /// The parameters, `Action` and `Version` among them, in order.
    pub(super) parameters: Vec<Parameter>,
    /// The number of the access key that signs it; the run's own if absent.
    pub(super) signer: Option<usize>,
    /// What its reply gives that is needed later.
    pub(super) gives: Option<Gives>,
}

/// A parameter of a call.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// The value as it was sent.
    pub(super) pieces: Vec<Piece>,
    /// The value as the scenario has it, if there is a code of a device in it.
    pub(super) code: Option<Value>,
}

/// What a reply gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    /// The access key of this number.
    Key(usize),
    /// The device of this number.
    Device(usize),
}

/// A device that is created.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) symbol: Option<DeviceRef>,
    /// How its seed came, if it can be used.
    pub(super) seed: Option<SeedEncoding>,
    /// Whether a later call needs its serial number, which can't be told beforehand.
    pub(super) serial_needed: bool,
    /// Whether a later call needs a code of it.
    pub(super) seed_needed: bool,
    /// The step of the code that has to begin with these digits, if one has: the device is recreated until it does.
    pub(super) begins_with: Option<(i32, String)>,
}

impl<'a> ReproScript<'a> {
    /// Retells a case up to the exchange that shows it.
    pub(super) fn of(case: &'a Case) -> Self {
        let prefix = prefix_of(&case.trace);
        let mut builder = ScriptBuilder {
            case,
            prefix: prefix.as_deref(),
            keys: Vec::new(),
            serials: Vec::new(),
            devices: Vec::new(),
        };
        let mut lines = Vec::new();
        let mut before: Option<&Exchange> = None;
        for exchange in kept(case) {
            if let Some(seconds) = before.and_then(|before| pause(before, exchange, &case.scenario)) {
                lines.push(Line::Wait(seconds));
            }
            lines.push(Line::Call(builder.script_call(exchange)));
            before = Some(exchange);
        }
        let (mut devices, needed) = (builder.devices, Needed::by(&lines));
        for (number, device) in devices.iter_mut().enumerate() {
            device.serial_needed = needed.serials.contains(&number);
            device.seed_needed = device.symbol.is_some_and(|symbol| needed.seeds.contains(&symbol));
        }
        for line in &mut lines {
            if let Line::Call(call) = line {
                call.gives = call.gives.filter(|gives| match gives {
                    Gives::Key(number) => needed.keys.contains(number),
                    Gives::Device(number) => {
                        devices.get(*number).is_some_and(|device| device.serial_needed || device.seed_needed)
                    }
                });
            }
        }
        Self { prefix, lines, devices }
    }

    /// The calls, in order.
    pub(super) fn calls(&self) -> impl Iterator<Item = &ScriptCall<'a>> {
        self.lines.iter().filter_map(|line| match line {
            Line::Call(call) => Some(call),
            Line::Wait(_) => None,
        })
    }

    /// A text about the run in pieces, the beginning of its names told apart.
    pub(super) fn pieces_of(&self, text: &str) -> Vec<Piece> {
        let whole = vec![Piece::Text(text.to_owned())];
        match &self.prefix {
            Some(prefix) => replace(whole, prefix, &Piece::Prefix),
            None => whole,
        }
    }

    /// Whether a call carries a code of a device.
    pub(super) fn has_codes(&self) -> bool {
        self.calls().any(|call| call.parameters.iter().any(|parameter| parameter.code.is_some()))
    }
}

/// Tells exchanges again, one after another.
struct ScriptBuilder<'a, 'p> {
    case: &'a Case,
    prefix: Option<&'p str>,
    /// The owner and the id of each access key, by number.
    keys: Vec<(String, String)>,
    /// Serial numbers that hold no name of the sequence, with the device's number.
    serials: Vec<(String, usize)>,
    devices: Vec<Device>,
}

impl<'a> ScriptBuilder<'a, '_> {
    fn script_call(&mut self, exchange: &'a Exchange) -> ScriptCall<'a> {
        let signer = exchange.key.as_ref().and_then(|key| self.keys.iter().rposition(|(_, id)| id == key));
        let parameters = self.parameters(exchange);
        let gives = self.learn(exchange);
        ScriptCall { exchange, parameters, signer, gives }
    }

    fn parameters(&self, exchange: &Exchange) -> Vec<Parameter> {
        let read = exchange.call.operation.is_read();
        let parameters = exchange.call.request.parameters.iter().enumerate();
        parameters
            // A listing is told again from its first page on.
            .filter(|(_, (name, _))| !(read && name == "Marker"))
            .map(|(index, (name, value))| Parameter {
                name: name.clone(),
                pieces: self.pieces(value),
                code: self.symbolic(exchange, index, name).filter(|value| self.can_be_computed(value)).cloned(),
            })
            .collect()
    }

    fn pieces(&self, value: &str) -> Vec<Piece> {
        let mut pieces = literal(value);
        for (serial, number) in self.serials.iter().rev() {
            pieces = replace(pieces, serial, &Piece::Serial(*number));
        }
        for (number, (_, id)) in self.keys.iter().enumerate().rev() {
            pieces = replace(pieces, id, &Piece::KeyId(number));
        }
        match self.prefix {
            Some(prefix) => replace(pieces, prefix, &Piece::Prefix),
            None => pieces,
        }
    }

    /// A parameter as the scenario has it.
    fn symbolic(&self, exchange: &Exchange, index: usize, name: &str) -> Option<&'a Value> {
        let ScenarioStep::One(action) = self.case.scenario.steps.get(exchange.step?)? else { return None };
        if let Some((operation, call)) = action.mfa() {
            let value = match name {
                "AuthenticationCode1" => &call.code1,
                "AuthenticationCode2" => &call.code2,
                _ => return None,
            };
            return value.as_ref().filter(|_| operation.operation() == exchange.call.operation);
        }
        match action {
            Action::Call(RawCall { parameters, .. }) if !exchange.call.operation.is_read() => {
                parameters.get(index).filter(|(known, _)| known == name).map(|(_, value)| value)
            }
            Action::Call(_)
            | Action::CreateUser { .. }
            | Action::RenameUser { .. }
            | Action::DeleteUser { .. }
            | Action::CreateDevice { .. }
            | Action::RecreateDevice { .. }
            | Action::DeleteDevice { .. }
            | Action::CreateKey { .. }
            | Action::DeleteKey { .. }
            | Action::Enable(_)
            | Action::Resync(_)
            | Action::Deactivate(_)
            | Action::ListDevices { .. }
            | Action::ListVirtualDevices { .. }
            | Action::Wait { .. } => None,
        }
    }

    /// Whether a value is made from a code of a device whose seed is known.
    fn can_be_computed(&self, value: &Value) -> bool {
        let device =
            code_of(value).and_then(|symbol| self.devices.iter().rfind(|device| device.symbol == Some(symbol)));
        device.is_some_and(|device| device.seed.is_some())
    }

    /// Keeps what a reply gives.
    fn learn(&mut self, exchange: &Exchange) -> Option<Gives> {
        let request = &exchange.call.request;
        if let (Operation::UpdateUser, Some(old), Some(new)) =
            (exchange.call.operation, request.get("UserName"), request.get("NewUserName"))
        {
            for (owner, _) in self.keys.iter_mut().filter(|(owner, _)| owner == old) {
                new.clone_into(owner);
            }
        }
        match body(exchange)? {
            SuccessBody::AccessKey(key) => {
                self.keys.push((request.get("UserName").unwrap_or_default().to_owned(), key.access_key_id.clone()));
                Some(Gives::Key(self.keys.len() - 1))
            }
            SuccessBody::VirtualDevice { serial_number, seed_blob, .. } => {
                let number = self.devices.len();
                let seed = Seed::from_blob(seed_blob).ok().map(|(_, encoding)| encoding);
                let symbol = self.created(exchange);
                let begins_with = self.digits_of(exchange);
                self.devices.push(Device { symbol, seed, serial_needed: false, seed_needed: false, begins_with });
                if self.prefix.is_none_or(|prefix| !serial_number.contains(prefix)) {
                    self.serials.push((serial_number.clone(), number));
                }
                Some(Gives::Device(number))
            }
            SuccessBody::Empty
            | SuccessBody::User(_)
            | SuccessBody::Users(_)
            | SuccessBody::MfaDevices(_)
            | SuccessBody::VirtualDevices(_)
            | SuccessBody::AccessKeys(_) => None,
        }
    }

    /// What the scenario demands of a code of the device that an exchange created.
    fn digits_of(&self, exchange: &Exchange) -> Option<(i32, String)> {
        match self.case.scenario.steps.get(exchange.step? + 1)? {
            ScenarioStep::One(Action::RecreateDevice { step, begins_with, .. }) => Some((*step, begins_with.clone())),
            ScenarioStep::One(_) | ScenarioStep::Together { .. } => None,
        }
    }

    fn created(&self, exchange: &Exchange) -> Option<DeviceRef> {
        match self.case.scenario.steps.get(exchange.step?)? {
            ScenarioStep::One(Action::CreateDevice { device, .. }) => Some(*device),
            ScenarioStep::One(_) | ScenarioStep::Together { .. } => None,
        }
    }
}

fn body(exchange: &Exchange) -> Option<&SuccessBody> {
    match &exchange.observed {
        Observed::Reply(reply) => match &reply.answer {
            Answer::Success(body) => Some(body),
            Answer::Error { .. } => None,
        },
        Observed::Unreadable { .. } | Observed::Broken(_) => None,
    }
}

/// The device whose code a value is made from.
pub(super) fn code_of(value: &Value) -> Option<DeviceRef> {
    match value {
        Value::Code(code) => Some(code.device),
        Value::Edited(value, _) => code_of(value),
        Value::UserName(_)
        | Value::FormerName(_)
        | Value::SerialNumber(_)
        | Value::WrongCode(..)
        | Value::PopularCode(..)
        | Value::OwnLetters(_)
        | Value::Text(_)
        | Value::Repeated(..) => None,
    }
}

/// What later calls need of the replies to earlier ones.
#[derive(Default)]
struct Needed {
    keys: Vec<usize>,
    serials: Vec<usize>,
    seeds: Vec<DeviceRef>,
}

impl Needed {
    fn by(lines: &[Line<'_>]) -> Self {
        let mut needed = Self::default();
        for line in lines {
            let Line::Call(call) = line else { continue };
            needed.keys.extend(call.signer);
            for parameter in &call.parameters {
                needed.seeds.extend(parameter.code.as_ref().and_then(code_of));
                for piece in &parameter.pieces {
                    match piece {
                        Piece::Serial(number) => needed.serials.push(*number),
                        Piece::KeyId(number) => needed.keys.push(*number),
                        Piece::Text(_) | Piece::Prefix | Piece::Repeated(..) => {}
                    }
                }
            }
        }
        needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_reply_is_kept_only_for_what_needs_it() {
        let case = samples::garbage_accepted();
        assert!(ReproScript::of(&case).calls().all(|call| call.gives.is_none()));
        let case = samples::wrong_listing();
        let script = ReproScript::of(&case);
        let gives: Vec<_> = script.calls().filter_map(|call| call.gives).collect();
        assert_eq!(gives, [Gives::Device(0)]);
        assert!(script.devices[0].seed_needed && !script.devices[0].serial_needed);
    }
}
