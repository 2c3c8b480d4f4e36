//! A service that looks up other names than those in the request, and decides about them as documented.

use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Decision, Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::{RawRequest, Request};

use crate::altered::{Altered, rules};
use crate::parts::named::{Named, named};

/// The names to look up instead of those in the request.
#[derive(Default)]
pub(crate) struct Instead {
    pub(crate) user_name: Option<String>,
    pub(crate) serial: Option<String>,
}

/// A service that looks up other names than those in a request for an operation under test.
pub(crate) fn rereads(instead: impl Fn(&Situation<'_>, &Named<'_>) -> Instead + Send + Sync + 'static) -> Altered {
    rules(Rereads(instead))
}

struct Rereads<F>(F);

impl<F> Rules for Rereads<F>
where
    F: Fn(&Situation<'_>, &Named<'_>) -> Instead + Send + Sync,
{
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let documented = Documented::default();
        let Some(named) = named(situation, request) else { return documented.decide(situation, request, memory) };
        let instead = (self.0)(situation, &named);
        if instead.user_name.is_none() && instead.serial.is_none() {
            return documented.decide(situation, request, memory);
        }
        let (first, second) = match request {
            Request::Codes { code1, code2, .. } => (code1.text, code2.text),
            Request::Deactivate { .. } | Request::Support(_) => (None, None),
        };
        let values = [
            ("UserName", instead.user_name.as_deref().or(named.user_name)),
            ("SerialNumber", instead.serial.as_deref().or(named.serial)),
            ("AuthenticationCode1", first),
            ("AuthenticationCode2", second),
        ];
        let given: Vec<(&str, &str)> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let raw = RawRequest::new(request.operation().name(), &given);
        match Request::read(&raw, &situation.behaviour.constraints) {
            Ok(reread) => documented.decide(situation, &reread, memory),
            Err(_) => documented.decide(situation, request, memory),
        }
    }
}
