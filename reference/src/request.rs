//! A request as received, and the same parsed into types or into all that is wrong with it.

use smallvec::SmallVec;

use crate::clause::{Aspect, Parameter};
use crate::operation::{MfaOperation, Operation};
use crate::outcome::Tag;
pub(crate) use crate::value::SERIAL_NUMBER;
use crate::value::{
    AuthenticationCode, CharacterClass, Check, Constraint, OPTIONAL_USER_NAME, SerialNumber, USER_NAME, UserName,
};

/// The parameters of a request, decoded but not yet understood, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRequest {
    /// Names and values, `Action` and `Version` among them.
    pub parameters: Vec<(String, String)>,
}

impl RawRequest {
    /// The API version of every request.
    pub const VERSION: &'static str = "2010-05-08";

    /// A request for an action, with the right version and these further parameters.
    #[must_use]
    pub fn new(action: &str, parameters: &[(&str, &str)]) -> Self {
        let mut all = Vec::with_capacity(parameters.len() + 2);
        all.push(("Action".to_owned(), action.to_owned()));
        all.push(("Version".to_owned(), Self::VERSION.to_owned()));
        all.extend(parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { parameters: all }
    }

    /// The value of a parameter; of one that came twice, the first (clause `wire.duplicate-parameter`).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// One parameter of a request: its text as it came, and its value if it keeps its constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument<'a, T> {
    /// The text as it came, or `None` if the parameter is absent.
    pub text: Option<&'a str>,
    /// The parsed value: present if the parameter is and breaks nothing.
    pub value: Option<T>,
    /// What it breaks, surely or perhaps.
    pub check: Check,
    /// The constraint that it was checked against.
    pub constraint: Constraint,
}

impl<'a, T> Argument<'a, T> {
    fn read(raw: &'a RawRequest, name: &str, constraint: &Constraint, checked: fn(&'a str) -> T) -> Self {
        let text = raw.get(name);
        let check = constraint.check(text);
        let value = if check.violations.is_empty() { text.map(checked) } else { None };
        Self { text, value, check, constraint: *constraint }
    }

    /// What it breaks under every reading of the documents, as the member of this name.
    fn violations(&self, member: &'static str) -> impl Iterator<Item = Violation<'a>> {
        let violation =
            move |aspect: &Aspect| Violation { member, aspect: *aspect, text: self.text, constraint: self.constraint };
        self.check.violations.iter().map(violation)
    }
}

/// A request for a known action, parsed parameter by parameter. A parameter that breaks its constraint has no value;
/// [`Request::violations`] tells them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// `EnableMFADevice` or `ResyncMFADevice`
    Codes {
        /// Which of the two.
        operation: CodeOperation,
        /// `UserName`
        user_name: Argument<'a, UserName<'a>>,
        /// `SerialNumber`
        serial_number: Argument<'a, SerialNumber<'a>>,
        /// `AuthenticationCode1`
        code1: Argument<'a, AuthenticationCode<'a>>,
        /// `AuthenticationCode2`
        code2: Argument<'a, AuthenticationCode<'a>>,
    },
    /// `DeactivateMFADevice`
    Deactivate {
        /// `UserName`; without it, the caller.
        user_name: Argument<'a, UserName<'a>>,
        /// `SerialNumber`
        serial_number: Argument<'a, SerialNumber<'a>>,
    },
    /// An operation that sets up or observes.
    Support(Support<'a>),
}

/// The operations that take a pair of authentication codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeOperation {
    /// `EnableMFADevice`
    Enable,
    /// `ResyncMFADevice`
    Resync,
}

impl CodeOperation {
    /// The same as an operation under test.
    #[must_use]
    pub const fn operation(self) -> MfaOperation {
        match self {
            Self::Enable => MfaOperation::Enable,
            Self::Resync => MfaOperation::Resync,
        }
    }
}

/// A request for an operation that sets up or observes. Its parameters are checked as far as a service must to stay
/// consistent; clauses speak of few of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support<'a> {
    /// Which operation.
    pub operation: Operation,
    /// `UserName`, or `VirtualMFADeviceName` of `CreateVirtualMFADevice`.
    pub name: Argument<'a, UserName<'a>>,
    /// `NewUserName` of `UpdateUser`.
    pub new_name: Argument<'a, UserName<'a>>,
    /// `SerialNumber` of `DeleteVirtualMFADevice`.
    pub serial_number: Argument<'a, SerialNumber<'a>>,
    /// `Path`, `/` if absent.
    pub path: &'a str,
    /// `NewPath` of `UpdateUser`.
    pub new_path: Option<&'a str>,
    /// `PathPrefix` of `ListUsers`, `/` if absent.
    pub path_prefix: &'a str,
    /// `Tags`, in the order of their numbers.
    pub tags: Vec<Tag>,
    /// `AccessKeyId` of `DeleteAccessKey`.
    pub access_key_id: Option<&'a str>,
    /// `AssignmentStatus` of `ListVirtualMFADevices`.
    pub assignment_status: Option<&'a str>,
    /// `Marker` of a listing.
    pub marker: Option<&'a str>,
    /// `MaxItems` of a listing.
    pub max_items: Option<&'a str>,
}

