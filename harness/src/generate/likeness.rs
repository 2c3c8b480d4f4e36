//! Likenesses: pairs of users or devices whose similar names a service may confuse. Each of the two has its own devices
//! or codes, and keeps them when the other loses its own.

use mfa_reference::clause::ClauseId;

use crate::scenario::{Action, DeviceRef, MfaCall, NameForm, Scenario, Signer, UserRef};

/// How the second of two names is derived from the first.
struct Likeness {
    what: &'static str,
    first: Base,
    without: usize,
    ending_in: &'static str,
}

/// How the first of two names is made.
#[derive(Clone, Copy)]
enum Base {
    Plain,
    EndingIn(&'static str),
    Length(usize),
    Digits,
}

const fn extends(what: &'static str, ending_in: &'static str) -> Likeness {
    Likeness { what, first: Base::Plain, without: 0, ending_in }
}

const fn ends(what: &'static str, first: &'static str, without: usize, ending_in: &'static str) -> Likeness {
    Likeness { what, first: Base::EndingIn(first), without, ending_in }
}

const LIKENESSES: &[Likeness] = &[
    extends("one has a letter more", "x"),
    extends("one has a zero more", "0"),
    extends("one has a list behind it", ",x"),
    extends("one has a value behind it", "=x"),
    extends("one has a domain behind it", "@example.com"),
    extends("one has the ending of a file", ".json"),
    extends("one has a tag behind it", "+x"),
    extends("one has a hyphen at the end", "-"),
    extends("one has an underscore and a number behind it", "_1"),
    ends("one has a letter less", "x", 1, ""),
    ends("a hyphen for an underscore", "-b", 2, "_b"),
    ends("a hyphen for a full stop", "-b", 2, ".b"),
    ends("a full stop for an underscore", ".b", 2, "_b"),
    ends("a plus for a hyphen", "+b", 2, "-b"),
    ends("one without the full stop", "a.b", 2, "b"),
    ends("one without the hyphen", "a-b", 2, "b"),
    ends("two letters exchanged", "ab", 2, "ba"),
    ends("one with a zero before its number", "-7", 1, "07"),
    ends("a letter for a digit that looks like it", "-0", 1, "O"),
    ends("other domains", "@example.com", 3, "org"),
    // Strings with equal hashes in Java.
    ends("the same hash", "-Aa", 2, "BB"),
    Likeness {
        what: "numbers beyond what a floating-point number holds",
        first: Base::Digits,
        without: 1,
        ending_in: "8",
    },
    Likeness { what: "the last of 64 characters is another", first: Base::Length(64), without: 1, ending_in: "y" },
    Likeness { what: "the last of 33 characters is another", first: Base::Length(33), without: 1, ending_in: "y" },
];

/// All likenesses, users first.
pub(super) fn likenesses() -> impl Iterator<Item = Scenario> {
    LIKENESSES.iter().map(users).chain(LIKENESSES.iter().map(devices))
}

fn names(likeness: &Likeness) -> (NameForm, NameForm) {
    let first = match likeness.first {
        Base::Plain => NameForm::Plain,
        Base::EndingIn(text) => NameForm::EndingIn(text.to_owned()),
        Base::Length(length) => NameForm::Length(length),
        Base::Digits => NameForm::Digits,
    };
    let second = NameForm::Like { same_as: 1, without: likeness.without, ending_in: likeness.ending_in.to_owned() };
    (first, second)
}

/// Two users, each with a device. A change to one's device doesn't affect the other's.
fn users(likeness: &Likeness) -> Scenario {
    let (first, second) = (UserRef(1), UserRef(2));
    let (one, two) = (DeviceRef(1), DeviceRef(2));
    let (name, like) = names(likeness);
    let steps = vec![
        Action::CreateUser { user: first, name },
        Action::CreateUser { user: second, name: like },
        Action::CreateDevice { device: one, name: NameForm::Plain },
        Action::CreateDevice { device: two, name: NameForm::Plain },
        enable(first, one),
        Action::Deactivate(MfaCall::about(second, one)),
        enable(second, two),
        Action::Deactivate(MfaCall::about(first, two)),
        Action::CreateKey { user: first },
        Action::Deactivate(MfaCall { user: None, signer: Signer::User(first), ..MfaCall::about(first, two) }),
        Action::Deactivate(MfaCall::about(first, one)),
        Action::DeleteKey { user: first },
        Action::DeleteUser { user: first },
        Action::Deactivate(MfaCall::about(second, two)),
    ];
    let cites = [ClauseId::DeactivateOtherUsers, ClauseId::DeleteUserLeavesOthers];
    cited(&cites, format!("users with names alike: {}", likeness.what), steps)
}

/// Two devices of one user. Each has its own codes, and stays when the other is deactivated.
fn devices(likeness: &Likeness) -> Scenario {
    let user = UserRef(1);
    let (one, two) = (DeviceRef(1), DeviceRef(2));
    let (name, like) = names(likeness);
    let steps = vec![
        Action::CreateUser { user, name: NameForm::Plain },
        Action::CreateDevice { device: one, name },
        Action::CreateDevice { device: two, name: like },
        enable(user, one),
        Action::Deactivate(MfaCall::about(user, two)),
        enable(user, two),
        Action::Deactivate(MfaCall::about(user, one)),
        Action::DeleteDevice { device: one },
        Action::Deactivate(MfaCall::about(user, two)),
    ];
    let cites = [ClauseId::SerialNumberUnique, ClauseId::EnableCodesByDevice];
    cited(&cites, format!("devices with names alike: {}", likeness.what), steps)
}

fn enable(user: UserRef, device: DeviceRef) -> Action {
    Action::Enable(MfaCall::about(user, device).fresh(device))
}

fn cited(cites: &[ClauseId], name: String, steps: Vec<Action>) -> Scenario {
    Scenario { cites: cites.iter().map(ToString::to_string).collect(), ..Scenario::of(name, steps) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::execute::Bindings;
    use crate::scenario::check_steps;

    #[test]
    fn no_two_likenesses_are_the_same_and_each_makes_two_names() {
        let mut pairs = BTreeSet::new();
        for likeness in LIKENESSES {
            let (first, second) = names(likeness);
            let mut bindings = Bindings::new("mfac-prefix");
            let first = bindings.new_name('u', &first, None);
            let second = bindings.new_name('u', &second, Some(&first)).text;
            let first = first.text;
            assert_ne!(first, second, "{}", likeness.what);
            let digits = second.bytes().all(|byte| byte.is_ascii_digit());
            assert!(digits || second.starts_with("mfac-prefix-u1"), "{}: {second}", likeness.what);
            assert!(pairs.insert((first, second)), "{}", likeness.what);
        }
    }

    #[test]
    fn each_can_be_played() {
        let all: Vec<Scenario> = likenesses().collect();
        assert_eq!(all.len(), 2 * LIKENESSES.len());
        assert!(all.iter().all(|scenario| check_steps(scenario) == Ok(())));
    }
}
