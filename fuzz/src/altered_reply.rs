//! A reply that a fault has altered, and what the documents leave open of it: read from them once more, without the model's
//! rules.

use mfa_reference::account::{Account, User};
use mfa_reference::clause::Parameter;
use mfa_reference::totp::{Seed, SeedEncoding};
use mfa_reference::value::{Admission, CharacterClass};
use mfa_reference::{ErrorCode, MfaOperation, Millis, Operation, RawRequest, SuccessBody, TimeStep};

use crate::allowed_difference::AllowedDifference;
use crate::watched::Looked;
use mfa_conformance::clock::Clock;
use mfa_conformance::execute::Exchange;
use mfa_conformance::wire::{Answer, Flaw, Observed, Reply, read};

/// A call whose reply a fault has altered. What came before it says the same as the documented service's.
#[derive(Clone, Copy)]
pub(crate) struct AlteredReply<'a> {
    /// All that was sent, and what came back from the faulty service.
    pub(crate) trace: &'a [Exchange],
    /// When each of these came, and what the documented service did.
    pub(crate) documented: &'a [Looked],
    /// The documented service's account before the call.
    pub(crate) before: &'a Account,
    /// The number of the call.
    pub(crate) call: usize,
}

/// What a reply says, without its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It is done.
    Done(u16, SuccessBody),
    /// It is refused with a code.
    Refused(u16, String),
    /// Nothing that can be read.
    Nothing,
}

/// The common codes that tell of a broken constraint, written down apart from the model's.
const CONSTRAINT: [ErrorCode; 6] = [
    ErrorCode::ValidationError,
    ErrorCode::InvalidParameterValue,
    ErrorCode::InvalidParameterCombination,
    ErrorCode::InvalidQueryParameter,
    ErrorCode::MalformedQueryString,
    ErrorCode::MissingParameter,
];

/// How far from a call's time the steps of its codes are looked for, in steps: no sequence draws any that is further.
const NEAR: i64 = 60;

/// How far from now a code may be for some service to take it, in steps: a day.
const FAR: i64 = 2_880;

