//! `report`, and the files and summaries that other verbs write.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::dispatch::{print, say};
use super::exit::{CONFORMS, Failure, Outcome};
use super::files::{place_of, write_whole};
use super::known_gaps::today;
use super::run::read_known_gaps;
use crate::known_gaps::{apply, apply_again};
use crate::report::{Finding, Report, html, issue, json, junit, markdown, merge, read, summary, terminal};

/// What GitHub shows of a step's summary, in bytes.
const SUMMARY_ROOM: u64 = 1024 * 1024;

/// How a report is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    Terminal,
    /// The whole report, for programs and for this verb.
    Json,
    /// JUnit XML, a case for each clause.
    Junit,
    /// A page that needs nothing else.
    Html,
    /// Text for pull requests and summaries.
    Markdown,
    /// One finding as a bug report for the target's tracker.
    Issue,
}

/// `report`
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// A report that `--report json=FILE` wrote; or those of all the shards of a run, which are put together.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to show it.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub format: Format,
    /// The finding that `--format issue` is about, by its id.
    #[arg(long, value_name = "ID")]
    pub finding: Option<String>,
    /// Let the findings of this list pass, as `run --known-gaps` does.
    #[arg(long, value_name = "FILE")]
    pub known_gaps: Option<PathBuf>,
    /// Exit as the run would have: 0 conforms, 1 diverges, 3 inconclusive.
    #[arg(long)]
    pub check: bool,
    /// Write it to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How a report is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// As [`Format::Json`].
    Json,
    /// As [`Format::Junit`].
    Junit,
    /// As [`Format::Html`].
    Html,
    /// As [`Format::Markdown`].
    Markdown,
}

/// A report that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// How.
    pub format: FileFormat,
    /// Where it goes.
    pub file: PathBuf,
}

/// Reads `FORMAT=FILE`.
pub(super) fn report_file(text: &str) -> Result<ReportFile, String> {
    let known = "there are json, junit, html and markdown, as in json=report.json";
    let Some((name, file)) = text.split_once('=') else {
        return Err(format!("give the format and the file: {known}"));
    };
    if file.is_empty() {
        return Err(format!("give a file after {name}=: {known}"));
    }
    let format = FileFormat::from_str(name, false).map_err(|_| format!("no report format {name:?}: {known}"))?;
    Ok(ReportFile { format, file: PathBuf::from(file) })
}

/// Shows a report again, in any form.
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
        // A part alone may be looked at, and is no verdict on the whole.
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
    let (color, width) = if args.output.is_some() { (false, 100) } else { super::run::terminal() };
    if args.finding.is_some() && args.format != Format::Issue {
        let problem = "--finding goes with --format issue: the other forms show all findings";
        return Err(Failure::usage(anyhow::anyhow!(problem)));
    }
    let text = match args.format {
        Format::Terminal => terminal(&report, color, width),
        Format::Issue => issue(&report, chosen(&report, args.finding.as_deref())?),
        Format::Json => written(&report, FileFormat::Json)?,
        Format::Junit => written(&report, FileFormat::Junit)?,
        Format::Html => written(&report, FileFormat::Html)?,
        Format::Markdown => written(&report, FileFormat::Markdown)?,
    };
    match &args.output {
        None => print(&text)?,
        Some(file) => write_whole(file, &text).map_err(|error| {
            let problem = format!("it can't be written to {}: {error}. Give another --output", file.display());
            Failure::usage(anyhow::anyhow!(problem))
        })?,
    }
    Ok(if args.check { report.exit_code() } else { CONFORMS })
}

/// The finding of this id; the only one, if none is asked for.
fn chosen<'r>(report: &'r Report, id: Option<&str>) -> Result<&'r Finding, Failure> {
    let known = || {
        let lines = report.findings.iter().map(|finding| format!("\n  {}  {}", finding.id, finding.title));
        lines.collect::<String>()
    };
    let problem = match (id, report.findings.as_slice()) {
        (_, []) => "the report has no finding, so there is nothing to tell its tracker".to_owned(),
        (None, [only]) => return Ok(only),
        (None, several) => format!("the report has {} findings: choose one by --finding ID{}", several.len(), known()),
        (Some(id), findings) => match findings.iter().find(|finding| finding.id == id) {
            Some(finding) => return Ok(finding),
            None => format!("the report has no finding {id:?}; it has{}", known()),
        },
    };
    Err(Failure::usage(anyhow::anyhow!(problem)))
}

