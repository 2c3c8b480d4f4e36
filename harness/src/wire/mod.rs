//! The client's half of the query protocol: writing requests and reading replies strictly.
//!
//! A *call* is a request and how it is encoded. An *encoded* call is unsigned bytes. What is *observed* is a *reply* in
//! the protocol's *envelope* (with a typed answer, and every element claimed or listed), an unreadable reply, or none.
//! This half is independent of the server's half in `mfa_reference::wire`, so that a mistake in one shows up against
//! the other.
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
