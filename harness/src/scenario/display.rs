//! Actions in words.

use std::fmt;

use super::{Action, NameForm};
use crate::wire::Quoted;

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |f: &mut fmt::Formatter<'_>, form: &NameForm| match form {
            NameForm::Plain => Ok(()),
            NameForm::EndingIn(text) => write!(f, ", its name ending in {}", Quoted(text)),
            NameForm::BeginningWith(text) => write!(f, ", its name beginning with {}", Quoted(text)),
            NameForm::Length(length) => write!(f, ", with a name of {length} characters"),
            NameForm::InPath(path) => write!(f, " in the path {}", Quoted(path)),
            NameForm::InPathToArnOf(length) => write!(f, " in a path that makes its ARN {length} characters long"),
            NameForm::Like { same_as, without: 0, ending_in } => {
                write!(f, " under the name of number {same_as} and {}", Quoted(ending_in))
            }
            NameForm::Like { same_as, without, ending_in } => {
                write!(f, " under the name of number {same_as} with {} for its last {without}", Quoted(ending_in))
            }
            NameForm::Elsewhere { same_as, path } => {
                write!(f, " under the name of number {same_as}, in the path {}", Quoted(path))
            }
            NameForm::NameOfUser(user) => write!(f, " under the name of user {user}"),
            NameForm::CapitalsOf(other) => write!(f, " under the name of number {other} in capitals"),
            NameForm::FormerNameOf(user) => write!(f, " under the former name of user {user}"),
            NameForm::Digits => f.write_str(", its name digits alone"),
            NameForm::Again => f.write_str(" again, under its old name"),
            NameForm::SameAs(other) => write!(f, " under the name of number {other}, which is taken"),
        };
        match self {
            Self::CreateUser { user, name } => write!(f, "create {user}").and_then(|()| named(f, name)),
            Self::RenameUser { user, name: NameForm::InPath(path) } => {
                write!(f, "move {user} to the path {}", Quoted(path))
            }
            Self::RenameUser { user, name } => write!(f, "rename {user}").and_then(|()| named(f, name)),
            Self::DeleteUser { user } => write!(f, "delete {user}"),
            Self::CreateDevice { device, name } => write!(f, "create {device}").and_then(|()| named(f, name)),
            Self::RecreateDevice { device, step, begins_with } => {
                write!(f, "recreate {device} until its code of step {step} begins with {begins_with}")
            }
            Self::DeleteDevice { device } => write!(f, "delete {device}"),
            Self::CreateKey { user } => write!(f, "create an access key of {user}"),
            Self::DeleteKey { user } => write!(f, "delete the access key of {user}"),
            Self::Enable(call) => write!(f, "EnableMFADevice {call}"),
            Self::Resync(call) => write!(f, "ResyncMFADevice {call}"),
            Self::Deactivate(call) => write!(f, "DeactivateMFADevice {call}"),
            Self::Call(call) => {
                f.write_str("request")?;
                call.parameters.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))?;
                f.write_str(if call.malformed.is_nothing() { "" } else { ", malformed" })
            }
            Self::ListDevices { user, max_items: None } => write!(f, "list the devices of {user}"),
            Self::ListDevices { user, max_items: Some(most) } => {
                write!(f, "list the devices of {user} in pages of {most}")
            }
            Self::ListVirtualDevices { status: None } => f.write_str("list all virtual devices"),
            Self::ListVirtualDevices { status: Some(status) } => write!(f, "list the virtual devices: {status}"),
            Self::Wait { steps: 0, second: Some(second), .. } => write!(f, "wait until second {second} of a step"),
            Self::Wait { steps, second: Some(second), .. } => {
                write!(f, "wait until second {second} of the step {steps} further on")
            }
            Self::Wait { steps, aligned: false, second: None } => write!(f, "wait {steps} steps"),
            Self::Wait { steps, aligned: true, second: None } => write!(f, "wait until {steps} steps further on begin"),
        }
    }
}
