//! The oracle judges the documented service and the permitted variants. It reports no divergence of any of them.

use std::sync::LazyLock;

use arbitrary::Unstructured;
use mfa_reference::account::Account;

use crate::play_now::play_now;
use crate::sequence::sequence;
use crate::watched::{Looked, Watched};
use mfa_conformance::execute::trace::Unfinished;
use mfa_conformance::scenario::Scenario;
use mfa_faults::altered::documented;
use mfa_faults::{Variant, variants};

/// How bytes break the property.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A scenario waits for something that never comes.
    #[error("{0:?} doesn't end")]
    Endless(Box<Scenario>),
    /// The variants can't be read.
    #[error("{0}")]
    Tables(String),
    /// The oracle blames a service that conforms.
    #[error("on {service}, {scenario:?} is said to diverge: {divergence}")]
    Blamed {
        /// The service.
        service: String,
        /// What was played.
        scenario: Box<Scenario>,
        /// What the oracle says.
        divergence: String,
    },
    /// The oracle loses its way on a service that conforms.
    #[error("on {service}, {scenario:?} can't be judged to its end: {why}")]
    Unjudged {
        /// The service.
        service: String,
        /// What was played.
        scenario: Box<Scenario>,
        /// Why not.
        why: Unfinished,
    },
    /// A call that was refused changed the account.
    #[error("on {service}, call {call} of {scenario:?} was refused and changed the account")]
    RefusedWithEffect {
        /// The service.
        service: String,
        /// What was played.
        scenario: Box<Scenario>,
        /// The number of the call, from 0.
        call: usize,
    },
    /// The account contradicts itself.
    #[error("on {service}, after call {call} of {scenario:?}: {what}")]
    Account {
        /// The service.
        service: String,
        /// What was played.
        scenario: Box<Scenario>,
        /// The number of the call, from 0.
        call: usize,
        /// What is wrong.
        what: String,
    },
}

static VARIANTS: LazyLock<Result<Vec<Variant>, String>> =
    LazyLock::new(|| variants().map_err(|problem| problem.to_string()));

/// Any sequence with time, on the documented service (strictly or not) or on a permitted variant: nothing diverges, all
/// of it can be judged, a refused call changes nothing, and the account never contradicts itself.
///
/// The first byte says the service (0 and 1 the documented one), the second where in a step the clock begins; the rest
/// is the sequence.
///
/// # Errors
/// How the bytes break this.
pub fn holds(bytes: &[u8]) -> Result<(), Broken> {
    let Ok((which, into_step, scenario)) = trial(&mut Unstructured::new(bytes)) else { return Ok(()) };
    let variants = VARIANTS.as_ref().map_err(|problem| Broken::Tables(problem.clone()))?;
    let variant = which.checked_sub(2).and_then(|index| variants.get(usize::from(index) % variants.len().max(1)));
    let altered = variant.map_or_else(documented, |variant| variant.service.make());
    let service = variant.map_or("the documented service", |variant| &variant.name).to_owned();
    let scenario = Box::new(scenario);
    let mut transport = Watched::new(altered, into_step);
    let Some(played) = play_now(&scenario, which == 1, &mut transport) else { return Err(Broken::Endless(scenario)) };
    if let Some(found) = played.found.first() {
        let divergence = format!("{:?} by exchange {}", found.divergence, found.exchange);
        return Err(Broken::Blamed { service, scenario, divergence });
    }
    match played.unfinished {
        // A name may be refused: then the scenario says nothing.
        None | Some(Unfinished::SetUp(_) | Unfinished::NameTaken) => {}
        Some(why) => return Err(Broken::Unjudged { service, scenario, why }),
    }
    for (call, looked) in transport.calls.iter().enumerate() {
        let Some(account) = &looked.changed else { continue };
        if is_refused(looked) {
            return Err(Broken::RefusedWithEffect { service, scenario, call });
        }
        if let Some(what) = contradiction(account) {
            return Err(Broken::Account { service, scenario, call, what });
        }
    }
    Ok(())
}

fn trial(input: &mut Unstructured<'_>) -> arbitrary::Result<(u8, i64, Scenario)> {
    let (which, into_step) = input.arbitrary::<(u8, u8)>()?;
    Ok((which, i64::from(into_step) * 117, sequence(input)?))
}

/// Whether the client was told that it is at fault. A service that fails may have done what was asked.
fn is_refused(looked: &Looked) -> bool {
    looked.reply.as_ref().is_ok_and(|reply| (400..500).contains(&reply.status) && !reply.retried)
}

/// What is wrong with an account, if anything is.
fn contradiction(account: &Account) -> Option<String> {
    let mut assigned = 0;
    for (id, device) in account.devices_after("") {
        let serial = &device.serial_number;
        if account.find_device(serial) != Some(id) {
            return Some(format!("{serial} isn't found by its serial number"));
        }
        let owners: Vec<_> = account.users().filter(|(_, user)| user.devices().any(|device| device == id)).collect();
        match (device.owner, owners.as_slice()) {
            (None, []) => {}
            (Some(owner), [(one, _)]) if owner == *one => assigned += 1,
            (owner, owners) => return Some(format!("{serial} is {owner:?}, and {} users have it", owners.len())),
        }
    }
    for (id, user) in account.users() {
        let name = &user.entry.user_name;
        if account.find_user(name) != Some(id) {
            return Some(format!("{name} isn't found by the name"));
        }
        if user.devices().any(|device| account.device(device).is_none()) {
            return Some(format!("{name} has a device that doesn't exist"));
        }
        if user.keys().any(|key| account.key_owner(key) != Some(id)) {
            return Some(format!("{name} has a key that signs for another"));
        }
    }
    (assigned != account.assigned_devices())
        .then(|| format!("{assigned} devices are assigned, {} are counted", account.assigned_devices()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mfa_conformance::scenario::{Action, DeviceRef, MfaCall, NameForm, RawCall, UserRef, Value};
    use mfa_conformance::wire::Malformed;
    use mfa_faults::variant;

    /// After a request that no SDK sends, the listings are taken as they are. The device is in none of them, and nobody's
    /// for that.
    #[test]
    fn a_device_that_comes_back_with_its_users_former_name_is_not_said_to_be_invented() {
        let (user, device) = (UserRef(1), DeviceRef(1));
        let malformed = Malformed { content_type: Some("text/plain".to_owned()), ..Malformed::default() };
        let raw =
            RawCall { parameters: vec![("Action".to_owned(), Value::text("EnableMFADevice"))], get: false, malformed };
        let scenario = Scenario::of(
            "renamed and back",
            vec![
                Action::CreateUser { user, name: NameForm::Plain },
                Action::CreateDevice { device, name: NameForm::Plain },
                Action::Enable(MfaCall::about(user, device).fresh(device)),
                Action::RenameUser { user, name: NameForm::Plain },
                Action::Call(raw),
                Action::RenameUser { user, name: NameForm::FormerNameOf(1) },
                Action::ListDevices { user, max_items: None },
            ],
        );
        let mut transport = Watched::new(variant("devices-kept-by-name").unwrap().service.make(), 0);
        let played = play_now(&scenario, false, &mut transport).unwrap();
        assert!(played.found.is_empty(), "{:?}", played.found);
        let listed = transport.calls.iter().filter(|call| {
            call.reply.as_ref().is_ok_and(|reply| String::from_utf8_lossy(&reply.body).contains("EnableDate"))
        });
        assert!(listed.count() >= 2, "it is shown before and after");
    }
}
