//! Requests: which constraints they break.

use mfa_reference::clause::Parameter;
use mfa_reference::value::{Constraint, UserName};
use mfa_reference::{CodeOperation, Constraints, MfaOperation, Operation, RawRequest, Request};

fn violations(action: &str, parameters: &[(&str, &str)], constraints: &Constraints) -> Vec<String> {
    let raw = RawRequest::new(action, parameters);
    let request = Request::read(&raw, constraints).unwrap();
    assert_eq!(request.operation().name(), action);
    let told = request.violations();
    told.iter()
        .map(|violation| format!("{} {} {:?}", violation.member, violation.aspect.word(), violation.text))
        .collect()
}

#[test]
fn each_action_demands_its_parameters() {
    let long = "n".repeat(65);
    for (action, parameters, expected) in [
        (
            "EnableMFADevice",
            &[("AuthenticationCode2", "12345")][..],
            &[
                "UserName required None",
                "SerialNumber required None",
                "AuthenticationCode1 required None",
                "AuthenticationCode2 min-length Some(\"12345\")",
            ][..],
        ),
        (
            "ResyncMFADevice",
            &[
                ("UserName", "a b"),
                ("SerialNumber", "arn:aws:x"),
                ("AuthenticationCode1", "123456"),
                ("AuthenticationCode2", "123456"),
            ],
            &["UserName pattern Some(\"a b\")"],
        ),
        ("DeactivateMFADevice", &[], &["SerialNumber required None"]),
        ("DeactivateMFADevice", &[("UserName", ""), ("SerialNumber", "123456789")], &["UserName empty Some(\"\")"]),
        ("CreateUser", &[], &["UserName required None"]),
        ("CreateUser", &[("UserName", &long)], &[&format!("UserName max-length Some({long:?})")]),
        ("CreateVirtualMFADevice", &[], &["VirtualMFADeviceName required None"]),
        ("UpdateUser", &[], &["UserName required None"]),
        ("UpdateUser", &[("UserName", "a"), ("NewUserName", "a!")], &["NewUserName pattern Some(\"a!\")"]),
        ("DeleteUser", &[], &["UserName required None"]),
        ("DeleteVirtualMFADevice", &[], &["SerialNumber required None"]),
        ("DeleteVirtualMFADevice", &[("SerialNumber", "R1234")], &["SerialNumber min-length Some(\"R1234\")"]),
        ("GetUser", &[], &[]),
        ("ListUsers", &[], &[]),
        ("ListMFADevices", &[], &[]),
        ("ListVirtualMFADevices", &[], &[]),
        ("CreateAccessKey", &[], &[]),
        ("ListAccessKeys", &[("UserName", "")], &["UserName empty Some(\"\")"]),
    ] {
        assert_eq!(violations(action, parameters, &Constraints::default()), expected, "{action} {parameters:?}");
    }
}

#[test]
fn a_constraint_that_is_overridden_counts_for_its_parameter_alone() {
    let mut constraints = Constraints::default();
    let required = Constraint { required: true, ..*constraints.of(Parameter::DeactivateUserName) };
    constraints.set(Parameter::DeactivateUserName, required);
    assert_eq!(constraints.of(Parameter::DeactivateUserName), &required);
    assert_eq!(constraints.of(Parameter::EnableCode1), Parameter::EnableCode1.constraint());
    let serial = [("SerialNumber", "123456789")];
    assert_eq!(violations("DeactivateMFADevice", &serial, &constraints), ["UserName required None"]);
}

#[test]
fn the_first_of_two_values_counts() {
    let raw = RawRequest::new("GetUser", &[("UserName", "one"), ("UserName", "two")]);
    assert_eq!((raw.get("UserName"), raw.get("Username")), (Some("one"), None));
}

#[test]
fn a_value_is_there_only_where_it_breaks_nothing() {
    let constraint = Parameter::EnableUserName.constraint();
    assert_eq!(UserName::parse("anna", constraint).unwrap().as_str(), "anna");
    assert_eq!(UserName::parse("an na", constraint), None);
    for (name, value) in [("anna", Some("anna")), ("an na", None)] {
        let raw = RawRequest::new("DeactivateMFADevice", &[("UserName", name)]);
        let Ok(Request::Deactivate { user_name, .. }) = Request::read(&raw, &Constraints::default()) else {
            panic!("{name}");
        };
        assert_eq!((user_name.text, user_name.value.map(UserName::as_str)), (Some(name), value));
    }
}

#[test]
fn an_operation_of_codes_is_one_under_test() {
    assert_eq!(CodeOperation::Enable.operation(), MfaOperation::Enable);
    assert_eq!(CodeOperation::Resync.operation().operation(), Operation::ResyncMfaDevice);
}