impl AlteredReply<'_> {
    /// Why the reply may be no divergence; `None`: it has to be one.
    pub(crate) fn allowed_difference(self) -> Option<AllowedDifference> {
        AllowedDifference::ALL.into_iter().find(|allowed_difference| self.is(*allowed_difference))
    }

    /// What the documented service says, and what the faulty one does.
    pub(crate) fn said(self) -> [Said; 2] {
        [said(self.documented_reply().as_ref()), said(self.exchange().map(|exchange| &exchange.observed))]
    }

    fn exchange(&self) -> Option<&Exchange> {
        self.trace.get(self.call)
    }

    fn documented_reply(self) -> Option<Observed> {
        let reply = self.documented.get(self.call)?.reply.clone().ok()?;
        Some(read(self.exchange()?.call.operation, reply))
    }

    fn is(self, allowed_difference: AllowedDifference) -> bool {
        let Some(exchange) = self.exchange() else { return false };
        let operation = exchange.call.operation;
        let request = &exchange.call.request;
        let [documented, faulty] = self.said();
        match (allowed_difference, documented, faulty) {
            (AllowedDifference::Words, documented, faulty) => {
                documented == faulty
                    && match (self.documented_reply(), &exchange.observed) {
                        (Some(Observed::Reply(one)), Observed::Reply(other)) => is_dressed_alike(&one, other),
                        _ => false,
                    }
            }
            (AllowedDifference::Status, Said::Refused(_, one), Said::Refused(_, other)) => {
                one == other && ErrorCode::from_wire(&one).is_some_and(|code| CONSTRAINT.contains(&code))
            }
            (AllowedDifference::Form, ..) => is_open_form(exchange),
            (AllowedDifference::SetUp, _, faulty) => self.only_sets_up(operation, request, &faulty),
            (AllowedDifference::Renamed, Said::Refused(404, _) | Said::Done(..), Said::Done(200, _)) => {
                operation != Operation::EnableMfaDevice && self.may_own_by_name(exchange)
            }
            (AllowedDifference::Renamed, Said::Done(..), Said::Refused(409, _)) => {
                operation == Operation::EnableMfaDevice && self.may_own_by_name(exchange)
            }
            (
                AllowedDifference::Dates,
                Said::Done(_, SuccessBody::MfaDevices(one)),
                Said::Done(_, SuccessBody::MfaDevices(other)),
            ) => {
                let mut pairs = one.items.iter().zip(&other.items);
                one.items.len() == other.items.len()
                    && pairs.all(|(one, other)| {
                        let same = one.user_name == other.user_name && one.serial_number == other.serial_number;
                        same && (one.enable_date == other.enable_date || !self.stood_still(&other.serial_number))
                    })
            }
            (
                AllowedDifference::Gone,
                Said::Done(_, SuccessBody::VirtualDevices(one)),
                Said::Done(_, SuccessBody::VirtualDevices(other)),
            ) => {
                let remaining = one.items.iter().filter(|item| other.items.contains(item));
                let gone = one.items.iter().filter(|item| !other.items.contains(item));
                remaining.eq(&other.items) && gone.into_iter().all(|item| self.was_deactivated(&item.serial_number))
            }
            (AllowedDifference::Codes, Said::Refused(403, _), Said::Done(200, _)) => {
                let [firsts, seconds] = self.steps(self.call, FAR);
                firsts.iter().any(|first| seconds.iter().any(|second| first < second))
            }
            (AllowedDifference::Reason, _, Said::Refused(status, code)) => {
                let code = ErrorCode::from_wire(&code).filter(|code| code.status() == status);
                let as_written = match (self.documented_reply(), &exchange.observed) {
                    (Some(Observed::Reply(one)), Observed::Reply(other)) => form(&one) == form(other),
                    _ => true,
                };
                as_written
                    && code
                        .zip(operation.under_test())
                        .is_some_and(|(code, operation)| self.reasons(operation, exchange).contains(&code))
            }
            _ => false,
        }
    }

    /// Whether no clause speaks of what the call answers.
    fn only_sets_up(self, operation: Operation, request: &RawRequest, faulty: &Said) -> bool {
        match operation {
            Operation::EnableMfaDevice | Operation::ResyncMfaDevice | Operation::DeactivateMfaDevice => false,
            // That a user's devices are shown is stated; what is answered for a user that isn't there, nowhere.
            Operation::ListMfaDevices => !self.has_user(request),
            Operation::DeleteUser => {
                let user = request.get("UserName").and_then(|name| self.before.find_user(name));
                user.and_then(|user| self.before.user(user)).is_none_or(User::has_no_device)
            }
            // What it shows is judged, and that of a status only by what was recorded.
            Operation::ListVirtualMfaDevices => {
                request.get("AssignmentStatus").is_some() || matches!(faulty, Said::Refused(..))
            }
            Operation::CreateVirtualMfaDevice => match faulty {
                Said::Done(_, SuccessBody::VirtualDevice { serial_number, seed_blob, .. }) => {
                    let usable = matches!(Seed::from_blob(seed_blob), Ok((_, SeedEncoding::Blob)));
                    let is_arn = serial_number.starts_with("arn:") && serial_number.contains(":mfa/");
                    usable && is_arn && self.before.find_device(serial_number).is_none()
                }
                Said::Done(..) | Said::Refused(..) | Said::Nothing => true,
            },
            Operation::CreateUser
            | Operation::GetUser
            | Operation::ListUsers
            | Operation::UpdateUser
            | Operation::DeleteVirtualMfaDevice
            | Operation::CreateAccessKey
            | Operation::ListAccessKeys
            | Operation::DeleteAccessKey => true,
        }
    }

    /// Whether the user that a request names exists.
    fn has_user(self, request: &RawRequest) -> bool {
        request.get("UserName").is_some_and(|name| self.before.find_user(name).is_some())
    }

    /// Whether a device was somebody's and is nobody's any more.
    fn was_deactivated(self, serial_number: &str) -> bool {
        let device = self.before.find_device(serial_number).and_then(|id| self.before.device(id));
        device.is_some_and(|device| device.owner.is_none() && device.enabled_at > Millis(0))
    }

    /// Whether a device was listed with the same date for ten seconds in which nothing was done.
    fn stood_still(self, serial_number: &str) -> bool {
        let mut seen: Vec<(&str, Millis)> = Vec::new();
        for (exchange, looked) in self.trace.iter().zip(self.documented).take(self.call) {
            match exchange.body() {
                Some(SuccessBody::MfaDevices(page)) => {
                    let items = page.items.iter().filter(|item| item.serial_number == serial_number);
                    seen.extend(items.map(|item| (item.enable_date.as_str(), looked.at)));
                }
                Some(_) if !exchange.call.operation.is_read() => seen.clear(),
                Some(_) | None if exchange.is_doubtful() => seen.clear(),
                Some(_) | None => {}
            }
        }
        seen.iter().any(|(date, at)| seen.iter().any(|(other, later)| date == other && later.0 - at.0 >= 10_000))
    }

    /// Whether some user has the name of an earlier one or had another, and may have the call's device by that; of a
    /// listing of one user's devices, whether this user has or had.
    fn may_own_by_name(self, exchange: &Exchange) -> bool {
        let about = |name: &str, value: &str| {
            exchange.call.request.get(name).is_some_and(|own| own.eq_ignore_ascii_case(value))
        };
        let earlier = || self.trace.iter().take(self.call);
        let is_named = |text: Option<&str>| {
            text.is_some_and(|name| exchange.call.operation != Operation::ListMfaDevices || about("UserName", name))
        };
        let renamed = earlier().map(|exchange| &exchange.call).any(|call| {
            matches!(call.operation, Operation::DeleteUser | Operation::UpdateUser)
                && ["UserName", "NewUserName"].iter().any(|name| is_named(call.request.get(name)))
        });
        let was_enabled = exchange.call.request.get("SerialNumber").is_none_or(|_| {
            earlier()
                .filter(|earlier| earlier.call.operation == Operation::EnableMfaDevice && earlier.body().is_some())
                .any(|earlier| {
                    earlier.call.request.get("SerialNumber").is_some_and(|serial| about("SerialNumber", serial))
                })
        });
        renamed && was_enabled
    }

    /// The codes with which the documents let a call be refused, for any reason.
    fn reasons(self, operation: MfaOperation, exchange: &Exchange) -> Vec<ErrorCode> {
        let request = &exchange.call.request;
        let [name, serial] = ["UserName", "SerialNumber"].map(|name| request.get(name));
        let takes_codes = operation != MfaOperation::Deactivate;
        let mut codes = Vec::new();
        let user = name.or(exchange.signer.as_deref()).and_then(|name| self.before.find_user(name));
        let device = serial.and_then(|serial| self.before.find_device(serial)).and_then(|id| self.before.device(id));
        if has_unknown_parameter(operation, request) {
            codes.extend(CONSTRAINT);
        }
        if may_break_a_constraint(operation, request) {
            codes.extend(CONSTRAINT);
            // A service may look first.
            codes.push(ErrorCode::NoSuchEntity);
            codes.extend(takes_codes.then_some(ErrorCode::InvalidAuthenticationCode));
        }
        let left_out: &[char] = if operation == MfaOperation::Resync { &[':', '/'] } else { &['_', '+'] };
        // The serial number of every device has what the prose of Resync leaves out.
        let unusable_otherwise = operation == MfaOperation::Resync && device.is_some();
        if serial.is_some_and(|serial| serial.contains(left_out)) && !unusable_otherwise {
            codes.extend(CONSTRAINT);
        }
        if exchange.signer.is_some() {
            codes.extend([ErrorCode::AccessDenied, ErrorCode::InvalidClientTokenId]);
        }
        // Whether names differ by their case, only a recording says.
        let in_this_case =
            |name: &str| user.and_then(|user| self.before.user(user)).is_some_and(|user| user.entry.user_name == name);
        if user.is_none() || !name.is_none_or(in_this_case) || device.is_none() {
            codes.push(ErrorCode::NoSuchEntity);
        }
        match device.map(|device| device.owner) {
            None => {}
            Some(Some(_)) if operation == MfaOperation::Enable => {
                codes.push(ErrorCode::EntityAlreadyExists);
            }
            Some(_) if operation == MfaOperation::Enable => {}
            Some(Some(owner)) if user == Some(owner) => {}
            Some(_) => codes.push(ErrorCode::NoSuchEntity),
        }
        // A deactivated device stays, or doesn't.
        if serial.is_some_and(|serial| self.was_deactivated(serial)) {
            codes.push(ErrorCode::NoSuchEntity);
        }
        if takes_codes && !self.has_to_be_accepted(operation, serial) {
            codes.push(ErrorCode::InvalidAuthenticationCode);
        }
        codes
    }

    /// Whether the call has the two newest codes of its device, surely and both unused, and the device is in sync or is
    /// to be synchronized.
    fn has_to_be_accepted(self, operation: MfaOperation, serial: Option<&str>) -> bool {
        let (mut newest, mut in_sync) = (None, true);
        let about = |call: &usize| {
            self.trace.get(*call).is_some_and(|exchange| exchange.call.request.get("SerialNumber") == serial)
        };
        for call in (0..self.call).filter(about) {
            newest = newest.max(self.steps(call, NEAR).concat().into_iter().max());
            let exchange = self.trace.get(call).filter(|exchange| exchange.body().is_some());
            match exchange.and_then(|exchange| exchange.call.operation.under_test()) {
                Some(MfaOperation::Resync) => in_sync = self.is_fresh(call),
                Some(MfaOperation::Enable) => in_sync &= self.is_fresh(call),
                Some(MfaOperation::Deactivate) | None => {}
            }
        }
        let unused = |newest: TimeStep| self.at(self.call).is_some_and(|at| newest < at.step().plus(-1));
        self.is_fresh(self.call) && newest.is_none_or(unused) && (in_sync || operation == MfaOperation::Resync)
    }

    /// When a call came.
    fn at(self, call: usize) -> Option<Millis> {
        self.documented.get(call).map(|looked| looked.at)
    }

    /// Whether a call has the codes of the step before the current one and of the current one, by any clock that is
    /// nearly right.
    fn is_fresh(self, call: usize) -> bool {
        let Some(at) = self.at(call) else { return false };
        let [firsts, seconds] = self.steps(call, NEAR);
        let now = at.step();
        let edge =
            [-Clock::DEFAULT_TOLERANCE_MS, Clock::DEFAULT_TOLERANCE_MS].iter().any(|off| at.plus(*off).step() != now);
        !edge && firsts.contains(&now.plus(-1)) && seconds.contains(&now)
    }

    /// The steps of which a call has the codes: the first, the second.
    fn steps(self, call: usize, far: i64) -> [Vec<TimeStep>; 2] {
        let request = self.trace.get(call).map(|exchange| &exchange.call.request);
        let device = request.and_then(|request| self.before.find_device(request.get("SerialNumber")?));
        let seed = device.and_then(|id| self.before.device(id)?.seed.as_ref());
        let (Some(request), Some(seed), Some(at)) = (request, seed, self.at(call)) else {
            return [const { Vec::new() }; 2];
        };
        ["AuthenticationCode1", "AuthenticationCode2"].map(|name| {
            let code = request.get(name);
            let near = (-far..=far).map(|away| at.step().plus(away));
            near.filter(|step| code == Some(seed.code(*step).as_str())).collect()
        })
    }
}

