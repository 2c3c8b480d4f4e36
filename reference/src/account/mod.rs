//! An account holds what calls can show: users, virtual devices, who owns which device, access keys.
//!
//! It is concrete: nothing in it is unknown. An *effect* is what a call does to it, in place, in O(log n) of the users and
//! devices that there are.
//!
//! - `state`: the account
//! - `effect`: what a call does to it; `apply`: carries it out

mod apply;
mod effect;
mod state;

pub use effect::Effect;
pub(crate) use state::folded;
pub use state::{Account, Device, DeviceId, User, UserId};
