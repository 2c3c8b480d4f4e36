//! The time line of a finding: after each step, who has which device, and to which time steps its codes belong.

use std::collections::{BTreeMap, BTreeSet};

use mfa_reference::{Operation, SuccessBody, TimeStep};

use super::finding::{DeviceState, Moment, SentCode};
use super::steps::{is_action, operation_of, overlapping};
use crate::execute::Exchange;
use crate::run::result::Case;
use crate::scenario::{Action, DeviceRef, ScenarioStep, UserRef, Value};

/// A moment for each line of the steps in words.
pub(super) fn timeline(case: &Case) -> Vec<Moment> {
    let (Some(first), Some(shown)) = (case.trace.first(), case.trace.get(case.exchange)) else { return Vec::new() };
    let last = shown.step.unwrap_or(usize::MAX);
    let alone = !is_action(case, shown);
    // The exchange that shows the finding has a line of its own, if no action of the scenario made it.
    let (before, after) = case.trace.split_at(if alone { case.exchange } else { case.trace.len() });
    let mut moments = Vec::new();
    let mut lanes = Lanes::default();
    for (index, scenario_step) in case.scenario.steps.iter().enumerate().take_while(|(index, _)| *index <= last) {
        let actions = scenario_step.actions();
        let exchanges: Vec<&Exchange> = before.iter().filter(|exchange| exchange.step == Some(index)).collect();
        let overlap = matches!(scenario_step, ScenarioStep::Together { .. });
        if overlap {
            moments.push(lanes.moment(None, first.sent));
        }
        for (position, action) in actions.iter().enumerate() {
            match overlapping(case, index, position) {
                Some(own) => lanes.learn(action, &[own]),
                None => lanes.learn(action, &exchanges),
            }
        }
        for exchange in &exchanges {
            lanes.follow(exchange);
        }
        for (position, action) in actions.iter().enumerate() {
            let call = if overlap { overlapping(case, index, position) } else { called(action, &exchanges) };
            moments.push(lanes.moment(call, first.sent));
        }
    }
    if alone {
        // The listings after the one that shows the finding belong to the same step. In the clean-up there is none.
        let most = if shown.step.is_some() { usize::MAX } else { 1 };
        let clean_up = before.iter().filter(|exchange| exchange.step.is_none());
        let rest = after.iter().filter(|exchange| exchange.step == shown.step).take(most);
        clean_up.chain(rest).for_each(|exchange| lanes.follow(exchange));
        moments.push(lanes.moment(Some(shown), first.sent));
    }
    moments
}

/// The last call of an action.
fn called<'c>(action: &Action, exchanges: &[&'c Exchange]) -> Option<&'c Exchange> {
    let fits = |exchange: &&Exchange| match operation_of(action) {
        Some(operation) => exchange.call.operation == operation,
        None => matches!(action, Action::Call(_)) && !exchange.call.operation.is_read(),
    };
    exchanges.iter().copied().rfind(fits)
}

/// A device.
#[derive(Default)]
struct Lane {
    /// Its serial number, once it is known.
    serial_number: String,
    exists: bool,
    owners: BTreeSet<UserRef>,
}

/// The users and devices so far.
#[derive(Default)]
struct Lanes {
    users: BTreeMap<UserRef, String>,
    devices: BTreeMap<DeviceRef, Lane>,
    /// Who has devices that the scenario did not create.
    others: Option<BTreeSet<UserRef>>,
}

impl Lanes {
    /// Learns the names and serial numbers for which an action's symbols stand.
    fn learn(&mut self, action: &Action, exchanges: &[&Exchange]) {
        let sent = |operation: Operation, name: &str| {
            let mut calls = exchanges.iter().rev().filter(|exchange| exchange.call.operation == operation);
            calls.find_map(|exchange| exchange.call.request.get(name).map(str::to_owned))
        };
        match action {
            Action::CreateUser { user, .. } => {
                self.users.extend(sent(Operation::CreateUser, "UserName").map(|name| (*user, name)));
            }
            Action::RenameUser { user, .. } => {
                let renamed = |exchange: &&&Exchange| {
                    exchange.call.operation == Operation::UpdateUser && exchange.body().is_some()
                };
                if exchanges.iter().any(|exchange| renamed(&exchange)) {
                    self.users.extend(sent(Operation::UpdateUser, "NewUserName").map(|name| (*user, name)));
                }
            }
            Action::CreateDevice { device, .. } | Action::RecreateDevice { device, .. } => {
                let lane = self.devices.entry(*device).or_default();
                for exchange in exchanges {
                    if let Some(SuccessBody::VirtualDevice { serial_number, .. }) = exchange.body() {
                        serial_number.clone_into(&mut lane.serial_number);
                        lane.exists = true;
                    }
                }
            }
            Action::Enable(call) | Action::Resync(call) | Action::Deactivate(call) => {
                let operation = operation_of(action);
                let named = |name: &str| operation.and_then(|operation| sent(operation, name));
                if let (Some(Value::UserName(user)), Some(name)) = (&call.user, named("UserName")) {
                    self.users.entry(*user).or_insert(name);
                }
                if let (Some(Value::SerialNumber(device)), Some(serial_number)) = (&call.device, named("SerialNumber"))
                {
                    self.devices.entry(*device).or_insert(Lane { serial_number, ..Lane::default() });
                }
            }
            Action::DeleteUser { .. }
            | Action::DeleteDevice { .. }
            | Action::CreateKey { .. }
            | Action::DeleteKey { .. }
            | Action::Call(_)
            | Action::ListDevices { .. }
            | Action::ListVirtualDevices { .. }
            | Action::Wait { .. } => {}
        }
    }

