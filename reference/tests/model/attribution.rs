//! Which clause is named where an answer is not permitted.

use std::collections::BTreeSet;

use mfa_reference::account::Effect;
use mfa_reference::permitted::attribution::{After, Hint, attribute, listed_codes};
use mfa_reference::permitted::transition::Answer;
use mfa_reference::{ErrorCode, MfaOperation, Operation, SuccessBody};

use super::stage::{Judged, Stage, all_devices, devices_of, serial, set};

const ENABLE: Operation = Operation::EnableMfaDevice;
const RESYNC: Operation = Operation::ResyncMfaDevice;
const DEACTIVATE: Operation = Operation::DeactivateMfaDevice;
const CARRIED_OUT: Answer<'_> = Answer::Success(&SuccessBody::Empty);

/// The clause that is named first, and the others.
fn named(
    judged: &Judged,
    operation: Operation,
    answer: Answer<'_>,
    hint: Option<Hint<'_>>,
) -> (String, BTreeSet<String>) {
    let attribution = attribute(&judged.state, operation, &judged.permitted, answer, &[], hint);
    (attribution.clause.to_string(), attribution.also.iter().map(ToString::to_string).collect())
}

fn refused(judged: &Judged, operation: Operation, code: ErrorCode) -> (String, BTreeSet<String>) {
    named(judged, operation, Answer::Error(code), None)
}

fn enable(stage: &Stage, steps: (i64, i64)) -> Judged {
    stage.pair("EnableMFADevice", "anna", "phone", steps)
}

fn resync() -> Judged {
    Stage::new().owned("phone", "anna").pair("ResyncMFADevice", "anna", "phone", (-1, 0))
}

fn deactivate() -> Judged {
    Stage::new().owned("phone", "anna").deactivate("anna", "phone")
}

#[test]
fn a_success_breaks_what_demands_a_refusal() {
    let stage = Stage::new().owned("watch", "bert");
    let named = |judged: &Judged| named(judged, ENABLE, CARRIED_OUT, None);
    assert_eq!(named(&enable(&stage, (-101, -100))), ("enable.codes-recognised".to_owned(), set(&[])));
    assert_eq!(named(&enable(&stage, (0, 0))), ("enable.code2.subsequent".to_owned(), set(&[])));
    let absent = stage.pair("EnableMFADevice", "anna", "absent", (-1, 0));
    assert_eq!(named(&absent), ("enable.device-exists".to_owned(), set(&[])));
    let (first, also) = named(&stage.pair("EnableMFADevice", "", "phone", (-1, 0)));
    assert_eq!((first.as_str(), also), ("enable.user-name.empty", set(&["enable.user-name.rejected"])));
    let two_faults = stage.pair("EnableMFADevice", "nobody", "phone", (0, 0));
    let (first, also) = named(&two_faults);
    assert_eq!((first.as_str(), also), ("enable.user-exists", set(&["enable.code2.subsequent"])));
}

#[test]
fn a_refusal_breaks_what_forbids_its_code() {
    let fresh = enable(&Stage::new(), (-1, 0));
    let again = enable(&Stage::new().deactivated("phone"), (-1, 0));
    for (case, judged, operation, code, first) in [
        ("fresh", &fresh, ENABLE, ErrorCode::InvalidAuthenticationCode, "enable.fresh-pair"),
        ("fresh", &fresh, ENABLE, ErrorCode::ValidationError, "enable.fresh-pair"),
        ("fresh", &fresh, ENABLE, ErrorCode::NoSuchEntity, "serial-number.own-arn"),
        ("fresh", &fresh, ENABLE, ErrorCode::LimitExceeded, "enable.limit"),
        ("fresh", &fresh, ENABLE, ErrorCode::EntityAlreadyExists, "enable.already-enabled"),
        ("again", &again, ENABLE, ErrorCode::EntityAlreadyExists, "deactivate.re-enable"),
        ("own", &resync(), RESYNC, ErrorCode::InvalidAuthenticationCode, "resync.synchronizes"),
        ("own", &deactivate(), DEACTIVATE, ErrorCode::AccessDenied, "deactivate.by-administrator"),
        ("own", &deactivate(), DEACTIVATE, ErrorCode::NoSuchEntity, "deactivate.by-administrator"),
        ("own", &deactivate(), DEACTIVATE, ErrorCode::MissingParameter, "deactivate.no-code-needed"),
    ] {
        let (named, also) = refused(judged, operation, code);
        assert_eq!(named, first, "{case} {code}");
        assert!(!also.contains(first), "{case} {code}: {also:?}");
        // Passing failures demand nothing.
        assert!(also.iter().all(|clause| !clause.contains("failure") && !clause.contains("transient")), "{also:?}");
    }
    let (_, also) = refused(&fresh, ENABLE, ErrorCode::NoSuchEntity);
    assert!(also.contains("enable.user-exists"), "{also:?}");
}

