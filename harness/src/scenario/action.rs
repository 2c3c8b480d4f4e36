//! Scenarios and their actions.

use std::time::Duration;

use mfa_reference::MfaOperation;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::mfa_call::MfaCall;
use super::value::{DeviceRef, UserRef, Value};
use crate::transport::ConnectionPlan;
use crate::wire::Malformed;

/// A sequence of actions on users and devices of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The schema of the file, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// What the scenario shows, as a sentence.
    pub name: String,
    /// The clauses that it was written for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cites: Vec<String>,
    /// Whether it waits for unused codes where the target refuses used ones; up to a minute each time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub patient: bool,
    /// Whether it has to be alone on the target.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub serial: bool,
    /// By which connections its calls go.
    #[serde(default, skip_serializing_if = "ConnectionPlan::is_kept")]
    pub connections: ConnectionPlan,
    /// How overlapping calls are released, and in which order a service in this process executes them. 0 releases them
    /// at once. A live service decides the order.
    #[serde(default, skip_serializing_if = "is_first")]
    pub schedule: u32,
    /// What is done, in order.
    pub steps: Vec<ScenarioStep>,
}

/// One action, or several that overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ScenarioStep {
    /// One action.
    One(Action),
    /// Actions whose calls overlap.
    Together {
        /// Two to four actions, each of which makes one call. All calls are sent at once, each on its own connection.
        together: Vec<Action>,
    },
}

impl<'de> Deserialize<'de> for ScenarioStep {
    /// The field `together` decides. A derived untagged enum would hide the error in an action.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Several {
            together: Vec<Action>,
        }
        let value = serde_json::Value::deserialize(deserializer)?;
        let read = if value.get("together").is_some() {
            Several::deserialize(value).map(|several| Self::Together { together: several.together })
        } else {
            Action::deserialize(value).map(Self::One)
        };
        read.map_err(serde::de::Error::custom)
    }
}

/// One thing that is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// `CreateUser`
    CreateUser {
        /// The user that comes to be.
        user: UserRef,
        /// How its name is made.
        #[serde(default, skip_serializing_if = "NameForm::is_plain")]
        name: NameForm,
    },
    /// `UpdateUser`, with a new name; or with a new path and the same name, if the name is to be in a path.
    RenameUser {
        /// The user.
        user: UserRef,
        /// How its new name is made.
        #[serde(default, skip_serializing_if = "NameForm::is_plain")]
        name: NameForm,
    },
    /// `DeleteUser`
    DeleteUser {
        /// The user.
        user: UserRef,
    },
    /// `CreateVirtualMFADevice`
    CreateDevice {
        /// The device that comes to be.
        device: DeviceRef,
        /// How its name is made.
        #[serde(default, skip_serializing_if = "NameForm::is_plain")]
        name: NameForm,
    },
    /// `DeleteVirtualMFADevice` and `CreateVirtualMFADevice` under the same name, until a code of the device begins with
    /// these digits. For what hangs on the digits of a code: the service draws the seed.
    RecreateDevice {
        /// The device.
        device: DeviceRef,
        /// The step of the code, counted from the current one.
        step: i32,
        /// One digit or two.
        #[serde(rename = "begins-with")]
        begins_with: String,
    },
    /// `DeleteVirtualMFADevice`
    DeleteDevice {
        /// The device.
        device: DeviceRef,
    },
    /// `CreateAccessKey`
    CreateKey {
        /// Whose.
        user: UserRef,
    },
    /// `DeleteAccessKey`, for each key of a user
    DeleteKey {
        /// Whose.
        user: UserRef,
    },
    /// `EnableMFADevice`
    Enable(MfaCall),
    /// `ResyncMFADevice`
    Resync(MfaCall),
    /// `DeactivateMFADevice`
    Deactivate(MfaCall),
    /// Any request
    Call(RawCall),
    /// `ListMFADevices`, judged on its own; each mutation and rejection is followed by one anyway
    ListDevices {
        /// Whose.
        user: UserRef,
        /// `MaxItems`: how many devices a page holds at most; left out if absent.
        #[serde(rename = "max-items", default, skip_serializing_if = "Option::is_none")]
        max_items: Option<u16>,
    },
    /// `ListVirtualMFADevices`, every page
    ListVirtualDevices {
        /// `AssignmentStatus`; left out if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<String>,
    },
    /// Lets this many steps of 30 seconds pass
    Wait {
        /// How many.
        steps: u8,
        /// Only until the last of them begins, rather than until the same time within it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        aligned: bool,
        /// Until this second of the step, from 0 to 29; at an edge as near to it as the clocks are known to agree.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        second: Option<u8>,
    },
}

