//! Wrong pairs of codes that an operation accepts.

use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, Request, TimeStep};
use serde::Deserialize;

use crate::altered::{Altered, decides};
use crate::parts::named::{named, refused_with};
use crate::parts::pairs::fresh;
use crate::table::word::OperationWord;

/// Wrong pairs that an operation accepts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Codes {
    to: OperationWord,
    /// The first code and the second.
    accept: [Expected; 2],
    /// The first and the last digit that are compared, from 1; all digits if absent.
    #[serde(default)]
    digits: Option<[usize; 2]>,
}

/// A code that is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
enum Expected {
    /// Any six digits.
    Any,
    /// The code of the last completed step.
    Last,
    /// The code of the current step.
    Current,
    /// These digits.
    Digits(String),
}

impl TryFrom<String> for Expected {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "any" => Ok(Self::Any),
            "last" => Ok(Self::Last),
            "current" => Ok(Self::Current),
            _ if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Self::Digits(text)),
            _ => Err(format!("{text:?} is not a code; use any, last, current or six digits")),
        }
    }
}

impl Codes {
    /// The service that accepts these pairs in addition to the documented ones.
    pub(crate) fn service(&self) -> Altered {
        let codes = self.clone();
        decides(move |situation, request, decision| {
            let Request::Codes { code1, code2, .. } = request else { return decision };
            let (Some(one), Some(two)) = (code1.text, code2.text) else { return decision };
            let named = named(situation, request).filter(|named| named.operation == codes.to.0);
            let Some(named) = named else { return decision };
            let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
            let is_accepted = seed.is_some_and(|seed| codes.accepts(seed, [one, two], situation.now.step()));
            let is_wrong = refused_with(&decision) == Some(ErrorCode::InvalidAuthenticationCode);
            if is_wrong && is_accepted { named.carried_out() } else { decision }
        })
    }

    fn accepts(&self, seed: &Seed, pair: [&str; 2], now: TimeStep) -> bool {
        let (last, current) = fresh(seed, now);
        let compared = |code: &str| {
            let [first, last] = self.digits.unwrap_or([1, code.len()]);
            code.get(first.saturating_sub(1)..last).map(str::to_owned)
        };
        self.accept.iter().zip(pair).all(|(expected, code)| match expected {
            Expected::Any => true,
            Expected::Last => compared(&last) == compared(code),
            Expected::Current => compared(&current) == compared(code),
            Expected::Digits(digits) => digits == code,
        })
    }
}
