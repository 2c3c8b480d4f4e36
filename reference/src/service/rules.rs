//! What the documented service decides about the operations under test.

use std::sync::Arc;

use super::behaviour::{AsDecided, AsRecorded, Behaviour, Decision, Rules, Situation};
use super::memory::{LastPair, Memory};
use super::{message, support};
use crate::account::{Account, Device, DeviceId, Effect, User, UserId};
use crate::context::Caller;
use crate::operation::MfaOperation;
use crate::outcome::{ErrorCode, SuccessBody};
use crate::request::{Constraints, Request};
use crate::value::{AuthenticationCode, SerialNumber, UserName};
use crate::wire;

/// Something that is checked before a request is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// That the user exists.
    User,
    /// That the device exists.
    Device,
    /// That the codes are recognised.
    Codes,
    /// That the device is enabled for nobody (`EnableMFADevice`) or for this user (the others).
    Assignment,
}

/// Decides as documented. The order of the checks is the one recorded of AWS; the constraints always come first.
#[derive(Clone, Copy, Debug)]
pub struct Documented {
    /// The order of the checks.
    pub order: [Check; 4],
    /// How many devices a user may have.
    pub devices_per_user: usize,
}

impl Default for Documented {
    fn default() -> Self {
        Self {
            order: [Check::User, Check::Device, Check::Assignment, Check::Codes],
            devices_per_user: Self::DEVICES_PER_USER,
        }
    }
}

impl Rules for Documented {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let violations = request.violations();
        if !violations.is_empty() {
            return Decision::refuse(ErrorCode::ValidationError, message::validation(&violations));
        }
        match request {
            Request::Codes { operation, user_name, serial_number, code1, code2 } => {
                let codes = code1.value.zip(code2.value);
                let mfa = operation.operation();
                self.mfa(situation, mfa, user_name.value, serial_number.value, codes, memory)
            }
            Request::Deactivate { user_name, serial_number } => {
                self.mfa(situation, MfaOperation::Deactivate, user_name.value, serial_number.value, None, memory)
            }
            Request::Support(request) => support::decide(situation, request, memory),
        }
    }
}

/// The entities that a request names, where they exist.
#[derive(Clone, Copy)]
struct Named<'w> {
    user: Option<UserId>,
    device: Option<(DeviceId, &'w Device)>,
}

impl Documented {
    /// How many devices a user may have (`enable.limit.quota`).
    pub const DEVICES_PER_USER: usize = 8;

    fn mfa(
        self,
        situation: &Situation<'_>,
        operation: MfaOperation,
        user_name: Option<UserName<'_>>,
        serial_number: Option<SerialNumber<'_>>,
        codes: Option<(AuthenticationCode<'_>, AuthenticationCode<'_>)>,
        memory: &mut Memory,
    ) -> Decision {
        let account = situation.account;
        let user = match (user_name, situation.caller) {
            (Some(name), _) => account.find_user(name.as_str()),
            (None, Caller::User(caller)) => Some(caller),
            (None, Caller::Administrator) => {
                return Decision::refuse(ErrorCode::ValidationError, message::MUST_NAME_USER);
            }
        };
        if manages_itself(situation, operation, user) {
            return Decision::refuse(ErrorCode::AccessDenied, message::AUTHENTICATE_WITH_MFA);
        }
        let serial = serial_number.map_or("", SerialNumber::as_str);
        let device = account.find_device(serial).and_then(|id| Some((id, account.device(id)?)));
        let named = Named { user, device };
        for check in self.order {
            let refused = match check {
                Check::User if user.is_none() => {
                    let name = user_name.map_or("", UserName::as_str);
                    Some((ErrorCode::NoSuchEntity, message::no_user(name)))
                }
                Check::Device if device.is_none() => Some((ErrorCode::NoSuchEntity, message::no_device(serial))),
                Check::Codes => refuse_codes(situation, named, codes, memory),
                Check::Assignment => refuse_assignment(account, operation, named),
                Check::User | Check::Device => None,
            };
            if let Some((code, message)) = refused {
                return Decision::refuse(code, message);
            }
        }
        let devices = user.and_then(|user| account.user(user)).map_or(0, User::device_count);
        if operation == MfaOperation::Enable && devices >= self.devices_per_user {
            return Decision::refuse(ErrorCode::LimitExceeded, message::too_many_devices(self.devices_per_user));
        }
        let effect = match (operation, named.device, user) {
            (MfaOperation::Enable, Some((device, _)), Some(user)) => Effect::Associate(device, user),
            (MfaOperation::Deactivate, Some((device, _)), Some(_)) => Effect::Dissociate(device),
            _ => Effect::None,
        };
        Decision::CarryOut { effect, body: SuccessBody::Empty }
    }
}

/// Whether a user with a device calls for itself, with a key that says nothing of MFA.
fn manages_itself(situation: &Situation<'_>, operation: MfaOperation, user: Option<UserId>) -> bool {
    let Caller::User(caller) = situation.caller else { return false };
    let has_device = situation.account.user(caller).is_some_and(|user| !user.has_no_device());
    situation.behaviour.self_management_needs_mfa
        && operation != MfaOperation::Resync
        && user == Some(caller)
        && has_device
}

fn refuse_codes(
    situation: &Situation<'_>,
    named: Named<'_>,
    codes: Option<(AuthenticationCode<'_>, AuthenticationCode<'_>)>,
    memory: &mut Memory,
) -> Option<(ErrorCode, String)> {
    let (earlier, later) = codes?;
    let (id, device) = named.device?;
    let last = memory.last_accepted.get(&id).copied();
    let taken = device.seed.as_ref().and_then(|seed| {
        situation.behaviour.recogniser.recognise(seed, earlier.as_str(), later.as_str(), situation.now, last)
    });
    match taken {
        Some(step) => {
            memory.taken = Some((id, LastPair { second: step, at: situation.now.step() }));
            None
        }
        None => Some((ErrorCode::InvalidAuthenticationCode, message::WRONG_CODES.to_owned())),
    }
}

fn refuse_assignment(account: &Account, operation: MfaOperation, named: Named<'_>) -> Option<(ErrorCode, String)> {
    let owner = named.device?.1.owner;
    match operation {
        MfaOperation::Enable => {
            let own = owner.filter(|owner| Some(*owner) == named.user).and_then(|owner| account.user(owner));
            let message = own.map_or_else(
                || message::DEVICE_IN_USE.to_owned(),
                |user| message::device_of_user(&user.entry.user_name),
            );
            owner.map(|_| (ErrorCode::EntityAlreadyExists, message))
        }
        MfaOperation::Resync | MfaOperation::Deactivate => {
            let own = owner.is_some() && owner == named.user;
            (!own).then(|| (ErrorCode::NoSuchEntity, message::NOT_THE_USERS.to_owned()))
        }
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            constraints: Constraints::default(),
            recogniser: Arc::new(AsRecorded),
            rules: Arc::new(Documented::default()),
            effects: Arc::new(AsDecided),
            renderer: Arc::new(wire::Documented),
            self_management_needs_mfa: true,
            draws_pictures: true,
            refuses_deleted_keys: true,
        }
    }
}
