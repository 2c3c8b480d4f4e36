//! One verdict for each reply: what is counted, what is believed afterwards, and which clause is named.

use mfa_reference::belief::{Fact, Lookup};
use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::{ErrorCode, MfaOperation, Operation, SuccessBody, TimeStep};

use super::ask::{ask, create_device, create_user, deactivate, delete_user, list, rename, serial};
use super::came::{broken, devices_of, done, entry, refused, saying, told};
use super::talk::{Talk, WRONG};
use super::tell::{departures, divergences, expected, open, tested};
use crate::oracle::{Calls, Divergence, ObservedClass};

#[test]
fn calls_under_test_are_counted_by_how_they_end() {
    let mut talk = Talk::new();
    let enable = talk.enable("anna", "phone", (-1, 0));
    talk.does(&enable);
    talk.does(&talk.enable("bert", "phone", (-1, 0)));
    talk.hears(&talk.enable("bert", "token", (-1, 0)), broken());
    talk.does(&list("anna"));
    let calls = talk.counted().calls;
    assert_eq!(
        calls.into_iter().collect::<Vec<_>>(),
        [(Operation::EnableMfaDevice, Calls { accepted: 1, rejected: 1, failed: 1 })]
    );
}

#[test]
fn a_reply_that_conforms_is_believed_and_puts_its_clauses_to_the_test() {
    let mut talk = Talk::new();
    talk.does(&talk.enable("anna", "phone", (-1, 0)));
    assert_eq!(talk.state(), ["anna", "bert", "phone of anna", "token of nobody"]);
    let tally = talk.counted();
    assert_eq!(tally.tested.get(&(ClauseId::EnableFreshPair, Side::Accept)), Some(&1));
    talk.does(&ask(Operation::EnableMfaDevice).user("anna").device("token").codes(WRONG));
    let rejects = tested(&talk.counted(), Side::Reject);
    assert!(rejects.contains("enable.codes-recognised"), "{rejects:?}");
    talk.does(&deactivate("anna", "phone"));
    assert_eq!(talk.state(), ["anna", "bert", "phone? of nobody", "token of nobody"]);
}

#[test]
fn a_success_that_ought_to_be_refused_diverges_and_leaves_what_it_named_open() {
    let mut talk = Talk::new();
    let wrong = ask(Operation::EnableMfaDevice).user("anna").device("phone").codes(WRONG);
    let verdict = talk.hears(&wrong, done());
    assert_eq!(divergences(&verdict), ["enable.codes-recognised: success"]);
    assert_eq!(expected(&verdict), ["403 InvalidAuthenticationCode"]);
    assert_eq!(talk.state(), ["anna?", "bert", "phone? of anybody", "token of nobody"]);
    assert!(tested(&talk.counted(), Side::Reject).contains("enable.codes-recognised"));
}

#[test]
fn a_pair_that_was_accepted_is_looked_for_a_day_either_side_before_it_is_blamed() {
    let mut talk = Talk::new();
    let late = talk.enable("anna", "phone", (-101, -100));
    assert_eq!(
        talk.if_hears(&talk.enable("anna", "phone", (-2_900, -2_899)), done()),
        ["enable.codes-recognised: success"]
    );
    assert_eq!(divergences(&talk.hears(&late, done())), [""; 0]);
    assert_eq!(open(&talk.counted()), ["1 enable.late-codes: accepted"]);
    assert_eq!(talk.state(), ["anna", "bert", "phone of anna", "token of nobody"]);
}

#[test]
fn a_pair_that_is_late_is_open_either_way() {
    let (mut taken, mut refusing) = (Talk::new(), Talk::new());
    let late = taken.enable("anna", "phone", (-2, -1));
    taken.hears(&late, done());
    let verdict = refusing.hears(&late, refused(ErrorCode::InvalidAuthenticationCode));
    assert!(verdict.divergences.is_empty() && !verdict.wants_unused_codes);
    assert_eq!(open(&taken.counted()), ["1 enable.late-codes: accepted"]);
    assert_eq!(open(&refusing.counted()), ["1 enable.late-codes: refused with InvalidAuthenticationCode"]);
    assert_eq!(refusing.state(), ["anna", "bert", "phone of nobody", "token of nobody"]);
}