    /// Follows what a success says. A listing outranks what an earlier reply said.
    fn follow(&mut self, exchange: &Exchange) {
        let Some(body) = exchange.body() else { return };
        let named = exchange.call.request.get("UserName").or(exchange.signer.as_deref());
        let user = self.users.iter().find(|(_, name)| Some(name.as_str()) == named).map(|(user, _)| *user);
        let serial_number = exchange.call.request.get("SerialNumber");
        let lane = self.devices.values_mut().find(|lane| Some(lane.serial_number.as_str()) == serial_number);
        match (exchange.call.operation, body) {
            (Operation::EnableMfaDevice, _) => match lane {
                Some(lane) => lane.owners.extend(user),
                None => self.others.get_or_insert_default().extend(user),
            },
            (Operation::DeactivateMfaDevice, _) => {
                if let (Some(lane), Some(user)) = (lane, user) {
                    lane.owners.remove(&user);
                }
            }
            (Operation::DeleteVirtualMfaDevice, _) => {
                if let Some(lane) = lane {
                    (lane.exists, lane.owners) = (false, BTreeSet::new());
                }
            }
            (Operation::ListMfaDevices, SuccessBody::MfaDevices(page)) => {
                let Some(user) = user else { return };
                let mut listed: BTreeSet<&str> = page.items.iter().map(|item| item.serial_number.as_str()).collect();
                for lane in self.devices.values_mut() {
                    set(&mut lane.owners, user, listed.remove(lane.serial_number.as_str()));
                }
                if !listed.is_empty() || self.others.is_some() {
                    set(self.others.get_or_insert_default(), user, !listed.is_empty());
                }
            }
            _ => {}
        }
    }

    /// The devices now, and what a call sent.
    fn moment(&self, exchange: Option<&Exchange>, first: TimeStep) -> Moment {
        let known = self.devices.iter().map(|(device, lane)| DeviceState {
            device: Some(*device),
            exists: lane.exists,
            owners: lane.owners.iter().copied().collect(),
        });
        let others = self.others.iter().map(|owners| DeviceState {
            device: None,
            exists: !owners.is_empty(),
            owners: owners.iter().copied().collect(),
        });
        let relative = |at: TimeStep| at.0 - first.0;
        Moment {
            time_step: exchange.map(|exchange| relative(exchange.sent)),
            codes: exchange.map(|exchange| codes(exchange, relative)).unwrap_or_default(),
            devices: known.chain(others).collect(),
        }
    }
}

fn set(owners: &mut BTreeSet<UserRef>, user: UserRef, has: bool) {
    if has {
        owners.insert(user);
    } else {
        owners.remove(&user);
    }
}

fn codes(exchange: &Exchange, relative: impl Fn(TimeStep) -> i64) -> Vec<SentCode> {
    let numbered = exchange.parameters().filter_map(|(name, _, origin)| match name {
        "AuthenticationCode1" => Some((1, origin)),
        "AuthenticationCode2" => Some((2, origin)),
        _ => None,
    });
    numbered
        .map(|(number, origin)| SentCode {
            number,
            time_step: origin.code.as_ref().map(|code| relative(code.at)),
            changed: origin.code.as_ref().is_some_and(|code| !code.edits.is_empty()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;
    use crate::report::steps::steps;

    /// The owners of each device after each step, as "1:1" for device 1 with user 1; "-" for an absent device.
    fn owners(case: &Case) -> Vec<String> {
        let shown = |state: &DeviceState| {
            let owners: Vec<String> = state.owners.iter().map(|user| user.0.to_string()).collect();
            let device = state.device.map_or("?".to_owned(), |device| device.0.to_string());
            format!("{device}:{}", if state.exists || !owners.is_empty() { owners.join("+") } else { "-".to_owned() })
        };
        timeline(case).iter().map(|moment| moment.devices.iter().map(shown).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn every_step_in_words_has_a_moment() {
        for case in samples::cases().iter().chain([&samples::nasty_case()]) {
            assert_eq!(timeline(case).len(), steps(case).len(), "{}", case.scenario.name);
        }
    }

    #[test]
    fn a_reply_gives_a_device_to_a_user_and_a_listing_takes_it_away() {
        assert_eq!(owners(&samples::garbage_accepted()), ["", "1:", "1:1"]);
        assert_eq!(owners(&samples::wrong_listing()), ["", "1:", "1:1", "1:"]);
    }

    #[test]
    fn a_device_that_the_scenario_did_not_create_has_a_lane_of_its_own() {
        let mut case = samples::wrong_listing();
        let listed = case.trace.pop().unwrap();
        case.trace.push(samples::listed(listed.step.unwrap(), &["arn:of-nobody"]));
        assert_eq!(owners(&case).last().unwrap(), "1: ?:1");
    }

    #[test]
    fn a_code_stands_in_its_time_step() {
        let moments = timeline(&samples::wrong_listing());
        let code = |number, time_step| SentCode { number, time_step: Some(time_step), changed: false };
        assert_eq!((moments[2].time_step, &moments[2].codes), (Some(0), &vec![code(1, -1), code(2, 0)]));
        let guesses = &timeline(&samples::garbage_accepted())[2].codes;
        assert!(guesses.len() == 2 && guesses.iter().all(|code| code.time_step.is_none()));
    }
}
