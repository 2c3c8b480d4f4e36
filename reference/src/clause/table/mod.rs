//! The flat part of the ledger, one file for each group. A row holds all that is known of one clause: variant, id,
//! stance, operation, sources, what it requires, how it is tested, on which sides.
//!
//! Each table is a macro that adds its rows to those before it and hands them to the next, so that one enum has the
//! rows of all of them; the last one, in `id.rs`, makes the enum.

mod deactivate;
mod enable;
mod reply;
mod request;
mod resync;
mod state;
mod wire;

pub(super) use deactivate::deactivate_clauses;
pub(super) use enable::enable_clauses;
pub(super) use reply::reply_clauses;
pub(super) use request::request_clauses;
pub(super) use resync::resync_clauses;
pub(super) use state::state_clauses;
pub(super) use wire::wire_clauses;
