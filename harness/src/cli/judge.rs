//! `judge`

use super::console::{print, terminal};
use super::exit::{Failure, Outcome};
use super::reports::{can_be_written, detail, write_all};
use super::verbs::JudgeRecordingsArgs;
use crate::recording::{History, judge as judge_histories, read};
use crate::report::{About, Access, Report, TargetInfo, build_replay};

/// Judges recorded histories.
pub(super) fn judge(args: &JudgeRecordingsArgs) -> Outcome {
    let mut histories: Vec<History> = Vec::new();
    for file in &args.files {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::usage(anyhow::anyhow!(
                "{name} can't be read: {error}. Give a file as fixtures/recordings/aws.json"
            ))
        })?;
        histories.extend(read(&name, &text).map_err(Failure::usage)?);
    }
    can_be_written(&args.report)?;
    let report = report(&histories, args);
    let (color, width) = terminal();
    print(&crate::report::terminal(&report, color, width, detail(args.verbose)))?;
    write_all(&report, &args.report)?;
    Ok(report.exit_code())
}

fn report(histories: &[History], args: &JudgeRecordingsArgs) -> Report {
    let judgement = judge_histories(histories, args.strict);
    let files: Vec<String> = args.files.iter().map(|file| file.display().to_string()).collect();
    let strict = if args.strict { " --strict" } else { "" };
    let about = About {
        target: TargetInfo { name: "recordings".to_owned(), endpoint: files.join(", "), version: None },
        seed: 0,
        strict: args.strict,
        command: format!("mfa-conformance judge{strict} {}", files.join(" ")),
        limits: Vec::new(),
        target_option: String::new(),
        access: Access::default(),
    };
    let mut report = build_replay(&judgement.result, &about);
    for finding in &mut report.findings {
        // Recorded calls can't be repeated.
        finding.reproduce = crate::report::finding::Reproduce { replay: about.command.clone(), ..Default::default() };
        if let Some(steps) = judgement.steps.get(&finding.id) {
            finding.steps.clone_from(steps);
        }
    }
    report
}