#[test]
fn a_code_that_the_page_does_not_list_is_named_by_the_list() {
    let fresh = enable(&Stage::new(), (-1, 0));
    for (judged, operation, code, first) in [
        (&fresh, ENABLE, ErrorCode::DeleteConflict, "wire.enable.listed-errors"),
        (&resync(), RESYNC, ErrorCode::EntityAlreadyExists, "wire.resync.listed-errors"),
        (&resync(), RESYNC, ErrorCode::EntityTemporarilyUnmodifiable, "wire.resync.listed-errors"),
        (&deactivate(), DEACTIVATE, ErrorCode::InvalidAuthenticationCode, "wire.deactivate.listed-errors"),
        (&fresh, ENABLE, ErrorCode::InvalidAction, "operation.enable.exists"),
        (&resync(), RESYNC, ErrorCode::InvalidAction, "operation.resync.exists"),
        (&deactivate(), DEACTIVATE, ErrorCode::InvalidAction, "operation.deactivate.exists"),
        (&fresh, ENABLE, ErrorCode::ConcurrentModification, "enable.concurrent-modification"),
        (&resync(), RESYNC, ErrorCode::ConcurrentModification, "resync.concurrent-modification"),
        (&deactivate(), DEACTIVATE, ErrorCode::ConcurrentModification, "deactivate.concurrent-modification"),
    ] {
        assert_eq!(refused(judged, operation, code).0, first, "{code}");
    }
    let (_, also) = refused(&fresh, ENABLE, ErrorCode::EntityAlreadyExists);
    assert!(!also.contains("wire.enable.listed-errors"), "{also:?}");
}

#[test]
fn a_page_lists_its_own_errors_and_the_common_ones() {
    for operation in MfaOperation::ALL {
        let listed = listed_codes(operation);
        let lists = |code| listed.contains(code);
        assert!(lists(ErrorCode::ConcurrentModification) && lists(ErrorCode::LimitExceeded));
        assert!(lists(ErrorCode::NoSuchEntity) && lists(ErrorCode::ServiceFailure));
        assert!(lists(ErrorCode::ValidationError) && lists(ErrorCode::AccessDenied) && lists(ErrorCode::Throttling));
        assert!(!lists(ErrorCode::DeleteConflict) && !lists(ErrorCode::InvalidInput));
        assert_eq!(lists(ErrorCode::EntityAlreadyExists), operation == MfaOperation::Enable);
        assert_eq!(lists(ErrorCode::EntityTemporarilyUnmodifiable), operation != MfaOperation::Resync);
        assert_eq!(lists(ErrorCode::InvalidAuthenticationCode), operation != MfaOperation::Deactivate);
    }
}

