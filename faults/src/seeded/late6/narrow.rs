//! Faults that show only with one value, or one combination.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mfa_reference::clause::{Aspect, ClauseId as C, Parameter};
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode, Millis, TimeStep};

use crate::altered::{Altered, decides, documented, documented_reply, edited};
use crate::entry::Difficulty::Narrow;
use crate::entry::{FaultRow, row};
use crate::line::{Incoming, Service, by_get, held, laid, parameter, without};
use crate::seeded::late::reread::{Instead, rereads};
use crate::seeded::request::{is_under_test, misreads};

/// How long a refusal may be told from the cache.
const CACHED_MS: i64 = 60_000;

/// How much of a body is read before it is refused.
const BODY: usize = 8_192;

/// Stands for the first control character between the decision and the renderer; the others follow it.
const STAND_IN: u32 = 0xE000;

/// Whether no XML document may hold a character, not even as a reference.
const fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}')
}

/// What stands for a character until it is written.
fn stand_in(character: char) -> char {
    let code = Some(STAND_IN + u32::from(character)).filter(|_| is_forbidden(character));
    code.and_then(char::from_u32).unwrap_or(character)
}

/// A text with its control characters written as references.
fn with_references(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut all, character| {
        match u32::from(character).checked_sub(STAND_IN).filter(|code| *code < 0x20) {
            Some(code) => all.extend(["&#", &code.to_string(), ";"]),
            None => all.push(character),
        }
        all
    })
}

/// Repeats what is wrong, and escapes it with references.
fn writes_references() -> Altered {
    decides(|_, request, decision| {
        if request.operation().under_test().is_none() {
            return decision;
        }
        match decision {
            Decision::Refuse { code: ErrorCode::ValidationError, message } => {
                let texts = request.violations().into_iter().filter_map(|violation| violation.text);
                let wrong: String = texts.flat_map(str::chars).map(stand_in).collect();
                Decision::refuse(ErrorCode::ValidationError, format!("{message}: {wrong}"))
            }
            other => other,
        }
    })
    .and_renderer(|operation, outcome, id| {
        edited(documented_reply(operation, outcome, id), |text| with_references(&text))
    })
}

/// The parameters as they are read by who decodes values and no names.
fn names_undecoded(parameters: &str) -> String {
    let parts = parameters.split('&').map(|part| match part.split_once('=') {
        Some((name, value)) => format!("{}={value}", name.replace('%', "%25")),
        None => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("&")
}

/// Keeps devices by their serial numbers in small letters.
fn folds_serial_numbers() -> Altered {
    rereads(|situation, named| {
        let Some((_, asked)) = named.device else { return Instead::default() };
        let all = situation.account.devices_after("");
        let same = all.filter(|(_, device)| device.serial_number.eq_ignore_ascii_case(&asked.serial_number));
        let newest = same.max_by_key(|(id, _)| *id).map(|(_, device)| device.serial_number.to_string());
        Instead { user_name: None, serial: newest }
    })
}

/// Reads a code that begins with a zero as an octal number.
struct Octal;

impl Recogniser for Octal {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, last: Option<LastPair>) -> Option<TimeStep> {
        let is_number = |code: &str| !code.starts_with('0') || !code.contains(['8', '9']);
        let adjacent = Adjacent { steps_behind: 1, steps_ahead: 1 };
        adjacent.recognise(seed, one, two, now, last).filter(|_| is_number(one) && is_number(two))
    }
}

/// Answers a GET that was answered 404 the same for a while, as a cache does that nobody has told otherwise.
fn caches_what_is_missing() -> Altered {
    let cache: Arc<Mutex<BTreeMap<String, (Millis, HttpResponse)>>> = Arc::default();
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        let mut cache = held(&cache);
        cache.retain(|_, (until, _)| *until > incoming.now);
        let known = cache.get(incoming.request.target).filter(|_| by_get(&incoming.request));
        if let Some((_, response)) = known {
            return Ok(response.clone().into());
        }
        let response = service(&incoming.request);
        if by_get(&incoming.request) && response.status == 404 {
            let until = incoming.now.plus(CACHED_MS);
            cache.insert(incoming.request.target.to_owned(), (until, response.clone()));
        }
        Ok(response.into())
    }))
}

