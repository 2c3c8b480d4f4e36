//! Which exchanges of a trace are told again, when, and under which names.

use mfa_reference::Operation;

use crate::execute::Exchange;
use crate::run::result::Case;
use crate::scenario::{Action, Scenario, ScenarioStep};

/// The seconds of a step of RFC 6238.
const STEP: u64 = 30;

/// The calls that give names: the parameter that holds one, and what follows the prefix in the first.
const GIVEN: [(Operation, (&str, &str)); 2] = [
    (Operation::CreateUser, ("UserName", "-u1")),
    (Operation::CreateVirtualMfaDevice, ("VirtualMFADeviceName", "-d1")),
];

/// The exchanges that matter: those that may change something, and the one that shows the divergence. Of a call that
/// was sent again because of a passing failure, the last. The calls that recreate a device stand
/// with the one that creates it.
pub(super) fn kept(case: &Case) -> Vec<&Exchange> {
    let Some(shown) = case.trace.get(case.exchange) else { return Vec::new() };
    let mut kept: Vec<&Exchange> = Vec::new();
    let recreates = |exchange: &Exchange| exchange.step.is_some_and(|step| case.scenario.recreates_at(step));
    let tells = |exchange: &&Exchange| !exchange.call.operation.is_read() && !recreates(exchange);
    let before = case.trace.iter().take(case.exchange).filter(tells);
    for exchange in before.chain([shown]) {
        let again = kept.last().is_some_and(|last| {
            last.step == exchange.step && last.call == exchange.call && last.signer == exchange.signer
        });
        if again {
            kept.pop();
        }
        kept.push(exchange);
    }
    kept
}

/// How long the sequence waits between two exchanges.
pub(super) fn pause(before: &Exchange, after: &Exchange, scenario: &Scenario) -> Option<u64> {
    let (from, to) = (before.step?, after.step?);
    if from == to {
        // The same call with codes that nobody has used: at most two steps later.
        let waited = before.call.operation == after.call.operation && before.codes.iter().any(Option::is_some);
        return waited.then_some(2 * STEP);
    }
    let between = scenario.steps.iter().take(to).skip(from + 1);
    let steps: u64 = between
        .map(|scenario_step| match scenario_step {
            ScenarioStep::One(Action::Wait { steps, second, .. }) => u64::from(*steps) + u64::from(second.is_some()),
            ScenarioStep::One(_) | ScenarioStep::Together { .. } => 0,
        })
        .sum();
    (steps > 0).then_some(steps * STEP)
}

/// What every name begins with: the part before "-u1" or "-d1" of the first name that was given, or before "-nobody"
/// or "-nothing" of a name that never was.
pub(super) fn prefix_of(trace: &[Exchange]) -> Option<String> {
    let given = trace.iter().find_map(|exchange| {
        let (parameter, ending) =
            GIVEN.iter().find(|(operation, _)| *operation == exchange.call.operation).map(|(_, given)| *given)?;
        let name = exchange.call.request.get(parameter)?;
        name.rfind(ending).and_then(|end| name.get(..end))
    });
    // A sequence may be about users and devices that don't exist alone.
    let absent = || {
        trace.iter().flat_map(|exchange| &exchange.call.request.parameters).find_map(|(_, value)| {
            let name = value.rsplit('/').next()?;
            let end = name.rfind("-nobody").or_else(|| name.rfind("-nothing"))?;
            // A name that was changed on purpose doesn't show how names begin.
            let is_plain = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            name.get(..end).filter(is_plain)
        })
    };
    given.or_else(absent).filter(|prefix| !prefix.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::script::{Line, ReproScript};
    use super::super::text::Piece;
    use super::*;
    use crate::report::samples;
    use crate::scenario::{DeviceRef, MfaCall, UserRef};

    #[test]
    fn listings_are_left_out_but_for_the_one_that_shows_it() {
        use Operation::{CreateUser, CreateVirtualMfaDevice, EnableMfaDevice, ListMfaDevices};
        let operations = |case: &Case| -> Vec<Operation> {
            ReproScript::of(case).calls().map(|call| call.exchange.call.operation).collect()
        };
        assert_eq!(operations(&samples::garbage_accepted()), [CreateUser, CreateVirtualMfaDevice, EnableMfaDevice]);
        let shown = [CreateUser, CreateVirtualMfaDevice, EnableMfaDevice, ListMfaDevices];
        assert_eq!(operations(&samples::wrong_listing()), shown);
    }

    #[test]
    fn a_call_that_was_sent_again_is_told_once() {
        let mut case = samples::missing_operation();
        case.trace.push(case.trace[0].clone());
        case.exchange = 1;
        assert_eq!(ReproScript::of(&case).calls().count(), 1);
    }

    #[test]
    fn a_name_that_was_changed_does_not_tell_how_names_begin() {
        let mut case = samples::missing_operation();
        let parameters = &mut case.trace[0].call.request.parameters;
        parameters.clear();
        parameters.push(("UserName".to_owned(), "mfa<-run-e1-nobody1".to_owned()));
        parameters.push(("SerialNumber".to_owned(), "arn:aws:iam::123456789012:mfa/mfac-run-e1-nothing1".to_owned()));
        assert_eq!(prefix_of(&case.trace).as_deref(), Some("mfac-run-e1"));
    }

    #[test]
    fn waiting_is_told_again() {
        let mut case = samples::missing_operation();
        case.scenario.steps.extend([
            ScenarioStep::One(Action::Wait { steps: 2, aligned: false, second: None }),
            ScenarioStep::One(Action::Resync(MfaCall::about(UserRef(1), DeviceRef(1)))),
        ]);
        let mut later = case.trace[0].clone();
        later.step = Some(2);
        case.trace.push(later);
        case.exchange = 1;
        assert!(matches!(ReproScript::of(&case).lines.as_slice(), [Line::Call(_), Line::Wait(60), Line::Call(_)]));
    }

    #[test]
    fn names_of_what_never_was_begin_with_the_prefix_too() {
        let mut case = samples::missing_operation();
        case.trace[0].call.request.parameters[2].1 = "mfac-9-nobody1".to_owned();
        let script = ReproScript::of(&case);
        assert_eq!(script.prefix.as_deref(), Some("mfac-9"));
        let pieces = &script.calls().next().unwrap().parameters[2].pieces;
        assert_eq!(pieces.as_slice(), [Piece::Prefix, Piece::Text("-nobody1".to_owned())]);
    }
}
