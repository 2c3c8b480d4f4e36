//! Replies with another status or another text.

use mfa_reference::wire::HttpResponse;
use mfa_reference::{Operation, Outcome};
use serde::Deserialize;

use crate::altered::{documented_reply, edited};
use crate::table::word::{Answered, OperationWord};

/// Another form of some replies.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Reply {
    /// The operation; any of the three if absent.
    #[serde(default)]
    to: Option<OperationWord>,
    /// Which replies; all if absent.
    #[serde(default)]
    of: Option<Answered>,
    /// Whether it also changes the replies to requests without a known action.
    #[serde(default)]
    unknown_actions: bool,
    #[serde(default)]
    status: Option<u16>,
    /// What is cut out: from the first text to the second, inclusive.
    #[serde(default)]
    cut: Option<[String; 2]>,
    /// Which texts are replaced by which.
    #[serde(default)]
    replace: Vec<[String; 2]>,
    /// What is written before it.
    #[serde(default)]
    before: String,
    /// What is written after it.
    #[serde(default)]
    after: String,
    /// What is written instead of it.
    #[serde(default)]
    whole: Option<String>,
}

impl Reply {
    /// Writes a reply, and changes it if it is one of these.
    pub(crate) fn render(&self, operation: Option<Operation>, outcome: &Outcome, request_id: &str) -> HttpResponse {
        let mut reply = documented_reply(operation, outcome, request_id);
        if !self.concerns(operation, outcome) {
            return reply;
        }
        reply.status = self.status.unwrap_or(reply.status);
        edited(reply, |text| self.written(text))
    }

    fn concerns(&self, operation: Option<Operation>, outcome: &Outcome) -> bool {
        let refused = match outcome {
            Outcome::Error { code, .. } => Some(*code),
            Outcome::Success(_) => None,
        };
        let is_asked = operation.map_or(self.unknown_actions, |operation| {
            operation.under_test().is_some_and(|asked| self.to.is_none_or(|to| to.0 == asked))
        });
        is_asked && self.of.is_none_or(|of| of.is(refused))
    }

    fn written(&self, text: String) -> String {
        if let Some(whole) = &self.whole {
            return whole.clone();
        }
        let text = match &self.cut {
            Some([from, to]) => cut(&text, from, to),
            None => text,
        };
        let text = self.replace.iter().fold(text, |text, [from, to]| text.replace(from, to));
        format!("{}{text}{}", self.before, self.after)
    }
}

/// A text without a part from one text to another, inclusive.
fn cut(text: &str, from: &str, to: &str) -> String {
    match text.split_once(from).and_then(|(before, rest)| Some((before, rest.split_once(to)?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => text.to_owned(),
    }
}
