//! All files of a site.

use std::collections::BTreeMap;

use super::badge::{endpoint, svg};
use super::pages::{history, index};
use super::record::{Record, page, plain};
use crate::known_gaps::Day;
use crate::matrix::{Entry, build as matrix};
use crate::report::html_below;

/// A file of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFile {
    /// Its path within the site.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Why there is no site.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// Two reports would have the same page.
    #[error("two reports are of {0}: a site has one page for each target and version, so leave one of them out")]
    Twice(String),
    /// A record can't be written as JSON.
    #[error("a record can't be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// The files of a site on these targets. `earlier` are the records that the site has; the targets' own results replace
/// those of the same version. `today` is for reports without a date.
///
/// # Errors
/// Two targets have the same name and version.
pub fn build(
    entries: Vec<Entry>,
    earlier: Vec<Record>,
    command: &str,
    today: &Day,
) -> Result<Vec<SiteFile>, SiteError> {
    let mut files = BTreeMap::new();
    let mut placed = Vec::new();
    for mut entry in entries {
        if let Ok((report, place)) = &mut entry.judged {
            *place = page(&entry.name, entry.version.as_deref());
            if files.insert(place.clone(), html_below(report, Some("../index.html"))).is_some() {
                return Err(SiteError::Twice(place.clone()));
            }
        }
        placed.push(entry);
    }
    let matrix = matrix(&placed, command);
    let results = matrix.columns.iter().zip(&placed).filter_map(|(column, entry)| {
        let (report, _) = entry.judged.as_ref().ok()?;
        Record::of(column, report, today)
    });
    let results: Vec<Record> = results.collect();
    let mut all: BTreeMap<String, Record> = earlier.into_iter().map(|record| (record.file(), record)).collect();
    all.extend(results.iter().map(|record| (record.file(), record.clone())));
    for record in &results {
        files.insert(record.file(), serde_json::to_string_pretty(record)? + "\n");
        let badge = format!("badges/{}", plain(&record.target));
        files.insert(format!("{badge}.svg"), svg(record).into_string() + "\n");
        files.insert(format!("{badge}.json"), endpoint(record)?);
    }
    files.insert("index.html".to_owned(), index(&matrix, &results));
    let all: Vec<Record> = all.into_values().collect();
    files.insert("history.html".to_owned(), history(&all, &matrix.tool_version));
    Ok(files.into_iter().map(|(path, text)| SiteFile { path, text }).collect())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::matrix::samples;
    use crate::matrix::value::CellCount;
    use crate::report::RunVerdict;

    fn today() -> Day {
        "2026-12-01".parse().unwrap()
    }

    fn site(entries: Vec<Entry>, earlier: Vec<Record>) -> BTreeMap<String, String> {
        let files = build(entries, earlier, "mfa-conformance matrix --site site", &today()).unwrap();
        files.into_iter().map(|file| (file.path, file.text)).collect()
    }

    /// The records of the sample targets.
    pub(in crate::site) fn records() -> Vec<Record> {
        let entries = samples::entries();
        let files = site(entries.clone(), Vec::new());
        let judged = entries.iter().filter(|entry| entry.judged.is_ok());
        judged
            .map(|entry| serde_json::from_str(&files[&format!("history/{}-1.0-0.1.0.json", entry.name)]).unwrap())
            .collect()
    }

    pub(in crate::site) fn record(target: &str, version: &str) -> Record {
        Record {
            schema_version: 1,
            target: target.to_owned(),
            version: Some(version.to_owned()),
            tool_version: "0.1.0".to_owned(),
            date: today(),
            verdict: RunVerdict::Pass,
            findings: 0,
            clauses: CellCount { pass: 3, ..CellCount::default() },
            not_implemented: Vec::new(),
            implements_nothing: false,
        }
    }

    #[test]
    fn every_judged_target_has_a_page_a_record_and_badges() {
        let files = site(samples::entries(), Vec::new());
        let paths: Vec<&str> = files.keys().map(String::as_str).collect();
        let of = |name: &str| {
            [
                format!("badges/{name}.json"),
                format!("badges/{name}.svg"),
                format!("history/{name}-1.0-0.1.0.json"),
                format!("reports/{name}-1.0.html"),
            ]
        };
        let mut expected: Vec<String> = ["one", "two", "three"].into_iter().flat_map(of).collect();
        expected.extend(["index.html", "history.html"].map(str::to_owned));
        expected.sort();
        assert_eq!(paths, expected, "four was not judged");
    }

    fn has_extension(path: &str, extension: &str) -> bool {
        std::path::Path::new(path).extension().is_some_and(|one| one == extension)
    }

    #[test]
    fn every_link_within_the_site_leads_to_a_file() {
        let files = site(samples::entries(), Vec::new());
        let mut checked = 0;
        for (path, text) in files.iter().filter(|(path, _)| has_extension(path, "html")) {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            for link in text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let file = link.split('#').next().unwrap();
                if file.is_empty() || file.starts_with("https:") || file.starts_with("data:") {
                    continue;
                }
                let place = match file.strip_prefix("../") {
                    Some(above) => above.to_owned(),
                    None if folder.is_empty() => file.to_owned(),
                    None => format!("{folder}/{file}"),
                };
                assert!(files.contains_key(&place), "{path}: {link}");
                checked += 1;
            }
        }
        assert!(checked > 50, "{checked}");
    }

    #[test]
    fn the_history_keeps_what_was_there_and_replaces_its_own() {
        let old = record("one", "0.9");
        let same = Record { date: "2020-01-01".parse().unwrap(), ..record("one", "1.0") };
        let page = &site(samples::entries(), vec![old, same])["history.html"];
        assert!(page.contains("reports/one-0.9.html") && page.contains("reports/one-1.0.html"));
        assert!(!page.contains("2020-01-01"), "the same version of target and tool has one result");
    }

    #[test]
    fn two_reports_of_one_version_are_refused() {
        let mut entries = samples::entries();
        entries.push(entries[0].clone());
        let error = build(entries, Vec::new(), "", &today()).unwrap_err().to_string();
        assert!(error.contains("reports/one-1.0.html"), "{error}");
    }

    #[test]
    fn nothing_that_a_target_sends_is_markup() {
        let mut entries = samples::hostile_entries();
        for (index, entry) in entries.iter_mut().enumerate() {
            entry.version = Some(format!("{index}{}", entry.version.clone().unwrap()));
        }
        for (path, text) in site(entries, Vec::new()).iter().filter(|(path, _)| !has_extension(path, "json")) {
            let own = usize::from(path.starts_with("reports/"));
            assert_eq!(text.matches("<script").count(), own, "{path}");
            assert!(!path.contains(".."), "{path}");
        }
    }
}
