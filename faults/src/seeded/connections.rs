//! Missing replies, and connections that break or keep state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mfa_conformance::serve::Answer;
use mfa_reference::account::{DeviceId, Effect};
use mfa_reference::service::behaviour::{Adjacent, Recogniser};
use mfa_reference::wire::{HttpRequest, HttpResponse};
use mfa_reference::{ErrorCode, MfaOperation, Operation, Outcome, SuccessBody, TimeStep};

use crate::altered::{Altered, documented, documented_reply, recognises};
use crate::entry::Registered;
use crate::line::{
    Incoming, Lay, Service, by_get, laid, lock, parameter, parameters, rewrite, with_parameters, without,
};
use crate::parts::named::{DEACTIVATE, ENABLE, Named, RESYNC, on_refusal, refuse_after};
use crate::parts::requests::{is_under_test, misreads};

/// Whether a request is for an operation under test and names a value like this.
fn asks(request: &HttpRequest<'_>, name: &str, holds: fn(&str) -> bool) -> bool {
    let parameters = parameters(request);
    let under_test = parameter(&parameters, "Action")
        .is_some_and(|action| Operation::from_name(action).is_some_and(|operation| operation.under_test().is_some()));
    under_test && parameter(&parameters, name).is_some_and(holds)
}

/// Loses the replies to some requests.
fn loses(lost: fn() -> Answer, is_lost: fn(&HttpRequest<'_>) -> bool) -> Altered {
    documented().behind(laid(move |incoming, service| {
        if is_lost(&incoming.request) {
            return lost();
        }
        service(&incoming.request).into()
    }))
}

fn hangs_up_on_letters_in_a_code() -> Altered {
    loses(
        || Answer::HangUp,
        |request| asks(request, "AuthenticationCode1", |code| code.parse::<u64>().is_err() && !code.is_empty()),
    )
}

fn hangs_up_on_long_values() -> Altered {
    loses(|| Answer::HangUp, |request| asks(request, "SerialNumber", |value| value.len() > 1_000))
}

fn page_of_an_exception() -> Altered {
    documented().behind(rewrite(|incoming, mut response| {
        if asks(&incoming.request, "AuthenticationCode2", |value| value.parse::<u64>().is_err()) {
            response.status = 500;
            response.body = b"<!doctype html>\n<title>500 Internal Server Error</title>\n<p>oops".to_vec();
        }
        response
    }))
}

fn slow_by_get() -> Altered {
    documented().behind(laid(|incoming, service| {
        let delay = if by_get(&incoming.request) { Duration::from_secs(20) } else { Duration::ZERO };
        Answer::Response(service(&incoming.request), delay)
    }))
}

/// Fills missing parameters from earlier requests on the same connection.
fn leaks(names: &'static [&'static str]) -> Lay {
    Arc::new(move || {
        let mut kept: BTreeMap<&'static str, String> = BTreeMap::new();
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let mut now = parameters(&incoming.request);
            let under_test = is_under_test(&now);
            for name in names {
                if let Some(value) = parameter(&now, name) {
                    kept.insert(name, value.to_owned());
                } else if let Some(left) = kept.get(name).filter(|_| under_test) {
                    now = format!("{now}&{name}={left}");
                }
            }
            with_parameters(&incoming.request, &now, service).into()
        })
    })
}

fn user_name_lost_on_a_kept_connection() -> Altered {
    misreads(|incoming, parameters| {
        if incoming.carried >= 24 && parameters.contains("Action=EnableMFADevice") {
            without(parameters, |_, name| name == "UserName")
        } else {
            parameters.to_owned()
        }
    })
}

fn fails_after_200_calls() -> Altered {
    documented().behind(laid(|incoming, service| {
        if incoming.calls >= 200 && parameters(&incoming.request).contains("Action=DeactivateMFADevice") {
            let outcome = Outcome::Error { code: ErrorCode::ServiceFailure, message: "Too many.".to_owned() };
            return documented_reply(Some(Operation::DeactivateMfaDevice), &outcome, "late").into();
        }
        service(&incoming.request).into()
    }))
}

fn carried_out_twice() -> Altered {
    documented().behind(laid(|incoming, service| {
        if is_under_test(&parameters(&incoming.request)) {
            let _first = service(&incoming.request);
        }
        service(&incoming.request).into()
    }))
}

/// Assumes that the signer of a connection's first request signs all of them.
fn remembers_the_caller() -> Altered {
    documented().behind(Arc::new(|| {
        let mut first: Option<Option<String>> = None;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let authorization = first.get_or_insert_with(|| incoming.request.authorization.map(str::to_owned));
            let request = HttpRequest { authorization: authorization.as_deref(), ..incoming.request };
            service(&request).into()
        })
    }))
}

