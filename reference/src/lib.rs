//! The executable specification of IAM's MFA operations.
//!
//! A *clause* is one sentence of the documents, or what follows from it, with an id, a source and a stance. The
//! *model* answers, for a *world* and a *request*, which *steps* the clauses permit. The *service* is the same model
//! choosing one of them. Everything here is pure: time and randomness are arguments.

pub mod clause;
mod operation;
mod outcome;
mod request;
mod time;
pub mod value;
pub mod wire;

pub use operation::{MfaOperation, Operation};
pub use outcome::{
    AccessKeyEntry, ErrorCode, ErrorCodes, MfaDeviceEntry, Outcome, Page, SuccessBody, UserEntry, VirtualDeviceEntry,
};
pub use request::RawRequest;
pub use time::{Millis, Step, Window};