#[test]
fn what_a_message_speaks_of_names_a_refusal_best() {
    let stage = Stage::new().user("annab").user("annabe");
    let phone = serial("phone");
    let first = |user: &str, message: &str| {
        let judged = stage.pair("EnableMFADevice", user, "phone", (-1, 0));
        let hint = Hint { message, user_name: Some(user), serial_number: Some(&phone) };
        named(&judged, ENABLE, Answer::Error(ErrorCode::NoSuchEntity), Some(hint)).0
    };
    for (user, message, clause) in [
        ("annabe", "", "serial-number.own-arn"),
        ("annabe", "no such thing", "serial-number.own-arn"),
        ("annabe", "The user annabe cannot be found.", "enable.user-exists"),
        ("annabe", "The username is wrong.", "enable.user-exists"),
        ("annabe", "The SerialNumber is wrong.", "serial-number.own-arn"),
        // Short names are found in words by chance.
        ("annab", "The user annab cannot be found.", "serial-number.own-arn"),
    ] {
        assert_eq!(first(user, message), clause, "{message}");
    }
    assert_eq!(first("annabe", &format!("annab has no {phone}")), "serial-number.own-arn");
    let malformed = |message: &str| {
        let judged = stage.pair("EnableMFADevice", "anna", "phone", (-1, 0));
        let hint = Hint { message, user_name: Some("anna"), serial_number: Some(&phone) };
        named(&judged, ENABLE, Answer::Error(ErrorCode::ValidationError), Some(hint)).0
    };
    assert_eq!(malformed("AuthenticationCode2 is wrong"), "enable.code2.pattern");
    assert_eq!(malformed("userName is wrong"), "enable.user-name.pattern");
    assert_eq!(malformed(&format!("{phone} is wrong")), "enable.serial-number.pattern");
    assert_eq!(malformed("it is wrong"), "enable.fresh-pair");
    // A device's ARN is what Deactivate and Resync speak of as well.
    for (judged, operation, clause) in
        [(resync(), RESYNC, "resync.user-exists"), (deactivate(), DEACTIVATE, "deactivate.user-exists")]
    {
        let hint = Hint { message: "no such UserName", user_name: None, serial_number: None };
        assert_eq!(named(&judged, operation, Answer::Error(ErrorCode::NoSuchEntity), Some(hint)).0, clause);
    }
}

#[test]
fn a_parameter_that_is_called_missing_names_a_refusal_whatever_else_there_is_to_refuse() {
    let stage = Stage::new().owned("token", "anna").by("anna");
    let unnamed = stage.call("DeactivateMFADevice", &[("SerialNumber", &serial("phone"))]);
    let first = |message: &str, code: ErrorCode| {
        let hint = Hint { message, user_name: None, serial_number: None };
        named(&unnamed, DEACTIVATE, Answer::Error(code), Some(hint))
    };
    let (clause, also) = first("UserName is missing", ErrorCode::MissingParameter);
    assert_eq!((clause.as_str(), also), ("deactivate.user-name.required", set(&["deactivate.unassigned"])));
    assert_eq!(first("it is missing", ErrorCode::MissingParameter).0, "deactivate.unassigned");
    assert_eq!(first("UserName is wrong", ErrorCode::ValidationError).0, "deactivate.unassigned");
}

#[test]
fn a_value_at_an_edge_names_a_refusal_before_what_is_ordinary() {
    let long = "n".repeat(64);
    let stage = Stage::new().user(&long);
    let fresh = stage.pair("EnableMFADevice", &long, "phone", (-1, 0));
    assert_eq!(refused(&fresh, ENABLE, ErrorCode::ValidationError).0, "enable.user-name.max-length");
    assert_eq!(refused(&fresh, ENABLE, ErrorCode::NoSuchEntity).0, "enable.user-exists");
    // Where the codes are wrong, the edge alone can be what a refusal as malformed is about.
    let wrong = |user: &str| stage.pair("EnableMFADevice", user, "phone", (0, 0));
    let (first, also) = refused(&wrong(&long), ENABLE, ErrorCode::ValidationError);
    assert_eq!((first.as_str(), also), ("enable.user-name.max-length", set(&["enable.code2.subsequent"])));
    let ordinary = refused(&wrong("anna"), ENABLE, ErrorCode::ValidationError);
    assert_eq!(ordinary, ("enable.code2.subsequent".to_owned(), set(&[])));
}

