//! Recreated users.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use mfa_reference::service::behaviour::{Decision, Situation};
use mfa_reference::{ErrorCode, MfaOperation, Millis, Operation, Request};

use crate::altered::{Altered, decides};
use crate::line::lock;
use crate::parts::named::{named, refuse};

/// The names of users, in small letters: the deleted ones, and the creation times of recreated ones.
#[derive(Default)]
struct Names {
    deleted: BTreeSet<String>,
    recreated: BTreeMap<String, Millis>,
}

impl Names {
    /// Notes a request's effect on a user's name.
    fn note(&mut self, situation: &Situation<'_>, request: &Request<'_>, decision: &Decision) {
        let (Request::Support(support), Decision::CarryOut { .. }) = (request, decision) else { return };
        let name = support.name.text.unwrap_or_default().to_ascii_lowercase();
        match support.operation {
            Operation::DeleteUser => {
                self.deleted.insert(name);
            }
            Operation::CreateUser if self.deleted.contains(&name) => {
                self.recreated.insert(name, situation.now);
            }
            _ => {}
        }
    }
}

/// Refuses to modify a recreated user for a time. Enable and Deactivate report that.
pub(crate) fn keeps_recreated_users(millis: i64) -> Altered {
    let users: Mutex<Names> = Mutex::default();
    decides(move |situation, request, decision| {
        let mut users = lock(&users);
        users.note(situation, request, &decision);
        let Some(named) = named(situation, request).filter(|named| named.operation != MfaOperation::Resync) else {
            return decision;
        };
        let name = named.user_name.unwrap_or_default().to_ascii_lowercase();
        let young = users.recreated.get(&name).is_some_and(|since| situation.now.0 - since.0 < millis);
        if young && named.user.is_some() { refuse(ErrorCode::EntityTemporarilyUnmodifiable) } else { decision }
    })
}
