//! The service of all parts of a row.

use serde::Deserialize;

use crate::altered::{Altered, documented};
use crate::does::answer::Answer;
use crate::does::codes::Codes;
use crate::does::effects::Effects;
use crate::does::parameters::Parameters;
use crate::does::reply::Reply;
use crate::does::request::Request;

/// What the service of a row does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Does {
    #[serde(default)]
    answer: Option<Answer>,
    #[serde(default)]
    codes: Option<Codes>,
    #[serde(default)]
    parameters: Option<Parameters>,
    #[serde(default)]
    effects: Option<Effects>,
    #[serde(default)]
    reply: Option<Reply>,
    #[serde(default)]
    request: Option<Request>,
}

impl Does {
    /// What is wrong with the row, if anything.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let decisions = [self.answer.is_some(), self.codes.is_some(), self.parameters.is_some()];
        let others = [self.effects.is_some(), self.reply.is_some(), self.request.is_some()];
        let decided = decisions.into_iter().filter(|given| *given).count();
        if decided > 1 {
            return Some("`answer`, `codes` and `parameters` exclude each other");
        }
        if decided == 0 && !others.contains(&true) {
            return Some("it is empty");
        }
        let problem = self.answer.as_ref().and_then(Answer::problem);
        problem.or_else(|| self.parameters.as_ref().and_then(Parameters::problem))
    }

    /// The service.
    pub(crate) fn service(&self) -> Altered {
        let mut service = match (&self.answer, &self.codes, &self.parameters) {
            (Some(answer), ..) => answer.service(),
            (None, Some(codes), _) => codes.service(),
            (None, None, Some(parameters)) => parameters.service(),
            (None, None, None) => documented(),
        };
        if let Some(effects) = self.effects.clone() {
            service =
                service.and_effects(move |account, effect, body, now| effects.carry_out(account, effect, body, now));
        }
        if let Some(reply) = self.reply.clone() {
            service = service.and_renderer(move |operation, outcome, id| reply.render(operation, outcome, id));
        }
        match &self.request {
            Some(request) => service.behind(request.lay()),
            None => service,
        }
    }
}