#[test]
fn a_listing_that_is_refused_for_a_user_who_exists_breaks_durability() {
    let judged = Stage::new().call("ListMFADevices", &[("UserName", "anna")]);
    let refusal = refused(&judged, Operation::ListMfaDevices, ErrorCode::NoSuchEntity);
    assert_eq!(refusal, ("state.durable".to_owned(), set(&[])));
}

/// The phone is anna's, the token is bert's, the watch is nobody's.
fn stage() -> Stage {
    Stage::new().owned("phone", "anna").owned("token", "bert")
}

/// What a wrong listing is named by, after an operation that named a user and a device.
fn after(stage: &Stage, body: &SuccessBody, last: Option<(Operation, bool, &str, &str)>) -> Vec<String> {
    let (operation, judged) = if matches!(body, SuccessBody::VirtualDevices(_)) {
        (Operation::ListVirtualMfaDevices, stage.call("ListVirtualMFADevices", &[]))
    } else {
        (Operation::ListMfaDevices, stage.call("ListMFADevices", &[("UserName", "anna")]))
    };
    let last = last.map(|(operation, succeeded, user, device)| After {
        operation,
        succeeded,
        user: stage.state.find_user(user).id(),
        device: stage.state.find_device(&serial(device)).id(),
    });
    let attribution =
        attribute(&judged.state, operation, &judged.permitted, Answer::Success(body), last.as_slice(), None);
    [attribution.clause].iter().chain(&attribution.also).map(ToString::to_string).collect()
}

#[test]
fn a_wrong_listing_is_named_by_what_was_done_last() {
    let phone_lost: &[(&str, &str)] = &[];
    let token_too: &[(&str, &str)] = &[("phone", "anna"), ("token", "anna")];
    let watch_too: &[(&str, &str)] = &[("phone", "anna"), ("watch", "anna")];
    let isolation = "state.isolation";
    let (yes, no) = (true, false);
    for (listed, operation, succeeded, user, device, clause) in [
        (phone_lost, ENABLE, yes, "anna", "phone", "enable.associates"),
        (token_too, ENABLE, yes, "bert", "token", "enable.associates"),
        (watch_too, ENABLE, yes, "anna", "phone", "enable.associates"),
        (phone_lost, ENABLE, yes, "bert", "token", isolation),
        (watch_too, ENABLE, no, "anna", "watch", "enable.rejected-no-effect"),
        (token_too, ENABLE, no, "bert", "token", "enable.rejected-no-effect"),
        (watch_too, ENABLE, no, "anna", "phone", "enable.rejected-no-effect"),
        (phone_lost, ENABLE, no, "bert", "token", isolation),
        (phone_lost, RESYNC, yes, "anna", "phone", "resync.keeps-association"),
        (phone_lost, RESYNC, yes, "bert", "token", "resync.keeps-association"),
        (phone_lost, RESYNC, no, "anna", "phone", "resync.rejected-no-effect"),
        (token_too, RESYNC, no, "bert", "token", "resync.rejected-no-effect"),
        (watch_too, RESYNC, no, "anna", "phone", "resync.rejected-no-effect"),
        (phone_lost, RESYNC, no, "bert", "token", isolation),
        (watch_too, DEACTIVATE, yes, "anna", "watch", "deactivate.dissociates"),
        (watch_too, DEACTIVATE, yes, "bert", "watch", "deactivate.dissociates"),
        (phone_lost, DEACTIVATE, yes, "anna", "watch", "deactivate.only-that-device"),
        (phone_lost, DEACTIVATE, yes, "bert", "watch", isolation),
        (phone_lost, DEACTIVATE, no, "anna", "phone", "deactivate.rejected-no-effect"),
        (token_too, DEACTIVATE, no, "bert", "token", "deactivate.rejected-no-effect"),
        (watch_too, DEACTIVATE, no, "anna", "phone", "deactivate.rejected-no-effect"),
        (phone_lost, DEACTIVATE, no, "bert", "token", isolation),
        (phone_lost, Operation::DeleteUser, yes, "bert", "", "delete-user.leaves-others"),
        (phone_lost, Operation::DeleteUser, no, "bert", "", "delete-user.leaves-others"),
        (phone_lost, Operation::DeleteUser, no, "anna", "", "delete-user.requires-deactivation"),
        (phone_lost, Operation::DeleteVirtualMfaDevice, yes, "", "token", isolation),
        (token_too, Operation::DeleteVirtualMfaDevice, yes, "", "token", "delete-virtual-device.frees-user"),
        (token_too, Operation::DeleteVirtualMfaDevice, no, "", "token", isolation),
        (phone_lost, Operation::UpdateUser, yes, "anna", "", "rename.keeps-device"),
        (phone_lost, Operation::UpdateUser, yes, "bert", "", isolation),
        (watch_too, Operation::CreateUser, yes, "anna", "", isolation),
        (phone_lost, Operation::CreateUser, yes, "bert", "", isolation),
        (phone_lost, Operation::GetUser, yes, "anna", "", isolation),
    ] {
        let named = after(&stage(), &devices_of(listed), Some((operation, succeeded, user, device)));
        let also: &[&str] = match clause {
            "resync.rejected-no-effect" => &["resync.keeps-association"],
            // A recording: whoever doesn't hold a target to it names the other.
            "rename.keeps-device" => &[isolation],
            _ => &[],
        };
        assert_eq!(named, [&[clause], also].concat(), "{listed:?} after {operation} ({succeeded}) of {user} {device}");
    }
    assert_eq!(after(&stage(), &devices_of(phone_lost), None), [isolation]);
    let anna = stage().user_id("anna");
    let rename = |stage: Stage, name: &str| stage.apply(&Effect::RenameUser(anna, name.into()));
    let named = after(
        &rename(rename(stage(), "carl"), "anna"),
        &devices_of(watch_too),
        Some((Operation::CreateUser, yes, "anna", "")),
    );
    assert_eq!(named, ["recreated-user.has-no-device", isolation]);
}

