//! Cases of each kind.

use std::collections::BTreeSet;
use std::time::Duration;

use mfa_reference::clause::ClauseId;
use mfa_reference::{ErrorCode, ErrorCodes, Operation};

use super::overlap::both_enabled;
use super::replies::{
    KEY_ID, NOW, PREFIX, SEED, device_created, enabled, error, exchange, key_created, listed, serial, success,
    user_created, user_name,
};
use crate::execute::Exchange;
use crate::execute::origin::{CodeSource, Made, Source};
use crate::oracle::{Divergence, Expected, ObservedClass};
use crate::run::result::{Case, Confirmation, Phase};
use crate::scenario::{Action, DeviceRef, MfaCall, NameForm, RawCall, Scenario, Signer, UserRef, Value};
use crate::transport::TransportError;
use crate::wire::{Damage, Malformed, Observed, encode};

const USER: UserRef = UserRef(1);
const DEVICE: DeviceRef = DeviceRef(1);

/// One case of each kind.
pub(crate) fn cases() -> Vec<Case> {
    vec![
        garbage_accepted(),
        wrong_status(),
        missing_operation(),
        wrong_listing(),
        no_request_id(),
        no_answer(),
        unusable_seed(),
        both_enabled(),
        refused_for_the_caller(),
    ]
}

fn about_both() -> MfaCall {
    MfaCall::about(USER, DEVICE)
}

pub(crate) fn enable_with(code1: &str, code2: &str) -> Action {
    Action::Enable(MfaCall { code1: Some(Value::text(code1)), code2: Some(Value::text(code2)), ..about_both() })
}

pub(super) fn create_user() -> Action {
    Action::CreateUser { user: USER, name: NameForm::Plain }
}

pub(super) fn create_device() -> Action {
    Action::CreateDevice { device: DEVICE, name: NameForm::Plain }
}

pub(crate) fn case(
    clause: ClauseId,
    class: ObservedClass,
    expected: Expected,
    actions: Vec<Action>,
    trace: Vec<Exchange>,
) -> Case {
    let exchange = trace.len() - 1;
    let divergence = Divergence {
        clause,
        also: Vec::new(),
        operation: trace[exchange].call.operation,
        class,
        expected,
        permitted: None,
    };
    Case {
        found_as: divergence.bucket(),
        divergence,
        scenario: Scenario::of(format!("shows {clause}"), actions),
        exchange,
        before: BTreeSet::new(),
        phase: Phase::Examples,
        first_scenario: 12,
        occurrences: 3,
        requests_to_first: 1,
        confirmation: Confirmation::Confirmed { replays: 9, cut_off: false },
        orders: Vec::new(),
        trace,
    }
}

fn refusal(code: ErrorCode) -> Expected {
    Expected::Error(ErrorCodes::of(&[code]))
}

pub(crate) fn garbage_accepted() -> Case {
    let body = success(Operation::EnableMfaDevice, "");
    case(
        ClauseId::EnableCodesRecognised,
        ObservedClass::Success,
        refusal(ErrorCode::InvalidAuthenticationCode),
        vec![create_user(), create_device(), enable_with("000000", "000000")],
        vec![user_created(0), device_created(1, SEED), listed(1, &[]), enabled(2, "000000", "000000", 200, &body)],
    )
}

fn wrong_status() -> Case {
    let body = error("NoSuchEntity", "no such \u{9b}31m user", "<RequestId>77</RequestId>");
    let mut last = enabled(1, "000000", "000000", 400, &body);
    // A serial number without a name.
    if let Some(origin) = last.origins.get_mut(3) {
        *origin = Made::whole(serial(), Source::Serial(0)).origin;
    }
    Case {
        confirmation: Confirmation::NotReproduced,
        orders: Vec::new(),
        ..case(
            ClauseId::ErrorStatus(ErrorCode::NoSuchEntity),
            ObservedClass::Status(400, Some(ErrorCode::NoSuchEntity)),
            refusal(ErrorCode::NoSuchEntity),
            vec![create_device(), enable_with("000000", "000000")],
            vec![device_created(0, SEED), last],
        )
    }
}

pub(crate) fn missing_operation() -> Case {
    let (name, serial) = (user_name(), serial());
    let parameters = [("UserName", name.as_str()), ("SerialNumber", serial.as_str())];
    let html = "<!doctype html>\n<title>500</title>\n<p>\u{1b}]0;owned\u{7} Internal Server Error";
    case(
        ClauseId::OperationResyncExists,
        ObservedClass::Unreadable(500),
        Expected::Words("ResyncMFADeviceResponse or ErrorResponse".to_owned()),
        vec![Action::Resync(about_both())],
        vec![exchange(0, Operation::ResyncMfaDevice, &parameters, 500, html)],
    )
}

pub(crate) fn wrong_listing() -> Case {
    let body = success(Operation::EnableMfaDevice, "");
    let mut enable = enabled(2, "123456", "654321", 200, &body);
    for (origin, step) in enable.origins.iter_mut().skip(4).zip([-1, 0]) {
        let (serial_number, at) = (serial(), NOW.plus(i64::from(step)));
        origin.code = Some(CodeSource { serial_number, seed_from: 1, step, at, edits: Vec::new() });
    }
    case(
        ClauseId::EnableAssociates,
        ObservedClass::Listing("a device isn't listed"),
        Expected::Listing { user_name: user_name(), serial_numbers: vec![serial()] },
        vec![create_user(), create_device(), Action::Enable(about_both().fresh(DEVICE))],
        vec![user_created(0), device_created(1, SEED), enable, listed(2, &[])],
    )
}