#[test]
fn a_refused_pair_that_was_used_wants_other_codes() {
    let mut talk = Talk::new();
    talk.does(&talk.enable("anna", "phone", (-1, 0)));
    let again = talk.resync("anna", "phone", (-1, 0));
    let verdict = talk.hears(&again, refused(ErrorCode::InvalidAuthenticationCode));
    assert!(verdict.divergences.is_empty() && verdict.wants_unused_codes);
    let verdict = talk.hears(&again, done());
    assert!(verdict.divergences.is_empty() && !verdict.wants_unused_codes);
    assert_eq!(
        open(&talk.counted()),
        ["1 resync.replayed-codes: accepted", "1 resync.replayed-codes: refused with InvalidAuthenticationCode"]
    );
    talk.does(&deactivate("anna", "phone"));
    let enable = talk.enable("anna", "phone", (-1, 0));
    assert!(talk.hears(&enable, refused(ErrorCode::InvalidAuthenticationCode)).wants_unused_codes);
    let wrong = ask(Operation::EnableMfaDevice).user("anna").device("phone").codes(WRONG);
    assert!(!talk.hears(&wrong, refused(ErrorCode::InvalidAuthenticationCode)).wants_unused_codes);
}

#[test]
fn a_failure_that_passes_puts_nothing_to_the_test() {
    let mut talk = Talk::new();
    let fresh = talk.enable("anna", "phone", (-1, 0));
    for (ask, code, owners) in [
        (&fresh, ErrorCode::Throttling, &["phone of nobody"][..]),
        // Any refusal of the call conforms, and this one passes anyway.
        (&create_user("carl"), ErrorCode::Throttling, &["phone of nobody"]),
        (&fresh, ErrorCode::EntityTemporarilyUnmodifiable, &["phone of nobody"]),
        (&fresh, ErrorCode::ServiceFailure, &["phone of nobody", "phone of anna"]),
    ] {
        let verdict = talk.hears(ask, refused(code));
        assert!(verdict.transient && verdict.divergences.is_empty(), "{code}");
        let tally = talk.counted();
        assert!(!tested(&tally, Side::Accept).contains("enable.fresh-pair"), "{code}");
        let states = talk.states();
        assert_eq!(states.len(), owners.len(), "{code}: {states:?}");
        assert!(
            states.iter().zip(owners).all(|(state, owner)| state.contains(&(*owner).to_owned())),
            "{code}: {states:?}"
        );
    }
    assert!(!talk.hears(&create_user("carl"), refused(ErrorCode::EntityAlreadyExists)).transient);
    assert!(!talk.hears(&fresh, done()).transient);
}

#[test]
fn a_code_that_no_document_knows_diverges_and_tells_nothing_of_the_state_if_the_service_failed() {
    let mut talk = Talk::new();
    let (fresh, malformed) = (talk.enable("anna", "phone", (-1, 0)), "ServerOnFire");
    let unknown = |status| refused(ErrorCode::InvalidInput).status(status).replacing("InvalidInput", malformed);
    for (status, owners) in [(400, &["phone of nobody"][..]), (500, &["phone of nobody", "phone of anna"])] {
        let verdict = talk.hears(&fresh, unknown(status));
        assert_eq!(divergences(&verdict), ["wire.enable.listed-errors: the unknown code \"ServerOnFire\""]);
        let states = talk.states();
        assert_eq!(states.len(), owners.len(), "{status}: {states:?}");
        assert!(states.iter().zip(owners).all(|(state, owner)| state.contains(&(*owner).to_owned())), "{status}");
    }
    // The codes were carried anyway.
    assert_eq!(talk.newest_carried("phone"), Some(talk.step(0)));
}

