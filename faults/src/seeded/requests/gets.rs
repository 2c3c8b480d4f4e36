//! Calls by GET that are read differently from calls by POST.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use mfa_reference::wire::{HttpRequest, HttpResponse};
use mfa_reference::{Millis, Operation, Outcome, SuccessBody};

use crate::altered::{Altered, documented, documented_reply};
use crate::entry::Registered;
use crate::line::{Incoming, Service, by_get, laid, lock, map_values, parameters, rewrite, with_parameters, without};
use crate::parts::named::{WRONG_CODES, on_each, refused_with};
use crate::parts::requests::{is_under_test, misreads};

fn get_without_parameters() -> Altered {
    misreads(|incoming, parameters| if by_get(&incoming.request) { String::new() } else { parameters.to_owned() })
}

fn get_without_effect() -> Altered {
    documented().behind(laid(|incoming, service| {
        let read = parameters(&incoming.request);
        if by_get(&incoming.request) && read.contains("Action=EnableMFADevice") {
            // The service reads the request and stops before the effect, because the version is absent.
            let outcome = Outcome::Success(SuccessBody::Empty);
            return documented_reply(Some(Operation::EnableMfaDevice), &outcome, "get").into();
        }
        service(&incoming.request).into()
    }))
}

/// How long a cache keeps the reply to a GET, in milliseconds.
const CACHED_MS: i64 = 60_000;

/// Repeats the reply to an equal GET of the last minute, if it had this status.
fn caches_gets(status: u16) -> Altered {
    let cache: Arc<Mutex<BTreeMap<String, (Millis, HttpResponse)>>> = Arc::default();
    documented().behind(laid(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
        if !by_get(&incoming.request) {
            return service(&incoming.request).into();
        }
        let mut cache = lock(&cache);
        cache.retain(|_, (at, _)| at.plus(CACHED_MS) > incoming.now);
        if let Some((_, response)) = cache.get(incoming.request.target) {
            return response.clone().into();
        }
        let response = service(&incoming.request);
        if response.status == status {
            cache.insert(incoming.request.target.to_owned(), (incoming.now, response.clone()));
        }
        response.into()
    }))
}

fn refusals_by_get_as_200() -> Altered {
    documented().behind(rewrite(|incoming, response| {
        let refused = (400..500).contains(&response.status) && by_get(&incoming.request);
        let status = if refused && is_under_test(&parameters(&incoming.request)) { 200 } else { response.status };
        HttpResponse { status, ..response }
    }))
}

/// Ignores the signer of a GET.
fn takes_gets_for_the_administrators() -> Altered {
    documented().behind(laid(|incoming, service| {
        let read = parameters(&incoming.request);
        if !by_get(&incoming.request) || !is_under_test(&read) {
            return service(&incoming.request).into();
        }
        let unsigned = without(&read, |_, name| name == "X-Amz-Credential");
        let request = HttpRequest { authorization: None, ..incoming.request };
        with_parameters(&request, &unsigned, service).into()
    }))
}

/// The longest query that is read, in bytes.
const QUERY: usize = 256;

fn long_queries_cut_off() -> Altered {
    misreads(|incoming, parameters| {
        let is_read_so = by_get(&incoming.request) && is_under_test(parameters);
        parameters.get(..QUERY).filter(|_| is_read_so).unwrap_or(parameters).to_owned()
    })
}

/// Reads the serial number of a GET in small letters.
fn small_in_gets() -> Altered {
    misreads(|incoming, parameters| {
        if !by_get(&incoming.request) || !is_under_test(parameters) {
            return parameters.to_owned();
        }
        map_values(
            parameters,
            |name, value| {
                if name == "SerialNumber" { value.to_ascii_lowercase() } else { value.to_owned() }
            },
        )
    })
}

/// The parameters with number-like values read as numbers.
fn with_numbers(parameters: &str) -> String {
    map_values(parameters, |_, value| {
        let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        match value.trim_start_matches('0') {
            "" if is_number => "0".to_owned(),
            number if is_number => number.to_owned(),
            _ => value.to_owned(),
        }
    })
}

fn numbers_in_queries_lose_their_zeros() -> Altered {
    misreads(|incoming, parameters| {
        let is_read = by_get(&incoming.request) && is_under_test(parameters);
        if is_read { with_numbers(parameters) } else { parameters.to_owned() }
    })
}

/// Sends each GET twice, like a proxy that assumes that a GET has no effect.
fn repeats_gets() -> Altered {
    documented().behind(laid(|incoming, service| {
        if by_get(&incoming.request) && is_under_test(&parameters(&incoming.request)) {
            let _lost = service(&incoming.request);
        }
        service(&incoming.request).into()
    }))
}

/// Doesn't check codes in a query string.
fn trusts_queries() -> Altered {
    let queried: Arc<AtomicBool> = Arc::default();
    let asked: Arc<Mutex<()>> = Arc::default();
    let told = Arc::clone(&queried);
    on_each(move |named, decision| {
        let is_trusted = queried.load(Ordering::SeqCst) && refused_with(&decision) == Some(WRONG_CODES);
        if is_trusted { named.carried_out() } else { decision }
    })
    .behind(laid(move |incoming, service| {
        let _alone = lock(&asked);
        told.store(by_get(&incoming.request), Ordering::SeqCst);
        service(&incoming.request).into()
    }))
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("get-without-parameters", get_without_parameters),
    ("get-without-effect", get_without_effect),
    ("gets-answered-from-a-cache", || caches_gets(200)),
    ("refusals-by-get-as-200", refusals_by_get_as_200),
    ("gets-taken-for-the-administrators", takes_gets_for_the_administrators),
    ("long-queries-cut-off", long_queries_cut_off),
    ("missing-told-to-gets-from-a-cache", || caches_gets(404)),
    ("serial-numbers-of-gets-in-small-letters", small_in_gets),
    ("numbers-in-queries-lose-their-zeros", numbers_in_queries_lose_their_zeros),
    ("gets-carried-out-twice", repeats_gets),
    ("codes-unchecked-by-get", trusts_queries),
];
