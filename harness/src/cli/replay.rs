//! `replay`

use super::exit::{Failure, Outcome};
use super::reports::can_be_written;
use super::run::{Kind, judge, new_prefix};
use super::target_session::TargetSession;
use super::verbs::ReplayArgs;
use crate::run::RunOptions;
use crate::run::result::Phase;
use crate::scenario::{Scenario, read_scenario};

/// Replays one scenario file. It needs no positive controls, since it only shows whether the scenario conforms.
pub(super) async fn replay(args: ReplayArgs) -> Outcome {
    let file = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file).map_err(|error| {
        Failure::usage(anyhow::anyhow!("{file} can't be read: {error}. Give a scenario file, as in fixtures/scenarios"))
    })?;
    let scenario = read_scenario(&file, &text).map_err(Failure::usage)?;
    let scenario = Scenario { patient: true, ..scenario };
    can_be_written(&args.judge.report)?;
    let session = TargetSession::prepare(&args.endpoint, 1).await?;
    let options = RunOptions {
        max_wait: args.max_wait.0,
        strict: args.judge.strict,
        settle: args.judge.settle.0,
        ..RunOptions::of_phases([Phase::Examples, Phase::Serial], session.credentials.clone(), new_prefix())
    };
    let command = format!("mfa-conformance replay {file} {}", session.option);
    let report = judge(session, options, vec![scenario], &args.judge, command, Kind::Replay).await?;
    Ok(report.exit_code())
}