/// A request that no other action makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCall {
    /// The parameters, `Action` and `Version` among them, in order.
    pub parameters: Vec<(String, Value)>,
    /// Whether it is sent as a GET.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub get: bool,
    /// What no SDK would send: whatever comes back, the service goes on, and its state is looked at again.
    #[serde(default, skip_serializing_if = "Malformed::is_nothing")]
    pub malformed: Malformed,
}

/// How the name of a user or device is made. It always begins with the run's prefix, be it in digits. But for `again`
/// and the like, it is one that was not given before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum NameForm {
    /// The prefix and a number.
    #[default]
    Plain,
    /// The same, with this text at the end.
    EndingIn(String),
    /// The same, with this text before it.
    BeginningWith(String),
    /// The same, made this many characters long.
    Length(usize),
    /// The name that the user or device of this number had when it was deleted.
    Again,
    /// The name that the user or device of that number has: a name that is taken.
    SameAs(u8),
    /// A name like the one that the user or device of that number has: without so many characters at its end, and with
    /// a text there instead. A plain one, where it would be too long for a user.
    Like {
        /// The number.
        same_as: u8,
        /// How many characters are left out.
        #[serde(default, skip_serializing_if = "is_zero")]
        without: usize,
        /// The text at the end.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        ending_in: String,
    },
    /// The prefix and a number, in this path.
    InPath(String),
    /// The prefix and a number, in a path that makes the ARN of a device this many characters long.
    InPathToArnOf(usize),
    /// The name that the device of that number has, in another path: another device.
    Elsewhere {
        /// The number.
        same_as: u8,
        /// The path.
        path: String,
    },
    /// The name that the user of that number has: for a device, which has names of its own.
    NameOfUser(u8),
    /// The name that the device of that number has, in capitals: another device, if the service takes the name at all.
    CapitalsOf(u8),
    /// The name that the user of that number had before it was renamed last: it is free again.
    FormerNameOf(u8),
    /// Digits alone: two for each character of the prefix, and a number.
    Digits,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
