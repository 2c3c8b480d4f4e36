//! Exchanges as calls of a script, and the parts of their replies that later calls need.

use mfa_reference::SuccessBody;
use mfa_reference::totp::{Seed, SeedEncoding};

use super::selection::{kept, pause};
use super::text::{Piece, literal, replace};
use crate::execute::Exchange;
use crate::execute::origin::{CodeSource, Origin, Source};
use crate::run::result::Case;
use crate::scenario::{Action, ScenarioStep};

/// A sequence of calls that a script repeats.
#[derive(Debug)]
pub(super) struct ReproScript<'a> {
    /// The prefix of every name, if there are names.
    pub(super) prefix: Option<String>,
    /// The lines, in order.
    pub(super) lines: Vec<Line<'a>>,
    /// The devices that are created, by number.
    pub(super) devices: Vec<Device>,
}

/// A line of a script.
#[derive(Debug)]
pub(super) enum Line<'a> {
    /// A call.
    Call(ScriptCall<'a>),
    /// Calls at the same time.
    Together(Vec<ScriptCall<'a>>),
    /// A wait, in seconds.
    Wait(u64),
}

impl<'a> Line<'a> {
    fn calls_mut(&mut self) -> &mut [ScriptCall<'a>] {
        match self {
            Self::Call(call) => std::slice::from_mut(call),
            Self::Together(calls) => calls,
            Self::Wait(_) => &mut [],
        }
    }
}

/// A call of a script.
#[derive(Debug)]
pub(super) struct ScriptCall<'a> {
    /// The run's request and reply.
    pub(super) exchange: &'a Exchange,
    /// The parameters, `Action` and `Version` among them, in order.
    pub(super) parameters: Vec<Parameter<'a>>,
    /// The number of the access key that signs it; `None` for the run's own key.
    pub(super) signer: Option<usize>,
    /// What its reply contains that later calls need.
    pub(super) gives: Option<Gives>,
    /// What its reply contains, whether or not a later call needs it.
    pub(super) creates: Option<Gives>,
}

/// A parameter of a call.
#[derive(Debug)]
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    /// The value as it was sent.
    pub(super) text: &'a str,
    /// The value in pieces.
    pub(super) pieces: Vec<Piece>,
    /// If the value is a code: the number of its device, and which code.
    pub(super) code: Option<(usize, &'a CodeSource)>,
}

/// What a reply contains.
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
    /// The exchange that creates it.
    from: usize,
    /// Its serial number in the run.
    serial_number: String,
    /// How its seed is encoded, if it is usable.
    pub(super) seed: Option<SeedEncoding>,
    /// Whether a later call needs its serial number, which isn't known beforehand.
    pub(super) serial_needed: bool,
    /// Whether a later call needs one of its codes.
    pub(super) seed_needed: bool,
    /// A time step and the digits that its code has to begin with, if any. The device is recreated until it does.
    pub(super) begins_with: Option<(i32, String)>,
}

/// An access key that is created.
struct Key {
    /// The exchange that creates it.
    from: usize,
    /// Whether a later call needs it.
    is_needed: bool,
}

impl<'a> ReproScript<'a> {
    /// The calls of a case, up to the exchange that shows its divergence.
    pub(super) fn of(case: &'a Case) -> Self {
        let mut builder = ScriptBuilder { case, keys: Vec::new(), devices: Vec::new() };
        let mut lines = Vec::new();
        let mut before: Option<&Exchange> = None;
        for (index, exchange) in kept(case) {
            if let Some(seconds) = before.and_then(|before| pause(before, exchange, &case.scenario)) {
                lines.push(Line::Wait(seconds));
            }
            let call = builder.script_call(index, exchange);
            let with = before.is_some_and(|before| before.overlap.is_some() && before.step == exchange.step);
            match lines.last_mut() {
                Some(Line::Together(calls)) if with && exchange.overlap.is_some() => calls.push(call),
                Some(_) | None if exchange.overlap.is_some() => lines.push(Line::Together(vec![call])),
                Some(_) | None => lines.push(Line::Call(call)),
            }
            before = Some(exchange);
        }
        for call in lines.iter_mut().flat_map(Line::calls_mut) {
            call.gives = call.gives.filter(|gives| builder.is_needed(*gives));
        }
        let prefix = case.trace.iter().flat_map(Exchange::parameters).find_map(prefix_of);
        Self { prefix, lines, devices: builder.devices }
    }

