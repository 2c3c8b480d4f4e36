//! Calls that overlap. Each scenario sets up users and devices, makes two to four calls at once, and lists all devices.
//!
//! The first scenarios are sets of calls that decide something: calls that exclude each other, that must not affect each
//! other, and that race against a deletion, a renaming or a listing. The others are drawn at random.

use mfa_reference::MfaOperation;
use mfa_reference::clause::ClauseId;

use super::plan::Plan;
use super::sequences::random;
use crate::scenario::{Action, DeviceRef, MOST_CALLS, MfaCall, NameForm, Scenario, ScenarioStep, UserRef, Value};

/// How many scenarios are drawn in addition to the sets.
const DRAWN: u64 = 12;

/// The number of devices that a user may have (`enable.limit`).
const MOST_DEVICES: u8 = 8;

/// A set of calls that overlap, and what it needs.
struct Set {
    name: &'static str,
    users: u8,
    devices: u8,
    /// The devices that are enabled before, each with its user.
    enabled: Vec<(u8, u8)>,
    calls: Vec<Action>,
}

/// All scenarios for a target, in a fixed order.
#[must_use]
pub fn overlaps(seed: u64, plan: &Plan) -> Vec<Scenario> {
    let is_present = |action: &Action| action.mfa().is_none_or(|(operation, _)| plan.present.contains(&operation));
    // These wait, so they come first: a run whose time is short still plays them.
    let mut all: Vec<Scenario> = Vec::new();
    if plan.present.contains(&MfaOperation::Resync) {
        all.push(listings_beside_resyncs());
    }
    all.extend(sets().into_iter().filter(|set| set.calls.iter().all(is_present)).map(played));
    all.push(devices_of_one_name());
    all.extend((0..DRAWN).map(|number| drawn(seed, number, plan)));
    all
}

fn user(number: u8) -> UserRef {
    UserRef(number)
}

fn about(of: u8, device: u8) -> MfaCall {
    MfaCall::about(user(of), DeviceRef(device))
}

fn enable(of: u8, device: u8) -> Action {
    Action::Enable(about(of, device).fresh(DeviceRef(device)))
}

fn enable_wrongly(of: u8, device: u8) -> Action {
    let wrong = |number| Some(Value::WrongCode(DeviceRef(device), number));
    Action::Enable(MfaCall { code1: wrong(1), code2: wrong(2), ..about(of, device) })
}

fn resync(of: u8, device: u8) -> Action {
    Action::Resync(about(of, device).fresh(DeviceRef(device)))
}

fn deactivate(of: u8, device: u8) -> Action {
    Action::Deactivate(about(of, device))
}

fn list(of: u8) -> Action {
    Action::ListDevices { user: user(of), max_items: None }
}

fn rename(of: u8) -> Action {
    Action::RenameUser { user: user(of), name: NameForm::Plain }
}

fn delete_user(of: u8) -> Action {
    Action::DeleteUser { user: user(of) }
}

fn delete_device(device: u8) -> Action {
    Action::DeleteDevice { device: DeviceRef(device) }
}

/// A call without a serial number: it has to be refused.
fn deactivate_nothing(of: u8) -> Action {
    Action::Deactivate(MfaCall { device: None, ..about(of, 1) })
}

