//! The executable specification of IAM's MFA operations.
//!
//! A *clause* is one sentence of the documents, or what follows from it, with an id, a source and a stance. The
//! *model* answers, for a *state* and a *request*, which *transitions* the clauses permit. The *service* is the same model
//! choosing one of them. Everything here is pure: time and randomness are arguments.
//!
//! The set of permitted transitions says more than one expected answer does:
//!
//! ```
//! use mfa_reference::clause::ClauseId;
//! use mfa_reference::permitted::{permitted, transition::Expect};
//! use mfa_reference::belief::State;
//! use mfa_reference::{
//!     Caller, Constraints, Context, ErrorCode, ErrorCodes, History, Limits, Millis, RawRequest, Request, Search, Window,
//! };
//!
//! let raw = RawRequest::new("DeactivateMFADevice", &[("UserName", "anna"), ("SerialNumber", "GAHT12345678")]);
//! let request = Request::read(&raw, &Constraints::default()).expect("a known action");
//! let context = Context {
//!     window: Window::instant(Millis(1_767_225_600_000)),
//!     search: Search::Near,
//!     history: &History::default(),
//!     overlapped: false,
//!     limits: Limits::UNKNOWN,
//! };
//! let permitted = permitted(&State::default(), Caller::Administrator, &request, &context);
//!
//! // The account is empty, so nobody is called anna and no answer may be a success.
//! assert!(!permitted.allows_success());
//! let no_such_user = permitted.transitions.iter().find(|found| found.clauses.contains(&ClauseId::DeactivateUserExists));
//! let refusal = Expect::Error(ErrorCodes::of(&[ErrorCode::NoSuchEntity]));
//! assert_eq!(no_such_user.map(|found| &found.expect), Some(&refusal));
//! ```
//!
//! - [`clause`]: the sentences
//! - [`account`]: users, devices and keys, and what each call does to them
//! - [`belief`]: an account together with what is unknown of it
//! - [`permitted`](mod@permitted): which answers conform
//! - [`service`]: the documented service, to embed in a test
//! - [`wire`]: HTTP requests and replies of the service
//! - [`totp`]: seeds, codes, and what explains a pair of codes
//! - [`value`], [`path`]: the parameters of a request and their constraints
//!
//! With the feature `serde`, a [`ClauseId`](clause::ClauseId) can be read and written by serde, as the text of the id.

pub mod account;
pub mod belief;
pub mod clause;
mod context;
mod operation;
mod outcome;
pub mod path;
pub mod permitted;
mod qr_code;
mod request;
pub mod service;
mod time;
pub mod totp;
pub mod value;
pub mod wire;

pub use context::{AcceptedPair, Caller, Context, DeviceHistory, History, Limits, Search};
pub use operation::{MfaOperation, Operation};
pub use outcome::{
    AccessKeyEntry, DeviceExtras, ErrorCode, ErrorCodes, MfaDeviceEntry, Outcome, Page, SuccessBody, Tag, UserEntry,
    VirtualDeviceEntry,
};
pub use qr_code::QrCode;
pub use request::{Argument, CodeOperation, Constraints, NoAction, RawRequest, Request, Support, Violation};
pub use time::{Millis, TimeStep, Window};

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
