//! What a reply has to look like, whatever it says.

use mfa_reference::clause::Side;
use mfa_reference::{ErrorCode, Operation};

use super::ask::{Ask, ask, deactivate};
use super::came::{Came, done, refused, saying};
use super::talk::{Talk, WRONG};
use super::tell::{departures, divergences, expected, set, tested};
use crate::oracle::Tally;

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// A call that has to be refused with `NoSuchEntity`.
fn absent() -> Ask {
    ask(Operation::EnableMfaDevice).user("nobody").device("absent").codes(WRONG)
}

/// A refusal that conforms.
fn refusal() -> Came {
    saying(ErrorCode::InvalidAuthenticationCode, "Not these.")
}

/// Whether what was counted puts a clause of the wire to the test on a side.
fn asks_of_the_wire(tally: &Tally, side: Side) -> bool {
    tested(tally, side).iter().any(|clause| clause.starts_with("wire."))
}

/// The divergences of a refusal, by default and in strict mode, and what is noted by default.
fn both_modes(ask: &Ask, came: &Came) -> [Vec<String>; 3] {
    let (mut usual, mut strict) = (Talk::new(), Talk::strict());
    let by_default = divergences(&usual.hears(ask, came.clone()));
    let strictly = divergences(&strict.hears(ask, came.clone()));
    let tally = usual.counted();
    assert!(!asks_of_the_wire(&tally, Side::Accept) && asks_of_the_wire(&tally, Side::Reject), "{tally:?}");
    [by_default, strictly, departures(&tally)]
}

#[test]
fn an_envelope_that_conforms_puts_each_of_its_clauses_to_the_test() {
    let mut talk = Talk::with_annas_phone(false);
    talk.does(&talk.resync("anna", "phone", (-1, 0)));
    let whole = set(&[
        "wire.resync.success-status",
        "wire.resync.success-root",
        "wire.resync.success-request-id",
        "wire.resync.no-result",
        "wire.well-formed",
        "wire.no-prefixes",
        "wire.no-cdata",
        "wire.utf-8",
        "wire.content-type",
        "wire.request-id.unique",
    ]);
    let tally = talk.counted();
    assert!(tested(&tally, Side::Accept).is_superset(&whole), "{tally:?}");
    assert_eq!((departures(&tally), tally.unclaimed.len()), (vec![], 0));
    assert!(!asks_of_the_wire(&tally, Side::Reject), "{tally:?}");
    talk.does(&absent());
    let whole = set(&[
        "wire.error.envelope",
        "wire.error.namespace",
        "wire.error.type",
        "wire.enable.listed-errors",
        "wire.error.status.NoSuchEntity",
        "wire.error.message.NoSuchEntity",
        "wire.well-formed",
        "wire.no-prefixes",
        "wire.no-cdata",
        "wire.utf-8",
        "wire.content-type",
        "wire.request-id.unique",
    ]);
    let tally = talk.counted();
    assert!(tested(&tally, Side::Reject).is_superset(&whole), "{tally:?}");
    assert_eq!((departures(&tally), tally.unclaimed.len()), (vec![], 0));
}

#[test]
fn a_success_has_its_status_its_root_its_id_and_no_result() {
    let result = "<EnableMFADeviceResult>on</EnableMFADeviceResult><ResponseMetadata>";
    for (came, named, wanted) in [
        (done().status(201), "wire.enable.success-status: status 201 with a success", "200, carried out"),
        (
            done().replacing(NAMESPACE, "https://iam.amazonaws.com/doc/2010-05-09/"),
            "wire.enable.success-root: a success in another namespace",
            "the root element in the namespace https://iam.amazonaws.com/doc/2010-05-08/",
        ),
        (
            done().replacing("<ResponseMetadata>", "<ResponseMetadata xmlns=\"urn:other\">"),
            "wire.enable.success-root: a success in another namespace",
            "the root element in the namespace https://iam.amazonaws.com/doc/2010-05-08/",
        ),
        (
            done().replacing("REQUEST-ID", " "),
            "wire.enable.success-request-id: a success without ResponseMetadata/RequestId",
            "a ResponseMetadata/RequestId that isn't empty",
        ),
        (
            done().replacing("<RequestId>REQUEST-ID</RequestId>", ""),
            "wire.enable.success-request-id: a success without ResponseMetadata/RequestId",
            "a ResponseMetadata/RequestId that isn't empty",
        ),
        (
            done().replacing("<ResponseMetadata>", result),
            "wire.enable.no-result: a result with content",
            "no result beside ResponseMetadata",
        ),
    ] {
        let mut talk = Talk::new();
        let verdict = talk.hears(&talk.enable("anna", "phone", (-1, 0)), came);
        assert_eq!((divergences(&verdict), expected(&verdict)), (vec![named.to_owned()], vec![wanted.to_owned()]));
        // It has been carried out.
        assert!(talk.state().contains(&"phone of anna".to_owned()));
    }
}

