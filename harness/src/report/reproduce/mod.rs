//! A finding's sequence as texts to paste. Each makes its own names, so that it can run repeatedly on the same target.
//!
//! - [`selection`]: which exchanges a script repeats, and when
//! - [`script`]: the calls, and which keys and devices are needed later
//! - [`text`]: values in pieces: the prefix of all names, the target's values, long repetitions
//! - [`ordinary`]: whether an AWS client can send a call
//! - [`overlapping`]: calls at the same time, in Python
//! - [`bytes`]: requests of bytes that no SDK sends
//! - [`shell`], [`python`]: quoting
//! - [`curl`], [`aws_cli`], [`boto3`], [`replay`], [`pytest`]: the texts; [`boto3_client`]: how boto3
//!   reaches the endpoint; [`assertion`]: what a test asserts; [`texts`](texts()): all of them

mod assertion;
mod aws_cli;
mod boto3;
mod boto3_client;
mod bytes;
mod curl;
mod ordinary;
mod overlapping;
mod pytest;
mod python;
mod replay;
mod script;
mod selection;
mod shell;
mod text;
mod texts;

pub(crate) use shell::{header_word, quoted};
pub(super) use texts::texts;
