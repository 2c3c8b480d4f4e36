//! A *state* is an account together with what is not known of it: whether a user or a device still exists, who a device is
//! enabled for, which access keys a user has. Rules permit each possibility of what is unknown.
//!
//! Two operations change what is known. To *narrow* a state by an observation settles what the observation shows. To
//! *forget* an entity leaves open what is known of it. Everything else is an [`Update`]: what a permitted step does to the
//! account, and what it leaves open or shows.
//!
//! - `state`: the state, and what can be asked of it
//! - `narrow`: observations
//! - `update`: what a step does

mod narrow;
mod state;
mod update;

pub use narrow::Evidence;
pub use state::{Entity, Fact, Lookup, State};
pub use update::{LeftOpen, Update};
