//! This program's understanding of IAM's API, as JSON.

use std::collections::BTreeMap;

use mfa_reference::clause::ClauseId;
use mfa_reference::permitted::attribution::listed_codes;
use mfa_reference::wire::NAMESPACE;
use mfa_reference::{ErrorCode, Operation, RawRequest};
use serde::Serialize;
use serde_json::Value;

use super::limits::{Limits, constrained, limits};
use super::samples::{SampleReply, SampleRequest, refusal, request, successes};
use crate::wire::result_members;

/// The error for a document that can't be serialized, which is a bug.
#[derive(Debug, thiserror::Error)]
#[error("the protocol can't be written as JSON: {0}")]
pub struct ProtocolError(#[from] serde_json::Error);

#[derive(Debug, Serialize)]
struct Protocol {
    version: &'static str,
    namespace: &'static str,
    /// The HTTP status of each code.
    codes: BTreeMap<&'static str, u16>,
    operations: BTreeMap<&'static str, Described>,
}

#[derive(Debug, Serialize)]
struct Described {
    parameters: BTreeMap<&'static str, Limits>,
    /// The codes of the operation's own page, if it is one of the three.
    errors: Option<Vec<&'static str>>,
    /// The possible content of its result: text as `null`, a list as one element.
    result: Option<Value>,
    request: SampleRequest,
    successes: Vec<SampleReply>,
    refusals: Vec<SampleReply>,
}

/// The whole document, as JSON.
///
/// # Errors
/// The program has a bug.
pub fn document() -> Result<String, ProtocolError> {
    let protocol = Protocol {
        version: RawRequest::VERSION,
        namespace: NAMESPACE,
        codes: ErrorCode::ALL.iter().map(|code| (code.as_str(), code.status())).collect(),
        operations: Operation::ALL.into_iter().map(|operation| (operation.name(), described(operation))).collect(),
    };
    Ok(serde_json::to_string_pretty(&protocol)?)
}

fn described(operation: Operation) -> Described {
    let is_listed = |code: &ErrorCode| ClauseId::ErrorStatus(*code).stance().binds();
    let of_page = |operation| listed_codes(operation).iter().filter(is_listed).map(ErrorCode::as_str).collect();
    Described {
        parameters: constrained(operation).iter().map(|name| (*name, limits(operation, name))).collect(),
        errors: operation.under_test().map(of_page),
        result: result_members(operation),
        request: request(operation),
        successes: successes(operation),
        refusals: ErrorCode::ALL.iter().map(|code| refusal(operation, *code)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_every_code_is_in_the_document() {
        let document: Value = serde_json::from_str(&document().unwrap()).unwrap();
        for operation in Operation::ALL {
            let described = &document["operations"][operation.name()];
            assert_eq!(described["refusals"].as_array().unwrap().len(), ErrorCode::ALL.len());
            assert_eq!(described["errors"].is_array(), operation.under_test().is_some());
        }
        assert_eq!(document["codes"]["InvalidAuthenticationCode"], 403);
        assert_eq!(document["operations"]["ResyncMFADevice"]["errors"].as_array().unwrap().len(), 5);
    }
}