fn sets() -> Vec<Set> {
    let set = |name, (users, devices): (u8, u8), enabled: &[(u8, u8)], calls: Vec<Action>| Set {
        name,
        users,
        devices,
        enabled: enabled.to_vec(),
        calls,
    };
    let seven: Vec<(u8, u8)> = (1..MOST_DEVICES).map(|device| (1, device)).collect();
    vec![
        set("two users enable one device", (2, 1), &[], vec![enable(1, 1), enable(2, 1)]),
        set("a user enables one device twice", (1, 1), &[], vec![enable(1, 1), enable(1, 1)]),
        set("a user enables two devices", (1, 2), &[], vec![enable(1, 1), enable(1, 2)]),
        set("a user enables an eighth and a ninth device", (1, 9), &seven, vec![enable(1, 8), enable(1, 9)]),
        set("two users enable a device each", (2, 2), &[], vec![enable(1, 1), enable(2, 2)]),
        set(
            "four users enable a device each",
            (4, 4),
            &[],
            vec![enable(1, 1), enable(2, 2), enable(3, 3), enable(4, 4)],
        ),
        set("right codes beside wrong codes", (2, 2), &[], vec![enable(1, 1), enable_wrongly(2, 2)]),
        set("right and wrong codes of one device", (1, 1), &[], vec![enable(1, 1), enable_wrongly(1, 1)]),
        set("an Enable beside a broken constraint", (1, 1), &[], vec![enable(1, 1), deactivate_nothing(1)]),
        set("an Enable beside a Deactivate of a free device", (1, 1), &[], vec![enable(1, 1), deactivate(1, 1)]),
        set("a Deactivate beside an Enable", (1, 1), &[(1, 1)], vec![deactivate(1, 1), enable(1, 1)]),
        set("a device changes its user", (2, 1), &[(1, 1)], vec![deactivate(1, 1), enable(2, 1)]),
        set("two Deactivates of one device", (1, 1), &[(1, 1)], vec![deactivate(1, 1), deactivate(1, 1)]),
        set("two Deactivates of two devices", (1, 2), &[(1, 1), (1, 2)], vec![deactivate(1, 1), deactivate(1, 2)]),
        set("a Deactivate and an Enable of two devices", (1, 2), &[(1, 1)], vec![deactivate(1, 1), enable(1, 2)]),
        set("an Enable beside the deletion of the user", (1, 1), &[], vec![enable(1, 1), delete_user(1)]),
        set("an Enable beside the deletion of the device", (1, 1), &[], vec![enable(1, 1), delete_device(1)]),
        set("a Deactivate beside the deletion of the user", (1, 1), &[(1, 1)], vec![deactivate(1, 1), delete_user(1)]),
        set(
            "a Deactivate beside the deletion of the device",
            (1, 1),
            &[(1, 1)],
            vec![deactivate(1, 1), delete_device(1)],
        ),
        set("a Resync beside a Deactivate", (1, 1), &[(1, 1)], vec![resync(1, 1), deactivate(1, 1)]),
        set("two Resyncs with one pair", (1, 1), &[(1, 1)], vec![resync(1, 1), resync(1, 1)]),
        set("an Enable beside a renaming", (1, 1), &[], vec![enable(1, 1), rename(1)]),
        set("a Deactivate beside a renaming", (1, 1), &[(1, 1)], vec![deactivate(1, 1), rename(1)]),
        // The first call begins first. A listing that begins before a change and ends after it needs a later start.
        set("a listing beside an Enable", (1, 1), &[], vec![list(1), enable(1, 1)]),
        set("an Enable beside a listing", (1, 1), &[], vec![enable(1, 1), list(1)]),
        set("a listing beside a Deactivate", (1, 1), &[(1, 1)], vec![list(1), deactivate(1, 1)]),
        set("a Deactivate beside a listing", (1, 1), &[(1, 1)], vec![deactivate(1, 1), list(1)]),
        set("a listing beside a renaming", (1, 1), &[(1, 1)], vec![list(1), rename(1)]),
        set("two listings beside an Enable", (1, 1), &[], vec![list(1), enable(1, 1), list(1)]),
        set("three users enable one device", (3, 1), &[], vec![enable(1, 1), enable(2, 1), enable(3, 1)]),
    ]
}

/// A device is created twice with one name, which a deleted device had.
fn devices_of_one_name() -> Scenario {
    let device = DeviceRef(1);
    let name = "two devices of one name";
    let calls = vec![
        Action::CreateDevice { device, name: NameForm::Again },
        Action::CreateDevice { device: DeviceRef(2), name: NameForm::SameAs(1) },
    ];
    let mut scenario = played(Set { name, users: 1, devices: 1, enabled: Vec::new(), calls });
    let deleted = scenario.steps.len() - 1;
    scenario.steps.insert(deleted, ScenarioStep::One(delete_device(1)));
    scenario
}

/// Listings beside Resyncs, several times: the first waits until no listing lags any more.
fn listings_beside_resyncs() -> Scenario {
    let calls = || vec![list(1), resync(1, 1)];
    let name = "listings beside Resyncs";
    let mut scenario = played(Set { name, users: 1, devices: 1, enabled: vec![(1, 1)], calls: calls() });
    let mut together = calls();
    together.reverse();
    scenario.steps.push(ScenarioStep::Together { together });
    scenario
}