/// Doesn't read a long body to its end if it is refused, and takes the rest for the next request.
fn leaves_bodies() -> Altered {
    documented().behind(Arc::new(|| {
        let mut is_left = false;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            if std::mem::take(&mut is_left) {
                let xml = HttpResponse::xml(400, "", String::new());
                return Ok(HttpResponse { body: b"Bad Request".to_vec(), ..xml }.into());
            }
            let response = service(&incoming.request);
            let is_long = !by_get(&incoming.request) && incoming.request.body.len() > BODY;
            is_left = is_long && response.status >= 400;
            Ok(response.into())
        })
    }))
}

/// What a `UserName` of one character is demanded by.
const ZERO: &[C] = &[
    C::Parameter(Parameter::EnableUserName, Aspect::Pattern),
    C::Parameter(Parameter::ResyncUserName, Aspect::MinLength),
    C::Parameter(Parameter::ResyncUserName, Aspect::Pattern),
    C::Parameter(Parameter::DeactivateUserName, Aspect::MinLength),
    C::Parameter(Parameter::DeactivateUserName, Aspect::Pattern),
    C::EnableUserExists,
    C::ResyncUserExists,
    C::DeactivateUserExists,
    C::EnableFreshPair,
    C::DeactivateByAdministrator,
];

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "control-characters-as-references",
        "Messages repeat a wrong value with its control characters as references, which XML doesn't allow.",
        C::WireWellFormed,
        // What isn't well-formed has neither code nor id.
        &[C::WireErrorEnvelope],
        Narrow,
        writes_references,
    ),
    row(
        "escaped-parameter-names-kept",
        "Values are decoded and the names of parameters are not: %55serName is no UserName.",
        C::WireFormEncoding,
        // A right call lacks what it gives.
        &[
            C::Parameter(Parameter::EnableUserName, Aspect::Required),
            C::Parameter(Parameter::EnableSerialNumber, Aspect::Required),
            C::Parameter(Parameter::EnableCode1, Aspect::Required),
            C::Parameter(Parameter::EnableCode2, Aspect::Required),
            C::EnableFreshPair,
            C::ResyncSynchronizes,
        ],
        Narrow,
        || misreads(|_, parameters| names_undecoded(parameters)),
    ),
    row(
        "serial-numbers-without-regard-to-case",
        "Of devices whose serial numbers differ only in case, each one's stands for the newest.",
        C::SerialNumberUnique,
        // The other device's codes are asked for, and the other device is changed.
        &[
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::EnableAssociates,
            C::ResyncSynchronizes,
            C::DeactivateDissociates,
        ],
        Narrow,
        folds_serial_numbers,
    ),
    row(
        "user-named-zero-taken-for-none",
        "A UserName of 0 is taken for an empty one, as languages do to which it is false, and so for none.",
        C::Parameter(Parameter::EnableUserName, Aspect::MinLength),
        ZERO,
        Narrow,
        || {
            misreads(|_, parameters| {
                if is_under_test(parameters) && matches!(parameter(parameters, "UserName"), Some("0" | "%30")) {
                    without(parameters, |_, name| name == "UserName")
                } else {
                    parameters.to_owned()
                }
            })
        },
    ),
    row(
        "leading-zero-read-as-octal",
        "A code that begins with a zero is read as an octal number, so that one with an 8 or a 9 is no number.",
        C::CodesLeadingZeros,
        // Each of them demands that a fresh pair is taken.
        &[
            C::EnableFreshPair,
            C::EnableCodesByDevice,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
        ],
        Narrow,
        || documented().and_recogniser(Octal),
    ),
    row(
        "missing-told-to-gets-from-a-cache",
        "A GET that was answered 404 is answered the same for a minute when it comes again, and not carried out.",
        C::WireGet,
        // What was missing then is there now.
        &[
            C::DeactivateByAdministrator,
            C::DeactivateDissociates,
            C::DeactivateDefaultUser,
            C::SerialNumberOwnArn,
            C::WireRequestBoundary,
        ],
        Narrow,
        caches_what_is_missing,
    ),
    row(
        "long-body-left-on-the-connection",
        "A refused body of more than 8,192 bytes isn't read to its end: 400 in plain text for the connection's next call.",
        C::WireRequestBoundary,
        // The next call gets no reply of the protocol.
        &[
            C::WireWellFormed,
            C::WireErrorEnvelope,
            C::RobustnessNoCrash,
            C::OperationEnableExists,
            C::OperationResyncExists,
            C::OperationDeactivateExists,
        ],
        Narrow,
        leaves_bodies,
    ),
];
