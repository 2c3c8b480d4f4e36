//! A scenario is a sequence of actions on symbolic users and devices. It doesn't say what the replies must be: the
//! oracle does. One format serves the examples, the generated sequences, the shrunk findings and `replay`.
//!
//! - [`action`]: the actions; `mfa_call`: a call of one of the three operations
//! - [`value`]: values of parameters: the name of "user 1", a code of "device 2", a literal text, an edit of these
//! - [`mod@file`]: scenario files: JSON with a schema

pub mod action;
mod display;
pub mod file;
mod mfa_call;
pub mod value;

pub use action::{Action, NameForm, RawCall, Scenario, ScenarioStep};
pub use file::{MOST_CALLS, ScenarioError, check_steps, read_scenario, scenario_schema, write_scenario};
pub use mfa_call::{MfaCall, Signer};
pub use value::{CodeOf, DeviceRef, Edit, UserRef, Value};
pub(crate) use value::{POPULAR_CODES, popular};
