//! Tells which documented sentences of IAM's MFA operations an endpoint breaks.
//!
//! Data flows one way: scenarios are played on a target through a transport, what is observed is judged by the oracle,
//! verdicts are gathered by the run, and the report shows them.
//!
//! - [`scenario`]: what is done, in symbols
//! - [`wire`]: calls as bytes, replies as what is observed
//! - [`transport`], [`endpoint`], [`clock`], [`target`]: the ways to a service, and where it may be
//! - [`generate`]: where scenarios come from
//! - [`oracle`]: what the model permits, compared with what came back
//! - [`execute`]: plays one scenario
//! - [`shrink`]: makes a finding's scenario short
//! - [`run`]: plays them all
//! - [`report`]: shows what a run came to
//! - [`matrix`]: puts several targets' reports side by side
//! - [`known_gaps`]: the findings that people know of
//! - [`snapshot`]: what a target answered, written down
//! - [`sweep`]: deletes what an interrupted run has left
//! - [`recording`]: recorded histories of AWS, judged without a target
//! - [`protocol`]: what this program takes the API for, to be compared with others
//! - [`cli`]: the command line
//! - [`serve`]: the reference as a server
//! - [`fuzz`]: scenarios changed at random, led by what is new about the replies
//! - [`choices`]: the numbers that no sentence gives

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
pub mod snapshot;
pub mod sweep;
pub mod target;
pub mod transport;
pub mod wire;