fn no_request_id() -> Case {
    let body = error("InvalidAuthenticationCode", "wrong", "");
    Case {
        confirmation: Confirmation::NotTried,
        orders: Vec::new(),
        ..case(
            ClauseId::WireErrorEnvelope,
            ObservedClass::Envelope("an error without RequestId"),
            Expected::Words("ErrorResponse with Error/Type, Error/Code, Error/Message and RequestId".to_owned()),
            vec![create_user(), create_device(), enable_with("000000", "000001")],
            vec![user_created(0), device_created(1, SEED), enabled(2, "000000", "000001", 403, &body)],
        )
    }
}

fn no_answer() -> Case {
    let mut last = enabled(2, "000000", "000000", 200, "");
    last.observed = Observed::Broken(TransportError::Timeout(Duration::from_secs(10)));
    let long = "a".repeat(10_000);
    if let Some((_, value)) = last.call.request.parameters.get_mut(4) {
        value.clone_from(&long);
    }
    let call = MfaCall { code1: Some(Value::Repeated("a".to_owned(), 10_000)), ..about_both() };
    Case {
        confirmation: Confirmation::Confirmed { replays: 200, cut_off: true },
        orders: Vec::new(),
        ..case(
            ClauseId::RobustnessAnswers,
            ObservedClass::Timeout,
            Expected::Words("a reply".to_owned()),
            vec![create_user(), create_device(), Action::Enable(call)],
            vec![user_created(0), device_created(1, SEED), last],
        )
    }
}

fn unusable_seed() -> Case {
    case(
        ClauseId::SupportSeedUsable,
        ObservedClass::Body("a seed that can't be used"),
        Expected::Words("Base32StringSeed as a blob: base64 of base32 text".to_owned()),
        vec![create_device()],
        vec![device_created(0, "MDE4OWFiY2Q=")],
    )
}

fn refused_for_the_caller() -> Case {
    let body = error("ValidationError", "userName", "<RequestId>77</RequestId>");
    let enabled_body = success(Operation::EnableMfaDevice, "");
    let mut last = exchange(4, Operation::DeactivateMfaDevice, &[("SerialNumber", &serial())], 400, &body);
    last.signer = Some(user_name());
    last.key_from = Some(3);
    let own = MfaCall { user: None, signer: Signer::User(USER), ..about_both() };
    case(
        ClauseId::DeactivateDefaultUser,
        ObservedClass::Error(ErrorCode::ValidationError),
        Expected::Success,
        vec![
            create_user(),
            create_device(),
            enable_with("123456", "654321"),
            Action::CreateKey { user: USER },
            Action::Deactivate(own),
        ],
        vec![
            user_created(0),
            device_created(1, SEED),
            enabled(2, "123456", "654321", 200, &enabled_body),
            key_created(3),
            last,
        ],
    )
}

/// A case with everything that is hard to quote: controls, quotes, repetitions, users' keys, repeated parameters.
pub(crate) fn nasty_case() -> Case {
    let values = [
        "Bob\n",
        "it's",
        "a b+c&d=e%41",
        "\0\u{1b}[2J",
        "\u{202e}漢é\u{9b}",
        "$HOME `id` \"x\" \\ !",
        "-n",
        "@/etc/passwd",
        "",
        "~",
        "*",
        "#",
    ];
    let mut trace = vec![user_created(0), device_created(1, SEED), key_created(2)];
    let mut actions = vec![create_user(), create_device(), Action::CreateKey { user: USER }];
    for value in values {
        let named = format!("{PREFIX}{value}");
        let parameters = [("UserName", named.as_str()), ("SerialNumber", value), ("User Name&", value)];
        let step = actions.len();
        let mut one = exchange(step, Operation::DeactivateMfaDevice, &parameters, 200, "<html/>");
        one.signer = (value.len() % 2 == 0).then(user_name);
        one.key_from = one.signer.as_ref().map(|_| 2);
        trace.push(one);
        actions.push(Action::Call(RawCall::default()));
    }
    let long = format!("{}{}%\\'{}", user_name(), "x".repeat(10_000), "0'%\\".repeat(100));
    let parameters = [("UserName", long.as_str()), ("AccessKeyId", KEY_ID)];
    let mut last = exchange(actions.len(), Operation::DeleteAccessKey, &parameters, 200, "");
    if let Some(origin) = last.origins.last_mut() {
        *origin = Made::whole(KEY_ID, Source::KeyId(2)).origin;
    }
    trace.push(last);
    actions.push(Action::DeleteKey { user: USER });
    case(ClauseId::RobustnessNoCrash, ObservedClass::Unreadable(200), Expected::Success, actions, trace)
}

/// A case whose request is bytes that no SDK sends, and the body that was sent.
pub(in crate::report) fn damaged(insert: &str, times: usize) -> (Case, Vec<u8>) {
    let mut case = missing_operation();
    let exchange = &mut case.trace[0];
    let damage = Damage { at: 9, remove: 1, insert: insert.to_owned(), times };
    let headers = vec![("X-Empty".to_owned(), String::new())];
    let malformed = Malformed { damage: vec![damage], headers, content_type: Some("text/it's".to_owned()) };
    let mut encoded = encode(&exchange.call);
    malformed.apply(&mut encoded);
    exchange.malformed = Some(encoded.clone());
    (case, encoded.body)
}
