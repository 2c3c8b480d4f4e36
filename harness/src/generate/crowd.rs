//! Crowds: more devices than one page of the account-wide listing. They play alone, since that listing shows the whole
//! account.

use mfa_reference::clause::ClauseId;

use crate::scenario::{Action, DeviceRef, MfaCall, NameForm, Scenario, UserRef};

/// More devices than a page, which has a hundred unless a request asks for fewer.
const MORE_THAN_A_PAGE: u8 = 104;

/// More enabled devices than a service may expect. A user has at most eight.
const SEVERAL: u8 = 6;

/// All crowds, in a fixed order.
#[must_use]
pub fn crowds() -> Vec<Scenario> {
    vec![
        // One of the two enabled devices is last by name, the other last by time.
        crowd("more devices than a page holds are listed to the last", MORE_THAN_A_PAGE, &[98, MORE_THAN_A_PAGE]),
        crowd("six enabled devices are all listed as assigned", SEVERAL, &[1, 2, 3, 4, 5, SEVERAL]),
    ]
}

/// A scenario that creates `devices` devices, enables some, and lists all of them and each kind.
fn crowd(name: &str, devices: u8, enabled: &[u8]) -> Scenario {
    let user = UserRef(1);
    let mut actions = vec![Action::CreateUser { user, name: NameForm::Plain }];
    actions
        .extend((1..=devices).map(|number| Action::CreateDevice { device: DeviceRef(number), name: NameForm::Plain }));
    actions.extend(enabled.iter().map(|number| {
        let device = DeviceRef(*number);
        Action::Enable(MfaCall::about(user, device).fresh(device))
    }));
    let statuses = [None, Some("Assigned"), Some("Unassigned")];
    actions.extend(statuses.map(|status| Action::ListVirtualDevices { status: status.map(str::to_owned) }));
    let cites = vec![ClauseId::EnableAssociates.to_string()];
    Scenario { cites, serial: true, ..Scenario::of(name, actions) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::check_steps;

    #[test]
    fn each_can_be_played_and_one_has_more_devices_than_a_page() {
        let all = crowds();
        assert!(all.iter().all(|scenario| check_steps(scenario) == Ok(())));
        assert!(all.iter().any(|scenario| scenario.actions() > 100));
    }
}
