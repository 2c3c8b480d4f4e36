//! The past states that a lagging listing may show (`state.settles`): each ended with a call.

use mfa_reference::Millis;
use mfa_reference::belief::Fact;
use mfa_reference::permitted::transition::Mismatch;

/// The past states, the oldest first, each with the time of its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended(pub(super) Vec<(Millis, EndedState)>);

/// A past state, ended by a call that was not refused.
#[derive(Clone, Debug)]
pub(super) struct EndedState {
    /// The users that the call named.
    pub(super) users: Vec<String>,
    /// Whether the call renamed one of them.
    pub(super) renames: bool,
    /// The device that the call named or created.
    pub(super) serial: Option<String>,
    /// The users that the device may have been enabled for before the call.
    pub(super) owners: Vec<Fact<Option<String>>>,
}

fn is(owner: &Fact<Option<String>>, name: &str) -> bool {
    match owner {
        Fact::Known(owner) => owner.as_deref().is_some_and(|owner| owner.eq_ignore_ascii_case(name)),
        Fact::Unknown => true,
    }
}

impl EndedState {
    /// Whether a listing of this state may have this mismatch with the present state. `listed` is the name of the user
    /// whose devices are listed; `None` means all devices.
    pub(super) fn explains(&self, mismatch: &Mismatch, listed: Option<&str>) -> bool {
        let Self { users, renames, serial, owners } = self;
        let named = |name: &str| users.iter().any(|user| user.eq_ignore_ascii_case(name));
        let is_about = |about: &str| serial.as_deref() == Some(about);
        let owned_by = |name: &str| owners.iter().any(|owner| is(owner, name));
        match (mismatch, listed) {
            (Mismatch::NoListing, _) | (Mismatch::WrongStatus(_), Some(_)) => false,
            // The listing of a name that has a new owner may show the devices of its old owner.
            (Mismatch::Foreign(serial) | Mismatch::Invented(serial), Some(name)) => {
                (is_about(serial) && owned_by(name)) || (*renames && named(name))
            }
            // A listing of several pages may move a device of the same user from one page to another.
            (Mismatch::Missing(_) | Mismatch::Twice(_) | Mismatch::WrongName { .. }, Some(name)) => {
                owned_by(name) || named(name)
            }
            // The account-wide listing may depend on any call.
            (_, None) => true,
        }
    }
}