    /// The calls, in order.
    pub(super) fn calls(&self) -> impl Iterator<Item = &ScriptCall<'a>> {
        self.lines.iter().flat_map(|line| match line {
            Line::Call(call) => std::slice::from_ref(call),
            Line::Together(calls) => calls,
            Line::Wait(_) => &[],
        })
    }

    /// Whether calls overlap.
    pub(super) fn overlaps(&self) -> bool {
        self.lines.iter().any(|line| matches!(line, Line::Together(_)))
    }

    /// A text about the run in pieces, with the prefix of its names as a piece.
    pub(super) fn pieces_of(&self, text: &str) -> Vec<Piece> {
        self.with_prefix(vec![Piece::Text(text.to_owned())])
    }

    /// The pieces, with the prefix of the run's names as a piece of its own.
    pub(super) fn with_prefix(&self, pieces: Vec<Piece>) -> Vec<Piece> {
        match &self.prefix {
            Some(prefix) => replace(pieces, prefix, &Piece::Prefix),
            None => pieces,
        }
    }

    /// The number of the device whose serial number a text of the run is.
    pub(super) fn device_of(&self, text: &str) -> Option<usize> {
        self.devices.iter().position(|device| device.serial_number == text)
    }

    /// Whether a call has a code of a device.
    pub(super) fn has_codes(&self) -> bool {
        self.calls().any(|call| call.parameters.iter().any(|parameter| parameter.code.is_some()))
    }

    /// Whether a value contains the prefix in capitals.
    pub(super) fn has_capitals(&self) -> bool {
        let mut parameters = self.calls().flat_map(|call| &call.parameters);
        parameters.any(|parameter| parameter.pieces.contains(&Piece::Capitals))
    }
}

/// The prefix of the run's names, if a parameter contains it.
fn prefix_of((_, value, origin): (&str, &str, &Origin)) -> Option<String> {
    let mut parts = origin.parts.iter();
    let part = parts.find(|part| matches!(part.source, Source::Prefix | Source::Capitals))?;
    value.get(part.range.clone()).map(str::to_ascii_lowercase)
}

/// Turns exchanges into calls, in order.
struct ScriptBuilder<'a> {
    case: &'a Case,
    /// By number.
    keys: Vec<Key>,
    /// By number.
    devices: Vec<Device>,
}

impl<'a> ScriptBuilder<'a> {
    fn script_call(&mut self, index: usize, exchange: &'a Exchange) -> ScriptCall<'a> {
        let signer = exchange.key_from.and_then(|from| self.key(from));
        let read = exchange.call.operation.is_read();
        // The script repeats a listing from its first page.
        let sent = exchange.parameters().filter(|(name, ..)| !(read && *name == "Marker"));
        let parameters = sent.map(|(name, value, origin)| {
            let pieces = self.pieces(value, origin);
            let code = origin.code.as_ref();
            let code =
                code.and_then(|code| Some((self.device(code.seed_from, |device| device.seed_needed = true)?, code)));
            Parameter { name, text: value, pieces, code }
        });
        let parameters = parameters.collect();
        let creates = self.learn(index, exchange);
        ScriptCall { exchange, parameters, signer, gives: creates, creates }
    }

    /// A value in pieces: the parts that differ in each run, and the text between them.
    fn pieces(&mut self, value: &str, origin: &Origin) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut done = 0;
        for part in &origin.parts {
            let piece = match part.source {
                Source::Prefix => Some(Piece::Prefix),
                Source::Capitals => Some(Piece::Capitals),
                Source::Serial(from) => self.device(from, |device| device.serial_needed = true).map(Piece::Serial),
                Source::KeyId(from) => self.key(from).map(Piece::KeyId),
            };
            if let (Some(piece), Some(before)) = (piece, value.get(done..part.range.start)) {
                pieces.extend(literal(before));
                pieces.push(piece);
                done = part.range.end;
            }
        }
        pieces.extend(literal(value.get(done..).unwrap_or_default()));
        pieces
    }

