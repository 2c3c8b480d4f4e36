//! `report`, and the files and summaries that other verbs write.

use super::console::print;
use super::exit::{Failure, Outcome, PASS};
use super::files::write_whole;
use super::inputs::{read_known_gaps, today};
use super::options::FileFormat;
use super::reports::{detail, written};
use super::verbs::{Format, ReportArgs};
use crate::known_gaps::{apply, apply_again};
use crate::report::{Finding, Report, issue, merge, read, terminal, terminal_finding};

/// Shows a report in any form.
pub(super) fn report(args: &ReportArgs) -> Outcome {
    let mut reports = Vec::new();
    for file in &args.files {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| {
            let problem = format!("{name} can't be read: {error}. Give a file that `--report json=FILE` wrote");
            Failure::usage(anyhow::anyhow!(problem))
        })?;
        let report = read(&name, &text).map_err(Failure::usage)?;
        reports.push((name, report));
    }
    let mut report = match reports.as_slice() {
        // One shard alone may be shown, but is not a verdict on the whole run.
        [(_, report)] if !args.check || report.shard.is_none() => report.clone(),
        _ => {
            let mut whole = merge(reports).map_err(Failure::usage)?;
            apply_again(&mut whole, &today());
            whole
        }
    };
    if let Some(file) = &args.known_gaps {
        apply(&mut report, &read_known_gaps(file)?, &today());
    }
    let (color, width) = if args.output.is_some() { (false, 100) } else { super::console::terminal() };
    let id = args.finding.as_deref();
    let text = match args.format {
        Format::Terminal if id.is_some() => terminal_finding(chosen(&report, id)?, color, width),
        Format::Issue => issue(&report, chosen(&report, id)?),
        _ if id.is_some() => {
            let problem = "--finding shows one finding as text or with --format issue: the other forms show all";
            return Err(Failure::usage(anyhow::anyhow!(problem)));
        }
        Format::Terminal => terminal(&report, color, width, detail(args.verbose)),
        Format::Json => written(&report, FileFormat::Json)?,
        Format::Junit => written(&report, FileFormat::Junit)?,
        Format::Html => written(&report, FileFormat::Html)?,
        Format::Markdown => written(&report, FileFormat::Markdown)?,
        Format::Pytest => written(&report, FileFormat::Pytest)?,
    };
    match &args.output {
        None => print(&text)?,
        Some(file) => write_whole(file, &text).map_err(|error| {
            let problem = format!("it can't be written to {}: {error}. Give another --output", file.display());
            Failure::usage(anyhow::anyhow!(problem))
        })?,
    }
    Ok(if args.check { report.exit_code() } else { PASS })
}

/// The finding of this id, or the only one without an id.
fn chosen<'r>(report: &'r Report, id: Option<&str>) -> Result<&'r Finding, Failure> {
    let known = || {
        let lines = report.findings.iter().map(|finding| format!("\n  {}  {}", finding.id, finding.title));
        lines.collect::<String>()
    };
    let problem = match (id, report.findings.as_slice()) {
        (_, []) => "the report has no finding to show".to_owned(),
        (None, [only]) => return Ok(only),
        (None, several) => format!("the report has {} findings: choose one by --finding ID{}", several.len(), known()),
        (Some(id), findings) => match findings.iter().find(|finding| finding.id == id) {
            Some(finding) => return Ok(finding),
            None => format!("the report has no finding {id:?}; it has{}", known()),
        },
    };
    Err(Failure::usage(anyhow::anyhow!(problem)))
}