#[test]
fn the_newest_step_that_a_device_has_seen_is_known() {
    let mut talk = Talk::new();
    assert_eq!(talk.newest_carried("phone"), None);
    talk.does(&talk.enable("anna", "phone", (-1, 0)));
    assert_eq!(talk.newest_carried("phone"), Some(talk.step(0)));
    assert_eq!(talk.newest_carried("token"), None);
    // What the sender says counts, not what the codes look like.
    let said = talk.enable("anna", "token", (0, -1)).carrying(&[TimeStep(7), TimeStep(5)]);
    talk.does(&said);
    assert_eq!(talk.newest_carried("token"), Some(TimeStep(7)));
}

#[test]
fn a_message_tells_which_of_several_clauses_a_refusal_means() {
    let device = serial("phone");
    for (user, message, clause) in [
        ("fernanda", "no such UserName", "enable.user-exists"),
        ("fernanda", "no such SerialNumber", "serial-number.own-arn"),
        ("fernanda", "who is fernanda?", "enable.user-exists"),
        // A name with something unusual in it is reported, unless the message says otherwise.
        ("fern_anda", "no", "enable.user-exists"),
        ("fern_anda", &device, "serial-number.own-arn"),
    ] {
        let mut talk = Talk::new();
        talk.does(&create_user(user));
        let fresh = talk.enable(user, "phone", (-1, 0));
        let verdict = talk.hears(&fresh, saying(ErrorCode::NoSuchEntity, message));
        assert_eq!(verdict.divergences[0].clause.to_string(), clause, "{user}: {message}");
        assert_eq!(verdict.divergences[0].class, ObservedClass::Error(ErrorCode::NoSuchEntity));
        assert_eq!(expected(&verdict), ["200, carried out"]);
    }
}

#[test]
fn a_user_who_is_deleted_with_a_device_is_gone_and_the_device_is_anybodys() {
    let mut talk = Talk::with_annas_phone(false);
    let verdict = talk.hears(&delete_user("anna"), done());
    assert_eq!(divergences(&verdict), ["delete-user.requires-deactivation: success"]);
    assert_eq!(expected(&verdict), ["409 DeleteConflict"]);
    assert!(talk.oracle.state().find_user("anna") == Lookup::Absent);
    let phone = talk.oracle.state().find_device(&serial("phone")).id().unwrap();
    assert_eq!(talk.oracle.state().owner(phone), Fact::Unknown);
    // Whoever takes it in is not blamed.
    assert_eq!(talk.lists("bert", &["phone"]), [""; 0]);
}

#[test]
fn a_user_who_ought_not_to_be_created_is_there_all_the_same() {
    let long = "n".repeat(65);
    let created = || told(SuccessBody::User(entry(&long)));
    let mut strict = Talk::strict();
    let verdict = strict.hears(&create_user(&long), created());
    assert_eq!(divergences(&verdict), ["create-user.length: success"]);
    assert!(strict.state().contains(&long), "{:?}", strict.state());
    let mut usual = Talk::new();
    assert!(usual.hears(&create_user(&long), created()).divergences.is_empty());
    assert_eq!(departures(&usual.counted()), ["1 create-user.length: CreateUser: success"]);
}

#[test]
fn a_departure_from_a_recording_is_noted_and_diverges_in_strict_mode() {
    let absent = |talk: &Talk| talk.enable("anna", "phone", (-1, 0)).but("SerialNumber", &serial("absent"));
    let mut usual = Talk::new();
    let told = refused(ErrorCode::InvalidAuthenticationCode);
    assert!(usual.hears(&absent(&usual), told.clone()).divergences.is_empty());
    let departed = "1 enable.device-exists.code: EnableMFADevice: InvalidAuthenticationCode";
    assert_eq!(departures(&usual.counted()), [departed]);
    let mut strict = Talk::strict();
    let verdict = strict.hears(&absent(&strict), told);
    let named = "enable.device-exists.code: InvalidAuthenticationCode";
    assert_eq!(divergences(&verdict), [named]);
    assert_eq!(expected(&verdict), ["404 NoSuchEntity"]);
    assert_eq!(departures(&strict.counted()), [""; 0]);
}

