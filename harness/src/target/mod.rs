//! A *target* is a service under test that this program can install and start itself. The *catalogue* lists them, the
//! *cache* is the folder where they are installed and log, and a *running* target is a process (with all that it
//! starts) that ends with the value that holds it.

mod bundled;
mod cache;
mod catalogue;
mod error;
#[cfg(test)]
mod fake;
mod install;
mod output;
mod running;
mod start;
mod started;

pub use cache::Cache;
pub use catalogue::{Binds, Install, Ready, Start, Stop, StopSignal, Target, Targets, schema};
pub use error::TargetError;
pub use running::Running;
pub use started::Started;
