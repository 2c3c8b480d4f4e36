//! The reports and summaries that verbs write.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::console::say;
use super::exit::Failure;
use super::files::{place_of, try_to_write, write_whole};
use super::options::{FileFormat, ReportFile};
use crate::report::{Detail, Report, html, json, junit, markdown, pytest, summary};

/// The longest summary of a step that GitHub shows, in bytes.
const SUMMARY_ROOM: u64 = 1024 * 1024;

/// How much a terminal shows.
pub(super) const fn detail(verbose: bool) -> Detail {
    if verbose { Detail::Full } else { Detail::Brief }
}

/// The report as a file's text.
pub(super) fn written(report: &Report, format: FileFormat) -> Result<String, Failure> {
    match format {
        FileFormat::Json => json(report).map_err(Failure::internal),
        FileFormat::Junit => junit(report).map_err(Failure::internal),
        FileFormat::Html => Ok(html(report)),
        FileFormat::Markdown => Ok(markdown(report)),
        FileFormat::Pytest => Ok(pytest(report)),
    }
}

/// Writes the requested reports, and the summary of a GitHub job.
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

/// Checks that the reports can be written, each to a different file, before anything starts.
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
}
