//! User names that are read as another name.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mfa_reference::account::{Effect, UserId};
use mfa_reference::{Caller, MfaOperation};

use crate::altered::Altered;
use crate::entry::Registered;
use crate::line::lock;
use crate::parts::reread::{Instead, rereads};

/// Finds users by their former names.
fn keeps_old_names() -> Altered {
    let former: Arc<Mutex<BTreeMap<String, UserId>>> = Arc::default();
    let renamed = Arc::clone(&former);
    rereads(move |situation, named| {
        let old = named.user_name.filter(|_| named.user.is_none()).unwrap_or_default().to_ascii_lowercase();
        let user = lock(&former).get(&old).and_then(|id| situation.account.user(*id));
        Instead { user_name: user.map(|user| user.entry.user_name.clone()), serial: None }
    })
    .and_effects(move |account, effect, body, now| {
        if let Effect::RenameUser(id, _) = effect
            && let Some(user) = account.user(*id)
        {
            lock(&renamed).insert(user.entry.user_name.to_ascii_lowercase(), *id);
        }
        account.apply(effect, Some(body), now);
    })
}

fn codes_operations_default_to_the_caller() -> Altered {
    rereads(|situation, named| match situation.caller {
        Caller::User(caller) if named.user_name.is_none() && named.operation != MfaOperation::Deactivate => {
            let caller = situation.account.user(caller);
            Instead { user_name: caller.map(|user| user.entry.user_name.clone()), serial: None }
        }
        Caller::User(_) | Caller::Administrator => Instead::default(),
    })
}

/// Whether a name is like a pattern in which an underscore stands for any character.
fn is_like(name: &str, pattern: &str) -> bool {
    let same = |(one, two): (u8, u8)| two == b'_' || one.eq_ignore_ascii_case(&two);
    name.len() == pattern.len() && name.bytes().zip(pattern.bytes()).all(same)
}

fn underscore_stands_for_any_character() -> Altered {
    rereads(|situation, named| {
        let pattern = named.user_name.filter(|name| name.contains('_'));
        let mut users = situation.account.users().map(|(_, user)| &user.entry.user_name);
        let user_name = pattern.and_then(|pattern| users.find(|name| is_like(name, pattern)).cloned());
        Instead { user_name, serial: None }
    })
}

/// Whether a regular expression matches a name, ignoring case.
fn matches(expression: &[u8], name: &[u8]) -> bool {
    let Some((atom, rest)) = expression.split_first() else { return name.is_empty() };
    let is_atom = |byte: &u8| *atom == b'.' || byte.eq_ignore_ascii_case(atom);
    let Some(tail) = rest.strip_prefix(b"+") else {
        return name.split_first().is_some_and(|(first, name)| is_atom(first) && matches(rest, name));
    };
    let repeated = name.iter().take_while(|byte| is_atom(byte)).count();
    (1..=repeated).any(|count| name.get(count..).is_some_and(|name| matches(tail, name)))
}

/// Whether a valid name contains a special character of regular expressions.
fn is_expression(name: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(is_known) && name.contains(['.', '+'])
}

/// Looks for a user with a regular expression, ignoring case.
fn finds_by_expression() -> Altered {
    rereads(|situation, named| {
        let expression = named.user_name.filter(|name| is_expression(name));
        let user_name = expression.map(|asked| {
            let mut users = situation.account.users().map(|(_, user)| &user.entry.user_name);
            let found = users.find(|name| matches(asked.as_bytes(), name.as_bytes()));
            // An expression without a match names no user, not even one of exactly that name.
            found.map_or_else(|| "-".to_owned(), Clone::clone)
        });
        Instead { user_name, serial: None }
    })
}

fn signing_user_overrides_the_user_name() -> Altered {
    rereads(|situation, named| match situation.caller {
        Caller::User(caller) if named.user_name.is_some() => {
            let caller = situation.account.user(caller);
            Instead { user_name: caller.map(|user| user.entry.user_name.clone()), serial: None }
        }
        Caller::User(_) | Caller::Administrator => Instead::default(),
    })
}

/// The number in a name, without leading zeros.
fn number(name: &str) -> Option<&str> {
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| name.trim_start_matches('0'))
}

/// Finds a user by a name that is an equal number.
fn compares_numbers() -> Altered {
    rereads(|situation, named| {
        let wanted = named.user_name.filter(|_| named.user.is_none()).and_then(number);
        let Some(wanted) = wanted else { return Instead::default() };
        let mut names = situation.account.users().map(|(_, user)| &user.entry.user_name);
        Instead { user_name: names.find(|name| number(name) == Some(wanted)).cloned(), serial: None }
    })
}

/// The key of a user: the name with a hyphen for each character that isn't a letter or a digit.
fn slug(name: &str) -> String {
    name.chars().map(|each| if each.is_ascii_alphanumeric() { each.to_ascii_lowercase() } else { '-' }).collect()
}

/// Finds users by these keys.
fn finds_by_slug() -> Altered {
    rereads(|situation, named| {
        let is_name = |name: &&str| name.chars().all(|each| each.is_ascii_alphanumeric() || "_+=,.@-".contains(each));
        let absent = named.user_name.filter(|_| named.user.is_none());
        let Some(asked) = absent.filter(is_name).map(slug) else { return Instead::default() };
        let mut names = situation.account.users().map(|(_, user)| &user.entry.user_name);
        Instead { user_name: names.find(|name| slug(name) == asked).cloned(), serial: None }
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("old-name-found-after-a-rename", keeps_old_names),
    ("codes-operations-default-to-the-caller", codes_operations_default_to_the_caller),
    ("underscore-stands-for-any-character", underscore_stands_for_any_character),
    ("user-name-taken-for-a-regular-expression", finds_by_expression),
    ("signing-user-overrides-the-user-name", signing_user_overrides_the_user_name),
    ("names-of-digits-compared-as-numbers", compares_numbers),
    ("marks-in-user-names-all-the-same", finds_by_slug),
];
