//! A finding's sequence as texts to paste. Each makes names of its own, so that it can be run again on the same target.
//!
//! - [`selection`]: which exchanges a script repeats, and when
//! - [`script`]: how, and which keys and devices are needed later
//! - [`text`]: values in pieces: the prefix of all names, what the target gives, long repetitions
//! - [`ordinary`]: whether a client of AWS can send a call
//! - [`bytes`]: requests of bytes that no SDK sends
//! - [`shell`], [`python`]: quoting
//! - [`curl`], [`aws_cli`], [`boto3`], [`replay`]: the texts; [`texts`](texts()): all of them

mod aws_cli;
mod boto3;
mod bytes;
mod curl;
mod ordinary;
mod python;
mod replay;
mod script;
mod selection;
mod shell;
mod text;
mod texts;

pub(crate) use shell::quoted;
pub(super) use texts::texts;