/// Why a request names no known action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAction {
    /// There is no `Action`.
    Missing,
    /// The action, or the version of the API, is not known.
    Unknown {
        /// `Action` as it came.
        action: String,
        /// `Version` as it came; empty if it is absent.
        version: String,
    },
}

/// A constraint that a request breaks under every reading of the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation<'a> {
    /// The parameter's name on the wire.
    pub member: &'static str,
    /// What of its constraint is broken.
    pub aspect: Aspect,
    /// The parameter's text.
    pub text: Option<&'a str>,
    /// The constraint that the parameter was checked against.
    pub constraint: Constraint,
}

/// The constraints by which requests are read: those of the documents, unless a service overrides them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraints {
    parameters: [Constraint; Parameter::ALL.len()],
    /// `UserName` of `CreateUser` and `NewUserName` of `UpdateUser` (clause `create-user.length`).
    pub new_user_name: Constraint,
    /// `VirtualMFADeviceName`.
    pub device_name: Constraint,
}

const UNUSED_NAME: Constraint = Constraint { required: false, min: 0, max: usize::MAX, class: CharacterClass::Name };

impl Default for Constraints {
    fn default() -> Self {
        Self {
            parameters: Parameter::ALL.map(|parameter| *parameter.constraint()),
            new_user_name: Constraint { required: true, min: 1, max: 64, class: CharacterClass::Name },
            device_name: Constraint { required: true, min: 1, max: 226, class: CharacterClass::Name },
        }
    }
}

impl Constraints {
    /// The constraint of a parameter.
    #[must_use]
    pub fn of(&self, parameter: Parameter) -> &Constraint {
        self.parameters.get(parameter as usize).unwrap_or_else(|| parameter.constraint())
    }

    /// Overrides the constraint of a parameter.
    pub fn set(&mut self, parameter: Parameter, constraint: Constraint) {
        if let Some(slot) = self.parameters.get_mut(parameter as usize) {
            *slot = constraint;
        }
    }
}

impl<'a> Request<'a> {
    /// Reads a request by these constraints.
    ///
    /// # Errors
    /// The request names no known action.
    pub fn read(raw: &'a RawRequest, constraints: &Constraints) -> Result<Self, NoAction> {
        let Some(action) = raw.get("Action").filter(|action| !action.is_empty()) else {
            return Err(NoAction::Missing);
        };
        let version = raw.get("Version").unwrap_or_default();
        let known = Operation::from_name(action).filter(|_| version == RawRequest::VERSION);
        let Some(operation) = known else {
            return Err(NoAction::Unknown { action: action.to_owned(), version: version.to_owned() });
        };
        Ok(match operation.under_test() {
            Some(MfaOperation::Enable) => Self::codes(raw, CodeOperation::Enable, constraints),
            Some(MfaOperation::Resync) => Self::codes(raw, CodeOperation::Resync, constraints),
            Some(MfaOperation::Deactivate) => Self::Deactivate {
                user_name: name(raw, constraints.of(Parameter::DeactivateUserName)),
                serial_number: serial(raw, constraints.of(Parameter::DeactivateSerialNumber)),
            },
            None => Self::Support(Support::read(raw, operation, constraints)),
        })
    }

    fn codes(raw: &'a RawRequest, operation: CodeOperation, constraints: &Constraints) -> Self {
        let [user_name, serial_number, code1, code2] = match operation {
            CodeOperation::Enable => [
                Parameter::EnableUserName,
                Parameter::EnableSerialNumber,
                Parameter::EnableCode1,
                Parameter::EnableCode2,
            ],
            CodeOperation::Resync => [
                Parameter::ResyncUserName,
                Parameter::ResyncSerialNumber,
                Parameter::ResyncCode1,
                Parameter::ResyncCode2,
            ],
        };
        Self::Codes {
            operation,
            user_name: name(raw, constraints.of(user_name)),
            serial_number: serial(raw, constraints.of(serial_number)),
            code1: Argument::read(raw, code1.wire_name(), constraints.of(code1), AuthenticationCode::checked),
            code2: Argument::read(raw, code2.wire_name(), constraints.of(code2), AuthenticationCode::checked),
        }
    }