/// A scenario in a round: with another schedule, and in some rounds with a listing or a renaming beside its calls.
#[must_use]
pub fn beside(scenario: &Scenario, round: u32) -> Scenario {
    let mut scenario = scenario.clone();
    let another = match round % 4 {
        1 => list(1),
        3 => rename(1),
        _ => {
            scenario.schedule = round / 2;
            return scenario;
        }
    };
    scenario.schedule = round;
    if let [.., ScenarioStep::Together { together }] = scenario.steps.as_mut_slice()
        && together.len() < MOST_CALLS
        && !together.contains(&another)
    {
        together.push(another);
    }
    scenario
}

/// The users and devices of a set, then its calls.
fn played(set: Set) -> Scenario {
    let plain = NameForm::Plain;
    let mut actions: Vec<Action> =
        (1..=set.users).map(|number| Action::CreateUser { user: user(number), name: plain.clone() }).collect();
    actions.extend(
        (1..=set.devices).map(|number| Action::CreateDevice { device: DeviceRef(number), name: plain.clone() }),
    );
    actions.extend(set.enabled.iter().map(|(of, device)| enable(*of, *device)));
    let mut scenario = Scenario::of(format!("at the same time: {}", set.name), actions);
    scenario.steps.push(ScenarioStep::Together { together: set.calls });
    scenario.cites = vec![ClauseId::StateAtomic.to_string()];
    // The only calls that overlap are those of its step.
    scenario.serial = true;
    scenario
}

/// Two to four calls on two users and two devices.
fn drawn(seed: u64, number: u64, plan: &Plan) -> Scenario {
    let mut random = random("overlap", seed, number);
    let mut draw = |end: usize| u8::try_from(random.below(end)).unwrap_or_default();
    let mut enabled = Vec::new();
    for device in 1..=2 {
        let of = draw(3);
        if of > 0 {
            enabled.push((of, device));
        }
    }
    let count = 2 + draw(3);
    let mut calls = Vec::new();
    while calls.len() < usize::from(count) {
        let (kind, of, device) = (draw(12), 1 + draw(2), 1 + draw(2));
        let has = |operation| plan.present.contains(&operation);
        calls.push(match kind {
            0..=3 if has(MfaOperation::Enable) => enable(of, device),
            4 if has(MfaOperation::Enable) => enable_wrongly(of, device),
            5..=7 if has(MfaOperation::Deactivate) => deactivate(of, device),
            8 if has(MfaOperation::Resync) => resync(of, device),
            9 => delete_device(device),
            10 if !calls.contains(&rename(of)) => rename(of),
            _ => list(of),
        });
    }
    let name = "calls drawn at random";
    let scenario = played(Set { name, users: 2, devices: 2, enabled, calls });
    Scenario { name: format!("at the same time: calls {number} of seed {seed}"), ..scenario }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::scenario::check_steps;

    fn plan() -> Plan {
        Plan { present: MfaOperation::ALL.into_iter().collect(), ..Plan::default() }
    }

    #[test]
    fn each_can_be_played_and_has_a_name_of_its_own() {
        let all = overlaps(1, &plan());
        for scenario in &all {
            assert_eq!(check_steps(scenario), Ok(()), "{}", scenario.name);
            assert!(scenario.overlaps(), "{}", scenario.name);
        }
        let names: BTreeSet<&str> = all.iter().map(|scenario| scenario.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn each_can_be_played_in_each_round() {
        for (round, scenario) in (0..8).flat_map(|round| overlaps(1, &plan()).into_iter().map(move |one| (round, one)))
        {
            assert_eq!(check_steps(&beside(&scenario, round)), Ok(()), "{} in round {round}", scenario.name);
        }
    }

    #[test]
    fn the_seed_decides_what_is_drawn() {
        assert_eq!(overlaps(1, &plan()), overlaps(1, &plan()));
        assert_ne!(overlaps(1, &plan()), overlaps(2, &plan()));
    }

    #[test]
    fn a_missing_operation_is_not_called() {
        let plan = Plan { present: [MfaOperation::Enable].into(), ..Plan::default() };
        let calls =
            |scenario: &Scenario| scenario.steps.iter().flat_map(ScenarioStep::actions).cloned().collect::<Vec<_>>();
        let called: BTreeSet<MfaOperation> = overlaps(1, &plan)
            .iter()
            .flat_map(calls)
            .filter_map(|action| action.mfa().map(|(operation, _)| operation))
            .collect();
        assert_eq!(called, [MfaOperation::Enable].into());
    }
}
