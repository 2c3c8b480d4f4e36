//! Users who are not found, or found by another name.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mfa_reference::account::{User, UserId};
use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Decision, Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::{Caller, ErrorCode, MfaOperation, Request};

use crate::altered::{Altered, decides, documented, rules};
use crate::entry::Registered;
use crate::line::{lock, map_values, misread};
use crate::parts::named::{MISSING, Named, RESYNC, named, on_each, on_success, refuse, refused_with};
use crate::parts::pairs::{fresh, pair};
use crate::parts::requests::is_under_test;

fn user_name_extension_matches() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request).filter(|named| named.user.is_none()) else { return decision };
        let shorter = named.user_name.and_then(|name| name.get(..name.len().saturating_sub(1)));
        let near = shorter.and_then(|name| situation.account.find_user(name));
        let refused = refused_with(&decision) == Some(ErrorCode::NoSuchEntity);
        match near.filter(|_| refused && named.device.is_some()) {
            Some(user) => Named { user: Some(user), ..named }.carried_out(),
            None => decision,
        }
    })
}

fn user_name_prefix_matches() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request).filter(|named| named.user.is_none()) else { return decision };
        let name = named.user_name.unwrap_or_default();
        let mut longer = situation
            .account
            .users_after(name)
            .filter(|(_, user)| user.entry.user_name.len() == name.len() + 1 && user.entry.user_name.starts_with(name));
        let refused = refused_with(&decision) == Some(ErrorCode::NoSuchEntity);
        match longer.next().filter(|_| refused && named.device.is_some() && !name.is_empty()) {
            Some((user, _)) => Named { user: Some(user), ..named }.carried_out(),
            None => decision,
        }
    })
}

/// Stores a user's devices under the name up to its first punctuation mark, which other users may share.
fn files_under_the_beginning() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request).filter(|_| refused_with(&decision) == Some(MISSING)) else {
            return decision;
        };
        let filed = |user: Option<UserId>| {
            let name = &situation.account.user(user?)?.entry.user_name;
            name.split(['+', '=', ',', '.', '@']).next().map(str::to_owned)
        };
        let (wanted, owner) = (filed(named.user), filed(named.owner()));
        if named.operation == MfaOperation::Deactivate && wanted.is_some() && wanted == owner {
            named.carried_out()
        } else {
            decision
        }
    })
}

