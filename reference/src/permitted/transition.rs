//! A transition is an answer that the clauses permit, together with its effect on the state.

use smallvec::SmallVec;

use crate::account::UserId;
use crate::belief::{Entity, Evidence, Fact, State, Update};
use crate::clause::{ClauseId, Side};
use crate::outcome::{ErrorCode, ErrorCodes, SuccessBody};
use crate::time::Millis;
use crate::totp::Recognition;

/// A clause that forbids the service to refuse with certain codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The clause.
    pub clause: ClauseId,
    /// The codes that it rules out.
    pub forbids: ErrorCodes,
    /// Whether a value of the request is at an edge of what the clause allows: then a refusal is best named by it.
    pub at_edge: bool,
}

/// Clauses, few of them.
pub type Clauses = SmallVec<[ClauseId; 4]>;

/// The transitions that are permitted for one request, and what the request tests.
#[derive(Clone, Debug, Default)]
pub struct Permitted {
    /// The transitions; a reply conforms if it matches one.
    pub transitions: SmallVec<[Transition; 8]>,
    /// The clauses without which more would be permitted, and on which side.
    pub tested: SmallVec<[(ClauseId, Side); 16]>,
    /// The clauses because of which a refusal is permitted beside another outcome: Silent and Contradicted ones, and
    /// those by which a fact of the state or of the caller is unknown.
    pub open: SmallVec<[ClauseId; 4]>,
    /// What forbids the service to refuse, if nothing in the request makes it.
    pub demands: SmallVec<[Demand; 16]>,
    /// What explains the request's pair of codes, if it has one and the device's seed is known.
    pub recognition: Option<Recognition>,
}

impl Permitted {
    /// Adds a transition.
    pub fn push(&mut self, transition: Transition) {
        self.transitions.push(transition);
    }

    /// The successes that change something.
    pub fn effects(&self) -> impl Iterator<Item = &Transition> {
        self.transitions.iter().filter(|transition| transition.expect.is_success() && transition.update.changes())
    }

    /// Whether some transition is a success.
    #[must_use]
    pub fn allows_success(&self) -> bool {
        self.transitions.iter().any(|transition| transition.expect.is_success())
    }
}

/// An answer that the clauses permit, together with its effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// What the reply has to be.
    pub expect: Expect,
    /// What it does to the state. What a listing shows comes on top.
    pub update: Update,
    /// The clauses that permit it, the most telling first.
    pub clauses: Clauses,
    /// Whether the transition is a passing failure, after which the request is to be sent again.
    pub transient: bool,
    /// Whether the transition is a refusal that nothing demands: the documents leave it open.
    pub doubtful: bool,
    /// The Recorded clause that the transition departs from: a note by default, a divergence under `--strict`.
    pub departs: Option<ClauseId>,
}

impl Transition {
    /// A success with this effect.
    #[must_use]
    pub fn success(expect: Expect, update: impl Into<Update>, clauses: &[ClauseId]) -> Self {
        Self {
            expect,
            update: update.into(),
            clauses: Clauses::from_slice(clauses),
            transient: false,
            doubtful: false,
            departs: None,
        }
    }

    /// A rejection with one of these codes and no effect.
    #[must_use]
    pub fn error(codes: ErrorCodes, clauses: &[ClauseId]) -> Self {
        Self {
            expect: Expect::Error(codes),
            update: Update::NONE,
            clauses: Clauses::from_slice(clauses),
            transient: false,
            doubtful: false,
            departs: None,
        }
    }

    /// The same transition, as one that nothing demands.
    #[must_use]
    pub fn doubtful(mut self) -> Self {
        self.doubtful = true;
        self
    }

    /// The same transition, departing from a Recorded clause.
    #[must_use]
    pub fn departing_from(mut self, clause: ClauseId) -> Self {
        self.departs = Some(clause);
        self
    }
}

/// Which devices `AssignmentStatus` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// All of them.
    Any,
    /// Those that are somebody's.
    Assigned,
    /// Those that are nobody's.
    Unassigned,
}

impl Assignment {
    /// Whether a device of this owner is asked for; `None` where that isn't known.
    const fn includes(self, owner: Fact<Option<UserId>>) -> Option<bool> {
        match (self, owner) {
            (Self::Any, _) | (Self::Assigned, Fact::Known(Some(_))) | (Self::Unassigned, Fact::Known(None)) => {
                Some(true)
            }
            (Self::Assigned, Fact::Known(None)) | (Self::Unassigned, Fact::Known(Some(_))) => Some(false),
            (Self::Assigned | Self::Unassigned, Fact::Unknown) => None,
        }
    }
}

/// What a reply has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// A success, whatever its body.
    Success,
    /// A listing of exactly the user's devices.
    DevicesOf(UserId),
    /// An account-wide listing that shows each of the state's devices of a status with its owner.
    VirtualDevices(Assignment),
    /// An error with one of these codes.
    Error(ErrorCodes),
}

/// A reply as the model sees it.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// A success.
    Success(&'a SuccessBody),
    /// An error.
    Error(ErrorCode),
}

