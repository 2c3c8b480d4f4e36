//! The words of refusals, and the ids of requests.

use mfa_reference::clause::Side;
use mfa_reference::{ErrorCode, Operation, Outcome};

use super::ask::{Ask, ask, deactivate, delete_user, serial};
use super::came::{Came, refused, saying};
use super::talk::{Talk, WRONG};
use super::tell::{departures, divergences, expected, tested};

const OTHERS: &str = "other words than AWS's";

/// The words with which the documented service refuses a call.
fn words(talk: &mut Talk, ask: &Ask) -> (ErrorCode, String) {
    let Came::Outcome(Outcome::Error { code, message }) = talk.served(ask) else { panic!("{ask:?}") };
    (code, message)
}

/// What is noted of a refusal in these words. In strict mode it is a divergence.
fn noted(make: fn(bool) -> Talk, ask: &Ask, code: ErrorCode, message: &str) -> Vec<String> {
    let (mut usual, mut strict) = (make(false), make(true));
    let told = divergences(&usual.hears(ask, saying(code, message)));
    assert_eq!(told, [""; 0], "{message}");
    let noted = departures(&usual.counted());
    let strictly = divergences(&strict.hears(ask, saying(code, message)));
    assert_eq!(noted, strictly.iter().map(|divergence| format!("1 {divergence}")).collect::<Vec<_>>());
    assert!(departures(&strict.counted()).is_empty());
    noted
}

/// Whether a refusal in no particular words puts the words to the test.
fn asks_for_words(talk: &mut Talk, ask: &Ask, code: ErrorCode) -> bool {
    talk.counted();
    assert_eq!(divergences(&talk.hears(ask, refused(code))), [""; 0], "{ask:?}");
    let tally = talk.counted();
    assert_eq!(departures(&tally).is_empty(), !tested(&tally, Side::Reject).contains("message.words"));
    tested(&tally, Side::Reject).contains("message.words")
}

fn fresh(strict: bool) -> Talk {
    if strict { Talk::strict() } else { Talk::new() }
}

fn wrong_codes() -> Ask {
    ask(Operation::EnableMfaDevice).user("anna").device("phone").codes(WRONG)
}

#[test]
fn words_other_than_those_recorded_are_noted() {
    let code = ErrorCode::InvalidAuthenticationCode;
    let recorded = "Authentication code for device is not valid.";
    assert_eq!(words(&mut Talk::new(), &wrong_codes()), (code, recorded.to_owned()));
    assert_eq!(noted(fresh, &wrong_codes(), code, recorded), [""; 0]);
    assert_eq!(noted(fresh, &wrong_codes(), code, "Wrong."), [format!("1 message.words: {OTHERS}")]);
    assert!(asks_for_words(&mut Talk::new(), &wrong_codes(), code));
    let mut strict = Talk::strict();
    let verdict = strict.hears(&wrong_codes(), saying(code, "Wrong."));
    assert_eq!(expected(&verdict), [format!("the message {recorded:?}")]);
    let mut twice = Talk::new();
    for _ in 0..2 {
        twice.hears(&wrong_codes(), saying(code, "Wrong."));
    }
    assert_eq!(departures(&twice.counted()), [format!("2 message.words: {OTHERS}")]);
}

#[test]
fn words_are_asked_for_only_where_one_fault_alone_may_be_told() {
    let mut talk = Talk::new();
    // The user and the codes: AWS names the user first.
    let two = wrong_codes().but("UserName", "nobody");
    assert!(asks_for_words(&mut talk, &two, ErrorCode::NoSuchEntity));
    // The codes alone.
    assert!(asks_for_words(&mut talk, &wrong_codes(), ErrorCode::InvalidAuthenticationCode));
    // Nothing: the pair has a gap, and may be refused.
    let late = talk.enable("anna", "phone", (-2, 0));
    assert!(!asks_for_words(&mut talk, &late, ErrorCode::InvalidAuthenticationCode));
    // An operation that only sets up, where AWS was recorded.
    let mut enabled = Talk::with_annas_phone(false);
    assert!(asks_for_words(&mut enabled, &delete_user("anna"), ErrorCode::DeleteConflict));
    // AWS was never recorded with an absent device here.
    let absent = talk.resync("anna", "phone", (-1, 0)).but("SerialNumber", &serial("absent"));
    assert!(!asks_for_words(&mut talk, &absent, ErrorCode::NoSuchEntity));
    assert!(!asks_for_words(&mut talk, &absent, ErrorCode::InvalidAuthenticationCode));
}

#[test]
fn words_are_not_asked_for_where_a_doubt_may_have_been_told() {
    let mut talk = Talk::with_annas_phone(false);
    talk.does(&deactivate("anna", "phone"));
    // The device may have been removed, or it is there and nobody's.
    assert!(!asks_for_words(&mut talk, &deactivate("anna", "phone"), ErrorCode::NoSuchEntity));
}

