//! Devices that are dissociated when something else happens.

use mfa_reference::account::{Account, DeviceId, Effect, UserId};
use mfa_reference::{Millis, SuccessBody};
use serde::Deserialize;

use crate::parts::named::{devices_of, dissociate, owner_of};

/// Devices that are dissociated just before something else happens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Effects {
    on: Event,
    dissociate: Which,
}

/// The triggering event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Event {
    Associate,
    Dissociate,
    AddUser,
    MoveUser,
    RemoveUser,
    AddDevice,
    AddKey,
}

/// Which devices are dissociated.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Which {
    /// All devices.
    All,
    /// The devices of the event's user.
    TheUsers,
    /// The newest assigned device.
    Newest,
    /// The newest device of another user.
    NewestOfOthers,
}

impl Effects {
    /// Executes an effect.
    pub(crate) fn carry_out(&self, account: &mut Account, effect: &Effect, body: &SuccessBody, now: Millis) {
        if let Some((event, user)) = event(account, effect)
            && event == self.on
        {
            let devices = self.dissociate.of(account, user);
            dissociate(account, &devices, now);
        }
        account.apply(effect, Some(body), now);
    }
}

impl Which {
    fn of(self, account: &Account, user: Option<UserId>) -> Vec<DeviceId> {
        let all = || account.devices_after("").map(|(id, _)| id);
        let others = |id: &DeviceId| owner_of(account, *id).is_some_and(|owner| Some(owner) != user);
        match self {
            Self::All => all().collect(),
            Self::TheUsers => user.map_or_else(Vec::new, |user| devices_of(account, user)),
            Self::Newest => all().filter(|id| owner_of(account, *id).is_some()).max().into_iter().collect(),
            Self::NewestOfOthers => all().filter(others).max().into_iter().collect(),
        }
    }
}

/// The event of an effect, and its user.
fn event(account: &Account, effect: &Effect) -> Option<(Event, Option<UserId>)> {
    Some(match effect {
        Effect::Associate(_, user) => (Event::Associate, Some(*user)),
        Effect::Dissociate(device) => (Event::Dissociate, owner_of(account, *device)),
        Effect::AddUser => (Event::AddUser, None),
        Effect::MoveUser(user, ..) => (Event::MoveUser, Some(*user)),
        Effect::RemoveUser(user) => (Event::RemoveUser, Some(*user)),
        Effect::AddDevice => (Event::AddDevice, None),
        Effect::AddKey(user) => (Event::AddKey, Some(*user)),
        _ => return None,
    })
}