impl Expect {
    /// Whether this is a success of some kind.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        match self {
            Self::Success | Self::DevicesOf(_) | Self::VirtualDevices(_) => true,
            Self::Error(_) => false,
        }
    }

    /// Whether a reply is of the expected kind: a success, or an error with one of the codes.
    #[must_use]
    pub const fn is_answered_by(&self, answer: Answer<'_>) -> bool {
        match (self, answer) {
            (Self::Success | Self::DevicesOf(_) | Self::VirtualDevices(_), Answer::Success(_)) => true,
            (Self::Error(codes), Answer::Error(code)) => codes.contains(code),
            (Self::Error(_), Answer::Success(_))
            | (Self::Success | Self::DevicesOf(_) | Self::VirtualDevices(_), Answer::Error(_)) => false,
        }
    }

    /// Whether a reply is what is expected.
    #[must_use]
    pub fn matches(&self, state: &State, answer: Answer<'_>) -> bool {
        match (self, answer) {
            (Self::Success, Answer::Success(_)) => true,
            (Self::DevicesOf(user), Answer::Success(body)) => listing_mismatch(state, *user, body).is_none(),
            (Self::VirtualDevices(assignment), Answer::Success(body)) => {
                virtual_mismatch(state, *assignment, body).is_none()
            }
            (Self::Error(codes), Answer::Error(code)) => codes.contains(code),
            (Self::Error(_), Answer::Success(_))
            | (Self::Success | Self::DevicesOf(_) | Self::VirtualDevices(_), Answer::Error(_)) => false,
        }
    }
}

/// The first way in which a listing differs from a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// A device of the user isn't listed.
    Missing(String),
    /// A device is listed that isn't the user's, or whose owner isn't the one listed.
    Foreign(String),
    /// A device is listed twice.
    Twice(String),
    /// A device is listed under another user's name.
    WrongName {
        /// The device's serial number.
        serial_number: String,
        /// The name that it is listed under.
        user_name: String,
    },
    /// A device is listed as it is, but not with the assignment status that was asked for.
    WrongStatus(String),
    /// A device is listed that was never created.
    Invented(String),
    /// The reply's body is of another operation.
    NoListing,
}

/// Holds a listing of one user's devices against a state.
#[must_use]
pub fn listing_mismatch(state: &State, user: UserId, body: &SuccessBody) -> Option<Mismatch> {
    let SuccessBody::MfaDevices(page) = body else { return Some(Mismatch::NoListing) };
    let record = state.user(user)?;
    let mut listed: SmallVec<[&str; 8]> = SmallVec::new();
    for item in &page.items {
        let serial = item.serial_number.as_str();
        if listed.contains(&serial) {
            return Some(Mismatch::Twice(serial.to_owned()));
        }
        listed.push(serial);
        let Some(device) = state.find_device(serial).id() else {
            return Some(Mismatch::Invented(serial.to_owned()));
        };
        let possible = match state.owner(device) {
            Fact::Known(owner) => owner == Some(user),
            Fact::Unknown => true,
        };
        if !possible {
            return Some(Mismatch::Foreign(serial.to_owned()));
        }
        // An entry without a name names nobody else: `support.listed-members` speaks of it.
        if !item.user_name.is_empty() && item.user_name != record.entry.user_name {
            return Some(Mismatch::WrongName { serial_number: serial.to_owned(), user_name: item.user_name.clone() });
        }
    }
    record
        .devices()
        .filter_map(|id| state.device(id))
        .find(|device| !listed.contains(&device.serial_number.as_ref()))
        .map(|device| Mismatch::Missing(device.serial_number.to_string()))
}

/// Holds an account-wide listing against a state. Devices that the state doesn't hold are somebody else's.
#[must_use]
pub fn virtual_mismatch(state: &State, assignment: Assignment, body: &SuccessBody) -> Option<Mismatch> {
    let SuccessBody::VirtualDevices(page) = body else { return Some(Mismatch::NoListing) };
    let mut listed: SmallVec<[&str; 8]> = SmallVec::new();
    for item in &page.items {
        let serial = item.serial_number.as_str();
        let Some(device) = state.find_device(serial).id() else {
            if state.vanished().any(|vanished| vanished == serial) {
                return Some(Mismatch::Invented(serial.to_owned()));
            }
            continue;
        };
        if listed.contains(&serial) {
            return Some(Mismatch::Twice(serial.to_owned()));
        }
        listed.push(serial);
        let owner = state.owner(device);
        let right = match (owner, &item.user) {
            (Fact::Unknown, _) | (Fact::Known(None), None) => true,
            (Fact::Known(Some(owner)), Some(user)) => {
                state.user(owner).is_some_and(|record| record.entry.user_name == user.user_name)
            }
            (Fact::Known(None), Some(_)) | (Fact::Known(Some(_)), None) => false,
        };
        if !right {
            return Some(Mismatch::Foreign(serial.to_owned()));
        }
        if assignment.includes(owner) == Some(false) {
            return Some(Mismatch::WrongStatus(serial.to_owned()));
        }
    }
    let asked_for = |id| state.surely_exists(Entity::Device(id)) && assignment.includes(state.owner(id)) == Some(true);
    let mut devices = state.account().devices_after("");
    devices
        .find(|(id, device)| asked_for(*id) && !listed.contains(&device.serial_number.as_ref()))
        .map(|(_, device)| Mismatch::Missing(device.serial_number.to_string()))
}

impl State {
    /// Takes a transition: the update, and what a listing shows. `body` is the success body of the reply, `at` the time of the
    /// call.
    pub fn take(&mut self, transition: &Transition, body: Option<&SuccessBody>, at: Millis) {
        self.update(&transition.update, body, at);
        match (transition.expect, body) {
            (Expect::DevicesOf(user), Some(body)) => self.narrow(Evidence::DevicesOf(user, body)),
            (Expect::VirtualDevices(_), Some(body)) => self.narrow(Evidence::VirtualDevices(body)),
            (Expect::Success | Expect::Error(_) | Expect::DevicesOf(_) | Expect::VirtualDevices(_), _) => {}
        }
    }
}