#[test]
fn words_are_not_asked_for_while_it_is_open_whose_a_device_is() {
    let mut talk = Talk::new();
    talk.hears(&talk.enable("anna", "phone", (-1, 0)), refused(ErrorCode::ServiceFailure));
    assert!(!asks_for_words(&mut talk, &wrong_codes().but("UserName", "bert"), ErrorCode::InvalidAuthenticationCode));
}

#[test]
fn words_are_not_asked_for_of_a_request_that_names_no_action() {
    let mut talk = Talk::new();
    let unknown = wrong_codes().but("Action", "EnableMFADevices");
    assert!(!asks_for_words(&mut talk, &unknown, ErrorCode::InvalidAction));
}

#[test]
fn the_order_of_the_checks_is_not_in_the_words() {
    // The user is absent, so the device isn't the user's: AWS may tell of either.
    let absent = deactivate("nobody", "phone");
    let code = ErrorCode::NoSuchEntity;
    for words in ["The user with name nobody cannot be found.", "MFA Device invalid for user."] {
        assert_eq!(noted(fresh, &absent, code, words), [""; 0], "{words}");
    }
    assert_eq!(noted(fresh, &absent, code, "Nobody."), [format!("1 message.words: {OTHERS}")]);
}

#[test]
fn of_several_broken_constraints_each_is_told_in_whatever_order() {
    let code = ErrorCode::ValidationError;
    let two = wrong_codes().but("AuthenticationCode1", "12345").but("AuthenticationCode2", "1234567");
    let (_, whole) = words(&mut Talk::new(), &two);
    assert_eq!(noted(fresh, &two, code, &whole), [""; 0]);
    let (count, constraints) = whole.split_once(" detected: ").unwrap();
    let (one, other) = constraints.split_once("; ").unwrap();
    assert_eq!(count, "2 validation errors");
    for words in [format!("{count} detected: {other}; {one}"), format!("{one}; {other}")] {
        assert_eq!(noted(fresh, &two, code, &words), [""; 0], "{words}");
    }
    let all_at_once = [format!("1 validation.all-at-once: {OTHERS}")];
    for words in [one, other, &format!("1 validation error detected: {one}")] {
        assert_eq!(noted(fresh, &two, code, words), all_at_once, "{words}");
    }
    let others = [format!("1 message.words: {OTHERS}")];
    for words in ["Too short.", &format!("{count} detected: {one}; Too long.")] {
        assert_eq!(noted(fresh, &two, code, words), others, "{words}");
    }
    let mut talk = Talk::new();
    talk.hears(&two, saying(code, &whole));
    assert!(tested(&talk.counted(), Side::Reject).contains("validation.all-at-once"));
}

#[test]
fn a_single_broken_constraint_is_told_word_by_word() {
    let code = ErrorCode::ValidationError;
    let short = wrong_codes().but("AuthenticationCode1", "12345");
    let (_, whole) = words(&mut Talk::new(), &short);
    assert_eq!(noted(fresh, &short, code, &whole), [""; 0]);
    let without_count = whole.split_once(" detected: ").unwrap().1;
    assert_eq!(noted(fresh, &short, code, without_count), [format!("1 message.words: {OTHERS}")]);
    let mut talk = Talk::new();
    talk.hears(&short, saying(code, &whole));
    assert!(!tested(&talk.counted(), Side::Reject).contains("validation.all-at-once"));
}

#[test]
fn a_broken_constraint_and_another_fault_ask_for_no_words() {
    let mut talk = Talk::with_annas_phone(false);
    let two = wrong_codes().but("AuthenticationCode1", "12345");
    assert!(!asks_for_words(&mut talk, &two, ErrorCode::ValidationError));
}

#[test]
fn no_two_replies_have_one_request_id() {
    let again = || refused(ErrorCode::InvalidAuthenticationCode).replacing("REQUEST-ID", "the same");
    let named = "wire.request-id.unique: a RequestId that came before";
    let mut talk = Talk::new();
    let late = talk.enable("anna", "phone", (-2, 0));
    for noted in [vec![], vec![format!("1 {named}")], vec![format!("1 {named}")]] {
        assert_eq!(divergences(&talk.hears(&late, again())), [""; 0]);
        let tally = talk.counted();
        assert_eq!(departures(&tally), noted);
        assert!(tested(&tally, Side::Reject).contains("wire.request-id.unique"));
    }
    let mut strict = Talk::strict();
    assert_eq!(divergences(&strict.hears(&late, again())), [""; 0]);
    let verdict = strict.hears(&late, again());
    assert_eq!(
        (divergences(&verdict), expected(&verdict)),
        (vec![named.to_owned()], vec!["a RequestId of its own".to_owned()])
    );
    // One that is missing or empty is told of as such.
    let empty = || refused(ErrorCode::InvalidAuthenticationCode).replacing("REQUEST-ID", "");
    talk.counted();
    for _ in 0..2 {
        talk.hears(&late, empty());
        let tally = talk.counted();
        assert!(departures(&tally).is_empty() && !tested(&tally, Side::Reject).contains("wire.request-id.unique"));
    }
}
