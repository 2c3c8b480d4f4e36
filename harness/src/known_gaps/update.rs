//! Updates a list of known gaps.

use mfa_reference::clause::ClauseId;
use toml_edit::{ArrayOfTables, DocumentMut, Item, RawString, Table, value};

use super::apply::{is_mended, key};
use super::file::{Day, Gap, GapsError, KnownGaps};
use crate::report::{Finding, Report};

/// The head of a new list.
const HEAD: &str = "\
# Divergences of this target that are known. A run with --known-gaps fails on any other, on one of these that no longer
# shows, and on one whose `expires` is past. Comments and order are kept by `mfa-conformance known-gaps update`.
";

/// The reason of a new gap, until a person writes one.
const NO_REASON: &str = "not looked into yet";

/// An updated list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updated {
    /// The file.
    pub text: String,
    /// The clauses of the gaps that are new.
    pub added: Vec<ClauseId>,
    /// The clauses of those that no longer show, and were taken out.
    pub removed: Vec<ClauseId>,
    /// How many stay as they were.
    pub kept: usize,
}

/// Adds a report's new findings to a list, and removes gaps that no longer show. Comments, order and everything else
/// that people wrote stay. `file` names the list in errors.
///
/// # Errors
/// The list is wrong.
pub fn update(
    file: &str,
    text: &str,
    report: &Report,
    today: &Day,
    expires: Option<&Day>,
) -> Result<Updated, GapsError> {
    let (known, mut document) = read(file, text)?;
    let shows = |gap: (ClauseId, &str, &str)| report.findings.iter().any(|finding| key(finding) == gap);
    let is_stale = |gap: &Gap| !shows(gap.key()) && is_mended(report, gap.clause, &gap.operation);
    let stale: Vec<bool> = known.gaps.iter().map(is_stale).collect();
    let lasting = report.findings.iter().filter(|finding| !finding.flaky);
    let new = lasting.filter(|finding| !known.gaps.iter().any(|gap| gap.key() == key(finding)));
    let new: Vec<&Finding> = new.collect();
    if let Some(gaps) = document.entry("gap").or_insert_with(no_gaps).as_array_of_tables_mut() {
        let head = gaps.get(0).map_or_else(String::new, head);
        for index in (0..stale.len()).rev().filter(|index| stale.get(*index) == Some(&true)) {
            gaps.remove(index);
        }
        for finding in &new {
            gaps.push(table(finding, today, expires));
        }
        if stale.iter().all(|stale| *stale) {
            // Without gaps, all comments are at the end of the document.
            let comments = document.trailing().as_str().unwrap_or_default().to_owned();
            document.set_trailing("");
            put_before(&mut document, &(head + &comments));
        } else if stale.first() == Some(&true) {
            put_before(&mut document, &head);
        }
    }
    let head = if text.trim().is_empty() { HEAD } else { "" };
    let clauses_of = |stale_ones: bool| {
        let chosen = known.gaps.iter().zip(&stale).filter(move |(_, stale)| **stale == stale_ones);
        chosen.map(|(gap, _)| gap.clause).collect::<Vec<_>>()
    };
    Ok(Updated {
        text: format!("{head}{document}"),
        added: new.iter().map(|finding| finding.clause).collect(),
        removed: clauses_of(true),
        kept: clauses_of(false).len(),
    })
}

/// Reads a list to update.
///
/// # Errors
/// The list is wrong.
pub fn read(file: &str, text: &str) -> Result<(KnownGaps, DocumentMut), GapsError> {
    let known = KnownGaps::read(file, text)?;
    let format = |problem: String| GapsError::Format { file: file.to_owned(), problem };
    let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| format(error.to_string()))?;
    if document.get("gap").is_some_and(|gaps| !gaps.is_array_of_tables()) {
        return Err(format("the gaps have to be written as [[gap]], each a table of its own".to_owned()));
    }
    Ok((known, document))
}

fn no_gaps() -> Item {
    Item::ArrayOfTables(ArrayOfTables::new())
}

/// The comment before the first gap that is about the whole list: all of it up to the last empty line, or all of it.
fn head(first: &Table) -> String {
    let before = first.decor().prefix().and_then(RawString::as_str).unwrap_or_default();
    before.rsplit_once("\n\n").map_or_else(|| before.to_owned(), |(head, _)| format!("{head}\n"))
}

/// Puts a list's head before its first gap.
fn put_before(document: &mut DocumentMut, head: &str) {
    let first = document.get_mut("gap").and_then(Item::as_array_of_tables_mut).and_then(|gaps| gaps.get_mut(0));
    if let Some(first) = first {
        let own = first.decor().prefix().and_then(RawString::as_str).unwrap_or_default().to_owned();
        first.decor_mut().set_prefix(format!("{head}{own}"));
    } else {
        document.set_trailing(head);
    }
}

