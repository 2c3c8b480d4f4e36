//! The words that all forms of the report share.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use mfa_reference::clause::ClauseId;

use super::finding::{Confirmation, Finding, SourceReport};
use super::value::{ClauseCount, GapState, KnownGap, Note, NoteKind, Report, TargetInfo};
use super::verdict::counted;
use crate::wire::escape_for_people;

/// The most further places to quote.
const MOST_SOURCES: usize = 2;

/// How much of a body is shown where room is short, in characters. The JSON report has the rest.
const MOST_BODY: usize = 8_000;

/// The body, or its beginning.
pub(super) fn excerpt(body: &str) -> Cow<'_, str> {
    match body.char_indices().nth(MOST_BODY) {
        None => Cow::Borrowed(body),
        Some((end, _)) => Cow::Owned(format!("{}…", body.get(..end).unwrap_or_default())),
    }
}

/// Whether an address is safe as a link: the report may come from a file, and people follow links.
pub(super) fn is_link(url: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/?#=&%:+".contains(&byte);
    url.starts_with("https://") && url.bytes().all(is_plain)
}

/// The target with its version.
pub(super) fn name_of(target: &TargetInfo) -> String {
    target.version.as_ref().map_or_else(|| target.name.clone(), |version| format!("{} {version}", target.name))
}

/// The target's endpoint, if its name doesn't contain it.
pub(super) fn place_of(target: &TargetInfo) -> Option<&str> {
    let endpoint = target.endpoint.trim_end_matches('/');
    (target.name.trim_end_matches('/') != endpoint).then_some(endpoint)
}

/// The places to show a reader. An implied clause has several, since it follows from several sentences.
pub(super) fn cited(finding: &Finding) -> Vec<&SourceReport> {
    let mut cited = vec![&finding.source];
    if finding.stance == "Implied" {
        let further = finding.further_sources.iter();
        let others = further.filter(|further| further.quote.is_some() && further.quote != finding.source.quote);
        cited.extend(others.take(MOST_SOURCES));
    }
    cited
}

/// How often a finding showed, and whether a replay reproduced it.
pub(super) fn how_often(finding: &Finding) -> String {
    let confirmation = match finding.confirmation {
        Confirmation::Confirmed { replays, cut_off: false } => {
            format!("Confirmed by replays ({replays} in all); it gets no shorter.")
        }
        Confirmation::Confirmed { replays, cut_off: true } => {
            format!("Confirmed by replays ({replays} in all); there was no time to make it shorter.")
        }
        Confirmation::Rate { shown, tries } => {
            format!("The calls overlap, so it depends on their timing: {shown} of {tries} tries showed it.")
        }
        Confirmation::NotReproduced => {
            "It did not reproduce: the target doesn't always give the same answer.".to_owned()
        }
        Confirmation::NotTried => "Nobody has tried whether it shows again.".to_owned(),
    };
    let flaky =
        if finding.flaky { " Timing could explain it, so it is flaky and doesn't fail the target." } else { "" };
    format!(
        "Shown by {}, first by number {} of the phase {}, after {}. {confirmation}{flaky}",
        counted(finding.occurrences, "scenario"),
        finding.first_scenario,
        finding.phase,
        counted(finding.requests_to_first, "call"),
    )
}

/// A note as a sentence, without the command of a leftover.
pub(super) fn sentence(note: &Note) -> String {
    let count = note.count.unwrap_or_default();
    let clause = note.clause.map(|clause| clause.to_string()).unwrap_or_default();
    match note.kind {
        NoteKind::Run | NoteKind::Probe => note.text.clone(),
        NoteKind::Departure => format!("{clause} (Recorded): {} ({count}×)", note.text),
        NoteKind::Unfinished => format!("{} not judged to the end: {}", counted(count, "scenario"), note.text),
        NoteKind::Leftover => format!("left behind: {}; delete it with", note.text),
    }
}

/// The known gaps, those that fail first.
pub(super) fn gaps(report: &Report) -> Vec<&KnownGap> {
    let order = [GapState::Expired, GapState::Stale, GapState::NotLookedFor, GapState::Known];
    order.iter().flat_map(|state| report.known_gaps.iter().filter(move |gap| gap.state == *state)).collect()
}

/// The state of a known gap.
pub(super) const fn gap_state(gap: &KnownGap) -> &'static str {
    match gap.state {
        GapState::Expired => "expired",
        GapState::Stale => "no longer shows",
        GapState::NotLookedFor => "not looked for",
        GapState::Known => "let pass",
    }
}

/// What a known gap is about, and why it is allowed. The text is escaped.
pub(super) fn gap_text(gap: &KnownGap) -> String {
    let untitled = || escape_for_people(&format!("{}: {}", gap.operation, gap.shows)).into_owned();
    let shown = gap.title.clone().unwrap_or_else(untitled);
    let link = gap.link.as_ref().map_or_else(String::new, |link| format!(" ({link})"));
    let why = format!("{}{link}", gap.reason);
    format!("{}: {shown}. {}", gap.clause, escape_for_people(&why))
}

/// The reasons why clauses were not tested, with their numbers.
pub(super) fn missing(report: &Report) -> Vec<String> {
    let excluded: BTreeSet<ClauseId> =
        report.clauses.iter().filter(|clause| clause.excluded.is_some()).map(|clause| clause.id).collect();
    let mut reasons: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for entry in &report.not_tested {
        let reason = if excluded.contains(&entry.clause) { "No request of this API shows it." } else { &entry.reason };
        let (whole, partly) = reasons.entry(reason).or_default();
        *(if entry.sides.is_empty() { whole } else { partly }) += 1;
    }
    let told = |(reason, (whole, partly)): (&str, (u64, u64))| {
        let count = match (whole, partly) {
            (0, partly) => format!("{} on one side", counted(partly, "clause")),
            (whole, 0) => counted(whole, "clause"),
            (whole, partly) => format!("{} and one side of {partly} more", counted(whole, "clause")),
        };
        format!("{count}: {reason}")
    };
    reasons.into_iter().map(told).collect()
}

/// The count of the clauses that no single operation has.
pub(super) fn shared(report: &Report) -> ClauseCount {
    report.operations.iter().map(|operation| operation.clauses).fold(report.totals.clauses, |from, count| ClauseCount {
        tested: from.tested.saturating_sub(count.tested),
        broken: from.broken.saturating_sub(count.broken),
        of: from.of.saturating_sub(count.of),
    })
}

/// The run in figures.
pub(super) fn figures(report: &Report) -> String {
    let totals = &report.totals;
    let strict = if report.strict { ", strict" } else { "" };
    format!(
        "{} with {} of the three operations ({} others) in {:.1} s; seed {}{strict}, digest {:.12}",
        counted(totals.scenarios, "scenario"),
        counted(totals.requests, "call"),
        totals.other_requests,
        totals.seconds,
        report.seed,
        report.scenario_digest,
    )
}

/// The text in lines of at most `width` characters. A longer word has its own line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        let wide = word.chars().count();
        if length > 0 && length + 1 + wide > width {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += wide;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_and_never_broken() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a verylongword b", 5), ["a", "verylongword", "b"]);
        assert_eq!(wrap("ëëëë ëë", 7), ["ëëëë ëë"]);
    }
}