/// The report as a file's text.
fn written(report: &Report, format: FileFormat) -> Result<String, Failure> {
    match format {
        FileFormat::Json => json(report).map_err(Failure::internal),
        FileFormat::Junit => junit(report).map_err(Failure::internal),
        FileFormat::Html => Ok(html(report)),
        FileFormat::Markdown => Ok(markdown(report)),
    }
}

/// Writes what was asked for, and the summary of a GitHub job.
pub(super) fn write_all(report: &Report, files: &[ReportFile]) -> Result<(), Failure> {
    for ReportFile { format, file } in files {
        write_whole(file, &written(report, *format)?).map_err(|error| unwritable(file, &error))?;
        say(&format!("report written to {}", file.display()));
    }
    Ok(())
}

/// Appends the report to the summary of the GitHub job that this is part of, if it is one. A summary that can't be
/// written changes no verdict.
pub(super) fn append_summary(report: &Report) {
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()).map(PathBuf::from) else {
        return;
    };
    let used = std::fs::metadata(&file).map_or(0, |metadata| metadata.len());
    let room = usize::try_from(SUMMARY_ROOM.saturating_sub(used)).unwrap_or(usize::MAX);
    let appended = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&file)
        .and_then(|mut file| file.write_all((summary(report, room) + "\n").as_bytes()));
    if let Err(error) = appended {
        say(&format!("the summary can't be written to {} (GITHUB_STEP_SUMMARY): {error}", file.display()));
    }
}

/// Tries whether the reports can be written, each to a file of its own, before anything is started for them.
pub(super) fn can_be_written(reports: &[ReportFile]) -> Result<(), Failure> {
    let mut places = BTreeSet::new();
    for ReportFile { file, .. } in reports {
        let is_regular = std::fs::metadata(file).map_or(true, |known| known.is_file());
        if is_regular && !places.insert(place_of(file)) {
            let problem = format!("two reports go to {}: give each --report a file of its own", file.display());
            return Err(Failure::usage(anyhow::anyhow!(problem)));
        }
        try_to_write(file).map_err(|error| unwritable(file, &error))?;
    }
    Ok(())
}

/// Tries whether a file can be written, and leaves it as it is.
pub(super) fn try_to_write(file: &Path) -> std::io::Result<()> {
    let is_new = !file.exists();
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(file);
    opened.and_then(|_| if is_new { std::fs::remove_file(file) } else { Ok(()) })
}

fn unwritable(file: &Path, error: &std::io::Error) -> Failure {
    let problem =
        format!("the report can't be written to {}: {error}. Give another file with --report", file.display());
    Failure::usage(anyhow::anyhow!(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_reports_to_one_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let to = |format, name: &str| ReportFile { format, file: folder.path().join(name) };
        let (json, html) = (to(FileFormat::Json, "a"), to(FileFormat::Html, "./a"));
        let error = can_be_written(&[json.clone(), html]).unwrap_err().error.to_string();
        assert!(error.starts_with("two reports go to "), "{error}");
        assert!(can_be_written(&[json, to(FileFormat::Html, "b")]).is_ok());
        let null = ReportFile { format: FileFormat::Json, file: "/dev/null".into() };
        assert!(can_be_written(&[null.clone(), null]).is_ok());
    }

    #[test]
    fn a_report_file_is_a_format_and_a_file() {
        let html = ReportFile { format: FileFormat::Html, file: "a=b.html".into() };
        assert_eq!(report_file("html=a=b.html"), Ok(html));
        for (text, words) in [
            ("json", "give the format and the file: there are json"),
            ("json=", "give a file after json=: there are json"),
            ("terminal=x", "no report format \"terminal\": there are json"),
            ("issue=x", "no report format \"issue\""),
            ("HTML=x", "no report format \"HTML\""),
        ] {
            assert!(report_file(text).unwrap_err().contains(words), "{text}");
        }
    }
}
