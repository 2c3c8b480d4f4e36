//! A *target* is a service under test that this program can install and start. The *catalogue* lists the targets. The
//! *cache* is the folder where they are installed and log. A *running* target is a process group that ends when its
//! value is dropped.

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
