//! Cases of calls that overlapped.

use std::time::Duration;

use mfa_reference::clause::ClauseId;
use mfa_reference::{ErrorCode, ErrorCodes, Operation};

use super::cases::{case, create_device, create_user};
use super::replies::{
    PREFIX, SEED, device_created, enabled, exchange, listed, serial, success, user_created, user_created_as, user_name,
};
use crate::execute::{Exchange, Interval};
use crate::oracle::{Expected, ObservedClass, TriedOrder};
use crate::run::result::{Case, Confirmation, Phase};
use crate::scenario::{Action, DeviceRef, MfaCall, NameForm, Scenario, ScenarioStep, UserRef, Value};

const OTHER: UserRef = UserRef(2);

fn codes(call: MfaCall) -> MfaCall {
    MfaCall { code1: Some(Value::text("123456")), code2: Some(Value::text("654321")), ..call }
}

fn during(mut exchange: Exchange, [began, ended]: [u64; 2]) -> Exchange {
    exchange.overlap = Some(Interval { began: Duration::from_micros(began), ended: Duration::from_micros(ended) });
    exchange
}

fn other_user() -> String {
    format!("{PREFIX}-u2")
}

fn overlapping(mut case: Case, steps: Vec<Action>, together: Vec<Action>) -> Case {
    case.scenario = Scenario::of("calls that overlap".to_owned(), steps);
    case.scenario.steps.push(ScenarioStep::Together { together });
    Case { phase: Phase::Overlap, occurrences: 1, confirmation: Confirmation::Rate { shown: 14, tries: 50 }, ..case }
}

/// One device that two calls enabled for two users. Their replies show it.
pub(crate) fn both_enabled() -> Case {
    let enable = |user| Action::Enable(codes(MfaCall::about(user, DeviceRef(1))));
    let second_user = Action::CreateUser { user: OTHER, name: NameForm::Plain };
    let (name, serial) = (other_user(), serial());
    let parameters = [
        ("UserName", name.as_str()),
        ("SerialNumber", serial.as_str()),
        ("AuthenticationCode1", "123456"),
        ("AuthenticationCode2", "654321"),
    ];
    let body = success(Operation::EnableMfaDevice, "");
    let trace = vec![
        user_created(0),
        user_created_as(1, &name),
        device_created(2, SEED),
        during(enabled(3, "123456", "654321", 200, &body), [40, 1_730]),
        during(exchange(3, Operation::EnableMfaDevice, &parameters, 200, &body), [310, 2_150]),
    ];
    let taken = || Expected::Error(ErrorCodes::of(&[ErrorCode::EntityAlreadyExists]));
    let found = case(ClauseId::StateAtomic, ObservedClass::Success, taken(), Vec::new(), trace);
    let order = |calls: [usize; 2]| TriedOrder { calls: calls.to_vec(), permitted: 1, expected: taken() };
    Case {
        orders: vec![order([0, 1]), order([1, 0])],
        ..overlapping(found, vec![create_user(), second_user, create_device()], vec![enable(UserRef(1)), enable(OTHER)])
    }
}

/// An association that another call's success lost. The listing after the calls shows it.
pub(crate) fn lost_association() -> Case {
    let enable = Action::Enable(codes(MfaCall::about(UserRef(1), DeviceRef(1))));
    let deactivate = Action::Deactivate(MfaCall::about(UserRef(1), DeviceRef(1)));
    let (name, serial) = (user_name(), serial());
    let parameters = [("UserName", name.as_str()), ("SerialNumber", serial.as_str())];
    let refused = super::replies::error("NoSuchEntity", "not enabled", "<RequestId>77</RequestId>");
    let trace = vec![
        user_created(0),
        device_created(1, SEED),
        during(enabled(2, "123456", "654321", 200, &success(Operation::EnableMfaDevice, "")), [25, 900]),
        during(exchange(2, Operation::DeactivateMfaDevice, &parameters, 404, &refused), [30, 640]),
        listed(2, &[]),
    ];
    let expected = || Expected::Listing { user_name: user_name(), serial_numbers: vec![super::replies::serial()] };
    let class = ObservedClass::Listing("a device isn't listed");
    let found = case(ClauseId::StateAtomic, class, expected(), Vec::new(), trace);
    let orders = vec![
        TriedOrder { calls: vec![0, 1], permitted: 1, expected: Expected::Success },
        TriedOrder { calls: vec![1, 0], permitted: 2, expected: expected() },
    ];
    Case { orders, ..overlapping(found, vec![create_user(), create_device()], vec![enable, deactivate]) }
}
