//! Constraints of parameters that are looser or tighter than documented.

use mfa_reference::clause::{Aspect, Parameter};
use mfa_reference::service::behaviour::{Decision, Situation};
use mfa_reference::{Caller, ErrorCode, MfaOperation, Request};
use serde::Deserialize;

use crate::altered::{Altered, decides};
use crate::parts::named::{Named, named, newest_device, newest_user, refuse, refused_with};
use crate::table::word::ParameterWord;

/// Another constraint of some parameters, each of a different operation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Parameters {
    of: Vec<ParameterWord>,
    /// A value that breaks only this is read as the right one.
    #[serde(default)]
    accept: Option<Wrong>,
    /// A value at this edge of the constraint is refused.
    #[serde(default)]
    refuse: Option<Edge>,
    /// A value with this character is refused.
    #[serde(default)]
    refuse_character: Option<char>,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Wrong {
    Absent,
    Empty,
    TooShort,
    TooLong,
    OddCharacter,
}

impl Wrong {
    const fn aspect(self) -> Aspect {
        match self {
            Self::Absent => Aspect::Required,
            Self::Empty => Aspect::Empty,
            Self::TooShort => Aspect::MinLength,
            Self::TooLong => Aspect::MaxLength,
            Self::OddCharacter => Aspect::Pattern,
        }
    }
}

/// An edge of what a constraint allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Edge {
    Absent,
    Shortest,
    Longest,
    /// The greatest length of a user's name at creation.
    LongestName,
}

impl Parameters {
    /// What is wrong with the row, if anything.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let given = [self.accept.is_some(), self.refuse.is_some(), self.refuse_character.is_some()];
        let is_one = given.into_iter().filter(|given| *given).count() == 1;
        (!is_one).then_some("`parameters` needs one of `accept`, `refuse` and `refuse-character`")
    }

    /// The service with these constraints.
    pub(crate) fn service(&self) -> Altered {
        let parameters = self.clone();
        decides(move |situation, request, decision| {
            let asked = request.operation().under_test();
            let meant = parameters.of.iter().find(|parameter| Some(parameter.0.operation()) == asked);
            let Some(ParameterWord(parameter)) = meant.copied() else { return decision };
            match parameters.accept {
                Some(wrong) => accepted(situation, request, parameter, wrong.aspect()).unwrap_or(decision),
                None if parameters.refuses(situation, request, parameter, &decision) => {
                    refuse(ErrorCode::ValidationError)
                }
                None => decision,
            }
        })
    }

    fn refuses(&self, situation: &Situation<'_>, request: &Request<'_>, of: Parameter, decision: &Decision) -> bool {
        let text = text_of(request, of);
        let is_refused = match (self.refuse, self.refuse_character) {
            (Some(Edge::Absent), _) => text.is_none() && matches!(situation.caller, Caller::User(_)),
            (Some(Edge::Shortest), _) => text.is_some_and(|text| text.len() == of.constraint().min),
            (Some(Edge::Longest), _) => text.is_some_and(|text| text.len() == of.constraint().max),
            (Some(Edge::LongestName), _) => text.is_some_and(|text| text.len() == 64),
            (None, Some(character)) => text.is_some_and(|text| text.contains(character)),
            (None, None) => false,
        };
        is_refused && matches!(refused_with(decision), None | Some(ErrorCode::NoSuchEntity))
    }
}

/// Executes a request that breaks only this aspect. It uses the newest user and device if the request names none.
fn accepted(situation: &Situation<'_>, request: &Request<'_>, of: Parameter, aspect: Aspect) -> Option<Decision> {
    let violations = request.violations();
    let is_meant = violations.iter().all(|one| one.member == of.wire_name() && one.aspect == aspect);
    let named = named(situation, request).filter(|_| is_meant && !violations.is_empty())?;
    let account = situation.account;
    let device = newest_device(account).and_then(|id| Some((id, account.device(id)?)));
    let named = Named { user: named.user.or(newest_user(account)), device: named.device.or(device), ..named };
    let is_free = named.owner().is_none();
    (is_free == (of.operation() == MfaOperation::Enable)).then(|| named.carried_out())
}

/// The text of a parameter, if the request has it.
fn text_of<'a>(request: &Request<'a>, parameter: Parameter) -> Option<&'a str> {
    match (request, parameter.wire_name()) {
        (Request::Codes { user_name, .. } | Request::Deactivate { user_name, .. }, "UserName") => user_name.text,
        (Request::Codes { serial_number, .. } | Request::Deactivate { serial_number, .. }, "SerialNumber") => {
            serial_number.text
        }
        (Request::Codes { code1, .. }, "AuthenticationCode1") => code1.text,
        (Request::Codes { code2, .. }, "AuthenticationCode2") => code2.text,
        _ => None,
    }
}