fn table(finding: &Finding, today: &Day, expires: Option<&Day>) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix(format!("\n# {}\n", finding.title));
    for (name, text) in [
        ("clause", finding.clause.to_string().as_str()),
        ("operation", &finding.operation),
        ("shows", &finding.observed_class),
        ("reason", NO_REASON),
    ] {
        table.insert(name, value(text));
    }
    table.insert("since", value(today.to_string()));
    if let Some(expires) = expires {
        table.insert("expires", value(expires.to_string()));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known_gaps::apply;
    use crate::report::value::{GapState, Tested};
    use crate::report::{RunVerdict, samples};

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn updated(text: &str, report: &Report) -> Updated {
        update("gaps.toml", text, report, &day("2026-11-22"), None).unwrap()
    }

    fn judged(text: &str, mut report: Report, today: &str) -> Report {
        apply(&mut report, &KnownGaps::read("gaps.toml", text).unwrap(), &day(today));
        report
    }

    #[test]
    fn with_a_fresh_list_nothing_is_new() {
        let report = samples::failing();
        let list = updated("", &report);
        assert_eq!((list.added.len(), list.removed.len(), list.kept), (report.findings.len(), 0, 0));
        insta::assert_snapshot!(list.text);
        let judged = judged(&list.text, report.clone(), "2026-11-22");
        assert_eq!((judged.verdict, judged.exit_code(), judged.new_findings().count()), (RunVerdict::Pass, 0, 0));
        assert_eq!(judged.known_gaps.len(), report.findings.len());
        assert_eq!(updated(&list.text, &report).text, list.text);
    }

    #[test]
    fn a_new_finding_a_stale_gap_and_an_expired_one_fail_each() {
        let report = samples::failing();
        let list = updated("", &report).text;
        let mut fewer = report.clone();
        let gone = fewer.findings.remove(0);
        let new = judged(&updated("", &fewer).text, report.clone(), "2026-11-22");
        assert_eq!(new.exit_code(), 1);
        assert_eq!(new.new_findings().map(|finding| &finding.id).collect::<Vec<_>>(), [&gone.id]);
        let stale = judged(&list, fewer.clone(), "2026-11-22");
        assert_eq!((stale.exit_code(), stale.new_findings().count()), (1, 0));
        assert_eq!(stale.known_gaps.iter().filter(|gap| gap.state == GapState::Stale).count(), 1);
        assert!(stale.verdict_reason.contains("known-gaps update"), "{}", stale.verdict_reason);
        let dated = update("gaps.toml", "", &report, &day("2026-11-22"), Some(&day("2026-12-31"))).unwrap().text;
        assert_eq!(judged(&dated, report.clone(), "2026-12-31").exit_code(), 0);
        let expired = judged(&dated, report, "2027-01-01");
        assert_eq!(expired.exit_code(), 1);
        assert!(expired.verdict_reason.contains("expired"), "{}", expired.verdict_reason);
        // A run that leaves something out doesn't show that a gap is closed.
        let mut quick = fewer.clone();
        quick.phases.retain(|phase| phase.name != "examples");
        quick.phases.iter_mut().for_each(|phase| phase.name = "quick".to_owned());
        let quick = judged(&list, quick, "2026-11-22");
        assert_eq!((quick.exit_code(), quick.known_gaps[0].state), (0, GapState::NotLookedFor));
        fewer.cut_short = vec!["limited by --phase".to_owned()];
        let limited = judged(&list, fewer, "2026-11-22");
        assert_eq!((limited.exit_code(), limited.known_gaps[0].state), (3, GapState::NotLookedFor));
    }

    #[test]
    fn comments_order_and_reasons_survive_an_update() {
        let report = samples::failing();
        let mut list = updated("", &report).text;
        list = list.replacen("reason = \"not looked into yet\"", "reason = \"see #12\" # ours", 1);
        list = list.replacen("[[gap]]", "# The first one.\n[[gap]]", 1);
        let mut fewer = report.clone();
        let removed = fewer.findings.remove(2);
        let after = updated(&list, &fewer);
        assert_eq!(after.removed, [removed.clause]);
        assert!(after.text.contains("# The first one.\n[[gap]]") && after.text.contains("\"see #12\" # ours"));
        assert_eq!(after.kept, report.findings.len() - 1);
        let again = updated(&after.text, &report);
        assert_eq!((again.added.len(), again.removed.len()), (1, 0));
    }

    #[test]
    fn what_stands_at_the_head_outlives_the_first_gap() {
        let report = samples::failing();
        let list = updated("", &report).text;
        let mut clean = report.clone();
        clean.findings.remove(0);
        let fewer = updated(&list, &clean).text;
        assert!(fewer.starts_with(HEAD) && !fewer.contains(&report.findings[0].title), "{fewer}");
        // Such a comment may be the first gap's own, so it stays.
        let owned = list.replacen(HEAD, "# Owned by us.\n# Licence: MIT.", 1);
        clean.findings.clear();
        let none = updated(&owned, &clean).text;
        assert!(none.starts_with("# Owned by us.\n# Licence: MIT.\n"), "{none}");
        let again = updated(&none, &report).text;
        assert!(again.starts_with("# Owned by us.") && again.contains(&report.findings[0].title), "{again}");
    }

    #[test]
    fn a_gap_that_no_call_looked_for_is_neither_stale_nor_taken_out() {
        let report = samples::failing();
        let list = updated("", &report).text;
        let mut blind = report.clone();
        let gone = blind.findings.remove(0);
        let clause = blind.clauses.iter_mut().find(|clause| clause.id == gone.clause).unwrap();
        clause.broken = false;
        clause.tested = Tested::default();
        assert_eq!(updated(&list, &blind).removed, Vec::<ClauseId>::new());
        let judged = judged(&list, blind, "2026-11-22");
        assert_eq!((judged.exit_code(), judged.known_gaps[0].state), (0, GapState::NotLookedFor));
    }

    #[test]
    fn a_list_that_was_let_pass_before_counts_once_and_the_newest_list_counts_alone() {
        let report = samples::failing();
        let list = updated("", &report).text;
        let once = judged(&list, report.clone(), "2026-11-22");
        assert_eq!(judged(&list, once.clone(), "2026-11-22"), once);
        assert_eq!(judged("", once, "2026-11-22"), report);
    }
}