#[test]
fn what_a_listing_shows_wrongly_is_the_doing_of_the_last_call_that_could_change_it() {
    let mut talk = Talk::new();
    assert_eq!(
        talk.if_hears(&list("bert"), told(devices_of("bert", &["fob"]))),
        ["state.isolation: a device is listed that doesn't exist"]
    );
    talk.does(&talk.enable("anna", "phone", (-1, 0)));
    let missing = "enable.associates: a device isn't listed";
    assert_eq!(talk.if_hears(&list("anna"), told(devices_of("anna", &[]))), [missing]);
    // Neither a listing nor a failure that passes comes between.
    talk.does(&list("anna"));
    talk.hears(&deactivate("bert", "token"), refused(ErrorCode::Throttling));
    assert_eq!(talk.if_hears(&list("anna"), told(devices_of("anna", &[]))), [missing]);
    talk.oracle.listing_conforms();
    talk.does(&deactivate("bert", "token"));
    let taken = "deactivate.rejected-no-effect: a device is listed that isn't the user's";
    assert_eq!(talk.if_hears(&list("bert"), told(devices_of("bert", &["phone"]))), [taken]);
    talk.does(&deactivate("anna", "phone"));
    let kept = "deactivate.dissociates: a device is listed that isn't the user's";
    assert_eq!(talk.if_hears(&list("anna"), told(devices_of("anna", &["phone"]))), [kept]);
}

#[test]
fn what_a_call_creates_or_renames_is_known_by_either_name() {
    let mut talk = Talk::with_annas_phone(false);
    talk.oracle.listing_conforms();
    talk.does(&rename("anna", "carl"));
    let foreign = ["state.isolation: a device is listed that doesn't exist, also rename.keeps-device"];
    assert_eq!(talk.if_hears(&list("carl"), told(devices_of("carl", &["phone", "fob"]))), foreign);
    talk.does(&create_user("dora"));
    let invented = ["state.isolation: a device is listed that doesn't exist"];
    assert_eq!(talk.if_hears(&list("dora"), told(devices_of("dora", &["fob"]))), invented);
    talk.does(&create_device("watch"));
    assert_eq!(
        talk.if_hears(&list("bert"), told(devices_of("bert", &["fob"]))),
        ["state.isolation: a device is listed that doesn't exist"]
    );
}

#[test]
fn a_call_without_a_user_name_is_about_its_caller() {
    let mut talk = Talk::with_annas_phone(false);
    let own = ask(Operation::DeactivateMfaDevice).device("phone").by("anna");
    talk.hears(&own, broken());
    let states =
        [["anna", "bert", "phone of anna", "token of nobody"], ["anna", "bert", "phone? of nobody", "token of nobody"]];
    assert_eq!(talk.states(), states);
}

#[test]
fn an_operation_that_has_never_answered_and_is_not_implemented_is_missing() {
    let failed = |status| refused(ErrorCode::InternalFailure).status(status);
    for (operation, clause) in [
        (Operation::EnableMfaDevice, ClauseId::OperationEnableExists),
        (Operation::ResyncMfaDevice, ClauseId::OperationResyncExists),
        (Operation::DeactivateMfaDevice, ClauseId::OperationDeactivateExists),
    ] {
        let verdict = Talk::empty(false, &[]).hears(&ask(operation), failed(501));
        let buckets: Vec<_> = verdict.divergences.iter().map(Divergence::bucket).collect();
        assert_eq!(buckets, [(clause, operation, ObservedClass::Status(501, Some(ErrorCode::InternalFailure)))]);
        assert_eq!(expected(&verdict), ["an answer of the operation"]);
    }
    // One that is there has failed, and so has one that answers with another status or that only sets up.
    for (call, status) in
        [(ask(Operation::ResyncMfaDevice), 501), (ask(Operation::EnableMfaDevice), 503), (create_user("anna"), 501)]
    {
        let verdict = Talk::empty(false, &[MfaOperation::Resync]).hears(&call, failed(status));
        assert!(verdict.transient && verdict.divergences.is_empty(), "{call:?}: {:?}", divergences(&verdict));
    }
}