    /// The operation asked for.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::Codes { operation: CodeOperation::Enable, .. } => Operation::EnableMfaDevice,
            Self::Codes { operation: CodeOperation::Resync, .. } => Operation::ResyncMfaDevice,
            Self::Deactivate { .. } => Operation::DeactivateMfaDevice,
            Self::Support(support) => support.operation,
        }
    }

    /// Every constraint that the request surely breaks, in the order of the parameters in the documents.
    #[must_use]
    pub fn violations(&self) -> SmallVec<[Violation<'a>; 4]> {
        let mut all = SmallVec::new();
        match self {
            Self::Codes { user_name, serial_number, code1, code2, .. } => {
                all.extend(user_name.violations("UserName"));
                all.extend(serial_number.violations("SerialNumber"));
                all.extend(code1.violations("AuthenticationCode1"));
                all.extend(code2.violations("AuthenticationCode2"));
            }
            Self::Deactivate { user_name, serial_number } => {
                all.extend(user_name.violations("UserName"));
                all.extend(serial_number.violations("SerialNumber"));
            }
            Self::Support(support) => {
                let member = if support.operation == Operation::CreateVirtualMfaDevice {
                    "VirtualMFADeviceName"
                } else {
                    "UserName"
                };
                all.extend(support.name.violations(member));
                all.extend(support.new_name.violations("NewUserName"));
                all.extend(support.serial_number.violations("SerialNumber"));
            }
        }
        all
    }
}

fn name<'a>(raw: &'a RawRequest, constraint: &Constraint) -> Argument<'a, UserName<'a>> {
    Argument::read(raw, "UserName", constraint, UserName::checked)
}

fn serial<'a>(raw: &'a RawRequest, constraint: &Constraint) -> Argument<'a, SerialNumber<'a>> {
    Argument::read(raw, "SerialNumber", constraint, SerialNumber::checked)
}

/// `Tags.member.1.Key` and so on, up to the first number that is left out.
fn tags(raw: &RawRequest) -> Vec<Tag> {
    let tag = |number: usize| {
        let text = |part: &str| raw.get(&format!("Tags.member.{number}.{part}")).map(str::to_owned);
        Some(Tag { key: text("Key")?, value: text("Value").unwrap_or_default() })
    };
    (1..).map_while(tag).collect()
}

impl<'a> Support<'a> {
    fn read(raw: &'a RawRequest, operation: Operation, constraints: &Constraints) -> Self {
        let optional_serial = Constraint { required: false, ..SERIAL_NUMBER };
        let (name_member, name_constraint) = match operation {
            Operation::CreateUser => ("UserName", &constraints.new_user_name),
            Operation::CreateVirtualMfaDevice => ("VirtualMFADeviceName", &constraints.device_name),
            Operation::UpdateUser | Operation::DeleteUser => ("UserName", &USER_NAME),
            Operation::DeleteVirtualMfaDevice | Operation::ListUsers | Operation::ListVirtualMfaDevices => {
                ("UserName", &UNUSED_NAME)
            }
            Operation::EnableMfaDevice
            | Operation::ResyncMfaDevice
            | Operation::DeactivateMfaDevice
            | Operation::GetUser
            | Operation::ListMfaDevices
            | Operation::CreateAccessKey
            | Operation::ListAccessKeys
            | Operation::DeleteAccessKey => ("UserName", &OPTIONAL_USER_NAME),
        };
        let new_name = Constraint { required: false, ..constraints.new_user_name };
        let serial_constraint =
            if operation == Operation::DeleteVirtualMfaDevice { &SERIAL_NUMBER } else { &optional_serial };
        Self {
            operation,
            name: Argument::read(raw, name_member, name_constraint, UserName::checked),
            new_name: Argument::read(raw, "NewUserName", &new_name, UserName::checked),
            serial_number: serial(raw, serial_constraint),
            path: raw.get("Path").unwrap_or("/"),
            new_path: raw.get("NewPath"),
            path_prefix: raw.get("PathPrefix").unwrap_or("/"),
            tags: tags(raw),
            access_key_id: raw.get("AccessKeyId"),
            assignment_status: raw.get("AssignmentStatus"),
            marker: raw.get("Marker"),
            max_items: raw.get("MaxItems"),
        }
    }
}
