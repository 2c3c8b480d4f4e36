//! What neither passes nor fails: open questions with the target's reading, and notes.

use mfa_reference::TimeStep;
use mfa_reference::clause::{ClauseId, DEFECTS};

use super::value::{Note, NoteKind, OpenReading, Report};
use super::verdict::counted;
use crate::execute::trace::Unfinished;
use crate::oracle::Tally;
use crate::run::result::RunResult;
use crate::wire::escape_for_people;

/// The target's readings of what the documents leave open.
pub(super) fn open(tally: &Tally) -> Vec<OpenReading> {
    let taken = tally.open.iter().map(|((clause, reading), count)| reading_of(*clause, reading, *count));
    let unclaimed = tally.unclaimed.iter().map(|((operation, path), count)| {
        reading_of(ClauseId::WireUnclaimedContent, &format!("{operation} sends {path}"), *count)
    });
    let mut open: Vec<OpenReading> = taken.chain(unclaimed).collect();
    sort_open(&mut open);
    open
}

/// Sorts readings by clause, in the order of the ledger.
pub(super) fn sort_open(open: &mut [OpenReading]) {
    open.sort_by_cached_key(|one| (one.clause, one.reading.clone()));
}

/// By what they are about, clauses in the order of their texts.
pub(super) fn sort_notes(notes: &mut [Note]) {
    let clause = |note: &Note| note.clause.map(|clause| clause.to_string());
    notes.sort_by_cached_key(|note| (note.kind, clause(note), note.text.clone(), note.command.clone()));
}

fn reading_of(clause: ClauseId, reading: &str, count: u64) -> OpenReading {
    OpenReading {
        clause,
        stance: clause.stance().name().to_owned(),
        question: clause.clause().requires.into_owned(),
        reading: escape_for_people(reading).into_owned(),
        count,
        defect: DEFECTS.iter().find(|defect| defect.clauses.contains(&clause)).map(|defect| defect.id.to_owned()),
    }
}

/// What the run had to test and left out.
pub(super) fn incomplete(result: &RunResult) -> Vec<String> {
    let put_off = result.unfinished.iter().filter_map(|(why, count)| match why {
        Unfinished::PutOff(why) => Some(format!("{} not tested: {why}.", counted(*count, "scenario"))),
        Unfinished::Restarted => Some(format!("{} not tested to the end: {why}.", counted(*count, "scenario"))),
        Unfinished::NoClient(_) | Unfinished::Defect(_) => Some(format!("Something was not tested: {why}.")),
        Unfinished::SetUp(_)
        | Unfinished::Unreachable(_)
        | Unfinished::Parked
        | Unfinished::NameTaken
        | Unfinished::TooManyStates
        | Unfinished::Interrupted
        | Unfinished::OutOfTime => None,
    });
    let clock = (result.probe.clock_doubt_ms >= TimeStep::MILLIS)
        .then(|| "What the target answers to right codes was not tested: no clock explains them.".to_owned());
    put_off.chain(clock).map(|text| escape_for_people(&text).into_owned()).collect()
}

/// How many requests had no reply in time, if any.
fn timeouts(result: &RunResult) -> Option<Note> {
    let sum: u64 = result.timeouts.values().sum();
    let of_each: Vec<String> =
        result.timeouts.iter().map(|(operation, count)| format!("{count} of {operation}")).collect();
    (sum > 0).then(|| {
        let text = format!("{} had no reply in time: {}.", counted(sum, "request"), of_each.join(", "));
        Note { clause: Some(ClauseId::RobustnessAnswers), count: Some(sum), ..note(NoteKind::Run, &text) }
    })
}

/// The notes for a reader.
pub(super) fn notes(result: &RunResult) -> Vec<Note> {
    let mut notes = Vec::new();
    if result.interrupted {
        notes.push(note(NoteKind::Run, "The run was interrupted. The figures cover the scenarios that were played."));
    }
    notes.extend(result.unusable_seed.iter().map(|why| {
        let text = format!("The devices' seeds can't be used ({why}), so right codes were not tested.");
        note(NoteKind::Run, &text)
    }));
    notes.extend(timeouts(result));
    notes.extend(result.probe.notes.iter().map(|text| note(NoteKind::Probe, text)));
    notes.extend(result.tally.departures.iter().map(|((clause, what), count)| Note {
        clause: Some(*clause),
        count: Some(*count),
        ..note(NoteKind::Departure, what)
    }));
    notes.extend(
        result
            .unfinished
            .iter()
            .map(|(why, count)| Note { count: Some(*count), ..note(NoteKind::Unfinished, &why.to_string()) }),
    );
    notes.extend(result.leftovers.iter().map(|leftover| Note {
        command: Some(escape_for_people(&leftover.command).into_owned()),
        ..note(NoteKind::Leftover, &leftover.what)
    }));
    sort_notes(&mut notes);
    notes
}

impl Report {
    /// Adds the command that deletes everything that the run left behind, if anything.
    pub fn name_cleanup(&mut self, command: &str) {
        let left = self.notes.iter().filter(|note| note.kind == NoteKind::Leftover).count();
        if left > 0 {
            let text =
                format!("The run left {} behind. This command deletes what is left:", counted(left as u64, "object"));
            let command = Some(escape_for_people(command).into_owned());
            self.notes.push(Note { command, ..note(NoteKind::Run, &text) });
            sort_notes(&mut self.notes);
        }
    }
}

fn note(kind: NoteKind, text: &str) -> Note {
    Note { kind, text: escape_for_people(text).into_owned(), clause: None, count: None, command: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn one_command_deletes_all_that_is_left() {
        let command = "mfa-conformance cleanup --prefix mfac-8f3a --endpoint-url http://127.0.0.1:5000";
        let named = |mut report: Report| {
            report.name_cleanup(command);
            report.notes.into_iter().find(|note| note.command.as_deref() == Some(command))
        };
        let note = named(samples::failing()).unwrap();
        assert_eq!(note.text, "The run left 1 object behind. This command deletes what is left:");
        let clean = crate::report::build(&samples::clean(), &samples::about());
        assert_eq!(named(clean), None);
    }
}