#[test]
fn each_operation_has_clauses_of_its_own_on_a_success() {
    let talk = || Talk::with_annas_phone(false);
    for (call, word) in [
        (talk().enable("anna", "token", (-1, 0)), "enable"),
        (talk().resync("anna", "phone", (-1, 0)), "resync"),
        (deactivate("anna", "phone"), "deactivate"),
    ] {
        let mut talk = talk();
        let verdict = talk.hears(&call, done().to(call.operation, 204));
        assert_eq!(divergences(&verdict), [format!("wire.{word}.success-status: status 204 with a success")]);
        let own = |clause: &str| clause.strip_prefix(&format!("wire.{word}.")).map(str::to_owned);
        let asked: Vec<String> =
            tested(&talk.counted(), Side::Accept).iter().filter_map(|clause| own(clause)).collect();
        assert_eq!(asked, ["no-result", "success-request-id", "success-root", "success-status"]);
    }
}

#[test]
fn an_error_has_all_its_parts() {
    let wrong = || ask(Operation::EnableMfaDevice).user("anna").device("phone").codes(WRONG);
    let id = "<RequestId>REQUEST-ID</RequestId>";
    for (came, named) in [
        (refusal().replacing("<Message>Not these.</Message>", ""), "an error without Message"),
        (refusal().replacing("<Type>Sender</Type>", ""), "an error without Type"),
        (refusal().replacing(id, ""), "an error without RequestId"),
        (refusal().replacing("REQUEST-ID", "\n"), "an error without RequestId"),
        (refusal().replacing("<Code>", "<Code> "), "white space around Code"),
        (refusal().replacing("<Code>InvalidAuthenticationCode</Code>", ""), "an error without Code"),
    ] {
        let [told, strictly, _] = both_modes(&wrong(), &came);
        assert_eq!(told, [format!("wire.error.envelope: {named}")]);
        assert!(strictly.contains(&told[0]));
    }
    let mut talk = Talk::new();
    let verdict = talk.hears(&wrong(), refusal().replacing(id, ""));
    assert_eq!(expected(&verdict), ["ErrorResponse with Error/Type, Error/Code, Error/Message and RequestId"]);
    let padded = talk.hears(&wrong(), refusal().replacing("<Code>", "<Code> "));
    assert_eq!(expected(&padded), ["the Code without white space around it, as SDKs compare it"]);
}

#[test]
fn what_was_only_recorded_of_an_envelope_is_noted_and_diverges_in_strict_mode() {
    let wrong = ask(Operation::EnableMfaDevice).user("anna").device("phone").codes(WRONG);
    let recorded = || saying(ErrorCode::InvalidAuthenticationCode, "Authentication code for device is not valid.");
    for (came, named) in [
        (recorded().replacing(NAMESPACE, "urn:other"), "wire.error.namespace: an error outside the namespace"),
        (recorded().replacing("Sender", "Receiver"), "wire.error.type: a Type that doesn't go with the status"),
        (recorded().content_type(Some("text/html")), "wire.content-type: a Content-Type that isn't XML"),
        (recorded().content_type(None), "wire.content-type: a Content-Type that isn't XML"),
    ] {
        let noted = format!("1 {named}");
        assert_eq!(both_modes(&wrong, &came), [vec![], vec![named.to_owned()], vec![noted]]);
    }
    let nothing = [const { Vec::<String>::new() }; 3];
    assert_eq!(both_modes(&wrong, &recorded()), nothing);
    assert_eq!(both_modes(&wrong, &recorded().content_type(Some("application/xml"))), nothing);
    for (came, wanted) in [
        (
            recorded().replacing(NAMESPACE, "urn:other"),
            "the root element in the namespace https://iam.amazonaws.com/doc/2010-05-08/",
        ),
        (recorded().replacing("Sender", "Receiver"), "Sender for 4xx, Receiver for 5xx"),
        (recorded().content_type(None), "Content-Type: text/xml"),
    ] {
        assert_eq!(expected(&Talk::strict().hears(&wrong, came)), [wanted]);
    }
}