    /// The number of the key that an exchange created, for a call that needs it.
    fn key(&mut self, from: usize) -> Option<usize> {
        let (number, key) = self.keys.iter_mut().enumerate().find(|(_, key)| key.from == from)?;
        key.is_needed = true;
        Some(number)
    }

    /// The number of the device that an exchange created, for a call that needs its serial number or seed.
    fn device(&mut self, from: usize, need: fn(&mut Device)) -> Option<usize> {
        let (number, device) = self.devices.iter_mut().enumerate().find(|(_, device)| device.from == from)?;
        need(device);
        Some(number)
    }

    /// Keeps what a reply contains.
    fn learn(&mut self, from: usize, exchange: &Exchange) -> Option<Gives> {
        match exchange.body()? {
            SuccessBody::AccessKey(_) => {
                self.keys.push(Key { from, is_needed: false });
                Some(Gives::Key(self.keys.len() - 1))
            }
            SuccessBody::VirtualDevice { serial_number, seed_blob, .. } => {
                let seed = Seed::from_blob(seed_blob).ok().map(|(_, encoding)| encoding);
                let begins_with = self.digits_of(exchange);
                self.devices.push(Device {
                    from,
                    serial_number: serial_number.clone(),
                    seed,
                    serial_needed: false,
                    seed_needed: false,
                    begins_with,
                });
                Some(Gives::Device(self.devices.len() - 1))
            }
            SuccessBody::Empty
            | SuccessBody::User(_)
            | SuccessBody::Users(_)
            | SuccessBody::MfaDevices(_)
            | SuccessBody::VirtualDevices(_)
            | SuccessBody::AccessKeys(_) => None,
        }
    }

    /// The digits that the scenario demands of a code of the device that an exchange created.
    fn digits_of(&self, exchange: &Exchange) -> Option<(i32, String)> {
        match self.case.scenario.steps.get(exchange.step? + 1)? {
            ScenarioStep::One(Action::RecreateDevice { step, begins_with, .. }) => Some((*step, begins_with.clone())),
            ScenarioStep::One(_) | ScenarioStep::Together { .. } => None,
        }
    }

    fn is_needed(&self, gives: Gives) -> bool {
        match gives {
            Gives::Key(number) => self.keys.get(number).is_some_and(|key| key.is_needed),
            Gives::Device(number) => {
                self.devices.get(number).is_some_and(|device| device.serial_needed || device.seed_needed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execute::origin::Made;
    use crate::report::samples;
    use crate::scenario::Edit;

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

    #[test]
    fn names_of_what_never_was_begin_with_the_prefix_too() {
        let case = samples::missing_operation();
        let script = ReproScript::of(&case);
        assert_eq!(script.prefix.as_deref(), Some(samples::PREFIX));
        let pieces = &script.calls().next().unwrap().parameters[2].pieces;
        assert_eq!(pieces.as_slice(), [Piece::Prefix, Piece::Text("-u1".to_owned())]);
    }

    #[test]
    fn a_serial_number_that_holds_no_name_comes_from_the_reply_that_gave_it() {
        let mut case = samples::garbage_accepted();
        let made = Made::whole("arn:of:another:make", Source::Serial(1));
        case.trace[3].call.request.parameters[3].1 = made.text;
        case.trace[3].origins[3] = made.origin;
        let script = ReproScript::of(&case);
        let last = script.calls().last().unwrap();
        assert_eq!(last.parameters[3].pieces, [Piece::Serial(0)]);
        assert!(script.calls().any(|call| call.gives == Some(Gives::Device(0))));
    }

    #[test]
    fn a_name_that_was_changed_is_told_as_what_it_was_made_from() {
        let mut case = samples::missing_operation();
        let made = Made::whole(samples::PREFIX, Source::Prefix).then("-u1").edited(&Edit::OtherCase);
        case.trace[0].call.request.parameters[2].1 = made.text;
        case.trace[0].origins[2] = made.origin;
        let script = ReproScript::of(&case);
        assert!(script.has_capitals());
        let pieces = &script.calls().next().unwrap().parameters[2].pieces;
        assert_eq!(pieces.as_slice(), [Piece::Capitals, Piece::Text("-U1".to_owned())]);
    }
}
