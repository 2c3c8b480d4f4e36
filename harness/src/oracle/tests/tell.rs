//! What the oracle says and believes, in words.

use std::collections::BTreeSet;

use mfa_reference::belief::{Entity, Fact, State};
use mfa_reference::clause::Side;

use crate::oracle::{Divergence, Tally, Verdict};

/// The divergences of a verdict: `clause: what came back`, and the clauses that may be broken as well.
pub(super) fn divergences(verdict: &Verdict) -> Vec<String> {
    verdict.divergences.iter().map(divergence).collect()
}

pub(super) fn divergence(one: &Divergence) -> String {
    let also: Vec<String> = one.also.iter().map(ToString::to_string).collect();
    let also = if also.is_empty() { String::new() } else { format!(", also {}", also.join(" ")) };
    format!("{}: {}{also}", one.clause, one.class)
}

/// What a verdict expected in the place of what came back.
pub(super) fn expected(verdict: &Verdict) -> Vec<String> {
    verdict.divergences.iter().map(|one| one.expected.to_string()).collect()
}

/// The clauses that were tested on a side.
pub(super) fn tested(tally: &Tally, side: Side) -> BTreeSet<String> {
    let of_side = tally.tested.keys().filter(|(_, on)| *on == side);
    of_side.map(|(clause, _)| clause.to_string()).collect()
}

/// The readings of open clauses, and how often each was taken.
pub(super) fn open(tally: &Tally) -> Vec<String> {
    tally.open.iter().map(|((clause, reading), count)| format!("{count} {clause}: {reading}")).collect()
}

/// The departures that are noted, and how often.
pub(super) fn departures(tally: &Tally) -> Vec<String> {
    tally.departures.iter().map(|((clause, what), count)| format!("{count} {clause}: {what}")).collect()
}

/// The users and devices of a state; a question mark stands behind what may not be there.
pub(super) fn state(state: &State) -> Vec<String> {
    let unless = |certain: bool| if certain { "" } else { "?" };
    let users = state
        .account()
        .users()
        .map(|(id, user)| format!("{}{}", user.entry.user_name, unless(state.surely_exists(Entity::User(id)))));
    let devices = state.account().devices_after("").map(|(id, device)| {
        let owner = match state.owner(id) {
            Fact::Known(Some(owner)) => state.user(owner).map_or("gone", |user| &user.entry.user_name),
            Fact::Known(None) => "nobody",
            Fact::Unknown => "anybody",
        };
        let name = device.serial_number.rsplit('/').next().unwrap_or_default();
        format!("{name}{} of {owner}", unless(state.surely_exists(Entity::Device(id))))
    });
    users.chain(devices).collect()
}

/// Rows are written as texts.
pub(super) fn set(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}