#[test]
fn a_failure_of_the_service_is_the_receivers() {
    let fresh = |talk: &Talk| talk.enable("anna", "phone", (-1, 0));
    let strictly = |came: Came| {
        let talk = Talk::strict();
        talk.if_hears(&fresh(&talk), came)
    };
    let failed = || refused(ErrorCode::ServiceFailure);
    assert_eq!(strictly(failed()), [""; 0]);
    assert_eq!(
        strictly(failed().replacing("Receiver", "Sender")),
        ["wire.error.type: a Type that doesn't go with the status"]
    );
}

#[test]
fn a_code_comes_with_its_status() {
    let [told, strictly, noted] = both_modes(&absent(), &refused(ErrorCode::NoSuchEntity).status(400));
    let named = "wire.error.status.NoSuchEntity: status 400 with NoSuchEntity";
    assert_eq!((told, noted), (vec![named.to_owned()], vec![]));
    assert!(strictly.contains(&named.to_owned()));
    // Where no page lists the code, the status was only recorded.
    let short = ask(Operation::EnableMfaDevice).user("anna").device("phone").codes(["12345", WRONG[1]]);
    let named = "wire.error.status.common.ValidationError: status 422 with ValidationError";
    let [told, strictly, noted] = both_modes(&short, &refused(ErrorCode::ValidationError).status(422));
    assert!(told.is_empty() && strictly.contains(&named.to_owned()) && noted.contains(&format!("1 {named}")));
    let mut talk = Talk::new();
    let verdict = talk.hears(&absent(), refused(ErrorCode::NoSuchEntity).status(400));
    assert_eq!(expected(&verdict), ["404 NoSuchEntity"]);
}

#[test]
fn a_message_that_a_page_describes_is_not_blank() {
    let blank = |code| saying(code, " \n");
    let mut talk = Talk::with_annas_phone(false);
    let fresh = talk.resync("anna", "phone", (-1, 0));
    let (enable, off) = (talk.enable("anna", "token", (-1, 0)), deactivate("anna", "phone"));
    for (ask, code) in [
        (&absent(), ErrorCode::NoSuchEntity),
        (&fresh.clone().but("AuthenticationCode1", WRONG[0]), ErrorCode::InvalidAuthenticationCode),
        (&off, ErrorCode::LimitExceeded),
        (&enable, ErrorCode::EntityTemporarilyUnmodifiable),
    ] {
        let verdict = talk.hears(ask, blank(code));
        assert_eq!(divergences(&verdict), [format!("wire.error.message.{code}: a blank Message")]);
        assert_eq!(expected(&verdict), [format!("a message of {code} that describes it")]);
    }
    // Of other codes no page says what the message tells, and a missing message is told as such.
    assert_eq!(talk.if_hears(&enable, blank(ErrorCode::ServiceFailure)), [""; 0]);
    let missing = refused(ErrorCode::NoSuchEntity).replacing("<Message>No.</Message>", "");
    assert_eq!(talk.if_hears(&absent(), missing), ["wire.error.envelope: an error without Message"]);
}

#[test]
fn a_code_that_no_document_knows_is_none_of_the_operations() {
    let mut talk = Talk::new();
    let malformed = refused(ErrorCode::NoSuchEntity).replacing("NoSuchEntity", "NoSuchThing");
    let verdict = talk.hears(&absent(), malformed);
    assert_eq!(divergences(&verdict), ["wire.enable.listed-errors: the unknown code \"NoSuchThing\""]);
    assert!(expected(&verdict)[0].contains("404 NoSuchEntity"));
    assert!(!expected(&verdict)[0].contains("DeleteConflict"));
    assert!(!asks_of_the_wire(&talk.counted(), Side::Accept));
}

#[test]
fn what_no_clause_speaks_of_is_listed() {
    let mut talk = Talk::new();
    let malformed = refused(ErrorCode::NoSuchEntity).replacing("</Error>", "<Detail/></Error>");
    for _ in 0..2 {
        assert_eq!(divergences(&talk.hears(&absent(), malformed.clone())), [""; 0]);
    }
    let unclaimed: Vec<_> = talk.counted().unclaimed.into_iter().collect();
    assert_eq!(unclaimed, [((Operation::EnableMfaDevice, "ErrorResponse/Error/Detail".to_owned()), 2)]);
}
