//! `clauses …`

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use mfa_reference::clause::{Clause, ClauseId, DEFECTS, Source, Stance};

use super::console::print;
use super::exit::{Failure, Outcome, PASS};
use super::verbs::ClausesVerb;
use crate::recording::{History, bundled};

pub(super) fn clauses(verb: &ClausesVerb) -> Outcome {
    let text = match verb {
        ClausesVerb::List { operation, stance, ids: true } => {
            let ids: Vec<String> = listed(operation.as_deref(), *stance).map(|clause| clause.id.to_string()).collect();
            Ok(ids.join("\n") + "\n")
        }
        ClausesVerb::List { operation, stance, ids: false } => list(operation.as_deref(), *stance),
        ClausesVerb::Explain { id } => {
            let histories = bundled::histories().map_err(Failure::internal)?;
            explain(&id.clause(), &histories)
        }
    };
    print(&text.map_err(Failure::internal)?)?;
    Ok(PASS)
}

/// The stance's colour. Binding stances stand out.
fn color(stance: Stance) -> Style {
    match stance {
        Stance::Stated => AnsiColor::Green.on_default(),
        Stance::Implied => AnsiColor::Cyan.on_default(),
        Stance::Protocol => AnsiColor::Blue.on_default(),
        Stance::Recorded => AnsiColor::Yellow.on_default(),
        Stance::Contradicted | Stance::Silent => AnsiColor::BrightBlack.on_default(),
    }
}

/// The clauses of an operation and of a stance; without them, all.
fn listed(operation: Option<&str>, stance: Option<Stance>) -> impl Iterator<Item = Clause> {
    let of_operation = move |id: &ClauseId| {
        operation.is_none_or(|wanted| id.operation().is_some_and(|operation| operation.word() == wanted))
    };
    let of_stance = move |clause: &Clause| stance.is_none_or(|wanted| wanted == clause.stance);
    ClauseId::all().filter(of_operation).map(ClauseId::clause).filter(of_stance)
}

fn list(operation: Option<&str>, stance: Option<Stance>) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let mut count = 0;
    for clause in listed(operation, stance) {
        count += 1;
        let style = color(clause.stance);
        let name = clause.id.to_string();
        let stance = clause.stance.to_string();
        let first = clause.requires.split_inclusive(". ").next().unwrap_or_default().trim_end();
        let excluded = if clause.excluded.is_some() { " (excluded)" } else { "" };
        writeln!(text, "{name:<42} {style}{stance:<12}{style:#} {first}{excluded}")?;
    }
    writeln!(text, "\n{count} clauses. `mfa-conformance clauses explain ID` tells more of one.")?;
    Ok(text)
}

/// AWS's recorded answers, with the date and place of the recording.
fn recordings(text: &mut String, source: &Source, histories: &[History]) -> Result<(), std::fmt::Error> {
    for (id, numbers) in source.recordings {
        let Some(history) = histories.iter().find(|history| history.id == *id) else { continue };
        writeln!(text, "  {}, recorded {}: {}", history.id, history.recorded, history.source)?;
        for step in numbers.iter().filter_map(|number| history.steps.get(number.checked_sub(1)?)) {
            writeln!(text, "    {step}")?;
        }
    }
    Ok(())
}

fn explain(clause: &Clause, histories: &[History]) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let (bold, style) = (Style::new().bold(), color(clause.stance));
    writeln!(
        text,
        "{bold}{}{bold:#}  {style}{}{style:#}: {}",
        clause.id,
        clause.stance,
        clause.stance.when_differing()
    )?;
    writeln!(text, "\n{}", clause.requires)?;
    for source in clause.sources.iter() {
        writeln!(text, "\n{}, {}", source.document, source.section)?;
        if let Some(quote) = source.quote {
            writeln!(text, "  \u{201c}{quote}\u{201d}")?;
        }
        if let Some(url) = source.document.url() {
            writeln!(text, "  {url}")?;
        }
        recordings(&mut text, source, histories)?;
    }
    if !clause.test.is_empty() {
        writeln!(text, "\nHow it is tested: {}", clause.test)?;
    }
    if let Some(reason) = clause.excluded {
        writeln!(text, "\nExcluded: {reason}")?;
    }
    for defect in DEFECTS.iter().filter(|defect| defect.clauses.contains(&clause.id)) {
        writeln!(text, "\nA defect of the documents: {}", defect.title)?;
        for reading in defect.readings {
            writeln!(text, "  - {reading}")?;
        }
        writeln!(text, "  Seen: {}", defect.seen)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clauses_of_one_operation_and_stance_are_listed() {
        let ids: Vec<String> =
            listed(Some("resync"), Some(Stance::Recorded)).map(|clause| clause.id.to_string()).collect();
        assert!(ids.contains(&"resync.codes.window".to_owned()), "{ids:?}");
        assert!(ids.iter().all(|id| id.contains("resync")), "{ids:?}");
        assert_eq!(listed(None, None).count(), ClauseId::all().count());
    }

    #[test]
    fn a_recorded_clause_shows_what_aws_answered_when_and_which_source_keeps_it() {
        let histories = bundled::histories().unwrap();
        let text = explain(&ClauseId::DeactivateSelfManagement.clause(), &histories).unwrap();
        for words in [
            "aws-008, recorded 2026-09-11: radkawar/stackd testdata/aws/iam/mfa_self_management.json all",
            "step 11, after 47.2 s: user a calls DeactivateMFADevice of device 1 for user a: 403 AccessDenied",
            "step 12, after 47.9 s: user a calls DeactivateMFADevice of an absent device for user a: 403 AccessDenied",
            "please ensure that you are authenticated with an MFA device",
            "step 17, after 66.8 s: user a with MFA calls DeactivateMFADevice of device 1 for user a: 200",
        ] {
            assert!(text.contains(words), "{words:?} is missing in: {text}");
        }
        let window = explain(&ClauseId::EnableCodesWindow.clause(), &histories).unwrap();
        assert!(window.contains("with the codes of the steps 999 and 1000: 200"), "{window}");
    }
}
