//! Requests whose form is unusual: unknown and repeated parameters, no known action.

use mfa_reference::belief::State;
use mfa_reference::clause::Side;
use mfa_reference::permitted::permitted_without_action;
use mfa_reference::{Constraints, NoAction, RawRequest, Request};

use super::stage::{Judged, Stage, hold, serial, set};

const CARRIED_OUT: &str = "success; phone? of nobody";
const BY: &str = "wire.duplicate-parameter from wire.duplicate-parameter";

fn deactivate(further: &[(&str, &str)]) -> Judged {
    let phone = serial("phone");
    let parameters = [&[("UserName", "anna"), ("SerialNumber", phone.as_str())], further].concat();
    Stage::new().owned("phone", "anna").call("DeactivateMFADevice", &parameters)
}

#[test]
fn an_unknown_parameter_is_ignored_or_refused_as_a_departure() {
    let clause = "wire.unknown-parameter";
    let refused = format!("must malformed by {clause} from {clause}");
    let judged = deactivate(&[("Comment", "none")]);
    hold("unknown", &judged, &[CARRIED_OUT, &refused], &[], &[]);
    assert!(judged.tested(Side::Accept).contains(clause) && judged.edges() == set(&[clause]));
    // A code is not a parameter of this operation.
    assert!(deactivate(&[("AuthenticationCode1", "123456")]).answers().contains(&refused));
    let parameters = [("UserName", "nobody"), ("SerialNumber", &*serial("phone")), ("Comment", "none")];
    let refusable = Stage::new().call("DeactivateMFADevice", &parameters);
    assert!(!refusable.tested(Side::Accept).contains(clause) && refusable.edges().is_empty());
    for known in [deactivate(&[]), Stage::new().call("CreateUser", &[("UserName", "x"), ("Tags", "none")])] {
        assert!(!known.answers().contains(&refused) && !known.tested(Side::Accept).contains(clause));
    }
}

#[test]
fn of_a_repeated_parameter_the_first_value_counts_or_the_last_as_a_departure() {
    let clause = "wire.duplicate-parameter";
    let refused = format!("must malformed by {BY}");
    let no_user = format!("must NoSuchEntity by {BY}");
    let judged = deactivate(&[("UserName", "nobody")]);
    assert_eq!(judged.answers(), set(&[CARRIED_OUT, &refused, &no_user]));
    assert!(judged.tested(Side::Accept).contains(clause) && judged.edges() == set(&[clause]));
    let same = deactivate(&[("UserName", "anna")]);
    let twice = format!("success from {clause}; phone? of nobody");
    assert_eq!(same.answers(), set(&[CARRIED_OUT, &refused, &twice]));
    let thrice = deactivate(&[("UserName", "nobody"), ("UserName", "anna")]);
    assert_eq!(thrice.answers(), set(&[CARRIED_OUT, &refused, &twice]));
    // A failure passes whichever value counts.
    assert_eq!(judged.passing(), deactivate(&[]).passing());
    assert!(!deactivate(&[]).answers().contains(&refused));
}

fn without_action(action: &str, version: &str) -> Judged {
    let mut raw = RawRequest::new(action, &[("UserName", "anna")]);
    raw.parameters[1].1 = version.to_owned();
    let no_action = Request::read(&raw, &Constraints::default()).unwrap_err();
    Judged { state: Stage::new().state, permitted: permitted_without_action(&no_action) }
}

#[test]
fn an_unknown_action_or_version_is_refused_with_invalid_action() {
    for (action, version, clause) in [
        ("EnableMfaDevice", "2010-05-08", "wire.unknown-action"),
        ("EnableMFADevice", "2010-05-09", "wire.unknown-version"),
        ("EnableMFADevice", "", "wire.unknown-version"),
    ] {
        let judged = without_action(action, version);
        let anything = "anna?; bert?; phone? of anybody; token? of anybody; watch? of anybody";
        let answers = [
            format!("must InvalidAction by {clause}"),
            format!("must refuse by {clause} from {clause}"),
            format!("success from {clause}; {anything}"),
        ];
        assert_eq!(judged.answers(), answers.into(), "{action} {version}");
        assert_eq!(judged.tested(Side::Reject), set(&[clause]), "{action} {version}");
        assert!(judged.passing().contains("passing Throttling by common.transient"), "{action} {version}");
    }
}

#[test]
fn how_a_missing_action_is_refused_is_open() {
    let judged = without_action("", "2010-05-08");
    hold("no action", &judged, &["must refuse by wire.missing-action"], &[], &["wire.missing-action"]);
    let none = Request::read(&RawRequest::default(), &Constraints::default()).unwrap_err();
    assert_eq!(none, NoAction::Missing);
    let other = Judged { state: State::EMPTY, permitted: permitted_without_action(&none) };
    assert_eq!(other.passing().len(), 2);
}
