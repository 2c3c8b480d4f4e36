//! Rows of calls that differ in one value: one listing after several refusals is enough.
//!
//! If a refused call of a row had an effect, the next listing shows it. Every call of the row breaks the same clause, so
//! the finding doesn't depend on which of them it was.

use crate::scenario::{MfaCall, Scenario, ScenarioStep};

/// After this many refusals the devices are listed, so that a finding has few calls before it.
const MOST: usize = 16;

/// For each step of a scenario, whether its listings may wait for those of the next step if its call is refused.
pub(super) fn may_wait(scenario: &Scenario) -> Vec<bool> {
    let steps = &scenario.steps;
    let alike: Vec<bool> = steps.windows(2).map(|two| matches!(two, [one, next] if are_alike(one, next))).collect();
    let is_alike = |index: usize| alike.get(index).copied().unwrap_or_default();
    // Two calls are no row yet: the second may be right, and hide what the first did.
    let in_row = |index: usize| is_alike(index + 1) || (index > 0 && is_alike(index - 1));
    (0..steps.len()).map(|index| is_alike(index) && in_row(index) && (index + 1) % MOST != 0).collect()
}

/// Whether two steps call the same operation and differ in the user, in the device or in the codes.
fn are_alike(one: &ScenarioStep, next: &ScenarioStep) -> bool {
    let (ScenarioStep::One(one), ScenarioStep::One(next)) = (one, next) else { return false };
    let (Some((operation, one)), Some((other, next))) = (one.mfa(), next.mfa()) else { return false };
    let MfaCall { user, device, code1, code2, signer, get, reversed, escapes } = one;
    let differ = [*user != next.user, *device != next.device, (code1, code2) != (&next.code1, &next.code2)];
    let same_style = (signer, get, reversed, escapes) == (&next.signer, &next.get, &next.reversed, &next.escapes);
    operation == other && same_style && differ.into_iter().filter(|differs| *differs).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Action, DeviceRef, UserRef, Value};

    fn waits(actions: Vec<Action>) -> Vec<bool> {
        may_wait(&Scenario::of("a row", actions))
    }

    #[test]
    fn only_rows_of_calls_that_differ_in_one_value_wait() {
        let named = |name: &str| MfaCall { user: Some(Value::text(name)), ..MfaCall::about(UserRef(1), DeviceRef(1)) };
        let row = || ["a!", "a?", "a<"].map(|name| Action::Deactivate(named(name))).to_vec();
        assert_eq!(waits(row()), [true, true, false]);
        assert_eq!(waits(row()[..2].to_vec()), [false, false]);
        let mut another = row();
        another.insert(1, Action::Enable(named("a?")));
        assert_eq!(waits(another), [false; 4]);
        let mut by_get = row();
        if let [_, Action::Deactivate(call), _] = by_get.as_mut_slice() {
            call.get = true;
        }
        assert_eq!(waits(by_get), [false; 3]);
        let long: Vec<_> = (0..40).map(|number| Action::Deactivate(named(&format!("a!{number}")))).collect();
        let listed: Vec<usize> = (0..40).zip(waits(long)).filter(|(_, waits)| !waits).map(|(index, _)| index).collect();
        assert_eq!(listed, [15, 31, 39]);
    }
}
