//! Error codes, operations and parameters as a table writes them.

use mfa_reference::clause::Parameter;
use mfa_reference::{ErrorCode, MfaOperation};
use serde::Deserialize;

/// An error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct CodeWord(pub(crate) ErrorCode);

impl TryFrom<String> for CodeWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = ErrorCode::ALL.iter().find(|code| code.as_str() == text);
        known.map(|code| Self(*code)).ok_or_else(|| format!("{text:?} is not an error code of the documents"))
    }
}

/// An operation under test: `enable`, `resync` or `deactivate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct OperationWord(pub(crate) MfaOperation);

impl TryFrom<String> for OperationWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = MfaOperation::ALL.into_iter().find(|operation| operation.word() == text);
        known.map(Self).ok_or_else(|| format!("{text:?} is not an operation; use enable, resync or deactivate"))
    }
}

/// A parameter of an operation under test, such as `enable.user-name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ParameterWord(pub(crate) Parameter);

impl TryFrom<String> for ParameterWord {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_meant = |one: &Parameter| text.split_once('.') == Some((one.operation().word(), one.word()));
        let known = Parameter::ALL.into_iter().find(is_meant);
        known.map(Self).ok_or_else(|| format!("{text:?} is not a parameter; use one such as \"enable.user-name\""))
    }
}

/// What the documented service answers: `success`, `refusal` or an error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Answered {
    /// A success.
    Success,
    /// An error, whatever its code.
    Refusal,
    /// An error with this code.
    Code(ErrorCode),
}

impl Answered {
    /// Whether it is this, given the code of a refusal.
    pub(crate) fn is(self, refused: Option<ErrorCode>) -> bool {
        match self {
            Self::Success => refused.is_none(),
            Self::Refusal => refused.is_some(),
            Self::Code(code) => refused == Some(code),
        }
    }
}

impl TryFrom<String> for Answered {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "success" => Ok(Self::Success),
            "refusal" => Ok(Self::Refusal),
            _ => CodeWord::try_from(text).map(|code| Self::Code(code.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_word_is_reported_with_what_is_possible() {
        let problems = [
            OperationWord::try_from("EnableMFADevice".to_owned()).unwrap_err(),
            ParameterWord::try_from("enable.user".to_owned()).unwrap_err(),
            CodeWord::try_from("NoSuchThing".to_owned()).unwrap_err(),
        ];
        for (problem, part) in problems.iter().zip(["use enable", "enable.user-name", "error code"]) {
            assert!(problem.contains(part), "{problem}");
        }
    }
}