const fn is_first(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl NameForm {
    fn is_plain(&self) -> bool {
        *self == Self::Plain
    }

    /// Whether to expect a refusal: the name is taken or longer than any user's (`create-user.length`), or the path is
    /// malformed (`create.path`).
    #[must_use]
    pub fn invites_refusal(&self) -> bool {
        match self {
            Self::SameAs(_) | Self::Elsewhere { .. } | Self::CapitalsOf(_) => true,
            Self::Length(length) => *length > 64,
            Self::InPath(path) => mfa_reference::path::problem(path).is_some(),
            Self::Plain
            | Self::EndingIn(_)
            | Self::BeginningWith(_)
            | Self::Again
            | Self::Like { .. }
            | Self::InPathToArnOf(_)
            | Self::Digits
            | Self::FormerNameOf(_)
            | Self::NameOfUser(_) => false,
        }
    }

    /// The `Path` in which a user or a device of a name is created; `None` omits it, which means `/`. `before_path` is
    /// the number of characters in an ARN before its path.
    pub(crate) fn path(&self, name: &str, before_path: usize) -> Option<String> {
        match self {
            Self::InPath(path) | Self::Elsewhere { path, .. } => Some(path.clone()),
            Self::InPathToArnOf(length) => {
                let around = before_path + "//".len() + name.len();
                Some(format!("/{}/", "p".repeat(length.saturating_sub(around).max(1))))
            }
            Self::Plain
            | Self::EndingIn(_)
            | Self::BeginningWith(_)
            | Self::Length(_)
            | Self::Again
            | Self::SameAs(_)
            | Self::Like { .. }
            | Self::Digits
            | Self::CapitalsOf(_)
            | Self::FormerNameOf(_)
            | Self::NameOfUser(_) => None,
        }
    }

    /// The number of the user or device that has or had the name or its beginning.
    pub(crate) const fn namesake(&self) -> Option<u8> {
        match self {
            Self::SameAs(number)
            | Self::Like { same_as: number, .. }
            | Self::Elsewhere { same_as: number, .. }
            | Self::CapitalsOf(number)
            | Self::FormerNameOf(number) => Some(*number),
            Self::Plain
            | Self::EndingIn(_)
            | Self::BeginningWith(_)
            | Self::Length(_)
            | Self::Again
            | Self::InPath(_)
            | Self::InPathToArnOf(_)
            | Self::Digits
            | Self::NameOfUser(_) => None,
        }
    }
}

impl Action {
    /// The operation under test that the action calls, with its call.
    #[must_use]
    pub const fn mfa(&self) -> Option<(MfaOperation, &MfaCall)> {
        match self {
            Self::Enable(call) => Some((MfaOperation::Enable, call)),
            Self::Resync(call) => Some((MfaOperation::Resync, call)),
            Self::Deactivate(call) => Some((MfaOperation::Deactivate, call)),
            Self::CreateUser { .. }
            | Self::RenameUser { .. }
            | Self::DeleteUser { .. }
            | Self::CreateDevice { .. }
            | Self::RecreateDevice { .. }
            | Self::DeleteDevice { .. }
            | Self::CreateKey { .. }
            | Self::DeleteKey { .. }
            | Self::Call(_)
            | Self::ListDevices { .. }
            | Self::ListVirtualDevices { .. }
            | Self::Wait { .. } => None,
        }
    }
}

impl ScenarioStep {
    /// The actions.
    #[must_use]
    pub fn actions(&self) -> &[Action] {
        match self {
            Self::One(action) => std::slice::from_ref(action),
            Self::Together { together } => together,
        }
    }

    /// The actions.
    pub fn actions_mut(&mut self) -> &mut [Action] {
        match self {
            Self::One(action) => std::slice::from_mut(action),
            Self::Together { together } => together,
        }
    }
}

impl Scenario {
    /// Whether some of its calls overlap.
    #[must_use]
    pub fn overlaps(&self) -> bool {
        self.steps.iter().any(|scenario_step| matches!(scenario_step, ScenarioStep::Together { .. }))
    }

    /// Whether a step recreates a device, so that the number of its calls is random.
    #[must_use]
    pub fn recreates_at(&self, step: usize) -> bool {
        matches!(self.steps.get(step), Some(ScenarioStep::One(Action::RecreateDevice { .. })))
    }

    /// A scenario of actions in order, without overlap.
    #[must_use]
    pub fn of(name: impl Into<String>, actions: Vec<Action>) -> Self {
        Self { name: name.into(), steps: actions.into_iter().map(ScenarioStep::One).collect(), ..Self::default() }
    }

    /// The least time that it waits.
    #[must_use]
    pub fn least_wait(&self) -> Duration {
        let steps = self.steps.iter().map(|scenario_step| match scenario_step {
            ScenarioStep::One(Action::Wait { steps, aligned: false, second: None }) => u32::from(*steps),
            ScenarioStep::One(Action::Wait { steps, .. }) => u32::from(*steps).saturating_sub(1),
            ScenarioStep::One(_) | ScenarioStep::Together { .. } => 0,
        });
        Duration::from_millis(mfa_reference::TimeStep::MILLIS.unsigned_abs()) * steps.sum::<u32>()
    }

    /// How many actions it has.
    #[must_use]
    pub fn actions(&self) -> usize {
        self.steps.iter().map(|scenario_step| scenario_step.actions().len()).sum()
    }
}
