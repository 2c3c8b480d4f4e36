//! Finds which documented sentences of IAM's MFA operations an endpoint breaks.
//!
//! Data flows one way. A run plays scenarios on a target through a transport. The oracle judges the replies. The run
//! gathers the verdicts, and the report shows them.
//!
//! - [`scenario`]: actions on symbolic users and devices
//! - [`wire`]: encodes calls and reads replies
//! - [`transport`], [`endpoint`], [`clock`], [`target`]: reach a service
//! - [`generate`]: generates scenarios
//! - [`oracle`]: compares replies with what the model permits
//! - [`execute`]: plays one scenario
//! - [`shrink`]: shrinks a finding's scenario
//! - [`run`]: plays all scenarios
//! - [`report`]: shows the result of a run; `web`: what its pages and those of other modules share
//! - [`matrix`]: puts several targets' reports side by side
//! - [`site`]: a static site of these reports, with their history and badges
//! - [`known_gaps`]: known findings
//! - [`snapshot`]: a target's recorded answers
//! - [`sweep`]: deletes what an interrupted run left behind
//! - [`recording`]: recorded histories of AWS, judged without a target
//! - [`protocol`]: this program's understanding of the API, for comparison with others
//! - [`cli`]: the command line
//! - [`serve`]: the reference as a server
//! - [`fuzz`]: scenarios changed at random, guided by new features of the replies
//! - [`choices`]: the numbers that the documents don't give

pub mod choices;
pub mod cli;
pub mod clock;
pub mod endpoint;
pub mod execute;
pub mod fuzz;
pub mod generate;
pub mod known_gaps;
pub mod matrix;
pub mod oracle;
pub mod protocol;
pub mod recording;
pub mod report;
pub mod run;
pub mod scenario;
pub mod serve;
pub mod shrink;
pub mod site;
pub mod snapshot;
pub mod sweep;
pub mod target;
pub mod transport;
mod web;
pub mod wire;