/// Keeps one handler for each action and connection, which repeats an error once.
fn keeps_errors() -> Altered {
    documented().behind(Arc::new(|| {
        let mut kept: BTreeMap<String, HttpResponse> = BTreeMap::new();
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let read = parameters(&incoming.request);
            let response = service(&incoming.request);
            if !is_under_test(&read) {
                return response.into();
            }
            let action = parameter(&read, "Action").unwrap_or_default();
            if let Some(error) = kept.remove(action) {
                return error.into();
            }
            if (400..500).contains(&response.status) {
                kept.insert(action.to_owned(), response.clone());
            }
            response.into()
        })
    }))
}

/// Checks codes by the time at which their connection was opened.
fn reads_the_clock_once() -> Altered {
    let step: Arc<Mutex<Option<TimeStep>>> = Arc::default();
    let of_connection = Arc::clone(&step);
    recognises(move |seed, one, two, now| {
        // Without a connection, use the present time.
        let then = lock(&step).unwrap_or(now);
        Adjacent { steps_behind: 1, steps_ahead: 1 }.recognise(seed, one, two, then.start(), None)
    })
    .behind(Arc::new(move || {
        let of_connection = Arc::clone(&of_connection);
        let mut opened = None;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let opened = *opened.get_or_insert_with(|| incoming.now.step());
            *lock(&of_connection) = Some(opened);
            service(&incoming.request).into()
        })
    }))
}

/// How much of a body is read before it is refused.
const BODY: usize = 8_192;

/// Doesn't read a refused long body to its end, and reads the rest as the next request.
fn leaves_bodies() -> Altered {
    documented().behind(Arc::new(|| {
        let mut is_left = false;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            if std::mem::take(&mut is_left) {
                let xml = HttpResponse::xml(400, "", String::new());
                return HttpResponse { body: b"Bad Request".to_vec(), ..xml }.into();
            }
            let response = service(&incoming.request);
            let is_long = !by_get(&incoming.request) && incoming.request.body.len() > BODY;
            is_left = is_long && response.status >= 400;
            response.into()
        })
    }))
}

/// Replaces the first refusal for each device by a failure that has an effect.
fn fails_with_an_effect(operation: MfaOperation, code: ErrorCode, effect: fn(&Named<'_>) -> Option<Effect>) -> Altered {
    let failed: Mutex<BTreeSet<DeviceId>> = Mutex::default();
    on_refusal(operation, code, move |named| {
        let is_first = lock(&failed).insert(named.id()?);
        is_first.then_some(())?;
        Some(refuse_after(ErrorCode::ServiceFailure, effect(named)?))
    })
}

fn attached(named: &Named<'_>) -> Option<Effect> {
    if named.owner().is_some() {
        return None;
    }
    Some(Effect::Associate(named.id()?, named.user?))
}

fn enable_wrong_codes_behind_a_failure() -> Altered {
    fails_with_an_effect(ENABLE, ErrorCode::InvalidAuthenticationCode, attached)
}

/// Replaces the first refusal for each device by a broken reply, with an effect.
fn breaks_off_with_an_effect(broken: fn() -> Answer) -> Altered {
    fails_with_an_effect(ENABLE, ErrorCode::InvalidAuthenticationCode, attached).behind(laid(
        move |incoming, service| {
            let response = service(&incoming.request);
            if response.status == 500 { broken() } else { response.into() }
        },
    ))
}

fn enable_wrong_codes_behind_a_page() -> Altered {
    breaks_off_with_an_effect(|| {
        let body = b"<html><body>Bad Gateway</body></html>".to_vec();
        let headers = Vec::new();
        let request_id = String::new();
        HttpResponse { status: 502, content_type: "text/html".into(), body, headers, request_id }.into()
    })
}

fn deactivate_anothers_behind_a_failure() -> Altered {
    fails_with_an_effect(DEACTIVATE, ErrorCode::NoSuchEntity, |named| {
        (named.owner().is_some() && named.owner() != named.user).then_some(Effect::Dissociate(named.id()?))
    })
}

fn resync_deletes_the_user_behind_a_failure() -> Altered {
    fails_with_an_effect(RESYNC, ErrorCode::InvalidAuthenticationCode, |named| named.user.map(Effect::RemoveUser))
}

/// Doesn't reply to every `every`th call. A retry works.
fn hangs_every(every: u64) -> Altered {
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        if incoming.calls % every == every - 1 { Answer::Silence } else { service(&incoming.request).into() }
    }))
}

