//! A world holds what calls can show: users, virtual devices, who owns which device, access keys.
//!
//! Each *fact* is known or unknown; an unknown fact permits both, and a listing settles it. An *effect* is what a step
//! does to a world, in place, in O(log n) of the users and devices that there are.
//!
//! - `state`: the world
//! - `effect`: what a step does to it; `apply`: carries it out
//! - `settle`: what observation settles, and what leaves facts open

mod apply;
mod effect;
mod settle;
mod state;

pub use effect::Effect;
pub use state::{Device, DeviceId, Fact, Lookup, User, UserId, World};
