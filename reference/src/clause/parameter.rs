//! The parameters of the three operations, and what the documents say about each.

use crate::MfaOperation;
use crate::value::{CharacterClass, Constraint, OPTIONAL_USER_NAME, SERIAL_NUMBER, USER_NAME};

/// A parameter of one of the three operations under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parameter {
    /// `UserName` of `EnableMFADevice`
    EnableUserName,
    /// `SerialNumber` of `EnableMFADevice`
    EnableSerialNumber,
    /// `AuthenticationCode1` of `EnableMFADevice`
    EnableCode1,
    /// `AuthenticationCode2` of `EnableMFADevice`
    EnableCode2,
    /// `UserName` of `ResyncMFADevice`
    ResyncUserName,
    /// `SerialNumber` of `ResyncMFADevice`
    ResyncSerialNumber,
    /// `AuthenticationCode1` of `ResyncMFADevice`
    ResyncCode1,
    /// `AuthenticationCode2` of `ResyncMFADevice`
    ResyncCode2,
    /// `UserName` of `DeactivateMFADevice`, the only parameter that is not required
    DeactivateUserName,
    /// `SerialNumber` of `DeactivateMFADevice`
    DeactivateSerialNumber,
}

const CODE: Constraint = Constraint { required: true, min: 6, max: 6, class: CharacterClass::Digits };

impl Parameter {
    /// Every parameter, in the order of the ledger.
    pub const ALL: [Self; 10] = [
        Self::EnableUserName,
        Self::EnableSerialNumber,
        Self::EnableCode1,
        Self::EnableCode2,
        Self::ResyncUserName,
        Self::ResyncSerialNumber,
        Self::ResyncCode1,
        Self::ResyncCode2,
        Self::DeactivateUserName,
        Self::DeactivateSerialNumber,
    ];

    /// The parameter of this operation that a request calls `wire_name`.
    #[must_use]
    pub fn of(operation: MfaOperation, wire_name: &str) -> Option<Self> {
        let named = |parameter: &Self| parameter.operation() == operation && parameter.wire_name() == wire_name;
        Self::ALL.into_iter().find(named)
    }

    /// The operation that takes the parameter.
    #[must_use]
    pub const fn operation(self) -> MfaOperation {
        match self {
            Self::EnableUserName | Self::EnableSerialNumber | Self::EnableCode1 | Self::EnableCode2 => {
                MfaOperation::Enable
            }
            Self::ResyncUserName | Self::ResyncSerialNumber | Self::ResyncCode1 | Self::ResyncCode2 => {
                MfaOperation::Resync
            }
            Self::DeactivateUserName | Self::DeactivateSerialNumber => MfaOperation::Deactivate,
        }
    }

    /// The parameter's name in a request.
    #[must_use]
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::EnableUserName | Self::ResyncUserName | Self::DeactivateUserName => "UserName",
            Self::EnableSerialNumber | Self::ResyncSerialNumber | Self::DeactivateSerialNumber => "SerialNumber",
            Self::EnableCode1 | Self::ResyncCode1 => "AuthenticationCode1",
            Self::EnableCode2 | Self::ResyncCode2 => "AuthenticationCode2",
        }
    }

    /// The word that stands for the parameter in clause ids.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::EnableUserName | Self::ResyncUserName | Self::DeactivateUserName => "user-name",
            Self::EnableSerialNumber | Self::ResyncSerialNumber | Self::DeactivateSerialNumber => "serial-number",
            Self::EnableCode1 | Self::ResyncCode1 => "code1",
            Self::EnableCode2 | Self::ResyncCode2 => "code2",
        }
    }

    /// What the operation's page requires of the parameter's value.
    #[must_use]
    pub const fn constraint(self) -> &'static Constraint {
        match self {
            Self::EnableUserName | Self::ResyncUserName => &USER_NAME,
            Self::DeactivateUserName => &OPTIONAL_USER_NAME,
            Self::EnableSerialNumber | Self::ResyncSerialNumber | Self::DeactivateSerialNumber => &SERIAL_NUMBER,
            Self::EnableCode1 | Self::EnableCode2 | Self::ResyncCode1 | Self::ResyncCode2 => &CODE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_by_its_operation_and_its_name_in_a_request() {
        for parameter in Parameter::ALL {
            assert_eq!(Parameter::of(parameter.operation(), parameter.wire_name()), Some(parameter));
        }
        assert_eq!(Parameter::of(MfaOperation::Deactivate, "AuthenticationCode1"), None);
    }

    #[test]
    fn only_the_user_name_of_deactivate_may_be_left_out() {
        let optional = Parameter::ALL.into_iter().filter(|parameter| !parameter.constraint().required);
        assert!(optional.eq([Parameter::DeactivateUserName]));
    }
}