fn said(observed: Option<&Observed>) -> Said {
    match observed {
        Some(Observed::Reply(Reply { status, answer: Answer::Success(body), .. })) => Said::Done(*status, body.clone()),
        Some(Observed::Reply(Reply { status, answer: Answer::Error { code, .. }, .. })) => {
            Said::Refused(*status, code.clone())
        }
        Some(Observed::Unreadable { .. } | Observed::Broken(_)) | None => Said::Nothing,
    }
}

/// Whether two replies have the same of all that the protocol and the samples demand of an envelope.
fn is_dressed_alike(one: &Reply, other: &Reply) -> bool {
    let has = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
    let demanded = |reply: &Reply| {
        let envelope = &reply.envelope;
        let (namespace, texts) = match &reply.answer {
            Answer::Success(_) => (Some((envelope.namespace.clone(), envelope.has(Flaw::SeveralNamespaces))), None),
            Answer::Error { message, kind, .. } => (None, Some((has(message.as_deref()), kind.is_some()))),
        };
        let request_id = has(envelope.request_id.as_deref());
        (namespace, texts, request_id, form(reply), envelope.has(Flaw::ResultWithContent))
    };
    demanded(one) == demanded(other)
}

/// How a reply is written, as far as something is demanded of that.
fn form(reply: &Reply) -> ([bool; 4], bool) {
    let flaws = [Flaw::Prefix, Flaw::Cdata, Flaw::OtherEncoding, Flaw::PaddedCode];
    (flaws.map(|flaw| reply.envelope.has(flaw)), reply.envelope.result_first == Some(false))
}