/// Refuses a right call with a value like this.
fn refuses_where(code: ErrorCode, odd: fn(&Named<'_>) -> bool) -> Altered {
    on_each(
        move |named, decision| {
            if refused_with(&decision).is_none() && odd(named) { refuse(code) } else { decision }
        },
    )
}

fn user_name_of_digits_not_found() -> Altered {
    refuses_where(ErrorCode::NoSuchEntity, |named| {
        named.user_name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

fn serial_number_with_a_path_refused() -> Altered {
    refuses_where(ErrorCode::ValidationError, |named| {
        named.serial.is_some_and(|serial| serial.matches('/').count() > 1)
    })
}

/// Doesn't find users outside the root path.
fn finds_users_at_the_root() -> Altered {
    decides(|situation, request, decision| {
        let found = named(situation, request).filter(|_| refused_with(&decision).is_none());
        // A caller is found by its key.
        let user = found.filter(|named| named.user_name.is_some()).and_then(|named| named.user);
        match user.and_then(|user| situation.account.user(user)) {
            Some(user) if user.entry.path != "/" => refuse(ErrorCode::NoSuchEntity),
            Some(_) | None => decision,
        }
    })
}

/// Reads the caller's name from the text after the first slash of the caller's ARN.
fn reads_callers_from_arns() -> Altered {
    decides(|situation, request, decision| match (request, situation.caller) {
        (Request::Deactivate { user_name, .. }, Caller::User(caller)) if user_name.text.is_none() => {
            let is_under_path = |user: &User| user.entry.path != "/";
            let is_valid = request.violations().is_empty();
            if is_valid && situation.account.user(caller).is_some_and(is_under_path) {
                refuse(ErrorCode::NoSuchEntity)
            } else {
                decision
            }
        }
        _ => decision,
    })
}

/// Refuses values that look like the beginning of an SQL comment.
fn fears_comments() -> Altered {
    on_each(|named, decision| {
        let is_feared = [named.user_name, named.serial].into_iter().flatten().any(|value| value.contains("--"));
        if is_feared { refuse(ErrorCode::ValidationError) } else { decision }
    })
}

/// Decodes the caller's name, which was never encoded.
fn decodes_its_caller() -> Altered {
    decides(|situation, request, decision| {
        let own = named(situation, request).filter(|named| named.user_name.is_none());
        let (Some(named), Caller::User(caller)) = (own, situation.caller) else { return decision };
        let has_plus = situation.account.user(caller).is_some_and(|user| user.entry.user_name.contains('+'));
        let is_lost = has_plus && named.operation == MfaOperation::Deactivate && refused_with(&decision).is_none();
        if is_lost { refuse(ErrorCode::NoSuchEntity) } else { decision }
    })
}

/// Stores devices outside the root path by name only, so that the first of a name stands for all.
fn forgets_which_path() -> Altered {
    let first: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
    documented().behind(misread(move |_, read| {
        if !is_under_test(read) {
            return read.to_owned();
        }
        map_values(read, |name, value| {
            let parts: Vec<&str> = value.split("%2F").collect();
            match parts.as_slice() {
                [_, _, .., last] if name == "SerialNumber" => {
                    lock(&first).entry((*last).to_owned()).or_insert_with(|| value.to_owned()).clone()
                }
                _ => value.to_owned(),
            }
        })
    }))
}

/// Doesn't find a caller with a path.
fn loses_callers_with_a_path() -> Altered {
    decides(|situation, request, decision| {
        let own = named(situation, request).filter(|named| named.user_name.is_none());
        let (Some(_), Caller::User(caller)) = (own, situation.caller) else { return decision };
        let has_path = situation.account.user(caller).is_some_and(|user| user.entry.path != "/");
        if has_path && refused_with(&decision).is_none() { refuse(ErrorCode::NoSuchEntity) } else { decision }
    })
}

/// Whether a serial number has a path of two segments or more.
fn has_a_deep_path(serial_number: &str) -> bool {
    let path_and_name = serial_number.split_once(":mfa/").map_or("", |(_, rest)| rest);
    path_and_name.split('/').filter(|segment| !segment.is_empty()).count() > 2
}

fn deep_paths_not_found_by_resync() -> Altered {
    on_success(RESYNC, |named| named.serial.is_some_and(has_a_deep_path).then(|| refuse(MISSING)))
}

/// Refuses used codes before it checks the device's owner, and treats the first owner of a name as the owner.
struct FormerNames {
    names: Mutex<BTreeMap<String, UserId>>,
}

impl Rules for FormerNames {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let mut first_owners = lock(&self.names);
        for (id, user) in situation.account.users() {
            first_owners.entry(user.entry.user_name.clone()).or_insert(id);
        }
        let decision = Documented::default().decide(situation, request, memory);
        let Some((named, (one, two))) = named(situation, request).zip(pair(request)) else { return decision };
        let first = named.user_name.and_then(|name| first_owners.get(name).copied());
        let is_first = first.is_some() && first == named.owner() && first != named.user;
        if named.operation != RESYNC || !is_first || named.user.is_none() {
            return decision;
        }
        let now = situation.now.step();
        let Some((id, device)) = named.device else { return decision };
        let is_unused = memory.last_accepted.get(&id).is_none_or(|last| now.plus(-1) > last.second);
        let is_right = device.seed.as_ref().is_some_and(|seed| fresh(seed, now) == (one.to_owned(), two.to_owned()));
        if is_unused && is_right { named.carried_out() } else { refuse(ErrorCode::InvalidAuthenticationCode) }
    }
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("user-name-extension-matches", user_name_extension_matches),
    ("user-name-prefix-matches", user_name_prefix_matches),
    ("users-filed-up-to-the-first-mark", files_under_the_beginning),
    ("user-name-of-digits-not-found", user_name_of_digits_not_found),
    ("serial-number-with-a-path-refused", serial_number_with_a_path_refused),
    ("user-with-a-path-not-found", finds_users_at_the_root),
    ("caller-under-a-path-not-found", reads_callers_from_arns),
    ("two-hyphens-taken-for-an-attack", fears_comments),
    ("callers-name-decoded", decodes_its_caller),
    ("paths-below-the-root-forgotten", forgets_which_path),
    ("callers-with-a-path-not-found", loses_callers_with_a_path),
    ("deep-paths-not-found-by-resync", deep_paths_not_found_by_resync),
    ("resync-under-the-owners-former-name", || rules(FormerNames { names: Mutex::default() })),
];
