//! The features of a played scenario: of single exchanges and of pairs.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use mfa_reference::{Operation, SuccessBody};

use crate::execute::Exchange;
use crate::wire::{Answer, Observed};

/// How many words of a message count.
const WORDS: usize = 12;

/// The features of a played scenario, as numbers: the operation, outcome and shape of each exchange; the operations and
/// outcomes of each two in a row; and the users' numbers of devices in each state.
pub(super) fn features(trace: &[Exchange]) -> BTreeSet<u64> {
    let mut features = BTreeSet::new();
    let mut before = String::new();
    let mut devices: BTreeMap<&str, usize> = BTreeMap::new();
    for exchange in trace {
        let call = &exchange.call;
        let (outcome, shape) = shown(&exchange.observed);
        let now = format!("{} {outcome}", call.operation);
        features.insert(number(&(
            &now,
            shape,
            call.style.method == crate::wire::Method::Get,
            exchange.malformed.is_some(),
        )));
        features.insert(number(&(&before, &now)));
        before = now;
        if let (Operation::ListMfaDevices, Some(user), Some(body)) =
            (call.operation, call.request.get("UserName"), exchange.body())
        {
            devices.insert(user, size(body));
            let mut state: Vec<usize> = devices.values().copied().collect();
            state.sort_unstable();
            features.insert(number(&("state", state)));
        }
    }
    features
}

/// The outcome and its shape.
fn shown(observed: &Observed) -> (String, String) {
    match observed {
        Observed::Reply(reply) => match &reply.answer {
            Answer::Success(body) => {
                (format!("{} success {}", reply.status, size(body)), reply.envelope.unclaimed.join(" "))
            }
            Answer::Error { code, message, .. } => {
                (format!("{} {code}", reply.status), message.as_deref().map(masked).unwrap_or_default())
            }
        },
        Observed::Unreadable { status, format, .. } => (format!("{status} unreadable"), format!("{format:?}")),
        Observed::Broken(error) => (format!("broken {:?}", std::mem::discriminant(error)), String::new()),
    }
}

/// The number of items in a listing, up to four.
fn size(body: &SuccessBody) -> usize {
    let size = match body {
        SuccessBody::Users(page) => page.items.len(),
        SuccessBody::MfaDevices(page) => page.items.len(),
        SuccessBody::VirtualDevices(page) => page.items.len(),
        SuccessBody::AccessKeys(page) => page.items.len(),
        SuccessBody::Empty | SuccessBody::User(_) | SuccessBody::VirtualDevice { .. } | SuccessBody::AccessKey(_) => 0,
    };
    size.min(4)
}

/// The words of a message, except those that look like values.
fn masked(message: &str) -> String {
    let is_value = |word: &str| word.len() > 20 || word.contains(|one: char| one.is_ascii_digit() || one == ':');
    let words = message.split_whitespace().take(WORDS).map(|word| if is_value(word) { "*" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn number(feature: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    feature.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn the_same_trace_has_the_same_features_and_another_has_others() {
        let cases = samples::cases();
        let of = |index: usize| features(&cases[index].trace);
        assert_eq!(of(0), of(0));
        assert_ne!(of(0), of(1));
    }

    #[test]
    fn names_and_numbers_are_no_news() {
        let user = |name: &str| masked(&format!("The user with name {name} cannot be found."));
        assert_eq!(user("mfac-1-u1"), user("mfac-2-u77"));
        assert_ne!(masked("The device is gone"), masked("The user is gone"));
    }
}