/// Whether no document says how a request of this form is read.
fn is_open_form(exchange: &Exchange) -> bool {
    let request = &exchange.call.request;
    let mut names: Vec<&str> = request.parameters.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let operation = request.get("Action").and_then(Operation::from_name);
    let by_nobody = operation == Some(Operation::DeactivateMfaDevice)
        && request.get("UserName").is_none()
        && exchange.signer.is_none();
    let unknown = operation.is_none() || request.get("Version") != Some(RawRequest::VERSION);
    names.len() != request.parameters.len() || unknown || by_nobody
}

/// Whether a request has a parameter that the operation's page doesn't name.
fn has_unknown_parameter(operation: MfaOperation, request: &RawRequest) -> bool {
    let known = |name: &str| matches!(name, "Action" | "Version") || Parameter::of(operation, name).is_some();
    request.parameters.iter().any(|(name, _)| !known(name))
}

/// Whether a value of a request breaks its constraint, surely or in one reading of the pages.
fn may_break_a_constraint(operation: MfaOperation, request: &RawRequest) -> bool {
    let takes_codes = operation != MfaOperation::Deactivate;
    let constraints = [
        ("UserName", takes_codes, 1..=128, CharacterClass::Name),
        ("SerialNumber", true, 9..=256, CharacterClass::SerialNumber),
        ("AuthenticationCode1", takes_codes, 6..=6, CharacterClass::Digits),
        ("AuthenticationCode2", takes_codes, 6..=6, CharacterClass::Digits),
    ];
    !constraints.into_iter().all(|(name, required, length, class)| {
        request.get(name).map_or(!required, |text| {
            length.contains(&text.len()) && text.chars().all(|character| class.admits(character) == Admission::Yes)
        })
    })
}