/// Repeats an earlier listing, unless this connection has changed something since.
fn caches_listings() -> Lay {
    Arc::new(|| {
        let mut cached: BTreeMap<String, HttpResponse> = BTreeMap::new();
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let read = parameters(&incoming.request);
            if !read.contains("Action=ListMFADevices") {
                cached.clear();
                return service(&incoming.request).into();
            }
            let response = cached.entry(read).or_insert_with(|| service(&incoming.request));
            response.clone().into()
        })
    })
}

/// Reports success and does nothing, if a connection's first request is a `DeactivateMFADevice`.
fn loses_first_deactivations() -> Lay {
    laid(|incoming, service| {
        if incoming.carried > 0 || !parameters(&incoming.request).contains("Action=DeactivateMFADevice") {
            return service(&incoming.request).into();
        }
        let done = Outcome::Success(SuccessBody::Empty);
        documented_reply(Some(Operation::DeactivateMfaDevice), &done, "first").into()
    })
}

/// Delays replies from the third wrong pair for a device.
fn lets_guessers_wait() -> Altered {
    let guesses: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
    documented().behind(laid(move |incoming, service| {
        let sent = parameters(&incoming.request);
        let response = service(&incoming.request);
        let is_wrong = String::from_utf8_lossy(&response.body).contains("<Code>InvalidAuthenticationCode<");
        let Some(serial) = parameter(&sent, "SerialNumber").filter(|_| is_wrong) else { return response.into() };
        let mut guesses = lock(&guesses);
        let count = guesses.entry(serial.to_owned()).or_default();
        *count += 1;
        let delay = if *count < 3 { Duration::ZERO } else { Duration::from_mins(1) };
        Answer::Response(response, delay)
    }))
}

/// Sends the refusal of a GET twice, so that each later reply on the connection is one call late.
fn answers_refused_gets_twice() -> Altered {
    documented().behind(Arc::new(|| {
        let mut unread: Option<HttpResponse> = None;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            let response = service(&incoming.request);
            if let Some(unread) = unread.as_mut() {
                return std::mem::replace(unread, response).into();
            }
            if by_get(&incoming.request) && response.status >= 400 {
                unread = Some(response.clone());
            }
            response.into()
        })
    }))
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("hangs-up-on-long-values", hangs_up_on_long_values),
    ("hangs-up-on-letters-in-a-code", hangs_up_on_letters_in_a_code),
    ("page-of-an-exception", page_of_an_exception),
    ("silent-on-an-empty-user-name", || loses(|| Answer::Silence, |request| asks(request, "UserName", str::is_empty))),
    ("slow-by-get", slow_by_get),
    ("leaks-the-user-name", || documented().behind(leaks(&["UserName"]))),
    ("leaks-the-codes", || documented().behind(leaks(&["AuthenticationCode1", "AuthenticationCode2"]))),
    ("user-name-lost-on-a-kept-connection", user_name_lost_on_a_kept_connection),
    ("fails-after-200-calls", fails_after_200_calls),
    ("carried-out-twice", carried_out_twice),
    ("connection-remembers-its-caller", remembers_the_caller),
    ("refusal-told-again-on-its-connection", keeps_errors),
    ("clock-read-once-a-connection", reads_the_clock_once),
    ("long-body-left-on-the-connection", leaves_bodies),
    ("enable-wrong-codes-behind-a-failure", enable_wrong_codes_behind_a_failure),
    ("enable-wrong-codes-behind-a-hang", || breaks_off_with_an_effect(|| Answer::Silence)),
    ("enable-wrong-codes-behind-a-closed-connection", || breaks_off_with_an_effect(|| Answer::HangUp)),
    ("enable-wrong-codes-behind-a-page", enable_wrong_codes_behind_a_page),
    ("deactivate-anothers-behind-a-failure", deactivate_anothers_behind_a_failure),
    ("resync-deletes-the-user-behind-a-failure", resync_deletes_the_user_behind_a_failure),
    ("hangs-now-and-then", || hangs_every(97)),
    ("resets-the-three-operations", || loses(|| Answer::HangUp, |request| is_under_test(&parameters(request)))),
    ("listings-cached-by-connection", || documented().behind(caches_listings())),
    ("first-deactivate-of-a-connection-forgotten", || documented().behind(loses_first_deactivations())),
    ("third-refusal-kept-waiting", lets_guessers_wait),
    ("caller-kept-by-the-connection", remembers_the_caller),
    ("replies-a-call-late-after-a-refused-get", answers_refused_gets_twice),
];