#[test]
fn an_invented_device_is_named_by_the_call_that_named_it() {
    let body = devices_of(&[("phone", "anna"), ("x", "anna")]);
    let named = |operation, succeeded, user| after(&stage(), &body, Some((operation, succeeded, user, "x")));
    assert_eq!(named(ENABLE, false, "bert"), ["enable.rejected-no-effect", "enable.device-exists"]);
    assert_eq!(named(ENABLE, true, "anna"), ["enable.associates"]);
    assert_eq!(named(ENABLE, true, "bert"), ["state.isolation"]);
    assert_eq!(named(Operation::DeleteVirtualMfaDevice, true, ""), ["delete-virtual-device.frees-user"]);
}

#[test]
fn a_listing_of_all_is_about_the_user_who_was_named() {
    let body = all_devices(&[("phone", None), ("token", Some("bert")), ("watch", None)]);
    assert_eq!(after(&stage(), &body, Some((ENABLE, true, "anna", "watch"))), ["enable.associates"]);
    assert_eq!(after(&stage(), &body, None), ["state.isolation"]);
}

/// The user's own listing was as it should be: the listing of all may have been wrong since the device was enabled.
#[test]
fn a_listing_of_all_blames_no_call_that_was_to_change_nothing_alone() {
    let body = all_devices(&[("phone", None), ("token", Some("bert")), ("watch", None)]);
    for (operation, succeeded, clauses) in [
        (DEACTIVATE, false, &["deactivate.rejected-no-effect"] as &[&str]),
        (ENABLE, false, &["enable.rejected-no-effect"]),
        (RESYNC, true, &["resync.keeps-association"]),
        (RESYNC, false, &["resync.rejected-no-effect", "resync.keeps-association"]),
    ] {
        let named = after(&stage(), &body, Some((operation, succeeded, "anna", "phone")));
        assert_eq!(named, [&["enable.associates"], clauses].concat(), "{operation}");
    }
    let nobodys = all_devices(&[("phone", Some("anna")), ("token", Some("bert")), ("watch", Some("bert"))]);
    assert_eq!(
        after(&stage(), &nobodys, Some((DEACTIVATE, false, "anna", "phone"))),
        ["deactivate.rejected-no-effect"]
    );
}
