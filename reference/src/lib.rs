//! The executable specification of IAM's MFA operations.
//!
//! A *clause* is one sentence of the documents, or what follows from it, with an id, a source and a stance. The
//! *model* answers, for a *world* and a *request*, which *steps* the clauses permit. The *service* is the same model
//! choosing one of them. Everything here is pure: time and randomness are arguments.

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
pub use time::{Millis, Step, Window};
