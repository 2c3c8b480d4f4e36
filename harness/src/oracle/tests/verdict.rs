//! How verdicts are worded, and how tallies are summed up.

use std::collections::BTreeMap;

use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::{ErrorCode, ErrorCodes, Operation};

use crate::oracle::{Calls, Divergence, Expected, ObservedClass, Tally};

#[test]
fn what_would_have_conformed_is_told_in_words() {
    let listing = |serials: &[&str]| Expected::Listing {
        user_name: "anna".to_owned(),
        serial_numbers: serials.iter().map(|serial| (*serial).to_owned()).collect(),
    };
    let codes = ErrorCodes::of(&[ErrorCode::NoSuchEntity, ErrorCode::InvalidAuthenticationCode]);
    let told = [
        Expected::Success,
        Expected::Error(codes),
        Expected::Error(ErrorCodes::default()),
        listing(&[]),
        listing(&["arn:1"]),
        listing(&["arn:1", "arn:2"]),
        Expected::Words("a reply".to_owned()),
    ]
    .map(|expected| expected.to_string());
    assert_eq!(
        told,
        [
            "200, carried out",
            "403 InvalidAuthenticationCode or 404 NoSuchEntity",
            "",
            "no device listed for anna",
            "listed for anna: arn:1",
            "listed for anna: arn:1, arn:2",
            "a reply",
        ]
    );
}

#[test]
fn what_came_back_is_told_in_words() {
    let told = [
        ObservedClass::Success,
        ObservedClass::Error(ErrorCode::Throttling),
        ObservedClass::UnknownError("a\"b".to_owned()),
        ObservedClass::Status(400, Some(ErrorCode::NoSuchEntity)),
        ObservedClass::Status(201, None),
        ObservedClass::Envelope("an error without Code"),
        ObservedClass::Listing("no listing"),
        ObservedClass::Body("a seed that can't be used"),
        ObservedClass::Unreadable(502),
        ObservedClass::Broken,
        ObservedClass::Timeout,
    ]
    .map(|class| class.to_string());
    assert_eq!(
        told,
        [
            "success",
            "Throttling",
            "the unknown code \"a\\\"b\"",
            "status 400 with NoSuchEntity",
            "status 201 with a success",
            "an error without Code",
            "no listing",
            "a seed that can't be used",
            "status 502 without an IAM reply",
            "a broken connection",
            "no reply in time",
        ]
    );
}

#[test]
fn divergences_are_one_finding_if_clause_operation_and_class_agree() {
    let one = Divergence {
        clause: ClauseId::WireGet,
        also: vec![ClauseId::EnableFreshPair],
        operation: Operation::EnableMfaDevice,
        class: ObservedClass::Broken,
        expected: Expected::Success,
        permitted: None,
    };
    assert_eq!(one.bucket(), (ClauseId::WireGet, Operation::EnableMfaDevice, ObservedClass::Broken));
    let other = Divergence { also: vec![], expected: Expected::Words(String::new()), ..one.clone() };
    assert_eq!(one.bucket(), other.bucket());
}

fn tally(times: u64) -> Tally {
    let mut tally = Tally {
        open: BTreeMap::from([((ClauseId::EnableLateCodes, "accepted".to_owned()), 2 * times)]),
        departures: BTreeMap::from([((ClauseId::MessageWords, "others".to_owned()), 3 * times)]),
        unclaimed: BTreeMap::from([((Operation::EnableMfaDevice, "a/b".to_owned()), 5 * times)]),
        calls: BTreeMap::from([(
            Operation::EnableMfaDevice,
            Calls { accepted: 7 * times, rejected: 11 * times, failed: 13 * times },
        )]),
        ..Tally::default()
    };
    for _ in 0..times {
        tally.tested(ClauseId::WireGet, Side::Accept);
    }
    tally
}

#[test]
fn tallies_are_summed_up_count_by_count() {
    let mut sum = tally(2);
    sum.merge(&tally(3));
    assert_eq!(sum, tally(5));
    let mut others = Tally::default();
    others.tested(ClauseId::WireGet, Side::Reject);
    others.merge(&tally(1));
    let counts: Vec<_> = others.tested.into_iter().collect();
    assert_eq!(counts, [((ClauseId::WireGet, Side::Accept), 1), ((ClauseId::WireGet, Side::Reject), 1)]);
    assert_eq!(others.calls, tally(1).calls);
}

#[test]
fn calls_are_added_up() {
    assert_eq!(Calls { accepted: 2, rejected: 3, failed: 4 }.total(), 9);
}
