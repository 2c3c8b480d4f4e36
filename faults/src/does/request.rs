//! Misread parameters.

use serde::Deserialize;

use crate::line::{Incoming, Lay, by_get, misread, parameter, without};
use crate::parts::requests::is_under_test;
use crate::table::word::OperationWord;

/// A misreading of the encoded parameters of some requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Request {
    /// The operation; any of the three if absent.
    #[serde(default)]
    to: Option<OperationWord>,
    /// Whether it also misreads requests for any other action.
    #[serde(default)]
    any_action: bool,
    /// Whether it misreads only requests by GET.
    #[serde(default)]
    by_get: bool,
    /// Which encoded texts are replaced by which.
    #[serde(default)]
    replace: Vec<[String; 2]>,
    /// The parameter that isn't read.
    #[serde(default)]
    drop: Option<String>,
}

impl Request {
    /// The line with this misreading.
    pub(crate) fn lay(&self) -> Lay {
        let request = self.clone();
        misread(
            move |incoming, parameters| {
                if request.concerns(incoming, parameters) { request.read(parameters) } else { parameters.to_owned() }
            },
        )
    }

    fn concerns(&self, incoming: &Incoming<'_>, parameters: &str) -> bool {
        let is_asked = match self.to {
            Some(to) => parameter(parameters, "Action") == Some(to.0.operation().name()),
            None => self.any_action || is_under_test(parameters),
        };
        is_asked && (!self.by_get || by_get(&incoming.request))
    }

    fn read(&self, parameters: &str) -> String {
        let kept = match &self.drop {
            Some(dropped) => without(parameters, |_, name| name == dropped),
            None => parameters.to_owned(),
        };
        self.replace.iter().fold(kept, |text, [from, to]| text.replace(from, to))
    }
}
