//! The states that calls have ended, which a listing that lags may show (`state.settles`).

use mfa_reference::Millis;
use mfa_reference::belief::Fact;
use mfa_reference::permitted::transition::Mismatch;

/// What calls have ended, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended(pub(super) Vec<(Millis, EndedState)>);

/// The state that a call ended: the call was not refused.
#[derive(Clone, Debug)]
pub(super) struct EndedState {
    /// The users that the call named.
    pub(super) users: Vec<String>,
    /// Whether it gave one of them another name.
    pub(super) renames: bool,
    /// The device that it named or made.
    pub(super) serial: Option<String>,
    /// Who the device may have been enabled for before.
    pub(super) owners: Vec<Fact<Option<String>>>,
}

fn is(owner: &Fact<Option<String>>, name: &str) -> bool {
    match owner {
        Fact::Known(owner) => owner.as_deref().is_some_and(|owner| owner.eq_ignore_ascii_case(name)),
        Fact::Unknown => true,
    }
}

impl EndedState {
    /// Whether a listing of this state may differ from what is expected now in this way. `listed` is the name of the
    /// user whose devices are listed; without one, all devices are.
    pub(super) fn explains(&self, mismatch: &Mismatch, listed: Option<&str>) -> bool {
        let Self { users, renames, serial, owners } = self;
        let named = |name: &str| users.iter().any(|user| user.eq_ignore_ascii_case(name));
        let is_about = |about: &str| serial.as_deref() == Some(about);
        let owned_by = |name: &str| owners.iter().any(|owner| is(owner, name));
        match (mismatch, listed) {
            (Mismatch::NoListing, _) | (Mismatch::WrongStatus(_), Some(_)) => false,
            // A name that was given up and given to somebody else may be listed with what its old owner has.
            (Mismatch::Foreign(serial) | Mismatch::Invented(serial), Some(name)) => {
                (is_about(serial) && owned_by(name)) || (*renames && named(name))
            }
            // A listing of several pages may move a device of the same user from one page to another.
            (Mismatch::Missing(_) | Mismatch::Twice(_) | Mismatch::WrongName { .. }, Some(name)) => {
                owned_by(name) || named(name)
            }
            // What the whole account shows may hang on any call.
            (_, None) => true,
        }
    }
}
