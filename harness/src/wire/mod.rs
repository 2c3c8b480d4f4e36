//! The client's half of the query protocol: writing requests and reading replies strictly.
//!
//! A *call* is a request and how it is written; *encoded*, it is bytes still to be signed. What comes back is
//! *observed*: a *reply* in the protocol's *envelope* (its answer typed, every element of it claimed or listed), a
//! reply that is unreadable, or none. Written independently of the server's half in `mfa_reference::wire`, so that a
//! mistake in one shows against the other.
//!
//! - calls and [`encode`]; what is [`Observed`] and how a reply is [`read`]: [`xml`], its success body, its claims
//!   (compared with the shapes of the service model), its canonical form
//! - [`escape_for_people`]: for every output that shows what a target sent

mod call;
mod encode;

mod malformed;
mod observed;
mod reply;

pub mod xml;

mod bounds;
mod canonical;
mod claims;
mod shape;
mod success;

mod escape;

pub use bounds::KeptBody;
pub use call::{Call, Encoded, Escapes, Method, Space, Style};
pub(crate) use canonical::canonical;
pub use encode::encode;
pub(crate) use escape::{Quoted, is_unseen};
pub use escape::{escape_for_people, escape_lines_for_people, excerpt_for_people};
pub use malformed::{Damage, Malformed};
pub use observed::{Answer, Envelope, Flaw, Format, Observed, Reply};
pub use reply::read;
pub use shape::result_members;
