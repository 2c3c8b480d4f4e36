//! What the clauses permit: for a state and a request, the set of transitions that a conforming service may take.
//!
//! A *transition* is an answer together with its effect on the state. A *ruling* collects, rule by rule, what must make the
//! service refuse (a *fault* of the request), what may (a *doubt*), and what forbids it to; the transitions follow
//! from these. The rules of each operation stand in a module of its own, each citing its clause.
//!
//! - [`transition`]: transitions, and how a reply is matched against them
//! - `ruling`: from rules to transitions
//! - `codes`: what a pair of codes permits
//! - `recorded`: what AWS was recorded to do where there is a choice
//! - `enable`, `resync`, `deactivate`, `support`: the rules
//! - [`form`]: what parameters that come twice, or that no page names, permit beyond that
//! - `postconditions`: what a correct listing confirms of the call before it
//! - [`attribution`]: which clause a reply breaks that matches no transition

pub mod attribution;
mod code_clauses;
mod codes;
mod deactivate;
mod enable;
pub mod form;
mod postconditions;
mod recorded;
mod resync;
mod ruling;
mod support;
pub mod transition;

use crate::account::Effect;
use crate::belief::{LeftOpen, State, Update};
use crate::clause::{ClauseId, Side};
use crate::context::{Caller, Context};
use crate::outcome::{ErrorCode, ErrorCodes};
use crate::request::{CodeOperation, NoAction, Request};
pub use ruling::CONSTRAINT_CODES;
use ruling::push_common_transients;
pub use transition::Demand;
use transition::{Expect, Permitted, Transition};

/// The transitions that are permitted for a request. The set is never empty.
#[must_use]
pub fn permitted(state: &State, caller: Caller, request: &Request<'_>, context: &Context<'_>) -> Permitted {
    match request {
        Request::Codes { operation: CodeOperation::Enable, user_name, serial_number, code1, code2 } => {
            enable::rules(state, caller, &codes::Arguments { user_name, serial_number, code1, code2 }, context)
        }
        Request::Codes { operation: CodeOperation::Resync, user_name, serial_number, code1, code2 } => {
            resync::rules(state, caller, &codes::Arguments { user_name, serial_number, code1, code2 }, context)
        }
        Request::Deactivate { user_name, serial_number } => {
            deactivate::rules(state, caller, user_name, serial_number, context)
        }
        Request::Support(support) => support::rules(state, support),
    }
}

/// The transitions that are permitted for a request that names no known action.
#[must_use]
pub fn permitted_without_action(no_action: &NoAction) -> Permitted {
    let mut permitted = Permitted::default();
    match no_action {
        NoAction::Missing => {
            permitted.open.push(ClauseId::WireMissingAction);
            permitted.push(Transition::error(ErrorCodes::CLIENT, &[ClauseId::WireMissingAction]));
        }
        NoAction::Unknown { version, .. } => {
            let clause = if version == crate::RawRequest::VERSION {
                ClauseId::WireUnknownAction
            } else {
                ClauseId::WireUnknownVersion
            };
            permitted.tested.push((clause, Side::Reject));
            permitted.push(Transition::error(ErrorCodes::of(&[ErrorCode::InvalidAction]), &[clause]));
            permitted.push(Transition::error(ErrorCodes::CLIENT, &[clause]).departing_from(clause));
            permitted.push(
                Transition::success(Expect::Success, Update::EffectAnd(Effect::None, LeftOpen::Everything), &[clause])
                    .departing_from(clause),
            );
        }
    }
    push_common_transients(&mut permitted);
    permitted
}
